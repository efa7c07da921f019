"""What is said of the way from orders to customers: small frozen dataclasses that can become JSON."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any, Literal

from shoal.engine.table import Table
from shoal.types import Finding

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
]
WHATS: tuple[What, ...] = (
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
)


@dataclass(frozen=True)
class Taken:
    """Which column was taken for what, and why."""

    what: What
    column: str
    why: str


@dataclass(frozen=True)
class Reading:
    """How a table of orders is understood before its rows are summed up."""

    kind: Literal["orders", "lines", "customers"]
    why: str  # a whole sentence
    taken: tuple[Taken, ...]
    one_order: Literal["id", "day", "row"]  # what makes one order
    amount_per: Literal["line", "order"] = "line"  # an order's total may stand on each of its lines
    kept: tuple[str, ...] = ()  # words on the customer that are carried along, such as the country

    def column(self, what: What) -> str | None:
        """The column taken for this, if any."""
        return next((t.column for t in self.taken if t.what == what), None)


@dataclass(frozen=True)
class OrderFacts:
    """How orders became customers: every row is either used, a return, or set aside with its reason."""

    reading: Reading
    rows: int
    sales: int  # rows that are purchases
    returns: int  # rows that are returns or cancellations
    set_aside: tuple[tuple[str, int], ...]  # (reason, rows)
    orders: int
    customers: int
    one_time: int  # customers with a single order
    without_purchase: int  # customers who only returned, were given, or cancelled
    first: dt.datetime
    last: dt.datetime
    date: dt.date  # the analysis date
    date_reason: str
    returns_rule: str
    duplicates_rule: str
    amount_rule: str
    columns: tuple[tuple[str, str], ...]  # (column of the customers, what it says)

    @property
    def words(self) -> tuple[str, ...]:
        """The same in sentences, for the terminal and the report."""
        asides = "; ".join(f"{n:,} {reason}" for reason, n in self.set_aside)
        return (
            self.reading.why,
            *(f'"{t.column}" is the {t.what}: {t.why}.' for t in self.reading.taken),
            f"{self.rows:,} rows: {self.sales:,} purchases, {self.returns:,} returns or cancellations"
            + (f", set aside {asides}." if asides else "; none set aside."),
            f"{self.customers:,} customers with {self.orders:,} orders; {self.one_time:,} of them ordered once.",
            f"Analysis date {self.date:%Y-%m-%d}: {self.date_reason}.",
            self.amount_rule,
            self.returns_rule,
            self.duplicates_rule,
        )


@dataclass(frozen=True)
class Customers:
    """One row a customer, how it was made, and which columns should form segments."""

    table: Table
    facts: OrderFacts
    findings: tuple[Finding, ...]
    id: str
    by: tuple[str, ...]  # columns that should form segments
    describe: tuple[str, ...]  # columns that describe them
    value: str | None  # the money column
    ignore: tuple[str, ...]  # dates, kept for people

    def column(self, name: str) -> list[Any]:
        """The values of one column, in the order of the table."""
        return [v for batch in self.table.batches([name]) for v in batch.column(0).to_pylist()]
