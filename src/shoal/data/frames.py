"""Tables that are in memory or in another engine: anything that speaks Arrow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.data.cells.columns import text_fields
from shoal.data.names import named_columns, unique_names
from shoal.data.parquet import from_parquet
from shoal.data.typed import columns_of, typed_field
from shoal.engine.fingerprint import UNCHANGING, of_frame
from shoal.engine.scan import Field, Source, table
from shoal.engine.table import Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError
from shoal.text.sql import literal, quoted
from shoal.types import Finding, ReadAs


def read_frame(frame: Any) -> Table:
    """The Table of a dataframe."""
    source = frame_source(frame)
    cells = source.objects.get("frame")
    fingerprint = UNCHANGING if cells is None else of_frame(cells)
    made = from_source(source, "table", ReadAs("frame"), [])
    return replace(made, fingerprint=fingerprint)


def from_source(
    source: Source,
    name: str,
    read_as: ReadAs,
    said: Sequence[Finding],
    columns: Sequence[tuple[str, str]] | None = None,
) -> Table:
    """The Table of a source whose columns have types; text columns are looked at for numbers and dates in disguise."""
    kinds = dict(columns_of(source))
    said = list(said)
    if columns is None:
        named = named_columns(source, list(kinds), list(kinds))
        columns, said = named.columns, [*said, *named.findings]
    if not columns:
        raise InputError(
            "The table has no columns. Give one with a column for each thing known of a customer."
        )
    if not source.rows("SELECT 1 FROM {src} LIMIT 1"):
        raise InputError(
            f"The table has columns ({', '.join(n for _, n in columns[:6])}) but no rows."
        )
    fields: dict[str, Field] = {}
    findings = said
    texts = [(c, n) for c, n in columns if kinds[c] == "VARCHAR" or kinds[c].startswith("ENUM")]
    for column, new in columns:
        if (column, new) not in texts:
            fields[column], finding = typed_field(source, column, kinds[column], new)
            findings += [finding] if finding else []
    found, told, _ = text_fields(
        as_text(source, [c for c, _ in texts]), texts, None, None, spare="."
    )
    for column, field in found.items():  # a category that stays as it is: its words
        if kinds[column] != "VARCHAR" and field.sql == quoted(column):
            found[column] = replace(field, sql=f"CAST({field.sql} AS VARCHAR)")
    final = [(fields | found)[c] for c, _ in columns]
    made = table(name, source, final, read_as, [*findings, *told])
    return from_parquet(made, source.parquet, final) if source.parquet else made


def as_text(source: Source, columns: Sequence[str]) -> Source:
    """The text columns of a source, with categories as their words."""
    casts = ", ".join(f"CAST({quoted(c)} AS VARCHAR) AS {quoted(c)}" for c in columns) or "1"
    return Source(f"(SELECT {casts} FROM {source.sql})", source.objects, source.keep)


def frame_source(frame: Any) -> Source:
    """The source of a dataframe; what can be read only once is laid down in a temporary Parquet file."""
    kind = type(frame).__module__.split(".")[0]
    if kind == "pandas":
        return Source("frame", {"frame": _pandas(frame)})
    if isinstance(frame, pa.Table):
        return Source("frame", {"frame": _unique(frame)})
    if isinstance(frame, pa.RecordBatch):
        return Source("frame", {"frame": _unique(pa.Table.from_batches([frame]))})
    if kind == "polars":
        collected = frame.collect() if hasattr(frame, "collect") else frame
        return Source("frame", {"frame": collected.to_arrow()})
    if hasattr(frame, "to_arrow_reader"):  # a DuckDB relation, which would run again at every pass
        return spooled(frame.to_arrow_reader(131_072))
    if hasattr(frame, "__arrow_c_stream__"):
        return spooled(pa.RecordBatchReader.from_stream(frame))
    raise InputError(
        f"A {type(frame).__name__} is no table. Give a path, a glob, or a dataframe (pandas, Polars, PyArrow, DuckDB, "
        "anything with __arrow_c_stream__)."
    )


def spooled(reader: pa.RecordBatchReader) -> Source:
    """A stream that can be had once, written to a temporary Parquet file that can be had again and again."""
    names = unique_names(reader.schema.names)
    schema = pa.schema([f.with_name(n) for f, n in zip(reader.schema, names, strict=True)])
    batches = (batch.rename_columns(names) for batch in reader)
    return laid_down(
        Source("stream", {"stream": pa.RecordBatchReader.from_batches(schema, batches)})
    )


def laid_down(source: Source) -> Source:
    """A source that is slow to read, or can be had once, as a temporary Parquet file."""
    folder = new_folder()
    path = str(Path(folder.name) / "rows.parquet")
    con = source.connect()
    try:
        con.execute(
            f"COPY (SELECT * FROM {source.sql}) TO {literal(path)} (FORMAT parquet, COMPRESSION lz4_raw)"
        )
    finally:
        con.close()
    return Source(f"read_parquet({literal(path)})", keep=(folder, *source.keep), parquet=(path,))


def _pandas(frame: Any) -> pa.Table:
    """A pandas frame as Arrow; columns of mixed objects become text."""
    columns = unique_names([str(c) for c in frame.columns])
    arrays = []
    for position in range(frame.shape[1]):
        series = frame.iloc[:, position]
        try:
            arrays.append(pa.Array.from_pandas(series))
        except (pa.ArrowInvalid, pa.ArrowTypeError):
            arrays.append(
                pa.Array.from_pandas(series.map(str, na_action="ignore"), type=pa.string())
            )
    return pa.table(arrays, names=columns) if arrays else pa.table({})


def _unique(frame: pa.Table) -> pa.Table:
    return frame.rename_columns(unique_names(frame.column_names))
