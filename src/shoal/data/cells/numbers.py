"""Numbers as people write them: marks, money, percent. The same patterns serve Python (to decide) and DuckDB (to read)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

BLANK = " \t\u00a0\u2007\u2009\u202f"
CURRENCY = (
    r"(?:US\$|R\$|AU?\$|CA?\$|NZ\$|HK\$|S\$|[$€£¥₹₽₺₩₫₴₦฿₪]|USD|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SGD|HKD|SEK|NOK|DKK|PLN|CZK"
    r"|HUF|RON|BRL|MXN|ZAR|TRY|RUB|AED|SAR|Rs\.?|kr\.?|zł|Kč|Ft|TL|Fr\.|Euros?|euros?)"
)
_BODY = rf"(?:[0-9][0-9.,'’{BLANK}]*|[.,][0-9]+)"
PATTERN = (
    rf"[{BLANK}]*(?P<open>\(?)[{BLANK}]*(?P<s1>[-+−]?)[{BLANK}]*(?P<c1>{CURRENCY}?)[{BLANK}]*(?P<s2>[-+−]?)(?P<body>{_BODY})"
    rf"(?P<exp>(?:[eE][-+]?[0-9]+)?)[{BLANK}]*(?P<c2>{CURRENCY}?)[{BLANK}]*(?P<pc>%?)[{BLANK}]*(?P<s3>-?)(?P<close>\)?)[{BLANK}]*"
)
CELL = re.compile(PATTERN)
INFINITE = ("inf", "-inf", "+inf", "infinity", "-infinity")
Mark = Literal[".", ","]

# what one number says about its column; "dot3" is 1.234, which is a thousand in Rome and one and a bit in London
_SHAPES = (
    ("int", r"\d+"),
    ("dot3", r"[1-9]\d{0,2}\.\d{3}"),
    ("comma3", r"[1-9]\d{0,2},\d{3}"),
    ("zero", r"0\d+[.,]\d+"),
    ("dot", r"\d*\.\d*"),
    ("comma", r"\d*,\d*"),
    ("us_groups", r"\d{1,3}(?:,\d{3}){2,}|\d{1,2}(?:,\d{2})+,\d{3}"),
    ("us_both", r"\d{1,3}(?:,\d{3})+\.\d*|\d{1,2}(?:,\d{2})+,\d{3}\.\d*"),
    ("eu_groups", r"\d{1,3}(?:\.\d{3}){2,}"),
    ("eu_both", r"\d{1,3}(?:\.\d{3})+,\d*"),
    ("gap_int", rf"\d{{1,3}}(?:[{BLANK}'’]\d{{3}})+"),
    ("gap_dot", rf"\d{{1,3}}(?:[{BLANK}'’]\d{{3}})+\.\d*"),
    ("gap_comma", rf"\d{{1,3}}(?:[{BLANK}'’]\d{{3}})+,\d*"),
)
SHAPES = tuple((name, re.compile(pattern)) for name, pattern in _SHAPES)
_US, _EU = (
    ("dot", "us_groups", "us_both", "gap_dot"),
    ("comma", "eu_groups", "eu_both", "gap_comma"),
)


@dataclass(frozen=True)
class Number:
    """What one cell shows: the shape of its digits, its currency, whether it is a percentage."""

    shape: str
    body: str
    currency: str
    percent: bool
    signed: bool = False


@lru_cache(maxsize=1 << 15)
def number_in(cell: str) -> Number | None:
    """The number a cell shows, or None.

    >>> number_in("$58,138").shape, number_in("12490,47 €").currency, number_in("n/a?")
    ('comma3', '€', None)
    """
    if cell.lower() in INFINITE:
        return Number("inf", cell, "", False)
    found = CELL.fullmatch(cell)
    if found is None or bool(found["open"]) != bool(found["close"]):
        return None
    if sum(bool(found[g]) for g in ("open", "s1", "s2", "s3")) > 1 or (found["c1"] and found["c2"]):
        return None
    body = found["body"].strip(BLANK)
    shape = next((name for name, pattern in SHAPES if pattern.fullmatch(body)), None)
    if shape is None:
        return None
    if found["exp"] and shape in ("int", "dot3"):
        shape = "dot"
    if found["s1"] == "+" and shape == "gap_int":
        return None  # +49 170 123 is a telephone
    return Number(shape, body, found["c1"] or found["c2"], bool(found["pc"]), bool(found["s1"]))


@dataclass(frozen=True)
class Marks:
    """What the numbers of a column, taken together, say of the decimal mark."""

    decimal: Mark | None
    trouble: str = ""  # "damaged" or "ambiguous": the column cannot be read as numbers
    why: str = ""
    fractions: bool = False  # some cells have decimals
    thousands: bool = False  # some cells have thousands marks


def marks_of(
    numbers: Iterable[tuple[Number, int]], asked: Mark | None, hint: Mark | None, sep: str | None
) -> Marks:
    """Decide the decimal mark of one column from all its numbers and how often each occurs.

    >>> def of(*cells): return marks_of([(number_in(c), 1) for c in cells], None, None, ",")
    >>> of("1.234,50", "7,5").decimal, of("2.666.666.667", "627.5").trouble, of("1.234", "5.678").trouble
    (',', 'damaged', 'ambiguous')
    """
    pairs = list(numbers)
    seen: Counter[str] = Counter()
    for number, count in pairs:
        seen[number.shape] += count
    if asked:
        return _settled(asked, seen)
    us, eu = sum(seen[s] for s in _US), sum(seen[s] for s in _EU)
    small = max(1, (us + eu) // 200) if us + eu >= 40 else 0
    if seen["zero"] > small:
        return Marks(
            None,
            "damaged",
            f"{_example(pairs, 'zero')} has a zero before the first digit, as dates and clock times have",
        )
    if us and eu and min(us, eu) > small:
        return Marks(
            None,
            "damaged",
            f"{_example(pairs, *_US)} has a decimal point and {_example(pairs, *_EU)} a decimal comma or thousands dots",
        )
    if eu > us:
        return _clock(pairs, "comma", "dot3") or _settled(",", seen)
    if us:
        return _clock(pairs, "dot", "comma3") or _settled(".", seen)
    return _undecided(pairs, seen, hint, sep)


def _clock(pairs: list[tuple[Number, int]], decimal: str, other: str) -> Marks | None:
    """Fractions of a day among thousands: what is left when a spreadsheet took some decimals for clock times."""
    parts = [n.body for n, _ in pairs if n.shape == decimal]
    rest = [n.body for n, _ in pairs if n.shape == other]
    if any(n.shape in ("us_both", "eu_both") for n, _ in pairs) or len(rest) < 2:
        return None
    odd = [p for p in parts if p.startswith(("0,", "0.")) and len(p) >= 7]
    if len(odd) >= 2 and len(odd) >= 0.9 * len(parts):
        return Marks(
            None,
            "damaged",
            f"{odd[0]} and {rest[0]} stand in one column, as when a spreadsheet takes decimals for clock times",
        )
    return None


def _settled(decimal: Mark, seen: Counter[str]) -> Marks:
    point = (
        ("dot", "us_both", "gap_dot", "dot3")
        if decimal == "."
        else ("comma", "eu_both", "gap_comma", "comma3")
    )
    groups = (
        ("us_groups", "us_both", "comma3") if decimal == "." else ("eu_groups", "eu_both", "dot3")
    )
    fractions = any(seen[s] for s in (*point, "zero", "inf"))
    return Marks(
        decimal,
        fractions=fractions,
        thousands=any(seen[s] for s in (*groups, "gap_int", "gap_dot", "gap_comma")),
    )


def _undecided(
    pairs: list[tuple[Number, int]], seen: Counter[str], hint: Mark | None, sep: str | None
) -> Marks:
    """No number shows its decimal mark: the rest of the table may, else the person must."""
    if seen["dot3"] and seen["comma3"]:
        return Marks(
            None,
            "damaged",
            f"{_example(pairs, 'dot3')} and {_example(pairs, 'comma3')} stand in one column",
        )
    if not seen["dot3"] and not seen["comma3"]:
        return _settled(hint or ".", seen)
    if hint:
        return _settled(hint, seen)
    money = any(n.currency for n, _ in pairs)
    if seen["comma3"] and (
        sep == "," or money
    ):  # in a comma separated file it was quoted with care, or there is a $ before it
        return _settled(".", seen)
    shape = "dot3" if seen["dot3"] else "comma3"
    if any(n.shape == "int" and n.body != "0" for n, _ in pairs) and _round_ends(pairs, shape):
        return _settled("," if shape == "dot3" else ".", seen)
    return Marks(None, "ambiguous", _example(pairs, shape))


def _round_ends(pairs: list[tuple[Number, int]], shape: str) -> bool:
    """Bare whole numbers beside 1.230: decimals would have been written 1.23, so these are thousands."""
    bodies = [n.body for n, _ in pairs if n.shape == shape]
    return any(b.endswith("0") for b in bodies) and all(
        len(n.body) <= 3 for n, _ in pairs if n.shape == "int"
    )


def _example(pairs: list[tuple[Number, int]], *shapes: str) -> str:
    return next((f'"{n.body}"' for s in shapes for n, _ in pairs if n.shape == s), "")


def number_sql(col: str, decimal: Mark) -> str:
    """SQL that reads a text as a DOUBLE with this decimal mark, NULL where it is no such number."""
    thousands, point = ("[,]", r"\.") if decimal == "." else (r"[.]", ",")
    gaps = f"{BLANK}'’"
    digits = rf"([0-9]+|[0-9]{{1,3}}({thousands}[0-9]{{3}})+|[0-9]{{1,2}}({thousands}[0-9]{{2}})+{thousands}[0-9]{{3}}|[0-9]{{1,3}}([{gaps}][0-9]{{3}})+)"
    body = rf"({digits}({point}[0-9]*)?|{point}[0-9]+)([eE][-+]?[0-9]+)?"
    full = rf"[{BLANK}]*\(?[{BLANK}]*[-+−]?[{BLANK}]*{CURRENCY}?[{BLANK}]*[-+−]?{body}[{BLANK}]*{CURRENCY}?[{BLANK}]*%?[{BLANK}]*-?\)?[{BLANK}]*"
    drop = rf"{CURRENCY}|[{gaps}%()" + ("," if decimal == "." else ".") + "]"
    lit = "'" + full.replace("'", "''") + "'"
    bare = f"regexp_replace({col}, '{drop.replace(chr(39), chr(39) * 2)}', '', 'g')"
    bare = f"replace({bare}, '−', '-')"
    if decimal == ",":
        bare = f"replace({bare}, ',', '.')"
    bare = f"CASE WHEN {bare} LIKE '%-' THEN '-' || rtrim({bare}, '-') ELSE {bare} END"
    negative = f"CASE WHEN contains({col}, '(') THEN -1 ELSE 1 END"
    words = ", ".join(f"'{w}'" for w in INFINITE)
    infinite = f"WHEN lower(trim({col})) IN ({words}) THEN TRY_CAST({col} AS DOUBLE)"
    return f"CASE WHEN regexp_full_match({col}, {lit}) THEN {negative} * TRY_CAST({bare} AS DOUBLE) {infinite} END"
