"""Table → Sample: the customers with the smallest hash of their id.

Uniform, mergeable, and the same for any order of rows, any split into files and any engine. Where there is no id the
row itself is hashed, together with its occurrence number, so that equal rows are told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

import numpy as np
import pyarrow as pa

from shoal.hashing import Hashes, hash_rows, mix
from shoal.nouns import Ints, Sample

SAMPLE_ROWS = 20_000
_COUNTED_ROWS = 200_000  # distinct rows whose repetitions are counted where there is no id
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)


class SamplePass:
    """Keeps the `size` rows with the smallest hashes, with every column.

    `key` names the columns that are hashed: the id, or every column where there is none (then `repeats` is true).
    """

    def __init__(self, key: Sequence[str], *, repeats: bool, size: int = SAMPLE_ROWS) -> None:
        self.key, self.size = tuple(key), size
        self.rows = 0
        self._seen = _Repeats() if repeats else None
        self._hashes: list[Hashes] = []
        self._index: list[Ints] = []
        self._kept: list[pa.RecordBatch] = []
        self._held = 0
        self._bound = np.uint64(2**64 - 1)

    def absorb(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows; those above the bound reached so far are passed over at once."""
        hashes = hash_rows(batch, self.key)
        if self._seen is not None:
            hashes = mix(hashes + self._seen.number(hashes) * _GOLDEN)
        self.rows += batch.num_rows
        low = np.flatnonzero(hashes <= self._bound)
        if len(low) == 0:
            return
        self._hashes.append(hashes[low])
        self._index.append(low + start)
        self._kept.append(batch if len(low) == batch.num_rows else batch.take(pa.array(low)))
        self._held += len(low)
        if self._held > 3 * self.size:
            self._shrink()

    def merge(self, other: Self) -> None:
        """Take in the rows that another worker kept."""
        self.rows += other.rows
        self._hashes += other._hashes
        self._index += other._index
        self._kept += other._kept
        self._held += other._held
        self._shrink()

    def _shrink(self) -> None:
        hashes, index = np.concatenate(self._hashes), np.concatenate(self._index)
        order = np.lexsort((index, hashes))[: self.size]
        table = pa.Table.from_batches(self._kept).take(pa.array(order)).combine_chunks()
        self._hashes, self._index, self._kept = [hashes[order]], [index[order]], table.to_batches()
        self._held = len(order)
        if self._held == self.size:
            self._bound = hashes[order[-1]]

    def sample(self) -> Sample:
        """The rows kept, in the order of their hashes."""
        self._shrink()
        return Sample(rows=pa.Table.from_batches(self._kept), index=self._index[0], total=self.rows)


class _Repeats:
    """Numbers equal rows 0, 1, 2 … so that a set of them does not depend on the order in which they come."""

    def __init__(self) -> None:
        self._known = np.zeros(0, dtype=np.uint64)
        self._counts = np.zeros(0, dtype=np.uint64)

    def number(self, hashes: Hashes) -> Hashes:
        values, place, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        order = np.argsort(place, kind="stable")
        first = np.repeat(np.cumsum(counts) - counts, counts)
        number = np.empty(len(hashes), dtype=np.uint64)
        number[order] = (np.arange(len(hashes)) - first).astype(np.uint64)
        at = np.minimum(np.searchsorted(self._known, values), max(len(self._known) - 1, 0))
        known = self._known[at] == values if len(self._known) else np.zeros(len(values), dtype=bool)
        before = (
            np.where(known, self._counts[at], 0).astype(np.uint64) if len(self._known) else np.zeros(len(values), dtype=np.uint64)
        )
        self._remember(values, counts, at, known)
        return number + before[place]

    def _remember(self, values: Hashes, counts: Ints, at: Ints, known: np.ndarray) -> None:
        self._counts[at[known]] += counts[known].astype(np.uint64)
        fresh = ~known
        if len(self._known) < _COUNTED_ROWS and fresh.any():
            joined = np.concatenate([self._known, values[fresh]])
            order = np.argsort(joined)
            self._known = joined[order]
            self._counts = np.concatenate([self._counts, counts[fresh].astype(np.uint64)])[order]
