"""What a person should know about the table before believing anything made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shoal.findings import finding
from shoal.stats.distribution import log_offset
from shoal.text.headers import tokens
from shoal.types import Column, Finding, Floats, Severity

SAME = 0.995  # rank correlation from which a column doubles another …
CLOSE = 0.9  # … and goes together closely with it
NEARLY_EMPTY = 0.6  # share of missing values
OFTEN = 0.01  # share of customers that a sentinel stands for at least
SENTINELS = (-1.0, -9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0, 999999.0)
LARGEST = 1000.0  # numbers beyond this may stand for something else whatever they are
FAR_SHOWN = 3  # far-out values that are named
PASTED = 0.4  # share of repeated rows from which a table looks pasted several times
MISCOUNTED = 0.05  # share of rows by which a number of distinct values that is estimated may be off
ORDERS = 0.7  # distinct ids for each row, below which rows look like orders
OLDEST = 120
FIRST_YEAR, FIRST_BIRTH = 1000, 1910  # what lies between is no birth year of a living customer

_AGE = {"age", "edad", "alter", "idade"}
_COUNTED = {
    "age",
    "edad",
    "quantity",
    "orders",
    "frequency",
    "visits",
    "recency",
    "count",
    "tenure",
    "income",
    "score",
    "children",
    "kids",
}


def is_total(column: Column) -> bool:
    """Whether a column is the made sum of others, which form segments in its place."""
    return column.made is not None and column.made.kind == "total"


def unknown_meanings(columns: Sequence[Column], basis: Sequence[str]) -> Iterator[Finding]:
    """Columns that form segments although nobody knows what they stand for, said once."""
    unknown = tuple(c.name for c in columns if c.name in basis and c.meaning == "unknown")
    if unknown:
        yield finding("unknown-meaning", unknown[0], columns=unknown)


def doubles(
    columns: Sequence[Column], names: Sequence[str], correlations: Floats
) -> list[tuple[str, str, float]]:
    """(later, earlier, Spearman) for columns of the basis that say the same as one before them."""
    able = {c.name for c in columns if c.role in ("basis", "value") and not is_total(c)}
    found: list[tuple[str, str, float]] = []
    gone: set[str] = set()
    for j, later in enumerate(names):
        for i, earlier in enumerate(names[:j]):
            if (
                later in able
                and earlier in able
                and not {earlier, later} & gone
                and abs(correlations[i, j]) >= SAME
            ):
                found.append((later, earlier, float(correlations[i, j])))
                gone.add(later)
    return found


def column_findings(c: Column, rows: int, forms: bool) -> Iterator[Finding]:
    """Findings about one column, after its role is known; `forms`: segments are formed on it."""
    if c.role == "id":
        yield finding("id-column", c.name, why=c.role_reason)
    if c.distinct <= 1 and c.missing < rows:
        yield finding("constant", c.name)
    elif c.missing > NEARLY_EMPTY * rows:
        yield finding("nearly-empty", c.name, missing=c.missing, rows=rows)
    elif c.missing and c.role != "ignore":
        severity: Severity = "warning" if forms else "info"
        yield finding("gaps", c.name, severity=severity, missing=c.missing, rows=rows, forms=forms)
    if c.reason.code in ("role-counts-rows", "role-numbers-rows"):
        yield finding("row-number", c.name)
    if c.reason.code == "role-earlier-result":
        yield finding("already-segmented", c.name, distinct=c.distinct)
    if c.infinite:
        yield finding("infinite", c.name, infinite=c.infinite)
    if c.kind == "number" and c.quantiles is not None:
        yield from _impossible(c)


def _impossible(c: Column) -> Iterator[Finding]:
    words = set(tokens(c.name))
    low = c.min if isinstance(c.min, float) else 0.0
    high = c.max if isinstance(c.max, float) else 0.0
    if c.negatives and words & _COUNTED:
        yield finding("impossible", c.name, kind="negative", value=low, rows=c.negatives)
    if words & _AGE and high > OLDEST:
        yield finding("impossible", c.name, kind="age", value=high)
    if "birth" in words and FIRST_YEAR < low < FIRST_BIRTH:
        yield finding("impossible", c.name, kind="birth", value=low)


def value_findings(c: Column, values: Floats) -> Iterator[Finding]:
    """Findings about the sample's finite values (m,) of a number that forms segments."""
    if not len(values):
        return
    median, sampled = float(np.median(values)), len(values)
    seen = values
    if isinstance(c.max, float) and np.isfinite(c.max) and c.max > values.max():
        seen = np.append(values, c.max)  # the highest of all rows need not be in the sample
    if log_offset(values) is not None:
        yield finding("heavy-tail", c.name, median=median, highest=float(seen.max()))
    lonely = _lonely(seen, median)
    if len(lonely):
        yield finding(
            "far-out",
            c.name,
            values=tuple(map(float, lonely[::-1][:FAR_SHOWN])),
            below=float(seen[seen < lonely[0]].max()),
            all_seen=sampled >= c.rows - c.missing - c.infinite,
        )
    yield from _sentinels(c, values)


def _lonely(values: Floats, median: float) -> Floats:
    """The highest values, at most one in a hundred, when they lie ten times as far out as the next
    below them.
    """
    ordered = np.sort(values)
    for at in range(len(ordered) - 1, len(ordered) - 2 - len(ordered) // 100, -1):
        below = ordered[at - 1] - median if at else 0.0
        if below > 0 and ordered[at] - median > 10 * below:
            return ordered[at:]
    return ordered[:0]


def _sentinels(c: Column, values: Floats) -> Iterator[Finding]:
    """-1, -999, 9999 and their like, or one end of the values: far from the rest, and often."""
    ends = (float(values.min()), float(values.max()))
    for mark in dict.fromkeys((*SENTINELS, *(end for end in ends if abs(end) > LARGEST))):
        share = float((values == mark).mean())
        others = values[values != mark]
        if share < OFTEN or not len(others):
            continue
        apart = others.min() >= 0 if mark < 0 else others.max() < mark / 3
        if apart:
            yield finding("sentinel", c.name, value=mark, share=share)


def correlated(
    names: Sequence[str], correlations: Floats, basis: Sequence[str]
) -> Iterator[Finding]:
    """Pairs of basis columns that go together closely: together they count almost double."""
    for j, column in enumerate(names):
        for i, other in enumerate(names[:j]):
            r = float(correlations[i, j])
            if column in basis and other in basis and CLOSE <= abs(r) < SAME:
                yield finding("strongly-correlated", column, other=other, r=r)


def row_findings(rows: int, duplicate_rows: int, columns: Sequence[Column]) -> Iterator[Finding]:
    """Repeated rows and repeated ids."""
    if duplicate_rows:
        pasted = duplicate_rows >= PASTED * rows
        yield finding("duplicate-rows", duplicates=duplicate_rows, rows=rows, pasted=pasted)
    id_column = next((c for c in columns if c.role == "id"), None)
    if id_column is None:
        return
    has_date = any(c.role == "date" for c in columns)
    exact = id_column.distinct_exact
    repeats = rows - id_column.missing - id_column.distinct
    if repeats > 0 and (exact or repeats > MISCOUNTED * rows):
        yield finding("duplicate-ids", id_column.name, repeats=repeats, rows=rows, exact=exact)
        if has_date and id_column.distinct < ORDERS * rows:
            yield finding("looks-like-orders", id_column.name)


def spearman(matrix: Floats) -> Floats:
    """Rank correlations (d, d) of columns (n, d), gaps at the middle rank."""
    ranks = np.empty_like(matrix)
    for j in range(matrix.shape[1]):
        x = matrix[:, j]
        x = np.where(np.isfinite(x), x, np.nanmedian(np.where(np.isfinite(x), x, np.nan)))
        _, place, counts = np.unique(x, return_inverse=True, return_counts=True)
        ranks[:, j] = (np.cumsum(counts) - (counts - 1) / 2)[place]
    ranks -= ranks.mean(axis=0)
    norm = np.sqrt((ranks**2).sum(axis=0))
    norm[norm == 0] = 1.0
    return np.asarray((ranks / norm).T @ (ranks / norm))


def against_advice(guessed: Sequence[Column], basis: Sequence[str]) -> Iterator[Finding]:
    """Columns that were asked to form segments although their values speak against it."""
    for column in guessed:
        if column.name in basis and column.role in ("id", "ignore"):
            yield finding("role-set", column.name, why=column.role_reason)
