"""Moves that change a part of a file while the rest of it stays: read it, then write it as it should be."""

from __future__ import annotations

from mlx_train.tasks import files_edit_phrases as say
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move
from mlx_train.tasks.files_moves import save, target
from mlx_train.tasks.files_wide import some_files


def few(content: str) -> bool:
    """Whether a text has one to three lines."""
    return 0 < len(content.splitlines()) < 4


def rewrite(d: Desk, file: str, content: str) -> None:
    """Write what was worked out from the file's own text."""
    d.do("echo", content=content, file_name=file, derived=["content"])
    number = len(content.splitlines())
    d.answer(f"{file} has {number} {'line' if number == 1 else 'lines'} now.")
    d.about(file)


def append(d: Desk) -> None:
    file, line = d.pick(d.files(few)), d.s.words.line()
    d.request(say.APPEND, file=file, text=line)
    rewrite(d, file, f"{d.do('cat', file_name=file)['file_content']}\n{line}")


def prepend(d: Desk) -> None:
    file, line = d.pick(d.files(few)), d.s.words.line()
    d.request(say.PREPEND, file=file, text=line)
    rewrite(d, file, f"{line}\n{d.do('cat', file_name=file)['file_content']}")


def replace(d: Desk) -> None:
    file = d.pick(d.files(few))
    content = d.here[file]
    old = d.pick([word for word in content.split() if content.count(word) == 1 and word.isalpha()])
    new = d.s.words.word()
    d.request(say.REPLACE, file=file, old=old, new=new)
    content = d.do("cat", file_name=file)["file_content"].replace(old, new)
    d.do("echo", content=content, file_name=file, derived=["content"])
    d.answer(f"{file} says {new} now.")
    d.about(file)


def drop_line(d: Desk) -> None:
    file = d.pick(d.files(lambda content: 1 < len(content.splitlines()) < 5))
    lines = d.here[file].splitlines()
    word = d.pick([word for word in d.here[file].split() if sum(word in line for line in lines) == 1])
    if not word.isalpha():
        raise Redraw
    d.request(say.DROP_LINE, file=file, word=word)
    lines = d.do("cat", file_name=file)["file_content"].splitlines()
    rewrite(d, file, "\n".join(line for line in lines if word not in line))


def keep_last(d: Desk) -> None:
    file = d.pick(d.files(lambda content: len(content.splitlines()) > 2))
    number = d.rng.randint(2, min(3, len(d.here[file].splitlines()) - 1))
    d.request(say.KEEP_LAST, file=file, n=number)
    rewrite(d, file, d.do("tail", file_name=file, lines=number)["last_lines"])


def add_from(d: Desk) -> None:
    file, other = some_files(d, 2, few)
    d.request(say.ADD_FROM, file=file, other=other)
    line = d.do("tail", file_name=other, lines=1)["last_lines"]
    rewrite(d, file, f"{d.do('cat', file_name=file)['file_content']}\n{line}")


def merge(d: Desk) -> None:
    file, other = some_files(d, 2, lambda content: 0 < len(content.splitlines()) < 3)
    words, name = target(d, file, other)
    d.request(say.MERGE, file=file, other=other, target=words)
    contents = [d.do("cat", file_name=source)["file_content"] for source in (file, other)]
    save(d, "\n".join(contents), name)
    for source in (file, other):
        d.do("rm", file_name=source)
    d.answer(f"{name} has both texts now; I deleted {file} and {other}.")
    d.about(name)


EDIT: tuple[Move, ...] = (append, prepend, replace, drop_line, keep_last, add_from)
