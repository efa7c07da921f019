"""Who went where between two periods, in customers and in money, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from shoal.types.drift import Comparison
from shoal.types.profile import CUSTOMER, Finding, Noun, Statement
from shoal.types.shown import Shown

# Why a customer is in another segment than before.
MoveCause = Literal["customer", "model", "border"]
MOVE_CAUSES: tuple[MoveCause, ...] = ("customer", "model", "border")
NOT_PLACED = 0  # in place of a segment's id: no value in the columns that form segments
NO_MONEY = Decimal(0)


@dataclass(frozen=True)
class SegmentSeen:
    """A segment as it was in one of the periods."""

    id: int
    name: str
    colour: str
    # The id of the same segment in the other period; None: it has none there.
    same: int | None


@dataclass(frozen=True)
class Amounts:
    """Customers, and what they brought in either period, exact to the last digit."""

    customers: int = 0
    money_before: Decimal = NO_MONEY
    money_after: Decimal = NO_MONEY

    def plus(self, other: Amounts) -> Amounts:
        """Both together."""
        return Amounts(
            self.customers + other.customers,
            self.money_before + other.money_before,
            self.money_after + other.money_after,
        )

    @property
    def change(self) -> Decimal:
        """What they brought more than before."""
        return self.money_after - self.money_before


def total(amounts: Iterable[Amounts]) -> Amounts:
    """All of them together."""
    found = Amounts()
    for each in amounts:
        found = found.plus(each)
    return found


@dataclass(frozen=True)
class Flow:
    """Customers who were in one segment and are in another, or in the same."""

    start: int | None  # the segment before; None: they were not there; 0: they could not be placed
    end: int | None  # the segment after; None: they are there no more
    start_name: str
    end_name: str
    amounts: Amounts
    stayed: bool
    causes: dict[MoveCause, Amounts] | None  # of a move, as far as they can be told

    @property
    def kind(self) -> Literal["stayed", "moved", "arrived", "departed"]:
        """What became of them."""
        if self.start is None:
            return "arrived"
        if self.end is None:
            return "departed"
        return "stayed" if self.stayed else "moved"

    @property
    def money(self) -> Decimal:
        """What they brought in the first period in which they were seen."""
        amounts = self.amounts
        return amounts.money_after if self.start is None else amounts.money_before


@dataclass(frozen=True)
class RowsSeen:
    """What became of the rows of a table: read = customers + the others."""

    name: str
    read: int
    customers: int
    without_id: int
    of_repeated_ids: int
    money: Decimal  # of all rows, those that are in no flow as well


@dataclass(frozen=True)
class MoveFacts(Shown):
    """Customers of two periods: who stayed, moved, came and left."""

    before: RowsSeen
    after: RowsSeen
    segments_before: tuple[SegmentSeen, ...]
    segments_after: tuple[SegmentSeen, ...]
    flows: tuple[Flow, ...]  # those who take most value away first
    value: str | None  # the column of money; None: there is none
    same_model: bool  # both periods are placed by the same model
    models: tuple[str, ...] = ()  # the ids of the models: none, one for both, or two
    summary: tuple[Statement, ...] = ()
    worries: tuple[Statement, ...] = ()  # moves and departures that take value away
    findings: tuple[Finding, ...] = ()
    noun: Noun = CUSTOMER
    least: int = 1  # customers that a figure must be of to be shown

    def __repr__(self) -> str:
        moved = self.of_kind("moved").customers
        seen = moved + self.of_kind("stayed").customers
        return f"<shoal.Moves of {seen:,} {self.noun.many} seen twice: {moved:,} moved>"

    def of_kind(self, kind: str) -> Amounts:
        """All who stayed, moved, arrived or departed."""
        return total(flow.amounts for flow in self.flows if flow.kind == kind)

    @property
    def everybody(self) -> Amounts:
        """All flows together."""
        return total(flow.amounts for flow in self.flows)

    def are_few(self, amounts: Amounts) -> bool:
        """Whether somebody is there, but too few for their figures to be shown."""
        return 0 < amounts.customers < self.least

    def change_of(self, amounts: Amounts) -> Decimal | None:
        """What they brought more than before; None where they are too few to be told of."""
        return None if self.are_few(amounts) else amounts.change

    @property
    def why(self) -> dict[MoveCause, Amounts] | None:
        """Why those who moved did, as far as it can be told; None: it cannot."""
        known = [flow.causes for flow in self.flows if flow.kind == "moved" and flow.causes]
        if not known:
            return None
        return {cause: total(each[cause] for each in known) for cause in known[0]}


@dataclass(frozen=True)
class Previous:
    """What became of an earlier segmentation: its customers, and who of them moved."""

    drift: Comparison
    moves: MoveFacts | None  # None: nobody can be followed
