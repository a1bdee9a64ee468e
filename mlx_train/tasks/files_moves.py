"""Moves: one small request each, for the trained file-operation families to string together.

A move says what the user asks, does the gold calls and says what the assistant answers, for whatever the world holds at
that moment. A move that the world has no room for raises `Redraw` before it has said or done anything.
"""

from __future__ import annotations

from collections.abc import Sequence

from mlx_train.tasks import files_phrases as say
from mlx_train.tasks.board import one
from mlx_train.tasks.family import Redraw
from mlx_train.tasks.files_desk import Desk, Move, Path, wander

# Looking: one call, and the answer is told.


def names_told(d: Desk, names: list[str]) -> None:
    """Answer with the names of a listing."""
    if not names:
        return d.answer("It is empty.", "empty")
    d.answer(f"It has {', '.join(names)}.", *names)


def look_list(d: Desk) -> None:
    if len(d.here) > 6:
        raise Redraw
    d.ask(say.LIST)
    names_told(d, d.do("ls")["current_directory_content"])


def look_all(d: Desk) -> None:
    if len(d.here) > 6:
        raise Redraw
    d.ask(say.LIST_ALL)
    names_told(d, d.do("ls", a=True)["current_directory_content"])


def look_where(d: Desk) -> None:
    d.ask(say.WHERE)
    path = d.do("pwd")["current_working_directory"]
    d.answer(f"We are in {path}.", path)


def read_out(d: Desk, content: str) -> None:
    """Answer with the text of a file."""
    if not content:
        return d.answer("It is empty.", "empty")
    d.answer(f"It says: {content}", *content.splitlines())


def look_read(d: Desk) -> None:
    file = d.file(below=3)
    d.ask(say.READ, file=file)
    read_out(d, d.do("cat", file_name=file)["file_content"])
    d.about(file)


def look_last(d: Desk) -> None:
    file = d.file()
    d.ask(say.LAST, file=file)
    line = d.do("tail", file_name=file, lines=1)["last_lines"]
    d.answer(f"The last line is: {line}", line)
    d.about(file)


def look_last_two(d: Desk) -> None:
    file = d.pick(d.files(lambda content: len(content.splitlines()) > 2))
    number = d.rng.randint(2, min(3, len(d.here[file].splitlines()) - 1))
    d.ask(say.LAST_TWO, file=file, n=number)
    lines = d.do("tail", file_name=file, lines=number)["last_lines"]
    d.answer(f"The last lines are: {lines}", *lines.splitlines())
    d.about(file)


def count_told(d: Desk, file: str, mode: str, unit: str) -> None:
    """Count and answer with the number."""
    count = d.do("wc", file_name=file, mode=mode)["count"]
    d.answer(f"It has {count} {unit[:-1] if count == 1 else unit}.", count)
    d.about(file, count)


def look_lines(d: Desk) -> None:
    file = d.file()
    d.ask(say.LINES, file=file)
    count_told(d, file, "l", "lines")


def look_words(d: Desk) -> None:
    file = d.file()
    d.ask(say.WORDS, file=file)
    count_told(d, file, "w", "words")


def look_characters(d: Desk) -> None:
    file = d.file()
    d.ask(say.CHARACTERS, file=file)
    count_told(d, file, "c", "characters")


def look_sorted(d: Desk) -> None:
    file = d.pick(d.files(lambda content: 1 < len(content.splitlines()) < 4))
    d.ask(say.SORTED, file=file)
    lines = d.do("sort", file_name=file)["sorted_content"]
    d.answer(f"Sorted: {lines}", lines)
    d.about(file)


def look_first_sorted(d: Desk) -> None:
    file = d.pick(d.files(lambda content: len(content.splitlines()) > 1))
    d.ask(say.FIRST_SORTED, file=file)
    line = d.do("sort", file_name=file)["sorted_content"].splitlines()[0]
    d.answer(f"The first line is: {line}", line)
    d.about(file)


def look_grep(d: Desk) -> None:
    file = d.pick(d.files(lambda content: len(content.split()) > 3))
    missing = d.rng.random() < 0.15
    word = d.s.words.word() if missing else d.rng.choice(d.here[file].split())
    d.ask(say.GREP, file=file, word=word)
    lines = d.do("grep", file_name=file, pattern=word)["matching_lines"]
    if lines:
        d.answer(f"I found: {', '.join(lines)}", *lines)
    else:
        d.answer("No line has it.")
    d.about(file)


def look_compare(d: Desk) -> None:
    file, other = d.two_files()
    d.ask(say.COMPARE, file=file, other=other)
    found = "different" if d.do("diff", file_name1=file, file_name2=other)["diff_lines"] else "same"
    d.answer("They are different." if found == "different" else "They are the same.", found)


def look_size(d: Desk) -> None:
    d.ask(say.SIZE)
    size = d.do("du")["disk_usage"]
    d.answer(f"It takes {size}.", size)


def look_size_human(d: Desk) -> None:
    d.ask(say.SIZE_HUMAN)
    size = d.do("du", human_readable=True)["disk_usage"]
    d.answer(f"It takes {size}.", size)


def look_print(d: Desk) -> None:
    line = d.s.words.line()
    d.ask(say.PRINT, text=line)
    d.do("echo", content=line)
    d.answer(f"It shows: {line}", line)


def look_locate(d: Desk) -> None:
    file, place = d.file_below()
    d.ask(say.LOCATE, file=file)
    d.do("find", name=file)
    path = "/".join((*place, file))
    d.answer(f"It is at {path}.", path)


def look_locate_all(d: Desk) -> None:
    file, _ = d.file_below()
    word = file.split(".")[0].split("_")[0]
    if len(d.world.call("find", {"name": word})["matches"]) > 3:
        raise Redraw
    d.ask(say.LOCATE_ALL, word=word)
    paths = [path.removeprefix("./") for path in d.do("find", name=word)["matches"]]
    d.answer(f"I found {', '.join(paths)}.", *paths)


def look_locate_under(d: Desk) -> None:
    file, place = d.file_below()
    word = file.split(".")[0].split("_")[0]
    if len(d.world.call("find", {"path": place[0], "name": word})["matches"]) > 3:
        raise Redraw
    d.ask(say.LOCATE_UNDER, folder=place[0], word=word)
    paths = d.do("find", path=place[0], name=word)["matches"]
    d.answer(f"I found {', '.join(paths)}.", *(path.split("/")[-1] for path in paths))


# Making.


def make_file(d: Desk) -> None:
    file = d.s.words.file()
    d.ask(say.TOUCH, file=file)
    d.do("touch", file_name=file)
    d.about(file)


def make_folder(d: Desk) -> None:
    folder = d.s.words.name()
    d.ask(say.MKDIR, folder=folder)
    d.do("mkdir", dir_name=folder)


def make_and_enter(d: Desk) -> None:
    if len(d.path) > 2:
        raise Redraw
    folder = d.s.words.name()
    d.ask(say.MKDIR, folder=folder)
    d.do("mkdir", dir_name=folder)
    d.go((*d.path, folder))


def make_text(d: Desk) -> None:
    file, line = d.s.words.file(), d.s.words.line()
    d.ask(say.NEW_TEXT, file=file, text=line)
    d.do("touch", file_name=file)
    d.do("echo", content=line, file_name=file)
    d.about(file)


def write(d: Desk) -> None:
    file, line = d.pick(d.files()), d.s.words.line()
    d.ask(say.WRITE, file=file, text=line)
    d.do("echo", content=line, file_name=file)
    d.about(file)


# Placing.


def copy(d: Desk) -> None:
    file, new = d.pick(d.files()), d.s.words.file()
    d.ask(say.COPY, file=file, new=new)
    d.do("cp", source=file, destination=new)


def copy_into(d: Desk) -> None:
    file, folder = d.pick(d.files()), d.pick(d.folders())
    if file in d.here[folder]:
        raise Redraw
    d.ask(say.COPY_INTO, file=file, folder=folder)
    d.do("cp", source=file, destination=folder)


def move_into(d: Desk) -> None:
    file, folder = d.pick(d.files()), d.pick(d.folders())
    if file in d.here[folder]:
        raise Redraw
    d.ask(say.MOVE_INTO, file=file, folder=folder)
    d.do("mv", source=file, destination=folder)


def move_folder(d: Desk) -> None:
    folder, other = d.pick(d.folders()), d.pick(d.folders())
    if folder == other or any(len(place) - len(d.path) > 1 for place in d.places((*d.path, folder))):
        raise Redraw
    d.ask(say.MOVE_FOLDER, folder=folder, other=other)
    d.do("mv", source=folder, destination=other)


def rename(d: Desk) -> None:
    file, new = d.pick(d.files()), d.s.words.file()
    d.ask(say.RENAME, file=file, new=new)
    d.do("mv", source=file, destination=new)
    d.about(new)


def rename_folder(d: Desk) -> None:
    folder, new = d.pick(d.folders()), d.s.words.name()
    d.ask(say.RENAME_FOLDER, folder=folder, new=new)
    d.do("mv", source=folder, destination=new)


def delete(d: Desk) -> None:
    file = d.pick(d.files())
    d.ask(say.DELETE, file=file)
    d.do("rm", file_name=file)


def delete_folder(d: Desk) -> None:
    folder = d.pick([name for name in d.folders() if d.here[name]])
    d.ask(say.DELETE_FOLDER, folder=folder)
    d.do("rm", file_name=folder)


def remove_empty(d: Desk) -> None:
    folder = d.pick([name for name in d.folders() if not d.here[name]])
    d.ask(say.REMOVE_EMPTY, folder=folder)
    d.do("rmdir", dir_name=folder)


# Using a result.


def target(d: Desk, *sources: str) -> tuple[str, str]:
    """A file to save to, as the user says it and by name; one that is not here yet has to be created."""
    old = [name for name in d.files() if name not in sources]
    if old and d.rng.random() < 0.5:
        name = d.rng.choice(old)
        return d.s.phrase(say.TARGET_OLD, file=name), name
    name = d.s.words.file()
    return d.s.phrase(say.TARGET_NEW, file=name), name


def save(d: Desk, content: str, name: str) -> None:
    """Write what was found out to a file, creating it if needed."""
    if name not in d.here:
        d.do("touch", file_name=name)
    d.do("echo", content=content, file_name=name, derived=["content"])


def save_lines(d: Desk) -> None:
    file = d.file()
    words, name = target(d, file)
    d.ask(say.SAVE_LINES, file=file, target=words)
    save(d, str(d.do("wc", file_name=file, mode="l")["count"]), name)


def save_words(d: Desk) -> None:
    file = d.file()
    words, name = target(d, file)
    d.ask(say.SAVE_WORDS, file=file, target=words)
    save(d, str(d.do("wc", file_name=file, mode="w")["count"]), name)


def save_last(d: Desk) -> None:
    file = d.file()
    words, name = target(d, file)
    d.ask(say.SAVE_LAST, file=file, target=words)
    save(d, d.do("tail", file_name=file, lines=1)["last_lines"], name)


def save_sorted(d: Desk) -> None:
    file = d.pick(d.files(lambda content: 1 < len(content.splitlines()) < 4))
    words, name = target(d, file)
    d.ask(say.SAVE_SORTED, file=file, target=words)
    save(d, d.do("sort", file_name=file)["sorted_content"], name)


def sort_self(d: Desk) -> None:
    def unsorted(content: str) -> bool:
        lines = content.splitlines()
        return len(lines) < 4 and lines != sorted(lines)

    file = d.pick(d.files(unsorted))
    d.ask(say.SORT_SELF, file=file)
    save(d, d.do("sort", file_name=file)["sorted_content"], file)
    d.about(file)


def save_grep(d: Desk) -> None:
    file = d.pick(d.files(lambda content: len(content.split()) > 3))
    content = d.here[file]
    word = d.pick([word for word in content.split() if sum(word in line for line in content.splitlines()) == 1])
    words, name = target(d, file)
    d.ask(say.SAVE_GREP, file=file, word=word, target=words)
    save(d, d.do("grep", file_name=file, pattern=word)["matching_lines"][0], name)


def save_size(d: Desk) -> None:
    words, name = target(d)
    d.ask(say.SAVE_SIZE, target=words)
    save(d, d.do("du")["disk_usage"], name)


def save_path(d: Desk) -> None:
    words, name = target(d)
    d.ask(say.SAVE_PATH, target=words)
    save(d, d.do("pwd")["current_working_directory"], name)


def save_diff(d: Desk) -> None:
    file, other = d.two_files()
    one_side, other_side = d.here[file].splitlines(), d.here[other].splitlines()
    if sum(a != b for a, b in zip(one_side, other_side, strict=True)) != 1:
        raise Redraw
    words, name = target(d, file, other)
    d.ask(say.SAVE_DIFF, file=file, other=other, target=words)
    save(d, d.do("diff", file_name1=file, file_name2=other)["diff_lines"], name)


def join(d: Desk) -> None:
    short = d.files(lambda content: 0 < len(content.splitlines()) < 3)
    if len(short) < 2:
        raise Redraw
    file, other = d.rng.sample(short, 2)
    words, name = target(d, file, other)
    d.ask(say.JOIN, file=file, other=other, target=words)
    contents = [d.do("cat", file_name=source)["file_content"] for source in (file, other)]
    save(d, "\n".join(contents), name)


def is_name(word: str) -> bool:
    """Whether a text is one name such as `meadow_trail`."""
    return bool(word) and all(part.isalpha() for part in word.split("_"))


def folder_from(d: Desk) -> None:
    file = d.pick(d.files(lambda content: is_name(content) and content not in d.here))
    d.ask(say.FOLDER_FROM, file=file)
    name = d.do("cat", file_name=file)["file_content"]
    d.do("mkdir", dir_name=name, derived=["dir_name"])
    d.answer(f"I made the folder {name}.")


def file_from(d: Desk) -> None:
    def names_one(content: str) -> bool:
        last = (content.splitlines() or [""])[-1]
        return last not in d.here and last.count(".") == 1 and is_name(last.split(".")[0])

    file = d.pick(d.files(names_one))
    d.ask(say.FILE_FROM, file=file)
    name = d.do("tail", file_name=file, lines=1)["last_lines"]
    d.do("touch", file_name=name, derived=["file_name"])
    d.answer(f"I made the file {name}.")
    d.about(name)


def track(d: Desk, file: str, place: Path) -> None:
    """Find a file and go to its folder."""
    d.do("find", name=file)
    for step in place:
        d.do("cd", folder=step, derived=["folder"])


def found_read(d: Desk) -> None:
    file, place = d.file_below()
    if len(d.at((*d.path, *place))[file].splitlines()) > 2:
        raise Redraw
    d.ask(say.FOUND_READ, file=file)
    track(d, file, place)
    read_out(d, d.do("cat", file_name=file)["file_content"])
    d.about(file)


def found_delete(d: Desk) -> None:
    file, place = d.file_below()
    d.ask(say.FOUND_DELETE, file=file)
    track(d, file, place)
    d.do("rm", file_name=file)


def found_write(d: Desk) -> None:
    (file, place), line = d.file_below(), d.s.words.line()
    d.ask(say.FOUND_WRITE, file=file, text=line)
    track(d, file, place)
    d.do("echo", content=line, file_name=file)
    d.about(file)


def found_rename(d: Desk) -> None:
    (file, place), new = d.file_below(), d.s.words.file()
    d.ask(say.FOUND_RENAME, file=file, new=new)
    track(d, file, place)
    d.do("mv", source=file, destination=new)
    d.about(new)


def found_lines(d: Desk) -> None:
    file, place = d.file_below()
    d.ask(say.FOUND_LINES, file=file)
    track(d, file, place)
    count_told(d, file, "l", "lines")


# Recovering from an error, and conditions.


def folder_or_new(d: Desk) -> str:
    """A folder that is here, or by chance a name that is not."""
    if d.folders() and d.rng.random() < 0.65:
        return d.rng.choice(d.folders())
    return d.s.words.name()


def ensure_folder(d: Desk) -> None:
    folder = folder_or_new(d)
    d.ask(say.ENSURE_FOLDER, folder=folder)
    there = folder in d.here
    d.do("mkdir", dir_name=folder, fails=there)
    d.answer(f"The folder {folder} was there already." if there else f"I made the folder {folder}.")


def ensure_move(d: Desk) -> None:
    file, folder = d.pick(d.files()), folder_or_new(d)
    if file in d.here.get(folder, {}):
        raise Redraw
    d.ask(say.ENSURE_MOVE, folder=folder, file=file)
    d.do("mkdir", dir_name=folder, fails=folder in d.here)
    d.do("mv", source=file, destination=folder)


def ensure_write(d: Desk) -> None:
    file = d.pick(d.files()) if d.rng.random() < 0.3 else d.s.words.file()
    line = d.s.words.line()
    d.ask(say.ENSURE_WRITE, file=file, text=line)
    if file not in d.here:
        d.do("echo", content=line, file_name=file, fails=True)
        d.do("touch", file_name=file)
    d.do("echo", content=line, file_name=file)
    d.about(file)


def read_anywhere(d: Desk) -> None:
    place: Path
    if d.rng.random() < 0.25:
        file, place = d.file(below=3), ()
    else:
        file, place = d.file_below()
    if (place and file in d.here) or len(d.at((*d.path, *place))[file].splitlines()) > 2:
        raise Redraw
    d.ask(say.READ_ANYWHERE, file=file)
    if place:
        d.do("cat", file_name=file, fails=True)
        track(d, file, place)
    read_out(d, d.do("cat", file_name=file)["file_content"])
    d.about(file)


def if_empty(d: Desk) -> None:
    empty = [name for name in d.folders() if not d.here[name]]
    folder = d.pick(empty if empty and d.rng.random() < 0.6 else d.folders())
    d.ask(say.IF_EMPTY, folder=folder)
    full = bool(d.here[folder])
    d.do("rmdir", dir_name=folder, fails=full)
    d.answer(f"{folder} {'is not empty, so I left' if full else 'was empty, so I removed'} it.")


def if_longer(d: Desk) -> None:
    file, folder, number = d.file(), d.pick(d.folders()), d.rng.randint(2, 3)
    if file in d.here[folder]:
        raise Redraw
    d.ask(say.IF_LONGER, file=file, folder=folder, n=number)
    count = d.do("wc", file_name=file, mode="l")["count"]
    lines = "1 line" if count == 1 else f"{count} lines"
    if count > number:
        d.do("mv", source=file, destination=folder)
    d.answer(f"{file} has {lines}, so I {'moved' if count > number else 'left'} it.")


def if_word(d: Desk) -> None:
    file = d.pick(d.files(lambda content: len(content.split()) > 3))
    word = d.s.words.word() if d.rng.random() < 0.4 else d.rng.choice(d.here[file].split())
    d.ask(say.IF_WORD, file=file, word=word)
    if d.do("grep", file_name=file, pattern=word)["matching_lines"]:
        d.do("rm", file_name=file)
        d.answer(f"{file} has the word, so I deleted it.")
    else:
        d.answer(f"{file} does not have the word, so I left it.")


def if_same(d: Desk) -> None:
    file, other = d.two_files()
    d.ask(say.IF_SAME, file=file, other=other)
    if d.do("diff", file_name1=file, file_name2=other)["diff_lines"]:
        return d.answer(f"They are different, so I left {other}.")
    d.do("rm", file_name=other)
    d.answer(f"They are the same, so I deleted {other}.")


# Following up on the turn before.


def spoken_of(d: Desk) -> str:
    """The file that "it" means.

    Raises:
        Redraw: no file was spoken of, or it is gone from here.
    """
    if d.it is None or d.it not in d.here:
        raise Redraw
    return d.it


def it_read(d: Desk) -> None:
    file = spoken_of(d)
    if len(d.here[file].splitlines()) > 2:
        raise Redraw
    d.ask(say.READ_IT)
    read_out(d, d.do("cat", file_name=file)["file_content"])
    d.about(file)


def it_lines(d: Desk) -> None:
    file = spoken_of(d)
    d.ask(say.LINES_IT)
    count_told(d, file, "l", "lines")


def it_write(d: Desk) -> None:
    file, line = spoken_of(d), d.s.words.line()
    d.ask(say.WRITE_IT, text=line)
    d.do("echo", content=line, file_name=file)
    d.about(file)


def it_rename(d: Desk) -> None:
    file, new = spoken_of(d), d.s.words.file()
    d.ask(say.RENAME_IT, new=new)
    d.do("mv", source=file, destination=new)
    d.about(new)


def it_copy(d: Desk) -> None:
    file, new = spoken_of(d), d.s.words.file()
    d.ask(say.COPY_IT, new=new)
    d.do("cp", source=file, destination=new)
    d.about()


def it_move(d: Desk) -> None:
    file, folder = spoken_of(d), d.pick(d.folders())
    if file in d.here[folder]:
        raise Redraw
    d.ask(say.MOVE_IT, folder=folder)
    d.do("mv", source=file, destination=folder)
    d.about()


def it_delete(d: Desk) -> None:
    file = spoken_of(d)
    d.ask(say.DELETE_IT)
    d.do("rm", file_name=file)
    d.about()


def write_number(d: Desk) -> None:
    if d.number is None:
        raise Redraw
    number = d.number
    words, name = target(d, d.it or "")
    d.ask(say.WRITE_NUMBER, target=words)
    save(d, str(number), name)
    d.about(name)


def follow(d: Desk) -> None:
    """Take up the turn before; a number that was just told is written down half of the time."""
    if d.number is not None and d.rng.random() < 0.5:
        return write_number(d)
    one(d, FOLLOW)


# Turns of their own: something is missing, so ask, and act on the answer.


def ask_name_file(d: Desk) -> None:
    file = d.s.words.file()
    d.ask(say.NO_NAME_FILE)
    d.answer("What should it be called?")
    d.send(asks=True)
    d.do("touch", file_name=file)
    d.about(file)
    d.send(d.s.phrase(say.ANSWER_NAME, new=file))


def ask_name_folder(d: Desk) -> None:
    folder = d.s.words.name()
    d.ask(say.NO_NAME_FOLDER)
    d.answer("What should it be called?")
    d.send(asks=True)
    d.do("mkdir", dir_name=folder)
    d.send(d.s.phrase(say.ANSWER_NAME, new=folder))


def ask_new_name(d: Desk) -> None:
    file, new = d.pick(d.files()), d.s.words.file()
    d.ask(say.NO_NEW_NAME, file=file)
    d.answer("What should the new name be?")
    d.send(asks=True)
    d.do("mv", source=file, destination=new)
    d.about(new)
    d.send(d.s.phrase(say.ANSWER_NAME, new=new))


def ask_folder(d: Desk) -> None:
    file, folder = d.pick(d.files()), d.pick(d.folders())
    if len(d.folders()) < 2 or file in d.here[folder]:
        raise Redraw
    d.ask(say.NO_FOLDER, file=file)
    d.answer("Which folder should it go into?")
    d.send(asks=True)
    d.do("mv", source=file, destination=folder)
    d.send(d.s.phrase(say.ANSWER_FOLDER, folder=folder))


def ask_text(d: Desk) -> None:
    file, line = d.pick(d.files()), d.s.words.line()
    d.ask(say.NO_TEXT, file=file)
    d.answer("What should it say?")
    d.send(asks=True)
    d.do("echo", content=line, file_name=file)
    d.about(file)
    d.send(d.s.phrase(say.ANSWER_TEXT, text=line))


def ask_file(d: Desk) -> None:
    if len(d.files()) < 2:
        raise Redraw
    file = d.pick(d.files())
    d.ask(say.NO_FILE)
    d.answer("Which file do you mean?")
    d.send(asks=True)
    d.do("rm", file_name=file)
    d.send(d.s.phrase(say.ANSWER_FILE, file=file))


LOOK: tuple[Move, ...] = (
    look_list,
    look_all,
    look_where,
    look_read,
    look_last,
    look_last_two,
    look_lines,
    look_words,
    look_characters,
    look_sorted,
    look_first_sorted,
    look_grep,
    look_compare,
    look_size,
    look_size_human,
    look_print,
    look_locate,
    look_locate_all,
    look_locate_under,
)
MAKE: tuple[Move, ...] = (make_file, make_folder, make_text, write)
PLACE: tuple[Move, ...] = (
    copy,
    copy_into,
    move_into,
    move_folder,
    rename,
    rename_folder,
    delete,
    delete_folder,
    remove_empty,
)
USE: tuple[Move, ...] = (
    save_lines,
    save_words,
    save_last,
    save_sorted,
    sort_self,
    save_grep,
    save_size,
    save_path,
    save_diff,
    join,
    folder_from,
    file_from,
)
FOUND: tuple[Move, ...] = (found_read, found_delete, found_write, found_rename, found_lines)
RECOVER: tuple[Move, ...] = (ensure_folder, ensure_move, ensure_write, read_anywhere)
CHECK: tuple[Move, ...] = (if_empty, if_longer, if_word, if_same)
FOLLOW: tuple[Move, ...] = (it_read, it_lines, it_write, it_rename, it_copy, it_move, it_delete, write_number)
ASK: tuple[Move, ...] = (ask_name_file, ask_name_folder, ask_new_name, ask_folder, ask_text, ask_file)
SPOKEN: tuple[Move, ...] = (
    make_file,
    make_text,
    write,
    rename,
    look_lines,
    look_words,
    look_last,
    look_read,
    look_grep,
)
"""After these there is a file to speak of."""
SIMPLE = LOOK + MAKE + PLACE
EVERY = SIMPLE + USE + FOUND + RECOVER + CHECK
STEP: tuple[Move, ...] = (*LOOK, make_file, make_folder, write, *PLACE)
"""Moves of one call."""


def mix(d: Desk, moves: Sequence[Move], calls: tuple[int, int], turns: int, pair: float) -> None:
    """Free play: small requests in folder after folder, until a random number of calls, at least `calls[0]`, are made.

    Args:
        pair: probability that a turn has two requests.

    Raises:
        Redraw: it became more than `calls[1]` calls or more turns than `turns`.
    """
    low, high = calls
    goal = d.rng.randint(low, max(low, high - 1))
    for _ in range(turns):
        if d.it is not None and d.rng.random() < 0.45:
            follow(d)
        else:
            wander(d)
            one(d, moves)
            if d.rng.random() < pair:
                one(d, moves)
        d.send()
        if d.total >= goal:
            break
    d.keep(low, high, turns)
