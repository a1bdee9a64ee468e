"""A control is the same training on replay alone, and each suite is compared with the better baseline."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from release_fixture import Made, make

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, write_json, write_jsonl
from mlx_train.gates.compare import compare
from mlx_train.release import blockers, control, evidence, report, saved

UNSEEN, RETAINED = "breadth-unseen", "breadth-retained"


@pytest.fixture
def made(tmp_path: Path) -> Made:
    """A run in which nothing blocks: of 200 tasks each, stock and specialist pass 100 of breadth-unseen."""
    return make(tmp_path / "ours")


@pytest.fixture
def other(tmp_path: Path, made: Made) -> Made:
    """Its control, on replay data alone."""
    found = Made(tmp_path / "theirs" / "run", made.suites)
    shutil.copytree(made.run, found.run)
    found.edit("run.json", lambda run: (run.update(id="control"), run["recipe"]["train"].update(epochs=9.0, steps=40)))
    found.edit("data/summary.json", lambda held: held.update(domains={"calendar": 500, "notes": 500}))
    for name, passed in (("hard", 80), ("heldout", 90), ("abstain", 160)):  # as stock
        found.rescore(name, passed, passed)
    write_jsonl(found.run / "gates" / "transcripts" / "specialist" / "hard.jsonl", [{"of": "control"}])
    return found


def found(made: Made) -> dict[str, blockers.Blocker]:
    return {one.id: one for one in blockers.find(evidence.read(made.run, made.suites))}


def test_each_suite_is_compared_with_the_better_of_the_two(made: Made, other: Made) -> None:
    other.rescore(UNSEEN, 100, 120)  # the control passes 20 more than stock and specialist
    other.rescore(RETAINED, 150, 140)  # and 10 fewer here
    compared = control.adopt(made.run, other.run)["suites"]
    assert (compared[UNSEEN]["against"], compared[UNSEEN]["lost"], compared[UNSEEN]["gained"]) == ("control", 20, 0)
    assert compared[UNSEEN]["stock"] == 120 / 200 and compared[UNSEEN]["verdict"] == "regression"
    assert (compared[RETAINED]["against"], compared[RETAINED]["lost"]) == ("baseline", 0)
    written = read_json(made.run / "gates" / "comparison.json")
    assert written["suites"] == compared and "control" in written
    paths = written["tasks"][UNSEEN]["transcripts"]
    assert paths == [f"transcripts/{name}/{UNSEEN}.jsonl" for name in ("control", "specialist")]
    assert (made.run / "gates" / "transcripts" / "control" / "hard.jsonl").is_file()
    made.pack()  # the cards bore the label from before
    now = found(made)
    assert list(now) == [f"regression/{UNSEEN}"] and "against the control" in now[f"regression/{UNSEEN}"].found
    content = report.report(made.run, made.suites)
    assert content["label"] == "routed-specialist" and {"control", "stock"} <= {
        row["name"] for row in content["systems"]
    }
    held = next(row for row in content["suites"] if row["suite"] == UNSEEN)
    assert (held["change"]["against"], held["change"]["value"]) == ("control", -0.1)
    assert (held["control"]["value"], held["control"]["n"], held["control"]["source"]) == (0.6, 200, evidence.CONTROL)
    (against,) = [row for row in content["domains"] if row["change"]["against"] == "control"]
    assert (against["stock"]["value"], report.compared_with(against), against["specialist"]["value"]) == (0.5, 0.6, 0.5)
    assert [report.compared_with(row) == row["stock"]["value"] for row in content["domains"]].count(False) == 1
    assert content["control"] == {
        "run": "control", "recipe": "small", "steps": 40, "domains": {"calendar": 500, "notes": 500},
        "state": "measured", "source": evidence.CONTROL, "sha256": content["sources"][evidence.CONTROL],
    }  # fmt: skip
    assert saved.read(made.run / "report" / "report.json")
    assert "are against the control" in (made.run / "package" / "README.md").read_text()
    text = report.markdown(content)
    assert "| suite | n | stock | 95 % interval | specialist | 95 % interval | control | gained |" in text
    assert "regression (against control)" in text and "run control, 40 steps on replay data alone" in text
    assert f"{UNSEEN} 60.0 %" in text
    page = (made.run / "report" / "report.html").read_text()
    assert "<small>against control</small>" in page


@pytest.mark.parametrize("passed, against", [(120, "control"), (40, "baseline")])
def test_a_control_that_is_no_measurement_blocks(made: Made, other: Made, passed: int, against: str) -> None:
    """Whatever it passes: without the crashes it might have passed more than stock."""

    def crashed(gate: dict[str, Any]) -> None:
        entry, tasks = gate["suites"][UNSEEN], gate["tasks"][UNSEEN]
        for id in [id for id, row in tasks.items() if not row["passed"]][:5]:
            tasks[id]["end"] = "crash"
        entry.update(errors=5, broken=True, errors_by_kind={"crash": 5})

    other.rescore(UNSEEN, 100, passed)
    other.edit("gates/specialist.json", crashed)
    entry = control.adopt(made.run, other.run)["suites"][UNSEEN]
    assert (entry["against"], entry["verdict"], entry["better"]) == (against, "broken", False)
    assert entry["reason"].count("5 crash") == 1
    made.pack()
    now = found(made)
    assert list(now) == [f"broken/{UNSEEN}"] and now[f"broken/{UNSEEN}"].severity == "blocks"
    assert not now[f"broken/{UNSEEN}"].waivable and "5 crash" in now[f"broken/{UNSEEN}"].found
    assert report.report(made.run, made.suites)["label"] == "report-only"


def test_the_commands_of_a_report_make_its_control_too(made: Made, other: Made) -> None:
    alone = report.report(made.run, made.suites)["provenance"]["commands"]
    small = "./just train RECIPE.toml  # the file of the recipe small"  # which is none of this project's
    assert alone[-2:] == [small, "./just report artifacts/runs/small/latest"]
    made.edit("run.json", lambda run: run["recipe"]["gates"].update(quick=False))
    assert report.report(made.run, made.suites)["provenance"]["commands"][-2].startswith(
        "./just train RECIPE.toml --full  #"
    )
    made.edit("run.json", lambda run: run["recipe"]["gates"].pop("quick"))
    theirs = {"commit": "7" * 40}
    other.edit("run.json", lambda run: (run["recipe"].update(name="small-control"), run.update(source=theirs)))
    control.adopt(made.run, other.run)
    commands = report.report(made.run, made.suites)["provenance"]["commands"]
    last = "./just mlx-train report small --control small-control"
    assert commands == [
        f"git checkout {'1' * 40}", small, f"git checkout {'7' * 40}", f"{small}-control", last,
    ]  # fmt: skip
    made.edit("gates/control.json", lambda gate: gate["control"].pop("commit"))  # as it was once adopted
    commands = report.report(made.run, made.suites)["provenance"]["commands"]
    assert commands[-2:] == [
        "# the control is run control of the recipe small-control, at a commit that was not recorded", last,
    ]  # fmt: skip


def test_a_control_that_gains_nothing_changes_no_verdict(made: Made, other: Made) -> None:
    before = read_json(made.run / "gates" / "comparison.json")["suites"]
    after = control.adopt(made.run, other.run)["suites"]
    assert {name: entry | {"against": "baseline"} for name, entry in before.items()} == after
    assert found(made) == {}
    bare = report.build(evidence.read(other.run, other.suites))
    assert bare["control"] is None and "No control" in report.markdown(bare)
    assert {row["control"]["state"] for row in bare["suites"]} == {"skipped"}


def test_a_comparison_that_leaves_the_control_out_blocks(made: Made, other: Made) -> None:
    other.rescore(UNSEEN, 100, 120)
    control.adopt(made.run, other.run)
    made.compare()
    assert found(made)["comparison/false"].severity == "rejects"


def test_a_control_that_cannot_be_read_blocks(made: Made, other: Made) -> None:
    control.adopt(made.run, other.run)
    made.edit(evidence.CONTROL, lambda gate: gate.pop("tasks"))
    assert found(made)["comparison/control"].severity == "blocks"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("fit/fitted.json", lambda held: held.update(steps=39), "39 steps, not 40: set train.steps = 40"),
        ("data/summary.json", lambda held: held["domains"].update(files=3), "more than replay data: files"),
        ("run.json", lambda run: run["base"].update(weights_sha256="9"), "another base"),
        ("run.json", lambda run: run["recipe"]["train"].update(learning_rate=2e-3), "train.learning_rate is 0.002"),
        ("run.json", lambda run: run.update(start="5" * 64), "it went on from another adapter, or from none"),
    ],
)
def test_what_is_no_control_is_refused(
    made: Made, other: Made, name: str, change: Callable[[Any], Any], said: str
) -> None:
    other.edit(name, change)
    before = read_json(made.run / "gates" / "comparison.json")
    with pytest.raises(BadInput, match="not a control") as raised:
        control.adopt(made.run, other.run)
    assert said in str(raised.value)
    assert not (made.run / evidence.CONTROL).exists()
    assert read_json(made.run / "gates" / "comparison.json") == before


def test_an_older_control_without_the_newer_keys_is_taken(made: Made, other: Made) -> None:
    made.edit("run.json", lambda run: run["recipe"]["train"].update(adapter="", clip=1.0))
    assert "clip" not in read_json(other.run / "run.json")["recipe"]["train"]
    control.adopt(made.run, other.run)


def test_a_control_after_the_same_adapter_says_so(made: Made, other: Made) -> None:
    for one in (made, other):
        one.edit("run.json", lambda run: (run["recipe"]["train"].update(adapter="first"), run.update(start="5" * 64)))
    control.adopt(made.run, other.run)
    said = control.sentence(report.report(made.run, made.suites))
    assert "on replay data alone after the same adapter, first:" in said


def test_a_control_scored_on_other_suites_is_refused(made: Made, other: Made) -> None:
    gate = read_json(other.run / "gates" / "specialist.json")
    del gate["suites"]["hard"], gate["tasks"]["hard"]
    write_json(other.run / "gates" / "specialist.json", gate)
    with pytest.raises(GateBroken, match="the control"):
        control.adopt(made.run, other.run)
    assert not (made.run / evidence.CONTROL).exists()
    stock = read_json(made.run / "gates" / "stock.json")
    with pytest.raises(GateBroken, match="the control"):
        compare(stock, stock, control=gate)


def test_a_control_that_is_refused_leaves_the_one_before_in_place(made: Made, other: Made) -> None:
    other.rescore(UNSEEN, 100, 120)
    control.adopt(made.run, other.run)
    before = {name: (made.run / name).read_bytes() for name in (evidence.CONTROL, "gates/comparison.json")}
    gate = read_json(other.run / "gates" / "specialist.json")
    write_json(other.run / "gates" / "specialist.json", {**gate, "suites": {}, "tasks": {}})
    with pytest.raises(GateBroken):
        control.adopt(made.run, other.run)
    write_json(other.run / "gates" / "specialist.json", gate)
    shutil.rmtree(other.run / "gates" / "transcripts")
    with pytest.raises(BadInput, match="transcripts"):
        control.adopt(made.run, other.run)
    assert {name: (made.run / name).read_bytes() for name in before} == before
    assert not [path for path in (made.run / "gates").iterdir() if path.name.startswith("tmp")]
