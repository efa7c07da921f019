"""One silhouette: scikit-learn's, exact up to a stated number of points and near it beyond."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import silhouette_samples as sklearns_samples
from sklearn.metrics import silhouette_score

import shoal
from shoal.stats.silhouette import DRAWN, EXACT, silhouette, silhouette_samples


def groups(
    rows: int, k: int, apart: float = 4.0, d: int = 3, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Customers (rows, d) around k middles of unequal size, and the nearest middle of each."""
    rng = np.random.default_rng(seed)
    middles = rng.normal(0, apart, (k, d))
    shares = rng.dirichlet(np.full(k, 3.0))
    matrix = middles[rng.choice(k, rows, p=shares)] + rng.normal(size=(rows, d))
    return matrix, ((matrix[:, None] - middles) ** 2).sum(2).argmin(1)


@pytest.mark.parametrize("rows", [60, 700, EXACT])
@pytest.mark.parametrize("k", [2, 6])
def test_it_is_scikit_learns_to_nine_digits(rows: int, k: int) -> None:
    matrix, labels = groups(rows, k)
    found = silhouette(matrix, np.ones(rows), labels, k)
    samples = sklearns_samples(matrix, labels)
    assert found.exact
    assert found.customers == rows
    assert found.mean == pytest.approx(silhouette_score(matrix, labels), abs=1e-9)
    assert np.allclose(found.values, samples, atol=1e-9, rtol=0)
    means = [samples[labels == i].mean() if (labels == i).any() else 0 for i in range(k)]
    assert np.allclose(found.segments, means, atol=1e-9, rtol=0)


@pytest.mark.parametrize("seed", range(6))
def test_of_more_points_it_is_within_a_hundredth(seed: int) -> None:
    k = 2 + seed
    matrix, labels = groups(6_000, k, apart=1.0 + seed, seed=seed)
    found = silhouette(matrix, np.ones(6_000), labels, k)
    assert not found.exact
    assert DRAWN - k <= found.customers <= DRAWN + 100 * k
    assert found.mean == pytest.approx(silhouette_score(matrix, labels), abs=0.01)


def test_it_does_not_jump_where_it_stops_being_exact() -> None:
    """It was .351 for 2,000 rows and .493 for 2,001: two measures under one name."""
    matrix, labels = groups(EXACT + 1, 4, apart=1.5)
    below, above = (silhouette(matrix[:n], np.ones(n), labels[:n], 4) for n in (EXACT, EXACT + 1))
    assert below.exact
    assert not above.exact
    assert above.mean == pytest.approx(below.mean, abs=0.01)
    assert above.mean == pytest.approx(silhouette_score(matrix, labels), abs=0.01)


def test_the_study_and_every_k_have_scikit_learns_silhouette() -> None:
    import pandas as pd

    table = pd.DataFrame(groups(EXACT + 1, 4, apart=1.5)[0], columns=["a", "b", "c"])
    study = shoal.segment(table, by=["a", "b", "c"], scale="standard", k_max=6)
    points = study.facts.points
    for evidence in study.choice.evidence[1:]:
        labels = study.choice.fits[evidence.k].labels
        expected = silhouette_score(points.matrix, labels)
        assert evidence.silhouette == pytest.approx(expected, abs=0.01)
        assert DRAWN - 6 <= evidence.silhouette_rows <= DRAWN + 600
    assert study.silhouette == study.choice.table.set_index("k").loc[study.k, "silhouette"]


def test_a_point_counts_as_often_as_customers_stand_on_it() -> None:
    rng = np.random.default_rng(6)
    matrix, weights = rng.normal(size=(80, 3)), rng.integers(1, 4, 80)
    labels = rng.integers(0, 4, 80)
    labels[0] = 4  # a segment of one spot
    values = silhouette_samples(matrix, weights.astype(float), labels, 5)
    repeated = sklearns_samples(np.repeat(matrix, weights, axis=0), np.repeat(labels, weights))
    assert np.allclose(np.repeat(values, weights), repeated, atol=1e-6)
    found = silhouette(matrix, weights.astype(float), labels, 5)
    assert found.customers == weights.sum()
    assert found.mean == pytest.approx(repeated.mean(), abs=1e-6)


def test_the_order_of_rows_does_not_matter() -> None:
    matrix, labels = groups(5_000, 3)
    shuffled = np.random.default_rng(1).permutation(5_000)
    one = silhouette(matrix, np.ones(5_000), labels, 3)
    two = silhouette(matrix[shuffled], np.ones(5_000), labels[shuffled], 3)
    assert one.mean == pytest.approx(two.mean, abs=1e-12)
    assert sorted(shuffled[two.points]) == sorted(one.points)


def test_a_small_segment_is_looked_at_whole() -> None:
    matrix, labels = groups(9_000, 3)
    matrix[:40] += 50
    labels[:40] = 3
    found = silhouette(matrix, np.ones(9_000), labels, 4)
    assert set(range(40)) <= set(found.points.tolist())
    assert found.segments[3] > 0.9


def test_an_empty_segment_has_none() -> None:
    matrix = np.array([[0.0], [1.0], [10.0], [11.0]])
    found = silhouette(matrix, np.ones(4), np.array([0, 0, 2, 2]), 3)
    assert found.segments[1] == 0
    assert found.mean == pytest.approx(silhouette_score(matrix, [0, 0, 2, 2]), abs=1e-9)
