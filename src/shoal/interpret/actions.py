"""Which play fits a segment, the numbers that led to it, and what is at stake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shoal.interpret.context import Context
from shoal.interpret.effects import ColumnEffects, level
from shoal.interpret.money import Money
from shoal.interpret.playbook import Play, fits
from shoal.sentences import say
from shoal.sentences.interpret import Known
from shoal.types import Action, Floats, Statement, Trust

SHOWN = 3  # columns named for each meaning


@dataclass(frozen=True)
class Meaning:
    """All columns of one meaning taken together."""

    name: str
    effect: Floats  # (k,) of the mean of their standardised values
    columns: tuple[ColumnEffects, ...]

    def known(self, segment: int) -> Known:
        """How a segment stands in this meaning, with the columns that say so."""
        shown = sorted(self.columns, key=lambda e: -abs(float(e.effect[segment])))[:SHOWN]
        return Known(
            meaning=self.name,
            level=level(float(self.effect[segment])),
            differences=tuple(e.difference(segment) for e in shown),
            more=len(self.columns) - len(shown),
        )


def meanings(context: Context, effects: tuple[ColumnEffects, ...]) -> dict[str, Meaning]:
    """What is known of each segment in the playbook's words.

    Value and spending stand in for each other.
    """
    numbers = [e for e in effects if e.view.kind != "category"]
    made = {}
    for name in context.playbook.meanings:
        columns = [e for e in numbers if e.view.word == name]
        if columns:
            made[name] = _together(context, name, columns)
    worth = [e for e in numbers if e.view.column == context.value]
    if worth:
        made["value"] = _together(context, "value", worth)
    for name, other in (("value", "spending"), ("spending", "value")):
        if name not in made and other in made:
            made[name] = made[other]
    return made


def _together(context: Context, name: str, columns: list[ColumnEffects]) -> Meaning:
    """The effect of the mean of all columns, each standardised first.

    Of one column its own effect.
    """
    if len(columns) == 1:
        return Meaning(name, columns[0].effect, tuple(columns))
    stack = np.column_stack([_standardised(e.view.scale[:, 0]) for e in columns])
    known = np.isfinite(stack)
    mean = np.where(known, stack, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    sd = float(mean.std()) or 1.0
    apart = [mean[rows].mean() - mean.mean() if len(rows) else 0.0 for rows in context.members]
    return Meaning(name, np.array(apart) / sd, tuple(columns))


def _standardised(scale: Floats) -> Floats:
    return np.asarray((scale - np.nanmean(scale)) / (float(np.nanstd(scale)) or 1.0))


def action(
    context: Context,
    known: Mapping[str, Meaning],
    money: Money | None,
    trust: Trust,
    segment: int,
) -> Action:
    """The first play of the playbook that fits a segment (counted from 0), with its reasons."""
    levels = {name: level(float(each.effect[segment])) for name, each in known.items()}
    play, wanted = _first_that_fits(context, levels)
    reason = _no_play(context, levels) if wanted is None else _why(known, wanted, segment)
    at_stake, stake = _stake(play, money, int(context.totals.sizes[segment]), segment)
    return Action(
        play=play.key,
        title=play.title,
        advice=_advice(play, trust, segment),
        reason=reason,
        at_stake=at_stake,
        stake=stake,
    )


def _first_that_fits(
    context: Context, levels: Mapping[str, str]
) -> tuple[Play, tuple[str, ...] | None]:
    """The play, and the meanings that it asks for; None where no play fits."""
    for play in context.playbook.plays:
        for option in play.when:
            if all(m in levels and fits(levels[m], wanted) for m, wanted in option.items()):
                return play, tuple(option)
    return context.playbook.otherwise, None


def _advice(play: Play, trust: Trust, segment: int) -> Statement:
    doubtful = any(
        each.verdict == "do not rely on it"
        for each in trust.segments
        if each.segment == segment + 1
    )
    return say("play-tried-first" if doubtful else "play", text=play.text)


def _why(known: Mapping[str, Meaning], wanted: tuple[str, ...], segment: int) -> Statement:
    """Each group of columns is spoken of once, also where two meanings rest on it."""
    said: dict[tuple[str, ...], Known] = {}
    for name in wanted:
        columns = tuple(e.view.column for e in known[name].columns)
        said.setdefault(columns, known[name].known(segment))
    return say("play-fits", known=tuple(said.values()))


def _no_play(context: Context, levels: Mapping[str, str]) -> Statement:
    unknown = [v.column for v in context.basis if not v.word and v.column != context.value]
    twice = {"value"} if "spending" in levels else set()
    told = {name: each for name, each in levels.items() if name not in twice}
    return say("no-play", levels=told, unknown=tuple(unknown))


def _stake(
    play: Play, money: Money | None, size: int, segment: int
) -> tuple[float | None, Statement]:
    """Money to keep, or to gain if the segment came half-way to everybody.

    With the assumption in words.
    """
    if money is None or play.stake == "none":
        return None, Statement("")
    value, unit = money.view.column, money.view.unit
    if play.stake == "keep":
        total = float(money.sums[segment])
        share = None if money.shares is None else float(money.shares[segment])
        return total, say("stake-keep", total=total, share=share, value=value, size=size, unit=unit)
    means = {"mean": float(money.means[segment]), "mean_of_all": money.mean}
    gap = means["mean_of_all"] - means["mean"]
    if gap <= 0:
        return None, say("stake-none", value=value, unit=unit, **means)
    gain = gap / 2 * size
    return gain, say("stake-gain", gain=gain, value=value, size=size, unit=unit, **means)
