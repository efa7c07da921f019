"""What a person should know about the table before believing anything made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from shoal.text.headers import tokens
from shoal.types import Column, Finding, Floats

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


def _figure(x: float) -> str:
    """A number for people: whole thousands, else four digits."""
    return f"{x:,.0f}" if abs(x) >= 1000 or x == round(x) else f"{x:,.4g}"


def doubles(
    columns: Sequence[Column], names: Sequence[str], correlations: Floats
) -> list[tuple[str, str, float]]:
    """(later, earlier, Spearman) for columns of the basis that say the same as one before them."""
    able = {c.name for c in columns if c.role in ("basis", "value")}
    found: list[tuple[str, str, float]] = []
    gone: set[str] = set()
    for j, later in enumerate(names):
        for i, earlier in enumerate(names[:j]):
            if (
                later in able
                and earlier in able
                and not {earlier, later} & gone
                and abs(correlations[i, j]) >= 0.995
            ):
                found.append((later, earlier, float(correlations[i, j])))
                gone.add(later)
    return found


def column_findings(c: Column, rows: int, forms: bool) -> Iterator[Finding]:
    """Findings about one column, after its role is known; `forms`: segments are formed on it."""
    if c.role == "id":
        yield Finding(
            "id-column",
            "info",
            f'"{c.name}" is taken as the customer id ({c.role_reason}); it never forms segments.',
            c.name,
        )
    if c.distinct <= 1 and c.missing < rows:
        yield Finding(
            "constant", "info", f'"{c.name}" has the same value everywhere; it is left out.', c.name
        )
    elif c.missing > 0.6 * rows:
        yield Finding(
            "nearly-empty",
            "warning",
            f'"{c.name}" is missing for {c.missing:,} of {rows:,} rows; it is left out.',
            c.name,
        )
    elif c.missing and c.role != "ignore":
        done = "the gaps are filled and counted" if forms else "those are left out of its shares"
        yield Finding(
            "gaps",
            "warning" if forms else "info",
            f'"{c.name}" is missing for {c.missing:,} of {rows:,} rows; {done}.',
            c.name,
        )
    if c.role_reason.startswith(("it counts the rows", "it numbers the rows")):
        yield Finding(
            "row-number",
            "info",
            f'"{c.name}" counts the rows one by one; it never forms segments.',
            c.name,
        )
    if "earlier segmentation" in c.role_reason:
        text = f'"{c.name}" looks like the result of an earlier segmentation ({c.distinct} values); it is left out. To use it: --describe "{c.name}".'
        yield Finding("already-segmented", "warning", text, c.name)
    if c.infinite:
        yield Finding(
            "infinite",
            "warning",
            f'"{c.name}" holds {c.infinite:,} infinite values; they are treated as gaps.',
            c.name,
        )
    yield from _odd_values(c)


def _odd_values(c: Column) -> Iterator[Finding]:
    words = set(tokens(c.name))
    if c.kind != "number" or c.quantiles is None:
        return
    if c.negatives and words & _COUNTED:
        text = f'"{c.name}" is negative on {c.negatives:,} rows (lowest {c.min:,g}), which cannot be; the values are kept as they are. Correct them at the source.'
        yield Finding("impossible", "warning", text, c.name)
    if words & _AGE and isinstance(c.max, float) and c.max > 120:
        yield Finding(
            "impossible",
            "warning",
            f'"{c.name}" reaches {c.max:,g}, which is no age; the values are kept as they are.',
            c.name,
        )
    if "birth" in words and isinstance(c.min, float) and 1000 < c.min < 1910:
        yield Finding(
            "impossible",
            "warning",
            f'"{c.name}" goes back to {c.min:.0f}, which is no birth year of a living customer; kept as it is.',
            c.name,
        )


def tails(c: Column, values: Floats, heavy: bool) -> Iterator[Finding]:
    """Heavy tails and lonely values of a column that forms segments."""
    median, sampled = float(np.median(values)), len(values)
    if (
        isinstance(c.max, float) and np.isfinite(c.max) and c.max > values.max()
    ):  # the highest of all rows need not be in the sample
        values = np.append(values, c.max)
    top = float(values.max())
    if heavy:
        text = f'"{c.name}" has a heavy tail: half of customers are below {_figure(median)}, the highest has {_figure(top)}. Its logarithm is used unless --scale says otherwise.'
        yield Finding("heavy-tail", "info", text, c.name)
    lonely = _lonely(values, median)
    if len(lonely):
        shown = ", ".join(_figure(v) for v in lonely[::-1][:3])
        others = "nearly all others" if sampled < c.rows - c.missing - c.infinite else "all others"
        text = f'"{c.name}" reaches {shown} while {others} are at most {_figure(float(values[values < lonely[0]].max()))}: a typing error? Kept, but it cannot pull a segment towards it.'
        yield Finding("far-out", "warning", text, c.name)


def _lonely(values: Floats, median: float) -> Floats:
    """The highest values, at most one in a hundred, when they lie ten times as far out as the next below them."""
    ordered = np.sort(values)
    for at in range(len(ordered) - 1, len(ordered) - 2 - len(ordered) // 100, -1):
        below = ordered[at - 1] - median if at else 0.0
        if below > 0 and ordered[at] - median > 10 * below:
            return ordered[at:]
    return ordered[:0]


def sentinels(c: Column, values: Floats) -> Iterator[Finding]:
    """-1, -999, 9999 and their like: far from the rest, and often."""
    if not len(values):
        return
    for mark in (-1.0, -9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0, 999999.0):
        share = float((values == mark).mean())
        others = values[values != mark]
        lonely = len(others) and (others.min() >= 0 if mark < 0 else others.max() < mark / 3)
        if share >= 0.01 and lonely:
            text = f'"{c.name}" is {mark:g} for {share:.0%} of customers and never near it otherwise: it seems to stand for "never" or "unknown". It is kept as a number.'
            yield Finding("sentinel", "warning", text, c.name)


def correlated(
    names: Sequence[str], correlations: Floats, basis: Sequence[str]
) -> Iterator[Finding]:
    """Pairs of basis columns that go together closely: together they count almost double."""
    for j, b in enumerate(names):
        for i, a in enumerate(names[:j]):
            r = float(correlations[i, j])
            if a in basis and b in basis and 0.9 <= abs(r) < 0.995:
                text = f'"{a}" and "{b}" go together closely (Spearman {r:.2f}): together they weigh almost double. Consider leaving one out.'
                yield Finding("strongly-correlated", "info", text, b)


def row_findings(
    rows: int, duplicate_rows: int, id_column: Column | None, has_date: bool
) -> Iterator[Finding]:
    """Repeated rows and repeated ids."""
    if duplicate_rows:
        tail = " Was the table pasted several times?" if duplicate_rows >= 0.4 * rows else ""
        yield Finding(
            "duplicate-rows",
            "warning",
            f"{duplicate_rows:,} of {rows:,} rows repeat an earlier row exactly; all are kept and labelled.{tail}",
        )
    if id_column is not None:
        extra = rows - id_column.missing - id_column.distinct
        if extra > 0 and (id_column.distinct_exact or extra > 0.05 * rows):
            about = "" if id_column.distinct_exact else "about "
            text = f'"{id_column.name}" is no unique id: {about}{extra:,} of {rows:,} rows repeat an id. Every row is labelled as it stands.'
            yield Finding("duplicate-ids", "warning", text, id_column.name)
            if has_date and id_column.distinct < 0.7 * rows:
                text = f'"{id_column.name}" repeats and the table has dates: its rows look like orders, not customers. Sum them up to one row a customer: --orders.'
                yield Finding("looks-like-orders", "warning", text, id_column.name)


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
            text = f'"{column.name}" forms segments as you asked, although {column.role_reason}.'
            yield Finding("role-set", "warning", text, column.name)
