"""How values are spread over bins."""

from __future__ import annotations

import numpy as np

from shoal.types import Floats, Ints

BINS = 24


def middle_range(x: Floats) -> tuple[float, float]:
    """The middle 99 % of values, never empty.

    >>> middle_range(np.array([])), middle_range(np.array([2.0, 2.0]))
    ((0.0, 1.0), (1.5, 2.5))
    """
    if len(x) == 0:
        return 0.0, 1.0
    low, high = (float(q) for q in np.quantile(x, [0.005, 0.995]))
    least = 4 * BINS * float(np.spacing(max(abs(low), abs(high))))  # that bins can part
    if high - low >= least:
        return low, high
    return low - max(0.5, least), high + max(0.5, least)


def bin_edges(x: Floats, low: float, high: float) -> Floats:
    """Edges of 24 bins, or one bin a value where there are no more.

    Else some bins would hold two values and others none.

    >>> bin_edges(np.array([1.0, 2.0, 4.0]), 1.0, 4.0).tolist()
    [1.0, 1.5, 3.0, 4.0]
    """
    found = np.unique(x[(x >= low) & (x <= high)])
    if 2 <= len(found) <= BINS:
        return np.asarray(np.r_[low, (found[:-1] + found[1:]) / 2, high])
    return np.linspace(low, high, BINS + 1)


def hill(x: Floats, edges: Floats) -> tuple[Floats, Floats]:
    """Places and heights of a line over a histogram: the share of values in each bin.

    Values beyond the edges count in the outermost bins; 24 bins are smoothed a little; the line is
    closed at both ends.

    >>> places, heights = hill(np.array([0.0, 1.0, 1.0, 9.0]), np.array([0.0, 0.5, 2.0]))
    >>> places.tolist(), heights.tolist()
    ([0.0, 0.25, 1.25, 2.0], [0.25, 0.25, 0.75, 0.75])
    """
    heights = counts(np.clip(x, edges[0], edges[-1]), edges) / max(len(x), 1)
    if len(heights) >= BINS:
        ends = np.r_[heights[0], heights, heights[-1]]
        heights = np.convolve(ends, [0.25, 0.5, 0.25], "valid")
    places = np.r_[edges[0], (edges[:-1] + edges[1:]) / 2, edges[-1]]
    return places, np.r_[heights[0], heights, heights[-1]]


def counts(x: Floats, edges: Floats) -> Ints:
    """How many values lie in each bin."""
    return np.histogram(x, edges)[0]


def similarities(matrix: Floats, centres: Floats) -> Floats:
    """How similar each point (p, d) is to each centre (k, d): exp(-distance), rows adding up to 1.

    Dolnicar, Grün & Leisch, Market Segmentation Analysis, 2018.

    >>> similarities(np.array([[0.0], [1.0]]), np.array([[0.0], [2.0]])).round(2).tolist()
    [[0.88, 0.12], [0.5, 0.5]]
    """
    squares = (matrix**2).sum(axis=1)[:, None] - 2 * matrix @ centres.T + (centres**2).sum(axis=1)
    distances = np.sqrt(np.maximum(squares, 0.0))
    near = np.exp(distances.min(axis=1, keepdims=True) - distances)
    return np.asarray(near / near.sum(axis=1, keepdims=True))
