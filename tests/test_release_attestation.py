"""The job summary and the in-toto statement say what report.json says."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from release_fixture import Made, make
from test_release_blockers import FAULTS, spoken_of

from mlx_train import cli
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file
from mlx_train.recipe import SUITES
from mlx_train.release import attestation, report


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return make(tmp_path)


def act(made: Made) -> tuple[dict[str, Any], dict[str, Any]]:
    """The report, read back from its file, and its statement."""
    report.report(made.run, made.suites)
    content = read_json(made.run / "report" / "report.json")
    return content, attestation.statement(content)


def test_the_statement_has_the_published_fields(made: Made) -> None:
    """Names and values of in-toto's spec/v1/statement.md and spec/predicates/test-result.md."""
    content, found = act(made)
    assert list(found) == ["_type", "subject", "predicateType", "predicate"]
    assert found["_type"] == "https://in-toto.io/Statement/v1"
    assert found["predicateType"] == "https://in-toto.io/attestation/test-result/v0.1"
    assert set(found["predicate"]) == {"result", "configuration", "passedTests", "warnedTests", "failedTests"}
    assert found["predicate"]["result"] == "PASSED"
    assert found["predicate"]["passedTests"] == [f"suite/{name}" for name in SUITES]
    assert found["predicate"]["warnedTests"] == found["predicate"]["failedTests"] == []
    names = [one["name"] for one in found["subject"]]
    assert len(set(names)) == len(names) == 6 + 7
    for one in found["subject"]:
        assert one["digest"] == {"sha256": sha256_file(made.run / one["name"])}
    digests = {one["name"]: one["digest"]["sha256"] for one in found["predicate"]["configuration"]}
    assert digests["gates/hard"] == content["suites"][0]["suite_sha256"] and len(digests) == 7
    assert digests["recipe small"] == content["provenance"]["recipe_sha256"]


def test_what_blocks_fails_and_what_warns_warns(made: Made) -> None:
    made.edit("run.json", lambda run: run.update(source={}))
    found = act(made)[1]["predicate"]
    assert (found["result"], found["warnedTests"], found["failedTests"]) == ("WARNED", ["source-commit"], [])
    made.rescore("abstain", 160, 120)
    content, statement = act(made)
    found = statement["predicate"]
    assert found["result"] == "FAILED" and found["failedTests"] == ["regression/abstain", "suite/abstain"]
    assert "suite/abstain" not in found["passedTests"] and "suite/hard" in found["passedTests"]
    assert content["blocking"] == 1


def test_a_suite_that_got_worse_did_not_pass_though_a_router_makes_up_for_it(made: Made) -> None:
    made.rescore("breadth-unseen", 120, 90)
    found = act(made)[1]["predicate"]
    assert (found["result"], found["failedTests"]) == ("WARNED", [])
    assert found["warnedTests"] == ["regression/breadth-unseen", "suite/breadth-unseen"]
    assert found["passedTests"] == [f"suite/{name}" for name in SUITES if name != "breadth-unseen"]


@pytest.mark.parametrize(("id", "fault"), [(id, fault) for id, _, fault in FAULTS if spoken_of(id)])
def test_no_suite_passes_that_a_finding_speaks_of(made: Made, id: str, fault: Callable[[Made], None]) -> None:
    fault(made)
    found = act(made)[1]["predicate"]
    assert id in found["failedTests"] + found["warnedTests"]
    assert not {f"suite/{name}" for name in spoken_of(id)} & set(found["passedTests"])


def test_a_suite_that_was_not_measured_did_not_pass(made: Made) -> None:
    made.edit_gates(lambda gate: (gate["suites"].pop("abstain"), gate["tasks"].pop("abstain")))
    found = act(made)[1]["predicate"]
    assert "not-measured/stock/abstain" in found["failedTests"] and "suite/abstain" not in found["passedTests"]
    assert not any("abstain" in one["name"] for one in found["configuration"])


def test_only_packages_that_match_their_lock_are_attested(made: Made) -> None:
    (made.run / "package" / "LICENSE").write_text("another")
    found = act(made)[1]
    assert {one["name"].split("/")[0] for one in found["subject"]} == {"fused"}
    assert found["predicate"]["failedTests"] == ["package/package", "card-label/package", "card-label/fused"]
    (made.run / "fused" / "LICENSE").write_text("another")
    with pytest.raises(BadInput, match="no package matches its lock"):
        act(made)


def test_the_summary_is_short_and_plain(made: Made) -> None:
    found = report.report(made.run, made.suites)
    text = report.summary(found)
    assert text.startswith("### small\n\n**general**. Releasable: nothing blocks it.\n\n| suite | n |")
    assert "| hard | 200 | 40.0 % |" in text and "- **" not in text
    blocker = {"severity": "blocks", "id": "a|b", "found": "x <b> y", "evidence": "run.json", "unblock": "z",
               "waiver": None}  # fmt: skip
    text = report.summary({**found, "verdict": "blocked", "blocking": 23, "blockers": [blocker] * 23})
    assert text.count("- **blocks** `a/b`: x \\<b\\> y") == 20 and text.endswith("3 more findings are in the report.\n")


def test_the_verb_appends_the_summary_and_writes_the_statement(made: Made, tmp_path: Path) -> None:
    page, out = tmp_path / "summary.md", tmp_path / "result.json"
    page.write_text("before\n")
    code = cli.call(["report", str(made.run), "--summary", str(page), "--attestation", str(out)])
    assert code == 1  # the suites of the fixture are not those that are installed
    assert page.read_text().startswith("before\n### small\n\n**report-only**. Blocked: ")
    found = read_json(out)
    assert found["predicate"]["result"] == "FAILED" and "suite-hash/hard" in found["predicate"]["failedTests"]
    assert found == attestation.statement(read_json(made.run / "report" / "report.json"))
    shutil.rmtree(made.run / "package")
    shutil.rmtree(made.run / "fused")
    page.unlink()
    out.unlink()
    assert cli.call(["report", str(made.run), "--summary", str(page), "--attestation", str(out)]) == 1
    assert page.read_text().startswith("### small") and not out.exists()  # there is nothing to speak of
