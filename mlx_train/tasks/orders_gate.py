"""More shop tasks of the gate: they share the tools with training, but neither plots nor phrasings."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.orders import _begin, _done, _names, _order, _place, _products
from mlx_train.tasks.phrases import Phrases

CARRIERS = ("truck", "bike", "plane")

SHIP_NUMBERS = Phrases(
    "orders.ship_numbers",
    gate=[
        "have the orders {a} and {b} delivered by {carrier}",
        "ship order {a} and order {b}, both by {carrier}",
        "let {a} and {b} go out by {carrier}",
    ],
)
SAME_FOR_TWO = Phrases(
    "orders.same_for_two",
    gate=[
        "enter two orders of {product}, first {n} for {a} and then {m} for {b}",
        "place an order of {n} {product} for {a} and after it one of {m} {product} for {b}",
        "first let {a} have {n} {product} and then {b} {m} {product}, as two orders",
    ],
)
DEAREST = Phrases(
    "orders.dearest",
    gate=[
        "Which of our products is the most expensive?",
        "Which product has the highest price in the shop?",
        "Look through all products. Which one costs the most?",
    ],
)
FOR_SOMEONE = Phrases(
    "orders.for_someone",
    gate=["{who} is asking for it.", "I have {who} on the phone.", "{who} would like to know.", "It is for {who}."],
)
BY_PRICE = Phrases(
    "orders.by_price",
    gate=[
        "If {a} costs more than {price}, order {n} {b} for {customer}; otherwise order {n} {a}. Either way, ship the "
        "order by {carrier}.",
        "{customer} wants {n} {a}, but only if the price is not above {price}; if it is, {n} {b}. Enter that order and "
        "ship it by {carrier}.",
        "Look up what {a} costs. Should it be more than {price}, {customer} takes {n} {b}, and if not, {n} {a}. "
        "Place the order and send it out by {carrier}.",
    ],
)
AS_MANY_MORE = Phrases(
    "orders.as_many_more",
    gate=[
        "{customer} wants {n} more {product} than in the open order. Please change that order.",
        "Please raise the quantity in the {product} order of {customer} by {n}.",
        "The order of {product} by {customer} should be {n} larger than it is.",
    ],
)
HOW_MANY_REMAIN = Phrases(
    "orders.how_many_remain",
    gate=[
        "How many {product} remain in stock after that?",
        "And how much of our stock of {product} remains now?",
        "Look up the stock of {product} again. How many remain?",
    ],
)
RAISE_OR_RESTOCK = Phrases(
    "orders.raise_or_restock",
    gate=[
        "{customer} needs {n} {product} in all instead of what is in the open order. Change it, and should the stock "
        "not be enough, add {more} to the stock before you change it.",
        "Set the {product} order of {customer} to {n}. If there is too little {product} for that, put {more} more in "
        "stock first.",
        "The {product} order of {customer} has to become {n}. If the shop refuses because too few are left, a "
        "delivery of {more} {product} comes in: enter it and change the order then.",
    ],
)
SEND_OUT = Phrases(
    "orders.send_out",
    gate=[
        "Now the {product} order of {customer} can go out by {carrier}.",
        "I am back. Let the {product} order go out by {carrier}; {customer} is waiting.",
        "We can go on: ship the {product} order of {customer} by {carrier}.",
    ],
)
LARGEST_APART = Phrases(
    "orders.largest_apart",
    gate=[
        "Of the three open orders of {customer}, ship the one with the largest quantity by {a} and the two others by "
        "{b}.",
        "{customer} has three open orders. The largest quantity goes out by {a}, the other two orders by {b}.",
        "Send out the open orders of {customer}: by {a} the one of which most pieces were ordered, by {b} the rest.",
    ],
)
NEW_ORDER = Phrases(
    "orders.new_order",
    gate=[
        "Next, {customer} would like to have {n} {product}.",
        "There is a new customer, {customer}, who wants {n} {product}. Enter the order.",
        "Then enter an order by {customer} of {n} {product}.",
    ],
)
RATHER_PRODUCT = Phrases(
    "orders.rather_product",
    gate=[
        "{customer} has had second thoughts: cancel that order and enter one of {n} {product}.",
        "That was wrong. Take the order of {customer} back and place one of {n} {product} in its stead.",
        "No, {customer} wants {product} after all, {n} of them. Cancel the order you entered and place the right one.",
    ],
)
CHANGE_NUMBER = Phrases(
    "orders.change_number",
    gate=[
        "let order {order} be about {n} pieces",
        "give order {order} the new quantity {n}",
        "see that the quantity of order {order} is {n} from now on",
    ],
)


@family(domain="orders", tier="easy", role="gate")
def ship_by_number(s: Script) -> None:
    """Ship two of three orders that the user names by their numbers."""
    names = _names(s, 3)
    held = [_order(s.words.person(), name, s.words.number(2, 9)) for name in names]
    numbers = _begin(s, _products(s, names), held)
    a, b = s.rng.sample(numbers, 2)
    carrier = s.rng.choice(CARRIERS)
    s.turn(s.please(s.phrase(SHIP_NUMBERS, a=a, b=b, carrier=carrier)))
    s.call("ship_shop_orders", orders=[a, b], carrier=carrier)
    _done(s)


@family(domain="orders", tier="easy", role="gate")
def change_by_number(s: Script) -> None:
    """Another quantity for an order that the user names by its number."""
    names = _names(s, 3)
    held = [_order(s.words.person(), name, s.words.number(2, 5)) for name in names]
    number, n = s.rng.choice(_begin(s, _products(s, names), held)), s.words.number(6, 14)
    s.turn(s.please(s.phrase(CHANGE_NUMBER, order=number, n=n)))
    s.call("change_shop_order", order=number, quantity=n)
    _done(s)


@family(domain="orders", tier="easy", role="gate")
def same_for_two(s: Script) -> None:
    """The same product for two customers, in two orders."""
    names, a, b = _names(s, 3), s.words.person(), s.words.person()
    _begin(s, _products(s, names))
    n, m = s.words.number(2, 5), s.words.number(2, 5)
    s.turn(s.please(s.phrase(SAME_FOR_TWO, product=names[1], a=a, b=b, n=n, m=m)))
    _place(s, a, names[1], n)
    _place(s, b, names[1], m)
    _done(s)


@family(domain="orders", tier="easy", role="gate")
def most_expensive(s: Script) -> None:
    """Say which product costs the most."""
    names, who = _names(s, 4), s.words.person()
    _begin(s, _products(s, names))
    s.turn(f"{s.phrase(FOR_SOMEONE, who=who)} {s.phrase(DEAREST)}")
    dearest = max(s.call("list_products")["products"], key=lambda product: product["price"])
    s.end(f"That is {dearest['product']}, for {dearest['price']}.", tell=[dearest["product"]])


@family(domain="orders", tier="moderate", role="gate")
def product_by_price(s: Script) -> None:
    """Order one product or, if it is too dear, another one; then ship the order."""
    names, customer, n = _names(s, 3), s.words.person(), s.words.number(2, 9)
    products = _products(s, names)
    limit = products[names[0]]["price"] + s.rng.choice((-2, -1, 1, 4))
    carrier = s.rng.choice(CARRIERS)
    _begin(s, products)
    s.turn(s.phrase(BY_PRICE, a=names[0], b=names[1], price=limit, n=n, customer=customer, carrier=carrier))
    dear = s.call("check_product", product=names[0])["price"] > limit
    number = _place(s, customer, names[1 if dear else 0], n)
    s.call("ship_shop_orders", orders=[number], carrier=carrier, derived=["orders"])
    _done(s)


@family(domain="orders", tier="moderate", role="gate")
def raise_by_some(s: Script) -> None:
    """Add to the quantity of an order, and say what remains in stock."""
    names, customer, other = _names(s, 3), s.words.person(), s.words.person()
    held = [_order(customer, names[0], s.words.number(3, 9)), _order(customer, names[1], s.words.number(3, 9))]
    held.append(_order(other, names[0], s.words.number(3, 9)))
    s.rng.shuffle(held)
    _begin(s, _products(s, names), held)
    n = s.words.number(2, 8)
    s.turn(s.phrase(AS_MANY_MORE, customer=customer, product=names[0], n=n))
    orders = s.call("find_shop_orders", customer=customer)["orders"]
    found = next(order for order in orders if order["product"] == names[0])
    quantity = found["quantity"] + n
    s.call("change_shop_order", order=found["order"], quantity=quantity, derived=["order", "quantity"])
    s.end(f"It is {quantity} now.")
    s.turn(s.phrase(HOW_MANY_REMAIN, product=names[0]))
    stock = s.call("check_product", product=names[0])["stock"]
    s.end(f"There are {stock}.", tell=[stock])


@family(domain="orders", tier="hard", role="gate")
def raise_or_restock(s: Script) -> None:
    """The change of an order is refused, so the stock is filled first; later the order is shipped."""
    names, customer, carrier = _names(s, 2), s.words.person(), s.rng.choice(CARRIERS)
    products = _products(s, names)
    products[names[0]]["stock"] = s.words.number(1, 4)
    held = [_order(customer, names[0], s.words.number(2, 4)), _order(customer, names[1], s.words.number(2, 4))]
    s.rng.shuffle(held)
    _begin(s, products, held)
    n, more = s.words.number(9, 15), s.words.number(20, 40)
    s.turn(s.phrase(RAISE_OR_RESTOCK, customer=customer, product=names[0], n=n, more=more))
    orders = s.call("find_shop_orders", customer=customer)["orders"]
    number = next(order["order"] for order in orders if order["product"] == names[0])
    s.call("change_shop_order", order=number, quantity=n, derived=["order"], fails=True)
    s.call("restock_product", product=names[0], quantity=more)
    s.call("change_shop_order", order=number, quantity=n, derived=["order"])
    _done(s)
    pause(s)
    s.turn(s.phrase(SEND_OUT, customer=customer, product=names[0], carrier=carrier))
    s.call("ship_shop_orders", orders=[number], carrier=carrier, derived=["orders"])
    _done(s)


@family(domain="orders", tier="hard", role="gate")
def largest_apart(s: Script) -> None:
    """Ship the largest order of a customer by other means than the rest; then an order that is taken back."""
    names, customer, other = _names(s, 4), s.words.person(), s.words.person()
    quantities = s.rng.sample(range(2, 12), 3)
    held = [_order(customer, name, quantity) for name, quantity in zip(names[:3], quantities, strict=True)]
    _begin(s, _products(s, names), held)
    a, b = s.rng.sample(CARRIERS, 2)
    s.turn(s.phrase(LARGEST_APART, customer=customer, a=a, b=b))
    found = s.call("find_shop_orders", customer=customer, status="open")["orders"]
    largest = max(found, key=lambda order: order["quantity"])
    s.call("ship_shop_orders", orders=[largest["order"]], carrier=a, derived=["orders"])
    rest = [order["order"] for order in found if order is not largest]
    s.call("ship_shop_orders", orders=rest, carrier=b, derived=["orders"])
    _done(s)
    n, m = s.words.number(2, 6), s.words.number(2, 6)
    s.turn(s.phrase(NEW_ORDER, customer=other, product=names[3], n=n))
    number = _place(s, other, names[3], n)
    _done(s)
    s.turn(s.phrase(RATHER_PRODUCT, customer=other, product=names[0], n=m))
    s.call("cancel_shop_order", order=number, derived=["order"])
    _place(s, other, names[0], m)
    _done(s)
