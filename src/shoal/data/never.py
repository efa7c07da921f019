"""Days such as 9999-12-31 in columns of dates, where they stand for "never" or "unknown"."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from shoal.data.cells.infer import DECADES, ENDS, FEW_NO_DAYS
from shoal.engine.scan import Field, Source
from shoal.findings import finding
from shoal.text.sql import literal, quoted
from shoal.types import Finding

DATES = ("DATE", "TIMESTAMP")
AT_AN_END = ((1, 1), (12, 30), (12, 31))  # months and days with which years begin and end
CALENDARS = tuple(dt.date.fromisoformat(day) for day in ENDS)


def without_never(source: Source, fields: Sequence[Field]) -> tuple[list[Field], list[Finding]]:
    """The fields, with gaps for the days that stand for no date, and what is to be said of them."""
    wide = _wide(source, [f for f in fields if f.type in DATES])
    found = {f.name: stand_ins(_days(source, f)) for f in wide}
    made = [_without(f, found[f.name]) if found.get(f.name) else f for f in fields]
    return made, [_said(source, f, found[f.name]) for f in wide if found[f.name]]


def may_be_never(first: dt.date, last: dt.date) -> bool:
    """Whether the first or the last date of a column may stand for none.

    >>> may_be_never(dt.date(2019, 3, 1), dt.date(9999, 12, 31))
    True
    >>> may_be_never(dt.date(1961, 3, 1), dt.date(2004, 7, 9))
    False
    """
    return last.year - first.year >= DECADES and (at_an_end(first) or at_an_end(last))


def at_an_end(day: dt.date) -> bool:
    """Whether a day is one of those with which years begin and end."""
    return (day.month, day.day) in AT_AN_END


def stand_ins(days: Sequence[tuple[dt.date, int]]) -> tuple[dt.date, ...]:
    """Those of some days, each with how often it occurs, that stand for no date.

    They are the ends of calendars, and one or two days at the end of a year, decades from all
    others, on several rows.

    >>> stand_ins([(dt.date(2099, 12, 31), 5), (dt.date(2024, 1, 1), 2), (dt.date(2024, 5, 1), 1)])
    (datetime.date(2099, 12, 31),)
    >>> stand_ins([(dt.date(1930, 1, 1), 2), (dt.date(1941, 5, 1), 1), (dt.date(2004, 5, 1), 1)])
    ()
    """
    ends = tuple(day for day, _ in days if day in CALENDARS)
    rest = {day: n for day, n in days if day not in CALENDARS}
    plain = [day.year for day in rest if not at_an_end(day)]
    far = [day for day in rest if all(abs(day.year - year) >= DECADES for year in plain)]
    several = plain and len(far) <= FEW_NO_DAYS and all(rest[day] > 1 for day in far)
    return (*ends, *far) if several else ends


def _wide(source: Source, fields: Sequence[Field]) -> list[Field]:
    """The fields of dates whose first or last one may stand for none."""
    if not fields:
        return []
    made = [_day(f) for f in fields]
    spans = ", ".join(f"min({day}), max({day})" for day in made)
    row = source.rows(f"SELECT {spans} FROM {source.sql}")[0]
    pairs = zip(fields, row[::2], row[1::2], strict=True)
    return [f for f, first, last in pairs if first and may_be_never(first, last)]


def _day(field: Field) -> str:
    """SQL of the day of a date; none before or behind those of Python's calendar."""
    day = f"CAST({field.cast(quoted(field.column))} AS DATE)"
    return f"CASE WHEN {day} BETWEEN DATE '0001-01-01' AND DATE '9999-12-31' THEN {day} END"


def _days(source: Source, field: Field) -> list[tuple[dt.date, int]]:
    """The days at the ends of years, and the first and the last of all others."""
    days = f"(SELECT {_day(field)} AS day FROM {source.sql})"
    ends = f"(month(day), day(day)) IN {AT_AN_END}"
    rows = source.rows(
        f"SELECT day, count(*) FROM {days} WHERE {ends} GROUP BY day "
        f"UNION ALL SELECT min(day), 1 FROM {days} WHERE NOT {ends} "
        f"UNION ALL SELECT max(day), 1 FROM {days} WHERE NOT {ends} ORDER BY 1"
    )
    return [(day, number) for day, number in rows if day is not None]


def _in(field: Field, days: Sequence[dt.date]) -> str:
    listed = ", ".join(f"DATE {literal(str(day))}" for day in days)
    return f"coalesce({_day(field)} IN ({listed}), FALSE)"


def _without(field: Field, days: Sequence[dt.date]) -> Field:
    gap = _in(field, days)

    def cast(col: str) -> str:
        return f"CASE WHEN NOT {gap} THEN {field.cast(col)} END"

    return replace(field, cast=cast, plain=False)


def _said(source: Source, field: Field, days: Sequence[dt.date]) -> Finding:
    counts = f"count(*) FILTER (WHERE {_in(field, days)}), count({quoted(field.column)})"
    gaps, filled = source.rows(f"SELECT {counts} FROM {source.sql}")[0]
    words = tuple(map(str, days))
    return finding(
        "gap-words", field.name, severity="warning", gaps=gaps, filled=filled, words=words
    )
