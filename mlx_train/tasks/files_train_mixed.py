"""Trained file-operation families in which the kinds of the wide families meet."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_desk import Move
from mlx_train.tasks.files_moves_carry import CARRY
from mlx_train.tasks.files_moves_choose import CHOOSE
from mlx_train.tasks.files_moves_conditions import IF
from mlx_train.tasks.files_moves_each import CLEAN, EACH, prefix, retype, same_text
from mlx_train.tasks.files_moves_edit import EDIT
from mlx_train.tasks.files_moves_fallback import FALLBACK
from mlx_train.tasks.files_moves_order import BACK, ORDER
from mlx_train.tasks.files_moves_report import REPORT
from mlx_train.tasks.files_moves_tour import TOUR
from mlx_train.tasks.files_wide import play, wide_desk

SHORT: tuple[Move, ...] = (*CHOOSE, *EDIT, *IF, *FALLBACK, *CARRY, retype, prefix, same_text)
EVERY: tuple[Move, ...] = (*SHORT, *EACH, *CLEAN, *REPORT, *ORDER)


@family(domain="files", tier="easy", role="train", group="wide")
def mixed_one(s: Script) -> None:
    """One request of any short kind."""
    play(wide_desk(s), (1, 2), SHORT)


@family(domain="files", tier="moderate", role="train", group="wide")
def mixed_two(s: Script) -> None:
    """A request of any short kind, and one of the first kinds."""
    play(wide_desk(s), (3, 4), SHORT, (*m.STEP, *SHORT), join=0.5)


@family(domain="files", tier="hard", role="train", group="wide")
def mixed_kinds(s: Script) -> None:
    """Two or three requests of any kinds."""
    play(wide_desk(s), (5, 8), EVERY, (*EVERY, *m.EVERY), roam=0.5, rest=(*SHORT, *m.EVERY))


@family(domain="files", tier="hard", role="train", group="wide")
def mixed_turns(s: Script) -> None:
    """Requests of several kinds in one turn."""
    play(wide_desk(s), (5, 8), SHORT, (*m.STEP, *EDIT), (*m.STEP, *IF), join=0.8, turns=3)


@family(domain="files", tier="very hard", role="train", group="wide")
def mixed_many(s: Script) -> None:
    """Request after request of any kind."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), EVERY, (*EVERY, *TOUR), EVERY, turns=8, roam=0.5, rest=(*EVERY, *m.EVERY))


@family(domain="files", tier="very hard", role="train", group="wide")
def mixed_troubles(s: Script) -> None:
    """Failures, conditions, mistakes and things taken back."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), FALLBACK, IF, BACK, turns=8, join=0.0, rest=(*FALLBACK, *IF, *m.STEP))
