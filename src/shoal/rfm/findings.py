"""The rules by which orders were summed up, in sentences, and what a person should know about the result."""

from __future__ import annotations

from shoal.options import Duplicates, Returns
from shoal.rfm.sql import Lines
from shoal.rfm.types import OrderFacts
from shoal.types import Finding


def amount_rule(lines: Lines) -> str:
    """How a row's value was found."""
    reading = lines.reading
    amount, quantity, price = (reading.column(w) for w in ("amount", "quantity", "price"))
    if amount and reading.amount_per == "order":
        return f'"{amount}" is the total of an order and stands on each of its lines; it is counted once an order.'
    if amount:
        return f'The value of a row is "{amount}"; an order of zero counts as an order.'
    if price and quantity:
        return f'The value of a row is "{quantity}" × "{price}"; rows at a price or quantity of zero are set aside.'
    return "There are no amounts: customers have no monetary value."


def returns_rule(lines: Lines, returns: Returns) -> str:
    """What counts as a return, and what is done with it."""
    order, quantity, status = (lines.reading.column(w) for w in ("order", "quantity", "status"))
    signs = [f'"{quantity}" is negative'] if quantity else []
    signs += ["the value is negative"] if lines.money else []
    signs += [f'"{order}" starts with a C before digits'] if lines.marked else []
    signs += (
        [f'"{status}" is {" or ".join(lines.cancelled_words[:5])}'] if lines.cancelled_words else []
    )
    if not signs:
        return "Returns could not be told from purchases."
    done = (
        "taken off the monetary value"
        if returns == "net"
        else "kept apart: they do not lower the monetary value"
    )
    return f"A row is a return when {', or '.join(signs)}. Returns are no orders, and are {done}."


def duplicates_rule(duplicates: Duplicates, twice: int | None) -> str:
    """What was done with rows that are equal in every column."""
    if twice is None:
        return "Rows equal in every column were kept and not counted: the table is large."
    if not twice:
        return "No two rows are equal in every column."
    done = (
        "set aside" if duplicates == "drop" else "kept, since an order can hold the same line twice"
    )
    return f"{twice:,} rows are equal to another in every column; they were {done}."


def findings_of(
    facts: OrderFacts, lines: Lines, orderless: int, breadth: bool, name: str
) -> tuple[Finding, ...]:
    """What a person should know."""
    found = [
        Finding(
            "orders-summed",
            "info",
            f"{facts.rows:,} rows of {name} became {facts.customers:,} customers with {facts.orders:,} orders.",
        ),
        Finding(
            "analysis-date",
            "info",
            f"Recency is counted to {facts.date:%Y-%m-%d}: {facts.date_reason}.",
        ),
    ]
    for reason, rows in facts.set_aside:
        large = rows > 0.05 * facts.rows
        found.append(
            Finding(
                "orders-set-aside",
                "warning" if large else "info",
                f"{rows:,} of {facts.rows:,} rows {reason} were set aside.",
            )
        )
    if facts.returns:
        found.append(
            Finding(
                "returns",
                "info",
                f"{facts.returns:,} rows are returns or cancellations. {facts.returns_rule}",
            )
        )
    if facts.without_purchase:
        text = f"{facts.without_purchase:,} customers only returned or cancelled and bought nothing; they are not among the customers."
        found.append(Finding("no-purchase", "info", text))
    if facts.one_time:
        text = f"{facts.one_time / facts.customers:.0%} of customers ordered once; they are kept, without days between orders."
        found.append(Finding("one-time-buyers", "info", text))
    if orderless and lines.reading.one_order == "id":
        text = f"{orderless:,} purchases have no order number; what a customer bought on one day counts as one order there."
        found.append(Finding("no-order-number", "warning", text, lines.reading.column("order")))
    if lines.reading.amount_per == "order":
        text = f"{amount_rule(lines)} Say --amount-per line if each line has that amount."
        found.append(
            Finding("order-total-repeated", "warning", text, lines.reading.column("amount"))
        )
    if not lines.money:
        found.append(
            Finding(
                "no-amounts",
                "warning",
                f"{name} has no amounts: segments are formed without money. Name a column with --amount.",
            )
        )
    if not breadth:
        text = "Products, categories and the regularity of orders were left out: the table is large. Ask for them with --breadth."
        found.append(Finding("breadth-left-out", "info", text))
    return tuple(found)
