"""Rows that can be had once are kept, and come back the same again and again."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from shoal.data.databases.types import objects
from shoal.engine.cache import RowCache, cached
from shoal.engine.table import Table
from shoal.errors import OutputError
from shoal.types import ReadAs

READ_AS = ReadAs("frame")


def batches(*numbers: list[int]) -> list[pa.RecordBatch]:
    return [pa.record_batch({"id": n, "name": [f"n{i}" for i in n]}) for n in numbers]


def rows(table: Table) -> list[dict[str, object]]:
    return [row for batch in table.batches() for row in batch.to_pylist()]


def scanned(table: Table) -> list[tuple[object, ...]]:
    assert table.scan is not None
    with duckdb.connect() as base:
        for name, thing in table.scan.objects.items():
            base.register(name, thing)
        return base.execute(table.scan.sql).fetchall()


@pytest.mark.parametrize("in_memory", [10, 4, 0], ids=["held", "half", "on disk"])
@pytest.mark.parametrize("place", ["plain", 'it\'s [odd] "name"'])
def test_rows_come_back_sorted_from_memory_and_from_disk(
    in_memory: int, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / place).mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / place))
    cache = RowCache("shop", in_memory)
    for batch in batches([5, 3], [4], [1, 2, 6]):
        cache.add(batch)
    assert cache.rows == 6
    cache.sort("id")
    table = cache.table(READ_AS)
    expected = [{"id": i, "name": f"n{i}"} for i in range(1, 7)]
    assert rows(table) == rows(table) == expected
    assert scanned(table) == [(i, f"n{i}") for i in range(1, 7)]
    assert sum(batch.num_rows for batch in table.batches([])) == 6
    assert [row["name"] for batch in table.batches(["name"]) for row in batch.to_pylist()] == [
        row["name"] for row in expected
    ]
    assert bool(list((tmp_path / place).iterdir())) == (in_memory < 6)
    del cache, table
    assert list((tmp_path / place).iterdir()) == []


def test_a_column_without_any_value_is_text() -> None:
    table = cached("shop", iter([pa.record_batch({"a": pa.array([None])})]), READ_AS)
    assert table.schema == pa.schema([("a", pa.string())])
    assert rows(table) == [{"a": None}]


def test_no_rows_are_no_rows() -> None:
    empty = pa.record_batch({"a": pa.array([], pa.int64())})
    table = cached("shop", iter([empty]), READ_AS)
    assert table.schema.names == ["a"]
    assert rows(table) == []


def test_a_column_that_widens_on_the_way_is_read_in_its_widest_type() -> None:
    parts = [[None, None], [1, 2], [2.5, None], ["x", "y"]]
    batches = (pa.record_batch({"a": objects(part), "b": objects([1, 2])}) for part in parts)
    table = cached("t", batches, READ_AS)
    assert [row["a"] for row in rows(table)] == [None, None, "1", "2", "2.5", None, "x", "y"]
    assert table.schema.types == [pa.string(), pa.int64()]
    assert table.scan is None, "DuckDB would write the numbers in another way"
    assert rows(table) == rows(table)
    assert sum(batch.num_rows for batch in table.batches([])) == 8


def test_a_full_disk_is_one_message_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr("pyarrow.parquet.ParquetWriter.write_batch", full)
    with pytest.raises(OutputError, match="No space left on device"):
        cached("t", iter(batches([1])), READ_AS)
    assert list(tmp_path.iterdir()) == []
