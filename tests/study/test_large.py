"""Tables larger than the sample: every customer is still fitted, placed and counted."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score

import shoal
from shoal.analysis.profile.sample import SAMPLE_ROWS

ROWS = 30_000


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(8)
    group = rng.choice(4, ROWS, p=[0.4, 0.3, 0.2, 0.1])
    centres = np.array([[0, 0], [8, 0], [0, 8], [8, 8]])
    x = centres[group] + rng.normal(size=(ROWS, 2))
    return pd.DataFrame(
        {
            "customer_id": np.arange(ROWS) * 7919 % 1_000_003,
            "spent": x[:, 0],
            "visits": x[:, 1],
            "group": group,
        }
    )


@pytest.fixture(scope="module")
def study(table: pd.DataFrame) -> shoal.Study:
    return shoal.segment(table.drop(columns="group"), scale="standard")


def test_everybody_is_placed(table: pd.DataFrame, study: shoal.Study) -> None:
    assert len(study.facts.sample.index) == SAMPLE_ROWS < ROWS
    assert study.k == 4
    assert study.facts.rows_labelled == len(study.labels) == ROWS
    assert adjusted_rand_score(table["group"], study.labels) > 0.99
    assert study.segments["size"].tolist() == np.bincount(study.labels)[1:].tolist()
    assert study.summary()["sample_size"] == SAMPLE_ROWS


def test_inertia_is_that_of_a_fit_on_everybody(table: pd.DataFrame, study: shoal.Study) -> None:
    from shoal.analysis.features import encode
    from shoal.data.read import read

    matrix = np.concatenate(
        [encode(batch, study.recipe, clip=False) for batch in read(table).batches()]
    )
    best = KMeans(4, n_init=3, random_state=0).fit(matrix).inertia_
    assert study.inertia == pytest.approx(best, rel=1e-3)


def test_shuffled_rows_give_the_same_segments(table: pd.DataFrame, study: shoal.Study) -> None:
    order = np.random.default_rng(1).permutation(ROWS)
    other = shoal.segment(table.drop(columns="group").iloc[order], scale="standard", k=4)
    assert (other.labels == study.labels[order]).mean() > 0.9999
    assert np.allclose(
        other.facts.segmentation.centres, study.facts.segmentation.centres, atol=1e-3
    )


def test_written_in_batches_it_is_all_there(
    study: shoal.Study, table: pd.DataFrame, tmp_path
) -> None:
    study.write(tmp_path)
    written = pd.read_csv(tmp_path / "customers.csv")
    assert written["customer_id"].tolist() == table["customer_id"].tolist()
    assert written["segment"].tolist() == study.labels.tolist()
