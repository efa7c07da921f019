"""From a path, a glob, a folder or a dataframe to a Table that streams Arrow record batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from shoal.data.files import read_path, read_paths
from shoal.data.frames import read_frame
from shoal.data.unwrap import are_paths
from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.options import ReadingOptions, made

__all__ = ["read", "read_local"]


def read(source: Any, **given: Any) -> Table:
    """`read_local`, with the options as keyword arguments.

    >>> import pandas as pd
    >>> table = read(pd.DataFrame({"income": ["$15,000", "$9,500"]}))
    >>> table.schema.field("income").type, [f.code for f in table.findings]
    (DataType(int64), ['currency', 'thousands-marks'])
    """
    return read_local(source, made(ReadingOptions, given))


def read_local(source: Any, options: ReadingOptions) -> Table:
    """Read a table of customers or orders of this machine, and say how it was understood.

    `source` is a path, a glob, a folder of Parquet files, or a dataframe (pandas, Polars, PyArrow,
    DuckDB, anything with `__arrow_c_stream__`). Separator, decimal mark, encoding, header and sheet
    are found; an option overrides what would be found.

    Every oddity is a Finding of the Table. Raises InputError when the source is no table, and
    OptionError when an option does not fit it.
    """
    if source is None:
        raise InputError(
            "There is no table: the source is None. Give a path, a glob, or a dataframe."
        )
    if isinstance(source, (str, Path)):
        return read_path(source, options)
    if isinstance(source, (list, tuple)) and are_paths(source):
        return read_paths(source, options)
    return read_frame(source, options)
