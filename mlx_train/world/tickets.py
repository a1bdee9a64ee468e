"""A support desk: tickets of customers, worked on by agents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from mlx_train.world.base import ToolError, World, copied, tool

Priority = Literal["low", "normal", "high", "urgent"]
Status = Literal["open", "pending", "closed"]


class TicketsWorld(World):
    """One desk. State: `agents`, `tickets` (each with its `ticket_id`), `next_ticket`."""

    domain: ClassVar[str] = "tickets"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.agents: list[str] = list(state["agents"])
        self.tickets: list[dict[str, Any]] = copied(list(state["tickets"]))
        self.next_ticket: int = state["next_ticket"]

    def state(self) -> dict[str, Any]:
        return copied(self.__dict__)

    def _ticket(self, ticket_id: int) -> dict[str, Any]:
        for ticket in self.tickets:
            if ticket["ticket_id"] == ticket_id:
                return ticket
        raise ToolError(f"no ticket {ticket_id}")

    def _active(self, ticket_id: int) -> dict[str, Any]:
        ticket = self._ticket(ticket_id)
        if ticket["status"] == "closed":
            raise ToolError(f"ticket {ticket_id} is closed")
        return ticket

    @tool
    def list_support_tickets(self, status: Status | None = None) -> dict[str, Any]:
        """List the tickets with their subjects; all of them, or those of one status."""
        return {
            "tickets": [
                {"ticket_id": ticket["ticket_id"], "subject": ticket["subject"]}
                for ticket in self.tickets
                if status in (None, ticket["status"])
            ]
        }

    @tool
    def get_ticket_details(self, ticket_id: int) -> dict[str, Any]:
        """Get the subject, customer, priority, status and agent of a ticket."""
        ticket = self._ticket(ticket_id)
        return {key: ticket[key] for key in ("subject", "customer", "priority", "status", "agent")}

    @tool
    def open_ticket(self, customer: str, subject: str, priority: Priority = "normal") -> dict[str, Any]:
        """Open a new ticket for a customer."""
        if any(ticket["customer"] == customer and ticket["subject"] == subject for ticket in self.tickets):
            raise ToolError(f"{customer} has a ticket about '{subject}' already")
        number = self.next_ticket
        self.next_ticket += 1
        self.tickets.append(
            {
                "ticket_id": number,
                "subject": subject,
                "customer": customer,
                "priority": priority,
                "status": "open",
                "agent": None,
                "labels": [],
                "replies": [],
                "hours_spent": 0,
            }
        )
        return {"ticket_id": number}

    @tool
    def assign_ticket(self, ticket_id: int, agent: str) -> dict[str, Any]:
        """Assign a ticket to an agent of the desk."""
        ticket = self._active(ticket_id)
        if agent not in self.agents:
            raise ToolError(f"no agent '{agent}'; the agents are {', '.join(self.agents)}")
        if ticket["agent"] == agent:
            raise ToolError(f"ticket {ticket_id} is assigned to {agent} already")
        ticket["agent"] = agent
        return {"assigned": agent}

    @tool
    def set_ticket_priority(self, ticket_id: int, priority: Priority) -> dict[str, Any]:
        """Change the priority of a ticket."""
        self._active(ticket_id)["priority"] = priority
        return {"priority": priority}

    @tool
    def label_ticket(self, ticket_id: int, labels: list[str]) -> dict[str, Any]:
        """Add labels to a ticket."""
        ticket = self._active(ticket_id)
        for label in labels:
            if label in ticket["labels"]:
                raise ToolError(f"ticket {ticket_id} has the label '{label}' already")
            ticket["labels"] = sorted([*ticket["labels"], label])
        return {"labels": ticket["labels"]}

    @tool
    def reply_to_ticket(
        self, ticket_id: int, text: str, internal: Annotated[bool, "hide the reply from the customer"] = False
    ) -> dict[str, Any]:
        """Write a reply to a ticket, to its customer or internal."""
        self._active(ticket_id)["replies"].append({"text": text, "internal": internal})
        return {"replied": True}

    @tool
    def close_ticket(self, ticket_id: int, hours_spent: float = 0) -> dict[str, Any]:
        """Close a ticket and record the hours spent on it."""
        if hours_spent < 0:
            raise ToolError("hours_spent must not be less than 0")
        self._active(ticket_id).update(status="closed", hours_spent=hours_spent)
        return {"status": "closed"}
