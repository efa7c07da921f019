"""Shares of customers and of the value, run after run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from shoal.output.figures import style
from shoal.output.figures.flow import parted
from shoal.output.figures.lettering import plain, wrap
from shoal.types import Floats, HistoryFacts

MOST_NAMED = 12  # runs that are all named on the axis


def history(facts: HistoryFacts) -> Figure:
    """A line a segment: its share of customers and, where money is known, of the value."""
    figure, axes = style.panels(
        (9, 3.9),
        (1, 2 if facts.valued else 1),
        left=0.65,
        right=2.3,
        bottom=0.75,
        top=0.85,
        gap=(0.6, 0),
    )
    _lines(axes[0], facts, _shares(facts, "share"), "share of customers")
    if facts.valued:
        _lines(axes[1], facts, _shares(facts, "value_share"), "share of the value")
    _name(axes[-1], facts, _shares(facts, "value_share" if facts.valued else "share"))
    first, last = facts.runs[0].name, facts.runs[-1].name
    title = f"{len(facts.runs)} runs, from {first} to {last}"
    note = "A ring: segments were fitted again. A line ends where its segment is gone."
    style.heading(figure, title, note)
    return figure


def _shares(facts: HistoryFacts, what: str) -> Floats:
    """(segments, runs) NaN where a segment was not there."""
    rows = [
        [
            np.nan if s is None or getattr(s, what) is None else getattr(s, what)
            for s in facts.of(id)
        ]
        for id in facts.ids
    ]
    return np.array(rows, dtype=np.float64)


def _lines(axes: Axes, facts: HistoryFacts, shares: Floats, title: str) -> None:
    x = np.arange(len(facts.runs))
    fitted = np.array([bool(run.refitted) for run in facts.runs])
    for id, line in zip(facts.ids, shares, strict=True):
        shade = facts.latest(id).colour
        axes.plot(x, line, color=shade, linewidth=2, marker="o", markersize=3.5)
        axes.plot(x[fitted], line[fitted], "o", markersize=8, mfc="none", mec=shade)
    style.calm(axes)
    axes.set_title(plain(title), fontsize=9, color=style.SOFT, loc="left", pad=4)
    axes.set_ylim(0, max(float(np.nanmax(shares)) * 1.1, 0.05))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.tick_params(labelcolor=style.SOFT, labelsize=8)
    step = -(-len(x) // MOST_NAMED)
    axes.set_xlim(-0.3, max(len(x) - 0.7, 0.3))
    named = [plain(run.name) for run in facts.runs]
    axes.set_xticks(x[::step], named[::step], rotation=30, ha="right")


def _name(axes: Axes, facts: HistoryFacts, shares: Floats) -> None:
    """The segments' names at the right ends of their lines, told apart."""
    last = [line[np.isfinite(line)][-1:] for line in shares]
    at: Sequence[float] = [float(each[0]) if len(each) else 0.0 for each in last]
    order = np.argsort(at)
    top = float(axes.get_ylim()[1])
    places = parted(np.array(at)[order], top * 0.095, top)
    for place, i in zip(places, order, strict=True):
        id = facts.ids[int(i)]
        axes.annotate(
            wrap(plain(f"{id} {facts.latest(id).name}"), 30),
            (1.03, place / top),
            xycoords="axes fraction",
            fontsize=8.5,
            color=style.INK,
            va="center",
            annotation_clip=False,
        )
        axes.plot(
            [1.015],
            [place / top],
            "o",
            color=facts.latest(id).colour,
            markersize=5,
            transform=axes.transAxes,
            clip_on=False,
        )
