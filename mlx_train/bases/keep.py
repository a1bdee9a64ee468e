"""A base model of what a run trained, for specialists to start from: what `made.py` needs to make it anywhere.

    python -m mlx_train.bases.keep RUN RECIPE [NAME]     RECIPE being the file that the run was started with

Writes data/bases/NAME (the recipe's name, if NAME is left out; the kept recipe gets it): the adapter in bfloat16, the
recipe, the course of the training, the notice of the base beneath, and the hashes of the model that comes out. Title
and notice are for a person to look over; base.toml has the notice's hash too.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

import mlx.core as mx

from mlx_train import models, records
from mlx_train.bases import adapter as merging
from mlx_train.bases import made
from mlx_train.data.stock import COURSE, kept
from mlx_train.embedded import curve
from mlx_train.ending import exit_code
from mlx_train.errors import BadInput
from mlx_train.files import manifest, read_json, staged_folder, write_json, write_text
from mlx_train.places import BASES
from mlx_train.recipe import Recipe, load, validated
from mlx_train.train import adapters

FACTS = ("rows", "tokens", "padded_tokens", "steps", "loss", "dev_loss", "best_step", "seconds", "peak_memory")


def keep(run: Path, source: Path, name: str = "") -> Path:
    """Returns: the folder.

    Args:
        name: of the base, if not that of the recipe.

    Raises:
        BadInput: there is such a base, the run is not finished or of another recipe, its own base is not made here or
            is another one now, it went on from an adapter that is not kept, or it did not train LoRA. Nothing is
            written then.
    """
    recipe = load(str(source))
    named = validated(recipe.model_dump(mode="json") | {"name": name or recipe.name}, str(source))
    below, content = recipe.base.name, BASES / named.name
    if content.exists():
        raise BadInput(f"{content}: there is a base of this name. Move it away, or give another name.")
    if below not in made.known() or recipe.base.repository:
        raise BadInput(
            f"{source}, key base.name: {below!r}; only {', '.join(made.known())} can be built on, and none with a "
            "base.repository."
        )
    record = records.read(run)
    if recipe.model_dump(mode="json") != record["recipe"]:
        raise BadInput(f"{source}: not the recipe that {run} was made by. Give that one.")
    needed = ("fit", "select") if recipe.select else ("fit",)
    if missing := [stage for stage in needed if stage not in record["stages"]]:
        raise BadInput(f"{run}: not finished, {missing[0]} is not done. Give the command of the run again first.")
    origin = models.base_of(record)
    if recipe.data.files:
        raise BadInput(
            f"{source}, key data.files: rows of one's own are not kept with a base, so nobody could audit it. "
            "Start from the run's fused/ instead: its path as base.name."
        )
    if recipe.train.adapter and kept(recipe.train.adapter) is None:
        raise BadInput(
            f"{source}, key train.adapter: {recipe.train.adapter!r} is not kept in data/bases, so nobody could audit "
            "what it was trained on. Keep the run that it comes from first, and go on from that."
        )
    if recipe.train.method != "lora":
        raise BadInput(f"{source}, key train.method: {recipe.train.method!r}; only what LoRA trained can be kept.")
    fitted = read_json(run / "fit" / "fitted.json", "result of a fit")
    with staged_folder(content) as stage:
        _write(stage, run, source, named, origin, fitted)
    return content


def _write(content: Path, run: Path, source: Path, recipe: Recipe, origin: Path, fitted: dict[str, Any]) -> None:
    adapter, below = content / merging.FOLDER, recipe.base.name
    adapter.mkdir()
    shutil.copyfile(run / "fit" / "adapters" / adapters.CONFIG, adapter / adapters.CONFIG)
    trained = adapters.load_arrays(run / "fit" / "adapters" / adapters.WEIGHTS)
    adapters.save_arrays(
        adapter / adapters.WEIGHTS, {name: value.astype(mx.bfloat16) for name, value in trained.items()}
    )
    text = re.sub(r"(?m)^name\s*=.*$", f'name = "{recipe.name}"', source.read_text(encoding="utf-8"), count=1)
    write_text(content / f"{recipe.name}.toml", text)
    if load(str(content / f"{recipe.name}.toml")) != recipe:
        raise BadInput(
            f"{source}: its first line that begins with `name` is not the recipe's own. Put that above all tables."
        )
    shutil.copyfile(BASES / below / "NOTICE", content / "NOTICE")
    points = curve(run / "fit" / "metrics.jsonl")
    phase = {"recipe": recipe.name, **{key: fitted[key] for key in FACTS}}
    write_json(content / COURSE, {"phases": [phase], "curve": {recipe.name: points}})
    with tempfile.TemporaryDirectory(dir=origin.parent) as scratch:
        model = Path(scratch)
        merging.merge(origin, adapter, model)
        shutil.copyfile(content / "NOTICE", model / "NOTICE")
        files = {name: entry["sha256"] for name, entry in manifest(model).items()}
        size = sum(file.stat().st_size for file in model.iterdir()) / 1e9
    lines = [
        f'title = "{recipe.name}"', f'form = "{below} with an adapter merged, bfloat16"', f'made_of = "{below}"',
        f"disk_gb = {size + 0.1:.1f}", "", "[files]", *(f'"{name}" = "{files[name]}"' for name in sorted(files)),
    ]  # fmt: skip
    write_text(content / made.ABOUT, "\n".join(lines) + "\n")


def main() -> int:
    """Keep the run that is given, and print where."""
    if len(sys.argv) not in (3, 4):
        raise BadInput("usage: python -m mlx_train.bases.keep RUN RECIPE [NAME]")
    print(keep(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:]))
    return 0


if __name__ == "__main__":
    sys.exit(exit_code(main))
