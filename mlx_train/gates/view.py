"""Transcripts of a gate file as one self-contained HTML page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jinja2 import Environment

from mlx_train.errors import GateBroken
from mlx_train.files import write_text
from mlx_train.gates.compare import load_gate
from mlx_train.gates.rollouts import recover

PAGE = Path(__file__).with_name("transcripts.html.jinja")


def render(gate: dict[str, Any], rows: list[dict[str, Any]], title: str) -> str:
    """The page. `rows` are transcripts with the task's entry of the gate file under `verdict`."""
    environment = Environment(autoescape=True, trim_blocks=True)
    environment.filters["plain"] = lambda value: json.dumps(value, ensure_ascii=False)
    return environment.from_string(PAGE.read_text(encoding="utf-8")).render(gate=gate, rows=rows, title=title)


def view(gate_path: Path, out: Path) -> Path:
    """Write the page of a gate file; the transcripts lie beside it, in `transcripts/<label>/<suite>.jsonl`.

    Raises:
        GateBroken: the gate file or a transcript file is missing or does not belong to the other.
    """
    gate = load_gate(gate_path)
    rows = []
    for name in gate.get("suites", {}):
        path = gate_path.parent / "transcripts" / gate_path.stem / f"{name}.jsonl"
        if not path.exists():
            raise GateBroken(f"{path}: these transcripts do not exist. Run `mlx-train gates run` again to make them.")
        for row in recover(path):
            if row["task"] not in gate["tasks"][name]:
                raise GateBroken(f"{path}: task {row['task']} is not in {gate_path}. Score the model again.")
            rows.append({**row, "suite": name, "verdict": gate["tasks"][name][row["task"]]})
    write_text(out, render(gate, rows, gate_path.stem))
    return out
