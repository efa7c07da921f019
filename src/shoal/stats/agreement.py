"""How far two segmentations of the same customers agree."""

from __future__ import annotations

import numpy as np

from shoal.types import Floats, Ints


def shared(one: Ints, other: Ints, weights: Floats, shape: tuple[int, int]) -> Floats:
    """Customers in each pair of segments, of the one's (rows) and the other's (columns).

    >>> shared(np.array([0, 0, 1]), np.array([1, 1, 0]), np.array([1.0, 2.0, 1.0]), (2, 2)).tolist()
    [[0.0, 3.0], [1.0, 0.0]]
    """
    counts = np.bincount(one * shape[1] + other, weights, shape[0] * shape[1])
    return np.asarray(counts.reshape(shape), dtype=np.float64)


def jaccard(both: Floats) -> Floats:
    """Jaccard similarity of each pair of segments, from their shared customers.

    0 where both are empty.

    >>> jaccard(np.array([[2.0, 1.0], [0.0, 3.0]])).round(2).tolist()
    [[0.67, 0.17], [0.0, 0.75]]
    """
    union = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    return np.asarray(both / np.maximum(union, 1e-300))


def adjusted_rand(both: Floats) -> float:
    """Adjusted Rand index, from shared customers.

    Hubert & Arabie, Journal of Classification 2, 1985.

    >>> adjusted_rand(np.array([[2.0, 0.0], [0.0, 2.0]]))
    1.0
    """
    together = _pairs(both)
    in_one, in_other = _pairs(both.sum(axis=1)), _pairs(both.sum(axis=0))
    every = _pairs(both.sum(keepdims=True))
    chance = in_one * in_other / every if every else 0.0
    most = (in_one + in_other) / 2
    return 1.0 if most == chance else (together - chance) / (most - chance)


def _pairs(counts: Floats) -> float:
    return float((counts * (counts - 1)).sum() / 2)
