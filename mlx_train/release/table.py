"""The measured numbers, suite by suite, and their plain-text table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlx_train.recipe import SUITES

NOT_MEASURED = "not measured"
Row = dict[str, Any]


def measured(
    stock: Mapping[str, Any] | None,
    specialist: Mapping[str, Any] | None,
    comparison: Mapping[str, Any] | None,
    ceiling: Mapping[str, Any] | None = None,
) -> list[Row]:
    """One row for each suite, those of the recipe first; what was not measured is None.

    Returns:
        Rows with `suite`, `n`, `stock`, `specialist` and `ceiling` (each `n`, `passed`, `rate`, `ci95`, `exact95`,
        `errors`, or None), `gained`, `lost`, `delta`, `bound`, `margin`, `n_needed`, `verdict`, `quick`, `status`,
        `suite_sha256`.
    """
    parts = [(gate or {}).get("suites", {}) for gate in (stock, specialist, comparison, ceiling)]
    others = sorted({name for part in parts for name in part} - set(SUITES))
    return [_row(name, *(part.get(name) for part in parts)) for name in (*SUITES, *others)]


def _row(name: str, before: Row | None, after: Row | None, change: Row | None, best: Row | None) -> Row:
    any_of = after or before or {}
    return {
        "suite": name,
        "n": any_of.get("n"),
        "stock": _rate(before),
        "specialist": _rate(after),
        "ceiling": _rate(best),
        **{key: (change or {}).get(key) for key in ("gained", "lost", "delta", "bound", "margin", "n_needed")},
        "verdict": ("better" if change["better"] else change["verdict"]) if change else NOT_MEASURED,
        "quick": any_of.get("quick"),
        "status": any_of.get("status"),
        "suite_sha256": any_of.get("suite_sha256"),
    }


def _rate(entry: Row | None) -> Row | None:
    return entry and {key: entry[key] for key in ("n", "passed", "rate", "ci95", "exact95", "errors")}


def percent(share: float | None, digits: int = 1) -> str:
    """A share as per cent, `-` where there is none."""
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def points(share: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return "-" if share is None else f"{100 * share:+.1f}"


def interval(pair: Sequence[float] | None, between: str = " to ") -> str:
    """A 95 % interval in per cent: `35.1 to 48.6`."""
    return "-" if pair is None else f"{100 * pair[0]:.1f}{between}{100 * pair[1]:.1f}"


HEAD = ("suite", "n", "stock", "95 % CI", "specialist", "95 % CI", "gained", "lost", "verdict")
LEFT = {0, 8}
"""Columns of words; numbers stand to the right."""


def text(
    stock: Mapping[str, Any] | None, specialist: Mapping[str, Any] | None, comparison: Mapping[str, Any] | None
) -> str:
    """The table, aligned, at most 100 columns wide with the project's suites."""
    rows = measured(stock, specialist, comparison)
    cells = [HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if column in LEFT else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in cells
    ]
    lines.insert(1, "-" * max(map(len, lines)))
    notes = []
    if any(row["quick"] for row in rows):
        notes.append("Quick subset: shows the direction, proves little, and is no basis for a release.")
    if any(row["status"] == "draft" for row in rows):
        notes.append("The suites are drafts.")
    return "\n".join([*lines, *notes])


def _cells(row: Row) -> tuple[str, ...]:
    before, after = row["stock"] or {}, row["specialist"] or {}
    return (
        row["suite"],
        _count(row["n"]),
        percent(before.get("rate")),
        interval(before.get("ci95"), "-"),
        percent(after.get("rate")),
        interval(after.get("ci95"), "-"),
        _count(row["gained"]),
        _count(row["lost"]),
        row["verdict"],
    )


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)
