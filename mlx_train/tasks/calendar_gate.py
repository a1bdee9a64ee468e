"""More calendar tasks of the gate: they share the tools with training, but neither plots nor phrasings."""

from __future__ import annotations

from mlx_train.tasks.calendar import REPEATS, _begin, _dates, _event, _id_of, _times
from mlx_train.tasks.family import Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.phrases import DONE, Phrases

EARLIEST = Phrases(
    "calendar.earliest",
    gate=[
        "Which of my events on {date} is the earliest?",
        "With which event does {date} begin?",
        "Several things are on {date}. What is the title of the first one?",
    ],
)
LATEST = Phrases(
    "calendar.latest",
    gate=[
        "Which of my events on {date} is the latest?",
        "Which event starts last on {date}?",
        "Several things are on {date}. What is the title of the last one?",
    ],
)
MOVE_ID = Phrases(
    "calendar.move_id",
    gate=[
        "reschedule event {event} to {date}, {time}",
        "give event {event} the new date {date} and the new time {time}",
        "have event {event} take place on {date} at {time} instead",
    ],
)
LONGER_OFF = Phrases(
    "calendar.longer_off",
    gate=[
        "find out whether {a} or {b} takes more minutes, and cancel the longer one",
        "compare how long {a} and {b} take and cancel the one that takes longer",
        "cancel the longer one of the two events {a} and {b}",
    ],
)
LONG_OR_SHORT = Phrases(
    "calendar.long_or_short",
    gate=[
        "If {title} takes more than {limit} minutes, let it start at {time} the same day; otherwise invite {guest}.",
        "Check how long {title} takes. Should it be more than {limit} minutes, let it start at {time}. If not, "
        "put {guest} on its guest list.",
        "Invite {guest} to {title}, unless it is longer than {limit} minutes: in that case do not invite anybody, and "
        "change its start to {time}.",
    ],
)
MOVE_OR = Phrases(
    "calendar.move_or",
    gate=[
        "reschedule {title} to {date} at {time}, or at {other} if another event starts at that moment",
        "have {title} on {date} at {time}, unless another event starts then: in that case, at {other}",
        "try to put {title} on {date} at {time}, and if that moment is taken, at {other} the same day",
    ],
)
NEW_EVENT = Phrases(
    "calendar.new_event",
    gate=[
        "I need {title} in my calendar on {date} at {time}, and it takes {minutes} minutes.",
        "Please enter {title}: {date}, {time}, {minutes} minutes.",
        "There will be {title} on {date}. It starts at {time} and takes {minutes} minutes. Please add it.",
    ],
)
RATHER_AT = Phrases(
    "calendar.rather_at",
    gate=[
        "No, sorry, it should rather start at {time}, and please invite {guest}.",
        "Oh, {time} suits me better. Change that, and ask {guest} to come.",
        "I was wrong about the start: it is {time}. And {guest} should be invited.",
    ],
)
RATHER_OTHER = Phrases(
    "calendar.rather_other",
    gate=[
        "I have changed my mind. Cancel it and create {title} on {date} at {time} in its place, for {minutes} minutes.",
        "We will not do that after all: remove it, and enter {title} for {date} at {time}, {minutes} minutes long.",
        "Forget that event and take it out of the calendar. Instead, add {title} on {date} at {time}; it takes "
        "{minutes} minutes.",
    ],
)
ALL_BUT = Phrases(
    "calendar.all_but",
    gate=[
        "cancel everything on {date} except {title}",
        "clear {date}, but keep {title}",
        "remove all events of {date} other than {title}",
    ],
)
KEPT_ONE = Phrases(
    "calendar.kept_one",
    gate=[
        "let the one that is left on that day start at {time} and happen {repeat}",
        "have the event that I kept at {time} instead, and set it to come again {repeat}",
        "change the start of the one you kept to {time} and make it a {repeat} event",
    ],
)
INVITE_ID = Phrases(
    "calendar.invite_id",
    gate=[
        "let {a} and {b} know that they are invited to event {event}",
        "put both {a} and {b} on the guest list of event {event}",
        "have {a} and {b} as guests of event {event}",
    ],
)


@family(domain="calendar", tier="easy", role="gate")
def ends_of_day(s: Script) -> None:
    """Say which event of a day is the first, or the last."""
    date, other = _dates(s, 2)
    times, titles = _times(s, 3), [s.words.title() for _ in range(3)]
    events = [_event(title, date, time) for title, time in zip(titles, times, strict=True)]
    _begin(s, *events, _event(s.words.title(), other, s.words.time()))
    first = s.rng.random() < 0.5
    s.turn(s.phrase(EARLIEST if first else LATEST, date=date))
    s.call("list_events", date=date)
    title = titles[0 if first else -1]
    s.end(f"That is {title}.", tell=[title])


@family(domain="calendar", tier="easy", role="gate")
def reschedule_by_id(s: Script) -> None:
    """Another day and time for an event that the user names by its id."""
    days, times = _dates(s, 4), _times(s, 4)
    _begin(s, *(_event(s.words.title(), day, time) for day, time in zip(days[:3], times[:3], strict=True)))
    event_id = f"e{s.words.number(1, 3)}"
    s.turn(s.please(s.phrase(MOVE_ID, event=event_id, date=days[3], time=times[3])))
    s.call("move_event", event_id=event_id, date=days[3], time=times[3])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="easy", role="gate")
def invite_by_id(s: Script) -> None:
    """Invite two people to an event that the user names by its id."""
    days, times = _dates(s, 3), _times(s, 3)
    _begin(s, *(_event(s.words.title(), day, time) for day, time in zip(days, times, strict=True)))
    event_id, a, b = f"e{s.words.number(1, 3)}", s.words.person(), s.words.person()
    s.turn(s.please(s.phrase(INVITE_ID, event=event_id, a=a, b=b)))
    s.call("invite_guests", event_id=event_id, guests=[a, b])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="gate")
def cancel_the_longer(s: Script) -> None:
    """Compare the lengths of two events and cancel the longer one."""
    titles, days, times = [s.words.title() for _ in range(3)], _dates(s, 3), _times(s, 3)
    lengths = s.rng.sample((15, 30, 45, 75, 90, 120, 150), 3)
    events = zip(titles, days, times, lengths, strict=True)
    _begin(s, *(_event(title, day, time, minutes=minutes) for title, day, time, minutes in events))
    s.turn(s.please(s.phrase(LONGER_OFF, a=titles[0], b=titles[1])))
    listed = s.call("list_events")
    ids = [_id_of(listed, title) for title in titles[:2]]
    minutes = {id: s.call("get_event", event_id=id, derived=["event_id"])["minutes"] for id in ids}
    s.call("cancel_event", event_id=max(ids, key=minutes.__getitem__), derived=["event_id"])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="gate")
def long_or_short(s: Script) -> None:
    """Reschedule an event if it is long, invite somebody if it is not."""
    title, guest, (day, other_day), times = s.words.title(), s.words.person(), _dates(s, 2), _times(s, 3)
    limit = s.rng.choice((40, 50, 60, 80))
    minutes = limit + s.rng.choice((-25, -10, 10, 30))
    _begin(s, _event(title, day, times[0], minutes=minutes), _event(s.words.title(), other_day, times[1]))
    s.turn(s.phrase(LONG_OR_SHORT, title=title, limit=limit, time=times[2], guest=guest))
    event_id = _id_of(s.call("list_events"), title)
    if s.call("get_event", event_id=event_id, derived=["event_id"])["minutes"] > limit:
        s.call("move_event", event_id=event_id, time=times[2], derived=["event_id"])
    else:
        s.call("invite_guests", event_id=event_id, guests=[guest], derived=["event_id"])
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="moderate", role="gate")
def move_or_later(s: Script) -> None:
    """The moment to move an event to is taken, so the second choice is used; then nothing is to be done."""
    title, other, (day, new_day), times = s.words.title(), s.words.title(), _dates(s, 2), _times(s, 3)
    _begin(s, _event(title, day, times[0]), _event(other, new_day, times[1]))
    s.turn(s.please(s.phrase(MOVE_OR, title=title, date=new_day, time=times[1], other=times[2])))
    event_id = _id_of(s.call("list_events"), title)
    s.call("move_event", event_id=event_id, date=new_day, time=times[1], derived=["event_id"], fails=True)
    s.call("move_event", event_id=event_id, date=new_day, time=times[2], derived=["event_id"])
    s.end(f"It is at {times[2]}.")
    pause(s)


@family(domain="calendar", tier="hard", role="gate")
def change_of_plan(s: Script) -> None:
    """Add an event, change its start, then replace it by another one."""
    title, new, guest, days, times = s.words.title(), s.words.title(), s.words.person(), _dates(s, 3), _times(s, 4)
    minutes, new_minutes = s.rng.sample((20, 35, 40, 55, 75, 100), 2)
    _begin(s, _event(s.words.title(), days[2], times[3]))
    s.turn(s.phrase(NEW_EVENT, title=title, date=days[0], time=times[0], minutes=minutes))
    event_id = s.call("create_event", title=title, date=days[0], time=times[0], minutes=minutes)["event_id"]
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(RATHER_AT, time=times[1], guest=guest))
    s.call("move_event", event_id=event_id, time=times[1], derived=["event_id"])
    s.call("invite_guests", event_id=event_id, guests=[guest], derived=["event_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.phrase(RATHER_OTHER, title=new, date=days[1], time=times[2], minutes=new_minutes))
    s.call("cancel_event", event_id=event_id, derived=["event_id"])
    s.call("create_event", title=new, date=days[1], time=times[2], minutes=new_minutes)
    s.end(s.rng.choice(DONE))


@family(domain="calendar", tier="hard", role="gate")
def clear_a_day(s: Script) -> None:
    """Cancel all events of a day except one, then change that one."""
    titles, (date, other_date), times = [s.words.title() for _ in range(4)], _dates(s, 2), _times(s, 4)
    repeat = s.rng.choice(REPEATS)
    events = [_event(title, date, time) for title, time in zip(titles[:3], times[:3], strict=True)]
    _begin(s, *events, _event(titles[3], other_date, times[0]))
    s.turn(s.please(s.phrase(ALL_BUT, date=date, title=titles[0])))
    listed = s.call("list_events", date=date)
    for event in listed["events"]:
        if event["title"] != titles[0]:
            s.call("cancel_event", event_id=event["event_id"], derived=["event_id"])
    s.end(s.rng.choice(DONE))
    s.turn(s.please(s.phrase(KEPT_ONE, time=times[3], repeat=repeat)))
    event_id = _id_of(listed, titles[0])
    s.call("move_event", event_id=event_id, time=times[3], derived=["event_id"])
    s.call("set_event_repeat", event_id=event_id, repeat=repeat, derived=["event_id"])
    s.end(s.rng.choice(DONE))
