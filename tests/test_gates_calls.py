"""Tool-call quality, counted by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gates_fakes import FakeChat, call, counter_world, say, two_turns

from mlx_train.gates.calls import UNKNOWN, UNREADABLE, call_quality, distance
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.variants import meet
from mlx_train.tasks.task import Task


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


def play(task: Task, *texts: str, variant: str = "plain") -> dict[str, Any]:
    return say(Conversation(task, FakeChat(), "p", suite="s", meet=meet(variant)), *texts).transcript()


BROKEN = '<tool_call>{"name": "add", </tool_call>'


def test_all_measures_by_hand() -> None:
    """The gold of each task: `add` once in the first turn, and words alone in the second.

    Five turns are begun; the last task is cut off in its first.
    """
    right = play(two_turns("counter.sum/gate/1"), call("add", amount=2), "It is 3.", "How much?")
    wrong = play(
        two_turns("counter.sum/gate/2"),
        call("read"), call("add", amount="2"), BROKEN, call("subtract", amount=2), "It is 3.",
        call("add", amount=2), "Done.",
    )  # fmt: skip
    cut = play(two_turns("counter.sum/gate/3"), "I will~")
    found = call_quality([(two_turns(row["task"]), row) for row in (right, wrong, cut)])
    counts = {
        "presence": [3, 5],  # twice in the first turn, and once, in the second, nothing
        "called": [2, 3],
        "silent": [1, 2],
        "first_tool": [1, 3],
        "parsable": [5, 6],  # add, read, add with a text, subtract, add
        "known": [4, 5],
        "arguments": [3, 4],
        "valid": [3, 6],
        "over_gold": [6, 2],  # the task that was cut off does not count
        "stop": [4, 5],
    }
    assert found["counts"] == counts
    assert {key: found[key] for key in counts} == {key: round(part / n, 4) for key, (part, n) in counts.items()}
    assert (found["calls"], found["turns"]) == (6, 5)
    assert found["tools"] == {"gold": {"add": 3}, "model": {UNKNOWN: 1, UNREADABLE: 1, "add": 3, "read": 1}}
    assert found["tool_distance"] == 0.5  # half of |3/6 - 1| + 1/6 + 1/6 + 1/6


def test_where_there_is_nothing_to_divide() -> None:
    found = call_quality([])
    assert found["calls"] == found["turns"] == 0 and found["tools"] == {"gold": {}, "model": {}}
    assert {found[key] for key in (*found["counts"], "tool_distance")} == {None}
    silent = call_quality([(two_turns(), play(two_turns(), "No.", "How much?"))])
    assert (silent["presence"], silent["called"], silent["silent"]) == (0.5, 0.0, 1.0)
    assert silent["parsable"] is silent["tool_distance"] is None


def test_a_call_without_a_name_can_be_read() -> None:
    found = call_quality([(two_turns(), play(two_turns(), call(""), BROKEN, "No.", "How much?"))])
    assert found["counts"]["parsable"] == [1, 2] and found["counts"]["known"] == [0, 1]


def test_a_renamed_tool_counts_as_what_it_is() -> None:
    texts = call("run_add", amount_value=2), call("add", amount=2), BROKEN, "It is 3.", "How much?"
    found = call_quality([(two_turns(), play(two_turns(), *texts, variant="renamed"))])
    assert found["counts"]["parsable"] == [2, 3] and found["counts"]["arguments"] == [1, 1]
    assert found["tools"]["model"] == {UNKNOWN: 1, UNREADABLE: 1, "add": 1}


def test_distance_of_distributions() -> None:
    assert distance({"a": 1, "b": 1}, {"a": 5, "b": 5}) == 0
    assert distance({"a": 4}, {"b": 2}) == 1
    assert distance({"a": 1, "b": 3}, {"a": 3, "b": 1}) == 0.5
