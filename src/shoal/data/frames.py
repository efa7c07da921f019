"""Tables that are in memory or in another engine: anything that speaks Arrow."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa

from shoal.data.arrow_types import readable, readable_table, readable_type
from shoal.data.cells.columns import text_fields
from shoal.data.cells.infer import Clues
from shoal.data.cells.memory import one_reading
from shoal.data.cells.numbers import Mark
from shoal.data.names import named_columns
from shoal.data.never import without_never
from shoal.data.other_frames import a_kind, lazily, of_plain, of_polars, of_relation
from shoal.data.pandas_frames import ALONE, of_pandas
from shoal.data.parquet import from_parquet
from shoal.data.typed import as_text, columns_of, is_words, typed_field
from shoal.data.unwrap import is_dask, partitions
from shoal.engine.backend import PANDAS, Backend
from shoal.engine.fingerprint import UNCHANGING, of_frame
from shoal.engine.scan import Field, Source, even, table
from shoal.engine.table import BATCH_ROWS, Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, OptionError
from shoal.options import ReadingOptions
from shoal.text.options import option
from shoal.text.persons import headed
from shoal.text.sql import file_literal, literal
from shoal.types import Finding, ReadAs

if TYPE_CHECKING:
    import duckdb

NOTHING_SAID = ReadingOptions()
NO_COLUMNS = "The table has no columns. Give one with a column for each thing known of a customer."


def written(ids: frozenset[str], asked: Mark | None = None) -> Clues:
    """What is known of text that a program wrote; a person named the ids and the decimal mark."""
    return Clues(asked=asked, ids=ids, spare=".")


def read_frame(frame: Any, asked: ReadingOptions = NOTHING_SAID) -> Table:
    """The Table of a dataframe."""
    odd = [name for name in asked.given if name != "decimal"]
    if odd:
        raise OptionError(f"{option(odd[0])} is for files; a dataframe needs none. Leave it out.")
    with one_reading():
        held = _held(frame, asked)
        cells = held.source.objects.get("frame")
        columns = _numbered(held.names)
        if not columns:
            raise InputError(NO_COLUMNS)
        named = named_columns(held.source, held.names, columns)
        made = from_source(
            held.source,
            "table",
            ReadAs("frame"),
            [*held.findings, *named.findings],
            named.columns,
            clues=written(asked.ids, asked.decimal),
            stay={columns[j] for j in held.stay},
        )
        fingerprint = UNCHANGING if cells is None else of_frame(cells)
        return replace(made, fingerprint=fingerprint, backend=held.backend or _backend(frame))


def from_source(
    source: Source,
    name: str,
    read_as: ReadAs,
    findings: Sequence[Finding],
    columns: Sequence[tuple[str, str]] | None = None,
    *,
    clues: Clues,
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
        named = named_columns(source, source.names or list(kinds), list(kinds))
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
    chosen, of_never = without_never(source, [fields[c] for c, _ in columns])
    made = table(name, source, chosen, read_as, [*findings, *found.findings, *of_never])
    return from_parquet(made, source.parquet, chosen) if source.parquet else made


def _refuse_empty(source: Source, names: Sequence[str]) -> None:
    if not names:
        raise InputError(NO_COLUMNS)
    if not source.rows(f"SELECT 1 FROM {source.sql} LIMIT 1"):
        raise InputError(f"The table has columns ({headed(names)}) but no rows.")


@dataclass(frozen=True)
class _Held:
    """A dataframe as a source whose columns are c0, c1, …"""

    source: Source
    names: list[str]
    stay: Collection[int] = ()  # positions of columns that are to stay text
    findings: Sequence[Finding] = ()
    backend: Backend | None = None  # where the given frame does not say it


def _backend(frame: Any) -> Backend:
    """The library that a frame is of; of lists, dicts and arrays it is pandas."""
    libraries = {kind.__module__.partition(".")[0] for kind in type(frame).__mro__}
    if "polars" in libraries:
        return Backend("polars")
    if "pyarrow" in libraries:
        return Backend("arrow")
    if "duckdb" in libraries:
        return Backend("duckdb", relation=frame)
    return Backend(index=frame.index) if "pandas" in libraries else PANDAS


def _held(frame: Any, asked: ReadingOptions) -> _Held:
    """The source of a dataframe; what can be read only once is written to a temporary file."""
    if is_dask(frame):
        return _of_dask(frame, asked)
    if _is_of("polars", "LazyFrame", frame) and (stream := lazily(frame)) is not None:
        return _kept_stream(stream)
    frame = _as_frame(frame)
    if _is_of("pandas", "DataFrame", frame):
        made = of_pandas(frame, asked.decimal, asked.ids)
        source = in_memory(pa.table(made.arrays, names=_numbered(made.names)))
        return _Held(source, made.names, made.stay, made.findings)
    if isinstance(frame, pa.RecordBatch):
        frame = pa.Table.from_batches([frame])
    if isinstance(frame, pa.Table):
        return _Held(in_memory(frame), frame.column_names)
    if hasattr(frame, "to_arrow_reader"):  # a DuckDB relation, which would run again at every pass
        return _kept_stream(of_relation(frame).to_arrow_reader(BATCH_ROWS))
    if hasattr(frame, "__arrow_c_stream__"):
        return _kept_stream(pa.RecordBatchReader.from_stream(frame))
    raise InputError(
        f"{a_kind(frame)} is no table. Give a path, a glob, an open file, or a dataframe (pandas, "
        "Polars, PyArrow, DuckDB, dask, anything with __arrow_c_stream__), an array of NumPy with "
        "two dimensions, a list of records, or a dict of columns."
    )


def _of_dask(frame: Any, asked: ReadingOptions) -> _Held:
    """A frame of dask, partition by partition as a temporary Parquet file each."""
    import pyarrow.parquet as pq

    folder, indexes = new_folder(), []
    findings: list[Finding] = []
    names: list[str] = []
    stay: set[int] = set()
    for number, part in enumerate(partitions(frame)):
        made = of_pandas(part, asked.decimal, asked.ids)
        names, findings = made.names, [*findings, *made.findings]
        stay |= made.stay
        indexes.append(part.index)
        rows = readable_table(pa.table(made.arrays, names=_numbered(names)), _numbered(names))
        pq.write_table(rows, Path(folder.name) / f"{number:06d}.parquet", compression="lz4")
    paths = [str(path) for path in sorted(Path(folder.name).iterdir())]
    listed = ", ".join(map(file_literal, paths))
    source = Source(f"read_parquet([{listed}], union_by_name=true)", keep=(folder,))
    index = indexes[0].append(indexes[1:])
    return _Held(source, names, stay, tuple(dict.fromkeys(findings)), Backend(index=index))


def _as_frame(given: Any) -> Any:
    """What a library makes a dataframe of, as a dataframe: a Series, a lazy frame, a list."""
    if _is_of("pandas", "Series", given):
        return given.to_frame(ALONE if given.name is None else given.name)
    if _is_of("polars", "Series", given):
        given = given.to_frame(given.name or ALONE)
    if _is_of("polars", "LazyFrame", given):
        given = given.collect()
    if _is_of("polars", "DataFrame", given):
        return of_polars(given)
    if _is_of("pyarrow.dataset", "Dataset", given):
        return given.scanner(batch_readahead=2, fragment_readahead=1).to_reader()
    return of_plain(given) if isinstance(given, (dict, list, np.ndarray)) else given


def _is_of(module: str, kind: str, given: Any) -> bool:
    """Whether something is of a class of a library, told without loading it."""
    loaded = sys.modules.get(module)
    return loaded is not None and isinstance(given, getattr(loaded, kind))


def in_memory(frame: pa.Table) -> Source:
    """An Arrow table as a source whose columns are c0, c1, …"""
    called = frame.column_names
    return Source("frame", {"frame": readable_table(frame, _numbered(called))}, names=tuple(called))


def _numbered(names: Sequence[str]) -> list[str]:
    """Names that no case, brace or blank makes ambiguous, by position."""
    return [f"c{j}" for j in range(len(names))]


def _kept_stream(reader: pa.RecordBatchReader) -> _Held:
    """A stream that can be had once, as a temporary Parquet file that can be had again."""
    names = _numbered(reader.schema.names)
    kinds = [readable_type(kind) for kind in reader.schema.types]
    schema = pa.schema(list(zip(names, kinds, strict=True)))
    batches = (
        pa.RecordBatch.from_arrays([readable(c) for c in batch.columns], schema=schema)
        for batch in reader
    )
    # One part after the other: DuckDB writes those first that it has done first.
    parts = (pa.Table.from_batches([part], schema) for part in even(batches))
    return _Held(_kept(Source("stream"), parts, schema), reader.schema.names)


def kept_in_parquet(source: Source) -> Source:
    """A source that is slow to read, or can be had once, as a temporary Parquet file."""
    folder = new_folder()
    con = source.connect()
    try:
        path = _copied(con, source, Path(folder.name) / "rows.parquet")
    finally:
        con.close()
    return _of_files([path], (folder, *source.keep))


def _kept(source: Source, parts: Iterable[pa.Table], schema: pa.Schema) -> Source:
    """The same of a source whose rows come in parts, which are registered under its name."""
    folder = new_folder()
    con, paths = source.connect(), []
    try:
        for number, part in enumerate(chain(parts, [schema.empty_table()])):
            if part.num_rows or not number:
                con.register(source.sql, part)
                paths.append(_copied(con, source, Path(folder.name) / f"rows{number:06}.parquet"))
    finally:
        con.close()
    return _of_files(paths, (folder,))


def _copied(con: duckdb.DuckDBPyConnection, source: Source, path: Path) -> str:
    con.execute(
        f"COPY (SELECT * FROM {source.sql}) TO {literal(str(path))} "
        "(FORMAT parquet, COMPRESSION lz4_raw)"
    )
    return str(path)


def _of_files(paths: Sequence[str], keep: tuple[Any, ...]) -> Source:
    read = f"read_parquet([{', '.join(map(file_literal, paths))}])"
    return Source(read, keep=keep, parquet=tuple(paths))
