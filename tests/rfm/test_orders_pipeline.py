"""From orders to segments in one go, and back into a database."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import shoal
from shoal.cli.main import app


@pytest.fixture(scope="module")
def orders() -> pd.DataFrame:
    """Three kinds of generated buyers: often and lately, once and long ago, a few large orders."""
    rng, rows = np.random.default_rng(3), []
    kinds = [(12, 25, 20), (1, 300, 15), (3, 60, 400)]
    for customer in range(120):
        times, last, amount = kinds[customer % 3]
        days = last + np.sort(rng.integers(0, 20 * times, times))
        rows += [
            {
                "customer_id": f"c{customer:03}",
                "order_date": pd.Timestamp("2024-12-31") - pd.Timedelta(days=int(d)),
                "amount": round(float(a), 2),
            }
            for d, a in zip(days, amount * rng.uniform(0.8, 1.2, times), strict=True)
        ]
    return pd.DataFrame(rows).sample(frac=1, random_state=1)


def test_orders_become_segments_of_customers(orders: pd.DataFrame) -> None:
    study = shoal.segment(orders, orders=True, date="2025-01-01")
    assert study.facts.rows_read == 120
    assert study.facts.segmentation.basis == ("recency", "frequency", "monetary")
    assert study.facts.value == "monetary"
    assert study.k == 3
    assert study.customers["customer_id"].nunique() == 120
    # The three kinds are found again: a customer's kind is its number modulo three.
    kinds = study.customers.assign(kind=study.customers["customer_id"].str[1:].astype(int) % 3)
    assert kinds.groupby("kind")["segment"].nunique().tolist() == [1, 1, 1]
    assert study.segments["value_share"].sum() == pytest.approx(1.0)


def test_since_without_orders_is_refused(orders: pd.DataFrame) -> None:
    with pytest.raises(
        shoal.OptionError, match="since says how orders are summed up: it needs orders=True"
    ):
        shoal.segment(orders, since="2025-01-01")


def test_the_orders_command(orders: pd.DataFrame, tmp_path: Path) -> None:
    orders.to_csv(tmp_path / "orders.csv", index=False)
    result = CliRunner().invoke(
        app,
        ["orders", str(tmp_path / "orders.csv"), "--rfm", "--out", str(tmp_path / "customers.csv")],
    )
    assert result.exit_code == 0, result.output
    assert "120 customers with 640 orders" in result.stdout
    made = pd.read_csv(tmp_path / "customers.csv")
    assert made["frequency"].sum() == 640  # 40 × (12 + 1 + 3)
    assert made["monetary"].sum() == pytest.approx(orders["amount"].sum())
    assert made["rfm_class"].notna().all()
    body = json.loads(
        CliRunner().invoke(app, ["orders", str(tmp_path / "orders.csv"), "--json"]).stdout
    )
    assert (body["customers"], body["orders"], body["taken"]["customer"]) == (
        120,
        640,
        "customer_id",
    )


def test_the_shell_is_told_of_its_own_options(orders: pd.DataFrame, tmp_path: Path) -> None:
    orders.to_csv(tmp_path / "orders.csv", index=False)
    given = ["orders", str(tmp_path / "orders.csv"), "--amount", "customer_id"]
    command = [sys.executable, "-m", "shoal", *given]
    found = subprocess.run(command, capture_output=True, text=True)
    assert found.returncode == 2
    assert '--amount "customer_id" holds text, not numbers' in found.stderr
    with pytest.raises(shoal.OptionError, match=r'^amount "customer_id" holds text, not numbers'):
        shoal.orders(orders, amount="customer_id")


def test_rfm_beside_segments(orders: pd.DataFrame) -> None:
    found = shoal.compare_rfm(orders, date="2024-11-15", k=2)
    assert found.of_classes is not None
    assert found.of_segments is not None
    assert found.table.to_numpy().sum() == found.customers
    assert "adjusted Rand index" in found.words


def test_there_and_back_through_a_database(sample_table: pd.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    with sqlite3.connect(path) as connection:
        sample_table.to_sql("customers", connection, index=False)
    url = f"sqlite:///{path}"
    result = CliRunner().invoke(
        app,
        [
            "segment",
            f"{url}?table=customers",
            "--k",
            "5",
            "--to",
            f"{url}?table=segments",
            "--json",
        ],
    )
    assert result.exit_code == 0, result.output
    body = json.loads(result.stdout)
    with sqlite3.connect(path) as connection:
        sizes = dict(
            connection.execute("SELECT segment, count(*) FROM segments GROUP BY 1").fetchall()
        )
    assert sizes == {s["id"]: s["size"] for s in body["segments"]}
    again = CliRunner().invoke(
        app, ["segment", f"{url}?table=customers", "--k", "5", "--to", f"{url}?table=segments"]
    )
    assert "segments" in str(
        again.exception
    )  # it is there already, and nothing is overwritten unasked
    chosen = CliRunner().invoke(
        app, ["inspect", url, "--query", "SELECT Age FROM customers WHERE Age < 30", "--json"]
    )
    assert json.loads(chosen.stdout)["columns"][0]["max"] < 30
    with pytest.raises(shoal.OptionError, match="query is for databases"):
        shoal.inspect(sample_table, query="SELECT 1")
