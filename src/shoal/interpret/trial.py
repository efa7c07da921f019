"""How many customers a test of a play takes: the textbook sizes for two equal groups."""

from __future__ import annotations

import math
from statistics import NormalDist

SURE = 0.95  # two-sided


def _quantiles(power: float) -> tuple[float, float]:
    quantile = NormalDist().inv_cdf
    return quantile(0.5 + SURE / 2), quantile(power)


def size_for_rates(base: float, changed: float, power: float) -> int:
    """Customers in each group to tell two rates apart.

    Fleiss, Levin & Paik, Statistical Methods for Rates and Proportions (2003), formula 4.14,
    without correction for continuity.

    >>> size_for_rates(0.05, 0.06, 0.8)
    8158
    """
    sure, found = _quantiles(power)
    mean = (base + changed) / 2
    alike = sure * math.sqrt(2 * mean * (1 - mean))
    apart = found * math.sqrt(base * (1 - base) + changed * (1 - changed))
    return math.ceil(((alike + apart) / (base - changed)) ** 2)


def size_for_means(deviation: float, difference: float, power: float) -> int:
    """Customers in each group to tell two means apart (Cohen 1988).

    >>> size_for_means(10.0, 2.0, 0.8)
    393
    """
    sure, found = _quantiles(power)
    return math.ceil(2 * ((sure + found) * deviation / difference) ** 2)
