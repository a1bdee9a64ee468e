"""A suite of one's own: a skeleton to begin with, and the lock of what was written by hand."""

from __future__ import annotations

import hashlib
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mlx_train.errors import BadInput
from mlx_train.files import canonical, iter_jsonl, sha256_file, write_json, write_skeleton
from mlx_train.gates.freeze import lock_of
from mlx_train.gates.gold import gold_faults
from mlx_train.gates.mutants import strange_calls
from mlx_train.gates.suites import LOCK, TASKS, WORLD, Suite, load, twin_faults, world_of
from mlx_train.places import PROGRAM
from mlx_train.recipe import BFCL_SUITES, SUITES
from mlx_train.tasks.check import gold_play
from mlx_train.tasks.task import Task
from mlx_train.world.base import check_arguments
from mlx_train.world.catalogue import WORLDS, adopt

SKELETON = Path(__file__).with_name("skeleton")
NAMES = (WORLD, TASKS, "README.md", "CHANGES.md")
SHOWN = 20
"""Faults listed in one message."""


def init(folder: Path) -> list[Path]:
    """Write the skeleton, a small suite about a greenhouse, and return its files.

    Raises:
        BadInput: the folder holds something, or is a file; nothing is written.
    """
    texts = {name: (SKELETON / name).read_text(encoding="utf-8") for name in NAMES}
    texts["README.md"] = texts["README.md"].replace("PROGRAM", PROGRAM).replace("FOLDER", shlex.quote(str(folder)))
    return write_skeleton(folder, texts)


def freeze(folder: Path, version: int = 1) -> Suite:
    """Check a suite that was written by hand, write its lock, and load it back. Its name is the folder's.

    Raises:
        BadInput: there is a lock already, the name is a built-in suite's, or world or tasks have faults; the message
            lists them with their lines.
    """
    name = folder.resolve().name
    if (folder / LOCK).exists():
        raise BadInput(
            f"{folder / LOCK}: exists already and a lock is never overwritten. A change is a new version: copy the "
            f"folder without its lock, change it, and freeze that with --version {version + 1}."
        )
    if name in (*SUITES, *BFCL_SUITES):
        raise BadInput(f"{folder}: {name} is the name of a built-in suite. Give the folder another one.")
    source = (folder / WORLD).read_bytes() if (folder / WORLD).is_file() else None
    if source is not None:
        adopt(folder / WORLD, source)
    tasks: list[Task] = []
    found = [
        f"{folder / TASKS}, line {number}: {fault}"
        for number, row in enumerate(iter_jsonl(folder / TASKS, "task"), 1)
        for fault in _faults(row, tasks)
    ]
    found += [f"{folder / TASKS}: {fault}" for fault in twin_faults(tasks)]
    if found or not tasks:
        more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
        raise BadInput("\n".join([*found[:SHOWN], *more]) or f"{folder / TASKS}: holds no task.")
    lock = lock_of(
        name,
        tasks,
        sha256_file(folder / TASKS),
        version=version,
        status="frozen",
        world_sha256=None if source is None else hashlib.sha256(source).hexdigest(),
    )
    write_json(folder / LOCK, lock.model_dump(mode="json"))
    return load(folder)


def _faults(row: Any, tasks: list[Task]) -> Iterator[str]:
    """What is wrong with a line; the task is appended to those before it."""
    try:
        task = Task.model_validate(row)
    except ValidationError as error:
        yield from (f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        return
    if any(task.id == other.id for other in tasks):
        yield f"id: {task.id} is the id of an earlier task"
    tasks.append(task)
    if task.split != "gate":
        yield f'split: expected "gate", found {task.split!r}'
    if not task.turns:
        yield "turns: there is none"
    if task.domain not in WORLDS:
        yield f"domain: there is no world {task.domain!r}; there are {', '.join(sorted(WORLDS))}"
        return
    try:
        tools = {tool["function"]["name"]: tool["function"] for tool in world_of(task).tools()}
        for call in (call for turn in task.turns for call in turn.gold):
            fault = check_arguments(tools[call.name], call.arguments) if call.name in tools else "there is no such tool"
            if fault is not None:
                yield f"gold call {call.name}: {fault}"
        for name in set(task.forbid) - set(tools):
            yield f"forbid: there is no tool {name!r}"
        yield from gold_faults(task)
        for made in (*strange_calls(world_of(task)), *(call for did in gold_play(task) for call in did.calls)):
            canonical(world_of(task).call(made.name, made.arguments))
    except Exception as error:  # a world written by somebody else may raise anything
        yield f"the world fails: {type(error).__name__}: {error}"
