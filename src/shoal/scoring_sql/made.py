"""Columns made of others: sums of parts, and the time between a date and a stated day."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from shoal.engine.made import A_SECOND, FIRST_SERIAL, NEVER, POSSIBLE, RANGES
from shoal.scoring_sql.dialects import Dialect
from shoal.scoring_sql.expressions import (
    Sql,
    between,
    bracketed,
    chosen,
    compare,
    difference,
    either,
    every,
    floor,
    is_known,
    name,
    number,
    product,
    quotient,
    scaled,
    shifted,
    total,
    whole,
)
from shoal.stats.distribution import HUGE
from shoal.types import MadeColumn

A_DAY = 86_400
EPOCH = datetime.date(1970, 1, 1)
MARCH_1900 = (datetime.date(1900, 3, 1) - EPOCH).days  # from here on every fourth year is long


def finite(x: Sql) -> Sql:
    """A number, or nothing where it is none that can be reckoned with."""
    near = compare(exp.LTE, exp.Abs(this=x), number(HUGE))
    return chosen([(near, x.copy())])


def known_number(
    column: str, made: Iterable[MadeColumn], dialect: Dialect, *, is_flag: bool
) -> Sql:
    """A column as finite doubles, made of others where it is such a one; NULL where it has none."""
    of_others = {each.name: each for each in made}.get(column)
    if of_others is not None:
        return finite(exp.cast(_made_number(of_others, dialect), "double"))
    return finite((dialect.flag_of if is_flag else dialect.number_of)(name(column)))


def _made_number(made: MadeColumn, dialect: Dialect) -> Sql:
    """The number that is made of the columns of a row; NULL where there is none."""
    if made.kind == "total":
        return _total(made, dialect)
    moment = _moment(made, dialect)
    return _years(made, moment) if made.kind.startswith("years") else _days(made, moment)


def _total(made: MadeColumn, dialect: Dialect) -> Sql:
    """The sum of the parts that are known."""
    parts = [finite(dialect.number_of(name(column))) for column in made.columns]
    known = either(is_known(part.copy()) for part in parts)
    filled = [exp.Coalesce(this=part, expressions=[number(0)]) for part in parts]
    return chosen([(known, total(filled))])


@dataclass(frozen=True)
class _Moment:
    """A date as days since 1970, as year, month and day, and whether it is one at all."""

    days: Sql
    year: Sql
    in_year: Sql  # 100 × month + day
    exists: Sql


def _moment(made: MadeColumn, dialect: Dialect) -> _Moment:
    column = name(made.columns[0])
    if made.held == "dates":
        return _of_date(dialect.date_of(column), dialect)
    x = finite(dialect.number_of(column))
    held = between(*_within(made, x))
    if made.held == "years":
        year = floor(x.copy())
        return _Moment(_first_of_year(year), year.copy(), number(101), held)
    if made.held == "written":
        return _written(floor(x.copy()), held)
    return _counted(_days_held(made, x.copy()), held)


def _within(made: MadeColumn, x: Sql) -> tuple[float, Sql, float]:
    low, high = RANGES[made.held]
    return low, x, high


def _of_date(date: Sql, dialect: Dialect) -> _Moment:
    year, month, day = (dialect.part_of(unit, date.copy()) for unit in ("YEAR", "MONTH", "DAY"))
    in_year = exp.Add(this=product(month, whole(100)), expression=day)
    return _Moment(dialect.days_of(date), year, in_year, is_known(date.copy()))


def _days_held(made: MadeColumn, x: Sql) -> Sql:
    """Days since 1970 of a day of a spreadsheet, or of a moment in seconds or parts of them."""
    if made.held == "serials":
        return shifted(floor(x), int(FIRST_SERIAL.astype(int)))
    return floor(quotient(x, number(A_DAY * A_SECOND[made.held])))


def _counted(days: Sql, exists: Sql) -> _Moment:
    """Year, month and day of days since 1970, from March 1900 to February 2100.

    Years begin in March here, so that a long one has its day more at its end (Fliegel & Van
    Flandern, Communications of the ACM 11, 1968).
    """
    since = shifted(days, -MARCH_1900)
    year = floor(quotient(shifted(product(number(4), since), 3), number(1461)))
    begun = floor(quotient(product(number(1461), year.copy()), number(4)))
    day = difference(since.copy(), begun)
    month = floor(quotient(shifted(product(number(5), day), 2), number(153)))
    before = floor(quotient(shifted(product(number(153), month.copy()), 2), number(5)))
    of_month = shifted(difference(day.copy(), before), 1)
    late = compare(exp.GTE, month.copy(), number(10))  # January and February
    calendar_month = chosen([(late, shifted(month.copy(), -9))], shifted(month.copy(), 3))
    calendar_year = chosen([(late.copy(), shifted(year.copy(), 1901))], shifted(year.copy(), 1900))
    in_year = exp.Add(this=product(calendar_month, number(100)), expression=of_month)
    return _Moment(days.copy(), calendar_year, in_year, exists)


def _first_of_year(year: Sql) -> Sql:
    return _civil(year, number(1), number(1))


def _civil(year: Sql, month: Sql, day: Sql) -> Sql:
    """Days since 1970 of a day of the calendar (Fliegel & Van Flandern 1968)."""
    early = compare(exp.LTE, month, number(2))
    y = chosen([(early, shifted(year, -1))], year.copy())
    m = chosen([(early.copy(), shifted(month.copy(), 9))], shifted(month.copy(), -3))
    leaps = [
        scaled(y, 365),
        floor(quotient(y.copy(), number(4))),
        product(number(-1), floor(quotient(y.copy(), number(100)))),
        floor(quotient(y.copy(), number(400))),
        floor(quotient(shifted(product(number(153), m), 2), number(5))),
        day,
    ]
    return shifted(total([bracketed(part) for part in leaps]), -719_469)


def _written(x: Sql, held: Sql) -> _Moment:
    """A day written as 20241201."""
    year = floor(quotient(x, number(10_000)))
    in_year = difference(x.copy(), product(year.copy(), number(10_000)))
    month = floor(quotient(in_year.copy(), number(100)))
    day = difference(in_year.copy(), product(month.copy(), number(100)))
    exists = every(
        [
            held,
            between(1, month.copy(), 12),
            compare(exp.GTE, day, number(1)),
            compare(exp.LTE, day.copy(), _longest(year, month)),
        ]
    )
    return _Moment(_civil(year.copy(), month.copy(), day.copy()), year.copy(), in_year, exists)


def _longest(year: Sql, month: Sql) -> Sql:
    """How many days a month has, from 1900 to 2100."""
    fourth = compare(
        exp.EQ, product(floor(quotient(year.copy(), number(4))), number(4)), year.copy()
    )
    long = every(
        [
            fourth,
            compare(exp.GT, year.copy(), number(1900)),
            compare(exp.LT, year.copy(), number(2100)),
        ]
    )
    short = exp.In(this=month.copy(), expressions=[number(m) for m in (4, 6, 9, 11)])
    second = compare(exp.EQ, month.copy(), number(2))
    february = chosen([(long, number(29))], number(28))
    return chosen([(second, february), (short, number(30))], number(31))


def _possible(moment: _Moment) -> Sql:
    """Whether it is a date, and none that stands for none."""
    first, last = (int(day.astype(int)) for day in POSSIBLE)
    late = compare(exp.LT, moment.days.copy(), number(last))
    return every([moment.exists, compare(exp.GTE, moment.days.copy(), number(first)), late])


def _days(made: MadeColumn, moment: _Moment) -> Sql:
    """Whole days from the date to the day, or the other way round."""
    day = (datetime.date.fromisoformat(made.day) - EPOCH).days
    never = compare(exp.NEQ, moment.days.copy(), number(int(NEVER.astype(int))))
    known = every([_possible(moment), never])
    if made.kind == "days until":
        return chosen([(known, shifted(moment.days, -day))])
    past = compare(exp.LTE, moment.days.copy(), number(day))
    return chosen([(every([known, past]), difference(number(day), moment.days))])


def _years(made: MadeColumn, moment: _Moment) -> Sql:
    """Whole years from the date to the day, or the other way round: ages.

    A year is not over before its day has come.
    """
    day = datetime.date.fromisoformat(made.day)
    to_come = compare(exp.GT, moment.in_year, number(100 * day.month + day.day))
    years = difference(number(day.year), moment.year)
    spans = chosen([(to_come, shifted(years, -1))], years.copy())
    known = _possible(moment)
    if made.kind == "years until":
        return chosen([(known, product(number(-1), spans))])
    past = compare(exp.LTE, moment.days.copy(), number((day - EPOCH).days))
    return chosen([(every([known, past]), spans)])
