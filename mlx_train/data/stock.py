"""The overlap of the suites with the rows that a stock model of this project's own was made from.

`curve.json` beside what is kept of the model names its recipes, and the recipes lie there too. The result holds hashes
of all that it follows from, so that it shows when it is missing something or is out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlx_train.data.audit import RULES, audit
from mlx_train.data.build import build
from mlx_train.data.trajectory import stream
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, sha256_of, write_json
from mlx_train.places import BASES, EMBEDDED
from mlx_train.recipe import Recipe, load
from mlx_train.tasks.task import Task

Json = dict[str, Any]
RESULT = "overlap.json"
COURSE = "curve.json"


def own_base(name: str) -> Path | None:
    """Where the recipes of a base of this project's own training lie; None for any other base."""
    place = EMBEDDED if name == "embedded" else BASES / name
    return place if (place / COURSE).is_file() else None


def recipes(model: Path) -> list[Recipe]:
    """What the model was trained on, one after the other."""
    made = read_json(model / COURSE, "course of a training")
    return [load(str(model / f"{phase['recipe']}.toml")) for phase in made["phases"]]


def rows_sha256(recipe: Recipe) -> str:
    """SHA-256 of the part of a recipe that decides its rows."""
    return sha256_of(recipe.model_dump(mode="json", include={"seed", "prompt", "data"}))


def audit_stock(
    model: Path,
    weights: str,
    suites: Mapping[str, Sequence[Task]],
    digests: Mapping[str, str],
    work: Path,
    out: Path,
    say: Callable[[str], None] = lambda _: None,
) -> Json:
    """Compare the suites with all rows that a stock model was made from, and write the result.

    It is written after each recipe; the same call again goes on with the first recipe that is missing or has changed.

    Args:
        weights: SHA-256 of the model's weights.
        digests: what stands for each suite in the result.
        work: folder of the model's training, with the rows in `<recipe>/data/`. Where there are none, they are built
            again in `<recipe>/rebuilt/`, by today's task families.
        out: the file to write.

    Raises:
        BadInput: the rows in `work` are those of another recipe.
    """
    identity = {"rules": RULES, "weights_sha256": weights, "suites": dict(digests)}
    before = read_json(out, "overlap") if out.exists() else None
    known = before.get("recipes", {}) if isinstance(before, dict) and identity.items() <= before.items() else {}
    wanted = recipes(model)
    found: Json = {**identity, "recipes": {one.name: known[one.name] for one in wanted if one.name in known}}
    for recipe in wanted:
        if found["recipes"].get(recipe.name, {}).get("recipe_sha256") == rows_sha256(recipe):
            say(f"{recipe.name}: known from before")
            continue
        folder = work / recipe.name / "data"
        if rebuilt := not (folder / "summary.json").exists():
            folder = folder.with_name("rebuilt")
        rows = _rows(recipe, folder)
        overlap = audit(stream(rows), suites, f"{recipe.name}/{rows.name}")
        found["recipes"][recipe.name] = {
            "recipe_sha256": rows_sha256(recipe),
            "rows_sha256": sha256_file(rows),
            "rebuilt": rebuilt,
            "suites": {name: each.json() for name, each in overlap.items()},
        }
        write_json(out, found)
        say(f"{recipe.name}: {next(iter(overlap.values())).rows} rows compared")
    return found


def _rows(recipe: Recipe, folder: Path) -> Path:
    if not (folder / "summary.json").exists():
        build(recipe, folder)
    summary, rows = read_json(folder / "summary.json", "summary of rows"), folder / "train.jsonl"
    asked = sum(source.rows for source in recipe.data.sources)
    if (summary["seed"], summary["asked"]) != (recipe.seed, asked) or summary["sha256"][rows.name] != sha256_file(rows):
        raise BadInput(
            f"{rows}: not the rows of {recipe.name} as its recipe is now ({asked} rows, seed {recipe.seed}). Move "
            f"{folder} away, and they are built again."
        )
    return rows


def faults(found: Any, model: Path, weights: str, digests: Mapping[str, str]) -> list[str]:
    """Why a result does not speak for a model with these weights and for these suites; empty if it does."""
    if not isinstance(found, dict) or not isinstance(found.get("recipes"), dict):
        return ["it is not the result of an audit"]
    now = {"rules": RULES, "weights_sha256": weights, "suites": dict(digests)}
    what = {"rules": "by other rules", "weights_sha256": "for other weights", "suites": "with other suites"}
    old = [f"it was made {what[key]}" for key in now if found.get(key) != now[key]]
    for recipe in recipes(model):
        entry = found["recipes"].get(recipe.name)
        if entry is None:
            old.append(f"{recipe.name} is missing")
        elif entry.get("recipe_sha256") != rows_sha256(recipe):
            old.append(f"{recipe.name} has changed since")
    return old
