"""Moves that write a report from several results."""

from __future__ import annotations

from mlx_train.tasks import files_report_phrases as say
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_moves import save, target
from mlx_train.tasks.files_moves_choose import UNITS
from mlx_train.tasks.files_moves_each import of_ending
from mlx_train.tasks.files_wide import listed, plain_folders, some_files


def report(d: Desk, lines: list[object], name: str) -> None:
    """Save the lines and tell them."""
    save(d, "\n".join(map(str, lines)), name)
    d.answer(f"{name} says: {', '.join(map(str, lines))}.")
    d.about(name)


def counts(d: Desk) -> None:
    files, mode = some_files(d, d.rng.choice((2, 3))), d.rng.choice("lwwc")
    words, name = target(d, *files)
    d.request(say.COUNTS, files=listed(files), unit=UNITS[mode], target=words)
    report(d, [d.do("wc", file_name=file, mode=mode)["count"] for file in files], name)


def lasts(d: Desk) -> None:
    files = some_files(d, d.rng.choice((2, 3)))
    words, name = target(d, *files)
    d.request(say.LASTS, files=listed(files), target=words)
    report(d, [d.do("tail", file_name=file, lines=1)["last_lines"] for file in files], name)


def both(d: Desk) -> None:
    file = d.file()
    words, name = target(d, file)
    d.request(say.BOTH, file=file, target=words)
    report(d, [d.do("wc", file_name=file, mode=mode)["count"] for mode in "lw"], name)


def names(d: Desk) -> None:
    """Only names that have one alphabetical order, whether or not an underscore counts."""
    dot, files = of_ending(d)
    if sorted(files) != sorted(files, key=lambda file: file.replace("_", "").removesuffix(dot)):
        raise Redraw
    if sorted(files) != sorted(files, key=lambda file: file.replace("_", " ").removesuffix(dot)):
        raise Redraw
    words, name = target(d, *files)
    if name.endswith(dot):
        raise Redraw
    d.request(say.NAMES, ending=dot, target=words)
    d.do("ls")
    report(d, list(sorted(files)), name)


def place(d: Desk) -> None:
    words, name = target(d)
    d.request(say.PLACE, target=words)
    report(d, [d.do("pwd")["current_working_directory"], d.do("du")["disk_usage"]], name)


def folders(d: Desk) -> None:
    a, b = plain_folders(d, 2)
    words, name = target(d)
    d.request(say.FOLDERS, a=a, b=b, target=words)
    sizes = []
    for folder in (a, b):
        d.do("cd", folder=folder)
        sizes.append(d.do("du")["disk_usage"])
        d.do("cd", folder="..")
    report(d, sizes, name)


REPORT: tuple[Move, ...] = (counts, lasts, both, names, place)
