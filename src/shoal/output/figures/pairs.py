"""Every pair of the most telling basis columns."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from shoal.output.figures import look, style
from shoal.output.figures.maps import limits
from shoal.text.numbers import short
from shoal.types import Facts, Floats, Ints

MOST_DOTS = 2000


def pairs(facts: Facts, most: int = 4) -> Figure:
    """The most telling numeric basis columns against each other, with each segment's density on the diagonal."""
    named = [
        name for name in look.telling(facts, len(facts.segmentation.basis)) if _numeric(facts, name)
    ]
    columns = named[:most]
    rows = look.dots(facts)[:MOST_DOTS]
    x = {
        name: look.forward(look.feature(facts, name), look.values(facts, name)[rows])
        for name in columns
    }
    figure = style.canvas(8, 7.4)
    size = max(len(columns), 2)
    for row, below in enumerate(columns):
        for at, beside in enumerate(columns[: row + 1]):
            left, top = 0.9 + at * 7.0 / size, 6.67 - row * 5.6 / size
            axes = style.panel(figure, left, top + 0.08 - 5.6 / size, left - 0.1 + 7.0 / size, top)
            _draw(axes, facts.labels[rows], x[beside], None if row == at else x[below])
            _label(
                axes, facts, (beside, below), (row == len(columns) - 1, at == 0 and row > 0), size
            )
    shades = [style.colour(i + 1) for i in range(facts.segmentation.k)]
    handles = [Line2D([], [], marker="o", linestyle="", color=shade) for shade in shades]
    names = [style.wrap(name, 28, 2) for name in look.names(facts)]
    figure.legend(
        handles,
        names,
        loc="upper right",
        bbox_to_anchor=(0.985, 0.93),
        frameon=False,
        fontsize=8.5,
        labelcolor=style.INK,
    )
    which = (
        f"The {len(columns)} most telling of {len(named)} numeric columns"
        if len(named) > len(columns)
        else "The basis columns"
    )
    style.heading(figure, f"{which}, pair by pair", look.stated(facts, len(rows)))
    return figure


def _numeric(facts: Facts, name: str) -> bool:
    prepared = look.feature(facts, name)
    return prepared is not None and prepared.kind != "category"


def _draw(axes: Axes, labels: Ints, x: Floats, y: Floats | None) -> None:
    """Dots by segment, or the segments' densities where a column meets itself."""
    import seaborn as sns

    shades = {int(i): style.colour(int(i) + 1) for i in np.unique(labels)}
    if y is None:
        sns.kdeplot(
            x=x,
            hue=labels,
            palette=shades,
            legend=False,
            fill=True,
            alpha=0.35,
            linewidth=1,
            ax=axes,
            warn_singular=False,
        )
    else:
        sns.scatterplot(
            x=x, y=y, hue=labels, palette=shades, legend=False, s=9, alpha=0.6, linewidth=0, ax=axes
        )
        axes.set_ylim(*limits(y[np.isfinite(y)]))
    axes.set_xlim(*limits(x[np.isfinite(x)]))


def _label(
    axes: Axes, facts: Facts, columns: tuple[str, str], outer: tuple[bool, bool], size: int
) -> None:
    """Names and ticks at the outer edge only, in original units."""
    style.calm(axes, "left bottom")
    axes.set(xlabel="", ylabel="")
    for axis, column, shown, letters in zip(
        (axes.xaxis, axes.yaxis), columns, outer, (90 // size, 72 // size), strict=True
    ):
        if not shown:
            axis.set_ticks([])
            continue
        axis.set_label_text(style.wrap(column, letters, 2), fontsize=8.5, color=style.INK)
        prepared = look.feature(facts, column)
        if prepared is not None and prepared.log_offset is not None:
            low, high = axis.get_view_interval()
            places, words = look.ticks(prepared, low, high - (high - low) * 0.08)
            axis.set_ticks(places[::2], labels=words[::2])
        else:
            axis.set_major_formatter(lambda value, _: short(value))
            axis.set_major_locator(MaxNLocator(4, prune="both"))
