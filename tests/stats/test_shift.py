"""Shifts told from bins, against SciPy on the values themselves."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from shoal.stats import shift
from shoal.types import Bins

RNG = np.random.default_rng(7)
FIRST = {
    "normal": RNG.normal(50, 10, 4000),
    "heavy": np.exp(RNG.normal(3, 1.2, 4000)),
    "counts": RNG.poisson(2, 4000).astype(float),
    "many zeros": np.where(RNG.random(4000) < 0.7, 0.0, RNG.gamma(2, 30, 4000)),
}


def later(bins: Bins, values: np.ndarray) -> Bins:
    edges = np.array(bins.edges)
    return shift.bins_of(edges, *shift.counted(values, edges))


@pytest.mark.parametrize("kind", FIRST)
@pytest.mark.parametrize("change", ["moved", "scaled", "replaced", "halved"])
def test_the_wasserstein_distance_is_that_of_the_values(kind: str, change: str) -> None:
    x = FIRST[kind]
    y = {
        "moved": x + 3,
        "scaled": x * 100,
        "replaced": np.where(np.arange(len(x)) % 10 == 0, x.max() * 2, x),
        "halved": x[::2] / 2,
    }[change]
    bins = shift.bins_from(x)
    found, true = shift.wasserstein(bins, later(bins, y)), wasserstein_distance(x, y)
    assert found == pytest.approx(true, rel=0.02)
    assert found <= true * (1 + 1e-9)


@pytest.mark.parametrize("kind", FIRST)
@pytest.mark.parametrize(("n", "m"), [(200, 200), (4000, 300), (4000, 20_000)])
def test_what_is_usual_is_what_chance_does(kind: str, n: int, m: int) -> None:
    """Of pairs of samples of the same values about 95 in 100 lie below it."""
    rng, x = np.random.default_rng(3), FIRST[kind]
    below = np.zeros(2)
    for _ in range(200):
        bins = shift.bins_from(rng.choice(x, n))
        after = later(bins, rng.choice(x, m))
        group = shift.groups(bins)
        p, q = shift.grouped(bins, group), shift.grouped(after, group)
        below += [
            shift.psi(p, q) <= shift.usual_psi(len(p), n, m),
            shift.wasserstein(bins, after) <= shift.usual_wasserstein(bins, n, m),
        ]
    assert below[0] / 200 == pytest.approx(0.95, abs=0.04)
    assert below[1] / 200 >= 0.9


def test_bins_of_a_column() -> None:
    cases = {
        "a constant": (np.full(50, 3.0), ()),
        "few": (np.arange(9.0), ()),
        "codes": (np.repeat([0.0, 1.0, 5.0], 40), (0.5, 3.0)),
        "a flag": (np.r_[np.zeros(30), np.ones(10)], (0.5,)),
    }
    for name, (values, edges) in cases.items():
        found = shift.bins_from(values)
        assert found.edges == edges, name
        assert sum(found.counts) == len(values), name
        assert shift.mean(found) == pytest.approx(values.mean()), name
        assert shift.wasserstein(found, found) == 0.0, name
        assert shift.usual_wasserstein(found, 50, 50) >= 0.0, name


def test_no_customer_is_told_by_a_bin() -> None:
    bins = shift.bins_from(RNG.normal(size=200))
    assert min(bins.counts) >= shift.LEAST_IN_BIN
    assert len(shift.bins_from(RNG.normal(size=20_000)).counts) == shift.MOST_BINS


def test_the_index_is_that_of_the_book() -> None:
    p, q = np.array([30, 50, 20]), np.array([20, 50, 30])
    by_hand = (0.2 - 0.3) * np.log(0.2 / 0.3) + (0.3 - 0.2) * np.log(0.3 / 0.2)
    assert shift.psi(p, q) == pytest.approx(by_hand)
    assert np.isfinite(shift.psi(np.array([10, 0]), np.array([0, 10])))


def test_values_far_apart_and_of_any_size_are_reckoned() -> None:
    for scale in (1e-30, 1.0, 1e40):
        bins = shift.bins_from(FIRST["heavy"] * scale)
        assert shift.wasserstein(bins, later(bins, FIRST["heavy"] * scale * 2)) == pytest.approx(
            FIRST["heavy"].mean() * scale, rel=0.02
        )


def test_the_rest_beside_a_frequent_value_keeps_its_bins() -> None:
    """Half are 3: they are the bin that is left out, whichever lies beside it."""
    bins = Bins((1.5, 2.5, 3.5), (1, 2, 5, 2), (1.0, 2.0, 3.0, 4.0))
    assert shift.frequent(bins) == 2
    assert shift.without(bins, 2) == Bins((1.5, 3.5), (1, 2, 2), (1.0, 2.0, 4.0))
    assert shift.without(bins, 0) == Bins((2.5, 3.5), (2, 5, 2), (2.0, 3.0, 4.0))
    assert shift.without(bins, 3) == Bins((1.5, 2.5), (1, 2, 5), (1.0, 2.0, 3.0))
    assert shift.frequent(shift.bins_from(np.arange(400.0))) is None
