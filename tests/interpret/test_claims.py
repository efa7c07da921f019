"""Names that somebody proposes, held against the figures of segments."""

from __future__ import annotations

import functools

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.interpret.name_words import Target, claimed

COLUMNS = ["spent", "visits", "income", "days since last purchase", "plan", "MntWines"]


def of_topic(topic: str) -> tuple[Target, ...]:
    known = {"spend": "spent", "value": "spent", "activity": "visits", "means": "income"}
    known |= {"recency": "days since last purchase"}
    return (Target(known[topic]),) if topic in known else ()


def of_word(word: str) -> tuple[Target, ...]:
    known = {
        "wine": Target("MntWines"),
        "visits": Target("visits"),
        "premium": Target("plan", "premium"),
    }
    return (known[word],) if word in known else ()


@pytest.mark.parametrize(
    ("name", "claims", "unchecked"),
    [
        ("Big spenders", [("high", "spent")], []),
        ("High income, low spending", [("high", "income"), ("low", "spent")], []),
        ("High income low spending", [("high", "income"), ("low", "spent")], []),
        ("Income high, spending low", [("high", "income"), ("low", "spent")], []),
        ("income low spending high", [("low", "income"), ("high", "spent")], []),
        ("Rich, lapsed", [("high", "income"), ("high", "days since last purchase")], []),
        ("Most frequent visits", [("highest", "visits")], []),
        ("The best customers", [("highest", "spent")], []),
        ("Best", [("highest", "spent")], []),
        ("Less active", [("lower", "visits")], []),
        ("Not big spenders", [("lower", "spent")], []),
        ("Wine lovers", [("higher", "MntWines")], []),
        ("Big wine spenders", [("high", "MntWines")], []),
        ("Premium", [("higher", "plan")], []),
        ("Premium weekend guests", [("higher", "plan")], ["weekend"]),
        ("High potential", [], ["potential", "high"]),
        ("Sunny disposition", [], ["sunny", "disposition"]),
        ("Loyal", [], ["loyal"]),
    ],
)
def test_what_a_name_claims(name: str, claims: list[tuple[str, str]], unchecked: list[str]) -> None:
    found, left = claimed(name, of_topic, of_word)
    assert [(c.way, t.column) for c in found for t in c.targets] == claims
    assert sorted(left) == sorted(unchecked)


@functools.cache
def study() -> shoal.Study:
    """Three groups of 80: few spenders who are gone and young, middling ones, and many."""
    rng = np.random.default_rng(1)
    group = np.repeat([0, 1, 2], 80)
    frame = pd.DataFrame(
        {
            "customer_id": np.arange(240) + 1000,
            "total_spent": np.array([20.0, 200.0, 800.0])[group] + rng.normal(0, 8, 240),
            "orders": np.array([2, 10, 40])[group] + rng.integers(0, 3, 240),
            "days_since_last_order": np.array([300, 40, 5])[group] + rng.integers(0, 9, 240),
            "age": np.array([25, 45, 44])[group] + rng.integers(-4, 5, 240),
            "gender": np.where(rng.random(240) < np.array([0.9, 0.5, 0.5])[group], "F", "M"),
            "plan": np.array(["basic", "plus", "plus"])[group],
            "churned": np.where(rng.random(240) < np.array([0.8, 0.1, 0.1])[group], "yes", "no"),
        }
    )
    by = ["total_spent", "orders", "days_since_last_order"]
    return shoal.segment(frame, by=by, value="total_spent", outcome="churned", k=3)


def number_of(least: float, most: float) -> int:
    means = study().segments["value_mean"]
    return int(means[(means > least) & (means < most)].index[0])


@pytest.mark.parametrize(
    ("name", "low", "middle", "high"),
    [
        ("Big spenders", False, False, True),
        ("Small spenders", True, False, False),
        ("Biggest spenders", False, False, True),
        ("Lapsed customers", True, False, False),
        ("Recent", False, False, True),
        ("Frequent buyers", False, False, True),
        ("Occasional buyers", True, False, False),
        ("Young", True, False, False),
        ("Women", True, False, False),
        ("Basic plan", True, False, False),
        ("Churners", True, False, False),
        ("Loyal", False, False, True),  # their activity is high; a tenure there is not
        ("Young women, lapsed", True, False, False),
        ("Young big spenders", False, False, False),
        ("Weekend families", True, True, True),  # nothing speaks of it: nothing is against it
    ],
)
def test_names_are_held_against_the_figures(name: str, low: bool, middle: bool, high: bool) -> None:
    numbers = number_of(0, 100), number_of(100, 500), number_of(500, 900)
    told = [study().check_name(number, name) for number in numbers]
    assert [each.holds for each in told] == [low, middle, high], [each.lines for each in told]


def test_a_refusal_shows_the_numbers() -> None:
    """Against medians and means by pandas."""
    low = number_of(0, 100)
    check = study().check_name(low, "Big spenders")
    frame = study().facts.sample.rows.to_pandas()
    own = frame[study().facts.labels == low - 1].total_spent
    claim = check.contradicted[0]
    assert claim.column == "total_spent"
    assert claim.way == "high"
    assert claim.segment_value == pytest.approx(own.median())
    assert claim.everybody_value == pytest.approx(frame.total_spent.median())
    figures = "(median 20 against 200 of everybody, mean 20 against 340)"  # as they were drawn
    assert claim.text.endswith(f"it is clearly below everybody's {figures}.")
    assert check.lines_against == (claim.text,)


def test_shares_are_those_of_all_customers() -> None:
    check = study().check_name(number_of(0, 100), "Basic plan")
    (claim,) = check.claims
    assert (claim.column, claim.word) == ("plan", "basic")
    assert claim.segment_value == 1.0
    assert claim.everybody_value == pytest.approx(1 / 3)


def test_names_that_no_segment_may_have_are_refused() -> None:
    with pytest.raises(shoal.OptionError, match="no segment 9"):
        study().check_name(9, "Big spenders")
    with pytest.raises(shoal.OptionError):
        study().check_name(1, "=cmd()")
