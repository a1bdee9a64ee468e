"""Task families of the shop: stock, orders, shipping."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

ASK_STOCK = Phrases(
    "orders.ask_stock",
    train=[
        "How many {product} are in stock?",
        "How many {product} do we have in stock?",
        "What is the stock of {product}?",
        "Please tell me the stock of {product}.",
        "How many {product} are there in the shop?",
        "Can you check how many {product} we have?",
        "Is there any {product} in stock, and how many?",
        "Check the stock of {product} for me.",
    ],
    dev=["How much {product} is in stock?", "I want to know how many {product} we have."],
    gate=[
        "How many {product} does the shop have?",
        "Can you tell me how many {product} are in stock?",
        "Tell me the stock of the product {product}.",
    ],
)
ASK_PRICE = Phrases(
    "orders.ask_price",
    train=[
        "What does {product} cost?",
        "What is the price of {product}?",
        "How much does {product} cost?",
        "Please tell me the price of {product}.",
        "Can you check the price of {product}?",
        "What do we ask for one {product}?",
        "Check the price of {product} for me.",
        "Tell me what {product} costs.",
    ],
    dev=["How much is one {product}?", "I want to know the price of {product}."],
    gate=[
        "What is the price of one {product}?",
        "Can you tell me what {product} costs?",
        "How much do we ask for {product}?",
    ],
)
PLACE = Phrases(
    "orders.place",
    train=[
        "order {n} {product} for {customer}",
        "place an order of {n} {product} for {customer}",
        "order {n} of {product} for {customer}",
        "make an order for {customer}: {n} {product}",
        "put in an order of {n} {product} for {customer}",
        "add an order for {customer} with {n} {product}",
        "buy {n} {product} for {customer}",
        "get {customer} {n} {product}",
    ],
    dev=["enter an order of {n} {product} for {customer}", "place an order for {customer}, {n} {product}"],
    gate=[
        "make an order of {n} {product} for {customer}",
        "order {n} pieces of {product} for {customer}",
        "put in an order for {customer}: {n} {product}",
    ],
)
PLACE_EXPRESS = Phrases(
    "orders.place_express",
    train=[
        "place an express order of {n} {product} for {customer}",
        "order {n} {product} for {customer} as express",
        "order {n} {product} express for {customer}",
        "make an express order for {customer}: {n} {product}",
        "put in an express order of {n} {product} for {customer}",
        "get {customer} {n} {product} by express",
        "add an express order for {customer} with {n} {product}",
    ],
    dev=[
        "enter an express order of {n} {product} for {customer}",
        "place an express order for {customer}, {n} {product}",
    ],
    gate=[
        "make an express order of {n} {product} for {customer}",
        "order {n} {product} by express for {customer}",
        "put in an express order for {customer}: {n} {product}",
    ],
)
TELL_NUMBER = Phrases(
    "orders.tell_number",
    train=[
        "tell me the order number",
        "give me the order number",
        "tell me its number",
        "show me the order number",
        "let me know the order number",
        "say what the order number is",
        "report the order number",
    ],
    dev=["tell me the number of the order", "let me have the order number"],
    gate=["give me the number of the order", "let me know its number", "say which order number it has"],
)
ASK_BELOW = Phrases(
    "orders.ask_below",
    train=[
        "Which product costs {price} or less?",
        "Is there a product that costs no more than {price}? Which one?",
        "Find a product for at most {price}.",
        "What can we offer for {price} or less?",
        "Show me what costs up to {price}.",
        "Which product has a price of {price} or less?",
        "Please tell me what we have for at most {price}.",
    ],
    dev=["What do we have that costs no more than {price}?", "Tell me which product costs up to {price}."],
    gate=[
        "What is there for {price} or less?",
        "Show me the product that costs at most {price}.",
        "Please find out what costs no more than {price}.",
    ],
)
CHANGE_OF = Phrases(
    "orders.change_of",
    train=[
        "change the order of {product} to {n}",
        "change the {product} order to {n}",
        "set the order of {product} to {n}",
        "make the {product} order {n}",
        "change the quantity of {product} in the order to {n}",
        "change the one with {product} to {n}",
        "update the order of {product} to a quantity of {n}",
    ],
    dev=["change the quantity of the {product} order to {n}", "set the quantity of {product} to {n} in the order"],
    gate=[
        "update the {product} order to {n}",
        "set the {product} order to a quantity of {n}",
        "make it {n} in the order of {product}",
    ],
)
NO_QUANTITY = Phrases(
    "orders.no_quantity",
    train=[
        "Order some {product} for {customer}.",
        "Please place an order of {product} for {customer}.",
        "{customer} wants to order {product}.",
        "Can you order {product} for {customer}?",
        "I need some {product} for {customer}.",
        "Make an order for {customer}: {product}.",
        "{customer} wants to buy some {product}.",
    ],
    dev=["Enter an order of {product} for {customer}.", "{customer} would like some {product}."],
    gate=[
        "Put in an order of some {product} for {customer}.",
        "{customer} needs some {product}, please order it.",
        "I want to order {product} for {customer}.",
    ],
)
THIS_MANY = Phrases(
    "orders.this_many",
    train=[
        "{n}, please.",
        "{n}.",
        "Make it {n}.",
        "It is {n}.",
        "We need {n}.",
        "The quantity is {n}.",
        "Order {n} of it.",
    ],
    dev=["It should be {n}.", "Take {n} of it."],
    gate=["Please make it {n}.", "{n} of it, please.", "The order is for {n}."],
)
NO_PRODUCT = Phrases(
    "orders.no_product",
    train=[
        "Place an order for {customer}.",
        "Please order something for {customer}.",
        "{customer} wants to order something.",
        "I need an order for {customer}.",
        "Can you make an order for {customer}?",
        "Put in a new order for {customer}.",
        "Could you add an order for {customer}?",
        "{customer} wants to buy something.",
    ],
    dev=["{customer} would like to order.", "Enter a new order for {customer}."],
    gate=[
        "Can you order something for {customer}?",
        "I want to place an order for {customer}.",
        "{customer} needs a new order.",
    ],
)
WHICH_PRODUCT = Phrases(
    "orders.which_product",
    train=[
        "{n} {product}.",
        "{n} {product}, please.",
        "The product is {product}, and the quantity is {n}.",
        "It is {n} {product}.",
        "Make it {n} {product}.",
        "Order {n} of {product}.",
        "We need {n} {product}.",
        "{product}, {n} of it.",
    ],
    dev=["It should be {n} {product}.", "Take {n} {product}."],
    gate=["The order is for {n} {product}.", "Please make it {n} of {product}.", "{n} of the product {product}."],
)
OTHER_WORK = Phrases(
    "orders.other_work",
    train=[
        "Please paint the door of {customer}.",
        "Can you call {customer} on the phone?",
        "Write a letter to {customer}.",
        "Clean the room of {customer}, please.",
        "Tell {customer} what the weather is today.",
        "Sing a song about {customer}.",
        "Can you play some music for {customer}?",
        "Drive {customer} home.",
    ],
    dev=["Take a picture of {customer}.", "Can you cook for {customer}?"],
    gate=[
        "Please write a song about {customer}.",
        "Can you drive to {customer} for me?",
        "Call {customer} and ask about the weather.",
    ],
)
ASK_ORDERS = Phrases(
    "orders.ask_orders",
    train=[
        "Which order numbers are there for {customer}?",
        "Show me the order numbers of {customer}.",
        "What has {customer} ordered? Tell me the order numbers.",
        "Find the orders of {customer} and tell me their numbers.",
        "List the order numbers of {customer}.",
        "What are the numbers of the orders of {customer}?",
        "Please look up the orders of {customer} and tell me the numbers.",
    ],
    dev=["Which order numbers does {customer} have?", "Look for the orders of {customer} and list the numbers."],
    gate=[
        "What are the order numbers of {customer}?",
        "Tell me the order numbers of {customer}.",
        "Please show me which order numbers {customer} has.",
    ],
)
CANCEL_OF = Phrases(
    "orders.cancel_of",
    train=[
        "cancel the order of {product}",
        "cancel the one with {product}",
        "cancel the {product} order",
        "take back the order of {product}",
        "stop the order of {product}",
        "remove the order with {product} by cancelling it",
        "call off the order of {product}",
    ],
    dev=["cancel the order that has {product}", "cancel the order for {product}"],
    gate=["call off the {product} order", "cancel the one of {product}", "stop the order with {product}"],
)
RESTOCK_IF_SHORT = Phrases(
    "orders.restock_if_short",
    train=[
        "If there is too little of a product, restock it by {n} first.",
        "If the stock of one is too small, restock it by {n} and try again.",
        "Restock a product by {n} if there is not enough of it.",
        "If we do not have enough of one, add {n} to its stock first.",
        "Where the stock is not enough, restock by {n} and order again.",
        "When a product is short, restock {n} of it and then order.",
        "Should one be short, add {n} to the stock and try again.",
    ],
    dev=[
        "If a product is short, restock it by {n}.",
        "Where there is not enough, add {n} to the stock of the product first.",
    ],
    gate=[
        "If we are short of one, restock {n} of it and try again.",
        "Should there be too little of a product, add {n} to its stock first.",
        "When the stock is too small, restock the product by {n} and order then.",
    ],
)
SHIP_OPEN = Phrases(
    "orders.ship_open",
    train=[
        "ship all open orders of {a} and {b} by {carrier}",
        "send the open orders of {a} and {b} by {carrier}",
        "ship every open order that {a} and {b} have by {carrier}",
        "find the open orders of {a} and {b} and ship them by {carrier}",
        "send out all open orders of {a} and {b}, by {carrier}",
        "ship what is open for {a} and {b} by {carrier}",
        "use the {carrier} to ship all open orders of {a} and {b}",
    ],
    dev=[
        "ship the open orders that {a} and {b} have by {carrier}",
        "send everything that is open for {a} and {b} by {carrier}",
    ],
    gate=[
        "send all orders of {a} and {b} that are open by {carrier}",
        "use the {carrier} for all open orders of {a} and {b} and ship them",
        "find every open order of {a} and {b} and send it by {carrier}",
    ],
)
PLACE_CHEAPEST = Phrases(
    "orders.place_cheapest",
    train=[
        "order {n} of the cheapest product for {customer}",
        "find the cheapest product and order {n} of it for {customer}",
        "place an order for {customer}: {n} of the cheapest product",
        "get {customer} {n} of our cheapest product",
        "look up the cheapest product and order {n} for {customer}",
        "buy {n} of the cheapest product for {customer}",
        "put in an order of {n} for {customer}, the cheapest product we have",
    ],
    dev=[
        "enter an order of {n} of the cheapest product for {customer}",
        "order the cheapest product for {customer}, {n} of it",
    ],
    gate=[
        "make an order for {customer} with {n} of the cheapest product",
        "order {n} of our cheapest product for {customer}",
        "find out which product is cheapest and get {customer} {n} of it",
    ],
)

CHANGE_FOUND = Phrases(
    "orders.change_found",
    dev=[
        "change the {product} order of {customer} to {n} pieces",
        "find the order of {product} for {customer} and change the quantity to {n}",
    ],
)
TELL_LEFT = Phrases(
    "orders.tell_left",
    dev=["tell me how many {product} are in stock now", "check the stock of {product} and tell me what is left"],
)

RESTOCK = Phrases(
    "orders.restock",
    gate=[
        "add {n} {product} to the stock and tell me the new stock",
        "restock {product} by {n} and tell me how many we have then",
        "restock {n} of {product} and tell me the stock after that",
    ],
)
SWAP = Phrases(
    "orders.swap",
    gate=[
        "{customer} wants {b} and not {a}. Cancel the {a} order and order as many {b}.",
        "Find the order of {a} for {customer}, cancel it and order the same quantity of {b} for {customer}.",
        "Cancel the order of {a} that {customer} has. Then order {b} for {customer} in the same quantity.",
    ],
)
UP_TO = Phrases(
    "orders.up_to",
    gate=[
        "Which products cost {price} or less?",
        "Tell me the products that cost at most {price}.",
        "What products do we have with a price of at most {price}?",
    ],
)
CHEAPER = Phrases(
    "orders.cheaper",
    gate=[
        "Order {n} of the cheapest one for {customer} and tell me the order number.",
        "Get {customer} {n} of the cheapest and tell me its order number.",
        "Make an order for {customer}: {n} of the cheapest. What is the order number?",
    ],
)
CHANGE_LAST = Phrases(
    "orders.change_last",
    gate=[
        "change the quantity of that order to {n}",
        "change the new order to {n} pieces",
        "change that order to a quantity of {n}",
    ],
)
CANCEL_ALL = Phrases(
    "orders.cancel_all",
    gate=[
        "cancel all open orders of {customer}",
        "find the open orders of {customer} and cancel them all",
        "cancel every order of {customer} that is open",
    ],
)
CANCEL_WHICH = Phrases(
    "orders.cancel_which",
    gate=[
        "Please cancel an order.",
        "I want to cancel an order.",
        "Can you cancel an order for me?",
        "One order must be cancelled.",
    ],
)
THAT_ORDER = Phrases(
    "orders.that_order", gate=["It is order {order}.", "The order number is {order}.", "I mean order {order}."]
)


def _products(s: Script, names: Sequence[str], low: int = 12) -> dict[str, Any]:
    """Products with different prices and stocks of at least `low`."""
    prices = s.rng.sample(range(3, 90), len(names))
    stocks = s.rng.sample(range(low, low + 40), len(names))
    return {name: {"price": price, "stock": stock} for name, price, stock in zip(names, prices, stocks, strict=True)}


def _order(customer: str, product: str, quantity: int, status: str = "open") -> dict[str, Any]:
    return {"customer": customer, "product": product, "quantity": quantity, "express": False, "status": status}


def _begin(s: Script, products: dict[str, Any], orders: Sequence[dict[str, Any]] = ()) -> list[str]:
    """Start with these products and orders; returns the order numbers."""
    numbers = [s.words.code("O") for _ in orders]
    after = int(s.words.code("O").removeprefix("O-"))
    s.begin({"products": products, "orders": dict(zip(numbers, orders, strict=True)), "next": after})
    return numbers


def _names(s: Script, count: int) -> list[str]:
    return [s.words.word() for _ in range(count)]


def _done(s: Script) -> None:
    s.end(s.rng.choice(DONE))


def _place(s: Script, customer: str, product: str, quantity: int, **express: Any) -> str:
    """Place an order, as gold, for what the user named; returns its number."""
    return str(s.call("place_shop_order", customer=customer, product=product, quantity=quantity, **express)["order"])


@family(domain="orders", tier="easy", role="train")
def stock_question(s: Script) -> None:
    """Stock or price of a product, or the product of a price; sometimes an order follows."""
    names = _names(s, s.rng.choice((2, 3)))
    products = _products(s, names)
    _begin(s, products)
    product = s.rng.choice(names)
    question = s.rng.choice(("stock", "price", "below"))
    if question == "stock":
        s.turn(s.phrase(ASK_STOCK, product=product))
        stock = s.call("check_product", product=product)["stock"]
        s.end(f"There are {stock} {product} in stock.", tell=[stock])
    elif question == "below":
        product = min(names, key=lambda name: products[name]["price"])
        limit = products[product]["price"]
        s.turn(s.phrase(ASK_BELOW, price=limit))
        s.call("list_products", max_price=limit)
        s.end(f"That is {product}.", tell=[product])
    else:
        s.turn(s.phrase(ASK_PRICE, product=product))
        price = s.call("check_product", product=product)["price"]
        s.end(f"The price is {price}.", tell=[price])
    if s.rng.random() < 0.5:
        customer, n = s.words.person(), s.words.number(2, 9)
        s.turn(s.please(s.phrase(PLACE, n=n, product=product, customer=customer)))
        _place(s, customer, product, n)
        _done(s)


@family(domain="orders", tier="easy", role="train")
def place_order(s: Script) -> None:
    """One order, express or not, often with its number to tell."""
    names = _names(s, s.rng.choice((2, 3)))
    _begin(s, _products(s, names))
    product, customer, n = s.rng.choice(names), s.words.person(), s.words.number(2, 9)
    express = s.rng.random() < 0.4
    clause = s.phrase(PLACE_EXPRESS if express else PLACE, n=n, product=product, customer=customer)
    asked = s.rng.random() < 0.7
    s.turn(s.please(clause, s.phrase(TELL_NUMBER)) if asked else s.please(clause))
    number = _place(s, customer, product, n, **({"express": True} if express else {}))
    if asked:
        s.end(f"The order number is {number}.", tell=[number])
    else:
        _done(s)


@family(domain="orders", tier="easy", role="train", abstain=True)
def order_without_product(s: Script) -> None:
    """The product is missing, so the assistant asks; or the work is none that the shop's tools can do."""
    names = _names(s, s.rng.choice((2, 3)))
    _begin(s, _products(s, names))
    customer = s.words.person()
    if s.rng.random() < 0.3 and not s.twin:
        s.turn(s.phrase(OTHER_WORK, customer=customer))
        s.end("I cannot do that with my tools.", quiet=True)
        return
    product, n = s.rng.choice(names), s.words.number(2, 9)
    if s.rng.random() < 0.5:
        s.turn(s.phrase(NO_PRODUCT, customer=customer))
        s.end("Which product, and how many?", asks=True)
        s.turn(s.phrase(WHICH_PRODUCT, n=n, product=product))
    else:
        s.turn(s.phrase(NO_QUANTITY, customer=customer, product=product))
        s.end("How many?", asks=True)
        s.turn(s.phrase(THIS_MANY, n=n))
    _place(s, customer, product, n)
    _done(s)


@family(domain="orders", tier="moderate", role="train")
def cancel_found(s: Script) -> None:
    """Look up the orders of a customer and cancel or change two of them, or order something else."""
    names = _names(s, 3)
    customer, other = s.words.person(), s.words.person()
    first, second, third = names
    held = [
        _order(customer, first, s.words.number(2, 9)),
        _order(customer, second, s.words.number(2, 9)),
        _order(other, first, 2),
    ]
    s.rng.shuffle(held)
    _begin(s, _products(s, names), held)
    s.turn(s.phrase(ASK_ORDERS, customer=customer))
    orders = s.call("find_shop_orders", customer=customer)["orders"]
    number = {order["product"]: order["order"] for order in orders}
    s.end(f"{customer} has the orders {' and '.join(number.values())}.", tell=list(number.values()))

    n = s.words.number(10, 12)
    steps = s.rng.sample(("cancel", "change", "place"), 2)
    for turn in [steps] if s.rng.random() < 0.5 else [steps[:1], steps[1:]]:
        clauses = {"cancel": (CANCEL_OF, first), "change": (CHANGE_OF, second), "place": (PLACE, third)}
        s.turn(
            s.please(*(s.phrase(clauses[step][0], product=clauses[step][1], n=n, customer=customer) for step in turn))
        )
        for step in turn:
            if step == "cancel":
                s.call("cancel_shop_order", order=number[first], derived=["order"])
            elif step == "change":
                s.call("change_shop_order", order=number[second], quantity=n, derived=["order"])
            else:
                _place(s, customer, third, n)
        _done(s)


@family(domain="orders", tier="moderate", role="train")
def restock_when_short(s: Script) -> None:
    """One of two orders is refused because the stock is too small: restock, then order again."""
    names = _names(s, 2)
    products = _products(s, names)
    customer = s.words.person()
    wanted = [s.words.number(4, 9), s.words.number(4, 9)]
    short = s.rng.randrange(2)
    products[names[short]]["stock"] = s.words.number(1, 3)
    _begin(s, products)
    more = s.words.number(10, 30)
    clauses = [s.phrase(PLACE, n=n, product=name, customer=customer) for n, name in zip(wanted, names, strict=True)]
    s.turn(f"{s.please(*clauses)} {s.phrase(RESTOCK_IF_SHORT, n=more)}")
    for position, (name, n) in enumerate(zip(names, wanted, strict=True)):
        if position == short:
            s.call("place_shop_order", customer=customer, product=name, quantity=n, fails=True)
            s.call("restock_product", product=name, quantity=more)
        _place(s, customer, name, n)
    _done(s)


@family(domain="orders", tier="hard", role="train")
def ship_and_order(s: Script) -> None:
    """Ship all open orders of two customers, order the cheapest product, answer a question about it."""
    names = _names(s, 3)
    one, two, three = (s.words.person() for _ in range(3))
    held = [
        _order(one, names[0], s.words.number(2, 9)),
        _order(two, names[1], s.words.number(2, 9)),
        _order(two, names[2], s.words.number(2, 9), s.rng.choice(("open", "shipped"))),
    ]
    s.rng.shuffle(held)
    _begin(s, _products(s, names), held)
    carrier = s.rng.choice(("truck", "bike", "plane"))
    s.turn(s.please(s.phrase(SHIP_OPEN, a=one, b=two, carrier=carrier)))
    found = [s.call("find_shop_orders", customer=customer, status="open")["orders"] for customer in (one, two)]
    s.call(
        "ship_shop_orders",
        orders=[order["order"] for orders in found for order in orders],
        carrier=carrier,
        derived=["orders"],
    )
    _done(s)
    n = s.words.number(2, 9)
    s.turn(s.please(s.phrase(PLACE_CHEAPEST, n=n, customer=three), s.phrase(TELL_NUMBER)))
    cheapest = min(s.call("list_products")["products"], key=lambda product: product["price"])["product"]
    placed = s.call("place_shop_order", customer=three, product=cheapest, quantity=n, derived=["product"])
    s.end(f"The order number is {placed['order']}.", tell=[placed["order"]])
    if s.rng.random() < 0.5:
        s.turn(s.phrase(ASK_STOCK, product=cheapest))
        stock = s.call("check_product", product=cheapest)["stock"]
        s.end(f"There are {stock} {cheapest} in stock.", tell=[stock])


@family(domain="orders", tier="moderate", role="dev")
def change_found(s: Script) -> None:
    """Find an order by customer and product, change its quantity, tell what is left."""
    names = _names(s, 3)
    customer, other = s.words.person(), s.words.person()
    held = [_order(customer, names[0], 3), _order(customer, names[1], 4), _order(other, names[0], 2)]
    s.rng.shuffle(held)
    _begin(s, _products(s, names), held)
    n = s.words.number(5, 12)
    s.turn(
        s.please(
            s.phrase(CHANGE_FOUND, product=names[0], customer=customer, n=n), s.phrase(TELL_LEFT, product=names[0])
        )
    )
    orders = s.call("find_shop_orders", customer=customer)["orders"]
    number = next(order["order"] for order in orders if order["product"] == names[0])
    s.call("change_shop_order", order=number, quantity=n, derived=["order"])
    stock = s.call("check_product", product=names[0])["stock"]
    s.end(f"There are {stock} {names[0]} in stock.", tell=[stock])


@family(domain="orders", tier="easy", role="gate")
def restock(s: Script) -> None:
    """Restock one product or two and tell the new stock."""
    names = _names(s, 3)
    _begin(s, _products(s, names, low=2))
    for product in names[: s.rng.choice((1, 2))]:
        n = s.words.number(10, 30)
        s.turn(s.please(s.phrase(RESTOCK, n=n, product=product)))
        stock = s.call("restock_product", product=product, quantity=n)["stock"]
        s.end(f"There are {stock} {product} in stock.", tell=[stock])


@family(domain="orders", tier="moderate", role="gate")
def swap_product(s: Script) -> None:
    """Replace an order by one of another product with the quantity of the first."""
    names = _names(s, 3)
    customer, other = s.words.person(), s.words.person()
    old, new, third = names
    held = [
        _order(customer, old, s.words.number(2, 9)),
        _order(customer, third, s.words.number(2, 9)),
        _order(other, old, s.words.number(2, 9)),
    ]
    s.rng.shuffle(held)
    _begin(s, _products(s, names), held)
    s.turn(s.phrase(SWAP, customer=customer, a=old, b=new))
    orders = s.call("find_shop_orders", customer=customer)["orders"]
    found = next(order for order in orders if order["product"] == old)
    s.call("cancel_shop_order", order=found["order"], derived=["order"])
    s.call("place_shop_order", customer=customer, product=new, quantity=found["quantity"], derived=["quantity"])
    _done(s)


@family(domain="orders", tier="hard", role="gate")
def within_budget(s: Script) -> None:
    """Products up to a price, an order of the cheapest, a change of it, and all orders of somebody cancelled."""
    names = _names(s, 4)
    products = _products(s, names)
    customer, other = s.words.person(), s.words.person()
    held = [
        _order(other, names[0], s.words.number(2, 5)),
        _order(other, names[1], s.words.number(2, 5)),
        _order(other, names[2], 2, "shipped"),
    ]
    s.rng.shuffle(held)
    _begin(s, products, held)
    limit = sorted(product["price"] for product in products.values())[1]
    s.turn(s.phrase(UP_TO, price=limit))
    listed = s.call("list_products", max_price=limit)["products"]
    cheap = [product["product"] for product in listed]
    s.end(f"These are {' and '.join(cheap)}.", tell=cheap)
    n = s.words.number(2, 5)
    s.turn(s.phrase(CHEAPER, n=n, customer=customer))
    cheapest = min(listed, key=lambda product: product["price"])["product"]
    number = s.call("place_shop_order", customer=customer, product=cheapest, quantity=n, derived=["product"])["order"]
    s.end(f"The order number is {number}.", tell=[number])
    more = s.words.number(6, 9)
    s.turn(s.please(s.phrase(CHANGE_LAST, n=more)))
    s.call("change_shop_order", order=number, quantity=more, derived=["order"])
    _done(s)
    s.turn(s.please(s.phrase(CANCEL_ALL, customer=other)))
    for order in s.call("find_shop_orders", customer=other, status="open")["orders"]:
        s.call("cancel_shop_order", order=order["order"], derived=["order"])
    _done(s)


@family(domain="orders", tier="easy", role="gate", abstain=True)
def cancel_without_order(s: Script) -> None:
    """Which order to cancel is missing, so the assistant asks."""
    names = _names(s, 2)
    one, two = s.words.person(), s.words.person()
    numbers = _begin(
        s,
        _products(s, names),
        [_order(one, names[0], s.words.number(2, 9)), _order(two, names[1], s.words.number(2, 9))],
    )
    s.turn(s.phrase(CANCEL_WHICH))
    s.end("Which order?", asks=True)
    number = s.rng.choice(numbers)
    s.turn(s.phrase(THAT_ORDER, order=number))
    s.call("cancel_shop_order", order=number)
    _done(s)
