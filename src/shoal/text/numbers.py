"""The one way to write a number, a percentage, an amount, a list."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal

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

UNITS = ((1e9, "B"), (1e6, "M"), (1e3, "k"))
UNITS_FROM = 9_999.5  # smaller numbers are written out


def number(value: float | str | None, digits: int | None = None) -> str:
    """A number with thousands separators and no more digits than it needs; words as they are.

    A fraction has one decimal from ten on and three telling digits below, or `digits` of them.

    >>> [number(v) for v in (1234567, 0.0345, 12.345, 56.0, None, "2024-01-02")]
    ['1,234,567', '0.0345', '12.3', '56', '–', '2024-01-02']
    >>> number(12669.5, 6), number(12.345, 4), number(9999.7, 4)
    ('12,669.5', '12.35', '10,000')
    """
    if isinstance(value, str):
        return value
    if value is None or not math.isfinite(value):
        return "–"
    size = abs(value)
    if size >= 1e15 or 0 < size < 1e-4:
        return f"{value:.{digits or 3}g}"
    whole_from = 1000 if digits is None else 10 ** (digits - 1)
    if value == int(value) or size >= whole_from:
        return f"{value:,.0f}"
    if digits is None and size >= 10:
        return f"{value:.1f}"
    return f"{value:,.{digits or 3}g}"


def short(value: float | None) -> str:
    """A number in few letters, for axes and cells.

    >>> [short(v) for v in (0.034, 7, 1234, 15600, 2_300_000, -4e9)]
    ['0.034', '7', '1,234', '15.6k', '2.3M', '-4B']
    """
    if value is None or not math.isfinite(value) or abs(value) < UNITS_FROM:
        return number(value)
    size, unit = next(each for each in UNITS if abs(value) >= each[0] * 0.99995)
    scaled = value / size
    decimals = 1 if abs(scaled) < 100 else 0
    return f"{scaled:.{decimals}f}".removesuffix(".0") + unit


def rounded(value: float, digits: int = 3) -> float:
    """A figure with so many telling digits, for sums of money.

    >>> rounded(597812.0), rounded(-0.01234)
    (598000.0, -0.0123)
    """
    return float(f"{value:.{digits}g}")


def money(value: float | None) -> str:
    """An amount in the value column's own unit, rounded to three digits.

    >>> money(12345.6), money(-0.5), money(None)
    ('12,300', '-0.5', '–')
    """
    return number(None if value is None else rounded(value))


def exact(together: Iterable[Decimal]) -> Callable[[Decimal], str]:
    """How exact amounts that stand together are written: whole where all of them are, else with
    two decimals; one below 1 to its last digit.

    >>> written = exact([Decimal("1234.5"), Decimal("7")])
    >>> written(Decimal("-1234.567")), written(Decimal("7")), written(Decimal("0.125"))
    ('-1,234.57', '7.00', '0.125')
    >>> exact([Decimal("1200")])(Decimal("1200"))
    '1,200'
    """
    return "{:,.0f}".format if are_whole(together) else _with_cents


def are_whole(amounts: Iterable[Decimal]) -> bool:
    """Whether no amount has cents."""
    return all(each == each.to_integral_value() for each in amounts)


def _with_cents(value: Decimal) -> str:
    cents = value.quantize(Decimal("0.01"))
    return f"{cents:,}" if abs(value) >= 1 or cents == value else f"{value.normalize():,f}"


def percent(share: float | None) -> str:
    """A share as a percentage; a decimal only below one.

    >>> percent(0.405), percent(0.0341), percent(0.004), percent(0), percent(0.0001)
    ('41 %', '3 %', '0.4 %', '0 %', '<0.1 %')
    """
    if share is None or not math.isfinite(share):
        return "–"
    if 0 < share < 0.0005:
        return "<0.1 %"
    if 0 < abs(share) < 0.01:
        return f"{share * 100:.1f} %"
    return f"{math.floor(share * 100 + 0.5)} %"


def rate(share: float) -> str:
    """How often something happens: below one in ten with a decimal, where it tells rates apart.

    >>> rate(0.43), rate(0.043), rate(0.0)
    ('43 %', '4.3 %', '0 %')
    """
    return f"{share * 100:.1f} %" if 0.001 <= share < 0.0995 else percent(share)


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


def named(names: Sequence[str], most: int = 6) -> str:
    """Names as they stand in the table, in quotes, as a person lists them.

    >>> named(["spend", "visits"])
    '"spend" and "visits"'
    """
    return listed([f'"{name}"' for name in names], most)


def listed(words: Sequence[str], most: int = 6, last: str = "and") -> str:
    """Words as a person lists them.

    >>> listed(["a", "b", "c"]), listed(["a", "b"], last="or")
    ('a, b and c', 'a or b')
    >>> listed([str(i) for i in range(9)], 3)
    '0, 1, 2 and 6 more'
    """
    if len(words) > most:
        return f"{', '.join(words[:most])} {last} {len(words) - most} more"
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"
