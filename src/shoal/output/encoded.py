"""Customers as the numbers that segments are formed on, with the features' names."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pyarrow as pa

from shoal.analysis.features import encode, placeable
from shoal.analysis.new_customers import ready_for
from shoal.data.names import unique_names
from shoal.data.native import native
from shoal.engine.table import Table, elsewhere
from shoal.types import Recipe, Segmentation


def encoded(table: Table, model: Segmentation) -> Any:
    """A table's customers (n, d features), as a frame of the library that the table is of.

    Raises InputError when a needed column is missing or not of its kind.
    """
    recipe, backend = model.recipe, table.backend
    table = ready_for(table, model)
    schema = pa.schema([(name, pa.float64()) for name in feature_names(recipe)])
    if backend.library == "spark" and not table.engine.here:
        work = partial(_numbers_there, recipe, schema)
        return elsewhere(elsewhere(table).mapped(work, recipe.columns, schema)).as_frame()
    parts = [_numbers(batch, recipe, schema) for batch in table.batches(recipe.columns)]
    return native(pa.Table.from_batches(parts, schema), backend)


def feature_names(recipe: Recipe) -> list[str]:
    """A name for each feature: the column's, of words with the word behind it."""
    names = []
    for feature in recipe.features:
        words = feature.categories if feature.kind == "category" else ()
        names += [f"{feature.column}_{word}" for word in words] or [feature.column]
    return unique_names(names)


def _numbers_there(
    recipe: Recipe, schema: pa.Schema, batch: pa.RecordBatch, start: int
) -> pa.RecordBatch:
    return _numbers(batch, recipe, schema)


def _numbers(batch: pa.RecordBatch, recipe: Recipe, schema: pa.Schema) -> pa.RecordBatch:
    matrix = encode(batch, recipe, clip=False)
    matrix[~placeable(batch, recipe)] = np.nan
    return pa.RecordBatch.from_arrays([pa.array(each) for each in matrix.T], schema=schema)
