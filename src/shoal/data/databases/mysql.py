"""MariaDB and MySQL by PyMySQL: an unbuffered cursor reads, rows of many customers a statement are written.

Values are left as the server writes them and turned into numbers and dates a column at a time by Arrow.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.databases.query import CONNECT_SECONDS, FETCH_ROWS, driver, found_table, one_message
from shoal.data.databases.types import MOMENT, numbers, objects, unique_names
from shoal.data.databases.url import Address
from shoal.data.databases.write import (
    STAGING,
    IfExists,
    check_columns,
    check_names,
    column_list,
    exists_already,
    split_name,
    takes,
    writable,
)
from shoal.errors import InputError, OutputError
from shoal.text.sql import quoted

NAME_CHARACTERS = 64
TYPES = {
    "int64": "BIGINT",
    "double": "DOUBLE",
    "bool": "BOOLEAN",
    "string": "TEXT",
    "date32[day]": "DATE",
}
WHOLE, EXACT, REAL, DATE, TIMES, BIT = (
    {1, 2, 3, 8, 9, 13},
    {0, 246},
    {4, 5},
    {10, 14},
    {7, 12},
    {16},
)  # the protocol's numbers of types
STATEMENT_BYTES = 2_000_000
LOCK_SECONDS = 60
_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
_STALE = re.compile(re.escape(STAGING) + r"[0-9a-f]{16}(_old)?")


def rows(address: Address, table: str | None, query: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table or query, from one read-only snapshot."""
    pymysql = driver("pymysql", "pymysql", address)
    with (
        one_message(address, InputError, _faults(pymysql)),
        closing(_connect(pymysql, address)) as con,
    ):
        _run(con, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        asked = query or f"SELECT * FROM {_name(*_find(con, address, table))}"
        cur = con.cursor(
            pymysql.cursors.SSCursor
        )  # never closed by hand: that would fetch all the rows that are left
        cur.execute(asked)
        names, kinds = (
            unique_names([d[0] for d in cur.description]),
            [d[1] for d in cur.description],
        )
        yield _batch(names, kinds, [()] * len(names))
        while chunk := cur.fetchmany(FETCH_ROWS):
            yield _batch(names, kinds, list(zip(*chunk, strict=True)))


def write(
    address: Address, table: str, batches: Iterator[pa.RecordBatch], if_exists: IfExists
) -> int:
    """Whole or not at all. CREATE and DROP commit by themselves here, so labels are loaded beside the target and renamed into its place."""
    pymysql = driver("pymysql", "pymysql", address)
    schema, stream = writable(batches)
    target = split_name(table, address.database)
    check_names(address, [target[1], *schema.names], most=NAME_CHARACTERS, unit="characters")
    with (
        one_message(address, OutputError, _faults(pymysql)),
        closing(_connect(pymysql, address)) as con,
    ):
        _run(con, f"SET sql_mode = 'STRICT_ALL_TABLES', lock_wait_timeout = {LOCK_SECONDS}")
        asked = f"SELECT column_name, data_type FROM information_schema.columns WHERE {_where(con, *target)}"
        there = dict(_run(con, asked))
        if there and if_exists == "fail":
            raise exists_already(address, table)
        if there:
            _check_kind(con, address, table, target, if_exists)
        if there and if_exists == "append":
            check_columns(address, table, there, schema.names)
            return _load(con, _name(*target), schema, stream)
        return _swap(
            con, target, {name: _category(kind) for name, kind in there.items()}, schema, stream
        )


def _category(data_type: str) -> str:
    """What a column takes: "S" anything, as text; "N" numbers and truth; "D" dates and times."""
    word = data_type.lower()
    return (
        "S" if re.search("char|text", word) else "D" if re.search("date|timestamp", word) else "N"
    )


def _swap(
    con: Any,
    target: tuple[str, str],
    there: dict[str, str],
    schema: pa.Schema,
    stream: Iterator[pa.RecordBatch],
) -> int:
    """Load a staging table, then rename it into the target's place, which the server does at one stroke."""
    _sweep(con, target[0])
    staging = f"{STAGING}{secrets.token_hex(8)}"
    _run(
        con, f"SELECT GET_LOCK({con.escape(staging)}, 0)"
    )  # says that its writer lives; the server frees it when he does not
    new, old = _name(target[0], staging), _name(target[0], staging + "_old")
    alike = takes(there, schema)
    kinds = column_list(schema, TYPES, "DATETIME(6)", mark="`")
    try:
        _run(
            con,
            f"CREATE TABLE {new} LIKE {_name(*target)}"
            if alike
            else f"CREATE TABLE {new} ({kinds}) CHARACTER SET utf8mb4",
        )
        count = _load(con, new, schema, stream)
        _run(
            con,
            f"RENAME TABLE {_name(*target)} TO {old}, {new} TO {_name(*target)}"
            if there
            else f"RENAME TABLE {new} TO {_name(*target)}",
        )
    except BaseException:
        if con.open:
            _run(con, f"DROP TABLE IF EXISTS {new}")
        raise
    if there:
        _run(con, f"DROP TABLE {old}")
    return count


def _load(con: Any, table: str, schema: pa.Schema, stream: Iterator[pa.RecordBatch]) -> int:
    """Insert all batches in one transaction."""
    head = f"INSERT INTO {table} ({', '.join(_name(name) for name in schema.names)}) VALUES ("
    count = 0
    _run(con, "START TRANSACTION")
    try:
        for batch in stream:
            for values in _statements(batch):
                _run(con, f"{head}{values})")
            count += batch.num_rows
        con.commit()
    except BaseException:
        if con.open:
            con.rollback()
        raise
    return count


def _statements(batch: pa.RecordBatch) -> Iterator[str]:
    """The rows of a batch as SQL values, in pieces well below any server's limit for one statement."""
    if not batch.num_rows:
        return
    lines = pc.binary_join_element_wise(*[_literals(column) for column in batch.columns], ",")
    rows_each = max(
        1, STATEMENT_BYTES * len(lines) // max(1, pc.sum(pc.binary_length(lines)).as_py())
    )
    for start in range(0, len(lines), rows_each):
        yield "),(".join(lines.slice(start, rows_each).to_pylist())


def _literals(column: pa.Array) -> pa.Array:
    """Each value as SQL writes it."""
    kind = column.type
    if pa.types.is_string(kind):
        text = pc.replace_substring(pc.replace_substring(column, "\\", "\\\\"), "'", "''")
    elif pa.types.is_temporal(kind):
        text = pc.strftime(
            column, format="%Y-%m-%d" if pa.types.is_date(kind) else "%Y-%m-%d %H:%M:%S"
        )
    elif pa.types.is_boolean(kind):
        return column.cast(pa.int8()).cast(pa.string()).fill_null("NULL")
    else:
        finite = (
            pc.if_else(pc.is_finite(column), column, pa.scalar(None, kind))
            if pa.types.is_floating(kind)
            else column
        )
        return finite.cast(pa.string()).fill_null("NULL")
    return pc.binary_join_element_wise("'", text, "'", "").fill_null("NULL")


def _check_kind(
    con: Any, address: Address, table: str, target: tuple[str, str], if_exists: IfExists
) -> None:
    """A view cannot be replaced, and a table without transactions cannot be appended to as a whole."""
    kind, engine = _run(
        con,
        f"SELECT table_type, engine FROM information_schema.tables WHERE {_where(con, *target)}",
    )[0]
    if kind != "BASE TABLE":
        raise OutputError(
            f'"{table}" of {address} is a {kind.lower()}, which no labels can be put into. Name another table.'
        )
    if if_exists == "append" and not _run(
        con,
        f"SELECT 1 FROM information_schema.engines WHERE engine = {con.escape(engine)} AND transactions = 'YES'",
    ):
        raise OutputError(
            f'"{table}" of {address} is a {engine} table, which cannot be added to whole or not at all. Say --if-exists replace, or turn it into '
            "InnoDB. Nothing was changed."
        )


def _sweep(con: Any, database: str) -> None:
    """Drop the staging tables whose writers were killed."""
    like = STAGING.replace("_", "\\_")
    found = _run(
        con,
        f"SELECT table_name FROM information_schema.tables WHERE table_schema = {con.escape(database)} AND table_name LIKE '{like}%'",
    )
    for (name,) in found:
        if _STALE.fullmatch(name) and int(
            _run(con, f"SELECT IS_FREE_LOCK({con.escape(name.removesuffix('_old'))})")[0][0]
        ):
            _run(con, f"DROP TABLE IF EXISTS {_name(database, name)}")


def _connect(pymysql: Any, address: Address) -> Any:
    options = dict(address.options)
    socket = {"unix_socket": options["unix_socket"]} if "unix_socket" in options else {}
    tls = {
        name: value for name, value in options.items() if name in ("ssl_ca", "ssl_cert", "ssl_key")
    }
    con = pymysql.connect(
        host=address.host or "127.0.0.1",
        port=address.port or 3306,
        user=address.user or None,
        database=address.database or None,
        password=(
            address.password or os.environ.get("MYSQL_PWD", "")
        ).encode(),  # PyMySQL would encode text as Latin-1
        conv=dict(pymysql.converters.encoders),
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=CONNECT_SECONDS,
        **socket,
        **tls,
    )
    con._read_timeout = None  # a query may take its time, only the first answer may not; PyMySQL has no other way to say so
    _run(con, "SET time_zone = '+00:00'")
    return con


def _faults(pymysql: Any) -> tuple[type[Exception], ...]:
    return pymysql.err.Error, OSError


def _run(con: Any, sql: str) -> Sequence[tuple[Any, ...]]:
    with con.cursor() as cur:
        cur.execute(sql)
        found: Sequence[tuple[Any, ...]] = cur.fetchall()
    return found


def _find(con: Any, address: Address, wanted: str | None) -> tuple[str, str]:
    system = ", ".join(f"'{name}'" for name in _SYSTEM)
    known = _run(
        con,
        f"SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema NOT IN ({system}) ORDER BY 1, 2",
    )
    return found_table(
        address, wanted, [(schema, name) for schema, name in known], address.database
    )


def _where(con: Any, schema: str, name: str) -> str:
    return f"table_schema = {con.escape(schema)} AND table_name = {con.escape(name)}"


def _name(*names: str) -> str:
    return quoted(*names, mark="`")


def _batch(names: list[str], kinds: list[int], columns: Sequence[Sequence[Any]]) -> pa.RecordBatch:
    arrays = [_typed(kind, values) for kind, values in zip(kinds, columns, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, names=names)


def _typed(kind: int, values: Sequence[Any]) -> pa.Array:
    """A column of the server's own writing as numbers, dates or text."""
    if kind in BIT:
        return pa.array([None if v is None else int.from_bytes(v) for v in values], pa.int64())
    if kind in WHOLE | EXACT | REAL:
        texts = pa.array(values, pa.string())
        if kind in EXACT:
            return numbers(texts)
        return texts.cast(pa.float64()) if kind in REAL else _whole(texts)
    if kind in DATE | TIMES:
        return _moments(pa.array(values, pa.string()), pa.date32() if kind in DATE else MOMENT)
    return objects(values).cast(pa.string())


def _whole(texts: pa.Array) -> pa.Array:
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts  # an unsigned number beyond 63 bits: kept digit by digit


def _moments(texts: pa.Array, kind: pa.DataType) -> pa.Array:
    """Dates and times; 0000-00-00, which MySQL has for "not known", is a gap."""
    nowhere = pc.match_substring_regex(texts, r"^0000|-00")
    return pc.if_else(nowhere, pa.scalar(None, pa.string()), texts).cast(kind)
