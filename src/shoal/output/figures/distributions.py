"""How each segment's customers are spread in the most telling columns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from shoal.output import columns
from shoal.output.comparison import Cell, Line, lines
from shoal.output.figures import style
from shoal.stats.histograms import bin_edges, hill, middle_range
from shoal.text.numbers import short
from shoal.types import Facts, Feature, Floats

FOOT = 0.92  # a hill is at most so high, in rows
BESIDE = 0.35  # of the width: words so far left of everybody's line would lie on it


def distributions(facts: Facts, most: int = 4) -> Figure:
    """How each segment's customers are spread in the most telling columns, everybody in grey.

    Args:
        facts: all that was found.
        most: how many columns are drawn.
    """
    basis = facts.segmentation.basis
    shown = columns.most_telling(facts, most) or list(basis[:most])
    names, k = columns.names(facts), facts.segmentation.k
    figure, axes = style.panels(
        (8, 1.35 + 0.36 * max(k, 4)),
        (1, len(shown)),
        left=2.05,
        right=0.22,
        bottom=0.62,
        top=0.86,
        gap=(0.12, 0),
    )
    counted = {line.column: line for line in lines(facts) if line.counted}
    for panel, column in zip(axes, shown, strict=True):
        if column in counted:
            _shares(panel, counted[column], facts.segmentation.colours)
        else:
            _hills(panel, facts, column)
        panel.set_ylim(k - 0.35, -1.05)
        panel.set_yticks([])
        style.calm(panel, "bottom")
        word = counted[column].word if column in counted else ""
        title = f"{column}: {word}" if word else column
        style.panel_title(panel, title, int(76 / len(shown)))
    style.name_rows(axes[0], names, np.arange(k) - 0.25, width=23, size=8.5)
    title = "Each segment against everybody"
    if len(basis) > len(shown):
        title += f", in the {len(shown)} most telling of {len(basis)} columns"
    note = f"Grey: everybody. {columns.stated(facts)} Values beyond the middle 99 % are drawn at "
    style.heading(figure, title, f"{note}the edge.")
    return figure


def _hills(axes: Axes, facts: Facts, column: str) -> None:
    """Histograms as hills, one above the other, each with everybody's behind it."""
    prepared, k = columns.feature(facts, column), facts.segmentation.k
    x = columns.to_axis(prepared, columns.values(facts, column))
    keep = np.isfinite(x)
    x, labels = x[keep], facts.labels[keep]
    low, high = middle_range(x)
    edges = bin_edges(x, low, high)
    places, everybody = hill(x, edges)
    groups = [x[labels == row] for row in range(k)]
    told = [each if len(each) >= facts.least else each[:0] for each in groups]
    own = [hill(each, edges)[1] for each in told]
    units = [FOOT / max(heights.max(), everybody.max(), 1e-12) for heights in own]
    behind = [_outline(places, row, everybody * unit) for row, unit in enumerate(units)]
    outlines = [_outline(places, row, own[row] * unit) for row, unit in enumerate(units)]
    style.polygons(axes, behind, style.EVERYBODY, linewidths=0)
    style.polygons(axes, outlines, facts.segmentation.colours, alpha=0.6, linewidths=1)
    axes.set_xlim(low, high)
    _value_ticks(axes, prepared, low, high)


def _outline(x: Floats, foot: int, heights: Floats) -> Floats:
    """The outline (n, 2) of a hill that stands on a row; up is towards smaller numbers."""
    feet = np.full(len(x), float(foot))
    return np.column_stack([np.r_[x, x[::-1]], np.r_[foot - heights, feet]])


def _value_ticks(axes: Axes, prepared: Feature | None, low: float, high: float) -> None:
    """A few round values along the foot, none near the right edge: a panel follows there."""
    last = high - (high - low) * 0.06
    if prepared is None or prepared.log_offset is None:
        places = columns.round_values(low, last, 4)
        axes.set_xticks(places, [short(place) for place in places])
        return
    places, words = columns.log_ticks(prepared, low, last)
    step = 2 if len(places) > 4 else 1
    axes.set_xticks(places[::step], words[::step])


def _shares(axes: Axes, line: Line, colours: Sequence[str]) -> None:
    """A flag, a word or a code: each segment's share as a bar, everybody's as a line."""
    for row, cell in enumerate(line.cells):
        if math.isnan(cell.value):
            continue
        shade = colours[row]
        axes.barh(row - 0.25, cell.value, height=0.5, color=shade)
        ends = (row - 0.55, row + 0.05)
        axes.vlines(line.share, *ends, color=style.SOFT, linewidth=1.6, zorder=3)
        axes.text(y=row - 0.25, **_share_words(cell, line.share, shade))
    axes.set_xlim(0, 1)
    axes.set_xticks([0, 1], ["0 %", "100 %"])
    left, right = axes.get_xticklabels()
    left.set_horizontalalignment("left")
    right.set_horizontalalignment("right")


def _share_words(cell: Cell, everybody: float, shade: str) -> dict[str, Any]:
    """What stands at a bar: inside a long one, beyond everybody's line if that is near."""
    share = cell.value
    how: dict[str, Any] = {"s": f" {cell.text} ", "fontsize": 8, "va": "center_baseline"}
    how["zorder"] = 4
    if share > 0.6:
        dark = sum(to_rgb(shade)) < DARK
        return how | {"x": share, "ha": "right", "color": "white" if dark else style.INK}
    covers = 0 <= everybody - share < BESIDE
    return how | {"x": everybody if covers else share, "ha": "left", "color": style.INK}


DARK = 1.45  # red, green and blue together, below which white can be read
