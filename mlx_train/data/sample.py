"""A few rows like those that a recipe will train on, to know their lengths before any of them is built."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from mlx_train.data.build import asked, others_of, own_source
from mlx_train.data.tables import HUB
from mlx_train.data.trajectory import Trajectory, from_task, stream
from mlx_train.recipe import Recipe


def sample(recipe: Recipe, root: Path, most: int) -> tuple[list[Trajectory], int]:
    """Rows of the recipe's own files and of its families, in their shares, and how many rows there will be in all.

    Args:
        root: folder that the recipe's own files are relative to; rows of a hub data set are not looked at.
        most: rows to return at most.

    Raises:
        BadInput: an own file is missing, or not valid in its first rows.
    """
    own_files = [own_source(name, root) for name in recipe.data.files if not name.startswith(HUB)]
    lengths = {source: _count(Path(source)) for source in own_files}
    own = sum(lengths.values())
    made = asked(recipe.data, own) if own or recipe.data.sources else 0
    share = min(1.0, most / max(1, own + made))
    rows = [row for source, length in lengths.items() for row in islice(stream(source), round(share * length))]
    if made:
        rows += [from_task(task, recipe.prompt) for task in others_of(recipe, max(1, round(share * made)), own)]
    return rows, own + made


def _count(path: Path) -> int:
    rows = stream(path)
    first = sum(1 for _ in islice(rows, 1))  # says so if there is no such file
    if path.suffix != ".jsonl":
        return first + sum(1 for _ in rows)
    with open(path, "rb") as file:
        return sum(1 for line in file if line.strip())
