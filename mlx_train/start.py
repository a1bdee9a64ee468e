"""The adapter that a training goes on from, in place of a fresh one. Stock stays the base without either."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import mlx.core as mx

from mlx_train.bases.adapter import FOLDER
from mlx_train.data.stock import DEV_ROWS, ROWS, WEIGHTS, about, kept
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, sha256_of
from mlx_train.places import RUNS
from mlx_train.recipe import Recipe, Train
from mlx_train.tensor_file import check_finite
from mlx_train.train import adapters

KEY = "train.adapter"


def find(recipe: Recipe, root: Path) -> Path | None:
    """The folder of the adapter to go on from; None where training begins with a fresh one.

    Args:
        root: what a path counts from, the folder of the recipe.

    Raises:
        BadInput: there is no such adapter, or it is damaged, or of another base, kind, rank or scale than the recipe.
    """
    settings = recipe.train
    if not settings.adapter:
        return None
    if place := kept(settings.adapter):
        folder, base = place / FOLDER, about(place)["made_of"]
        if base != recipe.base.name:
            raise BadInput(
                f"{KEY}: {settings.adapter!r} is an adapter of {base}; the recipe's base is {recipe.base.name}."
            )
    else:
        path = root / Path(settings.adapter).expanduser()
        own = (RUNS / recipe.name).resolve()
        if any(one.name == "latest" and one.parent.resolve() == own for one in path.parents):
            raise BadInput(
                f"{KEY}: {path} would be this recipe's own run as soon as it begins. Name the run's folder in place of "
                "`latest`, or give the recipe another name."
            )
        folder = path.resolve()
    for name in (adapters.CONFIG, adapters.WEIGHTS):
        if not (folder / name).is_file():
            raise BadInput(
                f"{KEY}: {folder} has no {name}. Give the folder of an adapter in mlx-lm's layout, such as "
                "`fit/adapters` of a run or `package` of a specialist (paths count from the recipe's folder), or a "
                "name in data/bases."
            )
    _check(folder, settings)
    check_finite(folder / adapters.WEIGHTS)
    return folder


def check_base(folder: Path | None, weights_sha256: str, key: str = KEY) -> None:
    """Refuse an adapter that says of itself, or whose run says, that it was trained on other weights.

    Args:
        weights_sha256: of the base that is meant.
        key: where the adapter was named, for the message.

    Raises:
        BadInput: it does.
    """
    if folder is None or not (folder / adapters.CONFIG).is_file():  # the latter of full training
        return
    config, run = read_json(folder / adapters.CONFIG, "adapter configuration"), _run(folder)
    below = about(folder.parent).get("made_of", "") if folder.name == FOLDER else ""  # of one that is kept
    made = about(folder.parents[1] / below).get("files", {}) if below else {}
    of_run = run and run.record["base"].get("weights_sha256")
    for found in (config.get("base_weights_sha256"), of_run, made.get(WEIGHTS)):
        if found and found != weights_sha256:
            raise BadInput(
                f"{key}: the adapter in {folder} was trained on weights of SHA-256 {found}, and the base given with it "
                f"has {weights_sha256}. Give the base that it was trained on."
            )


def identity(folder: Path | None) -> str | None:
    """SHA-256 over the two files of an adapter; None for none."""
    if folder is None:
        return None
    return sha256_of([sha256_file(folder / name) for name in (adapters.CONFIG, adapters.WEIGHTS)])


def rows(folder: Path | None) -> list[Path]:
    """The files of the rows that an adapter was trained on, where it lies in the run that made it; none where that is
    not known: it lies elsewhere, its rows were changed or removed, or that run went on from another adapter itself."""
    if folder is None or (run := _run(folder)) is None:
        return []
    held = run.record.get("stages", {}).get("data", {}).get("sha256", {})
    files = {run.folder / "data" / name: held.get(name) for name in (ROWS, DEV_ROWS)}
    if run.record["recipe"].get("train", {}).get("adapter") or any(
        not file.is_file() or sha256_file(file) != digest for file, digest in files.items()
    ):
        return []
    return [file for file in files if file.stat().st_size]


def read(folder: Path) -> dict[str, mx.array]:
    """The arrays of an adapter by their path in the model."""
    return adapters.load_arrays(folder / adapters.WEIGHTS)


class _Run(NamedTuple):
    folder: Path
    record: dict[str, Any]


def _run(folder: Path) -> _Run | None:
    """The run in which an adapter lies where a run has its own, and its record."""
    for own in ("fit/adapters", "package"):
        run = folder.resolve().parents[own.count("/")]
        if run / own != folder.resolve() or not (run / "run.json").is_file():
            continue
        record = read_json(run / "run.json", "record of a run")
        if isinstance(record, dict) and isinstance(record.get("base"), dict) and isinstance(record.get("recipe"), dict):
            return _Run(run, record)
    return None


def _check(folder: Path, settings: Train) -> None:
    config = read_json(folder / adapters.CONFIG, "adapter configuration")
    held: Any = config.get("lora_parameters") if isinstance(config, dict) else None
    if not isinstance(held, dict):
        raise BadInput(f"{KEY}: {folder / adapters.CONFIG} has no lora_parameters; expected mlx-lm's layout.")
    wanted = {"method": settings.method, "rank": settings.rank, "scale": settings.scale}
    found = {"method": config.get("fine_tune_type"), "rank": held.get("rank"), "scale": held.get("scale")}
    other = [f"{name} {found[name]} in place of {wanted[name]}" for name in wanted if found[name] != wanted[name]]
    if more := sorted(set(held.get("keys") or ()) - set(settings.targets)):
        other.append(f"targets {', '.join(more)} beside {', '.join(settings.targets)}")
    if other:
        raise BadInput(
            f"{KEY}: the adapter in {folder} has {', '.join(other)}, which the recipe asks for. Training goes on with "
            "the same ones; scale is alpha / rank, or alpha / sqrt(rank) if rank_stabilised."
        )
