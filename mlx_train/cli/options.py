"""What the verbs share: their common options, and how a result is printed."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output, and nothing else there.")]
RecipeName = Annotated[str, typer.Argument(help="A recipe's name (see recipes/) or the path of a .toml file.")]
OwnSuites = Annotated[Path | None, typer.Option("--suites", help=(
    "A suite of one's own, or a folder of them, in place of the built-in ones. Their world.py is run."))]  # fmt: skip
RunName = Annotated[str | None, typer.Argument(help="A run's folder or a recipe's name; the newest run if left out.")]


def say(text: str) -> None:
    """Tell people something beside the result."""
    print(text, file=sys.stderr)


def emit(result: Any, as_json: bool, text: str) -> None:
    """Print a verb's result: for programs, or for people."""
    try:
        print(json.dumps(result, ensure_ascii=False) if as_json else text, flush=True)
    except BrokenPipeError:  # who reads it has had enough; the verb's own exit code stands
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
