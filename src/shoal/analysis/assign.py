"""Segmentation + rows → labels. Nothing is learned: the nearest centroid is taken."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.features import beyond_reach, encode, placeable
from shoal.engine.distinct import DistinctCounter
from shoal.engine.local import LocalEngine
from shoal.engine.progress import Progress, counting
from shoal.engine.spill import SpillStore
from shoal.engine.table import Table, run
from shoal.errors import InputError, did_you_mean
from shoal.stats.distances import BLOCK, two_nearest
from shoal.stats.distribution import numbers
from shoal.text.options import whoever_asks
from shoal.types import Bools, Centroids, Feature, Floats, Ints, Profile, Recipe, SegmentTotals

SHARE = 0.2  # of the budget of memory, for labels
MEASURED = BLOCK // 2  # rows whose columns are added up at a time: their matrices stay in the cache
NO_VALUES = "no value in any column that forms segments"  # why a customer cannot be placed
NOBODY = -1  # the label of a customer who cannot be placed, and the runner-up where there is none


@dataclass(frozen=True)
class Places:
    """Where each of n customers belongs; labels count segments from 0."""

    label: npt.NDArray[np.int16]  # (n,) NOBODY when set aside
    runner_up: npt.NDArray[np.int16]  # (n,) the second nearest, NOBODY when there is none
    margin: npt.NDArray[np.float32]  # (n,) 0 on the border with the runner-up .. 1 at the centroid
    distance: npt.NDArray[np.float32 | np.float64]  # (n,) to the own centroid, in encoded units
    # (n,) farther from every centroid than all but a stated share, or beyond all others in a column
    unlike_anyone: Bools


def place(rows: pa.Table | pa.RecordBatch, model: Centroids) -> Places:
    """Each row's label, runner-up, margin and distance."""
    matrix = encode(rows, model.recipe, clip=False)
    able, far = placeable(rows, model.recipe), beyond_reach(rows, model.recipe)
    return place_encoded(matrix, able, model, far)


def nearest(
    rows: pa.Table | pa.RecordBatch, recipe: Recipe, centres: Floats
) -> tuple[Ints, Floats]:
    """The label (n,) from 0 of each row, all of which can be placed, and its distance (n,)."""
    near, squared = two_nearest(encode(rows, recipe, clip=False), centres)
    return near[:, 0].astype(np.int64), np.sqrt(squared[:, 0])


def place_encoded(matrix: Floats, able: Bools, model: Centroids, far: Bools) -> Places:
    """The same for rows that are encoded already (n, d); `able` are those that can be placed, and
    `far` those with a value that is unlike anybody's.
    """
    near, squared = two_nearest(matrix, model.centres)
    first, second = np.sqrt(squared[:, 0]), np.sqrt(squared[:, 1])
    own, runner_up, margin = near[:, 0], near[:, 1], _margin(first, second)
    if model.k == 1:
        runner_up, margin = np.full(len(near), NOBODY), np.ones(len(near))
    return Places(
        label=np.where(able, own, NOBODY).astype(np.int16),
        runner_up=np.where(able, runner_up, NOBODY).astype(np.int16),
        margin=np.where(able, margin, 0.0).astype(np.float32),
        distance=np.where(able, first, 0.0),
        unlike_anyone=able & (far | (first > model.far[own])),
    )


def _margin(first: Floats, second: Floats) -> Floats:
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(second > 0, 1.0 - first / second, 0.0)


def check_columns(table: Table, model: Centroids) -> None:
    """Raise InputError unless the table has every column that is needed, of the right kind."""
    have = table.schema.names
    lost = [name for name in model.recipe.columns if name not in have]
    if lost:
        missing = ", ".join(f'"{name}"' for name in lost)
        hint = did_you_mean(lost[0], have)
        raise InputError(
            f"{table.name} lacks {missing}, which the model needs. {hint} "
            "Rename the column, or segment this table anew."
        )
    odd = [f for f in model.recipe.features if not _fits(table.schema.field(f.column).type, f)]
    for feature in odd:
        if not _has_values(table, feature.column):
            continue  # the type of a column without values says nothing
        words = ", ".join(f'"{c}"' for c in feature.categories[:3])
        wanted = f"words such as {words}" if _wants_words(feature) else "numbers"
        raise InputError(
            f'"{feature.column}" of {table.name} was read as '
            f"{table.schema.field(feature.column).type}, but the model needs {wanted}.",
            look_at(table),
        )


def look_at(table: Table) -> str:
    """How to see what a table was read as."""
    return whoever_asks(
        shell=f"Look at it with: shoal inspect {table.name}",
        python="Look at it with shoal.inspect.",
        page="Give it as a new table to see what was understood.",
    )


def _wants_words(feature: Feature) -> bool:
    return feature.kind != "number" and bool(feature.categories)


def _fits(kind: pa.DataType, feature: Feature) -> bool:
    return _wants_words(feature) != _is_number(kind) or kind == pa.null()


def _has_values(table: Table, column: str) -> bool:
    """Whether any row has a value in a column."""
    batches = table.batches([column])
    return any(batch.column(column).null_count < batch.num_rows for batch in batches)


def _is_number(kind: pa.DataType) -> bool:
    return kind in (pa.int64(), pa.float64(), pa.bool_())


class PlaceAccumulator:
    """Places every row and adds up what portraits need.

    These are sizes, inertia, sums per segment and column, and counts of words per segment. Each
    row's label is kept with its id in the spill store, where one is given.
    """

    def __init__(
        self,
        model: Centroids,
        measures: Mapping[str, float],
        words: Mapping[str, tuple[str, ...]],
        store: SpillStore | None = None,
    ) -> None:
        """`measures` are numeric columns with their overall means; `words` categories by column."""
        self.model, self.measures, self.words, self.store = model, measures, words, store
        k = model.k
        self.inertia = 0.0
        self.aside = 0
        self.sizes = np.zeros(k, dtype=np.int64)
        self.unlike = np.zeros(k, dtype=np.int64)
        self.sums = np.zeros((3, k, len(measures)))  # counts, sums, squares around the overall mean
        self.counted = {
            name: np.zeros((len(known), k), dtype=np.int64) for name, known in words.items()
        }

    @property
    def columns(self) -> list[str]:
        """The columns that must be read; the id only where labels are kept."""
        summed = [*self.model.recipe.columns, *self.measures, *self.words]
        key = self.model.id_column
        kept = [key] if self.store is not None and key is not None else []
        return list(dict.fromkeys([*summed, *kept]))

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        places = place(batch, self.model)
        if self.store is not None:
            kept = labelled(batch, places, self.model.id_column)
            self.store.put(start, np.frombuffer(kept.serialize(), np.uint8))
        self._add(batch, places, None)

    def update_counted(self, batch: pa.RecordBatch, counts: Ints) -> None:
        """Take distinct rows, each of which stands for so many."""
        self._add(batch, place(batch, self.model), counts.astype(np.float64))

    def _add(self, batch: pa.RecordBatch, places: Places, times: Floats | None) -> None:
        """Add up rows, each of which counts so many times, or once."""
        label, unlike = places.label, places.unlike_anyone
        squares = places.distance.astype(np.float64) ** 2
        self.inertia += float(squares.sum() if times is None else squares @ times)
        able = label != NOBODY
        if not able.all():
            self.aside += _count(~able, times)
            batch = batch.select([*self.measures, *self.words]).filter(pa.array(able))
            label, unlike = label[able], unlike[able]
            times = _part(times, able)
        self.sizes += self._by_segment(label, times)
        self.unlike += self._by_segment(label[unlike], _part(times, unlike))
        if self.measures:
            columns = np.stack([numbers(batch.column(name)) for name in self.measures])
            self._measure(columns, label, times)
        for name in self.words:
            self._count_words(name, batch.column(name), label, times)

    def _by_segment(self, label: npt.NDArray[np.int16], times: Floats | None) -> Ints:
        return np.bincount(label, times, self.model.k).astype(np.int64)

    def _measure(self, columns: Floats, label: npt.NDArray[np.int16], times: Floats | None) -> None:
        """Add up columns (c, n) by segment, block by block: products with an indicator matrix."""
        ids = np.arange(self.model.k, dtype=np.int16)[:, None]
        means = np.array(list(self.measures.values()))[:, None]
        for at in range(0, columns.shape[1], MEASURED):
            part = np.s_[at : at + MEASURED]
            member = (label[part] == ids).astype(np.float64)
            if times is not None:
                member *= times[part]
            self._measure_block(columns[:, part], member, means)

    def _measure_block(self, x: Floats, member: Floats, means: Floats) -> None:
        """Add up a block (c, n) by the weights with which each row belongs to a segment (k, n)."""
        known, apart = np.isfinite(x), x - means
        if known.all():
            self.sums[0] += member.sum(axis=1, keepdims=True)
        else:
            x, apart = np.where(known, x, 0.0), np.where(known, apart, 0.0)
            self.sums[0] += member @ known.T
        self.sums[1] += member @ x.T
        self.sums[2] += member @ np.multiply(apart, apart, out=apart).T

    def _count_words(
        self, name: str, column: pa.Array, label: npt.NDArray[np.int16], times: Floats | None
    ) -> None:
        """Count a column's words by segment; missing values and other words are left out."""
        known, k = pa.array(self.words[name], pa.string()), self.model.k
        found = pc.index_in(column.cast(pa.string()), value_set=known)
        at = np.asarray(pc.fill_null(found, len(known)))
        counts = np.bincount(at * np.int32(k) + label, times, (len(known) + 1) * k)
        self.counted[name] += counts.astype(np.int64).reshape(-1, k)[: len(known)]

    def merge(self, other: Self) -> None:
        """Take in what another worker has placed; workers of one process share the spill store."""
        self.inertia += other.inertia
        self.aside += other.aside
        self.sizes += other.sizes
        self.unlike += other.unlike
        self.sums += other.sums
        for name, counts in other.counted.items():
            self.counted[name] += counts

    def groups(self) -> SegmentTotals:
        """The exact sums over all rows."""
        categories = {
            name: {word: tuple(map(int, counts[i])) for i, word in enumerate(self.words[name])}
            for name, counts in self.counted.items()
        }
        counts, sums, squares = self.sums
        return SegmentTotals(tuple(self.measures), self.sizes, counts, sums, squares, categories)


def _part(times: Floats | None, rows: Bools) -> Floats | None:
    return None if times is None else times[rows]


def _count(rows: Bools, times: Floats | None) -> int:
    return int(np.count_nonzero(rows) if times is None else times[rows].sum())


@dataclass(frozen=True)
class Kept:
    """The label of every row of a table, with the id that it belongs to."""

    schema: pa.Schema
    store: SpillStore

    def batches(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The number of the first row, from 0, and batches of `labelled`, in the order of rows."""
        for start in self.store.starts():
            content = pa.py_buffer(self.store.get(start))
            yield start, pa.ipc.read_record_batch(content, self.schema)


_PLACE = [
    ("label", pa.int16()),
    ("runner_up", pa.int16()),
    ("margin", pa.float32()),
    ("unlike_anyone", pa.bool_()),
]


def _kept_schema(table: pa.Schema, id_column: str | None) -> pa.Schema:
    """What is kept of a row: its id, where there are ids, and its place without the distance."""
    key = [] if id_column is None else [("id", table.field(id_column).type)]
    return pa.schema([*key, *_PLACE])


def labelled(batch: pa.RecordBatch, places: Places, id_column: str | None) -> pa.RecordBatch:
    """The ids of a batch, where there are ids, beside the rows' places."""
    key = [] if id_column is None else [batch.column(id_column)]
    fields = [pa.array(getattr(places, name)) for name, _ in _PLACE]
    schema = _kept_schema(batch.schema, id_column)
    return pa.RecordBatch.from_arrays([*key, *fields], schema=schema)


def store_for_labels(table: Table) -> SpillStore | None:
    """Room for each row's label; None where the rows are elsewhere, and are labelled there."""
    engine = table.engine
    return engine.spill_store(SHARE) if isinstance(engine, LocalEngine) else None


def kept_labels(table: Table, model: Centroids, store: SpillStore | None) -> Kept | None:
    """What was put into the store while the table's rows were placed, if there is one."""
    if store is None:
        return None
    return Kept(_kept_schema(table.schema, model.id_column), store)


def label_here(
    table: Table, model: Centroids, progress: Callable[[int], None] | None = None
) -> Kept:
    """Read the table once more and keep each row's label in this process, wherever the rows are."""
    engine = table.engine if isinstance(table.engine, LocalEngine) else LocalEngine()
    store = engine.spill_store(SHARE)
    placing = PlaceAccumulator(model, {}, {}, store)
    engine.run(table.batches, [placing], placing.columns, progress)
    return Kept(_kept_schema(table.schema, model.id_column), store)


def place_table(
    table: Table,
    centroids: Centroids,
    profile: Profile,
    distinct_rows: DistinctCounter,
    progress: Progress | None,
) -> tuple[PlaceAccumulator, Callable[[], Kept | None]]:
    """The sums over all rows of the table that was segmented, and what gives everybody's label.

    Where a few distinct rows say all, only these are placed, and labels are made when asked for.
    The function gives None where the rows are elsewhere, and are labelled there.
    """
    store = store_for_labels(table)
    placed = PlaceAccumulator(centroids, _measures(profile), _words(profile), store)
    heard = counting(progress, "placing", profile.rows)
    counted = distinct_rows([*centroids.recipe.columns, *placed.measures, *placed.words])
    if counted is None:
        run(table, placed, columns=placed.columns, progress=heard)
        return placed, lambda: kept_labels(table, centroids, store)
    placed.update_counted(counted.rows, counted.counts)
    if store is None:
        return placed, lambda: None
    return placed, functools.cache(lambda: label_here(table, centroids, heard))


def _measures(profile: Profile) -> dict[str, float]:
    """Numeric columns whose sums portraits need, with their means."""
    return {
        c.name: c.mean or 0.0
        for c in profile.columns
        if c.mean is not None and c.role in ("basis", "describe", "value")
    }


def _words(profile: Profile) -> dict[str, tuple[str, ...]]:
    """Columns of words whose counts portraits need."""
    return {
        c.name: tuple(w for w, _ in c.top)
        for c in profile.columns
        if c.top and c.kind in ("category", "flag") and c.role in ("basis", "describe")
    }
