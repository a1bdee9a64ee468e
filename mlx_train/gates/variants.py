"""The same tasks met in another way: does a score hang on names, on the order of the tools, on one prompt?

A variant changes what the model reads and nothing else. Its calls are translated back before they are done and
recorded, so the checker sees what it always sees. Tasks with one catalogue get one again, which stays shared.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mlx_train.gates.suites import world_of
from mlx_train.tasks.task import Task
from mlx_train.world.base import World, check_arguments
from mlx_train.world.catalogue import ADOPTED, WORLDS

Tool = dict[str, Any]
DISTRACTORS = 6
REFUSED = " (refused)"
"""Behind the name of a recorded call that a variant refused: no tool has such a name."""
REPHRASED = (
    "Do what the user asks. Use the tools you are given, one call at a time, and answer in words when it is done."
)
"""The system prompt of the variant `rephrased`."""


class Met(Protocol):
    """What a rollout needs of the world it acts in."""

    def tools(self) -> list[Tool]: ...

    def held_back(self) -> list[Tool]: ...

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]: ...


class Disguised:
    """A task's world behind another catalogue."""

    def __init__(self, task: Task, change: Callable[[World, random.Random], list[Tool]], seed: str) -> None:
        self._world: World = world_of(task)
        self._tools = change(self._world, random.Random(seed))
        self._offers = [(tool, _renamed(tool) if change is renamed else tool) for tool in self._world.held_back()]
        known = [*self._tools, *(offered for _, offered in self._offers)]
        self._named = {tool["function"]["name"]: tool["function"] for tool in known}

    def tools(self) -> list[Tool]:
        """The catalogue that the model reads; `plain_name` and the like are not part of it."""
        return [_shown(tool) for tool in self._tools]

    def held_back(self) -> list[Tool]:
        """What a user offers later, as it is shown then."""
        return [_shown(offered) for _, offered in self._offers]

    def asked(self, user: str) -> str:
        """A user's words; a tool that they describe, as JSON, is described as it is known here."""
        for plain, offered in self._offers:
            user = user.replace(json.dumps(plain), json.dumps(_shown(offered)))
        return user

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """Do a call by the names of this catalogue."""
        if (refusal := self._refusal(name, arguments)) is not None:
            return {"error": refusal}
        return self._world.call(*self.plain(name, arguments))

    def plain(self, name: str, arguments: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
        """The call by the names of the task's own world, in which the checker does it again.

        A call that was refused here must not be done there, whatever it would mean: it gets a name that no tool has.
        """
        if self._refusal(name, arguments) is not None:
            return name + REFUSED, dict(arguments)
        function = self._named[name]
        names = function.get("plain_parameters", {})
        return function.get("plain_name", name), {names.get(key, key): value for key, value in arguments.items()}

    def _refusal(self, name: str, arguments: Mapping[str, Any]) -> str | None:
        if name not in self._named:
            return f"unknown tool '{name}'"
        if self._named[name].get("distracts"):
            return f"{name} is not available"
        return check_arguments(self._named[name], arguments)


SHOWN = ("name", "description", "parameters")


def _shown(tool: Tool) -> Tool:
    return {**tool, "function": {key: value for key, value in tool["function"].items() if key in SHOWN}}


def shuffled(world: World, rng: random.Random) -> list[Tool]:
    """The tools in another order."""
    tools = world.tools()
    return rng.sample(tools, len(tools))


def renamed(world: World, rng: random.Random) -> list[Tool]:
    """Tools and parameters with other names: `cp` becomes `run_cp`, `source` becomes `source_value`."""
    return [_renamed(tool) for tool in world.tools()]


def _renamed(tool: Tool) -> Tool:
    function = tool["function"]
    parameters = function["parameters"]
    names = {key: f"{key}_value" for key in parameters["properties"]}
    changed = {
        "name": f"run_{function['name']}",
        "description": function["description"],
        "parameters": {
            **parameters,
            "properties": {names[key]: schema for key, schema in parameters["properties"].items()},
            "required": [names[key] for key in parameters["required"]],
        },
        "plain_name": function["name"],
        "plain_parameters": {new: old for old, new in names.items()},
    }
    return {**tool, "function": changed}


def distracted(world: World, rng: random.Random) -> list[Tool]:
    """Some tools of other domains besides; a call of one is answered with an error."""
    tools = world.tools()
    known = {tool["function"]["name"] for tool in [*tools, *world.held_back()]}
    strange = [
        {**tool, "function": {**tool["function"], "distracts": True}}
        for domain, other in WORLDS.items()
        if domain not in world.akin
        if domain not in ADOPTED  # or the score of one suite would depend on which others are loaded
        if "tools" not in vars(other)  # a world whose catalogue depends on its state has none without one
        for tool in other.tools()
        if tool["function"]["name"] not in known
    ]
    return rng.sample([*tools, *rng.sample(strange, DISTRACTORS)], len(tools) + DISTRACTORS)


CHANGES: dict[str, Callable[[World, random.Random], list[Tool]]] = {
    "shuffled": shuffled,
    "renamed": renamed,
    "distracted": distracted,
}
PLAIN, OTHER_PROMPT = "plain", "rephrased"
VARIANTS = (PLAIN, *CHANGES, OTHER_PROMPT)


def meet(variant: str) -> Callable[[Task], Met]:
    """How a task's world is met in a variant.

    Raises:
        KeyError: there is no such variant.
    """
    if variant in (PLAIN, OTHER_PROMPT):
        return world_of
    change = CHANGES[variant]
    return lambda task: Disguised(task, change, f"{variant}/{task.domain}")
