"""More trading tasks of the gate."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.trading import begin, done, order, stock

ORDER_SHARES = Phrases(
    "trading.order_shares",
    gate=[
        "How many shares are in my waiting order for {stock}?",
        "I have a limit order for {stock}. How many shares is it for?",
        "Look at my limit orders: how many shares of {stock} does one of them have?",
    ],
)
CANCEL_TWO = Phrases(
    "trading.cancel_two",
    gate=[
        "take back the limit orders {a} and {b}",
        "remove both limit order {a} and limit order {b}",
        "cancel two of my limit orders, {a} and {b}",
    ],
)
IF_DEAR = Phrases(
    "trading.if_dear",
    gate=[
        "If a share of {stock} costs more than {price}, sell {n} of mine; otherwise buy {m} more.",
        "Look up what {stock} costs. Above {price} a share, sell {n} shares, and at {price} or less, buy {m}.",
        "I want {m} more shares of {stock} if they cost {price} or less each. If they cost more, sell {n} shares of "
        "it.",
    ],
)
AT_ITS_PRICE = Phrases(
    "trading.at_its_price",
    gate=[
        "Place a limit order to {side} {shares} shares of {stock}. The limit price is what a share costs right now.",
        "Put in a limit order: {side} {shares} shares of {stock} at today's price of the stock, which you have to "
        "look up.",
        "I need a limit order to {side} {shares} {stock} shares, with the present price of {stock} as the limit.",
    ],
)
IF_CASH = Phrases(
    "trading.if_cash",
    gate=[
        "If my cash is enough for {n} shares of {stock}, buy them; if not, put {stock} on the watch list without an "
        "alert.",
        "Buy {n} shares of {stock}, provided that I can pay for them. Otherwise only watch {stock}, with no alert.",
        "Can I afford {n} shares of {stock}? If I can, buy them, and if I cannot, {stock} goes on the watch list "
        "without an alert.",
    ],
)
AND_SELL = Phrases(
    "trading.and_sell",
    gate=[
        "And {n} shares of {stock} can be sold.",
        "Also get rid of {n} shares of {stock}.",
        "I do not need all of my {stock} shares: sell {n}.",
    ],
)
AS_MANY = Phrases(
    "trading.as_many",
    gate=[
        "buy as many shares of {b} as I hold of {a}",
        "look how many shares of {a} I hold and buy the same number of {b}",
        "buy exactly that number of {b} shares that I hold of {a}",
    ],
)
SELL_UP_TO = Phrases(
    "trading.sell_up_to",
    gate=[
        "sell {n} shares of {stock}, or, if I hold fewer than that, all that I have of it",
        "try to sell {n} shares of {stock}; if there are not so many in my portfolio, sell every one there is",
        "sell {n} {stock} shares, and if I have not got so many, whatever number I hold",
    ],
)
LIMIT_NEW = Phrases(
    "trading.limit_new",
    gate=[
        "I want to {side} {shares} shares of {stock} when the price is {price}. Place the order.",
        "Set up an order that waits: {side} {shares} shares of {stock} at {price}.",
        "A limit order, please. {stock}, {side}, {shares} shares, limit {price}.",
    ],
)
RATHER_PRICE = Phrases(
    "trading.rather_price",
    gate=[
        "Hm, {price} is a better limit. Cancel that order and place it again with that price.",
        "I have changed my mind about the price. Take the order back and place the same one at {price}.",
        "That limit was wrong. Replace the order by one that is the same except for the limit price, {price}.",
    ],
)
MORE_WORK = Phrases(
    "trading.more_work",
    gate=[
        "We can go on. Put {a} on the watch list with an alert, and buy {n} shares of {b}.",
        "I am ready again: buy {n} shares of {b}, and let {a} be watched with an alert.",
        "Now then. {a} goes on the watch list, with an alert, and I would like {n} shares of {b} at once.",
    ],
)
DEAREST = Phrases(
    "trading.dearest",
    gate=[
        "I hold {a}, {b} and {c}. A share of which of them costs the most?",
        "Which of the three stocks {a}, {b} and {c} has the highest price?",
        "Compare the prices of {a}, {b} and {c}. Which one is the most expensive?",
    ],
)
SELL_THAT = Phrases(
    "trading.sell_that",
    gate=[
        "Then sell all the shares that I hold of it.",
        "I do not want that one any more. Sell whatever I have of it.",
        "Good. Sell each and every share of that one.",
    ],
)
WATCH_REST = Phrases(
    "trading.watch_rest",
    gate=[
        "The other two should be on my watch list, with an alert.",
        "Watch the two that are left, and switch the alert on for them.",
        "Put the other two stocks of the three on the watch list with an alert.",
    ],
)
LIMIT_OF = Phrases(
    "trading.limit_of",
    gate=[
        "At which limit price does my order for {stock} wait?",
        "What is the limit price of my {stock} order?",
        "Look at my limit order for {stock} and tell me its limit price.",
    ],
)
WHAT_HELD = Phrases(
    "trading.what_held",
    gate=[
        "I only know that I do not hold {stock}. Which stocks do I hold?",
        "I know that I have no {stock}. Tell me which two stocks are in my portfolio.",
        "Which two stocks are in my portfolio? {stock} is not one of them.",
    ],
)
WATCH_THREE = Phrases(
    "trading.watch_three",
    gate=[
        "let me watch {a}, {b} and {c}, with an alert for each",
        "watch three stocks with alert on: {a}, {b} and {c}",
        "put {a}, {b} and {c} on the list of stocks I watch and turn the alert on",
    ],
)


@family(domain="trading", tier="easy", role="gate")
def shares_in_order(s: Script) -> None:
    """Say how many shares a waiting order has."""
    names = [stock(s) for _ in range(3)]
    orders = [order(s, name) for name in names]
    begin(s, names, holdings={name: 40 for name in names}, orders=orders)
    s.turn(s.phrase(ORDER_SHARES, stock=names[1]))
    waiting = s.call("show_limit_orders")["limit_orders"]
    shares = next(entry["shares"] for entry in waiting if entry["stock"] == names[1])
    s.end(f"It has {shares} shares.", tell=[shares])


@family(domain="trading", tier="easy", role="gate")
def limit_of_order(s: Script) -> None:
    """Say at which price an order waits."""
    names = [stock(s) for _ in range(3)]
    begin(s, names, holdings={name: 40 for name in names}, orders=[order(s, name) for name in names])
    name = s.rng.choice(names)
    s.turn(s.phrase(LIMIT_OF, stock=name))
    waiting = s.call("show_limit_orders")["limit_orders"]
    price = next(entry["limit_price"] for entry in waiting if entry["stock"] == name)
    s.end(f"It waits at {price}.", tell=[price])


@family(domain="trading", tier="easy", role="gate")
def stocks_held(s: Script) -> None:
    """Say which two stocks are held."""
    a, b, c = stock(s), stock(s), stock(s)
    held = s.rng.sample(range(2, 60), 2)
    begin(s, [a, b, c], holdings=dict(zip((a, b), held, strict=True)))
    s.turn(s.phrase(WHAT_HELD, stock=c))
    names = list(s.call("show_portfolio")["shares"])
    s.end(f"You hold {' and '.join(names)}.", tell=names)


@family(domain="trading", tier="easy", role="gate")
def watch_three(s: Script) -> None:
    """Watch three stocks of four with an alert."""
    names = [stock(s) for _ in range(4)]
    begin(s, names)
    a, b, c = s.rng.sample(names, 3)
    s.turn(s.please(s.phrase(WATCH_THREE, a=a, b=b, c=c)))
    s.call("watch_stocks", stocks=[a, b, c], alert=True)
    s.end(done(s))


@family(domain="trading", tier="easy", role="gate")
def cancel_two_orders(s: Script) -> None:
    """Cancel two of four limit orders by their numbers."""
    names = [stock(s) for _ in range(4)]
    begin(s, names, holdings={name: 40 for name in names}, orders=[order(s, name) for name in names])
    a, b = s.rng.sample([entry["order_id"] for entry in s.start["limit_orders"]], 2)
    s.turn(s.please(s.phrase(CANCEL_TWO, a=a, b=b)))
    for number in (a, b):
        s.call("cancel_limit_order", order_id=number)
    s.end(done(s))


@family(domain="trading", tier="easy", role="gate")
def sell_if_dear(s: Script) -> None:
    """Sell if a stock is dear, buy if it is not."""
    a, b = stock(s), stock(s)
    prices = begin(s, [a, b], holdings={a: s.words.number(12, 40)})
    limit, n, m = prices[a] + s.rng.choice((-5, -2, 2, 6)), s.words.number(2, 9), s.words.number(2, 9)
    s.turn(s.phrase(IF_DEAR, stock=a, price=limit, n=n, m=m))
    if s.call("get_stock_price", stock=a)["price"] > limit:
        s.call("sell_shares", stock=a, shares=n)
    else:
        s.call("buy_shares", stock=a, shares=m)
    s.end(done(s))


@family(domain="trading", tier="easy", role="gate")
def limit_at_its_price(s: Script) -> None:
    """A limit order whose price is the price of now."""
    a, b = stock(s), stock(s)
    begin(s, [a, b], holdings={a: 40})
    side, shares = s.rng.choice(("buy", "sell")), s.words.number(2, 15)
    s.turn(s.phrase(AT_ITS_PRICE, side=side, shares=shares, stock=a))
    price = s.call("get_stock_price", stock=a)["price"]
    s.call("place_limit_order", side=side, stock=a, shares=shares, limit_price=price, derived=["limit_price"])
    s.end(done(s))


@family(domain="trading", tier="moderate", role="gate")
def buy_if_affordable(s: Script) -> None:
    """Buy shares if the cash is enough and watch the stock if it is not; then sell others."""
    a, b, n, sold = stock(s), stock(s), s.words.number(11, 19), s.words.number(2, 9)
    prices = begin(s, [a, b], holdings={b: 20}, cash=s.words.number(4, 15) * 100)
    enough = prices[a] * n <= s.start["cash"]
    s.turn(s.phrase(IF_CASH, stock=a, n=n))
    s.call("get_stock_price", stock=a)
    s.call("show_portfolio")
    if enough:
        s.call("buy_shares", stock=a, shares=n)
    else:
        s.call("watch_stocks", stocks=[a], alert=False)
    s.end(done(s))
    s.turn(s.phrase(AND_SELL, stock=b, n=sold))
    s.call("sell_shares", stock=b, shares=sold)
    s.end(done(s))


@family(domain="trading", tier="moderate", role="gate")
def as_many_of_another(s: Script) -> None:
    """Buy as many shares of one stock as are held of another; then sell some."""
    a, b, c = stock(s), stock(s), stock(s)
    held, n = s.rng.sample(range(5, 30), 2), s.words.number(2, 4)
    begin(s, [a, b, c], holdings=dict(zip((a, c), held, strict=True)), cash=s.words.number(30, 60) * 100)
    s.turn(s.please(s.phrase(AS_MANY, a=a, b=b)))
    shares = s.call("show_portfolio")["shares"][a]
    s.call("buy_shares", stock=b, shares=shares, derived=["shares"])
    s.end(f"I bought {shares} shares.")
    s.turn(s.phrase(AND_SELL, stock=c, n=n))
    s.call("sell_shares", stock=c, shares=n)
    s.end(done(s))


@family(domain="trading", tier="moderate", role="gate")
def sell_what_is_there(s: Script) -> None:
    """Fewer shares are held than should be sold, so all of them are; then nothing is to be done."""
    a, b = stock(s), stock(s)
    held, n = s.rng.sample(range(5, 30), 2), s.words.number(40, 90)
    begin(s, [a, b], holdings=dict(zip((a, b), held, strict=True)))
    s.turn(s.please(s.phrase(SELL_UP_TO, stock=a, n=n)))
    s.call("sell_shares", stock=a, shares=n, fails=True)
    shares = s.call("show_portfolio")["shares"][a]
    s.call("sell_shares", stock=a, shares=shares, derived=["shares"])
    s.end(f"You held {shares} shares, and I sold them all.")
    pause(s)


@family(domain="trading", tier="hard", role="gate")
def better_limit(s: Script) -> None:
    """Place a limit order, replace it by one with another price, wait, then watch one stock and buy another."""
    a, b = stock(s), stock(s)
    begin(s, [a, b], holdings={a: 40})
    side, shares, n = s.rng.choice(("buy", "sell")), s.words.number(2, 15), s.words.number(2, 9)
    first, second = s.rng.sample(range(10, 99), 2)
    s.turn(s.phrase(LIMIT_NEW, side=side, shares=shares, stock=a, price=first))
    number = s.call("place_limit_order", side=side, stock=a, shares=shares, limit_price=first)["order_id"]
    s.end(done(s))
    s.turn(s.phrase(RATHER_PRICE, price=second))
    s.call("cancel_limit_order", order_id=number, derived=["order_id"])
    s.call("place_limit_order", side=side, stock=a, shares=shares, limit_price=second)
    s.end(done(s))
    pause(s)
    s.turn(s.phrase(MORE_WORK, a=a, b=b, n=n))
    s.call("watch_stocks", stocks=[a], alert=True)
    s.call("buy_shares", stock=b, shares=n)
    s.end(done(s))


@family(domain="trading", tier="hard", role="gate")
def sell_the_dearest(s: Script) -> None:
    """Find the dearest of three stocks, sell all of it, and watch the other two."""
    names = [stock(s) for _ in range(3)]
    held = s.rng.sample(range(3, 60), 3)
    begin(s, names, holdings=dict(zip(names, held, strict=True)))
    s.turn(s.phrase(DEAREST, a=names[0], b=names[1], c=names[2]))
    prices = {name: s.call("get_stock_price", stock=name)["price"] for name in names}
    dearest = max(names, key=prices.__getitem__)
    s.end(f"That is {dearest}.", tell=[dearest])
    s.turn(s.phrase(SELL_THAT))
    shares = s.call("show_portfolio")["shares"][dearest]
    s.call("sell_shares", stock=dearest, shares=shares, derived=["stock", "shares"])
    s.end(done(s))
    s.turn(s.phrase(WATCH_REST))
    s.call("watch_stocks", stocks=[name for name in names if name != dearest], alert=True, derived=["stocks"])
    s.end(done(s))
