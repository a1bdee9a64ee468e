"""A reply that comes in pieces: what of it can be shown before all of it is there.

What is shown, and the reply, depend on the text alone, not on how it was cut.
"""

from __future__ import annotations

from enum import Enum

from mlx_train.chat.formats import FALLBACK, FORMATS
from mlx_train.chat.formats.call import Tools
from mlx_train.chat.parse import THINK, THOUGHT, Kind, Reply, after_thoughts, around, first_block, parse


class _At(Enum):
    START = 0
    THOUGHTS = 1
    BODY = 2
    """At the first character after the thoughts."""
    WORDS = 3
    CALLS = 4
    """Where calls may have begun: nothing more is shown before the end."""


class Stream:
    """One assistant message in the making.

    Args:
        format, tools, thinking: as `parse` takes them.
    """

    def __init__(self, format: str = FALLBACK, tools: Tools = (), *, thinking: bool = False) -> None:
        self.format = format
        self.tools = tools
        self.thinking = thinking
        self._how = FORMATS[format]
        self._pieces: list[str] = []
        self._at = _At.THOUGHTS if thinking else _At.START
        self._held = ""
        self._shown = 0
        """How much of the text was shown or passed over; `_held` follows."""

    def feed(self, piece: str) -> str:
        """Take the next piece; the words that can be shown now."""
        self._pieces.append(piece)
        if self._at is _At.CALLS:
            return ""
        self._held += piece
        if self._at is _At.START:
            self._pass(len(self._held) - len(self._held.lstrip()))
            if THINK.startswith(self._held):
                return ""
            self._at = _At.THOUGHTS if self._held.startswith(THINK) else _At.BODY
        if self._at is _At.THOUGHTS:
            end = self._held.find(THOUGHT)
            self._pass(end + len(THOUGHT) if end >= 0 else max(0, len(self._held) - len(THOUGHT) + 1))
            if end < 0:
                return ""
            self._at = _At.BODY
        if self._at is _At.BODY:
            self._pass(len(self._held) - len(self._held.lstrip()))
            if not self._held:
                return ""
            bare = self._how.bare is not None and self._held.startswith(self._how.bare_first)
            self._at = _At.CALLS if bare else _At.WORDS
        return self._words() if self._at is _At.WORDS else ""

    def end(self, *, stopped: bool) -> tuple[str, Reply]:
        """The words still to be shown, and the reply; a call that cannot be read is words."""
        raw = "".join(self._pieces)
        reply = parse(raw, stopped=stopped, format=self.format, tools=self.tools, thinking=self.thinking)
        start, spans = after_thoughts(raw, self.thinking), reply.spans
        if reply.kind is Kind.TRUNCATED:
            spans = ((first_block(raw, start, self._how), len(raw)),)
        return "".join(around(raw, max(start, self._shown), spans)), reply

    def _words(self) -> str:
        """The held words, but for an end that may be the beginning of a mark."""
        if found := self._how.opening.search(self._held):
            self._at = _At.CALLS
            return self._pass(found.start())
        longest = max(map(len, self._how.marks)) - 1
        ends = (self._held[len(self._held) - size :] for size in range(min(longest, len(self._held)), 0, -1))
        kept = next((end for end in ends if any(mark.startswith(end) for mark in self._how.marks)), "")
        return self._pass(len(self._held) - len(kept))

    def _pass(self, count: int) -> str:
        """Let go of that many held characters."""
        gone, self._held = self._held[:count], self._held[count:]
        self._shown += count
        return gone
