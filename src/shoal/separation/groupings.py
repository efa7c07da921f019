"""Simpler ways to group the same customers: RFM classes, one column, an earlier segmentation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shoal.data import open_table
from shoal.errors import ShoalError
from shoal.options import ReadingOptions
from shoal.rfm.rfm_classes import is_frequency, rfm_classes
from shoal.separation.halves import Halves
from shoal.stats.distribution import numbers
from shoal.stats.explained import means_of
from shoal.text.numbers import number
from shoal.types import Column, Floats, GroupingKind, Ints

MOST_WORDS = 50
SUMS = ("total", "period", "")
NOT_KNOWN = "(not known)"
Texts = npt.NDArray[np.str_]


@dataclass(frozen=True)
class Grouped:
    """A group for each of m customers."""

    kind: GroupingKind
    column: str
    names: tuple[str, ...]
    of: Ints  # (m,) the place among the names


def by_words(kind: GroupingKind, column: str, words: list[str]) -> Grouped:
    """Groups by a word each."""
    names, of = np.unique(np.array(words, dtype=str), return_inverse=True)
    return Grouped(kind, column, tuple(map(str, names)), of.ravel())


# --- RFM ------------------------------------------------------------------------------------------


def by_rfm(halves: Halves) -> Grouped | str:
    """RFM classes; where there are none, what is missing."""
    taken = _measures(halves)
    missing = [measure for measure, column in taken.items() if column is None]
    if missing:
        return " and ".join(missing)
    columns = {measure: str(column) for measure, column in taken.items()}
    rows = pa.table({m: numbers(halves.rows[c]) for m, c in columns.items()})
    measured = np.all([np.isfinite(rows[m].to_numpy()) for m in columns], axis=0)
    try:
        known = open_table(rows.filter(pa.array(measured)), ReadingOptions())
        labels = rfm_classes(
            known, recency="recency", frequency="frequency", monetary="monetary"
        ).labels
    except ShoalError:
        return "recency, frequency and money that fall into classes"
    words = np.full(len(measured), NOT_KNOWN, dtype=object)
    words[measured] = labels
    return by_words("rfm", "", list(words))


def _measures(halves: Halves) -> dict[str, str | None]:
    profile = halves.profile
    known = [c for c in profile.columns if c.kind == "number" and c.name != halves.outcome]
    often = [c for c in known if c.meaning == "activity"]
    often.sort(key=lambda c: not is_frequency(c.name))
    money = [c for c in known if c.meaning == "money_in" and c.aspect in SUMS]
    money.sort(key=lambda c: c.name != profile.value)
    recent = [c for c in known if c.meaning == "recency"]
    found = {"recency": recent, "frequency": often, "monetary": money}
    return {m: next((c.name for c in each), None) for m, each in found.items()}


# --- an earlier segmentation ----------------------------------------------------------------------


def by_old_labels(halves: Halves) -> Iterator[Grouped]:
    """A grouping for each earlier segmentation in the table."""
    for column in halves.profile.columns:
        few = 1 < column.distinct <= MOST_WORDS
        if column.meaning != "old_label" or not few or column.name == halves.outcome:
            continue
        cells = halves.rows[column.name].cast(pa.string()).to_pylist()
        yield by_words("old_label", column.name, [c or NOT_KNOWN for c in cells])


# --- one column -----------------------------------------------------------------------------------


def by_one_column(halves: Halves, parts: int) -> Grouped | None:
    """The column that explains most on the half to learn on: a number in as many parts as there
    are segments, words as they are.
    """
    found = [g for column in halves.profile.columns if (g := _split(column, halves, parts))]
    return max(found, key=lambda each: _fits(each, halves), default=None)


def _split(column: Column, halves: Halves, parts: int) -> Grouped | None:
    speaks = column.role in ("basis", "describe", "value") and not column.private
    if not speaks or column.name == halves.outcome or column.meaning in ("old_label", "outcome"):
        return None
    if column.name not in halves.rows.column_names:
        return None
    cells = halves.rows[column.name]
    if column.kind == "number" and not column.is_code:
        return _cut(column.name, numbers(cells), halves, parts)
    if column.kind in ("flag", "category", "number") and 1 < column.distinct <= MOST_WORDS:
        words = [NOT_KNOWN if c is None else c for c in cells.cast(pa.string()).to_pylist()]
        return by_words("column", column.name, words)
    return None


def _cut(name: str, values: Floats, halves: Halves, parts: int) -> Grouped | None:
    """In parts of equal size, by the half to learn on."""
    known = values[halves.learn & np.isfinite(values)]
    if not len(known):
        return None
    shares = np.arange(1, max(parts, 2)) / max(parts, 2)
    edges = np.unique(np.quantile(known, shares, method="higher"))
    of = np.searchsorted(edges, values, side="left")  # an edge belongs to the part below it
    of[~np.isfinite(values)] = len(edges) + 1
    names = [f"up to {number(float(edge))}" for edge in edges]
    names += [f"above {number(float(edges[-1]))}", NOT_KNOWN]
    return Grouped("column", name, tuple(names), of.astype(np.int64))


def _fits(grouped: Grouped, halves: Halves) -> float:
    """The squared errors that are spared on the half to learn on, for each group that it takes."""
    known = halves.known
    y, of = halves.y[known], grouped.of[known]
    mean = float(y.mean())
    means = means_of(of, y, len(grouped.names), mean)
    spared = 1 - ((y - means[of]) ** 2).sum() / ((y - mean) ** 2).sum()
    groups = len(np.unique(of))
    return float(1 - (1 - spared) * (len(y) - 1) / max(len(y) - groups, 1))
