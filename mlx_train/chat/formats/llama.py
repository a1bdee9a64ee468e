"""Llama 3: `{"name": ..., "parameters": {...}}`, with or without `<|python_tag|>` before it.

One call a message: Meta's templates refuse to write two, so what was read could not be shown to the model again.
"""

from __future__ import annotations

import re

from mlx_train.chat.formats.call import Fault, Format, ParsedCall, Tools, json_call, json_value, skip

TAG = "<|python_tag|>"


def block(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The call after the tag at a position, and where it ends."""
    calls, end = bare(text, skip(text, position + len(TAG)), tools)
    if skip(text, end) != len(text):
        raise Fault("text after the call")
    return calls, end


def bare(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The call at a position, and where it ends."""
    value, end = json_value(text, position)
    return [json_call(value, ("parameters", "arguments"))], end


LLAMA = Format(
    expected='one JSON object with "name" and "parameters"',
    signs=(TAG, '"parameters": '),
    marks=(TAG,),
    block=block,
    bare=bare,
    bare_first="{",
    bare_meant=re.compile(r'\{\s*+"name"\s*+:\s*+"[^"\\]*+"\s*+,\s*+"(?:parameters|arguments)"'),
)
