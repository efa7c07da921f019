"""What cells mean: the same for a text column of a CSV and of a dataframe."""

import datetime as dt
import math
import time
from decimal import Decimal
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from shoal.data.cells.dates import day_in
from shoal.data.cells.numbers import number_in
from shoal.data.read import read
from shoal.engine.table import BATCH_ROWS, Table

D = dt.date
LONG = [str(i) for i in range(1, 200)]


def column(table: Table, name: str = "x") -> list[Any]:
    return [v for batch in table.batches([name]) for v in batch.column(0).to_pylist()]


CASES: dict[str, tuple[list[str], list[Any], set[str]]] = {
    "dollars": (["$58,138", "$635", "$1,200"], [58138, 635, 1200], {"currency", "thousands-marks"}),
    "euros": (
        ["12490,47 €", "1.234,50 €", "7 €"],
        [12490.47, 1234.5, 7.0],
        {"currency", "thousands-marks"},
    ),
    "percent": (["45 %", "3%", "0.5 %"], [45.0, 3.0, 0.5], {"percent"}),
    "accounting": (["(1,234.5)", "5", "7-"], [-1234.5, 5.0, -7.0], {"thousands-marks"}),
    "swiss": (["1'234.50", "7", "12.5"], [1234.5, 7.0, 12.5], {"thousands-marks"}),
    "french": (["1 234,5", "12", "0,25"], [1234.5, 12.0, 0.25], {"thousands-marks"}),
    "indian": (["12,34,567", "1,23,456", "99"], [1234567, 123456, 99], {"thousands-marks"}),
    "infinite": (["1.5", "inf", "-inf"], [1.5, math.inf, -math.inf], set()),
    "day first": (
        ["30/10/2020", "01/02/2020", "?"],
        [D(2020, 10, 30), D(2020, 2, 1), None],
        {"date-order", "gap-words"},
    ),
    "moments in digits": (
        ["20240103100000", "20240104235959", "20240105000001"],
        [
            dt.datetime(2024, 1, 3, 10),
            dt.datetime(2024, 1, 4, 23, 59, 59),
            dt.datetime(2024, 1, 5, 0, 0, 1),
        ],
        set(),
    ),
    "halves of the day with points": (
        ["31/01/2024 01:05 p. m.", "01/02/2024 12:30 a.\u00a0m.", "2/2/2024 9:00\u202fPM"],
        [
            dt.datetime(2024, 1, 31, 13, 5),
            dt.datetime(2024, 2, 1, 0, 30),
            dt.datetime(2024, 2, 2, 21),
        ],
        {"date-order"},
    ),
    "o'clock": (
        ["31.01.2024, 13:05 Uhr", "01.02.2024, 09:30 Uhr", "02.02.2024, 00:01 Uhr"],
        [
            dt.datetime(2024, 1, 31, 13, 5),
            dt.datetime(2024, 2, 1, 9, 30),
            dt.datetime(2024, 2, 2, 0, 1),
        ],
        {"date-order"},
    ),
    "and more": (
        [*LONG[:60], *(f"{x}+" for x in LONG[100:120])],
        [*LONG[:60], *(f"{x}+" for x in LONG[100:120])],
        {"mostly-numbers"},
    ),
    "month first": (
        ["12/31/2015", "1/2/2015", "2/3/2015"],
        [D(2015, 12, 31), D(2015, 1, 2), D(2015, 2, 3)],
        {"date-order"},
    ),
    "month names": (
        ["12-Jan-2020", "03-Feb-2021", "1-Mar-2021"],
        [D(2020, 1, 12), D(2021, 2, 3), D(2021, 3, 1)],
        set(),
    ),
    "months": (
        ["08.2020", "09.2020", "10.2021"],
        [D(2020, 8, 1), D(2020, 9, 1), D(2021, 10, 1)],
        {"months"},
    ),
    "compact dates": (
        ["19970101", "19970203", "20000229"],
        [D(1997, 1, 1), D(1997, 2, 3), D(2000, 2, 29)],
        set(),
    ),
    "zones": (
        ["2020-01-02T10:00:00Z", "2020-01-02T11:00:00+02:00"],
        [dt.datetime(2020, 1, 2, 10), dt.datetime(2020, 1, 2, 9)],
        set(),
    ),
    "am and pm": (
        ["1/2/2015 5:30 PM", "12/31/2015 12:05 AM"],
        [dt.datetime(2015, 1, 2, 17, 30), dt.datetime(2015, 12, 31, 0, 5)],
        {"date-order"},
    ),
    "zones of hours alone, or behind a blank": (
        ["2024-01-03 19:12:01.608221+02", "2024-01-03 11:13:25 -0530", "2024-01-03T11:13:25.5Z"],
        [
            dt.datetime(2024, 1, 3, 17, 12, 1, 608221),
            dt.datetime(2024, 1, 3, 16, 43, 25),
            dt.datetime(2024, 1, 3, 11, 13, 25, 500000),
        ],
        set(),
    ),
    "day first with a zone": (
        ["03/01/2024 11:13Z", "29/01/2024 1:13 PM +01:00"],
        [dt.datetime(2024, 1, 3, 11, 13), dt.datetime(2024, 1, 29, 12, 13)],
        {"date-order"},
    ),
    "a place behind the offset": (
        ["2024-01-03T11:13:25+01:00[Europe/Paris]", "2024-07-01T00:30:00.123Z[UTC]"],
        [dt.datetime(2024, 1, 3, 10, 13, 25), dt.datetime(2024, 7, 1, 0, 30, 0, 123_000)],
        set(),
    ),
    "what browsers and servers write": (
        ["Fri Mar 01 2024 10:00:00 GMT+0100 (Central European Time)"] * 2,
        [dt.datetime(2024, 3, 1, 9)] * 2,
        set(),
    ),
    "a colon before the hour": (
        ["01/Mar/2024:10:00:00 +0100", "15/Mar/2024:23:30:00 +0100"],
        [dt.datetime(2024, 3, 1, 9), dt.datetime(2024, 3, 15, 22, 30)],
        set(),
    ),
    "a dot behind the day": (
        ["13.05.2024.", "14.6.2024."],
        [dt.date(2024, 5, 13), dt.date(2024, 6, 14)],
        {"date-order"},
    ),
    "first days of calendars": (
        ["0001-01-01", "2024-05-13", "1753-01-01", "2024-06-14"],
        [None, dt.date(2024, 5, 13), None, dt.date(2024, 6, 14)],
        {"gap-words"},
    ),
    "years behind the time": (
        ["Wed Jan  3 11:13:25 2024", "Thu Feb 29 01:02:03 2024"],
        [dt.datetime(2024, 1, 3, 11, 13, 25), dt.datetime(2024, 2, 29, 1, 2, 3)],
        set(),
    ),
    "years behind the zone": (
        ["Wed Jan 03 11:13:25 +0200 2024", "Thu Feb 29 01:02:03 UTC 2024"],
        [dt.datetime(2024, 1, 3, 9, 13, 25), dt.datetime(2024, 2, 29, 1, 2, 3)],
        set(),
    ),
    "a zone in another language": (
        ["Wed Jan 03 2024 11:13:25 GMT+0100 (Mitteleuropäische Normalzeit)"] * 2,
        [dt.datetime(2024, 1, 3, 10, 13, 25)] * 2,
        set(),
    ),
    "basic moments": (
        ["20240103T111325Z", "20240229T000000+0100"],
        [dt.datetime(2024, 1, 3, 11, 13, 25), dt.datetime(2024, 2, 28, 23)],
        set(),
    ),
    "days without marks and a time": (
        ["20240103 11:13", "20240229 00:00"],
        [dt.datetime(2024, 1, 3, 11, 13), dt.datetime(2024, 2, 29)],
        set(),
    ),
    "a word before the time": (
        ["Jan 03, 2024 at 1:05 pm", "Feb 29, 2024 at 12:01 am"],
        [dt.datetime(2024, 1, 3, 13, 5), dt.datetime(2024, 2, 29, 0, 1)],
        set(),
    ),
    "hours with an h": (
        ["31/01/2024 11h13", "01/02/2024 à 09h05"],
        [dt.datetime(2024, 1, 31, 11, 13), dt.datetime(2024, 2, 1, 9, 5)],
        {"date-order"},
    ),
    "points in the time": (
        ["2024-01-31-11.13.25.000001", "2024-02-01-00.00.01.500000"],
        [dt.datetime(2024, 1, 31, 11, 13, 25, 1), dt.datetime(2024, 2, 1, 0, 0, 1, 500_000)],
        set(),
    ),
    "points in half of a day": (
        ["03-JAN-24 11.13.25.123456789 PM", "29-FEB-24 12.00.00.000000000 AM"],
        [dt.datetime(2024, 1, 3, 23, 13, 25, 123456), dt.datetime(2024, 2, 29)],
        {"short-years"},
    ),
    "points in days and times": (
        ["31.01.2024 11.13.25", "01.02.2024 09.05.00"],
        [dt.datetime(2024, 1, 31, 11, 13, 25), dt.datetime(2024, 2, 1, 9, 5)],
        {"date-order"},
    ),
    "days as one word": (
        ["03JAN2024:11:13:25", "29FEB2024:00:00:00"],
        [dt.datetime(2024, 1, 3, 11, 13, 25), dt.datetime(2024, 2, 29)],
        set(),
    ),
    "days of the week in German": (
        ["Mi 03.01.2024", "Donnerstag, 29.02.2024", "Mo., 04.03.2024"],
        [D(2024, 1, 3), D(2024, 2, 29), D(2024, 3, 4)],
        {"date-order"},
    ),
    "Turkish and Polish months": (
        ["3 Kasım 2024", "4 Şubat 2024", "5 września 2024"],
        [D(2024, 11, 3), D(2024, 2, 4), D(2024, 9, 5)],
        set(),
    ),
    "short years behind words": (
        ["Mar 04, 22", "Apr 21, 23"],
        [D(2022, 3, 4), D(2023, 4, 21)],
        {"short-years"},
    ),
    "seconds in an offset": (
        ["2024-01-03 11:13:25+05:30:00", "2024-01-04 11:13:25+05:30:00"],
        [dt.datetime(2024, 1, 3, 5, 43, 25), dt.datetime(2024, 1, 4, 5, 43, 25)],
        set(),
    ),
    "a zone beside days alone": (
        ["2024-01-03 23:30:00 UTC", "2024-01-09", "2024-01-10"],
        [dt.datetime(2024, 1, 3, 23, 30), dt.datetime(2024, 1, 9), dt.datetime(2024, 1, 10)],
        {"zones-mixed"},
    ),
    "days that no calendar has": (
        ["2999-12-31", "2024-01-03", "2024-01-04", "2999-12-31"],
        [None, D(2024, 1, 3), D(2024, 1, 4), None],
        {"gap-words"},
    ),
    "nines and digits alone": (
        ["99991231", "20240103", "20240104", "20240105", "99991231"],
        [None, D(2024, 1, 3), D(2024, 1, 4), D(2024, 1, 5), None],
        {"gap-words"},
    ),
    "first days of spreadsheets": (
        ["01.01.1900", "13.05.2024", "14.06.2024", "01.01.1900"],
        [None, D(2024, 5, 13), D(2024, 6, 14), None],
        {"date-order", "gap-words"},
    ),
    "born in 1970": (
        ["1970-01-01", "1965-05-13", "1970-01-01"],
        [D(1970, 1, 1), D(1965, 5, 13), D(1970, 1, 1)],
        set(),
    ),
    "units": (["12.5 kg", "3 kg", "7 kg"], ["12.5 kg", "3 kg", "7 kg"], {"measures"}),
    "prices a month": (["$9.99/mo", "$5/mo"], ["$9.99/mo", "$5/mo"], {"measures"}),
    "minutes and seconds": (["11m 5s", "2m 40s"], ["11m 5s", "2m 40s"], {"measures"}),
    "money with a word": (["R$ 1,5 mil", "R$ 2 mil"], ["R$ 1,5 mil", "R$ 2 mil"], {"measures"}),
    "spans of years": (
        ["< 1 year", "3 years", "10+ years"],
        ["< 1 year", "3 years", "10+ years"],
        {"measures"},
    ),
    "times": (["0:15:30", "1:02:00"], ["0:15:30", "1:02:00"], {"measures"}),
    "codes": (["85A", "7B", "12A"], ["85A", "7B", "12A"], set()),
    "a zone on some cells": (
        ["2024-01-03 23:30:00+02:00", "2024-01-03 23:30:00", "2024-01-03 23:30:00"],
        [dt.datetime(2024, 1, 3, 21, 30), *[dt.datetime(2024, 1, 3, 23, 30)] * 2],
        {"zones-mixed"},
    ),
    "nanoseconds": (
        ["2024-01-03 19:12:01.608221123", "2024-01-04 19:12:01"],
        [dt.datetime(2024, 1, 3, 19, 12, 1, 608221), dt.datetime(2024, 1, 4, 19, 12, 1)],
        set(),
    ),
    "year first in two digits": (
        ["22/03/04", "22/05/19", "23/01/30"],
        [D(2022, 3, 4), D(2022, 5, 19), D(2023, 1, 30)],
        {"date-order", "short-years"},
    ),
    "year last in two digits": (
        ["30/10/20", "01/02/21", "17/05/21"],
        [D(2020, 10, 30), D(2021, 2, 1), D(2021, 5, 17)],
        {"date-order", "short-years"},
    ),
    "year first or last": (
        ["01/02/03", "03/04/05"],
        [D(2003, 2, 1), D(2005, 4, 3)],
        {"ambiguous-dates", "short-years"},
    ),
    "months in German": (
        ["1. März 2024", "12. Okt. 2024", "3. Mai 2024"],
        [D(2024, 3, 1), D(2024, 10, 12), D(2024, 5, 3)],
        set(),
    ),
    "months in French": (
        ["1 août 2024", "15 janv. 2024"],
        [D(2024, 8, 1), D(2024, 1, 15)],
        set(),
    ),
    "months in Spanish": (
        ["3 de marzo de 2024", "4 de enero de 2023"],
        [D(2024, 3, 3), D(2023, 1, 4)],
        set(),
    ),
    "with the day of the week": (
        ["Wed, 03 Jan 2024 11:13:25 GMT", "Thu, 04 Jan 2024 11:13:25 +0100"],
        [dt.datetime(2024, 1, 3, 11, 13, 25), dt.datetime(2024, 1, 4, 10, 13, 25)],
        set(),
    ),
    "with a dot at the end": (
        ["2024.03.01.", "2024.03.02."],
        [D(2024, 3, 1), D(2024, 3, 2)],
        set(),
    ),
    "in signs": (["2024年3月1日", "2024年12月31日"], [D(2024, 3, 1), D(2024, 12, 31)], set()),
    "no decimals": (
        ["CHF 1'234.–", "CHF 5.-", "CHF 7.50"],
        [1234.0, 5.0, 7.5],
        {"currency", "thousands-marks"},
    ),
    "a currency before brackets": (
        ["$(1,234.5)", "$5"],
        [-1234.5, 5.0],
        {"currency", "thousands-marks"},
    ),
    "formulas of text": (['="00041"', '="00042"'], ["00041", "00042"], set()),
    "thousands as K": (
        ["6.0K", "246.6K", "1.2M", "950"],
        [6e3, 246600.0, 1.2e6, 950.0],
        {"amount-words"},
    ),
    "millions in German": (
        ["1,5 Mio. €", "950 Tsd. €", "-2 Mrd €"],
        [1.5e6, 9.5e5, -2e9],
        {"amount-words", "currency"},
    ),
    "sizes": (["38M", "40M", "42M"], ["38M", "40M", "42M"], {"amount-or-code"}),
    "articles": (["85123K", "22728", "84406B"], ["85123K", "22728", "84406B"], {"amount-or-code"}),
    "credits": (["120 CR", "80", "35.5"], [-120.0, 80.0, 35.5], {"credits"}),
    "both sides": (["120 CR", "80 DR"], ["120 CR", "80 DR"], {"debit-or-credit"}),
    "currencies in two cases": (["12 EUR", "13 eur", "14 Euro"], [12, 13, 14], {"currency"}),
    "percent beside shares": (["0.12", "13%", "0.14"], [0.12, 0.13, 0.14], {"percent-and-shares"}),
    "percent on some": (["12", "13%", "14.5"], [12.0, 13.0, 14.5], {"percent"}),
    "mixed telephones": (
        ["+491701234567", "491701234568", "493012345678"],
        ["+491701234567", "491701234568", "493012345678"],
        {"codes"},
    ),
    "postal codes": (["00123", "04711", "99999"], ["00123", "04711", "99999"], {"codes"}),
    "telephones": (["+49 170 123", "+49 171 222"], ["+49 170 123", "+49 171 222"], set()),
    "eighteen digits": (["123456789012345678", "5"], [123456789012345678, 5], set()),
    "twenty digits": (["12345678901234567890", "5"], ["12345678901234567890", "5"], {"codes"}),
    "invoices": ([*LONG, "C5363", "C5364"], [*LONG, "C5363", "C5364"], {"codes"}),
    "classes": (["0", "1", "2", "3+"] * 20, ["0", "1", "2", "3+"] * 20, {"codes"}),
    "regions": (["EU", "AS", "NA"], ["EU", "AS", "NA"], set()),
    "words with gaps": (["low", "N/A", "high", ""], ["low", None, "high", None], {"gap-words"}),
    "yes and no": (["Yes", "No", "Yes"], ["Yes", "No", "Yes"], set()),
    "one bad cell": ([*LONG, "abc"], [*range(1, 200), None], {"bad-cells"}),
    "clock times": (
        ["0,086111111", "1.073", "8.218", "0,472916667"],
        ["0,086111111", "1.073", "8.218", "0,472916667"],
        {"damaged-numbers"},
    ),
    "dots put in": (
        ["2.666.666.667", "627.5", "64"],
        ["2.666.666.667", "627.5", "64"],
        {"damaged-numbers"},
    ),
    "days for decimals": (
        ["06.03", "12.08", "20.09"],
        ["06.03", "12.08", "20.09"],
        {"damaged-numbers"},
    ),
    "two currencies": (["$5", "€6", "$7"], ["$5", "€6", "$7"], {"mixed-currencies"}),
    "two date orders": (
        ["30/10/2020", "10/30/2020"] * 5,
        ["30/10/2020", "10/30/2020"] * 5,
        {"mixed-dates"},
    ),
}


@pytest.mark.parametrize("kind", CASES)
@pytest.mark.parametrize("door", ["csv", "frame"])
def test_cells(kind: str, door: str, tmp_path: Any) -> None:
    cells, wanted, said = CASES[kind]
    if door == "csv":
        path = tmp_path / "t.csv"
        path.write_text("x|k\n" + "\n".join(f"{c}|w{i}" for i, c in enumerate(cells)) + "\n")
        table = read(path)
    else:
        table = read(pd.DataFrame({"x": cells, "k": [f"w{i}" for i in range(len(cells))]}))
    assert column(table) == wanted
    assert said == {f.code for f in table.findings}


def test_bad_cell_is_named_with_its_row() -> None:
    table = read(pd.DataFrame({"x": [*LONG[:56], "n/a?", *LONG[57:]]}))
    assert [f.message for f in table.findings] == [
        '1 of 199 cells of x is no number, for example "n/a?" in row 57; read as a gap.'
    ]


def test_undecided_mark_is_asked(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("k;x\na;1.234\nb;5.678\n")
    finding = next(f for f in read(path).findings if f.code == "ambiguous-numbers")
    assert (finding.severity, finding.column) == ("error", "x")
    assert 'decimal="."' in finding.message
    assert column(read(path)) == ["1.234", "5.678"]
    assert column(read(path, decimal=",")) == [1234, 5678]
    assert column(read(path, decimal=".")) == [1.234, 5.678]


def test_other_columns_settle_the_mark(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("y;x\n0,5;1.234\n2,25;5.678\n")
    assert column(read(path)) == [1234, 5678]
    path.write_text("y;x\n0.5;1.234\n2.25;5.678\n")
    assert column(read(path)) == [1.234, 5.678]


def test_undecided_dates_are_said() -> None:
    table = read(pd.DataFrame({"x": ["01/02/2020", "03/04/2020", "05/06/2020"]}))
    assert [(f.code, f.severity) for f in table.findings] == [("ambiguous-dates", "warning")]


FRAME = {
    "n": [1, 2, 3],
    "f": [1.5, math.nan, math.inf],
    "t": ["a", None, "b"],
    "b": [True, False, True],
}
FRAMES = {
    "pandas": lambda: pd.DataFrame(FRAME),
    "polars": lambda: pl.DataFrame(FRAME),
    "polars lazy": lambda: pl.LazyFrame(FRAME),
    "arrow": lambda: pa.table(FRAME),
    "arrow reader": lambda: pa.table(FRAME).to_reader(),
    "duckdb": lambda: duckdb.connect().from_arrow(pa.table(FRAME)),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_agree(kind: str) -> None:
    table = read(FRAMES[kind]())
    assert [str(t) for t in table.schema.types] == ["int64", "double", "string", "bool"]
    for _ in range(2):  # again and again
        rows = pa.Table.from_batches(list(table.batches()))
        assert rows.to_pydict() == {
            "n": [1, 2, 3],
            "f": [1.5, None, math.inf],
            "t": ["a", None, "b"],
            "b": [True, False, True],
        }


def test_types_are_few() -> None:
    frame = pa.table(
        {
            "small": pa.array([1, None], pa.int8()),
            "wide": pa.array([2**63 + 1, 1], pa.uint64()),
            "money": pa.array([Decimal(1), Decimal(2)], pa.decimal128(10, 2)),
            "zoned": pa.array([0, 3_600_000_000], pa.timestamp("us", tz="Europe/Rome")),
            "words": pa.array(["a", "b"]).dictionary_encode(),
            "nested": pa.array([[1], [2, 3]]),
        }
    )
    table = read(frame)
    assert [str(t) for t in table.schema.types] == [
        "int64",
        "string",
        "double",
        "timestamp[us]",
        "string",
        "string",
    ]
    row = pa.Table.from_batches(list(table.batches())).to_pylist()[1]
    assert row == {
        "small": None,
        "wide": "1",
        "money": 2.0,
        "zoned": dt.datetime(1970, 1, 1, 1),
        "words": "b",
        "nested": "[2, 3]",
    }


def test_batches_keep_the_order_and_their_size(tmp_path: Any) -> None:
    path = tmp_path / "many.csv"
    pd.DataFrame({"key": np.arange(400_000) * 3, "v": np.arange(400_000) / 8}).to_csv(
        path, index=False
    )
    table = read(path)
    batches = list(table.batches(["key"]))
    assert max(b.num_rows for b in batches) <= BATCH_ROWS
    assert np.array_equal(
        np.concatenate([b.column(0).to_numpy() for b in batches]), np.arange(400_000) * 3
    )
    assert sum(b.num_rows for b in table.batches([])) == 400_000


def test_row_numbers_of_dataframes_are_left_out(tmp_path: Any) -> None:
    frame = pd.DataFrame({"x": [5, 6, 7, 8]})
    frame[frame.x != 6].to_parquet(tmp_path / "filtered.parquet")
    frame.to_csv(tmp_path / "t.csv")
    for source in (
        tmp_path / "filtered.parquet",
        tmp_path / "t.csv",
        pd.read_csv(tmp_path / "t.csv"),
    ):
        table = read(source)
        assert table.schema.names == ["x"]
        assert "index-column-dropped" in {f.code for f in table.findings}


def test_blanks_inside_a_cell_cost_no_time() -> None:
    began = time.perf_counter()
    for cell in ("1" + " " * 90 + "x", "(" + " " * 30_000 + "1", "1 " * 40 + "x", "1," * 30_000):
        assert number_in(cell) is None
        assert day_in(cell) is None
    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize("word", ["Never", "0", "########", "Invalid date", "1/0/1900"])
def test_a_word_on_some_rows_among_days_stands_for_none(word: str, tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    days = [word if i % 5 == 0 else f"2024-03-{i + 1:02d}" for i in range(25)]
    path.write_text("id,x\n" + "".join(f"K{i},{day}\n" for i, day in enumerate(days)))
    table = read(path)
    assert column(table)[:2] == [None, D(2024, 3, 2)]
    said = next(f for f in table.findings if f.code == "gap-words")
    assert (said.severity, said.values["words"]) == ("warning", (word,))


def test_numbers_and_many_words_among_days_are_left_as_they_are(tmp_path: Any) -> None:
    for odd in (["12", "12", "12"], ["red", "blue", "green"], ["once", "x", "y"]):
        path = tmp_path / "t.csv"
        days = [odd[i % 3] if i % 5 == 0 else f"2024-03-{i + 1:02d}" for i in range(25)]
        path.write_text("id,x\n" + "".join(f"K{i},{day}\n" for i, day in enumerate(days)))
        assert column(read(path))[:2] == [odd[0], "2024-03-02"]


@pytest.mark.parametrize(
    ("never", "others"),
    [
        ("01-01-1970 01:00", "{:02d}-03-2024 10:00"),
        ("01-JAN-1900", "{:02d}-MAR-2024"),
        ("1800-01-01", "2024-03-{:02d}"),
        ("1904-01-01", "2024-03-{:02d}"),
        ("1601-01-01T00:00:00Z", "2024-03-{:02d}T10:00:00Z"),
        ("1970-01-01 00:00:00.000", "2024-03-{:02d} 10:00:00.000"),
    ],
)
def test_the_first_day_of_a_calendar_decades_away_stands_for_none(
    never: str, others: str, tmp_path: Any
) -> None:
    path = tmp_path / "t.csv"
    days = [never if i % 5 == 0 else others.format(i + 1) for i in range(25)]
    path.write_text("id,x\n" + "".join(f"K{i},{day}\n" for i, day in enumerate(days)))
    table = read(path)
    assert [v is None for v in column(table)[:3]] == [True, False, False]
    assert "gap-words" in [f.code for f in table.findings if f.severity == "warning"]


@pytest.mark.parametrize("sign", ["pct", " percent", " ％", "%"])
def test_percent_in_words_beside_shares(sign: str, tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    cells = [f"{i + 10}{sign}" if i % 2 else f"0.{i + 10}" for i in range(12)]
    path.write_text("id,x\n" + "".join(f"K{i},{cell}\n" for i, cell in enumerate(cells)))
    table = read(path)
    assert column(table)[:3] == [0.1, 0.11, 0.12]
    assert "percent-and-shares" in {f.code for f in table.findings}


def test_percent_beside_numbers_of_an_untold_scale_is_warned_of(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    cells = [f"{i * 10}%" if i % 2 else f"{i / 10}" for i in range(30)]
    path.write_text("id,x\n" + "".join(f"K{i},{cell}\n" for i, cell in enumerate(cells)))
    found = {f.code: f.severity for f in read(path).findings}
    assert found["percent-beside-numbers"] == "warning"
    path.write_text("id,x\n" + "".join(f"K{i},{'0' if i % 3 else '7%'}\n" for i in range(30)))
    assert "percent-beside-numbers" not in {f.code for f in read(path).findings}


@pytest.mark.parametrize(
    ("cells", "first"),
    [
        (["22/3/4", "22/3/21", "22/4/7", "22/4/24", "22/11/5"], D(2022, 3, 4)),
        (["22年3月4日", "22年3月21日", "22年4月7日"], D(2022, 3, 4)),
        (["2024-Jan-03", "2024-Feb-13"], D(2024, 1, 3)),
        (["2024-01-03t11:13:25z", "2024-01-04t11:13:25z"], dt.datetime(2024, 1, 3, 11, 13, 25)),
        (["2024-01-03 11:13:25 +0100 UTC"], dt.datetime(2024, 1, 3, 10, 13, 25)),
    ],
)
def test_days_in_more_writings(cells: list[str], first: Any, tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id;x\n" + "".join(f"K{i};{cell}\n" for i, cell in enumerate(cells)))
    assert column(read(path))[0] == first


def test_durations_as_dataframes_write_them_are_said_to_be_kept(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,x\n" + "".join(f"K{i},{i} days 00:15:30\n" for i in range(12)))
    assert "measures" in {f.code for f in read(path).findings}


def test_objects_of_moments_with_and_without_a_zone_are_told() -> None:
    moments = [pd.Timestamp("2024-01-01 23:30", tz="UTC" if i % 3 else None) for i in range(9)]
    table = read(pd.DataFrame({"x": pd.Series(moments, dtype=object)}))
    assert "zones-mixed" in {f.code for f in table.findings}


AMOUNTS = {
    "12万": 120_000, "3.5 lakh": 350_000, "2 тыс.": 2000, "1,5 млн": 1_500_000, "2 Md€": 2e9,
    "RM1.50": 1.5, "₱1,250.50": 1250.5, "MX$1.50": 1.5, "S/ 2.50": 2.5, "1,50 lei": 1.5,
    "12 руб.": 12, "1,250円": 1250, "Rp 1.250.000": 1_250_000, "%4": 4, "COP 1.250.000": 1_250_000,
}  # fmt: skip


@pytest.mark.parametrize("cell", AMOUNTS)
def test_amounts_in_more_currencies_and_with_more_words(cell: str, tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    cells = [cell, cell.replace("1", "3").replace("2", "5")]
    path.write_text("id;spent\n" + "".join(f"K{i};{each}\n" for i, each in enumerate(cells * 4)))
    assert read(path).to_arrow()["spent"].to_pylist()[0] == AMOUNTS[cell]


def test_whole_numbers_with_letters_may_be_codes(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,room\n" + "".join(f"K{i},RM{i + 1}\n" for i in range(8)))
    table = read(path)
    assert table.to_arrow()["room"].to_pylist()[0] == "RM1"
    assert [f.code for f in table.findings] == ["amount-or-code"]


def test_numbers_behind_an_unknown_word_are_said_to_be_kept(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,spent\n" + "".join(f"K{i},BTC 0.{i + 1}\n" for i in range(8)))
    assert [f.code for f in read(path).findings] == ["measures"]


WRITTEN = {
    "ordinal": ["3rd of May 2024", "1st June 2024", "22nd July 2024"],
    "ordinal behind the month": ["May 3rd, 2024", "June 1st, 2024", "July 22nd, 2024"],
    "week": ["2024-W18-5", "2024-W22-6", "2024-W30-1"],
    "Korean": ["2024년 5월 3일", "2024년 6월 1일", "2024년 7월 22일"],
    "Russian": ["3 мая 2024", "1 июня 2024", "22 июля 2024"],
    "Greek": ["3 Μαΐου 2024", "1 Ιουνίου 2024", "22 Ιουλίου 2024"],
    "XML": ["2024-05-03Z", "2024-06-01Z", "2024-07-22+02:00"],
    "joined": ["03May24", "01Jun24", "22Jul24"],
    "marks": ["03\u200e/\u200e05\u200e/\u200e2024", "01/06/2024", "22/07/2024"],
}
CLOCKS = {
    "place": ("2024-05-03 11:13:25 Europe/Berlin", 11),
    "hours ahead": ("2024-05-03 11:13:25 GMT+8", 3),
    "in brackets": ("03/05/2024 11:13:25 (UTC+7)", 4),
    "time first": ("11:13:25 03.05.2024", 11),
    "time first, in halves": ("11:13 AM 2024-05-03", 11),
    "India": ("2024-05-03 11:13:25 IST", 5),
}


@pytest.mark.parametrize("kind", WRITTEN)
def test_dates_in_more_writings(kind: str, tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    cells = "".join(f'K{i};"{cell}"\n' for i, cell in enumerate(WRITTEN[kind]))
    path.write_text("id;day\n" + cells, "utf-8")
    days = [dt.date(2024, 5, 3), dt.date(2024, 6, 1), dt.date(2024, 7, 22)]
    assert read(path).to_arrow()["day"].to_pylist() == days


@pytest.mark.parametrize("kind", CLOCKS)
def test_moments_in_more_writings(kind: str, tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    cell, hour = CLOCKS[kind]
    later = cell.replace("2024", "2025").replace("03/05", "28/05").replace("03.05", "28.05")
    path.write_text(f'id;at\nK1;"{cell}"\nK2;"{later}"\n')
    at = read(path).to_arrow()["at"].to_pylist()[0]
    assert (at.date(), at.hour) == (dt.date(2024, 5, 3), hour)


def test_clocks_of_several_places_are_no_dates(tmp_path: Any) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "id,at\nK1,2024-05-03 11:13:25 Europe/Rome\nK2,2024-05-03 11:13:25 Asia/Tokyo\n"
    )
    assert read(path).to_arrow()["at"].type == pa.string()
