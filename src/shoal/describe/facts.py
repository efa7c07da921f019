"""The pass that gathers column facts over all rows: counts, moments, range, number of distinct values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.hashing import Hashes, hash_column
from shoal.nouns import Floats


class Distinct:
    """Counts distinct values with bounded memory: the k smallest hashes (Bar-Yossef et al. 2002), exact up to k.

    The relative error beyond that is about 1/sqrt(k): 1.6 %.
    """

    size = 4096

    def __init__(self) -> None:
        self._small = np.zeros(0, dtype=np.uint64)

    def add(self, hashes: Hashes) -> None:
        """Take the hashes of the next values."""
        if len(self._small) == self.size:
            hashes = hashes[hashes < self._small[-1]]
        if len(hashes):
            self._small = np.unique(np.concatenate([self._small, hashes]))[: self.size]

    def estimate(self) -> tuple[int, bool]:
        """The number of distinct values, and whether it is exact."""
        if len(self._small) < self.size:
            return len(self._small), True
        return int((self.size - 1) / (float(self._small[-1]) / 2.0**64)), False


class Tally:
    """Running facts of one column. Sums of squares are kept around a pivot near the mean, to lose no digits."""

    def __init__(self, kind: pa.DataType) -> None:
        self.numeric = pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
        self.rows = self.missing = self.infinite = self.zeros = self.negatives = 0
        self.count, self.mean, self.squares, self.sum = 0, 0.0, 0.0, 0.0
        self.low: object = None
        self.high: object = None
        self.whole = True  # every number is an integer
        self.distinct = Distinct()

    def add(self, array: pa.Array) -> None:
        """Take the next values."""
        self.rows += len(array)
        self.missing += array.null_count
        hashes = hash_column(array)
        self.distinct.add(hashes[np.asarray(pc.is_valid(array))] if array.null_count else hashes)
        if self.numeric:
            values = array.cast(pa.float64()) if not pa.types.is_boolean(array.type) else array.cast(pa.int8()).cast(pa.float64())
            self._add_numbers(np.asarray(values.drop_null()))
        elif len(array) > array.null_count:
            ends = pc.min_max(array)
            self._widen(ends["min"].as_py(), ends["max"].as_py())

    def _add_numbers(self, x: Floats) -> None:
        finite = np.isfinite(x)
        if not finite.all():
            self.infinite += int(len(x) - finite.sum())
            x = x[finite]
        if len(x) == 0:
            return
        self.zeros += int((x == 0).sum())
        self.negatives += int((x < 0).sum())
        self.whole = self.whole and bool((x == np.trunc(x)).all())
        self.sum += float(x.sum())
        self._widen(float(x.min()), float(x.max()))
        mean = float(x.mean())
        self._join(len(x), mean, float(((x - mean) ** 2).sum()))

    def _join(self, count: int, mean: float, squares: float) -> None:
        """Chan, Golub & LeVeque (1979): moments of two parts put together."""
        total = self.count + count
        apart = mean - self.mean
        self.squares += squares + apart * apart * self.count * count / total
        self.mean += apart * count / total
        self.count = total

    def _widen(self, low: object, high: object) -> None:
        self.low = low if self.low is None else min(self.low, low)  # type: ignore[call-overload]
        self.high = high if self.high is None else max(self.high, high)  # type: ignore[call-overload]

    def merge(self, other: Tally) -> None:
        """Take in what another worker has counted."""
        for name in ("rows", "missing", "infinite", "zeros", "negatives"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.sum += other.sum
        self.whole = self.whole and other.whole
        self.distinct.add(other.distinct._small)
        if other.count:
            self._join(other.count, other.mean, other.squares)
        if other.low is not None:
            self._widen(other.low, other.high)


class FactsPass:
    """Facts of every column over all rows."""

    def __init__(self, schema: pa.Schema, columns: Sequence[str]) -> None:
        self.tallies = {name: Tally(schema.field(name).type) for name in columns}

    def absorb(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        for name, tally in self.tallies.items():
            tally.add(batch.column(name))

    def merge(self, other: Self) -> None:
        """Take in what another worker has counted."""
        for name, tally in self.tallies.items():
            tally.merge(other.tallies[name])
