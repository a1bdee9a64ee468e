"""Hermes, Qwen3 and the embedded model: `<tool_call>{"name": ..., "arguments": {...}}</tool_call>`.

The JSON value is read to its own end, so a closing tag inside a string changes nothing.
"""

from __future__ import annotations

import re

from mlx_train.chat.formats.call import Format, ParsedCall, Tools, close, json_call, json_value, skip

OPEN, CLOSE = "<tool_call>", "</tool_call>"


def block(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The call of the block at a position, and where the block ends."""
    calls, end = bare(text, skip(text, position + len(OPEN)), tools)
    return calls, close(text, end, CLOSE, [OPEN])


def bare(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The call at a position, without tags."""
    value, end = json_value(text, position)
    return [json_call(value)], end


HERMES = Format(
    expected='one JSON object with "name" and "arguments"',
    signs=(OPEN,),
    marks=(OPEN,),
    block=block,
    strays=(CLOSE,),
    bare=bare,
    bare_first="{",
    bare_meant=re.compile(r'\{\s*+"name"\s*+:\s*+"[^"\\]*+"\s*+,\s*+"arguments"'),
)
