"""A cinema: its halls and shows, and who has reserved seats."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from mlx_train.world.base import ToolError, World, copied, tool

ShowTime = Annotated[str, "HH:MM"]


class CinemaWorld(World):
    """One day of one cinema.

    State: `halls` (name: number of seats), `shows` by code (film, hall, time, price of a seat, free seats),
    `reservations` by code (show, customer, seats), and `next`, the number of the next code.
    """

    domain: ClassVar[str] = "cinema"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.halls: dict[str, int] = dict(state["halls"])
        self.shows: dict[str, dict[str, Any]] = copied(dict(state["shows"]))
        self.reservations: dict[str, dict[str, Any]] = copied(dict(state["reservations"]))
        self.next: int = state["next"]

    def state(self) -> dict[str, Any]:
        return copied(self.__dict__)

    def _show(self, show: str) -> dict[str, Any]:
        if show not in self.shows:
            raise ToolError(f"no show '{show}'")
        return self.shows[show]

    def _reservation(self, reservation: str) -> dict[str, Any]:
        if reservation not in self.reservations:
            raise ToolError(f"no reservation '{reservation}'")
        return self.reservations[reservation]

    def _code(self, letter: str) -> str:
        self.next += 1
        return f"{letter}-{self.next - 1}"

    @tool
    def list_shows(self, film: str | None = None, hall: str | None = None) -> dict[str, Any]:
        """List the shows of a film or in a hall, or all shows."""
        return {
            "shows": [
                {"show": code, "film": entry["film"], "hall": entry["hall"], "time": entry["time"]}
                for code, entry in self.shows.items()
                if film in (None, entry["film"]) and hall in (None, entry["hall"])
            ]
        }

    @tool
    def get_show(self, show: str) -> dict[str, Any]:
        """Get the film, hall, time, price of a seat and free seats of a show."""
        return dict(self._show(show))

    @tool
    def add_show(self, film: str, hall: str, time: ShowTime, price: float) -> dict[str, Any]:
        """Put a show on the programme of a hall."""
        if hall not in self.halls:
            raise ToolError(f"no hall '{hall}'")
        for code, other in self.shows.items():
            if (other["hall"], other["time"]) == (hall, time):
                raise ToolError(f"show {code} is in '{hall}' at {time}")
        code = self._code("S")
        self.shows[code] = {"film": film, "hall": hall, "time": time, "price": price, "free": self.halls[hall]}
        return {"show": code}

    @tool
    def set_seat_price(self, show: str, price: float) -> dict[str, Any]:
        """Change the price of a seat of a show."""
        if price <= 0:
            raise ToolError("price must be more than 0")
        self._show(show)["price"] = price
        return {"price": price}

    @tool
    def reserve_seats(self, show: str, customer: str, seats: int) -> dict[str, Any]:
        """Reserve seats of a show for a customer."""
        self._take(show, seats)
        code = self._code("R")
        self.reservations[code] = {"show": show, "customer": customer, "seats": seats}
        return {"reservation": code}

    @tool
    def find_seat_reservations(self, customer: str) -> dict[str, Any]:
        """Find the reservations of a customer."""
        return {
            "reservations": [
                {"reservation": code, "show": entry["show"], "seats": entry["seats"]}
                for code, entry in self.reservations.items()
                if entry["customer"] == customer
            ]
        }

    @tool
    def change_reserved_seats(self, reservation: str, seats: Annotated[int, "new number"]) -> dict[str, Any]:
        """Change the number of seats of a reservation."""
        entry = self._reservation(reservation)
        self.shows[entry["show"]]["free"] += entry["seats"]
        self._take(entry["show"], seats)
        entry["seats"] = seats
        return {"seats": seats}

    @tool
    def cancel_seats(self, reservation: str) -> dict[str, Any]:
        """Cancel a reservation."""
        entry = self._reservation(reservation)
        self.shows[entry["show"]]["free"] += entry["seats"]
        del self.reservations[reservation]
        return {"cancelled": reservation}

    def _take(self, show: str, seats: int) -> None:
        free = self._show(show)["free"]
        if seats < 1:
            raise ToolError("seats must be at least 1")
        if seats > free:
            raise ToolError(f"show {show} has {free} free seats")
        self.shows[show]["free"] = free - seats
