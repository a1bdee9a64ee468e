"""Nothing is lost: resumed runs are the runs that were never stopped, and no failed or killed save costs a checkpoint.

The full counts are slow; a part of each runs with the other tests.
"""

from __future__ import annotations

import errno
import os
import random
import signal
import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import mlx.core as mx
import pytest
from test_train_fit import FULL, LORA, fit, losses_of, same

from mlx_train import files
from mlx_train.errors import Interrupted, NoSpace
from mlx_train.train import checkpoint

ROOT = Path(__file__).parents[1]
GRID = [
    pytest.param(*case, id="-".join(map(str, case)), marks=[] if number in (0, 23, 38) else pytest.mark.slow)
    for number, case in enumerate(product(("lora", "full"), (1, 4), (0.0, 0.1), ("compiled", "plain"), (1, 2, 3)))
]


@pytest.mark.parametrize(("method", "accumulate", "dropout", "form", "cut"), GRID)
def test_a_resumed_run_is_the_run_that_was_never_stopped(tmp_path, method, accumulate, dropout, form, cut) -> None:
    settings = {"lora": LORA, "full": FULL}[method].model_copy(
        update={"accumulate": accumulate, "dropout": dropout, "epochs": 2 * accumulate, "batch_tokens": 90}
    )
    if form == "plain":
        mx.disable_compile()
    try:
        straight, _, result = fit(tmp_path / "a", settings)
        with pytest.raises(Interrupted):
            fit(tmp_path / "b", settings, until=cut)
        resumed, again, _ = fit(tmp_path / "b", settings)
    finally:
        mx.enable_compile()
    assert result.steps > cut and again[0]["step"] == cut + 1
    assert same(straight, resumed) and losses_of(tmp_path / "a") == losses_of(tmp_path / "b")


class Disk:
    """Counts the system calls of a save, and fails one of them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls: list[str] = []
        self.fail_at: int | None = None
        self.code = errno.ENOSPC
        for module, name in ((files, "sync"), (files.os, "replace"), (files.os, "rename"), (files.os, "open")):
            monkeypatch.setattr(module, name, self._counted(name, getattr(module, name)))
        for name in ("write_text", "open"):
            monkeypatch.setattr(Path, name, self._counted(f"Path.{name}", getattr(Path, name)))
        monkeypatch.setattr(mx, "save_safetensors", self._counted("save_safetensors", mx.save_safetensors, short=True))

    def _counted(self, name: str, whole, short: bool = False):
        def call(*arguments, **named):
            self.calls.append(name)
            if len(self.calls) - 1 == self.fail_at:
                if short:
                    Path(arguments[0]).write_bytes(b"\0" * 10)
                raise OSError(self.code, os.strerror(self.code), "disk")
            return whole(*arguments, **named)

        return call


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_every_call_of_a_save_may_fail_once(tmp_path, monkeypatch, code) -> None:
    fit(tmp_path / "run", LORA)
    good = checkpoint.latest(tmp_path / "run" / "checkpoints")
    assert good is not None
    whole = checkpoint.read(good, files.read_json(good / "state.json")["identity"])
    with monkeypatch.context() as patch:
        disk = Disk(patch)
        checkpoint.save(tmp_path / "count", whole)
        calls = len(disk.calls)
    assert calls > 15
    for number in range(calls):
        folder = tmp_path / str(number)
        old = checkpoint.save(folder, whole)
        newer = checkpoint.Checkpoint(whole.weights, whole.optimizer, {**whole.state, "step": whole.state["step"] + 1})
        with monkeypatch.context() as patch:
            disk = Disk(patch)
            disk.fail_at, disk.code = number, code
            with pytest.raises((NoSpace, OSError)):
                checkpoint.save(folder, newer)
        left = checkpoint.latest(folder)
        assert left is not None and left.name in (old.name, f"step-{newer.state['step']:06d}"), disk.calls[number]
        checkpoint.save(folder, newer)
        assert [path.name for path in sorted(folder.iterdir())] == [old.name, f"step-{newer.state['step']:06d}"]


KILLED = """
import sys; sys.path.insert(0, 'tests')
from pathlib import Path
import test_train_fit as t
t.fit(Path(sys.argv[1]), t.LORA.model_copy(update={"save_every": 1, "epochs": int(sys.argv[2])}))
"""


@pytest.mark.parametrize("kills", [20, pytest.param(200, marks=pytest.mark.slow)])
def test_killed_at_random_times_a_run_loses_at_most_one_interval(tmp_path, kills) -> None:
    settings = LORA.model_copy(update={"save_every": 1, "epochs": kills})
    straight, _, _ = fit(tmp_path / "a", settings)
    draw, folder, died = random.Random(4), tmp_path / "b", 0
    while died < kills:
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(folder), str(kills)],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        before = _newest(folder)
        while child.poll() is None and _newest(folder) == before:
            time.sleep(0.001)
        if draw.random() < 0.5:  # within a save: its folder is there, its manifest is not
            while child.poll() is None and not list((folder / "checkpoints").glob(".step-*")):
                pass
        else:
            time.sleep(draw.random() * 0.05)
        child.send_signal(signal.SIGKILL)
        errors = child.communicate()[1]
        assert child.returncode in (0, -signal.SIGKILL), errors.decode()
        died += 1
        newest = _newest(folder)
        assert newest is not None and newest >= (before or 0)
        found = checkpoint.latest(folder / "checkpoints")
        assert found is not None and int(found.name.removeprefix("step-")) == newest
        if child.returncode == 0:
            break
    assert same(straight, fit(folder, settings)[0]) and losses_of(tmp_path / "a") == losses_of(folder)


def _newest(folder: Path) -> int | None:
    """The newest checkpoint that stands under its own name."""
    return max((int(path.name.removeprefix("step-")) for path in (folder / "checkpoints").glob("step-*")), default=None)
