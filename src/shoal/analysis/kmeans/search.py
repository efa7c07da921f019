"""One k: the best k-means solution that can be found, and placing rows by it.

`search` finds the centres on weighted points. Restarts alone do not reach the optimum when k is large
(Fränti & Sieranoja, Pattern Recognition 93, 2019), so the best start is bettered by moving whole centres.
`assign` and `nearest_two` place any number of rows in bounded memory.
"""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from shoal.analysis.kmeans.lloyd import Reals, descend, exchange, rest, spread
from shoal.engine.resources import blas_threads
from shoal.stats.distances import BLOCK, one_nearest, two_nearest
from shoal.types import Fit, Floats, Ints

SAME = 1e-4  # two inertias within this share of each other are one solution
MANY = 4_000  # points that are searched when there are more than twice as many
STEPS = 300  # of Lloyd's algorithm at most; it ends when nobody changes segment
OWN = 300_000  # distances per Lloyd step up to which no library is faster, imported or not
TINY = 24_000  # distances per Lloyd step up to which all starts are run at once
TINY_SINGLE = 48_000  # the same in single precision
POLISHED = 5  # ends of starts that are bettered by moving single customers
SWAPS = 4  # rounds of moving centres without success that end a search
MOST_SWAPS = 10  # rounds at most
HELPS = {
    4: 1e-5,
    8: 1e-9,
}  # what a moved centre must gain, a share of the spread, by the bytes of a number: less is rounding
CROWD = 100  # customers to a segment from which on moving single ones gains nothing to speak of
LESS = (
    30  # customers moved while solutions are compared; the best one is bettered until nothing helps
)
RESTING = 1e-6  # a centre that moves less, in units of the table's spread, has arrived: moving customers does the rest
SMALL = 500_000  # distances per Lloyd step below which threads cost more than they bring


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

    Several k-means++ starts (Arthur & Vassilvitskii 2007), each run to its end by Lloyd's algorithm; where they
    disagree the best is bettered by moving centres from where they are missed least to where they are needed
    most. Only ratios of weights matter: a row given twice is a row of weight 2.

    Args:
        matrix: (p, d) distinct points.
        weights: (p,) positive, how many customers stand at each point.
        k: number of segments, 1 to p.
        seed: the same seed gives the same solution.
        starts: number of k-means++ starts.
        thorough: better the best start by moving centres where the starts disagree.
        known: centres (k, d) to begin one more start from.
        settled: of many points, too, go on until nobody changes segment; else nearly so.

    Returns:
        Centres (k, d) in the order of their first coordinates, labels (p,), inertia in squared units of the matrix.

    >>> fit = search(np.array([[0.0], [1.0], [10.0], [11.0]]), np.ones(4), 2, seed=0)
    >>> fit.centres.ravel().round(9).tolist(), fit.labels.tolist(), round(fit.inertia, 9)
    ([0.5, 10.5], [0, 0, 1, 1], 1.0)
    """
    matrix, shares = np.ascontiguousarray(matrix, dtype=np.float64), weights / weights.max()
    if k >= len(matrix) or k == 1:
        return _trivial(matrix, weights, k)
    if len(matrix) > 2 * max(MANY, 200 * k):
        return _search_some(matrix, weights, k, seed, starts, settled)
    with _threads(len(matrix) * k):
        if len(matrix) * k <= TINY:
            single = not thorough  # who belongs together is all that is asked for then
            centres, tried, reached = _search_small(
                matrix, shares, k, seed, starts, thorough, known, single
            )
        else:
            centres, tried, reached = _search_large(
                matrix, shares, k, seed, starts, thorough, known
            )
    return _in_order(matrix, weights, centres, tried, reached)


def settle(matrix: Floats, weights: Floats, fit: Fit) -> Fit:
    """A solution after Lloyd's algorithm to its very end, where nobody changes segment any more.

    Args:
        matrix: (p, d) distinct points.
        weights: (p,) positive.
        fit: what `search` found on them.

    Returns:
        The solution, its segments in the order of their first coordinates again.
    """
    if len(matrix) <= MANY:  # bettered customer by customer already
        return fit
    with _threads(len(matrix) * len(fit.centres)):
        centres, _ = _lloyd(matrix, weights / weights.max(), fit.centres, tol=0.0)
    settled = _in_order(matrix, weights, centres, fit.starts, fit.reached)
    return dataclasses.replace(settled, within=fit.within)


def lloyd_from(matrix: Floats, weights: Floats, centres: Floats) -> Fit:
    """The solution that Lloyd's algorithm comes to from these centres (k, d), whether or not others are better."""
    with _threads(len(matrix) * len(centres)):
        ended, _ = _lloyd(matrix, weights / weights.max(), centres, tol=0.0)
    return _in_order(matrix, weights, ended, 1, 1)


def assign(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The nearest centre of each row, and the distance to it. Of equally near centres the lower id wins.

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
        rows = np.asarray(matrix[start : start + BLOCK], dtype=np.float64)
        for i, near in enumerate(
            labels[start : start + BLOCK].T
        ):  # measured: products lose digits very near a centre
            distances[start : start + BLOCK, i] = np.sqrt(_squares(rows - centres[near]))
    return labels, distances


def _squares(differences: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", differences, differences)
    return found


Found = tuple[Floats, float]  # centres, inertia
Ended = tuple[Floats, int, int]  # centres, starts that were made, how many reached them


def _search_small(
    matrix: Floats,
    weights: Floats,
    k: int,
    seed: int,
    starts: int,
    thorough: bool,
    known: Floats | None,
    single: bool,
) -> Ended:
    """All starts at once, the best of them bettered by moving single customers, then whole centres.

    In single precision single customers are moved only where segments are small: among many, one more or less is nothing.
    """
    rng = np.random.default_rng((seed, k))
    middle = np.average(matrix, axis=0, weights=weights)
    unit = float(np.sqrt(((matrix - middle) ** 2).sum(1).mean())) or 1.0
    kind = np.float32 if single else np.float64
    table, weights = ((matrix - middle) / unit).astype(kind), weights.astype(kind)
    moves = 0 if single and len(matrix) >= CROWD * k else LESS
    begun = spread(table, weights, k, starts=starts, rng=rng)
    if known is not None:
        begun = np.concatenate([begun, ((known[None] - middle) / unit).astype(kind)])
    ends = _descended(table, weights, begun, kept=POLISHED if thorough else 1, moves=moves)
    best = min(ends, key=lambda end: end[1])
    if thorough:
        best = _swap_centres(table, weights, best, rng, moves)
        if moves:
            best = (*exchange(table, weights, best[0], moves=len(table)), best[2])
    shared = float(weights @ (table**2).sum(1))
    reached = sum(
        count for _, loss, count in ends if loss + shared <= (best[1] + shared) * (1 + SAME)
    )
    return best[0].astype(np.float64) * unit + middle, len(begun), max(reached, 1)


def _descended(
    table: Reals, weights: Reals, begun: Reals, kept: int, moves: int
) -> list[tuple[Reals, float, int]]:
    """Where starts end, each end once with the number of starts that came to it; the best ones moved customer by customer."""
    ended, losses = descend(table, weights, begun, steps=STEPS, still=RESTING)
    order = np.argsort(losses, kind="stable")
    firsts = np.flatnonzero(np.diff(losses[order], prepend=-np.inf) > SAME * np.abs(losses[order]))
    counts = np.diff(np.append(firsts, len(order)))
    found = []
    for first, count in list(zip(firsts, counts, strict=True))[:kept]:
        centres, loss = ended[order[first]], float(losses[order[first]])
        if moves:
            centres, loss = exchange(table, weights, centres, moves=moves)
        found.append((centres, loss, int(count)))
    return found


def _swap_centres(
    table: Reals,
    weights: Reals,
    best: tuple[Reals, float, int],
    rng: np.random.Generator,
    moves: int,
) -> tuple[Reals, float, int]:
    """Random swap (Fränti, Journal of Big Data 5, 2018): a centre put where customers are far off, while that helps.

    All centres are tried at once, each put elsewhere. Where customers are many, two Lloyd steps tell which of them to follow, as there.
    """
    k, failed = len(best[0]), 0
    for _ in range(MOST_SWAPS):
        if failed == SWAPS:
            break
        missed = weights * _away(table, best[0])
        if missed.sum() <= 0:
            break
        swapped = np.repeat(best[0][None], max(k, 4), axis=0)
        there = rng.choice(len(table), len(swapped), p=missed / missed.sum())
        swapped[np.arange(len(swapped)), np.arange(len(swapped)) % k] = table[there]
        if not moves:
            swapped, losses = descend(table, weights, swapped, steps=3)
            swapped = swapped[np.argsort(losses, kind="stable")[:2]]
        found = min(
            _descended(table, weights, swapped, kept=2, moves=moves), key=lambda end: end[1]
        )
        failed = 0 if found[1] < best[1] - HELPS[table.itemsize] * len(table) else failed + 1
        best = found if found[1] < best[1] else best
    return best


def _search_large(
    matrix: Floats,
    weights: Floats,
    k: int,
    seed: int,
    starts: int,
    thorough: bool,
    known: Floats | None,
) -> Ended:
    """Start after start, the best one bettered by breathing."""
    middle = matrix.mean(axis=0)
    begun = (
        spread(matrix - middle, weights, k, starts=starts, rng=np.random.default_rng((seed, k)))
        + middle
    )
    tried = [
        _lloyd(matrix, weights, centres)
        for centres in [*begun, *([] if known is None else [known])]
    ]
    best = min(tried, key=lambda found: found[1])
    if thorough:
        if _reached(tried, best[1]) < len(tried):
            best = _breathe(matrix, weights, best)
        best = _at_rest(matrix, weights, best[0])
    return best[0], len(tried), max(_reached(tried, best[1]), 1)


def _at_rest(matrix: Floats, weights: Floats, centres: Floats) -> Found:
    """Lloyd's algorithm to its very end, and up to a few thousand points single customers moved."""
    if len(matrix) <= MANY:
        middle = np.average(matrix, axis=0, weights=weights)
        unit = float(np.sqrt(((matrix - middle) ** 2).sum(1).mean())) or 1.0
        moved, _ = exchange(
            (matrix - middle) / unit, weights, (centres - middle) / unit, moves=len(matrix)
        )
        moved = moved * unit + middle
        return moved, float(weights @ _away(matrix, moved))
    return _lloyd(matrix, weights, centres, tol=0.0)


def _search_some(
    matrix: Floats, weights: Floats, k: int, seed: int, starts: int, settled: bool
) -> Fit:
    """The search on some of many points, in single precision where there are few segments; its end on all: most of the way is the same, and cheaper."""
    few = max(MANY, 200 * k)
    some = np.sort(np.random.default_rng((seed, k)).choice(len(matrix), few, replace=False))
    shares = weights / weights.max()
    if few * k <= TINY_SINGLE:
        with _threads(few * k):
            begun, tried, reached = _search_small(
                matrix[some], shares[some], k, seed, starts, True, None, single=True
            )
    else:
        found = search(matrix[some], weights[some], k, seed=seed, starts=starts)
        begun, tried, reached = found.centres, found.starts, found.reached
    with _threads(len(matrix) * k):
        centres, _ = _lloyd(matrix, shares, begun, tol=0.0 if settled else 1e-4)
    return _in_order(matrix, weights, centres, tried, reached)


def _lloyd(matrix: Floats, weights: Floats, centres: Floats, tol: float = 1e-4) -> Found:
    if len(matrix) * len(centres) <= OWN:
        ended = rest(matrix, weights, centres, steps=STEPS, tol=tol)
        return ended, float(weights @ _away(matrix, ended))
    from sklearn.cluster import KMeans

    fitted = KMeans(len(centres), init=centres, n_init=1, max_iter=STEPS, tol=tol).fit(
        matrix, sample_weight=weights
    )
    return fitted.cluster_centers_, float(fitted.inertia_)


def _away(matrix: Reals, centres: Reals) -> Floats:
    """The squared distance (p,) of each point to the nearest centre."""
    return one_nearest(np.asarray(matrix, dtype=np.float64), np.asarray(centres, dtype=np.float64))[
        1
    ]


def _breathe(matrix: Floats, weights: Floats, best: Found) -> Found:
    """Breathing k-means (Fritzke 2020): add centres where the error is, take away those missed least, while it helps."""
    centres, inertia = best
    spare = min(5, len(centres), len(matrix) - len(centres))
    while spare > 0:
        more, _ = _lloyd(matrix, weights, _breathe_in(matrix, weights, centres, spare))
        found = _lloyd(matrix, weights, _breathe_out(matrix, weights, more, spare))
        if found[1] < inertia * (1 - 1e-6):
            centres, inertia = found
        else:
            spare -= 1
    return centres, inertia


def _breathe_in(matrix: Floats, weights: Floats, centres: Floats, spare: int) -> Floats:
    """More centres: a small step beside those whose points lie farthest, towards their farthest-spread side."""
    labels, squared = one_nearest(matrix, centres)
    error = np.bincount(labels, weights * squared, len(centres))
    added = []
    for worst in np.argsort(-error, kind="stable")[:spare]:
        mine = np.flatnonzero(labels == worst)
        spread = matrix[mine] - centres[worst]
        covariance = (spread * weights[mine, None]).T @ spread / weights[mine].sum()
        values, axes = np.linalg.eigh(covariance)
        added.append(centres[worst] + axes[:, -1] * np.sqrt(values[-1]))
    return np.vstack([centres, added])


def _breathe_out(matrix: Floats, weights: Floats, centres: Floats, spare: int) -> Floats:
    """Fewer centres: those whose points would lose least by going to their second nearest, no two of them neighbours."""
    labels, squared = two_nearest(matrix, centres)
    loss = np.bincount(labels[:, 0], weights * (squared[:, 1] - squared[:, 0]), len(centres))
    gone: list[int] = []
    frozen: set[int] = set()
    for least in np.argsort(loss, kind="stable"):
        if len(gone) == spare:
            break
        if int(least) in frozen and len(centres) - len(frozen) > spare - len(gone):
            continue
        gone.append(int(least))
        frozen.add(
            int(np.bincount(labels[labels[:, 0] == least, 1], minlength=len(centres)).argmax())
        )
    remaining = [c for c in np.argsort(loss, kind="stable") if int(c) not in gone]
    while len(gone) < spare:  # everything left is somebody's neighbour
        gone.append(int(remaining.pop(0)))
    return np.delete(centres, gone, axis=0)


def _reached(tried: list[Found], best: float) -> int:
    return sum(inertia <= best * (1 + SAME) for _, inertia in tried)


def _in_order(matrix: Floats, weights: Floats, centres: Floats, starts: int, reached: int) -> Fit:
    """The solution with its segments in the order of their first coordinates."""
    ordered = centres[np.lexsort(centres.T[::-1])]
    labels, squared = one_nearest(matrix, ordered)
    return Fit(ordered, labels, float(weights @ squared), starts, reached)


def _trivial(matrix: Floats, weights: Floats, k: int) -> Fit:
    """One segment, or a segment for every point: nothing to search."""
    if k > 1:
        return dataclasses.replace(_in_order(matrix, weights, matrix, 1, 1), inertia=0.0)
    return _in_order(matrix, weights, np.average(matrix, axis=0, weights=weights)[None], 1, 1)


def one_thread(work: int) -> Any:
    """No more than one thread for searches of so many distances per step, whichever library makes the steps."""
    return blas_threads(1, openmp=work > OWN)


def _threads(work: int) -> Any:
    """One thread for small work: waking others costs more than they do."""
    return blas_threads(1, openmp=OWN < work < SMALL)
