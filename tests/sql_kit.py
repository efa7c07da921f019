"""Tables loaded into databases, scored there, and compared with what `assign` says."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

KEY = "row of the test"
TABLE = "customers"
EXTREMES = (0.0, -1.0, 1e-30, 1e9, -1e9, 1e59, -1e59, 1e61, 1e300, math.inf, -math.inf, math.nan)


def with_odd_rows(table: pa.Table, model: Any) -> pa.Table:
    """The table with a key, and behind its own rows such as nobody has seen.

    In turn each number is extreme, each word unknown, of another case or empty, each cell missing;
    of the last row all are.
    """
    frame = table.slice(0, min(len(table), 40)).to_pandas(types_mapper=pd.ArrowDtype)
    rows: list[dict[str, Any]] = []
    first = dict(frame.iloc[0]) if len(frame) else {}
    for feature in model.segmentation.recipe.features:
        if feature.column not in table.column_names:
            continue
        words = (
            ("no such word", "", " ", f" {feature.categories[0]} ", "ÄÖ'\"\\ü")
            if (feature.categories)
            else EXTREMES
        )
        kind = table.schema.field(feature.column).type
        if pa.types.is_integer(kind) and not feature.categories:
            words = (0, -1, 10**9, -(2**62), 2**53 + 1)
        if pa.types.is_boolean(kind):
            words = (True, False)
        rows += [first | {feature.column: value} for value in (*words, None)]
    rows.append(dict.fromkeys(first))
    odd = {
        name: pa.array([_plain(row[name]) for row in rows], table.schema.field(name).type)
        for name in table.column_names
    }
    joined = pa.concat_tables([table, pa.table(odd, schema=table.schema)])
    joined = joined.combine_chunks()
    return joined.append_column(KEY, pa.array(range(1, len(joined) + 1), pa.int64()))


def _plain(value: Any) -> Any:
    if value is pd.NA or value is pd.NaT:
        return None
    return value.item() if isinstance(value, np.generic) else value


def differences(got: Sequence[Sequence[Any]], want: pa.Table) -> dict[str, int]:
    """In how many rows each label differs; rows of a database begin with the key."""
    rows = sorted(got)
    assert [row[0] for row in rows] == want[KEY].to_pylist()
    found = {}
    for at, name in enumerate(("segment", "name", "runner_up", "margin", "unlike_anyone"), 1):
        mine, theirs = [row[at] for row in rows], want[name].to_pylist()
        if name == "margin":
            apart = np.abs(np.array(mine, float) - np.array(theirs, float))
            found[name] = int((apart > 1.001e-4).sum())
        else:
            pairs = zip(mine, theirs, strict=True)
            found[name] = sum(_label(a) != _label(b) for a, b in pairs)
    return found


def _label(value: Any) -> Any:
    return None if value is None or value is pd.NA or value != value else value


# --- databases ------------------------------------------------------------------------------------


def on_duckdb(table: pa.Table, sql: str) -> list[tuple[Any, ...]]:
    con = duckdb.connect()
    con.register(TABLE, table)
    return con.execute(sql).fetchall()


def on_sqlite(table: pa.Table, sql: str) -> list[tuple[Any, ...]]:
    con = sqlite3.connect(":memory:")
    columns = ", ".join(f"{quoted(f.name)} {_kind(f.type, SQLITE)}" for f in table.schema)
    con.execute(f"CREATE TABLE {TABLE} ({columns})")
    marks = ", ".join("?" * table.num_columns)
    con.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", _cells(table, dates=str))
    return con.execute(sql).fetchall()


def on_postgres(server: Any, table: pa.Table, sql: str) -> list[tuple[Any, ...]]:
    import adbc_driver_postgresql.dbapi as driver

    with driver.connect(server.url()) as con, con.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        columns = ", ".join(f"{quoted(f.name)} {_kind(f.type, POSTGRES)}" for f in table.schema)
        cursor.execute(f"CREATE TABLE {TABLE} ({columns})")
        cursor.adbc_ingest(TABLE, _short_names(table), mode="append")
        cursor.execute(sql)
        return [tuple(row.values()) for row in cursor.fetch_arrow_table().to_pylist()]


def on_mariadb(server: Any, table: pa.Table, sql: str) -> list[tuple[Any, ...]]:
    with server.mysql_connection(charset="utf8mb4") as con, con.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {TABLE}")
        names = [quoted(f.name, "`") for f in table.schema]
        columns = (f"{n} {_kind(f.type, MYSQL)}" for n, f in zip(names, table.schema, strict=True))
        cursor.execute(f"CREATE TABLE {TABLE} ({', '.join(columns)}) CHARSET utf8mb4")
        marks = ", ".join(["%s"] * table.num_columns)
        rows = [tuple(map(_finite, row)) for row in _cells(table, dates=None)]
        cursor.executemany(f"INSERT INTO {TABLE} VALUES ({marks})", rows)
        cursor.execute(sql)
        return list(cursor.fetchall())


SQLITE = {"int": "INTEGER", "float": "REAL", "bool": "INTEGER", "date": "TEXT", "text": "TEXT"}
POSTGRES = {
    "int": "BIGINT",
    "float": "DOUBLE PRECISION",
    "bool": "BOOLEAN",
    "date": "TIMESTAMP",
    "day": "DATE",
    "text": "TEXT",
}
MYSQL = {
    "int": "BIGINT",
    "float": "DOUBLE",
    "bool": "BOOLEAN",
    "date": "DATETIME",
    "day": "DATE",
    "text": "TEXT",
}


def _kind(kind: pa.DataType, words: dict[str, str]) -> str:
    if pa.types.is_boolean(kind):
        return words["bool"]
    if pa.types.is_integer(kind):
        return words["int"]
    if pa.types.is_floating(kind):
        return words["float"]
    if pa.types.is_date(kind):
        return words.get("day", words["date"])
    return words["date"] if pa.types.is_timestamp(kind) else words["text"]


def _cells(table: pa.Table, dates: Any) -> Iterator[tuple[Any, ...]]:
    columns = []
    for column in table.columns:
        values = column.to_pylist()
        if pa.types.is_temporal(column.type) and dates is not None:
            values = [None if v is None else dates(v) for v in values]
        columns.append(values)
    return zip(*columns, strict=True)


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _short_names(table: pa.Table) -> pa.Table:
    """Names as PostgreSQL keeps them."""
    names = [name.encode()[:63].decode(errors="ignore") for name in table.column_names]
    return table.rename_columns(names)


def quoted(name: str, mark: str = '"') -> str:
    return mark + name.replace(mark, mark * 2) + mark


def without_infinite(table: pa.Table) -> pa.Table:
    """NaN and infinity as gaps, for databases that hold neither."""
    columns = [
        pa.array([_finite(v) for v in c.to_pylist()], c.type) if pa.types.is_floating(c.type) else c
        for c in table.columns
    ]
    return pa.table(columns, names=table.column_names)
