"""Work in several processes where the processor is the device.

MLX runs most operations of a CPU stream on one core, and all streams of a process together have ten operations in
flight at most, so that one of two threads is often left waiting: rollouts of 24 tasks took 15.8 s in two threads and
10.3 s in two processes. A forked process has the model without loading it, in the memory of the one it came from.
"""

from __future__ import annotations

import multiprocessing
import pickle
import signal
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from typing import Any, cast

import mlx.core as mx

from mlx_train import machine
from mlx_train.errors import Fault, NoSpace
from mlx_train.lanes import one_blas_thread

MOST = 4
"""Most processes; more than two were never tried."""

STARTS = 3
"""How often a process is forked at most. A thread may have held a lock, in some library, at that very moment."""

START_SECONDS = 60.0
"""What a process has to begin in, once forked."""

Give = Callable[[Any], None]
Work = Callable[[Sequence[Any], int, Give], None]
"""(items, rows at a time, what to call with each result)."""


def in_processes(items: Sequence[Any], rows: int, work: Work, finish: Give) -> None:
    """Let `work` go through the items, dealt out in turn to a process for each core (at most `MOST`), with its part
    of the rows.

    On other devices and systems there is one process, this one. What `work` changes stays in its process; what it
    gives must be picklable, and `finish` gets it here. Results that were given before a fault or an interruption count.

    Raises:
        NoSpace: a process was killed, as Linux does when memory runs out.
        Fault: a process did not begin, `STARTS` times.
        Exception: what `work` raised; the other processes are stopped.
    """
    count = _count(len(items), rows)
    if count == 1:
        return work(items, rows, finish)
    mx.synchronize()
    running: dict[Connection, ForkProcess] = {}
    try:
        for number in range(count):
            _start(running, items[number::count], -(-rows // count), work)
        while running:
            for ready in wait(list(running)):
                _take(cast(Connection, ready), running, finish)
    finally:
        for reader in list(running):
            _kill(running, reader)


def _count(items: int, rows: int) -> int:
    forks = sys.platform == "linux" and mx.default_device().type == mx.cpu
    return max(1, min(MOST, machine.cores(), items, rows)) if forks else 1


def _start(running: dict[Connection, ForkProcess], items: Sequence[Any], rows: int, work: Work) -> None:
    """Add a process that has begun, or died, which is told of when it is read from."""
    context = multiprocessing.get_context("fork")
    for _ in range(STARTS):
        reader, writer = context.Pipe(duplex=False)
        given = (items, rows, work, writer, [*running, reader])
        process = context.Process(target=_work, args=given, daemon=True)
        with warnings.catch_warnings():  # Python warns of threads; MLX's are idle, and not used in the new process
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        writer.close()
        running[reader] = process
        if reader.poll(START_SECONDS):
            return
        _kill(running, reader)
    raise Fault(
        f"a process that is to run the model did not begin within {START_SECONDS:.0f} s, {STARTS} times. Close other "
        "programs, and give the command again: it goes on where it stopped."
    )


def _kill(running: dict[Connection, ForkProcess], reader: Connection) -> None:
    process = running.pop(reader)
    process.kill()
    process.join()
    reader.close()


def _take(reader: Connection, running: dict[Connection, ForkProcess], finish: Give) -> None:
    """Take what a process sent: that it began, a result, an exception, or nothing more."""
    try:
        kind, sent = reader.recv()
    except EOFError:
        process = running.pop(reader)
        process.join()
        reader.close()
        if process.exitcode:
            raise NoSpace(
                f"a process that ran the model ended with code {process.exitcode}; most likely memory ran out. Close "
                "other programs and give the command again: it goes on where it stopped. Or lower gates.batch first: "
                "scoring begins anew then, and what is trained is kept."
            ) from None
        return
    if kind == "error":
        raise sent
    if kind == "result":
        finish(sent)


def _work(items: Sequence[Any], rows: int, work: Work, writer: Connection, readers: Sequence[Connection]) -> None:
    for reader in readers:
        reader.close()  # or writing would go on working after the process that reads has died
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the process that waits, which ends this one
    try:
        with one_blas_thread(), mx.stream(mx.new_stream(mx.default_device())):
            mx.eval(mx.ones((32, 32)) @ mx.ones((32, 32)))  # where a lock is held for ever, it shows here
            writer.send(("begun", None))
            work(items, rows, lambda result: writer.send(("result", result)))
    except BrokenPipeError:
        pass  # nobody waits any more
    except BaseException as error:
        writer.send(("error", _portable(error)))


def _portable(error: BaseException) -> BaseException:
    """The exception with its traceback as a note, in a form that pickles."""
    written = "".join(traceback.format_exception(error))
    try:
        error.add_note(written)
        pickle.loads(pickle.dumps(error))
    except Exception:
        return RuntimeError(written)
    return error
