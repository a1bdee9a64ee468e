"""Fleet: gate tasks only, so that no training ever sees these tools."""

from __future__ import annotations

from typing import Any

from mlx_train.tasks.family import Script, family
from mlx_train.tasks.phrases import DONE, Phrases

SORRY = "I have no tool for that."
TYPES = ("car", "van", "truck")
JOBS = ("oil", "brakes", "tires", "lights")

FUEL = Phrases(
    "fleet.fuel",
    gate=[
        "How many liters of fuel are in {vehicle}?",
        "Get the status of {vehicle}: how much fuel does it have?",
        "How much fuel is left in the vehicle {vehicle}?",
    ],
)
WHO_DRIVES = Phrases(
    "fleet.who_drives",
    gate=[
        "Who is the driver of {vehicle}?",
        "Which driver does the vehicle {vehicle} have?",
        "Get the status of {vehicle} and tell me its driver.",
    ],
)
WHERE = Phrases(
    "fleet.where",
    gate=[
        "At which place is {vehicle}?",
        "What is the place of the vehicle {vehicle}?",
        "Get the status of {vehicle}: at which place is it?",
    ],
)
WHICH_AT = Phrases(
    "fleet.which_at",
    gate=[
        "Which {type} is in {place}?",
        "Search the {type} at the place {place} and tell me which vehicle it is.",
        "There is a {type} in {place}. Which vehicle is it?",
    ],
)
PARK = Phrases(
    "fleet.park",
    gate=[
        "park {vehicle} in {place} and {lock}",
        "park the vehicle {vehicle} at the place {place} and {lock}",
        "have {vehicle} parked in {place} and {lock}",
    ],
)
LOCK = Phrases("fleet.lock", gate=["lock it", "lock the vehicle", "lock it there"])
NO_LOCK = Phrases("fleet.no_lock", gate=["do not lock it", "leave it without a lock", "do not lock the vehicle"])
ASSIGN = Phrases(
    "fleet.assign",
    gate=[
        "assign the driver {driver} to {vehicle}",
        "assign {driver} to {vehicle} as its driver",
        "make {driver} the driver of {vehicle}",
    ],
)
ASSIGN_IT = Phrases(
    "fleet.assign_it",
    gate=[
        "assign the driver {driver} to it",
        "assign {driver} as its driver",
        "make {driver} the driver of that vehicle",
    ],
)
RELEASE = Phrases(
    "fleet.release",
    gate=[
        "release the driver of {vehicle}",
        "take the driver off {vehicle}",
        "release the driver from the vehicle {vehicle}",
    ],
)
DISPATCH = Phrases(
    "fleet.dispatch",
    gate=[
        "dispatch {vehicle} to {place}",
        "send the vehicle {vehicle} to {place}",
        "dispatch {vehicle} with the destination {place}",
    ],
)
DISPATCH_IT = Phrases(
    "fleet.dispatch_it", gate=["dispatch it to {place}", "send it to {place}", "dispatch that vehicle to {place}"]
)
REFUEL = Phrases(
    "fleet.refuel",
    gate=[
        "refuel {vehicle} with {liters} liters",
        "put {liters} liters of fuel into {vehicle}",
        "refuel the vehicle {vehicle} by {liters} liters",
    ],
)
REFUEL_THE = Phrases(
    "fleet.refuel_the",
    gate=[
        "refuel the {type} in {place} with {liters} liters",
        "put {liters} liters of fuel into the {type} in {place}",
        "search the {type} at the place {place} and refuel it with {liters} liters",
    ],
)
FILL = Phrases(
    "fleet.fill",
    gate=[
        "refuel {vehicle} until its tank is full",
        "fill up all the free tank of {vehicle} with fuel",
        "refuel {vehicle} by as many liters as its free tank takes",
    ],
)
REFUEL_OR = Phrases(
    "fleet.refuel_or",
    gate=[
        "refuel {vehicle} with {many} liters; if they do not fit, with {few} liters",
        "try to refuel {vehicle} with {many} liters, and if they do not fit into the tank, refuel it with {few} liters",
        "put {many} liters of fuel into {vehicle}, or {few} liters if {many} do not fit",
    ],
)
DISPATCH_OR = Phrases(
    "fleet.dispatch_or",
    gate=[
        "dispatch {vehicle} to {place}; if it has no driver, assign {driver} first",
        "send {vehicle} to {place}, and if it has no driver, assign the driver {driver} and send it then",
        "dispatch {vehicle} to {place}; should it have no driver, assign {driver} and dispatch it again",
    ],
)
SWAP = Phrases(
    "fleet.swap",
    gate=[
        "release the driver of {a} and assign the same driver to {b}",
        "move the driver of {a} to {b}",
        "take the driver off {a} and assign that driver to {b}",
    ],
)
SERVICE = Phrases(
    "fleet.service",
    gate=[
        "schedule a service of {vehicle} on {date} for the {first} and the {second}",
        "schedule the service of {vehicle} for {date} with the jobs {first} and {second}",
        "plan a service for the vehicle {vehicle} on {date}; the jobs are {first} and {second}",
    ],
)
NO_DESTINATION = Phrases(
    "fleet.no_destination",
    gate=["Dispatch {vehicle}.", "Please send the vehicle {vehicle} off.", "It is time to dispatch {vehicle}."],
)
NO_LITERS = Phrases(
    "fleet.no_liters",
    gate=["Put some fuel into {vehicle}.", "Refuel {vehicle} a little.", "{vehicle} should get a few liters of fuel."],
)
DESTINATION_IS = Phrases(
    "fleet.destination_is",
    gate=[
        "It has to go to {place}.",
        "{place} is where it is needed.",
        "The destination is {place}.",
    ],
)
LITERS_ARE = Phrases(
    "fleet.liters_are",
    gate=[
        "I think of {liters} liters.",
        "The exact number is {liters} liters.",
        "To be exact, {liters} liters.",
    ],
)
DATE_IS = Phrases(
    "fleet.date_is",
    gate=[
        "The date is {date}.",
        "Have it done on {date}.",
        "{date} suits everybody.",
    ],
)
CAN_DO = Phrases(
    "fleet.can_do",
    gate=[
        "Pump {liters} liters into {vehicle}.",
        "Give {vehicle} {liters} liters of fuel today.",
        "Fill {liters} liters into {vehicle} for me.",
        "Let {vehicle} have another {liters} liters of fuel.",
    ],
)
NO_DATE = Phrases(
    "fleet.no_date",
    gate=[
        "Schedule a service of {vehicle} for the {job}.",
        "{vehicle} needs a service for the {job}. Schedule it.",
        "Please plan a service for {vehicle}; the job is {job}.",
    ],
)
NO_TOOL = Phrases(
    "fleet.no_tool",
    gate=[
        "Paint {vehicle} blue.",
        "Sell {vehicle} for me.",
        "Wash {vehicle} today.",
        "Play some music in {vehicle}.",
        "Write a poem about {vehicle}.",
        "Take a photo of {vehicle}.",
        "Insure {vehicle} for another year.",
        "Rename {vehicle}.",
    ],
)


def yard(s: Script, *, driven: int = 1) -> tuple[list[str], dict[str, dict[str, Any]], list[str]]:
    """Begin with three vehicles of different types at two places, the first `driven` of them with drivers.

    Returns the vehicle codes, the vehicles by code, and the drivers who are free.
    """
    codes = [s.words.code("VH") for _ in TYPES]
    kinds = s.rng.sample(TYPES, len(TYPES))
    places = [s.words.place(), s.words.place()]
    drivers = [s.words.person() for _ in range(driven + 2)]
    vehicles: dict[str, dict[str, Any]] = {
        code: {
            "vehicle_type": kind,
            "place": places[number % 2],
            "destination": None,
            "driver": drivers[number] if number < driven else None,
            "fuel": s.words.number(5, 35),
            "tank": s.words.number(60, 80),
            "locked": False,
            "service": [],
        }
        for number, (code, kind) in enumerate(zip(codes, kinds, strict=True))
    }
    s.begin({"drivers": sorted(drivers), "vehicles": vehicles})
    return codes, vehicles, drivers[driven:]


def done(s: Script) -> str:
    return s.rng.choice(DONE)


@family(domain="fleet", tier="easy", role="gate")
def look_up(s: Script) -> None:
    code = yard(s)[0][0]
    bank, key, said = s.rng.choice(
        (
            (FUEL, "fuel", "It has {} liters."),
            (WHO_DRIVES, "driver", "The driver is {}."),
            (WHERE, "place", "It is in {}."),
        )
    )
    s.turn(s.phrase(bank, vehicle=code))
    found = s.call("get_vehicle_status", vehicle=code)[key]
    s.end(said.format(found), tell=[found])


@family(domain="fleet", tier="easy", role="gate")
def park(s: Script) -> None:
    code = yard(s)[0][1]
    place, lock = s.words.place(), s.rng.random() < 0.6
    s.turn(s.please(s.phrase(PARK, vehicle=code, place=place, lock=s.phrase(LOCK if lock else NO_LOCK))))
    s.call("park_vehicle", vehicle=code, place=place, lock=lock)
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate")
def assign_and_dispatch(s: Script) -> None:
    codes, _, free = yard(s)
    code, place = codes[1], s.words.place()
    s.turn(s.please(s.phrase(ASSIGN, driver=free[0], vehicle=code), s.phrase(DISPATCH_IT, place=place)))
    s.call("assign_driver", vehicle=code, driver=free[0])
    s.call("dispatch_vehicle", vehicle=code, destination=place)
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate")
def plan_service(s: Script) -> None:
    code = yard(s)[0][2]
    date, (first, second) = s.words.date(), s.rng.sample(JOBS, 2)
    s.turn(s.please(s.phrase(SERVICE, vehicle=code, date=date, first=first, second=second)))
    s.call("schedule_service", vehicle=code, date=date, jobs=[first, second])
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate")
def refuel_and_release(s: Script) -> None:
    codes = yard(s)[0]
    liters = s.words.number(4, 22) + s.rng.choice((0, 0.5))
    s.turn(s.please(s.phrase(REFUEL, vehicle=codes[1], liters=liters)))
    fuel = s.call("refuel_vehicle", vehicle=codes[1], liters=liters)["fuel"]
    s.end(f"It has {fuel} liters now.")
    s.turn(s.please(s.phrase(RELEASE, vehicle=codes[0])))
    s.call("release_driver", vehicle=codes[0])
    s.end(done(s))


@family(domain="fleet", tier="moderate", role="gate")
def refuel_at_place(s: Script) -> None:
    codes, vehicles, free = yard(s)
    code = s.rng.choice(codes[1:])
    kind, here = vehicles[code]["vehicle_type"], vehicles[code]["place"]
    liters = s.words.number(5, 20)
    s.turn(s.please(s.phrase(REFUEL_THE, type=kind, place=here, liters=liters), s.phrase(ASSIGN_IT, driver=free[0])))
    (found,) = s.call("search_vehicles", vehicle_type=kind, place=here)["vehicles"]
    s.call("refuel_vehicle", vehicle=found["vehicle"], liters=liters, derived=["vehicle"])
    s.call("assign_driver", vehicle=found["vehicle"], driver=free[0], derived=["vehicle"])
    s.end(done(s))


@family(domain="fleet", tier="moderate", role="gate")
def swap_driver(s: Script) -> None:
    codes = yard(s)[0]
    s.turn(s.phrase(WHO_DRIVES, vehicle=codes[0]))
    driver = s.call("get_vehicle_status", vehicle=codes[0])["driver"]
    s.end(f"The driver is {driver}.", tell=[driver])
    s.turn(s.please(s.phrase(SWAP, a=codes[0], b=codes[1])))
    s.call("release_driver", vehicle=codes[0])
    s.call("assign_driver", vehicle=codes[1], driver=driver, derived=["driver"])
    s.end(done(s))


@family(domain="fleet", tier="moderate", role="gate")
def dispatch_or_assign(s: Script) -> None:
    codes, _, free = yard(s)
    code, place = codes[2], s.words.place()
    s.turn(s.please(s.phrase(DISPATCH_OR, vehicle=code, place=place, driver=free[1])))
    s.call("dispatch_vehicle", vehicle=code, destination=place, fails=True)
    s.call("assign_driver", vehicle=code, driver=free[1])
    s.call("dispatch_vehicle", vehicle=code, destination=place)
    s.end(done(s))


@family(domain="fleet", tier="moderate", role="gate")
def fill_and_go(s: Script) -> None:
    codes = yard(s)[0]
    code, place = codes[0], s.words.place()
    s.turn(s.please(s.phrase(FILL, vehicle=code)))
    free = s.call("get_vehicle_status", vehicle=code)["free_tank"]
    s.call("refuel_vehicle", vehicle=code, liters=free, derived=["liters"])
    s.end(done(s))
    s.turn(s.please(s.phrase(DISPATCH, vehicle=code, place=place)))
    s.call("dispatch_vehicle", vehicle=code, destination=place)
    s.end(done(s))


@family(domain="fleet", tier="moderate", role="gate")
def refuel_what_fits(s: Script) -> None:
    codes = yard(s)[0]
    few, many, place = s.words.number(5, 20), s.words.number(85, 120), s.words.place()
    s.turn(s.please(s.phrase(REFUEL_OR, vehicle=codes[1], many=many, few=few)))
    s.call("refuel_vehicle", vehicle=codes[1], liters=many, fails=True)
    s.call("refuel_vehicle", vehicle=codes[1], liters=few)
    s.end(f"I put {few} liters in.")
    s.turn(s.please(s.phrase(PARK, vehicle=codes[1], place=place, lock=s.phrase(LOCK))))
    s.call("park_vehicle", vehicle=codes[1], place=place, lock=True)
    s.end(done(s))


@family(domain="fleet", tier="hard", role="gate")
def send_and_maintain(s: Script) -> None:
    codes, vehicles, free = yard(s)
    code, other = codes[2], codes[1]
    kind, here = vehicles[code]["vehicle_type"], vehicles[code]["place"]
    place, parking, date, (first, second) = s.words.place(), s.words.place(), s.words.date(), s.rng.sample(JOBS, 2)
    s.turn(s.phrase(WHICH_AT, type=kind, place=here))
    (found,) = s.call("search_vehicles", vehicle_type=kind, place=here)["vehicles"]
    s.end(f"It is {found['vehicle']}.", tell=[found["vehicle"]])
    s.turn(s.please(s.phrase(ASSIGN_IT, driver=free[0]), s.phrase(DISPATCH_IT, place=place)))
    s.call("assign_driver", vehicle=code, driver=free[0], derived=["vehicle"])
    s.call("dispatch_vehicle", vehicle=code, destination=place, derived=["vehicle"])
    s.end(done(s))
    s.turn(
        s.please(
            s.phrase(PARK, vehicle=other, place=parking, lock=s.phrase(LOCK)),
            s.phrase(SERVICE, vehicle=other, date=date, first=first, second=second),
        )
    )
    s.call("park_vehicle", vehicle=other, place=parking, lock=True)
    s.call("schedule_service", vehicle=other, date=date, jobs=[first, second])
    s.end(done(s))


@family(domain="fleet", tier="hard", role="gate")
def change_crew(s: Script) -> None:
    codes, _, _ = yard(s)
    place, liters = s.words.place(), s.words.number(5, 20)
    s.turn(s.please(s.phrase(SWAP, a=codes[0], b=codes[2])))
    driver = s.call("get_vehicle_status", vehicle=codes[0])["driver"]
    s.call("release_driver", vehicle=codes[0])
    s.call("assign_driver", vehicle=codes[2], driver=driver, derived=["driver"])
    s.end(done(s))
    s.turn(s.please(s.phrase(REFUEL, vehicle=codes[2], liters=liters), s.phrase(DISPATCH_IT, place=place)))
    s.call("refuel_vehicle", vehicle=codes[2], liters=liters)
    s.call("dispatch_vehicle", vehicle=codes[2], destination=place)
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate", abstain=True)
def ask_for_value(s: Script) -> None:
    code = yard(s)[0][0]
    bank, question = s.rng.choice(((NO_DESTINATION, "To which destination?"), (NO_LITERS, "How many liters?")))
    s.turn(s.phrase(bank, vehicle=code))
    s.end(question, asks=True)
    if s.twin and bank is NO_LITERS:
        liters = s.words.number(5, 20)
        s.turn(s.phrase(LITERS_ARE, liters=liters))
        s.call("refuel_vehicle", vehicle=code, liters=liters)
        s.end(done(s))
    elif s.twin:
        place = s.words.place()
        s.turn(s.phrase(DESTINATION_IS, place=place))
        s.call("dispatch_vehicle", vehicle=code, destination=place)
        s.end(done(s))


@family(domain="fleet", tier="easy", role="gate", abstain=True)
def ask_for_date(s: Script) -> None:
    code = yard(s)[0][0]
    job = s.rng.choice(JOBS)
    s.turn(s.phrase(NO_DATE, vehicle=code, job=job))
    s.end("On which date?", asks=True)
    if s.twin:
        date = s.words.date()
        s.turn(s.phrase(DATE_IS, date=date))
        s.call("schedule_service", vehicle=code, date=date, jobs=[job])
        s.end(done(s))


@family(domain="fleet", tier="easy", role="gate", abstain=True)
def decline_other_work(s: Script) -> None:
    code = yard(s)[0][0]
    if s.twin:
        liters = s.words.number(5, 20)
        s.turn(s.phrase(CAN_DO, vehicle=code, liters=liters))
        s.call("refuel_vehicle", vehicle=code, liters=liters)
        s.end(done(s))
    else:
        s.turn(s.phrase(NO_TOOL, vehicle=code))
        s.end(SORRY, quiet=True)
