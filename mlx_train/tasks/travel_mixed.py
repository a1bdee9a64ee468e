"""Trained travel families of requests in any order; see `mixed`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlx_train.tasks import travel as say
from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.mixed import mixed
from mlx_train.tasks.phrases import Phrases

TELL_TOTAL = Phrases(
    "travel.tell_total",
    train=[
        "tell me [the total|the total price|what that costs in total]",
        "let me know how much [that|it] is [in total|altogether]",
        "say what the [total|whole price] of [that booking|it] is",
    ],
    dev=["report what that comes to in total", "give me the sum that is to be paid for it"],
)
NEXT_CHEAPEST = Phrases(
    "travel.next_cheapest",
    train=[
        "{a}, or the next cheapest [one|trip] if [that one|it] is full",
        "{a}, and [use|take] the second cheapest if the [first|cheapest] has too few seats",
        "{a} (if [it is full|the seats are not enough], the next cheapest [will do|is fine])",
    ],
    dev=[
        "{a}, or else the second cheapest, should there be no seats",
        "{a}; with no room on it, the second cheapest",
    ],
)
THIS_OR_THAT = Phrases(
    "travel.this_or_that",
    train=[
        "book {who} on the {a} from {origin} to {destination}, or on the {b} if there is no {a}",
        "get {who} from {origin} to {destination} by {a}, [or else|or, if there is none,] by {b}",
        "find a {a} from {origin} to {destination}, or [else|failing that] a {b}, and book it for {who}",
    ],
    dev=[
        "reserve the {a} from {origin} to {destination} for {who}, and if no {a} goes there, the {b}",
        "let {who} go from {origin} to {destination} by {a} if there is one and by {b} if not",
    ],
)
IF_PRICE = Phrases(
    "travel.if_price",
    train=[
        "[Book|Reserve] the {mode} from {origin} to {destination} for {who} if it costs {price} or less. "
        "[If not|Otherwise], [just|only] tell me [the price|what it costs].",
        "Does the {mode} from {origin} to {destination} cost at most {price}? [If so|Then] book it for {who}; "
        "[if not|otherwise], [just|only] tell me its price.",
        "{who} would pay up to {price} for the {mode} from {origin} to {destination}. Book it if that is enough, and "
        "[if it is not|if not], tell me what it costs.",
    ],
    dev=[
        "See what the {mode} from {origin} to {destination} costs. Up to {price}, reserve it for {who}; above that, "
        "book nothing and name the price.",
        "If the {mode} from {origin} to {destination} is no more than {price}, {who} takes it. If it is more, leave it "
        "and say how much it is.",
    ],
)
CHEAPER_TRIP = Phrases(
    "travel.cheaper_trip",
    train=[
        "tell me whether the {a} or the {b} from {origin} to {destination} [is cheaper|costs less]",
        "find out [what|which] is cheaper from {origin} to {destination}, the {a} or the {b}",
        "compare the {a} and the {b} from {origin} to {destination} and [tell me|say] which [costs less|is cheaper]",
    ],
    dev=[
        "say which has the lower price from {origin} to {destination}, {a} or {b}",
        "see if one pays less for the {a} or for the {b} from {origin} to {destination}",
    ],
)
CHEAPER_HOTEL = Phrases(
    "travel.cheaper_hotel",
    train=[
        "tell me which of the hotels {a} and {b} in {city} [is cheaper|costs less]",
        "find out which hotel in {city} is [cheaper|less expensive], {a} or {b}",
        "compare the hotels {a} and {b} in {city} and [tell me|say] which [costs less|is the cheaper one]",
    ],
    dev=[
        "say which has the lower price in {city}, hotel {a} or hotel {b}",
        "name the cheaper hotel of {city}, {a} or {b}",
    ],
)
BAGS_NUMBER = Phrases(
    "travel.bags_number",
    train=[
        "add {bags} [bags|more bags] to booking {booking}",
        "put {bags} bags on [booking|the booking] {booking}",
        "enter {bags} [extra|additional|more] bags for [booking|the booking] {booking}",
    ],
    dev=["let booking {booking} have {bags} bags more", "note {bags} further bags on {booking}"],
)
CANCEL_NUMBER = Phrases(
    "travel.cancel_number",
    train=["cancel [booking|the booking] {booking}", "call off {booking}", "delete [booking|the booking] {booking}"],
    dev=["remove the booking {booking}", "give up booking {booking}"],
)
CANCEL_ROOM = Phrases(
    "travel.cancel_room",
    train=[
        "cancel the [hotel|hotel room|hotel booking] of {who}",
        "look up the [hotel booking|room] of {who} and cancel it",
        "call off the hotel [stay|room] that {who} has booked",
    ],
    dev=["remove the hotel booking that {who} has", "give up the hotel room of {who}"],
)
MOVE_NUMBER = Phrases(
    "travel.move_number",
    train=[
        "move booking {booking} to trip {trip}",
        "change [booking|the booking] {booking} to [the trip|trip] {trip}",
        "put booking {booking} on {trip} [instead|instead of its trip]",
    ],
    dev=["let {booking} be on trip {trip} from now on", "switch the booking {booking} over to {trip}"],
)
HOTEL_NAMED = Phrases(
    "travel.hotel_named",
    train=[
        "book {n} nights in the hotel {hotel} for {who}",
        "book {who} into the hotel {hotel} for {n} nights",
        "get {who} a room [in|at] the hotel {hotel} for {n} nights",
    ],
    dev=["let the hotel {hotel} keep a room for {who}, {n} nights", "take {n} nights at the hotel {hotel} for {who}"],
)
NO_DEARER = Phrases(
    "travel.no_dearer",
    train=[
        "book {who} for {n} nights into a hotel in {city} that costs no more than the hotel {hotel} in {other}",
        "find a hotel in {city} that is [no more expensive than|not dearer than] the hotel {hotel} in {other}, and "
        "book {n} nights there for {who}",
        "see what the hotel {hotel} in {other} costs, and book {n} nights for {who} in {city} in a hotel that costs "
        "[at most that|that or less]",
    ],
    dev=[
        "take the price of the hotel {hotel} in {other} as the limit for a hotel in {city}, and reserve {n} nights "
        "there for {who}",
        "get {who} {n} nights in {city} at a hotel with a price not above that of the hotel {hotel} in {other}",
    ],
)
BOOKINGS_OF = Phrases(
    "travel.bookings_of",
    train=[
        "tell me [the numbers of all bookings|all booking numbers] of {who}",
        "find [the bookings|all bookings] of {who} and tell me their numbers",
        "list the booking numbers that {who} has",
    ],
    dev=["say under which booking numbers {who} is booked", "give me every booking number for {who}"],
)


class Desk(Board):
    """Two or three routes and the hotels of two cities, with a few bookings."""

    def __init__(self, s: Script) -> None:
        a, b, c = (s.words.place() for _ in range(3))
        routes = ((a, b), (s.rng.choice((a, b)), c))
        trips = [trip for route in routes for trip in say._route(s, *route, s.rng.choice((2, 2, 3)))]
        for route in routes:
            if s.rng.random() < 0.65:
                between = [trip for trip in trips if (trip["origin"], trip["destination"]) == route]
                say._cheapest(between)["seats"] = 1
        codes = say._codes(s, s.rng.sample(trips, len(trips)))
        hotels = {name: hotel for city in (b, c) for name, hotel in say._hotels(s, city, s.rng.choice((2, 3))).items()}
        held = []
        for _ in range(s.rng.choice((2, 3, 3, 4))):
            who, code = s.words.person(), s.rng.choice(list(codes))
            more = [s.words.person()] if s.rng.random() < 0.2 else []
            held.append(say._held(code, who, *more))
            extra = s.rng.choice(("", "trip", "hotel", "hotel"))
            elsewhere = [one for one in codes if codes[one]["destination"] != codes[code]["destination"]]
            if extra == "trip":
                held.append(say._held(s.rng.choice(elsewhere), who))
            if extra == "hotel":
                hotel, n = s.rng.choice(list(hotels)), s.words.number(2, 9)
                held.append({"hotel": hotel, "guest": who, "nights": n, "breakfast": s.rng.random() < 0.5})
        s.rng.shuffle(held)
        numbers = [s.words.code("B") for _ in held]
        after = int(s.words.code("B").removeprefix("B-"))
        super().__init__(
            s, {"trips": codes, "hotels": hotels, "bookings": dict(zip(numbers, held, strict=True)), "next": after}
        )
        self.seen: set[str] = set()
        """Codes of trips and names of hotels whose prices the assistant has read, and the bookings it knows of."""
        self.routes: set[tuple[str, str]] = set()
        """Routes of which it has read every trip."""
        self.full: set[str] = set()
        """Trips that were found to have too few seats for two."""
        self.named = set(numbers)
        """Bookings that the user can name by their numbers."""
        self.used: dict[str, int] = {}
        """The turn in which a booking was made or changed: it is not spoken of again there."""

    @property
    def trips(self) -> dict[str, dict[str, Any]]:
        """The trips by code."""
        trips: dict[str, dict[str, Any]] = self._state["trips"]
        return trips

    @property
    def hotels(self) -> dict[str, dict[str, Any]]:
        """The hotels by name."""
        hotels: dict[str, dict[str, Any]] = self._state["hotels"]
        return hotels

    @property
    def bookings(self) -> dict[str, dict[str, Any]]:
        """The bookings by number."""
        bookings: dict[str, dict[str, Any]] = self._state["bookings"]
        return bookings

    def between(self, code: str) -> list[str]:
        """All trips between the cities of this one, the cheapest first."""
        trips, (origin, destination) = self.trips, self.cities(code)
        found = [one for one in trips if (trips[one]["origin"], trips[one]["destination"]) == (origin, destination)]
        return sorted(found, key=lambda one: float(trips[one]["price"]))

    def cities(self, code: str) -> tuple[str, str]:
        """From where to where a trip goes."""
        return self.trips[code]["origin"], self.trips[code]["destination"]

    def within(self, city: str) -> list[str]:
        """The hotels of a city, the cheapest first."""
        hotels = self.hotels
        found = [name for name in hotels if hotels[name]["city"] == city]
        return sorted(found, key=lambda name: float(hotels[name]["price"]))

    def trip(self, seats: int = 1) -> str:
        """A trip with so many seats left."""
        code: str = self.pick([code for code, trip in self.trips.items() if trip["seats"] >= seats])
        return code

    def hotel(self) -> str:
        """A hotel with a room left."""
        name: str = self.pick([name for name, hotel in self.hotels.items() if hotel["rooms"]])
        return name

    def booking(self, kind: str, fits: Callable[[str], bool]) -> tuple[str, dict[str, Any]]:
        """A booking of a "trip" or "hotel" that this turn has not touched yet; it counts as touched now."""
        turn = len(self.s.turns)
        free = [number for number, one in self.bookings.items() if kind in one and self.used.get(number) != turn]
        number = self.pick([number for number in free if fits(number)])
        self.used[number] = turn
        return number, self.bookings[number]

    def alone(self, number: str) -> bool:
        """Whether a trip is booked for one person, so that it can be called theirs."""
        return len(self.bookings[number]["passengers"]) == 1

    def look_route(self, code: str, derived: tuple[str, ...] = ()) -> None:
        """A search of all trips between these cities, unless it was done."""
        origin, destination = self.cities(code)
        if (origin, destination) not in self.routes:
            self.do("search_trips", origin=origin, destination=destination, derived=derived)
            self.routes.add((origin, destination))
            self.seen |= set(self.between(code))

    def look_trip(self, code: str) -> str:
        """The code, after a search for this trip by its mode if it was not seen yet."""
        if code not in self.seen:
            origin, destination = self.cities(code)
            self.do("search_trips", origin=origin, destination=destination, mode=self.trips[code]["mode"])
            self.seen.add(code)
        return code

    def look_hotel(self, name: str) -> str:
        """The name, after a look at all hotels of its city if it was not seen yet."""
        if name not in self.seen:
            city = self.hotels[name]["city"]
            self.do("find_hotels", city=city)
            self.seen |= set(self.within(city))
        return name

    def look_limit(self, city: str, price: float, derived: tuple[str, ...] = ()) -> str:
        """The only hotel of a city up to a price, after a look if it was not seen yet."""
        name = self.within(city)[0]
        if name not in self.seen:
            self.do("find_hotels", city=city, max_price=price, derived=derived)
            self.seen.add(name)
        return name

    def look_booking(self, number: str, who: str) -> str:
        """The number, after a look at this person's bookings if it is not known yet."""
        if number not in self.seen:
            found = self.do("find_travel_bookings", passenger=who)["bookings"]
            self.seen |= {one["booking"] for one in found}
        return number

    def book(self, code: str, *people: str, **more: Any) -> dict[str, Any]:
        """Seats on a trip. Whoever has seen the trip knows from then on where the booking goes."""
        made = self.do("book_trip", trip=code, passengers=list(people), **more)
        self.used[made["booking"]] = len(self.s.turns)
        if code in self.seen:
            self.seen.add(made["booking"])
        return made

    def room(self, name: str, who: str, n: int, **more: Any) -> dict[str, Any]:
        """A room in a hotel."""
        made = self.do("book_hotel", hotel=name, guest=who, nights=n, **more)
        self.used[made["booking"]] = len(self.s.turns)
        self.seen.add(made["booking"])
        return made


def ask_of_trip(d: Desk) -> None:
    code = d.trip()
    if code in d.seen:
        raise Redraw
    (origin, destination), trip = d.cities(code), d.trips[code]
    price = d.rng.random() < 0.5
    bank = say.ASK_TRIP_PRICE if price else say.ASK_TRIP_DATE
    d.request(bank, mode=trip["mode"], origin=origin, destination=destination)
    d.look_trip(code)
    told = trip["price"] if price else trip["date"]
    d.answer(f"The price is {told}." if price else f"It is on {told}.", told)
    if d.rng.random() < 0.4:
        who = d.s.words.person()
        d.ask(say.BOOK_IT, who=who)
        d.book(code, who, derived=["trip"])


def book(d: Desk) -> None:
    count = d.rng.choice((1, 1, 2))
    people = [d.s.words.person() for _ in range(count)]
    code, who = d.trip(count), " and ".join(people)
    if d.rng.random() < 0.5:
        _book_code(d, code, people)
        return
    code = d.between(code)[0]
    if d.trips[code]["seats"] < count:
        raise Redraw
    origin, destination = d.cities(code)
    d.ask(say.BOOK_CHEAPEST, origin=origin, destination=destination, who=who)
    d.look_route(code)
    d.book(code, *people, derived=["trip"])


def book_and(d: Desk) -> None:
    count = d.rng.choice((1, 2))
    people = [d.s.words.person() for _ in range(count)]
    made = _book_code(d, d.trip(count), people)
    number = made["booking"]
    after = d.rng.choice(("bags", "bags", "number", "total"))
    if after == "bags":
        bags = d.s.words.number(2, 6)
        d.ask(say.ADD_BAGS, bags=bags)
        d.do("add_bags", booking=number, bags=bags, derived=["booking"])
    elif after == "number":
        d.ask(say.TELL_BOOKING)
        d.answer(f"The booking number is {number}.", number)
        d.named.add(number)
    else:
        d.ask(TELL_TOTAL)
        d.answer(f"The total is {made['total']}.", made["total"])


def _book_code(d: Desk, code: str, people: list[str]) -> dict[str, Any]:
    first = d.rng.random() < 0.3
    d.ask(say.BOOK_FIRST if first else say.BOOK_CODE, trip=code, who=" and ".join(people))
    return d.book(code, *people, **({"seat_class": "first"} if first else {}))


def next_cheapest(d: Desk) -> None:
    code, other, *_ = d.between(d.trip())
    if d.trips[other]["seats"] < 2:
        raise Redraw
    people, (origin, destination) = [d.s.words.person(), d.s.words.person()], d.cities(code)
    clause = d.s.phrase(say.BOOK_CHEAPEST, origin=origin, destination=destination, who=" and ".join(people))
    d.clause(d.s.phrase(NEXT_CHEAPEST, a=clause))
    d.look_route(code)
    if d.trips[code]["seats"] < 2:
        if code not in d.full:
            d.do("book_trip", trip=code, passengers=people, derived=["trip"], fails=True)
            d.full.add(code)
        d.answer("The cheapest trip has too few seats, so I booked the next one.")
        code = other
    d.book(code, *people, derived=["trip"])


def this_or_that(d: Desk) -> None:
    code, who = d.trip(), d.s.words.person()
    route = {d.trips[one]["mode"] for one in d.between(code)}
    mode = d.trips[code]["mode"]
    missing = [one for one in say.MODES if one not in route]
    if missing and d.rng.random() < 0.6:
        first, second = d.pick(missing), mode
    else:
        first, second = mode, d.pick([one for one in say.MODES if one != mode])
    origin, destination = d.cities(code)
    d.ask(THIS_OR_THAT, who=who, a=first, b=second, origin=origin, destination=destination)
    if first != mode or code not in d.seen:
        d.look_route(code)
    d.book(code, who, derived=["trip"])
    d.answer(f"The {mode} is booked.", mode)


def if_price(d: Desk) -> None:
    code, who = d.trip(), d.s.words.person()
    (origin, destination), trip = d.cities(code), d.trips[code]
    price = trip["price"]
    limit = price + d.rng.choice((-12, -5, -2, 0, 3, 8))
    if code in d.seen:
        raise Redraw
    d.request(IF_PRICE, mode=trip["mode"], origin=origin, destination=destination, who=who, price=limit)
    d.look_trip(code)
    if price <= limit:
        d.book(code, who, derived=["trip"])
        d.answer(f"It costs {price}, so it is booked.")
    else:
        d.answer(f"It costs {price}, so I booked nothing.", price)


def cheaper(d: Desk) -> None:
    if d.rng.random() < 0.5:
        code = d.trip()
        pair = d.rng.sample(d.between(code), 2)
        if set(pair) <= d.seen:
            raise Redraw
        (origin, destination), modes = d.cities(code), [d.trips[one]["mode"] for one in pair]
        d.ask(CHEAPER_TRIP, a=modes[0], b=modes[1], origin=origin, destination=destination)
        d.look_route(code)
        less = d.trips[min(pair, key=d.between(code).index)]
        d.answer(f"The {less['mode']} is cheaper, it costs {less['price']}.", less["mode"])
        return
    city = d.hotels[d.hotel()]["city"]
    a, b = pair = d.rng.sample(d.within(city), 2)
    if set(pair) <= d.seen:
        raise Redraw
    d.ask(CHEAPER_HOTEL, a=a, b=b, city=city)
    for one in pair:
        d.look_hotel(one)
    name = min(pair, key=d.within(city).index)
    d.answer(f"The hotel {name} is cheaper, it costs {d.hotels[name]['price']}.", name)


def bags(d: Desk) -> None:
    number, _ = d.booking("trip", lambda number: number in d.named)
    more = d.s.words.number(2, 6)
    d.ask(BAGS_NUMBER, booking=number, bags=more)
    d.do("add_bags", booking=number, bags=more)


def cancel(d: Desk) -> None:
    kind = d.rng.choice(("number", "trip", "trip", "hotel"))
    if kind == "number":
        number, _ = d.booking(d.rng.choice(("trip", "hotel")), lambda number: number in d.named)
        d.ask(CANCEL_NUMBER, booking=number)
        d.do("cancel_travel_booking", booking=number)
        return
    if kind == "trip":
        number, booking = d.booking("trip", d.alone)
        (who,), (_, destination) = booking["passengers"], d.cities(booking["trip"])
        d.ask(say.CANCEL_TO, who=who, destination=destination)
    else:
        number, booking = d.booking("hotel", lambda number: True)
        who = booking["guest"]
        d.ask(CANCEL_ROOM, who=who)
    d.do("cancel_travel_booking", booking=d.look_booking(number, who), derived=["booking"])


def move(d: Desk) -> None:
    if d.rng.random() < 0.3:
        number, booking = d.booking("trip", lambda number: number in d.named)
        code = _another(d, booking)
        d.ask(MOVE_NUMBER, booking=number, trip=code)
        d.do("move_travel_booking", booking=number, trip=code)
        return
    number, booking = d.booking("trip", d.alone)
    code, (who,) = _another(d, booking), booking["passengers"]
    d.ask(say.MOVE_TO_DATE, who=who, destination=d.cities(code)[1], date=d.trips[code]["date"])
    d.look_booking(number, who)
    d.look_route(code, derived=("origin",))
    d.do("move_travel_booking", booking=number, trip=code, derived=["booking", "trip"])


def _another(d: Desk, booking: dict[str, Any]) -> str:
    """Another trip between the same cities, with seats enough."""
    seats, trip = len(booking["passengers"]), booking["trip"]
    code: str = d.pick([one for one in d.between(trip) if one != trip and d.trips[one]["seats"] >= seats])
    return code


def hotel(d: Desk) -> None:
    name, who, n = d.hotel(), d.s.words.person(), d.s.words.number(2, 9)
    kind = d.rng.choice(("named", "cheapest", "limit"))
    if kind == "named":
        d.ask(HOTEL_NAMED, hotel=name, who=who, n=n)
        made = d.room(name, who, n)
        if d.rng.random() < 0.4:
            d.ask(TELL_TOTAL)
            d.answer(f"The total is {made['total']}.", made["total"])
        return
    city = d.hotels[name]["city"]
    name, second, *_ = d.within(city)
    if not d.hotels[name]["rooms"]:
        raise Redraw
    if kind == "cheapest":
        d.ask(say.HOTEL_CHEAPEST, city=city, who=who, n=n)
        d.room(d.look_hotel(name), who, n, derived=["hotel"])
    else:
        limit = min(d.hotels[name]["price"] + d.rng.randint(0, 9), d.hotels[second]["price"] - 1)
        d.ask(say.BREAKFAST_UNDER, city=city, price=limit, who=who, n=n)
        d.room(d.look_limit(city, limit), who, n, breakfast=True, derived=["hotel"])


def no_dearer(d: Desk) -> None:
    name, who, n = d.hotel(), d.s.words.person(), d.s.words.number(2, 9)
    other, price = d.hotels[name]["city"], d.hotels[name]["price"]
    city = d.pick([one for one in {hotel["city"]: None for hotel in d.hotels.values()} if one != other])
    cheap, second, *_ = (d.hotels[one] for one in d.within(city))
    if not cheap["rooms"] or not cheap["price"] <= price < second["price"]:
        raise Redraw
    d.ask(NO_DEARER, who=who, n=n, city=city, hotel=name, other=other)
    d.look_hotel(name)
    d.room(d.look_limit(city, price, derived=("max_price",)), who, n, derived=["hotel"])


def bookings_of(d: Desk) -> None:
    number, booking = d.booking(d.rng.choice(("trip", "hotel")), lambda number: number not in d.seen)
    who = booking["guest"] if "guest" in booking else d.pick(booking["passengers"])
    d.ask(BOOKINGS_OF, who=who)
    d.look_booking(number, who)
    mine = [one for one, booking in d.bookings.items() if who in (*booking.get("passengers", ()), booking.get("guest"))]
    d.answer(f"{who} has {' and '.join(mine)}.", *mine)
    d.named |= set(mine)
    d.used |= dict.fromkeys(mine, len(d.s.turns))


def ask_nights(d: Desk) -> None:
    name, who, n = d.hotel(), d.s.words.person(), d.s.words.number(2, 9)
    d.request(say.HOTEL_NO_NIGHTS, hotel=name, who=who)
    d.answer("For how many nights?")
    d.send(asks=True)
    d.room(name, who, n)
    d.send(d.s.phrase(say.SO_MANY_NIGHTS, n=n))


def ask_places(d: Desk) -> None:
    code, who = d.trip(), d.s.words.person()
    origin, destination = d.cities(code)
    d.request(say.NO_PLACES, who=who)
    d.answer("From where to where, and by train, bus or flight?")
    d.send(asks=True)
    d.book(d.look_trip(code), who, derived=["trip"])
    d.send(d.s.phrase(say.WHICH_PLACES, mode=d.trips[code]["mode"], origin=origin, destination=destination))


MOVES = (
    ask_of_trip, book, book_and, next_cheapest, this_or_that, if_price, cheaper, bags, cancel, move, hotel, no_dearer,
    bookings_of,
)  # fmt: skip
mixed("travel", Desk, MOVES, (ask_nights, ask_places))
