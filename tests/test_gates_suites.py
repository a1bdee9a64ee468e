"""Freezing, loading, and refusing what was changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from gates_fakes import ASK, Counter, a_family, counter_world, two_turns

from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, write_json
from mlx_train.gates import suites
from mlx_train.gates.difficulty import Difficulty, measure
from mlx_train.gates.freeze import QUICK, draw, freeze, quick
from mlx_train.gates.suites import Suite, for_dev, load, membership, task_line, twin_faults
from mlx_train.recipe import Base, Recipe
from mlx_train.tasks.family import Family, Script
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
    assert suite.lock.status == "draft" and suite.lock.commit is suite.lock.floors is None
    assert suite.lock.prompt == Recipe(name="r", base=Base(name="b")).prompt
    assert suite.lock.difficulty == measure(suite.tasks)
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
    with monkeypatch.context() as patch:
        patch.setitem(Counter._catalogue["add"]["function"], "description", "Add, but said in another way.")
        with pytest.raises(GateBroken, match="of the tools"):
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
        "tools_sha256": "0",
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
        a_family("files.t_very_hard", "train", "very hard"),
        a_family("files.t_a", "train", "hard"),
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

    assert [for_dev(family) for family in families[:3]] == [False, False, True]
    assert (ids("hard"), ids("hard", True)) == (["files.t_hard", "files.t_very_hard"], ["files.t_a"])
    assert (ids("heldout"), ids("heldout", True)) == (["files.g"], ["files.d"])
    assert (ids("breadth-retained"), ids("breadth-retained", True)) == (["old.g"], ["old.d"])
    assert (ids("breadth-unseen"), ids("breadth-unseen", True)) == (["new.g"], ["tune.d"])
    assert ids("abstain") == ["files.g_quiet", "new.quiet"]
    assert ids("abstain", True) == ["files.d_quiet", "files.quiet"]


def fake(id: str, family: str, tier: str = "easy", domain: str = "d", twin_of: str | None = None) -> Task:
    return two_turns().model_copy(
        update={"id": id, "family": family, "tier": tier, "domain": domain, "twin_of": twin_of}
    )


def test_quick_is_spread_over_tiers_domains_and_families() -> None:
    # 30 families of one tier, 60 of another, two tasks of each, in no order: each second family, its first task.
    names = [("easy", f"a{n:02d}") for n in range(30)] + [("hard", f"b{n:02d}") for n in range(60)]
    tasks = [fake(f"{name}/{seed}", name, tier) for seed in (1, 2) for tier, name in names]
    chosen = quick(tasks)
    assert len(chosen) == QUICK == 48 and all(id.endswith("/1") for id in chosen)
    assert [id for id in chosen if id[0] == "a"] == [f"a{place * 90 // 48:02d}/1" for place in range(16)]
    assert sum(id[0] == "b" for id in chosen) == 32
    # 20 families: two tasks of each, and a third of eight that lie apart.
    tasks = [fake(f"{name}/{seed}", name) for seed in range(9) for _, name in names[:20]]
    counts = [sum(id.startswith(name) for id in quick(tasks)) for _, name in names[:20]]
    assert sorted(set(counts)) == [2, 3] and sum(counts) == 48
    # Fewer tasks than that: all of them.
    assert quick(tasks[:30]) == tuple(task.id for task in tasks[:30])


def test_quick_takes_a_task_with_its_twin() -> None:
    tasks = [
        fake(f"f{n:02d}{end}", f"f{n:02d}", twin_of=f"f{n:02d}" if end else None)
        for n in range(40)
        for end in ("", "t")
    ]
    chosen = quick(tasks)
    assert len(chosen) == 48 and {id[:3] for id in chosen if id.endswith("t")} == {id for id in chosen if len(id) == 3}


def test_twins_are_of_one_task_each_and_of_all() -> None:
    a, b = fake("a", "f"), fake("b", "f")
    assert twin_faults([a, b]) == twin_faults([a, fake("a/t", "f", twin_of="a")]) == []
    assert twin_faults([fake("a/t", "f", twin_of="a")]) == ["a has a twin but is not there, or is a twin itself"]
    assert twin_faults([a, b, fake("a/t", "f", twin_of="a")]) == ["b has no twin, but others have"]
    assert twin_faults([a, fake("s", "f", twin_of="a"), fake("t", "f", twin_of="a")]) == ["a has 2 twins"]


def test_a_task_without_a_right_call_is_drawn_with_its_twin_in_the_same_world() -> None:
    def write(s: Script) -> None:
        s.begin({"value": s.words.number(0, 50)})
        s.turn(s.phrase(ASK, n="something"))
        s.end("How much?", asks=True)
        if s.twin:
            if s.rng.random() < 0.5:
                s.begin({"value": 99})
            amount = s.words.number(1, 90)
            s.turn(f"I mean {amount}.")
            total = s.call("add", amount=amount)["value"]
            s.end(f"It is {total}.", tell=[total])

    chosen = Family("counter.missing", "counter", "easy", "gate", True, write)
    tasks = draw([chosen], "gate", 2, 1)
    assert [task.twin_of for task in tasks] == [None, tasks[0].id, None, tasks[2].id]
    for task, twin in zip(tasks[::2], tasks[1::2], strict=True):
        assert twin.id == f"{task.id}/twin" and twin.world == task.world and task.turns[0].asks
        assert len(twin.turns) == 1 and twin.turns[0].user.startswith(f"{task.turns[0].user} I mean ")
        assert twin.turns[0].gold and twin.turns[0].templates == task.turns[0].templates


def test_a_suite_that_is_too_easy_is_refused(tmp_path: Path) -> None:
    floors = Difficulty(mean_calls=1, derived=0, recovery=0, call_shapes=1, ways_to_ask=1)
    out = tmp_path / "breadth-unseen"
    assert freeze("breadth-unseen", 3, 1, out, families=FAMILIES, floors=floors).lock.floors == floors
    for key, value in {"mean_calls": 1.5, "derived": 0.1, "recovery": 0.1, "call_shapes": 2, "ways_to_ask": 9}.items():
        with pytest.raises(BadInput, match=f"{key} is .* the floor is {value}"):
            high = floors.model_copy(update={key: value})
            freeze("breadth-unseen", 3, 1, tmp_path / key, families=FAMILIES, floors=high)
        assert not (tmp_path / key).exists()
