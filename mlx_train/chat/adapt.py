"""Templates that have no place for tools: say the same things in ordinary text.

A template may ignore `tools=`, have no tool role, fold the system prompt into the first user message, write calls in a
format that is not in `formats`, or not end a message of calls. Then the catalogue goes into the system text as one JSON
object per line, a call is written as `<tool_call>{...}</tool_call>`, and results come back as a user message of
`<tool_response>` blocks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import Any

from mlx_train.chat.formats import candidates
from mlx_train.chat.formats.hermes import CLOSE, OPEN
from mlx_train.chat.parse import Kind, ParsedCall, parse
from mlx_train.errors import BadInput

Message = dict[str, Any]
Render = Callable[[Sequence[Message], Sequence[dict[str, Any]], bool], str]
"""(messages, tools, whether the assistant is to write next) -> text. Raises BadInput where the template refuses."""

INSTRUCTION = (
    "You can call these tools, one JSON schema a line:\n{tools}\n\n"
    'To call one, answer with {open}{{"name": "tool", "arguments": {{"parameter": "value"}}}}{close} and nothing else; '
    "the result comes back in <tool_response>. When nothing is left to call, answer in words."
)
TOOL = "probe_the_catalogue"
VALUE = "probe_the_argument"
RESULT = "probe_the_result"


def native_format(template: str, render: Render, end: str) -> str | None:
    """The format of the calls that a template writes, if it shows a catalogue, calls that can be read, and results.

    Args:
        template: its source, whose text says which formats come into question; what it writes decides.
        end: the token with which it ends an assistant message.
    """
    schema = {"type": "object", "properties": {"key": {"type": "string"}}, "required": ["key"]}
    tools = [{"type": "function", "function": {"name": TOOL, "description": "Probe.", "parameters": schema}}]
    call = {"type": "function", "function": {"name": TOOL, "arguments": {"key": VALUE}}}
    asked: list[Message] = [{"role": "system", "content": "Probe."}, {"role": "user", "content": "Probe."}]
    called = [*asked, {"role": "assistant", "content": "", "tool_calls": [call]}]
    answered = [*called, {"role": "tool", "name": TOOL, "content": json.dumps({"found": RESULT})}]
    try:
        before, after, result = render(asked, tools, True), render(called, tools, False), render(answered, tools, True)
    except BadInput:
        return None
    written, ended, _ = after[len(before) :].partition(end) if after.startswith(before) else ("", "", "")
    if TOOL not in before or not ended or RESULT not in result:
        return None
    for format in candidates(template):
        reply = parse(written, stopped=True, format=format, tools=tools)
        if reply.kind is Kind.CALLS and reply.calls == (ParsedCall(TOOL, {"key": VALUE}),):
            return format
    return None


def knows_system(render: Render) -> bool:
    """Whether the template shows a system message."""
    try:
        return RESULT in render(
            [{"role": "system", "content": RESULT}, {"role": "user", "content": "Probe."}], [], True
        )
    except BadInput:
        return False


def in_text(messages: Sequence[Message], tools: Sequence[dict[str, Any]], system: bool) -> list[Message]:
    """The same conversation in system, user and assistant messages of text alone, the last two taking turns.

    Args:
        system: whether the template knows a system message; if not, it opens the first user message.
    """
    plain: list[Message] = []
    rest = list(messages)
    prompt = [str(rest.pop(0)["content"])] if rest and rest[0]["role"] == "system" else []
    if tools:
        lines = "\n".join(json.dumps(tool["function"], ensure_ascii=False) for tool in tools)
        prompt.append(INSTRUCTION.format(tools=lines, open=OPEN, close=CLOSE))
    for message in rest:
        role, text = _as_text(message)
        if plain and role == "user" == plain[-1]["role"]:
            plain[-1]["content"] += "\n" + text
        else:
            plain.append({"role": role, "content": text})
    if not prompt:
        return plain
    if system:
        return [{"role": "system", "content": "\n\n".join(prompt)}, *plain]
    if not plain or plain[0]["role"] != "user":
        plain.insert(0, {"role": "user", "content": ""})
    plain[0]["content"] = "\n\n".join([*prompt, plain[0]["content"]])
    return plain


def _as_text(message: Message) -> tuple[str, str]:
    if message["role"] == "tool":
        return "user", f"<tool_response>{message['content']}</tool_response>"
    calls = [
        OPEN
        + json.dumps({"name": call["function"]["name"], "arguments": call["function"]["arguments"]}, ensure_ascii=False)
        + CLOSE
        for call in message.get("tool_calls") or ()
    ]
    text = str(message.get("content") or "")
    return message["role"], "\n".join([text, *calls] if text else calls or [""])
