"""Trained file-operation families of changing a part of a file."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_moves_edit as e
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_conditions import if_equal
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="easy", role="train", group="wide")
def edit_one(s: Script) -> None:
    """A line is added or dropped, a word changed, a file cut."""
    play(wide_desk(s, folders=1), (2, 2), e.EDIT)


@family(domain="files", tier="moderate", role="train", group="wide")
def edit_two(s: Script) -> None:
    """Two changes, or one that takes its text from another file."""
    play(wide_desk(s), (3, 4), (e.add_from, *e.EDIT), rest=e.EDIT)


@family(domain="files", tier="hard", role="train", group="wide")
def edit_series(s: Script) -> None:
    """Three changes, of one file or of several."""
    play(wide_desk(s), (5, 8), e.EDIT, e.EDIT, e.EDIT, join=0.3)


@family(domain="files", tier="hard", role="train", group="wide")
def edit_merge(s: Script) -> None:
    """Two files become one."""
    play(wide_desk(s), (5, 8), (e.merge,))


@family(domain="files", tier="hard", role="train", group="wide")
def edit_backup(s: Script) -> None:
    """A copy is kept, a file is changed, and files are compared."""
    play(wide_desk(s), (5, 8), (m.copy, m.copy_into), e.EDIT, (m.look_compare, m.save_diff, if_equal))


@family(domain="files", tier="very hard", role="train", group="wide")
def edit_many(s: Script) -> None:
    """Change after change in several folders."""
    play(wide_desk(s, folders=3), (9, 16), e.EDIT, (e.merge, *e.EDIT), e.EDIT, turns=8, rest=(*e.EDIT, *m.STEP))
