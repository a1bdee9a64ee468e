"""Only training tasks are done, only what passes is kept, and the row is the conversation that passed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from gates_fakes import FakeChat, counter_world, say, two_turns

from mlx_train import models
from mlx_train.data.build import build, practice
from mlx_train.data.trajectory import from_task, load
from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, read_jsonl, write_json
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.rollouts import Settings
from mlx_train.recipe import Recipe
from mlx_train.self_training import of_run, rollouts
from mlx_train.tasks.task import Task

SETTINGS = Settings("be brief", batch=4, temperature=0.7, samples=3)
ABOUT = {"run": "tiny/1", "sha256": "ab" * 32}
RIGHT, ASK = "It is {sum}.", "How much?"


def call(name: str, **arguments: Any) -> str:
    given = ", ".join(f'"{key}": {value}' for key, value in arguments.items())
    return f'<tool_call>{{"name": "{name}", "arguments": {{{given}}}}}</tool_call>'


ADD, READ, SLIP, NONE = call("add", amount=2), call("read"), call("add", amount=-1), call("subtract")


class Scripted:
    """A player that says what it is told to for a task and a sample."""

    format = "hermes"

    def __init__(self, script: Callable[[Task, int], Sequence[str]], most: int = 1000) -> None:
        self.script = script
        self.left = most
        self.played: list[tuple[str, int]] = []

    def shared(self, tools: Sequence[dict[str, Any]], system: str) -> list[Any]:
        return []

    def versions(self) -> dict[str, str]:
        return {}

    def rollout(self, task: Task, system: str, **options: Any) -> Conversation:
        return Conversation(task, FakeChat(), system, **options)

    def play(self, tasks: Sequence[Task], start: Any, settings: Settings, finish: Any) -> None:
        for task in tasks:
            if not self.left:
                raise KeyboardInterrupt
            self.left -= 1
            conversation = start(task)
            self.played.append((task.id, conversation.sample))
            total = task.world["value"] + 2
            say(conversation, *(text.format(sum=total) if text == RIGHT else text for text in
                                self.script(task, conversation.sample)))  # fmt: skip
            finish(conversation.transcript())


@pytest.fixture(autouse=True)
def counter() -> Iterator[None]:
    with counter_world():
        yield


def tasks(count: int) -> list[Task]:
    return [
        two_turns(f"counter.sum{number % 2}/train/{number}", start=number).model_copy(update={"split": "train"})
        for number in range(count)
    ]


def act(which: Sequence[Task], player: Scripted, out: Path, settings: Settings = SETTINGS) -> dict[str, Any]:
    return rollouts(which, player, FakeChat.parse, settings, out, about=ABOUT)


def by_task(task: Task, sample: int) -> Sequence[str]:
    """Task 0 passes in samples 2 (four calls) and 3 (one), 1 never, 2 always, 3 in sample 1 by a tool there is not."""
    wrong, right = [ADD, "It is 99.", ASK], [ADD, RIGHT, ASK]
    number = int(task.id.rsplit("/", 1)[1])
    if number == 0:
        return {1: wrong, 2: [READ, READ, ADD, READ, RIGHT, ASK], 3: right}[sample]
    if number == 3:
        return [NONE, ADD, RIGHT, ASK] if sample == 1 else wrong
    return right if number == 2 else wrong


def test_of_those_that_passed_the_one_with_the_fewest_calls_becomes_a_row(tmp_path: Path) -> None:
    found = act(tasks(4), Scripted(by_task), tmp_path)
    counts = {key: found[key] for key in ("tasks", "rollouts", "passed", "solved", "kept", "unfit")}
    assert counts == {"tasks": 4, "rollouts": 12, "passed": 6, "solved": 3, "kept": 2, "unfit": 1}
    assert found["families"] == {
        "counter.sum0": {"tasks": 2, "passed": 5, "kept": 2}, "counter.sum1": {"tasks": 2, "passed": 1, "kept": 0},
    }  # fmt: skip
    assert read_json(tmp_path / "summary.json") == found
    rows = load(tmp_path / "train.jsonl")
    assert [row.id for row in rows] == [
        "rollout/abababababab/counter.sum0/train/0/3", "rollout/abababababab/counter.sum0/train/2/1",
    ]  # fmt: skip
    assert rows[0].provenance == {**ABOUT, "sample": 3, "temperature": 0.7}
    # It did what the gold solution does, in the same words, so the row is the gold one's.
    gold = from_task(tasks(1)[0], "be brief")
    assert (rows[0].messages, rows[0].tools, rows[0].templates) == (gold.messages, gold.tools, gold.templates)
    assert gold.provenance is None and "provenance" not in gold.model_dump()


def test_the_way_back_from_a_slip_is_learnt_and_the_slip_is_not(tmp_path: Path) -> None:
    act(tasks(1), Scripted(lambda task, sample: [SLIP, ADD, RIGHT, ASK]), tmp_path)
    (row,) = load(tmp_path / "train.jsonl")
    said = [message for message in row.messages if message["role"] == "assistant"]
    assert [message.get("train", True) for message in said] == [False, True, True, True]


def test_it_goes_on_where_it_stopped(tmp_path: Path) -> None:
    first, second, straight = Scripted(by_task, most=5), Scripted(by_task), Scripted(by_task)
    with pytest.raises(KeyboardInterrupt):
        act(tasks(4), first, tmp_path / "a")
    assert len(read_jsonl(tmp_path / "a" / "transcripts.jsonl")) == 5
    act(tasks(4), second, tmp_path / "a")
    assert len(first.played) == 5 and not set(first.played) & set(second.played) and len(second.played) == 7
    act(tasks(4), straight, tmp_path / "b")
    assert (tmp_path / "a" / "train.jsonl").read_bytes() == (tmp_path / "b" / "train.jsonl").read_bytes()
    with pytest.raises((BadInput, GateBroken)):
        act(tasks(4), Scripted(by_task), tmp_path / "a", Settings("be long", temperature=0.7, samples=3))


def test_rollouts_of_tasks_that_say_something_else_now_are_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        act(tasks(4), Scripted(by_task, most=5), tmp_path)
    first, *others = tasks(4)
    turns = (first.turns[0].model_copy(update={"user": "Add two, please."}), *first.turns[1:])
    with pytest.raises(BadInput, match="another model, prompt"):
        act([first.model_copy(update={"turns": turns}), *others], Scripted(by_task), tmp_path)


def test_a_base_that_has_changed_since_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    recipe = Recipe(name="r", base={"name": "b"}, data={"sources": [{"domain": "files", "rows": 1}]})
    write_json(tmp_path / "run.json", {
        "id": "1", "fingerprint": "1", "recipe": recipe.model_dump(mode="json"), "base": {"weights_sha256": "before"},
        "stages": {},
    })  # fmt: skip
    monkeypatch.setattr(models, "locate", lambda base: tmp_path)
    monkeypatch.setattr(models, "weights_sha256", lambda path: "now")
    with pytest.raises(BadInput, match="have SHA-256 now; the run was trained on before"):
        of_run(tmp_path, 1, 1, 0.7, tmp_path / "out", lambda *_: None)


def test_what_is_not_for_training_is_refused_before_anything_is_rolled_out(tmp_path: Path) -> None:
    for split in ("dev", "gate"):
        player = Scripted(by_task)
        with pytest.raises(BadInput, match=f"split {split}"):
            act([*tasks(1), two_turns("counter.sum/x/9").model_copy(update={"split": split})], player, tmp_path)
        assert not player.played and not list(tmp_path.iterdir())
    with pytest.raises(BadInput, match="temperature above 0"):
        act(tasks(1), Scripted(by_task), tmp_path, Settings("be brief"))


def test_practice_is_of_the_recipes_families_and_none_of_its_rows(tmp_path: Path) -> None:
    sources = [{"domain": "files", "tiers": ["easy"], "rows": 30}, {"domain": "calendar", "rows": 10}]
    recipe = Recipe.model_validate(
        {"name": "x", "base": {"name": "embedded"}, "data": {"sources": sources, "replay": 0.2, "dev_rows": 2}}
    )
    build(recipe, tmp_path, fault=None)
    rows = load(tmp_path / "train.jsonl")
    found = practice(recipe, 50)
    assert len(found) == 50 and {task.split for task in found} == {"train"}
    assert not {task.id for task in found} & {row.id for row in rows}
    assert sum(task.domain == "files" for task in found) == 30  # 30 of 50: the recipe has 30, 10 and 10 rows
    assert all(task.tier == "easy" for task in found if task.domain == "files")
    assert practice(recipe, 50) == found
    with pytest.raises(BadInput, match="no checker"):
        practice(recipe.model_copy(update={"data": recipe.data.model_copy(update={"sources": ()})}), 5)
