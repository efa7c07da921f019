"""Orders → customers: recency, frequency, monetary value and more, at an explicit date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from msgspec import structs

from shoal.engine.cache import RowCache
from shoal.engine.database import enough_memory, open_database
from shoal.engine.local import in_threads
from shoal.engine.resources import asked
from shoal.engine.table import Scan, Table
from shoal.engine.tempdir import new_folder
from shoal.errors import InputError, OptionError
from shoal.options import OrdersOptions
from shoal.rfm.cells import Cells, Ends, check_one_currency, ends_of_time, look_at
from shoal.rfm.columns import name_of_option, understand
from shoal.rfm.findings import (
    busiest_customer,
    duplicate_rule,
    findings_of,
    return_rule,
    two_spellings,
    value_rule,
)
from shoal.rfm.measures import column_words, customer_columns, money_of, roles
from shoal.rfm.sql import REASONS, Glance, Lines, RowClass
from shoal.rfm.types import WHATS, Customers, Money, OrderFacts, Reading, What
from shoal.sentences import say
from shoal.text.options import option
from shoal.text.sql import file_literal, quoted
from shoal.types import Ints, Statement

NOTHING = Money()
IN_MEMORY = 1_000_000  # customers; more of them are kept on disk
MEMORY = 600_000_000  # bytes that DuckDB may use, unless the run was given an amount
# Up to here duplicates are counted, and the columns that matter are laid down once.
FEW_ROWS = 5_000_000
# Beyond, breadth is left out unless asked for: it costs more than all the rest.
MANY_ROWS = 20_000_000
CUSTOMERS_A_BATCH = 65_536
LONGEST = 40  # letters of an id in a message
NUMBER_AS_TEXT = r"^0*([0-9]+?)(?:\.0)?$"  # 7, 007 and 7.0
MARKS_BEFORE = r"^(?:['#]+|mailto:)"  # as spreadsheets, people and links write them
DASHES = r"[\x{2010}-\x{2015}\x{2212}]"
GROUPED = r"^([0-9]{1,3}),([0-9]{3})$"
UNSEEN = r"[\s\x{200b}\x{2060}\x{feff}]+"  # blanks, and what no screen shows
NUMBER_IN_TWO_WAYS = r"^'?#?0[0-9]+$|^[0-9]+\.0$|^['#]|^[0-9]{1,3},[0-9]{3}$"


def customers_from_orders(
    table: Table, options: OrdersOptions, *, keep_aside: bool = False
) -> Customers:
    """One row a customer from one row an order, or an order line.

    `keep_aside` keeps the rows that are set aside, to be listed with their reasons.

    Raises:
        InputError: there is no customer or date column, nothing was bought, or several currencies
            are mixed.
        OptionError: a date is none, a column is missing, or the rows are customers already.
    """
    _no_mixed_money(table, options.amount)
    until, since = _moment("date", options.date), _moment("since", options.since)
    reading = _reading(table, options)
    with _database(table) as base:
        repeated = _lay_down(base, reading, options.duplicates == "drop")
        check_one_currency(base, table, reading)
        cells = look_at(base, table, reading)
        lines = replace(
            _lines(table, reading, cells),
            until=until,
            since=since,
            distinct=repeated.left,
        )
        seen = lines.seen(_one(base, lines.glance()))
        ends = ends_of_time(base, lines, seen)
        lines = replace(lines, sparse=seen.sparse, most=ends.most)
        tally = _account(base, table, lines, seen)
        lines = replace(
            lines,
            only=tuple(sorted(tally.rows)),
            orderless=tally.orderless > 0 and reading.one_order == "id",
        )
        run = _Run(table, options, lines, tally, repeated, until, cells, ends)
        made = _made(run, _summed_up(base, run))
        return replace(made, aside=_aside(base, run)) if keep_aside else made


# --- what is asked and what is there --------------------------------------------------------------


def _reading(table: Table, options: OrdersOptions) -> Reading:
    named: dict[What, str | None] = {what: getattr(options, name_of_option(what)) for what in WHATS}
    reading = understand(table, named, options.one_order, options.amount_per)
    if reading.kind == "customers":
        raise OptionError(
            f"{table.name}: {reading.why} Segment it as it is, without {option('orders', True)}; "
            f"or name the date with {option('date_column')}."
        )
    return reading


def _moment(name: str, given: Any) -> dt.datetime | None:
    """A day as its first moment, a moment in the time of Greenwich."""
    if given is None:
        return None
    when = _from_text(given) if isinstance(given, str) else given
    if isinstance(when, dt.datetime):
        return when.astimezone(dt.UTC).replace(tzinfo=None) if when.tzinfo else when
    if isinstance(when, dt.date):
        return dt.datetime.combine(when, dt.time())
    raise OptionError(
        f"{option(name, given)} is no date. Write it as year-month-day, "
        f"such as {option(name, '2024-12-31')}."
    )


def _from_text(text: str) -> dt.datetime | None:
    try:
        return dt.datetime.fromisoformat(text)
    except ValueError:
        return None


def _no_mixed_money(table: Table, amount: str | None) -> None:
    mixed = next((f for f in table.findings if f.code == "mixed-currencies"), None)
    if mixed is not None and amount is None:
        raise InputError(
            f"{mixed.message} Convert them to one currency first, "
            f"or name another column of amounts with {option('amount')}."
        )


# --- the rows of the source -----------------------------------------------------------------------


@contextmanager
def _database(table: Table) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database of its own that sees the table as `source`."""
    memory = asked().memory or MEMORY
    with new_folder() as folder, table.unchanged():
        base = open_database(structs.replace(asked(), memory=memory))
        try:
            base.execute("SET preserve_insertion_order = false")
            scan = table.scan or _as_file(table, Path(folder) / "orders.parquet")
            for name, thing in scan.objects.items():
                base.register(name, thing)
            base.execute(f"CREATE TEMP VIEW source AS {scan.sql}")
            with enough_memory(memory, f"sum up {table.name}"):
                yield base
        finally:
            base.close()


def _as_file(table: Table, path: Path) -> Scan:
    """A table that can only be streamed, as a file: several questions are asked of it."""
    with pq.ParquetWriter(path, table.schema) as writer:
        for batch in table.batches():
            writer.write_batch(batch)
    return Scan(f"SELECT * FROM read_parquet({file_literal(path)})")


def _one(base: duckdb.DuckDBPyConnection, query: str) -> tuple[Any, ...]:
    return tuple(next(iter(base.execute(query).fetchall()), ()))


@dataclass(frozen=True)
class _Repeated:
    """Rows that repeat another in every column."""

    rows: int | None  # None: they were not counted
    dropped: int = 0
    left: bool = False  # they are to be dropped, and still in the source


def _lay_down(base: duckdb.DuckDBPyConnection, reading: Reading, drop: bool) -> _Repeated:
    """Keep the columns that matter of a table that is not too large, and count rows that repeat.

    Several questions are asked of them, and reading text again costs more than memory.
    """
    rows = int(_one(base, "SELECT count(*) FROM source")[0])
    if rows > FEW_ROWS and not drop:
        return _Repeated(None)
    repeated = rows - int(_one(base, "SELECT count(*) FROM (SELECT DISTINCT * FROM source)")[0])
    dropped = repeated if drop else 0
    if rows > FEW_ROWS:
        return _Repeated(repeated, dropped, left=dropped > 0)
    used = dict.fromkeys([*(t.column for t in reading.taken), *reading.kept])
    columns = ", ".join(quoted(name) for name in used)
    source = "(SELECT DISTINCT * FROM source)" if dropped else "source"
    base.execute(f"CREATE TEMP TABLE laid_down AS SELECT {columns} FROM {source}")
    base.execute("CREATE OR REPLACE TEMP VIEW source AS SELECT * FROM laid_down")
    return _Repeated(repeated, dropped)


def _lines(table: Table, reading: Reading, cells: Cells) -> Lines:
    """How the columns are used, by what stands in them."""
    return Lines(
        reading,
        {f.name: f.type for f in table.schema},
        words=cells.words,
        whole_ids=cells.whole_ids,
        one_case=cells.two_cases > 0,
    )


@dataclass(frozen=True)
class _Tally:
    """Rows by class; first and last time and missing order numbers of those that are purchases."""

    rows: dict[int, int]
    first: dt.datetime
    last: dt.datetime
    orderless: int

    @property
    def total(self) -> int:
        return sum(self.rows.values())


def _account(base: duckdb.DuckDBPyConnection, table: Table, lines: Lines, seen: Glance) -> _Tally:
    if seen.first and seen.last and lines.all_sales(seen):
        return _Tally({RowClass.SALE: seen.rows}, seen.first, seen.last, 0)
    found = base.execute(lines.account()).fetchall()
    rows = {int(k): int(count) for k, count, *_ in found}
    sold = next((row for row in found if row[0] == RowClass.SALE), None)
    if sold is None:
        raise _nothing_bought(table, rows)
    return _Tally(rows, sold[2], sold[3], int(sold[4]))


def _nothing_bought(table: Table, rows: dict[int, int]) -> InputError:
    reasons = {int(k): reason for k, reason in REASONS.items()}
    classes = [f"{n:,} {reasons.get(k, 'returned or cancelled')}" for k, n in rows.items()]
    return InputError(
        f"Nothing was bought in {table.name}: {', '.join(classes) or 'it has no rows'}. "
        f"Name its columns with {option('customer')}, {option('date_column')} "
        f"and {option('amount')}."
    )


# --- customers ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Run:
    """All that was asked and found out before customers are summed up."""

    table: Table
    options: OrdersOptions
    lines: Lines
    tally: _Tally
    repeated: _Repeated
    until: dt.datetime | None
    cells: Cells
    ends: Ends

    @property
    def breadth(self) -> bool:
        """Whether products, categories and regularity are measured."""
        asked_for = self.options.breadth
        return self.tally.total <= MANY_ROWS if asked_for is None else asked_for

    @property
    def moment(self) -> dt.datetime:
        """That of the analysis: as asked, else the day after the last order."""
        after_last = self.tally.last.date() + dt.timedelta(days=1)
        return self.until or dt.datetime.combine(after_last, dt.time())

    @property
    def date_from(self) -> Statement:
        """Where that moment comes from."""
        if self.options.date is not None:
            return say("date-set")
        return say("date-after-last", last=self.tally.last)

    @property
    def id(self) -> str:
        """The column of the customer."""
        return self.lines.reading.column("customer") or "customer"


@dataclass(frozen=True)
class _Measured:
    """Customers of one batch who bought, and how many did not."""

    customers: pa.RecordBatch
    orders: Ints  # of each
    without_purchase: int
    money: Money

    @property
    def busiest(self) -> tuple[int, str]:
        """The most orders of one customer, and who that is."""
        if not len(self.orders):
            return 0, ""
        at = int(np.argmax(self.orders))
        return int(self.orders[at]), str(self.customers.column(0)[at])


@dataclass
class _Sums:
    """Customers as they are summed up, batch by batch."""

    cache: RowCache
    orders: int = 0
    one_time: int = 0
    without_purchase: int = 0
    money: Money = NOTHING
    busiest: tuple[int, str] = (0, "")

    def add(self, batch: _Measured) -> None:
        """One more batch."""
        self.cache.add(batch.customers)
        self.orders += int(batch.orders.sum())
        self.one_time += int((batch.orders == 1).sum())
        self.without_purchase += batch.without_purchase
        self.money += batch.money
        self.busiest = max(self.busiest, batch.busiest)


def _summed_up(base: duckdb.DuckDBPyConnection, run: _Run) -> _Sums:
    def measured(batch: pa.RecordBatch) -> _Measured:
        bought = batch
        if run.lines.returning:
            bought = batch.filter(pc.greater(batch.column("orders"), 0))
        columns = customer_columns(bought, run.lines, run.moment, run.options.returns, run.id)
        orders = np.asarray(bought.column("orders")).astype(np.int64)
        money = money_of(batch) if run.lines.money and run.lines.returning else NOTHING
        return _Measured(columns, orders, batch.num_rows - bought.num_rows, money)

    sums = _Sums(RowCache(f"{run.table.name} customers", IN_MEMORY))
    batches = base.sql(run.lines.customers(run.breadth)).to_arrow_reader(CUSTOMERS_A_BATCH)
    for batch in in_threads(batches, measured):
        sums.add(batch)
    sums.cache.sort(run.id)
    return sums


def _aside(base: duckdb.DuckDBPyConnection, run: _Run) -> Table | None:
    """The rows that were set aside, as a Table; None where there are none."""
    if not any(k in REASONS for k in run.tally.rows):
        return None
    cache = RowCache(f"{run.table.name} set aside", IN_MEMORY)
    for batch in base.sql(run.lines.set_aside()).to_arrow_reader(CUSTOMERS_A_BATCH):
        cache.add(batch)
    return cache.table(run.table.read_as)


def _made(run: _Run, sums: _Sums) -> Customers:
    facts = _facts(run, sums)
    lines, orderless, table = run.lines, run.tally.orderless, run.table
    found = findings_of(
        facts, lines, run.cells, run.ends, run.options.returns, orderless, run.breadth, table.name
    )
    found += tuple(busiest_customer(facts, run.id, *sums.busiest))
    made = sums.cache.table(table.read_as)
    if sums.cache.rows <= IN_MEMORY:
        found += tuple(two_spellings(run.id, *_spellings(made, run.id)))
    said = (*table.findings, *found)
    made = replace(made, findings=said)
    return Customers(made, facts, said, run.id, **roles(made.schema.names, run.id))


def _spellings(customers: Table, column: str) -> tuple[int, tuple[str, str]]:
    """How many ids differ from another in their spelling alone, and the first such pair.

    That is in capitals, blanks, dashes, zeros or marks in front, or ".0".
    """
    ids = pa.chunked_array([batch.column(0) for batch in customers.batches([column])])
    if not pa.types.is_string(ids.type) or not _may_differ(ids):
        return 0, ("", "")
    whole = pc.utf8_normalize(pc.utf8_lower(ids), form="NFKC")
    spaced = pc.utf8_trim_whitespace(pc.replace_substring_regex(whole, UNSEEN, " "))
    bare = spaced
    for pattern, put in (
        (MARKS_BEFORE, ""),
        (DASHES, "-"),
        (GROUPED, r"\1\2"),
        (NUMBER_AS_TEXT, r"\1"),
    ):
        bare = pc.replace_substring_regex(bare, pattern, put)
    pairs = len(ids) - pc.count_distinct(bare).as_py()
    return pairs, _first_pair(ids, bare) if pairs else ("", "")


def _may_differ(ids: pa.ChunkedArray) -> bool:
    """Whether the first ids have letters, zeros or points in which they could differ."""
    first = ids.slice(0, 1000)
    letters = not pc.utf8_lower(first).equals(pc.utf8_upper(first))
    return letters or pc.any(pc.match_substring_regex(first, NUMBER_IN_TWO_WAYS)).as_py() is True


def _first_pair(ids: pa.ChunkedArray, bare: pa.ChunkedArray) -> tuple[str, str]:
    """The first ids that are one when their spelling does not count."""
    counted = pc.value_counts(bare)
    often = counted.filter(pc.greater(counted.field("counts"), 1)).field("values")
    same = ids.filter(pc.equal(bare, often[0])).to_pylist()
    return same[0][:LONGEST], same[1][:LONGEST]


def _facts(run: _Run, sums: _Sums) -> OrderFacts:
    rows, returns, names = run.tally.rows, run.options.returns, sums.cache.schema.names
    repeated = run.repeated
    aside = {k: rows.get(k, 0) for k in REASONS} | {RowClass.DUPLICATE: repeated.dropped}
    return OrderFacts(
        reading=run.lines.reading,
        rows=run.tally.total + repeated.dropped,
        sales=rows[RowClass.SALE],
        returns=rows.get(RowClass.RETURN, 0) + rows.get(RowClass.CANCELLED, 0),
        set_aside=tuple((REASONS[k], count) for k, count in aside.items() if count),
        orders=sums.orders,
        customers=sums.cache.rows,
        one_time=sums.one_time,
        without_purchase=sums.without_purchase,
        money=sums.money,
        first=run.tally.first,
        last=run.tally.last,
        date=run.moment.date(),
        date_from=run.date_from,
        value_rule=value_rule(run.lines.reading),
        return_rule=return_rule(run.lines, returns),
        duplicate_rule=duplicate_rule(repeated.rows, repeated.dropped > 0),
        columns=column_words(names, run.lines, returns),
    )
