"""A task: what a user asks for over one or more turns, the gold way to do it, and what must be true afterwards.

A task is plain JSON, complete without the code that generated it. What must be true at the end of each turn is the
outcome of the gold calls replayed in a fresh world; any other way to the same outcome passes, any other effect fails.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Split = Literal["train", "dev", "gate"]
Tier = Literal["easy", "moderate", "hard", "very hard"]
Group = Literal["first", "wide", "mixed", "further"]
CALLS_OF_TIER: dict[Tier, tuple[int, int]] = {"easy": (0, 2), "moderate": (3, 4), "hard": (5, 8), "very hard": (9, 16)}


def tier_of(calls: int) -> Tier:
    """The tier of a task with so many gold calls."""
    return next(tier for tier, (_, most) in CALLS_OF_TIER.items() if calls <= most)


class Row(BaseModel):
    """Base of everything that is stored as a JSON object: unknown keys are refused, values do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Call(Row):
    """One tool call."""

    name: str
    arguments: dict[str, Any] = Field(default_factory=dict)
    derived: tuple[str, ...] = ()
    """Arguments whose value cannot be read off the user's words: it comes from an earlier tool result."""
    fails: bool = Field(default=False, exclude_if=lambda value: value is False)
    """The call is meant to be answered with an error. Suites from before this was kept do not say so."""


class Turn(Row):
    """One message of the user and what the assistant must make of it."""

    user: str
    templates: tuple[str, ...]
    """Ids of the phrasings the message was made of."""
    gold: tuple[Call, ...] = ()
    """The calls, one per assistant message, before the assistant's closing words."""
    say: str
    """The gold closing words."""
    tell: tuple[str, ...] = ()
    """What the closing words must contain (upper and lower case are the same)."""
    results: tuple[dict[str, Any], ...] = ()
    """Results that calls of this turn or an earlier one must have had, where no words to tell are known."""
    quiet: bool = False
    """No call may be made in this turn."""
    asks: bool = False
    """The closing words must ask the user something: they contain a question mark."""


class Task(Row):
    """One task of a suite or of the training data."""

    id: str
    domain: str
    family: str
    tier: Tier
    split: Split
    seed: int
    world: dict[str, Any]
    """The state the world starts in."""
    turns: tuple[Turn, ...]
    forbid: tuple[str, ...] = ()
    """Tools that must not be called successfully at all."""
    twin_of: str | None = Field(default=None, exclude_if=lambda value: value is None)
    """The task without a right call that this one is like, except that here a call is right."""

    @property
    def gold_calls(self) -> int:
        """Number of gold calls over all turns."""
        return sum(len(turn.gold) for turn in self.turns)


class Done(Row):
    """A call a model made, with the result it was given."""

    name: str
    arguments: dict[str, Any]
    result: dict[str, Any]


class Played(Row):
    """What a model did in one turn: its calls in order and its closing words."""

    calls: tuple[Done, ...] = ()
    words: str = ""


def failed(result: Mapping[str, Any]) -> bool:
    """Whether a tool result is an error."""
    return "error" in result
