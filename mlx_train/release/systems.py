"""Where a run stands among others: depth, which is the job itself, against breadth, which is everything else.

A row is *direct* if it was measured here on the same tasks under the same conditions, and *directional* if it is what
others published about tasks of their own: it shows where they stand, and no difference from it proves anything.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mlx_train.files import sha256_file
from mlx_train.gates.statistics import wilson
from mlx_train.release.evidence import CEILING, CONTROL, SPECIALIST, STOCK, Evidence, Json
from mlx_train.release.figure import figure

PUBLISHED = Path(__file__).with_name("published.toml")
DEPTH, BREADTH = ("hard",), ("breadth-retained", "breadth-unseen")


def beside(found: Evidence, rows: Sequence[Mapping[str, Any]]) -> list[Json]:
    """One entry for each system, those of this run first: `name`, `kind`, `depth`, `breadth`, `about`, `published`."""
    about = "tasks passed: hard; both breadth suites together"
    names = {"stock": (STOCK, "stock"), "specialist": (SPECIALIST, "specialist")}
    if found.control is not None:
        names["control"] = (CONTROL, "control")
    if found.ceiling is not None:
        model = found.ceiling["model"]
        names["ceiling"] = (CEILING, f"ceiling ({model.get('answered') or model.get('id')})")
    made = []
    for key, (source, name) in names.items():
        parts = [_pooled(found, rows, key, source, suites) for suites in (DEPTH, BREADTH)]
        made.append({"name": name, "kind": "direct", "depth": parts[0], "breadth": parts[1], "about": about,
                     "published": None})  # fmt: skip
    return [*made, *_published()]


def _pooled(found: Evidence, rows: Sequence[Mapping[str, Any]], key: str, source: str, suites: Sequence[str]) -> Json:
    """All tasks of these suites together; missing if one was not scored."""
    held = [row[key] for row in rows if row["suite"] in suites]
    if any(one["value"] is None for one in held):
        return figure(None, source, found.sources, state="derived", passed=None)
    n, passed = (sum(one[part] for one in held) for part in ("n", "passed"))
    return figure(passed / n, source, found.sources, state="derived", n=n, interval=wilson(passed, n), passed=passed)


def _published() -> list[Json]:
    rows = []
    for entry in tomllib.loads(PUBLISHED.read_text(encoding="utf-8"))["system"]:
        parts = {key: _as_published(entry.get(key)) for key in ("depth", "breadth")}
        rows.append({"name": entry["name"], "kind": "directional", **parts, "about": entry["about"],
                     "published": entry["source"]})  # fmt: skip
    return rows


def _as_published(held: Mapping[str, Any] | None) -> Json:
    """A published share, with the interval that its counts give; without counts it has none."""
    entry = held or {}
    n, hashes = entry.get("n"), {PUBLISHED.name: sha256_file(PUBLISHED)}
    value = entry.get("rate") if n is None else entry["passed"] / n
    both = None if n is None else wilson(entry["passed"], n)
    return figure(
        value, PUBLISHED.name, hashes, state="historical", n=n, interval=both, passed=entry.get("passed")
    )  # fmt: skip
