"""Spans of time such as 999 or -1 that stand for "never" are gaps; natural values are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoal

N = 120


def table(name: str, cells: list[float]) -> pd.DataFrame:
    r = np.random.default_rng(3)
    ids = [f"C{i}" for i in range(N)]
    spent = r.lognormal(4, 1, N)
    return pd.DataFrame({"id": ids, "spent": spent, name: np.resize(cells, N)})


@pytest.mark.parametrize(
    ("name", "cells", "never"),
    [
        ("days_since_last_purchase", [3, 10, 28, 999, 17, 9, 25, 30], 999),
        ("days_since_last_purchase", [3, 10, 28, -1, 17, 9, 25, 30], -1),
        ("days_since_contract", [338, 5504, 2736, 365243, 1621, 900, 40, 8592], 365243),
        ("months_since_last_visit", [3, 10, 24, 99, 17, 9, 1, 12], 99),
        ("Tage seit letztem Kauf", [3, 10, 28, 9999999, 17, 9, 25, 30], 9999999),
        ("dias_desde_ultima_compra", [3.5, 10, 28, -999, 17, 9, 25, 30], -999),
        ("months_until_renewal", [3, 10, 11, 999, 7, 9, 2, 1], 999),
        ("days_since_visit", [3, 10, 28, 777, 17, 9, 25, 30], 777),
        ("days_since_visit", [3, 10, 28, -888, 17, 9, 25, 30], -888),
        ("days_since_visit", [3, 300, 500, 777, 17, 9, 25, 30], None),
        ("days_since_last_purchase", [3, 50, 98, 99, 17, 120, 25, 30], None),  # a day like others
        ("days_since_last_purchase", [3, 500, 700, 999, 17, 9, 250, 30], None),
        ("days_since_last_purchase", [0, 1, 2, 3, 4, 5, 6, 7], None),
        ("temperature_change", [3, 10, 28, -1, 17, 9, 25, 30], None),  # no span of time
        ("spent_last_year", [3, 10, 28, 999, 17, 9, 25, 30], None),
    ],
)
def test_what_stands_for_never_in_a_span_of_time_is_a_gap(name, cells, never):
    given = table(name, cells)
    profile = shoal.inspect(given)
    column = profile.column(name)
    assert column.never == never
    if never is None:
        assert column.missing == 0
        return
    others = given[name][given[name] != never]
    assert column.missing == N // 8
    assert (column.min, column.max) == (others.min(), others.max())
    assert column.mean == pytest.approx(others.mean())
    said = [f for f in profile.findings if f.code == "sentinel" and f.column == name]
    assert [f.values["value"] for f in said] == [never]
    assert said[0].message.endswith("In a span of time it is taken as a gap.")


def test_who_never_came_is_placed_like_a_gap_and_kept_as_given(tmp_path):
    given = table("days_since_last_visit", [3, 10, 28, 999, 17, 9, 25, 30])
    with_gaps = given.assign(
        days_since_last_visit=given["days_since_last_visit"].where(
            given["days_since_last_visit"] != 999
        )
    )
    options = {"k": 3, "by": ["spent", "days_since_last_visit"]}
    study, wanted = shoal.segment(given, **options), shoal.segment(with_gaps, **options)
    labels = wanted.customers["segment"].tolist()
    assert study.customers["segment"].tolist() == labels
    assert study.assign(given)["segment"].tolist() == labels
    model = shoal.load(study.save(tmp_path / "model.json"))
    assert model.assign(given)["segment"].tolist() == labels
    means = study.profile.column("days_since_last_visit").mean
    assert means == pytest.approx(wanted.profile.column("days_since_last_visit").mean)
    study.write(tmp_path / "out")
    kept = pd.read_csv(tmp_path / "out" / "customers.csv")
    assert kept["days_since_last_visit"].max() == 999  # the table's own columns stay as they are
    assert kept["segment"].tolist() == labels
