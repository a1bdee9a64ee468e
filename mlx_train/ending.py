"""How a command ends: one message for every fault, and the exit code that scripts rely on."""

from __future__ import annotations

import contextlib
import errno
import sys
import tempfile
import traceback
from collections.abc import Callable

from mlx_train import machine
from mlx_train.errors import Fault, Interrupted, NoSpace

ADVICE = {
    errno.ENOSPC: "Free some space and try again.",
    errno.EDQUOT: "Free some space and try again.",
    errno.EIO: "The disk does not read or write; look after it before anything else.",
    errno.EROFS: "Work in another folder, or set MLX_TRAIN_HOME to one that can be written.",
    errno.EACCES: "Change who may use it, or work in another folder.",
    errno.EPERM: "Change who may use it; on a Mac, allow your terminal this folder in System Settings, Privacy.",
}
"""What to do about a disk that refuses, by errno."""


def exit_code(act: Callable[[], int | None]) -> int:
    """What `act` returns, 0 for nothing, or a fault's exit code once one message on standard error has told it."""
    try:
        return act() or 0
    except Fault as error:
        _tell(f"mlx-train: {error}")
        return error.exit_code
    except KeyboardInterrupt:
        _tell("\nmlx-train: interrupted. What was done is kept; the same command goes on from there.")
        return Interrupted.exit_code
    except OSError as error:
        if (advice := ADVICE.get(error.errno or 0)) is not None:
            _tell(f"mlx-train: {error.filename or 'the disk'}: {error.strerror}. {advice}")
            return NoSpace.exit_code
        return _own_fault()
    except Exception as error:
        if (known := machine.gpu_fault(error)) is None:
            return _own_fault()
        _tell(f"mlx-train: {known}")
        return known.exit_code


def _own_fault() -> int:
    with tempfile.NamedTemporaryFile("w", prefix="mlx-train-", suffix=".txt", delete=False) as stream:
        traceback.print_exc(file=stream)
    _tell(f"mlx-train: a fault of the program itself: {sys.exc_info()[1]!r}. Please report it with {stream.name}.")
    return Fault.exit_code


def _tell(text: str) -> None:
    with contextlib.suppress(OSError):  # of a terminal that was closed; the exit code stands
        print(text, file=sys.stderr)
