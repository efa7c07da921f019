"""Copies of the table without structure: each column's own values, and the columns' correlations, nothing else."""

from __future__ import annotations

import numpy as np

from shoal.cluster import search
from shoal.nouns import Floats

COPIES = 4


def copies(matrix: Floats, weights: Floats, seed: int) -> list[Floats]:
    """Tables of as many customers drawn from a Gaussian copula with this table's columns (n, d) and rank correlations."""
    from scipy.special import ndtri

    rng = np.random.default_rng((seed, 2))
    rows = rng.permutation(np.repeat(matrix, np.rint(weights).astype(int), axis=0))  # so that ties are broken by chance
    n = len(rows)
    lots = rng.random(rows.shape)
    ranks = np.lexsort((lots, rows), axis=0).argsort(axis=0)
    scores = ndtri((ranks + 0.5) / n)
    covariance = scores.T @ scores / n
    root = np.linalg.cholesky(covariance + 1e-6 * np.eye(len(covariance)))
    ordered = np.sort(rows, axis=0)
    drawn = [(rng.standard_normal(rows.shape) @ root.T).argsort(axis=0).argsort(axis=0) for _ in range(COPIES)]
    return [np.take_along_axis(ordered, places, axis=0) for places in drawn]


def gap(matrix: Floats, weights: Floats, drawn: list[Floats], k: int, seed: int) -> float:
    """How much more compact k segments are than in the copies, in standard errors (Tibshirani, Walther & Hastie 2001)."""
    own = np.log(max(search(matrix, weights, k, seed=seed, starts=2, thorough=False).inertia, 1e-300))
    there = [
        np.log(max(search(copy, np.ones(len(copy)), k, seed=seed, starts=1, thorough=False).inertia, 1e-300)) for copy in drawn
    ]
    error = max(np.std(there, ddof=1) * np.sqrt(1 + 1 / len(there)), 1e-3)
    return float((np.mean(there) - own) / error)
