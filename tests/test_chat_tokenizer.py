"""The embedded model's tokenizer."""

from __future__ import annotations

from pathlib import Path

import pytest
from chats import TEXTS, own_tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_train.chat.tokenizer import train_tokenizer


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_comes_back(text: str) -> None:
    tokenizer = own_tokenizer()
    assert tokenizer.decode(tokenizer.encode(text, add_special_tokens=False)) == text


@pytest.mark.parametrize("around", [" {} ", '"{}"', "/{}/", "a_{}.txt", "'{}'", "{}: 1", "`{}`", "\n{}"])
def test_a_name_has_the_same_tokens_wherever_it_stands(around: str) -> None:
    tokenizer = own_tokenizer()
    name = tokenizer.tokenize("skaitrefol")
    tokens = tokenizer.tokenize(around.format("skaitrefol"))
    assert any(tokens[i : i + len(name)] == name for i in range(len(tokens)))


def test_digits_stand_alone() -> None:
    assert own_tokenizer().tokenize("2031") == ["2", "0", "3", "1"]


def test_control_tokens() -> None:
    tokenizer = own_tokenizer()
    assert (tokenizer.eos_token, tokenizer.pad_token) == ("<|im_end|>", "<|endoftext|>")
    text = "<|im_start|>x<tool_call></tool_call><tool_response></tool_response><|im_end|>"
    ids = tokenizer.encode(text, add_special_tokens=False)
    assert len(ids) == 7
    assert tokenizer.decode(ids, skip_special_tokens=True) == "x<tool_call></tool_call><tool_response></tool_response>"


def test_size_and_determinism() -> None:
    texts = [f"{text} {number} folder archive" for number in range(50) for text in TEXTS]
    first, second = (train_tokenizer(iter(texts), 340, "x") for _ in range(2))
    assert len(first) == 340
    assert first.backend_tokenizer.to_str() == second.backend_tokenizer.to_str()


def test_it_loads_in_mlx_lm(tmp_path: Path) -> None:
    from mlx_lm.tokenizer_utils import load

    own_tokenizer().save_pretrained(tmp_path)
    loaded = load(tmp_path)
    assert loaded.has_tool_calling and loaded.eos_token_ids == {own_tokenizer().eos_token_id}
    text = "<|im_start|>user\nCopy a.txt<|im_end|>\n"
    assert loaded.encode(text, add_special_tokens=False) == own_tokenizer().encode(text, add_special_tokens=False)
    assert loaded.chat_template == own_tokenizer().chat_template
