"""The main recipe at its real size: a model of random weights, shaped as Qwen3-4B-Instruct-2507, trained, stopped, gone
on with, fused and put to a task. It takes minutes and 17 GB of disk, which are given back."""

from __future__ import annotations

import contextlib
import gc
import math
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
import pytest
from mlx.utils import tree_flatten
from mlx_lm.models import qwen3

from mlx_train import machine, models
from mlx_train import recipe as recipes
from mlx_train.chat.render import Chat, Example
from mlx_train.errors import Interrupted
from mlx_train.files import read_json, read_jsonl, sha256_of, write_json
from mlx_train.gates import rollouts
from mlx_train.gates.local import Local
from mlx_train.places import EMBEDDED
from mlx_train.planning import SHAPES
from mlx_train.release import lock
from mlx_train.release.package import package
from mlx_train.tasks.task import Call, Task, Turn
from mlx_train.train import adapters, engine
from mlx_train.world.base import World, tool
from mlx_train.world.catalogue import WORLDS

CONFIG = SHAPES["qwen3-4b"] | {"rms_norm_eps": 1e-6, "rope_theta": 5e6, "max_position_embeddings": 262144}
PARAMETERS = 4_022_468_096
RECIPE = recipes.load("qwen3-4b")
# A row of 8 tokens after a shared prefix of 2 is a step. A rate at which the change shows in bfloat16.
SETTINGS = RECIPE.train.model_copy(
    update={"batch_tokens": 10, "accumulate": 1, "epochs": 0.75, "learning_rate": 1e-2, "warmup": 0.0, "save_every": 1}
)
PROBE = mx.array([[11, 150_000]])
MOST_GB = 12.0


class Bell(World):
    """A bell, which is the only tool."""

    domain = "bell"

    def __init__(self, state: dict[str, Any]) -> None:
        self.rung = int(state["rung"])

    def state(self) -> dict[str, Any]:
        return {"rung": self.rung}

    @tool
    def ring(self) -> dict[str, Any]:
        """Ring."""
        self.rung += 1
        return {"rung": self.rung}


TASK = Task(
    id="bell.ring/gate/1", domain="bell", family="bell.ring", tier="easy", split="gate", seed=1, world={"rung": 0},
    turns=(Turn(user="Ring", templates=("bell/1",), gold=(Call(name="ring", arguments={}),), say="Done."),),
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setitem(WORLDS, "bell", Bell)
    yield tmp_path
    shutil.rmtree(tmp_path)


def write_base(folder: Path) -> None:
    """Random weights in a file for each block, so that no more than one is ever in memory."""
    folder.mkdir()
    for name in ("tokenizer.json", "tokenizer_config.json", "chat_template.jinja"):
        shutil.copyfile(EMBEDDED / name, folder / name)
    write_json(folder / "config.json", {**CONFIG, "eos_token_id": [2]})
    shapes = {
        name: value.shape for name, value in tree_flatten(qwen3.Model(qwen3.ModelArgs.from_dict(CONFIG)).parameters())
    }
    draw = np.random.default_rng(0)
    weight_map = {}
    for name in shapes:
        parts = name.split(".")
        weight_map[name] = f"model-{parts[2] if parts[1] == 'layers' else 'rest'}.safetensors"
    for file in sorted(set(weight_map.values())):
        arrays = {name: weights(shapes[name], draw) for name, held in weight_map.items() if held == file}
        adapters.save_arrays(folder / file, arrays)
    write_json(folder / "model.safetensors.index.json", {"metadata": {}, "weight_map": weight_map})


def weights(shape: tuple[int, ...], draw: np.random.Generator) -> mx.array:
    """Of either sign and between 2^-6 and 2^-5 in size: random bits, but for the exponent. Norms are 1."""
    if len(shape) == 1:
        return mx.ones(shape, mx.bfloat16)
    bits = np.frombuffer(draw.bytes(2 * int(np.prod(shape))), np.uint16)
    return mx.array((bits & 0x807F) | 121 << 7).view(mx.bfloat16).reshape(shape)


def rows() -> list[Example]:
    """Four rows, the fewest that share a prefix, with ids from all over the vocabulary."""
    draw = np.random.default_rng(1)
    begin = tuple(map(int, draw.integers(0, CONFIG["vocab_size"], 3)))
    made = []
    for number in range(4):
        ids = begin + tuple(map(int, draw.integers(0, CONFIG["vocab_size"], 8)))
        made.append(Example(f"row-{number}", ids, (False,) * 7 + (True,) * 4, 3))
    return made


def fit(base: Path, out: Path, until: int | None = None) -> Any:
    """Train; the model, or None if it was stopped after so many steps."""
    model, _ = models.load(base, "bfloat16")
    seen: list[dict[str, Any]] = []
    with contextlib.suppress(Interrupted):
        engine.fit(
            model, rows(), [], SETTINGS, seed=7, out=out, identity={}, report=seen.append,
            stop=lambda: until is not None and len(seen) >= until,
        )  # fmt: skip
        return model
    return None


def answer(model: Any) -> Any:
    """Logits of `PROBE`."""
    return np.array(model(PROBE).astype(mx.float32))


def trained(base: Path, run: Path) -> None:
    """Two steps, a stop, and another one from the checkpoint. What the adapter on its base says of `PROBE` is kept, and
    what the base says."""
    assert fit(base, run / "fit", until=2) is None
    gc.collect()  # what was raised holds the model in a cycle
    assert sorted(path.name for path in (run / "fit" / "checkpoints").iterdir())[-1] == "step-000002"
    model = fit(base, run / "fit")
    lines = read_jsonl(run / "fit" / "metrics.jsonl")
    assert [(line["step"], line["steps"]) for line in lines] == [(1, 3), (2, 3), (3, 3)]
    assert all(math.isfinite(line["loss"]) and line["gradient_norm"] > 0 for line in lines)
    np.save(run / "said.npy", answer(model))
    with adapters.removed(model):
        np.save(run / "stock.npy", answer(model))


def fused(base: Path, run: Path) -> None:
    """The packages, and that they are whole."""
    recipe = RECIPE.model_dump(mode="json")
    write_json(run / "run.json", {
        "id": "1", "stages": {}, "recipe": recipe, "fingerprint": sha256_of(recipe),
        "base": {"name": "random", "licence": "none", "weights_sha256": models.weights_sha256(base)},
    })  # fmt: skip
    found = package(run, base)
    assert found["parity"] is None  # it wants the specialist's transcripts
    assert lock.verify(run / "package") == lock.verify(run / "fused") == []
    assert len(list((run / "fused").glob("*.safetensors"))) == 2
    held = read_json(run / "fused" / "model.safetensors.index.json")["metadata"]
    assert held == {"total_size": 2 * PARAMETERS, "total_parameters": PARAMETERS}


def played(run: Path) -> None:
    """The task, by the fused model; and that it says what the adapter on its base said."""
    model, tokenizer = models.load(run / "fused", "bfloat16")
    settings = rollouts.Settings("Act.", max_new_tokens=2)
    (row,) = rollouts.run([TASK], Local(model, Chat(tokenizer)), settings, suite="bell", done=run / "bell.jsonl")
    assert row["end"] in ("done", "truncated") and 0 < row["tokens"] <= 2 and row["error"] == ""
    said, stock = (np.load(run / f"{name}.npy") for name in ("said", "stock"))
    moved, off = ((other - said).std() for other in (stock, answer(model)))
    assert off < 0.25 * moved, "of weights rounded to bfloat16 it was 0.12; of a lost update it would be 1"


@pytest.mark.slow
def test_the_main_recipes_size_goes_through_every_stage(folder: Path) -> None:
    base, run = folder / "base", folder / "run"
    write_base(base)
    trained(base, run)
    fused(base, run)
    played(run)
    assert machine.peak_memory_gb() < MOST_GB
