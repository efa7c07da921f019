"""The shape of a column of numbers: gaps, tails, far-out values. Used where columns are described and where they are prepared."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoal.nouns import Floats

FAR_OUT = 3.0  # Tukey (1977): far out is beyond three interquartile ranges from the quartiles
FEW_VALUES = 10  # a column of at most so many different values is a code or a rating: no logarithm


def numbers(column: pa.ChunkedArray | pa.Array) -> Floats:
    """An Arrow column as float64 (n,), gaps as NaN; infinite values stay."""
    if pa.types.is_boolean(column.type):
        column = column.cast(pa.int8())
    return np.asarray(
        column.cast(pa.float64()).to_numpy(zero_copy_only=False)
        if isinstance(column, pa.Array)
        else column.cast(pa.float64()).to_numpy()
    )


def finite(column: pa.ChunkedArray | pa.Array) -> Floats:
    """The finite values of an Arrow column, gaps left out."""
    x = numbers(column)
    return x[np.isfinite(x)]


def skewness(x: Floats) -> float:
    """Third standardised moment; 0 for a constant.

    >>> skewness(np.array([1.0, 2.0, 3.0]))
    0.0
    """
    deviations = x - x.mean()
    spread = float(np.sqrt((deviations**2).mean()))
    return float((deviations**3).mean() / spread**3) if spread > 0 else 0.0


def fences(x: Floats) -> tuple[float, float] | None:
    """The values beyond which one is far out; None when half of the values are the same, so that there is no scale to go by."""
    q25, q75 = np.quantile(x, [0.25, 0.75])
    reach = FAR_OUT * (q75 - q25)
    return (float(q25 - reach), float(q75 + reach)) if reach > 0 else None


def heavy_tailed(x: Floats) -> bool:
    """Whether a logarithm is due: never negative, many values, and skewed even without its far-out values."""
    if len(x) == 0 or x.min() < 0 or len(np.unique(x[:5000])) <= FEW_VALUES:
        return False
    limits = fences(x)
    return skewness(np.clip(x, *limits) if limits else x) > 1.0
