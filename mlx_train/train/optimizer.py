"""AdamW and Muon over flat dictionaries of arrays, and the learning rate as a function of the step.

State is one flat dictionary too, so a checkpoint is a plain safetensors file. Weights in a 16-bit format are stepped
on a float32 copy: at fine-tuning rates most of their updates would round to nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Literal

import mlx.core as mx

from mlx_train.recipe import Train

Arrays = dict[str, mx.array]

EPSILON = 1e-8
MOMENTUM = 0.95


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
    """One step: `parameters = optimizer.step(parameters, gradients, share_of_peak_rate)`."""

    def __init__(self, settings: Train, parameters: Arrays) -> None:
        muon = settings.optimizer == "muon"
        self.by_muon = {name for name, value in parameters.items() if muon and is_matrix(name, value)}
        self.decayed = {name for name, value in parameters.items() if is_matrix(name, value)}
        self.decay = settings.weight_decay
        self.matrix_rate = settings.learning_rate
        self.adam_rate = settings.adam_learning_rate if muon else settings.learning_rate
        # The shorter memory is what Muon's authors pair it with.
        self.betas = (0.9, 0.95) if muon else (0.9, 0.999)
        self.steps = 0
        self.state: Arrays = {}
        for name, value in parameters.items():
            zeros = mx.zeros(value.shape, dtype=mx.float32)
            self.state[f"first.{name}"] = zeros
            if name not in self.by_muon:
                self.state[f"second.{name}"] = zeros
            if value.dtype != mx.float32:
                self.state[f"master.{name}"] = value.astype(mx.float32)

    def step(self, parameters: Arrays, gradients: Arrays, share: float) -> Arrays:
        """New values of the parameters; the state moves on.

        Args:
            parameters: by name.
            gradients: by name, already clipped.
            share: of the peak learning rates, from `rate`.
        """
        self.steps += 1
        return {name: self._stepped(name, value, gradients[name], share) for name, value in parameters.items()}

    def _stepped(self, name: str, value: mx.array, gradient: mx.array, share: float) -> mx.array:
        weight = self.state.get(f"master.{name}", value)
        gradient = gradient.astype(mx.float32)
        if name in self.by_muon:
            speed, update = share * self.matrix_rate, self._muon(name, gradient)
        else:
            speed, update = share * self.adam_rate, self._adam(name, gradient)
        if self.decay and name in self.decayed:
            weight = weight * (1 - speed * self.decay)
        weight = weight - speed * update
        if f"master.{name}" in self.state:
            self.state[f"master.{name}"] = weight
        return weight.astype(value.dtype)

    def _adam(self, name: str, gradient: mx.array) -> mx.array:
        """Adam with bias correction (Kingma and Ba, arXiv 1412.6980)."""
        slow, slower = self.betas
        first = slow * self.state[f"first.{name}"] + (1 - slow) * gradient
        second = slower * self.state[f"second.{name}"] + (1 - slower) * mx.square(gradient)
        self.state[f"first.{name}"], self.state[f"second.{name}"] = first, second
        scale = math.sqrt(1 - slower**self.steps) / (1 - slow**self.steps)
        return first * scale / (mx.sqrt(second) + EPSILON)

    def _muon(self, name: str, gradient: mx.array) -> mx.array:
        """Orthogonalised Nesterov momentum (Jordan et al., kellerjordan.github.io/posts/muon)."""
        first = MOMENTUM * self.state[f"first.{name}"] + (1 - MOMENTUM) * gradient
        self.state[f"first.{name}"] = first
        rows, columns = gradient.shape
        return math.sqrt(max(1.0, rows / columns)) * orthogonal((1 - MOMENTUM) * gradient + MOMENTUM * first)


def orthogonal(matrix: mx.array, iterations: int = 5) -> mx.array:
    """A matrix with the same singular vectors and singular values near 1: quintic Newton-Schulz iteration."""
    a, b, c = 3.4445, -4.7750, 2.0315
    tall = matrix.shape[0] > matrix.shape[1]
    x = matrix.T if tall else matrix
    x = x / (mx.linalg.norm(x) + 1e-7)
    for _ in range(iterations):
        gram = x @ x.T
        x = a * x + (b * gram + c * (gram @ gram)) @ x
    return x.T if tall else x
