"""What is said of orders, the rules by which they are summed up, measures and RFM classes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from shoal.text.numbers import percent


def _named(*, before: str | None) -> str:
    said = "its name says so"
    return said if before is None else f"{said}; it comes before {before}"


def _customers_already(*, customer: str, sums: Sequence[str]) -> str:
    return (
        f'Every row is another customer ("{customer}"), with sums over orders '
        f"({', '.join(sums)}): these are customers, not orders."
    )


def _rows(*, rows: int, sales: int, returns: int, set_aside: Sequence[tuple[str, int]]) -> str:
    used = f"{rows:,} rows: {sales:,} purchases, {returns:,} returns or cancellations"
    aside = "; ".join(f"{count:,} {reason}" for reason, count in set_aside)
    return f"{used}, set aside {aside}." if aside else f"{used}; none set aside."


def _lines(*, rows: int, sales: int, returns: int, set_aside: Sequence[tuple[str, int]]) -> str:
    aside = sum(count for _, count in set_aside)
    why = "; ".join(f"{count:,} {reason}" for reason, count in set_aside)
    told = f"{rows:,} order lines read = {sales:,} purchases + {returns:,} returns or cancellations"
    return f"{told} + {aside:,} set aside{f' ({why})' if why else ''}."


Marks = tuple[str | None, Sequence[str]]  # a column, and the words in it that mark a return


def _returns(
    *,
    quantity: str | None,
    money: bool,
    order: Marks,
    tails: Sequence[str],
    status: Marks,
    kind: Marks,
    cancelled: str | None,
    refunded: str | None,
    pieces: bool,
    net: bool,
) -> str:
    signs = []
    if quantity is not None:
        signs.append(f'"{quantity}" is negative')
    if money:
        signs.append("the value is negative")
    if order[1]:
        signs.append(f'"{order[0]}" starts with {" or ".join(order[1])} before digits')
    if tails:
        signs.append(f'"{order[0]}" ends with {" or ".join(tails)}')
    signs += [f'"{c}" is {" or ".join(words[:5])}' for c, words in (status, kind) if words]
    if cancelled is not None:
        signs.append(f'"{cancelled}" says so')
    if not signs:
        return "Returns could not be told from purchases."
    done = "kept apart: they do not lower the monetary value"
    if net:
        done = "taken off what was bought before them"
    rule = f"A row is a return when {', or '.join(signs)}. Returns are no orders, and are {done}."
    if refunded is not None:
        how = ", in pieces at what one of the row cost" if pieces else ""
        rule += f' "{refunded}" is what of an order was paid back{how}.'
    return rule


def _monetary(*, net: bool, money: bool) -> str:
    return f"value of all orders, {'less what came back' if net else 'returns kept apart'}"


def _trend(*, money: bool, net: bool) -> str:
    what = "spending" if money else "orders"
    return f"where the middle of the {what} lies between first (-1) and last order (+1)"


def _return_share(*, money: bool, net: bool) -> str:
    return "share of the value bought that came back" if money else "share of rows that are returns"


def _favourite(*, money: bool, net: bool) -> str:
    return f"category with the most {'value' if money else 'rows'}"


_DUPLICATES = "{rows:,} rows are equal to another in every column; they were "


def _measured(date: str, customers: int, later_buyers: int, classes: Any, segments: Any) -> str:
    explained, top = percent(classes.explained), percent(classes.top_share)
    return (
        f"Learned before {date}, measured after it on {customers:,} customers, {later_buyers:,} of "
        f"whom bought again: {classes.groups} RFM classes explain {explained} of the variation in "
        f"later spending and their best fifth of customers brings {top} of it; {segments.groups} "
        f"segments explain {percent(segments.explained)} and {percent(segments.top_share)} "
        f"(at most {percent(segments.best_share)} is possible)."
    )


SENTENCES: dict[str, str | Callable[..., str]] = {
    # Which column is what.
    "column-taken": '"{column}" is the {what}: {why}.',
    "column-set": "set by you",
    "column-named": _named,
    "column-cells": "some of its cells say sale, others return",
    "column-price-paid": "there is no amount and no quantity, so the price is what was paid",
    # What a row is.
    "rows-are-customers": _customers_already,
    "rows-are-orders": "Every row is one order.",
    "rows-taken-for-orders": "Every row is taken for one order.",
    "rows-are-lines": 'Rows are lines of orders: "{column}" repeats.',
    "rows-are-lines-of-days": (
        "Rows are lines of orders; without order numbers, "
        "what a customer bought on one day is one order."
    ),
    "rows-used": _rows,
    "lines-counted": _lines,
    "customers-made": (
        "{customers:,} customers with {orders:,} orders; {one_time:,} of them ordered once."
    ),
    # The date of the analysis.
    "date-of-analysis": "Analysis date {date:%Y-%m-%d}: {why}.",
    "date-set": "set by you",
    "date-after-last": "the day after the last order ({last:%Y-%m-%d})",
    # The rules.
    "value-of-order": (
        '"{amount}" is the total of an order and stands on each of its lines; '
        "it is counted once an order."
    ),
    "value-of-row": 'The value of a row is "{amount}"; an order of zero counts as an order.',
    "value-by-price": (
        'The value of a row is "{quantity}" × "{price}"; '
        "rows at a price or quantity of zero are set aside."
    ),
    "value-unknown": "There are no amounts: customers have no monetary value.",
    "returns-rule": _returns,
    "duplicates-uncounted": (
        "Rows equal in every column were kept and not counted: the table is large."
    ),
    "duplicates-none": "No two rows are equal in every column.",
    "duplicates-dropped": _DUPLICATES + "set aside.",
    "duplicates-kept": _DUPLICATES + "kept, since an order can hold the same line twice.",
    # What each column of the customers says.
    "measure-id": "the customer",
    "measure-recency": "whole days from the last order to the analysis date",
    "measure-frequency": "number of orders",
    "measure-monetary": _monetary,
    "measure-average_order": "monetary value of one order",
    "measure-tenure": "whole days from the first order to the analysis date",
    "measure-days_between": (
        "mean days from one order to the next; a gap for those who ordered once"
    ),
    "measure-regularity": (
        "1 when orders come like clockwork, near 0 when in bursts; a gap below three orders"
    ),
    "measure-trend": _trend,
    "measure-return_share": _return_share,
    "measure-products": "number of different products bought",
    "measure-favourite_category": _favourite,
    "measure-kept": "as in the last order",
    "measure-first_order": "day of the first order",
    "measure-last_order": "day of the last order",
    # RFM classes.
    "ties-low": "a value equal to a cut point belongs to the bin below it",
    "ties-high": "a value equal to a cut point belongs to the bin above it",
    "ties-plus-one": (
        "a value belongs to the bin below a cut point until it is one more than it "
        "(as in the R package rfm)"
    ),
    "classes-agree": (
        "Agreement of RFM classes and segments: {agreement:.2f} "
        "(adjusted Rand index; 1 is the same, 0 chance)."
    ),
    "classes-measured": _measured,
}
