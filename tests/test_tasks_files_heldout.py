"""The held-out and development families of file operations."""

from __future__ import annotations

import pytest

from mlx_train.gates.selftest import selftest
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.check import faults, gold_play
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.phrases import BANKS, skeleton
from mlx_train.tasks.task import Task
from mlx_train.world.files import Files

SEEDS = range(30)
OURS = families(domain="files", role="gate") + families(domain="files", role="dev")


def tasks(which: Family) -> list[Task]:
    return [generate(which, which.role, seed) for seed in SEEDS]


def shape(task: Task) -> tuple[tuple[str, ...], ...]:
    """The names of the gold calls, turn by turn."""
    return tuple(tuple(call.name for call in turn.gold) for turn in task.turns)


TASKS = {which.id: tasks(which) for which in OURS}


def test_there_are_enough_families_of_each_tier() -> None:
    def count(role: str, tier: str) -> int:
        return sum(which.role == role and which.tier == tier and not which.abstain for which in OURS)

    assert {which.role for which in OURS} == {"gate", "dev"}
    for tier, gate, dev in (("easy", 8, 2), ("moderate", 12, 5), ("hard", 25, 7), ("very hard", 8, 2)):
        assert count("gate", tier) >= gate
        assert count("dev", tier) >= dev
    assert sum(which.role == "gate" and not which.abstain for which in OURS) >= 60
    assert sum(which.role == "gate" and which.abstain for which in OURS) >= 3


@pytest.mark.parametrize("number", [2, pytest.param(7, marks=pytest.mark.slow)])
def test_the_checkers_hold_on_the_held_out_tasks(number: int) -> None:
    suite = [task for id, made in TASKS.items() for task in made[:number] if FAMILIES[id].role == "gate"]
    found = selftest({"heldout": [task for task in suite if not FAMILIES[task.family].abstain]})
    assert found["faults"] == [] and found["mutants_killed"] > 10 * found["tasks"] > 0


@pytest.mark.parametrize("which", OURS, ids=lambda which: which.id)
def test_a_family_generates_tasks_that_its_gold_solves_and_doing_nothing_does_not(which: Family) -> None:
    made = TASKS[which.id]
    assert len({task.model_dump_json(exclude={"id", "seed"}) for task in made}) == len(made)
    for task in made:
        assert faults(task, gold_play(task)) == []
        idle = [played.model_copy(update={"calls": (), "words": ""}) for played in gold_play(task)]
        assert faults(task, idle) or task.gold_calls == 0
        assert 1 <= len(task.turns) <= (4 if which.tier != "very hard" else 8)


@pytest.mark.parametrize("which", OURS, ids=lambda which: which.id)
def test_an_argument_that_the_user_did_not_say_is_marked_as_derived(which: Family) -> None:
    """Else the value could not be known; and a value said in the same turn is not marked."""
    for task in TASKS[which.id]:
        said = ""
        for turn in task.turns:
            said += turn.user + "\n"
            for call in turn.gold:
                for key, value in call.arguments.items():
                    if not isinstance(value, str) or key == "mode" or value in ("..", "/"):
                        continue
                    assert (value in said) or (key in call.derived), (task.id, call)


@pytest.mark.parametrize("which", [which for which in OURS if which.abstain], ids=lambda which: which.id)
def test_an_abstain_family_has_a_quiet_turn(which: Family) -> None:
    for task in TASKS[which.id]:
        assert any(turn.quiet and not turn.gold for turn in task.turns)


def test_no_two_families_have_the_same_calls() -> None:
    shapes = {id: {shape(task) for task in made} for id, made in TASKS.items() if not FAMILIES[id].abstain}
    names = sorted(shapes)
    for number, one in enumerate(names):
        for two in names[number + 1 :]:
            assert not shapes[one] & shapes[two], (one, two)


def test_the_families_use_every_tool() -> None:
    used = {call.name for made in TASKS.values() for task in made for turn in task.turns for call in turn.gold}
    assert used == {entry["function"]["name"] for entry in Files.tools()}


def test_the_patterns_are_of_one_split_and_all_different() -> None:
    for prefix, split in (("files.heldout.", "gate"), ("files.dev.", "dev")):
        banks = [bank for bank in BANKS.values() if bank.id.startswith(prefix)]
        patterns = [pattern for bank in banks for pattern in bank.patterns[split]]  # type: ignore[index]
        assert len({skeleton(pattern) for pattern in patterns}) == len(patterns)
        for bank in banks:
            assert {name for name, found in bank.patterns.items() if found} == {split}
            assert len(bank.patterns[split]) >= 3  # type: ignore[index]
