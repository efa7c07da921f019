"""What is promised of every JSON that shoal prints, and of the files it writes and reads.

The types below are the promise, and `schema` gives them as JSON Schema. Within a version keys are
only added; one that goes, or means something else, makes a new version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any, Literal, NamedTuple, get_args, get_type_hints

import msgspec
from msgspec import Meta, Struct, structs

from shoal.errors import OptionError, did_you_mean
from shoal.options import (
    FitOptions,
    Keep,
    Meanings,
    OrdersOptions,
    ReadingOptions,
    RoleOverrides,
)
from shoal.options.columns import ColumnSettings
from shoal.output.contracts_export import ExportedModel
from shoal.output.contracts_lifecycle import Compared, Moved, Refreshed, RunsOfFolder
from shoal.output.contracts_numbers import Count, Number, Share
from shoal.output.contracts_outcome import Separated
from shoal.output.model_file import FORMAT, SCHEMA_VERSION, ModelInFile
from shoal.types import Column, Direction, Finding, MadeColumn, ReadAs, Structure, Verdict
from shoal.types.campaign import CampaignFacts, PlanFacts

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class SegmentTrust(Struct):
    """How far to believe one segment."""

    segment: Number
    share: Share
    found_again: Share | None  # null: it was not tried
    near_border: Share
    verdict: Verdict


class Trust(Struct):
    """How far to believe the segmentation."""

    kind: Structure
    k: Number
    asked: bool
    segments: list[SegmentTrust]
    reruns: list[tuple[int, int]]


class Outcome(Struct):
    """How often an outcome was met in a segment."""

    column: str
    event: str
    rate: Share | None
    low: Share | None
    high: Share | None
    everybody: Share | None
    known: Count
    differs: bool
    direction: Direction
    main: bool
    index: float | None  # 100: as everybody


class Segment(Struct):
    """One segment."""

    id: Number
    name: Annotated[str, Meta(min_length=1)]
    size: Count
    share: Share
    value_share: float | None
    value_mean: float | None
    value_median: float | None
    value_index: float | None
    stability: Share | None
    found_again: Share | None
    near_border: Share | None
    verdict: Verdict
    rule: str
    rule_precision: Share | None
    rule_precision_low: Share | None
    rule_precision_high: Share | None
    rule_coverage: Share | None
    rule_held_out: Count
    action: str
    action_text: str
    at_stake: float | None
    at_stake_low: float | None
    at_stake_high: float | None
    at_stake_text: str
    test: str
    outcomes: list[Outcome]
    centre: dict[str, float | None]  # means of the numeric columns that formed it


class Tried(Struct):
    """What speaks for and against one k."""

    k: Number
    fit_inertia: float
    silhouette: float | None
    smallest_share: Share
    starts: Count
    reached: Count
    reference_gap: float | None
    separation: float | None
    prediction_strength: float | None
    stability: float | None
    worst_jaccard: float | None
    allowed: bool
    note: str
    silhouette_rows: Count | None


class Lines(Struct):
    """What became of the rows of a table of orders: read = purchases + returns + set aside."""

    read: Count
    purchases: Count
    returns: Count
    set_aside: Count
    reasons: dict[str, Count]


class Segmented(Struct):
    """What `shoal segment --json` prints and summary.json holds."""

    model_id: str
    k: Number
    structure: Structure
    reliability: Trust
    reason: str
    runner_up: Number | None
    inertia: float
    silhouette: float | None
    rows_read: Count
    rows_labelled: Count
    rows_set_aside: Count
    noun: str
    order_lines: Lines | None  # null: the rows were customers
    sample_size: Count
    basis: list[str]
    id: str | None
    value: str | None
    outcome: str | None
    segments: Annotated[list[Segment], Meta(min_length=1)]
    choice: list[Tried]
    findings: list[Finding]
    outputs: dict[str, str]  # what was written, and where


if TYPE_CHECKING:
    DescribedColumn = Column
else:
    # A column as it is held, and the reasons for its role and meaning in words.
    DescribedColumn = msgspec.defstruct(
        "DescribedColumn",
        [*get_type_hints(Column).items(), ("role_reason", str), ("why_meaning", str)],
    )


class Inspected(Struct):
    """What `shoal inspect --json` prints."""

    rows: Count
    read_as: ReadAs
    columns: list[DescribedColumn]
    findings: list[Finding]
    sample_size: Count
    duplicate_rows: Count
    correlation_columns: list[str]
    correlations: list[list[float | None]]


class SummedUp(Struct):
    """What `shoal orders --json` prints."""

    rows: Count
    customers: Count
    orders: Count
    purchases: Count
    returns: Count
    set_aside: dict[str, Count]
    one_time_buyers: Count
    first: str
    last: str
    date: str
    taken: dict[str, str]
    columns: dict[str, str]
    findings: list[Finding]
    out: str | None
    classes: dict[str, Count] | msgspec.UnsetType = msgspec.UNSET  # with --rfm


class PlacedSegment(Struct):
    """How many of the placed customers a segment has."""

    id: Number
    name: str
    size: Count
    share: Share


class Placed(Struct):
    """What `shoal assign --json` prints."""

    model_id: str
    rows_read: Count
    rows_labelled: Count
    rows_set_aside: Count
    noun: str
    segments: list[PlacedSegment]
    unlike_anyone: Count
    expected_unlike: float
    findings: list[Finding]
    out: str | None


class Renamed(Struct):
    """What `shoal rename --json` prints."""

    model: str
    model_id: str
    segment: Number
    name: str
    was: str


class AudienceFile(Struct):
    """A segment's file: its own customers, and those in it or beside it who are held out."""

    segment: Number
    name: str
    size: Count
    held_out: Count
    file: str


class Audience(Struct):
    """What `shoal audience --json` prints: rows read are the sum of the three others."""

    model_id: str
    rows_read: Count
    rows_written: Count
    rows_in_other_segments: Count
    rows_set_aside: Count
    reasons: dict[str, Count]
    audiences: Annotated[list[AudienceFile], Meta(min_length=1)]
    contacts: dict[str, str]  # what is known of customers, and the column that tells it
    consent: list[str]  # the columns that were respected
    findings: list[Finding]
    out: str


class ForgottenFile(Struct):
    """A file that a customer's rows were taken out of."""

    file: str
    kind: Literal[
        "customers", "workbook", "audience", "platform", "members", "set aside", "order lines"
    ]
    rows: Number


class Forgotten(Struct):
    """What `shoal forget --json` prints; the id is not in it."""

    rows_removed: Count
    files: list[ForgottenFile]
    make_anew: list[str]  # reports that show the id
    folder: str


class ToolAnswer(Struct):
    """One answer: a range (low, high] of a number, or a word; with points for each segment."""

    text: str
    points: list[int]
    low: float | None
    high: float | None
    word: str | None


class ToolQuestion(Struct):
    """One column to be asked for."""

    column: str
    label: str
    answers: list[ToolAnswer]
    yes_no: bool


class MeasuredShare(Struct):
    """A share of customers held out, with its 95 % interval."""

    share: Share
    low: Share
    high: Share


class ToolStep(Struct):
    """How many are placed rightly by the first so many questions."""

    questions: Number
    column: str
    accuracy: MeasuredShare


class ToolSegment(Struct):
    """A segment, in the order of points."""

    id: Number
    name: str


class TypingToolFacts(Struct):
    """What `shoal typing-tool --json` prints."""

    model_id: str
    segments: list[ToolSegment]
    start: list[int]
    questions: list[ToolQuestion]
    lead: int
    curve: list[ToolStep]
    accuracy: MeasuredShare
    accuracy_placed: MeasuredShare | None
    placed: Share
    held_out: Count
    made: list[MadeColumn]
    says: str
    outputs: dict[str, str]


class RulesAgree(Struct):
    """How far the rules of the segments do what `assign` does."""

    agree: Share
    none: Share  # of customers for whom no rule holds
    customers: Count
    held_out: bool


class ScoringSql(Struct):
    """What `shoal sql --json` prints."""

    model: str
    model_id: str
    dialect: str
    table: str
    as_: Literal["select", "view", "dbt"] = msgspec.field(name="as")
    name: str
    sql: str
    schema_yml: str | None  # of dbt
    rules: RulesAgree | None  # with --rules
    outputs: dict[str, str]


class ModelFile(Struct):
    """A model.json: what placing needs, and under `about` what is noted for people."""

    format: Annotated[str, Meta(pattern=f"^{FORMAT}$")]
    schema_version: Annotated[int, Meta(ge=SCHEMA_VERSION, le=SCHEMA_VERSION)]
    model: ModelInFile
    about: dict[str, Any] = {}
    model_id: str = ""


class Contract(NamedTuple):
    """One kind of document."""

    type: Any
    version: int
    is_read: bool = (
        False  # a file that people write or that older shoals wrote: keys may be left out
    )


def _job_fields() -> Iterator[tuple[str, Any, Any]]:
    """The options of a job file, each of which may be left out."""
    texts = str | list[str]
    other: dict[str, Any] = {
        "source": str,
        "out": str,
        "by": texts,
        "describe": texts,
        "ignore": texts,
        "mute": texts,
        "memory": str | int,
        "threads": Annotated[int, Meta(ge=1)],
        "max_line": str | int,
        "max_unpacked": str | int,
        "weights": dict[str, float],
        "names": dict[str, str],
        "columns": str | dict[str, ColumnSettings],
        "date": str,
        "since": str,
        "playbook": str,
        "previous": str,
        "noun": str,
        "keep": Keep,
        "orders": bool,
        "one_row_a_customer": bool,
        "min_cell": Annotated[int, Meta(ge=1, le=1000)],
        "show_ids": bool,
        "force": bool,
        "to": str,
        "if_exists": Literal["fail", "replace", "append"],
    }
    kinds: list[type[Struct]] = [ReadingOptions, RoleOverrides, Meanings, FitOptions]
    kinds.append(OrdersOptions)
    for options in kinds:
        for field in structs.fields(options):
            other.setdefault(field.name, _without_none(field.type))
    for name, kind in other.items():
        yield name, kind | msgspec.UnsetType, msgspec.UNSET


def _without_none(kind: Any) -> Any:
    """A type without null, which TOML has not."""
    left = tuple(each for each in get_args(kind) if each is not type(None))
    optional = type(None) in get_args(kind)
    return left[0] if optional and len(left) == 1 else kind


def _job() -> Any:
    return msgspec.defstruct("Job", _job_fields(), forbid_unknown_fields=True)


CONTRACTS: dict[str, Contract] = {
    "segment": Contract(Segmented, 1),
    "inspect": Contract(Inspected, 1),
    "orders": Contract(SummedUp, 1),
    "assign": Contract(Placed, 1),
    "rename": Contract(Renamed, 1),
    "compare": Contract(Compared, 1),
    "moves": Contract(Moved, 1),
    "compare-outcome": Contract(Separated, 1),
    "refresh": Contract(Refreshed, 1),
    "history": Contract(RunsOfFolder, 1),
    "audience": Contract(Audience, 1),
    "campaign-plan": Contract(PlanFacts, 1),
    "campaign-read": Contract(CampaignFacts, 1),
    "forget": Contract(Forgotten, 1),
    "sql": Contract(ScoringSql, 1),
    "export": Contract(ExportedModel, 1),
    "typing-tool": Contract(TypingToolFacts, 1),
    "model": Contract(ModelFile, SCHEMA_VERSION, is_read=True),
    "columns": Contract(dict[str, ColumnSettings], 1, is_read=True),
    "job": Contract(None, 1, is_read=True),
}


def schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what a command prints with `--json`, or of a file.

    `name`: "segment" (and summary.json), "inspect", "orders", "assign", "rename", "compare",
    "moves", "compare-outcome", "refresh", "history", "audience", "campaign-plan",
    "campaign-read", "forget", "sql", "export", "typing-tool"; "model" (model.json),
    "columns" (columns.toml), "job" (shoal.toml). Its version stands in `$id`.
    Raises OptionError for another name.

    >>> shoal_says = schema("assign")
    >>> shoal_says["$id"], shoal_says["required"][:2]
    ('urn:shoal:assign:1', ['model_id', 'rows_read'])
    """
    if name not in CONTRACTS:
        raise OptionError(f'There is no schema of "{name}". {did_you_mean(name, CONTRACTS)}')
    contract = CONTRACTS[name]
    kind = contract.type or _job()
    made = msgspec.json.schema(kind)
    if not contract.is_read:
        for each in made["$defs"].values():
            _require_all(each)
    top = made.pop("$ref", "").rpartition("/")[2]
    body = made["$defs"].pop(top) if top else made
    head = {"$schema": DIALECT, "$id": f"urn:shoal:{name}:{contract.version}"}
    return head | body | {"$defs": made["$defs"]}


def _require_all(made: dict[str, Any]) -> None:
    """What is printed has all its keys, whatever a type lets its makers leave out."""
    if "properties" in made and made["title"] != SummedUp.__name__:
        made["required"] = list(made["properties"])
