"""Building a data set."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from chats import TOOLS, conversation

from mlx_train import decontamination, places
from mlx_train.data.audit import LEVELS, Guard, audit
from mlx_train.data.build import _parts, build
from mlx_train.data.tokens import held
from mlx_train.data.trajectory import from_task, load
from mlx_train.errors import BadInput
from mlx_train.files import sha256_file
from mlx_train.gates.suites import load as load_suite
from mlx_train.recipe import SUITES, Recipe, Train
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import FAMILIES, generate


def recipe(*sources: dict[str, Any], **data: Any) -> Recipe:
    return Recipe.model_validate(
        {"name": "test", "base": {"name": "embedded"}, "data": {"sources": list(sources), "dev_rows": 6, **data}}
    )


def test_build(tmp_path: Path) -> None:
    wanted = recipe({"domain": "calendar", "rows": 20, "tiers": ["easy", "moderate"]}, {"domain": "others", "rows": 14})
    summary = build(wanted, tmp_path, fault=None)
    rows, dev = load(tmp_path / "train.jsonl"), load(tmp_path / "dev.jsonl")
    assert (summary.rows, len(rows), summary.dev_rows, len(dev)) == (34, 34, 6, 6)
    assert json.loads((tmp_path / "summary.json").read_text()) == summary.model_dump()
    assert summary.sha256 == {
        name: sha256_file(tmp_path / name) for name in ("train.jsonl", "dev.jsonl", "breadth.jsonl")
    }
    assert sum(summary.domains.values()) == sum(summary.families.values()) == sum(summary.tiers.values()) == 34
    assert "files" not in summary.domains and len(summary.domains) > 3
    assert len({" ".join(row.user_text.lower().split()) for row in rows}) == 34
    first = families(domain="calendar", role="train", group="first")
    calendar = [family.id for family in first if family.tier in ("easy", "moderate")]
    counts = [summary.families[id] for id in calendar]
    assert max(counts) - min(counts) <= 2
    trained = {family.id for family in families(role="train")}
    assert {row.family for row in rows + dev} <= trained
    assert all("/train/" in template for row in rows for template in row.templates)
    breadth = load(tmp_path / "breadth.jsonl")
    assert summary.breadth_rows == len(breadth) == 32
    assert all("/dev/" in template for row in dev + breadth for template in row.templates)


def test_the_same_recipe_gives_the_same_files(tmp_path: Path) -> None:
    wanted = recipe({"domain": "calendar", "rows": 12})
    first, second = build(wanted, tmp_path / "a", fault=None), build(wanted, tmp_path / "b", fault=None)
    assert first == second
    other = build(wanted.model_copy(update={"seed": 1}), tmp_path / "c", fault=None)
    assert other.sha256["train.jsonl"] != first.sha256["train.jsonl"]


def test_rows_that_overlap_with_a_suite_are_left_out_and_counted(tmp_path: Path) -> None:
    wanted = recipe({"domain": "calendar", "rows": 12})
    build(wanted, tmp_path / "before", fault=None)
    names = ("train", "dev", "breadth")
    before = {name: load(tmp_path / "before" / f"{name}.jsonl") for name in names}
    suite = [
        generate(FAMILIES[row.family], "train" if name == "train" else "dev", int(row.id.rsplit("/", 1)[1]))
        for name in names
        for row in before[name][:2]
        if row.family
    ]
    assert {task.id for task in suite} == {row.id for name in names for row in before[name][:2]}
    summary = build(wanted, tmp_path / "after", fault=Guard({"mine": suite}).fault)
    after = {name: load(tmp_path / "after" / f"{name}.jsonl") for name in names}
    assert [len(after[name]) for name in names] == [len(before[name]) for name in names]
    overlap = {level: of.counts for level, of in audit(after["train"], {"mine": suite}, dev=after["dev"]).items()}
    always = {level.name for level in LEVELS if level.blocks is None}
    assert not any(count for counts in overlap.values() for level, count in counts.items() if level in always)
    assert after["breadth"] == before["breadth"]
    found = {why: count for why, count in summary.rejects.items() if "overlaps with the suite mine: " in why}
    assert found["overlaps with the suite mine: id"] == 2 and found["dev: overlaps with the suite mine: id"] == 2


@pytest.mark.parametrize("name", SUITES)
def test_no_row_may_overlap_with_a_suite_of_this_program(name: str) -> None:
    task = load_suite(places.SUITES / name).tasks[0]
    assert decontamination.fault(from_task(task, "Work.")) == f"overlaps with the suite {name}: id"
    clean = generate(families(domain="calendar", role="train")[0], "train", 3)
    assert not decontamination.fault(from_task(clean, "Work."))


def test_breadth_rows_are_of_all_other_domains_whatever_is_trained_on(tmp_path: Path) -> None:
    first = build(recipe({"domain": "files", "rows": 4}, breadth_rows=20), tmp_path / "a", fault=None)
    second = build(
        recipe({"domain": "others", "rows": 9, "groups": ["mixed"]}, breadth_rows=20), tmp_path / "b", fault=None
    )
    assert first.sha256["breadth.jsonl"] == second.sha256["breadth.jsonl"]
    domains = {row.domain for row in load(tmp_path / "a" / "breadth.jsonl")}
    assert domains == {family.domain for family in families(role="train")} - {"files"}
    none = build(recipe({"domain": "files", "rows": 4}, breadth_rows=0), tmp_path / "c", fault=None)
    assert none.breadth_rows == 0 and (tmp_path / "c" / "breadth.jsonl").read_text() == ""
    assert none.sha256["train.jsonl"] == first.sha256["train.jsonl"]


def test_catalogue_order_survives_the_file(tmp_path: Path) -> None:
    build(recipe({"domain": "calendar", "rows": 3}), tmp_path, fault=None)
    for row in load(tmp_path / "train.jsonl"):
        family = next(family for family in families() if family.id == row.family)
        again = from_task(
            generate(family, "train", int(row.id.rsplit("/", 1)[1])), Recipe.model_fields["prompt"].default
        )
        assert json.dumps(row.model_dump()) == json.dumps(again.model_dump())


def test_own_files_are_added_and_duplicates_counted(tmp_path: Path) -> None:
    own = {"id": "own1", "tools": TOOLS, "messages": conversation()}
    elsewhere = [m | {"content": '{"result": "full"}'} if m["role"] == "tool" else m for m in conversation()]
    rows = [own, own | {"id": "own2"}, own | {"id": "own3", "messages": elsewhere}]
    (tmp_path / "own.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    summary = build(
        recipe({"domain": "calendar", "rows": 4}, files=["own.jsonl"]), tmp_path / "out", tmp_path, fault=None
    )
    assert (summary.rows, summary.own, summary.tiers["own"]) == (6, 2, 2)  # the same request of another world stays
    assert summary.rejects == {"the same as another row": 1}


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("something else")
    with pytest.raises(BadInput, match="no file can be written there"):
        build(recipe({"domain": "calendar", "rows": 1}), tmp_path / "out", fault=None)
    assert (tmp_path / "out").read_text() == "something else"


def test_replay_is_a_share_of_all_rows_and_is_what_is_held_near_the_stock(tmp_path: Path) -> None:
    summary = build(recipe({"domain": "files", "rows": 30}, replay=0.25), tmp_path, fault=None)
    rows = load(tmp_path / "train.jsonl")
    assert summary.asked == summary.rows == len(rows) == 40
    assert sum(row.domain == "files" for row in rows) == 30
    assert len({row.domain for row in rows}) > 5
    assert {held(row, Train(kl=0.1)) for row in rows if row.domain == "files"} == {False}
    assert sum(held(row, Train(kl=0.1)) for row in rows) == 10
    assert all(held(row, Train(kl=0.1, kl_rows="all")) for row in rows)
    assert not any(held(row, Train(kl=0.1, kl_rows="text")) for row in rows)
    assert not any(held(row, Train()) for row in rows)
    own = rows[0].model_copy(update={"family": "", "domain": "greenhouse"})
    assert not held(own, Train(kl=0.1)) and held(own, Train(kl=0.1, kl_rows="all"))


def test_recipes_that_cannot_be_built(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no rows"):
        build(recipe(), tmp_path, fault=None)
    with pytest.raises(BadInput, match=r"data\.sources\.0: no training families.*'fleet'"):
        build(recipe({"domain": "fleet", "rows": 4}), tmp_path, fault=None)
    assert not list(tmp_path.iterdir())


def test_parts() -> None:
    assert _parts(10, [1, 1, 1]) in ([3, 4, 3], [3, 3, 4], [4, 3, 3])
    assert _parts(6, [100, 0, 50]) == [4, 0, 2] and _parts(5, []) == []
