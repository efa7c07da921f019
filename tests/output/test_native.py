"""What comes back about a table is of the library whose frame the table was."""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.dataset
import pytest
from sklearn.preprocessing import StandardScaler

import shoal


def customers() -> pd.DataFrame:
    """Three groups of ninety customers; nothing is known of the last, and plans go with groups."""
    group = np.arange(90) % 3
    frame = pd.DataFrame(
        {
            "customer_id": [f"K{i:02d}" for i in range(90)],
            "spent": group * 300.0 + np.arange(90) % 7,
            "visits": group * 9.0 + np.arange(90) % 2,
            "plan": np.array(["Basic", "Plus", "Pro"])[group],
        },
        index=np.arange(90) * 10 + 5,
    )
    frame.loc[895, ["spent", "visits", "plan"]] = None
    return frame


HOME = duckdb.connect()
KINDS: dict[str, tuple[Callable[[pd.DataFrame], Any], type]] = {
    "pandas": (lambda frame: frame, pd.DataFrame),
    "columns": (lambda frame: frame.to_dict("list"), pd.DataFrame),
    "polars": (pl.from_pandas, pl.DataFrame),
    "lazy": (lambda frame: pl.from_pandas(frame).lazy(), pl.DataFrame),
    "arrow": (lambda frame: pa.Table.from_pandas(frame, preserve_index=False), pa.Table),
    "batches": (lambda frame: arrow(frame).to_reader(), pa.Table),
    "dataset": (lambda frame: pyarrow.dataset.dataset(arrow(frame)), pa.Table),
    "duckdb": (lambda frame: HOME.from_arrow(arrow(frame)), duckdb.DuckDBPyRelation),
}


def arrow(frame: pd.DataFrame) -> pa.Table:
    return pa.Table.from_pandas(frame, preserve_index=False)


def in_pandas(given: Any) -> pd.DataFrame:
    if isinstance(given, pd.DataFrame):
        return given.reset_index(drop=True)
    return given.df() if hasattr(given, "df") else given.to_pandas()


def grouped(frame: pd.DataFrame) -> shoal.Study:
    return shoal.segment(frame, by=["spent", "visits"], k=3)


@pytest.fixture(scope="module")
def expected() -> pd.DataFrame:
    return grouped(customers()).customers.reset_index(drop=True)


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_kind_comes_out_as_went_in(kind: str, expected: pd.DataFrame) -> None:
    make, library = KINDS[kind]
    study = grouped(make(customers()))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        found = [study.customers, study.assign(make(customers()))]
        found.append(study.model.assign(make(customers())))
    for each in found:
        assert isinstance(each, library)
        labels = in_pandas(each)
        assert labels["customer_id"].tolist() == expected["customer_id"].tolist()
        assert labels["segment"].dropna().tolist() == expected["segment"].dropna().tolist()
        assert labels["segment"].isna().tolist() == expected["segment"].isna().tolist()
        assert labels["name"].dropna().tolist() == expected["name"].dropna().tolist()
        assert np.allclose(labels["margin"], expected["margin"])
    aside = [w for w in said if "no value in any column" in str(w.message)]
    assert len(aside) == (0 if library is pd.DataFrame else 2)
    assert isinstance(pickle.loads(pickle.dumps(study)).customers, library)


def test_a_relation_joins_with_the_one_it_is_of() -> None:
    there = duckdb.connect()
    there.register("given", arrow(customers()))
    relation = there.sql("SELECT * FROM given")
    study = grouped(relation)
    both = study.customers.join(relation.set_alias("own"), "customer_id")
    sums = both.aggregate("segment, count(*) n, sum(spent) s").order("segment").fetchall()
    frame = customers().assign(segment=grouped(customers()).customers["segment"])
    wanted = frame.dropna().groupby("segment")["spent"].agg(["count", "sum"])
    known = [row for row in sums if row[0] is not None]
    assert known == list(wanted.itertuples(name=None))
    relation = duckdb.connect().from_arrow(arrow(customers()))
    study = grouped(relation)
    there.close()
    assert isinstance(study.customers, duckdb.DuckDBPyRelation)


def test_files_and_orders_come_back_as_pandas_and_as_they_were(tmp_path: Path) -> None:
    customers().to_csv(tmp_path / "customers.csv", index=False)
    study = grouped(tmp_path / "customers.csv")
    assert isinstance(study.customers, pd.DataFrame)
    assert isinstance(study.assign(pl.from_pandas(customers()[:-1])), pl.DataFrame)
    orders = pl.DataFrame(
        {
            "customer": [f"K{i % 40:02d}" for i in range(400)],
            "amount": [float(1 + i % 40 // 20 * 90 + i % 3) for i in range(400)],
            "date": pl.date_range(pl.date(2023, 1, 1), pl.date(2024, 2, 4), eager=True)[:400],
        }
    )
    found = shoal.segment(orders, orders=True, k=2)
    assert isinstance(found.customers, pl.DataFrame)
    assert found.customers.height == 40


def test_numbers_are_numbers_where_some_or_all_are_missing() -> None:
    study = grouped(customers())
    without = shoal.segment(customers().drop(columns="spent"), by=["visits"], k=2)
    for each in (study, without):
        for frame in (each.customers, each.segments, each.centroids, each.encode(customers())):
            columns = [frame[name] for name in frame if frame[name].dtype == object]
            assert {pd.api.types.infer_dtype(c) for c in columns} <= {"string"}  # before pandas 3
    assert np.isnan(study.customers["segment"].iloc[-1])
    assert without.segments["value_mean"].isna().all()


def test_centroids_are_the_means_and_medians_of_the_columns() -> None:
    frame = customers()
    study = shoal.segment(frame, by=["spent", "visits", "plan"], k=3)
    numbers = frame[["spent", "visits"]].groupby(study.customers["segment"])
    found = study.centroids
    assert found.index.name == "id"
    assert found.index.tolist() == [1, 2, 3]
    assert found.columns.names == ["statistic", "column"]
    for statistic in ("mean", "median"):
        wanted = getattr(numbers, statistic)()
        assert found[statistic].columns.tolist() == ["spent", "visits"]
        assert np.allclose(found[statistic], wanted)


def test_encode_gives_the_matrix_with_the_names_of_its_features() -> None:
    frame = customers()
    study = shoal.segment(frame, by=["spent", "visits", "plan"], k=3, scale="standard")
    found = study.encode(frame)
    assert found.columns.tolist() == ["plan_Basic", "plan_Plus", "plan_Pro", "spent", "visits"]
    assert found.index.equals(frame.index)
    assert found.dtypes.eq(float).all()
    assert found.iloc[-1].isna().all()
    known = frame.iloc[:-1]
    numbers = known[["spent", "visits"]]
    filled = frame[["spent", "visits"]].fillna(numbers.median())
    wanted = StandardScaler().fit(filled).transform(filled)[:-1]
    assert np.allclose(found[["spent", "visits"]].iloc[:-1], wanted)
    shares = pd.get_dummies(known["plan"]).astype(float)
    ratio = found.iloc[:-1, :3].to_numpy() / shares.to_numpy().sum() * len(known)
    assert np.allclose(ratio, shares.to_numpy() * ratio.max())
    assert isinstance(study.model.encode(pl.from_pandas(frame)), pl.DataFrame)
    with pytest.raises(shoal.InputError, match='lacks "spent"'):
        study.encode(frame.drop(columns="spent"))
