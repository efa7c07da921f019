"""Portraits on eight customers whose answers are worked out on paper, and on the mall file."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pc
import pytest
from interpret_kit import world

from shoal.interpret import interpret

SHARED = Path(__file__).parents[2] / "shared" / "data"

EIGHT = pa.table(
    {
        "id": ["a", "b", "c", "d", "e", "f", "g", "h"],
        "Annual Income (k$)": [10, 12, 14, 16, 80, 84, 86, 90],
        "Spending": [90.0, 80.0, 70.0, 80.0, 10.0, 20.0, 30.0, 20.0],
        "Gender": ["f", "f", "f", "m", "m", "m", "m", "m"],
    }
)


def eight(**options):
    return interpret(**world(EIGHT, ["Annual Income (k$)", "Spending"], 2, labels=[0] * 4 + [1] * 4, id_column="id", **options))


def test_eight_customers():
    first, second = eight(value="Spending")
    assert (first.name, second.name) == ("Low income · high spending", "High income · low spending")
    assert (first.size, first.share, first.value_sum, first.value_share) == (4, 0.5, 320.0, 0.8)
    assert first.action.title == "Watch and nurture"
    assert second.action.title == "Win over"
    assert second.action.at_stake == pytest.approx((50 - 20) / 2 * 4)


@pytest.fixture(scope="module")
def mall():
    path = SHARED / "mall_customers" / "mall_customers.csv"
    if not path.exists():
        pytest.skip("the mall file is not here")
    return interpret(**world(pc.read_csv(path), ["Annual Income (k$)", "Spending Score (1-100)"], 5, id_column="CustomerID"))


def test_mall_names(mall):
    assert [p.name for p in mall] == [
        "Middle income · middle spending",
        "High income · high spending",
        "High income · low spending",
        "Low income · low spending",
        "Low income · high spending",
    ]


def test_mall_rules_hold_on_customers_not_used_to_make_them(mall):
    assert all(p.rule.held_out > 90 and p.rule.precision > 0.9 and p.rule.coverage > 0.9 for p in mall)
