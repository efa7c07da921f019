"""Large texts are parsed once.

The same table, the same findings, and nothing lost, whatever stands in the last row.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import shoal.data.cells.columns
import shoal.data.csv.fast
import shoal.data.csv.reader
import shoal.data.json
import shoal.engine.cache
from shoal.data.read import read
from shoal.engine.table import BATCH_ROWS, Table
from shoal.errors import ShoalError

ROWS = [f"{i},{i % 7},{i / 4:.2f},word {i % 5}" for i in range(1, 400)]
HEAD = "id,visits,spend,region"

LAST = {
    "nothing odd": "400,1,2.50,word 1",
    "no number": "400,many,2.50,word 1",
    "a fraction among whole numbers": "400,1.5,2.50,word 1",
    "a zero that would be lost": "400,007,2.50,word 1",
    "a zero before a quote": '400,"007",2.50,word 1',
    "a zero and nothing else": "400,0,0,word 1",
    "more than int64 holds": "99999999999999999999,1,2.50,word 1",
    "hexadecimal": "400,0x1F,2.50,word 1",
    "an exponent": "400,1e3,1e3,word 1",
    "more than double holds": "400,1,1e400,word 1",
    "infinite": "400,1,inf,word 1",
    "not a number": "400,1,nan,word 1",
    "a sign": "+400,-1,-.5,word 1",
    "blanks around": " 400 , 1,2.50 , word 1",
    "a gap word among numbers": "400,NA,2.50,word 1",
    "a gap word among words": "400,1,2.50,N/A",
    "gaps": ",,,",
    "quoted gaps": '"","","",""',
    "money": "400,1,$2.50,word 1",
    "a decimal comma": '400,1,"2,50",word 1',
    "a line break in a cell": '400,1,2.50,"word\n1"',
    "a doubled quote": '400,1,2.50,"say ""hi"""',
    "a quote inside a cell": '400,1,2.50,12" disk',
    "a quote that never closes": '400,1,2.50,"word 1',
    "a word after a quote": '400,1,2.50,"word" 1',
    "a cell too few": "400,1,2.50",
    "a cell too many": "400,1,2.50,word 1,x",
    "another separator": "400;1;2.50;word 1",
    "the header again": HEAD,
    "a total": "total,1200,99.50,",
    "a blank line": "",
    "letters beyond ASCII": "400,1,2.50,Zürich",
}


def at_any_size(monkeypatch: pytest.MonkeyPatch, *, once: bool) -> None:
    """Blocks of a few rows, so that a small file has what a large one has."""
    monkeypatch.setattr(shoal.data.csv.reader, "PARSE_ONCE", 0 if once else 1 << 60)
    monkeypatch.setattr(shoal.data.csv.fast, "BLOCK", 100)
    monkeypatch.setattr(shoal.data.csv.fast, "SLICE", 16)


def seen(path: Path) -> Any:
    """All that a Table says; for a refused one, why."""
    try:
        table = read(path)
    except ShoalError as error:
        return str(error)
    return (
        table.schema,
        table.read_as,
        table.findings,
        pa.Table.from_batches(table.batches(), table.schema).to_pydict(),
    )


def is_spooled(table: Table) -> bool:
    return hasattr(table.stream, "keep")


@pytest.mark.parametrize("end", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("early", [0, 64], ids=["looks on", "starts anew"])
@pytest.mark.parametrize("last", LAST.values(), ids=LAST)
def test_parsed_once_or_by_every_pass_is_the_same(
    last: str, early: int, end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.csv"
    path.write_bytes(end.join([HEAD, *ROWS, last, ROWS[0], ""]).encode())
    monkeypatch.setattr(shoal.data.csv.fast, "EARLY", early)
    at_any_size(monkeypatch, once=False)
    expected = seen(path)
    at_any_size(monkeypatch, once=True)
    assert seen(path) == expected


CELL = st.one_of(
    st.integers(-(10**20), 10**20).map(str),
    st.floats().map(str),
    st.text('0123456789.,-+eExX" ', max_size=6),
    st.sampled_from(
        [
            "",
            "NA",
            "007",
            "0.5",
            "01.5",
            "1,5",
            "$5",
            "2024-01-31",
            "31/12/2024",
            "abc",
            "x y",
            "é",
            "\t",
            "'",
            "a\nb",
        ]
    ),
)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(cells=st.lists(st.tuples(CELL, CELL, CELL), min_size=1, max_size=6), block=st.integers(1, 9))
def test_any_cells_below_regular_ones(
    cells: list[tuple[str, ...]], block: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import csv

    path = tmp_path / "shop.csv"
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerows(
            [
                ("whole", "part", "word"),
                *((str(i), f"{i / 8}", f"w{i % 3}") for i in range(1, 200)),
                *cells,
            ]
        )
    at_any_size(monkeypatch, once=False)
    expected = seen(path)
    at_any_size(monkeypatch, once=True)
    monkeypatch.setattr(shoal.data.csv.fast, "BLOCK", 30 * block)
    assert seen(path) == expected


def test_batches_are_even_and_columns_can_be_chosen(tmp_path: Path) -> None:
    rows = BATCH_ROWS + 10_000
    path = tmp_path / "shop.csv"
    lines = (
        f"{i},{i % 100},{i / 2},2024-01-{i % 28 + 1:02},district {i % 5} of the town of Somewhere"
        for i in range(rows)
    )
    path.write_text("\n".join(["id,visits,spend,day,region", *lines]))
    table = read(path)
    assert is_spooled(table), "the file is large enough to be parsed once"
    assert [b.num_rows for b in table.batches()] == [BATCH_ROWS, 10_000]
    assert [b.num_rows for b in table.batches([])] == [BATCH_ROWS, 10_000]
    some = pa.Table.from_batches(table.batches(["day", "id"]))
    assert some.schema.names == ["day", "id"]
    assert some["id"].to_pylist() == list(range(rows))
    assert some["day"][rows - 1].as_py().day == (rows - 1) % 28 + 1
    assert table.scan is not None  # DuckDB sees the same rows
    import duckdb

    con = duckdb.connect()
    for name, thing in table.scan.objects.items():
        con.register(name, thing)
    assert con.sql(f"SELECT sum(id), count(DISTINCT day) FROM ({table.scan.sql})").fetchall() == [
        (rows * (rows - 1) // 2, 28)
    ]


def large(path: Path, monkeypatch: pytest.MonkeyPatch, lines: list[str]) -> Table:
    """A file of which only the first 100 rows are looked at for distinct cells."""
    path.write_text("\n".join(lines))
    at_any_size(monkeypatch, once=True)
    monkeypatch.setattr(shoal.data.csv.reader, "LARGE", 0)
    monkeypatch.setattr(shoal.data.cells.columns, "FIRST_ROWS", 100)
    return read(path)


def test_a_surprise_in_the_last_row_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = ["id,spend", *(f"{i},{i % 1000}.25" for i in range(5000)), "5000,oops"]
    table = large(tmp_path / "shop.csv", monkeypatch, lines)
    assert table.schema.field("spend").type == pa.float64()
    assert [f.message for f in table.findings] == [
        "1 of 5,001 cells of spend is no number, the first in row 5,001; read as a gap."
    ]
    assert pa.Table.from_batches(table.batches(["spend"]))["spend"].null_count == 1


def test_what_late_rows_show_decides_for_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [
        "id,day",
        *(f"{i},0{i % 9 + 1}/0{i % 8 + 1}/2024" for i in range(3000)),
        "3000,31/01/2024",
    ]
    table = large(tmp_path / "days.csv", monkeypatch, days)
    assert [f.code for f in table.findings] == ["date-order"], (
        "the day comes first, as the last row alone shows"
    )
    cells = pa.Table.from_batches(table.batches(["day"]))["day"].to_pylist()
    assert (cells[1].isoformat(), cells[-1].isoformat()) == ("2024-02-02", "2024-01-31")
    assert cells[8].isoformat() == "2024-01-09"
    assert None not in cells


def test_without_room_the_text_is_read_by_every_pass(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("\n".join([HEAD, *ROWS]))
    at_any_size(monkeypatch, once=True)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shoal.data.csv.fast, "write_arrow", full)
    table = read(path)
    assert not is_spooled(table)
    assert sum(b.num_rows for b in table.batches()) == len(ROWS)


def test_columns_worked_out_stay_so_without_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shop.csv"
    path.write_text("\n".join(["id,day", *(f"{i},2024-01-{i % 28 + 1:02}" for i in range(300))]))
    at_any_size(monkeypatch, once=True)

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shoal.engine.cache, "write_arrow", full)
    assert (
        pa.Table.from_batches(read(path).batches(["day"]))["day"][299].as_py().isoformat()
        == "2024-01-20"
    )


def test_two_readings_of_one_json_file_are_in_the_same_order(tmp_path: Path) -> None:
    path = tmp_path / "shop.json"  # its last line does not end
    path.write_text(
        "\n".join(
            f'{{"id": {i}, "spend": "${i}.50", "day": "2024-01-{i % 28 + 1:02}", "more": [{i}]}}'
            for i in range(300)
        )
    )
    table = read(path)
    assert "rows.parquet" in str(table.scan)
    first = table.to_arrow()
    assert sorted(first["id"].to_pylist()) == list(range(300))
    assert all(table.to_arrow().equals(first) for _ in range(10))
