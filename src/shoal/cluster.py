"""One k: the best k-means solution that can be found, and placing rows by it.

`search` finds the centres on weighted points. Restarts alone do not reach the optimum when k is large
(Fränti & Sieranoja, Pattern Recognition 93, 2019), so the best start is bettered by moving whole centres.
`assign` and `nearest_two` place any number of rows in bounded memory.
"""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from shoal.nouns import Fit, Floats, Ints

SAME = 1e-4  # two inertias within this share of each other are one solution
BLOCK = 16_384  # rows placed at once: their distances stay in the processor's cache
MANY = 4_000  # points that are searched when there are more than twice as many
STEPS = 300  # of Lloyd's algorithm at most; it ends when nobody changes segment
TINY = 4_000  # distances per Lloyd step up to which all starts are run at once
SMALL = 500_000  # distances per Lloyd step below which threads cost more than they bring


def search(
    matrix: Floats, weights: Floats, k: int, *, seed: int, starts: int = 10, thorough: bool = True, known: Floats | None = None
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

    Returns:
        Centres (k, d) in the order of their first coordinates, labels (p,), inertia in squared units of the matrix.

    >>> fit = search(np.array([[0.0], [1.0], [10.0], [11.0]]), np.ones(4), 2, seed=0)
    >>> fit.centres.ravel().tolist(), fit.labels.tolist(), fit.inertia
    ([0.5, 10.5], [0, 0, 1, 1], 1.0)
    """
    heaviest = float(weights.max())
    matrix, shares = np.ascontiguousarray(matrix, dtype=np.float64), weights / heaviest
    if k >= len(matrix) or k == 1:
        return _trivial(matrix, weights, k)
    if len(matrix) > 2 * max(MANY, 200 * k):
        return _search_some(matrix, weights, k, seed, starts, max(MANY, 200 * k))
    with _threads(len(matrix) * k):
        tried = _tries(matrix, shares, k, seed, starts, known)
        best = min(tried, key=lambda found: found[1])
        if thorough and _reached(tried, best[1]) < len(tried):
            best = _move_centres(matrix, shares, tried)
    return _in_order(matrix, best[0], best[1] * heaviest, len(tried), _reached(tried, best[1]))


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
    labels = np.empty((len(matrix), count), dtype=np.int64)
    distances = np.empty((len(matrix), count))
    centres = np.asarray(centres, dtype=np.float64)
    for start in range(0, len(matrix), BLOCK):
        rows = np.asarray(matrix[start : start + BLOCK], dtype=np.float64)
        near = _candidates(rows, centres, count)
        exact = np.stack([_squares(rows - centres[near[:, i]]) for i in range(near.shape[1])], axis=1)
        order = np.argsort(exact, axis=1, kind="stable")[:, :count]  # candidates stand by id: ties keep the lower
        labels[start : start + BLOCK] = np.take_along_axis(near, order, 1)
        distances[start : start + BLOCK] = np.sqrt(np.take_along_axis(exact, order, 1))
    return labels, distances


def _candidates(rows: Floats, centres: Floats, count: int) -> Ints:
    """The `count` + 1 nearest centres of each row, by id: rounding may confuse near ties, so they are measured again."""
    if len(centres) <= count + 1:
        return np.broadcast_to(np.arange(len(centres)), (len(rows), len(centres)))
    middle = centres.mean(0)  # distances from products of large numbers would round badly
    moved = centres - middle
    scores = (moved**2).sum(1) - 2 * ((rows - middle) @ moved.T)
    return np.sort(np.argpartition(scores, count, axis=1)[:, : count + 1], axis=1)


def _squares(differences: Floats) -> Floats:
    found: Floats = np.einsum("ij,ij->i", differences, differences)
    return found


Found = tuple[Floats, float]  # centres, inertia


def _tries(matrix: Floats, weights: Floats, k: int, seed: int, starts: int, known: Floats | None) -> list[Found]:
    more: list[Floats] = [] if known is None else [known]
    if len(matrix) * k <= TINY:
        begun = _begin(matrix, weights, k, starts, np.random.default_rng((seed, k)))
        return _lloyd_together(matrix, weights, np.stack([*begun, *more]))
    from sklearn.cluster import kmeans_plusplus

    states = np.random.SeedSequence((seed, k)).generate_state(starts)
    drawn = [kmeans_plusplus(matrix, k, sample_weight=weights, random_state=int(state))[0] for state in states]
    return [_lloyd(matrix, weights, centres) for centres in [*drawn, *more]]


def _search_some(matrix: Floats, weights: Floats, k: int, seed: int, starts: int, few: int) -> Fit:
    """The search on some of many points, its end on all of them: most of the way is the same, and cheaper."""
    some = np.sort(np.random.default_rng((seed, k)).choice(len(matrix), few, replace=False))
    found = search(matrix[some], weights[some], k, seed=seed, starts=starts)
    with _threads(len(matrix) * k):
        centres, inertia = _lloyd(matrix, weights / weights.max(), found.centres)
    return _in_order(matrix, centres, inertia * float(weights.max()), found.starts, found.reached)


def _lloyd(matrix: Floats, weights: Floats, centres: Floats) -> Found:
    if len(matrix) * len(centres) <= TINY:
        return _lloyd_together(matrix, weights, centres[None])[0]
    from sklearn.cluster import KMeans

    fitted = KMeans(len(centres), init=centres, n_init=1, max_iter=STEPS, tol=1e-4).fit(matrix, sample_weight=weights)
    return fitted.cluster_centers_, float(fitted.inertia_)


def _begin(matrix: Floats, weights: Floats, k: int, starts: int, rng: np.random.Generator) -> Floats:
    """Centres (starts, k, d) drawn by k-means++, all starts at once."""
    chosen = np.empty((starts, k), dtype=np.int64)
    missed = np.broadcast_to(weights, (starts, len(weights)))
    nearest = np.full((starts, len(weights)), np.inf)
    for step in range(k):
        up_to = missed.cumsum(1)
        lot = rng.random((starts, 1)) * up_to[:, -1:]
        chosen[:, step] = np.minimum((up_to <= lot).sum(1), len(weights) - 1)
        away = ((matrix - matrix[chosen[:, step], None]) ** 2).sum(2)
        nearest = np.minimum(nearest, away)
        missed = nearest * weights
    return matrix[chosen]


def _lloyd_together(matrix: Floats, weights: Floats, centres: Floats) -> list[Found]:
    """Lloyd's algorithm from several starts (s, k, d) at once: on tiny tables the calls cost more than the work."""
    starts, k, d = centres.shape
    block = np.arange(starts)[:, None] * k
    heavy, weighted = np.tile(weights, starts), np.tile((matrix * weights[:, None]).T, starts)
    before: Ints | None = None
    for _ in range(STEPS):
        scores = (centres**2).sum(2)[:, None] - 2 * (matrix @ centres.transpose(0, 2, 1))
        labels = (scores.argmin(2) + block).ravel()
        if before is not None and np.array_equal(labels, before):
            break
        before = labels
        sizes = np.bincount(labels, heavy, starts * k)
        sums = np.stack([np.bincount(labels, column, starts * k) for column in weighted], axis=1)
        kept = sizes[:, None] > 0  # a centre that nobody is nearest to stays where it is
        centres = np.where(kept, sums / np.where(kept, sizes[:, None], 1), centres.reshape(-1, d)).reshape(starts, k, d)
    away = np.tile(matrix, (starts, 1)) - centres.reshape(-1, d)[labels]
    inertia = (heavy * _squares(away)).reshape(starts, -1).sum(1)
    return [(each, float(loss)) for each, loss in zip(centres, inertia, strict=True)]


def _move_centres(matrix: Floats, weights: Floats, tried: list[Found]) -> Found:
    """Better the best start, and where that is cheap the next ones too: what is best in the end may begin second."""
    cheap = len(tried) >= 10 and len(matrix) * len(tried[0][0]) <= 5 * TINY
    ranked: list[Found] = []
    for found in sorted(tried, key=lambda each: each[1]):
        if not ranked or found[1] > ranked[-1][1] * (1 + SAME):
            ranked.append(found)
    return min((_breathe(matrix, weights, each) for each in ranked[: 6 if cheap else 1]), key=lambda found: found[1])


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
    labels, distances = assign(matrix, centres)
    error = np.bincount(labels, weights * distances**2, len(centres))
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
    labels, distances = nearest_two(matrix, centres)
    loss = np.bincount(labels[:, 0], weights * (distances[:, 1] ** 2 - distances[:, 0] ** 2), len(centres))
    gone: list[int] = []
    frozen: set[int] = set()
    for least in np.argsort(loss, kind="stable"):
        if len(gone) == spare:
            break
        if int(least) in frozen and len(centres) - len(frozen) > spare - len(gone):
            continue
        gone.append(int(least))
        frozen.add(int(np.bincount(labels[labels[:, 0] == least, 1], minlength=len(centres)).argmax()))
    remaining = [c for c in np.argsort(loss, kind="stable") if int(c) not in gone]
    while len(gone) < spare:  # everything left is somebody's neighbour
        gone.append(int(remaining.pop(0)))
    return np.delete(centres, gone, axis=0)


def _reached(tried: list[Found], best: float) -> int:
    return sum(inertia <= best * (1 + SAME) for _, inertia in tried)


def _in_order(matrix: Floats, centres: Floats, inertia: float, starts: int, reached: int) -> Fit:
    order = np.lexsort(centres.T[::-1])
    labels, _ = assign(matrix, centres[order])
    return Fit(centres[order], labels, inertia, starts, reached)


def _trivial(matrix: Floats, weights: Floats, k: int) -> Fit:
    """One segment, or a segment for every point: nothing to search."""
    centres = np.average(matrix, axis=0, weights=weights)[None] if k == 1 else matrix
    inertia = float(weights @ ((matrix - centres) ** 2).sum(1)) if k == 1 else 0.0
    return _in_order(matrix, centres, inertia, 1, 1)


def _threads(work: int) -> Any:
    """One thread for small work: waking others costs more than they do."""
    return _controller().limit(limits=1 if work < SMALL else None)


@functools.cache
def _controller() -> Any:
    """Kept: looking for the thread pools of all loaded libraries takes 10 ms and more."""
    import sklearn.cluster  # noqa: F401  its pools must be loaded to be found
    from threadpoolctl import ThreadpoolController

    return ThreadpoolController()
