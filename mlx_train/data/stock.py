"""The overlap of the suites with the rows that a training began from: those of a stock model of this project's own, and
of an adapter that is gone on from.

`curve.json` beside what is kept of the model names its recipes, and the recipes lie there too; `base.toml` may name
another such model that it was made of, whose rows it has read as well. The result holds hashes of all that it follows
from, so that it shows when it is missing something or is out of date.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from mlx_train.data.audit import RULES, audit
from mlx_train.data.build import Fault, build, rows_sha256
from mlx_train.data.trajectory import Trajectory, stream
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, write_json
from mlx_train.places import BASES, EMBEDDED
from mlx_train.recipe import Recipe, load
from mlx_train.tasks.task import Task

Json = dict[str, Any]
RESULT = "overlap.json"
WEIGHTS = "model.safetensors"
ROWS, DEV_ROWS = "train.jsonl", "dev.jsonl"
COURSE = "curve.json"


def own_base(name: str) -> Path | None:
    """Where the recipes of a base of this project's own training lie; None for any other base."""
    place = EMBEDDED if name == "embedded" else BASES / name
    return place if (place / COURSE).is_file() else None


def of_weights(sha256: str) -> Path | None:
    """Where all that is known of a base with these weights lies, if it is one of those that are trained here, under
    whatever name or path it was given."""
    held = {place: about(place).get("files", {}).get(WEIGHTS) for place in sorted(BASES.iterdir())}
    held[EMBEDDED] = sha256_file(EMBEDDED / WEIGHTS)
    return next((place for place, own in held.items() if own == sha256 and (place / COURSE).is_file()), None)


def about(model: Path) -> Json:
    """What is known of a base that is made here, from its base.toml; nothing of one that is made otherwise."""
    path = model / "base.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def kept(name: str) -> Path | None:
    """Where all that is known of the base of this name lies, if it was kept of a run with its adapter; None if not."""
    place = own_base(name) if Path(name).name == name else None  # a path is no name
    return place if place and "made_of" in about(place) else None


def merged_sha256(model: Path) -> str:
    """SHA-256 of the weights of a base that is made of another one and an adapter."""
    return str(about(model)["files"][WEIGHTS])


def recipes(model: Path) -> list[tuple[Path, Recipe]]:
    """What the model was trained on, one after the other, with the recipes' files; first those of the model below, and
    of the adapter that a recipe goes on from."""
    earlier = [each for origin in _origins(model) for each in recipes(origin)]
    return list({recipe.name: (file, recipe) for file, recipe in (*earlier, *_own(model))}.values())


def _own(model: Path) -> list[tuple[Path, Recipe]]:
    """The recipes of the model's own training, without what lies below it, with their files."""
    phases = read_json(model / COURSE, "course of a training")["phases"]
    return [(file, load(str(file))) for file in (model / f"{phase['recipe']}.toml" for phase in phases)]


def _origins(model: Path) -> list[Path]:
    """What the model was made of, where that was made here: the base below, the adapters gone on from."""
    below = about(model).get("made_of")
    places = [own_base(below) if below else None, *(kept(recipe.train.adapter) for _, recipe in _own(model))]
    return [place for place in places if place]


def audit_stock(
    model: Path,
    weights: str,
    suites: Mapping[str, Sequence[Task]],
    digests: Mapping[str, str],
    work: Path,
    out: Path,
    *,
    fault: Fault | None,
    with_dev: bool = True,
    say: Callable[[str], None] = lambda _: None,
) -> Json:
    """Compare the suites with all rows that a stock model was made from, and write the result.

    It is written after each recipe; the same call again goes on with the first recipe that is missing or has changed.
    What was found of what the model was made of, by the same rules with the same suites, is taken over.

    Args:
        weights: SHA-256 of the model's weights.
        digests: what stands for each suite in the result.
        work: folder of the model's training, with the rows in `<recipe>/data/`. Where there are none, they are built
            again in `<recipe>/rebuilt/`, by today's task families.
        out: the file to write.
        fault: what rows that are built again are asked, as in `build`.
        with_dev: compare the rows too by whose loss checkpoints were chosen. Dev suites choose as well, in the same
            phrasings.

    Raises:
        BadInput: the rows in `work` are those of another recipe.
    """
    identity = {"rules": RULES, "weights_sha256": weights, "suites": dict(digests)}
    below = {key: identity[key] for key in ("rules", "suites")}
    known = _known(out, identity)
    for origin in _origins(model):
        known = _known(origin / out.name, below) | known
    wanted = recipes(model)
    found: Json = {**identity, "recipes": {one.name: known[one.name] for _, one in wanted if one.name in known}}
    for file, recipe in wanted:
        if found["recipes"].get(recipe.name, {}).get("recipe_sha256") == rows_sha256(recipe):
            say(f"{recipe.name}: known from before")
            continue
        folder = work / recipe.name / "data"
        if rebuilt := not (folder / "summary.json").exists():
            folder = folder.with_name("rebuilt")
        rows = _rows(recipe, folder, file.parent, fault)
        more = dev_rows(rows) if with_dev else ()
        overlap = audit(stream(rows), suites, f"{recipe.name}/{rows.name}", more, f"{recipe.name}/{DEV_ROWS}")
        found["recipes"][recipe.name] = {
            "recipe_sha256": rows_sha256(recipe),
            "rows_sha256": sha256_file(rows),
            "rebuilt": rebuilt,
            "suites": {name: each.json() for name, each in overlap.items()},
        }
        write_json(out, found)
        say(f"{recipe.name}: {next(iter(overlap.values())).rows} rows compared")
    return found


def _known(path: Path, identity: Json) -> Json:
    """What an earlier result says of each recipe, if it is of this identity; nothing if not."""
    before = read_json(path, "overlap") if path.is_file() else None
    return dict(before.get("recipes", {})) if isinstance(before, dict) and identity.items() <= before.items() else {}


def dev_rows(rows: Path) -> Iterable[Trajectory]:
    """The dev rows that lie beside the training rows of a recipe, if any do."""
    path = rows.with_name(DEV_ROWS)
    return stream(path) if rows.name == ROWS and path.is_file() and path.stat().st_size else ()


def _rows(recipe: Recipe, folder: Path, root: Path, fault: Fault | None) -> Path:
    """The training rows of a recipe, built where there are none; its own files are relative to `root`."""
    if not (folder / "summary.json").exists():
        build(recipe, folder, root, fault=fault)
    summary, rows = read_json(folder / "summary.json", "summary of rows"), folder / ROWS
    held = (summary.get("recipe_sha256"), *(summary["sha256"][name] for name in (ROWS, DEV_ROWS)))
    if held != (rows_sha256(recipe), *(sha256_file(folder / name) for name in (ROWS, DEV_ROWS))):
        raise BadInput(
            f"{rows}: not the rows of {recipe.name} as its recipe is now. Move {folder} away, and they are built again."
        )
    return rows


def faults(found: Any, model: Path, weights: str, digests: Mapping[str, str]) -> list[str]:
    """Why a result does not speak for a model with these weights and for these suites; empty if it does.

    It may speak for others as well.
    """
    if not isinstance(found, dict) or not isinstance(found.get("recipes"), dict):
        return ["it is not the result of an audit"]
    held = found.get("suites")
    suites = {name: held.get(name) for name in digests} if isinstance(held, dict) else held
    found = {**found, "suites": suites}
    now = {"rules": RULES, "weights_sha256": weights, "suites": dict(digests)}
    what = {"rules": "by other rules", "weights_sha256": "for other weights", "suites": "with other suites"}
    old = [f"it was made {what[key]}" for key in now if found.get(key) != now[key]]
    for _, recipe in recipes(model):
        entry = found["recipes"].get(recipe.name)
        if entry is None:
            old.append(f"{recipe.name} is missing")
        elif entry.get("recipe_sha256") != rows_sha256(recipe):
            old.append(f"{recipe.name} has changed since")
    return old
