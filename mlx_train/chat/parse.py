"""Reading what a model wrote: words, tool calls, or neither.

The format is Hermes style, as Qwen3 and the embedded model write it:
`<tool_call>{"name": ..., "arguments": {...}}</tool_call>`. `parse` is total (any text gives a `Reply`) and takes time
linear in the text. It reads the JSON value after the opening tag to its own end, so a closing tag inside a string
changes nothing, and it never repairs: a block is a call or it is not.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

OPEN, CLOSE = "<tool_call>", "</tool_call>"
THINK, THOUGHT = "<think>", "</think>"
DEPTH = 32
"""Deepest nesting of a call that is read: far above any tool's, far below what exhausts the stack when it is copied."""


class Kind(Enum):
    """What a reply is."""

    WORDS = "words"
    CALLS = "calls"
    MALFORMED = "malformed"
    """A call block does not hold a valid call."""
    TRUNCATED = "truncated"
    """The model was cut off before it ended its turn."""


@dataclass(frozen=True)
class ParsedCall:
    """One call the model made."""

    name: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One assistant message. `calls` is filled only when `kind` is CALLS; `raw` is always the whole text."""

    kind: Kind
    calls: tuple[ParsedCall, ...]
    words: str
    """The text outside thoughts and call blocks, without blanks at its ends."""
    raw: str

    def message(self) -> dict[str, Any]:
        """The reply as a canonical message, to go on from; what is not a valid call stays in the words."""
        if self.kind is not Kind.CALLS:
            return {"role": "assistant", "content": self.raw if self.kind is Kind.MALFORMED else self.words}
        calls = [
            {"type": "function", "function": {"name": call.name, "arguments": call.arguments}} for call in self.calls
        ]
        return {"role": "assistant", "content": self.words, "tool_calls": calls}


class _Fault(ValueError):
    """The text is not a call."""


def parse(raw: str, *, stopped: bool) -> Reply:
    """What the model wrote.

    Args:
        raw: the text of one assistant message, without the end-of-turn token.
        stopped: whether the model ended the message itself. If not, no call is read from it.
    """
    text = _after_thoughts(raw)
    if not stopped:
        return Reply(Kind.TRUNCATED, (), text.partition(OPEN)[0].strip(), raw)
    try:
        calls, words = _blocks(text)
    except _Fault:
        return Reply(Kind.MALFORMED, (), text.partition(OPEN)[0].strip(), raw)
    if not calls and (bare := _bare(text)) is not None:
        calls, words = [bare], ""
    return Reply(Kind.CALLS if calls else Kind.WORDS, tuple(calls), words, raw)


def _after_thoughts(raw: str) -> str:
    """The text after a leading block of thoughts; nothing, if the thoughts have no end."""
    if not raw.lstrip().startswith(THINK):
        return raw
    return raw.partition(THOUGHT)[2]


def _blocks(text: str) -> tuple[list[ParsedCall], str]:
    """The calls of all blocks, and the text around them.

    Raises:
        _Fault: a block is not a call.
    """
    calls, around, position = [], [], 0
    while (start := text.find(OPEN, position)) >= 0:
        around.append(text[position:start])
        value, position = _value(text, _skip(text, start + len(OPEN)))
        calls.append(_call(value))
        position = _skip(text, position)
        if text.startswith(CLOSE, position):
            position += len(CLOSE)
        elif position < len(text) and not text.startswith(OPEN, position):
            raise _Fault("text between a call and the end of its block")
    around.append(text[position:])
    return calls, "\n".join(part for piece in around if (part := piece.strip()))


def _bare(text: str) -> ParsedCall | None:
    """The call that the whole text is, without tags, or None."""
    start = _skip(text, 0)
    if not text.startswith("{", start):
        return None
    try:
        value, end = _value(text, start)
        return _call(value) if _skip(text, end) == len(text) else None
    except _Fault:
        return None


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in " \t\r\n":
        position += 1
    return position


def _unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        raise _Fault("a key stands twice in one object")
    return value


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise _Fault("not a finite number")
    return value


def _refuse(constant: str) -> Any:
    raise _Fault(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=_unique, parse_float=_finite, parse_constant=_refuse)


def _value(text: str, position: int) -> tuple[Any, int]:
    try:
        value, end = _DECODER.raw_decode(text, position)
        text[position:end].encode()
    except (ValueError, RecursionError) as error:  # also: an integer with too many digits, a lone surrogate
        raise _Fault(str(error)) from None
    return value, end


def _call(value: Any) -> ParsedCall:
    if not isinstance(value, dict) or not isinstance(value.get("name"), str) or "arguments" not in value:
        raise _Fault("not an object with name and arguments")
    arguments = value["arguments"]
    if isinstance(arguments, str):
        arguments, end = _value(arguments, _skip(arguments, 0))
        if _skip(value["arguments"], end) != len(value["arguments"]):
            raise _Fault("text after the arguments")
    if not isinstance(arguments, dict):
        raise _Fault("the arguments are not an object")
    _check(arguments)
    return ParsedCall(value["name"], arguments)


def _check(arguments: dict[str, Any]) -> None:
    """Refuse what could be read but not passed on: nesting beyond `DEPTH`, and text that is not Unicode."""
    level: list[Any] = [arguments]
    for _ in range(DEPTH):
        below: list[Any] = []
        for item in level:
            if isinstance(item, dict):
                below += [*item.keys(), *item.values()]
            elif isinstance(item, list):
                below += item
            elif isinstance(item, str):
                try:
                    item.encode()
                except UnicodeEncodeError:
                    raise _Fault("an unpaired surrogate") from None
        level = below
    if level:
        raise _Fault("nested too deeply")
