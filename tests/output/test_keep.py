"""The table's own columns beside the labels: as they were read, under names of their own."""

from __future__ import annotations

import csv
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal
from shoal.api import assign

ROWS = 300
LABELS = ["segment", "name", "runner_up", "margin", "unlike_anyone"]


def table() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    group = np.arange(ROWS) % 3
    return pd.DataFrame(
        {
            "visits": (np.array([3.0, 20.0, 40.0])[group] + rng.normal(0, 1, ROWS)).round(3),
            "customer_id": [f"00{i}" for i in range(ROWS)],
            "spend": (np.array([900.0, 90.0, 300.0])[group] + rng.normal(0, 9, ROWS)).round(2),
            "name": [f"=cmd{i}" for i in range(ROWS)],
            "Segment": ["gold", "silver"] * (ROWS // 2),
            "name (input)": ["+49 30", "two  blanks"] * (ROWS // 2),
            "joined": pd.to_datetime("2021-03-04"),
        }
    )


BESIDE = ["visits", "spend", "name (input) (input)", "Segment (input)", "name (input)", "joined"]
OWN = ["visits", "spend", "name", "Segment", "name (input)", "joined"]
FORMED = {"by": ["visits", "spend"], "k": 3}


def test_csv_holds_labels_first_then_every_cell_as_it_was_read(tmp_path: Path) -> None:
    study = shoal.segment(table(), **FORMED, out=tmp_path / "out")
    with open(tmp_path / "out" / "customers.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["customer_id", *LABELS, *BESIDE]
    given = table()
    assert [row[0] for row in rows[1:]] == given["customer_id"].tolist()
    assert [int(row[1]) for row in rows[1:]] == study.labels.tolist()
    for at, name in enumerate(OWN, 6):
        cells = [row[at] for row in rows[1:]]
        if name in ("visits", "spend"):
            assert [float(cell) for cell in cells] == given[name].tolist()
        elif name == "joined":
            assert {cell[:10] for cell in cells} == {"2021-03-04"}
        else:
            assert cells == given[name].tolist()


def test_labels_are_those_of_the_study_also_in_parquet(tmp_path: Path) -> None:
    path = tmp_path / "shop.parquet"
    table().to_parquet(path)
    study = shoal.segment(path, **FORMED, out=tmp_path / "out")
    found = pd.read_parquet(tmp_path / "out" / "customers.parquet")
    assert list(found) == ["customer_id", *LABELS, *BESIDE]
    pd.testing.assert_frame_equal(
        found[["customer_id", *LABELS]], study.customers, check_dtype=False
    )
    assert found["visits"].tolist() == table()["visits"].tolist()


def test_ids_alone(tmp_path: Path) -> None:
    shoal.segment(table(), **FORMED, out=tmp_path / "out", keep="id")
    assert list(pd.read_csv(tmp_path / "out" / "customers.csv")) == ["customer_id", *LABELS]


def test_rows_without_an_id_are_numbered_beside_a_column_of_that_name(tmp_path: Path) -> None:
    given = table().drop(columns="customer_id").rename(columns={"joined": "row"})
    shoal.segment(given, **FORMED, out=tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "customers.csv")
    assert found["row"].tolist() == list(range(1, ROWS + 1))
    assert found["row (input)"].nunique() == 1


def test_from_orders_come_recency_frequency_and_money(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    orders = pd.DataFrame(
        {
            "order_id": np.arange(900),
            "customer_id": rng.integers(0, 150, 900),
            "order_date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(rng.integers(0, 300, 900), "D"),
            "amount": rng.gamma(2, 30, 900).round(2),
        }
    )
    shoal.segment(orders, orders=True, out=tmp_path / "out")
    found = pd.read_csv(tmp_path / "out" / "customers.csv").set_index("customer_id")
    each = orders.groupby("customer_id")
    assert found["frequency"].to_dict() == each["order_id"].nunique().to_dict()
    assert found["monetary"].sum() == pytest.approx(orders["amount"].sum())
    last = pd.Timestamp(orders["order_date"].max()) + pd.Timedelta("1D") - each["order_date"].max()
    assert found["recency"].to_dict() == last.dt.days.to_dict()


@pytest.mark.parametrize(("keep", "beside"), [("all", BESIDE), ("id", [])])
def test_assign_keeps_them_too(tmp_path: Path, keep: str, beside: list[str]) -> None:
    model = shoal.segment(table(), **FORMED).save(tmp_path / "model.json")
    told = assign(model, table(), out=tmp_path / "placed.csv", keep=keep)  # type: ignore[arg-type]
    assert told["rows_labelled"] == ROWS
    assert list(pd.read_csv(tmp_path / "placed.csv")) == ["customer_id", *LABELS, *beside]


def test_a_study_without_its_table_writes_ids_and_labels(tmp_path: Path) -> None:
    study = pickle.loads(pickle.dumps(shoal.segment(table(), **FORMED)))
    study.write(tmp_path / "out")
    assert list(pd.read_csv(tmp_path / "out" / "customers.csv")) == ["customer_id", *LABELS]


def test_what_is_no_choice_is_refused() -> None:
    with pytest.raises(shoal.OptionError, match=r'keep="some" is unknown. Known: all, id'):
        shoal.segment(table(), **FORMED, keep="some")  # type: ignore[call-overload]
