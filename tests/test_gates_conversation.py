"""The logic of one rollout, with a scripted model."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from gates_fakes import FakeChat, counter_world, say, two_turns

from mlx_train.gates.conversation import Conversation, played
from mlx_train.tasks.check import faults

ADD = '<tool_call>{"name": "add", "arguments": {"amount": 2}}</tool_call>'
READ = '<tool_call>{"name": "read", "arguments": {}}</tool_call>'


@pytest.fixture(autouse=True)
def world() -> Iterator[None]:
    with counter_world():
        yield


def begin(**options: object) -> Conversation:
    return Conversation(two_turns(), FakeChat(), "be brief", suite="s", **options)  # type: ignore[arg-type]


def text(conversation: Conversation) -> str:
    return "".join(chr(id) for id in conversation.context)


def test_a_whole_rollout() -> None:
    conversation = begin()
    assert text(conversation) == "tools:add,read\nsystem:be brief\nuser:Add 2 to 1 and tell me.\nassistant:"
    assert conversation.seen == 0
    say(conversation, ADD)
    assert text(conversation).endswith(ADD + '\0tool:{"value": 3}\nassistant:')
    assert text(conversation)[: conversation.seen].endswith(ADD + "\0")
    say(conversation, "Now it is 3.")
    assert conversation.end is None
    assert text(conversation).endswith("Now it is 3.\0user:Add some more.\nassistant:")
    say(conversation, "By how much?")
    row = conversation.transcript()
    assert (row["task"], row["suite"], row["end"]) == ("counter.sum/gate/1", "s", "done")
    call = {"name": "add", "arguments": {"amount": 2}, "result": {"value": 3}, "raw": ADD}
    assert row["turns"][0] == {
        "user": "Add 2 to 1 and tell me.",
        "calls": [call],
        "words": "Now it is 3.",
        "raw": "Now it is 3.",
        "ended": True,
    }
    assert row["tokens"] == len(ADD) + len("Now it is 3.") + len("By how much?") + 3
    assert not faults(two_turns(), played(row))


def test_each_rollout_has_a_world_of_its_own() -> None:
    for _ in range(2):
        assert say(begin(), ADD).turns[0]["calls"][0]["result"] == {"value": 3}


def test_an_unstable_template_is_rendered_again() -> None:
    conversation = Conversation(two_turns(), FakeChat(stable=False), "be brief")
    say(conversation, ADD)
    assert conversation.seen == 0
    assert text(conversation).endswith('assistant:\ntool:{"value": 3}\nassistant:')


def test_a_malformed_call_is_answered_with_an_error_and_counts() -> None:
    conversation = say(begin(max_calls=1), '<tool_call>{"name": "add"</tool_call>')
    assert conversation.end is None
    assert "error" in conversation.turns[0]["calls"][0]["result"]
    assert "not a tool call" in text(conversation)
    assert say(conversation, ADD).end == "too_many_calls"


def test_a_refused_call_is_answered_and_the_model_may_go_on() -> None:
    conversation = say(begin(), ADD.replace("2", "-2"), ADD, "It is 3.", "How much?")
    assert conversation.end == "done"
    assert [("error" in call["result"]) for call in conversation.turns[0]["calls"]] == [True, False]


def test_cut_off_in_the_last_turn_is_an_error_and_no_pass() -> None:
    row = say(begin(), ADD, "It is 3.", "How much? And then~").transcript()
    assert row["end"] == "truncated"
    assert len(played(row)) == 1
    assert say(begin(), ADD[:-5] + "~").turns[0]["calls"] == []


def test_the_call_limit_is_per_turn_and_stops_the_rollout() -> None:
    conversation = say(begin(max_calls=3), READ, READ, READ)
    assert conversation.end is None
    assert say(conversation, READ).end == "too_many_calls"
    assert len(conversation.turns[0]["calls"]) == 3
    both = say(begin(max_calls=1), READ + ADD)
    assert both.end == "too_many_calls" and len(both.turns[0]["calls"]) == 1
    assert say(begin(max_calls=1), ADD, "It is 3.", READ, "How much?").end == "done"


def test_a_conversation_that_outgrows_the_model_is_an_error() -> None:
    conversation = begin(max_context=200)
    texts = ['<tool_call>{"name": "read", "arguments": {}}</tool_call>'] * 9
    with pytest.raises(ValueError):
        say(conversation, *texts[:1]).transcript()
    while conversation.end is None:
        say(conversation, texts[0])
    assert conversation.end == "overlong" and 200 < len(conversation.context) < 400


def test_several_calls_in_one_message_are_done_in_order() -> None:
    conversation = say(begin(), ADD + "\n" + READ)
    assert [call["result"] for call in conversation.turns[0]["calls"]] == [{"value": 3}, {"value": 3}]


def test_a_fault_of_ours_is_a_crash(monkeypatch: pytest.MonkeyPatch) -> None:
    conversation = begin()
    monkeypatch.setattr(conversation.world, "call", lambda *_: 1 / 0)
    row = say(conversation, ADD).transcript()
    assert (row["end"], row["error"]) == ("crash", "ZeroDivisionError: division by zero")


def test_no_transcript_before_the_end() -> None:
    with pytest.raises(ValueError):
        begin().transcript()
