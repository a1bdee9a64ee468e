"""Tiny model directories of the three shapes that GGUF is written for, tokenizer and template included."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import mlx.core as mx
import sentencepiece
from mlx.utils import tree_flatten
from mlx_lm.models import gemma3_text, llama, qwen3
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

from mlx_train.files import write_json, write_text
from mlx_train.release.gguf import SPLITS
from mlx_train.train.adapters import save_arrays

KINDS = ("qwen3", "llama", "gemma3_text")
LAYERS, WIDTH, ROWS = 2, 16, 480
TEXTS = ["Rename draft.txt to final.txt, won't you?", '<|end|> 1234 files\n\n  <tool>{"a": [1, 2]}', "naïve größe\t东"]
CONFIG: dict[str, Any] = dict(
    hidden_size=64, num_hidden_layers=LAYERS, intermediate_size=96, num_attention_heads=4, num_key_value_heads=2,
    head_dim=WIDTH, rms_norm_eps=1e-6, vocab_size=ROWS, max_position_embeddings=512, rope_theta=10_000.0,
)  # fmt: skip
OWN: dict[str, dict[str, Any]] = {
    "qwen3": {"tie_word_embeddings": True},
    "llama": {
        "tie_word_embeddings": False,
        "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                         "original_max_position_embeddings": 64},
    },
    "gemma3_text": {
        "query_pre_attn_scalar": WIDTH, "sliding_window": 6, "sliding_window_pattern": 2, "rope_theta": 1e6,
        "rope_local_base_freq": 10_000.0,
    },
}  # fmt: skip


def make(folder: Path, kind: str, scale: float = 3.0, **changes: Any) -> Path:
    """Write a model with random bfloat16 weights; `scale` makes its distributions far from flat."""
    folder.mkdir(exist_ok=True)
    config = {"model_type": kind, **CONFIG, **OWN[kind], **changes}
    module = {"qwen3": qwen3, "llama": llama, "gemma3_text": gemma3_text}[kind]
    mx.random.seed(7)
    weights = dict(tree_flatten(module.Model(module.ModelArgs.from_dict(config)).parameters()))
    for name, value in weights.items():
        noise = 0.2 * mx.random.normal(value.shape) if value.ndim == 1 else 0
        weights[name] = (scale * value + noise if value.ndim > 1 else value + noise).astype(mx.bfloat16)
    save_arrays(folder / "model.safetensors", weights)
    tokenizer = _pieces(folder) if kind == "gemma3_text" else _bytes("qwen2" if kind == "qwen3" else "llama-bpe")
    tokenizer.add_special_tokens([AddedToken("<|end|>", special=True, normalized=False)])
    tokenizer.add_tokens([AddedToken("<tool>", special=False, normalized=False)])
    first = tokenizer.token_to_id("<bos>")
    if kind != "qwen3":
        tokenizer.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", first)])
    tokenizer.save(str(folder / "tokenizer.json"))
    end = tokenizer.token_to_id("<|end|>")
    assert tokenizer.get_vocab_size() < ROWS
    named = {"tokenizer_class": "PreTrainedTokenizerFast", "bos_token": "<bos>", "eos_token": "<|end|>"}
    write_json(folder / "tokenizer_config.json", named)
    write_json(folder / "generation_config.json", {"eos_token_id": [end]})
    write_json(folder / "config.json", {**config, "eos_token_id": [end]})
    write_text(folder / "chat_template.jinja", "{{ messages }}")
    return folder


def _bytes(split: str) -> Tokenizer:
    """Byte-level merges."""
    tokenizer = Tokenizer(models.BPE(ignore_merges=split == "llama-bpe"))
    pattern = next(pattern for pattern, name in SPLITS.items() if name == split)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(pattern), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])  # fmt: skip
    tokenizer.decoder = decoders.ByteLevel()
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trainer = trainers.BpeTrainer(
        vocab_size=340, special_tokens=["<bos>"], initial_alphabet=alphabet, show_progress=False
    )
    tokenizer.train_from_iterator(TEXTS * 5, trainer)
    return tokenizer


def _pieces(folder: Path) -> Tokenizer:
    """SentencePiece merges in `tokenizer.model`, and the same as the tokenizers library has Gemma's."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(TEXTS * 5), model_writer=written, model_type="bpe", vocab_size=330, byte_fallback=True,
        add_dummy_prefix=False, bos_piece="<bos>", eos_piece="<eos>", normalization_rule_name="identity",
        remove_extra_whitespaces=False, minloglevel=2,
    )  # fmt: skip
    (folder / "tokenizer.model").write_bytes(written.getvalue())
    held = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    vocabulary = {held.id_to_piece(number): number for number in range(held.vocab_size())}
    merges = []
    for piece in sorted(vocabulary, key=lambda piece: -held.get_score(vocabulary[piece])):
        cuts = [(piece[:at], piece[at:]) for at in range(1, len(piece))]
        merges += [
            cut
            for cut in cuts
            if not (held.is_control(vocabulary[piece]) or held.is_byte(vocabulary[piece]))
            and set(cut) <= vocabulary.keys()
        ]
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Replace(" ", "\u2581")
    return tokenizer
