"""The mixed families of the domains that are not files; and that recipes take them only by name."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache

import pytest

from mlx_train.gates.selftest import selftest
from mlx_train.recipe import Source, load
from mlx_train.tasks.board import CALLS_OF_TURN
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.check import gold_play
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.task import CALLS_OF_TIER, Task, failed
from mlx_train.world.catalogue import WORLDS

MIXED = families(group="mixed") + families(group="further")
FIXED = ("calendar", "messaging", "notes", "orders", "smart_home", "travel")
DOMAINS = (*FIXED, "registry")
KINDS = {
    **dict.fromkeys(("mixed_one", "mixed_ask", "mixed_talk", "mixed_again", "mixed_beyond"), "easy"),
    "mixed_few": "moderate",
    "mixed_several": "hard",
    "mixed_many": "very hard",
}


@cache
def drawn(id: str, seeds: int = 6, twin: bool = False) -> tuple[Task, ...]:
    return tuple(generate(FAMILIES[id], split, seed, twin) for split in ("train", "dev") for seed in range(seeds))


def test_every_domain_has_one_of_each_kind_and_they_are_for_training() -> None:
    assert {which.id: which.tier for which in MIXED} == {
        f"{domain}.{kind}": tier for domain in DOMAINS for kind, tier in KINDS.items()
    }
    assert {which.role for which in MIXED} == {"train"}


@pytest.mark.parametrize("which", MIXED, ids=lambda f: f.id)
def test_seeds_become_tasks_that_read_well(which: Family) -> None:
    low, high = CALLS_OF_TIER[which.tier]
    for task in drawn(which.id) + (drawn(which.id, twin=True) if which.abstain else ()):
        assert (low <= task.gold_calls <= high or task.twin_of) and len(task.turns) <= 8
        assert all(len(turn.gold) <= CALLS_OF_TURN for turn in task.turns)
        assert not re.search(r"[{}\[\]|]|  ", " ".join(turn.user for turn in task.turns)), task.id
        assert any(not turn.gold for turn in task.turns) == (which.abstain and not task.twin_of)


def test_no_two_tasks_of_the_longer_kinds_are_the_same_work() -> None:
    """There is no plot to learn: nearly every task is another sequence of calls."""
    for which in MIXED:
        if which.tier in ("hard", "very hard"):
            ways = {tuple(call.name for turn in task.turns for call in turn.gold) for task in drawn(which.id)}
            assert len(ways) >= 0.9 * len(drawn(which.id)), which.id


@pytest.mark.parametrize("domain", FIXED)
def test_every_tool_is_used_and_some_calls_fail_or_need_a_result(domain: str) -> None:
    tasks = [task for which in MIXED if which.domain == domain for task in drawn(which.id, 12)]
    calls = [call for task in tasks for turn in task.turns for call in turn.gold]
    assert {call.name for call in calls} == {tool["function"]["name"] for tool in WORLDS[domain].tools()}
    assert sum(bool(call.derived) for call in calls) > 0.1 * len(calls)


def test_registers_differ_in_their_tools_and_use_every_kind_of_them() -> None:
    tasks = [task for which in MIXED if which.domain == "registry" for task in drawn(which.id, 24)]
    catalogues = {json.dumps(WORLDS["registry"](task.world).tools()) for task in tasks}
    assert len(catalogues) > 60
    action = {name: action for t in tasks for kind in t.world["schema"] for action, name in kind["tools"].items()}
    used = Counter(action[call.name] for task in tasks for turn in task.turns for call in turn.gold)
    assert set(used) == {"add", "find", "show", "change", "remove", "first", "second", "tie"} and min(used.values()) > 5


def test_some_requests_are_refused_and_gone_on_from() -> None:
    tasks = [
        task
        for domain in ("orders", "smart_home", "travel", "registry")
        for task in drawn(f"{domain}.mixed_several", 12)
    ]
    assert sum(any(failed(call.result) for did in gold_play(task) for call in did.calls) for task in tasks) > 5


def test_mutants_fail_and_equivalents_pass() -> None:
    tasks = {which.id: drawn(which.id)[:1] for which in MIXED}
    found = selftest(tasks)
    assert found["faults"] == [] and found["gold_pass"] == found["tasks"] == len(MIXED)
    assert found["mutants_killed"] >= 0.995 * found["mutants"] > 5 * len(MIXED)
    assert found["equivalents_pass"] == found["equivalents"] > len(MIXED)


def test_a_source_takes_them_only_if_it_says_so() -> None:
    """So every recipe from before there were any keeps its rows."""
    assert Source(domain="others", rows=1).groups == ("first", "wide")
    assert all({"mixed", "further"}.isdisjoint(source.groups) for source in load("embedded").data.sources)
