"""SQLite by Python's own driver.

Nothing to install, and values of several types in one column come through unharmed.
"""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.data.databases.query import CONNECT_SECONDS, FETCH_ROWS, found_table, one_message
from shoal.data.databases.types import MOMENT, objects
from shoal.data.databases.url import Address
from shoal.data.databases.write import (
    IfExists,
    check_target,
    column_list,
    writable,
)
from shoal.data.names import unique_names
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, OutputError
from shoal.text.sql import quoted

TYPES = {
    "int64": "INTEGER",
    "double": "REAL",
    "bool": "BOOLEAN",
    "string": "TEXT",
    "date32[day]": "DATE",
}
_VIEW = "shoal_asked"


def rows(address: Address, table: str | None, query: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table or query, from one read-only snapshot."""
    if not Path(address.database).is_file():
        raise InputError(no_file(address))
    with (
        one_message(address, InputError, (sqlite3.Error,)),
        new_folder() as folder,
        closing(_for_reading(address, Path(folder))) as con,
    ):
        con.execute("BEGIN")
        asked = query or f"SELECT * FROM {quoted(_find(con, address, table))}"
        declared = _declared(con, asked)
        con.execute("PRAGMA query_only = ON")
        cur = con.execute(asked)
        names = unique_names([d[0] for d in cur.description])
        kinds = declared if len(declared) == len(names) else [""] * len(names)
        yield _batch(names, kinds, [()] * len(names))
        while chunk := cur.fetchmany(FETCH_ROWS):
            yield _batch(names, kinds, list(zip(*chunk, strict=True)))


def write(
    address: Address, table: str, batches: Iterator[pa.RecordBatch], if_exists: IfExists
) -> int:
    """All in one transaction; SQLite's journal undoes what a killed writer left."""
    schema, stream = writable(batches)
    if not Path(address.database).parent.is_dir():
        raise OutputError(no_file(address))
    with (
        one_message(address, OutputError, (sqlite3.Error,)),
        closing(_connect(Path(address.database), "rwc")) as con,
    ):
        con.execute("BEGIN IMMEDIATE")
        there = {row[1]: row[2] for row in con.execute(f"PRAGMA table_info({quoted(table)})")}
        check_target(address, table, there, schema.names, if_exists)
        _make(con, quoted(table), there, schema, if_exists)
        count = _load(con, quoted(table), schema, stream)
        con.execute("COMMIT")
    return count


def _make(
    con: sqlite3.Connection,
    table: str,
    there: dict[str, str],
    schema: pa.Schema,
    if_exists: IfExists,
) -> None:
    """An empty table in the target's place, unless it is appended to.

    One with the same columns keeps its indexes and views.
    """
    if there and if_exists == "append":
        return
    if there and there == {f.name: TYPES.get(str(f.type), "DATETIME") for f in schema}:
        con.execute(f"DELETE FROM {table}")
        return
    if there:
        con.execute(f"DROP TABLE {table}")
    con.execute(f"CREATE TABLE {table} ({column_list(schema, TYPES, 'DATETIME')})")


def _load(
    con: sqlite3.Connection, table: str, schema: pa.Schema, stream: Iterator[pa.RecordBatch]
) -> int:
    columns = ", ".join(quoted(name) for name in schema.names)
    insert = f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(schema))})"
    count = 0
    for batch in stream:
        for start in range(0, batch.num_rows, FETCH_ROWS):
            part = batch.slice(start, FETCH_ROWS)
            con.executemany(insert, zip(*[_values(column) for column in part.columns], strict=True))
        count += batch.num_rows
    return count


def _values(column: pa.Array) -> list[Any]:
    """SQLite has no dates: they are kept as ISO text."""
    values: list[Any] = (
        column.cast(pa.string()) if pa.types.is_temporal(column.type) else column
    ).to_pylist()
    return values


def _for_reading(address: Address, folder: Path) -> sqlite3.Connection:
    """The file opened for reading only.

    Beside a file whose writer was killed stands a journal, which tells how to undo what was half
    written. That would change the file, so it is done in a copy.
    """
    path = Path(address.database)
    con = _connect(path, "ro")
    try:
        con.execute("SELECT 1 FROM sqlite_master").fetchall()
    except sqlite3.OperationalError as wrong:
        con.close()
        if not re.search("readonly|unable to open", str(wrong)):
            raise
        for ending in ("", "-journal", "-wal"):
            with suppress(FileNotFoundError):
                shutil.copyfile(f"{path}{ending}", folder / f"copy{ending}")
        con = _connect(folder / "copy", "rw")
    return con


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=CONNECT_SECONDS)


def no_file(address: Address) -> str:
    """What is said where the file, or the folder it shall go to, is not there."""
    path = address.database
    hint = (
        f" For an absolute path write four slashes: {address.scheme}:////{path}"
        if not path.startswith("/") and Path("/" + path).parent.is_dir()
        else ""
    )
    return (
        f'There is no file "{path}" (looked for in {Path.cwd()}).{hint}'
        if not path.startswith("/")
        else f'There is no file "{path}".'
    )


def _find(con: sqlite3.Connection, address: Address, wanted: str | None) -> str:
    known = con.execute(
        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE "
        "'sqlite\\_%' ESCAPE '\\' ORDER BY 1"
    )
    return found_table(address, wanted, [("main", row[0]) for row in known], "main")[1]


def _declared(con: sqlite3.Connection, asked: str) -> list[str]:
    """The declared type of each column of the query, where it comes straight from a table."""
    try:
        con.execute(f"CREATE TEMP VIEW {_VIEW} AS {asked}")
    except sqlite3.Error:
        return []  # the query itself will say what is wrong
    return [str(row[2]).upper() for row in con.execute(f"PRAGMA temp.table_info({_VIEW})")]


def _batch(names: list[str], kinds: list[str], columns: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    arrays = [_typed(kind, objects(values)) for kind, values in zip(kinds, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _typed(declared: str, array: pa.Array) -> pa.Array:
    """SQLite keeps dates as text and truth as 0 and 1.

    The declared type tells which are meant, where all values fit it.
    """
    if pa.types.is_string(array.type) and re.match("DATE|TIMESTAMP", declared):
        for kind in (pa.date32(), MOMENT):
            try:
                return array.cast(kind)
            except pa.ArrowInvalid:
                continue
    if (
        pa.types.is_int64(array.type)
        and declared.startswith("BOOL")
        and set(array.unique().to_pylist()) <= {0, 1, None}
    ):
        return array.cast(pa.bool_())
    return array
