"""Workbooks as offices have them: what stands round, inside and beside the table.

What is right was written out by hand for each sheet.
"""

from __future__ import annotations

import datetime as dt
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import shoal
from shoal import InputError, OptionError

Rows = list[list[Any]]
HEADER = ["customer", "spent", "visits"]
CUSTOMERS: Rows = [[f"K{i:02d}", 100 + 7 * i, i % 5] for i in range(15)]
TOTALS = [2235, 30]  # of CUSTOMERS
MORE: Rows = [["product", "price", "stock"], ["P1", 5.5, 3], ["P2", 6.5, 4], ["P3", 1, 9]]
YEARS: Rows = [
    ["customer", 2022, None, 2023, None],
    [None, "orders", "spent", "orders", "spent"],
    *[[f"K{i}", i, i + 0.5, 2 * i, i * 1.5] for i in range(6)],
]


def beside(left: Rows, right: Rows) -> Rows:
    """Two tables side by side, a blank column between them."""
    width = len(left[0])
    longest = max(len(left), len(right))
    left = [*left, *[[None] * width] * (longest - len(left))]
    right = [*right, *[[None]] * (longest - len(right))]
    return [[*a, None, *b] for a, b in zip(left, right, strict=True)]


def month(n: int) -> dt.datetime:
    return dt.datetime(2024, n, 1)


Case = tuple[Rows, int, list[str], set[str]]  # the sheet; its rows, columns and findings
TABLE: Rows = [HEADER, *CUSTOMERS]
SHEETS: dict[str, Case] = {
    "rows above are blank": ([[], [], *TABLE], 15, HEADER, set()),
    "the same names beside": (beside(TABLE, TABLE), 15, HEADER, {"table-beside"}),
    "a title, and blank rows": ([["Our best"], [], [], *TABLE], 15, HEADER, {"title-lines"}),
    "a title beside a date": (
        [["Our best", None, dt.datetime(2024, 5, 6)], *TABLE],
        15,
        HEADER,
        {"header-several-rows"},
    ),
    "a blank row in the middle": ([*TABLE[:6], [], *TABLE[6:]], 15, HEADER, set()),
    "every other row is blank": ([r for row in TABLE for r in (row, [])], 15, HEADER, set()),
    "blanks for nothing": ([*TABLE, [" ", None, " "]], 15, HEADER, set()),
    "an id without values": ([*TABLE[:6], ["K98"], [], *TABLE[6:], ["K99"]], 17, HEADER, set()),
    "notes below": ([*TABLE, [], ["Source: the till"]], 15, HEADER, {"footer-dropped"}),
    "products below": ([*TABLE, [], *MORE], 15, HEADER, {"table-left-out"}),
    "products below a title": (
        [*TABLE, [], ["Our products"], *MORE],
        15,
        HEADER,
        {"table-left-out"},
    ),
    "a smaller table below": (
        [*TABLE, [], *[row[:2] for row in MORE]],
        15,
        HEADER,
        {"table-left-out"},
    ),
    "figures above": (
        [["Report"], [], ["Customers", 15], ["Spent", 2235], [], *TABLE],
        15,
        HEADER,
        {"table-left-out"},
    ),
    "products beside": (beside(TABLE, MORE), 15, HEADER, {"table-beside"}),
    "a table in two halves": (
        beside([[r[0], r[1]] for r in TABLE], [[r[2], r[1]] for r in TABLE]),
        15,
        ["customer", "spent", "visits", "spent (2)"],
        {"duplicate-names", "empty-columns-dropped"},
    ),
    "the header again": (
        [["North"], *TABLE[:8], [], ["South"], HEADER, *TABLE[8:]],
        15,
        HEADER,
        {"title-lines", "header-repeated", "stray-lines"},
    ),
    "a total in any language": ([*TABLE, ["Samtals", *TOTALS]], 15, HEADER, {"totals-left-out"}),
    "a total in Finnish": ([*TABLE, ["Yhteensä", *TOTALS]], 15, HEADER, {"footer-dropped"}),
    "a total without a word": ([*TABLE, [None, *TOTALS]], 15, HEADER, {"totals-left-out"}),
    "totals between": (
        [*TABLE[:4], ["North Total", 321, 3], *TABLE[4:], ["South Total", 1914, 27]],
        15,
        HEADER,
        {"totals-left-out"},
    ),
    "a last row that is no total": ([*TABLE, ["K15", 2235, 31]], 16, HEADER, set()),
    "an average in any language": (
        [*TABLE, ["Keskiarvo", 149, 2]],
        15,
        HEADER,
        {"totals-left-out"},
    ),
    "a number below": ([*TABLE, [], ["Customers:", 15]], 15, HEADER, {"footer-dropped"}),
    "titles inside": (
        [HEADER, ["North"], *CUSTOMERS[:8], ["South"], *CUSTOMERS[8:]],
        15,
        HEADER,
        {"stray-lines"},
    ),
    "a note far to the right": (
        [[*HEADER, *[None] * 9, "look here"], *CUSTOMERS],
        15,
        HEADER,
        {"notes-beside-table"},
    ),
    "a pivot": (
        [
            ["Sum of spent", "Years"],
            ["customer", 2022, 2023, "Grand Total"],
            *[[f"K{i:02d}", i, i + 1, 2 * i + 1] for i in range(12)],
            ["Grand Total", 66, 78, 144],
        ],
        12,
        ["customer", "2022", "2023", "Grand Total"],
        {"header-several-rows", "footer-dropped"},
    ),
    "as pandas writes it": (
        [[None, *HEADER], *[[i, *row] for i, row in enumerate(CUSTOMERS)]],
        15,
        HEADER,
        {"index-column-dropped"},
    ),
    "as pandas writes two levels": (
        [[None, "spent", None, "visits"], [None, "sum", "count", "max"], ["customer"]]
        + [[f"K{i}", i * 2.5, i % 3, i] for i in range(9)],
        9,
        ["customer", "spent sum", "spent count", "visits max"],
        {"header-several-rows"},
    ),
    "months over measures": (
        [[None, month(1), None, month(2), None], ["customer", "orders", "spent", "orders", "spent"]]
        + [[f"K{i}", i, i * 2, i, i * 3] for i in range(9)],
        9,
        [
            "customer",
            *("2024-01-01 orders", "2024-01-01 spent", "2024-02-01 orders", "2024-02-01 spent"),
        ],
        {"header-several-rows"},
    ),
    "a header of years": (
        YEARS,
        6,
        ["customer", "2022 orders", "2022 spent", "2023 orders", "2023 spent"],
        {"header-several-rows"},
    ),
    "a header of months": (
        [["customer", *map(month, range(1, 5))], *[[f"K{i}", i, i, i, 1.5] for i in range(9)]],
        9,
        ["customer", "2024-01-01", "2024-02-01", "2024-03-01", "2024-04-01"],
        set(),
    ),
    "months by number": (
        [["customer", *range(1, 13)], *[[f"K{i}", *[i * j for j in range(12)]] for i in range(9)]],
        9,
        ["customer", *map(str, range(1, 13))],
        set(),
    ),
}


@pytest.fixture
def book(tmp_path: Path) -> Callable[..., Path]:
    """Writes sheets into a workbook; the names of hidden ones begin with a dot."""

    def write(**sheets: Rows) -> Path:
        made = openpyxl.Workbook()
        made.remove(made.active)
        for name, rows in sheets.items():
            sheet = made.create_sheet(name.strip("_"))
            sheet.sheet_state = "hidden" if name.startswith("_") else "visible"
            for i, row in enumerate(rows, 1):
                for j, cell in enumerate(row, 1):
                    sheet.cell(i, j, cell)
        made.save(tmp_path / "book.xlsx")
        return tmp_path / "book.xlsx"

    return write


def codes(table: Any) -> set[str]:
    return {f.code for f in table.findings}


@pytest.mark.parametrize("name", SHEETS)
def test_the_table_of_a_sheet_is_found(name: str, book: Callable[..., Path]) -> None:
    rows, count, names, found = SHEETS[name]
    table = shoal.read(book(one=rows))
    cells = table.to_arrow()
    assert cells.column_names == names
    assert cells.num_rows == count
    assert cells["customer"].to_pylist()[:2] == [rows_of(rows, 0), rows_of(rows, 1)]
    assert codes(table) == found


def rows_of(rows: Rows, n: int) -> str:
    """The n-th customer of a sheet."""
    cells = [[str(cell) for cell in row if str(cell).startswith("K")] for row in rows]
    return [found[0] for found in cells if found and found[0] != "Keskiarvo"][n]


def test_another_table_is_read_when_its_header_is_named(book: Callable[..., Path]) -> None:
    path = book(one=[*TABLE, [], *MORE])
    assert shoal.read(path, header=18).to_arrow().to_pydict() == {
        "product": ["P1", "P2", "P3"],
        "price": [5.5, 6.5, 1.0],
        "stock": [3, 4, 9],
    }
    with pytest.raises(OptionError, match="nothing in row 17"):
        shoal.read(path, header=17)


def test_sheets_that_nobody_sees_and_sheets_that_are_alike(book: Callable[..., Path]) -> None:
    table = shoal.read(book(now=TABLE, _old=[HEADER, *CUSTOMERS, *CUSTOMERS]))
    assert (table.read_as.sheet, table.to_arrow().num_rows) == ("now", 15)
    assert codes(table) == {"sheet-chosen"}
    only = shoal.read(book(notes=[["words"]], _old=TABLE))
    assert (only.read_as.sheet, codes(only)) == ("old", {"sheet-chosen", "sheet-hidden"})
    months = shoal.read(book(Jan=TABLE, Feb=TABLE[:9], Mar=[["March"], *TABLE[:4]]))
    alike = next(f for f in months.findings if f.code == "sheets-alike")
    assert alike.values["sheets"] == ["Feb", "Mar"]


TIMES = [dt.time(0, minute) for minute in (15, 30, 45)] * 4
DAYS = [dt.datetime(2024, 3, day) for day in range(1, 10)]
COLUMNS: dict[str, tuple[list[Any], str, list[Any], set[str]]] = {
    "times of day": (TIMES, "double", [15 / 1440, 30 / 1440], {"type-changed"}),
    "days": (DAYS, "timestamp[us]", DAYS[:2], set()),
    "thousands among numbers": (
        ["1.201", 1200, "1.203", 1100, 1250],
        "int64",
        [1201, 1200],
        {"mixed-numbers"},
    ),
    "decimals among numbers": (
        ["1.201", 1.2, "1.203", 1.1, 1.25],
        "double",
        [1.201, 1.2],
        {"mixed-numbers"},
    ),
    "commas among numbers": (["1,5", 1.25, "2,75", 3], "double", [1.5, 1.25], set()),
    "either among numbers": (
        ["1.201", 12, "1.203", 900, 0.5],
        "string",
        ["1.201", "12"],
        {"ambiguous-numbers"},
    ),
    "text that is ambiguous": (
        ["1.201", "1.202", "1.203"],
        "string",
        ["1.201", "1.202"],
        {"ambiguous-numbers"},
    ),
    "percent among shares": (
        ["12%", 0.13, "14%", 0.125],
        "double",
        [0.12, 0.13],
        {"percent-and-shares"},
    ),
    "yes and no among numbers": (["1.5 x", True, 2.5, "3,5"], "string", ["1.5 x", "true"], set()),
    "text dates among dates": (
        ["24.02.2024", *DAYS],
        "timestamp[us]",
        [dt.datetime(2024, 2, 24), DAYS[0]],
        {"date-order"},
    ),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_cells_of_a_column_that_differ(name: str, book: Callable[..., Path]) -> None:
    cells, kind, first, found = COLUMNS[name]
    rows = [["customer", "x"], *[[f"K{i}", cell] for i, cell in enumerate(cells)]]
    table = shoal.read(book(one=rows))
    column = table.to_arrow()["x"]
    assert (str(column.type), column.to_pylist()[:2]) == (kind, first)
    assert codes(table) == found


def test_an_option_of_marks_acts_on_workbooks(book: Callable[..., Path]) -> None:
    path = book(one=[["customer", "x"], *[[f"K{i}", f"1.20{i}"] for i in range(5)]])
    assert shoal.read(path, decimal=",").to_arrow()["x"].to_pylist()[:2] == [1200, 1201]
    assert shoal.read(path, decimal=".").to_arrow()["x"].to_pylist()[:2] == [1.2, 1.201]


def test_rows_of_ids_alone_and_sheets_of_blanks(book: Callable[..., Path]) -> None:
    table = shoal.read(book(one=[HEADER, *[[f"K{i}", "#N/A", "#N/A"] for i in range(9)]]))
    assert table.to_arrow()["customer"].to_pylist()[:2] == ["K0", "K1"]
    with pytest.raises(InputError, match="nothing but blanks"):
        shoal.read(book(one=[[" ", " "], [" "]]))


def test_a_cell_at_the_far_end_of_the_sheet_is_refused(tmp_path: Path) -> None:
    """Holding the rectangle between them would take hundreds of gigabytes."""
    made = openpyxl.Workbook()
    made.active["A1"], made.active["XFD1048576"] = "id", "x"
    made.save(tmp_path / "far.xlsx")
    with pytest.raises(InputError, match=r"reaches to row 1,048,576 and column 16,384"):
        shoal.read(tmp_path / "far.xlsx")
    with zipfile.ZipFile(tmp_path / "far.xlsx") as archive:
        assert archive.testzip() is None


def test_times_of_day_beside_long_durations_are_refused_with_the_reason(
    book: Callable[..., Path],
) -> None:
    calls: Rows = [[f"K{i}", dt.time(0, i)] for i in range(5)]
    rows = [["who", "length"], *calls, ["K6", dt.timedelta(hours=27)]]
    with pytest.raises(InputError, match="times of day beside durations"):
        shoal.read(book(calls=rows))


def test_durations_of_a_day_and_more(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["customer", "watched"])
    for row, hours in enumerate((1.5, 26, 40.25), 2):
        sheet.append([f"K{row}", hours / 24])
        sheet.cell(row, 2).number_format = "h:mm:ss"
    book.save(tmp_path / "watched.xlsx")
    days = shoal.read(tmp_path / "watched.xlsx").to_arrow()["watched"].to_pylist()
    assert days == pytest.approx([1.5 / 24, 26 / 24, 40.25 / 24], abs=1e-6)


def test_a_name_merged_over_both_rows_of_a_header_stays(tmp_path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Kunde", "Q1", None, "Q2", None])
    sheet.append([None, "Jan", "Feb", "Apr", "Mai"])
    for cells in ("A1:A2", "B1:C1", "D1:E1"):
        sheet.merge_cells(cells)
    for i in range(20):
        sheet.append([f"K{i}", i, 2 * i, 3 * i, 4 * i])
    path = tmp_path / "t.xlsx"
    book.save(path)
    assert shoal.read(path).schema.names == ["Kunde", "Q1 Jan", "Q1 Feb", "Q2 Apr", "Q2 Mai"]
