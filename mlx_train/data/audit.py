"""Whether a suite's tasks stand, in whole or in part, in the training rows.

Each level looks for one kind of overlap, from the plain (the same id) to the structural (the same calls). Which levels
block depends on what the suite claims; the others are reported.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from mlx_train.data.trajectory import Trajectory
from mlx_train.files import sha256_of
from mlx_train.tasks.task import Task
from mlx_train.world.catalogue import WORLDS

NGRAM = 13
SHINGLE = 5
SIMILAR = 0.7
EXAMPLES = 3
LEVELS = ("id", "text", "ngram", "similar", "template", "family", "schema", "calls")
ALWAYS = frozenset({"id", "text", "ngram", "similar", "template"})
ALSO: dict[str, frozenset[str]] = {
    "heldout": frozenset({"family"}),
    "breadth-retained": frozenset({"family"}),
    "breadth-unseen": frozenset({"family", "schema"}),
}
"""Levels that block for a suite beside those that always do."""
SLOTS = re.compile(r"\"[^\"]*\"|(?<!\w)'[^']*'(?!\w)|`[^`]*`|[\w/.-]*\w\.[a-z]\w{0,4}\b|\S*/\S*|\S*\d\S*")
"""Quoted text, file names, paths and whatever holds a digit."""


@dataclass(frozen=True)
class Hit:
    """A task and a training row that share `what`."""

    task: str
    row: str
    what: str


@dataclass(frozen=True)
class Overlap:
    """What the tasks of one suite share with the training rows.

    Attributes:
        counts: by level, the number of tasks that share something with a row.
        examples: by level, the first of them.
        blocks: the levels that block for this suite and found something.
    """

    suite: str
    rows: int
    tasks: int
    counts: dict[str, int]
    examples: dict[str, list[Hit]]
    blocks: list[str]

    @property
    def blocking(self) -> bool:
        """Whether the suite may not be used with these rows."""
        return bool(self.blocks)

    def json(self) -> dict[str, Any]:
        """As a plain JSON object."""
        return asdict(self) | {"blocking": self.blocking}


@dataclass(frozen=True)
class _Item:
    """One conversation, a row or a task, as far as it is compared."""

    id: str
    family: str
    users: tuple[str, ...]
    templates: tuple[str, ...]
    schemas: frozenset[str]
    shape: tuple[tuple[str, ...], ...]


def audit(trajectories: Iterable[Trajectory], suites: Mapping[str, Sequence[Task]]) -> dict[str, Overlap]:
    """Compare the tasks of each suite with the training rows, level by level.

    The rows are gone through once and not kept, so there may be any number of them.
    """
    hashes = _Hashes()
    items = {name: [_of_task(task, hashes) for task in tasks] for name, tasks in suites.items()}
    every = [item for some in items.values() for item in some]
    levels = {level: _Shared(every, keys) for level, keys in KEYS.items()} | {"similar": _Similar(every)}
    rows = 0
    for trajectory in trajectories:
        rows += 1
        row = _of_row(trajectory, hashes)
        for level in levels.values():
            level.see(row)
    return {name: _overlap(name, rows, some, levels) for name, some in items.items()}


def _overlap(suite: str, rows: int, items: Sequence[_Item], levels: Mapping[str, _Shared | _Similar]) -> Overlap:
    hits = {name: [hit for item in items if (hit := levels[name].hit(item))] for name in LEVELS}
    blocking = ALWAYS | ALSO.get(suite, frozenset())
    return Overlap(
        suite=suite,
        rows=rows,
        tasks=len(items),
        counts={name: len(hits[name]) for name in LEVELS},
        examples={name: hits[name][:EXAMPLES] for name in LEVELS},
        blocks=[name for name in LEVELS if name in blocking and hits[name]],
    )


class _Hashes:
    """Hashes of catalogues; many rows have the same one."""

    def __init__(self) -> None:
        self.known: dict[str, frozenset[str]] = {}

    def of(self, tools: Sequence[Mapping[str, Any]]) -> frozenset[str]:
        key = repr(tools)
        if key not in self.known:
            self.known[key] = frozenset(map(schema_hash, tools))
        return self.known[key]


def schema_hash(tool: Mapping[str, Any]) -> str:
    """Hash of a tool's name and parameters, without descriptions."""
    function = tool["function"]
    return f"{function['name']}:{sha256_of(_bare(function['parameters']))[:16]}"


def _bare(schema: Any) -> Any:
    """A schema without descriptions. A parameter may itself be called `description`: then its value is an object."""
    if isinstance(schema, Mapping):
        return {
            key: _bare(value) for key, value in schema.items() if key != "description" or not isinstance(value, str)
        }
    return [_bare(item) for item in schema] if isinstance(schema, (list, tuple)) else schema


def _of_row(row: Trajectory, hashes: _Hashes) -> _Item:
    users = tuple(message["content"] for message in row.messages if message["role"] == "user")
    shape = tuple((call["name"], *sorted(call["arguments"])) for call in row.calls)
    return _Item(row.id, row.family, users, tuple(row.templates), hashes.of(row.tools), shape)


def _of_task(task: Task, hashes: _Hashes) -> _Item:
    return _Item(
        task.id,
        task.family,
        tuple(turn.user for turn in task.turns),
        tuple(template for turn in task.turns for template in turn.templates),
        hashes.of(WORLDS[task.domain](task.world).tools()),
        tuple((call.name, *sorted(call.arguments)) for turn in task.turns for call in turn.gold),
    )


def words(text: str) -> list[str]:
    """The words of a text, in lower case, without punctuation."""
    return re.findall(r"\w+", text.lower())


def _ngrams(users: Iterable[str]) -> set[Hashable]:
    found: set[Hashable] = set()
    for text in users:
        all_words = words(text)
        found |= {" ".join(all_words[i : i + NGRAM]) for i in range(len(all_words) - NGRAM + 1)}
    return found


def shingles(users: Iterable[str]) -> frozenset[tuple[str, ...]]:
    """The 5-word shingles of the user's messages, names, numbers and paths replaced; of a shorter one, all of it."""
    found: set[tuple[str, ...]] = set()
    for text in users:
        slotted = words(SLOTS.sub(" _ ", text))
        found |= {tuple(slotted[i : i + SHINGLE]) for i in range(max(1, len(slotted) - SHINGLE + 1))}
    return frozenset(found)


KEYS: dict[str, Callable[[_Item], Iterable[Hashable]]] = {
    "id": lambda item: [item.id],
    "text": lambda item: [" / ".join(" ".join(words(text)) for text in item.users)],
    "ngram": lambda item: _ngrams(item.users),
    "template": lambda item: item.templates,
    "family": lambda item: [item.family] if item.family else [],
    "schema": lambda item: item.schemas,
    "calls": lambda item: [item.shape] if item.shape else [],
}


class _Shared:
    """Which task has a key in common with which row, the first one."""

    def __init__(self, items: Sequence[_Item], keys: Callable[[_Item], Iterable[Hashable]]) -> None:
        self.keys = keys
        self.wanted = {key for item in items for key in keys(item)}
        self.where: dict[Hashable, str] = {}

    def see(self, row: _Item) -> None:
        for key in self.keys(row):
            if key in self.wanted:
                self.where.setdefault(key, row.id)

    def hit(self, item: _Item) -> Hit | None:
        common = sorted((key for key in self.keys(item) if key in self.where), key=repr)
        return Hit(item.id, self.where[common[0]], str(common[0])) if common else None


class _Similar:
    """Which task's shingles are, by Jaccard, at least 0.7 those of a row; the row most like it."""

    def __init__(self, items: Sequence[_Item]) -> None:
        self.sizes: list[int] = []
        self.number: dict[str, int] = {}
        self.having: dict[tuple[str, ...], list[int]] = defaultdict(list)
        for number, item in enumerate(items):
            own = shingles(item.users)
            self.sizes.append(len(own))
            self.number[item.id] = number
            for shingle in own:
                self.having[shingle].append(number)
        self.seen: set[int] = set()
        self.best: dict[int, tuple[float, str]] = {}

    def see(self, row: _Item) -> None:
        found = shingles(row.users)
        if hash(found) in self.seen:  # said in the same words, other names
            return
        self.seen.add(hash(found))
        common = Counter(number for shingle in found for number in self.having.get(shingle, ()))
        for number, n in common.items():
            score = n / (len(found) + self.sizes[number] - n)
            if score >= SIMILAR and score > self.best.get(number, (0.0, ""))[0]:
                self.best[number] = score, row.id

    def hit(self, item: _Item) -> Hit | None:
        score, row = self.best.get(self.number[item.id], (0.0, ""))
        return Hit(item.id, row, f"Jaccard {score:.2f}") if row else None
