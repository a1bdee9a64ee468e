"""The proof of the checkers: what counts as a mutant, what as an equivalent, and that a bad checker is found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from gates_fakes import a_family, counter_world, two_turns

from mlx_train.gates import mutants, selftest
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
    assert found["equivalents_pass"] == found["equivalents"] == 5
    # cd shows in the next turn; wc shows in nothing but the words
    assert found["kinds"]["call dropped"] == {"made": 5, "excluded": 1, "killed": 4}


@pytest.mark.parametrize("kind", ["not told", "told wrongly", "not asked", "call in a quiet turn"])
def test_a_checker_that_does_not_listen_is_found(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(check, "_words", lambda turn, did: [])
    found = selftest.selftest({"sample": [FILES]})
    assert any(kind in line for line in found["survivors"]) and found["faults"]


def test_a_checker_that_forbids_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    blind = FILES.model_copy(update={"forbid": ()})
    monkeypatch.setattr(selftest, "faults", lambda task, played: faults(blind, played))
    found = selftest.selftest({"sample": [FILES]})
    assert [line for line in found["survivors"] if "forbidden tool" in line] and found["faults"]


def test_a_checker_that_never_fails_or_always_does_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    for verdict in ([], ["wrong"]):
        monkeypatch.setattr(selftest, "faults", lambda task, played, verdict=verdict: verdict)
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
    assert found["mutants"] == found["mutants_killed"] == 6 * 6  # nothing, dropped, changed, twice, not told, wrongly
    assert found["equivalents"] == found["equivalents_pass"] == 6


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
