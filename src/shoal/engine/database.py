"""DuckDB in memory, within what the run may use: the one place where such a database is opened."""

from __future__ import annotations

import functools
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shoal.engine.resources import asked
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError
from shoal.options import Resources
from shoal.text.options import option

if TYPE_CHECKING:
    import duckdb


def settings(resources: Resources) -> dict[str, Any]:
    """The limits of DuckDB that were asked for, as it takes them when a database is opened."""
    limits: dict[str, Any] = {}
    if resources.threads is not None:
        limits["threads"] = resources.threads
    if resources.memory is not None:
        limits["memory_limit"] = f"{resources.memory}B"
    return limits


def open_database(resources: Resources | None = None) -> duckdb.DuckDBPyConnection:
    """An empty database in memory.

    What does not fit goes to a temporary folder that goes with it.
    """
    import duckdb

    folder = new_folder()
    base = duckdb.connect(
        config={
            "python_enable_replacements": False,
            "autoinstall_known_extensions": False,
            "temp_directory": str(Path(folder.name) / "spill"),
            **settings(resources or asked()),
        }
    )
    weakref.finalize(base, folder.cleanup)
    start_session(base)
    return base


def start_session(connection: duckdb.DuckDBPyConnection) -> None:
    """What every connection needs: times in UTC, and no progress bar, which goes to stdout."""
    connection.execute("SET TimeZone = 'UTC'")
    # In a notebook without ipywidgets it is off, and may not even be told so.
    shown = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()
    if shown == [(True,)]:
        connection.execute("SET enable_progress_bar = false")


@contextmanager
def enough_memory(memory: int, task: str) -> Iterator[None]:
    """Raise InputError with what to type where DuckDB cannot do a task in so many bytes."""
    import duckdb

    try:
        yield
    except duckdb.OutOfMemoryException as full:
        raise InputError(
            f"{memory / 1e6:,.0f} MB of memory is too little to {task}. "
            f"Allow more, such as {option('memory', '2GB')}."
        ) from full


@functools.cache
def shared_database(resources: Resources) -> duckdb.DuckDBPyConnection:
    """The database that all sources with these limits are read through; it holds no rows itself.

    Opening one is dearer than reading a small table, and loading DuckDB dearer still.
    """
    return open_database(resources)


def new_session(resources: Resources) -> duckdb.DuckDBPyConnection:
    """A connection to the shared database; to a new one where a fault of DuckDB's own closed it."""
    import duckdb

    try:
        return _session(resources)
    except duckdb.FatalException:
        shared_database.cache_clear()
        return _session(resources)


def _session(resources: Resources) -> duckdb.DuckDBPyConnection:
    connection = shared_database(resources).cursor()
    start_session(connection)
    return connection
