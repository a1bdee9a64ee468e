"""How often the regression check is wrong where the tasks of a family are alike, by simulation.

Families are Dirichlet-multinomial: any two tasks of one have their gains and losses correlated. Independent tasks are
summed exactly in test_gates_statistics.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlx_train.gates import compare as comparing
from mlx_train.gates import statistics as s

MARGIN = 0.02
SIZES = {52: [2] * 22 + [1] * 8, 150: [5] * 30, 300: [6] * 50, 800: [10] * 80}
Drawn = NDArray[np.int64]
tail = cache(s.clustered_tail)


def draw(sizes: list[int], gains: float, losses: float, icc: float, times: int, seed: int) -> tuple[Drawn, Drawn]:
    """Gained and lost tasks of each family, two arrays of times by families."""
    made = np.random.default_rng(seed)
    shares = np.array([gains, losses, 1 - gains - losses])
    of_family = np.broadcast_to(shares, (times, len(sizes), 3))
    if icc:
        of_family = made.gamma(np.broadcast_to(np.maximum(shares, 1e-9) * (1 / icc - 1), of_family.shape))
        of_family = (of_family + 1e-300) / (of_family + 1e-300).sum(-1, keepdims=True)
    counts = made.multinomial(np.broadcast_to(sizes, (times, len(sizes))), of_family)
    return counts[..., 0], counts[..., 1]


def gate(tasks: list[dict[str, Any]]) -> dict[str, Any]:
    """A gate file of one suite with these tasks."""
    passed = sum(row["passed"] for row in tasks)
    suite = {
        "n": len(tasks), "passed": passed, "rate": passed / len(tasks), "errors": 0, "errors_by_kind": {},
        "quick": False, "broken": False, "clusters": len({row["family"] for row in tasks}), "suite_sha256": "s",
    }  # fmt: skip
    return {
        "model": {}, "prompt_sha256": "p", "decoding": {}, "suites": {"hard": suite},
        "tasks": {"hard": {str(number): row for number, row in enumerate(tasks)}},
    }  # fmt: skip


def passes(sizes: list[int], gained: Drawn, lost: Drawn) -> tuple[list[str], list[bool], list[bool]]:
    """Families of tasks, and what passes before and after: all but what a family gained, and all but what it lost."""
    families: list[str] = []
    before: list[bool] = []
    after: list[bool] = []
    for number, (size, won, failed) in enumerate(zip(sizes, gained.tolist(), lost.tolist(), strict=True)):
        families += [f"f{number}"] * size
        before += [False] * won + [True] * (size - won)
        after += [True] * (size - failed) + [False] * failed
    return families, before, after


def claimed(sizes: list[int], gained: Drawn, lost: Drawn, margin: float = MARGIN) -> bool:
    """Whether `compare` passes this, without the bounds that it reports."""
    n, g, b = sum(sizes), int(gained.sum()), int(lost.sum())
    if s.tango_statistic(g, b, n, -margin) <= s.quantile(0.95):
        return False
    icc = round(comparing.likeness(*passes(sizes, gained, lost)), 3)
    return tail(g, b, tuple(sizes), icc, -margin) < 0.05


def wrong_passes(n: int, differ: float, icc: float, times: int) -> float:
    """Share of `pass` where exactly the margin is lost."""
    drawn = zip(*draw(SIZES[n], (differ - MARGIN) / 2, (differ + MARGIN) / 2, icc, times, n), strict=True)
    return sum(claimed(SIZES[n], gained, lost) for gained, lost in drawn) / times


def shown(sizes: list[int], gained: Drawn, lost: Drawn, margin: float = MARGIN) -> bool:
    """Whether `compare` says `regression`, without the bounds that it reports."""
    n, g, b = sum(sizes), int(gained.sum()), int(lost.sum())
    if b > g and s.mcnemar(g, b)[1] < 0.05 and s.mcnemar_clustered([int(net) for net in gained - lost]) < 0.05:
        return True
    if s.tango_statistic(b, g, n, margin) <= s.quantile(0.95):
        return False
    return tail(b, g, tuple(sizes), round(comparing.likeness(*passes(sizes, gained, lost)), 3), margin) < 0.05


def wrong_regressions(n: int, differ: float, icc: float, times: int) -> float:
    """Share of `regression` where none is lost on the whole."""
    drawn = zip(*draw(SIZES[n], differ / 2, differ / 2, icc, times, n), strict=True)
    return sum(shown(SIZES[n], gained, lost) for gained, lost in drawn) / times


@pytest.mark.parametrize(("n", "differ"), [(52, 0.05), (150, 0.05), (300, 0.03), (300, 0.1), (800, 0.02), (800, 0.05)])
@pytest.mark.parametrize("icc", [0.0, 0.25])
def test_a_loss_of_exactly_the_margin_in_alike_tasks_passes_in_at_most_6_percent(
    n: int, differ: float, icc: float
) -> None:
    """Type-I error of `pass` up to the correlation that is assumed where none can be estimated; nominal is 5 %."""
    assert wrong_passes(n, differ, icc, 1000) <= 0.06


@pytest.mark.parametrize("n", SIZES)
def test_equally_good_models_regress_in_at_most_3_5_percent_however_alike_tasks_are(n: int) -> None:
    assert max(wrong_regressions(n, 0.1, icc, 1000) for icc in (0.1, 0.6)) <= 0.035


@pytest.mark.slow
@pytest.mark.parametrize("n", SIZES)
@pytest.mark.parametrize("differ", [0.02, 0.03, 0.05, 0.1, 0.2])
def test_the_same_errors_in_20000_draws(n: int, differ: float) -> None:
    for icc in (0.0, 0.1, 0.25):
        assert wrong_passes(n, differ, icc, 20_000) <= 0.06
        assert wrong_regressions(n, differ, icc, 20_000) <= 0.035


def test_what_the_simulation_counts_is_the_verdict() -> None:
    sizes, verdicts = SIZES[300], []
    drawn = [draw(sizes, 0.04, losses, 0.2, 15, 3) for losses in (0.04, 0.11)]
    for gained, lost in (pair for both in drawn for pair in zip(*both, strict=True)):
        families, *sides = passes(sizes, gained, lost)
        before, after = (
            [dict(family=f, end="done", passed=won, reasons=[] if won else ["no"])
             for f, won in zip(families, side, strict=True)]
            for side in sides
        )  # fmt: skip
        verdict = comparing.compare(gate(before), gate(after), 0.05)["suites"]["hard"]["verdict"]
        verdicts.append(verdict)
        passed = claimed(sizes, gained, lost, 0.05)
        assert passed == (verdict == comparing.PASS)
        assert (shown(sizes, gained, lost, 0.05) and not passed) == (verdict == comparing.REGRESSION)
    assert set(verdicts) == {comparing.PASS, comparing.INCONCLUSIVE, comparing.REGRESSION}
