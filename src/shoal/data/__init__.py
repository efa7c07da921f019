"""Anything a person may name as a Table: files, frames, addresses of databases, Spark.

files (what a path is) → csv (text), excel, parquet · frames (anything that speaks Arrow)
databases (an address) · remote (a download) · stdin (a pipe)
cells (what the cells of a text column mean)
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from shoal.data.unwrap import are_paths, native_of
from shoal.engine.backend import Backend
from shoal.engine.table import Table
from shoal.errors import OptionError
from shoal.options import ReadingOptions
from shoal.text.options import option

_OF_DATABASES = ("table", "query")


def open_table(source: Any, options: ReadingOptions) -> Table:
    """The table behind a path, paths, a dataframe, an open file, "-", the address of a database.

    A Table is given back as it is. Raises InputError when the source cannot be read, OptionError
    for an option that does not fit it.
    """
    if isinstance(source, Table):
        return source
    source = native_of(source)
    if _is_sparks(source) or options.engine is not None:
        return _read_by_spark(source, options)
    if _is_database(source):
        return _read_database(source, options)
    for name in _OF_DATABASES:
        if getattr(options, name) is not None:
            raise OptionError(
                f"{option(name)} is for databases: name one, such as "
                "postgresql://user@host/shop or sqlite:///shop.db."
            )
    from shoal.data.read import read_local
    from shoal.data.remote import is_remote, read_remote
    from shoal.data.stdin import STDIN, is_stream, read_open, read_stdin

    if isinstance(source, str) and source == STDIN:  # a dataframe compares its cells
        return read_stdin(lambda path: read_local(path, options))
    if is_stream(source):
        return read_open(source, lambda path: read_local(path, options))
    if is_remote(source):
        return read_remote(source, lambda path: read_local(path, options))
    return read_local(source, options)


def local_files(source: Any) -> list[Path]:
    """The files of this machine that a source names: a path, a glob, a folder, a database's file.

    >>> local_files(42)
    []
    """
    if isinstance(source, (list, tuple)) and are_paths(source):
        return [file for path in source for file in local_files(path)]
    if not isinstance(source, (str, Path)) or str(source).strip() in ("", "-"):
        return []
    if _is_database(source):
        from shoal.data.databases.url import IN_FILES, parse

        address = parse(str(source))
        return [Path(address.database)] if address.scheme in IN_FILES else []
    from shoal.data.files import files_of

    return files_of(str(source))


def _is_sparks(source: Any) -> bool:
    """Whether it is a Spark DataFrame, asked so that pyspark need not be there."""
    return type(source).__module__.startswith("pyspark.sql")


def _is_database(source: Any) -> bool:
    if not isinstance(source, str) or "://" not in source:
        return False
    from shoal.data.databases import is_url

    return is_url(source)


def _read_database(url: str, options: ReadingOptions) -> Table:
    from shoal.data.databases import read_database

    odd = [name for name in options.given if name not in _OF_DATABASES]
    if odd:
        raise OptionError(f"{option(odd[0])} is for files; a database needs none. Leave it out.")
    return read_database(url, table=options.table, query=options.query, ids=options.ids)


def _read_by_spark(source: Any, options: ReadingOptions) -> Table:
    """A Spark DataFrame, or files that Spark is to read."""
    odd = [name for name in options.given if name != "engine"]
    if odd:
        raise OptionError(
            f"{option(odd[0])} is for files that shoal itself reads; "
            "Spark reads Parquet and needs none. Leave it out."
        )
    from shoal.engine.spark import read_files, spark_table

    if _is_sparks(source):
        return replace(spark_table(source), backend=Backend("spark", session=source.sparkSession))
    if not isinstance(source, (str, Path)):
        raise OptionError(
            f"{option('engine', options.engine)} is for paths of Parquet files; "
            f"a {type(source).__name__} stays here. Leave it out."
        )
    return read_files(str(source), str(options.engine))
