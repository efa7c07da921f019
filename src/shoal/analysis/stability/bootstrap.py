"""Segments searched again on resampled customers, and compared with those found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from shoal.analysis.kmeans.lloyd import descend, exchange, nearest, spread
from shoal.analysis.kmeans.split import parts
from shoal.analysis.stability.verdict import RETURNED
from shoal.engine.resources import one_blas_thread
from shoal.engine.worker import Each, in_turn
from shoal.sentences import say
from shoal.stats.agreement import jaccard, shared
from shoal.stats.distances import Reals
from shoal.types import Fit, Floats, Ints, Points, Statement

DRAWN = 4_000  # at most so many customers are drawn for one resample
SMALL = 1_000  # drawn points up to which more starts, and moving single customers, are needed
STEPS = 40
STARTS = 4  # k-means++ starts of a resample that is not small
MORE_STARTS = 8  # of a part that stands for another table: the found centres shall not decide there
MORE_STEPS = 20  # over customers whom a segment was not searched on, as the run goes over all rows
AT_ONCE = 5  # resamples that are shared out together: few, so that nobody waits long
SAME = 1e-5  # share of inertia within which two starts came to the same end


@dataclass(frozen=True)
class Returns:
    """How the segments came back, one row a resample."""

    jaccards: Floats  # (resamples, k) on the customers drawn, as Hennig (2007)
    within: Floats  # (resamples, k) on all customers of the sample, as Dolnicar & Leisch (2017)
    elsewhere: Floats  # (resamples, k) of fits on a third of the customers, on all customers
    agreement: Floats  # (p,) share of resamples that put the point into its segment


def refit(
    points: Points,
    fit: Fit,
    *,
    seed: int,
    resamples: int,
    customers: int | None = None,
    each: Each = in_turn,
) -> Returns:
    """Search the segments again on resampled customers and compare.

    A fit on a random third of the customers differs from the fit on all of them as much as two fits
    on two independent tables of that size differ from each other: 1/m - 1/n = 2/n at m = n/3. So
    thirds tell what another table of customers would show, where the bootstrap alone, which shares
    most of its customers, is too hopeful. Of large tables a part of them is searched and Lloyd's
    steps go on over a third of all `customers`, as far as the sample goes, for so does the run.
    """
    starts = range(0, resamples, AT_ONCE)
    turns = [range(start, min(start + AT_ONCE, resamples)) for start in starts]
    with one_blas_thread():
        found = each(Again(points, fit, seed, customers), turns)
    return Returns(
        jaccards=np.concatenate([part.jaccards for part in found]),
        within=np.concatenate([part.within for part in found]),
        elsewhere=np.concatenate([part.elsewhere for part in found]),
        agreement=np.sum([part.agreement for part in found], axis=0) / resamples,
    )


class Resamples:
    """How segments came back by now: whoever asks for the same ones need not search again."""

    def __init__(self, points: Points, seed: int, customers: int) -> None:
        self._points, self._seed, self._customers = points, seed, customers
        self._found: dict[tuple[int, bytes], Returns] = {}

    def of(self, fit: Fit, resamples: int, each: Each) -> Returns:
        """How these segments come back on so many resamples, as `refit` finds it."""
        solutions = (fit,) if fit.within is None else (fit, fit.within)
        key = (resamples, b"".join(solution.centres.tobytes() for solution in solutions))
        if key not in self._found:
            self._found[key] = refit(
                self._points,
                fit,
                seed=self._seed,
                resamples=resamples,
                customers=self._customers,
                each=each,
            )
        return self._found[key]


def how_found(sampled: int, resamples: int, customers: int) -> Statement:
    """How trust was found, on how many customers of the sample and of the table."""
    third, more = _sizes(sampled, customers)
    drawn = min(sampled, DRAWN)
    return say(
        "resampled", resamples=resamples, drawn=drawn, customers=sampled, third=third, more=more
    )


class Again:
    """Segments searched again on customers drawn anew, by k-means.

    It begins from local optima of the whole sample, one of which often wins on a resample, and from
    fresh k-means++ starts: with the found centres alone, segments would look more stable than they
    are. Where gaps led to the segments, the fewer segments are searched so, and parted as they
    were.
    """

    def __init__(self, points: Points, fit: Fit, seed: int, customers: int | None = None) -> None:
        self.fit, self.weights, self.seed = replace(fit, within=None), points.weights, seed
        counts = np.rint(points.weights).astype(np.int64)
        self.customers = np.repeat(np.arange(len(counts)), counts)  # the point of each
        sampled = len(self.customers)
        self.third, self.more = _sizes(sampled, customers or sampled)
        self.middle = np.average(points.matrix, axis=0, weights=points.weights)
        self.unit = float(np.sqrt(((points.matrix - self.middle) ** 2).sum(1).mean())) or 1.0
        self.matrix = self._single(points.matrix)
        self.optima = self._local_optima((fit.within or fit).centres)
        self.split = None if fit.within is None else self._scaled(fit, fit.within)

    def __call__(self, turns: Sequence[int]) -> Returns:
        """What comes of some resamples; here agreement is a count.

        Each has its own dice, so that it does not matter who makes it.
        """
        ours, weights = self.fit.labels, self.weights
        jaccards, within, elsewhere, agreed = [], [], [], np.zeros(len(self.matrix))
        for turn in turns:
            rng = np.random.default_rng((self.seed, len(self.fit.centres), turn))
            drawn = self._weights(bootstrap(len(self.customers), rng))
            found = nearest(self.matrix, self._search(drawn, rng, STARTS))
            on_drawn = self._jaccard(found, drawn)
            agreed += _match(on_drawn)[ours] == found
            jaccards.append(on_drawn.max(axis=1))
            within.append(self._jaccard(found, weights).max(axis=1))
            elsewhere.append(self._elsewhere(rng))
        return Returns(np.array(jaccards), np.array(within), np.array(elsewhere), agreed)

    def _elsewhere(self, rng: np.random.Generator) -> Floats:
        """How similar (k,) the most similar segments of another table of this size are."""
        n = len(self.customers)
        part = rng.choice(n, self.third, replace=False)
        centres = self._search(self._weights(part), rng, MORE_STARTS)
        similar = self._similar(centres)
        if not self.more or similar.min() >= RETURNED:
            return similar
        # More customers only help where more of them tell where centres belong: in a crowd that is
        # as good to cut in any direction Lloyd's steps stay near where they began.
        others = np.delete(np.arange(n), part)
        matrix, held = self._held(self._weights(rng.choice(others, self.more, replace=False)))
        ended, _ = descend(matrix, held, centres[None], steps=MORE_STEPS)
        return self._similar(ended[0])

    def _weights(self, customers: Ints) -> Floats:
        """Some of the customers as weights (p,) of their points."""
        at = self.customers[customers]
        return np.bincount(at, minlength=len(self.weights)).astype(np.float64)

    def _held(self, weights: Floats) -> tuple[Reals, Reals]:
        """The points with a positive weight, and these weights."""
        rows = np.flatnonzero(weights)
        return self.matrix[rows], weights[rows].astype(np.float32)

    def _similar(self, centres: Reals) -> Floats:
        """The similarity (k,) of each segment to the most similar around these centres."""
        return np.asarray(self._jaccard(nearest(self.matrix, centres), self.weights).max(axis=1))

    def _jaccard(self, found: Ints, weights: Floats) -> Floats:
        """Similarities (k, k) of our segments and those found, of customers with weights (p,)."""
        k = len(self.fit.centres)
        return jaccard(shared(self.fit.labels, found, weights, (k, k)))

    def _search(self, weights: Floats, rng: np.random.Generator, starts: int) -> Reals:
        """The centres (k, d) of the best solution found on the points with a positive weight."""
        matrix, held = self._held(weights)
        best = self._best(matrix, held, rng, starts)
        if self.split is not None:
            begun = parts(self.split, best).astype(np.float32)
            best = descend(matrix, held, begun[None], steps=STEPS)[0][0]
        return best

    def _best(self, matrix: Reals, held: Reals, rng: np.random.Generator, starts: int) -> Reals:
        """The best centres (k, d) for the customers drawn.

        Of few, single ones are moved as well.
        """
        fresh, kept, exchanged = (16, 6, 2) if len(matrix) <= SMALL else (starts, 3, 0)
        few = slice(None, None, -(-len(matrix) // SMALL))  # enough to tell good starts from bad
        begun = spread(matrix[few], held[few], self.optima.shape[1], starts=fresh, rng=rng)
        begun = np.concatenate([self.optima, begun])
        begun, inertia = descend(matrix[few], held[few], begun, steps=3)
        ended, inertia = descend(matrix, held, begun[_distinct(inertia)[:kept]], steps=STEPS)
        order = np.argsort(inertia, kind="stable")
        if not exchanged:
            return np.asarray(ended[order[0]])
        moved = [exchange(matrix, held, ended[i], moves=30) for i in order[:exchanged]]
        return np.asarray(min(moved, key=lambda end: end[1])[0])

    def _single(self, rows: Floats) -> Reals:
        return np.ascontiguousarray((rows - self.middle) / self.unit, dtype=np.float32)

    def _scaled(self, fit: Fit, within: Fit) -> Fit:
        within = replace(within, centres=self._single(within.centres))
        return replace(fit, centres=self._single(fit.centres), within=within)

    def _local_optima(self, centres: Floats) -> Reals:
        """Where the found centres and k-means++ starts end on the sample, each end once.

        (ends, k, d).
        """
        found, rng = self._single(centres), np.random.default_rng((self.seed, len(centres)))
        weights = self.weights
        if weights.sum() > DRAWN:
            weights = self._weights(bootstrap(len(self.customers), rng))
        matrix, held = self._held(weights)
        starts = 11 if len(matrix) <= SMALL else 5
        begun = spread(matrix, held, len(found), starts=starts, rng=rng)
        ended, inertia = descend(matrix, held, np.concatenate([found[None], begun]), steps=STEPS)
        return ended[_distinct(inertia)]


def _distinct(inertia: Reals) -> Ints:
    """The starts, the best first; of those that came to the same inertia only one."""
    order = np.argsort(inertia, kind="stable")
    apart = np.diff(inertia[order], prepend=-np.inf) > SAME * np.abs(inertia[order])
    return order[apart]


def bootstrap(customers: int, rng: np.random.Generator) -> Ints:
    """Which of so many customers are drawn with replacement, each once, in their order.

    So does R's `fpc::clusterboot` (Hennig, Computational Statistics & Data Analysis 52, 2007).
    """
    return np.unique(rng.integers(0, customers, min(customers, DRAWN)))


def _sizes(sampled: int, customers: int) -> tuple[int, int]:
    """How many customers stand for another table when segments are searched, and how many more
    when Lloyd's steps go on: none where all of a third are searched already.
    """
    third = -(-customers // 3)
    if third <= DRAWN:
        return third, 0
    return DRAWN, min(third, sampled - DRAWN)


def _match(similarity: Floats) -> Ints:
    """For each of our segments the one of theirs that it came back as, the best pair first.

    -1 where it shares nobody.
    """
    left, match = similarity.copy(), np.full(len(similarity), -1)
    for _ in range(len(left)):
        ours, theirs = np.unravel_index(left.argmax(), left.shape)
        if left[ours, theirs] <= 0:
            break
        match[ours] = theirs
        left[ours, :], left[:, theirs] = 0, 0
    return match
