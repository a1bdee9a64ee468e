"""Divergence on general text: fixed bytes, the stock in the same memory, nothing where nothing was learnt."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
import release_scored
from mlx.utils import tree_flatten
from train_models import model

from mlx_train import models
from mlx_train.errors import GateBroken
from mlx_train.files import read_json
from mlx_train.gates.replay import READ, WORDS
from mlx_train.places import GENERAL
from mlx_train.recipe import Train
from mlx_train.release import divergence, evidence, general
from mlx_train.train import adapters


class Letters:
    """A tokenizer of the texts' bytes below 64, after a first id or none."""

    def __init__(self, bos_token_id: int | None = None) -> None:
        self.bos_token_id = bos_token_id

    def encode(self, text: str) -> list[int]:
        ids = [ord(letter) % 62 + 2 for letter in text[:90]]
        return ids if self.bos_token_id is None else [self.bos_token_id, *ids]


def adapted(size: float, method: str = "lora") -> Any:
    """A tiny model with an adapter; of no effect at a size of 0."""
    made = model()
    adapters.attach(made, Train.model_validate({"method": method, "rank": 2, "targets": ["self_attn.q_proj"]}), 0)
    mx.random.seed(1)
    trained = adapters.trainable(made)
    adapters.put(made, {
        name: value + size * mx.random.normal(value.shape) if name.endswith("lora_b") else value
        for name, value in trained.items()
    })  # fmt: skip
    mx.eval(made.parameters())
    return made


@pytest.mark.parametrize("method", ["lora", "dora"])
def test_the_stock_beside_the_adapter_is_the_stock_and_shares_its_arrays(method: str) -> None:
    ids = mx.array([[1, 2, 3, 4]])
    before = model()(ids)
    with_it = adapted(0.5, method)
    bare = adapters.without(with_it)
    assert mx.array_equal(bare(ids), before) and not mx.allclose(with_it(ids), before, atol=1e-2)
    held = {id(value) for _, value in tree_flatten(with_it.parameters())}
    assert all(id(value) in held for _, value in tree_flatten(bare.parameters()))


def test_windows_are_the_texts_and_the_first_id_is_not_foretold() -> None:
    texts = general.windows(Letters(1), "gate")
    assert [text.task for text in texts] == sorted(path.stem for path in (GENERAL / "gate").glob("*.txt"))
    assert all(text.kinds[:2] == (READ, WORDS) and text.shared == 1 and text.ids[0] == 1 for text in texts)
    assert all(text.shared == 0 and text.kinds[0] == WORDS for text in general.windows(Letters(), "dev"))
    assert not {path.read_bytes() for path in (GENERAL / "gate").iterdir()} & {
        path.read_bytes() for path in (GENERAL / "dev").iterdir()
    }


def test_other_bytes_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(GENERAL, tmp_path / "general")
    monkeypatch.setattr(general, "GENERAL", tmp_path / "general")
    (tmp_path / "general" / "gate" / ".DS_Store").write_bytes(b"of the Finder")
    general.windows(Letters(), "gate")
    with open(tmp_path / "general" / "gate" / "code-c.txt", "a") as stream:
        stream.write("\n")
    with pytest.raises(GateBroken, match="texts have SHA-256"):
        general.windows(Letters(), "gate")


def test_an_adapter_of_no_effect_is_at_zero_and_a_larger_one_is_further() -> None:
    found = []
    for size in (0.0, 0.2, 0.5):
        one = adapted(size)
        found.append(general.measure(adapters.without(one), one, Letters(1), "dev"))
    assert found[0]["kld_mean"] == pytest.approx(0, abs=1e-7) and found[0]["same_top"] == 1
    assert found[0]["kld_mean"] < found[1]["kld_mean"] < found[2]["kld_mean"]
    # Every id but the first of each text.
    assert found[0]["tokens"] == sum(len(text.ids) - 1 for text in general.windows(Letters(1), "dev"))
    parts = [found[2][kind] for kind in ("prose", "code")]
    mean = sum(part["kld_mean"] * part["tokens"] for part in parts) / sum(part["tokens"] for part in parts)
    assert found[2]["kld_mean"] == pytest.approx(mean)


def test_a_run_measures_its_adapter_against_its_own_base(tmp_path: Path) -> None:
    base = release_scored.base(tmp_path / "base")
    run = release_scored.run(tmp_path / "run", base)
    trained = run / "fit" / "adapters"
    general.write(run, base, trained)
    found = read_json(run / evidence.GENERAL)
    one, tokenizer = models.load(base)
    other = models.load(base, adapter=trained)[0]
    values = divergence.compare(one, other, general.windows(tokenizer, "gate"))
    assert found["kld_mean"] == pytest.approx(float(values["kld"].mean()), rel=1e-4) and found["kld_mean"] > 1e-3
    assert found["trained_sha256"] == models.weights_sha256(trained)
