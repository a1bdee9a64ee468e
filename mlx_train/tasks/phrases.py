"""Phrasings, kept apart by split: a sentence pattern belongs to train, dev or gate and to no other."""

from __future__ import annotations

import random
import string
from collections.abc import Sequence

from mlx_train.tasks.task import Split

BANKS: dict[str, Phrases] = {}


class Phrases:
    """All ways to say one thing, as `str.format` patterns with the same named slots.

    Args:
        id: unique name, `domain.thing`; a pattern's template id is `domain.thing/split/number`.
        train, dev, gate: the patterns of each split. A pattern may stand in one split only.
    """

    def __init__(
        self, id: str, *, train: Sequence[str] = (), dev: Sequence[str] = (), gate: Sequence[str] = ()
    ) -> None:
        self.id = id
        self.patterns: dict[Split, tuple[str, ...]] = {"train": tuple(train), "dev": tuple(dev), "gate": tuple(gate)}
        every = [pattern for patterns in self.patterns.values() for pattern in patterns]
        seen = [{skeleton(pattern) for pattern in patterns} for patterns in self.patterns.values()]
        if len(set.union(*seen)) != sum(map(len, seen)):
            raise ValueError(f"phrases {id}: a pattern stands in two splits")
        if len({frozenset(slots(pattern)) for pattern in every}) > 1:
            raise ValueError(f"phrases {id}: the patterns do not all have the same slots")
        if id in BANKS:
            raise ValueError(f"phrases {id}: the id is taken")
        BANKS[id] = self

    def pick(self, rng: random.Random, split: Split) -> tuple[str, str]:
        """A pattern of the split and its template id.

        Raises:
            ValueError: the bank has no pattern for this split.
        """
        if not self.patterns[split]:
            raise ValueError(f"phrases {self.id}: no pattern for the split {split}")
        number = rng.randrange(len(self.patterns[split]))
        return self.patterns[split][number], f"{self.id}/{split}/{number}"


def slots(pattern: str) -> list[str]:
    """The names of a pattern's slots."""
    return [name for _, name, _, _ in string.Formatter().parse(pattern) if name]


def skeleton(pattern: str) -> str:
    """A pattern without its slot names, case and punctuation: what two templates are compared by."""
    text = "".join(
        before + ("_" if name is not None else "") for before, name, _, _ in string.Formatter().parse(pattern)
    )
    return " ".join("".join(c if c.isalnum() or c == "_" else " " for c in text.lower()).split())


# How several requests become one message. {a} and {b} are whole clauses that begin with a lower-case verb.
THEN = Phrases(
    "any.then",
    train=[
        "{a}, then {b}",
        "{a} and then {b}",
        "{a}. After that, {b}",
        "{a}; then {b}",
        "{a}, and {b}",
        "{a}. Then {b}",
    ],
    dev=["{a}, after which {b}", "{a}. As a next step, {b}"],
    gate=[
        "{a}. Once that is done, {b}",
        "{a}, and after that {b}",
        "{a}. When you have done so, {b}",
        "{a}; next, {b}",
    ],
)
REQUEST = Phrases(
    "any.request",
    train=[
        "{a}.",
        "Please {a}.",
        "Can you {a}?",
        "I need you to {a}.",
        "Could you {a}?",
        "Now {a}.",
        "Hi! Please {a}.",
    ],
    dev=["Next, {a}.", "Hey, {a}.", "I want you to {a}."],
    gate=["Would you {a}?", "I would like you to {a}.", "Hello, can you please {a}?", "Okay, {a}.", "Kindly {a}."],
)
DONE = ("Done.", "All done.", "That is done.")
