"""The data analysis on a table of eight customers, worked out on paper."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.analysis.meaning import guess_id, names_an_id
from shoal.analysis.profile.statistics import Distinct
from shoal.stats.distribution import flag_words

EIGHT = pd.DataFrame(
    {
        "client_id": [11, 12, 13, 14, 15, 16, 17, 18],
        "age": [20, 30, 40, 50, 60, 70, None, 30],
        "spent": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 12.0],
        "visits": [0, 0, 1, 1, 2, 2, 3, 7],
        "newsletter": ["yes", "no", "yes", "yes", "no", None, "yes", "no"],
        "shop": ["A", "A", "B", "B", "B", "B", "C", "C"],
        "nothing": [None] * 8,
        "same": [4] * 8,
    }
)


@pytest.fixture(scope="module")
def profile() -> shoal.types.Profile:
    return shoal.inspect(EIGHT)


def test_facts_of_a_number(profile) -> None:
    spent = profile.column("spent")
    assert (spent.rows, spent.missing, spent.distinct, spent.zeros, spent.negatives) == (
        8,
        0,
        8,
        0,
        0,
    )
    assert (spent.min, spent.max, spent.mean, spent.sum) == (1.0, 12.0, 5.0, 40.0)
    assert spent.std == pytest.approx(3.2404, abs=1e-4)  # sqrt(84 / 8)
    assert spent.quantiles is not None
    assert spent.quantiles[3] == 4.5
    assert spent.histogram is not None
    assert sum(spent.histogram.counts) == 8


def test_gaps_and_words_are_counted(profile) -> None:
    assert profile.column("age").missing == 1
    assert profile.column("age").mean == pytest.approx(300 / 7)
    assert profile.column("newsletter").top == (("yes", 4), ("no", 3))
    assert profile.column("shop").top == (("B", 4), ("A", 2), ("C", 2))
    assert profile.column("visits").zeros == 2


def test_roles_with_their_reasons(profile) -> None:
    roles = {c.name: c.role for c in profile.columns}
    assert roles == {
        "client_id": "id",
        "age": "describe",
        "spent": "value",
        "visits": "basis",
        "newsletter": "describe",
        "shop": "describe",
        "nothing": "ignore",
        "same": "ignore",
    }
    assert all(c.role_reason for c in profile.columns)
    assert profile.column("same").role_reason == "it is constant (4)"
    assert profile.column("same").reason.code == "role-constant"
    assert profile.column("same").reason.values == {"value": 4.0}
    gaps = next(f for f in profile.findings if f.code == "gaps")
    assert gaps.values == {"missing": 1, "rows": 8, "forms": False}


@pytest.mark.parametrize(
    ("values", "code"),
    [
        (
            {"income": [1, 2, 3, 4, 5, 6, 7, 8], "cluster": [0, 1, 0, 1, 2, 2, 0, 1]},
            "already-segmented",
        ),
        ({"a": [1.0, 2, 4, 8, 3, 9, 2, 1], "b": [2.0, 4, 8, 16, 6, 18, 4, 2]}, "doubles"),
        ({"income": [1.0, 2, 4, 8, 3, float("inf"), 2, 1]}, "infinite"),
        (
            {"age": [-23, 30, 40, 50, 60, 31, 44, 28], "income": [1, 2, 3, 4, 5, 6, 7, 8]},
            "impossible",
        ),
        ({"income": [1, 2, 3, 4, None, 6, 7, 8]}, "gaps"),
        ({"income": [1, None, None, None, None, None, 7, 8]}, "nearly-empty"),
        (
            {"member_id": [1, 1, 2, 3, 4, 5, 6, 7], "income": [1, 9, 3, 4, 5, 6, 7, 8]},
            "duplicate-ids",
        ),
        (
            {"member_id": [1e18 + 128 * i for i in range(8)], "income": [1, 9, 3, 4, 5, 6, 7, 8]},
            "id-rounded",
        ),
        ({"income": [1, 1, 3, 4, 5, 6, 7, 8], "score": [1, 1, 3, 4, 5, 6, 7, 8]}, "duplicate-rows"),
        ({"income": [20, 21, 22, 23, 24, 25, 26, 137_000_000]}, "far-out"),
        ({"pdays": [-1, -1, -1, 40, 50, 90, 120, 60]}, "sentinel"),
    ],
)
def test_findings(values: dict[str, list[float]], code: str) -> None:
    found = [f for f in shoal.inspect(pd.DataFrame(values)).findings if f.code == code]
    assert found, f"no finding {code}"
    assert all(f.message.endswith((".", "?")) for f in found)


def test_repeated_rows_of_a_sample_are_told_as_such() -> None:
    """The rows of a customer are sampled together: their share is not that of all rows."""
    lines = pd.DataFrame(
        {"customer_id": np.arange(60_000) // 600, "spent": np.arange(60_000) % 599}
    )
    profile = shoal.inspect(lines)
    [found] = [f for f in profile.findings if f.code == "duplicate-rows"]
    drawn = f"{profile.sample_size:,} sampled rows repeat an earlier row exactly"
    assert drawn in found.message
    whole = shoal.inspect(lines.head(1200))
    [found] = [f for f in whole.findings if f.code == "duplicate-rows"]
    assert found.message.startswith("2 of 1,200 rows repeat an earlier row exactly")


def test_what_becomes_of_gaps_is_told_by_what_a_column_does() -> None:
    table = {"customer_id": [1, 2, None, 4], "spent": [1.5, None, 3, 9], "age": [30, 41, None, 28]}
    found = shoal.inspect(pd.DataFrame(table)).findings
    assert {f.message for f in found if f.code == "gaps"} == {
        '"customer_id" is missing for 1 of 4 rows.',
        '"spent" is missing for 1 of 4 rows; the gaps are filled and counted.',
        '"age" is missing for 1 of 4 rows; its figures leave them out.',
    }


def test_a_heavy_tail_with_zeros_is_said_as_it_is() -> None:
    r = np.random.default_rng(0)
    some = np.exp(r.normal(3, 1, 200)).round(2)
    table = pd.DataFrame({"spend": [0.0] * 300 + [*some], "visits": r.normal(9, 2, 500)})
    table["all"] = np.exp(r.normal(3, 1, 500)).round(2)
    profile = shoal.inspect(table)
    told = {f.column: f for f in profile.findings if f.code == "heavy-tail"}
    assert told["spend"].values["zeros"] == 0.6
    assert told["spend"].message.startswith('"spend" has a heavy tail: 60 % of customers have 0,')
    assert f"the median is {table['all'].median():.2f}" in told["all"].message
    assert "below 0" not in told["spend"].message


@pytest.mark.parametrize(
    ("name", "values", "impossible"),
    [
        ("age", [-23, 30, 40, 50, 60, 31, 44, 28], True),
        ("visits", [-1, 3, 4, 5, 6, 7, 3, 2], True),
        ("tenure_days", [-2.5, 130.5, 44.0, 75.5, 61.0, 37.5, 23.0, 12.5], True),
        ("nps_score", [-100, 30, 40, 50, -60, 31, 44, 28], False),
        ("age_z", [-1.2, 0.3, 0.4, 1.5, -0.6, 0.1, 0.4, -0.8], False),
        ("age", [-1.2, 0.3, 0.4, 1.5, 0.6, 0.1, 0.4, 0.8], False),  # standardised, unsaid
        ("log_visits", [-0.7, 0.3, 0.4, 1.5, 0.6, 2.1, 0.4, 0.8], False),
        ("orders_change", [-3, 3, 4, 5, 6, 7, 3, 2], False),
        ("count", [-3, -3, -4, 5, 6, 7, 3, 2], False),  # too many for mistakes
        ("income", [-300, 3000, 4000, 5000, 1234, 7000, 3300, 2900], False),  # a loss
        ("quantity", [-3, 3, 4, 5, 6, 7, 3, 2], False),  # more was returned than bought
    ],
)
def test_only_what_is_counted_cannot_be_negative(name, values, impossible) -> None:
    profile = shoal.inspect(pd.DataFrame({name: values, "spend": [1, 4, 2, 8, 5, 7, 3, 9]}))
    said = [f for f in profile.findings if f.code == "impossible"]
    assert bool(said) is impossible


def test_an_absurd_value_is_told_and_marked_at_both_ends() -> None:
    r = np.random.default_rng(1)
    spend = np.exp(r.normal(5, 1, 400)).round(2)
    spend[7], spend[8] = -9_999_999.0, 9_999_999.0
    table = pd.DataFrame({"spend": spend} | {f"x{i}": r.normal(0, 1, 400) for i in range(6)})
    study = shoal.segment(table, by=list(table.columns), k=3)
    told = {f.values["side"]: f for f in study.findings if f.code == "far-out"}
    assert set(told) == {"low", "high"}
    rest = np.delete(spend, [7, 8])
    assert told["low"].values["others"] == rest.min()
    assert told["high"].values["others"] == rest.max()
    assert told["low"].message.startswith(
        '"spend" reaches -9,999,999 while all others are at least '
    )
    # One typing error does not take the logarithm away, nor does the logarithm hide it.
    assert "logarithm" in study.recipe.features[0].words
    assert study.customers["unlike_anyone"][[7, 8]].all()
    assert study.customers["unlike_anyone"].sum() < 20
    new = table.head(3).assign(spend=[-500_000.0, 500.0, 5e8])
    assert study.assign(new)["unlike_anyone"].tolist()[::2] == [True, True]


def test_a_numbered_table_gets_no_segments_from_its_numbers() -> None:
    table = pd.DataFrame(
        {"Unnamed": range(1, 41), "income": np.arange(40) ** 2, "score": [1, 5, 2, 4] * 10}
    )
    profile = shoal.inspect(table)
    assert profile.column("Unnamed").role == "id"
    assert "row-number" in {f.code for f in profile.findings}


def test_which_column_is_the_id() -> None:
    assert guess_id(["Order ID", "Customer ID", "Sales"]) == "Customer ID"
    assert guess_id(["ID", "Balance"]) == "ID"
    assert guess_id(["Id_Clientes", "Edad"]) == "Id_Clientes"
    assert guess_id(["income", "paid", "width"]) is None
    assert names_an_id("ID#")
    assert not names_an_id("Avidity")


def test_flag_words() -> None:
    assert flag_words(["Yes", "No"]) == ("No", "Yes")
    assert flag_words(["Male", "Female"]) is None
    assert flag_words(["ja", "nej"]) == ("nej", "ja")
    assert flag_words(["N", "O"]) == ("N", "O")  # oui, non
    assert flag_words(["T", "N"]) == ("N", "T")  # tak, nie
    assert flag_words(["sì", "no"]) == ("no", "sì")


def test_distinct_values_are_estimated_within_bounds() -> None:
    import pyarrow as pa

    from shoal.stats.hashing import hash_column

    counted = Distinct()
    for start in range(0, 100_000, 10_000):
        counted.add(hash_column(pa.array(np.arange(start, start + 10_000))))
    estimate, exact = counted.estimate()
    assert not exact
    assert estimate == pytest.approx(100_000, rel=0.05)


def test_orders_are_not_taken_for_customers_in_silence() -> None:
    table = pd.DataFrame(
        {
            "customer_id": np.repeat(np.arange(20), 5),
            "order_date": pd.date_range("2024-01-01", periods=100),
            "amount": np.arange(100) * 1.5,
        }
    )
    assert "looks-like-orders" in {f.code for f in shoal.inspect(table).findings}


def test_the_highest_of_all_rows_is_told_when_the_sample_does_not_hold_it() -> None:
    rng = np.random.default_rng(3)
    visits = rng.normal(40, 5, 90_000).round(1)
    visits[77_777] = 400_000.0
    profile = shoal.inspect(
        pd.DataFrame(
            {"customer_id": np.arange(90_000), "visits": visits, "spend": rng.normal(9, 1, 90_000)}
        )
    )
    assert max(profile.column("visits").quantiles) < 100  # it is not in the sample
    told = [f.message for f in profile.findings if f.code == "far-out"]
    assert len(told) == 1
    assert told[0].startswith('"visits" reaches 400,000 while nearly all others are at most 5')
    assert profile.sampling == (
        "Medians and histograms are taken from a sample of 20,000 rows: a median lies between the "
        "49.3 % "
        "and the 50.7 % quantile of all rows (95 % sure)."
    )


@pytest.mark.parametrize("ids", [range(2**53, 2**53 + 8), [str(2**60 + i) for i in range(8)]])
def test_ids_that_keep_their_digits_are_not_called_rounded(ids) -> None:
    table = pd.DataFrame({"member_id": list(ids), "income": [1, 9, 3, 4, 5, 6, 7, 8]})
    assert "id-rounded" not in {f.code for f in shoal.inspect(table).findings}
    gap = table["member_id"].astype("Int64").where(table.index > 0)  # a gap makes no float of it
    assert "id-rounded" not in {f.code for f in shoal.inspect(table.assign(member_id=gap)).findings}
    low = table.assign(member_id=[1e15 + i for i in range(8)])
    assert "id-rounded" not in {f.code for f in shoal.inspect(low).findings}
