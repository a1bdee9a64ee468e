"""One trainer on one workload, in a process of its own: ours, or mlx-lm's as it comes.

Both get the same random model with the same fresh adapters, the same rows and the same targets (all tokens after the
catalogue), and step on all rows at once, again and again; so the losses of both must agree.

    python -m mlx_train.bench.trainers WORKLOAD     a JSON object; prints one
"""

from __future__ import annotations

import json
import random
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from mlx_train import machine
from mlx_train.chat.render import Example
from mlx_train.recipe import Train

RATE = 1e-3
OTHERS_BEGIN = 2
"""First token id that rows are made of; the peer pads with 0."""


HEAD = 64
"""Width of an attention head."""


@dataclass(frozen=True)
class Workload:
    """What a trainer is to do.

    Attributes:
        who: `ours` or `peer`.
        prefix: tokens that all rows begin with, the catalogue; 0 for rows that share nothing.
        suffix: mean tokens of a row after it; rows have between 0.85 and 1.15 times as many.
        batch: rows of one optimizer step.
        together: rows that run at a time; fewer than `batch` means accumulation.
        recompute: whether layers are recomputed in the backward pass (gradient checkpointing).
        steps: optimizer steps; the first is not timed.
        layers, width, vocabulary: of the model: Qwen3 shape, heads of 64, MLP three times as wide.
        dtype: number format of the weights.
    """

    who: str = "ours"
    prefix: int = 1500
    suffix: int = 300
    batch: int = 8
    together: int = 8
    recompute: bool = False
    steps: int = 3
    layers: int = 4
    width: int = 256
    vocabulary: int = 16384
    dtype: str = "float32"


def shape(load: Workload) -> dict[str, Any]:
    """The model's configuration."""
    heads = load.width // HEAD
    return {
        "model_type": "qwen3", "hidden_size": load.width, "num_hidden_layers": load.layers,
        "intermediate_size": 3 * load.width, "num_attention_heads": heads, "num_key_value_heads": max(1, heads // 2),
        "head_dim": HEAD, "rms_norm_eps": 1e-6, "vocab_size": load.vocabulary, "max_position_embeddings": 32768,
        "rope_theta": 1e6, "tie_word_embeddings": True,
    }  # fmt: skip


def rows(load: Workload) -> list[Example]:
    """The rows of the workload, all tokens after the prefix supervised.

    They end with a token 0: the peer's loss also counts the first token of its padding, which is 0.
    """
    draw = random.Random("bench")
    prefix = [draw.randrange(OTHERS_BEGIN, load.vocabulary) for _ in range(load.prefix)]
    made = []
    for number in range(load.batch):
        length = round(load.suffix * (0.85 + 0.3 * number / max(1, load.batch - 1)))
        rest = [draw.randrange(OTHERS_BEGIN, load.vocabulary) for _ in range(length)] + [0]
        first = max(1, len(prefix))
        ids = tuple(prefix + rest)
        trained = tuple(index >= first for index in range(len(ids)))
        made.append(Example(f"row-{number}", ids, trained, load.prefix))
    return made


def micros(load: Workload, batch_tokens: int) -> int:
    """Micro-batches that the rows make."""
    from mlx_train.train import batching

    examples = rows(load)
    groups = batching.arrange(examples, share=True)
    return len(batching.epoch([batching.measure(row) for row in examples], groups, batch_tokens, 0, 0))


def settings(load: Workload) -> Train:
    """Plain LoRA by AdamW at a constant rate, one step over all rows."""
    longest = max(len(row.ids) for row in rows(load)) - load.prefix
    batch_tokens = load.prefix + load.together * (longest + longest // 8)  # with room for padding
    return Train(
        rank=16,
        learning_rate=RATE,
        warmup=0.0,
        schedule="constant",
        clip=1e9,
        epochs=load.steps,
        batch_tokens=batch_tokens,
        accumulate=micros(load, batch_tokens),
        checkpoint_layers=load.recompute,
        save_every=1 << 30,
        validate_every=1 << 30,
    )


def model_of(load: Workload) -> Any:
    """The random model, without adapters."""
    import mlx.core as mx
    from mlx_lm.models import qwen3

    mx.random.seed(0)
    model = qwen3.Model(qwen3.ModelArgs(**shape(load)))
    model.set_dtype(getattr(mx, load.dtype))
    mx.eval(model.parameters())
    return model


def ours(load: Workload, each: Callable[[float], None]) -> None:
    """Train by this project's engine; `each` gets the loss of every step."""
    from mlx_train.train.engine import fit

    with tempfile.TemporaryDirectory() as folder:
        fit(
            model_of(load), rows(load), [], settings(load), seed=0, out=Path(folder), identity={},
            report=lambda line: each(line["loss"]), stop=lambda: False,
        )  # fmt: skip


def peer(load: Workload, each: Callable[[float], None]) -> None:
    """Train by mlx-lm's trainer."""
    import mlx.optimizers
    from mlx_lm.tuner import trainer

    from mlx_train.train.adapters import attach

    model = model_of(load)
    attach(model, settings(load), seed=0)
    data = [(list(row.ids[:-1]), row.trained.index(True)) for row in rows(load)]
    accumulate = -(-load.batch // load.together)
    losses: list[float] = []

    class Callback(trainer.TrainingCallback):  # type: ignore[misc]
        def on_train_loss_report(self, train_info: dict[str, Any]) -> None:
            losses.append(train_info["train_loss"])
            if len(losses) % accumulate == 0:
                each(sum(losses[-accumulate:]) / accumulate)

    with tempfile.TemporaryDirectory() as folder:
        arguments = trainer.TrainingArgs(
            batch_size=load.together,
            iters=load.steps * accumulate,
            steps_per_report=1,
            steps_per_save=1 << 30,
            max_seq_length=1 << 20,
            adapter_file=str(Path(folder) / "adapters.safetensors"),
            grad_checkpoint=load.recompute,
            grad_accumulation_steps=accumulate,
        )
        optimizer = mlx.optimizers.Adam(RATE, bias_correction=True)
        trainer.train(model, optimizer, data, args=arguments, training_callback=Callback())


def gradient_difference(load: Workload) -> float:
    """Largest difference of an adapter's gradient, ours from the peer's, relative to the norm of that array."""
    import mlx.core as mx
    from mlx_lm.tuner import trainer

    from mlx_train.train import adapters, batching
    from mlx_train.train.loss import Loss

    model, examples = model_of(load), rows(load)
    attach = settings(load)
    adapters.attach(model, attach, seed=0)
    start = {name: value + 0.01 * mx.random.normal(value.shape) for name, value in adapters.trainable(model).items()}
    data = [(list(row.ids[:-1]), row.trained.index(True)) for row in examples]
    whole, lengths = next(trainer.iterate_batches(data, load.batch, 1 << 20))
    groups = batching.arrange(examples, share=True)
    (micro,) = batching.epoch([batching.measure(row) for row in examples], groups, 1 << 40, 0, 0)
    loss, batch = Loss(model), batching.collate(examples, micro)

    def by_peer(weights: dict[str, mx.array]) -> mx.array:
        adapters.put(model, weights)
        mean, tokens = trainer.default_loss(model, whole, lengths)
        total: mx.array = mean * tokens
        return total

    def by_us(weights: dict[str, mx.array]) -> mx.array:
        adapters.put(model, weights)
        return loss(batch)

    theirs, mine = (mx.grad(function)(start) for function in (by_peer, by_us))
    return max(
        float(mx.linalg.norm(theirs[name] - mine[name]) / (mx.linalg.norm(theirs[name]) + 1e-20)) for name in theirs
    )


def measure(load: Workload) -> dict[str, Any]:
    """Run a trainer; seconds of a step after the first, GB of arrays and of the process, and the last loss."""
    import mlx.core as mx

    moments, losses = [time.perf_counter()], []

    def each(loss: float) -> None:
        moments.append(time.perf_counter())
        losses.append(loss)

    {"ours": ours, "peer": peer}[load.who](load, each)
    supervised = sum(sum(row.trained) for row in rows(load))
    seconds = (moments[-1] - moments[1]) / (len(moments) - 2)
    return {
        **asdict(load),
        "seconds": seconds,
        "supervised_tokens_per_s": supervised / seconds,
        "peak_memory_gb": mx.get_peak_memory() / 1e9,
        "process_gb": machine.peak_memory_gb(),
        "loss": losses[-1],
    }


def limit_memory(share: float = 0.9) -> None:
    """Make an allocation beyond this share of the machine's memory fail, where the system can (Linux)."""
    if sys.platform == "linux":
        most = round(share * machine.memory_gb() * 1e9)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


if __name__ == "__main__":
    limit_memory()
    wanted = json.loads(sys.argv[1])
    if wanted.pop("gradients", False):
        print(json.dumps({"max_rel_grad_diff": gradient_difference(Workload(**wanted))}))
    else:
        print(json.dumps(measure(Workload(**wanted))))
