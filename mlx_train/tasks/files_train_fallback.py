"""Trained file-operation families of requests that say what to do if they fail."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_moves_fallback as f
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_conditions import IF
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="easy", role="train", group="wide")
def fallback_one(s: Script) -> None:
    """One request with a second best."""
    play(wide_desk(s), (1, 2), f.FALLBACK)


@family(domain="files", tier="moderate", role="train", group="wide")
def fallback_two(s: Script) -> None:
    """Two requests with a second best."""
    play(wide_desk(s), (3, 4), f.FALLBACK, f.FALLBACK)


@family(domain="files", tier="hard", role="train", group="wide")
def fallback_series(s: Script) -> None:
    """Three requests with a second best, in two folders or three."""
    play(wide_desk(s), (5, 8), f.FALLBACK, f.FALLBACK, f.FALLBACK)


@family(domain="files", tier="hard", role="train", group="wide")
def fallback_taken(s: Script) -> None:
    """A copy is put into a folder, so that the name is taken there later."""
    play(wide_desk(s), (5, 8), (m.copy_into,), (f.or_delete,), (f.or_name, f.or_rename), join=0.0)


@family(domain="files", tier="hard", role="train", group="wide")
def fallback_missing(s: Script) -> None:
    """What is missing is made, and written to."""
    play(wide_desk(s), (5, 8), (f.missing,), (m.write, m.follow, f.or_read), (*IF, *m.RECOVER))


@family(domain="files", tier="very hard", role="train", group="wide")
def fallback_many(s: Script) -> None:
    """Requests that fail, conditions and checks."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), f.FALLBACK, m.RECOVER, f.FALLBACK, turns=8, rest=(*f.FALLBACK, *m.RECOVER, *m.CHECK))
