"""The SQL that sums up orders: rows get a class, rows become orders, orders become customers.

In every query c is the customer, o the order, t the time, v the value, k the class of a row.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from shoal.rfm.types import Reading, What
from shoal.text.sql import literal, quoted


class RowClass(enum.IntEnum):
    """What a row of orders is; all but the first three are set aside."""

    SALE = 0
    RETURN = 1
    CANCELLED = 2
    NO_CUSTOMER = 3
    NO_DATE = 4
    TOO_LATE = 5
    TOO_EARLY = 6
    NO_AMOUNT = 7
    FREE = 8
    DUPLICATE = 9
    STAND_IN = 10


REASONS = {  # for setting rows aside
    RowClass.NO_CUSTOMER: "without a customer",
    RowClass.NO_DATE: "without a date",
    RowClass.STAND_IN: "with a date that stands for none, such as 1900-01-01",
    RowClass.TOO_LATE: "after the analysis date",
    RowClass.TOO_EARLY: "before the first day asked for",
    RowClass.NO_AMOUNT: "without a known amount",
    RowClass.FREE: "free of charge (price or quantity zero)",
    RowClass.DUPLICATE: "exact duplicates",
}
# Days that databases and people write where they know none.
STAND_INS = ("0001-01-01", "1753-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "9999-12-31")
_NAMED: tuple[What, ...] = ("customer", "date", "order")  # columns that must be known
_MEASURED: tuple[What, ...] = ("amount", "quantity", "price")  # columns of numbers


@dataclass(frozen=True)
class Lines:
    """How the columns of `source` become the customer, order, time, value and class of a row."""

    reading: Reading
    types: Mapping[str, pa.DataType]
    whole_ids: bool = False  # customers were read as fractions, yet are whole numbers
    marked: bool = False  # order numbers that start with a C are cancellations
    orderless: bool = False  # some rows have no order number
    cancelled_words: tuple[str, ...] = ()
    until: dt.datetime | None = None  # the moment of the analysis
    since: dt.datetime | None = None
    distinct: bool = False  # rows equal to another in every column are left out
    only: tuple[int, ...] = ()  # the classes that occur among the rows; empty: not known yet

    @property
    def money(self) -> bool:
        """Whether rows have a value in money."""
        return self.value is not None

    @property
    def value(self) -> str | None:
        """What a row is worth."""
        amount, quantity, price = (self._column(w) for w in _MEASURED)
        if amount:
            return f"CAST({amount} AS DOUBLE)"
        return f"CAST({quantity} AS DOUBLE) * {price}" if price and quantity else None

    @property
    def returning(self) -> bool:
        """Whether any row is a return or a cancellation."""
        return not self.only or RowClass.RETURN in self.only or RowClass.CANCELLED in self.only

    def _column(self, what: What) -> str | None:
        name = self.reading.column(what)
        return None if name is None else quoted(name)

    # --- rows -------------------------------------------------------------------------------------

    def _customer(self) -> str:
        column = self._column("customer") or "NULL"
        return f"CAST({column} AS BIGINT)" if self.whole_ids else column

    def _order(self) -> str:
        column, day = self._column("order"), f"CAST({self._column('date')} AS DATE)"
        if self.reading.one_order == "row":
            return "0"
        if self.reading.one_order == "day" or column is None:
            return day
        if self.orderless:
            return f"CASE WHEN {column} IS NULL THEN hash({day}) ELSE hash({column}) END"
        # Long order numbers are told apart by their 64-bit hash within one customer: half the
        # memory, no collisions to speak of.
        text = pa.types.is_string(self.types[self.reading.column("order") or ""])
        return f"hash({column})" if text else column

    def _class(self) -> str:
        """The class of a row: that of the first test that holds, else a sale."""
        tests = [*self._tests_of_place(), *self._tests_of_value()]
        wanted = [(k, test) for k, test in tests if not self.only or k in self.only]
        if not wanted:
            return "0"
        cases = " ".join(f"WHEN {test} THEN {k:d}" for k, test in wanted)
        return f"CASE {cases} ELSE 0 END"

    def _tests_of_place(self) -> Iterator[tuple[RowClass, str]]:
        """Whether it is known who ordered and when, and whether that lies in the time asked for."""
        date = self._column("date")
        yield RowClass.NO_CUSTOMER, f"{self._column('customer')} IS NULL"
        yield RowClass.NO_DATE, f"{date} IS NULL"
        yield RowClass.STAND_IN, self._stand_in()
        if self.until:
            yield RowClass.TOO_LATE, f"{date} > TIMESTAMP '{self.until}'"
        if self.since:
            yield RowClass.TOO_EARLY, f"{date} < TIMESTAMP '{self.since}'"

    def _stand_in(self) -> str:
        """Whether the date of a row stands for none."""
        days = ", ".join(f"DATE '{day}'" for day in STAND_INS)
        return f"CAST({self._column('date')} AS DATE) IN ({days})"

    def _tests_of_value(self) -> Iterator[tuple[RowClass, str]]:
        """Whether something was bought, and for how much."""
        amount, quantity, price = (self._column(w) for w in _MEASURED)
        if self.cancelled_words:
            words = ", ".join(map(literal, self.cancelled_words))
            yield RowClass.CANCELLED, f"lower({self._column('status')}) IN ({words})"
        if self.value:
            yield RowClass.NO_AMOUNT, f"NOT coalesce(isfinite({self.value}), false)"
        if self.marked:
            yield RowClass.RETURN, f"starts_with({self._column('order')}, 'C')"
        if quantity:
            yield RowClass.RETURN, f"{quantity} < 0"
        if self.value:
            yield RowClass.RETURN, f"{self.value} < 0"
        if self.value and price and not amount:
            yield RowClass.FREE, f"{price} = 0"
        if quantity and not amount:
            yield RowClass.FREE, f"{quantity} = 0"

    def rows(self, *more: str) -> str:
        """A SELECT of c, o, t, v, k over every row; `more` are further expressions."""
        chosen = [
            f"{self._customer()} AS c",
            f"{self._order()} AS o",
            f"CAST({self._column('date')} AS TIMESTAMP) AS t",
            f"{self.value or 'CAST(1 AS DOUBLE)'} AS v",
            f"{self._class()} AS k",
            *more,
        ]
        source = "(SELECT DISTINCT * FROM source)" if self.distinct else "source"
        return f"SELECT {', '.join(chosen)} FROM {source}"

    def used(self) -> str:
        """The rows that are purchases or returns."""
        aside = not self.only or any(k in REASONS for k in self.only)
        return f"SELECT * FROM ({self.rows()}){' WHERE k IN (0, 1, 2)' if aside else ''}"

    def sales(self, *more: str) -> str:
        """The rows that are purchases."""
        mixed = self.only != (RowClass.SALE,)
        return f"SELECT * FROM ({self.rows(*more)}){' WHERE k = 0' if mixed else ''}"

    def set_aside(self) -> str:
        """The rows that take no part, as they are, each with the reason; in an order of their own.

        Rows that were dropped since they equal another in every column are not among them.
        """
        reasons = " ".join(f"WHEN {k:d} THEN {literal(why)}" for k, why in REASONS.items())
        marked = f'SELECT *, {self._class()} AS "class of row" FROM source'
        said = f'CASE "class of row" {reasons} END AS set_aside_because'
        return (
            f'SELECT {said}, * EXCLUDE ("class of row") FROM ({marked}) '
            f'WHERE "class of row" > {RowClass.CANCELLED:d} ORDER BY ALL'
        )

    # --- how many rows of which class -------------------------------------------------------------

    def account(self) -> str:
        """Rows, earliest and latest time, and rows without order number, class by class."""
        sums = "k, count(*), min(t), max(t), count(*) - count(o)"
        return f"SELECT {sums} FROM ({self.rows()}) GROUP BY k ORDER BY k"

    def glance(self) -> str:
        """Rows, earliest and latest time, known values of each column that must be known.

        Then for each column of numbers: known values, least, greatest.
        """
        date = f"CASE WHEN NOT {self._stand_in()} THEN {self._column('date')} END"
        sums = ["count(*)", *(f"CAST({end}({date}) AS TIMESTAMP)" for end in ("min", "max"))]
        known = {what: self._column(what) for what in _NAMED} | {"date": date}
        sums += [f"count({name})" for name in known.values() if name]
        for name in filter(None, map(self._column, _MEASURED)):
            sums += [
                f"count({name})",
                f"CAST(min({name}) AS DOUBLE)",
                f"CAST(max({name}) AS DOUBLE)",
            ]
        return f"SELECT {', '.join(sums)} FROM source"

    def all_sales(self, seen: Sequence[Any]) -> bool:
        """Whether a glance proves every row to be a purchase, so that rows need not be classed."""
        rows, first, last = seen[:3]
        names = sum(self.reading.column(w) is not None for w in _NAMED)
        known, ranges = seen[3 : 3 + names], seen[3 + names :]
        if not rows or self.marked or self.cancelled_words or self.distinct:
            return False
        if any(count != rows for count in known):
            return False
        if (self.until and last > self.until) or (self.since and first < self.since):
            return False
        measured = [w for w in _MEASURED if self.reading.column(w)]
        return all(
            _bought(what, rows, *ranges[3 * i : 3 * i + 3]) for i, what in enumerate(measured)
        )

    # --- orders and customers ---------------------------------------------------------------------

    def orders(self) -> str:
        """One row an order: t and s are its time and value, NULL when nothing in it was bought.

        Where rows are returned, r is the value returned, q the value cancelled, b the number of
        such rows (or whether it is one), n the number of rows.
        """
        if self.reading.one_order == "row":
            return self._orders_of_rows()
        total = "max" if self.reading.amount_per == "order" else "sum"
        if not self.returning:
            return f"SELECT c, max(t) AS t, {total}(v) AS s FROM ({self.used()}) GROUP BY c, o"
        return (
            f"SELECT c, max(t) FILTER (k = 0) AS t, {total}(v) FILTER (k = 0) AS s, "
            f"{total}(abs(v)) FILTER (k = 1) AS r, {total}(abs(v)) FILTER (k = 2) AS q, "
            "count(*) FILTER (k <> 0) AS b, count(*) AS n "
            f"FROM ({self.used()}) GROUP BY c, o"
        )

    def _orders_of_rows(self) -> str:
        if not self.returning:
            return f"SELECT c, t, v AS s FROM ({self.used()})"
        return (
            "SELECT c, CASE WHEN k = 0 THEN t END AS t, CASE WHEN k = 0 THEN v END AS s, "
            "CASE WHEN k = 1 THEN abs(v) END AS r, CASE WHEN k = 2 THEN abs(v) END AS q, "
            f"k <> 0 AS b, 1 AS n FROM ({self.used()})"
        )

    def customers(self, breadth: bool) -> str:
        """One row a customer, in any order: sorting here would carry the times along."""
        further = self._further() if breadth else {}
        parts = {"summed": self._summed(breadth), **further}
        queries = ", ".join(f"{name} AS ({query})" for name, query in parts.items())
        joins = " ".join(f"LEFT JOIN {name} USING (c)" for name in further)
        return f"WITH {queries} SELECT * FROM summed {joins}"

    def _summed(self, breadth: bool) -> str:
        sums = [
            "count(t) AS orders, sum(s) AS value, min(t) AS first, max(t) AS last",
            "sum(s * epoch(t)) AS moment",
        ]
        if breadth:  # the dearest of all measures: a fifth of the whole
            bought = " FILTER (t IS NOT NULL)" if self.returning else ""
            sums.append(f"list(CAST(epoch(t) // 60 AS INTEGER)){bought} AS times")
        if self.returning:
            sums += [
                "coalesce(sum(r), 0.0) AS back, coalesce(sum(q), 0.0) AS undone",
                "CAST(sum(CAST(b AS BIGINT)) AS BIGINT) AS back_rows, CAST(sum(n) AS BIGINT) AS n",
            ]
        return f"SELECT c, {', '.join(sums)} FROM ({self.orders()}) GROUP BY c"

    def _further(self) -> dict[str, str]:
        """Queries of one row a customer: products, the favourite category, words carried along."""
        product, category = self._column("product"), self._column("category")
        found = {}
        if product:
            found["width"] = self._products(product)
        if category:
            found["taste"] = self._favourite(category)
        if self.reading.kept:
            found["words"] = self._last_words()
        return found

    def _products(self, product: str) -> str:
        rows = self.sales(f"{product} AS p")
        each = f"SELECT c, p FROM ({rows}) WHERE p IS NOT NULL GROUP BY c, p"
        return f"SELECT c, count(*) AS products FROM ({each}) GROUP BY c"

    def _favourite(self, category: str) -> str:
        """Of the most value; of two such the one that comes first in the alphabet."""
        rows = self.sales(f"CAST({category} AS VARCHAR) AS g")
        each = f"SELECT c, g, round(sum(v), 4) AS w FROM ({rows}) WHERE g IS NOT NULL GROUP BY c, g"
        first = f"SELECT c, w, min(g) AS g FROM ({each}) GROUP BY c, w"
        return f"SELECT c, arg_max(g, w) AS favourite FROM ({first}) GROUP BY c"

    def _last_words(self) -> str:
        """Those of the last order."""
        rows = self.sales(*(f"{quoted(n)} AS w{i}" for i, n in enumerate(self.reading.kept)))
        last = ", ".join(f"arg_max(w{i}, (t, w{i})) AS w{i}" for i in range(len(self.reading.kept)))
        return f"SELECT c, {last} FROM ({rows}) GROUP BY c"


def _bought(what: What, rows: int, known: int, least: float, most: float) -> bool:
    """Whether all rows have such a number, none of which is a return, free or infinite."""
    if known != rows or most == float("inf"):
        return False
    return least >= 0 if what == "amount" else least > 0
