"""What the values of a column are like, as far as its meaning hangs on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from shoal.analysis.meaning.header import cell_says
from shoal.engine.made import RANGES
from shoal.types import Column, Held

FEW = 12  # whole numbers of so many values may be codes, classes or points of a scale
LABELS = 30  # different labels that an earlier segmentation has at most
SEXES = 4  # words that tell of a person's sex, at most
FEW_WORDS = 6  # answers that an outcome has at most
HALF = 0.5  # … of a table so small that hardly a value repeats nothing is said
LARGE = 100  # what whole numbers reach that are sums rather than counts
BETWEEN = 2  # of the quantiles of dates such as 20241201 are such dates
OLDEST = 120
CODES = 200  # different whole numbers that a code may have
NEAR = 0.02  # of the range: what is so far from zero is near it
DIALLED = 1e6  # from which a whole number may be that of a telephone
APART = 3  # times as wide as they are many: whole numbers that do not count
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


def prices(column: Column) -> bool:
    """A few whole numbers further apart than codes, counts and points of a scale are: tariffs."""
    width = _number(column, "max") - _number(column, "min")
    return few_whole(column) and width >= APART * column.distinct


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
    return is_whole(column) and _middle_between(column, *RANGES["years"])


def long_digits(column: Column) -> bool:
    """Whole numbers as long as those of telephones and accounts, hardly any of them twice."""
    long = is_whole(column) and _number(column, "min") >= 0 and _typical(column) >= DIALLED
    return long and column.distinct > HALF * (column.rows - column.missing)


def written_dates(column: Column) -> bool:
    """Dates such as 20241201: months and days are possible ones.

    Those of the ends; quantiles may lie between two values, so that a part of them will do.
    """
    if not is_whole(column) or not between(column, *RANGES["written"]):
        return False
    ends = all(_is_written(_number(column, end)) for end in ("min", "max"))
    return ends and sum(map(_is_written, column.quantiles or ())) >= BETWEEN


def _is_written(x: float) -> bool:
    return 1 <= x // 100 % 100 <= 12 and 1 <= x % 100 <= 31


def year_months(column: Column) -> bool:
    """Months such as 202412."""
    if not is_whole(column) or not between(column, 190_001, 210_012):
        return False
    ends = (_number(column, "min"), _number(column, "max"))
    return all(1 <= end % 100 <= 12 for end in ends) and ends[1] - ends[0] > 0


_WHOLE: dict[Held, Callable[[Column], bool]] = {"years": years, "written": written_dates}


def held_as(column: Column) -> Held | None:
    """How a column holds its dates, if it does: typed, or as which kind of numbers."""
    if column.kind == "date":
        return "dates"
    if column.kind != "number":
        return None
    return next((held for held in RANGES if _holds(column, held)), None)


def _holds(column: Column, held: Held) -> bool:
    if held in _WHOLE:
        return _WHOLE[held](column)
    return _middle_between(column, *RANGES[held])


def dates_as_numbers(column: Column) -> bool:
    """Years, 20241201, days of a spreadsheet, moments since 1970."""
    return column.kind == "number" and (held_as(column) is not None or year_months(column))


def _words_of_churn(column: Column) -> bool:
    words = [word for word, _ in column.top]
    return 2 <= len(words) <= FEW_WORDS and any(cell_says(w, "churn") for w in words)


def _good_or_bad(column: Column) -> bool:
    """Payers who were good ones and bad ones."""
    return {word.strip().lower() for word, _ in column.top} == {"good", "bad"}


def _lies_round_zero(column: Column) -> bool:
    """Below and above zero, with a mean near it, as scores of components have it."""
    low, high, mean = (_number(column, which) for which in ("min", "max", "mean"))
    return low < 0 < high and abs(mean) < NEAR * (high - low)


CELLS: Mapping[str, Callable[[Column], bool]] = {
    "few_whole": few_whole,
    "prices": prices,
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
    "fractions": lambda c: not is_whole(c),
    "round_zero": _lies_round_zero,
    "two_values": lambda c: c.distinct == 2,
    "few_words": lambda c: c.distinct <= FEW_WORDS,
    "many_words": lambda c: c.distinct > SEXES,
    "words_of_churn": _words_of_churn,
    "good_or_bad": _good_or_bad,
    "months_of_a_year": lambda c: is_whole(c) and between(c, 1, 12),
}
