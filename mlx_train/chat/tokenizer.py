"""The tokenizer of the embedded model: byte-level BPE, trained on the project's own text.

The same word gives the same tokens wherever it stands (after a blank, a quote, a slash, a dot, an underscore), so that
a small model copies a name from a sentence into an argument token by token.
"""

from __future__ import annotations

from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast

PAD, START, END = "<|endoftext|>", "<|im_start|>", "<|im_end|>"
TAGS = ("<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>")
"""Added tokens that decoding keeps: the parser reads them."""
JOINERS = r"_./\\~\-"
MARK = rf"[^\s\p{{L}}\p{{M}}\p{{N}}{JOINERS}]"
PIECES = rf"\p{{N}}|[\p{{L}}\p{{M}}]+|[{JOINERS}]|{MARK}+(?: {MARK}+)*|\n+|\s"
"""A digit, a word, a joiner of names, a run of other marks (single blanks inside, as JSON has), line ends, a blank."""


def train_tokenizer(texts: Iterable[str], size: int, template: str) -> PreTrainedTokenizerFast:
    """Train a tokenizer; the same texts in the same order give the same one.

    Args:
        size: number of tokens, the 7 control tokens and the 256 bytes included.
        template: the chat template, Jinja source.
    """
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PIECES), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(TAGS),
        special_tokens=[PAD, START, END],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.add_tokens([AddedToken(tag, special=False, normalized=False) for tag in TAGS])
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        eos_token=END,
        pad_token=PAD,
        additional_special_tokens=[START],
        clean_up_tokenization_spaces=False,
        model_max_length=32768,
    )
    fast.chat_template = template
    return fast
