"""How much more a treated group brings than one that was held out: intervals, power, sizes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from shoal.stats.intervals import normal_quantile, wilson
from shoal.types import Floats

_SPREAD = 7.0  # standard deviations of a count that are looked at
_POINTS = 1_001
_ROUNDS = 50  # of halving an interval
_GROWTH = 1.5  # of a variance with its mean: 1 is more buyers, 2 larger purchases
COCHRAN = 25.0  # times the squared skewness: the size from which means are normal


@dataclass(frozen=True)
class Interval:
    """A lift with its interval."""

    lift: float
    low: float
    high: float


# --- rates ----------------------------------------------------------------------------------------


def rates_apart(
    yes: tuple[Floats, Floats], n: tuple[Floats, Floats], looks: int = 1
) -> tuple[Floats, Floats, Floats]:
    """The difference of two rates, target less held out, with its 95 % interval.

    Newcombe, Statistics in Medicine 17 (1998), method 10, of two score intervals (Wilson); it holds
    for rare outcomes and for groups of unlike sizes.

    >>> yes, n = (np.array([56.0]), np.array([48.0])), (np.array([70.0]), np.array([80.0]))
    >>> found = rates_apart(yes, n)
    >>> [x.round(4).tolist() for x in found]
    [[0.2], [0.0524], [0.3339]]
    """
    (target, other), (n1, n0) = yes, n
    p1, p0 = target / n1, other / n0
    (low1, high1), (low0, high0) = wilson(p1, n1, looks), wilson(p0, n0, looks)
    lift = p1 - p0
    below = np.sqrt((p1 - low1) ** 2 + (high0 - p0) ** 2)
    above = np.sqrt((high1 - p1) ** 2 + (p0 - low0) ** 2)
    return lift, lift - below, lift + above


def power_of_rates(base: float, changed: float, n1: int, n0: int, looks: int = 1) -> float:
    """How probable it is that the interval of such rates lies above 0 altogether.

    Worked out from the two binomial distributions, not from a normal approximation: over the counts
    of those held out (at a thousand points at most), how many of the target it takes.
    """
    return _powers(base, n1, n0, looks)(changed)


def _powers(base: float, n1: int, n0: int, looks: int) -> Callable[[float], float]:
    """That by the rate of the target."""
    from scipy.stats import binom

    middle, spread = n0 * base, _SPREAD * math.sqrt(n0 * base * (1 - base)) + 3
    ends = max(middle - spread, 0), min(middle + spread, n0)
    counts = np.unique(np.linspace(*ends, _POINTS).round())
    weights = binom.pmf(counts, n0, base)
    needed = _least_that_shows(counts, n1, n0, looks)

    def power(changed: float) -> float:
        return float((weights * binom.sf(needed - 1, n1, changed)).sum() / weights.sum())

    return power


def _least_that_shows(counts: Floats, n1: int, n0: int, looks: int) -> Floats:
    """For each count of those held out the least of the target whose interval lies above 0."""
    low, high = np.floor(counts / n0 * n1), np.full(len(counts), n1 + 1.0)
    known = np.full(len(counts), float(n1)), np.full(len(counts), float(n0))
    while np.any(high - low > 1):
        middle = np.floor((low + high) / 2)
        shows = rates_apart((middle, counts), known, looks)[1] > 0
        low, high = np.where(shows, low, middle), np.where(shows, middle, high)
    return np.asarray(high)


def smallest_rate_lift(base: float, n1: int, n0: int, power: float, looks: int = 1) -> float | None:
    """The smallest lift of a rate that is seen with this power; None: none is."""
    if min(n1, n0) < 1:
        return None
    powers = _powers(base, n1, n0, looks)
    if powers(1.0) < power:
        return None
    return least_that(lambda x: powers(base + x) >= power, 1 - base)


def size_for_rate_lift(
    base: float, lift: float, hold_out: float, power: float, looks: int = 1
) -> int | None:
    """How many customers, of whom a share is held out, show a lift; None: more than 10 billion."""
    if not 0 < lift <= 1 - base:
        return None

    def shows(n: float) -> bool:
        held = max(round(n * hold_out), 1)
        n1 = max(round(n) - held, 1)
        return power_of_rates(base, base + lift, n1, held, looks) >= power

    return _least_size(shows)


# --- means of skewed amounts ----------------------------------------------------------------------


@dataclass(frozen=True)
class Moments:
    """What is known of amounts of one group or of many; each is a number or an array of them."""

    n: Floats
    mean: Floats
    variance: Floats  # with n - 1
    third: Floats  # the third central moment

    @staticmethod
    def of(amounts: Floats) -> Moments:
        """Those of amounts (n,)."""
        n, mean = len(amounts), float(amounts.mean())
        off = amounts - mean
        variance = float((off**2).sum()) / max(n - 1, 1)
        return Moments(*(np.array(x) for x in (float(n), mean, variance, float((off**3).mean()))))


def means_apart(target: Moments, other: Moments, looks: int = 1) -> tuple[Floats, Floats, Floats]:
    """The difference of two means, target less held out, with its 95 % interval.

    Of skewed money a small group seldom shows its largest amounts, and its own variance is then too
    small. So both groups lend each other their shape, as score intervals of rates do: at every
    difference that is tried, variances are those of both groups together, larger where the mean is
    larger (by its power 1.5, between more buyers and larger purchases). Skewness is taken into
    account by Cornish & Fisher's expansion. Where both groups are large enough for the normal
    distribution by Cochran's rule (n > 25 skewness², Sampling Techniques 1977), each has its own
    variance, as in Welch's test.
    """
    lift = target.mean - other.mean
    pooled = _pooled(target, other)
    widest = 40 * np.sqrt(pooled.variance * (1 / target.n + 1 / other.n))
    ends = [_end(target, other, pooled, lift, sign * widest, looks) for sign in (-1, 1)]
    return lift, ends[0], ends[1]


def _pooled(target: Moments, other: Moments) -> Moments:
    """The moments within both groups together."""
    n = target.n + other.n

    def mean(one: Floats, two: Floats) -> Floats:
        return np.asarray((target.n * one + other.n * two) / n)

    return Moments(
        n,
        mean(target.mean, other.mean),
        mean(target.variance, other.variance),
        mean(target.third, other.third),
    )


def _end(
    target: Moments, other: Moments, pooled: Moments, lift: Floats, far: Floats, looks: int
) -> Floats:
    """The farthest difference on one side that the statistic does not tell from what was found."""
    inside, outside = np.zeros_like(far), far
    for _ in range(_ROUNDS):
        tried = (inside + outside) / 2
        error, skew = _spread(target, other, pooled, lift + tried)
        reach = error * _quantile(-np.sign(far) * normal_quantile(looks), skew)
        holds = np.abs(tried) <= np.abs(reach)
        inside, outside = np.where(holds, tried, inside), np.where(holds, outside, tried)
    return np.asarray(lift + outside)


def _spread(
    target: Moments, other: Moments, pooled: Moments, difference: Floats
) -> tuple[Floats, Floats]:
    """The standard error of the difference of means, where it is so large, and its skewness."""
    base = pooled.mean - target.n / pooled.n * difference
    usable = (base > 0) & (base + difference > 0)
    more = np.where(usable, (base + difference) / np.where(usable, base, 1.0), 1.0)
    times = np.clip(more, 0.1, 10.0) ** _GROWTH
    shared = pooled.variance * pooled.n / (target.n * times + other.n)
    skewness = pooled.third / np.where(pooled.variance > 0, pooled.variance, 1.0) ** 1.5
    enough = np.minimum(target.n, other.n) > COCHRAN * skewness**2
    one = np.where(enough, target.variance, shared * times)
    two = np.where(enough, other.variance, shared)
    error = np.sqrt(one / target.n + two / other.n)
    third = skewness * (one**1.5 / target.n**2 - two**1.5 / other.n**2)
    return error, np.where(error > 0, third / np.where(error > 0, error, 1.0) ** 3, 0.0)


def _quantile(z: Floats, skew: Floats) -> Floats:
    """The quantile of a skewed statistic at that of the normal distribution."""
    return np.asarray(z + np.clip(skew, -1.0, 1.0) / 6 * (z**2 - 1))


def smallest_mean_lift(
    before: Moments, n1: int, n0: int, power: float, looks: int = 1
) -> float | None:
    """The smallest lift of a mean that is seen with this power, where amounts spread as before."""
    if min(n1, n0) < 2 or not before.variance > 0:
        return None
    z, missed = normal_quantile(looks), NormalDist().inv_cdf(1 - power)

    def shows(lift: float) -> bool:
        one, two = _moved(before, n1, lift), _moved(before, n0, 0.0)
        pooled = _pooled(one, two)
        nothing, skew = _spread(one, two, pooled, np.array(0.0))
        needed = nothing * _quantile(np.array(z), skew)
        error, skew = _spread(one, two, pooled, np.array(lift))
        return bool(lift + error * _quantile(np.array(missed), skew) >= needed)

    most = math.sqrt(float(before.variance)) * 100
    return least_that(shows, most) if shows(most) else None


def _moved(before: Moments, n: int, lift: float) -> Moments:
    """Amounts spread as before, of so many customers, each a little larger."""
    times = np.array(1.0)
    if before.mean > 0:
        times = np.clip((before.mean + lift) / before.mean, 0.1, 10.0) ** _GROWTH
    mean = before.mean + lift
    return Moments(np.array(float(n)), mean, before.variance * times, before.third * times**1.5)


# --- both -----------------------------------------------------------------------------------------


def together(parts: list[Interval], weights: Floats) -> Interval:
    """The weighted mean of lifts of groups that have nothing in common, with its interval.

    Zou & Donner's method of variance estimates recovery (Statistics in Medicine 27, 2008).
    """
    share = weights / weights.sum()
    lift, low, high = (
        np.array([getattr(part, name) for part in parts]) for name in ("lift", "low", "high")
    )
    whole = float(share @ lift)
    below, above = (math.sqrt(float(share**2 @ (lift - end) ** 2)) for end in (low, high))
    return Interval(whole, whole - below, whole + above)


def least_that(holds: Callable[[float], bool], most: float, near: float = 1e-6) -> float:
    """The least number up to `most` from which something holds, to so small a part of it."""
    low, high = 0.0, most
    while high - low > near * high:
        middle = (low + high) / 2
        low, high = (low, middle) if holds(middle) else (middle, high)
    return high


def _least_size(shows: Callable[[float], bool], most: float = 1e10) -> int | None:
    """The least size, to a thousandth, at which something is shown."""
    high = 16.0
    while not shows(high):
        high *= 2
        if high > most:
            return None
    low = high / 2
    while high - low > max(1.0, high / 1000):
        middle = (low + high) / 2
        low, high = (low, middle) if shows(middle) else (middle, high)
    return math.ceil(high)
