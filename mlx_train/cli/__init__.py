"""The command line: one function per verb. It parses, calls and prints; everything else is imported when needed."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback

import typer
from typer.exceptions import TyperException

from mlx_train import preload
from mlx_train.cli import bench, data, gates, job, release
from mlx_train.errors import BadInput, Fault, Interrupted, NoSpace

app = typer.Typer(add_completion=False, no_args_is_help=True, pretty_exceptions_enable=False, help=(
    "Fine-tune small tool-calling specialists, and measure what the training cost elsewhere."))  # fmt: skip
app.add_typer(job.app)
app.add_typer(release.app)
app.add_typer(data.app, name="data")
app.add_typer(gates.app, name="gates")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Entry point: turns every fault into one message and its exit code."""
    preload.ensure()
    sys.exit(call(sys.argv[1:]))


def call(arguments: list[str]) -> int:
    """Run the command line and return its exit code."""
    try:
        return int(app(arguments, standalone_mode=False) or 0)
    except TyperException as error:  # usage
        print(f"mlx-train: {error}. See `mlx-train --help`.", file=sys.stderr)
        return BadInput.exit_code
    except Fault as error:
        print(f"mlx-train: {error}", file=sys.stderr)
        return error.exit_code
    except (KeyboardInterrupt, typer.Abort):
        print("\nmlx-train: interrupted. What was done is kept; the same command goes on from there.", file=sys.stderr)
        return Interrupted.exit_code
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EROFS):
            print(
                f"mlx-train: {error.filename or 'the disk'}: {error.strerror}. Free some space and try again.",
                file=sys.stderr,
            )
            return NoSpace.exit_code
        return _own_fault()
    except Exception as error:
        from mlx_train.machine import gpu_fault

        if (known := gpu_fault(error)) is None:
            return _own_fault()
        print(f"mlx-train: {known}", file=sys.stderr)
        return known.exit_code


def _own_fault() -> int:
    with tempfile.NamedTemporaryFile("w", prefix="mlx-train-", suffix=".txt", delete=False) as stream:
        traceback.print_exc(file=stream)
    print(
        f"mlx-train: a fault of the program itself: {sys.exc_info()[1]!r}. Please report it with {stream.name}.",
        file=sys.stderr,
    )
    return Fault.exit_code
