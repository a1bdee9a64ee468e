"""The embedded base: a small model of this project's own, made from random weights by its own full-parameter path.

It makes the whole loop real on any machine. It knows a few domains of this project and nothing else of the world.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mlx_train.chat.render import Chat
from mlx_train.chat.tokenizer import train_tokenizer
from mlx_train.data.build import build
from mlx_train.data.tokens import encode
from mlx_train.data.trajectory import Trajectory, from_task, load
from mlx_train.files import sha256_file, write_json
from mlx_train.places import EMBEDDED
from mlx_train.recipe import Recipe
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import generate

VOCABULARY = 2048
SHAPE: dict[str, Any] = {
    "architectures": ["Qwen3ForCausalLM"],
    "model_type": "qwen3",
    "hidden_size": 320,
    "num_hidden_layers": 6,
    "intermediate_size": 768,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
    "head_dim": 64,
    "rms_norm_eps": 1e-6,
    "vocab_size": VOCABULARY,
    "max_position_embeddings": 8192,
    "rope_theta": 10000.0,
    "tie_word_embeddings": True,
    "attention_bias": False,
    "torch_dtype": "bfloat16",
}
TEXTS_PER_FAMILY = 12
"""Trajectories of each training family that the vocabulary is learnt from."""


def sample(prompt: str) -> Iterator[Trajectory]:
    """Trajectories of every training family, file operations included; the vocabulary is learnt from these."""
    for family in families(role="train"):
        for seed in range(TEXTS_PER_FAMILY):
            yield from_task(generate(family, "train", 1_000_000 + seed), prompt)


def make_tokenizer(prompt: str, template: str) -> Any:
    """The tokenizer, trained on rendered trajectories; the same prompt and template give the same one."""
    plain = train_tokenizer([], 300, template)
    rows = list(sample(prompt))
    return train_tokenizer(_rendered(plain, rows), VOCABULARY, template)


def _rendered(tokenizer: Any, rows: Iterable[Trajectory]) -> Iterator[str]:
    seen = set()
    for row in rows:
        catalogue = str([tool["function"]["name"] for tool in row.tools])
        tools = None if catalogue in seen else row.tools  # a catalogue counts once, or its words would crowd out others
        seen.add(catalogue)
        yield tokenizer.apply_chat_template(row.messages, tools=tools, tokenize=False)


def start(recipe: Recipe, folder: Path) -> tuple[Any, Any]:
    """A model with random weights, and its tokenizer, saved in `folder` for loading by mlx-lm."""
    import mlx.core as mx
    from mlx_lm.models.qwen3 import Model, ModelArgs

    tokenizer = make_tokenizer(recipe.prompt, (EMBEDDED / "chat_template.jinja").read_text(encoding="utf-8"))
    mx.random.seed(recipe.seed)
    model = Model(ModelArgs.from_dict(SHAPE))
    model.set_dtype(mx.float32)
    mx.eval(model.parameters())
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer.save_pretrained(folder)
    ends = sorted(Chat(tokenizer).stop_ids)
    write_json(folder / "config.json", {**SHAPE, "eos_token_id": ends, "pad_token_id": tokenizer.pad_token_id})
    write_json(folder / "generation_config.json", {"eos_token_id": ends, "do_sample": False})
    return model, tokenizer


def rebuild(
    recipe: Recipe, work: Path, report: Callable[[dict[str, Any]], None], stop: Callable[[], bool]
) -> dict[str, Any]:
    """Make the base again from its recipe: data, vocabulary, training from random weights.

    Goes on from the last checkpoint in `work`. The finished model is `work/model`, in bfloat16.

    Args:
        work: folder of this build.
        report: given the metrics of each training step.
        stop: true ends the build with a checkpoint.

    Returns: what was made and how: rows, tokens, steps, losses, seconds, hash of the weights.
    """
    import mlx.core as mx
    from mlx.utils import tree_flatten

    from mlx_train.train.adapters import save_arrays
    from mlx_train.train.engine import fit

    if not (work / "data" / "summary.json").exists():
        build(recipe, work / "data")
    model, tokenizer = start(recipe, work / "model")
    chat = Chat(tokenizer)
    train, dev = (
        encode(load(work / "data" / f"{name}.jsonl"), chat, recipe.data.max_tokens, recipe.data.overlong)
        for name in ("train", "dev")
    )
    fitted = fit(
        model, train.examples, dev.examples, recipe.train, seed=recipe.seed, out=work / "fit",
        identity={"shape": SHAPE}, report=report, stop=stop,
    )  # fmt: skip
    weights = {name: value.astype(mx.bfloat16) for name, value in tree_flatten(model.parameters())}
    save_arrays(work / "model" / "model.safetensors", weights)
    return {
        "parameters": sum(value.size for value in weights.values()),
        "rows": len(train.examples), "row_tokens": train.tokens, "supervised_tokens": fitted.tokens,
        "padded_tokens": fitted.padded_tokens, "steps": fitted.steps, "loss": fitted.loss, "dev_loss": fitted.dev_loss,
        "seconds": fitted.seconds, "peak_memory_gb": fitted.peak_memory,
        "weights_sha256": sha256_file(work / "model" / "model.safetensors"),
    }  # fmt: skip
