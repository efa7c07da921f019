"""The facts that the steps of the pipeline hand on: small frozen dataclasses.

A step takes some of them and makes another. Nothing here imports another room of shoal.
Arrays are NumPy; shapes are written (n customers, d features), m for the sample, k for segments.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from itertools import accumulate
from typing import Any, Literal

import pyarrow as pa

from shoal.types.claims import NameCheck, NameClaim, Way
from shoal.types.drift import (
    Baseline,
    Bins,
    ColumnBaseline,
    ColumnShift,
    Comparison,
    DriftState,
    SegmentShift,
    ShareShift,
    Usual,
)
from shoal.types.history import HistoryFacts, RunThen, SegmentThen
from shoal.types.moves import (
    MOVE_CAUSES,
    NO_MONEY,
    NOT_PLACED,
    Amounts,
    Flow,
    MoveCause,
    MoveFacts,
    Previous,
    RowsSeen,
    SegmentSeen,
    total,
)
from shoal.types.profile import (
    CUSTOMER,
    DIRECTIONS,
    MEANINGS,
    NOTHING,
    QUANTILES,
    ROLES,
    Bools,
    Column,
    Confidence,
    Direction,
    Finding,
    Findings,
    Floats,
    Held,
    Histogram,
    Ints,
    Kind,
    MadeColumn,
    Meaning,
    Noun,
    Profile,
    ReadAs,
    Role,
    Severity,
    Statement,
)
from shoal.types.segments import (
    Action,
    Condition,
    EffectScale,
    Explanation,
    OutcomeRate,
    Pull,
    RfmMix,
    Rule,
    SegmentProfile,
    SegmentTotals,
    Trait,
)
from shoal.types.separation import Grouping, GroupingKind, GroupRate, Separation
from shoal.types.shown import Shown
from shoal.types.succession import (
    Crossing,
    Fate,
    Refresh,
    SegmentFate,
    Service,
    Succession,
)
from shoal.types.trust import (
    KFlow,
    Reliability,
    SegmentReliability,
    SegmentTrust,
    Structure,
    Trust,
    Verdict,
)

__all__ = [  # what is known of a table and of segments, beside all that follows
    "CUSTOMER",
    "DIRECTIONS",
    "MEANINGS",
    "MOVE_CAUSES",
    "NOTHING",
    "NOT_PLACED",
    "NO_MONEY",
    "QUANTILES",
    "ROLES",
    "Action",
    "Amounts",
    "Baseline",
    "Bins",
    "Bools",
    "Column",
    "ColumnBaseline",
    "ColumnShift",
    "Comparison",
    "Condition",
    "Confidence",
    "Crossing",
    "Direction",
    "DriftState",
    "EffectScale",
    "Explanation",
    "Fate",
    "Finding",
    "Findings",
    "Floats",
    "Flow",
    "GroupRate",
    "Grouping",
    "GroupingKind",
    "Held",
    "Histogram",
    "HistoryFacts",
    "Ints",
    "KFlow",
    "Kind",
    "MadeColumn",
    "Meaning",
    "MoveCause",
    "MoveFacts",
    "NameCheck",
    "NameClaim",
    "Noun",
    "OutcomeRate",
    "Profile",
    "Pull",
    "ReadAs",
    "Refresh",
    "Reliability",
    "RfmMix",
    "Role",
    "RowsSeen",
    "Rule",
    "RunThen",
    "SegmentFate",
    "SegmentProfile",
    "SegmentReliability",
    "SegmentSeen",
    "SegmentShift",
    "SegmentThen",
    "SegmentTotals",
    "SegmentTrust",
    "Separation",
    "Service",
    "Severity",
    "ShareShift",
    "Shown",
    "Statement",
    "Structure",
    "Succession",
    "Trait",
    "Trust",
    "Usual",
    "Verdict",
    "Way",
    "total",
]

# --- features -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Feature:
    """How one basis column becomes numbers.

    Fill → log → (clip, for fitting only) → centre and scale → weight.
    """

    column: str
    kind: Literal["number", "flag", "category"]
    fill: float | str  # what stands in for a gap (original units, or a category)
    filled: int = 0  # gaps met when learning, over all rows
    log_offset: float | None = None  # log(x + offset) is taken; None: no log
    low: float | None = None  # winsorising limits in transformed units, used for fitting only
    high: float | None = None
    centre: float = 0.0
    scale: float = 1.0
    weight: float = 1.0
    categories: tuple[str, ...] = ()  # one output per category; for a flag (off word, on word)
    words: str = ""  # the same in a sentence
    shares: tuple[float, ...] = ()  # of each category: where a gap or an unknown word is placed
    least: float | None = None  # original units, below which a value is unlike anybody's …
    most: float | None = None  # … and above which
    never: float | None = None  # original units: what stands for "never", a gap

    @property
    def width(self) -> int:
        """Number of encoded features that the column becomes."""
        return len(self.categories) if self.kind == "category" else 1

    @property
    def stand_in(self) -> float:
        """What stands in for a gap, as a number, where it becomes one."""
        return self.fill if isinstance(self.fill, float) else float(self.fill == self.categories[1])

    @property
    def lowest(self) -> float:
        """What stands in for the logarithm of what has none: the lowest that was met."""
        return self.low if self.low is not None else self.centre - 10 * self.scale

    @property
    def factor(self) -> float:
        """What a centred number is multiplied by."""
        return self.weight / self.scale


@dataclass(frozen=True)
class Recipe:
    """Learned once, replayed on every row, kept in the model file."""

    features: tuple[Feature, ...]  # sorted by name: the order of the table does not matter
    scaling: Literal["auto", "standard", "robust", "none"]

    def __repr__(self) -> str:
        return f"<shoal.Recipe of {len(self.features)} columns, {self.width} encoded>"

    @property
    def encoded(self) -> tuple[str, ...]:
        """The basis column (d,) that each encoded feature comes from."""
        return tuple(f.column for f in self.features for _ in range(f.width))

    @property
    def columns(self) -> tuple[str, ...]:
        """The basis columns, in the order in which they are encoded."""
        return tuple(f.column for f in self.features)

    @property
    def width(self) -> int:
        """Number of encoded features d."""
        return sum(f.width for f in self.features)

    @property
    def parts(self) -> tuple[slice, ...]:
        """Where the encoded features of each basis column stand among all d."""
        ends = list(accumulate(f.width for f in self.features))
        return tuple(map(slice, [0, *ends], ends))


# --- sample ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sample:
    """The m customers with the smallest hash of their id.

    With every column, in an order that rows' order cannot change.
    """

    rows: pa.Table  # (m, all columns)
    index: Ints  # (m,) each one's row number in the source, from 0
    total: int  # n, the customers it stands for

    @property
    def whole(self) -> bool:
        """True when the sample is the whole table."""
        return len(self.index) == self.total


@dataclass(frozen=True)
class Points:
    """Distinct encoded customers with the number of times each occurs, in an order of their own."""

    matrix: Floats  # (p, d) with p <= m, clipped for fitting
    weights: Floats  # (p,) how many of the sample's customers stand here
    of_row: Ints  # (m,) for each row of the sample, its point


# --- choose, cluster ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """One k-means solution on points."""

    centres: Floats  # (k, d)
    labels: Ints  # (p,)
    inertia: float
    starts: int  # how many starts were made
    reached: int  # how many of them ended within 0.01 % of the best inertia
    # The solution with fewer segments that it was led from, by gaps seen inside some of them.
    within: Fit | None = None
    steps: int = 0  # of Lloyd's algorithm on the way to it, from its start


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against one k."""

    k: int
    fit_inertia: float  # on the sample, with far-out values drawn in: falls with every k
    silhouette: float | None  # None for k = 1
    smallest_share: float
    starts: int
    reached: int
    # Compactness against a structureless copy, in standard errors.
    reference_gap: float | None = None
    # Weakest neighbouring pair: 0 no dip between them .. 1 empty between them.
    separation: float | None = None
    prediction_strength: float | None = None  # Tibshirani & Walther 2005
    stability: float | None = None  # mean adjusted Rand index between fits on resampled customers
    worst_jaccard: float | None = None  # least stable segment, bootstrap Jaccard (Hennig 2007)
    allowed: bool = True
    remark: Statement | None = None  # why it is out, or what is remarkable about it
    silhouette_rows: int | None = None  # customers that the silhouette was measured on

    @property
    def note(self) -> str:
        """The remark in words; empty where there is none."""
        return str(self.remark or "")

    @property
    def row(self) -> dict[str, Any]:
        """All of it by name, the remark in words: a row of tables and files."""
        named = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "remark"}
        return named | {"note": self.note}


@dataclass(frozen=True)
class Choice(Shown):
    """Every k that was tried, the pick, the reason, the runner-up."""

    k: int
    structure: Structure
    why: Statement  # in one sentence
    runner_up: int | None
    runner_up_why: Statement | None
    evidence: tuple[Evidence, ...]
    asked: bool  # the user set k
    sample_size: int
    fits: dict[int, Fit] = field(default_factory=dict, repr=False, compare=False)
    defensible: tuple[int, ...] = ()  # all k that could be defended, the pick among them
    # Encoded columns along which customers fall apart, though no groups were found in all together.
    alone: tuple[int, ...] = ()
    # (k, times): what re-runs chose, each on nine tenths of the sample, the most often first.
    reruns: tuple[tuple[int, int], ...] = ()
    unasked: int | None = None  # what would be picked where nobody asks for a k

    def __repr__(self) -> str:
        picked = "asked for" if self.asked else f"of {len(self.evidence)} that were tried"
        return f"<shoal.Choice k={self.k}, {picked}: {self.structure.groups}>"

    @property
    def reason(self) -> str:
        """Why this k, in one sentence."""
        return str(self.why)

    @property
    def runner_up_reason(self) -> str:
        """What speaks for the runner-up, in one sentence; empty where there is none."""
        return str(self.runner_up_why or "")

    @property
    def table(self) -> Any:
        """The evidence as a pandas DataFrame, one row a k."""
        import pandas as pd

        return pd.DataFrame([e.row for e in self.evidence])


@dataclass(frozen=True)
class Centroids:
    """All that is needed to place a customer."""

    recipe: Recipe
    centres: Floats  # (k, d) in encoded units, in the order of the segment ids
    far: Floats  # (k,) distance to the own centre above which a customer is unlike anyone
    id_column: str | None

    @property
    def k(self) -> int:
        """Number of segments."""
        return len(self.centres)


@dataclass(frozen=True)
class Segmentation(Centroids):
    """What places customers, and what the segments are called: all that is saved."""

    names: tuple[str, ...]
    colours: tuple[str, ...]  # as #rrggbb
    sizes: tuple[int, ...]
    inertia: float  # over all rows, in encoded units, not clipped
    silhouette: float | None
    far_rate: float  # share of ordinary customers beyond `far` (the false-alarm rate)
    basis: tuple[str, ...]  # in table order
    seed: int
    rows: int
    made: tuple[MadeColumn, ...] = ()  # columns that placing needs and that are made of others
    # Ascending, from 1; there are gaps where segments went that an earlier segmentation had.
    ids: tuple[int, ...] = ()
    baseline: Baseline | None = None  # who formed it, to tell drift by; older models keep none

    def __post_init__(self) -> None:
        if not self.ids:
            object.__setattr__(self, "ids", tuple(range(1, self.k + 1)))

    def __repr__(self) -> str:
        return f"<shoal.Segmentation of {self.rows:,} rows into {self.k} segments>"


@dataclass(frozen=True)
class OrderLines:
    """What became of the rows of a table of orders: read = purchases + returns + set aside."""

    read: int
    purchases: int
    returns: int  # returns and cancellations, which are used as such
    set_aside: tuple[tuple[str, int], ...]  # (reason, rows)
    how: Statement = NOTHING  # the same in one sentence

    @property
    def used(self) -> int:
        """Rows that customers were made from."""
        return self.purchases + self.returns

    @property
    def aside(self) -> int:
        """Rows that were set aside, whatever the reason."""
        return sum(rows for _, rows in self.set_aside)


@dataclass(frozen=True)
class Facts:
    """All that was found: what figures and report are made from."""

    name: str  # of the table, for titles
    profile: Profile
    sample: Sample
    points: Points
    labels: Ints  # (m,) segment of each sampled customer, 0 .. k-1 (id - 1)
    distances: Floats  # (m,) to the own centre, encoded and not clipped
    choice: Choice
    segmentation: Segmentation
    groups: SegmentTotals
    trust: Trust
    portraits: tuple[SegmentProfile, ...]  # in id order
    findings: tuple[Finding, ...]  # reading, describing, preparing, choosing: all of them
    value: str | None  # the money column that shares are computed on
    rows_read: int
    rows_labelled: int
    rows_set_aside: int
    options: dict[str, Any] = field(default_factory=dict)  # as asked, for "how it was made"
    versions: dict[str, str] = field(default_factory=dict)
    lines: OrderLines | None = None  # where customers were made from orders
    succession: Succession | None = None  # of a refresh
    previous: Previous | None = None  # where an earlier model was given beside
    least: int = 1  # customers that a figure of a segment must be of to be shown

    def __repr__(self) -> str:
        return f"<shoal.Facts of {self.name}: {self.segmentation.k} segments>"

    @property
    def noun(self) -> Noun:
        """What the rows are called: customers, respondents, sessions …"""
        return self.profile.noun

    @property
    def reliability(self) -> Reliability:
        """How far to believe it all."""
        shares = {p.segment: p.share for p in self.portraits}
        return Reliability(
            kind=self.choice.structure,
            k=self.segmentation.k,
            asked=self.choice.asked,
            segments=tuple(
                SegmentReliability(
                    segment=t.segment,
                    share=shares.get(t.segment, 0.0),
                    found_again=t.found_again,
                    near_border=t.border_share,
                    verdict=t.verdict,
                )
                for t in self.trust.segments
            ),
            reruns=self.choice.reruns,
        )
