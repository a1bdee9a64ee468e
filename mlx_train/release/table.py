"""The measured numbers, suite by suite, and their plain-text table for a terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlx_train.recipe import SUITES
from mlx_train.release.figure import State, figure

NOT_MEASURED = "not measured"
Row = dict[str, Any]


def measured(
    stock: Mapping[str, Any] | None,
    specialist: Mapping[str, Any] | None,
    comparison: Mapping[str, Any] | None,
    ceiling: Mapping[str, Any] | None = None,
    hashes: Mapping[str, str] | None = None,
    control: Mapping[str, Any] | None = None,
) -> list[Row]:
    """One row for each suite, those of the recipe first.

    Args:
        hashes: SHA-256 of the files of a run by path.

    Returns:
        Rows with `suite`, `verdict`, `quick`, `status`, `suite_sha256`; `stock`, `control`, `specialist` and `ceiling`,
        each the figure of a rate with `passed` and `errors`; and `change`, the figure of its difference with `against`
        (stock or control), `gained`, `lost`, `bound`, `margin` and `n_needed`. The interval of the change is of its two
        one-sided bounds, so of 90 %.
    """
    known = hashes or {}
    parts = [(gate or {}).get("suites", {}) for gate in (stock, specialist, comparison, ceiling, control)]
    kept = set((stock or {}).get("cached", ()))
    rows = []
    for name in (*SUITES, *sorted({name for part in parts for name in part} - set(SUITES))):
        before, after, change, best, other = (part.get(name) for part in parts)
        any_of = after or before or {}
        rows.append({
            "suite": name,
            "verdict": ("better" if change["better"] else change["verdict"]) if change else NOT_MEASURED,
            "quick": any_of.get("quick"), "status": any_of.get("status"), "suite_sha256": any_of.get("suite_sha256"),
            "stock": _rate(before, "gates/stock.json", known, "historical" if name in kept else "measured"),
            "control": _rate(other, "gates/control.json", known, "measured" if other else "skipped"),
            "specialist": _rate(after, "gates/specialist.json", known),
            "ceiling": _rate(best, "gates/ceiling.json", known, "measured" if best else "skipped"),
            "change": _change(change, known),
        })  # fmt: skip
    return rows


def _rate(entry: Row | None, source: str, hashes: Mapping[str, str], state: State = "measured") -> Row:
    held = entry or {}
    counts = {key: held.get(key) for key in ("passed", "errors")}
    return figure(
        held.get("rate"), source, hashes, state=state, n=held.get("n"), interval=held.get("ci95"), **counts,
        exact=held.get("exact95"),
    )  # fmt: skip


def _change(entry: Row | None, hashes: Mapping[str, str]) -> Row:
    held = entry or {}
    more = {key: held.get(key) for key in ("gained", "lost", "bound", "bound_clustered", "margin", "n_needed")}
    both = [held["bound"], held["upper"]] if entry else None
    return figure(
        held.get("delta"), "gates/comparison.json", hashes, state="derived", n=held.get("n"), interval=both, level=0.9,
        against="control" if held.get("against") == "control" else "stock", **more,
    )  # fmt: skip


def verdict(row: Mapping[str, Any]) -> str:
    """The verdict, and what it is against where that is not stock."""
    return f"{row['verdict']} (against control)" if row["change"]["against"] == "control" else str(row["verdict"])


def suite_name(row: Mapping[str, Any]) -> str:
    """The suite, and whether its quick subset or a draft was scored."""
    marks = [name for name, is_so in (("quick", row["quick"]), ("draft", row["status"] == "draft")) if is_so]
    return str(row["suite"]) + (f" ({', '.join(marks)})" if marks else "")


def percent(share: float | None, digits: int = 1) -> str:
    """A share as per cent, `-` where there is none."""
    return "-" if share is None else f"{100 * share:.{digits}f} %"


def points(share: float | None) -> str:
    """A difference of shares in percentage points, with its sign."""
    return "-" if share is None else f"{100 * share:+.1f}"


def surest(change: Mapping[str, Any], unit: str = "") -> str:
    """The lower bound of a change that the verdict goes by, in points; of tasks alone where no bound heeds families."""
    of_tasks, of_families = change["bound"], change["bound_clustered"]
    if of_tasks is None:
        return points(None)
    if of_families is None:
        return f"{points(of_tasks)}{unit} (of tasks alone)"
    return points(min(of_tasks, of_families)) + unit


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
    before, after, change = row["stock"], row["specialist"], row["change"]
    return (
        row["suite"],
        _count(after["n"] if before["n"] is None else before["n"]),
        percent(before["value"]),
        interval(before["interval"], "-"),
        percent(after["value"]),
        interval(after["interval"], "-"),
        _count(change["gained"]),
        _count(change["lost"]),
        verdict(row),
    )


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)
