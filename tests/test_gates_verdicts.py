"""What `gates check` writes for terminals, job pages and CI systems."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from xml.etree import ElementTree as xml

import pytest

from mlx_train import cli
from mlx_train.files import read_json, write_json
from mlx_train.gates import compare as comparing
from mlx_train.gates.compare import LEAST_CLUSTERS, compare
from mlx_train.gates.verdicts import lines as text

REASONS: dict[bool, list[str]] = {True: [], False: ["not done"]}


def gate(passed: dict[str, list[bool]], families: int = 200, quick: bool = False) -> dict[str, Any]:
    """A gate file with these passes; task i is of family i modulo `families`."""
    tasks = {
        name: {
            f"{name}/{i}": {"passed": won, "reasons": REASONS[won], "family": f"f{i % families}", "end": "done"}
            for i, won in enumerate(row)
        }
        for name, row in passed.items()
    }
    suites = {
        name: {
            "n": len(row), "passed": sum(row), "rate": sum(row) / len(row), "quick": quick, "suite_sha256": "s",
            "clusters": min(families, len(row)), "broken": False, "errors": 0, "errors_by_kind": {"crash": 0},
        }
        for name, row in passed.items()
    }  # fmt: skip
    return {"model": {"id": "m"}, "prompt_sha256": "p", "decoding": {"batch": 1}, "suites": suites, "tasks": tasks}


def test_what_was_scored_by_another_program_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    versions = {"mlx": "0.32", "python": "3.12", "machine": "Darwin arm64"}
    before, after = ({**gate({"hard": [True] * 200}), "program": letter * 64} for letter in "ab")
    before["versions"], after["versions"] = versions, {**versions, "mlx": "0.33"}
    assert check(tmp_path, before, after) == 0
    said = "mlx 0.32 and 0.33, program aaaaaaaaaaaa and bbbbbbbbbbbb"
    assert said in capsys.readouterr().out and said in (tmp_path / "s" / "s.md").read_text()
    assert read_json(tmp_path / "c.json")["scored_by"]["mlx"] == ["0.32", "0.33"]
    assert check(tmp_path, before, before) == 0 and "Not scored alike" not in capsys.readouterr().out


def ended(content: dict[str, Any], name: str, end: str, count: int) -> dict[str, Any]:
    """The same file where the last tasks of a suite ended in an error, and that is what it says."""
    for row in list(content["tasks"][name].values())[-count:]:
        row.update(end=end, passed=False, reasons=[end])
    entry, rows = content["suites"][name], content["tasks"][name].values()
    passed = sum(row["passed"] for row in rows)
    broken = end in ("time_out", "crash") and count > len(rows) / 100
    entry.update(passed=passed, rate=passed / len(rows), errors=count, errors_by_kind={end: count}, broken=broken)
    return content


def check(folder: Path, before: dict[str, Any], after: dict[str, Any], *more: str) -> int:
    write_json(folder / "a.json", before)
    write_json(folder / "b.json", after)
    arguments = ["gates", "check", str(folder / "a.json"), str(folder / "b.json"), "--out", str(folder / "c.json")]
    return cli.call(
        [*arguments, "--junit", str(folder / "ci" / "j.xml"), "--summary", str(folder / "s" / "s.md"), *more]
    )


def test_a_suite_that_one_file_lacks_breaks_alone() -> None:
    both, one = (gate({name: WON for name in names}) for names in (("hard", "heldout"), ("hard",)))
    for content, whole in ((both, "p"), (one, "q")):  # the catalogues of all suites together differ
        content["prompt_sha256"] = whole
        for entry in content["suites"].values():
            entry["prompt_sha256"] = "of this suite"
    found = compare(both, one, keep_broken=True)["suites"]
    assert (found["hard"]["verdict"], found["heldout"]["verdict"]) == ("pass", "broken")
    stock = ended(gate({"hard": [*WON]}), "hard", "crash", 9)  # passes fewer, so the control takes its place
    entry = compare(stock, gate({"hard": WON}), control=gate({"hard": WON}))["suites"]["hard"]
    assert entry["verdict"] == "broken" and "the baseline: 9 crash" in entry["reason"]
    one["suites"]["hard"]["prompt_sha256"] = "another"
    assert compare(both, one, keep_broken=True)["suites"]["hard"]["verdict"] == "broken"


WON = [True] * 180 + [False] * 20


def test_a_pass_is_exit_0_and_no_failure(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert check(tmp_path, gate({"hard": WON}), gate({"hard": WON})) == 0
    printed = capsys.readouterr().out
    assert "bound -1.3 / -1.5  pass" in printed  # Tango's, Clopper and Pearson's
    assert "of 180 tasks that the baseline passes 0 are lost: at most 1.7 % (95 %)" in printed
    root = xml.parse(tmp_path / "ci" / "j.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("1", "0", "0")
    assert read_json(tmp_path / "c.json")["suites"]["hard"]["verdict"] == "pass"


def test_a_regression_is_exit_1_and_names_the_tasks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    worse = [False] * 30 + WON[30:]
    assert check(tmp_path, gate({"hard": WON, "other": WON}), gate({"hard": worse, "other": WON})) == 1
    printed = capsys.readouterr().out
    assert "lost hard/0" in printed and "and 10 more lost" in printed
    where = "transcripts/a/hard.jsonl and transcripts/b/hard.jsonl"
    assert where in printed
    (failure,) = xml.parse(tmp_path / "ci" / "j.xml").getroot().iter("failure")
    text = (failure.text or "").splitlines()
    assert failure.get("type") == "regression" and len(text) == 31 and text[-1] == f"transcripts: {where}"
    summary = (tmp_path / "s" / "s.md").read_text()
    assert "| hard | 200 | 90.0 % | 75.0 % | 0 | 30 | -15.0 | -19.6 / -19.8 | regression |" in summary
    assert f"`hard`, lost (transcripts: {where}):\n\n- `hard/0`" in summary and "- and 10 more" in summary


def test_gained_tasks_and_both_bounds_are_in_all_three(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = [*WON[:-9], *[True] * 9]
    assert check(tmp_path, gate({"hard": WON}, quick=True), gate({"hard": more}, quick=True)) == 0
    entry = read_json(tmp_path / "c.json")["suites"]["hard"]
    bounds = f"{100 * entry['bound']:+.1f} / {100 * entry['bound_clustered']:+.1f}"
    printed, summary = capsys.readouterr().out, (tmp_path / "s" / "s.md").read_text()
    (case,) = xml.parse(tmp_path / "ci" / "j.xml").getroot().iter("testcase")
    assert bounds in printed and bounds in summary and bounds in (case.findtext("system-out") or "")
    assert "n  200 (quick)" in printed and "| 200 (quick) |" in summary and case.get("name") == "hard (quick)"
    assert "gained hard/199" in printed and "- `hard/199`" in summary and "pass (better)" in summary


def test_a_summary_is_appended(tmp_path: Path) -> None:
    for _ in range(2):
        check(tmp_path, gate({"hard": WON}), gate({"hard": WON}))
    assert (tmp_path / "s" / "s.md").read_text().count("### Gates\n") == 2


def test_too_little_to_tell_is_exit_2_and_says_how_much_it_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(tmp_path, gate({"hard": WON[:40]}), gate({"hard": WON[:40]})) == 2
    printed = capsys.readouterr().out
    assert "inconclusive (about 149 tasks would settle it, 109 more)" in printed
    assert "these 40 tasks could show a margin of 7.2 points" in printed  # 1 - 0.05 ** (1 / 40)


def test_a_suite_that_cannot_be_compared_is_broken_and_the_others_are_judged(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = gate({"hard": WON, "less": WON, "gone": WON})
    after = gate({"hard": [False] * 30 + WON[30:], "less": WON[:100], "new": WON})
    assert check(tmp_path, before, after) == 3
    found = read_json(tmp_path / "c.json")
    assert {name: entry["verdict"] for name, entry in found["suites"].items()} == {
        "hard": "regression", "less": "broken", "gone": "broken", "new": "broken",
    }  # fmt: skip
    assert "n of suite less: the baseline has 200, the candidate 100" in found["suites"]["less"]["reason"]
    assert "the baseline has it and the candidate does not" in found["suites"]["gone"]["reason"]
    printed, summary = capsys.readouterr().out, (tmp_path / "s" / "s.md").read_text()
    assert "lost hard/0" in printed and "the candidate has it and the baseline does not" in printed
    assert "| less | | | | | | | | broken |" in summary and "`less`: n of suite less" in summary
    root = xml.parse(tmp_path / "ci" / "j.xml").getroot()
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "3")
    assert {error.get("type") for error in root.iter("error")} == {"broken"}


def test_files_that_cannot_be_compared_at_all_are_broken_in_every_output(tmp_path: Path) -> None:
    assert check(tmp_path, gate({"hard": WON}), {**gate({"hard": WON}), "prompt_sha256": "q"}) == 3
    (error,) = xml.parse(tmp_path / "ci" / "j.xml").getroot().iter("error")
    assert error.get("type") == "broken" and "prompt_sha256" in str(error.get("message"))
    assert read_json(tmp_path / "c.json")["verdict"] == "broken"
    assert "The measurement is **broken**: the prompt" in (tmp_path / "s" / "s.md").read_text()


@pytest.mark.parametrize("who", ["baseline", "candidate"])
@pytest.mark.parametrize("end", ["time_out", "crash"])
def test_errors_over_one_percent_are_exit_3_and_the_others_are_judged(tmp_path: Path, who: str, end: str) -> None:
    files = {"baseline": gate({"hard": WON, "other": WON}), "candidate": gate({"hard": WON, "other": WON})}
    ended(files[who], "hard", end, 2)  # 1 % of 200 is not over it
    assert check(tmp_path, *files.values()) == 0
    ended(files[who], "hard", end, 3)
    assert check(tmp_path, *files.values()) == 3
    suites = read_json(tmp_path / "c.json")["suites"]
    assert (suites["hard"]["verdict"], suites["other"]["verdict"]) == ("broken", "pass")
    assert f"the {who}: 3 {end}" in suites["hard"]["reason"] and suites["hard"]["gained"] == 0


@pytest.mark.parametrize("end", ["too_many_calls", "overlong", "truncated", "endless"])
def test_what_a_model_does_of_itself_does_not_break_the_measurement(tmp_path: Path, end: str) -> None:
    assert check(tmp_path, gate({"hard": WON}), ended(gate({"hard": WON}), "hard", end, 20)) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.pop("broken"),
        lambda entry: entry.update(rate=0.95),
        lambda entry: entry.update(errors=1),
        lambda entry: entry.update(errors_by_kind={"crash": 1}),
        lambda entry: entry.pop("errors_by_kind"),
        lambda entry: entry.update(broken=True),
        lambda entry: entry.update(clusters=400),
        lambda entry: entry.update(quick=None),
    ],
)
@pytest.mark.parametrize("which", [0, 1])
def test_numbers_that_do_not_follow_from_the_tasks_are_exit_3(tmp_path: Path, change: Any, which: int) -> None:
    files = [gate({"hard": WON}), gate({"hard": WON})]
    change(files[which]["suites"]["hard"])
    assert check(tmp_path, *files) == 3
    assert read_json(tmp_path / "c.json")["suites"]["hard"]["verdict"] == "broken"


def test_an_error_in_the_tasks_alone_is_exit_3(tmp_path: Path) -> None:
    for row in ({"end": "crash"}, {"family": "another"}, {"passed": None}, {"passed": 1}):
        changed = gate({"hard": WON})
        changed["tasks"]["hard"]["hard/0"].update(row)
        assert check(tmp_path, gate({"hard": WON}), changed) == 3


def test_errors_of_samples_and_twins_are_counted_too() -> None:
    files = [gate({"abstain": WON}), gate({"abstain": WON})]
    for content in files:
        entry, row = content["suites"]["abstain"], content["tasks"]["abstain"]["abstain/0"]
        sample = {"end": "done", "twin": {"end": "crash"}}
        row.update(samples=[sample, {"end": "overlong", "twin": {"end": "done"}}])
        entry.update(errors=2, errors_by_kind={"crash": 1, "overlong": 1})
    assert compare(*files)["suites"]["abstain"]["verdict"] == "pass"


def test_another_number_format_has_to_be_meant(tmp_path: Path) -> None:
    before, after = gate({"hard": WON}), gate({"hard": WON})
    before["model"]["dtype"], after["model"]["dtype"] = "float32", "bfloat16"
    assert check(tmp_path, before, after) == 3
    assert "model.dtype" in read_json(tmp_path / "c.json")["reason"]
    assert check(tmp_path, before, after, "--other-dtype") == 0


@pytest.mark.parametrize("option", ["--out", "--junit", "--summary"])
def test_no_output_goes_into_a_suite(tmp_path: Path, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    suite = tmp_path / "gates" / "hard"
    write_json(suite / "suite.lock.json", {})
    write_json(tmp_path / "a.json", gate({"hard": WON}))
    files = [str(tmp_path / "a.json")] * 2
    for place in (suite / "tasks.jsonl", suite / "deeper" / "x", tmp_path / "gates" / "other" / ".." / "hard" / "x"):
        assert cli.call(["gates", "check", *files, option, str(place)]) == 64
    assert "a suite with a lock" in capsys.readouterr().err
    assert [path.name for path in suite.rglob("*")] == ["suite.lock.json"]


@pytest.mark.parametrize(
    "arguments",
    [
        ["run", "no-model", "--out", "SUITE"],
        ["run", "no-model", "--out", "SUITE/below"],
        ["run", "no-model", "--out", "SUITE/..", "--label", "hard/x"],
        ["init", "SUITE/new"],
        ["freeze", "SUITE/new"],
        ["view", "SUITE/a.json"],
    ],
)
def test_no_verb_writes_into_a_suite(tmp_path: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    suite = tmp_path / "hard"
    write_json(suite / "suite.lock.json", {})
    write_json(suite / "a.json", gate({"hard": WON}))
    assert cli.call(["gates", *(argument.replace("SUITE", str(suite)) for argument in arguments)]) == 64
    assert "a suite with a lock" in capsys.readouterr().err
    assert sorted(path.name for path in suite.rglob("*")) == ["a.json", "suite.lock.json"]


@pytest.mark.parametrize("label", ["../x", "a/b", ""])
def test_a_label_names_files_and_leads_nowhere_else(
    tmp_path: Path, label: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.call(["gates", "run", "no-model", "--out", str(tmp_path / "out"), "--label", label]) == 64
    assert "--label" in capsys.readouterr().err and not list(tmp_path.iterdir())


def test_a_breadth_suite_that_stock_hardly_passes_shows_nothing() -> None:
    few, none, all = [True] * 59 + [False] * 141, [False] * 200, [True] * 200
    for after in (few, none, all):
        found = compare(gate({"breadth-x": few}), gate({"breadth-x": after}))
        assert found["suites"]["breadth-x"]["verdict"] == "inconclusive"
        assert found["suites"]["breadth-x"]["n_needed"] is None and "settle" not in "".join(text(found))
    some = [True] * 60 + [False] * 140
    assert (
        compare(gate({"breadth-x": some}), gate({"breadth-x": none}))["suites"]["breadth-x"]["verdict"] == "regression"
    )
    assert compare(gate({"hard": few}), gate({"hard": all}))["suites"]["hard"]["better"]


def test_alike_tasks_prove_less_though_none_is_lost() -> None:
    alike = gate({"hard": [i % 40 < 20 for i in range(200)]}, families=40)  # a family passes whole or not at all
    entry = compare(alike, alike)["suites"]["hard"]
    assert entry["icc"] == 0.999 and entry["bound"] > -0.02
    assert entry["bound_clustered"] == pytest.approx(0.05 ** (1 / 40) - 1, abs=1e-3)  # 40 families, none lost
    assert entry["verdict"] == "inconclusive"


@pytest.mark.parametrize("rate", [True, False])
def test_few_families_pass_nothing(rate: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """200 tasks in 2 families, on which both models pass everything, or nothing: no variance, and no evidence."""
    for families in (2, LEAST_CLUSTERS - 1):
        same = gate({"hard": [rate] * 200}, families)
        assert check(tmp_path, same, same) == 2
        entry = read_json(tmp_path / "c.json")["suites"]["hard"]
        assert entry["bound"] > -0.02 and entry["bound_clustered"] is None and entry["upper_clustered"] is None
        assert f"{families} families, fewer than 30" in capsys.readouterr().out
        assert entry["n_needed"] >= 200 * 30 / families - 1
    same = gate({"hard": [rate] * 600}, 100)
    assert compare(same, same)["suites"]["hard"]["verdict"] == "pass"


def test_two_models_without_a_fault_are_not_taken_for_unlike_tasks() -> None:
    """All variances are 0, so the least correlation is assumed; 30 families of 7 do not show 2 points then."""
    same = gate({"hard": [True] * 210}, families=30)
    entry = compare(same, same)["suites"]["hard"]
    assert entry["icc"] == comparing.LEAST_ICC and entry["bound"] > -0.02 > entry["bound_clustered"]
    assert entry["verdict"] == "inconclusive" and entry["n_needed"] > 210
    assert entry["detectable"] == pytest.approx(-entry["bound_clustered"], abs=1e-8)


def test_a_gain_in_few_families_is_no_pass() -> None:
    few, all = gate({"hard": [False] * 200}, families=10), gate({"hard": [True] * 200}, families=10)
    entry = compare(few, all)["suites"]["hard"]
    assert (entry["verdict"], entry["better"]) == ("inconclusive", False)
    assert compare(all, few)["suites"]["hard"]["verdict"] == "regression"  # every family lost: 1 in 1024


def test_a_loss_in_few_families_is_no_regression() -> None:
    """Twelve tasks lost of one family and two of another: significant by tasks, and by families a coin thrown twice."""
    before = [True] * 480
    after = [not (i % 40 == 3 or (i % 40 == 4 and i < 80)) for i in range(480)]
    entry = compare(gate({"hard": before}, 40), gate({"hard": after}, 40))["suites"]["hard"]
    assert entry["lost"] == 14 and entry["mcnemar_mid_p"] < 0.001 and entry["clustered_mid_p"] > 0.05
    assert entry["verdict"] == "inconclusive"


@pytest.mark.parametrize(("families", "icc"), [(20, 0.0), (10, 0.999)])
def test_with_many_differing_families_only_the_differences_count(families: int, icc: float) -> None:
    before = [i % 40 < 20 for i in range(400)]
    after = [won or 20 <= i < 20 + families for i, won in enumerate(before)]  # one gained in each of so many families
    entry = compare(gate({"hard": before}, 40), gate({"hard": after}, 40))["suites"]["hard"]
    assert entry["gained"] == families and entry["icc"] == icc


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
