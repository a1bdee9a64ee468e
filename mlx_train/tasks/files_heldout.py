"""File families that no training data is made of: the held-out gate suite and its part of the abstain suite."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, shuffled, text
from mlx_train.tasks.phrases import Phrases

# Clauses: each begins with a verb, so that they can be joined.
COPY_INTO = Phrases("files.heldout.copy-into", gate=[
    "let the folder {folder} have a copy of {item} too",
    "place a second copy of {item} inside the folder {folder}",
    "copy {item} over to the {folder} folder",
])  # fmt: skip
COPY_AS = Phrases("files.heldout.copy-as", gate=[
    "make a second copy of {item} under the name {new}",
    "copy {item}, and let the copy be called {new}",
    "keep a copy of {item} with the name {new}",
])  # fmt: skip
MOVE_INTO = Phrases("files.heldout.move-into", gate=[
    "take {item} and move it inside the folder {folder}",
    "put {item} away in the folder {folder}",
    "move {item} over to the {folder} directory",
])  # fmt: skip
RENAME = Phrases("files.heldout.rename", gate=[
    "find a new name for {old}: it should be {new}",
    "change the name of {old} so that it is called {new}",
    "let {old} be named {new} from now on",
])  # fmt: skip
MAKE_FOLDER = Phrases("files.heldout.make-folder", gate=[
    "set up a new directory with the name {folder}",
    "make another folder here and call it {folder}",
    "start a new folder called {folder}",
])  # fmt: skip
MAKE_FILE = Phrases("files.heldout.make-file", gate=[
    "start a new empty file and call it {file}",
    "make a file without any content under the name {file}",
    "set up an empty file with the name {file}",
])  # fmt: skip
WRITE = Phrases("files.heldout.write", gate=[
    'let {file} have the line "{text}"',
    'write this line into {file}: "{text}"',
    'fill {file} with this text: "{text}"',
])  # fmt: skip
REPLACE = Phrases("files.heldout.replace", gate=[
    'replace all that is in {file} with "{text}"',
    'write over the old text of {file}; the new text is "{text}"',
    'change the whole content of {file} to "{text}"',
])  # fmt: skip
REMOVE = Phrases("files.heldout.remove", gate=[
    "delete the file {file} for good",
    "remove {file}, as I do not need it now",
    "get rid of the file {file} here",
])  # fmt: skip
ENTER = Phrases("files.heldout.enter", gate=[
    "step into the folder {folder}",
    "change over to the {folder} directory",
    "go down into the folder {folder}",
])  # fmt: skip
UP = Phrases("files.heldout.up", gate=[
    "go up to the folder above",
    "come back up by one folder",
    "return from here to the parent folder",
])  # fmt: skip
TOP = Phrases("files.heldout.top", gate=[
    "return to the root of everything",
    "come back all the way to the root folder",
    "go right back to the root directory",
])  # fmt: skip
COUNT = Phrases("files.heldout.count", gate=[
    "tell me the number of {unit} that {file} has",
    "find out for me how many {unit} there are in {file}",
    "say how many {unit} you count in {file}",
])  # fmt: skip
LAST_LINE = Phrases("files.heldout.last-line", gate=[
    "tell me only the last line of {file}",
    "read me the line at the end of {file}",
    "tell me with which line {file} ends",
])  # fmt: skip


# --- easy ---

FIRST_SORTED = Phrases("files.heldout.first-sorted", gate=[
    "tell me which line of {file} is the first one in alphabetical order, and delete the file after that",
    "sort the lines of {file}, tell me which one comes out on top, and get rid of {file}",
    "look at the lines of {file} in sorted order, read me the first, and remove the file",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def first_in_order(s: Script) -> None:
    """Sort a file, tell the first of the sorted lines and delete the file."""
    file = s.words.file()
    begin(s, shuffled(s, {file: text(s, 3, 4), s.words.file(): text(s, 1, 2)}))
    s.turn(s.please(s.phrase(FIRST_SORTED, file=file)))
    line = s.call("sort", file_name=file)["sorted_content"].split("\n")[0]
    s.call("rm", file_name=file)
    s.end(f"The first line is: {line}", tell=[line])


SPACE = Phrases("files.heldout.space", gate=[
    "get rid of {file} and tell me how many bytes this folder takes without it",
    "delete {file} and find out the size of this folder in bytes after that",
    "remove {file} and say how much space all the other files here use, in bytes",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def size_without_it(s: Script) -> None:
    """Delete a file and tell how much space the rest takes."""
    file = s.words.file()
    begin(s, shuffled(s, {file: text(s, 1, 2), s.words.file(): text(s, 1, 2), s.words.file(): text(s, 1, 2)}))
    s.turn(s.please(s.phrase(SPACE, file=file)))
    s.call("rm", file_name=file)
    size = s.call("du")["disk_usage"]
    s.end(f"It takes {size}.", tell=[size.split()[0]])


# --- moderate ---

FEWER_WORDS = Phrases("files.heldout.fewer-words", gate=[
    "count the words of {one} and of {two}, delete the file with fewer words and tell me which one it was",
    "find out which of {one} and {two} has fewer words, remove that file and tell me its name",
    "compare how many words {one} and {two} have, delete the file with the smaller number and name it",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def shorter_one_goes(s: Script) -> None:
    """Count the words of two files and delete the one with fewer."""
    one, two = s.words.file(), s.words.file()
    begin(s, shuffled(s, {one: text(s, 1, 3), two: text(s, 1, 3), s.words.file(): text(s, 1, 2)}))
    s.turn(s.please(s.phrase(FEWER_WORDS, one=one, two=two)))
    counts = {file: s.call("wc", file_name=file, mode="w")["count"] for file in (one, two)}
    if counts[one] == counts[two]:
        raise Redraw
    loser = min(counts, key=lambda file: counts[file])
    s.call("rm", file_name=loser, derived=["file_name"])
    s.end(f"I deleted {loser}.", tell=[loser])


REMOVE_IF_EMPTY = Phrases("files.heldout.remove-if-empty", gate=[
    "remove the folder {folder}, but only if it is empty. If it is not, keep it and tell me what is inside",
    "take away the folder {folder} if there is nothing in it. If there is, leave it and name what it holds",
    "get rid of the folder {folder} in case it is empty. If it is not empty, let it be and list what it has",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def keep_it_if_full(s: Script) -> None:
    """Try to remove a folder as if empty; it is not, so tell what it holds."""
    folder = s.words.name()
    inside = {s.words.file(): text(s, 1, 2), s.words.file(): text(s, 1, 2)}
    begin(s, shuffled(s, {folder: inside, s.words.name(): {}, s.words.file(): text(s, 1, 2)}))
    s.forbid = ["rm"]
    s.turn(s.please(s.phrase(REMOVE_IF_EMPTY, folder=folder)))
    s.call("rmdir", dir_name=folder, fails=True)
    s.call("cd", folder=folder)
    names = s.call("ls")["current_directory_content"]
    s.end(f"It is not empty. It has {listed(names)}.", tell=names)


TRADE = Phrases("files.heldout.trade", gate=[
    "Now {two} can have the name {one}, and {other} gets the name {two}.",
    "{two} is to be called {one} now, and {two} is what {other} is to be called.",
    "Good. The new name of {two} is {one}, and after that the new name of {other} is {two}.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def trade_names(s: Script) -> None:
    """Two files change names by way of a third name."""
    one, two, other = s.words.file(), s.words.file(), s.words.file()
    begin(s, shuffled(s, {one: text(s, 1, 2), two: text(s, 1, 2)}))
    s.turn(s.please(s.phrase(RENAME, old=one, new=other)))
    s.call("mv", source=one, destination=other)
    s.end(done(s))
    s.turn(s.phrase(TRADE, one=one, two=two, other=other))
    s.call("mv", source=two, destination=one)
    s.call("mv", source=other, destination=two)
    s.end(done(s))


DIFFERENCE = Phrases("files.heldout.difference", gate=[
    "compare {one} with {two}, and save the differences in the folder {folder}, in a new file called {new}",
    "find the differences between {one} and {two} and write them to a new file {new} inside the folder {folder}",
    "check {one} against {two}, and keep the differences in a new file {new} down in the folder {folder}",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def save_the_difference(s: Script) -> None:
    """Compare two files and write the result to a new one in a folder."""
    one, two, folder, new = s.words.file(), s.words.file(), s.words.name(), s.words.file()
    lines = text(s, 2, 3).split("\n")
    changed = list(lines)
    changed[s.rng.randrange(len(lines))] = s.words.line()
    if changed == lines:
        raise Redraw
    begin(s, shuffled(s, {one: "\n".join(lines), two: "\n".join(changed), folder: {}}))
    s.turn(s.please(s.phrase(DIFFERENCE, one=one, two=two, folder=folder, new=new)))
    difference = s.call("diff", file_name1=one, file_name2=two)["diff_lines"]
    s.call("cd", folder=folder)
    s.call("touch", file_name=new)
    s.call("echo", content=difference, file_name=new, derived=["content"])
    s.end(done(s))


PATH_NOTE = Phrases("files.heldout.path-note", gate=[
    "You are in {folder}. Go up by one folder, tell me the full path there and save it in a new file {file}.",
    "We are inside {folder}. What is the full path of the folder above? Write it to a new file {file} up there.",
    "I left you in {folder}. Go to the folder above, tell me the full path and put it into a new file {file} there.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def note_the_path(s: Script) -> None:
    """From inside a folder go up, and write the full path of where that is to a new file."""
    outer, folder, file = s.words.name(), s.words.name(), s.words.file()
    begin(s, {outer: {folder: {s.words.file(): text(s, 1, 2)}}, s.words.file(): text(s, 1, 2)}, outer, folder)
    s.turn(s.phrase(PATH_NOTE, folder=folder, file=file))
    s.call("cd", folder="..")
    path = s.call("pwd")["current_working_directory"]
    s.call("touch", file_name=file)
    s.call("echo", content=path, file_name=file, derived=["content"])
    s.end(f"The path is {path}", tell=[path])


# --- hard ---

LIST_HIDDEN = Phrases("files.heldout.list-hidden", gate=[
    "name everything that is here, and do not leave out the hidden files",
    "tell me all names in this folder, hidden ones too",
    "say what is in this folder with all hidden files",
])  # fmt: skip
HIDDEN_RENAME = Phrases("files.heldout.hidden-rename", gate=[
    "The hidden file should get the name {new}. Then put it away in the folder {folder}.",
    "Give the hidden file the name {new}, and after that move it inside the folder {folder}.",
    "Let the hidden file be called {new} and then take it over to the {folder} folder.",
])  # fmt: skip
COUNT_THERE = Phrases("files.heldout.count-there", gate=[
    "And how many lines does the file have? Step into {folder} and count them.",
    "Now go down into {folder} and tell me how many lines the file has.",
    "Look inside {folder}: what is the number of lines of this file?",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def out_of_hiding(s: Script) -> None:
    """Find a hidden file, give it a plain name and a place, count its lines."""
    folder, new = s.words.name(), s.words.file()
    begin(s, shuffled(s, {f".{s.words.word()}": text(s, 2, 4), folder: {}, s.words.file(): text(s, 1, 2)}))
    s.turn(s.please(s.phrase(LIST_HIDDEN)))
    names = s.call("ls", a=True)["current_directory_content"]
    s.end(f"There are {listed(names)}.", tell=[name.lstrip(".") for name in names])
    s.turn(s.phrase(HIDDEN_RENAME, new=new, folder=folder))
    hidden = next(name for name in names if name.startswith("."))
    s.call("mv", source=hidden, destination=new, derived=["source"])
    s.call("mv", source=new, destination=folder)
    s.end(done(s))
    s.turn(s.phrase(COUNT_THERE, folder=folder))
    s.call("cd", folder=folder)
    count = s.call("wc", file_name=new)["count"]
    s.end(f"It has {count} lines.", tell=[count])


@family(domain="files", tier="hard", role="gate")
def it_was_there_already(s: Script) -> None:
    """The folder to be made exists; copy into it all the same, add a file there, delete the first one."""
    folder, file, new = s.words.name(), s.words.file(), s.words.file()
    begin(s, shuffled(s, {folder: {s.words.file(): text(s, 1, 2)}, file: text(s, 1, 2)}))
    s.turn(s.please(s.phrase(MAKE_FOLDER, folder=folder), s.phrase(COPY_INTO, item=file, folder=folder)))
    s.call("mkdir", dir_name=folder, fails=True)
    s.call("cp", source=file, destination=folder)
    s.end(f"The folder {folder} was there already. I copied {file} into it.")
    s.turn(s.please(s.phrase(ENTER, folder=folder), s.phrase(MAKE_FILE, file=new)))
    s.call("cd", folder=folder)
    s.call("touch", file_name=new)
    s.end(done(s))
    line = s.words.line()
    s.turn(s.please(s.phrase(WRITE, file=new, text=line)))
    s.call("echo", content=line, file_name=new)
    s.end(done(s))
    s.turn(s.please(s.phrase(UP), s.phrase(REMOVE, file=file)))
    s.call("cd", folder="..")
    s.call("rm", file_name=file)
    s.end(done(s))


JOIN = Phrases("files.heldout.join", gate=[
    "make a new file {new} with all lines of {one} and below them all lines of {two}",
    "write {one} and {two} into one new file {new}: the lines of {one} first, below them the lines of {two}",
    "make one new file {new} that has the text of {one} at the start and the text of {two} on the lines after it",
])  # fmt: skip
BOTH_AWAY = Phrases("files.heldout.both-away", gate=[
    "The two old files are not needed now. Please delete both.",
    "Good. You can delete both old files and keep only the new one.",
    "Now get rid of the two files that it was made of.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def one_out_of_two(s: Script) -> None:
    """Two files become one, and then go away."""
    one, two, new = s.words.file(), s.words.file(), s.words.file()
    begin(s, shuffled(s, {one: text(s, 1, 2), two: text(s, 1, 2), s.words.name(): {}}))
    s.turn(s.please(s.phrase(JOIN, one=one, two=two, new=new)))
    first = s.call("cat", file_name=one)["file_content"]
    second = s.call("cat", file_name=two)["file_content"]
    s.call("touch", file_name=new)
    s.call("echo", content=f"{first}\n{second}", file_name=new, derived=["content"])
    s.end(done(s))
    s.turn(s.phrase(BOTH_AWAY))
    s.call("rm", file_name=one)
    s.call("rm", file_name=two)
    s.end(done(s))


SOMEWHERE = Phrases("files.heldout.somewhere", gate=[
    "I cannot find the file {file}. It is somewhere in these folders. What does it say?",
    "Somewhere in the folders below there is a file {file}. Please find it and read it to me.",
    "What is written in {file}? I do not know in which folder it is.",
])  # fmt: skip
SAME_TEXT = Phrases("files.heldout.same-text", gate=[
    "Put the same text into a new file {new} in the root directory.",
    "I want the same text in the root directory too, in a new file called {new}.",
    "Come back to the root directory and make a file {new} there with the same text.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def lost_and_found(s: Script) -> None:
    """Find a file in folders below, tell its text and write the same text at the root."""
    outer, inner, file, new = s.words.name(), s.words.name(), s.words.file(), s.words.file()
    deep = {inner: {file: text(s, 1, 1)}, s.words.file(): text(s, 1, 1)}
    begin(s, shuffled(s, {outer: deep, s.words.name(): {s.words.file(): text(s, 1, 1)}}))
    s.turn(s.phrase(SOMEWHERE, file=file))
    matches = s.call("find", name=file)["matches"]
    if len(matches) != 1:
        raise Redraw
    s.call("cd", folder=outer, derived=["folder"])
    s.call("cd", folder=inner, derived=["folder"])
    content = s.call("cat", file_name=file)["file_content"]
    s.end(f"It says: {content}", tell=[content])
    s.turn(s.phrase(SAME_TEXT, new=new))
    s.call("cd", folder="/")
    s.call("touch", file_name=new)
    s.call("echo", content=content, file_name=new, derived=["content"])
    s.end(done(s))


BIGGER = Phrases("files.heldout.bigger", gate=[
    "Which of the folders {one} and {two} takes more space?",
    "Is {one} or {two} the bigger folder? I mean the space that they take.",
    "I have two folders, {one} and {two}. Tell me which one is bigger in bytes.",
])  # fmt: skip
RENAME_BIGGER = Phrases("files.heldout.rename-bigger", gate=[
    "Then the bigger folder should be called {new}.",
    "Good. Give the bigger folder the new name {new}.",
    "Now let the folder that takes more space be named {new}.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def bigger_of_two_folders(s: Script) -> None:
    """Measure two folders from inside, tell the bigger one and rename it."""
    one, two, new = s.words.name(), s.words.name(), s.words.name()
    sizes = [(1, 1), (3, 4)]
    s.rng.shuffle(sizes)
    begin(s, shuffled(s, {one: {s.words.file(): text(s, *sizes[0])}, two: {s.words.file(): text(s, *sizes[1])}}))
    s.turn(s.phrase(BIGGER, one=one, two=two))
    s.call("cd", folder=one)
    first = s.call("du")["disk_usage"]
    s.call("cd", folder="..")
    s.call("cd", folder=two)
    second = s.call("du")["disk_usage"]
    if first == second:
        raise Redraw
    bigger = one if int(first.split()[0]) > int(second.split()[0]) else two
    s.end(f"The bigger one is {bigger}.", tell=[bigger])
    s.turn(s.phrase(RENAME_BIGGER, new=new))
    s.call("cd", folder="..")
    s.call("mv", source=bigger, destination=new, derived=["source"])
    s.end(done(s))


WHO_HAS = Phrases("files.heldout.who-has", gate=[
    'Look into {one}, {two} and {three}. Which one has the word "{word}"?',
    'The word "{word}" is in {one}, in {two} or in {three}. In which one?',
    'Which of the files {one}, {two} and {three} has the word "{word}" in it?',
])  # fmt: skip
PUT_AWAY_AND_RENAME = Phrases("files.heldout.put-away-and-rename", gate=[
    "Take this file and move it inside the folder {folder}. After that, the folder should be called {new}.",
    "Put that file away in the folder {folder}, and then change the name of the folder to {new}.",
    "This file has its place in the folder {folder}: move it there. Then let the folder be named {new}.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def which_one_has_it(s: Script) -> None:
    """Look for a word in three files, put the file that has it away and rename its folder."""
    files = [s.words.file() for _ in range(3)]
    folder, new, word = s.words.name(), s.words.name(), s.words.word()
    texts = [text(s, 1, 2) for _ in files]
    if any(word in content for content in texts):
        raise Redraw
    holder = s.rng.randrange(3)
    texts[holder] += f"\n{s.words.line()} {word}"
    begin(s, shuffled(s, {**dict(zip(files, texts, strict=True)), folder: {}}))
    s.turn(s.phrase(WHO_HAS, one=files[0], two=files[1], three=files[2], word=word))
    for file in files:
        s.call("grep", file_name=file, pattern=word)
    s.end(f"It is in {files[holder]}.", tell=[files[holder]])
    s.turn(s.phrase(PUT_AWAY_AND_RENAME, folder=folder, new=new))
    s.call("mv", source=files[holder], destination=folder, derived=["source"])
    s.call("mv", source=folder, destination=new)
    s.end(done(s))


TAKE_BACK = Phrases("files.heldout.take-back", gate=[
    "I was wrong about that. Delete {file}, and then let the copy {copy} get the name {file}.",
    "No, I want the old text back. Get rid of {file}, then change the name of {copy} to {file}.",
    "That was not good. Delete {file}; after that, {copy} should be named {file}.",
])  # fmt: skip
WHAT_NOW = Phrases("files.heldout.what-now", gate=[
    "And what does {file} say now?",
    "To be sure: what is the text of {file} now?",
    "Read me {file} as it is now, to be sure.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def change_of_mind(s: Script) -> None:
    """Keep a copy, write over the file, then bring the old text back."""
    file, copy, line = s.words.file(), s.words.file(), s.words.line()
    begin(s, shuffled(s, {file: text(s, 1, 1), s.words.file(): text(s, 1, 2)}))
    s.turn(s.please(s.phrase(COPY_AS, item=file, new=copy)))
    s.call("cp", source=file, destination=copy)
    s.end(done(s))
    s.turn(s.please(s.phrase(REPLACE, file=file, text=line)))
    s.call("echo", content=line, file_name=file)
    s.end(done(s))
    s.turn(s.phrase(TAKE_BACK, file=file, copy=copy))
    s.call("rm", file_name=file)
    s.call("mv", source=copy, destination=file)
    s.end(done(s))
    s.turn(s.phrase(WHAT_NOW, file=file))
    content = s.call("cat", file_name=file)["file_content"]
    s.end(f"It says: {content}", tell=[content])


CARRY = Phrases("files.heldout.carry", gate=[
    "Now go over to the folder {folder} next to this one, and make a file {new} there with that line.",
    "I want that line in the folder {folder} as well, which is next to this one: in a new file {new}.",
    "Leave this folder and step into {folder} next to it. Start a file {new} there and put that line into it.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def carry_a_line(s: Script) -> None:
    """Read the last line of a file in one folder and write it to a new file in the folder beside it."""
    one, two, file, new = s.words.name(), s.words.name(), s.words.file(), s.words.file()
    begin(s, shuffled(s, {one: {file: text(s, 2, 4)}, two: {}, s.words.file(): text(s, 1, 1)}))
    s.turn(s.please(s.phrase(ENTER, folder=one), s.phrase(LAST_LINE, file=file)))
    s.call("cd", folder=one)
    line = s.call("tail", file_name=file, lines=1)["last_lines"]
    s.end(f"The last line is: {line}", tell=[line])
    s.turn(s.phrase(CARRY, folder=two, new=new))
    s.call("cd", folder="..")
    s.call("cd", folder=two)
    s.call("touch", file_name=new)
    s.call("echo", content=line, file_name=new, derived=["content"])
    s.end(done(s))


# --- very hard ---

NUMBER_NOTE = Phrases("files.heldout.number-note", gate=[
    "Keep this number for me: put it, and nothing else, into a new file {new} here.",
    "Start a new file {new} in this folder that holds only this number.",
    "I want to have the number in a new file {new} next to it, with no other text.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def move_into_two_folders(s: Script) -> None:
    """Move two files into two new folders, look at each there, and note a count."""
    one, two, note = s.words.name(), s.words.name(), s.words.file("txt")
    first, second = s.words.file(), s.words.file()
    begin(s, shuffled(s, {first: text(s, 1, 2), second: text(s, 2, 3), s.words.file(): text(s, 1, 1)}))
    s.turn(s.please(s.phrase(MAKE_FOLDER, folder=one), s.phrase(MAKE_FOLDER, folder=two)))
    s.call("mkdir", dir_name=one)
    s.call("mkdir", dir_name=two)
    s.end(done(s))
    s.turn(s.please(s.phrase(MOVE_INTO, item=first, folder=one), s.phrase(MOVE_INTO, item=second, folder=two)))
    s.call("mv", source=first, destination=one)
    s.call("mv", source=second, destination=two)
    s.end(done(s))
    s.turn(s.please(s.phrase(ENTER, folder=one), s.phrase(COUNT, unit="words", file=first)))
    s.call("cd", folder=one)
    count = s.call("wc", file_name=first, mode="w")["count"]
    s.end(f"It has {count} words.", tell=[count])
    s.turn(s.phrase(NUMBER_NOTE, new=note))
    s.call("touch", file_name=note)
    s.call("echo", content=str(count), file_name=note, derived=["content"])
    s.end(done(s))
    s.turn(s.please(s.phrase(UP), s.phrase(ENTER, folder=two), s.phrase(LAST_LINE, file=second)))
    s.call("cd", folder="..")
    s.call("cd", folder=two)
    line = s.call("tail", file_name=second, lines=1)["last_lines"]
    s.end(f"The last line is: {line}", tell=[line])


JUST_IF_EMPTY = Phrases("files.heldout.just-if-empty", gate=[
    "Should the folder {folder} be empty, take it away, but if it is not, leave it.",
    "Remove the folder {folder} only in case nothing is in it; else leave it.",
    "If there is nothing in the folder {folder}, take it away. Else leave it.",
])  # fmt: skip
WHAT_INSIDE = Phrases("files.heldout.what-inside", gate=[
    "So what is in it? Go down into it and tell me.",
    "Then step into it and name what it holds.",
    "Have a look inside it: which files are there?",
])  # fmt: skip
ALL_AWAY = Phrases("files.heldout.all-away", gate=[
    "I need none of these. Delete them all.",
    "All of these can go. Delete every one.",
    "Get rid of all files in it.",
])  # fmt: skip
FOLDER_AWAY = Phrases("files.heldout.folder-away", gate=[
    "Now it is empty. Come back up by one folder and remove it.",
    "Return to the parent folder and take the empty folder away too.",
    "The empty folder can go as well: go up to the folder above and remove it.",
])  # fmt: skip
WHERE_NOW = Phrases("files.heldout.where-now", gate=[
    "At which path are you now?",
    "Last thing: in which folder are we now? Give me the whole path.",
    "And what is the path of the folder that you are in?",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def spring_cleaning(s: Script) -> None:
    """A folder turns out not to be empty; look into it, empty it, remove it, and put a file into a new one."""
    folder, new, file = s.words.name(), s.words.name(), s.words.file()
    inside = {s.words.file(): text(s, 1, 1) for _ in range(s.rng.choice((2, 2, 3)))}
    begin(s, shuffled(s, {folder: inside, file: text(s, 1, 1)}))
    s.turn(s.phrase(JUST_IF_EMPTY, folder=folder))
    s.call("rmdir", dir_name=folder, fails=True)
    s.end("It is not empty. I left it as it is.")
    s.turn(s.phrase(WHAT_INSIDE))
    s.call("cd", folder=folder)
    names = s.call("ls")["current_directory_content"]
    s.end(f"There are {listed(names)}.", tell=names)
    s.turn(s.phrase(ALL_AWAY))
    for name in names:
        s.call("rm", file_name=name, derived=["file_name"])
    s.end(done(s))
    s.turn(s.phrase(FOLDER_AWAY))
    s.call("cd", folder="..")
    s.call("rmdir", dir_name=folder)
    s.end(done(s))
    s.turn(s.please(s.phrase(MAKE_FOLDER, folder=new), s.phrase(MOVE_INTO, item=file, folder=new)))
    s.call("mkdir", dir_name=new)
    s.call("mv", source=file, destination=new)
    s.end(done(s))
    s.turn(s.phrase(WHERE_NOW))
    path = s.call("pwd")["current_working_directory"]
    s.end(f"The path is {path}", tell=[path])


ALL_OF_A_KIND = Phrases("files.heldout.all-of-a-kind", gate=[
    'tell me every file in all folders with "{part}" in its name',
    'say which files have "{part}" in the name; look in every folder',
    'find out which names have "{part}" in them, in all folders',
])  # fmt: skip
COPY_FOLDER = Phrases("files.heldout.copy-folder", gate=[
    "make a second folder {new} that is just like {folder}",
    "copy the whole folder {folder} and let the second one be called {new}",
    "keep a copy of all of the folder {folder} under the name {new}",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def folder_twins(s: Script) -> None:
    """Fill a new folder, copy it whole, rename a file in the copy, and find the files of a kind in both."""
    folder, twin, old, new = s.words.name(), s.words.name(), s.words.file("log"), s.words.file("log")
    begin(s, shuffled(s, {s.words.file("txt"): text(s, 1, 1), s.words.name(): {}}))
    s.turn(s.please(s.phrase(MAKE_FOLDER, folder=folder), s.phrase(ENTER, folder=folder)))
    s.call("mkdir", dir_name=folder)
    s.call("cd", folder=folder)
    s.end(done(s))
    line = s.words.line()
    s.turn(s.please(s.phrase(MAKE_FILE, file=old), s.phrase(WRITE, file=old, text=line)))
    s.call("touch", file_name=old)
    s.call("echo", content=line, file_name=old)
    s.end(done(s))
    s.turn(s.please(s.phrase(UP), s.phrase(COPY_FOLDER, folder=folder, new=twin)))
    s.call("cd", folder="..")
    s.call("cp", source=folder, destination=twin)
    s.end(done(s))
    s.turn(s.please(s.phrase(ENTER, folder=twin), s.phrase(RENAME, old=old, new=new)))
    s.call("cd", folder=twin)
    s.call("mv", source=old, destination=new)
    s.end(done(s))
    s.turn(s.please(s.phrase(TOP), s.phrase(ALL_OF_A_KIND, part=".log")))
    s.call("cd", folder="/")
    matches = s.call("find", name=".log")["matches"]
    s.end(f"There are {listed(matches)}.", tell=[old, new])


# --- abstain ---

THANKS = Phrases("files.heldout.thanks", gate=[
    "Great, that was all for today. Thank you!",
    "That is just what I wanted, thank you very much.",
    "Perfect. Nothing else is to be done today, thanks.",
])  # fmt: skip
THANKS_AND = Phrases("files.heldout.thanks-and", gate=[
    "Great, thank you! Only {folder} still needs another name: {new}.",
    "That is just what I wanted, thank you very much. Now give {folder} the new name {new}, too.",
    "Perfect, thanks. I need one thing else, the name {new} for the folder {folder}.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate", abstain=True)
def thanks_at_the_end(s: Script) -> None:
    """One wish, then thanks."""
    folder, file = s.words.name(), s.words.file()
    begin(s, shuffled(s, {folder: {}, file: text(s, 1, 2)}))
    s.turn(s.please(s.phrase(MOVE_INTO, item=file, folder=folder)))
    s.call("mv", source=file, destination=folder)
    s.end(done(s))
    if s.twin:
        new = s.words.name()
        s.turn(s.phrase(THANKS_AND, folder=folder, new=new))
        s.call("mv", source=folder, destination=new)
        s.end(done(s))
    else:
        s.turn(s.phrase(THANKS))
        s.end("You are welcome.", quiet=True)


BEYOND = Phrases("files.heldout.beyond", gate=[
    "Please print {file} on paper in the office of {person}.",
    "Send {file} to {person} by e-mail, please.",
    "Call {person} on the phone about {file}.",
    "Put {file} on the web page of {person}.",
])  # fmt: skip
WITHIN_COPY = Phrases("files.heldout.within-copy", gate=[
    "Please copy {file} here, under the name {new}.",
    "Put a copy of {file} here that has the name {new}, please.",
    "I need {file} twice: the other one should be {new}.",
])  # fmt: skip
WITHIN_NAME = Phrases("files.heldout.within-name", gate=[
    "Please let {file} go by the name {new}.",
    "Put the name {new} on {file} instead of its old one, please.",
    "I want {file} to be {new} instead.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate", abstain=True)
def beyond_the_tools(s: Script) -> None:
    """A wish that no file tool can fulfil."""
    file = s.words.file()
    begin(s, shuffled(s, {file: text(s, 1, 2), s.words.name(): {}}))
    if s.twin:
        new = s.words.file()
        act, bank = s.rng.choice((("cp", WITHIN_COPY), ("mv", WITHIN_NAME)))
        s.turn(s.phrase(bank, file=file, new=new))
        s.call(act, source=file, destination=new)
        s.end(done(s))
    else:
        s.turn(s.phrase(BEYOND, file=file, person=s.words.person()))
        s.end("I cannot do that with my tools.", quiet=True)


NO_NEW_NAME = Phrases("files.heldout.no-new-name", gate=[
    "Please give {file} another name.",
    "The file {file} needs a new name.",
    "I do not like the name {file}. Please change it.",
])  # fmt: skip
NEW_NAME = Phrases("files.heldout.new-name", gate=[
    "Let it be {new}.",
    "{new} would be good.",
    "I would like {new}.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate", abstain=True)
def no_new_name(s: Script) -> None:
    """A file is to be renamed, but not yet known to what."""
    file, new = s.words.file(), s.words.file()
    begin(s, shuffled(s, {file: text(s, 1, 2), s.words.file(): text(s, 1, 1)}))
    s.turn(s.phrase(NO_NEW_NAME, file=file))
    s.end(f"What should the new name of {file} be?", asks=True)
    s.turn(s.phrase(NEW_NAME, new=new))
    s.call("mv", source=file, destination=new)
    s.end(done(s))


NO_FOLDER = Phrases("files.heldout.no-folder", gate=[
    "I want {file} in another folder. Please move it.",
    "{file} is in the wrong place. Can you move it to another folder?",
    "Please move {file} away from here, into a folder.",
])  # fmt: skip
THE_FOLDER = Phrases("files.heldout.the-folder", gate=[
    "Into {folder}, please.",
    "{folder} is the right one.",
    "I mean the folder {folder}.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate", abstain=True)
def no_place_given(s: Script) -> None:
    """A file is to be moved, but not said where; there are several folders."""
    file, one, two = s.words.file(), s.words.name(), s.words.name()
    begin(s, shuffled(s, {file: text(s, 1, 1), one: {}, two: {}}))
    s.turn(s.phrase(NO_FOLDER, file=file))
    s.end(f"To which folder should I move {file}?", asks=True)
    s.turn(s.phrase(THE_FOLDER, folder=one))
    s.call("mv", source=file, destination=one)
    s.end(done(s))


NOT_YET = Phrases("files.heldout.not-yet", gate=[
    "I may want to delete {file} later. Do nothing for now and wait for my word.",
    "Do not do anything yet: in a moment I will ask you to delete {file}.",
    "I may not need {file} any more. Please wait for me to say so.",
])  # fmt: skip
GO_AHEAD = Phrases("files.heldout.go-ahead", gate=[
    "Now is the time: delete it.",
    "You can delete it now.",
    "I am sure now, so it can be deleted.",
])  # fmt: skip
AT_ONCE = Phrases("files.heldout.at-once", gate=[
    "I may have wanted {file} later, but not any more. Delete it and do not wait for my word.",
    "Do this before anything else: delete {file}. You need not ask me again in a moment.",
    "{file} is of no use to me now. There is no need to wait for my word: delete it.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate", abstain=True)
def wait_for_my_word(s: Script) -> None:
    """Nothing may be done until the user says so."""
    file = s.words.file()
    begin(s, shuffled(s, {file: text(s, 1, 2), s.words.file(): text(s, 1, 1)}))
    if s.twin:
        s.turn(s.phrase(AT_ONCE, file=file))
    else:
        s.turn(s.phrase(NOT_YET, file=file))
        s.end("I will wait.", quiet=True)
        s.turn(s.phrase(GO_AHEAD))
    s.call("rm", file_name=file)
    s.end(done(s))
