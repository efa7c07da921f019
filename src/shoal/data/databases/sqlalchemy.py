"""Any other database, by its SQLAlchemy dialect.

Oracle, SQL Server, Redshift, Trino, ClickHouse…
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pyarrow as pa

from shoal.data.databases.query import FETCH_ROWS, driver, found_table, one_message
from shoal.data.databases.types import objects
from shoal.data.databases.url import Address
from shoal.data.databases.write import (
    STAGING,
    IfExists,
    check_target,
    split_name,
    writable,
)
from shoal.data.names import unique_names
from shoal.errors import InputError, OutputError, ShoalError


def rows(address: Address, table: str | None, query: str | None) -> Iterator[pa.RecordBatch]:
    """The rows of a table or query.

    From one transaction that is rolled back in the end, and is read-only where the database knows
    how.
    """
    with _engine(address, InputError) as (sa, engine), closing(engine.connect()) as con:
        asked = query or _select(sa, address, engine, table)
        _only_reading(sa, con)
        options = {"stream_results": True, "max_row_buffer": FETCH_ROWS, "no_parameters": True}
        result = con.execution_options(**options).exec_driver_sql(asked)
        named = result.keys()  # a result is no mapping
        names = unique_names([str(name) for name in named])
        yield pa.RecordBatch.from_arrays([pa.nulls(0)] * len(names), names=names)
        for part in result.partitions(FETCH_ROWS):
            columns = zip(*part, strict=True)
            yield pa.RecordBatch.from_arrays([objects(values) for values in columns], names=names)


def write(
    address: Address, table: str, batches: Iterator[pa.RecordBatch], if_exists: IfExists
) -> int:
    """Load a staging table.

    Then move its rows into the target in one transaction without any DDL, which some databases
    commit at once.
    """
    schema, stream = writable(batches)
    schema_name, name = split_name(table, "")
    with _engine(address, OutputError) as (sa, engine):
        there = _columns(sa, engine, schema_name, name)
        check_target(address, table, there, schema.names, if_exists)
        if there and if_exists == "replace" and sorted(there) != sorted(schema.names):
            raise OutputError(
                f'"{table}" of {address} has other columns than the labels. Drop it, or name '
                "another table. Nothing was changed."
            )
        target = labels_table(sa, name, schema_name, schema)
        staging = labels_table(sa, STAGING + secrets.token_hex(8), schema_name, schema)
        staging.create(engine)
        try:
            count = load(engine, staging, stream)
            _move(sa, engine, staging, target, fresh=not there, empty=if_exists == "replace")
        finally:
            staging.drop(engine)
    return count


def _move(sa: Any, engine: Any, staging: Any, target: Any, *, fresh: bool, empty: bool) -> None:
    """The rows of the staging table into the target.

    A target made for them goes again when that fails.
    """
    if fresh:
        target.create(engine)
    try:
        with engine.begin() as con:
            if empty:
                con.execute(target.delete())
            con.execute(
                target.insert().from_select(
                    list(target.columns.keys()), sa.select(*staging.columns)
                )
            )
    except BaseException:
        if fresh:
            target.drop(engine)
        raise


def load(engine: Any, table: Any, stream: Iterator[pa.RecordBatch]) -> int:
    """Insert all batches into a table of `labels_table` in one transaction. Returns the rows."""
    count = 0
    with engine.begin() as con:
        for batch in stream:
            keyed = batch.rename_columns(list(table.columns.keys()))
            for start in range(0, batch.num_rows, FETCH_ROWS):
                con.execute(table.insert(), keyed.slice(start, FETCH_ROWS).to_pylist())
            count += batch.num_rows
    return count


@contextmanager
def _engine(address: Address, fault: type[ShoalError]) -> Iterator[tuple[Any, Any]]:
    sa = driver("sqlalchemy", "sqlalchemy", address)
    try:
        engine = sa.create_engine(address.url(), hide_parameters=True)
    except sa.exc.NoSuchModuleError:
        raise InputError(
            f'shoal does not know "{address.written}://". It reads postgresql, mysql, mariadb, '
            "sqlite and duckdb, adbc+NAME:// with the package "
            "adbc-driver-NAME, and any SQLAlchemy dialect that is installed."
        ) from None
    except ImportError as error:
        raise InputError(
            f"{address.written}:// needs the module {error.name}, which is not installed.",
            f"Type: pip install {error.name}",
        ) from None
    except (sa.exc.ArgumentError, ValueError, TypeError) as error:
        raise fault(f"{address} cannot be connected to: {address.clean(str(error))}") from None
    try:
        with one_message(address, fault, (sa.exc.SQLAlchemyError,)):
            yield sa, engine
    finally:
        engine.dispose()


def _only_reading(sa: Any, con: Any) -> None:
    """The standard's word for it; where it is not understood, nothing is lost.

    The transaction is never committed.
    """
    with suppress(sa.exc.SQLAlchemyError):
        con.exec_driver_sql("SET TRANSACTION READ ONLY")
        return
    con.rollback()


def _select(sa: Any, address: Address, engine: Any, wanted: str | None) -> str:
    inspector = sa.inspect(engine)
    default = inspector.default_schema_name or ""
    schemas = {default, *([wanted.partition(".")[0]] if wanted and "." in wanted else [])}
    known = [(schema, name) for schema in schemas for name in _names(sa, inspector, schema)]
    schema, name = found_table(address, wanted, known, default)
    return str(
        sa.select(sa.text("*")).select_from(sa.table(name, schema=schema or None)).compile(engine)
    )


def _names(sa: Any, inspector: Any, schema: str) -> list[str]:
    try:
        return [
            *inspector.get_table_names(schema or None),
            *inspector.get_view_names(schema or None),
        ]
    except (
        sa.exc.SQLAlchemyError,
        NotImplementedError,
    ):  # a schema we may not list: its tables are not proposed
        return []


def _columns(sa: Any, engine: Any, schema: str, name: str) -> list[str]:
    inspector = sa.inspect(engine)
    return (
        [column["name"] for column in inspector.get_columns(name, schema or None)]
        if inspector.has_table(name, schema or None)
        else []
    )


def labels_table(sa: Any, name: str, schema: str, fields: pa.Schema) -> Any:
    """A table of labels to be.

    Its columns are c0, c1… to Python, since the name of a customer's column may hold anything.
    """
    kinds = {
        "int64": sa.BigInteger(),
        "double": sa.Double(),
        "bool": sa.Boolean(),
        "string": sa.UnicodeText(),
        "date32[day]": sa.Date(),
    }
    from sqlalchemy.dialects import mysql

    moment = sa.DateTime().with_variant(mysql.DATETIME(fsp=6), "mysql")
    columns = [
        sa.Column(field.name, kinds.get(str(field.type), moment), key=f"c{number}")
        for number, field in enumerate(fields)
    ]
    options = {"schema": schema or None, "mysql_charset": "utf8mb4"}
    return sa.Table(name, sa.MetaData(), *columns, **options)
