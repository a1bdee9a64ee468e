"""More notes tasks of the gate: they share the tools with training, but neither plots nor phrasings."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.notes import COLORS, _begin, _find
from mlx_train.tasks.phrases import DONE, Phrases

MENTION = Phrases(
    "notes.mention",
    gate=[
        "Which of my notes mention the word {word}?",
        "Two of my notes have the word {word} in them. What are their titles?",
        "Search my notes for {word} and tell me the titles of all that you find.",
    ],
)
TAG_ID = Phrases(
    "notes.tag_id",
    gate=[
        "tag note {note} with {a} and {b}",
        "give note {note} the two tags {a} and {b}",
        "let note {note} have {a} and {b} as tags",
    ],
)
AND_PIN = Phrases(
    "notes.and_pin",
    gate=[
        "That note should be pinned as well.",
        "And now pin the same note, please.",
        "Since we are at it, let that note be pinned too.",
    ],
)
WHICH_COLOR = Phrases(
    "notes.which_color",
    gate=[
        "What color does the note {title} have?",
        "In which color is {title} written down in my notes?",
        "Look at the note {title} and tell me its color.",
    ],
)
PIN_TAGGED = Phrases(
    "notes.pin_tagged",
    gate=[
        "pin every note that has the tag {tag}",
        "look for the notes tagged {tag} and pin all of them",
        "see that all notes with the tag {tag} are pinned",
    ],
)
IF_IT_HAS = Phrases(
    "notes.if_it_has",
    gate=[
        'If the text of the note {title} has the word {word} in it, add the line "{text}"; otherwise throw the note '
        "away.",
        'Look into the note {title}. Should its text have the word {word} in it, put "{text}" at its end. If not, it '
        "goes into the trash.",
        "Throw away the note {title}, unless the word {word} is in its text: in that case keep it and write "
        '"{text}" below it.',
    ],
)
NOTE_DOWN = Phrases(
    "notes.note_down",
    gate=[
        'I want a {color} note, {title}, with the words "{text}".',
        'Note this down in {color}: "{text}". The title is {title}.',
        'There should be a {color} note with the title {title} that says "{text}".',
    ],
)
CALL_IT = Phrases(
    "notes.call_it",
    gate=[
        "Hm, the title is not good. Call it {new}.",
        "I have changed my mind about the title: it should be {new}.",
        "No, {new} is a better title. Please change it.",
    ],
)
GO_ON = Phrases(
    "notes.go_on",
    gate=[
        'I am back. Write "{text}" below the rest of that note, tag it with {tag} and pin it.',
        'Let us go on with that note: it gets the tag {tag} and the line "{text}" at its end, and it should be pinned.',
        'Now add "{text}" as the last line of that note. It also needs the tag {tag} and a pin.',
    ],
)
TWO_IN_ONE = Phrases(
    "notes.two_in_one",
    gate=[
        "Make one note of two: {new} should have the text of {a} and, below it, that of {b}. Throw {a} and {b} away "
        "afterwards.",
        "I want a new note {new} with the text of {a} and then, on a line of its own, the text of {b}. The notes {a} "
        "and {b} can go in the trash after that.",
        "Write a note {new} that has what is in {a}, followed on the next line by what is in {b}, and then get rid of "
        "both {a} and {b}.",
    ],
)
LINE_ID = Phrases(
    "notes.line_id",
    gate=[
        'let note {note} end with one more line, "{text}"',
        'put the words "{text}" under what is in note {note}',
        'write "{text}" on a new last line of note {note}',
    ],
)
TITLE_ID = Phrases(
    "notes.title_id",
    gate=[
        "let note {note} be called {new} from now on",
        "replace the title of note {note} by {new}",
        "give note {note} a better title, {new}",
    ],
)


def _desk(s: Script, notes: dict[str, dict[str, Any]]) -> None:
    """Start with notes, in any order, of which each may differ from the usual in tags or color."""
    blank = {"tags": [], "color": "white", "pinned": False}
    shuffled = s.rng.sample(list(notes), len(notes))
    s.begin(
        {
            "notes": {f"n{n}": {"title": title, **blank, **notes[title]} for n, title in enumerate(shuffled, 1)},
            "next": len(notes) + 1,
        }
    )


@family(domain="notes", tier="easy", role="gate")
def notes_that_mention(s: Script) -> None:
    """Say which notes have a word in their text."""
    word, titles = s.words.word(), [s.words.title() for _ in range(4)]
    texts = [f"{s.words.line()} {word}", f"{word} {s.words.line()}", s.words.line(), s.words.line()]
    _begin(s, dict(zip(titles, texts, strict=True)))
    s.turn(s.phrase(MENTION, word=word))
    found = [note["title"] for note in s.call("search_notes", query=word)["notes"]]
    if len(found) != 2:
        raise Redraw
    s.end(f"These are {' and '.join(found)}.", tell=found)


@family(domain="notes", tier="easy", role="gate")
def tag_by_id(s: Script) -> None:
    """Two tags and then a pin for a note that the user names by its id."""
    _begin(s, {s.words.title(): s.words.line() for _ in range(4)})
    note_id, a, b = f"n{s.words.number(1, 4)}", s.words.word(), s.words.word()
    s.turn(s.please(s.phrase(TAG_ID, note=note_id, a=a, b=b)))
    s.call("tag_note", note_id=note_id, tags=[a, b])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(AND_PIN))
    s.call("pin_note", note_id=note_id, pinned=True)
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="easy", role="gate")
def line_by_id(s: Script) -> None:
    """One more line for a note that the user names by its id."""
    _begin(s, {s.words.title(): s.words.line() for _ in range(4)})
    note_id, text = f"n{s.words.number(1, 4)}", s.words.line()
    s.turn(s.please(s.phrase(LINE_ID, note=note_id, text=text)))
    s.call("append_to_note", note_id=note_id, text=text)
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="easy", role="gate")
def title_by_id(s: Script) -> None:
    """Another title for a note that the user names by its id."""
    _begin(s, {s.words.title(): s.words.line() for _ in range(4)})
    note_id, new = f"n{s.words.number(1, 4)}", s.words.title()
    s.turn(s.please(s.phrase(TITLE_ID, note=note_id, new=new)))
    s.call("rename_note", note_id=note_id, title=new)
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="easy", role="gate")
def color_of_note(s: Script) -> None:
    """Say which color a note has."""
    titles, colors = [s.words.title() for _ in range(3)], s.rng.sample(COLORS, 3)
    _desk(s, {t: {"text": s.words.line(), "color": color} for t, color in zip(titles, colors, strict=True)})
    s.turn(s.phrase(WHICH_COLOR, title=titles[0]))
    color = s.call("read_note", note_id=_find(s, titles[0]), derived=["note_id"])["color"]
    s.end(f"It is {color}.", tell=[color])


@family(domain="notes", tier="moderate", role="gate")
def pin_all_tagged(s: Script) -> None:
    """Pin the two or three notes with a tag; then nothing is to be done."""
    tag, other, count = s.words.word(), s.words.word(), s.rng.choice((2, 3))
    tags = [tag] * count + [other] * (4 - count)
    _desk(s, {s.words.title(): {"text": s.words.line(), "tags": [one]} for one in tags})
    s.turn(s.please(s.phrase(PIN_TAGGED, tag=tag)))
    found = s.call("search_notes", query=tag)["notes"]
    if len(found) != count:
        raise Redraw
    for note in found:
        s.call("pin_note", note_id=note["note_id"], pinned=True, derived=["note_id"])
    s.end(s.rng.choice(DONE))
    pause(s)


@family(domain="notes", tier="moderate", role="gate")
def keep_or_trash(s: Script) -> None:
    """Add to a note if a word is in its text, and throw it away if not."""
    title, word, text = s.words.title(), s.words.word(), s.words.line()
    has = s.rng.random() < 0.5
    _begin(
        s,
        {
            title: f"{s.words.line()} {word if has else s.words.word()} {s.words.line()}",
            s.words.title(): f"{word} {s.words.line()}",
        },
    )
    s.turn(s.phrase(IF_IT_HAS, title=title, word=word, text=text))
    note_id = _find(s, title)
    has = word in s.call("read_note", note_id=note_id, derived=["note_id"])["text"]
    if has != (word in s.start["notes"][note_id]["text"].split()):
        raise Redraw
    if has:
        s.call("append_to_note", note_id=note_id, text=text, derived=["note_id"])
    else:
        s.call("trash_note", note_id=note_id, derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="hard", role="gate")
def note_in_steps(s: Script) -> None:
    """Write a note, give it another title, wait, then go on with it."""
    title, new, tag, color = s.words.title(), s.words.title(), s.words.word(), s.rng.choice(COLORS)
    text, more = s.words.line(), s.words.line()
    _begin(s, {s.words.title(): s.words.line()})
    s.turn(s.phrase(NOTE_DOWN, color=color, title=title, text=text))
    note_id = s.call("create_note", title=title, text=text, color=color)["note_id"]
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(CALL_IT, new=new))
    s.call("rename_note", note_id=note_id, title=new, derived=["note_id"])
    s.end(s.rng.choice(DONE))
    pause(s)
    s.turn(s.phrase(GO_ON, text=more, tag=tag))
    s.call("append_to_note", note_id=note_id, text=more, derived=["note_id"])
    s.call("tag_note", note_id=note_id, tags=[tag], derived=["note_id"])
    s.call("pin_note", note_id=note_id, pinned=True, derived=["note_id"])
    s.end(s.rng.choice(DONE))


@family(domain="notes", tier="hard", role="gate")
def one_note_of_two(s: Script) -> None:
    """Write a new note with the texts of two others, and throw those away."""
    a, b, new, texts = s.words.title(), s.words.title(), s.words.title(), [s.words.line() for _ in range(2)]
    _begin(s, {a: texts[0], b: texts[1], s.words.title(): s.words.line()})
    s.turn(s.phrase(TWO_IN_ONE, a=a, b=b, new=new))
    ids = []
    for title in (a, b):
        ids.append(_find(s, title))
        s.call("read_note", note_id=ids[-1], derived=["note_id"])
    new_id = s.call("create_note", title=new, text=texts[0], derived=["text"])["note_id"]
    s.call("append_to_note", note_id=new_id, text=texts[1], derived=["note_id", "text"])
    for note_id in ids:
        s.call("trash_note", note_id=note_id, derived=["note_id"])
    s.end(s.rng.choice(DONE))
