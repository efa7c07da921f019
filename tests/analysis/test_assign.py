"""Placing new customers whose table differs from the one the model was made from."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

import shoal


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    rng = np.random.default_rng(2)
    group = np.repeat([0, 1, 2], 60)
    return pd.DataFrame(
        {
            "spent": np.array([10.0, 40, 80])[group] + rng.normal(size=180),
            "visits": np.array([2, 20, 9])[group] + rng.integers(0, 3, 180),
            "member": np.array(["Yes", "No", "No"])[group],
            "plan": np.array(["Basic", "Plus", "Pro"])[group],
        }
    )


@pytest.fixture(scope="module")
def model(table: pd.DataFrame) -> shoal.Model:
    return shoal.segment(table, by=["spent", "visits", "member", "plan"], k=3).model


def notes(frame: pd.DataFrame) -> dict[str, str]:
    return {f.code: f.message for f in frame.attrs["findings"]}


def test_the_same_customers_get_the_same_segments(table: pd.DataFrame, model: shoal.Model) -> None:
    placed = model.assign(table)
    assert placed.groupby("segment").size().tolist() == [60, 60, 60]
    assert notes(placed) == {}


def test_gaps_are_said(table: pd.DataFrame, model: shoal.Model) -> None:
    new = table.copy()
    new.loc[:2, "spent"] = np.nan
    new["visits"] = new["visits"].astype(float)
    new.loc[5, "visits"] = np.inf
    said = [f.message for f in model.assign(new).attrs["findings"] if f.code == "gaps"]
    assert any('"spent" is missing for 3 of 180 rows' in m for m in said)
    assert any('"visits" is missing for 1 of 180 rows' in m for m in said)


def test_some_unknown_words_are_said_and_placed(table: pd.DataFrame, model: shoal.Model) -> None:
    new = table.copy()
    new.loc[:4, "plan"] = "Enterprise"
    placed = model.assign(new)
    assert 'never seen: "Enterprise" (5)' in notes(placed)["unknown-words"]
    assert placed.loc[:4, "segment"].nunique() == 1


def test_a_column_in_another_language_is_refused(table: pd.DataFrame, model: shoal.Model) -> None:
    with pytest.raises(
        shoal.InputError,
        match=r'"member" of .* holds no word that the model knows, but "no" \(120\), "yes" \(60\)',
    ):
        model.assign(table.assign(member=table["member"].str.lower()))


def test_numbers_where_words_are_needed_are_refused(
    table: pd.DataFrame, model: shoal.Model
) -> None:
    with pytest.raises(
        shoal.InputError, match=r'"plan" of .* the model needs words such as "Basic"'
    ):
        model.assign(table.assign(plan=1))


def test_a_named_value_column_must_hold_numbers(table: pd.DataFrame) -> None:
    with pytest.raises(shoal.OptionError, match='value="member" is no number'):
        shoal.segment(table, value="member")


def test_money_that_was_asked_to_form_segments_stays_the_value(table: pd.DataFrame) -> None:
    study = shoal.segment(table.rename(columns={"spent": "revenue"}), by=["revenue", "visits"], k=3)
    assert study.facts.value == "revenue"
    assert study.segments["value_share"].sum() == pytest.approx(1.0)


def test_a_measure_called_y_forms_segments(table: pd.DataFrame) -> None:
    renamed = table[["spent", "visits"]].rename(columns={"spent": "x", "visits": "y"})
    assert shoal.inspect(renamed.assign(y=renamed["y"] + np.arange(180) / 7)).basis == ("x", "y")
