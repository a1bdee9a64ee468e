"""Held-out file families about a folder or a tree as a whole: an index, counts, limits, what is everywhere."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, plain_file, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- moderate ---

PER_FOLDER = Phrases("files.heldout.per-folder", gate=[
    "How many files are in {one} and in {two}? Note it in a new file {new} here, a line each, {one} first: {one}=5.",
    "Count the files in {one} and in {two}. A new file {new} here should have a line like {one}=5, then one for {two}.",
    "Make a new file {new} that says how many files {one} has, as in {one}=5, and on the next line the same of {two}.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def count_per_folder(s: Script) -> None:
    """The numbers of files of two folders are noted, one a line."""
    folders, new = [s.words.word() for _ in range(2)], s.words.file("txt")
    counts = [s.rng.randint(1, 4) for _ in folders]
    trees = [{s.words.file(): s.words.line() for _ in range(count)} for count in counts]
    begin(s, shuffled(s, {**dict(zip(folders, trees, strict=True)), s.words.file(): text(s, 1, 1)}))
    s.turn(s.phrase(PER_FOLDER, one=folders[0], two=folders[1], new=new))
    s.call("find")
    s.call("touch", file_name=new)
    lines = "\n".join(f"{folder}={count}" for folder, count in zip(folders, counts, strict=True))
    s.call("echo", content=lines, file_name=new, derived=["content"])
    s.end(done(s))


HOW_MANY = Phrases("files.heldout.how-many", gate=[
    "How many {dot} files do I have, here and in all folders below?",
    "Count all files with the ending {dot} in this folder and the folders inside it. How many are there?",
    "What is the number of {dot} files in this whole tree?",
])  # fmt: skip
KEEP_COUNT = Phrases("files.heldout.keep-count", gate=[
    "Make a new file here that has this number for its name, and the ending .txt, with the text \"{line}\".",
    "Let there be a new file here with the number as its name, plus .txt. Its text: \"{line}\".",
    "I want a new txt file here, called by that number, which says \"{line}\".",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def count_over_the_tree(s: Script) -> None:
    """Files of one ending are counted over all folders; the count names a new file."""
    ending, other = s.rng.sample(("log", "csv", "json", "html", "dat"), 2)
    one, two, inner, count = s.words.name(), s.words.name(), s.words.name(), s.rng.randint(3, 6)
    places: list[dict[str, object]] = [{}, {}, {}, {}]
    for _ in range(count):
        s.rng.choice(places)[s.words.file(ending)] = s.words.line()
    for place in places[1:]:
        place[s.words.file(other)] = s.words.line()
    root, first, second, deep = places
    begin(s, shuffled(s, {**root, one: first, two: {**second, inner: deep}}))
    s.turn(s.phrase(HOW_MANY, dot=f".{ending}"))
    s.call("find", name=f".{ending}")
    s.end(f"There are {count}.", tell=[count])
    line = s.words.line()
    s.turn(s.phrase(KEEP_COUNT, line=line))
    s.call("touch", file_name=f"{count}.txt", derived=["file_name"])
    s.call("echo", content=line, file_name=f"{count}.txt", derived=["file_name"])
    s.end(done(s))


# --- hard ---

INDEX = Phrases("files.heldout.index", gate=[
    'Write an index of the files here to a new file {new}: a line each, with its number of lines, like "name.txt: 3".',
    'Make a new file {new} that lists every file here with its number of lines, one a line, in the form "name.txt: 3".',
    'I need an index {new}, a new file. For each file here now it has a line like "name.txt: 3": its number of lines.',
])  # fmt: skip
INDEX_ORDER = Phrases("files.heldout.index-order", gate=[
    "The names stand in alphabetical order, and {new} itself is not among them.",
    "Order it by the alphabet. Leave {new} itself out.",
    "Sort the index by name; {new} does not list itself.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def index_of_the_folder(s: Script) -> None:
    """A new file lists every other with the number of its lines."""
    new, files = plain_file(s, "txt"), sorted(plain_file(s) for _ in range(s.rng.choice((3, 4))))
    if any(file.startswith("name.") for file in files):
        raise Redraw
    begin(s, shuffled(s, {file: text(s, 1, 4) for file in files}))
    s.turn(f"{s.phrase(INDEX, new=new)} {s.phrase(INDEX_ORDER, new=new)}")
    s.call("ls")
    counts = {file: s.call("wc", file_name=file, derived=["file_name"])["count"] for file in files}
    s.call("touch", file_name=new)
    s.call("echo", content="\n".join(f"{a}: {n}" for a, n in counts.items()), file_name=new, derived=["content"])
    s.end(done(s))


EVERYWHERE = Phrases("files.heldout.everywhere", gate=[
    "[Each|Every] folder here must have a {file}. Where there is none yet, make an empty one.",
    "Some of the folders here have a {file}, some do not. Those that do not should get an empty one.",
    "Look which folders here have no {file}, and give them one with nothing in it.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def in_every_folder(s: Script) -> None:
    """Folders that lack a file which all should have get one."""
    file, folders = s.rng.choice(("readme.md", "about.txt", "index.html")), [s.words.name() for _ in range(4)]
    lacking = set(s.rng.sample(folders, 2))
    held = {folder: {} if folder in lacking else {file: s.words.line()} for folder in folders}
    tree = {folder: shuffled(s, {s.words.file(): s.words.line(), **own}) for folder, own in held.items()}
    begin(s, shuffled(s, {**tree}))
    s.turn(s.phrase(EVERYWHERE, file=file))
    s.call("find")
    for number, folder in enumerate(folder for folder in folders if folder in lacking):
        if number:
            s.call("cd", folder="..")
        s.call("cd", folder=folder, derived=["folder"])
        s.call("touch", file_name=file)
    s.end(f"{listed(sorted(lacking))} had none.")


LIMIT = Phrases("files.heldout.limit", gate=[
    "This folder may take {n} bytes at most. Delete the largest file, then the next largest, until it is small enough.",
    "I have space for {n} bytes here. As long as this folder takes more, its largest file has to be deleted.",
    "Make this folder fit into {n} bytes: always delete the largest file that is left, and no more than needed.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def under_the_limit(s: Script) -> None:
    """The largest files go, one by one, until a folder is small enough."""
    files = {s.words.file(): text(s, size, size) for size in s.rng.sample((1, 2, 3, 4), s.rng.choice((3, 4)))}
    order = sorted(files, key=lambda file: len(files[file]), reverse=True)
    sizes, gone = [len(files[file]) for file in order], s.rng.choice((1, 2))
    left = sum(sizes[gone:])
    if len(set(sizes)) < len(sizes):
        raise Redraw
    limit = left + s.rng.randint(0, sizes[gone - 1] - 1)
    begin(s, shuffled(s, {**files}))
    s.turn(s.phrase(LIMIT, n=limit))
    s.call("du")
    for name in s.call("ls")["current_directory_content"]:
        s.call("wc", file_name=name, mode="c", derived=["file_name"])
    for name in order[:gone]:
        s.call("rm", file_name=name, derived=["file_name"])
    s.end(f"I deleted {listed(order[:gone])}; the folder takes {left} bytes now.")


# --- very hard ---

WHAT_IS_INSIDE = Phrases("files.heldout.what-is-inside", gate=[
    "In the folder {outer} there is a folder {inner}. Which files are in it, and what does each say?",
    "Open {inner}, which is inside {outer}, and read all files in it to me, with their names.",
    "Tell me the names and texts of the files in {inner}; this folder lies in {outer}.",
])  # fmt: skip
ONE_UP = Phrases("files.heldout.one-up", gate=[
    "{inner} is one folder too many. I want these files in {outer} itself, and {inner} gone.",
    "Get rid of the folder {inner}, but its files have to be kept: they should be right in {outer}, with their texts.",
    "All of that should be one level higher, directly in {outer}. {inner} is to be deleted then.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def one_folder_too_many(s: Script) -> None:
    """The files of an inner folder come into the outer one, for which no tool moves upwards; the inner one goes."""
    outer, inner = s.words.name(), s.words.name()
    inside = {s.words.file(): text(s, 1, 2) for _ in range(2)}
    begin(s, shuffled(s, {outer: shuffled(s, {inner: inside, s.words.file(): text(s, 1, 1)}), s.words.name(): {}}))
    s.turn(s.phrase(WHAT_IS_INSIDE, outer=outer, inner=inner))
    s.call("cd", folder=outer)
    s.call("cd", folder=inner)
    names = s.call("ls")["current_directory_content"]
    texts = {name: s.call("cat", file_name=name, derived=["file_name"])["file_content"] for name in names}
    told = [line for content in texts.values() for line in content.split("\n")]
    s.end("\n".join(f"{name} says: {content}" for name, content in texts.items()), tell=[*names, *told])
    s.turn(s.phrase(ONE_UP, outer=outer, inner=inner))
    s.call("cd", folder="..")
    for name, content in texts.items():
        s.call("touch", file_name=name, derived=["file_name"])
        s.call("echo", content=content, file_name=name, derived=["content", "file_name"])
    s.call("rm", file_name=inner)
    s.end(done(s))
