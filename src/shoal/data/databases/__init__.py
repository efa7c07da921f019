"""Databases, read and written.

PostgreSQL, MySQL, MariaDB, SQLite, DuckDB, and whatever speaks ADBC or SQLAlchemy.
"""

from __future__ import annotations

import importlib
from collections.abc import Collection, Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa

from shoal.data.cells.columns import text_fields
from shoal.data.cells.ids import is_id
from shoal.data.cells.infer import Clues
from shoal.data.databases.query import reading_query
from shoal.data.databases.url import Address, is_url, parse, redact
from shoal.data.databases.write import IfExists, check_if_exists
from shoal.data.never import DATES, without_never
from shoal.engine.cache import cached
from shoal.engine.scan import ARROW, Field, Source
from shoal.engine.scan import table as scanned
from shoal.engine.table import Table
from shoal.errors import OptionError
from shoal.findings import finding
from shoal.types import ReadAs

__all__ = ["is_url", "read_database", "redact", "write_labels"]

_WAYS = {"postgresql": "postgres", "mariadb": "mysql", "sqlite": "sqlite", "duckdb": "duckdb"}

KEPT = ("ambiguous-numbers", "damaged-numbers", "measures", "mixed-currencies", "mixed-dates")


def read_database(
    url: str,
    *,
    table: str | None = None,
    query: str | None = None,
    ids: Collection[str] = (),
) -> Table:
    """Read a table, or the result of a query, once and in a read-only transaction.

    The Table can then be streamed at will.

    Args:
        url: such as `postgresql://user@host/db?table=customers`. A password comes from the
            environment (`PGPASSWORD`, `MYSQL_PWD`, or `${NAME}` in the URL) or stands in the URL;
            it is never shown.
        table: the name of a table or view, or `schema.name`, where the URL names none.
        query: one SELECT, in place of a table.
        ids: columns that a person calls ids.

    Raises:
        InputError: no connection, a wrong password, no such table, a wrong query, a connection that
            broke off.
        OptionError: the query does not only read, or both a table and a query were given.

    >>> import sqlite3, tempfile
    >>> path = tempfile.mkdtemp() + "/shop.db"
    >>> with sqlite3.connect(path) as con:
    ...     _ = con.execute("CREATE TABLE customers AS SELECT 1 AS id, 9.5 AS spent")
    >>> next(read_database(f"sqlite:///{path}?table=customers").batches()).to_pylist()
    [{'id': 1, 'spent': 9.5}]
    """
    address = parse(url)
    wanted = table or address.table
    if query is not None and wanted:
        raise OptionError(
            f'Both a table ("{wanted}") and a query were given. Leave one of them out.'
        )
    asked = None if query is None else reading_query(query, address.scheme)
    with closing(_way(address).rows(address, wanted, asked)) as batches:
        made = cached(wanted or "query", batches, ReadAs("database"))
    return _looked_at(made, ids)


def _looked_at(read: Table, ids: Collection[str]) -> Table:
    """The rows of a database, with numbers and dates where it holds nothing else as text.

    All other text stays as it is, to the letter; ids keep their type, to be joined with.
    """
    if read.scan is None:
        return read
    source = Source(f"({read.scan.sql})", dict(read.scan.objects), keep=(read.stream,))
    texts = [f.name for f in read.schema if pa.types.is_string(f.type) and not is_id(f.name, ids)]
    found = text_fields(source, [(name, name) for name in texts], Clues(spare="."))
    mended = {name: field for name, field in found.fields.items() if field.type != "VARCHAR"}
    kinds = {kind: name for name, kind in ARROW.items()}
    as_they_are = [Field(f.name, f.name, kinds[f.type]) for f in read.schema]
    fields, of_never = without_never(source, [mended.get(f.name, f) for f in as_they_are])
    said = [f for f in found.findings if f.column in mended or f.code in KEPT]
    said += [finding("text-in-database", n, dates=f.type in DATES) for n, f in mended.items()]
    if fields == as_they_are and not said:
        return read
    return scanned(read.name, source, fields, read.read_as, [*read.findings, *said, *of_never])


def write_labels(
    url: str, batches: Iterator[pa.RecordBatch], *, if_exists: IfExists = "fail"
) -> int:
    """Write labelled customers into a table, whole or not at all. Returns the number of rows.

    Args:
        url: as for reading; `?table=` names the table to be written.
        batches: record batches of one schema: the customer's id first, then the labels.
        if_exists: what becomes of a table that is there: "replace" it, "append" to it, or "fail".

    Raises:
        OutputError: the labels could not be written; the table is as it was before.
        InputError, OptionError: the URL names no table, a driver is missing, or `if_exists` is none
            of the three.

    >>> import tempfile
    >>> url = f"sqlite:///{tempfile.mkdtemp()}/shop.db?table=segments"
    >>> labels = pa.record_batch({"id": [7], "segment": [1], "name": ["Big spenders"]})
    >>> write_labels(url, iter([labels]))
    1
    >>> next(read_database(url).batches()).to_pylist()
    [{'id': 7, 'segment': 1, 'name': 'Big spenders'}]
    """
    check_if_exists(if_exists)
    address = parse(url)
    if not address.table:
        raise OptionError(
            f"Which table of {address} shall the labels go to? Add ?table=NAME to the URL, such "
            "as ?table=segments."
        )
    written: int = _way(address).write(address, address.table, batches, if_exists)
    return written


def _way(address: Address) -> Any:
    """The module that knows how to connect."""
    if address.written.startswith("adbc+"):
        return importlib.import_module("shoal.data.databases.adbc")
    return importlib.import_module(
        "shoal.data.databases." + _WAYS.get(address.scheme, "sqlalchemy")
    )
