"""Notes families of the development suites, by which recipes and checkpoints are chosen; no training, no gate."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.notes import _begin, _find
from mlx_train.tasks.phrases import DONE, Phrases

PLACES = {"second": 1, "third": 2}
LINE_OF = Phrases(
    "notes.dev.line_of",
    dev=[
        "give me the {place} line of the note {title}",
        "open {title} and say what is written in its {place} line",
        "find the note {title} and let me know how its {place} line reads",
    ],
)
TAG_FOUND = Phrases(
    "notes.dev.tag_found",
    dev=[
        "find the one note that has {word} in it and mark it with the tag {tag}",
        "let the only note that has something about {word} have the tag {tag}",
        "look up in which note I wrote about {word} and label it with {tag}",
    ],
)
RENAME_OR_TAG = Phrases(
    "notes.dev.rename_or_tag",
    dev=[
        "let {title} be called {new}, or have the tag {tag} if another note is called that, and stick it to the top in "
        "both cases",
        "stick {title} to the top and turn its title into {new}; should another note be called that, leave the title "
        "as it is and mark {title} with the tag {tag}",
        "let {title} have a pin and be called {new}, unless a note of that title is there: then it keeps its own "
        "title and has the tag {tag} as well as the pin",
    ],
)
MORE_LINES = Phrases(
    "notes.dev.more_lines",
    dev=[
        "Which note has more lines, {a} or {b}? Give me its title.",
        "Count the lines of {a} and of {b} and give me the title of the longer note.",
        "I need the title of whichever note has more lines, {a} or {b}.",
    ],
)
LAST_LINE_TO = Phrases(
    "notes.dev.last_line_to",
    dev=[
        "Take its last line and extend {other} with that.",
        "Extend {other} so that it ends with the same line as that note.",
        "The line with which that note ends should come last in {other} as well.",
    ],
)
TAKE_OVER = Phrases(
    "notes.dev.take_over",
    dev=[
        "Drop the shorter one of the two that you compared. The longer one takes over its title.",
        "Clear away the one of those two with fewer lines, and let the one with more lines have the title that is "
        "free then.",
        "Of the two that you compared, the shorter one can go. Its title is what the longer one should be called then.",
    ],
)


def _lines(s: Script, count: int) -> str:
    """A text of so many lines."""
    return "\n".join(s.words.line() for _ in range(count))


@family(domain="notes", tier="easy", role="dev")
def one_line_of(s: Script) -> None:
    """Say what one line of a note is."""
    title, place = s.words.title(), s.rng.choice(sorted(PLACES))
    _begin(s, {title: _lines(s, 4), s.words.title(): _lines(s, 3), s.words.title(): _lines(s, 4)})
    s.turn(s.please(s.phrase(LINE_OF, title=title, place=place)))
    text = s.call("read_note", note_id=_find(s, title), derived=["note_id"])["text"]
    line = text.splitlines()[PLACES[place]]
    s.end(f'It is "{line}".', tell=[line])


@family(domain="notes", tier="easy", role="dev")
def tag_by_content(s: Script) -> None:
    """Tag a note that the user knows only by a word in it."""
    word, tag, titles = s.words.word(), s.words.word(), [s.words.title() for _ in range(4)]
    texts = [f"{s.words.line()} {word} {s.words.line()}", *(s.words.line() for _ in range(3))]
    _begin(s, dict(zip(titles, texts, strict=True)))
    s.turn(s.please(s.phrase(TAG_FOUND, word=word, tag=tag)))
    found = s.call("search_notes", query=word)["notes"]
    if len(found) != 1:
        raise Redraw
    s.call("tag_note", note_id=found[0]["note_id"], tags=[tag], derived=["note_id"])
    s.end(f"I tagged {titles[0]}.")


@family(domain="notes", tier="moderate", role="dev")
def rename_or_tag(s: Script) -> None:
    """Rename a note, or tag it if the title is taken, and pin it in any case."""
    title, new, third, tag = s.words.title(), s.words.title(), s.words.title(), s.words.word()
    taken = s.rng.random() < 0.6
    _begin(s, {title: s.words.line(), third: s.words.line(), new if taken else s.words.title(): s.words.line()})
    s.turn(s.please(s.phrase(RENAME_OR_TAG, title=title, new=new, tag=tag)))
    note_id = _find(s, title)
    s.call("rename_note", note_id=note_id, title=new, derived=["note_id"], fails=taken)
    if taken:
        s.call("tag_note", note_id=note_id, tags=[tag], derived=["note_id"])
    s.call("pin_note", note_id=note_id, pinned=True, derived=["note_id"])
    s.end("That title is taken, so I tagged the note." if taken else s.rng.choice(DONE))


@family(domain="notes", tier="hard", role="dev")
def longer_takes_over(s: Script) -> None:
    """Compare two notes, copy a line of the longer one, then give it the title of the shorter one."""
    titles, counts = [s.words.title() for _ in range(4)], s.rng.sample((2, 3, 4), 2)
    _begin(s, {title: _lines(s, n) for title, n in zip(titles, (*counts, 1, 3), strict=True)})
    ids = {note["title"]: id for id, note in s.start["notes"].items()}
    pair = [ids[title] for title in titles[:2]]
    s.turn(s.phrase(MORE_LINES, a=pair[0], b=pair[1]))
    notes = {id: s.call("read_note", note_id=id) for id in pair}
    short, long = sorted(pair, key=lambda id: len(notes[id]["text"].splitlines()))
    s.end(f"It is {notes[long]['title']}.", tell=[notes[long]["title"]])
    s.turn(s.phrase(LAST_LINE_TO, other=titles[2]))
    line = notes[long]["text"].splitlines()[-1]
    s.call("append_to_note", note_id=_find(s, titles[2]), text=line, derived=["note_id", "text"])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(TAKE_OVER))
    s.call("trash_note", note_id=short)
    s.call("rename_note", note_id=long, title=notes[short]["title"], derived=["title"])
    s.end(s.rng.choice(DONE))
