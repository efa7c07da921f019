"""A campaign: who is written to and who is held out, and what it did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shoal.types.profile import Finding, Statement

CampaignVerdict = Literal["works", "harms", "cannot tell"]
OutcomeKind = Literal["rate", "money"]
Missing = Literal["zero", "aside"]
# How an interval came about. score: of two rates; moments: of means of money, by variances and
# skewness; before: the same of what money before leaves over; lognormal: by logarithms of money.
LiftMethod = Literal["score", "moments", "before", "lognormal"]


@dataclass(frozen=True)
class PlannedSegment:
    """A segment's target and hold-out, and the smallest lift that they can show."""

    id: int
    name: str
    n_target: int
    n_hold_out: int
    smallest_lift: float | None  # of the rate; None: these show none
    customers_needed: int | None  # to show the lift that was asked for
    money_before: float | None  # mean; None: it is not known
    payers_before: int | None  # whose money is known and not 0
    smallest_money_lift: float | None  # of mean money that spreads as before; None: no promise


@dataclass(frozen=True)
class BalancedColumn:
    """Means of both groups before the campaign; the difference in standard deviations."""

    name: str
    target: float
    hold_out: float
    difference: float


@dataclass(frozen=True)
class PlanFacts:
    """Who was drawn: rows read = planned + in other segments + set aside."""

    model_id: str
    id_column: str
    hold_out: float
    seed: int
    power: float
    rate: float
    rate_is_assumed: bool
    lift: float
    value: str | None
    segments: tuple[PlannedSegment, ...]
    rows_read: int
    rows_planned: int
    rows_in_other_segments: int
    rows_set_aside: int
    balanced: bool
    balance: tuple[BalancedColumn, ...]
    assignment: str  # SHA-256 of the file of who is in which group
    summary: tuple[Statement, ...]
    findings: tuple[Finding, ...]


@dataclass(frozen=True)
class SegmentLift:
    """What the campaign did in a segment (or in all: id None)."""

    id: int | None
    name: str
    n_target: int
    n_hold_out: int
    target: float | None  # rate, or mean money of a customer
    hold_out: float | None
    lift: float | None
    low: float | None  # of the 95 % interval, adjusted for how many segments were looked at
    high: float | None
    low_alone: float | None  # not adjusted
    high_alone: float | None
    method: LiftMethod | None  # None: there is no interval, or of all segments
    not_shown: bool  # a rate rests on too few to be shown to people
    few_payers: bool  # so few in one of the groups that the interval is known to be short at times
    verdict: CampaignVerdict
    extra: float | None  # yeses, or money, that the target brought more, in all
    cost: float | None
    profit: float | None
    profit_low: float | None
    profit_high: float | None
    said: Statement


@dataclass(frozen=True)
class CampaignCounts:
    """Customers of the plan and rows of the outcomes: how many were met, and how many not."""

    planned: int
    with_outcome: int
    missing_target: int
    missing_hold_out: int
    in_both: int
    outcomes_read: int
    not_in_plan: int
    without_id: int
    unknown: int
    repeated: int


@dataclass(frozen=True)
class CampaignFacts:
    """What a campaign did, segment by segment, and in all."""

    model_id: str
    kind: OutcomeKind
    outcome: str | None
    missing: Missing
    adjusted_by_before: bool
    segments: tuple[SegmentLift, ...]
    total: SegmentLift
    counts: CampaignCounts
    findings: tuple[Finding, ...]
