"""Checkpoints: everything needed to go on bit for bit, complete or not there at all."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mlx.core as mx

from mlx_train import files
from mlx_train.errors import BadInput
from mlx_train.train.adapters import load_arrays, save_arrays
from mlx_train.train.ranks import Ranks

log = logging.getLogger(__name__)
KEPT = 2
MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Checkpoint:
    """The state after an optimizer step. Dropout and data order follow from seed and step, so they need no state."""

    weights: dict[str, mx.array]
    """Trainable arrays by path."""
    optimizer: dict[str, mx.array]
    """Optimizer state, flat."""
    state: dict[str, Any]
    """`step`, `epoch`, `micro` (micro-batches consumed), `identity`, and totals so far."""


def save(folder: Path, checkpoint: Checkpoint) -> Path:
    """Write `folder/step-000123`, then remove all but the newest checkpoints and what a killed save left."""
    target = folder / f"step-{checkpoint.state['step']:06d}"
    with files.staged_folder(target) as stage:
        save_arrays(stage / "weights.safetensors", checkpoint.weights)
        save_arrays(stage / "optimizer.safetensors", checkpoint.optimizer)
        files.write_json(stage / "state.json", checkpoint.state)
        files.write_json(stage / MANIFEST, files.manifest(stage))
    every = sorted(folder.glob("step-*"))
    older = every[: every.index(target) + 1]  # a later one is damaged, or this one would not have been made
    for old in {*every} - {*older[-KEPT:]} | {*folder.glob(".step-*")}:
        shutil.rmtree(old, ignore_errors=True)
    return target


def shared(folder: Path, ranks: Ranks) -> Path | None:
    """The newest good checkpoint that every process has; processes killed at once may be a step apart.

    Raises:
        BadInput: in every process alike, some have checkpoints and there is none that all of them have.
    """
    found = latest(folder)
    step = ranks.least(_step(found))
    mine = latest(folder, step) if step else None
    if ranks.any(_step(mine) != step or (found is not None and not step)):
        raise BadInput(
            f"{folder}: process {ranks.rank} has {found.name if found else 'no checkpoint'}, and there is none that "
            f"all {ranks.size} processes have. Copy this folder from a process that has one to the others, or move it "
            "away everywhere to begin anew."
        )
    return mine


def _step(path: Path | None) -> int:
    return int(path.name.removeprefix("step-")) if path else 0


def latest(folder: Path, most: int | None = None) -> Path | None:
    """The newest checkpoint, after at most so many steps, whose every file is as its manifest says."""
    for path in sorted(folder.glob("step-*"), reverse=True):
        if most is not None and _step(path) > most:
            continue
        if (path / MANIFEST).is_file():
            try:
                expected = files.read_json(path / MANIFEST)
                hidden = [one.name for one in path.glob(".*")]  # the Finder's, and others that a Mac leaves behind
                faults = files.differences(path, expected, skip=[MANIFEST, *hidden])
            except (BadInput, TypeError, KeyError) as error:
                faults = [str(error)]
        else:
            faults = [f"{MANIFEST}: missing"]
        if not faults:
            return path
        log.warning("%s is passed over: %s", path, faults[0])
    return None


def read(path: Path, identity: Mapping[str, Any]) -> Checkpoint:
    """Load a checkpoint of this very run.

    Raises:
        BadInput: it was written under another identity (settings, data, seed, base); the message names what differs.
    """
    state = files.read_json(path / "state.json", "checkpoint state")
    if faults := differing(state["identity"], identity):
        lines = "\n".join(f"  {fault}" for fault in faults)
        raise BadInput(
            f"{path}: this checkpoint belongs to another run:\n{lines}\nUse another folder or remove this one."
        )
    return Checkpoint(load_arrays(path / "weights.safetensors"), load_arrays(path / "optimizer.safetensors"), state)


def differing(saved: Any, now: Any, at: str = "") -> list[str]:
    """What differs between two identities, one line a key."""
    if isinstance(saved, Mapping) and isinstance(now, Mapping):
        keys = sorted({*saved, *now})
        return [line for key in keys for line in differing(saved.get(key), now.get(key), f"{at}.{key}".lstrip("."))]
    return [] if saved == now else [f"{at}: {saved!r} in the checkpoint, {now!r} now"]
