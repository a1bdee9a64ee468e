"""Rungs are made as they say, measured once under the same conditions, and removed as soon as they are measured."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import mlx.core as mx
import mlx_lm
import pytest
import release_fixture
import release_scored

from mlx_train import machine, models, tensor_file
from mlx_train.chat.render import Chat
from mlx_train.data.trajectory import load
from mlx_train.errors import BadInput, NoSpace
from mlx_train.files import read_json, write_json
from mlx_train.progress import Stage
from mlx_train.release import divergence, ladder_table, plot, rungs
from mlx_train.release import ladder as ladders
from mlx_train.release.plot import Point

SHOW = Stage("ladder")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return release_scored.packaged(tmp_path_factory.mktemp("ladder"))


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    """A copy of it, in which nothing was measured."""
    return Path(shutil.copytree(made, tmp_path / "run"))


def layers(path: Path) -> dict[str, Any]:
    return {name: entry for name, entry in tensor_file.header(path / "model.safetensors").items() if name[0] != "_"}


@pytest.mark.parametrize(
    ("name", "bits"),
    [("8", 8 + 32 / 64), ("3-g32", 3 + 32 / 32), ("mxfp8", 8 + 8 / 32), ("mxfp4", 4 + 8 / 32), ("nvfp4", 4 + 8 / 16)],
)
def test_bits_of_a_weight_by_hand(run: Path, tmp_path: Path, name: str, bits: float) -> None:
    """Two 16-bit numbers for a group of the affine kinds, one of 8 bits for the others (float32 scales here)."""
    rungs.make(rungs.RUNGS[name], run / "fused", tmp_path / "model")
    held = layers(tmp_path / "model")
    scale = 2 if rungs.RUNGS[name].mode == "affine" else 1  # stored in float32, as the model is
    group = rungs.RUNGS[name].group
    down = "model.layers.0.mlp.down_proj"
    stored = sum(
        entry["data_offsets"][1] - entry["data_offsets"][0] for key, entry in held.items() if key.startswith(down)
    )
    assert 8 * stored / (64 * 128) == bits + (scale - 1) * 32 / group
    assert "model.embed_tokens.scales" in held and "model.norm.scales" not in held
    loaded = mlx_lm.load(str(tmp_path / "model"))[0]
    assert mx.isfinite(loaded(mx.array([[5, 9, 40]]))).all()


def test_what_the_group_does_not_divide_stays(run: Path, tmp_path: Path) -> None:
    rungs.make(rungs.RUNGS["4-g128"], run / "fused", tmp_path / "model")
    quantised = {name.removesuffix(".scales") for name in layers(tmp_path / "model") if name.endswith(".scales")}
    assert quantised == {"model.layers.0.mlp.down_proj", "model.layers.1.mlp.down_proj"}  # 128 wide; the others 64


def test_a_mixed_rung_gives_some_layers_more_bits(run: Path, tmp_path: Path) -> None:
    rungs.make(rungs.RUNGS["mixed-3-6"], run / "fused", tmp_path / "model")
    config = read_json(tmp_path / "model" / "config.json")["quantization"]
    bits = {config[name]["bits"] for name in config if name.startswith("model.")}
    assert config["bits"] == 3 and bits == {3, 6}


def test_a_learnt_rung_differs_from_the_plain_one(run: Path, tmp_path: Path) -> None:
    rows = [[5 + number, *range(9, 40)] for number in range(8)]
    for name in ("dwq-4", "4"):
        rungs.make(rungs.RUNGS[name], run / "fused", tmp_path / name, rows)
    learnt, plain = (mx.load(str(tmp_path / name / "model.safetensors")) for name in ("dwq-4", "4"))
    name = "model.layers.0.mlp.down_proj"
    assert mx.array_equal(learnt[f"{name}.weight"], plain[f"{name}.weight"])
    assert not mx.array_equal(learnt[f"{name}.scales"], plain[f"{name}.scales"])


def test_a_dynamic_rung_gives_a_bit_more_where_rounding_hurts_most(run: Path, tmp_path: Path) -> None:
    model = "model.safetensors"
    before = mx.load(str(run / "fused" / model))
    down = "model.layers.1.mlp.down_proj"
    before[f"{down}.weight"] = 8 * before[f"{down}.weight"]  # its answers, and so its faults, weigh more
    mx.save_safetensors(str(run / "fused" / model), before, {"format": "mlx"})
    rows = [[5 + number, *range(9, 40)] for number in range(8)]
    rungs.make(rungs.RUNGS["dynamic-3"], run / "fused", tmp_path / "model", rows)
    config = read_json(tmp_path / "model" / "config.json")["quantization"]
    assert config["bits"] == 3 and config[down] == {"bits": 4, "group_size": 64, "mode": "affine"}
    wider = {name for name, entry in config.items() if isinstance(entry, dict) and entry["bits"] == 4}
    held = layers(tmp_path / "model")
    sizes = {name.removesuffix(".weight"): value.size for name, value in before.items() if value.ndim == 2}
    assert all(f"{name}.scales" in held for name in sizes) and wider < sizes.keys()
    assert sum(sizes[name] for name in wider) <= sum(sizes.values()) / 2
    for name, size in sizes.items():
        stored = held[f"{name}.weight"]["data_offsets"]
        assert 8 * (stored[1] - stored[0]) / size == (4 if name in wider else 3)
    assert mx.isfinite(mlx_lm.load(str(tmp_path / "model"))[0](mx.array([[5, 9, 40]]))).all()


@pytest.mark.parametrize(
    ("sensitivities", "chosen"),
    [
        ({"a": 4.0, "b": 3.0, "c": 2.0, "d": 1.0}, {"a", "b"}),  # 5 of 10 weights
        ({"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}, {"d", "c"}),  # b does not fit beside d
        ({"a": 1.0, "b": -1.0, "c": -2.0, "d": -3.0}, {"a"}),  # more bits would do harm, to first order
    ],
)
def test_the_most_sensitive_half_gets_more_bits(sensitivities: dict[str, float], chosen: set[str]) -> None:
    assert rungs.widened(sensitivities, {"a": 1, "b": 4, "c": 1, "d": 4}) == chosen


def test_a_width_that_dynamic_quantisation_cannot_take_is_said(run: Path, tmp_path: Path) -> None:
    wide = rungs.Rung("wide", 4, 128, learnt="dynamic")
    with pytest.raises(BadInput, match="rung wide"):
        rungs.make(wide, run / "fused", tmp_path / "model", [[*range(9, 40)]] * 8)
    assert not (tmp_path / "model").exists()


def test_learning_that_takes_too_long_is_not_begun() -> None:
    rows = [[1] * 1000] * 100
    assert rungs.reason_against(rungs.RUNGS["dwq-4"], 10_000_000, rows, on_cpu=False) == ""
    assert "0.6 h" in rungs.reason_against(rungs.RUNGS["dwq-4"], 10_000_000, rows, on_cpu=True)  # 6 * 1e12 / 3e9 s
    assert rungs.reason_against(rungs.RUNGS["dynamic-4"], 10_000_000, rows, on_cpu=True) == ""
    assert "0.2 h" in rungs.reason_against(rungs.RUNGS["dynamic-4"], 30_000_000, rows, on_cpu=True)  # 1.6e13 / 2e10 s
    assert "no training rows" in rungs.reason_against(rungs.RUNGS["dwq-4"], 10_000_000, [], on_cpu=False)
    assert rungs.reason_against(rungs.RUNGS["4"], 10**12, [], on_cpu=True) == ""


def test_rungs_are_not_learnt_without_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "memory_gb", lambda: 72.0)
    rows, dynamic, dwq = [[1] * 1000] * 2, rungs.RUNGS["dynamic-4"], rungs.RUNGS["dwq-4"]
    assert rungs.reason_against(dynamic, 3_800_000_000, rows, on_cpu=False) == ""  # 53.2 GB of 54
    assert "56 GB of memory" in rungs.reason_against(dynamic, 4_000_000_000, rows, on_cpu=False)
    assert rungs.reason_against(dwq, 4_000_000_000, rows, on_cpu=False) == ""  # 52 GB of 54
    monkeypatch.setattr(machine, "usable_memory_gb", lambda: 51.5)  # as Metal may have it
    assert "52 GB of memory" in rungs.reason_against(dwq, 4_000_000_000, rows, on_cpu=False)


def test_a_rung_that_the_gpu_has_no_memory_for_does_not_end_the_ladder(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = rungs.make

    def full(rung: rungs.Rung, *rest: Any) -> None:
        if rung.name == "8":
            raise RuntimeError("[METAL] Command buffer execution failed: Insufficient Memory")
        real(rung, *rest)

    monkeypatch.setattr(rungs, "make", full)
    found = {row["rung"]: row for row in ladders.ladder(run, ["8", "2"], scored=(), show=SHOW)["rungs"]}
    assert "more memory than the GPU" in found["8"]["not_here"] and found["2"]["bytes"] > 0


def test_what_was_made_before_an_interruption_is_not_made_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, real, calls = makes(monkeypatch), divergence.compare, []

    def interrupted(*rest: Any) -> Any:
        calls.append(rest)
        if len(calls) == 2:  # the first is the whole model
            raise KeyboardInterrupt
        return real(*rest)

    monkeypatch.setattr(divergence, "compare", interrupted)
    with pytest.raises(KeyboardInterrupt):
        ladders.ladder(run, ["2"], scored=(), show=SHOW)
    assert ladders.ladder(run, ["2"], scored=(), show=SHOW)["rungs"][-1]["bytes"] > 0 and made == ["2"]


def test_an_unknown_rung_is_refused() -> None:
    with pytest.raises(BadInput, match="no rung 7"):
        rungs.chosen(["8", "7"])
    assert [rung.name for rung in rungs.chosen(["2", "8"])] == ["8", "2"] and len(rungs.chosen([])) == len(rungs.RUNGS)


def test_the_ladder_measures_and_goes_on(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = ladders.ladder(run, ["8", "2"], scored=(), show=SHOW)
    full, eight, two = found["rungs"]
    assert (full["rung"], eight["rung"], two["rung"]) == ("full", "8", "2") and found["smallest"] is None
    assert abs(full["divergence"]["kld_max"]) < 1e-6 and full["divergence"]["same_top"] == 1
    assert full["bpw"] == pytest.approx(32, rel=0.02) and two["bytes"] < eight["bytes"] < full["bytes"]
    assert 1e-6 < eight["divergence"]["kld_mean"] < two["divergence"]["kld_mean"]
    assert 0 < eight["calls"]["tokens"] < eight["divergence"]["tokens"]
    assert eight["quantised"] == eight["matrices"] == 15  # seven in each layer, and the embedding
    assert all(row["tokens_per_s"] > 0 and row["peak_memory_gb"] > 0 for row in found["rungs"])
    assert read_json(run / "ladder" / "ladder.json") == found

    def unexpected(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(rungs, "make", unexpected)
    again = ladders.ladder(run, ["8", "2"], scored=(), show=SHOW)
    assert again == found
    weights = mx.load(str(run / "fused" / "model.safetensors"))
    weights["model.norm.weight"] = weights["model.norm.weight"] * 1.01
    mx.save_safetensors(str(run / "fused" / "model.safetensors"), weights, {"format": "mlx"})
    release_fixture.relock(run / "fused")
    with pytest.raises(AssertionError, match="made again"):
        ladders.ladder(run, ["8", "2"], scored=(), show=SHOW)


def makes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the rungs that are made from now on."""
    names: list[str] = []
    real = rungs.make

    def noted(rung: rungs.Rung, *rest: Any) -> None:
        names.append(rung.name)
        real(rung, *rest)

    monkeypatch.setattr(rungs, "make", noted)
    return names


def test_a_rung_of_another_definition_is_measured_again(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = ladders.ladder(run, ["3", "2"], scored=(), show=SHOW)
    monkeypatch.setitem(rungs.RUNGS, "2", rungs.Rung("2", 4, 32))
    made = makes(monkeypatch)
    after = ladders.ladder(run, ["3", "2"], scored=(), show=SHOW)
    assert made == ["2"] and after["rungs"][2]["bytes"] > before["rungs"][2]["bytes"]
    assert after["rungs"][:2] == before["rungs"][:2]


def test_learnt_rungs_are_learnt_again_from_other_rows_or_with_another_seed(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rungs, "LEARNT_ROWS", 4)
    names = ["dynamic-4", "2"]
    ladders.ladder(run, names, scored=(), show=SHOW)
    made = makes(monkeypatch)
    ladders.ladder(run, names, scored=(), show=SHOW)
    assert made == []
    rows = run / "data" / "train.jsonl"
    rows.write_text(rows.read_text().replace("Yes?", "No?"))
    ladders.ladder(run, names, scored=(), show=SHOW)
    record = read_json(run / "run.json")
    record["recipe"]["seed"] = 5
    write_json(run / "run.json", record)
    ladders.ladder(run, names, scored=(), show=SHOW)
    monkeypatch.setattr(rungs, "LEARNT_ROWS", 3)
    ladders.ladder(run, names, scored=(), show=SHOW)
    assert made == ["dynamic-4"] * 3


def test_rungs_are_learnt_from_the_ends_of_the_rows(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chat = Chat(models.load(run / "fused", "float32")[1])
    rows = [chat.examples(row.messages, row.tools, row.id)[0].ids for row in load(run / "data" / "train.jsonl")]
    monkeypatch.setattr(rungs, "LEARNT_IDS", 6)
    monkeypatch.setattr(rungs, "LEARNT_ROWS", 4)
    assert rungs.learning_rows(run, chat) == [list(ids[-6:]) for ids in rows[:4]] and len(rows[0]) > 6


def test_a_rung_that_is_not_finite_is_no_result(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ladders._Ladder._for_quality

    faulty = {"3"}

    def broken(self: Any, rung: rungs.Rung) -> Any:
        model = real(self, rung)
        if rung.name in faulty:
            model.model.norm.weight = model.model.norm.weight * mx.nan
            mx.eval(model.model.norm.weight)
        return model

    monkeypatch.setattr(ladders._Ladder, "_for_quality", broken)
    found = ladders.ladder(run, ["3"], scored=(), show=SHOW)
    assert found["rungs"][1] == {"rung": "3", "not_here": "its logits are not finite"}
    assert not (run / "ladder" / "3" / "model").exists()
    faulty.clear()
    again = ladders.ladder(run, ["3"], scored=(), show=SHOW)  # what was not measured is tried again
    assert again["rungs"][1]["divergence"]["kld_mean"] > 0
    faulty.add("full")
    shutil.rmtree(run / "ladder")
    with pytest.raises(BadInput, match="fused: its logits are not finite"):
        ladders.ladder(run, ["3"], scored=(), show=SHOW)


@pytest.mark.parametrize("name", ["8", "mxfp8", "4-g32", "4", "nvfp4", "mixed-4-6", "dynamic-3", "2"])
def test_disk_is_foreseen(made: Path, tmp_path: Path, name: str) -> None:
    rung = rungs.RUNGS[name]
    rungs.make(rung, made / "fused", tmp_path / "model", [[*range(9, 40)]] * 8)
    size = (tmp_path / "model" / "model.safetensors").stat().st_size / 1e9
    count = sum(value.size for value in mx.load(str(made / "fused" / "model.safetensors")).values())
    assert size < rungs.about_gb(rung, count) < 2.5 * size


def test_without_room_on_the_disk_nothing_is_made(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ladders.ladder(run, ["8"], scored=(), show=SHOW)
    held = (run / "ladder" / "ladder.json").read_text()
    made = makes(monkeypatch)
    monkeypatch.setattr(machine, "free_disk_gb", lambda folder: 1e-5)
    with pytest.raises(NoSpace, match=r"rung 2 needs \S+ GB, 1e-05 GB are free"):
        ladders.ladder(run, ["8", "2"], scored=(), show=SHOW)
    assert made == [] and (run / "ladder" / "ladder.json").read_text() == held
    monkeypatch.undo()
    assert [row["rung"] for row in ladders.ladder(run, ["2"], scored=(), show=SHOW)["rungs"]] == ["full", "8", "2"]


def test_models_are_removed_one_by_one(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there: dict[str, list[str]] = {}
    real = rungs.make
    inside = (run / "ladder").glob

    def noted(rung: rungs.Rung, *rest: Any) -> None:
        there[rung.name] = sorted(path.parent.name for path in inside("*/model"))
        real(rung, *rest)

    monkeypatch.setattr(rungs, "make", noted)
    (run / "ladder" / "5" / ".model.killed").mkdir(parents=True)
    ladders.ladder(run, ["8", "dynamic-4", "3", "2"], scored=(), show=SHOW)
    assert there == {"8": [], "dynamic-4": [], "3": ["dynamic-4"], "2": ["dynamic-4"]}  # learnt ones stay
    assert [path.parent.name for path in inside("*/model")] == ["dynamic-4"] and not list(inside("*/.model.*"))


def test_the_table_has_the_known_columns(run: Path) -> None:
    found = ladders.ladder(run, ["2"], scored=(), show=SHOW)
    found["rungs"].append({"rung": "dwq-4", "not_here": "it takes too long"})
    text = ladder_table.markdown(found)
    assert (
        "| rung | Size_GB | BPW | PPL_Q | PPL_Q / PPL | KLD_Mean | KLD_99.9 | KLD_Max | Top_P_Match | tokens |" in text
    )
    assert "- dwq-4: it takes too long" in text and "No tasks were done" in text and "completion.svg" not in text
    rows = [line for line in text.splitlines() if line.startswith("| 2 |")]
    assert len(rows) == 3  # all tokens, calls, speed


POINTS = [Point("a", 2, 0.5), Point("b", 3, 0.1), Point("c", 4, 0.2), Point("d", 4, 0.05), Point("e", 8, 0.05)]


@pytest.mark.parametrize("xs, ticks", [
    ((0.24, 0.53), ["0.25", "0.3", "0.35", "0.4", "0.45", "0.5"]), ((0.1, 0.64), [f"{n / 10:g}" for n in range(7)]),
    ((3.0,), ["0", "0.5", "1", "1.5", "2", "2.5", "3"]), ((0.0, 0.0), ["0", "0.2", "0.4", "0.6", "0.8", "1"]),
])  # fmt: skip
def test_an_axis_begins_at_zero_unless_all_values_are_far_from_it(xs, ticks) -> None:
    points = [Point(str(number), value, 0.5) for number, value in enumerate(xs)]
    root = xml.fromstring(plot.scatter(points, "x", "y", logarithmic=True, high_is_good=False))
    space = "{http://www.w3.org/2000/svg}"
    found = [text.text for text in root.iter(f"{space}text") if text.get("text-anchor") == "middle"]
    assert found == ticks


def test_the_front_by_hand() -> None:
    assert [point.name for point in plot.front(POINTS, high_is_good=False)] == ["a", "b", "d"]
    assert [point.name for point in plot.front(POINTS, high_is_good=True)] == ["a"]
    both = [plot.Point("slow", 1, 9), plot.Point("even", 2, 8), plot.Point("beaten", 1.5, 7), plot.Point("far", 3, 1)]
    assert [point.name for point in plot.front(both, True, right_is_good=True)] == ["far", "even", "slow"]


def test_a_drawing_holds_every_point_and_no_name_covers_another() -> None:
    crowd = [Point(f"mixed-{number}", 4 + number / 40, 0.01) for number in range(7)]
    root = xml.fromstring(plot.scatter([*POINTS, *crowd], "x", "y", logarithmic=True, high_is_good=False))
    space = "{http://www.w3.org/2000/svg}"
    dots = [(float(dot.get("cx", -1)), float(dot.get("cy", -1))) for dot in root.iter(f"{space}circle")]
    names = [label for label in root.iter(f"{space}text") if label.get("class") == "name"]
    assert len(dots) == len(names) == 12
    assert all(plot.LADDER_LEFT <= x <= plot.WIDTH and plot.LADDER_TOP <= y <= plot.LADDER_HEIGHT for x, y in dots)
    assert len({(label.get("x"), label.get("y")) for label in names}) == 12
    assert plot.scatter([], "x", "y", logarithmic=True, high_is_good=False)


@pytest.mark.parametrize("values, expected", [
    ((0.094, 0.161), ["0.05", "0.1", "0.2"]),
    ((0.05, 0.5), ["0.02", "0.05", "0.1", "0.2", "0.5", "1"]),
    ((0.0021, 3), ["0.01", "0.1", "1"]),  # nine would be too many
    ((0.3,), ["0.2", "0.5"]),
    ((1e-9, 1e-8), ["1e-06"]),
])  # fmt: skip
def test_a_logarithmic_axis_is_as_long_as_its_values_want(values, expected) -> None:
    points = [Point(str(value), 1, value) for value in values]
    root = xml.fromstring(plot.scatter(points, "x", "y", logarithmic=True, high_is_good=False))
    space = "{http://www.w3.org/2000/svg}"
    ticks = [text.text for text in root.iter(f"{space}text") if text.get("text-anchor") == "end"]
    assert ticks[:-1] == expected  # the last is the label of x
    downs = [float(dot.get("cy", -1)) for dot in root.iter(f"{space}circle")]
    assert all(plot.LADDER_TOP < y < plot.LADDER_HEIGHT - plot.LADDER_BOTTOM for y in downs)
