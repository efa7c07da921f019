"""What runs on the workers of Spark: functions over the record batches of one partition.

shoal must be installed there.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence

import pyarrow as pa

Batches = Iterator[pa.RecordBatch]
Work = Callable[[pa.RecordBatch, int], pa.RecordBatch]


def updated(pickled: bytes, schema: pa.Schema, starts: Sequence[int], batches: Batches) -> Batches:
    """One row for the partition: its number, its rows, and the accumulators that have seen them.

    They come and go pickled. There is no row where the partition is empty.
    """
    accumulators, part = pickle.loads(pickled), _part()
    first = at = _start(starts, part)
    for batch in batches:
        for each in accumulators:
            each.update(_named(batch, schema), at)
        at += batch.num_rows
    if at > first:
        yield _state(part, at - first, accumulators)


def _start(starts: Sequence[int], part: int) -> int:
    """The number of a partition's first row; one beyond the last that has rows has none."""
    return starts[part] if part < len(starts) else 0


def merged(batches: Batches) -> Batches:
    """One row for all states of a partition, merged in their order."""
    whole, part, rows = None, 0, 0
    for batch in batches:
        for row in batch.to_pylist():
            accumulators = pickle.loads(row["state"])
            rows += row["rows"]
            if whole is None:
                whole, part = accumulators, row["part"]
                continue
            for mine, theirs in zip(whole, accumulators, strict=True):
                mine.merge(theirs)
    if whole is not None:
        yield _state(part, rows, whole)


def worked(work: Work, schema: pa.Schema, starts: Sequence[int], batches: Batches) -> Batches:
    """What `work` makes of each batch and the number of its first row."""
    at = _start(starts, _part())
    for batch in batches:
        made = work(_named(batch, schema), at)
        yield made.rename_columns([f"c{j}" for j in range(made.num_columns)])
        at += batch.num_rows


def packed(schema: pa.Schema, batches: Batches) -> Batches:
    """Each batch as one row that holds it in Arrow's own format."""
    for batch in batches:
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, schema) as writer:
            writer.write_batch(_named(batch, schema))
        yield pa.RecordBatch.from_pydict(
            {"batch": pa.array([sink.getvalue().to_pybytes()], pa.binary())}
        )


def _named(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    """The batch with the columns' own names; times with a zone become those of UTC."""
    return pa.RecordBatch.from_arrays(
        [column.cast(f.type) for column, f in zip(batch.columns, schema, strict=True)],
        schema=schema,
    )


def _part() -> int:
    from pyspark import TaskContext

    return int(TaskContext.get().partitionId())


def _state(part: int, rows: int, accumulators: Sequence[object]) -> pa.RecordBatch:
    columns = [
        pa.array([part], pa.int32()),
        pa.array([rows], pa.int64()),
        pa.array([pickle.dumps(tuple(accumulators))], pa.binary()),
    ]
    return pa.RecordBatch.from_arrays(columns, names=["part", "rows", "state"])
