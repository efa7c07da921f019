"""How far groups of customers differ in something that did not form them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from shoal.types.plain_json import as_json
from shoal.types.profile import Statement
from shoal.types.shown import Shown

GroupingKind = Literal["segments", "rfm", "column", "old_label"]


@dataclass(frozen=True)
class GroupRate:
    """The outcome in one group: a share, or the mean of a number; 95 % interval."""

    name: str
    customers: int  # whose outcome is known
    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Grouping:
    """One way to group customers, and how far it separates the outcome."""

    kind: GroupingKind
    column: str  # of a split and an earlier segmentation; "" elsewhere
    groups: tuple[GroupRate, ...]  # the lowest first
    explained: float  # share of the outcome's variance, predicted from the other half
    low: float  # 95 % interval
    high: float
    # How much more the segments explain than this; None for the segments themselves.
    difference: float | None = None
    difference_low: float | None = None
    difference_high: float | None = None
    agreement: float | None = None  # adjusted Rand index with the segments
    # (segments, groups in table order) customers in both; empty where it was not crossed
    crosswalk: tuple[tuple[int, ...], ...] = ()
    crossed: tuple[str, ...] = ()  # the groups of the crosswalk

    @property
    def separates(self) -> bool:
        """Whether it tells anything of the outcome, beyond chance."""
        return self.low > 0


def is_told(group: GroupRate, event: str, least: int) -> bool:
    """Whether enough stand behind the figures of a group; nobody is no secret."""
    met = round(group.value * group.customers) if event else 0
    known = (group.customers, met, group.customers - met if event else 0)
    return not any(0 < number < least for number in known)


@dataclass(frozen=True)
class Separation(Shown):
    """How far segments separate an outcome, beside simpler groupings, on customers not used."""

    name: str  # of the table
    outcome: str
    event: str  # the word that says that it happened; "" for a number
    measured: int  # customers that nothing was formed, cut or learned on
    learned: int  # the others
    everybody: GroupRate
    segment_names: tuple[str, ...]
    segments: Grouping
    others: tuple[Grouping, ...]
    statements: tuple[Statement, ...]
    least: int = 1  # customers that a figure must be of to be shown

    def is_told(self, group: GroupRate) -> bool:
        """Whether enough stand behind its figures; of a share, behind what is left of it too."""
        return is_told(group, self.event, self.least)

    def counted(self, number: int) -> str:
        """A number of customers; that they are too few to be told of, where they are."""
        return f"fewer than {self.least}" if 0 < number < self.least else f"{number:,}"

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it in sentences."""
        return tuple(said.text for said in self.statements)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types."""
        told = as_json(self)
        del told["statements"], told["least"]
        return {"verdict": " ".join(self.lines), **told}

    def __repr__(self) -> str:
        return f"<shoal.Separation of {self.outcome} in {self.name}: {self.lines[0]}>"
