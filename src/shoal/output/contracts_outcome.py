"""What is promised of `shoal compare-outcome --json`."""

from __future__ import annotations

from msgspec import Struct

from shoal.output.contracts_numbers import Count
from shoal.types import GroupingKind


class GroupRate(Struct):
    """The outcome in one group: a share, or the mean of a number; 95 % interval."""

    name: str
    customers: Count
    value: float
    low: float | None
    high: float | None


class Grouping(Struct):
    """One way to group customers, and how far it separates the outcome."""

    kind: GroupingKind
    column: str
    groups: list[GroupRate]
    explained: float  # share of the variance; below 0: worse than everybody's mean
    low: float
    high: float
    difference: float | None  # what segments explain less this; null for segments
    difference_low: float | None
    difference_high: float | None
    agreement: float | None  # adjusted Rand index with the segments
    crosswalk: list[list[Count]]  # segments (as in segment_names) by groups (as in crossed)
    crossed: list[str]


class Separated(Struct):
    """What `shoal compare-outcome --json` prints."""

    verdict: str
    name: str
    outcome: str
    event: str  # "": the outcome is a number
    measured: Count
    learned: Count
    everybody: GroupRate
    segment_names: list[str]
    segments: Grouping
    others: list[Grouping]
