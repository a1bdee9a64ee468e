"""Families that are all copying: the answer is made of names that stand in the request; only for training.

A model that starts from random weights first learns names by heart, and stays there for long: in tool calls few tokens
are names. In these rows nearly all are, so it finds out early that a name is to be read.
"""

from __future__ import annotations

import json

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import Phrases

SAY = Phrases(
    "recital.say",
    train=["say: {names}", "repeat {names}", "write {names} once more", "read this back to me: {names}"],
    dev=["echo these words: {names}", "say after me: {names}"],
)
AFTER = Phrases(
    "recital.after",
    train=[
        "{names}. What comes after {one}?",
        "in {names}, which one follows {one}?",
        "what is next to {one} in {names}?",
    ],
    dev=["here is a row: {names}. Name the one behind {one}.", "look at {names} and tell me what stands after {one}"],
)
LOOK_UP = Phrases(
    "recital.look_up",
    train=["{pairs}. What is {one}?", "given that {pairs}, tell me {one}", "{pairs}. So {one} is what?"],
    dev=["from {pairs}, find {one}", "I know that {pairs}. Now what about {one}?"],
)
FILL_IN = Phrases(
    "recital.fill_in",
    train=[
        "make an object where {pairs}",
        "write as an object: {pairs}",
        "an object please, {pairs}",
        "turn this into an object: {pairs}",
    ],
    dev=["put into an object that {pairs}", "note down as an object: {pairs}"],
)
JOIN = Phrases(
    "recital.join",
    train=["the path from {names}", "join {names} to a path", "put {names} together as a path"],
    dev=["make one path of {names}", "which path do {names} give?"],
)


def _thing(s: Script) -> str:
    """A name of one of the kinds that tool calls are full of."""
    if s.rng.random() < 0.8:
        return s.words.word()
    draw = (s.words.file, s.words.name, s.words.person, lambda: s.words.code(s.rng.choice("ABCDEFGH")))
    return s.rng.choice(draw)()


def _things(s: Script, *counts: int) -> list[str]:
    return [_thing(s) for _ in range(s.rng.choice(counts))]


def _pairs(s: Script, *counts: int) -> tuple[dict[str, str], str]:
    """Some keys with their values, and the words for them."""
    pairs = {s.words.word(): _thing(s) for _ in range(s.rng.choice(counts))}
    joint = s.rng.choice((" is ", " = ", ": "))
    return pairs, s.rng.choice((", ", " and ", "; ")).join(key + joint + value for key, value in pairs.items())


def _exchange(s: Script, request: str, answer: str) -> None:
    s.begin({})
    s.turn(request[0].upper() + request[1:])
    s.end(answer, tell=[answer], quiet=True)


@family(domain="recital", tier="easy", role="train")
def repeat(s: Script) -> None:
    """Say the names again."""
    names = s.rng.choice((" ", ", ")).join(_things(s, 2, 3, 4, 6, 8))
    _exchange(s, s.phrase(SAY, names=names), names)


@family(domain="recital", tier="easy", role="train")
def follow(s: Script) -> None:
    """Say which name follows another."""
    things = _things(s, 3, 4, 6, 8)
    place = s.rng.randrange(len(things) - 1)
    names = s.rng.choice((" ", ", ")).join(things)
    _exchange(s, s.phrase(AFTER, names=names, one=things[place]), things[place + 1])


@family(domain="recital", tier="easy", role="train")
def look_up(s: Script) -> None:
    """Say what belongs to a name."""
    pairs, words = _pairs(s, 2, 3, 4, 5)
    one = s.rng.choice(list(pairs))
    _exchange(s, s.phrase(LOOK_UP, pairs=words, one=one), pairs[one])


@family(domain="recital", tier="easy", role="train")
def fill_in(s: Script) -> None:
    """Write names and values as JSON."""
    pairs, words = _pairs(s, 1, 2, 3, 4)
    _exchange(s, s.phrase(FILL_IN, pairs=words), json.dumps(pairs))


@family(domain="recital", tier="easy", role="train")
def join(s: Script) -> None:
    """Join names to a path."""
    things = _things(s, 2, 3, 4)
    _exchange(s, s.phrase(JOIN, names=", ".join(things)), "/".join(things))
