"""A conversation with a model on this machine that is not known beforehand: what is new is read, and words are shown
as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import mlx.core as mx
from mlx_lm.generate import generate_step
from mlx_lm.models.cache import make_prompt_cache

from mlx_train.chat.parse import Reply
from mlx_train.chat.render import Chat
from mlx_train.chat.stream import Stream

Message = dict[str, Any]
MOST_TOKENS = 256
HALF = "\ufffd"
"""What a tokenizer gives for the first bytes of a character."""


class Dialogue:
    """Messages, and a model that writes the next one greedily.

    As in a rollout of the gates, the model goes on from the very ids that it wrote.

    Attributes:
        messages: the conversation so far, system prompt first.
    """

    def __init__(self, model: Any, chat: Chat, tools: Sequence[dict[str, Any]], system: str) -> None:
        self.model, self.chat, self.tools = model, chat, tools
        self.messages: list[Message] = [{"role": "system", "content": system}]
        self._cache: list[Any] | None = None
        """Keys and values of all that was said, if the model ended its last message itself."""

    def say(self, new: Sequence[Message], show: Callable[[str], None]) -> Reply:
        """Put new messages to the model; its answer, which is then the last of `messages`.

        Args:
            show: is given the words outside calls and thoughts, piece by piece.

        An interruption (`KeyboardInterrupt`) ends the message where it is, like the limit of `MOST_TOKENS`.

        Raises:
            BadInput: the template refuses the conversation.
        """
        before, self.messages = self.messages, [*self.messages, *new]
        unread = self.chat.continuation(before, new, self.tools) if self._cache else None
        cache = self._cache if unread else make_prompt_cache(self.model)
        unread = unread or self.chat.prompt(self.messages, self.tools)
        self._cache = None  # of a message that is cut off, nobody knows how much the layers have read
        stream, stopped = Stream(self.chat.format, self.tools, thinking=self.chat.thinking), False
        ids: list[int] = []
        told = ""
        try:
            for id, _ in generate_step(mx.array(unread), self.model, max_tokens=MOST_TOKENS, prompt_cache=cache):
                if stopped := id in self.chat.stop_ids:
                    break
                ids.append(int(id))
                text = self.chat.tokenizer.decode(ids)
                if text.startswith(told) and not text.endswith(HALF):
                    piece, told = text[len(told) :], text
                    show(stream.feed(piece))
        except KeyboardInterrupt:
            stopped = False
        show(stream.feed(self.chat.tokenizer.decode(ids)[len(told) :]))
        rest, reply = stream.end(stopped=stopped)
        show(rest)
        self._cache = cache if stopped else None
        self.messages.append(reply.message())
        return reply

    def leave(self, new: Sequence[Message]) -> None:
        """Put new messages to which the model gives no answer, so that a person can go on."""
        self.messages += [*new, {"role": "assistant", "content": "I stop here."}]
        self._cache = None
