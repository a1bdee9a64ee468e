"""One rollout: a model, a task's user turns and a fresh world, without any generator.

The model acts until it answers without a call; then the next user turn comes. Whoever plays the model hands each of its
messages to a `Rollout`. Where the model works on ids, a `Conversation` has those to go on from (`context`, of which the
model has seen `seen`) and takes those it wrote.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from mlx_train.chat.formats import FORMATS
from mlx_train.chat.parse import Kind, Reply
from mlx_train.files import sha256_of
from mlx_train.gates.suites import world_of
from mlx_train.gates.variants import Disguised, Met
from mlx_train.tasks.task import Done, Played, Task

Message = dict[str, Any]
Transcript = dict[str, Any]

DONE, TRUNCATED, TOO_MANY_CALLS, OVERLONG = "done", "truncated", "too_many_calls", "overlong"
TIME_OUT, CRASH = "time_out", "crash"
OUTSIDE = (TIME_OUT, CRASH)
"""Ends that need not be the model's doing."""
ERRORS = (TRUNCATED, TOO_MANY_CALLS, OVERLONG, *OUTSIDE)
"""Ends of a rollout that are counted apart from plain failures; they stay in n."""
MOST_CONTEXT = 65_536
"""Ids that a conversation may have where the model allows more; BFCL's longest gold solution has some 45,000."""


class Templated(Protocol):
    """What a conversation needs of `mlx_train.chat.render.Chat`."""

    tokenizer: Any
    stop_ids: Any
    format: str

    def prompt(self, messages: Sequence[Message], tools: Sequence[dict[str, Any]]) -> list[int]: ...

    def continuation(
        self, messages: Sequence[Message], new: Sequence[Message], tools: Sequence[dict[str, Any]]
    ) -> list[int] | None: ...

    def shared(self, tools: Sequence[dict[str, Any]], system: str | None) -> list[int]: ...

    def parse(self, raw: str, *, stopped: bool, tools: Sequence[dict[str, Any]]) -> Reply: ...


class Rollout:
    """A rollout in progress, message by message.

    Attributes:
        messages: the conversation so far.
        end: None while it goes on, then `done` or one of `ERRORS`.
    """

    def __init__(
        self,
        task: Task,
        system: str,
        *,
        suite: str = "",
        max_calls: int = 20,
        meet: Callable[[Task], Met] = world_of,
        sample: int | None = None,
    ) -> None:
        """Args: sample: which of the task's rollouts this is, from 1, where there are several."""
        self.task = task
        self.suite = suite
        self.max_calls = max_calls
        self.sample = sample
        self.world = meet(task)
        self.tools = self.world.tools()
        self.messages: list[Message] = [{"role": "system", "content": system}]
        self.turns: list[dict[str, Any]] = []
        self.end: str | None = None
        self.error = ""
        self.tokens = 0
        self.started = time.perf_counter()
        self.seconds = 0.0
        self._ask()

    @property
    def seed(self) -> int:
        """Of 31 bits, different for each task and sample."""
        return int(sha256_of([self.task.id, self.sample])[:8], 16) >> 1

    def _ask(self) -> None:
        """Put the next user turn."""
        user = self.task.turns[len(self.turns)].user
        if isinstance(self.world, Disguised):
            user = self.world.asked(user)
        self.turns.append({"user": user, "calls": [], "words": "", "raw": "", "ended": False})
        self.messages.append({"role": "user", "content": user})

    def take(self, reply: Reply, tokens: int, malformed: str) -> None:
        """Go on with a message of the model, which took so many tokens: do its calls, or put the next user turn.

        Args:
            malformed: what the model is told if the message has a call that cannot be read; none is done then.
        """
        self.tokens += tokens
        turn = self.turns[-1]
        turn["raw"] = reply.raw
        if reply.kind is Kind.TRUNCATED:
            turn["words"] = reply.words
            return self.stop(TRUNCATED)
        self.messages.append(reply.message())
        if reply.kind is Kind.WORDS:
            turn["words"], turn["ended"] = reply.words, True
            return self.stop(DONE) if len(self.turns) == len(self.task.turns) else self._ask()
        calls = [(call.name, call.arguments) for call in reply.calls] if reply.kind is Kind.CALLS else [("", {})]
        most = max(self.max_calls, len(self.task.turns[len(self.turns) - 1].gold))  # one task of BFCL has 34
        for name, arguments in calls:
            if len(turn["calls"]) == most:
                return self.stop(TOO_MANY_CALLS)
            result = self.world.call(name, arguments) if reply.kind is Kind.CALLS else {"error": malformed}
            plain = self.world.plain(name, arguments) if isinstance(self.world, Disguised) else (name, arguments)
            turn["calls"].append({"name": plain[0], "arguments": plain[1], "result": result, "raw": reply.raw})
            self.messages.append({"role": "tool", "name": name, "content": json.dumps(result, ensure_ascii=False)})

    def stop(self, end: str, error: str = "") -> None:
        """End the rollout."""
        self.end, self.error = end, error
        self.seconds = time.perf_counter() - self.started

    def fail(self, error: Exception) -> None:
        """End the rollout because of a fault that is not the model's."""
        self.stop(CRASH, f"{type(error).__name__}: {error}")

    def transcript(self) -> Transcript:
        """The finished rollout as plain JSON."""
        if self.end is None:
            raise ValueError(f"{self.task.id} has not ended")
        return {
            "task": self.task.id,
            "suite": self.suite,
            "turns": self.turns,
            "end": self.end,
            "error": self.error,
            "seconds": round(self.seconds, 3),
            "tokens": self.tokens,
            **({} if self.sample is None else {"sample": self.sample}),
        }


class Conversation(Rollout):
    """A rollout of a model that reads and writes ids.

    Attributes:
        context: ids that the model must have read before it writes its next message.
        seen: how many leading ids of `context` it has read or written already in this rollout.
    """

    def __init__(
        self,
        task: Task,
        chat: Templated,
        system: str,
        *,
        max_context: int = MOST_CONTEXT,
        parse: Callable[..., Reply] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(task, system, **options)
        self.chat = chat
        self.max_context = max_context
        known = [*self.tools, *self.world.held_back()]  # those are told of later, and called then
        self.parse = parse or partial(chat.parse, tools=known)
        self.malformed = FORMATS[chat.format].complaint
        self.seen = 0
        self.context = chat.prompt(self.messages, self.tools)

    def receive(self, ids: Sequence[int]) -> None:
        """Take the ids the model wrote; the last one is a stop id unless it was cut off."""
        stopped = bool(ids) and ids[-1] in self.chat.stop_ids
        self.context = [*self.context, *ids]
        self.seen = len(self.context)
        written = len(self.messages) + 1
        try:
            reply = self.parse(self.chat.tokenizer.decode(list(ids[:-1] if stopped else ids)), stopped=stopped)
            self.take(reply, len(ids), self.malformed)
            if self.end is None:
                self._go_on(self.messages[:written], self.messages[written:])
        except Exception as error:
            self.fail(error)

    def _go_on(self, before: list[Message], new: list[Message]) -> None:
        """Bring `context` up to date, by appending where the template allows it."""
        more = self.chat.continuation(before, new, self.tools)
        if more:
            self.context = [*self.context, *more]
        else:
            self.context, self.seen = self.chat.prompt(self.messages, self.tools), 0
        if len(self.context) > self.max_context:
            self.stop(OVERLONG)


def played(transcript: Transcript, unended: bool = False) -> list[Played]:
    """What the model did in each turn that it ended itself, for the checker; with `unended`, also in the one that it
    did not."""
    return [
        Played(
            calls=tuple(Done(name=c["name"], arguments=c["arguments"], result=c["result"]) for c in turn["calls"]),
            words=turn["words"],
        )
        for turn in transcript["turns"]
        if turn["ended"] or unended
    ]
