"""Where customers and centres lie on the map, apart from drawing: picture and page use the same."""

from __future__ import annotations

import numpy as np

from shoal.output import columns
from shoal.stats.projection import Projection, jitter
from shoal.text.shorten import shorten
from shoal.types import Facts, Feature, Floats, Ints

CROWDED = 3  # customers to a point from which on they are parted a little
TOLD = 0.25  # of a direction: columns with a smaller part in it are not named


def axis_values(facts: Facts, prepared: Feature) -> Floats:
    """A basis column (m,) as drawn: filled, in logarithms, the two states of a flag parted."""
    x = columns.values(facts, prepared.column)
    if prepared.kind != "flag":
        return columns.to_axis(prepared, filled(x, float(prepared.fill)))
    fill = prepared.fill
    if isinstance(fill, str):
        fill = float(fill == columns.on_word(facts, prepared.column))
    return filled(x, fill) + 0.28 * jitter(len(x), 1)[:, 0]


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
