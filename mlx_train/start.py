"""The adapter that a training goes on from, in place of a fresh one. Stock stays the base without either."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import mlx.core as mx

from mlx_train.bases.adapter import FOLDER
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, sha256_of
from mlx_train.places import BASES
from mlx_train.recipe import Train
from mlx_train.tensor_file import check_finite
from mlx_train.train import adapters

KEY = "train.adapter"
ROWS = ("train.jsonl", "dev.jsonl")


def find(settings: Train, root: Path) -> Path | None:
    """The folder of the adapter to go on from; None where training begins with a fresh one.

    Args:
        root: what a path counts from, the folder of the recipe.

    Raises:
        BadInput: there is no such adapter.
    """
    if not settings.adapter:
        return None
    kept = BASES / settings.adapter / FOLDER
    folder = kept if kept.is_dir() else root / Path(settings.adapter).expanduser()
    for name in (adapters.CONFIG, adapters.WEIGHTS):
        if not (folder / name).is_file():
            raise BadInput(
                f"{KEY}: {folder} has no {name}. Give the folder of an adapter in mlx-lm's layout, such as "
                "`fit/adapters` of a run or `package` of a specialist (paths count from the recipe's folder), or a "
                "name in data/bases."
            )
    return folder


def identity(folder: Path | None) -> str | None:
    """SHA-256 over the two files of an adapter; None for none."""
    if folder is None:
        return None
    return sha256_of([sha256_file(folder / name) for name in (adapters.CONFIG, adapters.WEIGHTS)])


def rows(folder: Path | None) -> list[Path]:
    """The files of the rows that an adapter was trained on, where it lies in the run that made it; none where that is
    not known: it lies elsewhere, its rows were changed or removed, or that run went on from another adapter itself."""
    for run in folder.resolve().parents[:2] if folder else ():
        if not (run / "run.json").is_file():
            continue
        record = read_json(run / "run.json", "record of a run")
        held = record.get("stages", {}).get("data", {}).get("sha256", {})
        files = {run / "data" / name: digest for name, digest in held.items() if name in ROWS}
        same = all(file.is_file() and sha256_file(file) == digest for file, digest in files.items())
        if same and len(files) == len(ROWS) and not record["recipe"]["train"].get("adapter"):
            return [file for file in files if file.stat().st_size]
    return []


def read(folder: Path, settings: Train) -> dict[str, mx.array]:
    """The arrays of an adapter by their path in the model.

    Raises:
        BadInput: it is of another kind, rank or scale than the recipe asks for, or damaged.
    """
    config = read_json(folder / adapters.CONFIG, "adapter configuration")
    held: Any = config.get("lora_parameters") if isinstance(config, dict) else None
    if not isinstance(held, dict):
        raise BadInput(f"{KEY}: {folder / adapters.CONFIG} has no lora_parameters; expected mlx-lm's layout.")
    wanted = {"method": settings.method, "rank": settings.rank, "scale": settings.scale}
    found = {"method": config.get("fine_tune_type"), "rank": held.get("rank"), "scale": held.get("scale")}
    other = [f"{name} {found[name]} in place of {wanted[name]}" for name in wanted if found[name] != wanted[name]]
    if other:
        raise BadInput(
            f"{KEY}: the adapter in {folder} has {', '.join(other)}, which the recipe asks for. Training goes on with "
            "the same ones; scale is alpha / rank, or alpha / sqrt(rank) if rank_stabilised."
        )
    check_finite(folder / adapters.WEIGHTS)
    return adapters.load_arrays(folder / adapters.WEIGHTS)
