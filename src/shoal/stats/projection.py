"""Points in many columns brought onto a plane, and what can be said of a plane."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from shoal.types import Floats, Ints


@dataclass(frozen=True)
class Projection:
    """The two directions in which weighted points differ most."""

    middle: Floats  # (d,) weighted mean
    directions: Floats  # (d, 2); (d, 1) of a single column
    shares: Floats  # (d,) of the variance along each principal component, the largest first

    def flat(self, matrix: Floats) -> Floats:
        """Points (n, d) on the plane, (n, 2)."""
        return np.asarray((matrix - self.middle) @ self.directions)

    def spread(self, flat: Floats) -> Floats:
        """Standard deviations (2,) of points on the plane, each counted once."""
        return np.asarray(flat.std(axis=0))


def principal_components(matrix: Floats, weights: Floats) -> Projection:
    """The first two principal components of points (p, d) with weights (p,).

    The sign of a direction is such that its strongest column points upwards.

    >>> found = principal_components(np.array([[0.0, 0.0], [3.0, 0.0], [0.0, 1.0]]), np.ones(3))
    >>> found.shares.round(2).tolist(), found.flat(found.middle[None]).tolist()
    ([0.93, 0.07], [[0.0, 0.0]])
    """
    middle = np.average(matrix, axis=0, weights=weights)
    d = len(middle)
    covariance = np.cov(matrix.T, aweights=weights, ddof=0).reshape(d, d)
    variances, directions = np.linalg.eigh(covariance)
    directions = directions[:, ::-1][:, :2]
    strongest = np.abs(directions).argmax(axis=0)
    signs = np.sign(directions[strongest, np.arange(directions.shape[1])])
    shares = np.clip(variances[::-1], 0, None) / max(float(variances.sum()), 1e-12)
    return Projection(middle, directions * signs, shares)


def spread_ellipse(points: Floats) -> tuple[Floats, float, float, float] | None:
    """Middle, width, height and angle (degrees) of an ellipse of 1.5 standard deviations each way.

    None of fewer than three points (n, 2).
    """
    if len(points) < 3:
        return None
    variances, directions = np.linalg.eigh(np.cov(points.T))
    width, height = 3 * np.sqrt(np.clip(variances, 0, None))
    angle = np.degrees(np.arctan2(directions[1, 0], directions[0, 0]))
    return points.mean(axis=0), float(width), float(height), float(angle)


def jitter(n: int, width: int) -> Floats:
    """The same small offsets (n, width) every time, in -1 .. 1 (Roberts' quasi-random sequence).

    >>> jitter(2, 1).round(3).tolist()
    [[0.51], [0.02]]
    """
    steps = np.arange(1, n + 1)[:, None] * np.array([0.7548776662, 0.5698402910])[:width]
    return np.asarray(2 * (steps % 1.0) - 1)


def view_limits(x: Floats) -> tuple[float, float]:
    """Where an axis ends: around all values, unless a few far ones would squeeze the rest.

    >>> view_limits(np.array([0.0, 10.0]))
    (-0.5, 10.5)
    """
    lowest, highest = float(x.min()), float(x.max())
    low, high = np.quantile(x, [0.005, 0.995]) if len(x) > 50 else (lowest, highest)
    margin = max(float(high - low) * 0.5, 1e-9)
    low, high = max(lowest, float(low) - margin), min(highest, float(high) + margin)
    pad = (high - low) * 0.05 or 0.5
    return low - pad, high + pad


def territories(across: Floats, up: Floats, centres: Floats) -> Ints:
    """Which centre (k, 2) is nearest to each crossing of a grid: (len(up), len(across)).

    >>> across, centres = np.array([0.0, 9.0]), np.array([[1.0, 0.0], [8.0, 0.0]])
    >>> territories(across, np.array([0.0]), centres).tolist()
    [[0, 1]]
    """
    from_left = (across[:, None] - centres[:, 0]) ** 2
    from_below = (up[:, None] - centres[:, 1]) ** 2
    found: Ints = (from_left[None, :, :] + from_below[:, None, :]).argmin(axis=2)
    return found
