"""Sizes of tests, against the textbooks."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from shoal.interpret.trial import size_for_means, size_for_rates


@pytest.mark.parametrize(("base", "changed"), [(0.05, 0.06), (0.5, 0.4), (0.02, 0.016)])
def test_as_many_customers_find_the_change_as_often_as_was_asked(base, changed):
    n = size_for_rates(base, changed, 0.8)
    rng = np.random.default_rng(0)
    a, b = rng.binomial(n, base, 20_000), rng.binomial(n, changed, 20_000)
    mean = (a + b) / (2 * n)
    z = np.abs(a - b) / n / np.sqrt(2 * mean * (1 - mean) / n)
    assert (z > 1.959964).mean() == pytest.approx(0.8, abs=0.02)


def test_fleiss():
    # Fleiss, Levin & Paik 2003, table A.4 without continuity: 60 % and 70 %, 95 %, power 80 %.
    assert size_for_rates(0.6, 0.7, 0.8) == 356


def test_means_against_scipy():
    n = size_for_means(10.0, 2.0, 0.9)
    found = 1 - stats.norm.cdf(1.959964 - 2.0 / (10.0 * np.sqrt(2 / n)))
    assert found == pytest.approx(0.9, abs=0.001)
