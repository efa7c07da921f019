"""What is said of tables whose truth is known: groups apart, threads without a gap, noise."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from shoal.analysis.choose_k import choose, findings
from shoal.analysis.choose_k.along import run_together
from shoal.analysis.choose_k.held_out import stands
from shoal.analysis.choose_k.null_model import copies
from shoal.analysis.choose_k.separation import columns_with_gaps, crowd, gaps, without_gaps
from shoal.analysis.kmeans.search import search
from shoal.types import Floats, Points, Structure

Make = Callable[[np.random.Generator], Floats]


def points(matrix: Floats) -> Points:
    scaled = (matrix - matrix.mean(0)) / matrix.std(0)
    return Points(scaled, np.ones(len(scaled)), np.arange(len(scaled)))


def groups(rng: np.random.Generator, sizes: list[int], middles: list[list[float]]) -> Floats:
    return np.vstack(
        [rng.normal(middle, 1, (n, len(middle))) for n, middle in zip(sizes, middles, strict=True)]
    )


def thread(rng: np.random.Generator, x: Floats, y: Floats, noise: float) -> Floats:
    return np.c_[x, y] + rng.normal(0, noise, (len(x), 2))


APART: dict[str, tuple[int, Make]] = {
    # Separable along single columns, so that copies with the same columns would be so too.
    "a grid": (
        4,
        lambda r: groups(r, [100] * 4, [[0, 0], [10, 0], [0, 10], [10, 10]]),
    ),
    "one column": (3, lambda r: groups(r, [120] * 3, [[0], [10], [20]])),
    "a third group of 3 %": (3, lambda r: groups(r, [200, 188, 12], [[0, 0], [8, 0], [4, 12]])),
    "forty each, no gap along either column": (
        3,
        lambda r: groups(r, [40] * 3, [[0, 0], [3.5, 3.5], [0, 7]]),
    ),
    "along one of three columns": (2, lambda r: groups(r, [200] * 2, [[0, 0, 0], [8, 0, 0]])),
}
T = np.linspace(0, 1, 800)
THREADS: dict[str, Make] = {
    "a wave": lambda r: thread(r, T * 30, np.sin(T * 10) * 5, 0.3),
    "an S": lambda r: thread(r, T * 10 - 5, 5 * np.tanh((T * 10 - 5) * 1.5), 0.3),
    "a spiral": lambda r: thread(r, T * np.cos(T * 6.28), T * np.sin(T * 6.28), 0.03),
    "a ring": lambda r: thread(r, np.cos(T * 6.28), np.sin(T * 6.28), 0.05),
}
NOISE: dict[str, Make] = {
    "a hundred columns": lambda r: r.normal(size=(400, 100)),
    "answers that one factor moves": lambda r: np.clip(
        np.round(3 + 1.1 * (0.5 * r.normal(size=(2000, 1)) + r.normal(size=(2000, 6)))), 1, 5
    ),
    # Half of the customers buy nothing of each kind, independently.
    "nothing bought by half": lambda r: np.log(
        10 + np.exp(r.normal(3, 1, (1500, 4))) * (r.random((1500, 4)) < 0.5)
    ),
    "one column": lambda r: r.normal(size=(600, 1)),
}


@pytest.mark.parametrize("kind", APART)
def test_groups_that_stand_clear_are_natural(kind: str) -> None:
    k, make = APART[kind]
    choice = choose(points(make(np.random.default_rng(1))), k_max=6)
    assert (choice.k, choice.structure) == (k, Structure.natural)


@pytest.mark.parametrize(("smallest", "apart"), [(150, 3.0), (250, 3.2)])
def test_groups_that_overlap_are_found_but_no_gap_is_said_to_lie_between(
    smallest: int, apart: float
) -> None:
    """Midway between two of them stand 95 and 66 % as many as in the middle of the smaller one."""
    rng = np.random.default_rng(0)
    overlapping = groups(rng, [400, 400, smallest], [[0, 0], [12, 0], [12, apart]])
    choice = choose(points(overlapping), k_max=6)
    assert (choice.k, choice.structure) == (3, Structure.reproducible)
    asked = choose(points(overlapping), k=2, k_max=6)
    assert (asked.structure, asked.runner_up) == (Structure.natural, 3)
    assert asked.runner_up_why is not None
    assert asked.runner_up_why.code == "runner-up-returns"


@pytest.mark.parametrize("kind", THREADS)
def test_a_thread_without_a_gap_is_not_natural(kind: str) -> None:
    choice = choose(points(THREADS[kind](np.random.default_rng(2))), k_max=6)
    assert choice.structure is not Structure.natural


@pytest.mark.parametrize("kind", NOISE)
def test_noise_forms_no_groups(kind: str) -> None:
    choice = choose(points(NOISE[kind](np.random.default_rng(3))), k_max=6)
    assert not choice.structure


def test_five_groups_in_a_hundred_columns_are_five() -> None:
    rng = np.random.default_rng(4)
    middles = rng.normal(size=(5, 100))
    middles *= 12 / np.linalg.norm(middles, axis=1, keepdims=True)
    choice = choose(points(groups(rng, [200] * 5, middles.tolist())), k_max=8)
    assert (choice.k, choice.structure) == (5, Structure.natural)


def test_groups_that_other_columns_drown_are_not_called_noise() -> None:
    rng = np.random.default_rng(5)
    four = groups(rng, [75] * 4, [[0, 0], [6, 0], [0, 6], [6, 6]])
    copied = rng.normal(size=(300, 1)) + 0.1 * rng.normal(size=(300, 10))
    choice = choose(points(np.hstack([four, copied])), k_max=6)
    assert choice.structure is Structure.constructed
    assert choice.alone == (0, 1)
    names = [f"v{column}" for column in range(12)]
    (found,) = [f for f in findings(choice, names) if f.code == "no-natural-groups"]
    assert 'Along "v0" and "v1" alone customers do fall apart' in found.message
    assert "v0,v1" in found.message


@pytest.mark.parametrize("hills", range(2, 8))
def test_a_column_falls_apart_however_many_hills_it_has(hills: int) -> None:
    """Two curves on either side of one gap are blind where each side is several hills."""
    rng = np.random.default_rng(27)
    column = np.r_[*(rng.normal(7 * hill, 1, 300) for hill in range(hills))]
    assert columns_with_gaps(points(np.c_[column, rng.normal(size=len(column))])) == (0,)


def test_groups_along_one_column_that_others_drown_are_not_called_noise() -> None:
    rng = np.random.default_rng(28)
    column = np.r_[*(rng.normal(7 * hill, 1, 200) for hill in range(5))]
    choice = choose(points(np.c_[column, rng.normal(size=1000)]), k_max=7)
    assert (choice.structure, choice.alone) == (Structure.constructed, (0,))


HILLS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    "normal": lambda r, n: r.normal(size=n),
    "even": lambda r, n: r.random(n),
    "logarithm of spending": lambda r, n: np.log(50 + np.exp(r.normal(4, 1, n))),
    "waiting": lambda r, n: r.exponential(90, n),
    "ages in fives": lambda r, n: 5 * np.round(r.normal(45, 14, n) / 5),
    "shares": lambda r, n: r.beta(0.5, 0.5, n),
    "heavy tails": lambda r, n: np.arcsinh(r.standard_t(3, n)),
    "counts": lambda r, n: np.log(1 + r.negative_binomial(1, 0.05, n)),
}


@pytest.mark.parametrize("kind", HILLS)
def test_no_column_of_one_hill_falls_apart(kind: str) -> None:
    rng = np.random.default_rng(29)
    for customers in (100, 300, 3000):
        table = np.stack([HILLS[kind](rng, customers) for _ in range(40)], axis=1)
        assert columns_with_gaps(points(table)) == (), customers


def test_gaps_of_a_column_are_filled_and_its_mean_and_spread_stay() -> None:
    rng = np.random.default_rng(6)
    two = np.sort(np.r_[rng.normal(0, 1, 300), rng.normal(10, 1, 300)])
    filled = without_gaps(two[:, None])[:, 0]
    assert ((two > 3) & (two < 7)).sum() < 5
    assert ((filled > 3) & (filled < 7)).sum() > 40
    assert filled.mean() == pytest.approx(two.mean())
    assert filled.std() == pytest.approx(two.std())
    one = np.sort(rng.normal(size=500))
    assert (without_gaps(one[:, None])[:, 0] == one).all()


def test_what_many_share_is_no_gap() -> None:
    rng = np.random.default_rng(7)
    bought = np.where(rng.random(800) < 0.5, 0.0, rng.normal(20, 1, 800))
    ordered = np.sort(bought)[:, None]
    assert (without_gaps(ordered) == ordered).all()


def test_copies_have_the_correlations_of_columns_in_steps() -> None:
    rng = np.random.default_rng(8)
    yes = rng.random(1000) < 0.5
    same = np.where(rng.random(1000) < 0.9, yes, ~yes)  # correlated at .8
    table = np.c_[yes, same].astype(float)
    wanted = np.corrcoef(table.T)[0, 1]
    found = [np.corrcoef(copy.T)[0, 1] for copy in copies(table, np.ones(1000), seed=0)]
    assert found == pytest.approx([wanted] * 4, abs=0.01)


def test_every_copy_has_the_correlations_of_many_flags_by_itself() -> None:
    """A single draw of a correlation is off by .03 here; none of the copies may be, nor all alike."""
    rng = np.random.default_rng(12)
    flags = (rng.normal(size=(1000, 1)) + rng.normal(size=(1000, 12)) > 1).astype(float)
    wanted = np.corrcoef(flags.T)
    off = [np.corrcoef(copy.T) - wanted for copy in copies(flags, np.ones(1000), seed=0)]
    assert max(np.abs(each).mean() for each in off) < 0.012


def test_others_see_no_gap_between_slices_of_noise_in_many_columns() -> None:
    wide = points(np.random.default_rng(9).normal(size=(400, 100)))
    fit, people = search(wide.matrix, wide.weights, 2, seed=0), crowd(wide, 0)
    assert gaps(fit, people).weakest > 0.4  # those who formed the slices do
    assert not stands(wide, people, fit, 0)


def test_ways_over_customers_tell_a_ring_from_two_groups() -> None:
    rng = np.random.default_rng(10)
    ring, two = points(THREADS["a ring"](rng)), points(groups(rng, [300] * 2, [[0, 0], [8, 0]]))
    for table, together in ((ring, True), (two, False)):
        fit = search(table.matrix, table.weights, 2, seed=0)
        assert run_together(fit, crowd(table, 0), 0) is together
    assert columns_with_gaps(two) == (0,)


COUNTS: dict[str, Make] = {
    # 1, 2, 3, … on the scale of a logarithm, with a tail of narrow steps.
    "orders and items": lambda r: np.log(
        1 + np.round(np.c_[np.exp(r.normal(1, 1, 1000)), np.exp(r.normal(1.5, 0.9, 1000))])
    ),
    "orders from one on, and spending": lambda r: np.log(
        np.c_[1 + r.poisson(np.exp(r.normal(0.5, 1, 1000))), np.exp(r.normal(4, 1, 1000))]
    ),
}


@pytest.mark.parametrize("kind", COUNTS)
def test_nobody_falls_apart_between_one_order_and_two(kind: str) -> None:
    table = points(COUNTS[kind](np.random.default_rng(0)))
    choice = choose(table, k_max=6)
    assert (choice.structure, choice.alone) == (Structure.none, ())


def test_a_few_large_counts_make_no_gaps_between_the_small_ones() -> None:
    rng = np.random.default_rng(20)
    size = rng.choice(2, 900, p=[0.96, 0.04])
    orders = np.array([3, 30])[size] + rng.poisson(2, 900)
    spent = np.array([200, 5000])[size] * np.exp(rng.normal(0, 0.1, 900))
    choice = choose(points(np.log(np.c_[2.5 + orders, 150 + spent])), k_max=6)
    assert (choice.k, choice.structure) == (2, Structure.natural)


def test_one_column_alone_is_all_columns_together() -> None:
    """Two groups of which each is cut anywhere: nothing is to be tried alone that was not."""
    rng = np.random.default_rng(21)
    two = np.r_[rng.normal(0, 1, 300), rng.normal(8, 1, 300)][:, None]
    choice = choose(points(two), k=5)
    assert (choice.structure, choice.alone) != (Structure.constructed, (0,))
    assert choice.alone == ()


def test_no_gap_is_there_too_where_segments_are_not_parted_by_gaps() -> None:
    rng = np.random.default_rng(26)
    long = rng.random(900) < 0.5
    paid = np.where(long, 400, 1500) + rng.normal(0, 40, 900)
    claims = np.where(rng.random(900) < np.where(long, 0.6, 0.05), rng.exponential(2000, 900), 0)
    years = np.where(long, rng.integers(10, 30, 900), rng.integers(0, 4, 900))
    choice = choose(points(np.c_[paid, np.log(75 + claims), years]), k_max=7)
    assert choice.structure is Structure.reproducible
    assert choice.runner_up_why is not None
    assert choice.runner_up_why.code == "runner-up-returns"


def test_a_gap_in_whole_days_is_one_and_is_filled_in_copies() -> None:
    rng = np.random.default_rng(11)
    days = np.where(rng.random(900) < 0.5, rng.integers(0, 20, 900), rng.integers(300, 400, 900))
    choice = choose(points(days[:, None].astype(float)), k_max=6)
    assert (choice.k, choice.structure) == (2, Structure.natural)
    filled = without_gaps(np.sort(days[:, None].astype(float), axis=0))[:, 0]
    assert ((filled > 30) & (filled < 290)).sum() > 200
