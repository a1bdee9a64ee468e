"""The first trained file-operation families: they generate, they cover every function, and their splits stay apart."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache
from random import Random

import pytest

from mlx_train.tasks import files_phrases
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.check import gold_play
from mlx_train.tasks.family import FAMILIES, Family, Redraw, Script, generate
from mlx_train.tasks.files_desk import Desk
from mlx_train.tasks.phrases import REQUEST, THEN, Phrases, skeleton, slots
from mlx_train.tasks.task import CALLS_OF_TIER, Task, failed
from mlx_train.world.files import Files

SPLITS = ("train", "dev", "gate")
TRAINED = families(domain="files", role="train", group="first")
SEEDS = range(40)
OWN = [bank for bank in vars(files_phrases).values() if isinstance(bank, Phrases)]


@cache
def drawn(id: str, split: str) -> tuple[Task, ...]:
    return tuple(generate(FAMILIES[id], split, seed) for seed in SEEDS)  # type: ignore[arg-type]


def every_task(*tiers: str) -> list[Task]:
    return [
        task for f in TRAINED if f.tier in tiers and not f.abstain for split in SPLITS for task in drawn(f.id, split)
    ]


@pytest.mark.parametrize("which", TRAINED, ids=lambda f: f.id)
def test_every_seed_of_every_split_becomes_a_task(which: Family) -> None:
    low, high = CALLS_OF_TIER[which.tier]
    for split in SPLITS:
        tasks = drawn(which.id, split)
        assert all(low <= task.gold_calls <= high for task in tasks)
        assert len({tuple(turn.user for turn in task.turns) for task in tasks}) > 38
        limit = {"hard": 4, "very hard": 8}.get(which.tier, 5)
        assert max(len(task.turns) for task in tasks) <= limit


def test_there_are_enough_families_of_each_tier() -> None:
    count = Counter("abstain" if f.abstain else f.tier for f in TRAINED)
    assert count["easy"] >= 6 and count["moderate"] >= 7 and count["hard"] >= 15
    assert count["very hard"] >= 4 and count["abstain"] >= 4


def test_all_functions_are_called_in_the_lower_and_in_the_upper_tiers() -> None:
    every = {entry["function"]["name"] for entry in Files.tools()}
    for tiers in (("easy", "moderate"), ("hard", "very hard")):
        called = Counter(call.name for task in every_task(*tiers) for turn in task.turns for call in turn.gold)
        assert set(called) == every and min(called.values()) >= 20, called


def test_the_same_seed_gives_the_same_task() -> None:
    for which in TRAINED:
        assert generate(which, "dev", 3) == drawn(which.id, "dev")[3]


@pytest.mark.parametrize("which", TRAINED, ids=lambda f: f.id)
def test_splits_share_no_template_and_no_name(which: Family) -> None:
    templates, names = [], []
    for split in SPLITS:
        tasks = drawn(which.id, split)
        templates.append({template for task in tasks for turn in task.turns for template in turn.templates})
        names.append(
            {part for task in tasks for name in _names(task.world["root"]) for part in re.split(r"[._]", name)[:-1]}
        )
    for i, j in ((0, 1), (0, 2), (1, 2)):
        assert not templates[i] & templates[j]
        assert not (names[i] & names[j]) - {""}


def _names(tree: dict[str, object]) -> list[str]:
    """The names of a tree, each as `a_b.x`, so that the last part is always an extension."""
    found = []
    for name, entry in tree.items():
        found.append(name if "." in name.lstrip(".") else f"{name.lstrip('.')}.folder")
        if isinstance(entry, dict):
            found += _names(entry)
    return found


def test_errors_results_and_questions_all_occur() -> None:
    tasks = every_task("hard", "very hard")
    turns = [turn for task in tasks for turn in task.turns]
    assert (
        sum(any(failed(call.result) for call in played.calls) for task in tasks[::5] for played in gold_play(task)) > 20
    )
    assert sum(bool(call.derived) for turn in turns for call in turn.gold) > 300
    assert sum(turn.asks for turn in turns) > 50


def test_every_abstaining_task_has_a_quiet_turn() -> None:
    for which in TRAINED:
        if which.abstain:
            assert all(any(turn.quiet for turn in task.turns) for split in SPLITS for task in drawn(which.id, split))


@pytest.mark.parametrize("bank", OWN, ids=lambda bank: bank.id)
def test_banks_are_full_and_clauses_begin_in_lower_case(bank: Phrases) -> None:
    sizes = {split: len(patterns) for split, patterns in bank.patterns.items()}
    assert sizes["train"] >= 8 and 2 <= sizes["dev"] <= 3 and sizes["gate"] == 4
    firsts = {
        pattern[0].isupper() for patterns in bank.patterns.values() for pattern in patterns if pattern[0].isalpha()
    }
    assert len(firsts) <= 1, "clauses and whole messages are mixed"
    for patterns in bank.patterns.values():
        assert all(len(set(slots(pattern))) >= len(slots(pattern)) - 1 for pattern in patterns)


def vocabulary(pattern: str) -> set[str]:
    return set(re.findall(r"[a-z']+", re.sub(r"\{\w+\}", " ", pattern.lower())))


def test_dev_and_gate_sentences_use_only_words_that_training_has() -> None:
    banks = [*OWN, THEN, REQUEST]
    known = {word for bank in banks for pattern in bank.patterns["train"] for word in vocabulary(pattern)}
    unknown = {
        (bank.id, word)
        for bank in banks
        for split in ("dev", "gate")
        for pattern in bank.patterns[split]
        for word in vocabulary(pattern) - known
    }
    assert not unknown


def test_no_sentence_stands_in_two_splits_under_another_bank() -> None:
    splits: dict[str, set[str]] = {}
    for bank in OWN:
        for split, patterns in bank.patterns.items():
            for pattern in patterns:
                splits.setdefault(skeleton(pattern), set()).add(split)
    assert not {text for text, found in splits.items() if len(found) > 1}


def test_a_turn_in_which_nothing_was_asked_is_drawn_again() -> None:
    desk = Desk(Script("files", "train", Random(0)))
    with pytest.raises(Redraw):
        desk.send()
