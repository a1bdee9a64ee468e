"""Cinema: tasks of the gate only, in a domain that no training and no choice of a recipe knows."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_plain import done
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.phrases import Phrases

SEAT_PRICE = Phrases(
    "cinema.seat_price",
    gate=[
        "What does one seat in show {show} cost?",
        "Which price has a seat of show {show}?",
        "How much do we take for a seat in show {show}?",
    ],
)
RESERVE = Phrases(
    "cinema.reserve",
    gate=[
        "reserve {n} seats of show {show} for {who}",
        "keep {n} seats in show {show} for {who}",
        "put {who} down for {n} seats of show {show}",
    ],
)
CANCEL = Phrases(
    "cinema.cancel",
    gate=[
        "cancel the reservation {reservation}, as {who} is ill",
        "give the seats of reservation {reservation} free; {who} cannot come",
        "take back reservation {reservation}, since {who} called it off",
    ],
)
NEW_PRICE = Phrases(
    "cinema.new_price",
    gate=[
        "let a seat of show {show} cost {price} from now on",
        "change what a seat in show {show} costs to {price}",
        "sell the seats of show {show} at {price} each",
    ],
)
ADD = Phrases(
    "cinema.add",
    gate=[
        'put the film "{film}" on the programme of the hall {hall} at {time}, {price} a seat',
        'add a show of "{film}" in the hall {hall} at {time} with a price of {price}',
        'have "{film}" run in the hall {hall} at {time}, at {price} for a seat',
    ],
)
OTHER_NUMBER = Phrases(
    "cinema.other_number",
    gate=[
        "let reservation {reservation} be for {n} seats",
        "make it {n} seats in reservation {reservation}",
        "change reservation {reservation} so that it has {n} seats",
    ],
)
FREE_SEATS = Phrases(
    "cinema.free_seats",
    gate=[
        "How many seats are free in show {show}?",
        "Is there room in show {show}? Tell me the number of free seats.",
        "Look at show {show}: how many more seats can we sell?",
    ],
)
THEN_RESERVE = Phrases(
    "cinema.then_reserve",
    gate=[
        "Good, {n} of them for {who}, please.",
        "Then {who} would like to have {n} of those.",
        "Keep {n} of them for {who}, then.",
    ],
)
BY_FILM = Phrases(
    "cinema.by_film",
    gate=[
        'find the show of "{film}" and reserve {n} seats in it for {who}',
        '"{film}" runs once today: reserve {n} seats there for {who}',
        'look up which show is "{film}", and keep {n} seats in it for {who}',
    ],
)
ONE_SEAT = Phrases(
    "cinema.one_seat",
    gate=["What does {who} pay for one of them?", "Tell {who} the price of one.", "And the price of one, for {who}?"],
)
OR_LATER = Phrases(
    "cinema.or_later",
    gate=[
        '{who} wants {n} seats for "{film}" at {time}. If there are not so many, take the show of it at {later}.',
        'Get {who} {n} seats in the {time} show of "{film}", or in the one at {later} should the first be too full.',
        'Try "{film}" at {time} for {who}, {n} seats. Not enough room? Then the same at {later}.',
    ],
)
CHEAPER = Phrases(
    "cinema.cheaper",
    gate=[
        "Of the shows {a} and {b}, reserve {n} seats for {who} in the one with the lower price.",
        "{who} takes {n} seats in show {a} or show {b}, whichever is cheaper. Reserve them.",
        "Compare what a seat costs in {a} and in {b}, and keep {n} seats in the cheaper show for {who}.",
    ],
)
MORE_COME = Phrases(
    "cinema.more_come",
    gate=[
        "There are more guests than I thought: make it {n} seats.",
        "I have miscounted. That reservation should be for {n}.",
        "Oh, {n} seats are needed in all. Change what you reserved.",
    ],
)
OTHER_FILM = Phrases(
    "cinema.other_film",
    gate=[
        '{who} would rather see "{film}". Cancel what is reserved, and reserve as many seats for that.',
        'Change the plans of {who}: give the seats free that are reserved, and keep the same number for "{film}".',
        'Take back the reservation of {who}, and put the same number of seats for "{film}" in its place.',
    ],
)
CHEAPER_THERE = Phrases(
    "cinema.cheaper_there",
    gate=[
        "That show should cost {price} a seat, by the way.",
        "And a seat in that show is {price} from today.",
        "One thing more: set the seats of that show to {price}.",
    ],
)
RATHER = Phrases(
    "cinema.rather",
    gate=[
        "Hm, {price} is a better price for it. And {a} gets {n} seats there.",
        "No, let a seat cost {price}, and reserve {n} of them for {a}.",
        "I have changed my mind about the price: {price}. Then keep {n} seats of it for {a}.",
    ],
)
FOR_TWO = Phrases(
    "cinema.for_two",
    gate=[
        "{b} comes too, with {m} seats, and {a} needs {n} now instead.",
        "Also {m} seats for {b}. The reservation of {a} has to become {n}.",
        "Reserve {m} for {b} in the same show, and after that give {a} {n} in all.",
    ],
)


def house(s: Script, *, held: int = 0) -> tuple[list[str], list[str], list[str], list[str]]:
    """Begin with two halls and four shows of four films, and so many reservations.

    Returns films, codes of their shows, codes of the reservations, and the customers who have them.
    """
    halls, films = [s.words.word(), s.words.word()], [s.words.title() for _ in range(4)]
    codes, reserved = [s.words.code("S") for _ in films], [s.words.code("R") for _ in range(held)]
    customers = [s.words.person() for _ in reserved]
    hours, prices = s.rng.sample(range(10, 23), 4), s.rng.sample(range(6, 25), 4)
    shows: dict[str, dict[str, Any]] = {
        code: {
            "film": film,
            "hall": halls[number % 2],
            "time": f"{hour}:{s.rng.choice(('00', '30'))}",
            "price": price,
            "free": s.words.number(25, 60),
        }
        for number, (code, film, hour, price) in enumerate(zip(codes, films, hours, prices, strict=True))
    }
    s.begin(
        {
            "halls": {hall: s.words.number(80, 120) for hall in halls},
            "shows": shows,
            "reservations": {
                reservation: {"show": code, "customer": customer, "seats": s.words.number(2, 9)}
                for reservation, code, customer in zip(reserved, codes, customers, strict=False)
            },
            "next": s.words.number(10000, 20000),
        }
    )
    return films, codes, reserved, customers


@family(domain="cinema", tier="easy", role="gate")
def price_of_seat(s: Script) -> None:
    """Say what a seat of a show costs."""
    _, codes, _, _ = house(s)
    s.turn(s.phrase(SEAT_PRICE, show=codes[1]))
    price = s.call("get_show", show=codes[1])["price"]
    s.end(f"It costs {price}.", tell=[price])


@family(domain="cinema", tier="easy", role="gate")
def reserve_some(s: Script) -> None:
    """Reserve seats of a show that the user names."""
    _, codes, _, _ = house(s)
    show, who, n = s.rng.choice(codes), s.words.person(), s.words.number(2, 9)
    s.turn(s.please(s.phrase(RESERVE, n=n, show=show, who=who)))
    s.call("reserve_seats", show=show, customer=who, seats=n)
    s.end(done(s))


@family(domain="cinema", tier="easy", role="gate")
def call_it_off(s: Script) -> None:
    """Cancel one of three reservations by its code."""
    _, _, reserved, customers = house(s, held=3)
    number = s.rng.randrange(3)
    s.turn(s.please(s.phrase(CANCEL, reservation=reserved[number], who=customers[number])))
    s.call("cancel_seats", reservation=reserved[number])
    s.end(done(s))


@family(domain="cinema", tier="easy", role="gate")
def another_price(s: Script) -> None:
    """Change the price of a show."""
    _, codes, _, _ = house(s)
    show, price = s.rng.choice(codes), s.words.number(26, 40) + 0.5
    s.turn(s.please(s.phrase(NEW_PRICE, show=show, price=price)))
    s.call("set_seat_price", show=show, price=price)
    s.end(done(s))


@family(domain="cinema", tier="easy", role="gate")
def one_more_show(s: Script) -> None:
    """Add a show of a new film."""
    house(s)
    hall, film, price = s.rng.choice(list(s.start["halls"])), s.words.title(), s.words.number(6, 24)
    time = f"09:{s.rng.choice(('00', '15', '30', '45'))}"
    s.turn(s.please(s.phrase(ADD, film=film, hall=hall, time=time, price=price)))
    s.call("add_show", film=film, hall=hall, time=time, price=price)
    s.end(done(s))


@family(domain="cinema", tier="easy", role="gate")
def another_number(s: Script) -> None:
    """Change the number of seats of a reservation by its code."""
    _, _, reserved, _ = house(s, held=3)
    reservation, n = s.rng.choice(reserved), s.words.number(10, 15)
    s.turn(s.please(s.phrase(OTHER_NUMBER, reservation=reservation, n=n)))
    s.call("change_reserved_seats", reservation=reservation, seats=n)
    s.end(done(s))


@family(domain="cinema", tier="easy", role="gate")
def room_then_reserve(s: Script) -> None:
    """Say how many seats are free, then reserve some of them."""
    _, codes, _, _ = house(s)
    show, who, n = s.rng.choice(codes), s.words.person(), s.words.number(2, 9)
    s.turn(s.phrase(FREE_SEATS, show=show))
    free = s.call("get_show", show=show)["free"]
    s.end(f"There are {free} free seats.", tell=[free])
    s.turn(s.phrase(THEN_RESERVE, n=n, who=who))
    s.call("reserve_seats", show=show, customer=who, seats=n)
    s.end(done(s))


@family(domain="cinema", tier="moderate", role="gate")
def reserve_by_film(s: Script) -> None:
    """Find the show of a film, reserve seats, and say what one costs."""
    films, _, _, _ = house(s)
    film, who, n = s.rng.choice(films), s.words.person(), s.words.number(2, 9)
    s.turn(s.please(s.phrase(BY_FILM, film=film, n=n, who=who)))
    (found,) = s.call("list_shows", film=film)["shows"]
    s.call("reserve_seats", show=found["show"], customer=who, seats=n, derived=["show"])
    s.end(done(s))
    s.turn(s.phrase(ONE_SEAT, who=who))
    price = s.call("get_show", show=found["show"], derived=["show"])["price"]
    s.end(f"One seat costs {price}.", tell=[price])


@family(domain="cinema", tier="moderate", role="gate")
def first_is_too_full(s: Script) -> None:
    """The first show of a film has too few seats, so the later one is taken; then nothing is to be done."""
    halls, film, who, n = [s.words.word(), s.words.word()], s.words.title(), s.words.person(), s.words.number(6, 12)
    times, codes = ("16:30", s.rng.choice(("19:00", "20:30", "21:00"))), [s.words.code("S") for _ in range(3)]
    shows = {
        code: {"film": title, "hall": hall, "time": time, "price": s.words.number(8, 20), "free": free}
        for code, title, hall, time, free in zip(
            codes,
            (film, film, s.words.title()),
            (halls[0], halls[1], halls[0]),
            (*times, "22:00"),
            (s.words.number(1, 5), s.words.number(20, 40), 30),
            strict=True,
        )
    }
    order = s.rng.sample(codes, 3)
    s.begin(
        {
            "halls": dict.fromkeys(halls, 60),
            "shows": {code: shows[code] for code in order},
            "reservations": {},
            "next": s.words.number(10000, 20000),
        }
    )
    s.turn(s.phrase(OR_LATER, who=who, n=n, film=film, time=times[0], later=times[1]))
    found = {show["time"]: show["show"] for show in s.call("list_shows", film=film)["shows"]}
    s.call("reserve_seats", show=found[times[0]], customer=who, seats=n, derived=["show"], fails=True)
    s.call("reserve_seats", show=found[times[1]], customer=who, seats=n, derived=["show"])
    s.end(f"The first show is too full, so I took the one at {times[1]}.")
    pause(s)


@family(domain="cinema", tier="moderate", role="gate")
def the_cheaper_show(s: Script) -> None:
    """Compare two shows, reserve in the cheaper one, then change the number of seats."""
    _, codes, _, _ = house(s)
    a, b = s.rng.sample(codes, 2)
    who, n, more = s.words.person(), s.words.number(2, 5), s.words.number(6, 12)
    s.turn(s.phrase(CHEAPER, a=a, b=b, n=n, who=who))
    prices = {show: s.call("get_show", show=show)["price"] for show in (a, b)}
    show = min(prices, key=prices.__getitem__)
    reservation = s.call("reserve_seats", show=show, customer=who, seats=n, derived=["show"])["reservation"]
    s.end(done(s))
    s.turn(s.phrase(MORE_COME, n=more))
    s.call("change_reserved_seats", reservation=reservation, seats=more, derived=["reservation"])
    s.end(done(s))


@family(domain="cinema", tier="hard", role="gate")
def rather_another_film(s: Script) -> None:
    """Replace a reservation by one of as many seats for another film, and change the price there."""
    films, _, _, customers = house(s, held=3)
    who, price = customers[1], s.words.number(26, 40)
    s.turn(s.phrase(OTHER_FILM, who=who, film=films[3]))
    (old,) = s.call("find_seat_reservations", customer=who)["reservations"]
    s.call("cancel_seats", reservation=old["reservation"], derived=["reservation"])
    (found,) = s.call("list_shows", film=films[3])["shows"]
    s.call("reserve_seats", show=found["show"], customer=who, seats=old["seats"], derived=["show", "seats"])
    s.end(done(s))
    s.turn(s.phrase(CHEAPER_THERE, price=price))
    s.call("set_seat_price", show=found["show"], price=price, derived=["show"])
    s.end(done(s))


@family(domain="cinema", tier="hard", role="gate")
def new_show_for_two(s: Script) -> None:
    """Add a show, change its price, and reserve seats for two, of whom one then needs more."""
    house(s)
    hall, film, time = s.rng.choice(list(s.start["halls"])), s.words.title(), "09:30"
    first, price = s.rng.sample(range(6, 30), 2)
    (a, b), (n, m, more) = (s.words.person(), s.words.person()), s.rng.sample(range(2, 12), 3)
    s.turn(s.please(s.phrase(ADD, film=film, hall=hall, time=time, price=first)))
    show = s.call("add_show", film=film, hall=hall, time=time, price=first)["show"]
    s.end(done(s))
    s.turn(s.phrase(RATHER, price=price, a=a, n=n))
    s.call("set_seat_price", show=show, price=price, derived=["show"])
    reservation = s.call("reserve_seats", show=show, customer=a, seats=n, derived=["show"])["reservation"]
    s.end(done(s))
    s.turn(s.phrase(FOR_TWO, b=b, m=m, a=a, n=more))
    s.call("reserve_seats", show=show, customer=b, seats=m, derived=["show"])
    s.call("change_reserved_seats", reservation=reservation, seats=more, derived=["reservation"])
    s.end(done(s))
