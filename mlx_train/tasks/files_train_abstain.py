"""Trained file-operation families with a turn in which no call is right."""

from __future__ import annotations

from mlx_train.tasks import files_moves as m
from mlx_train.tasks import files_phrases as say
from mlx_train.tasks.board import one
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_desk import Desk


def _step(d: Desk) -> None:
    one(d, m.STEP)
    d.send()


def _impossible(s: Script, file: str) -> str:
    """A request for something that no tool can do."""
    kind = s.rng.randrange(4)
    if kind == 0:
        return s.phrase(say.MAIL, file=file, person=s.words.person())
    if kind == 1:
        return s.phrase(say.WEATHER, place=s.words.place())
    if kind == 2:
        return s.phrase(say.PHONE, person=s.words.person())
    return s.phrase(say.PROTECT, file=file)


@family(domain="files", tier="easy", role="train", abstain=True)
def abstain_talk(s: Script) -> None:
    """Thanks at the end or a greeting at the start; the work is a call or two."""
    d = Desk(s, folders=2)
    if s.rng.random() < 0.4:
        if s.twin:
            one(d, m.STEP)
            d.send(opening=s.phrase(say.GREETING))
            return
        d.answer("I am ready.")
        d.send(s.phrase(say.GREETING), quiet=True)
        _step(d)
        return
    for _ in range(s.rng.choice((1, 1, 2))):
        _step(d)
    if s.twin:
        one(d, m.STEP)
        d.send(opening=s.phrase(say.THANKS))
        return
    d.answer("You are welcome.")
    d.send(s.phrase(say.THANKS), quiet=True)


@family(domain="files", tier="easy", role="train", abstain=True)
def abstain_no_tool(s: Script) -> None:
    """Something that no tool can do, before, between or after things that they can."""
    d = Desk(s, folders=2)
    when = s.rng.randrange(3)
    for number in range(3):
        if number != when:
            if s.rng.random() < 0.5:
                _step(d)
            continue
        if s.twin:
            _step(d)
            continue
        d.answer("Sorry, I have no tool for that.")
        d.send(_impossible(s, d.file()), quiet=True)


@family(domain="files", tier="easy", role="train", abstain=True)
def abstain_ask(s: Script) -> None:
    """Something is missing: ask, then act on the answer."""
    d = Desk(s, folders=3, depth=1)
    if s.rng.random() < 0.4:
        _step(d)
    one(d, m.ASK)


@family(domain="files", tier="easy", role="train", abstain=True)
def abstain_known(s: Script) -> None:
    """The user asks for what was said already and wants no second look."""
    d = Desk(s, folders=3)
    kind = s.rng.randrange(4)
    if kind == 0:
        m.look_lines(d)
        d.send()
        message = s.phrase(say.AGAIN_COUNT)
        words, tell = f"It was {d.number}.", str(d.number)
    elif kind == 1:
        file, place = d.file_below()
        path = "/".join((*place, file))
        d.ask(say.LOCATE, file=file)
        d.do("find", name=file)
        d.answer(f"It is at {path}.", path)
        d.send()
        message = s.phrase(say.AGAIN_PLACE)
        words, tell = f"It was at {path}.", "/".join(place)
    elif kind == 2:
        one(d, (m.make_file, m.rename))
        d.send()
        message = s.phrase(say.AGAIN_MADE)
        words, tell = f"It is called {d.it}.", str(d.it)
    else:
        m.look_list(d)
        names = [name for name in d.here if not name.startswith(".")]
        d.send()
        there = s.rng.random() < 0.5
        message = s.phrase(say.AGAIN_AMONG, file=s.rng.choice(names) if there else s.words.file())
        words, tell = ("Yes, it was.", "yes") if there else ("No, it was not.", "no")
    if s.twin:
        return _step(d)
    d.answer(words, tell)
    d.send(message, quiet=True)
    if s.rng.random() < 0.5:
        _step(d)
