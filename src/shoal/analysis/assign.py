"""Segmentation + rows → places. Scoring learns nothing: the recipe is replayed and the nearest centre taken."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.features import encode, placeable
from shoal.engine.local import LocalEngine
from shoal.engine.spill import SpillStore
from shoal.engine.table import Table
from shoal.errors import InputError, did_you_mean
from shoal.stats.distances import BLOCK, two_nearest
from shoal.stats.distribution import numbers
from shoal.types import Bools, Floats, Ints, Segmentation, SegmentTotals

SHARE = 0.2  # of the budget of memory, for places
MEASURED = (
    BLOCK // 2
)  # rows whose columns are added up at a time: several matrices of theirs stay in the cache
NO_VALUES = "no value in any column that forms segments"  # the one reason for which a customer cannot be placed


@dataclass(frozen=True)
class Places:
    """Where each of n customers belongs. A customer who cannot be placed has segment 0."""

    segment: npt.NDArray[np.int16]  # (n,) id from 1; 0 when set aside
    runner_up: npt.NDArray[np.int16]  # (n,) the second nearest, 0 when there is none
    margin: npt.NDArray[np.float32]  # (n,) 0 on the border with the runner-up .. 1 at the centre
    distance: npt.NDArray[np.float32 | np.float64]  # (n,) to the own centre, in encoded units
    unlike_anyone: Bools  # (n,) farther from every centre than all but a stated share of customers


def place(rows: pa.Table | pa.RecordBatch, model: Segmentation) -> Places:
    """Each row's segment, runner-up, margin and distance."""
    return place_encoded(
        encode(rows, model.recipe, clip=False), placeable(rows, model.recipe), model
    )


def place_encoded(matrix: Floats, able: Bools, model: Segmentation) -> Places:
    """The same for rows that are encoded already (n, d)."""
    near, squared = two_nearest(matrix, model.centres)
    first, second = np.sqrt(squared[:, 0]), np.sqrt(squared[:, 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        margin = np.where(second > 0, 1.0 - first / second, 0.0)
    own = near[:, 0]
    alone = model.k == 1
    return Places(
        segment=np.where(able, own + 1, 0).astype(np.int16),
        runner_up=np.where(able & (not alone), near[:, 1] + 1, 0).astype(np.int16),
        margin=np.where(able, 1.0 if alone else margin, 0.0).astype(np.float32),
        distance=np.where(able, first, 0.0),
        unlike_anyone=able & (first > model.far[own]),
    )


def check_columns(table: Table, model: Segmentation) -> None:
    """Raise InputError unless the table has every column that the model needs, of the right kind."""
    have = table.schema.names
    lost = [name for name in model.recipe.columns if name not in have]
    if lost:
        missing = ", ".join(f'"{name}"' for name in lost)
        hint = did_you_mean(lost[0], have)
        raise InputError(
            f"{table.name} lacks {missing}, which the model needs. {hint} Rename the column, or segment this table anew."
        )
    for feature in model.recipe.features:
        kind = table.schema.field(feature.column).type
        number = (
            pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)
        )
        wants_number = feature.kind == "number" or not feature.categories
        if wants_number != number and table.schema.field(feature.column).type != pa.null():
            words = ", ".join(f'"{c}"' for c in feature.categories[:3])
            wanted = "numbers" if wants_number else f"words such as {words}"
            raise InputError(
                f'"{feature.column}" of {table.name} was read as {kind}, but the model needs {wanted}. Look at it with: shoal inspect {table.name}'
            )


class PlacePass:
    """Places every row and adds up what portraits need: sizes, inertia, sums per segment and column, words per segment.

    Each row's place is kept on the shelf where one is given.
    """

    def __init__(
        self,
        model: Segmentation,
        measures: dict[str, float],
        words: dict[str, tuple[str, ...]],
        shelf: SpillStore | None = None,
    ) -> None:
        self.model, self.measures, self.words, self.shelf = model, measures, words, shelf
        k = model.k
        self.inertia = 0.0
        self.aside = 0
        self.sizes = np.zeros(k, dtype=np.int64)
        self.unlike = np.zeros(k, dtype=np.int64)
        self.sums = np.zeros(
            (3, k, len(measures))
        )  # counts, sums and squares around the column's overall mean
        self.counted = {
            name: np.zeros((len(known), k), dtype=np.int64) for name, known in words.items()
        }

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        places = place(batch, self.model)
        if self.shelf is not None:
            self.shelf.put(start, packed(places))
        self._add(batch, places, None)

    def update_counted(self, batch: pa.RecordBatch, counts: Ints) -> None:
        """Take distinct rows, each of which stands for so many."""
        self._add(batch, place(batch, self.model), counts.astype(np.float64))

    def _add(self, batch: pa.RecordBatch, places: Places, times: Floats | None) -> None:
        """Add up rows, each of which counts so many times, or once."""
        own, unlike, k = places.segment - 1, places.unlike_anyone, self.model.k
        squares = places.distance.astype(np.float64) ** 2
        placed = None if (own >= 0).all() else own >= 0
        self.inertia += float(squares.sum() if times is None else squares @ times)
        if placed is not None:
            self.aside += int(np.count_nonzero(~placed) if times is None else times[~placed].sum())
            own, unlike, times = (
                own[placed],
                unlike[placed],
                None if times is None else times[placed],
            )
        self.sizes += np.bincount(own, times, k).astype(np.int64)
        self.unlike += np.bincount(own[unlike], None if times is None else times[unlike], k).astype(
            np.int64
        )
        if self.measures:
            columns = np.stack([numbers(batch.column(name)) for name in self.measures])
            self._measure(columns if placed is None else columns[:, placed], own, times)
        for name, known_words in self.words.items():
            column = batch.column(name)
            self._count_words(
                name,
                known_words,
                column if placed is None else column.filter(pa.array(placed)),
                own,
                times,
            )

    def _measure(self, columns: Floats, own: npt.NDArray[np.int16], times: Floats | None) -> None:
        """Add up columns (c, n) by segment, block by block as products with a matrix of ones and noughts."""
        ids, means = (
            np.arange(self.model.k, dtype=np.int16)[:, None],
            np.array(list(self.measures.values()))[:, None],
        )
        for at in range(0, columns.shape[1], MEASURED):
            part = np.s_[at : at + MEASURED]
            x, mine = columns[:, part], (own[part] == ids).astype(np.float64)
            if times is not None:
                mine *= times[part]
            known, apart = np.isfinite(x), x - means
            if known.all():
                self.sums[0] += mine.sum(axis=1, keepdims=True)
            else:
                x, apart = np.where(known, x, 0.0), np.where(known, apart, 0.0)
                self.sums[0] += mine @ known.T
            self.sums[1] += mine @ x.T
            self.sums[2] += mine @ np.multiply(apart, apart, out=apart).T

    def _count_words(
        self,
        name: str,
        known: tuple[str, ...],
        column: pa.Array,
        own: npt.NDArray[np.int16],
        times: Floats | None,
    ) -> None:
        k, unknown = self.model.k, len(known)  # gaps and other words are counted last, and left out
        at = np.asarray(
            pc.fill_null(
                pc.index_in(column.cast(pa.string()), value_set=pa.array(known, pa.string())),
                unknown,
            )
        )
        counts = np.bincount(at * np.int32(k) + own, times, (unknown + 1) * k)
        self.counted[name] += counts.astype(np.int64).reshape(-1, k)[:unknown]

    def merge(self, other: Self) -> None:
        """Take in what another worker has placed; workers of one process share the shelf."""
        self.inertia += other.inertia
        self.aside += other.aside
        self.sizes += other.sizes
        self.unlike += other.unlike
        self.sums += other.sums
        for name, counts in other.counted.items():
            self.counted[name] += counts

    def groups(self) -> SegmentTotals:
        """The exact sums, as a noun."""
        categories = {
            name: {word: tuple(map(int, counts[i])) for i, word in enumerate(self.words[name])}
            for name, counts in self.counted.items()
        }
        return SegmentTotals(
            tuple(self.measures), self.sizes, self.sums[0], self.sums[1], self.sums[2], categories
        )


def shelf_for_places(table: Table, rows: int | None) -> SpillStore | None:
    """Room for a place of each row of the table, so many if that is known; None where the rows are elsewhere, and are placed again when they are labelled."""
    size = None if rows is None else rows * _KEPT.itemsize
    return table.engine.shelf(SHARE, size) if isinstance(table.engine, LocalEngine) else None


def kept_places(shelf: SpillStore | None, rows: int) -> Kept | None:
    """The places that were put on the shelf, if there is one."""
    return None if shelf is None else Kept(shelf, rows)


_KEPT = np.dtype(
    [
        ("segment", np.int16),
        ("runner_up", np.int16),
        ("margin", np.float32),
        ("unlike_anyone", np.bool_),
    ]
)


def packed(places: Places) -> npt.NDArray[np.void]:
    """What is kept of the places: all fields but the distance."""
    kept = np.empty(len(places.segment), dtype=_KEPT)
    for name in _KEPT.names or ():
        kept[name] = getattr(places, name)
    return kept


class Kept:
    """The places of all rows of a table, on the shelf where a PlacePass put them: nine bytes a customer."""

    def __init__(self, shelf: SpillStore, rows: int) -> None:
        self._shelf, self.rows = shelf, rows
        self._starts = shelf.starts()

    def parts(self) -> Iterator[npt.NDArray[np.void]]:
        """The places part by part, in the order of rows, with fields as `Places` has them but for the distance."""
        for start in self._starts:
            yield self._shelf.get(start)

    def segment(self) -> npt.NDArray[np.int16]:
        """(n,) each row's segment, 0 for those set aside."""
        return np.concatenate([np.ascontiguousarray(part["segment"]) for part in self.parts()])

    def cutter(self) -> Callable[[int], npt.NDArray[np.void]]:
        """A function that gives the places of the next so many rows, from the first row on."""
        parts, left = self.parts(), [np.empty(0, dtype=_KEPT)]

        def cut(length: int) -> npt.NDArray[np.void]:
            while sum(map(len, left)) < length:
                left.append(next(parts))
            held = [part for part in left if len(part)]
            whole = held[0] if len(held) == 1 else np.concatenate(held or left)
            left[:] = [whole[length:]]
            return whole[:length]

        return cut
