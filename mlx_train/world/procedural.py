"""Made-up record stores: every schema has its own tools, named after made-up things.

A model that has only ever seen a few catalogues learns them by heart. Schemas drawn at random, with the records under
names of their own, can only be handled by reading the catalogue.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mlx_train.world.base import ToolError, World, copied

Record = dict[str, Any]


class Procedural(World):
    """Record stores over a schema that is part of the state.

    State: `{"schema": [kind, ...], "records": {noun: {key: {field: value}}}}`, where a kind is
    `{"noun": str, "key": parameter name, "fields": {name: "string"|"integer"|"boolean"}, "tools": {action: tool name}}`
    and the actions are add, remove, set, get, list and count; a kind offers those it names.
    """

    domain = "procedural"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.schema: list[dict[str, Any]] = copied(state["schema"])
        self.records: dict[str, dict[str, Record]] = copied(state["records"])
        self._catalogue, self._tools = offered(self.schema, _entry, _ACTIONS)

    def tools(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The catalogue of this schema."""
        return copied(list(self._catalogue.values()))

    def state(self) -> dict[str, Any]:
        """Schema and records."""
        return copied({"schema": self.schema, "records": self.records})

    def outcome(self) -> dict[str, Any]:
        """The records; the schema never changes."""
        return copied(self.records)


def offered(
    schema: Sequence[Mapping[str, Any]],
    entry: Callable[[Mapping[str, Any], str, str], dict[str, Any]],
    actions: Mapping[str, Callable[..., Record]],
) -> tuple[dict[str, dict[str, Any]], dict[str, Callable[..., Record]]]:
    """The tools of a schema: their entries in the catalogue, and what they do.

    Args:
        schema: kinds, each with its tools' names by action in `tools`.
        entry: makes the entry of (kind, action, tool name).
        actions: what each does, given the kind, the world and the arguments.
    """
    named = [(kind, action, name) for kind in schema for action, name in kind["tools"].items()]
    return (
        {name: entry(kind, action, name) for kind, action, name in named},
        {name: functools.partial(actions[action], kind) for kind, action, name in named},
    )


def _entry(kind: Mapping[str, Any], action: str, name: str) -> dict[str, Any]:
    noun = kind["noun"]
    properties: dict[str, Any] = {}
    required = []
    if action not in ("list", "count"):
        properties[kind["key"]] = {"type": "string"}
        required.append(kind["key"])
    if action in ("add", "set"):
        properties |= {field: {"type": type_} for field, type_ in kind["fields"].items()}
    if action == "add":
        required += kind["fields"]
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": f"{action.capitalize()} {noun}.",
            "parameters": {"type": "object", "properties": properties, "required": required},
        },
    }


def _find(world: Procedural, kind: Mapping[str, Any], key: str) -> Record:
    try:
        return world.records[kind["noun"]][key]
    except KeyError:
        raise ToolError(f"no {kind['noun']} called {key}") from None


def _add(kind: Mapping[str, Any], world: Procedural, /, **given: Any) -> Record:
    key = given.pop(kind["key"])
    if key in world.records[kind["noun"]]:
        raise ToolError(f"{kind['noun']} {key} exists")
    world.records[kind["noun"]][key] = given
    return {}


def _remove(kind: Mapping[str, Any], world: Procedural, /, **given: Any) -> Record:
    _find(world, kind, given[kind["key"]])
    del world.records[kind["noun"]][given[kind["key"]]]
    return {}


def _set(kind: Mapping[str, Any], world: Procedural, /, **given: Any) -> Record:
    _find(world, kind, given.pop(kind["key"])).update(given)
    return {}


def _get(kind: Mapping[str, Any], world: Procedural, /, **given: Any) -> Record:
    return _find(world, kind, given[kind["key"]])


def _list(kind: Mapping[str, Any], world: Procedural) -> Record:
    return {"names": list(world.records[kind["noun"]])}


def _count(kind: Mapping[str, Any], world: Procedural) -> Record:
    return {"count": len(world.records[kind["noun"]])}


_ACTIONS: dict[str, Callable[..., Record]] = {
    "add": _add,
    "remove": _remove,
    "set": _set,
    "get": _get,
    "list": _list,
    "count": _count,
}
