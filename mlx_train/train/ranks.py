"""Several processes that train one model on different rows (data-parallel), started by MLX's own launcher.

    mlx.launch --hosts a,b mlx-train fit RECIPE     on several Macs
    mlx.launch -n 2 ...                             on one machine, each process with a MLX_TRAIN_HOME of its own

Each process holds the whole model and writes its own files; sums over the processes make the same step in all of them.
"""

from __future__ import annotations

import mlx.core as mx
from mlx.nn.utils import average_gradients
from mlx.utils import tree_flatten

Arrays = dict[str, mx.array]


class Ranks:
    """The processes of this run; alone, everything here is what it is given.

    Attributes:
        rank: number of this process, from 0.
        size: how many there are.
    """

    def __init__(self) -> None:
        self._group = mx.distributed.init()
        self.rank: int = self._group.rank()
        self.size: int = self._group.size()

    def sum(self, value: mx.array) -> mx.array:
        """The sum of an array over the processes, in all of them."""
        if self.size == 1:
            return value
        total: mx.array = mx.distributed.all_sum(value, group=self._group, stream=mx.cpu)
        return total

    def sums(self, arrays: Arrays) -> Arrays:
        """The sum of each array over the processes; sent in few large pieces."""
        if self.size == 1:
            return arrays
        means = tree_flatten(average_gradients(arrays, self._group))  # it makes a tree of dotted names
        return {name: value * self.size for name, value in means}

    def any(self, flag: bool) -> bool:
        """Whether the flag is set in any process."""
        return flag if self.size == 1 else bool(self.sum(mx.array(flag, mx.int32)).item())

    def least(self, number: int) -> int:
        """The smallest of the processes' numbers."""
        if self.size == 1:
            return number
        found: int = mx.distributed.all_min(mx.array(number), group=self._group, stream=mx.cpu).item()  # type: ignore[assignment]
        return found
