"""Whether a task was done: a pure function of the task and of what the model did; old transcripts can be re-scored."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

from mlx_train.tasks.task import Played, Task, Turn, failed
from mlx_train.world.base import copied
from mlx_train.world.catalogue import WORLDS

FORBIDDEN = "called the forbidden tool"
"""What the reason of a task says whose forbidden tool was called with success."""


def outcomes(task: Task) -> list[dict[str, Any]]:
    """The gold outcome of the world after each turn."""
    world = WORLDS[task.domain](task.world)
    states = []
    for turn in task.turns:
        for call in turn.gold:
            world.call(call.name, call.arguments)
        states.append(copied(world.outcome()))
    return states


def tells(words: str, value: str) -> bool:
    """Whether the words contain the value as a whole: `12` is not told by `120`, nor by `3.12`."""
    pattern = rf"(?<!\w)(?<!\d\.){re.escape(value.strip())}(?!\w|\.\d)"
    return re.search(pattern, words, re.IGNORECASE) is not None


def faults(task: Task, played: Sequence[Played], goal: Sequence[dict[str, Any]] | None = None) -> list[str]:
    """Why the task counts as not done, one line a reason; empty when it was done.

    The model's calls are replayed in a fresh world; their recorded results are not trusted.

    Args:
        goal: the task's `outcomes`, where they are known.
    """
    if len(played) != len(task.turns):
        return [f"ended in turn {len(played)} of {len(task.turns)}"]
    world = WORLDS[task.domain](task.world)
    found = forbidden(task, played)
    results: list[dict[str, Any]] = []
    for number, (turn, did, gold) in enumerate(zip(task.turns, played, goal or outcomes(task), strict=True), 1):
        for call in did.calls:
            results.append(world.call(call.name, call.arguments))
        if world.outcome() != gold:
            found.append(f"turn {number}: the world differs from the gold outcome")
        missing = [result for result in turn.results if result not in results]
        found += [f"turn {number}: no call had the result {str(result)[:80]}" for result in missing]
        found += [f"turn {number}: {fault}" for fault in _words(turn, did)]
    return found


def forbidden(task: Task, played: Sequence[Played]) -> list[str]:
    """A line for each call, with success, of a tool that the task forbids; of rollouts that ended too early as well."""
    if not task.forbid:
        return []
    world = WORLDS[task.domain](task.world)
    return [
        f"turn {number}: {FORBIDDEN} {call.name}"
        for number, did in enumerate(played, 1)
        for call in did.calls
        if not failed(world.call(call.name, call.arguments)) and call.name in task.forbid
    ]


def is_empty(task: Task) -> bool:
    """Whether a task passes with nothing done and nothing said, though no turn of it asks for that."""
    return not any(turn.quiet for turn in task.turns) and not faults(task, [Played() for _ in task.turns])


def _words(turn: Turn, did: Played) -> Iterator[str]:
    if turn.quiet and did.calls:
        yield f"called {did.calls[0].name} where no call was to be made"
    if turn.asks and "?" not in did.words:
        yield "did not ask the user"
    for value in turn.tell:
        if not tells(did.words, value):
            yield f"did not tell the user {value!r}"


def gold_play(task: Task) -> list[Played]:
    """The gold solution, executed: what a perfect model would have done."""
    world = WORLDS[task.domain](task.world)
    return [
        Played.model_validate(
            {
                "calls": [
                    {"name": call.name, "arguments": call.arguments, "result": world.call(call.name, call.arguments)}
                    for call in turn.gold
                ],
                "words": turn.say,
            }
        )
        for turn in task.turns
    ]
