"""How well each segment stands apart from its neighbours."""

from __future__ import annotations

import numpy as np

from shoal.analysis.kmeans.search import nearest_two
from shoal.stats.silhouette import silhouette_values
from shoal.types import Fit, Floats, Ints, Points

BORDER = 0.9  # shadow value from which a customer stands near a border
PAIRED = 1_200  # points whose distances to each other are all computed


def shadows(points: Points, fit: Fit) -> Floats:
    """Shadow value of each point (Leisch, Statistics and Computing 20, 2010), shape (p,).

    Twice the distance to the own centre over the sum of distances to the own and the second nearest: 0 at the
    centre, 1 on the border.
    """
    if len(fit.centres) < 2:
        return np.zeros(len(points.matrix))
    _, distances = nearest_two(points.matrix, fit.centres)
    return np.asarray(2 * distances[:, 0] / np.maximum(distances.sum(axis=1), 1e-300))


def border_shares(points: Points, fit: Fit) -> Floats:
    """Share (k,) of each segment's customers with a shadow value of at least .9: the runner-up is hardly farther."""
    k = len(fit.centres)
    near = points.weights * (shadows(points, fit) >= BORDER)
    return np.bincount(fit.labels, near, k) / np.maximum(
        np.bincount(fit.labels, points.weights, k), 1e-300
    )


def nearest_segments(points: Points, fit: Fit) -> Ints:
    """For each segment the one that is the runner-up of most of its customers, from 0; itself when it is alone."""
    k = len(fit.centres)
    if k < 2:
        return np.zeros(k, dtype=np.int64)
    labels, _ = nearest_two(points.matrix, fit.centres)
    pairs = np.bincount(labels[:, 0] * k + labels[:, 1], points.weights, k * k).reshape(k, k)
    return np.asarray(pairs.argmax(axis=1), dtype=np.int64)


def silhouettes(points: Points, fit: Fit, *, seed: int) -> Floats:
    """Mean silhouette of each segment (k,): exact up to 1,200 points, else on as many, drawn segment by segment.

    Distances to a segment are means over its customers, so drawing segment by segment does not bias them.
    """
    k = len(fit.centres)
    if k < 2:
        return np.zeros(k)
    rows = _drawn(points, fit.labels, k, seed)
    matrix, weights, labels = points.matrix[rows], points.weights[rows], fit.labels[rows]
    total = np.bincount(labels, weights, k)
    values = silhouette_values(matrix, weights, labels, k)
    return np.asarray(np.bincount(labels, weights * values, k) / np.maximum(total, 1e-300))


def _drawn(points: Points, labels: Ints, k: int, seed: int) -> Ints:
    if len(points.matrix) <= PAIRED:
        return np.arange(len(points.matrix))
    rng = np.random.default_rng(seed)
    mine = [rng.permutation(np.flatnonzero(labels == i))[: PAIRED // k] for i in range(k)]
    return np.sort(np.concatenate(mine))
