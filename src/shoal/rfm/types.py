"""How orders became customers, in small frozen dataclasses that can become JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

from msgspec.structs import replace

from shoal.engine.table import Table
from shoal.options import Meanings, RoleOverrides, RolesOfOrders
from shoal.options.columns import ColumnSettings
from shoal.sentences import say
from shoal.types import Finding, Held, OrderLines, Shown, Statement

What = Literal[
    "customer",
    "order",
    "date",
    "amount",
    "quantity",
    "price",
    "product",
    "category",
    "status",
    "currency",
    "kind",
    "refunded",
    "cancelled",
]
WHATS: tuple[What, ...] = get_args(What)


LABELS = {  # what people call the measures
    "recency": "days since last order",
    "frequency": "orders",
    "monetary": "money spent",
    "average_order": "money per order",
    "tenure": "days since first order",
    "days_between": "days between orders",
}


@dataclass(frozen=True)
class Taken:
    """Which column was taken for what, and why.

    `kind` is what tells sales from refunds, row by row; `refunded` how much of an order was paid
    back; `cancelled` whether or when it was.
    """

    what: What
    column: str
    why: Statement


@dataclass(frozen=True)
class Reading:
    """How a table of orders is understood before its rows are summed up."""

    kind: Literal["orders", "lines", "customers"]
    why: Statement
    taken: tuple[Taken, ...]
    one_order: Literal["id", "day", "row"]  # what makes one order
    amount_per: Literal["line", "order"] = "line"  # an order's total may stand on each of its lines
    pieces_back: bool = False  # what came back of a row is said in pieces, not in money
    held: Held = "dates"  # how the column of dates holds them
    unused: tuple[str, ...] = ()  # numbers on returns that are not used
    sides: str | None = None  # a column of debits and credits that is not used
    untold: tuple[str, str] | None = None  # a column that is not used, its word for a return
    kept: tuple[str, ...] = ()  # words on the customer that are carried along, such as the country

    def column(self, what: What) -> str | None:
        """The column taken for this, if any."""
        return next((t.column for t in self.taken if t.what == what), None)


@dataclass(frozen=True)
class Money:
    """Money bought for and returned, summed over customers, where something was returned."""

    bought: float = 0.0
    returned: float = 0.0
    taken_off: float = 0.0  # of what was returned: since a first purchase, up to what was bought
    beyond: int = 0  # customers who returned more than they bought

    def __add__(self, other: Money) -> Money:
        return Money(
            self.bought + other.bought,
            self.returned + other.returned,
            self.taken_off + other.taken_off,
            self.beyond + other.beyond,
        )


@dataclass(frozen=True)
class OrderFacts:
    """How orders became customers: every row is used, a return, or set aside with its reason."""

    reading: Reading
    rows: int
    sales: int  # rows that are purchases
    returns: int  # rows that are returns or cancellations
    set_aside: tuple[tuple[str, int], ...]  # (reason, rows)
    orders: int
    customers: int
    one_time: int  # customers with a single order
    without_purchase: int  # customers who only returned, were given, or cancelled
    money: Money
    first: dt.datetime
    last: dt.datetime
    date: dt.date  # the analysis date
    date_from: Statement
    value_rule: Statement  # what a row is worth
    return_rule: Statement  # what counts as a return, and what is done with it
    duplicate_rule: Statement  # what was done with rows that are equal in every column
    columns: tuple[tuple[str, str], ...]  # (column of the customers, what it says)

    @property
    def lines(self) -> OrderLines:
        """What became of the rows."""
        how = say(
            "lines-counted",
            rows=self.rows,
            sales=self.sales,
            returns=self.returns,
            set_aside=self.set_aside,
        )
        return OrderLines(self.rows, self.sales, self.returns, self.set_aside, how)

    @property
    def date_reason(self) -> str:
        """Where the analysis date comes from, in words."""
        return self.date_from.text

    @property
    def returns_rule(self) -> str:
        """What counts as a return and what is done with it, in words."""
        return self.return_rule.text

    @property
    def duplicates_rule(self) -> str:
        """What was done with rows that are equal in every column, in words."""
        return self.duplicate_rule.text

    @property
    def words(self) -> tuple[str, ...]:
        """All of it in sentences, for the terminal and the report."""
        return tuple(statement.text for statement in self._statements())

    def _statements(self) -> Iterator[Statement]:
        yield self.reading.why
        for taken in self.reading.taken:
            yield say("column-taken", column=taken.column, what=taken.what, why=taken.why.text)
        yield say(
            "rows-used",
            rows=self.rows,
            sales=self.sales,
            returns=self.returns,
            set_aside=self.set_aside,
        )
        yield say(
            "customers-made",
            customers=self.customers,
            orders=self.orders,
            one_time=self.one_time,
        )
        yield say("date-of-analysis", date=self.date, why=self.date_reason)
        yield from (self.value_rule, self.return_rule, self.duplicate_rule)


@dataclass(frozen=True)
class Customers(Shown):
    """One row a customer, how it was made, and which columns should form segments."""

    table: Table
    facts: OrderFacts
    findings: tuple[Finding, ...]
    id: str
    by: tuple[str, ...]  # columns that should form segments
    describe: tuple[str, ...]  # columns that describe them
    value: str | None  # the money column
    ignore: tuple[str, ...]  # dates, kept for people
    aside: Table | None = None  # rows that were set aside, with reasons, where they were kept

    def __repr__(self) -> str:
        made = f"{self.facts.customers:,} customers from {self.facts.rows:,} rows"
        return f"<shoal.Customers: {made}, {len(self.facts.columns)} columns>"

    def column(self, name: str) -> list[Any]:
        """The values of one column, in the order of the table."""
        return [v for batch in self.table.batches([name]) for v in batch.column(0).to_pylist()]

    def meanings(self, asked: Meanings) -> Meanings:
        """What is known of the columns.

        Since they were made here, unless something else was said.
        """
        known = {
            n: ColumnSettings(label=w) for n, w in LABELS.items() if n in self.table.schema.names
        }
        return replace(asked, columns=known | asked.columns)

    def roles(self, asked: RoleOverrides) -> RolesOfOrders:
        """The roles that follow from how customers were made, unless they were set."""
        taken = {asked.id, asked.value, *asked.by, *asked.describe, *asked.ignore}

        def free(names: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(name for name in names if name not in taken)

        return RolesOfOrders(
            id=asked.id or self.id,
            by=asked.by or free(self.by),
            describe=asked.describe or free(self.describe),
            value=asked.value or self.value,
            ignore=asked.ignore or free(self.ignore),
            follow=free(tuple(self.table.schema.names)),
        )
