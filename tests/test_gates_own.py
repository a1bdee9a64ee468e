"""A suite of somebody else's, with a world of its own: the whole way from the skeleton to a verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gates_fakes import FakeChat, say

from mlx_train import cli
from mlx_train.data.init import TOOLS
from mlx_train.data.trajectory import from_task
from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, write_jsonl
from mlx_train.gates import selftest
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.own import freeze, init
from mlx_train.gates.suites import load_own, suites_in
from mlx_train.gates.variants import Disguised, distracted
from mlx_train.places import SUITES
from mlx_train.recipe import BFCL_SUITES
from mlx_train.recipe import SUITES as NAMES
from mlx_train.tasks.task import Call, Task, Turn
from mlx_train.world.base import WorldFault
from mlx_train.world.catalogue import ADOPTED, WORLDS, adopt

FAMILY_COUNT, TASK_COUNT = 6, 9


@pytest.fixture(autouse=True)
def only_built_in_afterwards() -> Iterator[None]:
    worlds = dict(WORLDS)
    yield
    WORLDS.clear()
    WORLDS.update(worlds)
    ADOPTED.clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    init(tmp_path / "greenhouse")
    return tmp_path / "greenhouse"


def changed(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def gold(task: Task) -> list[str]:
    """What a model writes that does everything right."""
    said = []
    for turn in task.turns:
        for call in turn.gold:
            said.append(f"<tool_call>{json.dumps({'name': call.name, 'arguments': call.arguments})}</tool_call>")
        said.append(turn.say)
    return said


def no_model(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `gates run` score a scripted model: `good` does everything right, `bad` leaves the reading tasks undone."""

    def fake_run(tasks: Any, player: Any, settings: Any, *, suite: str, done: Path, progress: Any) -> Any:
        rows = []
        for task in tasks:
            said = ["No."] * len(task.turns) if player.model == "bad" and "read" in task.family else gold(task)
            rows.append(say(Conversation(task, FakeChat(), settings.system, suite=suite), *said).transcript())
        write_jsonl(done, rows)
        return rows

    monkeypatch.setattr("mlx_train.gates.run.run", fake_run)
    monkeypatch.setattr("mlx_train.chat.render.Chat", lambda tokenizer: FakeChat())
    monkeypatch.setattr("mlx_train.models.locate", lambda base: base.name)
    monkeypatch.setattr("mlx_train.models.surroundings_sha256", lambda path: "0")
    monkeypatch.setattr("mlx_train.models.load_trained", lambda path, dtype, adapter, strength: (path, None))
    monkeypatch.setattr("mlx_train.models.weights_sha256", lambda path: path)


def test_from_the_skeleton_to_a_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    no_model(monkeypatch)
    own, out = tmp_path / "greenhouse", tmp_path / "scores"
    assert cli.call(["gates", "init", str(own)]) == 0
    assert cli.call(["gates", "verify", "--suites", str(own)]) == 3
    assert "gates freeze" in capsys.readouterr().err
    assert cli.call(["gates", "freeze", str(own)]) == 0
    for where in (own, tmp_path):
        assert cli.call(["gates", "verify", "--suites", str(where)]) == 0
    capsys.readouterr()
    assert cli.call(["gates", "selftest", "--suites", str(own), "--json"]) == 0
    proof = json.loads(capsys.readouterr().out)
    assert proof["tasks"] == proof["gold_pass"] == TASK_COUNT and proof["survivors"] == []
    assert proof["mutants_killed"] == proof["mutants"] > 40
    for model in ("bad", "good"):
        assert cli.call(["gates", "run", model, "--suites", str(own), "--out", str(out), "--label", model]) == 0
    entry = read_json(out / "bad.json")["suites"]["greenhouse"]
    assert (entry["n"], entry["passed"], entry["clusters"]) == (TASK_COUNT, TASK_COUNT - 2, FAMILY_COUNT)
    assert entry["quick"] is True and "9/9 quick" in capsys.readouterr().out  # the recipe says so
    run_full = ["gates", "run", "good", "--suites", str(own), "--out", str(out), "--label", "full", "--full"]
    assert cli.call(run_full) == 0 and read_json(out / "full.json")["suites"]["greenhouse"]["quick"] is False
    assert cli.call(["gates", "check", str(out / "full.json"), str(out / "good.json")]) == 3  # full against quick
    assert cli.call(["gates", "check", str(out / "bad.json"), str(out / "good.json")]) == 2  # nine tasks prove little
    assert "gained   2" in capsys.readouterr().out
    both = ["gates", "view", str(out / "bad.json"), "--with", str(out / "good.json"), "--suites", str(own)]
    assert cli.call(both) == 0 and (out / "bad-good.html").read_text().count('data-change="gained"') == 2
    changed(own / "world.py", "MOST = 20", "MOST = 21")
    assert cli.call(["gates", "verify", "--suites", str(own)]) == 3
    assert "world.py" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("world.py", "MOST = 20", "MOST = 21"),
        ("tasks.jsonl", "basil", "Basil"),
        ("suite.lock.json", '"quick"', '"slow"'),
    ],
)
def test_a_changed_byte_is_a_broken_gate(folder: Path, name: str, old: str, new: str) -> None:
    freeze(folder)
    changed(folder / name, old, new)
    assert cli.call(["gates", "verify", "--suites", str(folder)]) == 3


def test_a_changed_world_is_not_run(folder: Path, tmp_path: Path) -> None:
    freeze(folder)
    for domain in ADOPTED:
        del WORLDS[domain]
    ADOPTED.clear()
    with open(folder / "world.py", "a", encoding="utf-8") as stream:
        stream.write(f"open({str(tmp_path / 'was_run')!r}, 'w')\n")
    with pytest.raises(GateBroken, match=r"world\.py: SHA-256"):
        load_own(folder)
    assert not (tmp_path / "was_run").exists()


def test_a_lock_is_never_overwritten(folder: Path) -> None:
    freeze(folder)
    before = (folder / "suite.lock.json").read_bytes()
    with pytest.raises(BadInput, match="--version 3"):
        freeze(folder, 2)
    assert (folder / "suite.lock.json").read_bytes() == before


def test_every_fault_of_the_tasks_is_listed_with_its_line_and_no_lock_is_left(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "tasks.jsonl").read_text().splitlines()]
    del rows[0]["tier"]
    rows[1]["turns"][0]["gold"][0]["name"] = "open_vents"
    rows[2]["turns"][0]["tell"] = ["99"]
    rows[3]["id"] = rows[2]["id"]
    rows[4]["turns"][0]["gold"] = []
    rows[5]["world"] = {}
    rows[6]["domain"] = "garden"
    rows[7]["split"] = "dev"
    rows[8]["forbid"] = ["harvest"]
    write_jsonl(folder / "tasks.jsonl", rows)
    with pytest.raises(BadInput) as caught:
        freeze(folder)
    lines = str(caught.value).splitlines()
    for number, expected in enumerate(
        ["tier: Field required", "open_vents: there is no such tool", "'99'", "id of an earlier task", "nothing done",
         "KeyError: 'beds'", "no world 'garden'", "expected \"gate\"", "no tool 'harvest'"], 1
    ):  # fmt: skip
        assert any(f"tasks.jsonl, line {number}: " in line and expected in line for line in lines), expected
    assert not (folder / "suite.lock.json").exists()


def test_a_task_without_its_twin_is_told_before_there_is_a_lock(folder: Path) -> None:
    rows = [json.loads(line) for line in (folder / "tasks.jsonl").read_text().splitlines()]
    rows[1]["twin_of"] = rows[0]["id"]
    write_jsonl(folder / "tasks.jsonl", rows)
    with pytest.raises(BadInput, match="has no twin, but others have"):
        freeze(folder)
    assert not (folder / "suite.lock.json").exists()


def test_a_tool_that_fails_by_itself_is_named(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changed(folder / "world.py", "raise ToolError", "raise KeyError")
    with pytest.raises(BadInput, match=r"line 1: the world fails: WorldFault: the tool \w+ failed by KeyError"):
        freeze(folder)
    assert not (folder / "suite.lock.json").exists()


def test_a_world_whose_results_are_no_json_is_refused(folder: Path) -> None:
    changed(folder / "world.py", 'return {"watered": True}', 'return {"watered": {True}}')
    with pytest.raises(BadInput, match="the world fails: TypeError: Object of type set is not JSON"):
        freeze(folder)


def test_the_proof_goes_on_where_a_world_fails(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = freeze(folder).tasks

    def fail(task: Task, found: Any) -> None:
        if task.id == tasks[0].id:
            raise WorldFault("the tool water failed")

    monkeypatch.setattr(selftest, "_examine_one", fail)
    assert selftest.selftest({"greenhouse": tasks})["faults"] == [
        f"{tasks[0].id}: the world fails: WorldFault: the tool water failed"
    ]


def test_a_forbidden_tool_of_ones_own_world_is_tried(folder: Path) -> None:
    task = next(task for task in freeze(folder).tasks if task.forbid)
    assert selftest.selftest({"greenhouse": [task]})["kinds"]["forbidden tool"]["killed"] > 0


@pytest.mark.parametrize("annotation, value, refused", [("Literal[1, 2]", 2, 3), ("Literal['a', 'b']", "b", "c")])
def test_a_choice_is_of_texts_or_of_whole_numbers(annotation: str, value: Any, refused: Any, tmp_path: Path) -> None:
    source = f"""
from typing import Literal
from mlx_train.world.base import World, tool
class Taps(World):
    domain = "taps"
    def __init__(self, state): self._n = state["n"]
    def state(self): return {{"n": self._n}}
    @tool
    def turn(self, to: {annotation}):
        "Turn it."
        self._n = to
        return {{}}
"""
    adopt(tmp_path / "world.py", source.encode())
    world = WORLDS["taps"]({"n": 0})
    assert world.call("turn", {"to": value}) == {} and world.state() == {"n": value}
    assert " or " in world.call("turn", {"to": refused})["error"] and "error" in world.call("turn", {"to": True})
    with pytest.raises(BadInput, match="all texts, or all whole numbers"):
        adopt(tmp_path / "world.py", source.replace(annotation, "Literal[1, 'a']").replace("taps", "pumps").encode())


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("x = 1\ny = (\n", "line 2: this world cannot be used: SyntaxError"),
        ("x = 1\nraise RuntimeError('no')\n", "line 2: this world cannot be used: RuntimeError: no"),
        ("x = 1\n", "defines no world"),
        ("from mlx_train.world.files import Files\nclass Mine(Files):\n    domain = 'files'\n", "'files' already"),
    ],
)
def test_a_world_that_cannot_be_used_is_named(tmp_path: Path, source: str, expected: str) -> None:
    before = dict(WORLDS)
    with pytest.raises(BadInput, match=expected):
        adopt(tmp_path / "world.py", source.encode())
    assert before == WORLDS and ADOPTED == {}


def test_two_worlds_of_one_domain_are_not_mixed(folder: Path, tmp_path: Path) -> None:
    freeze(folder)
    init(tmp_path / "second")
    changed(tmp_path / "second" / "world.py", "MOST = 20", "MOST = 30")
    with pytest.raises(BadInput, match="'greenhouse' already"):
        freeze(tmp_path / "second")


def test_suites_are_found_and_told_apart(folder: Path, tmp_path: Path) -> None:
    assert {path.name for path in suites_in(SUITES)} == {*NAMES, *BFCL_SUITES}
    with pytest.raises(GateBroken, match="gates freeze"):
        suites_in(tmp_path)
    freeze(folder)
    (tmp_path / "copy").mkdir()
    for path in folder.iterdir():
        (tmp_path / "copy" / path.name).write_bytes(path.read_bytes())
    with pytest.raises(GateBroken, match="same id"):
        load_own(tmp_path)
    (tmp_path / "hard").mkdir()
    with pytest.raises(BadInput, match="built-in suite"):
        freeze(tmp_path / "hard")
    arguments = ["gates", "run", "m", "--out", str(tmp_path / "o"), "--suites", str(folder), "--dev"]
    assert cli.call(arguments) == 64


def test_a_suite_without_a_world_of_its_own_uses_the_built_in_ones(tmp_path: Path) -> None:
    turn = Turn(user="Go.", templates=(), gold=(Call(name="touch", arguments={"file_name": "x"}),), say="Done.")
    task = Task(
        id="a/1",
        domain="files",
        family="a",
        tier="easy",
        split="gate",
        seed=0,
        world={"root": {"r": {}}},
        turns=(turn,),
    )
    write_jsonl(tmp_path / "mine" / "tasks.jsonl", [task.model_dump(mode="json")])
    suite = freeze(tmp_path / "mine")
    assert suite.tasks == (task,) and "world_sha256" not in read_json(tmp_path / "mine" / "suite.lock.json")


def test_what_own_rows_teach_can_be_measured(folder: Path) -> None:
    freeze(folder)
    assert WORLDS["greenhouse"].tools() == TOOLS


def test_rows_that_hold_tasks_of_ones_own_are_found(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tasks, rows = freeze(folder).tasks, tmp_path / "rows.jsonl"
    write_jsonl(rows, [from_task(tasks[0], "p").model_dump(mode="json")])
    assert cli.call(["data", "audit", str(rows), "--suites", str(folder), "--json"]) == 1
    assert list(json.loads(capsys.readouterr().out)) == ["greenhouse"]
    assert cli.call(["data", "audit", str(rows), "--suites", str(folder), "--dev"]) == 64


def test_a_broken_measurement_is_no_score(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    no_model(monkeypatch)
    freeze(folder)

    def crash(tasks: Any, *given: Any, suite: str, **options: Any) -> Any:
        rows = [{"task": task.id, "suite": suite, "turns": [], "end": "crash", "error": "e"} for task in tasks]
        return [{**row, "seconds": 0.0, "tokens": 0} for row in rows]

    monkeypatch.setattr("mlx_train.gates.run.run", crash)
    assert cli.call(["gates", "run", "good", "--suites", str(folder), "--out", str(tmp_path / "out")]) == 3
    assert read_json(tmp_path / "out" / "model.json")["suites"]["greenhouse"]["broken"] is True


def test_distracting_tools_do_not_depend_on_the_suites_that_are_loaded(folder: Path) -> None:
    task = first_task("heldout")
    before = [Disguised(task, distracted, str(seed)).tools() for seed in range(20)]
    freeze(folder)
    assert [Disguised(task, distracted, str(seed)).tools() for seed in range(20)] == before


def first_task(name: str) -> Task:
    with open(SUITES / name / "tasks.jsonl", encoding="utf-8") as stream:
        return Task.model_validate_json(stream.readline())


def test_the_docs_have_every_key() -> None:
    page = (Path(__file__).resolve().parent.parent / "docs" / "own-suites.md").read_text(encoding="utf-8")
    assert Task.model_validate_json(page.split("```json")[1].split("```")[0]).domain == "greenhouse"
    for kind in (Task, Turn, Call):
        for key in kind.model_fields:
            assert f"| `{key}` |" in page, key
