"""The narrow waist: every row is seen through an accumulator over Arrow record batches.

Column facts, the sample, one Lloyd step, the sums behind the profiles and the labels are all
accumulators, so each runs here or on a cluster unchanged.
"""

from __future__ import annotations

from typing import Protocol, Self

import pyarrow as pa

BATCH_ROWS = 131_072
_CELLS = 16 * BATCH_ROWS  # of a batch: several are held at a time, and copied to be encoded
_FEW_ROWS = 16_384  # with fewer, each column's own work would be done too often


def batch_rows(columns: int) -> int:
    """The rows of a batch of so many columns: fewer of a wide table.

    >>> batch_rows(8), batch_rows(100), batch_rows(1000)
    (131072, 20971, 16384)
    """
    return max(_FEW_ROWS, min(BATCH_ROWS, _CELLS // max(columns, 1)))


class Accumulator(Protocol):
    """What sees rows. Its state after updates with a, then b, equals that of two workers merged.

    An empty one can be copied and pickled: each worker updates its own copy.
    """

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows; `start` is the row number of the first of them, from 0."""

    def merge(self, other: Self) -> None:
        """Take in what another worker of the same kind has seen."""
