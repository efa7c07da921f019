"""One reading, kept in temporary Parquet files, so that the same rows can be had again and again in the same order."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from shoal.engine.table import BATCH_ROWS, Scan, Table
from shoal.errors import OutputError
from shoal.types import ReadAs

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


def spooled(name: str, batches: Iterator[pa.RecordBatch]) -> Table:
    """The Table of a stream that can be had only once. Memory stays at one batch, whatever the number of rows.

    A database without fixed types (SQLite), or one whose driver tells none, may give whole numbers first and fractions or
    words later. So each change of types begins a new file, and all are cast to the widest type when they are read back.
    """
    folder = Path(tempfile.mkdtemp(prefix="shoal-"))
    try:
        with closing(batches):  # type: ignore[type-var]  # a generator, whose connection is to be closed
            files, schema = _write(folder, batches)
    except OSError as error:
        shutil.rmtree(folder, ignore_errors=True)
        raise OutputError(
            f"No room to keep {name} while working: {error.strerror or error}. Free some, or set TMPDIR."
        ) from None
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    final = pa.schema([f.with_type(pa.string()) if pa.types.is_null(f.type) else f for f in schema])
    kept = _Kept(tuple(files), final)
    weakref.finalize(
        kept, shutil.rmtree, folder, ignore_errors=True
    )  # when nobody can ask for the rows any more
    return Table(
        name=name, schema=final, read_as=ReadAs("database"), stream=kept.stream, scan=kept.scan()
    )


@dataclass(frozen=True, eq=False)
class _Kept:
    """The files of one reading."""

    files: tuple[Path, ...]
    schema: pa.Schema

    def scan(self) -> Scan | None:
        """The same for DuckDB; none where types changed on the way, since DuckDB writes numbers as text in a way of its own."""
        if len(self.files) != 1 or not pq.read_schema(self.files[0]).equals(self.schema):
            return None
        path = str(self.files[0]).replace("'", "''")
        return Scan(f"SELECT * FROM read_parquet('{path}')")

    def stream(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        wanted = pa.schema([self.schema.field(name) for name in columns])
        read = (
            list(columns) or self.schema.names[:1]
        )  # asked for no column at all, the number of rows must still come through
        for path in self.files:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(BATCH_ROWS, columns=read):
                    chosen = batch.select(list(columns))
                    yield cast(chosen, wanted) if columns else chosen


def widest(one: pa.DataType, other: pa.DataType) -> pa.DataType:
    """The narrowest type that holds the values of both.

    >>> widest(pa.int64(), pa.float64()), widest(pa.null(), pa.date32()), widest(pa.date32(), pa.int64())
    (DataType(double), DataType(date32[day]), DataType(string))
    """
    a, b = sorted((one, other), key=lambda t: _RANK[str(t)])
    if a == b or pa.types.is_null(a):
        return b
    alike = (str(a) in _MOMENTS) == (str(b) in _MOMENTS) and not pa.types.is_boolean(a)
    return b if alike else pa.string()


def _write(folder: Path, batches: Iterable[pa.RecordBatch]) -> tuple[list[Path], pa.Schema]:
    """The files, and the widest types that were met; a batch without rows tells of types only."""
    files: list[Path] = []
    schema: pa.Schema | None = None
    writer: pq.ParquetWriter | None = None
    try:
        for batch in batches:
            schema = batch.schema if schema is None else _joined(schema, batch.schema)
            if not batch.num_rows:
                continue
            if writer is None or writer.schema != schema:
                if writer is not None:
                    writer.close()
                files.append(folder / f"{len(files):04}.parquet")
                writer = pq.ParquetWriter(files[-1], schema, compression="lz4")
            writer.write_batch(cast(batch, schema))
    finally:
        if writer is not None:
            writer.close()
    return files, pa.schema([]) if schema is None else schema


def _joined(one: pa.Schema, other: pa.Schema) -> pa.Schema:
    return pa.schema(
        [pa.field(a.name, widest(a.type, b.type)) for a, b in zip(one, other, strict=True)]
    )


def cast(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with its columns in the types of the schema, which are as wide or wider."""
    columns = [_as(column, kind) for column, kind in zip(batch.columns, schema.types, strict=True)]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def _as(column: pa.Array, kind: pa.DataType) -> pa.Array:
    if pa.types.is_timestamp(column.type) and pa.types.is_string(kind):
        return pc.strftime(column, format="%Y-%m-%d %H:%M:%S")
    return column.cast(kind, safe=False)
