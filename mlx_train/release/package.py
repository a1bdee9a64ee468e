"""Making the files that may be released: the adapter package, and the whole model with the adapter merged.

Each folder is filled beside its place and put there in one rename, lock included.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mlx_train import machine, models, tensor_file
from mlx_train.chat.render import Chat
from mlx_train.data.tokens import is_replay
from mlx_train.errors import BadInput, NoSpace
from mlx_train.files import iter_jsonl, manifest, read_json, sha256_file, staged_folder, write_json, write_text
from mlx_train.progress import Stage
from mlx_train.release import blockers, card, evidence, lock, parity, peft
from mlx_train.train import adapters

TOKENIZER_FILES = (
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "tokenizer.model",
)  # fmt: skip
TOOLS = "tools.json"


def package(run: Path, base: Path, show: Stage | None = None) -> dict[str, Any]:
    """Write `package/` (the adapter with all it needs beside its base) and `fused/` (a whole model).

    After full training there is no adapter, so there is `fused/` alone and `package` is None in the result.

    Args:
        run: folder of a run that has finished training.
        base: directory of the base model that was trained.
        show: where the comparison of the fused model with what was scored tells how far it is.

    Returns:
        `package` and `fused`, each with `path`, `bytes` and `lock_sha256`, and `parity` (see `parity.write`).

    Raises:
        BadInput: training has not finished, or `base` is not the model that was trained.
        NoSpace: the disk has no room for the fused model.
    """
    found = evidence.read(run)
    trained = run / evidence.WEIGHTS[found.run["recipe"]["train"]["method"]]
    if not trained.is_file():
        raise BadInput(f"{trained}: missing, so there is nothing to package. Finish the run first.")
    models.check(base)
    models.check_base(base, found.run)
    _room(run, base)
    tensor_file.check_finite(trained)
    facts, tools = _facts(found, base), _catalogue(run / "data" / "train.jsonl")

    result: dict[str, Any] = {"package": None}
    if not found.full:
        with staged_folder(run / "package") as stage:
            _adapter(trained.parent, stage, found.run, base)
            peft.write(stage, stage / "peft")
            _surroundings(stage, base, found, lock.ADAPTER, tools)
            written = lock.write(stage, lock.ADAPTER, facts)
        result["package"] = _about(run / "package", written)
    with staged_folder(run / "fused") as stage:
        _fuse(base, trained, found.full, stage)
        for path in sorted(stage.glob("*.safetensors")):
            tensor_file.check_finite(path)  # half precision overflows at 65,504
        _surroundings(stage, base, found, lock.MODEL, tools)
        written = lock.write(stage, lock.MODEL, facts)
    result["fused"] = _about(run / "fused", written)
    return {**result, "parity": parity.write(run, base, trained.parent, show)}


def _about(folder: Path, written: Mapping[str, Any]) -> dict[str, Any]:
    size = sum(entry["bytes"] for entry in written["files"].values())
    return {"path": str(folder), "bytes": size, "lock_sha256": written["lock_sha256"]}


def _room(run: Path, base: Path) -> None:
    """Refuse before anything is written where the fused model cannot fit."""
    config = read_json(base / "config.json", "model configuration")
    bits = (config.get("quantization") or config.get("quantization_config") or {}).get("bits", 16)
    needed = 1.1 * 16 / bits * sum(path.stat().st_size for path in base.glob("*.safetensors"))
    free = shutil.disk_usage(run).free
    if free < needed:
        raise NoSpace(
            f"{run}: the fused model needs {needed / 1e9:.1f} GB, {free / 1e9:.1f} GB are free. Nothing was "
            "changed; free some space and run the same command again."
        )


def _facts(found: evidence.Evidence, base: Path) -> dict[str, Any]:
    """Provenance for the lock."""
    about = found.run["base"]
    named = {key: about.get(key) or "" for key in ("name", "repository", "revision", "licence", "weights_sha256")}
    named["source"] = about.get("source") or {}  # of a base that was made here: of what, by hash
    files = manifest(base, skip=[models.SOURCE])  # a note of this program's, not a file of the model
    return {
        **found.facts,
        "base": named,
        "external": [{"role": "base", **named, "files": files}],
        "chat_template_sha256": hashlib.sha256(lock.template_of(base).encode()).hexdigest(),
        "tokenizer_sha256": sha256_file(base / "tokenizer.json"),
        "source": found.run.get("source", {}),
    }


def _adapter(trained: Path, stage: Path, run: Mapping[str, Any], base: Path) -> None:
    """The adapter, in the number format that the base is stored in, with the name of its base in its configuration;
    mlx-lm passes over keys it does not know."""
    about, form = run["base"], models.stored_format(base)
    arrays = adapters.load_arrays(trained / adapters.WEIGHTS)
    adapters.save_arrays(stage / adapters.WEIGHTS, {name: value.astype(form) for name, value in arrays.items()})
    config = read_json(trained / "adapter_config.json", "adapter configuration")
    named = {
        "base_model_name_or_path": about.get("repository") or about.get("name"),
        "revision": about.get("revision") or None,
        "base_weights_sha256": about.get("weights_sha256"),
    }
    write_json(stage / "adapter_config.json", {**config, **named})


def _surroundings(
    stage: Path, base: Path, found: evidence.Evidence, kind: str, tools: list[dict[str, Any]] | None
) -> None:
    """Tokenizer, template, prompt, tools, generation settings, licence and card."""
    for name in TOKENIZER_FILES:
        if (base / name).is_file():
            shutil.copyfile(base / name, stage / name)
    if tools is not None:
        write_json(stage / TOOLS, tools)
    write_text(stage / lock.TEMPLATE, lock.template_of(base))
    write_text(stage / "prompt.txt", found.run["recipe"]["prompt"])
    _generation(stage, base)
    texts = [name for names in card.notices(path.name for path in base.iterdir()) for name in names]
    for name in texts:
        shutil.copyfile(base / name, stage / name)
    label = blockers.label_before_packages(found)
    write_text(stage / "README.md", card.render(found, kind, label, texts, tools is not None))


def _catalogue(rows: Path) -> list[dict[str, Any]] | None:
    """The tools of the job, where all rows of it have the same; replay of other domains has its own."""
    known: list[dict[str, Any]] | None = None
    for row in iter_jsonl(rows, "trajectory") if rows.is_file() else ():
        if is_replay(row.get("family", ""), row.get("domain", "")):
            continue
        if known is not None and row["tools"] != known:
            return None
        known = row["tools"]
    return known


def _generation(stage: Path, base: Path) -> None:
    """Generation settings as the model was scored: greedy, with every token that ends a message."""
    path = base / "generation_config.json"
    known = read_json(path, "generation configuration") if path.is_file() else {}
    ids = {key: value for key, value in known.items() if key.endswith("_token_id")}
    ends = sorted(Chat(_tokenizer(base)).stop_ids)
    write_json(stage / "generation_config.json", {**ids, "eos_token_id": ends, "do_sample": False})


def _tokenizer(base: Path) -> Any:
    from mlx_lm.utils import load_config, load_tokenizer

    ends = load_config(base).get("eos_token_id")
    return load_tokenizer(base, {"trust_remote_code": False}, eos_token_ids=ends)


def _fuse(base: Path, trained: Path, full: bool, stage: Path) -> None:
    """Write the whole model into `stage`, in the number format that the base is stored in."""
    import mlx.core as mx
    from mlx.utils import tree_flatten, tree_unflatten
    from mlx_lm.utils import dequantize_model, load, save_model

    adapter = None if full else str(trained.parent)
    model = load(str(base), adapter_path=adapter, tokenizer_config={"trust_remote_code": False})[0]
    config = read_json(base / "config.json", "model configuration")
    if full:
        stored = {name: value.dtype for name, value in tree_flatten(model.parameters())}
        weights = {name: value.astype(stored[name]) for name, value in _arrays(trained, model).items()}
        model.update(tree_unflatten(list(weights.items())))
    else:
        _merge(model)
    if config.pop("quantization", None) or config.pop("quantization_config", None):
        config.pop("quantization_config", None)
        model = dequantize_model(model)
    mx.eval(model.parameters())
    save_model(stage, model)
    write_json(stage / "config.json", config)
    del model
    machine.release_memory()


def _merge(model: Any) -> None:
    """Put a merged layer in the place of each that has an adapter, one by one, so that never two models are held."""
    from mlx.utils import tree_unflatten

    adapted = [(name, layer) for name, layer in model.named_modules() if hasattr(layer, "fuse")]
    while adapted:
        name, layer = adapted.pop()
        model.update_modules(tree_unflatten([(name, _fused(layer))]))


def _fused(layer: Any) -> Any:
    """A linear layer with the adapter merged: added in float32, rounded once to the format of the base."""
    import mlx.core as mx

    if "scales" in layer.linear:
        stored, layer.linear = _dequantised(layer.linear)
    else:
        stored = layer.linear.weight.dtype
        layer.linear.weight = layer.linear.weight.astype(mx.float32)
    merged = layer.fuse(dequantize=True)
    merged.weight = merged.weight.astype(stored)
    mx.eval(merged.parameters())
    return merged


def _dequantised(layer: Any) -> tuple[Any, Any]:
    """The number format that a quantised linear layer stands for, and the layer with its weights in float32."""
    import mlx.core as mx
    import mlx.nn as nn

    how = {"group_size": layer.group_size, "bits": layer.bits, "mode": layer.mode}
    scales, offsets = layer.scales, layer.get("biases")
    stored = mx.dequantize(layer.weight, scales, offsets, **how).dtype
    if layer.mode == "affine":  # in the other modes scales are bytes with a meaning of their own
        scales, offsets = scales.astype(mx.float32), offsets.astype(mx.float32)
    weight = mx.dequantize(layer.weight, scales, offsets, **how).astype(mx.float32)
    plain = nn.Linear(weight.shape[1], weight.shape[0], bias="bias" in layer)
    plain.update({"weight": weight} | ({"bias": layer.bias} if "bias" in layer else {}))
    return stored, plain


def _arrays(trained: Path, model: Any) -> dict[str, Any]:
    """The weights of full training.

    Raises:
        BadInput: they are not those of this model.
    """
    import mlx.core as mx
    from mlx.utils import tree_flatten

    tensor_file.header(trained)
    arrays = mx.load(str(trained))
    shapes = {name: value.shape for name, value in tree_flatten(model.parameters())}
    assert isinstance(arrays, dict)
    wrong = sorted(shapes.keys() ^ arrays.keys()) or [name for name in shapes if shapes[name] != arrays[name].shape]
    if wrong:
        raise BadInput(f"{trained}: not weights of this base; {len(wrong)} arrays differ, the first is {wrong[0]}.")
    return arrays
