"""Numbers as a reader wants them."""

from __future__ import annotations

import math
from collections.abc import Sequence

_WORDS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)


def number(value: float | str | None) -> str:
    """A number with thousands separators and no more digits than it needs; a date or word as it is.

    >>> [number(v) for v in (1234567, 0.0345, 12.345, 56.0, None, "2024-01-02")]
    ['1,234,567', '0.0345', '12.3', '56', '–', '2024-01-02']
    """
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return "–"
    if isinstance(value, str):
        return value
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.3g}"
    if value == int(value) or size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.3g}"


def money(value: float | None) -> str:
    """An amount in the value column's own unit, rounded to three digits.

    >>> money(12345.6), money(-0.5), money(None)
    ('12,300', '-0.5', '–')
    """
    if value is None or not math.isfinite(value):
        return "–"
    return number(float(f"{value:.3g}"))


def percent(share: float | None) -> str:
    """A share as a percentage; a decimal only below ten.

    >>> percent(0.405), percent(0.0341), percent(0), percent(0.0001)
    ('41 %', '3.4 %', '0 %', '<0.1 %')
    """
    if share is None or not math.isfinite(share):
        return "–"
    if 0 < share < 0.0005:
        return "<0.1 %"
    return (
        f"{math.floor(share * 100 + 0.5)} %"
        if abs(share) >= 0.0995 or share == 0
        else f"{share * 100:.1f} %"
    )


def score(value: float | None) -> str:
    """An index with two decimals.

    >>> score(0.5539), score(None)
    ('0.55', '–')
    """
    return "–" if value is None or not math.isfinite(value) else f"{value:.2f}"


def count(value: int, word: str, words: str = "") -> str:
    """A count with its noun.

    >>> count(1, "segment"), count(2000, "customer")
    ('1 segment', '2,000 customers')
    """
    return f"{value:,} {word if value == 1 else words or word + 's'}"


def spelled(value: int) -> str:
    """A small number as a word.

    >>> spelled(5), spelled(40)
    ('five', '40')
    """
    return _WORDS[value] if 0 <= value < len(_WORDS) else f"{value:,}"


def listed(words: Sequence[str], most: int = 6) -> str:
    """Words as a person lists them.

    >>> listed(["a", "b", "c"]), listed([str(i) for i in range(9)], 3)
    ('a, b and c', '0, 1, 2 and 6 more')
    """
    if len(words) > most:
        return ", ".join(words[:most]) + f" and {len(words) - most} more"
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
