"""From a DuckDB source to a Table: one expression per column, streamed again and again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoal.engine.database import shared_database
from shoal.engine.resources import NOTHING_ASKED, asked
from shoal.engine.table import BATCH_ROWS, Scan, Table
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


@dataclass(frozen=True)
class Source:
    """Anything DuckDB can select from: the text after FROM, and the objects that must be registered for it."""

    sql: str
    objects: dict[str, Any] = field(default_factory=dict, repr=False)
    keep: tuple[Any, ...] = field(
        default=(), repr=False
    )  # lives as long as the source: temporary folders
    parquet: tuple[
        str, ...
    ] = ()  # the files, where it is nothing but Parquet files one after the other
    resources: Resources = field(default_factory=asked, repr=False)  # of the run that opened it

    def connect(self) -> duckdb.DuckDBPyConnection:
        """A private connection that sees the source; its rows come in the order of the file."""
        resources = asked()
        if resources == NOTHING_ASKED:  # the run is over, and its rows are asked for once more
            resources = self.resources
        con = shared_database(resources).cursor()
        con.execute("SET TimeZone = 'UTC'")
        for name, thing in self.objects.items():
            con.register(name, thing)
        return con

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """All rows of a small answer; `{src}` stands for the source."""
        con = self.connect()
        try:
            return list(con.execute(query.replace("{src}", self.sql)).fetchall())
        finally:
            con.close()


def is_duckdbs(error: Exception) -> bool:
    """Whether DuckDB raised it, told without loading DuckDB."""
    return type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb")


@dataclass(frozen=True)
class Field:
    """One column of the table: its name, the SQL that makes it, and one of the types of `ARROW`."""

    name: str
    sql: str
    type: str


def table(
    name: str, source: Source, fields: Sequence[Field], read_as: ReadAs, findings: Sequence[Finding]
) -> Table:
    """The Table of these fields over the source."""
    schema = pa.schema([(f.name, ARROW[f.type]) for f in fields])
    select = ", ".join(f"{f.sql} AS {quoted(f.name)}" for f in fields)
    scan = Scan(f"SELECT {select} FROM {source.sql}", source.objects) if fields else None
    return Table(name, schema, read_as, streamer(source, fields), tuple(findings), scan)


def streamer(
    source: Source, fields: Sequence[Field]
) -> Callable[[Sequence[str]], Iterator[pa.RecordBatch]]:
    """What Table.stream needs: column names → batches, each time from the start."""
    known = {f.name: f for f in fields}

    def stream(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        chosen = [known[c] for c in columns]
        schema = pa.schema([(f.name, ARROW[f.type]) for f in chosen])
        # a table may be asked for no column at all: its number of rows must still come through
        select = ", ".join(f"{f.sql} AS {quoted(f.name)}" for f in chosen) or "1 AS nothing"
        con = source.connect()
        try:
            for batch in con.sql(f"SELECT {select} FROM {source.sql}").to_arrow_reader(BATCH_ROWS):
                if not chosen:
                    yield pa.RecordBatch.from_struct_array(
                        pa.array([{}] * batch.num_rows, pa.struct([]))
                    )
                elif batch.num_rows:
                    yield batch.cast(schema) if batch.schema != schema else batch
        finally:
            con.close()

    return stream
