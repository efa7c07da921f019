"""Which column of a table of orders is what: told from its name, its type and its first rows, and always with the reason."""

from __future__ import annotations

import functools
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shoal.engine.table import Table
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.options import AmountPer, OneOrder
from shoal.rfm.types import WHATS, Reading, Taken, What
from shoal.text import headers

WORDS = {
    k: frozenset(v)
    for k, v in tomllib.loads((Path(__file__).parent / "words.toml").read_text("utf-8")).items()
}
HEAD = 200_000  # rows that are looked at
TOTAL_REPEATED = 0.98  # of the orders with several lines
KEPT_CONSTANT = (
    0.95  # a word is carried along when so many of the customers have it always the same
)


@functools.cache
def tokens(name: str) -> tuple[str, ...]:
    """The words of a header; joined ones are taken apart at words that are known.

    >>> tokens("InvoiceNo"), tokens("unitprice"), tokens("Order Date")
    (('invoice', 'no'), ('unit', 'price'), ('order', 'date'))
    """
    return tuple(part for word in headers.tokens(name) for part in _apart(word))


_KNOWN = frozenset().union(*WORDS.values()) | {"unit", "sub", "total", "name"}


def _apart(word: str) -> list[str]:
    if word in _KNOWN or len(word) < 6:
        return [word]
    for cut in range(2, len(word) - 1):
        if word[:cut] in _KNOWN and word[cut:] in _KNOWN and max(cut, len(word) - cut) > 3:
            return [word[:cut], word[cut:]]
    return [word]


def _has(words: Sequence[str], group: str) -> bool:
    return not WORDS[group].isdisjoint(words)


def _score_customer(name: str, kind: str) -> float:
    words = tokens(name)
    if kind not in ("whole", "number", "text") or _has(words, "not_order"):
        return 0
    if _has(words, "who"):
        return (
            4.5
            if "unique" in words
            else 4
            if _has(words, "numbered") or len(words) == 1
            else 2
            if "name" in words
            else 1
        )
    return 1 if words in (("id",), ("email",), ("mail",), ("card", "no")) else 0


def _score_order(name: str, kind: str) -> float:
    words = tokens(name)
    if (
        kind not in ("whole", "number", "text")
        or _has(words, "not_order")
        or not _has(words, "order")
    ):
        return 0
    return 4 if _has(words, "numbered") else 2 if len(words) == 1 else 0


def _score_date(name: str, kind: str) -> float:
    words = tokens(name)
    if kind != "date":
        return 0
    if _has(words, "not_date"):
        return 0.5
    return 4 if _has(words, "order") or "sale" in words else 3 if _has(words, "date") else 1


def _score_amount(name: str, kind: str) -> float:
    words = tokens(name)
    if kind not in ("whole", "number") or _has(words, "not_amount") or not _has(words, "amount"):
        return 0
    return 4 + ("net" in words) * 0.2 + ("total" in words) * 0.1 - ("gross" in words) * 0.1


def _score_quantity(name: str, kind: str) -> float:
    words = tokens(name)
    wrong = bool({"stock", "discount", "orders", "price"} & set(words)) or _has(words, "amount")
    return 4 if kind in ("whole", "number") and _has(words, "quantity") and not wrong else 0


def _score_price(name: str, kind: str) -> float:
    words = tokens(name)
    if kind not in ("whole", "number") or not _has(words, "price") or _has(words, "amount"):
        return 0
    weak = bool({"cost", "rate"} & set(words))
    return (
        (4 if "unit" in words else 3) - 2 * weak
        if not ({"tax", "exchange", "discount", "shipping"} & set(words))
        else 0
    )


def _score_product(name: str, kind: str) -> float:
    words = tokens(name)
    if (
        kind not in ("whole", "text")
        or not _has(words, "product")
        or _has(words, "category")
        or _has(words, "amount")
    ):
        return 0
    if {
        "sequential",
        "line",
        "count",
        "quantity",
        "status",
        "price",
        "container",
        "base",
        "margin",
        "weight",
        "type",
        "order",
    } & set(words):
        return 0
    return (
        4
        if _has(words, "numbered")
        or {"sku", "asin", "ean", "upc", "stockcode"} & set(words)
        or "stock" in words
        else 3
    )


def _score_category(name: str, kind: str) -> float:
    words = tokens(name)
    return (
        (3 if "sub" in words else 4) if kind in ("text", "whole") and _has(words, "category") else 0
    )


def _score_status(name: str, kind: str) -> float:
    words = tokens(name)
    return (
        (4 if len(words) == 1 or _has(words, "order") else 0)
        if kind == "text" and _has(words, "status")
        else 0
    )


def _score_currency(name: str, kind: str) -> float:
    return 4 if kind == "text" and _has(tokens(name), "currency") else 0


_SCORES: dict[What, Callable[[str, str], float]] = {
    "customer": _score_customer,
    "order": _score_order,
    "date": _score_date,
    "amount": _score_amount,
    "quantity": _score_quantity,
    "price": _score_price,
    "product": _score_product,
    "category": _score_category,
    "status": _score_status,
    "currency": _score_currency,
}


def kind_of(type: pa.DataType) -> str:
    """The kind of a column's type: whole, number, date, text or flag."""
    if pa.types.is_integer(type):
        return "whole"
    if pa.types.is_floating(type):
        return "number"
    if pa.types.is_date(type) or pa.types.is_timestamp(type):
        return "date"
    return "flag" if pa.types.is_boolean(type) else "text"


def understand(
    table: Table,
    asked: Mapping[What, str | None],
    one_order: OneOrder = "auto",
    amount_per: AmountPer = "auto",
) -> Reading:
    """Which column is what, whether rows are orders or lines of orders, or already customers.

    Raises OptionError for an asked column that does not exist, InputError when there is no customer or no date.
    """
    kinds = {f.name: kind_of(f.type) for f in table.schema}
    _check_asked(table, asked, kinds)
    head = _head(table)
    taken = _taken(kinds, asked, head)
    columns = {t.what: t.column for t in taken}
    if "customer" not in columns:
        raise InputError(_missing(table, "customer", "tells who ordered", "customer"))
    kind, why = _summed_up(kinds, columns["customer"], head)
    if kind and asked.get("date") is None:
        return Reading("customers", why, taken, "row")
    if "date" not in columns:
        raise InputError(_missing(table, "date", "says when the order was made", "date-column"))
    unit, lines, reason = _unit(columns, one_order, head)
    kept = tuple(
        n
        for n, k in kinds.items()
        if _may_keep(n, k, columns) and _constant(head, columns["customer"], n)
    )
    per = (
        amount_per
        if amount_per != "auto"
        else "order"
        if unit == "id" and lines and _total_repeated(columns, head)
        else "line"
    )
    return Reading("lines" if lines else "orders", reason, taken, unit, per, kept)


def _check_asked(table: Table, asked: Mapping[What, str | None], kinds: Mapping[str, str]) -> None:
    needs = {
        "date": ("date",),
        "amount": ("whole", "number"),
        "quantity": ("whole", "number"),
        "price": ("whole", "number"),
    }
    for what, name in asked.items():
        option = "--date-column" if what == "date" else f"--{what}"
        if name is not None and name not in kinds:
            raise OptionError(
                f'{option} names "{name}", but {table.name} has no such column. {did_you_mean(name, kinds)}'
            )
        if name is not None and what in needs and kinds[name] not in needs[what]:
            is_a = {"text": "text", "flag": "yes or no", "date": "dates"}.get(
                kinds[name], "numbers"
            )
            wanted = "dates" if what == "date" else "numbers"
            fit = [n for n, k in kinds.items() if k in needs[what]]
            hint = (
                f"Columns of {wanted}: {', '.join(fit)}."
                if fit
                else f"No column of {table.name} holds {wanted}."
            )
            raise OptionError(f'{option} "{name}" holds {is_a}, not {wanted}. {hint}')


def _head(table: Table) -> pa.Table:
    batches, rows = [], 0
    for batch in table.batches():
        batches.append(batch)
        rows += batch.num_rows
        if rows >= HEAD:
            break
    return pa.Table.from_batches(batches, table.schema)


def _taken(
    kinds: Mapping[str, str], asked: Mapping[What, str | None], head: pa.Table
) -> tuple[Taken, ...]:
    found: dict[What, Taken] = {
        w: Taken(w, n, "set by you") for w, n in asked.items() if n is not None
    }
    for what in WHATS:
        if what in found:
            continue
        used = {t.column for t in found.values()}
        scores = {
            n: _SCORES[what](n, k)
            for n, k in kinds.items()
            if n not in used and head[n].null_count < max(1, len(head))
        }
        best = max(scores, key=lambda n: scores[n], default=None)
        if best is not None and scores[best] > 0:
            others = [n for n in scores if n != best and scores[n] == scores[best]]
            why = "its name says so" + (f"; it comes before {others[0]}" if others else "")
            found[what] = Taken(what, best, why)
    return tuple(t for w in WHATS if (t := _money_rule(w, found, asked, head)))


def _money_rule(
    what: What, found: Mapping[What, Taken], asked: Mapping[What, str | None], head: pa.Table
) -> Taken | None:
    """An amount is taken as it stands; a price counts only where there is none, times the quantity where there is one."""
    taken = found.get(what)
    if taken is None:
        if what == "amount" and "price" in found and "quantity" not in found:
            return Taken(
                "amount",
                found["price"].column,
                "there is no amount and no quantity, so the price is what was paid",
            )
        return None
    if (
        what == "price"
        and asked.get("price") is None
        and ("amount" in found or "quantity" not in found)
    ):
        return None
    if what == "amount" and asked.get("amount") is None and asked.get("price") is not None:
        return None
    if what == "status" and not _cancels(head[taken.column]):
        return None
    return taken


def _cancels(values: pa.ChunkedArray) -> bool:
    return any(is_cancelled(str(w)) for w in pc.unique(values.drop_null()).to_pylist()[:200])


def is_cancelled(word: str) -> bool:
    """Whether the status of an order says that nothing was sold.

    >>> is_cancelled("Cancelled"), is_cancelled("Returned to seller"), is_cancelled("shipped")
    (True, True, False)
    """
    parts = re.findall(r"[a-z]+", word.lower())
    stems = [w[:-1] for w in WORDS["cancelled"] if w.endswith("*")]
    return any(p in WORDS["cancelled"] or any(p.startswith(s) for s in stems) for p in parts)


def _summed_up(kinds: Mapping[str, str], customer: str, head: pa.Table) -> tuple[bool, str]:
    """Whether there is one row a customer already, with counts of orders in it."""
    known = head[customer].drop_null()
    unique = len(known) > 1 and pc.count_distinct(known).as_py() == len(known)
    sums = [n for n in kinds if n != customer and _has(tokens(n), "summed_up")]
    if not unique or not sums:
        return False, ""
    return (
        True,
        f'Every row is another customer ("{customer}"), with sums over orders ({", ".join(sums[:3])}): these are customers, not orders.',
    )


def _unit(columns: Mapping[What, str], asked: OneOrder, head: pa.Table) -> tuple[Any, bool, str]:
    """(what makes an order, are rows lines of orders, why)."""
    if asked == "id" and "order" not in columns:
        raise OptionError(
            "--one-order id needs a column of order numbers. Name it with --order COLUMN."
        )
    unit = (
        asked
        if asked != "auto"
        else "id"
        if "order" in columns
        else "day"
        if "product" in columns
        else "row"
    )
    if unit == "row":
        return "row", False, "Every row is taken for one order."
    if unit == "day":
        return (
            "day",
            True,
            "Rows are lines of orders; without order numbers, what a customer bought on one day is one order.",
        )
    ids = head[columns["order"]].drop_null()
    lines = len(ids) > 0 and pc.count_distinct(ids).as_py() < len(ids)
    return (
        "id",
        lines,
        f'Rows are lines of orders: "{columns["order"]}" repeats.'
        if lines
        else "Every row is one order.",
    )


def _total_repeated(columns: Mapping[What, str], head: pa.Table) -> bool:
    """Whether all lines of an order hold the same amount, while orders differ: then it is the order's total."""
    if "amount" not in columns:
        return False
    order, amount = columns["order"], columns["amount"]
    pairs = head.select([order, amount]).drop_null()
    each = pairs.group_by(order).aggregate([(amount, "count"), (amount, "min"), (amount, "max")])
    several = each.filter(pc.greater(each[f"{amount}_count"], 1))
    if len(several) < 10 or pc.count_distinct(several[f"{amount}_min"]).as_py() < 5:
        return False
    same = pc.equal(several[f"{amount}_min"], several[f"{amount}_max"])
    return float(pc.mean(same.cast(pa.float64())).as_py()) >= TOTAL_REPEATED


def _may_keep(name: str, kind: str, columns: Mapping[What, str]) -> bool:
    return (
        kind == "text"
        and name not in columns.values()
        and _has(tokens(name), "kept")
        and not _has(tokens(name), "product")
    )


def _constant(head: pa.Table, customer: str, name: str) -> bool:
    pairs = head.select([customer, name]).drop_null()
    if not len(pairs) or pc.count_distinct(pairs[name]).as_py() > 200:
        return False
    each = pairs.group_by(customer).aggregate([(name, "count_distinct"), (name, "count")])
    again = each.filter(pc.greater(each[f"{name}_count"], 1))
    return (
        len(again) > 0
        and float(pc.mean(pc.equal(again[f"{name}_count_distinct"], 1).cast(pa.float64())).as_py())
        >= KEPT_CONSTANT
    )


def _missing(table: Table, what: str, says: str, option: str) -> str:
    columns = ", ".join(f"{f.name} ({kind_of(f.type)})" for f in list(table.schema)[:20])
    return (
        f"No column of {table.name} {says}. Name it with --{option} COLUMN. Its columns: {columns}."
    )
