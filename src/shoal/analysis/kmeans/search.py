"""One k: the best k-means solution that can be found, and placing rows by it.

`search` finds the centres on weighted points. Restarts alone do not reach the optimum when k is
large (Fränti & Sieranoja, Pattern Recognition 93, 2019), so the best start is bettered by moving
whole centres (random swap: Fränti, Journal of Big Data 5, 2018). `assign` and `nearest_two` place
any number of rows in bounded memory.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Any

import numpy as np

from shoal.analysis.kmeans.lloyd import descend_counted, exchange, rest, spread
from shoal.engine.resources import blas_threads
from shoal.stats.distances import BLOCK, Reals, one_nearest, two_nearest
from shoal.types import Fit, Floats, Ints

SAME = 1e-4  # two inertias within this share of each other are one solution
MANY = 4_000  # points that are searched when there are more than twice as many
# Numbers of a table from which on it is searched in single precision, whose end is doubled.
WIDE = 160_000
STEPS = 300  # of Lloyd's algorithm at most; it ends when nobody changes segment
NEARLY = 1e-4  # tolerance while solutions are compared: the best one goes on to its end
OWN = 300_000  # distances per Lloyd step up to which no library is faster, imported or not
TINY = 24_000  # distances per Lloyd step up to which all starts are run at once
TINY_SINGLE = 48_000  # the same in single precision
POLISHED = 5  # ends of starts that are bettered by moving single customers
SWAPS = 4  # rounds of moving centres without success that end a search
MOST_SWAPS = 10  # rounds at most, or one for each segment
TRIED = 12  # centres that are moved in one round: those that are missed least
CROWD = 100  # customers to a segment from which on moving single ones gains nothing to speak of
LESS = 30  # customers moved while solutions are compared; the best goes on until nothing helps
RESTING = 1e-6  # a centre that moves less, in units of the table's spread, has arrived
SMALL = 500_000  # distances per Lloyd step below which threads cost more than they bring
# What a moved centre must gain, a share of the spread, by the bytes of a number: less is rounding.
HELPS = {4: 1e-5, 8: 1e-9}


def search(
    matrix: Floats,
    weights: Floats,
    k: int,
    *,
    seed: int,
    starts: int = 10,
    thorough: bool = True,
    known: Floats | None = None,
    settled: bool = True,
) -> Fit:
    """The best weighted k-means solution found for one k.

    Several k-means++ starts (Arthur & Vassilvitskii, SODA 2007), each run to its end by Lloyd's
    algorithm; the best is bettered by moving centres to where they are needed most. Only ratios of
    weights matter: a row given twice is a row of weight 2.

    Args:
        matrix: (p, d) distinct points.
        weights: (p,) positive, how many customers stand at each point.
        k: number of segments, 1 to p.
        seed: the same seed gives the same solution.
        starts: number of k-means++ starts.
        thorough: better the best start by moving centres.
        known: centres (k, d) to begin one more start from.
        settled: of many points, too, go on until nobody changes segment; else nearly so.

    Returns:
        Centres (k, d) in the order of their first coordinates, labels (p,), inertia in squared
        units of the matrix.

    >>> fit = search(np.array([[0.0], [1.0], [10.0], [11.0]]), np.ones(4), 2, seed=0)
    >>> fit.centres.ravel().round(9).tolist(), fit.labels.tolist(), round(fit.inertia, 9)
    ([0.5, 10.5], [0, 0, 1, 1], 1.0)
    """
    matrix = np.ascontiguousarray(matrix, dtype=np.float64)
    if k >= len(matrix) or k == 1:
        return _trivial(matrix, weights, k)
    if len(matrix) > 2 * max(MANY, 200 * k) or (thorough and matrix.size > WIDE):
        return _search_part(matrix, weights, k, seed, starts, settled)
    # Without moving centres, who belongs together is all that is asked for.
    single = not thorough and len(matrix) * k <= TINY
    with _threads(len(matrix) * k):
        ended = _search_all(matrix, weights, k, seed, starts, thorough, known, single)
    return _in_order(matrix, weights, *ended)


def settle(matrix: Floats, weights: Floats, fit: Fit) -> Fit:
    """A solution after Lloyd's algorithm to its very end, where nobody changes segment any more.

    Args:
        matrix: (p, d) distinct points.
        weights: (p,) positive.
        fit: what `search` found on them.

    Returns:
        The solution, its segments in the order of their first coordinates again.
    """
    if len(matrix) <= MANY and matrix.size <= WIDE:  # bettered customer by customer already
        return fit
    settled = lloyd_from(matrix, weights, fit.centres)
    return dataclasses.replace(
        fit,
        centres=settled.centres,
        labels=settled.labels,
        inertia=settled.inertia,
        steps=fit.steps + settled.steps,
    )


def lloyd_from(matrix: Floats, weights: Floats, centres: Floats) -> Fit:
    """The solution that Lloyd's algorithm comes to from these centres (k, d), the best or not."""
    with _threads(len(matrix) * len(centres)):
        ended, _, made = _lloyd(matrix, weights / weights.max(), centres, tol=0.0)
    return _in_order(matrix, weights, ended, 1, 1, made)


def assign(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The nearest centre of each row, and the distance to it.

    Of equally near centres the lower id wins.

    Args:
        matrix: (n, d) rows, any number of them.
        centres: (k, d).

    Returns:
        Labels (n,) from 0 and distances (n,) in the units of the matrix.

    >>> assign(np.array([[0.0], [4.0], [5.0]]), np.array([[0.0], [10.0]]))[0].tolist()
    [0, 0, 0]
    """
    labels, distances = _place(matrix, centres, 1)
    return labels[:, 0], distances[:, 0]


def nearest_two(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The nearest and the second nearest centre of each row, with their distances.

    Args:
        matrix: (n, d) rows.
        centres: (k, d), k at least 2.

    Returns:
        Labels (n, 2) and distances (n, 2); equally near centres stand in the order of their ids.
    """
    return _place(matrix, centres, 2)


def _place(matrix: Floats, centres: Floats, count: int) -> tuple[Ints, Floats]:
    centres = np.asarray(centres, dtype=np.float64)
    labels = two_nearest(np.asarray(matrix, dtype=np.float64), centres)[0][:, :count]
    distances = np.empty(labels.shape)
    for start in range(0, len(matrix), BLOCK):
        part = slice(start, start + BLOCK)
        rows = np.asarray(matrix[part], dtype=np.float64)
        for i, near in enumerate(labels[part].T):
            # Measured, since products lose digits very near a centre.
            distances[part, i] = np.sqrt(_squares(rows - centres[near]))
    return labels, distances


def _squares(differences: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", differences, differences)
    return found


@dataclass(frozen=True)
class _Solution:
    """Where starts ended."""

    centres: Reals  # (k, d)
    loss: float  # the inertia, less the sum of squares that all solutions share
    count: int  # starts that came to it
    steps: int  # of Lloyd's algorithm on the way to it


@dataclass(frozen=True)
class _Crowd:
    """What is searched: points around zero in units of their spread, and how much each weighs."""

    table: Reals  # (p, d)
    weights: Reals  # (p,), the heaviest is 1
    moves: int  # single customers moved while solutions are compared

    @property
    def shared(self) -> float:
        """The sum of squares that all solutions share."""
        return float(self.weights @ (self.table**2).sum(1))

    def lloyd(self, begun: Reals, steps: int) -> tuple[Reals, Reals, Ints]:
        """Where starts (s, k, d) come to within so many steps, their losses and steps (s,).

        Few points all at once.
        """
        k = begun.shape[1]
        limit = TINY if self.table.itemsize == 8 else TINY_SINGLE
        if len(self.table) * k <= limit:
            return descend_counted(self.table, self.weights, begun, steps=steps, still=RESTING)
        ended = [_lloyd(self.table, self.weights, one, tol=NEARLY, steps=steps) for one in begun]
        losses = np.array([inertia for _, inertia, _ in ended]) - self.shared
        made = np.array([made for _, _, made in ended])
        return np.stack([centres for centres, _, _ in ended]), losses, made

    def solutions(self, begun: Reals, kept: int) -> list[_Solution]:
        """The best ends of starts (s, k, d), each once; of few customers bettered one by one."""
        ended, losses, made = self.lloyd(begun, STEPS)
        order = np.argsort(losses, kind="stable")
        steps = np.diff(losses[order], prepend=-np.inf)
        firsts = np.flatnonzero(steps > SAME * np.abs(losses[order]))
        counts = np.diff(np.append(firsts, len(order)))
        return [
            self.bettered(_Solution(ended[i], float(losses[i]), int(count), int(made[i])))
            for i, count in zip(order[firsts[:kept]], counts, strict=False)
        ]

    def bettered(self, solution: _Solution) -> _Solution:
        """The solution after some single customers have moved, where that is worth while."""
        if not self.moves:
            return solution
        moved = exchange(self.table, self.weights, solution.centres, moves=self.moves)
        return _Solution(*moved, solution.count, solution.steps)


def _search_all(
    matrix: Floats,
    weights: Floats,
    k: int,
    seed: int,
    starts: int,
    thorough: bool,
    known: Floats | None,
    single: bool,
) -> tuple[Floats, int, int, int]:
    """Centres (k, d), how many starts were made, how many of them reached these centres, and the
    steps on the way to them.

    In single precision single customers are moved only where segments are small: among many, one
    more or less is nothing.
    """
    rng, weights = np.random.default_rng((seed, k)), weights / weights.max()
    middle = np.average(matrix, axis=0, weights=weights)
    unit = float(np.sqrt(((matrix - middle) ** 2).sum(1).mean())) or 1.0
    kind = np.float32 if single else np.float64
    exchanging = len(matrix) * k <= TINY and (not single or len(matrix) < CROWD * k)
    crowd = _Crowd(
        ((matrix - middle) / unit).astype(kind),
        weights.astype(kind),
        moves=LESS if exchanging else 0,
    )
    begun = spread(crowd.table, crowd.weights, k, starts=starts, rng=rng)
    if known is not None:
        begun = np.concatenate([begun, ((known[None] - middle) / unit).astype(kind)])
    ends = crowd.solutions(begun, kept=POLISHED if thorough else 1)
    best = min(ends, key=lambda end: end.loss)
    if thorough:
        best = _at_rest(crowd, _swap_centres(crowd, best, rng))
    near = (best.loss + crowd.shared) * (1 + SAME)
    reached = sum(end.count for end in ends if end.loss + crowd.shared <= near)
    centres = best.centres.astype(np.float64) * unit + middle
    return centres, len(begun), max(reached, 1), best.steps


def _swap_centres(crowd: _Crowd, best: _Solution, rng: np.random.Generator) -> _Solution:
    """Random swap (Fränti 2018): a centre put where customers are far off, while that helps.

    In each round several centres are tried, each put elsewhere; where customers are many, a few
    Lloyd steps tell which of them to follow.
    """
    k, failed = len(best.centres), 0
    for _ in range(max(MOST_SWAPS, k)):
        if failed == SWAPS:
            break
        missed = crowd.weights * _away(crowd.table, best.centres)
        if missed.sum() <= 0:
            break
        moved = _moved(crowd, best, rng, missed / missed.sum())
        if not crowd.moves:
            moved, losses, _ = crowd.lloyd(moved, steps=3)
            moved = moved[np.argsort(losses, kind="stable")[:2]]
        found = min(crowd.solutions(moved, kept=2), key=lambda end: end.loss)
        found = dataclasses.replace(found, steps=best.steps + found.steps)
        helped = found.loss < best.loss - HELPS[crowd.table.itemsize] * len(crowd.table)
        failed = 0 if helped else failed + 1
        best = min(best, found, key=lambda end: end.loss)
    return best


def _moved(crowd: _Crowd, best: _Solution, rng: np.random.Generator, chances: Floats) -> Reals:
    """Starts (s, k, d), in each of which one centre stands elsewhere.

    Where, is drawn with these chances (p,).
    """
    k = len(best.centres)
    gone = np.arange(max(k, 4)) % k
    if k > TRIED:
        near, squared = two_nearest(crowd.table, best.centres)
        loss = np.bincount(near[:, 0], crowd.weights * (squared[:, 1] - squared[:, 0]), k)
        gone = np.sort(np.argsort(loss, kind="stable")[:TRIED])
    begun = np.repeat(best.centres[None], len(gone), axis=0)
    there = rng.choice(len(crowd.table), len(gone), p=chances)
    begun[np.arange(len(gone)), gone] = crowd.table[there]
    return begun


def _at_rest(crowd: _Crowd, best: _Solution) -> _Solution:
    """The solution at its very end.

    No customer can move with a gain, or, of many, nobody is nearer elsewhere.
    """
    if len(crowd.table) > MANY:
        centres, inertia, made = _lloyd(crowd.table, crowd.weights, best.centres, tol=0.0)
        return _Solution(centres, inertia - crowd.shared, best.count, best.steps + made)
    if crowd.table.itemsize == 4 and not crowd.moves:
        return best
    moved = exchange(crowd.table, crowd.weights, best.centres, moves=len(crowd.table))
    return _Solution(*moved, best.count, best.steps)


def _search_part(
    matrix: Floats, weights: Floats, k: int, seed: int, starts: int, settled: bool
) -> Fit:
    """The search on some of many points, in single precision where segments are few.

    Its end on all of them. Most of the way is the same, and cheaper.
    """
    few = min(max(MANY, 200 * k), len(matrix))
    some = np.sort(np.random.default_rng((seed, k)).choice(len(matrix), few, replace=False))
    single = few * k <= TINY_SINGLE
    with _threads(few * k):
        begun, tried, reached, made = _search_all(
            matrix[some], weights[some], k, seed, starts, thorough=True, known=None, single=single
        )
    with _threads(len(matrix) * k):
        kind, tol = (np.float64, 0.0) if settled else (np.float32, NEARLY)
        whole, held = matrix.astype(kind, copy=False), (weights / weights.max()).astype(kind)
        centres, _, more = _lloyd(whole, held, begun.astype(kind, copy=False), tol=tol)
    return _in_order(matrix, weights, centres.astype(np.float64), tried, reached, made + more)


def _lloyd(
    matrix: Reals, weights: Reals, centres: Reals, *, tol: float, steps: int = STEPS
) -> tuple[Floats, float, int]:
    """Centres (k, d), inertia and steps of Lloyd's algorithm from one start."""
    if len(matrix) * len(centres) <= OWN:
        ended, made = rest(matrix, weights, centres, steps=steps, tol=tol)
        return ended, float(weights @ _away(matrix, ended)), made
    from sklearn.cluster import KMeans

    kmeans = KMeans(len(centres), init=centres, n_init=1, max_iter=steps, tol=tol)
    fitted = kmeans.fit(matrix, sample_weight=weights)
    return fitted.cluster_centers_, float(fitted.inertia_), int(fitted.n_iter_)


def _away(matrix: Reals, centres: Reals) -> Floats:
    """The squared distance (p,) of each point to the nearest centre."""
    matrix, centres = np.asarray(matrix, dtype=np.float64), np.asarray(centres, dtype=np.float64)
    return one_nearest(matrix, centres)[1]


def _in_order(
    matrix: Floats, weights: Floats, centres: Floats, starts: int, reached: int, steps: int
) -> Fit:
    """The solution with its segments in the order of their first coordinates."""
    ordered = centres[np.lexsort(centres.T[::-1])]
    labels, squared = one_nearest(matrix, ordered)
    return Fit(ordered, labels, float(weights @ squared), starts, reached, steps=steps)


def _trivial(matrix: Floats, weights: Floats, k: int) -> Fit:
    """One segment, or a segment for every point: nothing to search."""
    if k == 1:
        middle = np.average(matrix, axis=0, weights=weights)
        return _in_order(matrix, weights, middle[None], 1, 1, 1)
    return dataclasses.replace(_in_order(matrix, weights, matrix, 1, 1, 1), inertia=0.0)


def one_thread(work: int) -> Any:
    """One thread for searches of so many distances per step, whichever library makes the steps."""
    return blas_threads(1, openmp=work > OWN)


def _threads(work: int) -> Any:
    """One thread for small work: waking others costs more than they do."""
    return blas_threads(1, openmp=OWN < work < SMALL)
