"""Tables and labels that tests of databases share."""

from __future__ import annotations

import pyarrow as pa

from shoal.engine.table import Table

STRANGE = "a \"quoted\"; `name` with spaces, \\ % and 'ä'"


def rows_of(table: Table) -> list[dict[str, object]]:
    return [row for batch in table.batches() for row in batch.to_pylist()]


def labels(ids: object = (1, 2, 3), key: str = "id") -> pa.RecordBatch:
    ids = list(ids)  # type: ignore[call-overload]
    n = len(ids)
    return pa.record_batch(
        {
            key: ids,
            "segment": pa.array([1 + i % 3 for i in range(n)], pa.int8()),
            "name": [f"Segment {1 + i % 3}" for i in range(n)],
            "runner_up": ["Segment 2"] * n,
            "margin": [0.25] * n,
            "unlike_anyone": [False] * n,
        }
    )
