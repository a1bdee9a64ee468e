"""Where the checks work: it starts commands as a person would, keeps what they say, and interrupts them if asked."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlx_train import preload
from mlx_train.places import CHECKOUT

TAIL = 3000
"""Characters of a check's output that are kept in the results."""
PATIENCE = 3600.0
"""Seconds to wait for a command to come to the place where it is interrupted."""


class Failed(Exception):
    """A command did not do what it has to."""


class Missing(Exception):
    """A check cannot be made here, or not yet."""


@dataclass
class Desk:
    """A folder that the commands of one check work in.

    Each command has a home below it (`MLX_TRAIN_HOME`), so that two runs of one recipe do not meet.
    """

    folder: Path
    log: Path
    """Everything that the commands of this check said."""

    def home(self, name: str) -> Path:
        """The home of that name."""
        return self.folder / "homes" / name

    def python(self, *words: str, home: str = "first", codes: Sequence[int] = (0,)) -> str:
        """Run Python with these words; its standard output.

        Raises:
            Failed: it ended with another exit code.
        """
        with open(self.log, "a", encoding="utf-8") as stream:
            stream.write(f"$ python {' '.join(words)}\n")
            stream.flush()
            command, pipe = [sys.executable, *words], subprocess.PIPE
            done: subprocess.CompletedProcess[str] = subprocess.run(
                command, text=True, stdout=pipe, stderr=stream, **self._around(home)
            )
            stream.write(done.stdout)
        if done.returncode not in codes:
            raise Failed(f"exit code {done.returncode} from: {' '.join(words)}")
        return done.stdout

    def verb(self, *words: str, home: str = "first", codes: Sequence[int] = (0,)) -> Any:
        """Run a verb of `mlx-train`; the object that it prints with --json."""
        return json.loads(self.python("-m", "mlx_train", *words, "--json", home=home, codes=codes))

    def interrupt(self, how: signal.Signals, file: Path, lines: int, *words: str, home: str) -> None:
        """Start a verb, and send it a signal as soon as a file has so many lines.

        Raises:
            Failed: it ended before.
        """
        with open(self.log, "a", encoding="utf-8") as stream:
            stream.write(f"$ mlx-train {' '.join(words)}, until {how.name} at line {lines} of {file.name}\n")
            stream.flush()
            process = subprocess.Popen(
                [sys.executable, "-m", "mlx_train", *words], stdout=stream, stderr=stream, **self._around(home)
            )
            deadline = time.monotonic() + PATIENCE
            try:
                while not (file.exists() and file.read_bytes().count(b"\n") >= lines):
                    if process.poll() is not None or time.monotonic() > deadline:
                        raise Failed(f"it could not be interrupted at line {lines} of {file}")
                    time.sleep(0.02)
                process.send_signal(how)
                process.wait()
            finally:
                process.kill()

    def _around(self, home: str) -> dict[str, Any]:
        place = self.home(home)
        place.mkdir(parents=True, exist_ok=True)
        return {"cwd": CHECKOUT or place, "env": {**preload.preloaded(), "MLX_TRAIN_HOME": str(place)}}

    def tail(self) -> str:
        """The end of what the commands said."""
        text = self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""
        return text[-TAIL:]
