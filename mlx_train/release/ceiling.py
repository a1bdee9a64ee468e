"""The ceiling: what another model, mostly a frontier one, reaches on a run's tasks, if it was scored.

It lies in the run's `gates/ceiling.json`, which `gates run` writes. It is shown beside stock and specialist and decides
nothing.
"""

from __future__ import annotations

from mlx_train.release.evidence import Evidence, Json

NONE = "No ceiling measured."


def ceiling(found: Evidence) -> Json | None:
    """What was measured, or None.

    Returns:
        `model`, `endpoint` (None for a local model), `begun`, `decoding`, `suites` with the gate file's entries of
        those suites that can stand beside the run's, and `left_out`: why each other one cannot.
    """
    gate = found.ceiling
    if gate is None:
        return None
    own = (found.specialist or found.stock or {}).get("suites", {})
    left_out = {name: why for name, entry in gate["suites"].items() if (why := _differs(found, entry, own.get(name)))}
    return {
        "model": gate["model"].get("answered") or gate["model"].get("id"),
        "endpoint": gate["model"].get("endpoint"),
        "begun": gate.get("begun"),
        "decoding": gate["decoding"],
        "suites": {name: entry for name, entry in gate["suites"].items() if name not in left_out},
        "left_out": left_out,
    }


def _differs(found: Evidence, entry: Json, own: Json | None) -> str:
    """Why a suite's score cannot stand beside the run's; nothing if it can."""
    gate = found.ceiling or {}
    if own is None:
        return "not scored in this run"
    for key, what in (("suite_sha256", "version of the suite"), ("quick", "subset of the suite")):
        if entry[key] != own[key]:
            return f"another {what}"
    if gate.get("prompt") != found.run["recipe"].get("prompt"):
        return "another system prompt"
    if gate.get("variant", "plain") != "plain":
        return f"the variant {gate['variant']}"
    return "too many errors" if entry["broken"] else ""


def sentence(measured: Json | None) -> str:
    """What the ceiling is, for people."""
    if measured is None:
        return NONE
    held, place = measured["decoding"], f" at {measured['endpoint']}" if measured["endpoint"] else ""
    way = f"decoding {held.get('method')}"
    if "samples" in held:
        way += f" ({held['samples']} a task at temperature {held['temperature']:g}, all of which have to pass)"
    text = (
        f"Ceiling: {measured['model']}{place}, begun {measured['begun']}, {way}, at most {held.get('max_new_tokens')} "
        "tokens a message. It had the same tasks and system prompt, and decides nothing."
    )
    left_out = ", ".join(f"{name} ({why})" for name, why in measured["left_out"].items())
    return f"{text} Left out: {left_out}." if left_out else text
