"""Pythonic calls: `[f(a=1), g(b='x')]`, bare, in LFM2's or Llama 4's tags, or in Gemma 3's fence.

Inside tags or a fence the brackets may lack. Arguments are keywords with literal values; nothing is evaluated.
"""

from __future__ import annotations

import re
from typing import Any

from mlx_train.chat.formats.call import Fault, Format, ParsedCall, Tools, call, close, skip, unique
from mlx_train.chat.formats.literals import Literals

TAGS = {
    "<|tool_call_start|>": "<|tool_call_end|>",
    "<|python_start|>": "<|python_end|>",
    "```tool_code": "```",
}
NAME = re.compile(r"[^\W\d][\w.-]*+")
KEY = re.compile(r"[^\W\d][\w-]*+")


def block(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The calls of the block at a position, and where it ends."""
    opening = next(tag for tag in TAGS if text.startswith(tag, position))
    position = skip(text, position + len(opening))
    if text.startswith("[", position):
        calls, position = bare(text, position, tools)
    else:
        calls, position = _lines(text, position)
    return calls, close(text, position, TAGS[opening], list(TAGS))


def bare(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The list of calls at a position, and where it ends."""
    here = Literals(text, position)
    here.need("[")
    calls = here.separated("]", lambda: _call(here))
    if not calls:
        raise Fault("no call")
    return calls, here.position


def _lines(text: str, position: int) -> tuple[list[ParsedCall], int]:
    """Calls without brackets, apart by blanks or `;`."""
    here = Literals(text, position)
    calls = [_call(here)]
    while here.take(";") or NAME.match(text, skip(text, here.position)):
        calls.append(_call(here))
    return calls, here.position


def _call(here: Literals) -> ParsedCall:
    here.position = skip(here.text, here.position)
    name = here.match(NAME, "the name of a function")[0]
    here.need("(")

    def keyword() -> tuple[str, Any]:
        here.position = skip(here.text, here.position)
        key = here.match(KEY, "the name of a parameter")[0]
        here.need("=")
        return key, here.value()

    return call(name, unique(here.separated(")", keyword)))


PYTHONIC = Format(
    expected="a list of calls with named arguments, as in [name(key='value')]",
    signs=tuple(TAGS),
    marks=tuple(TAGS),
    block=block,
    bare=bare,
    bare_first="[",
    bare_meant=re.compile(r"\[\s*+[^\W\d][\w.-]*+\s*+\("),
)
