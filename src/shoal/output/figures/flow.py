"""How the segments come about as their number grows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from shoal.output import columns, palette
from shoal.output.figures import style
from shoal.output.figures.lettering import wrap
from shoal.stats.flows import group_sizes, ks_of, order, owners
from shoal.types import Facts, Floats, KFlow

STEPS = 6  # from one k to the next, at most
HALF = 0.065  # of a bar's width; bars stand at 0, 1, 2 …
GAP = 0.02  # of all customers, between the bars of one k


@dataclass(frozen=True)
class _Bars:
    """The groups of one k as bars, one below the other."""

    tops: Floats  # (groups,) upper edge of each
    sizes: Floats  # (groups,) customers
    owners: Floats  # (groups, chosen) how each is made up of the chosen segments
    colours: Sequence[str]  # (chosen,)

    def shade(self, group: int) -> str:
        """The colour of the segment most of a group is in, paler the more mixed the group is."""
        parts = self.owners[group]
        largest = int(parts.argmax())
        return style.tint(self.colours[largest], 0.35 + 0.65 * float(parts[largest]))


def flow(facts: Facts, *, ax: Axes | None = None) -> Figure:
    """Where customers go as k grows: bars are the segments of each k, bands what they share.

    Colours are those of the chosen segments: every band has the colour of the segment most of its
    customers end in.
    """
    flows = _chain(facts)
    height = 1.5 + 0.34 * max(facts.segmentation.k, 9)
    figure, axes = style.panel((8, height), ax, left=0.3, right=2.15, bottom=0.65, top=0.85)
    title = f"How the {facts.segmentation.k} segments come about as k grows"
    if not flows:
        style.say_instead(axes, "Only one k was tried.")
        style.heading(ax or figure, title)
        return figure
    ks, bars = ks_of(flows), _stacked(flows, facts.segmentation.colours)
    total = float(bars[0].sizes.sum())
    axes.set_xlim(-0.15, len(ks) - 0.9)
    axes.set_ylim(-total * (1 + GAP * (max(ks) + 1)), total * GAP)
    _draw_bands(axes, flows, bars)
    _draw_bars(axes, bars)
    _name_steps(axes, ks, facts.segmentation.k)
    _name_ends(axes, columns.names(facts), bars[-1])
    style.calm(axes)
    axes.tick_params(labelcolor=style.INK)
    note = f"{columns.stated(facts)} A band that stays whole is a group that every k finds; "
    style.heading(
        ax or figure, title, f"{note}crossing bands are {facts.noun.many} dealt out anew."
    )
    return figure


def _chain(facts: Facts) -> list[KFlow]:
    """The flows around the chosen k, each beginning where the last ended."""
    k = facts.segmentation.k
    flows = sorted((f for f in facts.trust.flows if 2 <= f.k_from < f.k_to), key=lambda f: f.k_from)
    return [f for f in flows if k - 4 <= f.k_from and f.k_to <= k + 2][-STEPS:]


def _stacked(flows: list[KFlow], colours: Sequence[str]) -> list[_Bars]:
    """The bars of every k, in an order in which bands cross little."""
    sizes, made_of, ranks = group_sizes(flows), owners(flows, len(colours)), order(flows)
    ks = ks_of(flows)
    # Of a k that no step leads to, groups have the colours that segments get.
    shades = (*colours, *palette.colours(max(ks))[len(colours) :])
    total = float(sizes[ks[0]].sum())
    bars = []
    for k in ks:
        gap = total * GAP * max(ks) / len(sizes[k])
        in_order = np.argsort(ranks[k], kind="stable")
        heights = sizes[k][in_order] + gap
        tops = np.empty(len(in_order))
        tops[in_order] = heights - np.cumsum(heights)
        bars.append(_Bars(tops, sizes[k], made_of[k], shades))
    return bars


def _draw_bars(axes: Axes, bars: list[_Bars]) -> None:
    for place, groups in enumerate(bars):
        shades = [groups.shade(group) for group in range(len(groups.sizes))]
        x = [place] * len(shades)
        axes.bar(x, -groups.sizes, 2 * HALF, bottom=groups.tops, color=shades, zorder=3)


def _draw_bands(axes: Axes, flows: list[KFlow], bars: list[_Bars]) -> None:
    outlines, shades = [], []
    for place, step in enumerate(flows):
        before, after = bars[place], bars[place + 1]
        growing = len(before.sizes) < len(after.owners)
        for i, j, leaves, arrives in _band_tops(step, before, after):
            outlines.append(band(place, leaves, arrives, step.counts[i][j]))
            shades.append(after.shade(j) if growing else before.shade(i))
    style.polygons(axes, outlines, shades, alpha=0.42, linewidths=0, zorder=1)


def _band_tops(step: KFlow, before: _Bars, after: _Bars) -> list[tuple[int, int, float, float]]:
    """For each band from group i to group j, where its upper edge leaves and arrives."""
    counts = np.array(step.counts, dtype=float)
    down_before, down_after = np.argsort(-before.tops), np.argsort(-after.tops)
    inner = counts[np.ix_(down_before, down_after)]
    leaves = before.tops[down_before][:, None] - (np.cumsum(inner, axis=1) - inner)
    arrives = after.tops[down_after][None, :] - (np.cumsum(inner, axis=0) - inner)
    return [
        (int(down_before[i]), int(down_after[j]), float(leaves[i, j]), float(arrives[i, j]))
        for i, j in np.argwhere(inner > 0)
    ]


def band(place: int, leaves: float, arrives: float, width: float) -> Floats:
    """The outline (n, 2) of a band that bends from one bar to the next."""
    along = np.linspace(0, 1, 24)
    x = place + HALF + (1 - 2 * HALF) * along
    upper = leaves + (arrives - leaves) * along * along * (3 - 2 * along)
    return np.column_stack([np.r_[x, x[::-1]], np.r_[upper, (upper - width)[::-1]]])


def _name_steps(axes: Axes, ks: list[int], chosen: int) -> None:
    axes.xaxis.tick_top()
    axes.set_xticks(range(len(ks)), [f"k = {k}" for k in ks])
    axes.tick_params(axis="x", labelsize=9)
    for k, label in zip(ks, axes.get_xticklabels(), strict=True):
        label.set_fontweight("bold" if k == chosen else "normal")


def _name_ends(axes: Axes, names: list[str], last: _Bars) -> None:
    """The chosen segments' names at the right, parted so that none lies over another."""
    held = last.owners * last.sizes[:, None]  # customers of each segment in each group
    groups = held[:, : len(names)].argmax(axis=0)
    middles = last.tops[groups] - last.sizes[groups] / 2
    in_order = np.argsort(-middles, kind="stable")
    total = float(last.sizes.sum())
    places = parted(-middles[in_order], total * 1.15 / max(len(names), 11), total * 1.25)
    axes.yaxis.tick_right()
    axes.set_yticks(-places, [wrap(names[i], 28) for i in in_order])
    axes.tick_params(axis="y", labelsize=8.5, pad=7)
    for label in axes.get_yticklabels():
        label.set_linespacing(0.95)
    edge = np.full(len(places), axes.get_xlim()[1])
    shades = [last.colours[i] for i in in_order]
    axes.scatter(edge, -places, c=shades, marker="s", s=25, clip_on=False, zorder=3)


def parted(places: Floats, step: float, most: float) -> Floats:
    """Places in rising order, moved until they are at least a step apart, none beyond the most.

    >>> parted(np.array([0.0, 0.5, 9.0]), 1.0, 9.0).tolist()
    [0.0, 1.0, 9.0]
    """
    steps = step * np.arange(len(places))
    pushed = np.maximum.accumulate(places - steps) + steps
    return np.asarray(np.minimum(pushed, most - steps[::-1]))
