"""What has to be true of a task's gold solution before anything is measured by it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from mlx_train.files import sha256_of
from mlx_train.gates.suites import world_of
from mlx_train.tasks import catalogue as catalogue  # registers the families
from mlx_train.tasks.check import faults, gold_play, is_empty, outcomes
from mlx_train.tasks.family import FAMILIES, generate
from mlx_train.tasks.task import Call, Played, Task, failed

Meaning = Literal["meant", "unknown", "wrong"]


def gold_faults(task: Task) -> list[str]:
    """What is wrong with the gold solution: it fails, errs, undoes itself or leaves no trace, or changes the task."""
    before = sha256_of(task.world)
    gold = gold_play(task)
    found = [f"the gold solution fails: {fault}" for fault in faults(task, gold)]
    if gold_play(task) != gold or sha256_of(task.world) != before:
        found.append("one play of the gold solution changes the next")
    if is_empty(task):
        found.append("it passes with nothing done, though nothing says that nothing is to be done")
    found += [line for meaning, line in errors(task, gold) if meaning == "wrong"]
    return [f"{task.id}: {line}" for line in [*found, *_undone(task)]]


def changes(task: Task) -> bool:
    """Whether the gold solution changes what scoring compares. If not, the task is read-only: something has to be told
    or met, or no call be made, or it would be empty."""
    start = world_of(task).outcome()
    return any(outcome != start for outcome in outcomes(task))


def _undone(task: Task) -> list[str]:
    """The turns in which calls change the world and change it back: who leaves them all out cannot be found."""
    world, found = world_of(task), []
    for number, turn in enumerate(task.turns, 1):
        seen = [world.outcome()]
        for call in turn.gold:
            world.call(call.name, call.arguments)
            seen.append(world.outcome())
        if seen[-1] == seen[0] and any(one != seen[0] for one in seen):
            found.append(f"the gold calls of turn {number} change the world and change it back")
    return found


def errors(task: Task, gold: Sequence[Played]) -> list[tuple[Meaning, str]]:
    """The gold calls that are answered with an error, or should be and are not, each with what is known of it.

    A task says which of its calls are meant to fail (`Call.fails`). Tasks from before they said so are written again by
    their family from their seed. A family cannot write a call that fails unless it is told that it will, so if world
    and calls come out the same, every error was meant; if not, the family has changed since, and nobody knows.
    """
    calls = [call for turn in task.turns for call in turn.gold]
    results = [done.result for did in gold for done in did.calls]
    wrong = [(call, result) for call, result in zip(calls, results, strict=True) if failed(result) != call.fails]
    found: list[tuple[Meaning, str]] = [("meant", call.name) for call in calls if call.fails]
    if not wrong:
        return found
    if found or task.family not in FAMILIES:
        return [*found, *(("wrong", _wrong(call, result)) for call, result in wrong)]
    return [("meant" if _comes_out_again(task) else "unknown", call.name) for call, _ in wrong]


def _wrong(call: Call, result: object) -> str:
    if call.fails:
        return f"the gold call {call.name} is meant to fail and does not"
    return f"the gold call {call.name} is answered {str(result)[:120]}; if that is meant, the call has to say `fails`"


def _comes_out_again(task: Task) -> bool:
    """Whether the family of a task still writes the same world and calls from its seed."""
    try:
        again = generate(FAMILIES[task.family], task.split, task.seed, twin=task.twin_of is not None)
    except ValueError:
        return False
    return again.world == task.world and _bare(again) == _bare(task)


def _bare(task: Task) -> list[list[tuple[str, object]]]:
    return [[(call.name, call.arguments) for call in turn.gold] for turn in task.turns]
