"""Copies of the table without structure.

Each column's own values, gaps filled, and the columns' correlations, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from shoal.analysis.choose_k.separation import crowd, without_gaps
from shoal.analysis.choose_k.separation import gaps as gaps_between
from shoal.analysis.kmeans.search import search
from shoal.types import Fit, Floats, Ints, Points

COPIES = 4
ROUNDS = 4  # of coming nearer to the correlations
STEP = 0.7  # of what is missing that is added in each, so that none overshoots
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
    latent = _latent(_correlations(rows), ordered, rng)
    drawn = [rng.standard_normal(rows.shape) @ latent for _ in range(COPIES)]
    return [np.take_along_axis(ordered, _ranks(each), axis=0) for each in drawn]


def _latent(wanted: Floats, ordered: Floats, rng: np.random.Generator) -> Floats:
    """The root (d, d) of the normal correlations that give these columns the ones wanted."""
    normal = rng.standard_normal(ordered.shape)
    tried = wanted
    for _ in range(ROUNDS):
        root = _root(tried)
        got = _correlations(np.take_along_axis(ordered, _ranks(normal @ root), axis=0))
        tried = np.clip(tried + STEP * (wanted - got), -0.999, 0.999)
    return _root(tried)


def _correlations(rows: Floats) -> Floats:
    """Between columns (d, d); 0 with one that does not vary."""
    return np.nan_to_num(np.atleast_2d(np.corrcoef(rows.T)))


def _root(correlations: Floats) -> Floats:
    """A matrix (d, d) that turns independent columns into ones correlated so."""
    found, axes = np.linalg.eigh(correlations)
    root = axes * np.sqrt(np.maximum(found, 1e-9))
    return np.asarray((root / np.linalg.norm(root, axis=1, keepdims=True)).T)


def _ranks(columns: Floats) -> Ints:
    return columns.argsort(axis=0).argsort(axis=0)


Tables = list[tuple[Floats, Floats]]  # points and weights of the table itself, then of each copy


def tables(matrix: Floats, weights: Floats, seed: int) -> Tables:
    """The table and its copies."""
    return [
        (matrix, weights),
        *((copy, np.ones(len(copy))) for copy in copies(matrix, weights, seed)),
    ]


def fits(found: Tables, k: int, seed: int) -> list[Fit]:
    """Solutions with k segments of the table and of each copy."""
    return [search(*table, k, seed=seed, starts=STARTS, thorough=False) for table in found]


def log_inertias(found: list[Fit]) -> Floats:
    """Of the table and of each copy."""
    return np.log(np.maximum([fit.inertia for fit in found], 1e-300))


def falls_apart(found: Tables, fits: list[Fit], seed: int) -> bool:
    """Whether some copy's segments stand apart much as the table's do: by what both share."""
    table, *copied = [
        gaps_between(fit, crowd(Points(rows, weights, np.arange(len(rows))), seed))
        for (rows, weights), fit in zip(found, fits, strict=True)
    ]
    bar = AS_CLEAR * table.evidence.sum()
    return any(copy.clear and copy.evidence.sum() >= bar for copy in copied)


def gaps(logs: Mapping[int, Floats]) -> dict[int, float]:
    """How much more compact k segments are than in the copies.

    In standard errors (Tibshirani, Walther & Hastie 2001).

    Four copies say little about how copies differ; what they say for each k is pooled. On crowds
    without groups the largest of nine is beyond 3 in 2 % of tables so, and in 22 % with an error
    for each k.
    """
    variance = np.mean([np.var(found[1:], ddof=1) for found in logs.values()]) if logs else 0.0
    error = max(float(np.sqrt(variance * (1 + 1 / COPIES))), 1e-3)
    return {k: float((found[1:].mean() - found[0]) / error) for k, found in logs.items()}
