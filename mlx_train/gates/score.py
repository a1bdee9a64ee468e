"""From transcripts to the gate file: a pure function, so old transcripts can be scored again.

An error (cut off, too many calls, a time-out, a crash) stays in n as a failure and is counted apart. Time-outs and
crashes need not be the model's doing; above `MOST_ERRORS` of these the measurement is broken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from mlx_train.errors import GateBroken
from mlx_train.gates import bfcl_verdict
from mlx_train.gates.calls import call_quality
from mlx_train.gates.conversation import DONE, ERRORS, OUTSIDE, TRUNCATED, Transcript, played
from mlx_train.gates.statistics import clopper_pearson, clustered_wilson, design_effect, pass_at, pass_hat, wilson
from mlx_train.gates.suites import Suite
from mlx_train.tasks.check import faults, forbidden
from mlx_train.tasks.task import Task

MOST_ERRORS = 0.01
"""Share of rollouts ended by what need not be the model's doing above which a measurement is broken."""
ENDLESS = "endless"
"""A message cut off while it repeats itself, which a greater `max_new_tokens` would not have ended either."""


def is_broken(kinds: Mapping[str, int], rollouts: int) -> bool:
    """Whether errors by kind leave no measurement."""
    return sum(kinds.get(kind, 0) for kind in OUTSIDE) > MOST_ERRORS * rollouts


def end_of(transcript: Transcript) -> str:
    """How a rollout ended, where `truncated` is told apart from `endless`."""
    cut = transcript["end"] == TRUNCATED and repeats(transcript["turns"][-1]["raw"])
    return ENDLESS if cut else str(transcript["end"])


def repeats(text: str) -> bool:
    """Whether a text ends in the same characters three times over, and for at least 24 characters."""
    return any(
        text[-length:-period] == text[period - length :]
        for period in range(1, len(text) // 3 + 1)
        if (length := max(24, 3 * period)) <= len(text)
    )


def score_suite(
    suite: Suite, transcripts: Sequence[Transcript], quick: bool, samples: int | None = None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The suite's entry under `suites`, and its entry under `tasks`.

    Rates are shares; `ci95` is Wilson's two-sided interval, `exact95` Clopper and Pearson's, `clustered95` Wilson's on
    the effective number of tasks once likeness within a family (the cluster) is taken into account. Errors, calls and
    tokens are counted over all rollouts.

    A task that has a twin counts once and passes if both do; `alone` and `twins` have what each half does by itself.

    Args:
        samples: rollouts of each task, where they were sampled. A task passes then if all of them do, so `rate` is
            pass^samples; `pass_hat_k` and `pass_at_k` have the means over the tasks for each k, and a task's entry
            has `passes` and what became of each sample.

    Raises:
        GateBroken: the transcripts are not exactly those of the suite's tasks.
    """
    tasks = suite.chosen(quick)
    found = Counter(row["task"] for row in transcripts)
    times = samples or 1
    if found != Counter({task.id: times for task in tasks}):
        wrong = sorted(set(found) ^ {task.id for task in tasks}) or [id for id, n in found.items() if n != times]
        raise GateBroken(
            f"suite {suite.id}: the transcripts are not those of its {len(tasks)} tasks; the first that differs is "
            f"{wrong[0]}. Score the model again."
        )
    if not tasks:
        raise GateBroken(f"suite {suite.id}: has no {'quick ' if quick else ''}tasks, so it measures nothing.")
    by_id = {task.id: task for task in tasks}
    judged: dict[str, list[dict[str, Any]]] = {task.id: [] for task in tasks}
    for row in transcripts:
        task = by_id[row["task"]]
        more = {} if task.twin_of is None else {"task": task.id, "called": _called(task, row)}
        judged[task.id].append(more | judge(task, row))
    twins = {task.twin_of: task.id for task in tasks if task.twin_of is not None}
    for id, twin in twins.items():
        judged[id] = [pair(own, other) for own, other in zip(judged[id], judged.pop(twin), strict=True)]
    details = {id: parts[0] if samples is None else join(parts) for id, parts in judged.items()}
    tasks = tuple(task for task in tasks if task.twin_of is None)
    clusters = [task.family for task in tasks]
    values = [float(details[task.id]["passed"]) for task in tasks]
    passed, n = round(sum(values)), len(tasks)
    ends = Counter(end_of(row) for row in transcripts)
    kinds = {kind: ends[kind] for kind in (ENDLESS, *ERRORS)}
    entry = {
        "n": n,
        "passed": passed,
        "rate": passed / n,
        "ci95": wilson(passed, n),
        "exact95": clopper_pearson(passed, n),
        "clustered95": clustered_wilson(values, clusters),
        "design_effect": round(design_effect(values, clusters), 3),
        "clusters": len(set(clusters)),
        "largest_cluster": max(Counter(clusters).values()),
        "errors": sum(kinds.values()),
        "errors_by_kind": kinds,
        "broken": is_broken(kinds, len(transcripts)),
        "quick": quick,
        "suite_sha256": suite.digest,
        "version": suite.lock.version,
        "status": suite.lock.status,
        "by_tier": by(tasks, details, lambda task: task.tier),
        "by_domain": by(tasks, details, lambda task: task.domain),
        "by_family": by(tasks, details, lambda task: task.family),
        "calls": call_quality((by_id[row["task"]], row) for row in transcripts),
        "tokens": sum(row["tokens"] for row in transcripts),
    }
    if twins:
        both = [part for parts in judged.values() for part in parts]
        entry["alone"] = _shares([part["alone"] for part in both])
        entry["twins"] = {
            **_shares([part["twin"]["passed"] for part in both]),
            "called": sum(part["twin"]["called"] for part in both),
        }
    if suite.lock.package is not None:
        entry |= bfcl_verdict.verdicts(tasks, transcripts, details)
    if samples is not None:
        passes = [entry["passes"] for entry in details.values()]
        entry["samples"] = samples
        for key, share in (("pass_hat_k", pass_hat), ("pass_at_k", pass_at)):
            each = range(1, samples + 1)
            entry[key] = {str(k): sum(share(k, passed, samples) for passed in passes) / n for k in each}
    return {key: list(value) if isinstance(value, tuple) else value for key, value in entry.items()}, details


def judge(task: Task, transcript: Transcript) -> dict[str, Any]:
    """Whether one task passed, and if not, why."""
    reasons, end = faults(task, played(transcript)), end_of(transcript)
    if end != DONE:
        detail = f": {transcript['error']}" if transcript["error"] else ""
        also = forbidden(task, played(transcript, unended=True))  # it was called, whatever came after
        reasons = [f"{end} in turn {len(transcript['turns'])}{detail}", *reasons, *also]
    return {
        "passed": not reasons,
        "reasons": reasons,
        "end": end,
        "family": task.family,
        "tier": task.tier,
        "domain": task.domain,
    }


def pair(own: Mapping[str, Any], twin: Mapping[str, Any]) -> dict[str, Any]:
    """The entry of a task from its own rollout and its twin's: passed if both are."""
    reasons = [*own["reasons"], *(f"twin: {reason}" for reason in twin["reasons"])]
    return {**own, "passed": not reasons, "reasons": reasons, "alone": own["passed"], "twin": dict(twin)}


def _called(task: Task, transcript: Transcript) -> bool:
    """Whether a call, right or not, was made in every turn that has gold calls."""
    made = [bool(did["calls"]) for did in transcript["turns"]]
    return len(made) == len(task.turns) and all(one for turn, one in zip(task.turns, made, strict=True) if turn.gold)


def _shares(passed: Sequence[bool]) -> dict[str, Any]:
    return {"n": len(passed), "passed": sum(passed), "rate": sum(passed) / len(passed)}


def join(samples: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The entry of a task from those of its samples: it passed if all did, and the first that did not says why not."""
    first = next((sample for sample in samples if not sample["passed"]), samples[0])
    keys = ("passed", "reasons", "end", "twin")
    each = [{key: sample[key] for key in keys if key in sample} for sample in samples]
    return {**first, "passes": sum(sample["passed"] for sample in samples), "samples": each}


def by(
    tasks: Iterable[Task], details: Mapping[str, Mapping[str, Any]], key: Callable[[Task], str]
) -> dict[str, dict[str, Any]]:
    """Tasks, passes and Wilson's interval by a property of the task, in order of the property."""
    groups: dict[str, list[bool]] = {}
    for task in tasks:
        groups.setdefault(key(task), []).append(details[task.id]["passed"])
    return {
        name: {"n": len(passed), "passed": sum(passed), "ci95": list(wilson(sum(passed), len(passed)))}
        for name, passed in sorted(groups.items())
    }


def lines(gate: Mapping[str, Any]) -> list[str]:
    """One line a suite for a terminal, with its errors by kind, and below it pass^k where tasks were sampled."""
    written = []
    for name, entry in gate["suites"].items():
        low, high = (100 * bound for bound in entry["ci95"])
        kinds = ", ".join(f"{count} {kind}" for kind, count in entry["errors_by_kind"].items() if count)
        errors = f"  errors: {kinds}" if kinds else ""
        errors += ", so the measurement is broken" if entry["broken"] else ""
        bfcl = f"  BFCL's own verdict: {entry['bfcl_passed']}/{entry['n']}" if "bfcl_passed" in entry else ""
        count = f"{entry['passed']}/{entry['n']}{' quick' if entry['quick'] else ''}"
        line = f"{name:<18} {count}  {100 * entry['rate']:5.1f} %  [{low:.1f}, {high:.1f}]"
        written.append(line + bfcl + errors)
        if "twins" in entry:
            alone, twins = entry["alone"], entry["twins"]
            written.append(
                f"    tasks alone {alone['passed']}/{alone['n']}, twins alone {twins['passed']}/{twins['n']} "
                f"({twins['called']} with a call)"
            )
        if "samples" in entry:
            shares = "  ".join(f"^{k} {100 * share:.1f} %" for k, share in entry["pass_hat_k"].items())
            written.append(f"    passed in all {entry['samples']} samples counts; pass  {shares}")
    return written


def gate_file(
    suites: Sequence[tuple[Suite, Sequence[Transcript]]],
    *,
    quick: bool,
    model: Mapping[str, Any],
    prompt_sha256: str,
    decoding: Mapping[str, Any],
    versions: Mapping[str, str],
    seconds: float,
) -> dict[str, Any]:
    """The whole gate file of a model."""
    samples = decoding.get("samples")
    scored = {suite.id: score_suite(suite, transcripts, quick, samples) for suite, transcripts in suites}
    return {
        "model": dict(model),
        "prompt_sha256": prompt_sha256,
        "decoding": dict(decoding),
        "versions": dict(versions),
        "seconds": round(seconds, 1),
        "suites": {id: entry for id, (entry, _) in scored.items()},
        "tasks": {id: details for id, (_, details) in scored.items()},
    }
