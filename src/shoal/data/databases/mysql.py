"""MariaDB and MySQL: read by an unbuffered cursor of PyMySQL, written by SQLAlchemy.

Values that are read are left as the server writes them, and turned into numbers and dates a column
at a time by Arrow.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.databases.query import CONNECT_SECONDS, FETCH_ROWS, driver, found_table, one_message
from shoal.data.databases.sqlalchemy import labels_table, load
from shoal.data.databases.types import MOMENT, numbers, objects
from shoal.data.databases.url import Address
from shoal.data.databases.write import (
    STAGING,
    IfExists,
    check_columns,
    check_names,
    exists_already,
    split_name,
    takes,
    writable,
)
from shoal.data.names import unique_names
from shoal.errors import InputError, OutputError
from shoal.text.options import option
from shoal.text.sql import literal, quoted

NAME_CHARACTERS = 64
# the protocol's numbers of types
WHOLE = {1, 2, 3, 8, 9, 13}
EXACT = {0, 246}
REAL = {4, 5}
DATE = {10, 14}
TIMES = {7, 12}
BIT = {16}
LOCK_SECONDS = 60
_SYSTEM = ("information_schema", "mysql", "performance_schema", "sys")
_STALE = re.compile(re.escape(STAGING) + r"[0-9a-f]{16}(_old)?")


def rows(address: Address, table: str | None, query: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table or query, from one read-only snapshot."""
    pymysql = driver("pymysql", "pymysql", address)
    with (
        one_message(address, InputError, _faults(pymysql)),
        _connected(pymysql, address, pymysql.converters.encoders) as con,
    ):
        _run(con, "START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        asked = query or f"SELECT * FROM {_name(*_find(con, address, table))}"
        # never closed by hand: that would fetch all the rows that are left
        cur = con.cursor(pymysql.cursors.SSCursor)
        cur.execute(asked)
        names = unique_names([d[0] for d in cur.description])
        kinds = [d[1] for d in cur.description]
        yield _batch(names, kinds, [()] * len(names))
        while chunk := cur.fetchmany(FETCH_ROWS):
            yield _batch(names, kinds, list(zip(*chunk, strict=True)))


def write(
    address: Address, table: str, batches: Iterator[pa.RecordBatch], if_exists: IfExists
) -> int:
    """Write labels whole or not at all. Returns the rows.

    CREATE and DROP commit by themselves here, so labels are loaded beside the target and renamed
    into its place.
    """
    pymysql = driver("pymysql", "pymysql", address)
    sa = driver("sqlalchemy", "sqlalchemy", address)
    schema, stream = writable(batches)
    target = split_name(table, address.database)
    check_names(address, [target[1], *schema.names], most=NAME_CHARACTERS, unit="characters")
    faults = (sa.exc.SQLAlchemyError, *_faults(pymysql))
    with (
        one_message(address, OutputError, faults),
        _connected(pymysql, address, pymysql.converters.conversions) as con,
    ):
        _run(con, f"SET sql_mode = 'STRICT_ALL_TABLES', lock_wait_timeout = {LOCK_SECONDS}")
        there = _column_types(con, target)
        if there and if_exists == "fail":
            raise exists_already(address, table)
        if there:
            _check_kind(con, address, table, target, if_exists)
        engine = sa.create_engine(
            "mysql+pymysql://",
            creator=lambda: con,
            poolclass=sa.pool.StaticPool,
            hide_parameters=True,
        )
        if there and if_exists == "append":
            check_columns(address, table, there, schema.names)
            return load(engine, labels_table(sa, target[1], target[0], schema), stream)
        return _swap(sa, engine, con, target, there, schema, stream)


def _column_types(con: Any, target: tuple[str, str]) -> dict[str, str]:
    """The columns of a table and what each takes; none where there is no such table."""
    found = _run(
        con,
        "SELECT column_name, data_type FROM information_schema.columns "
        f"WHERE {_where(con, *target)}",
    )
    return {name: _category(kind) for name, kind in found}


def _category(data_type: str) -> str:
    """What a column takes: "S" anything, as text; "N" numbers and truth; "D" dates and times."""
    word = data_type.lower()
    if re.search("char|text", word):
        return "S"
    return "D" if re.search("date|timestamp", word) else "N"


def _swap(
    sa: Any,
    engine: Any,
    con: Any,
    target: tuple[str, str],
    there: dict[str, str],
    schema: pa.Schema,
    stream: Iterator[pa.RecordBatch],
) -> int:
    """Load a staging table, then rename it into the target's place at one stroke."""
    _sweep(con, target[0])
    staging = f"{STAGING}{secrets.token_hex(8)}"
    # says that its writer lives; the server frees it when he does not
    _run(con, f"SELECT GET_LOCK({con.escape(staging)}, 0)")
    new = _name(target[0], staging)
    labels = labels_table(sa, staging, target[0], schema)
    try:
        if takes(there, schema):
            _run(con, f"CREATE TABLE {new} LIKE {_name(*target)}")
        else:
            labels.create(engine)
        count = load(engine, labels, stream)
        _put_in_place(con, target, staging, bool(there))
    except BaseException:
        if con.open:
            _run(con, f"DROP TABLE IF EXISTS {new}")
        raise
    return count


def _put_in_place(con: Any, target: tuple[str, str], staging: str, replaced: bool) -> None:
    new, old = _name(target[0], staging), _name(target[0], staging + "_old")
    if not replaced:
        _run(con, f"RENAME TABLE {new} TO {_name(*target)}")
        return
    _run(con, f"RENAME TABLE {_name(*target)} TO {old}, {new} TO {_name(*target)}")
    _run(con, f"DROP TABLE {old}")


def _check_kind(
    con: Any, address: Address, table: str, target: tuple[str, str], if_exists: IfExists
) -> None:
    """A view cannot be replaced, nor a table without transactions be added to as a whole."""
    asked = "SELECT table_type, engine FROM information_schema.tables"
    kind, engine = _run(con, f"{asked} WHERE {_where(con, *target)}")[0]
    if kind != "BASE TABLE":
        raise OutputError(
            f'"{table}" of {address} is a {kind.lower()}, which no labels can be put into. '
            "Name another table."
        )
    if if_exists == "append" and not _has_transactions(con, engine):
        raise OutputError(
            f'"{table}" of {address} is a {engine} table, which cannot be added to whole or not '
            f"at all. Say {option('if_exists', 'replace')}, or turn it into InnoDB. "
            "Nothing was changed."
        )


def _has_transactions(con: Any, engine: str) -> bool:
    asked = "SELECT 1 FROM information_schema.engines WHERE transactions = 'YES'"
    return bool(_run(con, f"{asked} AND engine = {con.escape(engine)}"))


def _sweep(con: Any, database: str) -> None:
    """Drop the staging tables whose writers were killed."""
    like = STAGING.replace("_", "\\_")
    found = _run(
        con,
        "SELECT table_name FROM information_schema.tables "
        f"WHERE table_schema = {con.escape(database)} AND table_name LIKE '{like}%'",
    )
    for (name,) in found:
        if _STALE.fullmatch(name) and _is_free(con, name.removesuffix("_old")):
            _run(con, f"DROP TABLE IF EXISTS {_name(database, name)}")


def _is_free(con: Any, lock: str) -> bool:
    return bool(int(_run(con, f"SELECT IS_FREE_LOCK({con.escape(lock)})")[0][0]))


@contextmanager
def _connected(pymysql: Any, address: Address, converters: Mapping[Any, Any]) -> Iterator[Any]:
    """A connection; the converters say how values are written and read."""
    options = dict(address.options)
    known = ("unix_socket", "ssl_ca", "ssl_cert", "ssl_key")
    password = address.password or os.environ.get("MYSQL_PWD", "")
    con = pymysql.connect(
        host=address.host or "127.0.0.1",
        port=address.port or 3306,
        user=address.user or None,
        database=address.database or None,
        password=password.encode(),  # PyMySQL would encode text as Latin-1
        conv=dict(converters),
        charset="utf8mb4",
        connect_timeout=CONNECT_SECONDS,
        read_timeout=CONNECT_SECONDS,
        **{name: options[name] for name in known if name in options},
    )
    # A query may take its time, only the first answer may not; PyMySQL has no other way to say so.
    con._read_timeout = None
    try:
        _run(con, "SET time_zone = '+00:00'")
        yield con
    finally:
        if con.open:  # the server, or SQLAlchemy at a fault, may have closed it
            con.close()


def _faults(pymysql: Any) -> tuple[type[Exception], ...]:
    return pymysql.err.Error, OSError


def _run(con: Any, sql: str) -> Sequence[tuple[Any, ...]]:
    with con.cursor() as cur:
        cur.execute(sql)
        found: Sequence[tuple[Any, ...]] = cur.fetchall()
    return found


def _find(con: Any, address: Address, wanted: str | None) -> tuple[str, str]:
    system = ", ".join(literal(name) for name in _SYSTEM)
    known = _run(
        con,
        "SELECT table_schema, table_name FROM information_schema.tables "
        f"WHERE table_schema NOT IN ({system}) ORDER BY 1, 2",
    )
    return found_table(address, wanted, [(row[0], row[1]) for row in known], address.database)


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
