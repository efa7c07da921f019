"""Which column of a table of orders is what, told from its name, its type and its first rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.engine.table import Table
from shoal.errors import InputError, OptionError, no_such_column
from shoal.options import AmountPer, OneOrder
from shoal.rfm.fits import LOOKED_FOR, NUMBERS, is_vague, kind_of, says_pieces, says_when, tokens
from shoal.rfm.tells import (
    held_as,
    names_a_return,
    said_of_returns,
    says_both,
    tells,
    tells_sides,
)
from shoal.rfm.types import WHATS, Reading, Taken, What
from shoal.rfm.words import has
from shoal.sentences import say
from shoal.text.options import option
from shoal.text.persons import quotable
from shoal.types import Floats, Statement

HEAD = 200_000  # rows that are looked at
TOTAL_REPEATED = 0.98  # of the orders with several lines
# A word is carried along when so many of the customers have it always the same.
KEPT_CONSTANT = 0.95
SHOWN = 20  # columns in a message
DIGITS = r"\d.*\d.*\d"


# --- what is asked for ----------------------------------------------------------------------------


def name_of_option(what: str) -> str:
    """The name of the option that names the column of this."""
    return f"{what}_column" if what in ("date", "currency", "kind") else what


def option_of(what: str, value: str | None = None) -> str:
    """The option that names the column of this, as a person types it."""
    return option(name_of_option(what), value)


def check_column(asked: str, column: str | None, table: Table) -> None:
    """Raise OptionError when the column that an option asked for does not exist."""
    known = table.schema.names
    if column is not None and column not in known:
        raise no_such_column(asked, column, table.name, known)


def _check_asked(
    table: Table, asked: Mapping[What, str | None], kinds: Mapping[str, str], head: pa.Table
) -> None:
    for what, name in asked.items():
        check_column(option_of(what), name, table)
        if name is not None and what in ("date", "amount", "quantity", "price"):
            as_number = what == "date" and kinds[name] in NUMBERS and held_as(head[name])
            if not as_number:
                _check_kind(table, what, name, kinds, head)


def _check_kind(
    table: Table, what: What, name: str, kinds: Mapping[str, str], head: pa.Table
) -> None:
    fitting = LOOKED_FOR[what][0]
    if kinds[name] in fitting:
        return
    said = {"text": "text", "flag": "yes or no", "date": "dates"}.get(kinds[name], "numbers")
    wanted = "dates" if what == "date" else "numbers"
    others = [n for n, kind in kinds.items() if kind in fitting]
    hint = f"No column of {table.name} holds {wanted}."
    if others:
        hint = f"Columns of {wanted}: {', '.join(others)}."
    elif what == "date" and kinds[name] == "text":
        hint = f"{_no_dates(name, head)}."
    raise OptionError(f'{option_of(what)} "{name}" holds {said}, not {wanted}. {hint}')


def _no_dates(column: str, head: pa.Table) -> str:
    """What is to be said of a column of text that should hold dates."""
    cells = pc.unique(head[column].drop_null()).to_pylist()[:SHOWN]
    cell = next((c for c in cells if quotable(c)), None)
    such = f' such as "{cell}"' if cell else ""
    return (
        f'"{column}" holds text{such}, which was not read as dates. '
        "Write them as year-month-day, such as 2024-12-31 or 2024-12-31 11:13:25"
    )


def _promised(kinds: Mapping[str, str], head: pa.Table) -> str | None:
    """A column of text with numbers in its cells whose header promises the dates of orders."""
    texts = (n for n, kind in kinds.items() if kind == "text" and head[n].type == pa.string())
    named = (n for n in texts if says_when(tokens(n)))
    return next((n for n in named if _share(pc.match_substring_regex(head[n], DIGITS))), None)


def _no_date(table: Table, kinds: Mapping[str, str], head: pa.Table) -> InputError:
    """The error where no column says when orders were made."""
    promised = _promised(kinds, head)
    why = f": {_no_dates(promised, head)}" if promised else ""
    return _missing(table, "date", f"says when the order was made{why}")


def _missing(table: Table, what: What, says: str) -> InputError:
    first = list(table.schema)[:SHOWN]
    columns = ", ".join(f"{field.name} ({kind_of(field.type)})" for field in first)
    return InputError(
        f"No column of {table.name} {says}. Name it with {option_of(what, 'COLUMN')}. "
        f"Its columns: {columns}."
    )


# --- the whole table ------------------------------------------------------------------------------


def understand(
    table: Table,
    asked: Mapping[What, str | None],
    one_order: OneOrder = "auto",
    amount_per: AmountPer = "auto",
) -> Reading:
    """Which column is what, and whether rows are orders, lines of orders, or already customers.

    Raises OptionError for an asked column that does not exist, InputError when there is no
    customer or no date.
    """
    kinds = {field.name: kind_of(field.type) for field in table.schema}
    head = _head(table)
    _check_asked(table, asked, kinds, head)
    taken = _taken(kinds, asked, head)
    columns = {t.what: t.column for t in taken}
    if "customer" not in columns:
        raise _missing(table, "customer", "tells who ordered")
    already = _customers_already(kinds, columns["customer"], head)
    if already and asked.get("date") is None:
        return Reading("customers", already, taken, "row")
    if "date" not in columns or _is_another_date(columns["date"], asked, kinds, head):
        raise _no_date(table, kinds, head)
    pieces_back = says_pieces(tokens(columns.get("refunded", "")))
    unit = _one_order(columns, one_order)
    lines, why = _are_lines(columns, unit, head)
    if amount_per == "auto":
        repeated = unit == "id" and lines and _total_repeated(columns, head)
        amount_per = "order" if repeated else "line"
    if pieces_back and not _have_a_price(columns, amount_per):
        _refuse_pieces(columns["refunded"], asked)
        taken = tuple(t for t in taken if t.what != "refunded")
        columns = {t.what: t.column for t in taken}
    return Reading(
        "lines" if lines else "orders",
        why,
        taken,
        unit,
        amount_per,
        pieces_back=pieces_back,
        held=held_as(head[columns["date"]]) or "dates",
        unused=_unused(kinds, columns, head),
        sides=_sides(kinds, columns, head),
        untold=_untold(kinds, columns, head),
        kept=_kept(kinds, columns, head),
    )


def _is_off_already(
    back: str, amount: str | None, kinds: Mapping[str, str], head: pa.Table
) -> bool:
    """Whether amounts are what is left of a third column once what was paid back is taken off."""
    if amount is None or kinds[amount] not in NUMBERS or kinds[back] not in NUMBERS:
        return False
    left, paid_back = _numbers(head[amount]), np.abs(_numbers(head[back]))
    others = [n for n, kind in kinds.items() if kind in NUMBERS and n not in (amount, back)]
    return bool(paid_back.any()) and any(
        np.allclose(_numbers(head[n]) - paid_back, left, atol=0.01) for n in others
    )


def _numbers(values: pa.ChunkedArray) -> Floats:
    known = values.cast(pa.float64(), safe=False).fill_null(0.0)
    return np.asarray(known.to_numpy(), dtype=np.float64)


def _is_another_date(
    date: str, asked: Mapping[What, str | None], kinds: Mapping[str, str], head: pa.Table
) -> bool:
    """Whether a date is that of a delivery, say, while that of the order was not read as one."""
    if asked.get("date") is not None or not has(tokens(date), "not_date"):
        return False
    return _promised(kinds, head) is not None


def _have_a_price(columns: Mapping[What, str], amount_per: str) -> bool:
    """Whether it is known what a piece of a row cost."""
    return (
        "quantity" in columns
        and amount_per == "line"
        and ("price" in columns or "amount" in columns)
    )


def _refuse_pieces(column: str, asked: Mapping[What, str | None]) -> None:
    """Raise OptionError where pieces that came back, of no known price, were asked for."""
    if asked.get("refunded") is not None:
        raise OptionError(
            f'{option_of("refunded")} "{column}" counts pieces, and what a piece of a row cost is '
            f"not known. Name a column of money, or how many were bought with "
            f"{option_of('quantity', 'COLUMN')}."
        )


def _head(table: Table) -> pa.Table:
    batches: list[pa.RecordBatch] = []
    for batch in table.batches():
        batches.append(batch)
        if sum(map(len, batches)) >= HEAD:
            break
    return pa.Table.from_batches(batches, table.schema)


def _taken(
    kinds: Mapping[str, str], asked: Mapping[What, str | None], head: pa.Table
) -> tuple[Taken, ...]:
    found = {
        what: Taken(what, name, say("column-set"))
        for what, name in asked.items()
        if name is not None
    }
    rows = max(1, len(head))
    words = {name: tokens(name) for name in kinds if head[name].null_count < rows}
    for what in WHATS:
        used = {t.column for t in found.values()}
        free = {name: words[name] for name in words if name not in used}
        guess = None if what in found else _guess(what, free, kinds, head)
        if what == "date" and what not in found and guess is None:
            guess = _dates_as_numbers(free, kinds, head)
        if what == "kind" and what not in found and guess is None:
            guess = _kind_by_cells(free, kinds, head)
        if guess is not None:
            found[what] = guess
    left = _without_doubles(found, asked)
    columns = {what: taken.column for what, taken in left.items()}
    guessed = "refunded" in left and asked.get("refunded") is None
    if guessed and _is_off_already(columns["refunded"], columns.get("amount"), kinds, head):
        del left["refunded"]
    return tuple(left[what] for what in WHATS if what in left)


def _guess(
    what: What,
    free: Mapping[str, Sequence[str]],
    kinds: Mapping[str, str],
    head: pa.Table | None = None,
) -> Taken | None:
    """The column whose header fits best, of those that are taken for nothing else.

    Where rows are known, its cells must fit too.
    """
    fitting, score = LOOKED_FOR[what]
    scores = {name: score(words) if kinds[name] in fitting else 0.0 for name, words in free.items()}
    if head is not None:
        fit = {n for n in scores if scores[n] > 0 and tells(what, head[n], n)}
        scores = {name: scores[name] if name in fit else 0.0 for name in scores}
    best = max(scores, key=lambda name: scores[name], default=None)
    if best is None or scores[best] <= 0:
        return None
    alike = [name for name in scores if name != best and scores[name] == scores[best]]
    return Taken(what, best, say("column-named", before=alike[0] if alike else None))


def _dates_as_numbers(
    free: Mapping[str, Sequence[str]], kinds: Mapping[str, str], head: pa.Table
) -> Taken | None:
    """A column of numbers that are dates, such as seconds since 1970, by its header too."""
    dated = (n for n, words in free.items() if kinds[n] in NUMBERS and says_when(words))
    name = next((n for n in dated if held_as(head[n])), None)
    return None if name is None else Taken("date", name, say("column-named", before=None))


def _kind_by_cells(
    free: Mapping[str, Sequence[str]], kinds: Mapping[str, str], head: pa.Table
) -> Taken | None:
    """A column of sales and returns under any header, such as "SaleOrReturn"."""
    texts = (n for n in free if kinds[n] == "text" and head[n].type == pa.string())
    name = next((n for n in texts if says_both(head[n], n)), None)
    return None if name is None else Taken("kind", name, say("column-cells"))


def by_header(kinds: Mapping[str, str]) -> dict[What, str]:
    """What each column would be in a table of orders, by headers and kinds alone.

    `kinds` are those of `kind_of`, by column.

    >>> by_header({"CustomerID": "whole", "InvoiceDate": "date", "age": "whole"})
    {'customer': 'CustomerID', 'date': 'InvoiceDate'}
    """
    words, found = {name: tokens(name) for name in kinds}, dict[What, str]()
    for what in WHATS:
        free = {name: words[name] for name in words if name not in found.values()}
        guess = _guess(what, free, kinds)
        vague = what == "customer" and guess is not None and is_vague(words[guess.column])
        if guess is not None and not vague:
            found[what] = guess.column
    return found


def _without_doubles(
    found: Mapping[What, Taken], asked: Mapping[What, str | None]
) -> dict[What, Taken]:
    """An amount is taken as it stands; a price counts only where there is none.

    It is then multiplied by the quantity where there is one, else it is what was paid.
    """
    left = dict(found)
    guessed = {what for what in found if asked.get(what) is None}
    if "amount" in guessed and asked.get("price") is not None:
        del left["amount"]
    if "price" in guessed and ("amount" in found or "quantity" not in found):
        del left["price"]
    if "price" in found and "amount" not in found and "quantity" not in found:
        paid = say("column-price-paid")
        left["amount"] = Taken("amount", found["price"].column, paid)
    return left


def _customers_already(kinds: Mapping[str, str], customer: str, head: pa.Table) -> Statement | None:
    """Why the table holds one row a customer, with counts of orders in it; None: it does not."""
    known = head[customer].drop_null()
    sums = [name for name in kinds if name != customer and has(tokens(name), "summed_up")]
    if len(known) < 2 or _repeats(known) or not sums:
        return None
    return say("rows-are-customers", customer=customer, sums=sums[:3])


def _one_order(columns: Mapping[What, str], asked: OneOrder) -> Literal["id", "day", "row"]:
    """What makes one order: its number, the customer and the day, or each row."""
    if asked == "id" and "order" not in columns:
        raise OptionError(
            f"{option('one_order', 'id')} needs a column of order numbers. "
            f"Name it with {option('order', 'COLUMN')}."
        )
    if asked != "auto":
        return asked
    if "order" in columns:
        return "id"
    return "day" if "product" in columns else "row"


def _are_lines(
    columns: Mapping[What, str], one_order: str, head: pa.Table
) -> tuple[bool, Statement]:
    """Whether rows are lines of orders, and why."""
    if one_order == "row":
        return False, say("rows-taken-for-orders")
    if one_order == "day":
        return True, say("rows-are-lines-of-days")
    if _repeats(head[columns["order"]].drop_null()):
        return True, say("rows-are-lines", column=columns["order"])
    return False, say("rows-are-orders")


def _repeats(values: pa.ChunkedArray) -> bool:
    return bool(pc.count_distinct(values).as_py() < len(values))


def _total_repeated(columns: Mapping[What, str], head: pa.Table) -> bool:
    """Whether an amount is the order's total: the same on all its lines, while orders differ."""
    if "amount" not in columns:
        return False
    order, amount = columns["order"], columns["amount"]
    pairs = head.select([order, amount]).drop_null()
    each = pairs.group_by(order).aggregate([(amount, "count"), (amount, "min"), (amount, "max")])
    several = each.filter(pc.greater(each[f"{amount}_count"], 1))
    if len(several) < 10 or pc.count_distinct(several[f"{amount}_min"]).as_py() < 5:
        return False
    same = pc.equal(several[f"{amount}_min"], several[f"{amount}_max"])
    return _share(same) >= TOTAL_REPEATED


def _kept(kinds: Mapping[str, str], columns: Mapping[What, str], head: pa.Table) -> tuple[str, ...]:
    """Words on the customer that are carried along, such as the country."""
    free = [name for name, kind in kinds.items() if kind == "text" and name not in columns.values()]
    return tuple(
        name
        for name in free
        if _describes(tokens(name)) and _constant(head, columns["customer"], name)
    )


def _unused(
    kinds: Mapping[str, str], columns: Mapping[What, str], head: pa.Table
) -> tuple[str, ...]:
    """Columns of numbers that speak of returns, some of which are not zero, and are not used."""
    free = (n for n, kind in kinds.items() if kind in NUMBERS and n not in columns.values())
    return tuple(
        n
        for n in free
        if has(tokens(n), "refunded", "called_off")
        and not has(tokens(n), "numbered")
        and pc.any(pc.not_equal(head[n], 0)).as_py()
        and not _is_off_already(n, columns.get("amount"), kinds, head)
    )


def _sides(kinds: Mapping[str, str], columns: Mapping[What, str], head: pa.Table) -> str | None:
    """A column of debits and credits, which is not used."""
    free = (n for n, kind in kinds.items() if kind == "text" and n not in columns.values())
    return next((n for n in free if has(tokens(n), "sides") and tells_sides(head[n])), None)


def _untold(
    kinds: Mapping[str, str], columns: Mapping[What, str], head: pa.Table
) -> tuple[str, str] | None:
    """A column of a few words, one of them that of a return, where nothing else tells returns.

    It is not used; amounts below zero tell returns themselves.
    """
    if not {"status", "kind", "cancelled", "refunded"}.isdisjoint(columns):
        return None
    measured = [head[columns[w]] for w in ("amount", "quantity") if w in columns]
    if any(pc.any(pc.less(values, 0)).as_py() for values in measured):
        return None
    used = {n for what, n in columns.items() if what not in ("product", "category")}
    free = [n for n, kind in kinds.items() if kind == "text" and n not in used]
    texts = [n for n in free if head[n].type == pa.string()]
    said = ((n, said_of_returns(head[n], n)) for n in texts)
    by_cells = next(((n, word) for n, word in said if word), None)
    return by_cells or next(((n, "") for n in texts if names_a_return(head[n], n)), None)


def _describes(words: Sequence[str]) -> bool:
    return has(words, "kept") and not has(words, "product")


def _constant(head: pa.Table, customer: str, name: str) -> bool:
    """Whether nearly all customers with several rows have the same word in all of them."""
    pairs = head.select([customer, name]).drop_null()
    if not len(pairs) or pc.count_distinct(pairs[name]).as_py() > 200:
        return False
    each = pairs.group_by(customer).aggregate([(name, "count_distinct"), (name, "count")])
    again = each.filter(pc.greater(each[f"{name}_count"], 1))
    if not len(again):
        return False
    return _share(pc.equal(again[f"{name}_count_distinct"], 1)) >= KEPT_CONSTANT


def _share(true: pa.ChunkedArray) -> float:
    return float(pc.mean(true.cast(pa.float64())).as_py() or 0)
