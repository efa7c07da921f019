"""Do the gaps between segments stand for customers who had no part in finding them?

Centres and directions follow the customers that they are made from, the more so the more columns
there are: noise in a hundred columns falls apart along the direction that tells its own slices
apart best. So one half of the customers finds the segments and the directions, and the other half
shows whether a valley lies there.
"""

from __future__ import annotations

import numpy as np

from shoal.analysis.choose_k.separation import VISIBLE, Crowd, Gaps, gaps_seen_by
from shoal.analysis.kmeans.search import lloyd_from
from shoal.analysis.kmeans.split import search_again
from shoal.stats.distances import one_nearest
from shoal.types import Fit, Floats, Points

# Customers a column from which a half begins where the segments of all are, and so comes to the
# same solution: with fewer, what those know of the others would show.
AMPLE = 20
TAUGHT = 1_000  # customers of a half that segments are searched on
TWO_CURVES = 2.0  # likelihood units by which two curves must still beat one


def stands(points: Points, crowd: Crowd, fit: Fit, seed: int, *, depth: float = VISIBLE) -> bool:
    """Whether all gaps of a solution are there in a half of the customers that the other found.

    They must be so deep, and in one of the two halves: the search may miss a solution in the other.
    """
    k = len(fit.centres)
    rng = np.random.default_rng((seed, k, 3))
    half = rng.random(len(points.matrix)) < 0.5
    seen = (_seen_by_others(points, crowd, fit, half == side, rng) for side in (True, False))
    return any(gaps is not None and _is_there(gaps, depth) for gaps in seen)


def _seen_by_others(
    points: Points, crowd: Crowd, fit: Fit, ours: Floats, rng: np.random.Generator
) -> Gaps | None:
    """What the other half sees; none where this one is too small to search."""
    own, theirs = (np.flatnonzero(ours[crowd.point] == side) for side in (True, False))
    rows = points.matrix[crowd.point]
    taught = rng.permutation(own)[:TAUGHT]
    if len(taught) <= len(fit.centres) or len(theirs) < 2:
        return None
    found = _found_by(rows[taught], fit)
    return gaps_seen_by(
        (crowd.rows[taught], one_nearest(rows[taught], found.centres)[0]),
        (crowd.rows[theirs], one_nearest(rows[theirs], found.centres)[0]),
        found.centres,
    )


def _found_by(rows: Floats, fit: Fit) -> Fit:
    """The same number of segments, searched on some of the customers only."""
    held = np.ones(len(rows))
    if len(rows) >= AMPLE * rows.shape[1]:
        return lloyd_from(rows, held, fit.centres)
    return search_again(rows, held, fit, seed=0, starts=4)


def _is_there(between: Gaps, depth: float) -> bool:
    there = (between.depth >= depth) & (between.gain >= TWO_CURVES)
    return bool(there.all())
