"""The promises of every format's parser: total, linear, the inverse of rendering, indifferent to cuts, losing nothing.

The slow tests keep each promise at its full count, the others at a tenth or less.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from call_formats import RENDERERS, SAMPLES, TOOLS, Arguments, Refused, catalogue, noise, outputs, read, same
from call_work import watch, watched
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlx_train.chat.formats import FORMATS
from mlx_train.chat.parse import Kind, Reply, parse
from mlx_train.chat.stream import Stream

formats = pytest.mark.parametrize("format", FORMATS)


def counts(fraction: int, full: int) -> Any:
    """Runs a test with a part of the count, and slowly with all of it."""
    return pytest.mark.parametrize("count", [fraction, pytest.param(full, marks=pytest.mark.slow)])


def assert_sound(reply: Reply, raw: str, format: str, stopped: bool) -> None:
    """What holds for any reply to any text."""
    assert reply.raw == raw and (reply.kind is Kind.TRUNCATED) == (not stopped)
    assert bool(reply.calls) == bool(reply.spans) == (reply.kind is Kind.CALLS)
    json.dumps([[c.name, c.arguments] for c in reply.calls], allow_nan=False).encode()
    if reply.kind is Kind.MALFORMED:
        assert reply.message()["content"] == raw
    if reply.kind not in (Kind.CALLS, Kind.WORDS):
        return
    position, outside, calls = thoughts(raw), "", []
    for begin, end in reply.spans:
        assert position <= begin < end <= len(raw)
        outside += raw[position:begin]
        alone = read(format, raw[begin:end])
        assert alone.kind is Kind.CALLS and not alone.words
        calls += alone.calls
        position = end
    assert tuple(calls) == reply.calls
    assert visible(reply.words) == visible(outside + raw[position:])


def thoughts(raw: str) -> int:
    """How long a leading block of thoughts is."""
    if not raw.lstrip().startswith("<think>"):
        return 0
    return raw.index("</think>") + len("</think>") if "</think>" in raw else len(raw)


def visible(text: str) -> str:
    """The text without blanks."""
    return "".join(text.split())


@counts(2_000, 1_000_000)
@formats
def test_any_text_gives_a_reply_and_nothing_is_lost(format: str, count: int) -> None:
    random, kinds = Random(format), Counter[Kind]()
    for _ in range(count):
        raw, stopped = noise(format, random), random.random() < 0.9
        reply = parse(raw, stopped=stopped, format=format, tools=TOOLS)
        assert_sound(reply, raw, format, stopped)
        kinds[reply.kind] += 1
    assert min(kinds[kind] for kind in Kind) > count / 50, kinds


def shapes(format: str) -> list[tuple[str, str]]:
    """Beginnings, and what is repeated after them, at which a careless parser reads the rest again and again."""
    mark = FORMATS[format].marks[0]
    [block, *_] = [render(*SAMPLES[1]) for name, render in RENDERERS if name == format]
    inside = {
        "hermes": '<tool_call>{"name": "ls", "arguments": {"a": "',
        "llama": '{"name": "ls", "parameters": {"a": "',
        "mistral": '[TOOL_CALLS]ls[ARGS]{"a": "',
        "pythonic": "[f(a='",
        "qwen3-coder": "<function=ls><parameter=content>",
        "functiongemma": "<start_function_call>call:f{a:<escape>",
        "gemma4": '<|tool_call>call:f{a:<|"|>',
    }[format]
    anywhere = [mark, mark + " ", block, block + "\n", "{", "[", " ", "a", "<think>", mark[:-1], "'", "[f(a="]
    return [("", piece) for piece in anywhere] + [
        (inside, piece)
        for piece in ("a", "\\", "'", '"', "\n", "<", "</parameter>", "</parameter> ", "<parameter=a>", "a,", "[", mark)
    ] + [(inside[:-1], "["), (inside[:-1], "{'a':"), (inside[:-1], "9"), (inside[:-1], "9,")]  # fmt: skip


@counts(2**13, 2**20)
@formats
def test_no_text_is_read_again_and_again(format: str, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    work = watch(monkeypatch, format)
    for begin, piece in shapes(format):
        spent, size = [], 2**10
        while size <= count:
            work.done = 0
            read(format, watched(begin + piece * (size // len(piece)), work))
            spent.append(work.done)
            size *= 2
        assert spent[-1] <= 12 * count, (begin, piece, spent)
        assert all(after <= 2.5 * before for before, after in pairwise(spent)), (begin, piece, spent)


@pytest.mark.slow
@formats
def test_linear_time(format: str) -> None:
    """At most a second for 2^20 characters, and 2.5 times as long for each doubling on the way there from 2^16.

    Single doublings are held by the count of work above; a clock says too much of what else the machine does.
    """
    for begin, piece in shapes(format):
        spent = []
        for size in (2**16, 2**20):
            raw, best = begin + piece * (size // len(piece)), float("inf")
            for _ in range(5):
                started = time.process_time()
                read(format, raw)
                best = min(best, time.process_time() - started)
            spent.append(best)
        assert spent[1] <= 1 and spent[1] <= 2.5**4 * max(spent[0], 0.002), (begin, piece, spent)


names = st.sampled_from(["ls", "get_weather", "f2", "a.b", "read-file"])
hostile = st.sampled_from(
    ["</tool_call>", "<tool_call>", "</parameter>", "</parameter>\n</function>", "</parameter> <parameter=a>",
     "<escape>", '<|"|>', "<tool_call|>", "<end_function_call>", "<|tool_call_end|>", "[TOOL_CALLS]", "```", "'''",
     '"""', "'", '"', "\\", "\\d+\\", "\\n", "\\ud83d", "\ud800", "\U0001f600", "\n", "\r\n", "\t ", "\x00", "\u2028",
     "null", "None", "true", "5", "1e999", "NaN", "[1]", "{a,[b", "print(", ");", "<think>", "</think>"]
)  # fmt: skip
texts = st.one_of(hostile, st.text(max_size=8), st.tuples(hostile, st.text(max_size=3), hostile).map("".join))
numbers = st.one_of(
    st.integers(),
    st.sampled_from([2**53 + 1, 2**63, -(2**63) - 1, 10**40]),
    st.floats(allow_nan=False, allow_infinity=False),
)
keys = st.sampled_from([*"abcdefgh", "path", "dir_name", "x-y", "name", "arguments", "é"] * 4 + ["null", "a b", "'"])
values = st.recursive(
    st.one_of(st.sampled_from([None, True, False]), numbers, texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(keys, inner, max_size=3)),
    max_leaves=4,
)
arguments_of = st.dictionaries(keys, values, max_size=3)


@counts(1_000, 10_000)
def test_what_is_rendered_is_read(count: int) -> None:
    written, refused = Counter[str](), Counter[str]()

    @settings(max_examples=count, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(names, arguments_of)
    def check(name: str, arguments: Arguments) -> None:
        for format, render in RENDERERS:
            try:
                raw = render(name, arguments)
            except Refused:
                refused[render.__name__] += 1
                continue
            written[render.__name__] += 1
            reply = read(format, raw, catalogue(name, arguments))
            assert reply.kind is Kind.CALLS and [c.name for c in reply.calls] == [name], (raw, reply)
            assert same(reply.calls[0].arguments, arguments), (raw, reply)
            assert reply.words == "" and reply.spans == ((0, len(raw)),)

    check()
    for _, render in RENDERERS:
        assert written[render.__name__] > refused[render.__name__], (render.__name__, written, refused)


@formats
def test_nesting_is_equal_or_refused(format: str) -> None:
    for depth in range(1, 80):
        value: Any = 1
        for level in range(depth):
            value = [value] if level % 2 else {"a": value}
        for name, render in RENDERERS:
            if name == format:
                reply = read(format, render("f", {"a": value}), catalogue("f", {"a": value}))
                kept = reply.kind is Kind.CALLS and same(reply.calls[0].arguments, {"a": value})
                text = format == "qwen3-coder" and reply.calls[0].arguments["a"] == json.dumps(value)
                assert kept if depth < 30 else kept or text or reply.kind is Kind.MALFORMED


def streamed(format: str, pieces: list[str], stopped: bool) -> tuple[list[str], str, Reply]:
    """What was shown after each piece and in all, and the reply."""
    stream = Stream(format, TOOLS)
    shown = [stream.feed(piece) for piece in pieces]
    rest, reply = stream.end(stopped=stopped)
    return shown, "".join(shown) + rest, reply


@counts(10, 50)
@formats
def test_how_a_reply_is_cut_does_not_matter(format: str, count: int) -> None:
    random, early = Random(format), 0
    for raw in outputs(format, count, seed=4):
        for stopped in (True, False):
            _, told, reply = streamed(format, [raw], stopped)
            assert reply == parse(raw, stopped=stopped, format=format, tools=TOOLS)
            by_one, told_by_one, reply_by_one = streamed(format, list(raw), stopped)
            assert (told_by_one, reply_by_one) == (told, reply)
            early += bool("".join(by_one))
            assert visible(told) == visible(raw[thoughts(raw) :] if reply.kind is Kind.MALFORMED else reply.words)
            for _ in range(50):
                cuts = sorted(random.randrange(len(raw) + 1) for _ in range(random.randint(1, 8)))
                pieces = [raw[a:b] for a, b in zip([0, *cuts], [*cuts, len(raw)], strict=True)]
                shown, told_again, reply_again = streamed(format, pieces, stopped)
                assert (told_again, reply_again) == (told, reply)
                assert "".join(shown) == "".join(by_one)
    assert early


def test_words_are_shown_as_they_come() -> None:
    stream = Stream("hermes")
    assert [stream.feed(piece) for piece in ("\nI lo", "ok <", "b <tool", "_call", ">{")] == [
        "I lo",
        "ok ",
        "<b ",
        "",
        "",
    ]
    assert stream.end(stopped=True)[0] == "<tool_call>{"


@formats
def test_thoughts_that_the_template_began_are_not_shown(format: str) -> None:
    for body in ("Yes.", outputs(format, 1, seed=6)[0]):
        raw = f"Let me see.\n</think>\n\n{body}"
        whole = parse(raw, stopped=True, format=format, tools=TOOLS, thinking=True)
        for cut in range(len(raw)):
            stream = Stream(format, TOOLS, thinking=True)
            shown = stream.feed(raw[:cut]) + stream.feed(raw[cut:])
            rest, reply = stream.end(stopped=True)
            assert reply == whole and "Let me see" not in shown + rest
            assert body != "Yes." or (shown == "Yes." and reply.words == "Yes.")
    unended = Stream(format, TOOLS, thinking=True)
    assert unended.feed("Let me see.") + unended.end(stopped=False)[0] == ""


@counts(20, 200)
@formats
def test_a_cut_off_reply_calls_nothing_unfinished(format: str, count: int) -> None:
    for raw in outputs(format, count, seed=5):
        whole = read(format, raw)
        for length in range(len(raw)):
            cut = parse(raw[:length], stopped=False, format=format, tools=TOOLS)
            assert cut.kind is Kind.TRUNCATED and cut.calls == () and cut.raw == raw[:length]
            if whole.kind is Kind.CALLS:
                calls = read(format, raw[:length]).calls
                assert calls == whole.calls[: len(calls)], (raw, length)
