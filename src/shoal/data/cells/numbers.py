"""Numbers as people write them: marks, money, percent.

The same patterns serve Python (to decide) and DuckDB (to read).
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from shoal.data.cells.memory import remembered
from shoal.text.sql import literal

BLANK = " \t\u00a0\u2007\u2009\u202f"
# Letters of currencies that codes may have as well: RM 12 is money beside RM 12.50 alone.
WORDED = (
    "RM|Rp\\.?|KSh|Ksh|Lei|lei|kn|THB|MYR|IDR|PHP|VND|KRW|TWD|COP|CLP|ARS|PEN|UYU|ILS|EGP|NGN|KES"
    "|GHS|MAD|TND|QAR|KWD|BHD|OMR|JOD|PKR|BDT|LKR|UAH|KZT|GEL|BGN|RSD|ISK"
)
CURRENCY = (
    r"(?:[A-Z]{1,3}\$|[$€£¥₹₽₺₩₫₴₦฿₪₱₲₡₵₸₾৳]|S/\.?|[円元원]"
    r"|(?i:USD|EUROS?|EUR|GBP|CHF|JPY|CNY|INR|AUD|CAD|NZD|SGD|HKD|SEK|NOK|DKK|PLN|CZK"
    rf"|HUF|RON|BRL|MXN|ZAR|TRY|RUB|AED|SAR)|Rs\.?|kr\.?|zł|Kč|Ft|TL|Fr\.|руб\.?|р\.|грн\.?|лв\.?"
    rf"|{WORDED})"
)
PERCENT = r"(?:%|％|(?i:percent|prozent|pct\.?))"
TIMES = {  # what a short word behind a number multiplies it by
    1e3: ("k", "K", "tsd", "Tsd", "Tsd.", "thousand", "тыс", "тыс.", "千"),
    1e4: ("万", "萬", "만"),
    1e5: ("lakh", "lakhs", "Lakh", "Lakhs"),
    1e7: ("crore", "crores", "Crore", "Crores"),
    1e8: ("億", "亿", "억"),
    1e6: (
        "млн",
        "млн.",
        "M",
        "MM",
        "mn",
        "Mn",
        "mln",
        "Mln",
        "Mio",
        "mio",
        "Mio.",
        "million",
        "millions",
    ),
    1e9: (
        "млрд",
        "млрд.",
        "Md",
        "Mds",
        "B",
        "bn",
        "Bn",
        "BN",
        "Mrd",
        "mrd",
        "Mrd.",
        "billion",
        "billions",
    ),
}
CREDIT = ("CR", "Cr", "cr", "CR.", "Cr.")  # what a ledger puts behind amounts that lower a balance
DEBIT = ("DR", "Dr", "dr", "DR.", "Dr.")
TIMES_OF = {word: times for times, words in TIMES.items() for word in words}
_TIMES = "|".join(re.escape(word) for word in sorted(TIMES_OF, key=len, reverse=True))
_SIDE = "|".join(re.escape(word) for word in sorted((*CREDIT, *DEBIT), key=len, reverse=True))
_GAP = f"[{BLANK}]*"
_GAPS = f"{_GAP}+"  # never given back: a cell of many blanks is looked at once
_BODY = rf"(?:[0-9](?:[{BLANK}]*[0-9.,'’]++)*+|[.,][0-9]++)"
PATTERN = (
    rf"{_GAPS}(?P<c0>{CURRENCY}?)(?P<before>[%％]?){_GAPS}(?P<open>\(?){_GAPS}(?P<s1>[-+−]?){_GAPS}"
    rf"(?P<c1>{CURRENCY}?){_GAPS}(?P<s2>[-+−]?)"
    rf"(?P<body>{_BODY})(?P<dash>(?:(?<=[.,])[-–—]{{1,2}}+)?)(?P<exp>(?:[eE][-+]?[0-9]++)?){_GAPS}"
    rf"(?P<times>(?:{_TIMES})?){_GAPS}"
    rf"(?P<c2>{CURRENCY}?){_GAPS}(?P<pc>{PERCENT}?){_GAPS}(?P<s3>-?)(?P<close>\)?){_GAPS}"
    rf"(?P<side>(?:{_SIDE})?){_GAPS}"
)
CELL = re.compile(PATTERN)
DASH = "–"
LONGEST_CELL = 100  # letters that a number may take
INFINITE = ("inf", "-inf", "+inf", "infinity", "-infinity")
Mark = Literal[".", ","]

# What one number says about its column.
# "dot3" is 1.234, which is a thousand in Rome and one and a bit in London.
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
SHAPE = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in _SHAPES))
_US = ("dot", "us_groups", "us_both", "gap_dot")  # shapes that show a decimal point
_EU = ("comma", "eu_groups", "eu_both", "gap_comma")  # shapes that show a decimal comma
_FRACTIONS = {
    ".": ("dot", "us_both", "gap_dot", "dot3", "zero", "inf"),
    ",": ("comma", "eu_both", "gap_comma", "comma3", "zero", "inf"),
}
_THOUSANDS = {
    ".": ("us_groups", "us_both", "comma3", "gap_int", "gap_dot", "gap_comma"),
    ",": ("eu_groups", "eu_both", "dot3", "gap_int", "gap_dot", "gap_comma"),
}


TELEPHONE = re.compile(r"\+[1-9]\d{7,14}")  # of any country (ITU-T E.164)


@dataclass(frozen=True)
class Number:
    """What one cell shows: the shape of its digits, its currency, whether it is a percentage."""

    shape: str
    body: str
    currency: str
    percent: bool
    signed: bool = False
    power: bool = False  # whole digits, an E and whole digits: 12E12 may as well be a code
    times: str = ""  # "K" of 1.5K
    side: str = ""  # "CR" of 120 CR
    dash: str = ""  # `DASH` where a dash stands for no decimals: 5.–

    @property
    def plain(self) -> bool:
        """Whether nothing stands beside its digits but a sign."""
        return not (self.currency or self.percent or self.times or self.side or self.dash)


@remembered
def number_in(cell: str) -> Number | None:
    """The number a cell shows, or None.

    >>> number_in("$58,138").shape, number_in("12490,47 €").currency, number_in("n/a?")
    ('comma3', '€', None)
    """
    if len(cell) > LONGEST_CELL:
        return None
    if cell.lower() in INFINITE:
        return Number("inf", cell, "", False)
    found = CELL.fullmatch(cell)
    if found is None or not _in_order(found):
        return None
    body = found["body"].strip(BLANK)
    if found["dash"]:
        body = body[:-1]
    shaped = SHAPE.fullmatch(body)  # the first one that fits
    shape = shaped.lastgroup if shaped else None
    telephone = found["s1"] == "+" and shape == "gap_int"  # +49 170 123
    if shape is None or telephone or (found["side"] and (found["s1"] or found["open"])):
        return None
    power = shape == "int" and found["exp"][1:].isdigit() and not found["s1"]
    if (found["exp"] and shape in ("int", "dot3")) or (found["times"] and shape == "dot3"):
        shape = "dot"
    currency, percent = (
        found["c0"] or found["c1"] or found["c2"],
        bool(found["pc"] or found["before"]),
    )
    dash = DASH if found["dash"] else ""
    written = (bool(found["s1"]), power, found["times"], found["side"], dash)
    return Number(shape, body, currency, percent, *written)


def value_of(number: Number, decimal: Mark) -> float:
    """What the digits of a number come to; signs, words and percent signs aside.

    >>> value_of(number_in("1.234,5 €"), ","), value_of(number_in("12%"), ".")
    (1234.5, 12.0)
    """
    marks = f"{BLANK}'’" + (".," if decimal == "." else ",.")[1]
    digits = number.body.translate(dict.fromkeys(map(ord, marks))).replace(",", ".")
    try:
        return float(digits)
    except ValueError:
        return math.nan


def _in_order(found: re.Match[str]) -> bool:
    """Whether a number has one sign and one currency at most, and no bracket is left open."""
    signs, currencies = found.group("open", "s1", "s2", "s3"), found.group("c0", "c1", "c2")
    closed = bool(found["open"]) == bool(found["close"])
    return closed and signs.count("") >= 3 and currencies.count("") >= 2


@dataclass(frozen=True)
class Marks:
    """What the numbers of a column, taken together, say of the decimal mark."""

    decimal: Mark | None
    trouble: str = ""  # "damaged" or "ambiguous": the column cannot be read as numbers
    why: str = ""
    fractions: bool = False  # some cells have decimals
    thousands: bool = False  # some cells have thousands marks


Numbers = Sequence[tuple[Number, int]]  # what distinct cells show, and how often each occurs


def marks_of(numbers: Numbers, asked: Mark | None, hint: Mark | None, sep: str | None) -> Marks:
    """Decide the decimal mark of one column from all its numbers and how often each occurs.

    >>> def of(*cells): return marks_of([(number_in(c), 1) for c in cells], None, None, ",")
    >>> of("1.234,50", "7,5").decimal, of("2.666.666.667", "627.5").trouble
    (',', 'damaged')
    >>> of("1.234", "5.678").trouble
    'ambiguous'
    """
    seen: Counter[str] = Counter()
    for number, count in numbers:
        seen[number.shape] += count
    if asked:
        return _settled(asked, seen)
    us = sum(seen[s] for s in _US)
    eu = sum(seen[s] for s in _EU)
    few = max(1, (us + eu) // 200) if us + eu >= 40 else 0
    if seen["zero"] > few:
        zero = _example(numbers, "zero")
        return _damaged(f"{zero} has a zero before the first digit, as dates and clock times have")
    if us and eu and min(us, eu) > few:
        point, comma = _example(numbers, *_US), _example(numbers, *_EU)
        return _damaged(
            f"{point} has a decimal point and {comma} a decimal comma or thousands dots"
        )
    if eu > us:
        return _clock_times(numbers, "comma", "dot3") or _settled(",", seen)
    if us:
        return _clock_times(numbers, "dot", "comma3") or _settled(".", seen)
    return _undecided(numbers, seen, hint, sep)


def _damaged(why: str) -> Marks:
    return Marks(None, "damaged", why)


def _clock_times(numbers: Numbers, decimal: str, other: str) -> Marks | None:
    """Fractions of a day among thousands.

    They are what is left when a spreadsheet took some decimals for clock times.
    """
    parts = [n.body for n, _ in numbers if n.shape == decimal]
    rest = [n.body for n, _ in numbers if n.shape == other]
    if any(n.shape in ("us_both", "eu_both") for n, _ in numbers) or len(rest) < 2:
        return None
    odd = [p for p in parts if p.startswith(("0,", "0.")) and len(p) >= 7]
    if len(odd) < 2 or len(odd) < 0.9 * len(parts):
        return None
    return _damaged(
        f"{odd[0]} and {rest[0]} stand in one column, "
        "as when a spreadsheet takes decimals for clock times"
    )


def _settled(decimal: Mark, seen: Counter[str]) -> Marks:
    fractions = any(seen[s] for s in _FRACTIONS[decimal])
    thousands = any(seen[s] for s in _THOUSANDS[decimal])
    return Marks(decimal, fractions=fractions, thousands=thousands)


def _undecided(numbers: Numbers, seen: Counter[str], hint: Mark | None, sep: str | None) -> Marks:
    """No number shows its decimal mark: the rest of the table may, else the person must."""
    dots, commas = seen["dot3"], seen["comma3"]
    if dots and commas:
        dot, comma = _example(numbers, "dot3"), _example(numbers, "comma3")
        return _damaged(f"{dot} and {comma} stand in one column")
    if hint or not (dots or commas):
        return _settled(hint or ".", seen)
    # in a comma separated file it was quoted with care, or there is a $ before it
    if commas and (sep == "," or any(n.currency for n, _ in numbers)):
        return _settled(".", seen)
    shape = "dot3" if dots else "comma3"
    if any(n.shape == "int" and n.body != "0" for n, _ in numbers) and _round_ends(numbers, shape):
        return _settled("," if dots else ".", seen)
    return Marks(None, "ambiguous", _example(numbers, shape))


def _round_ends(numbers: Numbers, shape: str) -> bool:
    """Bare whole numbers beside 1.230.

    Decimals would have been written 1.23, so these are thousands.
    """
    bodies = [n.body for n, _ in numbers if n.shape == shape]
    return any(b.endswith("0") for b in bodies) and all(
        len(n.body) <= 3 for n, _ in numbers if n.shape == "int"
    )


def _example(numbers: Numbers, *shapes: str) -> str:
    return next((f'"{n.body}"' for s in shapes for n, _ in numbers if n.shape == s), "")


def number_sql(
    col: str, decimal: Mark, kind: str, words: Sequence[str] = (), *, shares: bool = False
) -> str:
    """SQL that reads a text as a number with this decimal mark, NULL where it is no such number.

    `kind` is DOUBLE or BIGINT; `words` are those that may stand behind the digits: K, CR. With
    `shares`, 12 % is .12.
    """
    thousands, point, dropped = ("[,]", r"\.", ",") if decimal == "." else (r"[.]", ",", ".")
    gaps = f"{BLANK}'’"
    digits = (
        rf"([0-9]+|[0-9]{{1,3}}({thousands}[0-9]{{3}})+"
        rf"|[0-9]{{1,2}}({thousands}[0-9]{{2}})+{thousands}[0-9]{{3}}"
        rf"|[0-9]{{1,3}}([{gaps}][0-9]{{3}})+)"
    )
    body = rf"({digits}({point}[0-9]*)?|{point}[0-9]+)([eE][-+]?[0-9]+)?"
    if DASH in words:
        col = f"regexp_replace({col}, '([0-9])[.,][-–—]{{1,2}}', '\\1')"
    times, sides = _either(words, TIMES_OF), _either(words, (*CREDIT, *DEBIT))
    full = (
        rf"{_GAP}{CURRENCY}?[%％]?{_GAP}\(?{_GAP}[-+−]?{_GAP}{CURRENCY}?{_GAP}[-+−]?{body}{_GAP}"
        rf"{times}{_GAP}"
        rf"{CURRENCY}?{_GAP}{PERCENT}?{_GAP}-?\)?{_GAP}{sides}{_GAP}"
    )
    letters = "".join(f"{each}|" for each in (times, sides) if each).replace("?|", "|")
    drop = literal(rf"{CURRENCY}|{PERCENT}|{letters}[{gaps}%(){dropped}]")
    bare = f"replace(regexp_replace({col}, {drop}, '', 'g'), '−', '-')"
    if decimal == ",":
        bare = f"replace({bare}, ',', '.')"
    bare = f"CASE WHEN {bare} LIKE '%-' THEN '-' || rtrim({bare}, '-') ELSE {bare} END"
    negative = f"contains({col}, '(')"
    if sides:
        negative += f" OR regexp_matches({col}, {literal(f'({sides[:-1]}){_GAP}$')})"
    sign = f"CASE WHEN {negative} THEN -1 ELSE 1 END"
    power = _power_sql(col, words, shares)
    number = f"{sign} * TRY_CAST(({bare}){power} AS {kind})"
    infinite = f"lower(trim({col})) IN ({', '.join(map(literal, INFINITE))})"
    return (
        f"CASE WHEN regexp_full_match({col}, {literal(full)}) THEN {number} "
        f"WHEN {infinite} THEN TRY_CAST({col} AS {kind}) END"
    )


def _either(words: Sequence[str], among: Iterable[str]) -> str:
    """A pattern of one of these words or none, the longest first."""
    known = set(among)
    met = sorted((re.escape(w) for w in words if w in known), key=len, reverse=True)
    return f"({'|'.join(met)})?" if met else ""


def _power_sql(col: str, words: Sequence[str], shares: bool) -> str:
    """SQL of the power of ten to be written behind the digits: e3 for K, e-2 for a percent sign.

    As text, since 1.1 times a thousand is not 1.1e3 to the last bit.
    """
    powers = [
        f"WHEN regexp_matches({col}, {literal(rf'[0-9.,]{_GAP}{re.escape(word)}')}) "
        f"THEN 'e{round(math.log10(TIMES_OF[word]))}' "
        for word in sorted(words, key=len, reverse=True)
        if word in TIMES_OF
    ]
    powers += [f"WHEN regexp_matches({col}, {literal(PERCENT)}) THEN 'e-2' "] if shares else []
    return f" || CASE {''.join(powers)}ELSE '' END" if powers else ""
