"""What becomes of segments when k grows."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shoal.stats.agreement import shared
from shoal.types import Fit, Floats, KFlow


def flows(fits: Mapping[int, Fit], weights: Floats) -> tuple[KFlow, ...]:
    """How the segments of each k fall apart into those of k + 1, in customers of the sample."""
    found = []
    for k in sorted(fits):
        if k + 1 in fits:
            counts = _counts(fits[k], fits[k + 1], weights).astype(int).tolist()
            found.append(KFlow(k, k + 1, tuple(tuple(row) for row in counts)))
    return tuple(found)


def stability_across(fits: Mapping[int, Fit], k: int, weights: Floats) -> Floats | None:
    """Segment level stability across solutions (k,).

    Dolnicar & Leisch, Marketing Letters 28, 2017. One minus the entropy, over its maximum log(k -
    1), of the segments of k - 1 that the customers of a segment come from: 1 when all come from
    one, 0 when they come from all alike. None when k - 1 was not tried or is 1.
    """
    if k - 1 not in fits or k < 3:
        return None
    counts = _counts(fits[k - 1], fits[k], weights).T
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    entropy = -(shares * np.log(np.where(shares > 0, shares, 1))).sum(axis=1)
    return np.asarray(1 - entropy / np.log(k - 1))


def _counts(fewer: Fit, more: Fit, weights: Floats) -> Floats:
    """Customers (k of the one, k of the other) in each pair of segments."""
    return shared(fewer.labels, more.labels, weights, (len(fewer.centres), len(more.centres)))
