"""Trained families over made-up registers (see `world/registry.py`), of requests in any order; see `mixed`.

Every catalogue is of its own, so a row can only be done by reading it: which tool takes what, and where a number comes
from.
"""

from __future__ import annotations

import random
from typing import Any

from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.mixed import mixed
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.words import Vocabulary
from mlx_train.world.registry import number_of

SCHEMAS = 64
"""Schemas of each split; rows of one schema share a catalogue."""
CHAINS = (
    ("raw", "polish", "polished", "wrap", "wrapped"),
    ("drafted", "review", "reviewed", "print", "printed"),
    ("idle", "start", "started", "finish", "finished"),
    ("sealed", "unseal", "unsealed", "empty", "emptied"),
    ("proposed", "approve", "approved", "settle", "settled"),
    ("folded", "unfold", "unfolded", "hang", "hung"),
    ("dirty", "wash", "washed", "dry", "dried"),
    ("loose", "pack", "packed", "label", "labelled"),
    ("planned", "build", "built", "paint", "painted"),
    ("asleep", "wake", "woken", "feed", "fed"),
)
"""A first state, what brings a thing to the second, the second, what brings it to the third, the third."""
NAMES = {
    "add": ("add", "create", "new", "enter"),
    "find": ("find", "search", "lookup", "query"),
    "show": ("show", "get", "read", "describe"),
    "change": ("change", "update", "edit", "set"),
    "remove": ("remove", "delete", "discard"),
}
LABELS = ("name", "title", "label", "subject")
VALUES = (
    ("small", "medium", "large"),
    ("red", "green", "blue", "black"),
    ("north", "south", "east", "west"),
    ("daily", "weekly", "yearly"),
    ("low", "normal", "high"),
    ("wood", "metal", "glass"),
)

ADD = Phrases(
    "registry.add",
    train=[
        "add the {noun} {name} with {fields}",
        "[create|enter|set up] the {noun} {name}, {fields}",
        "make a [new|fresh] {noun} named {name} [with|having] {fields}",
        "put in a new {noun} under the name {name}; {fields}",
        "register {name} as a new {noun}, with {fields}",
    ],
    dev=["open a new {noun} {name} with {fields}", "start a new {noun}, {name}, that has {fields}"],
)
SHOW = Phrases(
    "registry.show",
    train=[
        "tell me the {field} of {thing}",
        "[look up|find out|check] [the|what is the] {field} of {thing}",
        "[say|tell me] [which|what] {field} {thing} has",
        "see what {thing} has as its {field}",
    ],
    dev=["let me know the {field} of {thing}", "give me the {field} that {thing} has"],
)
CHANGE = Phrases(
    "registry.change",
    train=[
        "set the {field} of {thing} to {value}",
        "change the {field} of {thing} [to|into] {value}",
        "make {value} the {field} of {thing}",
        "[update|edit] {thing}[:| so that] the {field} is {value}",
        "give {thing} the {field} {value}",
    ],
    dev=["let {thing} have {value} for its {field}", "correct the {field} of {thing}, it is {value}"],
)
REMOVE = Phrases(
    "registry.remove",
    train=[
        "[remove|delete|discard] {thing}",
        "get rid of {thing}",
        "take {thing} off the register",
        "see that {thing} is [gone|deleted]",
    ],
    dev=["strike {thing} from the register", "have {thing} taken out"],
)
ACT = Phrases(
    "registry.act",
    train=["{verb} {thing}", "go on and {verb} {thing}", "{verb} {thing} [for me|if you please|at once]"],
    dev=["do what it takes to {verb} {thing}", "see about {thing}: somebody has to {verb} it"],
)
BRING = Phrases(
    "registry.bring",
    train=[
        "[see to it|make sure] that {thing} [is|gets] {state}",
        "have {thing} {state}",
        "get {thing} {state}",
    ],
    dev=["let {thing} be {state}", "see that somebody gets {thing} {state}"],
)
IS_STATE = Phrases(
    "registry.is_state",
    train=[
        "tell me [if|whether] {thing} is {state}",
        "[check|find out|see] [if|whether] {thing} is {state} [yet|already|by now]",
        "say whether it is true that {thing} is {state}",
    ],
    dev=["look whether {thing} has been {state}", "let me know if it is right that {thing} is {state}"],
)
WHICH = Phrases(
    "registry.which",
    train=[
        "Which {noun} entries have the {field} {value}?",
        "[List|Name|Tell me] every {noun} [whose {field} is|with the {field}] {value}.",
        "I need [the names of all|all] {noun} entries [with|that have] {value} as the {field}.",
        "What {noun} entries are there with {value} for {field}?",
    ],
    dev=[
        "Of the {noun} entries, which show {value} as their {field}?",
        "Give me all {noun} entries with a {field} of {value}.",
    ],
)
MORE = Phrases(
    "registry.more",
    train=[
        "tell me which has the [larger|higher|greater] {field}, {a} or {b}",
        "[compare|look at] the {field} of {a} and of {b} and [say|tell me] which is [larger|higher]",
        "find out [if|whether] {a} or {b} has [more|the bigger number] as its {field}",
    ],
    dev=[
        "say whose {field} is the bigger one, that of {a} or that of {b}",
        "name the one with more {field}: {a} or {b}",
    ],
)
IF_STATE = Phrases(
    "registry.if_state",
    train=[
        "If {thing} is {before}, {verb} it. [Otherwise|If not], [just|only] tell me [its state|in what state it is].",
        "Is {thing} {before}? [If so|Then], {verb} it; [if not|otherwise], [only|just] tell me its state.",
        "Look at {thing}. [Should it be|If it is] {before}, {verb} it, and if not [say|tell me] what state it is in.",
    ],
    dev=[
        "Provided that {thing} is {before}, {verb} it; in any other case do nothing and name its state.",
        "See if {thing} is {before}: {verb} it in that case, or else report its state.",
    ],
)
OR_ELSE = Phrases(
    "registry.or_else",
    train=[
        "Try to {verb} {thing}. If [that does not work|it cannot be done|that fails], {b}.",
        "I want you to {verb} {thing}; if [that is not possible|it cannot be done], {b}.",
        "Please {verb} {thing} if [that is possible|you can]. If [not|you cannot], {b}.",
    ],
    dev=[
        "Somebody should {verb} {thing}. Should that be refused, {b}.",
        "See if you can {verb} {thing}; if it will not go, {b}.",
    ],
)
SAME_AS = Phrases(
    "registry.same_as",
    train=[
        "give {thing} the same {field} as {other}",
        "[set|change] the {field} of {thing} to [the one|what] {other} has",
        "[look up|take] the {field} of {other} and [use it for|give it to] {thing}[ too| as well]",
    ],
    dev=["let {thing} have the {field} that {other} has", "copy the {field} of {other} over to {thing}"],
)
TIE = Phrases(
    "registry.tie",
    train=[
        "make {other} the {to} of {thing}",
        "set the {to} of {thing} to {other}",
        "give {thing} {other} as its {to}",
        "let {other} be the {to} [for|of] {thing}",
    ],
    dev=["connect {thing} with {other} as its {to}", "note {other} as the {to} that belongs to {thing}"],
)
EACH = Phrases(
    "registry.each",
    train=[
        "{verb} every {noun} whose {field} is {value}",
        "find [all|the] {noun} entries with the {field} {value} and {verb} each of them",
        "{verb} all {noun} entries that have {value} as the {field}",
    ],
    dev=[
        "go through the {noun} entries of {field} {value} and {verb} them all",
        "look for {noun} entries with {value} as {field} and {verb} whatever you find",
    ],
)
IT_IS = Phrases(
    "registry.it_is",
    train=[
        "The {field} is {value}.",
        "[Take|Use|Make it] {value} for the {field}.",
        "[Its|As the] {field}: {value}.",
    ],
    dev=["It should have the {field} {value}.", "For {field}, {value}."],
)


def _schema(split: str, number: int) -> list[dict[str, Any]]:
    rng = random.Random(f"registry/{split}/{number}")
    words = Vocabulary(rng, split)  # type: ignore[arg-type]
    nouns = [words.word() for _ in range(rng.choice((1, 2, 2)))]
    return [_kind(rng, words, nouns, place) for place in range(len(nouns))]


def _kind(rng: random.Random, words: Vocabulary, nouns: list[str], place: int) -> dict[str, Any]:
    noun, other = nouns[place], nouns[1] if len(nouns) > 1 and place == 0 else None
    before, verb, middle, verb_after, after = rng.choice(CHAINS)
    values = rng.sample(VALUES, 2)
    types: list[Any] = ["integer", list(values[0]), rng.choice(("string", "integer", list(values[1])))]
    fields = {words.word(): type_ for type_ in rng.sample(types, rng.choice((2, 3)))}
    behind = rng.random() < 0.3
    tools = {action: rng.choice(NAMES[action]) for action in ("add", "show", "change", "remove")}
    tools = {"find": rng.choice(NAMES["find"]), **tools, "first": verb, "second": verb_after}
    if other:
        tools["tie"] = rng.choice(("tie", "link", "attach", "join"))
    dropped = rng.choice(("remove", "second", "change", ""))
    shuffled = rng.sample([action for action in tools if action != dropped], len(tools) - (dropped in tools))
    return {
        "noun": noun,
        "id": f"{noun[:2].upper()}-",
        "label": rng.choice(LABELS),
        "fields": fields,
        "states": [before, middle, after],
        "verbs": [verb, verb_after],
        "to": other,
        "tools": {a: f"{noun}_{tools[a]}" if behind else f"{tools[a]}_{noun}" for a in shuffled},
    }


Kind = dict[str, Any]


class Office(Board):
    """Registers of one or two kinds. The number of a thing is known once it was looked up or told."""

    def __init__(self, s: Script) -> None:
        self.schema = _schema(s.split, s.rng.randrange(SCHEMAS))
        for kind in self.schema:
            s.words.used |= {kind["noun"], *kind["fields"]}
        first = s.rng.randrange(1, 400)
        things: dict[str, dict[str, dict[str, Any]]] = {}
        for kind in self.schema:
            count = s.rng.choice((2, 3, 3, 4))
            things[kind["noun"]] = {f"{kind['id']}{first + n}": self._thing(s, kind) for n in range(count)}
        super().__init__(
            s,
            {"schema": self.schema, "things": things, "next": {noun: first + len(own) for noun, own in things.items()}},
        )
        self.told = {number for own in things.values() for number in own}
        """Numbers that the user can name."""
        self.known: set[str] = set()
        """Numbers that the assistant has read."""

    def _thing(self, s: Script, kind: Kind) -> dict[str, Any]:
        thing = {kind["label"]: s.words.name()}
        thing |= {field: value(s, type_) for field, type_ in kind["fields"].items()}
        return thing | {"state": s.rng.choice(kind["states"])} | ({kind["to"]: None} if kind["to"] else {})

    def kind(self, *actions: str) -> Kind:
        """A kind that has tools for these.

        Raises:
            Redraw: there is none.
        """
        kind: Kind = self.pick([kind for kind in self.schema if all(action in kind["tools"] for action in actions)])
        return kind

    def things(self, kind: Kind) -> dict[str, dict[str, Any]]:
        """The things of a kind by number."""
        found: dict[str, dict[str, Any]] = self._state["things"][kind["noun"]]
        return found

    def thing(self, kind: Kind, *, but: str = "") -> str:
        """The number of a thing, another than `but`."""
        return str(self.pick(sorted(number for number in self.things(kind) if number != but)))

    def name(self, kind: Kind, number: str) -> str:
        """What the user calls it, by its label or its number; what is named by its number needs no looking up."""
        if number in self.told and self.rng.random() < 0.25:
            self.known.add(number)
            return f"{kind['noun']} {number}"
        return f"the {kind['noun']} {self.things(kind)[number][kind['label']]}"

    def use(self, kind: Kind, action: str, number: str, **arguments: Any) -> dict[str, Any]:
        """One call on a thing, after a look for its number if it is not known."""
        derived = self.look(kind, number)
        fails = bool(arguments.pop("fails", False))
        return self.do(kind["tools"][action], fails=fails, derived=derived, **{number_of(kind): number, **arguments})

    def add(self, kind: Kind, name: str, fields: dict[str, Any]) -> str:
        """One call for a new thing; its number, which is known then."""
        arguments: dict[str, Any] = {kind["label"]: name, **fields}
        number = str(self.do(kind["tools"]["add"], **arguments)[number_of(kind)])
        self.known.add(number)
        return number

    def find(self, kind: Kind, field: str, asked: Any) -> list[dict[str, Any]]:
        """One call for the things with that in a field; their numbers are known then, and no longer from the user."""
        arguments: dict[str, Any] = {field: asked}
        found: list[dict[str, Any]] = self.do(kind["tools"]["find"], **arguments)["found"]
        numbers = {one[number_of(kind)] for one in found}
        self.known |= numbers
        self.told -= numbers
        return found

    def look(self, kind: Kind, number: str) -> list[str]:
        """Look a number up if it is not known. Returns the names of the arguments that are derived: it, or none."""
        if number not in self.known:
            self.find(kind, kind["label"], self.things(kind)[number][kind["label"]])
        return [number_of(kind)] if number not in self.told else []


def value(s: Script, type_: str | list[str]) -> Any:
    """A value of a field's type."""
    if isinstance(type_, list):
        return s.rng.choice(type_)
    return s.words.number(2, 900) if type_ == "integer" else s.words.word()


def _field(d: Office, kind: Kind, *types: str) -> str:
    """A field of one of the types (`list` for those with a choice of values); of any, if none is named."""
    names = {field: type_ if isinstance(type_, str) else "list" for field, type_ in kind["fields"].items()}
    return str(d.pick([field for field, type_ in names.items() if not types or type_ in types]))


def _new(d: Office, kind: Kind) -> tuple[str, dict[str, Any]]:
    """A label and fields for a new thing."""
    return d.s.words.name(), {field: value(d.s, type_) for field, type_ in kind["fields"].items()}


def _fields(fields: dict[str, Any]) -> str:
    return " and ".join(f"{field} {value}" for field, value in fields.items())


def add(d: Office) -> None:
    kind = d.kind("add")
    name, fields = _new(d, kind)
    d.ask(ADD, noun=kind["noun"], name=name, fields=_fields(fields))
    d.add(kind, name, fields)


def add_and(d: Office) -> None:
    """A new thing, and at once something with it."""
    kind = d.kind("add", "first")
    name, fields = _new(d, kind)
    d.ask(ADD, noun=kind["noun"], name=name, fields=_fields(fields))
    number = d.add(kind, name, fields)
    _ask_act(d, kind, 0, "it")
    d.use(kind, "first", number)


def show(d: Office) -> None:
    kind = d.kind("show")
    number, field = d.thing(kind), _field(d, kind)
    d.ask(SHOW, thing=d.name(kind, number), field=field)
    found = d.use(kind, "show", number)[field]
    d.answer(f"The {field} is {found}.", found)


def change(d: Office) -> None:
    kind = d.kind("change")
    number, field = d.thing(kind), _field(d, kind)
    new = value(d.s, kind["fields"][field])
    if new == d.things(kind)[number][field]:
        raise Redraw
    d.ask(CHANGE, thing=d.name(kind, number), field=field, value=new)
    d.use(kind, "change", number, **{field: new})


def remove(d: Office) -> None:
    kind = d.kind("remove")
    if len(d.things(kind)) < 3:
        raise Redraw
    number = d.thing(kind)
    d.ask(REMOVE, thing=d.name(kind, number))
    d.use(kind, "remove", number)


def _step(d: Office, kind: Kind, number: str) -> tuple[str, int] | None:
    """The action that a thing's state allows, and the number of that step; None if there is no tool for any."""
    place = kind["states"].index(d.things(kind)[number]["state"])
    action = ("first", "second", "")[place]
    return (action, place) if action in kind["tools"] else None


def _ask_act(d: Office, kind: Kind, place: int, thing: str) -> None:
    if d.rng.random() < 0.5:
        d.ask(ACT, thing=thing, verb=kind["verbs"][place])
    else:
        d.ask(BRING, thing=thing, state=kind["states"][place + 1])


def act(d: Office) -> None:
    kind = d.kind()
    number = d.thing(kind)
    step = _step(d, kind, number)
    if step is None:
        raise Redraw
    action, place = step
    _ask_act(d, kind, place, d.name(kind, number))
    d.use(kind, action, number)


def is_state(d: Office) -> None:
    kind = d.kind("show")
    number = d.thing(kind)
    state, asked = d.things(kind)[number]["state"], d.rng.choice(kind["states"])
    d.ask(IS_STATE, thing=d.name(kind, number), state=asked)
    d.use(kind, "show", number)
    d.answer(*((f"Yes, it is {state}.", "yes") if state == asked else (f"No, it is {state}.", state)))


def which(d: Office) -> None:
    kind = d.kind("find")
    field = _field(d, kind, "list")
    asked = d.things(kind)[d.thing(kind)][field]
    d.request(WHICH, noun=kind["noun"], field=field, value=asked)
    found = d.find(kind, field, asked)
    names = [one[kind["label"]] for one in found]
    d.answer(f"There {'is' if len(names) == 1 else 'are'} {' and '.join(names)}.", *names)


def more(d: Office) -> None:
    kind = d.kind("show")
    field = _field(d, kind, "integer")
    pair = d.rng.sample(sorted(d.things(kind)), 2)
    numbers = [d.things(kind)[number][field] for number in pair]
    if numbers[0] == numbers[1]:
        raise Redraw
    d.ask(MORE, a=d.name(kind, pair[0]), b=d.name(kind, pair[1]), field=field)
    for number in pair:
        d.use(kind, "show", number)
    most = d.things(kind)[pair[numbers.index(max(numbers))]][kind["label"]]
    d.answer(f"That is {most}, with {max(numbers)}.", most)


def if_state(d: Office) -> None:
    kind = d.kind("show", "first")
    number = d.thing(kind)
    state, before = d.things(kind)[number]["state"], kind["states"][0]
    d.request(IF_STATE, thing=d.name(kind, number), before=before, verb=kind["verbs"][0])
    d.use(kind, "show", number)
    if state == before:
        d.use(kind, "first", number)
        d.answer(f"It was {before}, and now it is {kind['states'][1]}.")
    else:
        d.answer(f"I left it: it is {state}.", state)


def or_else(d: Office) -> None:
    """What is asked for is refused, or not, as the thing's state is; then it is something else that is wanted."""
    kind = d.kind("first", "change")
    number, field = d.thing(kind), _field(d, kind)
    new = value(d.s, kind["fields"][field])
    if new == d.things(kind)[number][field]:
        raise Redraw
    thing = d.name(kind, number)
    other = d.s.phrase(CHANGE, thing="it", field=field, value=new)
    d.request(OR_ELSE, thing=thing, verb=kind["verbs"][0], b=other)
    state = d.things(kind)[number]["state"]
    if state == kind["states"][0]:
        d.use(kind, "first", number)
        d.answer(f"It is {kind['states'][1]}.")
    else:
        d.use(kind, "first", number, fails=True)
        d.use(kind, "change", number, **{field: new})
        d.answer(f"That was refused, as it is {state}, so I changed the {field}.")


def same_as(d: Office) -> None:
    kind = d.kind("show", "change")
    number, field = d.thing(kind), _field(d, kind)
    other = d.thing(kind, but=number)
    if d.things(kind)[number][field] == d.things(kind)[other][field]:
        raise Redraw
    d.ask(SAME_AS, thing=d.name(kind, number), other=d.name(kind, other), field=field)
    found = d.use(kind, "show", other)[field]
    arguments: dict[str, Any] = {number_of(kind): number, field: found}
    d.do(kind["tools"]["change"], derived=[*d.look(kind, number), field], **arguments)
    d.answer(f"The {field} is {found} now.")


def tie(d: Office) -> None:
    kind = d.kind("tie")
    other = next(one for one in d.schema if one["noun"] == kind["to"])
    number, end = d.thing(kind), d.thing(other)
    if d.things(kind)[number][kind["to"]] == end:
        raise Redraw
    d.ask(TIE, thing=d.name(kind, number), other=d.name(other, end), to=kind["to"])
    arguments: dict[str, Any] = {number_of(kind): number, number_of(other): end}
    d.do(kind["tools"]["tie"], derived=[*d.look(kind, number), *d.look(other, end)], **arguments)


def each(d: Office) -> None:
    kind = d.kind("first")
    field = _field(d, kind, "list")
    asked = d.things(kind)[d.thing(kind)][field]
    chosen = [number for number, thing in d.things(kind).items() if thing[field] == asked]
    if len(chosen) > 3 or any(d.things(kind)[number]["state"] != kind["states"][0] for number in chosen):
        raise Redraw
    d.ask(EACH, noun=kind["noun"], field=field, value=asked, verb=kind["verbs"][0])
    d.find(kind, field, asked)
    for number in chosen:
        d.use(kind, "first", number)


def ask_field(d: Office) -> None:
    kind = d.kind("add")
    name, fields = _new(d, kind)
    missing = d.pick(list(fields))
    rest = _fields({field: value for field, value in fields.items() if field != missing})
    d.ask(ADD, noun=kind["noun"], name=name, fields=rest)
    d.answer(f"What is the {missing}?")
    d.send(asks=True)
    d.add(kind, name, fields)
    d.send(d.s.phrase(IT_IS, field=missing, value=fields[missing]))


MOVES = (
    add, add_and, show, change, remove, act, act, is_state, which, more, if_state, or_else, same_as, tie, each,
)  # fmt: skip
mixed("registry", Office, MOVES, (ask_field,), group="further")
