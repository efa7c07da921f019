"""Ids that look like something else come out to the letter; dates that stand for none are none."""

from __future__ import annotations

import decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import shoal


def cells(path: Path, column: str) -> list[object]:
    return shoal.read(path).to_arrow()[column].to_pylist()


def written(tmp_path: Path, lines: list[str]) -> Path:
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def test_words_for_gaps_among_names_that_all_differ_are_names(tmp_path: Path) -> None:
    names = ["null", "NaN", "None", "NA", "anna", "bert", "carl"]
    path = written(tmp_path, ["username,spent", *(f"{n},{i}.5" for i, n in enumerate(names))])
    assert cells(path, "username") == names


def test_words_for_gaps_that_repeat_are_gaps(tmp_path: Path) -> None:
    names = ["NA", "NA", "anna", "bert", "carl", "dora", "emil"]
    path = written(tmp_path, ["town,spent", *(f"{n},{i}.5" for i, n in enumerate(names))])
    assert cells(path, "town") == [None, None, "anna", "bert", "carl", "dora", "emil"]


def test_codes_with_an_e_are_no_powers_of_ten(tmp_path: Path) -> None:
    codes = ["10E0", "11E1", "12E2", "13E3"]
    path = written(tmp_path, ["customer_id,spent", *(f"{c},1.5" for c in codes)])
    assert cells(path, "customer_id") == codes
    small = written(tmp_path, ["share,spent", "1E-3,2.5", "2E-4,2.5", "1.5E2,2.5"])
    assert cells(small, "share") == [0.001, 0.0002, 150.0]


def test_long_whole_decimals_lose_no_digit(tmp_path: Path) -> None:
    ids = [decimal.Decimal(10**20 + i) for i in range(3)]
    path = tmp_path / "made.parquet"
    pq.write_table(pa.table({"id": pa.array(ids, pa.decimal128(38, 0)), "x": [1, 2, 3]}), path)
    assert cells(path, "id") == [str(10**20 + i) for i in range(3)]


def test_days_of_zeros_are_gaps(tmp_path: Path) -> None:
    days = ["0000-00-00", "2024-01-12", "2024-01-21"]
    path = written(tmp_path, ["customer_id,last_order", *(f"K{i},{d}" for i, d in enumerate(days))])
    assert [str(d) for d in cells(path, "last_order")] == ["None", "2024-01-12", "2024-01-21"]


def test_orders_with_a_date_that_stands_for_none_are_set_aside() -> None:
    table = pd.DataFrame(
        {
            "customer": [1, 1, 1, 2, 2],
            "date": ["1900-01-01", "2024-01-02", "2024-01-03", "2024-01-04", "1899-12-31"],
            "amount": [5.0, 6.0, 7.0, 8.0, 9.0],
        }
    )
    customers = shoal.orders(table)
    made = customers.table.to_arrow().to_pandas().set_index(customers.id)
    assert made["frequency"].tolist() == [2, 1]
    assert str(customers.facts.last)[:10] == "2024-01-04"
    reason = "with a date that stands for none, such as 1900-01-01"
    assert dict(customers.facts.set_aside) == {reason: 2}


def test_a_number_that_stands_for_never_is_told() -> None:
    days = [365_243.0 if i % 5 == 0 else float(i * 37 % 9000) for i in range(200)]
    table = pd.DataFrame({"spent": [float(i % 90) for i in range(200)], "lag": days})
    found = [f for f in shoal.inspect(table).findings if f.code == "sentinel"]
    assert [(f.column, f.values["value"]) for f in found] == [("lag", 365_243.0)]
