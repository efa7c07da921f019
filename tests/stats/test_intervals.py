"""Intervals of shares and tests of their differences, against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from shoal.stats.intervals import beyond_chance, shares_differ, wilson


@pytest.mark.parametrize(("events", "known"), [(3, 4), (0, 20), (20, 20), (271, 1000)])
def test_wilson_is_that_of_scipy(events, known):
    low, high = wilson(np.array([events / known]), np.array([float(known)]))
    right = stats.binomtest(events, known).proportion_ci(method="wilson")
    assert (low[0], high[0]) == pytest.approx((right.low, right.high))


def test_shares_of_large_groups_are_compared_by_chi_squared():
    events, known = np.array([40.0, 60.0, 55.0]), np.array([200.0, 210.0, 190.0])
    right = stats.chi2_contingency(np.array([events, known - events]), correction=False)
    assert shares_differ(events, known) == pytest.approx(right.pvalue)


def test_shares_of_small_groups_are_compared_with_tables_drawn_at_random():
    events, known = np.array([1.0, 6.0]), np.array([12.0, 9.0])
    exact = stats.fisher_exact([[1, 11], [6, 3]]).pvalue
    assert shares_differ(events, known) == pytest.approx(exact, abs=0.01)


def test_a_rare_event_that_is_all_in_one_small_group_is_not_chance():
    assert shares_differ(np.array([0.0, 12.0]), np.array([1980.0, 20.0])) < 0.001


def test_nothing_differs_where_it_never_happened_or_one_group_is_known():
    assert shares_differ(np.array([0.0, 0.0]), np.array([10.0, 10.0])) == 1.0
    assert shares_differ(np.array([4.0, 0.0]), np.array([10.0, 0.0])) == 1.0


def test_groups_that_are_alike_seldom_differ():
    rng = np.random.default_rng(3)
    known = np.array([300.0, 500.0, 40.0])
    found = [shares_differ(rng.binomial(known.astype(int), 0.2) * 1.0, known) for _ in range(400)]
    assert np.mean(np.array(found) < 0.05) == pytest.approx(0.05, abs=0.03)


def test_holm():
    assert beyond_chance([0.01, 0.04, 0.03, 0.005]) == [True, False, False, True]
    assert beyond_chance([]) == []
