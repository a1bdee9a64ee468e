"""What counts prove: intervals for one rate, tests and bounds for two models on the same tasks.

Levels are shares (0.95). Counts may be fractions where a design effect has shrunk them, as noted.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from statistics import NormalDist

Interval = tuple[float, float]


def quantile(share: float) -> float:
    """The standard normal quantile: 1.645 for 0.95."""
    return NormalDist().inv_cdf(share)


def _bisect(holds: Callable[[float], bool], low: float, high: float) -> float:
    """Where `holds` turns from true (at `low`) to false (at `high`); 60 halvings."""
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return (low + high) / 2


def wilson(passed: float, n: float, level: float = 0.95) -> Interval:
    """Two-sided score interval of a rate, for display.

    Source: Wilson, J. Am. Stat. Assoc. 22 (1927) 209-212. `n` may be an effective sample size.
    """
    if n == 0:
        return 0.0, 1.0
    z = quantile((1 + level) / 2)
    rate = passed / n
    centre = (rate + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return max(0.0, centre - half), min(1.0, centre + half)


def binomial_at_most(k: int, n: int, p: float) -> float:
    """P(X <= k) for X binomial(n, p), as an exact sum."""
    if k < 0:
        return 0.0
    if k >= n or p <= 0:
        return 1.0
    if p >= 1:
        return 0.0
    log_p, log_q = math.log(p), math.log1p(-p)
    return min(1.0, math.fsum(math.exp(_log_choose(n, i) + i * log_p + (n - i) * log_q) for i in range(k + 1)))


def _log_choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def clopper_pearson(passed: int, n: int, level: float = 0.95) -> Interval:
    """Two-sided exact interval of a rate, for what blocks a release; its coverage is never below the level.

    Source: Clopper and Pearson, Biometrika 26 (1934) 404-413, by bisection on the binomial tails.
    """
    tail = (1 - level) / 2
    low = 0.0 if passed == 0 else _bisect(lambda p: 1 - binomial_at_most(passed - 1, n, p) < tail, 0, passed / n)
    high = 1.0 if passed == n else _bisect(lambda p: binomial_at_most(passed, n, p) > tail, passed / n, 1)
    return low, high


def least_n_for_losses(rate: float, losses: int, level: float = 0.95) -> int:
    """Tasks needed so that `losses` of them lost show a loss rate of at most `rate`: 149 for 2 % and none lost."""
    n = losses + 1
    while binomial_at_most(losses, n, rate) > 1 - level:
        n += 1
    return n


def mcnemar(gained: int, lost: int) -> tuple[float, float]:
    """Two-sided exact and mid-p values of "the two models are equally good", from the tasks where they differ.

    Source: Fagerland, Lydersen and Laake, BMC Med. Res. Methodol. 13:91 (2013), who prefer mid-p.
    """
    differ, fewer = gained + lost, min(gained, lost)
    if differ == 0:
        return 1.0, 1.0
    exact = min(1.0, 2 * binomial_at_most(fewer, differ, 0.5))
    point = math.exp(_log_choose(differ, fewer) - differ * math.log(2))
    return exact, 2 * (binomial_at_most(fewer, differ, 0.5) - point / 2) if gained != lost else 1.0


def tango_statistic(gained: float, lost: float, n: float, difference: float) -> float:
    """Score statistic of "the paired difference of rates is `difference`"; McNemar's where that is 0.

    Source: Tango, Stat. Med. 17 (1998) 891-908. The variance uses the estimate of the share of losses under the
    hypothesis, so the test also works where no task differs.
    """
    a = 2 * n
    b = -gained - lost + (2 * n - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    share_lost = (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)
    variance = n * (2 * share_lost + difference * (1 - difference))
    distance = gained - lost - n * difference
    if variance <= 1e-12:
        return math.copysign(math.inf, distance) if distance else 0.0
    return distance / math.sqrt(variance)


def tango_bound(gained: float, lost: float, n: float, level: float = 0.95) -> float:
    """One-sided lower score bound of the difference candidate minus baseline, in rates.

    The candidate is shown to be not worse by more than a margin m where the bound is above -m. With no task that
    differs it is -z^2 / (n + z^2). The upper bound is `-tango_bound(lost, gained, n)`.
    """
    if n == 0 or lost >= n:
        return -1.0
    z = quantile(level)
    return _bisect(lambda d: tango_statistic(gained, lost, n, d) > z, -1.0, (gained - lost) / n)


def least_n(margin: float, differ: float, level: float = 0.95, power: float = 0.8) -> int:
    """Paired tasks needed to show "no more than `margin` lost" when nothing is lost and a share `differ` differs.

    n = (z_level + z_power)^2 differ / margin^2, and never below the floor where not one task differs.
    """
    wanted = (quantile(level) + quantile(power)) ** 2 * differ / margin**2
    return max(math.ceil(wanted), least_n_floor(margin, level))


def least_n_floor(margin: float, level: float = 0.95) -> int:
    """Paired tasks below which a margin cannot be shown whatever the data: 133 for 2 points, 52 for 5."""
    z2 = quantile(level) ** 2
    return math.floor(z2 / margin - z2) + 1


def design_effect(values: Sequence[float], clusters: Sequence[str]) -> float:
    """How many times larger the variance of the mean is because tasks of one cluster resemble each other; at least 1.

    The cluster-robust variance, times G / (G - 1), over the variance of independent values. Source: Miller, "Adding
    Error Bars to Evals" (arXiv 2411.00640), section 2.2. It is 1 where it cannot be estimated (equal values, or one
    cluster).
    """
    n = len(values)
    sums: dict[str, float] = {}
    mean = math.fsum(values) / n if n else 0.0
    for value, cluster in zip(values, clusters, strict=True):
        sums[cluster] = sums.get(cluster, 0.0) + value - mean
    plain = math.fsum((value - mean) ** 2 for value in values)
    if plain < 1e-12 or len(sums) < 2:
        return 1.0
    clustered = math.fsum(total * total for total in sums.values()) * len(sums) / (len(sums) - 1)
    return max(1.0, clustered / plain)


def pass_hat(k: int, passed: int, samples: int) -> float:
    """pass^k of one task: the chance that k of its samples, drawn without putting back, all passed.

    C(passed, k) / C(samples, k). Source: Yao et al., tau-bench (arXiv 2406.12045).

    Raises:
        ValueError: there are fewer than k samples, so it is not defined.
    """
    _check(k, samples)
    return math.comb(passed, k) / math.comb(samples, k)


def pass_at(k: int, passed: int, samples: int) -> float:
    """pass@k of one task: the chance that at least one of k of its samples passed.

    1 - C(samples - passed, k) / C(samples, k). Source: Chen et al., Evaluating Large Language Models Trained on Code
    (arXiv 2107.03374).

    Raises:
        ValueError: there are fewer than k samples, so it is not defined.
    """
    _check(k, samples)
    return 1 - math.comb(samples - passed, k) / math.comb(samples, k)


def _check(k: int, samples: int) -> None:
    if not 1 <= k <= samples:
        raise ValueError(f"k is {k}, with {samples} samples; expected 1 to {samples}")


def cluster_sizes(clusters: Sequence[str]) -> Mapping[str, int]:
    """Tasks in each cluster."""
    sizes: dict[str, int] = {}
    for cluster in clusters:
        sizes[cluster] = sizes.get(cluster, 0) + 1
    return sizes
