"""Why a customer is in their segment: what each column says for it and for the runner-up."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from shoal.analysis.assign import NO_VALUES, NOBODY, Places, place
from shoal.analysis.features import encode, known_numbers
from shoal.errors import InputError
from shoal.sentences import say
from shoal.text.nouns import one
from shoal.types import Explanation, Feature, Floats, Pull, Segmentation, Statement


def explanation(row: pa.RecordBatch, id: str | int, model: Segmentation) -> Explanation:
    """Why the customer of this one row is where they are.

    Raises InputError for one who cannot be placed.
    """
    places = place(row, model)
    own, other = int(places.label[0]), int(places.runner_up[0])
    if own == NOBODY:
        raise InputError(
            f'The {one()} "{id}" was set aside: {NO_VALUES}. There is nothing to explain.'
        )
    return Explanation(
        id=id,
        segment=model.ids[own],
        name=model.names[own],
        runner_up=None if other == NOBODY else model.ids[other],
        runner_up_name="" if other == NOBODY else model.names[other],
        margin=round(float(places.margin[0]), 4),
        unlike_anyone=bool(places.unlike_anyone[0]),
        pulls=() if other == NOBODY else _pulls(row, model, places),
    )


def _pulls(row: pa.RecordBatch, model: Segmentation, places: Places) -> tuple[Pull, ...]:
    own, other = int(places.label[0]), int(places.runner_up[0])
    x, centres = encode(row, model.recipe, clip=False)[0], model.centres
    apart = (x - centres[other]) ** 2 - (x - centres[own]) ** 2
    parts = model.recipe.parts
    strength = [float(apart[part].sum()) for part in parts]
    total = sum(map(abs, strength)) or 1.0
    made = []
    for feature, part, pull in zip(model.recipe.features, parts, strength, strict=True):
        ends = centres[own][part], centres[other][part]
        made.append(_pull(row, feature, (pull, pull / total), ends, model.names[other]))
    return tuple(sorted(made, key=lambda each: -abs(each.pull)))


def _pull(
    row: pa.RecordBatch,
    feature: Feature,
    strength: tuple[float, float],
    ends: tuple[Floats, Floats],
    other: str,
) -> Pull:
    value = _value(row, feature)
    own, there = (_in_units(end, feature, value) for end in ends)
    pull, share = strength
    said = _said(feature, value, pull, (own, there), other)
    return Pull(feature.column, value, pull, share, own, there, said)


def _value(row: pa.RecordBatch, feature: Feature) -> float | str | bool | None:
    """What stands in the table; None for a gap, and for what stands for one."""
    column = row.column(feature.column)
    if feature.kind == "number" and not np.isfinite(known_numbers(column, feature))[0]:
        return None
    value: float | str | bool | None = column[0].as_py()
    return value


def _in_units(end: Floats, feature: Feature, value: float | str | bool | None) -> float:
    """A centre's part in original units; of words the share of customers with this one."""
    if feature.kind == "number":
        at = float(end[0]) / feature.weight * feature.scale + feature.centre
        return at if feature.log_offset is None else float(np.exp(at)) - feature.log_offset
    shares = end / feature.weight * feature.scale + feature.centre
    if feature.kind == "flag":
        return _share(shares[0])
    known = value in feature.categories
    return _share(shares[feature.categories.index(str(value))]) if known else 0.0


def _share(reckoned: float) -> float:
    """Without what rounding left."""
    return min(max(round(float(reckoned), 9), 0.0), 1.0)


def _said(
    feature: Feature,
    value: float | str | bool | None,
    pull: float,
    ends: tuple[float, float],
    other: str,
) -> Statement:
    words = {"column": feature.column, "value": value, "pull": pull, "other": other}
    if value is None or (feature.categories and value not in feature.categories):
        return say("pull-gap", **words, fill=feature.fill)
    words |= {"own": ends[0], "there": ends[1]}
    if feature.kind == "number":
        return say("pull-number", **words)
    on = feature.categories[1] if feature.categories else "1"
    word = value if feature.kind == "category" else on
    return say("pull-share", **words | {"value": str(value), "word": word})
