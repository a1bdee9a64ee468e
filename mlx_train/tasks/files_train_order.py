"""Trained file-operation families of order, second thoughts and repetition."""

from __future__ import annotations

from mlx_train.tasks import files_moves_order as o
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_edit import EDIT
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="easy", role="train", group="wide")
def order_back(s: Script) -> None:
    """Something is done and taken back, or done again with another file."""
    play(wide_desk(s, folders=1), (2, 2), (o.undo, o.same_again, o.but_first))


@family(domain="files", tier="moderate", role="train", group="wide")
def order_short(s: Script) -> None:
    """Three steps in an order, a mistake corrected, one thing for three files."""
    play(wide_desk(s), (3, 4), (o.numbered, o.wrong_file, o.same_again, o.undo), turns=5)


@family(domain="files", tier="hard", role="train", group="wide")
def order_reversed(s: Script) -> None:
    """What comes second is said first, twice."""
    play(wide_desk(s), (5, 8), (o.but_first,), (o.but_first,), join=0.0)


@family(domain="files", tier="hard", role="train", group="wide")
def order_numbered(s: Script) -> None:
    """Steps in a numbered list, and more."""
    play(wide_desk(s), (5, 8), (o.numbered,), (o.numbered, o.but_first), join=0.0)


@family(domain="files", tier="hard", role="train", group="wide")
def order_undone(s: Script) -> None:
    """Something is taken back before other work goes on."""
    play(wide_desk(s), (5, 8), (o.undo,), (*EDIT, o.numbered), join=0.0)


@family(domain="files", tier="hard", role="train", group="wide")
def order_corrected(s: Script) -> None:
    """The wrong file was named."""
    play(wide_desk(s), (5, 8), (o.wrong_file,), join=0.0)


@family(domain="files", tier="hard", role="train", group="wide")
def order_repeated(s: Script) -> None:
    """The same once more, with other files."""
    play(wide_desk(s), (5, 8), (o.same_again,), (*EDIT, o.but_first, o.numbered), join=0.0)


@family(domain="files", tier="very hard", role="train", group="wide")
def order_steps(s: Script) -> None:
    """Long lists of steps."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), (o.numbered,), o.ORDER, (o.numbered,), turns=8, join=0.0, roam=0.6)


@family(domain="files", tier="very hard", role="train", group="wide")
def order_second_thoughts(s: Script) -> None:
    """Taken back, corrected, repeated."""
    d = wide_desk(s)
    groups = [(o.undo,), (o.wrong_file,), (o.same_again,)]
    s.rng.shuffle(groups)
    play(d, (9, 16), *groups, turns=8, join=0.0, rest=o.ORDER)
