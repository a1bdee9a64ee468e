"""The families that only the breadth suites of the gate have: those of the modules `*_gate`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mlx_train.gates.selftest import selftest
from mlx_train.gates.suites import membership
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.phrases import BANKS
from mlx_train.tasks.task import Task
from mlx_train.world.catalogue import WORLDS

OURS = [found for found in families(role="gate") if found.write.__module__.endswith("_gate")]
DOMAINS = sorted({found.domain for found in OURS})


@pytest.mark.parametrize("suite", ["breadth-retained", "breadth-unseen"])
def test_a_breadth_suite_has_enough_families(suite: str) -> None:
    chosen = membership(suite, families())[1]
    assert len(chosen) >= 60
    assert not any(found.abstain for found in chosen)


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_mix_of_a_domain(domain: str) -> None:
    ours = [found for found in OURS if found.domain == domain]
    tasks = [generate(found, "gate", 0) for found in ours]
    assert {found.tier for found in ours} == {"easy", "moderate", "hard"}
    assert all((found.write.__doc__ or "").count("\n") == 0 and found.write.__doc__ for found in ours)
    assert 3 * sum(task.gold_calls == 1 for task in tasks) >= len(ours)
    assert 3 * sum(len(task.turns) > 1 for task in tasks) >= len(ours)
    assert 3 * sum(any(call.derived for turn in task.turns for call in turn.gold) for task in tasks) >= len(ours)
    assert any(turn.quiet for task in tasks for turn in task.turns)


def test_a_bank_of_the_gate_has_three_phrasings() -> None:
    banks = [bank for id, bank in BANKS.items() if id.split(".")[0] in DOMAINS and not bank.patterns["dev"]]
    assert banks and all(len(bank.patterns["gate"]) >= 3 for bank in banks)


def texts(value: Any) -> list[str]:
    """All strings and numbers in a JSON value."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [] if isinstance(value, bool) else [str(value)]


def check_sources(task: Task) -> None:
    """Every argument stands in the user's words so far, or is marked as derived."""
    said = ""
    for turn in task.turns:
        said += f" {turn.user.lower()}"
        for call in turn.gold:
            stated = {key: value for key, value in call.arguments.items() if key not in call.derived}
            assert all(text.lower() in said for text in texts(stated)), (task.id, call)


@pytest.mark.parametrize("which", OURS, ids=lambda found: found.id)
def test_a_family_generates(which: Family) -> None:
    tasks = [generate(which, "gate", seed) for seed in range(21)]
    assert len({" ".join(turn.user for turn in task.turns) for task in tasks}) >= 18
    for task in tasks:
        check_sources(task)
        assert len(json.dumps([task.world, [turn.model_dump() for turn in task.turns]])) < 5000
        for turn in task.turns:
            assert "{" not in turn.user + turn.say and turn.user[0].isupper() and turn.user[-1] in ".?"
            assert all("/gate/" in template for template in turn.templates)


@pytest.mark.parametrize("domain", DOMAINS)
def test_checkers_are_proven(domain: str) -> None:
    assert domain in WORLDS
    tasks = [generate(found, "gate", seed) for found in OURS if found.domain == domain for seed in (100, 101)]
    found = selftest({"ours": tasks})
    assert found["faults"] == []
    assert found["gold_pass"] == len(tasks) and found["equivalents_pass"] == found["equivalents"] >= len(tasks)
    assert found["mutants_killed"] == found["mutants"] >= 3 * len(tasks)


def test_families_of_the_gate_are_apart() -> None:
    """No module of the gate has a family of another role."""
    assert all(found.role == "gate" for found in FAMILIES.values() if found.write.__module__.endswith("_gate"))
