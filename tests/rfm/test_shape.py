"""Rows that look like orders are asked about; customers are not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.cli.main import main

ROWS = 400


def orders(customers: int = 100) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "order_id": np.arange(ROWS) + 1,
            "customer_id": rng.integers(0, customers, ROWS),
            "order_date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 300, ROWS), "D"),
            "amount": rng.gamma(2, 30, ROWS).round(2),
            "items": rng.integers(1, 9, ROWS),
        }
    )


def customers(repeated: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    ids = np.arange(ROWS)
    ids[:repeated] = ids[repeated : 2 * repeated]
    return pd.DataFrame(
        {
            "customer_id": ids,
            "joined": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, ROWS), "D"),
            "amount": rng.gamma(2, 30, ROWS).round(2),
            "visits": rng.integers(1, 9, ROWS),
        }
    )


def test_orders_are_asked_about_with_both_ways_to_answer() -> None:
    with pytest.raises(shoal.InputError) as told:
        shoal.segment(orders())
    for words in ("orders, or customers?", "orders=True", "one_row_a_customer=True"):
        assert words in str(told.value)
    different = orders()["customer_id"].nunique()
    assert f'"customer_id" has {different} different values on 400 rows' in str(told.value)


def test_both_answers_are_heard() -> None:
    assert shoal.segment(orders(), orders=True).facts.rows_read == orders()["customer_id"].nunique()
    study = shoal.segment(orders(), one_row_a_customer=True)
    assert study.facts.rows_read == ROWS
    assert "looks-like-orders" not in {f.code for f in study.findings}


def test_rows_cannot_be_both() -> None:
    with pytest.raises(shoal.OptionError, match="contraries"):
        shoal.segment(orders(), orders=True, one_row_a_customer=True)


def test_in_the_shell_it_ends_with_2_and_the_two_options(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.csv"
    orders().to_csv(path, index=False)
    monkeypatch.setattr("sys.argv", ["shoal", "segment", str(path)])
    assert main() == 2
    told = capsys.readouterr().err
    assert "say --orders:" in told
    assert "say --one-row-a-customer." in told


@pytest.mark.parametrize("repeated", [0, 1, 8])
def test_a_few_repeated_ids_make_no_orders(repeated: int) -> None:
    study = shoal.segment(customers(repeated), k=2)
    found = {f.code for f in study.findings}
    assert ("duplicate-ids" in found) == (repeated > 0)


def test_more_repeated_ids_are_asked_about() -> None:
    with pytest.raises(shoal.InputError, match="orders, or customers"):
        shoal.segment(customers(12), k=2)


def test_pasted_rows_are_no_orders() -> None:
    twice = pd.concat([customers(), customers()])
    assert "duplicate-rows" in {f.code for f in shoal.segment(twice, k=2).findings}


def test_a_tier_of_membership_names_nobody() -> None:
    table = customers().drop(columns="customer_id")
    table["member"] = np.where(table["visits"] > 4, "gold", "silver")
    assert shoal.segment(table, k=2).facts.rows_read == ROWS


def test_an_id_that_was_named_says_what_a_row_is() -> None:
    assert shoal.segment(orders(), id="order_id", k=2).facts.rows_read == ROWS


def test_lines_of_orders_are_accounted_for_and_listed(tmp_path: Path) -> None:
    table = orders().astype({"customer_id": "Int64"})
    table.loc[[2, 5, 7], "customer_id"] = None
    table.loc[11, "order_date"] = None
    table.loc[[20, 21], "amount"] = -5.0
    study = shoal.segment(table, orders=True, k=2, out=tmp_path / "out")
    lines = study.facts.lines
    assert lines is not None
    assert (lines.read, lines.purchases, lines.returns, lines.aside) == (ROWS, ROWS - 6, 2, 4)
    assert dict(lines.set_aside) == {"without a customer": 3, "without a date": 1}
    assert study.summary()["order_lines"]["set_aside"] == 4
    listed = pd.read_csv(tmp_path / "out" / "set_aside_lines.csv")
    assert listed["set_aside_because"].tolist() == ["without a customer"] * 3 + ["without a date"]
    assert sorted(listed["order_id"]) == [3, 6, 8, 12]
    shoal.segment(orders(), orders=True, k=2, out=tmp_path / "out")
    assert not (tmp_path / "out" / "set_aside_lines.csv").exists()


CUSTOMERS = [
    "eastwest_airlines",
    "ibm_cust_segmentation",
    "ifood_marketing_campaign",
    "mall_customers",
    "mcdonalds",
    "rfm_data_customer",
    "segmentation_365",
    "uci_bank_4521",
    "volunteers",
    "wholesale_customers",
]
ORDERS = ["groceries_members", "online_retail", "rfm_data_orders", "superstore"]


def table_in(folder: Path) -> Path:
    ends = (".csv", ".parquet", ".csv.gz", ".txt")
    tables = [
        p for p in folder.iterdir() if p.name.endswith(ends) and p.stem.startswith(folder.name)
    ]
    return tables[0]


@pytest.mark.parametrize("name", CUSTOMERS)
def test_real_tables_of_customers_are_taken_as_such(shared: Path, name: str) -> None:
    from shoal.rfm.shape import check_one_row_a_customer

    path = table_in(shared / name)
    check_one_row_a_customer(shoal.inspect(path), shoal.read(path).schema)


@pytest.mark.parametrize("name", ORDERS)
def test_real_tables_of_orders_are_asked_about(shared: Path, name: str) -> None:
    with pytest.raises(shoal.InputError, match="orders, or customers"):
        shoal.segment(table_in(shared / name))
