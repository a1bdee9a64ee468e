"""Tiny models with random weights and hand-made rows for the training tests."""

from __future__ import annotations

import random
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten, tree_map
from mlx_lm.models import gemma3, gemma3_text, llama, qwen3

from mlx_train.chat.render import Example

VOCABULARY = 64
COMMON: dict[str, Any] = dict(
    hidden_size=32, num_hidden_layers=4, intermediate_size=48, num_attention_heads=4, rms_norm_eps=1e-6,
    vocab_size=VOCABULARY, num_key_value_heads=2, head_dim=8, max_position_embeddings=512,
)  # fmt: skip
QUANTISED = [("affine", 32, 4), ("mxfp4", 32, 4), ("mxfp8", 32, 8), ("nvfp4", 16, 4)]
"""Mode, group and bits."""
WINDOWS: dict[str, Any] = dict(sliding_window=6, sliding_window_pattern=2, query_pre_attn_scalar=8)
KINDS = ("qwen3", "gemma3", "llama", "wrapped")


def model(kind: str = "qwen3", seed: int = 0) -> nn.Module:
    """A float32 model of four layers; Gemma's window of 6 is shorter than the shared prefix of the rows."""
    mx.random.seed(seed)
    made: nn.Module
    if kind == "qwen3":
        made = qwen3.Model(qwen3.ModelArgs(model_type="qwen3", tie_word_embeddings=True, rope_theta=1e4, **COMMON))
    elif kind in ("gemma3", "wrapped"):
        text = dict(model_type="gemma3_text", **COMMON, **WINDOWS)
        made = gemma3_text.Model(gemma3_text.ModelArgs(**text))
        if kind == "wrapped":  # as in models that see
            made = gemma3.Model(gemma3.ModelArgs(model_type="gemma3", text_config=text, vocab_size=VOCABULARY))
    else:
        made = llama.Model(llama.ModelArgs(model_type="llama", tie_word_embeddings=False, **COMMON))
    # Larger weights than a fresh model's, so that attention and gradients are far from uniform.
    made.update(tree_map(lambda value: value * 2 if value.ndim == 2 else value, made.parameters()))
    mx.eval(made.parameters())
    return made


def rows(count: int = 7, prefix: int = 11, seed: int = 0, longest: int = 20) -> list[Example]:
    """Rows that begin with the same tokens; about half of the rest is supervised."""
    draw = random.Random(seed)
    begin = tuple(draw.randrange(VOCABULARY) for _ in range(prefix))
    made = []
    for number in range(count):
        rest = tuple(draw.randrange(VOCABULARY) for _ in range(draw.randint(3, longest)))
        trained = [draw.random() < 0.5 for _ in rest]
        # The first one after the prefix in one row, so that its predecessor is the prefix's last token.
        trained[0 if number == 0 else -2] = True
        made.append(Example(f"row-{number}", begin + rest, (False,) * prefix + tuple(trained), prefix))
    return made


def flat(tree: Any) -> dict[str, mx.array]:
    """Arrays by path."""
    return dict(tree_flatten(tree))


def worst(one: dict[str, mx.array], other: dict[str, mx.array]) -> float:
    """Largest relative difference over the arrays, each by its own norm."""
    assert one.keys() == other.keys()
    return max(
        (mx.linalg.norm((one[name] - other[name]).reshape(-1)) / (mx.linalg.norm(one[name].reshape(-1)) + 1e-12)).item()
        for name in one
    )
