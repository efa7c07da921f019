"""Looking things up in the facts: names, columns in original units, which customers are drawn."""

from __future__ import annotations

import math
import struct

import numpy as np
import pyarrow as pa

from shoal.text.numbers import short
from shoal.types import Facts, Feature, Floats, Ints

# Arrow's own ways from and to NumPy load pandas, which takes longer than half of the figures
_GAP = pa.Array.from_buffers(pa.float64(), 1, [None, pa.py_buffer(struct.pack("d", math.nan))])[0]
DOTS = 5000  # more dots than this make a figure slow and no clearer


def names(facts: Facts) -> list[str]:
    """The segments' names, in id order."""
    return [portrait.name for portrait in facts.portraits] or list(facts.segmentation.names)


def feature(facts: Facts, column: str) -> Feature | None:
    """How a basis column was prepared; None when it is not in the basis."""
    return next((f for f in facts.segmentation.recipe.features if f.column == column), None)


def dots(facts: Facts) -> Ints:
    """Rows of the sample that are drawn. The sample has no order of its own, so its head is as good as any part."""
    return np.arange(min(len(facts.labels), DOTS))


def stated(facts: Facts, drawn: int | None = None) -> str:
    """What a figure shows: all customers, or how many of them."""
    m, n = len(facts.labels), facts.sample.total
    words = f"All {n:,} customers." if m == n else f"A sample of {m:,} of {n:,} customers."
    if drawn is not None and drawn < m:
        words += f" {drawn:,} of them are drawn."
    return words


def values(facts: Facts, column: str) -> Floats:
    """A column of the sample as numbers (m,): a flag as 0 and 1, a gap as NaN."""
    array = facts.sample.rows.column(column).combine_chunks()
    if (
        pa.types.is_integer(array.type)
        or pa.types.is_floating(array.type)
        or pa.types.is_boolean(array.type)
    ):
        return np.asarray(np.from_dlpack(array.cast(pa.float64()).fill_null(_GAP)), dtype=float)
    words = ["" if word is None else str(word) for word in array.to_pylist()]
    on = on_word(facts, column)
    return np.array([math.nan if word == "" else float(word == on) for word in words])


def on_word(facts: Facts, column: str) -> str:
    """The word of a flag that counts as 1."""
    prepared = feature(facts, column)
    if prepared is not None and len(prepared.categories) == 2:
        return prepared.categories[1]
    return next((word for word, _ in facts.profile.column(column).top), "")


def has_word(facts: Facts, column: str, word: str) -> Floats:
    """For each customer of the sample, 1 where a category is this word, NaN at a gap."""
    array = facts.sample.rows.column(column).to_pylist()
    return np.array([math.nan if each is None else float(str(each) == word) for each in array])


def forward(prepared: Feature | None, x: Floats) -> Floats:
    """Original units to the axis of a map: the log that the recipe takes, or nothing."""
    if prepared is None or prepared.log_offset is None:
        return x
    return np.log(np.maximum(x + prepared.log_offset, np.finfo(float).tiny))


def ticks(prepared: Feature, low: float, high: float) -> tuple[list[float], list[str]]:
    """Places and words for an axis that was logged: round numbers in original units."""
    offset = prepared.log_offset or 0.0
    top = math.exp(high) - offset
    powers = range(-3, max(-2, math.ceil(math.log10(max(top, 1e-3))) + 1))
    candidates = [0.0] + [step * 10.0**power for power in powers for step in (1, 2, 5)]
    places: list[float] = []
    words: list[str] = []
    for each in candidates:
        if each + offset <= 0:
            continue
        place = math.log(each + offset)
        if low <= place <= high and (not places or place - places[-1] > (high - low) / 9):
            places.append(place)
            words.append(short(each))
    return places, words


def telling(facts: Facts, most: int) -> list[str]:
    """Basis columns first by how far some segment stands from everybody, at most so many."""
    strength: dict[str, float] = {}
    for portrait in facts.portraits:
        for trait in portrait.traits:
            if trait.role == "basis":
                strength[trait.column] = max(strength.get(trait.column, 0.0), abs(trait.effect))
    return sorted(strength, key=lambda name: (-strength[name], name))[:most]
