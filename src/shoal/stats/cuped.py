"""Amounts less what amounts before explain of them."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from shoal.stats.intervals import normal_quantile
from shoal.types import Floats

SAME = 1e-9  # share of variance up to which amounts before are the outcome itself


class Adjusted(NamedTuple):
    """The difference of two means beyond what amounts before explain."""

    lift: float
    error: float  # standard error
    left: float  # share of the variance that is not explained


def adjusted(sides: list[Floats], before: list[Floats]) -> Adjusted | None:
    """The difference of means, target less held out, less what amounts before explain of it.

    CUPED (Deng, Xu, Kohavi & Walker, WSDM 2013) with a slope and a variance for each group, since
    what a campaign brings may grow with money before (Lin, Annals of Applied Statistics 7, 2013).
    What is not known before is taken as the mean. None where amounts before explain nothing, or
    everything: then they are the outcome.

    >>> rng = np.random.default_rng(0)
    >>> before = [rng.normal(size=n) for n in (400, 100)]
    >>> found = adjusted([before[0] * 3 + 1 + rng.normal(size=400), before[1] * 3], before)
    >>> round(found.lift, 1)
    1.0
    """
    every = np.concatenate(before)
    known = every[np.isfinite(every)]
    if not len(known):
        return None
    middle = float(known.mean())
    off = [np.where(np.isfinite(x), x, middle) - middle for x in before]
    if not min(float(np.ptp(x)) for x in off) > 0:
        return None
    slopes = [_slope(x, y) for x, y in zip(off, sides, strict=True)]
    less = [y - slope * x for x, y, slope in zip(off, sides, slopes, strict=True)]
    left, whole = (sum(float(x.var()) * len(x) for x in each) for each in (less, sides))
    if not whole > 0 or left <= SAME * whole:
        return None
    error = sum(float(x.var(ddof=1)) / len(x) for x in less)
    error += (slopes[0] - slopes[1]) ** 2 * float(np.concatenate(off).var()) / len(every)
    return Adjusted(float(less[0].mean() - less[1].mean()), math.sqrt(error), left / whole)


def _slope(x: Floats, y: Floats) -> float:
    """Of y on x, by least squares."""
    around = x - x.mean()
    return float(around @ y) / float(around @ around)


def interval(found: Adjusted, looks: int = 1) -> tuple[Floats, Floats, Floats]:
    """The lift with its 95 % interval."""
    reach = normal_quantile(looks) * found.error
    return np.array(found.lift), np.array(found.lift - reach), np.array(found.lift + reach)
