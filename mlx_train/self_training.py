"""Rejection-sampled self-training (ReST, arXiv 2308.08998): rows of what a specialist itself did right.

It does new tasks of the training split, several times each, by sampling; the checker says which passed, and one of
those becomes a row. Dev and gate tasks are never touched.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mlx_train import program, records
from mlx_train.chat.parse import Reply
from mlx_train.data.trajectory import Trajectory
from mlx_train.errors import BadInput
from mlx_train.files import canonical, sha256_file, sha256_of, write_json, write_text
from mlx_train.gates.conversation import Message, Rollout, Transcript
from mlx_train.gates.rollouts import Player, Progress, Settings, succeeded
from mlx_train.gates.rollouts import run as roll_out
from mlx_train.gates.run import claim
from mlx_train.tasks.task import Task, failed

ROWS, TRANSCRIPTS, SUMMARY = "train.jsonl", "transcripts.jsonl", "summary.json"
Parse = Callable[..., Reply]
Json = dict[str, Any]


def of_run(run: Path, count: int, samples: int, temperature: float, out: Path, progress: Progress) -> Json:
    """Let a run's specialist do `count` training tasks of its recipe, and go on from what `out` holds; see `rollouts`.

    Raises:
        BadInput: the run has trained nothing, its base has changed, or see `rollouts`.
    """
    from mlx_train import models, pipeline
    from mlx_train.chat.render import Chat
    from mlx_train.data.build import practice
    from mlx_train.gates.local import Local

    record = records.read(run)
    recipe = records.recipe_of(run)
    base = models.base_of(record)
    tasks, trained, gates = practice(recipe, count), pipeline.trained(run, recipe), recipe.gates
    model, tokenizer = models.load_trained(base, recipe.base.dtype, trained)
    chat = Chat(tokenizer)
    settings = Settings(
        recipe.prompt, gates.max_new_tokens, gates.max_calls, gates.batch, temperature=temperature, samples=samples
    )
    about = {"run": f"{recipe.name}/{run.name}", "sha256": models.weights_sha256(trained)}
    return rollouts(tasks, Local(model, chat), chat.parse, settings, out, about=about, progress=progress)


def rollouts(
    tasks: Sequence[Task],
    player: Player,
    parse: Parse,
    settings: Settings,
    out: Path,
    *,
    about: Mapping[str, Any],
    progress: Progress | None = None,
) -> Json:
    """Roll out tasks and write what passed as rows into `out/train.jsonl`; called again, it goes on.

    Args:
        parse: what the chat reads messages with.
        settings: with several samples at a temperature.
        about: the model: `run` and `sha256`; stands in every row.

    Returns:
        What `out/summary.json` holds: `tasks`, `rollouts`, `passed` (rollouts), `solved` (tasks), `kept` (rows),
        `unfit` (passing rollouts that cannot be a row), `families` with tasks, passed and kept of each, the decoding
        and hashes.

    Raises:
        BadInput: a task is not of the training split, nothing is sampled, or `out` holds rollouts made otherwise.
    """
    if strange := next((task for task in tasks if task.split != "train"), None):
        raise BadInput(f"{strange.id}: a task of the split {strange.split}; only training tasks are learnt from.")
    if settings.temperature <= 0 or settings.samples < 1:
        raise BadInput("self-training samples: give a temperature above 0 and at least one sample a task.")
    decoding = {key: value for key, value in vars(settings).items() if key != "system"}
    conditions = {
        "model": dict(about), "tasks": sha256_of([task.model_dump(mode="json") for task in tasks]),
        "prompt": settings.system, "program": program.PLAYS_SHA256, **decoding,
    }  # fmt: skip
    claim(out, {"rollouts": sha256_of({**conditions, "versions": player.versions()})})
    done = roll_out(tasks, player, settings, suite="train", done=out / TRANSCRIPTS, progress=progress)
    rows, counts = kept(tasks, done, parse, settings, about)
    # Keys keep their order: it is the order of a tool's parameters, which the model reads.
    write_text(out / ROWS, "".join(row.model_dump_json() + "\n" for row in rows))
    found = {
        **counts, "model": dict(about), "decoding": decoding, "prompt": settings.system,
        "sha256": sha256_file(out / ROWS),
    }  # fmt: skip
    write_json(out / SUMMARY, found)
    return found


def kept(
    tasks: Sequence[Task], done: Sequence[Transcript], parse: Parse, settings: Settings, about: Mapping[str, Any]
) -> tuple[list[Trajectory], Json]:
    """A row for each task of which a rollout passed, and the counts.

    Of several that passed, the row is the one with the fewest calls; of equals the one with the fewest tokens, then the
    first sampled.
    """
    passing: dict[str, list[Transcript]] = {task.id: [] for task in tasks}
    by_id = {task.id: task for task in tasks}
    for one in done:
        if succeeded(by_id[one["task"]], one):
            passing[one["task"]].append(one)
    rows: list[Trajectory] = []
    families: dict[str, Counter[str]] = {task.family: Counter(tasks=0, passed=0, kept=0) for task in tasks}
    unfit = 0
    for task in tasks:
        family = families[task.family]
        family["tasks"] += 1
        family["passed"] += len(passing[task.id])
        for one in sorted(passing[task.id], key=lambda one: (_calls(one), one["tokens"], one["sample"])):
            try:
                rows.append(trajectory(task, one, parse, settings, about))
            except ValidationError:  # a call of a tool that there is not, or that could not be read
                unfit += 1
                continue
            family["kept"] += 1
            break
    return rows, {
        "tasks": len(tasks),
        "rollouts": len(done),
        "passed": sum(map(len, passing.values())),
        "solved": sum(map(bool, passing.values())),
        "kept": len(rows),
        "unfit": unfit,
        "families": {name: dict(counts) for name, counts in sorted(families.items())},
    }


def _calls(transcript: Transcript) -> int:
    return sum(len(turn["calls"]) for turn in transcript["turns"])


def trajectory(
    task: Task, transcript: Transcript, parse: Parse, settings: Settings, about: Mapping[str, Any]
) -> Trajectory:
    """A rollout that passed, as a row. A message whose calls all failed is not trained on, unless the gold has them.

    Raises:
        ValidationError: it has a call that could not be read, or of a tool that there is not.
    """
    rollout = Rollout(task, settings.system, max_calls=settings.max_calls)
    while rollout.end is None:
        turn = transcript["turns"][len(rollout.turns) - 1]
        left = turn["calls"][len(rollout.turns[-1]["calls"]) :]
        raw = left[0]["raw"] if left else turn["raw"]
        rollout.take(parse(raw, stopped=True, tools=[*rollout.tools, *rollout.world.held_back()]), 0, "")
    gold = {canonical([call.name, call.arguments]) for turn in task.turns for call in turn.gold}
    return Trajectory.model_validate({
        "id": f"rollout/{about['sha256'][:12]}/{task.id}/{transcript['sample']}",
        "family": task.family,
        "domain": task.domain,
        "templates": [template for turn in task.turns for template in turn.templates],
        "provenance": {**about, "sample": transcript["sample"], "temperature": settings.temperature},
        "tools": rollout.tools,
        "messages": _marked(rollout, gold),
    })  # fmt: skip


def _marked(rollout: Rollout, gold: set[str]) -> list[Message]:
    """The messages, with those that are not to be trained on marked."""
    results = iter([call["result"] for turn in rollout.turns for call in turn["calls"]])
    messages = []
    for message in rollout.messages:
        calls = [call["function"] for call in message.get("tool_calls", ())]
        slips = [failed(next(results)) and canonical([call["name"], call["arguments"]]) not in gold for call in calls]
        messages.append({**message, "train": False} if slips and all(slips) else message)
    return messages
