"""Rows decoded side by side write what each writes alone, whatever they begin with and whatever is guessed."""

from __future__ import annotations

from typing import Any

import mlx.core as mx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mlx_lm.models import gemma2
from test_gates_rollouts import gemma, qwen

from mlx_train.gates import attention
from mlx_train.gates.attention import Layer, Pass, Stem
from mlx_train.gates.decoder import Decoder, can_decode
from mlx_train.gates.drafts import Memory, guess


def likeliest(model: Any, ids: list[int]) -> int:
    return int(mx.argmax(model(mx.array(ids)[None])[0, -1]))


def greedy(model: Any, ids: list[int], count: int) -> list[int]:
    found = list(ids)
    for _ in range(count):
        found.append(likeliest(model, found))
    return found[len(ids) :]


@pytest.mark.parametrize("make", [qwen, gemma])
def test_rows_of_several_stems_write_what_each_writes_alone(make: Any) -> None:
    model = make()
    decoder = Decoder(model, 4)
    stems = [[7 * n % 97 for n in range(40)], [5 * n % 89 for n in range(13)]]
    own = {0: [3, 4, 5], 1: [9] * 30, 2: [11, 12], 3: [13]}
    begins = {0: stems[0], 1: stems[1], 2: stems[0], 3: []}
    read = [decoder.start(ids) for ids in stems]
    for row, which in ((0, 0), (1, 1), (2, 0)):
        decoder.begin(row, read[which])
    decoder.read({row: ids[:-1] for row, ids in own.items()})
    rows = {row: begins[row] + ids for row, ids in own.items()}
    assert decoder.lengths == [len(rows[row]) - 1 for row in range(4)]
    right = {row: greedy(model, ids, 9) for row, ids in rows.items()}

    # Row 0: all guesses right; row 1: the second wrong; row 2: none; row 3 waits.
    wrong = (right[1][1] + 1) % 97
    guesses = {0: right[0][:3], 1: [right[1][0], wrong, 5], 2: []}
    found = decoder.step({row: [rows[row][-1], *some] for row, some in guesses.items()}, {})
    assert found == {0: right[0][:4], 1: right[1][:2], 2: right[2][:1]}
    written = {row: found.get(row, []) for row in rows}
    while min(map(len, written.values())) < 9:
        ids = {row: [*rows[row], *written[row]][-1:] for row in rows if len(written[row]) < 9}
        for row, some in decoder.step(ids, {}).items():
            written[row] += some
    assert written == right

    decoder.keep([1, 3])
    assert decoder.step({0: [right[1][-1]]}, {}) == {0: [likeliest(model, rows[1] + right[1])]}
    decoder.cut(0, 5)  # in the middle of its stem, so that is given up
    assert decoder.lengths[0] == 0


def test_an_id_is_drawn_only_where_what_is_before_it_was_drawn() -> None:
    decoder, drawn = Decoder(qwen(), 1), []

    def draw(logits: mx.array) -> mx.array:
        drawn.append(logits.shape)
        return mx.array([50 + len(drawn)])

    assert decoder.step({0: [1, 51, 9, 53]}, {0: draw}) == {0: [51, 52]}
    assert drawn == [(1, 128)] * 2 and decoder.lengths == [2]


@pytest.mark.parametrize("window", [None, 6])
@pytest.mark.parametrize("sunk", [False, True])
@pytest.mark.parametrize("kind", [mx.float32, mx.bfloat16])
@pytest.mark.parametrize("weigh", [attention._weigh, attention._weigh_in_numpy])
def test_attention_is_that_of_the_whole_rows(
    window: int | None, sunk: bool, kind: mx.Dtype, weigh: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attention, "_weigh", weigh)
    monkeypatch.setattr(attention, "_weigh_in_numpy", weigh)
    mx.random.seed(5)
    held, new, stem_size = [4, 0, 7], 2, 5

    def some(*shape: int) -> mx.array:
        return mx.random.normal(shape).astype(kind)

    stem = Stem(list(range(stem_size)), [some(2, stem_size, 8)], [some(2, stem_size, 8)])
    stems = [stem, None, stem]
    keys, values = some(3, 2, 9, 8), some(3, 2, 9, 8)
    queries, sinks = some(3, 4, new, 8), mx.random.normal((4,)) if sunk else None
    layer = Layer(0, window)
    layer.now = Pass([0, 0, 0], stems, range(3))
    layer.update_and_fetch(keys, values)
    layer.now = Pass(held, stems, range(3))
    found = layer.attention(queries, 0.3, sinks)
    assert found.dtype == kind
    for row, own in enumerate(held):
        before = [stem.keys[0][None], stem.values[0][None]] if stems[row] else [keys[:1, :, :0], values[:1, :, :0]]
        whole = [
            mx.concatenate([first, mine[row : row + 1, :, : own + new]], axis=2)
            for first, mine in zip(before, (keys, values), strict=True)
        ]
        size = whole[0].shape[2]
        place = mx.arange(size - new, size)[:, None]
        mask = mx.arange(size) <= place
        mask = mask & (mx.arange(size) > place - window) if window else mask
        expected = mx.fast.scaled_dot_product_attention(
            queries[row : row + 1], *whole, scale=0.3, mask=mask, sinks=None if sinks is None else sinks.astype(kind)
        )
        assert mx.allclose(found[row : row + 1], expected, atol=2e-2 if kind == mx.bfloat16 else 1e-5)


def test_a_model_that_attends_in_its_own_way_is_not_decoded() -> None:
    made = gemma2.Model(
        gemma2.ModelArgs(
            model_type="gemma2",
            hidden_size=32,
            num_hidden_layers=2,
            intermediate_size=48,
            num_attention_heads=4,
            head_dim=8,
            rms_norm_eps=1e-6,
            vocab_size=128,
            num_key_value_heads=1,
        )
    )
    assert not can_decode(made)
    assert can_decode(qwen()) and can_decode(gemma())


def test_a_guess_is_what_followed_the_longest_run() -> None:
    mine, others = Memory(), Memory()
    mine.learn([1, 2, 3, 4, 9, 3, 7])
    others.learn([8, 2, 3, 5, 6, 7])
    assert guess([mine, others], [1, 2, 3], 2) == [4, 9]
    assert guess([mine, others], [8, 2, 3], 9) == [5, 6, 7]
    assert guess([mine, others], [0, 0, 3], 1) == [7]  # the latest
    assert guess([mine, others], [0, 0, 0], 4) == []


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, 3), max_size=30), st.integers(0, 6))
def test_a_guess_follows_the_last_id_somewhere(ids: list[int], most: int) -> None:
    memory = Memory()
    memory.learn(ids)
    found = guess([memory], ids, most)
    assert len(found) <= most
    if found:
        size = len(found)
        assert any(ids[at - 1] == ids[-1] and ids[at : at + size] == found for at in range(1, len(ids)))
