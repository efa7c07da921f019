"""Frames of pandas, and what it makes frames of, as Arrow: index, categories, objects and all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from shoal.data.cells.ids import is_id
from shoal.data.cells.numbers import Mark
from shoal.data.mixed import in_one_way
from shoal.findings import finding
from shoal.types import Finding

if TYPE_CHECKING:
    import pandas as pd

ALONE = "value"  # the name of a column that has none, such as that of a Series


@dataclass
class Columns:
    """The columns of a frame, and what was found on the way."""

    names: list[str] = field(default_factory=list)
    arrays: list[pa.Array] = field(default_factory=list)
    stay: set[int] = field(default_factory=set)  # positions of columns that are to stay text
    findings: list[Finding] = field(default_factory=list)


def of_pandas(frame: pd.DataFrame, decimal: Mark | None, ids: Collection[str]) -> Columns:
    """The columns of a frame; levels of its index that tell something come first.

    `ids` are columns of which no letter may change.
    """
    made = Columns()
    for name, series in [*_levels(frame), *_named(frame)]:
        series = _unfolded(made, name, series)
        try:
            array = _words(series) if _in_two_zones(series) else pa.Array.from_pandas(series)
        except (pa.ArrowException, OverflowError, TypeError, ValueError):
            an_id = is_id(name, ids)
            array = _words(series) if an_id else _in_one_way(made, name, series, decimal)
        made.names.append(name)
        made.arrays.append(array)
    return made


def _in_two_zones(series: pd.Series) -> bool:
    """Whether objects are moments of which some say their zone and others do not."""
    if series.dtype != object:
        return False
    moments = (cell for cell in series if isinstance(cell, dt.datetime) and cell == cell)
    return len({moment.tzinfo is None for moment in moments}) > 1


def _named(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    for j, name in enumerate(frame.columns):
        yield _name_of(name), frame.iloc[:, j]


def _name_of(name: Any) -> str:
    """The name of a column: the parts of several levels one after the other."""
    parts = name if isinstance(name, tuple) else (name,)
    words = [str(part).strip() for part in parts if part is not None and part == part]
    return " ".join(word.removesuffix(" 00:00:00") for word in words)


def _levels(frame: pd.DataFrame) -> Iterator[tuple[str, pd.Series]]:
    """The levels of the index that are columns in all but place: those with a name.

    So are words that tell rows apart, which are ids. A name that a column has is left to it.
    """
    taken = {_name_of(name) for name in frame.columns}
    for level, name in enumerate(frame.index.names):
        values = frame.index.get_level_values(level)
        called = _name_of(name) or ("id" if _tells_apart(values) else "")
        if called and called not in taken:
            yield called, values.to_series()


def _tells_apart(values: pd.Index) -> bool:
    return values.inferred_type == "string" and values.is_unique


def _unfolded(made: Columns, name: str, series: pd.Series) -> pd.Series:
    """A column of a kind that pandas alone has, as one that others have."""
    import pandas as pd

    kind = series.dtype
    if isinstance(kind, pd.SparseDtype):
        return _unfolded(made, name, series.astype(kind.subtype))
    if isinstance(kind, pd.PeriodDtype):
        made.findings.append(finding("periods", name, length=str(kind)))
        return pd.Series(series.dt.to_timestamp())
    if isinstance(kind, pd.IntervalDtype):
        return series.astype(str).where(series.notna())
    if isinstance(kind, pd.CategoricalDtype) and not _is_plain(kind.categories):
        return series.cat.rename_categories([str(each) for each in kind.categories])
    return series


def _is_plain(categories: pd.Index) -> bool:
    """Whether categories are words, numbers, days or yes and no, rather than bands of a cut."""
    return categories.inferred_type in {
        *("string", "empty", "integer", "floating", "boolean"),
        *("datetime64", "datetime", "date"),
    }


def _in_one_way(made: Columns, name: str, series: pd.Series, decimal: Mark | None) -> pa.Array:
    """A column of numbers and texts as text."""
    is_number = np.array([_is_number(cell) for cell in series], bool)
    mixed = in_one_way(name, _words(series), is_number, decimal)
    made.findings += mixed.findings
    if mixed.ambiguous:
        made.stay.add(len(made.arrays))
    return mixed.cells


def _words(series: pd.Series) -> pa.Array:
    """A column of objects of several kinds as text."""
    import pandas as pd

    words = [None if _is_missing(cell, pd) else str(cell) for cell in series]
    try:
        return pa.array(words, pa.string())
    except UnicodeEncodeError:  # half of a character, which no text can hold
        whole = [None if w is None else w.encode("utf-8", "replace").decode() for w in words]
        return pa.array(whole, pa.string())


def _is_missing(cell: Any, pd: Any) -> bool:
    """Whether a cell is missing, in any way of pandas', Stata's among them."""
    if type(cell).__name__ == "StataMissingValue":
        return True
    return pd.api.types.is_scalar(cell) and bool(pd.isna(cell))


def _is_number(cell: Any) -> bool:
    return isinstance(cell, (int, float, np.number)) and not isinstance(cell, bool) and cell == cell
