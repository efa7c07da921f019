"""Where customers and centres lie on the map, apart from drawing: picture and page use the same."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from shoal.errors import OptionError, no_such_column
from shoal.output import columns
from shoal.stats.projection import Projection, jitter
from shoal.text.shorten import shorten
from shoal.types import Column, Facts, Feature, Floats, Ints

CROWDED = 3  # customers to a point from which on they are parted a little
PARTED = 0.28  # of the way from one value to the next, to either side
FEW = 10  # values of a column, up to which customers on one of them are parted
MOST_NAMED = 5  # columns in a message
NO_NUMBERS = {"text": "holds text", "category": "holds words or codes", "date": "holds dates"}
TOLD = 0.25  # of a direction: columns with a smaller part in it are not named


def has_plane(facts: Facts) -> bool:
    """Whether customers can be drawn on a plane: one column of numbers is a line."""
    features = facts.segmentation.recipe.features
    return len(features) > 1 or features[0].kind == "category"


def two_columns(facts: Facts) -> tuple[Feature, Feature] | None:
    """The two columns of numbers that formed the segments; None where there are others."""
    by_name = {feature.column: feature for feature in facts.segmentation.recipe.features}
    if len(by_name) != 2 or any(feature.kind == "category" for feature in by_name.values()):
        return None
    first, second = (by_name[name] for name in facts.segmentation.basis)
    return first, second


def axis_values(facts: Facts, prepared: Feature) -> Floats:
    """A basis column (m,) as drawn: filled, in logarithms, the two states of a flag parted."""
    x = columns.values(facts, prepared.column)
    if prepared.kind != "flag":
        return columns.to_axis(prepared, filled(x, float(prepared.fill)))
    fill = prepared.fill
    if isinstance(fill, str):
        fill = float(fill == columns.on_word(facts, prepared.column))
    return filled(x, fill) + PARTED * jitter(len(x), 1)[:, 0]


def pair_of(facts: Facts, x: str | None, y: str | None) -> tuple[Feature, Feature]:
    """Two columns by their names, as they are drawn.

    Raises OptionError where one of the names is missing, or is of no column of numbers.
    """
    drawable = [c.name for c in facts.profile.columns if _can_be_drawn(facts, c)]
    if x is None or y is None:
        said, other = ("y", "x") if x is None else ("x", "y")
        raise OptionError(
            f"The map takes x and y together, or neither; {said} alone was given. Say {other} as "
            f"well: {_some(drawable)}."
        )
    if x == y:
        raise OptionError(f'x and y are both "{x}". Two columns make a map: {_some(drawable)}.')
    for option, name in (("x", x), ("y", y)):
        _check_drawable(facts, option, name, drawable)
    return _as_drawn(facts, x), _as_drawn(facts, y)


def _can_be_drawn(facts: Facts, column: Column) -> bool:
    """Whether it holds numbers or two states, of customers of the sample, and names nobody."""
    measured = column.kind in ("number", "flag") and column.role != "id" and not column.private
    known = measured and column.name in facts.sample.rows.column_names
    return known and bool(np.isfinite(columns.values(facts, column.name)).any())


def _check_drawable(facts: Facts, option: str, name: str, drawable: Sequence[str]) -> None:
    if name in drawable:
        return
    column = next((c for c in facts.profile.columns if c.name == name), None)
    if column is None:
        known = [c.name for c in facts.profile.columns]
        raise no_such_column(option, str(name), facts.name, known)
    private = column.private or column.role == "id"
    what = "tells who somebody is" if private else NO_NUMBERS.get(column.kind, "has no values here")
    raise OptionError(
        f'{option} names "{name}", which {what}: the map needs numbers. Take two of '
        f"{_some(drawable)}."
    )


def _some(names: Sequence[str]) -> str:
    """At most five names, between quotes."""
    more = " …" if len(names) > MOST_NAMED else ""
    return ", ".join(f'"{name}"' for name in names[:MOST_NAMED]) + more


def _as_drawn(facts: Facts, name: str) -> Feature:
    """A column with the axis that it has on maps: the recipe's, or its own numbers as they are."""
    prepared = columns.feature(facts, name)
    if prepared is not None:
        return prepared
    x = columns.values(facts, name)
    if facts.profile.column(name).kind != "flag" or not np.isin(x[np.isfinite(x)], (0, 1)).all():
        return Feature(name, "number", fill=math.nan)
    states: tuple[str, ...] = ()
    if not columns.holds_numbers(facts, name):
        words = [word for word, _ in facts.profile.column(name).top]
        states = ([*words[1:], "other"][0], words[0])
    return Feature(name, "flag", fill=math.nan, categories=states)


def places_by(facts: Facts, pair: tuple[Feature, Feature]) -> Floats:
    """Where customers of the sample lie (m, 2) on two columns' axes; NaN where a value is missing.

    Customers on one place are parted where a column has few values, all of them whole.
    """
    apart = jitter(len(facts.labels), 2) * PARTED
    axes = []
    for side, prepared in enumerate(pair):
        x = columns.to_axis(prepared, columns.values(facts, prepared.column))
        column = facts.profile.column(prepared.column)
        few = column.whole and column.distinct <= FEW and prepared.log_offset is None
        axes.append(x + apart[:, side] if few or prepared.kind == "flag" else x)
    return np.column_stack(axes)


def medians_by(facts: Facts, pair: tuple[Feature, Feature]) -> Floats:
    """Each segment's median (k, 2) on two columns' axes; NaN where it has no values."""
    found = np.full((facts.segmentation.k, 2), math.nan)
    for side, prepared in enumerate(pair):
        x = columns.values(facts, prepared.column)
        for segment in range(len(found)):
            own = x[(facts.labels == segment) & np.isfinite(x)]
            found[segment, side] = np.median(own) if len(own) else math.nan
        found[:, side] = columns.to_axis(prepared, found[:, side])
    return found


def filled(x: Floats, fill: float) -> Floats:
    """What is missing or infinite as it was filled."""
    return np.where(np.isfinite(x), x, fill)


def centres_on_axes(facts: Facts, pair: tuple[Feature, Feature]) -> Floats:
    """Centres (k, 2) on the axes of the map: after the logarithm, before centring and scaling."""
    at = facts.segmentation.recipe.columns
    encoded = [facts.segmentation.centres[:, at.index(f.column)] for f in pair]
    return np.column_stack(
        [c / (f.weight or 1.0) * f.scale + f.centre for f, c in zip(pair, encoded, strict=True)]
    )


def places_on_plane(facts: Facts, components: Projection, rows: Ints) -> Floats:
    """Where these customers are drawn (n, 2): parted a little where many stand on one point."""
    points = facts.points
    flat = components.flat(points.matrix)
    places = flat[points.of_row[rows]]
    if len(points.weights) >= len(facts.labels) / CROWDED:
        return places
    return places + jitter(len(rows), 2) * 0.12 * components.spread(flat)


def strongest(facts: Facts, direction: Floats) -> str:
    """Which columns a direction (d,) is made of, in words: the strongest three."""
    names: list[str] = []
    for feature in facts.segmentation.recipe.features:
        if feature.kind == "category":
            names += [f"{feature.column} = {word}" for word in feature.categories]
        else:
            names.append(feature.column)
    order = np.argsort(-np.abs(direction), kind="stable")[:3]
    kept = [i for i in order if abs(direction[i]) > TOLD] or list(order[:1])
    words = [("more" if direction[i] > 0 else "less", shorten(names[i], 34)) for i in kept]
    return ", ".join(f"{way} {name}" for way, name in words)
