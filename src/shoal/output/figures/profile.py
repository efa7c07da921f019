"""What sets the segments apart: columns by segments, coloured by effect size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from shoal.output import columns
from shoal.output.comparison import Line, lines
from shoal.output.figures import style
from shoal.output.figures.lettering import wrap
from shoal.text.numbers import short
from shoal.text.shorten import shorten
from shoal.types import Facts

MOST = 12  # columns
ROOM = 7  # letters of a cell, from which on a number is shortened
SLANTED = 5  # segments from which on their names are slanted
LIMIT = 2.0  # standard deviations at which a colour is full
DARK = 1.45  # beyond which a colour is so dark that numbers on it are white
EFFECTS = LinearSegmentedColormap.from_list(
    "effect", ["#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d1e5f0", "#67a9cf", "#2166ac"]
)


def profile(facts: Facts, *, ax: Axes | None = None) -> Figure:
    """What sets the segments apart: columns by segments, coloured by effect size.

    Numbers are medians in original units, or shares of a yes/no column or a word.
    """
    every = lines(facts)
    shown = every[:MOST]
    k = facts.segmentation.k
    figure, axes = _table(len(shown), k, ax)
    _cells(axes, shown, k)
    axes.set_yticks(range(len(shown)), [_row_name(line) for line in shown])
    axes.tick_params(axis="y", labelcolor=style.INK)
    _heads(axes, columns.names(facts), facts.segmentation.colours)
    parts = f"{len(shown)} columns"
    if len(every) > len(shown):
        parts = f"the {len(shown)} most telling of {len(every)} columns"
    note = "Numbers: the segment's median, or its share for a yes/no column or a word (everybody's "
    note += "in brackets on the left). Colour: blue above everybody, orange below, in standard "
    note += "deviations."
    style.heading(ax or figure, f"What sets the segments apart: {parts}", note)
    return figure


def _table(rows: int, k: int, ax: Axes | None) -> tuple[Figure, Axes]:
    """An empty panel with room for the names of k segments above it."""
    slanted = k >= SLANTED
    top = 2.45 if slanted else 1.5
    if k <= 4:
        top = 1.2
    height = top + 0.45 + 0.4 * max(rows, 3)
    right = 1.2 if slanted else 0.15
    return style.panel((8, height), ax, left=2.75, right=right, bottom=0.45, top=top)


def _cells(axes: Axes, table: Sequence[Line], k: int) -> None:
    """Colours and numbers of columns, k segments to a row."""
    effects = np.array([[cell.effect for cell in line.cells] for line in table]).reshape(-1, k)
    scale = Normalize(-LIMIT, LIMIT)
    axes.imshow(effects, cmap=EFFECTS, norm=scale, aspect="auto", interpolation="nearest")
    size = 9 if k <= SLANTED else 8
    for i, line in enumerate(table):
        for j, cell in enumerate(line.cells):
            shade = "white" if abs(cell.effect) > DARK else style.INK
            words = cell.text if len(cell.text) < ROOM else short(cell.value)
            axes.text(j, i, words, ha="center", va="center", fontsize=size, color=shade)
    axes.hlines(np.arange(len(table) + 1) - 0.5, -0.5, k - 0.5, color="white", linewidth=2)
    axes.vlines(np.arange(k + 1) - 0.5, -0.5, len(table) - 0.5, color="white", linewidth=2)
    style.calm(axes)


def _row_name(line: Line) -> str:
    """A column's name, the word that is counted, and everybody's value."""
    word = f" “{shorten(line.word, 16)}”" if line.word else ""
    return wrap(f"{shorten(line.label, 48)}{word} ({line.everybody})", 36)


def _heads(axes: Axes, names: Sequence[str], colours: Sequence[str]) -> None:
    """The segments' names and colours above their columns; slanted when there are many."""
    k = len(names)
    slanted = k >= SLANTED
    places = np.arange(k)
    axes.xaxis.tick_top()
    if slanted:
        axes.set_xticks(places, [wrap(name, 26) for name in names])
    else:
        axes.set_xticks(places, [wrap(name, max(57 // k, 11), 5) for name in names])
    axes.tick_params(axis="x", pad=17, labelcolor=style.INK, labelsize=8 if k > SLANTED else 8.5)
    for label in axes.get_xticklabels():
        label.set(fontweight="bold", linespacing=1.0)
        if slanted:
            label.set(rotation=55, ha="left", rotation_mode="anchor")
    up = ScaledTranslation(0, 8 / 72, axes.figure.dpi_scale_trans)
    axes.scatter(
        places,
        np.ones(k),
        transform=axes.get_xaxis_transform() + up,
        c=colours,
        marker="s" if slanted else "_",
        s=60 if slanted else 120,
        linewidths=0 if slanted else 4,
        clip_on=False,
    )
