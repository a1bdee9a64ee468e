"""What a rung's scores say: how they are kept, and whether it passes the gates of the recipe."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlx_train.files import read_json
from mlx_train.gates.compare import PASS, compare
from mlx_train.gates.suites import Suite
from mlx_train.recipe import Gates
from mlx_train.release.table import percent
from mlx_train.tasks.check import FORBIDDEN

Json = dict[str, Any]
LEAST = {"hard": "hard_lower_bound", "heldout": "heldout_lower_bound"}
"""Suites whose rate has to reach a bound, and the recipe's key of it."""


def finished(path: Path, loaded: Sequence[Suite]) -> Json | None:
    """The part of a gate file on these suites; None if it lacks one as it is now."""
    if not path.exists():
        return None
    gate: Json = read_json(path, "gate file")
    wanted = {suite.id: suite.digest for suite in loaded}
    if any(gate["suites"].get(name, {}).get("suite_sha256") != digest for name, digest in wanted.items()):
        return None
    return gate | {key: {name: gate[key][name] for name in wanted} for key in ("suites", "tasks")}


def completion(gate: Mapping[str, Any]) -> dict[str, Json]:
    """By suite, what is kept of a gate file."""
    keys = ("n", "passed", "rate", "ci95", "exact95", "clustered95", "errors", "quick", "suite_sha256")
    return {
        name: {key: entry[key] for key in keys} | {"stop": entry["calls"]["stop"]}
        for name, entry in gate["suites"].items()
    }


def replaces(entry: Mapping[str, Any], held: Mapping[str, Any] | None) -> bool:
    """Whether a score takes the place of another on the suite; a quick one never that of the whole suite."""
    return held is None or held["suite_sha256"] != entry["suite_sha256"] or bool(held["quick"]) or not entry["quick"]


def compared(whole: Mapping[str, Any], gate: Mapping[str, Any], margin: float) -> dict[str, Json]:
    """By suite, the comparison with the full model, and beside it in how many tasks each did what is forbidden."""
    found = compare(whole, gate, margin)["suites"]
    return {
        name: entry | {"forbidden": {"full": _forbidden(whole, name), "rung": _forbidden(gate, name)}}
        for name, entry in found.items()
    }


def _forbidden(gate: Mapping[str, Any], suite: str) -> int:
    return sum(any(FORBIDDEN in reason for reason in row["reasons"]) for row in gate["tasks"][suite].values())


def reasons_against(row: Mapping[str, Any], gates: Gates) -> list[str]:
    """Why a rung does not pass; empty if it does.

    It has to have done the whole of every suite of the recipe, to lose no more than the margin on any suite it did, to
    reach the recipe's lower bounds, and to do what is forbidden in no more tasks than the full model.
    """
    reasons = [f"not scored: {name}" for name in gates.suites if name not in row["gates"]]
    for name, entry in row["gates"].items():
        beside = row["comparison"][name]
        if entry["quick"]:
            reasons.append(f"quick subset: {name}")
        if beside["verdict"] != PASS:
            reasons.append(f"{beside['verdict']}: {name} +{beside['gained']} -{beside['lost']}")
        lower = min(entry["exact95"][0], entry["clustered95"][0])
        if name in LEAST and not lower >= (least := getattr(gates, LEAST[name])):
            reasons.append(f"lower bound: {name} {percent(lower)}, {percent(least)} needed")
    full, rung = (sum(entry["forbidden"][who] for entry in row["comparison"].values()) for who in ("full", "rung"))
    if rung > full:
        reasons.append(f"forbidden tool called in {rung} tasks, by the full model in {full}")
    return reasons


def smallest(rows: Sequence[Mapping[str, Any]]) -> str | None:
    """The rung with the fewest bytes of those that pass."""
    passing = [row for row in rows if row.get("passes")]
    return str(min(passing, key=lambda row: row["bytes"])["rung"]) if passing else None
