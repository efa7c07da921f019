"""Where customers went between two periods: an alluvial figure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output.figures import style
from shoal.output.figures.flow import HALF, band, parted
from shoal.output.figures.lettering import wrap
from shoal.text.numbers import percent
from shoal.types import NOT_PLACED, Amounts, Floats, MoveFacts

GAP = 0.02  # of all customers, between two bars
NOWHERE, UNPLACED = "#c3cad1", "#8b97a3"


@dataclass(frozen=True)
class _Bar:
    """One segment of one period, or those who were not there."""

    segment: int | None
    name: str
    colour: str
    customers: int


def alluvial(facts: MoveFacts) -> Figure:
    """Bars are the segments before and after, bands the customers who went from one to another.

    Bands have the colour of the segment that they leave; who came has that of their new one.
    """
    left, right = _bars(facts, start=True), _bars(facts, start=False)
    height = 1.75 + 0.36 * max(len(left), len(right), 8)
    figure, axes = style.panel((9, height), left=2.35, right=2.35, bottom=0.55, top=0.9)
    moved, stayed = facts.of_kind("moved").customers, facts.of_kind("stayed").customers
    many = facts.noun.many
    title = f"Where {many} went"
    if moved + stayed:
        title = f"{percent(moved / (moved + stayed))} of the {many} seen twice moved"
    total = facts.everybody.customers
    if not total:
        style.say_instead(axes, "Nobody was seen.")
        style.heading(figure, title)
        return figure
    tops = [_tops(bars, total) for bars in (left, right)]
    axes.set_xlim(-HALF, 1 + HALF)
    axes.set_ylim(-total * (1 + GAP * max(len(left), len(right))), total * GAP)
    _draw(axes, facts, (left, right), tops)
    _name(axes, left, tops[0], total, right=False)
    _name(axes, right, tops[1], total, right=True)
    style.calm(axes)
    axes.tick_params(labelcolor=style.INK)
    axes.xaxis.tick_top()
    axes.set_xticks([0, 1], ["before", "after"])
    axes.tick_params(axis="x", labelsize=9)
    note = f"Widths are numbers of {many}: {facts.before.name} before, {facts.after.name} after."
    if any(facts.are_few(flow.amounts) for flow in facts.flows):
        note += f" Flows of fewer than {facts.least} are not drawn."
    style.heading(figure, title, note)
    return figure


def _bars(facts: MoveFacts, *, start: bool) -> list[_Bar]:
    """The bars of one period that hold anybody, top down."""
    sizes: dict[int | None, int] = {}
    names: dict[int | None, str] = {}
    for flow in facts.flows:
        where, name = (flow.start, flow.start_name) if start else (flow.end, flow.end_name)
        sizes[where] = sizes.get(where, 0) + flow.amounts.customers
        names[where] = name
    segments = facts.segments_before if start else facts.segments_after
    shades: dict[int | None, str] = {each.id: each.colour for each in segments}
    shades |= {NOT_PLACED: UNPLACED, None: NOWHERE}
    return [_Bar(at, names[at], shade, sizes[at]) for at, shade in shades.items() if sizes.get(at)]


def _tops(bars: Sequence[_Bar], total: int) -> Floats:
    """The upper edge (bars,) of each."""
    sizes = np.array([bar.customers for bar in bars], dtype=float)
    heights = sizes + total * GAP
    return np.asarray(heights - np.cumsum(heights))


def _draw(
    axes: Axes, facts: MoveFacts, bars: tuple[list[_Bar], list[_Bar]], tops: list[Floats]
) -> None:
    for place in (0, 1):
        sizes = np.array([bar.customers for bar in bars[place]], dtype=float)
        shades = [bar.colour for bar in bars[place]]
        x = [place] * len(shades)
        axes.bar(x, -sizes, 2 * HALF, bottom=tops[place], color=shades, zorder=3)
    counts = {(flow.start, flow.end): flow.amounts for flow in facts.flows}
    leaves, arrives = tops[0].copy(), tops[1].copy()
    outlines, shades = [], []
    for i, old in enumerate(bars[0]):
        for j, new in enumerate(bars[1]):
            amounts = counts.get((old.segment, new.segment), Amounts())
            width = amounts.customers
            if width and not facts.are_few(amounts):
                outlines.append(band(0, leaves[i], arrives[j], width))
                shades.append(new.colour if old.segment is None else old.colour)
            leaves[i] -= width
            arrives[j] -= width
    style.polygons(axes, outlines, shades, alpha=0.42, linewidths=0, zorder=1)


def _name(axes: Axes, bars: list[_Bar], tops: Floats, total: int, *, right: bool) -> None:
    """Names with numbers beside the bars, parted so that none lies over another."""
    sizes = np.array([bar.customers for bar in bars], dtype=float)
    middles = sizes / 2 - tops
    bottom = float((sizes - tops).max())
    places = parted(middles, total * 1.2 / max(len(bars), 10), max(bottom, total * 1.05))
    side = axes.secondary_yaxis("right") if right else axes
    side.set_yticks(-places, [_label(bar) for bar in bars])
    side.tick_params(axis="y", labelsize=8.5, length=0, pad=5, labelcolor=style.INK)
    if right:
        side.spines["right"].set_visible(False)
    for label in side.get_yticklabels():
        label.set_linespacing(0.95)


def _label(bar: _Bar) -> str:
    return wrap(f"{bar.name}: {bar.customers:,}", 32, 2)
