"""The narrow waist: every row is seen through an accumulator over Arrow record batches.

Making the object starts it, `update(batch)` takes the next batch, `merge` takes in what another worker has seen.
Column facts, the sample, one Lloyd step, the sums behind the portraits and the labels being written are all
accumulators, so each runs here or on a cluster unchanged.
"""

from __future__ import annotations

from typing import Protocol, Self

import pyarrow as pa

BATCH_ROWS = 131_072


class Accumulator(Protocol):
    """What sees rows. The state after absorbing a, then b, equals that of two workers merged, in either order.

    An empty one can be copied and pickled: each worker absorbs into a copy.
    """

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows; `start` is the row number of the first of them, from 0."""

    def merge(self, other: Self) -> None:
        """Take in what another worker of the same kind has absorbed."""
