"""Moves that choose: one of several files or folders is meant, and calls tell which."""

from __future__ import annotations

from mlx_train.tasks import files_choose_phrases as say
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_wide import act, act_on_folder, ending, listed, plain_folders, some_files

UNITS = {"l": "lines", "w": "words", "c": "characters"}


def size(content: str, mode: str) -> int:
    """What `wc` counts in a text."""
    return {"l": len(content.splitlines()), "w": len(content.split()), "c": len(content)}[mode]


def by_count(d: Desk) -> None:
    files, mode, most = some_files(d, 3), d.rng.choice("llwwc"), d.rng.choice((max, min))
    counts = [size(d.here[file], mode) for file in files]
    if counts.count(most(counts)) > 1:
        raise Redraw
    file = files[counts.index(most(counts))]
    words, done = act(d, file)
    side = "most" if most is max else "fewest"
    d.request(say.BY_COUNT, files=listed(files), most=side, unit=UNITS[mode], act=words)
    for name in files:
        d.do("wc", file_name=name, mode=mode)
    d.answer(f"{file} has the {side} {UNITS[mode]}")
    done()


def by_word(d: Desk) -> None:
    files = some_files(d, 3)
    file = d.rng.choice(files)
    word = d.rng.choice(d.here[file].split())
    if "." in word or any(word in d.here[name] for name in files if name != file):
        raise Redraw
    words, done = act(d, file)
    d.request(say.BY_WORD, files=listed(files), word=word, act=words)
    for name in files[: files.index(file) + 1]:
        d.do("grep", file_name=name, pattern=word)
    d.answer(f"{file} has the word")
    done()


def by_ending(d: Desk) -> None:
    endings = [ending(name) for name in d.files()]
    file = d.pick([name for name in d.files() if endings.count(ending(name)) == 1])
    words, done = act(d, file)
    d.request(say.BY_ENDING, ending=ending(file), act=words)
    d.do("ls")
    d.answer(f"It is {file}")
    done()


def twin(d: Desk) -> None:
    """Candidates are as long as the file: `diff` does not see what one text has beyond the end of the other."""

    def alike(file: str) -> list[str]:
        length = len(d.here[file].splitlines())
        return [name for name in d.files(bool) if name != file and len(d.here[name].splitlines()) == length]

    def copies(file: str) -> list[str]:
        return [name for name in alike(file) if d.here[name] == d.here[file]]

    file = d.pick([name for name in d.files(bool) if len(copies(name)) == 1 < len(alike(name))])
    same = copies(file)
    others = [name for name in alike(file) if name not in same]
    files = [same[0], *d.rng.sample(others, min(len(others), d.rng.choice((1, 2))))]
    d.rng.shuffle(files)
    words, done = act(d, same[0])
    d.request(say.TWIN, file=file, files=listed(files), act=words)
    for name in files[: files.index(same[0]) + 1]:
        d.do("diff", file_name1=file, file_name2=name)
    d.answer(f"{same[0]} is the same as {file}")
    done()


def by_last(d: Desk) -> None:
    files = some_files(d, 3)
    file = d.rng.choice(files)
    ends = {name: d.here[name].splitlines()[-1] for name in files}
    if list(ends.values()).count(ends[file]) > 1 or " " not in ends[file]:
        raise Redraw
    words, done = act(d, file)
    d.request(say.BY_LAST, files=listed(files), text=ends[file], act=words)
    for name in files[: files.index(file) + 1]:
        d.do("tail", file_name=name, lines=1)
    d.answer(f"{file} ends with that line")
    done()


def by_space(d: Desk) -> None:
    a, b = plain_folders(d, 2)
    sizes = []
    more = d.rng.choice((max, min))
    for folder in (a, b):
        names = d.places((*d.path, folder))
        texts = [entry for place in names for entry in d.at(place).values() if isinstance(entry, str)]
        sizes.append(sum(map(len, texts)))
    if sizes[0] == sizes[1]:
        raise Redraw
    folder = (a, b)[sizes.index(more(sizes))]
    words, done = act_on_folder(d, folder)
    side = "more" if more is max else "less"
    d.request(say.BY_SPACE, a=a, b=b, more=side, act=words)
    for name in (a, b):
        d.do("cd", folder=name)
        d.do("du")
        d.do("cd", folder="..")
    d.answer(f"{folder} takes {side} space")
    done()


def by_holder(d: Desk) -> None:
    file, place = d.file_below()
    if len(place) > 1:
        raise Redraw
    words, done = act_on_folder(d, place[0])
    d.request(say.BY_HOLDER, file=file, act=words)
    d.do("find", name=file)
    d.answer(f"{file} is in {place[0]}")
    done()


CHOOSE: tuple[Move, ...] = (by_count, by_word, by_ending, twin, by_last, by_holder)
