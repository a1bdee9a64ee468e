"""Trading account: gate tasks only, so that no training ever sees these tools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

SORRY = "I have no tool for that."

PRICE = Phrases(
    "trading.price",
    gate=[
        "What does one share of {stock} cost now?",
        "How much is one share of {stock}?",
        "Please get me the stock price of {stock}.",
    ],
)
PRICES = Phrases(
    "trading.prices",
    gate=[
        "What are the prices of {a} and {b}?",
        "Get the price of {a} and the price of {b}.",
        "How much does a share of {a} cost, and how much a share of {b}?",
    ],
)
CASH = Phrases(
    "trading.cash",
    gate=[
        "How much cash is in my portfolio?",
        "How much cash do I have now?",
        "Look at my portfolio: how much cash is there?",
    ],
)
HELD = Phrases(
    "trading.held",
    gate=[
        "How many shares of {stock} do I hold?",
        "Look at my portfolio. How many {stock} shares are in it?",
        "Tell me how many shares of {stock} I have in my portfolio.",
    ],
)
BUY = Phrases(
    "trading.buy",
    gate=["buy {shares} shares of {stock}", "buy me {shares} {stock} shares", "purchase {shares} shares of {stock}"],
)
SELL = Phrases(
    "trading.sell",
    gate=[
        "sell {shares} shares of {stock}",
        "sell {shares} of my {stock} shares",
        "sell {shares} shares of my {stock} stock",
    ],
)
SELL_ALL = Phrases(
    "trading.sell_all",
    gate=[
        "sell all my shares of {stock}",
        "sell every share of {stock} that I hold",
        "sell all the {stock} shares in my portfolio",
    ],
)
LIMIT = Phrases(
    "trading.limit",
    gate=[
        "place a limit order to {side} {shares} shares of {stock} at {price}",
        "place an order to {side} {shares} {stock} shares with the limit price {price}",
        "put in a limit order: {side} {shares} shares of {stock} at a limit price of {price}",
    ],
)
CANCEL = Phrases(
    "trading.cancel",
    gate=[
        "cancel my limit order for {stock}",
        "cancel the order that waits for {stock}",
        "look up my limit order for {stock} and cancel it",
    ],
)
CANCEL_ID = Phrases(
    "trading.cancel_id",
    gate=["cancel limit order {order}", "cancel the limit order with the id {order}", "cancel my order {order}"],
)
WATCH = Phrases(
    "trading.watch",
    gate=[
        "put {stocks} on my watch list {alert}",
        "watch the stocks {stocks} {alert}",
        "add {stocks} to the watch list {alert}",
    ],
)
ALERT = Phrases("trading.alert", gate=["with an alert", "with alert on", "and switch the alert on"])
NO_ALERT = Phrases("trading.no_alert", gate=["without an alert", "with no alert", "with the alert off"])
BUY_IT = Phrases(
    "trading.buy_it",
    gate=["buy {shares} shares of it", "buy {shares} of these shares", "buy {shares} shares of that stock"],
)
BUY_CHEAPER = Phrases(
    "trading.buy_cheaper",
    gate=[
        "buy {shares} shares of the cheaper one",
        "buy {shares} shares of the one with the lower price",
        "take the cheaper stock and buy {shares} shares",
    ],
)
BUY_OR_FEWER = Phrases(
    "trading.buy_or_fewer",
    gate=[
        "buy {many} shares of {stock}; if there is not enough cash, buy {few} shares",
        "try to buy {many} shares of {stock}, and if the cash is not enough for that, buy only {few} shares",
        "buy {many} {stock} shares, or {few} shares if my cash is not enough for {many}",
    ],
)
BUY_HOW_MANY = Phrases(
    "trading.buy_how_many",
    gate=[
        "Please buy some shares of {stock} for me.",
        "I want to buy {stock} shares.",
        "Can you buy shares of {stock}?",
    ],
)
WHICH_STOCK = Phrases(
    "trading.which_stock",
    gate=[
        "Buy {shares} shares for me.",
        "I would like you to buy {shares} shares of a stock.",
        "Please buy {shares} shares now.",
    ],
)
SHARES_ARE = Phrases(
    "trading.shares_are",
    gate=[
        "I think of {shares} shares.",
        "{shares} of them are enough.",
        "The number I have in mind is {shares}.",
    ],
)
STOCK_IS = Phrases(
    "trading.stock_is",
    gate=[
        "The stock is {stock}.",
        "I am thinking of {stock}.",
        "It is {stock} that I like.",
    ],
)
LIMIT_IS = Phrases(
    "trading.limit_is",
    gate=[
        "The limit price is {price}.",
        "A limit of {price} suits me.",
        "Take {price} for the limit.",
    ],
)
CAN_DO = Phrases(
    "trading.can_do",
    gate=[
        "{person} needs some of my cash, so sell {shares} shares of {stock}.",
        "Sell {shares} of my {stock} shares: {person} wants to be paid.",
        "I have to buy {person} a coffee. Sell {shares} shares of {stock}.",
        "Let {shares} of my shares of {stock} go, as {person} told me to.",
    ],
)
LIMIT_WHAT_PRICE = Phrases(
    "trading.limit_what_price",
    gate=[
        "Place a limit order to {side} {shares} shares of {stock}.",
        "I need a limit order: {side} {shares} {stock} shares.",
        "Put in a limit order to {side} {shares} shares of {stock}, please.",
    ],
)
NO_TOOL = Phrases(
    "trading.no_tool",
    gate=[
        "Send some of my cash to the bank account of {person}.",
        "Change the name on my account to {person}.",
        "Write a birthday letter to {person}.",
        "Order a coffee for {person}.",
        "Call {person} on the phone.",
        "Find out what {person} paid in taxes.",
        "Open a new account for {person}.",
        "Play a song for {person}.",
    ],
)


def stock(s: Script) -> str:
    """A fresh stock name."""
    return s.words.word().capitalize()


def begin(
    s: Script,
    stocks: Sequence[str],
    *,
    holdings: Mapping[str, int] | None = None,
    cash: int | None = None,
    orders: Sequence[dict[str, Any]] = (),
) -> dict[str, int]:
    """Open an account on a market of these stocks, all with different prices; returns the prices."""
    listed = sorted(stocks)
    prices = dict(zip(listed, s.rng.sample(range(11, 99), len(listed)), strict=True))
    first = s.words.number(20, 800)
    numbered = [{"order_id": first + place, **order} for place, order in enumerate(orders)]
    s.begin(
        {
            "cash": s.words.number(15, 60) * 100 if cash is None else cash,
            "prices": prices,
            "holdings": dict(holdings or {}),
            "watch_list": {},
            "limit_orders": numbered,
            "next_order": first + len(numbered),
        }
    )
    return prices


def order(s: Script, name: str) -> dict[str, Any]:
    """A waiting limit order of a stock, without its id."""
    return {
        "side": s.rng.choice(("buy", "sell")),
        "stock": name,
        "shares": s.words.number(2, 9),
        "limit_price": s.words.number(10, 99),
    }


def limit(s: Script) -> dict[str, Any]:
    """Side, shares and price of a limit order."""
    price = s.words.number(10, 99) + s.rng.choice((0, 0.5))
    return {"side": s.rng.choice(("buy", "sell")), "shares": s.words.number(2, 15), "price": price}


def done(s: Script) -> str:
    return s.rng.choice(DONE)


@family(domain="trading", tier="easy", role="gate")
def check_price(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b])
    s.turn(s.phrase(PRICE, stock=a))
    price = s.call("get_stock_price", stock=a)["price"]
    s.end(f"The price of {a} is {price}.", tell=[price])


@family(domain="trading", tier="easy", role="gate")
def check_portfolio(s: Script) -> None:
    a, b = stock(s), stock(s)
    held = s.rng.sample(range(2, 60), 2)
    begin(s, [a, b], holdings=dict(zip((a, b), held, strict=True)))
    if s.rng.random() < 0.5:
        s.turn(s.phrase(CASH))
        cash = s.call("show_portfolio")["cash"]
        s.end(f"You have {cash} in cash.", tell=[cash])
    else:
        s.turn(s.phrase(HELD, stock=a))
        shares = s.call("show_portfolio")["shares"][a]
        s.end(f"You hold {shares} shares of {a}.", tell=[shares])


@family(domain="trading", tier="easy", role="gate")
def buy_and_sell(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b], holdings={a: s.words.number(10, 30)})
    sold, bought = s.words.number(2, 9), s.words.number(2, 9)
    s.turn(s.please(s.phrase(SELL, shares=sold, stock=a), s.phrase(BUY, shares=bought, stock=b)))
    s.call("sell_shares", stock=a, shares=sold)
    s.call("buy_shares", stock=b, shares=bought)
    s.end(done(s))


@family(domain="trading", tier="easy", role="gate")
def place_limit(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b], holdings={a: 40})
    given = limit(s)
    s.turn(s.please(s.phrase(LIMIT, stock=a, **given)))
    number = s.call(
        "place_limit_order", side=given["side"], stock=a, shares=given["shares"], limit_price=given["price"]
    )["order_id"]
    s.end(f"Order {number} is placed.")


@family(domain="trading", tier="easy", role="gate")
def watch(s: Script) -> None:
    a, b, c = stock(s), stock(s), stock(s)
    begin(s, [a, b, c])
    alert = s.rng.random() < 0.5
    s.turn(s.please(s.phrase(WATCH, stocks=f"{a} and {b}", alert=s.phrase(ALERT if alert else NO_ALERT))))
    s.call("watch_stocks", stocks=[a, b], alert=alert)
    s.end(done(s))


@family(domain="trading", tier="moderate", role="gate")
def price_then_buy(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b])
    shares = s.words.number(2, 12)
    s.turn(s.phrase(PRICE, stock=a))
    price = s.call("get_stock_price", stock=a)["price"]
    s.end(f"The price of {a} is {price}.", tell=[price])
    s.turn(s.please(s.phrase(BUY_IT, shares=shares)))
    s.call("buy_shares", stock=a, shares=shares)
    s.end(done(s))
    s.turn(s.phrase(CASH))
    cash = s.call("show_portfolio")["cash"]
    s.end(f"You have {cash} in cash.", tell=[cash])


@family(domain="trading", tier="moderate", role="gate")
def sell_everything(s: Script) -> None:
    a, b, c = stock(s), stock(s), stock(s)
    held = s.rng.sample(range(3, 60), 2)
    begin(s, [a, b, c], holdings=dict(zip((a, b), held, strict=True)))
    shares = s.words.number(2, 9)
    s.turn(s.please(s.phrase(SELL_ALL, stock=b), s.phrase(BUY, shares=shares, stock=c)))
    all_shares = s.call("show_portfolio")["shares"][b]
    s.call("sell_shares", stock=b, shares=all_shares, derived=["shares"])
    s.call("buy_shares", stock=c, shares=shares)
    s.end(done(s))


@family(domain="trading", tier="moderate", role="gate")
def replace_order(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b], holdings={a: 40, b: 40}, orders=[order(s, name) for name in s.rng.sample((a, b), 2)])
    given = limit(s)
    s.turn(s.please(s.phrase(CANCEL, stock=a)))
    waiting = s.call("show_limit_orders")["limit_orders"]
    number = next(entry["order_id"] for entry in waiting if entry["stock"] == a)
    s.call("cancel_limit_order", order_id=number, derived=["order_id"])
    s.end(done(s))
    s.turn(s.please(s.phrase(LIMIT, stock=a, **given)))
    s.call("place_limit_order", side=given["side"], stock=a, shares=given["shares"], limit_price=given["price"])
    s.end(done(s))


@family(domain="trading", tier="moderate", role="gate")
def buy_what_cash_allows(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b], cash=500)
    few, many = s.words.number(2, 4), s.words.number(60, 90)
    alert = s.rng.random() < 0.5
    s.turn(s.please(s.phrase(BUY_OR_FEWER, many=many, few=few, stock=a)))
    s.call("buy_shares", stock=a, shares=many, fails=True)
    s.call("buy_shares", stock=a, shares=few)
    s.end(f"The cash was not enough, so I bought {few} shares.")
    s.turn(s.please(s.phrase(WATCH, stocks=b, alert=s.phrase(ALERT if alert else NO_ALERT))))
    s.call("watch_stocks", stocks=[b], alert=alert)
    s.end(done(s))


@family(domain="trading", tier="hard", role="gate")
def buy_the_cheaper(s: Script) -> None:
    a, b, c = stock(s), stock(s), stock(s)
    held = s.words.number(3, 40)
    prices = begin(s, [a, b, c], holdings={c: held})
    shares = s.words.number(2, 9)
    s.turn(s.phrase(PRICES, a=a, b=b))
    found = [s.call("get_stock_price", stock=name)["price"] for name in (a, b)]
    s.end(f"{a} costs {found[0]} and {b} costs {found[1]}.", tell=found)
    s.turn(s.please(s.phrase(BUY_CHEAPER, shares=shares)))
    s.call("buy_shares", stock=min((a, b), key=prices.__getitem__), shares=shares, derived=["stock"])
    s.end(done(s))
    s.turn(s.please(s.phrase(SELL_ALL, stock=c)))
    all_shares = s.call("show_portfolio")["shares"][c]
    s.call("sell_shares", stock=c, shares=all_shares, derived=["shares"])
    s.end(done(s))


@family(domain="trading", tier="hard", role="gate")
def tidy_account(s: Script) -> None:
    a, b, c = stock(s), stock(s), stock(s)
    begin(s, [a, b, c], holdings={a: s.words.number(5, 40), b: 4}, orders=[order(s, b), order(s, c)])
    shares = s.words.number(2, 9)
    s.turn(s.please(s.phrase(CANCEL, stock=c)))
    waiting = s.call("show_limit_orders")["limit_orders"]
    number = next(entry["order_id"] for entry in waiting if entry["stock"] == c)
    other = next(entry["order_id"] for entry in waiting if entry["stock"] == b)
    s.call("cancel_limit_order", order_id=number, derived=["order_id"])
    s.end(f"Order {number} is cancelled.")
    s.turn(s.please(s.phrase(CANCEL_ID, order=other), s.phrase(SELL_ALL, stock=a)))
    s.call("cancel_limit_order", order_id=other)
    all_shares = s.call("show_portfolio")["shares"][a]
    s.call("sell_shares", stock=a, shares=all_shares, derived=["shares"])
    s.end(done(s))
    s.turn(s.please(s.phrase(BUY, shares=shares, stock=b)))
    s.call("buy_shares", stock=b, shares=shares)
    s.end(done(s))


@family(domain="trading", tier="easy", role="gate", abstain=True)
def ask_what_to_buy(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b], cash=s.words.number(30, 60) * 100)
    if s.rng.random() < 0.5:
        s.turn(s.phrase(BUY_HOW_MANY, stock=a))
        s.end("How many shares?", asks=True)
        shares, value = s.words.number(2, 9), SHARES_ARE
    else:
        shares, value = s.words.number(2, 20), STOCK_IS
        s.turn(s.phrase(WHICH_STOCK, shares=shares))
        s.end("Which stock?", asks=True)
    if s.twin:
        s.turn(s.phrase(value, **{"shares": shares} if value is SHARES_ARE else {"stock": a}))
        s.call("buy_shares", stock=a, shares=shares)
        s.end(done(s))


@family(domain="trading", tier="easy", role="gate", abstain=True)
def ask_limit_price(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b], holdings={a: 40})
    given = limit(s)
    s.turn(s.phrase(LIMIT_WHAT_PRICE, stock=a, side=given["side"], shares=given["shares"]))
    s.end("At which limit price?", asks=True)
    if s.twin:
        s.turn(s.phrase(LIMIT_IS, price=given["price"]))
        wanted = {"side": given["side"], "shares": given["shares"], "limit_price": given["price"]}
        s.call("place_limit_order", stock=a, **wanted)
        s.end(done(s))


@family(domain="trading", tier="easy", role="gate", abstain=True)
def decline_other_business(s: Script) -> None:
    a, b = stock(s), stock(s)
    begin(s, [a, b], holdings={a: 10})
    if s.twin:
        shares = s.words.number(2, 9)
        s.turn(s.phrase(CAN_DO, person=s.words.person(), shares=shares, stock=a))
        s.call("sell_shares", stock=a, shares=shares)
        s.end(done(s))
    else:
        s.turn(s.phrase(NO_TOOL, person=s.words.person()))
        s.end(SORRY, quiet=True)
