"""The regression check: the same tasks under two models, and what the difference proves.

Anything missing or not comparable breaks the check; nothing is ever left out quietly.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json
from mlx_train.gates.statistics import design_effect, least_n, mcnemar, tango_bound

PASS, REGRESSION, INCONCLUSIVE = "pass", "regression", "inconclusive"
SIGNIFICANT = 0.05
"""Two-sided mid-p of McNemar below which a difference counts as shown."""
LEAST_RATE = 0.30
"""A baseline that passes less of a breadth suite has too little to lose for the suite to show a loss."""
FEW_CLUSTERS = 10
"""With fewer clusters in which the models differ, how alike a cluster's differences are cannot be estimated."""

Gate = Mapping[str, Any]


def compare(baseline: Gate, candidate: Gate, margin: float = 0.02, control: Gate | None = None) -> dict[str, Any]:
    """Compare two gate files, suite by suite.

    `delta` is candidate minus baseline, in rates. `bound` is Tango's one-sided lower 95 % bound of it, and
    `bound_clustered` the same with the counts divided by the design effect of the families. The verdicts:

    - inconclusive: whatever the difference, on a breadth suite of which the baseline passes less than `LEAST_RATE`
    - pass: both bounds are above `-margin`, so a loss of more than the margin is ruled out. `better` is true where the
      gain is significant (mid-p McNemar) and the clustered bound is above 0
    - regression: a loss is shown (significant, or the upper bound is below `-margin`)
    - inconclusive: neither; `n_needed` says how many tasks would settle it at this rate of disagreement

    `disagreement` (psi) is the share of tasks on which the two differ. Of one model scored twice (`same_model`), which
    may be with two batch sizes, it is the noise that any comparison on this machine contains.

    Args:
        margin: largest loss of the rate that may be ignored.
        control: another baseline. Each suite is then compared with whichever of the two passes more of it, the first
            where they are equal; its entry says which under `against`, and has that one's rate under `stock`.

    Raises:
        GateBroken: the files do not hold the same suites, tasks and conditions, or a measurement is broken.
    """
    if not 0 < margin < 1:
        raise BadInput(f"the margin is {margin}; expected a share between 0 and 1, such as 0.02.")
    _comparable(baseline, candidate)
    if control is not None:
        try:
            _comparable(control, candidate)
        except GateBroken as error:
            raise GateBroken(f"the control, as the baseline: {error}") from None
    suites, tasks = {}, {}
    for name in baseline["suites"]:
        held = _better(name, baseline, control)
        suites[name], tasks[name] = _suite(name, held, candidate, margin)
        if control is not None:
            suites[name]["against"] = "control" if held is control else "baseline"
    return {
        "baseline": baseline["model"],
        **({} if control is None else {"control": control["model"]}),
        "candidate": candidate["model"],
        "prompt_sha256": baseline["prompt_sha256"],
        "decoding": baseline["decoding"],
        "same_model": _same_model(baseline, candidate),
        "suites": suites,
        "tasks": tasks,
    }


def _better(name: str, baseline: Gate, control: Gate | None) -> Gate:
    """Whichever passes more of a suite."""
    if control is None or control["suites"][name]["passed"] <= baseline["suites"][name]["passed"]:
        return baseline
    return control


def _suite(name: str, baseline: Gate, candidate: Gate, margin: float) -> tuple[dict[str, Any], dict[str, Any]]:
    before, after = baseline["tasks"][name], candidate["tasks"][name]
    change = {id: int(after[id]["passed"]) - int(before[id]["passed"]) for id in before}
    gained = [id for id, sign in change.items() if sign > 0]
    lost = [id for id, sign in change.items() if sign < 0]
    n, g, b = len(change), len(gained), len(lost)
    effect = _design_effect(change, before, after)
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
        "bound_clustered": tango_bound(g / effect, b / effect, n / effect),
        "upper": -tango_bound(b, g, n),
        "design_effect": round(effect, 3),
        "mcnemar_exact": exact,
        "mcnemar_mid_p": mid,
        "disagreement": (g + b) / n,
        "n_needed": least_n(margin, (g + b) / n),
        "clusters": baseline["suites"][name]["clusters"],
        "stock": baseline["suites"][name]["rate"],
        "specialist": candidate["suites"][name]["rate"],
        "quick": baseline["suites"][name]["quick"],
        "suite_sha256": baseline["suites"][name]["suite_sha256"],
    }
    entry["better"] = mid < SIGNIFICANT and entry["delta"] > 0 and entry["bound_clustered"] > 0
    entry["verdict"] = verdict(name, entry)
    return entry, {"gained": gained, "lost": lost}


def verdict(name: str, entry: Mapping[str, Any]) -> str:
    """The verdict on one suite; see `compare`."""
    if "breadth" in name and entry["stock"] < LEAST_RATE:
        return INCONCLUSIVE
    if entry["better"] or min(entry["bound"], entry["bound_clustered"]) > -entry["margin"]:
        return PASS
    if (entry["mcnemar_mid_p"] < SIGNIFICANT and entry["delta"] < 0) or entry["upper"] < -entry["margin"]:
        return REGRESSION
    return INCONCLUSIVE


def _design_effect(change: Mapping[str, int], before: Mapping[str, Any], after: Mapping[str, Any]) -> float:
    """The design effect of the differences.

    Where few clusters hold one it cannot be told from them, and with none at all it would be 1 and the bound that of
    independent tasks. What is known then is how alike a cluster's tasks are in being passed at all; the largest of the
    three is taken.
    """
    families = [row["family"] for row in before.values()]
    differing = {family for sign, family in zip(change.values(), families, strict=True) if sign}
    effect = design_effect([float(sign) for sign in change.values()], families)
    if len(differing) >= FEW_CLUSTERS:
        return effect
    passes = ([float(rows[id]["passed"]) for id in change] for rows in (before, after))
    return max(effect, *(design_effect(values, families) for values in passes))


def verdict_code(comparison: Mapping[str, Any]) -> int:
    """The exit code of `gates check`: 0 all pass, 1 a suite regressed, 2 none did but one is inconclusive.

    Raises:
        GateBroken: there is no suite in the comparison.
    """
    verdicts = [entry["verdict"] for entry in comparison["suites"].values()]
    if not verdicts:
        raise GateBroken("the comparison has no suite, so it shows nothing. Score both models on the same suites.")
    return 1 if REGRESSION in verdicts else 2 if INCONCLUSIVE in verdicts else 0


def _same_model(baseline: Gate, candidate: Gate) -> bool:
    """Whether both files are of the same weights in the same number format."""
    before, after = baseline["model"], candidate["model"]
    return "sha256" in before and all(before.get(key) == after.get(key) for key in ("sha256", "base_sha256", "dtype"))


def _comparable(baseline: Gate, candidate: Gate) -> None:
    for label, gate in (("baseline", baseline), ("candidate", candidate)):
        for key in ("model", "prompt_sha256", "decoding", "suites", "tasks"):
            if key not in gate:
                raise GateBroken(f"the {label} has no {key!r}, so it is not a gate file. Score the model again.")
        if not gate["suites"]:
            raise GateBroken(f"the {label} has no suite, so there is nothing to compare. Score the model again.")
    _equal("the suites", sorted(baseline["suites"]), sorted(candidate["suites"]))
    _equal("the prompt and catalogue (prompt_sha256)", baseline["prompt_sha256"], candidate["prompt_sha256"])
    _equal("the variant", baseline.get("variant", "plain"), candidate.get("variant", "plain"))
    noise = ("batch",) if _same_model(baseline, candidate) else ()
    before, after = ({k: v for k, v in gate["decoding"].items() if k not in noise} for gate in (baseline, candidate))
    _equal("the decoding settings", before, after)
    for name in baseline["suites"]:
        before, after = baseline["suites"][name], candidate["suites"][name]
        for key in ("quick", "suite_sha256", "n"):
            _equal(f"{key} of suite {name}", before.get(key), after.get(key))
        _consistent(name, baseline, "baseline")
        _consistent(name, candidate, "candidate")
        _equal(f"the tasks of suite {name}", sorted(baseline["tasks"][name]), sorted(candidate["tasks"][name]))


def _consistent(name: str, gate: Gate, label: str) -> None:
    """Raise if a suite's numbers do not follow from its tasks, or its measurement is broken."""
    entry, tasks = gate["suites"][name], gate["tasks"].get(name)
    if not tasks or not entry.get("suite_sha256") or entry.get("quick") is None:
        raise GateBroken(f"the {label} has no tasks, hash or quick flag for suite {name}. Score the model again.")
    if entry["n"] != len(tasks) or entry["passed"] != sum(bool(row["passed"]) for row in tasks.values()):
        raise GateBroken(
            f"the {label}'s counts for suite {name} do not follow from its tasks: the file was changed. "
            "Score the model again."
        )
    if entry.get("broken"):
        kinds = ", ".join(f"{count} {kind}" for kind, count in entry["errors_by_kind"].items() if count)
        raise GateBroken(
            f"the {label}'s measurement of suite {name} is broken: too many rollouts timed out or crashed ({kinds}). "
            "See `reasons` in its tasks."
        )


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
        raise GateBroken(f"{error} Run `mlx-train gates run` to make one.") from None
    if not isinstance(gate, dict):
        raise GateBroken(f"{path}: expected a JSON object (gate file), found {type(gate).__name__}.")
    return gate


def compare_files(baseline: Path, candidate: Path, margin: float = 0.02, control: Path | None = None) -> dict[str, Any]:
    """Compare gate files by path; transcript paths, relative to each gate file, are added under `transcripts`.

    Raises:
        GateBroken: a file is missing, unreadable or not comparable with the other.
    """
    before, after = load_gate(baseline), load_gate(candidate)
    other = load_gate(control) if control else None
    try:
        found = compare(before, after, margin, other)
    except (KeyError, TypeError, AttributeError) as error:
        raise GateBroken(
            f"{baseline}, {candidate} or the control does not have the form of a gate file ({error!r}). Score the "
            "models again."
        ) from None
    for name, entry in found["suites"].items():
        held = control if control and entry["against"] == "control" else baseline
        found["tasks"][name]["transcripts"] = [f"transcripts/{path.stem}/{name}.jsonl" for path in (held, candidate)]
    return found
