"""Text that a model writes itself: general text to hold a specialist near its stock on, with no data set.

Most of what a model knows is in no row of a recipe. Text drawn from its own distribution stands for it (as in LLM-QAT,
arXiv 2305.17888, and self-synthesised rehearsal, arXiv 2403.01244). A stock that was trained here before has lost some
of that already, so the model that it was made of writes.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_lm.models.cache import make_prompt_cache

from mlx_train import models
from mlx_train.chat.render import Example
from mlx_train.files import read_json, sha256_of, write_json
from mlx_train.train.batching import PIECE, PIECES

TOGETHER = 32
"""Pieces that are written side by side, and kept when they are done."""
OPENINGS = (
    "", "The ", "def ", "In ", "", "import ", "I ", "#include <", "", "A ", "function ", "When ", "", "He said ",
    "class ", "# ",
)  # fmt: skip
"""What pieces begin with, in turn: prose and code. The empty one only where a model has an id for the beginning."""
FORMAT = 2
"""Raise it when the same model comes to write other text."""


def pieces(
    writer: Path,
    dtype: str,
    seed: int,
    *,
    keep: Path,
    count: int = PIECES,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Example]:
    """Rows of which every token but the first is held near the stock, and none is learnt.

    Args:
        writer: directory of the model that writes; its vocabulary is that of the stock.
        dtype: number format of its weights.
        keep: folder of what was written before, a file for every TOGETHER pieces; what was interrupted goes on there.
        count: how many.
        progress: given the number of pieces written so far.
    """
    who = [models.weights_sha256(writer), models.tokenizer_sha256(writer), dtype]
    about = [FORMAT, PIECE, TOGETHER, count, seed, *who]
    loaded = functools.cache(lambda: models.load(writer, dtype))
    texts: list[list[int]] = []
    for start in range(0, count, TOGETHER):
        path = keep / f"{sha256_of([*about, start])[:16]}.json"
        if not path.exists():
            model, tokenizer = loaded()
            openings = _openings(tokenizer, count)[start : start + TOGETHER]
            drawn_by = random.Random(f"text {seed} {start}").getrandbits(32)
            write_json(path, _continued(model, tokenizer, openings, drawn_by, start, progress))
        texts += read_json(path, "text of a model")
    marks = (False, *[True] * (PIECE - 1))
    return [Example(f"text-{number}", tuple(ids), marks, 0, True) for number, ids in enumerate(texts)]


def _openings(tokenizer: Any, count: int) -> list[list[int]]:
    begin = [] if tokenizer.bos_token_id is None else [tokenizer.bos_token_id]
    starts = [begin + tokenizer.encode(text, add_special_tokens=False) for text in OPENINGS if begin or text]
    return [starts[number % len(starts)] for number in range(count)]


def _continued(
    model: Any,
    tokenizer: Any,
    openings: Sequence[list[int]],
    seed: int,
    before: int,
    progress: Callable[[int], None],
) -> list[list[int]]:
    """PIECE ids that begin with each opening, the rest drawn from the model at temperature 1; none ends the text.

    `before` pieces were written before; those in the making count by their share.
    """
    key = mx.random.key(seed)
    ends = mx.array(sorted(tokenizer.eos_token_ids))
    texts = [list(opening) for opening in openings]
    cache = make_prompt_cache(model)
    for at in range(PIECE - 1):
        logits = model(mx.array([[text[at]] for text in texts]), cache=cache)[:, -1].astype(mx.float32)
        logits[:, ends] = -mx.inf
        key, now = mx.random.split(key)
        drawn = np.array(mx.random.categorical(logits, key=now))
        for text, token in zip(texts, drawn, strict=True):
            if len(text) == at + 1:
                text.append(int(token))
        progress(before + len(texts) * (at + 1) // (PIECE - 1))
    return texts
