"""The search for one k, and placing rows."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from shoal.analysis.kmeans.search import assign, nearest_two, search

SHARED = Path(__file__).parents[4] / "shared" / "data"


def needed(path: Path) -> Path:
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return path


def test_mall_reaches_the_published_inertia() -> None:
    table = pd.read_csv(needed(SHARED / "mall_customers" / "mall_customers.csv"))
    fit = search(table.iloc[:, -2:].to_numpy(float), np.ones(200), 5, seed=0)
    assert fit.inertia == pytest.approx(44448.45544793369, rel=1e-9)
    assert sorted(np.bincount(fit.labels)) == [22, 23, 35, 39, 81]


@pytest.mark.parametrize(
    "name",
    ["sipu_a1", "sipu_a3", "sipu_r15", "fcps_hepta", "uci_yeast", "uci_statlog", "sipu_dim032"],
)
def test_best_known_inertia_is_reached(name: str) -> None:
    facts = json.loads(needed(SHARED / "benchmarks" / "reference_shared.json").read_text())[name]
    rows = pd.read_csv(SHARED / "benchmarks" / facts["file"]).filter(regex="^x").to_numpy(float)
    fit = search(rows, np.ones(len(rows)), facts["k_true"], seed=0)
    assert fit.inertia <= facts["best_sse"] * 1.001


def test_more_points_than_are_searched_end_at_the_same_optimum() -> None:
    rng = np.random.default_rng(0)
    middles = np.array([[0.0, 0], [9, 0], [0, 9], [9, 9]])
    rows = middles[np.arange(20_000) % 4] + rng.normal(size=(20_000, 2))
    fit = search(rows, np.ones(len(rows)), 4, seed=0)
    own = np.array([rows[np.arange(20_000) % 4 == each].mean(0) for each in range(4)])
    assert np.abs(fit.centres[:, None] - own[None]).sum(2).min(1).max() < 0.01


def test_a_row_given_twice_is_a_row_of_weight_two() -> None:
    rows = np.random.default_rng(1).normal(size=(300, 3))
    once, twice = (search(rows, np.full(300, weight), 4, seed=0) for weight in (1.0, 2.0))
    assert np.array_equal(once.centres, twice.centres)
    assert twice.inertia == pytest.approx(2 * once.inertia)


def test_inertia_and_labels_belong_to_the_centres() -> None:
    rng = np.random.default_rng(2)
    rows, weights = rng.normal(size=(3_000, 2)), rng.integers(1, 5, 3_000).astype(float)
    fit = search(rows, weights, 7, seed=3)
    squares = ((rows[:, None] - fit.centres[None]) ** 2).sum(2)
    assert np.array_equal(fit.labels, squares.argmin(1))
    assert fit.inertia == pytest.approx(weights @ squares.min(1), rel=1e-3)


def test_one_segment_and_a_segment_for_every_point() -> None:
    rows, weights = np.array([[0.0], [1.0], [5.0], [6.0]]), np.array([1.0, 1.0, 1.0, 3.0])
    one, four = (search(rows, weights, k, seed=0) for k in (1, 4))
    assert one.centres.tolist() == [[4.0]]  # (0 + 1 + 5 + 3 * 6) / 6
    assert one.inertia == pytest.approx(16 + 9 + 1 + 3 * 4)
    assert four.inertia == 0
    assert four.labels.tolist() == [0, 1, 2, 3]


@settings(max_examples=60, deadline=None)
@example(
    np.array([[0.0, 0.0]] * 15 + [[1.0, 0.0]]), np.array([[-3.0, 0.0], [0.0, 2.0], [-1.0, 1.0]])
)
@given(
    arrays(
        float, st.tuples(st.integers(1, 40), st.just(2)), elements=st.integers(-3, 3).map(float)
    ),
    arrays(float, st.tuples(st.integers(2, 6), st.just(2)), elements=st.integers(-3, 3).map(float)),
)
def test_ties_go_to_the_lower_id(rows: np.ndarray, centres: np.ndarray) -> None:
    squares = ((rows[:, None] - centres[None]) ** 2).sum(2)
    order = np.argsort(squares, axis=1, kind="stable")
    labels, distances = nearest_two(rows, centres)
    assert np.array_equal(
        np.take_along_axis(squares, labels, 1), np.take_along_axis(squares, order[:, :2], 1)
    )
    assert np.array_equal(distances, np.sqrt(np.take_along_axis(squares, order[:, :2], 1)))
    if len(centres) <= 3:
        assert np.array_equal(labels, order[:, :2])
        assert np.array_equal(assign(rows, centres)[0], order[:, 0])


def test_many_rows_are_placed_like_few() -> None:
    rng = np.random.default_rng(4)
    rows, centres = rng.normal(size=(40_000, 5)).astype(np.float32), rng.normal(size=(9, 5))
    labels, distances = assign(rows, centres)
    again = [assign(rows[start : start + 1_000], centres)[0] for start in range(0, 40_000, 1_000)]
    assert np.array_equal(labels, np.concatenate(again))
    assert distances[7] == pytest.approx(np.linalg.norm(rows[7] - centres, axis=1).min())


def test_small_tables_end_where_moving_no_customer_helps() -> None:
    """z-scored spend of wholesale customers.

    Lloyd's algorithm stops at 1607 and above, Hartigan & Wong's at 1604.016.
    """
    table = (
        pd.read_csv(needed(SHARED / "wholesale_customers" / "wholesale_customers.csv"))
        .iloc[:, 2:]
        .to_numpy(float)
    )
    rows = (table - table.mean(0)) / table.std(0)
    for seed in range(3):
        fit = search(rows, np.ones(len(rows)), 3, seed=seed)
        assert fit.inertia == pytest.approx(1604.0163, abs=1e-3)
        assert sorted(np.bincount(fit.labels)) == [3, 44, 393]


@pytest.mark.parametrize("k", [2, 5, 10])
def test_somebody_reached_what_was_taken(k: int) -> None:
    rows = np.random.default_rng(k).normal(size=(2_500, 4))
    for rows_taken in (rows, rows[:200]):
        fit = search(rows_taken, np.ones(len(rows_taken)), k, seed=0)
        assert 1 <= fit.reached <= fit.starts


def test_tiny_tables_need_no_scikit_learn() -> None:
    import subprocess
    import sys

    code = "import shoal, sys; from shoal.cli import demo_data as demo; import pyarrow as pa\n"
    code += "rows = list(zip(*demo.rows(200))); shoal.segment(pa.table({'income': rows[3], 'score': rows[4]}))\n"
    code += "print('sklearn' in sys.modules, 'scipy.stats' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False False"


@pytest.mark.parametrize("k", [4, 7, 9, 12])
def test_many_points_are_searched_as_well_as_by_twenty_starts(k: int) -> None:
    """Beyond 8,000 points the search runs on some of them.

    In single precision where segments are few; it ends on all, in double.
    """
    from sklearn.cluster import KMeans

    rng = np.random.default_rng(6)
    rows = np.concatenate(
        [
            rng.normal(m, s, (1_500, 5))
            for m, s in zip(rng.normal(0, 3, (7, 5)), (0.5, 1, 1, 1.5, 0.7, 1, 2), strict=True)
        ]
    )
    best = KMeans(k, n_init=20, random_state=0).fit(rows).inertia_
    found = search(rows, np.ones(len(rows)), k, seed=0)
    assert found.inertia <= best * 1.002
    assert found.inertia == pytest.approx(
        ((rows - found.centres[found.labels]) ** 2).sum(), rel=1e-9
    )
