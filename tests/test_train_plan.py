"""The estimate before a fit, against models that exist."""

from __future__ import annotations

import pytest
import train_models

from mlx_train.recipe import Base, Recipe, Train
from mlx_train.train import adapters, plan

QWEN3_4B = dict(
    hidden_size=2560, num_hidden_layers=36, intermediate_size=9728, num_attention_heads=32, num_key_value_heads=8,
    head_dim=128, vocab_size=151936, tie_word_embeddings=True,
)  # fmt: skip


def test_counts_are_the_models() -> None:
    model, config = train_models.model(), {**train_models.COMMON, "tie_word_embeddings": True}
    matrices = sum(value.size for value in train_models.flat(model.parameters()).values() if value.ndim == 2)
    assert sum(plan.parameters(config).values()) == matrices
    settings = Train(rank=4)
    adapters.attach(model, settings, seed=0)
    adapter = sum(value.size for value in adapters.trainable(model).values())
    assert plan.adapter_parameters(config, settings.targets, 4) == adapter


def test_a_known_model_by_hand() -> None:
    recipe = Recipe(name="x", base=Base(name="x"), train=Train(method="full", batch_tokens=3000 + 4 * 500))
    found = plan.estimate(recipe, QWEN3_4B, prefix=3000, row=500, rows=40, rate=100.0)
    assert found["weights_gb"] == pytest.approx(8.04, abs=0.05)
    # Two moments and a float32 copy: 12 bytes a weight, against 2.
    assert found["optimizer_gb"] == pytest.approx(6 * found["weights_gb"])
    assert found["padded_tokens"] == 10 * 5000 and found["steps"] == 10 and found["seconds"] == 500
    lora = recipe.model_copy(update={"train": Train(batch_tokens=5000, checkpoint_layers=True)})
    assert plan.estimate(lora, QWEN3_4B, prefix=3000, row=500, rows=40)["total_gb"] < found["total_gb"] / 4
