"""`chat`: a person talks to a model that has tools in a scratch world. Nothing outside the process is touched."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple, Protocol, get_args

from mlx_train import machine, models, pipeline, records
from mlx_train.bases import made
from mlx_train.chat.formats import FORMATS
from mlx_train.chat.parse import Kind
from mlx_train.chat.render import Chat
from mlx_train.data.trajectory import result_text
from mlx_train.dialogue import Dialogue, Message
from mlx_train.errors import BadInput
from mlx_train.files import read_json
from mlx_train.gates.suites import world_of
from mlx_train.places import BASES, PROGRAM
from mlx_train.recipe import Base, Dtype, load, typed
from mlx_train.release import lock
from mlx_train.release.package import TOOLS
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import Family, generate
from mlx_train.train.adapters import CONFIG
from mlx_train.world.catalogue import WORLDS

HELP = "Write a request; :world shows the world, :new makes another, :quit ends. Ctrl-C stops an answer."
ASKING = "The tools are its own, and nothing here can carry them out: you are asked what each call gives."
UNKNOWN = "It does not say which tools it was trained with: those of files are offered. --domain offers others."
MOST_MESSAGES = 20
"""With calls, in answer to one request."""


class Model(NamedTuple):
    """What is to be tried."""

    path: Path
    prompt: str
    """The system prompt that it was made with."""
    dtype: str
    """The number format to load it in."""
    adapter: Path | None = None
    """To put on the model at `path`."""


class Tools(Protocol):
    """What a model can call here."""

    def tools(self) -> list[dict[str, Any]]: ...

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]: ...

    def state(self) -> dict[str, Any]: ...


class Asked:
    """A catalogue that no world belongs to: the person says what a call gives."""

    def __init__(self, catalogue: list[dict[str, Any]], number: int = 0) -> None:
        self.catalogue = catalogue

    def tools(self) -> list[dict[str, Any]]:
        """As it was given."""
        return self.catalogue

    def call(self, name: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        """What the person writes: a JSON object, or words for `result`."""
        if name not in [tool["function"]["name"] for tool in self.catalogue]:
            return {"error": f"unknown tool '{name}'"}
        text = input(f"  {name}({json.dumps(arguments, ensure_ascii=False)}) gives> ").strip()
        if text == ":quit":
            raise EOFError  # as the end of the input
        with suppress(ValueError):
            if isinstance(given := json.loads(text), dict):
                return given
        return {"result": text}

    def state(self) -> dict[str, Any]:
        """Nothing that is known here."""
        return {}


def play(name: str | None, domain: str | None) -> None:
    """Read requests from the terminal until it ends.

    Args:
        domain: whose tools to offer; None for those that the model was trained with, of files if it does not say.

    Raises:
        BadInput: there is no such model or domain.
    """
    known = [name for name in sorted(WORLDS) if _moderate(name)]
    if domain not in (None, *known):
        raise BadInput(f"--domain {domain}: there is no such domain. There are: {', '.join(known)}.")
    path, prompt, dtype, adapter = _model(name)
    shown = adapter or path
    own = read_json(shown / TOOLS, "catalogue") if domain is None and (shown / TOOLS).is_file() else None
    trained = own and next((name for name in known if _world(name, 0).tools() == own), None)
    model, tokenizer = models.load(path, dtype, adapter)
    chat = Chat(tokenizer)
    with suppress(ImportError):
        import readline  # noqa: F401 - from then on, a line that is asked for can be edited

    print(f"{shown}\n{HELP}")
    if own is None and domain is None:
        print(UNKNOWN)
    new: Callable[[int], Tools] = partial(_world, domain or trained or "files")
    if own is not None and trained is None:
        print(ASKING)
        new = partial(Asked, own)
    talk(new, lambda tools: Dialogue(model, chat, tools, prompt))


def talk(new: Callable[[int], Tools], begin: Callable[[list[dict[str, Any]]], Dialogue]) -> None:
    """Read requests and let the model act on them, until there are no more.

    Args:
        new: makes a world by its number.
        begin: a dialogue about a catalogue.
    """
    for number in count():
        world = new(number)
        _show(world)
        dialogue = begin(world.tools())
        while (said := _request()) not in (None, ":new"):
            if said == ":world":
                _show(world)
            elif said:
                try:
                    _act(dialogue, world, said)
                except EOFError:  # nobody is there to say what a call gives
                    return print()
        if said is None:
            return


def _request() -> str | None:
    """What the person writes; None to end."""
    try:
        said = input("you> ").strip()
    except EOFError:
        print()
        return None
    return None if said in (":quit", ":q") else said


def _model(name: str | None) -> Model:
    if name is not None and (Path(name) / "config.json").is_file():
        return Model(Path(name), _prompt(Path(name)), _dtype(Path(name)))
    given = Path(name) if name is not None and not (Path(name) / "run.json").is_file() else None
    if given and (given / "fused" / "config.json").is_file():  # of a specialist that was promoted after full training
        return Model(given / "fused", _prompt(given / "fused"), _dtype(given / "fused"))
    for folder in (given, given / "package") if given else ():  # the latter of what was promoted
        if (folder / CONFIG).is_file() and (folder / lock.LOCK).is_file():
            below = models.locate(_base(folder), say=print)
            return Model(below, _prompt(folder), _dtype(below), folder)
    if name in [f"{base}-base" for base in ("embedded", *made.known())]:
        base = name.removesuffix("-base")
        kept = BASES / base / f"{base}.toml"  # the recipe of a base that was trained here
        said = load(str(kept) if kept.is_file() else base).prompt
        path = models.locate(Base(name=base), say=print)
        return Model(path, said, _dtype(path))
    folder = pipeline.find(name)
    if not (folder / "fused").is_dir():
        file = typed(folder.parent.name)
        raise BadInput(
            f"{folder}: this run has no model yet. `{PROGRAM} run {file}` finishes it; the folder of another run, or "
            "`embedded-base`, can be tried now."
        )
    made_by = records.read(folder)["recipe"]
    return Model(folder / "fused", made_by["prompt"], made_by["base"]["dtype"])


def _prompt(folder: Path) -> str:
    prompt = folder / "prompt.txt"
    return prompt.read_text(encoding="utf-8").strip() if prompt.is_file() else load("embedded").prompt


def _base(package: Path) -> Base:
    """The base that an adapter's lock names, by the hash of its weights."""
    named = next(one for one in lock.read(package)["external"] if one["role"] == "base")
    return Base(
        name=named["name"], repository=named["repository"], revision=named["revision"], sha256=named["weights_sha256"]
    )


def _dtype(model: Path) -> str:
    """The model's own number format; float32 on a processor, which is slow in others."""
    config = read_json(model / "config.json", "model configuration")
    own = config.get("dtype") or config.get("torch_dtype")
    return str(own) if machine.is_apple_silicon() and own in get_args(Dtype) else "float32"


def _world(domain: str, number: int) -> Tools:
    """A world with something in it."""
    which = _moderate(domain)[0]
    return world_of(generate(which, which.role, number))


def _moderate(domain: str) -> list[Family]:
    return [family for family in families(domain=domain) if not family.abstain and family.tier == "moderate"]


def _show(world: Tools) -> None:
    print(json.dumps(world.state(), indent=1, ensure_ascii=False))


def _act(dialogue: Dialogue, world: Tools, said: str) -> None:
    """Let the model call and read results until it answers in words."""
    new: list[Message] = [{"role": "user", "content": said}]
    for _ in range(MOST_MESSAGES):
        words = _Words()
        reply = dialogue.say(new, words.show)
        words.end()
        if reply.kind is Kind.TRUNCATED:
            print("[cut off]")
        if reply.kind in (Kind.WORDS, Kind.TRUNCATED):
            return
        new = []
        try:
            for call in reply.calls:
                new.append(_called(world, call.name, call.arguments))
        except KeyboardInterrupt:  # at a question what a call gives
            undone = reply.calls[len(new) :]
            dialogue.leave([*new, *(_answer(call.name, {"error": "interrupted"}) for call in undone)])
            print("\n[stopped]")
            return
        if reply.kind is Kind.MALFORMED:
            new = [_answer("", {"error": FORMATS[dialogue.chat.format].complaint})]
            print(f"  {new[0]['content']}")
    dialogue.leave(new)
    print(f"[stopped after {MOST_MESSAGES} messages]")


def _called(world: Tools, name: str, arguments: Mapping[str, Any]) -> Message:
    """Do a call and print it; the message with its result."""
    result = world.call(name, arguments)
    print(f"  {name}({json.dumps(arguments, ensure_ascii=False)}) -> {result_text(result)}")
    return _answer(name, result)


def _answer(name: str, result: Mapping[str, Any]) -> Message:
    return {"role": "tool", "name": name, "content": result_text(dict(result))}


class _Words:
    """What the model says, on a line that begins with the first of it."""

    def __init__(self) -> None:
        self.begun = False

    def show(self, piece: str) -> None:
        """Print a piece."""
        if piece.strip() and not self.begun:
            self.begun = True
            print("model> ", end="")
        if self.begun:
            print(piece, end="", flush=True)

    def end(self) -> None:
        """End the line, if there is one."""
        if self.begun:
            print()
