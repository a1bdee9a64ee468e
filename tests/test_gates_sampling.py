"""Several rollouts of each task: drawn again they are the same, and pass^k is counted by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from gates_fakes import a_family, counter_world
from test_gates_rollouts import TASKS, OftenStopping, alike, qwen, read_anything, use
from test_gates_score import call, give_up, play, solve

from mlx_train import cli
from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, read_jsonl, write_json, write_jsonl
from mlx_train.gates import statistics as s
from mlx_train.gates.compare import compare_files
from mlx_train.gates.freeze import freeze
from mlx_train.gates.local import Local, roll_one
from mlx_train.gates.rollouts import Settings, run
from mlx_train.gates.run import method, score_model
from mlx_train.gates.sampling import sampler
from mlx_train.gates.score import gate_file
from mlx_train.gates.suites import Suite
from mlx_train.gates.view import view
from mlx_train.recipe import Gates

SETTINGS = Settings("be brief", max_new_tokens=6, max_calls=4, batch=4, temperature=3.0, samples=2)


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return freeze("breadth-unseen", 2, 1, tmp_path / "suites" / "breadth-unseen", families=[a_family()])


def test_pass_hat_and_pass_at_by_hand() -> None:
    # Of 4 samples 3 passed: 3 of the 6 pairs hold two passes, every pair at least one; 1 of the 4 triples holds three.
    assert [s.pass_hat(k, 3, 4) for k in (1, 2, 3, 4)] == pytest.approx([3 / 4, 3 / 6, 1 / 4, 0])
    assert [s.pass_at(k, 3, 4) for k in (1, 2, 3, 4)] == pytest.approx([3 / 4, 1, 1, 1])
    assert [s.pass_at(k, 1, 4) for k in (1, 2, 3, 4)] == pytest.approx([1 / 4, 3 / 6, 3 / 4, 1])
    assert (s.pass_hat(2, 4, 4), s.pass_hat(2, 0, 4), s.pass_at(2, 0, 4)) == (1, 0, 0)
    for k in (0, 5):
        for share in (s.pass_hat, s.pass_at):
            with pytest.raises(ValueError, match="4 samples"):
                share(k, 3, 4)


def test_what_is_drawn_follows_from_the_place_and_the_logits() -> None:
    def draws(written: int, logits: mx.array, temperature: float = 1.0, sample: int = 1) -> list[int]:
        conversation = Local(None, OftenStopping()).rollout(TASKS[0], "p", sample=sample)
        conversation.tokens = written
        draw = sampler(conversation, temperature)
        assert draw is not None
        return [int(draw(logits).item()) for _ in range(8)]

    flat, steep = mx.zeros((1, 1000)), mx.arange(1000, dtype=mx.float32)[None]
    assert draws(0, flat)[3:] == draws(3, flat)[:5] and len(set(draws(0, flat))) > 4
    assert draws(0, flat) == draws(0, flat - 7) != draws(0, flat, sample=2)
    assert draws(0, steep, temperature=0.01) == [999] * 8
    assert min(draws(0, mx.where(mx.arange(1000) < 500, -100.0, 0.0)[None])) >= 500
    assert sampler(Local(None, OftenStopping()).rollout(TASKS[0], "p"), 0.0) is None


def test_samples_do_not_hang_on_what_runs_beside_them(
    tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    player, tasks = Local(qwen(), OftenStopping(), read_anything), TASKS[:5]
    expected = []
    for task in tasks:
        for sample in (1, 2):
            start = player.rollout(task, "be brief", suite="s", max_calls=4, sample=sample)
            expected.append(roll_one(start, player.model, SETTINGS).transcript())
    for way in ("2 lanes", "joined"):
        with monkeypatch.context() as patch:
            if way == "joined":
                patch.setattr("mlx_train.gates.local.can_decode", lambda model: False)
            else:
                use(way, request, patch)
            assert alike(run(tasks, player, SETTINGS, suite="s", done=tmp_path / f"{way}.jsonl")) == alike(expected)
    raws = [[turn["raw"] for turn in row["turns"]] for row in expected]
    differ = sum(one != other for one, other in zip(raws[::2], raws[1::2], strict=True))
    assert differ >= 3, "samples of a task must differ for this test to say much"


def test_a_stopped_run_of_samples_goes_on(tmp_path: Path) -> None:
    player, tasks, done = Local(qwen(), OftenStopping(), read_anything), TASKS[:3], tmp_path / "s.jsonl"
    whole = run(tasks, player, SETTINGS, suite="s", done=done)
    assert [(row["task"], row["sample"]) for row in whole] == [(task.id, sample) for task in tasks for sample in (1, 2)]
    lines = done.read_bytes().splitlines(keepends=True)
    done.write_bytes(b"".join(lines[1:4]))
    seen: list[tuple[int, int]] = []
    again = run(tasks, player, SETTINGS, suite="s", done=done, progress=lambda *row: seen.append(row[:2]))
    assert alike(again) == alike(whole) == alike(read_jsonl(done)) and seen == [(4, 6), (5, 6), (6, 6)]


def sampled(suite: Suite, rows: list[dict[str, Any]], **decoding: Any) -> dict[str, Any]:
    return gate_file(
        [(suite, rows)], quick=False, model={"id": "m", "sha256": "0"}, prompt_sha256="p", versions={}, seconds=1,
        decoding=decoding,
    )  # fmt: skip


def two_of_three(suite: Suite) -> list[dict[str, Any]]:
    """The first task passes 3 of 3, the second 2 of 3: its second sample makes too many calls."""
    first, second = suite.tasks
    bad = play(second, *[call("read")] * 21)
    rows = [solve(first), solve(first), solve(first), solve(second), bad, solve(second)]
    return [{**row, "sample": number % 3 + 1} for number, row in enumerate(rows)]


def test_a_sampled_gate_file_by_hand(suite: Suite, tmp_path: Path) -> None:
    gate = sampled(suite, two_of_three(suite), method="sampled", temperature=1.0, samples=3)
    entry = gate["suites"]["breadth-unseen"]
    assert (entry["n"], entry["passed"], entry["rate"], entry["samples"]) == (2, 1, 0.5, 3)
    # The second task: pass^1 2/3, pass^2 1/3 (one of three pairs), pass^3 0; the first always 1.
    assert entry["pass_hat_k"] == pytest.approx({"1": 5 / 6, "2": 4 / 6, "3": 1 / 2})
    assert entry["pass_at_k"] == pytest.approx({"1": 5 / 6, "2": 1, "3": 1})
    assert (entry["errors"], entry["errors_by_kind"]["too_many_calls"]) == (1, 1)
    task = gate["tasks"]["breadth-unseen"][suite.tasks[1].id]
    assert (task["passed"], task["passes"], task["end"]) == (False, 2, "too_many_calls")
    assert [sample["passed"] for sample in task["samples"]] == [True, False, True]
    assert task["reasons"] == task["samples"][1]["reasons"] and task["reasons"]
    write_json(tmp_path / "m.json", gate)
    write_jsonl(tmp_path / "transcripts" / "m" / "breadth-unseen.jsonl", two_of_three(suite))
    page = view([tmp_path / "m.json"], [tmp_path / "suites"]).read_text()
    assert page.count('data-verdict0="passed"') == page.count('data-verdict0="error"') == 1
    assert "(3 of 3 samples passed, 1 is shown)" in page
    assert re.search(r"error</b> \(2 of 3 samples passed, 2 is shown\): too many calls", page)
    write_jsonl(tmp_path / "transcripts" / "m" / "breadth-unseen.jsonl", two_of_three(suite)[:-1])
    with pytest.raises(GateBroken, match="not in both"):
        view([tmp_path / "m.json"], [tmp_path / "suites"])


def test_greedy_is_never_compared_with_sampled(
    suite: Suite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    greedy = sampled(suite, [solve(task) for task in suite.tasks], method="greedy")
    once = sampled(
        suite, [{**give_up(task), "sample": 1} for task in suite.tasks], method="sampled", temperature=1.0, samples=1
    )
    thrice = sampled(suite, two_of_three(suite), method="sampled", temperature=1.0, samples=3)
    for number, gate in enumerate((greedy, once, thrice)):
        write_json(tmp_path / f"{number}.json", gate)
    for a in range(3):
        for b in range(3):
            code = cli.call(["gates", "check", str(tmp_path / f"{a}.json"), str(tmp_path / f"{b}.json")])
            assert code == (2 if a == b else 3)  # two tasks prove nothing
    assert "decoding" in capsys.readouterr().err


@pytest.mark.parametrize(("samples", "temperature"), [(0, 1.0), (2, 0.0), (1, -1.0), (1, float("nan"))])
def test_samples_that_would_be_the_same_or_nonsense_are_refused(samples: int, temperature: float) -> None:
    with pytest.raises(BadInput, match="temperature"):
        method(samples, temperature)
    assert method(1, 0.0) == {"method": "greedy"}


def test_the_noise_floor_of_a_model_scored_twice(suite: Suite, tmp_path: Path) -> None:
    player, about = Local(qwen(), OftenStopping(), read_anything), {"id": "stock", "sha256": "1"}
    for label, batch in (("stock", 4), ("again", 1)):
        gates = Gates(batch=batch, max_new_tokens=6, max_calls=4)
        score_model(player, "be brief", gates, [suite], tmp_path / "out", label=label, about=about)
    found = compare_files(tmp_path / "out" / "stock.json", tmp_path / "out" / "again.json")
    before, after = (read_json(tmp_path / "out" / f"{label}.json")["tasks"] for label in ("stock", "again"))
    differ = sum(before["breadth-unseen"][task.id] != after["breadth-unseen"][task.id] for task in suite.tasks)
    assert found["same_model"] and found["suites"]["breadth-unseen"]["disagreement"] == differ / 2
