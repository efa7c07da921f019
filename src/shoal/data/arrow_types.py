"""Arrow columns of kinds that DuckDB does not take, or takes for something else."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

RARE = ("halffloat", "decimal256", "extension")  # inside a type such as list<item: halffloat>
PANDAS = "pandas."  # kinds of columns that pandas brings with it: periods, intervals


def readable(column: pa.Array) -> pa.Array:
    """The same cells in a type that DuckDB reads for what it is; no digit is lost."""
    kind = column.type
    if pa.types.is_float16(kind):
        return column.cast(pa.float32())
    if pa.types.is_decimal256(kind):
        return column.cast(pa.string() if kind.scale == 0 else pa.float64())
    if pa.types.is_dictionary(kind) and not _is_text(kind.value_type):
        return readable(pc.dictionary_decode(column))
    if isinstance(kind, pa.BaseExtensionType) and kind.extension_name.startswith(PANDAS):
        return _as_words(column.to_pandas())
    if pa.types.is_nested(kind) and any(word in str(kind) for word in RARE):
        return _as_words(column.to_pylist())
    return column


def readable_type(kind: pa.DataType) -> pa.DataType:
    """What `readable` makes of a type."""
    made: pa.DataType = readable(pa.nulls(0, kind)).type
    return made


def readable_table(table: pa.Table, names: Sequence[str]) -> pa.Table:
    """A table of readable columns under other names."""
    columns = [
        pa.chunked_array([readable(part) for part in column.chunks], readable_type(column.type))
        for column in table.columns
    ]
    return pa.table(columns, names=list(names))


def _is_text(kind: pa.DataType) -> bool:
    return kind in (pa.string(), pa.large_string())


def _as_words(cells: Sequence[object]) -> pa.Array:
    words = [None if cell is None or cell != cell else str(cell) for cell in cells]
    return pa.array(words, pa.string())
