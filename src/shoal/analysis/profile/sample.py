"""Table → Sample: the customers with the smallest hash of their id.

Uniform, mergeable, and the same for any order of rows, any split into files and any engine. Where
there is no id the row itself is hashed, together with its occurrence number, so that equal rows are
told apart: distinct rows are counted, and the occurrences of each are numbered when all have been
seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.stats.hashing import Hashes, blocks, hash_rows, mix, values_of
from shoal.types import Floats, Ints, Sample

SAMPLE_ROWS = 20_000
_TOGETHER = 65_536  # rows without an id that are counted at a time
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_LAST = np.uint64(2**64 - 1)


class SampleAccumulator:
    """Keeps the `size` rows with the smallest hashes, with every column.

    `key` names the columns that are hashed: the id, or every column where there is none (then
    `repeats` is true).
    """

    def __init__(self, key: Sequence[str], *, repeats: bool, size: int = SAMPLE_ROWS) -> None:
        self.key, self.size = tuple(key), size
        self.rows = 0
        self._multiset = _Multiset(key, size) if repeats else None
        self._hashes: list[Hashes] = []
        self._index: list[Ints] = []
        self._kept: list[pa.RecordBatch] = []
        self._held = 0
        self._bound = _LAST

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows; those above the bound reached so far are passed over at once."""
        if self._multiset is not None:
            self._multiset.update(batch, start)
            return
        hashes = hash_rows(batch, self.key)
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
        if self._multiset is not None and other._multiset is not None:
            self._multiset.merge(other._multiset)
            return
        self.rows += other.rows
        self._hashes += other._hashes
        self._index += other._index
        self._kept += other._kept
        self._held += other._held
        if self._hashes:
            self._shrink()

    def __getstate__(self) -> dict[str, object]:
        """What another process needs: no more rows than can matter."""
        if self._multiset is not None:
            self._multiset.settle()
        elif self._held > self.size:
            self._shrink()
        return self.__dict__

    def _shrink(self) -> None:
        hashes, index = np.concatenate(self._hashes), np.concatenate(self._index)
        near = np.arange(len(hashes))
        if len(near) > self.size:  # only what may stay is sorted
            near = np.flatnonzero(hashes <= np.partition(hashes, self.size - 1)[self.size - 1])
        order = near[np.lexsort((index[near], hashes[near]))][: self.size]
        table = pa.Table.from_batches(self._kept).take(pa.array(order)).combine_chunks()
        self._hashes, self._index, self._kept = [hashes[order]], [index[order]], table.to_batches()
        self._held = len(order)
        if self._held == self.size:
            self._bound = hashes[order[-1]]

    def sample(self) -> Sample:
        """The rows kept, in the order of their hashes."""
        if self._multiset is not None:
            return self._multiset.sample()
        self._shrink()
        return Sample(rows=pa.Table.from_batches(self._kept), index=self._index[0], total=self.rows)


class _Multiset:
    """The distinct rows of a table and how often each occurs, in bounded memory, and the sample
    drawn from them.

    The j-th of c equal rows has the key mix(h + j·φ), where h is their hash; the sample is the rows
    with the smallest keys. That depends on which rows there are and how often, not on where they
    stand. Up to `3 * size` distinct rows all are counted. Of more, those with the smallest first
    keys are counted exactly and stand for the rest (the keys of their repetitions are shrunk to the
    range which their first keys fill, so that every row is as likely as any other); rows that make
    up more than 1/size of the table are too weighty to be left to that and are counted wherever
    they fall, from the time they first recur within some 65,000 rows.
    """

    def __init__(self, key: Sequence[str], size: int) -> None:
        self.key, self.size = tuple(key), size
        self.rows = 0
        self._waiting: list[
            tuple[pa.RecordBatch, Hashes, Ints, Ints]
        ] = []  # rows, their hashes and numbers, how often each
        self._waits = 0
        self._bound = _LAST
        self._near = _Tracked.none()  # all distinct rows whose first key is at most the bound
        self._far = _Tracked.none()  # of the others those that may be weighty

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        if batch.num_rows == 0:
            return
        self.rows += batch.num_rows
        rows, at, times = (_folded(batch, self.key) if self.rows > self.size else None) or _each(
            batch
        )
        self._waiting.append((rows, hash_rows(rows, self.key), at + start, times))
        self._waits += rows.num_rows
        if self._waits >= max(_TOGETHER, self.size + 1):
            self._count()

    def merge(self, other: _Multiset) -> None:
        """Take in what another worker has counted."""
        self.rows += other.rows
        self._waiting += other._waiting
        self._waits += other._waits
        self._bound = min(self._bound, other._bound)
        self._near, self._far = self._near.joined(other._near), self._far.joined(other._far)
        self._shrink()
        if self._waits >= max(_TOGETHER, self.size + 1):
            self._count()

    def settle(self) -> None:
        """Count what waits, unless these may be all the rows there are."""
        if self.rows > self.size:
            self._count()
            self._shrink()

    def _count(self) -> None:
        """Count the rows that wait, and start to track those that must be."""
        if not self._waiting:
            return
        batches, hashes, numbers, often = zip(*self._waiting, strict=True)
        base, index, times = np.concatenate(hashes), np.concatenate(numbers), np.concatenate(often)
        self._waiting, self._waits = [], 0
        first = mix(base)
        low = first <= self._bound
        near, far = np.flatnonzero(low), np.flatnonzero(~low)
        near, far = (
            near[self._near.count(first[near], times[near])],
            far[self._far.count(first[far], times[far])],
        )
        table = pa.Table.from_batches(batches)
        self._near = self._near.with_more(_distinct(table, base, first, index, times, near))
        self._far = self._far.with_more(
            _distinct(table, base, first, index, times, _recurring(far, first, times))
        )
        if len(self._near) > 6 * self.size or len(self._far) > 2 * self.size:
            self._shrink()

    def _shrink(self) -> None:
        """Keep the `3 * size` distinct rows with the smallest first keys, and the `size` most
        frequent of the others.
        """
        most = 3 * self.size
        if len(self._near) > most:
            self._bound = min(self._bound, np.partition(self._near.first, most - 1)[most - 1])
        beyond = self._near.first > self._bound
        if beyond.any():
            recurring = self._near.only(np.flatnonzero(beyond & (self._near.counts > 1)))
            self._near, self._far = (
                self._near.only(np.flatnonzero(~beyond)),
                self._far.joined(recurring),
            )
        if len(self._far) > self.size:
            self._far = self._far.only(
                np.lexsort((self._far.first, -self._far.counts))[: self.size]
            )

    def sample(self) -> Sample:
        """The rows with the smallest keys, in the order of their keys.

        Repetitions share the row number of one of them.
        """
        if self.rows <= self.size:
            return self._whole()
        self._count()
        self._shrink()
        frame = self._near.with_more(
            self._far.only(np.flatnonzero(self._far.counts * self.size >= self.rows))
        )
        share = np.where(
            frame.counts * self.size >= self.rows, 1.0, float(self._bound) / float(_LAST)
        )
        drawn = _smallest(frame, share, self.size)
        return Sample(rows=frame.only(drawn).rows, index=frame.index[drawn], total=self.rows)

    def _whole(self) -> Sample:
        batches, hashes, numbers, _ = zip(*self._waiting, strict=True)
        base, index = np.concatenate(hashes), np.concatenate(numbers)
        order = np.lexsort((index, base))
        starts = np.flatnonzero(np.diff(base[order], prepend=~base[order[:1]]) != 0)
        number = np.empty(len(base), dtype=np.uint64)
        number[order] = np.arange(len(base)) - np.repeat(starts, np.diff(starts, append=len(base)))
        order = np.lexsort((index, mix(base + number * _GOLDEN)))
        return Sample(
            rows=pa.Table.from_batches(batches).take(pa.array(order)).combine_chunks(),
            index=index[order],
            total=self.rows,
        )


class _Tracked:
    """Distinct rows: the hash, the first key, the number of occurrences, a row number and the
    content of each.
    """

    def __init__(
        self, base: Hashes, first: Hashes, counts: Ints, index: Ints, rows: pa.Table | None
    ) -> None:
        self.base, self.first, self.counts, self.index, self.rows = base, first, counts, index, rows

    @classmethod
    def none(cls) -> _Tracked:
        """No rows."""
        hashes, numbers = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
        return cls(hashes, hashes, numbers, numbers, None)

    def __len__(self) -> int:
        return len(self.first)

    def count(self, first: Hashes, times: Ints) -> Ints:
        """Count rows with these first keys, each so many times.

        Returns where those stand that are not tracked.
        """
        place = pc.index_in(pa.array(first), value_set=pa.array(self.first))
        tracked = np.asarray(place.is_valid())
        known = np.asarray(place.drop_null())
        self.counts += np.bincount(known, times[tracked], minlength=len(self)).astype(np.int64)
        return np.flatnonzero(~tracked)

    def with_more(self, other: _Tracked) -> _Tracked:
        """These and others, all different."""
        if self.rows is None or other.rows is None:
            return other if self.rows is None else self
        return _Tracked(
            np.concatenate([self.base, other.base]),
            np.concatenate([self.first, other.first]),
            np.concatenate([self.counts, other.counts]),
            np.concatenate([self.index, other.index]),
            pa.concat_tables([self.rows, other.rows]),
        )

    def only(self, keep: Ints) -> _Tracked:
        """Those in these places."""
        rows = None if self.rows is None else self.rows.take(pa.array(keep)).combine_chunks()
        return _Tracked(
            self.base[keep], self.first[keep], self.counts[keep], self.index[keep], rows
        )

    def joined(self, other: _Tracked) -> _Tracked:
        """These and those of another worker; the counts of equal rows are added."""
        if self.rows is None or other.rows is None:
            return other if self.rows is None else self
        both = self.with_more(other)
        first, place, where = np.unique(both.first, return_index=True, return_inverse=True)
        joined = both.only(place)
        joined.counts = np.zeros(len(first), dtype=np.int64)
        np.add.at(joined.counts, where, both.counts)
        np.minimum.at(joined.index, where, both.index)
        return joined


def _each(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, Ints, Ints]:
    """The rows of a batch, where each stands in it, and how often: once."""
    return batch, np.arange(batch.num_rows), np.ones(batch.num_rows, dtype=np.int64)


def _folded(batch: pa.RecordBatch, key: Sequence[str]) -> tuple[pa.RecordBatch, Ints, Ints] | None:
    """The distinct rows of a batch of whole numbers that lie close together, where each stands
    first, and how often each occurs.

    Counting them by their values costs a tenth of hashing every row. None where the batch is of
    another kind.
    """
    if set(key) != set(batch.schema.names) or any(
        not pa.types.is_integer(c.type) or c.null_count for c in batch.columns
    ):
        return None
    code, span = np.zeros(batch.num_rows, dtype=np.int64), 1
    for column in batch.columns:
        values = values_of(column)
        low = int(values.min())
        width = int(values.max()) - low + 1
        span *= width
        if span > batch.num_rows // 2:
            return None
        code = code * width + (values - low)
    counts, place = np.bincount(code, minlength=span), np.empty(span, dtype=np.int64)
    place[code[::-1]] = np.arange(batch.num_rows)[::-1]
    there = np.flatnonzero(counts)
    return batch.take(pa.array(place[there])), place[there], counts[there]


def _distinct(
    table: pa.Table, base: Hashes, first: Hashes, index: Ints, times: Ints, rows: Ints
) -> _Tracked:
    """The distinct ones among these rows of a table, each of which counts so many times."""
    if len(rows) == 0:
        return _Tracked.none()
    _, places, same = np.unique(first[rows], return_index=True, return_inverse=True)
    counts = np.bincount(same, times[rows]).astype(np.int64)
    rows = rows[places]
    return _Tracked(base[rows], first[rows], counts, index[rows], table.take(pa.array(rows)))


def _recurring(rows: Ints, hashes: Hashes, times: Ints) -> Ints:
    """Those of the rows that occur more than once, or whose hash another of them has too."""
    ordered = np.sort(hashes[rows])
    again = np.unique(ordered[1:][ordered[1:] == ordered[:-1]])
    return rows[(times[rows] > 1) | np.isin(hashes[rows], again)]


def _smallest(frame: _Tracked, share: Floats, size: int) -> Ints:
    """The places of the distinct rows whose occurrences have the smallest keys, in the order of the
    keys.
    """
    keys, places = np.zeros(0, dtype=np.uint64), np.zeros(0, dtype=np.int64)
    cut = _LAST
    for key, place in _occurrences(frame, share):
        good = key <= cut
        keys, places = np.append(keys, key[good]), np.append(places, place[good])
        if len(keys) > 4 * size:
            cut = np.partition(keys, size - 1)[size - 1]
            near = keys <= cut
            keys, places = keys[near], places[near]
    drawn: Ints = places[np.lexsort((frame.first[places], keys))[:size]]
    return drawn


def _occurrences(frame: _Tracked, share: Floats) -> Iterator[tuple[Hashes, Ints]]:
    """The key of every occurrence of the distinct rows, block by block, and the place of its row.

    The keys of repetitions are shrunk to the `share` (rows,) of all keys that stands for the row.
    """
    ends = np.cumsum(frame.counts)
    for part in blocks(int(ends[-1])):
        occurrence = np.arange(part.start, part.stop)
        place = np.searchsorted(ends, occurrence, side="right")
        number = occurrence - (ends - frame.counts)[place]
        key = mix(frame.base[place] + number.astype(np.uint64) * _GOLDEN)
        shrunk = np.flatnonzero((number > 0) & (share[place] < 1.0))
        key[shrunk] = (key[shrunk].astype(np.float64) * share[place[shrunk]]).astype(np.uint64)
        yield key, place
