"""What each segment is worth: the value column's exact sums, means and index, and what would be at
stake if one customer in ten were lost or moved up.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from shoal.interpret.context import ColumnView, Context
from shoal.stats.few import too_few
from shoal.stats.intervals import Z95
from shoal.types import Bools, Floats

# Sums of these over customers are no money: each customer has one average, one price.
NO_SUMS = ("average", "one purchase", "unit price")
LARGEST = 50.0  # logarithm of a range that says nothing any more


@dataclass(frozen=True)
class Money:
    """The value column over all customers; medians are those of the sample."""

    view: ColumnView
    counts: Floats  # (k,) customers with a value
    sums: Floats  # (k,)
    deviations: Floats  # (k,) standard deviation within each segment
    medians: Floats  # (k,) NaN where nothing is told
    errors: Floats  # (k,) standard errors of the medians
    adds_up: bool  # its sums are money
    few: Bools  # (k,) whether the figures are of too few customers to be told

    @cached_property
    def means(self) -> Floats:
        """(k,) for each customer with a value."""
        return self.sums / np.maximum(self.counts, 1)

    @cached_property
    def mean(self) -> float:
        """Of everybody with a value."""
        return float(self.sums.sum() / max(float(self.counts.sum()), 1.0))

    @cached_property
    def shares(self) -> Floats | None:
        """(k,) of everybody's value; None where sums say nothing, or some are negative."""
        total = float(self.sums.sum())
        if not self.adds_up or total <= 0 or (self.sums < 0).any():
            return None
        return self.sums / total

    def index(self, segment: int) -> float | None:
        """The mean where everybody's is 100; None where everybody's is not above nothing."""
        if self.mean <= 0 or self.counts[segment] == 0:
            return None
        return 100 * float(self.means[segment]) / self.mean

    def rank(self, segment: int) -> float:
        """Where the segment's median stands among everybody, 0..1: 0.5 is in the middle."""
        known = self.view.values[np.isfinite(self.view.values)]
        median = self.medians[segment]
        return float(((known < median).mean() + (known <= median).mean()) / 2)


def money_of(context: Context) -> Money | None:
    """What each segment is worth; None where there is no value column."""
    view = context.view(context.value)
    totals = context.totals
    if view is None or view.kind != "number" or view.column not in totals.columns:
        return None
    counts, sums, squares = totals.of(view.column)
    mean = sums.sum() / max(float(counts.sum()), 1.0)
    apart = sums / np.maximum(counts, 1) - mean
    variances = squares / np.maximum(counts, 1) - apart**2
    medians, errors = zip(*(_median(view.values[rows]) for rows in context.members), strict=True)
    few = too_few(counts, context.least)
    return Money(
        view=view,
        counts=counts,
        sums=sums,
        deviations=np.sqrt(np.maximum(variances, 0.0)),
        medians=np.where(few, np.nan, np.array(medians)),
        errors=np.array(errors),
        adds_up=view.aspect not in NO_SUMS,
        few=few,
    )


def _median(values: Floats) -> tuple[float, float]:
    """The median, and its standard error from the ranks of its 95 % interval (Conover 1999)."""
    known = np.sort(values[np.isfinite(values)])
    n = len(known)
    if not n:
        return math.nan, math.nan
    half = Z95 * math.sqrt(n) / 2
    low = known[max(0, math.floor(n / 2 - half))]
    high = known[min(n - 1, math.ceil(n / 2 + half))]
    return float(np.median(known)), float(high - low) / (2 * Z95)


# --- what is at stake -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Stake:
    """Money that a scenario would cost or bring, with the range that other customers would give."""

    amount: float
    low: float
    high: float
    customers: int  # how many are lost, or moved up
    better: int | None = None  # the segment they are moved to (from 0)

    def times(self, periods: float) -> Stake:
        """The same over so many periods of the value column."""
        low, high = periods * self.low, periods * self.high
        return replace(self, amount=periods * self.amount, low=low, high=high)


def lost(money: Money, segment: int, share: float) -> Stake | None:
    """What losing this share of a segment's customers would cost.

    The range is that of another random part of them, from the standard error of their mean on the
    logarithm (it stays above nothing). None where sums of the column are no money.
    """
    mean, count = float(money.means[segment]), float(money.counts[segment])
    customers = round(share * count)
    if money.shares is None or mean <= 0 or customers < 1:
        return None
    amount = customers * mean
    drawn = math.sqrt((1 - customers / count) / customers)
    spread = math.exp(Z95 * float(money.deviations[segment]) / mean * drawn)
    return Stake(
        amount, amount / spread, min(amount * spread, float(money.sums[segment])), customers
    )


def moved_up(money: Money, segment: int, share: float) -> Stake | None:
    """What this share of a segment's customers would bring if they were like the next better one.

    Each goes from the segment's median to the median of the segment that is next above it. The
    range is two standard errors of the difference of both medians. None where there is no better
    segment, or where it came to more than the segment brings now.
    """
    customers = round(share * float(money.counts[segment]))
    better = _next_better(money, segment)
    if money.shares is None or better is None or customers < 1:
        return None
    gap = float(money.medians[better] - money.medians[segment])
    error = Z95 * math.hypot(float(money.errors[better]), float(money.errors[segment]))
    most = float(money.sums[segment])
    amount = customers * gap
    if amount > most:
        return None
    low, high = max(0.0, gap - error), gap + error
    return Stake(amount, customers * low, min(customers * high, most), customers, better)


def _next_better(money: Money, segment: int) -> int | None:
    own = money.medians[segment]
    above = [s for s, median in enumerate(money.medians) if median > own]
    return min(above, key=lambda s: float(money.medians[s]), default=None)
