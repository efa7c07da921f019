"""Lifts of segments, their intervals, profits and verdicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shoal.sentences import say
from shoal.stats.lift import Interval, Moments, means_apart, rates_apart, together
from shoal.types import Bools, Floats, Ints, Statement
from shoal.types.campaign import CampaignVerdict, OutcomeKind, SegmentLift

LEAST_PAYERS = 10  # in either group, from which a difference of money is told
ALL = "All segments"


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


@dataclass(frozen=True)
class _Found:
    """A segment's groups, compared; no intervals where they are too few."""

    n: tuple[int, int]
    means: tuple[float, float] | None
    alone: Interval | None
    adjusted: Interval | None


def lifts(
    group: Group,
    names: Mapping[int, str],
    kind: OutcomeKind,
    price: Price,
    before: Floats | None,
) -> tuple[tuple[SegmentLift, ...], SegmentLift, bool]:
    """Each segment, all of them, and whether money before was made use of."""
    found = {}
    for number in names:
        own = group.label == number
        sides = [group.amounts[own & side] for side in (~group.held, group.held)]
        known = None if before is None else [before[own & s] for s in (~group.held, group.held)]
        found[number] = _compared(sides, known, kind, len(names))
    told = tuple(_told(i, names[i], each, kind, price) for i, each in found.items())
    whole = _told(None, ALL, _all_of(list(found.values())), kind, price)
    return told, whole, before is not None


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
    else:
        if min(map(np.count_nonzero, sides)) < LEAST_PAYERS:
            return _Found(n, means, None, None)
        one, two = (Moments.of(side) for side in _without_before(sides, before))
        ends = [means_apart(one, two, m) for m in (1, looks)]
    alone, adjusted = (Interval(*(float(np.squeeze(x)) for x in end)) for end in ends)
    return _Found(n, means, alone, adjusted)


def _without_before(sides: list[Floats], before: list[Floats] | None) -> list[Floats]:
    """Amounts less what money before explains of them (CUPED).

    The mean of both groups together stays; one slope serves both. What is not known before is
    taken as the mean.
    """
    if before is None:
        return sides
    every = np.concatenate(before)
    known = every[np.isfinite(every)]
    if not len(known):
        return sides
    middle = known.mean()
    off = [np.where(np.isfinite(x), x, middle) - middle for x in before]
    spread = sum(float(((x - x.mean()) ** 2).sum()) for x in off)
    if not spread > 0:
        return sides
    both = zip(off, sides, strict=True)
    slope = sum(float(((x - x.mean()) * (y - y.mean())).sum()) for x, y in both) / spread
    return [y - slope * x for x, y in zip(off, sides, strict=True)]


def _all_of(found: list[_Found]) -> _Found:
    """All segments together, each by the size of its target."""
    n = sum(each.n[0] for each in found), sum(each.n[1] for each in found)
    if any(each.alone is None for each in found):
        return _Found(n, None, None, None)
    weights = np.array([float(each.n[0]) for each in found])
    whole = together([each.alone for each in found if each.alone], weights)
    share = weights / weights.sum()
    means = np.array([each.means for each in found if each.means])
    one, two = (float(x) for x in share @ means)
    return _Found(n, (one, two), whole, whole)


def _verdict(interval: Interval | None) -> CampaignVerdict:
    if interval is None or interval.low <= 0 <= interval.high:
        return "cannot tell"
    return "works" if interval.low > 0 else "harms"


def _told(
    number: int | None, name: str, found: _Found, kind: OutcomeKind, price: Price
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
        verdict=verdict,
        extra=adjusted.lift * n[0] if adjusted else None,
        cost=None if price.cost is None else price.cost * n[0],
        profit=mid,
        profit_low=low,
        profit_high=high,
        said=_said(name, found, kind, verdict),
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


def _said(name: str, found: _Found, kind: OutcomeKind, verdict: CampaignVerdict) -> Statement:
    if found.adjusted is None or found.means is None:
        return say("campaign-too-few", name=name, target=found.n[0], hold_out=found.n[1])
    code = {"works": "campaign-works", "harms": "campaign-harms"}.get(
        verdict, "campaign-cannot-tell"
    )
    each = found.adjusted
    return say(
        code,
        kind=kind,
        name=name,
        target=found.means[0],
        hold_out=found.means[1],
        lift=each.lift,
        low=each.low,
        high=each.high,
    )
