"""Facts of columns that are made of others: a total of parts, days from a date to a stated day."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from shoal.analysis.meaning.header import read_header
from shoal.analysis.profile.distribution import with_distribution
from shoal.analysis.profile.findings import SAME
from shoal.engine.made import made_sample, schema_with
from shoal.sentences import say
from shoal.stats.distribution import numbers
from shoal.text.headers import words
from shoal.types import (
    Column,
    Direction,
    Floats,
    MadeColumn,
    Meaning,
    Role,
    Sample,
)

LATEST = datetime.date(2100, 1, 1)  # dates from here on stand for something else


def days_of_dates(columns: Sequence[Column], day: str | None) -> tuple[MadeColumn, ...]:
    """For each date of a last purchase or of a beginning, the days from it to the stated day.

    Where no day is stated, it is the latest of these dates.
    """
    dates = [c for c in columns if c.kind == "date" and c.aspect in ("last", "start")]
    ends = [c for c in columns if c.kind == "date" and c.aspect == "end"]
    stated = day or _latest(dates)
    if not stated:
        return ()
    taken = [c.name for c in columns]
    since = [MadeColumn(_free("since", c, taken), "days since", (c.name,), stated) for c in dates]
    until = [MadeColumn(_free("until", c, taken), "days until", (c.name,), stated) for c in ends]
    return (*since, *until)


def new_days(
    days: Sequence[MadeColumn], sample: Sample, columns: Sequence[Column]
) -> tuple[MadeColumn, ...]:
    """Those that no column of the table says already: a customer's recency beside the last date."""
    told = [c.name for c in columns if c.kind == "number" and c.meaning in ("recency", "tenure")]
    if not told or not days:
        return tuple(days)
    rows = made_sample(sample.rows, days)
    known = [numbers(rows[name]) for name in told]
    return tuple(d for d in days if not any(_goes_along(numbers(rows[d.name]), x) for x in known))


def _goes_along(x: Floats, y: Floats) -> bool:
    """Whether two columns are the same but for their unit and where they begin."""
    both = np.isfinite(x) & np.isfinite(y)
    if both.sum() < 2 or np.ptp(x[both]) == 0 or np.ptp(y[both]) == 0:
        return False
    return bool(np.corrcoef(x[both], y[both])[0, 1] >= SAME)


def _latest(dates: Sequence[Column]) -> str:
    """The latest day of all these columns; "" where there is none."""
    ends = [str(c.max)[:10] for c in dates if c.max is not None]
    possible = [end for end in ends if end < LATEST.isoformat()]
    return max(possible, default="")


def _free(which: str, column: Column, taken: Sequence[str]) -> str:
    """The name of days since or until a date: its header without the words for a date."""
    kept = [w for w in words(column.name) if not read_header(w).only("date") or len(w) < 2]
    if column.aspect == "start" and read_header(" ".join(kept)).only("person"):
        name = "days as customer"  # Dt_Customer
    else:
        name = f"days {which} " + (" ".join(kept) or column.name)
    return name if name not in taken else f"{name} made"


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
    return _with_moments(facts, x, times)


def _with_moments(column: Column, x: Floats, times: float) -> Column:
    moments = replace(
        column,
        min=float(x.min()),
        max=float(x.max()),
        mean=float(x.mean()),
        std=float(x.std()),
        sum=float(x.sum() * times),
    )
    return with_distribution(moments, x, column.distinct)


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
    """Days since a last purchase form segments, since they are behaviour; other days describe."""
    last = date.aspect == "last"
    meaning, direction = _BECOMES[date.aspect]
    return _blank(
        "basis" if last else "describe",
        say("role-days", column=date.name, day=made.day),
        meaning=meaning,
        aspect="time until" if date.aspect == "end" else "",
        direction=direction,
        confidence=date.confidence,
        meaning_reason=say("meaning-days", column=date.name, day=made.day, kind=made.kind),
    )


_BECOMES: dict[str, tuple[Meaning, Direction]] = {
    "last": ("recency", "bad"),
    "start": ("tenure", "none"),
    "end": ("other", "none"),
}
