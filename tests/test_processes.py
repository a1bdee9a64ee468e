"""Work in forked processes: everything is given once, and a fault, a kill or Ctrl-C ends all of them."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import mlx.core as mx
import pytest

from mlx_train.errors import Fault, GateBroken, NoSpace
from mlx_train.processes import Give, in_processes

pytestmark = pytest.mark.skipif(mx.default_device().type != mx.cpu, reason="one process on other devices")


@pytest.fixture(autouse=True)
def cores(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.setattr("mlx_train.machine.cores", lambda: 2)
    yield
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)  # none is left


def squares(items: Sequence[int], rows: int, give: Give) -> None:
    matrix = mx.ones((64, 64))
    for item in items:
        give((item, rows, int((matrix * item**2).mean().item()), os.getpid()))


def test_every_item_is_worked_on_once_by_one_of_two_processes() -> None:
    found: list[tuple[int, int, int, int]] = []
    in_processes(range(9), 5, squares, found.append)
    assert sorted(item for item, *_ in found) == list(range(9))
    assert all(square == item**2 and rows == 3 for item, rows, square, _ in found)
    ids = {item % 2: pid for item, _, _, pid in found}
    assert len({os.getpid(), *ids.values()}) == 3 and all(pid == ids[item % 2] for item, _, _, pid in found)


@pytest.mark.parametrize(("items", "rows", "cores"), [(1, 5, 2), (5, 1, 2), (5, 5, 1)])
def test_where_there_is_nothing_to_share_this_process_works(
    items: int, rows: int, cores: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mlx_train.machine.cores", lambda: cores)
    found: list[tuple[int, int, int, int]] = []
    in_processes(range(items), rows, squares, found.append)
    assert len(found) == items and {(all_rows, pid) for _, all_rows, _, pid in found} == {(rows, os.getpid())}


@pytest.mark.parametrize(("platform", "device"), [("linux", mx.gpu), ("darwin", mx.cpu)])
def test_on_a_gpu_or_a_mac_this_process_works(platform: str, device: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", platform)
    monkeypatch.setattr(mx, "default_device", lambda: SimpleNamespace(type=device))
    found: list[tuple[int, int, int, int]] = []
    in_processes(range(3), 2, squares, found.append)
    assert found == [(item, 2, item**2, os.getpid()) for item in range(3)]


def slow_but_for(item: int, act: Callable[[], Any]) -> Any:
    """Work that acts at one item, and at all others after the first takes longer than any test may."""

    def work(items: Sequence[int], rows: int, give: Give) -> None:
        for number in items:
            if number == item:
                act()
            elif number > 1:
                time.sleep(3600)
            give(number)

    return work


def breaks() -> None:
    raise GateBroken("a suite broke")


class Unpicklable(Exception):
    """An exception that cannot be sent."""

    def __init__(self) -> None:
        super().__init__("stays at home")
        self.held = lambda: None


def refuses() -> None:
    raise Unpicklable


def test_what_a_process_raises_is_raised_here_and_ends_the_others() -> None:
    found = list[int]()
    with pytest.raises(GateBroken, match="a suite broke") as caught:
        in_processes(range(4), 4, slow_but_for(2, breaks), found.append)
    assert "in breaks" in caught.value.__notes__[0] and 0 in found
    with pytest.raises(RuntimeError, match="Unpicklable: stays at home"):
        in_processes(range(4), 4, slow_but_for(2, refuses), found.append)


def test_a_killed_process_is_told_of_with_advice() -> None:
    found: list[int] = []
    with pytest.raises(NoSpace, match=r"code -9; most likely memory ran out\. .*Or lower gates\.batch"):
        in_processes(range(4), 4, slow_but_for(2, lambda: os.kill(os.getpid(), signal.SIGKILL)), found.append)
    assert 0 in found


def stuck_until(tries: int, counted: Path) -> Callable[[Any], Any]:
    """In place of `mx.eval`: the first tries take a minute, as if a lock were held that nobody gives back."""

    def evaluate(array: mx.array) -> None:
        counted.write_text(counted.read_text() + ".")
        if len(counted.read_text()) <= tries:
            time.sleep(60)

    counted.write_text("")
    return evaluate


def test_a_process_that_does_not_begin_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "mlx_train.processes.START_SECONDS", 12
    )  # ample for one that is not stuck, on a busy machine too
    monkeypatch.setattr(mx, "eval", stuck_until(1, tmp_path / "tries"))
    found = list[int]()
    in_processes(range(4), 4, lambda items, rows, give: list(map(give, items)), found.append)  # type: ignore[arg-type, return-value]
    assert sorted(found) == [0, 1, 2, 3] and (tmp_path / "tries").read_text() == "..."


def test_a_process_that_never_begins_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlx_train.processes.START_SECONDS", 2)
    monkeypatch.setattr(mx, "eval", stuck_until(9, tmp_path / "tries"))
    with pytest.raises(Fault, match="did not begin within 2 s, 3 times"):
        in_processes(range(4), 4, squares, print)
    assert (tmp_path / "tries").read_text() == "..."


def test_an_interruption_keeps_what_was_given() -> None:
    found: list[int] = []

    def take(item: int) -> None:
        found.append(item)
        if len(found) == 2:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    try:
        with pytest.raises(KeyboardInterrupt):
            in_processes(range(4), 4, slow_but_for(4, breaks), take)
    finally:
        signal.signal(signal.SIGINT, before)
    assert sorted(found) == [0, 1]


ENDLESS = """
import os, sys, time
from mlx_train import machine
from mlx_train.processes import in_processes

def work(items, rows, give):
    print(os.getpid(), flush=True)
    while True:
        time.sleep(0.05)
        give(0)

machine.cores = lambda: 2
in_processes(range(4), 4, work, lambda item: None)
"""


def test_nobody_is_left_working_for_a_process_that_died() -> None:
    with subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        left = [int(process.stdout.readline()) for _ in range(2)]
        process.kill()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and any(map(_lives, left)):
        time.sleep(0.05)
    assert process.pid not in left and not any(map(_lives, left))


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
