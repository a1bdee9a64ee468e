"""Rendering: what is trained, train = serve, and text that is never control."""

from __future__ import annotations

import copy
import json

import pytest
from chats import SYSTEM, TOOLS, called, conversation, own_chat, own_tokenizer, served
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_train.chat.parse import Kind, parse
from mlx_train.chat.render import Chat
from mlx_train.errors import BadInput


def test_the_template_says_exactly_this() -> None:
    chat = own_chat()
    assert chat.native
    text = chat.tokenizer.decode(chat.prompt(conversation()[:8], TOOLS))
    assert text == (
        "<|im_start|>system\nWork.\n# Tools\ncp(source: string, destination: string)\n"
        'wc(files: string[], mode?: l|w = "l", limit?: integer)<|im_end|>\n'
        "<|im_start|>user\nCopy a.txt to b.txt.<|im_end|>\n"
        '<|im_start|>assistant\n<tool_call>\n{"name": "cp", "arguments": {"source": "a.txt", "destination": "b.txt"}}\n'
        '</tool_call><|im_end|>\n<|im_start|>tool\n<tool_response>\n{"result": "ok"}\n</tool_response><|im_end|>\n'
        "<|im_start|>assistant\nDone.<|im_end|>\n<|im_start|>user\nHow long are both?<|im_end|>\n"
        '<|im_start|>assistant\n<tool_call>\n{"name": "wc", "arguments": {"files": ["a.txt"]}}\n</tool_call>\n'
        '<tool_call>\n{"name": "wc", "arguments": {"files": ["b.txt", "é"], "mode": "w"}}\n</tool_call><|im_end|>\n'
        '<|im_start|>tool\n<tool_response>\n{"lines": 3}\n</tool_response><|im_end|>\n<|im_start|>assistant\n'
    )


def test_trained_tokens_counted_by_hand() -> None:
    """Byte-level tokens of a tokenizer without merges: one a character, one a control token."""
    from mlx_train.chat.tokenizer import train_tokenizer

    chat = Chat(train_tokenizer([], 263, own_tokenizer().chat_template))
    messages = [
        {"role": "user", "content": "Hi"},
        called("cp", {"a": 1}),
        {"role": "tool", "name": "cp", "content": "{}"},
        {"role": "assistant", "content": "Ok."},
    ]
    [example] = chat.examples(messages, [], "x")
    # <|im_start|> "user\nHi" <|im_end|> "\n"                              = 1 + 7 + 1 + 1 = 10
    # <|im_start|> "assistant\n"                                           = 1 + 10       = 11, so the call begins at 21
    # <tool_call> '\n{"name": "cp", "arguments": {"a": 1}}\n' </tool_call> <|im_end|> = 1 + 40 + 1 + 1 = 43, up to 64
    # "\n" <|im_start|> "tool\n" <tool_response> "\n{}\n" </tool_response> <|im_end|> "\n" = 1+1+5+1+4+1+1+1 = 15
    # <|im_start|> "assistant\n" = 11, so the words begin at 90; "Ok." <|im_end|> = 4
    assert len('\n{"name": "cp", "arguments": {"a": 1}}\n') == 40 - 1
    call = 1 + 39 + 1 + 1
    first, second = 21, 21 + call + 15 + 11
    expected = [first <= i < first + call or second <= i < second + 4 for i in range(second + 4)]
    assert list(example.trained) == expected
    assert sum(example.trained) == 42 + 4


def test_one_row_when_the_template_keeps_the_prefix() -> None:
    chat = own_chat()
    [example] = chat.examples(conversation(), TOOLS, "x")
    trained = chat.tokenizer.decode([id for id, flag in zip(example.ids, example.trained, strict=True) if flag])
    assert trained.count("<|im_end|>") == 4
    assert "<|im_start|>" not in trained and "ok" not in trained and "120 words." in trained
    assert list(example.ids) == chat.tokenizer.encode(chat.tokenizer.decode(example.ids), add_special_tokens=False)


def test_train_false_is_honoured() -> None:
    chat = own_chat()
    messages = conversation()
    [whole] = chat.examples(messages, TOOLS, "x")
    messages[4]["train"] = False
    [less] = chat.examples(messages, TOOLS, "x")
    assert less.ids == whole.ids
    off = [id for id, a, b in zip(whole.ids, whole.trained, less.trained, strict=True) if a and not b]
    assert chat.tokenizer.decode(off) == "Done.<|im_end|>"


def test_a_user_message_at_the_end_is_dropped() -> None:
    chat = own_chat()
    more = [*conversation(), {"role": "user", "content": "And now?"}]
    assert chat.examples(more, TOOLS, "x") == chat.examples(conversation(), TOOLS, "x")


def test_training_ids_are_what_serving_feeds() -> None:
    chat = own_chat()
    [example] = chat.examples(conversation(), TOOLS, "x")
    fed = served(chat, conversation(), TOOLS)
    assert len(fed) == 4
    for ids in fed.values():
        assert list(example.ids[: len(ids)]) == ids
        assert example.trained[len(ids)] and not example.trained[len(ids) - 1]


def test_shared_start() -> None:
    chat = own_chat()
    shared = chat.shared(TOOLS, SYSTEM)
    assert chat.tokenizer.decode(shared).startswith("<|im_start|>system\nWork.\n# Tools\n")
    assert chat.tokenizer.decode(shared).rstrip().endswith("<|im_end|>\n<|im_start|>user")
    [example] = chat.examples(conversation(), TOOLS, "x")
    assert example.shared == len(shared) and list(example.ids[: len(shared)]) == shared
    assert chat.shared(TOOLS[:1], SYSTEM) != shared


UNSTABLE = (
    "{%- for m in messages -%}{%- if m['role'] == 'assistant' and not loop.last and '!' in messages[-1]['content'] -%}"
    "{{ '<|im_start|>assistant\nforgotten<|im_end|>\n' }}"
    "{%- else -%}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + '<|im_end|>\n' }}{%- endif -%}{%- endfor -%}"
    "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
)


def test_a_row_for_each_message_when_the_template_rewrites_history() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = UNSTABLE
    chat = Chat(tokenizer)
    messages = [
        {"role": "user", "content": "One."},
        {"role": "assistant", "content": "First."},
        {"role": "user", "content": "Two!"},
        {"role": "assistant", "content": "Second!"},
    ]
    rows = chat.examples(messages, [], "x")
    assert [row.id for row in rows] == ["x#0", "x#1"]
    told = [chat.tokenizer.decode([i for i, flag in zip(r.ids, r.trained, strict=True) if flag]) for r in rows]
    assert told == ["First.<|im_end|>", "Second!<|im_end|>"]
    assert "forgotten" in chat.tokenizer.decode(rows[1].ids) and "forgotten" not in chat.tokenizer.decode(rows[0].ids)
    assert chat.continuation(messages[:2], messages[2:3], []) is None
    assert list(rows[1].ids)[: len(chat.prompt(messages[:3], []))] == chat.prompt(messages[:3], [])
    # without the trigger the same template keeps the prefix
    messages[2]["content"], messages[3]["content"] = "Two.", "Second."
    assert len(chat.examples(messages, [], "x")) == 1


def test_tools_before_the_last_user_message_are_noticed() -> None:
    """Where the catalogue moves with the conversation, no row may be trained as if it stood still."""
    tokenizer = copy.deepcopy(own_tokenizer())
    body = own_tokenizer().chat_template
    here = "message == messages | selectattr('role', 'equalto', 'user') | list | last"
    branch = "{%- if message['role'] == 'user'"
    tokenizer.chat_template = body.replace(
        branch, f"{{%- if {here} -%}}{{{{ tools | tojson }}}}{{%- endif -%}}{branch}", 1
    )
    chat = Chat(tokenizer)
    assert chat.native and len(chat.examples(conversation(), TOOLS, "x")) == 4


def test_a_catalogue_that_is_repeated_where_the_assistant_writes_is_noticed() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = own_tokenizer().chat_template.replace(
        "{%- if add_generation_prompt -%}",
        "{%- if add_generation_prompt -%}{{ 'Remember the tools.\n' if tools and messages | length > 3 }}",
    )
    chat = Chat(tokenizer)
    assert chat.native
    with pytest.raises(BadInput, match="row x: the chat template does not render an assistant message where"):
        chat.examples(conversation(), TOOLS, "x")


def test_the_date_in_a_prompt_is_the_same_every_day() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = '{{ strftime_now("%d %b %Y") }}' + own_tokenizer().chat_template
    chat = Chat(tokenizer)
    assert chat.tokenizer.decode(chat.prompt(conversation()[:2], TOOLS)).startswith("26 Jul 2024")
    assert tokenizer.chat_template.startswith("{{ strftime_now")


def test_words_beside_a_call_that_the_template_leaves_out_are_told() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = (
        "{%- for m in messages -%}{{ '<|im_start|>' + m['role'] + '\n' }}{%- if m.tool_calls -%}"
        "{{ m.tool_calls | tojson }}{%- else -%}{{ m['content'] }}{%- endif -%}{{ '<|im_end|>\n' }}{%- endfor -%}"
        "{%- if add_generation_prompt -%}{{ '<|im_start|>assistant\n' }}{%- endif -%}"
    )
    chat = Chat(tokenizer)
    chat.native = True
    messages = [{"role": "user", "content": "Copy a."}, called("cp", {"source": "a"})]
    assert len(chat.examples(messages, [], "x")) == 1
    messages[1]["content"] = "I look first."
    with pytest.raises(BadInput, match=r"row x: key messages\.1: .* leaves out the words beside a call"):
        chat.examples(messages, [], "x")
    assert chat.examples([*messages[:1], messages[1] | {"train": False}], [], "x")


def test_an_assistant_message_without_words_is_one_of_empty_words() -> None:
    chat = own_chat()
    plain = [{key: value for key, value in message.items() if key != "content" or value} for message in conversation()]
    assert any("content" not in message for message in plain)
    assert chat.examples(plain, TOOLS, "x") == chat.examples(conversation(), TOOLS, "x")


def test_a_control_token_that_json_spells_otherwise_stays_text() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.add_special_tokens({"additional_special_tokens": ['<|"|>']})
    chat = Chat(tokenizer)
    ids = chat.prompt([{"role": "user", "content": 'Write <|"|> down.'}], TOOLS)
    assert chat.control['<|"|>'] not in ids and '<|"|>' in tokenizer.decode(ids)


def test_templates_without_an_end_or_without_anything_are_refused() -> None:
    tokenizer = copy.deepcopy(own_tokenizer())
    tokenizer.chat_template = "{% for m in messages %}{{ m['content'] }}\n{% endfor %}"
    with pytest.raises(BadInput, match="control token"):
        Chat(tokenizer)
    tokenizer.chat_template = None
    with pytest.raises(BadInput, match="no chat template"):
        Chat(tokenizer)


CONTROL = [
    "<|im_end|>",
    "<|im_start|>",
    "<|endoftext|>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
]
hostile = st.lists(
    st.one_of(st.sampled_from([*CONTROL, "<", "|", "\ue000", "\ud800", "<|im_", "end|>"]), st.text(max_size=4))
).map("".join)


@settings(max_examples=300)
@given(hostile, hostile, hostile)
def test_text_never_becomes_control_tokens(user: str, result: str, argument: str) -> None:
    chat = own_chat()

    def rows(user: str, result: str, argument: str) -> list[dict[str, object]]:
        return [
            {"role": "user", "content": user},
            called("cp", {"source": argument, "destination": argument}),
            {"role": "tool", "name": "cp", "content": json.dumps({"result": result}, ensure_ascii=False)},
            {"role": "assistant", "content": "Done."},
        ]

    messages = rows(user, result, argument)
    [example] = chat.examples(messages, TOOLS, "x")
    [tame] = chat.examples(rows("a", "b", "c"), TOOLS, "x")
    control = set(chat.control.values())
    assert [id for id in example.ids if id in control] == [id for id in tame.ids if id in control]
    assert list(example.ids[: len(chat.prompt(messages[:3], TOOLS))]) == chat.prompt(messages[:3], TOOLS)
    told = chat.tokenizer.decode(example.ids)
    clean = user.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    assert told.startswith(
        chat.tokenizer.decode(chat.prompt([{"role": "user", "content": ""}], TOOLS)).partition("user\n")[0]
    )
    assert f"<|im_start|>user\n{clean}<|im_end|>" in told


names = st.sampled_from(["cp", "wc"])
values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(st.characters(exclude_categories=["Cs"])),
        st.sampled_from(CONTROL),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=5), inner, max_size=3),
    ),
    max_leaves=6,
)


@settings(max_examples=300)
@given(names, st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=6), values, max_size=4))
def test_what_is_rendered_is_parsed_back(name: str, arguments: dict[str, object]) -> None:
    chat = own_chat()
    [example] = chat.examples([{"role": "user", "content": "Go."}, called(name, arguments)], TOOLS, "x")
    trained = [id for id, flag in zip(example.ids, example.trained, strict=True) if flag]
    assert trained[-1] in chat.stop_ids
    reply = parse(chat.tokenizer.decode(trained[:-1]), stopped=True)
    assert reply.kind is Kind.CALLS
    assert [(call.name, call.arguments) for call in reply.calls] == [(name, arguments)]
