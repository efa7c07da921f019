"""Records of customers, such as a program has them, as a table."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from numbers import Number
from typing import Any

import pyarrow as pa

from shoal.engine.local import LocalEngine
from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.types import ReadAs, Segmentation

NAME = "the list of records"
Record = Mapping[str, Any]
Columns = Mapping[str, Sequence[Any]]  # one value a customer each
_NOBODY = "There are no records: there is nobody to place. Give one at least."
# What records hold, and the type that tables have for it.
_PLAIN = (
    (pa.types.is_boolean, pa.bool_()),
    (pa.types.is_integer, pa.int64()),
    (pa.types.is_floating, pa.float64()),
    (pa.types.is_decimal, pa.float64()),
    (pa.types.is_string, pa.string()),
    (pa.types.is_date, pa.date32()),
    (pa.types.is_timestamp, pa.timestamp("us")),
)


def table_of(records: Sequence[Record] | Columns, model: Segmentation) -> Table:
    """Records, one a customer, or their columns, with what a model needs of them.

    A key that a record lacks and another has is a gap. Dates may be text in ISO 8601.

    Raises InputError where there is no record, one is no mapping, columns are no lists of one
    length, or a column holds what is neither number, text nor date, or several of these.
    """
    given = _checked(records) if isinstance(records, Mapping) else _gathered(records, model)
    dates = {made.columns[0] for made in model.made if made.of_dates}
    columns = {}
    for name, values in given.items():
        column = _column(name, values)
        column = _dates(column) if name in dates else column
        gaps = pa.types.is_null(column.type)
        columns[name] = column.cast(_type_of_gaps(name, model, dates)) if gaps else column
    batch = pa.RecordBatch.from_pydict(columns)

    def stream(wanted: Sequence[str]) -> Iterator[pa.RecordBatch]:
        yield batch.select(list(wanted))

    engine = LocalEngine(threads=1, memory=0, folder=None)  # asks nothing of the machine
    return Table(NAME, batch.schema, ReadAs("records"), stream, engine=engine)


def _checked(columns: Columns) -> Columns:
    """Columns as they are. Raises InputError unless each is a list, and all of one length."""
    for name, values in columns.items():
        if isinstance(values, str) or not isinstance(values, Sequence):
            raise InputError(
                f'"{name}" must be a list of values, one a customer; it is of type '
                f"{type(values).__name__}. One customer is a list of one record."
            )
    lengths = {len(values): name for name, values in columns.items()}
    if len(lengths) > 1:
        told = " and ".join(f'"{name}" has {n:,}' for n, name in lengths.items())
        raise InputError(f"Columns must have one value a customer each, but {told}.")
    if not any(lengths):
        raise InputError(_NOBODY)
    return columns


def _gathered(records: Sequence[Record], model: Segmentation) -> Columns:
    """The columns of records."""
    if not records:
        raise InputError(_NOBODY)
    for record in records:
        if type(record) is not dict and not isinstance(record, Mapping):  # the quick one first
            raise InputError(
                f"A record is a {type(record).__name__}, but must map columns to values, such as "
                f'{{"{model.recipe.columns[0]}": …}}.'
            )
    there = [name for name in _needed(model) if any(name in record for record in records)]
    if not set(model.recipe.columns) <= set(there):
        there = list(dict.fromkeys(name for record in records for name in record))
    return {name: [record.get(name) for record in records] for name in there}


def _needed(model: Segmentation) -> Iterable[str]:
    """The columns that placing may look at, each once."""
    parts = (name for made in model.made for name in made.columns)
    key = [] if model.id_column is None else [model.id_column]
    return dict.fromkeys([*key, *model.recipe.columns, *parts])


def _column(name: str, values: Sequence[Any]) -> pa.Array:
    """One column in a type that tables have."""
    try:
        made = pa.array(values, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError, UnicodeEncodeError):
        made = _of_odd_numbers(values)
    if pa.types.is_null(made.type):
        return made
    plain = next((kind for is_kind, kind in _PLAIN if is_kind(made.type)), None)
    if plain is None:
        kinds = sorted({type(value).__name__ for value in values if value is not None})
        raise InputError(
            f'"{name}" of {NAME} holds {" and ".join(kinds)}. Give numbers alone, text alone, or '
            "dates alone; nothing (null) where a value is not known."
        )
    return made.cast(plain)


def _of_odd_numbers(values: Sequence[Any]) -> pa.Array:
    """Numbers of several types, or of more than 64 bits; bytes where there are others."""
    known = [value for value in values if value is not None]
    if not all(isinstance(value, Number) for value in known):
        return pa.array([b""])
    try:
        return pa.array([None if v is None else float(v) for v in values], from_pandas=True)
    except (TypeError, ValueError, OverflowError):
        return pa.array([b""])


def _dates(column: pa.Array) -> pa.Array:
    """Text as moments, where all of it is in ISO 8601."""
    if not pa.types.is_string(column.type):
        return column
    try:
        return column.cast(pa.timestamp("us"))
    except pa.ArrowInvalid:
        return column


def _type_of_gaps(name: str, model: Segmentation, dates: Collection[str]) -> pa.DataType:
    """The type of a column without values."""
    words = any(f.column == name and f.categories for f in model.recipe.features)
    if name == model.id_column or words:
        return pa.string()
    return pa.timestamp("us") if name in dates else pa.float64()
