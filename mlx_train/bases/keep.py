"""A base model of what a run trained, for specialists to start from: what `made.py` needs to make it anywhere.

    python -m mlx_train.bases.keep RUN RECIPE     RECIPE being the file that the run was started with

Writes data/bases/<the recipe's name>: the adapter in bfloat16, the recipe, the course of the training, the notice of
the base beneath, and the hashes of the model that comes out. Title and notice are for a person to look over.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

import mlx.core as mx

from mlx_train.bases import adapter as merging
from mlx_train.bases import made
from mlx_train.data.stock import COURSE
from mlx_train.embedded import curve
from mlx_train.files import manifest, read_json, write_json, write_text
from mlx_train.places import BASES
from mlx_train.recipe import load
from mlx_train.train import adapters

FACTS = ("rows", "tokens", "padded_tokens", "steps", "loss", "dev_loss", "best_step", "seconds", "peak_memory")


def keep(run: Path, source: Path) -> Path:
    """Returns: the folder.

    Raises:
        BadInput: the run is not finished, its base is not one that is made here, or it did not train LoRA.
    """
    recipe = load(str(source))
    below, content = recipe.base.name, BASES / recipe.name
    origin, fitted = made.locate(below, print), read_json(run / "fit" / "fitted.json", "result of a fit")
    adapter = content / merging.FOLDER
    adapter.mkdir(parents=True)
    shutil.copyfile(run / "fit" / "adapters" / adapters.CONFIG, adapter / adapters.CONFIG)
    trained = adapters.load_arrays(run / "fit" / "adapters" / adapters.WEIGHTS)
    adapters.save_arrays(
        adapter / adapters.WEIGHTS, {name: value.astype(mx.bfloat16) for name, value in trained.items()}
    )
    shutil.copyfile(source, content / f"{recipe.name}.toml")
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
    return content


if __name__ == "__main__":
    print(keep(Path(sys.argv[1]), Path(sys.argv[2])))
