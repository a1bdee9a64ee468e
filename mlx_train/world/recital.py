"""A conversation without tools, in which everything to say stands in the request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mlx_train.world.base import World


class Recital(World):
    """Nothing to act on. State: `{}`."""

    domain = "recital"

    def __init__(self, state: Mapping[str, Any]) -> None:
        pass

    def state(self) -> dict[str, Any]:
        """Always empty."""
        return {}
