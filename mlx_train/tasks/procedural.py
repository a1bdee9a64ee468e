"""Families over made-up record stores; only for training (see `world/procedural.py`)."""

from __future__ import annotations

import random
from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases
from mlx_train.tasks.words import Vocabulary

SCHEMAS = 48
"""Schemas of each split; rows of one schema share a catalogue."""

VERBS = {
    "add": ("add", "create", "new", "register", "insert"),
    "remove": ("remove", "delete", "drop", "cancel"),
    "set": ("set", "update", "change", "edit"),
    "get": ("get", "read", "show", "look_up", "describe"),
    "list": ("list", "all", "show_all"),
    "count": ("count", "number_of"),
}
KEYS = ("name", "id", "label", "title", "code")
ADD = Phrases(
    "procedural.add",
    train=[
        "add a {noun} called {key} with {fields}",
        "create the {noun} {key} with {fields}",
        "register a new {noun} {key}, {fields}",
        "make a {noun} named {key} with {fields}",
        "set up a {noun} called {key} where {fields}",
        "I want a new {noun} {key} with {fields}",
        "put in a {noun} named {key}; {fields}",
    ],
    dev=["enter a new {noun} with the name {key} and {fields}", "start a {noun} called {key}, having {fields}"],
)
REMOVE = Phrases(
    "procedural.remove",
    train=[
        "remove the {noun} {key}",
        "delete {key} from the {noun} records",
        "drop the {noun} called {key}",
        "take the {noun} {key} away",
        "cancel the {noun} {key}",
        "get rid of the {noun} named {key}",
    ],
    dev=["erase the {noun} {key}", "we no longer need the {noun} {key}, so delete it"],
)
SET = Phrases(
    "procedural.set",
    train=[
        "set the {field} of the {noun} {key} to {value}",
        "change the {field} of {noun} {key} to {value}",
        "update {noun} {key}: {field} is now {value}",
        "make {value} the {field} of the {noun} {key}",
        "the {noun} {key} should have {value} as its {field}",
        "edit the {noun} {key} so that its {field} is {value}",
    ],
    dev=["give the {noun} {key} a new {field}, {value}", "for {noun} {key}, switch the {field} over to {value}"],
)
GET = Phrases(
    "procedural.get",
    train=[
        "what is the {field} of the {noun} {key}?",
        "tell me the {field} of {noun} {key}",
        "look up the {field} of the {noun} {key}",
        "which {field} does the {noun} {key} have?",
        "show me the {field} for {noun} {key}",
        "I need to know the {field} of {key}, a {noun}",
    ],
    dev=["find out what {field} the {noun} {key} has", "read me the {field} of {noun} {key}"],
)
LIST = Phrases(
    "procedural.list",
    train=[
        "list every {noun}",
        "which {noun} records are there?",
        "show me all {noun} names",
        "name each {noun} we have",
        "what {noun} entries exist?",
    ],
    dev=["give me the full list of {noun} records", "go through every {noun} and name it"],
)
COUNT = Phrases(
    "procedural.count",
    train=[
        "how many {noun} records are there?",
        "count the {noun} entries",
        "tell me the number of {noun} records",
        "how many of {noun} do we have?",
        "what is the {noun} count?",
    ],
    dev=["give me the total of {noun} records", "how large is the {noun} list?"],
)
LAST = Phrases(
    "procedural.newest",
    train=[
        "remove the {noun} that comes last in the list",
        "find out which {noun} is listed last and delete it",
        "drop the last {noun} of the list",
        "the {noun} at the end of the list must go",
    ],
    dev=["delete whichever {noun} stands last", "look at the list and remove its last {noun}"],
)


def _schema(split: str, number: int) -> list[dict[str, Any]]:
    rng = random.Random(f"schema/{split}/{number}")
    words = Vocabulary(rng, split)  # type: ignore[arg-type]
    kinds = []
    for _ in range(rng.choice((1, 1, 2))):
        noun = words.word()
        actions = ["add", "get", *rng.sample(["remove", "set", "list", "count"], k=rng.choice((3, 4)))]
        rng.shuffle(actions)
        after = rng.random() < 0.3
        names = {action: rng.choice(VERBS[action]) for action in actions}
        kinds.append(
            {
                "noun": noun,
                "key": rng.choice((*KEYS, noun)),
                "fields": {
                    words.word(): rng.choice(("string", "string", "integer", "boolean"))
                    for _ in range(rng.choice((1, 2, 2)))
                },
                "tools": {a: f"{noun}_{verb}" if after else f"{verb}_{noun}" for a, verb in names.items()},
            }
        )
    return kinds


def _value(s: Script, type_: str) -> Any:
    if type_ == "integer":
        return s.words.number(2, 900)
    return s.rng.random() < 0.5 if type_ == "boolean" else s.words.word()


def _spoken(value: Any) -> str:
    return {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)


class _Store:
    """A begun script over one schema, with one method for each kind of request."""

    def __init__(self, s: Script) -> None:
        self.s = s
        self.schema = _schema(s.split, s.rng.randrange(SCHEMAS))
        for kind in self.schema:
            s.words.used |= {kind["noun"], *kind["fields"]}
        records = {
            kind["noun"]: {
                s.words.word(): {field: _value(s, type_) for field, type_ in kind["fields"].items()}
                for _ in range(s.rng.choice((1, 2, 3)))
            }
            for kind in self.schema
        }
        s.begin({"schema": self.schema, "records": records})
        self.records = records

    def requests(self, count: int) -> None:
        """That many requests, one a turn, each of a random kind and action."""
        for _ in range(count):
            kind = self.s.rng.choice(self.schema)
            action = self.s.rng.choice(list(kind["tools"]))
            if action not in ("add", "list", "count") and not self.records[kind["noun"]]:
                action = "add"
            getattr(self, f"_{action}")(kind)

    def _call(self, kind: dict[str, Any], action: str, derived: list[str], arguments: dict[str, Any]) -> dict[str, Any]:
        return self.s.call(kind["tools"][action], derived=derived, fails=False, **arguments)

    def _key(self, kind: dict[str, Any]) -> str:
        return self.s.rng.choice(list(self.records[kind["noun"]]))

    def _say(self, clause: str) -> str:
        return self.s.please(clause) if not clause.endswith("?") else clause[0].upper() + clause[1:]

    def _add(self, kind: dict[str, Any]) -> None:
        key = self.s.words.word()
        record = {field: _value(self.s, type_) for field, type_ in kind["fields"].items()}
        fields = " and ".join(f"{field} {_spoken(value)}" for field, value in record.items())
        self.s.turn(self._say(self.s.phrase(ADD, noun=kind["noun"], key=key, fields=fields)))
        self._call(kind, "add", [], {kind["key"]: key, **record})
        self.records[kind["noun"]][key] = record
        self.s.end(self.s.rng.choice(DONE))

    def _remove(self, kind: dict[str, Any]) -> None:
        if "list" in kind["tools"] and self.s.rng.random() < 0.4:
            self.s.turn(self._say(self.s.phrase(LAST, noun=kind["noun"])))
            key = self.s.call(kind["tools"]["list"])["names"][-1]
            self._call(kind, "remove", [kind["key"]], {kind["key"]: key})
        else:
            key = self._key(kind)
            self.s.turn(self._say(self.s.phrase(REMOVE, noun=kind["noun"], key=key)))
            self._call(kind, "remove", [], {kind["key"]: key})
        del self.records[kind["noun"]][key]
        self.s.end(self.s.rng.choice(DONE))

    def _set(self, kind: dict[str, Any]) -> None:
        key = self._key(kind)
        field = self.s.rng.choice(list(kind["fields"]))
        value = _value(self.s, kind["fields"][field])
        slots = {"noun": kind["noun"], "key": key, "field": field, "value": _spoken(value)}
        self.s.turn(self._say(self.s.phrase(SET, **slots)))
        self._call(kind, "set", [], {kind["key"]: key, field: value})
        self.records[kind["noun"]][key][field] = value
        self.s.end(self.s.rng.choice(DONE))

    def _get(self, kind: dict[str, Any]) -> None:
        key = self._key(kind)
        field = self.s.rng.choice(list(kind["fields"]))
        self.s.turn(self._say(self.s.phrase(GET, noun=kind["noun"], key=key, field=field)))
        value = _spoken(self._call(kind, "get", [], {kind["key"]: key})[field])
        self.s.end(f"The {field} is {value}.", tell=[value])

    def _list(self, kind: dict[str, Any]) -> None:
        self.s.turn(self._say(self.s.phrase(LIST, noun=kind["noun"])))
        names = self.s.call(kind["tools"]["list"])["names"]
        self.s.end(f"There are: {', '.join(names)}." if names else "There are none.", tell=names)

    def _count(self, kind: dict[str, Any]) -> None:
        self.s.turn(self._say(self.s.phrase(COUNT, noun=kind["noun"])))
        count = self.s.call(kind["tools"]["count"])["count"]
        self.s.end(f"There are {count}.", tell=[count])


@family(domain="procedural", tier="easy", role="train")
def one_request(s: Script) -> None:
    """A single request."""
    _Store(s).requests(1)


@family(domain="procedural", tier="moderate", role="train")
def three_requests(s: Script) -> None:
    """Three requests, one a turn."""
    _Store(s).requests(3)


@family(domain="procedural", tier="hard", role="train")
def six_requests(s: Script) -> None:
    """Five requests, one a turn."""
    _Store(s).requests(5)
