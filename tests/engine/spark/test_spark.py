"""The same study by Spark as here, on a cluster of one master and two workers."""

from __future__ import annotations

import datetime as dt
import gc
import json
import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

import shoal
from cluster import Cluster, cluster, java
from shoal.analysis.kmeans.full_data import LloydPass
from shoal.analysis.profile.statistics import ColumnFacts
from shoal.data import open_table
from shoal.engine.table import run
from shoal.options import ReadingOptions
from shoal.output.atomic import staged
from shoal.output.identity import model_of

pytest.importorskip("pyspark", reason="pyspark is not installed")
pytestmark = [
    pytest.mark.skipif(not java(), reason="there is no Java"),
    pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning"),
]

ROWS, LOST = 60_000, 7


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A cluster, to which the session of this process will belong."""
    with cluster(tmp_path_factory.mktemp("cluster")) as made, pytest.MonkeyPatch.context() as patch:
        for name, value in made.environment.items():
            patch.setenv(name, value)
        yield made
        from pyspark.sql import SparkSession

        if session := SparkSession.getActiveSession():
            session.stop()


@pytest.fixture(scope="module")
def customers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four groups of customers in five files, with gaps; seven customers have no value at all."""
    rng = np.random.default_rng(3)
    group = rng.integers(0, 4, ROWS)
    middle = np.array([[2.0, 1.0, 0.3], [4.0, 1.2, 0.9], [3.0, 3.0, 0.1], [5.0, 3.3, 0.5]])[group]
    x = middle + rng.normal(0, [0.3, 0.3, 0.08], (ROWS, 3))
    gaps = rng.random((ROWS, 3)) < 0.01
    gaps[rng.choice(ROWS, LOST, replace=False)] = True
    folder = tmp_path_factory.mktemp("data") / "customers"
    folder.mkdir()
    table = pa.table(
        {
            "customer": [f"c{n:06d}" for n in rng.permutation(ROWS)],
            "spent": pa.array(np.exp(x[:, 0]).round(2), mask=gaps[:, 0]),
            "orders": pa.array(np.exp(x[:, 1]).round().astype("int32"), mask=gaps[:, 1]),
            "rebate": pa.array(x[:, 2].astype("float32"), mask=gaps[:, 2]),
            "region": np.array(["north", "south", "east"])[rng.integers(0, 3, ROWS)],
        }
    )
    for number, start in enumerate(range(0, ROWS, 12_000)):
        pq.write_table(table.slice(start, 12_000), folder / f"part{number}.parquet")
    return folder


BY = ["spent", "orders", "rebate"]


@pytest.fixture(scope="module")
def here(customers: Path) -> SimpleNamespace:
    """The study made on this machine."""
    study = shoal.segment(customers, by=BY, value="spent")
    return SimpleNamespace(study=study, labels=by_customer(study.customers), model=as_saved(study))


def as_saved(study: shoal.Study) -> dict[str, Any]:
    from shoal.output.model_file import to_json

    return json.loads(to_json(study.model.segmentation, study.model.about))


def by_customer(labels: Any) -> Any:
    if hasattr(labels, "toArrow"):  # a DataFrame of Spark
        labels = labels.toArrow()
    if not isinstance(labels, pa.Table):
        labels.attrs.clear()
        labels = pa.Table.from_pandas(labels, preserve_index=False)
    return labels.sort_by("customer").replace_schema_metadata(None)


def assert_labels_beside_columns(path: Path, customers: Path, here: SimpleNamespace) -> None:
    """The labels that were found here, and beside each customer's its own columns."""
    written = by_customer(pq.read_table(path))
    labels = written.select(here.labels.column_names)
    assert labels.equals(here.labels.cast(labels.schema))
    own = by_customer(pq.read_table(customers))
    beside = [name for name in own.column_names if name != "customer"]
    assert written.column_names == [*here.labels.column_names, *beside]
    assert written.select(beside).equals(own.select(beside).cast(written.select(beside).schema))


def assert_close(left: Any, right: Any, where: str = "model") -> None:
    """Equal, but for the last digits of numbers."""
    if isinstance(left, dict):
        assert left.keys() == right.keys(), where
        for key, value in left.items():
            assert_close(value, right[key], f"{where}.{key}")
    elif isinstance(left, list):
        assert len(left) == len(right), where
        for n, (a, b) in enumerate(zip(left, right, strict=True)):
            assert_close(a, b, f"{where}[{n}]")
    elif isinstance(left, float):
        assert left == pytest.approx(right, rel=1e-6, abs=1e-6), where
    else:
        assert left == right, where


def test_the_command_line_makes_the_same_study_by_spark(
    spark: Cluster, customers: Path, here: SimpleNamespace, tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "shoal.cli.main",
        "segment",
        str(customers),
        "--engine",
        spark.url,
        "--json",
    ]
    options = [part for name in BY for part in ("--by", name)] + [
        "--value",
        "spent",
        "--out",
        str(tmp_path / "out"),
    ]
    done = subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=300, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["outputs"]["customers"] == str(
        tmp_path / "out/customers.parquet"
    )
    assert json.loads(done.stdout)["k"] == 4
    assert_close(json.loads((tmp_path / "out/model.json").read_text()), here.model)
    assert_labels_beside_columns(tmp_path / "out/customers.parquet", customers, here)
    assert {p.suffix for p in (tmp_path / "out/customers.parquet").iterdir()} == {".parquet"}
    assert model_of(tmp_path / "out/customers.parquet") == here.model["model_id"]
    aside = (tmp_path / "out/set_aside.csv").read_text().splitlines()
    assert aside[0] == '"customer","reason"'
    unplaced = here.labels.filter(pc.is_null(here.labels["segment"]))["customer"].to_pylist()
    assert sorted(line.split(",")[0].strip('"') for line in aside[1:]) == unplaced
    assert len(unplaced) == LOST


def test_a_table_in_parts_is_replaced_as_one(tmp_path: Path) -> None:
    goal = tmp_path / "customers.parquet"
    goal.write_text("one file")
    for name in ("first.parquet", "second.parquet"):
        with staged(tmp_path) as folder:
            (folder / goal.name).mkdir()
            (folder / goal.name / name).write_text("part")
        assert [p.name for p in goal.iterdir()] == [name]
    with staged(tmp_path) as folder:
        (folder / goal.name).write_text("one file again")
    assert [p.name for p in tmp_path.iterdir()] == [goal.name]
    assert goal.read_text() == "one file again"


def assert_rows_stay_on_the_cluster(
    study: shoal.Study, frame: Any, here: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What comes back is a DataFrame of Spark, which was made without one row coming here."""
    from pyspark.sql import DataFrame

    def collected(*_: Any) -> None:
        raise AssertionError("rows were collected")

    with monkeypatch.context() as patch:
        for name in ("toLocalIterator", "toArrow", "toPandas"):
            patch.setattr(type(frame), name, collected)
        again = pickle.loads(pickle.dumps(here.study.model))
        frames = [study.customers, again.assign(frame)]
        encoded = study.encode(frame)
    assert all(isinstance(each, DataFrame) for each in [*frames, encoded])
    sizes = [LOST, *here.study.segments["size"]]
    for each in frames:
        counted = {
            row["segment"] or 0: row["count"] for row in each.groupBy("segment").count().collect()
        }
        assert [counted[segment] for segment in sorted(counted)] == sizes
    assert encoded.columns == ["orders", "rebate", "spent"]
    joined = frame.join(study.customers, "customer").where("spent > 0").groupBy("name").count()
    assert joined.count() == len(sizes) - 1
    wanted = pa.Table.from_pandas(here.study.encode(frame.toPandas()), preserve_index=False)
    theirs = encoded.toArrow()
    for name in wanted.column_names:
        np.testing.assert_allclose(theirs[name].to_numpy(), wanted[name].to_numpy(), atol=1e-9)


def test_a_spark_frame_is_segmented_inspected_and_assigned(
    spark: Cluster,
    customers: Path,
    here: SimpleNamespace,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = session(spark).read.parquet(str(customers))
    study = shoal.segment(frame, by=BY, value="spent", k=4)
    assert_close(as_saved(study)["model"]["centres"], here.model["model"]["centres"])
    assert np.bincount(study.labels).tolist() == [LOST, *here.study.segments["size"]]
    for labels in (study.customers, here.study.assign(frame)):
        assert by_customer(labels).cast(here.labels.schema).equals(here.labels)
    assert_rows_stay_on_the_cluster(study, frame, here, monkeypatch)
    assert shoal.inspect(frame).rows == ROWS
    here.study.save(tmp_path / "model.json")
    placed = shoal.assign(
        tmp_path / "model.json", str(customers), out=tmp_path / "new.parquet", engine="spark"
    )
    assert (placed["rows_read"], placed["rows_set_aside"]) == (ROWS, LOST)
    assert_labels_beside_columns(tmp_path / "new.parquet", customers, here)


def test_steps_over_cached_blocks_come_to_the_same_centres(
    spark: Cluster, customers: Path, here: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    context, seen = session(spark).sparkContext, []
    monkeypatch.setattr("shoal.analysis.kmeans.full_data.PLAIN", 0)
    made = LloydPass.moved
    monkeypatch.setattr(
        LloydPass,
        "moved",
        lambda *step: (seen.append(context._jsc.getPersistentRDDs().size()), made(*step))[1],
    )
    study = shoal.segment(customers, engine="spark", by=BY, value="spent", k=4)
    assert min(seen) == 1
    assert_close(as_saved(study)["model"]["centres"], here.model["model"]["centres"])
    gc.collect()
    assert context._jsc.getPersistentRDDs().size() == 0


def test_what_was_cached_is_freed(spark: Cluster, customers: Path) -> None:
    context = session(spark).sparkContext
    gc.collect()
    before = context._jsc.getPersistentRDDs().size()
    study = shoal.segment(
        session(spark).read.parquet(str(customers / "part0.parquet")).repartition(3), by=BY, k=2
    )
    assert context._jsc.getPersistentRDDs().size() == before + 1
    del study
    gc.collect()
    assert context._jsc.getPersistentRDDs().size() == before


def test_few_distinct_rows_are_counted_by_spark(spark: Cluster, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    two = {
        "income": rng.integers(15, 60, 50_000) + 50 * rng.integers(0, 2, 50_000),
        "score": rng.integers(1, 50, 50_000),
    }
    pq.write_table(pa.table(two), tmp_path / "two.parquet")
    mine, theirs = (
        shoal.segment(tmp_path / "two.parquet", k=3, engine=engine) for engine in (None, "spark")
    )
    assert_close(as_saved(mine), as_saved(theirs))


def test_rows_without_an_id_keep_their_order(spark: Cluster) -> None:
    rng = np.random.default_rng(2)
    table = pa.table(
        {"a": rng.normal(0, 1, 900) + np.repeat([0, 9, 20], 300), "b": rng.normal(0, 1, 900)}
    )
    mine = shoal.segment(table, by=["a", "b"], k=3)
    theirs = shoal.segment(session(spark).createDataFrame(table), by=["a", "b"], k=3)
    assert theirs.labels.tolist() == mine.labels.tolist()
    numbered = theirs.customers.toArrow()
    assert numbered["row"].to_pylist() == list(range(1, 901))
    assert numbered["segment"].to_pylist() == mine.labels.tolist()


def test_every_type_becomes_one_of_six(spark: Cluster) -> None:
    frame = session(spark).sql("""
        SELECT CAST(1 AS TINYINT) AS `a.b`, CAST('NaN' AS DOUBLE) AS nan, CAST(1.5 AS FLOAT) AS `NaN`, CAST(12.5 AS DECIMAL(9,2)) AS price,
               CAST(7 AS DECIMAL(9,0)) AS whole, CAST('18446744073709551615' AS DECIMAL(20,0)) AS wide, true AS flag,
               DATE'2024-02-29' AS day, TIMESTAMP'2024-07-01 12:00:00 Europe/Berlin' AS at, TIMESTAMP_NTZ'2024-07-01 12:00:00' AS plain,
               array(1, 2) AS many, NULL AS nothing, 'x' AS ` word `
    """)
    table = open_table(frame, ReadingOptions())
    assert next(table.batches()).to_pylist() == [
        {
            "a.b": 1,
            "nan": None,
            "NaN": 1.5,
            "price": 12.5,
            "whole": 7,
            "wide": "18446744073709551615",
            "flag": True,
            "day": dt.date(2024, 2, 29),
            "at": dt.datetime(2024, 7, 1, 10),
            "plain": dt.datetime(2024, 7, 1, 12),
            "many": "[1,2]",
            "nothing": None,
            "word": "x",
        }
    ]
    assert [(f.code, f.column) for f in table.findings] == [
        ("long-numbers", "wide"),
        ("type-changed", "many"),
    ]


def test_empty_partitions_are_no_matter(spark: Cluster) -> None:
    frame = (
        session(spark)
        .range(0, 4_000, numPartitions=4)
        .where("id >= 2000")
        .selectExpr("id", "id % 7 AS visits")
    )
    assert shoal.inspect(frame).rows == 2_000
    with pytest.raises(shoal.InputError, match=r"has columns \(id, visits\) but no rows"):
        shoal.inspect(frame.where("id < 0"))


def test_workers_merge_where_there_are_many_partitions(spark: Cluster) -> None:
    frame = session(spark).range(0, 10_000, numPartitions=70)
    table = open_table(frame, ReadingOptions())
    facts = ColumnFacts(table.schema, ["id"])
    assert run(table, facts) == 10_000
    tally = facts.tallies["id"]
    assert (tally.rows, tally.sum, tally.low, tally.high) == (10_000, 49_995_000.0, 0.0, 9_999.0)


@pytest.mark.parametrize(
    ("source", "engine", "message"),
    [
        ("customers.csv", "spark", "Spark reads Parquet files"),
        ("nowhere.parquet", "spark", 'There is no file or folder "nowhere.parquet"'),
        (
            "{data}",
            "dask",
            'engine="dask" is unknown. Known: spark, or the address of its master, such as '
            "spark://host:7077.",
        ),
        ("{data}", "spark://127.0.0.1:1", "No Spark master answers at spark://127.0.0.1:1."),
        (
            {"a": [1]},
            "spark",
            'engine="spark" is for paths of Parquet files; a dict stays here. Leave it out.',
        ),
    ],
)
def test_what_spark_cannot_do_is_said(
    customers: Path, source: Any, engine: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shoal.engine.spark.session._running", lambda: None)
    with pytest.raises(shoal.ShoalError, match="^" + message.replace("(", "\\(")):
        shoal.segment(str(customers) if source == "{data}" else source, engine=engine)


def test_options_of_other_readers_are_refused(customers: Path) -> None:
    with pytest.raises(shoal.OptionError, match="sep is for files that shoal itself reads"):
        shoal.segment(customers, engine="spark", sep=";")


def test_a_missing_pyspark_or_java_is_said(
    customers: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    command = [
        sys.executable,
        "-m",
        "shoal.cli.main",
        "inspect",
        str(customers),
        "--engine",
        "spark",
    ]
    bare = {"PATH": os.environ["PATH"], "JAVA_HOME": str(tmp_path)}
    done = subprocess.run(
        command, capture_output=True, text=True, env=bare, timeout=120, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith("shoal: Spark did not start: it needs Java 17 or newer")
    assert len(done.stderr.splitlines()) == 1
    monkeypatch.setitem(sys.modules, "pyspark.sql", None)
    with pytest.raises(shoal.InputError, match='pip install "shoal\\[spark\\]"'):
        shoal.segment(customers, engine="spark")


def session(spark: Cluster) -> Any:
    from shoal.engine.spark.session import session_of

    return session_of(spark.url)


def test_a_worker_that_is_killed_changes_nothing(
    spark: Cluster, customers: Path, here: SimpleNamespace, tmp_path: Path
) -> None:
    tracker = session(spark).sparkContext.statusTracker()
    steps: list[str] = []
    killed: list[list[int]] = []

    def kill() -> None:
        while not (running := list(tracker.getActiveStageIds())):
            time.sleep(0.005)
        spark.kill_worker()
        killed.append(running)

    killer = threading.Thread(target=kill)

    def tell(step: str, rows: int, total: int | None) -> None:
        if step == "choosing k" and step not in steps:
            killer.start()
        steps.append(step)

    study = shoal.segment(
        customers, by=BY, value="spent", engine="spark", out=tmp_path / "out", progress=tell
    )
    killer.join(timeout=10)
    assert len(killed) == 1
    assert "writing" in steps
    assert_close(as_saved(study), here.model)
    assert_labels_beside_columns(tmp_path / "out/customers.parquet", customers, here)
