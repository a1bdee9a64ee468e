"""Calendar, messaging and notes: the worlds by hand and at random, the task families by seed."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import Family, generate
from mlx_train.tasks.task import Split, Task, failed
from mlx_train.world.base import World
from mlx_train.world.calendar import Calendar
from mlx_train.world.messaging import Messaging
from mlx_train.world.notes import Notes

KINDS: dict[str, type[World]] = {kind.domain: kind for kind in (Calendar, Messaging, Notes)}
OURS = [found for found in families(group="first") if found.domain in KINDS]
FILE_TOOLS = {
    "cat",
    "cd",
    "cp",
    "diff",
    "du",
    "echo",
    "find",
    "grep",
    "ls",
    "mkdir",
    "mv",
    "pwd",
    "rm",
    "rmdir",
    "sort",
    "tail",
    "touch",
    "wc",
}

EVENT: dict[str, Any] = {
    "title": "Copper harvest",
    "date": "2031-05-17",
    "time": "14:30",
    "minutes": 60,
    "guests": [],
    "repeat": "none",
}
CHAT = {
    "name": "Mia",
    "members": ["Mia"],
    "muted": False,
    "messages": [
        {"message_id": "m1", "from": "Mia", "text": "river keeps honey", "reaction": ""},
        {"message_id": "m2", "from": "me", "text": "moon opens door", "reaction": ""},
    ],
}
NOTE = {"title": "Copper harvest", "text": "river keeps honey", "tags": ["lamp"], "color": "white", "pinned": False}
STATES: dict[str, dict[str, Any]] = {
    "calendar": {"events": {"e1": EVENT, "e2": {**EVENT, "title": "Tulip", "time": "16:00"}}, "next": 3},
    "messaging": {
        "chats": {"c1": CHAT, "c2": {"name": "tulip", "members": ["Mia", "Leo"], "muted": True, "messages": []}},
        "next_chat": 3,
        "next_message": 3,
    },
    "notes": {"notes": {"n1": NOTE, "n2": {**NOTE, "title": "Tulip", "text": "", "tags": []}}, "next": 3},
}


def world(domain: str) -> World:
    return KINDS[domain](STATES[domain])


def splits(which: Family) -> tuple[Split, ...]:
    return ("train", "dev", "gate") if which.role == "train" else (which.role,)


# The worlds


@pytest.mark.parametrize("domain", KINDS)
def test_catalogue(domain: str) -> None:
    functions = [entry["function"] for entry in KINDS[domain].tools()]
    assert 6 <= len(functions) <= 8
    for function in functions:
        parameters = function["parameters"]
        assert function["description"].endswith(".")
        assert set(parameters["required"]) <= set(parameters["properties"])
        assert all("type" in schema for schema in parameters["properties"].values())
    kinds = {schema["type"] for function in functions for schema in function["parameters"]["properties"].values()}
    assert {"string", "integer"} <= kinds
    assert any("enum" in json.dumps(function) for function in functions)


def test_no_tool_is_shared() -> None:
    names = Counter(entry["function"]["name"] for kind in KINDS.values() for entry in kind.tools())
    assert max(names.values()) == 1
    assert not FILE_TOOLS & set(names)


@pytest.mark.parametrize("domain", KINDS)
def test_state_goes_in_and_out(domain: str) -> None:
    before = json.dumps(STATES[domain])
    one = world(domain)
    assert one.state() == STATES[domain]
    one.state().clear()
    next(iter(one.state().values())).clear()
    assert one.state() == STATES[domain] == json.loads(before)


def test_calendar_by_hand() -> None:
    one = world("calendar")
    assert one.call("create_event", {"title": "Owl", "date": "2031-05-18", "time": "09:00"}) == {"event_id": "e3"}
    assert one.call("invite_guests", {"event_id": "e3", "guests": ["Leo", "Ada"]}) == {"guests": ["Leo", "Ada"]}
    assert one.call("set_event_repeat", {"event_id": "e3", "repeat": "weekly"}) == {"repeat": "weekly"}
    assert one.call("check_slot", {"date": "2031-05-17", "time": "14:30"}) == {"free": False}
    assert one.call("move_event", {"event_id": "e1", "time": "15:00"}) == {"date": "2031-05-17", "time": "15:00"}
    assert one.call("check_slot", {"date": "2031-05-17", "time": "14:30"}) == {"free": True}
    assert one.call("cancel_event", {"event_id": "e2"}) == {"cancelled": "e2"}
    assert one.call("list_events", {"date": "2031-05-17"}) == {
        "events": [{"event_id": "e1", "title": "Copper harvest", "date": "2031-05-17", "time": "15:00"}]
    }
    assert one.outcome() == {
        "events": [
            {**EVENT, "time": "15:00"},
            {
                "title": "Owl",
                "date": "2031-05-18",
                "time": "09:00",
                "minutes": 60,
                "guests": ["Ada", "Leo"],
                "repeat": "weekly",
            },
        ]
    }


def test_messaging_by_hand() -> None:
    one = world("messaging")
    assert one.call("list_chats", {}) == {
        "chats": [{"chat_id": "c1", "name": "Mia"}, {"chat_id": "c2", "name": "tulip"}]
    }
    assert one.call("read_messages", {"chat_id": "c1", "count": 1}) == {
        "messages": [{"message_id": "m2", "from": "me", "text": "moon opens door"}]
    }
    assert one.call("forward_message", {"message_id": "m1", "chat_id": "c2"}) == {"message_id": "m3"}
    assert one.call("delete_message", {"message_id": "m2"}) == {"deleted": "m2"}
    assert one.call("react_to_message", {"message_id": "m1", "reaction": "heart"}) == {"reaction": "heart"}
    assert one.call("mute_chat", {"chat_id": "c2", "muted": False}) == {"muted": False}
    assert one.call("start_chat", {"name": "owl", "members": ["Leo"]}) == {"chat_id": "c3"}
    assert one.call("send_message", {"chat_id": "c3", "text": "hi"}) == {"message_id": "m4"}
    assert one.outcome() == {
        "Mia": {"members": ["Mia"], "muted": False, "messages": [["Mia", "river keeps honey", "heart"]]},
        "tulip": {"members": ["Leo", "Mia"], "muted": False, "messages": [["me", "river keeps honey", ""]]},
        "owl": {"members": ["Leo"], "muted": False, "messages": [["me", "hi", ""]]},
    }


def test_notes_by_hand() -> None:
    one = world("notes")
    assert one.call("search_notes", {"query": "LAMP honey"}) == {
        "notes": [{"note_id": "n1", "title": "Copper harvest"}]
    }
    assert one.call("append_to_note", {"note_id": "n1", "text": "owl"}) == {"lines": 2}
    assert one.call("append_to_note", {"note_id": "n2", "text": "owl"}) == {"lines": 1}
    assert one.call("tag_note", {"note_id": "n1", "tags": ["lamp", "bee"]}) == {"tags": ["lamp", "bee"]}
    assert one.call("pin_note", {"note_id": "n1", "pinned": True}) == {"pinned": True}
    assert one.call("rename_note", {"note_id": "n1", "title": "Owl"}) == {"title": "Owl"}
    assert one.call("create_note", {"title": "Bee", "text": "hum", "color": "blue"}) == {"note_id": "n3"}
    assert one.call("trash_note", {"note_id": "n2"}) == {"trashed": "n2"}
    assert one.call("read_note", {"note_id": "n1"})["text"] == "river keeps honey\nowl"
    assert one.outcome() == {
        "Owl": {"text": "river keeps honey\nowl", "tags": ["bee", "lamp"], "color": "white", "pinned": True},
        "Bee": {"text": "hum", "tags": [], "color": "blue", "pinned": False},
    }


WRONG: list[tuple[str, str, dict[str, Any], str]] = [
    ("calendar", "create_event", {"title": "x", "date": "2031-05-17", "time": "14:30"}, "taken by 'e1'"),
    ("calendar", "create_event", {"title": "x", "date": "2031-02-30", "time": "14:30"}, "not a date"),
    ("calendar", "create_event", {"title": "x", "date": "2031-02-03", "time": "24:00"}, "not a time"),
    ("calendar", "create_event", {"title": "x", "date": "2031-02-03", "time": "09:00", "minutes": 0}, "at least 1"),
    ("calendar", "list_events", {"date": "today"}, "not a date"),
    ("calendar", "get_event", {"event_id": "e9"}, "no event 'e9'"),
    ("calendar", "move_event", {"event_id": "e1"}, "give a date or a time"),
    ("calendar", "move_event", {"event_id": "e1", "time": "16:00"}, "taken by 'e2'"),
    ("calendar", "cancel_event", {"event_id": "e9"}, "no event 'e9'"),
    ("calendar", "invite_guests", {"event_id": "e1", "guests": []}, "guests is empty"),
    ("calendar", "invite_guests", {"event_id": "e1", "guests": ["Ada", "Ada"]}, "invited already"),
    ("calendar", "set_event_repeat", {"event_id": "e1", "repeat": "often"}, "must be none or daily"),
    ("messaging", "send_message", {"chat_id": "c9", "text": "x"}, "no chat 'c9'"),
    ("messaging", "send_message", {"chat_id": "c1", "text": ""}, "text is empty"),
    ("messaging", "read_messages", {"chat_id": "c1", "count": 0}, "at least 1"),
    ("messaging", "forward_message", {"message_id": "m9", "chat_id": "c1"}, "no message 'm9'"),
    ("messaging", "delete_message", {"message_id": "m9"}, "no message 'm9'"),
    ("messaging", "start_chat", {"name": "tulip", "members": ["Leo"]}, "already"),
    ("messaging", "start_chat", {"name": "owl", "members": []}, "members is empty"),
    ("messaging", "mute_chat", {"chat_id": "c1", "muted": "yes"}, "must be boolean"),
    ("notes", "create_note", {"title": "Tulip", "text": "x"}, "already"),
    ("notes", "create_note", {"title": "", "text": "x"}, "title is empty"),
    ("notes", "search_notes", {"query": "x", "limit": 0}, "at least 1"),
    ("notes", "read_note", {"note_id": "n9"}, "no note 'n9'"),
    ("notes", "append_to_note", {"note_id": "n1", "text": ""}, "text is empty"),
    ("notes", "rename_note", {"note_id": "n1", "title": "Tulip"}, "already"),
    ("notes", "tag_note", {"note_id": "n1", "tags": []}, "tags is empty"),
    ("notes", "trash_note", {"note_id": "n9"}, "no note 'n9'"),
]


@pytest.mark.parametrize(("domain", "name", "arguments", "words"), WRONG)
def test_a_wrong_call_says_why_and_changes_nothing(
    domain: str, name: str, arguments: dict[str, Any], words: str
) -> None:
    one = world(domain)
    assert words in one.call(name, arguments)["error"]
    assert one.state() == STATES[domain]


WORDS = ["e1", "e2", "e3", "c1", "c2", "c3", "m1", "m3", "n1", "n2", "n3", "Tulip", "owl", "2031-05-17", "16:00", ""]


def arguments_for(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return {
        "string": st.sampled_from(WORDS),
        "integer": st.integers(-1, 3),
        "boolean": st.booleans(),
        "array": st.lists(st.sampled_from(WORDS), max_size=2),
    }[schema["type"]]


@settings(max_examples=60)
@given(data=st.data(), domain=st.sampled_from(sorted(KINDS)))
def test_any_calls_keep_the_state_plain_and_whole(data: st.DataObject, domain: str) -> None:
    kind, one = KINDS[domain], world(domain)
    for _ in range(data.draw(st.integers(1, 8))):
        function = data.draw(st.sampled_from(kind.tools()))["function"]
        arguments = {key: data.draw(arguments_for(s)) for key, s in function["parameters"]["properties"].items()}
        before = one.state()
        result = one.call(function["name"], arguments)
        state = one.state()
        assert json.loads(json.dumps([result, state])) == [result, state]
        assert kind(state).state() == state
        assert kind(state).outcome() == one.outcome()
        if failed(result):
            assert state == before


# The families


@pytest.mark.parametrize("domain", KINDS)
def test_families_of_a_domain(domain: str) -> None:
    ours = [found for found in OURS if found.domain == domain]
    dev = Counter(found.tier for found in ours if found.role == "dev")
    assert dev == {"easy": 2, "moderate": 2, "hard": 1}
    train = Counter(found.tier for found in ours if found.role == "train")
    assert train["easy"] >= 2 and train["moderate"] >= 2 and train["hard"] >= 1
    assert {found.tier for found in ours if found.role == "gate" and not found.abstain} == {"easy", "moderate", "hard"}
    for role in ("train", "gate"):
        assert any(found.abstain for found in ours if found.role == role)


def used_tools(domain: str) -> set[str]:
    """The tools of the gold calls of a few trained tasks."""
    trained = [found for found in OURS if found.domain == domain and found.role == "train"]
    tasks = [generate(found, "train", seed) for found in trained for seed in range(10)]
    return {call.name for task in tasks for turn in task.turns for call in turn.gold}


@pytest.mark.parametrize("domain", KINDS)
def test_trained_families_use_every_tool(domain: str) -> None:
    assert used_tools(domain) == {entry["function"]["name"] for entry in KINDS[domain].tools()}


def texts(value: Any) -> list[str]:
    """All strings and numbers in a JSON value; whether something is true is not looked for in the words."""
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    return [] if isinstance(value, bool) else [str(value)]


def check_sources(task: Task) -> None:
    """Every argument is in the user's words so far, or marked as derived and in an earlier result, or a line of one."""
    one, said, seen = KINDS[task.domain](task.world), "", set[str]()
    for turn in task.turns:
        said += " " + turn.user.lower()
        for call in turn.gold:
            for key, value in call.arguments.items():
                if key in call.derived:
                    assert set(texts(value)) <= seen, (task.id, call)
                else:
                    assert all(text.lower() in said for text in texts(value)), (task.id, call)
            seen |= {part for text in texts(one.call(call.name, call.arguments)) for part in (text, *text.splitlines())}


@pytest.mark.parametrize("which", OURS, ids=lambda found: found.id)
def test_family_generates(which: Family) -> None:
    for split in splits(which):
        tasks = [generate(which, split, seed) for seed in range(30)]
        for task in tasks:
            check_sources(task)
            assert len(json.dumps([task.world, [turn.model_dump() for turn in task.turns]])) < 4000
            quiet = any(turn.quiet for turn in task.turns)
            assert quiet == which.abstain or (quiet and which.role == "gate")
            assert "{" not in "".join(turn.user + turn.say for turn in task.turns)
            assert all(f"/{split}/" in template for turn in task.turns for template in turn.templates)
        said = {" ".join(turn.user for turn in task.turns) for task in tasks}
        assert len(said) > (10 if which.abstain else 25)
