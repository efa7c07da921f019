"""Tables of Polars, DuckDB, NumPy and plain Python, as frames of pandas or Arrow."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from shoal.engine.accumulator import BATCH_ROWS
from shoal.errors import InputError
from shoal.text.sql import quoted

WIDE = ("Int128", "UInt128")  # kinds of Polars that Arrow does not have
ODD = (*WIDE, "Object")
LOST = ("UHUGEINT", "BIT")  # kinds of DuckDB that lose their values on the way to Arrow


def of_polars(frame: Any) -> pa.Table:
    """A Polars frame as Arrow; whole numbers of 128 bits and Python's objects as text."""
    made = frame
    for name, kind in zip(frame.columns, frame.dtypes, strict=True):
        if str(kind) in WIDE:
            made = made.with_columns(_narrow(frame[name]))
        elif str(kind) == "Object":
            words = [None if cell is None else str(cell) for cell in frame[name]]
            made = made.with_columns(type(frame[name])(name, words))
    return made.to_arrow()


def lazily(frame: Any) -> pa.RecordBatchReader | None:
    """A lazy frame of Polars as a stream, some rows at a time.

    None where a column is of a kind that can only be read as a whole.
    """
    import polars as pl

    schema = frame.collect_schema()
    if not hasattr(frame, "collect_batches") or any(str(k) in ODD for k in schema.dtypes()):
        return None
    kinds = pl.DataFrame(schema=schema).to_arrow().schema
    batches = (
        batch.cast(kinds)
        for part in frame.collect_batches(chunk_size=BATCH_ROWS)
        for batch in part.to_arrow().to_batches()
    )
    return pa.RecordBatchReader.from_batches(kinds, batches)


def _narrow(series: Any) -> Any:
    """Whole numbers in 64 bits where all of them fit, else as text, so that no digit is lost."""
    import polars as pl

    narrow = series.cast(pl.Int64, strict=False)
    return narrow if narrow.null_count() == series.null_count() else series.cast(pl.String)


def of_relation(relation: Any) -> Any:
    """A DuckDB relation whose columns all have a kind that Arrow has."""
    kinds = list(zip(relation.columns, map(str, relation.types), strict=True))
    if not any(kind in LOST for _, kind in kinds):
        return relation
    columns = [
        f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}" if kind in LOST else quoted(name)
        for name, kind in kinds
    ]
    return relation.project(", ".join(columns))


def of_plain(given: dict[Any, Any] | list[Any] | np.ndarray[Any, Any]) -> Any:
    """A dict of columns, a list of records or an array of NumPy as a pandas frame."""
    import pandas as pd

    what = a_kind(given)
    if isinstance(given, list) and not all(isinstance(each, dict) for each in given):
        raise InputError(f"{what} is no table, but for one of records: [{{'spent': 12.5}}, …].")
    if isinstance(given, np.ndarray) and given.dtype.names is None and given.ndim != 2:
        raise InputError(f"{what} of {given.ndim} dimensions is no table: it needs two.")
    if isinstance(given, dict) and given and not any(map(_is_column, given.values())):
        given = [given]  # one record
    try:
        frame = pd.DataFrame(given)
    except ValueError as wrong:
        raise InputError(f"{what} is no table: {wrong}.") from wrong
    if isinstance(given, np.ndarray) and given.dtype.names is None:
        frame.columns = pd.Index([""] * frame.shape[1])
    return frame


def _is_column(cells: Any) -> bool:
    return hasattr(cells, "__len__") and not isinstance(cells, (str, bytes))


def a_kind(given: Any) -> str:
    """What something is, as the beginning of a sentence.

    >>> a_kind(5), a_kind([])
    ('An int', 'A list')
    """
    name = type(given).__name__
    return f"{'An' if name[0] in 'aeioAEIO' else 'A'} {name}"
