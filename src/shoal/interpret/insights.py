"""What is most worth knowing of a segment: size and worth, differences, who they are, how sure this
is.
"""

from __future__ import annotations

import numpy as np

from shoal.interpret.context import Context
from shoal.interpret.effects import CLEAR, ColumnEffects, tiny
from shoal.interpret.money import Money
from shoal.sentences import say
from shoal.types import OutcomeRate, Statement, Trust

NOTABLE = 0.2  # a small effect (Cohen 1988); describing columns below it are not worth a sentence
MOST = 3


def insights(
    context: Context,
    effects: tuple[ColumnEffects, ...],
    money: Money | None,
    outcomes: tuple[OutcomeRate, ...],
    trust: Trust,
    segment: int,
) -> tuple[Statement, ...]:
    """Two to five statements on one segment (counted from 0), whose `outcomes` these are."""
    if tiny(context)[segment]:
        said = _size(context, None, segment), say("few", least=context.least)
        return (*said, *_how_sure(trust, segment))
    return (
        _size(context, money, segment),
        *_outcomes(outcomes),
        *_differences(effects, segment),
        *_who(effects, segment),
        *_how_sure(trust, segment),
    )


def _size(context: Context, money: Money | None, s: int) -> Statement:
    size, total = int(context.totals.sizes[s]), int(context.totals.sizes.sum())
    if money is None or not money.counts[s]:
        return say("size", size=size, total=total)
    worth = {
        "value": money.view.called,
        "mean": float(money.means[s]),
        "mean_of_all": money.mean,
        "median": float(money.medians[s]),
        "median_of_all": money.view.quartiles[1],
        "index": money.index(s),
        "unit": money.view.unit,
    }
    if money.shares is None:
        return say("size-and-mean", size=size, total=total, **worth)
    return say("size-and-value", size=size, total=total, share=float(money.shares[s]), **worth)


def _outcomes(outcomes: tuple[OutcomeRate, ...]) -> tuple[Statement, ...]:
    """The main outcome, and the others in which this segment differs, the most telling first."""
    others = sorted(
        (o for o in outcomes if not o.main and o.beyond_chance), key=_ratio, reverse=True
    )
    said = (*(o for o in outcomes if o.main), *others)[:MOST]
    return (say("outcomes", rates=said),) if said else ()


def _ratio(outcome: OutcomeRate) -> float:
    return abs(outcome.rate - outcome.everybody)


def _differences(effects: tuple[ColumnEffects, ...], s: int) -> tuple[Statement, ...]:
    """What sets it apart; where only columns that are not told do, nothing."""
    basis = _largest_first([e for e in effects if e.view.role == "basis"], s)
    shown = [e for e in basis if e.shows(s)]
    clear = [e for e in shown if abs(float(e.effect[s])) >= CLEAR][:MOST]
    if clear:
        return (say("differences", differences=tuple(e.difference(s) for e in clear)),)
    if any(e.few[s] for e in basis):
        return ()
    return (say("like-everybody", largest=shown[0].difference(s) if shown else None),)


def _who(effects: tuple[ColumnEffects, ...], s: int) -> tuple[Statement, ...]:
    describing = [e for e in effects if e.view.role == "describe" and e.view.meaning != "outcome"]
    if not describing:
        return ()
    sure = _largest_first([e for e in describing if _stands_out(e, s)], s)[:MOST]
    if not sure:
        labels = tuple(e.view.label for e in describing if not e.few[s])
        return (say("who-unknown", labels=labels),) if labels else ()
    return (say("who-they-are", differences=tuple(e.difference(s) for e in sure)),)


def _largest_first(effects: list[ColumnEffects], s: int) -> list[ColumnEffects]:
    return sorted(effects, key=lambda e: -abs(float(e.effect[s])))


def _stands_out(effects: ColumnEffects, s: int) -> bool:
    """The effect is worth mentioning, and everybody lies outside its 95 % interval."""
    low, high = float(effects.low[s]), float(effects.high[s])
    sure = bool(np.isfinite([low, high]).all()) and not low <= 0 <= high
    return sure and abs(float(effects.effect[s])) >= NOTABLE and effects.shows(s)


def _how_sure(trust: Trust, s: int) -> tuple[Statement, ...]:
    return tuple(
        say("how-sure", verdict=each.verdict, why=each.why)
        for each in trust.segments[s : s + 1]  # none, where nothing was examined
    )
