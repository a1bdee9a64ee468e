"""Two reports side by side: what was measured alike is subtracted, what was not is said to be not comparable."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from release_fixture import Made, make

from mlx_train import cli
from mlx_train.files import read_json
from mlx_train.release import lock, report, versus


@pytest.fixture
def two(tmp_path: Path) -> tuple[Made, Made]:
    """Two runs on the same suites; the second passes 10 tasks of `hard` fewer."""
    one = make(tmp_path)
    shutil.copytree(one.run, tmp_path / "other")
    other = Made(tmp_path / "other", one.suites)
    other.edit("run.json", lambda run: run.update(id="other"))
    other.rescore("hard", 80, 186)
    return one, other


def compared(two: tuple[Made, Made]) -> dict[str, Any]:
    return versus.versus(*(report.report(made.run, made.suites) for made in two))


def test_a_difference_has_newcombes_interval(two: tuple[Made, Made]) -> None:
    found = compared(two)["suites"][0]
    assert found["difference"] == pytest.approx(-0.05) and found["not_comparable"] is None
    assert found["interval"] == pytest.approx([-0.0957, -0.0089], abs=1e-4)


def test_newcombes_own_example() -> None:
    """56 of 70 and 48 of 80: 0.0524 to 0.3339 (Newcombe 1998, table II, example (a), method 10)."""
    from mlx_train.gates.statistics import wilson

    before, after = ({"value": k / n, "interval": wilson(k, n)} for k, n in ((48, 80), (56, 70)))
    assert versus.newcombe(before, after) == pytest.approx([0.0524, 0.3339], abs=5e-5)


def test_quick_and_other_versions_are_never_subtracted(two: tuple[Made, Made]) -> None:
    two[1].edit_gates(lambda gate: gate["suites"]["hard"].update(quick=True))
    two[1].edit_gates(lambda gate: gate["suites"]["heldout"].update(suite_sha256="0"))
    two[1].rescore("abstain", 30, 30, n=40)
    two[1].edit("gates/specialist.json", lambda gate: gate["suites"].pop("breadth-unseen"))
    rows = {row["suite"]: row for row in compared(two)["suites"]}
    assert {name: row["not_comparable"] for name, row in rows.items()} == {
        "hard": "quick subset against all tasks", "heldout": "another version of the suite",
        "breadth-retained": None, "breadth-unseen": "not measured in both", "abstain": "another number of tasks",
    }  # fmt: skip
    assert all((row["difference"] is None) == bool(row["not_comparable"]) for row in rows.values())
    found = compared(two)
    assert versus.markdown(found).count("not comparable") == versus.html(found).count("not comparable") == 4


def test_both_sides_stand_there_with_label_findings_size_and_cost(two: tuple[Made, Made]) -> None:
    two[1].edit("run.json", lambda run: run["base"].update(repository=""))
    found = compared(two)
    assert (found["a"]["label"], found["b"]["label"]) == ("general", "report-only")
    assert found["a"]["blockers"] == [] and "no-public-home" in found["b"]["blockers"]
    rows = {label: cells for label, *cells in versus.rows(found)}
    assert rows["training"] == ["3 min 20 s"] * 2 and rows["peak memory, GB"] == ["1.25"] * 2
    assert "size of fused, MB" in rows and found["differs"] == {"label": ["general", "report-only"]}
    page = versus.html(found)
    assert "<script" not in page and "http" not in page and page.count("<table") == page.count("<caption")


def test_the_verb_writes_and_prints_it(
    two: tuple[Made, Made], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for made in two:
        report.report(made.run, made.suites)
    names = [str(two[0].run), str(two[1].run / "report" / "report.json")]
    assert cli.call(["report", "--compare", *names, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    path = two[0].run / "report" / "20260101-000000-against-other.json"
    assert read_json(path) == found and path.with_suffix(".md").is_file() and path.with_suffix(".html").is_file()
    assert cli.call(["report", "--compare", *names]) == 0
    assert re.search(r"\| hard \| 200 \| 98\.0 %.*\| 200 \| 93\.0 %.*\| -5\.0 \(", capsys.readouterr().out)
    lock.write(two[0].run, lock.SPECIALIST, {"external": []})
    monkeypatch.chdir(two[1].run)
    saved = str(two[0].run / "report" / "report.json")
    assert cli.call(["report", "--compare", saved, names[1]]) == 0 and cli.call(["report", saved]) == 0
    assert not lock.verify(two[0].run) and Path(path.name).is_file()  # what has a lock stays as it is
    assert cli.call(["report", str(two[0].run), "--compare", *names]) == 64
    assert cli.call(["report", "--compare", names[0], str(two[0].run / "none.json")]) == 64
