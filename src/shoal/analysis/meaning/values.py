"""What the values of a column are like, as far as its meaning hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shoal.analysis.meaning.header import cell_says
from shoal.types import Column

FEW = 12  # whole numbers of so many values may be codes, classes or points of a scale
LABELS = 30  # different labels that an earlier segmentation has at most
FEW_WORDS = 6  # answers that an outcome has at most
HALF = 0.5  # … of a table so small that hardly a value repeats nothing is said
LARGE = 100  # what whole numbers reach that are sums rather than counts
YEARS = (1900, 2100)
SERIALS = (20_000, 60_000)  # days since 1899-12-30: 1954 to 2064
EPOCH = (5e8, 2.5e9)  # seconds since 1970: 1985 to 2049
WRITTEN = (19_000_101, 21_001_231)  # 20241201
OLDEST = 120
CODES = 200  # different whole numbers that a code may have
WEEKS = 53  # of a year: no part of the calendar has a higher number


def _number(column: Column, which: str) -> float:
    found = getattr(column, which)
    return float(found) if isinstance(found, (int, float)) else float("nan")


def is_whole(column: Column) -> bool:
    """Whether its numbers are whole (doubles of whole numbers too)."""
    return column.type == "int64" or column.whole


def between(column: Column, low: float, high: float) -> bool:
    """Whether all its values lie in a range."""
    return _number(column, "min") >= low and _number(column, "max") <= high


def _middle_between(column: Column, low: float, high: float) -> bool:
    """Whether its values do, but for some at both ends that may stand for something else."""
    if not column.quantiles:
        return False
    return column.quantiles[1] >= low and column.quantiles[5] <= high


def few_whole(column: Column) -> bool:
    """A class, a code or a point of a scale."""
    few = column.distinct <= FEW and column.distinct <= HALF * column.rows
    return is_whole(column) and few and _number(column, "max") < LARGE


def counts(column: Column) -> bool:
    """Small whole numbers, none negative."""
    return is_whole(column) and _number(column, "min") >= 0 and _typical(column) < LARGE


def _typical(column: Column) -> float:
    return column.quantiles[3] if column.quantiles else _number(column, "mean")


def sums(column: Column) -> bool:
    """Amounts rather than counts: with decimals, or large."""
    if not is_whole(column):
        return True
    return bool(column.quantiles and column.quantiles[4] > LARGE)


def years(column: Column) -> bool:
    """Whole years of people's lives."""
    return is_whole(column) and _middle_between(column, *YEARS)


def written_dates(column: Column) -> bool:
    """Dates such as 20241201: months and days are possible ones."""
    if not is_whole(column) or not between(column, *WRITTEN):
        return False
    shown = [int(x) for x in column.quantiles or ()]
    return all(1 <= x // 100 % 100 <= 12 and 1 <= x % 100 <= 31 for x in shown)


def serials(column: Column) -> bool:
    """Days as a spreadsheet counts them."""
    return _middle_between(column, *SERIALS)


def epochs(column: Column) -> bool:
    """Seconds or milliseconds since 1970."""
    low, high = EPOCH
    return _middle_between(column, low, high) or _middle_between(column, 1e3 * low, 1e3 * high)


def dates_as_numbers(column: Column) -> bool:
    """Years, 20241201, days of a spreadsheet, seconds since 1970."""
    kinds = (years, written_dates, serials, epochs)
    return any(is_kind(column) for is_kind in kinds)


def _words_of_churn(column: Column) -> bool:
    words = [word for word, _ in column.top]
    return 2 <= len(words) <= FEW_WORDS and any(cell_says(w, "churn") for w in words)


CELLS: Mapping[str, Callable[[Column], bool]] = {
    "few_whole": few_whole,
    "not_few_whole": lambda c: not few_whole(c),
    "label_like": lambda c: is_whole(c) and c.distinct <= LABELS,
    "counts": counts,
    "codes": lambda c: is_whole(c) and c.distinct <= CODES,
    "calendar": lambda c: is_whole(c) and between(c, 0, WEEKS),
    "sums": sums,
    "years": years,
    "written_dates": written_dates,
    "dates_as_numbers": dates_as_numbers,
    "ages": lambda c: _middle_between(c, 0, OLDEST),
    "beyond_ages": lambda c: not _middle_between(c, 0, OLDEST),
    "from_0_to_1": lambda c: between(c, 0, 1) and c.distinct > 2,
    "a_share": lambda c: between(c, -100, 100) or _middle_between(c, 0, 5),
    "scale_like": lambda c: few_whole(c) or between(c, 0, LARGE),
    "two_values": lambda c: c.distinct == 2,
    "few_words": lambda c: c.distinct <= FEW_WORDS,
    "words_of_churn": _words_of_churn,
}
