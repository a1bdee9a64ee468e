"""Rollouts beside mlx-lm's own generation, on the same tasks in one run.

The peer generates as mlx-lm does out of the box, one conversation at a time: `plain` reads the whole conversation for
every message; `cached` keeps a prompt cache, begins each conversation with a copy of the catalogue's, and reads only
what is new. Conversations, worlds and parsing are ours in all of them, so only generation differs.
"""

from __future__ import annotations

import copy
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlx.core as mx
from mlx.utils import tree_flatten
from mlx_lm.generate import generate_step
from mlx_lm.models.cache import can_trim_prompt_cache, make_prompt_cache, trim_prompt_cache

from mlx_train import machine
from mlx_train.errors import BadInput
from mlx_train.gates.conversation import Conversation, Templated, Transcript
from mlx_train.gates.local import Local, read_catalogue, roll_one, room
from mlx_train.gates.rollouts import Settings, run
from mlx_train.gates.seats import common
from mlx_train.tasks.task import Task

Facts = dict[str, Any]
Way = Callable[[], list[Transcript]]


class Remembered(Conversation):
    """A conversation whose transcript has the ids of each message that the model wrote."""

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.ids: list[list[int]] = []

    def receive(self, ids: Sequence[int]) -> None:
        """Take the ids the model wrote."""
        self.ids.append(list(ids))
        super().receive(ids)

    def transcript(self) -> Transcript:
        """The finished rollout as plain JSON."""
        return {**super().transcript(), "ids": self.ids}


class Ours(Local):
    """A model as the gates have it, its ids remembered."""

    def rollout(self, task: Task, system: str, **options: Any) -> Remembered:
        """A rollout at its beginning."""
        return Remembered(task, self.chat, system, max_context=room(self.model), **options)


def compare(
    tasks: Sequence[Task], model: Any, chat: Templated, settings: Settings, rounds: int, say: Callable[[str], None]
) -> Facts:
    """Roll out the tasks in each way, alternating.

    Args:
        settings: `batch` is that of the batched way.
        rounds: how often each way is timed; its seconds are the median.

    Returns:
        `ratio_wall` and `ratio_wall_cached_peer` (the peer's seconds over ours), `transcripts_equal` (ours at batch 1
        against `plain`: the same ids in each message), `same_when_batched` (share of tasks whose transcript is the
        same at the full batch), `ways` (seconds and tokens of each) and `bound`.

    Raises:
        BadInput: the model's caches cannot be trimmed, which the cached way needs.
    """
    if not can_trim_prompt_cache(make_prompt_cache(model)):
        raise BadInput("this model's caches cannot be trimmed, so mlx-lm's prompt cache does not serve a conversation.")
    ways: dict[str, Way] = {
        "ours": lambda: ours(tasks, model, chat, settings),
        "cached": lambda: cached(tasks, model, chat, settings),
        "plain": lambda: plain(tasks, model, chat, settings),
    }
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    written: dict[str, list[Transcript]] = {}
    for number in range(rounds):
        for name, way in ways.items():
            say(f"round {number + 1} of {rounds}, {name}")
            begun = time.perf_counter()
            written[name] = way()
            seconds[name].append(time.perf_counter() - begun)
    say("ours at batch 1")
    alone = ours(tasks, model, chat, replace(settings, batch=1))
    took = {name: statistics.median(found) for name, found in seconds.items()}
    tokens = {name: sum(row["tokens"] for row in rows) for name, rows in written.items()}
    return {
        "ratio_wall": took["plain"] / took["ours"],
        "ratio_wall_cached_peer": took["cached"] / took["ours"],
        "transcripts_equal": alike(alone, written["plain"]) == 1,
        "same_when_batched": alike(written["ours"], written["plain"]),
        "ways": {name: {"seconds": took[name], "tokens": tokens[name]} for name in ways},
        "bound": bound(model, tokens["ours"], settings.batch, took["ours"]),
        "tasks": len(tasks),
        "batch": settings.batch,
        "machine": machine.summary(),
    }


def ours(tasks: Sequence[Task], model: Any, chat: Templated, settings: Settings) -> list[Transcript]:
    """As the gates do it."""
    with tempfile.TemporaryDirectory() as folder:
        return run(tasks, Ours(model, chat), settings, suite="bench", done=Path(folder) / "transcripts.jsonl")


def plain(tasks: Sequence[Task], model: Any, chat: Templated, settings: Settings) -> list[Transcript]:
    """Every message from the whole conversation."""
    begun = [_begin(task, chat, settings) for task in tasks]
    return [roll_one(conversation, model, settings).transcript() for conversation in begun]


def cached(tasks: Sequence[Task], model: Any, chat: Templated, settings: Settings) -> list[Transcript]:
    """Every message from a prompt cache; a catalogue is read once."""
    catalogues: dict[tuple[int, ...], list[Any]] = {}
    rows = []
    for task in tasks:
        conversation = _begin(task, chat, settings)
        ids = chat.shared(conversation.tools, settings.system)
        if tuple(ids) not in catalogues:
            catalogues[tuple(ids)] = read_catalogue(model, ids).cache or make_prompt_cache(model)
        cache, held = copy.deepcopy(catalogues[tuple(ids)]), ids
        while conversation.end is None:
            context = conversation.context
            kept = common(held, context[:-1])
            trim_prompt_cache(cache, len(held) - kept)
            written: list[int] = []
            prompt = mx.array(context[kept:])
            for token, _ in generate_step(prompt, model, max_tokens=settings.max_new_tokens, prompt_cache=cache):
                written.append(int(token))
                if written[-1] in chat.stop_ids:
                    break
            held = [*context, *written][: cache[0].offset]
            conversation.receive(written)
        rows.append(conversation.transcript())
    return rows


def _begin(task: Task, chat: Templated, settings: Settings) -> Remembered:
    return Remembered(task, chat, settings.system, suite="bench", max_calls=settings.max_calls)


def alike(some: Sequence[Transcript], others: Sequence[Transcript]) -> float:
    """Share of the transcripts that are the same, times aside."""

    def bare(row: Transcript) -> Transcript:
        return {key: value for key, value in row.items() if key != "seconds"}

    return sum(bare(one) == bare(other) for one, other in zip(some, others, strict=True)) / len(some)


def bound(model: Any, tokens: int, batch: int, seconds: float) -> Facts:
    """The least time in which so many tokens can be written, if each step reads all weights and writes `batch` tokens.

    Returns:
        `weights_gb`, `read_gb_per_s` (measured), `least_seconds`, and `share_reached` of the seconds taken.
    """
    size = sum(value.nbytes for _, value in tree_flatten(model.parameters())) / 1e9
    rate = machine.read_rate()
    least = tokens / batch * size / rate
    return {
        "weights_gb": size,
        "read_gb_per_s": rate,
        "least_seconds": least,
        "share_reached": least / seconds,
    }


def text(found: Facts) -> str:
    """The comparison for people."""
    names = {"ours": f"ours, batch {found['batch']}", "cached": "mlx-lm, prompt cache", "plain": "mlx-lm, plain"}
    least = found["ways"]["ours"]["seconds"]
    lines = [f"{found['tasks']} tasks{'':15}seconds   tokens   slower than ours"]
    lines += [
        f"{names[name]:<22}{way['seconds']:9.1f}{way['tokens']:9d}{way['seconds'] / least:16.1f}x"
        for name, way in found["ways"].items()
    ]
    roof = found["bound"]
    equal = "are" if found["transcripts_equal"] else "are NOT"
    return "\n".join(
        [
            *lines,
            "",
            f"transcripts at batch 1 {equal} those of plain generation, token for token; "
            f"at batch {found['batch']} {found['same_when_batched']:.0%} of them are",
            f"bound: reading {roof['weights_gb']:.3f} GB of weights a step at {roof['read_gb_per_s']:.1f} GB/s, "
            f"{roof['least_seconds']:.1f} s, {roof['share_reached']:.0%} of what ours takes",
        ]
    )
