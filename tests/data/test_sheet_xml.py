"""What a workbook shows of its cells beside their values."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

import shoal

IDS = [f"K{i}" for i in range(6)]


def opened(rows: list[list[Any]]) -> tuple[Any, Any]:
    """A workbook of these rows, and its sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    return book, book.active


def read(book: Any, path: Path) -> tuple[dict[str, list[Any]], list[str]]:
    """The columns of a workbook, and what is said of it."""
    book.save(path / "book.xlsx")
    table = shoal.read(path / "book.xlsx")
    return table.to_arrow().to_pydict(), [f.code for f in table.findings]


def test_words_merged_over_rows_are_those_of_each(tmp_path: Path) -> None:
    rows = [["North" if i == 0 else None, each, i + 0.5] for i, each in enumerate(IDS)]
    rows[3][0] = "South"
    book, sheet = opened([["region", "id", "spent"], *rows])
    sheet.merge_cells("A2:A4")
    sheet.merge_cells("A5:A7")
    found, said = read(book, tmp_path)
    assert found["region"] == ["North"] * 3 + ["South"] * 3
    assert said == ["merged-cells"]


def test_numbers_merged_over_rows_are_told_and_counted_once(tmp_path: Path) -> None:
    rows = [[each, 30 if i == 0 else None if i < 3 else i] for i, each in enumerate(IDS)]
    book, sheet = opened([["id", "spent"], *rows])
    sheet.merge_cells("B2:B4")
    found, said = read(book, tmp_path)
    assert found["spent"] == [30, None, None, 3, 4, 5]
    assert said == ["merged-numbers"]


def test_ids_shown_with_leading_zeros_keep_them(tmp_path: Path) -> None:
    book, sheet = opened([["customer_id", "spent"], *[[i + 7, i + 7] for i in range(6)]])
    for row in range(2, 8):
        sheet.cell(row, 1).number_format = "00000"
        sheet.cell(row, 2).number_format = "00000"
    found, _ = read(book, tmp_path)
    assert found["customer_id"][:2] == ["00007", "00008"]
    assert found["spent"][:2] == [7, 8]


@pytest.mark.parametrize("sep", [",", ";", "\t"])
def test_whole_rows_in_the_cells_of_one_column_are_cut(sep: str, tmp_path: Path) -> None:
    lines = [sep.join(["id", "spent", "town"]), *[sep.join([e, "2.5", "Bonn"]) for e in IDS]]
    found, said = read(opened([[line] for line in lines])[0], tmp_path)
    assert found == {"id": IDS, "spent": [2.5] * 6, "town": ["Bonn"] * 6}
    assert said == ["lines-in-cells"]


def test_a_sheet_of_one_column_of_names_stays_one(tmp_path: Path) -> None:
    names = ["Smith, Ann", "Miller", "Jones, Bob", "Brown", "Green", "Black"]
    found, _ = read(opened([["name"], *[[name] for name in names]])[0], tmp_path)
    assert found == {"name": names}


def test_numbers_of_days_among_dates_are_dates(tmp_path: Path) -> None:
    days = [dt.datetime(2024, 1, 5) + dt.timedelta(days=i) for i in range(6)]
    cells = [45296, *days[1:]]
    rows = [[each, cell] for each, cell in zip(IDS, cells, strict=True)]
    found, said = read(opened([["id", "last_order"], *rows])[0], tmp_path)
    assert [day.isoformat()[:10] for day in found["last_order"][:2]] == ["2024-01-05", "2024-01-06"]
    assert said == ["days-as-numbers"]


def test_a_workbook_that_names_its_parts_otherwise_is_read_all_the_same(tmp_path: Path) -> None:
    book, sheet = opened([["region", "spent"], *[[each, i] for i, each in enumerate(IDS)]])
    sheet.merge_cells("A2:A4")
    book.save(tmp_path / "plain.xlsx")
    with (
        zipfile.ZipFile(tmp_path / "plain.xlsx") as plain,
        zipfile.ZipFile(tmp_path / "odd.xlsx", "w") as odd,
    ):
        for name in plain.namelist():
            content = plain.read(name)
            odd.writestr(name, content.replace(b"r:id=", b"q:id=").replace(b"ns:r=", b"ns:q="))
    assert shoal.read(tmp_path / "odd.xlsx").to_arrow()["spent"].to_pylist() == list(range(6))
