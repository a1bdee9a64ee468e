"""Reading literals: lists, objects, numbers, strings and constants, in the notations that are not JSON.

A scanner instead of Python's own parser: nothing is evaluated, time is linear, nesting is bounded, and a name keeps the
characters it was written with.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from mlx_train.chat.formats.call import DEPTH, Fault, finite, skip, unique

NUMBER = re.compile(r"(-?+(?:0|[1-9][0-9]*+))(\.[0-9]++)?+([eE][+-]?+[0-9]++)?+")
WORD = re.compile(r"\w++")
CONSTANTS = {"True": True, "False": False, "None": None, "true": True, "false": False, "null": None}
STRINGS = {
    quote: re.compile(rf"{quote}([^{q}\\]*+(?:(?:\\.|{q}(?!{quote[1:]}))[^{q}\\]*+)*+){quote}", re.DOTALL)
    for quote, q in (("'''", "'"), ('"""', '"'), ("'", "'"), ('"', '"'))
}
"""A string's inside, up to its quote; in a long string one or two quotes are part of it."""
ESCAPE = re.compile(r"\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{1,3})|(.))", re.DOTALL)
ESCAPED = dict(zip("\\'\"abfnrtv\n", ["\\", "'", '"', "\a", "\b", "\f", "\n", "\r", "\t", "\v", ""], strict=True))


class Literals:
    """A place in a text, and what can be read there; every method raises Fault for what it cannot read.

    This is Python's notation; true, false and null are read too.
    """

    def __init__(self, text: str, position: int) -> None:
        self.text = text
        self.position = position

    def take(self, mark: str) -> bool:
        """Whether `mark` comes next, after blanks; then go past it."""
        self.position = skip(self.text, self.position)
        found = self.text.startswith(mark, self.position)
        self.position += len(mark) * found
        return found

    def need(self, mark: str) -> None:
        """Go past `mark`."""
        if not self.take(mark):
            raise Fault(f"{mark} expected")

    def match(self, pattern: re.Pattern[str], what: str) -> re.Match[str]:
        """Go past what the pattern finds here."""
        found = pattern.match(self.text, self.position)
        if not found:
            raise Fault(f"{what} expected")
        self.position = found.end()
        return found

    def separated(self, end: str, read: Callable[[], Any]) -> list[Any]:
        """What `read` reads, apart by commas, up to `end`."""
        found = []
        while not self.take(end):
            found.append(read())
            if not self.take(","):
                self.need(end)
                break
        return found

    def value(self, depth: int = DEPTH) -> Any:
        """A value, nested no deeper than `depth`."""
        if depth == 0:
            raise Fault("nested too deeply")
        if self.take("["):
            return self.separated("]", lambda: self.value(depth - 1))
        if self.take("{"):
            return self.entries(depth - 1)
        if (text := self.string()) is not None:
            return text
        if self.text[self.position : self.position + 1] in {*"-0123456789"}:
            return self.number()
        word = self.match(WORD, "a value")[0]
        if word not in CONSTANTS:
            raise Fault(f"{word} is not a literal")
        return CONSTANTS[word]

    def entries(self, depth: int = DEPTH) -> dict[str, Any]:
        """The rest of an object after its opening brace."""

        def entry() -> tuple[str, Any]:
            self.position = skip(self.text, self.position)
            key = self.key()
            self.need(":")
            return key, self.value(depth)

        return unique(self.separated("}", entry))

    def key(self) -> str:
        """The key of an entry."""
        if (text := self.string()) is None:
            raise Fault("a key is not a string")
        return text

    def number(self) -> int | float:
        """A JSON number."""
        found = self.match(NUMBER, "a number")
        try:
            return finite(found[0]) if found[2] or found[3] else int(found[1])
        except ValueError as error:  # more digits than Python converts
            raise Fault(str(error)) from None

    def string(self) -> str | None:
        """A string, or None where none begins."""
        quote = next((quote for quote in STRINGS if self.text.startswith(quote, self.position)), None)
        return ESCAPE.sub(_unescaped, self.match(STRINGS[quote], "the end of a string")[1]) if quote else None


def _unescaped(found: re.Match[str]) -> str:
    """What a backslash and what follows it stand for; an escape that Python does not know stands for itself."""
    other: str | None = found[5]
    if other is None:
        code = int(found[4], 8) if found[4] else int(found[1] or found[2] or found[3], 16)
        if code > 0x10FFFF:
            raise Fault("not a character")
        return chr(code)
    if other in "xuUN":
        raise Fault("an escape without its digits")
    return ESCAPED.get(other, found[0])
