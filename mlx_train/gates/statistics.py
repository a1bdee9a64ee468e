"""What counts prove: intervals for one rate, tests and bounds for two models on the same tasks.

Levels are shares (0.95). Counts may be fractions where a design effect has shrunk them, as noted.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

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
    few, enough = losses, losses + 1
    while binomial_at_most(losses, enough, rate) > 1 - level:
        few, enough = enough, 2 * enough
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (middle, enough) if binomial_at_most(losses, middle, rate) > 1 - level else (few, middle)
    return enough


def most_lost(lost: int, held: int, level: float = 0.95) -> float:
    """Retention: the largest share of `held` tasks, those the baseline passes, that a candidate may lose.

    Clopper and Pearson's one-sided upper bound. 1 where the baseline passes none.
    """
    return clopper_pearson(lost, held, 2 * level - 1)[1] if held else 1.0


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


def mcnemar_clustered(net: Sequence[int]) -> float:
    """Two-sided mid-p of "the two models are equally good" with clusters as the units.

    If they are, gained minus lost of a cluster (`net`) may as well have the other sign, however alike its tasks are;
    so the sum is compared with those of all choices of signs. Exact for any number of clusters. With one task in each
    cluster it is McNemar's mid-p. Source: Canay, Romano and Shaikh, Econometrica 85 (2017) 1013-1030.
    """
    chances = np.ones(1)
    for size in filter(None, map(abs, net)):
        chances = (np.pad(chances, (0, 2 * size)) + np.pad(chances, (2 * size, 0))) / 2
    total, most = abs(sum(net)), len(chances) // 2
    tail = float(chances[most + total :].sum() - chances[most + total] / 2)
    return min(1.0, 2 * tail) if total else 1.0


def share_lost(gained: float, lost: float, n: float, difference: float) -> float:
    """The likeliest share of losses if the paired difference of rates is `difference`, from independent tasks.

    Source: Tango, Stat. Med. 17 (1998) 891-908. It is not 0 where no task differs, unless `difference` is.
    """
    a = 2 * n
    b = -gained - lost + (2 * n - gained + lost) * difference
    c = -lost * difference * (1 - difference)
    return (math.sqrt(max(0.0, b * b - 4 * a * c)) - b) / (2 * a)


def tango_statistic(gained: float, lost: float, n: float, difference: float) -> float:
    """Score statistic of "the paired difference of rates is `difference`"; McNemar's where that is 0.

    Source: Tango, Stat. Med. 17 (1998) 891-908.
    """
    variance = n * (2 * share_lost(gained, lost, n, difference) + difference * (1 - difference))
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


def clustered_bound(gained: int, lost: int, sizes: Sequence[int], icc: float, level: float = 0.95) -> float:
    """One-sided lower bound of the difference candidate minus baseline where tasks come in clusters, in rates.

    The lowest difference at which gained minus lost would be as high as it is in more than 1 - level of all cases, by
    the exact distribution: in each cluster gained, lost and same are Dirichlet-multinomial with correlation `icc`
    between any two of its tasks, clusters are independent, and the share of losses is Tango's estimate. It needs no
    task that differs, and no normal approximation: with nothing gained and one task a cluster it is Clopper and
    Pearson's. The upper bound is `-clustered_bound(lost, gained, sizes, icc)`.

    Source of the model: Mosimann, Biometrika 49 (1962) 65-82.

    Args:
        sizes: tasks in each cluster.
    """
    n = sum(sizes)
    if lost >= n:
        return -1.0
    return _bisect(
        lambda d: clustered_tail(gained, lost, sizes, icc, d) < 1 - level, -1.0, min((gained - lost) / n, 1 - 1e-9)
    )


def clustered_tail(gained: int, lost: int, sizes: Sequence[int], icc: float, difference: float) -> float:
    """P(gained minus lost is at least what it is) if the difference of rates is `difference`; see `clustered_bound`."""
    n = sum(sizes)
    losses = min(1.0, max(0.0, share_lost(gained, lost, n, difference), -difference))
    gains = max(0.0, losses + difference)
    points = 1 << (2 * n).bit_length()
    spectrum = np.ones(points // 2 + 1, dtype=complex)
    for size, clusters in Counter(sizes).items():
        spectrum *= np.fft.rfft(_net_of_cluster(size, gains, losses, icc), points) ** clusters
    return float(np.fft.irfft(spectrum, points)[n + gained - lost : 2 * n + 1].sum())


def _net_of_cluster(size: int, gains: float, losses: float, icc: float) -> NDArray[np.float64]:
    """Chances of gained minus lost in a cluster, from -size to size: array of 2 size + 1."""
    spread = min(icc, 0.999) / (1 - min(icc, 0.999))
    steps = np.arange(size)
    with np.errstate(divide="ignore"):
        rising = [
            np.concatenate([[0.0], np.cumsum(np.log(share + spread * steps))])
            for share in (gains, losses, max(0.0, 1 - gains - losses))
        ]
    factorial = np.concatenate([[0.0], np.cumsum(np.log(steps + 1))])
    up, down = (part.ravel() for part in np.indices((size + 1, size + 1)))
    up, down = up[up + down <= size], down[up + down <= size]
    same = size - up - down
    ways = factorial[size] - factorial[up] - factorial[down] - factorial[same]
    logs = ways + rising[0][up] + rising[1][down] + rising[2][same] - np.log(1 + spread * steps).sum()
    chances = np.zeros(2 * size + 1)
    np.add.at(chances, up - down + size, np.exp(logs))
    return chances


def none_lost(sizes: Sequence[int], icc: float, rate: float) -> float:
    """Chance that not one task is lost, and none gained, at this rate of losses in such clusters."""
    spread = min(icc, 0.999) / (1 - min(icc, 0.999))
    return math.prod((1 - rate + spread * i) / (1 + spread * i) for size in sizes for i in range(size))


def least_shown(sizes: Sequence[int], icc: float, level: float = 0.95) -> float:
    """The smallest margin that such clusters show at all, where no task differs: minus their `clustered_bound`."""
    return _bisect(lambda rate: none_lost(sizes, icc, rate) > 1 - level, 0.0, 1.0)


def least_n(
    margin: float, differ: float, size: int = 1, icc: float = 0.0, level: float = 0.95, power: float = 0.8
) -> int:
    """Paired tasks needed to show "no more than `margin` lost" when nothing is lost and a share `differ` differs.

    n = (z_level + z_power)^2 differ effect / margin^2, where the design effect is 1 + (size - 1) icc for clusters of
    `size` tasks; and never fewer than show it where not one task differs: 149 single ones for 2 points, 59 for 5.
    """
    wanted = (quantile(level) + quantile(power)) ** 2 * differ * (1 + (size - 1) * icc) / margin**2
    fewest = math.ceil(math.log(1 - level) / math.log(none_lost([size], icc, margin)))
    return max(math.ceil(wanted), size * fewest)


def least_margin(n: int, differ: float, effect: float = 1.0, level: float = 0.95, power: float = 0.8) -> float:
    """Minimum detectable effect: the margin that n tasks show with this power when nothing is lost; see `least_n`."""
    return (quantile(level) + quantile(power)) * math.sqrt(differ * effect / n)


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


def clustered_wilson(values: Sequence[float], clusters: Sequence[str], level: float = 0.95) -> Interval:
    """Wilson's interval of the mean of values of 0 and 1, on the effective number of them: see `design_effect`."""
    effect = design_effect(values, clusters)
    return wilson(math.fsum(values) / effect, len(values) / effect, level)


def intracluster_correlation(values: Sequence[float], clusters: Sequence[str]) -> float:
    """How alike the values of one cluster are, from 0 to 0.999: what their design effect says of clusters this large.

    The design effect is 1 + (size - 1) icc, where size is the mean size of a task's cluster; 0 where every cluster has
    one task.
    """
    size = mean_size(clusters)
    return 0.0 if size <= 1 else min(0.999, (design_effect(values, clusters) - 1) / (size - 1))


def mean_size(clusters: Sequence[str]) -> float:
    """Size of the cluster that a task is in, on average over tasks."""
    return sum(size * size for size in Counter(clusters).values()) / len(clusters)


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
