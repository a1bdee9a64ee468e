"""Trained smart home families of requests in any order; see `mixed`."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks import smart_home as say
from mlx_train.tasks.board import Board
from mlx_train.tasks.family import Redraw, Script
from mlx_train.tasks.mixed import mixed
from mlx_train.tasks.phrases import Phrases

DIM_FIRST = Phrases(
    "smart_home.dim_first",
    train=[
        "{a}, [switching|turning] it on first if it is off",
        "{a} ([switch|turn] it on [first|before that] if it is off)",
        "{a}, after [switching|turning] it on if it is off",
    ],
    dev=[
        "{a}, but turn it on first if it is off",
        "{a} (if you find it off, put it on first)",
    ],
)
IN_ROOM = Phrases(
    "smart_home.in_room",
    train=[
        "tell me which devices there are in the {room}",
        "[list|name] all [the devices|devices] [in|of] the {room}",
        "find out what devices [the {room} has|are in the {room}]",
    ],
    dev=["let me know which devices the {room} has", "say which devices belong to the {room}"],
)
SCENE_IT_ON = Phrases(
    "smart_home.scene_it_on",
    train=["[switch|turn|put] it on", "[run|start] it", "[switch|turn] on this scene", "[run|start] this scene"],
    dev=["have it on", "let it run"],
)
IF_ON = Phrases(
    "smart_home.if_on",
    train=[
        "If the {kind} {device} is on, {a}. [Otherwise|If not], [just|only] [tell me|say] that it is off.",
        "[See|Check|Find out] whether the {kind} {device} is on. If so, {a}; if not, [tell me|say] that it is off.",
        "Is the {kind} {device} on? If so, {a}. [Otherwise tell me|If not, say] that it is off.",
    ],
    dev=[
        "Look if the {kind} {device} is on. In that case {a}, or else let me know that it is off.",
        "Provided that the {kind} {device} is on, {a}; tell me if it is off.",
    ],
)
ABOVE = Phrases(
    "smart_home.above",
    train=[
        "set the thermostat in the {room}[| to] {more} degrees above the temperature [there|of the room]",
        "[read|check] the temperature in the {room} and set [the|its] thermostat {more} degrees higher than that",
        "[find out|see] how warm it is in the {room} and set [the|its] thermostat to {more} degrees more",
    ],
    dev=[
        "take the temperature of the {room}, add {more} degrees and have its thermostat at that",
        "have the thermostat of the {room} {more} degrees higher than the temperature in there",
    ],
)
SAVE_OR = Phrases(
    "smart_home.save_or",
    train=[
        "save {a} and {b} as the scene {scene}, or as {other} if [that name is taken|this scene exists already]",
        "[make|create] a scene {scene} of {a} and {b} ([if|in case] [it exists already|the name is taken], "
        "name the new one {other})",
        "save a new scene with {a} and {b} under the name {scene}, or else {other} if there is [one|a scene] of that "
        "name",
    ],
    dev=[
        "have a scene of {a} and {b}, called {scene} or, if there is one of that name, {other}",
        "store {a} and {b} as the scene {scene} (when that name is taken, use {other})",
    ],
)
NO_SCENE = Phrases(
    "smart_home.no_scene",
    train=["[run|start] a scene", "[switch|turn] on [a scene|one of my scenes]", "put [a scene|one of the scenes] on"],
    dev=["have a scene on", "start one of my scenes for me"],
)
THAT_SCENE = Phrases(
    "smart_home.that_scene",
    train=["The scene {scene}[|, please].", "[I mean|Take|Run] the scene {scene}.", "The scene is {scene}."],
    dev=["I would like the scene {scene}.", "The scene I want is {scene}."],
)


class Home(Board):
    """A home of a few rooms. What the assistant has seen of it is known."""

    def __init__(self, s: Script) -> None:
        s.words.used |= {*say.ROOMS, *say.KINDS}  # No device is to be called so.
        rooms = say._rooms(s, s.rng.choice((3, 4)))
        devices = say._named(s, [say._device(s, s.rng.choice(rooms)) for _ in range(s.rng.choice((4, 5, 6, 7)))])
        scenes = {s.words.word(): sorted(s.rng.sample(list(devices), 2)) for _ in range(s.rng.choice((1, 2, 2)))}
        degrees = s.rng.sample(range(14, 26), len(rooms))
        state = {
            room: {"temperature": warm, "target": say._degrees(s), "blinds": s.rng.choice(say.POSITIONS)}
            for room, warm in zip(rooms, degrees, strict=True)
        }
        super().__init__(s, {"rooms": state, "devices": devices, "scenes": scenes})
        self.read: set[str] = set()
        """The rooms that were read."""
        self.listed: set[str] = set()
        """The rooms whose devices were listed."""
        self.sure: set[str] = set()
        """The rooms of which it is known what is on."""
        self.touched: set[str] = set()
        """Further devices of which it is known whether they are on."""
        self.named: set[str] = set()
        """The scenes known to exist."""
        self.made: dict[str, int] = {}
        """The scenes of which the devices are known, and the turns they were made in."""

    @property
    def rooms(self) -> dict[str, dict[str, Any]]:
        """The rooms by name."""
        rooms: dict[str, dict[str, Any]] = self._state["rooms"]
        return rooms

    @property
    def devices(self) -> dict[str, dict[str, Any]]:
        """The devices by name."""
        devices: dict[str, dict[str, Any]] = self._state["devices"]
        return devices

    @property
    def scenes(self) -> dict[str, list[str]]:
        """The devices of the scenes by name."""
        scenes: dict[str, list[str]] = self._state["scenes"]
        return scenes

    def room(self) -> str:
        """A room."""
        return str(self.pick(sorted(self.rooms)))

    def inside(self, room: str) -> dict[str, dict[str, Any]]:
        """The devices of a room."""
        return {name: device for name, device in self.devices.items() if device["room"] == room}

    def look(self, room: str, *, on: bool = False) -> None:
        """List the devices of a room, unless they are known and, where it is asked, also which are on."""
        if room not in (self.sure if on else self.listed):
            self.do("list_home_devices", room=room)
            self.listed.add(room)
            self.sure.add(room)

    def warmth(self, room: str) -> Any:
        """The temperature of a room, after a look at it if it is not known."""
        if room not in self.read:
            self.do("read_room", room=room)
            self.read.add(room)
        return self.rooms[room]["temperature"]

    def run(self, scene: str, on: bool) -> None:
        """Switch a scene; if its devices are not known, it is no longer known what is on."""
        self.do("run_scene", scene=scene, on=on)
        self.named.add(scene)
        if scene in self.made:
            self.touched |= set(self.scenes[scene])
        else:
            self.sure.clear()
            self.touched.clear()

    def sees(self, device: str) -> bool:
        """Whether it is known if a device is on."""
        return device in self.touched or self.devices[device]["room"] in self.sure

    def save(self, scene: str, devices: list[str], **more: Any) -> None:
        self.do("save_scene", scene=scene, devices=devices, **more)
        self.named.add(scene)
        self.made[scene] = len(self.s.turns)


def switch(d: Home) -> None:
    name = d.pick(sorted(d.devices))
    device = d.devices[name]
    d.ask(say.SWITCH_OFF if device["on"] else say.SWITCH_ON, kind=device["kind"], device=name)
    d.do("switch_device", device=name, on=not device["on"])
    d.touched.add(name)


def scene(d: Home) -> None:
    # Not one of this turn, as its name may hang on a condition.
    name = d.pick(sorted(name for name in d.scenes if d.made.get(name) != len(d.s.turns)))
    on = not all(d.devices[device]["on"] for device in d.scenes[name])
    d.ask(say.SCENE_ON if on else say.SCENE_OFF, scene=name)
    d.run(name, on)


def dim(d: Home) -> None:
    name = d.pick(sorted(name for name, device in d.devices.items() if device["kind"] == "lamp"))
    percent, on = 5 * d.s.words.number(2, 18), d.devices[name]["on"]
    if percent == d.devices[name]["brightness"]:
        raise Redraw
    clause = d.s.phrase(say.DIM, device=name, percent=percent)
    d.clause(clause if on and d.rng.random() < 0.6 else d.s.phrase(DIM_FIRST, a=clause))
    if not on:
        if not d.sees(name):
            d.do("set_brightness", device=name, percent=percent, fails=True)
        d.do("switch_device", device=name, on=True)
    d.do("set_brightness", device=name, percent=percent)
    d.touched.add(name)


def heat(d: Home) -> None:
    room, degrees = d.room(), say._degrees(d.s)
    if degrees == d.rooms[room]["target"]:
        raise Redraw
    d.ask(say.SET_DEGREES, room=room, degrees=degrees)
    d.do("set_thermostat", room=room, degrees=degrees)


def shade(d: Home) -> None:
    room, position = _shading(d)
    d.ask(say.BLINDS_TO, room=room, position=position)
    d.do("move_blinds", room=room, position=position)


def warm(d: Home) -> None:
    room = d.pick(sorted(set(d.rooms) - d.read))
    d.request(say.ASK_WARM, room=room)
    degrees = d.warmth(room)
    d.answer(f"It is {degrees} degrees in the {room}.", degrees)


def colder(d: Home) -> None:
    a, b = d.rng.sample(sorted(d.rooms), 2)
    if {a, b} <= d.read:
        raise Redraw
    d.request(say.COLDER, a=a, b=b)
    cold = a if d.warmth(a) < d.warmth(b) else b
    d.answer(f"The {cold} is colder.", cold)


def all_off(d: Home) -> None:
    room = d.room()
    on = [name for name, device in d.inside(room).items() if device["on"]]
    if not 1 <= len(on) <= 2:
        raise Redraw
    d.ask(say.ALL_OFF, room=room)
    d.look(room, on=True)
    for name in on:
        d.do("switch_device", device=name, on=False, derived=["device"])


def in_room(d: Home) -> None:
    room = d.pick(sorted({device["room"] for device in d.devices.values()} - d.listed))
    d.ask(IN_ROOM, room=room)
    d.look(room)
    names = list(d.inside(room))
    d.answer(f"The {room} has {' and '.join(names)}.", *names)


def scene_of_lamps(d: Home) -> None:
    room, name = d.room(), d.s.words.word()
    lamps = [device for device, kept in d.inside(room).items() if kept["kind"] == "lamp"]
    if len(lamps) < 2:
        raise Redraw
    d.ask(say.SAVE_LAMPS, room=room, scene=name)
    d.look(room)
    d.save(name, lamps, derived=["devices"])
    if d.rng.random() < 0.6:
        on = not all(d.devices[lamp]["on"] for lamp in lamps)
        if on:
            d.ask(SCENE_IT_ON)
        else:
            d.ask(say.SCENE_OFF, scene=name)
        d.run(name, on)


def if_on(d: Home) -> None:
    name = d.pick(sorted(d.devices))
    device = d.devices[name]
    seen = d.sees(name)
    if seen and not device["on"]:
        raise Redraw
    if d.rng.random() < 0.5:
        room, position = _shading(d)
        clause = d.s.phrase(say.BLINDS_TO, room=room, position=position)
    else:
        room, position, degrees = d.room(), None, say._degrees(d.s)
        clause = d.s.phrase(say.SET_DEGREES, room=room, degrees=degrees)
    d.request(IF_ON, a=clause, kind=device["kind"], device=name)
    if not seen:
        d.do("list_home_devices")
        d.listed |= set(d.rooms)
        d.sure |= set(d.rooms)
    if not device["on"]:
        d.answer(f"I left it, as {name} is off.", "off")
    elif position:
        d.do("move_blinds", room=room, position=position)
    else:
        d.do("set_thermostat", room=room, degrees=degrees)


def above(d: Home) -> None:
    room, more = d.room(), d.rng.choice((2, 3, 4))
    if d.rooms[room]["temperature"] + more == d.rooms[room]["target"]:
        raise Redraw
    d.ask(ABOVE, room=room, more=more)
    degrees = d.warmth(room) + more
    d.do("set_thermostat", room=room, degrees=degrees, derived=["degrees"])
    d.answer(f"The thermostat in the {room} is at {degrees} degrees.")


def save_or(d: Home) -> None:
    taken = d.rng.random() < 0.5
    name = d.pick(sorted(set(d.scenes) - d.named)) if taken else d.s.words.word()
    (a, b), other = d.rng.sample(sorted(d.devices), 2), d.s.words.word()
    d.ask(SAVE_OR, a=a, b=b, scene=name, other=other)
    if taken:
        d.do("save_scene", scene=name, devices=[a, b], fails=True)
        d.named.add(name)
    d.save(other if taken else name, [a, b])
    d.answer(f"The scene is saved as {other if taken else name}.")


def _shading(d: Home) -> tuple[str, str]:
    """A room, and a position in which its blinds are not."""
    room = d.room()
    return room, str(d.pick([position for position in say.POSITIONS if position != d.rooms[room]["blinds"]]))


def ask_thermostat(d: Home) -> None:
    room, degrees = d.room(), say._degrees(d.s)
    if degrees == d.rooms[room]["target"]:
        raise Redraw
    if d.rng.random() < 0.5:
        d.request(say.NO_DEGREES, room=room)
        d.answer("To how many degrees?")
        rest = d.s.phrase(say.DEGREES, degrees=degrees)
    else:
        d.request(say.NO_ROOM, degrees=degrees)
        d.answer("In which room?")
        rest = d.s.phrase(say.ROOM, room=room)
    d.send(asks=True)
    d.do("set_thermostat", room=room, degrees=degrees)
    d.send(rest)


def ask_scene(d: Home) -> None:
    name = d.pick(sorted(name for name, group in d.scenes.items() if not all(d.devices[one]["on"] for one in group)))
    d.ask(NO_SCENE)
    d.answer("Which scene?")
    d.send(asks=True)
    d.run(name, True)
    d.send(d.s.phrase(THAT_SCENE, scene=name))


MOVES = (
    switch, scene, dim, heat, shade, warm, colder, all_off, in_room, scene_of_lamps, if_on, above, save_or,
)  # fmt: skip
mixed("smart_home", Home, MOVES, (ask_thermostat, ask_scene))
