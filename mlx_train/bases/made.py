"""Base models that are made here, for machines that reach no model hub: out of packages of the Python package index, or
out of another of them and an adapter that this project trained.

`data/bases/<name>/` holds all that is known of one: `base.toml` says what it is made of and has the files that come
out, by SHA-256; those of them that lie beside it go into the model's directory as they are.
"""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mlx_train.bases import adapter, packages
from mlx_train.errors import BadInput, NoSpace
from mlx_train.files import manifest, one_at_a_time, sha256_of, staged_folder, write_json
from mlx_train.places import BASES, CACHE

ABOUT = "base.toml"
SOURCE = "source.json"


def known() -> list[str]:
    """The names of these models."""
    return sorted(path.parent.name for path in BASES.glob(f"*/{ABOUT}"))


def place(name: str) -> Path:
    """Where the directory of one of these models is, or will be once it is made."""
    return CACHE / "models" / f"{name}-{sha256_of(_about(name)['files'])[:12]}"


def locate(name: str, say: Callable[[str], None]) -> Path:
    """The directory of one of these models, checked by hash; made if it is not there.

    Raises:
        BadInput: what is there, or what was made, is not what it has to be.
        NoNetwork: the package index has to be reached, and cannot be.
        NoSpace: the disk has no room.
    """
    about, path = _about(name), place(name)
    if not path.exists():
        with one_at_a_time(path):
            if not path.exists():
                _make(BASES / name, about, path, say)
    if faults := _faults(path, about):
        raise BadInput(f"{path}: {'; '.join(faults)}. Remove this folder and fetch the model again.")
    return path


def origin(name: str) -> str:
    """The name of the model that one of these was made of, at the bottom of all adapters; its own if there are none."""
    below = _about(name).get("made_of")
    return origin(below) if below else name


def _about(name: str) -> dict[str, Any]:
    return tomllib.loads((BASES / name / ABOUT).read_text(encoding="utf-8"))


def _faults(path: Path, about: dict[str, Any]) -> list[str]:
    found = {name: entry["sha256"] for name, entry in manifest(path, skip=[SOURCE]).items() if name[0] != "."}
    wanted = about["files"]
    return [
        f"{name} {'is missing' if name not in found else 'has SHA-256 ' + found[name] + ', expected ' + digest}"
        for name, digest in wanted.items()
        if found.get(name) != digest
    ] + [f"{name} does not belong there" for name in found.keys() - wanted.keys()]


def _make(content: Path, about: dict[str, Any], path: Path, say: Callable[[str], None]) -> None:
    """Make the directory, and put it in place in one rename."""
    origin = locate(about["made_of"], say) if "made_of" in about else None
    path.parent.mkdir(parents=True, exist_ok=True)
    needed, free = about["disk_gb"], shutil.disk_usage(path.parent).free / 1e9
    if free < needed:
        raise NoSpace(f"{path.parent}: {needed} GB are needed, {free:.1f} GB are free. Free some space and try again.")
    say((content / "NOTICE").read_text(encoding="utf-8"))
    with staged_folder(path) as stage:
        if origin is not None:
            say(f"putting the adapter of {about['title']} into {about['made_of']}")
            facts = adapter.merge(origin, content / adapter.FOLDER, stage)
        else:
            facts = packages.assemble(about, stage, say)
        for name in about["files"]:
            if (content / name).is_file():
                shutil.copyfile(content / name, stage / name)
        if faults := _faults(stage, about):
            raise BadInput(
                f"{about['title']} did not come out as expected: {'; '.join(faults)}. Nothing was kept. Use the "
                "versions of gguf and numpy that requirements.txt names."
            )
        write_json(stage / SOURCE, {"form": about["form"], **facts})
