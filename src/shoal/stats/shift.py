"""How far values have shifted between two samples, told from bins of both.

Bins hold a number and a mean, so any number of rows is told in little room, and two workers' bins
add up. Their edges are quantiles of the first sample.
"""

from __future__ import annotations

import numpy as np

from shoal.stats.intervals import shares_differ
from shoal.types import Bins, Floats, Ints

MOST_BINS = 40
LEAST_IN_BIN = 5  # values, unless they are all that differ there: no customer is told by one
GROUPS = 10  # of the population stability index: tenths of the first sample
DRAWS = 500  # of chance, for what is usual
SEED = 0
SURE = 0.95
FREQUENT = 0.2  # share of a bin that stands for one value, as 0 is of money that few spend
TAIL = 3**0.5  # standard deviation of a tail, by its mean excess


def edges_of(values: Floats) -> Floats:
    """Edges (b - 1,) between which about equally many values (n,) lie; a frequent one lies alone.

    >>> edges_of(np.array([0.0] * 20 + list(range(1, 21)))).tolist()[:3]
    [0.5, 5.5, 10.5]
    """
    x = np.sort(values)
    bins = min(MOST_BINS, len(x) // LEAST_IN_BIN)
    if bins < 2:
        return np.zeros(0)
    at = x[np.arange(1, bins) * len(x) // bins - 1]
    cuts = np.searchsorted(x, at, side="right")
    repeated = at[:-1][at[1:] == at[:-1]]
    cuts = np.unique(np.r_[cuts, np.searchsorted(x, repeated, side="left")])
    cuts = cuts[(cuts > 0) & (cuts < len(x))]
    below, above = x[cuts - 1], x[cuts]
    middle = below + (above - below) / 2
    return np.asarray(np.unique(np.where(middle < above, middle, below)))


def counted(values: Floats, edges: Floats) -> tuple[Ints, Floats]:
    """How many of the values (n,) lie in each bin (b,), and their sums (b,)."""
    at = np.searchsorted(edges, values, side="left")
    size = len(edges) + 1
    counts, sums = np.bincount(at, minlength=size), np.bincount(at, values, size)
    return counts.astype(np.int64), sums.astype(np.float64)


def bins_of(edges: Floats, counts: Ints, sums: Floats) -> Bins:
    """Bins with these counts and sums."""
    means = sums / np.maximum(counts, 1)
    return Bins(tuple(edges.tolist()), tuple(counts.tolist()), tuple(means.tolist()))


def bins_from(values: Floats) -> Bins:
    """The bins of a first sample (n,) of finite values.

    >>> bins_from(np.arange(10.0)).counts
    (5, 5)
    """
    edges = edges_of(values)
    return bins_of(edges, *counted(values, edges))


def mean(bins: Bins) -> float | None:
    """The mean of all values; None where there is none."""
    counts = np.array(bins.counts, dtype=float)
    return float(counts @ np.array(bins.means) / counts.sum()) if counts.sum() else None


def frequent(before: Bins) -> int | None:
    """The bin of a value that many have; None: there is none, or everybody has it.

    >>> frequent(bins_from(np.r_[np.zeros(30), np.arange(1.0, 11.0)]))
    0
    """
    shares = _shares(before.counts)
    at = int(shares.argmax())
    return at if len(shares) > 2 and shares[at] >= FREQUENT else None


def without(bins: Bins, at: int) -> Bins:
    """The bins of all values but those in one of them."""
    left = max(at - 1, 0)
    return Bins(
        bins.edges[:left] + bins.edges[left + 1 :],
        bins.counts[:at] + bins.counts[at + 1 :],
        bins.means[:at] + bins.means[at + 1 :],
    )


def groups(before: Bins) -> Ints:
    """(b,) the tenth of the first sample that each bin lies in, from 0 without gaps."""
    shares = _shares(before.counts)
    middles = np.cumsum(shares) - shares / 2
    tenths = np.minimum((middles * GROUPS).astype(np.int64), GROUPS - 1)
    return np.asarray(np.unique(tenths, return_inverse=True)[1])


def grouped(bins: Bins, group: Ints) -> Ints:
    """Counts of bins put together."""
    return np.bincount(group, np.array(bins.counts, dtype=float)).astype(np.int64)


def psi(before: Ints, after: Ints) -> float:
    """The population stability index of counts (g,) before and after.

    The sum of (q - p) ln(q / p) over shares p and q (Siddiqi, Credit Risk Scorecards, 2006). A
    group without anybody is taken for half a customer.

    >>> round(psi(np.array([50, 50]), np.array([60, 40])), 4)
    0.0405
    """
    p, q = (np.maximum(c, 0.5) / max(c.sum(), 1) for c in (before, after))
    return float(((q - p) * np.log(q / p)).sum())


def usual_psi(groups: int, before: int, after: int) -> float:
    """What chance alone does not exceed in 95 of 100 pairs of samples.

    Without a shift the index is a chi-squared variable times 1/n + 1/m (Yurdakul & Naranjo, Journal
    of Risk Model Validation 14, 2020).

    >>> round(usual_psi(10, 1000, 1000), 3)
    0.034
    """
    from scipy.special import chdtri

    if groups < 2:
        return 0.0
    return float(chdtri(groups - 1, 1 - SURE)) * (1 / before + 1 / after)


def wasserstein(before: Bins, after: Bins) -> float:
    """How far values must move on average for one sample to become the other, in their unit.

    The area between both distribution functions. Within a bin it is known from counts and means,
    however the values lie there, as long as the functions do not cross inside it; where they do, it
    is told too small.

    >>> first = bins_from(np.arange(100.0))
    >>> edges = np.array(first.edges)
    >>> round(wasserstein(first, bins_of(edges, *counted(np.arange(100.0) + 7, edges))), 9)
    7.0
    """
    p, q = _shares(before.counts), _shares(after.counts)
    m, n = np.array(before.means), np.array(after.means)
    if len(p) == 1:
        return abs(float(m[0] - n[0]))
    edges = np.array(before.edges)
    apart = np.cumsum(p - q)[:-1]  # of the distribution functions, at each edge
    inner = apart[:-1] * np.diff(edges) + p[1:-1] * (edges[1:] - m[1:-1])
    inner -= q[1:-1] * (edges[1:] - n[1:-1])
    first = p[0] * (edges[0] - m[0]) - q[0] * (edges[0] - n[0])
    last = q[-1] * (n[-1] - edges[-1]) - p[-1] * (m[-1] - edges[-1])
    return float(np.abs(inner).sum() + abs(first) + abs(last))


def usual_wasserstein(bins: Bins, before: int, after: int) -> float:
    """What chance alone does not exceed in 95 of 100 pairs of samples of these sizes.

    Distribution functions of samples differ as a Brownian bridge does (del Barrio, Giné & Matrán,
    Annals of Probability 27, 1999): bridges are drawn at the edges, with a fixed seed. The tails
    beyond them are taken for heavy ones (Pareto's with shape 3, whose standard deviation is √3
    times their mean excess).
    """
    shares = _shares(bins.counts)
    rng, scale = np.random.default_rng(SEED), np.sqrt(1 / before + 1 / after)
    if len(shares) == 1:
        return 0.0
    steps = rng.standard_normal((DRAWS, len(shares))) * np.sqrt(shares)
    bridge = np.cumsum(steps - shares * steps.sum(axis=1, keepdims=True), axis=1)[:, :-1]
    edges, means = np.array(bins.edges), np.array(bins.means)
    areas = np.abs(bridge[:, :-1] + bridge[:, 1:]) / 2 @ np.diff(edges)
    for end, reach in ((0, edges[0] - means[0]), (-1, means[-1] - edges[-1])):
        own = rng.standard_normal(DRAWS) * np.sqrt(shares[end])
        areas += np.abs(bridge[:, end] + TAIL * own) * reach
    return float(np.quantile(areas, SURE) * scale)


def spread(bins: Bins) -> float:
    """By how much two values differ on average, as the bins tell it (Gini's mean difference).

    >>> round(spread(bins_from(np.arange(1000.0))))
    333
    """
    shares, means = _shares(bins.counts), np.array(bins.means)
    below = np.cumsum(shares) - shares / 2
    return float(2 * (shares * means * (2 * below - 1)).sum())


def chance_of_groups(before: Ints, after: Ints) -> float:
    """How probable it is that shares of groups (g,) differ as much where nothing has changed."""
    return shares_differ(after.astype(float), (before + after).astype(float))


def chance_of_bins(before: Bins, after: Bins) -> float:
    """The same of the largest distance between both distribution functions at the edges.

    The two-sample test of Kolmogorov and Smirnov, which ties make only more careful.
    """
    from scipy.special import kolmogorov

    n, m = sum(before.counts), sum(after.counts)
    apart = np.abs(np.cumsum(_shares(before.counts) - _shares(after.counts))).max()
    return float(kolmogorov(apart * np.sqrt(n * m / (n + m))))


def _shares(counts: tuple[int, ...]) -> Floats:
    each = np.array(counts, dtype=float)
    return np.asarray(each / max(each.sum(), 1.0))
