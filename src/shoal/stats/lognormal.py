"""Amounts of which many are zero and the others are lognormal: money of few customers.

A mean of such amounts depends on the largest of them, which a small group seldom shows. Told by how
many pay, and by mean and variance of the logarithms of what they pay, it is known far better.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoal.stats.intervals import LEVEL, wilson
from shoal.stats.lift import COCHRAN, Moments, least_that
from shoal.types import Floats

LEAST_TESTED = 20  # payers, from which K² tells lognormal amounts from others
DRAWS = 10  # powers of 2: campaigns that a plan goes through
FARTHEST = 100.0  # in logarithms, of an interval


@dataclass(frozen=True)
class Hurdle:
    """What is known of such amounts of one group, or of many: numbers or arrays of them.

    Cragg's hurdle (Econometrica 39, 1971): whether somebody pays, and how much who does.
    """

    n: Floats
    payers: Floats
    place: Floats  # mean of the logarithms of what payers pay
    variance: Floats  # of these logarithms, with payers - 1

    @staticmethod
    def of(amounts: Floats) -> Hurdle:
        """That of amounts (n,) of at least two payers."""
        logs = np.log(amounts[amounts > 0])
        told = len(amounts), len(logs), logs.mean(), logs.var(ddof=1)
        return Hurdle(*(np.array(float(x)) for x in told))

    @property
    def mean(self) -> Floats:
        """That of all amounts, zeros among them."""
        return self._power(1)

    @property
    def moments(self) -> Moments:
        """Of all amounts, as the distribution has them."""
        one, two, three = (self._power(k) for k in (1, 2, 3))
        third = three - 3 * one * two + 2 * one**3
        return Moments(self.n, one, two - one**2, third)

    @property
    def variance_of_mean(self) -> Floats:
        """Of the mean as it is told here, times n: the delta method."""
        share = self.payers / self.n
        logs = (self.variance + self.variance**2 / 2) / share
        return np.asarray(self.mean**2 * ((1 - share) / share + logs))

    def _power(self, k: int) -> Floats:
        each = np.exp(k * self.place + k**2 * self.variance / 2)
        return np.asarray(self.payers / self.n * each)


def are_lognormal(groups: list[Floats]) -> bool:
    """Whether amounts above zero look lognormal in each group, and none is below zero.

    D'Agostino & Pearson's K² (Biometrika 60, 1973) of the logarithms, each in standard deviations
    of its group, at the 5 % level.
    """
    from scipy.stats import normaltest

    if any(float(amounts.min(initial=0.0)) < 0 for amounts in groups):
        return False
    logs = [np.log(amounts[amounts > 0]) for amounts in groups]
    if sum(map(len, logs)) < LEAST_TESTED or min(map(len, logs)) < 2:
        return False
    if min(float(np.ptp(x)) for x in logs) < 1e-9:
        return False
    scaled = np.concatenate([(x - x.mean()) / x.std() for x in logs])
    return bool(normaltest(scaled).pvalue > LEVEL)


def too_few_for_means(before: Hurdle, least: float) -> bool:
    """Whether means of so many are not normally distributed yet, by Cochran's rule."""
    moments = before.moments
    skewness = moments.third / moments.variance**1.5
    return bool(least <= COCHRAN * skewness**2)


def both_as_one(one: Hurdle, two: Hurdle) -> Hurdle:
    """Both groups as one, where all pay alike."""
    payers = one.payers + two.payers
    place = (one.payers * one.place + two.payers * two.place) / payers
    spread = (one.payers - 1) * one.variance + (two.payers - 1) * two.variance
    return Hurdle(one.n + two.n, payers, place, np.asarray(spread / (payers - 2)))


def lognormals_apart(
    target: Hurdle, other: Hurdle, looks: int = 1
) -> tuple[Floats, Floats, Floats]:
    """The difference of two means, target less held out, with its 95 % interval.

    Variance estimates are recovered from three intervals: of the share who pay (Wilson), of the
    mean of logarithms (Student) and of their variance (chi-squared); then of both means: Zou,
    Taleban & Huo, Computational Statistics and Data Analysis 53 (2009).

    >>> one = Hurdle(*(np.array(x) for x in (1000.0, 120.0, 3.2, 1.0)))
    >>> two = Hurdle(*(np.array(x) for x in (1000.0, 100.0, 3.0, 1.0)))
    >>> [round(float(x), 2) for x in lognormals_apart(one, two)]
    [1.54, -0.16, 3.39]
    """
    (low1, high1), (low0, high0) = _limits(target, looks), _limits(other, looks)
    lift = target.mean - other.mean
    below = np.sqrt((target.mean - low1) ** 2 + (high0 - other.mean) ** 2)
    above = np.sqrt((high1 - target.mean) ** 2 + (other.mean - low0) ** 2)
    return lift, lift - below, lift + above


def _limits(group: Hurdle, looks: int) -> tuple[Floats, Floats]:
    """The 95 % interval of a mean."""
    from scipy.special import chdtri, stdtrit

    tail, free = LEVEL / 2 / looks, group.payers - 1
    share = group.payers / group.n
    least, most = wilson(share, group.n, looks)
    degrees, at = np.unique(free, return_inverse=True)
    low, high = (
        free * group.variance / chdtri(degrees, each)[at].reshape(np.shape(free))
        for each in (tail, 1 - tail)
    )
    error = stdtrit(degrees, 1 - tail)[at].reshape(np.shape(free)) * np.sqrt(
        group.variance / group.payers
    )
    parts = (error, (group.variance - low) / 2), (error, (high - group.variance) / 2)
    below = np.sqrt(np.log(share / least) ** 2 + sum(x**2 for x in parts[0]))
    above = np.sqrt(np.log(most / share) ** 2 + sum(x**2 for x in parts[1]))
    return group.mean * np.exp(-below), group.mean * np.exp(np.minimum(above, FARTHEST))


# --- plans ----------------------------------------------------------------------------------------


def smallest_lognormal_lift(
    before: Hurdle, sizes: tuple[int, int], power: float, looks: int, payers: int
) -> float | None:
    """The smallest lift of the mean that is seen with this power; None: none is.

    Campaigns are drawn (Sobol's points, always the same) and read as they will be, each from other
    values of what is known from a sample only: what is promised holds on average over what may be
    true (assurance: O'Hagan, Stevens & Campbell, Pharmaceutical Statistics 4, 2005). Half of a lift
    is by more payers, half by larger amounts. With fewer `payers` in a group nothing is seen.
    """
    from scipy.stats import qmc

    uniform = qmc.Sobol(9, seed=0).random_base2(DRAWS).T
    truth = _possible(before, uniform[:3])

    def shows(lift: float) -> bool:
        more = 1 + lift / truth.mean
        one = _drawn(_grown(truth, more), sizes[0], uniform[3:6])
        two = _drawn(truth, sizes[1], uniform[6:])
        seen = lognormals_apart(one, two, looks)[1] > 0
        enough = np.minimum(one.payers, two.payers) >= payers
        return float((seen & enough).mean()) >= power

    most = 100 * float(before.mean)
    return least_that(shows, most, 1e-3) if shows(most) else None


def _possible(before: Hurdle, uniform: Floats) -> Hurdle:
    """What may be true where a sample is all that is known, (draws,) each."""
    from scipy.special import betaincinv, chdtri, ndtri

    paid, n = before.payers, before.n
    share = betaincinv(paid + 0.5, n - paid + 0.5, uniform[0])
    variance = (paid - 1) * before.variance / chdtri(paid - 1, uniform[1])
    place = before.place + ndtri(uniform[2]) * np.sqrt(variance / paid)
    return Hurdle(n, share * n, place, variance)


def _grown(truth: Hurdle, more: Floats) -> Hurdle:
    """So many times the mean: by the root of it more payers, and by the rest larger amounts."""
    payers = np.minimum(truth.payers * np.sqrt(more), truth.n)
    larger = more * truth.payers / payers
    return Hurdle(truth.n, payers, truth.place + np.log(larger), truth.variance)


def _drawn(truth: Hurdle, n: int, uniform: Floats) -> Hurdle:
    """What is seen of n customers, (draws,) each."""
    from scipy.special import chdtri, ndtri

    share, z = truth.payers / truth.n, ndtri(uniform[0])
    paid = n * share + z * np.sqrt(n * share * (1 - share)) + (1 - 2 * share) * (z**2 - 1) / 6
    payers = np.clip(np.rint(paid), 2.0, n)  # binomial, by Cornish & Fisher's expansion
    place = truth.place + ndtri(uniform[1]) * np.sqrt(truth.variance / payers)
    variance = truth.variance * chdtri(payers - 1, uniform[2]) / (payers - 1)
    return Hurdle(np.array(float(n)), payers, place, variance)
