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
from shoal.rfm.sql import Glance, Lines, Words, is_one_of
from shoal.rfm.types import Reading, What
from shoal.rfm.words import (
    GUESTS,
    MAILBOXES,
    TILLS,
    WORDS,
    has_word,
    is_cancelled,
    is_credit_note,
    is_no_purchase,
    is_partial,
    is_return,
)
from shoal.stats.end_of_most import AFTER, BEFORE, DOUBTED, doubted_end, ends_of_most
from shoal.text.currencies import different
from shoal.text.sql import literal, quoted

LOOKED_AT = 200_000  # order numbers
MOST_WORDS = 500  # different words of a status
MOST_MARKS = 50  # different beginnings of order numbers
NOBODY = ("0", "-1", "0.0", "-1.0")  # numbers that stand for nobody, where nobody is near them
ZEROS = tuple("0" * digits for digits in range(2, 11))  # as long as the numbers of others
NINES = tuple("9" * digits for digits in range(4, 11))
MAYBE_NUMBERS = (*NOBODY, *ZEROS, *NINES, *(f"{nines}.0" for nines in NINES))
OFTEN = 3  # times as often as the next customer: such a number or word is nobody
EMAILS = 0.5  # of the customers have an @


@dataclass(frozen=True)
class Cells:
    """What the cells of a table of orders say of how its columns are to be used."""

    words: Words
    whole_ids: bool = False
    two_cases: int = 0  # e-mail addresses that are spelled in two ways
    partly: int = 0  # rows that were refunded in part, nobody says how much


@dataclass(frozen=True)
class Ends:
    """Between which days orders lie."""

    most: tuple[dt.date | None, dt.date | None] = (None, None)  # where a few lie years beyond
    last_of_most: dt.date | None = None  # where more than a few lie years behind it …
    later: int = 0  # … so many rows


@dataclass(frozen=True)
class _Source:
    """The rows of orders, and which of their columns is what."""

    base: duckdb.DuckDBPyConnection
    table: Table
    reading: Reading

    def type(self, what: What) -> pa.DataType | None:
        """The type of a column, where there is one."""
        name = self.reading.column(what)
        return None if name is None else self.table.schema.field(name).type

    def text(self, what: What) -> str | None:
        """A column of words, as SQL names it."""
        kind = self.type(what)
        return self.column(what) if kind is not None and pa.types.is_string(kind) else None

    def column(self, what: What) -> str:
        """A column, as SQL names it."""
        return quoted(self.reading.column(what) or "")


def look_at(base: duckdb.DuckDBPyConnection, table: Table, reading: Reading) -> Cells:
    """What stands in the cells of `source`."""
    source = _Source(base, table, reading)
    statuses = _words(base, source.text("status"))
    customer = source.type("customer")
    fractions = customer is not None and pa.types.is_floating(customer)
    refunded = reading.column("refunded") is not None
    return Cells(
        _what_words_say(source, statuses),
        whole_ids=fractions and _are_whole(base, source.column("customer")),
        two_cases=_two_cases(base, source.text("customer")),
        partly=0 if refunded else _partly(base, source.text("status"), statuses),
    )


def _what_words_say(source: _Source, statuses: Sequence[str]) -> Words:
    """The words in the cells that say what a row is."""
    base, header = source.base, source.reading.column("kind") or ""
    off, sides = _words(base, source.text("cancelled")), _words(base, source.text("kind"))
    return Words(
        cancelled=tuple(w for w in statuses if is_cancelled(w)),
        called_off=tuple(w for w in off if is_cancelled(w) or has_word(w, "yes")),
        returned=tuple(w for w in sides if is_return(w, header)),
        no_purchase=tuple(w for w in sides if is_no_purchase(w)),
        guests=_guests(base, source.column("customer"), source.text("customer") is not None),
        marks=_marks(base, source.text("order")),
        tails=_tails(base, source.text("order")),
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


def _are_whole(base: duckdb.DuckDBPyConnection, column: str) -> bool:
    """Whether numbers that were read as fractions are whole, and can be told apart as such."""
    broken = f"{column} <> floor({column}) OR abs({column}) > 9e15"
    return not _count(base, f"SELECT count(*) FROM source WHERE {broken}")


def _marks(base: duckdb.DuckDBPyConnection, column: str | None) -> tuple[str, ...]:
    """What the numbers of credit notes begin with, where most begin with something else."""
    if column is None:
        return ()
    heads = _in_orders(base, column, "^([^0-9]*)[0-9]")
    if not heads or len(heads) > MOST_MARKS:
        return ()
    usual = _letters(heads[0])
    marks = [h for h in heads[1:] if is_credit_note(_letters(h), usual)]
    others = [h for h in heads if h not in marks]
    return tuple(m for m in marks if not any(h.startswith(m) for h in others))


def _tails(base: duckdb.DuckDBPyConnection, column: str | None) -> tuple[str, ...]:
    """What the numbers of credit notes end with, where most end with a digit: 1004-REF."""
    if column is None:
        return ()
    tails = _in_orders(base, column, "[0-9]([^0-9]*)$")
    if not tails or tails[0] or len(tails) > MOST_MARKS:
        return ()
    return tuple(t for t in tails[1:] if _letters(t) in WORDS["credit_tail"])


def _in_orders(base: duckdb.DuckDBPyConnection, column: str, pattern: str) -> list[str]:
    """What a pattern finds in the numbers of orders, the most frequent first."""
    known = f"SELECT {column} AS o FROM source WHERE {column} IS NOT NULL LIMIT {LOOKED_AT}"
    found = f"SELECT regexp_extract(o, {literal(pattern)}, 1), count(*) FROM ({known})"
    met = _rows(base, f"{found} GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_MARKS + 1}")
    return [str(part) for part, _ in met]


def _letters(head: str) -> str:
    return re.sub(r"[^a-z]", "", head.lower())


# --- customers ------------------------------------------------------------------------------------


def _guests(base: duckdb.DuckDBPyConnection, customer: str, is_text: bool) -> tuple[str, ...]:
    """What stands for guests in the column of customers.

    A word such as "guest" does. One that may be a name (cash), nines, and 0 or -1 do where they
    stand out from the others.
    """
    word = f"lower(trim(CAST({customer} AS VARCHAR)))"
    test = f"{customer} IN ({', '.join(n for n in MAYBE_NUMBERS if '.' not in n)})"
    if is_text:
        known = ", ".join(map(literal, (*GUESTS, *TILLS, *MAYBE_NUMBERS)))
        boxes = literal(f"^ *({'|'.join(map(re.escape, MAILBOXES))})@")
        test = f"lower({customer}) IN ({known}) OR regexp_matches({customer}, {boxes}, 'i')"
    met = _rows(base, f"SELECT {word}, count(*) FROM source WHERE {test} GROUP BY 1 ORDER BY 1")
    counts = {str(found): int(str(n)) for found, n in met}
    doubtful = [w for w in counts if w in TILLS or w in MAYBE_NUMBERS]
    sure = _stands_out(base, word, doubtful, counts) if doubtful else ()
    return tuple(w for w in counts if w not in doubtful or w in sure)


def _stands_out(
    base: duckdb.DuckDBPyConnection, word: str, doubtful: Sequence[str], counts: dict[str, int]
) -> tuple[str, ...]:
    """Which of these are nobody: -1, 0 without a customer 1, what has many times more orders."""
    asked = ", ".join(map(literal, doubtful))
    others = f"SELECT count(*) AS n FROM source WHERE {word} NOT IN ({asked}) GROUP BY {word}"
    near = f"count(*) FILTER ({word} IN ('1.0', '-2', '-2.0') OR regexp_matches({word}, '^0*1$'))"
    most = _rows(base, f"SELECT coalesce(max(n), 0) FROM ({others})")[0][0]
    close = _count(base, f"SELECT {near} FROM source")
    nobody = (*NOBODY, *ZEROS) if not close else tuple(n for n in NOBODY if n.startswith("-"))
    often = OFTEN * int(str(most))
    return tuple(w for w in doubtful if w in nobody or counts[w] > often)


def may_be_nobody(customer: str) -> bool:
    """Whether an id is a word for a till, or nines: a customer, or all who have none.

    >>> may_be_nobody("CASH"), may_be_nobody("99999"), may_be_nobody("4711")
    (True, True, False)
    """
    return customer.strip().lower() in (*TILLS, *MAYBE_NUMBERS)


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
    """Raise InputError where amounts are in several currencies; EUR, eur and € are one."""
    name = reading.column("currency")
    if name is None:
        return
    column = f"trim({quoted(name)})"
    known = f"FROM source WHERE {column} <> ''"
    met = _rows(base, f"SELECT {column}, count(*) {known} GROUP BY 1 ORDER BY 2 DESC, 1")
    signs = different([str(word) for word, _ in met])
    if len(signs) > 1:
        shown = ", ".join(f"{word} ({rows:,} rows)" for word, rows in met[:5])
        raise InputError(
            f'{table.name} mixes {len(signs)} currencies in "{name}": {shown}. '
            "Amounts in different money cannot be added: "
            "convert them to one currency first, or keep the rows of one."
        )


def ends_of_time(base: duckdb.DuckDBPyConnection, lines: Lines, seen: Glance) -> Ends:
    """The days between which orders lie, where some lie years from all others.

    An end that was asked for is not looked at.
    """
    if seen.first is None or seen.last is None:
        return Ends()
    first, last = seen.first.date(), seen.last.date()
    if (last - first).days < AFTER or not _few_at_an_end(base, lines.date, first, last):
        return Ends()
    day = f"CAST({lines.date} AS DATE)"
    known = f"(SELECT {day} AS d FROM source WHERE {day} IS NOT NULL AND NOT {lines.stand_in()})"
    counted = _rows(base, f"SELECT d - DATE '{first}', count(*) FROM {known} GROUP BY 1 ORDER BY 1")
    days, counts = np.array(counted, dtype=np.int64).T
    low, high = ends_of_most(days, counts)
    start, end = (first + dt.timedelta(days=int(d)) for d in (low, high))
    most = (
        start if start > first and lines.since is None else None,
        end if end < last and lines.until is None else None,
    )
    if lines.until is not None:
        return Ends(most)
    kept = days <= high
    sure = doubted_end(days[kept], counts[kept])
    if sure == high:
        return Ends(most)
    later = int(counts[kept & (days > sure)].sum())
    return Ends(most, first + dt.timedelta(days=sure), later)


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
    return min(int(str(early)), int(str(late))) <= max(1, DOUBTED * int(str(rows)))
