"""A model directory from the GGUF file of a Gemma 3 (text): the way back from what `release/gguf.py` writes.

Quantised matrices are dequantised and stored in bfloat16, the format of the original: beside their quantisation its
rounding is nothing, and the norms, which the file has in full, become the original's again once the 1 that llama.cpp
adds to them is taken off. (In float16 Gemma's activations overflow.) The same file gives the same bytes anywhere.
"""

from __future__ import annotations

import importlib
import json
import struct
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from mlx_train.errors import BadInput
from mlx_train.files import write_json

NORMAL, CONTROL, USER_DEFINED, BYTE = 1, 3, 4, 6
"""Kinds of tokens in a GGUF vocabulary."""
SPACE = "\u2581"
ROWS = 1 << 14
"""Rows of a matrix that are in memory at once."""
NEEDED = "this model comes as GGUF, and reading that"


def library(why: str) -> Any:
    """The `gguf` library, and for the message if it is not there, what needs it.

    Raises:
        BadInput: it is not installed.
    """
    try:
        return importlib.import_module("gguf")
    except ImportError:
        raise BadInput(f"{why} needs the library gguf. Install it with `pip install 'mlx-train[gguf]'`.") from None


def convert(source: Path, folder: Path, end: str, special: Sequence[str]) -> None:
    """Write `model.safetensors`, `config.json`, `generation_config.json` and the tokenizer into `folder`.

    Args:
        end: the token that ends a message; the file's own end of text ends one too.
        special: tokens that decoding leaves out, beside those that the file names; a GGUF does not tell them from
            other added tokens.

    Raises:
        BadInput: not the GGUF file of a Gemma 3, or a tensor is missing.
    """
    gguf = library(NEEDED)
    reader = gguf.GGUFReader(source)
    if (kind := _text(reader, "general.architecture")) != "gemma3":
        raise BadInput(f"{source}: expected the GGUF file of a Gemma 3, found {kind!r}.")
    config = _config(reader)
    _write_weights(folder / "model.safetensors", gguf, reader, config["num_hidden_layers"])
    tokens = list(_texts(reader, "tokenizer.ggml.tokens"))
    keys = {"bos": "bos", "eos": "eos", "unk": "unknown", "pad": "padding"}
    found = {name: f"tokenizer.ggml.{key}_token_id" for name, key in keys.items()}
    held = {name: int(_number(reader, key)) for name, key in found.items() if key in reader.fields}
    named = {f"{name}_token": tokens[id] for name, id in held.items()}
    ends = sorted({held["eos"], tokens.index(end)})
    ids = {f"{name}_token_id": held[name] for name in ("bos", "pad") if name in held} | {"eos_token_id": ends}
    write_json(folder / "config.json", {**config, **ids})
    write_json(folder / "generation_config.json", {**ids, "do_sample": False})
    write_json(folder / "tokenizer.json", _tokenizer(reader, tokens, {*named.values(), *special}, named))
    fast = {"tokenizer_class": "PreTrainedTokenizerFast", "clean_up_tokenization_spaces": False}
    length = config["max_position_embeddings"]
    write_json(folder / "tokenizer_config.json", {**fast, **named, "eos_token": end, "model_max_length": length})


def _text(reader: Any, key: str) -> str:
    return next(iter(_texts(reader, key)), "")


def _texts(reader: Any, key: str) -> Iterator[str]:
    field = reader.fields.get(key)
    return (bytes(field.parts[index]).decode() for index in field.data) if field else iter(())


def _numbers(reader: Any, key: str) -> list[Any]:
    field = reader.fields[key]
    return [field.parts[index][0].item() for index in field.data]


def _number(reader: Any, key: str) -> Any:
    return _numbers(reader, key)[0]


def _config(reader: Any) -> dict[str, Any]:
    """mlx-lm's configuration; what Gemma 3 has the same in every size is left to its defaults."""
    keys = {
        "hidden_size": "embedding_length", "num_hidden_layers": "block_count", "max_position_embeddings":
        "context_length", "intermediate_size": "feed_forward_length", "num_attention_heads": "attention.head_count",
        "num_key_value_heads": "attention.head_count_kv", "head_dim": "attention.key_length",
        "query_pre_attn_scalar": "attention.key_length", "rope_theta": "rope.freq_base",
        "sliding_window": "attention.sliding_window",
    }  # fmt: skip
    found = {name: _number(reader, f"gemma3.{key}") for name, key in keys.items()}
    pattern = "gemma3.attention.sliding_window_pattern"
    return {
        "architectures": ["Gemma3ForCausalLM"],
        "model_type": "gemma3_text",
        **found,
        "sliding_window_pattern": _number(reader, pattern) if pattern in reader.fields else 6,
        "rms_norm_eps": float(f"{_number(reader, 'gemma3.attention.layer_norm_rms_epsilon'):.6g}"),  # float32 there
        "rope_local_base_freq": 10000.0,
        "hidden_activation": "gelu_pytorch_tanh",
        "vocab_size": len(reader.fields["tokenizer.ggml.tokens"].data),
        "tie_word_embeddings": True,
        "torch_dtype": "bfloat16",
    }


def _write_weights(path: Path, gguf: Any, reader: Any, layers: int) -> None:
    """Write safetensors, a part of a tensor at a time, in the order of the names.

    MLX's own writer has an order that depends on the platform, and the file's hash is to be the same everywhere.
    """
    names = gguf.get_tensor_name_map(gguf.MODEL_ARCH.GEMMA3, layers)
    held = {tensor.name: tensor for tensor in reader.tensors}
    found: dict[str, Any] = {}
    for name in _names(layers):
        place = names.get_name(name, try_suffixes=(".weight",))
        if place not in held:
            raise BadInput(f"the GGUF file has no tensor {place} ({name}); it is not a whole Gemma 3.")
        found[name] = held.pop(place)
    if held:
        raise BadInput(f"the GGUF file has tensors that a Gemma 3 of text does not: {', '.join(sorted(held))}.")
    header: dict[str, Any] = {"__metadata__": {"format": "mlx"}}
    offset = 0
    for name, tensor in sorted(found.items()):
        size = 2 * int(tensor.n_elements)
        shape = [int(length) for length in reversed(tensor.shape)]
        header[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as stream:
        stream.write(struct.pack("<Q", len(text)) + text)
        for name, tensor in sorted(found.items()):
            rows = tensor.data if tensor.data.ndim > 1 else tensor.data[None]
            for start in range(0, len(rows), ROWS):
                value = gguf.quants.dequantize(rows[start : start + ROWS], tensor.tensor_type)
                value = value - 1 if name.endswith("norm.weight") else value
                stream.write(gguf.quants.quantize(value, gguf.GGMLQuantizationType.BF16).tobytes())


def _names(layers: int) -> Iterator[str]:
    """The tensors of a Gemma 3 with tied embeddings, as mlx-lm and Transformers call them."""
    yield from ("model.embed_tokens.weight", "model.norm.weight")
    attention = (f"self_attn.{name}" for name in ("q_proj", "k_proj", "v_proj", "o_proj", "q_norm", "k_norm"))
    norms = (f"{place}_layernorm" for place in ("input", "post_attention", "pre_feedforward", "post_feedforward"))
    parts = [*attention, *(f"mlp.{name}_proj" for name in ("gate", "up", "down")), *norms]
    for layer in range(layers):
        yield from (f"model.layers.{layer}.{part}.weight" for part in parts)


def _tokenizer(reader: Any, tokens: Sequence[str], special: set[str], named: dict[str, str]) -> dict[str, Any]:
    """The content of `tokenizer.json`: pairs are merged in the order that the vocabulary's scores say.

    The order among equal scores (longer parts first) is that of Transformers' converter, so the merges are the
    original's.
    """
    kinds, scores = (_numbers(reader, f"tokenizer.ggml.{key}") for key in ("token_type", "scores"))
    spelled = [
        token.replace(" ", SPACE) if kind == USER_DEFINED else token for token, kind in zip(tokens, kinds, strict=True)
    ]
    vocabulary = {token: id for id, token in enumerate(spelled)}
    merges: list[tuple[float, str, str]] = []
    for token, id in vocabulary.items():
        cuts = ((token[:at], token[at:]) for at in range(1, len(token)))
        pairs = [(left, right) for left, right in cuts if left in vocabulary and right in vocabulary]
        pairs.sort(key=lambda pair: (vocabulary[pair[0]], vocabulary[pair[1]]))
        score = scores[id] if kinds[id] == NORMAL else 0.0
        merges += [(score, left, right) for left, right in pairs]
    merges.sort(key=lambda merge: (merge[0], len(merge[1]), len(merge[2])), reverse=True)
    plain = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
    first, id = named["bos_token"], vocabulary[named["bos_token"]]
    begin = {"SpecialToken": {"id": first, "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [
            {"id": id, "content": token, **plain, "special": token in special}
            for token, id in vocabulary.items()
            if kinds[id] in (CONTROL, USER_DEFINED)
        ],
        "normalizer": {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
        "pre_tokenizer": {
            "type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious", "invert": False
        },
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [begin, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [
                begin, {"Sequence": {"id": "A", "type_id": 0}},
                {"SpecialToken": {"id": first, "type_id": 1}}, {"Sequence": {"id": "B", "type_id": 1}},
            ],
            "special_tokens": {first: {"id": first, "ids": [id], "tokens": [first]}},
        },
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
            ],
        },
        "model": {
            "type": "BPE", "dropout": None, "unk_token": named.get("unk_token"), "continuing_subword_prefix": None,
            "end_of_word_suffix": None, "fuse_unk": True, "byte_fallback": True, "ignore_merges": False,
            "vocab": vocabulary, "merges": [[left, right] for _, left, right in merges],
        },
    }  # fmt: skip
