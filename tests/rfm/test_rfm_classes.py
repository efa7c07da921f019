"""Classic RFM: scores, ties, classes, and the tables that others published."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.data.read import read
from shoal.errors import InputError, OptionError
from shoal.rfm.compare import compare, compare_on_later
from shoal.rfm.rfm_classes import rfm_classes
from shoal.rfm.rfm_scores import cut_points, scores

DATA = Path(__file__).parents[3] / "shared" / "data"
published = pytest.mark.skipif(
    not DATA.exists(), reason="the tables with published results are not here"
)

NAMES_A = (
    "Champions|Loyal Customers|Potential Loyalist|New Customers|Promising|"
    "Need Attention|About To Sleep|At Risk|Can't Lose Them|Lost"
)
RANGES_A = [
    ([4, 2, 3, 4, 3, 2, 2, 1, 1, 1], [5, 5, 5, 5, 4, 3, 3, 2, 1, 2]),
    ([4, 3, 1, 1, 1, 2, 1, 2, 4, 1], [5, 5, 3, 1, 1, 3, 2, 5, 5, 2]),
    ([4, 3, 1, 1, 1, 2, 1, 2, 4, 1], [5, 5, 3, 1, 1, 3, 2, 5, 5, 2]),
]
NAMES_B = (
    "Champions|Potential Loyalist|Loyal Customers|Promising|New Customers|"
    "Can't Lose Them|At Risk|Need Attention|About To Sleep|Lost"
)
RANGES_B = [
    ([5, 3, 2, 3, 4, 1, 1, 1, 2, 1], [5, 5, 4, 4, 5, 2, 2, 3, 3, 1]),
    ([5, 3, 2, 1, 1, 3, 2, 3, 1, 1], [5, 5, 4, 3, 3, 4, 5, 5, 3, 5]),
    ([5, 2, 2, 3, 1, 4, 4, 3, 1, 1], [5, 5, 4, 5, 5, 5, 5, 5, 4, 5]),
]


def scheme(path: Path, names: str, ranges: list[tuple[list[int], list[int]]]) -> Path:
    lines = ["first_match = true", 'rest = "Others"']
    for i, name in enumerate(names.split("|")):
        spans = [
            f"{m} = [{low[i]}, {high[i]}]"
            for m, (low, high) in zip(("recency", "frequency", "monetary"), ranges, strict=True)
        ]
        lines += ["[[classes]]", f'name = "{name}"', *spans]
    path.write_text("\n".join(lines), "utf-8")
    return path


@published
@pytest.mark.parametrize(
    ("names", "ranges", "key"),
    [(NAMES_A, RANGES_A, "scheme_A_tests"), (NAMES_B, RANGES_B, "scheme_B_docs")],
)
def test_both_published_tables_of_the_r_package_are_reproduced(tmp_path, names, ranges, key):
    customers = shoal.orders(
        read(DATA / "rfm_data_orders" / "rfm_data_orders.csv"), date="2006-12-31"
    ).table
    found = rfm_classes(
        customers, ties="plus-one", classes=scheme(tmp_path / "classes.toml", names, ranges)
    ).summary
    wanted = json.loads((DATA / "rfm_data_orders" / "reference.json").read_text())["reference"][key]
    got = {
        name: {"customers": row.customers, "orders": row.orders, "revenue": row.value}
        for name, row in found.iterrows()
    }
    assert got == wanted


@published
def test_scores_of_two_customers_are_those_of_the_r_packages_readme(tmp_path):
    customers = shoal.orders(read(DATA / "rfm_data_orders" / "rfm_data_orders.csv")).table
    found = (
        rfm_classes(customers, ties="plus-one")
        .customers.to_pandas()
        .set_index("customer_id")["rfm_score"]
    )
    assert (found["Abbey O'Reilly"], found["Aden Murphy"]) == ("343", "544")


@published
def test_published_scores_of_the_online_shop_are_reproduced():
    table = read(DATA / "online_retail" / "published_rfm_segments_mwoitek.csv")
    cuts = {
        "recency": [13, 33, 72, 177],
        "frequency": [1, 2, 3, 6],
    }  # as read off the published scores; monetary value by quintiles
    found = rfm_classes(
        table,
        recency="Recency",
        frequency="Frequency",
        monetary="Monetary",
        id="CustomerID",
        cuts=cuts,
    ).customers.to_pandas()
    wanted = pd.read_csv(DATA / "online_retail" / "published_rfm_segments_mwoitek.csv")
    assert len(found) == 4338
    for measure, column in (("recency", "RScore"), ("frequency", "FScore"), ("monetary", "MScore")):
        assert (found[f"{measure}_score"].to_numpy() == wanted[column].to_numpy()).all()


@published
def test_customers_that_are_summed_up_already_are_recognised_and_classed():
    table = read(DATA / "rfm_data_customer" / "rfm_data_customer.parquet")
    with pytest.raises(OptionError, match="these are customers, not orders"):
        shoal.orders(table)
    found = rfm_classes(table)
    assert dict(found.measures) == {
        "recency": "recency_days",
        "frequency": "number_of_orders",
        "monetary": "revenue",
    }
    assert found.summary["orders"].sum() == 393_223
    assert found.summary["customers"].sum() == 39_999


def test_a_value_on_a_cut_point_goes_where_the_rule_says():
    x = np.array([1.0, 2.0, 2.5, 3.0])
    assert scores(x, [2.0], "low").tolist() == [1, 1, 2, 2]
    assert scores(x, [2.0], "high").tolist() == [1, 2, 2, 2]
    assert scores(x, [2.0], "plus-one").tolist() == [1, 1, 1, 2]
    assert scores(x, [2.0], "low", fewer_is_better=True).tolist() == [2, 2, 1, 1]


def test_cut_points_are_quantiles_by_linear_interpolation():
    assert cut_points(np.array([0.0, 10.0]), 5) == (2.0, 4.0, 6.0, 8.0)


def customers(n: int = 200) -> pd.DataFrame:
    random = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "customer_id": np.arange(n),
            "recency": random.integers(1, 400, n),
            "frequency": 1 + random.poisson(3, n),
            "monetary": random.gamma(2, 50, n),
        }
    )


def test_everybody_is_in_exactly_one_class_and_equal_customers_in_the_same():
    table = customers()
    table["frequency"] = np.where(table["customer_id"] % 3, 1, table["frequency"])
    found = rfm_classes(read(table))
    assert len(found.labels) == 200
    assert found.summary["customers"].sum() == 200
    assert found.customers.to_pandas().groupby("frequency")["frequency_score"].nunique().max() == 1
    assert [f.code for f in found.findings] == ["rfm-ties"]


def test_without_money_two_scores_suffice():
    found = rfm_classes(read(customers().drop(columns="monetary")))
    assert "monetary_score" not in found.customers.column_names
    assert "value" not in found.summary


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            '[[classes]]\nname = "All but one"\nrecency = [1, 4]',
            "The score combination recency 5, frequency 1, monetary 1 is in no class.",
        ),
        (
            '[[classes]]\nname = "A"\n[[classes]]\nname = "B"\n'
            "recency = [2, 3]\nfrequency = [4, 4]",
            "The score combination recency 2, frequency 4, monetary 1 is in two classes: A and B.",
        ),
        (
            '[[classes]]\nname = "A"\nrecency = [0, 6]',
            r"A has recency = \[0, 6\]; write the lowest and highest score, such as \[1, 5\].",
        ),
        ('[[classes]]\nname = "A"\nrecensy = [1, 5]', 'A has "recensy". Did you mean "recency"?'),
        ("[[classes", "could not be read"),
        ("classes = 3", r"must hold \[\[classes\]\] with a name and ranges of scores\."),
        ("seats = 3", "seats is unknown"),
        ('[[classes]]\nname = " "', 'every class needs a name, such as name = "Champions"'),
        ("classes = [1]", 'every class needs a name, such as name = "Champions"'),
        (
            'bins = [5, 5]\n[[classes]]\nname = "A"',
            r"bins = \[5, 5\] must be a whole number from 2 to 20, or three of them",
        ),
        ('bins = true\n[[classes]]\nname = "A"', "bins = True must be a whole number"),
        ('rest = 3\n[[classes]]\nname = "A"', 'rest = 3 must be a name, such as "Others"'),
        (
            'first_match = "yes"\n[[classes]]\nname = "A"',
            "first_match = yes must be true or false",
        ),
        ('[[classes]]\nname = "A"\ntext = 4', "A has text = 4 must be a text in quotes"),
        ('[[classes]]\nname = "A"\nrecency = [4, 2]', r"A has recency = \[4, 2\]; write"),
        ('[[classes]]\nname = "A"\nrecency = ["1", "2"]', "A has recency = .*; write"),
    ],
)
def test_a_table_of_classes_with_a_fault_is_refused(tmp_path, text, message):
    (tmp_path / "mine.toml").write_text(text)
    with pytest.raises(OptionError, match=message):
        rfm_classes(read(customers()), classes=tmp_path / "mine.toml")


def test_a_table_of_classes_may_have_other_bins(tmp_path):
    mine = tmp_path / "mine.toml"
    mine.write_text('bins = [2, 3, 4]\nrest = "B"\n[[classes]]\nname = "A"\nrecency = [2, 2]')
    found = rfm_classes(read(customers()), classes=mine)
    assert {m: len(points) for m, points in found.cuts.items()} == {
        "recency": 1,
        "frequency": 2,
        "monetary": 3,
    }
    assert found.scheme.names == ("A", "B")
    half = found.customers.to_pandas().groupby("class")["recency_score"].unique()
    assert half.map(list).to_dict() == {"A": [2], "B": [1]}


def test_findings_carry_their_numbers():
    table = customers(10).assign(frequency=1)
    table.loc[0, "monetary"] = np.nan
    ties, gaps = rfm_classes(read(table)).findings
    assert (ties.column, ties.values) == (
        "frequency",
        {"empty": [2, 3, 4, 5], "share": 1.0, "value": 1.0},
    )
    assert gaps.values == {"missing": 1, "customers": 10}


def test_wrong_options_are_refused():
    table = read(customers())
    with pytest.raises(OptionError, match="rising numbers"):
        rfm_classes(table, cuts={"recency": [90, 30]})
    with pytest.raises(OptionError, match="recency has 3 scores, but the classes are made for 5"):
        rfm_classes(table, cuts={"recency": [30, 90]})
    with pytest.raises(OptionError, match='Did you mean "recency"'):
        rfm_classes(table, recency="recensy")
    with pytest.raises(OptionError, match=r'^ties="up" is unknown. Known: low, high, plus-one.$'):
        rfm_classes(table, ties="up")
    with pytest.raises(OptionError, match=r"^bins=1: the number of bins must lie between 2 and 20"):
        rfm_classes(table, bins=1)
    with pytest.raises(InputError, match="No column of table holds the recency"):
        rfm_classes(read(customers().drop(columns="recency")))


def test_agreement_is_that_of_scikit_learn():
    from sklearn.metrics import adjusted_rand_score

    random = np.random.default_rng(1)
    a, b = random.integers(0, 4, 300), random.integers(0, 3, 300)
    b = np.where(random.random(300) < 0.5, a % 3, b)
    found = compare([f"class {i}" for i in a], b)
    assert found.agreement == pytest.approx(adjusted_rand_score(a, b))
    assert found.table.to_numpy().sum() == 300


def test_groups_that_know_the_future_split_it_best():
    random = np.random.default_rng(2)
    later = np.where(np.arange(1000) % 5 == 0, random.gamma(3, 100, 1000), 0.0)
    found = compare(random.integers(0, 5, 1000).astype(str).tolist(), (later > 0).tolist(), later)
    assert found.of_segments.explained > 0.9
    assert found.of_segments.top_share > 0.9
    assert abs(found.of_classes.explained) < 0.03
    assert found.of_classes.top_share == pytest.approx(0.2, abs=0.05)


def test_learning_before_and_measuring_after_a_date():
    random = np.random.default_rng(3)
    who = np.repeat(np.arange(60), 20)
    when = pd.Timestamp("2024-01-01") + pd.to_timedelta(random.integers(0, 365, 1200), "D")
    orders = pd.DataFrame({"customer": who, "date": when, "amount": np.where(who < 20, 100.0, 1.0)})
    found = compare_on_later(
        read(orders), lambda made: {i: i < 20 for i in made.column("customer")}, date="2024-09-01"
    )
    assert found.of_segments.explained > 0.9
    assert (
        0.5 < found.of_segments.top_share < 0.7
    )  # a fifth of all is three fifths of the third that spends
    assert str(found.date) == "2024-09-01"
    assert found.customers == 60
