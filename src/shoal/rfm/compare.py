"""RFM classes beside segments of K-Means: who is where in both, and which splits later spending better."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from msgspec import structs

from shoal.engine.table import Table
from shoal.errors import InputError, OptionError
from shoal.options import OrdersOptions
from shoal.rfm.rfm_classes import RfmClasses, rfm_classes
from shoal.rfm.types import Customers
from shoal.text.options import option
from shoal.types import Floats, Ints

TOP = 0.2  # the customers a campaign can afford
HALVES = 20  # random halvings over which the measures of a split are averaged


@dataclass(frozen=True)
class Split:
    """How well groups part customers by what they spent later, measured on customers not used to rank the groups."""

    groups: int
    explained: (
        float  # share of the variance of log(1 + later spending) between groups, out of sample
    )
    top_share: float  # share of later spending by the fifth of customers whose groups rank first
    best_share: float  # the same if later spending were known


@dataclass(frozen=True)
class Comparison:
    """RFM classes against segments."""

    classes: tuple[str, ...]
    segments: tuple[str, ...]
    counts: tuple[tuple[int, ...], ...]  # (classes, segments) customers
    agreement: float  # adjusted Rand index: 1 the same grouping, 0 as by chance
    main: tuple[
        tuple[str, str, float], ...
    ]  # (class, segment that most of it goes to, share of the class)
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
        said = f"Agreement of RFM classes and segments: {self.agreement:.2f} (adjusted Rand index; 1 is the same, 0 chance)."
        if self.of_classes is None or self.of_segments is None:
            return said
        a, b = self.of_classes, self.of_segments
        return (
            f"{said} Learned before {self.date}, measured after it on {self.customers:,} customers, {self.later_buyers:,} of whom bought again: "
            f"{a.groups} RFM classes explain {a.explained:.0%} of the variation in later spending and their best fifth of customers brings "
            f"{a.top_share:.0%} of it; {b.groups} segments explain {b.explained:.0%} and {b.top_share:.0%} (at most {b.best_share:.0%} is possible)."
        )


def compare(
    classes: Sequence[str], segments: Sequence[Any], later: Floats | None = None, *, seed: int = 0
) -> Comparison:
    """Cross RFM classes and segments of the same customers (n,), and weigh both by later spending (n,) where it is known.

    >>> compare(["a", "a", "b", "b"], [1, 1, 2, 2]).agreement
    1.0
    """
    rows, r = np.unique(np.asarray(classes, dtype=str), return_inverse=True)
    if len(classes) != len(segments):
        raise OptionError(
            f"There are {len(classes):,} RFM classes and {len(segments):,} segments; they must be of the same customers."
        )
    columns, c = np.unique(np.asarray([str(s) for s in segments]), return_inverse=True)
    counts = np.zeros((len(rows), len(columns)), dtype=np.int64)
    np.add.at(counts, (r, c), 1)
    main = tuple(
        (str(rows[i]), str(columns[row.argmax()]), float(row.max() / row.sum()))
        for i, row in enumerate(counts)
    )
    splits = (
        (None, None)
        if later is None
        else (split_value(r, later, seed=seed), split_value(c, later, seed=seed))
    )
    return Comparison(
        tuple(map(str, rows)),
        tuple(map(str, columns)),
        tuple(tuple(map(int, row)) for row in counts),
        _adjusted_rand(counts),
        main,
        splits[0],
        splits[1],
        None,
        len(classes),
        0 if later is None else int((later > 0).sum()),
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
    """Learn RFM classes and segments on the orders up to a date, and weigh both by what customers spent after it.

    `label` makes segments of the customers (id → segment); `date` is by default two thirds of the way from the first order
    to the last; `options` are those of `customers_from_orders`. Raises InputError when there is no money, or nobody later.
    """
    from shoal.rfm.customers import customers_from_orders

    options = options or OrdersOptions()
    narrow = structs.replace(options, breadth=False)
    if date is None:
        whole = customers_from_orders(orders, narrow).facts
        date = (whole.first + (whole.last - whole.first) * 2 / 3).date()
    past = customers_from_orders(orders, structs.replace(options, date=date))
    if past.value is None:
        raise InputError(
            f"{orders.name} has no amounts, so later spending cannot be measured. "
            f"Name a column with {option('amount')}."
        )
    now = dt.datetime.fromisoformat(str(date))
    later_on = structs.replace(narrow, since=now + dt.timedelta(microseconds=1))
    future = customers_from_orders(orders, later_on)
    known = classes(past.table)
    ids = past.column(past.id)
    spent = dict(zip(future.column(future.id), future.column("monetary"), strict=True))
    later = np.array([max(0.0, spent.get(i, 0.0)) for i in ids])
    segments = label(past)
    return dataclasses.replace(
        compare(known.labels, [segments[i] for i in ids], later, seed=seed), date=now.date()
    )


def split_value(groups: Ints, later: Floats, *, seed: int = 0) -> Split:
    """How well groups (n,) part later spending (n,): group means are learned on one half of the customers, measured on the other."""
    random, n = np.random.default_rng(seed), len(groups)
    k, y = int(groups.max()) + 1, np.log1p(later)
    explained, top, best = [], [], []
    for _ in range(HALVES):
        learn = random.permutation(n) < n // 2
        test = ~learn
        means = _means(groups[learn], y[learn], k)
        money = _means(groups[learn], later[learn], k)
        error, spread = (
            ((y[test] - means[groups[test]]) ** 2).sum(),
            ((y[test] - y[learn].mean()) ** 2).sum(),
        )
        explained.append(1 - error / spread if spread > 0 else 0.0)
        first = np.lexsort((random.random(int(test.sum())), -money[groups[test]]))[
            : max(1, int(TOP * test.sum()))
        ]
        total = later[test].sum()
        top.append(later[test][first].sum() / total if total > 0 else 0.0)
        best.append(np.sort(later[test])[::-1][: len(first)].sum() / total if total > 0 else 0.0)
    return Split(
        len(np.unique(groups)), float(np.mean(explained)), float(np.mean(top)), float(np.mean(best))
    )


def _means(groups: Ints, values: Floats, k: int) -> Floats:
    counts = np.bincount(groups, minlength=k)
    sums = np.bincount(groups, values, k)
    return np.where(counts > 0, sums / np.maximum(counts, 1), values.mean())


def _adjusted_rand(counts: Ints) -> float:
    """Hubert & Arabie (1985) from a cross table."""
    both, a, b, everyone = (
        float((x * (x - 1) / 2).sum()) for x in (counts, counts.sum(1), counts.sum(0), counts.sum())
    )
    chance = a * b / everyone if everyone else 0.0
    most = (a + b) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


__all__ = ["Comparison", "Split", "compare", "compare_on_later", "split_value"]
