"""Lifts of segments, their intervals, profits and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from shoal.sentences import say
from shoal.stats.cuped import Adjusted, adjusted, interval
from shoal.stats.lift import Interval, Moments, means_apart, rates_apart, together
from shoal.stats.lognormal import (
    Hurdle,
    are_lognormal,
    both_as_one,
    lognormals_apart,
    too_few_for_means,
)
from shoal.types import Bools, Floats, Ints, Statement
from shoal.types.campaign import CampaignVerdict, LiftMethod, OutcomeKind, SegmentLift

LEAST_PAYERS = 10  # in either group, from which a difference of money is told
FEW_PAYERS = 50  # in either group, up to which intervals by moments are known to be short
ALL = "All segments"
# Of a rate: too few had the outcome (or are there), or all but too few had it.
Untold = Literal["few", "all but few"] | None


@dataclass(frozen=True)
class Price:
    """What the campaign cost for one of the target, and what an outcome is worth."""

    cost: float | None
    worth: float | None


@dataclass(frozen=True)
class Group:
    """Customers who count."""

    label: Ints
    held: Bools
    amounts: Floats
    before: Floats | None  # money

    @property
    def is_before(self) -> bool:
        """Whether the outcome of everybody is the money that they brought before."""
        if self.before is None or not len(self.amounts):
            return False
        return bool(np.allclose(self.amounts, self.before, rtol=1e-9, equal_nan=True))


@dataclass(frozen=True)
class _Found:
    """A segment's groups, compared; no intervals where they are too few."""

    n: tuple[int, int]
    means: tuple[float, float] | None
    alone: Interval | None
    adjusted: Interval | None
    method: LiftMethod | None = None
    payers: int | None = None  # in the smaller group, of money
    yes: tuple[int, int] | None = None  # of a rate
    beyond_before: bool = False  # what money before explains was taken off the lift

    def untold(self, least: int) -> tuple[Untold, Untold]:
        """Of which of both rates too few stand behind it, or behind what is left of it."""
        if self.yes is None:
            return None, None
        one, two = (_untold(y, n, least) for y, n in zip(self.yes, self.n, strict=True))
        return one, two


def _untold(yes: int, n: int, least: int) -> Untold:
    if 0 < yes < least or n < least:
        return "few"
    return "all but few" if 0 < n - yes < least else None


def lifts(
    group: Group,
    names: Mapping[int, str],
    kind: OutcomeKind,
    price: Price,
    least: int,
) -> tuple[tuple[SegmentLift, ...], SegmentLift]:
    """Each segment, and all of them; rates of fewer than the `least` customers are not said."""
    found = {}
    for number in names:
        own = group.label == number
        sides = [group.amounts[own & side] for side in (~group.held, group.held)]
        known = None
        if group.before is not None:
            known = [group.before[own & side] for side in (~group.held, group.held)]
        found[number] = _compared(sides, known, kind, len(names))
    told = tuple(_told(i, names[i], each, kind, price, least) for i, each in found.items())
    return told, _told(None, ALL, _all_of(list(found.values())), kind, price, least)


def _compared(
    sides: list[Floats], before: list[Floats] | None, kind: OutcomeKind, looks: int
) -> _Found:
    n = len(sides[0]), len(sides[1])
    if min(n) < 2:
        return _Found(n, None, None, None)
    means = float(sides[0].mean()), float(sides[1].mean())
    if kind == "rate":
        yes = tuple(np.array([side.sum()]) for side in sides)
        many = tuple(np.array([float(x)]) for x in n)
        ends = [rates_apart((yes[0], yes[1]), (many[0], many[1]), m) for m in (1, looks)]
        counts = round(float(yes[0][0])), round(float(yes[1][0]))
        return replace(_found(n, means, ends, "score"), yes=counts)
    payers = min(map(np.count_nonzero, sides))
    if payers < LEAST_PAYERS:
        return _Found(n, means, None, None)
    method, ends = _of_money(sides, before, (1, looks))
    return _found(n, means, ends, method, int(payers))


_Ends = tuple[Floats, Floats, Floats]


def _found(
    n: tuple[int, int],
    means: tuple[float, float],
    ends: list[_Ends],
    method: LiftMethod,
    payers: int | None = None,
) -> _Found:
    alone, adjusted = (Interval(*(float(np.squeeze(x)) for x in each)) for each in ends)
    return _Found(n, means, alone, adjusted, method, payers, beyond_before=method == "before")


def _of_money(
    sides: list[Floats], before: list[Floats] | None, looks: tuple[int, ...]
) -> tuple[LiftMethod, list[_Ends]]:
    """The difference of means of money with its intervals, and by which method.

    Which method is chosen depends on all customers together, not on who was in which group.
    """
    hurdles = _as_lognormal(sides)
    less = None if before is None else adjusted(sides, before)
    if less is not None and (hurdles is None or _is_nearer(less, hurdles)):
        return "before", [interval(less, m) for m in looks]
    if hurdles is None:
        one, two = (Moments.of(side) for side in sides)
        return "moments", [means_apart(one, two, m) for m in looks]
    lift = np.array(sides[0].mean() - sides[1].mean())
    return "lognormal", [_around(lift, lognormals_apart(*hurdles, m)) for m in looks]


def _as_lognormal(sides: list[Floats]) -> tuple[Hurdle, Hurdle] | None:
    """Both groups, where amounts look lognormal and are too few to be compared by their means."""
    if not are_lognormal(sides):
        return None
    one, two = (Hurdle.of(side) for side in sides)
    least = min(map(len, sides))
    return (one, two) if too_few_for_means(both_as_one(one, two), least) else None


def _is_nearer(less: Adjusted, hurdles: tuple[Hurdle, Hurdle]) -> bool:
    """Whether what money before leaves over varies less than a mean told by logarithms.

    Of the variance that a lognormal distribution has: the one that few show is mostly too small.
    """
    every = both_as_one(*hurdles)
    return bool(less.left * every.moments.variance < every.variance_of_mean)


def _around(lift: Floats, ends: _Ends) -> _Ends:
    """An interval that holds the lift that was found, wherever the one of a model lies."""
    return lift, np.minimum(ends[1], lift), np.maximum(ends[2], lift)


def _all_of(found: list[_Found]) -> _Found:
    """All segments together, each by the size of its target."""
    n = sum(each.n[0] for each in found), sum(each.n[1] for each in found)
    counts = [each.yes for each in found if each.yes]
    yes = (sum(each[0] for each in counts), sum(each[1] for each in counts)) if counts else None
    if any(each.alone is None for each in found):
        return _Found(n, None, None, None)
    weights = np.array([float(each.n[0]) for each in found])
    whole = together([each.alone for each in found if each.alone], weights)
    share = weights / weights.sum()
    means = np.array([each.means for each in found if each.means])
    one, two = (float(x) for x in share @ means)
    beyond_before = any(each.beyond_before for each in found)
    return _Found(n, (one, two), whole, whole, yes=yes, beyond_before=beyond_before)


def _verdict(interval: Interval | None) -> CampaignVerdict:
    if interval is None or interval.low <= 0 <= interval.high:
        return "cannot tell"
    return "works" if interval.low > 0 else "harms"


def _told(
    number: int | None,
    name: str,
    found: _Found,
    kind: OutcomeKind,
    price: Price,
    least: int,
) -> SegmentLift:
    verdict, adjusted, alone = _verdict(found.adjusted), found.adjusted, found.alone
    n, means = found.n, found.means or (None, None)
    low, mid, high = _profits(adjusted, n[0], kind, price)
    return SegmentLift(
        id=number,
        name=name,
        n_target=n[0],
        n_hold_out=n[1],
        target=means[0],
        hold_out=means[1],
        lift=adjusted.lift if adjusted else None,
        low=adjusted.low if adjusted else None,
        high=adjusted.high if adjusted else None,
        low_alone=alone.low if alone else None,
        high_alone=alone.high if alone else None,
        method=found.method,
        not_shown=any(found.untold(least)),
        few_payers=found.method in ("moments", "before") and (found.payers or 0) < FEW_PAYERS,
        verdict=verdict,
        extra=adjusted.lift * n[0] if adjusted else None,
        cost=None if price.cost is None else price.cost * n[0],
        profit=mid,
        profit_low=low,
        profit_high=high,
        said=_said(name, found, kind, verdict, least),
    )


def _profits(
    interval: Interval | None, n: int, kind: OutcomeKind, price: Price
) -> tuple[float | None, float | None, float | None]:
    """Of the whole target; None where nobody says what the campaign cost, or a yes is worth."""
    worth = 1.0 if price.worth is None and kind == "money" else price.worth
    if interval is None or price.cost is None or worth is None:
        return None, None, None
    cost = price.cost
    low, mid, high = (n * (x * worth - cost) for x in (interval.low, interval.lift, interval.high))
    return low, mid, high


def _said(
    name: str, found: _Found, kind: OutcomeKind, verdict: CampaignVerdict, least: int
) -> Statement:
    if found.adjusted is None or found.means is None:
        return say("campaign-too-few", name=name, target=found.n[0], hold_out=found.n[1])
    code = {"works": "campaign-works", "harms": "campaign-harms"}.get(
        verdict, "campaign-cannot-tell"
    )
    each, untold = found.adjusted, found.untold(least)
    return say(
        code,
        kind=kind,
        name=name,
        target=untold[0] or found.means[0],
        hold_out=untold[1] or found.means[1],
        lift=None if any(untold) else each.lift,
        least=least,
        low=each.low,
        high=each.high,
        beyond_before=found.beyond_before,
    )
