"""What is looked up in the facts to be drawn: names, columns in original units, which customers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from shoal.stats.distribution import numbers
from shoal.text.numbers import short
from shoal.types import Facts, Feature, Floats, Ints, Trait

ROUND = [1, 2, 2.5, 5, 10]  # first digits of ticks
MOST_DOTS = 5000  # more dots than this make a figure slow and no clearer


def names(facts: Facts) -> list[str]:
    """The segments' numbers and names, in id order."""
    names = [portrait.name for portrait in facts.portraits] or list(facts.segmentation.names)
    return [f"{id} {name}" for id, name in zip(facts.segmentation.ids, names, strict=True)]


def feature(facts: Facts, column: str) -> Feature | None:
    """How a basis column was prepared; None when it is not in the basis."""
    return next((f for f in facts.segmentation.recipe.features if f.column == column), None)


def drawn_rows(facts: Facts, most: int = MOST_DOTS) -> Ints:
    """Rows of the sample that are drawn: its head, since the sample has no order of its own."""
    return np.arange(min(len(facts.labels), most))


def stated(facts: Facts, drawn: int | None = None) -> str:
    """What a figure shows: all customers, or how many of them."""
    m, n = len(facts.labels), facts.sample.total
    many = facts.noun.many
    words = f"All {n:,} {many}." if m == n else f"A sample of {m:,} of {n:,} {many}."
    if drawn is not None and drawn < m:
        words += f" {drawn:,} of them are drawn."
    return words


def values(facts: Facts, column: str) -> Floats:
    """A column of the sample as numbers (m,): a flag as 0 and 1, a missing value as NaN."""
    array = facts.sample.rows.column(column)
    if holds_numbers(facts, column):
        return numbers(array)
    on = on_word(facts, column)
    words = array.to_pylist()
    return np.array([math.nan if word in (None, "") else float(str(word) == on) for word in words])


def holds_numbers(facts: Facts, column: str) -> bool:
    """Whether a column of the sample is of numbers, or of true and false, and not of words."""
    kind = facts.sample.rows.column(column).type
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or kind == pa.bool_())


def on_word(facts: Facts, column: str) -> str:
    """The word of a flag that counts as 1."""
    prepared = feature(facts, column)
    if prepared is not None and len(prepared.categories) == 2:
        return prepared.categories[1]
    return next((word for word, _ in facts.profile.column(column).top), "")


def to_axis(prepared: Feature | None, x: Floats) -> Floats:
    """Original units to the place on an axis: the logarithm that the recipe takes, or nothing."""
    if prepared is None or prepared.log_offset is None:
        return x
    return np.log(np.maximum(x + prepared.log_offset, np.finfo(float).tiny))


def log_ticks(prepared: Feature, low: float, high: float) -> tuple[list[float], list[str]]:
    """Places and words for an axis of logarithms: round numbers in original units."""
    offset = prepared.log_offset or 0.0
    top = math.exp(high) - offset
    powers = range(-3, max(-2, math.ceil(math.log10(max(top, 1e-3))) + 1))
    places: list[float] = []
    words: list[str] = []
    for value in [0.0] + [step * 10.0**power for power in powers for step in (1, 2, 5)]:
        if value + offset <= 0:
            continue
        place = math.log(value + offset)
        apart = not places or place - places[-1] > (high - low) / 9
        if low <= place <= high and apart:
            places.append(place)
            words.append(short(value))
    return places, words


def round_values(low: float, high: float, most: int) -> list[float]:
    """A few round numbers between two values.

    >>> round_values(36_000.0, 152_000.0, 4)
    [50000.0, 100000.0, 150000.0]
    """
    wide = (high - low) / most
    power = 10.0 ** math.floor(math.log10(wide))
    steps = [each * power * ten for ten in (0.1, 1.0) for each in ROUND[:-1]] + [10 * power]
    slack = (high - low) * 1e-9
    enough = next(at for at, each in enumerate(steps) if each >= wide * (1 - 1e-9))
    for step in reversed(steps[: enough + 1]):
        first, last = math.ceil((low - slack) / step), math.floor((high + slack) / step)
        if last > first:
            break
    return [number * step for number in range(first, last + 1)]


def ticks(
    prepared: Feature, low: float, high: float, most: int
) -> tuple[Sequence[float], Sequence[str]]:
    """Places and words for an axis of a column: numbers, logarithms or the two states of a flag."""
    if prepared.kind == "flag":
        states = prepared.categories if len(prepared.categories) == 2 else ("no", "yes")
        return [0.0, 1.0], states
    if prepared.log_offset is not None:
        return log_ticks(prepared, low, high)
    places = round_values(low, high, most)
    return places, [short(place) for place in places]


def by_effect(facts: Facts) -> list[Trait]:
    """The strongest trait of each column: basis columns first, the most telling ones in front."""
    strongest: dict[str, Trait] = {}
    for portrait in facts.portraits:
        for trait in portrait.traits:
            best = strongest.setdefault(trait.column, trait)
            if abs(trait.effect) > abs(best.effect):
                strongest[trait.column] = trait
    return sorted(strongest.values(), key=lambda t: (t.role != "basis", -abs(t.effect), t.column))


def most_telling(facts: Facts, most: int) -> list[str]:
    """Basis columns by how far some segment stands from everybody, at most so many."""
    return [trait.column for trait in by_effect(facts) if trait.role == "basis"][:most]
