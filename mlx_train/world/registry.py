"""Made-up registers of things that have numbers, states and ties: every schema has tools of its own.

The record stores of `procedural` are told the name of a record. Here a thing is acted on by its number, which has to be
looked up by what the user calls it; it goes through states in order, and may be tied to a thing of another kind.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from mlx_train.world.base import ToolError, World, copied
from mlx_train.world.procedural import offered

Thing = dict[str, Any]
Kind = Mapping[str, Any]


class Registry(World):
    """Registers over a schema that is part of the state.

    State: `{"schema": [kind, ...], "things": {noun: {id: thing}}, "next": {noun: number}}`. A kind is `{"noun", "id":
    prefix of the numbers, "label": the field of its name, "fields": {name: "string" | "integer" | [value, ...]},
    "states": [three of them], "to": noun of what it can be tied to or None, "tools": {action: tool name}}` with the
    actions add, find, show, change, remove, first and second (which bring a thing to the second and third state), and
    tie; `verbs` in it is for who writes the tasks. A thing has its label, its fields, `state`, and by the noun of `to`
    the number of what it is tied to.
    """

    domain = "registry"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.schema: list[dict[str, Any]] = copied(state["schema"])
        self.things: dict[str, dict[str, Thing]] = copied(state["things"])
        self.next: dict[str, int] = copied(state["next"])
        self._catalogue, self._tools = offered(self.schema, _entry, _ACTIONS)

    def tools(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The catalogue of this schema."""
        return copied(list(self._catalogue.values()))

    def state(self) -> dict[str, Any]:
        """Schema, things, and the next number of each kind."""
        return copied({"schema": self.schema, "things": self.things, "next": self.next})

    def outcome(self) -> dict[str, Any]:
        """The things by their labels; numbers only show in which order they were made."""
        return {
            kind["noun"]: {thing[kind["label"]]: self._told(kind, thing) for thing in self._of(kind).values()}
            for kind in self.schema
        }

    def _of(self, kind: Kind) -> dict[str, Thing]:
        return self.things[kind["noun"]]

    def _told(self, kind: Kind, thing: Thing) -> Thing:
        tied = thing.get(kind["to"]) if kind["to"] else None
        if tied is None:
            return copied(thing)
        other = next(one for one in self.schema if one["noun"] == kind["to"])
        return {**copied(thing), kind["to"]: self._of(other).get(tied, {}).get(other["label"])}


def number_of(kind: Kind) -> str:
    """The parameter by which a thing of this kind is named."""
    return f"{kind['noun']}_id"


def _entry(kind: Kind, action: str, name: str) -> dict[str, Any]:
    noun, label = kind["noun"], {kind["label"]: {"type": "string"}}
    fields = {field: _typed(type_) for field, type_ in kind["fields"].items()}
    number = {number_of(kind): {"type": "string"}}
    tied = {f"{kind['to']}_id": {"type": "string"}}
    what: dict[str, tuple[str, dict[str, Any], list[str]]] = {
        "add": (f"Add a {noun}.", label | fields, [*label, *fields]),
        "find": (f"Find {noun} entries.", label | fields, []),
        "show": (f"Show a {noun}.", number, [*number]),
        "change": (f"Change a {noun}.", number | fields, [*number]),
        "remove": (f"Remove a {noun}.", number, [*number]),
        "first": (f"Make a {noun} {kind['states'][1]}.", number, [*number]),
        "second": (f"Make a {kind['states'][1]} {noun} {kind['states'][2]}.", number, [*number]),
        "tie": (f"Set the {kind['to']} of a {noun}.", number | tied, [*number, *tied]),
    }
    description, properties, required = what[action]
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


def _typed(type_: str | list[str]) -> dict[str, Any]:
    return {"type": type_} if isinstance(type_, str) else {"type": "string", "enum": type_}


def _thing(world: Registry, kind: Kind, number: str) -> Thing:
    try:
        return world._of(kind)[number]
    except KeyError:
        raise ToolError(f"no {kind['noun']} '{number}'") from None


def _add(kind: Kind, world: Registry, /, **given: Any) -> Thing:
    if any(thing[kind["label"]] == given[kind["label"]] for thing in world._of(kind).values()):
        raise ToolError(f"there is a {kind['noun']} '{given[kind['label']]}' already")
    number = f"{kind['id']}{world.next[kind['noun']]}"
    world.next[kind["noun"]] += 1
    tied = {kind["to"]: None} if kind["to"] else {}
    world._of(kind)[number] = {**given, "state": kind["states"][0], **tied}
    return {number_of(kind): number}


def _find(kind: Kind, world: Registry, /, **given: Any) -> Thing:
    found = [
        {number_of(kind): number, kind["label"]: thing[kind["label"]]}
        for number, thing in world._of(kind).items()
        if all(thing[key] == value for key, value in given.items())
    ]
    return {"found": found}


def _show(kind: Kind, world: Registry, /, **given: Any) -> Thing:
    return _thing(world, kind, given[number_of(kind)])


def _change(kind: Kind, world: Registry, /, **given: Any) -> Thing:
    thing = _thing(world, kind, given.pop(number_of(kind)))
    if not given:
        raise ToolError("nothing to change")
    thing.update(given)
    return given


def _remove(kind: Kind, world: Registry, /, **given: Any) -> Thing:
    _thing(world, kind, given[number_of(kind)])
    del world._of(kind)[given[number_of(kind)]]
    for other in world.schema:
        if other["to"] == kind["noun"]:
            for thing in world._of(other).values():
                if thing[kind["noun"]] == given[number_of(kind)]:
                    thing[kind["noun"]] = None
    return {"removed": given[number_of(kind)]}


def _to_state(step: int, kind: Kind, world: Registry, /, **given: Any) -> Thing:
    thing = _thing(world, kind, given[number_of(kind)])
    before, after = kind["states"][step - 1 : step + 1]
    if thing["state"] != before:
        raise ToolError(f"'{given[number_of(kind)]}' is {thing['state']}, not {before}")
    thing["state"] = after
    return {"state": after}


def _tie(kind: Kind, world: Registry, /, **given: Any) -> Thing:
    thing = _thing(world, kind, given[number_of(kind)])
    other = next(one for one in world.schema if one["noun"] == kind["to"])
    _thing(world, other, given[number_of(other)])
    thing[kind["to"]] = given[number_of(other)]
    return {kind["to"]: given[number_of(other)]}


_ACTIONS: dict[str, Callable[..., Thing]] = {
    "add": _add,
    "find": _find,
    "show": _show,
    "change": _change,
    "remove": _remove,
    "first": functools.partial(_to_state, 1),
    "second": functools.partial(_to_state, 2),
    "tie": _tie,
}
