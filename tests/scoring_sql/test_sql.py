"""The statement says of every row what `assign` says, in each database that runs here."""

# ruff: noqa: F811  # the servers are fixtures

from __future__ import annotations

import json
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlglot
from click.testing import CliRunner

import shoal
import sql_kit as kit
from cluster import QUICK, java
from model_kit import of_two_columns
from servers import Server, mariadb, postgres  # noqa: F401
from shoal.cli.main import app
from shoal.scoring_sql.dialects import DIALECTS
from shoal.types import Feature, MadeColumn, Recipe

SNAPSHOTS = Path(__file__).parent / "snapshots"
KEYWORD, QUOTES, LONG = "select", "a \"b\" `c` [d] 'e' %s {f} \\", "Ü值βж" * 15


def shop(rows: int = 300) -> pa.Table:
    """Customers with dates, words, flags, gaps, and names that are hard to write."""
    rng = np.random.default_rng(1)
    kind = rng.integers(0, 3, rows)
    last = np.datetime64("2024-06-30") - rng.gamma(2, np.array([10, 60, 200])[kind]).astype(int)
    spent = rng.lognormal(np.array([3, 4, 6])[kind], 0.4)
    return pa.table(
        {
            "customer_id": np.arange(rows) + 1,
            "last_purchase": pa.array(last, pa.date32()),
            KEYWORD: pa.array(spent, mask=rng.random(rows) < 0.1),
            QUOTES: rng.poisson(np.array([2, 9, 30])[kind]),
            LONG: rng.normal(np.array([0, 5, 9])[kind], 1.0),
            "plan": np.array(["Basic", "Plus", 'Pro\'s "x" \\ é'])[kind],
            "member": np.where(rng.random(rows) < 0.5, "Yes", "No"),
            "active": rng.random(rows) < 0.4,
        }
    )


@pytest.fixture(scope="module")
def scored() -> tuple[shoal.Model, pa.Table, pa.Table]:
    """A model, a table with rows that are odd, and what `assign` says of them."""
    table = shop()
    by = [KEYWORD, QUOTES, LONG, "plan", "member", "active", "days since last purchase"]
    model = shoal.segment(table, by=by, id="customer_id", k=4).model
    assert [feature.kind for feature in model.segmentation.recipe.features].count("flag") == 2
    odd = kit.with_odd_rows(table, model)
    return model, odd, model.assign(odd, id=kit.KEY)


pytestmark = pytest.mark.filterwarnings("ignore::UserWarning")


def test_names_are_as_hard_as_they_can_be() -> None:
    assert len(LONG) == 60
    assert all(ord(letter) > 127 for letter in LONG)


@pytest.mark.parametrize("run", [kit.on_duckdb, kit.on_sqlite])
def test_on_files_of_one_process(scored: Any, run: Any) -> None:
    model, table, want = scored
    dialect = run.__name__.removeprefix("on_")
    found = kit.differences(run(table, model.to_sql(dialect, id=kit.KEY)), want)
    assert found == dict.fromkeys(found, 0)


def test_on_postgresql(scored: Any, postgres: Server) -> None:
    model, table, want = scored
    rows = kit.on_postgres(postgres, table, model.to_sql("postgres", id=kit.KEY))
    found = kit.differences(rows, want)
    assert found == dict.fromkeys(found, 0)


def test_on_mariadb(scored: Any, mariadb: Server) -> None:
    """It holds neither NaN nor infinity: these are gaps there."""
    model, table, _ = scored
    finite = kit.without_infinite(table)
    rows = kit.on_mariadb(mariadb, finite, model.to_sql("mysql", id=kit.KEY))
    found = kit.differences(rows, model.assign(finite, id=kit.KEY))
    assert found == dict.fromkeys(found, 0)


@pytest.mark.skipif(not java(), reason="there is no Java")
def test_on_spark(scored: Any, tmp_path: Path) -> None:
    """In a process of its own: a session is one a process, and others are on a cluster."""
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    model, table, want = scored
    pq.write_table(table, tmp_path / "customers.parquet")
    (tmp_path / "scored.sql").write_text(model.to_sql("spark", id=kit.KEY), "utf-8")
    code = """
        import sys
        from pathlib import Path
        import pyarrow.parquet as pq
        from pyspark.sql import SparkSession
        import sql_kit as kit
        settings = {"spark.ui.enabled": "false", "spark.sql.shuffle.partitions": "1"}
        settings |= {"spark.driver.extraJavaOptions": sys.argv[2]}
        session = SparkSession.builder.master("local[1]").config(map=settings).getOrCreate()
        folder = Path(sys.argv[1])
        session.read.parquet(str(folder / "customers.parquet")).createOrReplaceTempView(kit.TABLE)
        scored = session.sql((folder / "scored.sql").read_text("utf-8"))
        pq.write_table(scored.toArrow(), folder / "scored.parquet")
    """
    tests = str(Path(__file__).parents[1])
    code = f"import sys; sys.path.insert(0, {tests!r})\n" + textwrap.dedent(code)
    done = subprocess.run(
        [sys.executable, "-c", code, tmp_path, QUICK], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    rows = [tuple(row.values()) for row in pq.read_table(tmp_path / "scored.parquet").to_pylist()]
    found = kit.differences(rows, want)
    assert found == dict.fromkeys(found, 0)


def test_real_customers(mall: Path) -> None:
    model = shoal.segment(mall).model
    table = kit.with_odd_rows(shoal.read(mall).to_arrow(), model)
    want = model.assign(table, id=kit.KEY)
    for run in (kit.on_duckdb, kit.on_sqlite):
        dialect = run.__name__.removeprefix("on_")
        found = kit.differences(run(table, model.to_sql(dialect, id=kit.KEY)), want)
        assert found == dict.fromkeys(found, 0)


# --- a model by hand -----------------------------------------------------------------------------


def by_hand(**changed: Any) -> shoal.Model:
    """Three centroids."""
    own: dict[str, Any] = {
        "centres": np.array([[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]]),
        "far": np.array([4.0, np.inf, 4.0]),
        "id_column": "id",
        "names": ("It's A", "B", "C"),
    }
    return of_two_columns(**own | changed)


def test_what_is_said_of_a_few_customers() -> None:
    """By hand: distances to (0, 0), (10, 0), (0, 10), of which the second has no limit."""
    table = pa.table(
        {
            "id": ["a", "b", "c", "d", "e", "f"],
            "x": [0.0, 5.0, 10.0, 5.0, None, 100.0],
            "y": [0.0, 0.0, 3.0, 5.0, None, 0.0],
        }
    )
    got = sorted(kit.on_duckdb(table, by_hand().to_sql("duckdb")))
    assert got == [
        ("a", 1, "It's A", "B", 1.0, False),
        ("b", 1, "It's A", "B", 0.0, True),  # as near to B: the first of them
        ("c", 2, "B", "It's A", 0.7127, False),  # 1 - 3 / sqrt(109)
        ("d", 1, "It's A", "B", 0.0, True),  # as near to all three
        ("e", None, "", "", 0.0, False),
        ("f", 2, "B", "It's A", 0.1, False),
    ]


def test_one_segment_has_no_runner_up() -> None:
    model = by_hand(
        centres=np.array([[1.0, 1.0]]), far=np.array([np.inf]), names=("All",), sizes=(3,)
    )
    table = pa.table({"id": [1], "x": [1.0], "y": [1.0]})
    assert kit.on_duckdb(table, model.to_sql("duckdb")) == [(1, 1, "All", "", 1.0, False)]


def test_numbers_of_segments_may_have_gaps() -> None:
    table = pa.table({"id": [1, 2, 3], "x": [1.0, 9.0, 0.0], "y": [0.0, 0.0, 9.0]})
    model = by_hand(ids=(1, 3, 7))
    assert [row[1] for row in kit.on_duckdb(table, model.to_sql("duckdb"))] == [1, 3, 7]
    assert "values: [1, 3, 7]" in model.dbt_schema()


def test_without_an_id_the_columns_read_stand_beside() -> None:
    model = by_hand(id_column=None)
    table = pa.table({"x": [1.0], "y": [0.0]})
    assert kit.on_duckdb(table, model.to_sql("duckdb"))[0][:3] == (1.0, 0.0, 1)


@pytest.mark.parametrize(
    ("held", "kind", "cells", "days"),
    [
        (
            "written",
            "days since",
            [20240229, 20240230, 19000229, 20240301, 0],
            [1, None, None, 0, None],
        ),
        ("serials", "days since", [45351, 45352, 45353], [1, 0, None]),
        ("s", "days until", [1709251199, 1709251200, 1709337600], [-1, 0, 1]),
        ("s", "years since", [5.1e8, 1677628800, 1677715200], [38, 1, 0]),
        ("years", "years since", [1900, 1990, 2024, 1800], [None, 34, 0, None]),
    ],
)
@pytest.mark.parametrize("run", [kit.on_duckdb, kit.on_sqlite])
def test_days_are_counted_as_assign_counts_them(
    run: Any, held: Any, kind: Any, cells: list[float], days: list[int | None]
) -> None:
    """Counted by hand to 2024-03-01; the distance to 0 tells what was counted."""
    made = MadeColumn("t", kind, ("when",), "2024-03-01", held)
    model = by_hand(
        recipe=Recipe((Feature(column="t", kind="number", fill=0.0),), "none"),
        centres=np.array([[-1e4], [1e4]]),
        far=np.array([np.inf, np.inf]),
        names=("A", "B"),
        sizes=(2, 1),
        made=(made,),
    )
    table = pa.table({"id": range(len(cells)), "when": pa.array(cells, pa.float64())})
    sql = model.to_sql(run.__name__.removeprefix("on_"))
    inner = sql[: sql.index("), shoal_encoded")] + ") SELECT key1, n1 FROM shoal_read"
    assert [row[1] for row in sorted(run(table, inner))] == days
    frame = shoal.read(table).to_arrow()
    want = model.assign(frame)["segment"].to_pylist()
    assert [row[1] for row in sorted(run(table, sql))] == want


def everything() -> shoal.Model:
    """A model with each kind of column."""
    features = (
        Feature(column="Größe", kind="number", fill=2.0, log_offset=1.5, centre=0.5, scale=2.0),
        Feature(column="active", kind="flag", fill=1.0, centre=0.25, scale=0.5),
        Feature(
            column="days since purchase", kind="number", fill=30.0, centre=40.0, scale=20.0,
            least=-5.0, most=900.0, never=-1.0,
        ),
        Feature(column="member", kind="flag", fill="No", categories=("No", "Yes"), scale=0.5),
        Feature(
            column="plan", kind="category", fill="", categories=("A", "it's"), scale=0.5,
            shares=(0.75, 0.25),
        ),
    )  # fmt: skip
    return by_hand(
        recipe=Recipe(features, "auto"),
        centres=np.array([[0.1, 0, 0, 0, 1, 0], [-0.2, 1, 0, 1, 0, 1.0]]),
        far=np.array([3.5, 4.5]),
        names=("It's A", "B \\ ü"),
        sizes=(2, 1),
        made=(MadeColumn("days since purchase", "days since", ("last",), "2024-06-30"),),
    )


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_text_is_the_one_that_was_reviewed(dialect: str) -> None:
    """`python tests/scoring_sql/test_sql.py` writes them anew, to be read before they are kept."""
    text = everything().to_sql(dialect, table="shop.customers", as_="view", name="segments")
    assert text + "\n" == (SNAPSHOTS / f"{dialect}.sql").read_text("utf-8")
    parsed = sqlglot.parse(text, dialect=dialect)
    assert len(parsed) == 1
    assert not isinstance(parsed[0], sqlglot.exp.Command)


# --- rules ---------------------------------------------------------------------------------------


def test_rules_say_what_was_measured_and_hold_as_they_read(mall: Path) -> None:
    """Reckoned again with pandas from the conditions in the model."""
    study = shoal.segment(mall)
    model = study.model
    agreement = model.rules_agree
    assert 0.5 < agreement["agree"] <= 1
    assert agreement["agree"] + agreement["none"] <= 1
    frame = shoal.read(mall).to_arrow().to_pandas()
    want = [None] * len(frame)
    tests = {">=": "ge", "<=": "le", "==": "eq", "!=": "ne"}
    for rule in reversed(model.about["rules"]["order"]):
        met = np.ones(len(frame), bool)
        for each in rule["conditions"]:
            met &= getattr(frame[each["column"]], tests[each["op"]])(each["value"]).to_numpy()
        want = [rule["segment"] if m else w for m, w in zip(met, want, strict=True)]
    table = pa.Table.from_pandas(frame)
    for run in (kit.on_duckdb, kit.on_sqlite):
        sql = model.to_sql(run.__name__.removeprefix("on_"), rules=True)
        assert sql.startswith("-- Rules: the segment of ")
        rows = sorted(run(table, sql))
        assert [row[1] for row in rows] == want
        assert [row[2] for row in rows] == [model.names[w - 1] if w else "" for w in want]
    everybody = np.mean([w == s for w, s in zip(want, study.labels, strict=True)])
    assert abs(everybody - agreement["agree"]) < 0.1


def test_a_model_without_rules_says_so() -> None:
    with pytest.raises(shoal.InputError, match="holds no rules"):
        by_hand().to_sql("duckdb", rules=True)


# --- what is refused, and the command ------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"dialect": "oracle"}, 'dialect="oracle" is none that shoal writes'),
        ({"dialect": "duckdb", "table": ""}, "no name of a table"),
        ({"dialect": "duckdb", "table": "a.b.c.d"}, "no name of a table"),
        ({"dialect": "duckdb", "as_": "table"}, "none of select, view, dbt"),
        ({"dialect": "duckdb", "as_": "dbt", "table": "my table"}, "no model of dbt"),
    ],
)
def test_wrong_options_are_refused(asked: dict[str, str], said: str) -> None:
    with pytest.raises(shoal.OptionError, match=said):
        by_hand().to_sql(**asked)


@pytest.mark.parametrize(
    ("dialect", "name", "said"),
    [
        ("bigquery", "a.b", "cannot be a column of bigquery"),
        ("mysql", "x" * 65, "64 at most"),
        ("tsql", "x" * 129, "128 at most"),
    ],
)
def test_columns_that_a_database_cannot_have_are_refused(
    dialect: str, name: str, said: str
) -> None:
    features = (Feature(column=name, kind="number", fill=0.0),)
    model = by_hand(recipe=Recipe(features, "none"), centres=np.zeros((3, 1)))
    with pytest.raises(shoal.OptionError, match=said):
        model.to_sql(dialect)


def test_many_features_are_added_up_in_parts_and_too_many_are_refused() -> None:
    features = tuple(Feature(column=f"x{i}", kind="number", fill=0.0) for i in range(901))
    model = by_hand(recipe=Recipe(features, "none"), centres=np.zeros((3, 901)))
    with pytest.raises(shoal.OptionError, match=r"sqlite can hold 900"):
        model.to_sql("sqlite")
    centres = np.arange(1230.0).reshape(3, 410)
    model = by_hand(recipe=Recipe(features[:410], "none"), centres=centres)
    table = pa.table({"id": [1], **{f"x{i}": [410.0 + i] for i in range(410)}})
    assert kit.on_duckdb(table, model.to_sql("duckdb"))[0][1:5] == (2, "B", "It's A", 1.0)


def test_text_where_numbers_are_wanted_is_never_zero() -> None:
    """In SQLite, where a column may hold anything."""
    sql = by_hand().to_sql("sqlite")
    text = pa.table({"id": [1, 2], "x": ["9.5", " "], "y": ["1", "0"]})
    assert [row[1] for row in sorted(kit.on_sqlite(text, sql))] == [2, 1]
    with pytest.raises(Exception, match="malformed JSON"):
        kit.on_sqlite(pa.table({"id": [1], "x": ["n/a"], "y": ["1"]}), sql)


def test_a_table_is_named_with_its_schema() -> None:
    def source(table: str) -> str:
        return by_hand().to_sql("duckdb", table=table)

    assert 'FROM "shop"."customers"\n' in source("shop.customers")
    assert 'FROM "my.shop"."a b"\n' in source('"my.shop"."a b"')
    assert 'FROM "we""ird"\n' in source('we"ird')


def test_the_command(tmp_path: Path) -> None:
    path = by_hand().save(tmp_path / "model.json")

    def shell(*typed: object) -> str:
        done = CliRunner().invoke(app, ["sql", str(path), *map(str, typed)])
        assert done.exit_code == 0, done.output
        return done.output

    assert shell("--dialect", "duckdb").strip() == by_hand().to_sql("duckdb")
    said = json.loads(shell("--dialect", "tsql", "--as", "view", "--json"))
    assert said["sql"].startswith("CREATE OR ALTER VIEW [segments]")
    shell("--dialect", "snowflake", "--as", "dbt", "--table", "raw.customers", "--out", tmp_path)
    text = (tmp_path / "segments.sql").read_text("utf-8")
    assert "FROM {{ source('raw', 'customers') }}" in text
    schema = (tmp_path / "schema.yml").read_text("utf-8")
    assert '- name: "runner_up"' in schema
    nested = "accepted_values:\n              arguments:\n                values: [1, 2, 3]\n"
    assert nested in schema  # as dbt 1.10.5 and newer ask for it
    (tmp_path / "schema.yml").write_text("version: 2\n")
    with pytest.raises(shoal.OptionError, match="shoal did not write it"):
        by_hand().write_sql(tmp_path, "snowflake", as_="dbt")


def test_words_of_the_model_are_no_templates_to_dbt() -> None:
    text = by_hand(names=("{{ evil }}", "B", "C")).to_sql("duckdb", as_="dbt")
    assert "{{ '{{' }} evil }}" in text


if __name__ == "__main__":
    SNAPSHOTS.mkdir(exist_ok=True)
    for each in DIALECTS:
        view = everything().to_sql(each, table="shop.customers", as_="view", name="segments")
        (SNAPSHOTS / f"{each}.sql").write_text(view + "\n", "utf-8")
