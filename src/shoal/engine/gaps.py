"""Numbers that stand for "never" or "unknown" are gaps wherever rows are summed up."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from shoal.engine.table import Table, elsewhere

Rows = TypeVar("Rows", pa.RecordBatch, pa.Table)


def with_gaps(table: Table, never: Mapping[str, float]) -> Table:
    """The table, in which a number of each of these columns is a gap."""
    if not never:
        return table
    if not table.engine.here:
        work = functools.partial(_gaps_there, never=never)
        there = elsewhere(table).mapped(work, table.schema.names, table.schema)
        return dataclasses.replace(there, name=table.name, findings=table.findings)
    return dataclasses.replace(table, stream=_Stream(table, never), scan=None)


@dataclass(frozen=True)
class _Stream:
    """The rows of a table, with gaps."""

    table: Table
    never: Mapping[str, float]

    def __call__(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows, only these columns."""
        for batch in self.table.stream(columns):
            yield rows_with_gaps(batch, self.never)


def _gaps_there(batch: pa.RecordBatch, start: int, *, never: Mapping[str, float]) -> pa.RecordBatch:
    return rows_with_gaps(batch, never)


def rows_with_gaps(rows: Rows, never: Mapping[str, float]) -> Rows:
    """Rows in memory, in which a number of each of these columns is a gap."""
    for name, value in never.items():
        if name in rows.schema.names:
            at = rows.schema.get_field_index(name)
            column = rows.column(at)
            stands = pc.equal(column, pa.scalar(value).cast(column.type))
            gap = pa.scalar(None, column.type)
            rows = rows.set_column(at, rows.schema.field(at), pc.if_else(stands, gap, column))
    return rows
