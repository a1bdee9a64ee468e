"""A fleet of vehicles, the drivers assigned to them, fuel, trips and service dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from mlx_train.world.base import ToolError, World, copied, tool

VehicleType = Literal["car", "van", "truck"]
Job = Literal["oil", "brakes", "tires", "lights"]


class FleetWorld(World):
    """One fleet.

    State: `drivers`, and `vehicles` by code (type, place, destination, driver, fuel and tank in liters, lock,
    service).
    """

    domain: ClassVar[str] = "fleet"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.drivers: list[str] = list(state["drivers"])
        self.vehicles: dict[str, dict[str, Any]] = copied(dict(state["vehicles"]))

    def state(self) -> dict[str, Any]:
        return copied(self.__dict__)

    def _vehicle(self, vehicle: str) -> dict[str, Any]:
        if vehicle not in self.vehicles:
            raise ToolError(f"no vehicle '{vehicle}'")
        return self.vehicles[vehicle]

    @tool
    def search_vehicles(self, vehicle_type: VehicleType | None = None, place: str | None = None) -> dict[str, Any]:
        """Search the vehicles of a type or at a place."""
        return {
            "vehicles": [
                {"vehicle": code, "vehicle_type": entry["vehicle_type"], "place": entry["place"]}
                for code, entry in self.vehicles.items()
                if vehicle_type in (None, entry["vehicle_type"]) and place in (None, entry["place"])
            ]
        }

    @tool
    def get_vehicle_status(self, vehicle: str) -> dict[str, Any]:
        """Get the place, destination, driver and fuel of a vehicle; fuel and free tank space are in liters."""
        entry = self._vehicle(vehicle)
        shown = {key: entry[key] for key in ("place", "destination", "driver", "fuel")}
        return {**shown, "free_tank": entry["tank"] - entry["fuel"]}

    @tool
    def assign_driver(self, vehicle: str, driver: str) -> dict[str, Any]:
        """Assign a free driver to a vehicle that has none."""
        entry = self._vehicle(vehicle)
        if driver not in self.drivers:
            raise ToolError(f"no driver '{driver}'")
        if entry["driver"] is not None:
            raise ToolError(f"'{vehicle}' has the driver {entry['driver']}")
        for code, other in self.vehicles.items():
            if other["driver"] == driver:
                raise ToolError(f"{driver} is the driver of '{code}'")
        entry["driver"] = driver
        return {"driver": driver}

    @tool
    def release_driver(self, vehicle: str) -> dict[str, Any]:
        """Take the driver off a vehicle."""
        entry = self._vehicle(vehicle)
        if entry["driver"] is None:
            raise ToolError(f"'{vehicle}' has no driver")
        released, entry["driver"] = entry["driver"], None
        return {"released": released}

    @tool
    def dispatch_vehicle(self, vehicle: str, destination: str) -> dict[str, Any]:
        """Send a vehicle with its driver to a destination."""
        entry = self._vehicle(vehicle)
        if entry["driver"] is None:
            raise ToolError(f"'{vehicle}' has no driver")
        if destination in (entry["place"], entry["destination"]):
            raise ToolError(f"'{vehicle}' is at {destination} or on its way there already")
        entry.update(destination=destination, locked=False)
        return {"destination": destination}

    @tool
    def park_vehicle(
        self, vehicle: str, place: str, lock: Annotated[bool, "lock the vehicle after parking"] = False
    ) -> dict[str, Any]:
        """Park a vehicle at a place."""
        self._vehicle(vehicle).update(place=place, destination=None, locked=lock)
        return {"place": place, "locked": lock}

    @tool
    def refuel_vehicle(self, vehicle: str, liters: float) -> dict[str, Any]:
        """Put liters of fuel into the tank of a vehicle."""
        entry = self._vehicle(vehicle)
        free = entry["tank"] - entry["fuel"]
        if liters <= 0:
            raise ToolError("liters must be more than 0")
        if liters > free:
            raise ToolError(f"only {free} liters fit into the tank")
        entry["fuel"] += liters
        return {"fuel": entry["fuel"]}

    @tool
    def schedule_service(self, vehicle: str, date: Annotated[str, "YYYY-MM-DD"], jobs: list[Job]) -> dict[str, Any]:
        """Schedule a service of a vehicle at the workshop, with the jobs to do."""
        entry = self._vehicle(vehicle)
        if not jobs:
            raise ToolError("name at least one job")
        if any(service["date"] == date for service in entry["service"]):
            raise ToolError(f"'{vehicle}' has a service on {date} already")
        entry["service"].append({"date": date, "jobs": sorted(set(jobs))})
        return {"service": date}
