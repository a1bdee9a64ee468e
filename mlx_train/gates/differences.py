"""Two states of a world as a tree of lines, for people: what there is, and what was added, removed or changed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

Mark = Literal["", "+", "-", "~"]


@dataclass(frozen=True)
class Line:
    """One entry: what became of it, how deep it lies, its name, and its value as JSON text, unless it has entries."""

    mark: Mark
    depth: int
    name: str
    text: str = ""


def tree(before: Mapping[str, Any], after: Mapping[str, Any], depth: int = 0) -> Iterator[Line]:
    """All entries of both states, those of `after` first; of one state, if both are the same.

    An object and a list of objects have entries; any other value, a list of plain values too, stands in one line.
    """
    for key in [*after, *(key for key in before if key not in after)]:
        old, new = before.get(key), after.get(key)
        mark: Mark = "+" if key not in before else "-" if key not in after else "" if old == new else "~"
        inside = [_entries(old), _entries(new)]
        if any(part is not None for part in inside):
            yield Line("" if mark == "~" else mark, depth, key)
            yield from tree(inside[0] or {}, inside[1] or {}, depth + 1)
        elif mark == "~":
            yield Line(mark, depth, key, f"{compact(old)} → {compact(new)}")
        else:
            yield Line(mark, depth, key, compact(old if mark == "-" else new))


def changed(lines: Sequence[Line]) -> list[Line]:
    """The lines that have a mark, and those they lie below."""
    kept: list[Line] = []
    depth = 0
    for line in reversed(lines):
        if line.mark or line.depth < depth:
            kept.append(line)
            depth = line.depth
    return kept[::-1]


def compact(value: Any) -> str:
    """A value as JSON text."""
    return json.dumps(value, ensure_ascii=False)


def _entries(value: Any) -> Mapping[str, Any] | None:
    """What lies in a value, by name; a list's objects are their own names."""
    if isinstance(value, dict):
        return value
    if not (isinstance(value, list) and any(isinstance(item, dict) for item in value)):
        return None
    seen: Counter[str] = Counter()
    entries: dict[str, Any] = {}
    for text in map(compact, value):
        seen[text] += 1
        entries[text if seen[text] == 1 else f"{text} ({seen[text]})"] = {}
    return entries
