"""The map as plain numbers: what a page draws that a person can point at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from shoal.output import columns
from shoal.output.plane import (
    axis_values,
    centres_on_axes,
    has_plane,
    places_on_plane,
    strongest,
    two_columns,
)
from shoal.stats.projection import principal_components, view_limits
from shoal.text.numbers import percent
from shoal.types import Facts, Feature, Floats, Ints

SIDE = 1000  # both axes go from 0 to this; up is towards smaller numbers
TICKS = 6


def dots(facts: Facts, most: int, *, show_ids: bool = False) -> dict[str, Any] | None:
    """Places of at most so many customers and of all centres, with two axes; None of one column.

    Args:
        facts: all that was found.
        most: customers.
        show_ids: whether each customer's id is told.
    """
    if not has_plane(facts):
        return None
    rows = columns.drawn_rows(facts, most)
    pair = two_columns(facts)
    places, centres, axes = _columns(facts, rows, pair) if pair else _directions(facts, rows)
    frame = [view_limits(places[:, 0]), view_limits(places[:, 1])]
    labels = facts.labels[rows]
    of_each = [np.flatnonzero(labels == s) for s in range(facts.segmentation.k)]
    scaled = _scaled(places, frame)
    told: dict[str, Any] = {
        "points": [scaled[members].ravel().tolist() for members in of_each],
        "centres": _scaled(centres, frame).tolist(),
        "x": {"label": axes[0][0], "ticks": _ticks(axes[0][1], frame[0])},
        "y": {"label": axes[1][0], "ticks": _ticks(axes[1][1], frame[1], down=True)},
        "note": columns.stated(facts, len(rows)),
    }
    if show_ids and facts.segmentation.id_column in facts.sample.rows.column_names:
        ids = facts.sample.rows[facts.segmentation.id_column].take(rows).to_pylist()
        told["ids"] = [[str(ids[i]) for i in members] for members in of_each]
    return told


Axis = tuple[str, Feature | None]  # what stands at it, and the column whose units it has
Plane = tuple[Floats, Floats, tuple[Axis, Axis]]


def _columns(facts: Facts, rows: Ints, pair: tuple[Feature, Feature]) -> Plane:
    """Two columns in their own units."""
    places = np.column_stack([axis_values(facts, feature)[rows] for feature in pair])
    first, second = pair
    return places, centres_on_axes(facts, pair), ((first.column, first), (second.column, second))


def _directions(facts: Facts, rows: Ints) -> Plane:
    """The two directions in which customers differ most."""
    points = facts.points
    found = principal_components(points.matrix, points.weights)
    places = places_on_plane(facts, found, rows)
    words = [
        f"{percent(float(found.shares[i]))} of the differences · "
        f"{strongest(facts, found.directions[:, i])}"
        for i in (0, 1)
    ]
    return places, found.flat(facts.segmentation.centres), ((words[0], None), (words[1], None))


def _scaled(places: Floats, frame: Sequence[tuple[float, float]]) -> Ints:
    """Places (n, 2) in the square of the page; what lies beyond the frame at its edge."""
    (left, right), (bottom, top) = frame
    x = (places[:, 0] - left) / (right - left)
    y = (top - places[:, 1]) / (top - bottom)
    return np.rint(np.clip(np.column_stack([x, y]), 0, 1) * SIDE).astype(np.int64)


def _ticks(
    prepared: Feature | None, frame: tuple[float, float], *, down: bool = False
) -> list[list[int | str]]:
    """Places and words along an axis in a column's own units; none of a direction."""
    if prepared is None:
        return []
    low, high = frame
    values, words = columns.ticks(prepared, low, high, TICKS)
    parts = [(value - low) / (high - low) for value in values]
    return [
        [round((1 - part if down else part) * SIDE), word]
        for part, word in zip(parts, words, strict=True)
    ]
