"""The proof of the checkers: what counts as a mutant, what as an equivalent, and that a bad checker is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from gates_fakes import a_family, counter_world, two_turns
from hypothesis import given
from hypothesis import strategies as st

from mlx_train.gates import gold, mutants, selftest
from mlx_train.gates.suites import task_line
from mlx_train.tasks import check
from mlx_train.tasks.check import faults, gold_play
from mlx_train.tasks.family import Family, Script, generate
from mlx_train.tasks.task import Call, Played, Task, Turn


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


FILES = Task(
    id="files.sample/gate/1", domain="files", family="files.sample", tier="easy", split="gate", seed=1,
    world={"root": {"home": {"a.txt": "one", "b": {}}}, "cwd": "/home"},
    turns=(
        Turn(
            user="Move a.txt into b and go there; how many words has it?", templates=("t/1",),
            gold=(
                Call(name="mv", arguments={"source": "a.txt", "destination": "b"}),
                Call(name="cd", arguments={"folder": "b"}),
                Call(name="wc", arguments={"file_name": "a.txt", "mode": "w"}),
            ),
            say="It has 1 word.", tell=("1",),
        ),
        Turn(
            user="Make c.txt.", templates=("t/2",), gold=(Call(name="touch", arguments={"file_name": "c.txt"}),),
            say="Done.",
        ),
        Turn(user="Delete it all?", templates=("t/3",), say="Do you mean the folder?", quiet=True, asks=True),
    ),
    forbid=("rm",),
)  # fmt: skip


def kinds(task: Task, made: Iterator[mutants.Variant]) -> Counter[str]:
    return Counter(variant.kind for variant in made)


def test_mutants_are_counted_by_hand() -> None:
    found = kinds(FILES, mutants.mutants(FILES, gold_play(FILES)))
    assert found == {
        "nothing done": 1,
        "call dropped": 4,
        "argument changed": 12,  # six texts, each lengthened and exchanged for another
        "written twice": 2,  # mv and touch
        "wrong directory": 2,  # mv in b, touch in the parent
        "a turn early": 1,  # touch; the last turn has no call
        "not told": 1,
        "told wrongly": 1,
        "not asked": 1,
        "call in a quiet turn": 1,
        "extra write": 2,
        "forbidden tool": 2,
    }


def test_outside_of_files_a_write_is_found_in_the_gold_calls_or_the_catalogue() -> None:
    writes = [one for one in mutants.mutants(two_turns(), gold_play(two_turns())) if one.kind == "extra write"]
    assert [call.arguments for call in writes[0].played[0].calls] == [{"amount": 2}, {"amount": 3}] and len(writes) == 1
    told = Turn(user="What is it?", templates=("t/1",), gold=(Call(name="read"),), say="1.", tell=("1",))
    reads = two_turns().model_copy(update={"turns": (told,)})
    (write,) = (one for one in mutants.mutants(reads, gold_play(reads)) if one.kind == "extra write")
    assert [call.name for call in write.played[0].calls] == ["read", "add"]


def test_looking_around_is_every_call_that_changes_nothing() -> None:
    task = two_turns()
    (look,) = (one for one in mutants.equivalents(task, gold_play(task)) if one.kind == "looks around")
    assert [call.name for call in look.played[0].calls] == ["read", "add"] and not faults(task, look.played)
    barred = task.model_copy(update={"forbid": ("read",)})
    (look,) = (one for one in mutants.equivalents(barred, gold_play(barred)) if one.kind == "looks around")
    assert [call.name for call in look.played[0].calls] == ["add"]


def test_equivalents_pass_and_copying_is_none_where_removing_is_forbidden() -> None:
    gold = gold_play(FILES)
    assert kinds(FILES, mutants.equivalents(FILES, gold)) == dict.fromkeys(
        ("reads again", "looks around", "absolute paths", "there and back"), 1
    )
    free = FILES.model_copy(update={"forbid": ()})
    others = list(mutants.equivalents(free, gold))
    assert [other.kind for other in others][-1] == "copy and remove"
    assert not any(faults(free, other.played) for other in others)


def test_a_sound_task_has_no_fault() -> None:
    found = selftest.selftest({"sample": [FILES, two_turns()]})
    assert found["faults"] == [] and found["survivors"] == []
    assert (found["tasks"], found["gold_pass"]) == (2, 2)
    assert found["mutants_killed"] == found["mutants"] > 20
    assert found["equivalents_pass"] == found["equivalents"] == 6
    assert (found["changes"], found["gold_errors"]) == (2, {"meant": {}, "unknown": {}})
    # cd shows in the next turn; wc shows in nothing but the words
    assert found["kinds"]["call dropped"] == {"made": 5, "excluded": 1, "killed": 4}


@pytest.mark.parametrize("kind", ["not told", "told wrongly", "not asked", "call in a quiet turn"])
def test_a_checker_that_does_not_listen_is_found(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(check, "_words", lambda turn, did: [])
    found = selftest.selftest({"sample": [FILES]})
    assert any(kind in line for line in found["survivors"]) and found["faults"]


def test_a_checker_that_hears_a_part_of_a_word_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "tells", lambda words, value: value in words)
    found = selftest.selftest({"sample": [FILES]})
    assert any("told wrongly" in line for line in found["survivors"]) and found["faults"]


@given(st.text("a1.", min_size=1, max_size=3), st.text("a1. _", max_size=12))
def test_what_was_told_is_found_in_two_ways_alike(value: str, words: str) -> None:
    assert selftest._stands_in(value, words) == check.tells(words, value)


def test_a_checker_that_forbids_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    blind = FILES.model_copy(update={"forbid": ()})
    monkeypatch.setattr(selftest, "faults", lambda task, *given: faults(blind, *given))
    found = selftest.selftest({"sample": [FILES]})
    assert [line for line in found["survivors"] if "forbidden tool" in line] and found["faults"]


def test_a_rule_with_few_mutants_cannot_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    real, kinds = selftest._try_mutants, {"made": 40_000, "killed": 40_000}

    def many(task: Task, found: Any, survivors: list[str]) -> None:
        real(task, found, survivors)
        found["argument changed"].update(kinds)

    monkeypatch.setattr(selftest, "_try_mutants", many)
    assert selftest.selftest({"sample": [FILES]})["faults"] == []
    blind = FILES.model_copy(update={"forbid": ()})
    monkeypatch.setattr(selftest, "faults", lambda task, *given: faults(blind, *given))
    assert ["forbidden tool" in line for line in selftest.selftest({"sample": [FILES]})["faults"]] == [True]


def test_a_checker_that_never_fails_or_always_does_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for verdict in ([], ["wrong"]):
        for module in (gold, selftest):
            monkeypatch.setattr(module, "faults", lambda task, *given, verdict=verdict: verdict)
        found = selftest.selftest({"hard": [FILES]})
        assert found["faults"]
    assert found["gold_pass"] == 0 and found["equivalents_pass"] == 0


def test_an_empty_task_is_a_fault_and_is_never_drawn() -> None:
    turn = Turn(user="Read it if you like.", templates=("t/1",), gold=(Call(name="read"),), say="Done.")
    empty = two_turns().model_copy(update={"turns": (turn,)})
    assert check.is_empty(empty) and not check.is_empty(two_turns())
    assert "nothing done" in selftest.selftest({"sample": [empty]})["faults"][0]

    def write(script: Script) -> None:
        script.begin({"value": 1})
        script.turn("Read it if you like.")
        script.call("read")
        script.end("Done.")

    with pytest.raises(ValueError, match="no draw in 50"):
        generate(Family("counter.empty", "counter", "easy", "gate", False, write), "gate", 1)


def test_policies_that_understand_nothing_are_measured() -> None:
    said = Turn(user="What is 7?", templates=("t/1",), gold=(Call(name="read"),), say="It is 7.", tell=("7",))
    parrot = two_turns().model_copy(update={"turns": (said,)})
    found = selftest.selftest({"hard": [parrot]})
    assert found["policies"] == {
        "hard": {"does nothing": 0.0, "repeats the prompt": 1.0, "calls the first tool": 0.0},
    }
    assert any("repeats the prompt" in line for line in found["faults"])


def test_every_generated_task_survives_its_own_test() -> None:
    family = a_family()
    tasks = [generate(family, "gate", seed) for seed in range(6)]
    found = selftest.selftest({"counter": tasks})
    assert (found["gold_pass"], found["faults"]) == (6, [])
    assert (
        found["mutants"] == found["mutants_killed"] == 6 * 7
    )  # nothing, dropped, changed, twice, not told, wrongly, extra
    assert found["equivalents"] == found["equivalents_pass"] == 2 * 6


def test_a_play_of_the_gold_leaves_nothing_behind() -> None:
    before = FILES.model_dump_json()
    first = gold_play(FILES)
    for variant in mutants.mutants(FILES, first):
        faults(FILES, variant.played)
    assert gold_play(FILES) == first and FILES.model_dump_json() == before
    assert faults(FILES, [Played()]) == ["ended in turn 1 of 3"]


def test_a_policy_passes_a_task_only_with_its_twin() -> None:
    """Doing nothing passes each task in which nothing is to be done, and none of their twins."""
    quiet = Turn(user="Wait.", templates=("t/1",), say="Yes.", quiet=True)
    acts = Turn(user="Do not wait.", templates=("t/2",), gold=(Call(name="add", arguments={"amount": 2}),), say="Done.")
    task = two_turns().model_copy(update={"turns": (quiet,)})
    twin = two_turns("counter.sum/gate/1/twin").model_copy(update={"turns": (acts,), "twin_of": task.id})
    assert selftest.guesses([task])["does nothing"] == 1.0
    assert selftest.guesses([task, twin])["does nothing"] == 0.0
    found = selftest.selftest({"abstain": [task, twin]})
    assert found["policies"]["abstain"] == {"does nothing": 0.0, "repeats the prompt": 0.0, "calls the first tool": 0.0}
    assert found["faults"] == [] and found["tasks"] == 2
    assert [line for line in selftest.selftest({"abstain": [task]})["faults"] if "does nothing" in line]


def test_several_processes_find_what_one_does() -> None:
    tasks = [FILES.model_copy(update={"id": f"{FILES.id}/{number}"}) for number in range(2 * selftest.CHUNK + 1)]
    tasks[3] = tasks[3].model_copy(update={"turns": FILES.turns[2:]})
    assert selftest.selftest({"hard": tasks}, processes=2) == selftest.selftest({"hard": tasks})


def erring(**changes: object) -> Task:
    """A negative amount is refused; then it is done right."""
    calls = (Call(name="add", arguments={"amount": -2}, **changes), Call(name="add", arguments={"amount": 2}))
    turn = two_turns().turns[0].model_copy(update={"gold": calls})
    return two_turns().model_copy(update={"turns": (turn,)})


def test_a_gold_call_that_fails_has_to_be_meant_to() -> None:
    found = selftest.selftest({"sample": [erring()]})
    assert found["gold_pass"] == 0 and found["gold_errors"] == {"meant": {}, "unknown": {}}
    assert [line for line in found["faults"] if "the gold call add is answered {'error': 'the amount is neg" in line]
    meant = selftest.selftest({"sample": [erring(fails=True)]})
    assert (meant["gold_pass"], meant["faults"]) == (1, [])
    assert meant["gold_errors"]["meant"] == {"counter.sum": 1}
    right = Call(name="add", arguments={"amount": 2}, fails=True)
    one = two_turns().model_copy(update={"turns": (two_turns().turns[0].model_copy(update={"gold": (right,)}),)})
    assert "meant to fail and does not" in gold.gold_faults(one)[0]


def test_what_an_older_task_meant_is_asked_of_its_family(monkeypatch: pytest.MonkeyPatch) -> None:
    def write(script: Script, amount: int = 2) -> None:
        script.begin({"value": 1})
        script.turn("Add some.")
        script.call("add", amount=-amount, fails=True)
        total = script.call("add", amount=amount)["value"]
        script.end(f"It is {total}.", tell=[total])

    family = Family("counter.old", "counter", "easy", "gate", False, write)
    task = generate(family, "gate", 1)
    assert [call.fails for call in task.turns[0].gold] == [True, False] and '"fails":true' in task_line(task)
    calls = tuple(call.model_copy(update={"fails": False}) for call in task.turns[0].gold)
    old = task.model_copy(update={"turns": (task.turns[0].model_copy(update={"gold": calls}),)})
    assert "fails" not in task_line(old)
    assert gold.errors(old, gold_play(old))[0][0] == "wrong"  # of no family that is known
    monkeypatch.setitem(gold.FAMILIES, family.id, family)
    assert gold.errors(old, gold_play(old)) == [("meant", "add")] and gold.gold_faults(old) == []
    for other in (lambda script: write(script, 3), lambda script: script.begin({"value": 1})):
        monkeypatch.setitem(gold.FAMILIES, family.id, replace(family, write=other))
        assert gold.errors(old, gold_play(old)) == [("unknown", "add")] and gold.gold_faults(old) == []


def test_the_world_changes_unless_the_task_is_read_only() -> None:
    read = Turn(user="Look at it.", templates=("t/1",), gold=(Call(name="read"),), say="It is 1.", tell=("1",))
    task = two_turns()
    reads = task.model_copy(update={"turns": (read,)})
    assert gold.changes(task) and not gold.changes(reads) and gold.gold_faults(reads) == []
    assert selftest.selftest({"sample": [reads, task]})["changes"] == 1
    untold = reads.model_copy(update={"turns": (read.model_copy(update={"tell": ()}),)})
    assert "passes with nothing done" in gold.gold_faults(untold)[0]
    calls = (
        Call(name="mkdir", arguments={"dir_name": "c"}),
        Call(name="rmdir", arguments={"dir_name": "c"}),
        Call(name="ls"),
    )
    back = FILES.turns[0].model_copy(update={"gold": calls, "say": "It has 1.", "tell": ("1",)})
    undone = FILES.model_copy(update={"turns": (back,)})
    assert gold.gold_faults(undone) == [f"{FILES.id}: the gold calls of turn 1 change the world and change it back"]
