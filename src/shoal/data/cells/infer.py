"""What the cells of a text column mean, decided by the whole column.

Numbers, money, dates, codes, words, gaps.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from shoal.data.cells.dates import Dating, date_sql, dating_of, day_in
from shoal.data.cells.ids import keeps_its_letters
from shoal.data.cells.measures import measures
from shoal.data.cells.numbers import (
    BLANK,
    CREDIT,
    TELEPHONE,
    WORDED,
    Mark,
    Marks,
    Number,
    marks_of,
    number_in,
    number_sql,
    value_of,
)
from shoal.text.currencies import sign_of
from shoal.text.sql import literal

ERRORS = ("#N/A", "#N/A N/A", "#NA", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#NULL!")
TEXT_GAPS = (
    *("NA", "N/A", "n/a", "NULL", "null", "NaN", "nan", "-nan", "<NA>"),
    *("?", "??", "-", "--", "\\N", "(null)"),
    *ERRORS,
)
_CLOCKS = ("", " 00:00", " 00:00:00", "t00:00:00", " 23:59:59", "t23:59:59", " 12:00:00 am")
ENDS = ("9999-12-31", "0001-01-01", "1753-01-01")  # of calendars: of SQL, .NET, SQL Server
# … and days that are dates, where all others lie decades away: of spreadsheets, of Unix, of people
FIRST_DAY = re.compile(
    r"(?P<y>\d{4})([-/.])(?:0?1\2(?:0?1)|12\2(?:30|31))"  # 1900-01-01, 1899-12-30
    r"|(?:0?1([-/.])0?1|(?:30|31)([-/.])12|12([-/.])(?:30|31))[-/.](?P<z>\d{4})"
    r"|0?1[- ]jan[- ](?P<w>\d{4})"
)
# behind it: a time of day, some hours from midnight where it was written in another zone
MIDNIGHT = re.compile(
    r"[ t](?:0?[0-3]|12|2[0-3]):\d\d(?::\d\d)?(?:\.\d+)?(?: ?am| ?pm)?(?:z| ?[+-]\d\d:?\d\d)?$"
)
DECADES = 20  # years


def _ways(date: str) -> tuple[str, ...]:
    """How a date may be written, in small letters."""
    year, month, number = date.split("-")
    days = (
        f"{year}-{month}-{number}",
        f"{year}/{month}/{number}",
        f"{number}.{month}.{year}",
        f"{number}/{month}/{year}",
        f"{month}/{number}/{year}",
        f"{int(month)}/{int(number)}/{year}",
    )
    return tuple(f"{day}{clock}" for day in dict.fromkeys(days) for clock in _CLOCKS)


# dates that stand for "never", "not yet" or "unknown"
LAST_DATES = tuple(way for end in ENDS for way in _ways(end))
# written like a date, of a day that no calendar of customers has: 2999-12-31, 99.99.9999
NO_DAY = re.compile(
    r"(?:\d{4}([-/.])\d\d\1\d\d|\d{1,2}([-/.])\d{1,2}\2\d{4}|0{8}|9{8}|99991231|9999[-/.]12)"
    r"(?:[ T][\d:.]{1,15}(?:Z|[+-]\d\d:?\d\d)?)?"
)
FEW_NO_DAYS = 2  # different ones up to which they stand for something
DAYS_BESIDE = 3  # different days at least beside a word that stands for none …
MOST_DAYS = 0.5  # … and the share of the cells that they are
NUMBER_GAPS = frozenset(
    [word.lower() for word in TEXT_GAPS]
    + ["n.a.", "n.a", "none", "nil", "–", "—", ".", "..", "...", "*", "(blank)", "empty"]
    + ["unknown", "missing", "undefined", "not available", "no data", "n/d", "nd", "n.d.", "s/d"]
    + ["0000-00-00", "0000-00-00 00:00:00", "00.00.0000", "00/00/0000"]  # no date
    + list(LAST_DATES)
    + ["k.a.", "k. a.", "keine angabe", "unbekannt", "leer"]
)
CODE = re.compile(r"(?=.*\d.*\d)(?=.*[A-Za-z])[\w./#-]+")
LONG_WHOLE = re.compile(r"[0-9]{6,15}")
FORMULA = re.compile(r'="([^"]*)"')
WORDED_CURRENCY = re.compile(WORDED)
CLASS = re.compile(r"[<>≥≤]? ?\d+ ?\+?|\d+ ?[-–] ?\d+")
OPEN_ENDED = re.compile(r"[<>≥≤~] ?[\d.,]+|[\d.,]+ ?\+")  # among numbers: 320000+
ENOUGH = 0.9  # of the filled cells must be numbers for a column of numbers, dates for one of dates
LONGEST = 18  # digits that int64 holds for certain
KEPT_AS_ID = "it is an id"
NO_MARKS = Marks(None)
LONGEST_BEFORE_A_WORD = 4  # digits: 1500K is an amount, 85123K a code
SEVERAL = 6  # cells from which it tells something that all of them differ

DIGITS_ALONE = {"compact", "stamp"}  # forms of dates that numbers may have as well
NOT_DAYS_FOR_SURE = {*DIGITS_ALONE, "my", "ym", "My"}

Cells = Sequence[tuple[str, int]]  # distinct cells, and how often each occurs


@dataclass(frozen=True)
class Clues:
    """What the rest of the table says about the cells of one column."""

    sep: str | None = None
    asked: Mark | None = None  # the decimal mark the user gave
    hint: Mark | None = None  # the decimal mark other columns show
    shown: Mark | None = None  # the decimal mark of columns of plain numbers
    spare: Mark | None = None  # taken when no column shows one: "." where a program wrote
    ids: frozenset[str] = frozenset()  # columns that a person calls ids


@dataclass(frozen=True)
class Meaning:
    """What one text column is, and why."""

    kind: str  # "whole", "number", "date", "text"
    marks: Marks = NO_MARKS
    dating: Dating | None = None
    currencies: tuple[str, ...] = ()
    percent: bool = False
    shares: bool = False  # beside percentages there are shares: 12 % is .12
    unsigned: bool = False  # … there are numbers, and it is not told what they are
    words: tuple[str, ...] = ()  # behind the digits of some cells: K, CR
    trouble: str = ""  # damaged, ambiguous, currencies, mixed-dates, mostly-numbers, codes, sides…
    why: str = ""
    gaps: tuple[str, ...] = ()  # the words met that stand for a gap
    is_id: bool = False
    formula: bool = False  # cells are ="00041", which keeps a spreadsheet from changing them

    def sql(self, col: str) -> str:
        """SQL that reads a cell; NULL for a gap and for what does not fit."""
        if self.kind == "date" and self.dating:
            dates, test = date_sql(col, self.dating), gap_test(col, self.last_dates)
            return f"CASE WHEN NOT {test} THEN {dates} END" if self.last_dates else dates
        if self.kind in ("whole", "number"):
            mark = self.marks.decimal or "."
            return number_sql(col, mark, self.type, self.words, shares=self.shares)
        if self.formula:
            inside = literal(FORMULA.pattern)
            bare = bare_sql(col)
            col = f"CASE WHEN starts_with({bare}, '=') THEN regexp_extract({bare}, {inside}, 1) "
            col += f"ELSE {bare} END"
        return text_sql(col, self.gaps)

    @property
    def last_dates(self) -> tuple[str, ...]:
        """Those of the gaps that could be read as dates."""
        return tuple(
            w for w in self.gaps if w.lower() in LAST_DATES or _first_year(w) or _is_no_day(w)
        )

    @property
    def type(self) -> str:
        """The SQL type of the column."""
        if self.kind == "date" and self.dating:
            return "TIMESTAMP" if self.dating.clock else "DATE"
        return {"whole": "BIGINT", "number": "DOUBLE"}.get(self.kind, "VARCHAR")


def gaps_beside(words: Collection[str]) -> tuple[str, ...]:
    """The texts that say of a column of these words that nothing is known."""
    return tuple(gap for gap in ("", *TEXT_GAPS) if gap not in words)


def bare_sql(col: str) -> str:
    """SQL of a text cell without blanks around it."""
    return f"trim({col}, {literal(BLANK)})"


def text_sql(col: str, gaps: Sequence[str] = ()) -> str:
    """SQL of a text cell without blanks around it; NULL for a gap."""
    bare = bare_sql(col)
    words = ", ".join(literal(word) for word in ("", *gaps))
    return f"CASE WHEN {bare} IN ({words}) THEN NULL ELSE {bare} END"


def gap_test(col: str, gaps: Sequence[str]) -> str:
    """SQL that tells whether a cell is one of the gap words."""
    words = ", ".join(literal(word) for word in gaps) or "NULL"
    return f"coalesce({bare_sql(col)} IN ({words}), FALSE)"


def meaning_of(values: Cells, clues: Clues, is_id: bool = False) -> Meaning:
    """What a column is, from its distinct cells and how often each occurs.

    An id is kept to the letter.

    >>> meaning_of([("$58,138", 3), ("$635", 1), ("?", 1)], Clues(sep=",")).kind
    'whole'
    >>> meaning_of([("00123", 1), ("04711", 1)], Clues()).kind
    'text'
    """
    bare = [(v.strip(BLANK + "\r\n"), n) for v, n in values]
    cells = [(v, n) for v, n in bare if v and v.lower() not in NUMBER_GAPS]
    gaps = tuple(sorted({v for v, _ in bare if v and v.lower() in NUMBER_GAPS}))
    if not cells:
        return Meaning("text", gaps=tuple(g for g in gaps if g in TEXT_GAPS))
    if not is_id and (never := _never(cells)):
        cells = [(v, n) for v, n in cells if v not in never]
        gaps = tuple(sorted({*gaps, *never}))
    if all(FORMULA.fullmatch(v) for v, _ in cells):
        return Meaning("text", gaps=gaps, formula=True)
    if is_id:
        return _as_id(bare)
    found = _as_dates(cells, clues) or _as_numbers(cells, clues)
    if found:
        return replace(found, gaps=gaps)
    trouble = "mostly-numbers" if _mostly_numbers(cells) else ""
    if measures([v for v, _ in cells]):
        return Meaning("text", trouble="measures", why=cells[0][0], gaps=text_gaps(gaps, cells))
    if all_different([v for v, n in bare for _ in range(min(n, 2)) if v]):
        return Meaning("text", trouble=trouble)
    return Meaning("text", trouble=trouble, gaps=text_gaps(gaps, cells))


def _first_year(cell: str) -> int | None:
    """The year of a cell that is the first or the last day of one, as calendars begin and end.

    >>> _first_year("1900-01-01"), _first_year("01.01.1970 01:00"), _first_year("1900-01-02")
    (1900, 1970, None)
    """
    found = FIRST_DAY.fullmatch(MIDNIGHT.sub("", cell.lower()))
    return int(found["y"] or found["z"] or found["w"]) if found else None


def _is_no_day(cell: str) -> bool:
    """Whether a cell is written like a date and is none.

    >>> _is_no_day("2999-12-31"), _is_no_day("0000-00-00"), _is_no_day("2024-12-31")
    (True, False, False)
    """
    known = cell.lower() in NUMBER_GAPS
    return not known and NO_DAY.fullmatch(cell) is not None and day_in(cell) is None


def _never(cells: Cells) -> frozenset[str]:
    """The few cells, each on several rows, that stand for no date among dates.

    >>> sorted(_never([("2999-12-31", 5), ("2024-05-01", 9), ("2024-05-02", 1)]))
    ['2999-12-31']
    >>> sorted(_never([("1900-01-01", 2), ("1912-03-01", 1)]))
    []
    """
    others = [(v, n) for v, n in cells if not (_first_year(v) or _is_no_day(v))]
    days = [(day, n) for v, n in others if (day := day_in(v))]
    years = [int(day.year) for day, _ in days]
    found = {v: n for v, n in cells if _is_no_day(v) or (years and _far(_first_year(v), years))}
    if not found or len(found) > FEW_NO_DAYS or min(found.values()) < 2:
        return _words_among_days(cells)
    enough = days and _all(days) >= ENOUGH * _all(others)
    return frozenset(found) if enough else frozenset()


def _far(year: int | None, others: Sequence[int]) -> bool:
    """Whether all other years, written whole, lie decades away."""
    if year is None:
        return False
    return min(others) > 99 and all(abs(year - other) >= DECADES for other in others)


def _words_among_days(cells: Cells) -> frozenset[str]:
    """One or two words, each on several rows, where all other cells are days: "never".

    >>> sorted(_words_among_days([("Never", 2), *((f"2024-05-0{i}", 1) for i in range(1, 9))]))
    ['Never']
    """
    words = {v: n for v, n in cells if day_in(v) is None}
    if not words or len(words) > FEW_NO_DAYS or min(words.values()) < 2:
        return frozenset()
    forms = {day.form for v, _ in cells if (day := day_in(v))}
    enough = len(cells) - len(words) >= DAYS_BESIDE
    share = 1 - sum(words.values()) / _all(cells)
    numbers = [v for v in words if number_in(v) and v != "0"]
    if not enough or share < MOST_DAYS or numbers or forms & NOT_DAYS_FOR_SURE:
        return frozenset()
    return frozenset(words)


def _all(cells: Sequence[tuple[object, int]]) -> int:
    return sum(number for _, number in cells)


def _mostly_numbers(cells: Cells) -> bool:
    numbers = [(v, n) for v, n in cells if number_in(v) or is_open(v)]
    share = _all(numbers) / _all(cells)
    return share >= 0.5 and len(numbers) >= 10 and not _codes(cells)


def is_open(cell: str) -> bool:
    """Whether a cell is about a number: ~10, 320000+."""
    return OPEN_ENDED.fullmatch(cell) is not None


def all_different(cells: Sequence[str]) -> bool:
    """Whether every filled cell is another one: then NA and null are names like the others."""
    return len(cells) >= SEVERAL and len(set(cells)) == len(cells)


def text_gaps(gaps: Sequence[str], cells: Cells) -> tuple[str, ...]:
    """The gap words of a text column; NA among two-letter codes (EU, AS, NA) is a code."""
    short = sum(1 for v, _ in cells if re.fullmatch(r"[A-Z]{2}", v))
    codes = len(cells) >= 2 and short > 0.8 * len(cells)
    return tuple(g for g in gaps if g in TEXT_GAPS and not (codes and g == "NA"))


def _as_id(bare: Cells) -> Meaning:
    """A column of ids: numbers where no letter would be lost, else text."""
    cells = [(v, n) for v, n in bare if v not in TEXT_GAPS]
    gaps = tuple(sorted({v for v, _ in bare if v in TEXT_GAPS}))
    names = [v for v, _ in cells]
    if names and keeps_its_letters(names):
        whole = "." not in names[0]
        return Meaning("whole" if whole else "number", Marks("."), gaps=gaps, is_id=True)
    looks = [v for v in names if number_in(v) or day_in(v)]
    trouble = "codes" if len(looks) > len(names) / 2 else ""
    if all_different([v for v, n in bare for _ in range(min(n, 2))]):
        gaps = ()
    return Meaning("text", trouble=trouble, why=KEPT_AS_ID, gaps=gaps, is_id=True)


def _as_dates(cells: Cells, clues: Clues) -> Meaning | None:
    """A column whose cells are nearly all dates."""
    days = [(day, n) for v, n in cells if (day := day_in(v))]
    seen, total = _all(days), _all(cells)
    if seen < ENOUGH * total:
        return None
    forms = {day.form for day, _ in days}
    if forms & DIGITS_ALONE and (len(forms) > 1 or seen < total or len(days) < 3):
        return None
    dotted = any(day.sep == "." for day, _ in days)
    if "my" in forms and dotted and seen < total:
        return None
    dating = dating_of(days, clues.sep)
    if len(dating.places) > 1:  # clocks of several places tell no order of moments
        return None
    if dating.doubt == "mixed":
        return Meaning("text", dating=dating, trouble="mixed-dates")
    return Meaning("date", dating=dating)


def _as_numbers(cells: Cells, clues: Clues) -> Meaning | None:
    """A column whose cells are nearly all numbers: its marks, or why it is kept as text."""
    read = [(number_in(v), v, n) for v, n in cells]
    numbers = [(number, n) for number, _, n in read if number]
    total = _all(cells)
    share = _all(numbers) / total
    one_odd_cell = share >= 0.5 and len(cells) - len(numbers) <= 1 and total >= 10
    if share < ENOUGH and not one_odd_cell:
        return None
    odd = [(v, n) for number, v, n in read if number is None]
    if reason := _no_amount(numbers) or _telephones(cells) or _codes(odd):
        return Meaning("text", trouble="codes", why=reason)
    if why := _undecided_words(numbers):
        return Meaning("text", trouble="amount-or-code", why=why)
    if why := _both_sides(numbers):
        return Meaning("text", trouble="debit-or-credit", why=why)
    signs = tuple(sorted({sign_of(x.currency) for x, _ in numbers if x.currency}))
    if len(signs) > 1:
        return Meaning("text", currencies=signs, trouble="currencies")
    marks = _marks(numbers, clues)
    if marks.trouble:
        return Meaning("text", marks=marks, trouble=marks.trouble, why=marks.why)
    return _amounts(numbers, marks, signs)


def _amounts(numbers: list[tuple[Number, int]], marks: Marks, signs: tuple[str, ...]) -> Meaning:
    fractions = marks.fractions or any(x.shape == "dot" for x, _ in numbers)
    percent = any(x.percent for x, _ in numbers)
    shares = percent and _beside_shares(numbers, marks.decimal or ".")
    bare = [value_of(x, marks.decimal or ".") for x, _ in numbers if not x.percent]
    unsigned = percent and not shares and any(0 < v < 1 for v in bare)
    words = tuple(sorted({w for x, _ in numbers for w in (x.times, x.side, x.dash) if w}))
    kind = "number" if fractions or shares else "whole"
    about = Meaning(kind, marks, currencies=signs, words=words)
    return replace(about, percent=percent, shares=shares, unsigned=unsigned)


def _beside_shares(numbers: list[tuple[Number, int]], decimal: Mark) -> bool:
    """Whether cells without a percent sign are shares: 12% beside 0.13."""
    bare = [value_of(x, decimal) for x, _ in numbers if not x.percent]
    signed = [value_of(x, decimal) for x, _ in numbers if x.percent]
    small = sum(1 for v in bare if v <= 1)
    fractions = any(v % 1 for v in bare)
    return fractions and small >= ENOUGH * len(bare) and max(signed) > 1


def _undecided_words(numbers: list[tuple[Number, int]]) -> str:
    """The first of numbers with a letter that may be an amount or a code: 12M, 85123K."""
    written = [x for x, _ in numbers if x.times]
    words = {x.times for x in written}
    if not words:
        return _undecided_currency(numbers)
    long = [x for x in written if x.shape == "int" and len(x.body) > LONGEST_BEFORE_A_WORD]
    plain = len(words) > 1 or words & {"k", "K"} or any(len(w) > 1 or w > "z" for w in words)
    amounts = plain or any(x.currency or x.shape != "int" for x in written)
    if long or not amounts:
        first = (long or written)[0]
        return f"{first.body}{first.times}"
    return ""


def _undecided_currency(numbers: list[tuple[Number, int]]) -> str:
    """The first of whole numbers with letters of a currency that codes may have as well: RM12."""
    lettered = [x for x, _ in numbers if WORDED_CURRENCY.fullmatch(x.currency)]
    if len(lettered) < len(numbers) or any(x.shape != "int" for x in lettered):
        return ""
    return f"{lettered[0].currency} {lettered[0].body}"


def _both_sides(numbers: list[tuple[Number, int]]) -> str:
    """The first of numbers marked CR and DR, where the marks do not tell which is below zero."""
    marked = [x for x, _ in numbers if x.side]
    debits = [x for x in marked if x.side not in CREDIT]
    if not marked or not (debits or len(marked) == len(numbers)):
        return ""
    return f"{marked[0].body} {marked[0].side}"


def _marks(numbers: list[tuple[Number, int]], clues: Clues) -> Marks:
    marks = marks_of(numbers, clues.asked, clues.hint, clues.sep)
    points_elsewhere = clues.hint == "." and not clues.asked
    if marks.decimal == "," and points_elsewhere and not marks.fractions and not marks.trouble:
        why = "its dots part thousands while other columns have decimal points"
        return Marks(None, "damaged", why)
    return marks


def _no_amount(numbers: list[tuple[Number, int]]) -> str:
    """Why numbers are codes that must stay exact.

    They have leading zeros, more digits than int64 holds, or groups as in telephone numbers.
    """
    if len(numbers) > 1 and all(x.power for x, _ in numbers):
        return f'"{numbers[0][0].body}E" and what follows is written like a code'
    whole = [x.body for x, _ in numbers if x.shape == "int"]
    codes = [x.body for x, _ in numbers if x.shape == "int" and not x.signed]  # -05 is none
    if padded := [b for b in codes if len(b) > 1 and b[0] == "0"]:
        return f'"{padded[0]}" begins with a zero'
    if long := [b for b in whole if len(b) > LONGEST]:
        return f'"{long[0]}" has {len(long[0])} digits'
    grouped = [x.body for x, _ in numbers if x.shape == "gap_int" and not x.currency]
    of_one_length = len({len(b) for b in grouped}) == 1
    if len(grouped) == len(numbers) > 2 and of_one_length and len(grouped[0]) >= 9:
        return f'"{grouped[0]}" is grouped like a telephone or register number'
    return ""


def _telephones(cells: Cells) -> str:
    """Numbers of eight digits and more, some of them after a plus: it would be lost."""
    found = [v for v, _ in cells if TELEPHONE.fullmatch(v)]
    others = [v for v, _ in cells if not TELEPHONE.fullmatch(v)]
    if not found or not all(LONG_WHOLE.fullmatch(v) or number_in(v) is None for v in others):
        return ""
    return f'"{found[0]}" is written like a telephone number'


def _codes(odd: Cells) -> str:
    """Cells such as C536379 or 85123A among numbers: an identifier; 3+ among numbers: a class."""
    codes = [v for v, _ in odd if CODE.fullmatch(v) and not day_in(v)]
    if len(codes) >= 2:
        return f'"{codes[0]}" is a code'
    classes = [v for v, n in odd if n >= 3 and CLASS.fullmatch(v)]
    return f'"{classes[0]}" is a class' if classes else ""
