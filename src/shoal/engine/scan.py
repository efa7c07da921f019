"""From a DuckDB source to a Table: one expression per column, streamed again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa

from shoal.engine.database import new_session
from shoal.engine.resources import NOTHING_ASKED, asked
from shoal.engine.table import BATCH_ROWS, Scan, Table, batch_rows
from shoal.options import Resources
from shoal.text.sql import quoted
from shoal.types import Finding, ReadAs

if TYPE_CHECKING:
    import duckdb

ARROW = {
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "DATE": pa.date32(),
    "TIMESTAMP": pa.timestamp("us"),
}
T = TypeVar("T")
MOST_COLUMNS = 64  # of one SELECT: it is planned in time that grows with their square
CHANGED = 4  # a column whose cells are changed counts as so many


@dataclass(frozen=True)
class Source:
    """Anything DuckDB can select from: the text after FROM, and what must be registered for it."""

    sql: str
    objects: dict[str, Any] = field(default_factory=dict, repr=False)
    # what lives as long as the source: temporary folders
    keep: tuple[Any, ...] = field(default=(), repr=False)
    # the files, where it is nothing but Parquet files one after the other
    parquet: tuple[str, ...] = ()
    # what its columns are called, in their order, where DuckDB calls them otherwise:
    # it takes names that differ in case for the same
    names: tuple[str, ...] = ()
    resources: Resources = field(default_factory=asked, repr=False)  # of the run that opened it

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A private connection that sees the source; its rows come in the order of the file."""
        resources = asked()
        if resources == NOTHING_ASKED:  # the run is over, and its rows are asked for once more
            resources = self.resources
        con = new_session(resources)
        for name, thing in self.objects.items():
            con.register(name, thing)
        return con

    def in_order(self, con: duckdb.DuckDBPyConnection) -> Iterator[None]:
        """Show the connection one part of the rows after the other.

        DuckDB reads the batches of an Arrow table side by side and gives first what is done first;
        rows of files come in their order by themselves.
        """
        tables = {name: t for name, t in self.objects.items() if isinstance(t, pa.Table)}
        if not tables:
            yield
        for name, whole in tables.items():
            for part in even(whole.to_batches()):
                con.register(name, pa.Table.from_batches([part]))
                yield

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a small answer."""
        con = self.connect()
        try:
            return list(con.execute(query).fetchall())
        finally:
            con.close()

    def only(self, columns: Sequence[str]) -> Source:
        """The source for these columns alone: what is registered is cut down to them."""
        objects = {name: _only(thing, columns) for name, thing in self.objects.items()}
        return replace(self, objects=objects)

    def texts(self, columns: Sequence[str]) -> Source:
        """These columns alone, as text."""
        casts = [f"CAST({quoted(c)} AS VARCHAR) AS {quoted(c)}" for c in columns]
        return replace(self.only(columns), sql=f"(SELECT {', '.join(casts)} FROM {self.sql})")


def _only(thing: Any, columns: Sequence[str]) -> Any:
    if isinstance(thing, pa.Table):
        return thing.select(list(columns))
    return thing.replace_schema(pa.schema([thing.schema.field(c) for c in columns]))


def itself(column: str) -> str:
    """The cast that changes nothing."""
    return column


@dataclass(frozen=True)
class Field:
    """One column of a Table, and how it is made from a column of the source."""

    name: str  # in the Table
    column: str  # in the source
    type: str  # one of `ARROW`
    cast: Callable[[str], str] = itself  # from the SQL of the column to the SQL of the value
    plain: bool = True  # nothing is changed but the width of numbers

    @property
    def arrow(self) -> pa.Field:
        """The column in Arrow's words."""
        return pa.field(self.name, ARROW[self.type])


def select(fields: Sequence[Field], source: Source) -> str:
    """The SELECT that makes these fields of the source."""
    made = [f"{f.cast(quoted(f.column))} AS {quoted(f.name)}" for f in fields]
    # asked for no column at all, the number of rows must still come through
    return f"SELECT {', '.join(made) or '1 AS nothing'} FROM {source.sql}"


def table(
    name: str, source: Source, fields: Sequence[Field], read_as: ReadAs, findings: Sequence[Finding]
) -> Table:
    """The Table of these fields over the source."""
    schema = pa.schema([f.arrow for f in fields])
    scan = Scan(select(fields, source), source.objects) if fields else None
    return Table(name, schema, read_as, streamer(source, fields), tuple(findings), scan)


def streamer(
    source: Source, fields: Sequence[Field]
) -> Callable[[Sequence[str]], Iterator[pa.RecordBatch]]:
    """What Table.stream needs: column names → batches, each time from the start."""
    known = {f.name: f for f in fields}

    def stream(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        chosen = [known[c] for c in columns]
        groups, rows = _groups(chosen), batch_rows(len(columns))
        if len(groups) == 1:
            yield from _selected(source, chosen, rows)
            return
        schema = pa.schema([f.arrow for f in chosen])
        parts_of = [_selected(source.only([f.column for f in g]), g, rows) for g in groups]
        streams = [even(part, rows) for part in parts_of]
        for parts in zip(*streams, strict=True):
            arrays = [array for part in parts for array in part.columns]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)

    return stream


def _groups(fields: Sequence[Field]) -> list[list[Field]]:
    """Fields cut into groups that one SELECT may hold; one group at least."""
    groups: list[list[Field]] = [[]]
    size = 0
    for each in fields:
        weight = 1 if each.plain else CHANGED
        if size + weight > MOST_COLUMNS:
            groups.append([])
            size = 0
        groups[-1].append(each)
        size += weight
    return groups


def in_groups(columns: Sequence[T], most: int) -> list[Sequence[T]]:
    """Columns cut into groups of at most so many."""
    return [columns[at : at + most] for at in range(0, len(columns), most)]


def _selected(source: Source, fields: Sequence[Field], rows: int) -> Iterator[pa.RecordBatch]:
    schema = pa.schema([f.arrow for f in fields])
    con = source.connect()
    try:
        for _ in source.in_order(con):
            for batch in con.sql(select(fields, source)).to_arrow_reader(rows):
                if not fields:
                    nothing = pa.array([{}] * batch.num_rows, pa.struct([]))
                    yield pa.RecordBatch.from_struct_array(nothing)
                elif batch.num_rows:
                    yield batch.cast(schema) if batch.schema != schema else batch
    finally:
        con.close()


def even(batches: Iterable[pa.RecordBatch], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of `rows`, so that no sum depends on how the source was cut.

    >>> one, other = pa.record_batch({"x": [1, 2, 3]}), pa.record_batch({"x": [4, 5]})
    >>> [b.num_rows for b in even([one, other], 2)]
    [2, 2, 1]
    """
    held: list[pa.RecordBatch] = []
    room = rows
    for batch in batches:
        while batch.num_rows:
            part = batch.slice(0, room)
            held.append(part)
            room -= part.num_rows
            batch = batch.slice(part.num_rows)
            if not room:
                yield held[0] if len(held) == 1 else pa.concat_batches(held)
                held, room = [], rows
    if held:
        yield pa.concat_batches(held)
