"""Task families of the travel desk: trips, hotels, bookings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

ASK_TRIP_PRICE = Phrases(
    "travel.ask_trip_price",
    train=[
        "What does the {mode} from {origin} to {destination} cost?",
        "How much is the {mode} from {origin} to {destination}?",
        "What is the price of the {mode} from {origin} to {destination}?",
        "Find the {mode} from {origin} to {destination} and tell me the price.",
        "Tell me what the {mode} from {origin} to {destination} costs.",
        "I need the price of the {mode} from {origin} to {destination}.",
        "Search for the {mode} from {origin} to {destination}. What does it cost?",
    ],
    dev=[
        "How much do I pay for the {mode} from {origin} to {destination}?",
        "Look for the {mode} from {origin} to {destination} and tell me what it costs.",
    ],
    gate=[
        "How much does the {mode} from {origin} to {destination} cost?",
        "Tell me the price of the {mode} that goes from {origin} to {destination}.",
        "What is the cost of the {mode} from {origin} to {destination}?",
    ],
)
ASK_TRIP_DATE = Phrases(
    "travel.ask_trip_date",
    train=[
        "On which day is the {mode} from {origin} to {destination}?",
        "When does the {mode} go from {origin} to {destination}?",
        "What is the date of the {mode} from {origin} to {destination}?",
        "Find the {mode} from {origin} to {destination} and tell me the date.",
        "Tell me when the {mode} from {origin} to {destination} goes.",
        "I need the date of the {mode} from {origin} to {destination}.",
        "Search for the {mode} from {origin} to {destination}. Which day is it?",
    ],
    dev=[
        "On which date does the {mode} go from {origin} to {destination}?",
        "Look for the {mode} from {origin} to {destination} and tell me the day.",
    ],
    gate=[
        "When is the {mode} from {origin} to {destination}?",
        "Tell me the date of the {mode} that goes from {origin} to {destination}.",
        "Which day does the {mode} go from {origin} to {destination}?",
    ],
)
BOOK_IT = Phrases(
    "travel.book_it",
    train=[
        "book it for {who}",
        "book that trip for {who}",
        "book a seat on it for {who}",
        "make a booking of it for {who}",
        "get {who} on that trip",
        "reserve it for {who}",
        "take that one for {who}",
    ],
    dev=["book this trip for {who}", "reserve a seat on it for {who}"],
    gate=["make a booking for {who} on that trip", "reserve that trip for {who}", "get a seat on it for {who}"],
)
BOOK_CODE = Phrases(
    "travel.book_code",
    train=[
        "book trip {trip} for {who}",
        "book {trip} for {who}",
        "make a booking on {trip} for {who}",
        "reserve trip {trip} for {who}",
        "book seats on trip {trip} for {who}",
        "get {who} on trip {trip}",
        "book the trip {trip}, for {who}",
    ],
    dev=["enter a booking on trip {trip} for {who}", "reserve seats on {trip} for {who}"],
    gate=["make a booking for {who} on trip {trip}", "reserve {trip} for {who}", "get seats on trip {trip} for {who}"],
)
BOOK_FIRST = Phrases(
    "travel.book_first",
    train=[
        "book trip {trip} in first class for {who}",
        "book first class on {trip} for {who}",
        "make a first class booking on {trip} for {who}",
        "reserve trip {trip} for {who} in first class",
        "book first class seats on trip {trip} for {who}",
        "get {who} on trip {trip} in first class",
        "book {trip} for {who}, first class",
    ],
    dev=["enter a first class booking on trip {trip} for {who}", "reserve first class seats on {trip} for {who}"],
    gate=[
        "make a booking for {who} on trip {trip} in first class",
        "reserve first class on {trip} for {who}",
        "get first class seats on trip {trip} for {who}",
    ],
)
TELL_BOOKING = Phrases(
    "travel.tell_booking",
    train=[
        "tell me the booking number",
        "give me the booking number",
        "tell me its number",
        "show me the booking number",
        "let me know the booking number",
        "say what the booking number is",
        "report the booking number",
    ],
    dev=["tell me the number of the booking", "let me have the booking number"],
    gate=["give me the number of the booking", "let me know its number", "say which booking number it has"],
)
ADD_BAGS = Phrases(
    "travel.add_bags",
    train=[
        "add {bags} bags to it",
        "add {bags} bags to that booking",
        "add {bags} bags",
        "put {bags} bags on that booking",
        "put {bags} bags on it",
        "book {bags} bags with it",
        "add {bags} bags to the trip",
    ],
    dev=["put {bags} bags on the trip", "add {bags} bags for that trip"],
    gate=["put {bags} bags with that booking", "book {bags} bags for that trip", "add a total of {bags} bags to it"],
)
NO_PLACES = Phrases(
    "travel.no_places",
    train=[
        "Book a trip for {who}.",
        "{who} needs a trip.",
        "I want to book a trip for {who}.",
        "Please find a trip for {who}.",
        "Can you book a seat for {who}?",
        "{who} wants to travel.",
        "Please make a booking for {who}.",
    ],
    dev=["Can you find a trip for {who}?", "{who} would like to travel."],
    gate=["I need a trip for {who}.", "Can you make a booking for {who}?", "{who} wants to go on a trip."],
)
WHICH_PLACES = Phrases(
    "travel.which_places",
    train=[
        "From {origin} to {destination}, by {mode}.",
        "By {mode} from {origin} to {destination}.",
        "It goes from {origin} to {destination} by {mode}.",
        "The {mode} from {origin} to {destination}, please.",
        "Take the {mode} from {origin} to {destination}.",
        "The {mode} from {origin} to {destination}.",
        "From {origin} to {destination} with the {mode}, please.",
    ],
    dev=["With the {mode}, from {origin} to {destination}.", "I mean the {mode} from {origin} to {destination}."],
    gate=[
        "It should be the {mode} from {origin} to {destination}.",
        "From {origin}, to {destination}, and by {mode}.",
        "Please take the {mode} that goes from {origin} to {destination}.",
    ],
)
HOTEL_NO_NIGHTS = Phrases(
    "travel.hotel_no_nights",
    train=[
        "Book the hotel {hotel} for {who}.",
        "Please book a room in the hotel {hotel} for {who}.",
        "{who} needs a room in the hotel {hotel}.",
        "Can you get {who} a room in the hotel {hotel}?",
        "I want to book the hotel {hotel} for {who}.",
        "{who} wants to stay in the hotel {hotel}.",
        "Reserve a room in the hotel {hotel} for {who}.",
    ],
    dev=["{who} would like a room in the hotel {hotel}.", "Can you book the hotel {hotel} for {who}?"],
    gate=[
        "Please reserve the hotel {hotel} for {who}.",
        "I need a room for {who} in the hotel {hotel}.",
        "Get a room in the hotel {hotel} for {who}.",
    ],
)
SO_MANY_NIGHTS = Phrases(
    "travel.so_many_nights",
    train=[
        "{n} nights.",
        "{n} nights, please.",
        "For {n} nights.",
        "It is for {n} nights.",
        "{n}.",
        "Make it {n} nights.",
        "{n}, please.",
    ],
    dev=["It should be {n} nights.", "Take {n} nights."],
    gate=["Please make it {n} nights.", "The stay is {n} nights.", "Book it for {n} nights."],
)
OTHER_WORK = Phrases(
    "travel.other_work",
    train=[
        "Write a letter to {who}.",
        "Please call {who} on the phone.",
        "Tell {who} what the weather is today.",
        "Can you paint a picture of {who}?",
        "Cook a meal for {who}.",
        "Sing a song for {who}.",
        "Please wash the car of {who}.",
    ],
    dev=["Take a picture of {who}.", "Can you sew a coat for {who}?"],
    gate=[
        "Please write a song about {who}.",
        "Can you clean the car of {who}?",
        "Call {who} and ask about the weather.",
    ],
)
MOVE_TO_DATE = Phrases(
    "travel.move_to_date",
    train=[
        "move the booking of {who} to {destination} to the trip on {date}",
        "move the trip of {who} to {destination} to {date}",
        "change the trip of {who} to {destination} to the one on {date}",
        "change the booking of {who} to {destination} so that it is on {date}",
        "put the trip of {who} to {destination} on {date}",
        "find the booking of {who} to {destination} and move it to {date}",
        "let {who} go to {destination} on {date} and not on the day that is booked",
    ],
    dev=[
        "change the day of the trip of {who} to {destination}, the new day is {date}",
        "look for the booking of {who} to {destination} and put it on {date}",
    ],
    gate=[
        "change the date of the booking of {who} to {destination} to {date}",
        "move {who} to the trip to {destination} on {date}",
        "find the trip of {who} to {destination} and change it to {date}",
    ],
)
BOOK_CHEAPEST = Phrases(
    "travel.book_cheapest",
    train=[
        "book the cheapest trip from {origin} to {destination} for {who}",
        "find the cheapest trip from {origin} to {destination} and book it for {who}",
        "book {who} on the cheapest trip from {origin} to {destination}",
        "search the trips from {origin} to {destination} and book the cheapest for {who}",
        "get {who} from {origin} to {destination} as cheap as you can",
        "reserve the cheapest trip from {origin} to {destination} for {who}",
        "make a booking for {who} on the cheapest trip from {origin} to {destination}",
    ],
    dev=[
        "look for the cheapest trip from {origin} to {destination} and reserve it for {who}",
        "take the cheapest trip from {origin} to {destination} for {who}",
    ],
    gate=[
        "reserve for {who} the cheapest trip from {origin} to {destination}",
        "find the trips from {origin} to {destination} and take the cheapest for {who}",
        "get {who} on the cheapest trip from {origin} to {destination}",
    ],
)
IF_FULL = Phrases(
    "travel.if_full",
    train=[
        "If it is full, take the other one.",
        "If there are not enough seats, book the other trip.",
        "If that trip is full, book the other one.",
        "Take the other trip if there are not enough seats.",
        "Should it be full, take the other trip.",
        "When it is full, book the other one.",
        "If the seats are not enough, take the other one.",
    ],
    dev=["If there is no seat left, take the other one.", "Book the other trip if it is full."],
    gate=[
        "Should there be not enough seats, book the other one.",
        "If that one is full, the other trip is fine.",
        "Take the other one when it is full.",
    ],
)
HOTEL_CHEAPEST = Phrases(
    "travel.hotel_cheapest",
    train=[
        "book the cheapest hotel in {city} for {who} for {n} nights",
        "find the cheapest hotel in {city} and book it for {who} for {n} nights",
        "book {n} nights in the cheapest hotel in {city} for {who}",
        "search for hotels in {city} and book {n} nights in the cheapest for {who}",
        "get {who} a room for {n} nights in the cheapest hotel in {city}",
        "reserve {n} nights for {who} in the cheapest hotel in {city}",
        "book a room in the cheapest hotel in {city}, {n} nights for {who}",
    ],
    dev=[
        "look for the cheapest hotel in {city} and reserve {n} nights for {who}",
        "take the cheapest hotel in {city} for {who}, {n} nights",
    ],
    gate=[
        "reserve the cheapest hotel in {city} for {n} nights for {who}",
        "find hotels in {city} and take {n} nights in the cheapest for {who}",
        "get {n} nights for {who} in the cheapest hotel in {city}",
    ],
)
BREAKFAST_UNDER = Phrases(
    "travel.breakfast_under",
    train=[
        "book a hotel in {city} for at most {price} a night, with breakfast, for {who} for {n} nights",
        "find a hotel in {city} that costs at most {price} and book {n} nights with breakfast for {who}",
        "get {who} a room with breakfast in {city} for {n} nights, at most {price} a night",
        "search for a hotel in {city} up to {price} a night and book it with breakfast for {who} for {n} nights",
        "book {n} nights with breakfast for {who} in {city}, in a hotel for {price} a night or less",
        "reserve {n} nights in {city} for {who} with breakfast in a hotel that costs {price} or less",
        "find a room in {city} for {price} a night or less and book it for {who}, {n} nights with breakfast",
    ],
    dev=[
        "look for a hotel in {city} up to {price} and reserve {n} nights with breakfast for {who}",
        "take a hotel in {city} for {price} or less, {n} nights with breakfast for {who}",
    ],
    gate=[
        "find {who} a hotel with breakfast in {city} for {n} nights that costs at most {price}",
        "reserve a hotel in {city} for {who}, {n} nights with breakfast, for {price} or less",
        "get a room with breakfast for {who} in {city}, {n} nights, for no more than {price}",
    ],
)
CANCEL_TO = Phrases(
    "travel.cancel_to",
    train=[
        "cancel the trip of {who} to {destination}",
        "cancel the booking of {who} to {destination}",
        "find the trip of {who} to {destination} and cancel it",
        "cancel what {who} has booked to {destination}",
        "call off the trip of {who} to {destination}",
        "look up the booking of {who} to {destination} and cancel it",
        "stop the trip that {who} has to {destination}",
    ],
    dev=["look for the trip of {who} to {destination} and cancel it", "remove the booking of {who} to {destination}"],
    gate=[
        "find the booking of {who} to {destination} and call it off",
        "cancel the booking that {who} has to {destination}",
        "stop the trip of {who} to {destination}",
    ],
)

BAGS_FOUND = Phrases(
    "travel.bags_found",
    dev=[
        "add {bags} bags to the trip of {who} to {destination}",
        "look for the trip of {who} to {destination} and put {bags} bags on it",
    ],
)
ASK_HOTEL = Phrases(
    "travel.ask_hotel",
    dev=[
        "What does the hotel {hotel} in {destination} cost for one night?",
        "Look for the hotel {hotel} in {destination} and tell me the price.",
    ],
)

STAY = Phrases(
    "travel.stay",
    gate=[
        "Find a hotel in {city} for at most {price} and book {n} nights for {who}. Tell me the booking number.",
        "{who} needs a hotel in {city} for {n} nights, for {price} or less. Book it and give me the booking number.",
        "Book {n} nights in {city} for {who}, in a hotel for {price} or less. What is the booking number?",
    ],
)
NOT_THERE = Phrases(
    "travel.not_there",
    gate=[
        "{who} does not go to {old}. Cancel that booking and book the {mode} from {origin} to {new} for {who}.",
        "Cancel the {old} trip of {who}. {who} wants to take the {mode} from {origin} to {new}, so book it.",
        "Find the booking of {who} to {old} and cancel it. Then book {who} on the {mode} from {origin} to {new}.",
    ],
)
ASK_WHEN = Phrases(
    "travel.ask_when",
    gate=[
        "When does {who} go to {destination}?",
        "On which day does {who} travel to {destination}?",
        "What is the date of the trip of {who} to {destination}?",
    ],
)
SAME_TRIP = Phrases(
    "travel.same_trip",
    gate=["book the same trip for {who}", "get {who} on the same trip", "make a booking on the same trip for {who}"],
)
BAGS_BOTH = Phrases(
    "travel.bags_both",
    gate=[
        "add {bags} bags to both bookings",
        "put {bags} bags on each of the two bookings",
        "put {bags} bags on both of them",
    ],
)
HOTEL_THERE = Phrases(
    "travel.hotel_there",
    gate=[
        "book {n} nights in the cheapest hotel there for {who}",
        "find the cheapest hotel there and book it for {who} for {n} nights",
        "get {who} the cheapest hotel there for {n} nights",
    ],
)
BAGS_WHERE = Phrases(
    "travel.bags_where",
    gate=["Please add {bags} bags.", "I need {bags} bags on a trip.", "Can you add {bags} bags to a booking?"],
)
THAT_BOOKING = Phrases(
    "travel.that_booking",
    gate=["It is booking {booking}.", "The booking number is {booking}.", "I mean booking {booking}."],
)

MODES = ("train", "bus", "flight")


def _trip(s: Script, origin: str, destination: str, mode: str, price: int, seats: int = 0) -> dict[str, Any]:
    return {
        "origin": origin,
        "destination": destination,
        "mode": mode,
        "date": s.words.date(),
        "price": price,
        "seats": seats or s.words.number(5, 30),
    }


def _route(s: Script, origin: str, destination: str, count: int) -> list[dict[str, Any]]:
    """Trips of different modes, prices and dates between two cities."""
    prices, modes = s.rng.sample(range(20, 300), count), s.rng.sample(MODES, count)
    trips = [_trip(s, origin, destination, mode, price) for mode, price in zip(modes, prices, strict=True)]
    dates = [f"2031-{month:02d}-{s.words.number(1, 28):02d}" for month in s.rng.sample(range(1, 13), count)]
    return [{**trip, "date": date} for trip, date in zip(trips, dates, strict=True)]


def _hotels(s: Script, city: str, count: int) -> dict[str, Any]:
    prices = s.rng.sample(range(30, 200), count)
    return {s.words.word(): {"city": city, "price": price, "rooms": s.words.number(2, 9)} for price in prices}


def _held(trip: str, *passengers: str) -> dict[str, Any]:
    return {"trip": trip, "passengers": sorted(passengers), "seat_class": "standard", "bags": 0}


def _codes(s: Script, trips: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {s.words.code("T"): trip for trip in trips}


def _begin(
    s: Script,
    trips: dict[str, dict[str, Any]],
    bookings: Sequence[dict[str, Any]] = (),
    hotels: dict[str, Any] | None = None,
) -> list[str]:
    """Start with these trips, bookings and hotels; returns the booking numbers."""
    numbers = [s.words.code("B") for _ in bookings]
    after = int(s.words.code("B").removeprefix("B-"))
    s.begin(
        {"trips": trips, "hotels": hotels or {}, "bookings": dict(zip(numbers, bookings, strict=True)), "next": after}
    )
    return numbers


def _cheapest(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return min(found, key=lambda one: float(one["price"]))


def _done(s: Script) -> None:
    s.end(s.rng.choice(DONE))


@family(domain="travel", tier="easy", role="train")
def trip_question(s: Script) -> None:
    """Price or day of a trip; sometimes it is booked."""
    origin, destination = s.words.place(), s.words.place()
    trips = _codes(s, _route(s, origin, destination, 2))
    _begin(s, trips)
    mode = s.rng.choice([trip["mode"] for trip in trips.values()])
    price = s.rng.random() < 0.5
    s.turn(s.phrase(ASK_TRIP_PRICE if price else ASK_TRIP_DATE, mode=mode, origin=origin, destination=destination))
    found = s.call("search_trips", origin=origin, destination=destination, mode=mode)["trips"][0]
    s.end(
        f"The price is {found['price']}." if price else f"It is on {found['date']}.",
        tell=[found["price"] if price else found["date"]],
    )
    if s.rng.random() < 0.6:
        who = s.words.person()
        s.turn(s.please(s.phrase(BOOK_IT, who=who)))
        s.call("book_trip", trip=found["trip"], passengers=[who], derived=["trip"])
        _done(s)


@family(domain="travel", tier="easy", role="train")
def book_by_code(s: Script) -> None:
    """A trip by its code for one or two people, in either class, sometimes with bags."""
    trips = _codes(
        s, [_trip(s, s.words.place(), s.words.place(), s.rng.choice(MODES), s.words.number(20, 300)) for _ in range(2)]
    )
    _begin(s, trips)
    trip = s.rng.choice(list(trips))
    people = [s.words.person() for _ in range(s.rng.choice((1, 2)))]
    first = s.rng.random() < 0.4
    book = s.phrase(BOOK_FIRST if first else BOOK_CODE, trip=trip, who=" and ".join(people))
    bags = s.words.number(2, 6) if s.rng.random() < 0.5 else 0
    after = [s.phrase(ADD_BAGS, bags=bags)] if bags else [s.phrase(TELL_BOOKING)]
    s.turn(s.please(book, *after))
    seats: dict[str, Any] = {"seat_class": "first"} if first else {}
    number = s.call("book_trip", trip=trip, passengers=people, **seats)["booking"]
    if bags:
        s.call("add_bags", booking=number, bags=bags, derived=["booking"])
        _done(s)
    else:
        s.end(f"The booking number is {number}.", tell=[number])


@family(domain="travel", tier="easy", role="train", abstain=True)
def trip_without_places(s: Script) -> None:
    """Cities or nights are missing, so the assistant asks; or the work is none that the desk's tools can do."""
    origin, destination, who = s.words.place(), s.words.place(), s.words.person()
    trips = _codes(s, _route(s, origin, destination, 2))
    hotels = _hotels(s, destination, 2)
    _begin(s, trips, hotels=hotels)
    plot = s.rng.choice(("places", "places", "nights", "nights", "other"))
    if plot == "other" and not s.twin:
        s.turn(s.phrase(OTHER_WORK, who=who))
        s.end("I cannot do that with my tools.", quiet=True)
    elif plot == "nights":
        hotel, n = s.rng.choice(list(hotels)), s.words.number(2, 9)
        s.turn(s.phrase(HOTEL_NO_NIGHTS, hotel=hotel, who=who))
        s.end("For how many nights?", asks=True)
        s.turn(s.phrase(SO_MANY_NIGHTS, n=n))
        s.call("book_hotel", hotel=hotel, guest=who, nights=n)
        _done(s)
    else:
        mode = s.rng.choice([trip["mode"] for trip in trips.values()])
        s.turn(s.phrase(NO_PLACES, who=who))
        s.end("From where to where, and by train, bus or flight?", asks=True)
        s.turn(s.phrase(WHICH_PLACES, mode=mode, origin=origin, destination=destination))
        found = s.call("search_trips", origin=origin, destination=destination, mode=mode)["trips"][0]
        s.call("book_trip", trip=found["trip"], passengers=[who], derived=["trip"])
        _done(s)


@family(domain="travel", tier="moderate", role="train")
def move_to_date(s: Script) -> None:
    """Move somebody's trip to another day: find the booking, search its route, move it."""
    origin, destination, elsewhere = s.words.place(), s.words.place(), s.words.place()
    who, other = s.words.person(), s.words.person()
    trips = _codes(s, _route(s, origin, destination, 2))
    there, later = trips
    away = s.words.code("T")
    trips[away] = _trip(s, origin, elsewhere, "bus", 40)
    held = [_held(there, who), _held(s.rng.choice((there, away)), other)]
    if s.rng.random() < 0.5:
        held.append(_held(away, who))
    s.rng.shuffle(held)
    _begin(s, trips, held)
    bags = s.words.number(2, 6) if s.rng.random() < 0.5 else 0
    s.turn(s.please(s.phrase(MOVE_TO_DATE, who=who, destination=destination, date=trips[later]["date"])))
    booked = s.call("find_travel_bookings", passenger=who)["bookings"]
    booking = next(one for one in booked if one["destination"] == destination)
    found = s.call("search_trips", origin=booking["origin"], destination=destination, derived=["origin"])["trips"]
    trip = next(one["trip"] for one in found if one["date"] == trips[later]["date"])
    s.call("move_travel_booking", booking=booking["booking"], trip=trip, derived=["booking", "trip"])
    _done(s)
    if bags:
        s.turn(s.please(s.phrase(ADD_BAGS, bags=bags)))
        s.call("add_bags", booking=booking["booking"], bags=bags, derived=["booking"])
        _done(s)


@family(domain="travel", tier="moderate", role="train")
def trip_and_hotel(s: Script) -> None:
    """The cheapest trip to a city, and the cheapest hotel there."""
    origin, destination, who = s.words.place(), s.words.place(), s.words.person()
    trips = _codes(s, _route(s, origin, destination, 2))
    _begin(s, trips, hotels=_hotels(s, destination, 2))
    n = s.words.number(2, 9)

    def book_trip() -> None:
        found = s.call("search_trips", origin=origin, destination=destination)["trips"]
        s.call("book_trip", trip=_cheapest(found)["trip"], passengers=[who], derived=["trip"])

    def book_hotel() -> str:
        found = s.call("find_hotels", city=destination)["hotels"]
        return str(
            s.call("book_hotel", hotel=_cheapest(found)["hotel"], guest=who, nights=n, derived=["hotel"])["booking"]
        )

    trip_first = s.phrase(BOOK_CHEAPEST, origin=origin, destination=destination, who=who)
    if s.rng.random() < 0.5:
        s.turn(s.please(trip_first, s.phrase(HOTEL_CHEAPEST, city=destination, who=who, n=n)))
        book_trip()
        book_hotel()
        _done(s)
        return
    s.turn(s.please(trip_first))
    book_trip()
    _done(s)
    s.turn(s.please(s.phrase(HOTEL_CHEAPEST, city=destination, who=who, n=n), s.phrase(TELL_BOOKING)))
    number = book_hotel()
    s.end(f"The booking number is {number}.", tell=[number])


@family(domain="travel", tier="hard", role="train")
def full_trip(s: Script) -> None:
    """The cheapest trip is full for two, so the other one is taken; then a hotel, and an old trip cancelled."""
    origin, destination, elsewhere = s.words.place(), s.words.place(), s.words.place()
    one, two, third = (s.words.person() for _ in range(3))
    route = _route(s, origin, destination, 2)
    full = s.rng.random() < 0.7
    _cheapest(route)["seats"] = 1 if full else 8
    old = _trip(s, origin, elsewhere, "train", 60)
    trips = _codes(s, [*route, old])
    old_code = next(code for code, trip in trips.items() if trip is old)
    _begin(s, trips, [_held(old_code, third)], hotels=_hotels(s, destination, 2))
    book = s.phrase(BOOK_CHEAPEST, origin=origin, destination=destination, who=f"{one} and {two}")
    s.turn(f"{s.please(book)} {s.phrase(IF_FULL)}")
    found = s.call("search_trips", origin=origin, destination=destination)["trips"]
    cheap = _cheapest(found)["trip"]
    s.call("book_trip", trip=cheap, passengers=[one, two], derived=["trip"], fails=full)
    if full:
        left = next(trip["trip"] for trip in found if trip["trip"] != cheap)
        s.call("book_trip", trip=left, passengers=[one, two], derived=["trip"])
    _done(s)
    n = s.words.number(2, 9)
    limit = min(hotel["price"] for hotel in s.start["hotels"].values())
    s.turn(s.please(s.phrase(BREAKFAST_UNDER, city=destination, price=limit, who=one, n=n)))
    hotel = s.call("find_hotels", city=destination, max_price=limit)["hotels"][0]["hotel"]
    s.call("book_hotel", hotel=hotel, guest=one, nights=n, breakfast=True, derived=["hotel"])
    _done(s)
    s.turn(s.please(s.phrase(CANCEL_TO, who=third, destination=elsewhere)))
    booking = s.call("find_travel_bookings", passenger=third)["bookings"][0]["booking"]
    s.call("cancel_travel_booking", booking=booking, derived=["booking"])
    _done(s)


@family(domain="travel", tier="moderate", role="dev")
def bags_and_price(s: Script) -> None:
    """Bags for a booking found by its passenger, then the price of a hotel there."""
    origin, destination, elsewhere, who = s.words.place(), s.words.place(), s.words.place(), s.words.person()
    trips = _codes(s, [_trip(s, origin, destination, "train", 50), _trip(s, origin, elsewhere, "bus", 30)])
    hotels = _hotels(s, destination, 2)
    _begin(s, trips, [_held(code, who) for code in trips], hotels=hotels)
    bags, hotel = s.words.number(2, 6), s.rng.choice(list(hotels))
    s.turn(s.please(s.phrase(BAGS_FOUND, bags=bags, who=who, destination=destination)))
    booked = s.call("find_travel_bookings", passenger=who)["bookings"]
    booking = next(one["booking"] for one in booked if one["destination"] == destination)
    s.call("add_bags", booking=booking, bags=bags, derived=["booking"])
    _done(s)
    s.turn(s.phrase(ASK_HOTEL, hotel=hotel, destination=destination))
    found = s.call("find_hotels", city=destination)["hotels"]
    price = next(one["price"] for one in found if one["hotel"] == hotel)
    s.end(f"The price is {price}.", tell=[price])


@family(domain="travel", tier="easy", role="gate")
def hotel_stay(s: Script) -> None:
    """The one hotel of a city within a price, booked."""
    city, who, n = s.words.place(), s.words.person(), s.words.number(2, 9)
    hotels = _hotels(s, city, 2) | _hotels(s, s.words.place(), 1)
    _begin(s, {}, hotels=hotels)
    limit = min(hotel["price"] for hotel in hotels.values() if hotel["city"] == city)
    s.turn(s.phrase(STAY, city=city, price=limit, n=n, who=who))
    hotel = s.call("find_hotels", city=city, max_price=limit)["hotels"][0]["hotel"]
    number = s.call("book_hotel", hotel=hotel, guest=who, nights=n, derived=["hotel"])["booking"]
    s.end(f"The booking number is {number}.", tell=[number])


@family(domain="travel", tier="moderate", role="gate")
def go_elsewhere(s: Script) -> None:
    """Cancel a trip to one city and book one to another."""
    origin, old, new, who = s.words.place(), s.words.place(), s.words.place(), s.words.person()
    trips = _codes(s, [_trip(s, origin, old, "train", 50), *_route(s, origin, new, 2)])
    first = next(iter(trips))
    _begin(s, trips, [_held(first, s.words.person()), _held(first, who)])
    mode = s.rng.choice([trip["mode"] for trip in trips.values() if trip["destination"] == new])
    s.turn(s.phrase(NOT_THERE, who=who, old=old, new=new, origin=origin, mode=mode))
    booking = s.call("find_travel_bookings", passenger=who)["bookings"][0]["booking"]
    s.call("cancel_travel_booking", booking=booking, derived=["booking"])
    trip = s.call("search_trips", origin=origin, destination=new, mode=mode)["trips"][0]["trip"]
    s.call("book_trip", trip=trip, passengers=[who], derived=["trip"])
    _done(s)


@family(domain="travel", tier="hard", role="gate")
def travel_together(s: Script) -> None:
    """The day of one person's trip, the same trip for another, bags for both, a hotel there."""
    origin, destination, elsewhere = s.words.place(), s.words.place(), s.words.place()
    one, two = s.words.person(), s.words.person()
    trips = _codes(s, [_trip(s, origin, destination, "train", 50), _trip(s, origin, elsewhere, "bus", 30)])
    _begin(s, trips, [_held(code, one) for code in trips], hotels=_hotels(s, destination, 2))
    s.turn(s.phrase(ASK_WHEN, who=one, destination=destination))
    booked = s.call("find_travel_bookings", passenger=one)["bookings"]
    booking = next(found for found in booked if found["destination"] == destination)
    s.end(f"It is on {booking['date']}.", tell=[booking["date"]])
    s.turn(s.please(s.phrase(SAME_TRIP, who=two)))
    second = s.call("book_trip", trip=booking["trip"], passengers=[two], derived=["trip"])["booking"]
    _done(s)
    bags = s.words.number(2, 6)
    s.turn(s.please(s.phrase(BAGS_BOTH, bags=bags)))
    for number in (booking["booking"], second):
        s.call("add_bags", booking=number, bags=bags, derived=["booking"])
    _done(s)
    n = s.words.number(2, 9)
    s.turn(s.please(s.phrase(HOTEL_THERE, who=two, n=n)))
    hotel = _cheapest(s.call("find_hotels", city=destination)["hotels"])["hotel"]
    s.call("book_hotel", hotel=hotel, guest=two, nights=n, derived=["hotel"])
    _done(s)


@family(domain="travel", tier="easy", role="gate", abstain=True)
def bags_without_booking(s: Script) -> None:
    """Which booking gets the bags is missing, so the assistant asks."""
    trips = _codes(
        s, [_trip(s, s.words.place(), s.words.place(), s.rng.choice(MODES), s.words.number(20, 300)) for _ in range(2)]
    )
    numbers = _begin(s, trips, [_held(code, s.words.person()) for code in trips])
    bags = s.words.number(2, 6)
    s.turn(s.phrase(BAGS_WHERE, bags=bags))
    s.end("For which booking?", asks=True)
    number = s.rng.choice(numbers)
    s.turn(s.phrase(THAT_BOOKING, booking=number))
    s.call("add_bags", booking=number, bags=bags)
    _done(s)
