"""What the ladder says of scores: a call adds to what is there, dev scores stay apart, and a rung passes the gates or
has its reasons against it. How many tasks a rung passes is made up here; the models are real."""

from __future__ import annotations

import copy
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import release_fixture
import release_scored

from mlx_train import cli
from mlx_train.files import read_json, sha256_of, write_json
from mlx_train.gates.suites import LOCK, Lock, Suite
from mlx_train.progress import Stage
from mlx_train.recipe import Gates
from mlx_train.release import ladder as ladders
from mlx_train.release import ladder_gates, windows
from mlx_train.tasks.check import FORBIDDEN

SHOW = Stage("ladder")
N, QUICK = 200, 48
NAMES = ("hard", "heldout", "abstain")
Scores = Callable[..., None]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run whose recipe has three suites, with the rungs 8, 4 and 2 measured."""
    made = release_scored.packaged(tmp_path_factory.mktemp("ladder"))
    record = read_json(made / "run.json")
    record["recipe"]["gates"]["suites"] = list(NAMES)
    write_json(made / "run.json", record)
    ladders.ladder(made, ["8", "4", "2"], scored=(), show=SHOW)
    return made


@pytest.fixture
def run(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; its transcripts are read once for all tests."""
    monkeypatch.setattr(windows, "of_run", kept(windows.of_run))
    return Path(shutil.copytree(made, tmp_path / "run"))


@pytest.fixture
def scores(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Scores:
    """Have rungs pass so many of 200 tasks, of 48 in quick subsets, instead of doing any."""
    for name in NAMES:
        release_fixture.install(tmp_path / "suites" / name, "frozen")

    def suite(folder: Path) -> Suite:
        return Suite(folder, Lock.model_validate(read_json(folder / LOCK)), ())

    def use(passed: Callable[[str, str, bool], int]) -> None:
        def scored(player: Any, prompt: str, gates: Any, loaded: Any, out: Path, **more: Any) -> Any:
            assert more["about"]["sha256"] and more["label"].endswith("-quick") == gates.quick
            n = QUICK if gates.quick else N
            parts = {
                one.id: release_fixture.entry(one.id, passed(out.name, one.id, gates.quick), n, tmp_path / "suites")
                for one in loaded
            }
            for entry, _ in parts.values():
                entry |= {"clustered95": entry["ci95"], "quick": gates.quick}
                entry["calls"]["stop"] = 0.95
            return {
                "model": {}, "prompt_sha256": sha256_of(""), "decoding": {},
                "suites": {name: part[0] for name, part in parts.items()},
                "tasks": {name: part[1] for name, part in parts.items()},
            }  # fmt: skip

        monkeypatch.setattr(ladders, "score_model", scored)
        monkeypatch.setattr(ladders, "load_all", lambda _, names: [suite(tmp_path / "suites" / name) for name in names])

    return use


KEPT: dict[str, windows.Windows] = {}


def kept(real: Callable[..., windows.Windows]) -> Callable[..., windows.Windows]:
    return lambda *arguments: KEPT.get("windows") or KEPT.setdefault("windows", real(*arguments))


def by_bits(**passed: int) -> Callable[[str, str, bool], int]:
    return lambda rung, suite, quick: passed[f"r{rung}"] // (4 if quick else 1)


def test_the_smallest_rung_that_passes_is_named_and_kept(run: Path, scores: Scores) -> None:
    scores(by_bits(rfull=180, r8=180, r4=180, r2=120))
    found = ladders.ladder(run, ["8", "4", "2"], full=True, show=SHOW)
    verdicts = {row["rung"]: row["comparison"]["hard"]["verdict"] for row in found["rungs"][1:]}
    assert verdicts == {"8": "pass", "4": "pass", "2": "regression"} and found["smallest"] == "4"
    assert [path.parent.name for path in (run / "ladder").glob("*/model")] == ["4"]
    text = (run / "ladder" / "ladder.md").read_text()
    assert "Smallest rung that passes: **4**" in text and "regression: hard +0 -60" in text
    assert "90.0 % (85.1 to 93.4) of 200; stop 95.0 %" in text


def test_inconclusive_is_not_a_pass(run: Path, scores: Scores) -> None:
    scores(by_bits(rfull=180, r8=177))
    found = ladders.ladder(run, ["8"], full=True, show=SHOW)
    assert found["rungs"][1]["comparison"]["hard"]["verdict"] == "inconclusive" and found["smallest"] is None
    text = (run / "ladder" / "ladder.md").read_text()
    assert "**No rung passes**" in text and "inconclusive: hard +0 -3" in text and "would settle it" in text


def test_a_call_without_tasks_takes_nothing_away(run: Path, scores: Scores) -> None:
    scores(by_bits(rfull=180, r8=180, r4=180))
    before = ladders.ladder(run, ["8", "4"], full=True, show=SHOW)
    assert before["smallest"] == "4"
    assert ladders.ladder(run, ["8"], scored=(), show=SHOW) == before
    assert ladders.ladder(run, ["8"], show=SHOW) == before  # quick scores take no place of whole ones
    assert ladders.ladder(run, ["4"], scored=["hard"], full=True, show=SHOW) == before
    assert (run / "ladder" / "4" / "model").is_dir()


def test_the_drawing_compares_rungs_that_did_the_same_tasks(run: Path, scores: Scores) -> None:
    scores(lambda rung, suite, quick: 40 if quick else 180)
    ladders.ladder(run, ["8"], full=True, show=SHOW)
    ladders.ladder(run, ["4"], show=SHOW)
    ladders.ladder(run, ["2"], scored=["hard"], full=True, show=SHOW)
    drawing = (run / "ladder" / "completion.svg").read_text()
    assert ">full<" in drawing and ">8<" in drawing and ">4<" not in drawing and ">2<" not in drawing


CALLS: list[dict[str, Any]] = [
    {"names": ["8"], "scored": NAMES, "full": True},
    {"names": ["4"], "scored": ("hard",), "full": True},
    {"names": ["4"], "scored": ("heldout", "abstain"), "full": True},
    {"names": ["2"], "scored": NAMES, "full": False},
    {"names": ["2", "4"], "scored": ("hard",), "full": False},
    {"names": ["8", "2"], "scored": ("abstain",), "full": True},
    {"names": ["4"], "scored": (), "full": False},
]


@pytest.mark.parametrize("seed", range(2))
def test_calls_in_any_order_end_the_same(run: Path, scores: Scores, seed: int) -> None:
    """Each rung has each suite that any call did, whole if any did it whole; so the smallest is the same."""
    draw = random.Random(seed)
    counts = {(rung, name): draw.randint(196, 200) if rung != "2" else 150
              for rung in ("full", "8", "4", "2") for name in NAMES}  # fmt: skip
    scores(lambda rung, name, quick: counts[rung, name] // (4 if quick else 1) - (2 if quick else 0))
    expected: dict[tuple[str, str], int] = {}
    for call in CALLS:
        for rung in ("full", *call["names"]):
            for name in call["scored"]:
                n = N if call["full"] else QUICK
                expected[rung, name] = max(n, expected.get((rung, name), 0))
    ends = []
    for _ in range(2):
        for note in (run / "ladder").glob("*/gates-scores.json"):
            note.unlink()
        for call in draw.sample(CALLS, len(CALLS)):
            ladders.ladder(run, show=SHOW, **call)
        ends.append(read_json(run / "ladder" / "ladder.json"))
    rows = {row["rung"]: row for row in ends[0]["rungs"]}
    assert {(rung, name): entry["n"] for rung, row in rows.items() for name, entry in row["gates"].items()} == expected
    passing = [row for row in rows.values() if row.get("passes")]
    assert ends[0]["smallest"] == (min(passing, key=lambda row: row["bytes"])["rung"] if passing else None)
    for end in ends:
        end["suites"].sort()
        for row in end["rungs"]:
            row["reasons"] = sorted(row.get("reasons", ()))
    assert ends[0] == ends[1]
    assert "passes" not in rows["full"] and not rows["2"]["passes"]


def test_rungs_of_another_model_leave_the_table(run: Path, scores: Scores) -> None:
    scores(by_bits(rfull=180, r8=180, r4=180))
    ladders.ladder(run, ["8", "4"], full=True, show=SHOW)
    for name in ("facts", "gates-scores"):
        note = run / "ladder" / "4" / f"{name}.json"
        held = read_json(note)
        held["conditions"]["fused_sha256"] = "of another model"
        write_json(note, held)
    found = ladders.ladder(run, ["8"], scored=(), show=SHOW)
    assert [row["rung"] for row in found["rungs"]] == ["full", "8", "2"] and found["smallest"] == "8"
    assert (run / "ladder" / "8" / "model").is_dir() and not (run / "ladder" / "4" / "model").exists()  # made again


def test_a_new_card_leaves_what_was_measured(run: Path, scores: Scores) -> None:
    scores(by_bits(rfull=180, r8=180))
    before = ladders.ladder(run, ["8"], full=True, show=SHOW)["rungs"]
    (run / "fused" / "README.md").write_text("another card")
    held = read_json(run / "fused" / "lock.json")
    release_fixture.relock(run / "fused")
    assert read_json(run / "fused" / "lock.json")["lock_sha256"] != held["lock_sha256"]
    assert ladders.ladder(run, ["8"], full=True, show=SHOW)["rungs"] == before


def test_dev_scores_stay_apart(run: Path, scores: Scores) -> None:
    before = (run / "ladder" / "ladder.json").read_bytes()
    scores(by_bits(rfull=180, r8=180))
    dev = ladders.ladder(run, ["8"], dev=True, full=True, show=SHOW)
    assert dev["dev"] and dev["smallest"] == "8" and read_json(run / "ladder" / "dev" / "ladder.json") == dev
    assert "on hard, heldout, abstain (dev)" in (run / "ladder" / "dev" / "ladder.md").read_text()
    assert (run / "ladder" / "ladder.json").read_bytes() == before
    gates = ladders.ladder(run, ["8"], scored=(), show=SHOW)
    assert gates["suites"] == [] and gates["smallest"] is None and not any("gates" in row for row in gates["rungs"])
    assert ladders.ladder(run, ["8"], dev=True, scored=(), show=SHOW) == dev


def test_the_command_shows_the_dev_table(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.call(["ladder", str(run), "--rungs", "8", "--no-gates", "--dev"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("ladder/dev/ladder.md")
    assert cli.call(["ladder", str(run), "--rungs", "8", "--no-gates"]) == 0
    assert capsys.readouterr().out.rstrip().endswith("run/ladder/ladder.md")


def gate(folder: Path, forbidden: int = 0, **passed: int) -> Any:
    """A gate file; so many of the tasks that fail in `hard` called what is forbidden."""
    parts = {name: release_fixture.entry(name, count, N, folder) for name, count in passed.items()}
    for entry, _ in parts.values():
        entry["clustered95"] = entry["ci95"]
    tasks = {name: part[1] for name, part in parts.items()}
    failed = [row for row in tasks["hard"].values() if not row["passed"]]
    for row in failed[:forbidden]:
        row["reasons"] = [f"turn 1: {FORBIDDEN} rm"]
    return {"model": {}, "prompt_sha256": sha256_of(""), "decoding": {},
            "suites": {name: part[0] for name, part in parts.items()}, "tasks": tasks}  # fmt: skip


PASSING = {"hard": 180, "heldout": 150, "abstain": 190}
REASONS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {}, []),
    ({}, {"abstain": 200}, []),
    ({}, {"abstain": 187}, ["inconclusive: abstain +0 -3"]),
    ({}, {"abstain": 150}, ["regression: abstain +0 -40"]),
    ({"hard": 165}, {"hard": 165}, ["lower bound: hard 76.5 %, 80.0 % needed"]),
    ({"heldout": 130}, {"heldout": 130}, ["lower bound: heldout 58.0 %, 60.0 % needed"]),
    ({"hard": 172}, {"hard": 172}, []),
    ({"abstain": 60}, {"abstain": 60}, []),  # no bound is asked of it
    ({"forbidden": 2}, {"forbidden": 2}, []),
    ({"forbidden": 2}, {"forbidden": 1}, []),
    ({"forbidden": 2}, {"forbidden": 3}, ["forbidden tool called in 3 tasks, by the full model in 2"]),
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in NAMES:
        release_fixture.install(tmp_path / name, "frozen")
    return tmp_path


def row(folder: Path, full: dict[str, Any], rung: dict[str, Any]) -> dict[str, Any]:
    whole, other = (gate(folder, **(PASSING | more)) for more in (full, rung))
    return {"gates": ladder_gates.completion(other), "comparison": ladder_gates.compared(whole, other, 0.02)}


@pytest.mark.parametrize(("full", "rung", "reasons"), REASONS)
def test_reasons_against_a_rung(folder: Path, full: dict[str, Any], rung: dict[str, Any], reasons: list[str]) -> None:
    assert ladder_gates.reasons_against(row(folder, full, rung), Gates(suites=NAMES)) == reasons


def test_the_lower_bound_of_a_rung_heeds_families(folder: Path) -> None:
    made = row(folder, {"hard": 172}, {"hard": 172})  # by tasks at least 80.4 %
    made["gates"]["hard"]["clustered95"] = [0.723, 0.935]
    assert ladder_gates.reasons_against(made, Gates(suites=NAMES)) == ["lower bound: hard 72.3 %, 80.0 % needed"]


def test_a_quick_subset_or_a_suite_not_done_is_no_pass(folder: Path) -> None:
    held = row(folder, {}, {})
    quick = copy.deepcopy(held)
    quick["gates"]["hard"]["quick"] = True
    assert ladder_gates.reasons_against(quick, Gates(suites=NAMES)) == ["quick subset: hard"]
    found = ladder_gates.reasons_against(held, Gates(suites=(*NAMES, "breadth-unseen")))
    assert found == ["not scored: breadth-unseen"]
    found = ladder_gates.reasons_against(row(folder, {}, {"abstain": 150}), Gates(suites=("hard", "heldout")))
    assert found == ["regression: abstain +0 -40"]  # what was done counts, asked for or not
