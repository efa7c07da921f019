"""What is answered, as types that the OpenAPI document shows."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

MODEL_ID = Field(
    description="Which model this came from, as the files of its labels tell it.",
    pattern="^[0-9a-f]{16}$",
)


class Answer(BaseModel):
    """Base of all answers: nothing stands in one that is not told here."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Placed(Answer):
    """Where one customer belongs, as `shoal assign` says it."""

    id: str | int | float | None = Field(description="What was sent as the column of ids.")
    segment: int | None = Field(description="The segment's number; null: set aside.", ge=1)
    name: str | None = Field(description="What the segment is called.")
    runner_up: str | None = Field(description="The second nearest segment; null: there is none.")
    margin: float = Field(description="0 on the border with the runner-up .. 1 at the centroid.")
    unlike_anyone: bool = Field(description="Farther out than nearly everybody of the model's.")


class Finding(Answer):
    """What is odd about the customers of a request, as `shoal assign` says it."""

    code: str
    severity: Literal["info", "warning", "error"]
    column: str | None
    message: str


class Assigned(Answer):
    """Customers in the order in which they were sent."""

    model_id: str = MODEL_ID
    customers: list[Placed]
    findings: list[Finding]


class Segment(Answer):
    """What is known of a segment; null where the model file does not tell it."""

    id: int = Field(ge=1)
    name: str
    size: int = Field(description="Customers that the model was made from.")
    share: float = Field(ge=0, le=1)
    who: str | None
    value_share: float | None
    value_mean: float | None
    found_again: float | None = Field(description="Share of other samples in which it returns.")
    near_border: float | None
    verdict: str | None
    rule: str | None
    action: str | None
    action_text: str | None


class Segments(Answer):
    """All segments, in the order of their numbers."""

    model_id: str = MODEL_ID
    segments: list[Segment]


class Column(Answer):
    """A column that a customer must have."""

    name: str
    kind: Literal["number", "flag", "words", "date"]
    words: list[str]


class ModelFacts(Answer):
    """What the model is, and from when."""

    model_id: str = MODEL_ID
    file: str
    file_sha256: str = Field(description="Of the file, as `sha256sum` tells it.")
    loaded: str = Field(description="When it was loaded, in UTC.")
    k: int = Field(description="How many segments there are.", ge=1)
    rows: int = Field(description="Customers that it was made from.")
    id_column: str | None
    columns: list[Column]
    made_of: dict[str, list[str]] = Field(description="Columns that are made of those sent.")
    kind_of_groups: str | None
    expected_unlike: float = Field(description="Share of ordinary customers flagged as unlike.")
    shoal: str = Field(description="The version that answers.")


class Health(Answer):
    """The process runs."""

    status: Literal["ok"] = "ok"


class Readiness(Answer):
    """Whether requests should be sent here, and whether the newest file is what answers."""

    status: Literal["ready", "stopping"]
    model_id: str = MODEL_ID
    newest: bool = Field(description="False: the file changed, and what it holds now is no model.")
    why: str | None = Field(description="What is wrong with the file, where it is not the newest.")


FROM_ABOUT: dict[str, type[Any] | tuple[type[Any], ...]] = {
    "who": str,
    "value_share": (int, float),
    "value_mean": (int, float),
    "found_again": (int, float),
    "near_border": (int, float),
    "verdict": str,
    "rule": str,
    "action": str,
    "action_text": str,
}
