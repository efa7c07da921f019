"""What became of an earlier segmentation and its customers, for the report of a fresh one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shoal.data import open_table
from shoal.engine.progress import Progress
from shoal.engine.table import Table
from shoal.errors import InputError
from shoal.lifecycle.given import KnownModel, known_model
from shoal.lifecycle.moves import moved
from shoal.options import ReadingOptions
from shoal.output.identity import model_id, model_of
from shoal.types import MoveFacts

LABELLED = ("customers.parquet", "customers.csv")  # in a folder of results, beside the model


@dataclass(frozen=True)
class Earlier:
    """An earlier model, and the customers that it labelled, where they lie beside it."""

    model: KnownModel
    labelled: Path | None


def earlier_of(previous: Any) -> Earlier:
    """The model of a path or a `Model`. Raises InputError where there is none."""
    model = known_model(previous)
    folder = None if not isinstance(previous, str | Path) else Path(previous).parent
    return Earlier(model, None if folder is None else _labelled(folder, model))


def _labelled(folder: Path, model: KnownModel) -> Path | None:
    """The customers in a folder of results, where just this model labelled them."""
    found = [folder / name for name in LABELLED if (folder / name).is_file()]
    own = model_id(model.segmentation)
    return next((path for path in found if model_of(path) == own), None)


def moves_since(
    earlier: Earlier, table: Table, now: KnownModel, progress: Progress | None, least: int
) -> MoveFacts | None:
    """Who moved since; None where nobody can be followed: no labels, no ids, other columns."""
    if earlier.labelled is None or not table.engine.here or now.segmentation.id_column is None:
        return None
    reading = ReadingOptions(id=earlier.model.segmentation.id_column)
    try:
        before = open_table(str(earlier.labelled), reading)
        models = (earlier.model, now)
        return moved([before, table], models, None, None, progress, least=least)
    except InputError:
        return None
