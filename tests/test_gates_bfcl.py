"""BFCL's tasks in our worlds: what is locked, both verdicts, and that nothing a model writes is evaluated."""

from __future__ import annotations

import builtins
import importlib.metadata
import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from gates_fakes import FakeChat, say

pytest.importorskip("bfcl_eval")

from bfcl_eval.eval_checker.multi_turn_eval import multi_turn_checker
from bfcl_eval.eval_checker.multi_turn_eval.func_source_code import long_context

from mlx_train import cli
from mlx_train.chat.parse import parse
from mlx_train.data.audit import audit
from mlx_train.data.trajectory import from_task
from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, write_json, write_jsonl
from mlx_train.gates import bfcl
from mlx_train.gates.bfcl_freeze import BACKENDS, choose, freeze
from mlx_train.gates.bfcl_verdict import fault, mismatch
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.score import judge, lines, score_suite
from mlx_train.gates.selftest import selftest
from mlx_train.gates.suites import LOCK, Suite, load, load_borrowed, world_of
from mlx_train.gates.variants import DISTRACTORS, VARIANTS, meet
from mlx_train.places import SUITES
from mlx_train.recipe import BFCL_SUITES, Gates, Recipe
from mlx_train.release.evidence import _installed
from mlx_train.tasks.check import faults, gold_play
from mlx_train.tasks.task import Call, Played, Task
from mlx_train.world.bfcl import Bfcl, Clock, catalogue
from mlx_train.world.catalogue import WORLDS


@pytest.fixture(scope="module")
def suites() -> dict[str, Suite]:
    return {name: load(SUITES / name) for name in BFCL_SUITES}


def task_of(suites: dict[str, Suite], id: str) -> Task:
    return next(task for suite in suites.values() for task in suite.tasks if task.id == id)


def write(call: Call | tuple[str, Any]) -> str:
    name, arguments = (call.name, call.arguments) if isinstance(call, Call) else call
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


def rollout(task: Task, *turns: list[Any]) -> dict[str, Any]:
    """A rollout in which these calls are made, by default the gold ones."""
    calls = turns or [list(turn.gold) for turn in task.turns]
    texts = [text for turn in calls for text in (*map(write, turn), "Done.")]
    conversation = Conversation(task, FakeChat(), "p", suite="s", max_context=10**6)
    for text in texts:
        assert conversation.end is None
        say(conversation, text)
    return conversation.transcript()


def test_the_suites_are_those_that_bfcl_has(suites: dict[str, Suite]) -> None:
    for name, tasks, scenarios in (("bfcl-files", 52, 13), ("bfcl-breadth", 208, 52)):
        suite = suites[name]
        package, quick = choose(name)
        assert (suite.lock.package, suite.lock.quick) == (package, quick)
        assert (len(suite.tasks), len({task.family for task in suite.tasks})) == (tasks, scenarios)
        assert {task.id.rpartition("_")[0] for task in suite.tasks} == {f"multi_turn_{v}" for v in bfcl.VARIANTS}
        assert {task.world["backend"] for task in suite.tasks} == set(BACKENDS[name])
        assert len(quick) == scenarios == len({package.tasks[id] for id in quick})
        assert package.excluded == {}


def test_no_text_of_a_task_is_in_a_lock(suites: dict[str, Suite]) -> None:
    for suite in suites.values():
        text = (suite.folder / LOCK).read_text()
        for task in suite.tasks:
            assert all(turn.user not in text for turn in task.turns)
            assert all(
                json.dumps(call.arguments) not in text for turn in task.turns for call in turn.gold if call.arguments
            )


def test_gold_passes_by_both_verdicts_and_answers_no_error(suites: dict[str, Suite]) -> None:
    for suite in suites.values():
        for task in suite.tasks:
            gold = gold_play(task)
            assert (faults(task, gold), mismatch(task, gold)) == ([], ""), task.id
            assert not [call for did in gold for call in did.calls if "error" in call.result], task.id


def test_mutants_of_gold_fail(suites: dict[str, Suite]) -> None:
    chosen = {name: suite.chosen(quick=True)[:13] for name, suite in suites.items()}
    found = selftest(chosen)
    assert found["gold_pass"] == found["tasks"] == 26
    assert found["faults"] == found["survivors"] == []
    assert found["kinds"]["call dropped"]["killed"] > 80


def test_a_dropped_change_fails_by_both_verdicts(suites: dict[str, Suite]) -> None:
    dropped = 0
    for task in suites["bfcl-files"].tasks:
        world = Bfcl(task.world)
        for number, turn in enumerate(task.turns):
            for index, call in enumerate(turn.gold):
                before = world.outcome()
                world.call(call.name, call.arguments)
                if world.outcome() == before:
                    continue
                play = gold_play(task)
                left = play[number].calls[:index] + play[number].calls[index + 1 :]
                play[number] = Played(calls=left)
                assert faults(task, play) and mismatch(task, play), (task.id, call)
                dropped += 1
    assert dropped > 100


def test_where_the_verdicts_differ_both_ways(suites: dict[str, Suite]) -> None:
    suite = suites["bfcl-files"]
    rows = {task.id: rollout(task) for task in suite.tasks}
    up = task_of(suites, "multi_turn_base_38")  # `cd /` leads where the gold's `cd ..` does, and answers otherwise
    gold = [list(turn.gold) for turn in up.turns]
    calls = [("cd", {"folder": "/"}) if call.arguments.get("folder") == ".." else call for call in gold[0]]
    rows[up.id] = rollout(up, calls, *gold[1:])
    held = task_of(suites, "multi_turn_miss_param_1")
    gold = [list(turn.gold) for turn in held.turns]
    quiet = gold.index([])  # here BFCL does not look; what was made is gone when it does
    stray = [("mkdir", {"dir_name": "stray"})], [("rm", {"file_name": "stray"}), *gold[quiet + 1]]
    rows[held.id] = rollout(held, *gold[:quiet], *stray, *gold[quiet + 2 :])
    lazy = task_of(suites, "multi_turn_long_context_1")
    rows[lazy.id] = say(Conversation(lazy, FakeChat(), "p", suite="s"), "No~").transcript()
    entry, details = score_suite(suite, list(rows.values()), quick=False)
    assert (entry["passed"], entry["bfcl_passed"], entry["n"]) == (50, 50, 52)
    assert entry["bfcl_differs"] == [
        {"task": up.id, "passed": True, "reason": "turn 1: no call answered ['{}']"},
        {"task": held.id, "passed": False, "reason": f"turn {quiet + 1}: the world differs from the gold outcome"},
    ]
    assert details[up.id]["passed"] and not details[held.id]["passed"]
    assert entry["by_variant"] == {
        "multi_turn_base": {"n": 13, "passed": 13, "bfcl_passed": 12},
        "multi_turn_miss_func": {"n": 13, "passed": 13, "bfcl_passed": 13},
        "multi_turn_miss_param": {"n": 13, "passed": 12, "bfcl_passed": 13},
        "multi_turn_long_context": {"n": 13, "passed": 12, "bfcl_passed": 12},
    }
    assert fault(lazy, rows[lazy.id]) == "truncated in turn 1"
    assert entry["bfcl_rate"] == pytest.approx(50 / 52)
    (line,) = lines({"suites": {suite.id: entry}})
    assert "50/52" in line and "BFCL's own verdict: 50/52  errors: 1 truncated" in line
    twice = [{**row, "sample": 1} for row in rows.values()]
    twice += [{**rollout(task), "sample": 2} for task in suite.tasks]  # all right this time
    again, _ = score_suite(suite, twice, quick=False, samples=2)
    assert (again["passed"], again["bfcl_passed"], again["bfcl_differs"]) == (50, 50, entry["bfcl_differs"])
    assert again["pass_hat_k"] == pytest.approx({"1": 51 / 52, "2": 50 / 52})


def test_what_a_user_asks_to_see_must_have_been_seen(suites: dict[str, Suite]) -> None:
    task = task_of(suites, "multi_turn_base_56")  # two zip codes, with which a distance is looked up
    assert [call.name for call in task.turns[0].gold][:2] == ["get_zipcode_based_on_city"] * 2
    assert task.turns[0].results == ({"distance": 980.0},)
    play = gold_play(task)
    play[0] = Played(calls=play[0].calls[2:])  # knew the zip codes
    assert faults(task, play) == [] and "no call answered" in mismatch(task, play)
    play[0] = Played()
    assert faults(task, play) == ["turn 1: no call had the result {'distance': 980.0}"]
    assert mismatch(task, play) == "turn 1: nothing was called"


def test_a_tool_that_was_held_back_is_offered_in_its_turn(suites: dict[str, Suite]) -> None:
    task = task_of(suites, "multi_turn_miss_func_1")
    names = [tool["function"]["name"] for tool in world_of(task).tools()]
    assert "mv" not in names and "cp" not in names and len(names) == 16  # `cp` is excluded
    (offer,) = (turn for turn in task.turns if "updated some more functions" in turn.user)
    assert offer.gold and '"name": "mv"' in offer.user and '"cp"' not in offer.user
    world = world_of(task)
    assert world.call("cp", {"source": "a", "destination": "b"}) == {"error": "unknown tool 'cp'"}


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_held_back_tool_is_known_to_the_parser(suites: dict[str, Suite], variant: str) -> None:
    """Formats that write values as plain text need its schema to read them."""
    task, chat, seen = task_of(suites, "multi_turn_miss_func_1"), FakeChat(), []
    chat.parse = lambda raw, *, stopped, tools: seen.append(tools) or parse(raw, stopped=stopped)
    conversation = Conversation(task, chat, "p", suite="s", max_context=10**6, meet=meet(variant))
    say(conversation, "Done.")
    names = [tool["function"]["name"] for tool in seen[0]]
    assert len(names) == len(conversation.tools) + 1 and ("run_mv" if variant == "renamed" else "mv") in names


def test_a_catalogue_is_json_schema() -> None:
    types = set()
    for backend in (*BACKENDS["bfcl-files"], *BACKENDS["bfcl-breadth"]):
        for tool in catalogue(backend).values():
            parameters = tool["function"]["parameters"]
            assert parameters["type"] == "object" and set(parameters["required"]) <= set(parameters["properties"])
            types |= {schema["type"] for schema in parameters["properties"].values()}
    assert types == {"string", "integer", "number", "boolean", "array"}


HOSTILE = [
    ("__import__('os').system('touch PWNED')", {}),
    ("_load_scenario", {"scenario": {}}),
    ("__init__", {}),
    ("__class__", {}),
    ("root", {}),
    ("cd", {"folder": "__import__('os').system('touch PWNED')"}),
    ("echo", {"content": "x", "file_name": "');__import__('os').system('touch PWNED')#"}),
    ("ls", {"a": "__import__('os').system('touch PWNED')"}),
    ("ls", {"self": None}),
]


def test_nothing_a_model_writes_is_evaluated(
    suites: dict[str, Suite], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def never(*_: object, **__: object) -> None:
        raise AssertionError("evaluated")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(builtins, "eval", never)
    monkeypatch.setattr(builtins, "exec", never)
    monkeypatch.setattr(multi_turn_checker, "execute_multi_turn_func_call", never)
    task = task_of(suites, "multi_turn_base_39")
    gold = [list(turn.gold) for turn in task.turns]
    row = rollout(task, [*HOSTILE, *gold[0]], *gold[1:])
    assert all("error" in call["result"] for call in row["turns"][0]["calls"][: len(HOSTILE)])
    assert fault(task, row) == "" and row["end"] == "done"
    assert list(tmp_path.iterdir()) == []


def test_a_rollout_leaves_nothing_to_the_next(suites: dict[str, Suite]) -> None:
    for suite in suites.values():
        for task in suite.chosen(quick=True):
            fresh = world_of(task).outcome()
            used = world_of(task)
            for turn in task.turns:
                for call in turn.gold:
                    used.call(call.name, call.arguments)
            assert world_of(task).outcome() == fresh
            assert type(used)(used.state()).outcome() == used.outcome()


def test_what_the_back_ends_share_is_not_changed() -> None:
    state = {"backend": "TravelAPI", "scenario": {}, "long_context": True, "excluded": [], "later": []}
    fresh = Bfcl(state).outcome()
    world = Bfcl(state)
    for card in long_context.CREDIT_CARD_EXTENSION:
        world.instance.credit_card_list[card]["balance"] -= 1
    assert world.outcome() != fresh == Bfcl(state).outcome()
    car = Bfcl({**state, "backend": "VehicleControlAPI"})
    first = car.call("get_outside_temperature_from_google", {})
    kept = dict(first)
    assert car.call("get_outside_temperature_from_google", {}) != kept == first


def test_a_directory_that_contains_itself_ends_nothing() -> None:
    scenario = {"root": {"top": {"type": "directory", "contents": {"a": {"type": "directory", "contents": {}}}}}}
    state = {"backend": "GorillaFileSystem", "scenario": scenario, "long_context": False, "excluded": [], "later": []}
    world = Bfcl(state)
    for _ in range(2):
        world.call("cp", {"source": "a", "destination": "a"})
    assert "error" in world.call("du", {})
    assert world.outcome() != Bfcl(state).outcome()


def test_an_answer_that_is_no_number_is_an_error() -> None:
    state = {"backend": "VehicleControlAPI", "scenario": {}, "long_context": False, "excluded": [], "later": []}
    assert "error" in Bfcl(state).call("gallon_to_liter", {"gallon": 1e308})


def test_the_clock_stands_still_in_utc(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Clock.fromtimestamp(0).isoformat() == "1970-01-01T00:00:00"
    assert Clock(1970, 1, 2).timestamp() == 86400
    scenario = {"user_first_name": "A", "user_last_name": "B"}
    state = {"backend": "TravelAPI", "scenario": scenario, "long_context": False, "excluded": [], "later": []}
    world = Bfcl(state)
    for born, verified in (("2008-03-23", True), ("2008-03-24", False)):
        person = {"first_name": "A", "last_name": "B", "date_of_birth": born, "passport_number": "US1"}
        assert world.call("verify_traveler_information", person)["verification_status"] is verified


def package_copy(tmp_path: Path) -> Path:
    """The files of the package that the suites need, in a folder of their own."""
    lock = load(SUITES / "bfcl-files").lock
    assert lock.package is not None
    for name in lock.package.files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(bfcl.folder() / name, tmp_path / name)
    return tmp_path


def test_a_changed_byte_of_the_package_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    copied = package_copy(tmp_path)
    monkeypatch.setattr(bfcl, "folder", lambda: copied)
    assert len(load(SUITES / "bfcl-files").tasks) == 52
    path = copied / "data" / "BFCL_v4_multi_turn_base.json"
    data = bytearray(path.read_bytes())
    data[100] ^= 1
    path.write_bytes(data)
    with pytest.raises(GateBroken, match=r"bfcl-files: .*BFCL_v4_multi_turn_base\.json: SHA-256 is"):
        load(SUITES / "bfcl-files")
    path.unlink()
    with pytest.raises(GateBroken, match="missing"):
        load(SUITES / "bfcl-files")


def test_another_version_and_a_changed_lock_are_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(bfcl, "installed", lambda: "2025.1.1")
        with pytest.raises(GateBroken, match=r"bfcl-eval is version 2025\.1\.1, expected 2026\.3\.23"):
            load(SUITES / "bfcl-files")
    lock = read_json(SUITES / "bfcl-files" / LOCK)
    del lock["package"]["tasks"]["multi_turn_base_1"]
    write_json(tmp_path / LOCK, lock)
    with pytest.raises(GateBroken, match="SHA-256"):
        load(tmp_path)
    lock["package"]["tasks"] = {"multi_turn_base_0": "0"}  # of several back-ends
    write_json(tmp_path / LOCK, lock)
    with pytest.raises(GateBroken, match="the lock names multi_turn_base_0"):
        load(tmp_path)
    with pytest.raises(BadInput, match="never overwritten"):
        freeze("bfcl-files", tmp_path)


def test_without_the_package_the_message_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    version = importlib.metadata.version

    def absent(name: str) -> str:
        return version("not-bfcl-eval" if name == "bfcl-eval" else name)

    monkeypatch.setattr(importlib.metadata, "version", absent)
    assert cli.call(["gates", "run", "embedded", "--suite", "bfcl-files", "--out", str(tmp_path)]) == 3
    assert "pip install --no-deps bfcl-eval==2026.3.23" in capsys.readouterr().err
    monkeypatch.setattr("mlx_train.gates.suites.load_all", lambda root, names: [])
    assert cli.call(["gates", "verify"]) == 0
    assert "bfcl-files, bfcl-breadth: left out" in capsys.readouterr().out
    assert "not installed" in _installed(SUITES / "bfcl-files")["fault"]


def test_rows_are_compared_with_the_suites_where_the_package_is_the_one_that_was_locked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello."}]
    write_jsonl(tmp_path / "train.jsonl", [{"id": "mine", "tools": [], "messages": messages}])
    shutil.copyfile(tmp_path / "train.jsonl", tmp_path / "dev.jsonl")
    monkeypatch.setattr("mlx_train.recipe.SUITES", ("hard",))  # the others take a while
    assert cli.call(["data", "audit", str(tmp_path / "train.jsonl"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"hard", *BFCL_SUITES} and {(one["rows"], one["dev_rows"]) for one in found.values()} == {
        (1, 1)
    }
    said: list[str] = []
    for version, why in (("", []), ("2025.1.1", ["2025.1.1"])):
        monkeypatch.setattr(bfcl, "installed", lambda version=version: version)
        assert load_borrowed(BFCL_SUITES, said.append) == []
        assert [part in line for part, line in zip(why, said, strict=True)] == [True] * len(why)


def test_a_release_sees_the_suite_as_installed(suites: dict[str, Suite]) -> None:
    for name, suite in suites.items():
        assert _installed(SUITES / name) == {"sha256": suite.digest, "status": suite.lock.status}


def test_a_task_in_the_training_rows_is_found(suites: dict[str, Suite]) -> None:
    suite = suites["bfcl-files"]
    turns = tuple(turn.model_copy(update={"say": "Done."}) for turn in suite.tasks[0].turns)
    row = from_task(suite.tasks[0].model_copy(update={"id": "mine", "family": "mine", "turns": turns}), "p")
    found = audit([row], {suite.id: suite.tasks})[suite.id]
    assert found.blocks == ["text", "content", "13-gram", "8-gram", "similar", "skeleton", "names"]
    assert found.counts["text"] >= 1
    assert audit([], {suite.id: suite.tasks})[suite.id].blocks == []


def test_a_recipe_may_name_the_suites_and_does_not_by_default() -> None:
    base = {"name": "embedded", "dtype": "float32"}
    assert Recipe.model_validate({"name": "r", "base": base, "gates": {"suites": ["hard", *BFCL_SUITES]}})
    assert not set(Gates().suites) & set(BFCL_SUITES)


@pytest.mark.parametrize("variant", VARIANTS)
def test_gold_passes_by_both_verdicts_in_every_variant(suites: dict[str, Suite], variant: str) -> None:
    tasks = [task for suite in suites.values() for task in suite.chosen(quick=True)]
    offers = 0
    for task in tasks:
        conversation = Conversation(task, FakeChat(), "p", suite="s", max_context=10**6, meet=meet(variant))
        offered = {tool["function"]["name"] for tool in conversation.tools}
        for turn in task.turns:
            said = conversation.turns[-1]["user"]
            for tool in world_of(task).held_back():
                plain = tool["function"]["name"]
                name, other = (f"run_{plain}", plain) if variant == "renamed" else (plain, f"run_{plain}")
                assert not {name, other} & offered
                if f'"name": "{plain}"' in turn.user:
                    assert f'"name": "{name}"' in said and f'"name": "{other}"' not in said
                    offers += 1
            for call in turn.gold:
                changed = f"run_{call.name}", {f"{key}_value": value for key, value in call.arguments.items()}
                say(conversation, write(changed if variant == "renamed" else call))
            say(conversation, "Done.")
        row = conversation.transcript()
        assert not [done for turn in row["turns"] for done in turn["calls"] if "error" in done["result"]], task.id
        assert judge(task, row)["passed"] and not fault(task, row), task.id
    assert offers == sum(len(task.world["later"]) for task in tasks) > 10


def test_no_strange_tool_does_what_one_of_bfcl_does(suites: dict[str, Suite]) -> None:
    akin = {tool["function"]["name"] for domain in Bfcl.akin for tool in WORLDS[domain].tools()}
    for suite in suites.values():
        for task in suite.chosen(quick=True):
            own = set(catalogue(task.world["backend"]))
            strange = {tool["function"]["name"] for tool in meet("distracted")(task).tools()} - own
            assert len(strange) == DISTRACTORS and not strange & akin


def test_a_strange_tool_is_refused_and_no_fault_of_the_world(suites: dict[str, Suite]) -> None:
    task = task_of(suites, "multi_turn_base_1")
    world = meet("distracted")(task)
    strange = next(name for name, function in world._named.items() if function.get("distracts"))
    conversation = Conversation(task, FakeChat(), "p", suite="s", max_context=10**6, meet=meet("distracted"))
    say(conversation, write((strange, {})))
    for turn in task.turns:
        say(conversation, *map(write, turn.gold), "Done.")
    row = conversation.transcript()
    assert row["turns"][0]["calls"][0]["result"] == {"error": f"{strange} is not available"}
    assert judge(task, row)["passed"] and not fault(task, row)
