"""Nothing is lost: resumed runs are the runs that were never stopped, and no failed or killed save costs a checkpoint.

The full counts (48 cuts, 200 kills) are slow; a part of each runs with the other tests.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import random
import signal
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
                    raise RuntimeError("[write] Unable to write 90 bytes to file.")  # what MLX says, of any fault
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


def _fit_with_many_saves(folder: Path) -> None:
    fit(folder, MANY_SAVES)


KILLS = 20
MANY_SAVES = LORA.model_copy(update={"save_every": 1, "epochs": KILLS})
SERVER = multiprocessing.get_context("forkserver")  # it imports MLX once; a fresh interpreter takes seconds for that


@pytest.mark.parametrize("seed", [pytest.param(seed, marks=[pytest.mark.slow] if seed else []) for seed in range(10)])
def test_killed_at_random_times_a_run_loses_at_most_one_interval(tmp_path, seed, monkeypatch) -> None:
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(sys.path))
    SERVER.set_forkserver_preload([__name__])
    straight, _, _ = fit(tmp_path / "a", MANY_SAVES)
    draw, folder, within_a_save = random.Random(seed), tmp_path / "b", 0
    for number in range(KILLS):
        before = _newest(folder)
        child = SERVER.Process(target=_fit_with_many_saves, args=(folder,))
        child.start()
        while child.is_alive() and _newest(folder) == before:
            time.sleep(0.001)
        if number % 2:  # within a save: its folder is there under another name
            while child.is_alive() and not list((folder / "checkpoints").glob(".step-*")):
                pass
        else:
            time.sleep(draw.random() * 0.05)
        child.kill()
        child.join()
        assert child.exitcode == -signal.SIGKILL, "it ended before it was killed"
        within_a_save += any((folder / "checkpoints").glob(".step-*"))
        newest = _newest(folder)
        assert newest is not None and newest > (before or 0)
        found = checkpoint.latest(folder / "checkpoints")
        assert found is not None and int(found.name.removeprefix("step-")) == newest
    assert within_a_save >= KILLS // 2 - 3, "too few kills hit a save"
    assert same(straight, fit(folder, MANY_SAVES)[0]) and losses_of(tmp_path / "a") == losses_of(folder)


def _newest(folder: Path) -> int | None:
    """The newest checkpoint that stands under its own name."""
    return max((int(path.name.removeprefix("step-")) for path in (folder / "checkpoints").glob("step-*")), default=None)
