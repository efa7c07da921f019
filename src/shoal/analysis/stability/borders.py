"""How well each segment stands apart from its neighbours."""

from __future__ import annotations

import numpy as np

from shoal.analysis.kmeans.search import nearest_two
from shoal.stats.silhouette import silhouette
from shoal.types import Fit, Floats, Ints, Points

BORDER = 0.9  # shadow value from which a customer stands near a border


def shadows(points: Points, fit: Fit) -> Floats:
    """Shadow value of each point (Leisch, Statistics and Computing 20, 2010), shape (p,).

    Twice the distance to the own centre over the sum of distances to the own and the second
    nearest: 0 at the centre, 1 on the border.
    """
    if len(fit.centres) < 2:
        return np.zeros(len(points.matrix))
    _, distances = nearest_two(points.matrix, fit.centres)
    return np.asarray(2 * distances[:, 0] / np.maximum(distances.sum(axis=1), 1e-300))


def border_shares(points: Points, fit: Fit) -> Floats:
    """Share (k,) of each segment's customers with a shadow value of at least .9.

    The runner-up is hardly farther.
    """
    k = len(fit.centres)
    near = points.weights * (shadows(points, fit) >= BORDER)
    sizes = np.bincount(fit.labels, points.weights, k)
    return np.bincount(fit.labels, near, k) / np.maximum(sizes, 1e-300)


def nearest_segments(points: Points, fit: Fit) -> Ints:
    """For each segment the one that is the runner-up of most of its customers, from 0.

    Itself when it is alone.
    """
    k = len(fit.centres)
    if k < 2:
        return np.zeros(k, dtype=np.int64)
    labels, _ = nearest_two(points.matrix, fit.centres)
    pairs = np.bincount(labels[:, 0] * k + labels[:, 1], points.weights, k * k).reshape(k, k)
    return np.asarray(pairs.argmax(axis=1), dtype=np.int64)


def silhouettes(points: Points, fit: Fit) -> Floats:
    """Mean silhouette of each segment (k,), as `shoal.stats.silhouette` measures it.

    0 for a single segment.
    """
    k = len(fit.centres)
    if k < 2:
        return np.zeros(k)
    return silhouette(points.matrix, points.weights, fit.labels, k).segments
