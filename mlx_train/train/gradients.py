"""Loss and gradients of one optimizer step: its micro-batches, dealt out to processes and lanes, and summed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import mlx.core as mx
import mlx.nn as nn

from mlx_train.lanes import Lanes
from mlx_train.train import adapters, batching
from mlx_train.train.batching import Micro
from mlx_train.train.loss import Loss
from mlx_train.train.optimizer import Arrays
from mlx_train.train.ranks import Ranks

if TYPE_CHECKING:
    from mlx_train.chat.render import Example

Numbered = tuple[int, Micro]
"""A micro-batch and its place in the run, which decides its dropout."""


@dataclass(frozen=True)
class Part:
    """A micro-batch of a step, of rows or of text."""

    number: int
    micro: Micro
    targets: int
    """Of all micro-batches of its kind in the step."""
    is_text: bool


class Stopped(Exception):
    """Asked to stop between two micro-batches."""


@dataclass(frozen=True)
class Found:
    """What a step found, over all processes."""

    loss: float
    """Nats per supervised token."""
    divergence: float
    """KL to the stock in nats per supervised token, or per token of text; 0 where it is not asked for."""
    gradients: Arrays
    """By the parameters' paths in the model."""


class Gradients:
    """Finds the gradients of steps.

    Args:
        model: the parameters of a step are put into it.
        loss: of one micro-batch, summed over its targets.
        examples: the rows that micro-batches number.
        texts: those that the micro-batches of text number.
        kl: weight of the divergence from the stock.
        seed: of the run, for dropout.
        lanes: threads that share the micro-batches of this process.
        ranks: processes that share those of a step.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        examples: Sequence[Example],
        texts: Sequence[Example],
        kl: float,
        seed: int,
        lanes: Lanes,
        ranks: Ranks,
    ) -> None:
        self._model, self._loss, self._examples, self._texts = model, loss, examples, texts
        self._kl, self._seed = kl, seed
        self._lanes, self._ranks = lanes, ranks
        self._tracing = threading.Lock()
        self._value_and_gradient = mx.value_and_grad(self._minimised)

    def __call__(
        self,
        parameters: Arrays,
        numbered: Sequence[Numbered],
        text: Sequence[Micro],
        targets: int,
        stop: Callable[[], bool],
    ) -> Found:
        """Loss and gradients of the micro-batches together, which hold so many targets, and the divergence on text.

        Raises:
            Stopped: `stop`, asked before each micro-batch of this process, said so.
        """
        read = sum(batching.measure(self._texts[row]).targets for micro in text for row in micro.rows)
        parts = [Part(number, micro, targets, False) for number, micro in numbered]
        parts += [Part(~(parts[0].number + place), micro, read, True) for place, micro in enumerate(text)]
        by_size = sorted(parts, key=lambda part: -part.micro.padded)  # dealt out in turn, the loads are about equal
        mine = by_size[self._ranks.rank :: self._ranks.size]
        (total, gradients), *others = self._lanes.run(mine, partial(self._sum, parameters, stop))
        for other_total, other in others:
            if other:
                total, gradients = total + other_total, {name: gradients[name] + other[name] for name in gradients}
        if self._ranks.size > 1:
            nothing = {name: mx.zeros_like(value) for name, value in parameters.items()}
            total, gradients = self._ranks.sum(total), self._ranks.sums({**nothing, **gradients})
        return Found(float(total[0]), float(total[1]), gradients)

    def _sum(self, parameters: Arrays, stop: Callable[[], bool], parts: Sequence[Part]) -> tuple[mx.array, Arrays]:
        """Loss and divergence, and the gradients, of one lane's micro-batches."""
        total = mx.zeros(2)
        gradients: Arrays = {}
        for part in parts:
            if stop():
                raise Stopped
            batch = batching.collate(self._texts if part.is_text else self._examples, part.micro)
            dropout = random.Random(f"dropout {self._seed} {part.number}").getrandbits(32)
            with self._tracing:  # one model, whose arrays the traced function replaces
                (_, *values), found = self._value_and_gradient(parameters, batch, dropout, part)
            # Not before: of a sum divided by its targets, half precision would lose what is small on the way back.
            found = {name: value / part.targets for name, value in found.items()}
            total = total + mx.stack(values) / part.targets
            gradients = {name: gradients[name] + added for name, added in found.items()} if gradients else found
            mx.eval(total, gradients)
        return total, gradients

    def _minimised(
        self, parameters: Arrays, batch: batching.Batch, dropout: int, part: Part
    ) -> tuple[mx.array, mx.array, mx.array]:
        """What is minimised, summed over the targets; then its two parts. Of text nothing is learnt."""
        adapters.put(self._model, parameters)
        if batch.held is None:
            entropy = self._loss(batch, dropout)
            return entropy, entropy, mx.array(0.0)
        entropy, divergence = self._loss.with_divergence(batch, dropout)
        if part.is_text:
            return self._kl * divergence, mx.array(0.0), divergence
        return entropy + self._kl * divergence, entropy, divergence
