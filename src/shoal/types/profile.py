"""What is known of a table: its columns, what was found in it, how it was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from shoal.types.shown import Shown

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

Role = Literal["id", "basis", "describe", "value", "date", "ignore"]
ROLES: tuple[Role, ...] = ("id", "basis", "describe", "value", "date", "ignore")
Kind = Literal["number", "flag", "category", "text", "date", "empty"]
Severity = Literal["info", "warning", "error"]
Meaning = Literal[
    "unknown",
    "constant",
    "id",
    "order_id",
    "row_number",
    "contact",
    "text",
    "old_label",
    "leak",
    "money_in",
    "money_out",
    "transfer",
    "means",
    "debt",
    "activity",
    "quantity",
    "product_category",
    "recency",
    "tenure",
    "trouble",
    "since_trouble",
    "outcome",
    "opinion",
    "share",
    "trend",
    "code",
    "who",
    "order_date",
    "date",
    "other",
]
MEANINGS: tuple[Meaning, ...] = get_args(Meaning)
# How dates are held: as dates, or as years, 20241201, days of a spreadsheet, moments since 1970.
Held = Literal["dates", "years", "written", "serials", "s", "ms", "us", "ns"]
Direction = Literal["good", "bad", "none", "unknown"]  # is a high value good for the seller?
DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
Confidence = Literal["stated", "sure", "likely", "none"]  # stated: by a person


# --- read -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Finding(Shown):
    """Something a person should know about the table or the result, with what was done about it."""

    code: str  # short kebab-case word, listed in docs/findings.md
    severity: Severity
    message: str  # a whole sentence with the numbers in it, and what was done
    column: str | None = None
    # The numbers and words of the sentence.
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __repr__(self) -> str:
        return f"<shoal.Finding {self.code} ({self.severity}): {self.message}>"


class Findings(tuple[Finding, ...], Shown):
    """Findings in their order: a tuple that notebooks show as a list."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) or "<shoal.Findings: none>"


@dataclass(frozen=True)
class Statement:
    """A reason or a trait.

    Its code, the numbers and words it rests on, and the sentence made of them.
    """

    code: str  # listed in sentences
    values: Mapping[str, Any] = field(default_factory=dict, hash=False)
    text: str = ""

    def __str__(self) -> str:
        return self.text


NOTHING = Statement("")


@dataclass(frozen=True)
class ReadAs:
    """How a source was understood.

    None where the word does not apply (a frame has no separator).
    """

    format: str  # "csv", "fixed-width", "parquet", "excel", "json", "frame", "database"
    sep: str | None = None
    decimal: str | None = None
    encoding: str | None = None
    header_row: int | None = None  # counted from 1; None when the file has no header
    sheet: str | None = None


# --- describe -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Histogram:
    """Counts of a column's values between edges (one edge more than counts)."""

    edges: tuple[float, ...]
    counts: tuple[int, ...]


@dataclass(frozen=True)
class MadeColumn:
    """A column that is made of others: their sum, or the time between a date and a stated day."""

    name: str
    kind: Literal["total", "days since", "days until", "years since", "years until"]
    columns: tuple[str, ...]
    day: str = ""  # an ISO date, from which time is counted
    held: Held = "dates"

    @property
    def of_dates(self) -> bool:
        """Whether it is made of dates, and not of numbers."""
        return self.kind != "total" and self.held == "dates"


@dataclass(frozen=True)
class Column:
    """What is known of one column.

    Moments are over all rows; quantiles, skew and histogram over the sample.
    """

    name: str
    # the Arrow type in words: "int64", "double", "string", "bool", "timestamp[us]", "date32[day]"
    type: str
    # number: any count or measure · flag: two states · category: few words · text: many words
    kind: Kind
    role: Role
    reason: Statement  # for the role
    rows: int
    missing: int
    distinct: int
    distinct_exact: bool = True
    infinite: int = 0
    zeros: int = 0
    negatives: int = 0
    whole: bool = False  # whether all its numbers in the sample are whole ones
    min: float | str | None = None
    max: float | str | None = None
    mean: float | None = None
    std: float | None = None
    sum: float | None = None
    skew: float | None = None
    quantiles: tuple[float, ...] | None = None  # at QUANTILES
    histogram: Histogram | None = None
    # Most frequent values of a category or flag, with counts in the sample.
    top: tuple[tuple[str, int], ...] = ()
    # What it stands for, one of MEANINGS, and closer: of money_in "total", "period", "average",
    # "one purchase", "unit price"; of an outcome "now", "past"; of other "effort", "time until" …
    meaning: Meaning = "unknown"
    aspect: str = ""
    direction: Direction = "unknown"
    confidence: Confidence = "none"
    meaning_reason: Statement = NOTHING
    label: str = ""  # what people call it; "": its header says so
    unit: str = ""
    part_of: str | None = None  # the total that it is a part of
    never: float | None = None  # the number that stands for "never" in it, taken as a gap …
    never_share: float = 0.0  # … and for which share of those with a number it does
    made: MadeColumn | None = None  # of which columns, where it is not in the table
    event: str = ""  # of an outcome: the word that says that it happened
    # Its cells may tell who somebody is or how to reach them: none of them is held here.
    private: bool = False
    digits: int = 0  # … but how long its longest whole number is

    def __repr__(self) -> str:
        return f'<shoal.Column "{self.name}": {self.kind}, {self.role}, {self.meaning}>'

    @property
    def role_reason(self) -> str:
        """Why the column has its role, in words."""
        return self.reason.text

    @property
    def is_code(self) -> bool:
        """Whether its values stand for something: they are counted, never averaged."""
        return "code" in (self.meaning, self.aspect)

    @property
    def why_meaning(self) -> str:
        """Why it is taken to stand for this, in words."""
        return self.meaning_reason.text


@dataclass(frozen=True)
class Noun:
    """What the rows of a table are called."""

    one: str
    many: str


CUSTOMER = Noun("customer", "customers")
QUANTILES = (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)


@dataclass(frozen=True)
class Profile(Shown):
    """The data analysis of one table: `shoal inspect`."""

    name: str
    read_as: ReadAs
    rows: int
    columns: tuple[Column, ...]
    findings: tuple[Finding, ...]
    sample_size: int
    duplicate_rows: int  # estimated where the sample is a part of the table
    correlation_columns: tuple[str, ...] = ()
    correlations: tuple[tuple[float, ...], ...] = ()  # Spearman, over the sample
    basis: tuple[str, ...] = ()  # columns that form segments, in table order
    outcome: str | None = None  # the one that matters most: churn, response, default …
    analysis_date: str = ""  # an ISO date, from which days are counted; "": nothing is
    noun: Noun = CUSTOMER  # what its rows are called

    def __repr__(self) -> str:
        size = f"{self.rows:,} rows, {len(self.columns)} columns"
        noted = len(self.findings)
        findings = "1 finding" if noted == 1 else f"{noted} findings"
        told = f"{len(self.basis)} would form segments; {findings}"
        return f"<shoal.Profile of {self.name}: {size}, {told}>"

    def column(self, name: str) -> Column:
        """The facts of one column; the name must exist."""
        return next(c for c in self.columns if c.name == name)

    @property
    def sampling(self) -> str:
        """In words, where quantiles come from and how far they may be off.

        Empty when they come from all rows.
        """
        if self.sample_size >= self.rows:
            return ""
        # 1.96 standard errors of a share of one half, in percentage points.
        off = 98 / self.sample_size**0.5
        return (
            f"Medians and histograms are taken from a sample of {self.sample_size:,} rows: a "
            f"median lies between the {50 - off:.1f} % "
            f"and the {50 + off:.1f} % quantile of all rows (95 % sure)."
        )

    @property
    def made(self) -> tuple[MadeColumn, ...]:
        """The columns that are made of others."""
        return tuple(c.made for c in self.columns if c.made is not None)

    @property
    def never(self) -> dict[str, float]:
        """What stands for "never", by the columns where it is taken as a gap."""
        return {c.name: c.never for c in self.columns if c.never is not None}

    def named(self, role: Role) -> tuple[str, ...]:
        """The columns of one role, in table order."""
        return tuple(c.name for c in self.columns if c.role == role)

    @property
    def id(self) -> str | None:
        """The column that tells customers apart, if there is one."""
        return next(iter(self.named("id")), None)

    @property
    def value(self) -> str | None:
        """The money column that shares of value are computed on, if there is one."""
        return next(iter(self.named("value")), None)
