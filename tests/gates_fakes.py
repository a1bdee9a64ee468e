"""A tiny chat, world and tasks for the gate tests."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from mlx_train.chat.parse import parse
from mlx_train.gates.conversation import Conversation
from mlx_train.tasks.family import Family, Role, Script
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.task import Call, Task, Tier, Turn
from mlx_train.world.base import ToolError, World, tool
from mlx_train.world.catalogue import WORLDS

STOP = 0


class Counter(World):
    """A named number."""

    domain = "counter"

    def __init__(self, state: Mapping[str, Any]) -> None:
        self.value = int(state["value"])

    def state(self) -> dict[str, Any]:
        return {"value": self.value}

    @tool
    def add(self, amount: int) -> dict[str, Any]:
        """Add to the number."""
        if amount < 0:
            raise ToolError("the amount is negative")
        self.value += amount
        return {"value": self.value}

    @tool
    def read(self) -> dict[str, Any]:
        """Read the number."""
        return {"value": self.value}


@contextmanager
def counter_world() -> Iterator[None]:
    """Offer the counter as a domain for the time of a test."""
    WORLDS["counter"] = Counter
    try:
        yield
    finally:
        del WORLDS["counter"]


def call(name: str, **arguments: Any) -> str:
    """A call as a model writes it."""
    return f"<tool_call>{json.dumps({'name': name, 'arguments': arguments})}</tool_call>"


class Letters:
    """A tokenizer with a token for each character; 0 ends a message."""

    def decode(self, ids: Sequence[int]) -> str:
        return "".join(chr(id) for id in ids)


class FakeChat:
    """Every message is `role:text` and a newline; an assistant's message ends with the stop token."""

    tokenizer = Letters()
    stop_ids = frozenset({STOP})
    format = "hermes"
    parse = staticmethod(parse)

    def __init__(self, stable: bool = True) -> None:
        self.stable = stable

    def prompt(self, messages: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]) -> list[int]:
        ids = self._ids("tools:" + ",".join(tool["function"]["name"] for tool in tools) + "\n")
        for message in messages:
            ids += self._message(message)
        return ids + self._ids("assistant:")

    def continuation(
        self, messages: Sequence[dict[str, Any]], new: Sequence[dict[str, Any]], tools: Sequence[dict[str, Any]]
    ) -> list[int] | None:
        assert messages[-1]["role"] == "assistant" and all(message["role"] != "assistant" for message in new)
        if not self.stable:
            return None
        return [id for message in new for id in self._message(message)] + self._ids("assistant:")

    def shared(self, tools: Sequence[dict[str, Any]], system: str | None) -> list[int]:
        ids = self.prompt([{"role": "system", "content": system}], tools)
        return ids[: -len("assistant:")]

    def _message(self, message: dict[str, Any]) -> list[int]:
        return self._ids(f"{message['role']}:{message.get('content', '')}\n")

    def _ids(self, text: str) -> list[int]:
        return [ord(character) for character in text]


def two_turns(id: str = "counter.sum/gate/1", start: int = 1) -> Task:
    """Add 2 and tell the sum; then do nothing but ask."""
    return Task(
        id=id,
        domain="counter",
        family=id.split("/")[0],
        tier="easy",
        split="gate",
        seed=1,
        world={"value": start},
        turns=(
            Turn(
                user=f"Add 2 to {start} and tell me.",
                templates=("t/1",),
                gold=(Call(name="add", arguments={"amount": 2}),),
                say=f"It is {start + 2}.",
                tell=(str(start + 2),),
            ),
            Turn(user="Add some more.", templates=("t/2",), say="How much?", quiet=True, asks=True),
        ),
    )


def say(conversation: Conversation, *texts: str) -> Conversation:
    """Let a scripted model write these messages, each ended by the stop token unless it ends in a tilde."""
    for text in texts:
        ids = [ord(character) for character in text.removesuffix("~")]
        conversation.receive(ids if text.endswith("~") else [*ids, STOP])
    return conversation


ASK = Phrases(
    "test_gates.ask", train=["{n} more"], dev=["give it {n}"], gate=["please put {n} to it", "let it have {n}"]
)


def _write(script: Script) -> None:
    script.begin({"value": script.words.number(0, 50)})
    amount = script.words.number(1, 90)
    script.turn(script.phrase(ASK, n=amount))
    total = script.call("add", amount=amount)["value"]
    script.end(f"It is {total}.", tell=[total])


def a_family(id: str = "counter.plain", role: Role = "gate", tier: Tier = "easy", abstain: bool = False) -> Family:
    """A family of the counter; `id` decides the domain."""
    return Family(id, id.split(".")[0], tier, role, abstain, _write)
