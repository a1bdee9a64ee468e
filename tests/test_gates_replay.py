"""Transcripts played again give the ids of the rollout and what each of them is."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gates_fakes import counter_world, two_turns
from release_scored import write

from mlx_train import models
from mlx_train.chat.render import Chat
from mlx_train.errors import GateBroken
from mlx_train.gates.conversation import Conversation
from mlx_train.gates.replay import CALL, READ, WORDS, Window, replay

SYSTEM = "Act by calling tools."


@pytest.fixture(scope="module")
def chat() -> Iterator[Chat]:
    with counter_world():
        yield Chat(models.load_tokenizer("embedded"))


def call(amount: int) -> str:
    return f'<tool_call>\n{{"name": "add", "arguments": {{"amount": {amount}}}}}\n</tool_call>'


def rollout(chat: Chat, *texts: str, cut: bool = False, most: int = 5) -> tuple[Conversation, list[list[int]]]:
    conversation = Conversation(two_turns(), chat, SYSTEM, max_calls=most)
    return conversation, [
        write(conversation, chat, text, not (cut and number == len(texts))) for number, text in enumerate(texts, 1)
    ]


def of(window: Window, kind: int) -> list[int]:
    return [id for id, found in zip(window.ids, window.kinds, strict=True) if found == kind]


def test_ids_and_kinds_are_those_of_the_rollout(chat: Chat) -> None:
    conversation, written = rollout(chat, call(2), "It is 3.", "How much?")
    (window,) = replay(two_turns(), conversation.transcript(), chat, SYSTEM, 5)
    assert list(window.ids) == conversation.context and len(window.kinds) == len(window.ids)
    assert of(window, CALL) == written[0] and of(window, WORDS) == [*written[1], *written[2]]
    assert window.ids[: window.shared] == tuple(chat.shared(conversation.tools, SYSTEM))
    assert set(window.kinds[: window.shared]) == {READ} and window.ids[-1] == chat.end_id


def test_a_call_is_known_in_the_models_own_format(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "format", "llama")
    conversation, written = rollout(chat, '{"name": "add", "parameters": {"amount": 2}}', "It is 3.", "How much?")
    (window,) = replay(two_turns(), conversation.transcript(), chat, SYSTEM, 5)
    assert conversation.turns[0]["calls"][0]["name"] == "add" and of(window, CALL) == written[0]


def test_two_calls_in_a_message_are_one_message(chat: Chat) -> None:
    both = f"{call(1)}\n{call(1)}"
    conversation, written = rollout(chat, both, both, "It is 5.", "How much?")
    (window,) = replay(two_turns(), conversation.transcript(), chat, SYSTEM, 5)
    assert of(window, CALL) == [*written[0], *written[1]] and list(window.ids) == conversation.context


@pytest.mark.parametrize(
    ("texts", "cut", "most", "end"),
    [
        ((call(2), "It is"), True, 5, "truncated"),
        ((call(2), call(1)[:-20]), True, 5, "truncated"),
        ((call(2), call(1)), False, 1, "too_many_calls"),
        (("<tool_call>{]", "It is 1.", "How much?"), False, 5, "done"),
    ],
)
def test_other_ends(chat: Chat, texts: tuple[str, ...], cut: bool, most: int, end: str) -> None:
    conversation, written = rollout(chat, *texts, cut=cut, most=most)
    assert conversation.end == end
    (window,) = replay(two_turns(), conversation.transcript(), chat, SYSTEM, most)
    assert list(window.ids) == conversation.context
    assert sum(kind != READ for kind in window.kinds) == sum(map(len, written))


def test_what_is_not_known_is_left_out(chat: Chat) -> None:
    transcript = rollout(chat, call(2), "It is 3.", "How much?")[0].transcript()
    assert replay(two_turns(), {**transcript, "tokens": transcript["tokens"] + 1}, chat, SYSTEM, 5) == []
    for end in ("crash", "time_out", "overlong"):
        assert replay(two_turns(), {**transcript, "end": end}, chat, SYSTEM, 5) == []


def test_another_course_is_refused(chat: Chat) -> None:
    transcript = rollout(chat, call(2), "It is 3.", "How much?")[0].transcript()
    transcript["turns"][0]["calls"][0]["result"] = {"value": 4}
    with pytest.raises(GateBroken, match="another course"):
        replay(two_turns(), transcript, chat, SYSTEM, 5)
    with pytest.raises(GateBroken, match="another course"):
        replay(two_turns(), {**transcript, "turns": transcript["turns"][:1]}, chat, SYSTEM, 5)
