"""Solutions that gaps led to.

Where a column tells nobody apart but spreads widely, the least inertia is reached by cutting a
crowd along it and leaving two groups in one. Such groups are found by a gap inside their segment.
These are k-means solutions too, though not of the least inertia, so on other customers they are
searched in the same way: first the fewer segments, then the parts.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from shoal.analysis.kmeans.search import assign, lloyd_from, search
from shoal.types import Fit, Floats, Ints


def split_segment(matrix: Floats, weights: Floats, fit: Fit, segment: int, halves: Floats) -> Fit:
    """One segment more.

    Of points (p, d), where Lloyd's algorithm ends when it begins with the two halves (2, d) of one.
    """
    begun = np.vstack([np.delete(fit.centres, segment, axis=0), halves])
    return dataclasses.replace(lloyd_from(matrix, weights, begun), within=fit.within or fit)


def roots(fit: Fit) -> Ints:
    """For each segment (k,) the one that it was part of in the solution that it was led from."""
    assert fit.within is not None
    return assign(fit.centres, fit.within.centres)[0]


def parts(fit: Fit, found: Floats) -> Floats:
    """Where to begin on other customers, whose fewer segments have the centres `found`.

    Each part moves with its whole.
    """
    assert fit.within is not None
    root = roots(fit)
    moved = found[assign(fit.within.centres, found)[0]] - fit.within.centres
    return np.asarray(fit.centres + moved[root])


def search_again(
    matrix: Floats,
    weights: Floats,
    fit: Fit,
    *,
    seed: int,
    starts: int,
    known: bool = False,
) -> Fit:
    """The segments of `fit` searched on other customers (p, d), in the way that `fit` was found."""
    whole = fit.within or fit
    begin, k = whole.centres if known else None, len(whole.centres)
    found = search(matrix, weights, k, seed=seed, starts=starts, thorough=False, known=begin)
    if fit.within is None:
        return found
    return lloyd_from(matrix, weights, parts(fit, found.centres))
