"""What is said of moves between two periods: how many, why, and which value they take away."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal

from shoal.text.nouns import counted, many, told_count
from shoal.text.numbers import exact, listed


def _signed(value: Decimal, amount: Callable[[Decimal], str]) -> str:
    return f"+{amount(value)}" if value > 0 else amount(value)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _seen(*, stayed: int, moved: int, departed: int, arrived: int) -> str:
    both = stayed + moved
    told = f"{counted(both)} {_are(both)} in both tables"
    told += f": {stayed:,} stayed in their segment, {moved:,} moved." if both else "."
    return f"{told} {departed:,} {_are(departed)} there no more, {arrived:,} {_are(arrived)} new."


def _why(*, customer: int, model: int, border: int, least: int) -> str:
    parts = (
        (customer, "because they changed themselves"),
        (model, "because the model changed"),
        (border, "were on the border anyway"),
    )
    told = [f"{told_count(n, least)} {why}" for n, why in parts if n]
    return f"Of those who moved: {listed(told)}."


def _money(
    *,
    value: str,
    before: Decimal,
    after: Decimal,
    stayed: Decimal | None,
    moved: Decimal | None,
    departed: Decimal | None,
    arrived: Decimal | None,
    least: int,
) -> str:
    """`None` are changes of too few to be told of."""
    changes = (stayed, moved, departed, arrived)
    amount = exact((before, after, *(each for each in changes if each is not None)))
    parts = (
        ("those who stayed", stayed),
        ("those who moved", moved),
        ("those there no more", departed),
        ("the new ones", arrived),
    )
    made = "; ".join(
        f"{who} {_signed(change, amount)}" for who, change in parts if change is not None
    )
    told = (
        f'"{value}": {amount(before)} before, {amount(after)} after '
        f"({_signed(after - before, amount)}): {made}."
    )
    few = [who for who, change in parts if change is None]
    if not few:
        return told
    return f"{told} Amounts of fewer than {least} {many()} are not shown: {listed(few)}."


def _moved_away(
    *,
    start: str,
    end: str,
    customers: int,
    value: str,
    before: Decimal,
    after: Decimal,
    causes: Mapping[str, int],
    least: int,
) -> str:
    amount = exact((before, after))
    told = (
        f'{start} → {end}: {counted(customers)} with {amount(before)} of "{value}" before and '
        f"{amount(after)} after ({_signed(after - before, amount)})"
    )
    words = {"customer": "changed themselves", "model": "by the model", "border": "on the border"}
    parts = [f"{told_count(n, least)} {words[cause]}" for cause, n in causes.items() if n]
    return f"{told}; {listed(parts)}." if parts else f"{told}."


def _gone(*, start: str, customers: int, value: str, before: Decimal) -> str:
    return (
        f"{start} → there no more: {counted(customers)}, who had {exact((before,))(before)} of "
        f'"{value}" before.'
    )


SENTENCES: Mapping[str, str | Callable[..., str]] = {
    "moves-seen": _seen,
    "moves-why": _why,
    "moves-money": _money,
    "moves-away": _moved_away,
    "moves-gone": _gone,
}
