"""A travel desk: trips between cities, hotels, and the bookings of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from mlx_train.world.base import ToolError, World, copied, tool

Mode = Literal["train", "bus", "flight"]
SeatClass = Literal["standard", "first"]


class Travel(World):
    """State: `trips` (code: origin, destination, mode, date, price, seats), `hotels` (name: city, price, rooms),
    `bookings` (number: a trip with its passengers, class and bags, or a hotel with its guest and nights) and `next`,
    the digits of the next booking number. A booking takes its seats or its room; cancelling removes it.
    """

    domain = "travel"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.trips: dict[str, dict[str, Any]] = copied(state["trips"])
        self.hotels: dict[str, dict[str, Any]] = copied(state["hotels"])
        self.bookings: dict[str, dict[str, Any]] = copied(state["bookings"])
        self.next: int = state["next"]

    def state(self) -> dict[str, Any]:
        return copied({"trips": self.trips, "hotels": self.hotels, "bookings": self.bookings, "next": self.next})

    def _booking(self, number: str) -> dict[str, Any]:
        if number not in self.bookings:
            raise ToolError(f"no booking '{number}'")
        return self.bookings[number]

    def _trip_booking(self, number: str) -> dict[str, Any]:
        booking = self._booking(number)
        if "trip" not in booking:
            raise ToolError(f"booking {number} is a hotel")
        return booking

    def _take_seats(self, trip: str, seats: int) -> None:
        if trip not in self.trips:
            raise ToolError(f"no trip '{trip}'")
        left = self.trips[trip]["seats"]
        if seats > left:
            raise ToolError(f"seats left on trip {trip}: {left}")
        self.trips[trip]["seats"] = left - seats

    def _add(self, booking: dict[str, Any]) -> str:
        while f"B-{self.next}" in self.bookings:
            self.next += 1
        number = f"B-{self.next}"
        self.next += 1
        self.bookings[number] = booking
        return number

    @tool
    def search_trips(self, origin: str, destination: str, mode: Mode | None = None) -> dict[str, Any]:
        """Search trips between two cities."""
        return {
            "trips": [
                {"trip": code, "mode": trip["mode"], "date": trip["date"], "price": trip["price"]}
                for code, trip in self.trips.items()
                if (trip["origin"], trip["destination"]) == (origin, destination) and mode in (None, trip["mode"])
            ]
        }

    @tool
    def book_trip(self, trip: str, passengers: list[str], seat_class: SeatClass = "standard") -> dict[str, Any]:
        """Book seats on a trip."""
        if not passengers or len(set(passengers)) != len(passengers):
            raise ToolError("give each passenger once")
        self._take_seats(trip, len(passengers))
        # Who travels together has no order: sorted, so that scoring does not see one.
        number = self._add({"trip": trip, "passengers": sorted(passengers), "seat_class": seat_class, "bags": 0})
        return {"booking": number, "total": self.trips[trip]["price"] * len(passengers)}

    @tool
    def find_travel_bookings(self, passenger: str) -> dict[str, Any]:
        """Find the trips and hotels booked for a person."""
        found = []
        for number, booking in self.bookings.items():
            if "trip" in booking and passenger in booking["passengers"]:
                trip = self.trips[booking["trip"]]
                found.append(
                    {
                        "booking": number,
                        "trip": booking["trip"],
                        "origin": trip["origin"],
                        "destination": trip["destination"],
                        "date": trip["date"],
                    }
                )
            elif booking.get("guest") == passenger:
                found.append({"booking": number, "hotel": booking["hotel"], "nights": booking["nights"]})
        return {"bookings": found}

    @tool
    def move_travel_booking(self, booking: str, trip: Annotated[str, "the new trip"]) -> dict[str, Any]:
        """Move a booking to another trip."""
        found = self._trip_booking(booking)
        if found["trip"] == trip:
            raise ToolError(f"booking {booking} is on trip {trip} already")
        self._take_seats(trip, len(found["passengers"]))
        self.trips[found["trip"]]["seats"] += len(found["passengers"])
        found["trip"] = trip
        return {"booking": booking, "trip": trip}

    @tool
    def cancel_travel_booking(self, booking: str) -> dict[str, Any]:
        """Cancel a booking of a trip or hotel."""
        found = self._booking(booking)
        if "trip" in found:
            self.trips[found["trip"]]["seats"] += len(found["passengers"])
        else:
            self.hotels[found["hotel"]]["rooms"] += 1
        del self.bookings[booking]
        return {"cancelled": booking}

    @tool
    def add_bags(self, booking: str, bags: int) -> dict[str, Any]:
        """Add bags to a booked trip."""
        found = self._trip_booking(booking)
        if bags < 1:
            raise ToolError("bags must be at least 1")
        found["bags"] += bags
        return {"bags": found["bags"]}

    @tool
    def find_hotels(self, city: str, max_price: Annotated[float | None, "for one night"] = None) -> dict[str, Any]:
        """Find hotels in a city."""
        return {
            "hotels": [
                {"hotel": name, "price": hotel["price"]}
                for name, hotel in self.hotels.items()
                if hotel["city"] == city and (max_price is None or hotel["price"] <= max_price)
            ]
        }

    @tool
    def book_hotel(self, hotel: str, guest: str, nights: int, breakfast: bool = False) -> dict[str, Any]:
        """Book a hotel room."""
        if hotel not in self.hotels:
            raise ToolError(f"no hotel '{hotel}'")
        if nights < 1:
            raise ToolError("nights must be at least 1")
        if self.hotels[hotel]["rooms"] < 1:
            raise ToolError(f"hotel {hotel} is full")
        self.hotels[hotel]["rooms"] -= 1
        number = self._add({"hotel": hotel, "guest": guest, "nights": nights, "breakfast": breakfast})
        return {"booking": number, "total": self.hotels[hotel]["price"] * nights}
