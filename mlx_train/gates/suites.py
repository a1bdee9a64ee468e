"""Suites: what a model is scored on, locked by hashes.

A suite is a folder with `tasks.jsonl` (one task a line), `suite.lock.json`, `README.md` and
`CHANGES.md`; one with a domain of its own also has `world.py`, which is run. Loading recomputes every hash, replays the
gold solutions in the worlds of today, and refuses what differs: a score on a changed suite is no score. A suite whose
tasks are in a package of others has no `tasks.jsonl`; its lock names the package.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import canonical, read_json, read_jsonl, sha256_file, sha256_of
from mlx_train.gates import bfcl
from mlx_train.gates.difficulty import Difficulty
from mlx_train.places import PROGRAM, SUITES
from mlx_train.recipe import BFCL_SUITES
from mlx_train.recipe import SUITES as NAMES
from mlx_train.tasks.check import faults, gold_play, outcomes
from mlx_train.tasks.family import Family
from mlx_train.tasks.task import Played, Row, Split, Task
from mlx_train.world.base import World
from mlx_train.world.catalogue import WORLDS, adopt

CHECKER = 1
"""Version of the rules in `tasks/check.py`; raise it when a rule changes. Scores of two versions are not compared."""

TASKS, LOCK, WORLD = "tasks.jsonl", "suite.lock.json", "world.py"
RESTORE = "Restore the suite from version control."


class Lock(Row):
    """The lock file of a suite."""

    id: str
    version: int
    status: Literal["draft", "frozen"]
    sha256: str
    """Of the bytes of tasks.jsonl, or of the same lines made of a package's tasks."""
    gold_sha256: str
    """Of the gold outcomes, results and verdicts, recomputed in the worlds: see `gold_hash`."""
    templates_sha256: str
    """Of the sorted ids of all phrasings in the suite."""
    checker: int
    seed: int
    counts: dict[str, Any]
    quick: tuple[str, ...]
    canary: str
    world_sha256: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """Of the bytes of world.py, for a suite with worlds of its own."""
    commit: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """Of the families that wrote the tasks."""
    prompt: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """The system prompt that recipes have unless they choose their own."""
    tools_sha256: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """Of the tools as models are shown them: see `tools_hash`."""
    difficulty: Difficulty | None = Field(default=None, exclude_if=lambda value: value is None)
    floors: Difficulty | None = Field(default=None, exclude_if=lambda value: value is None)
    """Difficulty that no version of the suite may fall below."""
    package: bfcl.Package | None = Field(default=None, exclude_if=lambda value: value is None)
    """Where the tasks are, if they are not ours."""


def outside_suites(*paths: Path | None) -> None:
    """Refuse to write what lies in the folder of a suite that has a lock, at any depth.

    Raises:
        BadInput: the message names the path and the suite.
    """
    for path in paths:
        for folder in () if path is None else (path.resolve(), *path.resolve().parents):
            if (folder / LOCK).exists():
                raise BadInput(
                    f"{path}: lies in {folder}, a suite with a lock, which no command writes into. Give a path outside "
                    "of it; nothing was written."
                )


@dataclass(frozen=True)
class Suite:
    """A suite whose hashes were verified."""

    folder: Path
    lock: Lock
    tasks: tuple[Task, ...]

    @property
    def id(self) -> str:
        """The suite's name."""
        return self.lock.id

    @cached_property
    def digest(self) -> str:
        """SHA-256 that stands for the suite in results: of its lock without the status."""
        return sha256_of({key: value for key, value in self.lock.model_dump(mode="json").items() if key != "status"})

    def first(self, count: int) -> Suite:
        """The suite of its first tasks, of each family in turn, and the last one's twin; it has another digest."""
        if count >= len(self.tasks):
            return self
        tasks = self.tasks[: count + (self.tasks[count].twin_of is not None)]
        held = {"sha256": lines_hash(tasks), "counts": counts(tasks), "quick": ()}
        return Suite(self.folder, self.lock.model_copy(update=held), tasks)

    def chosen(self, quick: bool) -> tuple[Task, ...]:
        """All tasks, or the quick ones, in the suite's order."""
        return tuple(task for task in self.tasks if task.id in set(self.lock.quick)) if quick else self.tasks


def load(folder: Path) -> Suite:
    """Read a suite and verify all of it.

    Raises:
        GateBroken: a file is missing or unreadable, or a hash differs; the message has the file, the hash that was
            expected, the one found, and what to do.
    """
    lock = read_lock(folder)
    with _broken(folder):
        tasks, sha256 = read(folder, lock)
    _same(folder / TASKS, "SHA-256", lock.sha256, sha256, RESTORE)
    _same(folder / LOCK, "checker version", lock.checker, CHECKER, "Use the release that made it, or a new version.")
    _same(folder / TASKS, "task counts", lock.counts, counts(tasks), RESTORE)
    _same(folder / TASKS, "SHA-256 of the template ids", lock.templates_sha256, templates_hash(tasks), RESTORE)
    if len({task.id for task in tasks}) != len(tasks):
        raise GateBroken(f"{folder / TASKS}: a task id occurs twice. Restore the file from version control.")
    if unknown := set(lock.quick) - {task.id for task in tasks}:
        raise GateBroken(f"{folder / LOCK}: quick names tasks that are not in the suite: {sorted(unknown)}.")
    for chosen in (tasks, [task for task in tasks if task.id in set(lock.quick)]):
        if wrong := twin_faults(chosen):
            raise GateBroken(f"{folder / TASKS}: {wrong[0]}. {RESTORE}")
    if lock.world_sha256 is not None:
        _adopt(folder / WORLD, lock.world_sha256)
    if missing := {task.domain for task in tasks} - set(WORLDS):
        raise GateBroken(f"{folder / TASKS}: there is no world for {sorted(missing)}. Use the release that made it.")
    if lock.tools_sha256 is not None:
        _same(
            folder / TASKS,
            "SHA-256 of the tools",
            lock.tools_sha256,
            tools_hash(tasks),
            "A tool or its description has changed since the suite was made; undo that, or make a new version.",
        )
    _same(
        folder / TASKS,
        "SHA-256 of the gold outcomes",
        lock.gold_sha256,
        gold_hash(tasks),
        "A world or the checker has changed since the suite was made; undo that, or make a new version of the suite.",
    )
    return Suite(folder, lock, tasks)


def read_lock(folder: Path) -> Lock:
    """The lock of a suite, which is not verified.

    Raises:
        GateBroken: it is missing or unreadable.
    """
    with _broken(folder):
        return Lock.model_validate(read_json(folder / LOCK, "suite lock"))


def read(folder: Path, lock: Lock) -> tuple[tuple[Task, ...], str]:
    """The tasks of a suite, and the SHA-256 of their lines.

    Raises:
        GateBroken: the package they are in is missing or differs.
        BadInput: their file is missing or unreadable.
        ValidationError: a line is not a task.
    """
    if lock.package is None:
        rows = read_jsonl(folder / TASKS, "task")
        return tuple(Task.model_validate(row) for row in rows), sha256_file(folder / TASKS)
    try:
        tasks = bfcl.tasks(lock.package)
    except GateBroken as error:
        raise GateBroken(f"suite {lock.id}: {error}") from None
    return tasks, lines_hash(tasks)


@contextmanager
def _broken(folder: Path) -> Iterator[None]:
    """Bad input in a suite that was locked is a broken gate."""
    try:
        yield
    except BadInput as error:
        raise GateBroken(f"{error} {RESTORE}") from None
    except ValidationError as error:
        fault = error.errors()[0]
        raise GateBroken(
            f"{folder}: {error.title} does not have the expected form: {'.'.join(map(str, fault['loc']))}: "
            f"{fault['msg']}. {RESTORE}"
        ) from None


def _adopt(path: Path, sha256: str) -> None:
    """Offer the worlds of a suite. What is run are the very bytes whose hash was compared."""
    with _broken(path.parent):
        if not path.is_file():
            raise BadInput(f"{path}: this world does not exist.")
        source = path.read_bytes()
        _same(path, "SHA-256", sha256, hashlib.sha256(source).hexdigest(), RESTORE)
        adopt(path, source)


def _same(path: Path, what: str, expected: object, found: object, advice: str) -> None:
    if expected != found:
        raise GateBroken(f"{path}: {what} is {found}, expected {expected}. {advice}")


def load_all(root: Path, names: Sequence[str]) -> list[Suite]:
    """The suites of these names below a folder, verified.

    Raises:
        BadInput: there is no suite of one of these names.
        GateBroken: one is missing or does not verify.
    """
    known = (*NAMES, *BFCL_SUITES)
    if unknown := [name for name in names if name not in known and not (root / name).exists()]:
        raise BadInput(f"no suite is called {unknown[0]!r}. There are: {', '.join(known)}.")
    return [load(root / name) for name in names]


def load_borrowed(names: Sequence[str], say: Callable[[str], None]) -> list[Suite]:
    """The suites of these names whose tasks are in a package, verified; none where it is not installed as locked."""
    try:
        return load_all(SUITES, names) if bfcl.installed() else []
    except GateBroken as error:
        say(f"{', '.join(names)}: left out. {error}")
        return []


def suites_in(folder: Path) -> list[Path]:
    """The folder itself, if it is a suite, or the suites in it.

    Raises:
        GateBroken: there is none.
    """
    found = [folder] if (folder / LOCK).is_file() else sorted(path.parent for path in folder.glob(f"*/{LOCK}"))
    if not found:
        raise GateBroken(
            f"{folder}: neither it nor a folder in it has a {LOCK}. `{PROGRAM} gates freeze` writes that of a suite of "
            "one's own."
        )
    return found


def load_own(folder: Path) -> list[Suite]:
    """A suite, or those in a folder, verified.

    Raises:
        GateBroken: there is none, one does not verify, or two have the same id.
    """
    found = [load(path) for path in suites_in(folder)]
    if len({suite.id for suite in found}) < len(found):
        raise GateBroken(f"{folder}: two suites have the same id in their locks. Give the folder of one of them.")
    return found


def gold_hash(tasks: Sequence[Task]) -> str:
    """SHA-256 over what worlds and checker make of each task: gold outcomes and results, and the verdicts on the gold
    solution and on doing nothing."""
    return sha256_of(
        [
            {
                "id": task.id,
                "outcomes": outcomes(task),
                "play": [played.model_dump(mode="json") for played in gold_play(task)],
                "gold": faults(task, gold_play(task)),
                "nothing": faults(task, [Played() for _ in task.turns]),
            }
            for task in tasks
        ]
    )


def templates_hash(tasks: Sequence[Task]) -> str:
    """SHA-256 of the sorted ids of all phrasings in the tasks."""
    return sha256_of(sorted({template for task in tasks for turn in task.turns for template in turn.templates}))


def counts(tasks: Sequence[Task]) -> dict[str, Any]:
    """How many tasks and families, tasks by tier and domain, and twins if there are any."""
    twins = sum(task.twin_of is not None for task in tasks)
    return {
        "tasks": len(tasks),
        **({"twins": twins} if twins else {}),
        "families": len({task.family for task in tasks}),
        "by_tier": dict(sorted(Counter(task.tier for task in tasks).items())),
        "by_domain": dict(sorted(Counter(task.domain for task in tasks).items())),
    }


def tools_hash(tasks: Sequence[Task]) -> str:
    """SHA-256 of the catalogues of the tasks' worlds, names, parameters and descriptions."""
    return sha256_of(sorted({canonical(world_of(task).tools()) for task in tasks}))


def twin_faults(tasks: Sequence[Task]) -> list[str]:
    """What is wrong with the twins: one is of no task there, or a task has two."""
    known = {task.id for task in tasks if task.twin_of is None}
    twins = Counter(task.twin_of for task in tasks if task.twin_of is not None)
    found = [f"{id} has a twin but is not there, or is a twin itself" for id in twins if id not in known]
    found += [f"{id} has {count} twins" for id, count in twins.items() if count > 1]
    if twins:
        found += [f"{id} has no twin, but others have" for id in sorted(known - set(twins))]
    return found


def words_hash(task: Task) -> str:
    """SHA-256 of what the user says, in order: two tasks with the same words count as one."""
    return sha256_of([turn.user for turn in task.turns])


def world_of(task: Task) -> World:
    """A fresh world in the state the task starts in."""
    return WORLDS[task.domain](task.world)


def task_line(task: Task) -> str:
    """The task's line in tasks.jsonl, without the line's end.

    Keys stay in their order, which in a world is part of the state: `ls` lists a folder in it.
    """
    return json.dumps(task.model_dump(mode="json"), separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def lines_hash(tasks: Sequence[Task]) -> str:
    """SHA-256 of the bytes that tasks.jsonl has for these tasks."""
    return hashlib.sha256("".join(task_line(task) + "\n" for task in tasks).encode()).hexdigest()


Kind = tuple[Split, tuple[Family, ...]]
PRACTICE = {"procedural", "recital", "registry"}
"""Made-up tools, and no tools at all: for training only, in no suite."""


def membership(name: str, families: Sequence[Family], dev: bool = False) -> Kind:
    """The split and the families of a suite.

    A domain is *retained* if training may use it (it has a family of role `train`), and *unseen* if not. Of the hard
    families that may be trained on, gate and dev have different ones, dealt out by a hash of their ids. Families of
    tasks without a right call are those of the gate, and all others for dev.

    Raises:
        ValueError: there is no suite of this name.
    """
    split: Split = "dev" if dev else "gate"
    trained = {family.domain for family in families if family.role == "train"}
    retained = trained - {"files"} - PRACTICE
    unseen = {family.domain for family in families} - trained - {"files"} - PRACTICE
    if dev:
        unseen = {domain for domain in unseen if all(f.role == "dev" for f in families if f.domain == domain)}
    acting = [family for family in families if not family.abstain]
    if name == "hard":
        hard = [f for f in acting if f.domain == "files" and f.role == "train" and f.tier in ("hard", "very hard")]
        chosen = [f for f in hard if for_dev(f) == dev]
    elif name == "heldout":
        chosen = [f for f in acting if f.domain == "files" and f.role == split]
    elif name == "breadth-retained":
        chosen = [f for f in acting if f.domain in retained and f.role == split]
    elif name == "breadth-unseen":
        chosen = [f for f in acting if f.domain in unseen and f.role == split]
    elif name == "abstain":
        chosen = [f for f in families if f.abstain and f.domain not in PRACTICE and (f.role != "gate") == dev]
    else:
        raise ValueError(f"there is no suite {name!r}")
    return split, tuple(sorted(chosen, key=lambda f: f.id))


def for_dev(family: Family) -> bool:
    """Whether a family that may be trained on is kept for the dev suite: a sixth of them, by a hash of the id."""
    return hashlib.sha256(family.id.encode()).digest()[0] % 6 == 0
