"""What `gates check` writes for terminals, job pages and CI systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest

from mlx_train import cli
from mlx_train.files import read_json, write_json
from mlx_train.gates.compare import _design_effect, compare
from mlx_train.gates.statistics import design_effect


def gate(passed: dict[str, list[bool]], families: int = 200) -> dict[str, Any]:
    """A gate file with these passes; task i is of family i modulo `families`."""
    tasks = {
        name: {f"{name}/{i}": {"passed": won, "family": f"f{i % families}"} for i, won in enumerate(row)}
        for name, row in passed.items()
    }
    suites = {
        name: {
            "n": len(row), "passed": sum(row), "rate": sum(row) / len(row), "quick": False, "suite_sha256": "s",
            "clusters": min(families, len(row)), "broken": False, "errors": 0,
        }
        for name, row in passed.items()
    }  # fmt: skip
    return {"model": {"id": "m"}, "prompt_sha256": "p", "decoding": {"batch": 1}, "suites": suites, "tasks": tasks}


def check(folder: Path, before: dict[str, Any], after: dict[str, Any]) -> int:
    write_json(folder / "a.json", before)
    write_json(folder / "b.json", after)
    arguments = ["gates", "check", str(folder / "a.json"), str(folder / "b.json"), "--out", str(folder / "c.json")]
    return cli.call([*arguments, "--junit", str(folder / "ci" / "j.xml"), "--summary", str(folder / "s.md")])


WON = [True] * 180 + [False] * 20


def test_a_pass_is_exit_0_and_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, gate({"hard": WON}), gate({"hard": WON})) == 0
    assert "pass" in capsys.readouterr().out
    root = xml.parse(tmp_path / "ci" / "j.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1", "0", "0")
    assert read_json(tmp_path / "c.json")["suites"]["hard"]["verdict"] == "pass"


def test_a_regression_is_exit_1_and_names_the_tasks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worse = [False] * 30 + WON[30:]
    assert check(tmp_path, gate({"hard": WON, "other": WON}), gate({"hard": worse, "other": WON})) == 1
    printed = capsys.readouterr().out
    assert "lost hard/0" in printed and "and 10 more lost" in printed
    assert "transcripts/a/hard.jsonl and transcripts/b/hard.jsonl" in printed
    (failure,) = xml.parse(tmp_path / "ci" / "j.xml").getroot().iter("failure")
    assert failure.get("type") == "regression" and len((failure.text or "").splitlines()) == 30
    summary = (tmp_path / "s.md").read_text()
    assert "| hard | 200 | 90.0 % | 75.0 % | 0 | 30 | -15.0 |" in summary and "- `hard/0`" in summary


def test_too_little_to_tell_is_exit_2_and_says_how_much_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, gate({"hard": WON[:40]}), gate({"hard": WON[:40]})) == 2
    assert "inconclusive (about 133 tasks would settle it)" in capsys.readouterr().out


def test_a_broken_measurement_is_exit_3_and_an_error(tmp_path: Path) -> None:
    assert check(tmp_path, gate({"hard": WON}), gate({"hard": WON[:100]})) == 3
    (error,) = xml.parse(tmp_path / "ci" / "j.xml").getroot().iter("error")
    assert error.get("type") == "broken" and "200" in str(error.get("message"))
    assert not (tmp_path / "c.json").exists()


def test_a_breadth_suite_that_stock_hardly_passes_shows_nothing() -> None:
    few, none, all = [True] * 59 + [False] * 141, [False] * 200, [True] * 200
    for after in (few, none, all):
        found = compare(gate({"breadth-x": few}), gate({"breadth-x": after}))
        assert found["suites"]["breadth-x"]["verdict"] == "inconclusive"
    some = [True] * 60 + [False] * 140
    assert (
        compare(gate({"breadth-x": some}), gate({"breadth-x": none}))["suites"]["breadth-x"]["verdict"] == "regression"
    )
    assert compare(gate({"hard": few}), gate({"hard": all}))["suites"]["hard"]["better"]


def test_alike_tasks_prove_less_though_none_is_lost() -> None:
    alike = gate({"hard": [i % 20 < 10 for i in range(200)]}, families=20)  # a family passes whole or not at all
    entry = compare(alike, alike)["suites"]["hard"]
    assert entry["design_effect"] == pytest.approx(10 * 20 / 19, abs=1e-3)
    assert entry["bound"] > -0.02 > entry["bound_clustered"] and entry["verdict"] == "inconclusive"


def test_with_many_differing_families_only_the_differences_count() -> None:
    rows = {f"t{i}": {"passed": i % 20 < 10, "family": f"f{i % 20}"} for i in range(200)}
    change = {id: int(i % 11 == 0) for i, id in enumerate(rows)}
    families = [row["family"] for row in rows.values()]
    assert _design_effect(change, rows, rows) == design_effect([float(sign) for sign in change.values()], families)


def of_model(passed: list[bool], model: dict[str, Any], batch: int) -> dict[str, Any]:
    return gate({"hard": passed}) | {"model": model, "decoding": {"method": "greedy", "batch": batch}}


def test_one_model_scored_twice_gives_the_noise_floor(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    noisy = [*[False] * 3, *WON[3:-1], True]  # three lost, one gained: psi is 4 / 200
    weights = {"id": "stock", "sha256": "1", "base_sha256": "1", "dtype": "float32"}
    stock, again = of_model(WON, weights, batch=16), of_model(noisy, {**weights, "id": "again"}, batch=5)
    assert check(tmp_path, stock, again) == 2
    found = read_json(tmp_path / "c.json")
    assert found["same_model"] is True and found["suites"]["hard"]["disagreement"] == 4 / 200
    printed = capsys.readouterr().out
    assert printed.startswith("The same model twice") and "differ  2.0 %" in printed
    assert check(tmp_path, stock, of_model(WON, {**weights, "sha256": "2"}, batch=16)) == 0
    assert read_json(tmp_path / "c.json")["same_model"] is False and "same model" not in capsys.readouterr().out


@pytest.mark.parametrize("change", [{"sha256": "2"}, {"dtype": "float16"}, {"base_sha256": "2"}])
def test_two_models_are_not_compared_at_two_batch_sizes(tmp_path: Path, change: dict[str, str]) -> None:
    weights = {"id": "stock", "sha256": "1", "base_sha256": "1", "dtype": "float32"}
    assert check(tmp_path, of_model(WON, weights, 16), of_model(WON, weights | change, 5)) == 3
    nameless = ({"id": "a"}, {"id": "b"})
    assert check(tmp_path, of_model(WON, nameless[0], 16), of_model(WON, nameless[1], 5)) == 3
