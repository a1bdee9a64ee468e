"""Notes tasks: write, read, extend, sort and throw away notes."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

COLORS = ("yellow", "green", "blue")

CREATE = Phrases(
    "notes.create",
    train=[
        'write a note called {title} that says "{text}"',
        'create a note {title} with the text "{text}"',
        'make a new note {title}: "{text}"',
        'add a note called {title} with the text "{text}"',
        'save a note named {title} that says "{text}"',
        'start a note called {title} with "{text}" in it',
        'put "{text}" into a new note called {title}',
        'take a note with the title {title} and the text "{text}"',
    ],
    dev=['keep "{text}" in a new note {title}', 'set up a note with the name {title} and the words "{text}"'],
    gate=[
        'save "{text}" in a new note called {title}',
        'make a note named {title} that says "{text}"',
        'add a new note {title} with "{text}" in it',
        'create a note with the title {title} that says "{text}"',
    ],
)
COLOR = Phrases(
    "notes.color",
    train=[
        "{a} and make it {color}",
        "{a}, in {color}",
        "{a} (color {color})",
        "{a}, with the color {color}",
        "{a}, and the color is {color}",
        "{a} and use {color} for it",
        "{a}, and the color should be {color}",
    ],
    dev=["{a}, colored {color}", "{a}, in the color {color}"],
    gate=["{a} and give it the color {color}", "{a} with {color} as the color", "{a}, and let it be {color}"],
)
CREATE_OPEN = Phrases(
    "notes.create_open",
    train=[
        "write a note called {title}",
        "create a note {title}",
        "make a new note {title}",
        "add a note called {title}",
        "save a note named {title}",
        "start a note called {title}",
        "take a note with the title {title}",
    ],
    dev=["keep a new note {title}", "set up a note with the name {title}"],
    gate=["make a note named {title}", "add a new note {title}", "create a note with the title {title}"],
)
TEXT_IS = Phrases(
    "notes.text_is",
    train=[
        '"{text}"',
        'Write "{text}".',
        'It should say "{text}".',
        'The text is "{text}".',
        'Put "{text}" in it.',
        'Just "{text}".',
        'Let it say "{text}", please.',
    ],
    dev=['The words are "{text}".', 'Have it say "{text}".'],
    gate=['Please write "{text}".', 'The note says "{text}".', 'It should have the text "{text}".'],
)
READ = Phrases(
    "notes.read",
    train=[
        "tell me what the note {title} says",
        "read me the note {title}",
        "show me the text of the note {title}",
        "open the note {title} and tell me what it says",
        "look up what {title} says",
        "read out the note {title}",
        "tell me the text of the note {title}",
        "check what is in the note {title}",
    ],
    dev=["say what is written in {title}", "find the text of the note {title}"],
    gate=["tell me what is in the note {title}", "read me what the note {title} says", "look up the text of {title}"],
)
APPEND = Phrases(
    "notes.append",
    train=[
        'add "{text}" to {title}',
        'add the line "{text}" to {title}',
        'write "{text}" at the end of {title}',
        'put "{text}" into {title} as well',
        'add a line to {title} that says "{text}"',
        'put the line "{text}" at the end of {title}',
        'add "{text}" at the end of {title}',
    ],
    dev=['let {title} end with the line "{text}"', 'extend {title} with "{text}"'],
    gate=[
        'put a line that says "{text}" at the end of {title}',
        'write the line "{text}" into {title} as well',
        'add the text "{text}" to {title}',
    ],
)
PIN = Phrases(
    "notes.pin",
    train=[
        "pin {title}",
        "pin {title} to the top",
        "put a pin on {title}",
        "keep {title} at the top with a pin",
        "let {title} be pinned",
        "pin {title} for me",
        "set {title} to pinned",
    ],
    dev=["stick {title} to the top", "have {title} stay pinned"],
    gate=["make {title} a pinned note", "have {title} pinned at the top", "turn on the pin of {title}"],
)
UNPIN = Phrases(
    "notes.unpin",
    train=[
        "unpin {title}",
        "take the pin off {title}",
        "remove the pin from {title}",
        "unpin the note {title}",
        "unpin {title} for me",
        "set {title} to not pinned",
        "take {title} off the top and unpin it",
    ],
    dev=["let {title} be without a pin", "have {title} no longer pinned"],
    gate=["make {title} not pinned", "turn off the pin of {title}", "have the pin of {title} removed"],
)
TAG = Phrases(
    "notes.tag",
    train=[
        "tag {title} with {tags}",
        "put the tag {tags} on {title}",
        "add the tag {tags} to {title}",
        "give {title} the tag {tags}",
        "label {title} as {tags}",
        "tag {title} as {tags}",
        "set the tag {tags} on {title}",
    ],
    dev=["mark {title} with the tag {tags}", "let {title} have the tag {tags}"],
    gate=["add {tags} as a tag to {title}", "put {tags} on {title} as a tag", "give the tag {tags} to {title}"],
)
RENAME = Phrases(
    "notes.rename",
    train=[
        "rename {title} to {new}",
        "change the title of {title} to {new}",
        "give {title} the new title {new}",
        "rename {title} and use the title {new}",
        "call {title} {new} from now on",
        "change the name of {title} to {new}",
        "set the title of {title} to {new}",
    ],
    dev=["let {title} be called {new}", "turn the title of {title} into {new}"],
    gate=["give {title} the name {new}", "let {title} have the title {new}", "make {new} the title of {title}"],
)
TRASH = Phrases(
    "notes.trash",
    train=[
        "throw away {title}",
        "delete {title}",
        "trash the note {title}",
        "remove the note {title}",
        "put {title} in the trash",
        "get rid of {title}",
        "delete the note {title}",
    ],
    dev=["drop the note {title}", "clear away {title}"],
    gate=["throw the note {title} away", "move {title} to the trash", "have the note {title} deleted"],
)
COPY = Phrases(
    "notes.copy",
    train=[
        "copy {title} into a new note called {new}",
        "make a copy of {title} called {new}",
        "create a note {new} with the same text as {title}",
        "save the text of {title} in a new note {new}",
        "make a new note {new} that says the same as {title}",
        "write the text of {title} into a new note called {new}",
        "copy the text of {title} to a new note named {new}",
    ],
    dev=["start a note {new} that has the text of {title}", "keep a copy of the note {title} under the name {new}"],
    gate=[
        "make a note named {new} with the text of {title}",
        "copy what {title} says into a new note {new}",
        "add a new note {new} that has the same text as {title}",
    ],
)
OTHER_TITLE = Phrases(
    "notes.other_title",
    train=[
        "Call it {new}.",
        "Use {new} then.",
        "Take the title {new} instead.",
        "Then call it {new}.",
        "{new}.",
        "Make it {new}, please.",
        "The title should be {new}.",
    ],
    dev=["It could be {new}.", "I would say {new}."],
    gate=["Please name it {new}.", "Use the title {new} instead.", "Take {new} as the title."],
)
# The plots of the gate alone.
JOIN = Phrases(
    "notes.join",
    gate=[
        "add the text of {title} to the end of {other}",
        "put what {title} says at the end of {other}",
        "copy the text of {title} to the end of the note {other}",
    ],
)
CREATE_OR = Phrases(
    "notes.create_or",
    gate=[
        "{a}; if there is such a note already, add the text to it",
        "{a}, or add the text if it is there already",
        "{a}; if that note is there already, put the text at the end of it",
    ],
)
NEW_TITLE = Phrases(
    "notes.new_title",
    gate=[
        "From now on its title is to be {new}.",
        "{new} is what it is about now.",
        "I like {new} better.",
    ],
)
RENAME_OPEN = Phrases(
    "notes.rename_open",
    gate=[
        "change the title of the note {title}",
        "give the note {title} a new title",
        "rename the note {title}",
        "give {title} another name",
    ],
)


def _begin(s: Script, titles: dict[str, str], **more: Any) -> None:
    """Start with notes of these titles and texts, in any order; `more` holds for all of them."""
    shuffled = s.rng.sample(list(titles), len(titles))
    blank = {"tags": [], "color": "white", "pinned": False}
    notes = {f"n{n}": {"title": title, "text": titles[title], **blank, **more} for n, title in enumerate(shuffled, 1)}
    s.begin({"notes": notes, "next": len(titles) + 1})


def _find(s: Script, title: str) -> str:
    """Search for a note by its title, as a gold call, and return its id."""
    found = s.call("search_notes", query=title)["notes"]
    note_id: str = next(note["note_id"] for note in found if note["title"] == title)
    return note_id


@family(domain="notes", tier="easy", role="train")
def write_note(s: Script) -> None:
    title, text = s.words.title(), s.words.line()
    _begin(s, {s.words.title(): s.words.line()})
    clause = s.phrase(CREATE, title=title, text=text)
    if s.rng.random() < 0.4:
        color = s.rng.choice(COLORS)
        s.turn(s.please(s.phrase(COLOR, a=clause, color=color)))
        s.call("create_note", title=title, text=text, color=color)
    else:
        s.turn(s.please(clause))
        s.call("create_note", title=title, text=text)
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="easy", role="train")
def read_out(s: Script) -> None:
    title, text = s.words.title(), s.words.line()
    _begin(s, {title: text, s.words.title(): s.words.line()})
    s.turn(s.please(s.phrase(READ, title=title)))
    s.call("read_note", note_id=_find(s, title), derived=["note_id"])
    s.end(f'It says: "{text}".', tell=[text])


@family(domain="notes", tier="easy", role="train")
def pin_or_unpin(s: Script) -> None:
    title, pinned = s.words.title(), s.rng.random() < 0.5
    _begin(s, {title: s.words.line(), s.words.title(): s.words.line()}, pinned=not pinned)
    s.turn(s.please(s.phrase(PIN if pinned else UNPIN, title=title)))
    s.call("pin_note", note_id=_find(s, title), pinned=pinned, derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="easy", role="train", abstain=True)
def write_without_text(s: Script) -> None:
    title, text = s.words.title(), s.words.line()
    _begin(s, {s.words.title(): s.words.line()})
    s.turn(s.please(s.phrase(CREATE_OPEN, title=title)))
    s.end("What should the note say?", asks=True)
    s.turn(s.phrase(TEXT_IS, text=text))
    s.call("create_note", title=title, text=text)
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="moderate", role="train")
def add_and_tag(s: Script) -> None:
    title, text, tag = s.words.title(), s.words.line(), s.words.word()
    _begin(s, {title: s.words.line(), s.words.title(): s.words.line()})
    s.turn(s.please(s.phrase(APPEND, title=title, text=text), s.phrase(TAG, title="it", tags=tag)))
    note_id = _find(s, title)
    s.call("append_to_note", note_id=note_id, text=text, derived=["note_id"])
    s.call("tag_note", note_id=note_id, tags=[tag], derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="moderate", role="train")
def copy_note(s: Script) -> None:
    """Make a copy, and often throw the first note away."""
    title, new, text = s.words.title(), s.words.title(), s.words.line()
    _begin(s, {title: text, s.words.title(): s.words.line()})
    trash = s.rng.random() < 0.5
    s.turn(s.please(s.phrase(COPY, title=title, new=new), *([s.phrase(TRASH, title=title)] if trash else [])))
    note_id = _find(s, title)
    s.call("read_note", note_id=note_id, derived=["note_id"])
    s.call("create_note", title=new, text=text, derived=["text"])
    if trash:
        s.call("trash_note", note_id=note_id, derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="moderate", role="train")
def write_or_rename(s: Script) -> None:
    """The title for a new note is taken, so the user gives another one."""
    title, new, text, tag = s.words.title(), s.words.title(), s.words.line(), s.words.word()
    _begin(s, {title: s.words.line()})
    s.turn(s.please(s.phrase(CREATE, title=title, text=text)))
    s.call("create_note", title=title, text=text, fails=True)
    s.end("There is a note with that title already. What title should I use?")
    s.turn(s.phrase(OTHER_TITLE, new=new))
    note_id = s.call("create_note", title=new, text=text)["note_id"]
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(TAG, title="it", tags=tag)))
    s.call("tag_note", note_id=note_id, tags=[tag], derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="hard", role="train")
def tidy_up(s: Script) -> None:
    """Read a note, rename and pin it, then throw another one away."""
    title, new, other, text = s.words.title(), s.words.title(), s.words.title(), s.words.line()
    _begin(s, {title: text, other: s.words.line()})
    s.turn(s.please(s.phrase(READ, title=title)))
    note_id = _find(s, title)
    s.call("read_note", note_id=note_id, derived=["note_id"])
    s.end(f'It says: "{text}".', tell=[text])
    s.turn(s.please(s.phrase(RENAME, title="it", new=new), s.phrase(PIN, title="it")))
    s.call("rename_note", note_id=note_id, title=new, derived=["note_id"])
    s.call("pin_note", note_id=note_id, pinned=True, derived=["note_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(TRASH, title=other)))
    s.call("trash_note", note_id=_find(s, other), derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="moderate", role="dev")
def rename_and_pin(s: Script) -> None:
    title, new = s.words.title(), s.words.title()
    _begin(s, {title: s.words.line(), s.words.title(): s.words.line()})
    s.turn(s.please(s.phrase(RENAME, title=title, new=new), s.phrase(PIN, title="it")))
    note_id = _find(s, title)
    s.call("rename_note", note_id=note_id, title=new, derived=["note_id"])
    s.call("pin_note", note_id=note_id, pinned=True, derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="easy", role="gate")
def trash_one(s: Script) -> None:
    title = s.words.title()
    _begin(s, {title: s.words.line(), s.words.title(): s.words.line()})
    s.turn(s.please(s.phrase(TRASH, title=title)))
    s.call("trash_note", note_id=_find(s, title), derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="moderate", role="gate")
def join_notes(s: Script) -> None:
    title, other, text = s.words.title(), s.words.title(), s.words.line()
    _begin(s, {title: text, other: s.words.line()})
    s.turn(s.please(s.phrase(JOIN, title=title, other=other)))
    s.call("read_note", note_id=_find(s, title), derived=["note_id"])
    s.call("append_to_note", note_id=_find(s, other), text=text, derived=["note_id", "text"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="hard", role="gate")
def note_that_is_there(s: Script) -> None:
    """The note to write is there already, so the text is added to it; then it is tagged, and another one renamed."""
    title, other, new = s.words.title(), s.words.title(), s.words.title()
    text, tag = s.words.line(), s.words.word()
    _begin(s, {title: s.words.line(), other: s.words.line()})
    s.turn(s.please(s.phrase(CREATE_OR, a=s.phrase(CREATE, title=title, text=text))))
    s.call("create_note", title=title, text=text, fails=True)
    note_id = _find(s, title)
    s.call("append_to_note", note_id=note_id, text=text, derived=["note_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(TAG, title=title, tags=tag), s.phrase(RENAME, title=other, new=new)))
    s.call("tag_note", note_id=note_id, tags=[tag], derived=["note_id"])
    s.call("rename_note", note_id=_find(s, other), title=new, derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="easy", role="gate", abstain=True)
def rename_to_nothing(s: Script) -> None:
    title = s.words.title()
    _begin(s, {title: s.words.line(), s.words.title(): s.words.line()})
    s.turn(s.please(s.phrase(RENAME_OPEN, title=title)))
    s.end("What should the new title be?", asks=True)
    if s.twin:
        new = s.words.title()
        s.turn(s.phrase(NEW_TITLE, new=new))
        s.call("rename_note", note_id=_find(s, title), title=new, derived=["note_id"])
        s.end(s.rng.choice(DONE))
