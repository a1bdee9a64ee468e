"""Many rollouts side by side.

The catalogue, with which every conversation with the same tools begins, is read once and its keys and values are handed
to each rollout; after that a conversation's own cache goes on, so each step reads only what is new. Decoding is greedy.
Finished rollouts are appended to a file, so a stopped run goes on where it was.

Where all layers keep plain keys and values, `Decoder` works on rollouts of all catalogues together, in one lane on a
GPU and one for each of two cores on a CPU. Other models whose caches can be joined go through mlx-lm's
`BatchGenerator`, a catalogue at a time, and the rest one by one.
"""

from __future__ import annotations

import json
import os
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx_lm.generate import BatchGenerator, generate_step
from mlx_lm.models.cache import make_prompt_cache

from mlx_train.chat.parse import Reply
from mlx_train.errors import GateBroken
from mlx_train.files import canonical, disk_faults, sync, write_jsonl
from mlx_train.gates.conversation import DONE, MOST_CONTEXT, Conversation, Templated, Transcript, played
from mlx_train.gates.decoder import windows
from mlx_train.gates.seats import Seats
from mlx_train.gates.variants import PLAIN, meet
from mlx_train.lanes import in_lanes
from mlx_train.tasks.check import faults
from mlx_train.tasks.task import Task

Progress = Callable[[int, int, int, float], None]
"""(rollouts done, all, passed so far, seconds left)."""
PREFILL = 512
"""Tokens of one forward pass over the catalogue."""


@dataclass(frozen=True)
class Settings:
    """How a model is made to act; the same for stock and specialist."""

    system: str
    max_new_tokens: int = 256
    max_calls: int = 20
    batch: int = 16
    variant: str = PLAIN
    """How the tasks' worlds are met; see `variants`."""


def run(
    tasks: Sequence[Task],
    model: Any,
    chat: Templated,
    settings: Settings,
    *,
    suite: str,
    done: Path,
    progress: Progress | None = None,
    parse: Callable[..., Reply] | None = None,
) -> list[Transcript]:
    """Roll out every task and return the transcripts in the order of the tasks.

    Args:
        model: an mlx-lm model.
        done: JSONL file of finished transcripts; those in it are kept, new ones are appended as they finish, and at
            the end it is put in the order of the tasks.

    Raises:
        GateBroken: `done` holds something that is not a transcript of these tasks.
    """
    wanted = {task.id: task for task in tasks}
    finished = {row["task"]: row for row in recover(done)}
    if strange := set(finished) - set(wanted):
        raise GateBroken(
            f"{done}: holds {min(strange)}, which is not a task to be scored. Move the file away and run again."
        )
    passed = sum(succeeded(wanted[id], row) for id, row in finished.items())
    left = [task for task in tasks if task.id not in finished]
    started, before = time.perf_counter(), len(finished)
    met = meet(settings.variant)

    def conversation(task: Task) -> Conversation:
        return Conversation(
            task,
            chat,
            settings.system,
            suite=suite,
            max_calls=settings.max_calls,
            max_context=room(model),
            parse=parse,
            meet=met,
        )

    if left:
        done.parent.mkdir(parents=True, exist_ok=True)
        with disk_faults(done), open(done, "a", encoding="utf-8") as stream:

            def finish(conversation: Conversation) -> None:
                nonlocal passed
                row = conversation.transcript()
                stream.write(canonical(row) + "\n")
                stream.flush()
                finished[row["task"]] = row
                passed += succeeded(conversation.task, row)
                if progress:
                    spent = time.perf_counter() - started
                    rate = spent / (len(finished) - before)
                    progress(len(finished), len(tasks), passed, rate * (len(tasks) - len(finished)))

            if windows(model) is not None:
                roll_in_lanes(left, conversation, model, chat, settings, finish)
            elif can_batch(model):
                roll_many(left, conversation, model, chat, settings, finish)
            else:
                for task in left:
                    finish(roll_one(conversation(task), model, settings.max_new_tokens))
            sync(stream.fileno())
    rows = [finished[task.id] for task in tasks]
    if left or list(finished) != list(wanted):
        write_jsonl(done, rows)
    return rows


def room(model: Any) -> int:
    """How many ids a conversation with the model may have: its window, if it says one."""
    return min(MOST_CONTEXT, getattr(getattr(model, "args", None), "max_position_embeddings", None) or MOST_CONTEXT)


def succeeded(task: Task, transcript: Transcript) -> bool:
    """Whether the rollout ended by itself and the checker finds no fault."""
    return transcript["end"] == DONE and not faults(task, played(transcript))


def recover(path: Path) -> list[Transcript]:
    """The transcripts in a file that may have been cut off in its last line; that line is removed from the file.

    Raises:
        GateBroken: another line is damaged.
    """
    if not path.exists():
        return []
    data = path.read_bytes()
    whole = data.rfind(b"\n") + 1
    if whole < len(data):
        with open(path, "rb+") as stream:
            os.truncate(stream.fileno(), whole)
            sync(stream.fileno())
    rows = []
    for number, line in enumerate(data[:whole].splitlines(), 1):
        try:
            row = json.loads(line)
            rows.append({key: row[key] for key in ("task", "suite", "turns", "end", "error", "seconds", "tokens")})
        except (ValueError, KeyError, TypeError) as error:
            raise GateBroken(
                f"{path}, line {number}: not a transcript ({error!r}). Delete the file to roll out again."
            ) from None
    return rows


def can_batch(model: Any) -> bool:
    """Whether the model's caches can be joined into a batch; where they cannot, rollouts go one by one."""
    return all(hasattr(layer, "merge") for layer in make_prompt_cache(model))


def roll_one(conversation: Conversation, model: Any, max_new_tokens: int) -> Conversation:
    """One rollout to its end, every message from the whole context: no batch and nothing kept between messages."""
    while conversation.end is None:
        ids: list[int] = []
        try:
            for token, _ in generate_step(mx.array(conversation.context), model, max_tokens=max_new_tokens):
                ids.append(int(token))
                if ids[-1] in conversation.chat.stop_ids:
                    break
        except Exception as error:
            conversation.fail(error)
            break
        conversation.receive(ids)
    return conversation


def roll_in_lanes(
    tasks: Sequence[Task],
    start: Callable[[Task], Conversation],
    model: Any,
    chat: Templated,
    settings: Settings,
    finish: Callable[[Conversation], None],
) -> None:
    """Roll out tasks side by side, calling `finish`, never twice at a time, for each as it ends.

    Those with most to do start first, so that few are left alone at the end. Which lane a task is in depends on nothing
    but the tasks.
    """
    order = sorted(tasks, key=lambda task: -sum(1 + len(turn.gold) for turn in task.turns))

    def lane(part: Sequence[Task], rows: int, finish: Callable[[Conversation], None], stop: Callable[[], bool]) -> None:
        seats = Seats(part, start, model, chat, rows, settings.system, settings.max_new_tokens, meet(settings.variant))
        while not stop() and (ended := seats.advance()) is not None:
            for conversation in ended:
                finish(conversation)

    in_lanes(order, settings.batch, lane, finish)


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
    start: Callable[[Task], Conversation],
    model: Any,
    chat: Templated,
    settings: Settings,
    finish: Callable[[Conversation], None],
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
    start: Callable[[Task], Conversation],
    model: Any,
    chat: Templated,
    settings: Settings,
    catalogue: Catalogue,
    finish: Callable[[Conversation], None],
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
        uids = generator.insert(prompts, max_tokens=[settings.max_new_tokens] * len(prompts), caches=caches)
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
                    finish(rollout.conversation)
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
