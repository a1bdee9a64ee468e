"""Memory and time of a fit before anything is loaded: rough on purpose, from the model's configuration alone.

Formulas (Korthikanti et al., arXiv 2205.05198, simplified): a block holds for its backward pass about 18 activations
of the model's width, 4 of the MLP's and the attention weights of each token run; under recomputation only its input,
plus one block in full. Real peaks vary by some 30 % with the kernels.
"""

from __future__ import annotations

from typing import Any

from mlx_train.recipe import Recipe

BYTES = {"float32": 4, "bfloat16": 2, "float16": 2}


def parameters(config: dict[str, Any]) -> dict[str, int]:
    """Numbers of weights of a dense decoder from its config.json: `blocks`, `embedding` (with an untied head)."""
    width, layers, heads = config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"]
    head = config.get("head_dim") or width // heads
    keys = (config.get("num_key_value_heads") or heads) * head
    block = 2 * width * heads * head + 2 * width * keys + 3 * width * config["intermediate_size"]
    tables = 1 if config.get("tie_word_embeddings", True) else 2
    return {"blocks": layers * block, "embedding": tables * width * config["vocab_size"]}


def adapter_parameters(config: dict[str, Any], targets: tuple[str, ...], rank: int) -> int:
    """Number of LoRA weights: rank times input plus output width of each target, in every block."""
    width, heads = config["hidden_size"], config["num_attention_heads"]
    head = config.get("head_dim") or width // heads
    keys = (config.get("num_key_value_heads") or heads) * head
    inside = config["intermediate_size"]
    sides = {
        "q_proj": width + heads * head, "k_proj": width + keys, "v_proj": width + keys, "o_proj": heads * head + width,
        "gate_proj": width + inside, "up_proj": width + inside, "down_proj": inside + width,
    }  # fmt: skip
    return (
        int(config["num_hidden_layers"])
        * rank
        * sum(int(sides.get(target.rsplit(".", 1)[-1], 0)) for target in targets)
    )


def estimate(
    recipe: Recipe,
    config: dict[str, Any],
    *,
    prefix: int,
    row: int,
    rows: int,
    supervised: int | None = None,
    rate: float | None = None,
) -> dict[str, float]:
    """Memory in GB (10^9 bytes), work in tokens and, if a rate is given, time in seconds.

    Args:
        recipe: the run.
        config: the base's config.json.
        prefix: tokens of the shared system prompt and catalogue.
        row: mean tokens of a row after the prefix.
        rows: rows of training data.
        supervised: supervised tokens of a row; half of `row` unless given.
        rate: padded tokens per second that this machine reaches on this model, measured.

    Returns:
        `weights_gb, adapter_gb, optimizer_gb, gradients_gb, activations_gb, logits_gb, total_gb, padded_tokens, steps`
        and `seconds` when a rate is given.
    """
    train, number = recipe.train, BYTES[recipe.base.dtype]
    count = sum(parameters(config).values())
    full = train.method == "full"
    adapter = 0 if full else adapter_parameters(config, train.targets, train.rank)
    trained = count if full else adapter
    # Moments (Adafactor keeps sums over rows and columns only), and a float32 copy of 16-bit weights.
    moments = 4 * {"adamw": 2, "muon": 1, "lion": 1, "adafactor": 0}[train.optimizer]
    moments += 4 if full and number == 2 else 0

    share = train.share_prefix and rows > 1
    together = max(1, (train.batch_tokens - prefix) // row if share else train.batch_tokens // (prefix + row))
    together = min(together, rows)
    tokens = prefix + together * row if share else together * (prefix + row)
    width, layers = config["hidden_size"], config["num_hidden_layers"]
    block = tokens * (18 * width + 4 * config["intermediate_size"]) * number
    activations = layers * tokens * width * number + block if train.checkpoint_layers else layers * block
    logits = together * (supervised or row // 2) * config["vocab_size"] * 4 * 2

    micros = -(-rows // together)
    result = {
        "weights_gb": count * number / 1e9,
        "adapter_gb": adapter * 4 / 1e9,
        "optimizer_gb": trained * moments / 1e9,
        "gradients_gb": trained * (number if full else 4) * (2 if train.accumulate > 1 else 1) / 1e9,
        "activations_gb": activations / 1e9,
        "logits_gb": min(logits, 4 * (1 << 28)) / 1e9,
    }
    result["total_gb"] = sum(result.values())
    result["padded_tokens"] = train.epochs * micros * tokens
    result["steps"] = -(-train.epochs * micros // train.accumulate)
    if rate:
        result["seconds"] = result["padded_tokens"] / rate
    return result
