"""What every format of tool calls shares: the call, the fault, the reading of JSON, and what is never passed on."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

Tools = Sequence[Mapping[str, Any]]
"""A catalogue, as chat templates take it."""
DEPTH = 32
"""Deepest nesting of a call that is read: far above any tool's, far below what exhausts the stack when it is copied."""

BLANKS = re.compile(r"[ \t\r\n]*+")


class Fault(ValueError):
    """The text is not a call."""


@dataclass(frozen=True)
class ParsedCall:
    """One call the model made."""

    name: str
    arguments: dict[str, Any]


Read = Callable[[str, int, Tools], tuple[list[ParsedCall], int]]
"""(text, where to begin, catalogue) -> the calls there, and where they end. Raises Fault."""


@dataclass(frozen=True)
class Format:
    """One way of writing calls.

    Attributes:
        expected: a description of it.
        signs: a template that writes this format holds one of these.
        marks: texts with which a block of calls begins.
        block: reads the block at a mark.
        strays: what stands outside blocks only where a block was read wrongly.
        bare: reads a whole reply that is calls without a mark, if the format has that.
        bare_first: the first characters of such a reply.
        bare_meant: what begins like this is meant as calls, and is malformed if it cannot be read.
    """

    expected: str
    signs: tuple[str, ...]
    marks: tuple[str, ...]
    block: Read
    strays: tuple[str, ...] = ()
    bare: Read | None = None
    bare_first: str = ""
    bare_meant: re.Pattern[str] | None = None

    @cached_property
    def opening(self) -> re.Pattern[str]:
        """Finds the next block."""
        return re.compile("|".join(re.escape(mark) for mark in self.marks))

    @property
    def complaint(self) -> str:
        """What a model that wrote something else is told."""
        return f"not a tool call: expected {self.expected}"


def skip(text: str, position: int) -> int:
    """The position after blanks."""
    found = BLANKS.match(text, position)
    return found.end() if found else position


def close(text: str, position: int, mark: str, marks: Sequence[str]) -> int:
    """The position after the end of a block, which a model may leave out where its reply or the next block follows.

    Raises:
        Fault: there is other text before the end of the block.
    """
    position = skip(text, position)
    if text.startswith(mark, position):
        return position + len(mark)
    if position < len(text) and not any(text.startswith(mark, position) for mark in marks):
        raise Fault("text between a call and the end of its block")
    return position


def unique(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """The pairs as a dictionary.

    Raises:
        Fault: a key stands twice.
    """
    value = dict(pairs)
    if len(value) < len(pairs):
        raise Fault("a key stands twice in one object")
    return value


def finite(text: str) -> float:
    """The number a text is.

    Raises:
        Fault: it is too large for a float.
    """
    if not math.isfinite(value := float(text)):
        raise Fault("not a finite number")
    return value


def _refuse(constant: str) -> Any:
    raise Fault(f"{constant} is not JSON")


_DECODER = json.JSONDecoder(object_pairs_hook=unique, parse_float=finite, parse_constant=_refuse)


def json_value(text: str, position: int) -> tuple[Any, int]:
    """The JSON value at a position, and where it ends.

    Raises:
        Fault: there is none.
    """
    try:
        value, end = _DECODER.raw_decode(text, position)
        text[position:end].encode()
    except (ValueError, RecursionError) as error:  # also: an integer with too many digits, a lone surrogate
        raise Fault(str(error)) from None
    return value, end


def json_whole(text: str) -> Any:
    """The JSON value that a text is.

    Raises:
        Fault: it is none, or there is more.
    """
    value, end = json_value(text, skip(text, 0))
    if skip(text, end) != len(text):
        raise Fault("text after the value")
    return value


def json_call(value: Any, keys: Sequence[str] = ("arguments",)) -> ParsedCall:
    """The call that a JSON value is.

    Args:
        keys: under one of which the arguments stand, as an object or as the JSON text of one.

    Raises:
        Fault: it is none.
    """
    if not isinstance(value, dict) or not isinstance(value.get("name"), str):
        raise Fault("not an object with a name")
    held = [value[key] for key in keys if key in value]
    if len(held) != 1:
        raise Fault("no arguments, or two sets of them")
    return call(value["name"], json_whole(held[0]) if isinstance(held[0], str) else held[0])


def call(name: str, arguments: Any) -> ParsedCall:
    """A call that can be passed on.

    Raises:
        Fault: the arguments are no object, nested beyond `DEPTH`, or they or the name hold text that is not Unicode.
    """
    if not isinstance(arguments, dict):
        raise Fault("the arguments are not an object")
    level: list[Any] = [name, arguments]
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
                    raise Fault("an unpaired surrogate") from None
        level = below
    if level:
        raise Fault("nested too deeply")
    return ParsedCall(name, arguments)
