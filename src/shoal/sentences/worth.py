"""What is said of a segment's money and outcomes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shoal.text.nouns import many
from shoal.text.numbers import percent, rate
from shoal.text.units import Unit
from shoal.types import OutcomeRate


def _size_and_value(size: int, total: int, share: float, value: str, **worth: Any) -> str:
    people = f"{size:,} of {total:,} {many()} ({percent(size / total)})"
    return f"{people} hold {percent(share)} of all {value}: {_worth(**worth)}."


def _size_and_mean(size: int, total: int, value: str, **worth: Any) -> str:
    people = f"{size:,} of {total:,} {many()} ({percent(size / total)})"
    return f"{people}. Their {value}: {_worth(**worth)}."


def _worth(
    mean: float,
    mean_of_all: float,
    median: float,
    median_of_all: float,
    index: float | None,
    unit: Unit,
) -> str:
    """Each figure with the word for what it is."""
    own = f"mean {unit.say(mean)}, median {unit.say(median)} each"
    all_of_them = f"everybody: mean {unit.say(mean_of_all)}, median {unit.say(median_of_all)}"
    known = "" if index is None else f", index {index:.0f}"
    return f"{own} ({all_of_them}){known}"


def met(outcome: OutcomeRate) -> str:
    """How often an outcome was met, against everybody, and whether chance explains that.

    >>> met(OutcomeRate("Churn", "Yes", 0.43, 0.41, 0.45, 0.27, 2000, True, "bad", True))
    'Churn "Yes": 43 % (95 % sure: 41 % to 45 %; everybody: 27 %, index 159)'
    >>> met(OutcomeRate("Churn", "Yes", 0.28, 0.2, 0.37, 0.27, 90, False, "bad", True))
    'Churn "Yes": 28 % (95 % sure: 20 % to 37 %; everybody: 27 %; chance explains the difference)'
    """
    o = outcome
    sure = f"95 % sure: {rate(o.low)} to {rate(o.high)}"
    return f'{o.column} "{o.event}": {rate(o.rate)} ({sure}; {_against_everybody(o)})'


def _against_everybody(o: OutcomeRate) -> str:
    everybody = f"everybody: {rate(o.everybody)}"
    if not o.differs:
        return f"{everybody}; chance explains the difference"
    if o.low <= o.everybody <= o.high:
        return f"{everybody}; it may be the same here"
    return f"{everybody}, index {o.index:.0f}"


def _outcomes(rates: Sequence[OutcomeRate]) -> str:
    return f"What became of them: {'; '.join(map(met, rates))}."


SENTENCES: dict[str, str | Callable[..., str]] = {
    "size-and-value": _size_and_value,
    "size-and-mean": _size_and_mean,
    "outcomes": _outcomes,
}
