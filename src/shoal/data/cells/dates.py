"""Dates as people write them.

Which of day, month and year comes first, told by the whole column.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from shoal.data.cells.memory import remembered
from shoal.data.cells.months import MONTHS, in_english, month_named, names_a_weekday
from shoal.text.sql import literal


def _in_python(pattern: str) -> str:
    r"""A pattern of DuckDB's in the writing of Python, which has no \pL."""
    return pattern.replace(r"[^\pL\d]", r"[\W_]")


# Zones by name, in minutes ahead of UTC; those that have several meanings as exports of shops do.
_NAMED = {
    **{"PST": -480, "PDT": -420, "MST": -420, "MDT": -360, "CST": -360, "CDT": -300},
    **{"EST": -300, "EDT": -240, "WET": 0, "WEST": 60, "BST": 60, "CET": 60, "CEST": 120},
    **{"MEZ": 60, "MESZ": 120, "EET": 120, "EEST": 180, "MSK": 180, "JST": 540, "AEST": 600},
    **{"IST": 330, "SGT": 480, "HKT": 480, "KST": 540, "AEDT": 660, "NZST": 720, "NZDT": 780},
    **{"BRT": -180, "ART": -180, "AKST": -540, "AKDT": -480, "HST": -600, "SAST": 120, "WIB": 420},
}
_ZONE_NAMES = "|".join(_NAMED)
# the place behind an offset: [Europe/Paris] as Java writes it, (CET) as browsers do
_PLACE = r"(?:\[[A-Za-z][\w/+-]{1,40}\]| \([^()\d]{2,50}\)| UTC| GMT)?"
_OFFSET = r"[+-]\d{2}(?::?\d{2})?"
_ZONE = rf"(?:(?:[Zz]|(?:UTC|GMT)?{_OFFSET}(?::00)?){_PLACE}|UTC|GMT|{_ZONE_NAMES})"
LONGEST = 80  # letters of a moment
_THIN = "[ \u00a0\u202f]"  # blanks before AM, as browsers and spreadsheets write them
_AT = r"(?:at|à|às|a las|om|um|alle|ore|kl\.?)"  # what stands between a day and its time
_TIME = (
    rf"(?:(?P<t>,? (?:{_AT} | *)|[Tt:_-])(?P<h>\d{{1,2}})(?P<mark>[:.h])(?P<mi>\d{{2}})"
    r"(?P<s>(?P=mark)\d{2})?(?P<f>[.,]\d{1,9})?"
    rf"(?P<p>{_THIN}?[AaPp](?:[Mm]|\.{_THIN}?[Mm]\.))?(?P<uhr> Uhr)?(?P<z> ?{_ZONE})?)?"
)
_NAMES = r"(?P<M>[^\W\d_]{3,12}\.?)"
_WEEKDAY = r"(?:(?P<w>[^\W\d_]{2,12}(?:-feira)?)\.?,? )?"
_BASIC = rf"T(?P<basic>(?:[01]\d|2[0-3])[0-5]\d[0-5]\d)(?P<z>{_ZONE})?"  # 20240103T111325Z
_JOINED = r"(?=[^\W\d_]{3}(?:\d{4}|\d{2}(?!\d)))"  # 03JAN2024
_FORMS = (
    (
        "ymd",
        rf"{_WEEKDAY}(?P<y>\d{{4}})(?P<sep>[-/.]|\. )(?P<m>\d{{1,2}})(?P=sep)(?P<d>\d{{1,2}})"
        rf"(?P<end>\.?){_TIME}",
    ),
    ("cjk", rf"(?P<y>\d{{4}}|\d{{2}})年 ?(?P<m>\d{{1,2}})月 ?(?P<d>\d{{1,2}})日{_TIME}"),
    (
        "xxy",
        rf"{_WEEKDAY}(?P<a>\d{{1,2}})(?P<sep>[-/. ])(?P<b>\d{{1,2}})(?P=sep)"
        rf"(?P<y>\d{{4}}|\d{{2}}|(?<=/)\d)(?P<end>\.?){_TIME}",
    ),
    ("compact", r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})"),
    ("stamp", r"(?P<y>(?:19|20)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:[01]\d|2[0-3])[0-5]\d[0-5]\d"),
    ("timed", rf"(?P<y>(?:19|20)\d{{2}})(?P<m>\d{{2}})(?P<d>\d{{2}}){_TIME}"),
    ("timed", rf"(?P<y>(?:19|20)\d{{2}})(?P<m>\d{{2}})(?P<d>\d{{2}}){_BASIC}"),
    (
        "dMy",
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?P<dot>\.?)(?P<sep>[- /.]| de |{_JOINED}){_NAMES}(?P=sep)"
        rf"(?P<y>\d{{4}}|\d{{2}}){_TIME}",
    ),
    (
        "Mdy",
        rf"{_WEEKDAY}{_NAMES}(?P<sep>[- ])(?P<d>\d{{1,2}})(?P<comma>,?)[- ]"
        rf"(?P<y>\d{{4}}|\d{{2}}){_TIME}",
    ),
    ("yMd", rf"(?P<y>\d{{4}})(?P<sep>[- /]){_NAMES}(?P=sep)(?P<d>\d{{1,2}}){_TIME}"),
    ("week", r"(?P<y>\d{4})-W(?:0[1-9]|[1-4]\d|5[0-3])-[1-7]"),
    ("my", r"(?P<m>\d{1,2})(?P<sep>[-/.])(?P<y>(?:19|20)\d{2})"),
    ("ym", r"(?P<y>(?:19|20)\d{2})(?P<sep>[-/.])(?P<m>\d{1,2})"),
    ("My", rf"{_NAMES}(?P<sep>[- ])(?P<y>(?:19|20)\d{{2}})"),
)
# AM and PM behind another blank than a plain one, or with points, as Spanish writes them
_HALVES = rf"(\d){_THIN}?([AaPp])\.?{_THIN}?([Mm])\.?"
# behind the time of day: digits beyond the microsecond, and the zone
_BEHIND = (
    r"((?::|T\d{4})\d{2}(?:[.,]\d{1,6})?)\d*((?: ?[AaPp][Mm])?)"
    rf" ?(?:(?:[Zz]|(?:UTC|GMT)?({_OFFSET})(?::00)?){_PLACE}|UTC|GMT|({_ZONE_NAMES}))?$"
)
# the year behind the time of day, as C, Unix and Twitter write it: Wed Jan  3 11:13:25 +0000 2024
_YEAR_LAST = (
    r"^((?:[A-Z][a-z]{2} )?[A-Z][a-z]{2}) +(\d{1,2}) (\d\d:\d\d:\d\d)"
    r"((?: [A-Z0-9+:-]{1,12})?) (\d{4})$"
)
# Dates written otherwise than the forms below know, and how they are turned into these.
TURNS = (
    ("[\u200e\u200f\u202a-\u202e]", ""),  # what browsers put between the parts
    (r"(^|[^\pL\d])(\d{1,2})(?:st|nd|rd|th|er|º|ª)( |,|$)(?:of )?", r"\1\2\3"),  # 3rd of May
    (r"(\d{4})년 ?(\d{1,2})월 ?(\d{1,2})일", r"\1-\2-\3"),
    (r"^(\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp][Mm])?),? (\d.*)$", r"\2 \1"),  # the time first
    (r"(:\d{2}(?: ?[AaPp][Mm])?) ?\(?(?:UTC|GMT)([+-])(\d)\)?$", r"\1 \g<2>0\3:00"),  # GMT+8
    (r"(:\d{2}(?: ?[AaPp][Mm])?) ?\((?:UTC|GMT)?([+-]\d{2}:?\d{2})\)$", r"\1 \2"),
    (r"^(\d{4}-\d{2}-\d{2})(?:Z|[+-]\d{2}:\d{2})$", r"\1"),  # of XML
    (r"^(\d{4})-?W(\d{2})-?(\d)$", r"\1-W\2-\3"),
)
TURNED = tuple((re.compile(_in_python(old)), new) for old, new in TURNS)
# what tells that one of them may help
TURNING = re.compile(
    "[\u200e\u200f\u202a-\u202eºª년W(Z]|\\d(?:st|nd|rd|th|er)|^\\d+:|[+-]\\d\\d?(?::\\d\\d)?$"
)
PLACE = re.compile(r"(?P<moment>.*:\d{2}) (?P<place>[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+)")
MICROSECONDS = 6  # digits
SURE = 3  # times as far as years spread days, where it is plain which is which
FORMS = tuple((name, re.compile(pattern)) for name, pattern in _FORMS)
YEAR_LAST = re.compile(_YEAR_LAST)


@dataclass(frozen=True)
class Day:
    """What one cell shows: the form of its date, its parts, and how the time of day is written."""

    form: str
    sep: str
    first: int  # the first two numbers of d/m/y or m/d/y
    second: int
    year: str  # or the last of three numbers that may all be the year, where it has two digits
    time: str  # strptime format of the time of day, "" when there is none
    zone: bool
    word: str = ""  # "%b" or "%B" for a month in words
    fine: bool = False  # the time of day has more digits than microseconds
    foreign: str = ""  # the name of the month, where it is not English
    dot: str = ""  # behind the day
    weekday: str = ""  # with which it begins
    spoken: bool = False  # its time of day is 11.13 or 11h13, ends in "Uhr", or in "a. m."
    year_last: bool = False  # it stands behind the time of day
    turned: tuple[int, ...] = ()  # which of `TURNS` were needed
    place: str = ""  # Europe/Berlin, behind a moment of its clocks


@dataclass(frozen=True)
class Dating:
    """How a column of dates is read."""

    formats: tuple[str, ...]
    clock: bool  # some cells have a time of day
    zones: int = 0  # how many cells say their zone,
    no_zones: int = 0  # and how many do not
    fine: bool = False  # some have more digits than microseconds
    foreign: tuple[str, ...] = ()  # names of months that are not English
    weekdays: tuple[str, ...] = ()
    spoken: bool = False
    year_last: bool = False
    turned: tuple[int, ...] = ()
    places: tuple[str, ...] = ()
    order: str = ""  # "dmy", "mdy", "ymd" for numbers divided by / - or .
    doubt: str = ""  # "ambiguous", "year" (whether it comes first) or "mixed"
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
    if not 6 <= len(cell) <= LONGEST:
        return None
    at_a_place = PLACE.fullmatch(cell)
    bare, turns = _turned(at_a_place["moment"] if at_a_place else cell)
    turned = YEAR_LAST.sub(r"\1 \2 \5 \3\4", bare)
    for form, pattern in FORMS:
        found = pattern.fullmatch(turned)
        day = _checked(form, found) if found else None
        if found:
            place = at_a_place["place"] if at_a_place else ""
            return day and replace(day, year_last=turned != bare, turned=turns, place=place)
    return None


def _turned(cell: str) -> tuple[str, tuple[int, ...]]:
    """A cell in one of the forms that are known, and which of `TURNS` made it so.

    >>> _turned("3rd of May 2024"), _turned("2024-05-03")
    (('3 May 2024', (1,)), ('2024-05-03', ()))
    """
    if not TURNING.search(cell):
        return cell, ()
    turns = []
    for number, (old, new) in enumerate(TURNED):
        turned = old.sub(new, cell)
        if turned != cell:
            turns.append(number)
        cell = turned
    return cell, tuple(turns)


def _checked(form: str, found: re.Match[str]) -> Day | None:
    """The date of a cell that looks like one; None for the 32nd, the 13th month, the year 9999."""
    part = found.groupdict()
    word = (part.get("M") or "").lower()
    first, second = int(part.get("a") or 0), int(part.get("b") or 0)
    month, day = int(part.get("m") or 1), int(part.get("d") or 1)
    if not (1 <= month <= 12 and 1 <= day <= 31) or not _is_year(part["y"]):
        return None
    if word and month_named(word) is None:
        return None
    weekday = (part.get("w") or "").lower()
    if weekday and not names_a_weekday(weekday):
        return None
    if form == "xxy" and not _orders(first, second, part["y"]):
        return None
    sep = (part.get("sep") or "") + (part.get("comma") or "")
    zone, fine = bool(part.get("z")), len(part.get("f") or "") > MICROSECONDS + 1
    foreign = "" if in_english(word) else word
    dot = part.get("dot") or part.get("end") or ""
    written = (
        _time_format(part),
        zone,
        _month_format(word),
        fine,
        foreign,
        dot,
        weekday,
        _is_spoken(part),
    )
    return Day(form, sep, first, second, part["y"], *written)


def _orders(first: int, second: int, last: str) -> tuple[str, ...]:
    """The orders of day, month and year in which three numbers are a date.

    >>> _orders(22, 3, "04"), _orders(31, 12, "1999"), _orders(3, 4, "2020")
    (('dmy', 'ymd'), ('dmy',), ('dmy', 'mdy'))
    """
    short, one_digit = len(last) <= 2, len(last) == 1  # of a day: 22/3/4
    ways = {
        "dmy": 1 <= first <= 31 and 1 <= second <= 12 and not one_digit,
        "mdy": 1 <= first <= 12 and 1 <= second <= 31 and not one_digit,
        "ymd": short and 1 <= second <= 12 and 1 <= int(last) <= 31,
    }
    return tuple(order for order, fits in ways.items() if fits)


def _is_year(year: str) -> bool:
    return len(year) != 4 or 1800 <= int(year) <= 2200


def _month_format(word: str) -> str:
    """How strptime reads the name; one that is not English is given to it as an English one."""
    if not word:
        return ""
    return "%b" if in_english(word) and word not in MONTHS else "%B"


def _time_format(part: dict[str, str | None]) -> str:
    if part.get("basic"):
        return "T%H%M%S"
    if not part.get("h"):
        return ""
    clock = (part["t"] or " ") + ("%I:%M" if part["p"] else "%H:%M")
    if part["s"]:
        clock += ":%S"
    if part["f"]:
        clock += part["f"][0] + "%f"
    if part["p"]:
        clock += " %p" if part["p"].startswith(" ") or _is_spoken(part) else "%p"
    return clock


def _is_spoken(part: dict[str, str | None]) -> bool:
    """Whether a time of day is written otherwise than 11:13, with two letters for AM or PM."""
    plain_half = re.fullmatch(r" ?[A-Za-z]{2}|", part.get("p") or "")
    return bool(part.get("uhr")) or (part.get("mark") or ":") != ":" or not plain_half


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
        any(d.time or d.form == "stamp" for d, _ in pairs),
        sum(n for d, n in pairs if d.zone),
        sum(n for d, n in pairs if not d.zone),
        any(d.fine for d, _ in pairs),
        tuple(sorted({d.foreign for d, _ in pairs if d.foreign})),
        tuple(sorted({d.weekday for d, _ in pairs if d.weekday})),
        any(d.spoken for d, _ in pairs),
        any(d.year_last for d, _ in pairs),
        tuple(sorted({turn for d, _ in pairs for turn in d.turned})),
        tuple(sorted({d.place for d, _ in pairs})),
        order,
        doubt,
        all(d.form in ("my", "ym", "My") for d, _ in pairs),
        any(len(d.year) <= 2 for d, _ in pairs),
    )


def _order(pairs: list[tuple[Day, int]], sep: str | None) -> tuple[str, str]:
    """The order of day, month and year, and the doubt about it."""
    if not pairs:
        return "", ""
    possible = [(_orders(day.first, day.second, day.year), n) for day, n in pairs]
    fits: Counter[str] = Counter()
    for orders, n in possible:
        fits.update(dict.fromkeys(orders, n))
    total = sum(n for _, n in pairs)
    telling = sum(n for orders, n in possible if len(orders) == 1)
    few = max(1, telling // 200)
    best = max(fits.values())
    if total - best > few:
        return max(fits, key=lambda order: fits[order]), "mixed"
    left = [order for order in fits if fits[order] == best]
    if len(left) == 1:
        return left[0], ""
    if "ymd" not in left:
        return _day_or_month(pairs, sep)
    return _with_year_first(pairs, left, sep)


def _day_or_month(pairs: list[tuple[Day, int]], sep: str | None) -> tuple[str, str]:
    if all("." in d.sep for d, _ in pairs):
        return "dmy", ""
    return _likely_order(pairs, sep), "ambiguous"


def _with_year_first(
    pairs: list[tuple[Day, int]], left: list[str], sep: str | None
) -> tuple[str, str]:
    """Whether the year comes first, where it may: years spread less than days do."""
    firsts, lasts = [d.first for d, _ in pairs], [int(d.year) for d, _ in pairs]
    first, last = max(firsts) - min(firsts) + 1, max(lasts) - min(lasts) + 1
    order, doubt = "ymd", ""
    if first >= last:
        order = next(o for o in left if o != "ymd")
        if len(left) > 2:
            order, doubt = _day_or_month(pairs, sep)
    sure = max(first, last) >= SURE * min(first, last)
    return order, doubt if sure else "year"


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
        "ymd": f"%Y{sep}%m{sep}%d{day.dot}",
        "cjk": f"{year}年%m月%d日",
        "yMd": f"%Y{sep}{day.word}{sep}%d",
        "compact": "%Y%m%d",
        "stamp": "%Y%m%d%H%M%S",
        "timed": "%Y%m%d",
        "dMy": f"%d{day.dot}{sep}{day.word}{sep}{year}",
        "Mdy": f"{day.word}{sep[:1]}%d{sep[1:]}{sep[:1]}{year}",
        "week": "%G-W%V-%u",
        "my": f"%m{sep}%Y",
        "ym": f"%Y{sep}%m",
        "My": f"{day.word}{sep}%Y",
        "xxy": sep.join(year if part == "y" else f"%{part}" for part in order) + day.dot,
    }[day.form]
    return [base + day.time]


def date_sql(col: str, dating: Dating) -> str:
    """SQL that reads a text as DATE or TIMESTAMP (UTC), NULL where it is no such date."""
    text = _in_english_sql(f"trim({col})", dating)
    formats = ", ".join(map(literal, dating.formats))
    behind = literal(_BEHIND)
    bare = text
    if dating.zones or dating.fine:
        bare = f"regexp_replace({text}, {behind}, '\\1\\2')"
    moment = f"try_strptime({bare}, [{formats}])"
    if dating.zones:
        moment = f"({moment} - to_minutes({_minutes_sql(text)}))"
    return f"CAST({moment} AS TIMESTAMP)" if dating.clock else f"CAST({moment} AS DATE)"


def _in_english_sql(text: str, dating: Dating) -> str:
    """SQL of a date without its weekday, with English names of months and a time such as 11:13."""
    if any(dating.places):
        text = f"regexp_replace({text}, ' [A-Z][A-Za-z]+/[A-Z][A-Za-z_]+$', '')"
    for old, new in (TURNS[number] for number in dating.turned):
        put = literal(new.replace(r"\g<2>", r"\2"))
        text = f"regexp_replace({text}, {literal(old)}, {put}, 'g')"
    if dating.year_last:
        text = f"regexp_replace({text}, {literal(_YEAR_LAST)}, '\\1 \\2 \\5 \\3\\4')"
    if dating.spoken:
        clock = f"regexp_replace({text}, '([ T_-]\\d{{1,2}})[.h](\\d{{2}})', '\\1:\\2')"
        clock = f"regexp_replace({clock}, '(:\\d{{2}})[.h](\\d{{2}})', '\\1:\\2')"
        halves = f"regexp_replace({clock}, {literal(_HALVES)}, '\\1 \\2\\3')"
        text = f"replace({halves}, ' Uhr', '')"
    if dating.weekdays:
        names = "|".join(map(re.escape, sorted(dating.weekdays, key=len, reverse=True)))
        weekday = literal(rf"(?i)^(?:{names})\.?,? ")
        text = f"regexp_replace({text}, {weekday}, '')"
    for word in sorted(dating.foreign, key=len, reverse=True):
        name = literal(rf"(?i)(^|[^\pL]){re.escape(word)}([^\pL])")
        text = f"regexp_replace({text}, {name}, '\\1{month_named(word)}\\2')"
    return text


def _minutes_sql(text: str) -> str:
    """SQL of the minutes by which the zone of a moment is ahead of UTC: +02, +0200 or +02:00."""
    offset = f"regexp_extract({text}, {literal(_BEHIND)}, 3)"
    digits = f"TRY_CAST(rpad(replace({offset}[2:], ':', ''), 4, '0') AS BIGINT)"
    sign = f"CASE WHEN starts_with({offset}, '-') THEN -1 ELSE 1 END"
    named = f"regexp_extract({text}, {literal(_BEHIND)}, 4)"
    names = " ".join(f"WHEN {literal(name)} THEN {ahead}" for name, ahead in _NAMED.items())
    by_offset = f"{sign} * ({digits} // 100 * 60 + {digits} % 100)"
    return f"coalesce(CASE {named} {names} ELSE {by_offset} END, 0)"
