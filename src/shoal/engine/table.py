"""A table: a schema, and Arrow batches that can be had again and again; and the engines that show its rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, cast

import pyarrow as pa

from shoal.engine.accumulator import BATCH_ROWS, Accumulator
from shoal.engine.fingerprint import Fingerprint
from shoal.engine.local import LocalEngine
from shoal.types import Finding, ReadAs

__all__ = [
    "BATCH_ROWS",
    "Accumulator",
    "Engine",
    "RemoteEngine",
    "Scan",
    "Table",
    "elsewhere",
    "run",
]

Batches = Callable[
    [Sequence[str] | None], Iterator[pa.RecordBatch]
]  # the rows, or these columns of them


@dataclass(frozen=True)
class Scan:
    """The same rows as a SELECT that DuckDB can run, for steps that sum up many rows and need not see each."""

    sql: str
    objects: Mapping[str, Any] = field(
        default_factory=dict, repr=False
    )  # to be registered under these names


class Engine(Protocol):
    """What shows rows to passes: the threads of this machine, or a cluster where the rows are."""

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
        """Show every row to the accumulators, which then hold what all workers saw. Returns the number of rows."""


class RemoteEngine(Engine, Protocol):
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
    scan: Scan | None = field(
        default=None, repr=False, compare=False
    )  # None: the rows can only be streamed
    engine: Engine = field(default_factory=LocalEngine, repr=False, compare=False)
    fingerprint: Fingerprint | None = field(
        default=None, repr=False, compare=False
    )  # None: the source cannot change

    def batches(self, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
        """The rows, as batches of at most `BATCH_ROWS`; only these columns when named.

        Raises InputError when the source is not what it was when the table was opened.
        """
        with self.unchanged():
            yield from self.stream(list(self.schema.names) if columns is None else list(columns))

    @contextmanager
    def unchanged(self) -> Iterator[None]:
        """Raise InputError when the source changes before or while this lasts."""
        check = self.fingerprint.check if self.fingerprint is not None else _nothing
        check()
        try:
            yield
        except Exception:
            check()  # then this is why it failed
            raise
        check()

    def to_arrow(self) -> pa.Table:
        """All rows as one Arrow table."""
        return pa.Table.from_batches(self.batches(), self.schema)


def _nothing() -> None:
    """The check of a source that cannot change."""


def elsewhere(table: Table) -> RemoteEngine:
    """The cluster where the rows of this table are."""
    assert not table.engine.here
    return cast(RemoteEngine, table.engine)


def run(
    table: Table,
    *passes: Accumulator,
    columns: Sequence[str] | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Show every row to each of the passes, reading once, wherever the rows are. Returns their number; `progress` hears it grow."""
    return table.engine.run(table.batches, passes, columns, progress)
