"""The lock of a package: what every file in it is, what it was made from, and what it has to be used with."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_train import __version__, models, tensor_file
from mlx_train.errors import BadInput
from mlx_train.files import differences, manifest, read_json, sha256_file, sha256_of, write_json

LOCK = "lock.json"
SIGNATURE = "model.sig"
"""Made after the lock and over it, so the lock says nothing of it."""
TEMPLATE = "chat_template.jinja"
FORMAT = 1
ADAPTER, MODEL, SPECIALIST = "adapter", "model", "specialist"
"""Kinds of package: an adapter that needs its base, a whole model, or a promoted specialist with packages in it."""
KEYS = ("format", "kind", "files", "external", "lock_sha256")


def write(folder: Path, kind: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Write `lock.json` over all other files of the folder.

    Args:
        kind: `adapter`, `model` or `specialist`.
        facts: provenance to record beside the files, `external` (what is needed but not in the folder) among it.
    """
    content = {
        "format": FORMAT,
        "kind": kind,
        **facts,
        "generator": f"mlx-train {__version__}",
        "files": manifest(folder, skip=[LOCK, SIGNATURE]),
    }
    content["lock_sha256"] = sha256_of(content)
    write_json(folder / LOCK, content)
    return content


def locked(path: Path) -> Path | None:
    """The folder with a lock that a path lies in, at any depth; None where there is none."""
    return next((folder for folder in path.resolve().parents if (folder / LOCK).is_file()), None)


def read(folder: Path) -> dict[str, Any]:
    """The content of a package's lock.

    Raises:
        BadInput: there is none, or it is not a lock of a format that this version knows.
    """
    if not (folder / LOCK).is_file():
        within = [str(path.parent) for path in sorted(folder.glob(f"*/{LOCK}"))]
        advice = f"Give {' or '.join(within)}." if within else "Make the package with `mlx-train package RUN`."
        raise BadInput(f"{folder / LOCK}: missing, so there is nothing to verify {folder.name} against. {advice}")
    found: dict[str, Any] = read_json(folder / LOCK, "package lock")
    missing = [key for key in KEYS if not isinstance(found, dict) or key not in found]
    if missing:
        raise BadInput(f"{folder / LOCK}: not a package lock, it has no {', '.join(missing)}. Make the package again.")
    if found["format"] != FORMAT or found["kind"] not in (ADAPTER, MODEL, SPECIALIST):
        raise BadInput(
            f"{folder / LOCK}: format {found['format']!r}, kind {found['kind']!r}; this version knows "
            f"format {FORMAT}, kinds {ADAPTER}, {MODEL} and {SPECIALIST}. Use the release that made it."
        )
    files = found["files"]
    if not isinstance(files, dict) or not all(
        isinstance(entry, dict) and {"bytes", "sha256"} <= entry.keys() for entry in files.values()
    ):
        raise BadInput(f"{folder / LOCK}, key files: expected bytes and sha256 for every file. Make the package again.")
    return found


def contents(folder: Path) -> list[str]:
    """The names of all files that belong to a package: what its lock lists, the lock, and the signature if any."""
    return [*read(folder)["files"], LOCK, *([SIGNATURE] if (folder / SIGNATURE).is_file() else [])]


def verify(folder: Path, base: Path | None = None) -> list[str]:
    """What does not match the lock: changed, missing, added and linked files, and files that cannot be loaded.

    Args:
        base: directory of the base model; given, its files are compared with the lock's external entries.

    Returns: one line for each fault; empty if all is well.

    Raises:
        BadInput: there is no lock.
    """
    found = read(folder)
    faults = _faults(folder, found)
    if base is not None:
        faults += [] if found["external"] else [f"{LOCK}: names no base to compare {base} with"]
        for entry in found["external"]:
            faults += [f"base: {fault}" for fault in _other(base, entry["files"])]
    return faults


def computes(found: Mapping[str, Any]) -> str:
    """SHA-256 that stands for what a package computes: weights, tokenizer, template and configuration, not its card."""
    files = found["files"]
    return sha256_of(
        {name: files[name]["sha256"] for name in files if models.is_read(name) or name.endswith(".safetensors")}
    )


def of_base(found: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """What the base of a package has too, byte for byte: size and SHA-256 by name."""
    held = {name: entry for base in found["external"] for name, entry in base["files"].items()}
    return {name: entry for name, entry in found["files"].items() if held.get(name) == entry}


def put_back(folder: Path, found: Mapping[str, Any]) -> dict[str, Any]:
    """Size and SHA-256 by name of what a specialist left to its base and has nevertheless: somebody put it there."""
    lent = {f"package/{name}": entry for base in found["external"] for name, entry in base["files"].items()}
    return {name: lent[name] for name in lent if name not in found["files"] and (folder / name).exists()}


def _faults(folder: Path, found: Mapping[str, Any], promoted: bool = False) -> list[str]:
    """What does not match, the base aside.

    Args:
        promoted: it is a package in a specialist, which may leave to the base what that has too. Whether this one
            does is said by the specialist's lock; a file that was put back has to be the right one.
    """
    expected: dict[str, Any] = dict(found["files"])
    if promoted:
        expected = {name: expected[name] for name in expected if name not in of_base(found) or (folder / name).exists()}
    if found["kind"] == SPECIALIST:
        expected = put_back(folder, found) | expected
    faults = differences(folder, expected, skip=[LOCK, SIGNATURE])
    if sha256_of({key: value for key, value in found.items() if key != "lock_sha256"}) != found["lock_sha256"]:
        faults.append(f"{LOCK}: was changed after it was written")
    if faults:
        return faults  # what has changed is not worth reading
    if found["kind"] != SPECIALIST:
        return _unloadable(folder, found["kind"])
    inner = sorted(path.parent for path in folder.glob(f"*/{LOCK}"))
    return [f"{part.name}/{fault}" for part in inner for fault in _faults(part, read(part), promoted=True)]


def _other(base: Path, files: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What differs of the files of a base; hub caches hold links and more files, which is fine."""
    faults = []
    for name, entry in files.items():
        path = base / name
        if not path.is_file():
            faults.append(f"{name}: missing")
        elif path.stat().st_size != entry["bytes"] or sha256_file(path) != entry["sha256"]:
            faults.append(f"{name}: differs from the base that the package was made with")
    return faults


def _unloadable(folder: Path, kind: str) -> list[str]:
    try:
        if kind == MODEL:
            models.check(folder)
        else:
            _check_adapter(folder)
        for path in sorted(folder.rglob("*.safetensors")):
            tensor_file.check_finite(path)
    except (BadInput, OSError) as error:
        return [str(error)]
    return []


def _check_adapter(folder: Path) -> None:
    """Refuse an adapter that mlx-lm could not put on its base.

    Raises:
        BadInput: a file is missing or malformed, or weights and configuration disagree.
    """
    weights, path = folder / "adapters.safetensors", folder / "adapter_config.json"
    if not weights.is_file():
        raise BadInput(f"{weights}: missing. An adapter package holds adapters.safetensors and adapter_config.json.")
    config = read_json(path, "adapter configuration")
    try:
        rank, keys = config["lora_parameters"]["rank"], config["lora_parameters"]["keys"]
        known = config["fine_tune_type"] in ("lora", "dora") and config["num_layers"] > 0 and bool(keys)
    except (KeyError, TypeError):
        known = False
    if not known:
        raise BadInput(f"{path}: not the configuration of a LoRA or DoRA adapter in mlx-lm's layout.")
    tensors = {name: entry for name, entry in tensor_file.header(weights).items() if name != "__metadata__"}
    downs = {name.removesuffix("lora_a") for name in tensors if name.endswith(".lora_a")}
    ups = {name.removesuffix("lora_b") for name in tensors if name.endswith(".lora_b")}
    lengths = {name.removesuffix("m") for name in tensors if name.endswith(".m")}
    wanted = downs if config["fine_tune_type"] == "dora" else set()
    if not downs or downs != ups or lengths != wanted or len(tensors) != len(downs) + len(ups) + len(lengths):
        raise BadInput(
            f"{weights}: expected one lora_a and one lora_b for each adapted layer, and one m where {path.name} says "
            "dora."
        )
    for name in sorted(downs):
        if tensors[name + "lora_a"]["shape"][-1] != rank or tensors[name + "lora_b"]["shape"][-2] != rank:
            raise BadInput(f"{weights}: {name}lora_a and lora_b are not of rank {rank}, which {path.name} says.")


def template_of(folder: Path) -> str:
    """The chat template of a model directory, Jinja source; empty if it has none.

    The file `chat_template.jinja` goes before the key in `tokenizer_config.json`, as in transformers.
    """
    if (path := folder / TEMPLATE).is_file():
        return path.read_text(encoding="utf-8")
    config = folder / "tokenizer_config.json"
    found = json.loads(config.read_text(encoding="utf-8")).get("chat_template") if config.is_file() else None
    if isinstance(found, list):  # several, by name
        found = next((entry["template"] for entry in found if entry.get("name") == "default"), None)
    return found if isinstance(found, str) else ""
