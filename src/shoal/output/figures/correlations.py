"""Which columns move together."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output.figures import style
from shoal.output.figures.lettering import plain
from shoal.text.shorten import shorten
from shoal.types import Facts, Floats, Profile

MOST = 24  # columns
NUMBERED = 16  # columns up to which every cell has its number
DARK = 0.65  # beyond which a cell is so dark that numbers on it are white


def correlations(facts: Facts | Profile, *, ax: Axes | None = None) -> Figure:
    """Spearman's rank correlation between numeric columns, with its value in each cell."""
    profile = facts.profile if isinstance(facts, Facts) else facts
    names = profile.correlation_columns[:MOST]
    size = max(len(names), 1)
    height = 1.5 + min(0.34 * size, 6.5)
    figure, axes = style.panel((8, height), ax, left=2.9, right=0.2, bottom=0.85, top=0.6)
    if size > 1:
        matrix = np.array(profile.correlations, dtype=float)[:size, :size]
        below = np.where(np.tri(size, k=-1, dtype=bool), matrix, np.nan)[1:, :-1]
        _draw_cells(axes, below, size <= NUMBERED)
        _name_columns(axes, names)
    else:
        style.say_instead(axes, "Fewer than two numeric columns.")
    note = "Spearman's rank correlation: blue rise together, red move against each other."
    if len(profile.correlation_columns) > len(names):
        note += f" {len(profile.correlation_columns) - len(names)} more columns are not drawn."
    style.heading(ax or figure, "Which columns move together", note)
    return figure


def _draw_cells(axes: Axes, below: Floats, numbered: bool) -> None:
    """The part of the matrix below its diagonal, NaN elsewhere."""
    axes.imshow(below, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
    if not numbered:
        return
    for row, column in np.argwhere(np.isfinite(below)):
        value = below[row, column]
        words = f"{value:.2f}".replace("0.", ".")
        shade = "white" if abs(value) > DARK else style.INK
        axes.text(column, row, words, ha="center", va="center", fontsize=8, color=shade)


def _name_columns(axes: Axes, names: tuple[str, ...]) -> None:
    few = len(names) <= NUMBERED
    places = range(len(names) - 1)
    letters = 40 if few else 34
    axes.set_yticks(places, [plain(shorten(name, letters)) for name in names[1:]])
    axes.set_xticks(places, [plain(shorten(name, 16)) for name in names[:-1]])
    style.calm(axes)
    axes.tick_params(labelsize=8 if few else 7, labelcolor=style.INK)
    for label in axes.get_xticklabels():
        label.set(rotation=25, ha="right", rotation_mode="anchor")
