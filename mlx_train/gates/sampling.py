"""Drawing ids by their probability instead of taking the likeliest, in a way that can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import mlx.core as mx

from mlx_train.gates.conversation import Conversation

Sampler = Callable[[mx.array], mx.array]
"""From (1, vocabulary) logits, or logits less a constant, to the (1,) id drawn."""


def sampler(conversation: Conversation, temperature: float) -> Sampler | None:
    """What draws the message that a conversation is at; None where decoding is greedy.

    What is drawn follows from the logits, the task, the sample and the place in the rollout; not from the rollouts
    beside it.
    """
    if not temperature:
        return None
    places = count(conversation.tokens)

    def draw(logits: mx.array) -> mx.array:
        key = mx.random.key(conversation.seed + (next(places) << 31))
        return mx.random.categorical(logits.astype(mx.float32) / temperature, key=key)

    return draw
