"""A calendar: events with a day, a time, guests and a rhythm. Two events never start at the same moment."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from mlx_train.world.base import ToolError, World, copied, tool

EventId = Annotated[str, "Such as e1."]
Day = Annotated[str, "YYYY-MM-DD"]
Clock = Annotated[str, "HH:MM"]


class Calendar(World):
    """State: `{"events": {id: {"title", "date", "time", "minutes", "guests", "repeat"}}, "next": number}`."""

    domain: ClassVar[str] = "calendar"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._events: dict[str, dict[str, Any]] = copied(dict(state["events"]))
        self._next: int = state["next"]

    def state(self) -> dict[str, Any]:
        return {"events": copied(self._events), "next": self._next}

    def outcome(self) -> dict[str, Any]:
        """The events in the order of their start; ids only show in which order they were made."""
        events = sorted(self._events.values(), key=lambda event: (event["date"], event["time"]))
        return {"events": [{**event, "guests": sorted(event["guests"])} for event in events]}

    def _event(self, event_id: str) -> dict[str, Any]:
        if event_id not in self._events:
            raise ToolError(f"no event '{event_id}'")
        return self._events[event_id]

    def _at(self, date: str, time: str) -> str | None:
        """The id of the event that starts at this moment."""
        for event_id, event in self._events.items():
            if (event["date"], event["time"]) == (date, time):
                return event_id
        return None

    @tool
    def create_event(self, title: str, date: Day, time: Clock, minutes: int = 60) -> dict[str, Any]:
        """Add an event."""
        _check_moment(date, time)
        if minutes < 1:
            raise ToolError("minutes must be at least 1")
        if (other := self._at(date, time)) is not None:
            raise ToolError(f"{date} {time} is taken by '{other}'")
        event_id = f"e{self._next}"
        self._next += 1
        self._events[event_id] = {
            "title": title,
            "date": date,
            "time": time,
            "minutes": minutes,
            "guests": [],
            "repeat": "none",
        }
        return {"event_id": event_id}

    @tool
    def list_events(self, date: Day | None = None) -> dict[str, Any]:
        """List the events of one day, or all events."""
        if date is not None:
            _check_date(date)
        return {
            "events": [
                {"event_id": event_id, "title": event["title"], "date": event["date"], "time": event["time"]}
                for event_id, event in self._events.items()
                if date is None or event["date"] == date
            ]
        }

    @tool
    def get_event(self, event_id: EventId) -> dict[str, Any]:
        """Show the details of an event."""
        return dict(self._event(event_id))

    @tool
    def move_event(self, event_id: EventId, date: Day | None = None, time: Clock | None = None) -> dict[str, Any]:
        """Move an event to another day or time."""
        event = self._event(event_id)
        if date is None and time is None:
            raise ToolError("give a date or a time")
        date, time = date or event["date"], time or event["time"]
        _check_moment(date, time)
        if (other := self._at(date, time)) not in (None, event_id):
            raise ToolError(f"{date} {time} is taken by '{other}'")
        event |= {"date": date, "time": time}
        return {"date": date, "time": time}

    @tool
    def cancel_event(self, event_id: EventId) -> dict[str, Any]:
        """Remove an event."""
        self._event(event_id)
        del self._events[event_id]
        return {"cancelled": event_id}

    @tool
    def invite_guests(self, event_id: EventId, guests: list[str]) -> dict[str, Any]:
        """Invite people to an event."""
        event = self._event(event_id)
        if not guests:
            raise ToolError("guests is empty")
        for guest in guests:
            if guest in event["guests"]:
                raise ToolError(f"'{guest}' is invited already")
            event["guests"].append(guest)
        return {"guests": event["guests"]}

    @tool
    def set_event_repeat(
        self, event_id: EventId, repeat: Literal["none", "daily", "weekly", "monthly"]
    ) -> dict[str, Any]:
        """Set how often an event comes again."""
        self._event(event_id)["repeat"] = repeat
        return {"repeat": repeat}

    @tool
    def check_slot(self, date: Day, time: Clock) -> dict[str, Any]:
        """Say whether no event starts at this time."""
        _check_moment(date, time)
        return {"free": self._at(date, time) is None}


def _check_date(date: str) -> None:
    try:
        known = re.fullmatch(r"\d{4}-\d\d-\d\d", date, re.ASCII) and datetime.date.fromisoformat(date)
    except ValueError:
        known = None
    if not known:
        raise ToolError(f"'{date}' is not a date like 2031-05-17")


def _check_moment(date: str, time: str) -> None:
    _check_date(date)
    if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d", time, re.ASCII):
        raise ToolError(f"'{time}' is not a time like 14:30")
