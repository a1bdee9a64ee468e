"""Rungs of a tiny model really do the tasks of a tiny suite, and a ladder that was interrupted does none twice."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import release_scored

from mlx_train import processes
from mlx_train.files import read_json, read_jsonl, write_json
from mlx_train.gates.freeze import freeze
from mlx_train.gates.local import Local
from mlx_train.progress import Stage
from mlx_train.release import ladder as ladders
from mlx_train.release import rungs
from mlx_train.tasks.family import FAMILIES
from mlx_train.tasks.task import Task

RUNGS = ["8", "2"]


class Stopping(Stage):
    """Is interrupted once a rung has done three tasks."""

    def __init__(self, rung: str) -> None:
        super().__init__("ladder")
        self.rung = rung

    def at(self, done: float, total: float, text: str = "", left: float | None = None) -> None:
        if text.startswith(f"rung {self.rung}, ") and done >= 3:
            raise KeyboardInterrupt


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A run, and a folder with a suite of eight tasks."""
    folder = tmp_path_factory.mktemp("ladder")
    run = release_scored.packaged(folder)
    record = read_json(run / "run.json")
    record["recipe"]["gates"] |= {"batch": 2, "max_calls": 2}
    write_json(run / "run.json", record)
    families = [one for one in FAMILIES.values() if one.abstain and one.role == "gate"][:4]
    suite = freeze("abstain", 1, 3, folder / "suites" / "abstain", status="frozen", families=families)
    assert len(suite.tasks) == 8  # each has a twin
    return run, folder / "suites"


def test_an_interrupted_ladder_goes_on_rung_by_rung(
    made: tuple[Path, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun: list[str] = []

    class Watched(Local):
        def rollout(self, task: Task, system: str, **options: Any) -> Any:
            begun.append(task.id)
            return super().rollout(task, system, **options)

    monkeypatch.setattr(processes, "MOST", 1)  # what other processes begin is not seen here
    monkeypatch.setattr(ladders, "Local", Watched)
    monkeypatch.setattr(ladders, "SUITES", made[1])
    straight, run = (Path(shutil.copytree(made[0], tmp_path / name)) for name in ("straight", "run"))
    expected = ladders.ladder(straight, RUNGS, full=True, show=Stage("ladder"))
    assert len(begun) == 3 * 8

    with pytest.raises(KeyboardInterrupt):
        ladders.ladder(run, RUNGS, full=True, show=Stopping("2"))
    transcripts = run / "ladder" / "2" / "transcripts" / "gates" / "abstain.jsonl"
    done = [row["task"] for row in read_jsonl(transcripts)]
    assert 3 <= len(done) < 8
    assert [row["rung"] for row in read_json(run / "ladder" / "ladder.json")["rungs"]] == ["full", "8"]
    begun.clear()
    made: list[str] = []
    make = rungs.make
    monkeypatch.setattr(rungs, "make", lambda rung, *rest: made.append(rung.name) or make(rung, *rest))
    found = ladders.ladder(run, RUNGS, full=True, show=Stage("ladder"))
    everything = {row["task"] for row in read_jsonl(run / "ladder" / "8" / "transcripts" / "gates" / "abstain.jsonl")}
    assert len(everything) == 8 and sorted(begun) == sorted(everything - set(done))  # none of full and 8
    after = [row["task"] for row in read_jsonl(transcripts)]
    assert len(after) == 8 and set(after) == everything
    for row, same in zip(found["rungs"], expected["rungs"], strict=True):
        assert row["gates"] == same["gates"] and row["comparison"] == same["comparison"]
        assert row["gates"]["abstain"]["n"] == 4  # a task and its twin are one

    begun.clear()
    assert ladders.ladder(run, RUNGS, full=True, show=Stage("ladder")) == found and begun == made == []
