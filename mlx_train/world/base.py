"""What a tool world is: typed tools over a state that is plain JSON.

A world is made fresh for every rollout. A call arrives as a name and a JSON object, is checked against the tool's
schema and dispatched from a table; text from a model is never evaluated as code. A wrong call is answered with
`{"error": ...}` that the model can read, and changes nothing.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar, get_args, get_origin, get_type_hints

JSON_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean", dict: "object"}


class ToolError(Exception):
    """A call the world refuses. The message is what the model reads; the state stays as it was."""


class WorldFault(Exception):
    """A tool failed by anything but a `ToolError`, which is the world's own fault and not that of who called it."""


def tool(method: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Offer a method as a tool. Its schema comes from its annotations, its description from its docstring.

    Parameters are `str`, `int`, `float`, `bool`, `list[...]`, `Literal[...]` of texts or of whole numbers, or any of
    these `| None`; wrap one as `Annotated[type, "description"]` to describe it. A default makes it optional. It returns
    a JSON object.
    """
    method.__is_tool__ = True  # type: ignore[attr-defined]
    return method


T = TypeVar("T")


def copied(value: T) -> T:
    """A copy of a JSON value that shares nothing with it; anything else is handed through as it is."""
    if isinstance(value, dict):
        return {key: copied(item) for key, item in value.items()}  # type: ignore[return-value]
    if isinstance(value, list):
        return [copied(item) for item in value]  # type: ignore[return-value]
    return value


def _schema(annotation: Any) -> dict[str, Any]:
    if get_origin(annotation) is Annotated:
        inner, description = get_args(annotation)[:2]
        return {**_schema(inner), "description": description}
    if get_origin(annotation) in (typing.Union, types.UnionType):
        return _schema(next(part for part in get_args(annotation) if part is not type(None)))
    if get_origin(annotation) is Literal:
        choices = list(get_args(annotation))
        kinds = {type(choice) for choice in choices}
        if len(kinds) > 1 or not kinds <= {str, int}:
            raise TypeError(f"{annotation}: the choices of a Literal are all texts, or all whole numbers")
        return {"type": JSON_TYPES[kinds.pop()], "enum": choices}
    if get_origin(annotation) is list:
        return {"type": "array", "items": _schema(get_args(annotation)[0])}
    return {"type": JSON_TYPES[annotation]}


def _fits(value: Any, schema: Mapping[str, Any]) -> bool:
    kind = schema["type"]
    if kind == "array":
        return isinstance(value, list) and all(_fits(item, schema["items"]) for item in value)
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool) or ("enum" in schema and value not in schema["enum"]):
        return False
    if kind == "integer":
        return isinstance(value, int)
    if kind == "number":
        return isinstance(value, (int, float))
    if kind == "object":
        return isinstance(value, dict)
    return isinstance(value, str)


def describe_tool(name: str, method: Callable[..., Any]) -> dict[str, Any]:
    """The tool's entry in a catalogue, in the form chat templates take (`{"type": "function", ...}`)."""
    hints = get_type_hints(method, include_extras=True)
    signature = inspect.signature(method)
    properties: dict[str, Any] = {}
    required = []
    for parameter in list(signature.parameters.values())[1:]:
        properties[parameter.name] = _schema(hints[parameter.name])
        if parameter.default is inspect.Parameter.empty:
            required.append(parameter.name)
        elif parameter.default is not None:
            properties[parameter.name]["default"] = parameter.default
    description = " ".join((inspect.getdoc(method) or "").split("\n\n")[0].split())
    return {
        "type": "function",
        "function": {
            "name": name,
            "description": description,
            "parameters": {"type": "object", "properties": properties, "required": required},
        },
    }


def check_arguments(function: Mapping[str, Any], arguments: Mapping[str, Any]) -> str | None:
    """What is wrong with the arguments of a call, in words for the model, or None."""
    name, parameters = function["name"], function["parameters"]
    for key in arguments:
        if key not in parameters["properties"]:
            known = ", ".join(parameters["properties"]) or "none"
            return f"{name}: unknown argument '{key}'; it takes: {known}"
    for key in parameters["required"]:
        if key not in arguments:
            return f"{name}: missing argument '{key}'"
    for key, value in arguments.items():
        schema = parameters["properties"][key]
        if value is None and key not in parameters["required"]:
            continue
        if not _fits(value, schema):
            expected = " or ".join(map(str, schema["enum"])) if "enum" in schema else schema["type"]
            return f"{name}: argument '{key}' must be {expected}"
    return None


class World:
    """One scratch world: a domain's tools over a state.

    A subclass sets `domain`, reads `state` (plain JSON) in `__init__` into attributes of plain JSON, marks its tools
    with `@tool`, raises `ToolError` where a call cannot be done, and gives its state back in `state`.
    `World(w.state())` is the same world again.
    """

    domain: ClassVar[str]
    akin: ClassVar[tuple[str, ...]] = ()
    """Other domains with tools that do what some of this domain's do."""
    _tools: dict[str, Callable[..., dict[str, Any]]]
    _catalogue: dict[str, dict[str, Any]]

    def __init_subclass__(cls) -> None:
        cls._tools = {name: method for name, method in vars(cls).items() if getattr(method, "__is_tool__", False)}
        cls._catalogue = {name: describe_tool(name, method) for name, method in cls._tools.items()}

    def __init__(self, state: Mapping[str, Any]) -> None:
        raise NotImplementedError

    @classmethod
    def tools(cls) -> list[dict[str, Any]]:
        """The catalogue of this domain, for `tools=` of a chat template; always in the same order."""
        return [copied(entry) for entry in cls._catalogue.values()]

    def held_back(self) -> list[dict[str, Any]]:
        """Tools that can be called and are not in the catalogue; a user describes them later, as JSON."""
        return []

    def state(self) -> dict[str, Any]:
        """Everything there is, as plain JSON that shares nothing with the world."""
        raise NotImplementedError

    def outcome(self) -> dict[str, Any]:
        """The part of the state that scoring compares; a domain leaves out what is only a point of view."""
        return self.state()

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Do one call and return its JSON result, or `{"error": ...}` with the world unchanged.

        Raises:
            WorldFault: the tool has a fault; the world is unchanged.
        """
        if name not in self._tools:
            return {"error": f"unknown tool '{name}'"}
        if (fault := check_arguments(self._catalogue[name]["function"], arguments)) is not None:
            return {"error": fault}
        before = copied(self.__dict__)
        try:
            given = {key: copied(value) for key, value in arguments.items() if value is not None}
            return copied(self._tools[name](self, **given))
        except ToolError as error:
            self.__dict__ = before
            return {"error": str(error)}
        except Exception as error:
            self.__dict__ = before
            raise WorldFault(f"the tool {name} failed by {type(error).__name__}: {error}") from error
