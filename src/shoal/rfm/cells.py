"""What stands in the cells of orders: words that say what a row is, guests, odd dates."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pyarrow as pa

from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.rfm.sql import Lines, Words, is_one_of
from shoal.rfm.types import Reading, What
from shoal.rfm.words import (
    GUESTS,
    has_word,
    is_cancelled,
    is_credit_note,
    is_no_purchase,
    is_partial,
    is_return,
)
from shoal.stats.end_of_most import AFTER, BEFORE, FEW, ends_of_most
from shoal.text.sql import literal, quoted

LOOKED_AT = 200_000  # order numbers
MOST_WORDS = 500  # different words of a status
MOST_MARKS = 50  # different beginnings of order numbers
NOBODY = ("0", "-1", "0.0", "-1.0")  # numbers that stand for nobody, where they stand out
OFTEN = 3  # times as often as the next customer: such a number is nobody
EMAILS = 0.5  # of the customers have an @


@dataclass(frozen=True)
class Cells:
    """What the cells of a table of orders say of how its columns are to be used."""

    words: Words
    whole_ids: bool = False
    two_cases: int = 0  # e-mail addresses that are spelled in two ways
    sparse: bool = False  # some rows have an order number and no amount
    partly: int = 0  # rows that were refunded in part, nobody says how much


def look_at(base: duckdb.DuckDBPyConnection, table: Table, reading: Reading) -> Cells:
    """What stands in the cells of `source`."""
    types = {f.name: f.type for f in table.schema}

    def text(what: What) -> str | None:
        name = reading.column(what)
        return quoted(name) if name is not None and pa.types.is_string(types[name]) else None

    kinds, status, customer = text("kind"), text("status"), reading.column("customer")
    fractions = customer is not None and pa.types.is_floating(types[customer])
    statuses, off = _words(base, status), _words(base, text("cancelled"))
    sides = _words(base, kinds)
    words = Words(
        cancelled=tuple(w for w in statuses if is_cancelled(w)),
        called_off=tuple(w for w in off if is_cancelled(w) or has_word(w, "yes")),
        returned=tuple(w for w in sides if is_return(w, reading.column("kind") or "")),
        no_purchase=tuple(w for w in sides if is_no_purchase(w)),
        guests=_guests(base, quoted(customer or ""), text("customer") is not None),
        marks=_marks(base, text("order")),
    )
    return Cells(
        words,
        whole_ids=fractions and _are_whole(base, quoted(str(customer))),
        two_cases=_two_cases(base, text("customer")),
        sparse=_is_sparse(base, reading),
        partly=0 if reading.column("refunded") else _partly(base, status, statuses),
    )


def _rows(base: duckdb.DuckDBPyConnection, query: str) -> list[tuple[object, ...]]:
    found: list[tuple[object, ...]] = base.execute(query).fetchall()
    return found


def _count(base: duckdb.DuckDBPyConnection, query: str) -> int:
    return int(str(_rows(base, query)[0][0]))


def _words(base: duckdb.DuckDBPyConnection, column: str | None) -> tuple[str, ...]:
    """The different words of a column, in small letters."""
    if column is None:
        return ()
    word = f"lower(trim({column}))"
    known = f"FROM source WHERE {column} IS NOT NULL"
    met = _rows(base, f"SELECT DISTINCT {word} {known} LIMIT {MOST_WORDS}")
    return tuple(sorted(str(word) for (word,) in met))


def _partly(base: duckdb.DuckDBPyConnection, status: str | None, statuses: Sequence[str]) -> int:
    """Rows whose status, one of these, says that a part was refunded."""
    words = [w for w in statuses if is_partial(w)]
    if not words:
        return 0
    return _count(base, f"SELECT count(*) FROM source WHERE {is_one_of(status, words)}")


def _is_sparse(base: duckdb.DuckDBPyConnection, reading: Reading) -> bool:
    """Whether amounts are missing on rows that have an order number."""
    order, amount = (reading.column(what) for what in ("order", "amount"))
    if order is None or amount is None:
        return False
    return _count(base, f"SELECT count({quoted(order)}) - count({quoted(amount)}) FROM source") > 0


def _are_whole(base: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether numbers that were read as fractions are whole, and can be told apart as such."""
    broken = f"{column} <> floor({column}) OR abs({column}) > 9e15"
    return not _count(base, f"SELECT count(*) FROM source WHERE {broken}")


def _marks(base: duckdb.DuckDBPyConnection, column: str | None) -> tuple[str, ...]:
    """What the numbers of credit notes begin with, where most begin with something else."""
    if column is None:
        return ()
    known = f"SELECT {column} AS o FROM source WHERE {column} IS NOT NULL LIMIT {LOOKED_AT}"
    begin = "regexp_extract(o, '^([^0-9]*)[0-9]', 1)"
    counted = f"SELECT {begin}, count(*) FROM ({known}) GROUP BY 1 ORDER BY 2 DESC, 1"
    met = _rows(base, f"{counted} LIMIT {MOST_MARKS + 1}")
    heads = [str(head) for head, _ in met]
    if not heads or len(heads) > MOST_MARKS:
        return ()
    usual = _letters(heads[0])
    marks = [h for h in heads[1:] if is_credit_note(_letters(h), usual)]
    others = [h for h in heads if h not in marks]
    return tuple(m for m in marks if not any(h.startswith(m) for h in others))


def _letters(head: str) -> str:
    return re.sub(r"[^a-z]", "", head.lower())


# --- customers ------------------------------------------------------------------------------------


def _guests(base: duckdb.DuckDBPyConnection, customer: str, is_text: bool) -> tuple[str, ...]:
    """What stands for guests in the column of customers.

    A word does; 0 or -1 where all other customers are numbered far from it, or where it has many
    more orders than any of them.
    """
    word, test = f"lower(trim(CAST({customer} AS VARCHAR)))", f"{customer} IN (0, -1)"
    if is_text:
        test = f"lower({customer}) IN ({', '.join(map(literal, (*GUESTS, *NOBODY)))})"
    met = _rows(base, f"SELECT {word}, count(*) FROM source WHERE {test} GROUP BY 1 ORDER BY 1")
    counts = {str(found): int(str(n)) for found, n in met}
    numbers = [w for w in counts if w in NOBODY]
    stands_out = _stands_out(base, word, numbers, counts) if numbers else ()
    return tuple(w for w in counts if w not in NOBODY or w in stands_out)


def _stands_out(
    base: duckdb.DuckDBPyConnection, word: str, numbers: Sequence[str], counts: dict[str, int]
) -> tuple[str, ...]:
    """Which of these numbers are nobody."""
    asked = ", ".join(map(literal, numbers))
    others = f"SELECT count(*) AS n FROM source WHERE {word} NOT IN ({asked}) GROUP BY {word}"
    near = f"count(*) FILTER ({word} IN ('1', '1.0', '-2', '-2.0'))"
    most = _rows(base, f"SELECT coalesce(max(n), 0) FROM ({others})")[0][0]
    close = _count(base, f"SELECT {near} FROM source")
    return tuple(
        w for w in numbers if not close or w.startswith("-") or counts[w] > OFTEN * int(str(most))
    )


def _two_cases(base: duckdb.DuckDBPyConnection, customer: str | None) -> int:
    """How many e-mail addresses are spelled in several ways; 0 where customers are others."""
    if customer is None:
        return 0
    known = f"SELECT {customer} AS c FROM source WHERE {customer} IS NOT NULL LIMIT 1000"
    share = _rows(base, f"SELECT avg(CAST(contains(c, '@') AS DOUBLE)) FROM ({known})")[0][0]
    if share is None or float(str(share)) <= EMAILS:
        return 0
    ways = f"SELECT count(DISTINCT {customer}) AS n FROM source GROUP BY lower(trim({customer}))"
    return _count(base, f"SELECT count(*) FILTER (n > 1) FROM ({ways})")


# --- money and time -------------------------------------------------------------------------------


def check_one_currency(base: duckdb.DuckDBPyConnection, table: Table, reading: Reading) -> None:
    """Raise InputError where amounts are in several currencies; EUR and eur are one."""
    name = reading.column("currency")
    if name is None:
        return
    column = quoted(name)
    met = _rows(
        base,
        f"SELECT upper(trim({column})), count(*) FROM source WHERE {column} IS NOT NULL "
        "GROUP BY 1 ORDER BY 2 DESC, 1",
    )
    if len(met) > 1:
        shown = ", ".join(f"{word} ({rows:,} rows)" for word, rows in met[:5])
        raise InputError(
            f'{table.name} mixes {len(met)} currencies in "{name}": {shown}. '
            "Amounts in different money cannot be added: "
            "convert them to one currency first, or keep the rows of one."
        )


def ends_of_time(
    base: duckdb.DuckDBPyConnection, lines: Lines
) -> tuple[dt.date | None, dt.date | None]:
    """The days between which orders lie, where a few lie years from all others; else None.

    An end that was asked for is not looked at.
    """
    day = f"CAST({lines.date} AS DATE)"
    known = f"(SELECT {day} AS d FROM source WHERE {day} IS NOT NULL AND NOT {lines.stand_in()})"
    first, last = _rows(base, f"SELECT min(d), max(d) FROM {known}")[0]
    if not isinstance(first, dt.date) or not isinstance(last, dt.date):
        return None, None
    if (last - first).days < AFTER or not _few_at_an_end(base, lines.date, first, last):
        return None, None
    counted = _rows(base, f"SELECT d - DATE '{first}', count(*) FROM {known} GROUP BY 1 ORDER BY 1")
    days, counts = np.array(counted, dtype=np.int64).T
    low, high = ends_of_most(days, counts)
    start, end = (first + dt.timedelta(days=int(d)) for d in (low, high))
    return (
        start if start > first and lines.since is None else None,
        end if end < last and lines.until is None else None,
    )


def _few_at_an_end(
    base: duckdb.DuckDBPyConnection, date: str, first: dt.date, last: dt.date
) -> bool:
    """Whether so few rows lie near the first or the last day that these may be errors."""
    start, end = f"TIMESTAMP '{first}'", f"TIMESTAMP '{last + dt.timedelta(days=1)}'"
    before, after = f"to_days({BEFORE})", f"to_days({AFTER})"
    rows, early, late = _rows(
        base,
        f"SELECT count(*), count(*) FILTER ({date} >= {start} AND {date} < {start} + {before}), "
        f"count(*) FILTER ({date} < {end} AND {date} >= {end} - {after}) FROM source",
    )[0]
    return min(int(str(early)), int(str(late))) <= max(1, FEW * int(str(rows)))
