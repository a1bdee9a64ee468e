"""How much of a text a format's parser looks at, counted instead of timed."""

from __future__ import annotations

import json
import re
import sys
from typing import Any

import pytest

from mlx_train.chat.formats import FORMATS, call, literals


class Work:
    """Characters looked at."""

    def __init__(self) -> None:
        self.done = 0


class Watched(str):
    """A text that notes how much of it is looked at."""

    work: Work

    def find(self, sub: str, start: int = 0, *end: int) -> int:  # type: ignore[override]
        found = super().find(sub, start, *end)
        self.work.done += (found if found >= 0 else len(self)) - start
        return found

    def startswith(self, prefix: str, start: int = 0) -> bool:  # type: ignore[override]
        self.work.done += len(prefix)
        return super().startswith(prefix, start)

    def __getitem__(self, key: Any) -> Watched:
        part = watched(super().__getitem__(key), self.work)
        self.work.done += len(part)
        return part

    def lstrip(self, *chars: Any) -> Watched:
        self.work.done += len(self)
        return watched(super().lstrip(*chars), self.work)


def watched(text: str, work: Work) -> Watched:
    new = Watched(text)
    new.work = work
    return new


class WatchedPattern:
    """A pattern that notes how much it looks at, never less than it does.

    A match that fails is taken to have read up to the next block; a string without end, or a search, to the end.
    """

    def __init__(self, pattern: re.Pattern[str], format: str, work: Work) -> None:
        self.pattern, self.marks, self.work = pattern, FORMATS[format].marks, work
        self.far = pattern in literals.STRINGS.values()

    def match(self, text: str, position: int = 0) -> re.Match[str] | None:
        found = self.pattern.match(text, position)
        marks = [str.find(text, mark, position + 1) for mark in self.marks]
        end = found.end() if found else min((at for at in marks if at >= 0 and not self.far), default=len(text))
        self.work.done += end - position + 1
        return found

    def search(self, text: str, position: int = 0) -> re.Match[str] | None:
        found = self.pattern.search(text, position)
        self.work.done += (found.end() if found else len(text)) - position + 1
        return found

    def sub(self, replacement: Any, text: str) -> str:
        self.work.done += len(text)
        return self.pattern.sub(replacement, text)


class WatchedDecoder:
    """The JSON decoder; one that fails is taken to have read to the end."""

    def __init__(self, decoder: json.JSONDecoder, work: Work) -> None:
        self.decoder, self.work = decoder, work

    def raw_decode(self, text: str, position: int) -> tuple[Any, int]:
        self.work.done += len(text) - position
        value, end = self.decoder.raw_decode(text, position)
        self.work.done -= len(text) - end
        return value, end


def watch(monkeypatch: pytest.MonkeyPatch, format: str) -> Work:
    """Count what a format's parser looks at from now on."""
    tally = Work()
    modules = [sys.modules[name] for name in sys.modules if name.startswith("mlx_train.chat.formats.")]
    for module in modules:
        for name, value in vars(module).items():
            if isinstance(value, re.Pattern):
                monkeypatch.setattr(module, name, WatchedPattern(value, format, tally))
    monkeypatch.setattr(
        literals, "STRINGS", {quote: WatchedPattern(p, format, tally) for quote, p in literals.STRINGS.items()}
    )
    monkeypatch.setattr(call, "_DECODER", WatchedDecoder(call._DECODER, tally))
    how = FORMATS[format]
    monkeypatch.setitem(vars(how), "opening", WatchedPattern(how.opening, format, tally))
    if how.bare_meant:
        monkeypatch.setitem(vars(how), "bare_meant", WatchedPattern(how.bare_meant, format, tally))
    return tally
