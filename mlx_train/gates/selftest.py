"""Proof of the checkers: what should pass passes, and solutions with a fault in them fail."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from mlx_train.tasks.check import faults, gold_play, tells
from mlx_train.tasks.task import Played, Task
from mlx_train.world.catalogue import WORLDS


def selftest(tasks: Iterable[Task]) -> dict[str, Any]:
    """Check every task with its gold solution, with nothing done, and with each gold call left out.

    A solution without a call that shows in nothing (same outcome after every turn, and the value told to the user is
    told all the same) is an equivalent one and has to pass; any other mutant has to fail.

    Returns:
        `tasks`, `gold_pass`, `mutants`, `mutants_killed`, `equivalents`, `equivalents_pass`, and under `faults` one
        line for each thing that is wrong.
    """
    found: dict[str, Any] = dict.fromkeys(
        ("tasks", "gold_pass", "mutants", "mutants_killed", "equivalents", "equivalents_pass"), 0
    )
    found["faults"] = []
    for task in tasks:
        found["tasks"] += 1
        gold = gold_play(task)
        if wrong := faults(task, gold):
            found["faults"].append(f"{task.id}: the gold solution fails: {wrong}")
        else:
            found["gold_pass"] += 1
        nothing = [Played() for _ in task.turns]
        for name, mutant in [("doing nothing", nothing), *dropped(task, gold)]:
            same = equivalent(task, mutant)
            passed = not faults(task, mutant)
            found["equivalents" if same else "mutants"] += 1
            found["equivalents_pass"] += same and passed
            found["mutants_killed"] += not same and not passed
            if same != passed:
                found["faults"].append(f"{task.id}: {name} {'passes' if passed else 'fails'}")
    return found


def dropped(task: Task, gold: Sequence[Played]) -> Iterable[tuple[str, list[Played]]]:
    """The gold solution with one call left out, for each call."""
    for number, turn in enumerate(gold):
        for index, call in enumerate(turn.calls):
            less = Played(calls=turn.calls[:index] + turn.calls[index + 1 :], words=turn.words)
            yield f"leaving out {call.name} in turn {number + 1}", [*gold[:number], less, *gold[number + 1 :]]


def equivalent(task: Task, played: Sequence[Played]) -> bool:
    """Whether a solution that calls no forbidden tool does what the task requires, worked out without the checker:
    the outcome after each turn, each value told, quiet turns quiet, and a question where one has to be asked."""
    mine, gold = WORLDS[task.domain](task.world), WORLDS[task.domain](task.world)
    for turn, did in zip(task.turns, played, strict=True):
        _do(mine, did.calls)
        _do(gold, turn.gold)
        if mine.outcome() != gold.outcome() or (turn.quiet and did.calls):
            return False
        if not all(tells(did.words, value) for value in turn.tell) or (turn.asks and "?" not in did.words):
            return False
    return True


def _do(world: Any, calls: Iterable[Any]) -> None:
    for call in calls:
        world.call(call.name, call.arguments)
