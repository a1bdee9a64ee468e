"""Qwen3-Coder: `<tool_call><function=name><parameter=key>value</parameter>...</function></tool_call>`.

Values are plain text, so the catalogue says what they are. A closing tag inside a value is part of the value unless
what must follow the end of a parameter follows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from mlx_train.chat.formats.call import Fault, Format, ParsedCall, Tools, call, close, json_whole, skip, unique
from mlx_train.chat.formats.literals import Literals

OPEN, CLOSE = "<tool_call>", "</tool_call>"
FUNCTION, END = "<function=", "</function>"
NAME = re.compile(r"<function=([^\s<>]++)>\s*+")
PARAMETER = re.compile(r"<parameter=([^\n<>]++)>\n?+")
AFTER_VALUE = re.compile(r"\n?</parameter>\s*+(?=<parameter=|</function>)")
TYPES = {
    bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array", dict: "object"
}  # fmt: skip


def block(text: str, position: int, tools: Tools) -> tuple[list[ParsedCall], int]:
    """The call of the block at a position, and where the block ends."""
    if text.startswith(OPEN, position):
        position = skip(text, position + len(OPEN))
    if not (found := NAME.match(text, position)):
        raise Fault("no function")
    name, position = found[1], found.end()
    schemas = _schemas(name, tools)
    pairs = []
    while not text.startswith(END, position):
        if not (key := PARAMETER.match(text, position)) or not (end := AFTER_VALUE.search(text, key.end())):
            raise Fault("neither a parameter nor the end of the function")
        pairs.append((key[1], value(text[key.end() : end.start()], schemas.get(key[1]))))
        position = end.end()
    return [call(name, unique(pairs))], close(text, position + len(END), CLOSE, [OPEN, FUNCTION])


def _schemas(name: str, tools: Tools) -> Mapping[str, Any]:
    """The schemas of a tool's parameters; none for a tool that is not in the catalogue."""
    for tool in tools:
        function = tool.get("function", tool)
        if function.get("name") == name:
            schemas = (function.get("parameters") or {}).get("properties") or {}
            return schemas if isinstance(schemas, Mapping) else {}
    return {}


def value(text: str, schema: Any) -> Any:
    """What a text is under its parameter's schema: itself, or the value of an allowed type other than text."""
    types = _types(schema)
    if types == {"string"}:
        return text
    try:
        found = _literal(text)
        call("", {"": found})
    except Fault:
        return text
    kind = TYPES[type(found)]
    allowed = types - {"string"} if "string" in types else types | {"null"}
    return found if kind in allowed or (kind == "integer" and "number" in allowed) else text


def _types(schema: Any) -> set[str]:
    """The JSON types that a schema allows; text, where it does not say."""
    if not isinstance(schema, Mapping):
        return {"string"}
    found: set[str] = set()
    for part in [schema, *(schema.get("anyOf") or ()), *(schema.get("oneOf") or ())]:
        named = part.get("type") or ()
        found |= {named} if isinstance(named, str) else set(named)
    return found or {TYPES[type(choice)] for choice in schema.get("enum") or ()} or {"string"}


def _literal(text: str) -> Any:
    """The JSON value that a text is, or the Python literal; templates write either."""
    try:
        return json_whole(text)
    except Fault:
        here = Literals(text, 0)
        found = here.value()
        if skip(text, here.position) != len(text):
            raise Fault("text after the value") from None
        return found


QWEN3_CODER = Format(
    expected=f"{OPEN}{FUNCTION}name><parameter=key>value</parameter>{END}{CLOSE}",
    signs=(FUNCTION,),
    marks=(OPEN, FUNCTION),
    block=block,
    strays=("</parameter>", END, CLOSE),
)
