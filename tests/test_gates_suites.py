"""Freezing, loading, and refusing what was changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gates_fakes import Counter, a_family, counter_world, two_turns

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, write_json
from mlx_train.gates import suites
from mlx_train.gates.freeze import QUICK, freeze
from mlx_train.gates.suites import Suite, load, membership, task_line
from mlx_train.tasks.task import Task

FAMILIES = [a_family(), a_family("counter.other")]


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


def make(root: Path, seed: int = 1, per_family: int = 20) -> Suite:
    return freeze("breadth-unseen", per_family, seed, root / "breadth-unseen", families=FAMILIES)


def test_a_new_suite_holds_what_its_lock_says(tmp_path: Path) -> None:
    suite = make(tmp_path, per_family=30)
    assert suite.lock.counts == {"tasks": 60, "families": 2, "by_tier": {"easy": 60}, "by_domain": {"counter": 60}}
    assert [task.family for task in suite.tasks[:4]] == ["counter.other", "counter.plain"] * 2
    assert len({task.turns[0].user for task in suite.tasks}) == 60
    assert {task.split for task in suite.tasks} == {"gate"}
    assert len(suite.chosen(quick=True)) == QUICK and suite.chosen(quick=True) == suite.tasks[:QUICK]
    assert suite.lock.status == "draft"
    assert suite.lock.canary in (suite.folder / "README.md").read_text()
    assert sorted(path.name for path in suite.folder.iterdir()) == [
        "CHANGES.md",
        "README.md",
        "suite.lock.json",
        "tasks.jsonl",
    ]


def test_the_same_seed_gives_the_same_suite_and_another_seed_another(tmp_path: Path) -> None:
    assert make(tmp_path / "a").digest == make(tmp_path / "b").digest != make(tmp_path / "c", seed=2).digest


def test_an_existing_folder_is_refused(tmp_path: Path) -> None:
    suite = make(tmp_path)
    before = (suite.folder / "tasks.jsonl").read_bytes()
    with pytest.raises(BadInput, match="never overwritten"):
        make(tmp_path, seed=2)
    assert (suite.folder / "tasks.jsonl").read_bytes() == before


def test_a_family_that_runs_out_of_words_is_named_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"counter\.(plain|other)"):
        make(tmp_path, per_family=200)
    assert not (tmp_path / "breadth-unseen").exists()


def test_changed_tasks_are_refused_with_both_hashes(tmp_path: Path) -> None:
    suite = make(tmp_path)
    path = suite.folder / "tasks.jsonl"
    path.write_text(path.read_text().replace('"seed":100000', '"seed":100077', 1))
    with pytest.raises(GateBroken, match=rf"tasks\.jsonl.*expected {suite.lock.sha256}"):
        load(suite.folder)


def test_a_changed_world_or_checker_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    suite = make(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Counter, "outcome", lambda self: {"value": self.value // 2}, raising=False)
        with pytest.raises(GateBroken, match="gold outcomes"):
            load(suite.folder)
    with monkeypatch.context() as patch:
        patch.setattr("mlx_train.tasks.check.tells", lambda words, value: True)
        with pytest.raises(GateBroken, match="gold outcomes"):
            load(suite.folder)
    with monkeypatch.context() as patch:
        patch.setattr(suites, "CHECKER", 99)
        with pytest.raises(GateBroken, match="checker version"):
            load(suite.folder)
    assert load(suite.folder).digest == suite.digest


def test_a_changed_lock_is_refused(tmp_path: Path) -> None:
    suite = make(tmp_path)
    path = suite.folder / "suite.lock.json"
    lock = read_json(path)
    for key, value in {
        "counts": {},
        "quick": ["nobody"],
        "templates_sha256": "0",
        "gold_sha256": "0",
        "sha256": "0",
    }.items():
        write_json(path, {**lock, key: value})
        with pytest.raises(GateBroken):
            load(suite.folder)
    write_json(path, {key: value for key, value in lock.items() if key != "quick"})
    with pytest.raises(GateBroken, match="quick"):
        load(suite.folder)
    path.write_text(json.dumps(lock)[:100])
    with pytest.raises(GateBroken, match="not valid JSON"):
        load(suite.folder)
    path.unlink()
    with pytest.raises(GateBroken, match="does not exist"):
        load(suite.folder)


def test_a_line_keeps_the_order_of_the_world() -> None:
    task = two_turns().model_copy(update={"world": {"b": 1, "a": {"z": 1, "y": 2}}})
    found = Task.model_validate_json(task_line(task))
    assert found == task and json.dumps(found.world) == json.dumps(task.world)


def test_freezing_a_draft_keeps_its_digest(tmp_path: Path) -> None:
    suite = make(tmp_path)
    path = suite.folder / "suite.lock.json"
    write_json(path, {**read_json(path), "status": "frozen"})
    assert load(suite.folder).digest == suite.digest


def test_membership() -> None:
    families = [
        a_family("files.t_hard", "train", "hard"),
        a_family("files.t_easy", "train"),
        a_family("files.d", "dev"),
        a_family("files.g", "gate"),
        a_family("files.quiet", "train", abstain=True),
        a_family("files.g_quiet", "gate", abstain=True),
        a_family("files.d_quiet", "dev", abstain=True),
        a_family("old.t", "train", "hard"),
        a_family("old.g"),
        a_family("old.d", "dev"),
        a_family("new.g"),
        a_family("new.quiet", "gate", abstain=True),
        a_family("tune.d", "dev"),
        a_family("procedural.t", "train", "hard"),
        a_family("procedural.d", "dev"),
    ]

    def ids(name: str, dev: bool = False) -> list[str]:
        split, chosen = membership(name, families, dev)
        assert split == ("dev" if dev else "gate")
        return [family.id for family in chosen]

    assert ids("hard") == ids("hard", True) == ["files.t_hard"]
    assert (ids("heldout"), ids("heldout", True)) == (["files.g"], ["files.d"])
    assert (ids("breadth-retained"), ids("breadth-retained", True)) == (["old.g"], ["old.d"])
    assert (ids("breadth-unseen"), ids("breadth-unseen", True)) == (["new.g"], ["tune.d"])
    assert ids("abstain") == ["files.g_quiet", "files.quiet", "new.quiet"]
    assert ids("abstain", True) == ["files.quiet"]
