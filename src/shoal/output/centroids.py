"""The middle of each segment, in the units of the table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from shoal.output.summary import centre_in_units
from shoal.stats.distribution import finite
from shoal.types import Facts

if TYPE_CHECKING:
    import pandas as pd


def centroids(facts: Facts) -> pd.DataFrame:
    """(k segments, 2 x numeric columns that form them): means, then medians."""
    import pandas as pd

    ids = facts.segmentation.ids
    index = pd.Index(ids, name="id")
    means = pd.DataFrame([centre_in_units(facts, id) for id in ids], index, dtype=float)
    own = [np.flatnonzero(facts.labels == place) for place in range(len(ids))]
    rows = facts.sample.rows
    medians = {name: [_median(rows[name].take(each)) for each in own] for name in means.columns}
    both = {"mean": means, "median": pd.DataFrame(medians, index, dtype=float)}
    return pd.concat(both, axis=1, names=["statistic", "column"])


def _median(values: pa.ChunkedArray) -> float:
    """The median of what is known; NaN where nothing is."""
    known = finite(values)
    return float(np.median(known)) if len(known) else np.nan
