"""The rollouts that share one decoder: who sits in which row, and what each still has to read."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from mlx_train.files import canonical
from mlx_train.gates.conversation import Conversation, Templated
from mlx_train.gates.decoder import Decoder, Start
from mlx_train.gates.rollouts import Settings
from mlx_train.gates.sampling import Sampler, sampler
from mlx_train.gates.variants import meet
from mlx_train.tasks.task import Task


@dataclass
class Seat:
    """A rollout and the row it has."""

    conversation: Conversation
    token: int | None = None
    """The id to be read next, by itself; None while more than that has not been read."""
    written: list[int] = field(default_factory=list)
    """What it wrote of the message it is at."""
    draw: Sampler | None = None
    """What draws the ids of that message; None for the likeliest."""


class Seats:
    """Rollouts of `tasks`, of which `rows` go on at a time.

    Args:
        start: makes a task's conversation.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        start: Callable[[Task], Conversation],
        model: Any,
        chat: Templated,
        rows: int,
        settings: Settings,
    ) -> None:
        met = meet(settings.variant)
        self.waiting = deque(tasks)
        self.make = start
        self.chat = chat
        self.settings = settings
        self.seats: list[Seat | None] = [None] * min(rows, len(tasks))
        self.decoder = Decoder(model, len(self.seats))
        self.starts: dict[str, Start] = {}
        self.uses = Counter(canonical(met(task).tools()) for task in tasks)

    def advance(self) -> list[Conversation] | None:
        """Write one id in every row that is ready, and return the rollouts that ended; None when all have ended."""
        self._fill()
        taken = {row: seat for row, seat in enumerate(self.seats) if seat is not None}
        if not taken:
            return None
        if len(taken) <= len(self.seats) // 2:
            self._close_up(list(taken))
            taken = {row: seat for row, seat in enumerate(self.seats) if seat is not None}
        behind = [row for row, seat in taken.items() if seat.token is None]
        # A pass over few ids costs nearly as much as one over many, so rows wait for some others.
        if len(behind) == len(taken) or len(behind) > len(taken) // 8:
            self._read(behind)
        tokens = {row: seat.token for row, seat in taken.items() if seat.token is not None}
        draws = {row: seat.draw for row, seat in taken.items() if seat.draw is not None and row in tokens}
        found = self.decoder.step(tokens, draws)
        return [conversation for row, token in found.items() if (conversation := self._take(row, token))]

    def _fill(self) -> None:
        for row, seat in enumerate(self.seats):
            if seat is None and self.waiting:
                conversation = self.make(self.waiting.popleft())
                self.seats[row] = self._seat(conversation)
                if start := self._start(conversation):
                    self.decoder.begin(row, start)

    def _seat(self, conversation: Conversation) -> Seat:
        return Seat(conversation, draw=sampler(conversation, self.settings.temperature))

    def _start(self, conversation: Conversation) -> Start | None:
        """The catalogue, read once if several rollouts begin with it, and dropped after the last of them."""
        key, system = canonical(conversation.tools), self.settings.system
        self.uses[key] -= 1
        if key not in self.starts and self.uses[key] and (ids := self.chat.shared(conversation.tools, system)):
            self.starts[key] = self.decoder.start(ids)
        start = self.starts.get(key) if self.uses[key] else self.starts.pop(key, None)
        context = conversation.context
        fits = start is not None and len(start.ids) < len(context) and context[: len(start.ids)] == start.ids
        return start if fits else None

    def _close_up(self, rows: list[int]) -> None:
        self.decoder.keep(rows)
        self.seats = [self.seats[row] for row in rows]

    def _read(self, rows: Sequence[int]) -> None:
        """Read what the rows lack, but for the last id, which the next step reads."""
        more = {}
        for row in rows:
            seat = self.seats[row]
            assert seat is not None
            *before, seat.token = seat.conversation.context[self.decoder.lengths[row] :]
            more[row] = before
        self.decoder.read(more)

    def _take(self, row: int, token: int) -> Conversation | None:
        """Note what a row wrote; its rollout, if that ended it."""
        seat = self.seats[row]
        assert seat is not None
        seat.token = token
        seat.written.append(token)
        if token not in self.chat.stop_ids and len(seat.written) < self.settings.max_new_tokens:
            return None
        conversation = seat.conversation
        held = [*conversation.context, *seat.written][: self.decoder.lengths[row]]
        conversation.receive(seat.written)
        if conversation.end is not None:
            self.seats[row] = None
            self.decoder.cut(row, 0)
            return conversation
        self.seats[row] = self._seat(conversation)
        self.decoder.cut(row, common(held, conversation.context[:-1]))
        return None


def common(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading ids two rows share; a template may render anew what was read."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(a), len(b)))
