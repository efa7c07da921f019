"""Whether later customers are like those who formed the segments, and what a model keeps to tell.

Nothing here is a customer's row: columns are kept apart from each other, as bins of several.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from shoal.types.plain_json import as_json
from shoal.types.profile import NOTHING, Finding, Statement
from shoal.types.shown import Shown

# steady: as chance has it · small: real, but too small to matter · unsure: large enough to matter,
# but chance may do as much with so few · drift: real, and large enough to matter.
DriftState = Literal["steady", "small", "unsure", "drift"]


@dataclass(frozen=True)
class Bins:
    """How the values of a column lie: their number and mean between edges that rise."""

    edges: tuple[float, ...]  # (b - 1,) a value equal to an edge lies below it
    counts: tuple[int, ...]  # (b,)
    means: tuple[float, ...]  # (b,) 0 where there is nobody


@dataclass(frozen=True)
class ColumnBaseline:
    """What a model keeps of one of its columns."""

    column: str
    missing: int  # of the customers that were looked at
    bins: Bins | None = None  # of numbers, in their own units
    words: tuple[int, ...] = ()  # of a category or flag of words: how often each that is known


@dataclass(frozen=True)
class Baseline:
    """What a model keeps of the customers who formed it, so that drift can be told later."""

    customers: int  # that were looked at: the sample
    columns: tuple[ColumnBaseline, ...]  # in the order of the recipe
    distance: Bins  # to the own centre, in encoded units
    unlike: int  # of all customers, those unlike anyone


@dataclass(frozen=True)
class Usual:
    """What chance alone does not exceed in 95 of 100 pairs of samples of these sizes."""

    psi: float | None
    wasserstein: float | None


@dataclass(frozen=True)
class ColumnShift:
    """How far a column has shifted."""

    name: str
    psi: float | None  # population stability index; None: no value is known on one side
    wasserstein: float | None  # in the column's own units; None: it holds words
    usual: Usual
    state: DriftState
    mean_before: float | None
    mean_after: float | None
    missing_before: float  # shares
    missing_after: float
    missing_state: DriftState
    new_words: dict[str, int]  # the most frequent with counts, without what may name persons
    new_word_share: float  # of the cells with a value
    words_state: DriftState
    times: float | None = None  # what the mean was multiplied by, where it is a power of ten

    @property
    def worst(self) -> DriftState:
        """The gravest of its states."""
        return worst((self.state, self.missing_state, self.words_state))

    @property
    def told(self) -> str:
        """The same in words; none where nothing has shifted."""
        return _TOLD[self.worst]


@dataclass(frozen=True)
class SegmentShift:
    """A segment's share of the customers that were placed."""

    id: int
    name: str
    share_before: float
    share_after: float
    size_before: int
    size_after: int


@dataclass(frozen=True)
class ShareShift:
    """A share of customers before and after."""

    before: float
    after: float
    state: DriftState


@dataclass(frozen=True)
class Comparison(Shown):
    """New customers against those who formed the segments."""

    alarm: bool
    model_id: str
    summary: Statement
    name: str  # of the new table
    customers_before: int
    customers_after: int
    rows_read: int
    rows_set_aside: int
    columns: tuple[ColumnShift, ...]
    segments: tuple[SegmentShift, ...]
    segments_moved: float  # share of customers that would have to be in other segments
    segments_state: DriftState
    distance: ColumnShift  # to the own centre, in encoded units
    farther: ShareShift  # than all but a twentieth were
    unlike_anyone: ShareShift
    reasons: tuple[Statement, ...]
    findings: tuple[Finding, ...] = ()

    def __repr__(self) -> str:
        return f"<shoal.Comparison of {self.name}: {'drift' if self.alarm else 'no alarm'}>"

    @property
    def verdict(self) -> str:
        """What was found, in words."""
        return " ".join(said.text for said in (self.summary, *self.reasons) if said is not NOTHING)

    def to_json(self) -> dict[str, Any]:
        """All of it as plain JSON types."""
        told = as_json(self)
        del told["summary"]
        told["reasons"] = [said.text for said in self.reasons]
        return {"verdict": self.verdict, **told}


_TOLD: dict[DriftState, str] = {
    "steady": "",
    "small": "real, too small",
    "unsure": "may be chance",
    "drift": "drift",
}
_GRAVER: tuple[DriftState, ...] = ("steady", "small", "unsure", "drift")


def worst(states: tuple[DriftState, ...]) -> DriftState:
    """The gravest of several.

    >>> worst(("steady", "unsure", "small"))
    'unsure'
    """
    return max(states, key=_GRAVER.index)
