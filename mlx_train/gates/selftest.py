"""Proof of the checkers: what should pass passes, solutions with a fault in them fail, and guessing scores nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from mlx_train.gates.gold import changes, errors, gold_faults
from mlx_train.gates.mutants import Variant, equivalents, mutants
from mlx_train.tasks.check import faults, gold_play, outcomes
from mlx_train.tasks.task import Done, Played, Task
from mlx_train.world.catalogue import WORLDS

KILLED = 0.995
"""Least share of the mutants of each kind that must fail."""
GUESSED = 0.05
"""Share of a file suite that no policy without understanding may reach."""
GUARDED = ("hard", "heldout", "abstain")
CHUNK = 16
"""Tasks that a process is given at a time."""


@dataclass
class Found:
    """What became of some tasks and their variants."""

    gold_pass: int = 0
    changes: int = 0
    errors: dict[str, Counter[str]] = field(default_factory=lambda: {"meant": Counter(), "unknown": Counter()})
    kinds: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    survivors: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    guessed: dict[str, set[str]] = field(default_factory=lambda: {policy: set() for policy in POLICIES})
    """Ids of the tasks that each policy passes."""


def selftest(suites: Mapping[str, Iterable[Task]], processes: int = 1) -> dict[str, Any]:
    """Check every task of some suites with its gold solution, with mutants and with equivalents of it.

    A mutant is excluded only where it is proven to do what the task asks: the same outcome after every turn, every
    value told, no call where none may be made (`does_the_same`). Every other mutant has to fail. Policies that
    understand nothing are played on all suites, and must fail on the guarded ones; a task that has a twin is passed
    only with it.

    Args:
        processes: how many share the work; more than one only where the worlds are the built-in ones.

    Returns: `tasks`, `gold_pass`, `changes` (tasks whose gold solution changes the world; the others are read-only),
        `gold_errors` (gold calls that are answered with an error, by family: those that are `meant`, and those of which
        that is `unknown`), `mutants` and `mutants_killed`, `equivalents` and `equivalents_pass`, `kinds` (for each kind
        of variant: made, excluded, killed or passed), `policies` (share passed, by suite and policy), `survivors`
        (mutants that passed) and under `faults` one line for each thing that is wrong.
    """
    held = {name: list(tasks) for name, tasks in suites.items()}
    every = [task for tasks in held.values() for task in tasks]
    chunks = [every[begin : begin + CHUNK] for begin in range(0, len(every), CHUNK)]
    if processes > 1:
        with ProcessPoolExecutor(processes) as pool:
            parts = list(pool.map(_examine, chunks))
    else:
        parts = [_examine(chunk) for chunk in chunks]
    found = _together(parts)
    policies = {name: _shares(tasks, found.guessed) for name, tasks in held.items()}
    wrong = [
        f"{name}: the policy '{policy}' passes {share:.1%}; less than {GUESSED:.0%} was expected"
        for name in held
        if name in GUARDED
        for policy, share in policies[name].items()
        if share >= GUESSED
    ]
    for kind, counts in sorted(found.kinds.items()):  # of each, or a rule with few mutants could be missing
        if counts["killed"] < KILLED * (made := counts["made"] - counts["excluded"]):
            wrong.append(f"{kind}: {counts['killed']} of {made} mutants fail; at least {KILLED:.1%} was expected")
    total = sum(found.kinds.values(), Counter())
    return {
        "tasks": len(every),
        "gold_pass": found.gold_pass,
        "changes": found.changes,
        "gold_errors": {meaning: dict(sorted(counts.items())) for meaning, counts in found.errors.items()},
        "mutants": total["made"] - total["excluded"],
        "mutants_killed": total["killed"],
        "equivalents": total["equal"],
        "equivalents_pass": total["passed"],
        "kinds": {kind: dict(counts) for kind, counts in sorted(found.kinds.items())},
        "policies": policies,
        "survivors": found.survivors,
        "faults": [*found.faults, *wrong],
    }


def lines(found: Mapping[str, Any]) -> list[str]:
    """What `selftest` found, for a person."""
    return [
        f"{found['tasks']} tasks, {found['tasks'] - found['changes']} read-only: gold passes {found['gold_pass']}, "
        f"mutants killed {found['mutants_killed']}/{found['mutants']}, "
        f"equivalents pass {found['equivalents_pass']}/{found['equivalents']}",
        *(f"  {kind:<20} {_counted(counts)}" for kind, counts in found["kinds"].items()),
        *(
            f"  {name:<20} passed by one who " + ", ".join(f"{policy} {share:.1%}" for policy, share in shares.items())
            for name, shares in found["policies"].items()
        ),
        *(
            f"  gold calls that fail, {'meant to' if meaning == 'meant' else 'not known whether meant to'}: "
            + ", ".join(f"{family} {count}" for family, count in families.items())
            for meaning, families in found["gold_errors"].items()
            if families
        ),
        *(f"survived: {line}" for line in found["survivors"]),
        *(f"fault: {line}" for line in found["faults"]),
    ]


def _counted(counts: dict[str, int]) -> str:
    """One kind of variant: how many there were and what became of them."""
    if "equal" in counts:
        return f"{counts['passed']} of {counts['equal']} pass"
    return f"{counts['killed']} of {counts['made'] - counts['excluded']} fail, {counts['excluded']} proven equal"


def _examine(tasks: Sequence[Task]) -> Found:
    found = Found()
    for task in tasks:
        try:
            _examine_one(task, found)
        except Exception as error:  # of a world written by somebody else
            found.faults.append(f"{task.id}: the world fails: {type(error).__name__}: {error}")
    found.kinds = dict(found.kinds)  # what makes its defaults cannot go from process to process
    return found


def _examine_one(task: Task, found: Found) -> None:
    wrong = gold_faults(task)
    found.faults += wrong
    found.gold_pass += not wrong
    found.changes += changes(task)
    for meaning, _ in errors(task, gold_play(task)):
        if meaning in found.errors:
            found.errors[meaning][task.family] += 1
    _try_mutants(task, found.kinds, found.survivors)
    _try_equivalents(task, found.kinds, found.faults)
    for policy, play in POLICIES.items():
        if not faults(task, play(task)):
            found.guessed[policy].add(task.id)


def _together(parts: Iterable[Found]) -> Found:
    whole = Found()
    for part in parts:
        whole.gold_pass += part.gold_pass
        whole.changes += part.changes
        for meaning, families in part.errors.items():
            whole.errors[meaning].update(families)
        whole.survivors += part.survivors
        whole.faults += part.faults
        for kind, counts in part.kinds.items():
            whole.kinds[kind].update(counts)
        for policy, ids in part.guessed.items():
            whole.guessed[policy] |= ids
    return whole


def _try_mutants(task: Task, kinds: dict[str, Counter[str]], survivors: list[str]) -> None:
    goal = outcomes(task)
    for mutant in mutants(task, gold_play(task)):
        same = does_the_same(task, mutant.played, goal)
        passed = not faults(task, mutant.played, goal)
        kinds[mutant.kind].update(made=1, excluded=int(same), killed=int(not same and not passed))
        if passed and not same:
            survivors.append(_line(task, mutant))


def _try_equivalents(task: Task, kinds: dict[str, Counter[str]], wrong: list[str]) -> None:
    goal = outcomes(task)
    for other in equivalents(task, gold_play(task)):
        found = faults(task, other.played, goal)
        kinds[other.kind].update(equal=1, passed=int(not found))
        wrong += [f"{_line(task, other)} fails: {fault}" for fault in found[:1]]


def _line(task: Task, variant: Variant) -> str:
    return f"{task.id}: {variant.kind}{', ' if variant.where else ''}{variant.where}"


def does_the_same(task: Task, played: Sequence[Played], goal: Sequence[Any]) -> bool:
    """Whether a solution that calls no forbidden tool does what the task requires, worked out without the checker.

    Args:
        goal: the gold outcome after each turn.
    """
    world = WORLDS[task.domain](task.world)
    results: list[dict[str, Any]] = []
    for turn, did, outcome in zip(task.turns, played, goal, strict=True):
        for call in did.calls:
            results.append(world.call(call.name, call.arguments))
            if "error" not in results[-1] and call.name in task.forbid:
                return False
        if any(result not in results for result in turn.results):
            return False
        if world.outcome() != outcome or (turn.quiet and did.calls):
            return False
        if not all(_stands_in(value, did.words) for value in turn.tell) or (turn.asks and "?" not in did.words):
            return False
    return True


def _stands_in(value: str, words: str) -> bool:
    """Whether the words have the value as a whole, written apart from the checker's `tells`, whose faults this has to
    show."""
    value, words = value.strip().lower(), words.lower()
    at = words.find(value)
    while at >= 0:
        before, after = words[:at], words[at + len(value) :]
        part_of_word = any(one.isalnum() or one == "_" for one in (before[-1:], after[:1]))
        part_of_number = (before[-1:] == "." and before[-2:-1].isdigit()) or (after[:1] == "." and after[1:2].isdigit())
        if not part_of_word and not part_of_number:
            return True
        at = words.find(value, at + 1)
    return False


def guesses(tasks: Sequence[Task]) -> dict[str, float]:
    """Share of the tasks that policies without understanding pass."""
    passed = {name: {task.id for task in tasks if not faults(task, play(task))} for name, play in POLICIES.items()}
    return _shares(tasks, passed)


def _shares(tasks: Sequence[Task], guessed: Mapping[str, set[str]]) -> dict[str, float]:
    """Share of the tasks that each policy passes; one that has a twin counts once, and only with it."""
    twins = {task.twin_of: task.id for task in tasks if task.twin_of is not None}
    counted = [task.id for task in tasks if task.twin_of is None]
    return {
        name: sum(id in ids and twins.get(id, id) in ids for id in counted) / max(1, len(counted))
        for name, ids in guessed.items()
    }


def _nothing(task: Task) -> list[Played]:
    return [Played(words="Done.") for _ in task.turns]


def _repeat(task: Task) -> list[Played]:
    return [Played(words=turn.user) for turn in task.turns]


def _first_tool(task: Task) -> list[Played]:
    """Calls the first tool with the last words of the request, and repeats its result."""
    world = WORLDS[task.domain](task.world)
    function = world.tools()[0]["function"]
    plays = []
    for turn in task.turns:
        said = turn.user.rstrip(".?!").split()
        arguments = dict(zip(function["parameters"]["required"], reversed(said), strict=False))
        result = world.call(function["name"], arguments)
        call = Done(name=function["name"], arguments=arguments, result=result)
        plays.append(Played(calls=(call,), words=str(result)))
    return plays


POLICIES: dict[str, Callable[[Task], list[Played]]] = {
    "does nothing": _nothing,
    "repeats the prompt": _repeat,
    "calls the first tool": _first_tool,
}
