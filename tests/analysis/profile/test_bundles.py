"""Columns that go together closely are told once, all of them together."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats

import shoal


def test_columns_that_go_together_are_one_finding_a_bundle() -> None:
    rng = np.random.default_rng(0)
    x, y = rng.normal(0, 1, (2, 400))
    near = {f"a{i}": x + rng.normal(0, 0.25, 400) for i in range(3)}
    table = pd.DataFrame({"id": range(400), **near, "b0": y, "b1": y + rng.normal(0, 0.2, 400)})
    found = [f for f in shoal.inspect(table).findings if f.code == "strongly-correlated"]
    assert [(f.column, f.values["others"]) for f in found] == [
        ("a0", ("a1", "a2")),
        ("b0", ("b1",)),
    ]
    r = sorted(
        abs(stats.spearmanr(table[a], table[b])[0])
        for a, b in (("a0", "a1"), ("a0", "a2"), ("a1", "a2"))
    )
    assert f"(Spearman {r[0]:.2f} to {r[-1]:.2f} from one to the next)" in found[0].message
    assert "weigh up to three times" in found[0].message
    assert "weigh almost double" in found[1].message
