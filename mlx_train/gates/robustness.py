"""How far a score depends on names, order, other tools and the prompt: the same suites in every variant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlx_train.gates.variants import PLAIN, VARIANTS

Gate = Mapping[str, Any]


def table(gates: Mapping[str, Gate]) -> dict[str, Any]:
    """Put the scores of all variants side by side.

    Args:
        gates: the gate file of each of `VARIANTS`.

    Returns: for each suite `n`, the `rate` and `ci95` of each variant, the `spread` (highest minus lowest rate), and
        the tasks that pass in `all` variants and in `none`.
    """
    plain = gates[PLAIN]
    suites = {}
    for name, entry in plain["suites"].items():
        rates = {variant: gate["suites"][name]["rate"] for variant, gate in gates.items()}
        passed = [{id for id, row in gate["tasks"][name].items() if row["passed"]} for gate in gates.values()]
        suites[name] = {
            "n": entry["n"],
            "quick": entry["quick"],
            "suite_sha256": entry["suite_sha256"],
            "rate": rates,
            "ci95": {variant: gate["suites"][name]["ci95"] for variant, gate in gates.items()},
            "spread": max(rates.values()) - min(rates.values()),
            "all": len(set.intersection(*passed)),
            "none": entry["n"] - len(set.union(*passed)),
        }
    return {"model": plain["model"], "suites": suites}


def lines(found: Mapping[str, Any]) -> list[str]:
    """The table for people, rates in per cent and the spread in points."""
    written = [f"{'suite':<18} {'n':>4}  " + "  ".join(f"{variant:>10}" for variant in VARIANTS) + "  spread"]
    for name, entry in found["suites"].items():
        rates = "  ".join(f"{100 * entry['rate'][variant]:>8.1f} %" for variant in VARIANTS)
        quick = "  quick" if entry["quick"] else ""
        written.append(f"{name:<18} {entry['n']:>4}  {rates}  {100 * entry['spread']:>6.1f}{quick}")
    return written
