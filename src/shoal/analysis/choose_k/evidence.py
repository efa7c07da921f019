"""What speaks for and against every k."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from shoal.analysis.choose_k import null_model
from shoal.analysis.choose_k.resampling import MOST_POINTS, returns, thin
from shoal.analysis.choose_k.separation import Crowd, Gaps, crowd, gaps
from shoal.analysis.kmeans.search import search
from shoal.engine.worker import Each
from shoal.sentences import say
from shoal.stats.silhouette import silhouette
from shoal.types import Evidence, Fit, Floats, Points, Statement

HOLDS = 0.75  # bootstrap Jaccard of a segment that is a pattern (Hennig 2007)
COPIED = 1_000  # customers in each copy without structure


@dataclass(frozen=True)
class JudgedOn:
    """What every k is judged on."""

    points: Points
    resampled: tuple[Floats, Floats]  # points and weights that are drawn from
    copies: null_model.Tables  # tables without structure, and what they are compared with
    crowd: Crowd
    min_share: float
    seed: int

    def has_copies(self, k: int) -> bool:
        """Whether so many segments can be compared with tables without structure."""
        return 1 < k < len(self.copies[0][0])


@dataclass(frozen=True)
class Look:
    """What was seen of one k."""

    fit: Fit
    between: Gaps
    evidence: Evidence
    copied: list[Fit]  # of the table and of each copy; none where there are no copies


@dataclass(frozen=True)
class Seen:
    """What was seen of each k."""

    fits: dict[int, Fit]
    between: dict[int, Gaps]
    evidence: dict[int, Evidence]
    copied: dict[int, list[Fit]]  # of the table without structure, and of what it is compared with

    def replaced(self, fit: Fit, between: Gaps, evidence: Evidence) -> Seen:
        """The same with another solution of one k; how compact it is hardly changes."""
        k = evidence.k
        evidence = dataclasses.replace(evidence, reference_gap=self.evidence[k].reference_gap)
        return Seen(
            fits={**self.fits, k: fit},
            between={**self.between, k: between},
            evidence={**self.evidence, k: evidence},
            copied=self.copied,
        )


def prepare(points: Points, min_share: float, seed: int) -> JudgedOn:
    """What every k is judged on, drawn once for all."""
    return JudgedOn(
        points=points,
        resampled=thin(points, MOST_POINTS, seed),
        copies=_copied(points, seed),
        crowd=crowd(points, seed),
        min_share=min_share,
        seed=seed,
    )


def _copied(points: Points, seed: int) -> null_model.Tables:
    """So many customers, and copies of them without structure."""
    return null_model.tables(*thin(points, COPIED, seed), seed)


class Looks:
    """What was seen of each k by now: whoever asks for another k need not look at all again."""

    def __init__(self, points: Points, min_share: float, seed: int) -> None:
        self._points, self._min_share, self._seed = points, min_share, seed
        self._looks: dict[int, Look] = {}
        self._more: dict[int, list[Floats]] = {}

    @cached_property
    def judged_on(self) -> JudgedOn:
        """What every k is judged on, drawn once for all."""
        return prepare(self._points, self._min_share, self._seed)

    def at(self, ks: list[int], each: Each) -> dict[int, Look]:
        """What is seen of these k, of which only new ones are looked at."""
        new = [k for k in ks if k not in self._looks]
        self._looks |= zip(new, each(partial(_look_at, self.judged_on), new), strict=True)
        return {k: self._looks[k] for k in ks}

    def compactness(self, copied: Mapping[int, list[Fit]], each: Each) -> dict[int, float]:
        """How much tighter each k is than in copies; of more customers where it is open."""
        logs = {k: [null_model.log_inertias(fits)] for k, fits in copied.items()}
        found = null_model.gaps(logs)
        if not null_model.is_open(found):
            return found
        new = [k for k in logs if k not in self._more]
        self._more |= zip(new, each(partial(_in_more, self._more_tables), new), strict=True)
        return null_model.gaps({k: log + self._more[k] for k, log in logs.items()})

    @cached_property
    def _more_tables(self) -> list[tuple[int, null_model.Tables]]:
        """Further draws of customers with their copies, and the seed of each."""
        seeds = [self._seed + turn for turn in range(1, null_model.MORE + 1)]
        return [(seed, _copied(self._points, seed)) for seed in seeds]


def _in_more(more: list[tuple[int, null_model.Tables]], k: int) -> list[Floats]:
    """What is left inside k segments of further draws and of their copies."""
    return [null_model.log_inertias(null_model.fits(tables, k, seed)) for seed, tables in more]


def look_at_every(known: Looks, ks: list[int], each: Each) -> Seen:
    """The best solution of every k, and of one segment, with the evidence."""
    # What takes longest first: whoever shares the work is done at the same time.
    judged_on, looks = known.judged_on, known.at([*reversed(ks), 1], each)
    copied = {k: looks[k].copied for k in ks if judged_on.has_copies(k)}
    compact = known.compactness(copied, each)
    every = (1, *ks)
    return Seen(
        fits={k: looks[k].fit for k in every},
        between={k: looks[k].between for k in ks},
        evidence={
            k: dataclasses.replace(looks[k].evidence, reference_gap=compact.get(k)) for k in every
        },
        copied=copied,
    )


def _look_at(judged_on: JudgedOn, k: int) -> Look:
    points, seed = judged_on.points, judged_on.seed
    fit = search(points.matrix, points.weights, k, seed=seed, settled=False)
    between = gaps(fit, judged_on.crowd)
    copied = null_model.fits(judged_on.copies, k, seed) if judged_on.has_copies(k) else []
    return Look(fit, between, gather(judged_on, fit, between), copied)


def gather(judged_on: JudgedOn, fit: Fit, between: Gaps) -> Evidence:
    """The evidence for one solution, but for how it compares with tables without structure."""
    k, points = len(fit.centres), judged_on.points
    shares = np.bincount(fit.labels, points.weights, k) / points.weights.sum()
    found = Evidence(
        k=k,
        fit_inertia=fit.inertia,
        silhouette=None,
        smallest_share=float(shares.min()),
        starts=fit.starts,
        reached=fit.reached,
        allowed=k > 1,
        remark=None if k > 1 else say("for-reference"),
    )
    if k == 1 or k >= len(judged_on.resampled[0]):
        return found
    back = returns(*judged_on.resampled, fit, judged_on.seed)
    weak = int(back.jaccard.argmin())
    size = round(shares[weak] * points.weights.sum())
    compact = silhouette(points.matrix, points.weights, fit.labels, k)
    return dataclasses.replace(
        found,
        silhouette=compact.mean,
        silhouette_rows=compact.customers,
        separation=between.weakest,
        prediction_strength=back.strength,
        stability=back.stability,
        worst_jaccard=float(back.jaccard[weak]),
        allowed=found.smallest_share >= judged_on.min_share,
        remark=_remark(float(back.jaccard[weak]), size, found.smallest_share, judged_on.min_share),
    )


def _remark(jaccard: float, size: int, smallest: float, min_share: float) -> Statement | None:
    """Why a k is out, or what is remarkable about it."""
    if smallest < min_share:
        return say("too-small", smallest=smallest, min_share=min_share)
    if jaccard < HOLDS:
        return say("does-not-return", size=size, jaccard=jaccard)
    return None
