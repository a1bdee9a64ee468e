"""Held-out file families in which the turns hang together: standing rules, corrections, questions, a release."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_heldout import REMOVE, RENAME
from mlx_train.tasks.files_plain import begin, done, listed, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- easy ---

NO_WAIT = Phrases("files.heldout.no-wait", gate=[
    "Make a folder {wrong}, no, wait, {right} is a better name for it. Then move {file} into it.",
    "I want {file} in a new folder. Call the folder {wrong}. Oh, sorry, not {wrong}, I mean {right}.",
    "Set up a folder for {file} and put it in there. Its name is {wrong}... no, let us say {right}.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def no_wait(s: Script) -> None:
    """The user thinks again in the middle of a sentence."""
    wrong, right, file = s.words.name(), s.words.name(), s.words.file()
    begin(s, shuffled(s, {file: text(s, 1, 2), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(NO_WAIT, wrong=wrong, right=right, file=file))
    s.call("mkdir", dir_name=right)
    s.call("mv", source=file, destination=right)
    s.end(f"{file} is in the new folder {right}.")


# --- moderate ---

RENAME_IF_FREE = Phrases("files.heldout.rename-if-free", gate=[
    "{old} should be called {new}. But if I have a {new} already, change nothing and tell me how many lines it has.",
    "Give {old} the name {new}, if it is free. If it is not, let me know the number of lines that the {new} here has.",
    "Try to rename {old} to {new}. Should that name be taken, do nothing, and say how many lines {new} has.",
])  # fmt: skip
MAKE_WAY = Phrases("files.heldout.make-way", gate=[
    "It is an old one. Let it make way: put it into {folder}. Then do what I wanted at first.",
    "Then move that one into the folder {folder} and try the new name again.",
    "I see. That file goes into {folder}, and after that the other can have the name I wanted for it.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def name_is_taken(s: Script) -> None:
    """A name is taken; the file that has it makes way, and the first wish is fulfilled."""
    old, new, folder = s.words.file(), s.words.file(), s.words.name()
    begin(s, shuffled(s, {old: text(s, 1, 3), new: text(s, 2, 4), folder: {}}))
    s.turn(s.phrase(RENAME_IF_FREE, old=old, new=new))
    s.call("mv", source=old, destination=new, fails=True)
    count = s.call("wc", file_name=new)["count"]
    s.end(f"There is a {new} already. It has {count} lines.", tell=[count])
    s.turn(s.phrase(MAKE_WAY, folder=folder))
    s.call("mv", source=new, destination=folder)
    s.call("mv", source=old, destination=new)
    s.end(done(s))


WHAT_DO_I_HAVE = Phrases("files.heldout.what-do-i-have", gate=[
    "What do I have in this folder?",
    "First of all, what lies here?",
    "Let me hear what there is in here.",
])  # fmt: skip
DELETE_THE = Phrases("files.heldout.delete-the", gate=[
    "You may delete the {kind}.",
    "The {kind} is out of date and has to be deleted.",
    "I do not need the {kind} any longer, so delete it.",
])  # fmt: skip
ABOUT = Phrases("files.heldout.about", gate=[
    "Oh, there are two. I mean the one with {topic} in its name.",
    "The {topic} one.",
    "It is the one for {topic} that I meant.",
])  # fmt: skip
OTHER_ONE = Phrases("files.heldout.other-one", gate=[
    "And the other one belongs into {folder}.",
    "Put the one that is left into the folder {folder}.",
    "Now move the other of the two into {folder}.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def which_of_the_two(s: Script) -> None:
    """What is to be deleted could be either of two files: ask, then act on both."""
    kind, one, two, folder = s.rng.choice(("report", "letter", "plan")), s.words.word(), s.words.word(), s.words.name()
    dot = s.rng.choice(("md", "txt"))
    files = {topic: f"{kind}_{topic}.{dot}" for topic in (one, two)}
    begin(s, shuffled(s, {**{file: text(s, 1, 2) for file in files.values()}, folder: {}, s.words.file("csv"): ""}))
    s.turn(s.phrase(WHAT_DO_I_HAVE))
    names = s.call("ls")["current_directory_content"]
    s.end(f"There are {listed(names)}.", tell=names)
    s.turn(s.phrase(DELETE_THE, kind=kind))
    s.end(f"Which one do you mean, {files[one]} or {files[two]}?", asks=True)
    s.turn(s.phrase(ABOUT, topic=one))
    s.call("rm", file_name=files[one], derived=["file_name"])
    s.end(f"I deleted {files[one]}.")
    s.turn(s.phrase(OTHER_ONE, folder=folder))
    s.call("mv", source=files[two], destination=folder, derived=["source"])
    s.end(done(s))


SOME_LINES = Phrases("files.heldout.some-lines", gate=[
    "The file {file} is too long. Please cut some lines off its end.",
    "Take a few lines away at the end of {file}.",
    "I would like {file} to be shorter by some lines; let them go from its end.",
])  # fmt: skip
THAT_MANY = Phrases("files.heldout.that-many", gate=[
    "Cut off {n}, I would say.",
    "{n} of them should do.",
    "I think {n} is right.",
])  # fmt: skip
WHAT_IS_LEFT = Phrases("files.heldout.what-is-left", gate=[
    "So which line does it end with now?",
    "And what is its last line after that?",
    "Now tell me the line that it ends with.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def how_many_lines_off(s: Script) -> None:
    """Lines are to be cut off, but not said how many: ask, cut, and tell how the file ends now."""
    file, number, lines = s.words.file(), s.rng.choice((2, 3)), text(s, 4, 5).split("\n")
    begin(s, shuffled(s, {file: "\n".join(lines), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(SOME_LINES, file=file))
    s.end(f"How many lines should I cut off {file}?", asks=True)
    s.turn(s.phrase(THAT_MANY, n=number))
    content = s.call("cat", file_name=file)["file_content"].split("\n")
    s.call("echo", content="\n".join(content[:-number]), file_name=file, derived=["content"])
    s.end(done(s))
    s.turn(s.phrase(WHAT_IS_LEFT))
    last = s.call("tail", file_name=file, lines=1)["last_lines"]
    s.end(f"It ends with: {last}", tell=[last])


# --- hard ---

TAKES_OVER = Phrases("files.heldout.takes-over", gate=[
    "{person} takes over some of my work. Make a folder of this name and move {one} and {two} into it.",
    "I give {one} and {two} to {person}: they should lie in a new folder that is called {person}.",
    "Set up a folder {person} for my colleague of this name, and put {one} and {two} in there.",
])  # fmt: skip
OTHER_PERSON = Phrases("files.heldout.other-person", gate=[
    "I just heard that it will be {other}, not {person}. The folder should be called like that.",
    "It is {other} who takes over, so {person} is the wrong name for the folder. Please put it right.",
    "There was a change: not {person} but {other} gets the folder. Give it the right name.",
])  # fmt: skip
NOTE_FOR = Phrases("files.heldout.note-for", gate=[
    'Leave a note for {other} in the folder: a new file {new} that says "{line}".',
    'In that folder, {other} should find a new file {new} with the text "{line}".',
    'And put a new file {new} into it, where {other} can read "{line}".',
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def work_handed_over(s: Script) -> None:
    """Files are put together for one person, who turns out to be another, and gets a note."""
    person, other, line = s.words.person(), s.words.person(), s.words.line()
    one, two, new = s.words.file(), s.words.file(), s.words.file("txt")
    begin(s, shuffled(s, {one: text(s, 1, 2), two: text(s, 1, 2), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(TAKES_OVER, person=person, one=one, two=two))
    s.call("mkdir", dir_name=person)
    s.call("mv", source=one, destination=person)
    s.call("mv", source=two, destination=person)
    s.end(done(s))
    s.turn(s.phrase(OTHER_PERSON, person=person, other=other))
    s.call("mv", source=person, destination=other)
    s.end(f"The folder is called {other} now.")
    s.turn(s.phrase(NOTE_FOR, other=other, new=new, line=line))
    s.call("cd", folder=other)
    s.call("touch", file_name=new)
    s.call("echo", content=line, file_name=new)
    s.end(done(s))


KEEP_A_LOG = Phrases("files.heldout.keep-a-log", gate=[
    'Keep a log today: when I have a file renamed or deleted, add "renamed" or "deleted" and its old name to {log}.',
    'For each file that I let you rename or delete, {log} gets a new line: "renamed" or "deleted", then the old name.',
    'Today {log} gets a line for each file that I have renamed or deleted: "renamed" or "deleted" and the old name.',
])  # fmt: skip
LOG_END = Phrases("files.heldout.log-end", gate=[
    "New lines always come at its end, in the form of the line that it has. First thing:",
    "They go below what is there and look like the line in it. Here is the first task:",
    "It has a line already that shows the form; add below it. And now to work:",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def keep_a_log(s: Script) -> None:
    """A standing order: every renaming and deletion of the conversation is noted in a log."""
    log, (one, two, three) = s.words.file("log"), [s.words.file() for _ in range(3)]
    new, newer = s.words.file(), s.words.file()
    lines = [f"deleted {s.words.file()}"]
    begin(s, shuffled(s, {log: lines[0], one: text(s, 1, 2), two: text(s, 1, 2), three: text(s, 1, 2)}))
    order = f"{s.phrase(KEEP_A_LOG, log=log)} {s.phrase(LOG_END)}"
    deeds = [("renamed", one, new), ("deleted", two, ""), ("renamed", three, newer)]
    s.rng.shuffle(deeds)
    for number, (what, old, name) in enumerate(deeds):
        wish = s.please(s.phrase(RENAME, old=old, new=name) if name else s.phrase(REMOVE, file=old))
        s.turn(wish if number else f"{order} {wish}")
        if name:
            s.call("mv", source=old, destination=name)
        else:
            s.call("rm", file_name=old)
        if not number:
            s.call("cat", file_name=log)
        lines.append(f"{what} {old}")
        s.call("echo", content="\n".join(lines), file_name=log, derived=["content", "file_name"])
        s.end(f"Done, and {log} knows of it.")


RULE = Phrases("files.heldout.rule", gate=[
    'A rule for today: whenever I ask for a new file, its text is "{line}". Just keep it in mind for now.',
    'From now on every new file that I ask you for gets the text "{line}". There is nothing to do yet.',
    'Remember this, but do nothing now: all new files that I ask for have to say "{line}".',
])  # fmt: skip
BY_THE_RULE = Phrases("files.heldout.by-the-rule", gate=[
    "It is time for a new file: {file}.",
    "Start a file {file} for me now.",
    "I want there to be a new file, {file}.",
    "A new file {file} would be good.",
])  # fmt: skip
RULE_ENDS = Phrases("files.heldout.rule-ends", gate=[
    "That was the last one by this rule; it does not count any more. Start one more file, {file}, with no text.",
    "Forget the rule now. The next new file is {file}, and it stays empty.",
    "From here on the rule is off, so {file}, the next new file, has no text at all.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def a_rule_for_new_files(s: Script) -> None:
    """A rule is given before there is anything to do, holds for two turns and ends."""
    line, (one, two, three) = s.words.line(), [s.words.file() for _ in range(3)]
    begin(s, shuffled(s, {s.words.file(): text(s, 1, 2), s.words.name(): {}}))
    s.turn(s.phrase(RULE, line=line))
    s.end("I will remember that.", quiet=True)
    for file in (one, two):
        s.turn(s.phrase(BY_THE_RULE, file=file))
        s.call("touch", file_name=file)
        s.call("echo", content=line, file_name=file)
        s.end(f"{file} is there and has the text.")
    s.turn(s.phrase(RULE_ENDS, file=three))
    s.call("touch", file_name=three)
    s.end(f"{three} is there. It is empty.")


# --- very hard ---

RELEASE = Phrases("files.heldout.release", gate=[
    "We are going to release our work. Make a folder {folder} and copy all files into it that do not end in {dot}.",
    "Prepare a release: a new folder {folder} in which there is a copy of every file here but the {dot} files.",
    "For the release I need a new folder {folder}, with copies of all that is here, without the {dot} files.",
])  # fmt: skip
VERSION_FILE = Phrases("files.heldout.version-file", gate=[
    "Inside it, a new file VERSION should say {version}, and nothing else.",
    "The release is {version}. Put just that into a new file VERSION in that folder.",
    "Add a new file VERSION to the release folder, with {version} as its whole text.",
])  # fmt: skip
NOT_RELEASED = Phrases("files.heldout.not-released", gate=[
    "{file} is not ready, so it must not be in the release. The one outside stays as it is.",
    "Leave {file} out of the release after all, but do not lose the original.",
    "We cannot release {file} yet. Take it out of the release folder, and only there.",
])  # fmt: skip
RELEASED = Phrases("files.heldout.released", gate=[
    "What does the release consist of now?",
    "Then tell me all that the release folder has now.",
    "So which files do we release in the end?",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def prepare_a_release(s: Script) -> None:
    """A release folder is filled with all but one kind of files and marked with a version; one file goes again."""
    ending, *others = s.rng.sample(("log", "csv", "md", "dat"), 4)
    folder, version = s.words.name(), f"{s.rng.randint(1, 9)}.{s.rng.randint(0, 20)}"
    files = [s.words.file(s.rng.choice(others)) for _ in range(s.rng.choice((3, 4)))]
    left = [s.words.file(ending) for _ in range(s.rng.choice((1, 2)))]
    begin(s, shuffled(s, {file: text(s, 1, 2) for file in (*files, *left)}))
    s.turn(s.phrase(RELEASE, folder=folder, dot=f".{ending}"))
    names = [name for name in s.call("ls")["current_directory_content"] if not name.endswith(f".{ending}")]
    s.call("mkdir", dir_name=folder)
    for name in names:
        s.call("cp", source=name, destination=folder, derived=["source"])
    s.end(f"I copied {listed(names)}.")
    s.turn(s.phrase(VERSION_FILE, version=version))
    s.call("cd", folder=folder)
    s.call("touch", file_name="VERSION")
    s.call("echo", content=version, file_name="VERSION")
    s.end(done(s))
    s.turn(s.phrase(NOT_RELEASED, file=files[0]))
    s.call("rm", file_name=files[0])
    s.end(f"{files[0]} is not in the release any more.")
    s.turn(s.phrase(RELEASED))
    names = s.call("ls")["current_directory_content"]
    s.end(f"It has {listed(names)}.", tell=names)
