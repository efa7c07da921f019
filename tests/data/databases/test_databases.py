"""URLs, types, and the databases that are files."""

from __future__ import annotations

import datetime as dt
import sqlite3
import uuid
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from database_kit import STRANGE, labels, rows_of
from shoal.data.databases import is_url, read_database, redact, write_labels
from shoal.data.databases.types import objects, plain
from shoal.data.databases.url import parse
from shoal.errors import InputError, OptionError, OutputError, ShoalError

LONG = "Kundenzufriedenheit·größer·äöüß·" + "é" * 28  # 60 characters, 95 bytes
KINDS = ("sqlite", "duckdb")


@pytest.fixture(params=KINDS)
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"{request.param}:///{tmp_path}/shop.{request.param}"


# --- URLs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "postgresql://h/d",
        "mysql+pymysql://h/d",
        "sqlite:///x.db",
        "duckdb:////x",
        "snowflake://a/b",
        "adbc+x://y",
    ],
)
def test_a_database_url_is_known(text: str) -> None:
    assert is_url(text)


@pytest.mark.parametrize(
    "text",
    [
        "customers.csv",
        "s3://b/x.parquet",
        "https://h/x.csv",
        "file:///x",
        r"C:\x.csv",
        "C://x",
        Path("postgresql://x"),
        3,
    ],
)
def test_other_sources_are_no_database_urls(text: object) -> None:
    assert not is_url(text)


def test_a_url_is_taken_apart_with_a_password_that_holds_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SHOP_PW", "a@b/c:d?e#f%41")
    for password, meant in [
        ("p%40ss", "p@ss"),
        ("p/a@s@s#", "p/a@s@s#"),
        ("${SHOP_PW}", "a@b/c:d?e#f%41"),
        ("", ""),
    ]:
        address = parse(
            f"postgresql://ann:{password}@db.example:5433/shop?table=sales.customers%201&sslmode=require"
        )
        assert (address.user, address.password, address.host, address.port) == (
            "ann",
            meant,
            "db.example",
            5433,
        )
        assert (address.database, address.table, address.options) == (
            "shop",
            "sales.customers 1",
            (("sslmode", "require"),),
        )


def test_nothing_that_is_shown_holds_the_password() -> None:
    address = parse("mysql://ann:hunter2@db/shop?table=t&ssl_key_password=hunter3&password=hunter4")
    for shown in (
        str(address),
        repr(address),
        redact("mysql://ann:hunter2@db/shop?table=t&token=hunter3"),
    ):
        assert "hunter" not in shown
    assert address.clean("no hunter2, no hunter3") == "no •••, no •••"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://ann:hunter2:x@h:hunter2/d",
        "postgresql://ann:hunt?er2@db/d",
        "hunter2",
        "postgresql://u:${NONE_SUCH}@h/d",
    ],
)
def test_a_url_that_cannot_be_understood_is_not_repeated(url: str) -> None:
    with pytest.raises(InputError) as caught:
        parse(url)
    assert "hunt" not in str(caught.value)


# --- types ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind", "meant"),
    [
        ([Decimal("1.50"), None], "double", [1.5, None]),
        ([Decimal("9007199254740993"), None], "int64", [9007199254740993, None]),
        ([float("nan"), 1.0], "double", [None, 1.0]),
        ([1, 2.5], "double", [1.0, 2.5]),
        ([1, "a", None], "string", ["1", "a", None]),
        ([2**64 - 1], "string", ["18446744073709551615"]),
        ([b"caf\xc3\xa9", b"\xff\x00"], "string", ["café", "ff00"]),
        ([uuid.UUID(int=1)], "string", ["00000000-0000-0000-0000-000000000001"]),
        ([{"a": [1]}], "string", ['{"a": [1]}']),
        (
            [dt.date(2024, 1, 2), dt.datetime(2024, 1, 2, 3)],
            "timestamp[us]",
            [dt.datetime(2024, 1, 2), dt.datetime(2024, 1, 2, 3)],
        ),
        (
            [dt.datetime(2024, 1, 2, 3, tzinfo=dt.timezone(dt.timedelta(hours=2)))],
            "timestamp[us]",
            [dt.datetime(2024, 1, 2, 1)],
        ),
        ([dt.timedelta(hours=36)], "double", [1.5]),
        ([None, None], "null", [None, None]),
    ],
)
def test_each_value_becomes_one_of_the_plain_types(
    values: list[object], kind: str, meant: list[object]
) -> None:
    found = objects(values)
    assert (str(found.type), found.to_pylist()) == (kind, meant)


def test_arrow_types_become_plain() -> None:
    assert plain(pa.array([1, 2], pa.uint8())).type == pa.int64()
    assert plain(pa.array(["a", "b", "a"]).dictionary_encode()).to_pylist() == ["a", "b", "a"]
    assert plain(pa.array([2**64 - 1], pa.uint64())).to_pylist() == ["18446744073709551615"]


def test_duckdb_can_scan_what_was_read(url: str) -> None:
    write_labels(f"{url}?table=s", iter([labels(range(10))]))
    table = read_database(url, table="s")
    assert table.scan is not None
    assert duckdb.sql(f"SELECT sum(id), count(*) FROM ({table.scan.sql})").fetchall() == [(45, 10)]


# --- files ----------------------------------------------------------------------------------------


def test_strange_names_and_values_make_the_round_trip(url: str) -> None:
    batch = labels(["o'neil", 'say "x"', None], key=LONG).append_column(
        STRANGE, pa.array(["a\nb\tc", "", "\\N"])
    )
    assert write_labels(f"{url}?table=odd%20%22table%22;", iter([batch])) == 3
    table = read_database(url, table='odd "table";')
    assert table.schema.names == batch.schema.names
    assert rows_of(table) == batch.to_pylist()
    assert next(table.batches([STRANGE, LONG])).schema.names == [STRANGE, LONG]


def test_a_table_that_is_there_is_replaced_appended_to_or_left(url: str) -> None:
    to = f"{url}?table=segments"
    write_labels(to, iter([labels([1, 2])]))
    with pytest.raises(OutputError, match='if_exists="replace"'):
        write_labels(to, iter([labels([9])]))
    write_labels(to, iter([labels([3]), labels([4])]), if_exists="append")
    assert [row["id"] for row in rows_of(read_database(to))] == [1, 2, 3, 4]
    write_labels(to, iter([labels([7])]), if_exists="replace")
    assert [row["id"] for row in rows_of(read_database(to))] == [7]
    write_labels(to, iter([labels(["a"], key="customer")]), if_exists="replace")
    assert rows_of(read_database(to))[0]["customer"] == "a"
    with pytest.raises(OutputError, match='no column "id"'):
        write_labels(to, iter([labels([1])]), if_exists="append")


def test_a_stream_that_breaks_off_leaves_the_table_as_it_was(url: str) -> None:
    def broken() -> object:
        yield labels([8, 9])
        raise ZeroDivisionError

    to = f"{url}?table=segments"
    write_labels(to, iter([labels([1, 2])]))
    for if_exists in ("replace", "append"):
        with pytest.raises((ZeroDivisionError, ShoalError)):
            write_labels(to, broken(), if_exists=if_exists)  # type: ignore[arg-type]
        assert [row["id"] for row in rows_of(read_database(to))] == [1, 2]


def test_a_column_called_like_a_label_is_told_from_it(url: str) -> None:
    write_labels(f"{url}?table=s", iter([labels([1], key="NAME")]))
    assert read_database(url, table="s").schema.names[:3] == ["NAME (id)", "segment", "name"]


def test_a_wrong_table_or_query_gets_one_message(url: str) -> None:
    write_labels(f"{url}?table=customers", iter([labels()]))
    for wrong, error, words in [
        ({"table": "custmers"}, InputError, 'Did you mean "customers"?'),
        ({}, InputError, "Tables there: customers"),
        ({"query": "select nothing from customers"}, InputError, "nothing"),
        ({"query": "select 1; select 2"}, ShoalError, "statement"),
        ({"query": "delete from customers"}, OptionError, "does not only read"),
        ({"query": "with x as (select 1) delete from customers"}, ShoalError, "shop|only"),
        ({"query": "select 1", "table": "customers"}, OptionError, "Both"),
    ]:
        with pytest.raises(error, match=words):
            read_database(url, **wrong)  # type: ignore[arg-type]
    assert len(rows_of(read_database(url, table="customers"))) == 3


def test_a_query_may_repeat_names_and_end_in_a_comment(url: str) -> None:
    write_labels(f"{url}?table=customers", iter([labels()]))
    table = read_database(
        url, query="-- who\nselect id, id, 1.5 as x from customers order by id desc; -- all of them"
    )
    assert table.schema.names == ["id", "id (2)", "x"]
    assert [row["id"] for row in rows_of(table)] == [3, 2, 1]


def test_a_file_that_is_not_there_and_one_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "x.db").write_text("a,b\n1,2\n" * 100)
    for kind in KINDS:
        with pytest.raises(InputError, match="There is no file"):
            read_database(f"{kind}:///{tmp_path}/none.db?table=t")
        with pytest.raises(OutputError, match="There is no file"):
            write_labels(f"{kind}:///{tmp_path}/none/x.db?table=t", iter([labels()]))
        with pytest.raises(InputError, match=r"x\.db"):
            read_database(f"{kind}:///{tmp_path}/x.db?table=t")


def test_sqlite_values_of_several_types_and_declared_dates(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "s.db") as con:
        con.execute("CREATE TABLE t (n INTEGER, d DATE, at TIMESTAMP, yes BOOLEAN, none TEXT)")
        con.executemany(
            "INSERT INTO t VALUES (?, '2024-01-02', '2024-01-02 03:04:05', 1, NULL)",
            [(i,) for i in range(30_000)],
        )
        con.execute("INSERT INTO t VALUES (0.5, '2024-01-03', NULL, 0, NULL)")
    table = read_database(f"sqlite:///{tmp_path}/s.db?table=t")
    assert [str(kind) for kind in table.schema.types] == [
        "double",
        "date32[day]",
        "timestamp[us]",
        "bool",
        "string",
    ]
    found = rows_of(table)
    assert (len(found), found[-1]["n"], found[0]["at"]) == (
        30_001,
        0.5,
        dt.datetime(2024, 1, 2, 3, 4, 5),
    )


def test_duckdb_types(tmp_path: Path) -> None:
    path = tmp_path / "d.duckdb"
    with duckdb.connect(str(path)) as con:
        con.execute(
            "CREATE TABLE t AS SELECT 1::HUGEINT AS h, 1.50::DECIMAL(9,2) AS dec, uuid() AS u, "
            "[1, 2] AS l, 'a'::ENUM('a', 'b') AS e, "
            "TIMESTAMPTZ '2024-01-02 03:00:00+02' AS at, 'nan'::DOUBLE AS n, DATE 'infinity' AS "
            "day, INTERVAL 36 HOURS AS i"
        )
    table = read_database(f"duckdb:///{path}?table=main.t")
    row = rows_of(table)[0]
    assert len(str(row.pop("u"))) == 36
    at = dt.datetime(2024, 1, 2, 1)
    assert row == {
        "h": 1,
        "dec": 1.5,
        "l": "[1, 2]",
        "e": "a",
        "at": at,
        "n": None,
        "day": None,
        "i": 1.5,
    }


def test_a_locked_sqlite_file_is_said_to_be_locked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoal.data.databases.sqlite.CONNECT_SECONDS", 0.1)
    url = f"sqlite:///{tmp_path}/s.db?table=t"
    write_labels(url, iter([labels()]))
    with sqlite3.connect(tmp_path / "s.db", isolation_level=None) as con:
        con.execute("BEGIN IMMEDIATE")
        with pytest.raises(OutputError, match="locked"):
            write_labels(url, iter([labels()]), if_exists="replace")


# --- any other database ---------------------------------------------------------------------------


@pytest.fixture(params=["sqlalchemy", "adbc"])
def other(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """SQLite, reached the way that a database which shoal has never heard of would be."""
    if request.param == "adbc":
        pytest.importorskip(
            "adbc_driver_sqlite", reason="the driver adbc-driver-sqlite is not installed"
        )
        return f"adbc+sqlite:///{tmp_path}/other.db"
    pytest.importorskip(
        "sqlalchemy", reason="SQLAlchemy is not installed"
    ).dialects.registry.register("corner", "sqlalchemy.dialects.sqlite.pysqlite", "dialect")
    return f"corner:///{tmp_path}/other.db"


def test_any_dialect_or_driver_reads_and_writes(other: str) -> None:
    to, batch = f"{other}?table=segments", labels(["a", None, "b"], key=STRANGE)
    assert write_labels(to, iter([batch, batch])) == 6
    with pytest.raises(OutputError, match='if_exists="replace"'):
        write_labels(to, iter([batch]))
    write_labels(to, iter([batch]), if_exists="replace")
    write_labels(to, iter([batch]), if_exists="append")
    found = rows_of(read_database(to))
    assert [row[STRANGE] for row in found] == ["a", None, "b"] * 2
    assert [row["margin"] for row in found] == [0.25] * 6
    assert read_database(other, query="select '100 %' as a, ':x' as a").schema.names == [
        "a",
        "a (2)",
    ]
    for wrong in ({"table": "segmnts"}, {}, {"query": "select frm"}):
        with pytest.raises(InputError):
            read_database(other, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("nonesuch://ann:hunter2@h/d?table=t", 'does not know "nonesuch://"'),
        ("adbc+nonesuch://ann:hunter2@h/d?table=t", "pip install adbc-driver-nonesuch"),
        ("oracle+cx_oracle://ann:hunter2@h/d?table=t", "pip install cx_Oracle"),
    ],
)
def test_a_missing_driver_gives_the_line_to_type(url: str, words: str) -> None:
    for act in (lambda: read_database(url), lambda: write_labels(url, iter([labels()]))):
        with pytest.raises(InputError, match=words) as caught:
            act()
        assert "hunter2" not in str(caught.value)


def test_a_driver_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for module, package, url in [
        ("adbc_driver_postgresql.dbapi", "adbc-driver-postgresql", "postgresql"),
        ("pymysql", "pymysql", "mysql"),
    ]:
        monkeypatch.setitem(__import__("sys").modules, module, None)
        with pytest.raises(InputError, match=f"pip install {package}"):
            read_database(f"{url}://ann:hunter2@127.0.0.1:1/d?table=t")


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_apostrophes_and_quotes_in_paths_and_names_are_letters(tmp_path: Path, scheme: str) -> None:
    folder = tmp_path / "it's here"
    folder.mkdir()
    batch = pa.record_batch({"it's": [1, 2], 'say "hi"': ["a", "it's"]})
    to = f"{scheme}:///{folder}/it's.db?table=bob's \"own\""
    assert write_labels(to, iter([batch])) == 2
    read = next(read_database(to).batches())
    assert read.to_pylist() == [{"it's": 1, 'say "hi"': "a"}, {"it's": 2, 'say "hi"': "it's"}]
