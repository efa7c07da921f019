"""Money is written in the currency of its cells, or in the one that was said."""

from __future__ import annotations

import pandas as pd

import shoal


def test_the_currency_of_the_cells_or_the_one_that_was_said() -> None:
    table = pd.DataFrame(
        {
            "customer_id": ["a", "b", "c", "d", "e", "f"],
            "spent": ["$10.50", "$20.10", "$7.30", "$9.99", "$12.00", "$3.20"],
            "refunds": [1.5, 0.0, 2.5, 0.0, 1.0, 0.5],
            "visits": [3, 4, 9, 8, 7, 1],
        }
    )
    units = {c.name: c.unit for c in shoal.inspect(table, currency="EUR").columns}
    assert units == {"customer_id": "", "spent": "$", "refunds": "EUR", "visits": ""}
    assert shoal.inspect(table).column("refunds").unit == ""
