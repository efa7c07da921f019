"""Rows of a table that sum up the rows above them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.csv.around import TOTALS
from shoal.types import Bools, Floats, Ints

WORD = (
    r"(?i)^\s*((grand |sub)?totals?\b.*|.*\b(sub)?total|(gesamt|teil|zwischen)?(summe|ergebnis)\b.*"
    r"|.* (ergebnis|summe)|insgesamt|suma\b.*|.* suma|somme\b.*|total[ei]\b.*|totaal\b.*"
    rf"|{TOTALS})\s*:?\s*$"
)
NUMBER = r"^-?\d+(\.\d+)?$"
CENT = 0.011  # by which a sum may differ, as its parts are rounded
FEW = 8  # rows up to which one column may add up, and several be averages, by chance


def totals(labels: Sequence[pa.Array], columns: Sequence[pa.Array]) -> Ints:
    """The places of rows that are totals of those above them, or of those since the last total.

    `labels` are the columns where a total is called so; `columns` those of numbers, as text. What
    is called a total must be one in most columns; the last row, whatever it is called, in all.
    """
    if not columns:
        return np.zeros(0, np.int64)
    numbers = np.array([_numbers(column) for column in columns]).T
    called = _called(labels, len(numbers))
    places = np.union1d(np.flatnonzero(called), [len(numbers) - 1])
    found: list[int] = []
    for at in places.tolist():
        rows = np.delete(numbers[:at], found, axis=0)
        since = numbers[found[-1] + 1 if found else 0 : at]
        if (called[at] and any(_adds_up(numbers[at], part, 0.5) for part in (since, rows))) or (
            at == len(numbers) - 1 and _proven(numbers[at], rows)
        ):
            found.append(at)
    return np.array(found, np.int64)


def _called(labels: Sequence[pa.Array], rows: int) -> Bools:
    called = np.zeros(rows, bool)
    for column in labels:
        called |= pc.match_substring_regex(column, WORD).to_numpy(zero_copy_only=False)
    return called


def _numbers(column: pa.Array) -> npt.NDArray[np.float64]:
    """The cells that are plain numbers; NaN for the others."""
    plain = pc.match_substring_regex(column, NUMBER)
    numbers = pc.if_else(plain, column, pa.scalar(None, pa.string())).cast(pa.float64())
    return np.asarray(numbers.to_numpy(zero_copy_only=False), np.float64)


def _same(row: Floats, others: Floats) -> int:
    """How many numbers of a row are those of another, none of them zero."""
    near = np.abs(row - others) <= np.maximum(CENT, 1e-9 * np.abs(others))
    return int((near & (others != 0)).sum())


def _adds_up(row: Floats, rows: Floats, share: float) -> bool:
    same = _same(row, np.nansum(rows, axis=0))
    return len(rows) > 1 and same > 0 and same >= share * np.isfinite(row).sum()


def _proven(row: Floats, rows: Floats) -> bool:
    """Whether a row without a word for it is a total, or an average: every number is one.

    Few numbers may be so by chance.
    """
    count = int(np.isfinite(row).sum())
    if not count or len(rows) < 3 or not np.isfinite(rows).any(axis=0).all():
        return False
    many = len(rows) >= FEW
    total = _same(row, np.nansum(rows, axis=0)) == count and (count > 1 or many)
    return total or (_same(row, np.nanmean(rows, axis=0)) == count > 1 and many)
