"""Which centres are nearest: by products of matrices, block by block, and measured again where rounding could have changed places."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from shoal.types import Bools, Floats, Ints

BLOCK = 16_384  # rows whose distances stay in the processor's cache
ROUNDING = (
    1e-9  # of the squared lengths: scores nearer to each other may have changed places by rounding
)
TINY = float(
    np.finfo(np.float64).tiny
)  # what a row's number, carried by a score of zero, stays below


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
    return _nearest(matrix, centres, 2)


def one_nearest(matrix: Floats, centres: Floats) -> tuple[Ints, Floats]:
    """The nearest centre (n,) of each row and its squared distance (n,), as `two_nearest` has them."""
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
    near, top = _best(scores, most + 1)
    length = np.einsum("ij,ij->j", moved, moved)
    squared = np.maximum(length - 2 * top[:most], 0.0)
    least = ROUNDING * (length + half.max()) + TINY
    with np.errstate(invalid="ignore"):  # of a single centre: there is no second
        unsure = ~((top[:-1] - top[1:]).min(axis=0) > least)
    if unsure.any():
        at = np.flatnonzero(unsure)
        exact = np.stack([_squares(columns[:, at] - centre[:, None]) for centre in centres])
        order = np.argsort(exact, axis=0, kind="stable")[:most]
        found = len(order)  # one where there is one centre
        near[:found, at], squared[:found, at] = order, np.take_along_axis(exact, order, axis=0)
    return near, squared


def _squares(apart: Floats) -> Floats:
    """(b,) squared lengths of columns (d, b), added up feature by feature."""
    total = np.zeros(apart.shape[1])
    for feature in apart:
        total += feature * feature
    return total


def _best(scores: Floats, most: int) -> tuple[Ints, Floats]:
    """The rows of the highest scores of each column (most - 1, b), and the highest scores (most, b), -inf where there are fewer."""
    coded, mask = _coded(scores)
    top, lower = np.full((most, scores.shape[1]), -np.inf), np.empty(scores.shape[1])
    for score in coded:
        for place in range(most - 1, 0, -1):
            np.maximum(top[place], np.minimum(score, top[place - 1], out=lower), out=top[place])
        np.maximum(top[0], score, out=top[0])
    near = top[:-1].view(np.int64) & mask
    return np.where(np.isfinite(top[:-1]), near, 0), top


def _coded(scores: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], int]:
    """The scores (k, n), each with its row in its last bits: so a maximum brings along whose it is. Overwrites them; returns the mask of those bits.

    The last bits say less than rounding does; of equal scores always the same one is highest.
    """
    bits: Any = scores.view(np.int64 if scores.itemsize == 8 else np.int32)
    mask = (1 << (len(scores) - 1).bit_length()) - 1
    bits &= ~mask
    bits |= np.arange(len(scores), dtype=bits.dtype)[:, None]
    return scores, mask


def highest(scores: npt.NDArray[Any]) -> Ints:
    """(n,) the row of the highest score in each column of (k, n), which are overwritten; several times quicker than `argmax` down the columns.

    >>> highest(np.array([[1.0, 2.0, 0.0], [3.0, 1.0, 5.0]])).tolist()
    [1, 0, 1]
    """
    coded, mask = _coded(scores)
    found: Ints = (
        coded.max(axis=0).view(np.int64 if scores.itemsize == 8 else np.int32) & mask
    ).astype(np.int64)
    return found


def winners(scores: npt.NDArray[Any]) -> Bools:
    """(k, n) which row has the highest score in each column of (k, n), never two; the scores are overwritten."""
    coded, _ = _coded(scores)
    found: Bools = coded == coded.max(axis=0)
    return found
