"""Task families of the smart home: devices, lamps, thermostats, blinds, scenes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

SWITCH_ON = Phrases(
    "smart_home.switch_on",
    train=[
        "turn on the {kind} {device}",
        "switch on the {kind} {device}",
        "turn the {kind} {device} on",
        "switch the {kind} {device} on",
        "start the {kind} {device}",
        "put the {kind} {device} on",
        "let the {kind} {device} run",
    ],
    dev=["have the {kind} {device} on", "make sure that the {kind} {device} is on"],
    gate=["make the {kind} {device} run", "set the {kind} {device} to on", "see that the {kind} {device} is on"],
)
SWITCH_OFF = Phrases(
    "smart_home.switch_off",
    train=[
        "turn off the {kind} {device}",
        "switch off the {kind} {device}",
        "turn the {kind} {device} off",
        "switch the {kind} {device} off",
        "stop the {kind} {device}",
        "put the {kind} {device} off",
        "make the {kind} {device} go off",
    ],
    dev=["have the {kind} {device} off", "make sure that the {kind} {device} is off"],
    gate=["make the {kind} {device} stop", "set the {kind} {device} to off", "see that the {kind} {device} is off"],
)
ASK_WARM = Phrases(
    "smart_home.ask_warm",
    train=[
        "How warm is it in the {room}?",
        "What is the temperature in the {room}?",
        "Tell me the temperature in the {room}.",
        "How many degrees is it in the {room}?",
        "Please read the temperature in the {room}.",
        "Can you check how warm the {room} is?",
        "Is it warm in the {room}? How many degrees?",
        "Check the temperature of the {room}.",
    ],
    dev=["What temperature does the {room} have?", "I want to know how warm the {room} is."],
    gate=[
        "How warm is the {room}?",
        "Can you tell me the temperature of the {room}?",
        "How many degrees does the {room} have?",
    ],
)
SET_DEGREES = Phrases(
    "smart_home.set_degrees",
    train=[
        "set the thermostat in the {room} to {degrees}",
        "set the {room} to {degrees} degrees",
        "set the thermostat of the {room} to {degrees} degrees",
        "change the thermostat in the {room} to {degrees}",
        "make it {degrees} degrees in the {room}",
        "turn the thermostat in the {room} to {degrees}",
        "put the thermostat of the {room} at {degrees} degrees",
    ],
    dev=["have {degrees} degrees in the {room}", "change the {room} to {degrees} degrees"],
    gate=[
        "put the {room} at {degrees} degrees",
        "turn the {room} to {degrees} degrees",
        "make the {room} {degrees} degrees",
    ],
)
BLINDS_TO = Phrases(
    "smart_home.blinds_to",
    train=[
        "move the blinds in the {room} to {position}",
        "set the blinds in the {room} to {position}",
        "put the blinds in the {room} to {position}",
        "change the blinds of the {room} to {position}",
        "make the blinds in the {room} {position}",
        "bring the blinds of the {room} to {position}",
        "turn the blinds in the {room} to {position}",
    ],
    dev=["have the blinds in the {room} {position}", "put the blinds of the {room} at {position}"],
    gate=[
        "see that the blinds in the {room} are {position}",
        "bring the blinds in the {room} to the position {position}",
        "set the blinds of the {room} at {position}",
    ],
)
NO_DEGREES = Phrases(
    "smart_home.no_degrees",
    train=[
        "Set the thermostat in the {room}.",
        "Please change the thermostat in the {room}.",
        "I want another temperature in the {room}.",
        "Can you set the temperature in the {room}?",
        "Change the temperature of the {room}.",
        "Set a new temperature in the {room}, please.",
        "The {room} needs another temperature.",
    ],
    dev=["Please give the {room} another temperature.", "I need a new temperature in the {room}."],
    gate=[
        "Can you change the temperature in the {room}?",
        "Please set the thermostat of the {room}.",
        "I want to change the thermostat in the {room}.",
    ],
)
DEGREES = Phrases(
    "smart_home.degrees",
    train=[
        "{degrees} degrees.",
        "To {degrees} degrees.",
        "{degrees}, please.",
        "Make it {degrees}.",
        "Set it to {degrees} degrees.",
        "{degrees}.",
        "It should be {degrees} degrees.",
    ],
    dev=["Have it at {degrees} degrees.", "Take {degrees} degrees."],
    gate=["Please make it {degrees} degrees.", "Put it at {degrees}.", "To {degrees}, please."],
)
NO_ROOM = Phrases(
    "smart_home.no_room",
    train=[
        "Set the thermostat to {degrees} degrees.",
        "Please set the temperature to {degrees} degrees.",
        "Can you make it {degrees} degrees?",
        "I want {degrees} degrees.",
        "Change the thermostat to {degrees}.",
        "Make it {degrees} degrees, please.",
        "Turn the thermostat to {degrees} degrees.",
    ],
    dev=["Have the temperature at {degrees} degrees.", "I need a temperature of {degrees} degrees."],
    gate=[
        "Can you set the thermostat to {degrees}?",
        "Put the thermostat at {degrees} degrees.",
        "Change the temperature to {degrees} degrees, please.",
    ],
)
ROOM = Phrases(
    "smart_home.room",
    train=[
        "In the {room}.",
        "The {room}, please.",
        "In the {room}, please.",
        "The {room}.",
        "I mean the {room}.",
        "It is for the {room}.",
        "Do it in the {room}.",
    ],
    dev=["Take the {room}.", "That is for the {room}."],
    gate=["Please do it in the {room}.", "It is the {room}.", "For the {room}, please."],
)
OTHER_WORK = Phrases(
    "smart_home.other_work",
    train=[
        "Write a letter to {who}.",
        "Please call {who} on the phone.",
        "Buy a present for {who}.",
        "Can you paint a picture of {who}?",
        "Cook a meal for {who}.",
        "Wash the car of {who}, please.",
        "Send {who} some money.",
    ],
    dev=["Take a picture of {who}.", "Can you drive {who} home?"],
    gate=["Please buy a car for {who}.", "Can you write a song about {who}?", "Call {who} and ask about the weather."],
)
ALL_OFF = Phrases(
    "smart_home.all_off",
    train=[
        "turn off everything in the {room}",
        "switch off every device in the {room} that is on",
        "turn off all devices in the {room}",
        "switch everything off in the {room}",
        "find what is on in the {room} and turn it off",
        "turn off what is on in the {room}",
        "look at the devices in the {room} and switch off those that are on",
    ],
    dev=["make sure that everything in the {room} is off", "have all devices of the {room} off"],
    gate=[
        "see that no device in the {room} is on",
        "set every device in the {room} to off",
        "stop everything that is on in the {room}",
    ],
)
DIM = Phrases(
    "smart_home.dim",
    train=[
        "set the lamp {device} to {percent} percent",
        "dim the lamp {device} to {percent} percent",
        "set the brightness of the lamp {device} to {percent}",
        "change the lamp {device} to {percent} percent",
        "make the lamp {device} {percent} percent bright",
        "bring the lamp {device} to {percent} percent",
        "put the brightness of the lamp {device} at {percent} percent",
    ],
    dev=["have the lamp {device} at {percent} percent", "change the brightness of the lamp {device} to {percent}"],
    gate=[
        "put the lamp {device} at {percent} percent",
        "turn the lamp {device} to {percent} percent",
        "make the brightness of the lamp {device} {percent} percent",
    ],
)
ON_IF_OFF = Phrases(
    "smart_home.on_if_off",
    train=[
        "If a lamp is off, turn it on first.",
        "Turn a lamp on first if it is off.",
        "If it does not work because a lamp is off, switch it on and try again.",
        "Switch a lamp on when it is off and then set it.",
        "Should a lamp be off, turn it on first.",
        "When a lamp is off, switch it on before you set it.",
        "A lamp that is off must be turned on first.",
    ],
    dev=["A lamp that is off should be switched on first.", "If you find a lamp off, turn it on first."],
    gate=[
        "When a lamp is off, turn it on and try again.",
        "Turn on what is off before you set it.",
        "If one of them is off, switch it on first.",
    ],
)
COLDER = Phrases(
    "smart_home.colder",
    train=[
        "Which room is colder, the {a} or the {b}?",
        "Is the {a} or the {b} colder?",
        "Tell me which is colder, the {a} or the {b}.",
        "Check the {a} and the {b} and tell me which one is colder.",
        "Read the temperature of the {a} and the {b}. Which is colder?",
        "Find out if the {a} or the {b} is colder.",
        "What is colder, the {a} or the {b}?",
    ],
    dev=["I want to know if the {a} or the {b} is colder.", "Which one has the lower temperature, the {a} or the {b}?"],
    gate=[
        "Can you tell me which is colder, the {a} or the {b}?",
        "Which of the two is colder, the {a} or the {b}?",
        "Please check if the {a} or the {b} is colder.",
    ],
)
SET_THERE = Phrases(
    "smart_home.set_there",
    train=[
        "set the thermostat there to {degrees}",
        "set that room to {degrees} degrees",
        "make it {degrees} degrees there",
        "change the thermostat in that room to {degrees}",
        "turn the thermostat there to {degrees} degrees",
        "set the colder room to {degrees} degrees",
        "put the thermostat of that room at {degrees}",
    ],
    dev=["have {degrees} degrees there", "change that room to {degrees} degrees"],
    gate=[
        "put that room at {degrees} degrees",
        "turn the colder one to {degrees} degrees",
        "make that room {degrees} degrees",
    ],
)
SAVE_LAMPS = Phrases(
    "smart_home.save_lamps",
    train=[
        "save all lamps in the {room} as the scene {scene}",
        "make a scene {scene} of all lamps in the {room}",
        "find the lamps in the {room} and save them as the scene {scene}",
        "save a scene {scene} with every lamp in the {room}",
        "put all lamps of the {room} into a new scene {scene}",
        "look up the lamps in the {room} and make the scene {scene} of them",
        "create the scene {scene} with all lamps of the {room}",
    ],
    dev=[
        "have a new scene {scene} with the lamps of the {room}",
        "take every lamp in the {room} and save them as {scene}",
    ],
    gate=[
        "make a new scene {scene} with the lamps in the {room}",
        "put every lamp in the {room} into the scene {scene}",
        "save the lamps of the {room} as a scene with the name {scene}",
    ],
)
SCENE_ON = Phrases(
    "smart_home.scene_on",
    train=[
        "run the scene {scene}",
        "start the scene {scene}",
        "turn on the scene {scene}",
        "switch the scene {scene} on",
        "switch on the scene {scene}",
        "turn the scene {scene} on",
        "put the scene {scene} on",
    ],
    dev=["have the scene {scene} on", "make sure that the scene {scene} is on"],
    gate=["set the scene {scene} to on", "make the scene {scene} run", "see that the scene {scene} is on"],
)
SCENE_OFF = Phrases(
    "smart_home.scene_off",
    train=[
        "stop the scene {scene}",
        "turn off the scene {scene}",
        "switch off the scene {scene}",
        "switch the scene {scene} off",
        "turn the scene {scene} off",
        "put the scene {scene} off",
        "end the scene {scene} and switch it off",
    ],
    dev=["have the scene {scene} off", "make sure that the scene {scene} is off"],
    gate=["set the scene {scene} to off", "make the scene {scene} stop", "see that the scene {scene} is off"],
)

AS_WARM = Phrases(
    "smart_home.as_warm",
    dev=[
        "read the temperature in the {a} and set the thermostat in the {b} to the same number",
        "check how warm the {a} is and set the {b} to the same degrees",
    ],
)
BLINDS_CLOSED = Phrases(
    "smart_home.blinds_closed", dev=["close the blinds in the {room}", "have the blinds of the {room} closed"]
)

TWO_BLINDS = Phrases(
    "smart_home.two_blinds",
    gate=[
        "open the blinds in the {a} and close them in the {b}",
        "close the blinds in the {b} and open those in the {a}",
        "set the blinds in the {a} to open and those in the {b} to closed",
    ],
)
WHAT_ON = Phrases(
    "smart_home.what_on",
    gate=[
        "Which device is on in the {room}?",
        "What is on in the {room}?",
        "Look at the {room} and tell me which device is on there.",
    ],
)
SCENE_OF = Phrases(
    "smart_home.scene_of",
    gate=[
        "save everything in the {room} as the scene {scene}",
        "make a scene {scene} of all devices in the {room}",
        "put all devices of the {room} into a new scene {scene}",
    ],
)
RUN_IT_OFF = Phrases(
    "smart_home.run_it_off", gate=["switch the new scene off", "turn that scene off", "turn off the new scene"]
)
ON_AT_HOME = Phrases(
    "smart_home.on_at_home",
    gate=[
        "Which devices in the whole home are on?",
        "I am about to leave. Tell me which devices are on in the home.",
        "Check all rooms and tell me which devices are on.",
    ],
)
THOSE_OFF = Phrases(
    "smart_home.those_off", gate=["turn all of those off", "switch them all off", "turn off every one of them"]
)
BOTH_ROOMS = Phrases(
    "smart_home.both_rooms",
    gate=[
        "set the {a} and the {b} to {degrees} degrees",
        "set the thermostat to {degrees} in the {a} and in the {b}",
        "make it {degrees} degrees in both the {a} and the {b}",
    ],
)
CLOSE_BLINDS = Phrases(
    "smart_home.close_blinds",
    gate=[
        "close the blinds of the {room}",
        "put the blinds in the {room} down so that they are closed",
        "set the blinds in the {room} so that they are closed",
    ],
)
BLINDS_HOW = Phrases(
    "smart_home.blinds_how",
    gate=[
        "Please move the blinds in the {room}.",
        "Change the blinds in the {room}.",
        "Can you set the blinds in the {room}?",
    ],
)
DIM_HOW = Phrases(
    "smart_home.dim_how",
    gate=[
        "Change the brightness of the lamp {device}.",
        "Please set the brightness of the lamp {device}.",
        "I want another brightness for the lamp {device}.",
    ],
)
POSITION = Phrases(
    "smart_home.position", gate=["To {position}, please.", "I want them {position}.", "They should be {position}."]
)
PERCENT = Phrases(
    "smart_home.percent", gate=["{percent} percent.", "To {percent} percent, please.", "Make it {percent} percent."]
)

ROOMS = ("kitchen", "bedroom", "bathroom", "office", "hall", "garage")
KINDS = ("lamp", "lamp", "fan", "radio")
POSITIONS = ("open", "half", "closed")


def _rooms(s: Script, count: int) -> list[str]:
    return s.rng.sample(ROOMS, count)


def _degrees(s: Script) -> int | float:
    """A setting for a thermostat; most are whole numbers."""
    whole = s.words.number(15, 26)
    return whole if s.rng.random() < 0.6 else whole + 0.5


def _device(s: Script, room: str, kind: str | None = None, on: bool | None = None) -> dict[str, Any]:
    kind = kind or s.rng.choice(KINDS)
    on = s.rng.random() < 0.5 if on is None else on
    return {"kind": kind, "room": room, "on": on} | ({"brightness": 100} if kind == "lamp" else {})


def _named(s: Script, devices: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The devices under fresh names, in any order."""
    return {s.words.word(): device for device in s.rng.sample(list(devices), len(devices))}


def _begin(
    s: Script, rooms: Sequence[str], devices: dict[str, dict[str, Any]], scenes: dict[str, list[str]] | None = None
) -> None:
    """Start with rooms of different temperatures, these devices and scenes."""
    degrees = s.rng.sample(range(14, 26), len(rooms))
    state = {
        room: {"temperature": temperature, "target": 20, "blinds": s.rng.choice(("open", "half"))}
        for room, temperature in zip(rooms, degrees, strict=True)
    }
    s.begin({"rooms": state, "devices": devices, "scenes": scenes or {}})


def _done(s: Script) -> None:
    s.end(s.rng.choice(DONE))


def _listed(s: Script, room: str | None = None) -> list[dict[str, Any]]:
    result = s.call("list_home_devices", room=room) if room else s.call("list_home_devices")
    return list(result["devices"])


@family(domain="smart_home", tier="easy", role="train")
def switch_devices(s: Script) -> None:
    """One or two devices or a scene, on or off."""
    rooms = _rooms(s, 2)
    devices = _named(s, [_device(s, s.rng.choice(rooms)) for _ in range(4)])
    one, two, *grouped = devices
    scene = s.words.word()
    _begin(s, rooms, devices, {scene: sorted(grouped)})
    steps = s.rng.choice(([one], [one, two], [scene], [one, scene], [scene, two]))
    clauses, turned = [], []
    for step in steps:
        if step == scene:
            turned.append(s.rng.random() < 0.5)
            clauses.append(s.phrase(SCENE_ON if turned[-1] else SCENE_OFF, scene=scene))
        else:
            turned.append(not devices[step]["on"])
            clauses.append(s.phrase(SWITCH_ON if turned[-1] else SWITCH_OFF, kind=devices[step]["kind"], device=step))
    s.turn(s.please(*clauses))
    for step, on in zip(steps, turned, strict=True):
        if step == scene:
            s.call("run_scene", scene=scene, on=on)
        else:
            s.call("switch_device", device=step, on=on)
    _done(s)


@family(domain="smart_home", tier="easy", role="train")
def room_question(s: Script) -> None:
    """The temperature of a room; sometimes its thermostat or blinds are set."""
    rooms = _rooms(s, 2)
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms]))
    room = s.rng.choice(rooms)
    s.turn(s.phrase(ASK_WARM, room=room))
    temperature = s.call("read_room", room=room)["temperature"]
    s.end(f"It is {temperature} degrees.", tell=[temperature])
    after = s.rng.random()
    if after < 0.4:
        degrees = _degrees(s)
        s.turn(s.please(s.phrase(SET_DEGREES, room=room, degrees=degrees)))
        s.call("set_thermostat", room=room, degrees=degrees)
        _done(s)
    elif after < 0.8:
        position = s.rng.choice(POSITIONS)
        s.turn(s.please(s.phrase(BLINDS_TO, room=room, position=position)))
        s.call("move_blinds", room=room, position=position)
        _done(s)


@family(domain="smart_home", tier="easy", role="train", abstain=True)
def thermostat_without_value(s: Script) -> None:
    """The degrees or the room are missing, so the assistant asks; or no tool of the home can do the work."""
    rooms = _rooms(s, 2)
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms]))
    room, degrees = s.rng.choice(rooms), _degrees(s)
    plot = s.rng.choice(("degrees", "degrees", "room", "room", "other"))
    if plot == "other" and not s.twin:
        s.turn(s.phrase(OTHER_WORK, who=s.words.person()))
        s.end("I cannot do that with my tools.", quiet=True)
        return
    if plot == "degrees":
        s.turn(s.phrase(NO_DEGREES, room=room))
        s.end("To how many degrees?", asks=True)
        s.turn(s.phrase(DEGREES, degrees=degrees))
    else:
        s.turn(s.phrase(NO_ROOM, degrees=degrees))
        s.end("In which room?", asks=True)
        s.turn(s.phrase(ROOM, room=room))
    s.call("set_thermostat", room=room, degrees=degrees)
    _done(s)


@family(domain="smart_home", tier="moderate", role="train")
def all_off(s: Script) -> None:
    """List the devices of a room and switch off those that are on."""
    rooms = _rooms(s, 2)
    room, other = rooms
    devices = _named(
        s,
        [
            _device(s, room, on=True),
            _device(s, room, on=True),
            _device(s, room, on=s.rng.random() < 0.3),
            _device(s, other, on=True),
        ],
    )
    _begin(s, rooms, devices)
    s.turn(s.please(s.phrase(ALL_OFF, room=room)))
    on = [device["device"] for device in _listed(s, room) if device["on"]]
    for device in on:
        s.call("switch_device", device=device, on=False, derived=["device"])
    _done(s)
    if len(on) == 2 and s.rng.random() < 0.5:
        position = s.rng.choice(POSITIONS)
        s.turn(s.please(s.phrase(BLINDS_TO, room=room, position=position)))
        s.call("move_blinds", room=room, position=position)
        _done(s)


@family(domain="smart_home", tier="moderate", role="train")
def dim_after_error(s: Script) -> None:
    """Two lamps to dim; one of them, or both, turn out to be off and are switched on first."""
    rooms = _rooms(s, 2)
    lamps = [_device(s, rooms[0], "lamp", on=True), _device(s, rooms[1], "lamp", on=False)]
    devices = _named(s, [*lamps, _device(s, rooms[0], s.rng.choice(("fan", "radio")))])
    _begin(s, rooms, devices)
    wanted = [name for name, device in devices.items() if device["kind"] == "lamp"]
    if s.rng.random() < 0.3:
        wanted = [name for name in wanted if not devices[name]["on"]]
    percents = [5 * s.words.number(2, 18) for _ in wanted]
    clauses = [s.phrase(DIM, device=device, percent=percent) for device, percent in zip(wanted, percents, strict=True)]
    s.turn(f"{s.please(*clauses)} {s.phrase(ON_IF_OFF)}")
    for device, percent in zip(wanted, percents, strict=True):
        if not devices[device]["on"]:
            s.call("set_brightness", device=device, percent=percent, fails=True)
            s.call("switch_device", device=device, on=True)
        s.call("set_brightness", device=device, percent=percent)
    _done(s)


@family(domain="smart_home", tier="hard", role="train")
def colder_room(s: Script) -> None:
    """Compare two rooms, heat the colder one, and save a scene of lamps found in a room."""
    rooms = _rooms(s, 2)
    room = s.rng.choice(rooms)
    devices = _named(
        s,
        [
            _device(s, room, "lamp"),
            _device(s, room, "lamp"),
            _device(s, room, s.rng.choice(("fan", "radio"))),
            _device(s, rooms[0], "fan"),
        ],
    )
    _begin(s, rooms, devices)
    s.turn(s.phrase(COLDER, a=rooms[0], b=rooms[1]))
    read = {name: s.call("read_room", room=name)["temperature"] for name in rooms}
    colder = min(rooms, key=read.__getitem__)
    s.end(f"The {colder} is colder.", tell=[colder])
    degrees = _degrees(s)
    s.turn(s.please(s.phrase(SET_THERE, degrees=degrees)))
    s.call("set_thermostat", room=colder, degrees=degrees, derived=["room"])
    _done(s)
    scene = s.words.word()
    run = s.rng.random() < 0.6
    clauses = [s.phrase(SAVE_LAMPS, room=room, scene=scene)]
    if run:
        on = s.rng.random() < 0.5
        clauses.append(s.phrase(SCENE_ON if on else SCENE_OFF, scene=scene))
    s.turn(s.please(*clauses))
    lamps = [device["device"] for device in _listed(s, room) if device["kind"] == "lamp"]
    s.call("save_scene", scene=scene, devices=lamps, derived=["devices"])
    if run:
        s.call("run_scene", scene=scene, on=on)
    _done(s)


@family(domain="smart_home", tier="moderate", role="dev")
def as_warm(s: Script) -> None:
    """One room's temperature becomes another's target; blinds are closed."""
    rooms = _rooms(s, 3)
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms[:2]]))
    s.turn(s.please(s.phrase(AS_WARM, a=rooms[0], b=rooms[1])))
    temperature = s.call("read_room", room=rooms[0])["temperature"]
    s.call("set_thermostat", room=rooms[1], degrees=temperature, derived=["degrees"])
    _done(s)
    room = s.rng.choice(rooms)
    s.turn(s.please(s.phrase(BLINDS_CLOSED, room=room)))
    s.call("move_blinds", room=room, position="closed")
    _done(s)


@family(domain="smart_home", tier="easy", role="gate")
def two_blinds(s: Script) -> None:
    """Blinds open in one room and closed in another."""
    rooms = _rooms(s, 3)
    _begin(s, rooms, _named(s, [_device(s, room) for room in rooms[:2]]))
    s.turn(s.please(s.phrase(TWO_BLINDS, a=rooms[0], b=rooms[1])))
    s.call("move_blinds", room=rooms[0], position="open")
    s.call("move_blinds", room=rooms[1], position="closed")
    _done(s)


@family(domain="smart_home", tier="moderate", role="gate")
def scene_of_room(s: Script) -> None:
    """What is on in a room, a scene of all its devices, and the scene switched off."""
    rooms = _rooms(s, 2)
    room = rooms[0]
    devices = _named(s, [_device(s, room, on=True), _device(s, room, on=False), _device(s, rooms[1])])
    _begin(s, rooms, devices)
    s.turn(s.phrase(WHAT_ON, room=room))
    listed = _listed(s, room)
    on = next(device["device"] for device in listed if device["on"])
    s.end(f"That is {on}.", tell=[on])
    scene = s.words.word()
    s.turn(s.please(s.phrase(SCENE_OF, room=room, scene=scene), s.phrase(RUN_IT_OFF)))
    s.call("save_scene", scene=scene, devices=[device["device"] for device in listed], derived=["devices"])
    s.call("run_scene", scene=scene, on=False)
    _done(s)


@family(domain="smart_home", tier="hard", role="gate")
def leave_home(s: Script) -> None:
    """Everything that is on, switched off; two thermostats down; blinds closed."""
    rooms = _rooms(s, 3)
    devices = _named(s, [_device(s, rooms[0], on=True), _device(s, rooms[1], on=True), _device(s, rooms[2], on=False)])
    _begin(s, rooms, devices)
    s.turn(s.phrase(ON_AT_HOME))
    on = [device["device"] for device in _listed(s) if device["on"]]
    s.end(f"These are {' and '.join(on)}.", tell=on)
    s.turn(s.please(s.phrase(THOSE_OFF)))
    for device in on:
        s.call("switch_device", device=device, on=False, derived=["device"])
    _done(s)
    degrees = _degrees(s)
    s.turn(s.please(s.phrase(BOTH_ROOMS, a=rooms[0], b=rooms[1], degrees=degrees)))
    for room in rooms[:2]:
        s.call("set_thermostat", room=room, degrees=degrees)
    _done(s)
    s.turn(s.please(s.phrase(CLOSE_BLINDS, room=rooms[2])))
    s.call("move_blinds", room=rooms[2], position="closed")
    _done(s)


@family(domain="smart_home", tier="easy", role="gate", abstain=True)
def setting_without_value(s: Script) -> None:
    """The position of blinds or the brightness of a lamp is missing, so the assistant asks."""
    rooms = _rooms(s, 2)
    devices = _named(s, [_device(s, rooms[0], "lamp", on=True), _device(s, rooms[1], "fan")])
    _begin(s, rooms, devices)
    if s.rng.random() < 0.5:
        s.turn(s.phrase(BLINDS_HOW, room=rooms[0]))
        s.end("To open, half or closed?", asks=True)
        position = s.rng.choice(POSITIONS)
        s.turn(s.phrase(POSITION, position=position))
        s.call("move_blinds", room=rooms[0], position=position)
    else:
        lamp = next(name for name, device in devices.items() if device["kind"] == "lamp")
        s.turn(s.phrase(DIM_HOW, device=lamp))
        s.end("To how many percent?", asks=True)
        percent = 5 * s.words.number(2, 18)
        s.turn(s.phrase(PERCENT, percent=percent))
        s.call("set_brightness", device=lamp, percent=percent)
    _done(s)
