"""Proof of the checkers: what should pass passes, solutions with a fault in them fail, and guessing scores nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlx_train.files import sha256_of
from mlx_train.gates.mutants import Variant, equivalents, mutants
from mlx_train.tasks.check import faults, gold_play, is_empty, outcomes, tells
from mlx_train.tasks.task import Done, Played, Task
from mlx_train.world.catalogue import WORLDS

KILLED = 0.995
"""Least share of the mutants that must fail."""
GUESSED = 0.05
"""Share of a file suite that no policy without understanding may reach."""
GUARDED = ("hard", "heldout")


def selftest(suites: Mapping[str, Iterable[Task]]) -> dict[str, Any]:
    """Check every task of some suites with its gold solution, with mutants and with equivalents of it.

    A mutant is excluded only where it is proven to do what the task asks: the same outcome after every turn, every
    value told, no call where none may be made (`does_the_same`). Every other mutant has to fail. Policies that
    understand nothing are played on the file suites.

    Returns: `tasks`, `gold_pass`, `mutants` and `mutants_killed`, `equivalents` and `equivalents_pass`, `kinds` (for
        each kind of variant: made, excluded, killed or passed), `policies` (share passed, by suite and policy),
        `survivors` (mutants that passed) and under `faults` one line for each thing that is wrong.
    """
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: list[str] = []
    survivors: list[str] = []
    policies: dict[str, dict[str, float]] = {}
    tasks = gold_pass = 0
    for name, given in suites.items():
        suite = list(given)
        for task in suite:
            tasks += 1
            found = gold_faults(task)
            wrong += found
            gold_pass += not found
            _try_mutants(task, kinds, survivors)
            _try_equivalents(task, kinds, wrong)
        policies[name] = guesses(suite)
        if name in GUARDED:
            wrong += [
                f"{name}: the policy '{policy}' passes {share:.1%}; less than {GUESSED:.0%} was expected"
                for policy, share in policies[name].items()
                if share >= GUESSED
            ]
    total = sum(kinds.values(), Counter())
    made = total["made"] - total["excluded"]
    if made and total["killed"] < KILLED * made:
        wrong.append(f"{total['killed']} of {made} mutants fail; at least {KILLED:.1%} was expected")
    return {
        "tasks": tasks,
        "gold_pass": gold_pass,
        "mutants": made,
        "mutants_killed": total["killed"],
        "equivalents": total["equal"],
        "equivalents_pass": total["passed"],
        "kinds": {kind: dict(counts) for kind, counts in sorted(kinds.items())},
        "policies": policies,
        "survivors": survivors,
        "faults": wrong,
    }


def gold_faults(task: Task) -> list[str]:
    """What is wrong with the gold solution: it fails, it leaves no trace, or playing it changes the task."""
    before = sha256_of(task.world)
    gold = gold_play(task)
    found = [f"{task.id}: the gold solution fails: {fault}" for fault in faults(task, gold)]
    if gold_play(task) != gold or sha256_of(task.world) != before:
        found.append(f"{task.id}: one play of the gold solution changes the next")
    if is_empty(task):
        found.append(f"{task.id}: it passes with nothing done, though nothing says that nothing is to be done")
    return found


def _try_mutants(task: Task, kinds: dict[str, Counter[str]], survivors: list[str]) -> None:
    goal = outcomes(task)
    for mutant in mutants(task, gold_play(task)):
        same = does_the_same(task, mutant.played, goal)
        passed = not faults(task, mutant.played)
        kinds[mutant.kind].update(made=1, excluded=int(same), killed=int(not same and not passed))
        if passed and not same:
            survivors.append(_line(task, mutant))


def _try_equivalents(task: Task, kinds: dict[str, Counter[str]], wrong: list[str]) -> None:
    for other in equivalents(task, gold_play(task)):
        found = faults(task, other.played)
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
        if not all(tells(did.words, value) for value in turn.tell) or (turn.asks and "?" not in did.words):
            return False
    return True


def guesses(tasks: Sequence[Task]) -> dict[str, float]:
    """Share of the tasks that policies without understanding pass."""
    plays = {"does nothing": _nothing, "repeats the prompt": _repeat, "calls the first tool": _first_tool}
    return {
        name: sum(not faults(task, play(task)) for task in tasks) / max(1, len(tasks)) for name, play in plays.items()
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
