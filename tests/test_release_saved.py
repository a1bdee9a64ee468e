"""Reports outlive the program: each format has a schema, is read by later versions, and pages are made of it alone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from release_fixture import Made, make

from mlx_train import cli
from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json
from mlx_train.release import content, report, saved, schema
from mlx_train.release.figure import figure

REPORTS = Path(__file__).with_name("reports")
SETTINGS = {"format", "blocking", "waived", "warnings", "ceiling", "provenance"}
"""Parts whose numbers count what stands in the report, or are settings."""


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def bare_numbers(value: Any, place: str = "", known: bool = False) -> Iterator[str]:
    """Numbers that no object around them tells the state and the source of."""
    if isinstance(value, dict):
        known = known or {"state", "source", "sha256"} <= value.keys()
        for key, part in value.items():
            yield from bare_numbers(part, f"{place}/{key}", known)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from bare_numbers(part, place, known)
    elif isinstance(value, int | float) and not isinstance(value, bool) and not known:
        yield place


def check(found: Any) -> None:
    jsonschema.Draft202012Validator(read_json(schema.PATH)).validate(json.loads(json.dumps(found)))


def test_the_published_schema_is_that_of_the_program() -> None:
    """After a change: a new format, if reports of this one are about; else `python -m mlx_train.release.schema`."""
    jsonschema.Draft202012Validator.check_schema(read_json(schema.PATH))
    assert read_json(schema.PATH) == json.loads(json.dumps(schema.json_schema()))


def test_reports_fit_the_schema_and_every_number_has_its_origin(made: Made, tmp_path: Path) -> None:
    whole = report.report(made.run, made.suites)
    made.edit_gates(lambda gate: (gate["suites"].pop("abstain"), gate["tasks"].pop("abstain")))
    partly = report.report(made.run, made.suites)
    bare = Made(tmp_path / "bare", made.suites)
    bare.run.mkdir()
    (bare.run / "run.json").write_bytes((made.run / "run.json").read_bytes())
    for found in (whole, partly, report.report(bare.run, made.suites)):
        check(found)
        assert list(bare_numbers({key: part for key, part in found.items() if key not in SETTINGS})) == []
    with pytest.raises(jsonschema.ValidationError):
        check({**whole, "label": "excellent"})
    assert list(bare_numbers({"a": {"b": [1, figure(1, "x", {})]}})) == ["/a/b"]


def test_figures_say_of_how_many_how_sure_and_from_where(made: Made) -> None:
    row = report.report(made.run, made.suites)["suites"][0]
    held = row["specialist"]
    assert (held["value"], held["n"], held["state"], held["source"]) == (0.98, 200, "measured", "gates/specialist.json")
    assert held["interval"] == pytest.approx([0.9497, 0.9922], abs=1e-4) and len(held["sha256"]) == 64
    assert row["change"]["state"] == "derived" and row["ceiling"]["state"] == "skipped"


def test_states_other_than_measured(made: Made) -> None:
    made.edit("gates/stock.json", lambda gate: gate.update(cached=["hard"]))
    made.edit("gates/specialist.json", lambda gate: gate["suites"].pop("abstain"))
    made.edit("run.json", lambda run: run["recipe"]["gates"].update(suites=["hard"]))
    made.edit("data/summary.json", lambda summary: summary.update(dev_rows=0))
    made.edit("fit/fitted.json", lambda fitted: fitted.update(dev_loss=None))
    found = report.report(made.run, made.suites)
    assert found["suites"][0]["stock"]["state"] == "historical"
    assert found["suites"][-1]["specialist"]["state"] == "skipped"
    assert found["training"]["dev_loss"]["state"] == "not applicable"
    assert found["cost"]["energy_kj"]["state"] == "missing"


def test_there_is_a_report_of_each_format() -> None:
    assert sorted(path.name for path in REPORTS.iterdir()) == [
        f"format-{number}.json" for number in range(1, content.FORMAT + 1)
    ]


@pytest.mark.parametrize("number", range(1, content.FORMAT + 1))
def test_old_reports_are_made_again_from_their_json_alone(number: int, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    before = (REPORTS / f"format-{number}.json").read_bytes()
    path.write_bytes(before)
    assert read_json(path)["format"] == number
    assert cli.call(["report", str(path)]) == 1
    text, page = (path.with_suffix(suffix).read_text() for suffix in (".md", ".html"))
    assert path.read_bytes() == before
    assert "Label: report-only" in text and "<b>report-only</b>" in page
    assert "98.0 %" in text and "98.0 %" in page and "no-public-home" in page
    check(saved.read(path))


def test_a_new_report_reads_back_as_it_was_written(made: Made) -> None:
    found = report.report(made.run, made.suites)
    pages = [(made.run / "report" / name).read_bytes() for name in ("report.md", "report.html")]
    path = made.run / "report" / "report.json"
    held = saved.read(path)
    assert held == json.loads(json.dumps(found))
    report.rebuild(path, held)
    assert pages == [(made.run / "report" / name).read_bytes() for name in ("report.md", "report.html")]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"format": 99}, "format 1 to 2"), ({"label": "fine"}, "key label"), ({"suites": [{}]}, "key suites.0"),
        ({"more": 1}, "key more"),
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(made: Made, change: dict[str, Any], message: str) -> None:
    report.report(made.run, made.suites)
    path = made.run / "report" / "report.json"
    write_json(path, read_json(path) | change)
    with pytest.raises(BadInput, match=message):
        saved.read(path)
    assert cli.call(["report", str(path)]) == 64


def test_a_broken_old_report_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    write_json(path, {"format": 1, "verdict": "blocked"})
    with pytest.raises(BadInput, match="form of a report of format 1"):
        saved.read(path)
