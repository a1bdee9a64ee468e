"""`mlx-train bench`: side by side with the peer."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Annotated, Literal

import typer

from mlx_train.cli.options import Json, emit
from mlx_train.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="Speed and memory beside the peer, in one run.")


@app.command("train")
def bench_train(
    prefix: Annotated[int, typer.Option(min=0, help="Tokens that all rows begin with.")] = 1500,
    suffix: Annotated[int, typer.Option(min=8, help="Mean tokens of a row after them.")] = 300,
    batch: Annotated[int, typer.Option(min=1, help="Rows of a step.")] = 8,
    vocabulary: Annotated[int, typer.Option(min=16, help="Of the model.")] = 16384,
    layers: Annotated[int, typer.Option(min=1, help="Of the model.")] = 4,
    width: Annotated[int, typer.Option(min=64, help="Of the model, a multiple of 64.")] = 256,
    dtype: Annotated[Literal["float32", "bfloat16", "float16"], typer.Option(help="Number format.")] = "float32",
    rounds: Annotated[int, typer.Option(min=1, help="Alternating measurements of each.")] = 2,
    table: Annotated[bool, typer.Option("--table", help="Also vary prefix, suffix, batch and vocabulary.")] = False,
    as_json: Json = False,
) -> None:
    """Train beside mlx-lm's own trainer on the same random model and rows: speed, memory, loss, gradients."""
    from mlx_train.bench import train as bench
    from mlx_train.bench.trainers import HEAD, Workload

    if width % HEAD:
        raise BadInput(f"--width {width}: not a multiple of {HEAD}, the width of a head. Give {width - width % HEAD}.")
    load = Workload(
        prefix=prefix, suffix=suffix, batch=batch, vocabulary=vocabulary, layers=layers, width=width, dtype=dtype
    )

    def say(what: str) -> None:
        print(f"bench: {what}", file=sys.stderr)

    found = bench.headline(load, rounds, say)
    lines = [bench.text(found)]
    if table:
        found["table"] = bench.sweep(load, rounds, say)
        lines += ["", bench.table(found["table"])]
    emit(found, as_json, "\n".join(lines))


@app.command("data")
def bench_data(
    rows: Annotated[
        list[int] | None, typer.Option(min=1, help="Numbers of rows; 17,000 and 170,000 if left out.")
    ] = None,
    folder: Annotated[Path | None, typer.Option(help="To keep what is made in, so that a call can go on.")] = None,
    as_json: Json = False,
) -> None:
    """Read, check, encode and batch generated conversations: time and memory by the number of rows."""
    from mlx_train.bench import data as bench
    from mlx_train.files import make_folder

    if folder is not None:
        make_folder(folder)
    with tempfile.TemporaryDirectory() as scratch:
        found = bench.measure(
            rows or [17_000, 170_000], folder or Path(scratch), lambda what: print(f"bench: {what}", file=sys.stderr)
        )
    emit({"rows": found}, as_json, bench.text(found))


@app.command("gates")
def bench_gates(
    model: Annotated[str, typer.Argument(help="A model directory, or `embedded`.")] = "embedded",
    suite: Annotated[str, typer.Option(help="Dev suite to take tasks of.")] = "hard",
    tasks: Annotated[int, typer.Option(min=1, help="How many.")] = 48,
    batch: Annotated[int, typer.Option(min=1, help="Rollouts side by side.")] = 16,
    rounds: Annotated[int, typer.Option(min=1, help="Alternating measurements of each way.")] = 1,
    as_json: Json = False,
) -> None:
    """Roll out tasks beside mlx-lm's own generation, plain and with a prompt cache: time and transcripts."""
    from mlx_train import models
    from mlx_train import recipe as recipes
    from mlx_train.bench import gates as bench
    from mlx_train.chat.render import Chat
    from mlx_train.gates.rollouts import Settings
    from mlx_train.gates.suites import load_all
    from mlx_train.places import DEV_SUITES

    chosen = recipes.load("embedded")
    trained, tokenizer = models.load_trained(models.locate(recipes.Base(name=model)), chosen.base.dtype, None)
    settings = Settings(chosen.prompt, chosen.gates.max_new_tokens, chosen.gates.max_calls, batch)
    (held,) = load_all(DEV_SUITES, [suite])
    found = bench.compare(
        held.tasks[:tasks],
        trained,
        Chat(tokenizer),
        settings,
        rounds,
        lambda what: print(f"bench: {what}", file=sys.stderr),
    )
    emit(found, as_json, bench.text(found))
