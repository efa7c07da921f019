"""Segments searched again on resampled customers, and compared with those found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from shoal.analysis.kmeans.lloyd import descend, exchange, nearest, spread
from shoal.analysis.kmeans.split import parts
from shoal.engine.resources import one_blas_thread
from shoal.engine.worker import Each, in_turn
from shoal.sentences import say
from shoal.stats.distances import Reals
from shoal.types import Fit, Floats, Ints, Points, Statement

DRAWN = 4_000  # at most so many customers are drawn for one resample
SMALL = 1_000  # drawn points up to which more starts, and exchanging single customers, are needed and cheap
STEPS = 40
AT_ONCE = 5  # resamples that are shared out together: few, so that nobody waits long for the other's last ones
SAME = 1e-5  # share of inertia within which two starts came to the same end


@dataclass(frozen=True)
class Returns:
    """How the segments came back, one row a resample."""

    jaccards: Floats  # (resamples, k) on the customers drawn, as Hennig (2007)
    within: Floats  # (resamples, k) on all customers of the sample, as Dolnicar & Leisch (2017)
    elsewhere: Floats  # (resamples, k) of fits on a third of the customers, on all customers
    agreement: Floats  # (p,) share of resamples that put the point into its segment


def refit(points: Points, fit: Fit, *, seed: int, resamples: int, each: Each = in_turn) -> Returns:
    """Search the segments again on resampled customers and compare.

    A fit on a random third of the customers differs from the fit on all of them as much as two fits on two
    independent tables of that size differ from each other: 1/m - 1/n = 2/n at m = n/3. So thirds tell what another
    table of customers would show, where the bootstrap alone, which shares most of its customers, is too hopeful.
    """
    with one_blas_thread():
        turns = [
            range(start, min(start + AT_ONCE, resamples)) for start in range(0, resamples, AT_ONCE)
        ]
        parts = each(Again(points, fit, seed), turns)
    jaccards, within, elsewhere = (
        np.concatenate([getattr(p, name) for p in parts])
        for name in ("jaccards", "within", "elsewhere")
    )
    return Returns(
        jaccards,
        within,
        elsewhere,
        agreement=np.sum([p.agreement for p in parts], axis=0) / resamples,
    )


def how_found(customers: int, resamples: int) -> Statement:
    """How trust was found, on how many customers."""
    drawn, third = min(customers, DRAWN), _third(customers)
    return say("resampled", resamples=resamples, drawn=drawn, customers=customers, third=third)


class Again:
    """Segments searched again on customers drawn anew, by k-means.

    It begins from local optima of the whole sample, one of which often wins on a resample, and from fresh k-means++
    starts: with the found centres alone, segments would look more stable than they are. Where gaps led to the segments, the fewer
    segments are searched so, and parted as they were.
    """

    def __init__(self, points: Points, fit: Fit, seed: int) -> None:
        self.fit, self.weights, self.seed = replace(fit, within=None), points.weights, seed
        self.customers = np.repeat(
            np.arange(len(points.weights)), np.rint(points.weights).astype(np.int64)
        )  # the point of each
        self.middle = np.average(points.matrix, axis=0, weights=points.weights)
        self.unit = float(np.sqrt(((points.matrix - self.middle) ** 2).sum(1).mean())) or 1.0
        self.matrix = self._single(points.matrix)
        self.optima = self._local_optima((fit.within or fit).centres)
        self.led = None if fit.within is None else self._scaled(fit, fit.within)

    def __call__(self, turns: Sequence[int]) -> Returns:
        """What comes of some resamples; each has its own dice, so that it does not matter who makes it. Agreement is a count."""
        k, ours = len(self.fit.centres), self.fit.labels
        jaccards, within, elsewhere, agreed = [], [], [], np.zeros(len(self.matrix))
        for turn in turns:
            rng = self._dice(turn)
            drawn = bootstrap(self.customers, len(self.weights), rng)
            found = self._search(drawn, rng)
            inside = _jaccard(_shared(ours, found, drawn, k))
            jaccards.append(inside.max(axis=1))
            within.append(_jaccard(_shared(ours, found, self.weights, k)).max(axis=1))
            agreed += _match(inside)[ours] == found
            part = self._search(third(self.customers, len(self.weights), rng), rng)
            elsewhere.append(_jaccard(_shared(ours, part, self.weights, k)).max(axis=1))
        return Returns(np.array(jaccards), np.array(within), np.array(elsewhere), agreed)

    def _dice(self, turn: int) -> np.random.Generator:
        return np.random.default_rng((self.seed, len(self.fit.centres), turn))

    def _search(self, weights: Floats, rng: np.random.Generator) -> Ints:
        """The segment of every point (p,), by the best solution found on the points with a positive weight."""
        drawn = np.flatnonzero(weights)
        matrix, held = self.matrix[drawn], weights[drawn].astype(np.float32)
        fresh, kept, polished = (16, 6, 2) if len(drawn) <= SMALL else (4, 3, 0)
        few = slice(None, None, -(-len(drawn) // SMALL))  # enough to tell good starts from bad
        begun = spread(matrix[few], held[few], self.optima.shape[1], starts=fresh, rng=rng)
        first, inertia = descend(
            matrix[few], held[few], np.concatenate([self.optima, begun]), steps=3
        )
        centres, inertia = descend(matrix, held, first[_distinct(inertia)[:kept]], steps=STEPS)
        order = np.argsort(inertia, kind="stable")
        ends = [exchange(matrix, held, centres[i], moves=30) for i in order[:polished]]
        best = min(ends, key=lambda end: end[1])[0] if ends else centres[order[0]]
        if self.led is not None:
            best = descend(
                matrix, held, parts(self.led, best).astype(np.float32)[None], steps=STEPS
            )[0][0]
        return nearest(self.matrix, best)

    def _single(self, rows: Floats) -> Reals:
        return np.ascontiguousarray((rows - self.middle) / self.unit, dtype=np.float32)

    def _scaled(self, fit: Fit, within: Fit) -> Fit:
        within = replace(within, centres=self._single(within.centres))
        return replace(fit, centres=self._single(fit.centres), within=within)

    def _local_optima(self, centres: Floats) -> Reals:
        """Where the found centres and k-means++ starts end on the sample, each end once: (ends, k, d)."""
        found, rng = self._single(centres), np.random.default_rng((self.seed, len(centres)))
        weights = (
            bootstrap(self.customers, len(self.weights), rng)
            if self.weights.sum() > DRAWN
            else self.weights
        )
        rows = np.flatnonzero(weights)
        matrix, held = self.matrix[rows], weights[rows].astype(np.float32)
        begun = spread(matrix, held, len(found), starts=11 if len(rows) <= SMALL else 5, rng=rng)
        ended, inertia = descend(matrix, held, np.concatenate([found[None], begun]), steps=STEPS)
        return ended[_distinct(inertia)]


def _distinct(inertia: Reals) -> Ints:
    """The starts, the best first; of those that came to the same inertia only one."""
    order = np.argsort(inertia, kind="stable")
    apart = np.diff(inertia[order], prepend=-np.inf) > SAME * np.abs(inertia[order])
    return order[apart]


def bootstrap(customers: Ints, points: int, rng: np.random.Generator) -> Floats:
    """Customers (n,), each by its point, drawn with replacement and counted once (as R's `fpc::clusterboot` does): weights (p,)."""
    taken = np.zeros(len(customers), dtype=bool)
    taken[rng.integers(0, len(customers), min(len(customers), DRAWN))] = True
    return np.bincount(customers[taken], minlength=points).astype(np.float64)


def third(customers: Ints, points: int, rng: np.random.Generator) -> Floats:
    """A third of the customers, without replacement: weights (p,)."""
    taken = rng.choice(len(customers), _third(len(customers)), replace=False)
    return np.bincount(customers[taken], minlength=points).astype(np.float64)


def _third(customers: int) -> int:
    return min(-(-customers // 3), DRAWN)


def _shared(ours: Ints, theirs: Ints, weights: Floats, k: int) -> Floats:
    """Customers (k, k) in each pair of our and their segments."""
    return np.asarray(
        np.bincount(ours * k + theirs, weights, k * k).reshape(k, k), dtype=np.float64
    )


def _jaccard(shared: Floats) -> Floats:
    """Jaccard similarities (k, k) from shared customers; 0 where both segments are empty."""
    union = shared.sum(1, keepdims=True) + shared.sum(0, keepdims=True) - shared
    return np.asarray(shared / np.maximum(union, 1e-300))


def _match(jaccard: Floats) -> Ints:
    """For each of our segments the one of theirs that it came back as, the best pair first; -1 where it shares nobody."""
    left, match = jaccard.copy(), np.full(len(jaccard), -1)
    for _ in range(len(left)):
        ours, theirs = np.unravel_index(left.argmax(), left.shape)
        if left[ours, theirs] <= 0:
            break
        match[ours] = theirs
        left[ours, :], left[:, theirs] = 0, 0
    return match
