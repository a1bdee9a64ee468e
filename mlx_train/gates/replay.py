"""A rollout made before, as ids: what the model read and what it wrote, for measures that need no new rollout.

The conversation is played again with what the model wrote then, so the ids are those of the rollout itself.
"""

from __future__ import annotations

from dataclasses import dataclass

from mlx_train.chat.parse import Kind
from mlx_train.chat.render import Chat
from mlx_train.errors import GateBroken
from mlx_train.gates.conversation import OUTSIDE, OVERLONG, TRUNCATED, Conversation, Transcript
from mlx_train.tasks.task import Task

READ, WORDS, CALL = 0, 1, 2
"""Kinds of an id: not written by the model; of a message in words; of a message with a tool call, valid or not."""


@dataclass(frozen=True)
class Window:
    """Ids as the model had them before it.

    Attributes:
        kinds: one for each id.
        shared: how many leading ids are system prompt and catalogue, which other windows begin with too.
    """

    task: str
    ids: tuple[int, ...]
    kinds: tuple[int, ...]
    shared: int


def replay(task: Task, transcript: Transcript, chat: Chat, system: str, max_calls: int) -> list[Window]:
    """The windows of a rollout: one, or one for each stretch that the template rendered in the same way.

    Empty where the ids are not known: after a crash or a time-out, where the conversation outgrew the model, or where
    the text gives another number of ids than were written.

    Raises:
        GateBroken: it takes another course than then.
    """
    if transcript["end"] in (OVERLONG, *OUTSIDE):
        return []
    conversation = Conversation(task, chat, system, max_calls=max_calls)
    shared = chat.shared(conversation.tools, system)
    found: list[Window] = []
    kinds = [READ] * len(conversation.context)

    def close(ids: list[int]) -> None:
        common = len(shared) if ids[: len(shared)] == shared else 0
        found.append(Window(task.id, tuple(ids), tuple(kinds), common))

    while conversation.end is None and len(conversation.turns) <= len(transcript["turns"]):
        text, stopped = _next(transcript, conversation)
        ids = [*chat.tokenizer.encode(text, add_special_tokens=False), *([chat.end_id] if stopped else [])]
        kind = CALL if conversation.parse(text, stopped=stopped).kind in (Kind.CALLS, Kind.MALFORMED) else WORDS
        held = [*conversation.context, *ids]
        kinds += [kind] * len(ids)
        conversation.receive(ids)
        if conversation.context[: len(held)] != held:
            close(held)
            kinds = [READ] * len(conversation.context)
        kinds += [READ] * (len(conversation.context) - len(kinds))
    if conversation.end != transcript["end"] or conversation.turns != transcript["turns"]:
        raise GateBroken(
            f"{task.id}: played again, its transcript takes another course. Score the model again with this version."
        )
    close(conversation.context)
    return found if conversation.tokens == transcript["tokens"] else []


def _next(transcript: Transcript, conversation: Conversation) -> tuple[str, bool]:
    """The text of the message that comes next, and whether the model ended it itself."""
    number = len(conversation.turns)
    turn = transcript["turns"][number - 1]
    calls = turn["calls"][len(conversation.turns[-1]["calls"]) :]
    cut = not calls and transcript["end"] == TRUNCATED and number == len(transcript["turns"])
    return (calls[0]["raw"] if calls else turn["raw"]), not cut
