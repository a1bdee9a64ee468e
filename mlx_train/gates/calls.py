"""How a model calls tools, whether or not its tasks passed; all of it counted from transcripts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mlx_train.gates.conversation import DONE, Transcript
from mlx_train.gates.suites import world_of
from mlx_train.gates.variants import REFUSED
from mlx_train.tasks.task import Task
from mlx_train.world.base import check_arguments

UNREADABLE, UNKNOWN = "(unreadable)", "(unknown)"
"""What stands among the tools for a message whose calls cannot be read, and for a tool that is not in the catalogue."""


def call_quality(rolled: Iterable[tuple[Task, Transcript]]) -> dict[str, Any]:
    """How the model calls tools; shares are None where there is nothing to divide.

    A message whose calls cannot be read is one call. Only turns begun count, gold calls included: a turn that was never
    put to the model says nothing of it.

    Returns:
        `calls`, `turns`: how many calls were made, in how many turns.
        `presence`: share of turns with a call where the gold has calls, and without one where it has none.
        `called`, `silent`: the same of the turns with gold calls, and of those without.
        `first_tool`: share of the turns that have gold calls in which the first call is of the gold's first tool.
        `parsable`: share of calls that can be read.
        `known`: share of these that name a tool of the catalogue.
        `arguments`: share of these whose arguments fit the tool's schema.
        `valid`: share of all calls that are all three: the product.
        `tools`: calls of each tool, of the model and of the gold.
        `tool_distance`: total variation distance of the two: the share of calls that would have to be of other tools.
        `over_gold`: calls made per gold call, over tasks that ended by themselves.
        `stop`: share of turns that the model ended in words.
        `counts`: for each share, of how many it is how many.
    """
    counts: Counter[str] = Counter()
    tools: dict[str, Counter[str]] = {"model": Counter(), "gold": Counter()}
    for task, row in rolled:
        catalogue = {tool["function"]["name"]: tool["function"] for tool in world_of(task).tools()}
        for turn, did in zip(task.turns, row["turns"], strict=False):
            called = bool(did["calls"])
            counts["turns"] += 1
            counts["stop"] += did["ended"]
            counts["with gold"] += bool(turn.gold)
            counts["called"] += called and bool(turn.gold)
            counts["silent"] += not called and not turn.gold
            counts["first_tool"] += bool(called and turn.gold and did["calls"][0]["name"] == turn.gold[0].name)
            tools["gold"].update(call.name for call in turn.gold)
            for call in did["calls"]:
                found = _found(call, catalogue)
                counts.update(["calls", *found])
                tools["model"][call["name"] if "known" in found else UNKNOWN if found else UNREADABLE] += 1
        if row["end"] == DONE:
            counts["gold"] += task.gold_calls
            counts["made"] += sum(len(did["calls"]) for did in row["turns"])
    with_gold, turns = counts["with gold"], counts["turns"]
    shares = {
        "first_tool": (counts["first_tool"], with_gold),
        "valid": (counts["arguments"], counts["calls"]),
        "over_gold": (counts["made"], counts["gold"]),
        "stop": (counts["stop"], turns),
        "presence": (counts["called"] + counts["silent"], turns),
        "called": (counts["called"], with_gold),
        "silent": (counts["silent"], turns - with_gold),
        "parsable": (counts["parsable"], counts["calls"]),
        "known": (counts["known"], counts["parsable"]),
        "arguments": (counts["arguments"], counts["known"]),
    }
    return {
        "calls": counts["calls"],
        "turns": turns,
        **{key: round(part / whole, 4) if whole else None for key, (part, whole) in shares.items()},
        "tools": {side: dict(sorted(found.items())) for side, found in tools.items()},
        "tool_distance": distance(tools["model"], tools["gold"]),
        "counts": {key: list(share) for key, share in shares.items()},
    }


def _found(call: Mapping[str, Any], catalogue: Mapping[str, Any]) -> list[str]:
    """How far a recorded call is in order: not at all, `parsable`, that and `known`, or all of it.

    What cannot be read is recorded as a call without a name; a call whose name is empty gets another answer.
    """
    name = call["name"].removesuffix(REFUSED)  # in variants of a suite, refused calls are recorded like that
    if not name and not str(call["result"].get("error")).startswith("unknown tool"):
        return []
    if call["name"] not in catalogue:
        return ["parsable"]
    fits = check_arguments(catalogue[call["name"]], call["arguments"]) is None
    return ["parsable", "known", *(["arguments"] if fits else [])]


def distance(some: Mapping[str, int], others: Mapping[str, int]) -> float | None:
    """Total variation distance of two distributions given as counts, half the sum of |p - q|; None if one is empty."""
    all_some, all_others = sum(some.values()), sum(others.values())
    if not all_some or not all_others:
        return None
    names = {*some, *others}
    return round(sum(abs(some.get(name, 0) / all_some - others.get(name, 0) / all_others) for name in names) / 2, 4)
