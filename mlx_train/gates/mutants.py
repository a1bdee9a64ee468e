"""Variants of a task's gold solution: mutants with one fault, and equivalents that do the same in another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from mlx_train.tasks.task import Done, Played, Task, failed
from mlx_train.world.base import World, check_arguments
from mlx_train.world.bfcl import Bfcl
from mlx_train.world.catalogue import WORLDS

Play = list[Played]
STRAY = "stray_item"
"""A name that no task has."""


@dataclass(frozen=True)
class Variant:
    """One variant of the gold solution of a task."""

    kind: str
    where: str
    """For people: which call or turn differs."""
    played: Play


@dataclass(frozen=True)
class Step:
    """A gold call with what it met."""

    turn: int
    index: int
    call: Done
    before: dict[str, Any]
    after: dict[str, Any]
    """State of the world before and after the call."""
    changes: bool
    """Whether what scoring compares differs afterwards."""
    reads: bool
    """Whether nothing differs that a later call could depend on."""


def mutants(task: Task, gold: Sequence[Played]) -> Iterator[Variant]:
    """Solutions with one fault each; some happen to do what the task asks all the same."""
    yield Variant("nothing done", "", [Played() for _ in task.turns])
    steps = _steps(task, gold)
    for step in steps:
        where = f"{step.call.name} in turn {step.turn + 1}"
        yield Variant("call dropped", where, _with_calls(gold, step, []))
        for argument, value in _other_arguments(task, step.call):
            arguments = {**step.call.arguments, argument: value}
            changed = _done(step.call.name, **arguments)
            yield Variant("argument changed", f"{argument} of {where}", _with_calls(gold, step, [changed]))
        if step.changes:
            yield Variant("written twice", where, _with_calls(gold, step, [step.call, step.call]))
        if step.changes and task.domain == "files":
            astray = [_done("cd", folder=folder) for folder in _elsewhere(step.before)]
            for move in astray:
                yield Variant("wrong directory", where, _with_calls(gold, step, [move, step.call]))
    world = WORLDS[task.domain](task.world)
    for turn, did in enumerate(gold):
        for call in did.calls:
            world.call(call.name, call.arguments)
        yield from _turn_mutants(task, gold, turn, did)
        if not task.turns[turn].quiet and (write := _extra_write(task, world, steps)):
            yield Variant("extra write", f"turn {turn + 1}", _added(gold, turn, write))
        if not task.turns[turn].quiet and (banned := _banned(task, world)):
            yield Variant("forbidden tool", f"turn {turn + 1}", _added(gold, turn, *banned))


def _turn_mutants(task: Task, gold: Sequence[Played], turn: int, did: Played) -> Iterator[Variant]:
    where, asked = f"turn {turn + 1}", task.turns[turn]
    if turn + 1 < len(gold) and gold[turn + 1].calls and not asked.quiet:
        early = Played(calls=did.calls + gold[turn + 1].calls, words=did.words)
        late = Played(words=gold[turn + 1].words)
        yield Variant("a turn early", where, [*gold[:turn], early, late, *gold[turn + 2 :]])
    if asked.tell:
        yield Variant("not told", where, _with_words(gold, turn, "Done."))
        for value in asked.tell:
            yield Variant("told wrongly", where, _with_words(gold, turn, did.words.replace(value, f"{value}0")))
    if asked.asks:
        yield Variant("not asked", where, _with_words(gold, turn, did.words.replace("?", ".")))
    if asked.quiet:
        tool = WORLDS[task.domain](task.world).tools()[0]["function"]["name"]
        yield Variant("call in a quiet turn", where, _added(gold, turn, _done(tool)))


def _extra_write(task: Task, world: World, steps: Sequence[Step]) -> Done | None:
    """A call that changes the world as it is: a gold one with another argument, or one made up from the catalogue."""
    changed = (
        _done(step.call.name, **{**step.call.arguments, argument: value})
        for step in steps
        if step.changes
        for argument, value in _other_arguments(task, step.call)
    )
    stray = [_done("mkdir", dir_name=STRAY)] if task.domain == "files" else []
    return next((call for call in chain(stray, changed, _made_up(task, world)) if _would_change(world, call)), None)


def _banned(task: Task, world: World) -> tuple[Done, ...]:
    """Calls after which a forbidden tool has succeeded in the world as it is; nothing if none is known."""
    if task.domain == "files" and "rm" in task.forbid:  # nothing is left of it, so only the rule itself can find it
        return _done("touch", file_name=STRAY), _done("rm", file_name=STRAY)
    plain = {call.name: call.arguments for call in strange_calls(world)}
    for call in (call for call in _made_up(task, world) if call.name in task.forbid):
        others = (_done(call.name, **{**call.arguments, key: value}) for key, value in plain[call.name].items())
        for one in (call, *others):
            if not failed(type(world)(world.state()).call(one.name, one.arguments)):
                return (one,)
    return ()


def _would_change(world: World, call: Done) -> bool:
    other = type(world)(world.state())
    other.call(call.name, call.arguments)
    return other.outcome() != world.outcome()


def _made_up(task: Task, world: World) -> Iterator[Done]:
    """A call of each tool, with arguments that the gold solution or the world has under the same name, if any."""
    held = _by_key([world.state(), [call.arguments for turn in task.turns for call in turn.gold]])
    for tool in world.tools():
        function = tool["function"]
        schemas = function["parameters"]["properties"]
        wanted = {key: schemas[key] for key in function["parameters"]["required"]}
        yield _done(function["name"], **{key: _value(held.get(key), schema) for key, schema in wanted.items()})


def strange_calls(world: World) -> Iterator[Done]:
    """A call of each tool with arguments of the right kinds that mean nothing in the world."""
    for tool in world.tools():
        function = tool["function"]
        schemas = function["parameters"]["properties"]
        yield _done(function["name"], **{key: _value(None, schemas[key]) for key in function["parameters"]["required"]})


def _by_key(value: Any) -> dict[str, Any]:
    """The last value under each key, however deep."""
    found: dict[str, Any] = {}
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        found |= _by_key(item)
    return found | value if isinstance(value, dict) else found


PLAIN = {"string": STRAY, "integer": 1, "number": 1, "boolean": True, "array": [], "object": {}}


def _value(held: Any, schema: Mapping[str, Any]) -> Any:
    """A value that fits a parameter."""
    known = {"type": "object", "properties": {"": schema}, "required": [""]}
    fits = held is not None and check_arguments({"name": "", "parameters": known}, {"": held}) is None
    return held if fits else schema["enum"][0] if "enum" in schema else PLAIN[schema["type"]]


def equivalents(task: Task, gold: Sequence[Played]) -> Iterator[Variant]:
    """Solutions that differ from the gold one and must pass."""
    steps = _steps(task, gold)
    yield Variant("reads again", "", _rewritten(gold, steps, lambda s: [s.call] * (2 if s.reads else 1)))
    looks = _looks(task)
    yield Variant("looks around", "", _rewritten(gold, steps, lambda s: [*_reading(task, s, looks), s.call]))
    if task.domain != "files":
        return
    yield Variant("absolute paths", "", _rewritten(gold, steps, _from_the_root))
    yield Variant("there and back", "", _rewritten(gold, steps, lambda s: [*_absolute(s.before), s.call]))
    if "rm" not in task.forbid and any(step.call.name == "mv" and step.changes for step in steps):
        yield Variant("copy and remove", "", _rewritten(gold, steps, _copied_and_removed))


def _looks(task: Task) -> list[Done]:
    """Calls that change nothing at the start, failing ones included."""
    world = WORLDS[task.domain](task.world)
    if task.domain == "files":
        return [_done("pwd"), _done("ls"), _done("cat", file_name=STRAY)]
    made_up = (call for call in _made_up(task, world) if call.name not in task.forbid)
    return [call for call in made_up if _reads(type(world)(world.state()), call)]


def _reading(task: Task, step: Step, looks: Sequence[Done]) -> Iterator[Done]:
    """Those of the calls that change nothing where the step is either."""
    world = WORLDS[task.domain](step.before)
    for call in looks:
        if _reads(world, call):
            yield call
        else:
            world = WORLDS[task.domain](step.before)


def _reads(world: World, call: Done) -> bool:
    before = _seen(world)
    world.call(call.name, call.arguments)
    return bool(_seen(world) == before)


def _seen(world: World) -> Any:
    """What the answer to a call can depend on; the state of a BFCL world has all calls so far as well."""
    return [world.outcome(), world.place()] if isinstance(world, Bfcl) else world.state()


def _from_the_root(step: Step) -> list[Done]:
    moved = step.call.name == "cd" and not failed(step.call.result)
    return _absolute(step.after) if moved else [step.call]


def _copied_and_removed(step: Step) -> list[Done]:
    if step.call.name != "mv" or not step.changes:
        return [step.call]
    return [_done("cp", **step.call.arguments), _done("rm", file_name=step.call.arguments["source"])]


def _absolute(state: dict[str, Any]) -> list[Done]:
    """Calls that lead to the current directory of a file state from anywhere."""
    _, *path = state["cwd"].strip("/").split("/")
    return [_done("cd", folder=folder) for folder in ("/", *path)]


def _elsewhere(state: dict[str, Any]) -> Iterator[str]:
    """The folders next to the current directory: its parent and its first child."""
    tree = state["root"]
    for name in state["cwd"].strip("/").split("/"):
        tree = tree[name]
    if state["cwd"].count("/") > 1:
        yield ".."
    yield from [name for name, entry in tree.items() if isinstance(entry, dict)][:1]


def _steps(task: Task, gold: Sequence[Played]) -> list[Step]:
    world: World = WORLDS[task.domain](task.world)
    steps = []
    for turn, did in enumerate(gold):
        for index, call in enumerate(did.calls):
            before, outcome, seen = world.state(), world.outcome(), _seen(world)
            result = world.call(call.name, call.arguments)
            done = _done(call.name, **call.arguments).model_copy(update={"result": result})
            same = world.outcome() == outcome
            steps.append(Step(turn, index, done, before, world.state(), not same, same and _seen(world) == seen))
    return steps


def _other_arguments(task: Task, call: Done) -> Iterator[tuple[str, Any]]:
    """For each argument another value of its type; a name is exchanged for another that the task has."""
    names = sorted(
        {
            value
            for turn in task.turns
            for other in turn.gold
            for value in other.arguments.values()
            if isinstance(value, str)
        }
    )
    for argument, value in call.arguments.items():
        if isinstance(value, bool):
            yield argument, not value
        elif isinstance(value, int | float):
            yield argument, value + 1
        elif isinstance(value, str):
            yield argument, f"{value}x"
            others = [name for name in names if name != value]
            if others:
                yield argument, others[len(value) % len(others)]
        elif isinstance(value, list):
            yield argument, value[:-1] if value else [STRAY]


def _done(name: str, /, **arguments: Any) -> Done:
    return Done(name=name, arguments=arguments, result={})


def _with_calls(gold: Sequence[Played], step: Step, calls: Sequence[Done]) -> Play:
    """The gold solution with one call replaced."""
    did = gold[step.turn]
    other = Played(calls=did.calls[: step.index] + tuple(calls) + did.calls[step.index + 1 :], words=did.words)
    return [*gold[: step.turn], other, *gold[step.turn + 1 :]]


def _with_words(gold: Sequence[Played], turn: int, words: str) -> Play:
    return [*gold[:turn], Played(calls=gold[turn].calls, words=words), *gold[turn + 1 :]]


def _added(gold: Sequence[Played], turn: int, *calls: Done) -> Play:
    return [*gold[:turn], Played(calls=gold[turn].calls + calls, words=gold[turn].words), *gold[turn + 1 :]]


def _rewritten(gold: Sequence[Played], steps: Sequence[Step], write: Callable[[Step], list[Done]]) -> Play:
    """The gold solution with every call written anew."""
    calls: list[list[Done]] = [[] for _ in gold]
    for step in steps:
        calls[step.turn] += write(step)
    return [Played(calls=tuple(own), words=did.words) for own, did in zip(calls, gold, strict=True)]
