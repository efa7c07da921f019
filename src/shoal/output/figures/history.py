"""Shares of customers and of the value, run after run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from shoal.output.figures import style
from shoal.output.figures.flow import parted
from shoal.output.figures.lettering import plain, wrap
from shoal.types import Floats, HistoryFacts

MOST_NAMED = 12  # runs that are all named on the axis
WIDTH = 0.015  # of the height: a line is as wide
DASH = 2.5  # widths of a line: the dashes of one that lies on another, which shows between them


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
    dashed = _lines(axes[0], facts, _shares(facts, "share"), "share of customers")
    if facts.valued:
        dashed |= _lines(axes[1], facts, _shares(facts, "value_share"), "share of the value")
    _name(axes[-1], facts, _shares(facts, "value_share" if facts.valued else "share"))
    first, last = facts.runs[0].name, facts.runs[-1].name
    title = f"{len(facts.runs)} runs, from {first} to {last}"
    note = "A ring: segments were fitted again. A line ends where its segment is gone."
    note += " Dashes let the line below them be seen." if dashed else ""
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


def _lines(axes: Axes, facts: HistoryFacts, shares: Floats, title: str) -> bool:
    """Draw the lines; whether some of them lie on others."""
    x = np.arange(len(facts.runs))
    fitted = np.array([bool(run.refitted) for run in facts.runs])
    top = max(float(np.nanmax(shares)) * 1.1, 0.05)
    crowds = _on_each_other(shares, top * WIDTH)
    for i, (id, line) in enumerate(zip(facts.ids, shares, strict=True)):
        shade = facts.latest(id).colour
        dashes, size = _in_crowd(crowds[i].index(i), len(crowds[i]))
        axes.plot(x, line, color=shade, linewidth=2, linestyle=dashes)
        axes.plot(x, line, "o", color=shade, markersize=size)
        axes.plot(x[fitted], line[fitted], "o", markersize=size + 4.5, mfc="none", mec=shade)
    style.calm(axes)
    axes.set_title(plain(title), fontsize=9, color=style.SOFT, loc="left", pad=4)
    axes.set_ylim(0, top)
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.tick_params(labelcolor=style.SOFT, labelsize=8)
    step = -(-len(x) // MOST_NAMED)
    axes.set_xlim(-0.3, max(len(x) - 0.7, 0.3))
    named = [plain(run.name) for run in facts.runs]
    axes.set_xticks(x[::step], named[::step], rotation=30, ha="right")
    return any(len(crowd) > 1 for crowd in crowds)


def _in_crowd(below: int, crowd: int) -> tuple[Any, float]:
    """The dashes of a line and the size of its dots, where so many of a crowd lie below it."""
    dashes = (DASH * below, (DASH, DASH * (crowd - 1))) if below else "solid"
    return dashes, 3.5 + 2.5 * (crowd - 1 - below)


def _on_each_other(shares: Floats, near: float) -> list[list[int]]:
    """Of every line those that would hide it, itself included: from one run to the next, or in the
    only run, they are nearer than a line is wide.
    """
    crowds: list[list[int]] = []
    for i, line in enumerate(shares):
        close = np.abs(shares - line) < near  # false where one of them is not there
        along = close[:, 1:] & close[:, :-1] if shares.shape[1] > 1 else close
        met = along.any(axis=1)
        met[i] = True
        crowds.append(np.flatnonzero(met).tolist())
    return crowds


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
