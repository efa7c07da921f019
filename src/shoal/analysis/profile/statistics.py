"""The pass that gathers column facts over all rows: counts, moments, range, number of distinct
values.

It looks at every value there is, so it works in blocks that stay in the processor's cache and asks
of each block no more than its range has left open: no zeros are sought among numbers that are all
positive.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.stats.distribution import HUGE
from shoal.stats.hashing import (
    BLOCK,
    Hashes,
    blocks,
    few_words,
    hash_column,
    is_words,
    scatter,
    values_of,
)
from shoal.types import Floats, Ints

_EXACT = 2.0**53  # whole numbers from here on are not told apart as float64
_SLOTS = 2**15


def _slot(hashes: Hashes) -> Ints:
    """Where a hash is looked for among those seen: by bits from its middle, as all that are kept
    begin alike.
    """
    slots = hashes >> np.uint64(24)
    slots &= np.uint64(_SLOTS - 1)
    return slots.view(np.int64)


class Distinct:
    """Counts distinct values with bounded memory: the k smallest hashes (Bar-Yossef et al. 2002),
    exact up to k.

    The relative error beyond that is about 1/sqrt(k): 1.6 %.
    """

    size = 4096

    def __init__(self) -> None:
        self._small = np.zeros(0, dtype=np.uint64)
        self._known = np.zeros(
            0, dtype=np.uint64
        )  # in each slot one hash that has been seen; most repeats end here
        self._fresh: list[Hashes] = []
        self._held = 0

    def add(self, hashes: Hashes) -> None:
        """Take the hashes of the next values; they may be written over afterwards."""
        new = None
        if len(self._small) == self.size:
            new = hashes < self._small[-1]
            if np.count_nonzero(new) * 16 < len(new):  # few: the rest is quicker on them alone
                hashes, new = hashes[new], None
        if len(hashes) and len(self._known):
            unknown = np.take(self._known, _slot(hashes), mode="clip") != hashes
            new = unknown if new is None else np.logical_and(new, unknown, out=new)
        hashes = hashes.copy() if new is None else hashes[new]
        if len(hashes) == 0:
            return
        self._fresh.append(hashes)
        self._held += len(hashes)
        if self._held > self.size or len(self._known) == 0:
            self._settle()

    def _settle(self) -> None:
        """Keep the smallest of all, and note them where repeats are looked for."""
        if not self._fresh:
            return
        self._small = np.unique(np.concatenate([self._small, *self._fresh]))[: self.size]
        self._fresh, self._held = [], 0
        self._known = np.zeros(_SLOTS, dtype=np.uint64)
        self._known[0] = 2**64 - 1  # a hash of another slot: none has been seen here
        self._known[_slot(self._small)] = self._small

    def __getstate__(self) -> dict[str, object]:
        """What another process needs to go on: what speeds up the search for repeats is made anew
        there.
        """
        self._settle()
        return self.__dict__ | {"_known": np.zeros(0, dtype=np.uint64)}

    def merge(self, other: Distinct) -> None:
        """Take in what another worker has counted."""
        other._settle()
        self.add(other._small)

    def estimate(self) -> tuple[int, bool]:
        """The number of distinct values, and whether it is exact."""
        self._settle()
        if len(self._small) < self.size:
            return len(self._small), True
        return int((self.size - 1) / (float(self._small[-1]) / 2.0**64)), False


class _Scratch:
    """Room to work on one block, shared by all columns of a batch."""

    def __init__(self) -> None:
        self.floats: Floats = np.empty(BLOCK, dtype=np.float64)
        self.apart: Floats = np.empty(BLOCK, dtype=np.float64)
        self.hashes: Hashes = np.empty(BLOCK, dtype=np.uint64)
        self.spare: Hashes = np.empty(BLOCK, dtype=np.uint64)


def _moment(scalar: pa.Scalar) -> Any:
    """A date or moment as Python's; one beyond its calendar as the last or first of that."""
    try:
        return scalar.as_py()
    except (OverflowError, ValueError):
        of_days = pa.types.is_date(scalar.type)
        kind: Any = datetime.date if of_days else datetime.datetime
        return (
            kind.max if scalar.cast(pa.int32() if of_days else pa.int64()).as_py() > 0 else kind.min
        )


class Tally:
    """Running facts of one column.

    Sums of squares are kept around each block's mean, to lose no digits.
    """

    def __init__(self, kind: pa.DataType) -> None:
        self.numeric = (
            pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
        )
        self.rows = self.missing = self.infinite = self.zeros = self.negatives = 0
        self.count, self.mean, self.squares, self.sum = 0, 0.0, 0.0, 0.0
        self.low: Any = None  # a number, a date or a word
        self.high: Any = None
        self.distinct = Distinct()

    def add(self, array: pa.Array, scratch: _Scratch) -> None:
        """Take the next values."""
        self.rows += len(array)
        self.missing += array.null_count
        if len(array) == array.null_count:
            return
        if is_words(array.type):
            self._add_words(array)
        elif pa.types.is_boolean(array.type):
            self._add_flags(array)
        else:
            self._add_values(array, scratch)

    def _add_words(self, array: pa.Array) -> None:
        array = (pc.unique(array) if few_words(array) else array).drop_null()
        self.distinct.add(hash_column(array))
        ends = pc.min_max(array)
        self._widen(ends["min"].as_py(), ends["max"].as_py())

    def _add_flags(self, array: pa.Array) -> None:
        count, yes = len(array) - array.null_count, int(array.true_count)
        self.distinct.add(
            hash_column(
                pa.array([flag for flag, there in ((True, yes), (False, count - yes)) if there])
            )
        )
        self.zeros += count - yes
        self.sum += yes
        self._widen(float(yes == count), float(yes > 0))
        self._join(count, yes / count, yes * (count - yes) / count)

    def _add_values(self, array: pa.Array, scratch: _Scratch) -> None:
        values = values_of(array)
        if (
            self.numeric
            and values.dtype == np.int64
            and not array.null_count
            and self._add_counted(values, scratch)
        ):
            return
        valid = np.asarray(pc.is_valid(array)) if array.null_count else None
        for part in blocks(len(values)):
            block = values[part] if valid is None else values[part][valid[part]]
            if len(block) == 0:
                continue
            if self.numeric:
                self._add_numbers(block, scratch)
            else:
                self._count_distinct(block.view(np.uint64), scratch)
        if not self.numeric:
            ends = pc.min_max(array)
            self._widen(_moment(ends["min"]), _moment(ends["max"]))

    def _add_counted(self, values: np.ndarray, scratch: _Scratch) -> bool:
        """Take whole numbers that lie close together by counting each, which takes half the time;
        False where they do not.
        """
        low, high = int(values.min()), int(values.max())
        if high - low >= min(BLOCK, len(values) // 2) or max(-low, high) >= _EXACT:
            return False
        counts = np.bincount(values - low)
        there = np.flatnonzero(counts)
        x, times = (there + low).astype(np.float64), counts[there]
        self._count_distinct(x.view(np.uint64), scratch)
        self._widen(float(low), float(high))
        self.zeros += int(times[x == 0.0].sum())
        self.negatives += int(times[x < 0.0].sum())
        total = float(x @ times)
        self.sum += total
        mean = total / len(values)
        self._join(len(values), mean, float((x - mean) ** 2 @ times))
        return True

    def _add_numbers(self, block: np.ndarray, scratch: _Scratch) -> None:
        x = block
        if block.dtype != np.float64:
            x = scratch.floats[: len(block)]
            np.copyto(x, block, casting="unsafe")
        low, high = float(x.min()), float(x.max())
        bits = np.ascontiguousarray(x)
        if low <= 0.0 <= high:
            bits = np.add(x, 0.0, out=scratch.apart[: len(x)])  # -0.0 becomes 0.0
        if x is not block and max(-low, high) >= _EXACT:
            bits = np.where(np.abs(x) < _EXACT, x, block.view(np.float64))
        self._count_distinct(bits.view(np.uint64), scratch)
        if not max(-low, high) <= HUGE:
            finite = np.abs(x) <= HUGE
            self.infinite += int(len(x) - finite.sum())
            x = x[finite]
            low, high = (float(x.min()), float(x.max())) if len(x) else (0.0, 0.0)
        if len(x):
            self._sum_up(x, low, high, scratch)

    def _count_distinct(self, bits: Hashes, scratch: _Scratch) -> None:
        hashes = scratch.hashes[: len(bits)]
        scatter(bits, hashes, scratch.spare[: len(bits)])
        self.distinct.add(hashes)

    def _sum_up(self, x: Floats, low: float, high: float, scratch: _Scratch) -> None:
        self._widen(low, high)
        if low <= 0.0 <= high:
            self.zeros += len(x) - int(np.count_nonzero(x))
        if low < 0.0:
            self.negatives += int(np.count_nonzero(x < 0.0))
        total = float(x.sum())
        self.sum += total
        mean = total / len(x)
        apart = np.subtract(x, mean, out=scratch.apart[: len(x)])
        self._join(len(x), mean, float(np.multiply(apart, apart, out=apart).sum()))

    def _join(self, count: int, mean: float, squares: float) -> None:
        """Chan, Golub & LeVeque (1979): moments of two parts put together."""
        total = self.count + count
        apart = mean - self.mean
        self.squares += squares + apart * apart * self.count * count / total
        self.mean += apart * count / total
        self.count = total

    def _widen(self, low: Any, high: Any) -> None:
        self.low = low if self.low is None else min(self.low, low)
        self.high = high if self.high is None else max(self.high, high)

    def merge(self, other: Tally) -> None:
        """Take in what another worker has counted."""
        for name in ("rows", "missing", "infinite", "zeros", "negatives"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.sum += other.sum
        self.distinct.merge(other.distinct)
        if other.count:
            self._join(other.count, other.mean, other.squares)
        if other.low is not None:
            self._widen(other.low, other.high)


class ColumnFacts:
    """Facts of every column over all rows."""

    def __init__(self, schema: pa.Schema, columns: Sequence[str]) -> None:
        self.tallies = {name: Tally(schema.field(name).type) for name in columns}

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        scratch = _Scratch()
        with np.errstate(
            all="ignore"
        ):  # what overflows or is infinite is told by the facts themselves
            for name, tally in self.tallies.items():
                tally.add(batch.column(name), scratch)

    def merge(self, other: Self) -> None:
        """Take in what another worker has counted."""
        for name, tally in self.tallies.items():
            tally.merge(other.tallies[name])
