"""Whether a suite's tasks stand, in whole or in part, in the training rows.

`LEVELS` has what is looked for, from the plain (the same id) to the structural (the same tools), and for which suites a
find blocks; elsewhere it is reported. The functions behind it are in `levels.py`.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from types import MappingProxyType
from typing import Any, Protocol

from mlx_train.data import levels
from mlx_train.data.trajectory import Trajectory, gold_conversation
from mlx_train.tasks.task import Task

RULES = 2
"""Version of the rules here and in `levels.py`; raise it when one changes. An older result is stale."""
MOST = 0.7
"""Least Jaccard index of two texts; least share of a task's 8-grams in all rows (as in Chowdhery et al., arXiv
2204.02311), and of its names in one row."""
FEWEST_NAMES = 3
"""Fewer may meet in a row by chance: 20 degrees in the hall and in the kitchen."""
EXAMPLES = 3


@dataclass(frozen=True)
class Hit:
    """A task and a training row that share `what`; `place` is the file and line of the row."""

    task: str
    row: str
    place: str
    what: str


@dataclass(frozen=True)
class Overlap:
    """What the tasks of one suite share with the training rows.

    Attributes:
        rows, dev_rows: how many were compared.
        counts: by level, the number of tasks that share something with a row.
        examples: by level, the first of them.
        blocks: the levels that block for this suite and found something.
        names: mean share of a task's names that stand in any row at all.
    """

    suite: str
    rows: int
    tasks: int
    counts: dict[str, int]
    examples: dict[str, list[Hit]]
    blocks: list[str]
    names: float
    dev_rows: int = 0

    @property
    def blocking(self) -> bool:
        """Whether the suite may not be used with these rows."""
        return bool(self.blocks)

    def json(self) -> dict[str, Any]:
        """As a plain JSON object."""
        return asdict(self) | {"blocking": self.blocking}


@dataclass(frozen=True)
class _Item:
    """A task, its gold solution as a conversation, and its names."""

    task: Task
    row: Trajectory
    names: frozenset[str]


class _Finder(Protocol):
    """Is shown each row once, then asked about each task by its number; or asked about a row that it is not shown."""

    def see(self, row: Trajectory, place: str) -> None: ...

    def hit(self, number: int) -> Hit | None: ...

    def met(self, row: Trajectory) -> int | None:
        """The first task that this row alone would be a hit of."""
        ...


class _Shared:
    """Which task has keys in common with rows: at least one, and this share of its own."""

    def __init__(
        self,
        items: Sequence[_Item],
        of_task: Callable[[_Item], Iterable[Hashable]],
        of_row: Callable[[Trajectory], Iterable[Hashable]],
        least: float = 0.0,
    ) -> None:
        self.ids = [item.task.id for item in items]
        self.keys = [frozenset(of_task(item)) for item in items]
        self.of_row = of_row
        self.least = least
        self.wanted = frozenset[Hashable]().union(*self.keys)
        self.where: dict[Hashable, tuple[str, str]] = {}

    def see(self, row: Trajectory, place: str) -> None:
        for key in self.of_row(row):
            if key in self.wanted:
                self.where.setdefault(key, (row.id, place))

    def met(self, row: Trajectory) -> int | None:
        common = self.wanted.intersection(self.of_row(row))
        if not common:
            return None
        shared = ((number, len(own & common), len(own)) for number, own in enumerate(self.keys))
        return next((number for number, found, whole in shared if found and found >= self.least * whole), None)

    def hit(self, number: int) -> Hit | None:
        common = sorted((key for key in self.keys[number] if key in self.where), key=repr)
        if not common or len(common) < self.least * len(self.keys[number]):
            return None
        first = common[0]
        what = " ".join(first) if isinstance(first, tuple) and isinstance(first[0], str) else str(first)
        more = f" and {len(common) - 1} more" if len(common) > 1 else ""
        return Hit(self.ids[number], *self.where[first], f"{what}{more}")


class _Alike:
    """Which task's keys are much like those of one row; the row most like it.

    An index from keys to tasks gives the exact numbers, and a row costs only the tasks that it shares a key with, so
    there is nothing that MinHash would save.
    """

    def __init__(
        self,
        items: Sequence[_Item],
        of_task: Callable[[_Item], Collection[Hashable]],
        of_row: Callable[[Trajectory], Collection[Hashable]],
        score: Callable[[int, int, int], float],
        what: str,
    ) -> None:
        """`score` is given how many keys are common, the task's and the row's."""
        self.ids = [item.task.id for item in items]
        self.of_row, self.score, self.what = of_row, score, what
        self.keys = [of_task(item) for item in items]
        self.having: dict[Hashable, list[int]] = defaultdict(list)
        for number, own in enumerate(self.keys):
            for key in own:
                self.having[key].append(number)
        self.known: set[Hashable] = set()
        self.seen: set[int] = set()
        self.best: dict[int, tuple[float, str, str]] = {}

    def see(self, row: Trajectory, place: str) -> None:
        shared, size = self._shared(row)
        self.known |= shared
        if (same := hash((shared, size))) in self.seen:
            return
        self.seen.add(same)
        for number, score in self._alike(shared, size):
            if score > self.best.get(number, (0.0,))[0]:
                self.best[number] = score, row.id, place

    def met(self, row: Trajectory) -> int | None:
        return min((number for number, _ in self._alike(*self._shared(row))), default=None)

    def _shared(self, row: Trajectory) -> tuple[frozenset[Hashable], int]:
        """The keys of a row that some task has too, and how many it has in all."""
        found = self.of_row(row)
        return frozenset(key for key in found if key in self.having), len(found)

    def _alike(self, shared: Collection[Hashable], size: int) -> Iterable[tuple[int, float]]:
        common = Counter(number for key in shared for number in self.having[key])
        scores = ((number, self.score(n, len(self.keys[number]), size)) for number, n in common.items())
        return ((number, score) for number, score in scores if score >= MOST)

    def hit(self, number: int) -> Hit | None:
        if number not in self.best:
            return None
        score, row, place = self.best[number]
        return Hit(self.ids[number], row, place, f"{self.what} {score:.2f}")

    def share(self, number: int) -> float:
        """Share of a task's keys that stand in any row at all."""
        return sum(key in self.known for key in self.keys[number]) / max(1, len(self.keys[number]))


def _same(keys: Callable[[Trajectory], Iterable[Hashable]]) -> Callable[[Sequence[_Item]], _Finder]:
    """A level at which rows and tasks are compared by the same keys."""
    return lambda items: _Shared(items, lambda item: keys(item.row), keys)


def _content(items: Sequence[_Item]) -> _Finder:
    def keys(item: _Item) -> list[str]:
        return levels.content(item.row) if len(_shown(item)) >= FEWEST_NAMES else []

    return _Shared(items, keys, levels.content)


def _ngrams(n: int, least: float = 0.0) -> Callable[[Sequence[_Item]], _Finder]:
    """What stands in the task's own catalogue as well is not the suite's."""
    keys = partial(levels.ngrams, n=n)
    return lambda items: _Shared(items, lambda item: keys(item.row) - levels.boilerplate(item.row, n), keys, least)


def _similar(items: Sequence[_Item]) -> _Finder:
    def jaccard(common: int, task: int, row: int) -> float:
        return common / (task + row - common)

    return _Alike(items, lambda item: levels.shingles(item.row), levels.shingles, jaccard, "Jaccard")


def _skeletons(items: Sequence[_Item]) -> _Finder:
    wanted = [levels.skeletons(item.row, item.names) for item in items]
    at = levels.blanks(set[levels.Sentence]().union(*wanted))
    return _Shared(items, lambda item: levels.skeletons(item.row, item.names), partial(levels.blanked, at=at))


def _names(items: Sequence[_Item]) -> _Alike:
    def share(common: int, task: int, row: int) -> float:
        return common / task if common >= FEWEST_NAMES else 0.0

    return _Alike(items, _shown, levels.vocabulary, share, "names")


def _shown(item: _Item) -> frozenset[str]:
    """The names that the gold solution meets; others of the world cannot be seen in a row."""
    return item.names & levels.vocabulary(item.row)


@dataclass(frozen=True)
class Level:
    """One kind of overlap.

    Attributes:
        number: the rung of the ladder, 1 to 7.
        finder: what looks for it, made for all tasks of all suites.
        blocks: the suites for which a find blocks; None for every suite.
    """

    number: int
    name: str
    finder: Callable[[Sequence[_Item]], _Finder]
    blocks: Collection[str] | None = None


EARLIER = "earlier"
"""What the name of a file of an earlier training begins with in examples."""
NEW = ("heldout", "breadth-retained", "breadth-unseen", "abstain")
UNSEEN = ("breadth-unseen",)
LEVELS = (
    Level(1, "id", _same(levels.ids)),
    Level(1, "text", _same(levels.text)),
    Level(1, "content", _content),
    Level(2, "13-gram", _ngrams(13)),
    Level(2, "8-gram", _ngrams(8, MOST)),
    Level(3, "similar", _similar),
    Level(4, "template", _same(levels.templates)),
    Level(4, "skeleton", _skeletons),
    Level(4, "family", _same(levels.family), NEW),
    Level(5, "calls", _same(levels.calls), UNSEEN),
    Level(6, "names", _names),
    Level(7, "schema", _same(levels.schemas), UNSEEN),
)


class Guard:
    """What a row by itself may not share with the tasks of some suites, of the levels that block for every suite.

    The others (`family`, `calls`, `schema`) say of a whole family that it must not be trained on. What only many rows
    together have in common with a task is for `audit` to find.
    """

    def __init__(self, suites: Mapping[str, Sequence[Task]]) -> None:
        items = [_item(task) for tasks in suites.values() for task in tasks]
        self.suites = [suite for suite, tasks in suites.items() for _ in tasks]
        self.finders = {level.name: level.finder(items) for level in LEVELS if level.blocks is None}

    def fault(self, row: Trajectory) -> str:
        """The level and the suite at which this row would block; empty if it may be trained on."""
        for level, finder in self.finders.items():
            if (number := finder.met(row)) is not None:
                return f"overlaps with the suite {self.suites[number]}: {level}"
        return ""


def audit(
    rows: Iterable[Trajectory],
    suites: Mapping[str, Sequence[Task]],
    source: str = "rows",
    dev: Iterable[Trajectory] = (),
    dev_source: str = "dev rows",
    earlier: Mapping[str, Iterable[Trajectory]] = MappingProxyType({}),
) -> dict[str, Overlap]:
    """Compare the tasks of each suite with the training rows, level by level.

    The rows are gone through once and not kept, so there may be any number of them.

    Args:
        source: what the rows' file is called in examples.
        dev: rows by whose loss a checkpoint is chosen; they are compared like the others.
        earlier: rows of the training that this one goes on from, by what their files are called in examples; they are
            compared like the others, and not counted.
    """
    items = [_item(task) for tasks in suites.values() for task in tasks]
    finders = {level.name: level.finder(items) for level in LEVELS}
    counts = {source: 0, dev_source: 0}
    for name, some in ((source, rows), (dev_source, dev), *earlier.items()):
        for counts[name], row in enumerate(some, 1):
            for finder in finders.values():
                finder.see(row, f"{name}:{counts[name]}")
    found, begin = {}, 0
    for suite, tasks in suites.items():
        found[suite] = _overlap(suite, counts[source], counts[dev_source], range(begin, begin + len(tasks)), finders)
        begin += len(tasks)
    return found


def _item(task: Task) -> _Item:
    row = Trajectory.model_construct(**gold_conversation(task, ""))
    return _Item(task, row, levels.names(task, row))


def _overlap(suite: str, rows: int, dev_rows: int, tasks: range, finders: Mapping[str, _Finder]) -> Overlap:
    hits = {name: [hit for number in tasks if (hit := finder.hit(number))] for name, finder in finders.items()}
    names = finders["names"]
    assert isinstance(names, _Alike)
    return Overlap(
        suite=suite,
        rows=rows,
        dev_rows=dev_rows,
        tasks=len(tasks),
        counts={name: len(some) for name, some in hits.items()},
        examples={name: some[:EXAMPLES] for name, some in hits.items()},
        blocks=[level.name for level in LEVELS if hits[level.name] and (level.blocks is None or suite in level.blocks)],
        names=round(sum(map(names.share, tasks)) / max(1, len(tasks)), 4),
    )
