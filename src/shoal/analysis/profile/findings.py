"""What a person should know about the table before believing anything made from it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from shoal.findings import finding
from shoal.stats.distribution import log_offset, lonely
from shoal.text.headers import tokens
from shoal.types import Column, Finding, Floats, Profile, Sample, Severity

SAME = 0.995  # rank correlation from which a column doubles another …
CLOSE = 0.9  # … and goes together closely with it
NEARLY_EMPTY = 0.6  # share of missing values
OFTEN = 0.01  # share of customers that a sentinel stands for at least
SENTINELS = (
    *(-1.0, -9.0, -99.0, -999.0, -9999.0, 999.0, 9999.0, 99999.0, 999999.0),
    *(777.0, 888.0, 7777.0, 8888.0, -777.0, -888.0, -7777.0, -8888.0),  # of surveys: refused, …
)
LARGEST = 1000.0  # numbers beyond this may stand for something else whatever they are
FAR_SHOWN = 3  # far-out values that are named
PASTED = 0.4  # share of repeated rows from which a table looks pasted several times
MISCOUNTED = 0.05  # share of rows by which a number of distinct values that is estimated may be off
# Numbers from which on not every whole one is there: ids that differed may be the same.
EXACT = {"double": 2.0**53, "float": 2.0**24, "halffloat": 2.0**11}
ORDERS = 0.7  # distinct ids for each row, below which rows look like orders
OLDEST = 120
FIRST_YEAR, FIRST_BIRTH = 1000, 1910  # what lies between is no birth year of a living customer

_AGE = {"age", "edad", "alter", "idade"}
_COUNTED = {  # of what is counted there is never less than nothing; returns make quantities so
    *_AGE,
    "orders",
    "frequency",
    "visits",
    "recency",
    "count",
    "tenure",
    "children",
    "kids",
}
_TURNED = {  # header words of what was made of counts, and may well be negative
    *("z", "zscore", "log", "ln", "log10", "log2", "log1p", "std", "scaled", "norm", "normalized"),
    *("standardized", "standardised", "normalised", "centered", "centred", "residual", "score"),
    *("change", "diff", "difference", "delta", "growth", "trend", "net", "vs", "gap", "rank"),
}
LOGGED = 20.0  # no logarithm and no z-score of a count reaches it
FEW_NEGATIVE = 0.2  # share beyond which negatives are no mistakes


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
    """(left out, kept, Spearman) for columns of the basis that say the same as one before them.

    The value stays, wherever it stands.
    """
    value = {c.name for c in columns if c.role == "value"}
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
                out, kept = (earlier, later) if later in value else (later, earlier)
                found.append((out, kept, float(correlations[i, j])))
                gone.add(out)
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
        told: dict[str, Any] = {"missing": c.missing, "rows": rows, "forms": forms}
        told |= {"is_id": True} if c.role == "id" else {}
        yield finding("gaps", c.name, severity=severity, **told)
    if c.reason.code in ("role-counts-rows", "role-numbers-rows"):
        yield finding("row-number", c.name)
    if c.reason.code == "role-earlier-result":
        yield finding("already-segmented", c.name, distinct=c.distinct)
    if c.never is not None:
        share = c.never_share
        yield finding("sentinel", c.name, value=c.never, share=share, gap=True)
    if c.infinite:
        yield finding("infinite", c.name, infinite=c.infinite)
    if c.kind == "number" and c.quantiles is not None:
        yield from _impossible(c)


def _impossible(c: Column) -> Iterator[Finding]:
    words = set(tokens(c.name))
    low = c.min if isinstance(c.min, float) else 0.0
    high = c.max if isinstance(c.max, float) else 0.0
    if c.negatives and words & _COUNTED and not words & _TURNED and _counts(c, high):
        yield finding("impossible", c.name, kind="negative", value=low, rows=c.negatives)
    if words & _AGE and high > OLDEST:
        yield finding("impossible", c.name, kind="age", value=high)
    if "birth" in words and FIRST_YEAR < low < FIRST_BIRTH:
        yield finding("impossible", c.name, kind="birth", value=low)


def _counts(c: Column, high: float) -> bool:
    """Whether its values look like counts or spans of time, and not like what is made of them."""
    known = max(c.rows - c.missing - c.infinite, 1)
    return c.negatives <= FEW_NEGATIVE * known and (c.whole or high > LOGGED)


def value_findings(c: Column, values: Floats) -> Iterator[Finding]:
    """Findings about the sample's finite values (m,) of a number that forms segments."""
    if not len(values):
        return
    median, known = float(np.median(values)), c.rows - c.missing - c.infinite
    seen = _with_ends(c, values)
    if log_offset(values) is not None:
        zeros = c.zeros / max(known, 1)
        yield finding("heavy-tail", c.name, median=median, highest=float(seen.max()), zeros=zeros)
    for side, beyond, others in lonely(seen):
        yield finding(
            "far-out",
            c.name,
            values=tuple(map(float, beyond[:FAR_SHOWN])),
            others=others,
            all_seen=len(values) >= known,
            side=side,
        )
    yield from _sentinels(c, values)


def _with_ends(c: Column, values: Floats) -> Floats:
    """The sample's values with the lowest and the highest of all rows, which need not be in it."""
    ends = [x for x in (c.min, c.max) if isinstance(x, float) and np.isfinite(x)]
    return np.append(values, [x for x in ends if x < values.min() or x > values.max()])


def _sentinels(c: Column, values: Floats) -> Iterator[Finding]:
    for mark, share in marks_of_never(values):
        yield finding("sentinel", c.name, value=mark, share=share, gap=False)


def marks_of_never(values: Floats, more: Sequence[float] = ()) -> Iterator[tuple[float, float]]:
    """-1, -999, 9999 and their like, or one end of the values: far from the rest, and often.

    Each comes with its share of the values (m,).
    """
    if not len(values):
        return
    ends = [end for end in map(float, (values.min(), values.max())) if abs(end) > LARGEST]
    for mark in dict.fromkeys((*SENTINELS, *more, *ends)):
        share, others = float((values == mark).mean()), values[values != mark]
        once = len(values) - len(others) < 2
        if once or share < OFTEN or not len(others):
            continue
        apart = others.min() >= 0 if mark < 0 else others.max() < mark / 3
        if apart:
            yield mark, share


def correlated(
    names: Sequence[str], correlations: Floats, basis: Sequence[str]
) -> Iterator[Finding]:
    """Bundles of basis columns that go together closely: each says nearly what the others do."""
    found: list[set[str]] = []
    closest: dict[frozenset[str], float] = {}
    for j, column in enumerate(names):
        for i, other in enumerate(names[:j]):
            r, pair = float(correlations[i, j]), {column, other}
            if pair <= set(basis) and CLOSE <= abs(r) < SAME:
                closest[frozenset(pair)] = r
                met = [bundle for bundle in found if bundle & pair]
                found = [bundle for bundle in found if not bundle & pair] + [pair.union(*met)]
    for bundle in found:
        first, *others = (name for name in names if name in bundle)
        inside = [r for pair, r in closest.items() if pair <= bundle]
        yield finding("strongly-correlated", first, others=tuple(others), r=tuple(inside))


def bundles(profile: Profile) -> tuple[tuple[str, ...], ...]:
    """The basis columns that go together closely, each with all that it goes together with."""
    found = [f for f in profile.findings if f.code == "strongly-correlated"]
    names = ({str(f.column), *f.values["others"]} for f in found)
    kept = [tuple(name for name in profile.basis if name in bundle) for bundle in names]
    return tuple(bundle for bundle in kept if len(bundle) > 1)


def row_findings(sample: Sample, repeated: int, columns: Sequence[Column]) -> Iterator[Finding]:
    """Repeated ids, and rows of the sample that are repeated.

    Those of one customer are sampled together, so that no share of all rows is told from them.
    """
    rows = sample.total
    if repeated:
        seen = len(sample.index)
        told: dict[str, Any] = {
            "duplicates": repeated,
            "rows": seen,
            "sampled": not sample.whole,
        }
        yield finding("duplicate-rows", None, pasted=repeated >= PASTED * seen, **told)
    id_column = next((c for c in columns if c.role == "id"), None)
    if id_column is None:
        return
    if isinstance(id_column.max, float) and id_column.max >= EXACT.get(id_column.type, np.inf):
        yield finding("id-rounded", id_column.name)
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
