"""Two processes train what one does, each on rows of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import mlx.core as mx
import pytest
from test_train_fit import LORA, fit

from mlx_train import files
from mlx_train.errors import BadInput
from mlx_train.train import checkpoint

ROOT = Path(__file__).parents[1]
SETTINGS = LORA.model_copy(update={"accumulate": 4, "batch_tokens": 40, "epochs": 3, "dropout": 0.0, "save_every": 1})
SCRIPT = """
import json, sys
sys.path.insert(0, "tests")
from pathlib import Path
import mlx.core as mx
import test_train_fit as t, test_train_ranks as here
from mlx_train.errors import Interrupted
from mlx_train.train import batching, engine

rank = mx.distributed.init().rank()
out, until = Path(sys.argv[1]) / str(rank), int(sys.argv[2]) if rank else None
used, whole = [], batching.collate
def collate(examples, micro):
    if len(examples) == 12:  # training rows; of dev rows there are four
        used.append([examples[row].id for row in micro.rows])
    return whole(examples, micro)
batching.collate = collate
try:
    t.fit(out, here.SETTINGS, until=until or None)
except Interrupted:
    pass
(out / "used.json").write_text(json.dumps(used))
"""


def launch(out: Path, until: int = 0) -> None:
    """Run two processes; the second one asks to stop after so many steps."""
    (out.parent / "script.py").write_text(SCRIPT)
    command = [str(Path(sys.executable).parent / "mlx.launch"), "-n", "2", "--backend", "ring", "--"]
    command += [sys.executable, str(out.parent / "script.py"), str(out), str(until)]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "exited with code 1" not in done.stderr, done.stderr


def test_processes_of_which_one_lost_its_checkpoints_do_not_begin_anew(tmp_path) -> None:
    """Each of two, told what the other has; the least of theirs is agreed on."""

    class Two:
        size = 2

        def __init__(self, rank: int, other: int, lacks: bool = False) -> None:
            self.rank, self.other, self.lacks = rank, other, lacks

        def least(self, number: int) -> int:
            return min(number, self.other)

        def any(self, flag: bool) -> bool:
            return flag or self.lacks

    empty, full = tmp_path / "empty", tmp_path / "full"
    for step in (2, 4):
        checkpoint.save(full, checkpoint.Checkpoint({}, {}, {"step": step}))
    assert checkpoint.shared(empty, Two(0, 0)) is None
    assert [checkpoint.shared(full, Two(0, other)) for other in (2, 4, 6)] == [
        full / "step-000002", full / "step-000004", full / "step-000004",
    ]  # fmt: skip
    for folder, two in ((full, Two(0, 0)), (empty, Two(1, 4, lacks=True)), (full, Two(0, 3)), (full, Two(1, 4, True))):
        with pytest.raises(BadInput, match="there is none that all 2 processes have"):
            checkpoint.shared(folder, two)
    assert len(list(full.iterdir())) == 2


def test_two_processes_train_what_one_does_and_stop_and_go_on_together(tmp_path) -> None:
    _, alone, result = fit(tmp_path / "alone", SETTINGS)
    both = tmp_path / "both"
    launch(both, until=2)
    first = [files.read_jsonl(both / rank / "metrics.jsonl") for rank in "01"]
    assert [len(lines) for lines in first] == [2, 2]
    used = [[tuple(rows) for rows in json.loads((both / rank / "used.json").read_text())] for rank in "01"]
    assert len(used[0]) == len(used[1]) == 4 and not set(used[0]) & set(used[1])

    launch(both)
    for rank in "01":
        lines = files.read_jsonl(both / rank / "metrics.jsonl")
        assert len(lines) == result.steps > 3
        for line, expected in zip(lines, alone, strict=True):
            assert line["loss"] == pytest.approx(expected["loss"], rel=1e-4)
            assert line.get("dev_loss", 0) == pytest.approx(expected.get("dev_loss", 0), rel=1e-4)
            assert line["gradient_norm"] == pytest.approx(expected["gradient_norm"], rel=1e-3)
    one, other = (mx.load(str(both / rank / "adapters" / "adapters.safetensors")) for rank in "01")
    assert all(mx.array_equal(one[name], other[name]).item() for name in one)
