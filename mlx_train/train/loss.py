"""Cross-entropy of the supervised tokens, with the tokens that all rows begin with run once.

Causal attention makes a prefix's keys and values independent of what follows, so they are computed for one row inside
the traced graph and broadcast to all; gradients flow back through the broadcast and are those of whole rows
(prefix grouping, arXiv 2506.05433). Logits exist only where a token is supervised.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

import mlx.core as mx
import mlx.nn as nn
from mlx_lm.models.base import create_causal_mask

from mlx_train.caches import windows
from mlx_train.errors import BadInput
from mlx_train.head import exp, has_parts, is_plain, language_model, project
from mlx_train.train import adapters
from mlx_train.train.batching import Batch

Logits = Callable[[mx.array], mx.array]
"""Hidden states (n, dimension) to logits (n, vocabulary)."""

Measure = Callable[[Logits, mx.array, mx.array], mx.array]
"""Of a head, states (n, dimension) and what they are compared with: a sum over the n."""

Graded = Callable[[Logits, mx.array, mx.array], tuple[mx.array, mx.array]]
"""The same, with its gradient by the states."""

LOGITS_AT_ONCE = 1 << 25
"""Most logits (positions times vocabulary) held at a time; 134 MB in float32."""


class Span:
    """What one attention layer sees, in the protocol of mlx-lm's caches: kept keys and values, then the new ones.

    Without kept ones it keeps those it is given: that is the run over the prefix. Shapes are (1, heads, tokens, dim)
    for the kept and (rows, heads, tokens, dim) for the new.
    """

    def __init__(self, window: int | None, keys: mx.array | None = None, values: mx.array | None = None) -> None:
        self.window = window
        self.keys = keys
        self.values = values
        self.offset = 0 if keys is None else keys.shape[2]

    def update_and_fetch(self, keys: mx.array, values: mx.array) -> tuple[mx.array, mx.array]:
        """All keys and values that the new tokens may attend to."""
        if self.keys is None or self.values is None:
            self.keys, self.values = keys, values
            return keys, values
        return _prepend(self.keys, keys), _prepend(self.values, values)

    def make_mask(self, N: int, return_array: bool = False, window_size: int | None = None, **_: Any) -> mx.array | str:
        """Causal mask of N new tokens, limited to the layer's window."""
        window = window_size or self.window
        if window is not None and self.offset + N > window:
            limited: mx.array = create_causal_mask(N, self.offset, window_size=window)
            return limited
        return create_causal_mask(N, self.offset) if return_array else "causal"


def _prepend(kept: mx.array, new: mx.array) -> mx.array:
    return mx.concatenate([mx.broadcast_to(kept, (new.shape[0], *kept.shape[1:])), new], axis=2)


class Loss:
    """Summed cross-entropy, in nats, of a micro-batch under a model.

    Attributes:
        shares: whether prefixes can be shared exactly in this architecture.
        plain: whether hidden states and head can be run apart.
    """

    def __init__(self, model: nn.Module, recompute: bool = False, plain: bool | None = None) -> None:
        """With `plain` given it is not measured, which takes the model's weights.

        Raises:
            BadInput: `recompute` is asked of an architecture whose layers cannot be run twice.
        """
        self.model = model
        self.recompute = recompute
        self.plain = is_plain(model) if plain is None else plain
        self.windows = windows(model) if self.plain else None
        self.shares = self.windows is not None
        if recompute and not (has_parts(model) and _runs_again(language_model(model).model)):
            raise BadInput(
                "train.checkpoint_layers: the layers of this architecture cannot be run again in the backward pass. "
                "Set it to false; a smaller train.batch_tokens saves memory too."
            )

    def __call__(self, batch: Batch, seed: int = 0) -> mx.array:
        """The sum over the batch's targets; `seed` decides dropout.

        Raises:
            ValueError: the batch has a prefix but the architecture cannot share one.
        """
        return self._entropy_of(self._states(batch, seed), batch.targets)

    def with_divergence(self, batch: Batch, seed: int = 0) -> tuple[mx.array, mx.array]:
        """The same, and the divergence from the stock summed over the batch's held targets, in nats.

        It is KL(stock, model) = sum of p (ln p - ln q) over the vocabulary, p the stock's probabilities, which get no
        gradient, and q the model's (Hinton et al., arXiv 1503.02531, at temperature 1). The stock is the model
        without its adapters.
        """
        states = self._states(batch, seed)
        entropy = self._entropy_of(states, batch.targets)
        if batch.held is None:
            return entropy, mx.array(0.0)
        with adapters.removed(self.model):
            before = mx.stop_gradient(self._states(batch, seed)[batch.held])
        return entropy, self._in_pieces(_divergence, states[batch.held], before)

    def _states(self, batch: Batch, seed: int) -> mx.array:
        """What the head makes logits of for each target, (targets, dimension); the logits if it cannot be run apart."""
        mx.random.seed(seed)
        hidden = self._hidden(batch, seed) if self.plain else self._logits(batch, seed)
        return hidden.reshape(-1, hidden.shape[-1])[batch.positions]

    def _logits(self, batch: Batch, seed: int) -> mx.array:
        """Logits of the rows, (rows, width, vocabulary), of a model whose head cannot be run apart."""
        if not self.recompute:
            return self.model(batch.inputs)  # type: ignore[no-any-return]
        with recomputed(language_model(self.model).model, seed):
            return self.model(batch.inputs)  # type: ignore[no-any-return]

    def _hidden(self, batch: Batch, seed: int) -> mx.array:
        """Hidden states of the rows, (rows, width, dimension)."""
        inner = language_model(self.model).model
        hidden: mx.array
        with recomputed(inner, seed) if self.recompute else contextlib.nullcontext():
            if batch.prefix is None:
                hidden = inner(batch.inputs)
                return hidden
            if self.windows is None:
                raise ValueError("this architecture cannot share a prefix")
            kept = [Span(window) for window in self.windows]
            inner(batch.prefix, cache=kept)
            hidden = inner(batch.inputs, cache=[Span(span.window, span.keys, span.values) for span in kept])
            return hidden

    def _entropy_of(self, states: mx.array, targets: mx.array) -> mx.array:
        return self._in_pieces(_entropy, states, targets)

    def _in_pieces(self, measure: Measure, states: mx.array, others: mx.array) -> mx.array:
        """Sum of `measure` over the positions, taken in pieces so that few logits exist at a time."""
        if not self.plain:
            return measure(lambda logits: logits, states, others)
        text = language_model(self.model)
        head = text.lm_head if "lm_head" in text else text.model.embed_tokens
        size = max(1, LOGITS_AT_ONCE // head.weight.shape[0])
        if states.shape[0] <= size:
            return measure(partial(project, self.model), states, others)
        pieces = [slice(at, at + size) for at in range(0, states.shape[0], size)]
        if not head.trainable_parameters():
            return self._graded(GRADED[measure], states, others, pieces)

        # mx.checkpoint gives what is captured from outside a zero gradient: right for `others`, which need none; the
        # head's weights go in as an argument.
        weights, parts = head.trainable_parameters(), []
        for where in pieces:

            def piece(parameters: dict[str, Any], some: mx.array, other: mx.array = others[where]) -> mx.array:
                head.update(parameters)
                return measure(partial(project, self.model), some, other)

            parts.append(mx.checkpoint(piece)(weights, states[where]))
        return mx.stack(parts).sum()

    def _graded(self, graded: Graded, states: mx.array, others: mx.array, pieces: Sequence[slice]) -> mx.array:
        """The same under a frozen head: the states' gradients are taken along with the values, so that no piece is run
        again in the backward pass (fused linear cross-entropy, arXiv 2410.10989). The head itself is not touched:
        another lane would find the arrays of this one's graph in it.
        """
        fixed = mx.stop_gradient(states)
        values: list[mx.array] = []
        gradients: list[mx.array] = []
        head = partial(project, self.model)
        for where in pieces:
            some = fixed[where]
            if gradients:  # one after the other
                (some,) = mx.depends([some], [gradients[-1]])
            value, gradient = graded(head, some, others[where])
            values.append(value)
            gradients.append(gradient)
        no_more = (states - fixed) * mx.concatenate(gradients)  # nothing in value; its gradient is theirs
        return mx.stack(values).sum() + no_more.sum()


def _entropy(head: Logits, states: mx.array, targets: mx.array) -> mx.array:
    """Sum of the cross-entropy in nats of states (n, dimension) against ids (n,), in float32."""
    logits = head(states).astype(mx.float32)
    total: mx.array = nn.losses.cross_entropy(logits, targets, reduction="sum")
    return total


def _entropy_graded(head: Logits, states: mx.array, targets: mx.array) -> tuple[mx.array, mx.array]:
    """The same and its gradient, which is the probabilities, less one at the target, back through the head."""
    logits, places = head(states).astype(mx.float32), targets[:, None]
    top = logits.max(axis=-1, keepdims=True)
    weights = exp(logits - top)
    total = weights.sum(axis=-1, keepdims=True)
    value = (top + mx.log(total) - mx.take_along_axis(logits, places, axis=-1)).sum()
    at_targets = mx.take_along_axis(weights, places, axis=-1)
    slopes = mx.put_along_axis(weights, places, at_targets - total, axis=-1)
    _, (gradient,) = mx.vjp(lambda some: head(some).astype(mx.float32), [states], [slopes])
    return value, gradient / total.astype(gradient.dtype)


def _divergence(head: Logits, states: mx.array, before: mx.array) -> mx.array:
    """Sum of KL(before, now) in nats over states (n, dimension), in float32."""
    now, stock = (
        logits - mx.logsumexp(logits, axis=-1, keepdims=True)
        for logits in (head(some).astype(mx.float32) for some in (states, before))
    )
    stock = mx.stop_gradient(stock)
    return (mx.exp(stock) * (stock - now)).sum()


def _divergence_graded(head: Logits, states: mx.array, before: mx.array) -> tuple[mx.array, mx.array]:
    """The same and its gradient."""
    value, gradient = mx.value_and_grad(partial(_divergence, head))(states, before)
    return value, gradient


GRADED: dict[Measure, Graded] = {_entropy: _entropy_graded, _divergence: _divergence_graded}
"""How each measure is taken along with the states' gradient."""


@contextlib.contextmanager
def recomputed(inner: nn.Module, seed: int) -> Iterator[None]:
    """While open, the model's layers keep only their inputs and run again in the backward pass."""
    layers = inner.layers
    inner.layers = [_Recomputed(layer, seed + 1_000_003 * number) for number, layer in enumerate(layers, 1)]
    try:
        yield
    finally:
        inner.layers = layers


def _runs_again(inner: nn.Module) -> bool:
    """Whether the layers take and give what `_Recomputed` hands on; nothing is computed."""
    before = inner.trainable_parameters()
    try:
        with recomputed(inner, 0):
            return isinstance(inner(mx.array([[1, 2, 3]])), mx.array)
    except (TypeError, ValueError, AttributeError):
        return False
    finally:
        inner.update(before)


class _Recomputed:
    """A layer under gradient checkpointing. Everything that needs a gradient enters and leaves as an argument."""

    def __init__(self, layer: nn.Module, seed: int) -> None:
        self._layer = layer
        self._seed = seed

    def __getattr__(self, name: str) -> Any:
        return getattr(self._layer, name)

    def __call__(self, x: mx.array, mask: Any = None, cache: Span | None = None) -> mx.array:
        before = [] if cache is None or cache.keys is None or cache.values is None else [cache.keys, cache.values]

        def run(parameters: dict[str, Any], x: mx.array, before: list[mx.array]) -> list[mx.array]:
            # Both runs must drop the same activations.
            mx.random.seed(self._seed)
            self._layer.update(parameters)
            if cache is None:
                return [self._layer(x, mask, None)]
            span = Span(cache.window, *before)
            out = self._layer(x, mask, span)
            if before:
                return [out]
            assert span.keys is not None and span.values is not None
            return [out, span.keys, span.values]

        out, *kept = mx.checkpoint(run)(self._layer.trainable_parameters(), x, before)
        if kept and cache is not None:
            cache.keys, cache.values = kept
        return out
