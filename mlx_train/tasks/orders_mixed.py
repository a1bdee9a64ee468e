"""Trained shop families of requests in any order; see `mixed`."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks import orders as say
from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.mixed import mixed
from mlx_train.tasks.phrases import Phrases

CARRIERS = ("truck", "bike", "plane")

THE_ORDER = Phrases(
    "orders.the_order",
    train=[
        "the {product} order of {customer}",
        "the order of {product} for {customer}",
        "the {product} order for {customer}",
        "the order with {product} that {customer} [has|made|placed]",
    ],
    dev=["the order by {customer} with {product}", "the {product} order that belongs to {customer}"],
)
CANCEL = Phrases(
    "orders.cancel",
    train=[
        "cancel {order}",
        "[call off|take back] {order}",
        "see to it that {order} [is|gets] [cancelled|called off]",
        "have {order} [cancelled|called off]",
    ],
    dev=["get {order} cancelled", "withdraw {order}"],
)
SHIP = Phrases(
    "orders.ship",
    train=[
        "ship {order} by {carrier}",
        "send {order}[| out| off] by {carrier}",
        "put {order} on the {carrier}",
        "get {order} [on its way|shipped] by {carrier}",
    ],
    dev=["dispatch {order} by {carrier}", "use the {carrier} to ship {order}"],
)
SHIP_IT = Phrases(
    "orders.ship_it",
    train=[
        "ship it by {carrier}",
        "send it [out|off] by {carrier}",
        "put it on the {carrier}",
        "get [it|this order|the new order] [on its way|shipped] by {carrier}",
    ],
    dev=["dispatch it by {carrier}", "use the {carrier} to ship it"],
)
RESTOCK_BY = Phrases(
    "orders.restock_by",
    train=[
        "add {n} {product} to the stock",
        "restock {product} by {n}",
        "put {n} more {product} [in|into] [the stock|stock]",
        "[raise|fill up] the stock of {product} by {n}",
    ],
    dev=["enter a delivery of {n} {product}", "increase the stock of {product} by {n}"],
)
MORE_LEFT = Phrases(
    "orders.more_left",
    train=[
        "tell me which we have more of[| in stock], {a} or {b}",
        "find out [whether|if] the stock of {a} or that of {b} is [larger|bigger]",
        "say which has the [larger|bigger] stock, {a} or {b}",
    ],
    dev=["let me know if we have more {a} or more {b}", "name the product with the larger stock, {a} or {b}"],
)
IF_ENOUGH = Phrases(
    "orders.if_enough",
    train=[
        "If at least {least} {product} are in stock, {a}. [Otherwise|If not], [just|only] tell me how many there are.",
        "Check the stock of {product}: if it is {least} or more, {a}; if it is [less|smaller], [tell me|let me know] "
        "how many there are.",
        "Do we have {least} {product} or more? If [so|we do], {a}. If not, tell me the stock.",
    ],
    dev=[
        "Look whether the stock of {product} is at least {least}. If it is, {a}, and if it is not, tell me the stock.",
        "Are there {least} {product} in stock, or more? Then {a}. Or else say how many we have.",
    ],
)
OR_ELSE = Phrases(
    "orders.or_else",
    train=[
        "Try to {a}. [If|In case] the stock is too small[| for that], {b}.",
        "Can you {a}? [Should there be|If there are] too few in stock, {b}[| instead].",
        "If [we have enough|there are enough in stock], {a}. [Otherwise|If not], {b}.",
    ],
    dev=[
        "See if there is enough to {a}. If there is not, {b}.",
        "Please {a} or, when the stock does not allow that, {b}.",
    ],
)
ALL_LEFT = Phrases(
    "orders.all_left",
    train=[
        "order all the {product} that we [have in stock|have left|still have] for {customer}",
        "place [an|one] order for {customer} [with|over] the whole stock of {product}",
        "see how many {product} are [left|in stock] and order [them all|all of them] for {customer}",
        "get {customer} all the {product} [in stock|in the shop|that we have]",
    ],
    dev=[
        "enter an order of the whole stock of {product} for {customer}",
        "check how many {product} we have and order that many for {customer}",
    ],
)
IF_OPEN = Phrases(
    "orders.if_open",
    train=[
        "If {order} is [open|still open], change it to {n} pieces. [Otherwise|If not], tell me its status.",
        "[See|Check|Find out] whether {order} is still open. If so, [change|set] its quantity to {n}; if not, tell me "
        "its status.",
        "Is {order} still open? If so, [set|change] the quantity to {n}; [if not|otherwise], tell me the status.",
    ],
    dev=[
        "Provided {order} is open, have it at {n} pieces; say what its status is if it is not.",
        "Look whether {order} is open. In that case make its quantity {n}, or else let me know the status.",
    ],
)
NO_CARRIER = Phrases(
    "orders.no_carrier",
    train=["ship {order}", "send out {order}", "get {order} [on its way|shipped]"],
    dev=["have {order} shipped", "let {order} leave the shop"],
)
BY_CARRIER = Phrases(
    "orders.by_carrier",
    train=[
        "By {carrier}[|, please].",
        "[Choose|Please choose] the {carrier}.",
        "It [goes|can go|shall go] by {carrier}.",
    ],
    dev=["It should go by {carrier}.", "Use the {carrier}."],
)


class Desk(Board):
    """A shop with products and orders. What the assistant has seen of them is known."""

    def __init__(self, s: Script) -> None:
        s.words.used |= set(CARRIERS)  # No product is to be called so.
        products = say._products(s, say._names(s, s.rng.choice((3, 4, 4, 5))), low=4)
        customers = [s.words.person() for _ in range(s.rng.choice((2, 3)))]
        orders = {
            s.words.code("O"): say._order(
                s.rng.choice(customers), s.rng.choice(list(products)), s.words.number(2, 12),
                s.rng.choice(("open", "open", "open", "shipped", "cancelled")),
            )
            for _ in range(s.rng.choice((3, 4, 5, 6)))
        }  # fmt: skip
        super().__init__(s, {"products": products, "orders": orders, "next": int(s.words.code("O").removeprefix("O-"))})
        self.known: set[str] = set()
        """The orders whose number, customer, product and status were seen."""
        self.found: set[str] = set()
        """The customers whose orders were all seen."""
        self.priced: set[str] = set()
        """The products whose price was seen."""
        self.counted: set[str] = set()
        """The products whose stock was seen and is the same still."""
        self.placed: dict[str, int] = {}
        """The turns in which orders were placed."""

    @property
    def products(self) -> dict[str, dict[str, Any]]:
        """The products by name."""
        products: dict[str, dict[str, Any]] = self._state["products"]
        return products

    @property
    def orders(self) -> dict[str, dict[str, Any]]:
        """The orders by number."""
        orders: dict[str, dict[str, Any]] = self._state["orders"]
        return orders

    def product(self) -> str:
        """A product."""
        return str(self.pick(sorted(self.products)))

    def stock(self, product: str) -> int:
        return int(self.products[product]["stock"])

    def few(self, product: str) -> int:
        """A quantity for which there is stock."""
        if self.stock(product) < 2:
            raise Redraw
        return self.s.words.number(2, min(9, self.stock(product)))

    def customer(self) -> str:
        """A customer, new or with an order."""
        if self.rng.random() < 0.6:
            return self.s.words.person()
        return str(self.pick(sorted({order["customer"] for order in self.orders.values()})))

    def order(self, *, open: bool = True) -> str:
        """The number of an order that is open, or of any. There is no other of its customer and product.

        It is not of this turn, as whether it was placed may hang on a condition.
        """
        named = [(order["customer"], order["product"]) for order in self.orders.values()]
        return str(
            self.pick(
                [
                    number
                    for number, order in self.orders.items()
                    if named.count((order["customer"], order["product"])) == 1
                    and (order["status"] == "open" or not open)
                    and self.placed.get(number) != len(self.s.turns)
                ]
            )
        )

    def called(self, number: str) -> str:
        """The order, said by its customer and product."""
        order = self.orders[number]
        return self.s.phrase(THE_ORDER, product=order["product"], customer=order["customer"])

    def look(self, number: str) -> str:
        """The number, after a look at the customer's orders if it was not seen yet."""
        if number not in self.known:
            self.find(self.orders[number]["customer"])
        return number

    def find(self, customer: str) -> None:
        """Look at the orders of a customer, unless that was done."""
        if customer not in self.found:
            self.do("find_shop_orders", customer=customer)
            self.found.add(customer)
            self.known |= {number for number, order in self.orders.items() if order["customer"] == customer}

    def check(self, product: str) -> int:
        """The stock of a product, after a look at it if it is not known."""
        if product not in self.counted:
            self.do("check_product", product=product)
            self.priced.add(product)
            self.counted.add(product)
        return self.stock(product)

    def place(self, customer: str, product: str, quantity: int, **more: Any) -> str:
        """Order a product; the new order's number."""
        order = self.do("place_shop_order", customer=customer, product=product, quantity=quantity, **more)["order"]
        self.known.add(order)
        self.placed[order] = len(self.s.turns)
        self.counted.discard(product)
        return str(order)


def place(d: Desk) -> None:
    product, customer = d.product(), d.customer()
    n, express = d.few(product), d.rng.random() < 0.3
    d.ask(say.PLACE_EXPRESS if express else say.PLACE, n=n, product=product, customer=customer)
    number = d.place(customer, product, n, **({"express": True} if express else {}))
    if d.rng.random() < 0.3:
        d.ask(say.TELL_NUMBER)
        d.answer(f"The order number is {number}.", number)


def place_and_ship(d: Desk) -> None:
    product, customer, carrier = d.product(), d.customer(), d.rng.choice(CARRIERS)
    n = d.few(product)
    d.ask(say.PLACE, n=n, product=product, customer=customer)
    d.ask(SHIP_IT, carrier=carrier)
    d.do("ship_shop_orders", orders=[d.place(customer, product, n)], carrier=carrier, derived=["orders"])


def restock(d: Desk) -> None:
    product, n = d.product(), d.s.words.number(5, 40)
    d.ask(RESTOCK_BY, n=n, product=product)
    d.do("restock_product", product=product, quantity=n)
    d.counted.add(product)


def cancel(d: Desk) -> None:
    number = d.order()
    product = d.orders[number]["product"]
    if d.rng.random() < 0.3:
        d.ask(CANCEL, order=f"order {number}")
        d.do("cancel_shop_order", order=number)
    else:
        d.ask(CANCEL, order=d.called(number))
        d.do("cancel_shop_order", order=d.look(number), derived=["order"])
    d.counted.discard(product)


def ship(d: Desk) -> None:
    number, carrier = d.order(), d.rng.choice(CARRIERS)
    if d.rng.random() < 0.3:
        d.ask(SHIP, order=f"order {number}", carrier=carrier)
        d.do("ship_shop_orders", orders=[number], carrier=carrier)
    else:
        d.ask(SHIP, order=d.called(number), carrier=carrier)
        d.do("ship_shop_orders", orders=[d.look(number)], carrier=carrier, derived=["orders"])


def ship_open(d: Desk) -> None:
    waiting = {number: order["customer"] for number, order in d.orders.items() if order["status"] == "open"}
    customers = sorted(set(waiting.values()))
    if len(customers) < 2:
        raise Redraw
    a, b = d.rng.sample(customers, 2)
    carrier = d.rng.choice(CARRIERS)
    d.ask(say.SHIP_OPEN, a=a, b=b, carrier=carrier)
    d.find(a)
    d.find(b)
    numbers = [number for number, customer in waiting.items() if customer in (a, b)]
    d.do("ship_shop_orders", orders=numbers, carrier=carrier, derived=["orders"])


def about(d: Desk) -> None:
    product = d.product()
    kind = d.rng.choice(("stock", "price", "below", "below"))
    if kind == "below":
        product = min(d.products, key=lambda name: d.products[name]["price"])
    if product in (d.counted if kind == "stock" else d.priced):
        raise Redraw
    price = d.products[product]["price"]
    if kind == "stock":
        d.request(say.ASK_STOCK, product=product)
        d.answer(f"There are {d.check(product)} {product} in stock.", d.stock(product))
    elif kind == "price":
        d.request(say.ASK_PRICE, product=product)
        d.check(product)
        d.answer(f"The price of {product} is {price}.", price)
    else:
        d.request(say.ASK_BELOW, price=price)
        d.do("list_products", max_price=price)
        d.priced.add(product)
        d.answer(f"That is {product}.", product)


def numbers(d: Desk) -> None:
    customer = d.pick(sorted({order["customer"] for order in d.orders.values()} - d.found))
    d.request(say.ASK_ORDERS, customer=customer)
    d.find(customer)
    found = [number for number, order in d.orders.items() if order["customer"] == customer]
    d.answer(f"{customer} has {' and '.join(found)}.", *found)


def more_left(d: Desk) -> None:
    a, b = d.rng.sample(sorted(d.products), 2)
    if d.stock(a) == d.stock(b) or {a, b} <= d.counted:
        raise Redraw
    d.ask(MORE_LEFT, a=a, b=b)
    most = a if d.check(a) > d.check(b) else b
    d.answer(f"We have more {most}, {d.stock(most)}.", most)


def if_enough(d: Desk) -> None:
    product, customer = d.product(), d.customer()
    n, least = d.few(product), max(4, d.stock(product) + d.rng.choice((-9, -5, -2, 0, 1, 3, 6, 10)))
    if product in d.counted or n > least:
        raise Redraw
    clause = d.s.phrase(say.PLACE, n=n, product=product, customer=customer)
    d.request(IF_ENOUGH, a=clause, product=product, least=least)
    stock = d.check(product)
    if stock >= least:
        d.place(customer, product, n)
        d.answer("There were enough, and the order is placed.")
    else:
        d.answer(f"There are only {stock} {product}, so I ordered nothing.", stock)


def or_else(d: Desk) -> None:
    first, second = d.rng.sample(sorted(d.products), 2)
    customer, n = d.customer(), max(2, d.stock(first) + d.rng.choice((-12, -6, -3, 1, 3, 7)))
    m = d.few(second)
    if first in d.counted:
        raise Redraw
    clauses = [d.s.phrase(say.PLACE, n=q, product=p, customer=customer) for q, p in ((n, first), (m, second))]
    d.request(OR_ELSE, a=clauses[0], b=clauses[1])
    if n > d.stock(first):
        d.do("place_shop_order", customer=customer, product=first, quantity=n, fails=True)
        d.counted.add(first)
        d.place(customer, second, m)
        d.answer(f"There were too few {first}, so I ordered {second}.")
    else:
        d.place(customer, first, n)
        d.answer(f"There were enough {first}.")


def all_left(d: Desk) -> None:
    product, customer = d.product(), d.customer()
    if not d.stock(product):
        raise Redraw
    d.ask(ALL_LEFT, product=product, customer=customer)
    d.place(customer, product, d.check(product), derived=["quantity"])


def if_open(d: Desk) -> None:
    number = d.order(open=d.rng.random() < 0.6)
    order = d.orders[number]
    most = order["quantity"] + d.stock(order["product"])
    status, n = order["status"], d.s.words.number(2, min(15, most))
    if n == order["quantity"] or number in d.known:
        raise Redraw
    d.request(IF_OPEN, order=d.called(number), n=n)
    d.look(number)
    if status == "open":
        d.do("change_shop_order", order=number, quantity=n, derived=["order"])
        d.counted.discard(order["product"])
        d.answer("It was open and is changed.")
    else:
        d.answer(f"I left it, as it is {status}.", status)


def ask_quantity(d: Desk) -> None:
    product, customer = d.product(), d.customer()
    n = d.few(product)
    d.request(say.NO_QUANTITY, product=product, customer=customer)
    d.answer("How many?")
    d.send(asks=True)
    d.place(customer, product, n)
    d.send(d.s.phrase(say.THIS_MANY, n=n))


def ask_carrier(d: Desk) -> None:
    number, carrier = d.order(), d.rng.choice(CARRIERS)
    named = d.rng.random() < 0.5
    d.ask(NO_CARRIER, order=f"order {number}" if named else d.called(number))
    d.answer("By truck, bike or plane?")
    d.send(asks=True)
    if named:
        d.do("ship_shop_orders", orders=[number], carrier=carrier)
    else:
        d.do("ship_shop_orders", orders=[d.look(number)], carrier=carrier, derived=["orders"])
    d.send(d.s.phrase(BY_CARRIER, carrier=carrier))


MOVES = (
    place, place_and_ship, restock, cancel, ship, ship_open, about, numbers, more_left, if_enough, or_else, all_left,
    if_open,
)  # fmt: skip
mixed("orders", Desk, MOVES, (ask_quantity, ask_carrier))
