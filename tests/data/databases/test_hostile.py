"""Databases of strangers, and queries that would do more than read."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

import shoal
from shoal.data.databases.query import reading_query


@pytest.mark.parametrize(
    ("query", "reads"),
    [
        ("select * from t -- a remark\n;", True),
        ("(select 1) union all select 2", True),
        ("select ';' as a, 'it''s into' as b, `into` from t # into", True),
        ("with a as (select 1) select * from a /* into */", True),
        ("select 1 into/**/outfile '/tmp/x'", False),
        ("select 1 INTO\n\tDUMPFILE '/tmp/x'", False),
        ("select 1 /*!50000 into outfile '/tmp/x' */", False),
        ("select 1 /*M! into outfile '/tmp/x' */", False),
        ("select '\\'' into outfile 'x'", False),
        ("select '\\' into outfile ', x'", False),
        ("select 5--1 into outfile 'x'", False),
        ("select 1; drop table t", False),
        ("/* select */ delete from t", False),
        ("", False),
    ],
)
def test_a_query_only_reads(query: str, reads: bool) -> None:
    if reads:
        assert reading_query(query, "mariadb")
        return
    with pytest.raises(shoal.OptionError, match="does not only read"):
        reading_query(query, "mariadb")


def test_long_texts_are_cut_up_in_no_time() -> None:
    for odd in ("'" + "\\" * 20_000, "/*" * 20_000, "select '" + "a''" * 20_000):
        with pytest.raises(shoal.OptionError):
            reading_query(odd + " into x", "mariadb")


@pytest.fixture(scope="module")
def of_a_stranger(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("stranger") / "shop.duckdb"
    (path.parent / "secret.csv").write_text("id,word\n1,secret\n")
    with closing(duckdb.connect(str(path))) as con:
        con.execute("CREATE TABLE t AS SELECT range AS id, range * 1.5 AS spent FROM range(9)")
        con.execute(f"CREATE VIEW peeping AS SELECT * FROM '{path.parent / 'secret.csv'}'")
        con.execute("CREATE VIEW fine AS SELECT * FROM t WHERE id > 3")
        con.execute("CREATE TABLE nobody (id INTEGER, spent DOUBLE)")
    return f"duckdb:///{path}"


def test_a_duckdb_file_and_its_queries_reach_nothing_else(of_a_stranger: str) -> None:
    secret = Path(of_a_stranger.removeprefix("duckdb:///")).parent / "secret.csv"
    for query in (
        f"select * from read_csv('{secret}')",
        f"select * from '{secret}'",
        f"select * from read_text('{secret}')",
        f"select * from glob('{secret.parent}/*')",
        "select * from 'https://example.com/a.csv'",
        "select * from peeping",
        "select * from parquet_scan('x.parquet')",
    ):
        with pytest.raises(shoal.ShoalError) as refused:
            shoal.read(of_a_stranger, query=query)
        assert "only what is in the database itself" in str(refused.value)
    assert shoal.read(of_a_stranger, table="fine").to_arrow().num_rows == 5
    with pytest.raises(shoal.OptionError, match="does not only read"):
        shoal.read(of_a_stranger, query="set enable_external_access = true")


def test_a_table_without_rows_is_told(of_a_stranger: str, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "shop.db")) as con:
        con.execute("CREATE TABLE nobody (id INTEGER, spent REAL)")
    for url in (of_a_stranger, f"sqlite:///{tmp_path}/shop.db"):
        for door in (shoal.inspect, shoal.segment):
            with pytest.raises(shoal.InputError, match=r"nobody has columns .* but no rows"):
                door(url, table="nobody")


def killed_writer(path: Path, mode: str) -> None:
    """A process that dies in the midst of a transaction, half of which is in the file already."""
    code = f"""if True:
        import os, sqlite3
        con = sqlite3.connect({str(path)!r}, isolation_level=None)
        con.execute("PRAGMA journal_mode = {mode}")
        con.execute("PRAGMA cache_size = 5")
        con.execute("CREATE TABLE t (id INTEGER, spent REAL)")
        con.execute("BEGIN")
        con.executemany("INSERT INTO t VALUES (?, 1.5)", [(i,) for i in range(5000)])
        con.execute("COMMIT")
        con.execute("BEGIN IMMEDIATE")
        con.execute("UPDATE t SET spent = -1")
        con.execute("INSERT INTO t SELECT id + 100000, -2 FROM t")
        os._exit(9)
    """
    assert subprocess.run([sys.executable, "-c", code], timeout=60).returncode == 9


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_sqlite_file_whose_writer_was_killed_is_read_and_left_alone(
    tmp_path: Path, mode: str
) -> None:
    path = tmp_path / "shop.db"
    killed_writer(path, mode)
    beside = {p.name: p.read_bytes() for p in tmp_path.iterdir() if not p.name.endswith("-shm")}
    assert len(beside) == 2
    rows = shoal.read(f"sqlite:///{path}?table=t").to_arrow()
    assert (rows.num_rows, set(rows["spent"].to_pylist())) == (5000, {1.5})
    assert {name: (tmp_path / name).read_bytes() for name in beside} == beside
