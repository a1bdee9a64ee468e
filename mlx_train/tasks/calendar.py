"""Calendar tasks: add, find, move, share and cancel events."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

REPEATS = ("daily", "weekly", "monthly")

CREATE = Phrases(
    "calendar.create",
    train=[
        "add {title} to my calendar on {date} at {time}",
        "create an event called {title} on {date} at {time}",
        "put {title} in the calendar for {date} at {time}",
        "schedule {title} for {date} at {time}",
        "set up {title} at {time} on {date}",
        "book {title} on {date} at {time}",
        "make a new event {title} at {time} on {date}",
        "plan {title} for {date}, starting at {time}",
    ],
    dev=["enter {title} in my calendar for {date} at {time}", "plan an event {title} at {time} on {date}"],
    gate=[
        "add a new event called {title} at {time} on {date}",
        "put {title} on my calendar at {time} on {date}",
        "create {title} on {date}, starting at {time}",
        "schedule the event {title} on {date} at {time}",
    ],
)
LENGTH = Phrases(
    "calendar.length",
    train=[
        "{a} for {minutes} minutes",
        "{a}, {minutes} minutes long",
        "{a}, lasting {minutes} minutes",
        "{a} (it takes {minutes} minutes)",
        "{a} ({minutes} minutes)",
        "{a}, it lasts {minutes} minutes",
        "{a}, and make it {minutes} minutes long",
    ],
    dev=["{a}, with {minutes} minutes in all", "{a}, length {minutes} minutes"],
    gate=["{a}, and it lasts {minutes} minutes", "{a}, taking {minutes} minutes", "{a}, for {minutes} minutes in all"],
)
CREATE_OR = Phrases(
    "calendar.create_or",
    train=[
        "{a}, or at {other} if that time is taken",
        "{a}; if that time is not free, take {other}",
        "{a}, or use {other} when there is something else at that time",
        "{a}, and if that is taken use {other} instead",
        "{a}; if something else is on at that time, make it {other}",
        "{a}, but take {other} if that time is not free",
        "{a}; if that slot is taken, use {other}",
    ],
    dev=["{a}, otherwise at {other} if it is not free", "{a}; in case it is taken, at {other}"],
    gate=[
        "{a}, and take {other} if something is on at that time",
        "{a}; use {other} if that slot is not free",
        "{a}, or make it {other} if that is taken",
    ],
)
CREATE_OPEN = Phrases(
    "calendar.create_open",
    train=[
        "add {title} to my calendar on {date}",
        "create an event called {title} on {date}",
        "put {title} in the calendar for {date}",
        "schedule {title} for {date}",
        "set up {title} on {date}",
        "book {title} on {date}",
        "make a new event {title} on {date}",
        "plan {title} for {date}",
    ],
    dev=["enter {title} in my calendar for {date}", "plan an event {title} on {date}"],
    gate=[
        "add a new event called {title} on {date}",
        "put {title} on my calendar on {date}",
        "schedule the event {title} on {date}",
        "create {title} on {date}",
    ],
)
AT_TIME = Phrases(
    "calendar.at_time",
    train=[
        "At {time}.",
        "{time}.",
        "It starts at {time}.",
        "Make it {time}.",
        "Let us say {time}.",
        "{time}, please.",
        "Please take {time} then.",
        "At {time}, thank you.",
    ],
    dev=["Start at {time}.", "I think {time} is good."],
    gate=["Please start at {time}.", "Start it at {time}.", "Let us start at {time}.", "It should be at {time}."],
)
WHEN = Phrases(
    "calendar.when",
    train=[
        "When is {title}?",
        "When does {title} start?",
        "What day and time is {title}?",
        "Tell me when {title} is.",
        "Can you tell me when {title} starts?",
        "On which day and at what time is {title}?",
        "Please look up when {title} is.",
        "I need the date and time of {title}.",
    ],
    dev=["Do you know when {title} is?", "Say when {title} begins."],
    gate=["Please tell me the day and time of {title}.", "When will {title} start?", "Look up when {title} starts."],
)
ON_DAY = Phrases(
    "calendar.on_day",
    train=[
        "What is on {date}?",
        "What do I have on {date}?",
        "Which events are on {date}?",
        "What is planned for {date}?",
        "Tell me what is on my calendar on {date}.",
        "List my events for {date}.",
        "Show me {date}.",
        "What is in my calendar for {date}?",
    ],
    dev=["What does {date} look like?", "Which plans do I have for {date}?"],
    gate=["What events do I have on {date}?", "Tell me my events for {date}.", "What is there on {date}?"],
)
MOVE_TIME = Phrases(
    "calendar.move_time",
    train=[
        "move {title} to {time}",
        "change the time of {title} to {time}",
        "let {title} start at {time}",
        "shift {title} to {time}",
        "make {title} start at {time}",
        "set the start of {title} to {time}",
        "put {title} at {time}",
        "have {title} start at {time} instead",
    ],
    dev=["change {title} so that it starts at {time}", "bring {title} to {time}"],
    gate=["let {title} be at {time}", "move the start of {title} to {time}", "change {title} to {time}"],
)
MOVE_DATE = Phrases(
    "calendar.move_date",
    train=[
        "move {title} to {date}, same time",
        "change the date of {title} to {date}",
        "shift {title} to {date}",
        "put {title} on {date} at the same time",
        "move {title} to the same time on {date}",
        "change the day of {title} to {date}",
        "let {title} be on {date} instead, at the same time",
    ],
    dev=["change {title} to the day {date}", "bring {title} to {date}, same time"],
    gate=[
        "move the date of {title} to {date}",
        "set the day of {title} to {date}",
        "let {title} be on {date}, same time",
    ],
)
CANCEL = Phrases(
    "calendar.cancel",
    train=[
        "cancel {title}",
        "delete {title} from my calendar",
        "remove {title}",
        "take {title} off the calendar",
        "call off {title}",
        "drop {title} from the calendar",
        "delete {title}",
        "remove {title} from my calendar",
    ],
    dev=["strike {title}", "take {title} out of my calendar"],
    gate=["cancel the event {title}", "remove the event {title}", "take {title} off", "delete the event {title}"],
)
INVITE = Phrases(
    "calendar.invite",
    train=[
        "invite {guests} to {title}",
        "add {guests} to {title}",
        "ask {guests} to come to {title}",
        "send {guests} an invite to {title}",
        "put {guests} on the guest list of {title}",
        "add {guests} to the list for {title}",
        "have {guests} join {title}",
    ],
    dev=["bring {guests} in for {title}", "add {guests} to the people at {title}"],
    gate=[
        "invite {guests} to come to {title}",
        "add {guests} to the guests of {title}",
        "ask {guests} to join {title}",
    ],
)
REPEAT = Phrases(
    "calendar.repeat",
    train=[
        "make {title} repeat {repeat}",
        "repeat {title} {repeat}",
        "set {title} to repeat {repeat}",
        "have {title} come again {repeat}",
        "let {title} happen {repeat}",
        "turn on {repeat} repeat for {title}",
        "set {title} to {repeat}",
    ],
    dev=["let {title} come back {repeat}", "have {title} repeat {repeat}"],
    gate=["let {title} repeat {repeat}", "make {title} come again {repeat}", "set {title} to happen {repeat}"],
)
HOW_LONG = Phrases(
    "calendar.how_long",
    train=[
        "tell me how long {title} takes",
        "look up how long {title} is",
        "tell me the length of {title}",
        "say how many minutes {title} lasts",
        "check how long {title} lasts",
        "find out how long {title} takes",
        "tell me how many minutes {title} is",
        "look up the length of {title} in minutes",
    ],
    dev=["tell me how long {title} lasts", "look up how many minutes {title} takes", "say how long {title} is"],
    gate=[
        "find out how many minutes {title} takes",
        "tell me for how long {title} goes on",
        "check the length of {title}",
    ],
)
# The plots of the gate alone.
WHO = Phrases(
    "calendar.who",
    gate=[
        "Who is invited to {title}?",
        "Who comes to {title}?",
        "Tell me who is on the guest list of {title}.",
        "Which guest does {title} have?",
    ],
)
REPLACE = Phrases(
    "calendar.replace",
    gate=[
        "{a}; if something else is on at that time, cancel it first",
        "{a}, and remove what is there at that time before",
        "{a}; if that time is taken, cancel the other event first",
    ],
)
GUEST_IS = Phrases(
    "calendar.guest_is",
    gate=[
        "The person I have in mind is {guest}.",
        "{guest} is the one I would like to see there.",
        "It is {guest} who has to come.",
    ],
)
INVITE_OPEN = Phrases(
    "calendar.invite_open",
    gate=[
        "invite someone to {title}",
        "add a guest to {title}",
        "put one more guest on the list of {title}",
        "ask someone to join {title}",
    ],
)


def _event(title: str, date: str, time: str, **more: Any) -> dict[str, Any]:
    return {"title": title, "date": date, "time": time, "minutes": 60, "guests": [], "repeat": "none", **more}


def _begin(s: Script, *events: dict[str, Any]) -> None:
    """Start with these events, in any order."""
    shuffled = s.rng.sample(events, len(events))
    s.begin({"events": {f"e{n}": event for n, event in enumerate(shuffled, 1)}, "next": len(events) + 1})


def _times(s: Script, count: int) -> list[str]:
    """Different times of day, in order."""
    hours = s.rng.sample(range(7, 21), count)
    return [f"{hour:02d}:{s.rng.choice(('00', '30'))}" for hour in sorted(hours)]


def _dates(s: Script, count: int) -> list[str]:
    """Different days, in any order."""
    dates: list[str] = []
    while len(dates) < count:
        if (date := s.words.date()) not in dates:
            dates.append(date)
    return dates


def _id_of(listed: dict[str, Any], title: str) -> str:
    event_id: str = next(event["event_id"] for event in listed["events"] if event["title"] == title)
    return event_id


@family(domain="calendar", tier="easy", role="train")
def add_event(s: Script) -> None:
    title, time, (date, other_date) = s.words.title(), s.words.time(), _dates(s, 2)
    _begin(s, *([_event(s.words.title(), other_date, s.words.time())] if s.rng.random() < 0.5 else []))
    clause = s.phrase(CREATE, title=title, date=date, time=time)
    if s.rng.random() < 0.5:
        minutes = s.rng.choice((15, 20, 30, 45, 90, 120))
        s.turn(s.please(s.phrase(LENGTH, a=clause, minutes=minutes)))
        s.call("create_event", title=title, date=date, time=time, minutes=minutes)
    else:
        s.turn(s.please(clause))
        s.call("create_event", title=title, date=date, time=time)
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="easy", role="train")
def when_is(s: Script) -> None:
    title, (date, *others) = s.words.title(), _dates(s, s.rng.choice((2, 3)))
    wanted = _event(title, date, s.words.time())
    _begin(s, wanted, *(_event(s.words.title(), other, s.words.time()) for other in others))
    s.turn(s.phrase(WHEN, title=title))
    s.call("list_events")
    s.end(f"It is on {wanted['date']} at {wanted['time']}.", tell=[wanted["date"], wanted["time"]])


@family(domain="calendar", tier="easy", role="train")
def how_long(s: Script) -> None:
    title, times, (date, other_date) = s.words.title(), _times(s, 2), _dates(s, 2)
    minutes = s.rng.choice((15, 20, 30, 45, 50, 90, 120))
    _begin(s, _event(title, date, times[0], minutes=minutes), _event(s.words.title(), other_date, times[1]))
    s.turn(s.please(s.phrase(HOW_LONG, title=title)))
    s.call("get_event", event_id=_id_of(s.call("list_events"), title), derived=["event_id"])
    s.end(f"It lasts {minutes} minutes.", tell=[minutes])


@family(domain="calendar", tier="easy", role="train")
def book_if_free(s: Script) -> None:
    date, (first, second) = s.words.date(), _times(s, 2)
    title, taken = s.words.title(), s.rng.random() < 0.5
    _begin(s, _event(s.words.title(), date, first if taken else "21:30"))
    s.turn(s.please(s.phrase(CREATE_OR, a=s.phrase(CREATE, title=title, date=date, time=first), other=second)))
    free = s.call("check_slot", date=date, time=first)["free"]
    time = first if free else second
    s.call("create_event", title=title, date=date, time=time)
    s.end(f"It is booked for {time}.", tell=[time])


@family(domain="calendar", tier="easy", role="train", abstain=True)
def add_event_without_time(s: Script) -> None:
    title, time, (date, other_date) = s.words.title(), s.words.time(), _dates(s, 2)
    _begin(s, _event(s.words.title(), other_date, s.words.time()))
    s.turn(s.please(s.phrase(CREATE_OPEN, title=title, date=date)))
    s.end("What time should it start?", asks=True)
    s.turn(s.phrase(AT_TIME, time=time))
    s.call("create_event", title=title, date=date, time=time)
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="train")
def move_and_cancel(s: Script) -> None:
    moved, cancelled = s.words.title(), s.words.title()
    days, times = _dates(s, 4), _times(s, 3)
    _begin(
        s,
        _event(moved, days[0], times[0]),
        _event(cancelled, days[1], times[1]),
        _event(s.words.title(), days[2], times[2]),
    )
    by_time = s.rng.random() < 0.5
    change: dict[str, Any] = {"time": times[2]} if by_time else {"date": days[3]}
    move = s.phrase(MOVE_TIME if by_time else MOVE_DATE, title=moved, **change)
    cancel = s.phrase(CANCEL, title=cancelled)
    move_first = s.rng.random() < 0.5
    s.turn(s.please(move, cancel) if move_first else s.please(cancel, move))
    listed = s.call("list_events")
    for moving in (move_first, not move_first):
        if moving:
            s.call("move_event", event_id=_id_of(listed, moved), **change, derived=["event_id"])
        else:
            s.call("cancel_event", event_id=_id_of(listed, cancelled), derived=["event_id"])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="train")
def new_with_guests(s: Script) -> None:
    """Add an event and share it, in one message or in two."""
    title, time, (date, other_date) = s.words.title(), s.words.time(), _dates(s, 2)
    guests = [s.words.person() for _ in range(s.rng.choice((1, 2)))]
    repeat = s.rng.choice(REPEATS)
    _begin(s, _event(s.words.title(), other_date, s.words.time()))

    def share() -> tuple[str, str]:
        return s.phrase(INVITE, title="it", guests=" and ".join(guests)), s.phrase(REPEAT, title="it", repeat=repeat)

    at_once = s.rng.random() < 0.5
    s.turn(s.please(s.phrase(CREATE, title=title, date=date, time=time), *(share() if at_once else ())))
    event_id = s.call("create_event", title=title, date=date, time=time)["event_id"]
    if not at_once:
        s.end(s.rng.choice(DONE))
        s.turn(s.please(*share()))
    s.call("invite_guests", event_id=event_id, guests=guests, derived=["event_id"])
    s.call("set_event_repeat", event_id=event_id, repeat=repeat, derived=["event_id"])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="hard", role="train")
def busy_day(s: Script) -> None:
    """Look at a day, change one event of it, then put a new one in the place of the other."""
    (date, other_date), times = _dates(s, 2), _times(s, 3)
    early, late, new, guest = s.words.title(), s.words.title(), s.words.title(), s.words.person()
    _begin(
        s, _event(early, date, times[0]), _event(late, date, times[1]), _event(s.words.title(), other_date, times[0])
    )
    s.turn(s.phrase(ON_DAY, date=date))
    listed = s.call("list_events", date=date)
    told = [f"{event['title']} at {event['time']}" for event in listed["events"]]
    s.end(f"You have {' and '.join(told)}.", tell=told)
    s.turn(s.please(s.phrase(MOVE_TIME, title=early, time=times[2]), s.phrase(INVITE, title="it", guests=guest)))
    event_id = _id_of(listed, early)
    s.call("move_event", event_id=event_id, time=times[2], derived=["event_id"])
    s.call("invite_guests", event_id=event_id, guests=[guest], derived=["event_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(CANCEL, title=late), s.phrase(CREATE, title=new, date=date, time=times[1])))
    s.call("cancel_event", event_id=_id_of(listed, late), derived=["event_id"])
    s.call("create_event", title=new, date=date, time=times[1])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="dev")
def length_then_repeat(s: Script) -> None:
    asked, repeated, repeat = s.words.title(), s.words.title(), s.rng.choice(REPEATS)
    (day, other_day), times = _dates(s, 2), _times(s, 2)
    minutes = s.rng.choice((15, 25, 40, 75, 90))
    _begin(s, _event(asked, day, times[0], minutes=minutes), _event(repeated, other_day, times[1]))
    s.turn(s.please(s.phrase(REPEAT, title=repeated, repeat=repeat), s.phrase(HOW_LONG, title=asked)))
    listed = s.call("list_events")
    s.call("set_event_repeat", event_id=_id_of(listed, repeated), repeat=repeat, derived=["event_id"])
    s.call("get_event", event_id=_id_of(listed, asked), derived=["event_id"])
    s.end(f"It lasts {minutes} minutes.", tell=[minutes])


@family(domain="calendar", tier="easy", role="gate")
def repeat_one(s: Script) -> None:
    title, repeat, days = s.words.title(), s.rng.choice(REPEATS), _dates(s, 2)
    _begin(s, *(_event(name, day, s.words.time()) for name, day in zip((title, s.words.title()), days, strict=True)))
    s.turn(s.please(s.phrase(REPEAT, title=title, repeat=repeat)))
    listed = s.call("list_events")
    s.call("set_event_repeat", event_id=_id_of(listed, title), repeat=repeat, derived=["event_id"])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="gate")
def replace_taken_slot(s: Script) -> None:
    old, new, date, times = s.words.title(), s.words.title(), s.words.date(), _times(s, 2)
    _begin(s, _event(old, date, times[0]), _event(s.words.title(), date, times[1]))
    s.turn(s.please(s.phrase(REPLACE, a=s.phrase(CREATE, title=new, date=date, time=times[0]))))
    listed = s.call("list_events", date=date)
    s.call("cancel_event", event_id=_id_of(listed, old), derived=["event_id"])
    s.call("create_event", title=new, date=date, time=times[0])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="hard", role="gate")
def same_guest_again(s: Script) -> None:
    """Find out who comes to one event, then make another with the same guest."""
    old, new, guest, other = s.words.title(), s.words.title(), s.words.person(), s.words.person()
    (day, new_day), times, repeat = _dates(s, 2), _times(s, 3), s.rng.choice(REPEATS)
    _begin(s, _event(old, day, times[0], guests=[guest]), _event(s.words.title(), day, times[1], guests=[other]))
    s.turn(s.phrase(WHO, title=old))
    event_id = _id_of(s.call("list_events"), old)
    s.call("get_event", event_id=event_id, derived=["event_id"])
    s.end(f"{guest} is invited.", tell=[guest])
    s.turn(
        s.please(s.phrase(CREATE, title=new, date=new_day, time=times[2]), s.phrase(INVITE, title="it", guests=guest))
    )
    new_id = s.call("create_event", title=new, date=new_day, time=times[2])["event_id"]
    s.call("invite_guests", event_id=new_id, guests=[guest], derived=["event_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(REPEAT, title=old, repeat=repeat)))
    s.call("set_event_repeat", event_id=event_id, repeat=repeat, derived=["event_id"])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="easy", role="gate", abstain=True)
def invite_without_name(s: Script) -> None:
    title, days = s.words.title(), _dates(s, 2)
    _begin(s, *(_event(name, day, s.words.time()) for name, day in zip((title, s.words.title()), days, strict=True)))
    s.turn(s.please(s.phrase(INVITE_OPEN, title=title)))
    s.end("Who should I invite?", asks=True)
    if s.twin:
        guest = s.words.person()
        s.turn(s.phrase(GUEST_IS, guest=guest))
        s.call("invite_guests", event_id=_id_of(s.call("list_events"), title), guests=[guest], derived=["event_id"])
        s.end(s.rng.choice(DONE))
