"""Attention of rows that are decoded side by side, some of which begin with the same ids.

What rows begin with, a stem, is kept once: the scores of all rows on it are one matrix product (Hydragen, arXiv
2402.05099). Each row has its own ids after that, in one buffer per layer. The two parts are joined by their largest
scores and their sums, which gives the attention over both.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_lm.models import base

from mlx_train.head import exp

STEP = 256
"""Columns by which buffers grow."""
UNSEEN = -1e30
"""The score of what a query does not see."""


@dataclass(frozen=True, eq=False)
class Stem:
    """Ids that were read once, and each layer's keys and values of them, (heads, ids, width)."""

    ids: list[int]
    keys: list[mx.array]
    values: list[mx.array]


@dataclass
class Pass:
    """Where a forward pass writes and what its rows see; shared by all layers.

    Attributes:
        own: how many ids of its own, after its stem, each row holds.
        stems: what each row begins with.
        used: the rows whose results are wanted.
        counts: how many ids each row reads, where the model is given them one by one, as (all of them, 1): rows that
            read few are then not padded but in attention. None where it is given (rows, ids).
    """

    own: list[int]
    stems: list[Stem | None]
    used: Sequence[int]
    counts: Sequence[int] | None = None
    groups: list[tuple[Stem, list[int]]] = field(init=False)
    """Each stem with its rows."""
    begins: mx.array = field(init=False)
    """(rows,) where new ids go, in the rows' own columns."""
    places: mx.array = field(init=False)
    """(rows,) the positions of the first new ids."""
    offset: mx.array = field(init=False)
    """The same of what the model takes for rows."""

    def __post_init__(self) -> None:
        found: dict[int, tuple[Stem, list[int]]] = {}
        for row in self.used:
            if stem := self.stems[row]:
                found.setdefault(id(stem), (stem, []))[1].append(row)
        self.groups = list(found.values())
        self._masks: dict[tuple[int | None, int, int], mx.array] = {}
        self.begins = mx.array(self.own, mx.int32)
        self.places = self.offset = mx.array([self.position(row) for row in range(len(self.own))], mx.int32)
        if self.counts is not None:
            self._lay_out(self.counts)

    def _lay_out(self, counts: Sequence[int]) -> None:
        each = [(row, place) for row, count in enumerate(counts) for place in range(count)]
        self.offset = mx.array([self.position(row) + place for row, place in each], mx.int32)
        size, at = max(counts), dict(zip(each, range(len(each)), strict=True))
        padded = [at.get((row, place), 0) for row in range(len(counts)) for place in range(size)]
        self._padded, self._shape = mx.array(padded), (len(counts), size)
        self._flat = mx.array([row * size + place for row, place in each])

    def in_rows(self, some: mx.array) -> mx.array:
        """What the model made, with its heads, as (rows, heads, ids, width)."""
        if self.counts is None:
            return some
        found: mx.array = some[:, :, 0][self._padded].reshape(*self._shape, *some.shape[1::2]).swapaxes(1, 2)
        return found

    def as_given(self, some: mx.array) -> mx.array:
        """The way back."""
        if self.counts is None:
            return some
        return some.swapaxes(1, 2).reshape(-1, *some.shape[1::2])[self._flat][:, :, None]

    def mask(self, window: int | None, first: int, last: int, size: int) -> mx.array:
        """Of the rows' own columns `first .. last - 1` for `size` new ids each: made once for all layers alike."""
        key = (window, first, last)
        if key not in self._masks:
            column, place = mx.arange(first, last), (self.begins[:, None] + mx.arange(size))[:, None, None, :, None]
            seen = column <= place
            self._masks[key] = _mask(seen & (column > place - window) if window else seen)
        return self._masks[key]

    def position(self, row: int) -> int:
        """Of a row's first new id."""
        stem = self.stems[row]
        return self.own[row] + (len(stem.ids) if stem else 0)


@dataclass
class Part:
    """Attention over some of the columns: weighted values, the largest score, and the weights' sum relative to it."""

    values: mx.array
    top: mx.array
    total: mx.array


class Layer:
    """Keys and values of one layer, each (rows, heads, columns, width), after the rows' stems.

    To mlx-lm's models it is a cache like theirs. What stands past a row's end is never seen.
    """

    now: Pass

    def __init__(self, number: int, window: int | None) -> None:
        self.number = number
        self.window = window
        self.keys: mx.array | None = None
        self.values: mx.array | None = None
        self.attended = 0
        """In how many passes `attend` was called for it."""

    @property
    def offset(self) -> mx.array:
        """Positions at which the new ids begin."""
        return self.now.offset

    def make_mask(self, *_: Any, **__: Any) -> None:
        """What is seen is for `attention` to say."""

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        """Write what the model has for the new ids at the rows' ends; given back as it is, since `attention` has the
        rest."""
        new_keys, new_values = self.now.in_rows(keys), self.now.in_rows(values)
        size = new_keys.shape[2]
        width = max(self.now.own) + size
        at = (self.now.begins[:, None] + mx.arange(size))[:, None, :, None]
        self.keys = mx.put_along_axis(_wide(self.keys, new_keys, width), at, new_keys, axis=2)
        self.values = mx.put_along_axis(_wide(self.values, new_values, width), at, new_values, axis=2)
        return keys, values

    def attention(self, queries: mx.array, scale: float, sinks: mx.array | None = None) -> mx.array:
        """Of the model's queries, in float32: each id sees its row up to itself, within the window.

        Args:
            sinks: (heads,) scores that take weight and give nothing.
        """
        assert self.keys is not None and self.values is not None
        self.attended += 1
        asked = self.now.in_rows(queries)
        rows, heads, size, width = asked.shape
        shared = self.keys.shape[1]
        grouped = (asked.astype(mx.float32) * scale).reshape(rows, shared, heads // shared * size, width)
        parts = [self._own(grouped, size)]
        if self.now.groups:
            parts.append(self._stems(grouped, size))
        if sinks is not None:
            top = mx.repeat(sinks.astype(mx.float32), size).reshape(1, shared, -1, 1)
            parts.append(Part(mx.zeros_like(top), top, mx.ones_like(top)))
        whole = reduce(_join, parts)
        return self.now.as_given((whole.values / whole.total).reshape(asked.shape).astype(queries.dtype))

    def _own(self, queries: mx.array, size: int) -> Part:
        """Over the rows' own columns."""
        assert self.keys is not None and self.values is not None
        own, used = self.now.own, self.now.used
        first = max(0, min(own[row] for row in used) - self.window + 1) if self.window else 0
        last = max(own) + size
        mask = self.now.mask(self.window, first, last, size)
        split = (queries.shape[0], queries.shape[1], -1, size)
        return _part(queries, self.keys[:, :, first:last], self.values[:, :, first:last], mask, split)

    def _stems(self, queries: mx.array, size: int) -> Part:
        """Over what the rows begin with; nothing for rows that begin with nothing."""
        found, order = [], []
        for stem, rows in self.now.groups:
            found.append(self._stem(queries[mx.array(rows)], size, stem, rows))
            order += rows
        if rest := [row for row in range(queries.shape[0]) if row not in order]:
            nothing = mx.zeros((len(rest), *queries.shape[1:3], 1))
            found.append(Part(mx.zeros((len(rest), *queries.shape[1:])), nothing + UNSEEN, nothing))
            order += rest
        back = mx.argsort(mx.array(order))
        values, top, total = (
            mx.concatenate([getattr(part, name) for part in found])[back] for name in ("values", "top", "total")
        )
        return Part(values, top, total)

    def _stem(self, queries: mx.array, size: int, stem: Stem, rows: list[int]) -> Part:
        """Over one stem, for its rows together."""
        count, shared, _, width = queries.shape
        first, mask = 0, None
        if self.window:
            first = min(len(stem.ids) - 1, max(0, min(map(self.now.position, rows)) - self.window + 1))
            place = (self.now.places[mx.array(rows)][:, None] + mx.arange(size))[:, None, :, None]
            mask = _mask(mx.arange(first, len(stem.ids)) > place - self.window)
        together = queries.swapaxes(0, 1).reshape(shared, -1, width)
        keys, values = stem.keys[self.number][:, first:], stem.values[self.number][:, first:]
        part = _part(together, keys, values, mask, (shared, count, -1, size))

        def apart(some: mx.array) -> mx.array:
            return some.reshape(shared, count, -1, some.shape[-1]).swapaxes(0, 1)

        return Part(apart(part.values), apart(part.top), apart(part.total))

    def rows(self, rows: Sequence[int], columns: int) -> Layer:
        """A copy of the first columns of some rows."""
        layer = Layer(self.number, self.window)
        if self.keys is not None and self.values is not None:
            at = mx.array(list(rows))
            self.keys, self.values = _wide(self.keys, self.keys, columns), _wide(self.values, self.values, columns)
            layer.keys, layer.values = self.keys[:, :, :columns][at], self.values[:, :, :columns][at]
        return layer

    def put(self, row: int, source: Layer, of: int, columns: slice, rows: int) -> None:
        """Take over columns of a row of `source`; `rows` are in the buffer."""
        assert source.keys is not None and source.values is not None
        self.keys = _wide(self.keys, source.keys, columns.stop, rows)
        self.values = _wide(self.values, source.values, columns.stop, rows)
        self.keys[row : row + 1, :, columns] = source.keys[of : of + 1, :, columns]
        self.values[row : row + 1, :, columns] = source.values[of : of + 1, :, columns]


def _mask(seen: mx.array) -> mx.array:
    """What to add to scores; on a CPU that takes a tenth of choosing between them and `UNSEEN`."""
    return mx.where(seen, 0.0, UNSEEN)


def _part(queries: mx.array, keys: mx.array, values: mx.array, mask: mx.array | None, split: tuple[int, ...]) -> Part:
    """Attention of (..., queries, width) over (..., columns, width).

    Args:
        mask: added to the scores once they are (*split, columns); None where all is seen.
    """
    scores = queries @ keys.astype(mx.float32).swapaxes(-1, -2)
    weigh = _weigh_in_numpy if mx.default_device().type == mx.cpu else _weigh
    weights, top, total = weigh(scores, mask, split)
    return Part(weights @ values.astype(mx.float32), top, total)


def _weigh(scores: mx.array, mask: mx.array | None, split: tuple[int, ...]) -> tuple[mx.array, mx.array, mx.array]:
    """The powers of the masked scores relative to the largest of each query, that, and the powers' sum."""
    if mask is not None:
        scores = (scores.reshape(*split, scores.shape[-1]) + mask).reshape(scores.shape)
    top = scores.max(axis=-1, keepdims=True)
    weights = exp(scores - top)
    return weights, top, weights.sum(axis=-1, keepdims=True)


def _weigh_in_numpy(
    scores: mx.array, mask: mx.array | None, split: tuple[int, ...]
) -> tuple[mx.array, mx.array, mx.array]:
    """The same where MLX runs on a processor: NumPy takes a fifth of the time, most of which is the powers."""
    held = np.asarray(scores)
    if mask is not None:
        held = (held.reshape(*split, held.shape[-1]) + np.asarray(mask)).reshape(held.shape)
    top = held.max(axis=-1, keepdims=True)
    weights = held - top
    np.exp(weights, out=weights)
    return mx.array(weights), mx.array(top), mx.array(weights.sum(axis=-1, keepdims=True))


def _join(one: Part, other: Part) -> Part:
    """Attention over the columns of both."""
    top = mx.maximum(one.top, other.top)
    mine, its = exp(one.top - top), exp(other.top - top)
    return Part(one.values * mine + other.values * its, top, one.total * mine + other.total * its)


def _wide(held: mx.array | None, like: mx.array, columns: int, rows: int | None = None) -> mx.array:
    """The buffer, grown to at least so many columns; a new one, shaped like `like`, if there is none."""
    if held is not None and held.shape[2] >= columns:
        return held
    count, heads, _, width = like.shape if held is None else held.shape
    have = 0 if held is None else held.shape[2]
    more = mx.zeros((rows or count, heads, -(-columns // STEP) * STEP - have, width), like.dtype)
    return more if held is None else mx.concatenate([held, more], axis=2)


def attend(
    queries: mx.array,
    keys: mx.array,
    values: mx.array,
    cache: Any,
    scale: float,
    mask: Any,
    sinks: mx.array | None = None,
) -> mx.array:
    """What stands in the place of mlx-lm's `scaled_dot_product_attention`: the same, unless the cache is a `Layer`."""
    if isinstance(cache, Layer):
        return cache.attention(queries, scale, sinks)
    found: mx.array = base.scaled_dot_product_attention(queries, keys, values, cache, scale, mask, sinks)
    return found


def adopt(model: Any) -> None:
    """Let a model's layers attend by `attend`: it replaces mlx-lm's function in the modules where they look that up."""
    for name in {type(layer).__module__ for layer in model.modules()}:
        module = sys.modules[name]
        if getattr(module, "scaled_dot_product_attention", None) is base.scaled_dot_product_attention:
            module.scaled_dot_product_attention = attend  # type: ignore[attr-defined]
