"""From the sample's optimum to all customers: a few Lloyd steps over an encoded matrix, read in one pass."""

from __future__ import annotations

from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shoal.nouns import Floats, Recipe
from shoal.prepare import encode, placeable

STEPS = 20  # Lloyd steps at most; from the optimum of 20,000 customers a handful is enough
REST = 1e-4  # centres rest when they move less than this share of the mean variance


class MatrixPass:
    """Encodes every placeable row, clipped for fitting, as float32."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.parts: list[tuple[int, npt.NDArray[np.float32]]] = []

    def absorb(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        matrix = encode(batch, self.recipe, clip=True)
        able = placeable(batch, self.recipe)
        self.parts.append((start, (matrix if able.all() else matrix[able]).astype(np.float32)))

    def merge(self, other: Self) -> None:
        """Take in what another worker has encoded."""
        self.parts = sorted(self.parts + other.parts, key=lambda part: part[0])

    def matrix(self) -> npt.NDArray[np.float32]:
        """(n, d) of all rows that can be placed."""
        return np.concatenate([part for _, part in self.parts])


def polish(matrix: npt.NDArray[np.float32], centres: Floats) -> Floats:
    """Lloyd steps from these centres until they rest. Returns centres (k, d)."""
    from sklearn.cluster import KMeans

    fit = KMeans(len(centres), init=centres.astype(np.float32), n_init=1, max_iter=STEPS, tol=REST, copy_x=False).fit(matrix)
    return np.asarray(fit.cluster_centers_, dtype=np.float64)
