"""The fit of another run of a recipe that trained exactly the same: what is scored afterwards, and how, is no part of
it, so whole suites after quick ones, or smaller batches where memory ran out, cost no training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput
from mlx_train.files import read_json

Json = dict[str, Any]
DECIDES = ("start", "own_files", "base_files", "program", "versions")
"""Keys of a run's record that decide what a fit gives, beside its base and most of its recipe."""
APART = ("gates", "select", "purpose")
"""Parts of a recipe that do not."""


def same_fit(folder: Path, record: Json) -> Path | None:
    """The folder of another run beside this one whose fit is complete and the same; None if there is none.

    Where a run may choose among its weights, the chosen ones take the place of those that training ended with, so its
    fit is only taken by a run that chooses too, from the copies.

    Args:
        folder: of a run, and `record` what its run.json holds, with the stage `data`.
    """
    for other in sorted(folder.parent.glob("*/run.json")):
        if other.parent.is_symlink() or other.parent == folder:
            continue
        try:
            held = read_json(other, "record of a run")
            stages = held["stages"]
            same = _decided(held) == _decided(record) and stages["data"]["sha256"] == record["stages"]["data"]["sha256"]
            whole = (other.parent / "fit" / stages["fit"]["folder"]).is_dir()
            alike = record["recipe"].get("select") or not held["recipe"].get("select")
        except (BadInput, KeyError, TypeError, AttributeError):  # damaged, not so far, or of an older version
            continue
        if same and whole and alike:
            return other.parent
    return None


def _decided(record: Json) -> Json:
    recipe = {key: value for key, value in record["recipe"].items() if key not in APART}
    return {"recipe": recipe, "base": record["base"]["weights_sha256"], **{key: record[key] for key in DECIDES}}
