"""Segments that the least inertia finds here, and a gap leads to on other customers as well."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.types import Structure


@pytest.fixture
def crossed(planted) -> tuple[pd.DataFrame, np.ndarray]:
    """Five groups four standard deviations apart, and a column that tells nobody apart.

    That column spreads so widely that on half of all resamples the least inertia cuts a crowd along
    it and leaves two groups in one.
    """
    return planted(61, 6)


def test_segments_that_a_gap_leads_to_are_searched_again_that_way(
    crossed: tuple[pd.DataFrame, np.ndarray],
) -> None:
    table, group = crossed
    basis = [name for name in table if name != "customer_id"]
    study = shoal.segment(table, id="customer_id", by=basis)
    assert study.k == 5
    assert study.choice.structure is Structure.natural
    assert min(each.found_again for each in study.trust.segments) > 0.9
    # The command itself finds them again on parts of the table, nearly all pairs as planted.
    for seed in range(2):
        part = np.random.default_rng(seed).permutation(len(table))[:1000]
        again = shoal.segment(
            table.iloc[part].reset_index(drop=True), id="customer_id", by=basis, k_max=6
        )
        crossing = pd.crosstab(group[part], again.customers["segment"].to_numpy())
        assert crossing.shape == (5, 5)
        assert crossing.max(axis=1).sum() > 0.93 * len(part)
    # Somebody who asks for five gets the least inertia, whatever gaps say.
    asked = shoal.segment(table, id="customer_id", by=basis, k=5, k_max=5)
    assert min(each.found_again for each in asked.trust.segments) < 0.7
