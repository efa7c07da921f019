"""Findings about orders and RFM classes."""

from __future__ import annotations

from collections.abc import Sequence

from shoal.findings.code import Code
from shoal.text.options import option


def _order_total_repeated(column: str, rule: str) -> str:
    return f"{rule} Say {option('amount_per', 'line')} if each line has that amount."


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
        f"Nobody has the {column} score {scores}: {share:.0%} of customers share the {column} "
        f"{value:g}, and equal customers get equal scores. "
        "Give own cut points to part them otherwise."
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
    "returns": Code(
        "info",
        "returns and cancellations, and the rule for them",
        "{returns:,} rows are returns or cancellations. {rule}",
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
        "{share:.0%} of customers ordered once; they are kept, without days between orders.",
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
