"""How often outcomes (churn, response, default …) were met in each segment, over all customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from shoal.stats.few import untold_shares
from shoal.stats.intervals import beyond_chance, shares_differ, wilson_of
from shoal.types import Bools, Column, Direction, Floats, OutcomeRate, Profile, SegmentTotals


@dataclass(frozen=True)
class Outcome:
    """One outcome, counted in all k segments."""

    column: str
    event: str  # the word that says that it happened
    aspect: str  # "now" or "past"
    direction: Direction  # is it good for the seller?
    main: bool
    events: Floats  # (k,) customers to whom it happened
    known: Floats  # (k,) customers of whom it is known
    differs: bool
    few: Bools  # (k,) whether the rate is of too few customers to be told

    @property
    def everybody(self) -> float:
        """The share of all customers."""
        return float(self.events.sum() / max(float(self.known.sum()), 1.0))

    def rate(self, segment: int) -> OutcomeRate | None:
        """The share in one segment (counted from 0).

        None where nobody's answer is known, or too few of them are of one kind to be told of.
        """
        known = self.known[segment]
        if known <= 0 or self.few[segment]:
            return None
        rate = self.events[segment] / known
        low, high = wilson_of(float(rate), float(known))
        return OutcomeRate(
            column=self.column,
            event=self.event,
            rate=float(rate),
            low=low,
            high=high,
            everybody=self.everybody,
            known=int(known),
            differs=self.differs,
            direction=self.direction,
            main=self.main,
        )


def outcomes(
    profile: Profile, totals: SegmentTotals, basis: tuple[str, ...], least: int
) -> tuple[Outcome, ...]:
    """Every outcome that did not form the segments, the main one first, then in table order.

    Whether segments differ in it is tested over all segments (chi-squared), and Holm's correction
    is made for the number of outcomes. The test is honest because outcomes form no segments: one
    that was made to form them (`basis`) is left out. Rates that rest on fewer than the `least`
    customers are not told.
    """
    found = []
    for column in profile.columns:
        if column.meaning == "outcome" and column.name not in basis:
            counted = _counted(column, totals)
            if counted is not None:
                found.append((column, *counted))
    told = beyond_chance([shares_differ(events, known) for _, events, known in found])
    made = [
        Outcome(
            column=column.name,
            event=column.event,
            aspect=column.aspect,
            direction=column.direction,
            main=column.name == profile.outcome,
            events=events,
            known=known,
            differs=differs,
            few=untold_shares(events, known, least, of_two=True),
        )
        for (column, events, known), differs in zip(found, told, strict=True)
    ]
    return tuple(sorted(made, key=lambda each: not each.main))


def rates(outcomes: tuple[Outcome, ...], segment: int) -> tuple[OutcomeRate, ...]:
    """Those of one segment (counted from 0)."""
    found = (each.rate(segment) for each in outcomes)
    return tuple(each for each in found if each is not None)


def _counted(column: Column, totals: SegmentTotals) -> tuple[Floats, Floats] | None:
    """To how many it happened in each segment, and of how many that is known; None: not told."""
    words = totals.categories.get(column.name, {})
    word = _word(column.event, words)
    all_words = column.distinct_exact and column.distinct <= len(words)
    if word is not None and all_words:
        counts = np.array(list(words.values()), dtype=np.float64)
        return np.asarray(words[word], dtype=np.float64), np.asarray(counts.sum(axis=0))
    if column.name not in totals.columns or column.distinct != 2:
        return None
    known, sums, _ = totals.of(column.name)
    return _of_two_numbers(column, sums, known)


def _of_two_numbers(column: Column, sums: Floats, known: Floats) -> tuple[Floats, Floats] | None:
    """The same from sums of a column with two numbers, or of yes and no."""
    low, high = column.min, column.max
    if not isinstance(low, int | float) or not isinstance(high, int | float) or low == high:
        return None
    highs = np.round((sums - low * known) / (high - low))
    when_low = same_word(column.event, str(low)) or column.event.casefold() in ("false", "no")
    return (known - highs if when_low else highs), known


def _word(event: str, words: Mapping[str, object]) -> str | None:
    """How the event is written among the words that were counted."""
    return next((word for word in words if same_word(word, event)), None)


def same_word(one: str, other: str) -> bool:
    """Whether two words are the same, as numbers where they are numbers."""
    try:
        return float(one) == float(other)
    except ValueError:
        return one.strip().casefold() == other.strip().casefold()
