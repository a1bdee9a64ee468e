"""The fixed token windows that models of a run are compared on: the specialist's own gate transcripts.

Gate transcripts are only ever measured on; nothing here reaches training.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Any

from mlx_train import records
from mlx_train.chat.render import Chat
from mlx_train.errors import BadInput, GateBroken
from mlx_train.files import read_json, read_jsonl, sha256_of
from mlx_train.gates import suites as gate_suites
from mlx_train.gates.replay import Window, replay
from mlx_train.places import PROGRAM, SUITES


@dataclass(frozen=True)
class Windows:
    """What was chosen, and what could not be."""

    chosen: tuple[Window, ...]
    left_out: Mapping[str, str]
    """Why, by what it is."""

    @property
    def sha256(self) -> str:
        """Of all ids and their kinds."""
        return sha256_of([[window.task, window.ids, window.kinds] for window in self.chosen])


def of_run(run: Path, chat: Chat, ids: int) -> Windows:
    """Transcripts of the specialist, one of each suite in turn, until there are `ids` ids beside the catalogues.

    Within a suite the order is that of the tasks' hashes, so a larger number only adds windows.

    Raises:
        BadInput: there is no transcript to compare on.
        GateBroken: an installed suite does not verify, or a transcript does not replay.
    """
    recipe = records.recipe_of(run)
    scored = read_json(run / "gates" / "specialist.json", "gate file")["suites"]
    left_out: dict[str, str] = {}
    rows: list[list[tuple[Any, Any]]] = []
    for name, entry in scored.items():
        try:
            suite = gate_suites.load(SUITES / name)
        except GateBroken as error:
            left_out[name] = str(error)
            continue
        if suite.digest != entry["suite_sha256"]:
            left_out[name] = "the installed suite is another one than was scored"
            continue
        tasks = {task.id: task for task in suite.tasks}
        held = read_jsonl(run / "gates" / "transcripts" / "specialist" / f"{name}.jsonl", "transcript")
        rows.append([(tasks[row["task"]], row) for row in sorted(held, key=lambda row: sha256_of(row["task"]))])
    chosen: list[Window] = []
    unknown = 0
    for task, row in (pair for level in zip_longest(*rows) for pair in level if pair is not None):
        if sum(len(window.ids) - window.shared for window in chosen) >= ids:
            break
        found = replay(task, row, chat, recipe.prompt, recipe.gates.max_calls)
        chosen += found
        unknown += not found
    if not chosen:
        raise BadInput(
            f"{run / 'gates'}: no transcript of the specialist can be compared on ({left_out or 'there is none'}). "
            f"Score the run with the suites that are installed now: `{PROGRAM} run RECIPE`."
        )
    if unknown:
        left_out["transcripts"] = f"{unknown} of which the ids are not known"
    return Windows(tuple(chosen), left_out)
