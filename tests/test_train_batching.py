"""Which rows run together: counted by hand, and for any lengths."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_train.chat.render import Example
from mlx_train.errors import BadInput
from mlx_train.train import batching


def row(name: str, begin: tuple[int, ...], rest: int, trained_from: int = 1) -> Example:
    ids = begin + tuple(range(20, 20 + rest))
    return Example(name, ids, tuple(i >= len(begin) + trained_from for i in range(len(ids))), len(begin))


def planned(examples, batch_tokens, seed=0, number=0, share=True):
    rows = [batching.measure(example) for example in examples]
    return rows, batching.epoch(rows, batching.arrange(examples, share), batch_tokens, seed, number)


def test_extent_counted_by_hand() -> None:
    example = Example("a", (9, 8, 7, 6, 5, 4), (False, False, False, True, True, False), 3)
    # The last target is token 4, predicted from token 3: tokens 0-3 run. Token 2 predicts the first target.
    assert batching.measure(example) == batching.Row(stop=4, shareable=2, targets=2)
    later = Example("a", (9, 8, 7, 6, 5, 4), (False, False, False, False, True, False), 2)
    assert batching.measure(later) == batching.Row(stop=4, shareable=1, targets=1)


def test_arrays_counted_by_hand() -> None:
    one = Example("a", (1, 2, 3, 10, 11, 12), (False,) * 3 + (True, False, True), 3)
    two = Example("b", (1, 2, 3, 20, 21), (False,) * 4 + (True,), 3)
    batch = batching.collate([one, two], batching.Micro((0, 1), 2, 8))
    assert batch.prefix is not None and batch.prefix.tolist() == [[1, 2]]
    assert batch.inputs.tolist() == [[3, 10, 11, 0, 0, 0, 0, 0], [3, 20, 0, 0, 0, 0, 0, 0]]
    assert batch.positions.tolist() == [0, 2, 9]
    assert batch.targets.tolist() == [10, 12, 21]


def test_tokens_and_padding_counted_by_hand() -> None:
    # Prefix 9 shared (the tenth token predicts); rows run 5, 5, 5 and 6 more tokens, padded to 8.
    examples = [row(str(n), tuple(range(10)), rest) for n, rest in enumerate((5, 5, 5, 6))]
    rows, micros = planned(examples, 9 + 4 * 8)
    assert [(len(m.rows), m.prefix, m.width, m.padded) for m in micros] == [(4, 9, 8, 41)]
    assert batching.padding(rows, micros) == {"padding_share": (41 - 9 - 21) / 41, "shapes": 1}
    _, micros = planned(examples, 9 + 2 * 8)
    assert [(len(m.rows), m.padded) for m in micros] == [(2, 25), (2, 25)]
    _, micros = planned(examples, 4 * 16, share=False)
    assert [(len(m.rows), m.prefix, m.width) for m in micros] == [(4, 0, 16)]


def test_prefixes_are_never_mixed_and_rare_ones_run_whole() -> None:
    files, mail, rare = tuple(range(10)), tuple(range(5, 15)), (3,) * 10
    examples = [row(f"{n}", (files, mail)[n % 2], 6) for n in range(10)] + [row("rare", rare, 6)]
    groups = {group.prefix: group.rows for group in batching.arrange(examples, True)}
    assert set(groups) == {9, 0} and groups[0] == (10,)
    _, micros = planned(examples, 1000)
    for micro in micros:
        assert len({examples[index].ids[: micro.prefix] for index in micro.rows}) == 1
    assert sorted(len(micro.rows) for micro in micros) == [1, 5, 5]


def test_lengths_are_bounded_and_close() -> None:
    lengths = {batching.padded_length(n) for n in range(1, 5000)}
    assert len(lengths) < 16 + 12 * 6
    for n in range(1, 5000):
        assert n <= batching.padded_length(n) <= max(n + 7, n * 1.125)


def test_rows_that_cannot_be_trained_on_are_named() -> None:
    with pytest.raises(BadInput, match="row x: no token"):
        batching.measure(Example("x", (1, 2), (False, False), 0))
    with pytest.raises(BadInput, match="row x: its first token"):
        batching.measure(Example("x", (1, 2), (True, False), 0))
    with pytest.raises(BadInput, match="row x: 2 tokens but 1"):
        batching.measure(Example("x", (1, 2), (True,), 0))


@settings(max_examples=60)
@given(
    lengths=st.lists(st.tuples(st.integers(0, 2), st.integers(2, 300)), min_size=1, max_size=60),
    budget=st.integers(1, 2000),
    seed=st.integers(0, 3),
    share=st.booleans(),
)
def test_every_row_exactly_once_within_the_budget(lengths, budget, seed, share) -> None:
    begins = (tuple(range(10)), tuple(range(5, 25)), ())
    examples = [row(str(n), begins[kind], rest) for n, (kind, rest) in enumerate(lengths)]
    rows, micros = planned(examples, budget, seed, share=share)
    assert Counter(r for micro in micros for r in micro.rows) == Counter(range(len(examples)))
    for micro in micros:
        assert len(micro.rows) == 1 or micro.padded <= budget
        assert all(0 < rows[r].stop - micro.prefix <= micro.width for r in micro.rows)
        assert all(micro.prefix < examples[r].trained.index(True) for r in micro.rows)
    assert (rows, micros) == planned(examples, budget, seed, share=share)
    _, other = planned(examples, budget, seed, number=1, share=share)
    shapes = [sorted((len(m.rows), m.prefix, m.width) for m in plan) for plan in (micros, other)]
    assert shapes[0] == shapes[1]


def test_order_depends_on_seed_and_epoch() -> None:
    examples = [row(str(n), tuple(range(10)), 5 + n % 40) for n in range(80)]
    plans = [planned(examples, 200, seed, number)[1] for seed, number in ((0, 0), (0, 1), (1, 0))]
    assert len(set(plans)) == 3
