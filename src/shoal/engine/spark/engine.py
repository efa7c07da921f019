"""Accumulators on a cluster: each partition updates a copy; copies are merged in their order.

Everything goes by `mapInArrow`, so that the code that runs here runs there, batch by batch.
"""

from __future__ import annotations

import pickle
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from shoal.engine.accumulator import Accumulator
from shoal.engine.spark import worker
from shoal.engine.spark.session import plain_words, settings
from shoal.engine.table import Batches, Table
from shoal.errors import OutputError
from shoal.text.options import option
from shoal.types import Finding, ReadAs

ARROW = {
    "bigint": pa.int64(),
    "double": pa.float64(),
    "boolean": pa.bool_(),
    "string": pa.string(),
    "date": pa.date32(),
    "timestamp_ntz": pa.timestamp("us"),
    "smallint": pa.int16(),
    "binary": pa.binary(),
}
_SPARK = {kind: word for word, kind in ARROW.items()}
_STATE = "part int, rows long, state binary"
_ROUND = 32  # partitions that the driver merges by itself; of more, workers merge so many at a time


class SparkEngine:
    """The rows of one Table on a cluster.

    Row numbers count in the order of partitions, as `collect` would give the rows.
    """

    here = False

    def __init__(
        self,
        frame: Any,
        name: str,
        schema: pa.Schema,
        keep: bool,
        starts: tuple[int, ...] | None = None,
    ) -> None:
        """`frame` has a column c0, c1, … for each of the schema.

        `keep` caches its rows while the engine lives. `starts` are the numbers of the first row of
        each partition; they are counted when they are asked for and not known.
        """
        self.frame, self.name, self.schema, self._known = frame, name, schema, starts
        if keep:
            from pyspark import StorageLevel

            frame.persist(StorageLevel.MEMORY_AND_DISK)
            weakref.finalize(self, _forget, frame).atexit = False

    def table(self, read_as: ReadAs, findings: tuple[Finding, ...] = ()) -> Table:
        """The Table of these rows."""
        return Table(self.name, self.schema, read_as, self._stream, findings, engine=self)

    def run(
        self,
        batches: Batches,
        accumulators: Sequence[Accumulator],
        columns: Sequence[str] | None,
        progress: Callable[[int], None] | None,
    ) -> int:
        """Show every row to each accumulator, on the workers. Returns the number of rows."""
        found = self._states(pickle.dumps(tuple(accumulators)), self._schema(columns))
        for row in found:
            for mine, theirs in zip(accumulators, pickle.loads(row["state"]), strict=True):
                mine.merge(theirs)
        rows = sum(int(row["rows"]) for row in found)
        if progress is not None:
            progress(rows)
        return rows

    def _states(self, accumulators: bytes, schema: pa.Schema) -> list[Any]:
        """What the accumulators have become on the workers, in the order of partitions."""
        update = partial(worker.updated, accumulators, schema, self._starts)
        states, parts = self._by_workers(schema, update, _STATE), len(self._starts)
        while parts > _ROUND:
            parts = -(-parts // _ROUND)
            states = _merged(states, parts)
        with plain_words(self.name), settings(self.frame.sparkSession):
            return sorted(states.collect(), key=lambda row: row["part"])

    def mapped(
        self, work: worker.Work, columns: Sequence[str], schema: pa.Schema, *, keep: bool = False
    ) -> Table:
        """What `work` makes of each batch and the number of its first row, as a Table.

        `keep` caches it while it lives.
        """
        seen = self._schema(columns)
        kinds = ", ".join(f"c{j} {_SPARK[field.type]}" for j, field in enumerate(schema))
        made = self._by_workers(seen, partial(worker.worked, work, seen, self._starts), kinds)
        unnumbered = (0,) * len(self._starts)  # counting what is made of rows would make it twice
        return SparkEngine(made, self.name, schema, keep, unnumbered).table(ReadAs("frame"))

    def counted(self, columns: Sequence[str], most: int) -> pa.Table:
        """At most so many distinct rows of these columns and, last, how often each occurs."""
        schema = self._schema(columns)
        counted = pa.schema([*schema, ("rows", pa.int64())])
        with plain_words(self.name), settings(self.frame.sparkSession):
            found = self.frame.groupBy(*self._places(schema)).count().limit(most).toArrow()
        cells = [c.cast(f.type) for c, f in zip(found.columns, counted, strict=True)]
        return pa.Table.from_arrays(cells, schema=counted)

    def as_frame(self) -> Any:
        """The rows as a DataFrame of Spark, made when they are asked for."""
        return self.frame.toDF(*self.schema.names)

    def write(self, folder: Path, rows: int, told: Mapping[str, Mapping[str, str]]) -> None:
        """Write the rows.

        So many, as Parquet files into a folder that this process and workers see, with what is
        `told` of columns as their metadata.

        Raises OutputError when they do not.
        """
        import pyarrow.dataset as ds

        with plain_words(self.name), settings(self.frame.sparkSession):
            frame = self.as_frame()
            for column, metadata in told.items():
                frame = frame.withMetadata(column, dict(metadata))
            frame.write.parquet(folder.absolute().as_uri())
        for file in folder.iterdir():
            if file.name.startswith((".", "_")):  # checksums, and the mark of success
                file.unlink()
        if (seen := ds.dataset(folder, format="parquet").count_rows()) != rows:
            raise OutputError(
                f"The workers of Spark labelled {rows:,} rows, but {seen:,} arrived in the folder "
                f"of {option('out')}: they do not share its disk. "
                "Name a folder that this machine and all workers see."
            )

    @cached_property
    def _starts(self) -> tuple[int, ...]:
        """The number of the first row of each partition, up to the last that has rows."""
        from pyspark.sql import functions as sql

        if self._known is not None:
            return self._known
        with plain_words(self.name), settings(self.frame.sparkSession):
            counted = self.frame.groupBy(sql.spark_partition_id().alias("part")).count().collect()
        rows = {row["part"]: row["count"] for row in counted}
        starts = [0]
        for part in range(max(rows, default=-1)):
            starts.append(starts[-1] + rows.get(part, 0))
        return tuple(starts)

    def _schema(self, columns: Sequence[str] | None) -> pa.Schema:
        names = self.schema.names if columns is None else list(columns) or self.schema.names[:1]
        return pa.schema([self.schema.field(name) for name in names])

    def _by_workers(self, schema: pa.Schema, work: Any, kinds: str) -> Any:
        with plain_words(self.name):
            return self.frame.select(*self._places(schema)).mapInArrow(work, kinds)

    def _places(self, schema: pa.Schema) -> list[str]:
        return [f"c{self.schema.get_field_index(name)}" for name in schema.names]

    def _stream(self, columns: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """The rows, brought to this process partition by partition."""
        schema = self._schema(columns)
        with plain_words(self.name):
            with settings(self.frame.sparkSession):
                rows = self._by_workers(
                    schema, partial(worker.packed, schema), "batch binary"
                ).toLocalIterator(True)
            for row in rows:
                yield from pa.ipc.open_stream(pa.py_buffer(row["batch"]))


def _merged(states: Any, parts: int) -> Any:
    """The states of each `_ROUND` neighbouring partitions merged by a worker, in their order."""
    from pyspark.sql import functions as sql

    shared = states.repartition(parts, sql.floor(states["part"] / _ROUND))
    return shared.sortWithinPartitions("part").mapInArrow(worker.merged, _STATE)


def _forget(frame: Any) -> None:
    """Free the cached rows; a session that is gone has freed them already."""
    from contextlib import suppress

    with suppress(Exception):
        frame.unpersist()
