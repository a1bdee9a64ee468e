"""Geometry of the report's small drawings and of the ladder's; the templates only place it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from jinja2 import Environment, StrictUndefined

from mlx_train.gates.statistics import wilson

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 640, 220, 46, 26, 12, 14
"""Size and margins of the loss curve, in the drawing's own units."""
LADDER_HEIGHT, LADDER_LEFT, LADDER_TOP, LADDER_BOTTOM = 380, 54, 30, 42
"""The same of the ladder's drawings, where they differ."""
MOST_POINTS = 200
TICKS = [value * 10.0**power for power in range(-6, 4) for value in (1, 2, 5)]


def thinned(
    metrics: Iterable[Mapping[str, Any]], stock: Mapping[str, float | None] | None = None
) -> dict[str, list[list[float]]]:
    """Loss by step, for keeping: of training, of the dev rows, and of rows of other domains.

    Training loss is the mean of runs of steps, so that there are at most 200 points; the others are as measured.

    Args:
        stock: `dev_loss` and `breadth_loss` before the first step, where they were measured.

    Returns:
        `train`, `dev` and `breadth`: pairs of step and loss in nats per supervised token.
    """
    rows = [row for row in metrics if 0 < row["loss"] < math.inf]
    run = math.ceil(len(rows) / MOST_POINTS) or 1
    looked = [{"step": 0, **(stock or {})}, *rows]
    return {
        "train": [_mean(rows[start : start + run]) for start in range(0, len(rows), run)],
        "dev": _measured(looked, "dev_loss"),
        "breadth": _measured(looked, "breadth_loss"),
    }


def loss_curve(curve: Mapping[str, Any]) -> dict[str, Any] | None:
    """The curve of `thinned` with the loss on a logarithmic scale; None with fewer than two points.

    Returns:
        `train`, `dev` and `breadth`: points (x, y); `path`: of the training curve; `x_ticks` and `y_ticks`: (position,
        label).
    """
    train: Sequence[Sequence[float]] = curve["train"]
    if len(train) < 2:
        return None
    every: list[Sequence[float]] = [*train, *curve["dev"], *curve["breadth"]]
    losses = [loss for _, loss in every]
    first, last = min(step for step, _ in every), max(step for step, _ in every)
    low, high = math.log(min(losses) / 1.15), math.log(max(losses) * 1.15)

    def x(step: float) -> float:
        return round(LEFT + (step - first) / max(last - first, 1) * (WIDTH - LEFT - RIGHT), 1)

    def y(loss: float) -> float:
        return round(TOP + (high - math.log(loss)) / (high - low) * (HEIGHT - TOP - BOTTOM), 1)

    points, dev, breadth = ([(x(step), y(loss)) for step, loss in curve[kind]] for kind in ("train", "dev", "breadth"))
    shown = _thin([value for value in TICKS if low <= math.log(value) <= high], 6)
    steps = sorted({round(first + (last - first) * part / 4) for part in range(5)})
    return {
        "train": points,
        "path": "M" + " L".join(f"{across} {down}" for across, down in points),
        "dev": dev,
        "breadth": breadth,
        "x_ticks": [(x(step), str(step)) for step in steps],
        "y_ticks": [(y(value), f"{value:g}") for value in shown],
        "width": WIDTH, "height": HEIGHT, "left": LEFT, "right": WIDTH - RIGHT, "bottom": HEIGHT - BOTTOM,
    }  # fmt: skip


def _mean(rows: Sequence[Mapping[str, Any]]) -> list[float]:
    return [sum(row[key] for row in rows) / len(rows) for key in ("step", "loss")]


def _measured(rows: Iterable[Mapping[str, Any]], key: str) -> list[list[float]]:
    return [[float(row["step"]), float(row[key])] for row in rows if 0 < (row.get(key) or 0) < math.inf]


def _thin(values: Sequence[float], most: int) -> Sequence[float]:
    """Fewer ticks where there are too many: powers of ten alone."""
    if len(values) <= most:
        return values
    return [value for value in values if math.isclose(math.log10(value), round(math.log10(value)), abs_tol=1e-9)]


def _around(values: Sequence[float]) -> tuple[float, float]:
    """The nearest ticks that have all values between them, or powers of ten beyond the ticks."""
    low, high = min(values), max(values)
    below = [tick for tick in TICKS if tick < low] or [10.0 ** (math.floor(math.log10(low)) - 1)]
    above = [tick for tick in TICKS if tick > high] or [10.0 ** (math.ceil(math.log10(high)) + 1)]
    return below[-1], above[0]


FAR = 0.25
"""An axis begins at 0 where the least value is less than this share of the greatest."""


def bar(rate: float, ci95: Sequence[float], width: float = 200, margin: float = 5) -> dict[str, float]:
    """Where a rate and its interval stand on a scale from 0 to 100 %."""

    def at(share: float) -> float:
        return round(margin + share * (width - 2 * margin), 1)

    return {"x": at(rate), "low": at(ci95[0]), "high": at(ci95[1])}


def ladder(content: Mapping[str, Any]) -> dict[str, str]:
    """The drawings of a quantisation ladder as SVG by name: `kld`, and `completion` where tasks were done."""
    rows = [row for row in content["rungs"] if "not_here" not in row]
    kld = [
        Point(row["rung"], row["bpw"], row["divergence"]["kld_mean"])
        for row in rows
        if row["rung"] != "full" and row["divergence"]["kld_mean"] > 0
    ]
    drawings = {"kld": scatter(kld, "bits per weight", "mean KLD, nats", logarithmic=True, high_is_good=False)}
    done = {row["rung"]: {name: entry["n"] for name, entry in row.get("gates", {}).items()} for row in rows}
    scored = [row for row in rows if done["full"] and done[row["rung"]] == done["full"]]  # on the very same tasks
    if scored:
        points = []
        for row in scored:
            passed, n = (sum(entry[key] for entry in row["gates"].values()) for key in ("passed", "n"))
            low, high = wilson(passed, n)
            points.append(Point(row["rung"], row["bytes"] / 1e9, 100 * passed / n, 100 * low, 100 * high))
        label = f"tasks completed, %: {', '.join(content['suites'])}"
        drawings["completion"] = scatter(points, "size, GB", label, logarithmic=False, high_is_good=True)
    return drawings


class Point(NamedTuple):
    """A named point, with an interval in y if there is one."""

    name: str
    x: float
    y: float
    low: float | None = None
    high: float | None = None


def balance(systems: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """Breadth over depth of every system that has both, each with its intervals; None if none has.

    Returns:
        `points`: `number` (of the system, from 1), `kind`, `role`, `x`, `y`, `across` and `up` (ends of the intervals);
        `path`: from stock to specialist, or empty; `ticks`: (position, position, label); and the frame.
    """
    left, size, top = 46, 300, 22

    def x(share: float) -> float:
        return round(left + share * size, 1)

    def y(share: float) -> float:
        return round(top + (1 - share) * size, 1)

    points = []
    for number, system in enumerate(systems, 1):
        depth, breadth = system["depth"], system["breadth"]
        if depth["value"] is None or breadth["value"] is None:
            continue
        points.append({
            "number": number, "kind": system["kind"], "role": system["name"], "x": x(depth["value"]),
            "y": y(breadth["value"]), "across": [x(end) for end in depth["interval"] or ()],
            "up": [y(end) for end in breadth["interval"] or ()],
        })  # fmt: skip
    ends = [point for point in points if point["role"] in ("stock", "specialist")]
    return (points and {
        "points": points,
        "path": "M" + " L".join(f"{point['x']} {point['y']}" for point in ends) if len(ends) == 2 else "",
        "ticks": [(x(share), y(share), f"{100 * share:.0f}") for share in (0, 0.25, 0.5, 0.75, 1)],
        "left": left, "right": left + size, "top": top, "bottom": top + size, "width": left + size + 30,
        "height": top + size + 42,
    }) or None  # fmt: skip


def front(points: Sequence[Point], high_is_good: bool, right_is_good: bool = False) -> list[Point]:
    """The points that no other beats in both: none is as good in x and in y, and better in one. In order of x, the
    best first."""
    sign, along = -1 if high_is_good else 1, -1 if right_is_good else 1
    kept: list[Point] = []
    for point in sorted(points, key=lambda point: (along * point.x, sign * point.y)):
        if not kept or sign * point.y < sign * kept[-1].y:
            kept.append(point)
    return kept


def scatter(
    points: Sequence[Point],
    x_label: str,
    y_label: str,
    *,
    logarithmic: bool,
    high_is_good: bool,
    right_is_good: bool = False,
) -> str:
    """Points with their names and the Pareto front, as an SVG document.

    Args:
        logarithmic: y is; otherwise y is in percent.
    """
    if logarithmic:
        below, above = _around([point.y for point in points] or [1.0])
        low, high = math.log10(below), math.log10(above)
        marks = _thin([value for value in TICKS if below <= value <= above], 8)
        y_ticks = [(math.log10(value), f"{value:g}") for value in marks]
    else:
        low, high = 0, 100
        y_ticks = [(float(value), str(value)) for value in range(0, 101, 20)]
    least, most = (end([point.x for point in points] or [1.0]) for end in (min, max))
    least = 0.0 if least < FAR * most or least == most else least - 0.08 * (most - least)
    most = most + 0.06 * (most - least) or 1.0
    step = min((value for value in TICKS if (most - least) / value <= 8), default=1.0)

    def x(value: float) -> float:
        return round(LADDER_LEFT + (value - least) / (most - least) * (WIDTH - LADDER_LEFT - RIGHT), 1)

    def y(value: float, is_log: bool = False) -> float:
        value = math.log10(value) if logarithmic and not is_log else value
        return round(LADDER_TOP + (high - value) / (high - low) * (LADDER_HEIGHT - LADDER_TOP - LADDER_BOTTOM), 1)

    best = front(points, high_is_good, right_is_good)
    dots = [
        {"name": point.name, "x": x(point.x), "y": y(point.y), "best": point in best,
         "bar": None if point.low is None or point.high is None else (y(point.low), y(point.high))}
        for point in points
    ]  # fmt: skip
    page = Path(__file__).with_name("scatter.svg.jinja").read_text(encoding="utf-8")
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    return environment.from_string(page).render(
        dots=_named(dots),
        path="M" + " L".join(f"{x(point.x)} {y(point.y)}" for point in best) if best else "",
        x_ticks=[
            (x(number * step), f"{number * step:g}") for number in range(math.ceil(least / step), int(most / step) + 1)
        ],
        y_ticks=[(y(value, True), label) for value, label in y_ticks],
        x_label=x_label, y_label=y_label, width=WIDTH, height=LADDER_HEIGHT, left=LADDER_LEFT, right=WIDTH - RIGHT,
        top=LADDER_TOP, bottom=LADDER_HEIGHT - LADDER_BOTTOM,
    )  # fmt: skip


def _named(dots: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The dots with a place for each name, the first of a few around the dot that nothing stands in."""
    taken = [(dot["x"] - 5, dot["y"] - 5, dot["x"] + 5, dot["y"] + 5) for dot in dots]
    for dot in dots:
        wide = 6.9 * len(dot["name"])
        shifts = [(7, 4), (-wide - 7, 4), (-wide / 2, -9), (-wide / 2, 17), (6, -8), (6, 15), (-wide - 6, -8),
                  (-wide - 6, 15)]  # fmt: skip
        near = len(shifts)
        shifts += [(side, far) for far in (-19, 26, -30, 37) for side in (-wide / 2, 6, -wide - 6)]
        places = [(dot["x"] + across, dot["y"] + down) for across, down in shifts]
        boxes = [(across, down - 9, across + wide, down + 2) for across, down in places]
        free = [
            number for number, box in enumerate(boxes)
            if box[2] < WIDTH and not any(_overlap(box, other) for other in taken)
        ]  # fmt: skip
        number = free[0] if free else 0
        dot["label"] = tuple(round(value, 1) for value in places[number])
        across, down = dot["label"]
        end = min(max(dot["x"], across), across + 0.8 * wide), down + 4 if down < dot["y"] else down - 10
        dot["leader"] = tuple(round(value, 1) for value in end) if number >= near else None
        taken.append(boxes[number])
    return dots


def _overlap(a: Sequence[float], b: Sequence[float]) -> bool:
    """Whether two boxes (left, top, right, bottom) share room."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
