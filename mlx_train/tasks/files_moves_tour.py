"""Moves that are about two folders at once and end where they began."""

from __future__ import annotations

from mlx_train.tasks import files_tour_phrases as say
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_wide import deed, plain_folders


def two_places(d: Desk) -> None:
    a, b = plain_folders(d, 2)
    deeds = []
    held = {
        folder: [name for name, entry in d.here[folder].items() if isinstance(entry, str) and not name.startswith(".")]
        for folder in (a, b)
    }
    if not all(held.values()):
        raise Redraw
    for folder, names in held.items():
        deeds.append(deed(d, d.rng.choice(names), place=(*d.path, folder)))
    d.request(say.TWO_PLACES, a=a, b=b, x=deeds[0][1], y=deeds[1][1])
    for folder, (_, _, done) in zip((a, b), deeds, strict=True):
        d.do("cd", folder=folder)
        done()
        d.do("cd", folder="..")


def same_file(d: Desk) -> None:
    (a, b), file = plain_folders(d, 2), d.s.words.file()
    d.request(say.SAME_FILE, a=a, b=b, file=file)
    for folder in (a, b):
        d.do("cd", folder=folder)
        d.do("touch", file_name=file)
        d.do("cd", folder="..")
    d.answer(f"{a} and {b} have a {file} now.")


TOUR: tuple[Move, ...] = (two_places, same_file)
