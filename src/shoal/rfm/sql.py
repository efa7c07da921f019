"""The SQL that sums up rows of orders: each row gets a class, rows become orders, orders become customers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from shoal.rfm.types import Reading
from shoal.text.sql import literal, quoted

SALE, RETURN, CANCELLED = 0, 1, 2  # rows that take part; the others are set aside
REASONS = {
    3: "without a customer",
    4: "without a date",
    5: "after the analysis date",
    6: "before the first day asked for",
    7: "without a known amount",
    8: "free of charge (price or quantity zero)",
    9: "exact duplicates",
}
SUMMED = (SALE, RETURN, CANCELLED)


@dataclass(frozen=True)
class Lines:
    """How the columns of the source become c (customer), o (order), t (time), v (value), k (class) and more."""

    source: str  # a SELECT
    reading: Reading
    types: Mapping[str, pa.DataType]
    whole_ids: bool = False  # customers were read as fractions, yet are whole numbers
    marked: bool = False  # order numbers that start with a C are cancellations
    orderless: bool = False  # some rows have no order number
    cancelled_words: tuple[str, ...] = ()
    until: str | None = None
    since: str | None = None
    distinct: bool = False
    only: tuple[int, ...] = ()  # the classes that occur among the rows; empty: not known yet

    @property
    def money(self) -> bool:
        """Whether rows have a value in money."""
        return self.value is not None

    @property
    def value(self) -> str | None:
        """What a row is worth."""
        amount, price, quantity = (self._column(w) for w in ("amount", "price", "quantity"))
        if amount:
            return f"CAST({amount} AS DOUBLE)"
        return f"CAST({quantity} AS DOUBLE) * {price}" if price and quantity else None

    def _column(self, what: str) -> str | None:
        name = self.reading.column(what)  # type: ignore[arg-type]
        return None if name is None else quoted(name)

    def _customer(self) -> str:
        column = self._column("customer") or "NULL"
        return f"CAST({column} AS BIGINT)" if self.whole_ids else column

    def _order(self) -> str:
        column, time = self._column("order"), f"CAST({self._column('date')} AS DATE)"
        if self.reading.one_order == "row":
            return "0"
        if self.reading.one_order == "day" or column is None:
            return time
        text = pa.types.is_string(self.types[self.reading.column("order") or ""])
        # Long order numbers are told apart by their 64-bit hash within one customer: half the memory, no collisions to speak of.
        key = f"hash({column})" if text or self.orderless else column
        return (
            f"CASE WHEN {column} IS NULL THEN hash({time}) ELSE {key} END"
            if self.orderless
            else key
        )

    def _class(self) -> str:
        customer, date, order, quantity, price = (
            self._column(w) for w in ("customer", "date", "order", "quantity", "price")
        )
        status, value = self._column("status"), self.value
        tests = [(3, f"{customer} IS NULL"), (4, f"{date} IS NULL")]
        tests += [(5, f"{date} > TIMESTAMP '{self.until}'")] if self.until else []
        tests += [(6, f"{date} < TIMESTAMP '{self.since}'")] if self.since else []
        tests += (
            [(2, f"lower({status}) IN ({', '.join(map(literal, self.cancelled_words))})")]
            if self.cancelled_words
            else []
        )
        tests += [(7, f"NOT coalesce(isfinite({value}), false)")] if value else []
        tests += [(1, f"starts_with({order}, 'C')")] if self.marked else []
        tests += [(1, f"{quantity} < 0")] if quantity else []
        tests += [(1, f"{value} < 0")] if value else []
        tests += [(8, f"{price} = 0")] if value and price and not self._column("amount") else []
        tests += [(8, f"{quantity} = 0")] if quantity and not self._column("amount") else []
        wanted = [(k, test) for k, test in tests if not self.only or k in self.only]
        return (
            "CASE " + " ".join(f"WHEN {test} THEN {k}" for k, test in wanted) + " ELSE 0 END"
            if wanted
            else "0"
        )

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
        source = f"SELECT DISTINCT * FROM ({self.source})" if self.distinct else self.source
        return f"SELECT {', '.join(chosen)} FROM ({source})"

    def used(self, *more: str) -> str:
        """The rows that are purchases or returns."""
        aside = not self.only or any(k not in SUMMED for k in self.only)
        return f"SELECT * FROM ({self.rows(*more)})" + (" WHERE k IN (0, 1, 2)" if aside else "")

    def sales(self, *more: str) -> str:
        """The rows that are purchases."""
        return f"SELECT * FROM ({self.rows(*more)})" + ("" if self.only == (0,) else " WHERE k = 0")

    @property
    def returning(self) -> bool:
        """Whether any row is a return or a cancellation."""
        return not self.only or 1 in self.only or 2 in self.only

    def account(self) -> str:
        """Rows, earliest and latest time, and rows without order number, class by class."""
        return f"SELECT k, count(*), min(t), max(t), count(*) - count(o) FROM ({self.rows()}) GROUP BY k ORDER BY k"

    def glance(self) -> str:
        """Rows, earliest and latest time; then for each column that matters: known values, least, greatest."""
        names = [n for w in ("customer", "date", "order") if (n := self._column(w))]
        counts = ", ".join(f"count({n})" for n in names)
        numbers = [n for w in ("amount", "quantity", "price") if (n := self._column(w))]
        ranges = "".join(
            f", count({n}), CAST(min({n}) AS DOUBLE), CAST(max({n}) AS DOUBLE)" for n in numbers
        )
        date = self._column("date")
        return f"SELECT count(*), CAST(min({date}) AS TIMESTAMP), CAST(max({date}) AS TIMESTAMP), {counts}{ranges} FROM ({self.source})"

    def all_sales(self, seen: Sequence[Any]) -> bool:
        """Whether a glance proves that every row is a purchase, so that rows need not be classed."""
        rows, first, last = seen[:3]
        names = sum(self.reading.column(w) is not None for w in ("customer", "date", "order"))
        kinds = [w for w in ("amount", "quantity", "price") if self.reading.column(w)]
        known, ranges = seen[3 : 3 + names], seen[3 + names :]
        if (
            not rows
            or self.marked
            or self.cancelled_words
            or self.distinct
            or any(n != rows for n in known)
        ):
            return False
        if (self.until and str(last) > self.until) or (self.since and str(first) < self.since):
            return False
        for i, kind in enumerate(kinds):
            filled, least, most = ranges[3 * i : 3 * i + 3]
            if (
                filled != rows
                or not (least >= 0 if kind == "amount" else least > 0)
                or most == float("inf")
            ):
                return False
        return True

    def orders(self) -> str:
        """One row an order: t and s are its time and value, NULL when nothing in it was bought."""
        if self.reading.one_order == "row":
            if not self.returning:
                return f"SELECT c, t, v AS s FROM ({self.used()})"
            return (
                "SELECT c, CASE WHEN k = 0 THEN t END AS t, CASE WHEN k = 0 THEN v END AS s, "
                f"CASE WHEN k = 1 THEN abs(v) END AS r, CASE WHEN k = 2 THEN abs(v) END AS q, k <> 0 AS b, 1 AS n FROM ({self.used()})"
            )
        total = "max" if self.reading.amount_per == "order" else "sum"
        if not self.returning:
            return f"SELECT c, max(t) AS t, {total}(v) AS s FROM ({self.used()}) GROUP BY c, o"
        return (
            f"SELECT c, max(t) FILTER (k = 0) AS t, {total}(v) FILTER (k = 0) AS s, {total}(abs(v)) FILTER (k = 1) AS r, "
            f"{total}(abs(v)) FILTER (k = 2) AS q, count(*) FILTER (k <> 0) AS b, count(*) AS n FROM ({self.used()}) GROUP BY c, o"
        )

    def customers(self, breadth: bool) -> str:
        """One row a customer, in any order: sorting here would carry the times along."""
        back = (
            ", coalesce(sum(r), 0.0) AS back, coalesce(sum(q), 0.0) AS undone, CAST(sum(CAST(b AS BIGINT)) AS BIGINT) AS back_rows, CAST(sum(n) AS BIGINT) AS n"
            if self.returning
            else ""
        )
        minutes = "CAST(epoch(t) // 60 AS INTEGER)"
        with_list = f"list({minutes})" + (" FILTER (t IS NOT NULL)" if self.returning else "")
        times = (
            f", {with_list} AS times" if breadth else ""
        )  # the dearest of all measures: a fifth of the whole
        summed = (
            "SELECT c, count(t) AS orders, sum(s) AS value, min(t) AS first, max(t) AS last, "
            f"sum(s * epoch(t)) AS moment{times}{back} FROM ({self.orders()}) GROUP BY c"
        )
        parts, joins = [f"summed AS ({summed})"], []
        for name, query in self._further(breadth).items():
            parts.append(f"{name} AS ({query})")
            joins.append(f"LEFT JOIN {name} USING (c)")
        return f"WITH {', '.join(parts)} SELECT * FROM summed {' '.join(joins)}"

    def _further(self, breadth: bool) -> dict[str, str]:
        product, category = self._column("product"), self._column("category")
        found = {}
        if breadth and product:
            rows = self.sales(f"{product} AS p")
            found["width"] = (
                f"SELECT c, count(*) AS products FROM (SELECT c, p FROM ({rows}) WHERE p IS NOT NULL GROUP BY c, p) GROUP BY c"
            )
        if breadth and category:
            rows = self.sales(f"CAST({category} AS VARCHAR) AS g")
            each = f"SELECT c, g, round(sum(v), 4) AS w FROM ({rows}) WHERE g IS NOT NULL GROUP BY c, g"
            found["taste"] = (
                f"SELECT c, arg_max(g, w) AS favourite FROM (SELECT c, w, min(g) AS g FROM ({each}) GROUP BY c, w) GROUP BY c"
            )
        if breadth and self.reading.kept:
            rows = self.sales(*(f"{quoted(n)} AS w{i}" for i, n in enumerate(self.reading.kept)))
            last = ", ".join(
                f"arg_max(w{i}, (t, w{i})) AS w{i}" for i in range(len(self.reading.kept))
            )
            found["words"] = f"SELECT c, {last} FROM ({rows}) GROUP BY c"
        return found
