"""Which centres are nearest: the lower index of equal ones, whatever the block."""

from __future__ import annotations

import numpy as np
import pytest

from shoal.stats.distances import highest, one_nearest, two_nearest


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("k", [1, 2, 7, 20])
def test_the_highest_row_is_argmax(kind: type, k: int) -> None:
    scores = np.random.default_rng(k).integers(-3, 4, (k, 5_000)).astype(kind)  # many are equal
    rows, top = highest(scores)
    assert np.array_equal(rows, scores.argmax(axis=0))
    assert np.array_equal(top, scores.max(axis=0))


def test_equally_near_centres_go_by_their_index() -> None:
    centres = np.array([[4.0], [0.0], [4.0], [8.0]])
    near, squared = two_nearest(np.array([[2.0], [4.0], [6.0]]), centres)
    assert near.tolist() == [[0, 1], [0, 2], [0, 2]]
    assert squared.round(9).tolist() == [[4, 4], [0, 0], [4, 4]]


def test_a_single_centre_has_no_second() -> None:
    near, squared = two_nearest(np.array([[1.0], [5.0]]), np.array([[2.0]]))
    assert near.tolist() == [[0, 0], [0, 0]]
    assert squared[:, 0].tolist() == [1.0, 9.0]
    assert np.isinf(squared[:, 1]).all()


def test_blocks_do_not_change_where_a_row_belongs() -> None:
    rng = np.random.default_rng(0)
    rows, centres = rng.normal(size=(40_000, 4)), rng.normal(size=(9, 4))
    squares = ((rows[:, None] - centres[None]) ** 2).sum(2)
    labels, squared = one_nearest(rows, centres)
    assert np.array_equal(labels, squares.argmin(1))
    assert np.allclose(squared, squares.min(1))
