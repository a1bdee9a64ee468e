"""Notes: short texts with a title, tags, a colour and a pin. No two notes have the same title."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from mlx_train.world.base import ToolError, World, copied, tool

NoteId = Annotated[str, "Such as n1."]


class Notes(World):
    """State: `{"notes": {id: {"title", "text", "tags", "color", "pinned"}}, "next": number}`."""

    domain: ClassVar[str] = "notes"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._notes: dict[str, dict[str, Any]] = copied(dict(state["notes"]))
        self._next: int = state["next"]

    def state(self) -> dict[str, Any]:
        return {"notes": copied(self._notes), "next": self._next}

    def outcome(self) -> dict[str, Any]:
        """The notes by title; ids only show in which order they were made."""
        return {
            note["title"]: {
                "text": note["text"],
                "tags": sorted(note["tags"]),
                "color": note["color"],
                "pinned": note["pinned"],
            }
            for note in self._notes.values()
        }

    def _note(self, note_id: str) -> dict[str, Any]:
        if note_id not in self._notes:
            raise ToolError(f"no note '{note_id}'")
        return self._notes[note_id]

    def _check_title(self, title: str) -> None:
        if not title:
            raise ToolError("the title is empty")
        if any(note["title"] == title for note in self._notes.values()):
            raise ToolError(f"there is a note '{title}' already")

    @tool
    def create_note(
        self, title: str, text: str, color: Literal["white", "yellow", "green", "blue"] = "white"
    ) -> dict[str, Any]:
        """Write a new note."""
        self._check_title(title)
        note_id = f"n{self._next}"
        self._next += 1
        self._notes[note_id] = {"title": title, "text": text, "tags": [], "color": color, "pinned": False}
        return {"note_id": note_id}

    @tool
    def search_notes(self, query: str, limit: int = 5) -> dict[str, Any]:
        """Find the notes that have these words in title, text or tags."""
        if limit < 1:
            raise ToolError("limit must be at least 1")
        found = [
            {"note_id": note_id, "title": note["title"]}
            for note_id, note in self._notes.items()
            if all(
                word in " ".join([note["title"], note["text"], *note["tags"]]).lower() for word in query.lower().split()
            )
        ]
        return {"notes": found[:limit]}

    @tool
    def read_note(self, note_id: NoteId) -> dict[str, Any]:
        """Read a note."""
        return dict(self._note(note_id))

    @tool
    def append_to_note(self, note_id: NoteId, text: str) -> dict[str, Any]:
        """Add a line of text at the end of a note."""
        note = self._note(note_id)
        if not text:
            raise ToolError("the text is empty")
        note["text"] = f"{note['text']}\n{text}" if note["text"] else text
        return {"lines": len(note["text"].splitlines())}

    @tool
    def rename_note(self, note_id: NoteId, title: str) -> dict[str, Any]:
        """Give a note a new title."""
        note = self._note(note_id)
        if note["title"] != title:
            self._check_title(title)
        note["title"] = title
        return {"title": title}

    @tool
    def tag_note(self, note_id: NoteId, tags: list[str]) -> dict[str, Any]:
        """Add tags to a note."""
        note = self._note(note_id)
        if not tags:
            raise ToolError("tags is empty")
        note["tags"] += [tag for tag in dict.fromkeys(tags) if tag not in note["tags"]]
        return {"tags": note["tags"]}

    @tool
    def pin_note(self, note_id: NoteId, pinned: bool) -> dict[str, Any]:
        """Pin a note to the top (true) or unpin it (false)."""
        self._note(note_id)["pinned"] = pinned
        return {"pinned": pinned}

    @tool
    def trash_note(self, note_id: NoteId) -> dict[str, Any]:
        """Throw a note away."""
        self._note(note_id)
        del self._notes[note_id]
        return {"trashed": note_id}
