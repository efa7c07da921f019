"""Where the segments lie: the map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse

from shoal.output import columns
from shoal.output.figures import style
from shoal.output.figures.label_placement import place_labels
from shoal.output.figures.lettering import plain, wrap
from shoal.output.plane import (
    axis_values,
    centres_on_axes,
    has_plane,
    medians_by,
    pair_of,
    places_by,
    places_on_plane,
    strongest,
    two_columns,
)
from shoal.stats.histograms import counts
from shoal.stats.projection import (
    principal_components,
    spread_ellipse,
    territories,
    view_limits,
)
from shoal.text.numbers import percent
from shoal.text.shorten import shorten
from shoal.types import Facts, Feature, Floats, Ints

SIZE = (8.0, 5.0)
MARGINS = {"left": 0.85, "right": 0.15, "bottom": 0.85, "top": 0.58}  # inches
GRID = (280, 160)  # pixels of the territories


def map(
    facts: Facts, *, x: str | None = None, y: str | None = None, ax: Axes | None = None
) -> Figure:
    """The customers as dots in the colours of their segments, with the segments' names.

    Two numeric basis columns are drawn in original units with each segment's territory. With more
    columns the two directions in which customers differ most are drawn (principal components), and
    the title states how much of the differences they show. One column is drawn as a histogram.

    Args:
        facts: all that was found.
        x: a column of numbers to draw across in its own units, in place of a computed direction.
        y: another to draw up; both are given, or none.
        ax: Axes of Matplotlib to draw into; a figure of its own when left out.

    Raises:
        OptionError: one of `x` and `y` is missing, is no column of the table, or holds no numbers;
            `ax` is no Axes.
    """
    if x is not None or y is not None:
        return _by_columns(facts, pair_of(facts, x, y), ax)
    if not has_plane(facts):
        return _histogram(facts, facts.segmentation.recipe.features[0], ax)
    pair = two_columns(facts)
    return _plane(facts, pair, ax) if pair else _projection(facts, ax)


# --- two columns ---------------------------------------------------------------------------------


def _plane(facts: Facts, pair: tuple[Feature, Feature], ax: Axes | None) -> Figure:
    """The two columns that segments were formed by, with each segment's territory."""
    first, second = pair
    rows = columns.drawn_rows(facts)
    x, y = (axis_values(facts, f)[rows] for f in pair)
    figure, axes = style.panel(SIZE, ax, **MARGINS)
    frame = (*view_limits(x), *view_limits(y))
    _draw_territories(axes, facts, (first, second), frame)
    _scatter(axes, facts, rows, x, y)
    axes.set(xlim=frame[:2], ylim=frame[2:])
    name_axis(axes.xaxis, first, *frame[:2])
    name_axis(axes.yaxis, second, *frame[2:])
    note = f"{columns.stated(facts, len(rows))} Shaded: the territory of each segment; ring: its "
    note += f"centre.{_beyond(x, y, frame)}"
    style.heading(ax or figure, _by(facts, pair), note)
    _name_centres(axes, facts, centres_on_axes(facts, pair), ax is None)
    return figure


def _by_columns(facts: Facts, pair: tuple[Feature, Feature], ax: Axes | None) -> Figure:
    """Two columns of the table in their own units, whether segments were formed by them or not."""
    basis = facts.segmentation.basis
    if {feature.column for feature in pair} == set(basis):
        return _plane(facts, pair, ax)
    places = places_by(facts, pair)
    known = np.flatnonzero(np.isfinite(places).all(axis=1))
    rows = known[: columns.MOST_DOTS]
    x, y = places[rows].T
    figure, axes = style.panel(SIZE, ax, **MARGINS)
    frame = (*view_limits(x), *view_limits(y))
    _scatter(axes, facts, rows, x, y)
    axes.set(xlim=frame[:2], ylim=frame[2:])
    name_axis(axes.xaxis, pair[0], *frame[:2])
    name_axis(axes.yaxis, pair[1], *frame[2:])
    note = columns.stated(facts, len(rows))
    lacking = len(places) - len(known)
    if lacking:
        note += f" Without a value in one of the two columns: {lacking:,}."
    note += f"{_beyond(x, y, frame)} Ring: the segment's median. Segments were formed by "
    note += "one column" if len(basis) == 1 else f"{len(basis)} columns"
    note += ": those that overlap here may lie apart there."
    style.heading(ax or figure, _by(facts, pair), note)
    _name_centres(axes, facts, medians_by(facts, pair), ax is None)
    return figure


def _by(facts: Facts, pair: tuple[Feature, Feature]) -> str:
    return f"{facts.segmentation.k} segments by {pair[0].column} and {pair[1].column}"


def _draw_territories(
    axes: Axes, facts: Facts, pair: tuple[Feature, Feature], frame: tuple[float, ...]
) -> None:
    """Colour every place by the centre that is nearest to it after preparation."""
    left, right, bottom, top = frame
    grid = np.linspace(left, right, GRID[0]), np.linspace(bottom, top, GRID[1])
    encoded = [(g - f.centre) / f.scale * f.weight for g, f in zip(grid, pair, strict=True)]
    at = [facts.segmentation.recipe.columns.index(f.column) for f in pair]
    nearest = territories(encoded[0], encoded[1], facts.segmentation.centres[:, at])
    shades = [to_rgb(style.tint(shade, 0.13)) for shade in facts.segmentation.colours]
    axes.imshow(
        np.array(shades)[nearest],
        extent=(left, right, bottom, top),
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        zorder=0,
    )


def _beyond(x: Floats, y: Floats, frame: tuple[float, ...]) -> str:
    left, right, bottom, top = frame
    outside = int(np.sum((x < left) | (x > right) | (y < bottom) | (y > top)))
    if outside == 0:
        return ""
    verb = "lies" if outside == 1 else "lie"
    return f" {outside} {verb} beyond the edges."


def name_axis(axis: XAxis | YAxis, prepared: Feature, low: float, high: float) -> None:
    """The column's name and ticks in its own units, of a logarithm or two states as well."""
    width = 80 if axis.axis_name == "x" else 48
    axis.set_label_text(wrap(prepared.column, width), fontsize=9.5, color=style.INK)
    if prepared.kind == "flag":
        states = prepared.categories if len(prepared.categories) == 2 else ("no", "yes")
        axis.set_ticks([0, 1], labels=[plain(shorten(word, 12)) for word in states])
    elif prepared.log_offset is not None:
        places, words = columns.log_ticks(prepared, low, high)
        axis.set_ticks(places, labels=words)
    else:
        style.round_ticks(axis, 8)


# --- more columns --------------------------------------------------------------------------------


def _projection(facts: Facts, ax: Axes | None) -> Figure:
    points, model = facts.points, facts.segmentation
    components = principal_components(points.matrix, points.weights)
    rows = columns.drawn_rows(facts)
    places = places_on_plane(facts, components, rows)
    figure, axes = style.panel(SIZE, ax, **MARGINS)
    axes.set(xlim=view_limits(places[:, 0]), ylim=view_limits(places[:, 1]))
    for segment, shade in enumerate(model.colours):
        _draw_ellipse(axes, places[facts.labels[rows] == segment], shade)
    _scatter(axes, facts, rows, places[:, 0], places[:, 1])
    widths = style.letters(axes, 11.2), style.letters(axes, 13.0, up=True)
    for i, (axis, width) in enumerate(zip((axes.xaxis, axes.yaxis), widths, strict=True)):
        axis.set_ticks([])
        share = percent(float(components.shares[i]))
        words = f"{share} of the differences · {strongest(facts, components.directions[:, i])}"
        axis.set_label_text(wrap(words, width, 3), fontsize=9, color=style.SOFT)
    note = f"{columns.stated(facts, len(rows))} Segments that overlap here may lie apart in the "
    note += "columns' other directions."
    shown = percent(float(components.shares[:2].sum()))
    title = f"{model.k} segments: this flat map shows {shown} of the differences"
    style.heading(ax or figure, f"{title} in {len(model.basis)} columns", note)
    _name_centres(axes, facts, components.flat(model.centres), ax is None)
    return figure


def _draw_ellipse(axes: Axes, places: Floats, shade: str) -> None:
    """An ellipse over the middle of a segment: 1.5 standard deviations each way."""
    shape = spread_ellipse(places)
    if shape is None:
        return
    middle, width, height, angle = shape
    ellipse = Ellipse((middle[0], middle[1]), width, height, angle=angle, alpha=0.55, zorder=1)
    ellipse.set_facecolor(style.tint(shade, 0.22))
    axes.add_patch(ellipse)


# --- one column ----------------------------------------------------------------------------------


def _histogram(facts: Facts, only: Feature, ax: Axes | None) -> Figure:
    """One basis column: the segments' histograms on top of each other."""
    x = axis_values(facts, only)
    figure, axes = style.panel((8.0, 4.0), ax, left=0.85, right=0.15, bottom=0.85, top=0.7)
    low, high = view_limits(x)
    edges = np.linspace(low, high, 41)
    below = np.zeros(40)
    for segment, name in enumerate(columns.names(facts)):
        above = below + counts(np.clip(x[facts.labels == segment], low, high), edges)
        shade = facts.segmentation.colours[segment]
        axes.stairs(above, edges, baseline=below, fill=True, color=shade, label=wrap(name, 30))
        below = above
    axes.set_xlim(low, high)
    axes.set_ylim(bottom=0)
    style.calm(axes, "bottom")
    name_axis(axes.xaxis, only, low, high)
    axes.set_ylabel(facts.noun.many, fontsize=9, color=style.SOFT)
    # It may lie on bars of any colour.
    frame: dict[str, Any] = {"framealpha": 0.92, "edgecolor": "none"}
    axes.legend(fontsize=8.5, loc="best", labelcolor=style.INK, **frame)
    title = f"{facts.segmentation.k} segments by {only.column}"
    style.heading(ax or figure, title, columns.stated(facts))
    return figure


# --- all of them ---------------------------------------------------------------------------------


def _scatter(axes: Axes, facts: Facts, rows: Ints, x: Floats, y: Floats) -> None:
    """Dots of these rows in the colours of their segments, smaller and paler where many."""
    size = float(np.clip(2600 / max(len(x), 1), 3.5, 26))
    shades = np.array([to_rgb(shade) for shade in facts.segmentation.colours])
    alpha = 0.75 if len(x) < 1500 else 0.5
    axes.scatter(x, y, s=size, c=shades[facts.labels[rows]], alpha=alpha, linewidths=0, zorder=2)
    style.calm(axes)


def _name_centres(axes: Axes, facts: Facts, centres: Floats, own: bool) -> None:
    """Rings at the centres (k, 2) and names beside them; a legend where there is no room.

    In Axes that were given, whose size a layout may still change, names stand in the legend.
    """
    placed = np.flatnonzero(np.isfinite(centres).all(axis=1))  # not where a column has no values
    names, shades = columns.names(facts), facts.segmentation.colours
    names, shades = [names[i] for i in placed], tuple(shades[i] for i in placed)
    centres = centres[placed]
    x, y = centres.T
    axes.scatter(x, y, s=70 if own else 130, c="white", edgecolors=shades, linewidths=2.4, zorder=5)
    anchors = list(zip(x.tolist(), y.tolist(), strict=True))
    if own and len(names) <= 12 and place_labels(axes, anchors, names, shades):
        return
    if not own:
        _number(axes, anchors, names)
    _legend(axes, names, shades, own)


def _number(axes: Axes, anchors: Sequence[tuple[float, float]], names: Sequence[str]) -> None:
    for place, name in zip(anchors, names, strict=True):
        number = axes.annotate(name.partition(" ")[0], place, zorder=6, color=style.INK)
        number.set(fontsize=7, fontweight="bold", ha="center", va="center_baseline")


def _legend(axes: Axes, names: Sequence[str], shades: Sequence[str], own: bool) -> None:
    """Names beside the panel; within it, below the rings, where no layout makes room for them."""
    if own:
        box = axes.get_position()
        axes.set_position((box.x0, box.y0, box.width - 0.26, box.height))
    figure = axes.get_figure(root=True)
    beside = own or (figure is not None and figure.get_layout_engine() is not None)
    where: dict[str, Any] = {"loc": "best", "framealpha": 0.8, "edgecolor": "none"}
    if beside:
        where = {"loc": "upper left", "bbox_to_anchor": (1.01, 1.0), "frameon": False}
    legend = axes.legend(
        [Line2D([], [], marker="o", linestyle="", color=shade) for shade in shades],
        [wrap(name, 26) for name in names],
        **where,
        fontsize=8 if len(names) < 13 else 6.5,
        labelcolor=style.INK,
        handletextpad=0.2,
        borderaxespad=0,
    )
    legend.set_zorder(4)
