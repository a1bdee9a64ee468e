"""More smart home tasks of dev: they share the tools with training and gate, but neither plots nor phrasings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.smart_home import KINDS, _degrees, _device, _done, _listed, _named, _rooms

TARGET_OF = Phrases(
    "smart_home.dev.target_of",
    dev=[
        "look up which target the {room} has on its thermostat",
        "tell me the target that I gave the {room}, for I have forgotten it",
        "find out which target temperature we chose for the {room}",
    ],
)
OTHER_WAY = Phrases(
    "smart_home.dev.other_way",
    dev=[
        "look at the {kind} in the {room}: have it on if it is off, and off if it is on",
        "find the {kind} that is in the {room}, and switch it to the opposite of what it is now",
        "see if the {room} has its {kind} on or off at present, and switch it the other way round",
    ],
)
RUN_OR_MAKE = Phrases(
    "smart_home.dev.run_or_make",
    dev=[
        "I want the scene {scene} to be on. In case nobody has saved it yet, do that with {a} and {b} and then run it.",
        "Run the scene {scene}. If the home does not know it, save it with the devices {a} and {b} and run it "
        "afterwards.",
        "Try to start the scene {scene}. If no scene has that name, make it from {a} and {b} and start it then.",
    ],
)
ONLY_ONE = Phrases(
    "smart_home.dev.only_one",
    dev=[
        "Of those two, I only need {keep}. The other one can go off.",
        "One of them is enough. Leave {keep} running and have the other one off again.",
        "Let {keep} stay on, but the other device of the scene should go off again.",
    ],
)
WHERE_CLOSED = Phrases(
    "smart_home.dev.where_closed",
    dev=[
        "One of these three rooms has closed blinds: {a}, {b} or {c}. Which one?",
        "I closed the blinds in one of these rooms, {a}, {b} or {c}, but I forget in which. Find out.",
        "Read three rooms, namely {a}, {b} and {c}. One has its blinds closed; name that room.",
    ],
)
OPEN_AND_WARM = Phrases(
    "smart_home.dev.open_and_warm",
    dev=[
        "Open them fully, and set that room's thermostat to the temperature of the warmest of the three rooms.",
        "They should be open. The thermostat there should also get the temperature that you read in the warmest of "
        "the three rooms.",
        "Have these blinds open, and as the target for the same room take the temperature that the warmest of the "
        "three has.",
    ],
)
LESS_WARM = Phrases(
    "smart_home.dev.less_warm",
    dev=[
        "It will get too warm in there. Lower the new target by {n} degrees.",
        "That was a bit much: the target there should be {n} degrees lower.",
        "Take {n} degrees off that target again, please; I was too generous.",
    ],
)


def _home(s: Script, rooms: Sequence[str], devices: dict[str, Any], **more: Any) -> dict[str, dict[str, Any]]:
    """Start with rooms of different temperatures, none of which is the target; returns the rooms."""
    degrees = s.rng.sample(range(14, 26), len(rooms))
    state = {
        room: {"temperature": warm, "target": _degrees(s), "blinds": s.rng.choice(("open", "half"))}
        for room, warm in zip(rooms, degrees, strict=True)
    }
    if any(room["temperature"] == room["target"] for room in state.values()):
        raise Redraw
    if "closed" in more:
        state[more["closed"]]["blinds"] = "closed"
    s.begin({"rooms": state, "devices": devices, "scenes": more.get("scenes", {})})
    return state


@family(domain="smart_home", tier="easy", role="dev")
def target_of_room(s: Script) -> None:
    """Say to what target the thermostat of a room is set."""
    rooms = _rooms(s, 3)
    _home(s, rooms, _named(s, [_device(s, room) for room in rooms[:2]]))
    room = s.rng.choice(rooms)
    s.turn(s.please(s.phrase(TARGET_OF, room=room)))
    target = s.call("read_room", room=room)["target"]
    s.end(f"The target is {target} degrees.", tell=[target])


@family(domain="smart_home", tier="easy", role="dev")
def other_way(s: Script) -> None:
    """Switch a device, known by its kind and room, on if it is off and off if it is on."""
    rooms, (kind, second) = _rooms(s, 2), s.rng.sample(sorted(set(KINDS)), 2)
    devices = [_device(s, rooms[0], kind), _device(s, rooms[0], second), _device(s, rooms[1], kind)]
    _home(s, rooms, _named(s, devices))
    s.turn(s.please(s.phrase(OTHER_WAY, kind=kind, room=rooms[0])))
    found = next(one for one in _listed(s, rooms[0]) if one["kind"] == kind)
    s.call("switch_device", device=found["device"], on=not found["on"], derived=["device", "on"])
    _done(s)


@family(domain="smart_home", tier="moderate", role="dev")
def run_or_make(s: Script) -> None:
    """Run a scene that does not exist, so it is saved first; then one of its two devices is not wanted after all."""
    rooms = _rooms(s, 3)
    devices = _named(s, [_device(s, s.rng.choice(rooms)) for _ in range(5)])
    a, b, *grouped = s.rng.sample(list(devices), 4)
    if devices[a]["on"] and devices[b]["on"]:
        raise Redraw
    _home(s, rooms, devices, scenes={s.words.word(): sorted(grouped)})
    scene = s.words.word()
    s.turn(s.phrase(RUN_OR_MAKE, scene=scene, a=a, b=b))
    s.call("run_scene", scene=scene, on=True, fails=True)
    s.call("save_scene", scene=scene, devices=[a, b])
    s.call("run_scene", scene=scene, on=True)
    s.end(f"There was no scene {scene}, so I saved it and switched it on.")
    keep, other = s.rng.sample((a, b), 2)
    s.turn(s.phrase(ONLY_ONE, keep=keep))
    s.call("switch_device", device=other, on=False)
    _done(s)


@family(domain="smart_home", tier="hard", role="dev")
def closed_room(s: Script) -> None:
    """Find the room with closed blinds, open them, heat it like the warmest of three rooms, and then a little less."""
    rooms = _rooms(s, 4)
    three = rooms[:3]
    closed = s.rng.choice(three)
    state = _home(s, s.rng.sample(rooms, 4), _named(s, [_device(s, room) for room in rooms[1:]]), closed=closed)
    warmest = max(state[room]["temperature"] for room in three)
    if warmest in (state[closed]["temperature"], state[closed]["target"]):
        raise Redraw
    s.turn(s.phrase(WHERE_CLOSED, a=three[0], b=three[1], c=three[2]))
    read = {room: s.call("read_room", room=room) for room in three}
    room = next(name for name, found in read.items() if found["blinds"] == "closed")
    s.end(f"That is the {room}.", tell=[room])
    s.turn(s.phrase(OPEN_AND_WARM))
    s.call("move_blinds", room=room, position="open", derived=["room"])
    degrees = max(found["temperature"] for found in read.values())
    s.call("set_thermostat", room=room, degrees=degrees, derived=["room", "degrees"])
    s.end(f"They are open, and the thermostat is at {degrees} degrees.")
    n = s.words.number(2, 4)
    s.turn(s.phrase(LESS_WARM, n=n))
    s.call("set_thermostat", room=room, degrees=degrees - n, derived=["room", "degrees"])
    _done(s)
