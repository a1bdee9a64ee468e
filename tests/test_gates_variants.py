"""Variants change what a model reads; what it does is done, recorded and judged as ever."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gates_fakes import FakeChat, counter_world, say, two_turns

from mlx_train.gates import robustness, suites
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.run import prompt_hash
from mlx_train.gates.score import judge
from mlx_train.gates.variants import DISTRACTORS, VARIANTS, Disguised, meet
from mlx_train.tasks.check import gold_play
from mlx_train.tasks.task import Task


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


@pytest.fixture(scope="module")
def tasks() -> list[Task]:
    root = Path(__file__).parents[1] / "data" / "dev"
    return [task for name in ("hard", "breadth-unseen") for task in suites.load(root / name).tasks[:12]]


def play(task: Task, variant: str, *texts: str) -> dict[str, Any]:
    return say(Conversation(task, FakeChat(), "p", suite="s", meet=meet(variant)), *texts).transcript()


def call(name: str, **arguments: int) -> str:
    given = ", ".join(f'"{key}": {value}' for key, value in arguments.items())
    return f'<tool_call>{{"name": "{name}", "arguments": {{{given}}}}}</tool_call>'


def test_a_renamed_call_is_recorded_by_its_own_name_and_passes() -> None:
    task = two_turns()
    row = play(task, "renamed", call("run_add", amount_value=2), "It is 3.", "How much?")
    (done,) = row["turns"][0]["calls"]
    assert (done["name"], done["arguments"], done["result"]) == ("add", {"amount": 2}, {"value": 3})
    assert "run_add" in done["raw"] and judge(task, row)["passed"]


@pytest.mark.parametrize(
    "wrong", [call("add", amount=2), call("run_add", amount=2), call("run_add", amount_value=True)]
)
def test_a_call_that_the_variant_refuses_is_not_done_by_the_checker_either(wrong: str) -> None:
    task = two_turns()
    row = play(task, "renamed", wrong, "It is 3.", "How much?")
    (done,) = row["turns"][0]["calls"]
    assert "error" in done["result"] and done["name"].endswith("(refused)")
    assert not judge(task, row)["passed"]


@pytest.mark.parametrize("variant", VARIANTS)
def test_gold_passes_in_every_variant(tasks: list[Task], variant: str) -> None:
    for task in tasks:
        world = meet(variant)(task)
        for turn, did in zip(task.turns, gold_play(task), strict=True):
            for gold, done in zip(turn.gold, did.calls, strict=True):
                renamed = variant == "renamed"
                name = f"run_{gold.name}" if renamed else gold.name
                arguments = {f"{key}_value" if renamed else key: value for key, value in gold.arguments.items()}
                if isinstance(world, Disguised):
                    assert world.plain(name, arguments) == (gold.name, gold.arguments)
                assert world.call(name, arguments) == done.result


def test_every_variant_reads_differently_and_alike_for_all_tasks_of_a_domain(tasks: list[Task]) -> None:
    files = [task for task in tasks if task.domain == "files"]
    plain = suites.world_of(files[0]).tools()
    for variant, count in (("shuffled", 18), ("renamed", 18), ("distracted", 18 + DISTRACTORS)):
        first, second = (meet(variant)(task).tools() for task in files[:2])
        assert first == second != plain and len(first) == count
        assert all(set(tool["function"]) == {"name", "description", "parameters"} for tool in first)
    names = [tool["function"]["name"] for tool in meet("shuffled")(files[0]).tools()]
    assert sorted(names) == sorted(tool["function"]["name"] for tool in plain)


def test_a_strange_tool_answers_that_it_is_not_there(tasks: list[Task]) -> None:
    world = meet("distracted")(next(task for task in tasks if task.domain == "files"))
    assert isinstance(world, Disguised)
    strange = [name for name, function in world._named.items() if function.get("distracts")]
    assert len(strange) == DISTRACTORS
    assert world.call(strange[0], {}) == {"error": f"{strange[0]} is not available"}


def test_prompt_hashes_differ_and_the_plain_one_is_as_ever() -> None:
    suite = type("S", (), {"tasks": [two_turns()]})()
    hashes = {prompt_hash(FakeChat(), "p", [suite], variant) for variant in ("plain", "renamed")}
    assert len(hashes) == 2 and prompt_hash(FakeChat(), "p", [suite]) in hashes


def test_the_table_by_hand() -> None:
    passed = dict(zip(VARIANTS, ([1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 0, 0], [1, 1, 1, 0], [1, 1, 1, 0]), strict=True))

    def score(variant: str) -> dict[str, Any]:
        rows = {f"t{i}": {"passed": bool(won)} for i, won in enumerate(passed[variant])}
        rate = sum(passed[variant]) / 4
        entry = {"n": 4, "quick": True, "suite_sha256": "s", "rate": rate, "ci95": [0.0, 1.0]}
        return {"model": {"id": "m"}, "suites": {"hard": entry}, "tasks": {"hard": rows}}

    found = robustness.table({variant: score(variant) for variant in VARIANTS})
    entry = found["suites"]["hard"]
    assert entry["rate"] == {"plain": 0.75, "shuffled": 0.5, "renamed": 0.25, "distracted": 0.75, "rephrased": 0.75}
    assert (entry["spread"], entry["all"], entry["none"]) == (0.5, 1, 1)
    assert robustness.lines(found)[1].split() == "hard 4 75.0 % 50.0 % 25.0 % 75.0 % 75.0 % 50.0 quick".split()
