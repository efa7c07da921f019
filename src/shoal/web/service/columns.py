"""What a customer is asked for: the columns that a model needs, with types and examples."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from shoal import Model

Kind = Literal["number", "flag", "words", "date"]
LARGEST = 1e60  # numbers beyond it cannot be reckoned with
FEWEST = 5  # customers of a segment, below which its centroid tells of single ones
DIGITS = 3  # significant ones of an example
WORDS_SHOWN = 6
MOMENTS = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}  # a second, in what moments are counted in
FIRST_SERIAL = dt.date(1899, 12, 30)  # the day 0 of a spreadsheet
Value = float | str | bool


@dataclass(frozen=True)
class Asked:
    """One column that a customer must have; its value may be null."""

    name: str
    kind: Kind
    words: tuple[str, ...]  # that the model knows
    tells: str  # what it holds, in a sentence
    examples: tuple[Value, ...]  # one a segment that is large enough, in their order


def asked_of(model: Model) -> tuple[Asked, ...]:
    """The columns that placing a customer needs, in the order of the model.

    A column that the model makes of others is not asked for: its parts are.
    """
    made = {column.name: column for column in model.segmentation.made}
    own: dict[str, Asked] = {}
    parts: dict[str, Asked] = {}
    for feature, places in _per_feature(model):
        typical = tuple(_in_units(feature, place) for place in places)
        if feature.column in made:
            parts |= {part.name: part for part in _parts(made[feature.column], typical)}
        else:
            own[feature.column] = _as_it_is(feature, typical)
    return tuple((parts | own).values())


def _per_feature(model: Model) -> Iterator[tuple[Any, list[list[float]]]]:
    """Each feature with its places (one list a segment that is large enough) in the centroids."""
    recipe, centres = model.segmentation.recipe, model.segmentation.centres
    for feature, part in zip(recipe.features, recipe.parts, strict=True):
        yield feature, [centres[row][part].tolist() for row in shown(model)]


def shown(model: Model) -> list[int]:
    """The segments, from 0, whose centroids are examples: all that are no single customers."""
    return [row for row, size in enumerate(model.segmentation.sizes) if size >= FEWEST]


def _in_units(feature: Any, place: list[float]) -> Value:
    """Where a centroid lies in one column, in the units of the table."""
    if feature.kind == "category":
        return str(feature.categories[place.index(max(place))])
    value = place[0] * feature.scale / feature.weight + feature.centre
    if feature.kind == "flag":
        on = value >= 0.5
        return str(feature.categories[on]) if feature.categories else float(on)
    if feature.log_offset is not None:
        value = math.exp(min(value, math.log(LARGEST))) - feature.log_offset
    return _rounded(value)


def _rounded(value: float) -> float:
    """To a few significant digits, whole from a thousand on."""
    if abs(value) >= 10**DIGITS:
        return float(round(value))
    return float(f"{value:.{DIGITS}g}") + 0.0


def _as_it_is(feature: Any, examples: tuple[Value, ...]) -> Asked:
    if feature.kind == "number":
        taken = f"A number; null, taken as {feature.fill:g}, where it is not known."
        return Asked(feature.column, "number", (), taken, examples)
    if not feature.categories:
        told = f"0 or 1, false or true; null, taken as {feature.fill:g}, where it is not known."
        return Asked(feature.column, "flag", (), told, examples)
    words = ", ".join(f'"{word}"' for word in feature.categories[:WORDS_SHOWN])
    more = len(feature.categories) - WORDS_SHOWN
    rest = f" or one of {more} more" if more > 0 else ""
    told = (
        f"{words}{rest}; null where it is not known. Other words beside known ones count as null."
    )
    return Asked(feature.column, "words", feature.categories, told, examples)


def _parts(made: Any, examples: tuple[Value, ...]) -> Iterator[Asked]:
    """The columns that a made one is made of."""
    if made.kind == "total":
        share = len(made.columns)
        told = f'A number, a part of "{made.name}"; null where it is not known.'
        for name in made.columns:
            parts = tuple(_rounded(float(value) / share) for value in examples)
            yield Asked(name, "number", (), told, parts)
        return
    days = tuple(_day(made, float(value)) for value in examples)
    if made.held == "dates":
        told = f'A date such as "2024-12-01", of which "{made.name}" is made; null where none is.'
        yield Asked(made.columns[0], "date", (), told, tuple(day.isoformat() for day in days))
        return
    told = f'A date held as a number, of which "{made.name}" is made; null where none is.'
    held = tuple(_as_number(day, made.held) for day in days)
    yield Asked(made.columns[0], "number", (), told, held)


def _day(made: Any, value: float) -> dt.date:
    """The day that lies so many days or years before or after the day of a made column."""
    days = value * 365.2425 if made.kind.startswith("years") else value
    sign = 1 if made.kind.endswith("until") else -1
    ordinal = dt.date.fromisoformat(made.day).toordinal() + sign * round(days)
    return dt.date.fromordinal(min(max(ordinal, dt.date(1900, 1, 2).toordinal()), 766_645))


def _as_number(day: dt.date, held: str) -> float:
    if held == "years":
        return float(day.year)
    if held == "written":
        return float(f"{day:%Y%m%d}")
    if held == "serials":
        return float((day - FIRST_SERIAL).days)
    return (day - dt.date(1970, 1, 1)).days * 86_400 * MOMENTS[held]


def example_customers(asked: Collection[Asked]) -> list[dict[str, Any]]:
    """A customer in the middle of each segment: made of centroids, no one's row."""
    count = min((len(column.examples) for column in asked), default=0)
    rows = [{column.name: column.examples[row] for column in asked} for row in range(count)]
    return rows or [{column.name: None for column in asked}]
