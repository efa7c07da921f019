"""Figures that others published about real tables, and what shoal must make of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal

INCOME, SCORE = "Annual Income (k$)", "Spending Score (1-100)"


@pytest.fixture(scope="module")
def mall_study() -> shoal.Study:
    file = Path(__file__).parents[2] / "shared/data/mall_customers/mall_customers.csv"
    if not file.exists():
        pytest.skip("the real tables (../shared/data) are not here")
    return shoal.segment(file)


def test_mall_with_no_option(mall_study: shoal.Study) -> None:
    # Sizes: a public file with a Cluster column; silhouette: figures in several public notebooks.
    assert mall_study.k == 5
    assert sorted(mall_study.segments["size"], reverse=True) == [81, 39, 35, 23, 22]
    assert mall_study.silhouette == pytest.approx(0.5547, abs=0.0005)
    assert mall_study.inertia == pytest.approx(65.5684, abs=0.001)
    assert mall_study.facts.segmentation.basis == (INCOME, SCORE)
    assert mall_study.profile.column("CustomerID").role == "id"
    assert (
        mall_study.profile.column("Age").role
        == mall_study.profile.column("Gender").role
        == "describe"
    )


def test_mall_is_natural_and_every_segment_holds(mall_study: shoal.Study) -> None:
    assert mall_study.choice.structure == "natural"
    assert set(mall_study.segments["verdict"]) == {"act on it"}


def test_mall_names_say_what_sets_segments_apart(mall_study: shoal.Study) -> None:
    centres = {row["name"]: row["centre"] for row in mall_study.summary()["segments"]}
    assert len(centres) == 5
    rich_and_thrifty = next(
        c
        for name, c in centres.items()
        if "high income" in name.lower() and "low spending" in name.lower()
    )
    assert rich_and_thrifty[INCOME] == pytest.approx(88.20, abs=0.01)
    assert rich_and_thrifty[SCORE] == pytest.approx(17.11, abs=0.01)


def test_mall_raw_inertia_and_centroids(mall: Path) -> None:
    study = shoal.segment(mall, by=[INCOME, SCORE], scale="none", k=5)
    assert study.inertia == pytest.approx(44448.4555, abs=0.0001)
    assert study.silhouette == pytest.approx(0.5539, abs=0.0001)
    published = [(25.73, 79.36), (26.30, 20.91), (55.30, 49.52), (86.54, 82.13), (88.20, 17.11)]
    found = sorted(tuple(row["centre"].values()) for row in study.summary()["segments"])
    assert np.allclose(found, sorted(published), atol=0.006)


def test_mall_with_age_has_its_best_silhouette_at_six(mall: Path) -> None:
    table = shoal.segment(mall, by=["Age", INCOME, SCORE], scale="standard").choice.table.set_index(
        "k"
    )
    assert table["silhouette"].idxmax() == 6
    assert table.loc[6, "silhouette"] == pytest.approx(0.4274, abs=0.0005)
    assert table.loc[6, "fit_inertia"] == pytest.approx(133.87, abs=0.01)


def test_wholesale_all_columns_standardised(shared: Path) -> None:
    file = shared / "wholesale_customers" / "wholesale_customers.csv"
    study = shoal.segment(file, by=list(pd.read_csv(file, nrows=1)), scale="standard", k=2)
    assert study.inertia == pytest.approx(2599.38, abs=0.01)


def test_segmentation_365_seven_columns(shared: Path) -> None:
    file = shared / "segmentation_365" / "segmentation_365.csv"
    study = shoal.segment(file, by=list(pd.read_csv(file, nrows=1))[1:], scale="standard", k=4)
    assert sorted(study.segments["size"]) == [263, 462, 570, 705]


def test_mcdonalds_eleven_answers(shared: Path) -> None:
    file = shared / "mcdonalds" / "mcdonalds.csv"
    study = shoal.segment(file, by=list(pd.read_csv(file, nrows=1))[:11], scale="none", k=4)
    assert study.inertia <= 1602.8996


def test_ibm_raw_with_gaps_as_zero(shared: Path) -> None:
    file = shared / "ibm_cust_segmentation" / "ibm_cust_segmentation.csv"
    by = [
        "Age",
        "Edu",
        "Years Employed",
        "Income",
        "Card Debt",
        "Other Debt",
        "Defaulted",
        "DebtIncomeRatio",
    ]
    study = shoal.segment(file, by=by, scale="none", fill="zero", k=3)
    assert sorted(study.segments["size"]) == [18, 182, 650]


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("ifood_marketing_campaign", {"ID"}),
        ("eastwest_airlines", {"ID"}),
        ("uci_bank_4521", set()),
        ("wholesale_customers", set()),
    ],
)
def test_real_tables_run_with_no_option(shared: Path, name: str, ids: set[str]) -> None:
    study = shoal.segment(shared / name / f"{name}.csv")
    assert study.facts.rows_read == study.facts.rows_labelled + study.facts.rows_set_aside
    assert not ids & set(study.facts.segmentation.basis)
    assert study.segments["name"].is_unique
    assert study.segments["share"].sum() == pytest.approx(1.0)
    assert study.segments["size"].sum() == (study.labels > 0).sum() == study.facts.rows_labelled
