"""How far two segmentations agree: one Jaccard, one adjusted Rand index."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from shoal.stats.agreement import adjusted_rand, jaccard, shared


def test_adjusted_rand_index_agrees_with_another() -> None:
    one, two = np.random.default_rng(0).integers(0, 4, (2, 500))
    both = shared(one, two, np.ones(500), (4, 4))
    assert adjusted_rand(both) == pytest.approx(adjusted_rand_score(one, two))


def test_jaccard_by_hand() -> None:
    both = np.array([[2.0, 1.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 0.0]])
    assert jaccard(both).tolist() == [[2 / 3, 1 / 6, 0], [0, 3 / 4, 0], [0, 0, 0]]
