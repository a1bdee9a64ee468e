"""Moves with a condition and an "otherwise": a call decides which of two things is done."""

from __future__ import annotations

from collections.abc import Callable

from mlx_train.tasks import files_conditions_phrases as say
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_moves_choose import UNITS, size
from mlx_train.tasks.files_wide import deed, some_files
from mlx_train.tasks.phrases import Phrases


def either(
    d: Desk, true: bool, bank: Phrases, about: str, otherwise: str = "", /, **slots: object
) -> Callable[[], None]:
    """Ask for one thing if something is true and for another if not; how to do what is right.

    Args:
        about, otherwise: the files that the two things are done with; the same one if only one is given.
    """
    kind, then, do_then = deed(d, about)
    _, other, do_other = deed(d, otherwise or about, but=kind)
    d.request(bank, then=then, other=other, **slots)
    return do_then if true else do_other


def if_count(d: Desk) -> None:
    file, mode = d.file(), d.rng.choice("llw")
    count = size(d.here[file], mode)
    limit = max(2, count + d.rng.choice((-1, 0, 1) if mode == "l" else (-3, -2, -1, 0, 1, 2)))
    done = either(d, count > limit, say.COUNT, file, file=file, n=limit, unit=UNITS[mode])
    d.do("wc", file_name=file, mode=mode)
    d.answer(f"{file} has {count} {UNITS[mode] if count > 1 else UNITS[mode][:-1]}")
    done()


def if_has(d: Desk) -> None:
    file = d.pick(d.files(lambda content: len(content.split()) > 3))
    there = d.rng.random() < 0.5
    word = d.rng.choice(d.here[file].split()) if there else d.s.words.word()
    if "." in word or (not there and word in d.here[file]):
        raise Redraw
    done = either(d, there, say.HAS, file, file=file, word=word)
    d.do("grep", file_name=file, pattern=word)
    d.answer(f"{file} {'has' if there else 'does not have'} the word")
    done()


def if_equal(d: Desk) -> None:
    """The files are as long as each other: `diff` does not see what one has beyond the end of the other."""
    file, twin = d.two_files()
    same = d.here[file] == d.here[twin]
    done = either(d, same, say.EQUAL, twin, file=file, twin=twin)
    d.do("diff", file_name1=file, file_name2=twin)
    d.answer(f"They are {'the same' if same else 'different'}")
    done()


def if_more(d: Desk) -> None:
    (file, twin), mode = some_files(d, 2), d.rng.choice("llw")
    a, b = size(d.here[file], mode), size(d.here[twin], mode)
    if a == b:
        raise Redraw
    done = either(d, a > b, say.MORE, file, twin, file=file, twin=twin, unit=UNITS[mode])
    for name in (file, twin):
        d.do("wc", file_name=name, mode=mode)
    d.answer(f"{file} has {a} and {twin} has {b}")
    done()


def if_there(d: Desk) -> None:
    there = d.rng.random() < 0.5
    file, second = some_files(d, 2)
    asked = file if there else d.s.words.file()
    done = either(d, there, say.THERE, asked if there else second, second, file=asked)
    d.do("ls")
    d.answer(f"{asked} is {'here' if there else 'not here'}")
    done()


def if_size(d: Desk) -> None:
    used = int(d.world.call("du", {})["disk_usage"].split()[0])
    limit = max(10, used + d.rng.choice((-1, 1)) * d.rng.randint(5, 60))
    file, second = some_files(d, 2)
    done = either(d, used > limit, say.SIZE, file, second, n=limit)
    d.do("du")
    d.answer(f"This folder takes {used} bytes")
    done()


IF: tuple[Move, ...] = (if_count, if_has, if_equal, if_more, if_there, if_size)
