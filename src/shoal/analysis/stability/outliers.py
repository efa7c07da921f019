"""From which distance on a customer is unlike anyone."""

from __future__ import annotations

import numpy as np

from shoal.types import Fit, Floats, Ints, Points

ALONE = 20  # customers beyond the limit that a segment must hold to have a limit of its own
PRIOR = 15  # customers of everybody that a segment's own scale is mixed with
MOST_GROWTH = 1.5  # a segment of two or three customers says nothing about its reach


def outlier_distances(
    points: Points,
    fit: Fit,
    *,
    rate: float = 0.01,
    distances: Floats | None = None,
    labels: Ints | None = None,
) -> tuple[Floats, float]:
    """The distance to the own centre above which a customer is unlike anyone, for each segment.

    New customers of the same kind are farther from centres than those who formed them. So each
    customer's distance is enlarged as if they had not been there, and the limit is the conformal
    quantile of these (Vovk, Gammerman & Shafer 2005). Small segments share one limit, in units of
    each one's median distance.

    Args:
        points: the encoded sample.
        fit: the chosen solution.
        rate: share of new ordinary customers to be flagged.
        distances: (m,) to the own centre, not clipped; measured on the points when left out.
        labels: (m,) segment of each customer by these distances, from 0.

    Returns:
        Limits (k,), and the rate: the one asked for, or 1 / (m + 1) where so few customers allow no
        smaller.

    >>> matrix = np.linspace(0, 1, 199)[:, None]
    >>> points = Points(matrix, np.ones(199), np.arange(199))
    >>> fit = Fit(np.array([[0.5]]), np.zeros(199, int), 0, 1, 1)
    >>> limits, rate = outlier_distances(points, fit)
    >>> limits.round(3).tolist(), rate
    ([0.505], 0.01)
    """
    k = len(fit.centres)
    if labels is None:
        labels = fit.labels[points.of_row]
    if distances is None:
        distances = _to_own_centre(points, fit)
    enlarged = distances * _left_out(fit, points, labels)
    scales = _scales(enlarged, labels, k)
    # Rounding alone makes nobody unlike anyone.
    least = 1e-9 * float(np.abs(points.matrix).max())
    limits = np.maximum(_quantile(enlarged / scales[labels], rate) * scales, least)
    for i in range(k):
        own = enlarged[labels == i]
        if len(own) * rate >= ALONE:
            limits[i] = _quantile(own, rate)
    return limits, max(rate, 1 / (len(labels) + 1))


def _to_own_centre(points: Points, fit: Fit) -> Floats:
    """The distance (m,) of each sampled customer to the centre of the own segment."""
    apart = points.matrix - fit.centres[fit.labels]
    return np.asarray(np.sqrt((apart**2).sum(axis=1))[points.of_row])


def _left_out(fit: Fit, points: Points, labels: Ints) -> Floats:
    """By how much a distance is enlarged for having formed the centre and the borders around it.

    Without the customer (and those on the same spot) the centre moves away by n / (n - 1). The
    borders and the choice among local optima follow the customers as well: as much again, found by
    experiment on tables without groups.
    """
    sizes = np.bincount(fit.labels, points.weights, len(fit.centres))[labels]
    held = points.weights[points.of_row]
    return np.minimum((sizes / np.maximum(sizes - held, 1)) ** 2, MOST_GROWTH)


def _scales(distances: Floats, labels: Ints, k: int) -> Floats:
    """Median distance in each segment, mixed with that of everybody where a segment is small."""
    everybody = float(np.median(distances)) or 1.0
    sizes = np.bincount(labels, minlength=k)
    medians = np.full(k, everybody)
    for i in np.flatnonzero(sizes):
        medians[i] = np.median(distances[labels == i])
    return np.asarray((sizes * medians + PRIOR * everybody) / (sizes + PRIOR))


def _quantile(values: Floats, rate: float) -> float:
    """The value that the next one exceeds with probability `rate`."""
    place = (len(values) + 1) * (1 - rate) - 1
    return float(np.interp(place, np.arange(len(values)), np.sort(values)))
