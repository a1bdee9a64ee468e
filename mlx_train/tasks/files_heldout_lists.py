"""Held-out file families about lists and small tables: who, how much, what is missing."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.files_plain import begin, done, listed, shuffled, text
from mlx_train.tasks.phrases import Phrases

# --- easy ---

BEST_SCORE = Phrases("files.heldout.best-score", gate=[
    "Who has the most points in {scores}?",
    "The file {scores} has the points of our game. Who won?",
    "Look at the points in {scores} and tell me who has most.",
])  # fmt: skip
LEAST_SCORE = Phrases("files.heldout.least-score", gate=[
    "And who came last? You have seen it already, so do not look again.",
    "Without opening the file again: who has the fewest points?",
    "From what you just read, with no second look: who is last?",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def read_only_once(s: Script) -> None:
    """A table is read for one question; the next is to be answered without another look."""
    scores, people = s.words.file("csv"), [s.words.person() for _ in range(s.rng.choice((3, 4)))]
    points = s.rng.sample(range(10, 100), len(people))
    table = dict(zip(people, points, strict=True))
    begin(s, shuffled(s, {scores: "\n".join(f"{name},{n}" for name, n in table.items()), s.words.file(): ""}))
    s.turn(s.phrase(BEST_SCORE, scores=scores))
    s.call("cat", file_name=scores)
    best, least = max(people, key=lambda name: table[name]), min(people, key=lambda name: table[name])
    s.end(f"{best} won.", tell=[best])
    s.turn(s.phrase(LEAST_SCORE))
    s.end(f"{least} came last.", tell=[least], quiet=True)


TWICE = Phrases("files.heldout.twice", gate=[
    "One line of {file} stands in it twice. Leave the first and take out the second.",
    "There is the same line two times in {file}. Once is enough: delete the lower one.",
    "In {file} I wrote something down twice. Please remove the later one of the two equal lines.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def line_that_is_there_twice(s: Script) -> None:
    """The second of two equal lines is taken out."""
    file, lines = s.words.file(), text(s, 2, 4).split("\n")
    place = s.rng.randrange(len(lines))
    twice = list(lines)
    twice.insert(s.rng.randint(place + 1, len(lines)), lines[place])
    begin(s, shuffled(s, {file: "\n".join(twice), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(TWICE, file=file))
    s.call("cat", file_name=file)
    s.call("echo", content="\n".join(lines), file_name=file, derived=["content"])
    s.end(done(s))


NUMBERED = Phrases("files.heldout.numbered", gate=[
    'Make {file} a numbered list in alphabetical order, with "1. " before the first line, "2. " before the second, ...',
    'Order the lines of {file} by the alphabet and number them in the file: "1. ", "2. " and so on before each line.',
    'The lines of {file} should be sorted from a to z, and each should begin with its number, like "1. ". Write it so.',
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def number_the_lines(s: Script) -> None:
    """A list is put in alphabetical order and numbered."""
    file, words = s.words.file(), [s.words.word() for _ in range(s.rng.choice((3, 4)))]
    if words == sorted(words):
        raise Redraw
    begin(s, shuffled(s, {file: "\n".join(words), s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(NUMBERED, file=file))
    lines = s.call("sort", file_name=file)["sorted_content"].split("\n")
    numbered = "\n".join(f"{number}. {line}" for number, line in enumerate(lines, 1))
    s.call("echo", content=numbered, file_name=file, derived=["content"])
    s.end(done(s))


NOT_LISTED = Phrases("files.heldout.not-listed", gate=[
    "I need {one}, {two} and {three} from the shop. Which of these is not on my list {file} yet?",
    "My shopping list is {file}. It should have {one}, {two} and {three}, but one of them I forgot. Which?",
    "Check the list {file} for {one}, {two} and {three}. One is missing: which one?",
])  # fmt: skip
ADD_THAT = Phrases("files.heldout.add-that", gate=[
    "Put it on the list then, as the last line.",
    "Then write it down there, at the very end.",
    "So add this to the end of the list, on a line of its own.",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def forgotten_on_the_list(s: Script) -> None:
    """Of three things the one that a list lacks is told, then added to it."""
    file, things = s.words.file("txt"), [s.words.word() for _ in range(3)]
    missing, lines = s.rng.choice(things), [s.words.word() for _ in range(s.rng.choice((1, 2)))]
    lines += [thing for thing in things if thing != missing]
    s.rng.shuffle(lines)
    content = "\n".join(lines)
    begin(s, shuffled(s, {file: content, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(NOT_LISTED, one=things[0], two=things[1], three=things[2], file=file))
    s.call("cat", file_name=file)
    s.end(f"It is {missing}.", tell=[missing])
    s.turn(s.phrase(ADD_THAT))
    s.call("echo", content=f"{content}\n{missing}", file_name=file, derived=["content"])
    s.end(done(s))


IN_BOTH = Phrases("files.heldout.in-both", gate=[
    "Which line do {one} and {two} have in common?",
    "There is one line that stands in {one} and also in {two}. Tell me this line.",
    "Read {one} and {two}. What is the line that both have?",
])  # fmt: skip


@family(domain="files", tier="easy", role="gate")
def line_in_common(s: Script) -> None:
    """The one line that two lists share is told."""
    one, two, common = s.words.file(), s.words.file(), s.words.line()
    lists = [[*text(s, 2, 3).split("\n"), common] for _ in range(2)]
    if len({*lists[0], *lists[1]}) != len(lists[0]) + len(lists[1]) - 1:
        raise Redraw
    for lines in lists:
        s.rng.shuffle(lines)
    begin(s, shuffled(s, {one: "\n".join(lists[0]), two: "\n".join(lists[1])}))
    s.turn(s.phrase(IN_BOTH, one=one, two=two))
    s.call("cat", file_name=one)
    s.call("cat", file_name=two)
    s.end(f"The line is: {common}", tell=[common])


# --- moderate ---

DID_NOT_COME = Phrases("files.heldout.did-not-come", gate=[
    "I invited the people in {asked}; those who came are in {came}. Who did not come?",
    "{asked} is the list of my guests, and {came} says who was there. Which guests were not?",
    "Compare my guests in {asked} with the people who came, in {came}. Who stayed at home?",
])  # fmt: skip
WRITE_TO_THEM = Phrases("files.heldout.write-to-them", gate=[
    "I will write to them. Keep their names in a new file {new}, one a line, in the order of {asked}.",
    "Make a new file {new} with these names, each on its own line, ordered as in {asked}.",
    "Note their names for me in a new file {new}: a name a line, in the same order as in {asked}.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def who_did_not_come(s: Script) -> None:
    """The names on one list that another lacks are told and noted."""
    asked, came, new = s.words.file("txt"), s.words.file("txt"), s.words.file("txt")
    guests = [s.words.person() for _ in range(s.rng.choice((4, 5)))]
    absent = set(s.rng.sample(guests, 2))
    there = [guest for guest in guests if guest not in absent]
    s.rng.shuffle(there)
    begin(s, shuffled(s, {asked: "\n".join(guests), came: "\n".join(there)}))
    s.turn(s.phrase(DID_NOT_COME, asked=asked, came=came))
    s.call("cat", file_name=asked)
    s.call("cat", file_name=came)
    names = [guest for guest in guests if guest in absent]
    s.end(f"{listed(names)} did not come.", tell=names)
    s.turn(s.phrase(WRITE_TO_THEM, asked=asked, new=new))
    s.call("touch", file_name=new)
    s.call("echo", content="\n".join(names), file_name=new, derived=["content"])
    s.end(done(s))


PRICE = Phrases("files.heldout.price", gate=[
    "What does {a} cost, as {prices} has it?",
    "Look up the price of {a} in {prices}.",
    "In {prices}, how much is {a}?",
])  # fmt: skip
NEW_PRICE = Phrases("files.heldout.new-price", gate=[
    "That was last year. It costs {n} now, so change the file; all other prices stay.",
    "It has gone up to {n}. Put this right in the file and leave the rest alone.",
    "The new price is {n}. Let the file have it in the place of the old one.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def price_has_changed(s: Script) -> None:
    """A price is looked up in a table, then corrected there."""
    prices, things = s.words.file("csv"), [s.words.word() for _ in range(3)]
    costs = s.rng.sample(range(11, 60), 4)
    table = dict(zip(things, costs, strict=False))
    begin(s, shuffled(s, {prices: "\n".join(f"{a},{n}" for a, n in table.items()), s.words.file(): ""}))
    thing = s.rng.choice(things)
    s.turn(s.phrase(PRICE, a=thing, prices=prices))
    s.call("grep", file_name=prices, pattern=thing)
    s.end(f"It costs {table[thing]}.", tell=[table[thing]])
    s.turn(s.phrase(NEW_PRICE, n=costs[3]))
    content = s.call("cat", file_name=prices)["file_content"]
    changed = content.replace(f"{thing},{table[thing]}", f"{thing},{costs[3]}")
    s.call("echo", content=changed, file_name=prices, derived=["content"])
    s.end(done(s))


VERSION = Phrases("files.heldout.version", gate=[
    "We made a new version: the last number in {version} goes up by one. Add the version as a last line to {history}.",
    "Raise the last of the three numbers in {version} by one, and add the new version at the end of {history}.",
    "The next version is out. Count up {version} at its last number, and put the result below the lines of {history}.",
])  # fmt: skip


@family(domain="files", tier="moderate", role="gate")
def next_version(s: Script) -> None:
    """A version number is raised, and the new one added to the list of versions."""
    version, history = s.words.file("txt"), s.words.file("txt")
    major, minor, patch = (s.rng.randint(0, 9), s.rng.randint(0, 12), s.rng.randint(1, 18))
    old, new = f"{major}.{minor}.{patch}", f"{major}.{minor}.{patch + 1}"
    past = "\n".join(f"{major}.{minor}.{n}" for n in range(max(0, patch - 2), patch + 1))
    begin(s, shuffled(s, {version: old, history: past, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(VERSION, version=version, history=history))
    s.call("cat", file_name=version)
    s.call("echo", content=new, file_name=version, derived=["content"])
    lines = s.call("cat", file_name=history)["file_content"]
    s.call("echo", content=f"{lines}\n{new}", file_name=history, derived=["content"])
    s.end(f"The version is {new} now.")


# --- hard ---

WHO_BORROWED = Phrases("files.heldout.who-borrowed", gate=[
    "The files here say what people have borrowed from me; each is named by its person. Who has my {thing}?",
    "Each file here has the name of a person and lists what he or she has borrowed. Which person has the {thing}?",
    "Who borrowed the {thing}? For each person there is a file here of that name with all that he or she has.",
])  # fmt: skip
GAVE_BACK = Phrases("files.heldout.gave-back", gate=[
    "It came back to me today, so strike it from that list.",
    "I have it back. Take the line off the list.",
    "That one is home again: it must not be on the list any more.",
])  # fmt: skip
LENT_AGAIN = Phrases("files.heldout.lent-again", gate=[
    "And now {other} has borrowed it. Put it at the end of the right list.",
    "Now I have given it to {other}: it belongs at the end of the list of {other}.",
    "Next, {other} took it. Add it as the last line of the right list.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def borrowed_things(s: Script) -> None:
    """Lists by person: who has a thing is found out; it leaves this list and comes onto another."""
    people = [s.words.person() for _ in range(s.rng.choice((2, 3)))]
    lists = {f"{person}.txt": [s.words.word() for _ in range(s.rng.choice((2, 3)))] for person in people}
    holder, other = s.rng.sample(people, 2)
    thing = s.rng.choice(lists[f"{holder}.txt"])
    if sum(thing in word for words in lists.values() for word in words) > 1:
        raise Redraw
    begin(s, shuffled(s, {name: "\n".join(words) for name, words in lists.items()}))
    s.turn(s.phrase(WHO_BORROWED, thing=thing))
    for name in s.call("ls")["current_directory_content"]:
        s.call("grep", file_name=name, pattern=thing, derived=["file_name"])
    s.end(f"{holder} has it.", tell=[holder])
    s.turn(s.phrase(GAVE_BACK))
    words = s.call("cat", file_name=f"{holder}.txt", derived=["file_name"])["file_content"].split("\n")
    rest = "\n".join(word for word in words if word != thing)
    s.call("echo", content=rest, file_name=f"{holder}.txt", derived=["content", "file_name"])
    s.end(done(s))
    s.turn(s.phrase(LENT_AGAIN, other=other))
    words = s.call("cat", file_name=f"{other}.txt", derived=["file_name"])["file_content"]
    s.call("echo", content=f"{words}\n{thing}", file_name=f"{other}.txt", derived=["content", "file_name"])
    s.end(done(s))


RECEIPTS = Phrases("files.heldout.receipts", gate=[
    'The folder {folder} has my receipts, each with a line "paid: " and a number. How much have I paid in all?',
    'Add up my receipts in {folder}: the number after "paid:" in each of them. What is the sum?',
    'Go through the receipts in the folder {folder} and tell me what I paid in all; see the "paid:" lines.',
])  # fmt: skip
NOTE_SUM = Phrases("files.heldout.note-sum", gate=[
    "Put this sum beside the receipts, alone in a new file {new}.",
    "Write the sum, and nothing more, to a new file {new} in that folder.",
    "Keep just the sum in a new file {new}, where the receipts are.",
])  # fmt: skip


@family(domain="files", tier="hard", role="gate")
def add_up_receipts(s: Script) -> None:
    """The amounts in all files of a folder are added up and the sum is noted."""
    folder, new, paid = s.words.name(), s.words.file("txt"), [s.rng.randint(2, 40) for _ in range(3)]
    receipts = {s.words.file("txt"): f"{s.words.line()}\npaid: {n}\n{s.words.line()}" for n in paid}
    begin(s, shuffled(s, {folder: receipts, s.words.file(): text(s, 1, 2)}))
    s.turn(s.phrase(RECEIPTS, folder=folder))
    s.call("cd", folder=folder)
    for name in s.call("ls")["current_directory_content"]:
        s.call("grep", file_name=name, pattern="paid:", derived=["file_name"])
    s.end(f"You have paid {sum(paid)}.", tell=[sum(paid)])
    s.turn(s.phrase(NOTE_SUM, new=new))
    s.call("touch", file_name=new)
    s.call("echo", content=str(sum(paid)), file_name=new, derived=["content"])
    s.end(done(s))


# --- very hard ---

STOCK = Phrases("files.heldout.stock", gate=[
    "{one}, {two} and {three} are shelves, each with a file stock.txt. How many pieces of {thing} are on all three?",
    "My shelves are the folders {one}, {two} and {three}. Add up how much {thing} their files stock.txt have.",
    "Each of the folders {one}, {two} and {three} has a stock.txt with numbers. What is the sum for {thing}?",
])  # fmt: skip
LOWEST_SHELF = Phrases("files.heldout.lowest-shelf", gate=[
    "The shelf with the fewest of them has to be filled up: put an empty file {new} into it.",
    "Which shelf has the least of it? Mark that one with an empty file {new} inside.",
    "Make an empty file {new} in the folder of the shelf that has the smallest number of these.",
])  # fmt: skip


@family(domain="files", tier="very hard", role="gate")
def stock_on_three_shelves(s: Script) -> None:
    """A thing is counted over three folders' stock files, and the folder with the fewest is marked."""
    shelves, new, thing = [s.words.name() for _ in range(3)], s.words.file("txt"), s.words.word()
    counts = s.rng.sample(range(2, 30), 3)
    tree = {}
    for shelf, count in zip(shelves, counts, strict=True):
        lines = [f"{thing}: {count}", *(f"{s.words.word()}: {s.rng.randint(2, 30)}" for _ in range(2))]
        s.rng.shuffle(lines)
        tree[shelf] = {"stock.txt": "\n".join(lines)}
    begin(s, shuffled(s, {**tree}))
    s.turn(s.phrase(STOCK, one=shelves[0], two=shelves[1], three=shelves[2], thing=thing))
    for number, shelf in enumerate(shelves):
        if number:
            s.call("cd", folder="..")
        s.call("cd", folder=shelf)
        s.call("grep", file_name="stock.txt", pattern=thing)
    s.end(f"There are {sum(counts)}.", tell=[sum(counts)])
    s.turn(s.phrase(LOWEST_SHELF, new=new))
    lowest = shelves[counts.index(min(counts))]
    if lowest != shelves[2]:
        s.call("cd", folder="..")
        s.call("cd", folder=lowest, derived=["folder"])
    s.call("touch", file_name=new)
    s.end(f"It is {lowest}.")
