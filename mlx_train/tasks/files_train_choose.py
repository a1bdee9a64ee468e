"""Trained file-operation families of choosing one of several files or folders by what calls tell of them."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_moves_choose as c
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_desk import wander
from mlx_train.tasks.files_moves_edit import EDIT
from mlx_train.tasks.files_moves_report import REPORT
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="easy", role="train", group="wide")
def choose_one(s: Script) -> None:
    """The only file of an ending, or the folder that holds a file."""
    play(wide_desk(s), (2, 2), (c.by_ending, c.by_holder))


@family(domain="files", tier="moderate", role="train", group="wide")
def choose_few(s: Script) -> None:
    """One of two or three files by what is in it."""
    play(wide_desk(s, folders=1), (3, 4), (c.by_word, c.by_last, c.twin))


@family(domain="files", tier="moderate", role="train", group="wide")
def choose_most(s: Script) -> None:
    """The longest or the shortest of three files."""
    play(wide_desk(s, folders=1), (4, 4), (c.by_count,))


@family(domain="files", tier="hard", role="train", group="wide")
def choose_by_count(s: Script) -> None:
    """The longest or the shortest of three files, and something beside it."""
    play(wide_desk(s), (5, 8), (c.by_count,))


@family(domain="files", tier="hard", role="train", group="wide")
def choose_by_text(s: Script) -> None:
    """One of three files by a word or by its end, here and elsewhere."""
    play(wide_desk(s), (5, 8), (c.by_word, c.by_last), (c.by_word, c.by_last, *m.STEP))


@family(domain="files", tier="hard", role="train", group="wide")
def choose_twin(s: Script) -> None:
    """The copy of a file among files that are like it; then a change to some file."""
    play(wide_desk(s, "twins"), (5, 8), (c.twin,), EDIT)


@family(domain="files", tier="hard", role="train", group="wide")
def choose_folder(s: Script) -> None:
    """The folder that takes more space or less."""
    play(wide_desk(s, folders=3), (7, 8), (c.by_space,))


@family(domain="files", tier="hard", role="train", group="wide")
def choose_twice(s: Script) -> None:
    """Two choices of different kinds."""
    d = wide_desk(s, folders=3)
    wander(d, stay=0.6)
    play(d, (5, 8), (c.by_ending, c.by_holder, c.twin), (c.by_word, c.by_last, c.by_count), roam=0.0)


@family(domain="files", tier="very hard", role="train", group="wide")
def choose_tour(s: Script) -> None:
    """Choices in several folders."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), c.CHOOSE, c.CHOOSE, turns=8, roam=1.0, rest=(*c.CHOOSE, *m.STEP))


@family(domain="files", tier="very hard", role="train", group="wide")
def choose_and_report(s: Script) -> None:
    """A folder is chosen by its size, a file by its text; then a report."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), (c.by_space, c.by_count), c.CHOOSE, REPORT, turns=8)
