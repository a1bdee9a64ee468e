"""More shop tasks of dev: they share the tools with training and gate, but neither plots nor phrasings."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.orders import _begin, _done, _names, _order, _products
from mlx_train.tasks.phrases import Phrases

CARRIERS = ("truck", "bike", "plane")

PIECES_OF = Phrases(
    "orders.dev.pieces_of",
    dev=[
        "How large is the quantity of {product} that {customer} ordered?",
        "{customer} has forgotten the quantity of the {product} order. How many pieces is it?",
        "Look into what {customer} ordered: which quantity of {product} did we note there?",
    ],
)
PRODUCT_OF = Phrases(
    "orders.dev.product_of",
    dev=[
        "Of which product did {customer} order {n} pieces?",
        "{customer} has one order with a quantity of {n}. Which product is it for?",
        "Among the orders of {customer} is one over {n} pieces. Name me the product.",
    ],
)
AT_PRICE = Phrases(
    "orders.dev.at_price",
    dev=[
        "look up which product has the price {price}, and let {customer} order {n} pieces of it",
        "have {n} pieces of the product priced at {price} ordered for {customer}",
        "find what we sell at a price of exactly {price} and note {n} pieces of it as an order by {customer}",
    ],
)
FULLER = Phrases(
    "orders.dev.fuller",
    dev=[
        "compare the stock of {a} with that of {b}, and order for {customer} {n} pieces of whichever we have more of",
        "let {customer} buy {n} pieces of {a} or of {b}, depending on which of them has the larger stock",
        "check how many {a} and how many {b} are there, and enter {n} pieces of the more numerous one as an order "
        "by {customer}",
    ],
)
TELL_SUM = Phrases(
    "orders.dev.tell_sum",
    dev=["report the total of the new order", "let me hear what is to be paid for it", "say what sum that makes"],
)
MISREAD = Phrases(
    "orders.dev.misread",
    dev=[
        "I misread the note from {customer}: it says {m} and not {n}. Please correct the quantity in the order.",
        "My mistake: {customer} asked for {m} pieces rather than {n}. Put the quantity in that order right.",
        "Hold on, {n} was the wrong quantity. {customer} has to get {m} pieces, so adjust the order.",
    ],
)
TWICE = Phrases(
    "orders.dev.twice",
    dev=[
        "{customer} ordered one and the same product in two separate orders. Which product?",
        "One product stands in two orders of {customer}. Please look up what product that is.",
        "Look through all that {customer} has ordered: which product occurs in two orders?",
    ],
)
PUT_TOGETHER = Phrases(
    "orders.dev.put_together",
    dev=[
        "Make one order of those two orders: raise the larger one to the sum of both quantities and cancel "
        "the smaller one.",
        "Those two orders belong together. Increase the larger order by the pieces of the smaller one, and cancel the "
        "smaller one.",
        "Combine the two orders: keep the one with more pieces, add the quantity of the smaller one to it, and cancel "
        "the smaller one.",
    ],
)
SHIP_AND_FILL = Phrases(
    "orders.dev.ship_and_fill",
    dev=[
        "Send the combined order off by {carrier}. Just as many new pieces have come in, so add them to the stock of "
        "that product.",
        "The combined order leaves by {carrier}; please see to that. Then restock its product by as many pieces as the "
        "order has.",
        "Dispatch the order that you raised by {carrier}, and increase the stock of its product by the number of "
        "pieces that leave with it.",
    ],
)


@family(domain="orders", tier="easy", role="dev")
def part_of_order(s: Script) -> None:
    """Say how many of a product were ordered, or which product was ordered so many times."""
    names, customer, other = _names(s, 3), s.words.person(), s.words.person()
    quantities = s.rng.sample(range(2, 15), 4)
    who = (customer, customer, other, other)
    held = [_order(*one) for one in zip(who, (names[0], names[1], names[0], names[2]), quantities, strict=True)]
    s.rng.shuffle(held)
    _begin(s, _products(s, names), held)
    product, n = s.rng.choice(
        [(order["product"], order["quantity"]) for order in held if order["customer"] == customer]
    )
    pieces = s.rng.random() < 0.5
    s.turn(
        s.phrase(PIECES_OF, customer=customer, product=product)
        if pieces
        else s.phrase(PRODUCT_OF, customer=customer, n=n)
    )
    s.call("find_shop_orders", customer=customer)
    if pieces:
        s.end(f"{customer} ordered {n} pieces.", tell=[n])
    else:
        s.end(f"That is {product}.", tell=[product])


@family(domain="orders", tier="easy", role="dev")
def product_at_price(s: Script) -> None:
    """Order a product, not the cheapest one, that the user knows by its price only."""
    names, customer, n = _names(s, 4), s.words.person(), s.words.number(2, 9)
    products = _products(s, names)
    _begin(s, products)
    price = s.rng.choice(sorted(product["price"] for product in products.values())[1:])
    s.turn(s.please(s.phrase(AT_PRICE, price=price, n=n, customer=customer)))
    listed = s.call("list_products")["products"]
    product = next(one["product"] for one in listed if one["price"] == price)
    s.call("place_shop_order", customer=customer, product=product, quantity=n, derived=["product"])
    _done(s)


@family(domain="orders", tier="moderate", role="dev")
def fuller_stock(s: Script) -> None:
    """Order the one of two products that has the larger stock; then the user corrects the quantity."""
    names, customer = _names(s, 3), s.words.person()
    _begin(s, _products(s, names))
    n, m = s.rng.sample(range(2, 12), 2)
    a, b = names[:2]
    s.turn(s.please(s.phrase(FULLER, a=a, b=b, n=n, customer=customer), s.phrase(TELL_SUM)))
    stock = {product: s.call("check_product", product=product)["stock"] for product in (a, b)}
    product = max(stock, key=stock.__getitem__)
    placed = s.call("place_shop_order", customer=customer, product=product, quantity=n)
    s.end(f"There is more {product}, so I ordered that. The total is {placed['total']}.", tell=[placed["total"]])
    s.turn(s.phrase(MISREAD, customer=customer, m=m, n=n))
    s.call("change_shop_order", order=placed["order"], quantity=m, derived=["order"])
    _done(s)


@family(domain="orders", tier="hard", role="dev")
def put_together(s: Script) -> None:
    """Find the product that was ordered twice, make one order of the two, ship it and fill the stock up again."""
    names, customer, other = _names(s, 3), s.words.person(), s.words.person()
    s.words.used |= set(CARRIERS)
    quantities = s.rng.sample(range(2, 10), 3)
    held = [_order(customer, *one) for one in zip((names[0], names[0], names[1]), quantities, strict=True)]
    held += [_order(other, names[0], s.words.number(2, 9)), _order(other, names[2], s.words.number(2, 9))]
    s.rng.shuffle(held)
    _begin(s, _products(s, names), held)
    s.turn(s.phrase(TWICE, customer=customer))
    orders = s.call("find_shop_orders", customer=customer)["orders"]
    small, large = sorted((one for one in orders if one["product"] == names[0]), key=lambda one: int(one["quantity"]))
    s.end(f"That is {names[0]}.", tell=[names[0]])
    total, carrier = small["quantity"] + large["quantity"], s.rng.choice(CARRIERS)
    s.turn(s.phrase(PUT_TOGETHER))
    s.call("cancel_shop_order", order=small["order"], derived=["order"])
    s.call("change_shop_order", order=large["order"], quantity=total, derived=["order", "quantity"])
    s.end(f"It is one order of {total} now.")
    s.turn(s.phrase(SHIP_AND_FILL, carrier=carrier))
    s.call("ship_shop_orders", orders=[large["order"]], carrier=carrier, derived=["orders"])
    s.call("restock_product", product=names[0], quantity=total, derived=["product", "quantity"])
    _done(s)
