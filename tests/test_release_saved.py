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
from mlx_train.files import read_json, sha256_file, write_json
from mlx_train.release import content, report, saved, schema
from mlx_train.release.figure import figure

REPORTS = Path(__file__).with_name("reports")
SETTINGS = {"format", "blocking", "waived", "warnings", "ceiling", "provenance"}
"""Parts whose numbers count what stands in the report, or are settings."""
PUBLISHED = {
    "format-1.json": "0914d867a268ec12450c9227efa7c204fa6b522004f1b257face89fb8d98374c",
    "format-2-first.json": "9d7a62e32826436cc14ed8773a0b64c7a8876705fe510579ee8f50059ce16668",
    "format-2.json": "5f41135b0cfeaa665bc30145741b4c2359e1706b2d2ac0f2ddfc7aee022d1ead",
    "format-3.json": "c0fd1f2b97dca742151dd17616cb5b43520fbf76ec29c41b177872f7fa29b4db",
    "format-4.json": "da7017330a253097a00aac8eee52e8efb8d2ff53c82e6c44224de535a0327767",
    "format-5.json": "7e1fccd8cd9db9964f2d9d0feed2115826123dc953b65915abbd3f3df21cf8c8",
    "report-2.schema.json": "10664fc4e6105f4800bb900ade06be01d5267eadebe298fdb7b1e2b1a0d98ce3",
    "report-3.schema.json": "2d7dc7657fe80abcdaed71eeed46dae2010ca4633308822c4df434748b152517",
    "report-4.schema.json": "b55e2e26e7dd998ba98d8126395e2ab8caa4a0626fde3bf452a0f3b4c2158586",
    "report-5.schema.json": "ad94323cadb7e2989c4c6c87c3078c077093a1df8c9c1fd0712867b61b68bad6",
}
"""SHA-256 of a report of each format, and of each schema. One that is here has been published and stays as it is."""


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
    assert read_json(schema.PATH)["$id"].endswith(f"/mlx_train/release/{schema.PATH.name}")


def test_what_was_published_is_as_it_was() -> None:
    """A change of the report is a new format, with a schema and a report of its own, and a way there in `saved.py`."""
    paths = [*REPORTS.iterdir(), *schema.PATH.parent.glob("*.schema.json")]
    assert {path.name: sha256_file(path) for path in paths} == PUBLISHED
    formats = {int(name.split("-")[1].split(".")[0]) for name in PUBLISHED}
    assert formats == set(range(1, content.FORMAT + 1))


def test_the_first_reports_of_format_2_lack_what_its_schema_came_to_ask_for() -> None:
    known = jsonschema.Draft202012Validator(read_json(schema.PATH.with_name("report-2.schema.json")))
    assert known.is_valid(read_json(REPORTS / "format-2.json"))
    wrong = {fault.message.split("'")[1] for fault in known.iter_errors(read_json(REPORTS / "format-2-first.json"))
             if fault.validator == "required"}  # fmt: skip
    assert {"general", "selection", "control", "against"} == wrong


def test_a_finding_of_format_2_speaks_of_the_suites_that_it_names() -> None:
    def spoken(id: str, found: str) -> list[str]:
        return saved._suites_of({"id": id, "found": found}, ["hard", "breadth-unseen", "abstain"])

    assert spoken("regression/breadth-unseen", "it got worse") == ["breadth-unseen"]
    assert spoken("quick", "Only the quick subset was scored: hard, abstain.") == ["hard", "abstain"]
    assert spoken("overlap", "not measured") == ["hard", "breadth-unseen", "abstain"]
    assert spoken("no-public-home", "It is hardly to be had.") == []


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


@pytest.mark.parametrize("name", [name for name in PUBLISHED if name.startswith("format")])
def test_old_reports_are_made_again_from_their_json_alone(name: str, tmp_path: Path) -> None:
    path = tmp_path / "old.json"
    before = (REPORTS / name).read_bytes()
    path.write_bytes(before)
    assert read_json(path)["format"] == int(name[len("format-")])
    assert cli.call(["report", str(path), "--attestation", str(tmp_path / "result.json")]) == 1
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
        ({"format": 99}, "format 1 to 5"), ({"format": True}, "found True"),
        ({"label": "fine"}, "key label"), ({"suites": [{}]}, "key suites.0"),
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
