"""BFCL's multi-turn tasks, read from the installed package `bfcl-eval` and never copied.

A suite's lock names the tasks, and the SHA-256 of every file of the package that decides on a score. BFCL's call
strings are parsed as literals, not evaluated.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.resources
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlx_train.errors import GateBroken
from mlx_train.files import read_jsonl, sha256_file
from mlx_train.tasks.task import CALLS_OF_TIER, Call, Row, Task, Tier, Turn, failed
from mlx_train.world.bfcl import PACKAGE, Bfcl, catalogue

DISTRIBUTION = "bfcl-eval"
VARIANTS = ("base", "miss_func", "miss_param", "long_context")
"""BFCL has each scenario four times: as it is, with a function or a parameter held back, and with much more to read."""


class Package(Row):
    """What a suite takes from the package."""

    version: str
    files: dict[str, str]
    """SHA-256 by path in the package: questions, gold, function documentation, back-ends, checker, fixed words."""
    tasks: dict[str, str]
    """Scenario (the cluster) by task id."""
    excluded: dict[str, str]
    """Why a task that belongs to the suite is left out, by id."""


def installed() -> str:
    """The version of the package that is installed; empty if there is none."""
    try:
        return importlib.metadata.version(DISTRIBUTION)
    except importlib.metadata.PackageNotFoundError:
        return ""


def folder() -> Path:
    """Where the package lies; it must be installed."""
    return Path(str(importlib.resources.files(PACKAGE)))


def tasks(package: Package) -> tuple[Task, ...]:
    """The tasks, in the order of their ids in the lock.

    Raises:
        GateBroken: the package is not installed, has another version or another file, or lacks a task.
    """
    verify(package)
    rows = {row["id"]: row for variant in VARIANTS for row in questions(variant)}
    gold = {row["id"]: row["ground_truth"] for variant in VARIANTS for row in answers(variant)}
    found = []
    for id, scenario in package.tasks.items():
        try:
            found.append(task(rows[id], gold[id], scenario))
        except (KeyError, ValueError) as error:
            raise GateBroken(f"the lock names {id}, which is not such a task of {DISTRIBUTION} ({error}).") from None
    return tuple(found)


def verify(package: Package) -> None:
    """Refuse another package than the one that was locked.

    Raises:
        GateBroken: it is not installed, has another version, or a file is missing or differs.
    """
    install = f"Install it without its dependencies: `pip install --no-deps {DISTRIBUTION}=={package.version}`."
    version = installed()
    if not version:
        raise GateBroken(f"its tasks are in the package {DISTRIBUTION}, which is not installed. {install}")
    if version != package.version:
        raise GateBroken(f"{DISTRIBUTION} is version {version}, expected {package.version}. {install}")
    for name, expected in package.files.items():
        path = folder() / name
        found = sha256_file(path) if path.is_file() else "missing"
        if found != expected:
            raise GateBroken(f"{path}: SHA-256 is {found}, expected {expected}. {install}")


def questions(variant: str) -> list[dict[str, Any]]:
    """BFCL's rows of a variant."""
    return read_jsonl(folder() / "data" / f"BFCL_v4_multi_turn_{variant}.json", "BFCL question")


def answers(variant: str) -> list[dict[str, Any]]:
    """BFCL's gold calls of a variant."""
    return read_jsonl(folder() / "data" / "possible_answer" / f"BFCL_v4_multi_turn_{variant}.json", "BFCL answer")


def task(row: Mapping[str, Any], gold: Sequence[Sequence[str]], scenario: str) -> Task:
    """A row of BFCL with a single back-end as a task of ours.

    Raises:
        ValueError: a gold call is not a call with literals, or answers with an error.
    """
    (backend,) = row["involved_classes"]
    later = row.get("missed_function", {})
    state = {
        "backend": backend,
        "scenario": row["initial_config"].get(backend, {}),
        "long_context": "long_context" in row["id"],
        "excluded": row.get("excluded_function", []),
        "later": [name for names in later.values() for name in names],
    }
    world = Bfcl(state)
    turns = []
    for number, (messages, written) in enumerate(zip(row["question"], gold, strict=True)):
        calls = [_call(text, backend) for text in written]
        user = messages[0]["content"] if messages else _offer(backend, later[str(number)])
        turns.append(
            Turn(user=user, templates=(), gold=tuple(calls), say="", results=tuple(_results(world, calls, row["id"])))
        )
    return Task(
        id=row["id"],
        domain=Bfcl.domain,
        family=f"bfcl.{scenario}",
        tier=_tier(sum(len(turn.gold) for turn in turns)),
        split="gate",
        seed=0,
        world=state,
        turns=tuple(turns),
    )


def _call(text: str, backend: str) -> Call:
    """A gold call: `f(1, b='x')`, with the names of positional arguments from the function's documentation."""
    found = ast.parse(text, mode="eval").body
    if not isinstance(found, ast.Call) or not isinstance(found.func, ast.Name):
        raise ValueError(f"not a call: {text}")
    names = catalogue(backend)[found.func.id]["function"]["parameters"]["properties"]
    given = [*zip(names, found.args, strict=False), *((keyword.arg, keyword.value) for keyword in found.keywords)]
    return Call(name=found.func.id, arguments={str(name): ast.literal_eval(value) for name, value in given})


def _offer(backend: str, names: Sequence[str]) -> str:
    """The turn in which functions are offered that were held back, in BFCL's words."""
    from bfcl_eval.constants.default_prompts import DEFAULT_USER_PROMPT_FOR_ADDITIONAL_FUNCTION_PROMPTING as WORDS

    return str(WORDS.format(functions=json.dumps([catalogue(backend)[name] for name in names])))


def _results(world: Bfcl, calls: Sequence[Call], id: str) -> list[dict[str, Any]]:
    """Do a turn's gold calls and return the results that the user is after: of the reads since the turn's last change,
    those of which no later call of the turn makes use. A change of directory is neither a change nor a read."""
    found: list[dict[str, Any]] = []
    for index, call in enumerate(calls):
        before, place = world.outcome(), world.place()
        result = world.call(call.name, call.arguments)
        if failed(result):
            raise ValueError(f"{id}: {call.name} answers {result}")
        used = {repr(value) for later in calls[index + 1 :] for value in _leaves(later.arguments)}
        if world.outcome() != before:
            found = []
        elif world.place() == place and used.isdisjoint(map(repr, _leaves(result))):
            found.append(result)
    return found


def _leaves(value: Any) -> Iterable[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _leaves(item)
    elif not isinstance(value, bool):
        yield value


def _tier(calls: int) -> Tier:
    return next((tier for tier, (_, most) in CALLS_OF_TIER.items() if calls <= most), "very hard")
