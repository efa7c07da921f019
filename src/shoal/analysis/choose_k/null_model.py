"""Copies of the table without structure.

Each column's own values, gaps filled, and the columns' correlations, nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from shoal.analysis.choose_k.separation import crowd, without_gaps
from shoal.analysis.choose_k.separation import gaps as gaps_between
from shoal.analysis.kmeans.search import search
from shoal.types import Fit, Floats, Ints, Points

COPIES = 4
MORE = 2  # further draws of customers with their own copies, where the first leaves it open
# Standard errors by which segments are tighter than in copies without structure.
BEYOND_CHANCE = 3.0
OPEN = 1.5  # standard errors to either side of that bar within which the first draw leaves it open
ROUNDS = 6  # of coming nearer to the correlations
NEAR = 0.1  # of the error of a correlation that a copy may be away from the table's
AS_CLEAR = 0.5  # share of a table's evidence for gaps that makes a copy's as good
STARTS = 3  # with one, ill ends of the search pass for differences between copies


def copies(matrix: Floats, weights: Floats, seed: int) -> list[Floats]:
    """Tables (n, d) of as many customers with this table's columns and correlations, no more.

    Columns that fall apart by themselves have their gaps filled: groups along one column would
    stand in a copy of it as they do in the table. The correlations are those of the values: a
    Gaussian copula is drawn again until its tables have them (Cario & Nelson, Modeling and
    generating random vectors with arbitrary marginal distributions and correlation matrix, 1997).
    """
    rng = np.random.default_rng((seed, 2))
    # In another order, so that ties are broken by chance.
    rows = rng.permutation(np.repeat(matrix, np.rint(weights).astype(int), axis=0))
    ordered = without_gaps(np.sort(rows, axis=0))
    wanted = _correlations(rows)
    return [_copy(wanted, ordered, rng) for _ in range(COPIES)]


def _copy(wanted: Floats, ordered: Floats, rng: np.random.Generator) -> Floats:
    """One such table (n, d): of the rounds that come nearer to its correlations the nearest.

    Each copy comes near by itself. What is off in a draw that all share would be off in all alike,
    and no difference between copies would show it.
    """
    return min(_rounds(wanted, ordered, rng), key=lambda made: made[0])[1]


def _rounds(
    wanted: Floats, ordered: Floats, rng: np.random.Generator
) -> Iterator[tuple[float, Floats]]:
    """Tables (n, d), and how far their correlations are from those wanted, on average.

    What is missing is added to their angles: of two columns of halves the share that agrees is an
    angle, and close to 1 a little of a correlation is much.
    """
    normal, near = rng.standard_normal(ordered.shape), NEAR / np.sqrt(len(ordered))
    angles = np.arcsin(np.clip(wanted, -1, 1))
    for _ in range(ROUNDS):
        made = np.take_along_axis(ordered, _ranks(normal @ _root(np.sin(angles))), axis=0)
        missing = wanted - _correlations(made)
        away = float(np.abs(missing).mean())
        yield away, made
        if away <= near:
            return
        angles = np.clip(angles + missing, -np.pi / 2, np.pi / 2)


def _correlations(rows: Floats) -> Floats:
    """Between columns (d, d); 0 with one that does not vary."""
    return np.nan_to_num(np.atleast_2d(np.corrcoef(rows.T)))


def _root(correlations: Floats) -> Floats:
    """A matrix (d, d) that turns independent columns into ones correlated so.

    The symmetric one: a little more of a correlation changes it a little, and rounds come nearer.
    """
    found, axes = np.linalg.eigh(correlations)
    root = (axes * np.sqrt(np.maximum(found, 1e-9))) @ axes.T
    return np.asarray(root / np.linalg.norm(root, axis=0))


def _ranks(columns: Floats) -> Ints:
    return columns.argsort(axis=0).argsort(axis=0)


Tables = list[tuple[Floats, Floats]]  # points and weights of the table itself, then of each copy


def tables(matrix: Floats, weights: Floats, seed: int) -> Tables:
    """The table and its copies."""
    return [
        (matrix, weights),
        *((copy, np.ones(len(copy))) for copy in copies(matrix, weights, seed)),
    ]


def is_open(gaps: Mapping[int, float]) -> bool:
    """Whether one draw of customers leaves open if any k is tighter than chance makes it."""
    most = max(gaps.values(), default=0.0)
    return abs(most - BEYOND_CHANCE) < OPEN


def fits(found: Tables, k: int, seed: int) -> list[Fit]:
    """Solutions with k segments of the table and of each copy."""
    return [search(*table, k, seed=seed, starts=STARTS, thorough=False) for table in found]


def log_inertias(found: Sequence[Fit]) -> Floats:
    """The logarithm of what is left inside the segments of each."""
    return np.log(np.maximum([fit.inertia for fit in found], 1e-300))


def falls_apart(found: Tables, fits: list[Fit], seed: int) -> bool:
    """Whether some copy's segments stand apart much as the table's do: by what both share."""
    table, *copied = [
        gaps_between(fit, crowd(Points(rows, weights, np.arange(len(rows))), seed))
        for (rows, weights), fit in zip(found, fits, strict=True)
    ]
    bar = AS_CLEAR * table.evidence.sum()
    return any(copy.clear and copy.evidence.sum() >= bar for copy in copied)


def gaps(logs: Mapping[int, Sequence[Floats]]) -> dict[int, float]:
    """How much more compact k segments are than in the copies.

    In standard errors (Tibshirani, Walther & Hastie 2001). For each k and each draw of customers
    come the table and its copies.

    Few copies say little about how copies differ; what they say for each k is pooled. On crowds
    without groups the largest of nine is beyond 3 in 2 % of tables so, and in 22 % with an error
    for each k.
    """
    copied = [found[1:] for draws in logs.values() for found in draws]
    if not copied:
        return {}
    variance = np.mean([np.var(logs_of_copies, ddof=1) for logs_of_copies in copied])
    error = max(float(np.sqrt(variance * (1 + 1 / COPIES))), 1e-3)
    away = {k: np.mean([found[1:].mean() - found[0] for found in logs[k]]) for k in logs}
    return {k: float(each / error) for k, each in away.items()}
