"""Two periods → how many customers were where in both, and what they brought: one look at each row.

DuckDB groups the rows of both periods by id, within the memory and threads of the run; what does
not fit goes to its temporary folder. What is left is a few hundred combinations of places.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import pyarrow as pa
from msgspec import structs

from shoal.engine.database import enough_memory, open_database
from shoal.engine.progress import Progress
from shoal.engine.resources import asked
from shoal.lifecycle.sides import Side

MEMORY = 150_000_000  # bytes that DuckDB may use, unless the run was given an amount

# Every id once, with where it was in either period, and how often.
_BY_ID = """
    SELECT id, count(p) AS n, max(p) AS p, max(x) AS x, count(q) AS m, max(q) AS q, max(y) AS y
    FROM seen GROUP BY id
"""
# Customers by their places; ids that stand on several rows of a period apart from them.
_GROUPS = """
    SELECT n > 1 OR m > 1 AS again, CASE WHEN again THEN NULL ELSE p END AS p,
           CASE WHEN again THEN NULL ELSE q END AS q, count(*), sum(x), sum(y),
           count(*) FILTER (n > 1), sum(n), count(*) FILTER (m > 1), sum(m)
    FROM ({ids}) GROUP BY ALL ORDER BY 1, 2, 3
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


NONE_REPEATED = Repeated(0, 0, 0, 0)


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
        stream = _Stream(before, after, progress)
        base.register("seen", stream.reader)
        task = f"join {before.table.name} with {after.table.name}"
        with _faults_of(stream), enough_memory(limits.memory or MEMORY, task):
            return _asked(base, before.as_text)
    finally:
        base.close()


def _asked(base: Any, as_text: bool) -> Joined:
    """What is asked of both periods. Only ids of text may be spelled in two ways: they are kept."""
    if as_text:
        base.execute(f"CREATE TEMP TABLE ids AS {_BY_ID}")
    rows = base.execute(_GROUPS.format(ids="FROM ids" if as_text else _BY_ID)).fetchall()
    groups = tuple(_group(row) for row in rows if not row[0])
    repeated = next((Repeated(*map(int, row[-4:])) for row in rows if row[0]), NONE_REPEATED)
    respelled = 0
    if as_text and _both_ways(groups):
        respelled = int(base.execute(_RESPELLED).fetchall()[0][0])
    return Joined(groups, repeated, respelled)


class _Stream:
    """The rows of both periods on their way into DuckDB, one period after the other.

    DuckDB says of a fault on this way no more than its text.
    """

    def __init__(self, before: Side, after: Side, progress: Progress | None) -> None:
        self.fault: BaseException | None = None
        names = ("p", "x", "q", "y")
        schema = pa.schema([before.schema.field("id"), *((name, pa.int64()) for name in names)])
        self.reader = pa.RecordBatchReader.from_batches(
            schema, self._batches(before, after, schema, progress)
        )

    def _batches(
        self, before: Side, after: Side, schema: pa.Schema, progress: Progress | None
    ) -> Iterator[pa.RecordBatch]:
        try:
            for batch in before.batches(progress):
                gap = pa.nulls(batch.num_rows, pa.int64())
                yield pa.RecordBatch.from_arrays([*batch.columns, gap, gap], schema=schema)
            for batch in after.batches(progress):
                gap = pa.nulls(batch.num_rows, pa.int64())
                key, *places = batch.columns
                yield pa.RecordBatch.from_arrays([key, gap, gap, *places], schema=schema)
        except BaseException as fault:
            self.fault = fault
            raise


@contextmanager
def _faults_of(stream: _Stream) -> Iterator[None]:
    """Raise what stopped a stream as it was."""
    try:
        yield
    except Exception:
        if stream.fault is not None:
            raise stream.fault from None
        raise


def _both_ways(groups: tuple[Group, ...]) -> bool:
    """Whether some left and some came."""
    return any(g.before is None for g in groups) and any(g.after is None for g in groups)


def _group(row: tuple[Any, ...]) -> Group:
    """A row of the answer; sums of nothing are 0."""
    _, before, after, *sums = row[:6]
    return Group(before, after, *(int(each or 0) for each in sums))
