"""GGUF files of tiny models: every tensor and key is what llama.cpp expects, read back with its own library."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

import mlx.core as mx
import mlx_lm
import numpy as np
import pytest
from gguf_models import KINDS, LAYERS, TEXTS, WIDTH, make
from mlx.utils import tree_flatten, tree_map

from mlx_train import cli
from mlx_train.errors import BadInput
from mlx_train.files import read_json, write_json
from mlx_train.places import EMBEDDED
from mlx_train.release import gguf as ours
from mlx_train.release import gguf_head, lock

theirs = pytest.importorskip("gguf", reason="the extra `gguf` is not installed")


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {kind: make(tmp_path_factory.mktemp(kind), kind) for kind in KINDS}


def read(path: Path) -> tuple[dict[str, np.ndarray], dict[str, Any], dict[str, str]]:
    """Tensors as float32, metadata, and the number format of each tensor."""
    reader = theirs.GGUFReader(path)
    tensors = {one.name: theirs.quants.dequantize(one.data, one.tensor_type) for one in reader.tensors}
    fields = {key: field.contents() for key, field in reader.fields.items()}
    return tensors, fields, {one.name: one.tensor_type.name for one in reader.tensors}


def weights(folder: Path) -> dict[str, np.ndarray]:
    held = mx.load(str(folder / "model.safetensors"))
    return {name: np.array(value.astype(mx.float32)) for name, value in held.items()}


LAYER = {
    "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
    "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate",
    "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
}  # fmt: skip
OWN = {
    "qwen3": {
        "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "post_attention_layernorm": "ffn_norm",
    },
    "llama": {"post_attention_layernorm": "ffn_norm"},
    "gemma3_text": {
        "self_attn.q_norm": "attn_q_norm", "self_attn.k_norm": "attn_k_norm", "pre_feedforward_layernorm": "ffn_norm",
        "post_attention_layernorm": "post_attention_norm", "post_feedforward_layernorm": "post_ffw_norm",
    },
}  # fmt: skip


def expected(folder: Path, kind: str) -> dict[str, np.ndarray]:
    """What the file has to hold: names and rows written out here by hand, apart from the library's map."""
    names = {"model.embed_tokens.weight": "token_embd.weight", "model.norm.weight": "output_norm.weight"}
    names["lm_head.weight"] = "output.weight"
    for layer in range(LAYERS):
        for one, other in {**LAYER, **OWN[kind]}.items():
            names[f"model.layers.{layer}.{one}.weight"] = f"blk.{layer}.{other}.weight"
    found = {names[name]: value for name, value in weights(folder).items()}
    for name, value in found.items():
        if kind == "gemma3_text" and value.ndim == 1:
            found[name] = value + 1
        if kind == "llama" and (".attn_q." in name or ".attn_k." in name):
            half = WIDTH // 2
            rows = [
                head + turn + side * half
                for head in range(0, value.shape[0], WIDTH) for turn in range(half) for side in (0, 1)
            ]  # fmt: skip
            found[name] = value[rows]
    if kind == "llama":
        # 64 / 2 pi waves of frequency 1 fit the original context: 10.19, and 3.221, 1.0186, 0.32 of the next ones. With
        # 4 and more a frequency stays, with 1 and fewer it is divided by 8; (3.221 - 1) / 3 = 0.7404 is in between.
        found["rope_freqs.weight"] = np.array([1, 1 / (0.7404 + 0.2596 / 8), 7.6674, 8, 8, 8, 8, 8], np.float32)
    return found


@pytest.mark.parametrize("form", ours.FORMS)
@pytest.mark.parametrize("kind", KINDS)
def test_every_tensor_is_there_with_its_numbers(models: dict[str, Path], tmp_path: Path, kind: str, form: str) -> None:
    found = ours.write(models[kind], tmp_path / "model.gguf", form, {"general.name": "tiny"})
    assert found["bytes"] == (tmp_path / "model.gguf").stat().st_size
    tensors, _, formats = read(tmp_path / "model.gguf")
    wanted = expected(models[kind], kind)
    assert tensors.keys() == wanted.keys()
    for name, value in wanted.items():
        assert tensors[name].shape == value.shape, name
        if value.ndim == 1:
            assert formats[name] == "F32" and np.allclose(tensors[name], value, rtol=1e-4), name
        elif form == "f16":
            assert formats[name] == "F16" and np.array_equal(tensors[name], value.astype(np.float16)), name
        else:
            blocks = value.reshape(-1, 32)
            step = np.abs(blocks).max(axis=1, keepdims=True) / 127
            # Half a step, and the scale's own rounding to 11 bits, which counts up to 127 times.
            apart = np.abs(tensors[name].reshape(-1, 32) - blocks)
            assert formats[name] == "Q8_0" and (apart <= 0.57 * step).all() and apart.max() > 0, name


def test_a_matrix_that_does_not_divide_into_blocks_stays_in_half_precision(tmp_path: Path) -> None:
    ours.write(make(tmp_path / "model", "qwen3", intermediate_size=80), tmp_path / "model.gguf", "q8_0", {})
    formats = read(tmp_path / "model.gguf")[2]
    assert formats["blk.0.ffn_down.weight"] == "F16" and formats["blk.0.ffn_up.weight"] == "Q8_0"


@pytest.mark.parametrize("kind", KINDS)
def test_the_metadata_is_what_the_model_was_computed_with(models: dict[str, Path], tmp_path: Path, kind: str) -> None:
    ours.write(models[kind], tmp_path / "model.gguf", "f16", {"mlx_train.run": "17"})
    fields = read(tmp_path / "model.gguf")[1]
    arch = "gemma3" if kind == "gemma3_text" else kind
    config = read_json(models[kind] / "config.json")
    assert (fields["general.architecture"], fields["mlx_train.run"], fields["general.file_type"]) == (arch, "17", 1)
    for key, own in {
        "block_count": "num_hidden_layers", "context_length": "max_position_embeddings",
        "embedding_length": "hidden_size", "feed_forward_length": "intermediate_size",
        "attention.head_count": "num_attention_heads",
        "attention.head_count_kv": "num_key_value_heads", "attention.key_length": "head_dim",
        "attention.value_length": "head_dim", "rope.dimension_count": "head_dim", "rope.freq_base": "rope_theta",
    }.items():  # fmt: skip
        assert fields[f"{arch}.{key}"] == config[own], key
    assert fields[f"{arch}.attention.layer_norm_rms_epsilon"] == pytest.approx(1e-6)
    if kind == "gemma3_text":
        assert (fields["gemma3.attention.sliding_window"], fields["gemma3.rope.freq_base_swa"]) == (6, 10_000)
    assert fields["tokenizer.chat_template"] == "{{ messages }}"
    pre = {"qwen3": "qwen2", "llama": "llama-bpe", "gemma3_text": "default"}[kind]
    model = "llama" if kind == "gemma3_text" else "gpt2"
    assert (fields["tokenizer.ggml.model"], fields["tokenizer.ggml.pre"]) == (model, pre)
    tokens, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    assert len(tokens) == len(kinds) == config["vocab_size"] and len(set(tokens)) == len(tokens)
    end, tag = tokens.index("<|end|>"), tokens.index("<tool>")
    assert (kinds[end], kinds[tag]) == (theirs.TokenType.CONTROL, theirs.TokenType.USER_DEFINED)
    assert tokens[-1] == f"[PAD{len(tokens) - 1}]" and kinds[-1] == theirs.TokenType.UNUSED
    assert fields["tokenizer.ggml.eos_token_id"] == end and fields["tokenizer.ggml.add_bos_token"] is (kind != "qwen3")
    if kind == "gemma3_text":
        assert len(fields["tokenizer.ggml.scores"]) == len(tokens) and fields["tokenizer.ggml.scores"][tag] == -1000
        assert fields["tokenizer.ggml.add_space_prefix"] is False
        assert kinds[tokens.index("<0x41>")] == theirs.TokenType.BYTE
    else:
        merges = read_json(models[kind] / "tokenizer.json")["model"]["merges"]
        assert fields["tokenizer.ggml.merges"] == [" ".join(pair) for pair in merges] and len(merges) > 10


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("qwen3", {"model_type": "qwen2"}, "key model_type: 'qwen2'; GGUF is written for qwen3, llama, gemma3_text"),
    ("qwen3", {"quantization": {"bits": 4}}, "key quantization"),
    ("qwen3", {"rope_scaling": {"rope_type": "yarn", "factor": 4.0}}, "key rope_scaling"),
    ("llama", {"rope_traditional": True}, "key rope_traditional"),
    ("gemma3_text", {"query_pre_attn_scalar": 99}, "key query_pre_attn_scalar: 99"),
]


@pytest.mark.parametrize(("kind", "change", "message"), REFUSED)
def test_what_llama_cpp_would_compute_otherwise_is_refused(
    models: dict[str, Path], tmp_path: Path, kind: str, change: dict[str, Any], message: str
) -> None:
    folder = tmp_path / "model"
    folder.mkdir()
    for path in models[kind].iterdir():
        (folder / path.name).symlink_to(path)
    (folder / "config.json").unlink()
    write_json(folder / "config.json", {**read_json(models[kind] / "config.json"), **change})
    with pytest.raises(BadInput, match=message):
        ours.write(folder, tmp_path / "out.gguf", "f16", {})
    assert not (tmp_path / "out.gguf").exists()


def test_a_tokenizer_that_llama_cpp_has_no_split_for_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"tokenizer\.json, key pre_tokenizer: llama\.cpp has no name"):
        ours.write(EMBEDDED, tmp_path / "out.gguf", "f16", {})
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(BadInput, match="has no name"):
        ours.check_base(EMBEDDED)


def test_a_base_is_checked_before_it_is_fused(models: dict[str, Path], tmp_path: Path) -> None:
    for folder in models.values():
        ours.check_base(folder)
    folder = make(tmp_path / "model", "gemma3_text")
    write_json(folder / "config.json", {**read_json(folder / "config.json"), "quantization": {"bits": 4}})
    ours.check_base(folder)
    (folder / "tokenizer.model").unlink()
    ours.check_base(folder)
    held = read_json(folder / "tokenizer.json")
    merges = held["model"]["merges"]
    held["model"]["merges"] = [*merges, merges[0]]
    write_json(folder / "tokenizer.json", held)
    with pytest.raises(BadInput, match=r"key model\.merges: the pairs that make .* do not stand together"):
        ours.check_base(folder)
    held["model"]["byte_fallback"] = False
    write_json(folder / "tokenizer.json", held)
    with pytest.raises(BadInput, match=r"key model: llama\.cpp needs a tokenizer\.model"):
        ours.check_base(folder)


def test_the_merges_say_what_the_sentencepiece_model_would(models: dict[str, Path], tmp_path: Path) -> None:
    bare = tmp_path / "bare"
    shutil.copytree(models["gemma3_text"], bare)
    (bare / "tokenizer.model").unlink()
    for name, folder in (("with", models["gemma3_text"]), ("without", bare)):
        ours.write(folder, tmp_path / f"{name}.gguf", "f16", {})
    one, other = (read(tmp_path / f"{name}.gguf")[1] for name in ("with", "without"))
    key = "tokenizer.ggml"
    assert one[f"{key}.tokens"] == other[f"{key}.tokens"]
    assert one[f"{key}.add_space_prefix"] == other[f"{key}.add_space_prefix"]
    merged = {number for number, token in enumerate(one[f"{key}.tokens"]) if token in made(bare)}
    order, own = (sorted(merged, key=lambda number: -fields[f"{key}.scores"][number]) for fields in (one, other))
    assert order == own and len(order) > 20
    kinds, ours_kinds = one[f"{key}.token_type"], other[f"{key}.token_type"]
    control = {"<bos>", "<eos>"}  # normal without the model, where nothing adds them to the vocabulary
    assert all(
        a == b for a, b, token in zip(kinds, ours_kinds, one[f"{key}.tokens"], strict=True) if token not in control
    )


def made(folder: Path) -> set[str]:
    """The pieces that merging makes."""
    return {"".join(pair) for pair in read_json(folder / "tokenizer.json")["model"]["merges"]}


def test_numbers_beyond_half_precision_are_refused(tmp_path: Path) -> None:
    folder = make(tmp_path / "model", "qwen3", scale=1e6)
    with pytest.raises(BadInput, match="beyond half precision"):
        ours.write(folder, tmp_path / "out.gguf", "f16", {})


def test_the_file_of_a_run_says_what_it_was_made_from(tmp_path: Path) -> None:
    folder = make(tmp_path / "fused", "qwen3")
    base = {"name": "tiny", "repository": "", "licence": "Apache-2.0"}
    for name in ("LICENSE.html", "NOTICE"):
        (folder / name).write_text(name)
    held = lock.write(folder, lock.MODEL, {"run": "17", "base": base, "recipe": {"name": "small"}, "external": []})
    found = ours.of_run(tmp_path, "q8_0")
    assert sorted(path.name for path in (tmp_path / "gguf").iterdir()) == ["LICENSE.html", "NOTICE", "small-q8_0.gguf"]
    assert found["path"] == str(tmp_path / "gguf" / "small-q8_0.gguf") and lock.verify(folder) == []
    fields = read(tmp_path / "gguf" / "small-q8_0.gguf")[1]
    about, quantised = gguf_head.read(tmp_path / "gguf" / "small-q8_0.gguf")
    assert quantised and about == {key: fields[key] for key in about} and len(about) > 15
    assert not gguf_head.read(Path(ours.of_run(tmp_path, "f16")["path"]))[1]
    assert (fields["general.name"], fields["general.license"]) == ("small", "Apache-2.0")
    assert (fields["mlx_train.run"], fields["mlx_train.fused_lock_sha256"]) == ("17", held["lock_sha256"])


def test_tokens_without_a_row_are_left_out(models: dict[str, Path], tmp_path: Path) -> None:
    """As in the hub's Gemma 3 of text, whose tokenizer has a token for images beyond the last row."""
    for kind, source in models.items():
        folder = Path(shutil.copytree(source, tmp_path / kind))
        ours.write(folder, tmp_path / "before.gguf", "f16", {})
        held = read_json(folder / "tokenizer.json")
        rows = len(read(tmp_path / "before.gguf")[1]["tokenizer.ggml.tokens"])
        held["added_tokens"].append({**held["added_tokens"][0], "id": rows, "content": "<image>"})
        held["model"]["vocab"]["<image>"] = rows
        write_json(folder / "tokenizer.json", held)
        ours.write(folder, tmp_path / "after.gguf", "f16", {})
        before, after = (read(tmp_path / f"{name}.gguf")[1] for name in ("before", "after"))
        assert before["tokenizer.ggml.tokens"] == after["tokenizer.ggml.tokens"]


def test_a_wrong_form_is_refused_before_anything_is_packaged(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.call(["package", "no-such-run", "--gguf", "q4_k"]) == 64
    assert "--gguf q4_k: expected f16 or q8_0" in capsys.readouterr().err


def as_qwen(folder: Path) -> Path:
    """The embedded base, with a split that llama.cpp knows; only token ids are compared, so it may be another one."""
    folder.mkdir()
    for path in EMBEDDED.iterdir():
        (folder / path.name).symlink_to(path)
    held = read_json(EMBEDDED / "tokenizer.json")
    held["pre_tokenizer"]["pretokenizers"][0]["pattern"]["Regex"] = next(iter(ours.SPLITS))
    (folder / "tokenizer.json").unlink()
    write_json(folder / "tokenizer.json", held)
    return folder


PROMPTS = {
    "embedded": [[1, 90, 400, 17, 2], list(range(300, 420)), [1, 1500, 2044, 60, 61, 62, 2045, 2]],
    "tiny": [[5, 9, 40, 77, 120, 3], list(range(40, 75))],
}


MOST = {"f16": 1e-3, "q8_0": 5e-2}
"""Nats by which the distributions may differ; llama.cpp quantises what a Q8_0 matrix is multiplied with as well."""


@pytest.mark.slow
@pytest.mark.skipif(not importlib.util.find_spec("llama_cpp"), reason="llama-cpp-python is not installed")
@pytest.mark.parametrize("form", ours.FORMS)
@pytest.mark.parametrize("kind", [*KINDS, "embedded"])
def test_llama_cpp_finds_the_same_next_tokens(models: dict[str, Path], tmp_path: Path, kind: str, form: str) -> None:
    import llama_cpp

    folder = as_qwen(tmp_path / "embedded") if kind == "embedded" else models[kind]
    ours.write(folder, tmp_path / "model.gguf", form, {})
    other = llama_cpp.Llama(str(tmp_path / "model.gguf"), n_ctx=256, n_batch=256, logits_all=True, verbose=False)
    model, tokenizer = mlx_lm.load(str(folder))
    model.update(tree_map(lambda value: value.astype(mx.float32), model.parameters()))
    assert len(tree_flatten(model.parameters())) > 10
    for ids in PROMPTS["embedded" if kind == "embedded" else "tiny"]:
        one = model(mx.array([ids]))[0]
        one = np.array(one - mx.logsumexp(one, axis=-1, keepdims=True))
        other.reset()
        other.eval(ids)
        two = np.array(other.scores[: len(ids)], np.float64)
        two = two - np.log(np.exp(two - two.max(-1, keepdims=True)).sum(-1, keepdims=True)) - two.max(-1, keepdims=True)
        divergence = (np.exp(one) * (one - two)).sum(-1)
        entropy = -(np.exp(one) * one).sum(-1)
        print(
            f"{kind}, {form}: {len(ids)} tokens, KL at most {divergence.max():.2e}, mean entropy {entropy.mean():.2f}"
        )
        assert divergence.max() < MOST[form]
        assert entropy.mean() < 0.95 * np.log(one.shape[-1])  # a flat distribution would agree with anything
    if kind != "embedded":
        for text in TEXTS:
            assert other.tokenize(text.encode(), add_bos=False, special=True) == tokenizer.encode(
                text, add_special_tokens=False
            ), text
