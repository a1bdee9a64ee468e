"""More smart home tasks of the gate: they share the tools with training, but neither plots nor phrasings."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.phrases import Phrases
from mlx_train.tasks.smart_home import _begin, _degrees, _device, _done, _listed, _named, _rooms

SAVE_NAMED = Phrases(
    "smart_home.save_named",
    gate=[
        "save a scene {scene} that has the devices {a}, {b} and {c} in it",
        "make a scene of {a}, {b} and {c} and call it {scene}",
        "group the devices {a}, {b} and {c} as the new scene {scene}",
    ],
)
BLINDS_STATE = Phrases(
    "smart_home.blinds_state",
    gate=[
        "In which position are the blinds in the {room}?",
        "How are the blinds in the {room} at the moment?",
        "What position do the blinds in the {room} have?",
    ],
)
ASKED_BY = Phrases(
    "smart_home.asked_by",
    gate=[
        "{who} wants to know.",
        "I promised {who} an answer.",
        "This is a question from {who}.",
        "It is {who} who asks.",
    ],
)
COLD_OR_NOT = Phrases(
    "smart_home.cold_or_not",
    gate=[
        "If it is colder than {limit} degrees in the {room}, have the thermostat there at {degrees}; otherwise have "
        "the blinds there {position}.",
        "Is it below {limit} degrees in the {room}? If so, heat it to {degrees} degrees. If not, put its blinds at "
        "{position}.",
        "Check the {room}: below {limit} degrees, its thermostat goes to {degrees}; from {limit} degrees on, its "
        "blinds should be {position}.",
    ],
)
DARK_LAMP = Phrases(
    "smart_home.dark_lamp",
    gate=[
        "look for the only lamp in the {room} that is off, and have it on at {percent} percent",
        "find the lamp in the {room} that is off, light it and let it have {percent} percent",
        "give light in the {room} with the one lamp that is off there, at {percent} percent",
    ],
)
THREE_ROOMS = Phrases(
    "smart_home.three_rooms",
    gate=[
        "put the thermostats of the {a}, the {b} and the {c} all at {degrees} degrees",
        "let the {a}, the {b} and the {c} each have a target of {degrees} degrees",
        "heat three rooms to {degrees} degrees: the {a}, the {b} and the {c}",
    ],
)
SAME_BLINDS = Phrases(
    "smart_home.same_blinds",
    gate=[
        "let the blinds in the {a} be just as they are in the {b}",
        "look how the blinds in the {b} are, and have those in the {a} the same way",
        "bring the blinds in the {a} to the position that the blinds in the {b} have",
    ],
)
LAMP_AT = Phrases(
    "smart_home.lamp_at",
    gate=[
        "The lamp {lamp} is far too bright. {percent} percent will do.",
        "Let {lamp} shine with {percent} percent only.",
        "I would like the lamp {lamp} at {percent} percent.",
    ],
)
RATHER_PERCENT = Phrases(
    "smart_home.rather_percent",
    gate=[
        "Hm, that is not right yet. Rather {percent} percent.",
        "I have changed my mind: {percent} percent is what I want.",
        "Now it does not suit me at all. Take {percent} percent instead.",
    ],
)
GOOD_NIGHT = Phrases(
    "smart_home.good_night",
    gate=[
        "I am going to bed. Please switch {lamp} off, have the blinds of the {room} closed and put its thermostat at "
        "{degrees}.",
        "That is it for today: switch {lamp} off, let the blinds of the {room} be closed, and put the {room} at "
        "{degrees} degrees.",
        "We are off to sleep. The lamp {lamp} should be off, the blinds in the {room} closed and the thermostat "
        "there at {degrees}.",
    ],
)
KIND_OFF = Phrases(
    "smart_home.kind_off",
    gate=[
        "switch off every {kind} in the home that is on, in whatever room",
        "see that no {kind} in the whole home is on any more",
        "look for each {kind} that is on anywhere in the home and switch it off",
    ],
)
SCENE_OF_THESE = Phrases(
    "smart_home.scene_of_these",
    gate=[
        "Save those that you have just switched off as the scene {scene}.",
        "Make a scene {scene} of exactly the ones that you switched off.",
        "The ones you switched off should be a scene; its name is {scene}.",
    ],
)
SCENE_AGAIN = Phrases(
    "smart_home.scene_again",
    gate=[
        "Oh, {who} would like to have them back on. Use the scene for that.",
        "On second thoughts, {who} needs them. Run the scene so that they are on.",
        "Sorry, {who} is still at home. Switch the scene on.",
    ],
)
WHICH_ROOM = Phrases(
    "smart_home.which_room",
    gate=[
        "In which room is {device}?",
        "I cannot find {device}. Which room is it in?",
        "To which room does the device {device} belong?",
    ],
)


def _percent(s: Script) -> int:
    return 5 * s.words.number(2, 18)


@family(domain="smart_home", tier="easy", role="gate")
def scene_by_name(s: Script) -> None:
    """Save a scene of three devices that the user names."""
    rooms = _rooms(s, 2)
    devices = _named(s, [_device(s, s.rng.choice(rooms)) for _ in range(4)])
    _begin(s, rooms, devices)
    (a, b, c), scene = s.rng.sample(list(devices), 3), s.words.word()
    s.turn(s.please(s.phrase(SAVE_NAMED, a=a, b=b, c=c, scene=scene)))
    s.call("save_scene", scene=scene, devices=[a, b, c])
    _done(s)


@family(domain="smart_home", tier="easy", role="gate")
def state_of_blinds(s: Script) -> None:
    """Say how the blinds of a room are."""
    rooms, who = _rooms(s, 3), s.words.person()
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms[:2]]))
    s.turn(f"{s.phrase(ASKED_BY, who=who)} {s.phrase(BLINDS_STATE, room=rooms[0])}")
    blinds = s.call("read_room", room=rooms[0])["blinds"]
    s.end(f"They are {blinds}.", tell=[blinds])


@family(domain="smart_home", tier="easy", role="gate")
def room_of_device(s: Script) -> None:
    """Say in which room a device is."""
    rooms = _rooms(s, 4)
    devices = _named(s, [_device(s, room) for room in rooms])
    _begin(s, rooms, devices)
    device = s.rng.choice(list(devices))
    s.turn(s.phrase(WHICH_ROOM, device=device))
    room = next(one["room"] for one in _listed(s) if one["device"] == device)
    s.end(f"It is in the {room}.", tell=[room])


@family(domain="smart_home", tier="easy", role="gate")
def cold_or_not(s: Script) -> None:
    """Heat a room if it is cold, and move its blinds if it is not."""
    rooms, degrees = _rooms(s, 2), _degrees(s)
    position = s.rng.choice(("half", "closed"))
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms]))
    room = s.rng.choice(rooms)
    limit = s.start["rooms"][room]["temperature"] + s.rng.choice((-2, -1, 1, 2))
    if s.start["rooms"][room]["blinds"] == position or degrees <= limit:
        raise Redraw
    s.turn(s.phrase(COLD_OR_NOT, room=room, limit=limit, degrees=degrees, position=position))
    if s.call("read_room", room=room)["temperature"] < limit:
        s.call("set_thermostat", room=room, degrees=degrees)
    else:
        s.call("move_blinds", room=room, position=position)
    _done(s)


@family(domain="smart_home", tier="easy", role="gate")
def same_blinds(s: Script) -> None:
    """The blinds of one room take the position of another's."""
    rooms = _rooms(s, 3)
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms[:2]]))
    if s.start["rooms"][rooms[0]]["blinds"] == s.start["rooms"][rooms[1]]["blinds"]:
        raise Redraw
    s.turn(s.please(s.phrase(SAME_BLINDS, a=rooms[0], b=rooms[1])))
    blinds = s.call("read_room", room=rooms[1])["blinds"]
    s.call("move_blinds", room=rooms[0], position=blinds, derived=["position"])
    _done(s)


@family(domain="smart_home", tier="moderate", role="gate")
def lamp_that_is_off(s: Script) -> None:
    """Switch on the one lamp of a room that is off, and set its brightness."""
    rooms, percent = _rooms(s, 2), _percent(s)
    lamps = [_device(s, rooms[0], "lamp", on=on) for on in (True, True, False)]
    _begin(s, rooms, _named(s, [*lamps, _device(s, rooms[0], "fan", on=False), _device(s, rooms[1], "lamp", on=False)]))
    s.turn(s.please(s.phrase(DARK_LAMP, room=rooms[0], percent=percent)))
    listed = _listed(s, rooms[0])
    lamp = next(one["device"] for one in listed if one["kind"] == "lamp" and not one["on"])
    s.call("switch_device", device=lamp, on=True, derived=["device"])
    s.call("set_brightness", device=lamp, percent=percent, derived=["device"])
    _done(s)


@family(domain="smart_home", tier="moderate", role="gate")
def three_thermostats(s: Script) -> None:
    """The same degrees for three rooms of four; then nothing is to be done."""
    rooms, degrees = _rooms(s, 4), _degrees(s)
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms[:2]]))
    s.turn(s.please(s.phrase(THREE_ROOMS, a=rooms[0], b=rooms[1], c=rooms[2], degrees=degrees)))
    for room in rooms[:3]:
        s.call("set_thermostat", room=room, degrees=degrees)
    _done(s)
    pause(s)


@family(domain="smart_home", tier="hard", role="gate")
def going_to_bed(s: Script) -> None:
    """Set the brightness of a lamp twice, as the user changes his mind, and then make a room ready for the night."""
    rooms, percents = _rooms(s, 2), s.rng.sample(range(10, 95, 5), 2)
    devices = _named(s, [_device(s, rooms[0], "lamp", on=True), _device(s, rooms[1], "lamp", on=True)])
    _begin(s, rooms, devices)
    lamp, degrees = s.rng.choice(list(devices)), s.words.number(15, 18)
    s.turn(s.phrase(LAMP_AT, lamp=lamp, percent=percents[0]))
    s.call("set_brightness", device=lamp, percent=percents[0])
    _done(s)
    s.turn(s.phrase(RATHER_PERCENT, percent=percents[1]))
    s.call("set_brightness", device=lamp, percent=percents[1])
    _done(s)
    s.turn(s.phrase(GOOD_NIGHT, lamp=lamp, room=rooms[0], degrees=degrees))
    s.call("switch_device", device=lamp, on=False)
    s.call("move_blinds", room=rooms[0], position="closed")
    s.call("set_thermostat", room=rooms[0], degrees=degrees)
    _done(s)


@family(domain="smart_home", tier="hard", role="gate")
def one_kind_off(s: Script) -> None:
    """Switch off all devices of a kind, save them as a scene, and run it."""
    rooms, kind = _rooms(s, 3), s.rng.choice(("fan", "radio", "lamp"))
    other = next(one for one in ("lamp", "fan") if one != kind)
    devices = [_device(s, room, kind, on=on) for room, on in zip(rooms, (True, True, False), strict=True)]
    _begin(s, rooms, _named(s, [*devices, _device(s, rooms[0], other, on=True)]))
    s.turn(s.please(s.phrase(KIND_OFF, kind=kind)))
    off = [one["device"] for one in _listed(s) if one["kind"] == kind and one["on"]]
    for device in off:
        s.call("switch_device", device=device, on=False, derived=["device"])
    _done(s)
    scene, who = s.words.word(), s.words.person()
    s.turn(s.phrase(SCENE_OF_THESE, scene=scene))
    s.call("save_scene", scene=scene, devices=off, derived=["devices"])
    _done(s)
    s.turn(s.phrase(SCENE_AGAIN, who=who))
    s.call("run_scene", scene=scene, on=True)
    _done(s)
