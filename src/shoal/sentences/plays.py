"""What is said of what to do: plays, why they fit, what is at stake, how to test them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from shoal.sentences.interpret import Difference, Known, labelled, level
from shoal.text.nouns import many
from shoal.text.numbers import listed, number, percent, rate, rounded, spelled
from shoal.text.units import Unit

SHOWN = 5  # columns that are named where more are meant
UNITLESS = Unit()


@dataclass(frozen=True)
class Figure:
    """One number of a segment, and how it is written."""

    value: float
    kind: Literal["percent", "rate", "change", "count", "index", "amount", "times"]
    unit: Unit = UNITLESS

    def __str__(self) -> str:
        """As a person writes it.

        >>> [str(Figure(v, k)) for v, k in ((0.31, "percent"), (120.4, "index"), (2.0, "times"))]
        ['31 %', '120', 'two']
        >>> str(Figure(1.73099, "times"))
        '1.7'
        """
        if self.kind == "percent":
            return percent(self.value)
        if self.kind == "rate":
            return rate(self.value)
        if self.kind == "change":  # from one rate to another: half a point shows
            return f"{100 * self.value:.1f} %"
        if self.kind == "amount":
            return self.unit.say(self.value)
        if self.kind == "times" and self.value == round(self.value):
            return spelled(round(self.value))
        return f"{self.value:,.0f}" if self.kind != "times" else number(self.value, 2)


@dataclass(frozen=True)
class Differences:
    """A segment against everybody in some columns."""

    each: tuple[Difference, ...]

    def __str__(self) -> str:
        """As a person writes it."""
        return listed([labelled(d) for d in self.each], most=SHOWN)


Filling = Figure | Differences | str  # what stands in the place of a word of a template


@dataclass(frozen=True)
class Sentence:
    """One sentence of a play: the template, and this segment's own numbers for its words."""

    template: str
    values: Mapping[str, Filling]

    def __str__(self) -> str:
        """The template filled.

        >>> str(Sentence("{share} of them.", {"share": Figure(0.31, "percent")}))
        '31 % of them.'
        """
        return self.template.format(**self.values)


def _play(sentences: Sequence[Sentence], tried_first: bool) -> str:
    said = [str(each) for each in sentences]
    if tried_first:
        said.append(
            f"This segment may not come back on other {many()}: try it on a small part first."
        )
    return " ".join(said)


# --- why ------------------------------------------------------------------------------------------


def _play_fits(
    known: Sequence[Known], figures: Mapping[str, Figure], lists: Mapping[str, Differences]
) -> str:
    said = [level(each) for each in known]
    said += [
        _FIGURES.get(name, name.replace("_", " ") + ": {}").format(figures[name])
        for name in figures
    ]
    said += [str(each) for each in lists.values()]
    return _capital("; ".join(said)) + "."


_FIGURES = {  # how a number that decides is called
    "late": "{} are late by their own days between orders",
    "in_time": "{} were seen within their own days between orders",
    "new": "{} are new",
    "value_index": "index of the value {} (everybody: 100)",
    "value_rank": "the one in their middle brings more than {} of all",
    "value_share": "they hold {} of the value",
    "trouble_times": "{} times everybody's trouble",
    "bad_outcome_index": "index of the bad outcome {} (everybody: 100)",
    "good_outcome_index": "index of the good outcome {} (everybody: 100)",
    "known_columns": "they are close to everybody in each of the known columns ({})",
}


def _no_play(levels: Mapping[str, str], unknown: Sequence[str]) -> str:
    said = []
    if levels:
        said.append("Known: " + ", ".join(f"{m} is {each}" for m, each in levels.items()))
    if unknown:
        more = f" and {len(unknown) - SHOWN} more" if len(unknown) > SHOWN else ""
        stand, it = ("stand", "them") if len(unknown) > 1 else ("stands", "it")
        said.append(
            f"What {listed(unknown[:SHOWN])}{more} {stand} for is not known, "
            f"so nothing is read into {it}. Say it, and plays that fit are proposed"
        )
    return ". ".join(said or ["No action asks for these levels"]) + "."


# --- what is at stake -----------------------------------------------------------------------------


def _lost(
    share: float,
    customers: int,
    amount: float,
    low: float,
    high: float,
    value: str,
    a_year: bool,
    unit: Unit,
) -> str:
    year = " a year" if a_year else ""
    return (
        f"Losing {percent(share)} of them ({customers:,}) would cost {_sum(unit, amount)} of "
        f"{value}{year}{_range(low, high, unit)}."
    )


def _moved_up(
    share: float,
    customers: int,
    amount: float,
    low: float,
    high: float,
    median: float,
    median_above: float,
    better: int,
    value: str,
    a_year: bool,
    unit: Unit,
) -> str:
    year = " a year" if a_year else ""
    return (
        f"If {percent(share)} of them ({customers:,}) came from their median of "
        f"{unit.say(median)} to the {unit.say(median_above)} of segment {better}, that would "
        f"bring {_sum(unit, amount)} of {value}{year}{_range(low, high, unit)}."
    )


def _range(low: float, high: float, unit: Unit) -> str:
    """With the assumption said: a scenario is no forecast."""
    between = f"{_sum(unit, low)} to {_sum(unit, high)} with other {many()}, by standard errors"
    return f" ({between}); an assumption, not a forecast"


def _sum(unit: Unit, amount: float) -> str:
    """A sum with three telling digits, never finer than a figure of the column."""
    near = rounded(amount)
    step = unit.step
    if near != 0:
        step = min(step, 10.0 ** (len(f"{abs(near):.0f}") - 3))
    if abs(near) >= 10:
        step = max(step, 1.0)
    return Unit(unit.before, unit.behind, step).say(near)


# --- how to test it -------------------------------------------------------------------------------


def _trial(
    what: str,
    base: Figure,
    changed: Figure,
    per_arm: int,
    size: int,
    hold_out: float,
    power: float,
) -> str:
    """The change to be seen, how many customers it takes, and whether the segment has them."""
    change = f"that {what} goes from {base} to {changed} ({percent(power)} of such tests find it)"
    if 2 * per_arm > size:
        return (
            f"A test of its own is too small: it takes {per_arm:,} {many()} with the action and as "
            f"many without to see {change}, and they are {size:,}."
        )
    out = math.ceil(hold_out * size)
    return (
        f"Test it: leave a random {percent(hold_out)} of them ({out:,}) out; {per_arm:,} {many()} "
        f"on either side show {change}."
    )


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


SENTENCES: dict[str, str | Callable[..., str]] = {
    "play": _play,
    "play-fits": _play_fits,
    "play-chosen": "You chose it, and it fits. {why}",
    "play-unfit": "What is said of this action elsewhere is not so of these {many}: "
    "the words are yours to find.",
    "play-chosen-unfit": "You chose it; their figures do not ask for it.",
    "no-play": _no_play,
    "stake-keep": _lost,
    "stake-raise": _moved_up,
    "trial": _trial,
}
