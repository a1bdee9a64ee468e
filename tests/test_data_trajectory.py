"""Rows: what is accepted, what a bad one is told, and rows made from tasks."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from chats import TOOLS, conversation, own_chat

from mlx_train.data import tokens
from mlx_train.data.show import BEGIN, END, show
from mlx_train.data.tokens import encode
from mlx_train.data.trajectory import Trajectory, from_task, load
from mlx_train.errors import BadInput
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import generate


def row(**changes: Any) -> dict[str, Any]:
    return {"id": "r1", "tools": copy.deepcopy(TOOLS), "messages": conversation(), **changes}


def put(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in rows), encoding="utf-8")
    return path


def test_load_keeps_every_key_in_its_order(tmp_path: Path) -> None:
    [loaded] = load(put(tmp_path / "a.jsonl", [row()]))
    assert loaded.messages == conversation() and loaded.tools == TOOLS
    assert list(loaded.tools[0]["function"]["parameters"]["properties"]) == ["source", "destination"]
    assert [call["name"] for call in loaded.calls] == ["cp", "wc", "wc"]
    assert loaded.user_text == "Copy a.txt to b.txt.\nHow long are both?"


def _without_assistant(bad: dict[str, Any]) -> None:
    bad["messages"] = bad["messages"][:2]


def _set(place: tuple[Any, ...], value: Any) -> Callable[[dict[str, Any]], None]:
    def change(bad: dict[str, Any]) -> None:
        target: Any = bad
        for part in place[:-1]:
            target = target[part]
        target[place[-1]] = value

    return change


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (_without_assistant, "at least one assistant message"),
        (_set(("messages", 3, "content"), "not json"), "messages.3: content of a tool message must be JSON text"),
        (_set(("messages", 1, "content"), 5), "key messages.1.content"),
        (
            _set(("messages", 2, "tool_calls", 0, "function", "arguments"), "{}"),
            "key messages.2.tool_calls.0.function.arguments",
        ),
        (_set(("messages", 2, "tool_calls", 0, "function", "name"), "mv"), "calls 'mv', which is not in tools"),
        (_set(("messages", 2, "extra"), 1), "key messages.2.extra"),
        (_set(("messages", 1, "role"), "human"), "messages.1"),
        (
            _set(("messages", 5), {"role": "tool", "name": "cp", "content": "{}"}),
            "messages.5: a tool message needs a call",
        ),
        (
            _set(("messages", 8), {"role": "user", "content": "x"}),
            "messages.8: 1 call(s) before it have no tool message",
        ),
        (_set(("messages", 4), {"role": "assistant"}), "has content or tool_calls"),
        (_set(("tools", 0, "function", "name"), ""), "key tools.0.function.name"),
        (_set(("colour",), "red"), "key colour"),
        (_set(("id",), None), "key id"),
        (_set(("messages", 2, "train"), 0), "key messages.2.train"),
        (_set(("messages", 2, "train"), "false"), "key messages.2.train"),
        (_set(("messages", 2, "tool_calls", 0, "function", "arguments", "source"), float("nan")), "NaN"),
    ],
)
def test_a_bad_row_is_told_where_and_what(tmp_path: Path, spoil: Callable[[dict[str, Any]], None], told: str) -> None:
    bad = row(id="r2")
    spoil(bad)
    path = put(tmp_path / "rows.jsonl", [row(), bad])
    with pytest.raises(BadInput) as caught:
        load(path)
    message = str(caught.value)
    assert message.startswith(f"{path}, line 2") and "\n" not in message
    assert told.replace("messages.3: ", "") in message or told in message, message


def test_half_a_surrogate_pair_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(json.dumps(row()).replace("Copy a.txt", "Copy \\ud83d"))
    with pytest.raises(BadInput, match="line 1: has NaN, an infinity or half a surrogate pair"):
        load(path)


def test_ids_must_differ_and_a_file_must_have_rows(tmp_path: Path) -> None:
    for unreadable in ("{", "1" * 5000, "[" * 100_000):
        (tmp_path / "rows.jsonl").write_text(f'{{"id": 1}}\n{unreadable}\n')
        with pytest.raises(BadInput, match=r"2 rows are not trajectories:\n  line 1.*\n  line 2: not valid JSON"):
            load(tmp_path / "rows.jsonl")
    with pytest.raises(BadInput, match="line 2, key id: 'r1' is the id of line 1"):
        load(put(tmp_path / "a.jsonl", [row(), row()]))
    with pytest.raises(BadInput, match="no rows"):
        load(put(tmp_path / "b.jsonl", []))
    with pytest.raises(BadInput, match="does not exist"):
        load(tmp_path / "c.jsonl")


@pytest.mark.parametrize("domain", sorted({family.domain for family in families(role="train")}))
def test_every_training_family_makes_a_row(domain: str, tmp_path: Path) -> None:
    rows = [from_task(generate(family, "train", 3), "Work.") for family in families(domain=domain, role="train")]
    path = put(tmp_path / "rows.jsonl", [one.model_dump() for one in rows])
    assert load(path) == rows
    for one in rows:
        task = generate(next(f for f in families(role="train") if f.id == one.family), "train", 3)
        assert one.messages[0] == {"role": "system", "content": "Work."}
        roles = "".join(message["role"][0] for message in one.messages[1:])
        assert roles == "".join("u" + "at" * len(turn.gold) + "a" for turn in task.turns)
        assert [call["name"] for call in one.calls] == [call.name for turn in task.turns for call in turn.gold]


def test_encode_never_cuts() -> None:
    chat = own_chat()
    long = Trajectory.model_validate(row())
    short = Trajectory.model_validate(row(id="r2", messages=conversation()[:5]))
    length = {one.id: len(chat.examples(one.messages, one.tools, one.id)[0].ids) for one in (long, short)}
    whole = encode([long, short], chat, 10_000)
    assert [len(example.ids) for example in whole.examples] == [length["r1"], length["r2"]] and not whole.dropped
    left = encode([long, short], chat, length["r2"], "drop")
    assert [example.id for example in left.examples] == ["r2"] and left.dropped == [("r1", length["r1"])]
    with pytest.raises(BadInput, match=rf"r1 \({length['r1']}\).*max_tokens = {length['r1']}"):
        encode([long, short], chat, length["r2"])
    with pytest.raises(BadInput, match="no row is left"):
        encode([long], chat, 10, "drop")


def test_a_file_is_encoded_in_parts_that_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chat, encoded = own_chat(), []
    rows = [row(id=f"r{number}", messages=conversation()[: 5 + 4 * (number % 2)]) for number in range(7)]
    path = put(tmp_path / "rows.jsonl", rows)
    monkeypatch.setattr(tokens, "PART", 3)
    whole = chat.examples

    def counted(messages, tools, id):
        encoded.append(id)
        if "stop" in encoded and len(encoded) == 6:
            raise KeyboardInterrupt
        return whole(messages, tools, id)

    monkeypatch.setattr(chat, "examples", counted)

    def all_of(about: str = "x", most: int = 10_000) -> tokens.Encoded:
        hold = lambda row: row.id in ("r1", "r4")  # noqa: E731
        return tokens.encode_file(path, chat, most, "drop", hold, keep=tmp_path / "kept", about=about)

    encoded.append("stop")
    with pytest.raises(KeyboardInterrupt):
        all_of()
    assert len(list((tmp_path / "kept").rglob("*.npz"))) == 1
    encoded.clear()
    found = all_of()
    assert encoded == ["r3", "r4", "r5", "r6"]
    expected = encode([Trajectory.model_validate(one) for one in rows], own_chat(), 10_000)
    assert [replace(example, held=False) for example in found.examples] == list(expected.examples)
    assert [example.id for example in found.examples if example.held] == ["r1", "r4"]
    assert (found.tokens, found.supervised) == (expected.tokens, expected.supervised)

    encoded.clear()
    assert list(all_of().examples) == list(found.examples) and not encoded
    newest = sorted((tmp_path / "kept").rglob("*.npz"))[-1]
    newest.write_bytes(newest.read_bytes()[:50])
    assert list(all_of().examples) == list(found.examples) and encoded == ["r6"]
    encoded.clear()
    lengths = sorted({len(example.ids) for example in found.examples})
    short = all_of(most=lengths[0])
    assert len(encoded) == 7 and len(short.dropped) == 3 and short.dropped == all_of(most=lengths[0]).dropped
    all_of(about="y")
    assert len(encoded) == 14


def test_a_row_that_trains_nothing_is_refused() -> None:
    messages = conversation()
    for message in messages:
        if message["role"] == "assistant":
            message["train"] = False
    with pytest.raises(BadInput, match=r"train no token.*r1"):
        encode([Trajectory.model_validate(row(messages=messages))], own_chat(), 10_000)


def test_show_marks_exactly_what_is_trained() -> None:
    text = show(Trajectory.model_validate(row()), own_chat(), marks=True)
    body = text.plain.split("\n", 1)[1]
    trained = [piece.split(END)[0] for piece in body.split(BEGIN)[1:]]
    assert trained == [
        '<tool_call>\n{"name": "cp", "arguments": {"source": "a.txt", "destination": "b.txt"}}\n</tool_call><|im_end|>',
        "Done.<|im_end|>",
        '<tool_call>\n{"name": "wc", "arguments": {"files": ["a.txt"]}}\n</tool_call>\n'
        '<tool_call>\n{"name": "wc", "arguments": {"files": ["b.txt", "é"], "mode": "w"}}\n</tool_call><|im_end|>',
        "3 lines and 120 words.<|im_end|>",
    ]
    coloured = show(Trajectory.model_validate(row()), own_chat())
    assert BEGIN not in coloured.plain
    green = [coloured.plain[span.start : span.end] for span in coloured.spans if span.style == "bold green"]
    assert green == ["trained", *trained]
