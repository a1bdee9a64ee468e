"""More travel tasks of the gate: they share the tools with training, but neither plots nor phrasings."""

from __future__ import annotations

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.travel import _begin, _cheapest, _codes, _done, _held, _hotels, _route, _trip

BREAKFAST_AT = Phrases(
    "travel.breakfast_at",
    gate=[
        "reserve a room with breakfast in the hotel {hotel} for {who}, {n} nights",
        "let {who} stay {n} nights in the hotel {hotel}, breakfast included",
        "put {who} into the hotel {hotel} for {n} nights with breakfast",
    ],
)
FIRST_DATE = Phrases(
    "travel.first_date",
    gate=[
        "What is the earliest date on which {who} can go from {origin} to {destination}?",
        "{who} wants to leave {origin} for {destination} as early as possible. On which date is that?",
        "On which date could {who} take the first trip from {origin} to {destination}?",
    ],
)
CANCEL_NUMBERS = Phrases(
    "travel.cancel_numbers",
    gate=[
        "cancel the two bookings {a} and {b}",
        "take back booking {a} and booking {b}",
        "undo both {a} and {b}, which are not needed any more",
    ],
)
NIGHTS_BY_PRICE = Phrases(
    "travel.nights_by_price",
    gate=[
        "{who} wants to stay in the cheapest hotel of {city}: {many} nights if it costs at most {price} a night, and "
        "{few} nights if it costs more. Please book that.",
        "Find the cheapest hotel in {city}. If one night is more than {price}, book it for {who} for {few} nights; "
        "otherwise for {many} nights.",
        "Book the cheapest hotel in {city} for {who}. How long depends on the price of a night: {many} nights up to "
        "{price}, only {few} nights above that.",
    ],
)
HOTEL_OR = Phrases(
    "travel.hotel_or",
    gate=[
        "reserve {n} nights for {who} in the hotel {a}, or in the hotel {b} if {a} is full",
        "try to get {who} into the hotel {a} for {n} nights, and if it has no room, into the hotel {b}",
        "get {who} a room in the hotel {a} for {n} nights, or one in the hotel {b} if {a} has none left",
    ],
)
NOT_AFTER_ALL = Phrases(
    "travel.not_after_all",
    gate=[
        "I have to correct myself: {who} does not need the room. Please cancel it.",
        "Oh, {who} is not coming after all. Take that booking back.",
        "{who} has just called and will stay with friends. Undo what you booked.",
    ],
)
BAGS_EACH = Phrases(
    "travel.bags_each",
    gate=[
        "give {who} {bags} more bags on each of the two trips that are booked",
        "see which two trips {who} has booked, and add {bags} bags to both",
        "put {bags} bags on every trip that is booked for {who}",
    ],
)
BOTH_PRICES = Phrases(
    "travel.both_prices",
    gate=[
        "Two trips go from {origin} to {destination}. What are their prices?",
        "What would it cost to go from {origin} to {destination}? Tell me both prices.",
        "I would like to hear the two prices for a trip from {origin} to {destination}.",
    ],
)
THE_DEARER = Phrases(
    "travel.the_dearer",
    gate=[
        "The more expensive one, in first class, for {a} and {b}, please.",
        "Let {a} and {b} go by the dearer one of the two, in the first class.",
        "Book the one with the higher price for {a} and {b}. First class, of course.",
    ],
)
RATHER_CHEAP = Phrases(
    "travel.rather_cheap",
    gate=[
        "I have changed my mind. Move their booking to the cheaper trip, and add {bags} bags to it.",
        "Hm, that is too much money. Put that booking on the other trip, with {bags} bags.",
        "On second thoughts, they should use the other of the two trips. Change the booking, and they bring {bags} "
        "bags.",
    ],
)
ROOM_FOR = Phrases(
    "travel.room_for",
    gate=[
        "{who} also needs a bed there: the cheapest hotel, {n} nights.",
        "Where they arrive, book the hotel with the lowest price for {who}, {n} nights.",
        "And in the city they travel to, {who} should get the cheapest hotel for {n} nights.",
    ],
)
OTHER_HOTEL = Phrases(
    "travel.other_hotel",
    gate=[
        "{who} is not happy with the hotel that is booked. Cancel it and book the cheapest one in {city} for as many "
        "nights.",
        "Change the hotel of {who}: instead of the one that is booked, the cheapest in {city}, for the same number of "
        "nights.",
        "Take back the hotel booking of {who}, and get {who} into the cheapest hotel of {city}, with as many nights as "
        "before.",
    ],
)
SAME_HOTEL = Phrases(
    "travel.same_hotel",
    gate=[
        "{who} would like to stay at that hotel too, for {n} nights.",
        "Book the hotel that you have just found for {who} as well, {n} nights.",
        "For {who} also {n} nights in that one, please.",
    ],
)
HOW_MANY_NIGHTS = Phrases(
    "travel.how_many_nights",
    gate=[
        "For how many nights have we booked a hotel for {who}?",
        "How many nights does {who} stay in the hotel that is booked?",
        "Look at the bookings of {who}. How many nights is the hotel for?",
    ],
)


@family(domain="travel", tier="easy", role="gate")
def hotel_by_name(s: Script) -> None:
    """A room with breakfast in a hotel that the user names."""
    hotels = _hotels(s, s.words.place(), 3)
    _begin(s, {}, hotels=hotels)
    hotel, who, n = s.rng.choice(list(hotels)), s.words.person(), s.words.number(2, 9)
    s.turn(s.please(s.phrase(BREAKFAST_AT, hotel=hotel, who=who, n=n)))
    s.call("book_hotel", hotel=hotel, guest=who, nights=n, breakfast=True)
    _done(s)


@family(domain="travel", tier="easy", role="gate")
def earliest_trip(s: Script) -> None:
    """Say on which day the first of three trips leaves."""
    origin, destination, elsewhere = s.words.place(), s.words.place(), s.words.place()
    trips = _codes(s, [*_route(s, origin, destination, 3), _trip(s, origin, elsewhere, "bus", 30)])
    _begin(s, trips)
    s.turn(s.phrase(FIRST_DATE, origin=origin, destination=destination, who=s.words.person()))
    found = s.call("search_trips", origin=origin, destination=destination)["trips"]
    date = min(trip["date"] for trip in found)
    s.end(f"That is on {date}.", tell=[date])


@family(domain="travel", tier="easy", role="gate")
def nights_of_guest(s: Script) -> None:
    """Say for how many nights a person has a hotel."""
    city, who, other = s.words.place(), s.words.person(), s.words.person()
    hotels, nights = _hotels(s, city, 2), s.rng.sample(range(2, 15), 2)
    stays = [
        {"hotel": hotel, "guest": guest, "nights": n, "breakfast": False}
        for hotel, guest, n in zip(hotels, (who, other), nights, strict=True)
    ]
    trips = _codes(s, [_trip(s, s.words.place(), city, "train", 50)])
    _begin(s, trips, s.rng.sample([*stays, _held(next(iter(trips)), who)], 3), hotels)
    s.turn(s.phrase(HOW_MANY_NIGHTS, who=who))
    booked = s.call("find_travel_bookings", passenger=who)["bookings"]
    n = next(booking["nights"] for booking in booked if "hotel" in booking)
    s.end(f"For {n} nights.", tell=[n])


@family(domain="travel", tier="easy", role="gate")
def cancel_by_number(s: Script) -> None:
    """Cancel two of three bookings, a trip and a hotel, by their numbers."""
    hotels = _hotels(s, s.words.place(), 1)
    trips = _codes(s, [_trip(s, s.words.place(), s.words.place(), "train", 50)])
    (trip,), (hotel,) = trips, hotels
    stay = {"hotel": hotel, "guest": s.words.person(), "nights": s.words.number(2, 9), "breakfast": False}
    numbers = _begin(s, trips, [_held(trip, s.words.person()), stay, _held(trip, s.words.person())], hotels)
    a, b = s.rng.sample(numbers[:2], 2)
    s.turn(s.please(s.phrase(CANCEL_NUMBERS, a=a, b=b)))
    for number in (a, b):
        s.call("cancel_travel_booking", booking=number)
    _done(s)


@family(domain="travel", tier="easy", role="gate")
def nights_by_price(s: Script) -> None:
    """Book the cheapest hotel for a number of nights that depends on its price."""
    city, who = s.words.place(), s.words.person()
    hotels = _hotels(s, city, 3) | _hotels(s, s.words.place(), 1)
    _begin(s, {}, hotels=hotels)
    few, many = s.words.number(2, 4), s.words.number(5, 9)
    lowest = min(hotel["price"] for hotel in hotels.values() if hotel["city"] == city)
    limit = lowest + s.rng.choice((-5, -1, 2, 4))
    s.turn(s.phrase(NIGHTS_BY_PRICE, who=who, city=city, many=many, few=few, price=limit))
    hotel = _cheapest(s.call("find_hotels", city=city)["hotels"])
    nights = few if hotel["price"] > limit else many
    s.call("book_hotel", hotel=hotel["hotel"], guest=who, nights=nights, derived=["hotel"])
    _done(s)


@family(domain="travel", tier="moderate", role="gate")
def second_hotel(s: Script) -> None:
    """The first hotel is full, so the second is booked; then the guest does not come."""
    hotels, who, n = _hotels(s, s.words.place(), 3), s.words.person(), s.words.number(2, 9)
    full, free = s.rng.sample(list(hotels), 2)
    hotels[full]["rooms"] = 0
    _begin(s, {}, hotels=hotels)
    s.turn(s.please(s.phrase(HOTEL_OR, who=who, a=full, b=free, n=n)))
    s.call("book_hotel", hotel=full, guest=who, nights=n, fails=True)
    number = s.call("book_hotel", hotel=free, guest=who, nights=n)["booking"]
    s.end(f"{full} is full, so I booked {free}.")
    s.turn(s.phrase(NOT_AFTER_ALL, who=who))
    s.call("cancel_travel_booking", booking=number, derived=["booking"])
    _done(s)


@family(domain="travel", tier="moderate", role="gate")
def bags_on_each(s: Script) -> None:
    """Bags for both trips of a person, who has a hotel as well; then nothing is to be done."""
    origin, there, on, who = s.words.place(), s.words.place(), s.words.place(), s.words.person()
    trips = _codes(s, [_trip(s, origin, there, "train", 50), _trip(s, there, on, "bus", 30)])
    hotels = _hotels(s, there, 1)
    stay = {"hotel": next(iter(hotels)), "guest": who, "nights": s.words.number(2, 9), "breakfast": False}
    held = [stay, *(_held(code, who) for code in trips), _held(next(iter(trips)), s.words.person())]
    s.rng.shuffle(held)
    _begin(s, trips, held, hotels)
    bags = s.words.number(2, 6)
    s.turn(s.please(s.phrase(BAGS_EACH, who=who, bags=bags)))
    for booking in s.call("find_travel_bookings", passenger=who)["bookings"]:
        if "trip" in booking:
            s.call("add_bags", booking=booking["booking"], bags=bags, derived=["booking"])
    _done(s)
    pause(s)


@family(domain="travel", tier="hard", role="gate")
def dearer_then_cheaper(s: Script) -> None:
    """Two people are booked on the dearer of two trips and moved to the cheaper one; a third gets a hotel there."""
    origin, destination = s.words.place(), s.words.place()
    a, b, third = (s.words.person() for _ in range(3))
    trips = _codes(s, _route(s, origin, destination, 2))
    _begin(s, trips, hotels=_hotels(s, destination, 2))
    s.turn(s.phrase(BOTH_PRICES, origin=origin, destination=destination))
    found = s.call("search_trips", origin=origin, destination=destination)["trips"]
    prices = [trip["price"] for trip in found]
    s.end(f"The prices are {prices[0]} and {prices[1]}.", tell=prices)
    s.turn(s.phrase(THE_DEARER, a=a, b=b))
    cheap, dear = sorted(found, key=lambda trip: float(trip["price"]))
    booking = s.call("book_trip", trip=dear["trip"], passengers=[a, b], seat_class="first", derived=["trip"])
    _done(s)
    bags, n = s.words.number(2, 6), s.words.number(2, 9)
    s.turn(s.phrase(RATHER_CHEAP, bags=bags))
    number = booking["booking"]
    s.call("move_travel_booking", booking=number, trip=cheap["trip"], derived=["booking", "trip"])
    s.call("add_bags", booking=number, bags=bags, derived=["booking"])
    _done(s)
    s.turn(s.phrase(ROOM_FOR, who=third, n=n))
    hotel = _cheapest(s.call("find_hotels", city=destination)["hotels"])["hotel"]
    s.call("book_hotel", hotel=hotel, guest=third, nights=n, derived=["hotel"])
    _done(s)


@family(domain="travel", tier="hard", role="gate")
def change_hotel(s: Script) -> None:
    """Replace the hotel of one person by the cheapest one for as many nights, and book it for another as well."""
    city, who, other = s.words.place(), s.words.person(), s.words.person()
    hotels = _hotels(s, city, 3)
    dear = max(hotels, key=lambda name: hotels[name]["price"])
    trips = _codes(s, [_trip(s, s.words.place(), city, "train", 50)])
    stay = {"hotel": dear, "guest": who, "nights": s.words.number(2, 9), "breakfast": False}
    held = s.rng.sample([stay, _held(next(iter(trips)), who)], 2)
    _begin(s, trips, held, hotels)
    s.turn(s.phrase(OTHER_HOTEL, who=who, city=city))
    booked = s.call("find_travel_bookings", passenger=who)["bookings"]
    old = next(booking for booking in booked if "hotel" in booking)
    s.call("cancel_travel_booking", booking=old["booking"], derived=["booking"])
    hotel = _cheapest(s.call("find_hotels", city=city)["hotels"])["hotel"]
    s.call("book_hotel", hotel=hotel, guest=who, nights=old["nights"], derived=["hotel", "nights"])
    _done(s)
    n = s.words.number(2, 9)
    s.turn(s.phrase(SAME_HOTEL, who=other, n=n))
    s.call("book_hotel", hotel=hotel, guest=other, nights=n, derived=["hotel"])
    _done(s)
