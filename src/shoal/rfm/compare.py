"""RFM classes beside segments of K-Means: who is where, which splits later spending better."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from msgspec import structs

from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.options import OrdersOptions
from shoal.rfm.customers import customers_from_orders
from shoal.rfm.rfm_classes import RfmClasses, rfm_classes
from shoal.rfm.types import Customers, OrderFacts
from shoal.sentences import say
from shoal.stats.agreement import adjusted_rand, shared
from shoal.text.options import option
from shoal.types import Bools, Floats, Ints

Texts = npt.NDArray[np.str_]
TOP = 0.2  # the customers a campaign can afford
HALVES = 20  # random halvings over which the measures of a split are averaged


@dataclass(frozen=True)
class Split:
    """How well groups part customers by what they spent later.

    Measured on customers that were not used to rank the groups.
    """

    groups: int
    explained: float  # share of the variance of log(1 + later spending) between groups
    top_share: float  # share of later spending by the fifth of customers whose groups rank first
    best_share: float  # the same if later spending were known


@dataclass(frozen=True)
class Comparison:
    """RFM classes against segments."""

    classes: tuple[str, ...]
    segments: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]  # (classes, segments) customers
    agreement: float  # adjusted Rand index: 1 the same grouping, 0 as by chance
    # (class, segment that most of it goes to, share of the class)
    main: tuple[tuple[str, str, float], ...]
    of_classes: Split | None = None
    of_segments: Split | None = None
    date: dt.date | None = None  # what came before was learned from, what came after was measured
    customers: int = 0
    later_buyers: int = 0

    @property
    def table(self) -> Any:
        """The cross table as a pandas DataFrame."""
        import pandas as pd

        return pd.DataFrame(
            self.counts,
            index=pd.Index(self.classes, name="RFM class"),
            columns=pd.Index(self.segments, name="segment"),
        )

    @property
    def words(self) -> str:
        """The comparison in a sentence or two."""
        agreement = say("classes-agree", agreement=self.agreement).text
        if self.of_classes is None or self.of_segments is None:
            return agreement
        measured = say(
            "classes-measured",
            date=self.date,
            customers=self.customers,
            later_buyers=self.later_buyers,
            classes=self.of_classes,
            segments=self.of_segments,
        )
        return f"{agreement} {measured}"


def compare(
    classes: Sequence[str], segments: Sequence[Any], later: Floats | None = None, *, seed: int = 0
) -> Comparison:
    """Cross RFM classes and segments of the same n customers.

    Both are weighed by later spending (n,) where it is known.

    Raises OptionError when they are not of as many customers.

    >>> compare(["a", "a", "b", "b"], [1, 1, 2, 2]).agreement
    1.0
    """
    if len(classes) != len(segments):
        raise OptionError(
            f"There are {len(classes):,} RFM classes and {len(segments):,} segments; "
            "they must be of the same customers."
        )
    rows, row = np.unique(np.asarray(classes, dtype=str), return_inverse=True)
    columns, column = np.unique([str(segment) for segment in segments], return_inverse=True)
    both = shared(row, column, np.ones(len(row)), (len(rows), len(columns)))
    crossed = _crossed(rows, columns, both)
    if later is None:
        return crossed
    return dataclasses.replace(
        crossed,
        of_classes=split_value(row, later, seed=seed),
        of_segments=split_value(column, later, seed=seed),
        later_buyers=int((later > 0).sum()),
    )


def _crossed(rows: Texts, columns: Texts, both: Floats) -> Comparison:
    """The comparison by the customers in each pair of class and segment alone."""
    most = zip(rows, columns[both.argmax(axis=1)], both.max(axis=1) / both.sum(axis=1), strict=True)
    return Comparison(
        classes=tuple(map(str, rows)),
        segments=tuple(map(str, columns)),
        counts=tuple(tuple(map(int, each)) for each in both),
        agreement=adjusted_rand(both),
        main=tuple((str(row), str(column), float(share)) for row, column, share in most),
        customers=int(both.sum()),
    )


def compare_on_later(
    orders: Table,
    label: Callable[[Customers], Mapping[Any, Any]],
    *,
    date: dt.date | dt.datetime | str | None = None,
    classes: Callable[[Table], RfmClasses] = rfm_classes,
    seed: int = 0,
    options: OrdersOptions | None = None,
) -> Comparison:
    """Learn RFM classes and segments on the orders up to a date, and weigh both by later spending.

    Args:
        orders: one row an order, or an order line.
        label: makes segments of the customers (id → segment).
        date: two thirds of the way from the first order to the last when left out.
        classes: makes RFM classes of the customers.
        seed: of the random halvings.
        options: those of `customers_from_orders`.

    Raises InputError when there is no money, or nobody later.
    """
    options = options or OrdersOptions()
    narrow = structs.replace(options, breadth=False)
    if date is None:
        date = _two_thirds(customers_from_orders(orders, narrow).facts)
    past = customers_from_orders(orders, structs.replace(options, date=date))
    if past.value is None:
        raise InputError(
            f"{orders.name} has no amounts, so later spending cannot be measured. "
            f"Name a column with {option('amount')}."
        )
    now = dt.datetime.fromisoformat(str(date))
    since = now + dt.timedelta(microseconds=1)
    future = customers_from_orders(orders, structs.replace(narrow, since=since))
    ids = past.column(past.id)
    segments = label(past)
    labels = [segments[customer] for customer in ids]
    compared = compare(classes(past.table).labels, labels, _spent(future, ids), seed=seed)
    return dataclasses.replace(compared, date=now.date())


def _two_thirds(facts: OrderFacts) -> dt.date:
    """The day two thirds of the way from the first order to the last."""
    return (facts.first + (facts.last - facts.first) * 2 / 3).date()


def _spent(future: Customers, ids: Sequence[Any]) -> Floats:
    """(n,) what these customers spent later, at least nothing."""
    spent = dict(zip(future.column(future.id), future.column("monetary"), strict=True))
    return np.array([max(0.0, spent.get(customer, 0.0)) for customer in ids])


def split_value(groups: Ints, later: Floats, *, seed: int = 0) -> Split:
    """How well groups (n,) part later spending (n,).

    The mean of each group is learned on one half of the customers, and measured on the other.
    """
    random, n = np.random.default_rng(seed), len(groups)
    shares = []
    for _ in range(HALVES):
        learn = random.permutation(n) < n // 2
        chance = random.random(int((~learn).sum()))
        top, best = _top_shares(groups, later, learn, chance)
        shares.append((_explained(groups, np.log1p(later), learn), top, best))
    explained, top_share, best_share = (float(np.mean(each)) for each in zip(*shares, strict=True))
    return Split(len(np.unique(groups)), explained, top_share, best_share)


def _explained(groups: Ints, values: Floats, learn: Bools) -> float:
    """Share of the variance that the means of groups explain in the other half."""
    test = ~learn
    means = _means(groups[learn], values[learn], int(groups.max()) + 1)
    error = ((values[test] - means[groups[test]]) ** 2).sum()
    variance = ((values[test] - values[learn].mean()) ** 2).sum()
    return float(1 - error / variance) if variance > 0 else 0.0


def _top_shares(groups: Ints, later: Floats, learn: Bools, chance: Floats) -> tuple[float, float]:
    """Share of the other half's spending by its first fifth: as groups rank, and at best.

    `chance` (of the other half) puts customers of one group in order.
    """
    test = ~learn
    spent, total = later[test], later[test].sum()
    if total <= 0:
        return 0.0, 0.0
    means = _means(groups[learn], later[learn], int(groups.max()) + 1)
    most = max(1, int(TOP * len(spent)))
    first = np.lexsort((chance, -means[groups[test]]))[:most]
    best = np.sort(spent)[::-1][:most]
    return float(spent[first].sum() / total), float(best.sum() / total)


def _means(groups: Ints, values: Floats, k: int) -> Floats:
    """(k,) mean of each group; that of all for a group without customers."""
    counts = np.bincount(groups, minlength=k)
    sums = np.bincount(groups, values, k)
    return np.where(counts > 0, sums / np.maximum(counts, 1), values.mean())
