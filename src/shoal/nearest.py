"""Which centres are nearest: by products of matrices, block by block, and measured again where rounding could have changed places."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.nouns import Floats, Ints

BLOCK = 16_384  # rows whose distances stay in the processor's cache
ROUNDING = 1e-9  # of the squared lengths: scores nearer to each other may have changed places by rounding
TINY = float(np.finfo(np.float64).tiny)  # what a row's number, carried by a score of zero, stays below


def two_nearest(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The nearest and the second nearest centre of each row; of equally near ones the lower index.

    A row's centres depend on this row alone. Its squared distances are rounded as products are: they lose digits
    very near a centre.

    Args:
        matrix: (n, d) rows, any number of them.
        centres: (k, d).

    Returns:
        Indices (n, 2) and squared distances (n, 2). Of a single centre the second is 0 and infinitely far.

    >>> near, squared = two_nearest(np.array([[0.0], [5.0]]), np.array([[0.0], [10.0]]))
    >>> near.tolist(), squared.round(9).tolist()
    ([[0, 1], [0, 1]], [[0.0, 100.0], [25.0, 25.0]])
    """
    n, middle = len(matrix), centres.mean(axis=0)  # products of large numbers would round badly
    near, squared = np.zeros((2, n), dtype=np.int64), np.empty((2, n))
    for at in range(0, n, BLOCK):
        part = np.s_[at : at + BLOCK]
        near[:, part], squared[:, part] = _of_block(matrix[part].T - middle[:, None], centres - middle)
    return near.T, squared.T


def _of_block(columns: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The same for one block (d, b), as (2, b) each.

    What a product rounds to depends on the rows around; a customer's segment must not.
    """
    half = (centres**2).sum(axis=1) / 2
    scores = centres @ columns - half[:, None]
    near, top = _three_best(scores)
    length = np.einsum("ij,ij->j", columns, columns)
    squared = np.maximum(length - 2 * top[:2], 0.0)
    least = ROUNDING * (length + half.max()) + TINY
    with np.errstate(invalid="ignore"):  # of a single centre: there is no second
        unsure = ~(np.minimum(top[0] - top[1], top[1] - top[2]) > least)
    if unsure.any():
        at = np.flatnonzero(unsure)
        exact = np.stack([_squares(columns[:, at] - centre[:, None]) for centre in centres])
        order = np.argsort(exact, axis=0, kind="stable")[:2]
        found = len(order)  # one where there is one centre
        near[:found, at], squared[:found, at] = order, np.take_along_axis(exact, order, axis=0)
    return near, squared


def _squares(apart: Floats) -> Floats:
    """(b,) squared lengths of columns (d, b), added up feature by feature."""
    total = np.zeros(apart.shape[1])
    for feature in apart:
        total += feature * feature
    return total


def _three_best(scores: Floats) -> tuple[Ints, Floats]:
    """The rows of the two highest scores of each column (2, b), and the three highest scores (3, b), -inf where there are fewer.

    Each score carries its row in its last bits, which says less than rounding does: so a maximum brings along whose it is.
    """
    mask = (1 << (len(scores) - 1).bit_length()) - 1
    coded = ((scores.view(np.int64) & ~mask) | np.arange(len(scores))[:, None]).view(np.float64)
    top, lower = np.full((3, scores.shape[1]), -np.inf), np.empty(scores.shape[1])
    for score in coded:
        np.maximum(top[2], np.minimum(score, top[1], out=lower), out=top[2])
        np.maximum(top[1], np.minimum(score, top[0], out=lower), out=top[1])
        np.maximum(top[0], score, out=top[0])
    near = top[:2].view(np.int64) & mask
    return np.where(np.isfinite(top[:2]), near, 0), top


def highest(scores: npt.NDArray[Any]) -> npt.NDArray[np.int16]:
    """(n,) the row of the highest score in each column of (k, n); of equal ones the first. Quicker than `argmax` down the columns.

    >>> highest(np.array([[1.0, 2.0, 0.0], [3.0, 2.0, 5.0]])).tolist()
    [1, 0, 1]
    """
    best, found = scores[0].copy(), np.zeros(scores.shape[1], dtype=np.int16)
    for j in range(1, len(scores)):
        np.copyto(found, j, where=scores[j] > best)
        np.maximum(best, scores[j], out=best)
    return found
