"""The plan before a fit: what is counted, what a trace holds, and which change makes a recipe fit."""

from __future__ import annotations

import json
import math
import random
import shutil
from dataclasses import replace
from pathlib import Path

import mlx.core as mx
import mlx.nn as nn
import pytest
import train_models
from mlx.utils import tree_flatten

from mlx_train import machine, models, planning
from mlx_train import recipe as recipes
from mlx_train.chat.render import Chat, Example
from mlx_train.cli import job
from mlx_train.data import init
from mlx_train.data.build import build
from mlx_train.data.sample import sample
from mlx_train.data.tokens import encode
from mlx_train.data.trajectory import stream
from mlx_train.errors import BadInput, NoNetwork
from mlx_train.places import EMBEDDED
from mlx_train.recipe import Base, Data, Recipe, Source, Train, load
from mlx_train.train import engine, memory, plan

CONFIG = {**train_models.COMMON, "tie_word_embeddings": True, "model_type": "qwen3", "rope_theta": 1e4}
ROWS = dict(prefix=11, row=20, rows=8)
N = 1 << 16
"""Items of an array, 4 bytes each."""


def estimate(settings: Train, dtype: str = "float32", **rows: int) -> dict:
    return plan.estimate(settings, CONFIG, dtype, plan.even_course(settings, **ROWS, **rows))


def peak(function, *shapes: tuple[int, ...], ahead: int = 1, giving: tuple[int, ...] = ()) -> memory.Peak:
    graph = memory.trace(function, [mx.zeros(shape) for shape in shapes])
    return memory.evaluate(graph.giving(giving), ahead)


def test_peaks_counted_by_hand() -> None:
    # exp makes an array, every later one takes over its memory.
    assert peak(lambda a: [mx.sin(mx.cos(mx.exp(a)))], (N,)).bytes == 4 * N
    # exp is still needed when cos is made of it; then their sum takes over one of the two.
    assert peak(lambda a: [mx.exp(a) + mx.cos(mx.exp(a))], (N,)).bytes in (2 * 4 * N, 3 * 4 * N)
    # What is given away is counted, and overwritten.
    assert peak(lambda a: [mx.exp(a)], (N,), giving=(0,)).bytes == 4 * N
    # A transposed operand is read as it lies; one that was cut out of rows is copied first.
    square = (256, 256)
    assert peak(lambda a, b: [a @ b.T], square, square).bytes == 4 * N
    wide = peak(lambda a, b: [a[:, ::2] @ b], (256, 512), square)
    assert wide.bytes == 2 * 4 * N and wide.operations == 2 * 256**3
    # Views take nothing.
    assert peak(lambda a: [a.reshape(64, 1024).T], (N,)).bytes == 0


def test_what_is_one_operation_on_a_gpu_is_traced_in_its_parts(monkeypatch) -> None:
    """MLX's losses ask for a fused cross-entropy there, and no graph with one can be exported."""
    called: list[str] = []
    fused = mx.fast.cross_entropy
    monkeypatch.setattr(mx.fast, "cross_entropy", lambda *some: called.append("fused") or fused(*some))
    monkeypatch.setattr(mx, "default_device", lambda: mx.gpu)
    logits, targets = mx.random.normal((5, 7)), mx.array([0, 6, 2, 3, 3])

    def loss(logits: mx.array) -> list[mx.array]:
        return list(mx.value_and_grad(lambda some: nn.losses.cross_entropy(some, targets, reduction="sum"))(logits))

    parts = memory._cross_entropy(logits, targets)
    memory.trace(loss, [logits])
    assert called == []
    assert mx.allclose(loss(logits)[0], parts.sum()).item() and called == ["fused"]


def test_what_a_gpu_does_not_export_is_traced_as_on_a_processor(monkeypatch) -> None:
    real, calls = mx.export_function, []

    def export(*some) -> None:
        calls.append(some)
        if len(calls) == 1:
            raise ValueError("[export_function] Unable to get state for primitive")
        real(*some)

    monkeypatch.setattr(mx, "export_function", export)
    monkeypatch.setattr(mx, "default_device", lambda: mx.cpu)
    with pytest.raises(ValueError, match="primitive"):  # a processor's own refusal is a fault
        peak(lambda a: [mx.exp(a)], (N,))
    calls.clear()
    monkeypatch.setattr(mx, "default_device", lambda: mx.gpu)
    assert peak(lambda a: [mx.exp(a)], (N,)).bytes == 4 * N and len(calls) == 2


@pytest.mark.parametrize(("mode", "group", "bits"), train_models.QUANTISED)
def test_a_quantised_base_is_planned_as_it_is_stored(mode: str, group: int, bits: int) -> None:
    config = dict(model_type="qwen3", tie_word_embeddings=True, rope_theta=1e4, **train_models.COMMON)
    config["intermediate_size"] = 64
    real = plan.model_of(config, "bfloat16")
    nn.quantize(real, group, bits, mode=mode)
    config["quantization"] = {"group_size": group, "bits": bits, "mode": mode}
    planned = plan.model_of(config, "bfloat16")
    assert nbytes(planned) == nbytes(real)
    whole = plan.model_of(config | {"quantization": config["quantization"] | {"model.embed_tokens": False}}, "bfloat16")
    assert nbytes(whole) > nbytes(planned) and isinstance(whole.model.embed_tokens, nn.Embedding)


def nbytes(model: nn.Module) -> int:
    return sum(value.nbytes for _, value in tree_flatten(model.parameters()))


@pytest.mark.parametrize("kind", ["gemma3", "wrapped"])
def test_models_that_wrap_another_are_planned_alike(kind: str) -> None:
    text = dict(model_type="gemma3_text", **train_models.COMMON, **train_models.WINDOWS)
    wrapped = dict(model_type="gemma3", text_config=text, vocab_size=train_models.VOCABULARY)
    settings = Train(rank=4, batch_tokens=512, checkpoint_layers=True)
    course = plan.even_course(settings, **ROWS)
    found = plan.estimate(settings, text if kind == "gemma3" else wrapped, "float32", course)
    assert found["total_gb"] == plan.estimate(settings, text, "float32", course)["total_gb"] and found["logits_gb"] > 0


def test_recomputation_holds_less_in_a_trace() -> None:
    def layer(x: mx.array) -> mx.array:
        for _ in range(8):
            x = mx.sin(x)
        return x

    def through(wrap):
        def function(x: mx.array) -> list[mx.array]:
            def loss(x: mx.array) -> mx.array:
                for _ in range(4):
                    x = wrap(layer)(x)
                return x.sum()

            return list(mx.value_and_grad(loss)(x))

        return peak(function, (N,)).bytes / (4 * N)

    assert through(lambda each: each) == 4 * 8
    # What enters three of the layers, the inside of one, and a few gradients on their way.
    assert 3 + 8 < through(lambda each: mx.checkpoint(each)) <= 3 + 8 + 3


def test_parts_counted_by_hand() -> None:
    full = estimate(Train(method="full", batch_tokens=200), "bfloat16")
    model = train_models.model()
    weights = sum(value.size for value in train_models.flat(model.parameters()).values())
    assert full["weights_gb"] == pytest.approx(2 * weights / 1e9)
    # Two moments and a float32 copy: 12 bytes a weight.
    assert full["optimizer_gb"] == pytest.approx(12 * weights / 1e9)
    lora = estimate(Train(rank=4, batch_tokens=200, accumulate=2), supervised=5)
    # A block's targets: q, k, v, o and three of the MLP, between widths of 32, 16 and 48.
    adapter = 4 * 4 * (64 + 48 + 48 + 64 + 80 + 80 + 80)
    assert lora["adapter_gb"] == pytest.approx(4 * adapter / 1e9)
    assert lora["optimizer_gb"] == pytest.approx(2 * 4 * adapter / 1e9)
    # The prefix of 11 once and rows of 20, padded to 24: seven rows fit into 200 tokens; eight need two micro-batches.
    assert (lora["micro_batches"], lora["steps"]) == (2, 1)
    longer = estimate(Train(rank=4, batch_tokens=200, accumulate=2, steps=7))
    assert (longer["micro_batches"], longer["steps"]) == (14, 7)
    assert lora["micro_tokens"] == 11 + 7 * 24 and lora["padded_tokens"] == 2 * (11 + 7 * 24)
    assert lora["targets"] == 8 * 5


def test_an_epoch_of_sampled_rows_is_cut_as_the_fit_cuts_it() -> None:
    draw = random.Random(1)
    examples = [
        Example(f"{n}", tuple([n % 3] * 40 + [9] * draw.randrange(8, 90)), (False,) * 40, 41, False) for n in range(60)
    ]
    examples = [replace(one, trained=tuple(n > 40 for n in range(len(one.ids)))) for one in examples]
    rows, settings = engine.Rows.of(examples, True), Train(batch_tokens=400)
    cut = rows.epoch(400, 0, 0)
    whole = plan.course(rows, 60, settings)
    assert (whole.micro_batches, whole.supervised) == (len(cut), rows.targets(cut))
    assert whole.padded_tokens == sum(micro.padded for micro in cut)
    assert whole.fullest.padded == max(micro.padded for micro in cut)
    # Every row stands for two and some of them for three.
    longer = plan.course(rows, 150, settings)
    assert longer.supervised == sum(row.targets for row in (*rows.extents * 2, *rows.extents[:30]))


def recipe(**train) -> Recipe:
    data = Data(sources=(Source(domain="files", rows=40),))
    return Recipe(name="x", base=Base(name="embedded", dtype="float32"), data=data, train=Train(**train))


def test_the_steps_of_a_plan_are_those_of_the_fit(tmp_path) -> None:
    chosen = recipes.load("embedded")
    build(chosen, tmp_path, fault=None)
    rows = encode(stream(tmp_path / "train.jsonl"), Chat(models.load_tokenizer("embedded")), chosen.data.max_tokens)
    settings = chosen.train
    cut = engine.Rows.of(rows.examples, True).epoch(settings.batch_tokens, chosen.seed, 0)
    found = planning.plan(chosen, tmp_path, 64)
    assert found["rows_looked_at"] == planning.LOOKED_AT < len(rows.examples)
    assert found["steps"] == pytest.approx(math.ceil(len(cut) / settings.accumulate), rel=0.05)
    assert found["padded_tokens"] == pytest.approx(sum(micro.padded for micro in cut), rel=0.1)
    assert found["targets"] == pytest.approx(rows.supervised, rel=0.1)


def test_own_rows_and_their_replay_are_planned_with(tmp_path) -> None:
    lines = [json.dumps(row | {"id": f"{row['id']}-{n}"}) for n in range(30) for row in init.ROWS]
    (tmp_path / "own.jsonl").write_text("\n".join(lines) + "\n\n")
    own = recipe().model_copy(update={"data": Data(files=("own.jsonl",), replay=0.2)})
    rows, count = sample(own, tmp_path, 40)
    assert count == 60 + 15 and [row.domain for row in rows].count("") == 32 and len(rows) == 40
    assert planning.plan(own, tmp_path, 64)["steps"] > 1
    elsewhere = own.model_copy(update={"data": Data(files=(f"hub:some/rows@{40 * 'a'}",))})
    assert "its length is assumed" in planning.plan_text(elsewhere, planning.plan(elsewhere, tmp_path, 64))
    (tmp_path / "own.jsonl").write_text("{}\n")
    with pytest.raises(BadInput, match=r"own\.jsonl"):
        planning.plan(own, tmp_path, 64)
    (tmp_path / "own.jsonl").unlink()
    with pytest.raises(BadInput, match=r"does not exist\. Correct"):
        planning.plan(own, tmp_path, 64)


def test_a_change_that_the_architecture_does_not_take_is_passed_over(monkeypatch) -> None:
    chosen = recipe(batch_tokens=2048)
    whole = planning.plan(chosen, Path(), 64)

    def needed(recipe: Recipe, settings: Train, work: planning.Work, mac_gb: float | None) -> dict:
        if settings.checkpoint_layers:
            raise BadInput("train.checkpoint_layers: the layers of this architecture cannot be run again.")
        return whole | {"memory_gb": settings.batch_tokens / 1024}

    monkeypatch.setattr(planning, "_estimate", needed)
    found = planning.plan(chosen, Path(), 1.5 / planning.usable_on_mac(1))
    assert found["change"]["batch_tokens"] == 1024 and not found["fits"]


def test_what_cannot_share_a_prefix_is_planned_whole() -> None:
    known = {**train_models.COMMON, "tie_word_embeddings": True, "model_type": "qwen3", "rope_theta": 1e4}
    assert plan.shares(known)
    state = dict(
        model_type="mamba", vocab_size=64, hidden_size=32, intermediate_size=64, state_size=8, num_hidden_layers=2,
        conv_kernel=4, use_bias=False, use_conv_bias=True, time_step_rank=4,
    )  # fmt: skip
    assert not plan.shares(state)


def test_the_rows_of_a_step_stay_as_many_when_the_batch_gets_smaller() -> None:
    """The shared prefix of 2,900 takes its part of `batch_tokens`: 10,240 hold 11 rows of 600, 5,120 hold 3."""
    work = planning.Work({}, lambda settings: plan.even_course(settings, prefix=2900, row=600, rows=1000), 0, False)
    settings = Train(batch_tokens=10240, accumulate=2)
    smaller = planning._smaller(settings, work)
    assert smaller == [{"batch_tokens": 5120, "accumulate": 7}, {"batch_tokens": 2560, "accumulate": 22}]
    assert planning._smaller(settings.model_copy(update={"batch_tokens": 2560}), work) == []


def test_a_base_that_only_sounds_like_a_known_one_is_not_planned_as_that() -> None:
    known = load("qwen3-4b")
    assert planning._shape(known) == "qwen3-4b" and planning._shape(load("gemma-3-270m")) == "gemma-3-270m"
    for change in ({"name": "qwen3-4b-4bit"}, {"repository": "someone/qwen3-4b-4bit"}):
        base = known.base.model_copy(update=change)
        assert planning._shape(known.model_copy(update={"base": base})) is None


def test_a_plan_names_the_change_that_makes_it_fit(monkeypatch) -> None:
    chosen = recipe(method="full", batch_tokens=2048)
    whole = planning.plan(chosen, Path(), 64)
    assert whole["fits"] and whole["change"] == {} and "does not fit" not in planning.plan_text(chosen, whole)

    def needed(recipe: Recipe, settings: Train, work: planning.Work, mac_gb: float | None) -> dict:
        layers = 1 if settings.checkpoint_layers else 4
        return whole | {"memory_gb": layers * settings.batch_tokens / 1024 + (5 if settings.method == "full" else 0)}

    def change(usable: float) -> dict | None:
        found = planning.plan(chosen, Path(), usable / planning.usable_on_mac(1))
        assert not found["fits"]
        return found["change"]

    monkeypatch.setattr(planning, "_estimate", needed)  # 13 GB as it is: 8 of activations and 5 of the method
    assert change(7.1) == {"checkpoint_layers": True}
    assert change(6.1) == {"checkpoint_layers": True, "batch_tokens": 1024, "accumulate": 2}
    assert change(2.1) == {"method": "lora", "checkpoint_layers": True}
    assert change(0.1) is None
    less = planning.plan(chosen, Path(), 6.1 / planning.usable_on_mac(1))
    wanted = "it would with train.checkpoint_layers = true, train.batch_tokens = 1024, train.accumulate = 2"
    assert wanted in planning.plan_text(chosen, less)
    assert "take a smaller or a quantised base" in planning.plan_text(chosen, planning.plan(chosen, Path(), 0.1))


@pytest.mark.parametrize("sold, mib", [(8, 5461), (16, 10922), (32, 21845), (36, 27648), (64, 49152), (96, 73728)])
def test_what_a_gpu_may_hold_is_as_macs_report_it(sold: int, mib: int) -> None:
    assert planning.usable_on_mac(sold) == pytest.approx(mib * 2**20 / 1e9, rel=1e-4)


def test_disk_by_hand() -> None:
    full, lora = recipe(method="full", keep="best", keep_every=10), recipe(rank=4)
    work = planning.Work({**CONFIG, "quantization": {"bits": 4, "group_size": 64}}, lambda _: None, 0, here=True)
    dense = sum(value.nbytes for _, value in tree_flatten(plan.model_of(CONFIG, full.base.dtype).parameters())) / 1e9
    found = {"trained_gb": 8.0, "optimizer_gb": 16.0, "weights_gb": 3.0, "steps": 35}
    # three checkpoints at the worst moment; the best, steps 10, 20 and 30, and the last; the fused model; the rest
    assert planning._disk_gb(full, found, work) == pytest.approx(3 * 24 + 5 * 8 + dense + 0.5)
    away = replace(work, here=False)
    assert planning._disk_gb(lora, found, away) == pytest.approx(3 + 3 * 24 + 3 * 8 + dense + 0.5)


def test_the_disk_of_this_machine_says_nothing_of_a_mac(monkeypatch) -> None:
    monkeypatch.setattr(machine, "free_disk_gb", lambda folder: 1e-6)
    chosen = recipe(batch_tokens=2048)
    mac, here = planning.plan(chosen, Path(), 64), planning.plan(chosen, Path())
    assert mac["fits"] and mac["has_disk_gb"] is None and "free" not in planning.plan_text(chosen, mac)
    assert not here["fits"] and "the disk has not enough space" in planning.plan_text(chosen, here)


def test_a_base_that_nothing_is_known_of_is_asked_for_its_outline(tmp_path: Path, monkeypatch, capsys) -> None:
    away = recipe().model_copy(update={"base": Base(name="other", repository="a/b", revision="0" * 40)})
    monkeypatch.setattr(models, "CACHE", tmp_path)

    def offline(*_: object) -> None:
        raise NoNetwork("no hub")

    monkeypatch.setattr(models, "_fetch", offline)
    with pytest.raises(NoNetwork):
        planning.plan(away, Path(), 64)
    job._announce(away, Path())
    assert "not known before its base is fetched" in capsys.readouterr().err
    asked: list[tuple[str, ...]] = []

    def fetch(base: Base, path: Path, say: object, patterns: tuple[str, ...] = models.FETCHED) -> None:
        asked.append(patterns)
        whole = patterns == models.FETCHED
        shutil.copytree(EMBEDDED, path, ignore=None if whole else shutil.ignore_patterns("*.safetensors"))

    monkeypatch.setattr(models, "_fetch", fetch)
    found = [planning.plan(away, Path(), 64) for _ in range(2)]
    assert asked == [models.OUTLINE] and found[0] == found[1] and found[0]["rows_looked_at"] > 0
    assert found[0]["download_gb"] == found[0]["weights_gb"] > 0
    models.locate(away.base)
    after = planning.plan(away, Path(), 64)
    assert after["download_gb"] == 0 and after["memory_gb"] == found[0]["memory_gb"]
    assert [path.name for path in (tmp_path / "models").glob("other*")] == [models.place(away.base).name]


def test_nonsense_is_not_planned_for(tmp_path: Path) -> None:
    for size in (-5.0, 0.0, math.nan, math.inf):
        with pytest.raises(BadInput, match="--mac"):
            planning.plan(load("embedded"), tmp_path, mac_gb=size)
    with pytest.raises(BadInput, match="no rows; give"):
        planning.plan(Recipe(name="empty", base=Base(name="embedded")), tmp_path)


def test_a_base_that_is_nowhere_cannot_be_planned_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    away = recipe().model_copy(update={"base": Base(name="no/such/folder")})
    with pytest.raises(BadInput, match="no such model directory"):
        planning.plan(away, Path(), 64)
    monkeypatch.setattr(models, "outline", lambda base, say: tmp_path)  # what the hub has lacks a tokenizer
    with pytest.raises(planning.NotHere, match="mlx-train fetch"):
        planning.plan(away, Path(), 64)


def test_time_follows_the_measured_rates() -> None:
    found = {"operations": 3e9, "functions": 4e9, "moved": 8e9, "micro_tokens": 50, "padded_tokens": 500}
    seconds = planning._seconds(found, product_gflops=3.0, function_g_per_s=2.0, move_gb_per_s=4.0)
    assert seconds == pytest.approx(10 * (1 + 2 + 2))
    here = planning.plan(recipe(batch_tokens=2048), Path())
    assert here["seconds"] > 0 and " s each at the measured rates" in planning.plan_text(recipe(), here)
