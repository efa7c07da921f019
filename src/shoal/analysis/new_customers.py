"""Customers that a model has not seen: their places, and what is odd about them."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

import numpy as np
import pyarrow as pa

from shoal.analysis.assign import (
    NO_VALUES,
    NOBODY,
    Kept,
    PlaceAccumulator,
    Places,
    check_columns,
    kept_labels,
    look_at,
    place,
    store_for_labels,
)
from shoal.analysis.features import known_numbers, unknown_words
from shoal.engine.made import with_made
from shoal.engine.progress import Progress, counting
from shoal.engine.table import Table, run
from shoal.errors import InputError, did_you_mean, no_such_column
from shoal.findings import finding
from shoal.text.options import option
from shoal.text.persons import nameless
from shoal.types import Feature, Finding, MadeColumn, Segmentation


def with_key(model: Segmentation, table: Table, id_column: str | None) -> Segmentation:
    """The model with the column that tells this table's customers apart, None where it has none.

    Raises OptionError when the table lacks a column that was asked for.
    """
    have = table.schema.names
    if id_column is not None and id_column not in have:
        raise no_such_column(option("id"), id_column, table.name, have)
    known = model.id_column if model.id_column in have else None
    return dataclasses.replace(model, id_column=id_column or known)


def with_made_columns(table: Table, model: Segmentation) -> Table:
    """A new table with the columns that the model has made of others.

    Raises InputError where these are not there, or are not what they were.
    """
    have = table.schema.names
    for made in model.made:
        lost = [name for name in made.columns if name not in have]
        if made.name not in have and lost:
            raise InputError(
                f'{table.name} lacks "{lost[0]}", of which "{made.name}" is made, which the model '
                f"needs. {did_you_mean(lost[0], have)} Rename the column, or segment this table "
                "anew."
            )
        kinds = [table.schema.field(name).type for name in made.columns if name in have]
        if made.name not in have and not all(_can_be_made_of(kind, made) for kind in kinds):
            wanted = "dates" if made.of_dates else "numbers"
            raise InputError(
                f'"{made.columns[0]}" of {table.name} was read as {kinds[0]}, but "{made.name}" is '
                f"made of {wanted}.",
                look_at(table),
            )
    return with_made(table, model.made)


def ready_for(table: Table, model: Segmentation) -> Table:
    """A new table with all columns that the model needs.

    Raises InputError where one of them is missing or not of its kind.
    """
    table = with_made_columns(table, model)
    check_columns(table, model)
    return table


def _can_be_made_of(kind: pa.DataType, made: MadeColumn) -> bool:
    if made.of_dates:
        return bool(pa.types.is_temporal(kind))
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind))


def place_all(
    table: Table, model: Segmentation, progress: Progress | None = None
) -> tuple[Kept | None, PlaceAccumulator, tuple[Finding, ...]]:
    """The labels of a new table's rows, their sums, and findings.

    Raises InputError when a needed column is missing or not of its kind.
    """
    table = ready_for(table, model)
    seen, store = _NewRows(model), store_for_labels(table)
    placing = PlaceAccumulator(model, {}, {}, store)
    counted = counting(progress, "placing", None)
    rows = run(table, placing, seen, columns=placing.columns, progress=counted)
    if rows == 0:
        raise InputError(f"{table.name} has no rows: there is nobody to place.")
    notes = [*table.findings, *_new_findings(seen, model, rows, table.name)]
    notes += _set_aside(placing.aside, rows)
    return kept_labels(table, model, store), placing, tuple(notes)


def place_rows(
    table: Table, model: Segmentation
) -> tuple[pa.RecordBatch, Places, tuple[Finding, ...]]:
    """The rows of a small table that is in memory, their places, and findings.

    Raises InputError as `place_all` does.
    """
    table = ready_for(table, model)
    batch = next(table.batches())
    seen, places = _NewRows(model), place(batch, model)
    seen.update(batch, 0)
    aside = int(np.count_nonzero(places.label == NOBODY))
    rows = batch.num_rows
    notes = (*_new_findings(seen, model, rows, table.name), *_set_aside(aside, rows))
    return batch, places, notes


def _set_aside(aside: int, rows: int) -> Iterator[Finding]:
    if aside:
        yield finding("set-aside", aside=aside, rows=rows, why=NO_VALUES, new_customers=True)


def _new_findings(seen: _NewRows, model: Segmentation, rows: int, name: str) -> Iterator[Finding]:
    """Missing values and unknown words among new rows.

    Raises InputError when a column speaks another language than the model.
    """
    for feature in model.recipe.features:
        words, missing = seen.words[feature.column], seen.missing[feature.column]
        most = {word: words[word] for word in nameless(words)}
        most = dict(sorted(most.items(), key=lambda counted: -counted[1])[:5])
        if words and sum(words.values()) == rows - missing:
            raise InputError(_in_another_language(feature, name, most))
        if words:
            cells = sum(words.values())
            yield finding("unknown-words", feature.column, words=most, cells=cells)
        if missing:
            average = feature.kind == "category"
            fill = "everybody's average" if average else f"{feature.fill}"
            yield finding("gaps", feature.column, missing=missing, rows=rows, taken_as=fill)


def _in_another_language(feature: Feature, name: str, words: dict[str, int]) -> str:
    shown = ", ".join(f'"{w}" ({n:,})' for w, n in words.items()) or "what may name persons"
    known = ", ".join(f'"{w}"' for w in feature.categories[:6])
    return (
        f'"{feature.column}" of {name} holds no word that the model knows, but {shown}. '
        f"Write them as the model does: {known}."
    )


class _NewRows:
    """Counts missing values and unknown words in the columns that a model needs."""

    def __init__(self, model: Segmentation) -> None:
        self.recipe = model.recipe
        self.words: dict[str, Counter[str]] = defaultdict(Counter)
        self.missing: Counter[str] = Counter()

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        self._add(unknown_words(batch, self.recipe))
        for feature in self.recipe.features:
            name, column = feature.column, batch.column(feature.column)
            if pa.types.is_string(column.type):
                self.missing[name] += column.null_count
            else:
                self.missing[name] += int((~np.isfinite(known_numbers(column, feature))).sum())

    def merge(self, other: _NewRows) -> None:
        """Take in what another worker has seen."""
        self._add(other.words)
        self.missing.update(other.missing)

    def _add(self, found: Mapping[str, Mapping[str, int]]) -> None:
        for column, words in found.items():
            self.words[column].update(words)
