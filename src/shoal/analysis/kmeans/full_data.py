"""From the sample's optimum to all customers: a few Lloyd steps over every row, encoded once.

Here the encoded rows are kept as float32 and each step runs over them; elsewhere each step is a pass of its own. Both
use the same step on the same blocks, and sums are added up in float64 and in a fixed order.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shoal.analysis.features import encode, placeable
from shoal.engine.local import LocalEngine
from shoal.engine.spill import SpillStore
from shoal.engine.table import Table, elsewhere, run
from shoal.stats.distances import BLOCK, winners
from shoal.types import Floats, Recipe

STEPS = 20  # Lloyd steps at most; from the optimum of 20,000 customers a handful is enough
REST = 1e-3  # centres rest when none moves farther, in encoded units: a sample's centres are off by twenty times that
PLAIN = 2  # steps elsewhere before rows are encoded for good: most tables with clear groups need no more
SHARE = 0.6  # of the budget of memory, for the matrix

Singles = npt.NDArray[np.float32]


def refine_on_all_rows(
    table: Table,
    recipe: Recipe,
    centres: Floats,
    rows: int,
    *,
    heard: Callable[[int], None] | None = None,
    told: Callable[[], None] | None = None,
) -> Floats:
    """Lloyd steps over all the table's rows, so many, from these centres until they rest. Returns centres (k, d).

    `heard` is told of rows that were encoded, `told` when all of them were.
    """
    step = (
        _kept(table, recipe, rows, heard)
        if isinstance(table.engine, LocalEngine)
        else _passed(table, recipe)
    )
    if told is not None:
        told()
    last = 0.0
    for _ in range(STEPS):
        before, centres = centres, step(centres).moved(centres)
        far = float(np.abs(centres - before).max())
        if (
            far < REST or far * far < REST * last
        ):  # steps shrink by about as much each time: the next would be short enough
            break
        last = far
    return centres


class LloydPass:
    """One Lloyd step: how many customers are nearest to each centre, and the sums of their features."""

    def __init__(self, recipe: Recipe | None, centres: Floats) -> None:
        self.recipe = recipe
        self.centres = centres
        self.counts = np.zeros(len(centres))
        self.sums = np.zeros(centres.shape)

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows, or blocks of them that are encoded already where there is no recipe."""
        if self.recipe is not None:
            self.add(encoded(batch, self.recipe))
            return
        for block in batch.column(0):
            self.add(
                np.frombuffer(block.as_buffer(), dtype=np.float32).reshape(
                    self.centres.shape[1], -1
                )
            )

    def add(self, matrix: Singles) -> None:
        """Take the next encoded rows (d, n)."""
        centres = self.centres.astype(np.float32)
        half = (centres**2).sum(axis=1, keepdims=True) / 2
        for at in range(0, matrix.shape[1], BLOCK):
            block = matrix[:, at : at + BLOCK]
            scores = centres @ block
            scores -= half
            mine = winners(scores)
            self.counts += [np.count_nonzero(row) for row in mine]
            self.sums += mine.astype(np.float64) @ block.T.astype(
                np.float64
            )  # equal values lose the same digits again and again

    def merge(self, other: Self) -> None:
        """Take in what another worker has absorbed."""
        self.counts += other.counts
        self.sums += other.sums

    def moved(self, centres: Floats) -> Floats:
        """The means of those nearest to each centre (k, d); a centre without customers stays."""
        return np.where(
            self.counts[:, None] > 0, self.sums / np.maximum(self.counts, 1)[:, None], centres
        )


class MatrixPass:
    """Encodes every row that can be placed, clipped for fitting, and keeps it on a shelf."""

    def __init__(self, recipe: Recipe, shelf: SpillStore) -> None:
        self.recipe, self.shelf = recipe, shelf

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        self.shelf.put(start, encoded(batch, self.recipe))

    def merge(self, other: Self) -> None:
        """Nothing to take in: workers of one process share the shelf."""


def encoded(batch: pa.RecordBatch, recipe: Recipe) -> Singles:
    """(d, n) the rows that can be placed, feature by feature, clipped for fitting."""
    matrix, able = encode(batch, recipe, clip=True).T, placeable(batch, recipe)
    return np.ascontiguousarray(matrix if able.all() else matrix[:, able], dtype=np.float32)


def _kept(
    table: Table, recipe: Recipe, rows: int, heard: Callable[[int], None] | None
) -> Callable[[Floats], LloydPass]:
    engine = table.engine
    assert isinstance(engine, LocalEngine)
    shelf = engine.shelf(SHARE, rows * recipe.width * 4)
    run(table, MatrixPass(recipe, shelf), columns=list(recipe.columns), progress=heard)

    def step(centres: Floats) -> LloydPass:
        def of(start: int) -> LloydPass:
            part = LloydPass(None, centres)
            part.add(shelf.get(start))
            return part

        whole = LloydPass(None, centres)
        for part in engine.each(of, shelf.starts()):
            whole.merge(part)
        return whole

    return step


_BLOCKS = pa.schema([("rows", pa.binary())])


def _passed(table: Table, recipe: Recipe) -> Callable[[Floats], LloydPass]:
    """Each step as a pass: over the rows while it may be one of few, then over their encoded blocks, which cost two steps to make."""
    blocks: list[Table] = []
    taken = count()

    def step(centres: Floats) -> LloydPass:
        if next(taken) < PLAIN:
            whole = LloydPass(recipe, centres)
            run(table, whole, columns=recipe.columns)
            return whole
        if not blocks:
            blocks.append(
                elsewhere(table).mapped(partial(_block, recipe), recipe.columns, _BLOCKS, keep=True)
            )
        whole = LloydPass(None, centres)
        run(blocks[0], whole)
        return whole

    return step


def _block(recipe: Recipe, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    """The batch as one block of encoded rows, feature by feature."""
    return pa.RecordBatch.from_arrays(
        [pa.array([encoded(batch, recipe).tobytes()], pa.binary())], schema=_BLOCKS
    )
