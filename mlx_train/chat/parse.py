"""Reading what a model wrote: words, tool calls, or neither, in any of `formats`.

`parse` is total (any text gives a `Reply`) and takes time linear in the text. It never repairs and never evaluates: a
block is a call or it is not, and a value is what was written or the block is malformed.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum
from typing import Any

from mlx_train.chat.formats import FALLBACK, FORMATS
from mlx_train.chat.formats.call import Fault, Format, ParsedCall, Tools, json_call, skip
from mlx_train.chat.formats.hermes import CLOSE, OPEN

__all__ = ["CLOSE", "OPEN", "Kind", "ParsedCall", "Reply", "parse", "structured"]

THINK, THOUGHT = "<think>", "</think>"


class Kind(Enum):
    """What a reply is."""

    WORDS = "words"
    CALLS = "calls"
    MALFORMED = "malformed"
    """A call block does not hold a valid call."""
    TRUNCATED = "truncated"
    """The model was cut off before it ended its turn."""


@dataclass(frozen=True)
class Reply:
    """One assistant message. `calls` is filled only when `kind` is CALLS; `raw` is always the whole text."""

    kind: Kind
    calls: tuple[ParsedCall, ...]
    words: str
    """The text outside thoughts and call blocks, without blanks at its ends."""
    raw: str
    spans: tuple[tuple[int, int], ...] = ()
    """Where in `raw` the blocks lie that `calls` were read from."""

    def message(self) -> dict[str, Any]:
        """The reply as a canonical message, to go on from; what is not a valid call stays in the words."""
        if self.kind is not Kind.CALLS:
            return {"role": "assistant", "content": self.raw if self.kind is Kind.MALFORMED else self.words}
        calls = [
            {"type": "function", "function": {"name": call.name, "arguments": call.arguments}} for call in self.calls
        ]
        return {"role": "assistant", "content": self.words, "tool_calls": calls}


def parse(raw: str, *, stopped: bool, format: str = FALLBACK, tools: Tools = (), thinking: bool = False) -> Reply:
    """What the model wrote.

    Args:
        raw: the text of one assistant message, without the end-of-turn token.
        stopped: whether the model ended the message itself. If not, no call is read from it.
        format: one of `formats.FORMATS`.
        tools: the catalogue; formats that write values as plain text need it to tell 5 from "5".
        thinking: the text begins within thoughts, whose opening mark the template wrote.
    """
    how, start = FORMATS[format], after_thoughts(raw, thinking)
    before = raw[start : first_block(raw, start, how)].strip()
    if not stopped:
        return Reply(Kind.TRUNCATED, (), before, raw)
    try:
        blocks = _blocks(raw, start, how, tools)
        spans = tuple(span for _, span in blocks)
        words = "\n".join(stripped for piece in around(raw, start, spans) if (stripped := piece.strip()))
        if blocks and any(stray in words for stray in how.strays):
            raise Fault("the end of a block without its beginning")
    except Fault:
        return Reply(Kind.MALFORMED, (), before, raw)
    calls = tuple(call for held, _ in blocks for call in held)
    return Reply(Kind.CALLS if calls else Kind.WORDS, calls, words, raw, spans)


def structured(content: str, calls: Sequence[tuple[str, Any]], *, stopped: bool) -> Reply:
    """A message whose calls, (name, arguments as JSON text), came apart from its words, as endpoints send them."""
    raw = "\n".join([*([content] if content else []), *(f"{name}({arguments})" for name, arguments in calls)])
    begun = content.find(THOUGHT) > content.rfind(THINK)  # some servers cut the opening mark off
    words = content[after_thoughts(content, begun) :].strip()
    if not stopped:
        return Reply(Kind.TRUNCATED, (), words, raw)
    try:
        found = tuple(json_call({"name": name, "arguments": arguments}) for name, arguments in calls)
    except Fault:
        return Reply(Kind.MALFORMED, (), words, raw)
    return Reply(Kind.CALLS if found else Kind.WORDS, found, words, raw)


Block = tuple[list[ParsedCall], tuple[int, int]]
"""The calls of a block, and where it lies."""


def after_thoughts(raw: str, thinking: bool = False) -> int:
    """Where a leading block of thoughts ends; at the end of the text, if the thoughts have no end."""
    if not thinking and not raw.startswith(THINK, len(raw) - len(raw.lstrip())):
        return 0
    end = raw.find(THOUGHT)
    return len(raw) if end < 0 else end + len(THOUGHT)


def first_block(raw: str, start: int, how: Format) -> int:
    """Where the first block begins, or was to begin; the end of the text, if there is none."""
    if how.bare_meant and how.bare_meant.match(raw, skip(raw, start)):
        return start
    found = how.opening.search(raw, start)
    return found.start() if found else len(raw)


def _blocks(raw: str, start: int, how: Format, tools: Tools) -> list[Block]:
    """Every block, or the calls that the whole text is without a mark as one.

    Raises:
        Fault: a block is not a call, or the text is meant as calls and is none.
    """
    begin = skip(raw, start)
    if how.bare_meant and how.bare_meant.match(raw, begin):
        return _bare(raw, begin, how, tools)
    found: list[Block] = []
    while opening := how.opening.search(raw, start):
        calls, start = how.block(raw, opening.start(), tools)
        found.append((calls, (opening.start(), start)))
    if not found:
        with suppress(Fault):
            return _bare(raw, begin, how, tools)
    return found


def _bare(raw: str, begin: int, how: Format, tools: Tools) -> list[Block]:
    if how.bare is None or not raw.startswith(how.bare_first, begin):
        return []
    calls, end = how.bare(raw, begin, tools)
    if skip(raw, end) != len(raw):
        raise Fault("text after a call")
    return [(calls, (begin, end))]


def around(raw: str, start: int, spans: Sequence[tuple[int, int]]) -> list[str]:
    """The text from `start` on that is outside the spans, a piece before each and one after the last."""
    begins, ends = [start, *(end for _, end in spans)], [*(begin for begin, _ in spans), len(raw)]
    return [raw[max(begin, start) : end] for begin, end in zip(begins, ends, strict=True)]
