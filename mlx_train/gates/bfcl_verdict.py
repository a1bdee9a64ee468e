"""BFCL's own verdict on rollouts of its tasks, beside ours.

Its two comparing functions are called on instances of our own making; its executor, which evaluates text, is not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from mlx_train.gates.conversation import DONE, Transcript, played
from mlx_train.gates.statistics import wilson
from mlx_train.tasks.task import Played, Task
from mlx_train.world.bfcl import Bfcl


def verdicts(
    tasks: Sequence[Task], transcripts: Iterable[Transcript], details: Mapping[str, Mapping[str, Any]]
) -> dict[str, Any]:
    """What stands in a suite's entry besides our verdict. As by ours, a task passes if all its rollouts do.

    Returns:
        `bfcl_passed`, `bfcl_rate`, `bfcl_ci95`; `bfcl_differs`: each task on which the two verdicts differ, with the
        reason of the one that fails it; `by_variant`: tasks and passes by both verdicts.
    """
    by_id, reasons = {task.id: task for task in tasks}, {task.id: "" for task in tasks}
    for row in transcripts:
        reasons[row["task"]] = reasons[row["task"]] or fault(by_id[row["task"]], row)
    passed = sum(not reason for reason in reasons.values())
    differs = []
    variants: dict[str, dict[str, int]] = {}
    for id, reason in reasons.items():
        ours = bool(details[id]["passed"])
        if ours is not (not reason):
            differs.append({"task": id, "passed": ours, "reason": reason or details[id]["reasons"][0]})
        counts = variants.setdefault(id.rpartition("_")[0], {"n": 0, "passed": 0, "bfcl_passed": 0})
        counts["n"] += 1
        counts["passed"] += ours
        counts["bfcl_passed"] += not reason
    return {
        "bfcl_passed": passed,
        "bfcl_rate": passed / len(tasks),
        "bfcl_ci95": list(wilson(passed, len(tasks))),
        "bfcl_differs": differs,
        "by_variant": variants,
    }


def fault(task: Task, transcript: Transcript) -> str:
    """Why BFCL's rule fails a rollout; empty if it passes. A rollout that was stopped fails, as BFCL's do."""
    if transcript["end"] != DONE:
        return f"{transcript['end']} in turn {len(transcript['turns'])}"
    return mismatch(task, played(transcript))


def mismatch(task: Task, played: Sequence[Played]) -> str:
    """What BFCL's checker finds first in a finished rollout; empty if nothing.

    After each turn that has gold calls: something was called, the public attributes are as after the gold calls, and
    what the turn's gold calls answer is among all answers so far. A turn without gold calls is not looked at.
    """
    from bfcl_eval.eval_checker.multi_turn_eval.multi_turn_checker import response_checker, state_checker

    model, gold = Bfcl(task.world), Bfcl(task.world)
    for number, (turn, did) in enumerate(zip(task.turns, played, strict=True), 1):
        made = [call for call in did.calls if call.name]  # what was no call is not executed by BFCL either
        for done in made:
            model.call(done.name, done.arguments)
        before = len(gold.outputs)
        for call in turn.gold:
            gold.call(call.name, call.arguments)
        if not turn.gold:
            continue
        if not made:
            return f"turn {number}: nothing was called"
        if not (found := state_checker({"it": model.instance}, {"it": gold.instance}))["valid"]:
            return f"turn {number}: other than gold: {', '.join(found['details']['differences'])}"
        if not (found := response_checker(model.outputs, gold.outputs[before:], number))["valid"]:
            return f"turn {number}: no call answered {str(found['details']['missing_items'])[:80]}"
    return ""
