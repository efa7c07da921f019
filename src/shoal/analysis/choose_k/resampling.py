"""Do the same segments return on other customers of the same kind? A first look at every k."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoal.analysis.kmeans.split import search_again
from shoal.stats.agreement import adjusted_rand, jaccard, shared
from shoal.stats.distances import one_nearest
from shoal.types import Bools, Fit, Floats, Ints, Points

MOST_POINTS = 2_000  # distinct customers that are resampled
FEW_POINTS = 400  # distinct customers up to which resampling costs little
RESAMPLES = 8  # a first look at every k; the chosen one is examined with many more
MORE = 32  # of few points: eight would leave a small segment's Jaccard open by .1
RETURNS = 0.7  # bootstrap Jaccard of the weakest segment below which no halves could save a k
DIVISIONS = 5  # into halves: the figures of one alone differ by .15 from those of another


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
    """Fit again on bootstrapped customers and on each half of them.

    Bootstrap: Hennig, Computational Statistics & Data Analysis 52, 2007; halves: Tibshirani &
    Walther, Journal of Computational and Graphical Statistics 14, 2005.
    """
    k = len(fit.centres)
    own, _ = one_nearest(matrix, fit.centres)
    rng = np.random.default_rng((seed, k))
    customers, chances = round(weights.sum()), weights / weights.sum()
    times = RESAMPLES if len(matrix) > FEW_POINTS else MORE
    redrawn = [_again(matrix, rng.multinomial(customers, chances), fit, seed) for _ in range(times)]
    others = [labels for labels in redrawn if labels is not None]
    if not others:
        return Return(0.0, np.zeros(k), 0.0)
    counterparts = [jaccard(shared(own, other, weights, (k, k))).max(axis=1) for other in others]
    pairs = zip(others, others[1:] + others[:1], strict=True)
    agreements = [adjusted_rand(shared(a, b, weights, (k, k))) for a, b in pairs]
    back = np.mean(counterparts, axis=0)
    divisions = DIVISIONS if back.min() >= RETURNS else 1
    return Return(
        stability=float(np.mean(agreements)),
        jaccard=back,
        strength=prediction_strength(matrix, weights, fit, seed, divisions),
    )


def prediction_strength(
    matrix: Floats, weights: Floats, fit: Fit, seed: int, divisions: int
) -> float:
    """Smallest share of pairs within a segment of one half that the other half's centres keep
    together: the mean over so many divisions into halves.
    """
    rng = np.random.default_rng((seed, len(fit.centres), 1))
    halves = (rng.random(len(matrix)) < 0.5 for _ in range(divisions))
    return float(np.mean([_strength(matrix, weights, fit, half, seed) for half in halves]))


def _strength(matrix: Floats, weights: Floats, fit: Fit, half: Bools, seed: int) -> float:
    if min(half.sum(), (~half).sum()) < len(fit.centres):
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
    k = len(pupil.centres)
    taught, _ = one_nearest(matrix, teacher.centres)
    both = shared(pupil.labels, taught, weights, (k, k))
    sizes, together = both.sum(1), (both * (both - 1)).sum(1)
    kept = together / np.maximum(sizes * (sizes - 1), 1e-9)
    return float(np.where(sizes > 1, kept, 1.0).min())


def _again(matrix: Floats, drawn: Ints, fit: Fit, seed: int) -> Ints | None:
    """Labels of all points by the centres of one resample.

    None where it holds too few for k segments.

    Few points are searched with all care; where that costs too much, one start begins where the
    segments were.
    """
    there = drawn > 0
    if there.sum() <= len(fit.centres):
        return None
    known = len(matrix) > FEW_POINTS
    starts = 2 if known else 12
    weights = drawn[there].astype(float)
    found = search_again(matrix[there], weights, fit, seed=seed, starts=starts, known=known)
    return one_nearest(matrix, found.centres)[0]
