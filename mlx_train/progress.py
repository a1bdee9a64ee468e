"""What a long command shows: the stage, how far it is, and how long it will take.

On a terminal the current line is rewritten; elsewhere (a log file, CI) a line is printed every few seconds. Everything
goes to standard error, so that standard output holds results only.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable
from types import TracebackType

EVERY = 10.0
"""Seconds between lines where the output is not a terminal."""
EARLY = 0.05
"""Share that has to be done before the pace says anything about the rest."""


def duration(seconds: float) -> str:
    """Seconds for people: `48 s`, `3 min 20 s`, `2 h 05 min`."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def _width() -> int:
    """Columns of the terminal."""
    try:
        return os.get_terminal_size(sys.stderr.fileno()).columns or 80
    except (OSError, ValueError):
        return 80


class Stage:
    """One stage of a command; use as a context manager and call `at` as often as there is something new."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.begin = time.monotonic()
        self.last = -EVERY
        self.live = sys.stderr.isatty()

    def __enter__(self) -> Stage:
        return self

    def at(self, done: float, total: float, text: str = "", left: float | None = None) -> None:
        """Show that `done` of `total` is done, 0 standing for a total that is not known; `left` is seconds to go,
        estimated from the pace if not given."""
        now = time.monotonic()
        if now - self.last < (0.1 if self.live else EVERY) and (done < total or not total):
            return
        self.last = now
        if left is None and total and done >= EARLY * total:
            left = (now - self.begin) / done * (total - done)
        parts = [f"{self.name:<22} {100 * done / total:3.0f} %" if total else f"{self.name:<22}      "]
        parts += [f"{duration(left)} left"] if left is not None and done < total else []
        parts += [text] if text else []
        self._put("  ".join(parts))

    def counting(self, what: str) -> Callable[[int, int], None]:
        """A function to tell how many of how many are done, of a part of the stage that begins now."""
        begin = time.monotonic()

        def tell(done: int, total: int) -> None:
            left = (time.monotonic() - begin) / done * (total - done) if done else None
            self.at(done, total, f"{done}/{total} {what}", left)

        return tell

    def say(self, text: str) -> None:
        """A line that stays."""
        self._put(f"{self.name:<22} {text}", stay=True)

    def _put(self, line: str, stay: bool = False) -> None:
        shown = f"{line}\n"
        if self.live:  # of a line that wraps, only the last row would be cleared
            shown = "\r\x1b[2K" + (shown if stay else line[: _width() - 1])
        with contextlib.suppress(OSError):  # a terminal that was closed
            sys.stderr.write(shown)
            sys.stderr.flush()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        took = duration(time.monotonic() - self.begin)
        self._put(f"{self.name:<22} {'done' if kind is None else 'stopped'} in {took}", stay=True)
