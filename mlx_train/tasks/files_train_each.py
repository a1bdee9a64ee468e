"""Trained file-operation families of doing one thing to each of several files or folders."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_moves_each as e
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_carry import entries
from mlx_train.tasks.files_moves_report import names
from mlx_train.tasks.files_moves_tour import TOUR
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="easy", role="train", group="wide")
def each_pair(s: Script) -> None:
    """One or two files are renamed by a pattern, written to or deleted."""
    play(wide_desk(s), (2, 2), (e.retype, e.prefix, e.hidden, e.same_text))


@family(domain="files", tier="moderate", role="train", group="wide")
def each_of_a_kind(s: Script) -> None:
    """Two or three files of one ending or beginning."""
    play(wide_desk(s), (3, 4), (e.each_ending, e.each_begin))


@family(domain="files", tier="moderate", role="train", group="wide")
def each_left_over(s: Script) -> None:
    """What is empty, hidden or not needed goes; and something else."""
    play(wide_desk(s, s.rng.choice(("empty", "hidden"))), (3, 4), e.CLEAN, m.STEP, join=0.5)


@family(domain="files", tier="moderate", role="train", group="wide")
def each_new_name(s: Script) -> None:
    """Two or three files are renamed by a pattern, or written to alike."""
    play(wide_desk(s, folders=1), (3, 4), (e.retype, e.prefix, e.same_text))


@family(domain="files", tier="hard", role="train", group="wide")
def each_kind(s: Script) -> None:
    """Files of an ending and files of a beginning."""
    play(wide_desk(s), (5, 8), (e.each_ending,), (e.each_begin, e.hidden, entries))


@family(domain="files", tier="hard", role="train", group="wide")
def each_measured(s: Script) -> None:
    """Those of three files that are long."""
    play(wide_desk(s), (5, 8), (e.each_count,))


@family(domain="files", tier="hard", role="train", group="wide")
def each_searched(s: Script) -> None:
    """Those of three files that contain a word."""
    play(wide_desk(s, folders=3), (5, 8), (e.each_word,))


@family(domain="files", tier="hard", role="train", group="wide")
def each_renamed(s: Script) -> None:
    """Names are changed by two patterns."""
    play(wide_desk(s), (5, 8), (e.retype,), (e.prefix,), roam=0.5)


@family(domain="files", tier="hard", role="train", group="wide")
def each_kept(s: Script) -> None:
    """All files but one go."""
    play(wide_desk(s), (5, 8), (e.keep_only,))


@family(domain="files", tier="hard", role="train", group="wide")
def each_empty(s: Script) -> None:
    """Empty files, empty folders and hidden files go; and something else."""
    play(
        wide_desk(s, "empty", folders=1), (5, 8), (e.empty_files, e.empty_folders), (e.empty_folders, e.hidden), m.STEP
    )


@family(domain="files", tier="hard", role="train", group="wide")
def each_folder(s: Script) -> None:
    """Every folder gets the same new file."""
    play(wide_desk(s), (5, 8), (e.in_folders,))


@family(domain="files", tier="hard", role="train", group="wide")
def each_alike(s: Script) -> None:
    """Files are written to alike, then some of them sorted away."""
    play(wide_desk(s), (5, 8), (e.same_text,), (e.each_ending, e.retype, e.prefix))


@family(domain="files", tier="very hard", role="train", group="wide")
def each_sorted(s: Script) -> None:
    """New folders, and files sorted into them by ending, by beginning, by length."""
    d = wide_desk(s)
    play(d, (9, 16), (m.make_folder,), (e.each_ending,), (m.make_folder,), (e.each_count, e.each_begin), turns=8)


@family(domain="files", tier="very hard", role="train", group="wide")
def each_cleanup(s: Script) -> None:
    """A folder is cleaned up in several ways, and its names are put in order."""
    d = wide_desk(s, "empty", "hidden", folders=3)
    play(d, (9, 16), e.CLEAN, e.CLEAN, (e.retype, e.prefix, names), turns=8, rest=(*e.CLEAN, *m.STEP))


@family(domain="files", tier="very hard", role="train", group="wide")
def each_place(s: Script) -> None:
    """Something in every folder, something in two of them."""
    play(wide_desk(s), (9, 16), (e.in_folders,), TOUR, turns=8)
