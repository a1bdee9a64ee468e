"""The record of a run, run.json: what decided its result, and the stages that are complete."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput
from mlx_train.files import read_json
from mlx_train.recipe import Recipe, validated

FILE = "run.json"
TABLES = ("recipe", "base", "stages")
KEYS = ("id", "fingerprint", *TABLES)


def read(run: Path) -> dict[str, Any]:
    """What a run's record holds.

    Raises:
        BadInput: it is missing or not the record of a run.
    """
    path = run / FILE
    found = read_json(path, "record of a run")
    held = found if isinstance(found, dict) else {}
    if missing := [key for key in KEYS if key not in held or (key in TABLES and not isinstance(held[key], dict))]:
        raise BadInput(
            f"{path}: not the record of a run (no {', '.join(missing)}). Give the folder of a run, such as "
            "artifacts/runs/embedded/latest; if this is one, move it away, and its command makes it again."
        )
    return held


def recipe_of(run: Path) -> Recipe:
    """The recipe that a run was made by.

    Raises:
        BadInput: its record is missing or damaged, or its recipe is not one of this version of the program.
    """
    return validated(read(run)["recipe"], f"{run / FILE}, key recipe")
