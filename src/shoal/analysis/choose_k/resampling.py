"""Do the same segments return on other customers of the same kind?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoal.analysis.kmeans.split import search_again
from shoal.stats.distances import one_nearest
from shoal.types import Fit, Floats, Ints, Points

MOST_POINTS = 2_000  # distinct customers that are resampled
FEW_POINTS = 400
RESAMPLES = 8  # a first look at every k; the chosen one is examined with many more
MORE = 32  # of few points, where it costs little and eight would leave a small segment's Jaccard open by .1


@dataclass(frozen=True)
class Return:
    """How well the segments of one k return."""

    stability: float  # mean adjusted Rand index between resamples
    jaccard: Floats  # (k,) mean Jaccard similarity of each segment to its best counterpart
    strength: float  # prediction strength


def thin(points: Points, most: int, seed: int) -> tuple[Floats, Floats]:
    """At most so many points, drawn by their weights, with the weights that they then stand for."""
    if len(points.matrix) <= most:
        return points.matrix, points.weights
    rows = np.random.default_rng(seed).choice(points.of_row, most, replace=False)
    chosen, weights = np.unique(rows, return_counts=True)
    return points.matrix[chosen], weights.astype(float)


def returns(matrix: Floats, weights: Floats, fit: Fit, seed: int) -> Return:
    """Fit again on bootstrapped customers (Hennig 2007) and on each half of them (Tibshirani & Walther 2005)."""
    k = len(fit.centres)
    own, _ = one_nearest(matrix, fit.centres)
    rng = np.random.default_rng((seed, k))
    times = RESAMPLES if len(matrix) > FEW_POINTS else MORE
    redrawn = [
        _again(matrix, rng.multinomial(round(weights.sum()), weights / weights.sum()), fit, seed)
        for _ in range(times)
    ]
    others = [
        labels for labels in redrawn if len(labels)
    ]  # tiny tables may draw fewer customers than segments
    if not others:
        return Return(0.0, np.zeros(k), 0.0)
    jaccard = np.mean([_jaccard(_table(own, other, weights, k)) for other in others], axis=0)
    pairs = zip(others, others[1:] + others[:1], strict=True)
    stability = float(np.mean([_rand(_table(a, b, weights, k)) for a, b in pairs]))
    return Return(stability, jaccard, prediction_strength(matrix, weights, fit, seed))


def prediction_strength(matrix: Floats, weights: Floats, fit: Fit, seed: int) -> float:
    """Smallest share of pairs within a segment of one half that the other half's centres keep together."""
    k = len(fit.centres)
    half = np.random.default_rng((seed, k, 1)).random(len(matrix)) < 0.5
    if min(half.sum(), (~half).sum()) < k:
        return 0.0
    one, two = (
        search_again(matrix[side], weights[side], fit, seed=seed, starts=4)
        for side in (half, ~half)
    )
    return min(
        _predicted(matrix[~half], weights[~half], two, one),
        _predicted(matrix[half], weights[half], one, two),
    )


def _predicted(matrix: Floats, weights: Floats, pupil: Fit, teacher: Fit) -> float:
    table = _table(
        pupil.labels, one_nearest(matrix, teacher.centres)[0], weights, len(pupil.centres)
    )
    sizes = table.sum(1)
    together = (table * (table - 1)).sum(1)
    return float(np.where(sizes > 1, together / np.maximum(sizes * (sizes - 1), 1e-9), 1.0).min())


def _again(matrix: Floats, drawn: Ints, fit: Fit, seed: int) -> Ints:
    """Labels of all points by the centres of one resample.

    Few points are searched with all care; where that costs too much, one start begins where the segments were.
    """
    there = drawn > 0
    k = len(fit.centres)
    if there.sum() <= k:
        return fit.labels[:0]
    known = len(matrix) > FEW_POINTS
    heavy = drawn[there].astype(float)
    found = search_again(
        matrix[there], heavy, fit, seed=seed, starts=2 if known else 12, known=known
    )
    return one_nearest(matrix, found.centres)[0]


def _table(one: Ints, two: Ints, weights: Floats, k: int) -> Floats:
    found: Floats = np.bincount(one * k + two, weights, k * k).astype(np.float64).reshape(k, k)
    return found


def _jaccard(table: Floats) -> Floats:
    union = table.sum(1)[:, None] + table.sum(0)[None] - table
    found: Floats = (table / np.maximum(union, 1e-9)).max(1)
    return found


def _rand(table: Floats) -> float:
    """Adjusted Rand index (Hubert & Arabie 1985)."""

    def pairs(counts: Floats) -> float:
        return float((counts * (counts - 1)).sum() / 2)

    both, rows, columns, every = (
        pairs(table),
        pairs(table.sum(1)),
        pairs(table.sum(0)),
        pairs(table.sum(keepdims=True)),
    )
    chance = rows * columns / every if every else 0.0
    most = (rows + columns) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)
