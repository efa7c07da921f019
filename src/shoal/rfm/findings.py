"""The rules by which orders were summed up, and what a person should know about the result."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from shoal.findings import finding
from shoal.options import Returns
from shoal.rfm.cells import Cells, Ends, may_be_nobody
from shoal.rfm.fits import tokens
from shoal.rfm.sql import REASONS, Lines, RowClass
from shoal.rfm.types import OrderFacts, Reading
from shoal.sentences import say
from shoal.text.persons import nameless, names_someone, tells_where
from shoal.types import Finding, Severity, Statement

LARGE_SHARE = 0.05  # of the rows: so many set aside are worth a warning
BUSY_SHARE = 0.2  # of all orders: a customer who has so many …
SHOWN = 40  # letters of an id in a message
BUSY_TIMES = 8  # … and so many times those of the others on average may be many people …
TILL_TIMES = 1.5  # … with so many times those already, where it is called as a till is


def value_rule(reading: Reading) -> Statement:
    """What a row is worth."""
    amount, quantity, price = (reading.column(w) for w in ("amount", "quantity", "price"))
    if amount and reading.amount_per == "order":
        return say("value-of-order", amount=amount)
    if amount:
        return say("value-of-row", amount=amount)
    if price and quantity:
        return say("value-by-price", quantity=quantity, price=price)
    return say("value-unknown")


def return_rule(lines: Lines, returns: Returns) -> Statement:
    """What counts as a return, and what is done with it."""
    words = lines.words
    return say(
        "returns-rule",
        quantity=lines.reading.column("quantity"),
        money=lines.money,
        order=(lines.reading.column("order"), words.marks),
        tails=words.tails,
        status=(lines.reading.column("status"), words.cancelled),
        kind=(lines.reading.column("kind"), words.returned),
        cancelled=lines.reading.column("cancelled"),
        refunded=lines.reading.column("refunded"),
        pieces=lines.reading.pieces_back,
        net=returns == "net",
    )


def duplicate_rule(repeated: int | None, dropped: bool) -> Statement:
    """What was done with rows that are equal in every column; None: they were not counted."""
    if repeated is None:
        return say("duplicates-uncounted")
    if not repeated:
        return say("duplicates-none")
    return say("duplicates-dropped" if dropped else "duplicates-kept", rows=repeated)


def findings_of(
    facts: OrderFacts,
    lines: Lines,
    cells: Cells,
    ends: Ends,
    returns: Returns,
    orderless: int,
    breadth: bool,
    table: str,
) -> tuple[Finding, ...]:
    """What a person should know of these customers.

    Args:
        facts: how orders became customers.
        lines: how columns were used.
        cells: what stands in them.
        ends: between which days orders lie.
        returns: the rule for them.
        orderless: purchases without an order number.
        breadth: whether products, categories and regularity were measured.
        table: the name of the orders.
    """
    return (
        *_of_rows(facts, lines, table),
        *_of_dates(facts, ends),
        *_of_returns(facts, returns),
        *_of_cells(lines, cells),
        *_of_customers(facts),
        *_of_columns(facts.reading, facts.value_rule, orderless),
        *_left_out(lines.money, breadth, table),
    )


def _of_dates(facts: OrderFacts, ends: Ends) -> Iterator[Finding]:
    """The analysis date; and orders, more than a few, years behind all others, that move it."""
    last = ends.last_of_most
    severity: Severity = "info" if last is None else "warning"
    yield finding("analysis-date", severity=severity, date=facts.date, why=facts.date_reason)
    if last is not None:
        date = facts.reading.column("date")
        yield finding("late-dates", date, rows=ends.later, all_rows=facts.rows, last=last)


def _of_rows(facts: OrderFacts, lines: Lines, table: str) -> Iterator[Finding]:
    yield finding(
        "orders-summed",
        rows=facts.rows,
        table=table,
        customers=facts.customers,
        orders=facts.orders,
    )
    for reason, aside in facts.set_aside:
        code, more = _about(reason, lines)
        odd = code == "far-dates" or reason == REASONS[RowClass.STAND_IN]
        yield finding(
            code,
            severity="warning" if odd or aside > LARGE_SHARE * facts.rows else "info",
            aside=aside,
            rows=facts.rows,
            **more,
        )


def _about(reason: str, lines: Lines) -> tuple[str, dict[str, Any]]:
    """The finding on rows set aside for a reason, and what it says beside their number."""
    customer, words = lines.reading.column("customer"), lines.words
    if reason == REASONS[RowClass.GUEST]:
        return "guests", {"column": customer, "words": words.guests}
    if reason == REASONS[RowClass.FAR]:
        date, (first, last) = lines.reading.column("date"), lines.most
        return "far-dates", {"column": date, "first": first, "last": last}
    if reason == REASONS[RowClass.NO_PURCHASE]:
        kind = lines.reading.column("kind")
        return "no-purchases", {"column": kind, "words": nameless(words.no_purchase)}
    return "orders-set-aside", {"reason": reason}


def _of_returns(facts: OrderFacts, returns: Returns) -> Iterator[Finding]:
    """What came back, and what that does to the money, with the sums."""
    if not facts.returns and not facts.money.returned:
        return
    yield finding(
        "returns",
        returns=facts.returns,
        rule=facts.returns_rule,
        bought=facts.money.bought,
        returned=facts.money.returned,
        taken_off=facts.money.taken_off,
        beyond=facts.money.beyond,
        net=returns == "net",
    )


def _of_cells(lines: Lines, cells: Cells) -> Iterator[Finding]:
    if cells.two_cases:
        yield finding("one-address", lines.reading.column("customer"), addresses=cells.two_cases)
    if cells.partly:
        yield finding("partly-refunded", lines.reading.column("status"), rows=cells.partly)


def _of_customers(facts: OrderFacts) -> Iterator[Finding]:
    if facts.without_purchase:
        yield finding("no-purchase", customers=facts.without_purchase)
    if facts.one_time:
        yield finding("one-time-buyers", share=facts.one_time / facts.customers)


def busiest_customer(facts: OrderFacts, column: str, orders: int, who: str) -> Iterator[Finding]:
    """Whether one customer has so many of the orders that it may stand for many people."""
    others, left = facts.customers - 1, facts.orders - orders
    times = TILL_TIMES if may_be_nobody(who) else BUSY_TIMES
    if others < 1 or orders < BUSY_SHARE * facts.orders or orders * others < times * left:
        return
    about: dict[str, Any] = {"orders": orders, "all_orders": facts.orders, "mean": left / others}
    yield finding("busiest-customer", column, who=_shown(who), **about)


def two_spellings(column: str, pairs: int, example: tuple[str, str]) -> Iterator[Finding]:
    """Customers whose ids differ in capitals alone; they are not put together."""
    if pairs:
        ways = tuple(map(_shown, example))
        shown = ways if all(ways) else ("", "")
        yield finding("two-spellings", column, pairs=pairs, example=shown)


def _shown(id: str) -> str:
    """An id as it may be quoted; nothing where it is a person's name or address."""
    return "" if names_someone(id.title()) or tells_where(id) else id[:SHOWN]


def _of_columns(reading: Reading, rule: Statement, orderless: int) -> Iterator[Finding]:
    if orderless and reading.one_order == "id":
        yield finding("no-order-number", reading.column("order"), purchases=orderless)
    if reading.unused:
        yield finding("unused-returns", reading.unused[0], columns=reading.unused)
    if reading.untold:
        column, word = reading.untold
        yield finding("returns-untold", column, word=_shown(word))
    if reading.sides:
        yield finding("debits-and-credits", reading.sides)
    if price := _of_a_line(reading):
        quantity = reading.column("quantity")
        yield finding("price-or-total", price, quantity=quantity)
    if reading.amount_per == "order":
        yield finding("order-total-repeated", reading.column("amount"), rule=rule.text)


def _of_a_line(reading: Reading) -> str | None:
    """The price times a quantity that may be that of the whole line already: "item-price"."""
    price, quantity = reading.column("price"), reading.column("quantity")
    if price is None or quantity is None or reading.column("amount"):
        return None
    words = tokens(price)
    return price if {"item", "line"} & set(words) and "unit" not in words else None


def _left_out(money: bool, breadth: bool, table: str) -> Iterator[Finding]:
    if not money:
        yield finding("no-amounts", table=table)
    if not breadth:
        yield finding("breadth-left-out")
