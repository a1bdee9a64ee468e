"""Trained calendar families of requests in any order; see `mixed`."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks import calendar as say
from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.mixed import mixed
from mlx_train.tasks.phrases import Phrases

IS_FREE = Phrases(
    "calendar.is_free",
    train=[
        "check whether [anything|something] starts on {date} at {time}",
        "tell me if {time} on {date} is [free|open|still free|taken]",
        "find out if I am [free|available] at {time} on {date}",
        "see whether I can still [use|take|have] {date}, {time}",
    ],
    dev=["say whether {date} at {time} has nothing in it", "look if the slot {time} on {date} is open"],
)
IF_FREE = Phrases(
    "calendar.if_free",
    train=[
        "{a}, but only if [nothing|nothing else] is on [then|at that time]",
        "{a} [provided that|if] this time is [free|open]",
        "see if I am [free|available] [then|at that time], and if so, {a}",
        "{a}, unless [that time|the slot|that moment] is [taken|occupied]",
    ],
    dev=["look if that time is open and in that case {a}", "{a}, except when there is something at that time already"],
)
LONGER = Phrases(
    "calendar.longer",
    train=[
        "tell me which of {a} and {b} [takes longer|is longer|lasts longer]",
        "find out which [takes more time|is the longer one], {a} or {b}",
        "say whether {a} or {b} [goes on for longer|takes more time]",
    ],
    dev=["let me know if {a} or {b} is the longer event", "name the longer event, {a} or {b}"],
)


class Diary(Board):
    """A calendar with a few events. Their ids are known once all were listed."""

    def __init__(self, s: Script) -> None:
        count = s.rng.choice((2, 3, 3, 4))
        events = [
            say._event(
                s.words.title(), date, s.words.time(), minutes=s.rng.choice((15, 20, 30, 45, 50, 60, 90, 120)),
                guests=[s.words.person()] if s.rng.random() < 0.3 else [], repeat=s.rng.choice(("none", *say.REPEATS)),
            )
            for date in say._dates(s, count)
        ]  # fmt: skip
        super().__init__(s, {"events": {f"e{n}": event for n, event in enumerate(events, 1)}, "next": count + 1})
        self.known: set[str] = set()

    @property
    def events(self) -> dict[str, dict[str, Any]]:
        """The events by id."""
        events: dict[str, dict[str, Any]] = self._state["events"]
        return events

    def event(self) -> tuple[str, str]:
        """Id and title of an event."""
        id = self.pick(sorted(self.events))
        return id, self.events[id]["title"]

    def look(self, id: str) -> str:
        """The id, after a look at the list if it was not seen yet."""
        if id not in self.known:
            self.do("list_events")
            self.known |= set(self.events)
        return id

    def free(self) -> tuple[str, str]:
        """A day and a time at which nothing starts."""
        return say._dates(self.s, 1)[0], self.s.words.time()


def add(d: Diary) -> None:
    title, (date, time) = d.s.words.title(), d.free()
    clause = d.s.phrase(say.CREATE, title=title, date=date, time=time)
    more: dict[str, Any] = {}
    if d.rng.random() < 0.4:
        more["minutes"] = d.rng.choice((15, 20, 30, 45, 90, 120))
        clause = d.s.phrase(say.LENGTH, a=clause, **more)
    d.clause(clause)
    d.known.add(d.do("create_event", title=title, date=date, time=time, **more)["event_id"])


def add_and_share(d: Diary) -> None:
    title, (date, time), guest = d.s.words.title(), d.free(), d.s.words.person()
    d.ask(say.CREATE, title=title, date=date, time=time)
    id = d.do("create_event", title=title, date=date, time=time)["event_id"]
    d.known.add(id)
    if d.rng.random() < 0.5:
        d.ask(say.INVITE, title="it", guests=guest)
        d.do("invite_guests", event_id=id, guests=[guest], derived=["event_id"])
    else:
        repeat = d.rng.choice(say.REPEATS)
        d.ask(say.REPEAT, title="it", repeat=repeat)
        d.do("set_event_repeat", event_id=id, repeat=repeat, derived=["event_id"])


def move(d: Diary) -> None:
    id, title = d.event()
    date, time = d.free()
    if d.rng.random() < 0.5:
        d.ask(say.MOVE_TIME, title=title, time=time)
        d.do("move_event", event_id=d.look(id), time=time, derived=["event_id"])
    else:
        d.ask(say.MOVE_DATE, title=title, date=date)
        d.do("move_event", event_id=d.look(id), date=date, derived=["event_id"])


def cancel(d: Diary) -> None:
    if len(d.events) < 2:
        raise Redraw
    id, title = d.event()
    if d.rng.random() < 0.2:
        d.ask(say.CANCEL, title=f"event {id}")
        d.do("cancel_event", event_id=id)
    else:
        d.ask(say.CANCEL, title=title)
        d.do("cancel_event", event_id=d.look(id), derived=["event_id"])


def invite(d: Diary) -> None:
    id, title = d.event()
    guests = [d.s.words.person() for _ in range(d.rng.choice((1, 1, 2)))]
    d.ask(say.INVITE, title=title, guests=" and ".join(guests))
    d.do("invite_guests", event_id=d.look(id), guests=guests, derived=["event_id"])


def repeat(d: Diary) -> None:
    id, title = d.event()
    rhythm = d.pick([one for one in say.REPEATS if one != d.events[id]["repeat"]])
    if d.rng.random() < 0.2:
        d.ask(say.REPEAT, title=f"event {id}", repeat=rhythm)
        d.do("set_event_repeat", event_id=id, repeat=rhythm)
    else:
        d.ask(say.REPEAT, title=title, repeat=rhythm)
        d.do("set_event_repeat", event_id=d.look(id), repeat=rhythm, derived=["event_id"])


def how_long(d: Diary) -> None:
    id, title = d.event()
    d.ask(say.HOW_LONG, title=title)
    minutes = d.do("get_event", event_id=d.look(id), derived=["event_id"])["minutes"]
    d.answer(f"{title} lasts {minutes} minutes.", minutes)


def longer(d: Diary) -> None:
    if len(d.events) < 2:
        raise Redraw
    pair = d.rng.sample(sorted(d.events), 2)
    minutes = [d.events[id]["minutes"] for id in pair]
    if minutes[0] == minutes[1]:
        raise Redraw
    titles = [d.events[id]["title"] for id in pair]
    d.ask(LONGER, a=titles[0], b=titles[1])
    for id in pair:
        d.do("get_event", event_id=d.look(id), derived=["event_id"])
    most = titles[minutes.index(max(minutes))]
    d.answer(f"{most} takes longer, {max(minutes)} minutes.", most)


def when(d: Diary) -> None:
    id, title = d.event()
    if id in d.known:
        raise Redraw
    d.request(say.WHEN, title=title)
    d.look(id)
    event = d.events[id]
    d.answer(f"It is on {event['date']} at {event['time']}.", event["date"], event["time"])


def on_day(d: Diary) -> None:
    _, title = d.event()
    (date,) = [event["date"] for event in d.events.values() if event["title"] == title]
    d.request(say.ON_DAY, date=date)
    found = d.do("list_events", date=date)["events"]
    d.known |= {event["event_id"] for event in found}
    told = [f"{event['title']} at {event['time']}" for event in found]
    d.answer(f"You have {' and '.join(told)}.", *told)


def is_free(d: Diary) -> None:
    date, time, free = _slot(d)
    d.ask(IS_FREE, date=date, time=time)
    d.do("check_slot", date=date, time=time)
    d.answer(*(("Yes, it is free.", "yes") if free else ("No, it is taken.", "no")))


def if_free(d: Diary) -> None:
    date, time, free = _slot(d)
    title = d.s.words.title()
    d.clause(d.s.phrase(IF_FREE, a=d.s.phrase(say.CREATE, title=title, date=date, time=time)))
    d.do("check_slot", date=date, time=time)
    if free:
        d.known.add(d.do("create_event", title=title, date=date, time=time)["event_id"])
        d.answer(f"It was free, and {title} is booked.")
    else:
        d.answer("It is taken, so I left it.")


def if_not_then(d: Diary) -> None:
    date, time, free = _slot(d)
    title, other = d.s.words.title(), d.free()[1]
    if other == time or (date, other) in {(event["date"], event["time"]) for event in d.events.values()}:
        raise Redraw
    clause = d.s.phrase(say.CREATE, title=title, date=date, time=time)
    d.clause(d.s.phrase(say.CREATE_OR, a=clause, other=other))
    d.do("check_slot", date=date, time=time)
    chosen = time if free else other
    d.known.add(d.do("create_event", title=title, date=date, time=chosen)["event_id"])
    d.answer(f"It is booked for {chosen}.", chosen)


def _slot(d: Diary) -> tuple[str, str, bool]:
    """A day, a time, and whether nothing starts then."""
    if d.rng.random() < 0.5:
        return *d.free(), True
    event = d.events[d.event()[0]]
    return event["date"], event["time"], False


def ask_time(d: Diary) -> None:
    title, (date, time) = d.s.words.title(), d.free()
    d.ask(say.CREATE_OPEN, title=title, date=date)
    d.answer("What time should it start?")
    d.send(asks=True)
    d.do("create_event", title=title, date=date, time=time)
    d.send(d.s.phrase(say.AT_TIME, time=time))


MOVES = (
    add, add_and_share, move, cancel, invite, repeat, how_long, longer, when, on_day, is_free, if_free, if_not_then,
)  # fmt: skip
mixed("calendar", Diary, MOVES, (ask_time,))
