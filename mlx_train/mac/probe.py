"""One optimizer step of a recipe with something changed: loss, speed, and what it takes of the memory.

The step is over all rows, so that it does not matter which of them run together.

python -m mlx_train.mac.probe RECIPE '{"share_prefix": false}'
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
from typing import Any

from mlx_train import machine, pipeline
from mlx_train import recipe as recipes
from mlx_train.files import read_jsonl
from mlx_train.planning import plan
from mlx_train.recipe import Recipe

ROWS = 12
"""Most rows of a source: enough to fill a micro-batch."""
ALL = 10_000
"""More micro-batches than there are."""
EVERY = 0.1
"""Seconds between two looks at the memory."""


def few(recipe: Recipe, changes: dict[str, Any]) -> Recipe:
    """The recipe with few rows and with `changes` to its training; on Metal in bfloat16."""
    sources = tuple(source.model_copy(update={"rows": min(source.rows, ROWS)}) for source in recipe.data.sources)
    dtype = "bfloat16" if machine.is_apple_silicon() else recipe.base.dtype
    return recipe.model_copy(
        update={
            "name": f"{recipe.name}-probe",
            "base": recipe.base.model_copy(update={"dtype": dtype}),
            "data": recipe.data.model_copy(update={"sources": sources, "dev_rows": 0, "breadth_rows": 0}),
            "train": recipe.train.model_copy(update={"accumulate": ALL, "epochs": 1.0, **changes}),
        }
    )


def probe(name: str, changes: dict[str, Any]) -> dict[str, Any]:
    """Build the data and train.

    Returns: `recipe`, `changes`, `dtype`, `loss`, `gradient_norm`, `padded_tokens_per_s`, `planned_gb`, `peak_gb` by
        MLX, `footprint_gb` by the system, and `swap` before and after where the system tells.
    """
    chosen = few(recipes.load(name), changes)
    run = pipeline.Run(chosen, recipes.find(name))
    machine.bound_cache()
    swap, largest, over = [swap_usage()], [0.0], threading.Event()

    def watch() -> None:
        while not over.wait(EVERY):
            largest.append(max(largest.pop(), machine.footprint_gb()))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        pipeline.execute(run, pipeline.TRAINING)
    finally:
        over.set()
        watcher.join()
    (line,) = read_jsonl(run.folder / "fit" / "metrics.jsonl")
    return {
        "recipe": name,
        "changes": changes,
        "dtype": chosen.base.dtype,
        "loss": line["loss"],
        "gradient_norm": line["gradient_norm"],
        "padded_tokens_per_s": line["padded_tokens_per_s"],
        "planned_gb": plan(chosen, recipes.find(name).parent)["memory_gb"],
        "peak_gb": line["peak_memory_gb"],
        "footprint_gb": largest[0],
        "swap": [*swap, swap_usage()],
    }


def swap_usage() -> str:
    """What macOS says of its swap; empty elsewhere."""
    if sys.platform != "darwin":
        return ""
    return subprocess.run(["sysctl", "-n", "vm.swapusage"], capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    given = argparse.ArgumentParser()
    given.add_argument("recipe")
    given.add_argument("changes", type=json.loads)
    asked = given.parse_args()
    print(json.dumps(probe(asked.recipe, asked.changes)))
