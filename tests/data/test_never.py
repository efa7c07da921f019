"""Days that stand for "never" in columns whose type is a date already."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import shoal

DAYS = [dt.date(2024, 1, 1) + dt.timedelta(days=9 * i) for i in range(6)]


def gaps(source: object, **options: str) -> tuple[int, list[str]]:
    """How many dates are missing, and the warnings."""
    table = shoal.read(source, **options)
    said = [f.code for f in table.findings if f.severity != "info"]
    return table.to_arrow()["last_order"].null_count, said


@pytest.mark.parametrize("day", ["2099-12-31", "9999-12-31", "1900-01-01", "1970-01-01"])
def test_a_day_decades_from_all_others_is_a_gap(day: str, tmp_path: Path) -> None:
    days = [*DAYS, *[dt.date.fromisoformat(day)] * 2]
    frame = pa.table({"customer": list("abcdefgh"), "last_order": days})
    pq.write_table(frame, tmp_path / "t.parquet")
    moments = pl.from_arrow(frame).with_columns(pl.col("last_order").cast(pl.Datetime("us")))
    with duckdb.connect(str(tmp_path / "t.duckdb")) as con:
        con.execute("CREATE TABLE c AS SELECT * FROM frame")
    address = f"duckdb:///{tmp_path}/t.duckdb"
    expected = (2, ["gap-words"])
    assert gaps(frame) == expected
    assert gaps(moments) == expected
    assert gaps(tmp_path / "t.parquet") == expected
    assert gaps(address, table="c") == expected


def test_new_year_is_a_day_like_others_where_others_are_near() -> None:
    days = pd.to_datetime(["2023-01-01", "2023-01-01", "2024-12-31", "1999-05-01", "2024-01-01"])
    assert gaps(pd.DataFrame({"id": range(5), "last_order": days})) == (0, [])
    born = pd.to_datetime(["1930-01-01", "1930-01-01", "1941-02-03", "2001-05-06"])
    assert gaps(pd.DataFrame({"id": range(4), "last_order": born})) == (0, [])


def test_text_beside_new_years_days_of_the_others_is_read_alike(tmp_path: Path) -> None:
    days = ["2023-01-01", "2024-01-01", "2024-12-31", "2024-05-01", "1900-01-01", "1900-01-01"]
    path = tmp_path / "t.csv"
    path.write_text("id,last_order\n" + "".join(f"K{i},{day}\n" for i, day in enumerate(days)))
    assert gaps(path) == (2, ["gap-words"])


def test_numbers_and_dates_that_a_database_holds_as_text(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as con:
        con.execute("CREATE TABLE c (id TEXT, spent TEXT, seen TEXT, city TEXT)")
        rows = [(f"{i}", f"{i},5", f"{i + 10}.01.2024", " Rome") for i in range(1, 9)]
        con.executemany("INSERT INTO c VALUES (?, ?, ?, ?)", rows)
    found = shoal.read(f"sqlite:///{tmp_path}/s.db", table="c")
    said = [(f.code, f.column) for f in found.findings if f.severity == "warning"]
    assert said == [("text-in-database", "spent"), ("text-in-database", "seen")]
    assert found.to_arrow().to_pylist()[0] == {
        "id": "1",
        "spent": 1.5,
        "seen": dt.date(2024, 1, 11),
        "city": " Rome",
    }


def test_wide_whole_numbers_of_a_database_keep_every_digit(tmp_path: Path) -> None:
    with duckdb.connect(str(tmp_path / "t.duckdb")) as con:
        number = "1234567890123456789012345678"
        con.execute(f"CREATE TABLE c AS SELECT {number}::HUGEINT AS id, 1.5 AS spent")
    table = shoal.read(f"duckdb:///{tmp_path}/t.duckdb", table="c").to_arrow()
    assert table["id"].to_pylist() == ["1234567890123456789012345678"]
