"""The narrow waist: every row is seen through an accumulator over Arrow record batches.

Column facts, the sample, one Lloyd step, the sums behind the profiles and the labels are all
accumulators, so each runs here or on a cluster unchanged.
"""

from __future__ import annotations

from typing import Protocol, Self

import pyarrow as pa

BATCH_ROWS = 131_072


class Accumulator(Protocol):
    """What sees rows. Its state after updates with a, then b, equals that of two workers merged.

    An empty one can be copied and pickled: each worker updates its own copy.
    """

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows; `start` is the row number of the first of them, from 0."""

    def merge(self, other: Self) -> None:
        """Take in what another worker of the same kind has seen."""
