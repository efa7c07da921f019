"""The names of RFM classes for segments: where a majority falls in one, and its words hold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

from interpret_kit import world
from shoal.interpret import interpret
from shoal.rfm.segment_classes import class_mixes, rfm_columns

RFM = {"recency": "recency", "frequency": "frequency"}


def table(groups, **more):
    """Customers as (how many, recency, frequency), and their segments."""
    recency = [r + i % 3 for n, r, _ in groups for i in range(n)]
    frequency = [f for n, _, f in groups for _ in range(n)]
    labels = np.array([s for s, (n, _, _) in enumerate(groups) for _ in range(n)])
    return pa.table({"recency": recency, "frequency": frequency, **more}), labels


# A fifth of the customers each: scores of recency 5, 4, 3, 2, 1 and of frequency 5, 1, 3, 4, 2.
FIFTHS = [(10, 5, 9), (10, 30, 1), (10, 80, 4), (10, 200, 6), (10, 400, 2)]


def test_a_segment_gets_the_class_that_its_customers_and_medians_are_in():
    rows, labels = table(FIFTHS)
    mixes = class_mixes(rows, labels, 5, RFM)
    assert [mix.name for mix in mixes] == [
        "Champions",
        "Promising",
        "Need attention",
        "At risk",
        "Hibernating",
    ]
    assert mixes[0].shares == (("Champions", 1.0),)
    assert mixes[0].medians == (("recency", 6.0), ("frequency", 9.0))


def test_no_name_without_a_majority():
    rows, labels = table(FIFTHS)
    mixed = class_mixes(rows, np.zeros_like(labels), 1, RFM)[0]
    assert mixed.name == ""
    assert sum(share for _, share in mixed.shares) == pytest.approx(1.0)


def test_champions_are_loyal_too():
    rows, labels = table([(10, 5, 9), (10, 30, 9), (20, 200, 2), (10, 400, 1)])
    labels = np.where(labels == 1, 0, labels)
    first = class_mixes(rows, labels, 4, RFM)[0]
    assert {name for name, _ in first.shares} == {"Champions", "Loyal customers"}
    assert first.name in ("Champions", "Loyal customers")


def test_nobody_is_at_risk_who_is_not_late_by_the_own_rhythm():
    groups = [(10, 5, 9), (10, 30, 1), (10, 80, 4), (10, 200, 6), (10, 400, 2)]
    slow, labels = table(groups, days_between=[900.0] * 50)
    assert [mix.name for mix in class_mixes(slow, labels, 5, RFM)][3:] == ["", ""]
    quick, _ = table(groups, days_between=[20.0] * 50)
    assert [mix.name for mix in class_mixes(quick, labels, 5, RFM)][3:] == [
        "At risk",
        "Hibernating",
    ]


def test_new_customers_have_bought_once():
    fifths = [(10, 5, 3), (10, 30, 5), (10, 80, 8), (10, 200, 9), (10, 400, 12)]
    rows, labels = table(fifths)
    assert class_mixes(rows, labels, 5, RFM)[0].name == ""
    once = [(10, 5, 1), *fifths[1:]]
    rows, labels = table(once)
    assert class_mixes(rows, labels, 5, RFM)[0].name == "New customers"


def test_names_of_classes_stand_in_the_profile_with_the_crosswalk():
    rows, labels = table(FIFTHS)
    facts = world(rows, ["recency", "frequency"], 5, labels=labels.tolist())
    found = interpret(**facts, rfm=class_mixes(rows, labels, 5, RFM))
    assert [p.name for p in found][:2] == ["Champions", "Promising"]
    assert found[3].name_evidence == (
        '"At risk": by classes of RFM they are 100 % At risk; medians: recency 201, frequency 6',
    )


def test_two_segments_of_one_class_get_words_that_tell_them_apart():
    rows, labels = table([(10, 5, 9), (10, 5, 30), (30, 200, 2), (30, 400, 1)])
    facts = world(rows, ["recency", "frequency"], 4, labels=labels.tolist())
    first, second, *_ = interpret(**facts, rfm=class_mixes(rows, labels, 4, RFM))
    assert first.name.startswith("Champions, ")
    assert second.name.startswith("Champions, ")
    assert first.name != second.name


def test_measures_are_known_by_what_columns_mean():
    rows, labels = table(FIFTHS)
    renamed = rows.rename_columns(["days_since_order", "orders"])
    facts = world(renamed, renamed.column_names, 5, labels=labels.tolist())["profile"]
    facts = replace(facts, basis=("days_since_order", "orders"))
    assert rfm_columns(facts, from_orders=False) == {}
    told = {"days_since_order": ("recency", "bad"), "orders": ("activity", "good")}
    known = tuple(
        replace(c, meaning=told[c.name][0], direction=told[c.name][1]) for c in facts.columns
    )
    facts = replace(facts, columns=known)
    assert rfm_columns(facts, from_orders=False) == {
        "recency": "days_since_order",
        "frequency": "orders",
    }
    turned = tuple(replace(c, direction="good") for c in known)
    assert rfm_columns(replace(facts, columns=turned), from_orders=False) == {}


def test_no_word_stands_before_the_name_of_a_class():
    rows, labels = table([(10, 5, 9), (10, 5, 30), (30, 200, 2), (30, 400, 1)])
    facts = world(rows, ["recency", "frequency"], 4, labels=labels.tolist())
    told = {"recency": "recency", "frequency": "activity"}
    columns = tuple(replace(c, meaning=told[c.name]) for c in facts["profile"].columns)
    facts["profile"] = replace(facts["profile"], columns=columns)
    found = interpret(**facts, rfm=class_mixes(rows, labels, 4, RFM))
    assert [p.name for p in found[:2]] == [
        "Champions, middle frequency",
        "Champions, high frequency",
    ]
