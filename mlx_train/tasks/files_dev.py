"""File families of the development suites, by which recipes and checkpoints are chosen; no training, no gate."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_plain import begin, done, shuffled, text
from mlx_train.tasks.phrases import Phrases

LAST_LINE = Phrases("files.dev.last-line", dev=[
    "turn the name {old} into {new} and give me the very last line of the file",
    "make {new} the name of {old}, and give me the last line of it",
    "let {old} have {new} as its name and give me its last line",
])  # fmt: skip
RENAME_INSIDE = Phrases("files.dev.rename-inside", dev=[
    "The file {old} in the folder {folder} has the wrong name, it must be {new}. What is in that folder after that?",
    "Inside {folder} there is {old}. It has to be {new}. Give me all names in {folder} after that.",
    "Open {folder}, turn the name {old} into {new} and give me the list of what lies there.",
])  # fmt: skip
TOP_LINE = Phrases("files.dev.top-line", dev=[
    "order the lines of {file} from a to z, save the top one in a new file {new}, and delete {file}",
    "work out which line of {file} is first when sorted, save this line in a new file {new}, and get rid of {file}",
    "sort {file}, write just the first of the sorted lines to a new file {new}, and remove {file}",
])  # fmt: skip
SHOW_UNSURE = Phrases("files.dev.show-unsure", dev=[
    "What does the file {wrong} say? I may have the ending of its name wrong.",
    "Open {wrong} for me. If its name has another ending, take the one that is there.",
    "Give me the text of {wrong}, or what the file is called; I am not sure about the ending.",
])  # fmt: skip
FIX_NAME = Phrases("files.dev.fix-name", dev=[
    "Its name has to be {wrong}, so turn it into that.",
    "I want {wrong} as its name. Change that.",
    "Make {wrong} the name of it.",
])  # fmt: skip
LETTERS = Phrases("files.dev.letters", dev=[
    "And its length in characters?",
    "Give me its number of characters too.",
    "What is the count of characters in it?",
])  # fmt: skip
SHELF = Phrases("files.dev.shelf", dev=[
    "I start with a folder {outer}, and a folder {inner} inside it. Make these.",
    "Make a folder {outer} that has a folder {inner} inside.",
    "There has to be a folder {outer} with one more folder {inner} inside it. Make both.",
])  # fmt: skip
SHELF_FILES = Phrases("files.dev.shelf-files", dev=[
    "I need an empty file {one} in {outer}, and another one, {two}, in {inner}.",
    "Next, {outer} needs an empty file {one}, and {inner} inside it needs an empty file {two}.",
    "Put two empty files there: {one} into {outer} and {two} into {inner}.",
])  # fmt: skip
LONGEST = Phrases("files.dev.longest", dev=[
    "Of {one}, {two} and {three}, which has the most lines?",
    "Give me the one with the most lines of {one}, {two} and {three}.",
    "Check the number of lines of {one}, {two} and {three}. Which is the longest?",
])  # fmt: skip
NAME_NOTE = Phrases("files.dev.name-note", dev=[
    "Save the name of that one in a new file {new}.",
    "Write its name, just that, to a new file {new}.",
    "A new file {new} has to hold its name only.",
])  # fmt: skip
COPY_WHERE = Phrases("files.dev.copy-where", dev=[
    "I need one more copy of {file}.",
    "Duplicate {file} for me.",
    "There has to be a copy of {file}.",
])  # fmt: skip
COPY_NAME = Phrases("files.dev.copy-name", dev=[
    "The copy is {new}.",
    "Take {new} for it.",
    "Its name: {new}.",
])  # fmt: skip


@family(domain="files", tier="easy", role="dev")
def last_line_of_renamed(s: Script) -> None:
    """Rename a file and tell its last line."""
    old, new = s.words.file(), s.words.file()
    begin(s, shuffled(s, {old: text(s, 2, 4), s.words.file(): text(s, 1, 2)}))
    s.turn(s.please(s.phrase(LAST_LINE, old=old, new=new)))
    s.call("mv", source=old, destination=new)
    line = s.call("tail", file_name=new, lines=1)["last_lines"]
    s.end(f"The last line is: {line}", tell=[line])


@family(domain="files", tier="moderate", role="dev")
def rename_inside(s: Script) -> None:
    """Rename a file in a folder and list the folder."""
    folder, old, new = s.words.name(), s.words.file(), s.words.file()
    begin(s, shuffled(s, {folder: {old: text(s, 1, 1), s.words.file(): text(s, 1, 1)}, s.words.file(): text(s, 1, 1)}))
    s.turn(s.phrase(RENAME_INSIDE, folder=folder, old=old, new=new))
    s.call("cd", folder=folder)
    s.call("mv", source=old, destination=new)
    names = s.call("ls")["current_directory_content"]
    s.end(f"There are {' and '.join(names)}.", tell=names)


@family(domain="files", tier="moderate", role="dev")
def top_line_saved(s: Script) -> None:
    """Sort a file, write the first line to a new one and delete it."""
    file, new = s.words.file(), s.words.file()
    begin(s, shuffled(s, {file: text(s, 3, 4), s.words.name(): {}}))
    s.turn(s.please(s.phrase(TOP_LINE, file=file, new=new)))
    line = s.call("sort", file_name=file)["sorted_content"].split("\n")[0]
    s.call("touch", file_name=new)
    s.call("echo", content=line, file_name=new, derived=["content"])
    s.call("rm", file_name=file)
    s.end(done(s))


@family(domain="files", tier="hard", role="dev")
def wrong_ending(s: Script) -> None:
    """A file has another extension than the user thinks: read it, rename it, count its characters."""
    stem = s.words.name()
    wrong, right = (f"{stem}.{extension}" for extension in s.rng.sample(("txt", "md", "log", "dat"), 2))
    begin(s, shuffled(s, {right: text(s, 1, 1), s.words.file(): text(s, 1, 1), s.words.name(): {}}))
    s.turn(s.phrase(SHOW_UNSURE, wrong=wrong))
    s.call("cat", file_name=wrong, fails=True)
    s.call("ls")
    content = s.call("cat", file_name=right, derived=["file_name"])["file_content"]
    s.end(f"It is {right}. It says: {content}", tell=[content])
    s.turn(s.phrase(FIX_NAME, wrong=wrong))
    s.call("mv", source=right, destination=wrong, derived=["source"])
    s.end(done(s))
    s.turn(s.phrase(LETTERS))
    count = s.call("wc", file_name=wrong, mode="c")["count"]
    s.end(f"It has {count} characters.", tell=[count])


@family(domain="files", tier="hard", role="dev")
def build_a_shelf(s: Script) -> None:
    """Build a folder in a folder, with an empty file in each."""
    outer, inner, one, two = s.words.name(), s.words.name(), s.words.file(), s.words.file()
    begin(s, shuffled(s, {s.words.file(): text(s, 1, 1)}))
    s.turn(s.phrase(SHELF, outer=outer, inner=inner))
    s.call("mkdir", dir_name=outer)
    s.call("cd", folder=outer)
    s.call("mkdir", dir_name=inner)
    s.end(done(s))
    s.turn(s.phrase(SHELF_FILES, outer=outer, inner=inner, one=one, two=two))
    s.call("touch", file_name=one)
    s.call("cd", folder=inner)
    s.call("touch", file_name=two)
    s.end(done(s))


@family(domain="files", tier="hard", role="dev")
def longest_of_three(s: Script) -> None:
    """Count the lines of three files, tell the longest and write its name to a new file."""
    files, new = [s.words.file() for _ in range(3)], s.words.file("txt")
    sizes = s.rng.sample((1, 2, 3, 4), 3)
    begin(s, shuffled(s, {file: text(s, size, size) for file, size in zip(files, sizes, strict=True)}))
    s.turn(s.phrase(LONGEST, one=files[0], two=files[1], three=files[2]))
    counts = {file: s.call("wc", file_name=file)["count"] for file in files}
    longest = max(counts, key=lambda file: counts[file])
    s.end(f"The longest is {longest}.", tell=[longest])
    s.turn(s.phrase(NAME_NOTE, new=new))
    s.call("touch", file_name=new)
    s.call("echo", content=longest, file_name=new, derived=["content"])
    s.end(done(s))


@family(domain="files", tier="easy", role="dev", abstain=True)
def no_copy_name(s: Script) -> None:
    """A copy is wanted, but not said under which name."""
    file, new = s.words.file(), s.words.file()
    begin(s, shuffled(s, {file: text(s, 1, 2), s.words.file(): text(s, 1, 1)}))
    s.turn(s.phrase(COPY_WHERE, file=file))
    s.end("What should the name of the copy be?", asks=True)
    s.turn(s.phrase(COPY_NAME, new=new))
    s.call("cp", source=file, destination=new)
    s.end(done(s))
