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

from shoal.engine.made import A_SECOND, FIRST_SERIAL, RANGES
from shoal.rfm.types import Reading, What
from shoal.text.sql import literal, quoted
from shoal.types import Held


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
    GUEST = 11
    FAR = 12
    NO_PURCHASE = 13
    FURTHER = 14


REASONS = {  # for setting rows aside
    RowClass.NO_CUSTOMER: "without a customer",
    RowClass.GUEST: "of guests, who are not one customer",
    RowClass.NO_DATE: "without a date",
    RowClass.STAND_IN: "with a date that stands for none, such as 1900-01-01",
    RowClass.FAR: "dated years from all others",
    RowClass.TOO_LATE: "after the analysis date",
    RowClass.TOO_EARLY: "before the first day asked for",
    RowClass.NO_PURCHASE: "that are no purchases by their kind",
    RowClass.FURTHER: "that list more of an order whose amount is on another row",
    RowClass.NO_AMOUNT: "without a known amount",
    RowClass.FREE: "free of charge (price or quantity zero)",
    RowClass.DUPLICATE: "exact duplicates",
}
# Days that databases and people write where they know none.
STAND_INS = ("1899-12-30", "1899-12-31", "1900-01-01", "1970-01-01", "2099-12-31", "2100-01-01")
CALENDAR = ("1800-01-01", "2200-01-01")  # dates beyond are none
_NAMED: tuple[What, ...] = ("customer", "date", "order")  # columns that must be known
_MEASURED: tuple[What, ...] = ("amount", "quantity", "price")  # columns of numbers


@dataclass(frozen=True)
class Words:
    """What stands in the cells of orders, in small letters, as far as it says what a row is."""

    cancelled: tuple[str, ...] = ()  # of the status
    called_off: tuple[str, ...] = ()  # of a column that says what was cancelled
    returned: tuple[str, ...] = ()  # of the kind of a row
    no_purchase: tuple[str, ...] = ()
    guests: tuple[str, ...] = ()  # customers that are none
    marks: tuple[str, ...] = ()  # what the numbers of credit notes begin with, as it is spelled
    tails: tuple[str, ...] = ()  # … and what they end with


@dataclass(frozen=True)
class Glance:
    """What one look at all rows finds of the columns that matter."""

    rows: int
    first: dt.datetime | None  # of the dates that stand for one
    last: dt.datetime | None
    known: Mapping[What, int]  # cells that are no gaps
    ranges: Mapping[What, tuple[float, float]]  # least and greatest, of the columns of numbers

    @property
    def sparse(self) -> bool:
        """Whether amounts are missing on rows that have an order number."""
        return self.known.get("order", 0) > self.known.get("amount", self.rows)


@dataclass(frozen=True)
class Lines:
    """How the columns of `source` become the customer, order, time, value and class of a row."""

    reading: Reading
    types: Mapping[str, pa.DataType]
    words: Words = Words()
    whole_ids: bool = False  # customers were read as fractions, yet are whole numbers
    one_case: bool = False  # customers are e-mail addresses, some in two spellings
    sparse: bool = False  # some rows have an order number and no amount
    orderless: bool = False  # some rows have no order number
    until: dt.datetime | None = None  # the moment of the analysis
    since: dt.datetime | None = None
    most: tuple[dt.date | None, dt.date | None] = (None, None)  # between which nearly all lie
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
    def date(self) -> str:
        """When a row was ordered: a date or a moment; NULL for a number that is none."""
        column, held = self._column("date") or "NULL", self.reading.held
        if held == "dates":
            return column
        low, high = RANGES[held]
        return f"CASE WHEN {column} BETWEEN {low:g} AND {high:g} THEN {_moment(column, held)} END"

    @property
    def returning(self) -> bool:
        """Whether any row is a return or a cancellation."""
        if not self.only or self._column("refunded"):
            return True
        return RowClass.RETURN in self.only or RowClass.CANCELLED in self.only

    def _column(self, what: What) -> str | None:
        name = self.reading.column(what)
        return None if name is None else quoted(name)

    # --- rows -------------------------------------------------------------------------------------

    def _customer(self) -> str:
        column = self._column("customer") or "NULL"
        if self.one_case:
            return f"lower(trim({column}))"
        return f"CAST({column} AS BIGINT)" if self.whole_ids else column

    def _order(self) -> str:
        column, day = self._column("order"), f"CAST({self.date} AS DATE)"
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
        date, customer = self.date, self._column("customer")
        yield RowClass.NO_CUSTOMER, f"{customer} IS NULL"
        if self.words.guests:
            yield RowClass.GUEST, is_one_of(customer, self.words.guests)
        yield RowClass.NO_DATE, f"{date} IS NULL"
        yield RowClass.STAND_IN, self.stand_in()
        if self.until:
            yield RowClass.TOO_LATE, f"{date} > TIMESTAMP '{self.until}'"
        if self.since:
            yield RowClass.TOO_EARLY, f"{date} < TIMESTAMP '{self.since}'"
        for end, sign in zip(self.most, "<>", strict=True):
            if end:
                yield RowClass.FAR, f"CAST({date} AS DATE) {sign} DATE '{end}'"

    def stand_in(self) -> str:
        """Whether the date of a row stands for none."""
        day = f"CAST({self.date} AS DATE)"
        days = ", ".join(f"DATE '{each}'" for each in STAND_INS)
        first, end = (f"DATE '{each}'" for each in CALENDAR)
        return f"({day} IN ({days}) OR {day} < {first} OR {day} >= {end})"

    def _tests_of_value(self) -> Iterator[tuple[RowClass, str]]:
        """Whether something was bought, and for how much."""
        amount, quantity, price = (self._column(w) for w in _MEASURED)
        yield from self._tests_of_words()
        if self.value and self.sparse:
            yield RowClass.FURTHER, self._is_further()
        if self.value:
            yield RowClass.NO_AMOUNT, f"NOT coalesce(isfinite({self.value}), false)"
        for mark in self.words.marks:
            yield RowClass.RETURN, f"starts_with({self._column('order')}, {literal(mark)})"
        for tail in self.words.tails:
            yield RowClass.RETURN, f"ends_with({self._column('order')}, {literal(tail)})"
        if quantity:
            yield RowClass.RETURN, f"{quantity} < 0"
        if self.value and price and not amount:
            yield RowClass.FREE, f"{price} = 0"
        if quantity and not amount:
            yield RowClass.FREE, f"{quantity} = 0"

    def _tests_of_words(self) -> Iterator[tuple[RowClass, str]]:
        """What the words of a row say of it; a negative value is a return whatever its status."""
        words, kind, known = self.words, self._column("kind"), ""
        if words.no_purchase:
            yield RowClass.NO_PURCHASE, is_one_of(kind, words.no_purchase)
        if self.value:
            known = f" AND isfinite({self.value})"
            yield RowClass.RETURN, f"{self.value} < 0{known}"
        if words.returned:
            yield RowClass.RETURN, is_one_of(kind, words.returned) + known
        if words.cancelled:
            status = is_one_of(self._column("status"), words.cancelled)
            yield RowClass.CANCELLED, status + self._unless_in_part()
        if self._column("cancelled"):
            yield RowClass.CANCELLED, self._called_off()

    def _is_further(self) -> str:
        """Whether a row has no amount, and another row of its order has one."""
        order, amount = self._column("order"), self._column("amount")
        known = f"SELECT {order} FROM source WHERE {amount} IS NOT NULL AND {order} IS NOT NULL"
        return f"({amount} IS NULL AND {order} IN ({known}))"

    def _paid_back(self) -> str | None:
        """What of a row was paid back, in money; so many pieces of it at what one of them cost."""
        back, quantity = self._column("refunded"), self._column("quantity")
        if back is None or not self.reading.pieces_back:
            return None if back is None else f"abs(CAST({back} AS DOUBLE))"
        part = f"least(abs({back}) / nullif(abs(CAST({quantity} AS DOUBLE)), 0), 1)"
        return f"coalesce(abs({self.value}) * {part}, 0)"

    def _unless_in_part(self) -> str:
        """… but for an order of which less was paid back than it cost."""
        refunded = self._paid_back()
        if refunded is None or self.value is None:
            return ""
        part = f"{refunded} > 0 AND {refunded} < {self.value}"
        return f" AND NOT coalesce({part}, false)"

    def _called_off(self) -> str:
        """Whether a column says, in words, by a flag or with a date, that a row was cancelled."""
        name = self.reading.column("cancelled") or ""
        column, kind = quoted(name), self.types[name]
        if pa.types.is_string(kind):
            return is_one_of(column, self.words.called_off)
        if pa.types.is_temporal(kind):
            return f"{column} IS NOT NULL"
        return f"coalesce(CAST({column} AS BOOLEAN), false)"

    def rows(self, *more: str) -> str:
        """A SELECT of c, o, t, v, k (and f, the value paid back) over every row.

        `more` are further expressions.
        """
        refunded = self._paid_back()
        chosen = [
            f"{self._customer()} AS c",
            f"{self._order()} AS o",
            f"TRY_CAST({self.date} AS TIMESTAMP) AS t",
            f"{self.value or 'CAST(1 AS DOUBLE)'} AS v",
            f"{self._class()} AS k",
            *([f"{refunded} AS f"] if refunded else []),
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
        date = f"CASE WHEN NOT {self.stand_in()} THEN {self.date} END"
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

    def seen(self, row: Sequence[Any]) -> Glance:
        """What a glance found, from its one row."""
        names = [w for w in _NAMED if self.reading.column(w)]
        measured = [w for w in _MEASURED if self.reading.column(w)]
        ends = row[3 + len(names) :]
        known = dict(zip(names, row[3:], strict=False)) | dict(
            zip(measured, ends[::3], strict=True)
        )
        ranges = dict(zip(measured, zip(ends[1::3], ends[2::3], strict=True), strict=True))
        return Glance(row[0], row[1], row[2], known, ranges)

    def all_sales(self, seen: Glance) -> bool:
        """Whether a glance proves every row to be a purchase, so that rows need not be classed."""
        told = any(self.reading.column(w) for w in ("cancelled", "refunded"))
        if told or self.distinct or self.words != Words() or self.most != (None, None):
            return False
        if not seen.rows or any(count != seen.rows for count in seen.known.values()):
            return False
        if self.until and seen.last and seen.last > self.until:
            return False
        if self.since and seen.first and seen.first < self.since:
            return False
        return all(_bought(what, *ends) for what, ends in seen.ranges.items())

    # --- orders and customers ---------------------------------------------------------------------

    def orders(self) -> str:
        """One row an order: t and s are its time and value, NULL when nothing in it was bought.

        Where rows are returned, r is the value returned and x when, q the value cancelled, f what
        was paid back of it, b the number of such rows, n the number of rows.
        """
        if self.reading.one_order == "row":
            return self._orders_of_rows()
        total = "max" if self.reading.amount_per == "order" else "sum"
        value = f"{total}(v)" if self.money else "CAST(1 AS DOUBLE)"
        if not self.returning:
            return f"SELECT c, max(t) AS t, {value} AS s FROM ({self.used()}) GROUP BY c, o"
        sold = f"{total}(v) FILTER (k = 0)" if self.money else "max(1.0) FILTER (k = 0)"
        paid_back = f"{total}(f) FILTER (k = 0)" if self._column("refunded") else "NULL"
        return (
            f"SELECT c, max(t) FILTER (k = 0) AS t, {sold} AS s, "
            f"{total}(abs(v)) FILTER (k = 1) AS r, max(t) FILTER (k = 1) AS x, "
            f"{total}(abs(v)) FILTER (k = 2) AS q, {paid_back} AS f, "
            "count(*) FILTER (k <> 0) AS b, count(*) AS n "
            f"FROM ({self.used()}) GROUP BY c, o"
        )

    def _orders_of_rows(self) -> str:
        if not self.returning:
            return f"SELECT c, t, v AS s FROM ({self.used()})"
        paid_back = "CASE WHEN k = 0 THEN f END" if self._column("refunded") else "NULL"
        return (
            "SELECT c, CASE WHEN k = 0 THEN t END AS t, CASE WHEN k = 0 THEN v END AS s, "
            "CASE WHEN k = 1 THEN abs(v) END AS r, CASE WHEN k = 1 THEN t END AS x, "
            f"CASE WHEN k = 2 THEN abs(v) END AS q, {paid_back} AS f, "
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
        if not self.returning:
            return f"SELECT c, {', '.join(sums)} FROM ({self.orders()}) GROUP BY c"
        paid_back = "coalesce(sum(least(coalesce(f, 0), s)), 0.0)"
        sums += [
            f"coalesce(sum(r), 0.0) + {paid_back} AS back, {paid_back} AS paid_back",
            "coalesce(sum(q), 0.0) AS undone",
            "CAST(sum(CAST(b AS BIGINT)) AS BIGINT) AS back_rows, CAST(sum(n) AS BIGINT) AS n",
            # What was cancelled in the same order was never counted: it is not taken off again.
            "list({'x': x, 'r': greatest(r - coalesce(q, 0), 0)}) FILTER (r IS NOT NULL) AS rs",
        ]
        summed = f"SELECT c, {', '.join(sums)} FROM ({self.orders()}) GROUP BY c"
        since = "coalesce(list_sum([i.r FOR i IN rs IF i.x >= first]), 0.0)"
        return f"SELECT * EXCLUDE (rs), {since} + paid_back AS off FROM ({summed})"

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


def _moment(column: str, held: Held) -> str:
    """A number in the range of its kind, as a moment."""
    if held == "written":
        return f"try_strptime(CAST(CAST({column} AS BIGINT) AS VARCHAR), '%Y%m%d')"
    if held == "years":
        return f"CAST(make_date(CAST({column} AS INTEGER), 1, 1) AS TIMESTAMP)"
    if held == "serials":
        return f"TIMESTAMP '{FIRST_SERIAL}' + to_microseconds(CAST({column} * 864e8 AS BIGINT))"
    return f"make_timestamp(CAST({column} * {1e6 / A_SECOND[held]!r} AS BIGINT))"


def is_one_of(column: str | None, words: Sequence[str]) -> str:
    """Whether a cell is one of these words; a number is its digits."""
    return f"lower(trim(CAST({column} AS VARCHAR))) IN ({', '.join(map(literal, words))})"


def _bought(what: What, least: float, most: float) -> bool:
    """Whether all numbers of such a column, none a gap, are of purchases: no return, not free."""
    if most == float("inf"):
        return False
    return least >= 0 if what == "amount" else least > 0
