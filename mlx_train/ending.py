"""How a command ends: one message for every fault, and the exit code that scripts rely on."""

from __future__ import annotations

import errno
import sys
import tempfile
import traceback
from collections.abc import Callable

from mlx_train import machine
from mlx_train.errors import Fault, Interrupted, NoSpace


def exit_code(act: Callable[[], int | None]) -> int:
    """What `act` returns, 0 for nothing, or a fault's exit code once one message on standard error has told it."""
    try:
        return act() or 0
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
        if (known := machine.gpu_fault(error)) is None:
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
