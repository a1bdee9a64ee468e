"""Which generated rows may not be trained on, because they stand in a suite of this program.

It is here since `data` knows no suites and `gates` no rows.
"""

from __future__ import annotations

from functools import cache

from mlx_train.data.audit import Guard
from mlx_train.data.trajectory import Trajectory
from mlx_train.gates.suites import load_all
from mlx_train.places import SUITES
from mlx_train.recipe import SUITES as NAMES


def fault(row: Trajectory) -> str:
    """As `Guard.fault`, of all built-in suites, whichever a recipe is scored on, so that a recipe has the same rows
    everywhere.

    Raises:
        GateBroken: a suite is missing or does not match its lock.
    """
    return _guard().fault(row)


@cache
def _guard() -> Guard:
    """Made for the first row that is asked about: it takes seconds."""
    return Guard({suite.id: suite.tasks for suite in load_all(SUITES, NAMES)})
