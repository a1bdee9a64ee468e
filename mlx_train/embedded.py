"""The embedded base: a small model of this project's own, made from random weights by its own full-parameter path.

It makes the whole loop real on any machine. It knows a few domains of this project and nothing else of the world.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from mlx_train import decontamination, machine
from mlx_train.chat.render import Chat
from mlx_train.chat.tokenizer import train_tokenizer
from mlx_train.data.build import build, rows_sha256
from mlx_train.data.tokens import encode
from mlx_train.data.trajectory import Trajectory, from_task, load
from mlx_train.files import read_json, read_jsonl, sha256_file, write_json, write_text
from mlx_train.places import EMBEDDED
from mlx_train.recipe import Recipe
from mlx_train.recipe import load as load_recipe
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
RECIPES = (
    "base-1-copying.toml",
    "base-2-tools.toml",
    "base-3-more.toml",
    "base-4-names.toml",
    "base-5-chains.toml",
)
"""What it is trained on, one after the other."""
TEXTS_PER_FAMILY = 12
"""Trajectories of each training family that the vocabulary is learnt from."""


CARD = """\
# The embedded base

A model of {parameters:.1f} M parameters in the Qwen3 architecture, with a byte-level vocabulary of {vocabulary:,} and a
chat template of its own, made from random weights by this project. It makes the whole loop real on any machine without
a model hub. **It is no general model:** all it has ever read are generated conversations in small made-up worlds, and
it is of no use for anything else.

| | |
| --- | --- |
{parts}
| tokens | {run:.2f} M run through the model, {supervised:.2f} M of them supervised |
| training | all weights, Muon and AdamW, float32; {minutes} minutes on a processor; loss by step in `curve.json` |
| weights | `model.safetensors`, bfloat16, SHA-256 `{sha256}` |
| licence | Apache-2.0 |

The first recipe is all copying: names, made up for the most part, that stand in the request. The others are six
domains, made-up tools, and file operations, most of them short; longer ones are left to learn. `./just base` makes a
model by these recipes in `artifacts/runs/embedded-base/model`, and goes on where it stopped. This one's
parts were made at the commits {commits}; other versions of the task families give other rows.

Training rows come from training families, phrasings and names only; `mlx-train data audit` compares rows with every
suite.
"""


def sample(prompt: str) -> Iterator[Trajectory]:
    """Trajectories of every first training family, file operations included; the vocabulary is learnt from these."""
    for family in families(role="train", group="first"):
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


def rebuild(work: Path, report: Callable[[dict[str, Any]], None], stop: Callable[[], bool]) -> dict[str, Any]:
    """Make the base again: vocabulary, then data and training from random weights, one recipe after the other.

    Goes on from the last checkpoint in `work`. The finished model is `work/model`, in bfloat16, with its card and the
    course of its loss.

    Args:
        work: folder of this build.
        report: given the metrics of each training step, with the recipe's name as `phase`.
        stop: true ends the build with a checkpoint.

    Returns: size and hash of the weights, minutes of training, and for each recipe rows, tokens, steps and losses.
    """
    import mlx.core as mx
    from mlx.utils import tree_flatten

    from mlx_train.train.adapters import save_arrays

    recipes = [load_recipe(str(EMBEDDED / name)) for name in RECIPES]
    model, tokenizer = start(recipes[0], work / "model")
    chat = Chat(tokenizer)
    phases = [_phase(model, chat, recipe, work / recipe.name, report, stop) for recipe in recipes]
    weights = {name: value.astype(mx.bfloat16) for name, value in tree_flatten(model.parameters())}
    save_arrays(work / "model" / "model.safetensors", weights)
    made = {
        "parameters": sum(value.size for value in weights.values()),
        "weights_sha256": sha256_file(work / "model" / "model.safetensors"),
        "minutes": round(sum(phase["seconds"] for phase in phases) / 60),
        "phases": phases,
    }
    courses = {recipe.name: curve(work / recipe.name / "fit" / "metrics.jsonl") for recipe in recipes}
    write_json(work / "model" / "curve.json", {**made, "curve": courses})
    write_text(work / "model" / "README.md", _card(made))
    return made


def _sha256_of(model: Any) -> str:
    """Of its weights, as they are in memory."""
    import numpy as np
    from mlx.utils import tree_flatten

    digest = hashlib.sha256()
    for name, value in sorted(tree_flatten(model.parameters())):
        digest.update(name.encode() + np.array(value).tobytes())
    return digest.hexdigest()


def _phase(
    model: Any,
    chat: Chat,
    recipe: Recipe,
    work: Path,
    report: Callable[[dict[str, Any]], None],
    stop: Callable[[], bool],
) -> dict[str, Any]:
    """Train the model in place on the rows of one recipe."""
    from mlx_train.train.engine import fit

    summary = work / "data" / "summary.json"
    if not summary.exists() or read_json(summary, "summary of rows").get("recipe_sha256") != rows_sha256(recipe):
        build(recipe, work / "data", fault=decontamination.fault)
    train, dev = (
        encode(load(work / "data" / f"{name}.jsonl"), chat, recipe.data.max_tokens, recipe.data.overlong)
        for name in ("train", "dev")
    )
    fitted = fit(
        model, train.examples, dev.examples, recipe.train, seed=recipe.seed, out=work / "fit",
        identity={"shape": SHAPE, "before": _sha256_of(model)},
        report=lambda line: report({"phase": recipe.name, **line}), stop=stop,
    )  # fmt: skip
    return {
        "recipe": recipe.name, "rows": len(train.examples), "row_tokens": train.tokens,
        "supervised_tokens": fitted.tokens, "padded_tokens": fitted.padded_tokens, "steps": fitted.steps,
        "loss": fitted.loss, "dev_loss": fitted.dev_loss, "seconds": fitted.seconds,
        "peak_memory_gb": fitted.peak_memory, "commit": machine.source().get("commit", "unknown"),
    }  # fmt: skip


def curve(metrics: Path) -> list[dict[str, Any]]:
    """Loss by step, each the mean of the ten steps up to it."""
    lines = read_jsonl(metrics)
    points = []
    for number in range(10, len(lines) + 1, 10):
        mean = sum(line["loss"] for line in lines[number - 10 : number]) / 10
        points.append({"step": lines[number - 1]["step"], "loss": round(mean, 4)})
    return points


def _card(made: dict[str, Any]) -> str:
    phases = made["phases"]
    run, supervised = (sum(phase[key] for phase in phases) / 1e6 for key in ("padded_tokens", "supervised_tokens"))
    parts = "\n".join(
        f"| `{phase['recipe']}.toml` | {phase['rows']:,} rows, {phase['steps']} steps; "
        f"loss {phase['loss']:.2f} nats per token on the last step, {phase['dev_loss']:.2f} on dev rows |"
        for phase in phases
    )
    return CARD.format(
        parameters=made["parameters"] / 1e6, vocabulary=VOCABULARY, parts=parts, run=run, supervised=supervised,
        minutes=made["minutes"], sha256=made["weights_sha256"],
        commits=", ".join(f"`{phase['commit'][:12]}`" for phase in phases),
    )  # fmt: skip
