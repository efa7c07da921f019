"""How finely a share is known, and whether chance explains that shares differ."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist

import numpy as np

from shoal.types import Floats

Z95 = 1.959963984540054  # standard errors on either side of a 95 % interval
EXPECTED = 5.0  # events expected in every group, from which the chi-squared distribution is near
DRAWS = 9_999  # tables drawn at random where it is not
SEED = 0
LEVEL = 0.05  # two-sided


def normal_quantile(looks: int) -> float:
    """How many standard errors a 95 % interval spans where several are looked at (Bonferroni)."""
    return NormalDist().inv_cdf(1 - LEVEL / 2 / looks)


def wilson(share: Floats, n: Floats, looks: int = 1) -> tuple[Floats, Floats]:
    """The 95 % interval of a share (Wilson 1927), which holds for small groups and near 0 and 1.

    Where a share was picked among several `looks`, the interval holds for all of them together
    (Bonferroni).

    >>> low, high = wilson(np.array([0.75]), np.array([4.0]))
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.3006], [0.9544])
    """
    z = normal_quantile(looks)
    n = np.maximum(n, 1.0)
    middle = (share + z**2 / (2 * n)) / (1 + z**2 / n)
    half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
    return np.maximum(middle - half, 0.0), np.minimum(middle + half, 1.0)


def wilson_of(share: float, n: float) -> tuple[float, float]:
    """The same for one share.

    >>> low, high = wilson_of(0.75, 4)
    >>> round(low, 4), round(high, 4)
    (0.3006, 0.9544)
    """
    low, high = wilson(np.array([share]), np.array([float(n)]))
    return float(low[0]), float(high[0])


def shares_differ(events: Floats, known: Floats) -> float:
    """How probable shares that differ as much are where all groups are alike.

    Pearson's chi-squared test of k groups with so many `events` among so many `known` (k,). Where
    fewer than five of either are expected in a group, tables with the same margins are drawn at
    random instead (Monte Carlo, with a fixed seed).

    >>> shares_differ(np.array([10.0, 30.0]), np.array([100.0, 100.0])) < 0.001
    True
    >>> shares_differ(np.array([1.0, 2.0]), np.array([10.0, 10.0])) > 0.5
    True
    """
    events, known = events[known > 0], known[known > 0]
    total, happened = float(known.sum()), float(events.sum())
    if len(known) < 2 or not 0 < happened < total:
        return 1.0
    rate = happened / total
    found = float(_chi_squared(events, known, rate))
    if float(known.min()) * min(rate, 1 - rate) >= EXPECTED:
        from scipy.special import chdtrc

        return float(chdtrc(len(known) - 1, found))
    drawn = np.random.default_rng(SEED).multivariate_hypergeometric(
        known.astype(np.int64), int(happened), DRAWS, method="marginals"
    )
    as_far = _chi_squared(drawn.astype(np.float64), known, rate) >= found * (1 - 1e-9)
    return float((1 + as_far.sum()) / (DRAWS + 1))


def _chi_squared(events: Floats, known: Floats, rate: float) -> Floats:
    """Of tables (…, k) of events and the rest."""
    apart = (events - known * rate) ** 2 / (known * rate * (1 - rate))
    return np.asarray(apart.sum(axis=-1))


def beyond_chance(probabilities: Sequence[float], level: float = 0.05) -> list[bool]:
    """Which of several tests stand, where all of them were looked at (Holm 1979).

    >>> beyond_chance([0.04, 0.001, 0.02])
    [True, True, True]
    >>> beyond_chance([0.04, 0.001, 0.03])
    [False, True, False]
    """
    order = np.argsort(probabilities, kind="stable")
    stands = [False] * len(order)
    for rank, i in enumerate(order):
        if probabilities[i] > level / (len(order) - rank):
            break
        stands[i] = True
    return stands
