"""Geometry of the report's small drawings; the template only places it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 220, 46, 26, 12, 14
"""Size and margins of the loss curve, in the drawing's own units."""
MOST_POINTS = 200
TICKS = [value * 10.0**power for power in range(-6, 4) for value in (1, 2, 5)]


def loss_curve(metrics: Iterable[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Training and dev loss by step, the loss on a logarithmic scale; None with fewer than two steps.

    Training loss is the mean of runs of steps, so that there are at most 200 points; dev loss is as measured.

    Returns:
        `train` and `dev`: points (x, y); `path`: of the training curve; `x_ticks` and `y_ticks`: (position, label).
    """
    rows = [row for row in metrics if 0 < row["loss"] < math.inf]
    if len(rows) < 2:
        return None
    run = math.ceil(len(rows) / MOST_POINTS)
    train = [_mean(rows[start : start + run]) for start in range(0, len(rows), run)]
    dev = [(float(row["step"]), float(row["dev_loss"])) for row in rows if 0 < (row.get("dev_loss") or 0) < math.inf]
    losses = [loss for _, loss in (*train, *dev)]
    first, last = float(rows[0]["step"]), float(rows[-1]["step"])
    low, high = math.log(min(losses) / 1.15), math.log(max(losses) * 1.15)

    def x(step: float) -> float:
        return round(LEFT + (step - first) / max(last - first, 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(loss: float) -> float:
        return round(TOP + (high - math.log(loss)) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    points = [(x(step), y(loss)) for step, loss in train]
    shown = _thin([value for value in TICKS if low <= math.log(value) <= high], 6)
    steps = sorted({round(first + (last - first) * part / 4) for part in range(5)})
    return {
        "train": points,
        "path": "M" + " L".join(f"{across} {down}" for across, down in points),
        "dev": [(x(step), y(loss)) for step, loss in dev],
        "x_ticks": [(x(step), str(step)) for step in steps],
        "y_ticks": [(y(value), f"{value:g}") for value in shown],
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "bottom": HEIGHT - BOTTOM,
    }  # fmt: skip


def _mean(rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
    return sum(row["step"] for row in rows) / len(rows), sum(row["loss"] for row in rows) / len(rows)


def _thin(values: Sequence[float], most: int) -> Sequence[float]:
    """Fewer ticks where there are too many: powers of ten alone."""
    if len(values) <= most:
        return values
    return [value for value in values if math.isclose(math.log10(value), round(math.log10(value)), abs_tol=1e-9)]


def bar(rate: float, ci95: Sequence[float], width: float = 200, margin: float = 5) -> dict[str, float]:
    """Where a rate and its interval stand on a scale from 0 to 100 %."""

    def at(share: float) -> float:
        return round(margin + share * (width - 2 * margin), 1)

    return {"x": at(rate), "low": at(ci95[0]), "high": at(ci95[1])}
