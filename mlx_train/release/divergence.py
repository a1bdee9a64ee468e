"""How far one model is from another on the same ids, position by position.

Definitions are those of `llama-perplexity --kl-divergence` of llama.cpp, in nats (ggml-org/llama.cpp at 050fc7f,
tools/perplexity/perplexity.cpp, functions `log_softmax` and `kl_divergence`; tools/perplexity/README.md explains them):

- KLD of a position: sum over the vocabulary of p (log p - log q), p being the full model
- mean KLD with its standard error, sqrt((mean of squares - mean^2) / (n - 1)); maximum
- 99.9 % KLD: of the sorted values at position 0.999 (n - 1), linearly between its neighbours
- Top_P_Match: share of positions where both have the same likeliest token, the first one where several are
- PPL_Q: exp of the mean -log q of the ids that came; PPL_Q / PPL: exp of the mean difference of the two

Two things are otherwise: llama.cpp keeps the reference's log-probabilities in 16 bits and leaves out tokens below e^-16
of probability, and it measures the second half of windows of prose. Here both models are run side by side, and only ids
that the model wrote are measured. It also gives no error of fewer than 11 positions, and no report of fewer than 100.
"""

from __future__ import annotations

import copy
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import mlx.core as mx
import numpy as np
from mlx_lm.models.cache import make_prompt_cache

from mlx_train.errors import BadInput
from mlx_train.gates.replay import CALL, READ, Window
from mlx_train.lanes import Lanes

PIECE = 128
"""Ids that are read at a time, so there are never more logits than these times the vocabulary, for each model."""
MEASURES = ("nll", "nll_base", "kld", "same_top", "lead", "logits")
COLUMNS = (*MEASURES, "kind", "window")
Progress = Callable[[int, int], None]
"""(windows done, all)."""
Values = dict[str, np.ndarray[Any, np.dtype[np.float64]]]


def quiet(done: int, windows: int) -> None:
    pass


def positions(base: mx.array, other: mx.array, targets: mx.array) -> list[mx.array]:
    """The measures of each position, in the order of `MEASURES`, each (positions,).

    `nll` and `nll_base`: -log q(target) and -log p(target). `kld`: sum of p (log p - log q) over the vocabulary.
    `same_top`: whether both find the same token likeliest. `lead`: by how much p's logit of its own likeliest token is
    above that of q's. `logits`: largest difference of a logit.

    Args:
        base, other: logits of p and q, (positions, vocabulary), float32.
        targets: the ids that came, (positions,).
    """
    log_p, log_q = _log_softmax(base), _log_softmax(other)
    p = mx.exp(log_p)
    top, top_q = mx.argmax(base, axis=-1), mx.argmax(other, axis=-1)

    def at(values: mx.array, ids: mx.array) -> mx.array:
        return mx.take_along_axis(values, ids[:, None], axis=-1)[:, 0]

    return [
        -at(log_q, targets),
        -at(log_p, targets),
        mx.where(p > 0, p * (log_p - log_q), 0.0).sum(axis=-1),
        top == top_q,
        at(base, top) - at(base, top_q),
        mx.abs(base - other).max(axis=-1),
    ]


def _log_softmax(logits: mx.array) -> mx.array:
    """Log-probabilities. What rounding adds is small beside 1, and not beside the largest logit."""
    below = logits - logits.max(axis=-1, keepdims=True)
    return below - mx.log(mx.exp(below).sum(axis=-1, keepdims=True))


class Reader:
    """A model that reads windows piece by piece. The start that windows share is read once while it stays the same.

    Args:
        rows: how many times side by side; the numbers are the same but for rounding.
    """

    def __init__(self, model: Any, rows: int = 1) -> None:
        self.model = model
        self.rows = rows
        self.start: tuple[int, ...] | None = None
        self.kept: list[Any] = []
        self.cache: list[Any] = []

    def begin(self, start: tuple[int, ...]) -> None:
        """Have read `start`, and nothing else."""
        if start != self.start:
            self.cache = make_prompt_cache(self.model)
            for at in range(0, len(start), PIECE):
                self.read(start[at : at + PIECE])
                mx.eval([layer.state for layer in self.cache])
            self.start, self.kept = start, self.cache
        self.cache = copy.deepcopy(self.kept)

    def read(self, ids: Sequence[int]) -> mx.array:
        """Go on with `ids`; the logits after each, (ids, vocabulary), of the first row."""
        logits: mx.array = self.model(mx.array([list(ids)] * self.rows), cache=self.cache)[0]
        return logits


def compare(base: Any, other: Any, windows: Iterable[Window], rows: int = 1, progress: Progress = quiet) -> Values:
    """The measures at every id that the model wrote, window by window.

    Args:
        base, other: models; p and q of `positions`.
        rows: how many times side by side `other` reads a window.

    Returns:
        The measures, and beside them for each position `kind` and `window`, the window's number.
    """
    numbered = list(enumerate(windows))
    done: list[int] = []

    def read(share: Sequence[tuple[int, Window]]) -> dict[str, list[Any]]:
        columns: dict[str, list[Any]] = {name: [] for name in COLUMNS}
        readers = (Reader(base), Reader(other, rows))
        for number, window in sorted(share, key=lambda pair: pair[1].ids[: pair[1].shared]):  # equal starts together
            for name, values in _window(readers, window).items():
                columns[name] += values
            columns["window"] += [number] * (len(columns["nll"]) - len(columns["window"]))
            done.append(number)
            progress(len(done), len(numbered))
        return columns

    with Lanes(len(numbered)) as lanes:
        parts = lanes.run(numbered, read)
    return {name: np.array([value for part in parts for value in part[name]], dtype=np.float64) for name in COLUMNS}


def _window(readers: Sequence[Reader], window: Window) -> dict[str, list[Any]]:
    """The measures of one window, and the kind of each position."""
    columns: dict[str, list[Any]] = {name: [] for name in (*MEASURES, "kind")}
    start = max(0, window.shared - 1)  # the last shared id foretells the first of the window's own
    for reader in readers:
        reader.begin(window.ids[:start])
    for at in range(start, len(window.ids) - 1, PIECE):
        piece = window.ids[at : at + PIECE]
        p, q = (reader.read(piece) for reader in readers)
        foretold = window.ids[at + 1 : at + 1 + len(piece)]
        kinds = window.kinds[at + 1 : at + 1 + len(piece)]
        taken = [index for index, kind in enumerate(kinds) if kind != READ]
        found = []
        if taken:
            ids = mx.array([foretold[index] for index in taken])
            rows = mx.array(taken)
            found = positions(p[rows].astype(mx.float32), q[rows].astype(mx.float32), ids)
        mx.eval(found, [layer.state for reader in readers for layer in reader.cache])
        for name, values in zip(MEASURES, found, strict=False):
            columns[name] += np.array(values).tolist()
        columns["kind"] += [kinds[index] for index in taken]
    return columns


def summary(values: Values) -> dict[str, Any]:
    """The figures of llama.cpp's report over the positions given; perplexities are exp of the mean -log."""
    kld = values["kld"]
    if not len(kld):
        return {"tokens": 0}
    return {
        "tokens": len(kld),
        "ppl": float(np.exp(values["nll"].mean())),
        "ppl_base": float(np.exp(values["nll_base"].mean())),
        "ppl_ratio": float(np.exp((values["nll"] - values["nll_base"]).mean())),
        "kld_mean": float(kld.mean()),
        "kld_error": _error(kld),
        "kld_median": float(np.median(kld)),
        "kld_999": float(np.quantile(kld, 0.999)),
        "kld_max": float(kld.max()),
        "same_top": float(values["same_top"].mean()),
        "same_top_error": _error(values["same_top"]),
        "logits": float(values["logits"].max()),
    }


def finite(found: dict[str, Any], what: str) -> dict[str, Any]:
    """The summary, if it is one of numbers.

    Raises:
        BadInput: the logits of one of the models are not finite.
    """
    if not math.isfinite(found.get("kld_mean", 0.0)):
        raise BadInput(
            f"{what}: its logits are not finite, so it cannot be compared. Half precision overflows at 65,504: use "
            'base.dtype = "bfloat16" or "float32" in the recipe and train again.'
        )
    return found


def _error(values: np.ndarray[Any, np.dtype[np.float64]]) -> float:
    """Standard error of the mean."""
    return float(values.std() / np.sqrt(len(values) - 1)) if len(values) > 1 else 0.0


def same_tasks(values: Values, windows: Sequence[Window]) -> dict[str, int]:
    """`tasks`: of how many tasks the windows are. `tasks_same`: in how many both models find the same tokens likeliest
    throughout, so that decoding greedily both write the same."""
    tasks = {window.task for window in windows}
    differing = {windows[int(number)].task for number in values["window"][values["same_top"] == 0]}
    return {"tasks": len(tasks), "tasks_same": len(tasks - differing)}


def calls(values: Values) -> Values:
    """The positions within messages that hold a tool call."""
    return {name: column[values["kind"] == CALL] for name, column in values.items()}
