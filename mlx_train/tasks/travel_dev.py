"""More travel tasks of dev: they share the tools with training and gate, but neither plots nor phrasings."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.travel import _begin, _cheapest, _codes, _done, _held, _hotels, _route, _trip
from mlx_train.tasks.travel_mixed import TELL_TOTAL

WHERE_TO = Phrases(
    "travel.dev.where_to",
    dev=[
        "tell me where {who} is going on {date}",
        "look up the city for which {who} sets off on {date}",
        "find out to which city the trip goes that {who} takes on {date}",
    ],
)
ON_DATE = Phrases(
    "travel.dev.on_date",
    dev=[
        "book the trip that leaves {origin} for {destination} on {date}, and do so for {who}",
        "find out which trip out of {origin} goes to {destination} on {date} and book that one for {who}",
        "let {who} leave {origin} on {date} and travel to {destination} by booking the trip of that day",
    ],
)
TWO_CITIES = Phrases(
    "travel.dev.two_cities",
    dev=[
        "make a booking of {n} nights for {who}, be it in {a} or {b}, at the cheapest hotel of these cities",
        "compare the hotels of {a} with those of {b}, and reserve for {who} {n} nights at the one that asks the least",
        "find the least expensive hotel of two cities, {a} and {b}, and reserve {n} nights there for {who}",
    ],
)
TAKE_OVER = Phrases(
    "travel.dev.take_over",
    dev=[
        "{one} has fallen ill, so {two} travels to {destination} in place of {one}. Cancel the old booking, and book "
        "the very trip that {one} had for {two}.",
        "{two} takes over the trip to {destination} from {one}: the booking of {one} is to be cancelled, and {two} is "
        "to be booked on that very trip.",
        "Because {one} cannot go to {destination}, {two} will. See which trip {one} has booked there, cancel that "
        "booking, and then book that trip for {two}.",
    ],
)
WELL_AGAIN = Phrases(
    "travel.dev.well_again",
    dev=[
        "Good news, {one} is well again. Book {one} on the trip of {two} too or, if that is full by now, on the {mode} "
        "between the same cities. Tell me on which date {one} leaves.",
        "{one} would like to come along after all. Try the trip of {two} first; should it have no seats, book the "
        "{mode} on the same route. Then let me know the date on which {one} travels.",
        "Now {one} can go too. Put {one} on the trip that you booked for {two}, or on the {mode} that runs between the "
        "two cities if there is no seat. Which date is it for {one}?",
    ],
)


@family(domain="travel", tier="easy", role="dev")
def where_to(s: Script) -> None:
    """Say to which city a person goes on a day."""
    places, who, other = [s.words.place() for _ in range(4)], s.words.person(), s.words.person()
    trips = _codes(s, [_trip(s, places[0], place, "train", s.words.number(20, 200)) for place in places[1:]])
    dates = [trip["date"] for trip in trips.values()]
    if len(set(dates)) < 3:
        raise Redraw
    a, b, c = trips
    held = [_held(a, who), _held(b, who), _held(c, other), _held(a, other)]
    s.rng.shuffle(held)
    _begin(s, trips, held)
    date = s.rng.choice(dates[:2])
    s.turn(s.please(s.phrase(WHERE_TO, who=who, date=date)))
    booked = s.call("find_travel_bookings", passenger=who)["bookings"]
    city = next(one["destination"] for one in booked if one["date"] == date)
    s.end(f"{who} goes to {city}.", tell=[city])


@family(domain="travel", tier="easy", role="dev")
def on_date(s: Script) -> None:
    """Book the trip of a day, for one or two people."""
    origin, destination, elsewhere = s.words.place(), s.words.place(), s.words.place()
    route = _route(s, origin, destination, 3)
    date = s.rng.choice(route)["date"]
    trips = _codes(s, s.rng.sample([*route, _trip(s, origin, elsewhere, "bus", 30) | {"date": date}], 4))
    _begin(s, trips)
    people = [s.words.person() for _ in range(s.rng.choice((1, 2)))]
    s.turn(s.please(s.phrase(ON_DATE, origin=origin, destination=destination, date=date, who=" and ".join(people))))
    found = s.call("search_trips", origin=origin, destination=destination)["trips"]
    trip = next(one["trip"] for one in found if one["date"] == date)
    s.call("book_trip", trip=trip, passengers=people, derived=["trip"])
    _done(s)


@family(domain="travel", tier="moderate", role="dev")
def two_cities(s: Script) -> None:
    """Book the cheapest hotel of two cities, and say the total."""
    a, b, who, n = s.words.place(), s.words.place(), s.words.person(), s.words.number(2, 9)
    hotels = _hotels(s, a, 2) | _hotels(s, b, 2) | _hotels(s, s.words.place(), 1)
    names = s.rng.sample(list(hotels), len(hotels))
    prices = sorted(hotel["price"] for hotel in hotels.values() if hotel["city"] in (a, b))
    if prices[0] == prices[1]:
        raise Redraw
    _begin(s, {}, hotels={name: hotels[name] for name in names})
    s.turn(s.please(s.phrase(TWO_CITIES, who=who, a=a, b=b, n=n), s.phrase(TELL_TOTAL)))
    found = [hotel for city in (a, b) for hotel in s.call("find_hotels", city=city)["hotels"]]
    hotel = _cheapest(found)["hotel"]
    total = s.call("book_hotel", hotel=hotel, guest=who, nights=n, derived=["hotel"])["total"]
    s.end(f"I booked {hotel}. The total is {total}.", tell=[total])


@family(domain="travel", tier="hard", role="dev")
def stand_in(s: Script) -> None:
    """One person's place on a trip goes to another; then the first wants to come as well, but the trip is full."""
    origin, destination, elsewhere = s.words.place(), s.words.place(), s.words.place()
    one, two = s.words.person(), s.words.person()
    route = _route(s, origin, destination, 3)
    full, other = s.rng.sample(route, 2)
    full["seats"] = 0
    trips = _codes(s, s.rng.sample([*route, _trip(s, origin, elsewhere, "bus", 30)], 4))
    taken = next(code for code, trip in trips.items() if trip is full)
    away = next(code for code, trip in trips.items() if trip["destination"] == elsewhere)
    held = [_held(taken, one), _held(away, one), _held(taken, s.words.person())]
    s.rng.shuffle(held)
    _begin(s, trips, held)
    s.turn(s.phrase(TAKE_OVER, one=one, two=two, destination=destination))
    booked = s.call("find_travel_bookings", passenger=one)["bookings"]
    old = next(booking for booking in booked if booking["destination"] == destination)
    s.call("cancel_travel_booking", booking=old["booking"], derived=["booking"])
    s.call("book_trip", trip=old["trip"], passengers=[two], derived=["trip"])
    _done(s)
    s.turn(s.phrase(WELL_AGAIN, one=one, two=two, mode=other["mode"]))
    s.call("book_trip", trip=old["trip"], passengers=[one], derived=["trip"], fails=True)
    (trip,) = s.call(
        "search_trips", origin=old["origin"], destination=destination, mode=other["mode"], derived=["origin"]
    )["trips"]
    s.call("book_trip", trip=trip["trip"], passengers=[one], derived=["trip"])
    s.end(f"That trip is full, so {one} goes by {other['mode']} on {trip['date']}.", tell=[trip["date"]])
