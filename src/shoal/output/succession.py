"""How segments follow those of before, as a table."""

from __future__ import annotations

import pyarrow as pa

from shoal.types import Succession

CROSSWALK = pa.schema(
    {
        "from": pa.int64(),
        "from_name": pa.string(),
        "to": pa.int64(),
        "to_name": pa.string(),
        "customers": pa.int64(),
        "share_of_from": pa.float64(),
        "share_of_to": pa.float64(),
        "fate": pa.string(),
        "why": pa.string(),
    }
)
WORDS = tuple(f.name for f in CROSSWALK if f.type == pa.string())


def crosswalk_batch(succession: Succession) -> pa.RecordBatch:
    """One row for each pair of an old segment and a new one that share customers."""
    rows = [each.row for each in succession.crosswalk]
    return pa.RecordBatch.from_pylist(rows, schema=CROSSWALK)
