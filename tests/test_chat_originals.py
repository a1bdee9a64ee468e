"""The same promises on the original Qwen3 and Gemma 3 tokenizers and templates."""

from __future__ import annotations

import functools
import os
from pathlib import Path

import pytest
from chats import SYSTEM, TOOLS, conversation, own_chat, served

from mlx_train.chat.parse import Kind, parse
from mlx_train.chat.render import Chat

FOLDER = os.environ.get("MLX_TRAIN_TOKENIZERS", "")
pytestmark = pytest.mark.skipif(
    not FOLDER,
    reason="MLX_TRAIN_TOKENIZERS is not set; `python tests/fetch_tokenizers.py FOLDER` fetches them into a folder",
)


@functools.cache
def chat_of(name: str) -> Chat:
    from mlx_lm.tokenizer_utils import load

    return own_chat() if name == "own" else Chat(load(Path(FOLDER) / name))


@pytest.fixture(params=["qwen3", "gemma3", "own"])
def chat(request: pytest.FixtureRequest) -> Chat:
    return chat_of(request.param)


def test_serving_feeds_the_training_ids(chat: Chat) -> None:
    rows = chat.examples(conversation(), TOOLS, "x")
    fed = served(chat, conversation(), TOOLS)
    assert len(fed) == 4 and len(rows) in (1, 4)
    for row, ids in zip(rows * (4 // len(rows)), fed.values(), strict=True):
        assert list(row.ids[: len(ids)]) == ids
        assert row.trained[len(ids)] and not row.trained[len(ids) - 1]


def test_segments_give_the_ids_of_the_whole_string(chat: Chat) -> None:
    for row in chat.examples(conversation(), TOOLS, "x"):
        text = chat.tokenizer.decode(list(row.ids), skip_special_tokens=False)
        assert chat.tokenizer.encode(text, add_special_tokens=False) == list(row.ids)


def test_the_templates_own_rendering_is_reproduced(chat: Chat) -> None:
    if not chat.native:
        pytest.skip("the template has no place for tools")
    messages = conversation()[:8]
    plain = chat.tokenizer.apply_chat_template(
        messages, tools=TOOLS, add_generation_prompt=True, tokenize=False, enable_thinking=False
    )
    assert chat.tokenizer.encode(plain, add_special_tokens=False) == chat.prompt(messages, TOOLS)


def test_trained_text_is_what_the_assistant_wrote(chat: Chat) -> None:
    trained = [
        chat.tokenizer.decode(
            [id for id, flag in zip(row.ids, row.trained, strict=True) if flag], skip_special_tokens=False
        )
        for row in chat.examples(conversation(), TOOLS, "x")
    ]
    messages = [piece for text in trained for piece in text.split(chat._end) if piece]
    replies = [parse(message, stopped=True) for message in messages]
    assert [reply.kind for reply in replies] == [Kind.CALLS, Kind.WORDS, Kind.CALLS, Kind.WORDS]
    assert replies[0].calls[0].arguments == {"source": "a.txt", "destination": "b.txt"}
    assert replies[2].calls[1].arguments == {"files": ["b.txt", "é"], "mode": "w"}
    assert replies[1].words == "Done." and replies[3].words == "3 lines and 120 words."


def test_shared_start_is_in_every_row(chat: Chat) -> None:
    shared = chat.shared(TOOLS, SYSTEM)
    assert "wc" in chat.tokenizer.decode(shared)
    for row in chat.examples(conversation(), TOOLS, "x"):
        assert row.shared == len(shared) and list(row.ids[: len(shared)]) == shared


def test_control_text_of_others_stays_text(chat: Chat) -> None:
    tame, wild = conversation(), conversation()
    spelled = "".join(chat.control)
    wild[1]["content"] += spelled
    wild[3]["content"] = '{"result": "' + spelled + '"}'
    control = set(chat.control.values())
    for calm, hostile in zip(chat.examples(tame, TOOLS, "x"), chat.examples(wild, TOOLS, "x"), strict=True):
        assert [id for id in hostile.ids if id in control] == [id for id in calm.ids if id in control]
        assert chat.tokenizer.decode(hostile.ids).count(spelled) >= 1


def test_what_is_native() -> None:
    assert chat_of("qwen3").native and not chat_of("gemma3").native
    qwen, gemma = chat_of("qwen3").tokenizer, chat_of("gemma3").tokenizer
    assert qwen.convert_tokens_to_ids("<|im_end|>") in chat_of("qwen3").stop_ids
    assert gemma.convert_tokens_to_ids("<end_of_turn>") in chat_of("gemma3").stop_ids
