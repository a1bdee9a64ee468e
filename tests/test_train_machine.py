"""What is done for a run on macOS, with stand-ins for what only macOS has."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import mlx.core as mx
import pytest

from mlx_train import cli, files, machine, pipeline, preload, progress


def test_a_mac_is_kept_awake_for_as_long_as_the_run_lasts(monkeypatch) -> None:
    begun: list[subprocess.Popen] = []
    whole = subprocess.Popen

    def start(command: list[str]) -> subprocess.Popen:
        assert command == ["/usr/bin/caffeinate", "-i", "-w", str(os.getpid())]
        begun.append(whole(["sleep", "60"]))
        return begun[0]

    monkeypatch.setattr(machine.sys, "platform", "darwin")
    monkeypatch.setattr(machine.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(machine.subprocess, "Popen", start)
    with machine.kept_awake():
        assert begun[0].poll() is None
    assert begun[0].poll() is not None


def test_the_cache_is_bounded_and_nothing_is_wired(monkeypatch) -> None:
    limits: list[int] = []
    monkeypatch.setattr(machine, "is_apple_silicon", lambda: True)
    monkeypatch.setattr(machine, "memory_gb", lambda: 64.0)
    monkeypatch.setattr(mx, "set_cache_limit", limits.append)
    monkeypatch.setattr(mx, "set_wired_limit", lambda limit: pytest.fail("wired memory made Macs panic"))
    machine.bound_cache()
    assert limits == [6_400_000_000]


@pytest.mark.parametrize("refused", [False, True])
def test_data_reaches_the_drive_on_macos(tmp_path, monkeypatch, refused) -> None:
    calls = []

    def full(descriptor: int, command: int) -> None:
        calls.append(command)
        if refused:  # as network volumes do
            raise OSError

    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", full)
    monkeypatch.setattr(files.os, "fsync", lambda descriptor: calls.append("fsync"))
    files.write_json(tmp_path / "a.json", {"a": 1})
    assert calls == [51, "fsync"] * 2 if refused else calls == [51] * 2  # the file, then its folder


@pytest.mark.parametrize(
    ("said", "code", "advice"),
    [
        ("[METAL] Command buffer execution failed: Impacting Interactivity (0000000e)", 130, "goes on from there"),
        ("[metal::malloc] Attempting to allocate 9 bytes which is greater than the maximum allowed buffer size of 8",
         64, "train.batch_tokens"),
        ("[METAL] Command buffer execution failed: Insufficient Memory (00000008)", 64, "checkpoint_layers"),
        ("something else", 70, "fault of the program"),
    ],
)  # fmt: skip
def test_what_the_gpu_refuses_is_explained(monkeypatch, capsys, said, code, advice) -> None:
    def fails(*_: object, **__: object) -> None:
        raise RuntimeError(said)

    monkeypatch.setattr(cli, "app", fails)
    assert cli.call([]) == code
    assert advice in capsys.readouterr().err


def test_the_gpus_limits_in_words() -> None:
    said = machine.gpu_limits({"max_recommended_working_set_size": 48 * 10**9, "max_buffer_length": 36 * 10**9})
    assert "may hold 48.0 GB, and 36.0 GB in one buffer" in said and "Impacting Interactivity" in said


@pytest.mark.skipif(preload.library() is None, reason="there is no OpenBLAS to preload here")
def test_a_folder_with_a_blank_in_its_name_is_preloaded_from(tmp_path, monkeypatch) -> None:
    made = tmp_path / "my projects" / "mlx_train" / preload.library().name
    made.parent.mkdir(parents=True)
    made.symlink_to(preload.library())
    monkeypatch.setattr(preload, "library", lambda: made)
    code = "print('libopenblas' in open('/proc/self/maps').read())"
    said = subprocess.run([sys.executable, "-c", code], env=preload.preloaded(), capture_output=True, text=True)
    assert (said.stdout, said.stderr) == ("True\n", "")


def test_a_command_goes_on_where_nothing_can_be_preloaded(monkeypatch, capsys) -> None:
    def refused() -> None:
        raise PermissionError(13, "Permission denied", "/usr/lib")

    monkeypatch.setattr(preload, "library", refused)
    monkeypatch.setattr(preload, "is_loaded", lambda: False)
    monkeypatch.setattr(preload.sys, "platform", "linux")
    monkeypatch.delenv("MLX_TRAIN_PRELOAD", raising=False)
    preload.ensure()
    assert "goes on without OpenBLAS" in capsys.readouterr().err


def test_a_line_that_is_rewritten_fits_the_terminal(monkeypatch, capsys) -> None:
    monkeypatch.setattr(progress, "_width", lambda: 60)
    show = progress.Stage("fit")
    show.live = True
    show.at(5, 10, "loss 1.234, and much more to say than a line can hold", 90)
    show.say("what stays may be as long as it has to be, since it is not cleared")
    live, stays = capsys.readouterr().err.split("\r\x1b[2K")[1:]
    assert len(live) == 59 and "1 min 30 s left" in live and stays.endswith("cleared\n")


def test_a_terminal_that_was_closed_stops_no_job(monkeypatch) -> None:
    class Gone:
        def write(self, text: str) -> None:
            raise OSError(5, "Input/output error")

    show = progress.Stage("fit")
    monkeypatch.setattr(progress.sys, "stderr", Gone())
    for show.live in (False, True):
        show.say("step 3 of 4")


def test_the_end_of_the_terminal_is_a_request_to_stop_unless_it_is_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    try:
        with pipeline.stop_requests() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert stop()
            os.kill(os.getpid(), signal.SIGHUP)  # from the shell and from the terminal: still one request
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with pipeline.stop_requests() as stop:
            os.kill(os.getpid(), signal.SIGHUP)
            assert not stop()
    finally:
        signal.signal(signal.SIGHUP, before)


def test_what_is_started_again_keeps_freed_memory_unless_the_caller_tuned_it(monkeypatch) -> None:
    monkeypatch.setattr(preload, "library", lambda: Path("/some/libopenblas.so"))
    monkeypatch.delenv("GLIBC_TUNABLES", raising=False)
    assert "glibc.malloc.mmap_max=0:" in preload.preloaded()["GLIBC_TUNABLES"]
    monkeypatch.setenv("GLIBC_TUNABLES", "glibc.malloc.check=1")
    assert preload.preloaded()["GLIBC_TUNABLES"] == "glibc.malloc.check=1"
