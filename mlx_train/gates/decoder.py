"""Decoding of many rows whose keys and values stay where they are.

mlx-lm's `BatchGenerator` copies the caches of the whole batch whenever a row comes or goes; in rollouts that is at
nearly every step, since each tool call ends a message. Here every row keeps its place in one buffer per layer, what
rows begin with is kept once, and a row that goes on only has its new ids read. Guesses of what a row writes next are
read along with its last id, and kept as far as the model writes the same, so that one pass writes several ids
(Leviathan et al., arXiv 2211.17192; here a draft costs nothing). Works for models whose layers keep plain or
sliding-window caches.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import mlx.core as mx

from mlx_train import head
from mlx_train.caches import windows
from mlx_train.gates.attention import Layer, Pass, Stem, adopt
from mlx_train.gates.sampling import Sampler

CHUNK = 512
"""Most ids of a row that one forward pass reads."""
PASS = 4096
"""Most ids, padding included, that one forward pass reads."""


def can_decode(model: Any) -> bool:
    """Whether a `Decoder` serves the model: its layers keep plain caches and attend by mlx-lm's own function."""
    return windows(model) is not None and all(layer.attended == 1 for layer in _tried(model).layers)


def id_bytes(model: Any) -> int:
    """Bytes of the keys and values of one id of a row in a `Decoder`."""
    layers = [(layer.keys, layer.values) for layer in _tried(model).layers]
    return sum(held.nbytes // held.shape[2] for layer in layers for held in layer if held is not None)


def _tried(model: Any) -> Decoder:
    decoder = Decoder(model, 1)
    decoder.step({0: [1, 2]}, {})
    return decoder


class Decoder:
    """A model and the rows it is writing."""

    def __init__(self, model: Any, rows: int) -> None:
        """Args: model: one for which `windows` is not None; rows: how many are decoded side by side."""
        kinds = windows(model)
        assert kinds is not None
        adopt(model)
        self.model = model
        self.plain = head.is_plain(model)
        self.own = [0] * rows
        """How many ids each row holds after its stem."""
        self.stems: list[Stem | None] = [None] * rows
        self.layers = [Layer(number, window) for number, window in enumerate(kinds)]

    @property
    def lengths(self) -> list[int]:
        """How many ids each row holds."""
        return [own + (len(stem.ids) if stem else 0) for own, stem in zip(self.own, self.stems, strict=True)]

    def start(self, ids: list[int]) -> Stem:
        """Read ids that several rows begin with."""
        layers = [Layer(layer.number, layer.window) for layer in self.layers]
        self._read(layers, Pass([0], [None], [0]), [ids])
        held = [(layer.keys, layer.values) for layer in layers]
        keys = [mx.contiguous(keys[0, :, : len(ids)]) for keys, _ in held if keys is not None]
        values = [mx.contiguous(values[0, :, : len(ids)]) for _, values in held if values is not None]
        mx.eval(keys, values)
        return Stem(ids, keys, values)

    def begin(self, row: int, stem: Stem) -> None:
        """Let a row begin with ids that were read."""
        self.stems[row], self.own[row] = stem, 0

    def cut(self, row: int, length: int) -> None:
        """Forget all but the first ids of a row."""
        stem = self.stems[row]
        if stem and length < len(stem.ids):
            self.stems[row] = None
        self.own[row] = max(0, length - len(stem.ids)) if stem else length

    def read(self, more: dict[int, list[int]]) -> None:
        """Let rows read ids; rows of like length go together, so that little is padded."""
        for rows in _alike({row: (self.own[row], len(ids)) for row, ids in more.items() if ids}):
            own, ids = [self.own[row] for row in rows], [more[row] for row in rows]
            columns = max(own) + max(map(len, ids))
            part = Pass(own, [self.stems[row] for row in rows], range(len(rows)))
            layers = [layer.rows(rows, columns) for layer in self.layers]
            self._read(layers, part, ids)
            for number, row in enumerate(rows):
                new = slice(self.own[row], self.own[row] + len(more[row]))
                for layer, source in zip(self.layers, layers, strict=True):
                    layer.put(row, source, number, new, len(self.own))
                self.own[row] = new.stop
            mx.eval([(layer.keys, layer.values) for layer in self.layers])

    def step(self, tokens: dict[int, list[int]], draws: dict[int, Sampler]) -> dict[int, list[int]]:
        """Let rows read ids, the first of which is wanted and the others are guesses of what follows.

        Returns:
            The ids that each row writes: one, and one more for each guess that was right. The row then holds all of
            them but the last; rows not in `tokens` stay as they are. An id is the likeliest, or where `draws` has the
            row, what that draws.
        """
        ids = [tokens.get(row, []) for row in range(len(self.own))]
        now = Pass(self.own, self.stems, list(tokens), [len(some) for some in ids])
        each = mx.array([[id] for some in ids for id in some], mx.int32)
        logits = self._run(self.layers, now, each, mx.arange(len(each)))
        best = mx.argmax(logits, axis=-1)
        mx.eval(best, [(layer.keys, layer.values) for layer in self.layers], logits if draws else [])
        likeliest: Any = best.tolist()
        found, at = {}, 0
        for row, some in enumerate(ids):
            if some:
                draw = draws.get(row)
                places = range(at, at + len(some))
                choices: Iterable[Any] = (draw(logits[i : i + 1]).item() if draw else likeliest[i] for i in places)
                found[row] = _until_wrong(choices, some[1:])
                self.own[row] += len(found[row])
                at += len(some)
        return found

    def keep(self, rows: Sequence[int]) -> None:
        """Drop all rows but these, which take the places 0, 1, ..."""
        self.own, self.stems = [self.own[row] for row in rows], [self.stems[row] for row in rows]
        self.layers = [layer.rows(rows, max(self.own)) for layer in self.layers]

    def _run(self, layers: list[Layer], now: Pass, ids: mx.array, wanted: mx.array) -> mx.array:
        """Logits (wanted, vocabulary) after (rows, ids), at places of the rows laid end to end."""
        for layer in layers:
            layer.now = now
        made = head.language_model(self.model).model(ids, cache=layers) if self.plain else self.model(ids, cache=layers)
        made = made.reshape(-1, made.shape[-1])[wanted]
        return head.project(self.model, made) if self.plain else made

    def _read(self, layers: list[Layer], begun: Pass, ids: list[list[int]]) -> None:
        """Run the model over the ids, padded at their ends; what padding leaves behind lies past the rows' ends."""
        size = max(map(len, ids))
        padded = mx.array([row + [0] * (size - len(row)) for row in ids], mx.int32)
        for first in range(0, size, CHUNK):
            now = Pass([own + first for own in begun.own], begun.stems, begun.used)
            self._run(layers, now, padded[:, first : first + CHUNK], mx.array([0]))
            mx.eval([(layer.keys, layer.values) for layer in layers])


def _until_wrong(choices: Iterable[int], guesses: Sequence[int]) -> list[int]:
    """The choices up to the first that is not what was guessed: all further guesses stand on a wrong one."""
    found = []
    for choice, guess in zip(choices, [*guesses, None], strict=False):
        found.append(choice)
        if choice != guess:
            break
    return found


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
