"""What is promised of the JSON of segments that stay alive: comparisons, refreshes, moves."""

from __future__ import annotations

from typing import Literal

import msgspec
from msgspec import Struct

from shoal.output.contracts_numbers import Count, Number, Share
from shoal.types import DriftState, Fate, Finding


class Usual(Struct):
    """What chance alone does not exceed in 95 of 100 pairs of samples of these sizes."""

    psi: float | None
    wasserstein: float | None


class ShiftedColumn(Struct):
    """How far a column has shifted; null where no value is known, or it holds words."""

    name: str
    psi: float | None
    wasserstein: float | None
    usual: Usual
    state: DriftState
    mean_before: float | None
    mean_after: float | None
    missing_before: Share
    missing_after: Share
    missing_state: DriftState
    new_words: dict[str, Count]
    new_word_share: Share
    words_state: DriftState
    times: float | None


class ShiftedSegment(Struct):
    """A segment's share before and after."""

    id: Number
    name: str
    share_before: Share
    share_after: Share
    size_before: Count
    size_after: Count


class ShiftedShare(Struct):
    """A share of customers before and after."""

    before: Share
    after: Share
    state: DriftState


class Compared(Struct):
    """What `shoal compare --json` prints."""

    verdict: str
    alarm: bool
    model_id: str
    name: str
    customers_before: Count
    customers_after: Count
    rows_read: Count
    rows_set_aside: Count
    columns: list[ShiftedColumn]
    segments: list[ShiftedSegment]
    segments_moved: Share
    segments_state: DriftState
    distance: ShiftedColumn
    farther: ShiftedShare
    unlike_anyone: ShiftedShare
    reasons: list[str]
    findings: list[Finding]


MoveFlow = msgspec.defstruct(
    "MoveFlow",
    [
        ("from", int | None),  # a segment's id; 0: could not be placed; null: was not there
        ("to", int | None),
        ("from_name", str),
        ("to_name", str),
        ("kind", Literal["stayed", "moved", "arrived", "departed"]),
        ("customers", Count),
        ("money", float | None),  # of the first period in which they were seen; null: unknown
        ("money_before", float | None),
        ("money_after", float | None),
        ("customer_changed", Count | None),  # null: it is no move, or cannot be told
        ("customer_changed_money", float | None),  # the change of what they brought
        ("model_changed", Count | None),
        ("model_changed_money", float | None),
        ("border", Count | None),
        ("border_money", float | None),
    ],
)


class MoveSegment(Struct):
    """A segment of one period; `same` is its id in the other."""

    id: Number
    name: str
    colour: str
    same: Number | None


class MoveRows(Struct):
    """What became of the rows of a table: read = customers + the others."""

    name: str
    read: Count
    customers: Count
    without_id: Count
    of_repeated_ids: Count
    money: float


class Moved(Struct):
    """What `shoal moves --json` prints: each customer is counted once."""

    customers: Count
    money: float | None
    money_before: float | None
    money_after: float | None
    value: str | None
    noun: str
    min_cell: Count  # of fewer customers people are shown nothing; programs are told all
    stayed: Count
    moved: Count
    arrived: Count
    departed: Count
    same_model: bool
    model_ids: list[str]
    summary: list[str]
    worries: list[str]
    flows: list[MoveFlow]  # type: ignore[valid-type]
    segments_before: list[MoveSegment]
    segments_after: list[MoveSegment]
    rows_before: MoveRows
    rows_after: MoveRows
    findings: list[Finding]


class FateOfSegment(Struct):
    """What became of a segment; `from` are the ids of those that it is of."""

    id: Number
    name: str
    fate: Fate
    came_from: list[Number] = msgspec.field(name="from")
    why: str


class CrosswalkRow(Struct):
    """Customers who were in one segment and are in another; null: in none."""

    before: Number | None = msgspec.field(name="from")
    from_name: str
    to: Number | None
    to_name: str
    customers: Count
    share_of_from: Share | None
    share_of_to: Share | None
    fate: Fate | None
    why: str


class Serving(Struct):
    """How well the segments of before serve, beside a new fit."""

    serves: bool
    k_before: Count
    k_now: Count
    loss: float
    most_loss: float
    weakest: Share
    least_weakest: Share
    unlike_anyone: Share
    expected_unlike: Share


class Refreshed(Struct):
    """What `shoal refresh --json` prints."""

    refitted: bool
    verdict: str
    segments: list[FateOfSegment]
    crosswalk: list[CrosswalkRow]
    customers_compared: Count
    by_ids: bool
    service: Serving
    previous_table: str
    previous_model_id: str
    model_id: str
    rows_read: Count
    rows_labelled: Count
    rows_set_aside: Count
    findings: list[Finding]
    outputs: dict[str, str]


class SegmentInRun(Struct):
    """A segment in one run; null: not known, or the run follows no other."""

    id: Number
    name: str
    colour: str
    size: Count
    share: Share
    value_share: float | None
    found_again: Share | None
    fate: Fate | None


class RunInHistory(Struct):
    """One run; `stayed` is of customers who are known by their ids."""

    name: str
    table: str
    model_id: str
    previous_model_id: str | None
    refitted: bool | None
    customers: Count
    structure: str
    stayed: Share | None
    segments: list[SegmentInRun]


class RunsOfFolder(Struct):
    """What `shoal history --json` prints."""

    name: str
    runs: list[RunInHistory]
    findings: list[Finding]
