"""The training rows of a recipe: generated from the training families, solved, checked, deduplicated, shuffled.

The same recipe, code and suites give the same files: a generated row that the audit would block is left out, and
counted, before it is in any file. One's own rows are taken as they are, and the audit tells of them. Dev rows come from
the same families with the phrasings and names of the dev split, and breadth rows from all families of the other
domains, of that split too; the loss of both is watched during training.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from pathlib import Path
from typing import get_args

from mlx_train.data.tables import HUB
from mlx_train.data.trajectory import Trajectory, from_task, stream
from mlx_train.errors import BadInput
from mlx_train.files import disk_faults, make_folder, sha256_file, sha256_of, write_json, write_with
from mlx_train.recipe import Data, Recipe, Source
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.task import Group, Row, Split, Task

MAIN, OTHERS = "files", "others"
NO_ROWS = "recipe table data: no rows; give [[data.sources]] tables, or data.files with own trajectories."
FILES = ("train.jsonl", "dev.jsonl", "breadth.jsonl")
SPLITS: tuple[Split, ...] = ("train", "dev", "dev")
"""Of the rows in each."""
SEEDS = 1_000_000
"""Seeds that one family has in one recipe seed."""
Fault = Callable[[Trajectory], str]
"""Why a generated row may not be trained on; empty if it may."""
PATIENCE = 25
"""Rejects in a row after which a family is taken to have nothing new."""


class Summary(Row):
    """What was built; written as `summary.json`."""

    seed: int
    recipe_sha256: str
    """Of what in the recipe decides the rows."""
    asked: int
    """Rows that the recipe asks for, own files not counted."""
    rows: int
    own: int
    """Rows from one's own files."""
    dev_rows: int
    breadth_rows: int
    domains: dict[str, int]
    families: dict[str, int]
    tiers: dict[str, int]
    templates: int
    """Distinct phrasings in the training rows."""
    rejects: dict[str, int]
    """Rows left out, by reason."""
    sha256: dict[str, str]
    """SHA-256 of each file."""


class _Pool:
    """Rows taken so far, in a temporary file, and what was left out."""

    def __init__(
        self, split: Split, recipe: Recipe, folder: Path, taken: Callable[[], None], fault: Fault | None
    ) -> None:
        self.split = split
        self.taken = taken
        self.fault = fault
        self.first_seed = recipe.seed * SEEDS
        self.prompt = recipe.prompt
        self.ids: set[str] = set()
        self.families: Counter[str] = Counter()
        self.domains: Counter[str] = Counter()
        self.templates: set[str] = set()
        self.rejects: Counter[str] = Counter()
        self._seen: set[bytes] = set()
        self._next: Counter[str] = Counter()
        self._file = tempfile.TemporaryFile(dir=folder)  # noqa: SIM115 it has no name, so nothing can be left behind
        self._places: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self._places)

    def add(self, row: Trajectory) -> bool:
        """Take a row unless the user says exactly the same in another one; of one's own, unless all of it is the same.

        A generated row with the user's words of another is nearly that row. One's own may ask the same of other worlds.
        """
        own = not row.family
        said = json.dumps([row.tools, row.messages], sort_keys=True) if own else row.user_text.lower()
        key = hashlib.sha256(" ".join(said.split()).encode()).digest()[:16]
        if key in self._seen:
            self.rejects["the same as another row" if own else "same words of the user as another row"] += 1
            return False
        self._seen.add(key)
        self.ids.add(row.id)
        self.families[row.family or "own"] += 1
        self.domains[row.domain or "own"] += 1
        self.templates.update(row.templates)
        # Keys keep their order: it is the order of a tool's parameters, which the model reads.
        line = json.dumps(row.model_dump(), ensure_ascii=False, allow_nan=False).encode() + b"\n"
        self._places.append((self._file.seek(0, os.SEEK_END), len(line)))
        self._file.write(line)
        self.taken()
        return True

    def shuffle(self, seed: str) -> None:
        """Put the rows in an order drawn from the seed."""
        random.Random(seed).shuffle(self._places)

    def write(self, path: Path) -> None:
        """Write the rows to a file, one a line."""

        def copy(temporary: Path) -> None:
            with open(temporary, "wb") as file:
                for place, length in self._places:
                    self._file.seek(place)
                    file.write(self._file.read(length))

        write_with(path, copy)
        self._file.close()

    def share(self, domains: Sequence[Sequence[Family]], count: int) -> None:
        """Take `count` rows, in equal parts from the families of each domain."""
        for part, which in zip(_parts(count, [1] * len(domains)), domains, strict=True):
            self.fill(which, part)

    def fill(self, which: Sequence[Family], count: int) -> None:
        """Take `count` rows, from one family after the other; a family that has nothing new drops out."""
        left, missing = list(which), count
        while missing and left:
            one = left.pop(0)
            if self._one(one):
                left.append(one)
                missing -= 1
        if missing:
            self.rejects["asked for, but the families have nothing new"] += missing

    def _one(self, which: Family) -> bool:
        for _ in range(PATIENCE):
            seed = self.first_seed + self._next[which.id]
            self._next[which.id] += 1
            try:
                row = from_task(generate(which, self.split, seed), self.prompt)
            except ValueError as error:
                self.rejects[f"not solved by its own gold: {which.id}: {error}"[:200]] += 1
                continue
            if self.fault and (why := self.fault(row)):
                self.rejects[why] += 1
                continue
            if self.add(row):
                return True
        return False


def rows_sha256(recipe: Recipe) -> str:
    """SHA-256 of the part of a recipe that decides the rows it trains on, and the dev rows."""
    return sha256_of(
        recipe.model_dump(mode="json", include={"seed", "prompt", "data"}, exclude={"data": {"breadth_rows"}})
    )


def expected(recipe: Recipe) -> int:
    """Rows that a recipe asks for, of all kinds; 0, for not known, where some come from one's own files."""
    return 0 if recipe.data.files else asked(recipe.data, 0) + recipe.data.dev_rows + recipe.data.breadth_rows


def asked(data: Data, own: int) -> int:
    """Generated training rows that a recipe asks for beside so many rows of one's own."""
    return sum(source.rows for source in _sources(data, own))


def build(
    recipe: Recipe,
    out: Path,
    root: Path = Path(),
    progress: Callable[[int], None] = lambda _: None,
    *,
    fault: Fault | None,
) -> Summary:
    """Write `train.jsonl`, `dev.jsonl`, `breadth.jsonl` and `summary.json` into `out`.

    Args:
        root: folder that the recipe's own files are relative to.
        progress: given the number of rows so far, of those that `expected` tells.
        fault: asked about each generated row of training and dev; what it says is counted. None: all may be taken.

    Raises:
        BadInput: the recipe asks for no rows or for families that there are not, or an own file is not valid.
    """
    data = recipe.data
    own_files = [own_source(name, root) for name in data.files]
    if not data.sources and not own_files:
        raise BadInput(NO_ROWS)
    sources = _sources(data, sum(1 for _ in _rows(own_files)) if data.replay else 0)
    chosen = [_domains(source, number) for number, source in enumerate(sources)]
    dev_rows = _parts(data.dev_rows, [source.rows for source in sources])
    make_folder(out)
    with disk_faults(out):

        def told() -> None:
            progress(len(train) + len(dev) + len(breadth))

        train, dev, breadth = (
            _Pool(split, recipe, out, told, each)
            for split, each in zip(SPLITS, (fault, fault, None), strict=True)  # nothing is chosen by breadth rows
        )
        for source, of_dev, domains in zip(sources, dev_rows, chosen, strict=True):
            train.share(domains, source.rows)
            dev.share(domains, of_dev)
        if data.breadth_rows:
            everything = Source(domain=OTHERS, rows=data.breadth_rows, groups=get_args(Group))
            breadth.share(_domains(everything, len(sources)), everything.rows)
        taken = _own(train, _rows(own_files))
        train.shuffle(f"{recipe.seed}/order")
        for name, pool in zip(FILES, (train, dev, breadth), strict=True):
            pool.write(out / name)

    tiers: Counter[str] = Counter()
    for name, count in train.families.items():
        tiers[FAMILIES[name].tier if name in FAMILIES else "own"] += count
    rejects = train.rejects + Counter(
        {
            f"{name}: {why}": count
            for name, pool in (("dev", dev), ("breadth", breadth))
            for why, count in pool.rejects.items()
        }
    )
    summary = Summary(
        seed=recipe.seed,
        recipe_sha256=rows_sha256(recipe),
        asked=sum(source.rows for source in sources),
        rows=len(train),
        own=taken,
        dev_rows=len(dev),
        breadth_rows=len(breadth),
        domains=_sorted(train.domains),
        families=_sorted(train.families),
        tiers=_sorted(tiers),
        templates=len(train.templates),
        rejects=_sorted(rejects),
        sha256={name: sha256_file(out / name) for name in FILES},
    )
    write_json(out / "summary.json", summary.model_dump())
    return summary


def practice(recipe: Recipe, count: int) -> list[Task]:
    """As `others_of`, for a recipe whose own rows cannot be practised on.

    Raises:
        BadInput: the recipe has no generated rows, so there are no tasks that could be checked.
    """
    if not recipe.data.sources:
        raise BadInput("recipe table data: no [[data.sources]]; rows of one's own have no checker to say what passed.")
    return others_of(recipe, count)


def others_of(recipe: Recipe, count: int, own: int = 0) -> list[Task]:
    """`count` tasks of the training split, of the recipe's sources in their shares, from seeds that its rows never use.

    No two have the same words of the user; there are fewer tasks where the families have nothing new.

    Args:
        own: rows of one's own, which the recipe's replay goes by.
    """
    sources = _sources(recipe.data, own)
    seeds = Counter({one.id: recipe.seed * SEEDS + SEEDS // 2 for one in families(role="train")})
    seen: set[str] = set()
    tasks: list[Task] = []
    for number, (source, part) in enumerate(
        zip(sources, _parts(count, [source.rows for source in sources]), strict=True)
    ):
        domains = _domains(source, number)
        for share, which in zip(_parts(part, [1] * len(domains)), domains, strict=True):
            tasks += _fresh(which, share, seeds, seen)
    return tasks


def _fresh(which: Sequence[Family], count: int, seeds: Counter[str], seen: set[str]) -> list[Task]:
    """Tasks of one family after the other; `seeds` moves on and `seen` takes the words."""
    left, tasks = list(which), list[Task]()
    while left and len(tasks) < count:
        one = left.pop(0)
        for _ in range(PATIENCE):
            seeds[one.id] += 1
            try:
                task = generate(one, "train", seeds[one.id])
            except ValueError:  # the next seed may do; `build` counts these
                continue
            words = " ".join(" ".join(turn.user for turn in task.turns).lower().split())
            if words not in seen:
                seen.add(words)
                tasks.append(task)
                left.append(one)
                break
    return tasks


def _sources(data: Data, own: int) -> list[Source]:
    """The recipe's sources and its replay, with so many rows of one's own."""
    if not data.replay:
        return list(data.sources)
    main = own + sum(source.rows for source in data.sources)
    return [*data.sources, Source(domain=OTHERS, rows=max(1, round(main * data.replay / (1 - data.replay))))]


def _domains(source: Source, number: int) -> list[list[Family]]:
    """The families a source draws from, by domain."""
    usable = sorted({one.domain for one in families(role="train")})
    chosen = [one for one in usable if one != MAIN] if source.domain == OTHERS else [source.domain]
    found = [
        [one for one in families(domain=name, role="train") if one.tier in source.tiers and one.group in source.groups]
        for name in chosen
    ]
    if not any(found):
        raise BadInput(
            f"recipe key data.sources.{number}: no training families of {' or '.join(source.tiers)} and group "
            f"{' or '.join(source.groups)} in the domain {source.domain!r}. Domains that have some: "
            f"{', '.join(usable)}, {OTHERS}."
        )
    return [which for which in found if which]


def _parts(total: int, weights: Sequence[int]) -> list[int]:
    """`total` in whole parts that are as near to the weights as whole parts can be."""
    parts, given, weight = [], 0, 0
    for one in weights:
        weight += one
        parts.append(round(total * weight / sum(weights)) - given)
        given += parts[-1]
    return parts


def own_source(name: str, root: Path) -> str | Path:
    """Where rows of one's own are: a path relative to the recipe's folder, or a hub data set as it is named."""
    return name if name.startswith(HUB) else root / name


def own_identity(name: str, root: Path) -> str:
    """What stands for a source of one's own in the identity of a run: a file's SHA-256, a hub data set's revision.

    Raises:
        BadInput: there is no such file.
    """
    source = own_source(name, root)
    if isinstance(source, str):
        return source
    if not source.is_file():
        raise BadInput(f"recipe key data.files: {source} does not exist. Paths count from the recipe's folder.")
    return sha256_file(source)


def _rows(sources: Sequence[str | Path]) -> Iterable[tuple[str | Path, Trajectory]]:
    return chain.from_iterable(((source, row) for row in stream(source)) for source in sources)


def _own(pool: _Pool, rows: Iterable[tuple[str | Path, Trajectory]]) -> int:
    ids = dict.fromkeys(pool.ids, "the generated rows")
    taken = 0
    for source, row in rows:
        if row.id in ids:
            raise BadInput(
                f"{source}, key id: {row.id!r} is also an id in {ids[row.id]}. Ids must differ; change one of them."
            )
        ids[row.id] = str(source)
        taken += pool.add(row)
    return taken


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items()))
