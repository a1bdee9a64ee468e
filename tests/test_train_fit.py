"""The loop: what a step computes, going on after any interruption, and what it writes."""

from __future__ import annotations

import dataclasses
import json
import os
import random
import signal
import subprocess
import sys
import weakref
from pathlib import Path
from types import SimpleNamespace

import mlx.core as mx
import mlx.nn as nn
import mlx.optimizers
import pytest
import train_models

from mlx_train import files, lanes, machine
from mlx_train.errors import BadInput, Interrupted
from mlx_train.recipe import Train
from mlx_train.train import adapters, checkpoint, engine, gradients, loss
from mlx_train.train.optimizer import Optimizer, clipped, global_norm, rate

LORA = Train(
    rank=4, alpha=8, dropout=0.2, learning_rate=1e-2, batch_tokens=60, save_every=2, validate_every=2, epochs=2
)
DORA = LORA.model_copy(update={"method": "dora", "rank_stabilised": True})
FULL = LORA.model_copy(update={"method": "full", "optimizer": "muon", "accumulate": 2})


def fit(
    out: Path,
    settings: Train = LORA,
    until: int | None = None,
    seed: int = 3,
    model=None,
    rows=None,
    dev=None,
    breadth=(),
    texts=(),
):
    """Train a tiny model; `until` interrupts after that step. Returns the model's arrays and the metrics."""
    model = model or train_models.model()
    seen: list[dict] = []
    result = engine.fit(
        model,
        train_models.rows(12) if rows is None else rows,
        train_models.rows(4, seed=9) if dev is None else dev,
        settings,
        breadth=breadth,
        texts=texts,
        seed=seed,
        out=out,
        identity={"base": "tiny"},
        report=seen.append,
        stop=lambda: until is not None and bool(seen) and seen[-1]["step"] >= until,
    )
    return train_models.flat(model.parameters()), seen, result


def same(one: dict, other: dict) -> bool:
    return one.keys() == other.keys() and all(mx.array_equal(one[name], other[name]).item() for name in one)


def losses_of(out: Path) -> list[tuple[int, float, float]]:
    return [(row["step"], row["loss"], row["gradient_norm"]) for row in files.read_jsonl(out / "metrics.jsonl")]


@pytest.mark.parametrize("settings", [LORA, DORA, FULL], ids=["lora", "dora", "full"])
def test_going_on_is_bit_exact(tmp_path, settings) -> None:
    straight, seen, result = fit(tmp_path / "a", settings)
    assert result.steps == len(seen) >= 4
    with pytest.raises(Interrupted, match="step 3 of"):
        fit(tmp_path / "b", settings, until=3)
    assert (checkpoint.latest(tmp_path / "b" / "checkpoints") or Path()).name == "step-000003"
    resumed, again, _ = fit(tmp_path / "b", settings)
    assert again[0]["step"] == 4
    assert same(straight, resumed)
    assert losses_of(tmp_path / "a") == losses_of(tmp_path / "b")
    finished, nothing, result = fit(tmp_path / "b", settings)
    assert not nothing and same(straight, finished) and result.loss == seen[-1]["loss"]


def test_lanes_change_nothing_but_the_order_of_sums(tmp_path, monkeypatch) -> None:
    settings = FULL.model_copy(update={"accumulate": 3, "dropout": 0.0})
    found = []
    for count in (1, 2):
        monkeypatch.setattr(lanes, "LANES", count)
        monkeypatch.setattr("mlx_train.machine.cores", lambda: 8)
        fit(tmp_path / str(count), settings)
        found.append(losses_of(tmp_path / str(count)))
    assert [step for step, *_ in found[0]] == [step for step, *_ in found[1]]
    for (_, *one), (_, *other) in zip(*found, strict=True):
        assert one == pytest.approx(other, rel=1e-3)


@pytest.mark.parametrize("part", ["weights", "optimizer", "position", "dropout"])
def test_every_part_of_a_checkpoint_is_needed(tmp_path, part, monkeypatch) -> None:
    straight, _, _ = fit(tmp_path / "a")
    with pytest.raises(Interrupted):
        fit(tmp_path / "b", until=3)
    whole = checkpoint.read

    def without(path, identity):
        found = whole(path, identity)
        if part == "position":
            return dataclasses.replace(found, state={**found.state, "micro": 0})
        lacking = {name: mx.zeros_like(value) for name, value in getattr(found, part).items()}
        return dataclasses.replace(found, **{part: lacking})

    if part == "dropout":  # its place in the run is what its generator is made of
        begun = SimpleNamespace(Random=lambda text: random.Random(f"{text} begun again"))
        monkeypatch.setattr(gradients, "random", begun)
    else:
        monkeypatch.setattr(checkpoint, "read", without)
    assert not same(straight, fit(tmp_path / "b")[0])


def test_killed_run_goes_on_from_its_last_checkpoint(tmp_path) -> None:
    straight, _, _ = fit(tmp_path / "a")
    script = (
        "import os, signal, sys; sys.path.insert(0, 'tests'); from pathlib import Path; import test_train_fit as t\n"
        "from mlx_train import files\n"
        "whole = files.write_json\n"
        "def dying(path, value):\n"
        "    if path.name == 'manifest.json' and '000004' in str(path): os.kill(os.getpid(), signal.SIGKILL)\n"
        "    whole(path, value)\n"
        "files.write_json = dying\n"
        f"t.fit(Path({str(tmp_path / 'b')!r}))\n"
    )
    root = Path(__file__).parents[1]
    died = subprocess.run(
        [sys.executable, "-c", script], cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, capture_output=True
    )
    assert died.returncode == -signal.SIGKILL, died.stderr.decode()
    folder = tmp_path / "b" / "checkpoints"
    assert list(folder.glob(".step-000004*")) and (checkpoint.latest(folder) or Path()).name == "step-000002"
    with open(tmp_path / "b" / "metrics.jsonl", "a") as stream:
        stream.write('{"step": 5, "lo')
    resumed, again, _ = fit(tmp_path / "b")
    assert again[0]["step"] == 3 and same(straight, resumed)
    assert losses_of(tmp_path / "a") == losses_of(tmp_path / "b")
    assert not list(folder.glob(".step-*")) and len(list(folder.glob("step-*"))) == 2


def test_damaged_checkpoint_is_passed_over(tmp_path) -> None:
    fit(tmp_path)
    newest, older = sorted((tmp_path / "checkpoints").glob("step-*"), reverse=True)
    data = bytearray((newest / "weights.safetensors").read_bytes())
    data[-1] ^= 1
    (newest / "weights.safetensors").write_bytes(data)
    assert checkpoint.latest(tmp_path / "checkpoints") == older
    (older / ".DS_Store").write_bytes(b"the Finder was here")
    assert checkpoint.latest(tmp_path / "checkpoints") == older
    (older / "more").write_bytes(b"and somebody else")
    assert checkpoint.latest(tmp_path / "checkpoints") is None


def test_a_new_checkpoint_outlives_damaged_ones_of_later_steps(tmp_path) -> None:
    folder = tmp_path / "checkpoints"
    for step in (4, 6):
        checkpoint.save(folder, checkpoint.Checkpoint({}, {}, {"step": step}))
        (folder / f"step-{step:06d}" / "state.json").write_text("damaged")
    made = checkpoint.save(folder, checkpoint.Checkpoint({"a": mx.zeros(1)}, {"b": mx.zeros(1)}, {"step": 2}))
    assert checkpoint.latest(folder) == made and [path.name for path in folder.iterdir()] == ["step-000002"]


def test_checkpoint_of_another_run_is_refused(tmp_path) -> None:
    fit(tmp_path)
    with pytest.raises(BadInput, match=r"settings.rank: 4 in the checkpoint, 2 now"):
        fit(tmp_path, LORA.model_copy(update={"rank": 2}))
    with pytest.raises(BadInput, match="train_rows_sha256"):
        fit(tmp_path, rows=train_models.rows(11))


def test_accumulated_step_is_the_step_of_the_big_batch(tmp_path) -> None:
    plain = FULL.model_copy(update={"optimizer": "adamw", "epochs": 1, "clip": 1e9, "learning_rate": 1e-3})
    _, one, _ = fit(tmp_path / "a", plain.model_copy(update={"batch_tokens": 10_000, "accumulate": 99}))
    _, several, _ = fit(tmp_path / "b", plain.model_copy(update={"batch_tokens": 60, "accumulate": 99}))
    assert len(one) == len(several) == 1
    assert several[0]["loss"] == pytest.approx(one[0]["loss"], rel=1e-5)
    assert several[0]["gradient_norm"] == pytest.approx(one[0]["gradient_norm"], rel=1e-4)


def test_training_learns_and_counts(tmp_path) -> None:
    rows = train_models.rows(12)
    _, seen, result = fit(tmp_path, LORA.model_copy(update={"epochs": 12, "dropout": 0.0}))
    assert seen[-1]["loss"] < 0.6 * seen[0]["loss"]
    assert result.tokens == 12 * sum(sum(row.trained) for row in rows)
    assert result.dev_loss is not None and result.best_dev_loss <= result.dev_loss
    assert result.dev_loss == [row["dev_loss"] for row in seen if "dev_loss" in row][-1]
    assert [row["step"] for row in seen] == list(range(1, result.steps + 1))
    assert json.loads((tmp_path / "metrics.jsonl").read_text().splitlines()[0]) == seen[0]


def test_divergence_from_the_stock_holds_the_model_back(tmp_path) -> None:
    rows = [dataclasses.replace(row, held=True) for row in train_models.rows(12)]
    settings = LORA.model_copy(update={"epochs": 6, "dropout": 0.0, "accumulate": 2})
    free = settings.model_copy(update={"kl": 1e-9, "kl_rows": "all"})
    held = settings.model_copy(update={"kl": 10.0, "kl_rows": "all"})
    _, loose, _ = fit(tmp_path / "free", free, rows=rows)
    _, tight, _ = fit(tmp_path / "held", held, rows=rows)
    assert "kl" in loose[0] and loose[0]["kl"] == pytest.approx(0, abs=1e-6)
    assert tight[-1]["kl"] < 0.3 * loose[-1]["kl"] and tight[-1]["loss"] > loose[-1]["loss"]
    with pytest.raises(Interrupted):
        fit(tmp_path / "cut", held, until=3, rows=rows)
    assert losses_of(tmp_path / "held")[:3] == losses_of(tmp_path / "cut")
    assert [row["kl"] for row in fit(tmp_path / "cut", held, rows=rows)[1]] == [row["kl"] for row in tight[3:]]


def test_text_is_held_near_the_stock_and_not_learnt(tmp_path) -> None:
    texts = [
        dataclasses.replace(
            row, id=f"text-{row.id}", trained=(False, *[True] * (len(row.ids) - 1)), shared=0, held=True
        )
        for row in train_models.rows(6, seed=4)
    ]
    settings = LORA.model_copy(update={"epochs": 6, "dropout": 0.0, "accumulate": 2, "kl_rows": "text"})
    _, plain, _ = fit(tmp_path / "plain", settings)
    _, loose, _ = fit(tmp_path / "loose", settings.model_copy(update={"kl": 1e-9}), texts=texts)
    held = settings.model_copy(update={"kl": 10.0})
    _, tight, _ = fit(tmp_path / "tight", held, texts=texts)
    assert [row["loss"] for row in loose] == pytest.approx([row["loss"] for row in plain], rel=1e-4)
    assert loose[0]["kl"] == pytest.approx(0, abs=1e-6) and tight[0]["loss"] == plain[0]["loss"]
    assert tight[-1]["kl"] < 0.3 * loose[-1]["kl"] and tight[-1]["loss"] > loose[-1]["loss"]
    with pytest.raises(Interrupted):
        fit(tmp_path / "cut", held, until=3, texts=texts)
    assert losses_of(tmp_path / "tight")[:3] == losses_of(tmp_path / "cut")
    with pytest.raises(BadInput, match="texts_sha256"):
        fit(tmp_path / "cut", held, texts=texts[:5])
    assert [row["kl"] for row in fit(tmp_path / "cut", held, texts=texts)[1]] == [row["kl"] for row in tight[3:]]


def test_best_weights_are_kept_and_the_fit_stops_when_nothing_gets_better(tmp_path, monkeypatch) -> None:
    measured = [4.0, 3.0, 1.0, 2.0, 2.5]  # the first before training
    seen: list[dict] = []

    def evaluate(model, *_):
        seen.append(dict(adapters.trainable(model)))
        return measured[len(seen) - 1]

    monkeypatch.setattr(engine, "evaluate", evaluate)
    settings = LORA.model_copy(update={"validate_every": 1, "epochs": 9, "keep": "best", "patience": 2})
    weights, _, result = fit(tmp_path, settings)
    assert (result.steps, result.best_step, result.best_dev_loss, result.dev_loss) == (4, 2, 1.0, 2.5)
    assert same({name: weights[name] for name in seen[2]}, seen[2])
    assert same(dict(mx.load(str(result.folder / "adapters.safetensors"))), seen[2])
    newest = checkpoint.latest(tmp_path / "checkpoints")
    assert newest is not None and newest.name == "step-000004"
    assert same(dict(mx.load(str(newest / "weights.safetensors"))), seen[4])
    again, nothing, _ = fit(tmp_path, settings)
    assert not nothing and same(again, weights)


def test_dev_loss_does_not_change_training(tmp_path) -> None:
    often, _, _ = fit(tmp_path / "a", LORA.model_copy(update={"validate_every": 1}))
    never, _, result = fit(tmp_path / "b", dev=[])
    assert same(often, never) and result.dev_loss is None


def test_the_loss_elsewhere_is_watched_and_decides_nothing(tmp_path) -> None:
    elsewhere = train_models.rows(5, seed=21)
    before, nats = train_models.model(), []
    for row in elsewhere:
        each = nn.losses.cross_entropy(before(mx.array([row.ids[:-1]]))[0], mx.array(row.ids[1:]))
        nats += [each[at - 1].item() for at, trained in enumerate(row.trained) if trained]
    stock = sum(nats) / len(nats)
    with pytest.raises(Interrupted):
        fit(tmp_path / "a", until=3, breadth=elsewhere)
    with pytest.raises(BadInput, match="breadth_rows_sha256"):
        fit(tmp_path / "a", breadth=elsewhere[1:])
    watching, seen, result = fit(tmp_path / "a", breadth=elsewhere)
    alone, _, other = fit(tmp_path / "b")
    assert same(watching, alone) and (other.breadth_loss, other.stock_breadth_loss) == (None, None)
    assert result.stock_breadth_loss == pytest.approx(stock, rel=1e-5), "kept over an interruption"
    assert result.breadth_loss == [row["breadth_loss"] for row in seen if "breadth_loss" in row][-1]
    assert result.breadth_loss != pytest.approx(stock, rel=1e-3)
    assert result.stock_dev_loss == other.stock_dev_loss


def test_not_a_number_stops_before_the_update(tmp_path) -> None:
    model = train_models.model()
    model.model.norm.weight = model.model.norm.weight * float("nan")
    with pytest.raises(BadInput, match=r"step 1: the loss is nan.*row-"):
        fit(tmp_path, model=model, dev=[])
    assert not list(tmp_path.glob("checkpoints/*")) and not (tmp_path / "metrics.jsonl").exists()
    assert all(not value.any().item() for name, value in adapters.trainable(model).items() if name.endswith("lora_b"))


def test_a_watched_loss_that_is_no_number_is_told(tmp_path, monkeypatch) -> None:
    model = train_models.model()
    model.model.norm.weight = model.model.norm.weight * float("nan")
    with pytest.raises(BadInput, match=r"dev_loss: .* is nan after step 0\. Look at the base"):
        fit(tmp_path / "base", model=model)
    real, calls = engine.evaluate, iter(range(100))
    monkeypatch.setattr(engine, "evaluate", lambda *some: real(*some) if next(calls) == 0 else float("inf"))
    with pytest.raises(BadInput, match=r"dev_loss: .* is inf after step 2\. Lower train\.learning_rate"):
        fit(tmp_path)


def test_a_process_that_outgrows_the_memory_saves_and_stops(tmp_path, monkeypatch) -> None:
    settings = LORA.model_copy(update={"save_every": 100})
    straight, _, _ = fit(tmp_path / "a", settings)
    held = iter([1.0, 95.0, 50.0, 95.0, 95.0])  # the second reading is mended by emptying the cache, the third is not
    with monkeypatch.context() as patch:
        patch.setattr(engine.machine, "memory_gb", lambda: 100.0)
        patch.setattr(engine.machine, "footprint_gb", lambda: next(held))
        patch.setattr(engine, "SETTLING", (0.0,))  # a Mac would wait
        with pytest.raises(BadInput, match=r"step 3: this process holds 95.0 of 100.0 GB.*train.batch_tokens"):
            fit(tmp_path / "b", settings)
    assert (checkpoint.latest(tmp_path / "b" / "checkpoints") or Path()).name == "step-000003"
    assert same(straight, fit(tmp_path / "b", settings)[0])


def test_what_is_gone_on_from_is_let_go_and_the_peak_is_of_all_sittings(tmp_path, monkeypatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(engine.mx, "get_peak_memory", lambda: 5_000_000_000)
        with pytest.raises(Interrupted):
            fit(tmp_path, until=2)
    read, held = checkpoint.read, []

    def watched(*arguments):
        found = read(*arguments)
        held.append(weakref.ref(found))
        return found

    monkeypatch.setattr(engine.checkpoint, "read", watched)
    monkeypatch.setattr(engine.batching, "of_text", lambda *arguments: pytest.fail("there is no text"))
    kept = []
    evaluate = engine.evaluate
    monkeypatch.setattr(engine, "evaluate", lambda *some: (kept.append(held[0]() is not None), evaluate(*some))[1])
    assert fit(tmp_path)[2].peak_memory == 5.0
    assert kept and not any(kept)


def test_footprint_follows_what_is_held() -> None:
    before = machine.footprint_gb()
    held = b"x" * (300 << 20)
    assert 0.25 < machine.footprint_gb() - before < 0.5 and held
    del held
    machine.release_memory()
    assert machine.footprint_gb() - before < 0.1
    assert 0 < machine.footprint_gb() <= machine.peak_memory_gb() + 0.01


@pytest.mark.parametrize("settings", [LORA, DORA], ids=["lora", "dora"])
def test_adapter_loads_in_mlx_lm(tmp_path, settings) -> None:
    from mlx_lm.tuner.utils import load_adapters

    ours = train_models.model()
    _, _, result = fit(tmp_path, settings, model=ours)
    assert result.folder == tmp_path / "adapters"
    ids = mx.array([[1, 2, 3, 4]])
    before = train_models.model()(ids)
    theirs = load_adapters(train_models.model(), str(result.folder))
    theirs.eval()
    assert mx.array_equal(ours(ids), theirs(ids)) and not mx.allclose(ours(ids), before, atol=1e-3)


def test_full_weights_are_saved(tmp_path) -> None:
    trained, _, result = fit(tmp_path, FULL)
    saved = mx.load(str(result.folder / "model.safetensors"))
    assert same(trained, dict(saved))


def test_targets_that_match_nothing_are_refused() -> None:
    with pytest.raises(BadInput, match=r"called q_proj.*There are: mlp.down_proj"):
        adapters.attach(train_models.model(), Train(targets=("q_proj", "mlp.up_proj")), seed=0)


@pytest.mark.parametrize("method", ["lora", "dora"])
def test_adapters_on_quantised_weights_learn_and_leave_them_as_they_are(tmp_path, method) -> None:
    model = train_models.model()
    nn.quantize(model, group_size=32, bits=4, class_predicate=lambda path, _: path.endswith(("q_proj", "up_proj")))
    before = train_models.flat(model.parameters())
    settings = LORA.model_copy(update={"method": method, "dropout": 0.0, "epochs": 8})
    after, seen, _ = fit(tmp_path, settings, model=model)
    assert seen[-1]["loss"] < 0.8 * seen[0]["loss"]
    frozen = {name.replace(".linear.", "."): value for name, value in after.items() if "lora_" not in name}
    assert all(mx.array_equal(frozen[name], value).item() for name, value in before.items())


@pytest.mark.parametrize("bits", [3, 5, 6])
def test_dora_on_bits_that_do_not_divide_32_is_refused(bits: int) -> None:
    model = train_models.model()
    nn.quantize(model, group_size=32, bits=bits, class_predicate=lambda path, _: path.endswith("q_proj"))
    nn.quantize(model, group_size=32, bits=4, class_predicate=lambda path, _: path.endswith("up_proj"))
    with pytest.raises(BadInput, match=rf"DoRA takes weights of 4 or 8 bits, not of {bits}"):
        adapters.attach(model, DORA, seed=0)
    adapters.attach(model, LORA, seed=0)


def test_a_quantised_head_may_be_run_in_pieces(tmp_path, monkeypatch) -> None:
    found = []
    for at_once in (1 << 26, 9 * train_models.VOCABULARY):
        model = train_models.model()
        nn.quantize(model, group_size=32, bits=8, class_predicate=lambda path, _: path.endswith("embed_tokens"))
        monkeypatch.setattr(loss, "LOGITS_AT_ONCE", at_once)
        _, seen, _ = fit(tmp_path / str(at_once), LORA.model_copy(update={"checkpoint_layers": True}), model=model)
        found.append([line["loss"] for line in seen])
    assert found[0] == pytest.approx(found[1], rel=1e-4)


def test_what_an_adapter_is_multiplied_by() -> None:
    assert Train(rank=16, alpha=32).scale == 2 and Train(rank=16, alpha=32, rank_stabilised=True).scale == 8


def test_full_training_of_quantised_weights_is_refused(tmp_path) -> None:
    model = train_models.model()
    nn.quantize(model, group_size=32, bits=4, class_predicate=lambda path, _: path.endswith("q_proj"))
    with pytest.raises(BadInput, match="quantised"):
        fit(tmp_path, FULL, model=model)


def test_fit_needs_rows(tmp_path) -> None:
    with pytest.raises(BadInput, match="no rows"):
        fit(tmp_path, rows=[])


def test_schedules_counted_by_hand() -> None:
    assert [rate("constant", step, 10, 0.2) for step in (1, 2, 3, 10)] == [0.5, 1.0, 1.0, 1.0]
    assert rate("cosine", 10, 10, 0.0) == pytest.approx(0.1)
    assert rate("cosine", 5, 10, 0.0) == pytest.approx(0.55)
    assert [rate("wsd", step, 10, 0.0) for step in (8, 9, 10)] == pytest.approx([1.0, 2 / 3, 1 / 3])


def test_weight_decay_is_decoupled_and_for_matrices_only() -> None:
    start = {"model.layers.0.w": mx.random.normal((4, 3)), "model.layers.0.norm": mx.random.normal((4,))}
    ours = Optimizer(Train(learning_rate=1e-2, weight_decay=0.1), start)
    decay = mlx.optimizers.AdamW(1e-2, weight_decay=0.1, bias_correction=True)
    plain = mlx.optimizers.Adam(1e-2, bias_correction=True)
    mine, theirs = start, dict(start)
    for _ in range(5):
        gradients = {name: mx.random.normal(value.shape) for name, value in start.items()}
        mine = ours.step(mine, gradients, 1.0)
        for (name, value), optimizer in zip(list(theirs.items()), (decay, plain), strict=True):
            theirs[name] = optimizer.apply_gradients({"w": gradients[name]}, {"w": value})["w"]
    assert train_models.worst(mine, theirs) < 1e-6


def test_muon_steps_matrices_of_blocks_only() -> None:
    start = {"model.layers.0.w": mx.random.normal((8, 3)), "model.embed_tokens.weight": mx.random.normal((5, 3))}
    ours = Optimizer(Train(optimizer="muon", learning_rate=2e-2, adam_learning_rate=3e-3), start)
    muon = mlx.optimizers.Muon(1e-2, weight_decay=0.0)
    adam = mlx.optimizers.Adam(1.5e-3, betas=[0.9, 0.95], bias_correction=True)
    mine, theirs = start, dict(start)
    for _ in range(3):
        gradients = {name: mx.random.normal(value.shape) for name, value in start.items()}
        mine = ours.step(mine, gradients, 0.5)
        for (name, value), optimizer in zip(list(theirs.items()), (muon, adam), strict=True):
            theirs[name] = optimizer.apply_gradients({"w": gradients[name]}, {"w": value})["w"]
    assert train_models.worst(mine, theirs) < 1e-6


@pytest.mark.parametrize("name", ["adamw", "adafactor", "lion", "muon"])
def test_every_optimizer_learns_and_resumes(tmp_path, name) -> None:
    rate = {"adamw": 1e-2, "adafactor": 1e-2, "lion": 2e-3, "muon": 2e-2}[name]
    settings = FULL.model_copy(update={"optimizer": name, "learning_rate": rate, "weight_decay": 0.1, "epochs": 6})
    straight, seen, _ = fit(tmp_path / "a", settings)
    assert seen[-1]["loss"] < seen[0]["loss"]
    with pytest.raises(Interrupted):
        fit(tmp_path / "b", settings, until=3)
    assert same(straight, fit(tmp_path / "b", settings)[0])


def test_small_updates_of_16_bit_weights_are_not_lost() -> None:
    start = {"model.layers.0.w": mx.ones((2, 2), dtype=mx.bfloat16)}
    optimizer, value = Optimizer(Train(learning_rate=1e-4), start), start
    for _ in range(100):
        value = optimizer.step(value, {"model.layers.0.w": mx.ones((2, 2), dtype=mx.bfloat16)}, 1.0)
    assert value["model.layers.0.w"].dtype == mx.bfloat16
    assert value["model.layers.0.w"][0, 0].item() == pytest.approx(0.99, abs=0.004)


def test_clipping_by_the_global_norm() -> None:
    gradients = {"a": mx.array([3.0]), "b": mx.array([4.0])}
    norm = global_norm(gradients)
    assert norm.item() == 5.0
    assert global_norm(clipped(gradients, norm, 1.0)).item() == pytest.approx(1.0, rel=1e-5)
    assert global_norm(clipped(gradients, norm, 9.0)).item() == 5.0


def test_copies_stay_and_steps_may_be_counted_apart_from_epochs(tmp_path: Path) -> None:
    settings = LORA.model_copy(update={"steps": 7, "keep_every": 3})
    _, seen, result = fit(tmp_path / "a", settings)
    assert result.steps == len(seen) == 7
    kept = sorted((tmp_path / "a" / engine.KEPT).iterdir())
    assert [path.name for path in kept] == ["step-000003", "step-000006", "step-000007"]
    weights = [path / adapters.WEIGHTS for path in kept]
    assert weights[2].read_bytes() == (tmp_path / "a" / "adapters" / adapters.WEIGHTS).read_bytes()
    with pytest.raises(Interrupted):
        fit(tmp_path / "b", settings, until=4)
    fit(tmp_path / "b", settings)
    assert all((tmp_path / "b" / engine.KEPT / path.parent.name / path.name).read_bytes() == path.read_bytes()
               for path in weights)  # fmt: skip
