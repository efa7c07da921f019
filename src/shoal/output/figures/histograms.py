"""How each column of a table is spread."""

from __future__ import annotations

import math

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output.figures import style
from shoal.output.figures.lettering import plain
from shoal.text.numbers import short
from shoal.text.shorten import shorten
from shoal.types import Column, Facts, Histogram, Profile

MOST = 24  # columns
ACROSS = 4
WORDS = 4  # of a column of words
ROLE_SHADES = {
    "basis": "#0072b2",
    "value": "#009e73",
    "describe": "#cc79a7",
    "date": "#e69f00",
    "id": "#8a949d",
    "ignore": "#8a949d",
}


def histograms(facts: Facts | Profile) -> Figure:
    """A small histogram for each numeric column, the most frequent words of others, by role."""
    profile = facts.profile if isinstance(facts, Facts) else facts
    drawable = [c for c in profile.columns if c.histogram is not None or c.top]
    shown = drawable[:MOST]
    rows = max(math.ceil(len(shown) / ACROSS), 1)
    figure, axes = style.panels(
        (8, 1.25 + 1.25 * rows),
        (rows, ACROSS),
        left=0.18,
        right=0.17,
        bottom=0.78,
        top=1.0,
        gap=(0.15, 0.53),
        used=len(shown),
    )
    for panel, column in zip(axes, shown, strict=True):
        _draw_column(panel, column)
    title = f"{len(shown)} columns of {profile.name}"
    if len(drawable) > len(shown):
        title += f" (of {len(drawable)} that can be drawn)"
    note = f"{profile.rows:,} rows"
    if profile.sample_size < profile.rows:
        note += f", from a sample of {profile.sample_size:,}"
    lines = style.heading(figure, title, f"{note}.")
    met = {column.role for column in shown} - {"ignore"}
    roles = [style.Sign(shade, "s", role) for role, shade in ROLE_SHADES.items() if role in met]
    style.legend_row(figure, roles, lines)
    return figure


def _draw_column(axes: Axes, column: Column) -> None:
    shade = ROLE_SHADES[column.role]
    axes.set_yticks([])
    if column.top:
        style.calm(axes)
        _draw_words(axes, column.top[:WORDS], shade)
    elif column.histogram is not None:
        style.calm(axes, "bottom")
        _draw_histogram(axes, column.histogram, shade)
    axes.tick_params(labelsize=7.5, pad=2)
    style.panel_title(axes, column.name, width=27, size=8)


def _draw_words(axes: Axes, top: tuple[tuple[str, int], ...], shade: str) -> None:
    """The most frequent words, the first as wide as the panel."""
    most = max(max(count for _, count in top), 1)
    shares = [count / most for _, count in top]
    axes.barh(range(len(top)), shares, color=style.tint(shade, 0.45), height=0.82)
    for row, (word, _) in enumerate(top):
        words = plain(shorten(word, 24))
        axes.text(0.02, row, words, fontsize=7.5, va="center", color=style.INK)
    axes.set_ylim(WORDS - 0.5, -0.5)
    axes.set_xlim(0, 1)
    axes.set_xticks([])


def _draw_histogram(axes: Axes, histogram: Histogram, shade: str) -> None:
    axes.stairs(histogram.counts, histogram.edges, fill=True, color=shade)
    low, high = histogram.edges[0], histogram.edges[-1]
    axes.set_xlim(low, high)
    axes.set_xticks([low, high], [short(low), short(high)])
    left, right = axes.get_xticklabels()
    left.set_horizontalalignment("left")
    right.set_horizontalalignment("right")
