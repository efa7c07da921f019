"""Times such as 999 or -1 days that stand for "never" or "unknown": they are taken as gaps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from shoal.analysis.meaning.header import read_header
from shoal.analysis.profile.distribution import with_moments
from shoal.analysis.profile.findings import marks_of_never
from shoal.engine.gaps import rows_with_gaps
from shoal.stats.distribution import finite, numbers
from shoal.types import Column, Floats, Sample

TIMES = ("recency", "tenure", "since_trouble")
SPANS = ("time until", "time between")
Mark = tuple[float, float]
TWO_DIGITS = 99.0  # a stand-in of times, where it would be a plain number of other columns


def without_never(columns: Sequence[Column], sample: Sample) -> tuple[tuple[Column, ...], Sample]:
    """The columns and the sample, in which what stands for "never" in spans of time is a gap.

    Facts of such a column are facts of the sample: exact where it is the whole table.
    """
    never = {c.name: mark for c in columns if (mark := _never(c, sample)) is not None}
    if not never:
        return tuple(columns), sample
    rows = rows_with_gaps(sample.rows, {name: mark for name, (mark, _) in never.items()})
    known = replace(sample, rows=rows)
    found = (
        _seen_anew(c, numbers(rows[c.name]), never[c.name], sample) if c.name in never else c
        for c in columns
    )
    return tuple(found), known


def _never(column: Column, sample: Sample) -> Mark | None:
    """What stands for "never", where a column holds spans of time, and its share."""
    if column.kind != "number" or not _is_span(column):
        return None
    marks = marks_of_never(finite(sample.rows[column.name]), (TWO_DIGITS,))
    return next(marks, None)


def _is_span(column: Column) -> bool:
    """Whether it holds spans of time: by what it stands for, or by its header alone."""
    told = column.meaning in TIMES or column.aspect in SPANS
    return told or read_header(column.name).says("since", "until")


def _seen_anew(column: Column, every: Floats, never: Mark, sample: Sample) -> Column:
    x = every[np.isfinite(every)]
    times = sample.total / max(len(every), 1)  # customers that each of the sample stands for
    known = replace(
        column,
        never=never[0],
        never_share=never[1],
        missing=round((len(every) - len(x)) * times) - column.infinite,
        distinct=column.distinct - 1,
        zeros=round(int((x == 0).sum()) * times),
        negatives=round(int((x < 0).sum()) * times),
    )
    return with_moments(known, x, times)
