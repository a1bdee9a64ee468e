"""Work in several threads where the processor is the device.

MLX runs most operations of a CPU stream on one core. Two streams on two cores, each with half the rows, get more
done, if not twice as much (see processes.py). OpenBLAS's own threads only get in the way then: they wait for each other
by spinning, and where another process is busy a product of 0.4 ms was measured to take 16 ms.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from types import TracebackType
from typing import TypeVar

import mlx.core as mx

from mlx_train import machine

LANES = 2
"""Most lanes; more cores than this are rare where a model is run on the CPU."""

Item = TypeVar("Item")
T = TypeVar("T")


class Lanes:
    """At most `most` threads, each with a stream of its own; one, which is the caller's thread, on other devices.

    Attributes:
        count: how many there are.
    """

    def __init__(self, most: int = LANES) -> None:
        self.count = max(1, min(LANES, machine.cores(), most)) if mx.default_device().type == mx.cpu else 1
        self._pool = ThreadPoolExecutor(self.count) if self.count > 1 else None
        self._of_thread = threading.local()

    def __enter__(self) -> Lanes:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown()

    def run(self, items: Sequence[Item], work: Callable[[Sequence[Item]], T]) -> list[T]:
        """`work` on each lane's share of the items, dealt out in turn, side by side; the results in that order.

        What a lane returns must be evaluated. Where lanes raise, the first one's exception is raised once all ended.
        """
        if self._pool is None:
            return [work(items)]

        def in_stream(share: Sequence[Item]) -> T:
            if not hasattr(self._of_thread, "stream"):
                self._of_thread.stream = mx.new_stream(mx.default_device())
            with mx.stream(self._of_thread.stream):
                return work(share)

        with one_blas_thread():
            futures = [self._pool.submit(in_stream, items[lane :: self.count]) for lane in range(self.count)]
            wait(futures)
        return [future.result() for future in futures]


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
