"""The data analysis in pictures: a histogram per column, and how columns move together."""

from __future__ import annotations

import math

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output.figures import style
from shoal.text.numbers import short
from shoal.types import Column, Facts, Profile

MOST = 24
ROLE_SHADES = {
    "basis": "#0072b2",
    "value": "#009e73",
    "describe": "#cc79a7",
    "date": "#e69f00",
    "id": "#8a949d",
    "ignore": "#8a949d",
}


def _profile(facts: Facts | Profile) -> Profile:
    return facts.profile if isinstance(facts, Facts) else facts


def histograms(facts: Facts | Profile) -> Figure:
    """A small histogram for each numeric column, the most frequent words for the others; coloured by role."""
    profile = _profile(facts)
    drawable = [c for c in profile.columns if c.histogram is not None or c.top]
    shown = drawable[:MOST]
    across = 4
    rows = max(math.ceil(len(shown) / across), 1)
    height = 1.25 + 1.25 * rows
    figure = style.canvas(8, height)
    for at, column in enumerate(shown):
        row, place = divmod(at, across)
        top = height - 1.0 - row * 1.25
        axes = style.panel(figure, 0.18 + place * 1.95, top - 0.72, 1.98 + place * 1.95, top)
        _column(axes, column)
    _roles(figure, {c.role for c in shown})
    title = f"{len(shown)} columns of {profile.name}" + (
        f" (of {len(drawable)} that can be drawn)" if len(drawable) > len(shown) else ""
    )
    sampled = (
        "" if profile.sample_size >= profile.rows else f", from a sample of {profile.sample_size:,}"
    )
    style.heading(figure, title, f"{profile.rows:,} rows{sampled}.")
    return figure


def _column(axes: Axes, column: Column) -> None:
    shade = ROLE_SHADES[column.role]
    if column.top:
        words = column.top[:4]
        most = max(max(count for _, count in words), 1)
        axes.barh(
            range(len(words)),
            [count / most for _, count in words],
            color=style.tint(shade, 0.45),
            height=0.82,
        )
        for i, (word, _) in enumerate(words):
            axes.text(
                0.02,
                i,
                style.plain(style.shorten(word, 24)),
                fontsize=7.5,
                va="center",
                color=style.INK,
            )
        axes.set_ylim(3.5, -0.5)
        axes.set_xlim(0, 1)
        axes.set_xticks([])
    elif column.histogram is not None:
        axes.stairs(column.histogram.counts, column.histogram.edges, fill=True, color=shade)
        low, high = column.histogram.edges[0], column.histogram.edges[-1]
        axes.set_xlim(low, high)
        axes.set_xticks([low, high], [short(low), short(high)], fontsize=7.5)
        left, right = axes.get_xticklabels()
        left.set_horizontalalignment("left")
        right.set_horizontalalignment("right")
    style.calm(axes, "" if column.top else "bottom")
    axes.tick_params(labelsize=7.5, pad=2)
    axes.set_yticks([])
    axes.set_title(
        style.wrap(column.name, 27, 2),
        fontsize=8,
        color=style.INK,
        loc="left",
        pad=3,
        linespacing=1.0,
    )


def _roles(figure: Figure, roles: set[str]) -> None:
    width, height = figure.get_size_inches()
    left = 0.14
    for role in (r for r in ROLE_SHADES if r in roles and r != "ignore"):
        figure.text(
            left / width, 1 - 0.5 / height, "■", color=ROLE_SHADES[role], fontsize=10, va="center"
        )
        figure.text(
            (left + 0.15) / width,
            1 - 0.5 / height,
            role,
            color=style.SOFT,
            fontsize=8.5,
            va="center",
        )
        left += 0.45 + 0.07 * len(role)


def correlations(facts: Facts | Profile) -> Figure:
    """Spearman's rank correlation between numeric columns, with its value in each cell."""
    profile = _profile(facts)
    names = profile.correlation_columns[:MOST]
    size = max(len(names), 1)
    height = 1.5 + min(0.34 * size, 6.5)
    figure = style.canvas(8, height)
    axes = style.panel(figure, 2.9, 0.85, 7.8, height - 0.6)
    if size > 1:
        matrix = np.array(profile.correlations, dtype=float)[:size, :size]
        lower = np.where(np.tri(size, k=-1, dtype=bool), matrix, np.nan)[1:, :-1]
        axes.imshow(lower, cmap="RdBu", vmin=-1, vmax=1, aspect="auto")
        for i, j in np.argwhere(np.isfinite(lower)) if size <= 16 else ():
            shade = "white" if abs(lower[i, j]) > 0.65 else style.INK
            axes.text(
                j,
                i,
                f"{lower[i, j]:.2f}".replace("0.", "."),
                ha="center",
                va="center",
                fontsize=8,
                color=shade,
            )
        letters = 40 if size <= 16 else 34
        axes.set_yticks(
            range(size - 1),
            [style.plain(style.shorten(name, letters)) for name in names[1:]],
            fontsize=8 if size <= 16 else 7,
        )
        axes.set_xticks(
            range(size - 1),
            [style.plain(style.shorten(name, 16)) for name in names[:-1]],
            fontsize=7.5,
        )
        for label in axes.get_xticklabels():
            label.set(rotation=25, ha="right", rotation_mode="anchor")
    else:
        axes.text(
            0.5,
            0.5,
            "Fewer than two numeric columns.",
            ha="center",
            color=style.SOFT,
            transform=axes.transAxes,
        )
        axes.set_xticks([])
        axes.set_yticks([])
    style.calm(axes)
    axes.tick_params(axis="both", labelsize=8 if size <= 16 else 7, labelcolor=style.INK)
    more = len(profile.correlation_columns) - len(names)
    note = "Spearman's rank correlation: blue rise together, red move against each other." + (
        f" {more} more columns are not drawn." if more else ""
    )
    style.heading(figure, "Which columns move together", note)
    return figure
