"""Rolling out a suite's tasks with any model, so that a stopped run can go on.

Finished rollouts are appended to a file, and those that are in it are not done again.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from mlx_train.errors import GateBroken
from mlx_train.files import canonical, disk_faults, sync, write_jsonl
from mlx_train.gates.conversation import CRASH, DONE, OUTSIDE, Transcript, played
from mlx_train.gates.variants import PLAIN, meet
from mlx_train.tasks.check import faults
from mlx_train.tasks.task import Task

Progress = Callable[[int, int, int, float], None]
"""(rollouts done, all, passed so far, seconds left)."""


@dataclass(frozen=True)
class Settings:
    """How a model is made to act; the same for stock and specialist."""

    system: str
    max_new_tokens: int = 256
    max_calls: int = 20
    batch: int = 16
    variant: str = PLAIN
    """How the tasks' worlds are met; see `variants`."""
    temperature: float = 0.0
    """0 is greedy decoding."""
    samples: int = 1
    """Rollouts of each task."""


class Player(Protocol):
    """A model as the gates see it. Only the model's next message is its own affair; all else is shared."""

    @property
    def format(self) -> str:
        """How its tool calls come, for the record."""

    def shared(self, tools: Sequence[dict[str, Any]], system: str) -> list[Any]:
        """What every rollout with this prompt and catalogue begins with, as JSON, to be hashed."""

    def versions(self) -> dict[str, str]:
        """Of the programs that make the messages."""

    def rollout(self, task: Task, system: str, **options: Any) -> Any:
        """A `Rollout` (with these options) of the kind that `play` plays."""

    def play(
        self,
        tasks: Sequence[Task],
        start: Callable[[Task], Any],
        settings: Settings,
        finish: Callable[[Transcript], None],
    ) -> None:
        """Roll out tasks side by side, calling `finish` with the transcript of each as it ends."""


def run(
    tasks: Sequence[Task],
    player: Player,
    settings: Settings,
    *,
    suite: str,
    done: Path,
    progress: Progress | None = None,
) -> list[Transcript]:
    """Roll out every task, as often as `settings` says, and return the transcripts in the order of the tasks.

    Args:
        done: JSONL file of finished transcripts; those in it are kept but for crashes and time-outs, which are tried
            again, new ones are appended as they finish, and at the end it is put in the order of the tasks.

    Raises:
        GateBroken: `done` holds something that is not a transcript of these tasks.
    """
    by_id = {task.id: task for task in tasks}
    samples = range(1, settings.samples + 1) if settings.temperature else (None,)
    wanted = [(id, sample) for id in by_id for sample in samples]
    whole = [row for row in recover(done) if row["end"] not in OUTSIDE]  # those say nothing of the model: once more
    finished = {(row["task"], row.get("sample")): row for row in whole}
    if strange := set(finished) - set(wanted):
        raise GateBroken(
            f"{done}: holds {min(id for id, _ in strange)}, which is not a task to be scored. Move the file away and "
            "run again."
        )
    passed = sum(succeeded(by_id[id], row) for (id, _), row in finished.items())
    started, before = time.perf_counter(), len(finished)
    met = meet(settings.variant)

    if before < len(wanted):
        done.parent.mkdir(parents=True, exist_ok=True)
        with disk_faults(done), open(done, "ab") as stream:

            def finish(row: Transcript) -> None:
                nonlocal passed
                try:
                    line = canonical(row).encode()
                except (TypeError, ValueError) as error:  # a world may give what is no JSON, a model half a character
                    fault = f"the rollout cannot be written down: {error!r}"
                    row = {**row, "turns": [], "end": CRASH, "error": fault.encode(errors="replace").decode()}
                    line = canonical(row).encode()
                stream.write(line + b"\n")
                stream.flush()
                finished[row["task"], row.get("sample")] = row
                passed += succeeded(by_id[row["task"]], row)
                if progress:
                    left = len(wanted) - len(finished)
                    begun = min(settings.batch - 1, left) / 2  # those beside it are half done, in the mean
                    rate = (time.perf_counter() - started) / (len(finished) - before + begun)
                    progress(len(finished), len(wanted), passed, rate * (left - begun))

            for sample in samples:

                def start(task: Task, sample: int | None = sample) -> Any:
                    return player.rollout(
                        task, settings.system, suite=suite, max_calls=settings.max_calls, meet=met, sample=sample
                    )

                if left := [task for task in tasks if (task.id, sample) not in finished]:
                    player.play(left, start, settings, finish)
            sync(stream.fileno())
    rows = [finished[key] for key in wanted]
    if before < len(wanted) or list(finished) != wanted:
        write_jsonl(done, rows)
    return rows


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
    return read(path)


def read(path: Path) -> list[Transcript]:
    """The whole lines of a file of transcripts; one that is being written, or was cut off, may end in a part of a line.

    Raises:
        GateBroken: a line is damaged.
    """
    data = path.read_bytes()
    rows = []
    for number, line in enumerate(data[: data.rfind(b"\n") + 1].splitlines(), 1):
        try:
            row = json.loads(line)
            kept = {key: row[key] for key in ("task", "suite", "turns", "end", "error", "seconds", "tokens")}
            rows.append(kept | {key: row[key] for key in ("sample",) if key in row})
        except (ValueError, KeyError, TypeError) as error:
            raise GateBroken(
                f"{path}, line {number}: not a transcript ({error!r}). Delete the file to roll out again."
            ) from None
    return rows
