"""How big the segments are, and what they are worth."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output import columns
from shoal.output.figures import style
from shoal.output.figures.lettering import plain
from shoal.text.numbers import percent
from shoal.text.shorten import shorten
from shoal.types import Facts


def sizes(facts: Facts) -> Figure:
    """Each segment's share of customers and, with a money column, of the value."""
    people, k = facts.portraits, facts.segmentation.k
    worth = [math.nan if p.value_share is None else p.value_share for p in people]
    valued = facts.value is not None and not all(map(math.isnan, worth))
    figure, axes = style.panels(
        (8, 1.15 + 0.42 * max(k, 2)),
        (1, 2 if valued else 1),
        left=2.35,
        right=0.2,
        bottom=0.4,
        top=0.75,
        gap=(0.15, 0),
        sharey=True,
    )
    shares, shades = [portrait.share for portrait in people], facts.segmentation.colours
    _bars(
        axes[0], shares, shades, [f" · {p.size:,}" for p in people], f"share of {facts.noun.many}"
    )
    style.name_rows(axes[0], columns.names(facts))
    title = f"How big the {k} segments are"
    if valued:
        _bars(axes[1], worth, shades, [""] * k, f"share of {shorten(facts.value, 30)}")
        title += ", and what they are worth"
    style.heading(figure, title, f"All {facts.rows_labelled:,} {facts.noun.many}.")
    return figure


def _bars(
    axes: Axes, shares: Sequence[float], shades: Sequence[str], sizes: Sequence[str], title: str
) -> None:
    """A bar for each segment, with its share and what else is said of it."""
    rows = range(len(shares))
    lengths = np.nan_to_num(shares)  # what is not told has no bar
    axes.barh(rows, lengths, color=shades, height=0.66)
    words = [f" {percent(share)}{size}" for share, size in zip(shares, sizes, strict=True)]
    for row, (share, said) in enumerate(zip(shares, words, strict=True)):
        axes.text(
            max(share, 0) if share == share else 0,
            row,
            said,
            va="center",
            fontsize=8.5,
            color=style.INK,
        )
    axes.axvline(0, color=style.FAINT, linewidth=0.8)
    axes.set_xlim(min(0, *lengths) * 1.05, max(*lengths, 0.01) * 1.38)
    axes.set_ylim(len(shares) - 0.5, -0.5)
    axes.set_xticks([])
    axes.set_title(plain(title), fontsize=9, color=style.SOFT, loc="left", pad=4)
    style.calm(axes)
