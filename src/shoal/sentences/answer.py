"""What was found, and what to do first: the first lines of terminal, page and workbook."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shoal.text.nouns import many, one
from shoal.text.numbers import count, listed, percent, spelled


def _form(n: int, k: int) -> str:
    plural = "" if k == 1 else "s"
    return f"Your {count(n, one(), many())} form {spelled(k)} clearly separated segment{plural}."


def _fall(n: int, k: int, again: int) -> str:
    people = count(n, one(), many())
    if again < k:
        found = spelled(again) if again else "none"
        return (
            f"Your {people} fall into {spelled(k)} segments, {found} of which can be found again."
        )
    plural = "" if k == 1 else "s"
    return f"Your {people} fall into {spelled(k)} segment{plural} that can be found again."


def _slices(n: int, k: int) -> str:
    people = count(n, one(), many())
    if k == 1:
        return f"No natural groups: your {people} are best treated as one."
    return f"No natural groups: these are {spelled(k)} convenient slices of your {people}."


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
    "found-natural": _form,
    "found-reproducible": _fall,
    "found-slices": _slices,
    "do-first": _first,
    "value-column": _value,
}
