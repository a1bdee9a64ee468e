"""What an arm's losses are, on a real model: those of whole rows one by one, and nothing moved at strength 0."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import mlx.core as mx
import numpy as np
import pytest
from chats import TOOLS, conversation

from mlx_train import models, program, screen_losses
from mlx_train.chat.render import Chat
from mlx_train.data.tokens import encode
from mlx_train.data.trajectory import stream
from mlx_train.errors import BadInput
from mlx_train.places import EMBEDDED
from mlx_train.recipe import Data, Recipe, Source
from mlx_train.train import adapters


def by_hand(model, rows) -> float:
    """Nats per supervised token of rows run whole, one after the other."""
    nats, count = 0.0, 0
    for row in rows:
        logits = model(mx.array([row.ids[:-1]]))[0].astype(mx.float32)
        chances = np.array(logits - mx.logsumexp(logits, axis=-1, keepdims=True))
        wanted = [at for at, trained in enumerate(row.trained) if trained]
        nats -= sum(float(chances[at - 1, row.ids[at]]) for at in wanted)
        count += len(wanted)
    return nats / count


def test_losses_at_each_strength(tmp_path, monkeypatch) -> None:
    recipe = Recipe(
        name="tiny", base={"name": "embedded", "dtype": "float32"},
        data=Data(sources=(Source(domain="files", rows=3),), dev_rows=2, breadth_rows=3, max_tokens=8192),
    )  # fmt: skip
    rows = screen_losses.Yardstick.of(recipe, tmp_path, tmp_path / "rows")
    model, tokenizer = models.load(EMBEDDED)
    adapters.attach(model, recipe.train, seed=1)
    mx.random.seed(0)
    moved = {name: value + 0.02 * mx.random.normal(value.shape) for name, value in adapters.trainable(model).items()}
    adapters.save(tmp_path / "fit" / "adapters", moved, recipe.train, len(model.layers))
    run = SimpleNamespace(
        id="one",
        recipe=recipe,
        base=EMBEDDED,
        folder=tmp_path,
        record={"base": {"name": "embedded"}},
    )

    stock, whole = screen_losses.measure(run, (0, 1), rows)
    assert (stock["strength"], whole["strength"]) == (0, 1) and 0 == stock["general_kld"] < whole["general_kld"]
    chat = Chat(tokenizer)
    for key, name in screen_losses.ROWS.items():
        examples = encode(stream(rows.folder / name), chat, 8192).examples
        assert stock[key] == pytest.approx(by_hand(models.load(EMBEDDED)[0], examples), rel=1e-4)
        after = models.load_trained(EMBEDDED, "float32", tmp_path / "fit" / "adapters")[0]
        assert whole[key] == pytest.approx(by_hand(after, examples), rel=1e-4) != pytest.approx(stock[key], rel=1e-4)

    monkeypatch.setattr(models, "load_trained", None)  # what was measured is read
    assert screen_losses.measure(run, (0, 1), rows) == [stock, whole]
    adapters.save(tmp_path / "fit" / "adapters", {}, recipe.train, len(model.layers))
    with pytest.raises(TypeError):  # [select] put other weights there
        screen_losses.measure(run, (1,), rows)
    monkeypatch.setattr(program, "SHA256", "2")  # the stock of another program is not this one's
    with pytest.raises(TypeError):
        screen_losses.measure(run, (0,), rows)


def test_a_recipe_that_generates_no_rows_is_refused_before_anything_is_trained(tmp_path: Path) -> None:
    (tmp_path / "own.jsonl").write_text(json.dumps({"id": "a", "tools": TOOLS, "messages": conversation()}))
    recipe = Recipe(name="own", base={"name": "embedded"}, data=Data(files=("own.jsonl",), dev_rows=2, breadth_rows=3))
    with pytest.raises(BadInput, match=r"dev\.jsonl, on which .*data\.sources"):
        screen_losses.Yardstick.of(recipe, tmp_path, tmp_path / "rows")


@pytest.mark.parametrize("stock, drawn", [(0.14, True), (0.16, False)])
def test_a_stock_is_drawn_where_it_is_near(stock: float, drawn: bool) -> None:
    rows = [
        {"arm": "a", "strength": 0.0, "dev_loss": stock, "breadth_loss": 0.2, "general_kld": 0.0},
        {"arm": "a", "strength": 1.0, "dev_loss": 0.1, "breadth_loss": 0.3, "general_kld": 0.4},
    ]
    made = screen_losses.figures(rows)
    assert (">stock<" in made["breadth_loss.svg"]) == drawn and ">stock<" not in made["general_kld.svg"]
