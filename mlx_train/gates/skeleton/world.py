"""A greenhouse: beds with a soil moisture that can be watered, and vents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from mlx_train.world.base import ToolError, World, copied, tool

Bed = Annotated[str, "Name of the bed."]
MOST = 20
"""Litres that a bed takes at once."""


class Greenhouse(World):
    """State: `{"beds": {name: {"moisture": per cent, "litres": given so far}}, "vents_open": true or false}`."""

    domain = "greenhouse"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._beds: dict[str, dict[str, Any]] = copied(dict(state["beds"]))
        self._vents_open: bool = state["vents_open"]

    def state(self) -> dict[str, Any]:
        return {"beds": copied(self._beds), "vents_open": self._vents_open}

    def _bed(self, bed: str) -> dict[str, Any]:
        if bed not in self._beds:
            raise ToolError(f"no bed is called {bed}")
        return self._beds[bed]

    @tool
    def list_beds(self) -> dict[str, Any]:
        """The names of all beds."""
        return {"beds": list(self._beds)}

    @tool
    def read_moisture(self, bed: Bed) -> dict[str, Any]:
        """The soil moisture of a bed, in per cent."""
        return {"moisture": self._bed(bed)["moisture"]}

    @tool
    def water(self, bed: Bed, litres: Annotated[float, "How much water."]) -> dict[str, Any]:
        """Water a bed."""
        if not 0 < litres <= MOST:
            raise ToolError(f"litres must be above 0 and at most {MOST}")
        self._bed(bed)["litres"] += litres
        return {"watered": True}

    @tool
    def set_vents(self, open: bool) -> dict[str, Any]:
        """Open the vents (true) or close them (false)."""
        self._vents_open = open
        return {"vents_open": open}
