"""Memory and threads that were asked for hold everywhere, and go back to what they were."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
import threadpoolctl

import shoal
from shoal.engine import database, resources
from shoal.engine.local import LocalEngine
from shoal.engine.resources import SharedLimit, asked, limited
from shoal.engine.scan import Source
from shoal.options import Resources

ONE = Resources(threads=1, memory=100_000_000)
ASKED = {"threads": 1, "memory": "100MB"}
RNG = np.random.default_rng(0)


def table(rows: int = 600) -> pd.DataFrame:
    group = RNG.integers(0, 3, rows)
    return pd.DataFrame(
        {"customer_id": np.arange(rows), "spent": group * 50 + RNG.normal(0, 3, rows), "age": group}
    )


def lines(rows: int = 600) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer": RNG.integers(0, 90, rows),
            "date": pd.Timestamp("2024-01-01") + pd.to_timedelta(RNG.integers(0, 99, rows), "D"),
            "amount": RNG.exponential(20, rows).round(2),
        }
    )


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """Threads and memory of every database in memory that a run opens."""
    seen: list[tuple[int, str]] = []
    real = database.open_database

    def counted(*arguments: Any) -> Any:
        base = real(*arguments)
        query = "SELECT current_setting('threads'), current_setting('memory_limit')"
        seen.extend(base.execute(query).fetchall())
        return base

    database.shared_database.cache_clear()
    monkeypatch.setattr(database, "open_database", counted)
    monkeypatch.setattr("shoal.engine.distinct.open_database", counted)
    monkeypatch.setattr("shoal.rfm.customers.open_database", counted)
    return seen


@pytest.mark.parametrize(
    "door",
    [
        lambda: shoal.segment(table(), k=3, **ASKED),
        lambda: shoal.inspect(table(), **ASKED),
        lambda: shoal.read(table(), **ASKED),
        lambda: shoal.orders(lines(), **ASKED),
        lambda: shoal.segment(lines(), orders=True, k=3, **ASKED),
        lambda: shoal.segment(table(), k=3).assign(table(), **ASKED),
    ],
    ids=["segment", "inspect", "read", "orders", "segment orders", "assign"],
)
def test_duckdb_takes_no_more_threads_and_memory_than_asked(
    door: Any, opened: list[tuple[int, str]]
) -> None:
    door()
    assert (1, "95.3 MiB") in opened  # 100 MB
    free = [limits for limits in opened if limits != (1, "95.3 MiB")]
    assert len(free) <= 1  # of the study that was made without limits, before it placed


def test_a_source_keeps_to_what_was_asked_when_it_was_opened() -> None:
    with limited(ONE):
        source = Source("(SELECT 1 AS one)")
    assert source.rows(f"SELECT current_setting('threads') FROM {source.sql}") == [(1,)]
    with limited(Resources(threads=2)):
        assert source.rows(f"SELECT current_setting('threads') FROM {source.sql}") == [(2,)]


@pytest.mark.parametrize("shared", [False, True], ids=["closed", "open in this process"])
def test_a_duckdb_file_is_read_within_what_was_asked(tmp_path: Path, shared: bool) -> None:
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(path) as mine:
        frame = table()
        mine.execute("CREATE TABLE customers AS SELECT * FROM frame")
        threads = mine.execute("SELECT current_setting('threads')").fetchone()
        if not shared:
            mine.close()
        query = "SELECT current_setting('threads') AS threads, spent FROM customers"
        read = shoal.read(f"duckdb:///{path}", query=query, threads=1).to_arrow()
        assert read["threads"][0].as_py() == (threads[0] if shared else 1)  # type: ignore[index]
        assert len(frame) == len(read)


def test_the_parser_takes_no_more_threads_than_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shoal.data.csv import fast

    monkeypatch.setattr("shoal.data.csv.reader.PARSE_ONCE", 1000)
    taken: list[int] = []
    real = fast.ThreadPoolExecutor
    monkeypatch.setattr(fast, "ThreadPoolExecutor", lambda n: taken.append(n) or real(n))
    table().to_csv(tmp_path / "table.csv", index=False)
    shoal.read(tmp_path / "table.csv", threads=1)
    assert taken == [1]


def test_the_engine_takes_what_was_asked(tmp_path: Path) -> None:
    with limited(Resources(threads=3, memory=70_000_000, folder=tmp_path)):
        engine = LocalEngine()
    assert (engine.threads, engine.memory, engine.folder) == (3, 70_000_000, tmp_path)
    assert 1 <= LocalEngine().threads <= 8
    assert 64_000_000 <= LocalEngine().memory < 2**46


def test_arrow_and_the_linear_algebra_go_back_to_what_they_were() -> None:
    before = pa.cpu_count(), blas_threads()
    with limited(ONE):
        assert pa.cpu_count() == 1
        assert set(blas_threads()) == {1}
    assert (pa.cpu_count(), blas_threads()) == before
    assert asked() == Resources()


def blas_threads() -> list[int]:
    pools = threadpoolctl.ThreadpoolController().select(user_api="blas")
    return [pool.num_threads for pool in pools.lib_controllers]


class Pool:
    """A pool as threadpoolctl shows it."""

    filepath = "a library"

    def __init__(self, number: int) -> None:
        self.number = number

    def get_num_threads(self) -> int:
        return self.number

    def set_num_threads(self, number: int) -> None:
        self.number = number


def test_the_last_one_out_restores_what_was_before_the_first() -> None:
    pool = Pool(8)
    limit = SharedLimit(lambda: [pool])
    first, second = limit.held(4), limit.held(1)
    first.__enter__()
    assert pool.number == 4
    second.__enter__()
    assert pool.number == 1
    first.__exit__(None, None, None)  # the first to come is the first to go
    assert pool.number == 1
    second.__exit__(None, None, None)
    assert pool.number == 8


def test_the_least_that_is_asked_holds_while_it_is_asked() -> None:
    pool = Pool(8)
    limit = SharedLimit(lambda: [pool])
    with limit.held(4):
        with limit.held(1):
            assert pool.number == 1
        assert pool.number == 4
        with limit.held(16):
            assert pool.number == 4


def test_a_pool_that_is_loaded_later_is_limited_and_restored_too() -> None:
    pools, late = [Pool(8)], Pool(6)
    late.filepath = "another library"  # type: ignore[misc]
    limit = SharedLimit(lambda: pools)
    with limit.held(1):
        pools.append(late)
        with limit.held(1):
            assert late.number == 1
    assert [pool.number for pool in pools] == [8, 6]


def test_two_overlapping_runs_leave_the_linear_algebra_as_it_was() -> None:
    before = blas_threads()
    first_is_in, second_is_in, first_is_out = (threading.Event() for _ in range(3))

    def first() -> None:
        with resources.one_blas_thread():
            first_is_in.set()
            second_is_in.wait(5)
        first_is_out.set()

    def second() -> None:
        first_is_in.wait(5)
        with resources.one_blas_thread():
            second_is_in.set()
            first_is_out.wait(5)
            assert set(blas_threads()) == {1}

    runs = [threading.Thread(target=run) for run in (first, second)]
    for run in runs:
        run.start()
    for run in runs:
        run.join()
    assert blas_threads() == before


def test_runs_in_threads_do_not_see_each_others_limits() -> None:
    seen: list[Resources] = []
    with limited(ONE):
        other = threading.Thread(target=lambda: seen.append(asked()))
        other.start()
        other.join()
    assert seen == [Resources()]


def test_duckdb_writes_no_progress_to_stdout(tmp_path: Path) -> None:
    setting = "SELECT current_setting('enable_progress_bar') AS shown"
    assert Source("nothing").rows(setting) == [(False,)]
    duckdb.connect(tmp_path / "shop.duckdb").close()
    read = shoal.read(f"duckdb:///{tmp_path}/shop.duckdb", query=setting)
    assert read.to_arrow()["shown"].to_pylist() == [False]


def test_a_database_that_is_gone_leaves_no_folder() -> None:
    import gc

    base = database.open_database(ONE)
    query = "SELECT current_setting('temp_directory')"
    folder = Path(base.execute(query).fetchone()[0]).parent  # type: ignore[index]
    assert folder.is_dir()
    base.close()
    del base
    gc.collect()
    assert not folder.exists()
