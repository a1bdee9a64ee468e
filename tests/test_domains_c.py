"""The trading, tickets, fleet and library worlds and their tasks."""

from __future__ import annotations

import copy
import importlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_train.tasks.check import faults, gold_play
from mlx_train.tasks.family import FAMILIES, Family, generate
from mlx_train.tasks.phrases import BANKS
from mlx_train.tasks.task import Played
from mlx_train.world.base import World
from mlx_train.world.fleet import FleetWorld
from mlx_train.world.library import LibraryWorld
from mlx_train.world.tickets import TicketsWorld
from mlx_train.world.trading import TradingWorld

KINDS: list[type[World]] = [TradingWorld, TicketsWorld, FleetWorld, LibraryWorld]
DOMAINS = {"trading": "gate", "tickets": "gate", "fleet": "gate", "library": "dev"}
for name in DOMAINS:
    importlib.import_module(f"mlx_train.tasks.{name}")
MINE = [which for which in FAMILIES.values() if which.domain in DOMAINS]


def trading() -> TradingWorld:
    return TradingWorld(
        {
            "cash": 1000,
            "prices": {"Maple": 40, "Comet": 25.5},
            "holdings": {"Maple": 3},
            "watch_list": {"Maple": True},
            "limit_orders": [{"order_id": 7, "side": "buy", "stock": "Comet", "shares": 2, "limit_price": 20}],
            "next_order": 8,
        }
    )


def ticket(number: int, status: str, agent: str | None) -> dict[str, Any]:
    return {
        "ticket_id": number,
        "subject": f"Broken {status}",
        "customer": "Vera",
        "priority": "low",
        "status": status,
        "agent": agent,
        "labels": ["lamp"],
        "replies": [],
        "hours_spent": 0,
    }


def tickets() -> TicketsWorld:
    return TicketsWorld(
        {
            "agents": ["Anna", "Bruno"],
            "tickets": [ticket(11, "open", "Anna"), ticket(12, "closed", None)],
            "next_ticket": 13,
        }
    )


def vehicle(kind: str, place: str, driver: str | None) -> dict[str, Any]:
    return {
        "vehicle_type": kind,
        "place": place,
        "destination": None,
        "driver": driver,
        "fuel": 30,
        "tank": 60,
        "locked": False,
        "service": [{"date": "2031-01-01", "jobs": ["oil"]}],
    }


def fleet() -> FleetWorld:
    return FleetWorld(
        {
            "drivers": ["Emma", "Leo"],
            "vehicles": {"VH-1": vehicle("van", "Lima", "Emma"), "VH-2": vehicle("car", "Oslo", None)},
        }
    )


def library() -> LibraryWorld:
    book = {"author": "Ida", "genre": "novel", "copies": 1, "damaged": 0, "reserved": []}
    return LibraryWorld(
        {
            "books": {"Red river": dict(book), "Blue moon": {**book, "author": "Otto", "reserved": ["Nora"]}},
            "members": {"Nora": 2.5, "Hugo": 4},
            "loans": [{"title": "Red river", "member": "Nora", "due": "2031-02-03"}],
        }
    )


WORKS: list[tuple[World, str, dict[str, Any], dict[str, Any]]] = [
    (trading(), "get_stock_price", {"stock": "Comet"}, {"price": 25.5}),
    (trading(), "show_portfolio", {}, {"cash": 1000, "shares": {"Maple": 3}, "watch_list": ["Maple"]}),
    (trading(), "buy_shares", {"stock": "Maple", "shares": 5}, {"bought": 5, "cost": 200, "cash": 800}),
    (trading(), "sell_shares", {"stock": "Maple", "shares": 3}, {"sold": 3, "cash": 1120}),
    (
        trading(),
        "place_limit_order",
        {"side": "sell", "stock": "Maple", "shares": 1, "limit_price": 50.5},
        {"order_id": 8},
    ),
    (
        trading(),
        "show_limit_orders",
        {},
        {"limit_orders": [{"order_id": 7, "side": "buy", "stock": "Comet", "shares": 2, "limit_price": 20}]},
    ),
    (trading(), "cancel_limit_order", {"order_id": 7}, {"cancelled": 7}),
    (trading(), "watch_stocks", {"stocks": ["Comet"], "alert": True}, {"watch_list": ["Maple", "Comet"]}),
    (
        tickets(),
        "list_support_tickets",
        {},
        {"tickets": [{"ticket_id": 11, "subject": "Broken open"}, {"ticket_id": 12, "subject": "Broken closed"}]},
    ),
    (
        tickets(),
        "list_support_tickets",
        {"status": "closed"},
        {"tickets": [{"ticket_id": 12, "subject": "Broken closed"}]},
    ),
    (
        tickets(),
        "get_ticket_details",
        {"ticket_id": 11},
        {"subject": "Broken open", "customer": "Vera", "priority": "low", "status": "open", "agent": "Anna"},
    ),
    (tickets(), "open_ticket", {"customer": "Vera", "subject": "New lamp", "priority": "high"}, {"ticket_id": 13}),
    (tickets(), "assign_ticket", {"ticket_id": 11, "agent": "Bruno"}, {"assigned": "Bruno"}),
    (tickets(), "set_ticket_priority", {"ticket_id": 11, "priority": "urgent"}, {"priority": "urgent"}),
    (tickets(), "label_ticket", {"ticket_id": 11, "labels": ["oak", "ash"]}, {"labels": ["ash", "lamp", "oak"]}),
    (tickets(), "reply_to_ticket", {"ticket_id": 11, "text": "river rises"}, {"replied": True}),
    (tickets(), "close_ticket", {"ticket_id": 11, "hours_spent": 1.5}, {"status": "closed"}),
    (
        fleet(),
        "search_vehicles",
        {"place": "Oslo"},
        {"vehicles": [{"vehicle": "VH-2", "vehicle_type": "car", "place": "Oslo"}]},
    ),
    (fleet(), "search_vehicles", {"vehicle_type": "car", "place": "Lima"}, {"vehicles": []}),
    (
        fleet(),
        "get_vehicle_status",
        {"vehicle": "VH-1"},
        {"place": "Lima", "destination": None, "driver": "Emma", "fuel": 30, "free_tank": 30},
    ),
    (fleet(), "assign_driver", {"vehicle": "VH-2", "driver": "Leo"}, {"driver": "Leo"}),
    (fleet(), "release_driver", {"vehicle": "VH-1"}, {"released": "Emma"}),
    (fleet(), "dispatch_vehicle", {"vehicle": "VH-1", "destination": "Oslo"}, {"destination": "Oslo"}),
    (fleet(), "park_vehicle", {"vehicle": "VH-1", "place": "Rome", "lock": True}, {"place": "Rome", "locked": True}),
    (fleet(), "refuel_vehicle", {"vehicle": "VH-1", "liters": 30}, {"fuel": 60}),
    (
        fleet(),
        "schedule_service",
        {"vehicle": "VH-1", "date": "2031-05-06", "jobs": ["tires", "oil"]},
        {"service": "2031-05-06"},
    ),
    (library(), "find_books", {"author": "Otto"}, {"titles": ["Blue moon"]}),
    (library(), "find_books", {"genre": "novel"}, {"titles": ["Red river", "Blue moon"]}),
    (library(), "get_book_info", {"title": "Red river"}, {"author": "Ida", "genre": "novel", "available": 0}),
    (
        library(),
        "lend_book",
        {"title": "Blue moon", "member": "Nora", "due": "2031-04-05"},
        {"lent": "Blue moon", "due": "2031-04-05"},
    ),
    (library(), "return_book", {"title": "Red river", "member": "Nora", "damaged": True}, {"returned": "Red river"}),
    (library(), "extend_loan", {"title": "Red river", "member": "Nora", "due": "2031-02-04"}, {"due": "2031-02-04"}),
    (library(), "reserve_books", {"member": "Hugo", "titles": ["Red river", "Blue moon"]}, {"reserved": 2}),
    (
        library(),
        "list_member_loans",
        {"member": "Nora"},
        {"loans": [{"title": "Red river", "due": "2031-02-03"}], "fee": 2.5},
    ),
    (library(), "pay_library_fee", {"member": "Hugo", "amount": 1.5}, {"fee": 2.5}),
]
FAILS: list[tuple[World, str, dict[str, Any]]] = [
    (trading(), "get_stock_price", {"stock": "Opal"}),
    (trading(), "buy_shares", {"stock": "Maple", "shares": 26}),
    (trading(), "buy_shares", {"stock": "Maple", "shares": 0}),
    (trading(), "buy_shares", {"stock": "Maple", "shares": -1}),
    (trading(), "sell_shares", {"stock": "Maple", "shares": 4}),
    (trading(), "place_limit_order", {"side": "hold", "stock": "Maple", "shares": 1, "limit_price": 5}),
    (trading(), "place_limit_order", {"side": "buy", "stock": "Maple", "shares": 1, "limit_price": 0}),
    (trading(), "cancel_limit_order", {"order_id": 8}),
    (trading(), "watch_stocks", {"stocks": ["Comet", "Maple"]}),
    (trading(), "watch_stocks", {"stocks": "Comet"}),
    (tickets(), "get_ticket_details", {"ticket_id": 99}),
    (tickets(), "get_ticket_details", {"ticket_id": "11"}),
    (tickets(), "open_ticket", {"customer": "Vera", "subject": "Broken open"}),
    (tickets(), "assign_ticket", {"ticket_id": 11, "agent": "Zoe"}),
    (tickets(), "assign_ticket", {"ticket_id": 11, "agent": "Anna"}),
    (tickets(), "assign_ticket", {"ticket_id": 12, "agent": "Anna"}),
    (tickets(), "label_ticket", {"ticket_id": 11, "labels": ["oak", "lamp"]}),
    (tickets(), "close_ticket", {"ticket_id": 12}),
    (tickets(), "close_ticket", {"ticket_id": 11, "hours_spent": -1}),
    (fleet(), "get_vehicle_status", {"vehicle": "VH-3"}),
    (fleet(), "assign_driver", {"vehicle": "VH-2", "driver": "Emma"}),
    (fleet(), "assign_driver", {"vehicle": "VH-1", "driver": "Leo"}),
    (fleet(), "assign_driver", {"vehicle": "VH-2", "driver": "Zoe"}),
    (fleet(), "release_driver", {"vehicle": "VH-2"}),
    (fleet(), "dispatch_vehicle", {"vehicle": "VH-2", "destination": "Rome"}),
    (fleet(), "dispatch_vehicle", {"vehicle": "VH-1", "destination": "Lima"}),
    (fleet(), "refuel_vehicle", {"vehicle": "VH-1", "liters": 30.5}),
    (fleet(), "refuel_vehicle", {"vehicle": "VH-1", "liters": 0}),
    (fleet(), "schedule_service", {"vehicle": "VH-1", "date": "2031-01-01", "jobs": ["oil"]}),
    (fleet(), "schedule_service", {"vehicle": "VH-1", "date": "2031-01-02", "jobs": ["paint"]}),
    (fleet(), "schedule_service", {"vehicle": "VH-1", "date": "2031-01-02", "jobs": []}),
    (library(), "get_book_info", {"title": "Green hill"}),
    (library(), "lend_book", {"title": "Red river", "member": "Hugo", "due": "2031-04-05"}),
    (library(), "lend_book", {"title": "Red river", "member": "Nora", "due": "2031-04-05"}),
    (library(), "lend_book", {"title": "Blue moon", "member": "Zoe", "due": "2031-04-05"}),
    (library(), "return_book", {"title": "Blue moon", "member": "Nora"}),
    (library(), "extend_loan", {"title": "Red river", "member": "Nora", "due": "2031-02-03"}),
    (library(), "reserve_books", {"member": "Nora", "titles": ["Red river", "Blue moon"]}),
    (library(), "pay_library_fee", {"member": "Nora", "amount": 3}),
    (library(), "list_member_loans", {"member": "Zoe"}),
]


@pytest.mark.parametrize(("world", "name", "arguments", "expected"), WORKS)
def test_a_call_gives_its_result(world: World, name: str, arguments: dict[str, Any], expected: dict[str, Any]) -> None:
    assert type(world)(world.state()).call(name, arguments) == expected


@pytest.mark.parametrize(("world", "name", "arguments"), FAILS)
def test_a_refused_call_changes_nothing(world: World, name: str, arguments: dict[str, Any]) -> None:
    before = world.state()
    assert list(world.call(name, arguments)) == ["error"]
    assert world.state() == before


def test_calls_change_the_state() -> None:
    account = trading()
    account.call("sell_shares", {"stock": "Maple", "shares": 3})
    account.call("place_limit_order", {"side": "buy", "stock": "Maple", "shares": 1, "limit_price": 9})
    assert account.state()["holdings"] == {} and account.state()["cash"] == 1120
    assert [order["order_id"] for order in account.state()["limit_orders"]] == [7, 8]
    desk = tickets()
    desk.call("reply_to_ticket", {"ticket_id": 11, "text": "river rises", "internal": True})
    desk.call("close_ticket", {"ticket_id": 11, "hours_spent": 1.5})
    changed = {"status": "closed", "hours_spent": 1.5, "replies": [{"text": "river rises", "internal": True}]}
    assert desk.state()["tickets"][0] == {**ticket(11, "open", "Anna"), **changed}
    vehicles = fleet()
    vehicles.call("dispatch_vehicle", {"vehicle": "VH-1", "destination": "Oslo"})
    assert vehicles.state()["vehicles"]["VH-1"]["destination"] == "Oslo"
    vehicles.call("park_vehicle", {"vehicle": "VH-1", "place": "Oslo"})
    assert vehicles.state()["vehicles"]["VH-1"] == vehicle("van", "Oslo", "Emma")
    books = library()
    books.call("return_book", {"title": "Red river", "member": "Nora", "damaged": True})
    assert books.state()["loans"] == [] and books.state()["books"]["Red river"]["damaged"] == 1


def test_outcome_ignores_the_order_of_loans_and_labels() -> None:
    a, b = library(), library()
    a.call("return_book", {"title": "Red river", "member": "Nora"})
    lend = [{"title": title, "member": "Hugo", "due": "2031-04-05"} for title in ("Red river", "Blue moon")]
    b.call("return_book", {"title": "Red river", "member": "Nora"})
    for arguments in lend:
        a.call("lend_book", arguments)
    for arguments in reversed(lend):
        b.call("lend_book", arguments)
    assert a.state() != b.state() and a.outcome() == b.outcome()


@pytest.mark.parametrize("world", [trading(), tickets(), fleet(), library()], ids=lambda world: world.domain)
def test_the_state_round_trips_and_shares_nothing(world: World) -> None:
    state = world.state()
    assert json.loads(json.dumps(state)) == state
    again = type(world)(state)
    assert again.state() == state and again.outcome() == world.outcome()
    kept = copy.deepcopy(state)
    for name, arguments in [(name, arguments) for of, name, arguments, _ in WORKS if type(of) is type(world)]:
        type(world)(state).call(name, arguments)
    assert state == kept and world.state() == kept


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.domain)
def test_the_catalogue_is_small_and_described(kind: type[World]) -> None:
    functions = [entry["function"] for entry in kind.tools()]
    assert 6 <= len(functions) <= 8
    assert all(function["description"].endswith(".") and len(function["description"]) < 110 for function in functions)
    properties = [value for function in functions for value in function["parameters"]["properties"].values()]
    assert {"string", "number", "boolean", "array"} <= {value["type"] for value in properties}
    assert any("enum" in value or "enum" in value.get("items", {}) for value in properties)
    called = {name for of, name, _, _ in WORKS if type(of) is kind}
    assert called == {function["name"] for function in functions}


def test_no_tool_name_is_used_twice() -> None:
    names = [entry["function"]["name"] for kind in KINDS for entry in kind.tools()]
    assert len(names) == len(set(names))


def any_call(kind: type[World]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    values: list[Any] = ["Maple", "VH-1", "Nora", "Red river", "open", 11, 1, -1, 2.5, True, None, ["Maple"], {}]
    names = [entry["function"]["name"] for entry in kind.tools()] + ["unknown"]
    keys = sorted({key for entry in kind.tools() for key in entry["function"]["parameters"]["properties"]})
    return st.tuples(
        st.sampled_from(names), st.dictionaries(st.sampled_from(keys), st.sampled_from(values), max_size=4)
    )


@pytest.mark.parametrize("make", [trading, tickets, fleet, library])
@given(data=st.data())
def test_any_calls_give_json_and_errors_change_nothing(make: Any, data: st.DataObject) -> None:
    world = make()
    for name, arguments in data.draw(st.lists(any_call(type(world)), max_size=8)):
        before = world.state()
        result = world.call(name, arguments)
        assert json.loads(json.dumps(result)) == result
        if "error" in result:
            assert world.state() == before


@pytest.mark.parametrize("which", MINE, ids=lambda which: which.id)
def test_a_family_generates_and_derives_what_it_says(which: Family) -> None:
    assert which.role == DOMAINS[which.domain]
    for seed in range(30):
        task = generate(which, which.role, seed)
        assert not which.abstain or any(turn.quiet for turn in task.turns)
        said = ""
        for turn, played in zip(task.turns, gold_play(task), strict=True):
            said += f" {turn.user} {turn.say}"
            assert "{" not in turn.user and turn.user[0].isupper() and len(turn.templates) >= 1
            for call, done in zip(turn.gold, played.calls, strict=True):
                stated: list[Any] = [value for key, value in call.arguments.items() if key not in call.derived]
                assert set(call.derived) <= set(call.arguments)
                for value in stated:
                    if not isinstance(value, bool):
                        assert all(str(part) in said for part in (value if isinstance(value, list) else [value]))
                said += f" {json.dumps(done.result)}" if call.derived else ""


@pytest.mark.parametrize("which", MINE, ids=lambda which: which.id)
def test_doing_nothing_passes_only_where_nothing_is_to_be_done(which: Family) -> None:
    task = generate(which, which.role, 0)
    idle = [Played(words="?") for _ in task.turns]
    assert bool(faults(task, idle)) is not (which.abstain and not task.gold_calls)


@pytest.mark.parametrize("domain", DOMAINS)
def test_the_mix_of_families_and_phrasings(domain: str) -> None:
    own = [which for which in MINE if which.domain == domain]
    acting = [which.tier for which in own if not which.abstain]
    assert acting.count("easy") >= 3 and acting.count("moderate") >= 2 and acting.count("hard") >= 1
    assert any(which.abstain for which in own)
    for bank in (bank for bank in BANKS.values() if bank.id.startswith(f"{domain}.")):
        counts = {split: len(patterns) for split, patterns in bank.patterns.items() if patterns}
        assert list(counts) == [DOMAINS[domain]] and counts[DOMAINS[domain]] >= 3, bank.id  # type: ignore[index]
