"""Trained file-operation families of requests that are about two folders at once."""

from __future__ import annotations

from mlx_train.tasks import files_moves_tour as t
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_carry import across
from mlx_train.tasks.files_moves_choose import by_holder, by_space
from mlx_train.tasks.files_moves_report import folders
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="hard", role="train", group="wide")
def tour_two(s: Script) -> None:
    """One thing in one folder, another in another."""
    play(wide_desk(s, folders=3), (6, 8), (t.two_places,))


@family(domain="files", tier="hard", role="train", group="wide")
def tour_same(s: Script) -> None:
    """The same new file in two folders, and one of the folders chosen."""
    play(wide_desk(s, folders=3), (6, 8), (t.same_file,), (by_holder,))


@family(domain="files", tier="very hard", role="train", group="wide")
def tour_again(s: Script) -> None:
    """Two folders, then two folders."""
    play(wide_desk(s, folders=3), (9, 16), (t.two_places,), (t.same_file, across), turns=8)


@family(domain="files", tier="very hard", role="train", group="wide")
def tour_sizes(s: Script) -> None:
    """The sizes of two folders are written down or compared after work in both."""
    play(wide_desk(s, folders=3), (9, 16), t.TOUR, (folders, by_space), turns=8)
