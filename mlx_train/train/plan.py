"""Memory and work of a fit before anything is loaded.

The model is made without values, its step is traced, and the memory of the trace is followed (see `memory`). So what
holds for the estimate is what the program does, for each architecture, method and device alike.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx.utils import tree_flatten

from mlx_train import models
from mlx_train.caches import windows
from mlx_train.head import has_parts, language_model
from mlx_train.lanes import Lanes
from mlx_train.recipe import Train
from mlx_train.train import adapters, batching, memory
from mlx_train.train.engine import Rows, prepare
from mlx_train.train.loss import Loss
from mlx_train.train.optimizer import Arrays, Optimizer, clipped

AHEAD_ON_METAL = 20
"""As `memory.AHEAD`; not measured: large operations go to the GPU in command buffers of few."""


@dataclass(frozen=True)
class Course:
    """The micro-batches of one epoch."""

    fullest: batching.Micro
    """The one with the most tokens."""
    targets: int
    """Supervised tokens of it."""
    micro_batches: int
    padded_tokens: int
    """Tokens that all of them run through the model."""
    supervised: int
    """Supervised tokens of all of them."""


def course(sample: Rows, rows: int, settings: Train) -> Course:
    """The epoch of so many rows that are like those of a sample, as the fit would cut it into micro-batches."""
    times, rest = divmod(rows, len(sample.extents))
    groups = tuple(
        batching.Group(group.prefix, group.rows * times + tuple(row for row in group.rows if row < rest))
        for group in sample.groups
    )
    micros = batching.epoch(sample.extents, groups, settings.batch_tokens, 0, 0)
    fullest = max(micros, key=lambda micro: (micro.padded, sample.targets([micro])))
    padded = sum(micro.padded for micro in micros)
    return Course(fullest, sample.targets([fullest]), len(micros), padded, sample.targets(micros))


def even_course(settings: Train, *, prefix: int, row: int, rows: int, supervised: int | None = None) -> Course:
    """The epoch of rows that are all alike.

    Args:
        prefix: tokens that all of them begin with.
        row: tokens of a row after it.
        rows: number of rows.
        supervised: supervised tokens of a row; half of `row` unless given.
    """
    shared = prefix if settings.share_prefix and rows >= batching.LEAST_ROWS else 0
    width = batching.padded_length(prefix + row - shared)
    together = min(rows, max(1, (settings.batch_tokens - shared) // width))
    micro = batching.Micro(tuple(range(together)), shared, width)
    targets = supervised or max(1, row // 2)
    count = math.ceil(rows / together)
    return Course(micro, together * targets, count, count * micro.padded, rows * targets)


def model_of(config: dict[str, Any], dtype: str) -> nn.Module:
    """The model of a config.json, whose weights take no memory as long as nobody looks at them."""
    from mlx_lm.utils import _get_classes

    kind, arguments = _get_classes(config)
    model: nn.Module = kind(arguments.from_dict(config))
    models.cast(model, dtype)
    if quantised := config.get("quantization"):

        def own(name: str, layer: nn.Module) -> Any:
            """What config.json says of one layer, which may be that it stays whole."""
            return quantised.get(name, hasattr(layer, "to_quantized"))

        mode = quantised.get("mode", "affine")
        nn.quantize(model, quantised["group_size"], quantised["bits"], mode=mode, class_predicate=own)
    return model


def shares(config: dict[str, Any]) -> bool:
    """Whether rows of this architecture can share what they begin with, as far as its form tells; see `Loss.shares`."""
    model = model_of(config, "float32")
    return has_parts(model) and windows(model) is not None


def estimate(
    settings: Train,
    config: dict[str, Any],
    dtype: str,
    epoch: Course,
    lanes: int | None = None,
) -> dict[str, Any]:
    """Peak memory of the arrays in GB (10^9 bytes), and what a step has to do.

    Args:
        settings: the recipe's.
        config: the base's config.json.
        dtype: number format of the weights.
        epoch: what has to be run; the fullest micro-batch decides the memory.
        lanes: micro-batches that run side by side; as on this machine unless given.

    Returns:
        `total_gb`, the larger of the two peaks of a step. While gradients are found there are `weights_gb` (frozen and
        trained), `adapter_gb`, `optimizer_gb`, `gradients_gb`, and for all micro-batches that run at a time
        `activations_gb`, `logits_gb` and `prefix_gb`, the activations of the shared prefix; `update_gb` is what the
        other peak, the optimizer's step, takes beside the weights. Then `steps`, `micro_batches`, `padded_tokens` and
        `targets` of the fit, and for the fullest micro-batch its tokens (`micro_tokens`), the `operations` of its
        products, the `functions` and the bytes `moved` by everything else, its share of the steps' own text included.
        `trained_gb` is what is saved of the weights.
    """
    model = model_of(config, dtype)
    weights = sum(value.nbytes for value in _flat(model).values())
    prepare(model, settings, 0)
    model.train()
    trained = adapters.trainable(model)
    held = sum(value.nbytes for value in trained.values())
    adapter = 0 if settings.method == "full" else held
    micro, targets = epoch.fullest, epoch.targets
    if lanes is None:
        with Lanes(settings.accumulate) as some:
            lanes = some.count
    ahead = AHEAD_ON_METAL if mx.default_device().type == mx.gpu else memory.AHEAD

    step = memory.evaluate(_gradients(model, settings, micro, targets), ahead // lanes)
    of_text, halves = memory.Peak(), 0
    if settings.kl and settings.kl_rows == "text":
        half, *other = batching.of_text(batching.PIECES, settings.kl_text, 0, 0)
        of_text = memory.evaluate(_gradients(model, settings, half, None), ahead // lanes)
        halves = 1 + len(other)
    larger = max(step, of_text, key=lambda one: one.bytes)
    summed = held if settings.accumulate > lanes else 0  # while the next micro-batch runs
    optimizer = Optimizer(settings, trained)
    state = sum(value.nbytes for value in optimizer.state.values())
    update = memory.evaluate(_update(optimizer, trained, settings.clip), ahead)

    vocabulary = language_model(model).model.embed_tokens.weight.shape[0] if has_parts(model) else 0
    parts = {"logits": 0, "prefix": 0, "gradients": 0, "activations": 0}
    shapes = {value.shape for value in trained.values()}
    for shape, size in larger.shapes.items():
        parts[_part(shape, shapes, vocabulary, micro)] += lanes * size
    parts["gradients"] += lanes * summed
    found: dict[str, Any] = {"weights_gb": weights / 1e9, "adapter_gb": adapter / 1e9, "optimizer_gb": state / 1e9}
    found |= {f"{name}_gb": size / 1e9 for name, size in parts.items()}
    found["update_gb"] = update.bytes / 1e9
    found["total_gb"] = max(sum(found.values()) - found["update_gb"], (weights + adapter + update.bytes) / 1e9)
    micros = settings.steps * settings.accumulate or max(1, math.ceil(epoch.micro_batches * settings.epochs - 1e-9))
    epochs = micros / epoch.micro_batches
    texts = halves * micro.padded / (epochs * epoch.padded_tokens / math.ceil(micros / settings.accumulate))
    return found | {
        "steps": math.ceil(micros / settings.accumulate),
        "micro_batches": micros,
        "padded_tokens": round(epochs * epoch.padded_tokens),
        "targets": round(epochs * epoch.supervised),
        "micro_tokens": micro.padded,
        "operations": step.operations + texts * of_text.operations,
        "functions": step.functions + texts * of_text.functions,
        "moved": step.moved + texts * of_text.moved,
        "lanes": lanes,
        "trained_gb": held / 1e9,
    }


def dense_gb(config: dict[str, Any], dtype: str) -> float:
    """Size of the model without quantisation, in GB."""
    plain = {key: value for key, value in config.items() if key not in ("quantization", "quantization_config")}
    return sum(value.nbytes for value in _flat(model_of(plain, dtype)).values()) / 1e9


def _part(shape: tuple[int, ...], trained: set[tuple[int, ...]], vocabulary: int, micro: batching.Micro) -> str:
    """What an array of a shape belongs to."""
    if shape in trained:
        return "gradients"
    if vocabulary in shape:
        return "logits"
    return "prefix" if micro.prefix and micro.prefix in shape[:-1] and micro.width not in shape else "activations"


def _flat(model: nn.Module) -> Arrays:
    return dict(tree_flatten(model.parameters()))


def _gradients(model: nn.Module, settings: Train, micro: batching.Micro, targets: int | None) -> memory.Graph:
    """The graph of one micro-batch's loss and gradients; without targets, of text that is held near the stock."""
    learnt, holds = targets is not None, settings.kl > 0 and (targets is None or settings.kl_rows != "text")
    targets = targets or len(micro.rows) * (micro.width - 1)
    loss = Loss(model, settings.checkpoint_layers, plain=has_parts(model))
    weights, trained = _flat(model), list(adapters.trainable(model))
    numbers = [(1, micro.prefix), (len(micro.rows), micro.width), (targets,), (targets,)]

    def function(*arrays: mx.array) -> list[mx.array]:
        values = dict(zip(weights, arrays, strict=False))
        prefix, inputs, positions, expected = arrays[len(weights) :]
        held = mx.arange(targets) if holds else None
        batch = batching.Batch(prefix if micro.prefix else None, inputs, positions, expected, held)
        adapters.put(model, values)

        def minimised(some: Arrays) -> mx.array:
            adapters.put(model, some)
            if not holds:
                return loss(batch) / targets
            entropy, divergence = loss.with_divergence(batch)
            return ((entropy if learnt else 0) + settings.kl * divergence) / targets

        value, gradients = mx.value_and_grad(minimised)({name: values[name] for name in trained})
        return [value, *gradients.values()]

    shapes = [mx.zeros(value.shape, value.dtype) for value in weights.values()]
    graph = memory.trace(function, [*shapes, *(mx.zeros(shape, mx.int32) for shape in numbers)])
    adapters.put(model, weights)
    return graph


def _update(optimizer: Optimizer, trained: Arrays, largest: float) -> memory.Graph:
    """The graph of the optimizer's step; it may overwrite the gradients and its state, not the weights."""
    names, keys = list(trained), list(optimizer.state)

    def function(*arrays: mx.array) -> list[mx.array]:
        weights, gradients = dict(zip(names, arrays, strict=False)), arrays[len(names) : 2 * len(names)]
        optimizer.state = dict(zip(keys, arrays[2 * len(names) + 1 :], strict=True))
        limited = clipped(dict(zip(names, gradients, strict=True)), arrays[2 * len(names)], largest)
        return [*optimizer.step(weights, limited, 1.0).values(), *optimizer.state.values()]

    given = [*trained.values(), *trained.values(), mx.array(1.0), *optimizer.state.values()]
    graph = memory.trace(function, [mx.zeros(value.shape, value.dtype) for value in given])
    return graph.giving(range(len(names), len(given)))
