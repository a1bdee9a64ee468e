"""Rungs are made as they say, the ladder goes on where it stopped, and what it names follows from the verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import mlx.core as mx
import mlx_lm
import pytest
import release_fixture
import release_scored

from mlx_train import tensor_file
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_of, write_json, write_jsonl
from mlx_train.gates.suites import Suite
from mlx_train.progress import Stage
from mlx_train.release import ladder as ladders
from mlx_train.release import ladder_table, plot, rungs
from mlx_train.release.package import package
from mlx_train.release.plot import Point

SHOW = Stage("ladder")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("ladder")
    base = release_scored.base(folder / "base")
    made = release_scored.run(folder / "run", base)
    row = {"tools": [], "messages": [{"role": "user", "content": "Hi."}, {"role": "assistant", "content": "Yes?"}]}
    write_jsonl(made / "data" / "train.jsonl", [{"id": f"row/{number}", **row} for number in range(6)])
    package(made, base)
    yield made


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


def test_learning_that_takes_too_long_is_not_begun() -> None:
    rows = [[1] * 1000] * 100
    assert rungs.reason_against(rungs.RUNGS["dwq-4"], 10_000_000, rows, on_cpu=False) == ""
    assert "0.6 h" in rungs.reason_against(rungs.RUNGS["dwq-4"], 10_000_000, rows, on_cpu=True)  # 6 * 1e12 / 3e9 s
    assert "no training rows" in rungs.reason_against(rungs.RUNGS["dwq-4"], 10_000_000, [], on_cpu=False)
    assert rungs.reason_against(rungs.RUNGS["4"], 10**12, [], on_cpu=True) == ""


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
    assert not (run / "ladder" / "8" / "model").exists()

    def unexpected(*_: object) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(rungs, "make", unexpected)
    again = ladders.ladder(run, ["8", "2"], scored=(), show=SHOW)
    assert again["rungs"] == found["rungs"]
    note = run / "ladder" / "8" / "facts.json"
    held = read_json(note)
    held["conditions"]["fused_lock_sha256"] = "of another model"
    write_json(note, held)
    with pytest.raises(AssertionError, match="made again"):
        ladders.ladder(run, ["8", "2"], scored=(), show=SHOW)


def test_a_rung_that_is_not_finite_is_no_result(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = ladders._Ladder._for_quality

    def broken(self: Any, rung: rungs.Rung) -> Any:
        model = real(self, rung)
        if rung.name == "3":
            model.model.norm.weight = model.model.norm.weight * mx.nan
            mx.eval(model.model.norm.weight)
        return model

    monkeypatch.setattr(ladders._Ladder, "_for_quality", broken)
    found = ladders.ladder(run, ["3"], scored=(), show=SHOW)
    assert found["rungs"][1] == {"rung": "3", "not_here": "its logits are not finite"}
    assert not (run / "ladder" / "3" / "facts.json").exists()


def gate(passed: int, folder: Path) -> Any:
    """A gate file of 200 tasks of one suite, of which the first so many are passed."""
    entry, tasks = release_fixture.entry("hard", passed, 200, folder)
    entry["clustered95"] = entry["ci95"]
    entry["calls"]["stop"] = 0.95
    return {"model": {}, "prompt_sha256": sha256_of(""), "decoding": {}, "suites": {"hard": entry},
            "tasks": {"hard": tasks}}  # fmt: skip


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., None]:
    """Have rungs pass so many of 200 tasks instead of doing any."""
    release_fixture.install(tmp_path / "hard", "frozen")

    def use(**passed: int) -> None:
        def scored(player: Any, prompt: str, gates: Any, loaded: Any, out: Path, **more: Any) -> Any:
            assert gates.quick and more["about"]["sha256"] and more["label"] == "gates-quick"
            return gate(passed[f"r{out.name}"], tmp_path)

        monkeypatch.setattr(ladders, "score_model", scored)
        monkeypatch.setattr(ladders, "load_all", lambda *_: [Suite(tmp_path / "hard", _lock(tmp_path), ())])

    return use


def _lock(folder: Path) -> Any:
    from mlx_train.gates.suites import LOCK, Lock

    return Lock.model_validate(read_json(folder / "hard" / LOCK))


def test_the_smallest_rung_that_passes_is_named_and_kept(run: Path, scores: Callable[..., None]) -> None:
    scores(rfull=180, r8=180, r4=180, r2=120)
    found = ladders.ladder(run, ["8", "4", "2"], show=SHOW)
    verdicts = {row["rung"]: row["comparison"]["hard"]["verdict"] for row in found["rungs"][1:]}
    assert verdicts == {"8": "pass", "4": "pass", "2": "regression"} and found["smallest"] == "4"
    assert (run / "ladder" / "4" / "model" / "model.safetensors").is_file()
    assert not (run / "ladder" / "8" / "model").exists()
    text = (run / "ladder" / "ladder.md").read_text()
    assert "Smallest rung that passes: **4**" in text and "regression: hard +0 -60" in text
    assert "90.0 % (85.1 to 93.4) of 200; stop 95.0 %" in text


def test_inconclusive_is_not_a_pass(run: Path, scores: Callable[..., None]) -> None:
    scores(rfull=180, r8=177)
    found = ladders.ladder(run, ["8"], show=SHOW)
    assert found["rungs"][1]["comparison"]["hard"]["verdict"] == "inconclusive" and found["smallest"] is None
    text = (run / "ladder" / "ladder.md").read_text()
    assert "**No rung passes**" in text and "inconclusive: hard +0 -3" in text and "would settle it" in text


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


def test_the_front_by_hand() -> None:
    assert [point.name for point in plot.front(POINTS, high_is_good=False)] == ["a", "b", "d"]
    assert [point.name for point in plot.front(POINTS, high_is_good=True)] == ["a"]


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
