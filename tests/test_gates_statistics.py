"""The statistics against hand-counted and published values."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlx_train.gates import statistics as s


@pytest.mark.parametrize(
    ("passed", "n", "low", "high"),
    [(12, 12, 73.5, 100.0), (7, 12, 27.7, 84.8), (38, 40, 83.1, 99.4), (31, 52, 45.1, 73.0), (22, 52, 28.7, 56.8)],
)
def test_clopper_pearson_gives_the_known_intervals(passed: int, n: int, low: float, high: float) -> None:
    found = s.clopper_pearson(passed, n)
    assert [round(100 * bound, 1) for bound in found] == [low, high]


def test_clopper_pearson_all_passed_has_a_closed_form() -> None:
    assert s.clopper_pearson(29, 29, 0.9)[0] == pytest.approx(0.05 ** (1 / 29), abs=1e-9)


def test_wilson_by_hand() -> None:
    # 9 of 12: z = 1.959964, z^2 = 3.841459; centre (0.75 + 0.160061) / 1.320122 = 0.689376,
    # half width 1.959964 / 1.320122 * sqrt(0.015625 + 0.006669) = 0.221680.
    assert s.wilson(9, 12) == pytest.approx((0.467696, 0.911056), abs=1e-5)
    assert s.wilson(0, 0) == (0.0, 1.0)


def test_mcnemar_on_published_and_hand_counted_pairs() -> None:
    exact, mid = s.mcnemar(1, 7)  # 2 * 9/256 and 2 * (1/256 + 8/512)
    assert (exact, mid) == pytest.approx((0.0703125, 0.0390625))
    assert s.mcnemar(3, 0)[0] == pytest.approx(0.25)
    assert s.mcnemar(4, 9)[0] == pytest.approx(0.26685, abs=1e-5)
    assert s.mcnemar(6, 0)[0] == pytest.approx(0.03125)
    assert s.mcnemar(5, 0)[0] == pytest.approx(0.0625)
    assert s.mcnemar(0, 0) == (1.0, 1.0)
    assert s.mcnemar(5, 5) == (1.0, 1.0)


def test_tango_without_differences_has_a_closed_form() -> None:
    z2 = 1.6448536**2
    for n in (12, 133, 1546):
        assert s.tango_bound(0, 0, n) == pytest.approx(-z2 / (n + z2), abs=1e-7)


def test_tango_at_zero_is_mcnemar() -> None:
    assert s.tango_statistic(9, 4, 45, 0.0) == pytest.approx(5 / math.sqrt(13))


def test_tango_interval_agrees_with_the_survey() -> None:
    # 45 tasks, 4 gained, 9 lost: the two-sided 95 % score interval is -27.2 to +5.0 points.
    low, high = s.tango_bound(4, 9, 45, 0.975), -s.tango_bound(9, 4, 45, 0.975)
    assert (100 * low, 100 * high) == pytest.approx((-27.2, 5.0), abs=0.1)


def test_tango_variance_is_the_constrained_maximum_likelihood_one() -> None:
    gained, lost, n, d = 3, 8, 50, -0.05

    def likelihood(share_lost: float) -> float:
        share_gained, rest = share_lost + d, 1 - 2 * share_lost - d
        return gained * math.log(share_gained) + lost * math.log(share_lost) + (n - gained - lost) * math.log(rest)

    best = max((0.05 + i * 1e-5 for i in range(1, 40000)), key=likelihood)
    expected = (gained - lost - n * d) / math.sqrt(n * (2 * best + d - d * d))
    assert s.tango_statistic(gained, lost, n, d) == pytest.approx(expected, abs=1e-3)


@settings(max_examples=100)
@given(st.integers(1, 400), st.data())
def test_tango_bound_is_below_the_difference_and_grows_with_the_level_of_doubt(n: int, data: st.DataObject) -> None:
    gained = data.draw(st.integers(0, n))
    lost = data.draw(st.integers(0, n - gained))
    bound = s.tango_bound(gained, lost, n)
    assert -1 <= bound <= (gained - lost) / n + 1e-9
    assert s.tango_bound(gained, lost, n, 0.99) <= bound + 1e-9
    assert s.tango_bound(gained, lost, 2 * n) >= -1


@settings(max_examples=60)
@given(st.integers(1, 300), st.data())
def test_exact_interval_holds_the_rate(n: int, data: st.DataObject) -> None:
    passed = data.draw(st.integers(0, n))
    low, high = s.clopper_pearson(passed, n)
    assert low <= passed / n <= high
    w_low, w_high = s.wilson(passed, n)
    assert 0 <= w_low <= w_high <= 1


def test_least_n() -> None:
    assert [s.least_n(0.02, psi) for psi in (0.05, 0.1, 0.2)] == [773, 1546, 3092]
    assert s.least_n(0.05, 0.2) == 495
    assert (s.least_n_floor(0.02), s.least_n_floor(0.05)) == (133, 52)
    assert [s.least_n_for_losses(0.02, k) for k in range(4)] == [149, 236, 313, 386]
    assert [s.least_n_for_losses(0.05, k) for k in range(3)] == [59, 93, 124]


def test_the_floor_is_where_tango_first_passes() -> None:
    assert s.tango_bound(0, 0, 133) > -0.02 > s.tango_bound(0, 0, 132)


def test_design_effect_by_hand() -> None:
    # Two clusters of two, all alike inside: mean 1/2, plain sum of squares 1, cluster sums +1 and -1: 2 * 2 / 1 = 4.
    assert s.design_effect([1, 1, 0, 0], ["a", "a", "b", "b"]) == pytest.approx(4)
    assert s.design_effect([1, 0, 1, 0], ["a", "a", "b", "b"]) == 1.0
    assert s.design_effect([1, 1, 1], ["a", "b", "c"]) == 1.0
    assert s.design_effect([], []) == 1.0


@pytest.mark.parametrize("n", [52, 150, 300, 800])
@pytest.mark.parametrize("differ", [0.02, 0.05, 0.1, 0.2])
def test_a_loss_of_exactly_the_margin_passes_hardly_more_often_than_nominal(n: int, differ: float) -> None:
    """Type-I error, summed over every outcome of n independent pairs: share lost minus share gained is the margin.

    It is the highest, 6.02 %, for 300 pairs of which none can be gained; everywhere else it is below 5.4 %.
    """
    gains, losses = (differ - 0.02) / 2, (differ + 0.02) / 2
    most = [min(n, math.ceil(n * share + 10 * math.sqrt(n * share) + 10)) for share in (losses, gains)]
    wrong = 0.0
    for lost in range(most[0] + 1):
        for gained in range(min(most[1] if gains else 0, n - lost) + 1):
            if s.tango_statistic(gained, lost, n, -0.02) > s.quantile(0.95):
                same = n - lost - gained
                log_p = math.lgamma(n + 1) - sum(math.lgamma(count + 1) for count in (lost, gained, same))
                log_p += lost * math.log(losses) + same * math.log1p(-differ) + gained * math.log(gains or 1)
                wrong += math.exp(log_p)
    assert wrong <= (0.0602 if (n, differ) == (300, 0.02) else 0.054)
