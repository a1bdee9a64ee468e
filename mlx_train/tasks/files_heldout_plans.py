"""Held-out file families in which a file says what is to be done, or where to go on."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, plain_file, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- moderate ---

IN_USE = Phrases("files.heldout.in-use", gate=[
    "The file {main} tells which settings file is in use. Which colour do these settings have?",
    "My settings are in another file; {main} says in which one. What colour is set there?",
    "Look up in {main} which file of settings I use now, and tell me the colour that stands in it.",
])  # fmt: skip
USE_OTHER = Phrases("files.heldout.use-other", gate=[
    'From now on I use {other}: let {main} say so, in the same form as before. Which colour do I have then?',
    'Change {main} in such a way that {other} is the one in use. And what is my colour now?',
    'Let {other} be in use instead; in {main}, only the name of the file changes. What colour will I get?',
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def settings_in_use(s: Script) -> None:
    """One file says which settings file is in use; another is put in use, and its value told."""
    main, one, other = s.words.file("cfg"), s.words.file("cfg"), s.words.file("cfg")
    colours = s.rng.sample(("red", "green", "blue", "white", "black", "yellow", "brown", "grey"), 2)
    texts = [f"owner: {s.words.person()}\ncolour: {colour}" for colour in colours]
    begin(s, shuffled(s, {main: f"in use: {one}", one: texts[0], other: texts[1]}))
    s.turn(s.phrase(IN_USE, main=main))
    s.call("cat", file_name=main)
    s.call("cat", file_name=one, derived=["file_name"])
    s.end(f"It is {colours[0]}.", tell=[colours[0]])
    s.turn(s.phrase(USE_OTHER, main=main, other=other))
    s.call("echo", content=f"in use: {other}", file_name=main, derived=["content"])
    s.call("cat", file_name=other)
    s.end(f"{main} names {other} now. The colour is {colours[1]}.", tell=[colours[1]])


# --- hard ---

DO_AS_TOLD = Phrases("files.heldout.do-as-told", gate=[
    "I wrote down in {list} what has to be done in this folder. Please do all of it.",
    "The file {list} is a list of jobs for you, one a line. Carry them out from the first to the last.",
    "Read {list} and do everything that I ask for in it, line by line.",
])  # fmt: skip
MARK_DONE = Phrases("files.heldout.mark-done", gate=[
    'Thank you. So that I know, let {list} say nothing but "all done".',
    'Now empty {list} of its jobs: its only text should be "all done".',
    'Very good. Replace the whole list in {list} with the words "all done".',
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def do_as_told(s: Script) -> None:
    """A file lists jobs, which are done; then the list is marked as done."""
    jobs, gone, old, new = s.words.file("txt"), s.words.file(), s.words.file(), s.words.file()
    folder, moved = s.words.name(), s.words.file()
    steps: list[tuple[str, str, dict[str, Any]]] = [
        (f"delete {gone}", "rm", {"file_name": gone}),
        (f"rename {old} to {new}", "mv", {"source": old, "destination": new}),
        (f"make a folder {folder}", "mkdir", {"dir_name": folder}),
        (f"move {moved} into {folder}", "mv", {"source": moved, "destination": folder}),
    ]
    steps = steps[1:] if s.rng.random() < 0.4 else steps
    content = "\n".join(line for line, _, _ in steps)
    begin(s, shuffled(s, {jobs: content, **{file: text(s, 1, 2) for file in (gone, old, moved)}}))
    s.turn(s.phrase(DO_AS_TOLD, list=jobs))
    s.call("cat", file_name=jobs)
    for _, name, arguments in steps:
        s.call(name, derived=list(arguments), **arguments)
    s.end(done(s))
    s.turn(s.phrase(MARK_DONE, list=jobs))
    s.call("echo", content="all done", file_name=jobs)
    s.end(done(s))


TRAIL = Phrases("files.heldout.trail", gate=[
    "Start with {first}. Its last line names the next file, and so it goes on. At which file does the trail end?",
    "Files here make a chain: each one names the next in its last line. Begin with {first} and tell me the final one.",
    "Follow the chain from {first} on; the last line of a file is the name of the next. Which file is at the end?",
])  # fmt: skip
END_AWAY = Phrases("files.heldout.end-away", gate=[
    "That one can leave the trail: move it into {folder}.",
    "Take the file at the end and put it into {folder}.",
    "Then let this final file go into the folder {folder}.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def follow_the_trail(s: Script) -> None:
    """Each file names the next one; the file at the end of the chain is told and moved."""
    files, folder = [plain_file(s) for _ in range(s.rng.choice((4, 4, 5)))], s.words.name()
    tree: dict[str, object] = {file: f"{s.words.line()}\n{next}" for file, next in pairwise(files)}
    begin(s, shuffled(s, {**tree, files[-1]: f"{s.words.line()}\nthe end", folder: {}, plain_file(s): text(s, 1, 2)}))
    s.turn(s.phrase(TRAIL, first=files[0]))
    for number, file in enumerate(files):
        s.call("tail", file_name=file, lines=1, derived=["file_name"] if number else [])
    s.end(f"It ends at {files[-1]}.", tell=[files[-1]])
    s.turn(s.phrase(END_AWAY, folder=folder))
    s.call("mv", source=files[-1], destination=folder, derived=["source"])
    s.end(done(s))


LETTERS = Phrases("files.heldout.letters", gate=[
    "{form} is a letter to NAME. Write it to {one} in a new file {a} and to {two} in a new file {b}, with their names.",
    "Fill in the letter {form} twice, in new files: {one} stands for NAME in {a}, and {two} in {b}. {form} stays.",
    "Make two letters from {form}: a new file {a} where NAME is {one}, and a new file {b} where NAME is {two}.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def form_letters(s: Script) -> None:
    """A letter with a gap is written out for two people."""
    form, files = s.words.file("txt"), [s.words.file("txt") for _ in range(2)]
    people = [s.words.person() for _ in files]
    content = f"Dear NAME\nthe {s.words.line()}\n{s.rng.choice(('Thank you, NAME', 'Good day', 'See you, NAME'))}"
    begin(s, shuffled(s, {form: content, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(LETTERS, form=form, one=people[0], two=people[1], a=files[0], b=files[1]))
    letter = s.call("cat", file_name=form)["file_content"]
    for file, person in zip(files, people, strict=True):
        s.call("touch", file_name=file)
        s.call("echo", content=letter.replace("NAME", person), file_name=file, derived=["content"])
    s.end(done(s))


# --- very hard ---

SKELETON = Phrases("files.heldout.skeleton", gate=[
    "The file {plan} plans a project: a folder, a colon, then the files in it. Set it all up with empty files.",
    "Build what {plan} lays out. Each line has a folder, a colon and the files that go into it; they start empty.",
    "In {plan} every line names a folder and, after the colon, its files. Make these folders with empty files.",
])  # fmt: skip
PLAN_AWAY = Phrases("files.heldout.plan-away", gate=[
    "With that the plan has done its duty. Delete {plan}.",
    "The project stands, so remove the plan {plan}.",
    "Now nobody needs the plan any more: get rid of {plan}.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def project_from_a_plan(s: Script) -> None:
    """A project's folders and files are set up as a plan in a file says; then the plan goes."""
    plan, folders = s.words.file("txt"), {s.words.name(): [s.words.file() for _ in range(n)] for n in (2, 1)}
    lines = shuffled(s, {f"{folder}: {', '.join(files)}": 0 for folder, files in folders.items()})
    begin(s, shuffled(s, {plan: "\n".join(lines), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(SKELETON, plan=plan))
    s.call("cat", file_name=plan)
    for line in lines:
        folder = line.split(":")[0]
        s.call("mkdir", dir_name=folder, derived=["dir_name"])
        s.call("cd", folder=folder, derived=["folder"])
        for file in folders[folder]:
            s.call("touch", file_name=file, derived=["file_name"])
        s.call("cd", folder="..")
    s.end(f"The folders {listed(list(folders))} are set up.")
    s.turn(s.phrase(PLAN_AWAY, plan=plan))
    s.call("rm", file_name=plan)
    s.end(done(s))


HUNT = Phrases("files.heldout.hunt", gate=[
    "We go on a treasure hunt. Every {clue} names the next folder to go into; the first is here. What is the treasure?",
    "The {clue} here says into which folder to go, where there is a {clue} too, and so on. What do I find last?",
    "Follow the clues: read {clue} here, go into the folder it names, read {clue} there, and so on. What is hidden?",
])  # fmt: skip
NOTE_PLACE = Phrases("files.heldout.note-place", gate=[
    "Well done! Note the full path of the folder that we are in: at the root, in a new file {new}.",
    "So where are we? Write the full path of this folder into a new file {new} in the root directory.",
    "I must remember this place. Make a file {new} in the root folder with just the full path of where we are now.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def treasure_hunt(s: Script) -> None:
    """A file in each folder names the folder to go into next; the last names a treasure, and its place is noted."""
    clue, new, treasure = s.words.file("txt"), s.words.file("txt"), s.words.word()
    way = [s.words.name() for _ in range(3)]
    tree: dict[str, object] = {clue: f"the treasure is a {treasure}"}
    for folder in reversed(way):
        tree = shuffled(s, {clue: f"go into {folder}", folder: tree, s.words.name(): {clue: "nothing here"}})
    begin(s, tree)
    s.turn(s.phrase(HUNT, clue=clue))
    s.call("cat", file_name=clue)
    for folder in way:
        s.call("cd", folder=folder, derived=["folder"])
        s.call("cat", file_name=clue)
    s.end(f"The treasure is a {treasure}.", tell=[treasure])
    s.turn(s.phrase(NOTE_PLACE, new=new))
    path = s.call("pwd")["current_working_directory"]
    s.call("cd", folder="/")
    s.call("touch", file_name=new)
    s.call("echo", content=path, file_name=new, derived=["content"])
    s.end(f"I noted the path {path}")


TEAM = Phrases("files.heldout.team", gate=[
    "{team} lists our new people. Make a folder for each of them, named like the person.",
    "Everyone who is listed in {team} needs a folder of the same name. Please make these.",
    "There are new people in {team}, one a line. Each one should have a folder with that name.",
])  # fmt: skip
WELCOME = Phrases("files.heldout.welcome", gate=[
    'Now each of these folders needs a file {file} with "Welcome" and then the name, as in "Welcome Anna".',
    'Each of the new folders should have a file {file} that welcomes its person by name, in the form "Welcome Anna".',
    'And in every one of these folders, make a {file} that greets its person, in the way of "Welcome Anna".',
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def welcome_the_team(s: Script) -> None:
    """A folder for each person on a list, and in it a file that greets this person."""
    team, file, people = s.words.file("txt"), s.words.file("txt"), [s.words.person() for _ in range(2)]
    if "Anna" in people:
        raise Redraw
    begin(s, shuffled(s, {team: "\n".join(people), s.words.name(): {}, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(TEAM, team=team))
    s.call("cat", file_name=team)
    for person in people:
        s.call("mkdir", dir_name=person, derived=["dir_name"])
    s.end(f"{listed(people)} have a folder each.")
    s.turn(s.phrase(WELCOME, file=file))
    for number, person in enumerate(people):
        if number:
            s.call("cd", folder="..")
        s.call("cd", folder=person, derived=["folder"])
        s.call("touch", file_name=file)
        s.call("echo", content=f"Welcome {person}", file_name=file, derived=["content"])
    s.end(done(s))
