"""What a recipe will want, before anything is loaded or fetched."""

from __future__ import annotations

from typing import Any

from mlx_train import machine
from mlx_train.files import read_json
from mlx_train.places import EMBEDDED, WORK
from mlx_train.progress import duration
from mlx_train.recipe import Recipe
from mlx_train.train.plan import estimate

SHAPES: dict[str, dict[str, Any]] = {
    "qwen3-4b": {
        "hidden_size": 2560, "num_hidden_layers": 36, "intermediate_size": 9728, "num_attention_heads": 32,
        "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 151936,
        "tie_word_embeddings": True, "model_type": "qwen3",
    },
    "gemma-3-270m": {
        "hidden_size": 640, "num_hidden_layers": 18, "intermediate_size": 2048, "num_attention_heads": 4,
        "num_key_value_heads": 1, "head_dim": 256, "vocab_size": 262144,
        "tie_word_embeddings": True, "model_type": "gemma3_text",
    },
}  # fmt: skip
"""Configurations of the bases that are planned for before they are fetched."""
TOKENS = {"embedded": (261, 420), "gemma-3-270m": (431, 600), "qwen3-4b": (2900, 600)}
"""Tokens of the shared catalogue, and of a row after it."""
PROCESS_GB = 0.6
"""Python, libraries and buffers beside the arrays."""


def plan(recipe: Recipe) -> dict[str, Any]:
    """Memory and disk in GB, and whether this machine has them. Times are only given where they were measured."""
    known = next((name for name in SHAPES if recipe.base.name.startswith(name)), None)
    config = SHAPES[known] if known else read_json(_config(recipe), "model configuration")
    prefix, row = TOKENS[known or "embedded"]
    rows = sum(source.rows for source in recipe.data.sources) or 1
    found: dict[str, Any] = dict(estimate(recipe, config, prefix=prefix, row=row, rows=rows))
    disk = 3 * found["weights_gb"] + 0.5
    found |= {
        "memory_gb": found["total_gb"] + PROCESS_GB,
        "disk_gb": disk,
        "download_gb": found["weights_gb"] if recipe.base.repository else 0.0,
        "has_memory_gb": machine.memory_gb(),
        "has_disk_gb": machine.free_disk_gb(WORK),
    }
    found["fits"] = found["memory_gb"] <= 0.9 * found["has_memory_gb"] and disk <= found["has_disk_gb"]
    return found


def _config(recipe: Recipe) -> Any:
    from pathlib import Path

    return (EMBEDDED if recipe.base.name == "embedded" else Path(recipe.base.name)) / "config.json"


def plan_text(recipe: Recipe) -> str:
    """The plan in a few lines."""
    found = plan(recipe)
    lines = [
        f"{recipe.name}: about {found['memory_gb']:.1f} GB of memory (weights {found['weights_gb']:.1f}, training "
        f"{found['total_gb'] - found['weights_gb']:.1f}, process {PROCESS_GB}) of {found['has_memory_gb']:.0f}, "
        f"{found['disk_gb']:.1f} GB of disk of {found['has_disk_gb']:.0f} free"
        + (f", {found['download_gb']:.1f} GB to download" if found["download_gb"] else ""),
        f"{found['steps']:.0f} optimizer steps over {found['padded_tokens'] / 1e6:.1f} M tokens",
    ]
    if "seconds" in found:
        lines[-1] += f", about {duration(found['seconds'])} of training"
    return "\n".join(lines + ([] if found["fits"] else ["this machine does not have that"]))
