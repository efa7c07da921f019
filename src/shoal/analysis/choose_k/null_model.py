"""Copies of the table without structure.

Each column's own values, and the columns' correlations, nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from statistics import NormalDist

import numpy as np

from shoal.analysis.kmeans.search import search
from shoal.types import Floats, Ints

COPIES = 4
STARTS = 3  # with one, ill ends of the search pass for differences between copies


def copies(matrix: Floats, weights: Floats, seed: int) -> list[Floats]:
    """Tables of as many customers drawn from a Gaussian copula with this table's columns (n.

    D) and rank correlations.
    """
    rng = np.random.default_rng((seed, 2))
    # In another order, so that ties are broken by chance.
    rows = rng.permutation(np.repeat(matrix, np.rint(weights).astype(int), axis=0))
    scores = _normal_scores(rows, rng)
    covariance = scores.T @ scores / len(rows)
    root = np.linalg.cholesky(covariance + 1e-6 * np.eye(len(covariance)))
    ordered = np.sort(rows, axis=0)
    drawn = [rng.standard_normal(rows.shape) @ root.T for _ in range(COPIES)]
    return [np.take_along_axis(ordered, _ranks(each), axis=0) for each in drawn]


def _normal_scores(rows: Floats, rng: np.random.Generator) -> Floats:
    """The normal quantiles (n, d) of each column's ranks; lots are drawn for ties."""
    n, lots = len(rows), rng.random(rows.shape)
    ranks = np.lexsort((lots, rows), axis=0).argsort(axis=0)
    quantile = NormalDist().inv_cdf  # of some thousand ranks; scipy's takes longer to import
    return np.array([quantile((rank + 0.5) / n) for rank in range(n)])[ranks]


def _ranks(columns: Floats) -> Ints:
    return columns.argsort(axis=0).argsort(axis=0)


Tables = list[tuple[Floats, Floats]]  # points and weights of the table itself, then of each copy


def tables(matrix: Floats, weights: Floats, seed: int) -> Tables:
    """The table and its copies."""
    return [
        (matrix, weights),
        *((copy, np.ones(len(copy))) for copy in copies(matrix, weights, seed)),
    ]


def log_inertias(found: Tables, k: int, seed: int) -> Floats:
    """Of k segments in the table and in each copy."""
    best = [search(*table, k, seed=seed, starts=STARTS, thorough=False).inertia for table in found]
    return np.log(np.maximum(best, 1e-300))


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
