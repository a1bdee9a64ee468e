"""The command line: one function per verb. It parses, calls and prints; everything else is imported when needed."""

from __future__ import annotations

import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from mlx_train import preload
from mlx_train.cli import bench, data, gates, job, release
from mlx_train.ending import exit_code
from mlx_train.errors import BadInput, NoSpace
from mlx_train.places import PROGRAM

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=(
    "Fine-tune small tool-calling specialists, and measure what the training cost elsewhere."))  # fmt: skip
app.add_typer(job.app)
app.add_typer(release.app)
app.add_typer(data.app, name="data")
app.add_typer(gates.app, name="gates")
app.add_typer(bench.app, name="bench")


def _version(wanted: bool) -> None:
    if wanted:
        from mlx_train import machine

        held = machine.versions()
        print(", ".join(f"{name} {held[name]}" for name in ("mlx-train", "mlx", "mlx-lm", "python")))
        raise typer.Exit


@app.callback()
def every(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the versions and end.")
    ] = False,
) -> None:
    """What all verbs share."""


def _verb(error: TyperException) -> str:
    """The words of the verb that was given wrongly, each after a blank; none if it got to no verb."""
    at, words = getattr(error, "ctx", None), ""
    while at is not None and at.parent is not None:
        at, words = at.parent, f" {at.info_name}{words}"
    return words


def main() -> None:
    """Entry point: turns every fault into one message and its exit code."""
    preload.ensure()
    sys.exit(call(sys.argv[1:]))


def call(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""

    def act() -> int:
        try:
            return int(app(arguments, standalone_mode=False) or 0)
        except TyperException as error:  # usage
            said = error.format_message().rstrip(".") or "a verb is missing"  # then its help was printed
            raise BadInput(f"{said}. See `{PROGRAM}{_verb(error)} --help`.") from None
        except typer.Abort:
            raise KeyboardInterrupt from None
        except SystemExit:  # typer's 1 where its help goes into a closed pipe, and 1 is a verdict here
            return NoSpace.exit_code

    return exit_code(act)
