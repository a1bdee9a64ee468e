"""The regression check: the same tasks under two models, and what the difference proves.

Anything missing or not comparable breaks the check; nothing is ever left out quietly.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json
from mlx_train.gates.conversation import DONE
from mlx_train.gates.score import MOST_ERRORS, is_broken
from mlx_train.gates.statistics import (
    clustered_bound,
    intracluster_correlation,
    least_margin,
    least_n,
    least_n_for_losses,
    least_shown,
    mcnemar,
    mcnemar_clustered,
    mean_size,
    most_lost,
    tango_bound,
)
from mlx_train.places import PROGRAM

PASS, REGRESSION, INCONCLUSIVE, BROKEN = "pass", "regression", "inconclusive", "broken"
SIGNIFICANT = 0.05
"""Two-sided mid-p below which a difference counts as shown."""
LEAST_RATE = 0.30
"""A baseline that passes less of a breadth suite has too little to lose for the suite to show a loss."""
LEAST_CLUSTERS = 30
"""With fewer families there is no bound that heeds them, and nothing passes."""
FEW_CLUSTERS = 15
"""With fewer families in which the models differ, how alike a family's differences are cannot be estimated."""
LEAST_ICC = 0.25
"""What is assumed then, at least, of the correlation of two tasks of a family."""

Gate = Mapping[str, Any]


def compare(
    baseline: Gate,
    candidate: Gate,
    margin: float = 0.02,
    control: Gate | None = None,
    *,
    other_dtype: bool = False,
    keep_broken: bool = False,
) -> dict[str, Any]:
    """Compare two gate files, suite by suite.

    `delta` is candidate minus baseline, in rates. `bound` is Tango's one-sided lower 95 % bound of it, of tasks.
    `bound_clustered` is one that heeds the families (`statistics.clustered_bound`); None with fewer than
    `LEAST_CLUSTERS` of them. `upper` and `upper_clustered` are the upper ones. The verdicts:

    - broken: over 1 % of the rollouts of either or of the control ended in an error that need not be the model's doing
    - inconclusive: whatever the difference, on a breadth suite of which the baseline passes less than `LEAST_RATE`
    - pass: both bounds are above `-margin`, so a loss of more than the margin is ruled out. `better` is true where,
      besides, the gain is significant by tasks (mid-p McNemar) and by families and the clustered bound is above 0
    - regression: a loss is shown, by tasks and by families: it is significant, or the upper bound is below `-margin`
    - inconclusive: none of these

    `reason` says why a suite is broken or inconclusive. `n_needed` is how many tasks would settle it at this rate of
    disagreement if nothing is lost (None where no number would), `detectable` the smallest margin that these tasks
    could have shown so (minimum detectable effect, power 80 %). `retention` has the tasks that the baseline passes, how
    many of them are lost, and Clopper and Pearson's one-sided 95 % bound of that share; it does not decide.

    `disagreement` (psi) is the share of tasks on which the two differ. Of one model scored twice (`same_model`), which
    may be with two batch sizes, it is the noise that any comparison on this machine contains.

    `scored_by` has what the two were scored by where that differs: the program (by hash), versions, the machine.

    Args:
        margin: largest loss of the rate that may be ignored.
        control: another baseline. Each suite is then compared with whichever of the two passes more of it, the first
            where they are equal; its entry says which under `against`, and has that one's rate under `stock`.
        other_dtype: the two were scored in different number formats, and that is meant.
        keep_broken: let a suite that cannot be compared have the verdict `broken` and no numbers, and judge the others.

    Raises:
        GateBroken: the files do not hold the same suites, tasks and conditions.
    """
    if not 0 < margin < 1:
        raise BadInput(f"the margin is {margin}; expected a share between 0 and 1, such as 0.02.")
    _same_conditions(baseline, candidate, other_dtype)
    if control is not None:
        try:
            _same_conditions(control, candidate, other_dtype)
        except GateBroken as error:
            raise GateBroken(f"the control, as the baseline: {error}") from None
    measured = {"baseline": baseline, "candidate": candidate} | ({} if control is None else {"control": control})
    suites: dict[str, Any] = {}
    tasks: dict[str, Any] = {}
    for name in dict.fromkeys([*baseline["suites"], *candidate["suites"]]):
        try:
            _same_suite(name, baseline, candidate)
            if control is not None:
                _same_suite(name, control, candidate, "control")
            held = _better(name, baseline, control)
            suites[name], tasks[name] = _suite(name, held, candidate, margin, measured)
        except GateBroken as error:
            if not keep_broken:
                raise
            suites[name], tasks[name] = {"verdict": BROKEN, "reason": str(error)}, {"gained": [], "lost": []}
            continue
        if control is not None:
            suites[name]["against"] = "control" if held is control else "baseline"
    return {
        "baseline": baseline["model"],
        **({} if control is None else {"control": control["model"]}),
        "candidate": candidate["model"],
        "prompt_sha256": baseline["prompt_sha256"],
        "decoding": baseline["decoding"],
        "same_model": _same_model(baseline, candidate),
        "scored_by": _scored_by(baseline, candidate),
        "suites": suites,
        "tasks": tasks,
    }


def _better(name: str, baseline: Gate, control: Gate | None) -> Gate:
    """Whichever passes more of a suite."""
    if control is None or control["suites"][name]["passed"] <= baseline["suites"][name]["passed"]:
        return baseline
    return control


def _suite(
    name: str, baseline: Gate, candidate: Gate, margin: float, measured: Mapping[str, Gate]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The entry of a suite, and the tasks that were gained and lost.

    Args:
        measured: all that were given, by what they are called; with one of them broken the suite is.
    """
    before, after = baseline["tasks"][name], candidate["tasks"][name]
    change = {id: int(after[id]["passed"]) - int(before[id]["passed"]) for id in before}
    families = [row["family"] for row in before.values()]
    gained = [id for id, sign in change.items() if sign > 0]
    lost = [id for id, sign in change.items() if sign < 0]
    n, g, b = len(change), len(gained), len(lost)
    differ, held = (g + b) / n, sum(row["passed"] for row in before.values())
    sizes = list(Counter(families).values())
    icc = likeness(families, *([rows[id]["passed"] for id in before] for rows in (before, after)))
    size, enough = mean_size(families), len(sizes) >= LEAST_CLUSTERS
    effect = 1 + (size - 1) * icc
    net: Counter[str] = Counter()
    for family, sign in zip(families, change.values(), strict=True):
        net[family] += sign
    exact, mid = mcnemar(g, b)
    entry: dict[str, Any] = {
        "n": n,
        "gained": g,
        "lost": b,
        "delta": (g - b) / n,
        "bound": tango_bound(g, b, n),
        "margin": margin,
        "better": False,
        "verdict": "",
        "reason": None,
        "bound_clustered": round(clustered_bound(g, b, sizes, icc), 9) if enough else None,
        "upper": -tango_bound(b, g, n),
        "upper_clustered": round(-clustered_bound(b, g, sizes, icc), 9) if enough else None,
        "icc": round(icc, 4),
        "design_effect": round(effect, 3),
        "mcnemar_exact": exact,
        "mcnemar_mid_p": mid,
        "clustered_mid_p": mcnemar_clustered(list(net.values())),
        "disagreement": differ,
        "n_needed": None
        if too_little_to_lose(name, baseline["suites"][name]["rate"])
        else max(least_n(margin, differ, round(size), icc), round(LEAST_CLUSTERS * n / len(sizes))),
        "detectable": max(least_margin(n, differ, effect), least_shown(sizes, icc)),
        "retention": {
            "n": held,
            "lost": b,
            "upper": most_lost(b, held),
            "n_needed": least_n_for_losses(margin, b),
        },
        "clusters": len(sizes),
        "largest_cluster": max(sizes),
        "stock": baseline["suites"][name]["rate"],
        "specialist": candidate["suites"][name]["rate"],
        "quick": baseline["suites"][name]["quick"],
        "suite_sha256": baseline["suites"][name]["suite_sha256"],
    }
    errors = [
        f"the {label}: {_kinds(gate['suites'][name])}"
        for label, gate in measured.items()
        if gate["suites"][name]["broken"]
    ]
    entry["verdict"], entry["reason"] = verdict(name, entry) if not errors else (
        BROKEN,
        f"over {MOST_ERRORS:.0%} of the rollouts ended in an error that need not be the model's doing, of "
        f"{' and '.join(errors)}. See `reasons` in its tasks.",
    )  # fmt: skip
    gain = entry["delta"] > 0 and _significant(entry) and enough and entry["bound_clustered"] > 0
    entry["better"] = entry["verdict"] == PASS and gain
    return entry, {"gained": gained, "lost": lost}


def _significant(entry: Mapping[str, Any]) -> bool:
    return bool(max(entry["mcnemar_mid_p"], entry["clustered_mid_p"]) < SIGNIFICANT)


def too_little_to_lose(name: str, baseline: float) -> bool:
    """Whether a baseline with this rate is too weak for the suite to show a loss, however many tasks it had."""
    return "breadth" in name and baseline < LEAST_RATE


def verdict(name: str, entry: Mapping[str, Any]) -> tuple[str, str | None]:
    """The verdict on one suite, and why it is inconclusive; see `compare`."""
    if too_little_to_lose(name, entry["stock"]):
        return INCONCLUSIVE, f"the baseline passes less than {LEAST_RATE:.0%}, which is too little to lose"
    few = entry["clusters"] < LEAST_CLUSTERS
    if not few and min(entry["bound"], entry["bound_clustered"]) > -entry["margin"]:
        return PASS, None
    if entry["delta"] < 0 and _significant(entry):
        return REGRESSION, None
    if not few and max(entry["upper"], entry["upper_clustered"]) < -entry["margin"]:
        return REGRESSION, None
    if few:
        return INCONCLUSIVE, (
            f"{entry['clusters']} families, fewer than {LEAST_CLUSTERS}: no bound heeds that their tasks are alike"
        )
    return INCONCLUSIVE, (
        f"neither a loss nor that there is none is shown; these {entry['n']} tasks could show a margin of "
        f"{100 * entry['detectable']:.1f} points"
    )


def likeness(families: Sequence[str], before: Sequence[bool], after: Sequence[bool]) -> float:
    """The correlation of the differences of two tasks of a family, from what passes before and after.

    Where few families hold a difference it cannot be estimated, and with none at all it would be 0 and the bound that
    of independent tasks. What is known then is how alike a family's tasks are in being passed; the largest of the
    three is taken, and `LEAST_ICC` where even that says nothing, as with two models that pass everything.
    """
    change = [won - held for held, won in zip(before, after, strict=True)]
    icc = intracluster_correlation(change, families)
    if len({family for family, sign in zip(families, change, strict=True) if sign}) >= FEW_CLUSTERS:
        return icc
    return max(icc, LEAST_ICC, intracluster_correlation(before, families), intracluster_correlation(after, families))


def verdict_code(comparison: Mapping[str, Any]) -> int:
    """The exit code of `gates check`: 0 all pass, 1 a suite regressed, 2 none did but one is inconclusive, 3 broken.

    Raises:
        GateBroken: there is no suite in the comparison.
    """
    verdicts = {entry["verdict"] for entry in comparison["suites"].values()}
    if not verdicts:
        raise GateBroken("the comparison has no suite, so it shows nothing. Score both models on the same suites.")
    return next((code for code, one in ((3, BROKEN), (1, REGRESSION), (2, INCONCLUSIVE)) if one in verdicts), 0)


def _same_model(baseline: Gate, candidate: Gate) -> bool:
    """Whether both files are of the same weights in the same number format."""
    before, after = baseline["model"], candidate["model"]
    return "sha256" in before and all(before.get(key) == after.get(key) for key in ("sha256", "base_sha256", "dtype"))


def _scored_by(baseline: Gate, candidate: Gate) -> dict[str, list[str]]:
    """What both files name of the program, its libraries and the machine, and differs, from baseline to candidate."""
    before, after = (
        {**gate.get("versions", {}), **{key: gate[key][:12] for key in ("program",) if key in gate}}
        for gate in (baseline, candidate)
    )
    return {key: [before[key], after[key]] for key in before if key in after and before[key] != after[key]}


def _same_conditions(baseline: Gate, candidate: Gate, other_dtype: bool) -> None:
    """Raise if two files as a whole cannot be compared."""
    for label, gate in (("baseline", baseline), ("candidate", candidate)):
        for key in ("model", "prompt_sha256", "decoding", "suites", "tasks"):
            if key not in gate:
                raise GateBroken(f"the {label} has no {key!r}, so it is not a gate file. Score the model again.")
        if not gate["suites"]:
            raise GateBroken(f"the {label} has no suite, so there is nothing to compare. Score the model again.")
    each = [entry for gate in (baseline, candidate) for entry in gate["suites"].values() if isinstance(entry, Mapping)]
    if not all("prompt_sha256" in entry for entry in each):  # older files have one for all suites together
        _equal("the prompt and catalogue (prompt_sha256)", baseline["prompt_sha256"], candidate["prompt_sha256"])
    _equal("the variant", baseline.get("variant", "plain"), candidate.get("variant", "plain"))
    noise = ("batch",) if _same_model(baseline, candidate) else ()
    before, after = ({k: v for k, v in gate["decoding"].items() if k not in noise} for gate in (baseline, candidate))
    _equal("the decoding settings", before, after)
    if not other_dtype:
        what = "the number format (model.dtype; --other-dtype if that is what is compared)"
        _equal(what, baseline["model"].get("dtype"), candidate["model"].get("dtype"))


def _same_suite(name: str, baseline: Gate, candidate: Gate, label: str = "baseline") -> None:
    """Raise if a suite is not the same in two files, or its numbers do not follow from its tasks."""
    for who, gate, other in ((label, baseline, "candidate"), ("candidate", candidate, label)):
        if name not in gate["suites"]:
            raise GateBroken(
                f"suite {name}: the {other} has it and the {who} does not. Score both on the same suites, then "
                "compare again."
            )
        try:
            _consistent(name, gate, who)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            raise GateBroken(
                f"the {who}'s entry of suite {name} does not have the form of a gate file's ({error!r}). Score the "
                "model again."
            ) from None
    before, after = baseline["suites"][name], candidate["suites"][name]
    for key in ("quick", "suite_sha256", "n"):
        _equal(f"{key} of suite {name}", before[key], after[key])
    if "prompt_sha256" in before and "prompt_sha256" in after:
        _equal(f"the prompt and catalogue of suite {name}", before["prompt_sha256"], after["prompt_sha256"])
    before, after = baseline["tasks"][name], candidate["tasks"][name]
    _equal(f"the tasks of suite {name}", sorted(before), sorted(after))
    _equal(
        f"the families of suite {name}",
        {id: row["family"] for id, row in before.items()},
        {id: after[id]["family"] for id in before},
    )


def _consistent(name: str, gate: Gate, label: str) -> None:
    """Raise if what a suite's entry says does not follow from its tasks, which are counted again."""
    entry, tasks = gate["suites"][name], gate["tasks"].get(name)
    if not tasks or not entry["suite_sha256"] or not isinstance(entry["quick"], bool):
        raise GateBroken(f"the {label} has no tasks, hash or quick flag for suite {name}. Score the model again.")
    passed = sum(row["passed"] is True for row in tasks.values())
    ends = Counter(end for row in tasks.values() for end in _ends(row))
    kinds = {kind: count for kind, count in ends.items() if kind != DONE}
    counted = {
        "n": len(tasks),
        "passed": passed,
        "errors": sum(kinds.values()),
        "clusters": len({row["family"] for row in tasks.values()}),
        "broken": is_broken(kinds, ends.total()),
        "errors_by_kind": kinds,
    }
    said = {**entry, "errors_by_kind": {kind: count for kind, count in entry["errors_by_kind"].items() if count}}
    wrong = [key for key, value in counted.items() if said[key] != value]
    wrong += ["reasons"] if any(bool(row["passed"]) == bool(row["reasons"]) for row in tasks.values()) else []
    wrong += ["rate"] if abs(entry["rate"] - passed / len(tasks)) > 1e-9 else []
    if wrong:
        raise GateBroken(
            f"the {label}'s numbers of suite {name} ({', '.join(wrong)}) do not follow from its tasks: the file was "
            "changed, or is of an older version. Score the model again."
        )


def _ends(row: Mapping[str, Any]) -> list[str]:
    """How the rollouts of a task ended: of each sample, and of its twin."""
    if "samples" in row:
        return [end for sample in row["samples"] for end in _ends(sample)]
    return [row["end"], *([row["twin"]["end"]] if "twin" in row else [])]


def _kinds(entry: Mapping[str, Any]) -> str:
    return ", ".join(f"{count} {kind}" for kind, count in entry["errors_by_kind"].items() if count)


def _equal(what: str, baseline: object, candidate: object) -> None:
    if baseline != candidate:
        raise GateBroken(
            f"{what}: the baseline has {_short(baseline)}, the candidate {_short(candidate)}. "
            "Score both alike, then compare again."
        )


def _short(value: object) -> str:
    text = str(value)
    return text if len(text) <= 200 else text[:200] + "..."


def load_gate(path: Path) -> dict[str, Any]:
    """Read a gate file.

    Raises:
        GateBroken: it is missing or not a JSON object.
    """
    try:
        gate = read_json(path, "gate file")
    except BadInput as error:
        raise GateBroken(f"{error} Run `{PROGRAM} gates run` to make one.") from None
    if not isinstance(gate, dict):
        raise GateBroken(f"{path}: expected a JSON object (gate file), found {type(gate).__name__}.")
    return gate


def compare_files(
    baseline: Path, candidate: Path, margin: float = 0.02, control: Path | None = None, **options: bool
) -> dict[str, Any]:
    """Compare gate files by path; transcript paths, relative to each gate file, are added under `transcripts`.

    Args:
        options: `other_dtype` and `keep_broken` of `compare`.

    Raises:
        GateBroken: a file is missing, unreadable or not comparable with the other.
    """
    before, after = load_gate(baseline), load_gate(candidate)
    other = load_gate(control) if control else None
    try:
        found = compare(before, after, margin, other, **options)
    except (KeyError, TypeError, AttributeError) as error:
        raise GateBroken(
            f"{baseline}, {candidate} or the control does not have the form of a gate file ({error!r}). Score the "
            "models again."
        ) from None
    for name, entry in found["suites"].items():
        held = control if control and entry.get("against") == "control" else baseline
        found["tasks"][name]["transcripts"] = [f"transcripts/{path.stem}/{name}.jsonl" for path in (held, candidate)]
    return found
