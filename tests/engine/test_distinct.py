"""Customers who stand on few spots: counted spots in place of rows, to the same result."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans

import shoal
from shoal.data.read import read
from shoal.engine import distinct as module
from shoal.engine.distinct import distinct
from shoal.types import Sample

ROWS = 60_000


def visitors(rows: int = ROWS, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    centre = np.array([[25, 80], [25, 20], [55, 50], [88, 82], [88, 17]])[rng.integers(0, 5, rows)]
    income, score = (centre + rng.normal(0, [5, 6], (rows, 2))).round().T
    frame = pd.DataFrame(
        {"income": income, "score": score, "card": rng.choice(["gold", "plain"], rows)}
    )
    frame.loc[rng.choice(rows, 500, replace=False), "income"] = np.nan
    frame.loc[:9, ["income", "score"]] = np.nan  # ten people of whom nothing is known
    return frame


def sample_of(frame: pd.DataFrame, rows: int) -> Sample:
    import pyarrow as pa

    part = pa.Table.from_pandas(frame.head(rows), preserve_index=False)
    return Sample(part, np.arange(rows), len(frame))


def test_every_row_is_counted_once() -> None:
    frame = visitors()
    spots = distinct(read(frame), ["score", "income"], sample_of(frame, 2000 * 8))
    assert spots is not None
    assert spots.counts.sum() == ROWS
    expected = frame.groupby(["income", "score"], dropna=False).size()
    assert len(spots.counts) == len(expected)
    found = {
        (row["income"], row["score"]): n
        for row, n in zip(spots.rows.to_pylist(), spots.counts.tolist(), strict=True)
        if row["income"]
    }
    assert found[(25, 80)] == expected[(25.0, 80.0)]


def test_it_is_not_done_where_rows_seldom_repeat_or_all_are_in_the_sample() -> None:
    frame = visitors()
    table = read(frame.assign(spend=np.random.default_rng(0).gamma(2, 30, ROWS)))
    assert (
        distinct(table, ["income", "spend"], sample_of(frame.assign(spend=range(ROWS)), 8000))
        is None
    )
    assert distinct(read(frame), ["income", "score"], sample_of(frame, ROWS)) is None


def test_too_many_spots_are_left_to_the_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 50)
    frame = visitors()
    assert distinct(read(frame), ["income", "score"], sample_of(frame, 16_000)) is None


def test_spots_and_rows_give_the_same_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "visitors.parquet"
    visitors().to_parquet(path)
    by_spots = shoal.segment(path, by=["income", "score"], k=5)
    monkeypatch.setattr("shoal.engine.distinct.distinct", lambda table, columns, sample: None)
    by_rows = shoal.segment(path, by=["income", "score"], k=5)
    assert by_spots.facts.rows_set_aside == by_rows.facts.rows_set_aside == 10
    agree = (by_spots.labels == by_rows.labels).mean()
    assert agree > 0.999
    assert (
        by_spots.segments["size"].tolist() == np.bincount(by_spots.labels, minlength=6)[1:].tolist()
    )
    assert by_spots.inertia == pytest.approx(by_rows.inertia, rel=1e-3)
    a, b = by_spots.facts.groups, by_rows.facts.groups
    np.testing.assert_allclose(a.sums.sum(axis=0), b.sums.sum(axis=0), rtol=1e-12)
    assert {w: sum(n) for w, n in a.categories["card"].items()} == {
        w: sum(n) for w, n in b.categories["card"].items()
    }


def test_the_fit_on_spots_is_as_good_as_the_best_of_ten_on_all_rows() -> None:
    frame = visitors().dropna()
    study = shoal.segment(frame[["income", "score"]], k=5, scale="standard")
    z = (frame[["income", "score"]] - frame[["income", "score"]].mean()) / frame[
        ["income", "score"]
    ].std(ddof=0)
    best = KMeans(5, n_init=10, random_state=0).fit(z)
    features = (
        study.recipe.features
    )  # the sample's mean and deviation differ a little from everybody's
    mine = frame[["income", "score"]].groupby(study.labels).transform("mean")
    inertia = (
        (((frame[["income", "score"]] - mine) / frame[["income", "score"]].std(ddof=0)) ** 2)
        .to_numpy()
        .sum()
    )
    assert [f.column for f in features] == ["income", "score"]
    assert inertia <= best.inertia_ * 1.0001


def test_labels_that_were_not_needed_are_made_when_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "visitors.parquet"
    visitors().to_parquet(path)
    heard: list[str] = []
    study = shoal.segment(
        path, by=["income", "score"], k=5, progress=lambda step, rows, total: heard.append(step)
    )
    assert "placing" not in heard
    assert len(study.customers) == ROWS
    assert "placing" in heard
