"""A messenger: chats with one person or a group, and the messages in them, oldest first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from mlx_train.world.base import ToolError, World, copied, tool

ChatId = Annotated[str, "Such as c1."]
MessageId = Annotated[str, "Such as m1."]


class Messaging(World):
    """State: chats by id, each with messages, and the numbers of the next chat and message.

    `{"chats": {id: {"name", "members", "muted", "messages": [{"message_id", "from", "text", "reaction"}]}},
    "next_chat": number, "next_message": number}`. Names of chats are unique; what the user sent is from `me`;
    a reaction is `""` while there is none.
    """

    domain: ClassVar[str] = "messaging"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self._chats: dict[str, dict[str, Any]] = copied(dict(state["chats"]))
        self._next_chat: int = state["next_chat"]
        self._next_message: int = state["next_message"]

    def state(self) -> dict[str, Any]:
        return {
            "chats": copied(self._chats),
            "next_chat": self._next_chat,
            "next_message": self._next_message,
        }

    def outcome(self) -> dict[str, Any]:
        """The chats by name; ids only show in which order things were made."""
        return {
            chat["name"]: {
                "members": sorted(chat["members"]),
                "muted": chat["muted"],
                "messages": [[entry["from"], entry["text"], entry["reaction"]] for entry in chat["messages"]],
            }
            for chat in self._chats.values()
        }

    def _chat(self, chat_id: str) -> dict[str, Any]:
        if chat_id not in self._chats:
            raise ToolError(f"no chat '{chat_id}'")
        return self._chats[chat_id]

    def _message(self, message_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
        """The chat a message is in, and the message."""
        for chat in self._chats.values():
            for message in chat["messages"]:
                if message["message_id"] == message_id:
                    return chat, message
        raise ToolError(f"no message '{message_id}'")

    def _post(self, chat: dict[str, Any], text: str) -> str:
        if not text:
            raise ToolError("the text is empty")
        message_id = f"m{self._next_message}"
        self._next_message += 1
        chat["messages"].append({"message_id": message_id, "from": "me", "text": text, "reaction": ""})
        return message_id

    @tool
    def list_chats(self) -> dict[str, Any]:
        """List all chats."""
        return {"chats": [{"chat_id": chat_id, "name": chat["name"]} for chat_id, chat in self._chats.items()]}

    @tool
    def read_messages(self, chat_id: ChatId, count: int = 5) -> dict[str, Any]:
        """Read the last messages of a chat, oldest first."""
        if count < 1:
            raise ToolError("count must be at least 1")
        messages = self._chat(chat_id)["messages"][-count:]
        return {"messages": [{key: entry[key] for key in ("message_id", "from", "text")} for entry in messages]}

    @tool
    def send_message(self, chat_id: ChatId, text: str) -> dict[str, Any]:
        """Send a message to a chat."""
        return {"message_id": self._post(self._chat(chat_id), text)}

    @tool
    def forward_message(self, message_id: MessageId, chat_id: ChatId) -> dict[str, Any]:
        """Send a message on to another chat."""
        return {"message_id": self._post(self._chat(chat_id), self._message(message_id)[1]["text"])}

    @tool
    def delete_message(self, message_id: MessageId) -> dict[str, Any]:
        """Delete a message."""
        chat, message = self._message(message_id)
        chat["messages"].remove(message)
        return {"deleted": message_id}

    @tool
    def react_to_message(
        self, message_id: MessageId, reaction: Literal["like", "heart", "laugh", "sad"]
    ) -> dict[str, Any]:
        """Put a reaction on a message."""
        self._message(message_id)[1]["reaction"] = reaction
        return {"reaction": reaction}

    @tool
    def start_chat(self, name: str, members: list[str]) -> dict[str, Any]:
        """Start a new group chat."""
        if not members:
            raise ToolError("members is empty")
        if any(chat["name"] == name for chat in self._chats.values()):
            raise ToolError(f"there is a chat '{name}' already")
        chat_id = f"c{self._next_chat}"
        self._next_chat += 1
        self._chats[chat_id] = {"name": name, "members": members, "muted": False, "messages": []}
        return {"chat_id": chat_id}

    @tool
    def mute_chat(self, chat_id: ChatId, muted: bool) -> dict[str, Any]:
        """Turn the sound of a chat off (true) or on (false)."""
        self._chat(chat_id)["muted"] = muted
        return {"muted": muted}
