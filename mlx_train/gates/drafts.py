"""Guesses of what a row writes next: what followed when the same ids were last read or written.

Tool calls repeat names from the conversation and their own punctuation, so such guesses are often right (prompt lookup
decoding, Saxena 2023).
"""

from __future__ import annotations

from collections.abc import Sequence

GRAMS = (3, 2, 1)
"""How many ids a guess goes by; the most first."""


class Memory:
    """Which ids followed which."""

    def __init__(self) -> None:
        self.followed: dict[tuple[int, ...], tuple[Sequence[int], int]] = {}

    def learn(self, ids: Sequence[int], first: int = 0) -> None:
        """Note what precedes each of the ids from `first` on. The sequence is kept, and may only grow."""
        for at in range(first, len(ids)):
            for size in GRAMS:
                if size <= at:
                    self.followed[tuple(ids[at - size : at])] = (ids, at)


def guess(memories: Sequence[Memory], ids: Sequence[int], most: int) -> list[int]:
    """At most `most` ids that may follow, after the longest run that a memory has; the first such memory's."""
    for size in GRAMS:
        key = tuple(ids[-size:])
        for memory in memories:
            if found := memory.followed.get(key):
                source, at = found
                return list(source[at : at + most])
    return []
