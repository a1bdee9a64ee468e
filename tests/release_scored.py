"""A tiny model with the embedded tokenizer, an adapter for it, and transcripts of its run: enough to package."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.models.qwen3 import Model, ModelArgs

from mlx_train import models
from mlx_train.chat.render import Chat
from mlx_train.embedded import SHAPE
from mlx_train.files import sha256_of, write_json, write_jsonl
from mlx_train.gates import suites
from mlx_train.gates.conversation import Conversation
from mlx_train.places import EMBEDDED, SUITES
from mlx_train.recipe import Train
from mlx_train.release.package import package
from mlx_train.train import adapters

SMALL = {**SHAPE, "hidden_size": 64, "num_hidden_layers": 2, "intermediate_size": 128, "head_dim": 16}
PROMPT = "Act by calling tools."
CALL = '<tool_call>\n{"name": "ls", "arguments": {"a": true}}\n</tool_call>'
TASKS = 3


def base(folder: Path) -> Path:
    """A model directory with random weights, in float32."""
    folder.mkdir(parents=True)
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json"):
        shutil.copy(EMBEDDED / name, folder)
    write_json(folder / "config.json", {**SMALL, "eos_token_id": [2]})
    mx.random.seed(0)
    weights = tree_flatten(Model(ModelArgs.from_dict(SMALL)).parameters())
    adapters.save_arrays(folder / "model.safetensors", {name: 3 * value for name, value in weights})
    return folder


def run(folder: Path, base: Path) -> Path:
    """A run whose specialist calls a tool once in each task and then says something, in the suite `abstain`."""
    recipe: dict[str, Any] = {
        "name": "small", "prompt": PROMPT, "base": {"name": "tiny", "dtype": "float32"},
        "train": {"method": "lora", "rank": 4, "alpha": 8.0, "targets": ["self_attn.q_proj", "mlp.down_proj"]},
        "gates": {"suites": ["abstain"], "max_calls": 10, "max_new_tokens": 8},
    }  # fmt: skip
    write_json(folder / "run.json", {
        "id": "1", "stages": {}, "recipe": recipe, "fingerprint": sha256_of(recipe),
        "base": {"name": "tiny", "licence": "Apache-2.0", "weights_sha256": models.weights_sha256(base)},
    })  # fmt: skip
    mx.random.seed(3)
    settings = Train.model_validate(recipe["train"])
    model, tokenizer = models.load(base)
    adapters.attach(model, settings, 0)
    arrays = {name: 0.2 * mx.random.normal(value.shape) for name, value in adapters.trainable(model).items()}
    adapters.save(folder / "fit" / "adapters", arrays, settings, 2)
    suite = suites.load(SUITES / "abstain")
    rows = [played(Chat(tokenizer), task) for task in suite.tasks[:TASKS]]
    write_jsonl(folder / "gates" / "transcripts" / "specialist" / "abstain.jsonl", rows)
    write_json(folder / "gates" / "specialist.json", {"suites": {"abstain": {"suite_sha256": suite.digest}}})
    return folder


def packaged(folder: Path) -> Path:
    """A run that is packaged, with a few training rows: enough to quantise."""
    made = run(folder / "run", base(folder / "base"))
    row = {"tools": [], "messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Yes?"}]}
    write_jsonl(made / "data" / "train.jsonl", [{"id": f"row/{number}", **row} for number in range(6)])
    package(made, folder / "base")
    return made


def played(chat: Chat, task: Any) -> dict[str, Any]:
    """The transcript of one who calls a tool once, and says the same in every turn."""
    conversation = Conversation(task, chat, PROMPT, max_calls=10)
    write(conversation, chat, CALL)
    while conversation.end is None:
        write(conversation, chat, "What time should it start?")
    return conversation.transcript()


def write(conversation: Conversation, chat: Chat, text: str, stop: bool = True) -> list[int]:
    """Have the model write a message, and return its ids."""
    ids = [*chat.tokenizer.encode(text, add_special_tokens=False), *([chat.end_id] if stop else [])]
    conversation.receive(ids)
    return ids
