"""What a failed task is said to have failed of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from gates_fakes import FakeChat, call, counter_world, say, two_turns

from mlx_train.gates.causes import KINDS, Cause, cause, match
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.differences import Line, changed, tree
from mlx_train.gates.score import judge
from mlx_train.tasks.task import Call, Task, Turn


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


def one_turn(
    *gold: Call, domain: str = "counter", world: Any = None, forbid: tuple[str, ...] = (), **turn: Any
) -> Task:
    turns = (Turn(user="Do it.", templates=(), gold=gold, say="Done.", **turn),)
    start = {"value": 1} if world is None else world
    return Task(
        id="t", domain=domain, family="f", tier="easy", split="gate", seed=0, world=start, turns=turns, forbid=forbid
    )


ADD, TOLD, ASKED, READ = call("add", amount=2), "It is 3.", "How much?", call("read")
GOLD_ADD, GOLD_READ = Call(name="add", arguments={"amount": 2}), Call(name="read")
TWO = two_turns()  # add 2 and tell the sum, 3; then only ask
SWAPPED = one_turn(
    Call(name="cd", arguments={"folder": "a"}),
    Call(name="touch", arguments={"file_name": "x"}),
    domain="files",
    world={"root": {"r": {"a": {}}}, "cwd": "/r"},
)


@pytest.mark.parametrize(
    ("task", "said", "expected"),
    [
        (TWO, [ADD, TOLD, ASKED], None),
        (TWO, [READ, ADD, READ, TOLD, ASKED], None),
        (TWO, [call("add", amount=3), "It is 4.", ASKED], ("wrong argument", "amount of add", 1)),
        (TWO, [call("add", amount=-1), TOLD, ASKED], ("wrong argument", "amount of add", 1)),
        (TWO, [call("add"), TOLD, ASKED], ("wrong argument", "amount of add", 1)),
        (TWO, [READ, TOLD, ASKED], ("missing call", "add", 1)),
        (TWO, [call("plus", amount=2), TOLD, ASKED], ("unknown tool", "plus", 1)),
        (TWO, ['<tool_call>{"name": "add"', TOLD, ASKED], ("unreadable call", "", 1)),
        (TWO, [ADD, ADD, TOLD, ASKED], ("repeated call", "add", 1)),
        (TWO, [ADD, call("add", amount=5), TOLD, ASKED], ("extra call", "add", 1)),
        (TWO, [ADD, "Done.", ASKED], ("not told", "", 1)),
        (TWO, [ASKED, ASKED], ("asked when it should act", "add", 1)),
        (TWO, [ADD, TOLD, "No."], ("did not ask", "", 2)),
        (TWO, [ADD, TOLD, READ, ASKED], ("acted when it should ask", "read", 2)),
        (TWO, ["Cut~"], ("cut off", "in words", 1)),
        (TWO, [ADD, TOLD, '<tool_call>{"na~'], ("cut off", "in a call", 2)),
        (TWO, [READ] * 21, ("too many calls", "mostly read", 1)),
        (TWO, [call("add", amount=9), "It is 10.", "Cut~"], ("wrong argument", "amount of add", 1)),
        (one_turn(GOLD_ADD, forbid=("read",)), [ADD, READ, "Done."], ("forbidden tool", "read", 1)),
        (one_turn(quiet=True), [READ, "Done."], ("acted when it should answer", "read", 1)),
        (one_turn(GOLD_READ, tell=("1",)), [ADD, "It is 3."], ("wrong tool", "add instead of read", 1)),
        (one_turn(GOLD_ADD, GOLD_READ), [READ, call("plus"), "Done."], ("missing call", "add", 1)),
        (SWAPPED, [call("touch", file_name="x"), call("cd", folder="a"), "Done."], ("wrong order", "", 1)),
    ],
)  # fmt: skip
def test_the_cause_is_where_the_first_turn_at_fault_departs(
    task: Task, said: list[str], expected: tuple[str, str, int] | None
) -> None:
    transcript = say(Conversation(task, FakeChat(), "p"), *said).transcript()
    found = cause(transcript, task)
    assert found == (expected and Cause(*expected))
    assert (found is None) == judge(task, transcript)["passed"]
    assert found is None or found.kind in KINDS


def test_a_crash_is_no_fault_of_the_model() -> None:
    conversation = Conversation(TWO, FakeChat(), "p")
    conversation.fail(MemoryError("out: of it"))
    assert cause(conversation.transcript(), TWO) == Cause("crash", "MemoryError", 1)
    for end, kind in (("time_out", "time-out"), ("overlong", "overlong")):
        assert cause({**conversation.transcript(), "end": end}, TWO) == Cause(kind, "", 1)


def test_each_gold_call_is_matched_once_and_none_is_not_given() -> None:
    made = [{"name": "add", "arguments": {"amount": 2, "why": None}}, {"name": "add", "arguments": {"amount": 2}}]
    assert match(made, [GOLD_READ, GOLD_ADD]) == [1, None]


def test_a_tree_shows_what_was_added_removed_and_changed() -> None:
    before = {"a": {"x": "1", "y": "2"}, "gone": {}, "list": [{"n": 1}, {"n": 1}]}
    after = {"a": {"x": "1", "y": "3", "z": {"deep": True}}, "list": [{"n": 1}]}
    lines = list(tree(before, after))
    assert lines == [
        Line("", 0, "a"),
        Line("", 1, "x", '"1"'),
        Line("~", 1, "y", '"2" → "3"'),
        Line("+", 1, "z"),
        Line("+", 2, "deep", "true"),
        Line("", 0, "list"),
        Line("", 1, '{"n": 1}'),
        Line("-", 1, '{"n": 1} (2)'),
        Line("-", 0, "gone"),
    ]
    assert [line.name for line in changed(lines)] == ["a", "y", "z", "deep", "list", '{"n": 1} (2)', "gone"]
    assert changed(list(tree(after, after))) == []
