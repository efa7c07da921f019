"""Columns made of others: sums of parts, and the time from a date to a stated day."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shoal.engine.table import Table, elsewhere
from shoal.stats.distribution import numbers
from shoal.types import Floats, Held, Ints, MadeColumn

Days = npt.NDArray[np.datetime64]
# The numbers between which dates lie that are held as such.
RANGES: dict[Held, tuple[float, float]] = {
    "years": (1900, 2100),
    "written": (19_000_101, 21_001_231),  # 20241201
    "serials": (20_000, 60_000),  # days since 1899-12-30: 1954 to 2064
    "s": (5e8, 2.5e9),  # since 1970: 1985 to 2049
    "ms": (5e11, 2.5e12),
    "us": (5e14, 2.5e15),
    "ns": (5e17, 2.5e18),
}
A_SECOND = {"s": 1, "ms": 1e3, "us": 1e6, "ns": 1e9}
FIRST_SERIAL = np.datetime64("1899-12-30", "D")  # the day 0 of a spreadsheet
# Dates that stand for none: 1900-01-01 and before, 9999-12-31, and 0 as a moment since 1970.
POSSIBLE = (np.datetime64("1900-01-02", "D"), np.datetime64("2100-01-01", "D"))
NEVER = np.datetime64("1970-01-01", "D")
NONE = np.datetime64("NaT", "D")


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
        kind = pa.float64() if each.kind == "total" else pa.int64()
        schema = schema.append(pa.field(each.name, kind))
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


def own_columns(names: Iterable[str], made: Iterable[MadeColumn]) -> list[str]:
    """The table's own columns behind these, each once: of a made one those it is made of.

    >>> own_columns(["a", "sum"], [MadeColumn("sum", "total", ("a", "b"))])
    ['a', 'b']
    """
    parts = {each.name: each.columns for each in made}
    return list(dict.fromkeys(own for name in names for own in parts.get(name, (name,))))


def made_rows(batch: pa.RecordBatch, made: Sequence[MadeColumn]) -> pa.RecordBatch:
    """A batch with the made columns behind its own."""
    for each in made:
        make = _total if each.kind == "total" else _time
        batch = batch.append_column(each.name, make(batch, each))
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
    parts = np.column_stack([numbers(batch.column(name)) for name in made.columns])
    known = np.isfinite(parts)
    sums = np.where(known, parts, 0.0).sum(axis=1)
    return pa.array(sums, mask=~known.any(axis=1))


def _time(batch: pa.RecordBatch, made: MadeColumn) -> pa.Array:
    """Whole days or years from the dates of a column to the day, or the other way round.

    A date behind the day does not say how long ago something was.
    """
    dates, day = days_of(batch.column(made.columns[0]), made.held), np.datetime64(made.day, "D")
    in_years = made.kind.startswith("years")
    none = np.isnat(dates) | ((dates == NEVER) & (not in_years))
    dates = np.where(none, day, dates)
    spans = _years(dates, day) if in_years else (day - dates).astype(np.int64)
    if made.kind.endswith("until"):
        return pa.array(-spans, mask=none)
    return pa.array(spans, mask=none | (dates > day))


def _years(dates: Days, day: np.datetime64) -> Ints:
    """Whole years from each date to the day: ages."""
    months = (day.astype("M8[M]") - dates.astype("M8[M]")).astype(np.int64)
    into = (dates - dates.astype("M8[M]").astype("M8[D]")).astype(np.int64)
    late = into > (day - day.astype("M8[M]").astype("M8[D]")).astype(np.int64)
    return np.asarray((months - late) // 12)


def days_of(column: pa.Array | pa.ChunkedArray, held: Held) -> Days:
    """The days (n,) that a column of dates holds, in whichever way; NaT for none.

    A year is its first day.
    """
    dates = _typed(column) if held == "dates" else _held_as_numbers(column, held)
    return np.where((dates >= POSSIBLE[0]) & (dates < POSSIBLE[1]), dates, NONE)


def _typed(column: pa.Array | pa.ChunkedArray) -> Days:
    days = column.cast(pa.date32(), safe=False).cast(pa.int32())
    none = np.asarray(days.is_null())
    return np.where(none, NONE, np.asarray(days.fill_null(0)).astype("M8[D]"))


def _held_as_numbers(column: pa.Array | pa.ChunkedArray, held: Held) -> Days:
    x, (low, high) = numbers(column), RANGES[held]
    known = (x >= low) & (x <= high)
    return np.where(known, _read(np.where(known, x, low), held), NONE)


def _read(x: Floats, held: Held) -> Days:
    """The days that numbers (n,) in the range of their kind stand for."""
    if held == "years":
        return (np.floor(x).astype(np.int64) - 1970).astype("M8[Y]").astype("M8[D]")
    if held == "serials":
        return FIRST_SERIAL + np.floor(x).astype(np.int64)
    if held == "written":
        return _written(x.astype(np.int64))
    return np.floor(x / (86_400 * A_SECOND[held])).astype(np.int64).astype("M8[D]")


def _written(x: Ints) -> Days:
    """Days written as 20241201; NaT where month or day is none."""
    month, day = x // 100 % 100, x % 100
    first = ((x // 10_000 - 1970) * 12 + month - 1).astype("M8[M]")
    dates = first.astype("M8[D]") + (day - 1)
    exists = (month >= 1) & (month <= 12) & (dates.astype("M8[M]") == first)
    return np.where(exists, dates, NONE)
