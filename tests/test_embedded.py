"""The embedded base can be made again: rows by its recipes, model, course of the loss and card."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import pytest
import train_models
from chats import own_chat

from mlx_train import embedded
from mlx_train.files import read_json, write_jsonl
from mlx_train.places import EMBEDDED
from mlx_train.recipe import Recipe, load

FITTED = SimpleNamespace(tokens=5, padded_tokens=9, steps=20, loss=0.5, dev_loss=0.6, seconds=90.0, peak_memory=0.1)


@pytest.fixture
def fitted(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What training was given, in place of training."""
    given: list[list[str]] = []

    def fit(model: Any, train: Any, dev: Any, settings: Any, *, out: Path, **more: Any) -> SimpleNamespace:
        given.append([example.id for example in train])
        write_jsonl(out / "metrics.jsonl", [{"step": step, "loss": 1 / step} for step in range(1, 21)])
        return FITTED

    monkeypatch.setattr("mlx_train.train.engine.fit", fit)
    return given


def small(name: str, rows: int) -> Recipe:
    """A recipe of the base with few rows."""
    whole = load(str(EMBEDDED / name))
    source = whole.data.sources[0].model_copy(update={"rows": rows})
    return whole.model_copy(update={"data": whole.data.model_copy(update={"sources": (source,), "dev_rows": 1})})


def test_the_base_is_made_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fitted: list[list[str]]) -> None:
    def start(recipe: Recipe, folder: Path) -> tuple[Any, Any]:
        folder.mkdir(parents=True)
        return train_models.model(), own_chat().tokenizer

    monkeypatch.setattr(embedded, "start", start)
    monkeypatch.setattr(embedded, "load_recipe", lambda path: small(Path(path).name, 4))
    made = embedded.rebuild(tmp_path, lambda line: None, lambda: False)
    model = tmp_path / "model"
    assert len(fitted) == len(made["phases"]) == 5 and made["minutes"] == round(5 * 1.5)
    course = read_json(model / "curve.json")["curve"]
    assert [point["step"] for point in course["base-2-tools"]] == [10, 20] and len(course) == 5
    assert made["weights_sha256"] in (model / "README.md").read_text()
    assert set(mx.load(str(model / "model.safetensors"))) >= {"model.embed_tokens.weight"}


def test_the_rows_of_another_recipe_are_not_used(tmp_path: Path, fitted: list[list[str]]) -> None:
    model, chat = train_models.model(), own_chat()
    for rows in (3, 3, 6):
        embedded._phase(model, chat, small("base-2-tools.toml", rows), tmp_path, lambda line: None, lambda: False)
    assert [len(given) for given in fitted] == [3, 3, 6] and fitted[0] == fitted[1]
