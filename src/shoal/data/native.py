"""Rows that come back as a frame of the library whose frame went in."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from shoal.engine.backend import Backend, Library
from shoal.types import Finding

if TYPE_CHECKING:
    import pandas as pd

ALIAS = "customers"  # of a relation, so that it joins with the one that it is of


def native(made: pa.Table, backend: Backend) -> Any:
    """One row for each row that was given, as a frame of the same library."""
    return _MAKERS[backend.library](made, backend)


def _pandas(made: pa.Table, backend: Backend) -> pd.DataFrame:
    """A frame with the index of the given one.

    A name that a column has as well is left to the column: pandas refuses to choose between them.
    """
    frame: pd.DataFrame = made.to_pandas()
    index = backend.index
    if index is None:
        return frame
    return frame.set_axis(index.rename(None) if index.name in frame.columns else index)


def _polars(made: pa.Table, backend: Backend) -> Any:
    import polars as pl

    return pl.from_arrow(made)


def _duckdb(made: pa.Table, backend: Backend) -> Any:
    """A relation of the connection that the given one is of, or of the default one."""
    import duckdb

    if backend.relation is not None:
        try:  # DuckDB finds `made` by its name in this function
            return backend.relation.query("given", "SELECT * FROM made").set_alias(ALIAS)
        except duckdb.ConnectionException:  # it has been closed
            pass
    return duckdb.from_arrow(made).set_alias(ALIAS)


def _spark(made: pa.Table, backend: Backend) -> Any:
    """A DataFrame of the given one's session, or of the one that runs now, of rows that are here.

    Rows that a cluster holds are labelled there, and do not come by this way.
    """
    from shoal.engine.spark.session import session_of

    session = backend.session or session_of("spark")
    return session.createDataFrame(made)


_MAKERS: Mapping[Library, Callable[[pa.Table, Backend], Any]] = {
    "pandas": _pandas,
    "polars": _polars,
    "arrow": lambda made, backend: made,
    "duckdb": _duckdb,
    "spark": _spark,
}


def with_findings(frame: Any, findings: Sequence[Finding]) -> Any:
    """The frame with what was found about its rows in `.attrs`.

    Only pandas has such a place: with others what is more than a note is warned of.
    """
    if isinstance(getattr(frame, "attrs", None), dict):
        frame.attrs["findings"] = tuple(findings)
        return frame
    for found in findings:
        if found.severity != "info":
            warnings.warn(found.message, UserWarning, stacklevel=4)
    return frame
