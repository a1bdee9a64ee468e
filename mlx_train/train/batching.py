"""Which rows run together: micro-batches of one shared prefix and nearly equal lengths.

Everything here is a pure function of the rows, the settings, the seed and the epoch, so a resumed run sees the rows
in the order that an uninterrupted one does.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mlx.core as mx
import numpy as np

from mlx_train.errors import BadInput

if TYPE_CHECKING:
    from mlx_train.chat.render import Example

LEAST_ROWS = 4
"""Fewer rows of one prefix are not worth a batch of their own; they run as whole rows with others."""
WIDEST = 1.5
"""Most that the longest row of a batch may exceed the shortest, in padded length."""
PIECE = 128
"""Tokens of a piece of text that a step is held near the stock on, the first of which is given."""
PIECES = 128


@dataclass(frozen=True)
class Row:
    """What of an example has to run: tokens `0 .. stop - 1`; nothing after the last target's predecessor matters."""

    stop: int
    """Index of the last target, which is the number of input tokens."""
    shareable: int
    """Leading tokens that may run once for several rows; the predecessor of the first target is never one of them."""
    targets: int
    """Number of supervised tokens."""


@dataclass(frozen=True)
class Group:
    """Rows that begin with the same `prefix` tokens; with `prefix` 0, rows that share nothing."""

    prefix: int
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Micro:
    """One micro-batch: `prefix` tokens run once, then for each row `width` tokens, padding included."""

    rows: tuple[int, ...]
    prefix: int
    width: int

    @property
    def padded(self) -> int:
        """Tokens that run through the model."""
        return self.prefix + len(self.rows) * self.width


@dataclass(frozen=True)
class Batch:
    """The arrays of a micro-batch."""

    prefix: mx.array | None
    """Token ids (1, prefix), or None."""
    inputs: mx.array
    """Token ids (rows, width), padded on the right; padding cannot be seen by what precedes it."""
    positions: mx.array
    """Where a target is predicted from, as an index into the flattened (rows * width) inputs; shape (targets,)."""
    targets: mx.array
    """Token ids to predict, shape (targets,)."""
    held: mx.array | None
    """Which of them are in rows that are held near the stock, indices into `targets`; None: no row is."""


def measure(example: Example) -> Row:
    """The extent of one example.

    Raises:
        BadInput: nothing in it is supervised, its first token is, or its parts differ in length.
    """
    if len(example.ids) != len(example.trained):
        raise BadInput(f"row {example.id}: {len(example.ids)} tokens but {len(example.trained)} supervision marks.")
    targets = [index for index, trained in enumerate(example.trained) if trained]
    if not targets:
        raise BadInput(f"row {example.id}: no token of it is supervised. Remove the row or train one of its messages.")
    if targets[0] == 0:
        raise BadInput(f"row {example.id}: its first token is supervised, but nothing precedes it to predict it from.")
    return Row(targets[-1], max(0, min(example.shared, targets[0]) - 1), len(targets))


def padded_length(length: int) -> int:
    """The next of a bounded set of lengths: multiples of 8, from 128 on eight to sixteen of them per doubling."""
    step = max(8, 1 << max(0, length.bit_length() - 4))
    return -(-length // step) * step


def arrange(examples: Sequence[Example], share: bool) -> tuple[Group, ...]:
    """Group rows by identical prefix tokens; prefixes of too few rows fall into the group that shares nothing."""
    by_prefix: dict[tuple[int, ...], list[int]] = defaultdict(list)
    for index, example in enumerate(examples):
        by_prefix[tuple(example.ids[: measure(example).shareable]) if share else ()].append(index)
    groups = [
        Group(len(prefix), tuple(rows)) for prefix, rows in by_prefix.items() if len(rows) >= LEAST_ROWS and prefix
    ]
    shared = {row for group in groups for row in group.rows}
    alone = tuple(index for index in range(len(examples)) if index not in shared)
    return (*groups, *([Group(0, alone)] if alone else []))


def epoch(rows: Sequence[Row], groups: Sequence[Group], batch_tokens: int, seed: int, number: int) -> tuple[Micro, ...]:
    """The micro-batches of one epoch in the order they run; every row is in exactly one of them.

    Which rows of about the same length run together, and the order of the batches, are drawn from (seed, number); how
    many batches there are and their shapes are not, so that the number of steps is known beforehand.

    Args:
        rows: extents of all rows.
        groups: as `arrange` made them.
        batch_tokens: most tokens of a micro-batch, padding included; a single longer row runs alone.
        seed: of the run.
        number: of the epoch, from 0.
    """
    order = random.Random(f"batches {seed} {number}")
    micros = [micro for group in groups for micro in _cut(rows, group, batch_tokens, order)]
    order.shuffle(micros)
    return tuple(micros)


def _cut(rows: Sequence[Row], group: Group, batch_tokens: int, order: random.Random) -> list[Micro]:
    """Longest rows first; windows of similar lengths, each cut into batches of nearly equal numbers of rows."""
    widths = {row: padded_length(rows[row].stop - group.prefix) for row in group.rows}
    shuffled = order.sample(group.rows, len(group.rows))
    ordered = sorted(shuffled, key=widths.__getitem__, reverse=True)
    micros = []
    start = 0
    while start < len(ordered):
        width = widths[ordered[start]]
        end = next((i for i in range(start, len(ordered)) if widths[ordered[i]] * WIDEST < width), len(ordered))
        capacity = max(1, (batch_tokens - group.prefix) // width)
        pieces = -(-(end - start) // capacity)
        for piece in range(pieces):
            first, last = (start + (end - start) * k // pieces for k in (piece, piece + 1))
            part = tuple(ordered[first:last])
            micros.append(Micro(part, group.prefix, max(widths[row] for row in part)))
        start = end
    return micros


def of_text(count: int, tokens: int, seed: int, step: int) -> list[Micro]:
    """The pieces of text that a step looks at: of `count`, whole ones of so many tokens together, and one at least.

    They come in two halves, so that two processes or lanes have as much to do.
    """
    drawn = random.Random(f"texts {seed} {step}").sample(range(count), min(count, max(1, tokens // PIECE)))
    return [Micro(tuple(half), 0, PIECE) for half in (drawn[0::2], drawn[1::2]) if half]


def padding(rows: Sequence[Row], micros: Sequence[Micro]) -> dict[str, float]:
    """Share of the tokens run that is padding, and the number of distinct shapes (rows, prefix, width)."""
    run = sum(micro.padded for micro in micros)
    real = sum(micro.prefix + sum(rows[row].stop - micro.prefix for row in micro.rows) for micro in micros)
    shapes = len({(len(micro.rows), micro.prefix, micro.width) for micro in micros})
    return {"padding_share": (run - real) / run if run else 0.0, "shapes": shapes}


def collate(examples: Sequence[Example], micro: Micro) -> Batch:
    """The arrays of a micro-batch."""
    inputs = np.zeros((len(micro.rows), micro.width), dtype=np.int32)
    positions: list[int] = []
    targets: list[int] = []
    held: list[int] = []
    for line, index in enumerate(micro.rows):
        example = examples[index]
        stop = measure(example).stop
        inputs[line, : stop - micro.prefix] = example.ids[micro.prefix : stop]
        for target in range(micro.prefix + 1, stop + 1):
            if example.trained[target]:
                if example.held:
                    held.append(len(positions))
                positions.append(line * micro.width + target - 1 - micro.prefix)
                targets.append(example.ids[target])
    prefix = mx.array([examples[micro.rows[0]].ids[: micro.prefix]], dtype=mx.int32) if micro.prefix else None
    return Batch(
        prefix, mx.array(inputs), mx.array(positions, dtype=mx.int32), mx.array(targets, dtype=mx.int32),
        mx.array(held, dtype=mx.int32) if held else None,
    )  # fmt: skip
