"""More abstain tasks of the gate, for every domain: what no tool can do, and what was just said. With their twins."""

from __future__ import annotations

from mlx_train.tasks import calendar, messaging, notes, orders, smart_home, travel
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.files_plain import begin, done, shuffled, text
from mlx_train.tasks.fleet import yard
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.tickets import desk
from mlx_train.tasks.trading import begin as open_account
from mlx_train.tasks.trading import stock

SORRY = "I have no tool for that."

# --- no tool fits ---

CALENDAR_NO_TOOL = Phrases(
    "calendar.no_tool",
    gate=[
        "Print a poster for event {event}, please.",
        "What will the weather be like at event {event}?",
        "Rent a big room for event {event}.",
        "Order flowers for event {event}, please.",
        "Write me a speech that I can give at event {event}.",
        "Somebody should take photos at event {event}. Do that for me.",
    ],
)
CALENDAR_CAN_DO = Phrases(
    "calendar.can_do",
    gate=[
        "Nobody has time for event {event}. Take it out of my calendar.",
        "Strike event {event} from the calendar, please.",
        "There will be no event {event}: cancel it for me.",
    ],
)


@family(domain="calendar", tier="easy", role="gate", abstain=True)
def decline_around_an_event(s: Script) -> None:
    """Something about an event that no tool of the calendar can do."""
    events = [calendar._event(s.words.title(), day, s.words.time()) for day in calendar._dates(s, 3)]
    calendar._begin(s, *events)
    event = f"e{s.words.number(1, 3)}"
    if s.twin:
        s.turn(s.phrase(CALENDAR_CAN_DO, event=event))
        s.call("cancel_event", event_id=event)
        s.end(done(s))
    else:
        s.turn(s.phrase(CALENDAR_NO_TOOL, event=event))
        s.end(SORRY, quiet=True)


MESSAGING_NO_TOOL = Phrases(
    "messaging.no_tool",
    gate=[
        "Ring {person} up and let it ring three times.",
        "Send a postcard by mail to {person}, please.",
        "Take a picture of {person} for the group.",
        "Find out in which street {person} lives.",
        "Buy a birthday present for {person} online.",
        "Change the telephone number of {person} in my address book.",
    ],
)
MESSAGING_CAN_DO = Phrases(
    "messaging.can_do",
    gate=[
        "Open a group {name} for {person} and me.",
        "A new group, {name}, please, with {person} in it.",
        "Let there be a group with the name {name} for {person}.",
    ],
)


@family(domain="messaging", tier="easy", role="gate", abstain=True)
def decline_beyond_chats(s: Script) -> None:
    """Something for a person that no tool of the chats can do."""
    person, other = s.words.person(), s.words.person()
    messaging._begin(s, {person: [(person, s.words.line())], other: [("me", s.words.line())]})
    if s.twin:
        name = s.words.name()
        s.turn(s.phrase(MESSAGING_CAN_DO, name=name, person=person))
        s.call("start_chat", name=name, members=[person])
        s.end(done(s))
    else:
        s.turn(s.phrase(MESSAGING_NO_TOOL, person=person))
        s.end(SORRY, quiet=True)


NOTES_NO_TOOL = Phrases(
    "notes.no_tool",
    gate=[
        "Print note {note} on yellow paper.",
        "Read note {note} out to me on the loudspeaker.",
        "Put note {note} on my web page, please.",
        "Send note {note} to my brother by e-mail.",
        "Ring a bell tomorrow to remind me of note {note}.",
        "Draw a small house next to note {note}.",
    ],
)
NOTES_CAN_DO = Phrases(
    "notes.can_do",
    gate=[
        "Put note {note} at the top by a pin, please.",
        "I want to see note {note} first. Pin it.",
        "Let note {note} be pinned where I always see it.",
    ],
)


@family(domain="notes", tier="easy", role="gate", abstain=True)
def decline_beyond_notes(s: Script) -> None:
    """Something with a note that no tool of the notes can do."""
    notes._begin(s, {s.words.title(): s.words.line() for _ in range(9)})
    note = f"n{s.words.number(1, 9)}"
    if s.twin:
        s.turn(s.phrase(NOTES_CAN_DO, note=note))
        s.call("pin_note", note_id=note, pinned=True)
        s.end(done(s))
    else:
        s.turn(s.phrase(NOTES_NO_TOOL, note=note))
        s.end(SORRY, quiet=True)


ORDERS_NO_TOOL = Phrases(
    "orders.no_tool",
    gate=[
        "Send a birthday card to our customer {customer}.",
        "Pay the whole money back to {customer}.",
        "Ask {customer} for a photo of the parcel.",
        "Bring {customer} a cup of tea, please.",
        "Give {customer} a job in our shop.",
        "Look up in the newspaper what {customer} said about us.",
    ],
)
ORDERS_CAN_DO = Phrases(
    "orders.can_do",
    gate=[
        "Sell {n} {product} to our customer {customer}.",
        "Write down an order by {customer}: {n} of {product}.",
        "Take an order of {n} {product} from {customer}, please.",
    ],
)


@family(domain="orders", tier="easy", role="gate", abstain=True)
def decline_beyond_the_shop(s: Script) -> None:
    """Something for a customer that no tool of the shop can do."""
    names, customer = orders._names(s, 3), s.words.person()
    orders._begin(s, orders._products(s, names))
    if s.twin:
        n = s.words.number(2, 9)
        s.turn(s.phrase(ORDERS_CAN_DO, n=n, product=names[0], customer=customer))
        orders._place(s, customer, names[0], n)
        s.end(done(s))
    else:
        s.turn(s.phrase(ORDERS_NO_TOOL, customer=customer))
        s.end(SORRY, quiet=True)


HOME_NO_TOOL = Phrases(
    "smart_home.no_tool",
    gate=[
        "Clean the floor of the {room} for {who}.",
        "Paint the walls of the {room} green; {who} likes that.",
        "{who} wants the plants in the {room} to get water.",
        "Order a new chair for {who} and the {room}.",
        "Let {who} know that the {room} is free, in a letter.",
        "Take a photo of {who} in the {room}.",
    ],
)
HOME_CAN_DO = Phrases(
    "smart_home.can_do",
    gate=[
        "Keep the {room} at {degrees} degrees for {who}.",
        "{who} would like {degrees} degrees in the {room}.",
        "The {room} should have {degrees} degrees; {who} is cold.",
    ],
)


@family(domain="smart_home", tier="easy", role="gate", abstain=True)
def decline_beyond_the_home(s: Script) -> None:
    """Something about a room that no tool of the home can do."""
    rooms, who = smart_home._rooms(s, 2), s.words.person()
    smart_home._begin(s, rooms, smart_home._named(s, [smart_home._device(s, room) for room in rooms]))
    if s.twin:
        degrees = smart_home._degrees(s)
        s.turn(s.phrase(HOME_CAN_DO, room=rooms[0], degrees=degrees, who=who))
        s.call("set_thermostat", room=rooms[0], degrees=degrees)
        s.end(done(s))
    else:
        s.turn(s.phrase(HOME_NO_TOOL, room=rooms[0], who=who))
        s.end(SORRY, quiet=True)


TRAVEL_NO_TOOL = Phrases(
    "travel.no_tool",
    gate=[
        "Call a taxi that brings {who} to the hotel {hotel}.",
        "{who} stays at the hotel {hotel} and needs a visa. Get one.",
        "Reserve a table for {who} in the restaurant of the hotel {hotel}.",
        "Complain to the hotel {hotel} about the noise; {who} could not sleep.",
        "Rent a car for {who}, with the keys at the hotel {hotel}.",
        "Send a city map to {who} at the hotel {hotel}.",
    ],
)
TRAVEL_CAN_DO = Phrases(
    "travel.can_do",
    gate=[
        "Find {who} a bed at the hotel {hotel} for {n} nights.",
        "{who} stays at the hotel {hotel} and needs a room for {n} nights. Get one.",
        "Reserve {n} nights for {who} at the hotel {hotel}.",
    ],
)


@family(domain="travel", tier="easy", role="gate", abstain=True)
def decline_beyond_the_desk(s: Script) -> None:
    """Something for a guest that no tool of the travel desk can do."""
    hotels, who = travel._hotels(s, s.words.place(), 2), s.words.person()
    travel._begin(s, {}, hotels=hotels)
    hotel = s.rng.choice(list(hotels))
    if s.twin:
        n = s.words.number(2, 9)
        s.turn(s.phrase(TRAVEL_CAN_DO, who=who, hotel=hotel, n=n))
        s.call("book_hotel", hotel=hotel, guest=who, nights=n)
        s.end(done(s))
    else:
        s.turn(s.phrase(TRAVEL_NO_TOOL, who=who, hotel=hotel))
        s.end(SORRY, quiet=True)


# --- plain words are the answer ---

FILES_SUM = Phrases(
    "files.heldout.sum",
    gate=[
        "A page has {n} lines. How many lines do {m} such pages have?",
        "If I write {n} lines a day, how many are that in {m} days?",
        "I have {m} lists of {n} lines each. How many lines is that in all?",
    ],
)
FILES_LINES = Phrases(
    "files.heldout.lines-of",
    gate=[
        "A page has {n} lines. What is the number of lines in {file}?",
        "If I write {n} lines a day, how many are already in {file}?",
        "I want {n} lines in {file}. How many has it got in all?",
    ],
)


@family(domain="files", tier="easy", role="gate", abstain=True)
def reckon(s: Script) -> None:
    """A sum that has nothing to do with what is in the files; in the twin, a count that has."""
    file, n, m = s.words.file(), s.words.number(11, 39), s.words.number(3, 9)
    begin(s, shuffled(s, {file: text(s, 2, 5), s.words.file(): text(s, 1, 1)}))
    if s.twin:
        s.turn(s.phrase(FILES_LINES, n=n, file=file))
        count = s.call("wc", file_name=file)["count"]
        s.end(f"It has {count} lines.", tell=[count])
    else:
        s.turn(s.phrase(FILES_SUM, n=n, m=m))
        s.end(f"That is {n * m}.", tell=[n * m], quiet=True)


CALENDAR_FIRST = Phrases(
    "calendar.start_of",
    gate=[
        "When does event {event} start?",
        "What is the start of event {event}?",
        "Event {event} starts at what time?",
    ],
)
CALENDAR_AGAIN = Phrases(
    "calendar.start_again",
    gate=[
        "Sorry, I did not listen. At what time did you say?",
        "Say that once more. You do not have to look again.",
        "What time was that? Your last message has it.",
    ],
)
CALENDAR_OTHER = Phrases(
    "calendar.start_other",
    gate=["And at what time is event {event}?", "Now the same for event {event}.", "What about event {event}?"],
)


@family(domain="calendar", tier="easy", role="gate", abstain=True)
def say_the_start_again(s: Script) -> None:
    """The start of an event, which the user wants to hear again; in the twin, that of another event."""
    events = zip(calendar._dates(s, 3), calendar._times(s, 3), strict=True)
    calendar._begin(s, *(calendar._event(s.words.title(), day, time) for day, time in events))
    one, two = s.rng.sample(("e1", "e2", "e3"), 2)
    s.turn(s.phrase(CALENDAR_FIRST, event=one))
    time = s.call("get_event", event_id=one)["time"]
    s.end(f"It starts at {time}.", tell=[time])
    if s.twin:
        s.turn(s.phrase(CALENDAR_OTHER, event=two))
        time = s.call("get_event", event_id=two)["time"]
        s.end(f"It starts at {time}.", tell=[time])
    else:
        s.turn(s.phrase(CALENDAR_AGAIN))
        s.end(f"It starts at {time}.", tell=[time], quiet=True)


MESSAGING_FIRST = Phrases(
    "messaging.newest_of",
    gate=[
        "Who wrote the newest message of chat {chat}?",
        "From whom is the newest message in chat {chat}?",
        "Chat {chat}: who was the last one to write?",
    ],
)
MESSAGING_AGAIN = Phrases(
    "messaging.newest_again",
    gate=[
        "I forgot that already. What was the name?",
        "Who was it, did you say? No need to read it again.",
        "Tell me that name a second time, please.",
    ],
)
MESSAGING_OTHER = Phrases(
    "messaging.newest_other",
    gate=["And in chat {chat}, who was it there?", "Who was it in chat {chat}?", "Tell me that for chat {chat} too."],
)


@family(domain="messaging", tier="easy", role="gate", abstain=True)
def say_the_name_again(s: Script) -> None:
    """Who wrote last, which the user wants to hear again; in the twin, who wrote last elsewhere."""
    people, lines = [s.words.person() for _ in range(4)], messaging._lines(s, 4)
    said = list(zip(people, lines, strict=True))
    messaging._begin(s, {s.words.name(): said[:2], s.words.name(): said[2:]})
    one, two = s.rng.sample(("c1", "c2"), 2)
    s.turn(s.phrase(MESSAGING_FIRST, chat=one))
    name = s.call("read_messages", chat_id=one)["messages"][-1]["from"]
    s.end(f"That was {name}.", tell=[name])
    if s.twin:
        s.turn(s.phrase(MESSAGING_OTHER, chat=two))
        name = s.call("read_messages", chat_id=two)["messages"][-1]["from"]
        s.end(f"That was {name}.", tell=[name])
    else:
        s.turn(s.phrase(MESSAGING_AGAIN))
        s.end(f"That was {name}.", tell=[name], quiet=True)


NOTES_FIRST = Phrases(
    "notes.title_of",
    gate=["What is the title of note {note}?", "Which title has note {note}?", "Note {note}: what is its title?"],
)
NOTES_AGAIN = Phrases(
    "notes.title_again",
    gate=[
        "How was it called? You have just told me.",
        "What was that title? Do not read the note again.",
        "I could not write so fast. Which title was that?",
    ],
)
NOTES_OTHER = Phrases(
    "notes.title_other",
    gate=["How is note {note} called?", "And what about note {note}?", "Which title does note {note} have, then?"],
)


@family(domain="notes", tier="easy", role="gate", abstain=True)
def say_the_title_again(s: Script) -> None:
    """The title of a note, which the user wants to hear again; in the twin, that of another note."""
    notes._begin(s, {s.words.title(): s.words.line() for _ in range(4)})
    one, two = s.rng.sample(("n1", "n2", "n3", "n4"), 2)
    s.turn(s.phrase(NOTES_FIRST, note=one))
    title = s.call("read_note", note_id=one)["title"]
    s.end(f"It is {title}.", tell=[title])
    if s.twin:
        s.turn(s.phrase(NOTES_OTHER, note=two))
        title = s.call("read_note", note_id=two)["title"]
        s.end(f"It is {title}.", tell=[title])
    else:
        s.turn(s.phrase(NOTES_AGAIN))
        s.end(f"It is {title}.", tell=[title], quiet=True)


ORDERS_FIRST = Phrases(
    "orders.price_of",
    gate=[
        "What do we take for one {product}?",
        "Which price does the product {product} have?",
        "A customer asks me what {product} costs. Look it up.",
    ],
)
ORDERS_TIMES = Phrases(
    "orders.price_times",
    gate=[
        "And {n} of them? You know the price of one, so just reckon.",
        "At that price, what would {n} of them be? Do not look anything up.",
        "So what would a customer pay for {n}? Just tell me the product of the two numbers.",
    ],
)
ORDERS_OTHER = Phrases(
    "orders.price_other",
    gate=[
        "And one {product}? I do not know the price of that.",
        "What would one {product} be? You have to look it up.",
        "So what would a customer pay for one {product}?",
    ],
)


@family(domain="orders", tier="easy", role="gate", abstain=True)
def times_the_price(s: Script) -> None:
    """The price of several pieces, which follows from that of one; in the twin, the price of another product."""
    names, n = orders._names(s, 3), s.words.number(2, 9)
    orders._begin(s, orders._products(s, names))
    s.turn(s.phrase(ORDERS_FIRST, product=names[0]))
    price = s.call("check_product", product=names[0])["price"]
    s.end(f"It costs {price}.", tell=[price])
    if s.twin:
        s.turn(s.phrase(ORDERS_OTHER, product=names[1]))
        price = s.call("check_product", product=names[1])["price"]
        s.end(f"It costs {price}.", tell=[price])
    else:
        s.turn(s.phrase(ORDERS_TIMES, n=n))
        s.end(f"That makes {n * price}.", tell=[n * price], quiet=True)


HOME_FIRST = Phrases(
    "smart_home.degrees_in",
    gate=[
        "{who} wants to know how warm it is in the {room}, in degrees.",
        "{who} asks how many degrees there are in the {room}.",
        "Read me the degrees in the {room}; {who} is curious.",
    ],
)
HOME_AGAIN = Phrases(
    "smart_home.degrees_again",
    gate=[
        "It was loud here. How many degrees, did you say?",
        "I have to pass that number on. Which was it? It has not changed.",
        "Once more, please, the number from before. Do not read it again.",
    ],
)
HOME_OTHER = Phrases(
    "smart_home.degrees_other",
    gate=[
        "And how many degrees does the {room} have?",
        "I have to pass on the number for the {room} too. Which is it?",
        "Once more, please, but for the {room}.",
    ],
)


@family(domain="smart_home", tier="easy", role="gate", abstain=True)
def say_the_degrees_again(s: Script) -> None:
    """How warm a room is, which the user wants to hear again; in the twin, how warm another one is."""
    rooms, who = smart_home._rooms(s, 3), s.words.person()
    smart_home._begin(s, rooms, smart_home._named(s, [smart_home._device(s, rooms[0])]))
    s.turn(s.phrase(HOME_FIRST, room=rooms[0], who=who))
    degrees = s.call("read_room", room=rooms[0])["temperature"]
    s.end(f"There are {degrees} degrees.", tell=[degrees])
    if s.twin:
        s.turn(s.phrase(HOME_OTHER, room=rooms[1]))
        degrees = s.call("read_room", room=rooms[1])["temperature"]
        s.end(f"There are {degrees} degrees.", tell=[degrees])
    else:
        s.turn(s.phrase(HOME_AGAIN))
        s.end(f"There are {degrees} degrees.", tell=[degrees], quiet=True)


TRAVEL_FIRST = Phrases(
    "travel.where_sleeps",
    gate=[
        "In which hotel does {who} sleep?",
        "At which hotel is a room booked for {who}?",
        "{who} has lost the name of the hotel that is booked. What is it?",
    ],
)
TRAVEL_AGAIN = Phrases(
    "travel.where_again",
    gate=[
        "How do you spell that? Write it down once more.",
        "Give me the name again. You do not need to search for it.",
        "What was the hotel called? I have forgotten what you told me.",
    ],
)
TRAVEL_OTHER = Phrases(
    "travel.where_other",
    gate=[
        "And where does {who} sleep?",
        "Give me the name for {who} too.",
        "What is the hotel of {who} called? You have not told me that.",
    ],
)


@family(domain="travel", tier="easy", role="gate", abstain=True)
def say_the_hotel_again(s: Script) -> None:
    """The hotel of a guest, which the user wants to hear again; in the twin, that of another guest."""
    city, guests = s.words.place(), [s.words.person(), s.words.person()]
    hotels = travel._hotels(s, city, 2)
    stays = [
        {"hotel": hotel, "guest": guest, "nights": s.words.number(2, 9), "breakfast": False}
        for hotel, guest in zip(hotels, guests, strict=True)
    ]
    travel._begin(s, {}, s.rng.sample(stays, 2), hotels)
    s.turn(s.phrase(TRAVEL_FIRST, who=guests[0]))
    hotel = s.call("find_travel_bookings", passenger=guests[0])["bookings"][0]["hotel"]
    s.end(f"It is the hotel {hotel}.", tell=[hotel])
    if s.twin:
        s.turn(s.phrase(TRAVEL_OTHER, who=guests[1]))
        hotel = s.call("find_travel_bookings", passenger=guests[1])["bookings"][0]["hotel"]
        s.end(f"It is the hotel {hotel}.", tell=[hotel])
    else:
        s.turn(s.phrase(TRAVEL_AGAIN))
        s.end(f"It is the hotel {hotel}.", tell=[hotel], quiet=True)


FLEET_FIRST = Phrases(
    "fleet.place_of",
    gate=["At which place is {vehicle}?", "Where have we got {vehicle}?", "Which place does {vehicle} stand at?"],
)
FLEET_AGAIN = Phrases(
    "fleet.place_again",
    gate=[
        "Which place, please? I was on the phone.",
        "Say the place again. It cannot have moved since.",
        "And how is that place written? Only repeat it.",
    ],
)
FLEET_OTHER = Phrases(
    "fleet.place_other",
    gate=["And which place is {vehicle} at?", "Say it for {vehicle} as well.", "Which place is it for {vehicle}?"],
)


@family(domain="fleet", tier="easy", role="gate", abstain=True)
def say_the_place_again(s: Script) -> None:
    """Where a vehicle is, which the user wants to hear again; in the twin, where another one is."""
    one, two = s.rng.sample(yard(s)[0][:2], 2)  # they stand at different places
    s.turn(s.phrase(FLEET_FIRST, vehicle=one))
    place = s.call("get_vehicle_status", vehicle=one)["place"]
    s.end(f"It is in {place}.", tell=[place])
    if s.twin:
        s.turn(s.phrase(FLEET_OTHER, vehicle=two))
        place = s.call("get_vehicle_status", vehicle=two)["place"]
        s.end(f"It is in {place}.", tell=[place])
    else:
        s.turn(s.phrase(FLEET_AGAIN))
        s.end(f"It is in {place}.", tell=[place], quiet=True)


TICKETS_FIRST = Phrases(
    "tickets.from_whom",
    gate=[
        "Who sent us ticket {ticket}?",
        "From which customer is ticket {ticket}?",
        "I need the customer of ticket {ticket}.",
    ],
)
TICKETS_AGAIN = Phrases(
    "tickets.whom_again",
    gate=[
        "Sorry, who? Please say the name again.",
        "I misheard the name. It is in your last message, what was it?",
        "The customer again, please. Do not open the ticket for that.",
    ],
)
TICKETS_OTHER = Phrases(
    "tickets.whom_other",
    gate=["And who sent ticket {ticket}?", "The customer of ticket {ticket} too, please.", "And that of {ticket}?"],
)


@family(domain="tickets", tier="easy", role="gate", abstain=True)
def say_the_customer_again(s: Script) -> None:
    """Who a ticket is from, which the user wants to hear again; in the twin, who another one is from."""
    one, two = s.rng.sample([ticket["ticket_id"] for ticket in desk(s)[0]], 2)
    s.turn(s.phrase(TICKETS_FIRST, ticket=one))
    customer = s.call("get_ticket_details", ticket_id=one)["customer"]
    s.end(f"It is from {customer}.", tell=[customer])
    if s.twin:
        s.turn(s.phrase(TICKETS_OTHER, ticket=two))
        customer = s.call("get_ticket_details", ticket_id=two)["customer"]
        s.end(f"It is from {customer}.", tell=[customer])
    else:
        s.turn(s.phrase(TICKETS_AGAIN))
        s.end(f"It is from {customer}.", tell=[customer], quiet=True)


TRADING_FIRST = Phrases(
    "trading.price_now",
    gate=[
        "What do I pay for one {stock} share?",
        "For one {stock} share, what do people pay today?",
        "How much is one {stock} share?",
    ],
)
TRADING_TIMES = Phrases(
    "trading.price_times",
    gate=[
        "And for {n} shares at that price? Only reckon, do not buy anything.",
        "What do {n} cost, then? A sum in your head will do.",
        "Multiply that by {n} for me.",
    ],
)
TRADING_OTHER = Phrases(
    "trading.price_other",
    gate=[
        "And for one share of {stock}? Only look, do not buy anything.",
        "What does {stock} cost, then?",
        "Tell me that of {stock} too.",
    ],
)


@family(domain="trading", tier="easy", role="gate", abstain=True)
def times_the_share_price(s: Script) -> None:
    """The cost of several shares, which follows from the price of one; in the twin, the price of another stock."""
    a, b, n = stock(s), stock(s), s.words.number(2, 9)
    open_account(s, [a, b])
    s.turn(s.phrase(TRADING_FIRST, stock=a))
    price = s.call("get_stock_price", stock=a)["price"]
    s.end(f"It is {price}.", tell=[price])
    if s.twin:
        s.turn(s.phrase(TRADING_OTHER, stock=b))
        price = s.call("get_stock_price", stock=b)["price"]
        s.end(f"It is {price}.", tell=[price])
    else:
        s.turn(s.phrase(TRADING_TIMES, n=n))
        s.end(f"That makes {n * price}.", tell=[n * price], quiet=True)
