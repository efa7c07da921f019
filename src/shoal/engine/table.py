"""A table: a schema, and Arrow batches that can be had again; and what shows its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import pyarrow as pa

from shoal.engine.accumulator import BATCH_ROWS, Accumulator, batch_rows
from shoal.engine.backend import PANDAS, Backend
from shoal.engine.failures import reading
from shoal.engine.fingerprint import UNCHANGING, Fingerprint
from shoal.engine.local import LocalEngine
from shoal.types import Finding, ReadAs

__all__ = [
    "BATCH_ROWS",
    "Accumulator",
    "Engine",
    "RemoteEngine",
    "Scan",
    "Table",
    "batch_rows",
    "elsewhere",
    "run",
]

# The rows, or these columns of them.
Batches = Callable[[Sequence[str] | None], Iterator[pa.RecordBatch]]


@dataclass(frozen=True)
class Scan:
    """The same rows as a SELECT that DuckDB can run, for steps that need not see each of them."""

    sql: str
    objects: Mapping[str, Any] = field(default_factory=dict, repr=False)  # to register, by name


class Engine(Protocol):
    """What shows rows to accumulators: this machine's threads, or a cluster where the rows are."""

    @property
    def here(self) -> bool:
        """Whether rows come to this process, so that it may keep something for each of them."""

    def run(
        self,
        batches: Batches,
        accumulators: Sequence[Accumulator],
        columns: Sequence[str] | None,
        progress: Callable[[int], None] | None,
    ) -> int:
        """Show every row to the accumulators, which then hold what all workers saw.

        Returns the number of rows.
        """


class RemoteEngine(Engine, Protocol):
    """A cluster that holds the rows of one table: what is made of them stays there.

    Functions that are sent must pickle.
    """

    def mapped(
        self,
        work: Callable[[pa.RecordBatch, int], pa.RecordBatch],
        columns: Sequence[str],
        schema: pa.Schema,
        *,
        keep: bool = False,
    ) -> Table:
        """What `work` makes of each batch and the number of its first row, as a Table there.

        `keep` caches it while it lives.
        """

    def counted(self, columns: Sequence[str], most: int) -> pa.Table:
        """At most so many distinct rows of these columns and, last, how often each occurs."""

    def as_frame(self) -> Any:
        """The rows as a DataFrame of the cluster, made when they are asked for."""

    def write(self, folder: Path, rows: int, told: Mapping[str, Mapping[str, str]]) -> None:
        """Write the rows, so many, as Parquet files into a folder.

        Every file tells of some columns what is `told` of them, as their metadata.
        Raises OutputError when they do not all arrive.
        """


@dataclass(frozen=True)
class Table:
    """A schema, and a stream of Arrow record batches that can be had again in the same order.

    Types are int64, double, bool, string, date32 and timestamp[us] only; a missing value is null,
    never NaN. A `scan` is None where the rows can only be streamed. The `backend`
    is for what is given back about its rows.
    """

    name: str
    schema: pa.Schema
    read_as: ReadAs
    stream: Callable[[Sequence[str]], Iterator[pa.RecordBatch]] = field(repr=False)
    findings: tuple[Finding, ...] = ()
    scan: Scan | None = field(default=None, repr=False, compare=False)
    engine: Engine = field(default_factory=LocalEngine, repr=False, compare=False)
    fingerprint: Fingerprint = field(default=UNCHANGING, repr=False, compare=False)
    backend: Backend = field(default=PANDAS, repr=False, compare=False)

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, as batches of bounded size; only these columns when named.

        Raises InputError when the source is not what it was when the table was opened.
        """
        with self.unchanged():
            yield from self.stream(list(self.schema.names) if columns is None else list(columns))

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Raise InputError when the source changes while this lasts, or cannot be read."""
        self.fingerprint.check()
        try:
            with reading(next(iter(self.fingerprint.opened), self.name)):
                yield
        except Exception:
            self.fingerprint.check()  # then this is why it failed
            raise
        self.fingerprint.check()

    def to_arrow(self) -> pa.Table:
        """All rows as one Arrow table."""
        return pa.Table.from_batches(self.batches(), self.schema)


def elsewhere(table: Table) -> RemoteEngine:
    """The cluster where the rows of this table are."""
    assert not table.engine.here
    return cast(RemoteEngine, table.engine)


def run(
    table: Table,
    *accumulators: Accumulator,
    columns: Sequence[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Show every row to each accumulator, reading once, wherever the rows are.

    Returns the number of rows; `progress` is told of it as it grows.
    """
    return table.engine.run(table.batches, accumulators, columns, progress)
