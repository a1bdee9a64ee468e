"""What templates write: a renderer for each format of tool calls, replies made of them, and a catalogue that fits."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from random import Random
from typing import Any

from mlx_train.chat.parse import Reply, parse

Arguments = dict[str, Any]
IDENTIFIER, TAGGED, PLAIN = r"[^\W\d][\w-]*", r"[^\n<>]+", r"[\w-]+"
"""Keys that a format can write."""
QUOTE = '<|"|>'
KINDS = {
    bool: "boolean", int: "integer", float: "number", str: "string", type(None): "null", list: "array", dict: "object"
}  # fmt: skip


class Refused(Exception):
    """The format has no way to write this."""


def catalogue(name: str, arguments: Arguments) -> list[dict[str, Any]]:
    """A catalogue whose one tool takes these arguments."""
    properties = {key: {"type": KINDS[type(value)]} for key, value in arguments.items()}
    return [{"type": "function", "function": {"name": name, "parameters": {"properties": properties}}}]


def _json(value: Arguments | list[Any]) -> str:
    _unicode(value)
    return json.dumps(value, ensure_ascii=len(value) % 2 == 0)


def _unicode(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        raise Refused("an unpaired surrogate") from None


def _matching(pattern: str, text: str) -> str:
    if not re.fullmatch(pattern, text):
        raise Refused(text)
    return text


def hermes(name: str, arguments: Arguments) -> str:
    return f'<tool_call>\n{{"name": "{name}", "arguments": {_json(arguments)}}}\n</tool_call>'


def llama(name: str, arguments: Arguments) -> str:
    return f'{{"name": "{name}", "parameters": {_json(arguments)}}}'


def llama_tagged(name: str, arguments: Arguments) -> str:
    return f"<|python_tag|>{llama(name, arguments)}"


def mistral(name: str, arguments: Arguments) -> str:
    return f'[TOOL_CALLS] [{{"name": "{name}", "arguments": {_json(arguments)}, "id": "abc123xyz"}}]'


def mistral_named(name: str, arguments: Arguments) -> str:
    return f"[TOOL_CALLS]{name}[ARGS]{_json(arguments)}"


def pythonic(name: str, arguments: Arguments) -> str:
    _unicode(arguments)
    written = (f"{_matching(IDENTIFIER, key)}={value!r}" for key, value in arguments.items())
    return f"[{name}({', '.join(written)})]"


def lfm(name: str, arguments: Arguments) -> str:
    return f"<|tool_call_start|>{pythonic(name, arguments)}<|tool_call_end|>"


def fenced(name: str, arguments: Arguments) -> str:
    return f"```tool_code\n{pythonic(name, arguments)[1:-1]}\n```"


def qwen3_coder(name: str, arguments: Arguments) -> str:
    _unicode(arguments)
    written = ""
    for key, value in arguments.items():
        text = value if isinstance(value, str) else _json(value) if isinstance(value, (dict, list)) else str(value)
        if re.search(r"</parameter>\s*(<parameter=|</function>)", text):
            raise Refused("an end of the parameter inside it")
        written += f"<parameter={_matching(TAGGED, key)}>\n{text}\n</parameter>\n"
    return f"<tool_call>\n<function={name}>\n{written}</function>\n</tool_call>"


def _gemma(value: Any, quote: str) -> str:
    if isinstance(value, str):
        _unicode(value)
        if quote in value:
            raise Refused("the mark of a string inside it")
        return quote + value + quote
    if isinstance(value, dict):
        pairs = (f"{_matching(PLAIN, key)}:{_gemma(held, quote)}" for key, held in sorted(value.items()))
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(_gemma(item, quote) for item in value) + "]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def function_gemma(name: str, arguments: Arguments) -> str:
    return f"<start_function_call>call:{name}{_gemma(arguments, '<escape>')}<end_function_call>"


def gemma4(name: str, arguments: Arguments) -> str:
    return f"<|tool_call>call:{name}{_gemma(arguments, QUOTE)}<tool_call|>"


RENDERERS: list[tuple[str, Callable[[str, Arguments], str]]] = [
    ("hermes", hermes),
    ("llama", llama),
    ("llama", llama_tagged),
    ("mistral", mistral),
    ("mistral", mistral_named),
    ("pythonic", pythonic),
    ("pythonic", lfm),
    ("pythonic", fenced),
    ("qwen3-coder", qwen3_coder),
    ("functiongemma", function_gemma),
    ("gemma4", gemma4),
]
SAMPLES: list[tuple[str, Arguments]] = [
    ("ls", {}),
    ("cp", {"source": "a.txt", "destination": "b/c.txt"}),
    ("wc", {"files": ["a", "é 日"], "limit": 2**63, "ratio": -1.5e-7, "deep": {"on": True, "off": None}}),
    ("echo", {"content": "two\nlines, 'quotes' \"both\" \\ {a,[b ``` </tool_call>", "flag": False}),
]
TOOLS = [tool for name, arguments in SAMPLES for tool in catalogue(name, arguments)]
PIECES = (
    *"{}[]()<>,:;='\"\\ \n\tax0é\U0001f600",
    "<think>", "</think>", "<tool_call>", "</tool_call>", "<function=", "f>", "</function>", "<parameter=", "a>",
    "</parameter>", "\n</parameter>\n</function>", "<|python_tag|>", "[TOOL_CALLS]", "[ARGS]", "[CALL_ID]",
    "<|tool_call_start|>", "<|tool_call_end|>", "<|python_start|>", "```tool_code\n", "```", "'''", '"""', "f(a=",
    "<start_function_call>", "<end_function_call>", "<|tool_call>", "<tool_call|>", "<escape>", '<|"|>', "call:f{",
    '"name": ', '"arguments": ', '"parameters": ', '{"name": "f", "parameters": {', "null", "None", "True", "NaN",
    "inf", "1e999", "-", "9" * 30, "\\u", "\\ud800", "\\x", "\\N{DIGIT ONE}", "[" * 40, "words ",
)  # fmt: skip


def read(format: str, raw: str, tools: Any = TOOLS) -> Reply:
    """What a model that ended its message wrote."""
    return parse(raw, stopped=True, format=format, tools=tools)


def same(one: object, other: object) -> bool:
    """Whether two JSON values are equal in value and type, in any order of keys."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


def outputs(format: str, count: int, seed: int) -> list[str]:
    """Replies of a model: words, calls, thoughts, and calls with something wrong."""
    random = Random(f"{format} {seed}")
    return [_output(format, random) for _ in range(count)]


def _output(format: str, random: Random) -> str:
    writers = [render for name, render in RENDERERS if name == format]
    parts = []
    if random.random() < 0.2:
        parts.append("<think>\nI might <tool_call> or {not}.\n</think>\n\n")
    for _ in range(random.randint(1, 3)):
        parts.append(random.choice(["", "I look.\n", "a < b [1] {x} ```py\n", " "]))
        parts.append(random.choice(writers)(*random.choice(SAMPLES)))
    text = "".join(parts)
    if random.random() < 0.4:
        begin = random.randrange(len(text))
        text = text[:begin] + random.choice(PIECES) + text[begin + random.randint(0, 3) :]
    return text


def noise(format: str, random: Random) -> str:
    """Anything: pieces of every notation, whole calls, and odd characters."""
    writers = [render for name, render in RENDERERS if name == format]
    parts = []
    for _ in range(random.randint(0, 14)):
        draw = random.random()
        if draw < 0.2:
            parts.append(random.choice(writers)(*random.choice(SAMPLES)))
        elif draw < 0.3:
            parts.append(chr(random.choice([random.randrange(0x250), random.randrange(0xD800), 0xD800, 0x2028])))
        else:
            parts.append(random.choice(PIECES))
    return "".join(parts)
