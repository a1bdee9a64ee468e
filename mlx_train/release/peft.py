"""The adapter in the layout of the PEFT library, for programs that read that one.

Both hold the same numbers. Here a layer computes `x W' + scale (x A) B` with A (in, rank) and B (rank, out); PEFT
stores the transposes, `lora_A.weight` (rank, in) and `lora_B.weight` (out, rank), and multiplies by `lora_alpha / r`.
DoRA's lengths are `m` here and `lora_magnitude_vector` there. Names are those that PEFT saves
(`peft/utils/save_and_load.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_train import tensor_file
from mlx_train.files import read_json, staged_folder, write_json
from mlx_train.train.adapters import CONFIG, WEIGHTS, load_arrays, save_arrays

PREFIX = "base_model.model."
PEFT_WEIGHTS = "adapter_model.safetensors"
ENDS = {"lora_a": "lora_A.weight", "lora_b": "lora_B.weight", "m": "lora_magnitude_vector"}


def write(adapter: Path, out: Path) -> None:
    """Write an adapter of mlx-lm's layout as PEFT's `adapter_model.safetensors` and `adapter_config.json` into `out`.

    Args:
        adapter: folder with `adapters.safetensors` and `adapter_config.json`.
        out: folder to make; an old one is replaced whole.
    """
    config = read_json(adapter / CONFIG, "adapter configuration")
    tensor_file.header(adapter / WEIGHTS)
    arrays = {_renamed(name): _turned(name, array) for name, array in load_arrays(adapter / WEIGHTS).items()}
    with staged_folder(out) as stage:
        stage.chmod(0o755)
        save_arrays(stage / PEFT_WEIGHTS, arrays)
        write_json(stage / CONFIG, _config(config))


def read(folder: Path) -> dict[str, Any]:
    """The arrays of an adapter that `write` wrote, named and shaped as in mlx-lm's layout."""
    tensor_file.header(folder / PEFT_WEIGHTS)
    back = {theirs: ours for ours, theirs in ENDS.items()}
    arrays = {}
    for name, array in load_arrays(folder / PEFT_WEIGHTS).items():
        end = next(theirs for theirs in back if name.endswith(f".{theirs}"))
        ours = f"{name.removeprefix(PREFIX).removesuffix(end)}{back[end]}"
        arrays[ours] = _turned(ours, array)
    return arrays


def _renamed(name: str) -> str:
    layer, _, end = name.rpartition(".")
    return f"{PREFIX}{layer}.{ENDS[end]}"


def _turned(name: str, array: Any) -> Any:
    import mlx.core as mx

    return array if name.endswith(".m") else mx.contiguous(array.T)


def _config(config: Mapping[str, Any]) -> dict[str, Any]:
    lora = config["lora_parameters"]
    return {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": config.get("base_model_name_or_path"),
        "revision": config.get("revision"),
        "r": lora["rank"],
        "lora_alpha": lora["scale"] * lora["rank"],
        "lora_dropout": lora["dropout"],
        "target_modules": list(lora["keys"]),
        "use_dora": config["fine_tune_type"] == "dora",
        "use_rslora": False,  # the scale is in lora_alpha, however it was found
        "bias": "none",
        "fan_in_fan_out": False,
        "inference_mode": True,
    }
