"""Columns made of others: sums of parts, and days from a date to a stated day."""

from __future__ import annotations

import dataclasses
import datetime
import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.engine.table import Table, elsewhere
from shoal.types import Floats, MadeColumn

_FIELDS = {"total": pa.float64(), "days since": pa.int64(), "days until": pa.int64()}


def with_made(table: Table, made: Sequence[MadeColumn]) -> Table:
    """The table with these columns behind its own; what it has already is not made again."""
    new = tuple(each for each in made if each.name not in table.schema.names)
    if not new:
        return table
    schema = schema_with(table.schema, new)
    if not table.engine.here:
        work = functools.partial(_with_made_rows, made=new)
        there = elsewhere(table).mapped(work, table.schema.names, schema)
        return dataclasses.replace(there, name=table.name, findings=table.findings)
    stream = _Stream(table, new)
    return dataclasses.replace(table, schema=schema, stream=stream, scan=None)


def schema_with(schema: pa.Schema, made: Sequence[MadeColumn]) -> pa.Schema:
    """The schema with the made columns behind its own."""
    for each in made:
        schema = schema.append(pa.field(each.name, _FIELDS[each.kind]))
    return schema


@dataclass(frozen=True)
class _Stream:
    """The rows of a table, with the made columns that are asked for."""

    table: Table
    made: tuple[MadeColumn, ...]

    def __call__(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows, only these columns."""
        wanted = [each for each in self.made if each.name in columns]
        own = [name for name in columns if name in self.table.schema.names]
        needed = [name for each in wanted for name in each.columns]
        for batch in self.table.stream(list(dict.fromkeys([*own, *needed]))):
            yield made_rows(batch, wanted).select(list(columns))


def _with_made_rows(
    batch: pa.RecordBatch, start: int, *, made: Sequence[MadeColumn]
) -> pa.RecordBatch:
    return made_rows(batch, made)


def made_rows(batch: pa.RecordBatch, made: Sequence[MadeColumn]) -> pa.RecordBatch:
    """A batch with the made columns behind its own."""
    for each in made:
        batch = batch.append_column(each.name, _MAKERS[each.kind](batch, each))
    return batch


def made_sample(rows: pa.Table, made: Sequence[MadeColumn]) -> pa.Table:
    """A table in memory with the made columns behind its own."""
    if not made:
        return rows
    schema = schema_with(rows.schema, made)
    batches = [made_rows(batch, made) for batch in rows.to_batches()]
    return pa.Table.from_batches(batches, schema)


def _total(batch: pa.RecordBatch, made: MadeColumn) -> pa.Array:
    """The sum of the parts that are known; missing where none is."""
    parts = np.column_stack([_floats(batch.column(name)) for name in made.columns])
    known = np.isfinite(parts)
    sums = np.where(known, parts, 0.0).sum(axis=1)
    return pa.array(sums, mask=~known.any(axis=1))


def _days_since(batch: pa.RecordBatch, made: MadeColumn) -> pa.Array:
    return pc.subtract(_day(made), _days(batch, made))


def _days_until(batch: pa.RecordBatch, made: MadeColumn) -> pa.Array:
    return pc.subtract(_days(batch, made), _day(made))


def _day(made: MadeColumn) -> pa.Scalar:
    return pa.scalar((datetime.date.fromisoformat(made.day) - datetime.date(1970, 1, 1)).days)


def _days(batch: pa.RecordBatch, made: MadeColumn) -> pa.Array:
    """Days since 1970 of a column of dates or moments."""
    dates = batch.column(made.columns[0]).cast(pa.date32(), safe=False)
    return dates.cast(pa.int32()).cast(pa.int64())


def _floats(column: pa.Array) -> Floats:
    values = column.cast(pa.float64(), safe=False).to_numpy(zero_copy_only=False)
    return np.asarray(values, dtype=np.float64)


_MAKERS = {"total": _total, "days since": _days_since, "days until": _days_until}
