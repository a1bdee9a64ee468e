"""A tokenizer and conversations that several tests of chat and data share."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from transformers import PreTrainedTokenizerFast

from mlx_train.chat.render import Chat
from mlx_train.chat.tokenizer import train_tokenizer
from mlx_train.places import EMBEDDED

TEXTS = [
    "Copy notes.txt to the folder archive, then tell me what it says. Done. All done. I found two files.",
    'cp(source: string, destination: string)\n{"name": "cp", "arguments": {"source": "a.txt", "destination": "b"}}',
    '{"result": "ok"} {"error": "no such file"} You work for the user by calling tools.',
] * 4

TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "cp",
            "description": "Copy a file.",
            "parameters": {
                "type": "object",
                "properties": {"source": {"type": "string"}, "destination": {"type": "string"}},
                "required": ["source", "destination"],
            },
        },
    },
    {
        "type": "function",
        "function": {
            "name": "wc",
            "description": "Count.",
            "parameters": {
                "type": "object",
                "properties": {
                    "files": {"type": "array", "items": {"type": "string"}},
                    "mode": {"type": "string", "enum": ["l", "w"], "default": "l"},
                    "limit": {"type": "integer"},
                },
                "required": ["files"],
            },
        },
    },
]
SYSTEM = "Work."


def called(name: str, arguments: dict[str, Any], content: str = "", **more: Any) -> dict[str, Any]:
    """An assistant message with one call."""
    call = {"type": "function", "function": {"name": name, "arguments": arguments}}
    return {"role": "assistant", "content": content, "tool_calls": [call], **more}


def conversation() -> list[dict[str, Any]]:
    """Two turns: call, result, words; two calls at once, two results, words."""
    both = called("wc", {"files": ["a.txt"]})
    both["tool_calls"] += called("wc", {"files": ["b.txt", "é"], "mode": "w"})["tool_calls"]
    return [
        {"role": "system", "content": SYSTEM},
        {"role": "user", "content": "Copy a.txt to b.txt."},
        called("cp", {"source": "a.txt", "destination": "b.txt"}),
        {"role": "tool", "name": "cp", "content": '{"result": "ok"}'},
        {"role": "assistant", "content": "Done."},
        {"role": "user", "content": "How long are both?"},
        both,
        {"role": "tool", "name": "wc", "content": '{"lines": 3}'},
        {"role": "tool", "name": "wc", "content": '{"words": 120}'},
        {"role": "assistant", "content": "3 lines and 120 words."},
    ]


@functools.cache
def own_tokenizer() -> PreTrainedTokenizerFast:
    """A small tokenizer with the embedded model's template."""
    return train_tokenizer(TEXTS, 320, (EMBEDDED / "chat_template.jinja").read_text(encoding="utf-8"))


@functools.cache
def own_chat() -> Chat:
    """The chat of `own_tokenizer`."""
    return Chat(own_tokenizer())


def served(chat: Chat, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]) -> dict[int, list[int]]:
    """What a rollout that writes these assistant messages has fed the model, by index of the message to be written.

    It tokenises what the model writes on its own, and appends; where the template forbids that it renders again.
    """
    fed: dict[int, list[int]] = {}
    context: list[int] | None = None
    start = 0
    for index, message in enumerate(messages):
        if message["role"] != "assistant":
            continue
        if context is None or (more := chat.continuation(messages[:start], messages[start:index], tools)) is None:
            context = chat.prompt(messages[:index], tools)
        else:
            context = context + more
        fed[index] = list(context)
        alone = chat.examples(messages[: index + 1], tools, "one")[-1]
        context = context + list(alone.ids[len(context) :])
        start = index + 1
    return fed
