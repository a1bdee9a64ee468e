"""Worlds of BFCL's multi-turn tasks: the back-end classes of the package `bfcl-eval`, behind our contract.

BFCL's own executor evaluates call strings and keeps its instances for the life of the process; it is never used. Here a
call is checked against the function's documentation and dispatched from it, on an instance of the world's own. Nothing
of the package is imported before a world is made.
"""

from __future__ import annotations

import calendar
import copy
import functools
import importlib
import importlib.resources
import json
import random
import threading
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any

from mlx_train.world.base import World, check_arguments, copied

PACKAGE = "bfcl_eval"
JSON_TYPES = {"dict": "object", "float": "number", "tuple": "array", "any": "string"}
"""Types of BFCL's function documentation that JSON schema calls otherwise."""
ONE_AT_A_TIME = threading.Lock()
"""Some functions fill in and return an object that all instances share."""


class Clock(datetime):
    """The clock of the back-ends: it stands still, in UTC, so that ages and timestamps are the same everywhere."""

    @classmethod
    def today(cls) -> Clock:
        return cls(2026, 3, 23)

    @classmethod
    def fromtimestamp(cls, timestamp: float, tz: tzinfo | None = None) -> Clock:
        return super().fromtimestamp(timestamp, UTC).replace(tzinfo=tz)

    def timestamp(self) -> float:
        return calendar.timegm(self.timetuple())


@functools.cache
def catalogue(backend: str) -> dict[str, dict[str, Any]]:
    """The documented functions of a back-end class by name, as entries for `tools=` of a chat template."""
    config = importlib.import_module(f"{PACKAGE}.constants.executable_backend_config")
    folder = importlib.resources.files(PACKAGE) / "data" / "multi_turn_func_doc"
    lines = (folder / config.MULTI_TURN_FUNC_DOC_FILE_MAPPING[backend]).read_text(encoding="utf-8").splitlines()
    return {entry["function"]["name"]: entry for entry in map(_tool, lines)}


def _tool(line: str) -> dict[str, Any]:
    found = json.loads(line)
    function = {key: found[key] for key in ("name", "description")} | {"parameters": _schema(found["parameters"])}
    return {"type": "function", "function": function}


def _schema(found: Mapping[str, Any]) -> dict[str, Any]:
    schema = {**found, "type": JSON_TYPES.get(found["type"], found["type"])}
    if "items" in schema:
        schema["items"] = _schema(schema["items"])
    if "properties" in schema:
        schema["properties"] = {key: _schema(value) for key, value in schema["properties"].items()}
    return schema


@functools.cache
def _class(backend: str) -> type[Any]:
    config = importlib.import_module(f"{PACKAGE}.constants.executable_backend_config")
    module: Any = importlib.import_module(config.CLASS_FILE_PATH_MAPPING[backend])
    if getattr(module, "datetime", None) is datetime:
        module.datetime = Clock
    if hasattr(module, "CURRENT_TIME"):
        module.CURRENT_TIME = Clock.fromisoformat(module.CURRENT_TIME.isoformat())
    kind: type[Any] = getattr(module, backend)
    return kind


class Bfcl(World):
    """An instance of a back-end class.

    State: `{"backend": class, "scenario": its initial configuration, "long_context": bool, "excluded": [function],
    "later": [function], "calls": [[name, arguments]]}`. An excluded function does not exist; a later one exists but is
    not in the catalogue. The calls, if any, are done again.

    Attributes:
        instance: the instance of the back-end class.
        outputs: what BFCL's executor would have answered to each call so far.
    """

    domain = "bfcl"
    akin = ("files", "trading", "fleet", "travel")

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._start = {key: copied(value) for key, value in state.items() if key != "calls"}
        self._calls: list[list[Any]] = []
        self._known = {n: e for n, e in catalogue(state["backend"]).items() if n not in state["excluded"]}
        instance = _class(state["backend"])()
        instance._load_scenario(copied(state["scenario"]), long_context=state["long_context"])
        self.instance: Any = _own(instance)  # what it loads is in part shared by all instances
        self.outputs: list[str] = []
        for name, arguments in state.get("calls", ()):
            self.call(name, arguments)

    def tools(self) -> list[dict[str, Any]]:  # type: ignore[override]
        """The functions that are offered from the start."""
        return [copied(entry) for name, entry in self._known.items() if name not in self._start["later"]]

    def held_back(self) -> list[dict[str, Any]]:
        """The functions that are offered later."""
        return [copied(entry) for name, entry in self._known.items() if name in self._start["later"]]

    def state(self) -> dict[str, Any]:
        """The start and the calls since."""
        return copied({**self._start, "calls": self._calls})

    def outcome(self) -> dict[str, Any]:
        """The public attributes, which are what BFCL compares: the current directory is not among them."""
        known: dict[int, Any] = {}
        return {name: _plain(value, known) for name, value in vars(self.instance).items() if not name.startswith("_")}

    def place(self) -> list[str]:
        """The current directory of a file system, from below."""
        return [directory.name for directory in _upwards(getattr(self.instance, "_current_dir", None))]

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Do one call. Whatever the back-end does before it reports an error stays done, as in the original."""
        self._calls.append([name, copied(dict(arguments))])
        if name not in self._known:
            return self._refused(f"unknown tool '{name}'")
        if (fault := check_arguments(self._known[name]["function"], arguments)) is not None:
            return self._refused(fault)
        given = {key: copied(value) for key, value in arguments.items() if value is not None}
        with ONE_AT_A_TIME:
            try:
                answer = getattr(self.instance, name)(**given)
            except Exception as error:
                return self._refused(str(error))
            self.outputs.append(_text(answer))
            return _result(answer)

    def _refused(self, reason: str) -> dict[str, Any]:
        self.outputs.append(f"Error during execution: {reason}")
        return {"error": reason}


def _own(instance: Any) -> Any:
    """A copy that shares nothing; the 625 numbers of a random generator are not gone through one by one."""
    generators = [value for value in vars(instance).values() if isinstance(value, random.Random)]
    memo: dict[int, Any] = {}
    for one in generators:
        memo[id(one)] = random.Random()
        memo[id(one)].setstate(one.getstate())
    return copy.deepcopy(instance, memo)


def _text(answer: Any) -> str:
    """An answer as BFCL's executor writes it."""
    if isinstance(answer, dict):
        try:
            return json.dumps(answer)
        except TypeError:
            return str(answer)
    return str(answer)


def _result(answer: Any) -> dict[str, Any]:
    """An answer as a JSON object that shares nothing with the back-end: None is `{}`, a list is put under `result`."""
    if answer is None:
        return {}
    try:
        value = json.loads(json.dumps(answer, allow_nan=False, default=str))  # a list of the original holds an Ellipsis
    except ValueError:
        return {"error": "the result is not a finite number"}
    return value if isinstance(value, dict) else {"result": value}


def _plain(value: Any, known: dict[int, Any]) -> Any:
    """An attribute as plain JSON; a directory as an object, a file as its content.

    The original lets a directory contain itself, so each is gone through once.
    """
    if isinstance(value, dict):
        return {str(key): _plain(item, known) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, known) for item in value]
    if hasattr(value, "contents"):
        if id(value) not in known:
            known[id(value)] = tree = {}
            tree.update(_plain(value.contents, known))
        return known[id(value)]
    return getattr(value, "content", value)


def _upwards(directory: Any) -> Iterator[Any]:
    while directory is not None:
        yield directory
        directory = directory.parent
