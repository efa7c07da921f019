"""Customers that a model has not seen: their places, and what is odd about them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from shoal.analysis.assign import (
    NO_VALUES,
    Kept,
    PlaceAccumulator,
    check_columns,
    kept_labels,
    store_for_labels,
)
from shoal.analysis.features import unknown_words
from shoal.engine.progress import Progress, counting
from shoal.engine.table import Table, run
from shoal.errors import InputError, OptionError, did_you_mean
from shoal.findings import finding
from shoal.stats.distribution import numbers
from shoal.text.options import option
from shoal.types import Finding, Segmentation


def with_key(model: Segmentation, table: Table, id_column: str | None) -> Segmentation:
    """The model with the column that tells this table's customers apart, None where it has none.

    Raises OptionError when the table lacks a column that was asked for.
    """
    have = table.schema.names
    if id_column is not None and id_column not in have:
        raise OptionError(
            f'{option("id")} names "{id_column}", but {table.name} has no such column. '
            f"{did_you_mean(id_column, have)}"
        )
    known = model.id_column if model.id_column in have else None
    return dataclasses.replace(model, id_column=id_column or known)


def place_all(
    table: Table, model: Segmentation, progress: Progress | None = None
) -> tuple[Kept | None, PlaceAccumulator, tuple[Finding, ...]]:
    """The places of a new table's rows, their sums, and findings. Raises InputError when a needed column is missing."""
    check_columns(table, model)
    seen = _NewRows(model)
    store = store_for_labels(table)
    placing = PlaceAccumulator(model, {}, {}, store)
    heard = counting(progress, "placing", None)
    rows = run(table, placing, seen, columns=placing.columns, progress=heard)
    if rows == 0:
        raise InputError(f"{table.name} has no rows: there is nobody to place.")
    notes = [*table.findings, *_new_findings(seen, model, rows, table.name)]
    if aside := placing.aside:
        notes.append(
            finding("set-aside", aside=aside, rows=rows, why=NO_VALUES, new_customers=True)
        )
    return kept_labels(table, model, store), placing, tuple(notes)


def _new_findings(seen: _NewRows, model: Segmentation, rows: int, name: str) -> Iterator[Finding]:
    """Gaps and unknown words among new rows. Raises InputError when a column speaks another language than the model."""
    for feature in model.recipe.features:
        words, gaps = seen.words.get(feature.column, {}), seen.gaps[feature.column]
        unknown = sum(words.values())
        most = dict(sorted(words.items(), key=lambda counted: -counted[1])[:5])
        if unknown and unknown == rows - gaps:
            known = ", ".join(f'"{w}"' for w in feature.categories[:6])
            shown = ", ".join(f'"{w}" ({n:,})' for w, n in most.items())
            raise InputError(
                f'"{feature.column}" of {name} holds no word that the model knows, but {shown}. Write them as the model does: {known}.'
            )
        if unknown:
            yield finding("unknown-words", feature.column, words=most)
        if gaps:
            how = "everybody's average" if feature.kind == "category" else f"{feature.fill}"
            whose = "every row" if gaps == rows else f"{gaps:,} of {rows:,} rows"
            yield Finding(
                "gaps",
                "warning",
                f'"{feature.column}" is missing for {whose}; taken as {how}, as when the model was made.',
                feature.column,
            )


class _NewRows:
    """Counts gaps and unknown words in the columns that a model needs."""

    def __init__(self, model: Segmentation) -> None:
        self.recipe = model.recipe
        self.words: dict[str, dict[str, int]] = {}
        self.gaps = dict.fromkeys(model.recipe.columns, 0)

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        self._add(unknown_words(batch, self.recipe))
        for name in self.gaps:
            column = batch.column(name)
            self.gaps[name] += (
                column.null_count
                if pa.types.is_string(column.type)
                else int((~np.isfinite(numbers(column))).sum())
            )

    def merge(self, other: _NewRows) -> None:
        self._add(other.words)
        for name, gaps in other.gaps.items():
            self.gaps[name] += gaps

    def _add(self, found: dict[str, dict[str, int]]) -> None:
        for column, words in found.items():
            seen = self.words.setdefault(column, {})
            for word, count in words.items():
                seen[word] = seen.get(word, 0) + count
