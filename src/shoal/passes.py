"""The narrow waist: every row is seen through a pass over Arrow record batches.

A pass is `start() → absorb(batch) → merge(other)`: `start` is making the object, `absorb` takes the next
batch, `merge` takes in what another worker has absorbed. Column facts, the sample, one Lloyd step, the sums
behind the portraits and the labels being written are all passes, so each runs here or on a cluster unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, Self

import pyarrow as pa

from shoal.nouns import Finding, ReadAs

BATCH_ROWS = 131_072


class Pass(Protocol):
    """What sees rows. The state after absorbing a, then b, equals that of two workers merged, in either order."""

    def absorb(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows; `start` is the row number of the first of them, from 0."""

    def merge(self, other: Self) -> None:
        """Take in what another worker of the same kind has absorbed."""


@dataclass(frozen=True)
class Scan:
    """The same rows as a SELECT that DuckDB can run, for steps that sum up many rows and need not see each."""

    sql: str
    objects: Mapping[str, Any] = field(default_factory=dict, repr=False)  # to be registered under these names


@dataclass(frozen=True)
class Table:
    """A schema, and a stream of Arrow record batches that can be had again and again in the same order.

    Types are int64, double, bool, string, date32 and timestamp[us] only; a gap is null (never NaN).
    """

    name: str
    schema: pa.Schema
    read_as: ReadAs
    stream: Callable[[Sequence[str]], Iterator[pa.RecordBatch]] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    scan: Scan | None = field(default=None, repr=False, compare=False)  # None: the rows can only be streamed

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, as batches of at most `BATCH_ROWS`; only these columns when named."""
        return self.stream(list(self.schema.names) if columns is None else list(columns))


def run(table: Table, *passes: Pass, columns: Sequence[str] | None = None, tell: Callable[[int], None] | None = None) -> int:
    """Show every row to each of the passes, reading once. Returns the number of rows; `tell` hears it grow."""
    rows = 0
    for batch in table.batches(columns):
        for each in passes:
            each.absorb(batch, rows)
        rows += batch.num_rows
        if tell is not None:
            tell(rows)
    return rows
