"""Codes of findings about orders and RFM classes."""

CODES = {
    "orders-summed": "rows of orders were summed up to customers",
    "analysis-date": "the date that recency is counted to, and where it comes from",
    "orders-set-aside": "rows without customer, date or with a later date take no part",
    "returns": "returns and cancellations, and the rule for them",
    "no-purchase": "customers who only returned or cancelled",
    "one-time-buyers": "customers who ordered once; they are kept",
    "order-total-repeated": "every line of an order holds the same amount; it is counted once",
    "no-order-number": "there is no order number: what makes one order is a rule",
    "no-amounts": "there is no money: customers have recency and frequency only",
    "breadth-left-out": "products and regularity were left out, since the table is large",
    "rfm-ties": "many customers share a value, so quantile bins are uneven",
    "rfm-gaps": "customers without a measure have no RFM class",
}
