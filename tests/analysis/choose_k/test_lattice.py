"""Counts and scores are spread over their steps; what many share is a step for everybody."""

from __future__ import annotations

import numpy as np
import pytest

from shoal.analysis.choose_k.lattice import blurred, in_steps, spread, unshared


def test_customers_are_spread_over_the_room_of_their_value() -> None:
    scores = np.repeat([1.0, 2.0, 5.0, 6.0, 7.0], 4)
    around = [-0.375, -0.125, 0.125, 0.375]
    expected = np.concatenate([value + np.array(around) for value in (1, 2, 5, 6, 7)])
    assert spread(scores) == pytest.approx(expected)  # the step from 2 to 5 is no wider than others
    assert np.abs(blurred(scores, np.random.default_rng(0)) - scores).max() <= 0.5


def test_steps_of_a_logarithm_leave_no_holes() -> None:
    counts = np.r_[np.repeat(np.arange(1, 13), 40), np.repeat(np.arange(200, 230), 2)]
    even = spread(np.log(counts))
    steps = np.diff(even)
    assert in_steps(counts)
    assert steps[: 12 * 40 - 1].max() < 0.03  # log 2 - log 1 is .69
    assert steps[12 * 40 - 1] > 2.7  # from 12 to 200 nobody is


def test_a_value_that_far_more_share_than_those_beside_it_is_a_step_for_everybody() -> None:
    nothing = np.r_[np.zeros(50), np.arange(1.0, 51)]
    assert unshared(nothing).sum() == 50
    evenly = np.repeat(np.arange(20.0), 5)  # each of 20 days is one of 5 % of customers
    assert unshared(evenly).all()
    assert unshared(np.ones(30)).all()
