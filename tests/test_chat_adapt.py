"""Templates without a place for tools."""

from __future__ import annotations

import copy

from chats import SYSTEM, TOOLS, conversation, own_chat, own_tokenizer, served

from mlx_train.chat.adapt import in_text
from mlx_train.chat.render import Chat

ALTERNATING = (
    "{%- for m in messages -%}"
    "{%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) -%}{{ raise_exception('alternate') }}{%- endif -%}"
    "{{ '<|im_start|>' + m['role'] + '\n' + m['content'] | trim + '<|im_end|>\n' }}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)


def test_in_text() -> None:
    plain = in_text(conversation(), TOOLS, system=True)
    assert [message["role"] for message in plain] == [
        "system",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
        "assistant",
        "user",
        "assistant",
    ]
    assert plain[0]["content"].startswith(SYSTEM) and '"name": "cp"' in plain[0]["content"]
    assert (
        plain[2]["content"]
        == '<tool_call>{"name": "cp", "arguments": {"source": "a.txt", "destination": "b.txt"}}</tool_call>'
    )
    assert plain[7]["content"] == (
        '<tool_response>{"lines": 3}</tool_response>\n<tool_response>{"words": 120}</tool_response>'
    )
    folded = in_text(conversation(), TOOLS, system=False)
    assert [message["role"] for message in folded] == ["user", "assistant"] * 4
    assert folded[0]["content"] == plain[0]["content"] + "\n\nCopy a.txt to b.txt."


def test_a_template_that_knows_only_user_and_assistant() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = ALTERNATING
    chat = Chat(tokenizer)
    assert not chat.native and own_chat().native
    [example] = chat.examples(conversation(), TOOLS, "x")
    for ids in served(chat, conversation(), TOOLS).values():
        assert list(example.ids[: len(ids)]) == ids and example.trained[len(ids)]
    assert example.shared == len(chat.shared(TOOLS, SYSTEM)) > 50


def test_calls_in_a_format_of_its_own_are_not_native() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = own_tokenizer().chat_template.replace('"name": "', '"tool": "')
    assert not Chat(tokenizer).native
