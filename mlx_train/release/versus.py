"""Two reports side by side. What was not measured alike is shown, and never subtracted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_train.files import write_json, write_text
from mlx_train.release.card import code, plain
from mlx_train.release.finding import stands
from mlx_train.release.report import COST, cost_facts, environment, headline
from mlx_train.release.table import interval, percent, points

PAGE = Path(__file__).with_name("versus.html.jinja")
Content = Mapping[str, Any]
NOTE = (
    "The difference is B less A, of the specialists, and its interval of 95 % is Newcombe's for independent samples: "
    "both did the same tasks, so it is wider than a test task by task would give. `gates check` makes that test."
)
FACTS = {
    "recipe": ("recipe",), "label": ("label",), "base": ("provenance", "base", "name"),
    "base weights SHA-256": ("provenance", "base", "weights_sha256"),
    "prompt SHA-256": ("provenance", "prompt_sha256"), "decoding": ("provenance", "decoding"),
    "code": ("provenance", "source", "commit"), "machine": ("provenance", "machine", "processor"),
}  # fmt: skip


def versus(a: Content, b: Content) -> dict[str, Any]:
    """Set two reports side by side.

    Returns:
        `a` and `b`: run, recipe, label, headline, findings in the way, sizes and cost; `suites`: for each, both rates
        as the reports have them, and `difference` with `interval`, or `not_comparable` with the reason; `differs`: what
        else is not the same in the two.
    """
    names = [row["suite"] for row in a["suites"]]
    names += [row["suite"] for row in b["suites"] if row["suite"] not in names]
    held = [{row["suite"]: row for row in content["suites"]} for content in (a, b)]
    values = {label: (_at(a, keys), _at(b, keys)) for label, keys in FACTS.items()}
    return {
        "format": 1,
        "a": _side(a),
        "b": _side(b),
        "suites": [_suite(name, held[0].get(name), held[1].get(name)) for name in names],
        "differs": {label: list(pair) for label, pair in values.items() if pair[0] != pair[1]},
    }


def _at(content: Content, keys: tuple[str, ...]) -> Any:
    found: Any = content
    for key in keys:
        found = (found or {}).get(key)
    return found


def _side(content: Content) -> dict[str, Any]:
    return {
        **{key: content[key] for key in ("run", "recipe", "label", "verdict")},
        "headline": headline(content),
        "blockers": [one["id"] for one in content["blockers"] if stands(one)],
        "others": [one["id"] for one in content["blockers"] if not stands(one)],
        "sizes": {row["name"]: row["bytes"] for row in content["packages"]},
        "cost": dict(content["cost"]),
        "cost_shown": dict(cost_facts(content)),
    }


def _suite(name: str, a: Content | None, b: Content | None) -> dict[str, Any]:
    rates = [row and row["specialist"] for row in (a, b)]
    found = {"suite": name, "a": rates[0], "b": rates[1], "verdicts": [row and row["verdict"] for row in (a, b)]}
    if reason := _unlike(a, b):
        return {**found, "difference": None, "interval": None, "not_comparable": reason}
    before, after = rates
    assert before and after
    return {
        **found, "difference": after["value"] - before["value"], "interval": newcombe(before, after),
        "not_comparable": None,
    }  # fmt: skip


def _unlike(a: Content | None, b: Content | None) -> str:
    """Why two rows of a suite cannot be compared; nothing if they can."""
    if a is None or b is None or a["specialist"]["value"] is None or b["specialist"]["value"] is None:
        return "not measured in both"
    if a["suite_sha256"] != b["suite_sha256"]:
        return "another version of the suite"
    if a["quick"] != b["quick"]:
        return "quick subset against all tasks"
    return "" if a["specialist"]["n"] == b["specialist"]["n"] else "another number of tasks"


def newcombe(before: Content, after: Content) -> list[float]:
    """95 % interval of the difference of two independent shares (Newcombe 1998, method 10, on Wilson's intervals)."""
    (p, (low, high)), (q, (under, over)) = ((one["value"], one["interval"]) for one in (before, after))
    return [q - p - math.hypot(q - under, high - p), q - p + math.hypot(over - q, p - low)]


def write(folder: Path, found: Content) -> Path:
    """Write `A-against-B.{json,md,html}` and return the page's path."""
    path = folder / f"{found['a']['run']}-against-{found['b']['run']}.html"
    write_json(path.with_suffix(".json"), found)
    write_text(path.with_suffix(".md"), markdown(found))
    write_text(path, html(found))
    return path


def markdown(found: Content) -> str:
    """Both, as Markdown."""
    sides = (found["a"], found["b"])
    lines = ["# " + " against ".join(plain(f"{side['recipe']} ({side['run']})") for side in sides)]
    lines += [_table(("", "A", "B"), rows(found)), "## Measured", plain(NOTE).replace("\\`", "`")]
    body = []
    for row in found["suites"]:
        cells = [plain(row["suite"])]
        for rate in (row["a"], row["b"]):
            cells += ["-", "-"] if rate is None else [str(rate["n"] or "-"), _rate(rate)]
        body.append((*cells, _difference(row)))
    lines += [_table(("suite", "n of A", "A", "n of B", "B", "difference, points"), body)]
    for name, side in zip("AB", sides, strict=True):
        listed = [f"- {code(id)}" for id in side["blockers"]] or ["- nothing"]
        lines += [f"## In the way of {name}", "\n".join(listed)]
    if found["differs"]:
        listed = [f"- {label}: {plain(a)} and {plain(b)}" for label, (a, b) in found["differs"].items()]
        lines += ["## What else differs", "\n".join(listed)]
    return "\n\n".join(lines) + "\n"


def rows(found: Content) -> list[tuple[str, str, str]]:
    """Label, sizes and cost, for people."""
    sides = (found["a"], found["b"])
    made = [("run", *(side["run"] for side in sides)), ("label", *(side["label"] for side in sides))]
    made.append(("findings in the way", *(str(len(side["blockers"])) for side in sides)))
    for name in dict.fromkeys([*sides[0]["sizes"], *sides[1]["sizes"]]):
        made.append((f"size of {name}, MB", *(_size(side["sizes"].get(name)) for side in sides)))
    return made + [(label, *(side["cost_shown"].get(label, "-") for side in sides)) for label in COST.values()]


def _size(held: Content | None) -> str:
    return "-" if held is None or held["value"] is None else f"{held['value'] / 1e6:.1f}"


def _rate(held: Content) -> str:
    return f"{percent(held['value'])} ({interval(held['interval'])})" if held["value"] is not None else held["state"]


def _difference(row: Content) -> str:
    if row["not_comparable"]:
        return f"not comparable: {row['not_comparable']}"
    return f"{points(row['difference'])} ({interval(row['interval'])})"


def _table(head: tuple[str, ...], body: list[Any]) -> str:
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, ("---",) * len(head), *body))


def html(found: Content) -> str:
    """The page: self-contained, without scripts."""
    page = environment().from_string(PAGE.read_text(encoding="utf-8"))
    return page.render(found=found, rows=rows(found), note=NOTE.replace("`", ""))
