"""The training rows of a recipe: generated from the training families, solved, checked, deduplicated, shuffled.

The same recipe and code give the same files. Dev rows come from the same families with the phrasings and names of the
dev split; their loss is watched during training.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlx_train.data.trajectory import Trajectory, from_task, load
from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, write_json, write_text
from mlx_train.recipe import Recipe, Source
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.task import Row, Split

MAIN, OTHERS = "files", "others"
SEEDS = 1_000_000
"""Seeds that one family has in one recipe seed."""
PATIENCE = 25
"""Rejects in a row after which a family is taken to have nothing new."""


class Summary(Row):
    """What was built; written as `summary.json`."""

    seed: int
    asked: int
    """Rows that the recipe asks for, own files not counted."""
    rows: int
    own: int
    """Rows from one's own files."""
    dev_rows: int
    domains: dict[str, int]
    families: dict[str, int]
    tiers: dict[str, int]
    templates: int
    """Distinct phrasings in the training rows."""
    rejects: dict[str, int]
    """Rows left out, by reason."""
    sha256: dict[str, str]
    """SHA-256 of each file."""


@dataclass
class _Pool:
    """Rows taken so far, and what was left out."""

    split: Split
    first_seed: int
    prompt: str
    rows: list[Trajectory] = field(default_factory=list)
    seen: set[str] = field(default_factory=set)
    rejects: Counter[str] = field(default_factory=Counter)
    _next: Counter[str] = field(default_factory=Counter)

    def add(self, row: Trajectory) -> bool:
        """Take a row unless the user says exactly the same in another one."""
        key = " ".join(row.user_text.lower().split())
        if key in self.seen:
            self.rejects["same words of the user as another row"] += 1
            return False
        self.seen.add(key)
        self.rows.append(row)
        return True

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
            if self.add(row):
                return True
        return False


def build(recipe: Recipe, out: Path, root: Path = Path()) -> Summary:
    """Write `train.jsonl`, `dev.jsonl` and `summary.json` into `out`.

    Args:
        root: folder that the recipe's own files are relative to.

    Raises:
        BadInput: the recipe asks for no rows or for families that there are not, or an own file is not valid.
    """
    data = recipe.data
    own = [(path, row) for path in (root / name for name in data.files) for row in load(path)]
    sources = list(data.sources)
    if not sources and not own:
        raise BadInput("recipe table data: no rows; give [[data.sources]] tables, or data.files with own trajectories.")
    if data.replay:
        main = len(own) + sum(source.rows for source in sources)
        sources.append(Source(domain=OTHERS, rows=max(1, round(main * data.replay / (1 - data.replay)))))
    train = _Pool("train", recipe.seed * SEEDS, recipe.prompt)
    dev = _Pool("dev", recipe.seed * SEEDS, recipe.prompt)
    dev_rows = _parts(data.dev_rows, [source.rows for source in sources])
    for number, source in enumerate(sources):
        domains = _domains(source, number)
        for pool, rows in ((train, source.rows), (dev, dev_rows[number])):
            for count, which in zip(_parts(rows, [1] * len(domains)), domains, strict=True):
                pool.fill(which, count)
    taken = _own(train, own)
    random.Random(f"{recipe.seed}/order").shuffle(train.rows)

    _write(out / "train.jsonl", train.rows)
    _write(out / "dev.jsonl", dev.rows)
    rejects = train.rejects + Counter({f"dev: {reason}": count for reason, count in dev.rejects.items()})
    summary = Summary(
        seed=recipe.seed,
        asked=sum(source.rows for source in sources),
        rows=len(train.rows),
        own=taken,
        dev_rows=len(dev.rows),
        domains=_count(row.domain or "own" for row in train.rows),
        families=_count(row.family or "own" for row in train.rows),
        tiers=_count(FAMILIES[row.family].tier if row.family in FAMILIES else "own" for row in train.rows),
        templates=len({template for row in train.rows for template in row.templates}),
        rejects=dict(sorted(rejects.items())),
        sha256={name: sha256_file(out / name) for name in ("train.jsonl", "dev.jsonl")},
    )
    write_json(out / "summary.json", summary.model_dump())
    return summary


def _domains(source: Source, number: int) -> list[list[Family]]:
    """The families a source draws from, by domain."""
    usable = sorted({one.domain for one in families(role="train")})
    chosen = [one for one in usable if one != MAIN] if source.domain == OTHERS else [source.domain]
    found = [[one for one in families(domain=name, role="train") if one.tier in source.tiers] for name in chosen]
    if not any(found):
        raise BadInput(
            f"recipe key data.sources.{number}: no training families of {' or '.join(source.tiers)} in the domain "
            f"{source.domain!r}. Domains that have some: {', '.join(usable)}, {OTHERS}."
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


def _own(pool: _Pool, rows: Sequence[tuple[Path, Trajectory]]) -> int:
    ids = {row.id: "the generated rows" for row in pool.rows}
    taken = 0
    for path, row in rows:
        if row.id in ids:
            raise BadInput(
                f"{path}, key id: {row.id!r} is also an id in {ids[row.id]}. Ids must differ; change one of them."
            )
        ids[row.id] = str(path)
        taken += pool.add(row)
    return taken


def _write(path: Path, rows: Sequence[Trajectory]) -> None:
    """One row a line. Keys keep their order: it is the order of a tool's parameters, which the model reads."""
    lines = (json.dumps(row.model_dump(), ensure_ascii=False, allow_nan=False) + "\n" for row in rows)
    write_text(path, "".join(lines))


def _count(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
