"""Divergence as llama.cpp defines it, and the same however the ids are read."""

from __future__ import annotations

import math
import random

import mlx.core as mx
import numpy as np
import pytest
from train_models import VOCABULARY, model

from mlx_train.gates.replay import CALL, READ, WORDS, Window
from mlx_train.release import divergence

LN2 = math.log(2)
BASE = [[1 / 2, 1 / 4, 1 / 8, 1 / 8], [1 / 2, 1 / 4, 1 / 8, 1 / 8], [1 / 8, 1 / 8, 1 / 4, 1 / 2]]
OTHER = [[1 / 4, 1 / 4, 1 / 4, 1 / 4], [1 / 2, 1 / 4, 1 / 8, 1 / 8], [1 / 2, 1 / 4, 1 / 8, 1 / 8]]
TARGETS = [0, 1, 3]


def example() -> divergence.Values:
    p, q = (mx.log(mx.array(rows)) + 3.0 for rows in (BASE, OTHER))  # a logit has any constant added
    found = divergence.positions(p, q, mx.array(TARGETS))
    return {name: np.array(values.tolist()) for name, values in zip(divergence.MEASURES, found, strict=True)}


def test_positions_by_hand() -> None:
    found = example()
    assert found["nll"] == pytest.approx([2 * LN2, 2 * LN2, 3 * LN2])
    assert found["nll_base"] == pytest.approx([LN2, 2 * LN2, LN2])
    # First row: 1/2 ln 2 + 1/4 ln 1 + 2/8 ln 1/2; third: 1/8 ln 1/4 + 1/8 ln 1/2 + 1/4 ln 2 + 1/2 ln 4.
    assert found["kld"] == pytest.approx([LN2 / 4, 0, 7 / 8 * LN2], abs=1e-6)
    assert found["same_top"].tolist() == [1, 1, 0]
    assert found["lead"] == pytest.approx([0, 0, 2 * LN2], abs=1e-6)
    assert found["logits"] == pytest.approx([LN2, 0, 2 * LN2], abs=1e-6)


def test_summary_by_hand() -> None:
    found = divergence.summary(example())
    klds = [0, LN2 / 4, 7 / 8 * LN2]
    mean = sum(klds) / 3
    assert found["ppl"] == pytest.approx(2 ** (7 / 3)) and found["ppl_base"] == pytest.approx(2 ** (4 / 3))
    assert found["ppl_ratio"] == pytest.approx(2)
    assert found["kld_mean"] == pytest.approx(mean) and found["kld_max"] == pytest.approx(klds[2])
    # llama.cpp: sqrt((sum of squares / n - mean^2) / (n - 1))
    assert found["kld_error"] == pytest.approx(math.sqrt((sum(k * k for k in klds) / 3 - mean**2) / 2))
    # llama.cpp: position 0.999 (n - 1) = 1.998 of the sorted values, between its neighbours
    assert found["kld_999"] == pytest.approx(0.002 * klds[1] + 0.998 * klds[2])
    assert found["same_top"] == pytest.approx(2 / 3) and found["tokens"] == 3


# A shared example for llama.cpp's definitions: twelve positions, six tokens.
FULL_LOGITS = [
    [-0.64, 1.28, -0.57, -0.79, -2.33, -0.53],
    [-4.17, 2.14, 1.27, 1.25, -4.23, -4.36],
    [0.77, 0.99, -1.65, 4.29, 1.39, 2.99],
    [-1.12, -2.39, -1.3, 3.05, -2.02, 0.61],
    [-0.27, -2.04, 1.24, -0.16, -3.66, 2.07],
    [1.54, -1.53, -1.13, -3.16, -2.42, -1.33],
    [-4.75, -6.3, 0.89, -1.84, -2.8, 2.44],
    [1.3, 1.37, -3.92, 3.2, 2.39, 1.32],
    [-3.28, 4.03, 1.38, -0.38, 0.81, 1.62],
    [-2.2, 2.37, 3.66, -1.11, -3.45, -0.34],
    [-1.97, 1.58, 2.82, 2.15, 0.86, 0.36],
    [1.91, 1.41, 5.03, 0.81, -1.07, -0.93],
]
RUNG_LOGITS = [
    [-0.53, 1.32, -0.47, -0.77, -2.29, -0.51],
    [-4.53, 1.95, 1.39, 1.23, -4.02, -4.62],
    [-0.16, -0.12, -2.17, 4.13, 2.34, 3.36],
    [-1.08, -2.54, -1.3, 3.18, -2.22, 0.58],
    [-0.0, -1.66, 1.82, -0.02, -3.61, 1.55],
    [3.47, -4.58, -3.32, -2.8, -0.25, -0.46],
    [-4.64, -6.28, 0.91, -1.8, -2.64, 2.5],
    [0.51, 1.12, -3.58, 2.48, 2.32, 1.73],
    [-3.1, 5.75, 0.39, -1.0, 2.37, 1.66],
    [-2.21, 2.34, 3.8, -1.21, -3.32, -0.47],
    [-1.91, 1.81, 2.75, 2.26, 1.09, 0.36],
    [1.89, 2.8, 4.53, 1.39, 1.69, -4.78],
]
CAME = [3, 3, 3, 2, 0, 1, 0, 5, 2, 5, 2, 3]


def as_llama_cpp(base: list[list[float]], other: list[list[float]], came: list[int]) -> dict[str, float]:
    """The figures of `llama-perplexity --kl-divergence` in float64, position by position, from its definitions as
    `mlx_train/release/divergence.py` states them; nothing of ours is used."""
    klds, nlls, nlls_base, same = [], [], [], 0
    for row, other_row, id in zip(base, other, came, strict=True):
        p, q = (np.array(logits, dtype=np.float64) for logits in (row, other_row))
        log_p, log_q = (x - x.max() - np.log(np.exp(x - x.max()).sum()) for x in (p, q))
        klds.append(float((np.exp(log_p) * (log_p - log_q)).sum()))
        nlls.append(-float(log_q[id]))
        nlls_base.append(-float(log_p[id]))
        same += int(np.flatnonzero(p == p.max())[0] == np.flatnonzero(q == q.max())[0])
    n, in_order = len(klds), sorted(klds)
    mean = sum(klds) / n
    at = 0.999 * (n - 1)
    below = math.floor(at)
    share = same / n
    return {
        "tokens": n,
        "ppl": math.exp(sum(nlls) / n),
        "ppl_base": math.exp(sum(nlls_base) / n),
        "ppl_ratio": math.exp(sum(nlls) / n - sum(nlls_base) / n),
        "kld_mean": mean,
        "kld_error": math.sqrt((sum(kld * kld for kld in klds) / n - mean**2) / (n - 1)),
        "kld_median": (in_order[n // 2 - 1] + in_order[n // 2]) / 2,
        "kld_999": (1 - (at - below)) * in_order[below] + (at - below) * in_order[below + 1],
        "kld_max": in_order[-1],
        "same_top": share,
        "same_top_error": math.sqrt(share * (1 - share) / (n - 1)),
    }


def test_the_shared_example_as_llama_cpp_defines_it() -> None:
    expected = as_llama_cpp(FULL_LOGITS, RUNG_LOGITS, CAME)
    found = divergence.positions(mx.array(FULL_LOGITS), mx.array(RUNG_LOGITS), mx.array(CAME))
    values = {name: np.array(one.tolist()) for name, one in zip(divergence.MEASURES, found, strict=True)}
    figures = divergence.summary(values)
    for name, value in expected.items():
        assert figures[name] == pytest.approx(value, rel=1e-5, abs=1e-6), name
    assert set(figures) == {*expected, "logits"}
    assert 0 < expected["same_top"] < 1 and expected["kld_999"] < expected["kld_max"]  # the example tells them apart


def test_tasks_that_stay_the_same() -> None:
    values = {"window": np.array([0.0, 0, 1, 2]), "same_top": np.array([1.0, 1, 0, 1])}
    windows = [Window(task, (1,), (CALL,), 0) for task in ("a", "b", "b")]
    assert divergence.same_tasks(values, windows) == {"tasks": 2, "tasks_same": 1}
    assert divergence.summary({name: np.array([]) for name in divergence.COLUMNS}) == {"tokens": 0}


def test_a_token_that_cannot_come_adds_nothing() -> None:
    logits = mx.array([[0.0, 1.0, -math.inf]])
    found = divergence.positions(logits, mx.array([[0.0, 1.0, -5.0]]), mx.array([0]))
    assert math.isfinite(found[2].item()) and 0 < found[2].item() < 0.01


def windows(count: int = 5) -> list[Window]:
    """Two catalogues, lengths from 10 to 40, about half of what follows written by the model."""
    draw = random.Random(0)
    starts = [tuple(draw.randrange(VOCABULARY) for _ in range(7)) for _ in range(2)]
    made = []
    for number in range(count):
        rest = tuple(draw.randrange(VOCABULARY) for _ in range(draw.randint(3, 33)))
        kinds = tuple(draw.choice([READ, WORDS, CALL]) for _ in rest)
        made.append(Window(f"t/{number}", starts[number % 2] + rest, (READ,) * 7 + kinds, 7))
    return [*made, Window("t/whole", starts[0], (READ, *[CALL] * 6), 0)]


@pytest.mark.parametrize("kind", ["qwen3", "gemma3"])
def test_pieces_and_shared_starts_change_nothing(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setattr(divergence, "PIECE", 5)
    base, other = model(kind), model(kind, seed=1)
    found = divergence.compare(base, other, windows())
    at = 0
    order = np.argsort(found["window"], kind="stable")
    for number, window in enumerate(windows()):
        taken = [index for index, kind in enumerate(window.kinds) if kind != READ]
        p, q = (one(mx.array([window.ids]))[0][mx.array(taken) - 1] for one in (base, other))
        expected = divergence.positions(p, q, mx.array([window.ids[index] for index in taken]))
        rows = order[at : at + len(taken)]
        assert set(found["window"][rows]) == {number}
        assert found["kind"][rows].tolist() == [window.kinds[index] for index in taken]
        for name, values in zip(divergence.MEASURES, expected, strict=True):
            assert found[name][rows] == pytest.approx(np.array(values.tolist(), dtype=float), rel=1e-3, abs=1e-4), name
        at += len(taken)
    assert at == len(found["kld"])
    called = divergence.calls(found)
    assert len(called["kld"]) == sum(window.kinds.count(CALL) for window in windows())


def test_a_model_with_itself_does_not_diverge() -> None:
    found = divergence.compare(model(), model(), windows(), rows=2)
    assert np.abs(found["kld"]).max() < 1e-6 and found["same_top"].all()
    assert divergence.compare(model(), model(seed=1), windows())["kld"].mean() > 0.1


def test_logits_never_span_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(divergence, "PIECE", 5)
    seen = []

    def watched(p: mx.array, q: mx.array, ids: mx.array) -> list[mx.array]:
        seen.append(p.shape)
        return real(p, q, ids)

    real = divergence.positions
    monkeypatch.setattr(divergence, "positions", watched)
    divergence.compare(model(), model(seed=1), windows())
    assert max(rows for rows, _ in seen) == 5
