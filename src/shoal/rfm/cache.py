"""Batches of customers, sorted and kept: in memory while they are few, else in a temporary Parquet file."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from msgspec import structs

from shoal.engine.database import open_database
from shoal.engine.resources import asked
from shoal.engine.table import BATCH_ROWS, Scan, Table
from shoal.types import Finding, ReadAs

IN_MEMORY = 1_000_000  # customers
SORTING = 400_000_000  # bytes for sorting a file of them, unless the run was given an amount


class Spool:
    """Takes batches in any order, and gives a Table of them sorted by id, so that it is the same at every run."""

    def __init__(self, id_name: str) -> None:
        self._id = id_name
        self.rows = 0
        self._batches: list[pa.RecordBatch] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._writer: pq.ParquetWriter | None = None
        self.schema = pa.schema([])

    def add(self, batch: pa.RecordBatch) -> None:
        """Keep one more batch."""
        self.rows += batch.num_rows
        self.schema = batch.schema
        if self._writer is None and self.rows > IN_MEMORY:
            self._folder = tempfile.TemporaryDirectory(prefix="shoal-customers-")
            self._writer = pq.ParquetWriter(self._path, batch.schema)
            for each in self._batches:
                self._writer.write_batch(each)
            self._batches = []
        if self._writer is None:
            self._batches.append(batch)
        else:
            self._writer.write_batch(batch)

    @property
    def _path(self) -> Path:
        return Path(self._folder.name if self._folder else "") / "customers.parquet"

    def table(self, name: str, read_as: ReadAs, findings: Sequence[Finding]) -> Table:
        """Everything that was added. A file lives as long as the table."""
        if self._writer is not None:
            self._writer.close()
            self._sort_file()
            scan = Scan(f"SELECT * FROM read_parquet('{self._path}')", {})
        else:
            whole = pa.Table.from_batches(self._batches, self.schema).sort_by(self._id)
            self._batches = whole.to_batches(BATCH_ROWS)
            scan = Scan("SELECT * FROM customers", {"customers": whole})
        return Table(name, self.schema, read_as, self._stream, tuple(findings), scan)

    def _sort_file(self) -> None:
        base = open_database(structs.replace(asked(), memory=asked().memory or SORTING))
        try:
            name = self._id.replace('"', '""')
            base.execute(
                f"COPY (SELECT * FROM read_parquet('{self._path}') ORDER BY \"{name}\") TO '{self._path}.sorted' (FORMAT parquet)"
            )
        finally:
            base.close()
        Path(f"{self._path}.sorted").replace(self._path)

    def _stream(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        if self._writer is not None:
            schema = pa.schema([self.schema.field(c) for c in columns])
            with pq.ParquetFile(self._path) as file:
                yield from (
                    batch.cast(schema)
                    for batch in file.iter_batches(BATCH_ROWS, columns=list(columns))
                )
        else:
            yield from (batch.select(list(columns)) for batch in self._batches)
