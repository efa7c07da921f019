"""Recipes worked out by hand, and replayed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import shoal
from shoal.analysis.features import encode, placeable, points, prepare, unknown_words
from shoal.analysis.profile import describe
from shoal.data.read import read
from shoal.types import Feature, Recipe


def learned(frame: pd.DataFrame, basis: list[str], **options):
    table = read(frame)
    profile, sample = describe(table)
    return prepare(profile, sample, basis, **options), sample


def test_standardised_by_the_population() -> None:
    recipe, sample = learned(pd.DataFrame({"spent": [2.0, 4, 4, 4, 5, 5, 7, 9]}), ["spent"])
    feature = recipe.features[0]
    assert (feature.centre, feature.scale) == (5.0, 2.0)
    assert sorted(encode(sample.rows, recipe, clip=False)[:, 0]) == [
        -1.5,
        -0.5,
        -0.5,
        -0.5,
        0.0,
        0.0,
        1.0,
        2.0,
    ]


def test_gaps_are_filled_and_said() -> None:
    frame = pd.DataFrame({"spent": [1.0, 2, 3, 4, None, 6, 7, 99]})
    assert learned(frame, ["spent"], fill="median")[0].features[0].fill == 4.0
    assert learned(frame, ["spent"], fill="zero")[0].features[0].fill == 0.0
    feature = learned(frame, ["spent"], fill="mean")[0].features[0]
    assert feature.fill == pytest.approx(122 / 7)
    assert feature.filled == 1
    assert "1 gaps filled with the mean" in feature.words


def test_no_scaling_takes_numbers_as_they_are() -> None:
    recipe, sample = learned(
        pd.DataFrame({"spent": [1.0, 10, 100, 1000] * 5}), ["spent"], scale="none"
    )
    assert sorted(set(encode(sample.rows, recipe, clip=True)[:, 0])) == [1.0, 10.0, 100.0, 1000.0]


def test_a_heavy_tail_is_logged_whatever_the_unit() -> None:
    spent = np.exp(np.random.default_rng(0).normal(3, 1, 400))
    dollars, sample = learned(pd.DataFrame({"spent": spent}), ["spent"])
    cents, in_cents = learned(pd.DataFrame({"spent": spent * 100}), ["spent"])
    assert dollars.features[0].log_offset is not None
    mine = np.sort(encode(sample.rows, dollars, clip=True)[:, 0])
    assert np.allclose(mine, np.sort(encode(in_cents.rows, cents, clip=True)[:, 0]), atol=1e-9)


def test_a_typing_error_moves_nothing_but_itself() -> None:
    clean = pd.DataFrame({"income": np.linspace(15, 137, 200)})
    typo = clean.copy()
    typo.loc[199, "income"] = 137_000_000
    recipe, sample = learned(typo, ["income"])
    feature = recipe.features[0]
    assert feature.log_offset is None
    assert feature.high is not None
    assert np.abs(encode(sample.rows, recipe, clip=True)).max() < 6
    assert encode(sample.rows, recipe, clip=False).max() > 1e5


def test_flags_and_categories() -> None:
    frame = pd.DataFrame(
        {
            "member": ["yes", "no", "no", "no"] * 5,
            "shop": ["A", "B", "C", "A"] * 5,
            "spent": range(20),
        }
    )
    recipe, sample = learned(frame, ["member", "shop"], scale="none")
    assert [f.kind for f in recipe.features] == ["flag", "category"]
    matrix = encode(sample.rows, recipe, clip=False)
    assert matrix.shape == (20, 4)
    assert matrix[:, 0].sum() == 5
    assert matrix[:, 1:].sum(axis=0).tolist() == [10.0, 5.0, 5.0]
    weighted, _ = learned(frame, ["shop"])
    variance = encode(sample.rows, weighted, clip=False).var(axis=0).sum()
    assert variance == pytest.approx(
        1.0
    )  # all words of a category together weigh as much as one number


def test_a_weight_counts_as_said() -> None:
    frame = pd.DataFrame({"spent": [2.0, 4, 4, 4, 5, 5, 7, 9], "visits": [1, 2, 3, 4, 5, 6, 7, 8]})
    recipe, sample = learned(frame, ["spent", "visits"], weights={"spent": 3})
    assert encode(sample.rows, recipe, clip=False)[:, 0].std() == pytest.approx(3.0)
    with pytest.raises(shoal.OptionError, match=r'weights names "spend".* Did you mean "spent"\?'):
        learned(frame, ["spent"], weights={"spend": 2})
    with pytest.raises(shoal.OptionError, match="must be a positive number"):
        learned(frame, ["spent"], weights={"spent": -1})


def test_unknown_words_and_empty_rows_at_placing() -> None:
    shop = Feature("shop", "category", "", scale=1.0, categories=("A", "B"), shares=(0.75, 0.25))
    spent = Feature("spent", "number", 5.0, scale=2.0, centre=5.0)
    recipe = Recipe((shop, spent), "auto")
    rows = pa.table({"shop": ["A", "Z", None, None], "spent": [7.0, None, None, float("inf")]})
    matrix = encode(rows, recipe, clip=False)
    assert matrix.tolist() == [
        [1.0, 0.0, 1.0],
        [0.75, 0.25, 0.0],
        [0.75, 0.25, 0.0],
        [0.75, 0.25, 0.0],
    ]
    assert unknown_words(rows, recipe) == {"shop": {"Z": 1}}
    assert placeable(rows, recipe).tolist() == [True, True, False, False]


def test_a_refund_below_everything_learned_is_still_placed() -> None:
    feature = Feature("spent", "number", 10.0, log_offset=1.0, centre=2.0, scale=0.5)
    rows = pa.table({"spent": [-50.0, 0.0, 9.0]})
    encoded = encode(rows, Recipe((feature,), "auto"), clip=False)[:, 0]
    assert np.isfinite(encoded).all()
    assert encoded[0] <= encoded[1] < encoded[2]


def test_points_are_distinct_and_weighted() -> None:
    frame = pd.DataFrame({"spent": [1.0, 1, 2, 2, 2, 9], "visits": [0, 0, 5, 5, 5, 7]})
    recipe, sample = learned(frame, ["spent", "visits"])
    dots = points(sample, recipe)
    assert sorted(dots.weights) == [1.0, 2.0, 3.0]
    assert np.allclose(dots.matrix[dots.of_row], encode(sample.rows, recipe, clip=True))


def test_nothing_that_varies() -> None:
    with pytest.raises(shoal.InputError, match='"spent" is the same for every customer, or empty'):
        learned(pd.DataFrame({"spent": [3.0, 3, 3, 3], "visits": [1, 2, 3, 4]}), ["spent"])
    with pytest.raises(shoal.InputError, match='Name some yourself: by="COLUMN"'):
        learned(pd.DataFrame({"gender": ["f", "m", "f", "m"]}), [])
