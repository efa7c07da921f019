"""Parquet files whose columns are taken as they stand: looked at and streamed by PyArrow.

DuckDB's stream of the same takes half as long again, and loading DuckDB longer than looking at a million rows. It has its turn where a
column must be mended, or is of a kind that the two read differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.cells.columns import HEAD, promise
from shoal.data.cells.numbers import BLANK
from shoal.data.csv.fast import clean
from shoal.data.names import UNNAMED
from shoal.data.typed import as_it_stands
from shoal.engine.cache import even
from shoal.engine.scan import Field, Source, table
from shoal.engine.table import BATCH_ROWS, Table
from shoal.errors import InputError
from shoal.text.sql import quoted
from shoal.types import Finding, ReadAs

MOST_WORDS = 5_000  # different words of a column up to which they are looked at here


def plain_table(source: Source, name: str, said: Sequence[Finding]) -> Table | None:
    """The Table of Parquet files in which nothing needs mending; None where DuckDB must look closer."""
    import pyarrow.parquet as pq

    first, *others = [pq.read_schema(file) for file in source.parquet]
    names = first.names
    odd = [n for n in names if n != re.sub(r"\s+", " ", n).strip() or UNNAMED.fullmatch(n)]
    kinds = {n: _kind(first, n) for n in names}
    if odd or None in kinds.values() or len({n.lower() for n in names}) < len(names):
        return None
    if any(_kind(schema, n) != kind for schema in others for n, kind in kinds.items()):
        return None
    texts = [n for n, kind in kinds.items() if kind == "VARCHAR"]
    if not any(pq.read_metadata(file).num_rows for file in source.parquet) or not all(
        _stands(source.parquet, n) for n in texts
    ):
        return None
    fields = [Field(n, quoted(n), str(kind)) for n, kind in kinds.items()]
    return from_parquet(
        table(name, source, fields, ReadAs("parquet"), said), source.parquet, fields
    )


def _stands(files: Sequence[str], column: str) -> bool:
    """Whether a text column is one of words that stay as they are: each of them is looked at once, as the files' own dictionaries have them."""
    import pyarrow.parquet as pq

    words: set[str | None] = set()
    kind: str | None = None
    gaps: tuple[str, ...] = ()
    for path in files:
        with pq.ParquetFile(path, pre_buffer=False, read_dictionary=[column]) as file:
            for batch in file.iter_batches(BATCH_ROWS, columns=[column]):
                cells = batch.column(0)
                if kind is None:
                    kind, gaps = promise(
                        [
                            c.strip(BLANK)
                            for c in cells.slice(0, HEAD).to_pylist()
                            if c and c.strip(BLANK)
                        ],
                        None,
                    )
                words.update(cells.dictionary.to_pylist())
                if kind != "VARCHAR" or len(words) > MOST_WORDS:
                    return False
    known = pa.array([word for word in words if word is not None], pa.string())
    return "" not in words and clean(known, gaps)


def from_parquet(table: Table, files: Sequence[str], fields: Sequence[Field]) -> Table:
    """The same Table over these files; its columns that stand there as they are wanted are read without DuckDB.

    Rows come in the same order, and cut into the same batches however many files and row groups there are.
    """
    import pyarrow.parquet as pq

    schemas = [pq.read_schema(file) for file in files]
    inside = {
        f.name: (column, f.type)
        for f in fields
        for column in schemas[0].names
        if as_it_stands(f, quoted(column))
    }
    plain = {
        n: column
        for n, (column, kind) in inside.items()
        if all(_kind(schema, column) == kind for schema in schemas)
    }

    def stream(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if columns and set(columns) <= set(plain):
            schema = pa.schema([table.schema.field(name) for name in columns])
            yield from even(_batches(files, [plain[name] for name in columns], schema))
        else:
            yield from table.stream(columns)

    return replace(table, stream=stream)


def _kind(schema: pa.Schema, column: str) -> str | None:
    """What the column becomes in a Table, if PyArrow and DuckDB read it alike."""
    if schema.names.count(column) != 1:
        return None
    kind = schema.field(column).type
    if pa.types.is_dictionary(kind):
        return "VARCHAR" if kind.value_type in (pa.string(), pa.large_string()) else None
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        return "BIGINT"
    kinds = {
        "DOUBLE": (pa.float32(), pa.float64()),
        "VARCHAR": (pa.string(), pa.large_string()),
        "BOOLEAN": (pa.bool_(),),
        "DATE": (pa.date32(),),
    }
    return next((name for name, types in kinds.items() if kind in types), None)


def _batches(
    files: Sequence[str], columns: list[str], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    import pyarrow.parquet as pq

    for path in files:
        try:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=columns):
                    arrays = [
                        _typed(batch.column(c), field.type)
                        for c, field in zip(columns, schema, strict=True)
                    ]
                    yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        except (OSError, pa.ArrowInvalid) as wrong:
            raise InputError(
                f'"{path}" is damaged, or was changed while it was read: {str(wrong).splitlines()[0].rstrip(".")}. Fetch the file again.'
            ) from wrong


def _typed(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """The values in their type of the Table; a number that is none is a gap."""
    values = values if values.type == kind else values.cast(kind)
    if pa.types.is_floating(kind) and pc.any(pc.is_nan(values)).as_py():
        return pc.if_else(pc.is_nan(values), pa.scalar(None, kind), values)
    return values
