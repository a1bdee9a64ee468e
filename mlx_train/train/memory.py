"""Peak memory of a function before it is run, from the graph of operations that MLX records when it is traced.

Tracing allocates nothing, whatever the shapes are. The graph is then gone through in the order in which MLX evaluates
it, with its rules for which results share, take over or copy the memory of their operands (mlx/transforms.cpp and
mlx/backend/cpu of MLX 0.32). Memory is given back late: MLX prepares operations ahead of the one that runs, and what
those that wait have read stays until they are done.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter, defaultdict, deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import mlx.core as mx
import numpy as np
from mlx.utils import tree_flatten, tree_map

AHEAD = 110
"""Entries in MLX's queue when it waits: eleven tasks of ten; an operation is two entries, a view one."""
WIDTH = 20
"""Operations that MLX looks at side by side before it follows one of them down (MLX_BFS_MAX_WIDTH)."""
SLACK = 16384
"""Bytes by which a buffer that is taken over may be too large."""

FIRST_MARK = 1 << 30
"""Length of the range that marks where recomputation begins; one more where it ends, and so on."""
_numbers = itertools.count()

VIEWS = {"Broadcast", "Transpose", "ExpandDims", "Squeeze", "Slice", "Split", "StopGradient", "Depends", "Copy"}
SHAPED = {"Reshape", "Flatten", "Unflatten"}
UNARY = {
    "Abs", "AsType", "Cos", "Erf", "Exp", "Log", "Log1p", "LogicalNot", "Negative", "Rsqrt", "Sigmoid", "Sign", "Sin",
    "Sqrt", "Square", "Tanh", "Softmax",
}  # fmt: skip
BINARY = {
    "Add", "Divide", "Equal", "Greater", "GreaterEqual", "Less", "LessEqual", "LogicalAnd", "LogicalOr", "Maximum",
    "Minimum", "Multiply", "NotEqual", "Power", "Subtract",
}  # fmt: skip
OVERWRITING = {"SliceUpdate", "Scatter", "ScatterAxis"}
"""They begin as a copy of their first operand."""
PRODUCTS = {"Matmul", "AddMM", "QuantizedMatmul"}
FUNCTIONS = {"Cos", "Erf", "Exp", "Log", "Log1p", "LogSumExp", "Power", "Sigmoid", "Sin", "Softmax", "Tanh"}
"""What takes far longer to compute than to read and write."""


@dataclass
class Buffer:
    """A piece of memory."""

    size: int
    shape: tuple[int, ...]
    used: int = 0
    """By results that are still needed, and by operations in the queue."""


@dataclass
class Array:
    """A result: where it is, and how it lies there."""

    buffer: Buffer
    layout: np.ndarray
    """A stand-in of the same shape and strides, of bytes; it is never read."""
    itemsize: int
    held: int
    """Items that the buffer holds of it: fewer than its size where it is broadcast."""
    dense: bool
    """Whether they lie without gaps, in any order."""
    readers: int = 0
    """Operations that have yet to read it, and the caller."""

    @property
    def in_rows(self) -> bool:
        return self.held == self.layout.size and bool(self.layout.flags.c_contiguous)


@dataclass(frozen=True)
class Graph:
    """Operations in the order of their evaluation."""

    steps: list[dict[str, Any]]
    inputs: list[tuple[str, tuple[int, ...], mx.Dtype]]
    outputs: list[str]
    given: frozenset[str] = frozenset()
    """Inputs that the caller keeps no hold of: their memory counts, and may be overwritten or freed."""

    def giving(self, numbers: Iterable[int]) -> Graph:
        """The same, where the inputs of these numbers are given away."""
        return replace(self, given=frozenset(self.inputs[number][0] for number in numbers))


@dataclass
class Peak:
    """What evaluating a graph takes beside its inputs."""

    bytes: int = 0
    shapes: Counter[tuple[int, ...]] = field(default_factory=Counter)
    """Bytes at that moment by the shape of what was computed."""
    outputs: int = 0
    """Bytes of the results."""
    operations: float = 0.0
    """Floating-point operations of the matrix products."""
    functions: float = 0.0
    """Items of which an exponential or the like is taken."""
    moved: float = 0.0
    """Bytes that everything else reads and writes."""


def trace(function: Callable[..., Sequence[mx.array]], arrays: Sequence[mx.array]) -> Graph:
    """The graph of a function of arrays, whose values are not looked at.

    Some of what is one operation on a GPU cannot be exported: cross-entropy is taken in its parts, and where something
    else is refused the whole is traced as on a processor, which takes more memory rather than less.

    Where the function recomputes, its results must include what the forward pass ends with.
    """
    records: list[dict[str, Any]] = []
    checkpoint, mx.checkpoint = mx.checkpoint, _marked  # type: ignore[assignment]
    fused, mx.fast.cross_entropy = mx.fast.cross_entropy, _cross_entropy
    try:
        try:
            mx.export_function(records.append, function, *arrays)
        except ValueError:
            if mx.default_device() == mx.cpu:
                raise
            records.clear()
            with mx.stream(mx.cpu):
                mx.export_function(records.append, function, *arrays)
    finally:
        mx.checkpoint, mx.fast.cross_entropy = checkpoint, fused
    made = {out[0]: record for record in records if record["type"] == "primitive" for out in record["outputs"]}
    inputs, outputs = (next(one[kind] for one in records if one["type"] == kind) for kind in ("inputs", "outputs"))
    names = [name for name, *_ in outputs]
    _recompute(made)
    return Graph(_ordered(made, names), inputs, names)


def _cross_entropy(logits: mx.array, targets: mx.array, **_: Any) -> mx.array:
    """In place of MLX's own, which is one operation on a GPU."""
    chosen = mx.take_along_axis(logits, targets[..., None], axis=-1).squeeze(-1)
    return mx.logsumexp(logits, axis=-1) - chosen


def _marked(run: Callable[..., Any]) -> Callable[..., Any]:
    """In place of `mx.checkpoint`, which cannot be exported: the plain function between two marks."""

    def between(*arguments: Any) -> Any:
        number = next(_numbers)
        return _mark(run(*_mark(arguments, FIRST_MARK + 2 * number)), FIRST_MARK + 2 * number + 1)

    return between


def _mark(tree: Any, number: int) -> Any:
    """The same arrays, through an operation that depends on a range of so many numbers."""
    through = iter(mx.depends([array for _, array in tree_flatten(tree)], [mx.arange(number)]))
    return tree_map(lambda _: next(through), tree)


def _recompute(made: dict[str, dict[str, Any]]) -> None:
    """Let the backward pass read a copy of what is between two marks, computed again from what enters it.

    As in `mx.checkpoint`, the copy waits for the first computation to be done.
    """
    marks: dict[int, dict[str, Any]] = {}
    for record in made.values():
        if record["name"] == "Depends" and (last := made.get(record["inputs"][-1][0])) and last["name"] == "Arange":
            number = int(last["arguments"][1])
            if number >= FIRST_MARK and number not in marks:
                marks[number] = record
                record["inputs"] = record["inputs"][:-1]
    readers: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in {id(record): record for record in made.values()}.values():
        for name, *_ in record["inputs"]:
            readers[name].append(record)
    for number in sorted(one for one in marks if one % 2 == FIRST_MARK % 2):
        entry, leave = marks[number], marks[number + 1]
        inside: dict[str, dict[str, Any]] = {}
        waiting = [name for name, *_ in leave["inputs"]]
        entered = {name for name, *_ in entry["outputs"]}
        while waiting:
            if (name := waiting.pop()) in made and name not in inside and name not in entered:
                inside[name] = made[name]
                waiting += [one for one, *_ in made[name]["inputs"]]
        again = {name: f"{name} again {number}" for name in (*inside, *entered)}
        members = {id(record) for record in (*inside.values(), leave)}
        for record in (reader for name in again for reader in readers[name]):
            if id(record) not in members:
                record["inputs"] = [(again.get(name, name), *rest) for name, *rest in record["inputs"]]
        copies = {
            id(record): record
            | {key: [(again.get(name, name), *rest) for name, *rest in record[key]] for key in ("inputs", "outputs")}
            for record in (*inside.values(), entry)
        }
        copies[id(entry)]["inputs"] = [*entry["inputs"], *leave["outputs"]]
        for record in copies.values():
            made |= {out[0]: record for out in record["outputs"]}


def _ordered(made: dict[str, dict[str, Any]], outputs: list[str]) -> list[dict[str, Any]]:
    """MLX's order: from the results to what they need, a few side by side, then one of them down; and back."""
    needs = {name: [one for one, *_ in record["inputs"] if one in made] for name, record in made.items()}
    first = {name: record["outputs"][0][0] for name, record in made.items()}
    degree: Counter[str] = Counter()
    seen: set[str] = set()
    waiting = [outputs]
    while waiting:
        for name in waiting.pop():
            if name in made:
                degree[first[name]] += 1
                if first[name] not in seen:
                    seen.add(first[name])
                    waiting.append(needs[name])
    tape: list[str] = [""]
    at, left = 0, set(seen)
    down: list[tuple[str, int]] = []
    while left and (at < len(tape) or down):
        name, place = down.pop() if at >= len(tape) else (tape[at], 0)
        if place == 0:
            at += 1 if at < len(tape) and tape[at] == name else 0
        inputs = needs[name] if name else [one for one in outputs if one in made]
        for number in range(place, len(inputs)):
            if first[inputs[number]] not in left:
                continue
            if len(tape) - at >= WIDTH:
                down.append((name, number))
                break
            key = first[inputs[number]]
            degree[key] -= 1
            if degree[key] == 0:
                left.remove(key)
                tape.append(key)
    return [made[name] for name in reversed(tape[1:])]


class _Memory:
    """Buffers in use while a graph is gone through."""

    def __init__(self) -> None:
        self.now = 0
        self.by_shape: Counter[tuple[int, ...]] = Counter()
        self.peak = Peak()
        self._queue: deque[tuple[int, list[Buffer]]] = deque()
        self._entries = 0

    def take(self, buffer: Buffer) -> Buffer:
        self.now += buffer.size
        self.by_shape[buffer.shape] += buffer.size
        if self.now > self.peak.bytes:
            self.peak.bytes, self.peak.shapes = self.now, self.by_shape.copy()
        return buffer

    def drop(self, buffer: Buffer) -> None:
        buffer.used -= 1
        if buffer.used == 0:
            self.now -= buffer.size
            self.by_shape[buffer.shape] -= buffer.size

    def queue(self, entries: int, read: list[Buffer], ahead: int) -> None:
        """An operation waits to be run, and what it reads with it."""
        self._entries += entries
        for buffer in read:
            buffer.used += 1
        self._queue.append((self._entries, read))
        while self._queue and self._queue[0][0] <= self._entries - ahead:
            for buffer in self._queue.popleft()[1]:
                self.drop(buffer)


def evaluate(graph: Graph, ahead: int = AHEAD) -> Peak:
    """Go through a graph without computing anything."""
    memory = _Memory()
    arrays: dict[str, Array] = {}
    readers = Counter(name for step in graph.steps for name, *_ in step["inputs"]) + Counter(graph.outputs)
    for name, shape, kind in graph.inputs:
        if name in graph.given and readers[name]:
            size = math.prod(shape)
            buffer = memory.take(Buffer(size * kind.size, shape, used=1))
            arrays[name] = Array(buffer, _rows(shape), kind.size, size, True, readers[name])
    for step in graph.steps:
        read = [arrays[name] if name in arrays else _given(shape, kind) for name, shape, kind in step["inputs"]]
        made, copies = _made(step, read, memory)
        for (name, *_), array in zip(step["outputs"], made, strict=True):
            array.readers = readers[name]
            if array.readers:
                array.buffer.used += 1
                arrays[name] = array
            elif array.buffer.used == 0:
                array.buffer.used = 1
                memory.drop(array.buffer)
        buffers = {id(one.buffer): one.buffer for one in read}
        for array in made:
            buffers.pop(id(array.buffer), None)
        waiting = [*(buffer for buffer in buffers.values() if buffer.size), *copies]
        memory.queue(1 if step["name"] in VIEWS else 2, waiting, ahead)
        for name, *_ in step["inputs"]:
            if name in arrays:
                arrays[name].readers -= 1
                if not arrays[name].readers:
                    memory.drop(arrays.pop(name).buffer)
        _count(step, memory.peak)
    held = {id(arrays[name].buffer): arrays[name].buffer for name in graph.outputs if name in arrays}
    memory.peak.outputs = sum(buffer.size for buffer in held.values())
    return memory.peak


def _given(shape: tuple[int, ...], kind: mx.Dtype) -> Array:
    """An input or a constant: it takes no memory of the evaluation, and nothing may overwrite it."""
    return Array(Buffer(0, shape, used=1), _rows(shape), kind.size, math.prod(shape), True, readers=1 << 30)


def _rows(shape: tuple[int, ...]) -> np.ndarray:
    strides = [1] * len(shape)
    for axis in range(len(shape) - 2, -1, -1):
        strides[axis] = strides[axis + 1] * max(1, shape[axis + 1])
    return np.lib.stride_tricks.as_strided(np.empty(1, np.int8), shape, strides)


def _made(step: dict[str, Any], read: list[Array], memory: _Memory) -> tuple[list[Array], list[Buffer]]:
    """The results of an operation, and copies that it made of its operands."""
    name, (_, shape, kind) = step["name"], step["outputs"][0]
    if name in ("Depends", "Split"):
        sources = read[: len(step["outputs"])] if name == "Depends" else read * len(step["outputs"])
        return [_seen(one, _rows(out[1]), out[2]) for one, out in zip(sources, step["outputs"], strict=True)], []
    if name in VIEWS or (name == "AsType" and kind.size == read[0].itemsize and read[0].buffer.size == 0):
        return [_seen(read[0], _view(step, read[0].layout, shape), kind)], []
    if name in SHAPED and (layout := _reshaped(read[0].layout, shape)) is not None:
        return [_seen(read[0], layout, kind)], []
    copies = [_copied(one, memory) for one in read if _as_operand(one)] if name in PRODUCTS else []
    if (source := _overwritten(name, read, shape, kind)) is not None:
        return [Array(source.buffer, source.layout, kind.size, source.held, source.dense)], copies
    like = _shaped_like(name, read, shape)
    made = []
    for _, shape, kind in step["outputs"]:
        layout, held = (like.layout, like.held) if like is not None else (_rows(shape), math.prod(shape))
        made.append(Array(memory.take(Buffer(held * kind.size, shape)), layout, kind.size, held, True))
    return made, copies


def _seen(source: Array, layout: np.ndarray, kind: mx.Dtype) -> Array:
    dense = source.dense and (layout.size == source.layout.size or 0 in layout.strides)
    held = source.held if layout.size >= source.layout.size else layout.size
    return Array(source.buffer, layout, kind.size, held, dense)


def _view(step: dict[str, Any], layout: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    name, arguments = step["name"], step["arguments"]
    if name == "Broadcast":
        return np.broadcast_to(layout, shape)
    if name == "Transpose":
        return layout.transpose(arguments[0])
    if name == "Slice":
        cut = tuple(slice(start, end, stride) for start, end, stride in zip(*arguments[:3], strict=True))
        return layout[cut]
    if name in ("ExpandDims", "Squeeze"):
        return np.expand_dims(layout, tuple(arguments[0])) if name == "ExpandDims" else layout.reshape(shape)
    return layout


def _reshaped(layout: np.ndarray, shape: tuple[int, ...]) -> np.ndarray | None:
    """The same memory in another shape; None where it has to be copied."""
    try:
        return np.reshape(layout, shape, copy=False)
    except ValueError:
        return None


def _as_operand(one: Array) -> bool:
    """Whether a matrix product copies an operand: neither its rows nor its columns are whole and next to each other."""
    if one.layout.ndim < 2:
        return False
    rows, columns = one.layout.shape[-2:]
    strides = one.layout.strides[-2:]
    return strides not in ((columns, 1), (1, rows)) and 1 not in (rows, columns)


def _copied(one: Array, memory: _Memory) -> Buffer:
    return memory.take(Buffer(one.layout.size * one.itemsize, one.layout.shape))


def _overwritten(name: str, read: list[Array], shape: tuple[int, ...], kind: mx.Dtype) -> Array | None:
    """The operand whose memory the result takes over."""
    if name in UNARY or name in OVERWRITING:
        return read[0] if read[0].dense and _free(read[0], kind) and read[0].layout.shape == tuple(shape) else None
    if name == "AddMM":
        return read[2] if read[2].in_rows and read[2].layout.shape == tuple(shape) and _free(read[2], kind) else None
    if name in BINARY or name == "Select":
        like = _shaped_like(name, read, shape)
        for one in read:
            whole = one.layout.shape == tuple(shape) and (one.in_rows or (like is not None and one.dense))
            if whole and _free(one, kind) and (like is None or one.held == like.held):
                return one
    return None


def _free(one: Array, kind: mx.Dtype) -> bool:
    """Whether nothing else needs the memory of an operand."""
    fits = one.itemsize == kind.size and one.buffer.size <= one.layout.size * kind.size + SLACK
    return fits and one.buffer.size > 0 and one.readers == 1 and one.buffer.used == 1


def _shaped_like(name: str, read: list[Array], shape: tuple[int, ...]) -> Array | None:
    """The operand whose layout an elementwise result has; None: rows."""
    if name in UNARY:
        return read[0] if read[0].dense and name != "Softmax" else None
    if name in BINARY:
        one, other = read
        if one.held == 1 or other.held == 1:
            found = other if one.held == 1 else one
            return found if found.dense else None
        if one.dense and other.dense and one.layout.strides == other.layout.strides and one.held == other.held:
            return one
    return None


def _count(step: dict[str, Any], peak: Peak) -> None:
    shapes = [shape for _, shape, _ in step["outputs"]]
    if step["name"] in PRODUCTS:
        inner = step["inputs"][0][1][-1]
        peak.operations += 2.0 * inner * sum(math.prod(shape) for shape in shapes)
    elif step["name"] in FUNCTIONS:
        peak.functions += math.prod(step["inputs"][-1][1])
    elif step["name"] not in VIEWS and step["name"] not in SHAPED:
        peak.moved += sum(math.prod(shape) * kind.size for _, shape, kind in (*step["inputs"], *step["outputs"]))
