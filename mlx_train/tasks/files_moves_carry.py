"""Moves that carry a value from one file, count or folder into another."""

from __future__ import annotations

from mlx_train.tasks import files_carry_phrases as say
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_moves import save, target
from mlx_train.tasks.files_moves_choose import UNITS, size
from mlx_train.tasks.files_moves_each import of_ending
from mlx_train.tasks.files_wide import act, act_on_all, listed, plain_folders, some_files


def short(content: str) -> bool:
    """Whether a text has one or two lines."""
    return 0 < len(content.splitlines()) < 3


def swap(d: Desk) -> None:
    file, other = some_files(d, 2, short)
    if d.here[file] == d.here[other]:
        raise Redraw
    d.request(say.SWAP, file=file, other=other)
    first = d.do("cat", file_name=file)["file_content"]
    second = d.do("cat", file_name=other)["file_content"]
    d.do("echo", content=second, file_name=file, derived=["content"])
    d.do("echo", content=first, file_name=other, derived=["content"])
    d.answer(f"{file} and {other} have swapped their texts.")


def across(d: Desk) -> None:
    a, b = plain_folders(d, 2)
    file = d.pick([name for name, entry in d.here[a].items() if isinstance(entry, str) and short(entry)])
    if file.startswith("."):
        raise Redraw
    new = d.s.words.file()
    d.request(say.ACROSS, file=file, a=a, b=b, new=new)
    d.do("cd", folder=a)
    content = d.do("cat", file_name=file)["file_content"]
    d.do("cd", folder="..")
    d.do("cd", folder=b)
    save(d, content, new)
    d.do("cd", folder="..")
    d.answer(f"{new} in {b} has the text now.")


def total(d: Desk) -> None:
    files, mode = some_files(d, d.rng.choice((2, 2, 3))), d.rng.choice("llw")
    words, name = target(d, *files)
    d.request(say.TOTAL, files=listed(files), unit=UNITS[mode], target=words)
    counts = [d.do("wc", file_name=file, mode=mode)["count"] for file in files]
    save(d, str(sum(counts)), name)
    d.answer(f"{' + '.join(map(str, counts))} = {sum(counts)}; {sum(counts)} is in {name} now.")


def pointer(d: Desk) -> None:
    file = d.pick(d.files(lambda content: (content.splitlines() or [""])[-1] in d.files()))
    chosen = d.here[file].splitlines()[-1]
    if chosen == file:
        raise Redraw
    words, done = act(d, chosen)
    d.request(say.POINTER, file=file, act=words)
    d.do("tail", file_name=file, lines=1)
    d.answer(f"It names {chosen}")
    done()


def a_list(d: Desk, old: bool) -> tuple[str, list[str]]:
    """A file here whose lines are all names of files that are here, or all of files that are not; and these names."""

    def fits(content: str) -> bool:
        lines = content.splitlines()
        return len(lines) > 1 and all("." in line and " " not in line and (line in d.here) == old for line in lines)

    file = d.pick(d.files(fits))
    return file, d.here[file].splitlines()


def listed_make(d: Desk) -> None:
    file, names = a_list(d, old=False)
    d.request(say.LISTED_MAKE, file=file)
    d.do("cat", file_name=file)
    for name in names:
        d.do("touch", file_name=name, derived=["file_name"])
    d.answer(f"I made {listed(names)}.")


def listed_act(d: Desk) -> None:
    file, names = a_list(d, old=True)
    words, done = act_on_all(d, names)
    d.request(say.LISTED_ACT, file=file, act=words)
    d.do("cat", file_name=file)
    done()


def key(d: Desk) -> None:
    file = d.pick(d.files(lambda content: content.isalpha()))
    word = d.here[file]
    others = [name for name in d.files() if sum(word in line for line in d.here[name].splitlines()) == 1]
    other = d.pick([name for name in others if name != file and word in d.here[name].split()])
    d.request(say.KEY, file=file, other=other)
    word = d.do("cat", file_name=file)["file_content"]
    (line,) = d.do("grep", file_name=other, pattern=word, derived=["pattern"])["matching_lines"]
    d.answer(f"The word is {word}, and the line says: {line}", line)
    d.about(other)


def count_name(d: Desk) -> None:
    file, mode = d.file(), d.rng.choice("llw")
    new = f"{size(d.here[file], mode)}_{file}"
    if new in d.here:
        raise Redraw
    d.request(say.COUNT_NAME, file=file, unit=UNITS[mode])
    d.do("wc", file_name=file, mode=mode)
    d.do("mv", source=file, destination=new, derived=["destination"])
    d.answer(f"It is called {new} now.")
    d.about(new)


def entries(d: Desk) -> None:
    dot, files = of_ending(d, low=1, high=4)
    words, name = target(d, *files)
    if name.endswith(dot):
        raise Redraw
    d.request(say.ENTRIES, ending=dot, target=words)
    d.do("ls")
    save(d, str(len(files)), name)
    d.answer(f"There {'is' if len(files) == 1 else 'are'} {len(files)}; the number is in {name} now.")


CARRY: tuple[Move, ...] = (swap, total, pointer, listed_make, listed_act, key, count_name, entries)
