"""Moves that do one thing to each of several files or folders, which often have to be found out first."""

from __future__ import annotations

from mlx_train.tasks import files_each_phrases as say
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_moves_choose import UNITS, size
from mlx_train.tasks.files_wide import act_on_all, ending, listed, some_files
from mlx_train.tasks.words import EXTENSIONS


def of_ending(d: Desk, low: int = 2, high: int = 3) -> tuple[str, list[str]]:
    """An ending that so many files here have, and these files in the folder's order."""
    endings = [ending(name) for name in d.files()]
    dot = d.pick([found for found in dict.fromkeys(endings) if low <= endings.count(found) <= high])
    return dot, [name for name in d.files() if ending(name) == dot]


def each_ending(d: Desk) -> None:
    dot, files = of_ending(d)
    words, done = act_on_all(d, files)
    d.request(say.ENDING, ending=dot, act=words)
    d.do("ls")
    done()


def each_begin(d: Desk) -> None:
    begins = [name.split("_")[0] for name in d.files()]
    begin = d.pick([word for word in begins if sum(name.startswith(word) for name in d.here) == begins.count(word) > 1])
    files = [name for name in d.files() if name.startswith(begin)]
    words, done = act_on_all(d, files)
    d.request(say.BEGIN, word=begin, act=words)
    d.do("ls")
    done()


def each_count(d: Desk) -> None:
    files, mode = some_files(d, 3), d.rng.choice("llw")
    counts = [size(d.here[file], mode) for file in files]
    limit = d.rng.choice(counts)
    chosen = [file for file, count in zip(files, counts, strict=True) if count > limit]
    if not chosen or limit < 2:
        raise Redraw
    words, done = act_on_all(d, chosen)
    d.request(say.COUNT, files=listed(files), n=limit, unit=UNITS[mode], act=words)
    for file in files:
        d.do("wc", file_name=file, mode=mode)
    done()


def each_word(d: Desk) -> None:
    files = some_files(d, 3)
    every = " ".join(d.here[file] for file in files).split()
    shared = [word for word in dict.fromkeys(every) if sum(word in d.here[file].split() for file in files) == 2]
    word = d.pick([word for word in shared if sum(word in d.here[file] for file in files) == 2 and "." not in word])
    chosen = [file for file in files if word in d.here[file]]
    words, done = act_on_all(d, chosen)
    d.request(say.WORD, files=listed(files), word=word, act=words)
    for file in files:
        d.do("grep", file_name=file, pattern=word)
    done()


def retype(d: Desk) -> None:
    dot, files = of_ending(d, low=1)
    new = "." + d.rng.choice([extension for extension in EXTENSIONS if f".{extension}" != dot])
    renamed = {file: file.removesuffix(dot) + new for file in files}
    if set(renamed.values()) & set(d.here):
        raise Redraw
    d.request(say.RETYPE, old=dot, new=new)
    rename_all(d, renamed)


def prefix(d: Desk) -> None:
    (dot, files), word = of_ending(d, low=1), f"{d.s.words.word()}_"
    d.request(say.PREFIX, ending=dot, prefix=word)
    rename_all(d, {file: word + file for file in files})


def rename_all(d: Desk, renamed: dict[str, str]) -> None:
    """Look what is here, give each file its new name, and tell the names."""
    d.do("ls")
    for file, new in renamed.items():
        d.do("mv", source=file, destination=new, derived=["source", "destination"])
    d.answer(f"The new {'name is' if len(renamed) == 1 else 'names are'} {listed(list(renamed.values()))}.")


def keep_only(d: Desk) -> None:
    files = d.files()
    if not 2 <= len(files) <= 7 or any(name.startswith(".") for name in d.here):
        raise Redraw
    file = d.rng.choice(files)
    d.request(say.KEEP_ONLY, file=file)
    d.do("ls")
    delete_all(d, [name for name in files if name != file])
    d.about(file)


def delete_all(d: Desk, files: list[str]) -> None:
    """Delete each file and tell which they were."""
    for file in files:
        d.do("rm", file_name=file, derived=["file_name"])
    d.answer(f"I deleted {listed(files)}.")


def empty_files(d: Desk) -> None:
    files = d.files()
    empty = [name for name in files if not d.here[name]]
    if not empty or len(files) > 5 or any(name.startswith(".") for name in d.here):
        raise Redraw
    d.request(say.EMPTY_FILES)
    d.do("ls")
    for file in files:
        d.do("wc", file_name=file, mode="c", derived=["file_name"])
    delete_all(d, empty)


def empty_folders(d: Desk) -> None:
    """A folder that is not empty is found out by an error, which changes nothing."""
    folders = d.folders()
    empty = [name for name in folders if not d.here[name]]
    if not empty or len(folders) > 4:
        raise Redraw
    d.request(say.EMPTY_FOLDERS)
    d.do("ls")
    for folder in folders:
        d.do("rmdir", dir_name=folder, derived=["dir_name"], fails=folder not in empty)
    d.answer(f"I removed {listed(empty)}.")


def hidden(d: Desk) -> None:
    files = [name for name, entry in d.here.items() if name.startswith(".") and isinstance(entry, str)]
    if not files:
        raise Redraw
    d.request(say.HIDDEN)
    d.do("ls", a=True)
    delete_all(d, files)


def same_text(d: Desk) -> None:
    files, line = some_files(d, d.rng.choice((2, 3)), lambda content: True), d.s.words.line()
    d.request(say.SAME_TEXT, files=listed(files), text=line)
    for file in files:
        d.do("echo", content=line, file_name=file)
    d.answer(f"{listed(files)} say that now.")


def in_folders(d: Desk) -> None:
    folders, file = d.folders(), d.s.words.file()
    if not 1 <= len(folders) <= 3:
        raise Redraw
    d.request(say.IN_FOLDERS, file=file)
    d.do("ls")
    for folder in folders:
        d.do("cd", folder=folder, derived=["folder"])
        d.do("touch", file_name=file)
        d.do("cd", folder="..")
    d.answer(f"I made {file} in {listed(folders)}.")


EACH: tuple[Move, ...] = (each_ending, each_begin, each_count, each_word)
CLEAN: tuple[Move, ...] = (keep_only, empty_files, empty_folders, hidden)
