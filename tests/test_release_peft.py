"""The adapter in PEFT's layout: nothing is lost on the way there and back, and its formula gives the same outputs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx.nn as nn
import numpy as np
import pytest
import train_models
from safetensors.numpy import load_file

from mlx_train.files import read_json
from mlx_train.recipe import Train
from mlx_train.release import peft
from mlx_train.train import adapters

LORA = Train(rank=4, alpha=6, dropout=0.1, targets=("self_attn.q_proj", "mlp.down_proj"))
KINDS = {
    "lora": LORA,
    "stabilised": LORA.model_copy(update={"rank_stabilised": True}),
    "dora": LORA.model_copy(update={"method": "dora"}),
}


def trained(folder: Path, settings: Train) -> tuple[nn.Module, dict[str, mx.array]]:
    """A model with an adapter that does something, saved."""
    model = train_models.model()
    adapters.attach(model, settings, seed=0)
    arrays = {
        name: mx.random.normal(value.shape, key=mx.random.key(number)) * 0.1 + value
        for number, (name, value) in enumerate(adapters.trainable(model).items())
    }
    adapters.put(model, arrays)
    model.eval()
    adapters.save(folder, arrays, settings, len(model.layers))
    return model, arrays


def theirs(x: np.ndarray[Any, Any], weight: np.ndarray[Any, Any], found: dict[str, Any], config: dict[str, Any]) -> Any:
    """What PEFT's layers compute, from their documentation: Hu et al. (arXiv 2106.09685), Liu et al. (2402.09353)."""
    change = found["lora_B.weight"] @ found["lora_A.weight"] * (config["lora_alpha"] / config["r"])
    whole = weight + change
    if config["use_dora"]:
        whole = whole * (found["lora_magnitude_vector"] / np.linalg.norm(whole, axis=1))[:, None]
    return x @ whole.T


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_their_formula_on_our_file_gives_our_outputs(tmp_path: Path, settings: Train) -> None:
    model, arrays = trained(tmp_path / "ours", settings)
    peft.write(tmp_path / "ours", tmp_path / "peft")
    config = read_json(tmp_path / "peft" / "adapter_config.json")
    every = load_file(tmp_path / "peft" / "adapter_model.safetensors")
    assert len(every) == len(arrays)
    for number, block in enumerate(model.layers):
        for target in settings.targets:
            layer = dict(block.named_modules())[target]
            prefix = f"base_model.model.model.layers.{number}.{target}."
            found = {name.removeprefix(prefix): value for name, value in every.items() if name.startswith(prefix)}
            weight = np.array(layer.linear.weight)
            x = np.random.default_rng(number).normal(size=(3, weight.shape[1])).astype(np.float32)
            assert np.allclose(np.array(layer(mx.array(x))), theirs(x, weight, found, config), atol=1e-5)
            assert not np.allclose(x @ weight.T, theirs(x, weight, found, config), atol=1e-3)


@pytest.mark.parametrize("settings", KINDS.values(), ids=KINDS)
def test_there_and_back_is_the_same(tmp_path: Path, settings: Train) -> None:
    _, arrays = trained(tmp_path / "ours", settings)
    peft.write(tmp_path / "ours", tmp_path / "peft")
    back = peft.read(tmp_path / "peft")
    assert back.keys() == arrays.keys()
    assert all(mx.array_equal(back[name], arrays[name]).item() for name in arrays)


def test_the_configuration_says_what_peft_needs(tmp_path: Path) -> None:
    trained(tmp_path / "ours", KINDS["stabilised"])
    peft.write(tmp_path / "ours", tmp_path / "peft")
    config = read_json(tmp_path / "peft" / "adapter_config.json")
    assert (config["peft_type"], config["r"], config["lora_alpha"]) == ("LORA", 4, pytest.approx(12.0))  # 6 * sqrt(4)
    assert config["target_modules"] == ["self_attn.q_proj", "mlp.down_proj"] and not config["use_rslora"]
