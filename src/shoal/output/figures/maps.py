"""Where the segments lie: the map."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import XAxis, YAxis
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse

from shoal.output.figures import look, place, style
from shoal.text.numbers import percent, short
from shoal.types import Facts, Feature, Floats, Ints


def map(facts: Facts) -> Figure:
    """The customers as dots in the colours of their segments, with the segments' names.

    Two numeric basis columns are drawn in original units with each segment's territory. With more columns the
    two directions in which customers differ most are drawn (principal components), and the title states how much
    of the differences they show.
    """
    features = facts.segmentation.recipe.features
    if len(features) == 1 and features[0].kind != "category":
        return _line(facts, features[0])
    if len(features) == 2 and all(f.kind != "category" for f in features):
        return _plane(facts)
    return _projection(facts)


def _plane(facts: Facts) -> Figure:
    by_name = {f.column: f for f in facts.segmentation.recipe.features}
    first, second = (by_name[name] for name in facts.segmentation.basis)
    rows = look.dots(facts)
    x, y = (_axis_values(facts, f)[rows] for f in (first, second))
    figure = style.canvas()
    axes = style.panel(figure, 0.85, 0.85, 7.85, 4.42)
    frame = (*limits(x), *limits(y))
    order = [facts.segmentation.recipe.columns.index(f.column) for f in (first, second)]
    _territories(axes, facts, (first, second), order, frame)
    _scatter(axes, x, y, facts.labels[rows])
    centres = np.column_stack(
        [
            _decode(f, facts.segmentation.centres[:, c])
            for f, c in zip((first, second), order, strict=True)
        ]
    )
    axes.set(xlim=frame[:2], ylim=frame[2:])
    for axis, prepared, low, high in (
        (axes.xaxis, first, *frame[:2]),
        (axes.yaxis, second, *frame[2:]),
    ):
        name_axis(axis, prepared, low, high)
    _legend_or_labels(axes, facts, centres)
    outside = int(np.sum((x < frame[0]) | (x > frame[1]) | (y < frame[2]) | (y > frame[3])))
    note = (
        look.stated(facts, len(rows)) + " Shaded: the territory of each segment; ring: its centre."
    )
    note += f" {outside} {'lies' if outside == 1 else 'lie'} beyond the edges." if outside else ""
    style.heading(
        figure, f"{facts.segmentation.k} segments by {first.column} and {second.column}", note
    )
    return figure


def _projection(facts: Facts) -> Figure:
    """Principal components of the points, weighted by how many customers stand on each."""
    points = facts.points
    mean = np.average(points.matrix, axis=0, weights=points.weights)
    spread = np.cov(points.matrix.T, aweights=points.weights, ddof=0).reshape(len(mean), len(mean))
    shown, directions = np.linalg.eigh(spread)
    directions = directions[:, ::-1][:, :2]
    directions = directions * np.where(directions[np.abs(directions).argmax(0), [0, 1]] < 0, -1, 1)
    parts = np.clip(shown[::-1], 0, None) / max(shown.sum(), 1e-12)
    rows = look.dots(facts)
    flat = (points.matrix - mean) @ directions
    crowded = len(points.weights) < len(facts.labels) / 3
    place_of = flat[points.of_row[rows]]
    if crowded:  # many customers on one spot: part them a little
        place_of = place_of + _jitter(len(rows), 2) * 0.12 * flat.std(0)
    figure = style.canvas()
    axes = style.panel(figure, 0.85, 0.85, 7.85, 4.42)
    axes.set(xlim=limits(place_of[:, 0]), ylim=limits(place_of[:, 1]))
    for segment in range(facts.segmentation.k):
        _cloud(axes, place_of[facts.labels[rows] == segment], style.colour(segment + 1))
    _scatter(axes, place_of[:, 0], place_of[:, 1], facts.labels[rows])
    axes.set_xticks([])
    axes.set_yticks([])
    for axis, part, direction in (
        (axes.xaxis, parts[0], directions[:, 0]),
        (axes.yaxis, parts[1], directions[:, 1]),
    ):
        words = f"{percent(part)} of the differences · {_loadings(facts, direction)}"
        axis.set_label_text(
            style.wrap(words, 78 if axis is axes.xaxis else 46, 2), fontsize=9, color=style.SOFT
        )
    _legend_or_labels(axes, facts, (facts.segmentation.centres - mean) @ directions)
    note = (
        look.stated(facts, len(rows))
        + " Segments that overlap here may lie apart in the columns' other directions."
    )
    title = f"{facts.segmentation.k} segments: this flat map shows {percent(float(parts[:2].sum()))} of the differences"
    style.heading(figure, f"{title} in {len(facts.segmentation.basis)} columns", note)
    return figure


def _line(facts: Facts, only: Feature) -> Figure:
    """One basis column: a stacked histogram."""
    x = _axis_values(facts, only)
    figure = style.canvas(8, 4)
    axes = style.panel(figure, 0.85, 0.85, 7.85, 3.3)
    low, high = limits(x)
    edges = np.linspace(low, high, 41)
    base = np.zeros(40)
    for segment, name in enumerate(look.names(facts)):
        counts, _ = np.histogram(np.clip(x[facts.labels == segment], low, high), edges)
        axes.bar(
            edges[:-1],
            counts,
            np.diff(edges),
            base,
            align="edge",
            color=style.colour(segment + 1),
            label=style.wrap(name, 30, 2),
        )
        base += counts
    axes.set_xlim(low, high)
    style.calm(axes, "bottom")
    name_axis(axes.xaxis, only, low, high)
    axes.set_ylabel("customers", fontsize=9, color=style.SOFT)
    axes.legend(frameon=False, fontsize=8.5, loc="best", labelcolor=style.INK)
    style.heading(figure, f"{facts.segmentation.k} segments by {only.column}", look.stated(facts))
    return figure


def _axis_values(facts: Facts, prepared: Feature) -> Floats:
    """A basis column (m,) as drawn: gaps filled, the log taken, the two states of a flag parted."""
    x = look.values(facts, prepared.column)
    if prepared.kind == "flag":
        fill = (
            prepared.fill
            if isinstance(prepared.fill, (int, float))
            else float(str(prepared.fill) == look.on_word(facts, prepared.column))
        )
        return np.nan_to_num(x, nan=fill) + 0.28 * _jitter(len(x), 1)[:, 0]
    return look.forward(prepared, np.nan_to_num(x, nan=float(prepared.fill)))


def _jitter(n: int, width: int) -> Floats:
    """The same small offsets every time, in -1 .. 1 (Roberts' quasi-random sequence)."""
    steps = np.arange(1, n + 1)[:, None] * np.array([0.7548776662, 0.5698402910])[:width]
    return np.asarray(2 * (steps % 1.0) - 1)


def limits(x: Floats) -> tuple[float, float]:
    """Where an axis ends: all values, unless a few far ones would squeeze the rest."""
    low, high = np.quantile(x, [0.005, 0.995]) if len(x) > 50 else (x.min(), x.max())
    margin = max((high - low) * 0.5, 1e-9)
    low, high = max(float(x.min()), float(low - margin)), min(float(x.max()), float(high + margin))
    pad = (high - low) * 0.05 or 0.5
    return low - pad, high + pad


def _decode(prepared: Feature, encoded: Floats) -> Floats:
    """Centres on the axis of the map: after the log, before centring and scaling."""
    return encoded / (prepared.weight or 1.0) * prepared.scale + prepared.centre


def _territories(
    axes: Axes,
    facts: Facts,
    pair: tuple[Feature, Feature],
    order: list[int],
    limits: tuple[float, ...],
) -> None:
    """Colour every spot by the centre that is nearest to it after preparation."""
    grid = [
        np.linspace(a, b, size)
        for a, b, size in ((limits[0], limits[1], 280), (limits[2], limits[3], 160))
    ]
    squares = np.zeros((160, 280, facts.segmentation.k))
    for place_on, prepared, column in zip(grid, pair, order, strict=True):
        encoded = (place_on - prepared.centre) / prepared.scale * prepared.weight
        away = (encoded[:, None] - facts.segmentation.centres[:, column]) ** 2
        squares += away[None, :, :] if column == order[0] else away[:, None, :]
    shades = np.array(
        [to_rgb(style.tint(style.colour(i + 1), 0.13)) for i in range(facts.segmentation.k)]
    )
    extent = (limits[0], limits[1], limits[2], limits[3])
    axes.imshow(
        shades[squares.argmin(2)],
        extent=extent,
        origin="lower",
        aspect="auto",
        interpolation="nearest",
        zorder=0,
    )


def _scatter(axes: Axes, x: Floats, y: Floats, labels: Ints) -> None:
    size = float(np.clip(2600 / max(len(x), 1), 3.5, 26))
    shades = np.array([to_rgb(style.colour(i + 1)) for i in range(int(labels.max()) + 1)])
    axes.scatter(
        x, y, s=size, c=shades[labels], alpha=0.75 if len(x) < 1500 else 0.5, linewidths=0, zorder=2
    )
    style.calm(axes)


def _cloud(axes: Axes, own: Floats, shade: str) -> None:
    """An ellipse over the middle of a segment: 1.5 standard deviations each way."""
    if len(own) < 3:
        return
    lengths, turned = np.linalg.eigh(np.cov(own.T))
    width, height = 3 * np.sqrt(np.clip(lengths, 0, None))
    angle = float(np.degrees(np.arctan2(turned[1, 0], turned[0, 0])))
    axes.add_patch(
        Ellipse(
            tuple(own.mean(0)),
            width,
            height,
            angle=angle,
            facecolor=style.tint(shade, 0.22),
            alpha=0.55,
            zorder=1,
        )
    )


def _legend_or_labels(axes: Axes, facts: Facts, centres: Floats) -> None:
    """Rings at the centres, and the names beside them; a legend where there is no room."""
    names = look.names(facts)
    shades = [style.colour(i + 1) for i in range(len(names))]
    axes.scatter(
        centres[:, 0], centres[:, 1], s=70, c="white", edgecolors=shades, linewidths=2.4, zorder=5
    )
    if len(names) <= 12 and place.labels(
        axes, [(float(a), float(b)) for a, b in centres], names, shades
    ):
        return
    handles = [Line2D([], [], marker="o", linestyle="", color=shade) for shade in shades]
    box = axes.get_position()
    axes.set_position((box.x0, box.y0, box.width - 0.26, box.height))
    axes.legend(
        handles,
        [style.wrap(name, 26, 2) for name in names],
        loc="upper left",
        bbox_to_anchor=(1.01, 1.0),
        frameon=False,
        fontsize=8 if len(names) < 13 else 6.5,
        labelcolor=style.INK,
        handletextpad=0.2,
        borderaxespad=0,
    )


def name_axis(axis: XAxis | YAxis, prepared: Feature, low: float, high: float) -> None:
    """The column's name and ticks in its own units, also where its log is drawn or where it has two states."""
    axis.set_label_text(
        style.wrap(prepared.column, 80 if axis.axis_name == "x" else 48, 2),
        fontsize=9.5,
        color=style.INK,
    )
    if prepared.kind == "flag":
        states = prepared.categories if len(prepared.categories) == 2 else ("no", "yes")
        axis.set_ticks([0, 1], labels=[style.plain(style.shorten(w, 12)) for w in states])
    elif prepared.log_offset is not None:
        places, words = look.ticks(prepared, low, high)
        axis.set_ticks(places, labels=words)
    else:
        axis.set_major_formatter(lambda value, _: short(value))


def _loadings(facts: Facts, direction: Floats) -> str:
    """Which columns a direction is made of, in words: the strongest three."""
    names = [
        f"{f.column} = {word}" if f.kind == "category" else f.column
        for f in facts.segmentation.recipe.features
        for word in (f.categories if f.kind == "category" else ("",))
    ]
    strongest = np.argsort(-np.abs(direction), kind="stable")[:3]
    kept = [i for i in strongest if abs(direction[i]) > 0.25] or list(strongest[:1])
    return ", ".join(
        f"{'more' if direction[i] > 0 else 'less'} {style.shorten(names[i], 26)}" for i in kept
    )
