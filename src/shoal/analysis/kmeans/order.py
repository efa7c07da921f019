"""Segments in the order of their ids.

The most valuable first, whatever order they were found in.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from shoal.stats.distribution import numbers
from shoal.types import Fit, Floats, Points, Profile, Sample


def value_of_each(profile: Profile, sample: Sample) -> Floats | None:
    """The value (m,) of each sampled customer, 0 where it is missing.

    None without a value column.
    """
    if profile.value is None:
        return None
    return np.nan_to_num(numbers(sample.rows[profile.value]), posinf=0.0, neginf=0.0)


def in_order(fit: Fit, points: Points, value: Floats | None) -> Fit:
    """The fit with its segments by what they are worth in all, or by size without money.

    Ties are broken by the centroids, so that the order of rows does not matter.
    """
    k = len(fit.centres)
    if value is None:
        worth = np.bincount(fit.labels, points.weights, k)
    else:
        worth = np.bincount(fit.labels[points.of_row], value, k)
    order = np.lexsort((*np.round(fit.centres, 6).T[::-1], -np.round(worth, 6)))
    new_id = np.empty(k, dtype=np.int64)
    new_id[order] = np.arange(k)
    return dataclasses.replace(fit, centres=fit.centres[order], labels=new_id[fit.labels])
