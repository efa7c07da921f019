"""What a model keeps of the customers who formed it: how each column lay, and how near they were.

No customer's row: each column on its own, in bins of several customers.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shoal.analysis.features import known_numbers
from shoal.stats.shift import bins_from
from shoal.types import Baseline, ColumnBaseline, Feature, Floats, Ints, Recipe


def baseline_of(rows: pa.Table, recipe: Recipe, distances: Floats, unlike: int) -> Baseline:
    """What is kept of a sample of customers (n,) who all can be placed.

    `distances` (n,) are those to the own centre; `unlike` is how many of all customers, not of the
    sample alone, are unlike anyone.
    """
    columns = tuple(_column(rows.column(f.column), f) for f in recipe.features)
    return Baseline(rows.num_rows, columns, bins_from(distances.astype(np.float64)), unlike)


def _column(values: pa.ChunkedArray, feature: Feature) -> ColumnBaseline:
    name = feature.column
    if feature.categories:
        return ColumnBaseline(
            name, values.null_count, words=tuple(word_counts(values, feature).tolist())
        )
    x = known_numbers(values, feature)
    known = np.isfinite(x)
    return ColumnBaseline(name, int((~known).sum()), bins_from(x[known]))


def word_counts(values: pa.ChunkedArray | pa.Array, feature: Feature) -> Ints:
    """(w,) how often each word that the model knows is met; gaps and other words are left out."""
    known = pa.array(feature.categories, pa.string())
    found = pc.index_in(values.cast(pa.string()), value_set=known).drop_null()
    return np.bincount(np.asarray(found), minlength=len(known))
