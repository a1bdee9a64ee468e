"""What the wide families share: fuller folders, things to be done with a choice, and the course of a task.

The wide families (group `wide`) ask for more kinds of requests than the first ones: choosing, doing something to each,
carrying values, reports, conditions with an "otherwise", order, mistakes, two folders at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from mlx_train.tasks import files_phrases as say
from mlx_train.tasks import files_wide_phrases as wide
from mlx_train.tasks.board import CALLS_OF_TURN, one
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.files_desk import Desk, Move, Path, Tree, text, wander
from mlx_train.tasks.files_moves import STEP, follow, read_out
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.words import EXTENSIONS

Act = tuple[str, Callable[[], None]]
"""What is to be done, as the user says it, and the doing of it: the calls and what the assistant says about them."""


# The world.


def rich(s: Script, folder: Tree, sure: Sequence[str] = ()) -> None:
    """Put several files of one ending into a folder, some with one beginning, and by chance much else.

    Args:
        sure: what must not be left to chance: `twins`, `note`, `list`, `empty`, `hidden`.
    """
    often, seldom, other = s.rng.sample(EXTENSIONS, 3)
    for _ in range(s.rng.choice((2, 2, 3))):
        folder[s.words.file(often)] = text(s)
    folder[s.words.file(seldom)] = text(s)
    if s.rng.random() < 0.4:
        begin = s.words.word()
        for _ in range(2):
            folder[f"{begin}_{s.words.word()}.{s.rng.choice((seldom, other))}"] = text(s)
    names = [name for name, entry in folder.items() if isinstance(entry, str)]
    if "twins" in sure or s.rng.random() < 0.5:
        _twins(s, folder, s.rng.choice(names))
    if "list" in sure or "note" in sure or s.rng.random() < 0.6:
        _note(s, folder, names, s.rng.randrange(2 if "list" in sure else 4))
    if "empty" in sure or s.rng.random() < 0.3:
        folder[s.words.file()] = ""
    if "hidden" in sure or s.rng.random() < 0.25:
        folder[f".{s.words.word()}"] = text(s, 1, 1)
    if "empty" in sure or s.rng.random() < 0.4:
        folder[s.words.name()] = {}


def _twins(s: Script, folder: Tree, name: str) -> None:
    """A copy of a file, and one that differs from it in a line, in either order."""
    lines = folder[name].splitlines()
    lines[s.rng.randrange(len(lines))] = s.words.line()
    copies = [folder[name], "\n".join(lines)]
    s.rng.shuffle(copies)
    for copy in copies:
        folder[s.words.file()] = copy


def _note(s: Script, folder: Tree, names: list[str], kind: int) -> None:
    """A file whose text is about others: a list of new or of old names, the name of a file at its end, or a word."""
    if kind == 0:
        note = "\n".join(s.words.file() for _ in range(s.rng.choice((2, 2, 3))))
    elif kind == 1:
        note = "\n".join(s.rng.sample(names, 2))
    elif kind == 2:
        note = f"{text(s, 1, 2)}\n{s.rng.choice(names)}"
    else:
        note = s.rng.choice(folder[s.rng.choice(names)].split())
    folder[s.words.file(s.rng.choice(("txt", "md")))] = note


def wide_desk(s: Script, *sure: str, folders: int = 2, depth: int = 1) -> Desk:
    """A desk with fuller folders."""
    return Desk(s, folders, depth, partial(rich, sure=sure))


def ending(name: str) -> str:
    """The ending of a file name, with its dot."""
    return f".{name.rsplit('.', 1)[-1]}"


def listed(names: Sequence[object]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    *first, last = map(str, names)
    return f"{', '.join(first)} and {last}" if first else last


def some_files(d: Desk, number: int, fits: Callable[[str], bool] = bool) -> list[str]:
    """So many files here, in a drawn order, whose content fits.

    Raises:
        Redraw: there are not so many.
    """
    names = d.files(fits)
    if len(names) < number:
        raise Redraw
    return d.rng.sample(names, number)


def plain_folders(d: Desk, number: int) -> list[str]:
    """So many folders here, in a drawn order, that are not empty.

    Raises:
        Redraw: there are not so many.
    """
    names = [name for name in d.folders() if d.here[name]]
    if len(names) < number:
        raise Redraw
    return d.rng.sample(names, number)


# What is to be done with one file that was chosen, with several, with a folder.


def act(d: Desk, file: str) -> Act:
    """Something to be done with the file here that a call pointed out."""
    kinds: list[Callable[[Desk, str], Act]] = [_delete, _move, _rename, _copy, _write, _read]
    for kind in d.rng.sample(kinds, len(kinds)):
        try:
            return kind(d, file)
        except Redraw:
            continue
    raise Redraw


def _delete(d: Desk, file: str) -> Act:
    def done() -> None:
        d.do("rm", file_name=file, derived=["file_name"])
        d.answer("I deleted it.")

    return d.s.phrase(wide.IT_DELETE), done


def _move(d: Desk, file: str) -> Act:
    folder = d.pick(d.folders())
    if file in d.here[folder]:
        raise Redraw

    def done() -> None:
        d.do("mv", source=file, destination=folder, derived=["source"])
        d.answer(f"I moved it into {folder}.")

    return d.s.phrase(wide.IT_MOVE, folder=folder), done


def _rename(d: Desk, file: str) -> Act:
    new = d.s.words.file()

    def done() -> None:
        d.do("mv", source=file, destination=new, derived=["source"])
        d.answer(f"I renamed it to {new}.")
        d.about(new)

    return d.s.phrase(wide.IT_RENAME, new=new), done


def _copy(d: Desk, file: str) -> Act:
    new = d.s.words.file()

    def done() -> None:
        d.do("cp", source=file, destination=new, derived=["source"])
        d.answer(f"I copied it to {new}.")

    return d.s.phrase(wide.IT_COPY, new=new), done


def _write(d: Desk, file: str) -> Act:
    line = d.s.words.line()

    def done() -> None:
        d.do("echo", content=line, file_name=file, derived=["file_name"])
        d.answer("I wrote the text into it.")
        d.about(file)

    return d.s.phrase(wide.IT_WRITE, text=line), done


def _read(d: Desk, file: str) -> Act:
    if len(d.here[file].splitlines()) > 2:
        raise Redraw

    def done() -> None:
        read_out(d, d.do("cat", file_name=file, derived=["file_name"])["file_content"])
        d.about(file)

    return d.s.phrase(wide.IT_READ), done


def act_on_all(d: Desk, files: Sequence[str]) -> Act:
    """Something to be done with each of the files here that calls pointed out."""
    folders = [name for name in d.folders() if not set(files) & set(d.here[name])]
    kind = d.rng.choice(("rm", "mv", "cp")) if folders else "rm"

    def done() -> None:
        for file in files:
            if kind == "rm":
                d.do("rm", file_name=file, derived=["file_name"])
            else:
                d.do(kind, source=file, destination=folder, derived=["source"])
        d.answer(f"I {did} {listed(files)}{where}.")

    if kind == "rm":
        did, where = "deleted", ""
        return d.s.phrase(wide.THEM_DELETE), done
    folder = d.rng.choice(folders)
    did, where = ("moved" if kind == "mv" else "copied"), f" into {folder}"
    return d.s.phrase(wide.THEM_MOVE if kind == "mv" else wide.THEM_COPY, folder=folder), done


def act_on_folder(d: Desk, folder: str) -> Act:
    """Something to be done with the folder here that a call pointed out."""
    new = d.s.words.name() if d.rng.random() < 0.6 else None

    def done() -> None:
        if new:
            d.do("mv", source=folder, destination=new, derived=["source"])
            d.answer(f"I renamed {folder} to {new}.")
        else:
            d.do("rm", file_name=folder, derived=["file_name"])
            d.answer(f"I deleted {folder}.")

    return d.s.phrase(wide.FOLDER_RENAME, new=new) if new else d.s.phrase(wide.FOLDER_DELETE), done


def deed(d: Desk, file: str, place: Path | None = None, but: str = "") -> tuple[str, str, Callable[[], None]]:
    """One call, as a clause that names its file: its kind, the clause, the doing of it.

    Args:
        file: a file in the folder.
        place: the folder, if it is not this one.
        but: a kind that it should not be.
    """
    here = d.at(d.path if place is None else place)
    folders = [name for name, entry in here.items() if isinstance(entry, dict) and file not in entry]
    kinds = [kind for kind in ("rm", "mv", "into", "cp", "echo", "touch", "mkdir") if kind != but]
    kind = d.rng.choice([kind for kind in kinds if kind != "into" or folders])
    new, line, made = d.s.words.file(), d.s.words.line(), d.s.words.name()
    folder = d.rng.choice(folders) if folders else ""
    call: dict[str, tuple[Phrases, dict[str, str], dict[str, str], str]] = {
        "rm": (say.DELETE, {"file": file}, {"file_name": file}, f"deleted {file}"),
        "mv": (say.RENAME, {"new": new}, {"source": file, "destination": new}, f"renamed {file} to {new}"),
        "into": (
            say.MOVE_INTO,
            {"folder": folder},
            {"source": file, "destination": folder},
            f"moved {file} to {folder}",
        ),
        "cp": (say.COPY, {"new": new}, {"source": file, "destination": new}, f"copied {file} to {new}"),
        "echo": (say.WRITE, {"text": line}, {"content": line, "file_name": file}, f"wrote the text into {file}"),
        "touch": (say.TOUCH, {"file": new}, {"file_name": new}, f"made {new}"),
        "mkdir": (say.MKDIR, {"folder": made}, {"dir_name": made}, f"made the folder {made}"),
    }
    bank, slots, arguments, words = call[kind]
    clause = d.s.phrase(bank, **{"file": file, **slots})

    def done() -> None:
        d.do("mv" if kind == "into" else kind, **arguments)  # type: ignore[arg-type]
        d.answer(f"I {words}.")

    return kind, clause, done


# The course of a task.


def play(
    d: Desk,
    calls: tuple[int, int],
    *groups: Sequence[Move],
    turns: int = 4,
    join: float = 0.2,
    roam: float = 0.3,
    rest: Sequence[Move] = STEP,
) -> None:
    """One move of each group, and moves of `rest` before or after until there are calls enough.

    Args:
        calls: least and largest number of calls.
        turns: largest number of turns.
        join: probability that a move shares its turn with the next one.
        roam: probability that a move of `rest` is in another folder.

    Raises:
        Redraw: there became too many calls, calls in one turn, or turns.
    """
    low, high = calls
    goal = d.rng.randint(low, max(low, high - 2))
    if len(groups) < 3 and low > 2 and d.rng.random() < 0.35:
        wander(d, stay=1 - roam)
        one(d, rest)
        d.send()
    for number, group in enumerate(groups, 1):
        one(d, group)
        if number < len(groups) and d.rng.random() > join:
            d.send()
    if d.pending:
        d.send()
    while d.total < goal and len(d.s.turns) < turns:
        if d.it is not None and d.rng.random() < 0.4:
            follow(d)
        else:
            wander(d, stay=1 - roam)
            one(d, rest)
        d.send()
    d.keep(low, high, turns)
    if any(len(turn.gold) > CALLS_OF_TURN for turn in d.s.turns):
        raise Redraw
