"""What is promised of `shoal export --json`."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct


class ExportInput(Struct):
    """A column that the exported model must be given."""

    column: str
    kind: Literal["number", "words"]


class ExportedModel(Struct):
    """What `shoal export --json` prints."""

    model: str
    to: Literal["pmml", "onnx", "sklearn"]
    model_id: str
    inputs: list[ExportInput]
    labels: dict[str, str]  # each label, and the name under which it comes out
    not_carried: list[str]  # labels that `assign` gives and this does not
    without_values: int | None  # the segment that it gives to who has no value; null: none
    says: str
    outputs: dict[str, str]
