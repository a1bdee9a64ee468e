"""The memory that `plan` predicts beside the memory that a fit takes, one thing changed at a time.

python -m mlx_train.preload python tests/test_train_plan_memory.py     prints the table of docs/planning.md
"""

from __future__ import annotations

import gc
import random
import tempfile
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest

from mlx_train.chat.render import Example
from mlx_train.recipe import Train
from mlx_train.train import engine, plan

MODEL = dict(
    model_type="qwen3", hidden_size=128, num_hidden_layers=6, intermediate_size=384, num_attention_heads=4,
    num_key_value_heads=2, head_dim=32, vocab_size=2048, rms_norm_eps=1e-6, rope_theta=1e6, tie_word_embeddings=True,
    max_position_embeddings=8192,
)  # fmt: skip
GEMMA = dict(model_type="gemma3_text", sliding_window=64, sliding_window_pattern=3, query_pre_attn_scalar=32)
LLAMA = dict(model_type="llama", tie_word_embeddings=False)
SMALL_ROWS = dict(prefix=0, row=16, rows=4)

CASES: dict[str, dict[str, Any]] = {
    "LoRA": {},
    "rank 64": {"train": dict(rank=64)},
    "twice as wide": {"model": dict(hidden_size=256, intermediate_size=768, num_attention_heads=8)},
    "12 layers": {"model": dict(num_hidden_layers=12)},
    "vocabulary 32768": {"model": dict(vocab_size=32768)},
    "prefix 800": {"prefix": 800},
    "no shared prefix": {"train": dict(share_prefix=False)},
    "rows of 400": {"row": 400, "rows": 3},
    "twice the rows": {"rows": 12},
    "recomputed layers": {"train": dict(checkpoint_layers=True), "model": dict(num_hidden_layers=12)},
    "two lanes, accumulated": {"train": dict(accumulate=4), "rows": 12, "lanes": 2},
    "dropout": {"train": dict(dropout=0.1)},
    "DoRA": {"train": dict(method="dora")},
    "QLoRA, 4 bits": {"model": dict(quantization={"group_size": 32, "bits": 4})},
    "KL to the stock": {"train": dict(kl=0.1, kl_rows="all")},
    "KL to the stock on text": {"train": dict(kl=0.1, kl_rows="text", kl_text=1024)},
    "Gemma 3": {"model": GEMMA},
    "Llama": {"model": LLAMA},
    "full": {"train": dict(method="full")},
    "full, recomputed": {"train": dict(method="full", checkpoint_layers=True), "model": dict(num_hidden_layers=12)},
    "full, AdamW's step": {"train": dict(method="full"), "model": dict(hidden_size=512), **SMALL_ROWS},
    "full, Adafactor's": {
        "train": dict(method="full", optimizer="adafactor"), "model": dict(hidden_size=512), **SMALL_ROWS,
    },
    "full, Lion's, bfloat16": {
        "train": dict(method="full", optimizer="lion"), "model": dict(hidden_size=512), "dtype": "bfloat16",
        **SMALL_ROWS,
    },
    "full, Muon's": {"train": dict(method="full", optimizer="muon"), "model": dict(hidden_size=512), **SMALL_ROWS},
}  # fmt: skip
"""What of the first configuration is different."""
QUICK = ("LoRA", "full, AdamW's step")


def compared(case: dict[str, Any]) -> tuple[float, float]:
    """GB predicted, and measured over three steps; beside nothing but what the fit itself holds."""
    config = MODEL | case.get("model", {})
    prefix, row, rows = case.get("prefix", 200), case.get("row", 120), case.get("rows", 6)
    dtype, lanes = case.get("dtype", "float32"), case.get("lanes", 1)
    settings = Train(epochs=3, batch_tokens=1, save_every=1 << 30).model_copy(update=case.get("train", {}))
    shares = settings.share_prefix and prefix > 0
    width = plan.batching.padded_length(row + 1 if shares else prefix + row)
    settings = settings.model_copy(update={"batch_tokens": (prefix - 1 if shares else 0) + rows * width})

    total = rows * settings.accumulate
    draw = random.Random(0)
    begin = [draw.randrange(config["vocab_size"]) for _ in range(prefix)]
    examples, holds = [], settings.kl > 0 and settings.kl_rows == "all"
    for number in range(total):
        rest = [draw.randrange(config["vocab_size"]) for _ in range(row + 1)]
        trained = [False] * prefix + [index % 2 == 0 for index in range(row + 1)]
        trained[0] = False  # nothing precedes it
        examples.append(Example(f"{number}", tuple(begin + rest), tuple(trained), prefix, holds))
    pieces = [
        Example(f"text-{n}", tuple(draw.choices(range(config["vocab_size"]), k=128)), (False, *[True] * 127), 0, True)
        for n in range(plan.batching.PIECES if settings.kl_rows == "text" else 0)
    ]
    extent = plan.batching.measure(examples[0])
    epoch = plan.even_course(
        settings, prefix=extent.shareable, row=extent.stop - extent.shareable, rows=total, supervised=extent.targets
    )
    found = plan.estimate(settings, config, dtype, epoch, lanes)

    gc.collect()
    mx.clear_cache()
    others = mx.get_active_memory()
    model = plan.model_of(config, dtype)
    mx.eval(model.parameters())
    mx.reset_peak_memory()
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("mlx_train.lanes.LANES", lanes)
        patch.setattr("mlx_train.machine.cores", lambda: 2)
        engine.fit(
            model, examples, [], settings, texts=pieces, seed=0, out=Path(folder), identity={},
            report=lambda line: None, stop=lambda: False,
        )  # fmt: skip
    return found["total_gb"], (mx.get_peak_memory() - others) / 1e9


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in QUICK else pytest.mark.slow) for name in CASES]
)
def test_predicted_memory_is_the_measured_one(name) -> None:
    predicted, measured = compared(CASES[name])
    assert predicted == pytest.approx(measured, rel=0.1)


if __name__ == "__main__":
    print("| configuration | predicted, MB | measured, MB | predicted / measured |\n| --- | --- | --- | --- |")
    for name, case in CASES.items():
        predicted, measured = compared(case)
        print(f"| {name} | {1e3 * predicted:.1f} | {1e3 * measured:.1f} | {predicted / measured:.3f} |", flush=True)
