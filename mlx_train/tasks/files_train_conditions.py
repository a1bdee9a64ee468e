"""Trained file-operation families of conditions with an "otherwise"."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_moves_conditions as c
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_choose import CHOOSE
from mlx_train.tasks.files_moves_each import EACH
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="easy", role="train", group="wide")
def if_short(s: Script) -> None:
    """One condition."""
    play(wide_desk(s, folders=1), (2, 2), c.IF)


@family(domain="files", tier="moderate", role="train", group="wide")
def if_pair(s: Script) -> None:
    """Two conditions, or a comparison."""
    play(wide_desk(s), (3, 4), c.IF, rest=c.IF)


@family(domain="files", tier="hard", role="train", group="wide")
def if_series(s: Script) -> None:
    """Three conditions."""
    play(wide_desk(s), (5, 8), c.IF, c.IF, c.IF)


@family(domain="files", tier="hard", role="train", group="wide")
def if_longer(s: Script) -> None:
    """What is longer, and by how much, decides."""
    play(wide_desk(s), (5, 8), (c.if_more,), (c.if_count, c.if_size))


@family(domain="files", tier="hard", role="train", group="wide")
def if_and_choose(s: Script) -> None:
    """A condition, and a choice."""
    play(wide_desk(s), (5, 8), c.IF, CHOOSE)


@family(domain="files", tier="very hard", role="train", group="wide")
def if_many(s: Script) -> None:
    """Condition after condition, in several folders, and something done to each of some files."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), c.IF, c.IF, (*EACH, *c.IF), turns=8, rest=(*c.IF, *m.CHECK, *m.STEP))
