"""Greedy decoding of many rows whose keys and values stay where they are.

mlx-lm's `BatchGenerator` copies the caches of the whole batch whenever a row comes or goes; in rollouts that is at
nearly every step, since each tool call ends a message. Here every row keeps its place in one buffer per layer, and a
row that goes on only has its new ids read. Works for models whose layers keep plain or sliding-window caches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
from mlx_lm.models.cache import KVCache, RotatingKVCache, make_prompt_cache

from mlx_train.gates.sampling import Sampler

STEP = 256
"""Columns by which buffers grow."""
CHUNK = 512
"""Most ids of a row that one forward pass reads."""
PASS = 4096
"""Most ids, padding included, that one forward pass reads."""


@dataclass
class Span:
    """Where a forward pass writes; shared by all layers."""

    offset: mx.array
    """(rows,) ids that each row holds already."""
    longest: int
    """The largest of these."""


class Layer:
    """Keys and values of one layer, each (rows, heads, columns, width). What stands past a row's end is never read.

    To mlx-lm's models it is a cache like theirs.
    """

    def __init__(self, span: Span, window: int | None) -> None:
        self.span = span
        self.window = window
        self.keys: mx.array | None = None
        self.values: mx.array | None = None

    @property
    def offset(self) -> mx.array:
        """(rows,) positions at which the new ids begin."""
        return self.span.offset

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        """Write (rows, heads, ids, width) at the rows' ends and return all columns in use."""
        size = keys.shape[2]
        width = self.span.longest + size
        at = (self.span.offset[:, None] + mx.arange(size))[:, None, :, None]
        self.keys = mx.put_along_axis(_wide(self.keys, keys, width), at, keys, axis=2)
        self.values = mx.put_along_axis(_wide(self.values, values, width), at, values, axis=2)
        return self.keys[..., :width, :], self.values[..., :width, :]

    def make_mask(self, size: int, return_array: bool = False, window_size: int | None = None) -> mx.array:
        """(rows, 1, size, columns): each new id sees its row up to itself, within the window if there is one."""
        row = (self.span.offset[:, None] + mx.arange(size))[:, None, :, None]
        column = mx.arange(self.span.longest + size)
        mask = column <= row
        window = window_size or self.window
        return mask & (column > row - window) if window else mask

    def part(self, rows: Sequence[int], columns: int) -> Layer:
        """A copy of the first columns of some rows."""
        layer = Layer(self.span, self.window)
        if self.keys is not None and self.values is not None:
            self.keys, self.values = _wide(self.keys, self.keys, columns), _wide(self.values, self.values, columns)
            layer.keys = mx.concatenate([self.keys[row : row + 1, :, :columns] for row in rows])
            layer.values = mx.concatenate([self.values[row : row + 1, :, :columns] for row in rows])
        return layer

    def put(self, row: int, source: Layer, of: int, columns: slice, rows: int) -> None:
        """Take over columns of a row of `source`; `rows` are in the buffer."""
        assert source.keys is not None and source.values is not None
        self.keys = _wide(self.keys, source.keys, columns.stop, rows)
        self.values = _wide(self.values, source.values, columns.stop, rows)
        self.keys[row : row + 1, :, columns] = source.keys[of : of + 1, :, columns]
        self.values[row : row + 1, :, columns] = source.values[of : of + 1, :, columns]


def _wide(held: mx.array | None, like: mx.array, columns: int, rows: int | None = None) -> mx.array:
    """The buffer, grown to at least so many columns; a new one, shaped like `like`, if there is none."""
    if held is not None and held.shape[2] >= columns:
        return held
    count, heads, _, width = like.shape if held is None else held.shape
    have = 0 if held is None else held.shape[2]
    more = mx.zeros((rows or count, heads, -(-columns // STEP) * STEP - have, width), like.dtype)
    return more if held is None else mx.concatenate([held, more], axis=2)


def windows(model: Any) -> list[int | None] | None:
    """The sliding window of each layer, or None if a layer keeps something else than keys and values of its own."""
    found: list[int | None] = []
    for cache in make_prompt_cache(model):
        if type(cache) is RotatingKVCache and cache.keep == 0:
            found.append(int(cache.max_size))
        elif type(cache) is KVCache:
            found.append(None)
        else:
            return None
    return found


@dataclass(frozen=True)
class Start:
    """Ids that were read once, for rows to begin with."""

    ids: list[int]
    layers: list[Layer]


class Decoder:
    """A model and the rows it is writing."""

    def __init__(self, model: Any, rows: int) -> None:
        """Args: model: one for which `windows` is not None; rows: how many are decoded side by side."""
        kinds = windows(model)
        assert kinds is not None
        self.model = model
        self.lengths = [0] * rows
        """How many ids each row holds."""
        self.layers = [Layer(Span(mx.zeros(rows, mx.int32), 0), window) for window in kinds]

    def start(self, ids: list[int]) -> Start:
        """Read ids that several rows begin with."""
        layers = self._read([Layer(Span(mx.zeros(1, mx.int32), 0), layer.window) for layer in self.layers], [0], [ids])
        return Start(ids, layers)

    def begin(self, row: int, start: Start) -> None:
        """Let a row begin with ids that were read."""
        self.lengths[row] = len(start.ids)
        for layer, source in zip(self.layers, start.layers, strict=True):
            layer.put(row, source, 0, slice(0, len(start.ids)), len(self.lengths))

    def cut(self, row: int, length: int) -> None:
        """Forget all but the first ids of a row."""
        self.lengths[row] = length

    def read(self, more: dict[int, list[int]]) -> None:
        """Let rows read ids; rows of like length go together, so that little is padded."""
        for rows in _alike({row: (self.lengths[row], len(ids)) for row, ids in more.items() if ids}):
            lengths, ids = [self.lengths[row] for row in rows], [more[row] for row in rows]
            columns = max(lengths) + max(map(len, ids))
            layers = self._read([layer.part(rows, columns) for layer in self.layers], lengths, ids)
            for number, row in enumerate(rows):
                new = slice(self.lengths[row], self.lengths[row] + len(more[row]))
                for layer, source in zip(self.layers, layers, strict=True):
                    layer.put(row, source, number, new, len(self.lengths))
                self.lengths[row] = new.stop
            mx.eval([(layer.keys, layer.values) for layer in self.layers])

    def step(self, tokens: dict[int, int], draws: dict[int, Sampler]) -> dict[int, int]:
        """Let rows read one id each and return the next id of each; the other rows stay as they are.

        The next id is the likeliest, or where `draws` has the row, what that draws.
        """
        span = Span(mx.array(self.lengths, mx.int32), max(self.lengths))
        for layer in self.layers:
            layer.span = span
        ids = mx.array([tokens.get(row, 0) for row in range(len(self.lengths))], mx.int32)
        logits = self.model(ids[:, None], cache=self.layers)[:, -1]
        best = mx.argmax(logits, axis=-1)
        drawn = {row: draw(logits[row : row + 1]) for row, draw in draws.items()}
        mx.eval(best, drawn, [(layer.keys, layer.values) for layer in self.layers])
        for row in tokens:
            self.lengths[row] += 1
        found: Any = best.tolist()
        for row, id in drawn.items():
            found[row] = id.item()
        return {row: int(found[row]) for row in tokens}

    def keep(self, rows: Sequence[int]) -> None:
        """Drop all rows but these, which take the places 0, 1, ..."""
        self.lengths = [self.lengths[row] for row in rows]
        self.layers = [layer.part(rows, max(self.lengths)) for layer in self.layers]

    def _read(self, layers: list[Layer], lengths: list[int], ids: list[list[int]]) -> list[Layer]:
        """Run the model over the ids, padded at their ends; what padding leaves behind lies past the rows' ends."""
        size = max(map(len, ids))
        padded = mx.array([row + [0] * (size - len(row)) for row in ids], mx.int32)
        for first in range(0, size, CHUNK):
            span = Span(mx.array([length + first for length in lengths], mx.int32), max(lengths) + first)
            for layer in layers:
                layer.span = span
            self.model(padded[:, first : first + CHUNK], cache=layers)
            mx.eval([(layer.keys, layer.values) for layer in layers])
        return layers


def _alike(sizes: dict[int, tuple[int, int]]) -> Iterable[list[int]]:
    """Rows, each with the number of ids it holds and of those it is to read, in groups for one pass each.

    A row joins a group where that is cheaper than to begin a new one.
    """
    group: list[int] = []
    held = new = 0
    for row in sorted(sizes, key=lambda row: sum(sizes[row])):
        most, longest = max(held, sizes[row][0]), max(new, sizes[row][1])
        joined = _cost(len(group) + 1, most, longest)
        if group and (joined > _cost(len(group), held, new) + _cost(1, *sizes[row]) or longest * len(group) > PASS):
            yield group
            group, (most, longest) = [], sizes[row]
        group.append(row)
        held, new = most, longest
    if group:
        yield group


def _cost(rows: int, held: int, new: int) -> float:
    """Roughly what a pass costs, in ids read without context: attention costs as much as the rest at 512 columns."""
    return 32 + rows * new * (1 + (held + new) / 512)
