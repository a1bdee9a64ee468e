"""MLX's optimizers over flat dictionaries of arrays, and the learning rate as a function of the step.

State is one flat dictionary too, so a checkpoint is a plain safetensors file. Weights in a 16-bit format are stepped
on a float32 copy: at fine-tuning rates most of their updates would round to nothing. Weight decay is decoupled for
all of them (Loshchilov and Hutter, arXiv 1711.05101), which MLX's Muon alone does otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import mlx.core as mx
import mlx.optimizers as optimizers

from mlx_train.recipe import Train

Arrays = dict[str, mx.array]


def rate(schedule: Literal["cosine", "wsd", "constant"], step: int, steps: int, warmup: float) -> float:
    """Share of the peak learning rate in a step.

    Args:
        schedule: `cosine` falls to 0.1; `wsd` holds 1 and falls linearly to 0 over the last fifth.
        step: from 1 to steps.
        steps: of the whole run.
        warmup: share of the steps over which the rate rises linearly from 0.
    """
    rise = math.ceil(warmup * steps)
    if step <= rise:
        return step / rise
    if schedule == "constant":
        return 1.0
    if schedule == "wsd":
        fall = max(1, math.ceil(0.2 * steps))
        return min(1.0, (steps - step + 1) / (fall + 1))
    progress = (step - rise) / max(1, steps - rise)
    return 0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress))


def is_matrix(name: str, value: mx.array) -> bool:
    """Matrices of the blocks: those Muon steps and weight decay applies to; not embeddings, head, norms or biases."""
    return value.ndim == 2 and ".layers." in f".{name}"


def global_norm(gradients: Mapping[str, mx.array]) -> mx.array:
    """Euclidean norm over all arrays together, in float32."""
    # By name, because a sum's last digit depends on its order and a dictionary read from a file has another.
    squares = [mx.square(gradients[name].astype(mx.float32)).sum() for name in sorted(gradients)]
    return mx.sqrt(mx.stack(squares).sum())


def clipped(gradients: Arrays, norm: mx.array, largest: float) -> Arrays:
    """Gradients scaled down to a norm of `largest` where they exceed it."""
    factor = mx.minimum(1.0, largest / (norm + 1e-6))
    return {name: value * factor.astype(value.dtype) for name, value in gradients.items()}


class Optimizer:
    """One step: `parameters = optimizer.step(parameters, gradients, share_of_peak_rate)`.

    Attributes:
        steps: made so far.
        state: what a checkpoint keeps beside them, in float32: moments as `NAME/KEY`, copies of 16-bit weights as
            `NAME/master`.
    """

    def __init__(self, settings: Train, parameters: Arrays) -> None:
        muon = settings.optimizer == "muon"
        self.by_muon = {name for name, value in parameters.items() if muon and is_matrix(name, value)}
        self.decayed = {name for name, value in parameters.items() if is_matrix(name, value)}
        self.decay = settings.weight_decay
        self.matrix_rate = settings.learning_rate
        self.rest_rate = settings.adam_learning_rate if muon else settings.learning_rate
        self._matrix, self._rest = _optimizers(settings)
        self.steps = 0
        self.state: Arrays = {}
        for name, value in parameters.items():
            fresh: dict[str, mx.array] = {}
            self._of(name).init_single(mx.zeros(value.shape, dtype=mx.float32), fresh)
            self.state |= {f"{name}/{key}": array for key, array in fresh.items()}
            if value.dtype != mx.float32:
                self.state[f"{name}/master"] = value.astype(mx.float32)

    def step(self, parameters: Arrays, gradients: Arrays, share: float) -> Arrays:
        """New values of the parameters; the state moves on.

        Args:
            parameters: by name.
            gradients: by name, already clipped.
            share: of the peak learning rates, from `rate`.
        """
        self.steps += 1
        for optimizer, peak in ((self._matrix, self.matrix_rate), (self._rest, self.rest_rate)):
            optimizer.state = {"step": mx.array(self.steps, mx.uint64)}
            optimizer.learning_rate = share * peak
        moments: dict[str, dict[str, mx.array]] = {name: {} for name in parameters}
        for path, array in self.state.items():
            name, key = path.rsplit("/", 1)
            moments[name][key] = array
        stepped = {}
        for name, value in parameters.items():
            weight = moments[name].pop("master", value)
            if self.decay and name in self.decayed:
                weight = weight * (1 - share * self.matrix_rate * self.decay)
            weight = self._of(name).apply_single(gradients[name].astype(mx.float32), weight, moments[name])
            stepped[name] = weight.astype(value.dtype)
            self.state |= {f"{name}/{key}": array for key, array in moments[name].items()}
            if value.dtype != mx.float32:
                self.state[f"{name}/master"] = weight
        return stepped

    def _of(self, name: str) -> optimizers.Optimizer:
        return self._matrix if name in self.by_muon else self._rest


def _optimizers(settings: Train) -> tuple[optimizers.Optimizer, optimizers.Optimizer]:
    """What steps matrices under muon, and what steps everything else; the rates are set at each step."""
    matrix = optimizers.Muon(0.0, weight_decay=0.0)
    if settings.optimizer == "adafactor":
        return matrix, optimizers.Adafactor(0.0, relative_step=False, scale_parameter=False)
    if settings.optimizer == "lion":
        return matrix, optimizers.Lion(0.0)
    # The shorter memory is what Muon's authors pair it with.
    betas = [0.9, 0.95] if settings.optimizer == "muon" else [0.9, 0.999]
    return matrix, optimizers.Adam(0.0, betas=betas, bias_correction=True)
