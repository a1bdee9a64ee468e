"""Rollouts of tiny random models: batched and one by one give the same transcripts, and stopping is safe."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import pytest
from gates_fakes import FakeChat, counter_world, two_turns
from mlx.utils import tree_map
from mlx_lm.models import gemma3_text, qwen3

from mlx_train import processes
from mlx_train.chat.parse import Kind, ParsedCall, Reply
from mlx_train.errors import GateBroken
from mlx_train.files import read_jsonl, write_jsonl
from mlx_train.gates import attention, decoder, local, rollouts, seats
from mlx_train.gates.conversation import MOST_CONTEXT, Conversation
from mlx_train.gates.decoder import Decoder
from mlx_train.gates.local import Local, can_batch, roll_one, room
from mlx_train.gates.rollouts import Settings, recover, run

SETTINGS = Settings("be brief", max_new_tokens=6, max_calls=4, batch=4)
TASKS = [two_turns(f"counter.sum{number % 3}/gate/{number}", start=number * number) for number in range(11)]


class OftenStopping(FakeChat):
    """Some of the tokens end a message, so that a random model does."""

    stop_ids = frozenset(range(0, 128, 8))


def read_anything(raw: str, *, stopped: bool) -> Reply:
    """Make calls and words of the noise a random model writes."""
    code = sum(map(ord, raw)) + len(raw)
    if code % 3:
        return Reply(Kind.CALLS, (ParsedCall("add", {"amount": code % 7}),), "", raw)
    return Reply(Kind.WORDS, (), raw, raw)


def qwen(seed: int = 3) -> Any:
    mx.random.seed(seed)
    model = qwen3.Model(
        qwen3.ModelArgs(
            model_type="qwen3",
            hidden_size=32,
            num_hidden_layers=2,
            intermediate_size=48,
            num_attention_heads=4,
            rms_norm_eps=1e-6,
            vocab_size=128,
            num_key_value_heads=2,
            max_position_embeddings=2048,
            rope_theta=1e4,
            head_dim=8,
            tie_word_embeddings=False,
        )
    )
    return louder(model)


def gemma(seed: int = 3) -> Any:
    mx.random.seed(seed)
    model = gemma3_text.Model(
        gemma3_text.ModelArgs(
            model_type="gemma3_text",
            hidden_size=32,
            num_hidden_layers=3,
            intermediate_size=48,
            num_attention_heads=4,
            head_dim=8,
            rms_norm_eps=1e-6,
            vocab_size=128,
            num_key_value_heads=1,
            sliding_window=24,
            sliding_window_pattern=2,
            query_pre_attn_scalar=8,
        )
    )
    return louder(model)


def louder(model: Any) -> Any:
    """Larger matrices, so that what was read earlier decides what is written."""
    model.update(tree_map(lambda weight: 6 * weight if weight.ndim == 2 else weight, model.parameters()))
    mx.eval(model.parameters())
    return model


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


def alike(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in row.items() if key != "seconds"} for row in rows]


def one_by_one(model: Any, chat: FakeChat) -> list[dict[str, Any]]:
    found = []
    for task in TASKS:
        conversation = Conversation(task, chat, "be brief", suite="s", max_calls=4, parse=read_anything)
        found.append(roll_one(conversation, model, SETTINGS).transcript())
    return found


@cache
def expected_of(make: Any, stable: bool) -> list[dict[str, Any]]:
    return one_by_one(make(), OftenStopping(stable))


@pytest.fixture
def joined(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every model for one whose caches can only be joined."""
    monkeypatch.setattr(local, "can_decode", lambda model: False)
    monkeypatch.setattr(local, "roll_by_core", None)


def use(way: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if way == "joined":
        request.getfixturevalue("joined")
    else:
        monkeypatch.setattr(processes, "MOST", int(way.split()[0]))
        monkeypatch.setattr(local, "roll_many", None)
        monkeypatch.setattr("mlx_train.machine.cores", lambda: 2)


@pytest.mark.parametrize("make", [qwen, gemma])
@pytest.mark.parametrize("stable", [True, False])
@pytest.mark.parametrize("way", ["1 process", "2 processes", "joined"])
def test_batched_with_caches_equals_one_by_one_without(
    make: Any, stable: bool, way: str, tmp_path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    use(way, request, monkeypatch)
    model, chat = make(), OftenStopping(stable)
    assert can_batch(model)
    rows = run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=tmp_path / "s.jsonl")
    expected = expected_of(make, stable)
    assert alike(rows) == alike(expected)
    raws = [call["raw"] for row in rows for turn in row["turns"] for call in turn["calls"]]
    assert len(raws) > 10 and len(set(raws)) > 3, "the models must do different things for this test to say much"
    assert alike(read_jsonl(tmp_path / "s.jsonl")) == alike(expected)


def test_the_catalogue_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "MOST", 1)
    started: list[int] = []
    read: list[int] = []
    start, more = Decoder.start, Decoder.read
    monkeypatch.setattr(Decoder, "start", lambda self, ids: started.append(len(ids)) or start(self, ids))
    monkeypatch.setattr(Decoder, "read", lambda self, ids: read.extend(map(len, ids.values())) or more(self, ids))
    run(TASKS, Local(qwen(), OftenStopping(), read_anything), SETTINGS, suite="s", done=tmp_path / "s.jsonl")
    assert started == [len("tools:add,read\nsystem:be brief\n")]
    assert max(read) == len("user:Add 2 to 100 and tell me.\nassistant:") - 1


def test_two_tasks_of_different_catalogues_share_a_pass_and_read_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST", 1)
    numbers = cycle(range(len(TASKS)))  # asked for all tasks in order, then for each as it starts, in the same order
    monkeypatch.setattr(seats, "canonical", lambda tools: str(next(numbers)))
    monkeypatch.setattr(Decoder, "start", None)
    widest: list[int] = []
    step = Decoder.step
    monkeypatch.setattr(Decoder, "step", lambda self, ids, draws: widest.append(len(ids)) or step(self, ids, draws))
    model, chat = qwen(), OftenStopping()
    rows = run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=tmp_path / "s.jsonl")
    assert alike(rows) == alike(one_by_one(model, chat))
    assert max(widest) == SETTINGS.batch


def test_a_catalogue_goes_with_the_last_rollout_that_begins_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = cycle(range(len(TASKS)))  # asked for all tasks in order, then for each as it starts, in the same order
    monkeypatch.setattr(seats, "canonical", lambda tools: str(next(numbers) // 3))
    model, chat = qwen(), OftenStopping()
    started: list[int] = []
    start = Decoder.start
    monkeypatch.setattr(Decoder, "start", lambda self, ids: started.append(len(ids)) or start(self, ids))

    def begin(task: Any) -> Conversation:
        return Conversation(task, chat, "be brief", max_calls=4, parse=read_anything)

    taken = seats.Seats(TASKS, begin, model, chat, 1, SETTINGS)
    while taken.advance() is not None:
        pass
    assert len(started) == 4 and not taken.starts
    assert len(taken.stems) <= 1  # that of the last pass


def test_long_rows_grow_past_a_buffer_and_are_read_in_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attention, "STEP", 8)
    monkeypatch.setattr(decoder, "CHUNK", 16)
    for model in (qwen(), gemma()):
        rows = {0: [number % 97 for number in range(70)], 1: [5, 6, 7], 2: [number % 89 for number in range(41)]}
        side_by_side = Decoder(model, 3)
        side_by_side.read({row: ids[:-1] for row, ids in rows.items()})
        for _ in range(12):
            found = side_by_side.step({row: [ids[-1]] for row, ids in rows.items()}, {})
            rows = {row: [*ids, *found[row]] for row, ids in rows.items()}
        for ids in rows.values():
            for end in range(len(ids) - 12, len(ids)):
                logits = model(mx.array(ids[:end])[None])[0, -1]
                assert int(mx.argmax(logits)) == ids[end]


@pytest.mark.parametrize("make", [qwen, gemma])
@pytest.mark.parametrize("ids", [8, 100, 10_000])
def test_rollouts_too_long_for_the_memory_go_on_fewer_at_a_time(
    make: Any, ids: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`ids` is what each of four rows may hold: no rollout, the beginnings of all, all."""
    model, chat = make(), OftenStopping()
    held = SETTINGS.batch * ids * decoder.id_bytes(model)
    monkeypatch.setattr(local.machine, "usable_memory_gb", lambda: (held + 1) / local.KEPT / 1e9)
    monkeypatch.setattr(processes, "MOST", 1)
    begun: list[tuple[int, int | None]] = []
    longest: dict[int | None, int] = {}

    class Watched(seats.Seats):
        def __init__(self, tasks: Any, *args: Any) -> None:
            super().__init__(tasks, *args)
            begun.append((args[3], self.most))

        def advance(self) -> Any:
            found = super().advance()
            longest[self.most] = max(longest.get(self.most, 0), *self.decoder.own)
            return found

    monkeypatch.setattr(local, "Seats", Watched)
    rows = run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=tmp_path / "s.jsonl")
    assert alike(rows) == alike(expected_of(make, True))
    assert begun == [(4, ids), (2, 2 * ids), (1, None)][: len(begun)] and len(begun) == {8: 3, 100: 3, 10_000: 1}[ids]
    for most, own in longest.items():
        assert most is None or own <= most + SETTINGS.max_new_tokens


def test_the_catalogue_is_read_once_for_joined_caches(
    joined: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    once = local.read_catalogue
    monkeypatch.setattr(local, "read_catalogue", lambda model, ids: read.append(len(ids)) or once(model, ids))
    inserted: list[int] = []
    insert = local.BatchGenerator.insert

    def count(self: Any, prompts: list[list[int]], **more: Any) -> Any:
        inserted.extend(map(len, prompts))
        return insert(self, prompts, **more)

    monkeypatch.setattr(local.BatchGenerator, "insert", count)
    run(TASKS, Local(qwen(), OftenStopping(), read_anything), SETTINGS, suite="s", done=tmp_path / "s.jsonl")
    assert read == [len("tools:add,read\nsystem:be brief\n")]
    assert max(inserted) == len("user:Add 2 to 100 and tell me.\nassistant:")


def test_a_stopped_run_goes_on_and_drops_a_torn_line(tmp_path: Path) -> None:
    model, chat, done = qwen(), OftenStopping(), tmp_path / "s.jsonl"
    whole = alike(run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=done))
    lines = done.read_bytes().splitlines(keepends=True)
    done.write_bytes(b"".join(reversed(lines[2:6])) + lines[7][:40])
    seen: list[tuple[int, int]] = []
    rows = run(
        TASKS,
        Local(model, chat, read_anything),
        SETTINGS,
        suite="s",
        done=done,
        progress=lambda count, total, passed, left: seen.append((count, total)),
    )
    assert alike(rows) == whole
    assert seen == [(count, 11) for count in range(5, 12)]
    assert alike(read_jsonl(done)) == whole


def test_the_time_left_counts_what_is_half_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Eight side by side, 10 s each: 60 s in all. The first to end tells of more than itself."""
    clock = SimpleNamespace(now=0.0)
    clock.perf_counter = lambda: clock.now
    monkeypatch.setattr(rollouts, "time", clock)
    tasks = [two_turns(f"counter.sum/gate/{number}", start=number) for number in range(48)]

    def play(tasks: list[Any], start: Any, settings: Settings, finish: Any) -> None:
        for number, task in enumerate(tasks):
            clock.now = 10.0 * (1 + number // settings.batch)
            finish(dict.fromkeys(("suite", "turns", "error"), "") | {
                "task": task.id, "end": "budget", "seconds": 10.0, "tokens": 1
            })  # fmt: skip

    told: list[tuple[float, float]] = []
    run(
        tasks, SimpleNamespace(play=play), Settings("be brief", batch=8), suite="s", done=tmp_path / "s.jsonl",
        progress=lambda count, total, passed, left: told.append((left, 60 - clock.now)),
    )  # fmt: skip
    assert all(true / 2 < said < true * 2 for said, true in told[:32])
    assert told[-1] == (0, 0)


@pytest.mark.parametrize("result, words", [({"a": float("nan")}, "Hm."), ({"a": {1}}, "Hm."), ({}, "Hm \ud83d")])
def test_a_rollout_that_cannot_be_written_down_is_a_crash_and_the_others_stand(
    tmp_path: Path, result: Any, words: str
) -> None:
    def play(tasks: list[Any], start: Any, settings: Settings, finish: Any) -> None:
        for number, task in enumerate(tasks):
            call = {"name": "read", "arguments": {}, "result": result, "raw": "read()"}
            turn = {"user": "", "calls": [call], "words": words, "raw": words, "ended": True}
            row = {"task": task.id, "suite": "s", "end": "done", "error": "", "seconds": 1.0, "tokens": 1}
            finish({**row, "turns": [turn] if number == 1 else []})

    done = tmp_path / "s.jsonl"
    rows = run(TASKS[:3], SimpleNamespace(play=play), SETTINGS, suite="s", done=done)
    assert [row["end"] for row in rows] == ["done", "crash", "done"] and read_jsonl(done) == rows
    assert "cannot be written down" in rows[1]["error"]


def test_nothing_is_rolled_out_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, chat, done = qwen(), OftenStopping(), tmp_path / "s.jsonl"
    rows = run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=done)
    monkeypatch.setattr(local, "roll_by_core", None)
    assert run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=done) == rows


@pytest.mark.parametrize("end", ["crash", "time_out"])
def test_what_was_not_the_models_doing_is_tried_again(tmp_path: Path, end: str) -> None:
    model, chat, done = qwen(), OftenStopping(), tmp_path / "s.jsonl"
    whole = alike(run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=done))
    rows = read_jsonl(done)
    rows[3] |= {"end": end, "error": "no quota", "turns": []}
    write_jsonl(done, rows)
    assert alike(run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=done)) == whole
    assert alike(read_jsonl(done)) == whole


def test_a_conversation_has_the_window_of_its_model() -> None:
    for window, expected in ((64, 64), (10**6, MOST_CONTEXT), (None, MOST_CONTEXT)):
        model = SimpleNamespace(args=SimpleNamespace(max_position_embeddings=window))
        assert Local(model, FakeChat()).rollout(TASKS[0], "p").max_context == expected
    assert room(None) == MOST_CONTEXT


def test_a_damaged_or_foreign_file_is_refused(tmp_path: Path) -> None:
    done = tmp_path / "s.jsonl"
    done.write_text("nonsense\n{}\n")
    with pytest.raises(GateBroken, match="line 1"):
        recover(done)
    run(TASKS[:2], Local(qwen(), OftenStopping(), read_anything), SETTINGS, suite="s", done=tmp_path / "t.jsonl")
    with pytest.raises(GateBroken, match="not a task to be scored"):
        run(TASKS[:1], Local(qwen(), OftenStopping(), read_anything), SETTINGS, suite="s", done=tmp_path / "t.jsonl")


def test_a_model_whose_caches_do_not_join_goes_one_by_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, chat = qwen(), OftenStopping()
    monkeypatch.setattr(local, "can_decode", lambda model: False)
    monkeypatch.setattr(local, "can_batch", lambda model: False)
    monkeypatch.setattr(local, "roll_many", None)
    rows = run(TASKS, Local(model, chat, read_anything), SETTINGS, suite="s", done=tmp_path / "s.jsonl")
    assert alike(rows) == alike(one_by_one(model, chat))
