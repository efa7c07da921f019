"""Tables that are in memory or in another engine: anything that speaks Arrow."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.data.cells.columns import text_fields
from shoal.data.cells.infer import Clues
from shoal.data.cells.memory import one_reading
from shoal.data.names import named_columns, unique_names
from shoal.data.parquet import from_parquet
from shoal.data.typed import as_text, columns_of, is_words, typed_field
from shoal.engine.fingerprint import UNCHANGING, of_frame
from shoal.engine.scan import Field, Source, table
from shoal.engine.table import BATCH_ROWS, Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError
from shoal.text.sql import literal
from shoal.types import Finding, ReadAs

WRITTEN = Clues(spare=".")  # what is known of text that a program wrote


def written(ids: frozenset[str]) -> Clues:
    """What is known of text that a program wrote, and which columns a person calls ids."""
    return replace(WRITTEN, ids=ids)


def read_frame(frame: Any, ids: frozenset[str] = frozenset()) -> Table:
    """The Table of a dataframe; `ids` are columns to be kept to the letter."""
    with one_reading():
        source = frame_source(frame)
        cells = source.objects.get("frame")
        fingerprint = UNCHANGING if cells is None else of_frame(cells)
        made = from_source(source, "table", ReadAs("frame"), [], clues=written(ids))
        return replace(made, fingerprint=fingerprint)


def from_source(
    source: Source,
    name: str,
    read_as: ReadAs,
    findings: Sequence[Finding],
    columns: Sequence[tuple[str, str]] | None = None,
    *,
    clues: Clues = WRITTEN,
    stay: Collection[str] = (),
) -> Table:
    """The Table of a source whose columns have types.

    Text columns are looked at for numbers and dates in disguise, but for those that are to `stay`.
    `columns` are (name in the source, name in the table); all of them, under their own names, when
    not given.
    """
    kinds = dict(columns_of(source))
    findings = list(findings)
    if columns is None:
        named = named_columns(source, list(kinds), list(kinds))
        columns = named.columns
        findings += named.findings
    _refuse_empty(source, [name for _, name in columns])
    fields: dict[str, Field] = {}
    for column, new in columns:
        if not is_words(kinds[column]):
            fields[column], changed = typed_field(source, column, kinds[column], new)
            findings += [changed] if changed else []
    fields |= {c: Field(n, c, "VARCHAR", as_text) for c, n in columns if c in stay}
    texts = [(c, n) for c, n in columns if is_words(kinds[c]) and c not in stay]
    found = text_fields(source, texts, clues)
    fields |= found.fields
    chosen = [fields[c] for c, _ in columns]
    made = table(name, source, chosen, read_as, [*findings, *found.findings])
    return from_parquet(made, source.parquet, chosen) if source.parquet else made


def _refuse_empty(source: Source, names: Sequence[str]) -> None:
    if not names:
        raise InputError(
            "The table has no columns. Give one with a column for each thing known of a customer."
        )
    if not source.rows(f"SELECT 1 FROM {source.sql} LIMIT 1"):
        raise InputError(f"The table has columns ({', '.join(names[:6])}) but no rows.")


def frame_source(frame: Any) -> Source:
    """The source of a dataframe; what can be read only once is written to a temporary file."""
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
        return kept_stream(frame.to_arrow_reader(BATCH_ROWS))
    if hasattr(frame, "__arrow_c_stream__"):
        return kept_stream(pa.RecordBatchReader.from_stream(frame))
    raise InputError(
        f"A {type(frame).__name__} is no table. Give a path, a glob, or a dataframe "
        "(pandas, Polars, PyArrow, DuckDB, anything with __arrow_c_stream__)."
    )


def kept_stream(reader: pa.RecordBatchReader) -> Source:
    """A stream that can be had once, as a temporary Parquet file that can be had again."""
    names = _names(reader.schema.names)
    schema = pa.schema([f.with_name(n) for f, n in zip(reader.schema, names, strict=True)])
    batches = (batch.rename_columns(names) for batch in reader)
    again = pa.RecordBatchReader.from_batches(schema, batches)
    return kept_in_parquet(Source("stream", {"stream": again}))


def kept_in_parquet(source: Source) -> Source:
    """A source that is slow to read, or can be had once, as a temporary Parquet file."""
    folder = new_folder()
    path = str(Path(folder.name) / "rows.parquet")
    con = source.connect()
    try:
        con.execute(
            f"COPY (SELECT * FROM {source.sql}) TO {literal(path)} "
            "(FORMAT parquet, COMPRESSION lz4_raw)"
        )
    finally:
        con.close()
    return Source(f"read_parquet({literal(path)})", keep=(folder, *source.keep), parquet=(path,))


def _pandas(frame: Any) -> pa.Table:
    """A pandas frame as Arrow; columns of mixed objects become text."""
    arrays = [_series(frame.iloc[:, j]) for j in range(frame.shape[1])]
    return pa.table(arrays, names=_names([str(c) for c in frame.columns]))


def _series(series: Any) -> pa.Array:
    try:
        return pa.Array.from_pandas(series)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        return pa.Array.from_pandas(series.map(str, na_action="ignore"), type=pa.string())


def _unique(frame: pa.Table) -> pa.Table:
    return frame.rename_columns(_names(frame.column_names))


def _names(names: Sequence[str]) -> list[str]:
    return unique_names([name.strip() for name in names])
