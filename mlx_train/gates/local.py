"""Models that run on this machine.

The catalogue, with which every conversation with the same tools begins, is read once and its keys and values are handed
to each rollout; after that a conversation's own cache goes on, so each step reads only what is new.

Where all layers keep plain keys and values, `Decoder` works on rollouts of all catalogues together, on a Linux
CPU in a process for each core. Other models whose caches can be joined go through mlx-lm's `BatchGenerator`, a
catalogue at a time, and the rest one by one.
"""

from __future__ import annotations

import importlib.metadata
import platform
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import mlx.core as mx
from mlx_lm.generate import BatchGenerator, generate_step
from mlx_lm.models.cache import make_prompt_cache

from mlx_train import machine
from mlx_train.chat.parse import Reply
from mlx_train.files import canonical
from mlx_train.gates.conversation import MOST_CONTEXT, Conversation, Templated, Transcript
from mlx_train.gates.decoder import can_decode, id_bytes
from mlx_train.gates.rollouts import Settings
from mlx_train.gates.sampling import sampler
from mlx_train.gates.seats import Seats
from mlx_train.gates.variants import meet
from mlx_train.processes import in_processes
from mlx_train.tasks.task import Task

Start = Callable[[Task], Conversation]
Finish = Callable[[Transcript], None]
PREFILL = 512
"""Tokens of one forward pass over the catalogue."""
KEPT = 0.25
"""Share of the usable memory that the keys and values of all rows may take. To grow them takes as much again for a
moment, and the weights and a pass need theirs."""


@dataclass(frozen=True)
class Local:
    """An mlx-lm model with its chat, as a `Player`."""

    model: Any
    chat: Templated
    parse: Callable[..., Reply] | None = None
    """Reads what the model wrote, in place of the chat."""

    @property
    def format(self) -> str:
        """One of `chat.formats.FORMATS`."""
        return self.chat.format

    def shared(self, tools: Sequence[dict[str, Any]], system: str) -> list[int]:
        """The ids of the system prompt and the catalogue."""
        return self.chat.shared(tools, system)

    def versions(self) -> dict[str, str]:
        """Versions that decide what a greedy model writes."""
        found = {name: importlib.metadata.version(name) for name in ("mlx", "mlx-lm", "transformers")}
        return {**found, "python": platform.python_version(), "machine": f"{platform.system()} {platform.machine()}"}

    def rollout(self, task: Task, system: str, **options: Any) -> Conversation:
        """A rollout at its beginning."""
        return Conversation(task, self.chat, system, max_context=room(self.model), parse=self.parse, **options)

    def play(self, tasks: Sequence[Task], start: Start, settings: Settings, finish: Finish) -> None:
        """Roll out tasks, calling `finish` with the transcript of each as it ends."""
        if can_decode(self.model):
            roll_by_core(tasks, start, self.model, self.chat, settings, finish)
        elif can_batch(self.model):
            roll_many(tasks, start, self.model, self.chat, settings, finish)
        else:
            for task in tasks:
                finish(roll_one(start(task), self.model, settings).transcript())


def room(model: Any) -> int:
    """How many ids a conversation with the model may have: its window, if it says one."""
    return min(MOST_CONTEXT, getattr(getattr(model, "args", None), "max_position_embeddings", None) or MOST_CONTEXT)


def can_batch(model: Any) -> bool:
    """Whether the model's caches can be joined into a batch; where they cannot, rollouts go one by one."""
    return all(hasattr(layer, "merge") for layer in make_prompt_cache(model))


def roll_one(conversation: Conversation, model: Any, settings: Settings) -> Conversation:
    """One rollout to its end, every message from the whole context: no batch and nothing kept between messages."""
    while conversation.end is None:
        ids: list[int] = []
        try:
            draw = sampler(conversation, settings.temperature)
            context, most = mx.array(conversation.context), settings.max_new_tokens
            for token, _ in generate_step(context, model, max_tokens=most, sampler=draw):
                ids.append(int(token))
                if ids[-1] in conversation.chat.stop_ids:
                    break
        except Exception as error:
            conversation.fail(error)
            break
        conversation.receive(ids)
    return conversation


def roll_by_core(
    tasks: Sequence[Task],
    start: Start,
    model: Any,
    chat: Templated,
    settings: Settings,
    finish: Finish,
) -> None:
    """Roll out tasks side by side, calling `finish` for each as it ends.

    Those with most to do start first, so that few are left alone at the end. Which process a task is in depends on
    nothing but the tasks and the number of cores. Rollouts too long for the memory with all rows side by side go on
    once the others have ended, half as many at a time at most, down to one of any length.
    """
    order = sorted(tasks, key=lambda task: -sum(1 + len(turn.gold) for turn in task.turns))
    ids = KEPT * machine.usable_memory_gb() * 1e9 / id_bytes(model) / settings.batch  # of one row

    def roll(part: Sequence[Task], rows: int, finish: Finish) -> None:
        held, begin, left = int(ids * rows), start, part
        while left:
            rows = max(1, min(rows, len(left)))
            seats = Seats(left, begin, model, chat, rows, settings, held // rows if rows > 1 else None)
            while (ended := seats.advance()) is not None:
                for conversation in ended:
                    finish(conversation.transcript())
            waiting, rows = iter(seats.aside), rows // 2
            left = [conversation.task for conversation in seats.aside]
            begin = partial(_next, waiting)

    in_processes(order, settings.batch, roll, finish)


def _next(waiting: Iterator[Conversation], task: Task) -> Conversation:
    """The rollout of the task that was put aside: they are asked for in their order."""
    conversation = next(waiting)
    assert conversation.task is task
    return conversation


@dataclass
class Catalogue:
    """The ids that all conversations with the same tools begin with, and what the model's layers keep of them."""

    ids: list[int]
    cache: list[Any] | None


def read_catalogue(model: Any, ids: list[int]) -> Catalogue:
    """Run the model over the catalogue once. The cache is only ever read from afterwards: joining a batch copies it."""
    if not ids:
        return Catalogue([], None)
    cache = make_prompt_cache(model)
    for start in range(0, len(ids), PREFILL):
        model(mx.array(ids[start : start + PREFILL])[None], cache=cache)
        mx.eval([layer.state for layer in cache])
    return Catalogue(ids, cache)


@dataclass
class Live:
    """A rollout that the generator is working on."""

    conversation: Conversation
    written: list[int] = field(default_factory=list)


def roll_many(
    tasks: Sequence[Task],
    start: Start,
    model: Any,
    chat: Templated,
    settings: Settings,
    finish: Finish,
) -> None:
    """Roll out tasks side by side, those of one catalogue together, calling `finish` for each as it ends."""
    groups: dict[str, list[Task]] = {}
    met = meet(settings.variant)
    for task in tasks:
        groups.setdefault(canonical(met(task).tools()), []).append(task)
    for group in groups.values():
        catalogue = read_catalogue(model, chat.shared(met(group[0]).tools(), settings.system))
        _roll_group(deque(group), start, model, chat, settings, catalogue, finish)


def _roll_group(
    waiting: deque[Task],
    start: Start,
    model: Any,
    chat: Templated,
    settings: Settings,
    catalogue: Catalogue,
    finish: Finish,
) -> None:
    generator = BatchGenerator(
        model,
        stop_tokens=[[id] for id in sorted(chat.stop_ids)],
        completion_batch_size=settings.batch,
        prefill_batch_size=settings.batch,
        prefill_step_size=PREFILL,
    )
    live: dict[int, Live] = {}
    ready: list[tuple[Conversation, list[Any] | None]] = []

    def submit() -> None:
        prompts, caches = [], []
        for conversation, cache in ready:
            ids, kept = _to_read(conversation, cache, catalogue)
            prompts.append(ids)
            caches.append(kept)
        draws = [sampler(conversation, settings.temperature) for conversation, _ in ready]
        most = [settings.max_new_tokens] * len(prompts)
        uids = generator.insert(prompts, max_tokens=most, caches=caches, samplers=draws)
        live.update({uid: Live(conversation) for uid, (conversation, _) in zip(uids, ready, strict=True)})
        ready.clear()

    try:
        while waiting or live or ready:
            while waiting and len(live) + len(ready) < settings.batch:
                ready.append((start(waiting.popleft()), None))
            # Every change of the batch copies all its caches, so rollouts join in groups.
            if ready and len(ready) >= max(1, len(live) // 2):
                submit()
            for response in generator.next()[1]:
                rollout = live[response.uid]
                rollout.written.append(response.token)
                if response.finish_reason is None:
                    continue
                del live[response.uid]
                rollout.conversation.receive(rollout.written)
                if rollout.conversation.end is None:
                    ready.append((rollout.conversation, response.prompt_cache))
                else:
                    finish(rollout.conversation.transcript())
    finally:
        generator.close()


def _to_read(
    conversation: Conversation, cache: list[Any] | None, catalogue: Catalogue
) -> tuple[list[int], list[Any] | None]:
    """The ids still to be read, and the cache that holds the ids before them."""
    if cache is not None and conversation.seen:
        return conversation.context[conversation.seen :], cache
    context, size = conversation.context, len(catalogue.ids)
    if catalogue.cache is not None and size < len(context) and context[:size] == catalogue.ids:
        return context[size:], catalogue.cache
    return context, None
