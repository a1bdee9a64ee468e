"""More fleet tasks of the gate."""

from __future__ import annotations

from mlx_train.tasks.family import Redraw, Script, family
from mlx_train.tasks.fleet import JOBS, done, yard
from mlx_train.tasks.gate_small_talk import pause
from mlx_train.tasks.phrases import Phrases

ALL_AT = Phrases(
    "fleet.all_at",
    gate=[
        "Two of our vehicles are in {place}. Which ones?",
        "Which vehicles do we have in {place}?",
        "Search everything that we have at the place {place} and tell me the vehicles.",
    ],
)
SERVICE_AT = Phrases(
    "fleet.service_at",
    gate=[
        "schedule a service for the {job} on {date} for each of the two vehicles in {place}",
        "find the two vehicles that are in {place} and plan a service of both on {date}, with the {job} as the only "
        "job",
        "schedule a service on {date}, for the {job}, of both vehicles that we have in {place}",
    ],
)
FREE_TANK = Phrases(
    "fleet.free_tank",
    gate=[
        "How many more liters would fit into the tank of {vehicle}?",
        "How much free space does the tank of {vehicle} have, in liters?",
        "Look at {vehicle}: how many liters could we still put in?",
    ],
)
THEN_FUEL = Phrases(
    "fleet.then_fuel",
    gate=[
        "Good, then put {liters} liters in.",
        "Then it should get {liters} liters.",
        "I see. Refuel it with {liters} of them.",
    ],
)
PARK_THE = Phrases(
    "fleet.park_the",
    gate=[
        "park our only {type} in {place} and lock it there",
        "find out which vehicle is the {type}, and park it in {place}, locked",
        "search the one {type} that we have and park it with a lock in {place}",
    ],
)
FUEL_OR_GO = Phrases(
    "fleet.fuel_or_go",
    gate=[
        "If {vehicle} has less than {limit} liters of fuel, refuel it with {liters} liters; otherwise dispatch it to "
        "{place}.",
        "Send {vehicle} to {place}, unless it has less than {limit} liters of fuel: in that case only put {liters} "
        "liters in.",
        "How much fuel does {vehicle} have? Below {limit} liters, refuel it with {liters} liters and leave it where "
        "it is. From {limit} liters on, dispatch it to {place}.",
    ],
)
ITS_SERVICE = Phrases(
    "fleet.its_service",
    gate=[
        "It also needs a service for the {job} on {date}.",
        "And plan a service of that vehicle: the {job}, on {date}.",
        "On {date} the workshop should do its {job}. Schedule that.",
    ],
)
DRIVER_OR = Phrases(
    "fleet.driver_or",
    gate=[
        "{a} should drive {vehicle} to {place}. If {a} is the driver of another vehicle, take {b} instead.",
        "Assign {a} to {vehicle}, or {b} if {a} has another vehicle, and dispatch it to {place}.",
        "{vehicle} has to go to {place}. Its driver should be {a}, but if {a} is taken, assign {b}.",
    ],
)
ONE_JOB = Phrases(
    "fleet.one_job",
    gate=[
        "The {job} of {vehicle} should be looked at on {date}. Schedule that service.",
        "Please schedule a service of {vehicle} on {date}. The job is the {job}.",
        "{vehicle} goes to the workshop on {date} for the {job}. Please schedule it.",
    ],
)
SAME_DAY_OR = Phrases(
    "fleet.same_day_or",
    gate=[
        "The same vehicle needs a service for the {job}. If it cannot have another one on that day, schedule it for "
        "{date}.",
        "Try to plan a second service for its {job} on the same day. Should that be refused, take {date}.",
        "Its {job} should be done in a separate service, on the same date, or on {date} if that is not possible.",
    ],
)
MORE_FUEL = Phrases(
    "fleet.more_fuel",
    gate=[
        "Which has more fuel, {a} or {b}?",
        "Compare the fuel of {a} and {b}. Which of the two has more?",
        "I can choose between {a} and {b}. In which of them is more fuel?",
    ],
)
TAKE_THAT = Phrases(
    "fleet.take_that",
    gate=[
        "Then {driver} should take that one to {place}.",
        "Make {driver} its driver and dispatch it to {place}.",
        "Good. Assign {driver} to that vehicle, and let it go to {place}.",
    ],
)
FILL_OTHER = Phrases(
    "fleet.fill_other",
    gate=[
        "And fill up the other one until nothing more fits in.",
        "The other one should get as much fuel as fits into its tank.",
        "Put as many liters into the tank of the other one as are free in it.",
    ],
)
GO_TO = Phrases(
    "fleet.go_to",
    gate=[
        "{vehicle} has to go to {place} today.",
        "Let {vehicle} leave for {place}.",
        "There is a job for {vehicle} in {place}. Dispatch it.",
    ],
)
RATHER_TO = Phrases(
    "fleet.rather_to",
    gate=[
        "Sorry, the job is in {place}, not there. Change the destination.",
        "No, I was wrong. It has to go to {place}.",
        "I have changed my mind: dispatch it to {place} instead.",
    ],
)
CALL_OFF = Phrases(
    "fleet.call_off",
    gate=[
        "The job is off. Park the vehicle in {place}, locked, and take the driver off it.",
        "It is not needed any more. Let it be parked and locked in {place}, and release its driver.",
        "Forget about it. Have it parked and locked in {place}, and then release its driver.",
    ],
)
NEXT_FOR_DRIVER = Phrases(
    "fleet.next_for_driver",
    gate=[
        "The driver you released can have {vehicle} now.",
        "Give the driver who is free again {vehicle} to drive.",
        "Assign that same driver to {vehicle}.",
    ],
)
TYPE_OF = Phrases(
    "fleet.type_of",
    gate=[
        "What type of vehicle is {vehicle}?",
        "I have forgotten which type {vehicle} is. Please look it up.",
        "Of which type is our vehicle {vehicle}?",
    ],
)
THREE_JOBS = Phrases(
    "fleet.three_jobs",
    gate=[
        "have {vehicle} at the workshop on {date}, with three jobs to do: {a}, {b} and {c}",
        "schedule one service of {vehicle} on {date} in which the {a}, the {b} and the {c} are done",
        "plan a service on {date} for {vehicle} that has the jobs {a}, {b} and {c}",
    ],
)
FROM_NOW_ON = Phrases(
    "fleet.from_now_on",
    gate=[
        "let {driver} be the driver of {vehicle} from now on",
        "give {vehicle} to {driver}, who is free",
        "see that {vehicle} gets a driver, {driver}",
    ],
)


@family(domain="fleet", tier="easy", role="gate")
def all_at_place(s: Script) -> None:
    """Say which vehicles are at a place."""
    codes, vehicles, _ = yard(s)
    place = vehicles[codes[0]]["place"]
    s.turn(s.phrase(ALL_AT, place=place))
    found = [entry["vehicle"] for entry in s.call("search_vehicles", place=place)["vehicles"]]
    s.end(f"These are {' and '.join(found)}.", tell=found)


@family(domain="fleet", tier="moderate", role="gate")
def service_at_place(s: Script) -> None:
    """The same service for the two vehicles at a place."""
    codes, vehicles, _ = yard(s)
    place, date, job = vehicles[codes[0]]["place"], s.words.date(), s.rng.choice(JOBS)
    s.turn(s.please(s.phrase(SERVICE_AT, place=place, date=date, job=job)))
    for entry in s.call("search_vehicles", place=place)["vehicles"]:
        s.call("schedule_service", vehicle=entry["vehicle"], date=date, jobs=[job], derived=["vehicle"])
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate")
def type_of_vehicle(s: Script) -> None:
    """Say of which type a vehicle is; then nothing is to be done."""
    code = s.rng.choice(yard(s)[0])
    s.turn(s.phrase(TYPE_OF, vehicle=code))
    listed = s.call("search_vehicles")["vehicles"]
    kind = next(entry["vehicle_type"] for entry in listed if entry["vehicle"] == code)
    s.end(f"It is a {kind}.", tell=[kind])
    pause(s)


@family(domain="fleet", tier="easy", role="gate")
def service_with_three_jobs(s: Script) -> None:
    """A service with three of the four jobs."""
    code, date, (a, b, c) = s.rng.choice(yard(s)[0]), s.words.date(), s.rng.sample(JOBS, 3)
    s.turn(s.please(s.phrase(THREE_JOBS, vehicle=code, date=date, a=a, b=b, c=c)))
    s.call("schedule_service", vehicle=code, date=date, jobs=[a, b, c])
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate")
def driver_for_one(s: Script) -> None:
    """A driver for a vehicle that has none."""
    codes, _, free = yard(s)
    code, driver = s.rng.choice(codes[1:]), s.rng.choice(free)
    s.turn(s.please(s.phrase(FROM_NOW_ON, vehicle=code, driver=driver)))
    s.call("assign_driver", vehicle=code, driver=driver)
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate")
def ask_then_refuel(s: Script) -> None:
    """Say how much fits into a tank, then refuel."""
    code = s.rng.choice(yard(s)[0])
    s.turn(s.phrase(FREE_TANK, vehicle=code))
    free = s.call("get_vehicle_status", vehicle=code)["free_tank"]
    s.end(f"Another {free} liters.", tell=[free])
    liters = s.words.number(5, 20)
    s.turn(s.phrase(THEN_FUEL, liters=liters))
    s.call("refuel_vehicle", vehicle=code, liters=liters)
    s.end(done(s))


@family(domain="fleet", tier="easy", role="gate")
def park_the_only_one(s: Script) -> None:
    """Find the one vehicle of a type and park it."""
    codes, vehicles, _ = yard(s)
    kind, place = vehicles[s.rng.choice(codes)]["vehicle_type"], s.words.place()
    s.turn(s.please(s.phrase(PARK_THE, type=kind, place=place)))
    (found,) = s.call("search_vehicles", vehicle_type=kind)["vehicles"]
    s.call("park_vehicle", vehicle=found["vehicle"], place=place, lock=True, derived=["vehicle"])
    s.end(done(s))


@family(domain="fleet", tier="moderate", role="gate")
def refuel_or_dispatch(s: Script) -> None:
    """Refuel a vehicle if it has little fuel, dispatch it if not; then schedule its service."""
    codes, vehicles, _ = yard(s)
    code, place, liters, date, job = (
        codes[0],
        s.words.place(),
        s.words.number(5, 20),
        s.words.date(),
        s.rng.choice(JOBS),
    )
    limit = vehicles[code]["fuel"] + s.rng.choice((-4, -2, 2, 5))
    s.turn(s.phrase(FUEL_OR_GO, vehicle=code, limit=limit, liters=liters, place=place))
    if s.call("get_vehicle_status", vehicle=code)["fuel"] < limit:
        s.call("refuel_vehicle", vehicle=code, liters=liters)
    else:
        s.call("dispatch_vehicle", vehicle=code, destination=place)
    s.end(done(s))
    s.turn(s.phrase(ITS_SERVICE, job=job, date=date))
    s.call("schedule_service", vehicle=code, date=date, jobs=[job])
    s.end(done(s))


@family(domain="fleet", tier="moderate", role="gate")
def driver_is_taken(s: Script) -> None:
    """The first driver has another vehicle, so the second one is assigned; then nothing is to be done."""
    codes, vehicles, free = yard(s)
    code, place, taken = s.rng.choice(codes[1:]), s.words.place(), vehicles[codes[0]]["driver"]
    s.turn(s.phrase(DRIVER_OR, a=taken, b=free[0], vehicle=code, place=place))
    s.call("assign_driver", vehicle=code, driver=taken, fails=True)
    s.call("assign_driver", vehicle=code, driver=free[0])
    s.call("dispatch_vehicle", vehicle=code, destination=place)
    s.end(f"{taken} has another vehicle, so I assigned {free[0]}.")
    pause(s)


@family(domain="fleet", tier="moderate", role="gate")
def second_service(s: Script) -> None:
    """A second service is refused on the day of the first, so it gets another date."""
    code, (first, second), date, other = s.rng.choice(yard(s)[0]), s.rng.sample(JOBS, 2), s.words.date(), s.words.date()
    if date == other:
        raise Redraw
    s.turn(s.phrase(ONE_JOB, vehicle=code, job=first, date=date))
    s.call("schedule_service", vehicle=code, date=date, jobs=[first])
    s.end(done(s))
    s.turn(s.phrase(SAME_DAY_OR, job=second, date=other))
    s.call("schedule_service", vehicle=code, date=date, jobs=[second], fails=True)
    s.call("schedule_service", vehicle=code, date=other, jobs=[second])
    s.end(f"It is scheduled for {other}.")


@family(domain="fleet", tier="hard", role="gate")
def fuller_of_two(s: Script) -> None:
    """Compare the fuel of two vehicles, dispatch the fuller one, fill the other."""
    codes, vehicles, free = yard(s)
    a, b = s.rng.sample(codes[1:], 2)
    if vehicles[a]["fuel"] == vehicles[b]["fuel"]:
        raise Redraw
    s.turn(s.phrase(MORE_FUEL, a=a, b=b))
    status = {code: s.call("get_vehicle_status", vehicle=code) for code in (a, b)}
    less, more = sorted(status, key=lambda code: float(status[code]["fuel"]))
    s.end(f"That is {more}.", tell=[more])
    place = s.words.place()
    s.turn(s.phrase(TAKE_THAT, driver=free[1], place=place))
    s.call("assign_driver", vehicle=more, driver=free[1], derived=["vehicle"])
    s.call("dispatch_vehicle", vehicle=more, destination=place, derived=["vehicle"])
    s.end(done(s))
    s.turn(s.phrase(FILL_OTHER))
    liters = status[less]["free_tank"]
    s.call("refuel_vehicle", vehicle=less, liters=liters, derived=["vehicle", "liters"])
    s.end(done(s))


@family(domain="fleet", tier="hard", role="gate")
def job_called_off(s: Script) -> None:
    """Dispatch a vehicle to one place, then to another, then call it off and give its driver another vehicle."""
    codes, _, _ = yard(s)
    code, other = codes[0], s.rng.choice(codes[1:])
    first, second, parking = s.words.place(), s.words.place(), s.words.place()
    s.turn(s.phrase(GO_TO, vehicle=code, place=first))
    s.call("dispatch_vehicle", vehicle=code, destination=first)
    s.end(done(s))
    s.turn(s.phrase(RATHER_TO, place=second))
    s.call("dispatch_vehicle", vehicle=code, destination=second)
    s.end(done(s))
    s.turn(s.phrase(CALL_OFF, place=parking))
    s.call("park_vehicle", vehicle=code, place=parking, lock=True)
    driver = s.call("release_driver", vehicle=code)["released"]
    s.end(done(s))
    s.turn(s.phrase(NEXT_FOR_DRIVER, vehicle=other))
    s.call("assign_driver", vehicle=other, driver=driver, derived=["driver"])
    s.end(done(s))
