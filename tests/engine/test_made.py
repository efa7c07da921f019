"""Dates, however they are held, become days and years; expected by hand, of eight customers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import shoal
from shoal.engine.made import days_of, made_rows
from shoal.types import MadeColumn

DATES = [
    "2024-06-30",
    "2024-06-01",
    "2024-03-31",
    "2024-02-29",
    "2023-12-31",
    "2023-06-30",
    "2022-06-30",
    "2020-01-01",
]
DAYS = [0, 29, 91, 122, 182, 366, 731, 1642]  # from each to 2024-06-30, counted on a calendar
SERIALS = [45473, 45444, 45382, 45351, 45291, 45107, 44742, 43831]  # as a spreadsheet shows them
SECONDS = [1719705600, 1717200000, 1711843200, 1709164800, 1703980800, 1688083200, 1656547200]
SECONDS += [1577836800]
WRITTEN = [20240630, 20240601, 20240331, 20240229, 20231231, 20230630, 20220630, 20200101]
HOURS = 3600 * np.arange(8)
HELD = {
    "dates": pd.to_datetime(DATES),
    "serials": np.array(SERIALS) + 0.5,
    "written": WRITTEN,
    "s": np.array(SECONDS) + HOURS,
    "ms": (np.array(SECONDS) + HOURS) * 1000,
    "us": (np.array(SECONDS) + HOURS) * 1_000_000,
    "ns": (np.array(SECONDS) + HOURS) * 1_000_000_000,
}


@pytest.mark.parametrize("held", HELD)
def test_days_since_eight_dates(held):
    batch = pa.RecordBatch.from_pandas(pd.DataFrame({"last": HELD[held]}))
    made = MadeColumn("days since last", "days since", ("last",), "2024-06-30", held)
    until = MadeColumn("days until last", "days until", ("last",), "2024-06-30", held)
    rows = made_rows(batch, [made, until]).to_pydict()
    assert rows["days since last"] == DAYS
    assert rows["days until last"] == [-d for d in DAYS]


def test_years_since_and_ages():
    born = ["1980-06-30", "1980-07-01", "1999-12-31", "2000-02-29", None, "1970-01-01"]
    batch = pa.RecordBatch.from_pydict(
        {
            "year": [2024, 2023, 2000, 1900, 12, None],
            "born": pa.array(born).cast(pa.date32()),
        }
    )
    made = [
        MadeColumn("years", "years since", ("year",), "2024-06-30", "years"),
        MadeColumn("age", "years since", ("born",), "2024-06-30", "dates"),
    ]
    rows = made_rows(batch, made).to_pydict()
    assert rows["years"] == [0, 1, 24, None, None, None]
    assert rows["age"] == [44, 43, 24, 24, None, 54]


def test_numbers_that_stand_for_no_date_are_gaps():
    cells = {
        "written": [20240230, 20241301, 20240100, 0],
        "serials": [0, -1, 999, 99999],
        "s": [0, -1, 9_999_999_999],
        "dates": ["1900-01-01", "9999-12-31", "0001-01-01"],
    }
    for held, values in cells.items():
        kind = pa.string() if held == "dates" else pa.int64()
        column = pa.array(values, kind)
        column = column.cast(pa.date32()) if held == "dates" else column
        assert np.isnat(days_of(column, held)).all(), held


def table_of(cells: object, name: str, n: int = 40) -> pd.DataFrame:
    spent = np.random.default_rng(5).lognormal(4, 1, n)
    ids = [f"C{i}" for i in range(n)]
    return pd.DataFrame({"customer_id": ids, "spent": spent, name: np.resize(cells, n)})


@pytest.mark.parametrize("held", HELD)
def test_a_last_purchase_becomes_days_however_it_is_held(held):
    table = table_of(HELD[held], "last_purchase")
    profile = shoal.inspect(table, date="2024-06-30")
    days = profile.column("days since last purchase")
    assert (days.meaning, days.direction, days.role, days.min, days.max) == (
        "recency",
        "bad",
        "basis",
        0.0,
        1642.0,
    )
    said = [f.message for f in profile.findings if f.code == "time-counted"]
    assert len(said) == 1
    assert "2024-06-30 (as you said" in said[0]


def test_new_customers_are_placed_alike_from_every_store_and_after_saving(tmp_path):
    table = table_of(HELD["s"], "last_login_ts")
    table["Year_Birth"] = np.resize([1950, 1990], len(table))
    study = shoal.segment(table, k=2, by=["days since last login", "age", "spent"])
    # 1719705600 + 0 hours … 1577836800 + 7 hours: the latest is 2024-06-30
    assert study.profile.column("days since last login").max == 1642.0
    assert study.profile.column("age").top == ()
    assert (study.profile.column("age").min, study.profile.column("age").max) == (34.0, 74.0)
    wanted = study.customers["segment"].tolist()
    assert study.assign(table)["segment"].tolist() == wanted
    model = shoal.load(study.save(tmp_path / "model.json"))
    assert model.assign(table.iloc[::-1])["segment"].tolist() == wanted[::-1]
    table.to_parquet(tmp_path / "t.parquet")
    spilled = shoal.segment(
        tmp_path / "t.parquet", k=2, by=["days since last login", "age", "spent"], memory="200MB"
    )
    assert spilled.customers["segment"].tolist() == wanted


def test_years_alone_are_counted_to_the_end_of_the_latest():
    table = table_of([2022, 2023, 2024], "last_purchase_year")
    profile = shoal.inspect(table)
    assert profile.analysis_date == "2024-12-31"
    years = profile.column("years since last purchase")
    assert (years.meaning, years.role, years.min, years.max) == ("recency", "basis", 0.0, 2.0)


def test_one_date_in_2042_moves_nobodys_days():
    days = pd.Timestamp("2024-06-30") - pd.to_timedelta(np.arange(40), unit="D")
    table = table_of(days, "last_purchase")
    table.loc[7, "last_purchase"] = pd.Timestamp("2042-01-01")
    profile = shoal.inspect(table)
    assert profile.analysis_date == "2024-06-30"
    since = profile.column("days since last purchase")
    assert (since.min, since.max, since.missing) == (0.0, 39.0, 1)
