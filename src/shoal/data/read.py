"""From a path, a glob, a folder or a dataframe to a Table that streams Arrow record batches.

read → files (what a path is) → raw (bytes) → look (layout) → tidy (mending) → text
       a large text: parse (every cell once, by threads) → spool (typed columns that later passes read), in folder
                              → excel, Parquet, JSON
     → frames (anything that speaks Arrow)
columns → cells → numbers, dates: what the cells of a text column mean, decided by the whole column
plan: the one SELECT that streams the Table
"""

from __future__ import annotations

import codecs
from pathlib import Path
from typing import Any, cast

from shoal.data.cells.numbers import Mark
from shoal.data.csv.reader import Asked
from shoal.data.files import read_path
from shoal.data.frames import read_frame
from shoal.engine.table import Table
from shoal.errors import InputError, OptionError

__all__ = ["read"]


def read(
    source: Any,
    *,
    sep: str | None = None,
    decimal: str | None = None,
    encoding: str | None = None,
    header: int | None = None,
    sheet: str | None = None,
) -> Table:
    """Read a table of customers or orders, whatever it is written in, and say how it was understood.

    `source` is a path, a glob, a folder of Parquet files, or a dataframe (pandas, Polars, PyArrow, DuckDB, anything
    with `__arrow_c_stream__`). Separator, decimal mark, encoding, header and sheet are found; an option overrides
    what would be found. `header` counts rows from 1; 0 says that there is none.

    Every oddity is a Finding of the Table. Raises InputError when the source is no table, and OptionError when an
    option does not fit it.

    >>> import pandas as pd
    >>> table = read(pd.DataFrame({"income": ["$15,000", "$9,500"]}))
    >>> table.schema.field("income").type, [f.code for f in table.findings]
    (DataType(int64), ['currency', 'thousands-marks'])
    """
    asked = _asked(sep, decimal, encoding, header, sheet)
    if source is None:
        raise InputError(
            "There is no table: the source is None. Give a path, a glob, or a dataframe."
        )
    return read_path(source, asked) if isinstance(source, (str, Path)) else read_frame(source)


def _asked(
    sep: str | None,
    decimal: str | None,
    encoding: str | None,
    header: int | None,
    sheet: str | None,
) -> Asked:
    if decimal not in (None, ".", ","):
        raise OptionError(
            f'The decimal mark is a dot or a comma, not "{decimal}". Say --decimal . or --decimal ,'
        )
    if header is not None and header < 0:
        raise OptionError(f"The header is a row number from 1, or 0 for none; not {header}.")
    if encoding is not None:
        try:
            codecs.lookup(encoding)
        except LookupError as wrong:
            raise OptionError(
                f'There is no encoding "{encoding}". Known are utf-8, cp1252, latin-1, utf-16, cp1250, cp850…'
            ) from wrong
    return Asked(sep or None, cast("Mark | None", decimal), encoding, header, sheet)
