"""Two periods → how many customers were where in both, and what they brought: one look at each row.

DuckDB groups the rows of both periods by id, within the memory and threads of the run; what does
not fit goes to its temporary folder. What is left is a few hundred combinations of places.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
from msgspec import structs

from shoal.engine.database import enough_memory, open_database
from shoal.engine.progress import Progress
from shoal.engine.resources import asked
from shoal.lifecycle.sides import Side

MEMORY = 600_000_000  # bytes that DuckDB may use, unless the run was given an amount

# Every id once, with where it was in either period, and how often.
_BY_ID = """
    SELECT id, count(p) AS n, max(p) AS p, max(x) AS x, count(q) AS m, max(q) AS q, max(y) AS y
    FROM (
        SELECT id, places AS p, parts AS x, CAST(NULL AS BIGINT) AS q, CAST(NULL AS BIGINT) AS y
        FROM before
        UNION ALL
        SELECT id, NULL, NULL, places, parts FROM after
    ) GROUP BY id
"""
_GROUPS = """
    SELECT p, q, count(*), sum(x), sum(y) FROM ids WHERE n < 2 AND m < 2
    GROUP BY p, q ORDER BY p, q
"""
_REPEATED = """
    SELECT count(*) FILTER (n > 1), coalesce(sum(n), 0),
           count(*) FILTER (m > 1), coalesce(sum(m), 0)
    FROM ids WHERE n > 1 OR m > 1
"""
# Ids that are the same but for capitals, signs between letters, and zeros in front.
_RESPELLED = r"""
    SELECT count(*) FROM (
        SELECT count(p) AS gone, count(q) AS new
        FROM (
            SELECT p, q, ltrim(regexp_replace(lower(id), '[^\p{L}\p{N}]+', '', 'g'), '0') AS same
            FROM ids WHERE n = 0 OR m = 0
        ) WHERE same <> '' GROUP BY same
    ) WHERE gone = 1 AND new = 1
"""


class Group(NamedTuple):
    """Customers who were in the same places."""

    before: int | None  # packed places; None: they were not there
    after: int | None
    customers: int
    parts_before: int
    parts_after: int


class Repeated(NamedTuple):
    """Ids that stand on several rows of a period: all their rows are set aside, in both periods."""

    ids_before: int
    rows_before: int  # that are set aside
    ids_after: int
    rows_after: int


@dataclass(frozen=True)
class Joined:
    """Both periods, joined by id."""

    groups: tuple[Group, ...]
    repeated: Repeated
    respelled: int  # who left and came with an id that differs in its spelling alone


def joined(before: Side, after: Side, progress: Progress | None) -> Joined:
    """Join both periods: each is read once, here."""
    limits = structs.replace(asked(), memory=asked().memory or MEMORY)
    base = open_database(limits)
    try:
        base.execute("SET preserve_insertion_order = false")
        streams = [_Stream(side, progress) for side in (before, after)]
        for name, stream in zip(("before", "after"), streams, strict=True):
            base.register(name, stream.reader)
        task = f"join {before.table.name} with {after.table.name}"
        with _faults_of(streams), enough_memory(limits.memory or MEMORY, task):
            base.execute(f"CREATE TEMP TABLE ids AS {_BY_ID}")
        groups = tuple(map(_group, base.execute(_GROUPS).fetchall()))
        repeated = Repeated(*map(int, base.execute(_REPEATED).fetchall()[0]))
        respelled = 0
        if before.as_text and _both_ways(groups):
            respelled = int(base.execute(_RESPELLED).fetchall()[0][0])
    finally:
        base.close()
    return Joined(groups, repeated, respelled)


class _Stream:
    """The rows of a side on their way into DuckDB, which says of a fault no more than its text."""

    def __init__(self, side: Side, progress: Progress | None) -> None:
        self.fault: BaseException | None = None
        self.reader = pa.RecordBatchReader.from_batches(side.schema, self._batches(side, progress))

    def _batches(self, side: Side, progress: Progress | None) -> Iterator[pa.RecordBatch]:
        try:
            yield from side.batches(progress)
        except BaseException as fault:
            self.fault = fault
            raise


@contextmanager
def _faults_of(streams: Sequence[_Stream]) -> Iterator[None]:
    """Raise what stopped a stream as it was."""
    try:
        yield
    except Exception:
        for fault in (stream.fault for stream in streams if stream.fault is not None):
            raise fault from None
        raise


def _both_ways(groups: tuple[Group, ...]) -> bool:
    """Whether some left and some came."""
    return any(g.before is None for g in groups) and any(g.after is None for g in groups)


def _group(row: tuple[Any, ...]) -> Group:
    """A row of the answer; sums of nothing are 0."""
    before, after, *sums = row
    return Group(before, after, *(int(each or 0) for each in sums))
