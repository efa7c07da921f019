"""Which centres are nearest: by products of matrices, block by block.

Where rounding could have changed places, distances are measured again.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.types import Floats, Ints

Reals = npt.NDArray[Any]  # of single or of double precision

BLOCK = 16_384  # rows whose distances stay in the processor's cache
# Scores nearer to each other than this share of the squared lengths may have changed places by
# rounding.
ROUNDING = 1e-9


def two_nearest(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The nearest and the second nearest centre of each row; of equally near ones the lower index.

    A row's centres depend on this row alone. Its squared distances are rounded as products are:
    they lose digits very near a centre.

    Args:
        matrix: (n, d) rows, any number of them.
        centres: (k, d).

    Returns:
        Indices (n, 2) and squared distances (n, 2). Of a single centre the second is 0 and
        infinitely far.

    >>> near, squared = two_nearest(np.array([[0.0], [5.0]]), np.array([[0.0], [10.0]]))
    >>> near.tolist(), squared.round(9).tolist()
    ([[0, 1], [0, 1]], [[0.0, 100.0], [25.0, 25.0]])
    """
    return _nearest(matrix, centres, 2)


def one_nearest(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The nearest centre (n,) of each row and its squared distance (n,).

    As `two_nearest` has them.
    """
    near, squared = _nearest(matrix, centres, 1)
    return near[:, 0], squared[:, 0]


def _nearest(matrix: Floats, centres: Floats, most: int) -> tuple[Ints, Floats]:
    n = len(matrix)
    near, squared = np.zeros((most, n), dtype=np.int64), np.empty((most, n))
    for at in range(0, n, BLOCK):
        part = np.s_[at : at + BLOCK]
        near[:, part], squared[:, part] = _of_block(matrix[part].T, centres, most)
    return near.T, squared.T


def _of_block(columns: Floats, centres: Floats, most: int) -> tuple[Ints, Floats]:
    """The same for one block (d, b), as (most, b) each.

    What a product rounds to depends on the rows around; a customer's segment must not.
    """
    middle = centres.mean(axis=0)  # products of large numbers would round badly
    moved, away = columns - middle[:, None], centres - middle
    half = (away**2).sum(axis=1) / 2
    scores = away @ moved
    scores -= half[:, None]
    near, top = _highest_rows(scores, most + 1)
    length = np.einsum("ij,ij->j", moved, moved)
    squared = np.maximum(length - 2 * top[:most], 0.0)
    with np.errstate(invalid="ignore"):  # of a single centre: there is no second
        apart = (top[:-1] - top[1:]).min(axis=0)
    unsure = np.flatnonzero(~(apart > ROUNDING * (length + half.max())))
    if len(unsure):
        found = _measured(columns[:, unsure], centres, most)
        near[: len(found[0]), unsure], squared[: len(found[0]), unsure] = found
    return near, squared


def _measured(columns: Floats, centres: Floats, most: int) -> tuple[Ints, Floats]:
    """The nearest centres of a few rows (d, b) and their squared distances.

    One of each where there is one centre.
    """
    exact = np.stack([_squares(columns - centre[:, None]) for centre in centres])
    order = np.argsort(exact, axis=0, kind="stable")[:most]
    return order, np.take_along_axis(exact, order, axis=0)


def _squares(apart: Floats) -> Floats:
    """(b,) squared lengths of columns (d, b), added up feature by feature."""
    total = np.zeros(apart.shape[1])
    for feature in apart:
        total += feature * feature
    return total


def _highest_rows(scores: Floats, most: int) -> tuple[Ints, Floats]:
    """The `most` highest scores of each column of (k, b), and their rows but for the last.

    Rows (most - 1, b) and scores (most, b). Where there are fewer rows, a score is -inf. The scores
    are overwritten.
    """
    near = np.zeros((most - 1, scores.shape[1]), dtype=np.int64)
    top = np.empty((most, scores.shape[1]))
    columns = np.arange(scores.shape[1])
    for place in range(most - 1):
        near[place], top[place] = highest(scores)
        scores[near[place], columns] = -np.inf
    top[-1] = scores.max(axis=0)
    return near, top


def highest(scores: Reals) -> tuple[npt.NDArray[np.int32], Reals]:
    """The row (n,) of the highest score in each column of (k, n), and that score.

    Of equal ones the upper row is taken. It runs down the rows, five times as quick as `argmax`
    down the columns.

    >>> highest(np.array([[1.0, 2.0, 0.0], [3.0, 2.0, 5.0]]))[0].tolist()
    [1, 0, 1]
    """
    near, top = np.zeros(scores.shape[1], dtype=np.int32), scores[0].copy()
    for row, score in enumerate(scores[1:], start=1):
        np.maximum(near, np.int32(row) * (score > top), out=near)  # a later row is a larger number
        np.maximum(top, score, out=top)
    return near, top
