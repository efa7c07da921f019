"""What must not change the segmentation: order, units, constants, repetition."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

import shoal

BY = ["Annual Income (k$)", "Spending Score (1-100)"]


@pytest.fixture(scope="module")
def base() -> pd.DataFrame:
    from shoal.cli import demo_data as demo

    return pd.DataFrame(demo.rows(150), columns=["CustomerID", "Gender", "Age", *BY])


@pytest.fixture(scope="module")
def study(base: pd.DataFrame) -> shoal.Study:
    return shoal.segment(base)


def same(study: shoal.Study, other: shoal.Study, labels: np.ndarray | None = None) -> None:
    """The same number of segments, the same customers in each, under the same names and numbers."""
    found = other.labels if labels is None else labels
    assert list(study.segments["name"]) == list(other.segments["name"])
    assert (study.labels == found).all()


def test_shuffled_rows(base: pd.DataFrame, study: shoal.Study) -> None:
    order = np.random.default_rng(3).permutation(len(base))
    other = shoal.segment(base.iloc[order])
    back = np.empty_like(other.labels)
    back[order] = other.labels
    same(study, other, back)


def test_shuffled_columns(base: pd.DataFrame, study: shoal.Study) -> None:
    same(study, shoal.segment(base[[BY[1], "Age", "Gender", BY[0], "CustomerID"]]))


def test_another_unit(base: pd.DataFrame, study: shoal.Study) -> None:
    cents = base.assign(**{BY[0]: base[BY[0]] * 100_000})
    other = shoal.segment(cents)
    assert (study.labels == other.labels).all()


def test_another_unit_of_a_heavy_tailed_column() -> None:
    rng = np.random.default_rng(5)
    spent = np.exp(np.concatenate([rng.normal(m, 0.4, 80) for m in (2, 5, 8)]))
    spent[:9] = 0
    table = pd.DataFrame({"spent": spent, "visits": rng.poisson(np.repeat([2, 9, 4], 80))})
    dollars, cents = shoal.segment(table), shoal.segment(table.assign(spent=table["spent"] * 100))
    assert dollars.recipe.features[0].log_offset is not None
    assert (dollars.labels == cents.labels).all()


def test_an_added_constant_column(base: pd.DataFrame, study: shoal.Study) -> None:
    other = shoal.segment(base.assign(shop="north", year=2024))
    same(study, other)
    assert [f.column for f in other.findings if f.code == "constant"] == ["shop", "year"]


def test_each_row_twice(base: pd.DataFrame, study: shoal.Study) -> None:
    other = shoal.segment(pd.concat([base, base]), k=study.k)
    assert (other.labels[: len(base)] == other.labels[len(base) :]).all()
    assert adjusted_rand_score(study.labels, other.labels[: len(base)]) == 1.0
    codes = {f.code for f in other.findings}
    assert {"duplicate-rows", "duplicate-ids"} <= codes


def test_twice_the_same(base: pd.DataFrame, study: shoal.Study) -> None:
    other = shoal.segment(base)
    assert study.model.segmentation.centres.tolist() == other.model.segmentation.centres.tolist()
    assert study.summary() == other.summary()


def test_another_seed_finds_the_same_segments(base: pd.DataFrame, study: shoal.Study) -> None:
    same(study, shoal.segment(base, seed=11))


@pytest.mark.parametrize("kind", ["polars", "arrow", "csv", "parquet"])
def test_another_way_in(base: pd.DataFrame, study: shoal.Study, kind: str, tmp_path) -> None:
    import polars as pl
    import pyarrow as pa

    if kind == "polars":
        source = pl.DataFrame(base.to_dict("list"))
    elif kind == "arrow":
        source = pa.Table.from_pandas(base)
    else:
        source = tmp_path / f"base.{kind}"
        base.to_csv(source, index=False) if kind == "csv" else base.to_parquet(source)
    same(study, shoal.segment(source))
