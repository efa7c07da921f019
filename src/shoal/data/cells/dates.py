"""Dates as people write them.

Which of day, month and year comes first, told by the whole column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from shoal.data.cells.memory import remembered
from shoal.text.sql import literal

_TIME = (
    r"(?:(?P<t>[ T]+)(?P<h>\d{1,2}):(?P<mi>\d{2})(?P<s>:\d{2})?(?P<f>\.\d+)?"
    r"(?P<p> ?[AaPp][Mm])?(?P<z> ?(?:Z|UTC|[+-]\d{2}:?\d{2}))?)?"
)
_NAMES = r"(?P<M>[A-Za-z]{3,9})"
_FORMS = (
    ("ymd", rf"(?P<y>\d{{4}})(?P<sep>[-/.])(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}}){_TIME}"),
    (
        "xxy",
        rf"(?P<a>\d{{1,2}})(?P<sep>[-/. ])(?P<b>\d{{1,2}})(?P=sep)(?P<y>\d{{4}}|\d{{2}}){_TIME}",
    ),
    ("compact", r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
    ("dMy", rf"(?P<d>\d{{1,2}})(?P<sep>[- /.]){_NAMES}(?P=sep)(?P<y>\d{{4}}|\d{{2}}){_TIME}"),
    ("Mdy", rf"{_NAMES}(?P<sep>[- ])(?P<d>\d{{1,2}})(?P<comma>,?)[- ](?P<y>\d{{4}}){_TIME}"),
    ("my", r"(?P<m>\d{1,2})(?P<sep>[-/.])(?P<y>(?:19|20)\d{2})"),
    ("ym", r"(?P<y>(?:19|20)\d{2})(?P<sep>[-/.])(?P<m>\d{1,2})"),
    ("My", rf"{_NAMES}(?P<sep>[- ])(?P<y>(?:19|20)\d{{2}})"),
)
FORMS = tuple((name, re.compile(pattern)) for name, pattern in _FORMS)
MONTHS = [
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
]


@dataclass(frozen=True)
class Day:
    """What one cell shows: the form of its date, its parts, and how the time of day is written."""

    form: str
    sep: str
    first: int  # the first two numbers of d/m/y or m/d/y
    second: int
    year: str
    time: str  # strptime format of the time of day, "" when there is none
    zone: bool
    word: str = ""  # "%b" or "%B" for a month in words


@dataclass(frozen=True)
class Dating:
    """How a column of dates is read."""

    formats: tuple[str, ...]
    clock: bool  # some cells have a time of day
    zone: bool
    order: str = ""  # "dmy", "mdy" for numbers divided by / - or .
    doubt: str = ""  # "ambiguous" or "mixed"
    months: bool = False  # months without a day
    short_years: bool = False


@remembered
def day_in(cell: str) -> Day | None:
    """The date a cell shows, or None.

    >>> [day_in(cell).form for cell in ("08/04/1966", "19970101", "08.2020")]
    ['xxy', 'compact', 'my']
    >>> day_in("1234567") is None
    True
    """
    if not 6 <= len(cell) <= 40:
        return None
    for form, pattern in FORMS:
        found = pattern.fullmatch(cell)
        if found:
            return _checked(form, found)
    return None


def _checked(form: str, found: re.Match[str]) -> Day | None:
    """The date of a cell that looks like one; None for the 32nd, the 13th month, the year 9999."""
    part = found.groupdict()
    word = (part.get("M") or "").lower()
    first, second = int(part.get("a") or 0), int(part.get("b") or 0)
    month, day = int(part.get("m") or 1), int(part.get("d") or 1)
    if not (1 <= month <= 12 and 1 <= day <= 31) or not _is_year(part["y"]):
        return None
    if max(first, second) > 31 or min(first, second) > 12 or (word and not _is_month(word)):
        return None
    if form == "xxy" and not (first and second):
        return None
    sep = (part.get("sep") or "") + (part.get("comma") or "")
    zone = bool(part.get("z"))
    return Day(form, sep, first, second, part["y"], _time_format(part), zone, _month_format(word))


def _is_year(year: str) -> bool:
    return len(year) != 4 or 1800 <= int(year) <= 2200


def _is_month(word: str) -> bool:
    """Whether a word is the name of a month, whole or its first three letters."""
    return word in MONTHS or word in [month[:3] for month in MONTHS]


def _month_format(word: str) -> str:
    if not word:
        return ""
    return "%B" if word in MONTHS else "%b"


def _time_format(part: dict[str, str | None]) -> str:
    if not part.get("h"):
        return ""
    clock = (part["t"] or " ") + ("%I:%M" if part["p"] else "%H:%M")
    if part["s"]:
        clock += ":%S"
    if part["f"]:
        clock += ".%f"
    if part["p"]:
        clock += " %p" if part["p"].startswith(" ") else "%p"
    return clock


def dating_of(days: Iterable[tuple[Day, int]], sep: str | None) -> Dating:
    """How a column of dates is to be read, from all its values and how often each occurs.

    >>> dating_of([(day_in("30/10/2020"), 1), (day_in("08/02/2017"), 1)], ";").formats
    ('%d/%m/%Y',)
    """
    pairs = list(days)
    order, doubt = _order([(d, n) for d, n in pairs if d.form == "xxy"], sep)
    formats = Counter[str]()
    for day, count in pairs:
        for text in _formats(day, order):
            formats[text] += count
    return Dating(
        tuple(f for f, _ in formats.most_common()),
        any(d.time for d, _ in pairs),
        any(d.zone for d, _ in pairs),
        order,
        doubt,
        all(d.form in ("my", "ym", "My") for d, _ in pairs),
        any(len(d.year) == 2 for d, _ in pairs),
    )


def _order(pairs: list[tuple[Day, int]], sep: str | None) -> tuple[str, str]:
    """Day first or month first, and the doubt about it."""
    if not pairs:
        return "", ""
    day_first = sum(n for d, n in pairs if d.first > 12)
    month_first = sum(n for d, n in pairs if d.second > 12)
    if day_first or month_first:
        order = "dmy" if day_first > month_first else "mdy"
        few = max(1, (day_first + month_first) // 200)
        return order, "mixed" if min(day_first, month_first) > few else ""
    if all("." in d.sep for d, _ in pairs):
        return "dmy", ""
    return _likely_order(pairs, sep), "ambiguous"


def _likely_order(pairs: list[tuple[Day, int]], sep: str | None) -> str:
    """In 1/2, 1/3, 1/4 the part that stays is the day; else as the separator of the file has it."""
    firsts, seconds = {d.first for d, _ in pairs}, {d.second for d, _ in pairs}
    if len(firsts) == 1 and len(seconds) > 2:
        return "dmy"
    if len(seconds) == 1 and len(firsts) > 2:
        return "mdy"
    american = sep == "," and all("/" in d.sep for d, _ in pairs)
    return "mdy" if american else "dmy"


def _formats(day: Day, order: str) -> list[str]:
    year = "%Y" if len(day.year) == 4 else "%y"
    sep = day.sep
    base = {
        "ymd": f"%Y{sep}%m{sep}%d",
        "compact": "%Y%m%d",
        "dMy": f"%d{sep}{day.word}{sep}{year}",
        "Mdy": f"{day.word}{sep[:1]}%d{sep[1:]}{sep[:1]}%Y",
        "my": f"%m{sep}%Y",
        "ym": f"%Y{sep}%m",
        "My": f"{day.word}{sep}%Y",
        "xxy": f"%d{sep}%m{sep}{year}" if order == "dmy" else f"%m{sep}%d{sep}{year}",
    }[day.form]
    return [base + day.time]


def date_sql(col: str, dating: Dating) -> str:
    """SQL that reads a text as DATE or TIMESTAMP (UTC), NULL where it is no such date."""
    text = f"trim({col})"
    if dating.zone:
        moment = f"(TRY_CAST({text} AS TIMESTAMPTZ) AT TIME ZONE 'UTC')"
    else:
        formats = ", ".join(map(literal, dating.formats))
        moment = f"try_strptime({text}, [{formats}])"
    return f"CAST({moment} AS TIMESTAMP)" if dating.clock else f"CAST({moment} AS DATE)"
