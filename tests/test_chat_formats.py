"""What each format of tool calls reads, and what it refuses; how a format is chosen."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from call_formats import Arguments, read, same
from chats import TOOLS as CATALOGUE
from chats import conversation, own_tokenizer

from mlx_train.chat.formats import FORMATS, candidates
from mlx_train.chat.parse import Kind
from mlx_train.chat.render import Chat


@pytest.mark.parametrize(
    ("format", "raw", "calls", "words"),
    [
        (
            "qwen3-coder",
            "I look.\n<tool_call>\n<function=cp>\n<parameter=source>\n5\n</parameter>\n</function>\n</tool_call>",
            [("cp", {"source": "5"})],
            "I look.",
        ),
        ("qwen3-coder", "<function=ls>\n</function>\n</tool_call>", [("ls", {})], ""),
        ("qwen3-coder", "Write </function> at the end.", [], "Write </function> at the end."),
        (
            "qwen3-coder",
            "<tool_call><function=wc><parameter=limit>9223372036854775808</parameter>"
            "<parameter=deep>{'on': True}</parameter><parameter=ratio>null</parameter></function>",
            [("wc", {"limit": 2**63, "deep": {"on": True}, "ratio": None})],
            "",
        ),
        ("qwen3-coder", "<function=wc><parameter=limit>five</parameter></function>", [("wc", {"limit": "five"})], ""),
        ("qwen3-coder", "<function=strange><parameter=a>1</parameter></function>", [("strange", {"a": "1"})], ""),
        ("llama", '<|python_tag|>{"name": "ls", "parameters": {}}', [("ls", {})], ""),
        ("llama", 'So:\n<|python_tag|>{"name": "ls", "arguments": {}}', [("ls", {})], "So:"),
        ("llama", '{"name": "Ann", "age": 3}', [], '{"name": "Ann", "age": 3}'),
        ("mistral", '[TOOL_CALLS]a[ARGS]{"b": 1}c{}', [("a", {"b": 1}), ("c", {})], ""),
        ("mistral", "[TOOL_CALLS]a[CALL_ID]x9[ARGS]{}[TOOL_CALLS]b[ARGS]{}", [("a", {}), ("b", {})], ""),
        (
            "mistral",
            '[TOOL_CALLS][{"name": "a", "arguments": "{\\"b\\": \\"[TOOL_CALLS]\\"}"}]',
            [("a", {"b": "[TOOL_CALLS]"})],
            "",
        ),
        (
            "pythonic",
            "[f(a=1, b=[true, None,],), g.h(c='''it's\n''')]",
            [("f", {"a": 1, "b": [True, None]}), ("g.h", {"c": "it's\n"})],
            "",
        ),
        (
            "pythonic",
            "[f(a='<|tool_call_start|>[g()]')]",
            [("f", {"a": "<|tool_call_start|>[g()]"})],
            "",
        ),
        ("pythonic", "Yes.\n```tool_code\nf(a='```')\ng()\n```\nSo.", [("f", {"a": "```"}), ("g", {})], "Yes.\nSo."),
        ("pythonic", r"[f(a='\d\x41\u00e9\n\101', b='a\'b')]", [("f", {"a": "\\dAé\nA", "b": "a'b"})], ""),
        ("pythonic", "[1, 2] is a list", [], "[1, 2] is a list"),
        (
            "functiongemma",
            "<start_function_call>call:f{a:<escape>x,}<escape>,b:{c:[1,null]}}<end_function_call>",
            [("f", {"a": "x,}", "b": {"c": [1, None]}})],
            "",
        ),
        (
            "gemma4",
            '<|tool_call>call:f{a:<|"|><tool_call|><|"|>,b:-1.5}<tool_call|>',
            [("f", {"a": "<tool_call|>", "b": -1.5})],
            "",
        ),
    ],
)
def test_read(format: str, raw: str, calls: list[tuple[str, Arguments]], words: str) -> None:
    reply = read(format, raw)
    assert (reply.kind, reply.words, reply.raw) == (Kind.CALLS if calls else Kind.WORDS, words, raw)
    assert same([[c.name, c.arguments] for c in reply.calls], calls)


@pytest.mark.parametrize(
    ("format", "raw"),
    [
        ("qwen3-coder", '<tool_call>{"name": "ls", "arguments": {}}</tool_call>'),
        ("qwen3-coder", "<function=cp><parameter=source>a</parameter>"),
        ("qwen3-coder", "<function=cp><parameter=a>1</parameter><parameter=a>2</parameter></function>"),
        (
            "qwen3-coder",
            "<function=cp><parameter=a>\nx</parameter>\n</function>\n</tool_call> y\n</parameter>\n</function>",
        ),
        ("llama", '{"name": "a", "parameters": {}}; {"name": "b", "parameters": {}}'),
        ("llama", '<|python_tag|>search.call(query="x")'),
        ("llama", '<|python_tag|>{"name": "a", "parameters": {}, "arguments": {}}'),
        ("mistral", "[TOOL_CALLS]"),
        ("mistral", "[TOOL_CALLS] []"),
        ("mistral", '[TOOL_CALLS] [{"name": "a", "arguments": {"b": NaN}}]'),
        ("pythonic", "[f(1)]"),
        ("pythonic", "[f(a=1, a=2)]"),
        ("pythonic", "[f(a={'b': 1, 'b': 2})]"),
        ("pythonic", "[f(a=g())]"),
        ("pythonic", "[f(a=__import__)]"),
        ("pythonic", "[f(a=1 + 1)]"),
        ("pythonic", "[f(a=1e999)]"),
        ("pythonic", "[f(a=" + "9" * 5000 + ")]"),
        ("pythonic", "[f(a='\\ud800')]"),
        ("pythonic", "[f(a='\\x4')]"),
        ("pythonic", "[f(a='\\U00110000')]"),
        ("pythonic", "[f(a=" + "[" * 60 + "]" * 60 + ")]"),
        ("pythonic", "[f(a=" + "[" * 100_000 + ")]"),
        ("pythonic", "[f(**{'a': 1})]"),
        ("pythonic", "[f()] [g()]"),
        ("pythonic", "<|tool_call_start|>[f()] and<|tool_call_end|>"),
        ("pythonic", "```tool_code\nimport os\n```"),
        ("functiongemma", "<start_function_call>f{}<end_function_call>"),
        ("functiongemma", "<start_function_call>call:f{a:x}<end_function_call>"),
        ("functiongemma", "<start_function_call>call:f{a:1,a:2}<end_function_call>"),
        ("functiongemma", "<start_function_call>call:f{a:<escape>x}<end_function_call>"),
        ("gemma4", "<|tool_call>call:f{a:<escape>x<escape>}<tool_call|>"),
    ],
)
def test_not_a_call(format: str, raw: str) -> None:
    reply = read(format, raw)
    assert (reply.kind, reply.calls, reply.raw) == (Kind.MALFORMED, (), raw)


@pytest.mark.parametrize(
    ("schema", "text", "value"),
    [
        ({"type": "string"}, "null", "null"),
        ({"type": ["string", "null"]}, "null", None),
        ({"type": ["string", "null"]}, "5", "5"),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, "5", 5),
        ({"type": "integer"}, "5.5", "5.5"),
        ({"type": "integer"}, '"5"', '"5"'),
        ({"type": "integer"}, "true", "true"),
        ({"type": "number"}, "9007199254740993", 2**53 + 1),
        ({"type": "boolean"}, "False", False),
        ({"type": "object"}, '{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
        ({"type": "array"}, "[" * 100_000, "[" * 100_000),
        ({"enum": [1, 2]}, "2", 2),
        ({}, "2", "2"),
    ],
)
def test_the_catalogue_says_what_plain_text_is(schema: dict[str, Any], text: str, value: object) -> None:
    tools = [{"type": "function", "function": {"name": "f", "parameters": {"properties": {"a": schema}}}}]
    [found] = read("qwen3-coder", f"<function=f><parameter=a>\n{text}\n</parameter></function>", tools).calls
    assert same(found.arguments, {"a": value})


def test_candidates() -> None:
    assert candidates("{{ '<tool_call>\\n<function=' + name }}") == ["qwen3-coder", "hermes"]
    assert candidates("{{ '[TOOL_CALLS]' + name }}") == ["mistral"]
    assert candidates("{{ '<|tool_call>call:' }}<tool_call|>") == ["gemma4"]
    assert candidates("nothing") == []


CALLING = {
    "qwen3-coder": "<tool_call>\n<function={{ f.name }}>\n{% for key, value in f.arguments.items() %}"
    "<parameter={{ key }}>\n{{ value if value is string else value | tojson }}\n</parameter>\n{% endfor %}"
    "</function>\n</tool_call>",
    "llama": '{"name": "{{ f.name }}", "parameters": {{ f.arguments | tojson }}}',
    "mistral": "[TOOL_CALLS]{{ f.name }}[ARGS]{{ f.arguments | tojson }}",
    "pythonic": "<|tool_call_start|>[{{ f.name }}({% for key, value in f.arguments.items() %}{{ key }}="
    "{{ value | tojson }}{{ ', ' if not loop.last }}{% endfor %})]<|tool_call_end|>",
    "functiongemma": "<start_function_call>call:{{ f.name }}{{ '{' }}{% for key, value in f.arguments.items() %}"
    "{{ key }}:<escape>{{ value }}<escape>{{ ',' if not loop.last }}{% endfor %}{{ '}' }}<end_function_call>",
    "gemma4": "<|tool_call>call:{{ f.name }}{{ '{' }}{% for key, value in f.arguments.items() %}"
    '{{ key }}:<|"|>{{ value }}<|"|>{{ "," if not loop.last }}{% endfor %}{{ "}" }}<tool_call|>',
}
"""How a template writes the call `f`."""


def chat_that_writes(calling: str, end: str = "<|im_end|>") -> Chat:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = (
        "{{ tools | tojson if tools }}{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}"
        "{% for c in m.tool_calls or [] %}{% set f = c.function %}" + calling + "{% endfor %}"
        "{{ '" + end + "' if m.tool_calls else '<|im_end|>' }}\n{% endfor %}"
        "{{ '<|im_start|>assistant\n' if add_generation_prompt }}"
    )
    return Chat(tokenizer)


@pytest.mark.parametrize("format", CALLING)
def test_the_template_decides_the_format(format: str) -> None:
    chat = chat_that_writes(CALLING[format])
    assert chat.native and chat.format == format
    [example] = chat.examples(conversation()[:4], CATALOGUE, "x")
    written = chat.tokenizer.decode([id for id, flag in zip(example.ids, example.trained, strict=True) if flag])
    reply = chat.parse(written.removesuffix("<|im_end|>"), stopped=True, tools=CATALOGUE)
    assert [(c.name, c.arguments) for c in reply.calls] == [("cp", {"source": "a.txt", "destination": "b.txt"})]


def test_a_template_that_cannot_be_used_falls_back_to_text() -> None:
    for chat in (
        chat_that_writes(CALLING["functiongemma"], end="<start_function_response>"),
        chat_that_writes("<tool_call>{{ f.name }}</tool_call>"),
        chat_that_writes("{{ raise_exception('no ids') }}[TOOL_CALLS]"),
    ):
        assert not chat.native and chat.format == "hermes" and FORMATS[chat.format]
        assert "<tool_call>{" in chat.tokenizer.decode(chat.prompt(conversation()[:4], CATALOGUE))
