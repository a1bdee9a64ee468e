"""The faults a person can meet, each with the exit code that scripts rely on (see the README's table)."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback
from collections.abc import Callable


class Fault(Exception):
    """Something outside the program is wrong. The message says what, where, and what to do next."""

    exit_code = 70


class BadInput(Fault):
    """Usage, recipe, data row or model directory that cannot be used as it is."""

    exit_code = 64


class NoNetwork(Fault):
    """A hub, package index or endpoint could not be reached."""

    exit_code = 69


class NoSpace(Fault):
    """The disk is full, or reading and writing failed."""

    exit_code = 74


class Interrupted(Fault):
    """Stopped by the person; what was done is kept and the same command goes on from there."""

    exit_code = 130


class GateBroken(Fault):
    """A suite or measurement cannot be trusted: a hash differs, a file is missing or unreadable."""

    exit_code = 3


def exit_code(act: Callable[[], int]) -> int:
    """What `act` returns, or a fault's exit code once one message on standard error has told it."""
    try:
        return act()
    except Fault as error:
        print(f"mlx-train: {error}", file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
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
