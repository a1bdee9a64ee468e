"""Mistral: `[TOOL_CALLS][{"name": ..., "arguments": {...}}, ...]`, or `[TOOL_CALLS]name[ARGS]{...}` in later models."""

from __future__ import annotations

import re

from mlx_train.chat.formats.call import Fault, Format, ParsedCall, Tools, call, json_call, json_value, skip

MARK = "[TOOL_CALLS]"
HEADER = re.compile(r"([\w.-]++)(?:\[CALL_ID\][\w-]++)?+(?:\[ARGS\])?+\s*+(?=\{)")


def block(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The calls after the mark at a position, and where they end."""
    end = skip(text, position + len(MARK))
    if text.startswith("[", end):
        value, end = json_value(text, end)
        if not value:
            raise Fault("no call")
        return [json_call(item) for item in value], end
    calls = []
    while header := HEADER.match(text, skip(text, end)):
        arguments, end = json_value(text, header.end())
        calls.append(call(header[1], arguments))
    if not calls:
        raise Fault("neither a list nor a name with arguments")
    return calls, end


MISTRAL = Format(
    expected=f'{MARK} and a JSON list of objects with "name" and "arguments"',
    signs=(MARK,),
    marks=(MARK,),
    block=block,
)
