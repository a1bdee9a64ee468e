"""Trained file-operation families of reports written from several results."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_moves_report as r
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_moves_each import each_ending, retype
from mlx_train.tasks.files_wide import play, wide_desk


@family(domain="files", tier="moderate", role="train", group="wide")
def report_short(s: Script) -> None:
    """Two results in one file."""
    play(wide_desk(s), (3, 4), r.REPORT)


@family(domain="files", tier="hard", role="train", group="wide")
def report_counts(s: Script) -> None:
    """Counts of several files in one, and one thing more."""
    play(wide_desk(s), (5, 8), (r.counts,), (r.both, m.copy, m.move_into, m.rename, m.look_size))


@family(domain="files", tier="hard", role="train", group="wide")
def report_lasts(s: Script) -> None:
    """The ends of several files in one."""
    play(wide_desk(s), (5, 8), (r.lasts,), (*m.PLACE, r.place))


@family(domain="files", tier="hard", role="train", group="wide")
def report_names(s: Script) -> None:
    """Names are listed in a file, and the files with these names changed."""
    play(wide_desk(s), (5, 8), (r.names,), (each_ending, retype, m.copy, m.delete))


@family(domain="files", tier="hard", role="train", group="wide")
def report_folders(s: Script) -> None:
    """The sizes of two folders in one file."""
    play(wide_desk(s, folders=3), (7, 8), (r.folders,))


@family(domain="files", tier="very hard", role="train", group="wide")
def report_book(s: Script) -> None:
    """Reports of several kinds."""
    d = wide_desk(s, folders=3)
    play(d, (9, 16), (r.folders, r.counts), r.REPORT, r.REPORT, turns=8, rest=(*r.REPORT, *m.LOOK))
