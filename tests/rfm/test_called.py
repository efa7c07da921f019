"""What orders are summed up to is called as people call it, in every sentence."""

from __future__ import annotations

import numpy as np
import pandas as pd

import shoal


def test_measures_are_called_as_people_call_them() -> None:
    rng = np.random.default_rng(3)
    orders = np.repeat([2, 5, 9], 60)
    customers = np.repeat(np.arange(180), orders)
    days = pd.to_timedelta(rng.integers(0, 300, len(customers)), "D")
    spent = np.repeat([10.0, 40.0, 25.0], 60)[customers] + rng.normal(0, 2, len(customers))
    table = pd.DataFrame(
        {"customer_id": customers, "date": pd.Timestamp("2024-01-01") + days, "amount": spent}
    )
    study = shoal.segment(table, orders=True, k=3)
    assert "days since last order" in study.answer.basis.text
    reasons = {column.name: column.role_reason for column in study.facts.profile.columns}
    assert reasons["frequency"] == "it follows from the orders"
    assert "set by you" not in " ".join(reasons.values())
    told = [portrait.who.text for portrait in study.portraits]
    assert any("money per order" in each for each in told)
    for portrait in study.portraits:
        said = [portrait.action.text, portrait.action.at_stake_words, portrait.action.test_words]
        told = " ".join([*said, *map(str, portrait.insights), portrait.who.text])
        assert "monetary" not in told
        assert "money spent" in told
