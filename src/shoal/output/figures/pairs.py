"""Every pair of the most telling basis columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from shoal.output import columns
from shoal.output.figures import style
from shoal.output.figures.lettering import wrap
from shoal.stats.projection import view_limits
from shoal.types import Facts, Floats, Ints

MOST_DOTS = 2000


def pairs(facts: Facts, most: int = 4) -> Figure:
    """The most telling numeric basis columns against each other, each segment's density with them.

    Args:
        facts: all that was found.
        most: how many columns are drawn.
    """
    numeric = _numeric(facts)
    shown = numeric[:most]
    rows = columns.drawn_rows(facts, MOST_DOTS)
    size = max(len(shown), 2)
    figure, axes = style.panels(
        (8, 7.4), (size, size), left=0.9, right=0.2, bottom=1.15, top=0.73, gap=(0.1, 0.08)
    )
    _draw_grid(axes, facts, shown, rows)
    _legend(figure, facts)
    title = "The basis columns"
    if len(numeric) > len(shown):
        title = f"The {len(shown)} most telling of {len(numeric)} numeric columns"
    style.heading(figure, f"{title}, pair by pair", columns.stated(facts, len(rows)))
    return figure


def _numeric(facts: Facts) -> list[str]:
    """The basis columns that are no words, the most telling ones in front."""
    words = {f.column for f in facts.segmentation.recipe.features if f.kind == "category"}
    every = columns.most_telling(facts, len(facts.segmentation.basis))
    return [name for name in every if name not in words]


def _draw_grid(axes: list[Axes], facts: Facts, shown: list[str], rows: Ints) -> None:
    """Every pair once: the panels above the diagonal go."""
    size, labels = max(len(shown), 2), facts.labels[rows]
    shades = facts.segmentation.colours
    hue = {"hue": labels, "palette": {int(i): shades[i] for i in np.unique(labels)}}
    x = {name: _values(facts, name)[rows] for name in shown}
    for place, panel in enumerate(axes):
        row, column = divmod(place, size)
        if column > row or row >= len(shown):
            panel.remove()
            continue
        across, up = shown[column], shown[row]
        _draw(panel, hue, x[across], None if row == column else x[up])
        _name(panel.xaxis, facts, across if row == len(shown) - 1 else None, 90 // size)
        _name(panel.yaxis, facts, up if column == 0 and row > 0 else None, 72 // size)


def _values(facts: Facts, name: str) -> Floats:
    return columns.to_axis(columns.feature(facts, name), columns.values(facts, name))


def _draw(axes: Axes, hue: dict[str, Any], x: Floats, y: Floats | None) -> None:
    """Dots by segment, or the segments' densities where a column meets itself."""
    import seaborn as sns

    how = {
        "x": x,
        **hue,
        "legend": False,
        "ax": axes,
    }
    if y is None:
        sns.kdeplot(fill=True, alpha=0.35, linewidth=1, warn_singular=False, **how)
    else:
        sns.scatterplot(y=y, s=9, alpha=0.6, linewidth=0, **how)
        axes.set_ylim(*view_limits(y[np.isfinite(y)]))
    axes.set_xlim(*view_limits(x[np.isfinite(x)]))
    style.calm(axes, "left bottom")


def _name(axis: Axis, facts: Facts, column: str | None, letters: int) -> None:
    """A column's name and ticks in original units, at the outer edge only."""
    axis.set_label_text("")
    prepared = None if column is None else columns.feature(facts, column)
    if prepared is None:
        axis.set_ticks([])
        return
    axis.set_label_text(wrap(prepared.column, letters), fontsize=8.5, color=style.INK)
    if prepared.log_offset is None:
        style.round_ticks(axis, 4)
        return
    low, high = axis.get_view_interval()
    places, words = columns.log_ticks(prepared, low, high - (high - low) * 0.08)
    axis.set_ticks(places[::2], labels=words[::2])


def _legend(figure: Figure, facts: Facts) -> None:
    shades = facts.segmentation.colours
    figure.legend(
        [Line2D([], [], marker="o", linestyle="", color=shade) for shade in shades],
        [wrap(name, 28) for name in columns.names(facts)],
        loc="upper right",
        bbox_to_anchor=(0.985, 0.93),
        frameon=False,
        fontsize=8.5,
        labelcolor=style.INK,
    )
