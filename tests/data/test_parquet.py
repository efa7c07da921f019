"""Parquet files read by PyArrow.

The same rows as DuckDB gives, whatever the columns are, however the files are cut.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shoal.data import parquet
from shoal.data.read import read
from shoal.engine.table import BATCH_ROWS, Table
from shoal.errors import InputError

ROWS = 4
COLUMNS = {
    "small": pa.array([1, None, 3, -4], pa.int8()),
    "wide": pa.array([1, 2**60, None, -4], pa.int64()),
    "unsigned": pa.array([1, 2**32 - 1, None, 4], pa.uint32()),
    "single": pa.array([0.5, None, float("nan"), float("inf")], pa.float32()),
    "double": pa.array([0.1, None, float("nan"), float("-inf")], pa.float64()),
    "flag": pa.array([True, None, False, True]),
    "word": pa.array(["a", None, "c", "a"]),
    "long_word": pa.array(["a", None, "c", "a"], pa.large_string()),
    "category": pa.array(["north", None, "south", "north"]).dictionary_encode(),
    "coded_number": pa.array([7, None, 9, 7]).dictionary_encode(),
    "day": pa.array([dt.date(2024, 1, 1), None, dt.date(2024, 2, 29), dt.date(1969, 1, 1)]),
    "moment": pa.array(
        [dt.datetime(2024, 1, 1, 12), None, dt.datetime(2024, 2, 29), dt.datetime(1969, 1, 1)],
        pa.timestamp("ms"),
    ),
    "price": pa.array(
        [Decimal("1.25"), None, Decimal("2.50"), Decimal("0.10")], pa.decimal128(9, 2)
    ),
    "text_money": pa.array(["$1,000", None, "$2,500", "$7"]),
}


def rows(table: Table, columns: list[str] | None = None) -> list[dict[str, object]]:
    return [row for batch in table.batches(columns) for row in batch.to_pylist()]


@pytest.fixture
def by_duckdb(monkeypatch: pytest.MonkeyPatch):
    """The Table of a file as DuckDB streams it."""

    def of(path: Path | str) -> Table:
        with monkeypatch.context() as patch:
            patch.setattr(parquet, "_kind", lambda kind: None)
            return read(path)

    return of


@pytest.mark.parametrize("column", COLUMNS)
def test_every_kind_of_column_reads_as_by_duckdb(column: str, tmp_path: Path, by_duckdb) -> None:
    pq.write_table(pa.table({column: COLUMNS[column], "id": range(ROWS)}), tmp_path / "t.parquet")
    table, other = read(tmp_path / "t.parquet"), by_duckdb(tmp_path / "t.parquet")
    assert table.schema == other.schema
    assert rows(table) == rows(other)
    assert next(table.batches([column])).schema == pa.schema([table.schema.field(column)])


def test_a_number_that_is_none_is_a_gap_and_infinity_stays(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": COLUMNS["double"]}), tmp_path / "t.parquet")
    assert rows(read(tmp_path / "t.parquet")) == [
        {"x": 0.1},
        {"x": None},
        {"x": None},
        {"x": float("-inf")},
    ]


def test_only_plain_columns_are_read_without_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pq.write_table(pa.table(COLUMNS), tmp_path / "t.parquet")
    table, asked = read(tmp_path / "t.parquet"), []
    whole = parquet._batches
    monkeypatch.setattr(
        parquet,
        "_batches",
        lambda files, columns, schema: asked.append(columns) or whole(files, columns, schema),
    )
    assert [row["small"] for row in rows(table, ["small", "category"])] == [1, None, 3, -4]
    assert asked == [["small", "category"]]
    assert [row["text_money"] for row in rows(table, ["small", "text_money"])] == [
        1000,
        None,
        2500,
        7,
    ]
    assert sum(batch.num_rows for batch in table.batches([])) == ROWS
    assert len(asked) == 1


def test_files_and_row_groups_of_any_length_give_the_same_batches(tmp_path: Path) -> None:
    n = 3 * BATCH_ROWS + 1000
    x = np.random.default_rng(0).normal(size=n)
    whole = pa.table({"id": np.arange(n, dtype=np.int64), "x": x})
    pq.write_table(whole, tmp_path / "whole.parquet", row_group_size=n)
    (tmp_path / "parts").mkdir()
    for number, start in enumerate(range(0, n, 50_000)):
        part = whole.slice(start, 50_000)
        part = part.set_column(0, "id", part["id"].cast(pa.int32())) if number % 2 else part
        pq.write_table(part, tmp_path / "parts" / f"{number:02}.parquet", row_group_size=7_777)
    one, many = read(tmp_path / "whole.parquet"), read(tmp_path / "parts")
    assert (
        [b.num_rows for b in many.batches()]
        == [b.num_rows for b in one.batches()]
        == [BATCH_ROWS] * 3 + [1000]
    )
    assert all(a.equals(b) for a, b in zip(one.batches(), many.batches(), strict=True))
    assert (
        sum(b.num_rows for b in read(str(tmp_path / "parts" / "0[01].parquet")).batches())
        == 100_000
    )


def test_names_of_folders_stay_columns(tmp_path: Path) -> None:
    for region in ("north", "south"):
        folder = tmp_path / "shop" / f"region={region}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"id": [1, 2], "x": [0.5, 1.5]}), folder / "part.parquet")
    table = read(tmp_path / "shop")
    assert [row["region"] for row in rows(table, ["id", "region"])] == [
        "north",
        "north",
        "south",
        "south",
    ]


def test_a_damaged_file_is_said_by_its_name(tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(
        pa.table({"x": np.arange(50_000) % 97}), path, compression="zstd", use_dictionary=False
    )
    content = bytearray(path.read_bytes())
    content[4:60] = b"\xff" * 56  # where the first page begins
    path.write_bytes(content)
    table = read(path)  # numbers alone: no page is looked at yet
    with pytest.raises(
        InputError,
        match=(
            r'"[^"]*t\.parquet" is damaged, or was changed while it was read: .*[^.]\. Fetch the '
            r"file again\."
        ),
    ):
        rows(table)


@pytest.mark.parametrize(
    "words",
    [
        ["north", "south", None],
        ["north", "", "south"],
        ["north", " south", "west"],
        ["north", "n/a", "west"],
        ["1", "2", "3"],
        ["01", "02", "03"],
        ["2024-01-05", "2024-02-07", "2024-12-31"],
        ["yes", "no", "yes"],
        [None, None, None],
        ["é", "ö", "\u00a0ü"],
    ],
    ids=str,
)
@pytest.mark.parametrize("coded", [False, True], ids=["plain", "category"])
def test_words_mean_the_same_as_by_duckdb(
    words: list[str | None], coded: bool, tmp_path: Path, by_duckdb
) -> None:
    column = pa.array(words * 700, pa.string())
    table = pa.table(
        {"id": range(len(column)), "word": column.dictionary_encode() if coded else column}
    )
    pq.write_table(table, tmp_path / "t.parquet")
    ours, other = read(tmp_path / "t.parquet"), by_duckdb(tmp_path / "t.parquet")
    assert ours.schema == other.schema
    assert ours.findings == other.findings
    assert rows(ours) == rows(other)


@pytest.mark.parametrize(
    "names",
    [["id", "id "], ["a  b", "c"], ["A", "a"], ["Unnamed: 0", "x"], ["__index_level_0__", "x"]],
    ids=str,
)
def test_names_become_the_same_as_by_duckdb(names: list[str], tmp_path: Path, by_duckdb) -> None:
    pq.write_table(
        pa.table([pa.array([0, 1, 2]), pa.array([5.0, 7.0, 9.0])], names=names),
        tmp_path / "t.parquet",
    )
    ours, other = read(tmp_path / "t.parquet"), by_duckdb(tmp_path / "t.parquet")
    assert ours.schema == other.schema
    assert ours.findings == other.findings
    assert rows(ours) == rows(other)


def test_what_needs_no_mending_needs_no_duckdb(tmp_path: Path) -> None:
    n = 30_000
    rng = np.random.default_rng(0)
    table = {
        "id": np.arange(n),
        "spent": rng.normal(size=n),
        "visits": rng.normal(size=n),
        "region": rng.choice(["n", "s"], n),
    }
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    code = (
        "import sys; from shoal.cli.main import main\n"
        f"sys.argv = ['shoal', 'segment', {str(tmp_path / 't.parquet')!r}, '--k', '2', '--out', "
        f"{str(tmp_path / 'out')!r}]\n"
        "main.__globals__['app'](standalone_mode=False)\n"
        "print([m for m in ('duckdb', 'pandas', 'sklearn', 'matplotlib') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert pq.read_metadata(tmp_path / "out" / "customers.parquet").num_rows == n


def test_no_rows_and_no_columns_are_said_as_ever(tmp_path: Path) -> None:
    pq.write_table(pa.table({"x": pa.array([], pa.int64())}), tmp_path / "empty.parquet")
    with pytest.raises(InputError, match="but no rows"):
        read(tmp_path / "empty.parquet")


def test_days_that_stand_for_never_are_seen_without_statistics_too(tmp_path: Path) -> None:
    days = [*(dt.date(2023, 1, 1) + dt.timedelta(3 * i) for i in range(60))]
    days += [dt.date(9999, 12, 31)] * 3
    table = pa.table({"customer_id": range(63), "joined": days, "spent": [1.5] * 63})
    pq.write_table(table, tmp_path / "t.parquet", write_statistics=False)
    assert read(tmp_path / "t.parquet").to_arrow()["joined"].null_count == 3
