"""Many small k-means searches on the same few customers, all starts at once.

scikit-learn's fit costs a millisecond before it begins; a hundred resamples with several starts each need less.
Single precision is enough here: only who belongs together is asked, never an inertia.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Singles = npt.NDArray[np.float32]


def descend(matrix: Singles, weights: Singles, begun: Singles, *, steps: int) -> tuple[Singles, Singles]:
    """Lloyd's algorithm from several starts at once.

    Args:
        matrix: (p, d) customers, centred near zero.
        weights: (p,) how often each counts.
        begun: (s, k, d) centres of each start.
        steps: at most so many steps; it ends earlier where nothing moves any more.

    Returns:
        Centres (s, k, d), and the inertia (s,) before the last step up to a constant that all starts share.
    """
    starts, k, d = begun.shape
    ones = np.concatenate([matrix, np.ones((len(matrix), 1), np.float32)], axis=1)
    weighted, across = ones * weights[:, None], np.ascontiguousarray(matrix.T)
    centres, inertia = begun.copy(), np.zeros(starts, np.float32)
    moving = np.arange(starts)
    for _ in range(steps):
        now = centres[moving]
        scores = (now.reshape(-1, d) @ across).reshape(len(moving), k, -1)
        scores -= 0.5 * np.einsum("skd,skd->sk", now, now)[:, :, None]
        best = scores.max(axis=1)
        inertia[moving] = -2 * (best @ weights)
        mine = (scores == best[:, None, :]).astype(np.float32)
        sums = (mine.reshape(-1, len(matrix)) @ weighted).reshape(len(moving), k, d + 1)
        held = sums[..., -1:] > 0
        centres[moving] = np.where(held, sums[..., :-1] / np.where(held, sums[..., -1:], 1), now)
        moving = moving[np.abs(centres[moving] - now).max(axis=(1, 2)) > 1e-5]
        if not len(moving):
            break
    return centres, inertia


def nearest(matrix: Singles, centres: Singles) -> npt.NDArray[np.int64]:
    """The nearest of the centres (k, d) for each row of (p, d); of equally near ones the first."""
    scores = matrix @ centres.T
    scores -= 0.5 * (centres**2).sum(1)
    return scores.argmax(axis=1)
