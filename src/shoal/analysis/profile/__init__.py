"""Table → Profile and Sample: the data analysis, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.profile import findings as found
from shoal.analysis.profile.roles import guess_id, guess_roles, set_roles
from shoal.analysis.profile.sample import SamplePass
from shoal.analysis.profile.statistics import FactsPass, Tally
from shoal.engine.table import Table, run
from shoal.errors import InputError
from shoal.options import RoleOverrides
from shoal.stats.distribution import finite, flag_words, log_offset, numbers, skewness
from shoal.types import QUANTILES, Column, Finding, Histogram, Kind, Profile, Sample

_MANY_WORDS = 50  # a text column of more different words than this is free text, not a category


def describe(
    table: Table,
    wishes: RoleOverrides | None = None,
    *,
    progress: Callable[[int], None] | None = None,
) -> tuple[Profile, Sample]:
    """The facts of every column, its role (guessed, or as wished), the findings, and the sample, from one reading of the table.

    Moments, ranges and counts are over all rows; quantiles, skew, histograms and correlations over the sample.
    Raises InputError when the table has no rows or no columns, OptionError for wishes that do not fit it.
    """
    wishes = wishes or RoleOverrides()
    names = table.schema.names
    key = wishes.id or guess_id(names)
    facts = FactsPass(table.schema, names)
    sampled = SamplePass([key] if key else names, repeats=key is None)
    rows = run(table, facts, sampled, progress=progress)
    if rows == 0 or not names:
        what = f"has columns ({', '.join(names[:6])}) but no rows" if names else "holds no table"
        raise InputError(
            f"{table.name} {what}. At least two customers, one a row below a row of column names, are needed."
        )
    sample = sampled.sample()
    columns = tuple(
        _column(name, facts.tallies[name], sample, table.schema.field(name).type) for name in names
    )
    columns = guess_roles(columns, key)
    return _profile(table, rows, columns, sample, wishes), sample


def _profile(
    table: Table, rows: int, guessed: tuple[Column, ...], sample: Sample, wishes: RoleOverrides
) -> Profile:
    measured = [
        c.name for c in guessed if c.kind == "number" and c.role in ("basis", "value", "describe")
    ]
    matrix = (
        np.column_stack([numbers(sample.rows[name]) for name in measured])
        if measured
        else np.zeros((0, 0))
    )
    correlations = found.spearman(matrix) if len(measured) > 1 else np.eye(len(measured))
    notes: list[Finding] = list(table.findings)
    for later, earlier, r in found.doubles(guessed, measured, correlations):
        reason = f'it says the same as "{earlier}" (Spearman {r:.3f})'
        guessed = tuple(
            replace(c, role="ignore", role_reason=reason) if c.name == later else c for c in guessed
        )
        if later not in wishes.by:
            text = f'"{later}" doubles "{earlier}" (Spearman {r:.3f}); it is left out. To use it: --by.'
            notes.append(Finding("doubles", "warning", text, later))
    columns, basis = set_roles(guessed, wishes)
    duplicates = _duplicate_rows(sample)
    notes += found.against_advice(guessed, basis)
    for column in columns:
        notes += found.column_findings(column, rows, column.name in basis)
        values = (
            finite(sample.rows[column.name])
            if column.kind == "number" and column.name in basis
            else ()
        )
        if len(values):
            notes += found.tails(
                column, np.asarray(values), log_offset(np.asarray(values)) is not None
            )
            notes += found.sentinels(column, np.asarray(values))
    notes += found.correlated(measured, correlations, basis)
    ids = next((c for c in columns if c.role == "id"), None)
    notes += found.row_findings(rows, duplicates, ids, any(c.role == "date" for c in columns))
    return Profile(
        name=table.name,
        read_as=table.read_as,
        rows=rows,
        columns=columns,
        findings=tuple(dict.fromkeys(notes)),
        sample_size=len(sample.index),
        duplicate_rows=duplicates,
        correlation_columns=tuple(measured),
        correlations=tuple(map(tuple, correlations.tolist())),
        basis=basis,
    )


def _kind(tally: Tally, kind: pa.DataType, words: list[str]) -> Kind:
    distinct, _ = tally.distinct.estimate()
    if tally.missing == tally.rows:
        return "empty"
    if pa.types.is_temporal(kind):
        return "date"
    if pa.types.is_boolean(kind):
        return "flag"
    if tally.numeric:
        return "flag" if distinct == 2 and tally.low == 0.0 and tally.high == 1.0 else "number"
    if flag_words(words):
        return "flag"
    few = distinct <= _MANY_WORDS and distinct <= max(2, 0.5 * (tally.rows - tally.missing))
    return "category" if few else "text"


def _column(name: str, tally: Tally, sample: Sample, kind: pa.DataType) -> Column:
    distinct, exact = tally.distinct.estimate()
    if not exact and sample.whole:
        distinct, exact = int(pc.count_distinct(sample.rows[name], mode="only_valid").as_py()), True
    top: tuple[tuple[str, int], ...] = ()
    if not tally.numeric and not pa.types.is_temporal(kind):
        top = _top(sample.rows[name])
    facts = Column(
        name=name,
        type=str(kind),
        kind=_kind(tally, kind, [w for w, _ in top] if distinct <= len(top) else []),
        role="ignore",
        role_reason="",
        rows=tally.rows,
        missing=tally.missing,
        distinct=min(distinct, tally.rows - tally.missing),
        distinct_exact=exact,
        infinite=tally.infinite,
        zeros=tally.zeros,
        negatives=tally.negatives,
        min=_plain(tally.low),
        max=_plain(tally.high),
        top=top,
    )
    if not tally.numeric or not tally.count:
        return facts
    x = finite(sample.rows[name])
    std = float(np.sqrt(tally.squares / tally.count))
    facts = replace(facts, mean=tally.mean, std=std, sum=tally.sum)
    if len(x) == 0:
        return facts
    counts, edges = np.histogram(x, bins=min(30, max(1, distinct)))
    return replace(
        facts,
        skew=skewness(x),
        quantiles=tuple(map(float, np.quantile(x, QUANTILES))),
        histogram=Histogram(tuple(map(float, edges)), tuple(map(int, counts))),
    )


def _plain(value: object) -> float | str | None:
    return value if value is None or isinstance(value, (float, str)) else str(value)


def _top(column: pa.ChunkedArray, most: int = _MANY_WORDS) -> tuple[tuple[str, int], ...]:
    counted = pc.value_counts(column.drop_null())
    pairs = sorted(
        zip(counted.field("values").to_pylist(), counted.field("counts").to_pylist(), strict=True),
        key=lambda p: (-p[1], p[0]),
    )
    return tuple(pairs[:most])


def _duplicate_rows(sample: Sample) -> int:
    """Rows of the sample that repeat another exactly; scaled up to the table when the sample is a part of it."""
    from shoal.stats.hashing import hash_rows

    batch = sample.rows.combine_chunks().to_batches()
    hashes = (
        np.concatenate([hash_rows(b, sample.rows.schema.names) for b in batch])
        if batch
        else np.zeros(0, dtype=np.uint64)
    )
    extra = len(hashes) - len(np.unique(hashes))
    return extra if sample.whole else round(extra * sample.total / max(len(hashes), 1))
