"""`chat`: what a person sees, and a dialogue that reads only what is new."""

from __future__ import annotations

import builtins
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
import pytest
from chats import SYSTEM, TOOLS, own_tokenizer

from mlx_train import dialogue, models, playground
from mlx_train.chat.parse import Kind
from mlx_train.chat.render import Chat
from mlx_train.dialogue import Dialogue
from mlx_train.files import write_json, write_text
from mlx_train.places import PACKAGE
from mlx_train.recipe import Base, load
from mlx_train.world.catalogue import WORLDS
from mlx_train.world.files import Files


class Kept:
    """A layer's cache that holds the ids themselves."""

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.state = mx.zeros(1)


class Scripted:
    """A model that writes given messages, one for each time it is asked, whatever it was asked."""

    def __init__(self, chat: Chat, replies: Iterable[str]) -> None:
        self.chat = chat
        self.replies = [[*chat.tokenizer.encode(text, add_special_tokens=False), chat.end_id] for text in replies]
        self.asks = chat.tokenizer.encode("<|im_start|>assistant\n", add_special_tokens=False)
        self.read = 0

    def make_cache(self) -> list[Kept]:
        return [Kept()]

    def __call__(self, ids: mx.array, cache: list[Kept]) -> mx.array:
        kept, size = cache[0].ids, len(self.asks)
        new = ids[0].tolist()
        kept += new
        self.read += len(new)
        asked = [at for at in range(len(kept)) if kept[at : at + size] == self.asks]
        place = len(kept) - asked[-1] - size if asked else -1
        reply = self.replies[len(asked) - 1] if asked else []
        logits = mx.zeros((1, len(new), max(map(max, self.replies)) + 1))
        if 0 <= place < len(reply):
            logits[0, -1, reply[place]] = 9.0
        return logits


CALL = '<tool_call>\n{"name": "cp", "arguments": {"source": "a.txt", "destination": "b.txt"}}\n</tool_call>'


def begin(replies: Sequence[str], tools: Sequence[dict[str, Any]] = TOOLS) -> Dialogue:
    chat = Chat(own_tokenizer())
    return Dialogue(Scripted(chat, replies), chat, list(tools), SYSTEM)


def user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def test_a_dialogue_reads_each_id_once() -> None:
    talk, pieces = begin(["Good.", CALL, "It is there."]), []
    assert talk.say(user("Are you well?"), pieces.append).words == "Good."
    assert talk.say(user("Copy a.txt to b.txt."), pieces.append).kind is Kind.CALLS
    result = [{"role": "tool", "name": "cp", "content": '{"content": "hello"}'}]
    assert talk.say(result, pieces.append).words == "It is there."
    assert "".join(pieces) == "Good.It is there."
    assert [message["role"] for message in talk.messages] == [
        "system", "user", "assistant", "user", "assistant", "tool", "assistant",
    ]  # fmt: skip
    # The ids of the whole conversation, but for what the template puts after the last stop.
    whole = talk.chat.prompt([*talk.messages, *user("?")], TOOLS)
    end = len(whole) - whole[::-1].index(talk.chat.end_id, whole[::-1].index(talk.chat.end_id) + 1)
    assert talk.model.read == end


def test_words_are_shown_as_they_come() -> None:
    talk, pieces = begin(["Two files: é.txt and b.txt."]), []
    talk.say(user("Which?"), pieces.append)
    assert "".join(pieces) == "Two files: é.txt and b.txt." and sum(map(bool, pieces)) > 5
    assert not any(dialogue.HALF in piece for piece in pieces)


def test_an_interrupted_message_is_over_and_the_talk_goes_on() -> None:
    def stop(piece: str) -> None:
        said.append(piece)
        if len(said) == 2:
            raise KeyboardInterrupt

    said: list[str] = []
    talk = begin(["There are files", "Five."])
    cut = talk.say(user("Which?"), stop)
    assert cut.kind is Kind.TRUNCATED and cut.words and "There are files".startswith(cut.words)
    assert talk.say(user("How many?"), lambda _: None).words == "Five."


def test_a_message_that_is_too_long_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialogue, "MOST_TOKENS", 4)
    talk = begin(["one two three four five six seven eight nine ten.", "Yes."])
    assert talk.say(user("Count."), lambda _: None).kind is Kind.TRUNCATED
    assert talk.say(user("Well?"), lambda _: None).words == "Yes."


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person writes; the end of the input after it."""
    lines: list[str] = []

    def answer(asked: str = "") -> str:
        print(asked, end="")
        if not lines:
            raise EOFError
        line = lines.pop(0)
        print(line)
        return line

    monkeypatch.setattr(builtins, "input", answer)
    return lines


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_what_a_person_sees(typed: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    worlds = [Files({"root": {"home": {}}}), Files({"root": {"home": {}}})]
    touch = '<tool_call>\n{"name": "touch", "arguments": {"file_name": "a.txt"}}\n</tool_call>'
    typed += ["Make a.txt.", ":world", "", ":new", ":world", ":q", "never read"]
    playground.talk(worlds.__getitem__, lambda tools: begin([touch, "Made."], tools))
    assert typed == ["never read"]
    out = shown(capsys)
    assert any(line.startswith('  touch({"file_name": "a.txt"}) -> {') for line in out)
    assert "model> Made." in out
    assert out.count('   "a.txt": ""') == 1  # in the first world, once it was made
    assert worlds[0].state() != worlds[1].state() == {"root": {"home": {}}, "cwd": "/home"}


def test_a_call_that_cannot_be_read_is_told_as_in_the_gates(
    typed: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    talk = begin(["<tool_call>\n{nonsense\n</tool_call>", "Sorry."])
    typed.append("Go.")
    playground.talk(lambda _: playground.Asked(TOOLS), lambda tools: talk)
    out = shown(capsys)
    assert any("not a tool call: expected" in line for line in out) and "model> Sorry." in out
    assert talk.messages[3]["role"] == "tool" and "not a tool call" in talk.messages[3]["content"]


def test_calls_without_end_are_stopped(
    typed: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playground, "MOST_MESSAGES", 2)
    talk = begin([CALL, CALL, "Unheard.", "Here."])
    typed += ["Go.", "hello", "hello", "Are you there?"]
    playground.talk(lambda _: playground.Asked(TOOLS), lambda tools: talk)
    out = shown(capsys)
    assert "[stopped after 2 messages]" in out and "model> Here." in out


def test_of_own_tools_a_person_says_what_they_give(typed: list[str]) -> None:
    asked = playground.Asked(TOOLS)
    typed += ['{"copied": true}', "it is done", "[1]"]
    assert asked.call("cp", {"source": "a"}) == {"copied": True}
    assert asked.call("cp", {}) == {"result": "it is done"}
    assert asked.call("wc", {}) == {"result": "[1]"}
    assert asked.call("rm", {}) == {"error": "unknown tool 'rm'"}


def test_a_question_what_a_call_gives_may_be_interrupted(typed: list[str], monkeypatch, capsys) -> None:
    talk = begin([f"{CALL}\n{CALL}", "unheard", "Yes."])
    interrupted = iter([False, True])
    real = builtins.input

    def ask(asked: str = "") -> str:
        if "gives>" in asked and next(interrupted, False):
            raise KeyboardInterrupt
        return real(asked)

    monkeypatch.setattr(builtins, "input", ask)
    typed += ["Go.", "done", "Well?"]
    playground.talk(lambda _: playground.Asked(TOOLS), lambda tools: talk)
    assert "[stopped]" in (out := shown(capsys)) and "model> Yes." in out
    results = [message["content"] for message in talk.messages if message["role"] == "tool"]
    assert results == ['{"result": "done"}', '{"error": "interrupted"}']


def test_the_end_of_the_input_ends_the_talk_wherever_it_is(typed: list[str]) -> None:
    typed.append("Go.")
    playground.talk(lambda _: playground.Asked(TOOLS), lambda tools: begin([CALL]))
    assert typed == []


@pytest.mark.parametrize("catalogue, domain, expected", [
    (None, None, "files"),
    (Files.tools(), None, "files"),
    (TOOLS, None, None),
    (TOOLS, "travel", "travel"),
])  # fmt: skip
def test_the_tools_are_those_of_the_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], catalogue, domain, expected
) -> None:
    (tmp_path / "config.json").write_text(json.dumps({}))
    if catalogue is not None:
        write_json(tmp_path / "tools.json", catalogue)
    offered: list[Any] = []
    monkeypatch.setattr(models, "load", lambda path, dtype, adapter: (None, own_tokenizer()))
    monkeypatch.setattr(playground, "talk", lambda new, begin: offered.append(new(0)))
    playground.play(str(tmp_path), domain)
    asked = playground.ASKING in capsys.readouterr().out
    assert asked == (expected is None)
    assert getattr(offered[0], "domain", None) == expected
    if asked:
        assert offered[0].tools() == TOOLS


@pytest.mark.parametrize("domain", [name for name in sorted(WORLDS) if playground._moderate(name)])
def test_every_domain_has_a_world_to_try(domain: str) -> None:
    assert playground._world(domain, 0).tools()
    assert playground._world(domain, 0).state() != playground._world(domain, 1).state()


@pytest.mark.parametrize("base", ["gemma-3-270m", "gemma-3-270m-generalist-2", "gemma-3-270m-generalist-3"])
def test_a_base_that_was_made_here_is_tried_with_its_own_prompt(tmp_path: Path, monkeypatch, base: str) -> None:
    (tmp_path / "config.json").write_text("{}")
    monkeypatch.setattr(models, "locate", lambda *_, **__: tmp_path)
    found = playground._model(f"{base}-base")
    assert found.path == tmp_path and found.prompt == load("gemma-3-270m").prompt


def test_a_run_is_tried_fused_by_its_folder_too(tmp_path: Path, monkeypatch) -> None:
    for name in ("package/adapter_config.json", "package/lock.json", "fused/config.json"):
        write_json(tmp_path / name, {})
    write_json(tmp_path / "run.json", {
        "id": "1", "fingerprint": "1", "base": {}, "stages": {},
        "recipe": {"prompt": "p", "base": {"dtype": "float32"}},
    })  # fmt: skip
    assert playground._model(str(tmp_path)) == (tmp_path / "fused", "p", "float32", None)
    (tmp_path / "run.json").unlink()  # as what is promoted after full training
    write_text(tmp_path / "fused" / "prompt.txt", "q\n")
    assert playground._model(str(tmp_path)) == (tmp_path / "fused", "q", "float32", None)


@pytest.mark.parametrize("part", ["", "package"])
def test_what_was_promoted_is_tried_on_the_base_of_its_lock(tmp_path: Path, monkeypatch, part: str) -> None:
    folder = PACKAGE.parent / "artifacts" / "gemma-3-270m-file-ops"
    (tmp_path / "config.json").write_text("{}")
    asked: list[Base] = []
    monkeypatch.setattr(models, "locate", lambda base, say: asked.append(base) or tmp_path)
    found = playground._model(str(folder / part))
    assert found == (tmp_path, load("gemma-3-270m").prompt, "float32", folder / "package")
    assert asked[0].name == load("gemma-3-270m").base.name and len(asked[0].sha256) == 64
