"""Table → Profile and Sample: the data analysis, in one pass over the rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.meaning import guess_id, with_meanings
from shoal.analysis.meaning.outcomes import the_outcome, with_events
from shoal.analysis.meaning.parts import find_value
from shoal.analysis.meaning.persons import withheld
from shoal.analysis.meaning.stated import checked, stated, with_units
from shoal.analysis.profile import findings as found
from shoal.analysis.profile.distribution import with_distribution
from shoal.analysis.profile.made import (
    days_of_dates,
    findings_of_time,
    made_columns,
    new_days,
    without_births,
)
from shoal.analysis.profile.never import without_never
from shoal.analysis.profile.nouns import guess_noun
from shoal.analysis.profile.roles import guess_roles, set_roles, with_value
from shoal.analysis.profile.sample import SampleAccumulator
from shoal.analysis.profile.statistics import ColumnFacts, Tally
from shoal.engine.table import Table, run
from shoal.errors import InputError
from shoal.findings import finding
from shoal.options import Meanings, RoleOverrides
from shoal.sentences import say
from shoal.stats.distribution import finite, flag_words, numbers
from shoal.stats.hashing import hash_rows
from shoal.text.nouns import noun_of, speaking_of
from shoal.text.persons import headed
from shoal.types import (
    Column,
    Finding,
    Floats,
    Kind,
    Profile,
    Sample,
    Statement,
)

_MANY_WORDS = 50  # a text column of more different words than this is free text, not a category


def describe(
    table: Table,
    overrides: RoleOverrides | None = None,
    meanings: Meanings | None = None,
    *,
    noun: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> tuple[Profile, Sample]:
    """The facts of every column, what it stands for, its role (guessed, or as set), the findings,
    and the sample, from one reading of the table.

    Moments, ranges and counts are over all rows; quantiles, skew, histograms and correlations over
    the sample. `noun` is what a row is called, where a person said it. Raises InputError when the
    table has no rows or no columns, OptionError for overrides that do not fit it.
    """
    overrides, meanings = overrides or RoleOverrides(), meanings or Meanings()
    names = table.schema.names
    checked(meanings, names)
    key = overrides.id or guess_id(names)
    facts = ColumnFacts(table.schema, names)
    sampled = SampleAccumulator([key] if key else names, repeats=key is None)
    rows = run(table, facts, sampled, progress=progress)
    if rows == 0 or not names:
        raise InputError(_nothing_there(table))
    sample = sampled.sample()
    columns = tuple(
        _column(name, facts.tallies[name], sample, table.schema.field(name).type) for name in names
    )
    understood = with_units(with_meanings(columns, sample, key), table.findings)
    known = with_events(stated(understood, meanings), meanings)
    known, sample = without_never(known, sample)
    with speaking_of(noun_of(noun or "") or guess_noun(key, (), ())):
        guessed = guess_roles(known, key)
    profile, sample = _profile(table, rows, guessed, sample, overrides, meanings, noun)
    return replace(profile, columns=withheld(profile.columns)), sample


def _nothing_there(table: Table) -> str:
    names = table.schema.names
    what = "holds no table"
    if names:
        what = f"has columns ({headed(names)}) but no rows"
    return (
        f"{table.name} {what}. "
        "At least two customers, one a row below a row of column names, are needed."
    )


def _profile(
    table: Table,
    rows: int,
    guessed: tuple[Column, ...],
    sample: Sample,
    overrides: RoleOverrides,
    meanings: Meanings,
    noun: str | None,
) -> tuple[Profile, Sample]:
    make_total = meanings.totals and overrides.value is None
    guessed, sample = _with_made(guessed, sample, meanings, make_total)
    measured, correlations = _correlations(guessed, sample)
    notes = [*table.findings, *findings_of_time(guessed, stated=meanings.day is not None)]
    for later, earlier, r in found.doubles(guessed, measured, correlations):
        guessed = _left_out(guessed, later, say("role-doubles", earlier=earlier, r=r))
        if later not in overrides.by:
            notes.append(finding("doubles", later, earlier=earlier, r=r))
    columns, basis = set_roles(guessed, overrides)
    called = noun_of(noun or "") or guess_noun(_id_of(columns), columns, basis)
    repeated = _repeated_rows(sample)
    notes += found.against_advice(guessed, basis)
    with speaking_of(called):
        notes += _column_findings(columns, basis, rows, sample)
        notes += found.correlated(measured, correlations, basis)
        notes += found.row_findings(sample, repeated, columns)
    notes += found.unknown_meanings(columns, basis)
    profile = Profile(
        name=table.name,
        read_as=table.read_as,
        rows=rows,
        columns=columns,
        findings=tuple(dict.fromkeys(notes)),
        sample_size=len(sample.index),
        duplicate_rows=_of_all(sample, repeated),
        correlation_columns=tuple(measured),
        correlations=tuple(map(tuple, correlations.tolist())),
        basis=basis,
        noun=called,
        outcome=the_outcome(columns, meanings.outcome),
        analysis_date=next((c.made.day for c in columns if c.made and c.made.day), ""),
    )
    return profile, sample


def _with_made(
    columns: tuple[Column, ...], sample: Sample, meanings: Meanings, make_total: bool
) -> tuple[tuple[Column, ...], Sample]:
    """The columns and the sample with days of dates, and with the total that is the value."""
    days = new_days(days_of_dates(columns, sample, meanings.day), sample, columns)
    of_dates, sample = made_columns(days, sample, columns)
    columns = without_births(columns, days)
    money = find_value((*columns, *of_dates), sample, make=make_total)
    known = with_value(money.columns, None if money.made else money.value)
    total, sample = made_columns((money.made,) if money.made else (), sample, known)
    return stated((*known, *total), meanings, roles=True), sample


def _id_of(columns: tuple[Column, ...]) -> str | None:
    return next((c.name for c in columns if c.role == "id"), None)


def _column_findings(
    columns: tuple[Column, ...], basis: tuple[str, ...], rows: int, sample: Sample
) -> Iterator[Finding]:
    for column in columns:
        forms = column.name in basis
        yield from found.column_findings(column, rows, forms)
        if forms and column.kind == "number":
            yield from found.value_findings(column, finite(sample.rows[column.name]))


def _correlations(columns: tuple[Column, ...], sample: Sample) -> tuple[list[str], Floats]:
    """The columns that measure something, and their rank correlations (d, d) over the sample."""
    roles = ("basis", "value", "describe")
    names = [c.name for c in columns if c.kind == "number" and c.role in roles]
    if len(names) < 2:
        return names, np.eye(len(names))
    return names, found.spearman(np.column_stack([numbers(sample.rows[n]) for n in names]))


def _left_out(columns: tuple[Column, ...], name: str, reason: Statement) -> tuple[Column, ...]:
    return tuple(replace(c, role="ignore", reason=reason) if c.name == name else c for c in columns)


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
    """What is known of a column before it has a role."""
    distinct, exact = tally.distinct.estimate()
    if not exact and sample.whole:
        distinct, exact = int(pc.count_distinct(sample.rows[name], mode="only_valid").as_py()), True
    top: tuple[tuple[str, int], ...] = ()
    if not tally.numeric and not pa.types.is_temporal(kind):
        top = _top(sample.rows[name])
    column = Column(
        name=name,
        type=str(kind),
        kind=_kind(tally, kind, [w for w, _ in top] if distinct <= len(top) else []),
        role="ignore",
        reason=say("role-unknown"),
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
        return column
    moments = replace(
        column,
        mean=tally.mean,
        std=float(np.sqrt(tally.squares / tally.count)),
        sum=tally.sum,
    )
    return with_distribution(moments, finite(sample.rows[name]), distinct)


def _plain(value: object) -> float | str | None:
    return value if value is None or isinstance(value, (float, str)) else str(value)


def _top(column: pa.ChunkedArray) -> tuple[tuple[str, int], ...]:
    """The most frequent words with their counts, the most frequent first."""
    counted = pc.value_counts(column.drop_null())
    words, counts = (counted.field(name).to_pylist() for name in ("values", "counts"))
    pairs = sorted(zip(words, counts, strict=True), key=lambda pair: (-pair[1], pair[0]))
    return tuple(pairs[:_MANY_WORDS])


def _of_all(sample: Sample, rows: int) -> int:
    """How many rows of the table as many of the sample stand for."""
    return round(rows * sample.total / len(sample.index))


def _repeated_rows(sample: Sample) -> int:
    """Rows of the sample that repeat another one of it exactly."""
    batches = sample.rows.combine_chunks().to_batches()
    hashes = np.concatenate([hash_rows(b, sample.rows.schema.names) for b in batches])
    return len(hashes) - len(np.unique(hashes))
