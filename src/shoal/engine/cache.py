"""What was read once, kept on disk or in memory, so that every later accumulator can have it again.

`RowCache` keeps batches of rows as they come, and gives them back as a Table. `ColumnCache` keeps
the columns of a large text as Arrow files, of which only the columns asked for are read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from msgspec import structs

from shoal.engine.database import open_database
from shoal.engine.progress import pulse
from shoal.engine.resources import asked
from shoal.engine.scan import Field, Source, even, streamer
from shoal.engine.table import BATCH_ROWS, Scan, Table
from shoal.engine.tempdir import TemporaryFolder, new_folder
from shoal.errors import OutputError
from shoal.text.sql import file_literal, literal, quoted
from shoal.types import Finding, ReadAs

_RANK = {
    "null": 0,
    "bool": 1,
    "int64": 2,
    "double": 3,
    "date32[day]": 1,
    "timestamp[us]": 2,
    "string": 9,
}
_MOMENTS = {"date32[day]", "timestamp[us]"}
SORTING = 400_000_000  # bytes for sorting rows on disk, unless the run was given an amount


class RowCache:
    """Batches of rows: in memory up to so many rows, beyond that in temporary Parquet files.

    A source without fixed types may give whole numbers first and fractions or words later. So each
    change of types begins a new file, and all are cast to the widest type when they are read back.
    The files go when neither the cache nor its Table is referred to any more.
    """

    def __init__(self, name: str, in_memory: int = 0) -> None:
        self.name = name
        self.rows = 0
        self.schema = pa.schema([])
        self._in_memory = in_memory
        self._held: list[pa.RecordBatch] = []
        self._files: list[Path] = []
        self._folder: TemporaryFolder | None = None
        self._writer: Any = None

    def add(self, batch: pa.RecordBatch) -> None:
        """Keep one more batch; one without rows tells of types only.

        Raises OutputError when there is no room for it.
        """
        known = self.schema if self.schema.names else batch.schema
        self.schema = widest_schema(known, batch.schema)
        if not batch.num_rows:
            return
        self.rows += batch.num_rows
        self._held.append(batch)
        if self.rows > self._in_memory:
            with _room_for(self.name):
                self._write()

    def sort(self, column: str) -> None:
        """Bring all rows into the order of a column, so that they are the same at every run."""
        if self._held:
            whole = pa.Table.from_batches(self._held, self.schema).sort_by(column)
            self._held = whole.to_batches(BATCH_ROWS)
        elif self._files:
            self._close()
            with _room_for(self.name):
                self._files = [self._sorted_file(column)]

    def table(self, read_as: ReadAs, findings: Sequence[Finding] = ()) -> Table:
        """All that was added; a column without any value is one of text."""
        self._close()
        text = pa.string()
        fields = [f.with_type(text) if pa.types.is_null(f.type) else f for f in self.schema]
        self.schema = pa.schema(fields)
        return Table(
            self.name, self.schema, read_as, self.stream, tuple(findings), scan=self._scan()
        )

    def stream(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """These columns of all rows; asked for none, the number of rows still comes through."""
        wanted = pa.schema([self.schema.field(name) for name in columns])
        for batch in self._batches(list(columns) or self.schema.names[:1]):
            yield cast(batch, wanted) if columns else batch.select([])

    def _batches(self, columns: list[str]) -> Iterator[pa.RecordBatch]:
        import pyarrow.parquet as pq

        for path in self._files:
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(BATCH_ROWS, columns=columns)
        for batch in self._held:
            yield batch.select(columns)

    def _scan(self) -> Scan | None:
        """The same for DuckDB; None where types changed: it writes numbers as text its own way."""
        import pyarrow.parquet as pq

        if self._held:
            return Scan("SELECT * FROM rows", {"rows": pa.Table.from_batches(self._held)})
        if len(self._files) != 1 or pq.read_schema(self._files[0]).types != self.schema.types:
            return None
        return Scan(f"SELECT * FROM {_parquet(self._files)}")

    def _write(self) -> None:
        import pyarrow.parquet as pq

        if self._writer is None or self._writer.schema != self.schema:
            self._close()
            self._writer = pq.ParquetWriter(self._new_file(), self.schema, compression="lz4")
        for batch in self._held:
            self._writer.write_batch(cast(batch, self.schema))
        self._held = []

    def _new_file(self) -> Path:
        if self._folder is None:
            self._folder = new_folder()
        self._files.append(Path(self._folder.name) / f"{len(self._files):04}.parquet")
        return self._files[-1]

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _sorted_file(self, column: str) -> Path:
        given = _parquet(self._files)
        path = self._new_file()
        memory = asked().memory or SORTING
        with open_database(structs.replace(asked(), memory=memory)) as base:
            base.execute(
                f"COPY (SELECT * FROM {given} ORDER BY {quoted(column)}) "
                f"TO {literal(str(path))} (FORMAT parquet)"
            )
        for unsorted in self._files[:-1]:
            unsorted.unlink()
        return path


def cached(name: str, batches: Iterator[pa.RecordBatch], read_as: ReadAs) -> Table:
    """The Table of a stream that can be had only once. Memory stays at one batch."""
    cache = RowCache(name)
    for batch in batches:
        cache.add(batch)
    return cache.table(read_as)


def _parquet(files: Sequence[Path]) -> str:
    return f"read_parquet([{', '.join(map(file_literal, files))}])"


@contextmanager
def _room_for(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"No room to keep {name} while working: {error.strerror or error}. "
            "Free some, or set TMPDIR."
        ) from None


def widest(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The narrowest type that holds the values of both.

    >>> widest(pa.int64(), pa.float64()), widest(pa.null(), pa.date32())
    (DataType(double), DataType(date32[day]))
    >>> widest(pa.date32(), pa.int64())
    DataType(string)
    """
    if one == other:
        return one
    a, b = sorted((one, other), key=lambda t: _RANK[str(t)])
    if pa.types.is_null(a):
        return b
    alike = (str(a) in _MOMENTS) == (str(b) in _MOMENTS) and not pa.types.is_boolean(a)
    return b if alike else pa.string()


def widest_schema(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    """The columns of both, which have the same names, in types that hold the values of both."""
    pairs = zip(one, other, strict=True)
    return pa.schema([pa.field(a.name, widest(a.type, b.type)) for a, b in pairs])


def cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with its columns in the types of the schema, which are as wide or wider."""
    columns = [_as(column, kind) for column, kind in zip(batch.columns, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(column.type) and pa.types.is_string(kind):
        return pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
    return column.cast(kind, safe=False)


# --- columns ---


@dataclass(frozen=True, eq=False)
class ColumnCache:
    """Columns spread over Arrow files: each holds some of them, in batches of the same rows."""

    files: tuple[tuple[Path, pa.Schema], ...]

    def stream(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """These columns of all rows; asked for none, the number of rows still comes through."""
        wanted = list(columns) or self.names[:1]
        parts = [(path, [n for n in schema.names if n in wanted]) for path, schema in self.files]
        with ExitStack() as open_files:
            readers = [_reader(open_files, path, names) for path, names in parts if names]
            for number in range(readers[0].num_record_batches):
                batches = [reader.get_batch(number) for reader in readers]
                cells = {n: b.column(n) for b in batches for n in b.schema.names}
                whole = pa.RecordBatch.from_arrays([cells[c] for c in wanted], names=wanted)
                yield whole if columns else whole.select([])

    @property
    def names(self) -> list[str]:
        """The columns, in the order in which they were written."""
        return [name for _, schema in self.files for name in schema.names]

    def with_columns(
        self, path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema
    ) -> ColumnCache:
        """The cache with more columns beside those it has, for the same rows in the same order."""
        write_arrow(path, batches, schema)
        return ColumnCache((*self.files, (path, schema)))


@dataclass(frozen=True, eq=False)
class KeptStream:
    """What Table.stream needs, and the folders that live as long as its rows can be asked for."""

    stream: Callable[[Sequence[str]], Iterator[pa.RecordBatch]]
    keep: tuple[Any, ...]

    def __call__(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """These columns of all rows."""
        return self.stream(columns)


def from_cache(
    table: Table, source: Source, fields: Sequence[Field], cache: ColumnCache, folder: Path
) -> Table:
    """The same Table, streamed from the cache.

    Columns that are no mere copy of one there are worked out once and written beside the others.
    """
    kept = {f.name: f.type for _, schema in cache.files for f in schema}
    columns = {f.name: f.column for f in fields if f.plain and kept[f.column] == f.arrow.type}
    lacking = [f for f in fields if f.name not in columns]
    made = {f.name: replace(f, name=f"made{number}") for number, f in enumerate(lacking)}
    if made:
        columns |= {name: f.name for name, f in made.items()}
        try:
            cache = _with_made(cache, list(made.values()), source, folder)
        except OSError:
            return table  # no room: worked out again by every accumulator
    return replace(table, stream=KeptStream(_renamed(cache, columns), source.keep))


def _renamed(
    cache: ColumnCache, columns: Mapping[str, str]
) -> Callable[[Sequence[str]], Iterator[pa.RecordBatch]]:
    """The rows of a cache under other names; `columns` says what each is called in the cache."""

    def stream(names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for batch in cache.stream([columns[name] for name in names]):
            yield batch.rename_columns(list(names)) if names else batch

    return stream


def _with_made(
    cache: ColumnCache, fields: Sequence[Field], source: Source, folder: Path
) -> ColumnCache:
    schema = pa.schema([f.arrow for f in fields])
    batches = streamer(source, fields)(schema.names)
    return cache.with_columns(folder / "made.arrow", batches, schema)


def _reader(open_files: ExitStack, path: Path, names: list[str]) -> pa.RecordBatchFileReader:
    """Plain reads: the pages of a memory-mapped file would count as memory of the process."""
    file = open_files.enter_context(pa.OSFile(str(path)))
    schema = pa.ipc.open_file(file).schema
    options = pa.ipc.IpcReadOptions(
        included_fields=sorted(schema.get_field_index(n) for n in names), use_threads=False
    )
    return pa.ipc.open_file(file, options=options)


def write_arrow(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """Write an Arrow file; raises OSError when there is no room for it."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in even(batches):
            pulse()
            writer.write_batch(batch)
