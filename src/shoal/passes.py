"""The narrow waist: every row is seen through a pass over Arrow record batches.

A pass is `start() → absorb(batch) → merge(other)`: `start` is making the object, `absorb` takes the next
batch, `merge` takes in what another worker has absorbed. Column facts, the sample, one Lloyd step, the sums
behind the portraits and the labels being written are all passes, so each runs here or on a cluster unchanged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, Self, cast

import pyarrow as pa

from shoal.engine import Here
from shoal.nouns import Finding, ReadAs

BATCH_ROWS = 131_072


class Pass(Protocol):
    """What sees rows. The state after absorbing a, then b, equals that of two workers merged, in either order.

    An empty one can be copied and pickled: each worker absorbs into a copy.
    """

    def absorb(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows; `start` is the row number of the first of them, from 0."""

    def merge(self, other: Self) -> None:
        """Take in what another worker of the same kind has absorbed."""


@dataclass(frozen=True)
class Scan:
    """The same rows as a SELECT that DuckDB can run, for steps that sum up many rows and need not see each."""

    sql: str
    objects: Mapping[str, Any] = field(default_factory=dict, repr=False)  # to be registered under these names


class Engine(Protocol):
    """What shows rows to passes: the threads of this machine, or a cluster where the rows are."""

    @property
    def here(self) -> bool:
        """Whether rows come to this process, so that it may keep something for each of them."""

    def run(self, table: Table, passes: Sequence[Pass], columns: Sequence[str] | None, tell: Callable[[int], None] | None) -> int:
        """Show every row to the passes, which then hold what all workers absorbed. Returns the number of rows."""


class Elsewhere(Engine, Protocol):
    """A cluster that holds the rows of one table: what is made of them stays there. Functions that are sent must pickle."""

    def mapped(
        self,
        work: Callable[[pa.RecordBatch, int], pa.RecordBatch],
        columns: Sequence[str],
        schema: pa.Schema,
        *,
        keep: bool = False,
    ) -> Table:
        """What `work` makes of each batch and the number of its first row, as a Table there; `keep` caches it while it lives."""

    def counted(self, columns: Sequence[str], most: int) -> pa.Table:
        """The distinct rows of these columns and, last, how often each occurs; at most so many of them."""

    def write(self, folder: Path, rows: int) -> None:
        """Write the rows, so many, as Parquet files into a folder. Raises OutputError when they do not all arrive."""


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
    engine: Engine = field(default_factory=Here, repr=False, compare=False)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, as batches of at most `BATCH_ROWS`; only these columns when named."""
        return self.stream(list(self.schema.names) if columns is None else list(columns))


def elsewhere(table: Table) -> Elsewhere:
    """The cluster where the rows of this table are."""
    assert not table.engine.here
    return cast(Elsewhere, table.engine)


def run(table: Table, *passes: Pass, columns: Sequence[str] | None = None, tell: Callable[[int], None] | None = None) -> int:
    """Show every row to each of the passes, reading once, wherever the rows are. Returns their number; `tell` hears it grow."""
    return table.engine.run(table, passes, columns, tell)
