"""The classic way beside K-Means: RFM classes, and which of the two parts later spending better."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from shoal.sources import table_of, taken_out

if TYPE_CHECKING:
    from shoal.rfm import RfmClasses
    from shoal.rfm.compare import Comparison


def rfm_classes(source: Any, **options: Any) -> RfmClasses:
    """Put each customer into a named RFM class by quantile or own cut points; every customer is in exactly one.

    Args:
        source: one row a customer with recency, frequency and (where there is money) monetary value, such as
            `shoal.orders(FILE).table`, or a path, a dataframe, a database address.
        options: recency, frequency, monetary, id (columns), bins (5), cuts (own cut points by measure), ties ("low", "high"
            or "plus-one": where a value equal to a cut point goes), classes (a TOML table of classes), and the reader's.

    Returns:
        `.labels`, `.summary` (a DataFrame, one row a class), `.customers` (Arrow, with the scores).

    Raises OptionError when a combination of scores is in no class or in two, InputError when a measure is missing.

    >>> import pandas as pd, shoal
    >>> table = pd.DataFrame({"recency": [5, 90, 300, 10, 40], "frequency": [9, 1, 1, 2, 5], "monetary": [900, 20, 15, 50, 300]})
    >>> shoal.rfm_classes(table).labels[0]
    'Champions'
    """
    from shoal.rfm import rfm_classes as classify

    return classify(table_of(source, taken_out(options)), **options)


def compare_rfm(
    source: Any, *, date: str | dt.date | None = None, k: int | None = None, seed: int = 0, **options: Any
) -> Comparison:
    """RFM classes against K-Means segments of the same orders: who moves where, and which parts later spending better.

    Both are learned on the orders before `date` (two thirds of the way when left out) and measured on what came after.
    `options` are those of `shoal.orders`.

    Returns `.table` (classes × segments), `.agreement` (adjusted Rand index), `.of_classes`, `.of_segments`, `.words`.
    Raises InputError when there is no money, or nobody bought later.
    """
    from shoal.rfm import Customers, compare_on_later
    from shoal.road import segment

    def label(customers: Customers) -> dict[Any, Any]:
        roles = {"id": customers.id, "by": customers.by, "describe": customers.describe, "value": customers.value}
        labelled = segment(customers.table, **roles, k=k, seed=seed).customers  # type: ignore[arg-type]
        return dict(zip(labelled[customers.id], labelled["name"], strict=True))

    return compare_on_later(table_of(source, taken_out(options)), label, date=date, seed=seed, **options)
