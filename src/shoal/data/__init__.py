"""Anything a person may name → Table: files, frames, database addresses, and orders summed up to customers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from shoal.engine.table import Table
from shoal.errors import OptionError

READING = ("sep", "decimal", "encoding", "header", "sheet", "query", "table", "engine")


def open_table(source: Any, reading: Mapping[str, Any]) -> Table:
    """The table behind a path, a glob, a dataframe or a database address; `reading` are options of its reader.

    Raises InputError when it cannot be read, OptionError for an option that does not fit the source.
    """
    options = {name: value for name, value in reading.items() if value is not None}
    if isinstance(source, Table):
        return source
    spark = type(source).__module__.startswith(
        "pyspark.sql"
    )  # asked so that pyspark need not be there
    if (engine := options.pop("engine", None)) is not None or spark:
        return _elsewhere(source, engine, spark, tuple(options))
    if isinstance(source, str) and "://" in source:
        from shoal.data.databases import is_url, read_database

        if is_url(source):
            if odd := [name for name in options if name not in ("table", "query")]:
                raise OptionError(f"--{odd[0]} is for files; a database needs none. Leave it out.")
            return read_database(source, **options)
    if "query" in options:
        raise OptionError(
            "--query is for databases: name one, such as postgresql://user@host/shop or sqlite:///shop.db."
        )
    from shoal.data.read import read
    from shoal.data.remote import fetched, is_remote

    return read(fetched(source) if is_remote(source) else source, **options)


def _elsewhere(source: Any, engine: str | None, spark: bool, options: tuple[str, ...]) -> Table:
    """A Spark DataFrame, or files that Spark is to read."""
    if options:
        raise OptionError(
            f"--{options[0]} is for files that shoal itself reads; Spark reads Parquet and needs none. Leave it out."
        )
    from shoal.engine.spark import read_files, spark_table

    if spark:
        return spark_table(source)
    if not isinstance(source, (str, Path)):
        raise OptionError(
            f"--engine {engine} is for paths of Parquet files; a {type(source).__name__} stays here. Leave it out."
        )
    return read_files(str(source), str(engine))


def taken_out(options: dict[str, Any]) -> dict[str, Any]:
    """The options of the reader, taken out of a mixture."""
    return {name: options.pop(name) for name in READING if name in options}
