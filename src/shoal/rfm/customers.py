"""Orders table → customers table: recency, frequency, monetary value and more, at an explicit date."""

from __future__ import annotations

import datetime as dt
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import structs

from shoal.engine.cache import RowCache
from shoal.engine.database import open_database
from shoal.engine.resources import asked, threads
from shoal.engine.table import Scan, Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, OptionError
from shoal.options import Duplicates, OrdersOptions, Returns
from shoal.rfm.columns import is_cancelled, understand
from shoal.rfm.findings import amount_rule, duplicates_rule, findings_of, returns_rule
from shoal.rfm.measures import column_words, customer_columns, roles
from shoal.rfm.sql import REASONS, Lines
from shoal.rfm.types import WHATS, Customers, OrderFacts, Reading, What
from shoal.text.options import option
from shoal.text.sql import literal, quoted
from shoal.types import Ints

T = TypeVar("T")
IN_MEMORY = 1_000_000  # customers; more of them are kept on disk
MEMORY = 600_000_000  # bytes that DuckDB may use, unless the run was given an amount
FEW_ROWS = (
    5_000_000  # up to here duplicates are counted, and the columns that matter are laid down once
)
MANY_ROWS = (
    20_000_000  # beyond, breadth is left out unless asked for: it costs more than all the rest
)


def recognise(table: Table) -> Reading | None:
    """What a table looks like: orders, lines of orders or customers; None where it is neither by its columns.

    >>> import pandas as pd
    >>> from shoal.data.read import read
    >>> recognise(read(pd.DataFrame({"customer": [1, 1, 2], "date": pd.to_datetime(["2024-01-01"] * 3), "amount": [5, 6, 7]}))).kind
    'orders'
    """
    try:
        return understand(table, {})
    except InputError:
        return None


def customers_from_orders(table: Table, options: OrdersOptions) -> Customers:
    """One row a customer from one row an order, or an order line.

    Raises:
        InputError: there is no customer or date column, nothing was bought, or several currencies
            are mixed.
        OptionError: a date is none, a column is missing, or the rows are customers already.
    """
    returns, duplicates = options.returns, options.duplicates
    named: dict[What, str | None] = {
        what: options.date_column if what == "date" else getattr(options, what) for what in WHATS
    }
    _no_mixed_money(table, options.amount)
    until, start = _moment("date", options.date), _moment("since", options.since)
    reading = understand(table, named, options.one_order, options.amount_per)
    if reading.kind == "customers":
        raise OptionError(
            f"{table.name}: {reading.why} Segment it as it is, without {option('orders')}; "
            f"or name the date with {option('date_column')}."
        )
    with _database(table) as base:
        rows = int(_one(base, "SELECT count(*) FROM source")[0])
        twice = _duplicates(base, rows, duplicates == "drop")
        if rows <= FEW_ROWS:
            _keep_columns(base, reading, bool(twice) and duplicates == "drop")
        lines = _lines(base, table, reading, until, start)
        _one_currency(base, table, reading)
        lines = replace(lines, distinct=rows > FEW_ROWS and duplicates == "drop" and bool(twice))
        tally = _account(base, table, lines)
        lines = replace(
            lines,
            only=tuple(sorted(tally.rows)),
            orderless=tally.orderless > 0 and reading.one_order == "id",
        )
        moment = until or dt.datetime.combine(tally.last.date() + dt.timedelta(days=1), dt.time())
        wide = tally.total <= MANY_ROWS if options.breadth is None else options.breadth
        dated = options.date is not None
        return _made(base, table, lines, tally, moment, dated, returns, duplicates, twice, wide)


def _moment(name: str, given: str | dt.date | None) -> dt.datetime | None:
    if given is None:
        return None
    try:
        when = dt.datetime.fromisoformat(given) if isinstance(given, str) else given
        if not isinstance(when, dt.datetime):
            return dt.datetime.combine(when, dt.time())
        return when.astimezone(dt.UTC).replace(tzinfo=None) if when.tzinfo else when
    except ValueError:
        raise OptionError(
            f"{option(name, given)} is no date. Write it as year-month-day, "
            f"such as {option(name, '2024-12-31')}."
        ) from None


@contextmanager
def _database(table: Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own that sees the table as `source`."""
    memory = asked().memory or MEMORY
    with new_folder() as folder:
        base = open_database(structs.replace(asked(), memory=memory))
        try:
            base.execute("SET preserve_insertion_order = false")
            scan = table.scan or _laid_down(base, table, folder)
            for name, thing in scan.objects.items():
                base.register(name, thing)
            base.execute(f"CREATE TEMP VIEW source AS {scan.sql}")
            with table.unchanged():
                yield base
        except duckdb.OutOfMemoryException as full:
            raise InputError(
                f"{memory / 1e6:,.0f} MB of memory is too little to sum up {table.name}. "
                f"Allow more, such as {option('memory', '2GB')}."
            ) from full
        finally:
            base.close()


def _laid_down(base: duckdb.DuckDBPyConnection, table: Table, folder: str) -> Scan:
    """A table that can only be streamed, as a Parquet file: several questions are asked of it."""
    path = Path(folder) / "orders.parquet"
    with pq.ParquetWriter(path, table.schema) as writer:
        for batch in table.batches():
            writer.write_batch(batch)
    return Scan(f"SELECT * FROM read_parquet({literal(str(path))})")


def _lines(
    base: duckdb.DuckDBPyConnection,
    table: Table,
    reading: Reading,
    until: dt.datetime | None,
    since: dt.datetime | None,
) -> Lines:
    types = {f.name: f.type for f in table.schema}
    customer, order, status = (reading.column(w) for w in ("customer", "order", "status"))
    whole = False
    if customer and pa.types.is_floating(types[customer]):
        column = quoted(customer)
        whole = not _one(
            base,
            f"SELECT count(*) FROM source WHERE {column} <> floor({column}) OR abs({column}) > 9e15",
        )[0]
    marked = False
    if order and pa.types.is_string(types[order]):
        column = quoted(order)
        seen = f"SELECT count(*) FILTER (regexp_full_match({column}, '\\d+')), count(*) FILTER (regexp_full_match({column}, 'C\\d+')), count({column})"
        digits, marks, known = _one(
            base,
            f"{seen} FROM (SELECT {column} FROM source WHERE {column} IS NOT NULL LIMIT 200000)",
        )
        marked = marks > 0 and digits > 0.5 * known
    words: tuple[str, ...] = ()
    if status:
        met = base.execute(
            f"SELECT DISTINCT lower({quoted(status)}) FROM source WHERE {quoted(status)} IS NOT NULL LIMIT 500"
        ).fetchall()
        words = tuple(sorted(w for (w,) in met if is_cancelled(w)))
    when = [None if m is None else m.isoformat(" ") for m in (until, since)]
    return Lines(
        "SELECT * FROM source", reading, types, whole, marked, False, words, when[0], when[1]
    )


def _one(base: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return tuple(next(iter(base.execute(query).fetchall()), ()))


def _no_mixed_money(table: Table, amount: str | None) -> None:
    mixed = next((f for f in table.findings if f.code == "mixed-currencies"), None)
    if mixed is not None and amount is None:
        raise InputError(
            f"{mixed.message} Convert them to one currency first, "
            f"or name another column of amounts with {option('amount')}."
        )


def _one_currency(base: duckdb.DuckDBPyConnection, table: Table, reading: Reading) -> None:
    name = reading.column("currency")
    if name is None:
        return
    column = quoted(name)
    met = base.execute(
        f"SELECT {column}, count(*) FROM source WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 2 DESC, 1"
    ).fetchall()
    if len(met) > 1:
        told = ", ".join(f"{word} ({rows:,} rows)" for word, rows in met[:5])
        raise InputError(
            f'{table.name} mixes {len(met)} currencies in "{name}": {told}. Amounts in different money cannot be added: '
            "convert them to one currency first, or keep the rows of one."
        )


def _duplicates(base: duckdb.DuckDBPyConnection, rows: int, drop: bool) -> int | None:
    """Rows that repeat another in every column; not counted in very large tables unless they are to be dropped."""
    if rows > FEW_ROWS and not drop:
        return None
    return rows - int(_one(base, "SELECT count(*) FROM (SELECT DISTINCT * FROM source)")[0])


def _keep_columns(base: duckdb.DuckDBPyConnection, reading: Reading, distinct: bool) -> None:
    """Lay down the columns that matter: several questions are asked of them, and reading text again costs more than memory."""
    used = ", ".join(
        quoted(n) for n in dict.fromkeys([*(t.column for t in reading.taken), *reading.kept])
    )
    once = "(SELECT DISTINCT * FROM source)" if distinct else "source"
    base.execute(f"CREATE TEMP TABLE laid_down AS SELECT {used} FROM {once}")
    base.execute("CREATE OR REPLACE TEMP VIEW source AS SELECT * FROM laid_down")


@dataclass(frozen=True)
class _Tally:
    """Rows by class."""

    rows: dict[int, int]
    first: dt.datetime
    last: dt.datetime
    orderless: int

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def _account(base: duckdb.DuckDBPyConnection, table: Table, lines: Lines) -> _Tally:
    seen = _one(base, lines.glance())
    if lines.all_sales(seen):
        return _Tally({0: int(seen[0])}, seen[1], seen[2], 0)
    found = base.execute(lines.account()).fetchall()
    sold = next((row for row in found if row[0] == 0), None)
    if sold is None:
        told = (
            ", ".join(f"{n:,} {REASONS.get(k, 'returned or cancelled')}" for k, n, *_ in found)
            or "it has no rows"
        )
        raise InputError(
            f"Nothing was bought in {table.name}: {told}. Name its columns with "
            f"{option('customer')}, {option('date_column')} and {option('amount')}."
        )
    return _Tally({int(k): int(n) for k, n, *_ in found}, sold[2], sold[3], int(sold[4]))


def _measured(
    batch: pa.RecordBatch, lines: Lines, moment: dt.datetime, returns: Returns, id_name: str
) -> tuple[int, Ints, pa.RecordBatch]:
    """Customers that came, their numbers of orders, and the measures of those who bought."""
    bought = batch.filter(pc.greater(batch.column("orders"), 0)) if lines.returning else batch
    counts = np.asarray(bought.column("orders")).astype(np.int64)
    return batch.num_rows, counts, customer_columns(bought, lines, moment, returns, id_name)


def _in_threads(
    batches: Iterable[pa.RecordBatch], work: Callable[[pa.RecordBatch], T]
) -> Iterator[T]:
    """Work on a few batches at a time beside DuckDB, in their order and without letting them pile up."""
    with ThreadPoolExecutor(min(2, threads())) as pool:
        waiting: deque[Future[T]] = deque()
        for batch in batches:
            waiting.append(pool.submit(work, batch))
            if len(waiting) > 4:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _made(
    base: duckdb.DuckDBPyConnection,
    table: Table,
    lines: Lines,
    tally: _Tally,
    moment: dt.datetime,
    set_date: bool,
    returns: Returns,
    duplicates: Duplicates,
    twice: int | None,
    breadth: bool,
) -> Customers:
    """Sum up, batch by batch of customers, and tell how."""
    orders = without = once = 0
    id_name = lines.reading.column("customer") or "customer"
    cache = RowCache(f"{table.name} customers", IN_MEMORY)
    reader = base.sql(lines.customers(breadth)).to_arrow_reader(65_536)
    for came, counts, measured in _in_threads(
        reader, lambda batch: _measured(batch, lines, moment, returns, id_name)
    ):
        without += came - measured.num_rows
        orders += int(counts.sum())
        once += int((counts == 1).sum())
        cache.add(measured)
    dropped = twice if duplicates == "drop" and twice else 0
    asides = [(REASONS[k], n) for k, n in tally.rows.items() if k in REASONS] + (
        [(REASONS[9], dropped)] if dropped else []
    )
    reason = "set by you" if set_date else f"the day after the last order ({tally.last:%Y-%m-%d})"
    schema = cache.schema
    facts = OrderFacts(
        reading=lines.reading,
        rows=tally.total + dropped,
        sales=tally.rows[0],
        returns=tally.rows.get(1, 0) + tally.rows.get(2, 0),
        set_aside=tuple(asides),
        orders=int(orders),
        customers=cache.rows,
        one_time=int(once),
        without_purchase=without,
        first=tally.first,
        last=tally.last,
        date=moment.date(),
        date_reason=reason,
        returns_rule=returns_rule(lines, returns),
        duplicates_rule=duplicates_rule(duplicates, twice),
        amount_rule=amount_rule(lines),
        columns=column_words(schema.names, lines, returns),
    )
    found = findings_of(facts, lines, tally.orderless, breadth, table.name)
    by, describe, value, ignore = roles(schema.names, id_name)
    cache.sort(id_name)
    made = cache.table(table.read_as, (*table.findings, *found))
    return Customers(made, facts, found, id_name, by, describe, value, ignore)
