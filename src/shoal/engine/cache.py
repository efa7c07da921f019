"""A spool: the columns of a large source, parsed once and laid down as Arrow files, which every later pass reads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from shoal.engine.scan import ARROW, Field, Source, streamer
from shoal.engine.table import BATCH_ROWS, Table
from shoal.text.sql import quoted


@dataclass(frozen=True, eq=False)
class Spool:
    """Columns spread over files; each file holds some of them for all rows, cut into batches at the same rows."""

    files: tuple[tuple[Path, pa.Schema], ...]

    def stream(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """These columns of all rows; no other column is read from the disk."""
        wanted = set(columns) or set(
            self.files[0][1].names[:1]
        )  # asked for none, the number of rows must still come through
        parts = [(path, [n for n in schema.names if n in wanted]) for path, schema in self.files]
        with ExitStack() as open_files:
            readers = [_reader(open_files, path, names) for path, names in parts if names]
            for i in range(readers[0].num_record_batches):
                batches = [reader.get_batch(i) for reader in readers]
                cells = {n: b.column(n) for b in batches for n in b.schema.names}
                if columns:
                    yield pa.RecordBatch.from_arrays(
                        [cells[c] for c in columns], names=list(columns)
                    )
                else:
                    yield batches[0].select([])

    @property
    def names(self) -> list[str]:
        """The columns, in the order in which they were laid down."""
        return [name for _, schema in self.files for name in schema.names]

    def with_columns(
        self, path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema
    ) -> Spool:
        """The spool with more columns beside those it has, for the same rows in the same order."""
        lay_down(path, batches, schema)
        return Spool((*self.files, (path, schema)))


def from_spool(
    table: Table, source: Source, fields: Sequence[Field], spool: Spool, folder: Path
) -> Table:
    """The same Table, streamed from the spool; the columns that are no mere copy of one there are worked out once and laid beside."""
    inside = {f.name: c for f in fields for c in spool.names if f.sql == quoted(c)}
    odd = [replace(f, name=f"made{i}") for i, f in enumerate(fields) if f.name not in inside]
    if odd:
        inside |= {f.name: f"made{i}" for i, f in enumerate(fields) if f.name not in inside}
        schema = pa.schema([(f.name, ARROW[f.type]) for f in odd])
        try:
            spool = spool.with_columns(
                folder / "made.arrow", streamer(source, odd)(schema.names), schema
            )
        except OSError:
            return table  # no room: worked out again by every pass

    def stream(columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        for batch in spool.stream([inside[c] for c in columns]):
            yield batch.rename_columns(list(columns)) if columns else batch

    stream.keep = source.keep  # type: ignore[attr-defined]  # the temporary folder lives as long as somebody can ask for rows
    return replace(table, stream=stream)


def _reader(open_files: ExitStack, path: Path, names: list[str]) -> pa.RecordBatchFileReader:
    """Plain reads, no memory map: the pages of a mapped file would count as memory of the process."""
    file = open_files.enter_context(pa.OSFile(str(path)))
    schema = pa.ipc.open_file(file).schema
    options = pa.ipc.IpcReadOptions(
        included_fields=sorted(schema.get_field_index(n) for n in names), use_threads=False
    )
    return pa.ipc.open_file(file, options=options)


def lay_down(path: Path, batches: Iterable[pa.RecordBatch], schema: pa.Schema) -> None:
    """Write an Arrow file; raises OSError when there is no room for it."""
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, schema) as writer:
        for batch in even(batches):
            writer.write_batch(batch)


def even(batches: Iterable[pa.RecordBatch], rows: int = BATCH_ROWS) -> Iterator[pa.RecordBatch]:
    """The same rows in batches of `rows`, so that no sum depends on how the source was cut.

    >>> [b.num_rows for b in even([pa.record_batch({"x": [1, 2, 3]}), pa.record_batch({"x": [4, 5]})], 2)]
    [2, 2, 1]
    """
    held: list[pa.RecordBatch] = []
    room = rows
    for batch in batches:
        while batch.num_rows:
            part = batch.slice(0, room)
            held.append(part)
            room -= part.num_rows
            batch = batch.slice(part.num_rows)
            if not room:
                yield held[0] if len(held) == 1 else pa.concat_batches(held)
                held, room = [], rows
    if held:
        yield pa.concat_batches(held)
