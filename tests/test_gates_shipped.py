"""The suites that ship: sizes, difficulty, prompt, commit and quick subsets are what their locks and the docs say."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from mlx_train.files import read_json
from mlx_train.gates.difficulty import FLOORS, below, measure
from mlx_train.gates.freeze import QUICK, quick
from mlx_train.gates.suites import LOCK, Suite, load, membership
from mlx_train.places import DEV_SUITES, SUITES
from mlx_train.recipe import SUITES as NAMES
from mlx_train.recipe import Recipe
from mlx_train.tasks.catalogue import families
from mlx_train.world.files import Files

LEAST = {
    "hard": (400, 60, 1),
    "heldout": (400, 60, 1),
    "breadth-retained": (800, 60, 5),
    "breadth-unseen": (800, 60, 4),
    "abstain": (300, 30, 10),
}
"""Tasks without twins, families, domains."""
ALL = [(name, split) for split in ("gate", "dev") for name in NAMES]


@cache
def suite(name: str, split: str) -> Suite:
    return load((SUITES if split == "gate" else DEV_SUITES) / name)


@pytest.mark.parametrize("name", NAMES)
def test_a_suite_is_large_enough(name: str) -> None:
    gate, dev = suite(name, "gate"), suite(name, "dev")
    tasks, clusters, domains = LEAST[name]
    for one, least in ((gate, tasks), (dev, 150)):
        assert sum(task.twin_of is None for task in one.tasks) >= least
        assert one.lock.counts.get("twins", 0) == (len(one.tasks) / 2 if name == "abstain" else 0)
    assert gate.lock.counts["families"] >= clusters
    assert len(gate.lock.counts["by_domain"]) >= domains
    assert not {task.family for task in gate.tasks} & {task.family for task in dev.tasks}


def test_the_file_suites_use_every_tool_and_the_tiers_that_they_claim() -> None:
    for name, tiers in {"hard": {"hard", "very hard"}, "heldout": {"easy", "moderate", "hard", "very hard"}}.items():
        tasks = suite(name, "gate").tasks
        called = {call.name for task in tasks for turn in task.turns for call in turn.gold}
        assert called == {entry["function"]["name"] for entry in Files.tools()}
        assert {task.tier for task in tasks} == tiers


@pytest.mark.parametrize(("name", "split"), ALL)
def test_a_lock_is_complete(name: str, split: str) -> None:
    one = suite(name, split)
    lock, found = one.lock, measure(one.tasks)
    assert lock.status == "frozen" and lock.version > 1 and len(lock.commit or "") == 40 and lock.canary
    assert lock.prompt == Recipe.model_fields["prompt"].default and lock.tools_sha256
    assert lock.difficulty == found and lock.floors == FLOORS[name, split] and below(found, lock.floors) == []
    assert {task.family for task in one.tasks} <= {
        family.id for family in membership(name, families(), split == "dev")[1]
    }
    readme = (one.folder / "README.md").read_text(encoding="utf-8")
    assert f"version {lock.version}" in readme and f"- {len(one.tasks)} tasks" in readme and lock.canary in readme
    assert f"- Version {lock.version}: {len(one.tasks)} tasks" in (one.folder / "CHANGES.md").read_text()


@pytest.mark.parametrize(("name", "split"), ALL)
def test_a_quick_subset_is_spread(name: str, split: str) -> None:
    one = suite(name, split)
    assert one.lock.quick == quick(one.tasks) and len(one.lock.quick) == QUICK
    chosen = one.chosen(quick=True)
    assert sum(task.twin_of is not None for task in chosen) == (QUICK / 2 if name == "abstain" else 0)
    chosen = tuple(task for task in chosen if task.twin_of is None)
    every = [task for task in one.tasks if task.twin_of is None]
    for key in ("tier", "domain"):
        share = Counter(getattr(task, key) for task in chosen)
        for value, count in Counter(getattr(task, key) for task in every).items():
            assert abs(share[value] - count * len(chosen) / len(every)) < 2, (key, value)
    counts = Counter(task.family for task in chosen)
    assert max(counts.values()) - (min(counts.values()) if len(counts) == one.lock.counts["families"] else 0) <= 1


def test_the_docs_have_the_sizes() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "gates.md").read_text(encoding="utf-8")
    for name in NAMES:
        counts = read_json(SUITES / name / LOCK, "lock")["counts"]
        tasks = counts["tasks"] - counts.get("twins", 0)
        row = next(line for line in page.splitlines() if line.startswith(f"| `{name}` |"))
        assert row.split("|")[2].split()[0] == str(tasks)
        assert str(counts["families"]) in row
