"""A smart home: rooms with a thermostat and blinds, devices that switch on and off, and scenes that group them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from mlx_train.world.base import ToolError, World, copied, tool

Room = Literal["kitchen", "bedroom", "bathroom", "office", "hall", "garage"]
Position = Literal["open", "half", "closed"]


class SmartHome(World):
    """State: `rooms` (name: temperature and target in degrees, blinds), `devices` (name: kind, room, on, and for a lamp
    its brightness in percent) and `scenes` (name: devices).
    """

    domain = "smart_home"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.rooms: dict[str, dict[str, Any]] = copied(state["rooms"])
        self.devices: dict[str, dict[str, Any]] = copied(state["devices"])
        self.scenes: dict[str, list[str]] = copied(state["scenes"])

    def state(self) -> dict[str, Any]:
        return copied({"rooms": self.rooms, "devices": self.devices, "scenes": self.scenes})

    def _room(self, name: str) -> dict[str, Any]:
        if name not in self.rooms:
            raise ToolError(f"no room '{name}'")
        return self.rooms[name]

    def _device(self, name: str) -> dict[str, Any]:
        if name not in self.devices:
            raise ToolError(f"no device '{name}'")
        return self.devices[name]

    @tool
    def list_home_devices(self, room: Room | None = None) -> dict[str, Any]:
        """List the devices of a room or of the whole home."""
        if room is not None:
            self._room(room)
        return {
            "devices": [
                {"device": name, "kind": device["kind"], "room": device["room"], "on": device["on"]}
                for name, device in self.devices.items()
                if room in (None, device["room"])
            ]
        }

    @tool
    def switch_device(self, device: str, on: bool) -> dict[str, Any]:
        """Switch a device on or off."""
        self._device(device)["on"] = on
        return {"device": device, "on": on}

    @tool
    def set_brightness(self, device: str, percent: Annotated[int, "1 to 100"]) -> dict[str, Any]:
        """Set the brightness of a lamp that is on."""
        found = self._device(device)
        if found["kind"] != "lamp":
            raise ToolError(f"{device} is not a lamp")
        if not found["on"]:
            raise ToolError(f"{device} is off")
        if not 1 <= percent <= 100:
            raise ToolError("percent must be from 1 to 100")
        found["brightness"] = percent
        return {"device": device, "percent": percent}

    @tool
    def read_room(self, room: Room) -> dict[str, Any]:
        """Read the temperature and the blinds of a room."""
        found = self._room(room)
        return {"temperature": found["temperature"], "target": found["target"], "blinds": found["blinds"]}

    @tool
    def set_thermostat(self, room: Room, degrees: Annotated[float, "5 to 30"]) -> dict[str, Any]:
        """Set the target temperature of a room."""
        found = self._room(room)
        if not 5 <= degrees <= 30:
            raise ToolError("degrees must be from 5 to 30")
        found["target"] = degrees
        return {"room": room, "target": degrees}

    @tool
    def move_blinds(self, room: Room, position: Position) -> dict[str, Any]:
        """Move the blinds of a room."""
        self._room(room)["blinds"] = position
        return {"room": room, "blinds": position}

    @tool
    def save_scene(self, scene: str, devices: list[str]) -> dict[str, Any]:
        """Save devices as a new scene."""
        if scene in self.scenes:
            raise ToolError(f"scene '{scene}' exists already")
        if not devices:
            raise ToolError("a scene needs devices")
        for device in devices:
            self._device(device)
        # The devices of a scene have no order: sorted, so that scoring does not see one.
        self.scenes[scene] = sorted(set(devices))
        return {"scene": scene, "devices": self.scenes[scene]}

    @tool
    def run_scene(self, scene: str, on: bool) -> dict[str, Any]:
        """Switch all devices of a scene on or off."""
        if scene not in self.scenes:
            raise ToolError(f"no scene '{scene}'")
        for device in self.scenes[scene]:
            self.devices[device]["on"] = on
        return {"scene": scene, "on": on}
