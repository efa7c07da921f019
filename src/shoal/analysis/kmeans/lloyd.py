"""Many small k-means searches on the same few customers, all starts at once.

scikit-learn's fit costs a millisecond before it begins; a hundred resamples with many starts each need less.
Single precision is enough where only who belongs together is asked; whoever asks for an inertia gives doubles.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.stats.distances import highest
from shoal.types import Ints

Reals = npt.NDArray[Any]  # of single or of double precision
STILL = 1e-3  # a centre that moves less, in units of the table's spread, has arrived
LEAST = {
    4: 1e-5,
    8: 1e-10,
}  # what moving a customer must gain, by the bytes of a number: less is rounding


def spread(
    matrix: Reals, weights: Reals, k: int, *, starts: int, rng: np.random.Generator
) -> Reals:
    """Centres (starts, k, d) to begin from: k-means++ (Arthur & Vassilvitskii 2007) on customers (p, d)."""
    centres = np.empty((starts, k, matrix.shape[1]), matrix.dtype)
    norms, across = (matrix**2).sum(1), np.ascontiguousarray(matrix.T)
    far = np.ones((starts, len(matrix)), matrix.dtype)
    for j in range(k):
        chances = np.cumsum(far * weights, axis=1, dtype=np.float64)
        aim = rng.random(starts) * chances[:, -1]
        chosen = np.minimum((chances <= aim[:, None]).sum(1), len(matrix) - 1)
        centres[:, j] = matrix[chosen]
        gaps = norms - 2 * (centres[:, j] @ across) + norms[chosen][:, None]
        far = np.maximum(gaps if j == 0 else np.minimum(far, gaps), 0)
    return centres


def with_ones(rows: Reals) -> Reals:
    """Rows (p, d) with a one behind each (p, d + 1): their products with `with_halves` are highest for the nearest centre."""
    return np.concatenate([rows, np.ones((len(rows), 1), rows.dtype)], axis=1)


def with_halves(centres: Reals) -> Reals:
    """Centres (k, d) with less than nothing of half their squared lengths behind each (k, d + 1)."""
    return np.concatenate([centres, -0.5 * (centres**2).sum(axis=1, keepdims=True)], axis=1)


def descend(
    matrix: Reals, weights: Reals, begun: Reals, *, steps: int, still: float = STILL
) -> tuple[Reals, Reals]:
    """Lloyd's algorithm from several starts at once.

    Args:
        matrix: (p, d) customers, centred near zero.
        weights: (p,) how often each counts.
        begun: (s, k, d) centres of each start.
        steps: at most so many steps; it ends earlier where nothing moves any more.
        still: a centre that moves less has arrived.

    Returns:
        Centres (s, k, d), and the inertia (s,) before the last step, less the sum of squares that all starts share.
    """
    starts, k, d = begun.shape
    rows = with_ones(matrix)
    across, weighted = np.ascontiguousarray(rows.T), rows * weights[:, None]
    centres, inertia, moving = begun.copy(), np.zeros(starts, matrix.dtype), np.arange(starts)
    for _ in range(steps):
        now = centres[moving]
        scores = (with_halves(now.reshape(-1, d)) @ across).reshape(len(moving), k, -1)
        best = scores.max(axis=1)
        inertia[moving] = -2 * (best @ weights)
        mine = (scores == best[:, None, :]).astype(matrix.dtype)
        sums = (mine.reshape(-1, len(matrix)) @ weighted).reshape(len(moving), k, d + 1)
        held = sums[..., -1:]
        centres[moving] = np.where(held > 0, sums[..., :-1] / np.maximum(held, 1e-9), now)
        moving = moving[np.abs(centres[moving] - now).max(axis=(1, 2)) > still]
        if not len(moving):
            break
    return centres, inertia


def rest(matrix: Reals, weights: Reals, begun: Reals, *, steps: int, tol: float) -> Reals:
    """Lloyd's algorithm from one start, on up to some ten thousand customers: there scikit-learn is no faster, and slow to import.

    Args:
        matrix: (p, d) customers.
        weights: (p,) how often each counts.
        begun: (k, d) centres to begin from.
        steps: at most so many steps.
        tol: it ends when centres move less in all (squared) than this share of a column's mean variance; at 0 when nobody
            changes segment.
    """
    middle = matrix.mean(axis=0)
    table = matrix - middle
    rows = with_ones(table)
    across, weighted = np.ascontiguousarray(rows.T), rows * weights[:, None]
    least, centres = tol * float((table**2).mean()), begun - middle
    for _ in range(steps):
        scores = with_halves(centres) @ across
        mine = scores == scores.max(axis=0)
        if mine.sum() > len(table):  # of equally near centres the first
            mine = mine.argmax(axis=0) == np.arange(len(centres))[:, None]
        sums = mine.astype(table.dtype) @ weighted
        now = np.where(sums[:, -1:] > 0, sums[:, :-1] / np.maximum(sums[:, -1:], 1e-300), centres)
        moved, centres = float(((now - centres) ** 2).sum()), now
        if moved <= least:
            break
    return np.asarray(centres + middle)


def exchange(matrix: Reals, weights: Reals, centres: Reals, *, moves: int) -> tuple[Reals, float]:
    """Single customers moved while that lowers the inertia (Hartigan & Wong, Applied Statistics 28, 1979).

    A customer is near the own centre also because they belong to it. Lloyd's algorithm does not see that, and in
    segments of a few customers it ends beside the optimum, close to where it began. Where this ends, Lloyd's
    algorithm has ended too.

    Returns:
        Centres (k, d), and their inertia less the sum of squares that all starts share.
    """
    labels, rows, centres = nearest(matrix, centres), np.arange(len(matrix)), centres.copy()
    norms, across = (matrix**2).sum(1), np.ascontiguousarray(matrix.T)
    mine = (labels == np.arange(len(centres))[:, None]) * weights
    sizes, sums = mine.sum(1), mine @ matrix
    squares = np.empty((len(centres), len(matrix)), matrix.dtype)
    changed = np.arange(len(centres))
    for move in range(moves + 1):
        held = sizes[changed, None] > 0
        centres[changed] = np.where(
            held, sums[changed] / np.where(held, sizes[changed, None], 1), centres[changed]
        )
        if move == moves:
            break
        squares[changed] = (
            norms - 2 * (centres[changed] @ across) + (centres[changed] ** 2).sum(1, keepdims=True)
        )
        cost = squares * (sizes[:, None] / (sizes[:, None] + weights))  # of taking the customer in
        own, whole = squares[labels, rows], sizes[labels]
        left = whole - weights
        stay = np.where(left > 1e-6, own * whole / np.maximum(left, 1e-6), 0)
        cost[labels, rows] = np.inf
        gain = weights * (stay - cost.min(axis=0))
        mover = int(gain.argmax())
        if gain[mover] <= LEAST[matrix.dtype.itemsize]:
            break
        changed = np.array([labels[mover], cost[:, mover].argmin()])
        labels[mover] = changed[1]
        shift = np.array([-1, 1]) * weights[mover]
        sizes[changed] += shift
        sums[changed] += shift[:, None] * matrix[mover]
    return centres, -float((sizes * (centres**2).sum(1)).sum())


def nearest(matrix: Reals, centres: Reals) -> Ints:
    """The nearest of the centres (k, d) for each row of (p, d); of equally near ones always the same."""
    scores = centres @ matrix.T
    scores -= 0.5 * (centres**2).sum(1)[:, None]
    return highest(scores)
