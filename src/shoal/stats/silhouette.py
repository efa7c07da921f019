"""How much nearer each customer is to the own segment than to the next one.

One silhouette for all of shoal.

Rousseeuw, Computational and Applied Mathematics 20, 1987: with `a` the mean distance to the others
of the own segment and `b` the mean distance to the nearest other segment, a customer's silhouette
is (b - a) / max(a, b), and 0 for who is alone in a segment. It equals scikit-learn's
`silhouette_samples` and `silhouette_score`.

Its cost grows with the square of the customers. Up to 2,000 distinct points (`EXACT`) every pair is
looked at; beyond, the same formula is worked out on about 2,000 customers, drawn evenly from each
segment.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoal.types import Floats, Ints

EXACT = 2_000  # distinct points up to which every pair of customers is looked at
DRAWN = 2_000  # customers that are drawn beyond
LEAST = 100  # customers drawn of each segment at least, where it holds as many
# points whose distances to all others are held at a time: they stay in the processor's cache
ROWS = 256


@dataclass(frozen=True)
class Silhouette:
    """The silhouettes of a solution, and what they were measured on."""

    mean: float  # over all customers; segments count by their size in the table
    segments: Floats  # (k,) mean of each segment; 0 where nobody stands
    values: Floats  # (q,) of each point that was looked at
    points: Ints  # (q,) which of the points that is
    counts: Floats  # (q,) customers looked at there
    exact: bool  # every pair of customers was looked at

    @property
    def customers(self) -> int:
        """On how many customers it was measured."""
        return round(float(self.counts.sum()))


def silhouette(matrix: Floats, weights: Floats, labels: Ints, k: int) -> Silhouette:
    """The silhouette of a solution.

    Exact up to 2,000 distinct points, else on about 2,000 customers.

    Customers are drawn evenly along the sorted rows of each segment: without chance, and whatever
    the order of the rows. Segments are drawn by their size, but never fewer than 100 of a segment
    that holds as many.

    Args:
        matrix: (p, d) points.
        weights: (p,) how many customers stand at each point.
        labels: (p,) the segment of each, from 0.
        k: number of segments, at least 2.

    >>> found = silhouette(np.array([[0.0], [1.0], [10.0]]), np.ones(3), np.array([0, 0, 1]), 2)
    >>> round(found.mean, 4), found.segments.round(4).tolist(), found.customers
    (0.5963, [0.8944, 0.0], 3)
    """
    sizes = np.bincount(labels, weights, k)
    exact = len(matrix) <= EXACT
    points, counts = np.arange(len(matrix)), weights
    if not exact:
        points, counts = _drawn(matrix, weights, labels, k)
    values = silhouette_samples(matrix[points], counts, labels[points], k)
    looked_at = np.bincount(labels[points], counts, k)
    segments = np.bincount(labels[points], counts * values, k) / np.maximum(looked_at, 1e-300)
    mean = float(segments @ sizes / sizes.sum())
    return Silhouette(mean, segments, values, points, counts, exact)


def silhouette_samples(matrix: Floats, weights: Floats, labels: Ints, k: int) -> Floats:
    """The silhouette of each point (p,), over all pairs of customers.

    Args:
        matrix: (p, d) points; every pair of them is looked at.
        weights: (p,) how many customers stand at each point.
        labels: (p,) the segment of each, from 0.
        k: number of segments.

    >>> points, labels = np.array([[0.0], [1.0], [10.0]]), np.array([0, 0, 1])
    >>> silhouette_samples(points, np.ones(3), labels, 2).round(2).tolist()
    [0.9, 0.89, 0.0]
    """
    rows = np.arange(len(matrix))
    members = np.zeros((len(matrix), k))
    members[rows, labels] = weights
    sizes = members.sum(axis=0)
    sums = _summed_distances(matrix, members)
    own = sums[rows, labels] / np.maximum(sizes[labels] - 1, 1)
    means = sums / np.maximum(sizes, 1e-300)
    means[rows, labels] = np.inf
    means[:, sizes == 0] = np.inf
    other = means.min(axis=1)
    values = (other - own) / np.maximum(np.maximum(own, other), 1e-300)
    values[sizes[labels] <= 1] = 0
    return np.asarray(values)


def _drawn(matrix: Floats, weights: Floats, labels: Ints, k: int) -> tuple[Ints, Floats]:
    """Points (q,) and how many customers (q,) of each are looked at.

    Evenly along the rows of each segment.
    """
    order = _by_segment(matrix, labels)
    sizes = np.bincount(labels, weights, k)
    wanted = np.maximum(DRAWN * sizes / sizes.sum(), LEAST)
    many = np.minimum(np.rint(wanted), np.rint(sizes)).astype(int)
    before = np.cumsum(sizes) - sizes
    places = [
        start + (np.arange(count) + 0.5) * size / max(count, 1)
        for start, size, count in zip(before, sizes, many, strict=True)
    ]
    reached = np.cumsum(weights[order])
    found = np.searchsorted(reached, np.concatenate(places), side="right")
    points, counts = np.unique(order[found], return_counts=True)
    return points, counts.astype(np.float64)


def _by_segment(matrix: Floats, labels: Ints) -> Ints:
    """The rows (p,), segment by segment, in lexicographic order; most often they stand so."""
    if _is_sorted(matrix):
        return np.argsort(labels, kind="stable")
    return np.lexsort((*matrix.T[::-1], labels))


def _is_sorted(matrix: Floats) -> bool:
    above, below = matrix[:-1], matrix[1:]
    rows, first = np.arange(len(above)), (above != below).argmax(axis=1)
    return bool((above[rows, first] <= below[rows, first]).all())


def _summed_distances(matrix: Floats, members: Floats) -> Floats:
    """The sum of each point's distances to the customers of each segment (p, k).

    Some rows at a time.
    """
    moved = matrix - matrix.mean(axis=0)  # products of large numbers would round badly
    norms, across = (moved**2).sum(axis=1), np.ascontiguousarray(moved.T)
    sums = np.empty(members.shape)
    for start in range(0, len(moved), ROWS):
        rows = slice(start, start + ROWS)
        squares = moved[rows] @ across
        squares *= -2
        squares += norms[rows, None]
        squares += norms
        np.maximum(squares, 0, out=squares)
        np.fill_diagonal(squares[:, start:], 0)
        sums[rows] = np.sqrt(squares, out=squares) @ members
    return sums
