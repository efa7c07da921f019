"""Many small k-means searches on the same few customers, all starts at once.

scikit-learn's fit costs a millisecond before it begins; a hundred resamples with many starts each need less.
Single precision is enough here: only who belongs together is asked, never an inertia.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]
STILL = 1e-3  # a centre that moves less, in units of the table's spread, has arrived


def spread(matrix: Singles, weights: Singles, k: int, *, starts: int, rng: np.random.Generator) -> Singles:
    """Centres (starts, k, d) to begin from: k-means++ (Arthur & Vassilvitskii 2007) on customers (p, d)."""
    norms, across = (matrix**2).sum(1), np.ascontiguousarray(matrix.T)
    far = np.ones((starts, len(matrix)), np.float32)
    centres = np.empty((starts, k, matrix.shape[1]), np.float32)
    for j in range(k):
        chances = np.cumsum(far * weights, axis=1, dtype=np.float64)
        aim = rng.random(starts) * chances[:, -1]
        chosen = np.minimum((chances <= aim[:, None]).sum(1), len(matrix) - 1)
        centres[:, j] = matrix[chosen]
        gaps = norms - 2 * (centres[:, j] @ across) + norms[chosen][:, None]
        far = np.maximum(gaps if j == 0 else np.minimum(far, gaps), 0)
    return centres


def descend(matrix: Singles, weights: Singles, begun: Singles, *, steps: int) -> tuple[Singles, Singles]:
    """Lloyd's algorithm from several starts at once.

    Args:
        matrix: (p, d) customers, centred near zero.
        weights: (p,) how often each counts.
        begun: (s, k, d) centres of each start.
        steps: at most so many steps; it ends earlier where nothing moves any more.

    Returns:
        Centres (s, k, d), and the inertia (s,) before the last step, less the sum of squares that all starts share.
    """
    starts, k, d = begun.shape
    weighted = np.concatenate([matrix, np.ones((len(matrix), 1), np.float32)], axis=1) * weights[:, None]
    across = np.ascontiguousarray(matrix.T)
    centres, inertia, moving = begun.copy(), np.zeros(starts, np.float32), np.arange(starts)
    for _ in range(steps):
        now = centres[moving]
        scores = (now.reshape(-1, d) @ across).reshape(len(moving), k, -1)
        scores -= 0.5 * (now**2).sum(2)[:, :, None]
        best = scores.max(axis=1)
        inertia[moving] = -2 * (best @ weights)
        mine = (scores == best[:, None, :]).astype(np.float32)
        sums = (mine.reshape(-1, len(matrix)) @ weighted).reshape(len(moving), k, d + 1)
        held = sums[..., -1:]
        centres[moving] = np.where(held > 0, sums[..., :-1] / np.maximum(held, 1e-9), now)
        moving = moving[np.abs(centres[moving] - now).max(axis=(1, 2)) > STILL]
        if not len(moving):
            break
    return centres, inertia


def exchange(matrix: Singles, weights: Singles, centres: Singles, *, moves: int) -> tuple[Singles, float]:
    """Single customers moved while that lowers the inertia (Hartigan & Wong, Applied Statistics 28, 1979).

    A customer is near the own centre also because they belong to it. Lloyd's algorithm does not see that, and in
    segments of a few customers it ends beside the optimum, close to where it began.

    Returns:
        Centres (k, d), and their inertia less the sum of squares that all starts share.
    """
    labels = nearest(matrix, centres)
    norms, rows, across = (matrix**2).sum(1), np.arange(len(matrix)), np.ascontiguousarray(matrix.T)
    for move in range(moves + 1):
        mine = (labels == np.arange(len(centres))[:, None]) * weights
        sizes = mine.sum(1, keepdims=True)
        centres = np.where(sizes > 0, mine @ matrix / np.maximum(sizes, 1e-9), centres).astype(np.float32)
        lengths = (centres**2).sum(1, keepdims=True)
        if move == moves:
            break
        squares = norms - 2 * (centres @ across) + lengths
        cost = squares * (sizes / (sizes + weights))  # of taking the customer in
        own, left = squares[labels, rows], sizes[labels, 0] - weights
        stay = np.where(left > 1e-6, own * sizes[labels, 0] / np.maximum(left, 1e-6), 0)
        cost[labels, rows] = np.inf
        gain = weights * (stay - cost.min(axis=0))
        mover = int(gain.argmax())
        if gain[mover] <= 1e-5:
            break
        labels[mover] = cost[:, mover].argmin()
    return centres, -float((sizes * lengths).sum())


def nearest(matrix: Singles, centres: Singles) -> npt.NDArray[np.int64]:
    """The nearest of the centres (k, d) for each row of (p, d); of equally near ones the first."""
    return np.asarray((centres @ matrix.T - 0.5 * (centres**2).sum(1)[:, None]).argmax(axis=0), dtype=np.int64)
