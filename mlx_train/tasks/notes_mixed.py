"""Trained notes families of requests in any order; see `mixed`."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks import notes as say
from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.mixed import mixed
from mlx_train.tasks.phrases import Phrases

WRITE_PIN = Phrases(
    "notes.write_pin",
    train=[
        "{a}, and [pin it|pin it to the top|pin it at once]",
        "{a}, and [put a pin on it|let it be pinned]",
        "{a}; it should be [pinned|pinned as well|a pinned one]",
    ],
    dev=["{a} and keep it pinned", "{a}, with a pin on it"],
)
WRITE_TAG = Phrases(
    "notes.write_tag",
    train=[
        "{a}, and [tag it with|tag it as|give it the tag] {tag}",
        "{a}, and [put the tag {tag} on it|let its tag be {tag}]",
        "{a}; it should [have|get|carry] the tag {tag}",
    ],
    dev=["{a} and mark it with the tag {tag}", "{a}, under the tag {tag}"],
)
IF_UNPINNED = Phrases(
    "notes.if_unpinned",
    train=[
        "Please {a}, but only if [it|this note] is not pinned.",
        "Could you {a}? [But leave|Leave] it [alone|as it is] if it is pinned.",
        "[Do this|Do it] only if the note is [not pinned|without a pin]: {a}.",
        "If the note is pinned, [do nothing|leave it]; if [not|it is not], {a}.",
    ],
    dev=["Unless the note has a pin, {a}.", "See if the note is pinned, and in case it is not, {a}."],
)
APPEND_OR = Phrases(
    "notes.append_or",
    train=[
        "Please {a}. If [there is|I have] no [such note|note of that title], [add|put] it at the end of {other} "
        "instead.",
        "Could you {a}? If [there is|I have] no such note, the line [goes|should go] to the end of {other}.",
        "If the note [exists|is there], {a}. If [not|it does not exist], [add|write] the same line to {other}.",
    ],
    dev=[
        "I want you to {a}, and if I have no note like that, to put the line at the end of {other}.",
        "See to this: {a}. Without such a note, {other} gets the line.",
    ],
)
MORE_TAGS = Phrases(
    "notes.more_tags",
    train=[
        "tell me which of the notes {a} and {b} has [more tags|the most tags|the larger number of tags]",
        "find out which [has more tags|has got more tags], the note {a} or the note {b}",
        "[say|look up|check] whether the note {a} or the note {b} has more tags",
    ],
    dev=["name the note that has more tags, {a} or {b}", "let me know if {a} or {b} is the note with more tags"],
)
SAME_COLOR = Phrases(
    "notes.same_color",
    train=[
        "{a}, in the [same color as|color of] the note {other}",
        "{a}, and [take|use] the color [of the note|that is used for|that belongs to] {other}",
        "{a}; its color should be [that of|the same as that of] the note {other}",
    ],
    dev=["{a}, with the color that {other} has", "{a} and color it like the note {other}"],
)
TAG_OPEN = Phrases(
    "notes.tag_open",
    train=[
        "[put|set] [a|another] tag on {title}",
        "[add|give] [a|another|one more] tag to {title}",
        "tag [the note|my note] {title}",
    ],
    dev=["label the note {title}", "let {title} have one more tag"],
)
TAG_IS = Phrases(
    "notes.tag_is",
    train=[
        "[The tag is|The tag should be|I mean the tag|Take the tag] {tag}.",
        "[Use the tag|Tag it with|Make the tag] {tag}[, please|].",
        "[Let its tag be|I want the tag|I thought of the tag] {tag}.",
    ],
    dev=["{tag} is the tag.", "It could be the tag {tag}."],
)


class Notebook(Board):
    """A few notes. The id of one is known once it was searched for, and what stands in it once it was read."""

    def __init__(self, s: Script) -> None:
        notes: dict[str, dict[str, Any]] = {}
        for n in range(1, s.rng.choice((3, 4, 4, 5, 6)) + 1):
            notes[f"n{n}"] = {
                "title": s.words.title(),
                "text": s.words.line(),
                "tags": [s.words.word() for _ in range(s.rng.choice((0, 1, 1, 2, 3)))],
                "color": s.rng.choice(("white", *say.COLORS)),
                "pinned": s.rng.random() < 0.4,
            }
        super().__init__(s, {"notes": notes, "next": len(notes) + 1})
        self.known: set[str] = set()
        self.read: set[str] = set()
        self.pins: set[str] = set()
        """Notes whose pin the assistant has set or taken off."""

    @property
    def notes(self) -> dict[str, dict[str, Any]]:
        """The notes by id."""
        notes: dict[str, dict[str, Any]] = self._state["notes"]
        return notes

    def note(self, but: str = "") -> tuple[str, str]:
        """Id and title of a note, other than one."""
        id = self.pick([id for id in self.notes if id != but])
        return id, self.notes[id]["title"]

    def unread(self) -> tuple[str, str]:
        """Id and title of a note that was not read yet."""
        id = self.pick([id for id in self.notes if id not in self.read])
        return id, self.notes[id]["title"]

    def look(self, id: str) -> str:
        """The id, after a search for the title if it was not seen yet."""
        if id not in self.known:
            self.search(self.notes[id]["title"])
        return id

    def search(self, title: str) -> None:
        """Search for a title."""
        self.known |= {note["note_id"] for note in self.do("search_notes", query=title)["notes"]}

    def see(self, id: str, *, told: bool = False) -> dict[str, Any]:
        """Read a note, whose id the user may have told."""
        note = self.do("read_note", note_id=id if told else self.look(id), derived=[] if told else ["note_id"])
        self.known.add(id)
        self.read.add(id)
        return note

    def write(self, title: str, text: str, **more: Any) -> str:
        """Write a new note; its id."""
        id: str = self.do("create_note", title=title, text=text, **more)["note_id"]
        self.known.add(id)
        self.read.add(id)
        return id


def write(d: Notebook) -> None:
    title, text = d.s.words.title(), d.s.words.line()
    clause = d.s.phrase(say.CREATE, title=title, text=text)
    more: dict[str, Any] = {}
    if d.rng.random() < 0.4:
        more["color"] = d.rng.choice(say.COLORS)
        clause = d.s.phrase(say.COLOR, a=clause, **more)
    d.clause(clause)
    d.write(title, text, **more)


def write_and(d: Notebook) -> None:
    title, text, tag = d.s.words.title(), d.s.words.line(), d.s.words.word()
    clause = d.s.phrase(say.CREATE, title=title, text=text)
    if d.rng.random() < 0.5:
        d.ask(WRITE_PIN, a=clause)
        id = d.write(title, text)
        d.do("pin_note", note_id=id, pinned=True, derived=["note_id"])
    else:
        d.ask(WRITE_TAG, a=clause, tag=tag)
        d.do("tag_note", note_id=d.write(title, text), tags=[tag], derived=["note_id"])


def read(d: Notebook) -> None:
    id, title = d.unread()
    if "\n" in d.notes[id]["text"]:
        raise Redraw
    told = d.rng.random() < 0.3
    d.ask(say.READ, title=id if told else title)
    text = d.see(id, told=told)["text"]
    d.answer(f'It says: "{text}".', text)


def append(d: Notebook) -> None:
    (id, title), text = d.note(), d.s.words.line()
    d.ask(say.APPEND, title=title, text=text)
    d.do("append_to_note", note_id=d.look(id), text=text, derived=["note_id"])


def rename(d: Notebook) -> None:
    (id, title), new = d.note(), d.s.words.title()
    d.ask(say.RENAME, title=title, new=new)
    d.do("rename_note", note_id=d.look(id), title=new, derived=["note_id"])


def pin(d: Notebook) -> None:
    id, title = d.note()
    pinned = not d.notes[id]["pinned"]
    if not pinned and d.rng.random() < 0.3:
        d.ask(say.UNPIN, title=id)
        d.do("pin_note", note_id=id, pinned=False)
    else:
        d.ask(say.PIN if pinned else say.UNPIN, title=title)
        d.do("pin_note", note_id=d.look(id), pinned=pinned, derived=["note_id"])
    d.pins.add(id)


def tag(d: Notebook) -> None:
    (id, title), word = d.note(), d.s.words.word()
    d.ask(say.TAG, title=title, tags=word)
    d.do("tag_note", note_id=d.look(id), tags=[word], derived=["note_id"])


def trash(d: Notebook) -> None:
    if len(d.notes) < 3:
        raise Redraw
    id, title = d.note()
    if d.rng.random() < 0.3:
        d.ask(say.TRASH, title=id)
        d.do("trash_note", note_id=id)
    else:
        d.ask(say.TRASH, title=title)
        d.do("trash_note", note_id=d.look(id), derived=["note_id"])


def copy(d: Notebook) -> None:
    (id, title), new = d.unread(), d.s.words.title()
    d.ask(say.COPY, title=title, new=new)
    d.write(new, d.see(id)["text"], derived=["text"])


def if_unpinned(d: Notebook) -> None:
    (id, title), new = d.unread(), d.s.words.title()
    if id in d.pins or len(d.notes) < 3:
        raise Redraw
    trash = d.rng.random() < 0.5
    clause = d.s.phrase(say.TRASH, title=title) if trash else d.s.phrase(say.RENAME, title=title, new=new)
    d.request(IF_UNPINNED, a=clause)
    if d.see(id)["pinned"]:
        return d.answer(f"{title} is pinned, so I left it.")
    if trash:
        d.do("trash_note", note_id=id, derived=["note_id"])
    else:
        d.do("rename_note", note_id=id, title=new, derived=["note_id"])
    d.answer(f"{title} was not pinned, so I did that.")


def or_else(d: Notebook) -> None:
    (id, title), text = d.note(), d.s.words.line()
    other, second = d.note(but=id)
    there = d.rng.random() < 0.4
    if not there:
        title = d.s.words.title()
    d.request(APPEND_OR, a=d.s.phrase(say.APPEND, title=title, text=text), other=second)
    if not there:
        d.search(title)
    d.do("append_to_note", note_id=d.look(id if there else other), text=text, derived=["note_id"])
    d.answer(f"The line is in {title if there else second}.")


def more_tags(d: Notebook) -> None:
    if len(d.notes) < 2:
        raise Redraw
    pair = d.rng.sample(sorted(d.notes), 2)
    tags = [len(d.notes[id]["tags"]) for id in pair]
    if tags[0] == tags[1] or d.read >= set(pair):
        raise Redraw
    told = not d.known >= set(pair)
    names = pair if told else [d.notes[id]["title"] for id in pair]
    d.ask(MORE_TAGS, a=names[0], b=names[1])
    for id in pair:
        if id not in d.read:
            d.see(id, told=told)
    most = names[tags.index(max(tags))]
    d.answer(f"{most} has more tags, {max(tags)}.", most)


def same_color(d: Notebook) -> None:
    (id, other), title, text = d.unread(), d.s.words.title(), d.s.words.line()
    if d.notes[id]["color"] == "white":
        raise Redraw
    d.ask(SAME_COLOR, a=d.s.phrase(say.CREATE, title=title, text=text), other=other)
    color = d.see(id)["color"]
    d.write(title, text, color=color, derived=["color"])
    d.answer(f"{title} is {color} now.")


def ask_text(d: Notebook) -> None:
    title, text = d.s.words.title(), d.s.words.line()
    d.ask(say.CREATE_OPEN, title=title)
    d.answer("What should the note say?")
    d.send(asks=True)
    d.write(title, text)
    d.send(d.s.phrase(say.TEXT_IS, text=text))


def ask_tag(d: Notebook) -> None:
    (id, title), word = d.note(), d.s.words.word()
    d.ask(TAG_OPEN, title=title)
    d.answer("Which tag should it get?")
    d.send(asks=True)
    d.do("tag_note", note_id=d.look(id), tags=[word], derived=["note_id"])
    d.send(d.s.phrase(TAG_IS, tag=word))


MOVES = (
    write, write_and, read, append, rename, pin, tag, trash, copy, if_unpinned, or_else, more_tags, same_color,
)  # fmt: skip
mixed("notes", Notebook, MOVES, (ask_text, ask_tag))
