"""Outcomes, money and tests of segments as rows and as JSON."""

from __future__ import annotations

from dataclasses import replace

import pytest

from make_facts import make_facts
from shoal.output.summary import SEGMENTS, segments_batch, summary
from shoal.types import Facts, OutcomeRate


def facts_with(main: str, *others: str) -> Facts:
    facts = make_facts()

    def rates(i: int) -> tuple[OutcomeRate, ...]:
        return tuple(
            OutcomeRate(
                name, "Yes", 0.1 * i, 0.05 * i, 0.15 * i, 0.2, 40, True, "bad", name == main
            )
            for name in (main, *others)
        )

    portraits = tuple(replace(p, outcomes=rates(i)) for i, p in enumerate(facts.portraits, 1))
    return replace(facts, portraits=portraits, profile=replace(facts.profile, outcome=main))


@pytest.mark.parametrize(
    ("header", "stem"),
    [
        ("Churn", "churn"),
        ("Attrition_Flag", "attrition_flag"),
        ("流失", "outcome"),
        ("Value", "outcome"),
    ],
)
def test_the_main_outcome_has_columns_of_its_own(header, stem):
    facts = facts_with(header, "Complain")
    if header == "Value":
        assert "value_index" in SEGMENTS.names
    frame = segments_batch(facts).to_pandas()
    assert frame[f"{stem}_rate"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.5])
    assert frame[f"{stem}_index"].tolist() == pytest.approx([50, 100, 150, 200, 250])
    assert frame[f"{stem}_low"].iloc[1] == pytest.approx(0.1)
    assert frame[f"{stem}_high"].iloc[1] == pytest.approx(0.3)
    assert [name for name in frame if "complain" in name] == []


def test_a_table_without_outcome_has_no_such_columns():
    assert segments_batch(make_facts()).schema.names == SEGMENTS.names


def test_all_outcomes_are_in_the_json():
    body = summary(facts_with("Churn", "Complain"))
    assert body["outcome"] == "Churn"
    told = body["segments"][0]["outcomes"]
    assert [o["column"] for o in told] == ["Churn", "Complain"]
    assert told[0] == {
        "column": "Churn",
        "event": "Yes",
        "rate": pytest.approx(0.1),
        "low": pytest.approx(0.05),
        "high": pytest.approx(0.15),
        "everybody": 0.2,
        "known": 40,
        "differs": True,
        "direction": "bad",
        "main": True,
        "index": pytest.approx(50),
    }
    assert {"value_index", "value_median", "at_stake", "at_stake_low", "test"} <= set(
        body["segments"][0]
    )
