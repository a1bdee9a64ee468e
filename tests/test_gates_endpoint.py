"""A model behind an endpoint, through the official client and a real local server that plays what a test says."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from gates_fakes import a_family, counter_world, two_turns

from mlx_train import cli, places, recipe
from mlx_train.errors import BadInput, NoNetwork
from mlx_train.files import read_json, read_jsonl
from mlx_train.gates.endpoint import KEY, Endpoint, connect
from mlx_train.gates.freeze import freeze
from mlx_train.gates.rollouts import Settings, run
from mlx_train.gates.suites import Suite

pytest.importorskip("openai", reason="the client of the extra `endpoint` is not installed")

SECRET = "sk-secret-4711"
MODEL = "frontier-2026-01-01"
Body = dict[str, Any]
Script = Callable[[Body], tuple[int, Body]]


def words(text: str | None, finish: str = "stop") -> tuple[int, Body]:
    return message({"role": "assistant", "content": text}, finish)


def calls(*made: tuple[str, str]) -> tuple[int, Body]:
    entries = [
        {"id": f"id{number}", "type": "function", "function": {"name": name, "arguments": text}}
        for number, (name, text) in enumerate(made)
    ]
    return message({"role": "assistant", "content": None, "tool_calls": entries, "signature": "s"}, "tool_calls")


def message(content: Body, finish: str) -> tuple[int, Body]:
    return 200, {
        "id": "c", "object": "chat.completion", "created": 1, "model": MODEL,
        "choices": [{"index": 0, "message": content, "finish_reason": finish}],
        "usage": {"prompt_tokens": 50, "completion_tokens": 7, "total_tokens": 57},
    }  # fmt: skip


def fault(status: int, param: str | None = None) -> tuple[int, Body]:
    return status, {"error": {"message": f"it is {status}, {SECRET}", "type": "e", "param": param, "code": None}}


def is_probe(body: Body) -> bool:
    return len(body["messages"]) == 1


def gold(suite: Suite) -> Script:
    """Play what the task of these words has as gold, from what the conversation holds already."""
    by_words = {task.turns[0].user: task.turns[0] for task in suite.tasks}

    def script(body: Body) -> tuple[int, Body]:
        if is_probe(body):
            return words("yes")
        turn = by_words[body["messages"][1]["content"]]
        done = sum(row["role"] == "tool" and "error" not in json.loads(row["content"]) for row in body["messages"])
        if done < len(turn.gold):
            return calls((turn.gold[done].name, json.dumps(turn.gold[done].arguments)))
        return words(turn.say)

    return script


class Server:
    """What was asked, and how many at once."""

    def __init__(self) -> None:
        self.script: Script = lambda body: words("yes")
        self.bodies: list[Body] = []
        self.keys: set[str | None] = set()
        self.at_once = self.most = 0
        self.url = ""
        self.lock = threading.Lock()


@contextmanager
def serving(server: Server) -> Iterator[None]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            assert self.path == "/v1/chat/completions"
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            with server.lock:
                server.bodies.append(body)
                server.keys.add(self.headers["Authorization"])
                server.at_once += 1
                server.most = max(server.most, server.at_once)
            status, answer = server.script(body)
            with server.lock:
                server.at_once -= 1
            text = json.dumps(answer).encode()
            try:
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "retry-after-ms": "1"}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)
            except OSError:
                pass  # the client has gone, as it does after a time-out

        def log_message(self, *_: Any) -> None:
            pass

    found = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.daemon_threads = True
    server.url = f"http://127.0.0.1:{found.server_port}/v1"
    threading.Thread(target=found.serve_forever, args=(0.01,), daemon=True).start()
    try:
        yield
    finally:
        found.shutdown()
        found.server_close()


@pytest.fixture(autouse=True)
def world(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv(KEY, SECRET)
    monkeypatch.setenv("NO_PROXY", "*")
    with counter_world():
        yield


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    with serving(server):
        yield server


@pytest.fixture
def suite(tmp_path: Path) -> Suite:
    return freeze("breadth-unseen", 6, 1, tmp_path / "suites" / "breadth-unseen", families=[a_family()])


def rolled(server: Server, suite: Suite, done: Path, seconds: float = 20.0, **settings: Any) -> list[Body]:
    player = connect("m", server.url, settings.get("temperature", 0.0), retries=2, seconds=seconds)
    server.bodies.clear()
    return run(suite.tasks, player, Settings("be brief", batch=3, max_calls=4, **settings), suite="s", done=done)


def command(server: Server, out: Path, *more: str) -> int:
    return cli.call([
        "gates", "run", "openai:m", "--url", server.url, "--out", str(out), "--suite", "breadth-unseen",
        "--label", "ceiling", *more,
    ])  # fmt: skip


def test_gold_passes_and_the_gate_file_says_what_it_was(
    server: Server, suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(places, "SUITES", tmp_path / "suites")
    server.script = gold(suite)
    assert command(server, tmp_path / "out") == 0
    gate = read_json(tmp_path / "out" / "ceiling.json")
    entry = gate["suites"]["breadth-unseen"]
    assert (entry["n"], entry["passed"], entry["errors"], entry["calls"]["valid"]) == (6, 6, 0, 1.0)
    assert gate["format"] == "structured" and gate["decoding"]["method"] == "greedy" and gate["decoding"]["batch"] == 4
    host = server.url.removeprefix("http://").removesuffix("/v1")
    assert (gate["model"]["id"], gate["model"]["answered"], gate["model"]["endpoint"]) == ("m", MODEL, host)
    assert gate["prompt"] == recipe.load("embedded").prompt and len(gate["begun"]) == 10
    first, limit = server.bodies[1], gate["decoding"]["max_new_tokens"]
    assert (first["model"], first["temperature"], first["max_tokens"]) == ("m", 0, limit)
    assert "seed" not in first
    assert [tool["function"]["name"] for tool in first["tools"]] == ["add", "read"]
    assert server.keys == {f"Bearer {SECRET}"}
    files = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert len(files) == 3 and not any(SECRET in path.read_text() for path in files)
    printed = capsys.readouterr()
    assert "6/6" in printed.out and SECRET not in printed.out + printed.err
    server.bodies.clear()
    assert command(server, tmp_path / "out") == 0 and all(map(is_probe, server.bodies)), "all was done before"
    server.script = lambda body: (200, {**words("yes")[1], "model": "another"})
    assert command(server, tmp_path / "out") == 64 and "another model" in capsys.readouterr().err


def test_a_call_goes_back_as_it_came_with_its_result(server: Server, suite: Suite, tmp_path: Path) -> None:
    server.script = gold(suite)
    rows = rolled(server, suite, tmp_path / "s.jsonl")
    last = max(server.bodies, key=lambda body: len(body["messages"]))["messages"]
    assert [row["role"] for row in last] == ["system", "user", "assistant", "tool"]
    assert last[0]["content"] == "be brief" and last[2]["signature"] == "s"
    assert last[3]["tool_call_id"] == last[2]["tool_calls"][0]["id"] == "id0"
    assert [row["end"] for row in rows] == ["done"] * 6 and rows[0]["tokens"] == 14


def test_doing_nothing_fails_and_is_no_error(server: Server, suite: Suite, tmp_path: Path) -> None:
    rows = rolled(server, suite, tmp_path / "s.jsonl")
    assert {(row["end"], row["turns"][0]["words"], len(row["turns"][0]["calls"])) for row in rows} == {
        ("done", "yes", 0)
    }


@pytest.mark.parametrize("arguments", ["{", "[1]", '{"amount": NaN}', "3"])
def test_arguments_that_are_no_object_are_answered_with_an_error(
    server: Server, suite: Suite, tmp_path: Path, arguments: str
) -> None:
    play = gold(suite)

    def script(body: Body) -> tuple[int, Body]:
        return calls(("read", "{}"), ("add", arguments)) if len(body["messages"]) == 2 else play(body)

    server.script = script
    rows = rolled(server, suite, tmp_path / "s.jsonl")
    after = next(body["messages"] for body in server.bodies if len(body["messages"]) == 5)
    assert [call["function"]["arguments"] for call in after[2]["tool_calls"]] == ["{}", "{}"]
    assert [row["tool_call_id"] for row in after[3:]] == ["id0", "id1"]
    assert all("not a JSON object" in row["content"] for row in after[3:])
    for row in rows:
        bad, good = row["turns"][0]["calls"]
        assert bad["name"] == "" and f"add({arguments})" in bad["raw"] and good["name"] == "add"
        assert row["end"] == "done" and row["turns"][0]["words"]


@pytest.mark.parametrize("arguments", [{"arguments": ""}, {"arguments": None}, {}])
def test_a_call_without_arguments_may_say_nothing_of_them(
    server: Server, suite: Suite, tmp_path: Path, arguments: Body
) -> None:
    play = gold(suite)

    def script(body: Body) -> tuple[int, Body]:
        if len(body["messages"]) != 2:
            return play(body)
        call = {"type": "function", "function": {"name": "read", **arguments}}  # nor an id
        _, answer = message({"role": "assistant", "content": None, "tool_calls": [call]}, "tool_calls")
        return 200, {key: value for key, value in answer.items() if key != "usage"}

    server.script = script
    rows = rolled(server, suite, tmp_path / "s.jsonl")
    assert {row["end"] for row in rows} == {"done"}
    assert all(row["turns"][0]["calls"][0]["name"] == "read" for row in rows)
    after = next(body["messages"] for body in server.bodies if len(body["messages"]) == 4)
    assert after[2]["tool_calls"][0]["function"]["arguments"] == "{}"
    assert after[3]["tool_call_id"] == after[2]["tool_calls"][0]["id"]


@pytest.mark.parametrize("lacks", [{"model": None}, {"usage": {"prompt_tokens": 5}}])
def test_an_answer_may_lack_what_is_not_needed(server: Server, suite: Suite, tmp_path: Path, lacks: Body) -> None:
    server.script = lambda body: (200, {**words("yes")[1], **lacks})
    assert {row["end"] for row in rolled(server, suite, tmp_path / "s.jsonl")} == {"done"}


def test_an_empty_message_goes_back_as_one(server: Server, suite: Suite, tmp_path: Path) -> None:
    task = two_turns()
    server.script = lambda body: words("")
    player = connect("m", server.url, 0.0)
    run([task], player, Settings("be brief"), suite="s", done=tmp_path / "s.jsonl")
    last = max(server.bodies, key=lambda body: len(body["messages"]))["messages"]
    assert [row["role"] for row in last] == ["system", "user", "assistant", "user"] and last[2]["content"] == ""


def test_half_a_character_is_written_as_a_question_mark(server: Server, suite: Suite, tmp_path: Path) -> None:
    server.script = lambda body: words("Done \ud83d")
    assert {row["turns"][0]["words"] for row in rolled(server, suite, tmp_path / "s.jsonl")} == {"Done ?"}


@pytest.mark.parametrize("status", [401, 402, 404])
def test_an_endpoint_that_takes_no_more_requests_stops_the_run(
    server: Server, suite: Suite, tmp_path: Path, status: int
) -> None:
    play, last = gold(suite), suite.tasks[-1].turns[0].user
    server.script = lambda body: fault(status) if body["messages"][-1]["content"] == last else play(body)
    with pytest.raises(BadInput, match="what is left to spend"):
        rolled(server, suite, tmp_path / "s.jsonl")
    server.script = play
    assert [row["end"] for row in rolled(server, suite, tmp_path / "s.jsonl")] == ["done"] * 6


def test_errors_are_counted_apart_and_retried_a_few_times(server: Server, suite: Suite, tmp_path: Path) -> None:
    play, tasks = gold(suite), suite.tasks
    asked: dict[str, int] = {}

    def script(body: Body) -> tuple[int, Body]:
        user = body["messages"][-1]["content"]
        asked[user] = asked.get(user, 0) + 1
        if user == tasks[0].turns[0].user:
            return fault(500)
        if user == tasks[1].turns[0].user:
            return fault(400)
        if user == tasks[2].turns[0].user:
            return words("It is", "length")
        if user == tasks[3].turns[0].user and asked[user] < 3:
            return fault(429)
        if user == tasks[4].turns[0].user:
            status, answer = words("yes")
            return status, {**answer, "model": "another"}
        if (
            not is_probe(body)
            and len(body["messages"]) > 1
            and body["messages"][1]["content"] == tasks[5].turns[0].user
        ):
            return calls(("read", "{}"))
        return play(body)

    server.script = script
    rows = rolled(server, suite, tmp_path / "s.jsonl")
    assert [row["end"] for row in rows] == ["crash", "crash", "truncated", "done", "crash", "too_many_calls"]
    assert [asked[task.turns[0].user] for task in tasks[:4]] == [3, 1, 1, 3]
    assert "InternalServerError" in rows[0]["error"] and "BadRequestError" in rows[1]["error"]
    assert rows[4]["error"] == f"answered by another, not by {MODEL}"
    assert SECRET not in (tmp_path / "s.jsonl").read_text() and KEY in rows[0]["error"]


@pytest.mark.parametrize("said, end", [
    ("This model's maximum context length is 4096 tokens", "overlong"),
    ("the request exceeds the available context size", "overlong"),
    ("the messages make no sense in this context", "crash"),
])  # fmt: skip
def test_a_conversation_that_the_endpoint_finds_too_long_is_the_models_doing(
    server: Server, suite: Suite, tmp_path: Path, said: str, end: str
) -> None:
    refusal = {"error": {"message": said, "type": "e", "param": None, "code": None}}
    server.script = lambda body: words("yes") if is_probe(body) else (400, refusal)
    assert {row["end"] for row in rolled(server, suite, tmp_path / "s.jsonl")} == {end}


def test_a_time_out_is_an_error_of_its_own(server: Server, suite: Suite, tmp_path: Path) -> None:
    play, slow = gold(suite), suite.tasks[2].turns[0].user

    def script(body: Body) -> tuple[int, Body]:
        if body["messages"][-1]["content"] == slow:
            time.sleep(1)
        return play(body)

    server.script = script
    rows = rolled(server, suite, tmp_path / "s.jsonl", seconds=0.4)
    assert [row["end"] for row in rows] == ["done", "done", "time_out", "done", "done", "done"]
    assert sum(body["messages"][-1]["content"] == slow for body in server.bodies) == 3


def test_a_few_at_a_time_each_in_a_world_of_its_own(server: Server, suite: Suite, tmp_path: Path) -> None:
    play, together = gold(suite), threading.Barrier(3)

    def script(body: Body) -> tuple[int, Body]:
        if len(body["messages"]) == 2:
            together.wait(timeout=10)  # three conversations begin before any goes on
            time.sleep(0.1)  # a fourth would be seen
        return play(body)

    server.script = script
    rows = rolled(server, suite, tmp_path / "s.jsonl")
    assert server.most == 3
    assert [row["turns"][0]["calls"][0]["result"]["value"] for row in rows] == [
        int(task.turns[0].tell[0]) for task in suite.tasks
    ]


def test_an_endpoint_that_goes_away_stops_the_run_which_goes_on_later(
    server: Server, suite: Suite, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    server.script, done = gold(suite), tmp_path / "s.jsonl"
    player, settings = connect("m", server.url, 0.0, retries=0), Settings("be brief", batch=1)
    gone = Endpoint("m", "http://127.0.0.1:9/v1", player.host, player.answered, player.limit, 0, 5.0)
    run(suite.tasks[:2], player, settings, suite="s", done=done)
    with pytest.raises(NoNetwork, match="goes on from there"):
        run(suite.tasks, gone, settings, suite="s", done=done)
    assert len(read_jsonl(done)) == 2
    server.bodies.clear()
    rows = run(suite.tasks, player, settings, suite="s", done=done)
    assert [row["end"] for row in rows] == ["done"] * 6 and len(server.bodies) == 4 * 2
    monkeypatch.setattr(places, "SUITES", tmp_path / "suites")
    server.url = "http://127.0.0.1:9/v1"
    assert command(server, tmp_path / "out") == 69 and "127.0.0.1:9" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_samples_have_seeds_of_their_own(server: Server, suite: Suite, tmp_path: Path) -> None:
    server.script = gold(suite)
    rows = rolled(server, suite, tmp_path / "s.jsonl", temperature=0.7, samples=2)
    assert len(rows) == 12 and len({body["seed"] for body in server.bodies}) == 12
    assert {body["temperature"] for body in server.bodies} == {0.7}


def test_a_model_that_knows_the_limit_by_another_name(server: Server, suite: Suite, tmp_path: Path) -> None:
    play = gold(suite)
    server.script = lambda body: fault(400, "max_tokens") if "max_tokens" in body else play(body)
    rows = rolled(server, suite, tmp_path / "s.jsonl", max_new_tokens=99)
    assert {row["end"] for row in rows} == {"done"} and server.bodies[0]["max_completion_tokens"] == 99


def test_what_the_endpoint_refuses_is_told_before_anything_is_written(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for status, kind in ((400, BadInput), (401, BadInput), (404, BadInput), (500, NoNetwork), (429, NoNetwork)):
        server.script = lambda body, status=status: fault(status)  # type: ignore[misc]
        with pytest.raises(kind) as told:
            connect("m", server.url, 0.0, retries=1)
        assert SECRET not in str(told.value) and "127.0.0.1" in str(told.value)
    for address in ("127.0.0.1:9/v1", f"http://user:{SECRET}@127.0.0.1:9/v1"):
        with pytest.raises(BadInput, match="--url") as told:
            connect("m", address, 0.0)
        assert SECRET not in str(told.value)
    server.script = lambda body: words("yes")
    monkeypatch.setenv("OPENAI_BASE_URL", server.url.replace("//", f"//user:{SECRET}@"))
    assert SECRET not in json.dumps(connect("m", None, 0.0).about())
    monkeypatch.delenv(KEY)
    with pytest.raises(BadInput, match=KEY):
        connect("m", server.url, 0.0)
    monkeypatch.setitem(sys.modules, "openai", None)
    with pytest.raises(BadInput, match=r"mlx-train\[endpoint\]"):
        connect("m", server.url, 0.0)


def test_what_does_not_go_together_is_refused(server: Server, tmp_path: Path) -> None:
    assert command(server, tmp_path, "--adapter", "a") == 64
    assert command(server, tmp_path, "--samples", "3") == 64
    assert cli.call(["gates", "run", "embedded", "--url", server.url, "--out", str(tmp_path)]) == 64
    assert not server.bodies
