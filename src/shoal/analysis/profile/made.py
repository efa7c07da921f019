"""Facts of columns that are made of others: a total of parts, the time from a date to a day."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal

import numpy as np
import pyarrow as pa

from shoal.analysis.meaning.header import read_header
from shoal.analysis.meaning.values import held_as
from shoal.analysis.profile.distribution import with_moments
from shoal.analysis.profile.findings import SAME
from shoal.engine.made import Days, days_of, made_sample, schema_with
from shoal.findings import finding
from shoal.sentences import say
from shoal.stats.distribution import numbers
from shoal.stats.end_of_most import ends_of_most
from shoal.text.headers import words
from shoal.types import (
    Column,
    Direction,
    Finding,
    Floats,
    Held,
    Ints,
    MadeColumn,
    Meaning,
    Role,
    Sample,
)

PAST = ("last", "start")  # dates that lie before the analysis
TIMED = (*PAST, "end", "birth")
CLOCK = {"epoch", "unix", "ts", "timestamp", "ms", "utc", "serial", "excel", "unixtime"}
_Kind = Literal["days since", "days until", "years since", "years until"]


def days_of_dates(
    columns: Sequence[Column], sample: Sample, day: str | None
) -> tuple[MadeColumn, ...]:
    """For each date of a last purchase or of a beginning, the days from it to the stated day; for
    an end the days until it, for a birth the years since.

    Where no day is stated, it is the latest of the dates that lie in the past, but for a few that
    lie years after all others. Dates may be held as numbers.
    """
    held = {c.name: how for c in columns if (how := _held(c))}
    dates = [c for c in columns if c.name in held]
    stated = day or _latest([c for c in dates if c.aspect in PAST], held, sample)
    if not stated:
        return ()
    taken, made = [c.name for c in columns], []
    for column in dates:
        how = held[column.name]
        kind = _kind(column, how)
        name = _free(column, kind, taken)
        made.append(MadeColumn(name, kind, (column.name,), stated, how))
        taken.append(name)
    return tuple(made)


def _held(column: Column) -> Held | None:
    """How a column holds dates from which time is counted; None where it does not."""
    if column.aspect not in TIMED:
        return None
    dated = column.kind == "date" or column.meaning == "date" or column.aspect == "birth"
    return held_as(column) if dated else None


def _kind(column: Column, held: Held) -> _Kind:
    in_years = held == "years" or column.aspect == "birth"
    if column.aspect == "end":
        return "years until" if in_years else "days until"
    return "years since" if in_years else "days since"


def new_days(
    days: Sequence[MadeColumn], sample: Sample, columns: Sequence[Column]
) -> tuple[MadeColumn, ...]:
    """Those that no column of the table says already: a customer's recency beside the last date."""
    told = [c.name for c in columns if c.kind == "number" and _tells_time(c)]
    if not told or not days:
        return tuple(days)
    rows = made_sample(sample.rows, days)
    known = [numbers(rows[name]) for name in told]
    return tuple(d for d in days if not any(_goes_along(numbers(rows[d.name]), x) for x in known))


def _tells_time(column: Column) -> bool:
    """Whether its numbers may say how long ago something was: recency, tenure, an age."""
    return column.meaning in ("recency", "tenure") or (
        column.meaning == "who" and column.aspect != "birth"
    )


def _goes_along(x: Floats, y: Floats) -> bool:
    """Whether two columns are the same but for their unit and where they begin."""
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 2 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return False
    return bool(np.corrcoef(x[both], y[both])[0, 1] >= SAME)


def _latest(dates: Sequence[Column], held: dict[str, Held], sample: Sample) -> str:
    """The latest day of all these columns, "" where there is none; that of a year is its last."""
    in_days = [c for c in dates if held[c.name] != "years"]
    seen = [_days_seen(c, held[c.name], sample) for c in in_days or dates]
    days = np.concatenate([np.empty(0, dtype="M8[D]"), *seen])
    known = days[~np.isnat(days)]
    if not len(known):
        return ""
    last = np.datetime64(ends_of_most(*_counted(known))[1], "D")
    if not in_days:
        last = (last.astype("M8[Y]") + 1).astype("M8[D]") - 1
    return str(last)


def _counted(days: Days) -> tuple[Ints, Ints]:
    values, counts = np.unique(days.astype(np.int64), return_counts=True)
    return values, counts


def _days_seen(column: Column, held: Held, sample: Sample) -> Days:
    """The days of the sample, and the latest of all rows where they are more."""
    own = days_of(sample.rows[column.name], held)
    return own if sample.whole else np.append(own, _latest_of_all(column, held))


def _latest_of_all(column: Column, held: Held) -> Days:
    if isinstance(column.max, str):
        return days_of(_typed(column.max), "dates")
    return days_of(pa.array([column.max], pa.float64()), held)


def _typed(date: str) -> pa.Array:
    """A date as Arrow has it; none where it lies beyond the calendar."""
    try:
        return pa.array([datetime.date.fromisoformat(date[:10])], pa.date32())
    except ValueError:
        return pa.nulls(1, pa.date32())


def _free(column: Column, kind: _Kind, taken: Sequence[str]) -> str:
    """The name of the time since or until a date: its header without the words for a date."""
    kept = [w for w in words(column.name) if not _only_dates(w) or len(w) < 2]
    if column.aspect == "birth":
        name = "age"
    elif column.aspect == "start" and read_header(" ".join(kept)).only("person"):
        name = f"{kind.split()[0]} as customer"  # Dt_Customer
    else:
        name = f"{kind} " + (" ".join(kept) or column.name)
    while name in taken:
        name = f"{name} made"
    return name


def _only_dates(word: str) -> bool:
    """Whether a word of a header says that it holds dates, and nothing on which."""
    return word in CLOCK or read_header(word).only("date", "unit_of_time")


def without_births(columns: Sequence[Column], made: Sequence[MadeColumn]) -> tuple[Column, ...]:
    """The columns; years of birth leave the describing to the ages that were made of them."""
    told = {each.columns[0] for each in made}
    return tuple(
        replace(c, role="date", reason=say("role-date-as-number"))
        if c.name in told and c.role == "describe"
        else c
        for c in columns
    )


def findings_of_time(columns: Sequence[Column], *, stated: bool) -> Iterator[Finding]:
    """From which day time was counted, and as what dates were read that are held as numbers."""
    made = [c.made for c in columns if c.made is not None and c.made.day]
    if made:
        shown = tuple((each.name, each.columns[0], each.held) for each in made)
        yield finding("time-counted", day=made[0].day, made=shown, stated=stated)


def made_columns(
    made: Sequence[MadeColumn], sample: Sample, columns: Sequence[Column]
) -> tuple[tuple[Column, ...], Sample]:
    """The facts of the made columns, and the sample with them.

    They are facts of the sample: exact where it is the whole table.
    """
    if not made:
        return (), sample
    rows = made_sample(sample.rows, made)
    schema = schema_with(pa.schema([]), made)
    known = {c.name: c for c in columns}
    found = tuple(
        _column(each, rows, sample, str(schema.field(each.name).type), known[each.columns[0]])
        for each in made
    )
    return found, replace(sample, rows=rows)


def _column(made: MadeColumn, rows: pa.Table, sample: Sample, kind: str, first: Column) -> Column:
    every = numbers(rows[made.name])
    x = every[np.isfinite(every)]
    said = _total(made) if made.kind == "total" else _days(made, first)
    times = sample.total / max(len(every), 1)  # customers that each of the sample stands for
    facts = replace(
        said,
        name=made.name,
        label=made.name,
        type=kind,
        rows=sample.total,
        missing=round((len(every) - len(x)) * times),
        distinct=len(np.unique(x)),
        distinct_exact=sample.whole,
        zeros=round(int((x == 0).sum()) * times),
        negatives=round(int((x < 0).sum()) * times),
        made=made,
    )
    if not len(x):
        return replace(facts, kind="empty", role="ignore", reason=say("role-empty"))
    return with_moments(facts, x, times)


def _blank(role: Role, reason: object, **more: object) -> Column:
    fields = {"name": "", "type": "", "kind": "number", "rows": 0, "missing": 0, "distinct": 0}
    return Column(**fields, role=role, reason=reason, **more)  # type: ignore[arg-type]


def _total(made: MadeColumn) -> Column:
    """A made total is the value, and forms no segments: its parts do."""
    return _blank(
        "value",
        say("role-money-made", parts=made.columns),
        meaning="money_in",
        aspect="total",
        direction="good",
        confidence="likely",
        meaning_reason=say("meaning-total", parts=made.columns),
    )


def _days(made: MadeColumn, date: Column) -> Column:
    """Time since a last purchase forms segments, since it is behaviour; other time describes."""
    last = date.aspect == "last"
    meaning, direction = _BECOMES[date.aspect]
    return _blank(
        "basis" if last else "describe",
        say("role-days", column=date.name, day=made.day),
        meaning=meaning,
        aspect=_ASPECTS.get(date.aspect, ""),
        direction=direction,
        confidence=date.confidence,
        meaning_reason=say("meaning-days", column=date.name, day=made.day, kind=made.kind),
    )


_ASPECTS = {"end": "time until", "birth": "age"}
_BECOMES: dict[str, tuple[Meaning, Direction]] = {
    "last": ("recency", "bad"),
    "start": ("tenure", "none"),
    "end": ("other", "none"),
    "birth": ("who", "none"),
}
