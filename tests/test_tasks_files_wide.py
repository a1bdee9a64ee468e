"""The wide file families, their moves and phrases; and that adding them changed nothing for the first families."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from functools import cache
from pathlib import Path
from random import Random
from typing import get_args

import pytest

from mlx_train import embedded, recipe
from mlx_train.data.build import build
from mlx_train.errors import BadInput
from mlx_train.files import sha256_of
from mlx_train.gates.selftest import GUESSED, guesses, selftest
from mlx_train.places import EMBEDDED
from mlx_train.tasks import files_phrases, files_wide
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.check import gold_play
from mlx_train.tasks.family import FAMILIES, Family, Redraw, Script, generate
from mlx_train.tasks.files_desk import Desk
from mlx_train.tasks.files_moves_choose import twin
from mlx_train.tasks.files_train_mixed import EVERY
from mlx_train.tasks.phrases import REQUEST, THEN, Phrases
from mlx_train.tasks.task import CALLS_OF_TIER, Split, Task, failed

WIDE = families(domain="files", role="train", group="wide")
IDEAS = ("choose", "each", "carry", "edit", "report", "conditions", "order", "fallback", "tour")


def banks(idea: str) -> list[Phrases]:
    module = importlib.import_module(f"mlx_train.tasks.files_{idea}_phrases")
    return [bank for bank in vars(module).values() if isinstance(bank, Phrases)]


OWN = [bank for idea in IDEAS for bank in banks(idea)]
PARTS = banks("wide")


SPLITS: tuple[Split, ...] = get_args(Split)
MOST_CALLS = recipe.load("embedded").gates.max_calls


@cache
def drawn(id: str, split: Split, seeds: int = 3) -> tuple[Task, ...]:
    return tuple(generate(FAMILIES[id], split, seed) for seed in range(seeds))


def test_there_are_enough_families_of_each_tier_and_of_each_idea() -> None:
    count = Counter(which.tier for which in WIDE)
    assert count["hard"] + count["very hard"] >= 40 and count["very hard"] >= 12
    assert count["easy"] + count["moderate"] >= 18
    assert len([f for f in families(domain="files", role="train") if f.tier in ("hard", "very hard")]) >= 60
    names = ("choose", "each", "carry", "edit", "report", "if", "order", "fallback", "tour", "mixed")
    assert {which.id.split(".")[1].split("_")[0] for which in WIDE} == set(names)


def check_tasks(which: Family, tasks: tuple[Task, ...]) -> None:
    low, high = CALLS_OF_TIER[which.tier]
    assert all(low <= task.gold_calls <= high for task in tasks)
    for task in tasks:
        assert all(len(turn.gold) <= MOST_CALLS for turn in task.turns)
        assert len(task.turns) <= {"hard": 4, "very hard": 8}.get(which.tier, 5)
        assert not re.search(r"[{}\[\]|]|  | here here", " ".join(turn.user for turn in task.turns)), task.id


@pytest.mark.parametrize("which", WIDE, ids=lambda f: f.id)
def test_seeds_of_every_split_become_tasks(which: Family) -> None:
    for split in SPLITS:
        check_tasks(which, drawn(which.id, split))


@pytest.mark.slow
@pytest.mark.parametrize("which", WIDE, ids=lambda f: f.id)
def test_every_seed_of_every_split_becomes_a_task(which: Family) -> None:
    for split in SPLITS:
        tasks = drawn(which.id, split, 31)
        check_tasks(which, tasks)
        assert len({tuple(turn.user for turn in task.turns) for task in tasks}) > 22


def proven(tasks: dict[str, tuple[Task, ...]]) -> None:
    found = selftest(tasks)
    count = sum(map(len, tasks.values()))
    assert found["faults"] == []
    assert found["gold_pass"] == found["tasks"] == count
    assert found["mutants_killed"] >= 0.995 * found["mutants"] > 15 * count
    assert found["equivalents_pass"] == found["equivalents"] >= 4 * count


def test_mutants_fail_and_equivalents_pass() -> None:
    proven({which.id: drawn(which.id, "gate")[:1] for which in WIDE[::3]})


@pytest.mark.slow
def test_mutants_fail_and_equivalents_pass_in_three_tasks_of_each_family() -> None:
    proven({which.id: drawn(which.id, "gate") for which in WIDE})


def test_guessing_does_not_pass() -> None:
    tasks = [task for which in WIDE if which.tier in ("hard", "very hard") for task in drawn(which.id, "gate")]
    assert max(guesses(tasks).values()) < GUESSED


@pytest.mark.slow
def test_no_two_families_are_the_same_work() -> None:
    """No two of the upper tiers share half of their sequences of calls."""
    seen = {
        which.id: {
            tuple(call.name for turn in task.turns for call in turn.gold) for task in drawn(which.id, "train", 31)
        }
        for which in WIDE
        if which.tier in ("hard", "very hard")
    }
    pairs = [(a, b) for a in seen for b in seen if a < b and len(seen[a] & seen[b]) > 0.5 * len(seen[a] | seen[b])]
    assert not pairs


def test_all_functions_errors_and_results_occur() -> None:
    tasks = [task for which in WIDE for split in SPLITS for task in drawn(which.id, split)]
    calls = [call for task in tasks for turn in task.turns for call in turn.gold]
    names = Counter(call.name for call in calls)
    assert len(names) == 18 and min(names.values()) >= 20, names
    assert sum(bool(call.derived) for call in calls) > 800
    assert sum(any(failed(c.result) for did in gold_play(task) for c in did.calls) for task in tasks[::3]) > 15


@pytest.mark.parametrize("bank", OWN, ids=lambda bank: bank.id)
def test_banks_are_full_and_hold_whole_messages(bank: Phrases) -> None:
    templates = {split: len(found) for split, found in bank.templates.items()}
    assert templates["train"] >= 12 and templates["dev"] == 3 and templates["gate"] == 4
    assert len(bank.patterns["train"]) >= 150
    for pattern in (pattern for patterns in bank.patterns.values() for pattern in patterns):
        assert not pattern[0].islower() and pattern[-1] in ".?!", pattern
        assert not re.search(r"  | [,.;:?]|[,;:][,.;:]|\.\.|\?\.", pattern), pattern


def vocabulary(pattern: str) -> set[str]:
    return set(re.findall(r"[a-z']+", re.sub(r"\{\w+\}", " ", pattern.lower())))


def test_dev_and_gate_sentences_use_only_words_that_training_has() -> None:
    first = [bank for bank in vars(files_phrases).values() if isinstance(bank, Phrases)]
    trained = [*first, *OWN, *PARTS, THEN, REQUEST]
    known = {word for bank in trained for pattern in bank.patterns["train"] for word in vocabulary(pattern)}
    for bank in [*OWN, *PARTS]:
        for split in ("dev", "gate"):
            for pattern in bank.patterns[split]:
                assert not vocabulary(pattern) - known, (bank.id, pattern)


@pytest.mark.parametrize("move", EVERY, ids=lambda move: move.__name__)
def test_a_move_without_room_has_said_and_done_nothing(move: files_wide.Move) -> None:
    """A move that fits no world of one file leaves nothing behind; one that fits is complete."""
    for seed in range(12):
        script = Script("files", "train", Random(f"{move.__name__}/{seed}"))
        desk = Desk(
            script, folders=seed % 3, depth=1, stock=lambda s, folder: folder.update({s.words.file(): "one two"})
        )
        try:
            move(desk)
        except Redraw:
            assert not desk.pending and desk.total == 0 and not script.turns
        else:
            assert desk.pending and desk.total > 0


def test_a_twin_is_told_from_a_file_that_only_begins_alike() -> None:
    """`diff` ends with the shorter text, so candidates are as long as the file."""
    for seed in range(60):
        script = Script("files", "train", Random(seed))
        desk = files_wide.wide_desk(script, "twins")
        here = desk.here
        try:
            twin(desk)
        except Redraw:
            continue
        desk.send()
        compared = [call.arguments for call in script.turns[0].gold if call.name == "diff"]
        sizes = {len(here[name].splitlines()) for pair in compared for name in pair.values()}
        assert compared and len(sizes) == 1


def test_the_listing_of_names() -> None:
    assert files_wide.listed(["a"]) == "a"
    assert files_wide.listed(["a", "b", "c"]) == "a, b and c"
    assert (files_wide.ending("a_b.txt"), files_wide.ending("x.md")) == (".txt", ".md")


# The first families keep their rows: the embedded base can be made again.

FIRST = "8dfe286f8954ba7f92fa7cbdfc612a721a3f25cb95dbbdecd6851ae013c5ee74"
"""SHA-256 of the ids of the first training families."""


def test_the_base_and_its_vocabulary_take_the_first_families_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded, "TEXTS_PER_FAMILY", 1)
    assert sha256_of([which.id for which in families(role="train", group="first")]) == FIRST
    for path in EMBEDDED.glob("base-*.toml"):
        for source in recipe.load(str(path)).data.sources:
            assert source.domain != "files" or source.groups == ("first",), path
    assert {row.family for row in embedded.sample("Work.")} == {f.id for f in families(role="train", group="first")}


@pytest.mark.parametrize("name", [path.removesuffix(".toml") for path in embedded.RECIPES])
def test_the_rows_of_the_base_do_not_depend_on_wide_families(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    base = recipe.load(str(EMBEDDED / f"{name}.toml"))
    sources = tuple(source.model_copy(update={"rows": 10}) for source in base.data.sources)
    few = base.model_copy(update={"data": base.data.model_copy(update={"sources": sources, "dev_rows": 24})})
    found = build(few, tmp_path / "with", fault=None).sha256
    for which in families(role="train", group="wide"):
        monkeypatch.delitem(FAMILIES, which.id)
    assert build(few, tmp_path / "without", fault=None).sha256 == found


def test_a_source_takes_the_groups_it_names(tmp_path: Path) -> None:
    source = {"domain": "files", "rows": 12, "tiers": ["easy"], "groups": ["wide"]}
    wanted = recipe.Recipe.model_validate(
        {"name": "test", "base": {"name": "embedded"}, "data": {"sources": [source], "dev_rows": 4}}
    )
    found = build(wanted, tmp_path, fault=None).families
    assert set(found) == {which.id for which in WIDE if which.tier == "easy"}
    with pytest.raises(BadInput, match="group wide in the domain 'notes'"):
        domain = wanted.data.sources[0].model_copy(update={"domain": "notes"})
        build(
            wanted.model_copy(update={"data": wanted.data.model_copy(update={"sources": (domain,)})}),
            tmp_path,
            fault=None,
        )
