"""What segments are worth, worked out on paper."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from interpret_kit import world
from shoal.interpret import interpret

ROWS = pa.table(
    {
        "spend": [10.0, 20.0, 30.0, 40.0, 100.0, 200.0, 300.0, 1300.0],
        "visits": [1, 2, 1, 2, 8, 9, 8, 9],
    }
)
MONEY = {"meaning": "money_in", "aspect": "total", "direction": "good", "confidence": "sure"}


def told(rows=ROWS, **facts):
    made = {"spend": MONEY | facts}
    labels = [0] * 4 + [1] * 4
    return interpret(**world(rows, ["visits"], 2, labels=labels, value="spend", facts=made))


def test_means_medians_and_the_index_have_their_word():
    low, high = told(unit="€")
    assert (high.value_sum, high.value_mean, high.value_median) == (1900.0, 475.0, 250.0)
    assert high.value_share == pytest.approx(0.95)
    assert high.value_index == pytest.approx(100 * 475 / 250)
    assert low.value_index == pytest.approx(10.0)
    assert high.insights[0] == (
        "4 of 8 customers (50 %) hold 95 % of all spend: mean 475 €, median 250 € each "
        "(everybody: mean 250 €, median 70 €), index 190."
    )


def test_averages_are_not_added_up():
    for aspect in ("average", "one purchase", "unit price"):
        low, high = told(aspect=aspect)
        assert (high.value_share, low.value_share) == (None, None)
        assert high.value_index == pytest.approx(190)
        assert high.insights[0].startswith(
            "4 of 8 customers (50 %). Their spend: mean 475, median 250 each"
        )


def test_nothing_of_money_without_a_value_column():
    low, _ = interpret(**world(ROWS, ["visits", "spend"], 2, labels=[0] * 4 + [1] * 4))
    assert (low.value_sum, low.value_share, low.value_mean, low.value_median) == (None,) * 4
    assert low.value_index is None
    assert low.statements[0].code == "size"
    assert low.action.at_stake is None


def test_everybody_in_debt_has_no_index():
    rows = ROWS.set_column(0, "spend", pa.array(-np.asarray(ROWS["spend"])))
    low, high = told(rows)
    assert (low.value_index, high.value_share) == (None, None)
