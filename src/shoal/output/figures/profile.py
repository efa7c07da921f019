"""What sets the segments apart: columns by segments, coloured by effect size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, Normalize
from matplotlib.figure import Figure
from matplotlib.transforms import ScaledTranslation

from shoal.output.figures import columns, style
from shoal.output.figures.lettering import plain, shorten, wrap
from shoal.text.numbers import percent, short
from shoal.types import Facts, Trait

MOST = 12  # columns
SLANTED = 7  # segments from which on their names are slanted
LIMIT = 2.0  # standard deviations at which a colour is full
DARK = 1.45  # beyond which a colour is so dark that numbers on it are white
EFFECTS = LinearSegmentedColormap.from_list(
    "effect", ["#b35806", "#f1a340", "#fee0b6", "#f7f7f7", "#d1e5f0", "#67a9cf", "#2166ac"]
)


def profile(facts: Facts) -> Figure:
    """What sets the segments apart: columns by segments, coloured by effect size.

    Numbers are medians in original units, or shares of a yes/no column or a word.
    """
    every = columns.by_effect(facts)
    shown = every[:MOST]
    k = facts.segmentation.k
    figure, axes = _table(len(shown), k)
    table = [columns.traits_of(facts, trait.column) for trait in shown]
    _cells(axes, table, k)
    axes.set_yticks(range(len(shown)), [_row_name(trait) for trait in shown])
    axes.tick_params(axis="y", labelcolor=style.INK)
    _heads(axes, columns.names(facts), k)
    parts = f"{len(shown)} columns"
    if len(every) > len(shown):
        parts = f"the {len(shown)} most telling of {len(every)} columns"
    note = "Numbers: the segment's median, or its share for a yes/no column or a word (everybody's "
    note += "in brackets on the left). Colour: blue above everybody, orange below, in standard "
    note += "deviations."
    style.heading(figure, f"What sets the segments apart: {parts}", note)
    return figure


def _table(rows: int, k: int) -> tuple[Figure, Axes]:
    """An empty panel with room for the names of k segments above it."""
    slanted = k >= SLANTED
    top = 2.45 if slanted else 1.2
    if k <= 4:
        top = 1.05
    height = top + 0.45 + 0.4 * max(rows, 3)
    right = 1.2 if slanted else 0.15
    return style.panel((8, height), left=2.75, right=right, bottom=0.45, top=top)


def _cells(axes: Axes, table: Sequence[Sequence[Trait | None]], k: int) -> None:
    """Colours and numbers of rows of traits, k to a row."""
    effects = np.array([[np.nan if t is None else t.effect for t in row] for row in table])
    effects = effects.reshape(len(table), k)
    scale = Normalize(-LIMIT, LIMIT)
    axes.imshow(effects, cmap=EFFECTS, norm=scale, aspect="auto", interpolation="nearest")
    size = 9 if k <= SLANTED else 8
    for i, row in enumerate(table):
        for j, trait in enumerate(row):
            if trait is not None:
                shade = "white" if abs(trait.effect) > DARK else style.INK
                words = _cell(trait, k)
                axes.text(j, i, words, ha="center", va="center", fontsize=size, color=shade)
    axes.hlines(np.arange(len(table) + 1) - 0.5, -0.5, k - 0.5, color="white", linewidth=2)
    axes.vlines(np.arange(k + 1) - 0.5, -0.5, len(table) - 0.5, color="white", linewidth=2)
    style.calm(axes)


def _row_name(trait: Trait) -> str:
    """A column's name, with everybody's value where it is a number."""
    if trait.kind == "category":
        return wrap(trait.column, 34)
    return wrap(f"{shorten(trait.column, 48)} ({_amount(trait, trait.everybody_value)})", 36)


def _cell(trait: Trait, k: int) -> str:
    amount = _amount(trait, trait.segment_value)
    if trait.kind != "category":
        return amount
    letters = 9 if k < SLANTED else max(40 // k, 3)
    return f"{plain(shorten(trait.word, letters))}\n{amount}"


def _amount(trait: Trait, value: float) -> str:
    return short(value) if trait.kind == "number" else percent(value)


def _heads(axes: Axes, names: Sequence[str], k: int) -> None:
    """The segments' names and colours above their columns; slanted when there are many."""
    slanted = k >= SLANTED
    places = np.arange(k)
    axes.xaxis.tick_top()
    if slanted:
        axes.set_xticks(places, [wrap(name, 28, 1) for name in names])
    else:
        lines = 3 if k <= 4 else 4
        axes.set_xticks(places, [wrap(name, max(57 // k, 9), lines) for name in names])
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
        c=style.colours(k),
        marker="s" if slanted else "_",
        s=60 if slanted else 120,
        linewidths=0 if slanted else 4,
        clip_on=False,
    )
