"""How segments fall into the classes of RFM, and the class that holds for each, if one does."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from shoal.rfm.rfm_classes import BUILT_IN, classed, is_frequency
from shoal.rfm.rfm_scores import MEASURES, Measure, cut_points, scores
from shoal.rfm.scheme import Scheme, load_scheme
from shoal.stats.distribution import numbers
from shoal.types import Floats, Ints, Profile, RfmMix

MAJORITY = 0.5  # share of a segment that must fall in a class whose name it gets
MEANS: Mapping[str, Measure] = {
    "recency": "recency",
    "activity": "frequency",
    "money_in": "monetary",
}
ALSO = {"Champions": "Loyal customers"}  # a class whose customers may be counted with another's
ALMOST_ALL = 0.75  # … where both together are so large a share
NEW, MORE_THAN_ONE = "New customers", "Potential loyalists"
LATE = ("At risk", "Can't lose them", "About to sleep", "Hibernating")


def rfm_columns(profile: Profile, from_orders: bool) -> dict[Measure, str]:
    """The columns of the measures, where these and no others formed the segments; else empty."""
    found: dict[Measure, str] = {}
    for name in profile.basis:
        measure = _measure(profile, name, from_orders)
        if measure is None or measure in found:
            return {}
        found[measure] = name
    return found if {"recency", "frequency"} <= found.keys() else {}


def _measure(profile: Profile, name: str, from_orders: bool) -> Measure | None:
    column = profile.column(name)
    if from_orders:
        return next((m for m in MEASURES if m == name), None)
    measure = MEANS.get(column.meaning)
    if measure == "recency" and column.direction == "good":  # from the first to the last order
        return None
    return None if measure == "frequency" and not is_frequency(name) else measure


def class_mixes(
    rows: pa.Table, labels: Ints, k: int, columns: Mapping[Measure, str]
) -> tuple[RfmMix, ...]:
    """The classes of each segment's customers, by the table of classes that ships.

    Args:
        rows: (m,) customers, with the columns of the measures.
        labels: (m,) segments of the customers, from 0.
        k: number of segments.
        columns: which column is which measure, as `rfm_columns` finds them.
    """
    values = {m: _numbers(rows, c) for m, c in columns.items()}
    known = np.all([np.isfinite(x) for x in values.values()], axis=0)
    values = {m: x[known] for m, x in values.items()}
    scheme = load_scheme(BUILT_IN, "monetary" in columns)
    bins = dict(zip(MEASURES, scheme.bins, strict=True))
    cuts = {m: cut_points(x, bins[m]) for m, x in values.items()}
    people = _People(rows.filter(pa.array(known)), values, _classes(scheme, values, cuts))
    made = []
    for s in range(k):
        inside = np.flatnonzero(np.asarray(labels)[known] == s)
        medians = {m: float(np.median(x[inside])) for m, x in values.items() if len(inside)}
        middle = {m: np.array([x]) for m, x in medians.items()}
        own = _classes(scheme, middle, cuts)[0] if middle else ""
        made.append(_mix(people, inside, medians, own, columns))
    return tuple(made)


@dataclass(frozen=True)
class _People:
    """The customers whose measures are known."""

    rows: pa.Table
    values: Mapping[Measure, Floats]
    classes: list[str]


def _mix(
    people: _People,
    inside: Ints,
    medians: Mapping[Measure, float],
    own: str,
    columns: Mapping[Measure, str],
) -> RfmMix:
    counted = Counter(people.classes[i] for i in inside).most_common()
    shares = {name: count / len(inside) for name, count in counted}
    name = _name(shares, own, medians, _usual_gap(people.rows, inside)) if shares else ""
    told = tuple((columns[m], x) for m, x in medians.items())
    return RfmMix(name, tuple(shares.items()), told)


def _numbers(rows: pa.Table, column: str) -> Floats:
    return numbers(rows[column])


def _classes(
    scheme: Scheme, values: Mapping[Measure, Floats], cuts: Mapping[Measure, tuple[float, ...]]
) -> list[str]:
    given = {m: scores(x, cuts[m], fewer_is_better=m == "recency") for m, x in values.items()}
    return [str(name) for name in classed(scheme, given)]


def _usual_gap(rows: pa.Table, inside: Ints) -> float:
    """The median days between orders of these customers; 0 where that is not known."""
    if "days_between" not in rows.column_names:
        return 0.0
    days = _numbers(rows, "days_between")[inside]
    known = days[np.isfinite(days)]
    return float(np.median(known)) if len(known) else 0.0


def _name(
    shares: Mapping[str, float], own: str, medians: Mapping[Measure, float], gap: float
) -> str:
    """The class that most of them and their medians are in, where its words hold; else ""."""
    name = own if shares.get(own, 0.0) >= MAJORITY else ""
    other = ALSO.get(own, own)
    together = sum(share for cls, share in shares.items() if ALSO.get(cls, cls) == other)
    if not name and other in ALSO.values() and together >= ALMOST_ALL:
        name = other
    frequency, recency = medians["frequency"], medians["recency"]
    is_false = (
        (name == NEW and frequency > 1)
        or (name == MORE_THAN_ONE and frequency < 2)
        or (name in LATE and recency <= gap)
    )
    return "" if is_false else name
