"""Many small k-means searches on the same few customers, all starts at once.

scikit-learn's fit costs a millisecond before it begins; a hundred resamples with many starts each
need less. Single precision is enough where only who belongs together is asked; whoever asks for an
inertia gives doubles.
"""

from __future__ import annotations

import numpy as np

from shoal.engine.progress import pulse
from shoal.stats.distances import Reals, highest
from shoal.types import Ints

STILL = 1e-3  # a centre that moves less, in units of the table's spread, has arrived
# What moving a customer must gain, by the bytes of a number: less is rounding.
LEAST = {4: 1e-5, 8: 1e-10}


def spread(
    matrix: Reals, weights: Reals, k: int, *, starts: int, rng: np.random.Generator
) -> Reals:
    """Centres (starts, k, d) to begin from, on customers (p, d).

    K-means++ (Arthur & Vassilvitskii, SODA 2007).
    """
    centres = np.empty((starts, k, matrix.shape[1]), matrix.dtype)
    norms, across = (matrix**2).sum(1), np.ascontiguousarray(matrix.T)
    nearest_squares = np.ones((starts, len(matrix)), matrix.dtype)
    for j in range(k):
        pulse()
        chances = np.cumsum(nearest_squares * weights, axis=1, dtype=np.float64)
        aim = rng.random(starts) * chances[:, -1]
        chosen = np.minimum((chances <= aim[:, None]).sum(1), len(matrix) - 1)
        centres[:, j] = matrix[chosen]
        squares = norms - 2 * (centres[:, j] @ across) + norms[chosen][:, None]
        if j > 0:
            squares = np.minimum(nearest_squares, squares)
        nearest_squares = np.maximum(squares, 0)
    return centres


def descend(
    matrix: Reals, weights: Reals, begun: Reals, *, steps: int, still: float = STILL
) -> tuple[Reals, Reals]:
    """Lloyd's algorithm from several starts at once.

    Lloyd, IEEE Transactions on Information Theory 28, 1982.

    Args:
        matrix: (p, d) customers, centred near zero.
        weights: (p,) how often each counts.
        begun: (s, k, d) centres of each start.
        steps: at most so many steps; it ends earlier where nothing moves any more.
        still: a centre that moves less has arrived.

    Returns:
        Centres (s, k, d), and the inertia (s,) before the last step, less the sum of squares that
        all starts share.
    """
    return descend_counted(matrix, weights, begun, steps=steps, still=still)[:2]


def descend_counted(
    matrix: Reals, weights: Reals, begun: Reals, *, steps: int, still: float = STILL
) -> tuple[Reals, Reals, Ints]:
    """The same as `descend`, and how many steps (s,) each start made."""
    starts, k, d = begun.shape
    rows = _with_ones(matrix)
    across, weighted = np.ascontiguousarray(rows.T), rows * weights[:, None]
    centres, inertia, moving = begun.copy(), np.zeros(starts, matrix.dtype), np.arange(starts)
    made = np.zeros(starts, np.int64)
    for _ in range(steps):
        pulse()
        made[moving] += 1
        now = centres[moving]
        scores = (_with_halves(now.reshape(-1, d)) @ across).reshape(len(moving), k, -1)
        best = scores.max(axis=1)
        inertia[moving] = -2 * (best @ weights)
        mine = (scores == best[:, None, :]).astype(matrix.dtype)
        sums = (mine.reshape(-1, len(matrix)) @ weighted).reshape(len(moving), k, d + 1)
        held = sums[..., -1:]
        centres[moving] = np.where(held > 0, sums[..., :-1] / np.maximum(held, 1e-9), now)
        moving = moving[np.abs(centres[moving] - now).max(axis=(1, 2)) > still]
        if not len(moving):
            break
    return centres, inertia, made


def rest(
    matrix: Reals, weights: Reals, begun: Reals, *, steps: int, tol: float
) -> tuple[Reals, int]:
    """Lloyd's algorithm from one start, on up to some ten thousand customers.

    There scikit-learn is no faster, and slow to import.

    Args:
        matrix: (p, d) customers.
        weights: (p,) how often each counts.
        begun: (k, d) centres to begin from.
        steps: at most so many steps.
        tol: it ends when centres move less in all (squared) than this share of a column's mean
            variance; at 0 when nobody changes segment.

    Returns:
        Centres (k, d), and how many steps were made.
    """
    middle = matrix.mean(axis=0)
    table, ids = matrix - middle, np.arange(len(begun))[:, None]
    rows = _with_ones(table)
    across, weighted = np.ascontiguousarray(rows.T), rows * weights[:, None]
    least, centres = tol * float((table**2).mean()), begun - middle
    made = 0
    for _ in range(steps):
        pulse()
        made += 1
        near, _ = highest(_with_halves(centres) @ across)
        sums = (near == ids).astype(table.dtype) @ weighted
        held = sums[:, -1:]
        now = np.where(held > 0, sums[:, :-1] / np.maximum(held, 1e-300), centres)
        moved, centres = float(((now - centres) ** 2).sum()), now
        if moved <= least:
            break
    return np.asarray(centres + middle), made


def exchange(matrix: Reals, weights: Reals, centres: Reals, *, moves: int) -> tuple[Reals, float]:
    """Single customers moved while that lowers the inertia.

    Hartigan & Wong, Applied Statistics 28, 1979. A customer is near the own centre also because
    they belong to it. Lloyd's algorithm does not see that, and in segments of a few customers it
    ends beside the optimum, close to where it began. Where this ends, Lloyd's algorithm has ended
    too.

    Args:
        matrix: (p, d) customers, centred near zero, in units of their spread.
        weights: (p,) how often each counts.
        centres: (k, d).
        moves: at most so many customers are moved.

    Returns:
        Centres (k, d), and their inertia less the sum of squares that all starts share.
    """
    state = _Exchange(matrix, weights, centres)
    for _ in range(moves):
        pulse()
        if not state.move_one():
            break
    return state.centres, -float((state.sizes * (state.centres**2).sum(1)).sum())


class _Exchange:
    """Segments between which single customers move.

    What each holds, and how far everybody is from each centre.
    """

    def __init__(self, matrix: Reals, weights: Reals, centres: Reals) -> None:
        self.matrix, self.weights, self.centres = matrix, weights, centres.copy()
        self.rows, self.labels = np.arange(len(matrix)), nearest(matrix, centres)
        self.norms, self.across = (matrix**2).sum(1), np.ascontiguousarray(matrix.T)
        members = (self.labels == np.arange(len(centres))[:, None]) * weights
        self.sizes, self.sums = members.sum(1), members @ matrix
        self.squares = np.empty((len(centres), len(matrix)), matrix.dtype)
        self._follow(np.arange(len(centres)))

    def move_one(self) -> bool:
        """Move the customer whose move gains most; False where no move gains anything."""
        joining = self.squares * (self.sizes[:, None] / (self.sizes[:, None] + self.weights))
        joining[self.labels, self.rows] = np.inf
        gain = self.weights * (self._gained_by_leaving() - joining.min(axis=0))
        mover = int(gain.argmax())
        if gain[mover] <= LEAST[self.matrix.dtype.itemsize]:
            return False
        left_and_joined = np.array([self.labels[mover], joining[:, mover].argmin()])
        self.labels[mover] = left_and_joined[1]
        shift = np.array([-1, 1]) * self.weights[mover]
        self.sizes[left_and_joined] += shift
        self.sums[left_and_joined] += shift[:, None] * self.matrix[mover]
        self._follow(left_and_joined)
        return True

    def _gained_by_leaving(self) -> Reals:
        """What the own segment's inertia loses (p,) when a customer leaves, a unit of weight."""
        whole = self.sizes[self.labels]
        left = whole - self.weights
        own = self.squares[self.labels, self.rows]
        return np.where(left > 1e-6, own * whole / np.maximum(left, 1e-6), 0)

    def _follow(self, changed: Ints) -> None:
        """Centres and distances of the segments that changed."""
        held = self.sizes[changed, None] > 0
        means = self.sums[changed] / np.where(held, self.sizes[changed, None], 1)
        self.centres[changed] = centres = np.where(held, means, self.centres[changed])
        lengths = (centres**2).sum(1, keepdims=True)
        self.squares[changed] = self.norms - 2 * (centres @ self.across) + lengths


def nearest(matrix: Reals, centres: Reals) -> Ints:
    """The nearest of the centres (k, d) for each row of (p, d); of equally near ones the first."""
    scores = centres @ matrix.T
    scores -= 0.5 * (centres**2).sum(1)[:, None]
    return highest(scores)[0].astype(np.int64)


def _with_ones(rows: Reals) -> Reals:
    """Rows (p, d) with a one behind each (p, d + 1).

    Their products with `_with_halves` are highest for the nearest centre.
    """
    return np.concatenate([rows, np.ones((len(rows), 1), rows.dtype)], axis=1)


def _with_halves(centres: Reals) -> Reals:
    """Centres (k, d) with minus half of their squared length behind each (k, d + 1)."""
    return np.concatenate([centres, -0.5 * (centres**2).sum(axis=1, keepdims=True)], axis=1)
