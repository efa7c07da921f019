"""Table → its distinct rows, counted: where rows repeat each other, these say all, and exactly."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shoal.engine.database import open_database
from shoal.engine.local import LocalEngine
from shoal.engine.resources import asked
from shoal.engine.table import Table, elsewhere
from shoal.options import Resources
from shoal.text.sql import quoted
from shoal.types import Ints, Sample

FEW = 2  # rows of the sample to a distinct one, at least: more rows then bring few new ones
MOST = 500_000  # distinct rows; more are dearer to count than the rows are to stream


@dataclass(frozen=True)
class DistinctRows:
    """The distinct rows of some columns, in a fixed order, and how many rows are like each."""

    rows: pa.RecordBatch
    counts: Ints  # (p,)


def distinct(table: Table, columns: Sequence[str], sample: Sample) -> DistinctRows | None:
    """The distinct rows of these columns, counted where the rows are; None where it would not pay.

    It pays on tables beyond the sample when the sample's own rows repeat each other.
    """
    if sample.whole or not columns or (table.engine.here and table.scan is None):
        return None
    columns = sorted(columns)
    in_sample = sample.rows.select(columns).group_by(columns).aggregate([]).num_rows
    if in_sample * FEW > len(sample.index):
        return None
    if isinstance(table.engine, LocalEngine):
        found = _grouped(table, columns)
    else:
        found = elsewhere(table).counted(columns, MOST + 1)
    if found.num_rows > MOST:
        return None
    found = found.sort_by([(name, "ascending") for name in columns]).combine_chunks()
    counts = np.asarray(found.column(len(columns))).astype(np.int64)
    schema = pa.schema([table.schema.field(name) for name in columns])
    rows = found.select(range(len(columns))).cast(schema)
    return DistinctRows(rows.to_batches()[0], counts)


class DistinctCounter:
    """Counts the distinct rows of some columns of one table, once for the same columns."""

    def __init__(self, table: Table, sample: Sample) -> None:
        self._table, self._sample = table, sample
        self._counted: dict[tuple[str, ...], DistinctRows | None] = {}

    def __call__(self, columns: Sequence[str]) -> DistinctRows | None:
        """As `distinct` gives them; columns may be named twice, and in any order."""
        key = tuple(sorted(set(columns)))
        if key not in self._counted:
            self._counted[key] = distinct(self._table, key, self._sample)
        return self._counted[key]


def _grouped(table: Table, columns: Sequence[str]) -> pa.Table:
    """The distinct rows and the count of each by DuckDB, at most one more than are wanted."""
    assert table.scan is not None
    assert isinstance(table.engine, LocalEngine)
    names = ", ".join(map(quoted, columns))
    resources = Resources(threads=table.engine.threads, memory=asked().memory)
    with table.unchanged(), open_database(resources) as base:
        for name, thing in table.scan.objects.items():
            base.register(name, thing)
        grouped = f"SELECT {names}, count(*) FROM ({table.scan.sql}) GROUP BY ALL"
        return base.sql(f"{grouped} LIMIT {MOST + 1}").to_arrow_table()
