"""How hard a suite is, measured on its gold solutions, and the least that the built-in suites must be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from mlx_train.tasks.check import gold_play
from mlx_train.tasks.task import Row, Task, failed


class Difficulty(Row):
    """What makes work hard, over all tasks of a suite."""

    mean_calls: float
    """Gold calls of a task."""
    derived: float
    """Share of all arguments of gold calls that come from an earlier result, not from the user's words."""
    recovery: float
    """Share of the tasks in which a gold call is answered with an error, and others follow."""
    call_shapes: int
    """Different sequences of tools, turn by turn."""
    ways_to_ask: int
    """The fewest different sequences of phrasings that a family has."""


FLOORS: dict[tuple[str, str], Difficulty] = {
    key: Difficulty.model_validate(dict(zip(Difficulty.model_fields, least, strict=True)))
    for key, least in {
        ("hard", "gate"): (7.5, 0.13, 0.1, 350, 6),
        ("heldout", "gate"): (5.5, 0.35, 0.05, 100, 3),
        ("breadth-retained", "gate"): (2.9, 0.3, 0.07, 70, 3),
        ("breadth-unseen", "gate"): (2.5, 0.15, 0.1, 65, 3),
        ("abstain", "gate"): (0.9, 0.05, 0, 50, 5),
        ("hard", "dev"): (7.5, 0.13, 0.02, 100, 6),
        ("heldout", "dev"): (5.5, 0.3, 0.15, 16, 3),
        ("breadth-retained", "dev"): (3, 0.35, 0.1, 30, 5),
        ("breadth-unseen", "dev"): (2.2, 0.12, 0.1, 9, 3),
        ("abstain", "dev"): (1.2, 0.09, 0, 50, 5),
    }.items()
}
"""By suite and split. A task of `abstain` has a call or two."""


def measure(tasks: Sequence[Task]) -> Difficulty:
    """The difficulty of a suite with these tasks; shares are rounded to 4 digits."""
    calls = [call for task in tasks for turn in task.turns for call in turn.gold]
    arguments = sum(len(call.arguments) for call in calls)
    asked = defaultdict(set)
    for task in tasks:
        asked[task.family].add(tuple(template for turn in task.turns for template in turn.templates))
    return Difficulty(
        mean_calls=round(len(calls) / max(1, len(tasks)), 4),
        derived=round(sum(len(call.derived) for call in calls) / max(1, arguments), 4),
        recovery=round(sum(map(_recovers, tasks)) / max(1, len(tasks)), 4),
        call_shapes=len({tuple(tuple(call.name for call in turn.gold) for turn in task.turns) for task in tasks}),
        ways_to_ask=min(map(len, asked.values()), default=0),
    )


def below(found: Difficulty, floors: Difficulty) -> list[str]:
    """In what a suite is too easy."""
    least = floors.model_dump()
    return [
        f"{key} is {value}, the floor is {least[key]}"
        for key, value in found.model_dump().items()
        if value < least[key]
    ]


def _recovers(task: Task) -> bool:
    results = [failed(call.result) for played in gold_play(task) for call in played.calls]
    return any(results[:-1])
