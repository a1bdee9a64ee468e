"""Held-out file families about copies: backups, versions, what was thrown away and is wanted back."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- moderate ---

ROTATE = Phrases("files.heldout.rotate", gate=[
    "Rotate {log}: drop {log}.2, let {log}.1 become {log}.2 and {log} become {log}.1, and start an empty {log}.",
    "The log {log} is full. {log}.1 becomes the new {log}.2, {log} becomes {log}.1, and {log} begins again, empty.",
    "Shift my logs by one: the old {log}.2 goes, {log}.1 becomes {log}.2, {log} becomes {log}.1, {log} starts empty.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def rotate_logs(s: Script) -> None:
    """Logs move up by one number: the oldest goes, a new empty one begins."""
    log = s.words.file("log")
    begin(s, shuffled(s, {log: text(s, 2, 4), f"{log}.1": text(s, 2, 3), f"{log}.2": text(s, 1, 3)}))
    s.turn(s.phrase(ROTATE, log=log))
    s.call("rm", file_name=f"{log}.2")
    s.call("mv", source=f"{log}.1", destination=f"{log}.2")
    s.call("mv", source=log, destination=f"{log}.1")
    s.call("touch", file_name=log)
    s.end(done(s))


ONE_IS_ENOUGH = Phrases("files.heldout.one-is-enough", gate=[
    "There is a {file} in {folder} too. Delete that one if it has the same text; if not, give it the text of this one.",
    "If the {file} in {folder} says the same as the {file} here, delete it there; else bring its text up to date.",
    "{folder} has a {file} as well. Is it just like the one here? Then delete that one. If not, make its text equal.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def one_is_enough(s: Script) -> None:
    """A file of the same name in a folder goes if it has the same text, and is brought up to date if not."""
    file, folder, content = s.words.file(), s.words.name(), text(s, 1, 3)
    other = content if s.rng.random() < 0.5 else text(s, 1, 3)
    begin(s, shuffled(s, {file: content, folder: {file: other, s.words.file(): text(s, 1, 2)}}))
    s.turn(s.phrase(ONE_IS_ENOUGH, file=file, folder=folder))
    here = s.call("cat", file_name=file)["file_content"]
    s.call("cd", folder=folder)
    there = s.call("cat", file_name=file)["file_content"]
    if here == there:
        s.call("rm", file_name=file)
        s.end(f"They were the same, so I deleted the {file} in {folder}.")
    else:
        s.call("echo", content=here, file_name=file, derived=["content"])
        s.end(f"They were not the same. The {file} in {folder} is up to date now.")


ODD_ONE = Phrases("files.heldout.odd-one", gate=[
    "Two of {one}, {two} and {three} have the same text. Find the one that does not and move it into {folder}.",
    "{one}, {two} and {three} should be equal, but one of them is not like the other two. Put that one into {folder}.",
    "One of the files {one}, {two} and {three} is not a copy of the others. Its place is in {folder}; move it there.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def odd_one_out(s: Script) -> None:
    """Of three files that should be equal the one that is not is set aside."""
    files, folder, lines = [s.words.file() for _ in range(3)], s.words.name(), text(s, 2, 3).split("\n")
    changed = list(lines)
    changed[s.rng.randrange(len(lines))] = s.words.line()
    if changed == lines:
        raise Redraw
    odd = s.rng.choice(files)
    texts = {file: "\n".join(changed if file == odd else lines) for file in files}
    begin(s, shuffled(s, {**texts, folder: {}}))
    s.turn(s.phrase(ODD_ONE, one=files[0], two=files[1], three=files[2], folder=folder))
    s.call("diff", file_name1=files[0], file_name2=files[1])
    s.call("diff", file_name1=files[0], file_name2=files[2])
    s.call("mv", source=odd, destination=folder, derived=["source"])
    s.end(f"{odd} was not like the others. It is in {folder} now.")


# --- hard ---

COMPLETE = Phrases("files.heldout.complete", gate=[
    "Check my backup: {folder} should have a copy of every file that lies here. Add the copies that are missing.",
    "The backup in {folder} is not complete. Which of the files here does it lack? Copy these into it.",
    "Every file here should also be in the folder {folder}, but some are not. Copy over what it does not have yet.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def complete_the_backup(s: Script) -> None:
    """See which files a backup folder lacks and add copies of them."""
    folder, saved = s.words.name(), {s.words.file(): text(s, 1, 2) for _ in range(s.rng.choice((1, 2)))}
    lacking = {s.words.file(): text(s, 1, 2) for _ in range(s.rng.choice((1, 2, 3)))}
    begin(s, shuffled(s, {**shuffled(s, {**saved, **lacking}), folder: dict(saved)}))
    s.turn(s.phrase(COMPLETE, folder=folder))
    here = s.call("ls")["current_directory_content"]
    s.call("cd", folder=folder)
    there = s.call("ls")["current_directory_content"]
    s.call("cd", folder="..")
    missing = [name for name in here if name not in there and name != folder]
    for name in missing:
        s.call("cp", source=name, destination=folder, derived=["source"])
    s.end(f"{listed(missing)} had no copy. The backup is complete now.")


RESTORE = Phrases("files.heldout.restore", gate=[
    "Oh no, {file} is empty now. Some folder still has a file of this name; bring its text back into {file} here.",
    "I lost the text of {file}. Somewhere below is an older {file}: write the text of that one into the {file} here.",
    "Please repair the {file} in this folder. It has no text, but another {file} in a folder below has all of it.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def restore_from_somewhere(s: Script) -> None:
    """A file lost its text; another of its name, in a folder still to be found, has it."""
    file, outer, inner = s.words.file(), s.words.name(), s.words.name()
    kept = {file: text(s, 1, 3), s.words.file(): text(s, 1, 1)}
    deep = s.rng.random() < 0.5
    holder = {inner: kept} if deep else kept
    begin(s, shuffled(s, {file: "", outer: holder, s.words.name(): {s.words.file(): text(s, 1, 2)}}))
    s.turn(s.phrase(RESTORE, file=file))
    if len(s.call("find", name=file)["matches"]) != 2:
        raise Redraw
    s.call("cd", folder=outer, derived=["folder"])
    if deep:
        s.call("cd", folder=inner, derived=["folder"])
    content = s.call("cat", file_name=file)["file_content"]
    s.call("cd", folder="/" if deep else "..")
    s.call("echo", content=content, file_name=file, derived=["content"])
    s.end(f"{file} has its text again.")


TWO_VERSIONS = Phrases("files.heldout.two-versions", gate=[
    "I have two versions of {file}, one here and one in the folder {folder}. How many lines has each of them?",
    "There is a {file} here and another {file} in {folder}. Tell me the number of lines of the one and of the other.",
    "Compare the {file} here with the {file} in {folder}: how many lines has this one, and how many has that one?",
])  # fmt: skip
LONGER_STAYS = Phrases("files.heldout.longer-stays", gate=[
    "Only the longer version should stay. Delete the other, and let the longer one be called {new}, where it is.",
    "Get rid of the version with fewer lines. The longer one stays where it is, but its name should be {new}.",
    "Then I need just the longer of the two: rename it to {new} in its own folder and delete the shorter one.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def longer_version_stays(s: Script) -> None:
    """Two versions of a file in two folders are measured; the shorter goes, the longer gets a name of its own."""
    file, folder, new = s.words.file(), s.words.name(), s.words.file()
    sizes = s.rng.sample((1, 2, 3, 4), 2)
    here, there = (text(s, size, size) for size in sizes)
    begin(s, shuffled(s, {file: here, folder: {file: there}, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(TWO_VERSIONS, file=file, folder=folder))
    s.call("wc", file_name=file)
    s.call("cd", folder=folder)
    s.call("wc", file_name=file)
    s.end(f"The one here has {sizes[0]}, the one in {folder} has {sizes[1]}.", tell=sizes)
    s.turn(s.phrase(LONGER_STAYS, new=new))
    if sizes[0] < sizes[1]:
        s.call("mv", source=file, destination=new)
        s.call("cd", folder="..")
        s.call("rm", file_name=file)
    else:
        s.call("rm", file_name=file)
        s.call("cd", folder="..")
        s.call("mv", source=file, destination=new)
    s.end(done(s))


INTO_THE_BIN = Phrases("files.heldout.into-the-bin", gate=[
    "The folder {bin} is my bin. Throw {one} and {two} into it.",
    "I do not need {one} and {two} any more. Let them go into my bin, which is the folder {bin}.",
    "My bin is the folder {bin}. The files {one} and {two} are rubbish, so put both in the bin.",
])  # fmt: skip
OUT_OF_THE_BIN = Phrases("files.heldout.out-of-the-bin", gate=[
    "Sorry, {one} was important. Get it out of the bin: I want it here again with its text, and in the bin no more.",
    "Oh, I still need {one}! Bring it back here as it was, so that it is not in the bin any longer.",
    "That was wrong: {one} must not be in the bin. It should be back here, with the same text as before.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def out_of_the_bin(s: Script) -> None:
    """Two files are thrown into a bin folder; one is brought back, for which no tool moves upwards."""
    bin, one, two = s.words.name(), s.words.file(), s.words.file()
    begin(s, shuffled(s, {bin: {s.words.file(): text(s, 1, 1)}, one: text(s, 1, 3), two: text(s, 1, 2)}))
    s.turn(s.phrase(INTO_THE_BIN, bin=bin, one=one, two=two))
    s.call("mv", source=one, destination=bin)
    s.call("mv", source=two, destination=bin)
    s.end(done(s))
    s.turn(s.phrase(OUT_OF_THE_BIN, one=one))
    s.call("cd", folder=bin)
    content = s.call("cat", file_name=one)["file_content"]
    s.call("rm", file_name=one)
    s.call("cd", folder="..")
    s.call("touch", file_name=one)
    s.call("echo", content=content, file_name=one, derived=["content"])
    s.end(f"{one} is here again.")


SAVE_THREE = Phrases("files.heldout.save-three", gate=[
    "Before I travel, {one}, {two} and {three} should be saved: copy all three into {folder}.",
    "I take the folder {folder} with me. Copy {one}, {two} and {three} into it for the trip.",
    "Pack my folder {folder}: it needs copies of {one}, {two} and {three}.",
])  # fmt: skip
NOT_THAT_ONE = Phrases("files.heldout.not-that-one", gate=[
    "On second thought, {two} should stay at home: take its copy out again. The file here stays.",
    "I do not want {two} to travel with me after all. Remove the copy, not the file here.",
    "{two} was one too many. Its copy has to go again, but keep the file itself.",
])  # fmt: skip
HOW_MANY_PACKED = Phrases("files.heldout.how-many-packed", gate=[
    "So how many files does {folder} hold now, all in all?",
    "And what is the number of files in {folder} now?",
    "Now count for me what lies in {folder}: how many files is that?",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def one_copy_too_many(s: Script) -> None:
    """Three files are copied into a folder, one copy is taken out again, and the rest is counted."""
    files, folder = [s.words.file() for _ in range(3)], s.words.name()
    inside = {s.words.file(): text(s, 1, 1) for _ in range(s.rng.randint(1, 4))}
    begin(s, shuffled(s, {**{file: text(s, 1, 2) for file in files}, folder: inside}))
    s.turn(s.phrase(SAVE_THREE, one=files[0], two=files[1], three=files[2], folder=folder))
    for file in files:
        s.call("cp", source=file, destination=folder)
    s.end(done(s))
    two = s.rng.choice(files)
    s.turn(s.phrase(NOT_THAT_ONE, two=two))
    s.call("cd", folder=folder)
    s.call("rm", file_name=two)
    s.end(f"The copy of {two} is gone; the file itself is still here.")
    s.turn(s.phrase(HOW_MANY_PACKED, folder=folder))
    count = len(s.call("ls")["current_directory_content"])
    s.end(f"It holds {count} files.", tell=[count])
