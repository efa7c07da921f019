"""What a format is given of a customer, and what of a model it cannot carry."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Literal

from shoal.engine.made import own_columns
from shoal.errors import OptionError
from shoal.output import labels
from shoal.text.options import option
from shoal.types import Feature, MadeColumn, Segmentation


@dataclass(frozen=True)
class Input:
    """A column that must be given."""

    column: str
    kind: Literal["number", "words"]


def inputs_of(model: Segmentation) -> tuple[Input, ...]:
    """The columns of the table that placing reads, each once."""
    words = {f.column for f in model.recipe.features if f.categories}
    return tuple(
        Input(column, "words" if column in words else "number")
        for column in own_columns(model.recipe.columns, model.made)
    )


def made_features(model: Segmentation) -> Iterator[tuple[Feature, MadeColumn]]:
    """The features that are made of other columns, and how."""
    made = {each.name: each for each in model.made}
    yield from ((f, made[f.column]) for f in model.recipe.features if f.column in made)


def refuse_dates(model: Segmentation, format: str) -> None:
    """Raise OptionError where a model counts from dates, which a format has not or counts not."""
    for feature, made in made_features(model):
        if made.kind != "total":
            raise OptionError(
                f'{format} cannot carry "{feature.column}": it is counted from "{made.columns[0]}" '
                f"to {made.day}, and the formats that shoal exports to are given numbers and words "
                f"alone. `shoal sql` carries dates; or segment on columns without it: "
                f"{option('by', 'COLUMN')}."
            )


def refuse_totals(model: Segmentation, format: str) -> None:
    """Raise OptionError where a model adds up columns, of which some may be missing."""
    for feature, made in made_features(model):
        if made.kind == "total":
            parts = ", ".join(f'"{part}"' for part in made.columns)
            raise OptionError(
                f'{format} cannot carry "{feature.column}": it is the sum of those of {parts} that '
                f"are known, which no transformer of scikit-learn makes. "
                f"{option('to', 'onnx')} and {option('to', 'pmml')} carry it, `shoal sql` as well."
            )


LABELS = tuple(dict(labels.LABELS))
OWN = "shoal_"  # begins names that a format wants, and that no column of the table has


def labels_of(model: Segmentation) -> dict[str, str]:
    """What each label is called: as `assign` calls it, where no column of the table is so called.

    >>> labels_of(model)["margin"]                                     # doctest: +SKIP
    'margin'
    """
    columns = {each.column for each in inputs_of(model)}
    return {label: own_name(label, columns) for label in LABELS}


def own_name(name: str, columns: Collection[str]) -> str:
    """A name that no column has."""
    while name in columns:
        name = OWN + name
    return name
