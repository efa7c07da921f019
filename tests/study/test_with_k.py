"""Another number of segments from what is known already: as if it had been asked for at first."""

from __future__ import annotations

import dataclasses
import pickle
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import shoal
from shoal.analysis.stability import bootstrap


def crowds(rows: int, seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = rng.choice(4, rows, p=[0.4, 0.3, 0.2, 0.1])
    centres = np.array([[10, 10], [40, 12], [12, 45], [45, 40]])
    x = centres[group] + rng.normal(0, 2, (rows, 2))
    return pd.DataFrame(
        {
            "customer_id": np.arange(rows) * 7919 % 1_000_003,
            "spent": x[:, 0].round(2),
            "visits": x[:, 1].round(2),
            "plan": np.array(["a", "b", "c", "d"])[group],
        }
    )


def few_rows() -> pd.DataFrame:
    table = crowds(160)
    table.loc[3, ["spent", "visits"]] = np.nan
    return table


def alike(one: object, other: object, at: str) -> None:
    """Whether two facts hold the same, to the digit, however deep."""
    assert type(one) is type(other), at
    if dataclasses.is_dataclass(one):
        for field in dataclasses.fields(one):
            alike(getattr(one, field.name), getattr(other, field.name), f"{at}.{field.name}")
    elif isinstance(one, Mapping):
        assert list(one) == list(other), at
        for key in one:
            alike(one[key], other[key], f"{at}[{key!r}]")
    elif isinstance(one, (tuple, list)):
        assert len(one) == len(other), at
        for number, (each, its) in enumerate(zip(one, other, strict=True)):
            alike(each, its, f"{at}[{number}]")
    elif isinstance(one, np.ndarray):
        assert (one.dtype, one.shape, one.tobytes()) == (other.dtype, other.shape, other.tobytes())
    elif isinstance(one, (pa.Table, pa.RecordBatch)):
        assert one.equals(other), at
    else:
        assert one == other or (one != one and other != other), at


@pytest.mark.parametrize(
    ("table", "asked", "ks"),
    [
        (few_rows, {"by": ["spent", "visits"], "value": "spent", "names": {1: "Ours"}}, (5, 12)),
        (few_rows, {"by": ["spent", "visits"], "k": 13, "reruns": 1, "min_share": 0.2}, (3,)),
        (lambda: crowds(24_000), {"by": ["spent", "visits"], "scale": "standard"}, (3,)),
        (lambda: crowds(24_000).round(-1), {"by": ["spent", "visits"], "k": 3}, (4,)),
    ],
    ids=["small", "small-asked", "sampled", "repeating"],
)
def test_it_is_what_a_run_with_that_k_finds(table, asked, ks):
    frame = table()
    study = shoal.segment(frame, **asked)
    plain = {name: value for name, value in asked.items() if name not in ("names", "k")}
    for k in ks:
        other, alone = study.with_k(k), shoal.segment(frame, k=k, **plain)
        assert (other.labels == alone.labels).all()
        pd.testing.assert_frame_equal(other.customers, alone.customers)
        assert other.summary() == alone.summary()
        assert other.findings == alone.findings
        assert [p.action for p in other.portraits] == [p.action for p in alone.portraits]
        assert other.model.segmentation.centres.tobytes() == (
            alone.model.segmentation.centres.tobytes()
        )
    assert study.k == asked.get("k", 4)
    again = study.renamed({1: "Sleepers"}).with_k(ks[0]).with_k(study.k)
    assert (again.labels == study.labels).all()
    assert "Sleepers" not in again.model.names


@pytest.mark.parametrize(
    ("name", "ks"), [("mall_customers", (3, 12)), ("wholesale_customers", (6,))]
)
def test_every_fact_of_a_real_table_is_the_same(shared, name, ks):
    table = shared / name / f"{name}.csv"
    study = shoal.segment(table)
    for k in ks:
        alike(study.with_k(k).facts, shoal.segment(table, k=k).facts, "facts")


def test_going_back_searches_nothing_again(monkeypatch):
    study = shoal.segment(few_rows(), by=["spent", "visits"])
    first = study.with_k(3)
    monkeypatch.setattr(bootstrap, "refit", None)  # whoever searches on resamples now fails
    alike(study.with_k(3).facts, first.facts, "facts")
    again = first.with_k(study.k)
    alike(again.facts.trust, study.facts.trust, "trust")
    assert again.facts.choice.asked


def test_what_cannot_be(monkeypatch):
    study = shoal.segment(few_rows(), by=["spent", "visits"], k=3)
    for k, says in [(1, "k=1: at least 2 segments are needed"), (170, "too few for 170 segments")]:
        with pytest.raises((shoal.OptionError, shoal.InputError), match=says):
            study.with_k(k)
    kept = pickle.loads(pickle.dumps(study))
    with pytest.raises(shoal.InputError, match=r"are here no more. Segment it again with k=4\."):
        kept.with_k(4)

    def stop(step: str, done: int, total: int | None) -> None:
        if step == "examining" and done > 4:
            raise shoal.Stopped("enough")

    with pytest.raises(shoal.Stopped):
        study.with_k(4, progress=stop)
    assert study.with_k(4).k == 4
