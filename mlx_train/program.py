"""The program as it was when this process began, by hash: what a run's identity and kept scores speak for."""

from __future__ import annotations

from mlx_train.errors import BadInput
from mlx_train.files import sha256_file, sha256_of
from mlx_train.places import PACKAGE

PLAYS = (
    "chat/", "gates/", "world/", "activations.py", "caches.py", "head.py", "models.py", "processes.py",
)  # fmt: skip
"""What decides a rollout, beside the model."""
LADDERS = (
    *PLAYS, "lanes.py", "tasks/check.py", "release/divergence.py", "release/ladder.py", "release/ladder_gates.py",
    "release/rungs.py", "release/windows.py",
)  # fmt: skip
"""What decides the numbers of a ladder."""
RENDERS = ("chat/", "data/tokens.py")
"""What decides the ids of a row."""


def _sha256(digests: dict[str, str], parts: tuple[str, ...]) -> str:
    return sha256_of({name: digest for name, digest in digests.items() if name.startswith(parts)})


def _digests() -> dict[str, str]:
    return {path.relative_to(PACKAGE).as_posix(): sha256_file(path) for path in sorted(PACKAGE.rglob("*.py"))}


_AT_START = _digests()
SHA256 = sha256_of(_AT_START)
"""Of all of it."""
PLAYS_SHA256 = _sha256(_AT_START, PLAYS)
"""Of the part that plays rollouts; kept scores of stock outlive a change of anything else."""
LADDERS_SHA256 = _sha256(_AT_START, LADDERS)
"""Of the part that measures rungs."""
RENDERS_SHA256 = _sha256(_AT_START, RENDERS)
"""Of the part that makes ids of rows; kept ids outlive a change of anything else."""


def check() -> None:
    """Refuse to go on with a program that is not the one this process began with: modules are loaded when needed.

    Raises:
        BadInput: files of the program have changed.
    """
    now = _digests()
    if changed := [name for name in sorted({*_AT_START, *now}) if now.get(name) != _AT_START.get(name)]:
        raise BadInput(
            f"{PACKAGE}: the program changed while this command ran ({', '.join(changed[:3])}), so what follows would "
            "not be of one program. Everything up to here is kept. Put the files back and give the same command to go "
            "on; with the new program it begins another run."
        )
