"""From the sample's optimum to all customers: a few Lloyd steps over every row, encoded once.

Here the encoded rows are kept as float32 and each step runs over them; on a cluster each step is an
accumulator of its own. Both use the same step on the same blocks, and sums are added up in float64
and in a fixed order.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shoal.analysis.features import encode, placeable
from shoal.analysis.kmeans.search import assign, search
from shoal.engine.distinct import DistinctCounter
from shoal.engine.local import LocalEngine
from shoal.engine.progress import Progress, begin, counting, pulse
from shoal.engine.spill import SpillStore
from shoal.engine.table import Table, elsewhere, run
from shoal.stats.distances import BLOCK, highest
from shoal.types import Fit, Floats, Points, Recipe

STEPS = 20  # Lloyd steps at most; from the optimum of 20,000 customers a handful is enough
# Centres rest when none moves farther, in encoded units: a sample's centres are off by twenty times
# that.
REST = 1e-3
PLAIN = 2  # steps on a cluster before rows are encoded for good: clear groups need no more
SHARE = 0.6  # of the budget of memory, for the matrix

Singles = npt.NDArray[np.float32]


def refine(
    table: Table,
    recipe: Recipe,
    fit: Fit,
    points: Points,
    distinct_rows: DistinctCounter,
    rows: int,
    *,
    seed: int,
    progress: Progress | None = None,
) -> Fit:
    """The sample's fit bettered on all rows of the table, so many.

    Where rows repeat each other their few distinct ones are searched, which is exact; elsewhere
    Lloyd's steps run over all rows, from the sample's centres.
    """
    counted = distinct_rows(recipe.columns)
    if counted is None:
        centres = refine_on_all_rows(
            table,
            recipe,
            fit.centres,
            rows,
            heard=counting(progress, "encoding", rows),
            told=lambda: begin(progress, "fitting everybody"),
        )
    else:
        begin(progress, "fitting everybody")
        able = placeable(counted.rows, recipe)
        matrix = encode(counted.rows, recipe, clip=True)[able]
        weights = counted.counts[able].astype(np.float64)
        centres = search(matrix, weights, len(fit.centres), seed=seed, known=fit.centres).centres
    return dataclasses.replace(fit, centres=centres, labels=assign(points.matrix, centres)[0])


def refine_on_all_rows(
    table: Table,
    recipe: Recipe,
    centres: Floats,
    rows: int,
    *,
    heard: Callable[[int], None] | None = None,
    told: Callable[[], None] | None = None,
) -> Floats:
    """Lloyd steps over all rows of a table, until the centres rest.

    Args:
        table: the customers.
        recipe: how their columns become features.
        centres: (k, d) to begin from, in encoded units.
        rows: how many customers there are.
        heard: is told the number of rows encoded so far.
        told: is called when all rows are encoded.

    Returns:
        Centres (k, d).
    """
    if isinstance(table.engine, LocalEngine):
        step = _step_on_kept_rows(table, table.engine, recipe, rows, heard)
    else:
        step = _step_elsewhere(table, recipe)
    if told is not None:
        told()
    last = 0.0
    for _ in range(STEPS):
        pulse()
        before, centres = centres, step(centres).moved(centres)
        shift = float(np.abs(centres - before).max())
        # Steps shrink by about as much each time: the next one would be short enough.
        if shift < REST or shift * shift < REST * last:
            break
        last = shift
    return centres


class LloydPass:
    """One Lloyd step.

    How many customers are nearest to each centre, and the sums of their features.
    """

    def __init__(self, recipe: Recipe | None, centres: Floats) -> None:
        self.recipe = recipe
        self.centres = centres
        self.counts = np.zeros(len(centres))
        self.sums = np.zeros(centres.shape)

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows.

        Or blocks of them that are encoded already where there is no recipe.
        """
        if self.recipe is not None:
            self.add(encoded(batch, self.recipe))
            return
        features = self.centres.shape[1]
        for block in batch.column(0):
            rows = np.frombuffer(block.as_buffer(), dtype=np.float32)
            self.add(rows.reshape(features, -1))

    def add(self, matrix: Singles) -> None:
        """Take the next encoded rows (d, n)."""
        centres = self.centres.astype(np.float32)
        half = (centres**2).sum(axis=1, keepdims=True) / 2
        ids = np.arange(len(centres))
        for at in range(0, matrix.shape[1], BLOCK):
            block = matrix[:, at : at + BLOCK]
            scores = centres @ block
            scores -= half
            near, _ = highest(scores)
            mine = near == ids[:, None]
            self.counts += np.bincount(near, minlength=len(ids))
            # In doubles, since equal values lose the same digits again and again.
            self.sums += mine.astype(np.float64) @ block.T.astype(np.float64)

    def merge(self, other: Self) -> None:
        """Take in what another worker has seen."""
        self.counts += other.counts
        self.sums += other.sums

    def moved(self, centres: Floats) -> Floats:
        """The means of those nearest to each centre (k, d); a centre without customers stays."""
        means = self.sums / np.maximum(self.counts, 1)[:, None]
        return np.where(self.counts[:, None] > 0, means, centres)


class MatrixPass:
    """Encodes every row that can be placed, clipped for fitting, and keeps it in a spill store."""

    def __init__(self, recipe: Recipe, store: SpillStore) -> None:
        self.recipe, self.store = recipe, store

    def update(self, batch: pa.RecordBatch, start: int) -> None:
        """Take the next rows."""
        self.store.put(start, encoded(batch, self.recipe))

    def merge(self, other: Self) -> None:
        """Nothing to take in: workers of one process share the store."""


def encoded(batch: pa.RecordBatch, recipe: Recipe) -> Singles:
    """The rows that can be placed (d, n), feature by feature, clipped for fitting."""
    matrix, able = encode(batch, recipe, clip=True).T, placeable(batch, recipe)
    return np.ascontiguousarray(matrix if able.all() else matrix[:, able], dtype=np.float32)


Step = Callable[[Floats], LloydPass]


def _step_on_kept_rows(
    table: Table,
    engine: LocalEngine,
    recipe: Recipe,
    rows: int,
    heard: Callable[[int], None] | None,
) -> Step:
    """A step over rows that are encoded once and kept, in memory or spilled."""
    store = engine.spill_store(SHARE, rows * recipe.width * 4)
    run(table, MatrixPass(recipe, store), columns=list(recipe.columns), progress=heard)

    def step(centres: Floats) -> LloydPass:
        def of(start: int) -> LloydPass:
            part = LloydPass(None, centres)
            part.add(store.get(start))
            return part

        whole = LloydPass(None, centres)
        for part in engine.each(of, store.starts()):
            whole.merge(part)
        return whole

    return step


_BLOCKS = pa.schema([("rows", pa.binary())])


def _step_elsewhere(table: Table, recipe: Recipe) -> Step:
    """A step where the rows are.

    Over the rows while it may be one of few, then over encoded blocks.

    Encoding the blocks costs as much as two steps.
    """
    blocks: list[Table] = []
    taken = count()

    def step(centres: Floats) -> LloydPass:
        if next(taken) < PLAIN:
            whole = LloydPass(recipe, centres)
            run(table, whole, columns=recipe.columns)
            return whole
        if not blocks:
            encode_block = partial(_block, recipe)
            kept = elsewhere(table).mapped(encode_block, recipe.columns, _BLOCKS, keep=True)
            blocks.append(kept)
        whole = LloydPass(None, centres)
        run(blocks[0], whole)
        return whole

    return step


def _block(recipe: Recipe, batch: pa.RecordBatch, start: int) -> pa.RecordBatch:
    """The batch as one block of encoded rows, feature by feature."""
    block = pa.array([encoded(batch, recipe).tobytes()], pa.binary())
    return pa.RecordBatch.from_arrays([block], schema=_BLOCKS)
