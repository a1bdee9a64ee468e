"""The made-up registers: what each tool does, what it refuses, and that numbers do not count in the outcome."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from mlx_train.world.registry import Registry

KIND: dict[str, Any] = {
    "noun": "kite",
    "id": "KI-",
    "label": "title",
    "fields": {"size": ["small", "large"], "price": "integer"},
    "states": ["raw", "polished", "wrapped"],
    "verbs": ["polish", "wrap"],
    "to": "box",
    "tools": {
        "add": "add_kite",
        "find": "find_kite",
        "show": "show_kite",
        "change": "change_kite",
        "remove": "remove_kite",
        "first": "polish_kite",
        "second": "wrap_kite",
        "tie": "tie_kite",
    },
}
BOX = {**KIND, "noun": "box", "id": "BO-", "to": None, "tools": {"remove": "remove_box", "show": "show_box"}}
FALCON = {"title": "falcon", "size": "small", "price": 3, "state": "raw", "box": None}
OWL = {"title": "owl", "size": "large", "price": 9, "state": "polished", "box": "BO-1"}
START: dict[str, Any] = {
    "schema": [KIND, BOX],
    "things": {
        "kite": {"KI-1": FALCON, "KI-2": OWL},
        "box": {"BO-1": {"title": "den", "size": "large", "price": 1, "state": "raw"}},
    },
    "next": {"kite": 3, "box": 2},
}
WORKS: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("add_kite", {"title": "hen", "size": "small", "price": 4}, {"kite_id": "KI-3"}),
    ("find_kite", {"size": "large"}, {"found": [{"kite_id": "KI-2", "title": "owl"}]}),
    ("find_kite", {"title": "falcon", "price": 3}, {"found": [{"kite_id": "KI-1", "title": "falcon"}]}),
    ("find_kite", {"title": "crow"}, {"found": []}),
    ("show_kite", {"kite_id": "KI-1"}, FALCON),
    ("change_kite", {"kite_id": "KI-1", "price": 5}, {"price": 5}),
    ("polish_kite", {"kite_id": "KI-1"}, {"state": "polished"}),
    ("wrap_kite", {"kite_id": "KI-2"}, {"state": "wrapped"}),
    ("tie_kite", {"kite_id": "KI-1", "box_id": "BO-1"}, {"box": "BO-1"}),
    ("remove_kite", {"kite_id": "KI-2"}, {"removed": "KI-2"}),
]
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("add_kite", {"title": "owl", "size": "small", "price": 4}, "there is a kite 'owl' already"),
    ("add_kite", {"title": "hen", "size": "tiny", "price": 4}, "must be small or large"),
    ("show_kite", {"kite_id": "KI-9"}, "no kite 'KI-9'"),
    ("change_kite", {"kite_id": "KI-1"}, "nothing to change"),
    ("polish_kite", {"kite_id": "KI-2"}, "'KI-2' is polished, not raw"),
    ("wrap_kite", {"kite_id": "KI-1"}, "'KI-1' is raw, not polished"),
    ("tie_kite", {"kite_id": "KI-1", "box_id": "BO-7"}, "no box 'BO-7'"),
]


@pytest.mark.parametrize(("name", "arguments", "result"), WORKS)
def test_a_call_that_works(name: str, arguments: dict[str, Any], result: dict[str, Any]) -> None:
    world = Registry(START)
    assert world.call(name, arguments) == result
    again = Registry(world.state())
    assert again.state() == world.state() and again.tools() == world.tools()
    assert (world.state() == START) == name.startswith(("find", "show"))


@pytest.mark.parametrize(("name", "arguments", "reason"), REFUSED)
def test_a_call_that_is_refused_changes_nothing(name: str, arguments: dict[str, Any], reason: str) -> None:
    world = Registry(START)
    assert reason in world.call(name, arguments)["error"]
    assert world.state() == START


def test_what_is_removed_is_tied_to_nothing() -> None:
    world = Registry(START)
    world.call("remove_box", {"box_id": "BO-1"})
    assert world.state()["things"]["kite"]["KI-2"]["box"] is None


def test_the_outcome_knows_labels_and_no_numbers() -> None:
    other = copy.deepcopy(START)
    other["things"]["kite"] = {"KI-7": FALCON, "KI-8": {**OWL, "box": "BO-4"}}
    other["things"]["box"] = {"BO-4": START["things"]["box"]["BO-1"]}
    assert Registry(other).outcome() == Registry(START).outcome()
    assert Registry(START).outcome()["kite"]["owl"]["box"] == "den"
    world = Registry(START)
    world.call("tie_kite", {"kite_id": "KI-1", "box_id": "BO-1"})
    assert world.outcome() != Registry(START).outcome()
