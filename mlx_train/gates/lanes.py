"""Decoding in several threads where the processor is the device.

MLX runs most operations of a CPU stream on one core. Two streams on two cores, each with half the rows, are nearly
twice as fast. OpenBLAS's own threads only get in the way then: they wait for each other by spinning, and where another
process is busy a product of 0.4 ms was measured to take 16 ms.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Any

import mlx.core as mx

LANES = 2
"""Most lanes; more cores than this are rare where a model is decoded on the CPU."""

Work = Callable[[Sequence[Any], int, Callable[[Any], None], Callable[[], bool]], None]
"""(items, rows at a time, what to call with each result, whether to stop)."""


def in_lanes(items: Sequence[Any], rows: int, work: Work, finish: Callable[[Any], None]) -> None:
    """Let `work` go through the items, side by side in lanes with every second item and half the rows on a CPU.

    `finish` is never called by two lanes at a time. An exception in a lane stops the others and is raised.
    """
    count = min(LANES, os.cpu_count() or 1, len(items), rows) if mx.default_device().type == mx.cpu else 1
    if count < 2:
        return work(items, rows, finish, lambda: False)
    stopped, lock = threading.Event(), threading.Lock()

    def finish_alone(result: Any) -> None:
        with lock:
            finish(result)

    def lane(number: int) -> None:
        try:
            with mx.stream(mx.new_stream(mx.default_device())):
                work(items[number::count], -(-rows // count), finish_alone, stopped.is_set)
        except BaseException:
            stopped.set()
            raise

    with one_blas_thread(), ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(lane, number) for number in range(count)]
        try:
            wait(futures)
        finally:
            stopped.set()
        for future in futures:
            future.result()


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """While it lasts, a product runs in the thread that asks for it. Does nothing without a preloaded OpenBLAS."""
    everything = ctypes.CDLL(None)
    held = getattr(everything, "scipy_openblas_get_num_threads", None)
    if held is None:
        yield
        return
    before = held()
    everything.scipy_openblas_set_num_threads(1)
    try:
        yield
    finally:
        everything.scipy_openblas_set_num_threads(before)
