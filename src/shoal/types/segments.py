"""What is said of segments: totals, traits, rules, outcomes, actions, profiles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from shoal.types.profile import NOTHING, Direction, Floats, Ints, Role, Statement


@dataclass(frozen=True)
class SegmentTotals:
    """Exact sums over all customers, segment by segment.

    Rows of each array are segments, in id order.
    """

    columns: tuple[str, ...]  # numeric and flag columns
    sizes: Ints  # (k,)
    counts: Floats  # (k, c) customers with a value
    sums: Floats  # (k, c)
    squares: Floats  # (k, c) sum of squared deviations from the column's overall mean
    categories: dict[str, dict[str, tuple[int, ...]]]  # column → word → count per segment

    def of(self, column: str) -> tuple[Floats, Floats, Floats]:
        """Counts, sums and squares (k,) of a column, which must be one of `columns`."""
        place = self.columns.index(column)
        return self.counts[:, place], self.sums[:, place], self.squares[:, place]


# What means and standard deviations of an effect are of.
EffectScale = Literal["values", "logarithms", "ranks"]


@dataclass(frozen=True)
class Trait:
    """How one segment differs from everybody in one column."""

    column: str
    role: Role
    kind: Literal["number", "flag", "category"]
    # (segment mean - overall mean) / overall sd, on `scale`; for flag and category of the share
    effect: float
    effect_low: float  # 95 % interval
    effect_high: float
    segment_value: float  # median; for flag and category the share (0..1)
    segment_low: float  # quartiles; for flag and category the 95 % interval of the share
    segment_high: float
    everybody_value: float
    level: str  # "very low" "low" "middle" "high" "very high"
    word: str = ""  # the category that stands out
    statement: Statement = NOTHING
    scale: EffectScale = "values"

    @property
    def sentence(self) -> str:
        """The difference in words."""
        return self.statement.text


@dataclass(frozen=True)
class Condition:
    """One comparison of a rule, in original units."""

    column: str
    op: Literal[">=", "<=", "==", "!="]
    value: float | str


@dataclass(frozen=True)
class Rule:
    """A sentence anyone can apply.

    Measured on customers that were not used to make it, unless there were too few to hold back.
    """

    conditions: tuple[Condition, ...]
    where: Statement  # the conditions in words
    measured: Statement  # how well they tell the segment apart, in words
    precision: float
    coverage: float
    held_out: int  # customers it was measured on; 0: those it was made from
    # 95 % intervals; None where none were held out to measure on.
    precision_range: tuple[float, float] | None = None
    coverage_range: tuple[float, float] | None = None

    @property
    def text(self) -> str:
        """The conditions and how well they hold, in words."""
        return ": ".join(each.text for each in (self.where, self.measured) if each.text)


@dataclass(frozen=True)
class Action:
    """What to do about a segment, with the numbers that led to it."""

    play: str  # key in the playbook
    title: str  # "Win over"
    advice: Statement  # what to do, in a few sentences
    reason: Statement  # the numbers that led to it
    at_stake: float | None = None  # money that a scenario costs or brings, in the value's units
    stake: Statement = NOTHING  # the same in words, with its assumption
    test: Statement = NOTHING  # how to find out whether it works
    at_stake_low: float | None = None  # 95 % range, from standard errors
    at_stake_high: float | None = None
    fits: bool = True  # whether the figures ask for it; only a person chooses one that does not

    @property
    def text(self) -> str:
        """What to do, in words."""
        return self.advice.text

    @property
    def why(self) -> str:
        """The numbers that led to it, in words."""
        return self.reason.text

    @property
    def at_stake_words(self) -> str:
        """What is at stake, with the assumption, in words."""
        return self.stake.text

    @property
    def test_words(self) -> str:
        """How many customers a test takes, and whether there are so many, in words."""
        return self.test.text


@dataclass(frozen=True)
class OutcomeRate:
    """How often an outcome was met in one segment, against everybody."""

    column: str
    event: str  # the word that says that it happened
    rate: float  # share of the segment's customers with a known answer, over all rows
    low: float  # 95 % interval (Wilson 1927)
    high: float
    everybody: float
    known: int  # customers of the segment with a known answer
    differs: bool  # chance does not explain the difference (chi-squared over all segments, Holm)
    direction: Direction  # is it good for the seller?
    main: bool  # whether it is the table's one outcome

    @property
    def beyond_chance(self) -> bool:
        """Whether this segment differs from everybody by more than chance explains."""
        return self.differs and not self.low <= self.everybody <= self.high

    @property
    def index(self) -> float:
        """The rate where everybody's is 100."""
        return 100 * self.rate / self.everybody if self.everybody else float("nan")


@dataclass(frozen=True)
class RfmMix:
    """How one segment falls into the classes of RFM."""

    name: str  # the class that holds for the segment; "" where none does
    shares: tuple[tuple[str, float], ...]  # (class, share of its customers), the largest first
    medians: tuple[tuple[str, float], ...]  # (column, median): recency, frequency, monetary


@dataclass(frozen=True)
class Pull:
    """What one column says about where one customer belongs: their own segment or the runner-up."""

    column: str
    value: float | str | bool | None  # the customer's; None where it is not known
    # Squared distance to the runner-up's centre less that to the own one, in encoded units: above 0
    # it speaks for the own segment. All of them together are above 0.
    pull: float
    share: float  # of all pulls, either way: -1 .. 1
    own: float  # where the own centre lies: a number in original units, or the share with the word
    there: float  # where the runner-up's lies
    statement: Statement

    @property
    def text(self) -> str:
        """The same in words."""
        return self.statement.text


@dataclass(frozen=True)
class Explanation:
    """Why one customer is in their segment."""

    id: str | int
    segment: int  # id, from 1
    name: str
    runner_up: int | None  # None where there is one segment only
    runner_up_name: str
    margin: float  # 0 on the border with the runner-up .. 1 at the centre
    unlike_anyone: bool
    pulls: tuple[Pull, ...]  # the strongest first; empty where there is no runner-up

    def __repr__(self) -> str:
        placed = f'segment {self.segment} "{self.name}", margin {self.margin:.2f}'
        return f"<shoal.Explanation of {self.id}: {placed}, {len(self.pulls)} pulls>"


@dataclass(frozen=True)
class SegmentProfile:
    """Everything a person should know of one segment."""

    segment: int  # id, from 1
    name: str
    size: int
    share: float
    value_sum: float | None
    value_share: float | None
    value_mean: float | None
    traits: tuple[Trait, ...]  # every basis and describing column, the most telling first
    evidence: tuple[Statement, ...]  # one for each part of the name
    rule: Rule
    typical: tuple[int, ...]  # rows of the sample nearest to the centre
    typical_ids: tuple[str, ...]
    statements: tuple[Statement, ...]  # size, differences, who they are, how sure
    action: Action
    unlike_anyone: int = 0
    who: Statement = NOTHING  # who they are, in some eight words
    outcomes: tuple[OutcomeRate, ...] = ()  # the main one first
    value_index: float | None = None  # mean value where everybody's is 100
    value_median: float | None = None  # of the sample
    # Columns whose figures are of too few customers to be shown: of a tiny segment all of them.
    not_shown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f'<shoal.SegmentProfile {self.segment} "{self.name}": {self.size:,} of them>'

    @property
    def name_evidence(self) -> tuple[str, ...]:
        """One sentence for each part of the name."""
        return tuple(each.text for each in self.evidence)

    @property
    def insights(self) -> tuple[str, ...]:
        """Two to five plain sentences."""
        return tuple(each.text for each in self.statements)
