"""LoRA and DoRA adapters: attach to a model, save and load in mlx-lm's layout."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Iterator, Mapping
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten, tree_unflatten
from mlx_lm.tuner.dora import DoRALinear
from mlx_lm.tuner.lora import LoRALinear

from mlx_train import files
from mlx_train.errors import BadInput
from mlx_train.recipe import Train

WEIGHTS = "adapters.safetensors"
CONFIG = "adapter_config.json"
KINDS = {"lora": LoRALinear, "dora": DoRALinear}


def attach(model: nn.Module, settings: Train, seed: int) -> None:
    """Freeze the model and put an adapter on the target layers of every block; it computes what it did before.

    Raises:
        BadInput: a target names no linear layer in any block.
    """
    linear = [
        {name: layer for name, layer in block.named_modules() if isinstance(layer, (nn.Linear, nn.QuantizedLinear))}
        for block in model.layers
    ]
    known = {name for layers in linear for name in layers}
    if missing := [target for target in settings.targets if target not in known]:
        raise BadInput(
            f"train.targets: no block has a linear layer called {', '.join(missing)}. "
            f"There are: {', '.join(sorted(known))}."
        )
    bits = {getattr(layers[name], "bits", 32) for layers in linear for name in settings.targets if name in layers}
    odd = [one for one in bits if 32 % one]  # mlx-lm takes the width for 32 // bits an item
    if settings.method == "dora" and odd:
        raise BadInput(
            f"train.method: mlx-lm's DoRA takes weights of 4 or 8 bits, not of {min(odd)}. Use lora, or another base."
        )
    model.freeze()
    mx.random.seed(seed)
    kind = KINDS[settings.method]
    for block, layers in zip(model.layers, linear, strict=True):
        adapted = [
            (name, kind.from_base(layers[name], r=settings.rank, scale=settings.scale, dropout=settings.dropout))
            for name in settings.targets
            if name in layers
        ]
        block.update_modules(tree_unflatten(adapted))


@contextlib.contextmanager
def removed(model: nn.Module) -> Iterator[None]:
    """While open, the model is the one that the adapters were put on."""
    adapted = [(name, layer) for name, layer in model.named_modules() if isinstance(layer, (LoRALinear, DoRALinear))]
    model.update_modules(tree_unflatten([(name, layer.linear) for name, layer in adapted]))
    try:
        yield
    finally:
        model.update_modules(tree_unflatten(adapted))


def without(model: nn.Module) -> nn.Module:
    """The model that the adapters were put on, beside the one with them; both hold the same arrays."""
    shared = {id(array): array for _, array in tree_flatten(model.parameters())}
    bare = copy.deepcopy(model, shared)
    adapted = [(name, layer) for name, layer in bare.named_modules() if isinstance(layer, (LoRALinear, DoRALinear))]
    bare.update_modules(tree_unflatten([(name, layer.linear) for name, layer in adapted]))
    return bare


def trainable(model: nn.Module) -> dict[str, mx.array]:
    """The trainable arrays by their path in the model."""
    return dict(tree_flatten(model.trainable_parameters()))


def put(model: nn.Module, arrays: Mapping[str, mx.array]) -> None:
    """Replace arrays of the model by path."""
    model.update(tree_unflatten(list(arrays.items())))


def begun(fresh: Mapping[str, mx.array], arrays: Mapping[str, mx.array]) -> dict[str, mx.array]:
    """Fresh adapters with those arrays of an earlier one that it has; a layer that it leaves out stays fresh.

    Raises:
        BadInput: it adapts what the recipe does not, or arrays of other shapes.
    """
    for name, value in arrays.items():
        if name not in fresh:
            raise BadInput(f"train.adapter: it adapts {name}, which train.targets or the base does not have.")
        if fresh[name].shape != value.shape:
            raise BadInput(
                f"train.adapter: {name} has shape {value.shape}, expected {fresh[name].shape}. Is it of this base?"
            )
    return {name: arrays.get(name, value).astype(value.dtype) for name, value in fresh.items()}


def save(folder: Path, arrays: Mapping[str, mx.array], settings: Train, layers: int) -> None:
    """Write the adapter so that `mlx_lm.load(base, adapter_path=folder)` reads it; the folder is replaced whole."""
    config = {
        "fine_tune_type": settings.method,
        "num_layers": layers,
        "lora_parameters": {
            "rank": settings.rank,
            "scale": settings.scale,
            "dropout": settings.dropout,
            "keys": list(settings.targets),
        },
    }
    with files.staged_folder(folder) as stage:
        save_arrays(stage / WEIGHTS, arrays)
        files.write_json(stage / CONFIG, config)


def strengthened(arrays: Mapping[str, mx.array], strength: float) -> dict[str, mx.array]:
    """The arrays of a LoRA adapter, so that it changes a layer's output `strength` times as much."""
    return {name: strength * value if name.endswith("lora_b") else value for name, value in arrays.items()}


def save_arrays(path: Path, arrays: Mapping[str, mx.array]) -> None:
    """Write a safetensors file atomically."""
    in_order = dict(sorted(arrays.items()))  # so that the same arrays give the same bytes
    files.write_with(path, lambda temporary: mx.save_safetensors(str(temporary), in_order, {"format": "mlx"}))


def load_arrays(path: Path) -> dict[str, mx.array]:
    """Read a safetensors file, now and not lazily: the file may be gone when the arrays are used."""
    arrays = mx.load(str(path))
    assert isinstance(arrays, dict)
    mx.eval(arrays)
    return arrays
