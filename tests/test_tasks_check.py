"""What counts as done: hand-made tasks over a small world, and the rule for what was told."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_train.gates.suites import PRACTICE
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.check import faults, gold_play, tells
from mlx_train.tasks.family import generate
from mlx_train.tasks.phrases import BANKS, skeleton
from mlx_train.tasks.task import Done, Played, Split, Task
from mlx_train.tasks.words import POOLS, Vocabulary, split_of


@pytest.mark.parametrize(
    ("words", "value", "told"),
    [
        ("It has 12 lines.", "12", True),
        ("It has 120 lines.", "12", False),
        ("It costs 3.12 now.", "12", False),
        ("It costs 12.5 now.", "12", False),
        ("It costs 12.", "12", True),
        ("The folder is Meadow.", "meadow", True),
        ("The folder is meadows.", "meadow", False),
        ("The file is a.txt.", "a.txt", True),
    ],
)
def test_a_value_is_told_as_a_whole(words: str, value: str, told: bool) -> None:
    assert tells(words, value) is told


def task(**changes: object) -> Task:
    """A task of one turn in the file world: make the folder `b`, and say how many there are now."""
    turn = {
        "user": "Make b and say how many folders there are.", "templates": [], "say": "There are 2.", "tell": ["2"],
        "gold": [{"name": "mkdir", "arguments": {"dir_name": "b"}}],
    }  # fmt: skip
    row = {
        "id": "t", "domain": "files", "family": "f", "tier": "easy", "split": "gate", "seed": 0,
        "world": {"root": {"r": {"a": {}}}, "cwd": "/r"}, "turns": [turn | changes],
    }  # fmt: skip
    return Task.model_validate(row)


def did(*calls: tuple[str, dict[str, object]], words: str = "There are 2.") -> list[Played]:
    return [Played(calls=tuple(Done(name=n, arguments=a, result={}) for n, a in calls), words=words)]


MAKE = ("mkdir", {"dir_name": "b"})


def test_gold_and_other_ways_to_the_same_end_pass() -> None:
    assert faults(task(), gold_play(task())) == []
    assert faults(task(), did(("ls", {}), MAKE, ("mkdir", {"dir_name": "b"}))) == []
    assert faults(task(), did(("mkdir", {"dir_name": "c"}), ("mv", {"source": "c", "destination": "b"}))) == []


@pytest.mark.parametrize(
    "played",
    [
        did(),
        did(("mkdir", {"dir_name": "c"})),
        did(MAKE, ("touch", {"file_name": "x"})),
        did(MAKE, words="There are 3."),
        did(MAKE, words=""),
        [],
        did(MAKE) * 2,
    ],
)
def test_less_more_or_untold_fails(played: list[Played]) -> None:
    assert faults(task(), played)


def test_recorded_results_are_not_trusted() -> None:
    forged = [Played(calls=(Done(name="mkdir", arguments={}, result={}),), words="There are 2.")]
    assert faults(task(), forged)


def test_a_quiet_turn_allows_no_call_and_an_asking_turn_needs_a_question() -> None:
    quiet = task(gold=[], quiet=True, asks=True, tell=[], say="Which one?")
    assert faults(quiet, did(words="Which one?")) == []
    assert faults(quiet, did(words="I will see."))
    assert faults(quiet, did(("ls", {}), words="Which one?"))


def test_the_splits_share_no_phrasing_and_no_word() -> None:
    """By construction: every pattern in one split only, over all banks; every pool dealt out by hash."""
    assert families()  # registers every bank
    where: dict[str, set[str]] = {}
    for bank in BANKS.values():
        for split, patterns in bank.patterns.items():
            for pattern in patterns:
                where.setdefault(skeleton(pattern), set()).add(split)
    shared = {text: splits for text, splits in where.items() if len(splits) > 1 and set(text) - {"_", " "}}
    assert shared == {}
    for pool in POOLS.values():
        for split, words in pool.items():
            assert words and all(split_of(word) == split for word in words)


@given(st.integers(0, 2**32), st.sampled_from(["train", "dev", "gate"]))
def test_names_are_fresh_stay_in_their_split_and_are_often_no_known_word(seed: int, split: Split) -> None:
    words = Vocabulary(Random(seed), split)
    names = [words.word() for _ in range(30)]
    assert len(set(names)) == 30 and set(names) - set(POOLS["noun"][split])
    assert all(split_of(name) == split and name.isalpha() and 3 <= len(name) <= 18 for name in names)


def test_domains_that_training_never_sees_have_no_training_family() -> None:
    trained = {family.domain for family in families(role="train")}
    assert trained.isdisjoint({"trading", "tickets", "fleet", "cinema", "library"})
    assert {"trading", "tickets", "fleet", "cinema"} <= {family.domain for family in families(role="gate")}


def test_there_are_enough_families_over_files_and_domains() -> None:
    assert len(families(domain="files")) >= 40
    assert len({family.domain for family in families()} - {"files"} - PRACTICE) >= 9


def test_a_task_is_a_pure_function_of_family_split_and_seed() -> None:
    for family in families(role="gate")[::7]:
        assert generate(family, "gate", 5) == generate(family, "gate", 5)
