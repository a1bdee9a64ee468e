"""Moves that say what to do if they cannot be done as they are: an error tells."""

from __future__ import annotations

from mlx_train.tasks import files_fallback_phrases as say
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_moves import read_out
from mlx_train.tasks.files_wide import listed, some_files


def or_name(d: Desk) -> None:
    taken = d.rng.random() < 0.6
    file, new = d.pick(d.files()) if taken else d.s.words.file(), d.s.words.file()
    d.request(say.OR_NAME, file=file, new=new)
    d.do("touch", file_name=file, fails=taken)
    if taken:
        d.do("touch", file_name=new)
    d.answer(f"{file} was there already, so I made {new}." if taken else f"I made {file}.")
    d.about(new if taken else file)


def or_read(d: Desk) -> None:
    (file, other), missing = some_files(d, 2, lambda content: 0 < len(content.splitlines()) < 3), d.rng.random() < 0.6
    file = d.s.words.file() if missing else file
    d.request(say.OR_READ, file=file, other=other)
    content = d.do("cat", file_name=file, fails=missing)
    if missing:
        content = d.do("cat", file_name=other)
        d.answer(f"There is no {file}, so this is {other}")
    read_out(d, content["file_content"])
    d.about(other if missing else file)


def or_delete(d: Desk) -> None:
    """The name is taken in the folder if a copy of the file was put there before."""
    folder = d.pick(d.folders())
    both = [name for name in d.files() if name in d.here[folder]]
    file = d.rng.choice(both) if both else d.pick(d.files())
    d.request(say.OR_DELETE, file=file, folder=folder)
    d.do("mv", source=file, destination=folder, fails=bool(both))
    if both:
        d.do("rm", file_name=file)
    d.answer(f"{folder} had a {file} already, so I deleted the one here." if both else f"I moved {file} into {folder}.")


def or_rename(d: Desk) -> None:
    folder, new = d.pick(d.folders()), d.s.words.name()
    full = bool(d.here[folder])
    d.request(say.OR_RENAME, folder=folder, new=new)
    d.do("rmdir", dir_name=folder, fails=full)
    if full:
        d.do("mv", source=folder, destination=new)
    d.answer(f"{folder} is not empty, so it is called {new} now." if full else f"I removed the folder {folder}.")


def missing(d: Desk) -> None:
    there = d.rng.choice((1, 1, 2))
    new = [d.s.words.file() for _ in range(d.rng.choice((1, 2)) if there == 1 else 1)]
    files = some_files(d, there, lambda content: True) + new
    d.rng.shuffle(files)
    d.request(say.MISSING, files=listed(files))
    d.do("ls")
    made = [file for file in files if file in new]
    for file in made:
        d.do("touch", file_name=file)
    d.answer(f"I made {listed(made)}; the rest was there.")
    if len(made) == 1:
        d.about(made[0])


FALLBACK: tuple[Move, ...] = (or_name, or_read, or_delete, or_rename, missing)
