"""The control: the same training, as many steps, on replay data alone. It shows what more training does by itself.

A control is a run of its own, scored on the same suites; where the specialist went on from an adapter, so did the
control, which then speaks of what came after that alone. Adopted by a run, its gate file lies in `gates/control.json`,
and on every suite the specialist is compared with the better of stock and control.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_train import records
from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json
from mlx_train.gates.compare import compare_files, load_gate
from mlx_train.recipe import Train
from mlx_train.release.evidence import CONTROL, Json
from mlx_train.release.table import percent

AMOUNT = {"epochs", "steps", "save_every", "validate_every", "keep_every"}
"""Keys of `[train]` in which a control may differ; the steps made are compared instead."""
NOT_REPLAY = {"files", "own"}


def adopt(run: Path, other: Path) -> Json:
    """Take the run `other` as the control of `run`, and compare again.

    Returns:
        The new content of `gates/comparison.json`.

    Raises:
        BadInput: `other` is not a control of this run; the message says in what.
        GateBroken: the gate files cannot be compared.
    """
    ours, theirs = records.read(run), records.read(other)
    fitted, others = (read_json(folder / "fit" / "fitted.json", "record of a fit") for folder in (run, other))
    domains = read_json(other / "data" / "summary.json", "summary of the rows")["domains"]
    train = Train().model_dump(mode="json") | theirs["recipe"]["train"]  # an older run lacks the newer keys
    faults = [
        f"train.{key} is {train[key]!r}, not {value!r}"
        for key, value in ours["recipe"]["train"].items()
        if key not in AMOUNT | {"adapter"} and train[key] != value
    ]
    if theirs.get("start") != ours.get("start"):
        faults.append("it went on from another adapter, or from none")
    if theirs["base"].get("weights_sha256") != ours["base"].get("weights_sha256"):
        faults.append("it was trained from another base")
    if others["steps"] != fitted["steps"]:
        faults.append(f"it made {others['steps']} steps, not {fitted['steps']}: set train.steps = {fitted['steps']}")
    if found := sorted(NOT_REPLAY & set(domains)):
        faults.append(f"it was trained on more than replay data: {', '.join(found)}")
    if faults:
        raise BadInput(f"{other}: not a control of {run}: {'; '.join(faults)}.")
    gates = run / "gates"
    gate = load_gate(other / "gates" / "specialist.json")
    about = {"run": theirs["id"], "recipe": theirs["recipe"]["name"], "steps": others["steps"], "domains": domains}
    about["commit"] = (theirs.get("source") or {}).get("commit")
    margin = ours["recipe"]["gates"]["breadth_margin"]
    transcripts = other / "gates" / "transcripts" / "specialist"
    if not transcripts.is_dir():
        raise BadInput(f"{transcripts}: missing, so the control's scores cannot be looked into. Score it again.")
    with tempfile.TemporaryDirectory(dir=gates) as scratch:  # what was adopted before stays until all is well
        new = Path(scratch) / Path(CONTROL).name
        write_json(new, gate | {"control": about})
        compared = compare_files(gates / "stock.json", gates / "specialist.json", margin, new)
        shutil.copytree(transcripts, gates / "transcripts" / "control", dirs_exist_ok=True)
        os.replace(new, run / CONTROL)
    write_json(gates / "comparison.json", compared)
    return compared


def sentence(content: Mapping[str, Any]) -> str:
    """What the control of a report is and reaches, for people."""
    held = content["control"]
    if held is None:
        return "No control: what as much training on replay data alone would have done is not known."
    adapter = content["provenance"]["recipe"].get("train", {}).get("adapter")
    after = f" after the same adapter, {adapter}" if adapter else ""
    rates = ", ".join(f"{row['suite']} {percent(row['control']['value'])}" for row in content["suites"])
    return (
        f"Control: run {held['run']}, {held['steps']} steps on replay data alone{after}: {rates}. Every suite is "
        "compared with the better of stock and control."
    )
