"""Choosing k: groups that are there are found, crowds without gaps are called what they are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from shoal.analysis.choose_k import choose, findings
from shoal.analysis.choose_k.decision import _fewest_tied, _most_that_come_back
from shoal.analysis.choose_k.null_model import copies
from shoal.analysis.choose_k.separation import Crowd, crowd, gaps
from shoal.analysis.kmeans.search import search
from shoal.analysis.stability import examine
from shoal.errors import OptionError
from shoal.types import Evidence, Points, Structure

SHARED = Path(__file__).parents[4] / "shared" / "data"


def points(matrix: np.ndarray) -> Points:
    distinct, place, counts = np.unique(matrix, axis=0, return_inverse=True, return_counts=True)
    return Points(distinct, counts.astype(float), place.ravel())


def blobs(k: int, apart: float, n: int = 600, d: int = 3, seed: int = 0) -> np.ndarray:
    """Equal round groups on a line of corners, each `apart` standard deviations from the next."""
    rng = np.random.default_rng(seed)
    middles = np.array([[each * apart, (each % 2) * apart] + [0.0] * (d - 2) for each in range(k)])
    return middles[np.arange(n) % k] + rng.normal(size=(n, d))


def mall(*columns: str) -> Points:
    path = SHARED / "mall_customers" / "mall_customers.csv"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    matrix = pd.read_csv(path)[list(columns)].to_numpy(float)
    return points((matrix - matrix.mean(0)) / matrix.std(0))


INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


@pytest.mark.parametrize("k", [2, 3, 5])
def test_groups_that_are_there_are_found(k: int) -> None:
    choice = choose(points(blobs(k, apart=6)))
    assert (choice.k, choice.structure) == (k, Structure.natural)


@pytest.mark.parametrize("seed", range(4))
def test_a_crowd_has_no_groups(seed: int) -> None:
    rng = np.random.default_rng(seed)
    matrix = [
        rng.normal(size=(600, 3)),
        rng.random((600, 3)),
        rng.normal(size=(600, 2)) @ [[2, 1], [0, 1]],
        rng.normal(size=(200, 6)),
    ]
    choice = choose(points(matrix[seed]))
    assert choice.structure is not Structure.natural
    assert 2 <= choice.k <= 10


def test_mall_has_five_natural_segments() -> None:
    choice = choose(mall(INCOME, SCORE))
    assert (choice.k, choice.structure) == (5, Structure.natural)
    by_k = {each.k: each for each in choice.evidence}
    assert by_k[5].silhouette == pytest.approx(0.5547, abs=5e-5)
    assert by_k[5].worst_jaccard > 0.85
    assert by_k[6].worst_jaccard < 0.7
    assert "does not come back" in by_k[6].note


def test_mall_with_age_holds_at_four_and_six_but_not_at_five() -> None:
    choice = choose(mall("Age", INCOME, SCORE))
    assert {4, 6} <= set(choice.defensible)
    assert 5 not in choice.defensible
    assert "several-k" in [each.code for each in findings(choice)]


def test_an_asked_k_is_taken_and_judged() -> None:
    people = points(blobs(3, apart=6))
    asked = choose(people, k=7)
    assert (asked.k, asked.asked) == (7, True)
    assert asked.structure is not Structure.natural
    assert choose(people, k=3).structure is Structure.natural
    assert {each.k for each in asked.evidence} == set(range(1, 11))


def test_every_row_twice_is_the_same_choice() -> None:
    matrix = blobs(3, apart=6, n=150)
    once, twice = choose(points(matrix)), choose(points(np.r_[matrix, matrix]))
    assert (once.k, once.structure) == (twice.k, twice.structure)
    assert np.array_equal(once.fits[3].centres, twice.fits[3].centres)


def test_the_edge_of_the_range_is_told() -> None:
    assert "k-at-the-edge" in [
        each.code for each in findings(choose(points(blobs(5, apart=6)), k_max=4))
    ]


def test_no_segment_is_smaller_than_the_user_allows() -> None:
    choice = choose(points(blobs(5, apart=6)), min_share=0.3)
    assert choice.evidence[[e.k for e in choice.evidence].index(choice.k)].smallest_share >= 0.3
    assert not next(e for e in choice.evidence if e.k == 5).allowed


@pytest.mark.parametrize("n", [2, 3, 5, 12])
def test_tiny_tables_get_an_answer(n: int) -> None:
    choice = choose(points(np.random.default_rng(n).normal(size=(n, 2))))
    assert 2 <= choice.k <= n


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"k": 9}, "Give k from 2 to 4"),
        ({"k": 1}, "Give k from 2 to 4"),
        ({"k_max": 1}, "k_max=1: at least 2 segments must be allowed"),
    ],
)
def test_what_does_not_fit_is_refused(options: dict[str, int], words: str) -> None:
    with pytest.raises(OptionError, match=words):
        choose(points(np.arange(8.0).reshape(4, 2)), **options)


def test_customers_who_are_all_alike_are_refused() -> None:
    with pytest.raises(OptionError, match="All 9 customers are alike"):
        choose(points(np.ones((9, 2))))


def test_a_valley_is_seen_and_a_plain_is_not() -> None:
    rng = np.random.default_rng(0)
    for rows, deep in [
        (np.r_[rng.normal(size=(300, 1)), rng.normal(size=(300, 1)) + 6], True),
        (rng.random((600, 1)), False),
    ]:
        found = gaps(search(rows, np.ones(600), 2, seed=0), Crowd(rows, np.arange(600)))
        assert found.clear is deep
        assert bool(found.evidence[0] > 20) is deep


def test_steps_of_a_lattice_are_no_gaps() -> None:
    """A flag and a score from 1 to 5 leave nothing between their steps, for anybody."""
    rng = np.random.default_rng(0)
    people = points(
        np.column_stack([rng.integers(0, 2, 800), rng.integers(1, 6, 800)]).astype(float)
    )
    assert choose(people, k_max=6).structure is not Structure.natural
    assert len(np.unique(crowd(people, 0).rows[:, 0])) > 700


def test_copies_keep_columns_and_correlation() -> None:
    rng = np.random.default_rng(0)
    matrix = np.exp(rng.normal(size=(800, 2)) @ [[1, 0.8], [0, 0.6]])
    for copy in copies(matrix, np.ones(800), seed=0):
        assert np.array_equal(np.sort(copy, axis=0), np.sort(matrix, axis=0))
        assert np.corrcoef(np.log(copy).T)[0, 1] == pytest.approx(0.8, abs=0.06)


def judged(k: int, *, jaccard: float = 0.9, strength: float = 0.9) -> Evidence:
    return Evidence(
        k,
        1.0,
        0.4,
        0.1,
        10,
        10,
        reference_gap=9.0,
        prediction_strength=strength,
        worst_jaccard=jaccard,
    )


def test_of_equal_evidence_the_most_segments_are_taken() -> None:
    evidence = {k: judged(k) for k in range(2, 7)}
    assert _most_that_come_back(evidence, list(evidence)) == 6


def test_of_slices_that_come_back_about_as_well_the_fewest_are_taken() -> None:
    assert _fewest_tied({3: 0.60, 4: 0.62, 5: 0.58}) == 3
    assert _fewest_tied({3: 0.72, 4: 0.93, 5: 0.95}) == 4
    assert _fewest_tied({3: 0.70, 4: 0.80, 5: 0.95}) == 5


def test_more_segments_must_surely_come_back() -> None:
    evidence = {
        3: judged(3),
        4: judged(4, jaccard=0.78),
        5: judged(5, strength=0.6),
        8: judged(8, strength=0.75),
    }
    assert _most_that_come_back(evidence, list(evidence)) == 3
    doubtful = {k: judged(k, jaccard=0.76 + k / 100, strength=0.3) for k in (2, 3, 8)}
    assert _most_that_come_back(doubtful, list(doubtful)) == 3


def test_columns_of_few_values_are_never_natural() -> None:
    """Flags that go together stand on few spots.

    K-means finds them well apart, but gaps between spots tell nothing.
    """
    rng = np.random.default_rng(0)
    group = rng.integers(0, 3, 900)[:, None]
    answers = (rng.random((900, 6)) < np.where(np.arange(6) // 2 == group, 0.97, 0.03)).astype(
        float
    )
    choice = choose(points(answers), k_max=6)
    assert (choice.k, choice.structure) == (3, Structure.reproducible)
    measured = choose(points(answers + rng.normal(0, 0.2, answers.shape)), k_max=6)
    assert (measured.k, measured.structure) == (3, Structure.natural)


def hidden() -> np.ndarray:
    """Four groups five standard deviations apart.

    Two of them near each other, and two columns that only spread.
    """
    rng = np.random.default_rng(1)
    middles = np.array([[0, 0, 0], [9, 0, 0], [0, 9, 0], [5.5, 9, 0]])
    matrix = np.c_[
        middles[np.arange(1200) % 4] + rng.normal(size=(1200, 3)) * [1, 1, 0.2],
        5 * rng.normal(size=(1200, 2)),
    ]
    return (matrix - matrix.mean(0)) / matrix.std(0)


def test_a_gap_inside_a_segment_leads_on() -> None:
    """The least inertia at four cuts along a column that tells nobody apart."""
    people = points(hidden())
    choice = choose(people, k_max=5)
    fit = choice.fits[4]
    assert (choice.k, choice.structure) == (4, Structure.natural)
    assert fit.within is not None
    assert fit.inertia > search(people.matrix, people.weights, 4, seed=0).inertia
    found = np.zeros((4, 4))
    np.add.at(found, (np.arange(1200) % 4, fit.labels[people.of_row]), 1)
    assert sorted(found.max(1) > 290) == [True] * 4
    assert (
        min(
            each.jaccard
            for each in examine(people, fit, choice.fits, seed=0, resamples=100).segments
        )
        > 0.8
    )


def test_the_same_whatever_the_threads() -> None:
    from threadpoolctl import threadpool_limits

    people = points(np.random.default_rng(0).normal(size=(9_000, 4)))
    with threadpool_limits(1):
        one = choose(people, k_max=4)
    many = choose(people, k_max=4)
    assert one.evidence == many.evidence
    assert np.array_equal(one.fits[one.k].centres, many.fits[many.k].centres)
