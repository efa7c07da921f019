"""DuckDB files: Arrow in, Arrow out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from shoal.data.databases.query import found_table, one_message
from shoal.data.databases.sqlite import no_file
from shoal.data.databases.types import streamed
from shoal.data.databases.url import Address
from shoal.data.databases.write import (
    IfExists,
    check_target,
    column_list,
    split_name,
    writable,
)
from shoal.data.names import unique_names
from shoal.engine.database import settings, start_session
from shoal.engine.resources import asked
from shoal.engine.table import BATCH_ROWS
from shoal.errors import InputError, OptionError, OutputError
from shoal.text.options import option
from shoal.text.sql import quoted

TYPES = {
    "int64": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "string": "VARCHAR",
    "date32[day]": "DATE",
}
ALONE: dict[str, Any] = {
    "enable_external_access": False,
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "python_enable_replacements": False,  # a table that is not there is no variable of Python
}
_AS_IT_IS = (
    "TINYINT",
    "SMALLINT",
    "INTEGER",
    "BIGINT",
    "UTINYINT",
    "USMALLINT",
    "UINTEGER",
    "UBIGINT",
    "FLOAT",
    "DOUBLE",
    "BOOLEAN",
    "VARCHAR",
)
_CASTS = {
    "DATE": "CASE WHEN isfinite({0}) THEN {0} END",
    "TIMESTAMP WITH TIME ZONE": "CASE WHEN isfinite({0}) THEN {0} AT TIME ZONE 'UTC' END",
    "INTERVAL": "epoch({0}) / 86400.0",
    "HUGEINT": "CAST({0} AS DECIMAL(38, 0))",
}


def rows(address: Address, table: str | None, query: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table or query, from one snapshot of a file opened for reading only."""
    if not Path(address.database).is_file():
        raise InputError(no_file(address))
    with one_message(address, InputError, (duckdb.Error,)), closing(_connect(address)) as con:
        if query is not None and [s.type for s in con.extract_statements(query)] != [
            duckdb.StatementType.SELECT
        ]:
            raise OptionError(
                f"{option('query')} holds more than one statement, or one that does not only read. "
                "Give one SELECT."
            )
        con.execute("BEGIN TRANSACTION READ ONLY")
        asked = query or f"SELECT * FROM {quoted(*_find(con, address, table))}"
        described = con.execute(f"DESCRIBE {asked}").fetchall()
        names = unique_names([row[0] for row in described])
        reader = con.sql(_in_plain_types(asked, [row[1] for row in described])).to_arrow_reader(
            BATCH_ROWS
        )
        yield from streamed(reader, names)


def write(
    address: Address, table: str, batches: Iterator[pa.RecordBatch], if_exists: IfExists
) -> int:
    """All in one transaction; DuckDB's log undoes what a killed writer left."""
    schema, stream = writable(batches)
    if not Path(address.database).parent.is_dir():
        raise OutputError(no_file(address))
    with (
        one_message(address, OutputError, (duckdb.Error,)),
        closing(duckdb.connect(address.database)) as con,
    ):
        con.execute("BEGIN")
        target = split_name(table, "main")
        there = [
            row[0]
            for row in con.execute(
                "SELECT column_name FROM duckdb_columns() WHERE (schema_name, table_name) = (?, ?)",
                target,
            ).fetchall()
        ]
        check_target(address, table, there, schema.names, if_exists)
        if there and if_exists == "replace":
            con.execute(f"DROP TABLE {quoted(*target)}")
        if not there or if_exists == "replace":
            con.execute(
                f"CREATE TABLE {quoted(*target)} ({column_list(schema, TYPES, 'TIMESTAMP')})"
            )
        con.register("shoal_labels", pa.RecordBatchReader.from_batches(schema, stream))
        columns = ", ".join(quoted(name) for name in schema.names)
        done = con.execute(
            f"INSERT INTO {quoted(*target)} ({columns}) SELECT {columns} FROM shoal_labels"
        ).fetchone()
        con.execute("COMMIT")
    return int(done[0])


def _connect(address: Address) -> duckdb.DuckDBPyConnection:
    """The file opened for reading, within what the run may use; nothing else can be reached.

    A query, or a view in the file, can read no other file, ask no address and load no extension.
    Where this process has the file open already, it is shared as it is, with the limits that it
    has.
    """
    with suppress(duckdb.ConnectionException):
        config = {**ALONE, **settings(asked())}
        con = duckdb.connect(address.database, read_only=True, config=config)
        start_session(con)
        con.execute("SET lock_configuration = true")
        return con
    con = _shared(address)
    start_session(con)
    return con


def _shared(address: Address) -> duckdb.DuckDBPyConnection:
    with suppress(duckdb.ConnectionException):
        return duckdb.connect(address.database, read_only=True)
    return duckdb.connect(address.database)  # open for writing; the transaction only reads


def _find(con: duckdb.DuckDBPyConnection, address: Address, wanted: str | None) -> tuple[str, str]:
    known = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal "
        "UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal ORDER BY "
        "1, 2"
    ).fetchall()
    return found_table(address, wanted, known, "main")


def _in_plain_types(asked: str, kinds: list[str]) -> str:
    """The query with what Arrow has no plain type for turned into one.

    Columns go by position: names may repeat.
    """
    columns = [f"c{position}" for position in range(len(kinds))]
    out = []
    for column, kind in zip(columns, kinds, strict=True):
        plain = (
            kind in _AS_IT_IS or kind.startswith(("DECIMAL", "TIMESTAMP_")) or kind == "TIMESTAMP"
        )
        out.append(column if plain else _CASTS.get(kind, "CAST({} AS VARCHAR)").format(column))
    return f"SELECT {', '.join(out)} FROM (\n{asked}\n) AS asked({', '.join(columns)})"
