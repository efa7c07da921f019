"""Findings about orders and RFM classes."""

from __future__ import annotations

from shoal.findings.code import Code

CODES = {
    "orders-summed": Code("info", "rows of orders were summed up to customers"),
    "analysis-date": Code("info", "the date that recency is counted to, and where it comes from"),
    "orders-set-aside": Code(
        "warning", "rows without customer, date or with a later date take no part"
    ),
    "returns": Code("info", "returns and cancellations, and the rule for them"),
    "no-purchase": Code("info", "customers who only returned or cancelled"),
    "one-time-buyers": Code("info", "customers who ordered once; they are kept"),
    "order-total-repeated": Code(
        "warning", "every line of an order holds the same amount; it is counted once"
    ),
    "no-order-number": Code("warning", "there is no order number: what makes one order is a rule"),
    "no-amounts": Code("warning", "there is no money: customers have recency and frequency only"),
    "breadth-left-out": Code(
        "info", "products and regularity were left out, since the table is large"
    ),
    "rfm-ties": Code("info", "many customers share a value, so quantile bins are uneven"),
    "rfm-gaps": Code("warning", "customers without a measure have no RFM class"),
}
