"""What is chosen follows from dev scores alone, and what is written is what was scored."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import pytest
import release_scored

from mlx_train import models, selection
from mlx_train.errors import BadInput
from mlx_train.files import read_json, read_jsonl
from mlx_train.gates import suites
from mlx_train.places import DEV_SUITES
from mlx_train.progress import Stage
from mlx_train.recipe import Recipe, validated
from mlx_train.release import peft
from mlx_train.selection import choose
from mlx_train.train.adapters import load_arrays

STOCK = {"hard": 0.1, "heldout": 0.1, "breadth-retained": 0.6, "abstain": 0.5}


def rates(hard: float, heldout: float, retained: float, abstain: float) -> dict[str, float]:
    return dict(zip(STOCK, (hard, heldout, retained, abstain), strict=True))


def test_the_deepest_of_those_that_keep_the_rest_is_chosen() -> None:
    found = {
        "early": rates(0.5, 0.5, 0.6, 0.5),
        "late": rates(0.9, 0.3, 0.59, 0.6),  # mean 0.6, a point lost
        "last": rates(0.99, 0.9, 0.5, 0.5),  # ten points lost
    }
    assert choose(STOCK, found, 0.02) == "late"
    assert choose(STOCK, found, 0.005) == "early"
    assert choose(STOCK, found, 0.1) == "last"


def test_where_none_keeps_the_rest_the_smallest_largest_loss_is_chosen_and_the_first_of_equals() -> None:
    found = {"a": rates(1, 1, 0.3, 0.5), "b": rates(0.2, 0.2, 0.6, 0.3), "c": rates(0.3, 0.3, 0.4, 0.5)}
    assert choose(STOCK, found, 0.02) == "c"  # loses 30, 20 and 20 points; c is deeper than b
    assert choose(STOCK, {"a": STOCK, "b": STOCK}, 0.02) == "a"


def recipe(base: Path, **select: Any) -> Recipe:
    return validated({
        "name": "small", "prompt": release_scored.PROMPT, "base": {"name": str(base), "dtype": "float32"},
        "train": {"rank": 4, "alpha": 8.0, "targets": ["self_attn.q_proj", "mlp.down_proj"]},
        "gates": {"max_calls": 2, "max_new_tokens": 3, "batch": 4}, "select": {"suites": ["abstain"], **select},
    }, "test")  # fmt: skip


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> SimpleNamespace:
    folder = tmp_path_factory.mktemp("select")
    base = release_scored.base(folder / "base")
    run = release_scored.run(folder / "run", base)
    dev = suites.load(DEV_SUITES / "abstain")
    return SimpleNamespace(base=base, run=run, dev=dev, trained=run / "fit" / "adapters")


def act(place: SimpleNamespace, wanted: Recipe, count: int) -> dict[str, Any]:
    return selection.select(
        wanted, place.base, place.trained, [place.dev.first(count)], place.run / "select", Stage("x")
    )


def test_the_first_tasks_are_a_suite_of_their_own(place: SimpleNamespace) -> None:
    part = place.dev.first(11)
    assert part.tasks == place.dev.tasks[:12] and part.tasks[11].twin_of == part.tasks[10].id  # no pair is parted
    assert len({part.digest, place.dev.first(13).digest, place.dev.digest}) == 3
    assert place.dev.first(1000) is place.dev and place.dev.first(11).digest == part.digest


def test_the_chosen_strength_is_in_the_numbers_that_every_program_reads(
    place: SimpleNamespace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "CACHE", tmp_path)
    before = load_arrays(place.trained / "adapters.safetensors")
    ids = mx.array([[5, 6, 7, 8]])
    half = models.load_trained(place.base, "float32", place.trained, 0.5)[0](ids)
    none = models.load_trained(place.base, "float32", place.trained, 0.0)[0](ids)
    assert mx.allclose(none, models.load(place.base)[0](ids), atol=1e-5)
    # The random model passes nothing, so all are equal and the first, at half strength, is chosen.
    wanted = recipe(place.base, strengths=[0.5, 1.0], tasks=2)
    found = act(place, wanted, 2)
    assert found["chosen"] == "last-x0.5" and list(found["candidates"]) == ["last-x0.5", "last"]
    assert found["candidates"]["last-x0.5"]["general_kld"] < found["candidates"]["last"]["general_kld"]
    assert found["stock"]["suites"]["abstain"]["n"] == 1 and "general_kld" not in found["stock"]
    after = load_arrays(place.trained / "adapters.safetensors")
    assert all(mx.array_equal(after[name], (0.5 if name.endswith("lora_b") else 1) * before[name]) for name in before)
    assert mx.array_equal(models.load(place.base, adapter=place.trained)[0](ids), half)
    peft.write(place.trained, tmp_path / "peft")
    theirs = peft.read(tmp_path / "peft")
    assert all(mx.array_equal(theirs[name], after[name]) for name in after)
    config = read_json(tmp_path / "peft" / "adapter_config.json")
    assert config["lora_alpha"] / config["r"] == wanted.train.scale
    # Again: nothing is rolled out, and the strength is not applied twice.
    written = {path: path.stat().st_mtime_ns for path in (place.run / "select").rglob("abstain.jsonl")}
    assert len(written) == 3 and all(len(read_jsonl(path)) == 2 for path in written)
    again = act(place, wanted, 2)
    assert again["sha256"] == found["sha256"] and again["chosen"] == found["chosen"]
    assert {path: path.stat().st_mtime_ns for path in written} == written


def test_what_takes_no_strength_is_refused(place: SimpleNamespace) -> None:
    with pytest.raises(BadInput, match="only adapters have a strength"):
        models.load_trained(place.base, "float32", None, 0.5)
    with pytest.raises(BadInput, match="expected a number from 0"):
        models.load_trained(place.base, "float32", place.trained, -0.5)
    with pytest.raises(BadInput, match="only LoRA has a strength"):
        validated(
            {"name": "x", "base": {"name": "b"}, "train": {"method": "dora"}, "select": {"strengths": [0.5]}}, "x"
        )
    with pytest.raises(BadInput, match="have one of them"):
        validated({"name": "x", "base": {"name": "b"}, "train": {"keep": "best"}, "select": {}}, "x")
