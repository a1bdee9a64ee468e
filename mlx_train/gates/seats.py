"""The rollouts that share one decoder: who sits in which row, and what each still has to read."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from mlx_train.files import canonical
from mlx_train.gates.attention import Stem
from mlx_train.gates.conversation import Conversation, Templated
from mlx_train.gates.decoder import Decoder
from mlx_train.gates.drafts import Memory, guess
from mlx_train.gates.rollouts import Settings
from mlx_train.gates.sampling import Sampler, sampler
from mlx_train.gates.variants import meet
from mlx_train.tasks.task import Task

GUESSES = 6
"""Most ids of a row that are guessed before a pass."""


@dataclass
class Seat:
    """A rollout and the row it has."""

    conversation: Conversation
    ready: bool = False
    """Whether all but its last id has been read."""
    written: list[int] = field(default_factory=list)
    """What it wrote of the message it is at."""
    draw: Sampler | None = None
    """What draws the ids of that message; None for the likeliest."""
    ids: list[int] = field(default_factory=list)
    """All ids of the conversation so far."""
    memory: Memory = field(default_factory=Memory)
    """Of these ids."""


class Seats:
    """Rollouts of `tasks`, of which `rows` go on at a time.

    Args:
        start: makes a task's conversation.
        most: ids that a row may hold after what it shares with others; None for any number. Every row has room for the
            longest, so a rollout that outgrows it is put into `aside`, between two messages.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        start: Callable[[Task], Conversation],
        model: Any,
        chat: Templated,
        rows: int,
        settings: Settings,
        most: int | None = None,
    ) -> None:
        met = meet(settings.variant)
        self.waiting = deque(tasks)
        self.make = start
        self.chat = chat
        self.settings = settings
        self.most = most
        self.aside: list[Conversation] = []
        self.seats: list[Seat | None] = [None] * min(rows, len(tasks))
        self.decoder = Decoder(model, len(self.seats))
        self.starts: dict[str, Stem] = {}
        self.stems: WeakKeyDictionary[Stem, Memory] = WeakKeyDictionary()  # a stem goes with its last row
        self.said = Memory()
        """Of what all rollouts wrote."""
        self.uses = Counter(canonical(met(task).tools()) for task in tasks)

    def advance(self) -> list[Conversation] | None:
        """Write one id in every row that is ready, and return the rollouts that ended; None when all have ended or are
        put aside."""
        self._fill()
        taken = {row: seat for row, seat in enumerate(self.seats) if seat is not None}
        if not taken:
            return None
        if len(taken) <= len(self.seats) // 2:
            self._close_up(list(taken))
            taken = {row: seat for row, seat in enumerate(self.seats) if seat is not None}
        behind = [row for row, seat in taken.items() if not seat.ready]
        # A pass over few ids costs nearly as much as one over many, so rows wait for some others.
        if len(behind) == len(taken) or len(behind) > len(taken) // 8:
            self._read(behind)
        ready = {row: seat for row, seat in taken.items() if seat.ready}
        tokens = {row: [seat.ids[-1], *self._guess(row, seat)] for row, seat in ready.items()}
        draws = {row: seat.draw for row, seat in ready.items() if seat.draw is not None}
        found = self.decoder.step(tokens, draws)
        return [conversation for row, ids in found.items() if (conversation := self._take(row, ids))]

    def _guess(self, row: int, seat: Seat) -> list[int]:
        """What a row may write after its last id, up to the end of its message."""
        stem = self.decoder.stems[row]
        memories = [seat.memory, *([self.stems[stem]] if stem else []), self.said]
        found = guess(memories, seat.ids, min(GUESSES, self.settings.max_new_tokens - len(seat.written) - 1))
        end = next((at for at, id in enumerate(found) if id in self.chat.stop_ids), len(found))
        return found[:end]

    def _fill(self) -> None:
        for row in range(len(self.seats)):
            while self.seats[row] is None and self.waiting:
                conversation = self.make(self.waiting.popleft())
                if start := self._start(conversation):
                    self.decoder.begin(row, start)
                self._sit(row, conversation)

    def _sit(self, row: int, conversation: Conversation) -> None:
        """Give a rollout its row, which holds some of its ids, or put it aside."""
        stem, context = self.decoder.stems[row], conversation.context
        if self.most is not None and len(context) - (len(stem.ids) if stem else 0) > self.most:
            self.seats[row] = None
            self.decoder.cut(row, 0)
            self.aside.append(conversation)
        else:
            self.seats[row] = Seat(conversation, draw=sampler(conversation, self.settings.temperature), ids=[*context])

    def _start(self, conversation: Conversation) -> Stem | None:
        """The catalogue, read once if several rollouts begin with it, and dropped after the last of them."""
        key, system = canonical(conversation.tools), self.settings.system
        self.uses[key] -= 1
        if key not in self.starts and self.uses[key] and (ids := self.chat.shared(conversation.tools, system)):
            stem = self.starts[key] = self.decoder.start(ids)
            self.stems[stem] = Memory()
            self.stems[stem].learn(ids)
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
            more[row] = seat.ids[self.decoder.lengths[row] : -1]
            seat.ready = True
            stem = self.decoder.stems[row]
            seat.memory.learn(seat.ids, len(stem.ids) if stem else 0)
        self.decoder.read(more)

    def _take(self, row: int, ids: Sequence[int]) -> Conversation | None:
        """Note what a row wrote; its rollout, if that ended it."""
        seat = self.seats[row]
        assert seat is not None
        first = len(seat.ids)
        seat.written += ids
        seat.ids += ids
        seat.memory.learn(seat.ids, first)
        self.said.learn(seat.ids, first)
        if ids[-1] not in self.chat.stop_ids and len(seat.written) < self.settings.max_new_tokens:
            return None
        conversation = seat.conversation
        held = seat.ids[: self.decoder.lengths[row]]
        conversation.receive(seat.written)
        if conversation.end is not None:
            self.seats[row] = None
            self.decoder.cut(row, 0)
            return conversation
        self.decoder.cut(row, common(held, conversation.context[:-1]))
        self._sit(row, conversation)
        return None


def common(a: Sequence[int], b: Sequence[int]) -> int:
    """How many leading ids two rows share; a template may render anew what was read."""
    pairs = enumerate(zip(a, b, strict=False))
    return next((index for index, (one, other) in pairs if one != other), min(len(a), len(b)))
