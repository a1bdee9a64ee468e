"""What a failed task failed of, in a few words, so that failures can be counted and looked through.

The checker says which turn is the first at fault; the cause is read from how the calls of that turn depart from the
gold ones. It is a guide for people and has no part in any score: another way than the gold one may have gone wrong for
another reason than the one named.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mlx_train.chat.formats import FORMATS
from mlx_train.gates.conversation import CRASH, OVERLONG, TIME_OUT, TRUNCATED, Transcript, played
from mlx_train.gates.suites import world_of
from mlx_train.tasks.check import faults, outcomes
from mlx_train.tasks.task import Call, Task, failed

KINDS = {
    "wrong argument": "a call of the right tool with another value than the gold call",
    "wrong tool": "another tool where the gold one was due, which failed or changed something",
    "unknown tool": "a tool that is not in the catalogue",
    "unreadable call": "a call block that holds no valid call",
    "missing call": "the turn ended before all gold calls were made",
    "repeated call": "the same call a second time, which failed or changed something",
    "extra call": "all gold calls, and one more that changes something",
    "wrong order": "the gold calls, but not in an order that leads to the same world",
    "forbidden tool": "a tool that the task forbids, with success",
    "not told": "the right calls, but the closing words lack what had to be told",
    "did not ask": "no question where one was due",
    "asked when it should act": "a question where gold calls were still to be made",
    "acted when it should ask": "a call where something was missing and had to be asked for",
    "acted when it should answer": "a call where words alone were right",
    "too many calls": "more calls in one turn than allowed",
    "cut off": "a message longer than allowed",
    "overlong": "a conversation that outgrew the model",
    "time-out": "an endpoint did not answer in time, which need not be the model's doing",
    "crash": "a fault of the measurement, not of the model",
}

MARKS = tuple(mark for format in FORMATS.values() for mark in format.marks)


@dataclass(frozen=True)
class Cause:
    """Why a task failed: one of `KINDS`, what exactly (may be empty), and the turn, from 1, where it shows first."""

    kind: str
    detail: str
    turn: int


def cause(transcript: Transcript, task: Task) -> Cause | None:
    """The cause of the first fault of a transcript, or None if the task was done."""
    for number, did in enumerate(transcript["turns"], 1):
        if not did["ended"]:
            return Cause(*_cut_short(transcript), number)
        so_far = task.model_copy(update={"turns": task.turns[:number]})
        if faults(so_far, played(transcript)[:number]):
            return Cause(*_last_turn(so_far, transcript["turns"][:number]), number)
    return None


def match(calls: Sequence[Mapping[str, Any]], gold: Sequence[Call]) -> list[int | None]:
    """For each recorded call of a turn the gold call that it is, by its place, in whatever order; each at most once."""
    left = dict(enumerate(gold))
    found: list[int | None] = []
    for call in calls:
        name, given = call["name"], _given(call["arguments"])
        place = next((i for i, one in left.items() if one.name == name and _given(one.arguments) == given), None)
        found.append(place)
        if place is not None:
            del left[place]
    return found


def _given(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments; one that is None counts as not given."""
    return {key: value for key, value in arguments.items() if value is not None}


def _cut_short(transcript: Transcript) -> tuple[str, str]:
    """Kind and detail where the rollout did not end by itself."""
    last = transcript["turns"][-1]
    if transcript["end"] == CRASH:
        return "crash", transcript["error"].partition(":")[0]
    if transcript["end"] in (OVERLONG, TIME_OUT):
        return transcript["end"].replace("_", "-"), ""
    if transcript["end"] == TRUNCATED:
        return "cut off", "in a call" if any(mark in last["raw"] for mark in MARKS) else "in words"
    ((name, _),) = Counter(call["name"] for call in last["calls"]).most_common(1)
    return "too many calls", f"mostly {name or 'unreadable'}"


def _last_turn(task: Task, turns: Sequence[Mapping[str, Any]]) -> tuple[str, str]:
    """Kind and detail of the fault in the last turn of a task whose earlier turns are right."""
    turn, did = task.turns[-1], turns[-1]
    if turn.quiet and did["calls"]:
        kind = "acted when it should ask" if turn.asks else "acted when it should answer"
        return kind, did["calls"][0]["name"] or "an unreadable call"
    world = world_of(task)
    for call in (call for earlier in turns[:-1] for call in earlier["calls"]):
        world.call(call["name"], call["arguments"])
    places = match(did["calls"], turn.gold)
    missing = [gold for place, gold in enumerate(turn.gold) if place not in places]
    others, changing = [], []
    for call, place in zip(did["calls"], places, strict=True):
        before = world.state()
        refused = failed(world.call(call["name"], call["arguments"]))
        if call["name"] in task.forbid and not refused:
            return "forbidden tool", call["name"]
        if place is None:
            others.append(call)
            if refused or world.state() != before:
                changing.append(call)
    right = world.outcome() == outcomes(task)[-1]
    if right and turn.asks and "?" not in did["words"]:
        return "did not ask", ""
    if changing and _repeats(changing[0], did["calls"]):
        return "repeated call", changing[0]["name"]
    if missing:
        named = [call for call in others if call["name"] in {gold.name for gold in missing}]
        until = did["calls"].index(changing[0]) if changing else len(places)
        reached = max((place for place in places[:until] if place is not None), default=0)
        tried = {call["name"] for call in others}
        for place, gold in enumerate(turn.gold[:reached]):
            if place not in places and gold.name not in tried:
                return "missing call", gold.name
        if wrong := (changing or named):
            return _wrong(wrong[0], missing, {tool["function"]["name"] for tool in world.tools()})
        if "?" in did["words"] and not turn.asks:
            return "asked when it should act", missing[0].name
        return "missing call", missing[0].name
    if right:
        return "not told", ""
    return ("extra call", changing[0]["name"]) if changing else ("wrong order", "")


def _repeats(call: Mapping[str, Any], calls: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a readable call was made before, among the calls of its turn."""
    first = next(one for one in calls if (one["name"], one["arguments"]) == (call["name"], call["arguments"]))
    return bool(call["name"]) and first is not call


def _wrong(call: Mapping[str, Any], missing: Sequence[Call], tools: set[str]) -> tuple[str, str]:
    """What is wrong with a call that was made in place of one of the missing gold calls."""
    if not call["name"]:
        return "unreadable call", ""
    if call["name"] not in tools:
        return "unknown tool", call["name"]
    given = _given(call["arguments"])
    differing = [
        [key for key in {**_given(gold.arguments), **given} if given.get(key) != gold.arguments.get(key)]
        for gold in missing
        if gold.name == call["name"]
    ]
    if differing:
        return "wrong argument", f"{min(differing, key=len)[0]} of {call['name']}"
    return "wrong tool", f"{call['name']} instead of {missing[0].name}"
