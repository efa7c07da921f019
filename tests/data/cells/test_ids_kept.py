"""Ids that look like something else come out to the letter; dates that stand for none are none."""

from __future__ import annotations

import decimal
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

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


IDS: dict[str, tuple[list[str], list[object]]] = {
    "powers of ten": (["10E0", "11E1", "12"], ["10E0", "11E1", "12"]),
    "versions": (["1.10", "1.2", "1.30"], ["1.10", "1.2", "1.30"]),
    "days": (["20200101", "20200102", "20200103"], [20200101, 20200102, 20200103]),
    "written days": (["2020-01-01", "2020-01-02"], ["2020-01-01", "2020-01-02"]),
    "in brackets": (["(100)", "(101)"], ["(100)", "(101)"]),
    "amounts": (["$5", "12%", "1.5K"], ["$5", "12%", "1.5K"]),
    "leading zeros": (["00041", "00042"], ["00041", "00042"]),
    "nineteen digits": (["1234567890123456789", "5"], ["1234567890123456789", "5"]),
    "eighteen digits and gaps": (
        ["123456789012345678", "123456789012345677", "NA", "NA"],
        [123456789012345678, 123456789012345677, None, None],
    ),
    "a plus": (["+491701234567", "491701234567"], ["+491701234567", "491701234567"]),
    "a guest": ([*"123456789", "10", "GUEST"], [*"123456789", "10", "GUEST"]),
    "someone unknown": (["1", "2", "unknown", "unknown"], ["1", "2", "unknown", "unknown"]),
    "plain": (["1", "2", "-1"], [1, 2, -1]),
    "beside gaps in pandas": (["17850.0", "", "17851.0"], [17850.0, None, 17851.0]),
}


@pytest.mark.parametrize("kind", IDS)
def test_a_column_that_is_called_an_id_is_kept_to_the_letter(kind: str, tmp_path: Path) -> None:
    given, wanted = IDS[kind]
    for name in ("customer_id", "weird"):
        path = written(tmp_path, [f"{name};n", *(f"{v};{i}" for i, v in enumerate(given))])
        assert shoal.read(path, id=name).to_arrow()[name].to_pylist() == wanted
        frame = pd.DataFrame({name: given, "n": range(len(given))})
        assert shoal.read(frame, id=name).to_arrow()[name].to_pylist() == wanted


def test_a_guest_behind_many_ids_is_kept(tmp_path: Path) -> None:
    ids = [*map(str, range(1000, 4000)), "GUEST", "1.10"]
    path = written(tmp_path, ["Kundennummer,n", *(f"{v},1" for v in ids)])
    assert cells(path, "Kundennummer") == ids


def test_labels_carry_the_id_to_the_letter(tmp_path: Path) -> None:
    ids = [f"{i}E1" if i % 2 else f"{i}.10" for i in range(60)]
    rows = [f"{v},{i % 3 * 50 + i % 7}.5,{i % 5}" for i, v in enumerate(ids)]
    path = written(tmp_path, ["weird,spent,visits", *rows])
    study = shoal.segment(path, id="weird", k=3)
    assert study.customers["weird"].tolist() == ids
    assert study.assign(path)["weird"].tolist() == ids


@pytest.mark.parametrize(
    ("last", "usual"),
    [
        ("9999-12-31", "2024-03-12"),
        ("31.12.9999", "12.03.2024"),
        ("31/12/9999 00:00", "12/03/2024 11:30"),
    ],
)
def test_the_last_date_of_a_calendar_is_a_gap(last, usual, tmp_path):
    path = tmp_path / "until.csv"
    lines = [f"K{i},{last if i % 4 == 1 else usual}" for i in range(40)]
    path.write_text("\n".join(["who,valid_to", *lines]), "utf-8")
    table = shoal.read(path)
    said = [(f.severity, f.column) for f in table.findings if f.code == "gap-words"]
    assert said == [("warning", "valid_to")]
    assert table.to_arrow()["valid_to"].null_count == 10
    assert not [f for f in table.findings if f.code == "bad-cells"]
