"""Names: short labels of headers, families of columns, flags, and no two alike."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interpret_kit import world
from shoal.interpret import interpret
from shoal.interpret.labels import labels, short
from shoal.text.units import Unit, unit_of


@pytest.mark.parametrize(
    ("header", "label"),
    [
        ("Annual Income (k$)", "income"),
        ("Spending Score (1-100)", "spending"),
        ("annual_income", "income"),
        ("MntWines", "wines"),
        ("MntGoldProds", "gold products"),
        ("NumWebPurchases", "web purchases"),
        ("NumWebVisitsMonth", "web visits"),
        ("Flight_miles_12mo", "flight miles"),
        ("FLIGHT_TRANS_12", "flight transactions"),
        ("order_num_total_ever_online", "orders online"),
        ("customer_value_total_ever_offline", "value offline"),
        ("Days_since_enroll", "days since enroll"),
        ("cc1_miles", "cc1 miles"),
        ("no.one.else", "no one else"),
        ("No of Orders", "orders"),
        ("DebtIncomeRatio", "debt income ratio"),
        ("Einkommen (€)", "einkommen"),
        ("Dépense annuelle", "dépense"),
        ("Total", "total"),
        ("Customer_Age", "age"),
        ("x12", "x12"),
        ("年收入", "年收入"),
    ],
)
def test_short_labels(header, label):
    assert short(header) == label


def test_labels_that_would_collapse_say_more():
    told = labels(["Total_Trans_Amt", "Total_Trans_Ct", "Avg Income", "Income", "income"])
    assert len(set(told.values())) == 5
    assert told["Total_Trans_Amt"] == "total transactions amount"


@pytest.mark.parametrize(
    ("unit", "value", "said"), [(("", " k$"), 86.5, "87 k$"), (("$", ""), 1234567.0, "$1,234,567")]
)
def test_figures(unit, value, said):
    assert Unit(*unit).say(value) == said


def test_units_are_read_from_brackets_and_ranges_are_none():
    assert [unit_of(h) for h in ("Fee [€]", "Growth (%)", "Score (1-100)", "Tenure (months)")] == [
        ("", " €"),
        ("", " %"),
        ("", ""),
        ("", " months"),
    ]


def named(rows, basis, labels, **options):
    return [
        p.name for p in interpret(**world(rows, basis, max(labels) + 1, labels=labels, **options))
    ]


def test_many_columns_that_point_one_way_are_spoken_of_together():
    rng = np.random.default_rng(1)
    segment = np.repeat([0, 1], 50)
    rows = pa.table(
        {
            f"Mnt{w}": segment * 10 + rng.normal(size=100)
            for w in ("Wines", "Meat", "Fish", "Fruit", "Sweets")
        }
        | {"Age": rng.permuted(np.arange(100.0))}
    )
    basis = rows.column_names[:5]
    assert named(rows, basis, segment.tolist()) == [
        "Low spending on everything",
        "High spending on everything",
    ]
    assert named(rows.rename_columns([*"abcde", "Age"]), list("abcde"), segment.tolist()) == [
        "Low on everything",
        "High on everything",
    ]


def test_flags_are_said_as_yes_and_no():
    rows = pa.table(
        {"cheap": ["Yes", "Yes", "No", "No"] * 5, "tasty": [1, 1, 0, 0] * 5, "fast": [1, 0] * 10}
    )
    assert named(rows, ["cheap", "tasty", "fast"], [0, 0, 1, 1] * 5) == [
        "Yes to cheap and tasty",
        "No to cheap and tasty",
    ]


def test_a_coded_flag_is_not_said_yes_to():
    rows = pa.table(
        {"Sex": [1, 1, 0, 0] * 5, "income": [1.0, 2.0, 8.0, 9.0] * 5, "x": [1.0, 2.0] * 10}
    )
    assert named(rows, ["Sex", "income", "x"], [0, 0, 1, 1] * 5)[0] == "Mostly sex 1 · low income"


def test_days_since_and_tenure_are_said_as_people_say_them():
    rows = pa.table(
        {
            "recency": [1.0, 2.0, 90.0, 95.0] * 5,
            "tenure": [9.0, 8.0, 1.0, 1.0] * 5,
            "n": [1.0, 2.0] * 10,
        }
    )
    assert named(rows, ["recency", "tenure", "n"], [0, 0, 1, 1] * 5) == [
        "Recent · long-standing",
        "Not recent · newer",
    ]


def test_names_that_would_be_alike_get_the_trait_that_tells_them_apart():
    rows = pa.table(
        {
            "a": [0, 0, 9, 9, 0, 0] * 9,
            "b": [5.0, 5.1, 5.0, 5.1, 5.6, 5.7] * 9,
            "Age": [20, 21, 40, 41, 60, 61] * 9,
        }
    )
    found = named(rows, ["a", "b"], [0, 0, 1, 1, 2, 2] * 9)
    assert len(set(found)) == 3
    rows = rows.drop(["b"])
    assert named(rows, ["a"], [0, 0, 1, 1, 2, 2] * 9) == [
        "Low a · younger",
        "High a",
        "Low a · older",
    ]


def test_segments_that_nothing_tells_apart_are_numbered():
    rows = pa.table({"a": [1.0, 2.0] * 10, "b": [1.0, 2.0] * 10})
    assert named(rows, ["a", "b"], [0, 0, 1, 1] * 5) == [
        "Middle a · middle b (1)",
        "Middle a · middle b (2)",
    ]


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    k=st.integers(1, 9),
    d=st.integers(1, 8),
    spread=st.sampled_from([0.0, 0.3, 3.0]),
)
def test_names_are_unique_and_have_their_evidence(seed, k, d, spread):
    rng = np.random.default_rng(seed)
    segment = np.append(np.arange(k), rng.integers(0, k, 60))
    rows = pa.table(
        {
            f"c{j}": rng.normal(size=len(segment)) + spread * rng.normal(size=k)[segment]
            for j in range(d)
        }
    )
    found = interpret(**world(rows, rows.column_names, k, labels=segment.tolist()))
    assert len({p.name for p in found}) == k
    for p in found:
        assert 0 < len(p.name) <= 75
        assert p.name_evidence
        for text in p.name_evidence:
            said = text.split('"')[1]
            assert said in p.name.lower()
