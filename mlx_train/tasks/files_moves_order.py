"""Moves that are about other moves: said in another order, taken back, corrected, repeated."""

from __future__ import annotations

from collections.abc import Callable

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_order_phrases as say
from mlx_train.tasks import files_phrases as first
from mlx_train.tasks.board import one
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_wide import some_files
from mlx_train.tasks.phrases import Phrases

PLAIN: tuple[Move, ...] = tuple(move for move in m.STEP if move not in (m.look_list, m.look_all, m.look_print))


def several(d: Desk, number: int, bank: Phrases) -> None:
    """So many moves, in this order, said in one message.

    Raises:
        Redraw: something else was asked in this turn: what the message's order is about would not be clear.
    """
    if d.pending:
        raise Redraw
    for _ in range(number):
        one(d, PLAIN)
    d.recast(bank)


def but_first(d: Desk) -> None:
    several(d, 2, say.BUT_FIRST)


def numbered(d: Desk) -> None:
    several(d, 3, say.NUMBERED)


# Two turns: something is done, and taken back.


def undo(d: Desk) -> None:
    if d.pending:
        raise Redraw
    kind = d.rng.choice((_rename, _rename_folder, _copy, _touch, _mkdir, _write))
    back = kind(d)
    d.send()
    d.request(say.UNDO)
    back()


def _rename(d: Desk) -> Callable[[], None]:
    file, new = d.pick(d.files()), d.s.words.file()
    d.ask(first.RENAME, file=file, new=new)
    d.do("mv", source=file, destination=new)

    def back() -> None:
        d.do("mv", source=new, destination=file)
        d.answer(f"It is called {file} again.")
        d.about(file)

    return back


def _rename_folder(d: Desk) -> Callable[[], None]:
    folder, new = d.pick(d.folders()), d.s.words.name()
    d.ask(first.RENAME_FOLDER, folder=folder, new=new)
    d.do("mv", source=folder, destination=new)

    def back() -> None:
        d.do("mv", source=new, destination=folder)
        d.answer(f"The folder is called {folder} again.")

    return back


def _copy(d: Desk) -> Callable[[], None]:
    file, new = d.pick(d.files()), d.s.words.file()
    d.ask(first.COPY, file=file, new=new)
    d.do("cp", source=file, destination=new)

    def back() -> None:
        d.do("rm", file_name=new)
        d.answer(f"I removed the copy {new}.")
        d.about(file)

    return back


def _touch(d: Desk) -> Callable[[], None]:
    file = d.s.words.file()
    d.ask(first.TOUCH, file=file)
    d.do("touch", file_name=file)

    def back() -> None:
        d.do("rm", file_name=file)
        d.answer(f"I removed {file}.")

    return back


def _mkdir(d: Desk) -> Callable[[], None]:
    folder = d.s.words.name()
    d.ask(first.MKDIR, folder=folder)
    d.do("mkdir", dir_name=folder)

    def back() -> None:
        d.do("rmdir", dir_name=folder)
        d.answer(f"I removed the folder {folder}.")

    return back


def _write(d: Desk) -> Callable[[], None]:
    """The text is read before it is lost."""
    file, line = d.pick(d.files(lambda content: 0 < len(content.splitlines()) < 3)), d.s.words.line()
    d.ask(first.READ, file=file)
    content = d.do("cat", file_name=file)["file_content"]
    m.read_out(d, content)
    d.send()
    d.ask(first.WRITE, file=file, text=line)
    d.do("echo", content=line, file_name=file)

    def back() -> None:
        d.do("echo", content=content, file_name=file, derived=["content"])
        d.answer(f"{file} has its old text again.")
        d.about(file)

    return back


def wrong_file(d: Desk) -> None:
    if d.pending:
        raise Redraw
    (file, other), new = some_files(d, 2), d.s.words.file()
    copied = d.rng.random() < 0.5
    d.ask(first.COPY if copied else first.RENAME, file=file, new=new)
    d.do("cp" if copied else "mv", source=file, destination=new)
    d.send()
    d.request(say.WRONG_FILE, file=file, other=other)
    if copied:
        d.do("rm", file_name=new)
        d.do("cp", source=other, destination=new)
        d.answer(f"{new} is a copy of {other} now.")
    else:
        d.do("mv", source=new, destination=file)
        d.do("mv", source=other, destination=new)
        d.answer(f"{file} has its name again, and {other} is called {new} now.")


def same_again(d: Desk) -> None:
    """One thing is done with a file, then with another, by chance with a third."""
    if d.pending:
        raise Redraw
    files = some_files(d, d.rng.choice((2, 3)), lambda content: 0 < len(content.splitlines()) < 9)
    kinds: list[Callable[[Desk, str], Again]] = [_again_delete, _again_lines, _again_words, _again_last, _again_write]
    places = [name for name in d.folders() if not set(files) & set(d.here[name])]
    if places:
        kinds += [_again_place, _again_place]
    ask, step = d.rng.choice(kinds)(d, d.rng.choice(places) if places else "")
    for number, file in enumerate(files):
        if number:
            d.send()
            d.request(say.SAME_AGAIN, other=file)
        else:
            ask(file)
        step(file)


Again = tuple[Callable[[str], None], Callable[[str], None]]
"""How the first one is asked for, and the call with what is said."""


def _again_delete(d: Desk, _: str) -> Again:
    def step(file: str) -> None:
        d.do("rm", file_name=file)
        d.answer(f"I deleted {file}.")

    return lambda file: d.ask(first.DELETE, file=file), step


def _again_lines(d: Desk, _: str) -> Again:
    return lambda file: d.ask(first.LINES, file=file), lambda file: m.count_told(d, file, "l", "lines")


def _again_words(d: Desk, _: str) -> Again:
    return lambda file: d.ask(first.WORDS, file=file), lambda file: m.count_told(d, file, "w", "words")


def _again_last(d: Desk, _: str) -> Again:
    def step(file: str) -> None:
        line = d.do("tail", file_name=file, lines=1)["last_lines"]
        d.answer(f"The last line is: {line}", line)
        d.about(file)

    return lambda file: d.ask(first.LAST, file=file), step


def _again_write(d: Desk, _: str) -> Again:
    line = d.s.words.line()

    def step(file: str) -> None:
        d.do("echo", content=line, file_name=file)
        d.answer(f"{file} says that now.")
        d.about(file)

    return lambda file: d.ask(first.WRITE, file=file, text=line), step


def _again_place(d: Desk, folder: str) -> Again:
    moved = d.rng.random() < 0.5

    def step(file: str) -> None:
        d.do("mv" if moved else "cp", source=file, destination=folder)
        d.answer(f"I {'moved' if moved else 'copied'} {file} into {folder}.")

    return lambda file: d.ask(first.MOVE_INTO if moved else first.COPY_INTO, file=file, folder=folder), step


ORDER: tuple[Move, ...] = (but_first, numbered)
BACK: tuple[Move, ...] = (undo, wrong_file, same_again)
