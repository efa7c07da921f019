"""Parquet files whose columns are taken as they stand: looked at and streamed by PyArrow.

DuckDB's stream of the same takes half as long again, and loading DuckDB longer than looking at a
million rows. It has its turn where a column must be mended, or is of a kind that the two read
differently.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shoal.data.cells.columns import HEAD, bare_cells, promise
from shoal.data.cells.ids import is_id
from shoal.data.csv.fast import clean
from shoal.data.names import UNNAMED, bare_name
from shoal.data.never import may_be_never
from shoal.engine.scan import Field, Source, even, table
from shoal.engine.table import BATCH_ROWS, Table, batch_rows
from shoal.errors import InputError
from shoal.types import Finding, ReadAs

KINDS = {
    pa.float32(): "DOUBLE",
    pa.float64(): "DOUBLE",
    pa.string(): "VARCHAR",
    pa.large_string(): "VARCHAR",
    pa.bool_(): "BOOLEAN",
    pa.date32(): "DATE",
}
MOST_WORDS = 5_000  # different words of a column up to which they are looked at here


def plain_table(
    source: Source, name: str, findings: Sequence[Finding], ids: frozenset[str] = frozenset()
) -> Table | None:
    """The Table of Parquet files in which nothing needs mending; None where DuckDB must look."""
    import pyarrow.parquet as pq

    footers = [pq.read_metadata(file) for file in source.parquet]
    schemas = [footer.schema.to_arrow_schema() for footer in footers]
    kinds = _kinds(schemas[0])
    if not _plain_names(schemas[0].names) or None in kinds.values():
        return None
    if any(_kinds(schema) != kinds for schema in schemas[1:]):
        return None
    if not any(footer.num_rows for footer in footers):
        return None
    dates = {n for n, kind in kinds.items() if kind == "DATE"}
    if _may_be_never(footers, dates):
        return None
    texts = [n for n, kind in kinds.items() if kind == "VARCHAR"]
    if not _words_stand(source.parquet, texts, ids):
        return None
    fields = [Field(n, n, str(kind)) for n, kind in kinds.items()]
    made = table(name, source, fields, ReadAs("parquet"), findings)
    return _streamed(made, source.parquet, fields)


def _may_be_never(footers: Sequence[Any], dates: Collection[str]) -> bool:
    """Whether columns of dates may have some that stand for none, by the footers of their files.

    They may where a footer does not tell the first and the last one.
    """
    ends: dict[str, list[dt.date]] = {name: [] for name in dates}
    for chunk in _chunks(footers):
        if chunk.path_in_schema not in dates:
            continue
        told = chunk.statistics
        if told is None or _is_untold(told):
            return True
        if told.has_min_max:
            ends[chunk.path_in_schema] += [told.min, told.max]
    return any(may_be_never(min(days), max(days)) for days in ends.values() if days)


def _chunks(footers: Sequence[Any]) -> Iterator[Any]:
    """What footers tell of each column of each group of rows."""
    for footer in footers:
        for group in map(footer.row_group, range(footer.num_row_groups)):
            yield from map(group.column, range(group.num_columns))


def _is_untold(told: Any) -> bool:
    """Whether there are values whose range is not told."""
    return not told.has_min_max and told.num_values > 0


def _plain_names(names: Sequence[str]) -> bool:
    """Whether columns can keep their names."""
    odd = [n for n in names if n != bare_name(n) or UNNAMED.fullmatch(n)]
    return not odd and len({n.lower() for n in names}) == len(names)


def _words_stand(files: Sequence[str], columns: Sequence[str], ids: frozenset[str]) -> bool:
    """Whether columns of words stay as they are: each word is looked at once."""
    words: dict[str, set[str | None]] = {c: set() for c in columns}
    gaps: dict[str, tuple[str, ...]] = {}
    for column, cells in _dictionaries(files, columns):
        if column not in gaps:
            head = bare_cells(cells.slice(0, HEAD).to_pylist())
            kind, gaps[column] = promise(head, None, is_id(column, ids))
            if kind != "VARCHAR":
                return False
        words[column].update(cells.dictionary.to_pylist())
        if len(words[column]) > MOST_WORDS:
            return False
    return all(_stand(words[c], gaps[c]) for c in columns)


def _dictionaries(
    files: Sequence[str], columns: Sequence[str]
) -> Iterator[tuple[str, pa.DictionaryArray]]:
    """The cells of columns of words, with dictionaries as the files have them."""
    import pyarrow.parquet as pq

    for path in files if columns else ():
        with pq.ParquetFile(path, pre_buffer=False, read_dictionary=list(columns)) as file:
            for column in columns:
                for batch in file.iter_batches(BATCH_ROWS, columns=[column]):
                    yield column, batch.column(0)


def _stand(words: set[str | None], gaps: tuple[str, ...]) -> bool:
    known = pa.array([word for word in words if word is not None], pa.string())
    return "" not in words and clean(known, gaps)


def from_parquet(table: Table, files: Sequence[str], fields: Sequence[Field]) -> Table:
    """The same Table over these files; its plain columns are read without DuckDB.

    Rows come in the same order, and cut into the same batches however many files and row groups
    there are.
    """
    import pyarrow.parquet as pq

    kinds = [_kinds(pq.read_schema(file)) for file in files]
    plain = [f for f in fields if f.plain and all(k.get(f.column) == f.type for k in kinds)]
    return _streamed(table, files, plain)


def _streamed(table: Table, files: Sequence[str], plain: Sequence[Field]) -> Table:
    """The same Table, of which these columns are read without DuckDB."""
    inside = {f.name: f.column for f in plain}

    def stream(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if columns and set(columns) <= set(inside):
            schema = pa.schema([table.schema.field(name) for name in columns])
            batches = _batches(files, [inside[name] for name in columns], schema)
            yield from even(batches, batch_rows(len(columns)))
        else:
            yield from table.stream(columns)

    return replace(table, stream=stream)


def _kinds(schema: pa.Schema) -> dict[str, str | None]:
    """What each column becomes in a Table; None where PyArrow and DuckDB read it differently."""
    often = Counter(schema.names)
    return {f.name: _kind(f.type) if often[f.name] == 1 else None for f in schema}


def _kind(kind: pa.DataType) -> str | None:
    if pa.types.is_dictionary(kind):
        return "VARCHAR" if kind.value_type in (pa.string(), pa.large_string()) else None
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        return "BIGINT"
    return KINDS.get(kind)


def _batches(
    files: Sequence[str], columns: list[str], schema: pa.Schema
) -> Iterator[pa.RecordBatch]:
    """The columns of the files, in the types of the schema."""
    import pyarrow.parquet as pq

    for path in files:
        try:
            with pq.ParquetFile(path, pre_buffer=False) as file:
                for batch in file.iter_batches(batch_rows(len(columns)), columns=columns):
                    chosen = [batch.column(c) for c in columns]
                    arrays = [_typed(a, f.type) for a, f in zip(chosen, schema, strict=True)]
                    yield pa.RecordBatch.from_arrays(arrays, schema=schema)
        except (OSError, pa.ArrowInvalid) as wrong:
            why = str(wrong).splitlines()[0].rstrip(".")
            raise InputError(
                f'"{path}" is damaged, or was changed while it was read: {why}. '
                "Fetch the file again."
            ) from wrong


def _typed(values: pa.Array, kind: pa.DataType) -> pa.Array:
    """The values in their type of the Table; a number that is none is a missing value."""
    values = values if values.type == kind else values.cast(kind)
    if pa.types.is_floating(kind) and pc.any(pc.is_nan(values)).as_py():
        return pc.if_else(pc.is_nan(values), pa.scalar(None, kind), values)
    return values
