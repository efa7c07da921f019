"""How much of an outcome groups explain on customers that they were not learned on."""

from __future__ import annotations

import numpy as np

from shoal.types import Floats, Ints

DRAWS = 1_000  # resamples of customers
SEED = 0


def means_of(group: Ints, y: Floats, groups: int, everybody: float) -> Floats:
    """(groups,) the mean outcome of each group, drawn to everybody's by one customer's weight.

    >>> means_of(np.array([0, 0, 1]), np.array([1.0, 0.0, 1.0]), 3, 0.5).round(2).tolist()
    [0.5, 0.75, 0.5]
    """
    counts = np.bincount(group, minlength=groups)
    sums = np.bincount(group, y, minlength=groups)
    return np.asarray((sums + everybody) / (counts + 1))


def explained(y: Floats, predicted: Floats, base: float) -> tuple[Floats, Floats]:
    """Share of the variance of y (n,) that each prediction (n, g) explains, and the same of
    resamples of customers (draws, g).

    It is 1 - sum of squared errors / that of `base` for everybody: 0 tells nothing, and below 0 it
    is worse than nothing. For what happens or not it is the Brier skill score (Brier 1950).
    Resamples are Efron's bootstrap (1979), the same for all predictions, so that their differences
    are paired.

    >>> y = np.array([0.0, 1.0, 0.0, 1.0])
    >>> explained(y, np.column_stack([y, np.full(4, 0.5)]), 0.5)[0].tolist()
    [1.0, 0.0]
    """
    errors = np.column_stack([(predicted - y[:, None]) ** 2, (y - base) ** 2])
    draw, n = np.random.default_rng(SEED), len(y)
    found = [_skill(errors[draw.integers(0, n, n)].sum(axis=0)) for _ in range(DRAWS)]
    return _skill(errors.sum(axis=0)), np.array(found)


def _skill(sums: Floats) -> Floats:
    return np.asarray(1 - sums[:-1] / sums[-1] if sums[-1] > 0 else np.zeros(len(sums) - 1))


def interval(drawn: Floats) -> tuple[float, float]:
    """The middle 95 % of resamples."""
    low, high = np.percentile(drawn, [2.5, 97.5])
    return float(low), float(high)
