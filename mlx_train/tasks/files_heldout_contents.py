"""Held-out file families in which what stands in files decides where they, or their lines, go."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, plain_file, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- moderate ---

CUT = Phrases("files.heldout.cut", gate=[
    'In {file} there is a line "---". Move all that comes after it to a new file {new}; that line itself goes.',
    'Cut {file} at the line "---" and drop that line: what is above stays, what is below goes to a new file {new}.',
    'The line "---" in {file} marks where {new}, a new file, should begin. Split it there and leave out that line.',
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def cut_at_the_mark(s: Script) -> None:
    """A file is cut in two at a line that marks the place."""
    file, new, upper, lower = s.words.file(), s.words.file(), text(s, 1, 2), text(s, 1, 2)
    begin(s, shuffled(s, {file: f"{upper}\n---\n{lower}", s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(CUT, file=file, new=new))
    parts = s.call("cat", file_name=file)["file_content"].split("\n---\n")
    s.call("echo", content=parts[0], file_name=file, derived=["content"])
    s.call("touch", file_name=new)
    s.call("echo", content=parts[1], file_name=new, derived=["content"])
    s.end(done(s))


DONE_LINES = Phrases("files.heldout.done-lines", gate=[
    'Tidy my list {todo}: lines that begin with "x " are done. Move them to the end of {old}, as they are.',
    'What is done in {todo} begins with "x ". Let these lines leave {todo} and stand at the end of {old}, unchanged.',
    'Move all lines with an "x " at the start from {todo} to the end of {old}, in their order and as they are.',
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def done_lines_move(s: Script) -> None:
    """Lines marked as done go from one list to the end of another."""
    todo, old = s.words.file("txt"), s.words.file("txt")
    lines = [f"x {s.words.line()}" for _ in range(s.rng.choice((1, 2)))] + text(s, 1, 2).split("\n")
    s.rng.shuffle(lines)
    if len(set(lines)) < len(lines):
        raise Redraw
    begin(s, shuffled(s, {todo: "\n".join(lines), old: f"x {s.words.line()}", s.words.file(): text(s, 1, 1)}))
    s.turn(s.phrase(DONE_LINES, todo=todo, old=old))
    lines = s.call("cat", file_name=todo)["file_content"].split("\n")
    before = s.call("cat", file_name=old)["file_content"]
    rest = "\n".join(line for line in lines if not line.startswith("x "))
    s.call("echo", content=rest, file_name=todo, derived=["content"])
    moved = [line for line in lines if line.startswith("x ")]
    s.call("echo", content="\n".join([before, *moved]), file_name=old, derived=["content"])
    s.end(done(s))


# --- hard ---

QUARANTINE = Phrases("files.heldout.quarantine", gate=[
    'Some files here are not safe: their first line is "{mark}". Move only these into a new folder {folder}.',
    'Put away into a new folder {folder} each file that has "{mark}" as its first line. In other lines it is no harm.',
    'Every file that starts with the line "{mark}" has to be kept apart, in a new folder {folder}. All others stay.',
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def keep_apart(s: Script) -> None:
    """Files whose first line is a warning are put apart; the same line further down does not count."""
    folder, mark, bad = s.words.name(), s.rng.choice(("do not open", "not checked", "danger")), s.rng.choice((1, 2))
    texts = [f"{mark}\n{text(s, 1, 1)}" for _ in range(bad)] + [f"{text(s, 1, 1)}\n{mark}", text(s, 1, 2)]
    begin(s, shuffled(s, {s.words.file(): content for content in texts}))
    s.turn(s.phrase(QUARANTINE, mark=mark, folder=folder))
    names = s.call("ls")["current_directory_content"]
    contents = {name: s.call("cat", file_name=name, derived=["file_name"])["file_content"] for name in names}
    s.call("mkdir", dir_name=folder)
    found = [name for name in names if contents[name].startswith(mark)]
    for name in found:
        s.call("mv", source=name, destination=folder, derived=["source"])
    s.end(f"I put {listed(found)} into {folder}.")


MAIL = Phrases("files.heldout.mail", gate=[
    '[Give out|Distribute] these letters: [each|every one] says "to:" and a name, and for every name there is '
    'a folder. Sort them in.',
    '[Be|Play] my post office: move [each|every] letter here into the folder of the person that stands after '
    '"to:" in it.',
    '[Every|Each] file here is a letter with a line "to:". [Deliver|Bring] it: it goes into the folder with '
    'the name of this person.',
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def give_out_the_mail(s: Script) -> None:
    """Letters go into the folders of the people they are addressed to."""
    people, letters = [s.words.person() for _ in range(2)], [s.words.file("txt") for _ in range(3)]
    to = dict(zip(letters, [*people, s.rng.choice(people)], strict=True))
    tree = {letter: f"to: {to[letter]}\n{text(s, 1, 1)}" for letter in letters}
    begin(s, shuffled(s, {**tree, **{person: {} for person in people}}))
    s.turn(s.phrase(MAIL))
    names = [name for name in s.call("ls")["current_directory_content"] if name in letters]
    for name in names:
        s.call("grep", file_name=name, pattern="to:", derived=["file_name"])
    for name in names:
        s.call("mv", source=name, destination=to[name], derived=["source", "destination"])
    s.end(f"{listed(people)} have their letters.")


DUPLICATE = Phrases("files.heldout.duplicate", gate=[
    "Two [files|of the files] here have the [very same|same] text. Keep the one whose name is first in the "
    "alphabet and delete the other.",
    "[One|The same] text is here twice, under two names. Find out [which|which one], and delete the one with "
    "the later name in the alphabet.",
    "In this folder [is|we have] a double: two files with equal text. Of [these|the two], only the first by "
    "alphabet should stay.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def the_same_twice(s: Script) -> None:
    """Among all files of a folder the two with the same text are found, and one of them deleted."""
    files, content = [plain_file(s) for _ in range(s.rng.choice((4, 5)))], text(s, 1, 2)
    texts = [content, content, *(text(s, 1, 2) for _ in files[2:])]
    if len(set(texts)) < len(files) - 1:
        raise Redraw
    begin(s, shuffled(s, dict(zip(files, texts, strict=True))))
    s.turn(s.phrase(DUPLICATE))
    for name in s.call("ls")["current_directory_content"]:
        s.call("cat", file_name=name, derived=["file_name"])
    first, later = sorted(files[:2])
    s.call("rm", file_name=later, derived=["file_name"])
    s.end(f"{later} had the same text as {first}; I deleted {later}.")


SPLIT = Phrases("files.heldout.split", gate=[
    'Split {file}: lines with "{one}:" go to a new file {a}, those with "{two}:" to a new file {b}. Delete {file}.',
    'Make two new files of {file}: {a} with all lines that start with "{one}:", {b} with "{two}:" lines. {file} goes.',
    'I want the "{one}:" lines of {file} in a new file {a}, its "{two}:" lines in a new file {b}, and {file} deleted.',
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def split_by_kind(s: Script) -> None:
    """The lines of one list go to two new files by how they begin."""
    file, a, b, kinds = s.words.file(), s.words.file(), s.words.file(), s.rng.sample(("home", "work", "club"), 2)
    lines = [f"{kind}: {s.words.line()}" for kind in (*kinds, s.rng.choice(kinds), s.rng.choice(kinds))]
    s.rng.shuffle(lines)
    if len(set(lines)) < len(lines):
        raise Redraw
    begin(s, shuffled(s, {file: "\n".join(lines), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(SPLIT, file=file, one=kinds[0], two=kinds[1], a=a, b=b))
    lines = s.call("cat", file_name=file)["file_content"].split("\n")
    for new, kind in ((a, kinds[0]), (b, kinds[1])):
        s.call("touch", file_name=new)
        kept = "\n".join(line for line in lines if line.startswith(kind))
        s.call("echo", content=kept, file_name=new, derived=["content"])
    s.call("rm", file_name=file)
    s.end(done(s))


UNSIGNED = Phrases("files.heldout.unsigned", gate=[
    'Each paper in {folder} should end with a line "signed". One of them does not. Which one is it?',
    'Look through the papers in the folder {folder}: which one has no "signed" as its last line?',
    'In {folder}, all papers but one have "signed" for a last line. Tell me the name of that one.',
])  # fmt: skip
SIGN_IT = Phrases("files.heldout.sign-it", gate=[
    "Then sign it: this line should come at its end too.",
    "It should have this last line as well, after all of its text.",
    "Add the line that it lacks, below the rest.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def not_yet_signed(s: Script) -> None:
    """The one paper that lacks a last line is found and gets it."""
    folder, papers = s.words.name(), [s.words.file() for _ in range(s.rng.choice((3, 4)))]
    texts = {paper: f"{text(s, 1, 2)}\nsigned" for paper in papers[1:]}
    inside = shuffled(s, {**texts, papers[0]: s.rng.choice((text(s, 1, 2), f"signed\n{text(s, 1, 1)}"))})
    begin(s, shuffled(s, {folder: inside, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(UNSIGNED, folder=folder))
    s.call("cd", folder=folder)
    for name in s.call("ls")["current_directory_content"]:
        s.call("tail", file_name=name, lines=1, derived=["file_name"])
    s.end(f"It is {papers[0]}.", tell=[papers[0]])
    s.turn(s.phrase(SIGN_IT))
    content = s.call("cat", file_name=papers[0], derived=["file_name"])["file_content"]
    s.call("echo", content=f"{content}\nsigned", file_name=papers[0], derived=["content", "file_name"])
    s.end(done(s))


# --- very hard ---

MERGE = Phrases("files.heldout.by-topic", gate=[
    "The first line of each note here is its topic. Merge the rest into a new txt file for each topic, named after it.",
    "Sort out my notes by topic, which is the first line of each. Every topic gets a new txt file of that name.",
    "For each topic, that is the first line of a note, make a txt file of the same name with the rest of its notes.",
])  # fmt: skip
IN_WHICH_ORDER = Phrases("files.heldout.in-which-order", gate=[
    "Take the notes in alphabetical order of their names, and leave out the topic lines.",
    "The lines stand in the order of the notes' names by alphabet, without the topic.",
    "Go through the notes from a to z by name; the line with the topic is not copied.",
])  # fmt: skip
NOTES_AWAY = Phrases("files.heldout.notes-away", gate=[
    "The single notes can go now. Only the new files should stay.",
    "Now delete the old notes, all of them, and keep what you made.",
    "Good, so I do not need any of the old notes. Remove them.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def merge_by_topic(s: Script) -> None:
    """Notes are merged into one file for each topic, which is their first line; then the notes go."""
    topics, notes = [s.words.word() for _ in range(2)], sorted(plain_file(s, "md") for _ in range(4))
    of = [*topics, *topics]
    s.rng.shuffle(of)
    lines = [s.words.line() for _ in notes]
    begin(s, shuffled(s, {note: f"{of[n]}\n{lines[n]}" for n, note in enumerate(notes)}))
    s.turn(f"{s.phrase(MERGE)} {s.phrase(IN_WHICH_ORDER)}")
    s.call("ls")
    for note in notes:
        s.call("cat", file_name=note, derived=["file_name"])
    for topic in dict.fromkeys(of):
        s.call("touch", file_name=f"{topic}.txt", derived=["file_name"])
        content = "\n".join(line for line, own in zip(lines, of, strict=True) if own == topic)
        s.call("echo", content=content, file_name=f"{topic}.txt", derived=["content", "file_name"])
    s.end(f"There are {topics[0]}.txt and {topics[1]}.txt now.")
    s.turn(s.phrase(NOTES_AWAY))
    for note in notes:
        s.call("rm", file_name=note, derived=["file_name"])
    s.end(done(s))


URGENT = Phrases("files.heldout.urgent", gate=[
    'Go to {one}. Files there with the word "urgent" have to be seen first: move these into a new folder {new}.',
    'Some files in {one} have the word "urgent" in them. In {one}, make a folder {new} and put those into it.',
    'Inside {one}, start a new folder {new} for the files with the word "urgent" in their text, and move them there.',
])  # fmt: skip
SAME_FOR = Phrases("files.heldout.same-for", gate=[
    "The same goes for {two}, which is next to {one}: there, too, make a folder {new} for the urgent files.",
    "Now do just that in the folder {two} beside {one}; the new folder in it is called {new} as well.",
    "{two}, the folder beside {one}, needs this as well: its urgent files in a new folder {new}.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def urgent_ones_first(s: Script) -> None:
    """In two folders, one after the other, the files that are marked urgent go into a folder of their own."""
    new, folders = s.words.name(), [s.words.name() for _ in range(2)]
    marked: dict[str, list[str]] = {}
    tree: dict[str, object] = {}
    for folder, count in zip(folders, s.rng.choice(((1, 1), (1, 2), (2, 1))), strict=True):
        files = [s.words.file() for _ in range(3)]
        marked[folder] = files[:count]
        texts = {file: f"{text(s, 1, 1)}{' urgent' if file in marked[folder] else ''}" for file in files}
        tree[folder] = shuffled(s, {**texts})
    begin(s, tree)
    for number, folder in enumerate(folders):
        if number:
            s.turn(s.phrase(SAME_FOR, one=folders[0], two=folder, new=new))
            s.call("cd", folder="..")
        else:
            s.turn(s.phrase(URGENT, one=folder, new=new))
        s.call("cd", folder=folder)
        names = s.call("ls")["current_directory_content"]
        for name in names:
            s.call("grep", file_name=name, pattern="urgent", derived=["file_name"])
        s.call("mkdir", dir_name=new)
        for name in names:
            if name in marked[folder]:
                s.call("mv", source=name, destination=new, derived=["source"])
        s.end(f"In {folder}, {listed(marked[folder])} {'was' if len(marked[folder]) == 1 else 'were'} urgent.")


FINISHED = Phrases("files.heldout.finished", gate=[
    'Each folder here is a project with a file status.txt. Which projects have the status "finished"?',
    'Tell me which of the projects here are finished. Every project is a folder, and its status.txt says so.',
    'Look into status.txt of every folder here: which of these projects say "finished" there?',
])  # fmt: skip
TO_THE_ARCHIVE = Phrases("files.heldout.to-the-archive", gate=[
    "Move what is finished into a new folder {new} beside the other projects.",
    "Make a folder {new}, where all the projects are, and put the finished ones into it.",
    "The finished ones belong into a new folder {new}; make it next to the projects.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def finished_projects(s: Script) -> None:
    """Projects whose status file says that they are finished are told and archived."""
    folders, new, count = [s.words.name() for _ in range(3)], s.words.name(), s.rng.choice((1, 2))
    states = {folder: "finished" if folder in folders[:count] else "open" for folder in folders}
    tree = {folder: shuffled(s, {"status.txt": state, s.words.file(): ""}) for folder, state in states.items()}
    begin(s, shuffled(s, {**tree}))
    s.turn(s.phrase(FINISHED))
    names = s.call("ls")["current_directory_content"]
    for name in names:
        s.call("cd", folder=name, derived=["folder"])
        s.call("cat", file_name="status.txt", derived=["file_name"])
        s.call("cd", folder="..")
    finished = [name for name in names if states[name] == "finished"]
    s.end(f"{'Finished is' if count == 1 else 'Finished are'} {listed(finished)}.", tell=finished)
    s.turn(s.phrase(TO_THE_ARCHIVE, new=new))
    s.call("mkdir", dir_name=new)
    for name in finished:
        s.call("mv", source=name, destination=new, derived=["source"])
    s.end(done(s))
