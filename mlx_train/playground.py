"""`chat`: a person talks to a model that has tools in a scratch world. Nothing outside the process is touched."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

from mlx_train import machine, models, pipeline
from mlx_train.bases import made
from mlx_train.chat.parse import Kind
from mlx_train.chat.render import Chat
from mlx_train.data.trajectory import result_text
from mlx_train.errors import BadInput
from mlx_train.files import read_json
from mlx_train.recipe import Base, Dtype, load
from mlx_train.tasks.catalogue import families
from mlx_train.tasks.family import generate
from mlx_train.world.base import World
from mlx_train.world.catalogue import WORLDS

HELP = "Write a request; :world shows the world, :new makes another, :quit ends."
MOST_CALLS = 20
MOST_TOKENS = 256


def play(name: str | None, domain: str) -> None:
    """Read requests from the terminal until it ends.

    Raises:
        BadInput: there is no such model or domain.
    """
    known = sorted(name for name in WORLDS if families(domain=name))
    if domain not in known:
        raise BadInput(f"--domain {domain}: there is no such domain. There are: {', '.join(known)}.")
    path, prompt, dtype = _model(name)
    model, tokenizer = models.load(path, dtype)
    chat = Chat(tokenizer)
    number = 0
    print(f"{path}\n{HELP}")
    world, messages = _fresh(domain, prompt, number)
    while True:
        try:
            said = input("you> ").strip()
        except EOFError:
            return
        if said in (":quit", ":q"):
            return
        if said == ":new":
            number += 1
            world, messages = _fresh(domain, prompt, number)
        elif said == ":world":
            _show(world)
        elif said:
            messages.append({"role": "user", "content": said})
            _act(model, chat, world, messages)


def _model(name: str | None) -> tuple[Path, str, str]:
    """The directory of a model, the system prompt it was made with, and the number format to load it in."""
    if name is not None and (Path(name) / "config.json").is_file():
        prompt = Path(name) / "prompt.txt"
        said = prompt.read_text(encoding="utf-8").strip() if prompt.is_file() else load("embedded").prompt
        return Path(name), said, _dtype(Path(name))
    if name in [f"{base}-base" for base in ("embedded", *made.known())]:
        base = name.removesuffix("-base")
        path = models.locate(Base(name=base), say=print)
        return path, load(base).prompt, _dtype(path)
    folder = pipeline.find(name)
    if not (folder / "fused").is_dir():
        recipe = folder.parent.name
        raise BadInput(
            f"{folder}: this run has no model yet. `./just train {recipe}` finishes it; the folder of another run, or "
            "`embedded-base`, can be tried now."
        )
    made_by = read_json(folder / "run.json", "record of a run")["recipe"]
    return folder / "fused", made_by["prompt"], made_by["base"]["dtype"]


def _dtype(model: Path) -> str:
    """The model's own number format; float32 on a processor, which is slow in others."""
    config = read_json(model / "config.json", "model configuration")
    own = config.get("dtype") or config.get("torch_dtype")
    return str(own) if machine.is_apple_silicon() and own in get_args(Dtype) else "float32"


def _fresh(domain: str, prompt: str, number: int) -> tuple[World, list[dict[str, Any]]]:
    """A world with something in it, and a conversation that has only the prompt."""
    which = next(family for family in families(domain=domain) if not family.abstain and family.tier == "moderate")
    world = WORLDS[domain](generate(which, "dev" if which.role == "dev" else "gate", number).world)
    _show(world)
    return world, [{"role": "system", "content": prompt}]


def _show(world: World) -> None:
    print(json.dumps(world.state(), indent=1, ensure_ascii=False))


def _act(model: Any, chat: Chat, world: World, messages: list[dict[str, Any]]) -> None:
    """Let the model call and read results until it answers in words."""
    import mlx.core as mx
    from mlx_lm.generate import generate_step

    for _ in range(MOST_CALLS):
        prompt = mx.array(chat.prompt(messages, world.tools()))
        ids: list[int] = []
        for id, _ in generate_step(prompt, model, max_tokens=MOST_TOKENS):
            if id in chat.stop_ids:
                break
            ids.append(int(id))
        reply = chat.parse(chat.tokenizer.decode(ids), stopped=len(ids) < MOST_TOKENS, tools=world.tools())
        messages.append(reply.message())
        if reply.kind is not Kind.CALLS:
            print(
                f"model> {reply.words or reply.raw}" + ("" if reply.kind is Kind.WORDS else f"  [{reply.kind.value}]")
            )
            return
        for call in reply.calls:
            result = world.call(call.name, call.arguments)
            print(f"  {call.name}({json.dumps(call.arguments, ensure_ascii=False)}) -> {result_text(result)}")
            messages.append({"role": "tool", "name": call.name, "content": result_text(result)})
    print(f"model> [stopped after {MOST_CALLS} calls]")
