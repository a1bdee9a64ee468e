"""The parser: total, linear, and never a call that is not there."""

from __future__ import annotations

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_train.chat.parse import CLOSE, OPEN, Kind, ParsedCall, parse, structured


def block(value: object) -> str:
    return f"{OPEN}\n{json.dumps(value, ensure_ascii=False)}\n{CLOSE}"


LS = {"name": "ls", "arguments": {}}


@pytest.mark.parametrize(
    ("raw", "calls", "words"),
    [
        ("Done.", [], "Done."),
        ("", [], ""),
        (block(LS), [("ls", {})], ""),
        (f"First.\n{block(LS)}\n{block(LS)}\nThen.", [("ls", {}), ("ls", {})], "First.\nThen."),
        (f'{OPEN}{{"name": "ls", "arguments": {{}}}}', [("ls", {})], ""),
        (f"{OPEN}{json.dumps(LS)}{OPEN}{json.dumps(LS)}", [("ls", {}), ("ls", {})], ""),
        (json.dumps(LS), [("ls", {})], ""),
        (f"I would call {json.dumps(LS)}", [], f"I would call {json.dumps(LS)}"),
        (
            block({"name": "echo", "arguments": {"content": "</tool_call> and <tool_call>"}}),
            [("echo", {"content": "</tool_call> and <tool_call>"})],
            "",
        ),
        (block({"name": "mkdir", "arguments": {"dir_name": "a/{b,c"}}), [("mkdir", {"dir_name": "a/{b,c"})], ""),
        (block({"name": "wc", "arguments": '{"n": "null"}'}), [("wc", {"n": "null"})], ""),
        (block({"name": "wc", "arguments": {"n": 2**53 + 1}}), [("wc", {"n": 2**53 + 1})], ""),
        ("<think>use <tool_call> now</think>\n\nDone.", [], "Done."),
        (f"<think>\n\n</think>\n\n{block(LS)}", [("ls", {})], ""),
        ('{"a": 1}', [], '{"a": 1}'),
    ],
)
def test_read(raw: str, calls: list[tuple[str, dict[str, object]]], words: str) -> None:
    reply = parse(raw, stopped=True)
    assert reply.kind is (Kind.CALLS if calls else Kind.WORDS)
    assert reply.calls == tuple(ParsedCall(name, arguments) for name, arguments in calls)
    assert reply.words == words and reply.raw == raw


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "{",
        '{"name": "ls"}',
        '{"name": 1, "arguments": {}}',
        '{"name": "ls", "arguments": []}',
        "[]",
        '"ls"',
        "ls()",
        "{'name': 'ls', 'arguments': {}}",
        '{"name": "ls", "arguments": {}}}',
        '{"name": "ls", "arguments": {"a": NaN}}',
        '{"name": "ls", "arguments": {"a": 1e999}}',
        '{"name": "ls", "arguments": {"a": Infinity}}',
        '{"name": "ls", "arguments": {"a": 1, "a": 2}}',
        '{"name": "ls", "arguments": {"a": ' + "9" * 5000 + "}}",
        '{"name": "ls", "arguments": {"a": ' + "[" * 100_000 + "}}",
        '{"name": "ls", "arguments": {"a": ' + "[" * 60 + "]" * 60 + "}}",
        '{"name": "ls", "arguments": {"a": "\\ud800"}}',
        '{"name": "\\ud800", "arguments": {}}',
        '{"name": "ls", "arguments": "not json"}',
        '{"name": "ls", "arguments": "{} {}"}',
    ],
)
def test_not_a_call(inside: str) -> None:
    for raw in (f"Text. {OPEN}{inside}{CLOSE}", f"{block(LS)}{OPEN}{inside}{CLOSE}"):
        reply = parse(raw, stopped=True)
        assert (reply.kind, reply.calls, reply.raw) == (Kind.MALFORMED, (), raw)


@pytest.mark.parametrize("raw", [f"{block(LS)}{CLOSE}", '{"name": "ls", "arguments": {}', json.dumps(LS) + CLOSE])
def test_a_damaged_call_is_no_closing_word(raw: str) -> None:
    assert parse(raw, stopped=True).kind is Kind.MALFORMED


def test_thoughts_that_the_template_began_are_neither_words_nor_calls() -> None:
    raw = f"Which file? 5?\n{block(LS)}\n</think>\n\nDone."
    assert parse(raw, stopped=True).kind is Kind.CALLS
    for said in (parse(raw, stopped=True, thinking=True), structured(raw, [], stopped=True)):
        assert (said.kind, said.words, said.raw) == (Kind.WORDS, "Done.", raw)
    assert parse("Which file?", stopped=True, thinking=True).words == ""


def test_a_cut_off_reply_never_calls() -> None:
    raw = f"I look.\n{block({'name': 'echo', 'arguments': {'content': 'ab'}})}\n{block(LS)} and so on"
    for length in range(len(raw) + 1):
        reply = parse(raw[:length], stopped=False)
        assert reply.kind is Kind.TRUNCATED and reply.calls == () and reply.raw == raw[:length]


def test_a_prefix_that_stops_gives_only_whole_calls() -> None:
    raw = f"{block({'name': 'echo', 'arguments': {'content': 'a}b'}})}\n{block(LS)}"
    whole = parse(raw, stopped=True).calls
    for length in range(len(raw) + 1):
        calls = parse(raw[:length], stopped=True).calls
        assert calls == whole[: len(calls)]


pieces = st.sampled_from(
    [
        OPEN,
        CLOSE,
        "<think>",
        "</think>",
        "{",
        "}",
        "[",
        '"',
        "\\",
        "\\u",
        "d800",
        '"name": ',
        '"ls"',
        ", ",
        '"arguments": ',
        "1e9",
        "-",
        "NaN",
        " ",
        "\n",
    ]
)


@settings(max_examples=800, deadline=None)
@given(st.lists(st.one_of(pieces, st.text(max_size=3), st.just(block(LS))), max_size=30).map("".join), st.booleans())
def test_total(raw: str, stopped: bool) -> None:
    reply = parse(raw, stopped=stopped)
    assert reply.raw == raw
    assert bool(reply.calls) == (reply.kind is Kind.CALLS)
    assert (reply.kind is Kind.TRUNCATED) == (not stopped)
    message = reply.message()
    assert message["role"] == "assistant"
    json.dumps([call.arguments for call in reply.calls], allow_nan=False).encode()


@pytest.mark.parametrize(
    "piece", [OPEN, block(LS), "{", "[", '"', "\\", " ", "a", "<think>", '{"name": ', OPEN + '{"a": ']
)
def test_linear_time(piece: str) -> None:
    for raw in (
        piece * (300_000 // len(piece)),
        OPEN + '{"name": "ls", "arguments": {"a": "' + piece * (300_000 // len(piece)),
    ):
        begin = time.perf_counter()
        parse(raw, stopped=True)
        assert time.perf_counter() - begin < 2
