"""What moves and campaigns are given: a model by its path or in memory, and columns of numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from shoal.engine.table import Table
from shoal.output.model_file import load
from shoal.types import Segmentation


class KnownModel(NamedTuple):
    """A model, and what is noted about it."""

    segmentation: Segmentation
    about: Mapping[str, Any]


def known_model(model: Any) -> KnownModel:
    """A model by its path, or in memory: a `Model` or a `Study`."""
    model = getattr(model, "model", model)  # of a study
    if hasattr(model, "segmentation"):
        return KnownModel(model.segmentation, model.about)
    return KnownModel(*load(model))


def holds_numbers(table: Table, name: str) -> bool:
    """Whether a column of a table was read as numbers."""
    return str(table.schema.field(name).type) in ("int64", "double")
