"""The gates' bench rolls out the same tasks in each way, and each way writes what plain generation writes."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from gates_fakes import STOP, FakeChat, counter_world, two_turns
from test_gates_rollouts import TASKS, OftenStopping, qwen

from mlx_train import machine
from mlx_train.bench import gates as bench
from mlx_train.gates.rollouts import Settings

SETTINGS = Settings("be brief", max_new_tokens=6, max_calls=4, batch=4)


@pytest.fixture(autouse=True)
def world(monkeypatch) -> Iterator[None]:
    monkeypatch.setattr(machine, "read_rate", lambda: 10.0)
    with counter_world():
        yield


@pytest.mark.parametrize("stable", [True, False])
def test_every_way_writes_the_same(stable) -> None:
    model, chat = qwen(), OftenStopping(stable)
    plain = bench.plain(TASKS, model, chat, SETTINGS)
    assert bench.alike(bench.cached(TASKS, model, chat, SETTINGS), plain) == 1
    assert bench.alike(bench.ours(TASKS, model, chat, SETTINGS), plain) == 1
    assert bench.alike(bench.plain(TASKS, qwen(seed=4), chat, SETTINGS), plain) < 1


def test_other_tokens_for_the_same_text_are_another_transcript() -> None:
    """7 and 8 are written alike, as pieces of a word can be."""

    class Alike(FakeChat):
        tokenizer = SimpleNamespace(decode=lambda ids: "".join("x" for _ in ids))

    def rolled(*ids: int) -> dict[str, Any]:
        conversation = bench.Remembered(two_turns(), Alike(), "p", suite="s")
        for id in ids:
            conversation.receive([id, STOP])
        return conversation.transcript()

    some, others = rolled(7, 7), rolled(7, 8)
    assert some["ids"] == [[7, STOP], [7, STOP]] and some["turns"] == others["turns"]
    assert bench.alike([some], [rolled(7, 7)]) == 1 and bench.alike([some], [others]) == 0


def test_the_comparison_has_the_keys_that_others_read() -> None:
    said: list[str] = []
    found = bench.compare(TASKS, qwen(), OftenStopping(), SETTINGS, 2, said.append)
    assert found["transcripts_equal"] is True and found["same_when_batched"] == 1
    assert found["ratio_wall"] > 0 and found["ratio_wall_cached_peer"] > 0
    assert {way["tokens"] for way in found["ways"].values()} == {found["ways"]["ours"]["tokens"]}
    assert said[0] == "round 1 of 2, ours" and said[-1] == "ours at batch 1" and len(said) == 7
    assert "those of plain generation" in bench.text(found)


def test_the_bound_by_hand() -> None:
    model = qwen()
    # 128 x 32 in and out of the vocabulary; two blocks of q 32 x 32, k and v 16 x 32, o 32 x 32, three MLP matrices of
    # 48 x 32, two norms of 32 and two of 8; one norm of 32. All in float32.
    block = 2 * 32 * 32 + 2 * 16 * 32 + 3 * 48 * 32 + 2 * 32 + 2 * 8
    size = 4 * (2 * 128 * 32 + 2 * block + 32) / 1e9
    found = bench.bound(model, tokens=1000, batch=4, seconds=2.0)
    assert found["weights_gb"] == pytest.approx(size)
    assert found["least_seconds"] == pytest.approx(250 * size / 10)
    assert found["share_reached"] == pytest.approx(found["least_seconds"] / 2)
