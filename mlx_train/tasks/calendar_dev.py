"""Calendar families of the development suites, by which recipes and checkpoints are chosen; no training, no gate."""

from __future__ import annotations

from mlx_train.tasks.calendar import REPEATS, _begin, _dates, _event, _id_of, _times
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

FULLER_DAY = Phrases(
    "calendar.dev.fuller_day",
    dev=[
        "find out which day has more events, {a} or {b}, and how many there are on that day",
        "look at {a} and at {b} and name the day with more events, along with how many it has",
        "say on which of the two days {a} and {b} I have more events, and how many that day has",
    ],
)
DROP_AT = Phrases(
    "calendar.dev.drop_at",
    dev=[
        "strike whatever starts on {date} at {time}",
        "call off what begins at {time} on {date}",
        "look at {date} and take out the event that starts there at {time}",
    ],
)
OTHER_GUEST = Phrases(
    "calendar.dev.other_guest",
    dev=[
        "bring {a} in for {title}, or {b} in case {a} is invited already, and in both cases let it come back {repeat}",
        "turn {title} into a {repeat} event and add {a} to the people there; if {a} is among them already, add {b} in "
        "place of {a}",
        "see to it that {title} comes back {repeat} and has one new guest, {a}, or {b} should {a} be a guest already",
    ],
)
GUEST_OF = Phrases(
    "calendar.dev.guest_of",
    dev=[
        "To which of my events {a} and {b} is {guest} invited?",
        "{guest} is a guest at either {a} or {b}. Which one is it?",
        "One of the events {a} and {b} has {guest} as a guest. Please find out which one.",
    ],
)
TO_NEW_DAY = Phrases(
    "calendar.dev.to_new_day",
    dev=[
        "Then that event has to be on {date}, at the time it has now.",
        "Its day is not good. Bring it to {date} and leave its time as it is.",
        "I need that one on {date}, with no change to its time.",
    ],
)
WRONG_ONE = Phrases(
    "calendar.dev.wrong_one",
    dev=[
        "I mixed up the two. Put this one back on the day it had before, and let the other one of the two be on the "
        "new day, each at its own time.",
        "Oh, that was the wrong one of the two. Bring it back to its old day, and bring the other one to the new day "
        "with no change to its time.",
        "Sorry, that should not have been this one. It goes back to its old day, and the other one of the two goes to "
        "the new day; their times stay as they are.",
    ],
)


@family(domain="calendar", tier="easy", role="dev")
def fuller_day(s: Script) -> None:
    """Say which of two days has more events, and how many."""
    days, counts = _dates(s, 3), [*s.rng.sample((1, 2, 3, 4), 2), 1]
    starts = [(day, time) for day, count in zip(days, counts, strict=True) for time in _times(s, count)]
    _begin(s, *(_event(s.words.title(), day, time) for day, time in starts))
    s.turn(s.please(s.phrase(FULLER_DAY, a=days[0], b=days[1])))
    found = {day: len(s.call("list_events", date=day)["events"]) for day in days[:2]}
    day = max(found, key=found.__getitem__)
    s.end(f"That is {day} with {found[day]}.", tell=[day, found[day]])


@family(domain="calendar", tier="easy", role="dev")
def drop_by_moment(s: Script) -> None:
    """Cancel an event that the user knows only by its start."""
    (date, other), times = _dates(s, 2), _times(s, 3)
    time = s.rng.choice(times)
    _begin(s, *(_event(s.words.title(), date, at) for at in times), _event(s.words.title(), other, time))
    s.turn(s.please(s.phrase(DROP_AT, date=date, time=time)))
    (found,) = [event for event in s.call("list_events", date=date)["events"] if event["time"] == time]
    s.call("cancel_event", event_id=found["event_id"], derived=["event_id"])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="dev")
def guest_or_other_guest(s: Script) -> None:
    """Invite one person, or another if the first is invited already, and set the rhythm in any case."""
    title, a, b, third = s.words.title(), s.words.person(), s.words.person(), s.words.person()
    days, times, repeat, there = _dates(s, 2), _times(s, 2), s.rng.choice(REPEATS), s.rng.random() < 0.6
    _begin(
        s,
        _event(title, days[0], times[0], guests=[a, third] if there else [third]),
        _event(s.words.title(), days[1], times[1], guests=[a]),
    )
    s.turn(s.please(s.phrase(OTHER_GUEST, title=title, a=a, b=b, repeat=repeat)))
    event_id = _id_of(s.call("list_events"), title)
    s.call("invite_guests", event_id=event_id, guests=[a], derived=["event_id"], fails=there)
    if there:
        s.call("invite_guests", event_id=event_id, guests=[b], derived=["event_id"])
    s.call("set_event_repeat", event_id=event_id, repeat=repeat, derived=["event_id"])
    s.end(f"I invited {b if there else a}.", tell=[b if there else a])


@family(domain="calendar", tier="hard", role="dev")
def moved_the_wrong_one(s: Script) -> None:
    """Find the event of a guest, move it, then undo that and move the other event instead."""
    titles, people = [s.words.title() for _ in range(3)], [s.words.person() for _ in range(3)]
    days, times = _dates(s, 4), _times(s, 3)
    events = zip(titles, days[:3], times, people, strict=True)
    _begin(s, *(_event(title, day, time, guests=[person]) for title, day, time, person in events))
    right = s.rng.randrange(2)
    s.turn(s.phrase(GUEST_OF, a=titles[0], b=titles[1], guest=people[right]))
    listed = s.call("list_events")
    ids = [_id_of(listed, title) for title in titles[:2]]
    for event_id in ids:
        s.call("get_event", event_id=event_id, derived=["event_id"])
    s.end(f"It is {titles[right]}.", tell=[titles[right]])
    s.turn(s.phrase(TO_NEW_DAY, date=days[3]))
    s.call("move_event", event_id=ids[right], date=days[3], derived=["event_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(WRONG_ONE))
    s.call("move_event", event_id=ids[right], date=days[right], derived=["event_id", "date"])
    s.call("move_event", event_id=ids[1 - right], date=days[3], derived=["event_id"])
    s.end(s.rng.choice(DONE))
