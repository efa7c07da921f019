"""PostgreSQL by ADBC: rows come and go in the server's own binary COPY, as Arrow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa

from shoal.data.databases.query import CONNECT_SECONDS, driver, found_table, one_message
from shoal.data.databases.types import renamed
from shoal.data.databases.url import Address
from shoal.data.databases.write import (
    IfExists,
    check_names,
    check_target,
    column_list,
    split_name,
    takes,
    writable,
)
from shoal.data.names import unique_names
from shoal.errors import InputError, OutputError
from shoal.text.sql import quoted

NAME_BYTES = 63
LOCK_SECONDS = 60
TYPES = {
    "int64": "bigint",
    "double": "double precision",
    "bool": "boolean",
    "string": "text",
    "date32[day]": "date",
}
_LABELS = "shoal_labels"
_AS_IT_IS = {
    "boolean",
    "smallint",
    "integer",
    "bigint",
    "real",
    "double precision",
    "numeric",
    "text",
    "character varying",
    "character",
    '"char"',
    "name",
}
_CASTS = {
    "money": "({})::numeric",
    "oid": "({})::bigint",
    "date": "CASE WHEN isfinite({0}) THEN {0} END",
    "timestamp without time zone": "CASE WHEN isfinite({0}) THEN {0} END",
    "timestamp with time zone": "CASE WHEN isfinite({0}) THEN {0} AT TIME ZONE 'UTC' END",
    "interval": "extract(epoch FROM {0})::float8 / 86400",
}
_TABLES = """
    SELECT n.nspname, c.relname, n.nspname = current_schema()
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'v', 'm', 'p', 'f') AND n.nspname !~ '^(pg_|information_schema$)'
    ORDER BY 1, 2
"""


def rows(address: Address, table: str | None, query: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table or query, from one read-only snapshot."""
    adbc = driver("adbc_driver_postgresql.dbapi", "adbc-driver-postgresql", address)
    with (
        one_message(address, InputError, _faults(adbc)),
        closing(_connect(adbc, address)) as con,
        closing(con.cursor()) as cur,
    ):
        cur.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        asked = query or f"SELECT * FROM {quoted(*_find(cur, address, table))}"
        names = unique_names(cur.adbc_execute_schema(asked).names)
        cur.execute(_in_plain_types(cur, asked, len(names)))
        with cur.fetch_record_batch() as reader:
            yield _empty(reader.schema, names)
            for batch in reader:
                yield renamed(batch, names)


def write(
    address: Address, table: str, batches: Iterator[pa.RecordBatch], if_exists: IfExists
) -> int:
    """Load the labels into a temporary table, then put them in their place.

    All in one transaction.
    """
    adbc = driver("adbc_driver_postgresql.dbapi", "adbc-driver-postgresql", address)
    schema, stream = writable(batches)
    check_names(
        address,
        [name for name in split_name(table, "") if name] + schema.names,
        most=NAME_BYTES,
        unit="bytes",
    )
    with (
        one_message(address, OutputError, _faults(adbc)),
        closing(_connect(adbc, address)) as con,
        closing(con.cursor()) as cur,
    ):
        cur.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
        target = split_name(table, str(_one(cur, "SELECT current_schema()")))
        there = _columns(cur, *target)
        check_target(address, table, there, schema.names, if_exists)
        count = cur.adbc_ingest(
            _LABELS,
            pa.RecordBatchReader.from_batches(schema, stream),
            mode="create",
            temporary=True,
        )
        _put(cur, quoted(*target), there, schema, if_exists)
        con.commit()
    return int(count)


def _put(
    cur: Any, target: str, there: dict[str, str], schema: pa.Schema, if_exists: IfExists
) -> None:
    """From the temporary table into the target.

    A table with the same columns keeps its grants, indexes and views.
    """
    columns = ", ".join(quoted(name) for name in schema.names)
    if there and if_exists == "replace" and takes(there, schema):
        cur.execute(f"DELETE FROM {target}")
    elif there and if_exists == "replace":
        cur.execute(f"DROP TABLE {target}")
        there = {}
    if not there:
        cur.execute(f"CREATE TABLE {target} ({column_list(schema, TYPES, 'timestamp')})")
    cur.execute(f"INSERT INTO {target} ({columns}) SELECT {columns} FROM pg_temp.{_LABELS}")


def _faults(adbc: Any) -> tuple[type[Exception], ...]:
    """What breaks off within a stream of batches comes as a fault of Arrow's."""
    return adbc.Error, pa.ArrowException, OSError


def _connect(adbc: Any, address: Address) -> Any:
    """libpq fills in what is not said here.

    PGHOST, PGPASSWORD, ~/.pgpass, PGSSLMODE and the like.
    """
    words = {
        "host": address.host,
        "port": str(address.port or ""),
        "user": address.user,
        "password": address.password,
    }
    words |= {
        "dbname": address.database,
        "connect_timeout": str(CONNECT_SECONDS),
        "application_name": "shoal",
    } | dict(address.options)
    return adbc.connect(
        " ".join(f"{name}={_conninfo(value)}" for name, value in words.items() if value)
    )


def _conninfo(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _find(cur: Any, address: Address, wanted: str | None) -> tuple[str, str]:
    cur.execute(_TABLES)
    known = cur.fetchall()
    default = next((schema for schema, _, own in known if own), "public")
    return found_table(address, wanted, [(schema, name) for schema, name, _ in known], default)


def _columns(cur: Any, schema: str, name: str) -> dict[str, str]:
    """The columns of a table, each with the category of its type; empty when there is no table."""
    cur.execute(
        "SELECT a.attname, t.typcategory::text FROM pg_attribute a JOIN pg_type t ON t.oid = "
        "a.atttypid JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = "
        "c.relnamespace "
        "WHERE n.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped",
        (schema, name),
    )
    return dict(cur.fetchall())


def _one(cur: Any, sql: str) -> Any:
    cur.execute(sql)
    return cur.fetchone()[0]


def _in_plain_types(cur: Any, asked: str, width: int) -> str:
    """The query with what Arrow has no plain type for turned into one by the server.

    Columns go by position: names may repeat.
    """
    columns = [f"c{position}" for position in range(width)]
    named = f"(\n{asked}\n) AS asked({', '.join(columns)})"
    types = ", ".join(f"pg_typeof({column})::text" for column in columns)
    cur.execute(
        f"SELECT {types} FROM (SELECT) AS one LEFT JOIN (SELECT * FROM {named} LIMIT 0) AS none "
        "ON true"
    )  # runs nothing
    out = []
    for column, kind in zip(columns, cur.fetchone(), strict=True):
        out.append(column if kind in _AS_IT_IS else _CASTS.get(kind, "({})::text").format(column))
    return f"SELECT {', '.join(out)} FROM {named}"


def _empty(schema: pa.Schema, names: list[str]) -> pa.RecordBatch:
    return renamed(
        pa.RecordBatch.from_arrays([pa.array([], f.type) for f in schema], schema=schema), names
    )
