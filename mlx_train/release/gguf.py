"""A whole model as one GGUF file, for llama.cpp and what is built on it (LM Studio, Ollama).

What differs from the safetensors of the same model: tensors have llama.cpp's names; Llama's query and key rows are
in the order of its rotation, which turns neighbours where MLX turns halves; Gemma's norms have their 1 added;
matrices are in half precision, or in Q8_0: blocks of 32 8-bit numbers with one half-precision scale.

Hyperparameters are read by mlx-lm's own `ModelArgs`, so a default is the one the model was scored with. Not covered:
other shapes than those below, and text normalised before it is split (Qwen's NFC), which llama.cpp leaves out.
"""

from __future__ import annotations

import importlib
import math
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mlx_train import tensor_file
from mlx_train.bases.gguf import library
from mlx_train.errors import BadInput
from mlx_train.files import read_json, sha256_file, write_with
from mlx_train.release import lock
from mlx_train.release.card import notices

F16, Q8_0 = "f16", "q8_0"
FORMS = (F16, Q8_0)
BLOCK, BLOCK_BYTES = 32, 34
"""Numbers of a Q8_0 block, and its bytes."""
SCORE = -1000.0
"""Of an added token in a SentencePiece vocabulary, as llama.cpp's converter gives it: it is never merged."""
UNSCORED = -10000.0
"""Of a row without a piece."""


@dataclass(frozen=True)
class Shape:
    """What is peculiar to an architecture.

    Attributes:
        name: llama.cpp's.
        permuted: whether llama.cpp turns neighbouring rows of query and key.
        norm_shift: what llama.cpp wants added to norm weights.
    """

    name: str
    permuted: bool = False
    norm_shift: float = 0.0


SHAPES = {"qwen3": Shape("QWEN3"), "llama": Shape("LLAMA", permuted=True), "gemma3_text": Shape("GEMMA3", norm_shift=1)}
_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+"
_MARKS = r" ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
SPLITS = {rf"{_WORDS}|\p{{N}}|{_MARKS}": "qwen2", rf"{_WORDS}|\p{{N}}{{1,3}}|{_MARKS}": "llama-bpe"}
"""How a tokenizer cuts text before it merges bytes, and what llama.cpp calls that."""


def check(form: str) -> None:
    """Refuse a form that is not known, or a missing library, before anything long begins."""
    if form not in FORMS:
        raise BadInput(f"--gguf {form}: expected {' or '.join(FORMS)}.")
    library("--gguf:")


def check_base(base: Path) -> None:
    """Refuse a base whose fused model could not be written, before it is fused.

    Raises:
        BadInput: its shape or its tokenizer has no counterpart in llama.cpp.
    """
    config = read_json(base / "config.json", "model configuration")
    _understood(base, {key: value for key, value in config.items() if key != "quantization"})  # fusing undoes it
    held = read_json(base / "tokenizer.json", "tokenizer")
    if _is_byte_level(held):
        _split(base / "tokenizer.json", held)
    elif not (base / "tokenizer.model").is_file():
        _ranks(base / "tokenizer.json", held)


def of_run(run: Path, form: str) -> dict[str, Any]:
    """Write `gguf/<recipe>-<form>.gguf` from a run's fused model; see `write`. It says which lock it was made from.

    Licence texts and notices are put beside it.
    """
    held = lock.read(run / "fused")
    base, name = held["base"], held["recipe"]["name"]
    about = {
        "general.name": name,
        "general.license": base["licence"],
        "general.description": f"Fine-tuned from {base['repository'] or base['name']} by {held['generator']}.",
        "mlx_train.run": held["run"],
        "mlx_train.fused_lock_sha256": held["lock_sha256"],
    }
    made = write(run / "fused", run / "gguf" / f"{name}-{form}.gguf", form, about)
    for path in sorted((run / "fused").iterdir()):
        if any(notices([path.name])):
            shutil.copyfile(path, run / "gguf" / path.name)
    return made


def write(model: Path, out: Path, form: str, about: Mapping[str, str]) -> dict[str, Any]:
    """Write a model directory as a GGUF file. One tensor at a time is in memory.

    Args:
        model: of safetensors that are not quantised, with tokenizer and template.
        out: the file to make; an old one is replaced whole.
        form: `f16` or `q8_0`.
        about: further metadata, text by key.

    Returns:
        `path`, `bytes`, `sha256`.

    Raises:
        BadInput: llama.cpp would compute or read something else than MLX with this model.
    """
    check(form)
    config = read_json(model / "config.json", "model configuration")
    shape, args = _understood(model, config)
    write_with(out, lambda path: _write(model, path, form, shape, args, about))
    return {"path": str(out), "bytes": out.stat().st_size, "sha256": sha256_file(out)}


def _understood(model: Path, config: Mapping[str, Any]) -> tuple[Shape, Any]:
    """Shape and hyperparameters.

    Raises:
        BadInput: something in the configuration has no counterpart here.
    """
    kind, path = config.get("model_type"), model / "config.json"
    if kind not in SHAPES:
        raise BadInput(f"{path}, key model_type: {kind!r}; GGUF is written for {', '.join(SHAPES)}.")
    args = importlib.import_module(f"mlx_lm.models.{kind}").ModelArgs.from_dict(config)
    rope = _scaling(args)
    sliding = [layer for layer in getattr(args, "layer_types", None) or () if layer != "full_attention"]
    faults = {
        "quantization": "quantization" in config,
        "rope_scaling": rope not in ("default", "llama3") or (rope == "llama3" and kind != "llama"),
        "rope_traditional": bool(getattr(args, "rope_traditional", False)),
        "layer_types": bool(sliding),
        "query_pre_attn_scalar": getattr(args, "query_pre_attn_scalar", _width(args)) != _width(args),
    }
    if wrong := [key for key, fault in faults.items() if fault]:
        raise BadInput(f"{path}, key {wrong[0]}: {config.get(wrong[0])!r} has no counterpart in the GGUF of a {kind}.")
    return SHAPES[kind], args


def _width(args: Any) -> int:
    """Of an attention head."""
    return int(args.head_dim or args.hidden_size // args.num_attention_heads)


def _scaling(args: Any) -> str:
    """The kind of stretching of the rotation's frequencies."""
    held = args.rope_scaling or {}
    return str(held.get("rope_type") or held.get("type") or "default")


def _write(model: Path, path: Path, form: str, shape: Shape, args: Any, about: Mapping[str, str]) -> None:
    gguf = library("--gguf:")
    arch = gguf.MODEL_ARCH[shape.name]
    names = gguf.get_tensor_name_map(arch, args.num_hidden_layers)
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[arch])
    for key, value in about.items():
        writer.add_string(key, value)
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16 if form == F16 else gguf.LlamaFileType.MOSTLY_Q8_0)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    _hyperparameters(writer, args)
    rows = 0
    for name, array in _arrays(model):
        place = names.get_name(name, try_suffixes=(".weight", ".bias"))
        if place is None:
            raise BadInput(f"{model}: the tensor {name} has no place in the GGUF of a {shape.name.lower()}.")
        rows = array.shape[0] if place == "token_embd.weight" else rows
        stored, size = _stored(gguf, array.shape, form)
        writer.add_tensor_info(place, array.shape, _dtype(stored), size, raw_dtype=stored)
    factors = _rope_factors(args) if _scaling(args) == "llama3" else None
    if factors is not None:
        writer.add_tensor_info("rope_freqs.weight", factors.shape, factors.dtype, factors.nbytes)
    _tokenizer(writer, gguf, model, rows)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_ti_data_to_file()
    for name, array in _arrays(model):
        value = _turned(_numbers(array), name, shape, args)
        writer.write_tensor_data(_packed(gguf, value, name, _stored(gguf, value.shape, form)[0]))
    if factors is not None:
        writer.write_tensor_data(factors)
    writer.close()


def _arrays(model: Path) -> Iterator[tuple[str, Any]]:
    """Every array by name, loaded when it is used and let go after."""
    import mlx.core as mx

    for path in sorted(model.glob("*.safetensors")):
        tensor_file.header(path)
        held = mx.load(str(path))
        assert isinstance(held, dict)
        for name in sorted(held):
            yield name, held.pop(name)


def _numbers(array: Any) -> Any:
    """As float32 of NumPy, which has no bfloat16."""
    import mlx.core as mx
    import numpy as np

    return np.array(array.astype(mx.float32))


def _turned(value: Any, name: str, shape: Shape, args: Any) -> Any:
    """A float32 array as llama.cpp computes with it."""
    if shape.norm_shift and name.endswith("norm.weight"):
        return value + shape.norm_shift
    for layer, heads in (("q_proj", args.num_attention_heads), ("k_proj", args.num_key_value_heads)):
        if shape.permuted and f"self_attn.{layer}." in name:
            halves = value.reshape(heads, 2, value.shape[0] // heads // 2, *value.shape[1:])
            return halves.swapaxes(1, 2).reshape(value.shape)
    return value


def _stored(gguf: Any, shape: tuple[int, ...], form: str) -> tuple[Any, int]:
    """The number format of an array, and its bytes in it; vectors stay in float32."""
    kinds, count = gguf.GGMLQuantizationType, math.prod(shape)
    if len(shape) == 1:
        return kinds.F32, 4 * count
    if form == Q8_0 and shape[-1] % BLOCK == 0:
        return kinds.Q8_0, count // BLOCK * BLOCK_BYTES
    return kinds.F16, 2 * count


def _dtype(stored: Any) -> Any:
    import numpy as np

    return np.dtype(np.float32 if stored.name == "F32" else np.float16)


def _packed(gguf: Any, value: Any, name: str, stored: Any) -> Any:
    """The bytes of a float32 array.

    Raises:
        BadInput: a number is too large for half precision.
    """
    import numpy as np

    if not np.isfinite(value).all() or (value.ndim > 1 and np.abs(value).max() > np.finfo(np.float16).max):
        raise BadInput(f"{name}: holds numbers beyond half precision, so this model cannot be written as GGUF.")
    return gguf.quants.quantize(value, stored) if stored.name == "Q8_0" else value.astype(_dtype(stored))


def _hyperparameters(writer: Any, args: Any) -> None:
    width = _width(args)
    writer.add_block_count(args.num_hidden_layers)
    writer.add_context_length(args.max_position_embeddings or 4096)
    writer.add_embedding_length(args.hidden_size)
    writer.add_feed_forward_length(args.intermediate_size)
    writer.add_head_count(args.num_attention_heads)
    writer.add_head_count_kv(args.num_key_value_heads)
    writer.add_key_length(width)
    writer.add_value_length(width)
    writer.add_rope_dimension_count(width)
    writer.add_rope_freq_base(args.rope_theta)
    writer.add_layer_norm_rms_eps(args.rms_norm_eps)
    if hasattr(args, "sliding_window_pattern"):
        writer.add_sliding_window(args.sliding_window)
        writer.add_sliding_window_pattern(args.sliding_window_pattern)
        writer.add_rope_freq_base_swa(args.rope_local_base_freq)


def _rope_factors(args: Any) -> Any:
    """What Llama 3 divides the rotation's frequencies by, float32, (head width / 2,).

    Short waves keep their frequency, long ones are slowed by `factor`, and between them it goes over linearly in the
    number of waves that the original context held.
    """
    import numpy as np

    held, width = args.rope_scaling, _width(args)
    factor, low, high = (held[key] for key in ("factor", "low_freq_factor", "high_freq_factor"))
    waves = (
        held["original_max_position_embeddings"] * args.rope_theta ** (-np.arange(0, width, 2) / width) / (2 * np.pi)
    )
    smooth = np.clip((waves - low) / (high - low), 0, 1)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


def _tokenizer(writer: Any, gguf: Any, model: Path, rows: int) -> None:
    """Vocabulary, merges or scores, control tokens and chat template.

    Args:
        rows: of the embedding; rows without a token get a filler.
    """
    from tokenizers import Tokenizer

    path = model / "tokenizer.json"
    held = read_json(path, "tokenizer")
    tokens: list[str] = [f"[PAD{number}]" for number in range(rows)]
    kinds = [gguf.TokenType.UNUSED] * rows
    scores = _pieces(writer, gguf, model, tokens, kinds) if not _is_byte_level(held) else []
    if not scores:
        for token, number in _embedded(held["model"]["vocab"], rows):
            tokens[number], kinds[number] = token, gguf.TokenType.NORMAL
        merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in held["model"]["merges"]]
        writer.add_tokenizer_model("gpt2")
        writer.add_tokenizer_pre(_split(path, held))
        writer.add_token_merges(merges)
    for entry in held["added_tokens"]:
        if entry["id"] >= rows:
            continue
        kind = gguf.TokenType.CONTROL if entry["special"] else gguf.TokenType.USER_DEFINED
        text = entry["content"].replace("\u2581", " ") if scores and not entry["special"] else entry["content"]
        tokens[entry["id"]], kinds[entry["id"]] = text, kind
        if scores:
            scores[entry["id"]] = SCORE
    writer.add_token_list(tokens)
    writer.add_token_types(kinds)
    if scores:
        writer.add_tokenizer_model("llama")
        writer.add_tokenizer_pre("default")
        writer.add_token_scores(scores)

    fast = Tokenizer.from_file(str(path))
    named = read_json(model / "tokenizer_config.json", "tokenizer configuration")
    ids = {key: fast.token_to_id(_text(named.get(f"{key}_token"))) for key in ("bos", "pad", "unk")}
    ends = read_json(model / "generation_config.json", "generation configuration")["eos_token_id"]
    ends = ends if isinstance(ends, list) else [ends]
    own = fast.token_to_id(_text(named.get("eos_token")))
    ids["eos"] = own if own in ends else ends[0]
    ids["eot"] = next((end for end in ends if end != ids["eos"]), ids["eos"])
    for key, id in ids.items():
        if id is not None:
            getattr(writer, f"add_{key}_token_id")(id)
    begun = fast.encode("a").ids
    writer.add_add_bos_token(ids["bos"] is not None and begun[0] == ids["bos"])
    writer.add_add_eos_token(False)
    if template := lock.template_of(model):
        writer.add_chat_template(template)


def _text(token: Any) -> str:
    """A token of tokenizer_config.json, which is its text or an object with it."""
    return str(token.get("content", "")) if isinstance(token, dict) else str(token or "")


def _steps(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a tokenizer does to text before it merges."""
    before = held.get("pre_tokenizer") or {}
    return list(before.get("pretokenizers", [before]))


def _is_byte_level(held: Mapping[str, Any]) -> bool:
    return any(step.get("type") == "ByteLevel" for step in _steps(held))


def _split(path: Path, held: Mapping[str, Any]) -> str:
    """llama.cpp's name for how a byte-level tokenizer splits text.

    Raises:
        BadInput: it has none, and would feed the model other tokens than those it was trained on.
    """
    patterns = [step["pattern"].get("Regex") for step in _steps(held) if step.get("type") == "Split"]
    if len(patterns) != 1 or patterns[0] not in SPLITS or len(_steps(held)) != 2:
        raise BadInput(
            f"{path}, key pre_tokenizer: llama.cpp has no name for how this tokenizer splits text, and with another "
            "split the model would read other tokens than it was trained on. Leave --gguf out and use the package or "
            f"fused/ with MLX; for a GGUF, train on a base that splits as {' or '.join(SPLITS.values())} does, such as "
            "that of the recipe qwen3-4b."
        )
    return SPLITS[patterns[0]]


def _embedded(vocabulary: Mapping[str, int], rows: int) -> list[tuple[str, int]]:
    """The tokens that the model has a row for; Gemma 3's token for images has none in its models of text."""
    return [(token, number) for token, number in vocabulary.items() if number < rows]


def _pieces(writer: Any, gguf: Any, model: Path, tokens: list[str], kinds: list[Any]) -> list[float]:
    """Fill in a SentencePiece vocabulary; returns the scores.

    Raises:
        BadInput: there is no `tokenizer.model`, and the merges of `tokenizer.json` do not say what it would.
    """
    types = gguf.TokenType
    scores = [UNSCORED] * len(tokens)
    if not (path := model / "tokenizer.model").is_file():
        held = read_json(model / "tokenizer.json", "tokenizer")
        prepended = any(step.get("type") == "Prepend" for step in _normalizers(held))
        writer.add_add_space_prefix(prepended)
        ranks = _ranks(model / "tokenizer.json", held)
        for token, number in _embedded(held["model"]["vocab"], len(tokens)):
            tokens[number], scores[number] = token, -float(ranks.get(token, len(ranks)))
            unknown, byte = token == held["model"]["unk_token"], re.fullmatch("<0x[0-9A-F]{2}>", token)
            kinds[number] = types.UNKNOWN if unknown else types.BYTE if byte else types.NORMAL
        return scores
    from sentencepiece import SentencePieceProcessor  # comes with mlx-lm

    processor = SentencePieceProcessor(model_file=str(path))
    writer.add_add_space_prefix(processor.encode("a", out_type=str)[0].startswith("\u2581"))
    for number in range(min(processor.vocab_size(), len(tokens))):
        tokens[number], scores[number] = processor.id_to_piece(number), processor.get_score(number)
        kinds[number] = (
            types.UNKNOWN if processor.is_unknown(number)
            else types.CONTROL if processor.is_control(number)
            else types.BYTE if processor.is_byte(number)
            else types.NORMAL
        )  # fmt: skip
    return scores


def _normalizers(held: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = held.get("normalizer") or {}
    return list(found.get("normalizers", [found]))


def _ranks(path: Path, held: Mapping[str, Any]) -> dict[str, int]:
    """The place of each merged piece in the order of merging.

    llama.cpp merges the pair whose piece has the best score, so the pairs that make a piece must stand together. Pieces
    that are cut out of the text before it is merged need no score.

    Raises:
        BadInput: they do not, or it is no vocabulary of this kind.
    """
    if held["model"].get("type") != "BPE" or not held["model"].get("byte_fallback"):
        raise BadInput(
            f"{path}, key model: llama.cpp needs a tokenizer.model for this tokenizer; put it beside the base."
        )
    added = {entry["content"] for entry in held["added_tokens"]}
    ranks: dict[str, int] = {}
    last = ""
    for pair in held["model"]["merges"]:
        piece = "".join(pair.split(" ") if isinstance(pair, str) else pair)
        if piece in added or piece == last:
            continue
        if piece in ranks:
            raise BadInput(
                f"{path}, key model.merges: the pairs that make {piece!r} do not stand together, and llama.cpp would "
                "merge in another order. Put the tokenizer.model beside the base."
            )
        ranks[piece], last = len(ranks), piece
    return ranks
