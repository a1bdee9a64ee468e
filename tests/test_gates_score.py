"""From transcripts to gate file and comparison, counted by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gates_fakes import FakeChat, a_family, counter_world, say, two_turns

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import write_json, write_jsonl
from mlx_train.gates import run as run_module
from mlx_train.gates.compare import compare, compare_files, verdict_code
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.freeze import QUICK, freeze
from mlx_train.gates.local import Local
from mlx_train.gates.run import score_model
from mlx_train.gates.score import gate_file, judge, repeats, score_suite
from mlx_train.gates.suites import Suite
from mlx_train.gates.view import view
from mlx_train.recipe import Gates
from mlx_train.tasks.family import Family, Script
from mlx_train.tasks.task import Task


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    families = [a_family(), a_family("counter.other")]
    return freeze("breadth-unseen", 5, 1, tmp_path / "suite" / "breadth-unseen", families=families)


def call(name: str, **arguments: Any) -> str:
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


def play(task: Task, *texts: str) -> dict[str, Any]:
    return say(Conversation(task, FakeChat(), "p", suite="s"), *texts).transcript()


def solve(task: Task) -> dict[str, Any]:
    gold = task.turns[0].gold[0]
    return play(task, call(gold.name, **gold.arguments), task.turns[0].say)


def give_up(task: Task) -> dict[str, Any]:
    return play(task, "No.")


def gate(suite: Suite, passing: int, quick: bool = False) -> dict[str, Any]:
    """A gate file in which the first `passing` tasks passed."""
    rows = [solve(task) if number < passing else give_up(task) for number, task in enumerate(suite.chosen(quick))]
    return gate_file(
        [(suite, rows)],
        quick=quick,
        model={"id": "m", "sha256": "0"},
        prompt_sha256="p",
        decoding={},
        versions={},
        seconds=1,
    )


def test_a_suite_is_counted(suite: Suite) -> None:
    tasks = suite.tasks  # ten, of two families in turn
    rows = [solve(task) for task in tasks[:7]]
    rows += [give_up(tasks[7]), play(tasks[8], "cut~"), play(tasks[9], *[call("read")] * 21)]
    entry, details = score_suite(suite, rows, quick=False)
    assert (entry["n"], entry["passed"], entry["rate"], entry["clusters"], entry["largest_cluster"]) == (
        10,
        7,
        0.7,
        2,
        5,
    )
    assert entry["ci95"] == pytest.approx([0.3968, 0.8922], abs=1e-4)
    assert entry["exact95"] == pytest.approx([0.3475, 0.9333], abs=1e-4)
    assert entry["errors"] == 2
    assert entry["errors_by_kind"] == {
        "endless": 0, "truncated": 1, "too_many_calls": 1, "overlong": 0, "time_out": 0, "crash": 0
    }  # fmt: skip
    assert entry["broken"] is False  # all by the model itself
    families = {name: (group["n"], group["passed"]) for name, group in entry["by_family"].items()}
    assert families == {"counter.other": (5, 4), "counter.plain": (5, 3)}
    assert entry["by_tier"] == {"easy": {"n": 10, "passed": 7, "ci95": entry["ci95"]}}
    assert entry["suite_sha256"] == suite.digest and entry["quick"] is False and entry["status"] == "draft"
    assert details[tasks[0].id]["passed"] and details[tasks[0].id]["reasons"] == []
    assert details[tasks[8].id]["reasons"][0] == "truncated in turn 1"
    assert details[tasks[9].id]["reasons"][0] == "too_many_calls in turn 1"


def test_a_message_cut_off_in_a_loop_is_the_models_own_end(suite: Suite) -> None:
    rows = [solve(task) for task in suite.tasks[:8]]
    rows += [play(suite.tasks[8], "so I say and " + "say and " * 9 + "sa~"), play(suite.tasks[9], "na" * 50 + "~")]
    entry, details = score_suite(suite, rows, quick=False)
    assert entry["errors_by_kind"]["endless"] == entry["errors"] == 2 and entry["broken"] is False
    assert details[suite.tasks[8].id]["reasons"][0] == "endless in turn 1"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It says " + "ab" * 12, True),
        ("It says " + "ab" * 11, False),  # 22 characters
        ("x" + "one and two, " * 3, True),
        ("x" + "one and two, " * 2, False),
        ("a table: 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8", False),
        ("na" * 50 + ".", False),
        ("", False),
    ],
)
def test_what_repeats(text: str, found: bool) -> None:
    assert repeats(text) is found


@pytest.mark.parametrize("end", ["crash", "time_out"])
def test_crashes_and_time_outs_break_the_measurement(suite: Suite, end: str) -> None:
    rows = [solve(task) for task in suite.tasks]
    rows[0] = {**rows[0], "end": end, "error": "OSError: gone"}
    entry, details = score_suite(suite, rows, quick=False)
    assert entry["broken"] is True and entry["passed"] == 9 and entry["errors_by_kind"][end] == entry["errors"] == 1
    assert details[suite.tasks[0].id]["reasons"] == [f"{end} in turn 1: OSError: gone"]


@pytest.mark.parametrize("change", ["missing", "twice", "foreign"])
def test_other_transcripts_are_refused(suite: Suite, change: str) -> None:
    rows = [solve(task) for task in suite.tasks]
    wrong = {"missing": rows[1:], "twice": [*rows, rows[0]], "foreign": [*rows, {**rows[0], "task": "x"}]}[change]
    with pytest.raises(GateBroken):
        score_suite(suite, wrong, quick=False)


def test_a_faultless_play_that_was_cut_off_fails() -> None:
    row = play(two_turns(), call("add", amount=2), "It is 3.", "How much?")
    assert judge(two_turns(), row)["passed"]
    assert not judge(two_turns(), {**row, "end": "too_many_calls"})["passed"]


@pytest.mark.parametrize("end", ["truncated", "too_many_calls", "crash"])
def test_a_forbidden_call_counts_however_the_rollout_ends(end: str) -> None:
    task = two_turns().model_copy(update={"forbid": ("add",)})
    cut = play(task, call("add", amount=2), "It is 3~")
    assert not cut["turns"][-1]["ended"]
    reasons = judge(task, {**cut, "end": end})["reasons"]
    assert reasons[0].startswith(f"{end} in turn 1") and reasons[-1] == "turn 1: called the forbidden tool add"
    assert judge(two_turns(), {**cut, "end": end})["reasons"] == reasons[:-1]


def test_comparison_by_hand(suite: Suite) -> None:
    found = compare(gate(suite, 3), gate(suite, 10))
    entry = found["suites"]["breadth-unseen"]
    assert (entry["n"], entry["gained"], entry["lost"], entry["delta"], entry["margin"]) == (10, 7, 0, 0.7, 0.02)
    assert found["tasks"]["breadth-unseen"]["gained"] == [task.id for task in suite.tasks[3:]]
    assert entry["mcnemar_exact"] == pytest.approx(2 * 0.5**7) and entry["bound"] > 0
    # Two families gained 4 and 3: four sums of signs, 7, 1, -1 and -7, of which half the outermost two count.
    assert entry["clustered_mid_p"] == pytest.approx(1 / 4)
    assert (entry["verdict"], entry["better"], verdict_code(found)) == ("inconclusive", False, 2)


def test_a_small_suite_proves_nothing(suite: Suite) -> None:
    same = compare(gate(suite, 10), gate(suite, 10))
    entry = same["suites"]["breadth-unseen"]
    assert entry["verdict"] == "inconclusive" and verdict_code(same) == 2
    assert entry["bound"] == pytest.approx(-2.705543 / 12.705543, abs=1e-6)
    assert entry["retention"] == {"n": 10, "lost": 0, "upper": pytest.approx(1 - 0.05**0.1), "n_needed": 149}


@pytest.mark.parametrize(
    "change",
    [
        lambda g: g["suites"].clear(),
        lambda g: g["suites"].update(extra=g["suites"]["breadth-unseen"]),
        lambda g: g.pop("prompt_sha256"),
        lambda g: g.update(prompt_sha256="q"),
        lambda g: g.update(decoding={"method": "sampled"}),
        lambda g: g["suites"]["breadth-unseen"].update(suite_sha256="0"),
        lambda g: g["suites"]["breadth-unseen"].update(quick=True),
        lambda g: g["suites"]["breadth-unseen"].update(passed=10),
        lambda g: g["suites"]["breadth-unseen"].update(broken=True),
        lambda g: next(iter(g["tasks"]["breadth-unseen"].values())).update(reasons=["the world differs"]),
        lambda g: list(g["tasks"]["breadth-unseen"].values())[-1].update(reasons=[]),
        lambda g: g["tasks"]["breadth-unseen"].popitem(),
        lambda g: g["tasks"].clear(),
    ],
)
@pytest.mark.parametrize("which", [0, 1])
def test_what_is_missing_or_differs_breaks_the_check(suite: Suite, change: Any, which: int) -> None:
    gates = [gate(suite, 9), gate(suite, 9)]
    change(gates[which])
    with pytest.raises(GateBroken):
        compare(*gates)


def test_quick_is_not_compared_with_full(tmp_path: Path) -> None:
    suite = freeze(
        "breadth-unseen", 30, 1, tmp_path / "breadth-unseen", families=[a_family(), a_family("counter.other")]
    )
    quick = gate(suite, QUICK, quick=True)
    assert quick["suites"]["breadth-unseen"]["n"] == QUICK
    with pytest.raises(GateBroken, match="quick"):
        compare(gate(suite, 40), quick)


def test_files_that_are_missing_or_no_gate_files_break_the_check(suite: Suite, tmp_path: Path) -> None:
    write_json(tmp_path / "a.json", gate(suite, 9))
    assert compare_files(tmp_path / "a.json", tmp_path / "a.json")["tasks"]["breadth-unseen"]["transcripts"][0] == (
        "transcripts/a/breadth-unseen.jsonl"
    )
    for text in ("", "[]", "{}", '{"model":1,"prompt_sha256":1,"decoding":1,"suites":{"s":1},"tasks":{}}'):
        (tmp_path / "b.json").write_text(text)
        with pytest.raises(GateBroken):
            compare_files(tmp_path / "a.json", tmp_path / "b.json")
    with pytest.raises(GateBroken, match="does not exist"):
        compare_files(tmp_path / "none.json", tmp_path / "a.json")
    with pytest.raises(BadInput, match="margin"):
        compare_files(tmp_path / "a.json", tmp_path / "a.json", margin=0)


def scored(
    suite: Suite,
    out: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    sha256: str = "0",
    files: str = "f",
    cache: Path | None = None,
    rolls: list[str] | None = None,
) -> dict[str, Any]:
    def fake_run(tasks: Any, player: Any, settings: Any, *, suite: str, done: Path, progress: Any) -> Any:
        from mlx_train.files import read_jsonl, write_jsonl

        if done.exists():
            return read_jsonl(done)
        if rolls is not None:
            rolls.append(suite)
        rows = [solve(task) for task in tasks]
        write_jsonl(done, rows)
        return rows

    monkeypatch.setattr(run_module, "run", fake_run)
    about = {"id": "<m>", "sha256": sha256, "base_files_sha256": files}
    return score_model(Local(None, FakeChat()), "p", Gates(), [suite], out, label="stock", about=about, cache=cache)


def test_what_a_suite_tells_is_of_all_suites() -> None:
    told: list[tuple[Any, ...]] = []
    tell = run_module._for_suite(lambda *one: told.append(one), "b", {"a": 4, "b": 10, "c": 6})
    assert tell is not None and run_module._for_suite(None, "b", {"b": 10}) is None
    tell(10, 10, 6, 0.0)  # the only one that was left of an earlier call: no pace is known
    tell(5, 10, 2, 50.0)
    tell(10, 10, 6, 0.0)
    assert told == [
        ("b 5/10, 2 passed", 9, 20, 110.0), ("b 10/10, 6 passed", 14, 20, 60.0)
    ]  # fmt: skip


def test_a_scored_model_leaves_gate_file_and_transcripts(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "gates"
    found = scored(suite, out, monkeypatch)
    assert json.loads((out / "stock.json").read_text()) == found
    assert found["suites"]["breadth-unseen"]["passed"] == 10
    assert len((out / "transcripts/stock/breadth-unseen.jsonl").read_text().splitlines()) == 10


def test_transcripts_of_another_model_are_not_mixed_in(
    suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scored(suite, tmp_path, monkeypatch)
    with pytest.raises(BadInput, match="another model"):
        scored(suite, tmp_path, monkeypatch, sha256="1")


def test_stock_results_are_kept_by_content_hash(suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rolls: list[str] = []
    first = scored(suite, tmp_path / "a", monkeypatch, cache=tmp_path / "cache", rolls=rolls)
    second = scored(suite, tmp_path / "b", monkeypatch, cache=tmp_path / "cache", rolls=rolls)
    assert rolls == ["breadth-unseen"]
    assert (first["cached"], second["cached"]) == ([], ["breadth-unseen"])
    assert first["suites"] == second["suites"] and compare(first, second)["suites"]["breadth-unseen"]["delta"] == 0
    scored(suite, tmp_path / "c", monkeypatch, sha256="1", cache=tmp_path / "cache", rolls=rolls)
    assert len(rolls) == 2
    scored(suite, tmp_path / "d", monkeypatch, files="another template", cache=tmp_path / "cache", rolls=rolls)
    assert len(rolls) == 3


@pytest.fixture
def pairs(tmp_path: Path) -> Suite:
    """A suite of two tasks without a right call, each with its twin."""

    def write(s: Script) -> None:
        s.begin({"value": 1})
        amount = s.words.number(1, 90)
        s.turn("Add some.")
        s.end("How much?", asks=True)
        if s.twin:
            s.turn(f"I mean {amount}.")
            s.call("add", amount=amount)
            s.end("Done.")
        else:
            s.turn(f"Never mind, say {amount}.")
            s.end(f"{amount}", tell=[amount], quiet=True)

    family = Family("counter.missing", "counter", "easy", "gate", True, write)
    return freeze("abstain", 2, 1, tmp_path / "pairs" / "abstain", families=[family])


def test_a_pair_passes_only_if_both_tasks_do(pairs: Suite, tmp_path: Path) -> None:
    a, a_twin, b, b_twin = pairs.tasks
    assert (a_twin.twin_of, b_twin.twin_of) == (a.id, b.id)
    amount = a_twin.turns[0].gold[0].arguments["amount"]
    keeps_quiet = [play(task, *[turn.say for turn in task.turns]) for task in (a, b)]
    acts = play(a_twin, call("add", amount=amount), "Done.")
    wrong = play(b_twin, call("add", amount=91), "Done.")
    entry, details = score_suite(pairs, [keeps_quiet[0], acts, keeps_quiet[1], wrong], quick=False)
    assert (entry["n"], entry["passed"], entry["rate"], entry["clusters"]) == (2, 1, 0.5, 1)
    assert entry["alone"] == {"n": 2, "passed": 2, "rate": 1.0}
    assert entry["twins"] == {"n": 2, "passed": 1, "rate": 0.5, "called": 2}
    assert list(details) == [a.id, b.id] and details[b.id]["alone"] and not details[b.id]["passed"]
    assert details[b.id]["reasons"] == ["twin: turn 1: the world differs from the gold outcome"]
    assert details[b.id]["twin"]["task"] == b_twin.id

    silent = [play(task, *["How much?"] * len(task.turns)) for task in (a_twin, b_twin)]
    rows = [keeps_quiet[0], silent[0], keeps_quiet[1], silent[1]]
    entry, _ = score_suite(pairs, rows, quick=False)
    assert (entry["passed"], entry["alone"]["passed"]) == (0, 2)
    assert entry["twins"] == {"n": 2, "passed": 0, "rate": 0.0, "called": 0}

    sampled = [{**row, "sample": number} for row in rows for number in (1, 2)]
    sampled[3] = {**acts, "sample": 2}
    entry, details = score_suite(pairs, sampled, quick=False, samples=2)
    assert details[a.id]["passes"] == 1 and entry["passed"] == 0 and entry["twins"]["n"] == 4


def test_a_page_shows_tasks_and_twins(pairs: Suite, tmp_path: Path) -> None:
    rows = [play(task, *["How much?"] * len(task.turns)) for task in pairs.tasks]
    out = tmp_path / "gates" / "m.json"
    content = gate_file(
        [(pairs, rows)],
        quick=False,
        model={"id": "m", "sha256": "0"},
        prompt_sha256="p",
        decoding={},
        versions={},
        seconds=1,
    )
    write_json(out, content)
    write_jsonl(tmp_path / "gates" / "transcripts" / "m" / "abstain.jsonl", rows)
    page = view([out], [pairs.folder]).read_text()
    assert all(task.id in page for task in pairs.tasks)
    assert compare(content, content)["suites"]["abstain"]["n"] == 2
