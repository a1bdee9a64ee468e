"""The board on which a family writes a task of several requests, one turn at a time.

A board keeps a second copy of the task's world in which each call is tried as soon as it is written, so that a later
request of the same turn can build on its result; `send` then gives the whole turn to the script.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.phrases import DONE, NEXT, Phrases
from mlx_train.tasks.task import failed
from mlx_train.world.catalogue import WORLDS

CALLS_OF_TURN = 10
"""As many calls as the smallest recipe lets a model make in a turn."""


class Board:
    """The task being written, one turn at a time: `ask` or `request` and `do` as often as needed, then `send`."""

    def __init__(self, s: Script, state: dict[str, Any]) -> None:
        self.s = s
        self.rng = s.rng
        s.begin(state)
        self.world = WORLDS[s.domain](s.start)
        self._seen: dict[str, Any] | None = None
        self.total = 0
        """Calls so far."""
        self._clear()

    def _clear(self) -> None:
        self._messages: list[str] = []
        self._clauses: list[str] = []
        self._asked = 0
        self._calls: list[tuple[str, dict[str, Any]]] = []
        self._words: list[str] = []
        self._tell: list[object] = []

    # What there is.

    @property
    def pending(self) -> bool:
        """Whether something was asked that is not sent yet."""
        return bool(self._messages or self._clauses)

    @property
    def _state(self) -> dict[str, Any]:
        """The world's state, copied once after each call: most of the writing is looking."""
        if self._seen is None:
            self._seen = self.world.state()
        return self._seen

    def pick(self, names: Sequence[Any]) -> Any:
        """One of the names.

        Raises:
            Redraw: there is none.
        """
        if not names:
            raise Redraw
        return self.rng.choice(names)

    def keep(self, low: int, high: int, turns: int) -> None:
        """Keep the task only if it has so many calls and at most so many turns.

        Raises:
            Redraw: it has not.
        """
        if not low <= self.total <= high or len(self.s.turns) > turns:
            raise Redraw

    # The turn being written.

    def ask(self, phrases: Phrases, **slots: object) -> None:
        """The user asks for this."""
        self.clause(self.s.phrase(phrases, **slots))

    def request(self, phrases: Phrases, **slots: object) -> None:
        """The user asks for this, but in a message of its own instead of a clause."""
        self._say_clauses()
        self._message(self.s.phrase(phrases, **slots))

    def recast(self, phrases: Phrases) -> None:
        """Put the clauses asked so far into the slots `a`, `b`, ... of a message of its own."""
        clauses, self._clauses = self._clauses, []
        self._message(self.s.phrase(phrases, **dict(zip("abc", clauses, strict=False))))

    def clause(self, clause: str) -> None:
        self._clauses.append(clause)
        self._asked += 1

    def _message(self, text: str) -> None:
        self._messages.append(text)
        self._asked += 1

    def _say_clauses(self) -> None:
        if self._clauses:
            self._messages.append(self.s.please(*self._clauses))
            self._clauses = []

    def do(self, name: str, /, *, derived: Sequence[str] = (), fails: bool = False, **arguments: Any) -> dict[str, Any]:
        """One gold call; its result."""
        result = self.world.call(name, arguments)
        self._seen = None
        if failed(result) != fails:
            raise ValueError(f"gold call {name}({arguments}) gave {result}")
        self._calls.append((name, {"derived": derived, "fails": fails, **arguments}))
        self.total += 1
        return result

    def answer(self, words: str, *tell: object) -> None:
        """The assistant says this, and must have told these values."""
        self._words.append(words)
        self._tell += tell

    def send(
        self, message: str | None = None, *, quiet: bool = False, asks: bool = False, opening: str | None = None
    ) -> None:
        """End the turn. The user's message is made of what was asked, unless it is given; an opening stands before it.

        Raises:
            Redraw: nothing was asked.
        """
        if message is None:
            self._say_clauses()
            if not self._messages:
                raise Redraw
            message = self._joined()
        self.s.turn(message if opening is None else f"{opening} {message}")
        for name, arguments in self._calls:
            self.s.call(name, **arguments)
        *first, last = self._words or [self.rng.choice(DONE)]
        words = " ".join([*(part if part[-1] in ".?" else f"{part}." for part in first), last])
        self.s.end(words, tell=self._tell, quiet=quiet, asks=asks)
        self._clear()

    def _joined(self) -> str:
        text = self._messages[0]
        for message in self._messages[1:]:
            text = self.s.phrase(NEXT, a=text, b=message)
        return text


B = TypeVar("B", bound=Board)


def one(board: B, moves: Sequence[Callable[[B], None]]) -> None:
    """Make one of the moves, drawn at random among those that there is room for.

    A move finds out whether there is room before it asks for anything: what it asked for would stay.

    Raises:
        Redraw: there is room for none.
    """
    for move in board.rng.sample(list(moves), len(moves)):
        try:
            return move(board)
        except Redraw:
            continue
    raise Redraw


def course(
    board: B, calls: tuple[int, int], moves: Sequence[Callable[[B], None]], *, turns: int, join: float = 0.5
) -> None:
    """Moves, drawn at random, until there are calls enough.

    Args:
        calls: least and largest number of calls.
        turns: largest number of turns.
        join: probability that a move shares its turn with the next one.

    Raises:
        Redraw: there became too many calls, calls in one turn, or turns.
    """
    low, high = calls
    goal = board.rng.randint(low, high)
    while board.total < goal:
        one(board, moves)
        if board.rng.random() > join:
            board.send()
    if board.pending:
        board.send()
    board.keep(low, high, turns)
    if any(len(turn.gold) > CALLS_OF_TURN for turn in board.s.turns):
        raise Redraw
