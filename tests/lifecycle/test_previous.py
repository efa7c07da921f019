"""A fresh segmentation beside an earlier model: drift and moves stand in its report."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import shoal

PLACES = ((10, 60), (40, 10), (70, 60))


def customers(seed: int) -> pd.DataFrame:
    """Thirty customers at each of three places."""
    rng = np.random.default_rng(seed)
    around = np.concatenate([rng.normal(place, 2, (30, 2)) for place in PLACES])
    table = pd.DataFrame(around, columns=["spent", "visits"])
    table.insert(0, "customer", range(len(table)))
    return table


BY = {"id": "customer", "by": ["spent", "visits"], "k": 3}


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("before")
    customers(1).to_csv(folder / "may.csv", index=False)
    shoal.segment(folder / "may.csv", out=folder / "may", **BY)
    return folder / "may"


def test_the_report_says_what_became_of_the_customers(before: Path, tmp_path: Path) -> None:
    """Five of the first kind are like the second now; one left, one came."""
    june = customers(1)
    june.loc[:4, ["spent", "visits"]] = june.loc[35:39, ["spent", "visits"]].to_numpy()
    june.loc[89, "customer"] = 1_000
    june.to_csv(tmp_path / "june.csv", index=False)
    model = before / "model.json"
    study = shoal.segment(tmp_path / "june.csv", previous=model, out=tmp_path / "june", **BY)
    found = study.facts.previous
    assert found.drift.verdict == shoal.load(model).compare(tmp_path / "june.csv").verdict
    told = {(f.start, f.end): f.amounts.customers for f in found.moves.flows}
    went = [n for (start, end), n in told.items() if start and end and start != end]
    assert sorted(told.values()) == sorted([25, 30, 29, 5, 1, 1])
    assert went == [5]
    report = (tmp_path / "june" / "report.html").read_text("utf-8")
    assert re.findall('<section id="(since|moves)"', report) == ["since", "moves"]
    assert shoal.load(model).id in report
    renamed = study.renamed({1: "Others"}).facts.previous
    assert (renamed.moves, renamed.drift) == (None, found.drift)


def test_without_labels_beside_it_drift_alone_is_told(before: Path, tmp_path: Path) -> None:
    study = shoal.segment(customers(2), previous=shoal.load(before / "model.json"), **BY)
    assert study.facts.previous.moves is None
    assert study.facts.previous.drift.customers_after == 90
    page = study.report(tmp_path / "report.html").read_text("utf-8")
    assert "Who moved is not told here" in page
    assert '<section id="moves"' not in page


def test_a_column_that_has_lost_its_values_has_no_index(before: Path, tmp_path: Path) -> None:
    """The report is written all the same."""
    june = customers(2).assign(visits=float("nan"), calls=customers(3)["visits"])
    given = {"id": "customer", "by": ["spent", "calls"], "k": 3}
    study = shoal.segment(june, previous=shoal.load(before / "model.json"), **given)
    page = study.report(tmp_path / "report.html").read_text("utf-8")
    assert '<th scope="row">visits</th><td class="n">–</td>' in page


def test_a_table_that_the_earlier_model_cannot_place_is_refused(before: Path) -> None:
    table = customers(1).rename(columns={"visits": "calls"})
    with pytest.raises(shoal.InputError, match='lacks "visits"'):
        shoal.segment(table, previous=before / "model.json", id="customer", k=3)
