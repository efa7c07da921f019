"""Any other database, by its ADBC driver: adbc+snowflake://…, adbc+flightsql://….

The package is adbc-driver-NAME.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pyarrow as pa

from shoal.data.databases.query import driver, no_table, one_message
from shoal.data.databases.types import streamed
from shoal.data.databases.url import Address
from shoal.data.databases.write import IfExists, check_target, split_name, writable
from shoal.data.names import unique_names
from shoal.errors import InputError, OutputError
from shoal.text.sql import quoted

_URI_SCHEMES = {"flightsql": "grpc+tls"}


def rows(address: Address, table: str | None, query: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table or query, from one transaction that is rolled back in the end."""
    adbc = _driver(address)
    if query is None and table is None:
        raise no_table(address, None, [])
    asked = query or f"SELECT * FROM {quoted(*split_name(str(table), ''))}"
    with (
        one_message(address, InputError, _faults(adbc)),
        closing(_connect(adbc, address)) as con,
        closing(con.cursor()) as cur,
    ):
        cur.execute(asked)
        with cur.fetch_record_batch() as reader:
            names = unique_names(reader.schema.names)
            yield from streamed(reader, names)


def write(
    address: Address, table: str, batches: Iterator[pa.RecordBatch], if_exists: IfExists
) -> int:
    """All in one transaction, by the driver's own bulk load."""
    adbc = _driver(address)
    schema, stream = writable(batches)
    schema_name, name = split_name(table, "")
    with (
        one_message(address, OutputError, _faults(adbc)),
        closing(_connect(adbc, address, strict=True)) as con,
    ):
        with closing(con.cursor()) as cur:
            there = _columns(adbc, con, schema_name, name)
            check_target(address, table, there, schema.names, if_exists)
            if there and if_exists == "replace":
                cur.execute(f"DROP TABLE {quoted(schema_name, name)}")
            mode = "append" if there and if_exists == "append" else "create"
            where = {"db_schema_name": schema_name} if schema_name else {}
            count = cur.adbc_ingest(
                name, pa.RecordBatchReader.from_batches(schema, stream), mode=mode, **where
            )
        con.commit()
    return int(count)


def _driver(address: Address) -> Any:
    name = address.written.partition("+")[2]
    return driver(f"adbc_driver_{name}.dbapi", f"adbc-driver-{name}", address)


def _faults(adbc: Any) -> tuple[type[Exception], ...]:
    """What breaks off within a stream of batches comes as a fault of Arrow's."""
    return adbc.Error, pa.ArrowException, OSError


def _connect(adbc: Any, address: Address, *, strict: bool = False) -> Any:
    """A connection with a transaction.

    Where the driver has none, reading goes on and writing does not.
    """
    name = address.written.partition("+")[2]
    uri = (
        address.database
        if name == "sqlite"
        else _URI_SCHEMES.get(name, name) + address.url().removeprefix(address.written)
    )
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        con = adbc.connect(uri)
    if strict and any("autocommit" in str(warning.message) for warning in heard):
        con.close()
        raise OutputError(
            f"The driver of {address} has no transactions, so labels could not be written whole "
            "or not at all. Write a file instead."
        )
    return con


def _columns(adbc: Any, con: Any, schema: str, name: str) -> list[str]:
    try:
        found: list[str] = con.adbc_get_table_schema(name, db_schema_filter=schema or None).names
    except adbc.Error:
        con.rollback()
        return []
    return found
