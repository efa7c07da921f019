"""Findings about orders and RFM classes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from shoal.findings.code import Code
from shoal.text.nouns import many, one
from shoal.text.numbers import named, number, percent
from shoal.text.options import option


def _order_total_repeated(column: str, rule: str) -> str:
    return f"{rule} Say {option('amount_per', 'line')} if each line has that amount."


def _guests(column: str, aside: int, rows: int, words: Sequence[str]) -> str:
    shown = named(words)
    verb = "stands" if len(words) == 1 else "stand"
    return (
        f'{aside:,} of {rows:,} rows have {shown} in "{column}", which {verb} for guests, '
        "not for one customer; they were set aside."
    )


def _far_dates(
    column: str, aside: int, rows: int, first: dt.date | None, last: dt.date | None
) -> str:
    """`first` and `last` are the ends of the other orders, where some lie beyond them."""
    if last is None:
        where, keep = f"before {first}, years before", option("since", "1900-01-02")
    else:
        where, keep = f"after {last}, years after", option("date", "2100-01-01")
    if first is not None and last is not None:
        where = f"before {first} or after {last}, years from"
    return (
        f'{aside:,} of {rows:,} rows have a "{column}" {where} all other orders, and were set '
        f"aside: days would be counted to an error. To keep them, say until when: {keep}."
    )


def _no_purchases(column: str, aside: int, rows: int, words: Sequence[str]) -> str:
    shown = f" is {named(words, 5)}" if words else " says so"
    return (
        f'{aside:,} of {rows:,} rows are no purchases, since "{column}"{shown} there; '
        "they were set aside."
    )


def _returns(
    column: None,
    returns: int,
    rule: str,
    bought: float,
    returned: float,
    taken_off: float,
    beyond: int,
    net: bool,
) -> str:
    said = f"{returns:,} rows are returns or cancellations. {rule}"
    if not returned:
        return said
    sums = f"{said} Bought for {bought:,.2f}, returned for {returned:,.2f}"
    if not net:
        return f"{sums}, which is not taken off."
    left = returned - taken_off
    sums = f"{sums}, of which {taken_off:,.2f} is taken off: {bought - taken_off:,.2f} is left."
    if left < 0.005:
        return sums
    who = f" ({beyond:,} {many()} returned more than they bought)" if beyond else ""
    return (
        f"{sums} The other {left:,.2f} came back before a first purchase, beyond all that was "
        f"bought, or from who bought nothing{who}: it belongs to purchases before these orders."
    )


def _busiest_customer(column: str, who: str, orders: int, all_orders: int, mean: float) -> str:
    """`who` is empty where it would name a person."""
    others = number(mean, 3)
    one_of_them = f'"{who}"' if who else f'One "{column}" (not shown: it may be a name)'
    return (
        f"{one_of_them} alone has {orders:,} of {all_orders:,} orders, where others have {others} "
        f'on average. Does this "{column}" stand for many people, as a till or guests do? '
        "If so, empty that cell on its rows: rows without a customer are set aside."
    )


def _late_dates(column: str, rows: int, all_rows: int, last: dt.date) -> str:
    until = last + dt.timedelta(days=1)
    return (
        f'{rows:,} of {all_rows:,} rows have a "{column}" more than a year after all others, which '
        f"end on {last}, and recency is counted to them. If these dates are errors, leave such "
        f"rows out with {option('date', until.isoformat())}."
    )


def _two_spellings(column: str, pairs: int, example: tuple[str, str]) -> str:
    """`example` is of empty texts where it would name a person."""
    such = f', as "{example[0]}" and "{example[1]}"' if all(example) else ""
    return (
        f'{pairs:,} values of "{column}" differ from another in capitals, blanks, dashes, zeros or '
        f'marks in front or ".0" alone{such}; each is a {one()} of its own. '
        "If they are the same, write them one way first."
    )


def _debits_and_credits(column: str) -> str:
    return (
        f'"{column}" says of each row whether it is a debit or a credit, and is not used: all rows '
        "are purchases. If one of the two gives money back, make its amounts negative."
    )


def _one_address(column: str, addresses: int) -> str:
    return (
        f'{addresses:,} addresses of "{column}" are spelled in capitals on some rows and in small '
        "letters on others; each is one customer, shown in small letters."
    )


def _partly_refunded(column: str, rows: int) -> str:
    return (
        f'{rows:,} rows were refunded in part by "{column}", and no column says how much: their '
        f"whole amount counts. Name a column of refunds with {option('refunded')}."
    )


def _unused_returns(column: str, columns: Sequence[str]) -> str:
    shown = named(columns, 5)
    return (
        f"{shown} speak{'s' if len(columns) == 1 else ''} of returns, but nothing is taken off for "
        f"it. Name the column of what was paid back: {option('refunded')}."
    )


def _returns_untold(column: str, word: str) -> str:
    """`word` is empty where it would name a person."""
    said = f'says "{word}" on some rows' if word else "speaks of returns"
    return (
        f'"{column}" {said}, yet all rows count as purchases. If it tells returns, '
        f"name it with {option('kind_column', column)}."
    )


def _price_or_total(column: str, quantity: str) -> str:
    return (
        f'"{column}" was multiplied by "{quantity}". Some shops write the price of all pieces '
        f"under such a name: if this one does, say {option('amount', column)}."
    )


def _no_amounts(column: None, table: str) -> str:
    return (
        f"{table} has no amounts: segments are formed without money. "
        f"Name a column with {option('amount')}."
    )


def _breadth_left_out(column: None) -> str:
    return (
        "Products, categories and the regularity of orders were left out: the table is large. "
        f"Ask for them with {option('breadth', True)}."
    )


def _rfm_ties(column: str, empty: Sequence[int], share: float, value: float) -> str:
    scores = " or ".join(str(score) for score in empty)
    return (
        f"Nobody has the {column} score {scores}: {percent(share)} of customers share the {column} "
        f"{value:g}, and equal customers get equal scores. "
        "Give own cut points to part them otherwise."
    )


def _one_time_buyers(column: None, share: float) -> str:
    return (
        f"{percent(share)} of customers ordered once; they are kept, without days between orders."
    )


CODES = {
    "orders-summed": Code(
        "info",
        "rows of orders were summed up to customers",
        "{rows:,} rows of {table} became {customers:,} customers with {orders:,} orders.",
    ),
    "analysis-date": Code(
        "info",
        "the date that recency is counted to, and where it comes from",
        "Recency is counted to {date:%Y-%m-%d}: {why}.",
    ),
    "orders-set-aside": Code(
        "warning",
        "rows without customer, date or with a later date take no part",
        "{aside:,} of {rows:,} rows {reason} were set aside.",
    ),
    "guests": Code("info", "rows of guests are not summed up to one customer", _guests),
    "busiest-customer": Code(
        "warning",
        "one customer has so many of the orders that it may be a till, or guests",
        _busiest_customer,
    ),
    "far-dates": Code(
        "warning",
        "a few orders are dated years before or after all others; they take no part",
        _far_dates,
    ),
    "late-dates": Code(
        "warning",
        "some orders are dated years after all others; recency is counted to them",
        _late_dates,
    ),
    "no-purchases": Code(
        "info", "rows that are payouts, fees, offers or clicks take no part", _no_purchases
    ),
    "returns": Code(
        "info",
        "returns and cancellations, the rule for them, and what they do to the money",
        _returns,
    ),
    "one-address": Code(
        "info", "e-mail addresses in capitals and in small letters are one customer", _one_address
    ),
    "two-spellings": Code(
        "warning",
        "ids of customers differ in capitals or leading zeros alone; they are kept apart",
        _two_spellings,
    ),
    "debits-and-credits": Code(
        "warning",
        "a column says which rows are debits and which credits, and is not used",
        _debits_and_credits,
    ),
    "unused-returns": Code(
        "warning", "a column speaks of returns, and is not used", _unused_returns
    ),
    "returns-untold": Code(
        "warning", "a column has words of returns on some rows, and tells none", _returns_untold
    ),
    "price-or-total": Code(
        "warning",
        "a price may be that of all pieces already, and was multiplied by their number",
        _price_or_total,
    ),
    "partly-refunded": Code(
        "warning", "orders were refunded in part, and nobody says how much", _partly_refunded
    ),
    "no-purchase": Code(
        "info",
        "customers who only returned or cancelled",
        "{customers:,} customers only returned or cancelled and bought nothing; "
        "they are not among the customers.",
    ),
    "one-time-buyers": Code(
        "info",
        "customers who ordered once; they are kept",
        _one_time_buyers,
    ),
    "order-total-repeated": Code(
        "warning",
        "every line of an order holds the same amount; it is counted once",
        _order_total_repeated,
    ),
    "no-order-number": Code(
        "warning",
        "there is no order number: what makes one order is a rule",
        "{purchases:,} purchases have no order number; "
        "what a customer bought on one day counts as one order there.",
    ),
    "no-amounts": Code(
        "warning", "there is no money: customers have recency and frequency only", _no_amounts
    ),
    "breadth-left-out": Code(
        "info",
        "products and regularity were left out, since the table is large",
        _breadth_left_out,
    ),
    "rfm-ties": Code(
        "info", "many customers share a value, so quantile bins are uneven", _rfm_ties
    ),
    "rfm-gaps": Code(
        "warning",
        "customers without a measure have no RFM class",
        "{missing:,} of {customers:,} customers lack a measure; they have no RFM class.",
    ),
}
