"""Segments of which some do not return make room for fewer that do."""

from __future__ import annotations

import dataclasses

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.analysis.choose_k import surely_return
from shoal.analysis.examined import that_return
from shoal.types import Choice, Fit, Structure, Trust


@pytest.fixture(scope="module")
def study() -> shoal.Study:
    """Four groups in two columns, ten standard deviations apart."""
    rng = np.random.default_rng(0)
    places = np.repeat([[0, 0], [10, 0], [0, 10], [10, 10]], 60, axis=0)
    x, y = (places + rng.normal(size=places.shape)).T
    return shoal.segment(pd.DataFrame({"x": x, "y": y}), by=["x", "y"], k_max=6)


def of_so_many(study: shoal.Study, k: int, structure: str, **seen: float) -> tuple[Choice, Fit]:
    """A choice of another number, of which this was seen."""
    evidence = tuple(
        dataclasses.replace(each, **seen) if each.k == k else each
        for each in study.choice.evidence
        if each.k <= max(k, 3)
    )
    choice = dataclasses.replace(
        study.choice, k=k, structure=Structure(structure), evidence=evidence, asked=False
    )
    return choice, study.choice.fits[k]


def trust_of(study: shoal.Study, falls: int) -> Trust:
    """So many segments cannot be relied on."""
    segments = tuple(
        dataclasses.replace(each, verdict="do not rely on it") if place < falls else each
        for place, each in enumerate(study.trust.segments)
    )
    return dataclasses.replace(study.trust, segments=segments)


SURE = {"worst_jaccard": 0.95, "prediction_strength": 0.9}


@pytest.mark.parametrize(
    ("falls", "fewer", "k"),
    [
        ({6: 0}, {}, 6),  # all return: nothing else is looked at
        ({6: 1, 5: 0}, {5: ("natural", {})}, 5),
        ({6: 1, 5: 0}, {5: ("reproducible", SURE)}, 5),
        ({6: 2, 5: 1, 3: 0}, {5: ("natural", {}), 4: ("reproducible", SURE)}, 4),
        ({6: 1, 5: 0}, {5: ("reproducible", {"prediction_strength": 0.5}), 4: ("none", {})}, 6),
        ({6: 1}, {5: ("constructed", {})}, 6),  # no groups are claimed there either
    ],
)
def test_fewer_are_taken_where_all_of_them_surely_return(study, falls, fewer, k):
    asked_for: list[int] = []

    def found_of(most: int) -> tuple[Choice, Fit]:
        asked_for.append(most)
        structure, seen = fewer[most]
        return of_so_many(study, most, structure, **seen)

    found = of_so_many(study, 6, "natural")
    choice, fit = that_return(
        found, found_of, lambda each, _: trust_of(study, falls.get(each.k, 0))
    )
    assert choice.k == len(fit.centres) == k
    assert asked_for == sorted(fewer, reverse=True)
    if k == 6:
        assert (choice, fit) == found
        return
    assert choice.why.code == f"k-{fewer[k][0]}-fewer"
    assert choice.why.values["lost"] == falls[6]
    assert f"of 6 segments, {falls[6]} cannot" in choice.why.text
    # What was seen of each number is told all the same.
    assert [each.k for each in choice.evidence] == [1, 2, 3, 4, 5, 6]
    assert set(choice.fits) == set(study.choice.fits)


@pytest.mark.parametrize(("asked", "structure"), [(True, "natural"), (False, "constructed")])
def test_who_asks_for_a_number_gets_it_and_slices_stay(study, asked, structure):
    choice, fit = of_so_many(study, 6, structure)
    found = dataclasses.replace(choice, asked=asked), fit

    def unseen(*_: object) -> Trust:
        raise AssertionError

    assert that_return(found, unseen, unseen) is found


def test_what_surely_returns(study):
    assert surely_return(of_so_many(study, 5, "natural")[0])
    assert surely_return(of_so_many(study, 5, "reproducible", **SURE)[0])
    assert not surely_return(of_so_many(study, 5, "constructed", **SURE)[0])
    for weak in ({"worst_jaccard": 0.7}, {"prediction_strength": 0.6}):
        assert not surely_return(of_so_many(study, 5, "reproducible", **SURE | weak)[0])


def test_groups_that_are_drowned_make_room_for_those_that_are_not(planted) -> None:
    """Five groups four standard deviations apart in nine columns, two of which are noise."""
    table, group = planted(12, 46)
    basis = [name for name in table if name != "customer_id"]
    study = shoal.segment(table, id="customer_id", by=basis)
    assert study.k == 4
    assert study.choice.structure is Structure.reproducible
    assert study.choice.why.code == "k-reproducible-fewer"
    assert min(each.found_again for each in study.trust.segments) > 0.9
    assert [each.k for each in study.choice.evidence] == list(range(1, 11))
    # Three of the planted groups have a segment of their own, and two share one.
    crossing = pd.crosstab(group, study.customers["segment"].to_numpy())
    assert crossing.max(axis=1).sum() > 0.97 * len(table)
    assert sorted(crossing.idxmax(axis=1).value_counts()) == [1, 1, 1, 2]
    # The same customers a month later: the four still serve, though five would be chosen at first.
    again = study.model.refresh(table)
    assert not again.refitted
    assert again.study.customers.equals(study.customers)
    # Somebody who asks for five gets five, some of which do not return.
    asked = shoal.segment(table, id="customer_id", by=basis, k=5)
    assert asked.k == 5
    assert min(each.found_again for each in asked.trust.segments) < 0.6
