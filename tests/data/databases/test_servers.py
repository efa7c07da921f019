"""PostgreSQL and MariaDB, on servers of the tests' own."""

# ruff: noqa: F811  # the servers are fixtures
from __future__ import annotations

import datetime as dt
import random
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
import pytest

from database_kit import STRANGE, labels, rows_of
from servers import PASSWORD, QUOTED, Server, free_port, mariadb, postgres  # noqa: F401
from shoal.data.databases import read_database, write_labels
from shoal.errors import InputError, OutputError, ShoalError

WRONG = "wr0ng-pa55word"
WRITER = """
import sys, time
import pyarrow as pa
from shoal.data.databases import write_labels

def batches():
    for part in range(40):
        words = pa.array(["Segment"] * 500)
        yield pa.record_batch({"id": pa.array(range(500)), "segment": pa.array([1] * 500), "name": words, "runner_up": words,
                               "margin": pa.array([0.5] * 500), "unlike_anyone": pa.array([False] * 500)})
        print(part, flush=True)
        time.sleep(0.01)

write_labels(sys.argv[1], batches(), if_exists=sys.argv[2])
print("done", flush=True)
"""


@pytest.fixture(params=["postgres", "mariadb"])
def server(request: pytest.FixtureRequest) -> Server:
    return request.getfixturevalue(request.param)


@pytest.fixture
def admin(server: Server) -> Callable[[str], list[tuple[Any, ...]]]:
    return lambda sql: run_sql(server, sql)


def run_sql(server: Server, sql: str) -> list[tuple[Any, ...]]:
    """One statement of the user `shop`, by a driver that is not under test where there is one."""
    if server.scheme == "mariadb":
        with server.mysql_connection(autocommit=True) as con, con.cursor() as cur:
            cur.execute(sql)
            return list(cur.fetchall())
    import adbc_driver_postgresql.dbapi as adbc

    with adbc.connect(server.url(), autocommit=True) as con, con.cursor() as cur:
        cur.execute(sql)
        return list(cur.fetchall()) if cur.description else []


def ids(url: str) -> list[Any]:
    return sorted(row["id"] for row in rows_of(read_database(url)))


def silent(error: BaseException) -> str:
    """The error's text.

    After a look that no secret is in it, nor in what it came from, nor in the whole traceback.
    """
    shown = "".join(traceback.format_exception(error)) + repr(error)
    link: BaseException | None = error
    while link is not None:
        shown += str(link) + repr(link)
        link = link.__context__
    for secret in (PASSWORD, QUOTED, WRONG):
        assert secret not in shown
    return str(error)


# --- there and back -------------------------------------------------------------------------------


def test_strange_names_and_values_make_the_round_trip(server: Server) -> None:
    long = "é" * 30 if server.scheme == "postgresql" else "é" * 60
    batch = labels(["o'neil \\", 'say "x"; 💰', None], key=STRANGE)
    batch = batch.append_column(long, pa.array(["a\nb\tc\r", "", "\\N NULL"]))
    batch = batch.append_column("on", pa.array([dt.date(2024, 2, 29), None, None]))
    batch = batch.append_column(
        "at", pa.array([None, dt.datetime(2024, 2, 29, 1, 2, 3, 456), None])
    )
    batch = batch.append_column("x", pa.array([1e300, None, -0.1]))
    table = "odd%20%22table%22;%20%60ü%60"
    assert (
        write_labels(
            server.url(f"?table={table}"),
            iter([batch, batch.slice(0, 0), batch]),
            if_exists="replace",
        )
        == 6
    )
    found = read_database(server.url(), table='odd "table"; `ü`')
    assert found.schema.names == batch.schema.names
    assert rows_of(found) == batch.to_pylist() * 2
    assert next(found.batches([long])).schema.names == [long]


def test_a_table_that_is_there_is_replaced_appended_to_or_left(
    server: Server, admin: Callable[[str], Any]
) -> None:
    to = server.url("?table=kept")
    write_labels(to, iter([labels([1, 2])]), if_exists="replace")
    admin("CREATE INDEX by_id ON kept (id)")
    admin("CREATE VIEW seen AS SELECT id FROM kept")
    with pytest.raises(OutputError, match='if_exists="replace"'):
        write_labels(to, iter([labels([9])]))
    write_labels(to, iter([labels([3]), labels([4])]), if_exists="append")
    assert ids(to) == [1, 2, 3, 4]
    write_labels(to, iter([labels([7])]), if_exists="replace")
    assert (ids(to), ids(server.url("?table=seen"))) == ([7], [7])
    where = (
        "pg_indexes WHERE indexname"
        if server.scheme == "postgresql"
        else "information_schema.statistics WHERE index_name"
    )
    assert admin(f"SELECT count(*) FROM {where} = 'by_id'") == [(1,)]
    admin("CREATE TABLE other (x INTEGER)")
    with pytest.raises(OutputError, match='no column "id"'):
        write_labels(server.url("?table=other"), iter([labels([1])]), if_exists="append")
    for key in (1, "a", 2):
        write_labels(server.url("?table=other"), iter([labels([key])]), if_exists="replace")
    assert ids(server.url("?table=other")) == [
        "2"
    ]  # text takes numbers, so the second table was kept


def test_labels_fit_into_columns_of_narrower_types(
    server: Server, admin: Callable[[str], Any]
) -> None:
    kinds = "id VARCHAR(20), segment SMALLINT, name VARCHAR(40), runner_up CHAR(9), margin REAL, unlike_anyone BOOLEAN, note TEXT"
    admin(f"CREATE TABLE narrow ({kinds})")
    to = server.url("?table=narrow")
    write_labels(to, iter([labels(["a", "b"])]), if_exists="append")
    assert [
        (row["id"], row["segment"], row["margin"], row["note"])
        for row in rows_of(read_database(to))
    ] == [
        ("a", 1, 0.25, None),
        ("b", 2, 0.25, None),
    ]
    with pytest.raises(OutputError):
        write_labels(to, iter([labels(["c"]), labels(["x" * 99])]), if_exists="append")
    assert ids(to) == ["a", "b"]


def test_a_reading_stays_what_it_was(server: Server) -> None:
    to = server.url("?table=moving")
    write_labels(to, iter([labels(range(1000))]), if_exists="replace")
    table = read_database(to)
    before = rows_of(table)
    write_labels(to, iter([labels([5])]), if_exists="replace")
    assert rows_of(table) == before
    assert len(before) == 1000


def test_readers_see_the_old_rows_until_all_new_ones_are_there(server: Server) -> None:
    to = server.url("?table=nightly")
    write_labels(to, iter([labels([1, 2])]), if_exists="replace")
    seen = []

    def batches() -> Iterator[pa.RecordBatch]:
        for part in range(3):
            yield labels([10 + part])
            seen.append(ids(to))

    write_labels(to, batches(), if_exists="replace")
    assert seen == [[1, 2]] * 3
    assert ids(to) == [10, 11, 12]


# --- types ----------------------------------------------------------------------------------------


def test_postgresql_types(postgres: Server) -> None:
    query = """
        SELECT 9007199254740993::numeric(18, 0) AS n0, 1.50::numeric(9, 2) AS n2, 'NaN'::numeric AS nn, 12.5::money AS m, 7::oid AS o,
        '{"a": 1}'::jsonb AS j, '00000000-0000-0000-0000-000000000001'::uuid AS u, ARRAY[1, 2] AS l, 'x '::char(4) AS c, true AS b,
        TIMESTAMPTZ '2024-01-02 03:00:00+02' AS at, TIMESTAMP 'infinity' AS never, DATE '-infinity' AS day, INTERVAL '36 hours' AS i,
        'nan'::float4 AS f, TIME '12:30' AS t, 'ab'::bytea AS raw, inet '10.0.0.1' AS ip, NULL AS nothing, 3::smallint AS s
    """
    found = read_database(postgres.url(), query=query)
    assert {str(kind) for kind in found.schema.types} == {
        "int64",
        "double",
        "string",
        "bool",
        "date32[day]",
        "timestamp[us]",
    }
    row = rows_of(found)[0]
    assert (row["n0"], row["n2"], row["nn"], row["m"], row["o"], row["s"], row["b"]) == (
        9007199254740993,
        1.5,
        None,
        12.5,
        7,
        3,
        True,
    )
    assert (row["j"], row["u"], row["l"], row["c"]) == (
        '{"a": 1}',
        "00000000-0000-0000-0000-000000000001",
        "{1,2}",
        "x   ",
    )
    assert (row["at"], row["never"], row["day"], row["i"], row["f"]) == (
        dt.datetime(2024, 1, 2, 1),
        None,
        None,
        1.5,
        None,
    )
    assert (row["t"], row["raw"], row["ip"], row["nothing"]) == (
        "12:30:00",
        "\\x6162",
        "10.0.0.1/32",
        None,
    )


def test_mariadb_types(mariadb: Server) -> None:
    query = """
        SELECT CAST(9007199254740993 AS DECIMAL(18, 0)) AS n0, CAST(1.5 AS DECIMAL(9, 2)) AS n2, 18446744073709551615 AS big, 7 AS i,
        TRUE AS b, JSON_OBJECT('a', 1) AS j, x'ff00' AS raw, DATE '2024-01-02' AS d, TIMESTAMP '2024-01-02 03:04:05.5' AS at,
        CAST('12:30' AS TIME) AS t, 1e0 AS f, NULL AS nothing, 'ä💰' AS s
    """
    row = rows_of(read_database(mariadb.url(), query=query))[0]
    assert (row["n0"], row["n2"], row["big"], row["i"], row["b"]) == (
        9007199254740993,
        1.5,
        "18446744073709551615",
        7,
        1,
    )
    assert (row["j"], row["raw"], row["d"]) == ('{"a": 1}', "ff00", dt.date(2024, 1, 2))
    assert (row["at"], row["t"], row["f"], row["nothing"]) == (
        dt.datetime(2024, 1, 2, 3, 4, 5, 500_000),
        "12:30:00",
        1.0,
        None,
    )
    assert row["s"] == "ä💰"


def test_a_date_of_zeros_is_a_gap(mariadb: Server) -> None:
    run_sql(
        mariadb,
        "CREATE OR REPLACE TABLE zeros (d DATE NOT NULL, at DATETIME NOT NULL, bits BIT(3))",
    )
    run_sql(
        mariadb,
        "INSERT IGNORE INTO zeros VALUES ('0000-00-00', '0000-00-00 00:00:00', b'101'), "
        "('2024-10-20', '2024-10-20 00:00:00', NULL)",
    )
    assert rows_of(read_database(mariadb.url("?table=zeros"))) == [
        {"d": None, "at": None, "bits": 5},
        {"d": dt.date(2024, 10, 20), "at": dt.datetime(2024, 10, 20), "bits": None},
    ]


# --- what goes wrong ------------------------------------------------------------------------------


def test_a_password_from_the_environment(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    assert rows_of(
        read_database(server.url(password="${SHOP_PASSWORD}"), query="select 1 as one")
    ) == [{"one": 1}]
    monkeypatch.setenv("PGPASSWORD" if server.scheme == "postgresql" else "MYSQL_PWD", PASSWORD)
    url = f"{server.scheme}://shop@127.0.0.1:{server.port}/shop"
    assert rows_of(read_database(url, query="select 1 as one")) == [{"one": 1}]


@pytest.mark.parametrize(
    "case", ["wrong password", "no password", "refused", "no database", "no host"]
)
def test_a_connection_that_fails_gets_one_message_without_the_password(
    server: Server, case: str
) -> None:
    url, words = {
        "wrong password": (server.url("?table=t", password=WRONG), "does not let shop in"),
        "no password": (
            f"{server.scheme}://shop@127.0.0.1:{server.port}/shop?table=t",
            "does not let shop in",
        ),
        "refused": (
            server.url("?table=t").replace(str(server.port), str(free_port())),
            "connection refused",
        ),
        "no database": (server.url("?table=t").replace("/shop?", "/shoop?"), "shoop"),
        "no host": (server.url("?table=t").replace("127.0.0.1", "nowhere.invalid"), "no such host"),
    }[case]
    start = time.monotonic()
    with pytest.raises(InputError, match=words) as reading:
        read_database(url)
    with pytest.raises(OutputError, match=words) as writing:
        write_labels(url, iter([labels()]))
    assert silent(reading.value) == silent(writing.value)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize("scheme", ["postgresql", "mariadb"])
def test_a_host_that_never_answers_is_given_up(
    scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("adbc_driver_postgresql" if scheme == "postgresql" else "pymysql")
    room = {"postgresql": "postgres", "mariadb": "mysql"}[scheme]
    monkeypatch.setattr(f"shoal.data.databases.{room}.CONNECT_SECONDS", 2)
    with socket.socket() as silent_host:
        silent_host.bind(("127.0.0.1", 0))
        silent_host.listen()
        start = time.monotonic()
        with pytest.raises(InputError, match="does not answer") as caught:
            read_database(
                f"{scheme}://shop:{QUOTED}@127.0.0.1:{silent_host.getsockname()[1]}/shop?table=t"
            )
    silent(caught.value)
    assert time.monotonic() - start < 8


def test_a_wrong_table_or_query_gets_one_message_without_the_password(server: Server) -> None:
    write_labels(server.url("?table=customers"), iter([labels()]), if_exists="replace")
    for wrong, words in [
        ({"table": "custmers"}, 'Did you mean "customers"'),
        ({"table": "shop.custmers"}, "has no table"),
        ({}, "Tables there: .*customers"),
        ({"query": "select nothing from customers"}, "nothing"),
        ({"query": "select id frm customers"}, "syntax"),
        ({"query": "select 1; select 2"}, "more than one statement"),
        ({"query": "select * from customers into outfile '/tmp/x'"}, "does not only read"),
        ({"query": "drop table customers"}, "does not only read"),
        ({"query": "with x as (delete from customers returning id) select * from x"}, "."),
    ]:
        with pytest.raises(ShoalError, match=words) as caught:
            read_database(server.url(), **wrong)  # type: ignore[arg-type]
        silent(caught.value)
    assert len(ids(server.url("?table=customers"))) == 3


def test_a_query_runs_in_a_transaction_that_only_reads(
    server: Server, admin: Callable[[str], Any]
) -> None:
    if server.scheme == "postgresql":
        admin("CREATE TABLE IF NOT EXISTS heard (x INTEGER)")
        admin(
            "CREATE OR REPLACE FUNCTION hear() RETURNS INTEGER LANGUAGE sql AS 'INSERT INTO heard "
            "VALUES (1) RETURNING x'"
        )
    else:
        admin("CREATE OR REPLACE TABLE heard (x INTEGER)")
        admin("DROP FUNCTION IF EXISTS hear")
        admin(
            "CREATE FUNCTION hear() RETURNS INTEGER BEGIN INSERT INTO heard VALUES (1); RETURN 1; "
            "END"
        )
    with pytest.raises(InputError, match="for reading only"):
        read_database(server.url(), query="select hear() as x")
    assert admin("SELECT count(*) FROM heard") == [(0,)]


def test_names_that_are_too_long_are_told_before_anything_is_written(server: Server) -> None:
    name, words = (
        ("é" * 32, "64 bytes; postgresql allows 63")
        if server.scheme == "postgresql"
        else ("é" * 65, "65 characters; mariadb allows 64")
    )
    with pytest.raises(OutputError, match=words):
        write_labels(server.url("?table=long"), iter([labels(key=name)]))
    with pytest.raises(OutputError, match=words):
        write_labels(server.url(f"?table={name}"), iter([labels()]))
    with pytest.raises(InputError, match="has no table"):
        read_database(server.url("?table=long"))


def test_a_table_without_transactions_is_not_appended_to(mariadb: Server) -> None:
    write_labels(mariadb.url("?table=old"), iter([labels()]), if_exists="replace")
    run_sql(mariadb, "ALTER TABLE old ENGINE = MyISAM")
    with pytest.raises(OutputError, match="MyISAM"):
        write_labels(mariadb.url("?table=old"), iter([labels()]), if_exists="append")
    assert len(ids(mariadb.url("?table=old"))) == 3


# --- what breaks off ------------------------------------------------------------------------------


def cut_off(server: Server) -> None:
    """End every connection of shoal's, from the server's side."""
    if server.scheme == "postgresql":
        run_sql(
            server,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = "
            "'shoal'",
        )
        return
    for row in run_sql(
        server, "SELECT id FROM information_schema.processlist WHERE id <> connection_id()"
    ):
        run_sql(server, f"KILL {row[0]}")


@pytest.mark.parametrize("if_exists", ["replace", "append"])
def test_a_connection_dropped_while_writing_leaves_the_table_as_it_was(
    server: Server, if_exists: Any
) -> None:
    to = server.url("?table=dropped")
    write_labels(to, iter([labels([1, 2])]), if_exists="replace")

    def batches() -> Iterator[pa.RecordBatch]:
        yield labels(range(10, 5000))
        cut_off(server)
        yield from (labels(range(i, i + 50_000)) for i in range(10_000, 160_000, 50_000))

    with pytest.raises(OutputError, match="broke off") as caught:
        write_labels(to, batches(), if_exists=if_exists)
    silent(caught.value)
    assert ids(to) == [1, 2]


def test_a_connection_dropped_while_reading_gets_one_message(server: Server) -> None:
    slow = {
        "postgresql": "SELECT i, pg_sleep(0.001)::text FROM generate_series(1, 20000) i",
        "mariadb": "SELECT seq, sleep(0.001) FROM seq_1_to_20000",
    }
    cutter = threading.Timer(1.0, cut_off, [server])
    cutter.start()
    with pytest.raises(InputError, match="broke off") as caught:
        read_database(server.url(), query=slow[server.scheme])
    cutter.join()
    silent(caught.value)


def test_a_writer_that_is_killed_leaves_the_table_as_it_was(server: Server) -> None:
    to, chance = server.url("?table=killed"), random.Random(5)
    write_labels(to, iter([labels([1, 2])]), if_exists="replace")
    for turn in range(4):
        if_exists = ("replace", "append")[turn % 2]
        command = [sys.executable, "-c", WRITER, to, if_exists]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
            assert writer.stdout is not None
            last = chance.randrange(40)
            while writer.stdout.readline().strip() != str(last):
                pass
            time.sleep(chance.random() * 0.02)
            writer.kill()
            rest = writer.stdout.read()
        assert "done" not in rest
        wait_until(lambda: ids(to) == [1, 2])
    write_labels(to, iter([labels([3])]), if_exists="replace")
    assert ids(to) == [3]
    if server.scheme == "mariadb":
        assert run_sql(server, "SHOW TABLES LIKE '\\_shoal%'") == []


def wait_until(true: Callable[[], bool], seconds: float = 10) -> None:
    """The server may need a moment to notice that its client is gone."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
