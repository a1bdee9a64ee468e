"""A base model with a LoRA adapter put into its weights, the same bytes on any machine.

The sums are taken in double precision before they are rounded to float32 and to the format that the base is stored in,
so that the order in which a machine adds does not show.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np

from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file
from mlx_train.train import adapters

FOLDER = "adapter"
"""Within that of a base, holds the adapter in mlx-lm's layout."""
KEPT = ("*.json", "*.jinja", "LICENSE*", "LICENCE*")
"""Files of the origin that the new model has as well."""


def merge(origin: Path, adapter: Path, folder: Path) -> dict[str, Any]:
    """Write into `folder` the model `origin` with W + scale * (A B)' in place of each adapted W.

    Returns: what to remember of the source.

    Raises:
        BadInput: the adapter is not LoRA, or adapts what the model does not have.
    """
    config = read_json(adapter / adapters.CONFIG, "adapter configuration")
    if config["fine_tune_type"] != "lora":
        raise BadInput(f"{adapter}: only a LoRA adapter can be put into a base; this is {config['fine_tune_type']}.")
    scale = config["lora_parameters"]["scale"]
    trained = adapters.load_arrays(adapter / adapters.WEIGHTS)
    weights = adapters.load_arrays(origin / "model.safetensors")
    for name in sorted(one.removesuffix(".lora_a") for one in trained if one.endswith(".lora_a")):
        if (place := f"{name}.weight") not in weights:
            raise BadInput(f"{adapter}: adapts {name}, which {origin} does not have.")
        first, second = (np.array(trained[f"{name}.lora_{part}"].astype(mx.float32), np.float64) for part in "ab")
        before = weights[place]
        merged = np.array(before.astype(mx.float32), np.float64) + scale * np.einsum("ir,ro->oi", first, second)
        weights[place] = mx.array(merged.astype(np.float32)).astype(before.dtype)
    adapters.save_arrays(folder / "model.safetensors", weights)
    for file in (file for pattern in KEPT for file in origin.glob(pattern)):
        if file.name != "source.json":
            shutil.copyfile(file, folder / file.name)
    source = read_json(origin / "source.json") if (origin / "source.json").is_file() else {}
    home = {key: source[key] for key in ("packages", "gguf_sha256") if key in source}
    return {**home, "made_of": origin.name, "adapter_sha256": sha256_file(adapter / adapters.WEIGHTS)}
