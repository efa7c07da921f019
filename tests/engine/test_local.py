"""This machine as an engine: threads, the budget of memory, and the store that spills to disk."""

import dataclasses
import errno
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

import shoal
from shoal.analysis.kmeans.full_data import LloydPass, refine_on_all_rows
from shoal.data.read import read
from shoal.engine.local import LocalEngine
from shoal.engine.spill import SpillStore
from shoal.engine.table import Table
from shoal.errors import OutputError
from shoal.text.options import speaking_shell
from shoal.types import Feature, Recipe


def customers(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 3, rows)
    return pd.DataFrame(
        {
            "customer_id": np.arange(rows) * 7 + 3,
            "visits": np.array([5.0, 20.0, 40.0])[group] + rng.normal(0, 2, rows),
            "spend": np.array([100.0, 900.0, 300.0])[group] + rng.normal(0, 40, rows),
        }
    )


def test_a_store_gives_back_what_was_put_into_it_from_memory_and_from_disk(tmp_path: Path) -> None:
    store = SpillStore(budget=1000, folder=tmp_path)
    arrays = {
        start: np.arange(start, start + 100, dtype=np.float32).reshape(4, 25)
        for start in (200, 0, 100, 300)
    }
    for start, array in arrays.items():
        store.put(start, array)
    assert store.starts() == [0, 100, 200, 300]
    assert len(store._held) == 2
    assert len(store._filed) == 2
    for start, array in arrays.items():
        np.testing.assert_array_equal(store.get(start), array)
    assert list(tmp_path.iterdir()) == []  # the file has no name: it cannot be left behind


def test_rows_are_held_in_memory_all_or_not_at_all() -> None:
    engine = LocalEngine(memory=1_000_000)
    assert engine.spill_store(0.5, 500_000)._budget == 500_000
    assert engine.spill_store(0.5, 500_001)._budget == 0
    assert engine.spill_store(0.5)._budget == 500_000


def test_a_store_without_room_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(dir: Path) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "TemporaryFile", full)
    with speaking_shell(), pytest.raises(OutputError, match="Give more --memory") as caught:
        SpillStore(budget=0, folder=tmp_path).put(0, np.zeros(3))
    assert f"in {tmp_path}: No space left on device" in str(caught.value)


def test_a_store_in_a_folder_that_is_not_there_yet_takes_the_nearest(tmp_path: Path) -> None:
    store = SpillStore(budget=0, folder=tmp_path / "not" / "there")
    store.put(0, np.arange(3.0))
    assert store.get(0).tolist() == [0.0, 1.0, 2.0]


def test_little_memory_and_any_number_of_threads_give_the_same_segments(tmp_path: Path) -> None:
    path = tmp_path / "customers.parquet"
    customers(400_000).to_parquet(path)
    plain = shoal.segment(path, k=3)
    tight = shoal.segment(path, k=3, memory="64MB", threads=1, out=tmp_path / "out")
    for other in (tight, shoal.segment(path, k=3, threads=3)):
        np.testing.assert_array_equal(other.labels, plain.labels)
        np.testing.assert_allclose(
            other.model.segmentation.centres, plain.model.segmentation.centres, atol=1e-7
        )
        assert other.inertia == pytest.approx(plain.inertia, rel=1e-9)
    parts = pq.read_metadata(tmp_path / "out" / "customers.parquet").row_group(0)
    columns = {parts.column(i).path_in_schema: parts.column(i) for i in range(parts.num_columns)}
    ranged = {name for name, part in columns.items() if part.is_stats_set}
    assert ranged == {"customer_id", "visits", "spend"}, (
        "by the ranges of the table's own columns rows are looked up"
    )
    assert "RLE_DICTIONARY" in columns["margin"].encodings
    written = pd.read_parquet(tmp_path / "out" / "customers.parquet")
    np.testing.assert_array_equal(written["segment"], plain.labels)
    np.testing.assert_array_equal(written["customer_id"], np.arange(400_000) * 7 + 3)


def test_an_error_among_the_workers_is_heard() -> None:
    class Faulty:
        def update(self, batch: object, start: int) -> None:
            raise ValueError("at last")

        def merge(self, other: object) -> None: ...

    with pytest.raises(ValueError, match="at last"):
        LocalEngine(threads=2).run(read(customers(1000)).batches, [Faulty()], None, None)


def test_one_step_of_lloyd_by_hand() -> None:
    step = LloydPass(None, np.array([[0.0], [10.0]]))
    step.add(np.array([[1.0, 2.0, 9.0, 4.0, 14.0]], dtype=np.float32))
    assert step.counts.tolist() == [3, 2]
    assert step.moved(step.centres).tolist() == [[7 / 3], [11.5]]


def test_a_centre_without_customers_stays() -> None:
    step = LloydPass(None, np.array([[0.0], [100.0]]))
    step.add(np.array([[1.0, 2.0]], dtype=np.float32))
    assert step.moved(step.centres).tolist() == [[1.5], [100.0]]


def test_polishing_here_and_step_by_step_elsewhere_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another engine sees the rows through a pass for each step.

    Or blocks of them from some step on; the centres must be the same.
    """
    monkeypatch.setattr("shoal.analysis.kmeans.full_data.PLAIN", 1)

    class Cluster:
        here = False

        def run(self, rows, passes, columns, progress):  # type: ignore[no-untyped-def]
            asked.append("a pass over the rows")
            return LocalEngine(threads=1).run(rows, passes, columns, progress)

        def mapped(self, work, columns, schema, *, keep=False):  # type: ignore[no-untyped-def]
            asked.append("blocks to be kept" if keep else "blocks")

            def stream(names):  # type: ignore[no-untyped-def]
                return (work(batch, 0) for batch in table.batches(columns))

            return Table("encoded", schema, table.read_as, stream, engine=LocalEngine(threads=1))

    asked: list[str] = []
    table = read(customers(150_000))
    recipe = Recipe(
        (
            Feature("spend", "number", 0.0, centre=430.0, scale=340.0),
            Feature("visits", "number", 0.0, centre=21.0, scale=14.0),
        ),
        "standard",
    )
    start = np.array([[-1.0, -1.0], [1.0, 0.0], [0.0, 1.0]])
    here = refine_on_all_rows(table, recipe, start, 150_000)
    there = refine_on_all_rows(dataclasses.replace(table, engine=Cluster()), recipe, start, 150_000)
    assert asked == ["a pass over the rows", "blocks to be kept"]
    np.testing.assert_allclose(here, there, atol=1e-9)
    assert np.sort(here[:, 1] * 14 + 21).round(1).tolist() == [5.0, 20.0, 40.0]
