"""How the numbers of one column are spread: moments, skew, quantiles, histogram."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from shoal.stats.distribution import skewness
from shoal.types import QUANTILES, Column, Floats, Histogram, Ints

BINS = 30


def with_distribution(column: Column, x: Floats, distinct: int) -> Column:
    """The column with the skew, quantiles and histogram of its finite values in the sample (m,)."""
    if len(x) == 0:
        return column
    counts, edges = _histogram(x, min(BINS, max(1, distinct)))
    return replace(
        column,
        skew=skewness(x),
        whole=bool(np.all(x == np.floor(x))),
        quantiles=tuple(map(float, np.quantile(x, QUANTILES))),
        histogram=Histogram(tuple(map(float, edges)), tuple(map(int, counts))),
    )


def with_moments(column: Column, x: Floats, times: float) -> Column:
    """The column with all facts that its finite values in the sample (m,), m > 0, give.

    Each of them stands for so many `times` of all customers.
    """
    moments = replace(
        column,
        min=float(x.min()),
        max=float(x.max()),
        mean=float(x.mean()),
        std=float(x.std()),
        sum=float(x.sum() * times),
    )
    return with_distribution(moments, x, column.distinct)


def _histogram(x: Floats, most: int) -> tuple[Ints, Floats]:
    """Counts between edges; one bar where values lie too close for their size to be parted."""
    low, high = float(x.min()), float(x.max())
    too_close = high - low <= most * float(np.spacing(max(abs(low), abs(high))))
    if too_close and (low < high or abs(high) > 1):
        return np.array([len(x)]), np.array([low, high])
    return np.histogram(x, bins=most)
