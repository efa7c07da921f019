"""One of two periods: everybody's id, money and places, streamed batch by batch.

A customer's places are one number (`Places`), so that two periods of any size are joined by id on
little more than the ids themselves.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.assign import place
from shoal.analysis.stability.borders import BORDER
from shoal.engine.local import in_threads
from shoal.engine.progress import Progress, counting
from shoal.engine.table import Table
from shoal.stats.distribution import numbers
from shoal.types import NOT_PLACED, Bools, Floats, Ints, Segmentation

# A margin up to which a customer stands near a border: the same as of a shadow value of .9.
NEAR = 1 - BORDER / (2 - BORDER)
BASE = 10_000  # ids of segments are smaller
PARTS = 10_000  # of a unit of money that are told apart: a hundredth of a cent
MOST_MONEY = 9e14  # in units: whole numbers of parts beyond it are no exact ones
LABELS = ("segment", "name", "runner_up", "margin")


def packed(own: Ints, other: Ints, rival: Ints) -> Ints:
    """The segment by the own model, by the other one, and the runner-up of who is near a border."""
    return (own * BASE + other) * BASE + rival


def unpacked(places: int) -> tuple[int, int, int]:
    """The three again.

    >>> unpacked(int(packed(np.array([3]), np.array([4]), np.array([0]))[0]))
    (3, 4, 0)
    """
    rest, rival = divmod(places, BASE)
    return (*divmod(rest, BASE), rival)


@dataclass
class Counts:
    """What became of rows on the way, added up by several threads."""

    rows: int = 0
    without_id: int = 0
    unknown_money: int = 0
    parts: int = 0  # of money, of all rows
    labels_differ: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, **more: int) -> None:
        """Count more."""
        with self._lock:
            for name, number in more.items():
                setattr(self, name, getattr(self, name) + number)


class Names:
    """The segments of labelled customers as they are met: numbers with names."""

    def __init__(self) -> None:
        self.of_segments: dict[int, str] = {}
        self._lock = threading.Lock()

    def add(self, segments: pa.Array, names: pa.Array) -> None:
        """Take note of which number has which name."""
        pairs = pa.table({"segment": segments, "name": names}).group_by(["segment", "name"])
        with self._lock:
            for row in pairs.aggregate([]).to_pylist():
                if row["segment"] is not None:
                    self.of_segments.setdefault(int(row["segment"]), str(row["name"] or ""))

    def numbers(self, names: pa.Array) -> Ints:
        """(n,) the number of each name; 0 where it is not known."""
        with self._lock:
            known = {name: number for number, name in self.of_segments.items() if name}
        at = pc.index_in(names.cast(pa.string()), value_set=pa.array(list(known), pa.string()))
        ids = np.array([*known.values(), NOT_PLACED], dtype=np.int64)
        return np.asarray(ids[np.asarray(pc.fill_null(at, len(known)))])


@dataclass
class Side:
    """One period's table, and what is read of it."""

    table: Table
    key: str  # the column of ids
    value: str | None
    model: Segmentation | None  # its own; None: customers are labelled
    other: Segmentation | None = None  # that of the other period, where it is another
    as_text: bool = True  # whether ids are held as text: not where both periods have whole numbers
    counts: Counts = field(default_factory=Counts)
    names: Names = field(default_factory=Names)

    @property
    def columns(self) -> list[str]:
        """The columns that are read."""
        models = [each for each in (self.model, self.other) if each is not None]
        needed = [self.key, *(column for each in models for column in each.recipe.columns)]
        needed += [] if self.value is None else [self.value]
        labels = LABELS if self.model is None else ("segment",)
        needed += [name for name in labels if name in self.table.schema.names]
        return list(dict.fromkeys(needed))

    @property
    def schema(self) -> pa.Schema:
        """What is streamed of each row."""
        kind = pa.string() if self.as_text else pa.int64()
        return pa.schema([("id", kind), ("places", pa.int64()), ("parts", pa.int64())])

    def batches(self, progress: Progress | None) -> Iterator[pa.RecordBatch]:
        """Batches of `schema`, of the rows with an id."""
        heard = counting(progress, "placing", None)
        for batch in in_threads(self.table.batches(self.columns), self._reduced):
            if heard is not None:
                heard(self.counts.rows)
            yield batch

    def _reduced(self, batch: pa.RecordBatch) -> pa.RecordBatch:
        ids = batch.column(self.key)
        ids = as_ids(ids) if self.as_text else ids
        parts, unknown = self._money(batch)
        there = pc.is_valid(ids)
        kept = np.asarray(there)
        whole = bool(kept.all())
        self.counts.add(
            rows=batch.num_rows,
            without_id=int((~kept).sum()),
            unknown_money=int(unknown.sum()),
            parts=int(parts.sum()),
        )
        made = [ids, pa.array(self._places(batch)), pa.array(parts)]
        reduced = pa.RecordBatch.from_arrays(made, schema=self.schema)
        return reduced if whole else reduced.filter(there)

    def _money(self, batch: pa.RecordBatch) -> tuple[Ints, Bools]:
        """Parts of a unit that each row brought, and whether that is unknown: it counts as none."""
        if self.value is None:
            zeros = np.zeros(batch.num_rows, dtype=np.int64)
            return zeros, zeros.astype(bool)
        x = numbers(batch.column(self.value))
        unknown = ~(np.abs(x) <= MOST_MONEY)
        return np.rint(np.where(unknown, 0.0, x) * PARTS).astype(np.int64), unknown

    def _places(self, batch: pa.RecordBatch) -> Ints:
        if self.model is None:
            return self._as_labelled(batch)
        own, rival = _placed(batch, self.model)
        other = own if self.other is None else _placed(batch, self.other)[0]
        if "segment" in batch.schema.names:
            told = _whole(batch.column("segment"))
            self.counts.add(labels_differ=int((told != own).sum()))
        return packed(own, other, rival)

    def _as_labelled(self, batch: pa.RecordBatch) -> Ints:
        own = _whole(batch.column("segment"))
        rival = np.zeros_like(own)
        has_names = "name" in batch.schema.names
        names = batch.column("name") if has_names else pa.nulls(len(own))
        self.names.add(pa.array(own), names.cast(pa.string()))
        if {"margin", "runner_up"} <= {*batch.schema.names}:
            near = numbers(batch.column("margin")) <= NEAR
            rival = np.where(near, self.names.numbers(batch.column("runner_up")), NOT_PLACED)
        return packed(own, own, rival)


def _placed(batch: pa.RecordBatch, model: Segmentation) -> tuple[Ints, Ints]:
    """The segment of each row, and the runner-up of those near a border; 0 where there is none."""
    places = place(batch, model)
    ids = np.array([*model.ids, NOT_PLACED], dtype=np.int64)  # the last for those who have none
    near = places.margin <= NEAR
    return ids[places.label], np.where(near, ids[places.runner_up], NOT_PLACED)


def _whole(column: pa.Array) -> Ints:
    """Numbers of segments; 0 for those who have none."""
    x = numbers(column)
    return np.where(np.isfinite(x), x, NOT_PLACED).astype(np.int64)


def as_ids(column: pa.Array) -> pa.Array:
    """Ids as text, the same however they were held; missing and empty ones as gaps.

    >>> as_ids(pa.array([12.0, None])).to_pylist(), as_ids(pa.array([" a7", ""])).to_pylist()
    (['12', None], [' a7', None])
    """
    if pa.types.is_floating(column.type):
        x: Floats = numbers(column)
        whole = np.isfinite(x) & (x == np.floor(x)) & (np.abs(x) < 2**53)
        if whole[np.isfinite(x)].all():
            column = pa.array(np.where(whole, x, 0).astype(np.int64), mask=~whole)
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    empty = pc.equal(pc.utf8_trim_whitespace(column), "")
    return pc.if_else(pc.fill_null(empty, True), pa.scalar(None, pa.string()), column)
