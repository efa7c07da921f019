"""What was found, and what to do first: the first lines of terminal, page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shoal.text.nouns import many
from shoal.text.numbers import listed, percent


def _first(
    segment: int,
    name: str,
    share: float,
    action: str,
    value: str = "",
    value_share: float | None = None,
    outcome: str = "",
    rate: float | None = None,
    everybody: float | None = None,
) -> str:
    """A segment's size and worth, and what to do with it.

    >>> _first(2, "Big baskets", 0.18, "Keep and reward", "revenue", 0.62)
    'Segment 2 (Big baskets) is 18 % of customers and 62 % of revenue. Do: Keep and reward.'
    """
    parts = [f"{percent(share)} of {many()}"]
    if value_share is not None:
        parts.append(f"{percent(value_share)} of {value}")
    met = ""
    if rate is not None:
        met = f"; {outcome}: {percent(rate)} (everybody: {percent(everybody)})"
    todo = f" Do: {action}." if action else ""
    return f"Segment {segment} ({name}) is {listed(parts)}{met}.{todo}"


def _value(column: str, reason: str) -> str:
    why = f": {reason.rstrip('.')}" if reason else ""
    return f"Value is {column}{why}."


SENTENCES: Mapping[str, str | Callable[..., str]] = {
    "do-first": _first,
    "value-column": _value,
}
